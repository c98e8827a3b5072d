//! A step's moment and its best-before.

use chrono_tz::Tz;

use super::hours::next_open_for;
use crate::campaign::model::Step;
use crate::clock::At;
use crate::settings::model::Hours;

/// When the step's delay ends, counted from the trigger's moment.
#[must_use]
pub fn due(anchor: At, step: &Step) -> At {
    anchor.plus(step.after)
}

/// After this moment the step's text is stale. Waiting for allowed hours does not count as being late.
#[must_use]
pub fn expires(due: At, step: &Step, hours: &Hours, tz: Tz) -> At {
    next_open_for(hours, step.kind, tz, due).unwrap_or(due).plus(step.best_before)
}
