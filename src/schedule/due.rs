//! A step's moment and its best-before.

use chrono::{Datelike, Days, NaiveTime};
use chrono_tz::Tz;

use super::hours::{instant, next_open_for};
use crate::campaign::model::{Campaign, Start, Step, Timing};
use crate::clock::{At, Span};
use crate::settings::model::Hours;

const DAY: Span = Span::days(1);

/// What a step's time is counted from.
#[derive(Debug, Clone, Copy)]
pub struct Since {
    /// The trigger's moment.
    pub anchor: At,
    /// When the step before was left; none: this is the first.
    pub left: Option<At>,
}

/// When the step is due.
#[must_use]
pub fn due(since: Since, step: &Step, tz: Tz) -> At {
    let start = match step.time.start {
        Start::After(span) => since.anchor.plus(span),
        Start::Before(span) => before(since.anchor, span, tz),
        Start::Wait(span) => since.left.unwrap_or(since.anchor).plus(span),
        Start::Day(day) => instant(tz, day, NaiveTime::MIN),
    };
    next_such(start, &step.time, tz)
}

/// The same once its text is planned and the step left: only a moment that moves with the trigger's can still move.
#[must_use]
pub fn due_again(anchor: At, step: &Step, tz: Tz) -> Option<At> {
    let moves = matches!(step.time.start, Start::After(_) | Start::Before(_));
    moves.then(|| due(Since { anchor, left: None }, step, tz))
}

/// After this moment the step's text is stale. Waiting for allowed hours does not count as being late.
#[must_use]
pub fn expires(due: At, step: &Step, hours: &Hours, tz: Tz) -> At {
    next_open_for(hours, step.kind, tz, due).unwrap_or(due).plus(step.best_before)
}

/// Every step with the moment at which it is due when each is left as soon as it is due, and none jumped over.
pub fn course(campaign: &Campaign, anchor: At, tz: Tz) -> impl Iterator<Item = (&Step, At)> {
    campaign.steps.iter().scan(None, move |left, step| {
        let due = due(Since { anchor, left: *left }, step, tz);
        *left = Some(due);
        Some((step, due))
    })
}

/// Days before are days of the calendar: a week before a midnight is a midnight, whatever the clocks were set to between.
fn before(anchor: At, span: Span, tz: Tz) -> At {
    let local = anchor.utc().with_timezone(&tz).naive_local();
    let days = u64::try_from(span.0.div_euclid(DAY.0)).unwrap_or_default();
    let day = local.date().checked_sub_days(Days::new(days));
    let rest = Span(span.0.rem_euclid(DAY.0));
    day.map_or_else(|| anchor.minus(span), |day| instant(tz, day, local.time()).minus(rest))
}

/// The first moment from `start` on that is at the step's time of day and on one of its days.
fn next_such(start: At, time: &Timing, tz: Tz) -> At {
    if time.is_plain() {
        return start;
    }
    let first = start.utc().with_timezone(&tz).date_naive();
    let moment = (0..=8).find_map(|ahead| {
        let day = first.checked_add_days(Days::new(ahead))?;
        if !time.on.is_empty() && !time.on.contains(&day.weekday()) {
            return None;
        }
        let moment = match time.at {
            Some(at) => instant(tz, day, at),
            None => instant(tz, day, NaiveTime::MIN).max(start),
        };
        (moment >= start).then_some(moment)
    });
    moment.unwrap_or(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{NaiveDate, NaiveDateTime, Weekday};
    use chrono_tz::{Asia::Tehran, Europe::Berlin};

    fn at(tz: Tz, text: &str) -> At {
        let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        instant(tz, local.date(), local.time())
    }

    fn said(tz: Tz, t: At) -> String {
        t.utc().with_timezone(&tz).format("%a %Y-%m-%d %H:%M").to_string()
    }

    fn when(start: Start, hour: Option<&str>, on: &[Weekday], left: Option<At>) -> String {
        let time = Timing { start, at: hour.map(|h| NaiveTime::parse_from_str(h, "%H:%M").unwrap()), on: on.to_vec() };
        // A Sunday evening.
        let since = Since { anchor: at(Tehran, "2026-11-22 20:00"), left };
        let step = Step { time, ..crate::campaign::model::tests::step("s") };
        said(Tehran, due(since, &step, Tehran))
    }

    #[test]
    fn a_step_is_due_after_the_trigger_or_after_the_step_before_it() {
        assert_eq!(when(Start::After(Span::hours(24)), None, &[], None), "Mon 2026-11-23 20:00");
        let left = Some(at(Tehran, "2026-11-25 09:30"));
        assert_eq!(when(Start::Wait(Span::days(3)), None, &[], left), "Sat 2026-11-28 09:30");
        assert_eq!(
            when(Start::Wait(Span::days(3)), None, &[], None),
            "Wed 2026-11-25 20:00",
            "of the first: after the trigger"
        );
        let day = NaiveDate::from_ymd_opt(2027, 3, 11).unwrap();
        assert_eq!(when(Start::Day(day), None, &[], left), "Thu 2027-03-11 00:00");
    }

    #[test]
    fn an_hour_and_a_weekday_are_the_next_such() {
        assert_eq!(when(Start::After(Span::ZERO), Some("18:00"), &[], None), "Mon 2026-11-23 18:00");
        assert_eq!(
            when(Start::After(Span::ZERO), Some("20:00"), &[], None),
            "Sun 2026-11-22 20:00",
            "that very minute"
        );
        assert_eq!(when(Start::After(Span::ZERO), None, &[Weekday::Thu], None), "Thu 2026-11-26 00:00");
        assert_eq!(when(Start::After(Span::ZERO), None, &[Weekday::Sun, Weekday::Thu], None), "Sun 2026-11-22 20:00");
        assert_eq!(when(Start::After(Span::ZERO), Some("18:00"), &[Weekday::Sun], None), "Sun 2026-11-29 18:00");
    }

    #[test]
    fn days_before_are_days_of_the_calendar() {
        let birthday = at(Berlin, "2026-03-31 00:00");
        // The clocks went forward on the 29th.
        assert_eq!(said(Berlin, before(birthday, Span::days(7), Berlin)), "Tue 2026-03-24 00:00");
        assert_eq!(said(Berlin, before(birthday, Span::hours(30), Berlin)), "Sun 2026-03-29 18:00");
    }

    #[test]
    fn only_what_hangs_on_the_trigger_moves_with_it() {
        let step = |start| Step {
            time: Timing { start, at: None, on: Vec::new() },
            ..crate::campaign::model::tests::step("s")
        };
        assert_eq!(due_again(At(5), &step(Start::After(Span(2))), Tehran), Some(At(7)));
        assert_eq!(due_again(At(5), &step(Start::Wait(Span(2))), Tehran), None);
    }
}
