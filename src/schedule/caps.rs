//! How often one person may be written to, over all campaigns; and whether there is money for a text.

use chrono_tz::Tz;

use super::hours::{day_start, next_day_start};
use crate::clock::{At, Span};
use crate::money::Money;
use crate::settings::model::Caps;
use crate::state::model::Reason;

/// How far back the caps look.
pub const LOOK_BACK: Span = Span::days(30);
/// What was handed over later than now was written down by a clock that ran ahead and was put right. The text came all the same,
/// so it counts; but a clock that was out by more than this stops nobody for months.
const AHEAD: Span = Span::days(7);

/// Whether one more message may go at `now`, given when earlier ones were handed over (oldest first, since
/// `now - LOOK_BACK`). If not: the earliest moment at which this cap allows it, and which cap it is (the longest wait wins).
///
/// # Errors
/// `(when, which)`.
pub fn room(caps: &Caps, tz: Tz, handed: &[At], now: At) -> Result<(), (At, Reason)> {
    let believed = handed.partition_point(|at| *at <= now.plus(AHEAD));
    let handed = handed.get(..believed).unwrap_or(handed);
    let mut wait: Option<(At, Reason)> = None;
    let mut later = |until: At, why: Reason| {
        if until > now && wait.is_none_or(|(t, _)| until > t) {
            wait = Some((until, why));
        }
    };
    if let Some(last) = handed.last() {
        later(last.plus(caps.gap), Reason::CapGap);
    }
    let today = day_start(tz, now);
    if count_from(handed, today) >= caps.day {
        later(next_day_start(tz, now), Reason::CapDay);
    }
    for (span, most, why) in [(Span::days(7), caps.week, Reason::CapWeek), (LOOK_BACK, caps.month, Reason::CapMonth)] {
        let inside: Vec<At> = handed.iter().copied().filter(|t| t.plus(span) > now).collect();
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        if inside.len() >= most {
            // When this one leaves the span, there is room for one more.
            let until =
                if most == 0 { now.plus(span) } else { inside.get(inside.len() - most).map_or(now, |t| t.plus(span)) };
            later(until, why);
        }
    }
    match wait {
        None => Ok(()),
        Some(w) => Err(w),
    }
}

/// The first moment at or after `from` at which there is room, if nothing more is handed over until then.
#[must_use]
pub fn next_room(caps: &Caps, tz: Tz, handed: &[At], from: At) -> At {
    let mut now = from;
    // Each round waits for one cap; four caps cannot keep one another closed for longer than this.
    for _ in 0..16 {
        match room(caps, tz, handed, now) {
            Ok(()) => return now,
            Err((until, _)) => now = until,
        }
    }
    At::NEVER
}

/// Whether a text of this price fits a cap of which so much is spent. A cap in another currency than the price's cannot be kept, so
/// nothing fits it.
#[must_use]
pub fn fits(cap: Money, spent: Money, price: Money) -> bool {
    let after = spent.checked_add(price);
    cap.currency == price.currency && after.is_some_and(|sum| sum.minor <= cap.minor)
}

fn count_from(handed: &[At], from: At) -> u32 {
    u32::try_from(handed.iter().filter(|t| **t >= from).count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Asia::Tehran;
    use proptest::prelude::*;

    const CAPS: Caps = Caps { gap: Span::hours(20), day: 1, week: 3, month: 6 };
    const NOON: At = At(1_795_500_000_000);

    fn ago(hours: i64) -> At {
        NOON.minus(Span::hours(hours))
    }

    #[test]
    fn one_a_day_twenty_hours_apart() {
        assert_eq!(room(&CAPS, Tehran, &[], NOON), Ok(()));
        assert_eq!(room(&CAPS, Tehran, &[ago(23)], NOON), Ok(()));
        assert_eq!(room(&CAPS, Tehran, &[ago(19)], NOON), Err((NOON.plus(Span::hours(1)), Reason::CapGap)));
    }

    #[test]
    fn the_week_frees_when_its_oldest_leaves() {
        let handed = [ago(150), ago(100), ago(50)];
        assert_eq!(room(&CAPS, Tehran, &handed, NOON), Err((NOON.plus(Span::hours(18)), Reason::CapWeek)));
        assert_eq!(room(&CAPS, Tehran, &handed, NOON.plus(Span::hours(18))), Ok(()));
    }

    #[test]
    fn a_clock_that_ran_ahead_and_was_put_right_stops_nobody() {
        let handed = [ago(23), ago(-24 * 8), ago(-24 * 40)];
        assert_eq!(room(&CAPS, Tehran, &handed, NOON), Ok(()));
        let moment = NOON.plus(Span::minutes(1));
        assert_eq!(
            room(&CAPS, Tehran, &[moment], NOON),
            Err((moment.plus(CAPS.gap), Reason::CapGap)),
            "a little ahead"
        );
    }

    proptest! {
        /// Going only when there is room never breaks a cap, looked at from any moment.
        #[test]
        fn what_waits_for_room_keeps_every_cap(steps in proptest::collection::vec(0_i64..40, 1..60)) {
            let mut handed: Vec<At> = Vec::new();
            let mut now = NOON;
            for hours in steps {
                now = now.plus(Span::hours(hours));
                while let Err((until, _)) = room(&CAPS, Tehran, &handed, now) {
                    prop_assert!(until > now);
                    now = until;
                }
                handed.push(now);
            }
            for (i, t) in handed.iter().enumerate() {
                if let Some(next) = handed.get(i + 1) {
                    prop_assert!(next.since(*t) >= CAPS.gap);
                }
                let week = handed.iter().filter(|u| **u >= *t && u.since(*t) < Span::days(7)).count();
                let month = handed.iter().filter(|u| **u >= *t && u.since(*t) < LOOK_BACK).count();
                prop_assert!(week <= 3 && month <= 6);
            }
        }
    }
}
