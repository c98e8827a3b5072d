//! What arms and hold-outs tell: who is counted, and what may be said of it, whenever somebody looks.
//!
//! Everybody counts once, from the moment at which chance decided about them, whatever then came of the text: so the groups
//! differ by nothing but that chance. Nobody counts before their time is over.

use crate::campaign::model::{Campaign, Exit, Goal, Start, Step};
use crate::clock::{At, Span};
use crate::state::model::{ArmsAsked, Outcome, Reason, Tries};

/// How long a person has for the goal.
pub const WINDOW: Span = Span::days(7);
/// How long after their first way into any campaign people's orders count for the whole shop's hold-out.
pub const SHOP_WINDOW: Span = Span::days(30);
/// What was drawn before is not learnt from any more: shops and people change.
pub const LOOK_BACK: Span = Span::days(120);
/// After so long what was learnt is counted anew.
pub const COUNTED_AGAIN: Span = Span::days(1);
/// How often, at most, something may be called sure that is not.
pub const MISTAKES: f64 = 0.05;

/// The question about a step's arms that were drawn from `since` on.
#[must_use]
pub fn asked(campaign: &Campaign, step: &Step, since: At, now: At) -> ArmsAsked {
    ArmsAsked {
        campaign: campaign.id.clone(),
        step: step.id.clone(),
        outcome: outcome(campaign.goal),
        since,
        until: now,
        now,
        window: window(step),
    }
}

/// [`WINDOW`], after the last of arms that come at different times.
fn window(step: &Step) -> Span {
    let delay = |step: &Step| match step.time.start {
        Start::After(span) | Start::Wait(span) => span,
        Start::Before(_) | Start::Day(_) => Span::ZERO,
    };
    let last = step.variants().map(|(_, step)| delay(step)).max().filter(|_| step.arms_differ_in_time());
    WINDOW.plus(last.unwrap_or_default())
}

/// How the goal is seen in people who got a text and in people who did not.
#[must_use]
pub fn outcome(goal: Goal) -> Outcome {
    match goal.exit() {
        Exit::Review => Outcome::Reviewed,
        Exit::Visited => Outcome::Ended(Reason::Visited),
        Exit::Replied => Outcome::Ended(Reason::Replied),
        Exit::SignedUp => Outcome::Ended(Reason::SignedUp),
        Exit::Renewed => Outcome::Ended(Reason::Renewed),
        _ => Outcome::Ordered,
    }
}

/// The same for people who are held out. They get no link to follow and no question to answer, so where the goal is that, it is
/// orders that are compared.
#[must_use]
pub fn outcome_without_texts(goal: Goal) -> Outcome {
    match outcome(goal) {
        Outcome::Ended(Reason::Visited | Reason::Replied) => Outcome::Ordered,
        outcome => outcome,
    }
}

/// Between what and what the second share is larger than the first: with probability 1 − `mistakes` the interval holds the
/// truth at every moment at which it is ever looked at, also when people were divided by what came before.
///
/// For each group Robbins' mixture of the binomial likelihood under Beta(½, ½), over the likelihood at the true share, is a
/// martingale that begins at 1, and so is the product of two; by Ville's inequality it never reaches 1/`mistakes` but with
/// that probability (H. Robbins, "Statistical methods related to the law of the iterated logarithm", Ann. Math. Statist. 41,
/// 1970; S. Howard, A. Ramdas, J. McAuliffe, J. Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence sequences",
/// Ann. Statist. 49, 2021). The interval is every difference that some pair of shares below that bound has.
#[must_use]
pub fn difference(first: Tries, second: Tries, mistakes: f64) -> (f64, f64) {
    if first.tries == 0 || second.tries == 0 {
        return (-1.0, 1.0);
    }
    let bound = -mistakes.ln();
    let fits = |d: f64| least(first, second, d) < bound;
    let seen = share(second) - share(first);
    (edge(seen, -1.0, fits), edge(seen, 1.0, fits))
}

/// Of the people who count, how many did it.
#[must_use]
pub fn share(tries: Tries) -> f64 {
    if tries.tries == 0 { 0.0 } else { float(tries.wins) / float(tries.tries) }
}

/// What the figures say of which group does better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// Nothing yet.
    Open,
    /// The group at this place, by at least and at most so much against the next best.
    Better { place: usize, least: f64, most: f64 },
}

/// Which of the groups surely does better than every other. Each pair is asked about, so each may be mistaken less often.
#[must_use]
pub fn verdict(groups: &[Tries]) -> Verdict {
    let Some((place, best)) = groups.iter().enumerate().max_by(|a, b| share(*a.1).total_cmp(&share(*b.1))) else {
        return Verdict::Open;
    };
    let pairs = (groups.len() * groups.len().saturating_sub(1) / 2).max(1);
    let mistakes = MISTAKES / float(u64::try_from(pairs).unwrap_or(u64::MAX));
    let others = groups.iter().enumerate().filter(|(other, _)| *other != place);
    let nearest = others.map(|(_, other)| difference(*other, *best, mistakes)).min_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((least, most)) if least > 0.0 => Verdict::Better { place, least, most },
        _ => Verdict::Open,
    }
}

