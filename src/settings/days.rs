//! The file of special days: holidays, mourning, Ramadan; from its TOML to [`SpecialDay`]s, or to everything that is wrong
//! with it.

use std::ops::Range;
use std::sync::Arc;

use chrono::{Days, NaiveDate, NaiveTime, Weekday};

use super::model::{Calendar, DayKind, Hours, Opening, SpecialDay, Stretch};
use crate::clock::Span;
use crate::digits;
use crate::document::{Found, Key, Problems, Shape, Table, list, parse};
use crate::jalali::{self, Form, Jalali};
use crate::problem::{Code, Label, Problem, SourceFile};

/// Every table of the file with its keys; the manual is compared with this by a test.
pub static SHAPES: [&Shape; 2] = [&FILE, &DAY];

static FILE: Shape = Shape { name: "the file", keys: &[Key("calendar", &["dates"]), Key("day", &["days", "holiday"])] };

static DAY: Shape = Shape {
    name: "[[day]]",
    keys: &[
        Key("name", &["title"]),
        Key("date", &["on", "every", "day"]),
        Key("dates", &["days"]),
        Key("from", &["start", "first", "since"]),
        Key("to", &["end", "last", "until"]),
        Key("calendar", &[]),
        Key("kind", &["type"]),
        Key("off", &["closed"]),
        Key("hours", &["windows", "times", "open"]),
    ],
};

/// How long before its last mourning day a file is called too short.
const EARLY: Days = Days::new(30);

/// What the file is read against.
pub struct Shop<'a> {
    /// The calendar of dates where the file names none.
    pub calendar: Calendar,
    /// The hours of the week.
    pub hours: &'a Hours,
}

/// The outcome of reading a file of days.
#[derive(Debug)]
pub struct Checked {
    /// What could be read; to be used only when no problem is an error.
    pub days: Vec<SpecialDay>,
    /// `None`: the file has no dated mourning day.
    pub reach: Option<Reach>,
    pub problems: Vec<Problem>,
}

/// How far the mourning days of a file reach. They follow the moon, so the file must name them year by year, and ends.
#[derive(Debug, Clone)]
pub struct Reach {
    pub last: NaiveDate,
    /// The last day as its own calendar has it.
    said: String,
    name: String,
    file: Arc<SourceFile>,
    span: Range<usize>,
}

impl Reach {
    /// A warning once the last mourning day is near or over.
    #[must_use]
    pub fn behind(&self, today: NaiveDate) -> Option<Problem> {
        let soon = today.checked_add_days(EARLY).unwrap_or(today);
        (soon > self.last).then(|| Problem {
            code: Code::DaysEnd,
            file: Arc::clone(&self.file),
            span: self.span.clone(),
            what: format!("the mourning days end with {}, {}: later ones are not known", self.said, self.name),
            help: "add the new year's dates from the printed calendar: they come about 11 days earlier every year"
                .to_owned(),
            labels: Vec::new(),
        })
    }
}

/// Reads and checks a file of days; `name` is what problems call it.
#[must_use]
pub fn load(name: &str, source: &str, shop: &Shop<'_>) -> Checked {
    let problems = Problems::of(SourceFile::new(name, source));
    let root = parse(source, &problems);
    let file = Table::new(root.get_ref(), 0..0, &FILE, &problems);
    let calendar = calendar(&file).unwrap_or(shop.calendar);
    let mut reach: Option<Reach> = None;
    let mut days = Vec::new();
    for table in file.tables("day", &DAY) {
        let entry = Entry { table: &table, calendar: self::calendar(&table).unwrap_or(calendar), shop };
        let Some((day, last)) = entry.read() else { continue };
        if let Some((last, span)) = last.filter(|_| day.kind == Some(DayKind::Mourning))
            && reach.as_ref().is_none_or(|r| r.last < last)
        {
            let said = say(entry.calendar, last);
            reach = Some(Reach { last, said, name: day.name.clone(), file: Arc::clone(&problems.file), span });
        }
        days.push(day);
    }
    Checked { days, reach, problems: problems.into_list() }
}

/// A day as the file writes it.
fn say(calendar: Calendar, day: NaiveDate) -> String {
    match calendar {
        Calendar::Jalali => jalali::say(day, Form::Short).replace('/', "-"),
        Calendar::Gregorian => jalali::say_gregorian(day, Form::Short),
    }
}

