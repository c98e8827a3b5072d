//! Who gets which arm of a step, and who is held out. Chance that can be repeated: it comes from a hash of the person and
//! of what is drawn for, so that the same people, asked again, are in the same lot, and two campaigns divide them anew.

use std::collections::BTreeMap;
use std::f64::consts::TAU;

use crate::campaign::model::{Campaign, Campaigns, Choose, Kind, Step};
use crate::state::model::{ContactId, Tries};

/// Every arm of a step that learns goes on being tried with so many of a hundred people.
pub const FLOOR_PERCENT: u64 = 5;

/// Whether this person walks through this campaign without a text.
///
/// The shop's own hold-out is the same people in every campaign. News of one's own order is held from nobody.
#[must_use]
pub fn is_held_out(campaigns: &Campaigns, campaign: &Campaign, contact: ContactId) -> bool {
    holds_back(campaign)
        && (is_held_out_of_all(campaigns, contact) || falls_to(contact, &campaign.id, campaign.holdout))
}

/// Whether this person gets no marketing text of any campaign.
#[must_use]
pub fn is_held_out_of_all(campaigns: &Campaigns, contact: ContactId) -> bool {
    falls_to(contact, "", campaigns.holdout)
}

/// Whether it has texts that can be held from somebody.
#[must_use]
pub fn holds_back(campaign: &Campaign) -> bool {
    campaign.steps.iter().any(|step| step.kind == Kind::Marketing)
}

fn falls_to(contact: ContactId, what: &str, percent: u32) -> bool {
    Lot::of(contact, &["holdout", what]).hundred() < u64::from(percent)
}

/// The arm for this person; none when the step has but one. `counts`: what came of each so far.
#[must_use]
pub fn draw(campaign: &Campaign, step: &Step, contact: ContactId, counts: &BTreeMap<String, Tries>) -> Option<String> {
    if step.arms.is_empty() {
        return None;
    }
    let mut lot = Lot::of(contact, &["arm", &campaign.id, &step.id]);
    let arm = match step.choose {
        Choose::Split => split(step, lot.hundred()),
        Choose::Learn => learn(step, &mut lot, counts),
    };
    Some(arm.to_owned())
}

fn split(step: &Step, point: u64) -> &str {
    let mut end = 0;
    let found = step.arms.iter().find(|arm| {
        end += u64::from(arm.weight);
        point < end
    });
    found.map_or(Step::FIRST_ARM, |arm| &arm.id)
}

/// Thompson's rule: of what each arm may be worth by what came of it so far, one guess is drawn, and the best guess is
/// taken (W. R. Thompson, "On the likelihood that one unknown probability exceeds another", Biometrika 25, 1933). Before
/// anything is known every share is thought equally likely.
fn learn<'s>(step: &'s Step, lot: &mut Lot, counts: &BTreeMap<String, Tries>) -> &'s str {
    let names: Vec<&str> = step.variants().map(|(arm, _)| arm).collect();
    let floor = usize::try_from(lot.hundred() / FLOOR_PERCENT).unwrap_or(usize::MAX);
    if let Some(arm) = names.get(floor) {
        return arm;
    }
    let guesses = names.iter().map(|arm| {
        let Tries { tries, wins } = counts.get(*arm).copied().unwrap_or_default();
        (beta(lot, 1.0 + float(wins), 1.0 + float(tries.saturating_sub(wins))), *arm)
    });
    guesses.max_by(|a, b| a.0.total_cmp(&b.0)).map_or(Step::FIRST_ARM, |(_, arm)| arm)
}

/// A stream of numbers that a person and a purpose always give.
struct Lot(u64);

impl Lot {
    fn of(contact: ContactId, purpose: &[&str]) -> Lot {
        // FNV-1a over the words, with a sign between them that no id holds.
        let eat = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        let words = purpose.iter().flat_map(|word| word.bytes().chain([0]));
        Lot(contact.0.to_be_bytes().into_iter().chain(words).fold(0xcbf2_9ce4_8422_2325, eat))
    }

    /// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 to 99.
    fn hundred(&mut self) -> u64 {
        self.next() % 100
    }

