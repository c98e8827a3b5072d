//! Allowed hours in the shop's zone: the week's, less what special days take away.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeZone, Weekday};
use chrono_tz::Tz;

use super::special::{self, HORIZON_DAYS};
use crate::campaign::model::Kind;
use crate::clock::At;
use crate::settings::model::{Hours, Opening, ServiceHours};

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
pub(super) fn instant(tz: Tz, day: NaiveDate, time: NaiveTime) -> At {
    let naive = day.and_time(time);
    let found: Option<DateTime<Tz>> = tz.from_local_datetime(&naive).earliest().or_else(|| {
        let later = naive.checked_add_signed(chrono::Duration::hours(1))?;
        tz.from_local_datetime(&later).earliest()
    });
    At(found.map_or_else(|| naive.and_utc().timestamp_millis(), |t| t.timestamp_millis()))
}

/// A window of a day from its start to its end. 24:00 cannot be written as a time of day: an end at or before the start means
/// the day's end.
fn stretch(tz: Tz, day: NaiveDate, (start, end): (NaiveTime, NaiveTime)) -> (At, At) {
    let opens = instant(tz, day, start);
    let closes = match day.checked_add_days(Days::new(1)) {
        Some(next) if end <= start => instant(tz, next, NaiveTime::MIN),
        _ => instant(tz, day, end),
    };
    (opens, closes)
}

/// The hours of a weekday, laid on a day that may be another one.
fn weekly(hours: &Hours, tz: Tz, day: NaiveDate, weekday: Weekday) -> Vec<(At, At)> {
    let index = usize::try_from(weekday.num_days_from_monday()).unwrap_or_default();
    let window = hours.days.get(index).copied().flatten();
    window.map(|w| stretch(tz, day, w)).into_iter().collect()
}

/// The spans of a day in which messages may be handed over, in order: what the weekday and every special day of that date
/// leave, each from its start to `stop_before` before its end.
fn windows(hours: &Hours, tz: Tz, day: NaiveDate) -> Vec<(At, At)> {
    let usual = weekly(hours, tz, day, day.weekday());
    let left = special::on(&hours.special, day).fold(usual, |left, special| {
        let own = match &special.opening {
            Opening::Off => Vec::new(),
            Opening::AsOn(weekday) => weekly(hours, tz, day, *weekday),
            Opening::Windows(windows) => windows.iter().map(|w| stretch(tz, day, *w)).collect(),
        };
        in_both(&left, &own)
    });
    let handing = left.into_iter().map(|(opens, closes)| (opens, closes.minus(hours.stop_before)));
    handing.filter(|(opens, closes)| opens < closes).collect()
}

/// Where two lists of spans overlap. In order when both are.
fn in_both(some: &[(At, At)], others: &[(At, At)]) -> Vec<(At, At)> {
    let pairs = some.iter().flat_map(|a| others.iter().map(move |b| (a.0.max(b.0), a.1.min(b.1))));
    pairs.filter(|(start, end)| start < end).collect()
}

/// The earliest moment at or after `t` at which a marketing text may be handed over; `None` when no day of the year to come
/// allows it.
#[must_use]
pub fn next_open(hours: &Hours, tz: Tz, t: At) -> Option<At> {
    let today = t.utc().with_timezone(&tz).date_naive();
    (0..HORIZON_DAYS).find_map(|ahead| {
        let day = today.checked_add_days(Days::new(ahead))?;
        let (opens, _) = windows(hours, tz, day).into_iter().find(|(_, closes)| t < *closes)?;
        Some(t.max(opens))
    })
}

/// As [`next_open`], for a text of this kind: news of one's own order need not wait, unless the owner wants it to.
#[must_use]
pub fn next_open_for(hours: &Hours, kind: Kind, tz: Tz, t: At) -> Option<At> {
    match (kind, hours.service) {
        (Kind::Service, ServiceHours::Always) => Some(t),
        (Kind::Service, ServiceHours::Same) | (Kind::Marketing, _) => next_open(hours, tz, t),
    }
}

