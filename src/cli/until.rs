//! A day or a moment as an owner types it.

use anyhow::{Result, bail};
use chrono::{Datelike, NaiveDate, TimeZone};
use chrono_tz::Tz;

use crate::clock::At;
use crate::digits;
use crate::jalali::{self, Jalali};
use crate::receive::event::parse_time;

/// Years below this are the Jalali calendar's.
const FIRST_GREGORIAN: i32 = 1700;

/// The moment that is meant by `2026-12-01`, `1405-09-10` (both: that day's beginning in the shop's zone) or RFC 3339.
///
/// # Errors
/// When it is none of these, or not after `now`.
pub fn until(typed: &str, zone: Tz, now: At) -> Result<At> {
    match moment(typed, zone)? {
        t if t <= now => bail!("{typed:?} is over already: write a later day"),
        t => Ok(t),
    }
}

/// As [`until`], of a moment that is over.
///
/// # Errors
/// When it is none, or is still to come.
pub fn past(typed: &str, zone: Tz, now: At) -> Result<At> {
    match moment(typed, zone)? {
        t if t >= now => bail!("{typed:?} is still to come: write an earlier day"),
        t => Ok(t),
    }
}

fn moment(typed: &str, zone: Tz) -> Result<At> {
    let plain = digits::to_ascii(typed.trim());
    let Some(moment) = parse_time(&plain).or_else(|| beginning_of(&plain, zone)) else {
        bail!("{typed:?} is no day: write it as 2026-12-01 or 1405-09-10, or a moment as 2026-12-01T09:00:00+03:30")
    };
    Ok(moment)
}

fn beginning_of(day: &str, zone: Tz) -> Option<At> {
    let mut numbers = day.split(['-', '/']);
    let (year, month, day) =
        (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    if numbers.next().is_some() {
        return None;
    }
    let date = if year < FIRST_GREGORIAN {
        jalali::to_date(Jalali { year, month, day })?
    } else {
        NaiveDate::from_ymd_opt(year, month.into(), day.into())?
    };
    // Where clocks are moved at midnight, the day begins an hour later.
    let begins =
        (0..3).find_map(|hour| zone.with_ymd_and_hms(date.year(), date.month(), date.day(), hour, 0, 0).earliest())?;
    Some(At(begins.timestamp_millis()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_both_calendars_begin_in_the_shops_zone() {
        let said = |typed| until(typed, Tz::Asia__Tehran, At(0)).map(At::rfc3339).map_err(|e| e.to_string());
        for typed in ["2026-12-01", "1405-09-10", "۱۴۰۵/۰۹/۱۰", " 1405/9/10 ", "2026-12-01T00:00:00+03:30"] {
            assert_eq!(said(typed).as_deref(), Ok("2026-11-30T20:30:00Z"), "{typed}");
        }
        for typed in ["", "tomorrow", "2026-13-01", "1405-12-30", "2026-12", "1-2-3-4"] {
            assert!(said(typed).is_err_and(|e| e.contains("is no day")), "{typed}");
        }
        let late = until("2026-12-01", Tz::UTC, At(i64::MAX));
        assert!(late.is_err_and(|e| e.to_string().contains("over already")));
    }
}
