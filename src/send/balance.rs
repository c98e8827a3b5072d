//! The money at the gateways: asked for now and then, so that a lack of it is known before it stops everything, and its coming
//! back lets everything go on.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio_util::sync::CancellationToken;

use super::alarm::{Alarm, Kind};
use super::driver::Parts;
use super::gateway::StopScope;
use super::{alerts, listen};
use crate::clock::{At, Span};
use crate::money::Money;
use crate::rules::Rules;
use crate::state::model::{Hold, HoldScope};
use crate::state::world::World;
use crate::store::SqlWorld;
use crate::store::cursors::{self, Cursor};

/// How often the credit is asked for while a lack of it holds a gateway.
const EVERY: Span = Span::minutes(5);
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

/// Looks at every gateway that lacks credit and was not looked at lately, until `stop`.
///
/// # Errors
/// The store's.
pub async fn turn(parts: &Parts, stop: &CancellationToken) -> Result<()> {
    for hold in lacks(parts).await? {
        let HoldScope::Gateway(name, _) = &hold.scope else { continue };
        let (name, now) = (name.clone(), parts.clock.now());
        let known = parts.writer.run(move |world| cursors::of(world.connection(), &name, LACK)).await?;
        // That of an earlier lack is older than this one.
        let asked = known.map(|known| known.asked).filter(|asked| *asked <= now).unwrap_or(hold.since).max(hold.since);
        if now.since(asked) >= EVERY && !stop.is_cancelled() {
            look_at(parts, hold).await?;
        }
    }
    Ok(())
}

/// One look at every gateway that lacks credit; true when one is let try again.
///
/// # Errors
/// The store's.
pub async fn look(parts: &Parts) -> Result<bool> {
    let mut freed = false;
    for hold in lacks(parts).await? {
        freed |= look_at(parts, hold).await?;
    }
    Ok(freed)
}

async fn lacks(parts: &Parts) -> Result<Vec<Hold>> {
    let mut holds = parts.writer.run(|world| world.holds()).await?;
    let now = parts.clock.now();
    let lacks = |hold: &Hold| matches!(hold.scope, HoldScope::Gateway(_, StopScope::Credit)) && hold.is_in_force(now);
    holds.retain(lacks);
    Ok(holds)
}

/// A hold is not taken away but ends now: the next text that is taken removes it, and one that is refused finds it, so that
/// the lack is as old as it is and the owner gets to know of it.
async fn look_at(parts: &Parts, hold: Hold) -> Result<bool> {
    let HoldScope::Gateway(name, _) = &hold.scope else { return Ok(false) };
    let gateways = parts.gateways();
    let Some(gateway) = gateways.named(name) else { return Ok(false) };
    let name = gateway.name();
    // One that will not tell is as one that cannot: only a text can find out.
    let left = match tokio::time::timeout(PATIENCE, gateway.balance()).await {
        Ok(Ok(left)) => left,
        Ok(Err(problem)) => {
            tracing::warn!(gateway = name, error = %problem, "cannot ask for the gateway's credit");
            None
        }
        Err(_) => {
            tracing::warn!(gateway = name, "cannot ask for the gateway's credit: no answer");
            None
        }
    };
    let (rules, now) = (parts.rules(), parts.clock.now());
    let freed = parts.writer.run(move |world| weigh(world, &rules, name, &hold, left, now)).await?;
    if freed {
        tracing::info!(gateway = name, "there seems to be credit again: sending goes on");
        parts.nudge.notify_one();
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
    let before = cursors::of(world.connection(), gateway, LACK)?
        .filter(|known| known.asked >= hold.since && known.asked <= now)
        .and_then(|known| known.cursor?.parse::<i64>().ok());
    let cursor = left.map(|left| left.minor.to_string());
    cursors::put(world.connection(), gateway, LACK, &Cursor { cursor, asked: now, trouble: None })?;
    // While the gateway was asked, somebody may have let it go, or a text was taken or refused.
    if !world.holds()?.contains(hold) {
        return Ok(false);
    }
    let risen = left.zip(before).is_some_and(|(left, before)| left.minor > before);
    let until = match left.map_or(Means::Unclear, |left| means(rules, gateway, left)) {
        Means::None => return Ok(false),
        Means::Plenty => now,
        Means::Unclear if risen => now,
        Means::Unclear if hold.until.is_some() => return Ok(false),
        Means::Unclear => now.plus(now.since(hold.since).max(PROBES.0).min(PROBES.1)),
    };
    world.put_hold(&Hold { until: Some(until), ..hold.clone() })?;
    Ok(until <= now)
}

/// Asks each paid gateway for its credit, once an hour, and warns when there is little left: once, until there is more again.
///
/// # Errors
/// The store's.
pub async fn warn(parts: &Parts, stop: &CancellationToken) -> Result<()> {
    let rules = parts.rules();
    for used in rules.settings.gateway.iter().filter(|used| used.which.costs()) {
        let name = used.which.name();
        let now = parts.clock.now();
        let gateways = parts.gateways();
        let Some(gateway) = gateways.named(name) else { continue };
        let known = parts.writer.run(move |world| cursors::of(world.connection(), name, CREDIT)).await?;
        let lately = known.as_ref().is_some_and(|known| now.since(known.asked) < EVERY_HOUR && known.asked <= now);
        if lately || stop.is_cancelled() {
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
                        alerts::raise(world, &job, &Alarm::LowCredit { gateway: name.to_owned(), left }, now)?;
                    }
                } else {
                    alerts::over(world, Kind::LowCredit, name, now)?;
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
