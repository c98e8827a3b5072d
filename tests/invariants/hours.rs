//! The zone on the first line, the moment in seconds from 2023 on the second; the rest is an
//! `[hours]` table as an owner writes it.

use bazgasht::clock::{At, Span};
use bazgasht::schedule::hours::{day_start, is_open, month_start, next_day_start, next_month_start, next_open};
use bazgasht::settings::check::load;
use bazgasht::settings::model::Hours;
use chrono::{Datelike, NaiveTime, Offset, TimeZone, Timelike};
use chrono_tz::Tz;

use super::{first_line, settings};

/// 2023-01-01 to 2038: before that some zones turned the calendar back, and later rules are guesses.
const FROM_MS: i64 = 1_672_531_200_000;
const SECONDS: i64 = 15 * 365 * 86_400;

pub fn hold(bytes: &[u8]) {
    let (zone, rest) = first_line(bytes);
    let (moment, table) = first_line(rest.as_bytes());
    let tz = zone.trim().parse::<Tz>().unwrap_or(chrono_tz::TZ_VARIANTS[zone.len() * 7 % chrono_tz::TZ_VARIANTS.len()]);
    let seconds = moment.trim().parse::<i64>().unwrap_or_default().rem_euclid(SECONDS);
    let file = format!("[hours]\n{table}");
    if let Some(settings) = load("bazgasht.toml", &file, &settings::nothing_outside()).settings {
        of(&settings.hours, tz, At(FROM_MS + seconds * 1_000));
    }
}

/// The next opening is open, by the wall clock too; nothing between now and then is; days and months hold their moments.
pub fn of(hours: &Hours, tz: Tz, t: At) {
    assert!(day_start(tz, t) <= t && t < next_day_start(tz, t), "the day of {}", t.rfc3339());
    assert!(month_start(tz, t) <= day_start(tz, t) && t < next_month_start(tz, t), "the month of {}", t.rfc3339());
    assert_eq!(is_open(hours, tz, t), by_the_wall(hours, tz, t).unwrap_or(is_open(hours, tz, t)));
    let Some(open) = next_open(hours, tz, t) else {
        assert!(hours.days.iter().all(Option::is_none), "some day is open");
        return;
    };
    assert!(open >= t && is_open(hours, tz, open));
    assert_eq!(next_open(hours, tz, open), Some(open));
    if let Some(wall) = by_the_wall(hours, tz, open) {
        assert!(wall, "open at {}", open.utc().with_timezone(&tz));
    }
    let wait = open.since(t).0;
    for part in 0..8 {
        let between = t.plus(Span(wait / 8 * part));
        assert!(between == open || !is_open(hours, tz, between), "open before the opening");
    }
}

/// The same by the hands of the clock; none on days on which they are moved.
fn by_the_wall(hours: &Hours, tz: Tz, t: At) -> Option<bool> {
    let offset = |t: At| tz.offset_from_utc_datetime(&t.utc().naive_utc()).fix();
    let day = Span::days(1);
    if offset(t.minus(day)) != offset(t) || offset(t.plus(day)) != offset(t) {
        return None;
    }
    let local = t.utc().with_timezone(&tz);
    let ms = |time: NaiveTime| i64::from(time.num_seconds_from_midnight()) * 1_000;
    let now = ms(local.time()) + i64::from(local.timestamp_subsec_millis());
    let index = local.weekday().num_days_from_monday() as usize;
    Some(hours.days[index].is_some_and(|(start, end)| {
        let end = if end <= start { 86_400_000 } else { ms(end) };
        ms(start) <= now && now < end - hours.stop_before.0
    }))
}
