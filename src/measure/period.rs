//! A stretch of time as an owner writes it: `7d`, `today`, `2026-11-22`, `1405-09-01`, `all`.

use anyhow::{Context, Result, bail};
use chrono::NaiveDate;
use chrono_tz::Tz;

use super::figures::Period;
use crate::clock::{At, Span};
use crate::digits;
use crate::jalali::{self, Jalali};
use crate::schedule::hours;

/// Reads the two ends of a period as an owner writes them. Days are the shop's, Gregorian or Jalali; the day of `until` is part of the period.
///
/// # Errors
/// Which of the two is not understood, and what may stand there.
pub fn read(since: &str, until: Option<&str>, zone: Tz, now: At) -> Result<Period> {
    let since = match moment(since, zone, now).context("since")? {
        Moment::Always => Period::EVER.since,
        Moment::At(t) => t,
        Moment::Day(day) => hours::day_start(zone, noon(zone, day)),
    };
    let until = match until {
        None => Period::EVER.until,
        Some(text) => match moment(text, zone, now).context("until")? {
            Moment::Always => Period::EVER.until,
            Moment::At(t) => t,
            Moment::Day(day) => hours::next_day_start(zone, noon(zone, day)),
        },
    };
    if since > now {
        bail!("since lies ahead: nothing has happened yet");
    }
    if until <= since {
        bail!("until lies before since: the period is empty");
    }
    Ok(Period { since, until })
}

enum Moment {
    Always,
    At(At),
    Day(NaiveDate),
}

fn moment(text: &str, zone: Tz, now: At) -> Result<Moment> {
    let text = digits::to_ascii(text.trim()).replace('/', "-");
    if text == "all" {
        return Ok(Moment::Always);
    }
    if text == "today" {
        return Ok(Moment::Day(now.utc().with_timezone(&zone).date_naive()));
    }
    if text.matches('-').count() == 2 {
        return day(&text)
            .map(Moment::Day)
            .with_context(|| format!("{text:?} is no day: expected one such as 2026-11-22 or 1405-09-01"));
    }
    match text.parse::<Span>() {
        Ok(span) => Ok(Moment::At(now.minus(span))),
        Err(problem) => bail!(
            "{text:?} is neither a day such as 2026-11-22 or 1405-09-01 nor a length of time such as 7d: {problem}"
        ),
    }
}

fn day(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split('-');
    let (year, month, day) =
        (parts.next()?.parse::<i32>().ok()?, parts.next()?.parse::<u8>().ok()?, parts.next()?.parse::<u8>().ok()?);
    // Nobody asks a shop for the figures of the year 1405 after Christ.
    if (1300..1600).contains(&year) {
        return jalali::to_date(Jalali { year, month, day });
    }
    NaiveDate::from_ymd_opt(year, u32::from(month), u32::from(day))
}

/// A moment that surely lies within the day, whatever its clocks do at night.
fn noon(zone: Tz, day: NaiveDate) -> At {
    use chrono::TimeZone;
    let naive = day.and_hms_opt(12, 0, 0).unwrap_or_default();
    At(zone
        .from_local_datetime(&naive)
        .earliest()
        .map_or_else(|| naive.and_utc().timestamp_millis(), |t| t.timestamp_millis()))
}

#[cfg(test)]
mod tests {
    use chrono_tz::Asia::Tehran;

    use super::*;

    // 2026-11-22 10:00 in Tehran.
    const NOW: At = At(1_795_329_000_000);

    fn said(since: &str, until: Option<&str>) -> String {
        match read(since, until, Tehran, NOW) {
            Ok(p) => format!("{} … {}", p.since.rfc3339(), p.until.rfc3339()),
            Err(e) => format!("{e:#}"),
        }
    }

    #[test]
    fn periods_read_as_owners_write_them() {
        assert_eq!(said("2026-11-20", Some("2026-11-21")), "2026-11-19T20:30:00Z … 2026-11-21T20:30:00Z");
        assert_eq!(said("1405-08-29", Some("۱۴۰۵/۰۸/۳۰")), "2026-11-19T20:30:00Z … 2026-11-21T20:30:00Z");
        assert_eq!(said("7d", Some("1d")), "2026-11-15T06:30:00Z … 2026-11-21T06:30:00Z");
        assert_eq!(said("2030-01-01", None), "since lies ahead: nothing has happened yet");
        assert_eq!(said("1d", Some("7d")), "until lies before since: the period is empty");
        assert_eq!(
            said("2026-13-01", None),
            "since: \"2026-13-01\" is no day: expected one such as 2026-11-22 or 1405-09-01"
        );
        assert_eq!(
            said("soon", None),
            "since: \"soon\" is neither a day such as 2026-11-22 or 1405-09-01 nor a length of time such as 7d: a length of time \
             starts with a number, such as 45m, 24h or 7 days"
        );
        assert_eq!(read("all", None, Tehran, NOW).unwrap(), Period::EVER);
    }
}
