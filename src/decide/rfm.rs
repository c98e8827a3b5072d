//! Buyers by how lately, how often and for how much they buy.
//!
//! Each is scored from 1 to 5 among all buyers of the shop, by fifths; equal buying is scored alike, and a tie goes to the
//! lower score. A shop with few buyers has no fifths worth the name, and is scored by fixed lines.

use super::facts::Facts;
use crate::clock::At;
use crate::money::{Currency, Money};
use crate::state::model::Order;
use crate::state::people::{Buying, Cuts, Measure, Rfm, Scores};

/// Below so many buyers fifths are left alone.
pub const FEW: u64 = 25;
const DAY_MS: i64 = 86_400_000;
/// The last order's age in days, of few buyers: at most so old for 5, 4, 3 and 2.
const DAYS: [i64; 4] = [30, 60, 120, 240];
/// Orders, of few buyers: at least so many for 5, 4, 3 and 2.
const ORDERS: [i64; 4] = [6, 4, 3, 2];
/// Money in percent of what buyers spent on average, of few buyers: at least so much for 5, 4, 3 and 2.
const SHARES: [i64; 4] = [200, 125, 75, 25];

/// What this person buys; `None` for whoever has no order that stands.
#[must_use]
pub fn buying(facts: &Facts, currency: Currency) -> Option<Buying> {
    let standing = || facts.orders.iter().filter(|order| order.is_placed());
    let kept = standing().map(Order::kept).filter(|money| money.currency == currency);
    Some(Buying {
        last: facts.last_placed()?,
        orders: u32::try_from(standing().count()).unwrap_or(u32::MAX),
        spent: kept.fold(0_i64, |sum, Money { minor, .. }| sum.saturating_add(minor)),
    })
}

/// The last places of each fifth but the highest, among so many in order.
#[must_use]
pub fn places(buyers: u64) -> [u64; 4] {
    [1, 2, 3, 4].map(|fifth: u64| (fifth.saturating_mul(buyers).div_ceil(5)).saturating_sub(1))
}

#[must_use]
pub fn scores(cuts: &Cuts, buying: &Buying, now: At) -> Scores {
    match cuts {
        Cuts::Fifths { last, orders, spent } => {
            let above = |cuts: &[i64], by: Measure| score(cuts.iter().filter(|cut| by.of(buying) > **cut).count());
            Scores {
                recency: above(last, Measure::Last),
                frequency: above(orders, Measure::Orders),
                monetary: above(spent, Measure::Spent),
            }
        }
        Cuts::Fixed { mean } => {
            let days = now.since(buying.last).0.max(0) / DAY_MS;
            let share = i128::from(buying.spent) * 100 / i128::from((*mean).max(1));
            let reached =
                |lines: [i64; 4], value: i128| lines.iter().filter(|line| value >= i128::from(**line)).count();
            Scores {
                recency: score(DAYS.iter().filter(|line| days <= **line).count()),
                frequency: score(reached(ORDERS, i128::from(buying.orders))),
                monetary: score(reached(SHARES, share)),
            }
        }
    }
}

fn score(lines: usize) -> u8 {
    u8::try_from(lines.min(4)).unwrap_or(4) + 1
}

/// By recency from 5 down to 1, and in each row by the mean of the other two (halves up) from 1 to 5.
const NAMES: [[Rfm; 5]; 5] = {
    use Rfm::{
        AboutToSleep as Sleepy, AtRisk, CannotLose, Champions, Hibernating, Lost, Loyal, NeedAttention,
        NewCustomers as New, PotentialLoyalists as Potential, Promising,
    };
    [
        [New, Potential, Potential, Champions, Champions],
        [Promising, Potential, Potential, Loyal, Champions],
        [Sleepy, Sleepy, NeedAttention, Loyal, Loyal],
        [Hibernating, Hibernating, AtRisk, AtRisk, AtRisk],
        [Lost, Lost, Hibernating, CannotLose, CannotLose],
    ]
};

#[must_use]
pub fn name(scores: Scores) -> Rfm {
    let mean = (scores.frequency + scores.monetary).div_ceil(2).clamp(1, 5);
    let row = NAMES.get(usize::from(5 - scores.recency.clamp(1, 5)));
    row.and_then(|row| row.get(usize::from(mean - 1))).copied().unwrap_or(Rfm::Lost)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fifths(values: &[i64]) -> Cuts {
        let mut sorted = values.to_vec();
        sorted.sort_unstable();
        let cuts: Vec<i64> =
            places(values.len() as u64).iter().map(|place| sorted[usize::try_from(*place).unwrap()]).collect();
        Cuts::Fifths { last: cuts.clone(), orders: cuts.clone(), spent: cuts }
    }

    fn orders_score(cuts: &Cuts, orders: u32) -> u8 {
        scores(cuts, &Buying { last: At(0), orders, spent: 0 }, At(0)).frequency
    }

    #[test]
    fn fifths_are_fifths() {
        let cuts = fifths(&(1..=100).collect::<Vec<_>>());
        let of = |n| (1..=100).filter(|orders| orders_score(&cuts, *orders) == n).count();
        assert_eq!([1, 2, 3, 4, 5].map(of), [20; 5]);
        assert_eq!((orders_score(&cuts, 20), orders_score(&cuts, 21), orders_score(&cuts, 81)), (1, 2, 5));
    }

    #[test]
    fn equal_buying_is_scored_alike() {
        // Four in five bought once.
        let cuts = fifths(&[vec![1; 80], vec![2; 15], vec![9; 5]].concat());
        assert_eq!([1, 2, 9].map(|n| orders_score(&cuts, n)), [1, 5, 5]);
        let cuts = fifths(&[vec![1; 50], vec![2; 30], vec![9; 20]].concat());
        assert_eq!([1, 2, 9].map(|n| orders_score(&cuts, n)), [1, 3, 5]);
    }

    #[test]
    fn few_buyers_are_scored_by_fixed_lines() {
        let score = |days: i64, orders: u32, spent: i64| {
            let s = scores(&Cuts::Fixed { mean: 1_000 }, &Buying { last: At(0), orders, spent }, At(days * DAY_MS));
            [s.recency, s.frequency, s.monetary]
        };
        assert_eq!(score(0, 1, 100), [5, 1, 1]);
        assert_eq!(score(31, 2, 250), [4, 2, 2]);
        assert_eq!(score(120, 3, 1_000), [3, 3, 3]);
        assert_eq!(score(121, 5, 1_250), [2, 4, 4]);
        assert_eq!(score(900, 6, 2_000), [1, 5, 5]);
    }

    #[test]
    fn each_name_can_be_had() {
        let all = (1..=5).flat_map(|recency| {
            (1..=5).flat_map(move |frequency| (1..=5).map(move |monetary| Scores { recency, frequency, monetary }))
        });
        let names: std::collections::BTreeSet<Rfm> = all.map(name).collect();
        assert_eq!(names.len(), Rfm::ALL.len());
        let of = |recency, frequency, monetary| name(Scores { recency, frequency, monetary });
        assert_eq!(of(5, 5, 5), Rfm::Champions);
        assert_eq!(of(5, 1, 1), Rfm::NewCustomers);
        assert_eq!(of(1, 5, 5), Rfm::CannotLose);
        assert_eq!(of(1, 1, 1), Rfm::Lost);
        assert_eq!(of(2, 3, 2), Rfm::AtRisk);
    }
}
