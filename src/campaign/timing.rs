//! When a step is due, as the file says it. The moment itself is worked out in [`crate::schedule::due`]. Pure.

use std::fmt;

use chrono::{NaiveDate, NaiveTime, Weekday};

use super::file::RawStep;
use super::trigger::Trigger;
use super::trigger::check::read_date;
use crate::clock::Span;
use crate::digits;
use crate::document::{Found, Problems};
use crate::problem::{Code, Label};

/// The week as the file names it, as a Persian week runs.
pub const WEEK: [(&str, Weekday); 7] = [
    ("saturday", Weekday::Sat),
    ("sunday", Weekday::Sun),
    ("monday", Weekday::Mon),
    ("tuesday", Weekday::Tue),
    ("wednesday", Weekday::Wed),
    ("thursday", Weekday::Thu),
    ("friday", Weekday::Fri),
];

/// When a step is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    pub start: Start,
    /// Then at the next such time of day in the shop's zone.
    pub at: Option<NaiveTime>,
    /// And on one of these days; any, when there are none.
    pub on: Vec<Weekday>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// After the trigger's moment.
    After(Span),
    /// Before it, for moments that are known long before they come.
    Before(Span),
    /// After the step before was left; for the first step, after the trigger's moment.
    Wait(Span),
    /// At the beginning of this day.
    Day(NaiveDate),
}

impl Timing {
    #[must_use]
    pub const fn after(span: Span) -> Timing {
        Timing { start: Start::After(span), at: None, on: Vec::new() }
    }

    /// How long before the trigger's moment.
    #[must_use]
    pub const fn lead(&self) -> Span {
        match self.start {
            Start::Before(span) => span,
            _ => Span::ZERO,
        }
    }

    /// It comes some time after another moment, neither on an hour nor on a day of its own.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.at.is_none() && self.on.is_empty()
    }

    /// Due soon after what it is counted from.
    #[must_use]
    pub fn is_soon(&self) -> bool {
        matches!(self.start, Start::After(span) | Start::Wait(span) if span < Span::days(1))
    }
}

/// As the preview says it, from a moment that is said behind it: `24h after`.
impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.on.is_empty() {
            let days = WEEK.iter().filter(|(_, day)| self.on.contains(day)).map(|(word, _)| *word);
            write!(f, "on {} ", days.collect::<Vec<_>>().join(" or "))?;
        }
        if let Some(at) = self.at {
            write!(f, "at {} ", at.format("%H:%M"))?;
        }
        match self.start {
            Start::After(span) => write!(f, "{span} after"),
            Start::Before(span) => write!(f, "{span} before"),
            Start::Wait(span) => write!(f, "{span} after the step before it, behind"),
            Start::Day(day) => write!(f, "on {day}, behind"),
        }
    }
}

/// The step's time; what is wrong with it is reported. Without a time that can be read, at once.
pub(super) fn check(raw: &RawStep, trigger: Option<&Trigger>, problems: &Problems) -> Timing {
    one_of(raw, problems);
    Timing {
        start: start(raw, trigger, problems).unwrap_or(Start::After(Span::ZERO)),
        at: raw.at.as_ref().and_then(|found| time_of_day(found, problems)),
        on: weekdays(raw, problems),
    }
}

fn starts(raw: &RawStep) -> [(&'static str, Option<&Found<String>>); 4] {
    [
        ("after", raw.after.as_ref()),
        ("before", raw.before.as_ref()),
        ("wait", raw.wait.as_ref()),
        ("date", raw.date.as_ref()),
    ]
}

fn one_of(raw: &RawStep, problems: &Problems) {
    let mut written = starts(raw).into_iter().filter_map(|(key, found)| Some((key, found?)));
    let Some((first, first_found)) = written.next() else { return };
    for (key, found) in written {
        let labels = vec![Label { span: first_found.span.clone(), text: format!("`{first}` stands here") }];
        problems.add_with(
            Code::Conflict,
            &found.span,
            format!("step has both `{first}` and `{key}`"),
            "keep one of `after`, `before`, `wait` and `date`; `at` and `on` may stand beside each",
            labels,
        );
    }
    if let (Some(date), Some(on)) = (&raw.date, raw.on.first()) {
        let labels = vec![Label { span: date.span.clone(), text: "the day stands here".to_owned() }];
        problems.add_with(Code::Conflict, &on.span, "step has both `date` and `on`", "keep one of them", labels);
    }
}

fn start(raw: &RawStep, trigger: Option<&Trigger>, problems: &Problems) -> Option<Start> {
    let (key, found) = starts(raw).into_iter().find_map(|(key, found)| Some((key, found?)))?;
    if key == "date" {
        let day = read_date(&found.value);
        if day.is_none() {
            let what = format!("`date` is {:?}: expected a day with its year", found.value);
            problems.add(
                Code::BadValue,
                &found.span,
                what,
                "write it such as `date = \"1405-12-20\"` or \"2027-03-11\"",
            );
        }
        return day.map(Start::Day);
    }
    let span = problems.length(Code::Delay, key, found)?;
    Some(match key {
        "after" => Start::After(span),
        "wait" => Start::Wait(span),
        _ => {
            if let Some(trigger) = trigger.filter(|trigger| !trigger.is_foreseen()) {
                let what =
                    format!("`before` needs a moment that is known before it comes, and {} is not", trigger.word());
                let help = "write `after`, or start with a date, birthday, anniversary or renewal";
                problems.add(Code::NotWithTrigger, &found.span, what, help);
            }
            Start::Before(span)
        }
    })
}

fn time_of_day(found: &Found<String>, problems: &Problems) -> Option<NaiveTime> {
    let time = NaiveTime::parse_from_str(digits::to_ascii(found.value.trim()).as_ref(), "%H:%M").ok();
    if time.is_none() {
        let what = format!("`at` is {:?}: expected a time of day from 00:00 to 23:59", found.value);
        problems.add(Code::BadValue, &found.span, what, "write it such as `at = \"18:00\"`");
    }
    time
}

fn weekdays(raw: &RawStep, problems: &Problems) -> Vec<Weekday> {
    let mut days = Vec::new();
    for found in &raw.on {
        let day = problems.word("on", found, &WEEK);
        days.extend(day.filter(|day| !days.contains(day)));
    }
    days
}
