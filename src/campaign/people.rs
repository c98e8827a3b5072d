//! `[segments.…]` and `[points]`: whom the owner tells apart, and what they are given for what they do. Pure.

use std::ops::Range;

use chrono::NaiveDate;

use super::file::{RawFile, RawPoints, RawSegment};
use super::model::{PointsRule, Segment, TextKey};
use super::trigger::{Day, check as days};
use super::wording::Wording;
use crate::clock::Span;
use crate::document::{Found, Problems, list};
use crate::jalali::{self, Jalali};
use crate::money::{Currency, Money};
use crate::problem::Code;
use crate::render::template::Templates;

/// Points for one act; more is a slip of the pen.
const MOST_POINTS: u32 = 1_000_000;

/// Every segment of the file. `id` checks an id as those of campaigns are.
pub(super) fn segments(
    raw: &RawFile,
    wording: &mut Wording<'_>,
    problems: &Problems,
    id: &mut dyn FnMut(&Found<String>) -> String,
) -> Vec<Segment> {
    let mut segments = Vec::new();
    for segment in &raw.segments {
        let id = id(&segment.id);
        let Some(who) = &segment.who else {
            let what = format!("segment `{id}` does not say who is in it");
            let help = "write a condition on the person, such as `who = \"contact.spent >= 20000000\"`";
            problems.add(Code::MissingKey, &segment.id.span, what, help);
            continue;
        };
        wording.condition(TextKey::segment(&id), who);
        let name = segment.name.as_ref().map_or_else(|| id.clone(), |name| name.value.clone());
        segments.push(Segment { id, name, who: who.value.clone() });
    }
    segments
}

/// A segment is of the person alone, and stands on no other segment: who is in it is found anew at each look.
pub(super) fn only_of_the_person(
    raw: &[RawSegment],
    templates: &Templates,
    problems: &Problems,
    place: &dyn Fn(&str, &str) -> Range<usize>,
) {
    for segment in raw {
        let key = TextKey::segment(&segment.id.value);
        for name in templates.names_used(&key) {
            let (what, help) = match name {
                "contact.segments" => (
                    "a segment cannot ask for segments".to_owned(),
                    "write out what the other segment asks, with `and`, `or` and `not`".to_owned(),
                ),
                name if name.starts_with("contact.") => continue,
                name => (
                    format!("`{name}` is not of the person: a segment is asked of people who do nothing just now"),
                    "use `contact.…`; what a basket or an order must be stands in the campaign's `who`".to_owned(),
                ),
            };
            problems.add(Code::NotInSegment, &place(&key, name), what, help);
        }
    }
}

/// Whether there is a segment of this id; says which was meant where there is none.
pub(super) fn is_there(found: &Found<String>, segments: &[Segment], problems: &Problems) -> bool {
    if segments.iter().any(|segment| segment.id == found.value) {
        return true;
    }
    let ids = || segments.iter().map(|segment| segment.id.as_str());
    let meant = nearest_of(&found.value, segments);
    let meant = meant.map_or_else(String::new, |id| format!(": did you mean {id:?}?"));
    let what = format!("no segment has the id {:?}{meant}", found.value);
    let help = match segments.len() {
        0 => format!("add [segments.{}] with `who = \"…\"` to the file", found.value),
        _ => format!("use one of {}, or add [segments.{}]", list(ids()), found.value),
    };
    problems.add(Code::UnknownSegment, &found.span, what, help);
    false
}

fn nearest_of<'s>(written: &str, segments: &'s [Segment]) -> Option<&'s str> {
    // `nearest` compares with words of the program; the owner's ids are few.
    let distance = |id: &str| strsim::damerau_levenshtein(written, id);
    let near = segments.iter().map(|segment| segment.id.as_str()).min_by_key(|id| distance(id))?;
    (distance(near) <= (written.chars().count() / 3).clamp(1, 3)).then_some(near)
}

/// The rule of points, when the file has one and it is on; one that is off is looked at all the same.
pub(super) fn points(raw: Option<&RawPoints>, problems: &Problems) -> Option<PointsRule> {
    let raw = raw?;
    let on = raw.enabled.as_ref().is_none_or(|found| found.value);
    let count = |key: &str, found: Option<&Found<u32>>| {
        let Some(found) = found else { return 0 };
        if found.value > MOST_POINTS {
            let what = format!("`{key}` is {}: expected at most {MOST_POINTS} points", found.value);
            problems.add(Code::BadValue, &found.span, what, "write fewer");
        }
        i64::from(found.value)
    };
    let rule = PointsRule {
        per: raw.per.as_ref().and_then(|found| sum(found, problems)),
        review: count("review", raw.review.as_ref()),
        sign_up: count("sign_up", raw.sign_up.as_ref()),
        birthday: count("birthday", raw.birthday.as_ref()),
        referral: count("referral", raw.referral.as_ref()),
        expires: raw.expires.as_ref().and_then(|found| life(found, problems)),
        since: raw.since.as_ref().and_then(|found| day(found, problems)),
    };
    on.then_some(rule)
}

/// Any currency will do: only its being a sum is looked at, the shop's own is known later.
fn sum(found: &Found<String>, problems: &Problems) -> Option<String> {
    let sum = Money::parse(&found.value, Currency::EUR).ok().filter(|money| money.minor > 0);
    if sum.is_none() {
        let what = format!("`per` is {:?}: expected a sum above 0 in plain digits", found.value);
        problems.add(Code::BadValue, &found.span, what, "write what is paid for one point, such as `per = \"10000\"`");
    }
    sum.map(|_| found.value.trim().to_owned())
}

fn life(found: &Found<String>, problems: &Problems) -> Option<Span> {
    let span = problems.length(Code::BadValue, "expires", found)?;
    if span == Span::ZERO {
        let what = "`expires` is zero: nobody would ever have a point";
        problems.add(Code::BadValue, &found.span, what, "write it such as `expires = \"365 days\"`, or take it out");
        return None;
    }
    Some(span)
}

fn day(found: &Found<String>, problems: &Problems) -> Option<NaiveDate> {
    let day = match days::read_day(&found.value, None) {
        Ok(Day::Jalali { year: Some(year), month, day }) => jalali::to_date(Jalali { year, month, day }),
        Ok(Day::Gregorian { year: Some(year), month, day }) => {
            NaiveDate::from_ymd_opt(year, u32::from(month), u32::from(day))
        }
        _ => None,
    };
    if day.is_none() {
        let what = format!("`since` is {:?}: expected a day", found.value);
        problems.add(Code::BadValue, &found.span, what, "write it such as `since = \"1405-07-01\"` or \"2026-09-23\"");
    }
    day
}
