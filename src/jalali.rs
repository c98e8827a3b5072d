//! Days in the Jalali (Solar Hijri) calendar, and how days are said to people.

use std::str::FromStr;

use chrono::{Datelike, NaiveDate, Weekday};
use icu_calendar::{Date, cal::Persian, types::RataDie};
use serde::{Deserialize, Serialize};

use crate::digits;

/// A day of the Solar Hijri calendar: `month` 1–12 from Farvardin, `day` 1–31.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Jalali {
    pub year: i32,
    pub month: u8,
    pub day: u8,
}

/// How much of a day is said, and how.
///
/// | name | Jalali | Gregorian |
/// | --- | --- | --- |
/// | `short` | `1405/09/01` | `2026-11-22` |
/// | `day` | `۱ آذر` | `22 November` |
/// | `weekday` | `یکشنبه ۱ آذر` | `Sunday 22 November` |
/// | `long` | `۱ آذر ۱۴۰۵` | `22 November 2026` |
/// | `full` | `یکشنبه ۱ آذر ۱۴۰۵` | `Sunday 22 November 2026` |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    Short,
    Day,
    Weekday,
    #[default]
    Long,
    Full,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("date form {0:?} is unknown: expected short, day, weekday, long or full")]
pub struct UnknownForm(pub String);

impl FromStr for Form {
    type Err = UnknownForm;

    fn from_str(s: &str) -> Result<Self, UnknownForm> {
        match s {
            "short" => Ok(Form::Short),
            "day" => Ok(Form::Day),
            "weekday" => Ok(Form::Weekday),
            "long" => Ok(Form::Long),
            "full" => Ok(Form::Full),
            _ => Err(UnknownForm(s.to_owned())),
        }
    }
}

/// The Jalali day. Agrees with the astronomical calendar for the years 1178–3000.
#[must_use]
pub fn from_date(d: NaiveDate) -> Jalali {
    let date = Date::from_rata_die(RataDie::new(i64::from(d.num_days_from_ce())), Persian);
    Jalali { year: date.year().extended_year(), month: date.month().ordinal, day: date.day_of_month().0 }
}

/// The Gregorian day; none where there is no such day, such as 30 Esfand of a common year.
#[must_use]
pub fn to_date(j: Jalali) -> Option<NaiveDate> {
    let date = Date::try_new_persian(j.year, j.month, j.day).ok()?;
    let days = i32::try_from(date.to_rata_die().to_i64_date()).ok()?;
    NaiveDate::from_num_days_from_ce_opt(days)
}

/// Whether Esfand of the year has 30 days.
#[must_use]
pub fn is_leap(year: i32) -> bool {
    Date::try_new_persian(year, 1, 1).is_ok_and(|first| first.is_in_leap_year())
}

/// The Persian name of a month from 1 to 12; empty for any other number.
#[must_use]
pub fn month_name(month: u8) -> &'static str {
    match month {
        1 => "فروردین",
        2 => "اردیبهشت",
        3 => "خرداد",
        4 => "تیر",
        5 => "مرداد",
        6 => "شهریور",
        7 => "مهر",
        8 => "آبان",
        9 => "آذر",
        10 => "دی",
        11 => "بهمن",
        12 => "اسفند",
        _ => "",
    }
}

/// The Persian name of a weekday.
#[must_use]
pub fn weekday_name(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Sat => "شنبه",
        Weekday::Sun => "یکشنبه",
        Weekday::Mon => "دوشنبه",
        Weekday::Tue => "سه\u{200C}شنبه",
        Weekday::Wed => "چهارشنبه",
        Weekday::Thu => "پنجشنبه",
        Weekday::Fri => "جمعه",
    }
}

/// The day in Persian, by the Jalali calendar. Numbers in words are Persian, the short form is ASCII.
#[must_use]
pub fn say(d: NaiveDate, form: Form) -> String {
    let Jalali { year, month, day } = from_date(d);
    let (month_name, weekday) = (month_name(month), weekday_name(d.weekday()));
    match form {
        Form::Short => format!("{year:04}/{month:02}/{day:02}"),
        Form::Day => digits::to_persian(&format!("{day} {month_name}")),
        Form::Weekday => digits::to_persian(&format!("{weekday} {day} {month_name}")),
        Form::Long => digits::to_persian(&format!("{day} {month_name} {year}")),
        Form::Full => digits::to_persian(&format!("{weekday} {day} {month_name} {year}")),
    }
}