fn calendar(table: &Table<'_>) -> Option<Calendar> {
    let words = [("jalali", Calendar::Jalali), ("gregorian", Calendar::Gregorian)];
    table.text("calendar").and_then(|c| table.problems.word("calendar", &c, &words))
}

/// A date of the file: once, or every year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    Once(NaiveDate),
    Yearly(u8, u8),
}

struct Entry<'e> {
    table: &'e Table<'e>,
    calendar: Calendar,
    shop: &'e Shop<'e>,
}

/// A dated day, and where it stands.
type Last = (NaiveDate, Range<usize>);

impl Entry<'_> {
    /// The day, and its last date if it has one with a year.
    fn read(&self) -> Option<(SpecialDay, Option<Last>)> {
        let name = self.table.needed_text("name", "give it a name that you will recognise: `name = \"…\"`");
        let kinds = [("mourning", DayKind::Mourning), ("holiday", DayKind::Holiday)];
        let kind = self.table.text("kind").map(|k| self.table.problems.word("kind", &k, &kinds));
        let stretches = self.stretches();
        // A kind that is misspelt was reported: what it would have meant is not missing besides.
        let opening = self.opening(kind.unwrap_or_default(), kind.is_some());
        let last = stretches.iter().filter_map(|(stretch, span)| match stretch {
            Stretch::Once { last, .. } => Some((*last, span.clone())),
            Stretch::Yearly { .. } => None,
        });
        let last = last.max_by_key(|(last, _)| *last);
        let stretches: Vec<Stretch> = stretches.into_iter().map(|(stretch, _)| stretch).collect();
        Some((SpecialDay { name: name?.value, kind: kind.flatten(), stretches, opening: opening? }, last))
    }

    fn bad(&self, span: &Range<usize>, what: impl Into<String>, help: impl Into<String>) {
        self.table.problems.add(Code::BadValue, span, what, help);
    }

    /// When it is: one of `date`, `dates`, and `from` with `to`.
    fn stretches(&self) -> Vec<(Stretch, Range<usize>)> {
        let ranged = self.table.has("from") || self.table.has("to");
        let said: Vec<&str> = ["date", "dates"].into_iter().filter(|k| self.table.has(k)).collect();
        let ways = said.iter().copied().chain(ranged.then_some(if self.table.has("from") { "from" } else { "to" }));
        let ways: Vec<&str> = ways.collect();
        match ways.as_slice() {
            [] => self.table.missing(
                "date",
                "write `date = \"1405-04-04\"`, `date = \"01-01\"` for every year, `dates = [\"…\", \"…\"]`, or `from` and `to`",
            ),
            [_] => {}
            [first, .., last] => {
                let labels = vec![Label { span: self.table.key_span(first), text: "and here".to_owned() }];
                let what = format!("{} say when it is, each in its own way", list(&ways));
                let help = "keep one of them, or write a [[day]] for each";
                self.table.problems.add_with(Code::Conflict, &self.table.key_span(last), what, help, labels);
            }
        }
        let one = self.table.text("date").into_iter().map(|found| ("date", found));
        let many = self.table.texts("dates").map(|all| all.value).unwrap_or_default();
        let single = one.chain(many.into_iter().map(|found| ("dates", found)));
        let mut stretches: Vec<(Stretch, Range<usize>)> = single
            .filter_map(|(key, found)| {
                let date = self.date(key, &found)?;
                Some((self.stretch(date, date)?, found.span))
            })
            .collect();
        if ranged {
            stretches.extend(self.range());
        }
        stretches
    }

    fn range(&self) -> Option<(Stretch, Range<usize>)> {
        let from = self.table.needed_text("from", "write the first day: `from = \"1405-11-19\"`");
        let to = self.table.needed_text("to", "write the last day, which counts, too: `to = \"1405-12-18\"`");
        let first = from.as_ref().and_then(|f| self.date("from", f));
        let last = to.as_ref().and_then(|t| self.date("to", t));
        let (from, to, first, last) = (from?, to?, first?, last?);
        let labels = || vec![Label { span: from.span.clone(), text: "from here".to_owned() }];
        let Some(stretch) = self.stretch(first, last) else {
            let what = "one of `from` and `to` has a year, the other has none";
            let help = "write the year in both, or in neither for every year";
            self.table.problems.add_with(Code::Conflict, &to.span, what, help, labels());
            return None;
        };
        if let Stretch::Once { first, last } = stretch
            && last < first
        {
            let what = format!("`to` is {:?}, which is before `from`, {:?}", to.value, from.value);
            self.table.problems.add_with(Code::BadValue, &to.span, what, "write the earlier day in `from`", labels());
            return None;
        }
        Some((stretch, to.span))
    }

    fn stretch(&self, first: Written, last: Written) -> Option<Stretch> {
        match (first, last) {
            (Written::Once(first), Written::Once(last)) => Some(Stretch::Once { first, last }),
            (Written::Yearly(m, d), Written::Yearly(n, e)) => {
                Some(Stretch::Yearly { calendar: self.calendar, first: (m, d), last: (n, e) })
            }
            _ => None,
        }
    }

    fn date(&self, key: &str, found: &Found<String>) -> Option<Written> {
        match read_date(self.calendar, &found.value) {
            Ok(date) => Some(date),
            Err(why) => {
                let such = match self.calendar {
                    Calendar::Jalali => "\"1405-04-04\", or \"04-04\" for every year",
                    Calendar::Gregorian => "\"2026-12-25\", or \"12-25\" for every year",
                };
                let help = format!("write year, month and day, such as {such}");
                self.bad(&found.span, format!("`{key}` is {:?}: {why}", found.value), help);
                None
            }
        }
    }

    /// What may go out on it. Without a word of its own its kind says so.
    fn opening(&self, kind: Option<DayKind>, kind_is_written: bool) -> Option<Opening> {
        let off = self.table.boolean("off");
        let hours = self.table.texts("hours");
        match (off, hours) {
            (Some(off), Some(_)) if off.value => {
                let what = "the day is off, but has hours";
                self.table.problems.add(Code::Conflict, &off.span, what, "keep `off = true` alone, or the hours");
                None
            }
            (_, Some(hours)) => self.windows(&hours),
            (Some(off), None) if off.value => Some(Opening::Off),
            (Some(off), None) => {
                let what = "`off = false` does not say when texts may go out";
                self.bad(&off.span, what, "write `hours = [\"11:00-17:00\"]`, or take the key out");
                None
            }
            (None, None) if self.table.has("off") || self.table.has("hours") => None,
            (None, None) => match kind {
                Some(DayKind::Mourning) => Some(Opening::Off),
                // People sleep as long as on the week's own day off.
                Some(DayKind::Holiday) => Some(Opening::AsOn(match self.calendar {
                    Calendar::Jalali => Weekday::Fri,
                    Calendar::Gregorian => Weekday::Sun,
                })),
                None if kind_is_written => None,
                None => {
                    let help = "write `kind = \"mourning\"` or `kind = \"holiday\"`, `off = true`, or `hours = [\"11:00-17:00\"]`";
                    self.table.missing("kind", help);
                    None
                }
            },
        }
    }

    fn windows(&self, found: &Found<Vec<Found<String>>>) -> Option<Opening> {
        if found.value.is_empty() {
            self.bad(&found.span, "`hours` is empty", "write `off = true` for a day without texts");
            return None;
        }
        let mut windows: Vec<(Window, Range<usize>)> =
            found.value.iter().filter_map(|text| Some((self.window(text)?, text.span.clone()))).collect();
        windows.sort_by_key(|(window, _)| window.start);
        for (earlier, later) in windows.iter().zip(windows.iter().skip(1)) {
            if later.0.start < earlier.0.end {
                let labels = vec![Label { span: earlier.1.clone(), text: "with this one".to_owned() }];
                let what = "two windows of `hours` overlap";
                let help = "write each part of the day once, such as `hours = [\"11:00-17:00\", \"19:30-21:00\"]`";
                self.table.problems.add_with(Code::BadValue, &later.1, what, help, labels);
            }
        }
        let windows: Vec<Window> = windows.into_iter().map(|(window, _)| window).collect();
        self.meets_the_week(&windows, &found.span);
        Some(Opening::Windows(windows.into_iter().map(Window::times).collect()))
    }

    fn meets_the_week(&self, windows: &[Window], span: &Range<usize>) {
        let hours = self.shop.hours;
        let week: Vec<Window> = hours.days.iter().flatten().map(|(start, end)| Window::of(*start, *end)).collect();
        let met = windows.iter().any(|w| week.iter().any(|day| w.less(*day).lasts(hours.stop_before)));
        if !met && !windows.is_empty() && !week.is_empty() {
            let what = "nothing will go out on these days: `hours` lies outside those of every weekday";
            let help = "a special day only takes hours away: write a window inside [hours], or `off = true`";
            self.table.problems.add(Code::OutsideWeek, span, what, help);
        }
    }

    fn window(&self, found: &Found<String>) -> Option<Window> {
        let Some(window) = Window::read(&found.value) else {
            let what = format!("`hours` has {:?}, which is not a window of a day", found.value);
            self.bad(&found.span, what, "write it such as \"11:00-17:00\", from 00:00 to 24:00");
            return None;
        };
        if window.end <= window.start {
            let what = format!("{:?} ends before it begins", found.value);
            self.bad(
                &found.span,
                what,
                "write the earlier time first; a window ends with its day, at 24:00 at the latest",
            );
            return None;
        }
        let margin = self.shop.hours.stop_before;
        if !window.lasts(margin) {
            let what = format!(
                "nothing could go out in {:?}: less the {margin} of `stop_before`, there is no time",
                found.value
            );
            self.bad(&found.span, what, "write a later end, or take the window out");
            return None;
        }
        Some(window)
    }
}

