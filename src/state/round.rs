//! How far the round has come: once a night, and whenever the campaigns changed, everybody is looked at again, so that what no
//! event announces begins too.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::model::ContactId;
use crate::clock::{At, Span};

/// The round under way, or the last one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    pub began: At,
    /// The last contact that was looked at.
    pub cursor: ContactId,
    pub finished: bool,
    /// What the campaigns were: others begin another round.
    pub campaigns: u64,
    /// Since when each campaign has been on.
    pub on: BTreeMap<String, At>,
    pub drip: Drip,
}

impl Round {
    /// Whether this is the round of these campaigns. One that a clock which ran ahead began counts for none: it would be the last
    /// until then.
    #[must_use]
    pub fn counts(&self, campaigns: u64, now: At) -> bool {
        self.campaigns == campaigns && self.began <= now
    }
}

/// How many people entered each campaign though their moment had long passed, on one day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drip {
    /// The day's beginning in the shop's zone.
    pub day: At,
    pub entered: BTreeMap<String, u32>,
}

/// The time between two purchases, of many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gaps {
    pub sum: Span,
    pub times: u32,
}

impl Gaps {
    pub fn add(&mut self, gap: Span) {
        self.sum = self.sum.plus(gap);
        self.times = self.times.saturating_add(1);
    }

    #[must_use]
    pub fn and(self, more: Gaps) -> Gaps {
        Gaps { sum: self.sum.plus(more.sum), times: self.times.saturating_add(more.times) }
    }

    /// None of fewer than `least`, which say little.
    #[must_use]
    pub fn mean(self, least: u32) -> Option<Span> {
        (self.times >= least.max(1)).then(|| Span(self.sum.0 / i64::from(self.times)))
    }
}