/// Where, from what was seen towards `end`, a difference fits no more.
fn edge(seen: f64, end: f64, fits: impl Fn(f64) -> bool) -> f64 {
    if fits(end) {
        return end;
    }
    let (mut inside, mut outside) = (seen, end);
    for _ in 0..50 {
        let middle = f64::midpoint(inside, outside);
        *(if fits(middle) { &mut inside } else { &mut outside }) = middle;
    }
    inside
}

/// The least logarithm of the two groups' martingale among all shares that differ by `d`. It is convex in the share.
fn least(first: Tries, second: Tries, d: f64) -> f64 {
    let at = |p: f64| martingale(first, p) + martingale(second, p + d);
    let (mut low, mut high) = (0.0_f64.max(-d), 1.0_f64.min(1.0 - d));
    for _ in 0..100 {
        let (a, b) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
        if at(a) < at(b) { high = b } else { low = a }
    }
    at(f64::midpoint(low, high))
}

/// The logarithm of the mixture over the likelihood at the share `p`.
fn martingale(Tries { tries, wins }: Tries, p: f64) -> f64 {
    let (wins, losses) = (float(wins), float(tries.saturating_sub(wins)));
    let p = p.clamp(1e-12, 1.0 - 1e-12);
    ln_beta(wins + 0.5, losses + 0.5) - ln_beta(0.5, 0.5) - wins * p.ln() - losses * (-p).ln_1p()
}

fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// Stirling's series, after going up to where it is exact enough.
fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut below) = (x, 0.0);
    while x < 10.0 {
        below += x.ln();
        x += 1.0;
    }
    let series = 1.0 / (12.0 * x) - 1.0 / (360.0 * x.powi(3)) + 1.0 / (1260.0 * x.powi(5));
    (x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + series - below
}

#[allow(clippy::cast_precision_loss)] // counts of people
fn float(n: u64) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn tries(tries: u64, wins: u64) -> Tries {
        Tries { tries, wins }
    }

    #[test]
    fn the_logarithm_of_the_gamma_function_is_right() {
        for (x, known) in
            [(0.5, 0.572_364_942_924_7), (1.0, 0.0), (5.0, 3.178_053_830_347_9), (100.5, 361.435_540_467_9)]
        {
            assert!((ln_gamma(x) - known).abs() < 1e-8, "{x}: {}", ln_gamma(x));
        }
    }

    #[test]
    fn few_people_tell_nothing_and_many_tell_enough() {
        assert_eq!(difference(tries(0, 0), tries(9, 1), 0.05), (-1.0, 1.0));
        assert_eq!(verdict(&[tries(50, 2), tries(50, 6)]), Verdict::Open);
        let Verdict::Better { place: 1, least, most } = verdict(&[tries(2_000, 100), tries(2_000, 180)]) else {
            panic!("5 % against 9 % of two thousand each is sure");
        };
        assert!(0.0 < least && least < 0.04 && 0.04 < most && most < 0.09, "{least} {most}");
        assert_eq!(verdict(&[]), Verdict::Open);
        assert_eq!(verdict(&[tries(10, 1)]), Verdict::Open);
    }

    #[test]
    fn an_interval_holds_what_was_seen_and_narrows() {
        let (low, high) = difference(tries(400, 40), tries(400, 60), 0.05);
        let (lower, higher) = difference(tries(40, 4), tries(40, 6), 0.05);
        assert!(lower < low && low < 0.05 && 0.05 < high && high < higher, "{lower} {low} {high} {higher}");
        let (mirrored, _) = difference(tries(400, 60), tries(400, 40), 0.05);
        assert!((mirrored + high).abs() < 1e-6, "the other way round");
    }

    /// Looked at after every person, of two groups that do the same: seldom is one ever called better.
    #[test]
    fn looking_often_makes_no_mistakes() {
        let mut seed = 7_u64;
        let mut chance = move || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % 100
        };
        let mut mistaken = 0;
        for _ in 0..60 {
            let mut groups = [tries(0, 0); 2];
            let mut sure = false;
            for n in 0..600 {
                let group = &mut groups[n % 2];
                group.tries += 1;
                group.wins += u64::from(chance() < 10);
                sure = sure || (n % 20 == 0 && verdict(&groups) != Verdict::Open);
            }
            mistaken += u32::from(sure);
        }
        assert!(mistaken <= 3, "{mistaken} of 60");
    }
}
