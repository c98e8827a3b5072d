//! The brake: figures that are far from usual stop a campaign, or all of them, until the owner has looked. Pure.
//!
//! A brake that stops an ordinary day would soon be switched off, so small numbers never trip it: a share needs enough texts
//! and enough cases, and a rate needs something to be compared with.

use std::collections::BTreeMap;

use crate::clock::Span;
use crate::settings::model::{Brake, Share};
use crate::state::model::HoldScope;

/// Opt-outs count against the texts of this span.
pub const OPT_OUT_SPAN: Span = Span::days(7);
/// Failures and the rate are those of this span.
pub const LATELY: Span = Span::hours(1);
/// The busiest hour is looked for in this span before [`LATELY`].
pub const USUAL: Span = Span::days(14);
/// A campaign that has not sent for as long as this has nothing to be compared with.
pub const NEW: Span = Span::days(7);

/// A share of opt-outs says nothing of fewer texts, or fewer opt-outs, than these.
const LEAST_TEXTS: u64 = 50;
const LEAST_OPT_OUTS: u64 = 5;
/// A share of failures says nothing of fewer texts.
const LEAST_ENDS: u64 = 20;
/// An hour with no more texts than this is a usual one in every shop.
const LEAST_RATE: u64 = 60;

/// A campaign's figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Course {
    /// Handed over within [`OPT_OUT_SPAN`].
    pub texts: u64,
    /// People who opted out because of those.
    pub opt_outs: u64,
    /// Within [`LATELY`]: those that were handed over, whatever became of them, and those that were refused for good.
    pub tried: u64,
    /// Of `tried`: refused for good, or not delivered.
    pub failed: u64,
    /// Handed over within [`LATELY`].
    pub lately: u64,
    /// It was sending [`NEW`] ago, so what it sends in an hour can be far from usual.
    pub seasoned: bool,
}

/// What the brake looks at. What was before the owner last lifted it is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Readings {
    pub campaigns: BTreeMap<String, Course>,
    /// The most texts in one hour of [`USUAL`].
    pub busiest: u64,
}

/// Something is to be stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// A campaign, or everything.
    pub scope: HoldScope,
    pub cause: Cause,
}

/// Why, with the figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    OptOuts { count: u64, texts: u64, most: Share },
    Failures { count: u64, texts: u64, most: Share },
    Rate { texts: u64, most: u64 },
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Cause::OptOuts { count, texts, most } => {
                let share = Share::of(*count, *texts);
                write!(
                    f,
                    "brake: {count} of {texts} texts in 7 days were followed by an opt-out ({share}; stops at {most})"
                )
            }
            Cause::Failures { count, texts, most } => {
                let share = Share::of(*count, *texts);
                write!(f, "brake: {count} of {texts} texts failed in an hour ({share}; stops at {most})")
            }
            Cause::Rate { texts, most } => write!(f, "brake: {texts} texts in an hour, more than {most}"),
        }
    }
}

/// What is to be stopped now.
#[must_use]
pub fn look(readings: &Readings, brake: &Brake) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = readings
        .campaigns
        .iter()
        .filter_map(|(id, course)| {
            let cause = opt_outs(*course, brake.opt_outs).or_else(|| failures(*course, brake.failures))?;
            Some(Verdict { scope: HoldScope::Campaign(id.clone()), cause })
        })
        .collect();
    verdicts.extend(everything(readings, &verdicts, brake).map(|cause| Verdict { scope: HoldScope::All, cause }));
    verdicts
}

/// Whether a campaign is on its way to being stopped: half of what stops it, which the owner should know.
#[must_use]
pub fn warns(course: Course, brake: &Brake) -> Option<Share> {
    let share = Share::of(course.opt_outs, course.texts);
    let close = course.texts >= LEAST_TEXTS && course.opt_outs > 0 && share.0 >= brake.opt_outs.0.div_ceil(2);
    close.then_some(share)
}

fn opt_outs(course: Course, most: Share) -> Option<Cause> {
    let Course { texts, opt_outs: count, .. } = course;
    let enough = texts >= LEAST_TEXTS && count >= LEAST_OPT_OUTS;
    (enough && Share::of(count, texts) >= most).then_some(Cause::OptOuts { count, texts, most })
}

fn failures(course: Course, most: Share) -> Option<Cause> {
    let Course { tried: texts, failed: count, .. } = course;
    (texts >= LEAST_ENDS && Share::of(count, texts) >= most).then_some(Cause::Failures { count, texts, most })
}

