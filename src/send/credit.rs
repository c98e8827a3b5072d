//! The money at the gateways: asked for now and then, so that a lack of it is known before it stops everything, and its coming
//! back lets everything go on.

use std::time::Duration;

use anyhow::Result;
use tokio_util::sync::CancellationToken;

use super::driver::Parts;
use super::gateway::{Gateway, StopScope};
use crate::state::model::HoldScope;
use crate::state::world::World;

/// How often the credit is asked for while a lack of it holds a gateway.
const EVERY: Duration = Duration::from_mins(5);

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
