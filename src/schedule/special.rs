//! Which special days fall on a date, and which come next.

use chrono::{Datelike, Days, NaiveDate};

use crate::jalali;
use crate::settings::model::{Calendar, SpecialDay, Stretch};

/// How many days ahead is looked: over a year, so that every yearly day is met. A shop that is closed longer sends nothing.
pub const HORIZON_DAYS: u64 = 400;

/// A date by the calendars that yearly days are counted in, month and day.
#[derive(Clone, Copy)]
struct Dated {
    date: NaiveDate,
    jalali: (u8, u8),
    gregorian: (u8, u8),
}

impl Dated {
    fn of(date: NaiveDate) -> Dated {
        let jalali = jalali::from_date(date);
        let small = |n: u32| u8::try_from(n).unwrap_or_default();
        Dated { date, jalali: (jalali.month, jalali.day), gregorian: (small(date.month()), small(date.day())) }
    }

    fn is_in(self, stretch: &Stretch) -> bool {
        match *stretch {
            Stretch::Once { first, last } => (first..=last).contains(&self.date),
            Stretch::Yearly { calendar, first, last } => {
                let day = match calendar {
                    Calendar::Jalali => self.jalali,
                    Calendar::Gregorian => self.gregorian,
                };
                if first <= last { (first..=last).contains(&day) } else { day >= first || day <= last }
            }
        }
    }
}

/// The special days that fall on a date.
pub fn on(days: &[SpecialDay], date: NaiveDate) -> impl Iterator<Item = &SpecialDay> {
    let dated = (!days.is_empty()).then(|| Dated::of(date));
    days.iter().filter(move |day| dated.is_some_and(|d| day.stretches.iter().any(|s| d.is_in(s))))
}

/// A special day as it comes next: its first day that is not over, and its last in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coming<'a> {
    pub day: &'a SpecialDay,
    pub first: NaiveDate,
    pub last: NaiveDate,
}

/// The special days from `today` on, by their beginning, as far as one looks ahead. Each once.
#[must_use]
pub fn coming(days: &[SpecialDay], today: NaiveDate) -> Vec<Coming<'_>> {
    let ahead: Vec<Dated> =
        (0..HORIZON_DAYS).filter_map(|n| Some(Dated::of(today.checked_add_days(Days::new(n))?))).collect();
    let mut coming: Vec<Coming<'_>> = days
        .iter()
        .filter_map(|day| {
            let is_in = |d: &&Dated| day.stretches.iter().any(|s| d.is_in(s));
            let mut run = ahead.iter().skip_while(|d| !is_in(d)).take_while(is_in);
            let first = run.next()?.date;
            Some(Coming { day, first, last: run.last().map_or(first, |d| d.date) })
        })
        .collect();
    coming.sort_by_key(|c| c.first);
    coming
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::model::Opening;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn what_comes_next_is_said_once_and_whole() {
        let day =
            |name: &str, stretches| SpecialDay { name: name.into(), kind: None, stretches, opening: Opening::Off };
        let once = |first, last| Stretch::Once { first: date(first), last: date(last) };
        let days = [
            day(
                "b",
                vec![
                    once("2026-08-04", "2026-08-04"),
                    once("2026-06-24", "2026-06-24"),
                    once("2026-06-25", "2026-06-25"),
                ],
            ),
            day("over", vec![once("2026-06-01", "2026-06-23")]),
            day("a", vec![Stretch::Yearly { calendar: Calendar::Gregorian, first: (6, 20), last: (6, 24) }]),
            day("c", vec![Stretch::Yearly { calendar: Calendar::Jalali, first: (1, 1), last: (1, 1) }]),
        ];
        let said: Vec<(&str, String, String)> = coming(&days, date("2026-06-24"))
            .iter()
            .map(|c| (c.day.name.as_str(), c.first.to_string(), c.last.to_string()))
            .collect();
        let expected =
            [("b", "2026-06-24", "2026-06-25"), ("a", "2026-06-24", "2026-06-24"), ("c", "2027-03-21", "2027-03-21")];
        assert_eq!(said, expected.map(|(n, a, b)| (n, a.to_owned(), b.to_owned())));
    }
}
