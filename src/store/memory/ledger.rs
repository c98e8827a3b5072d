//! Spending by quarter of an hour and by day, so that the sum since any moment is that of few numbers.

use std::collections::BTreeMap;

use crate::clock::At;
use crate::money::{Currency, Money};

const QUARTER_MS: i64 = 900_000;
const QUARTERS_A_DAY: i64 = 96;

#[derive(Debug, Clone, Default)]
pub(super) struct Ledger {
    quarters: BTreeMap<(Currency, i64), i64>,
    /// Days of UTC.
    days: BTreeMap<(Currency, i64), i64>,
}

impl Ledger {
    /// Adds an amount spent at `at`; one below zero takes it back.
    pub(super) fn add(&mut self, at: At, currency: Currency, minor: i64) {
        let quarter = at.0.div_euclid(QUARTER_MS);
        *self.quarters.entry((currency, quarter)).or_default() += minor;
        *self.days.entry((currency, quarter.div_euclid(QUARTERS_A_DAY))).or_default() += minor;
    }

    /// The first moment at or after `since` at which a quarter begins: what lies between the two is the caller's to count.
    pub(super) fn first_whole(since: At) -> At {
        let quarter = since.0.div_euclid(QUARTER_MS) + i64::from(since.0.rem_euclid(QUARTER_MS) != 0);
        At(quarter.saturating_mul(QUARTER_MS))
    }

    /// The sum since `since`, at which a quarter begins, to the end of the quarter of `now`.
    pub(super) fn between(&self, since: At, now: At, currency: Currency) -> Money {
        let after = At((now.0.div_euclid(QUARTER_MS) + 1).saturating_mul(QUARTER_MS)).max(since);
        let minor = self.since(since, currency).minor - self.since(after, currency).minor;
        Money { minor, currency }
    }

    fn since(&self, since: At, currency: Currency) -> Money {
        let quarter = since.0.div_euclid(QUARTER_MS);
        let day = quarter.div_euclid(QUARTERS_A_DAY) + i64::from(quarter.rem_euclid(QUARTERS_A_DAY) != 0);
        let rest = self.quarters.range((currency, quarter)..(currency, day.saturating_mul(QUARTERS_A_DAY)));
        let days = self.days.range((currency, day)..=(currency, i64::MAX));
        Money { minor: rest.map(|(_, n)| n).sum::<i64>() + days.map(|(_, n)| n).sum::<i64>(), currency }
    }
}
