//! Allowed hours in the shop's zone.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeZone};
use chrono_tz::Tz;

use crate::clock::At;
use crate::settings::model::Hours;

/// How many days ahead an opening is looked for; a shop that is closed longer sends nothing.
const HORIZON_DAYS: u64 = 60;

/// Local midnight at the start of the day that holds `t`.
#[must_use]
pub fn day_start(tz: Tz, t: At) -> At {
    instant(tz, t.utc().with_timezone(&tz).date_naive(), NaiveTime::MIN)
}

/// Local midnight at the end of the day that holds `t`.
#[must_use]
pub fn next_day_start(tz: Tz, t: At) -> At {
    let day = t.utc().with_timezone(&tz).date_naive();
    instant(tz, day.checked_add_days(Days::new(1)).unwrap_or(day), NaiveTime::MIN)
}

/// Local midnight at the start of the Gregorian month that holds `t`.
#[must_use]
pub fn month_start(tz: Tz, t: At) -> At {
    let day = t.utc().with_timezone(&tz).date_naive();
    instant(tz, day.with_day(1).unwrap_or(day), NaiveTime::MIN)
}

/// Local midnight at the start of the next Gregorian month.
#[must_use]
pub fn next_month_start(tz: Tz, t: At) -> At {
    let day = t.utc().with_timezone(&tz).date_naive();
    let first = day.with_day(1).unwrap_or(day);
    instant(tz, first.checked_add_months(chrono::Months::new(1)).unwrap_or(day), NaiveTime::MIN)
}

/// A wall-clock time that a summer-time jump skips is taken an hour later; one that occurs twice, the first time.
fn instant(tz: Tz, day: NaiveDate, time: NaiveTime) -> At {
    let naive = day.and_time(time);
    let found: Option<DateTime<Tz>> = tz.from_local_datetime(&naive).earliest().or_else(|| {
        let later = naive.checked_add_signed(chrono::Duration::hours(1))?;
        tz.from_local_datetime(&later).earliest()
    });
    At(found.map_or_else(|| naive.and_utc().timestamp_millis(), |t| t.timestamp_millis()))
}

/// The span of a day in which messages may be handed over: from its start to `stop_before` before its end.
fn window(hours: &Hours, tz: Tz, day: NaiveDate) -> Option<(At, At)> {
    let index = usize::try_from(day.weekday().num_days_from_monday()).ok()?;
    let (start, end) = (*hours.days.get(index)?)?;
    let opens = instant(tz, day, start);
    // 24:00 cannot be written as a time of day: an end at or before the start means the day's end.
    let closes = if end <= start {
        instant(tz, day.checked_add_days(Days::new(1))?, NaiveTime::MIN)
    } else {
        instant(tz, day, end)
    };
    let closes = closes.minus(hours.stop_before);
    (opens < closes).then_some((opens, closes))
}

/// The earliest moment at or after `t` at which a message may be handed over; `None` when no day allows it.
#[must_use]
pub fn next_open(hours: &Hours, tz: Tz, t: At) -> Option<At> {
    let today = t.utc().with_timezone(&tz).date_naive();
    (0..HORIZON_DAYS).find_map(|ahead| {
        let (opens, closes) = window(hours, tz, today.checked_add_days(Days::new(ahead))?)?;
        (t < closes).then(|| t.max(opens))
    })
}

#[must_use]
pub fn is_open(hours: &Hours, tz: Tz, t: At) -> bool {
    next_open(hours, tz, t) == Some(t)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Span;
    use chrono_tz::{Asia::Tehran, Europe::Berlin};
    use proptest::prelude::*;

    fn hm(h: u32, m: u32) -> NaiveTime {
        NaiveTime::from_hms_opt(h, m, 0).unwrap()
    }

    fn usual() -> Hours {
        let mut days = [Some((hm(9, 0), hm(21, 0))); 7];
        days[4] = Some((hm(10, 0), hm(21, 0))); // Friday
        Hours { days, stop_before: Span::minutes(15) }
    }

    fn at(text: &str) -> At {
        At(DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis())
    }

    #[test]
    fn night_waits_for_the_morning_and_friday_sleeps_longer() {
        let h = usual();
        assert_eq!(next_open(&h, Tehran, at("2026-11-24T23:00:00+03:30")), Some(at("2026-11-25T09:00:00+03:30")));
        assert_eq!(next_open(&h, Tehran, at("2026-11-26T20:50:00+03:30")), Some(at("2026-11-27T10:00:00+03:30")));
        assert_eq!(next_open(&h, Tehran, at("2026-11-24T12:00:00+03:30")), Some(at("2026-11-24T12:00:00+03:30")));
    }

    #[test]
    fn handing_over_stops_before_the_end() {
        let h = usual();
        assert!(is_open(&h, Tehran, at("2026-11-24T20:44:59+03:30")));
        assert!(!is_open(&h, Tehran, at("2026-11-24T20:45:00+03:30")));
    }

    #[test]
    fn a_day_off_is_skipped_and_no_day_at_all_says_so() {
        let mut h = usual();
        h.days[4] = None;
        assert_eq!(next_open(&h, Tehran, at("2026-11-27T12:00:00+03:30")), Some(at("2026-11-28T09:00:00+03:30")));
        h.days = [None; 7];
        assert_eq!(next_open(&h, Tehran, at("2026-11-27T12:00:00+03:30")), None);
    }

    #[test]
    fn summer_time_keeps_the_wall_clock() {
        let h = usual();
        assert_eq!(next_open(&h, Berlin, at("2026-03-28T22:00:00+01:00")), Some(at("2026-03-29T09:00:00+02:00")));
        assert_eq!(next_open(&h, Berlin, at("2026-10-24T22:00:00+02:00")), Some(at("2026-10-25T09:00:00+01:00")));
    }

    proptest! {
        #[test]
        fn an_opening_is_open_and_nothing_before_it_is(ms in 1_700_000_000_000_i64..1_900_000_000_000) {
            let h = usual();
            for tz in [Tehran, Berlin, Tz::America__New_York] {
                let t = At(ms);
                let open = next_open(&h, tz, t).unwrap();
                prop_assert!(open >= t);
                prop_assert!(is_open(&h, tz, open));
                if open > t {
                    prop_assert!(!is_open(&h, tz, t));
                    prop_assert!(!is_open(&h, tz, At(open.0 - 1)));
                }
            }
        }
    }
}
