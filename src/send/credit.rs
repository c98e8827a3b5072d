//! The money at the gateways: asked for now and then, so that a lack of it is known before it stops everything, and its coming
//! back lets everything go on.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio_util::sync::CancellationToken;

use super::driver::Parts;
use super::gateway::StopScope;
use super::trouble::Trouble;
use super::{alerts, listen};
use crate::clock::{At, Span};
use crate::money::Money;
use crate::rules::Rules;
use crate::state::model::{Hold, HoldScope};
use crate::state::world::World;
use crate::store::SqlWorld;
use crate::store::cursors::{self, Cursor};
use crate::store::home;

/// How often the credit is asked for while a lack of it holds a gateway.
const EVERY: Duration = Duration::from_mins(5);
/// How often it is asked for otherwise.
const EVERY_HOUR: Span = Span::hours(1);
const PATIENCE: Duration = Duration::from_secs(20);
/// What the question is called among those to a gateway.
const CREDIT: &str = "credit";
/// And that while a lack holds it, with the sum as its cursor.
const LACK: &str = "lack";
/// So many parts are more than any text has.
const PLENTY: i64 = 20;
/// Where only a text can tell whether there is credit: how long after the refusal one tries, at first and at most.
const PROBES: (Span, Span) = (Span::minutes(5), Span::minutes(60));

/// Runs until `stop`.
pub async fn watch(parts: Parts, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        if let Err(problem) = look(&parts).await {
            tracing::warn!(error = %format!("{problem:#}"), "cannot look for the gateways' credit");
        }
    }
}

/// One look at every gateway that lacks credit; true when one is let try again.
///
/// A hold is not taken away but ends now: the next text that is taken removes it, and one that is refused finds it, so that
/// the lack is as old as it is and the owner gets to know of it.
///
/// # Errors
/// The store's.
pub async fn look(parts: &Parts) -> Result<bool> {
    // A copy's holds are the shop's own matter, and so is its gateways' patience.
    let job = |world: &mut SqlWorld<'_>| {
        Ok(if home::may_be_a_copy(world.connection())? { Vec::new() } else { world.holds()? })
    };
    let held = parts.writer.run(job).await?;
    let mut freed = false;
    for hold in held.into_iter().filter(|hold| hold.is_in_force(parts.clock.now())) {
        let HoldScope::Gateway(name, StopScope::Credit) = &hold.scope else { continue };
        let gateways = parts.gateways();
        let Some(gateway) = gateways.named(name) else { continue };
        let left = match tokio::time::timeout(PATIENCE, gateway.balance()).await {
            Ok(Ok(left)) => left,
            Ok(Err(problem)) => {
                tracing::warn!(gateway = name, error = %problem, "cannot ask for the gateway's credit");
                continue;
            }
            Err(_) => {
                tracing::warn!(gateway = name, "cannot ask for the gateway's credit: no answer");
                continue;
            }
        };
        let (rules, now, gateway) = (parts.rules(), parts.clock.now(), gateway.name());
        let job = move |world: &mut SqlWorld<'_>| weigh(world, &rules, gateway, &hold, left, now);
        if parts.writer.run(job).await? {
            tracing::info!(gateway, "there seems to be credit again: sending goes on");
            parts.nudge.notify_one();
            freed = true;
        }
    }
    Ok(freed)
}

/// Ends the hold when there is more than there was, or clearly enough; where only a text can tell, lets one try after a while.
fn weigh(
    world: &mut SqlWorld<'_>,
    rules: &Rules,
    gateway: &'static str,
    hold: &Hold,
    left: Option<Money>,
    now: At,
) -> Result<bool> {
    let risen = match left {
        Some(left) => has_risen(world, gateway, hold, left, now)?,
        None => false,
    };
    let means = left.map_or(Means::Unclear, |left| means(rules, gateway, left));
    let until = match means {
        Means::None => return Ok(false),
        Means::Plenty => now,
        Means::Unclear if risen => now,
        Means::Unclear if hold.until.is_some() => return Ok(false),
        Means::Unclear => now.plus(now.since(hold.since).max(PROBES.0).min(PROBES.1)),
    };
    world.put_hold(&Hold { until: Some(until), ..hold.clone() })?;
    Ok(until <= now)
}