/// Minutes of a day from its start.
#[derive(Clone, Copy)]
struct Window {
    start: u32,
    end: u32,
}

const DAY_MINUTES: u32 = 24 * 60;

impl Window {
    /// An end of 00:00 is the day's end.
    fn of(start: NaiveTime, end: NaiveTime) -> Window {
        let minutes =
            |t: NaiveTime| u32::try_from(t.signed_duration_since(NaiveTime::MIN).num_minutes()).unwrap_or_default();
        let (start, end) = (minutes(start), minutes(end));
        Window { start, end: if end == 0 { DAY_MINUTES } else { end } }
    }

    fn read(text: &str) -> Option<Window> {
        let text = digits::to_ascii(text);
        let (start, end) = text.split_once(['-', '–', '—'])?;
        let time = |t: &str| NaiveTime::parse_from_str(t.trim(), "%H:%M").ok();
        let end = if end.trim() == "24:00" { NaiveTime::MIN } else { time(end)? };
        Some(Window::of(time(start)?, end))
    }

    /// What both have; empty, its end before its start, where they do not meet.
    fn less(self, other: Window) -> Window {
        Window { start: self.start.max(other.start), end: self.end.min(other.end) }
    }

    /// Whether there is time left when handing over stops so long before the end.
    fn lasts(self, margin: Span) -> bool {
        i64::from(self.end.saturating_sub(self.start)) * 60_000 > margin.0
    }

