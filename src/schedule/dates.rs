//! When a day of the calendar comes: Nowruz, Mother's Day, somebody's birthday.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use chrono_tz::Tz;
use icu_calendar::{Date, cal::Hijri, types::RataDie};

use super::hours;
use crate::campaign::trigger::{Day, NamedDay};
use crate::clock::At;
use crate::jalali::{self, Jalali};

/// A day's coming, and the year that it is named by in its own calendar; none for a day that comes once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coming {
    pub year: Option<i32>,
    pub on: NaiveDate,
}

/// The comings of this day from about a year before `today` to about a year after it, in their order.
#[must_use]
pub fn comings(day: Day, today: NaiveDate) -> Vec<Coming> {
    let yearly = |year: i32, of: &dyn Fn(i32) -> Option<NaiveDate>| -> Vec<Coming> {
        (year - 1..=year + 1).filter_map(|year| Some(Coming { year: Some(year), on: of(year)? })).collect()
    };
    let jalali_year = jalali::from_date(today).year;
    let once = |on: Option<NaiveDate>| on.map(|on| Coming { year: None, on }).into_iter().collect();
    match day {
        Day::Jalali { year: Some(year), month, day } => once(jalali::to_date(Jalali { year, month, day })),
        Day::Gregorian { year: Some(year), month, day } => once(gregorian(year, month, day)),
        Day::Jalali { year: None, month, day } => {
            yearly(jalali_year, &|year| last_valid(day, |day| solar(year, month, day)))
        }
        Day::Gregorian { year: None, month, day } => {
            yearly(today.year(), &|year| last_valid(day, |day| gregorian(year, month, day)))
        }
        Day::Named(named) => match own_calendar(named) {
            Own::Solar(of) => yearly(jalali_year, &of),
            Own::Lunar(month, day) => yearly(lunar_year(today), &|year| lunar(year, month, day)),
            Own::Gregorian(of) => yearly(today.year(), &of),
        },
    }
}

enum Own {
    Solar(fn(i32) -> Option<NaiveDate>),
    /// Month and day.
    Lunar(u8, u8),
    Gregorian(fn(i32) -> Option<NaiveDate>),
}

fn own_calendar(named: NamedDay) -> Own {
    match named {
        NamedDay::Nowruz => Own::Solar(|year| solar(year, 1, 1)),
        NamedDay::Sizdah => Own::Solar(|year| solar(year, 1, 13)),
        NamedDay::TeachersDay => Own::Solar(|year| solar(year, 2, 12)),
        NamedDay::School => Own::Solar(|year| solar(year, 7, 1)),
        NamedDay::Yalda => Own::Solar(|year| solar(year, 9, 30)),
        NamedDay::Sepandarmazgan => Own::Solar(|year| solar(year, 11, 29)),
        NamedDay::Chaharshanbe => Own::Solar(|year| {
            let wednesday = last_on_or_before(solar(year + 1, 1, 1)?.pred_opt()?, Weekday::Wed)?;
            wednesday.pred_opt()
        }),
        NamedDay::MothersDay => Own::Lunar(6, 20),
        NamedDay::FathersDay => Own::Lunar(7, 13),
        NamedDay::Ramadan => Own::Lunar(9, 1),
        NamedDay::Fitr => Own::Lunar(10, 1),
        NamedDay::GirlsDay => Own::Lunar(11, 1),
        NamedDay::Ghadir => Own::Lunar(12, 18),
        NamedDay::NewYear => Own::Gregorian(|year| gregorian(year, 1, 1)),
        NamedDay::Valentine => Own::Gregorian(|year| gregorian(year, 2, 14)),
        NamedDay::WomensDay => Own::Gregorian(|year| gregorian(year, 3, 8)),
        NamedDay::MothersDayMay => {
            Own::Gregorian(|year| NaiveDate::from_weekday_of_month_opt(year, 5, Weekday::Sun, 2))
        }
        NamedDay::FathersDayJune => {
            Own::Gregorian(|year| NaiveDate::from_weekday_of_month_opt(year, 6, Weekday::Sun, 3))
        }
        NamedDay::SinglesDay => Own::Gregorian(|year| gregorian(year, 11, 11)),
        NamedDay::BlackFriday => Own::Gregorian(black_friday),
        NamedDay::CyberMonday => Own::Gregorian(|year| black_friday(year)?.checked_add_days(Days::new(3))),
        NamedDay::Christmas => Own::Gregorian(|year| gregorian(year, 12, 25)),
    }
}

fn black_friday(year: i32) -> Option<NaiveDate> {
    NaiveDate::from_weekday_of_month_opt(year, 11, Weekday::Thu, 4)?.succ_opt()
}

fn last_on_or_before(mut day: NaiveDate, weekday: Weekday) -> Option<NaiveDate> {
    while day.weekday() != weekday {
        day = day.pred_opt()?;
    }
    Some(day)
}

fn solar(year: i32, month: u8, day: u8) -> Option<NaiveDate> {
    jalali::to_date(Jalali { year, month, day })
}