#[must_use]
pub fn is_open(hours: &Hours, tz: Tz, t: At) -> bool {
    next_open(hours, tz, t) == Some(t)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Span;
    use crate::settings::model::{Calendar, SpecialDay, Stretch};
    use chrono_tz::{Asia::Tehran, Europe::Berlin};
    use proptest::prelude::*;

    fn hm(h: u32, m: u32) -> NaiveTime {
        NaiveTime::from_hms_opt(h, m, 0).unwrap()
    }

    fn usual() -> Hours {
        let mut days = [Some((hm(9, 0), hm(21, 0))); 7];
        days[4] = Some((hm(10, 0), hm(21, 0))); // Friday
        Hours { days, stop_before: Span::minutes(15), special: Vec::new(), service: ServiceHours::Always }
    }

    fn special(stretch: Stretch, opening: Opening) -> SpecialDay {
        SpecialDay { name: "x".to_owned(), kind: None, stretches: vec![stretch], opening }
    }

    fn once(first: &str, last: &str) -> Stretch {
        Stretch::Once { first: first.parse().unwrap(), last: last.parse().unwrap() }
    }

    fn ramadan() -> Opening {
        Opening::Windows(vec![(hm(11, 0), hm(17, 0)), (hm(19, 30), hm(21, 0))])
    }

    fn at(text: &str) -> At {
        At(DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis())
    }

    fn opens(hours: &Hours, from: &str, to: &str) {
        assert_eq!(next_open(hours, Tehran, at(from)), Some(at(to)), "{from}");
    }

    #[test]
    fn night_waits_for_the_morning_and_friday_sleeps_longer() {
        let h = usual();
        opens(&h, "2026-11-24T23:00:00+03:30", "2026-11-25T09:00:00+03:30");
        opens(&h, "2026-11-26T20:50:00+03:30", "2026-11-27T10:00:00+03:30");
        opens(&h, "2026-11-24T12:00:00+03:30", "2026-11-24T12:00:00+03:30");
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
        opens(&h, "2026-11-27T12:00:00+03:30", "2026-11-28T09:00:00+03:30");
        h.days = [None; 7];
        assert_eq!(next_open(&h, Tehran, at("2026-11-27T12:00:00+03:30")), None);
    }

    #[test]
    fn summer_time_keeps_the_wall_clock() {
        let h = usual();
        assert_eq!(next_open(&h, Berlin, at("2026-03-28T22:00:00+01:00")), Some(at("2026-03-29T09:00:00+02:00")));
        assert_eq!(next_open(&h, Berlin, at("2026-10-24T22:00:00+02:00")), Some(at("2026-10-25T09:00:00+01:00")));
    }

    #[test]
    fn mourning_days_are_skipped_however_many_there_are() {
        let mut h = usual();
        h.special = vec![special(once("2026-06-24", "2026-06-25"), Opening::Off)];
        // The Friday after them.
        opens(&h, "2026-06-23T20:45:00+03:30", "2026-06-26T10:00:00+03:30");
        h.special = vec![special(once("2026-06-16", "2026-10-13"), Opening::Off)];
        opens(&h, "2026-06-16T12:00:00+03:30", "2026-10-14T09:00:00+03:30");
        let whole_year = Stretch::Yearly { calendar: Calendar::Jalali, first: (1, 1), last: (12, 30) };
        h.special = vec![special(whole_year, Opening::Off)];
        assert_eq!(next_open(&h, Tehran, at("2026-06-16T12:00:00+03:30")), None);
    }

    #[test]
    fn each_window_of_a_day_stops_before_its_own_end() {
        let mut h = usual();
        h.special = vec![special(once("2027-02-08", "2027-03-09"), ramadan())];
        opens(&h, "2027-02-10T08:00:00+03:30", "2027-02-10T11:00:00+03:30");
        opens(&h, "2027-02-10T16:44:59+03:30", "2027-02-10T16:44:59+03:30");
        opens(&h, "2027-02-10T16:45:00+03:30", "2027-02-10T19:30:00+03:30");
        opens(&h, "2027-02-10T20:45:00+03:30", "2027-02-11T11:00:00+03:30");
        opens(&h, "2027-03-09T20:45:00+03:30", "2027-03-10T09:00:00+03:30");
    }

    #[test]
    fn special_days_only_take_hours_away_whatever_their_order() {
        let mut h = usual();
        h.days[4] = None;
        let days = [
            special(once("2027-02-08", "2027-03-09"), ramadan()),
            special(once("2027-02-10", "2027-02-10"), Opening::Off),
            special(once("2027-02-11", "2027-02-11"), Opening::AsOn(Weekday::Sun)),
            special(once("2027-02-09", "2027-02-09"), Opening::Windows(vec![(hm(16, 30), NaiveTime::MIN)])),
        ];
        for reversed in [false, true] {
            h.special = days.to_vec();
            if reversed {
                h.special.reverse();
            }
            // Half an hour of the afternoon is left, and its end still has its margin.
            opens(&h, "2027-02-09T08:00:00+03:30", "2027-02-09T16:30:00+03:30");
            opens(&h, "2027-02-09T16:45:00+03:30", "2027-02-09T19:30:00+03:30");
            opens(&h, "2027-02-09T20:45:00+03:30", "2027-02-11T11:00:00+03:30");
            // Ramadan does not open the Friday off.
            opens(&h, "2027-02-11T20:45:00+03:30", "2027-02-13T11:00:00+03:30");
        }
    }

    #[test]
    fn a_holiday_sleeps_as_long_as_friday_at_the_border_of_the_year_too() {
        let mut h = usual();
        let nowruz = Stretch::Yearly { calendar: Calendar::Jalali, first: (12, 29), last: (1, 4) };
        h.special = vec![special(nowruz, Opening::AsOn(Weekday::Fri))];
        // 1403 has a 30 Esfand, which is inside; 1404 has none.
        for day in ["2025-03-19", "2025-03-20", "2025-03-21", "2025-03-24", "2026-03-20", "2026-03-24"] {
            opens(&h, &format!("{day}T01:00:00+03:30"), &format!("{day}T10:00:00+03:30"));
        }
        for day in ["2025-03-18", "2025-03-25", "2026-03-19", "2026-03-25"] {
            opens(&h, &format!("{day}T01:00:00+03:30"), &format!("{day}T09:00:00+03:30"));
        }
    }

    #[test]
    fn order_news_goes_at_night_unless_told_to_wait() {
        let (mut h, night) = (usual(), at("2026-11-24T23:00:00+03:30"));
        let morning = Some(at("2026-11-25T09:00:00+03:30"));
        assert_eq!(next_open_for(&h, Kind::Service, Tehran, night), Some(night));
        assert_eq!(next_open_for(&h, Kind::Marketing, Tehran, night), morning);
        h.service = ServiceHours::Same;
        assert_eq!(next_open_for(&h, Kind::Service, Tehran, night), morning);
    }

    prop_compose! {
        fn any_special()(
            from in 19_700_i64..22_000, length in 0_i64..40, yearly: bool, calendar: bool,
            first in (1_u8..=12, 1_u8..=29), last in (1_u8..=12, 1_u8..=29), opening in 0..4,
            cut in 1_u32..23,
        ) -> SpecialDay {
            let day = |n: i64| At(n * 86_400_000).utc().date_naive();
            let stretch = if yearly {
                let calendar = if calendar { Calendar::Jalali } else { Calendar::Gregorian };
                Stretch::Yearly { calendar, first, last }
            } else {
                Stretch::Once { first: day(from), last: day(from + length) }
            };
            special(stretch, match opening {
                0 => Opening::Off,
                1 => Opening::AsOn(Weekday::Fri),
                2 => Opening::Windows(vec![(hm(0, 0), hm(cut, 0)), (hm(cut, 30), NaiveTime::MIN)]),
                _ => ramadan(),
            })
        }
    }

    proptest! {
        #[test]
        fn an_opening_is_open_and_nothing_before_it_is(
            ms in 1_700_000_000_000_i64..1_900_000_000_000,
            days in proptest::collection::vec(any_special(), 0..6),
            back in 0.0..1.0_f64,
        ) {
            let mut h = usual();
            h.special = days;
            for tz in [Tehran, Berlin, Tz::America__New_York, Tz::Africa__Cairo] {
                let t = At(ms);
                let Some(open) = next_open(&h, tz, t) else { continue };
                prop_assert!(open >= t);
                prop_assert!(is_open(&h, tz, open));
                prop_assert!(h.special.iter().all(|s| {
                    let day = open.utc().with_timezone(&tz).date_naive();
                    s.opening != Opening::Off || special::on(std::slice::from_ref(s), day).next().is_none()
                }), "a day off is open");
                if open > t {
                    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
                    let between = At(t.0 + ((open.0 - t.0) as f64 * back) as i64);
                    for early in [t, At(open.0 - 1), between.min(At(open.0 - 1))] {
                        prop_assert!(!is_open(&h, tz, early));
                        prop_assert_eq!(next_open(&h, tz, early), Some(open));
                    }
                }
            }
        }
    }
}