fn everything(readings: &Readings, stopped: &[Verdict], brake: &Brake) -> Option<Cause> {
    let sum = |courses: &mut dyn Iterator<Item = &Course>| {
        courses.fold(Course::default(), |sum, course| Course {
            tried: sum.tried + course.tried,
            failed: sum.failed + course.failed,
            lately: sum.lately + course.lately,
            ..sum
        })
    };
    // One campaign that fails is that campaign's matter; several, or those that are left, are everybody's.
    let failing = |id: &String| {
        stopped.iter().any(|v| {
            matches!(v.cause, Cause::Failures { .. })
                && matches!(&v.scope, HoldScope::Campaign(stopped) if stopped == id)
        })
    };
    let one = readings.campaigns.keys().filter(|id| failing(id)).count() == 1;
    let counted = readings.campaigns.iter().filter(|(id, _)| !(one && failing(id)));
    if let Some(cause) = failures(sum(&mut counted.map(|(_, course)| course)), brake.failures) {
        return Some(cause);
    }
    let (old, new): (Vec<&Course>, Vec<&Course>) = readings.campaigns.values().partition(|course| course.seasoned);
    let usual = readings.busiest.saturating_mul(u64::from(brake.per_hour)).max(LEAST_RATE);
    // What has nothing to be compared with is only bounded.
    let bound = u64::from(brake.most_per_hour);
    [(old, usual), (new, bound)].into_iter().find_map(|(courses, most)| {
        let texts = sum(&mut courses.into_iter()).lately;
        (texts > most).then_some(Cause::Rate { texts, most })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Brake =
        Brake { opt_outs: Share::percent(4), failures: Share::percent(50), per_hour: 5, most_per_hour: 500 };

    fn with(courses: &[(&str, Course)]) -> Readings {
        Readings { campaigns: courses.iter().map(|(id, course)| ((*id).to_owned(), *course)).collect(), busiest: 20 }
    }

    fn stopped(courses: &[(&str, Course)]) -> Vec<String> {
        look(&with(courses), &USUAL).iter().map(|v| v.scope.to_string()).collect()
    }

    #[test]
    fn many_opt_outs_stop_their_campaign_only() {
        let good = Course { texts: 500, opt_outs: 5, ..Course::default() };
        let bad = Course { texts: 120, opt_outs: 5, ..Course::default() };
        assert_eq!(stopped(&[("cart", good), ("review", bad)]), ["campaign:review"]);
        let why = look(&with(&[("review", bad)]), &USUAL).first().map(|v| v.cause.to_string());
        assert_eq!(
            why.as_deref(),
            Some("brake: 5 of 120 texts in 7 days were followed by an opt-out (4.1%; stops at 4%)")
        );
    }

    #[test]
    fn small_numbers_stop_nothing() {
        for course in [
            Course { texts: 49, opt_outs: 20, ..Course::default() },
            Course { texts: 60, opt_outs: 4, ..Course::default() },
            Course { tried: 19, failed: 19, ..Course::default() },
            Course { lately: 60, seasoned: true, ..Course::default() },
        ] {
            assert_eq!(stopped(&[("cart", course)]), Vec::<String>::new(), "{course:?}");
        }
        assert!(look(&Readings::default(), &USUAL).is_empty());
    }

    #[test]
    fn failures_of_one_campaign_stop_it_and_of_several_everything() {
        let bad = Course { tried: 20, failed: 10, ..Course::default() };
        let good = Course { tried: 40, failed: 2, ..Course::default() };
        assert_eq!(stopped(&[("cart", bad), ("review", good)]), ["campaign:cart"]);
        assert_eq!(stopped(&[("cart", bad)]), ["campaign:cart"]);
        assert_eq!(stopped(&[("cart", bad), ("review", bad)]), ["campaign:cart", "campaign:review", "all"]);
        // Too few in each, and plainly too many in all.
        let few = Course { tried: 10, failed: 10, ..Course::default() };
        assert_eq!(stopped(&[("cart", few), ("review", few)]), ["all"]);
    }

    #[test]
    fn an_hour_is_compared_with_the_busiest_one() {
        let hour = |lately| Course { lately, seasoned: true, ..Course::default() };
        assert_eq!(stopped(&[("cart", hour(100))]), Vec::<String>::new(), "five times the busiest hour");
        assert_eq!(stopped(&[("cart", hour(101))]), ["all"]);
        assert_eq!(stopped(&[("cart", hour(60)), ("review", hour(41))]), ["all"], "counted together");
    }

    #[test]
    fn what_is_new_is_bounded_only() {
        let first_day = |lately| Course { lately, ..Course::default() };
        assert_eq!(stopped(&[("winback", first_day(500))]), Vec::<String>::new());
        assert_eq!(stopped(&[("winback", first_day(501))]), ["all"]);
        let usual = Course { lately: 60, seasoned: true, ..Course::default() };
        assert_eq!(stopped(&[("cart", usual), ("winback", first_day(400))]), Vec::<String>::new());
    }

    #[test]
    fn half_of_what_stops_warns() {
        let course = |opt_outs| Course { texts: 100, opt_outs, ..Course::default() };
        assert_eq!(warns(course(1), &USUAL), None);
        assert_eq!(warns(course(2), &USUAL), Some(Share::percent(2)));
        assert_eq!(warns(Course { texts: 10, opt_outs: 2, ..Course::default() }, &USUAL), None);
    }
}