/// The day in English, by the Gregorian calendar.
#[must_use]
pub fn say_gregorian(d: NaiveDate, form: Form) -> String {
    let pattern = match form {
        Form::Short => "%Y-%m-%d",
        Form::Day => "%-d %B",
        Form::Weekday => "%A %-d %B",
        Form::Long => "%-d %B %Y",
        Form::Full => "%A %-d %B %Y",
    };
    d.format(pattern).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(s: &str) -> NaiveDate {
        s.parse().unwrap()
    }

    fn jalali(year: i32, month: u8, day: u8) -> Jalali {
        Jalali { year, month, day }
    }

    #[test]
    fn nowruz_and_yalda() {
        for (year, nowruz, weekday, yalda) in [
            (1403, "2024-03-20", Weekday::Wed, "2024-12-20"),
            (1404, "2025-03-21", Weekday::Fri, "2025-12-21"),
            (1405, "2026-03-21", Weekday::Sat, "2026-12-21"),
            (1406, "2027-03-21", Weekday::Sun, "2027-12-21"),
            (1407, "2028-03-20", Weekday::Mon, "2028-12-20"),
            (1408, "2029-03-20", Weekday::Tue, "2029-12-20"),
        ] {
            assert_eq!(to_date(jalali(year, 1, 1)), Some(date(nowruz)));
            assert_eq!(date(nowruz).weekday(), weekday);
            assert_eq!(from_date(date(yalda)), jalali(year, 9, 30));
        }
    }

    #[test]
    fn leap_years() {
        let leap: Vec<i32> = (1390..=1412).filter(|&year| is_leap(year)).collect();
        assert_eq!(leap, [1391, 1395, 1399, 1403, 1408, 1412]);
        assert!(to_date(jalali(1403, 12, 30)).is_some());
    }

    #[test]
    fn every_day_comes_back_and_follows_the_day_before() {
        let (mut expected, last) = (jalali(1390, 1, 1), jalali(1413, 1, 1));
        let mut day = to_date(expected).unwrap();
        while expected != last {
            assert_eq!(from_date(day), expected);
            assert_eq!(to_date(expected), Some(day));
            expected = tomorrow(expected);
            day = day.succ_opt().unwrap();
        }
        assert_eq!(from_date(day), last);
    }

    /// The calendar as the fact sheet has it: months of 31, 30 and 29 or 30 days.
    fn tomorrow(j: Jalali) -> Jalali {
        let length = match j.month {
            1..=6 => 31,
            7..=11 => 30,
            _ if [1391, 1395, 1399, 1403, 1408, 1412].contains(&j.year) => 30,
            _ => 29,
        };
        match (j.day == length, j.month) {
            (false, _) => Jalali { day: j.day + 1, ..j },
            (true, 12) => jalali(j.year + 1, 1, 1),
            (true, month) => jalali(j.year, month + 1, 1),
        }
    }

    #[test]
    fn days_that_are_not_there() {
        for (year, month, day) in [
            (1404, 12, 30),
            (1405, 7, 31),
            (1405, 0, 1),
            (1405, 13, 1),
            (1405, 1, 0),
            (1405, 1, 32),
            (i32::MAX, 1, 1),
            (i32::MIN, 1, 1),
        ] {
            assert_eq!(to_date(jalali(year, month, day)), None);
        }
        assert!(!is_leap(i32::MAX));
        // Far outside, a day is only not a panic.
        let _ = (from_date(NaiveDate::MIN), from_date(NaiveDate::MAX));
    }

    #[test]
    fn sayings() {
        let d = date("2026-11-22");
        for (name, persian, english) in [
            ("short", "1405/09/01", "2026-11-22"),
            ("day", "۱ آذر", "22 November"),
            ("weekday", "یکشنبه ۱ آذر", "Sunday 22 November"),
            ("long", "۱ آذر ۱۴۰۵", "22 November 2026"),
            ("full", "یکشنبه ۱ آذر ۱۴۰۵", "Sunday 22 November 2026"),
        ] {
            let form = name.parse().unwrap();
            assert_eq!(say(d, form), persian);
            assert_eq!(say_gregorian(d, form), english);
        }
        assert_eq!("iso".parse::<Form>(), Err(UnknownForm("iso".to_owned())));
        assert_eq!(say_gregorian(date("2026-03-05"), Form::Day), "5 March");
    }

    #[test]
    fn names() {
        let months: Vec<&str> = (1..=12).map(month_name).collect();
        assert_eq!(months.join("، "), "فروردین، اردیبهشت، خرداد، تیر، مرداد، شهریور، مهر، آبان، آذر، دی، بهمن، اسفند");
        assert_eq!((month_name(0), month_name(13)), ("", ""));
        assert_eq!(weekday_name(date("2025-03-21").weekday()), "جمعه");
        assert_eq!(weekday_name(Weekday::Tue), digits::tidy("سه\u{200C}شنبه"));
    }
}
