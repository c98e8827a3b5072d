//! Keeps an eye on the sending while it goes on: listens for replies, asks for credit, pulls the brake, tells the owner.
//!
//! Each of these looks at the injected clock for itself, so a hand-moved one drives them by [`turn`] alone.

use std::time::Duration;

use anyhow::Result;
use tokio_util::sync::CancellationToken;

use super::driver::Parts;
use super::{alerts, balance, brake, listen};
use crate::store::brake::Remembered;
use crate::store::home;

/// How often it is seen whether something is due.
const EVERY: Duration = Duration::from_secs(30);
/// How often it is seen whether much was handed over since the brake's last look.
const BEAT: Duration = Duration::from_secs(1);
/// So many hand-overs are looked at without waiting for [`EVERY`].
const MUCH: u64 = 20;

/// Runs until `stop`.
pub async fn run(parts: Parts, stop: CancellationToken) {
    if !may_be_a_copy(&parts).await {
        say("blacklists cannot be asked for anew", listen::begin(&parts).await);
    }
    tokio::join!(hear(&parts, &stop), tell(&parts, &stop), guard(&parts, &stop),);
}

/// Everything that is due now, once.
///
/// # Errors
/// The store's.
pub async fn turn(parts: &Parts) -> Result<()> {
    if may_be_a_copy(parts).await {
        return Ok(());
    }
    let never = CancellationToken::new();
    listen::turn(parts, &never).await?;
    balance::turn(parts, &never).await?;
    balance::warn(parts, &never).await?;
    brake::turn(parts).await?;
    alerts::turn(parts, &never).await
}

/// A copy that asked for replies would mark them as read, and the shop itself would never hear of them; nor is its owner told
/// of troubles that are the copy's. In doubt it is one.
async fn may_be_a_copy(parts: &Parts) -> bool {
    parts.writer.run(|world| home::may_be_a_copy(world.connection())).await.unwrap_or(true)
}

async fn hear(parts: &Parts, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        if !may_be_a_copy(parts).await {
            say("gateways cannot be listened to", listen::turn(parts, stop).await);
            say("a lack of credit cannot be watched", balance::turn(parts, stop).await);
            say("gateways' credit cannot be watched", balance::warn(parts, stop).await);
        }
        rest(EVERY, stop).await;
    }
}

async fn tell(parts: &Parts, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        if !may_be_a_copy(parts).await {
            say("the owner cannot be told", alerts::turn(parts, stop).await);
        }
        rest(EVERY, stop).await;
    }
}

/// The brake must be quick where much goes out.
async fn guard(parts: &Parts, stop: &CancellationToken) {
    let (mut seen, mut beats) = (0, u32::MAX);
    let mut remembered = Remembered::default();
    while !stop.is_cancelled() {
        let handed = parts.metrics.handed_over();
        if handed.saturating_sub(seen) >= MUCH || Duration::from_secs(u64::from(beats)) >= EVERY {
            (seen, beats) = (handed, 0);
            say("the brake cannot look", brake::look(parts, &mut remembered).await);
        }
        beats = beats.saturating_add(1);
        rest(BEAT, stop).await;
    }
}

async fn rest(span: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(span) => {}
    }
}

fn say(what: &'static str, outcome: Result<()>) {
    if let Err(problem) = outcome {
        tracing::error!(error = %format!("{problem:#}"), "{what}");
    }
}
