//! The brake's hand: holds what [`crate::schedule::brake`] says, and tells the owner, who alone lifts it again.

use anyhow::Result;

use super::alarm::{Alarm, Kind};
use super::alerts;
use super::driver::Parts;
use crate::clock::At;
use crate::rules::Rules;
use crate::schedule::brake::{self, Verdict};
use crate::state::model::{Hold, HoldScope};
use crate::state::world::World;
use crate::store::brake::Remembered;
use crate::store::{self, SqlWorld};

/// Looks whether the brake is to be pulled, and whether the owner has let it go.
///
/// # Errors
/// The store's.
pub async fn turn(parts: &Parts) -> Result<()> {
    look(parts, &mut Remembered::default()).await
}

/// As [`turn`], for one who looks often.
///
/// # Errors
/// The store's.
pub async fn look(parts: &Parts, remembered: &mut Remembered) -> Result<()> {
    let (rules, now, mut known) = (parts.rules(), parts.clock.now(), remembered.clone());
    let job = move |world: &mut SqlWorld<'_>| {
        let pulled = pull(world, &rules, &mut known, now)?;
        Ok((pulled, known))
    };
    let (pulled, known) = parts.writer.run(job).await?;
    *remembered = known;
    for verdict in pulled {
        tracing::error!(hold.scope = %verdict.scope, why = %verdict.cause, "the brake was pulled");
    }
    Ok(())
}

fn pull(world: &mut SqlWorld<'_>, rules: &Rules, remembered: &mut Remembered, now: At) -> Result<Vec<Verdict>> {
    let held: Vec<HoldScope> = world.holds()?.into_iter().map(|hold| hold.scope).collect();
    for alert in store::alerts::open(world.connection())? {
        // From this moment on the figures count anew.
        if alert.kind == Kind::Brake.as_str() && !held.iter().any(|scope| scope.to_string() == alert.subject) {
            alerts::over(world, Kind::Brake, &alert.subject, now)?;
            *remembered = Remembered::default();
        }
    }
    if held.contains(&HoldScope::All) {
        return Ok(Vec::new());
    }
    let readings = store::brake::readings(world.connection(), remembered, now)?;
    let mut verdicts = brake::look(&readings, &rules.settings.brake);
    // One hold, one word to the owner.
    if verdicts.iter().any(|verdict| verdict.scope == HoldScope::All) {
        verdicts.retain(|verdict| verdict.scope == HoldScope::All);
    }
    verdicts.retain(|verdict| !held.contains(&verdict.scope));
    for verdict in &verdicts {
        let why = verdict.cause.to_string();
        world.put_hold(&Hold { scope: verdict.scope.clone(), why, since: now, until: None })?;
        alerts::raise(world, rules, &Alarm::Brake(verdict.clone()), now)?;
    }
    Ok(verdicts)
}
