//! The money at the gateways: asked for now and then, so that a lack of it is known before it stops everything, and its coming
//! back lets everything go on.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio_util::sync::CancellationToken;

use super::driver::Parts;
use super::gateway::{Gateway, StopScope};
use super::trouble::Trouble;
use super::{alerts, listen};
use crate::clock::Span;
use crate::money::Money;
use crate::rules::Rules;
use crate::state::model::HoldScope;
use crate::state::world::World;
use crate::store::SqlWorld;
use crate::store::cursors::{self, Cursor};

/// How often the credit is asked for while a lack of it holds a gateway.
const EVERY: Duration = Duration::from_mins(5);
/// How often it is asked for otherwise.
const EVERY_HOUR: Span = Span::hours(1);
const PATIENCE: Duration = Duration::from_secs(20);
/// What the question is called among those to a gateway.
const CREDIT: &str = "credit";

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

/// One look at every gateway that lacks credit; true when a hold was lifted.
///
/// # Errors
/// The store's.
pub async fn look(parts: &Parts) -> Result<bool> {
    let held = parts.writer.run(|world| world.holds()).await?;
    let mut lifted = false;
    for hold in held {
        let HoldScope::Gateway(name, StopScope::Credit) = &hold.scope else { continue };
        let Some(gateway) = parts.gateways.named(name) else { continue };
        match enough(parts, gateway.as_ref()).await {
            Ok(false) => {}
            Ok(true) => {
                let scope = hold.scope.clone();
                parts.writer.run(move |world| world.lift_hold(&scope)).await?;
                tracing::info!(gateway = name, "there is credit again: sending goes on");
                parts.nudge.notify_one();
                lifted = true;
            }
            Err(problem) => tracing::warn!(gateway = name, error = %problem, "cannot ask for the gateway's credit"),
        }
    }
    Ok(lifted)
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
        let Some(gateway) = parts.gateways.named(name) else { continue };
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
                if is_little(&job, name, left) {
                    alerts::raise(world, &job, &Trouble::LowCredit { gateway: name.to_owned(), left }, now)?;
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

/// Whether there is money for one part at least. In a unit that is not the prices' own, any at all.
async fn enough(parts: &Parts, gateway: &dyn Gateway) -> Result<bool, super::gateway::Trouble> {
    let Some(credit) = gateway.balance().await? else { return Ok(false) };
    let rules = parts.rules();
    let line = rules.settings.gateway.named(gateway.name()).map(|used| &used.line);
    let least = line
        .filter(|line| line.price_ucs2.currency == credit.currency)
        .map_or(0, |line| line.price_ucs2.minor.max(line.price_gsm7.minor));
    Ok(credit.minor > least)
}