    fn times(self) -> (NaiveTime, NaiveTime) {
        let time =
            |minutes: u32| NaiveTime::from_num_seconds_from_midnight_opt(minutes * 60, 0).unwrap_or(NaiveTime::MIN);
        (time(self.start), time(self.end))
    }
}

/// Years outside these are of another calendar, or mistyped.
const JALALI_YEARS: std::ops::RangeInclusive<i32> = 1300..=1500;
const GREGORIAN_YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;
/// Leap years: what is a day in one of them is a day of some years.
const JALALI_LEAP: i32 = 1403;
const GREGORIAN_LEAP: i32 = 2024;

/// `1405-04-04`, or `04-04` for every year; in Persian digits and with slashes, too.
fn read_date(calendar: Calendar, text: &str) -> Result<Written, String> {
    let plain = digits::to_ascii(text.trim()).replace('/', "-");
    let parts: Option<Vec<u16>> =
        plain.split('-').map(|part| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())?).collect();
    let (year, month, day) = match parts.as_deref() {
        Some([year, month, day]) => (Some(i32::from(*year)), *month, *day),
        Some([month, day]) => (None, *month, *day),
        _ => return Err("it is not a date".to_owned()),
    };
    let small = |n: u16| u8::try_from(n).unwrap_or(u8::MAX);
    let (month, day) = (small(month), small(day));
    let (years, leap, word, other) = match calendar {
        Calendar::Jalali => (JALALI_YEARS, JALALI_LEAP, "Jalali", "gregorian"),
        Calendar::Gregorian => (GREGORIAN_YEARS, GREGORIAN_LEAP, "Gregorian", "jalali"),
    };
    if let Some(year) = year.filter(|y| !years.contains(y)) {
        return Err(format!("{year} is no {word} year; dates of the other calendar need `calendar = \"{other}\"`"));
    }
    let month_days = |year| days_of(calendar, year, month);
    let of_year = year.unwrap_or(leap);
    match month_days(of_year) {
        0 => Err(format!("there is no month {month}: expected 1 to 12")),
        most if !(1..=most).contains(&day) => {
            let of = year.map_or_else(String::new, |y| format!(" of {y}"));
            Err(format!("month {month}{of} has {most} days"))
        }
        _ => Ok(match year {
            Some(year) => Written::Once(date(calendar, year, month, day).ok_or("it is not a date")?),
            None => Written::Yearly(month, day),
        }),
    }
}