/// Whether there is more than at the last look during this hold.
fn has_risen(world: &SqlWorld<'_>, gateway: &str, hold: &Hold, left: Money, now: At) -> Result<bool> {
    let conn = world.connection();
    // A cursor of an earlier hold is older than this one.
    let before = cursors::of(conn, gateway, LACK)?
        .filter(|known| known.asked >= hold.since && known.asked <= now)
        .and_then(|known| known.cursor?.parse::<i64>().ok());
    cursors::put(conn, gateway, LACK, &Cursor { cursor: Some(left.minor.to_string()), asked: now, trouble: None })?;
    Ok(before.is_some_and(|before| left.minor > before))
}

/// Asks each paid gateway for its credit, once an hour, and warns when there is little left: once, until there is more again.
///
/// # Errors
/// The store's.
pub async fn warn(parts: &Parts) -> Result<()> {
    let rules = parts.rules();
    for used in rules.settings.gateway.iter().filter(|used| used.which.costs()) {
        let name = used.which.name();
        let now = parts.clock.now();
        let gateways = parts.gateways();
        let Some(gateway) = gateways.named(name) else { continue };
        let known = parts.writer.run(move |world| cursors::of(world.connection(), name, CREDIT)).await?;
        if known.as_ref().is_some_and(|known| now.since(known.asked) < EVERY_HOUR && known.asked <= now) {
            continue;
        }
        let before = known.and_then(|known| known.trouble);
        let answer = tokio::time::timeout(PATIENCE, gateway.balance()).await;
        let (left, trouble) = match answer {
            Ok(Ok(left)) => (left, None),
            Ok(Err(problem)) => (None, Some(problem.to_string())),
            Err(_) => (None, Some("no answer".to_owned())),
        };
        listen::note(name, CREDIT, before.as_deref(), trouble.as_deref());
        let job = Arc::clone(&rules);
        let write = move |world: &mut SqlWorld<'_>| {
            if let Some(left) = left {
                // Of credit that is gone the owner is told as of a hold.
                let gone = HoldScope::Gateway(name.to_owned(), StopScope::Credit);
                let is_gone = world.holds()?.iter().any(|hold| hold.scope == gone && hold.is_in_force(now));
                if is_little(&job, name, left) {
                    if !is_gone {
                        alerts::raise(world, &job, &Trouble::LowCredit { gateway: name.to_owned(), left }, now)?;
                    }
                } else {
                    alerts::over(world, "low_credit", name, now)?;
                }
            }
            cursors::put(world.connection(), name, CREDIT, &Cursor { cursor: None, asked: now, trouble })
        };
        parts.writer.run(write).await?;
    }
    Ok(())
}

/// Whether this is less than the owner wants to be warned of; unless they say, less than a hundred parts cost, where the unit
/// is that of the prices.
#[must_use]
pub fn is_little(rules: &Rules, gateway: &str, left: Money) -> bool {
    let said = rules.settings.owner.warn_credit_below.as_deref();
    let least = match said.map(|sum| Money::parse(sum, left.currency)) {
        Some(Ok(least)) => Some(least.minor),
        // More decimals than the unit has: the usual level is better than none.
        Some(Err(_)) | None => rules
            .settings
            .gateway
            .named(gateway)
            .map(|used| used.line.price_ucs2)
            .filter(|price| price.currency == left.currency)
            .map(|price| price.minor.saturating_mul(100)),
    };
    least.is_some_and(|least| left.minor < least)
}

/// What a sum is good for.
enum Means {
    /// Not for a single part.
    None,
    /// For some texts perhaps, or in a unit that is not the prices' own.
    Unclear,
    Plenty,
}

fn means(rules: &Rules, gateway: &str, left: Money) -> Means {
    let price = rules
        .settings
        .gateway
        .named(gateway)
        .map(|used| &used.line)
        .filter(|line| line.price_ucs2.currency == left.currency)
        .map(|line| line.price_ucs2.minor.max(line.price_gsm7.minor));
    match price {
        _ if left.minor <= 0 => Means::None,
        Some(price) if left.minor < price => Means::None,
        Some(price) if left.minor >= price.saturating_mul(PLENTY) => Means::Plenty,
        _ => Means::Unclear,
    }
}
