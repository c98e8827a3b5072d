//! A clockwork that cannot go on: `/readyz` says so at once, and the owner is told when it lasts.

use anyhow::Result;

use super::alarm::{Alarm, Kind};
use super::alerts;
use super::driver::Parts;
use crate::clock::{At, Span};
use crate::store::stuck;

/// A disk that is full for a minute is nobody's trouble.
const LASTS: Span = Span::minutes(5);
/// Of what the alarm is: there is one clockwork.
const SUBJECT: &str = "sending";

/// What is known of the turns so far.
#[derive(Debug, Default)]
pub struct Failing {
    since: Option<At>,
    /// What an earlier life, or this one, has told the owner is over, or is told.
    told: Option<bool>,
}

impl Failing {
    /// How a turn ended.
    pub async fn note(&mut self, parts: &Parts, problem: Option<&anyhow::Error>) {
        let now = parts.clock.now();
        if let Some(problem) = problem {
            tracing::error!(error = %format!("{problem:#}"), "the clockwork cannot go on for now");
            let why = stuck::nameless(&format!("{problem:#}"));
            parts.health.turned(Err(format!("sending stands still: {why}")));
            let since = *self.since.get_or_insert(now);
            if now.since(since) >= LASTS && self.told != Some(true) && tell(parts, true, now).await.is_ok() {
                self.told = Some(true);
            }
            return;
        }
        parts.health.turned(Ok(()));
        self.since = None;
        if self.told != Some(false) && tell(parts, false, now).await.is_ok() {
            self.told = Some(false);
        }
    }
}

async fn tell(parts: &Parts, stands_still: bool, now: At) -> Result<()> {
    let rules = parts.rules();
    let tell = move |world: &mut crate::store::SqlWorld<'_>| {
        if stands_still {
            alerts::raise(world, &rules, &Alarm::Stuck { what: SUBJECT.to_owned() }, now).map(drop)
        } else {
            alerts::over(world, Kind::Stuck, SUBJECT, now)
        }
    };
    Ok(parts.writer.run(tell).await?)
}