fn date(calendar: Calendar, year: i32, month: u8, day: u8) -> Option<NaiveDate> {
    match calendar {
        Calendar::Jalali => jalali::to_date(Jalali { year, month, day }),
        Calendar::Gregorian => NaiveDate::from_ymd_opt(year, u32::from(month), u32::from(day)),
    }
}

/// 0 where there is no such month.
fn days_of(calendar: Calendar, year: i32, month: u8) -> u8 {
    (1..=31).rev().find(|day| date(calendar, year, month, *day).is_some()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use icu_calendar::{Date, cal::Hijri};

    use super::*;
    use crate::campaign::model::Language;
    use crate::problem::render_all;
    use crate::schedule::special;
    use crate::settings::model::ServiceHours;
    use crate::settings::shipped;

    fn week() -> Hours {
        let time = |h| NaiveTime::from_hms_opt(h, 0, 0).unwrap();
        Hours {
            days: [Some((time(9), time(21))); 7],
            stop_before: Span::minutes(15),
            special: Vec::new(),
            service: ServiceHours::Always,
        }
    }

    fn read(calendar: Calendar, source: &str) -> Checked {
        load("days.toml", source, &Shop { calendar, hours: &week() })
    }

    fn shipped_days() -> Checked {
        let checked = read(Calendar::Gregorian, shipped::days(Language::Persian));
        assert!(checked.problems.is_empty(), "{}", render_all(&checked.problems, false));
        checked
    }

    fn jalali(text: &str) -> NaiveDate {
        match read_date(Calendar::Jalali, text).unwrap() {
            Written::Once(date) => date,
            Written::Yearly(..) => panic!("{text} has no year"),
        }
    }

    #[test]
    fn dates_are_read_as_owners_write_them() {
        let ashura = Written::Once("2026-06-25".parse().unwrap());
        for text in ["1405-04-04", "1405/4/4", " ۱۴۰۵/۰۴/۰۴ "] {
            assert_eq!(read_date(Calendar::Jalali, text), Ok(ashura), "{text}");
        }
        assert_eq!(read_date(Calendar::Gregorian, "2026-06-25"), Ok(ashura));
        assert_eq!(read_date(Calendar::Jalali, "12-30"), Ok(Written::Yearly(12, 30)));
        assert_eq!(read_date(Calendar::Gregorian, "02-29"), Ok(Written::Yearly(2, 29)));
        let why = |calendar, text| read_date(calendar, text).unwrap_err();
        assert_eq!(why(Calendar::Jalali, "1405-13-01"), "there is no month 13: expected 1 to 12");
        assert_eq!(why(Calendar::Jalali, "1405-12-30"), "month 12 of 1405 has 29 days");
        assert_eq!(why(Calendar::Jalali, "07-31"), "month 7 has 30 days");
        assert!(why(Calendar::Jalali, "2026-06-25").contains("no Jalali year"));
        assert!(why(Calendar::Gregorian, "1405-04-04").contains("no Gregorian year"));
        for text in ["", "1405", "1405-4-4-4", "4 Tir", "1405-+4-04", "99999999-1-1", "--"] {
            assert_eq!(why(Calendar::Jalali, text), "it is not a date", "{text}");
        }
    }

    #[test]
    fn a_window_may_end_at_midnight_and_windows_are_put_in_order() {
        let checked = read(
            Calendar::Gregorian,
            "day = [{ name = \"x\", date = \"12-21\", hours = [\"18:00-24:00\", \"9:30–11:00\"] }]",
        );
        assert!(checked.problems.is_empty(), "{}", render_all(&checked.problems, false));
        assert_eq!(checked.days[0].opening.to_string(), "09:30-11:00, 18:00-00:00");
    }

    #[test]
    fn kinds_have_an_effect_of_their_own() {
        let opening = |line: &str| {
            let checked = read(Calendar::Jalali, &format!("[[day]]\nname = \"x\"\ndate = \"01-01\"\n{line}"));
            assert!(checked.problems.is_empty(), "{}", render_all(&checked.problems, false));
            checked.days[0].opening.to_string()
        };
        assert_eq!(opening("kind = \"mourning\""), "off");
        assert_eq!(opening("kind = \"holiday\""), "as on Friday");
        assert_eq!(opening("kind = \"holiday\"\ncalendar = \"gregorian\""), "as on Sunday");
        assert_eq!(opening("kind = \"holiday\"\noff = true"), "off");
        assert_eq!(opening("kind = \"mourning\"\nhours = [\"12:00-14:00\"]"), "12:00-14:00");
    }

    #[test]
    fn the_list_says_when_it_ends() {
        let reach = shipped_days().reach.unwrap();
        assert_eq!(reach.last, jalali("1407-12-21"));
        assert!(reach.behind(jalali("1407-11-21")).is_none());
        let behind = reach.behind(jalali("1407-11-22")).unwrap();
        assert_eq!(behind.code, Code::DaysEnd);
        assert_eq!(behind.what, "the mourning days end with 1407-12-21, شهادت امام صادق: later ones are not known");
        let line = shipped::days(Language::Persian).lines().position(|l| l.contains("1407-12-21")).unwrap();
        assert_eq!(behind.place().0, line + 1);
        assert!(read(Calendar::Gregorian, shipped::days(Language::English)).reach.is_none());
    }

    /// The list is written by hand from printed and computed dates; the computed calendar of Umm al-Qura holds it to a day.
    #[test]
    fn lunar_days_agree_with_the_computed_calendar_within_a_day() {
        let days = shipped_days().days;
        let (first, last) = (jalali("1405-01-01"), jalali("1407-12-29"));
        let lunar = |year: i32, month: u8, day: u8| {
            let date = Date::try_new_hijri_with_calendar(year, month, day, Hijri::new_umm_al_qura()).ok()?;
            NaiveDate::from_num_days_from_ce_opt(i32::try_from(date.to_rata_die().to_i64_date()).ok()?)
        };
        for (name, month, day) in [
            ("تاسوعا", 1, 9),
            ("عاشورا", 1, 10),
            ("اربعین", 2, 20),
            ("رحلت پیامبر و شهادت امام حسن", 2, 28),
            ("شهادت امام رضا", 2, 29),
            ("شهادت امام حسن عسکری", 3, 8),
            ("میلاد پیامبر و امام صادق", 3, 17),
            ("شهادت حضرت فاطمه", 6, 3),
            ("ولادت امام علی", 7, 13),
            ("مبعث", 7, 27),
            ("نیمه‌ی شعبان", 8, 15),
            ("شهادت امام علی", 9, 21),
            ("عید فطر", 10, 1),
            ("شهادت امام صادق", 10, 25),
            ("عید قربان", 12, 10),
            ("عید غدیر", 12, 18),
        ] {
            let entry = days.iter().find(|d| d.name == name).unwrap_or_else(|| panic!("{name} is missing"));
            let mut met = 0;
            for year in 1446..=1452 {
                let Some(computed) = lunar(year, month, day).filter(|d| (first..=last).contains(d)) else { continue };
                let near = [computed.pred_opt().unwrap(), computed, computed.succ_opt().unwrap()];
                let hit = near.iter().any(|d| special::on(std::slice::from_ref(entry), *d).next().is_some());
                assert!(hit, "{name}: nothing within a day of {computed}");
                met += 1;
            }
            // No date that is of no lunar year: Fitr has two days each.
            let most = met + 1;
            let written = entry.stretches.len() / if name == "عید فطر" { 2 } else { 1 };
            assert!((met..=most).contains(&written), "{name}: {written} dates, {met} computed");
        }
        let ramadan: Vec<_> = days.iter().filter(|d| d.name == "ماه رمضان").collect();
        for (entry, year) in ramadan.iter().zip([1448, 1449, 1450]) {
            let Stretch::Once { first, last } = entry.stretches[0] else { panic!("a Ramadan without a year") };
            let (start, fitr) = (lunar(year, 9, 1).unwrap(), lunar(year, 10, 1).unwrap());
            assert!(
                (start - first).num_days().abs() <= 1 && (fitr - last).num_days().abs() <= 2,
                "{first} to {last}: {start}, {fitr}"
            );
        }
        assert_eq!(ramadan.len(), 3);
    }
}