    /// Above 0 and below 1.
    fn unit(&mut self) -> f64 {
        (float(self.next() >> 12) + 0.5) / float(1 << 52)
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().ln()).sqrt() * (TAU * self.unit()).cos()
    }
}

fn beta(lot: &mut Lot, a: f64, b: f64) -> f64 {
    let (x, y) = (gamma(lot, a), gamma(lot, b));
    x / (x + y)
}

/// For a shape of at least 1 (Marsaglia, Tsang: "A simple method for generating gamma variables", 2000).
fn gamma(lot: &mut Lot, shape: f64) -> f64 {
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = lot.normal();
        let v = (1.0 + c * x).powi(3);
        if v > 0.0 && lot.unit().ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return d * v;
        }
    }
}

#[allow(clippy::cast_precision_loss)] // counts of people, and 52 bits
fn float(n: u64) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::model::Arm;
    use crate::campaign::model::tests::{campaign, step};

    fn with_arms(choose: Choose, weights: &[(&str, u32)]) -> (Campaign, Step) {
        let arms = weights.iter().map(|(id, weight)| Arm { id: (*id).to_owned(), weight: *weight, step: step("s") });
        (campaign("c"), Step { choose, arms: arms.collect(), ..step("s") })
    }

    fn drawn(campaign: &Campaign, step: &Step, counts: &BTreeMap<String, Tries>) -> BTreeMap<String, u32> {
        let mut drawn = BTreeMap::new();
        for contact in 1..=10_000 {
            let arm = draw(campaign, step, ContactId(contact), counts).unwrap();
            assert_eq!(draw(campaign, step, ContactId(contact), counts), Some(arm.clone()), "the same each time");
            *drawn.entry(arm).or_default() += 1;
        }
        drawn
    }

    #[test]
    fn weights_are_kept() {
        let (c, s) = with_arms(Choose::Split, &[("b", 30), ("c", 20)]);
        let drawn = drawn(&c, &s, &BTreeMap::new());
        for (arm, share) in [("a", 5_000_i32), ("b", 3_000), ("c", 2_000)] {
            let n = i32::try_from(drawn[arm]).unwrap();
            assert!((n - share).abs() < 200, "{arm}: {n}");
        }
    }

    #[test]
    fn what_wins_is_tried_most_and_nothing_is_given_up() {
        let (c, s) = with_arms(Choose::Learn, &[("b", 0), ("c", 0)]);
        let even = drawn(&c, &s, &BTreeMap::new());
        assert!(even.values().all(|n| (2_900..3_800).contains(n)), "nothing is known: {even:?}");
        let tries = |tries, wins| Tries { tries, wins };
        let counts = [("a", tries(1_000, 50)), ("b", tries(1_000, 150)), ("c", tries(1_000, 40))];
        let learnt = drawn(&c, &s, &counts.map(|(arm, t)| (arm.to_owned(), t)).into());
        assert!(learnt["b"] > 8_500, "{learnt:?}");
        assert!(learnt["a"] > 400 && learnt["c"] > 400, "one in twenty goes on getting each: {learnt:?}");
    }

    #[test]
    fn the_shops_hold_out_is_the_same_people_everywhere() {
        let file = |all, own| {
            let mut file = Campaigns { holdout: all, ..crate::campaign::model::tests::campaigns() };
            for id in ["c", "d"] {
                file.list.push(Campaign { holdout: own, ..campaign(id) });
            }
            file
        };
        let held = |file: &Campaigns, at: usize| -> Vec<i64> {
            (1..=10_000).filter(|id| is_held_out(file, &file.list[at], ContactId(*id))).collect()
        };
        let all = file(5, 0);
        assert_eq!(held(&all, 0), held(&all, 1));
        assert!((400..600).contains(&held(&all, 0).len()));
        let own = file(0, 10);
        assert_ne!(held(&own, 0), held(&own, 1), "each campaign its own");
        assert!((850..1_150).contains(&held(&own, 0).len()));
        let mut service = file(5, 10);
        service.list[0].steps = vec![Step { kind: Kind::Service, ..step("s") }];
        assert!(held(&service, 0).is_empty(), "news of one's own order is held from nobody");
    }
}