fn gregorian(year: i32, month: u8, day: u8) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month.into(), day.into())
}

/// The day, or in a year without it the one before it.
fn last_valid(day: u8, of: impl Fn(u8) -> Option<NaiveDate>) -> Option<NaiveDate> {
    of(day).or_else(|| of(day.saturating_sub(1)))
}

/// By the computed calendar of Umm al-Qura, which is at most a day beside what is sighted.
fn lunar(year: i32, month: u8, day: u8) -> Option<NaiveDate> {
    let date = Date::try_new_hijri_with_calendar(year, month, day, Hijri::new_umm_al_qura()).ok()?;
    NaiveDate::from_num_days_from_ce_opt(i32::try_from(date.to_rata_die().to_i64_date()).ok()?)
}

fn lunar_year(day: NaiveDate) -> i32 {
    let days = RataDie::new(i64::from(day.num_days_from_ce()));
    Date::from_rata_die(days, Hijri::new_umm_al_qura()).year().extended_year()
}

/// The same day of other years as `first`: by the Jalali calendar where the shop lives by it.
#[must_use]
pub fn each_year(first: NaiveDate, by_jalali: bool) -> Day {
    if by_jalali {
        let Jalali { month, day, .. } = jalali::from_date(first);
        return Day::Jalali { year: None, month, day };
    }
    let small = |n: u32| u8::try_from(n).unwrap_or(1);
    Day::Gregorian { year: None, month: small(first.month()), day: small(first.day()) }
}

/// The midnight that begins a day in the shop's zone.
#[must_use]
pub fn midnight(tz: Tz, day: NaiveDate) -> At {
    hours::instant(tz, day, NaiveTime::MIN)
}

/// A wall clock's moment in the shop's zone.
#[must_use]
pub fn moment(tz: Tz, at: NaiveDateTime) -> At {
    hours::instant(tz, at.date(), at.time())
}

/// The day that it is in the shop's zone.
#[must_use]
pub fn day_of(tz: Tz, at: At) -> NaiveDate {
    at.utc().with_timezone(&tz).date_naive()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn next(named: NamedDay, today: &str) -> String {
        let today = date(today);
        let coming = comings(Day::Named(named), today).into_iter().find(|c| c.on >= today).unwrap();
        coming.on.to_string()
    }

    #[test]
    fn named_days_come_when_calendars_say() {
        for (named, on) in [
            (NamedDay::Yalda, "2026-12-21"),
            (NamedDay::Nowruz, "2027-03-21"),
            (NamedDay::Sizdah, "2027-04-02"),
            (NamedDay::Chaharshanbe, "2027-03-16"),
            (NamedDay::School, "2027-09-23"),
            (NamedDay::TeachersDay, "2027-05-02"),
            (NamedDay::Sepandarmazgan, "2027-02-18"),
            (NamedDay::BlackFriday, "2026-11-27"),
            (NamedDay::CyberMonday, "2026-11-30"),
            (NamedDay::Valentine, "2027-02-14"),
            (NamedDay::WomensDay, "2027-03-08"),
            (NamedDay::MothersDayMay, "2027-05-09"),
            (NamedDay::FathersDayJune, "2027-06-20"),
            (NamedDay::SinglesDay, "2027-11-11"),
            (NamedDay::Christmas, "2026-12-25"),
            (NamedDay::NewYear, "2027-01-01"),
        ] {
            assert_eq!(next(named, "2026-11-22"), on, "{named:?}");
        }
        // Lunar ones: within a day of what was kept in Iran.
        for (named, today, kept) in [
            (NamedDay::MothersDay, "2025-11-22", "2025-12-11"),
            (NamedDay::FathersDay, "2025-11-22", "2026-01-03"),
            (NamedDay::Fitr, "2025-11-22", "2026-03-21"),
            (NamedDay::Ghadir, "2025-11-22", "2026-06-04"),
        ] {
            let apart = (date(&next(named, today)) - date(kept)).num_days().abs();
            assert!(apart <= 1, "{named:?}: {}", next(named, today));
        }
    }

    #[test]
    fn every_named_day_comes_every_year() {
        for named in NamedDay::ALL {
            for today in ["2024-01-01", "2026-11-22", "2030-12-31"] {
                let today = date(today);
                let all = comings(Day::Named(*named), today);
                assert_eq!(all.len(), 3, "{named:?}");
                assert!(all[0].on < today && all[2].on > today, "{named:?} {all:?}");
            }
        }
    }

    #[test]
    fn a_leap_day_is_kept_a_day_earlier() {
        let days = |day, today| comings(day, date(today)).iter().map(|c| c.on.to_string()).collect::<Vec<_>>();
        let born = each_year(date("2000-02-29"), false);
        assert_eq!(days(born, "2024-06-01"), ["2023-02-28", "2024-02-29", "2025-02-28"]);
        let born = each_year(date("2025-03-20"), true);
        assert_eq!(born, Day::Jalali { year: None, month: 12, day: 30 });
        assert_eq!(days(born, "2025-01-01"), ["2024-03-19", "2025-03-20", "2026-03-20"]);
    }
}
