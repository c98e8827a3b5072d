//! `ask` of a step, as the file says it: from the raw table to a question, or what is wrong with it. Pure.

use std::ops::Range;

use super::answers::{Answer, Ask, OTHER, Other, plain};
use super::branches::jump;
use super::file::{RawAnswer, RawAsk, RawStep};
use crate::clock::Span;
use crate::document::Problems;
use crate::problem::{Code, Label};
use crate::send::replies;

/// Longer than this nobody remembers what was asked.
const LONGEST: Span = Span::days(30);
/// A label stands on a button.
const LONGEST_LABEL: usize = 40;
/// The staff are told.
pub(super) const TELL: &str = "tell";

/// The step's question; none where there is none, or none that can be read.
pub(super) fn check(raw: &RawStep, problems: &Problems) -> Option<Ask> {
    let ask = raw.ask.as_ref()?;
    if raw.text.is_none() {
        let what = "`ask` asks nothing: the step has no text";
        problems.add(Code::MissingKey, &ask.span, what, "write the question: text = \"\"\"…\"\"\"");
    }
    let answers: Vec<(Answer, &RawAnswer)> =
        ask.answers.iter().filter_map(|raw| Some((answer(raw, problems)?, raw))).collect();
    if ask.answers.is_empty() {
        let help = "write `answers = [{ words = [\"1\", \"yes\"], go = \"…\" }, { words = [\"2\", \"no\"] }]`";
        problems.add(Code::MissingKey, &ask.span, "`ask` has no answers", help);
    }
    told_apart(&answers, problems);
    Some(Ask {
        time: time(ask, problems),
        answers: answers.into_iter().map(|(answer, _)| answer).collect(),
        other: match &ask.other {
            Some(found) if found.value != TELL => Other::Go(jump(found)),
            _ => Other::Tell,
        },
        question: ask.question.as_ref().map(|found| found.value.trim().to_owned()).filter(|text| !text.is_empty()),
    })
}

fn time(ask: &RawAsk, problems: &Problems) -> Span {
    let Some(found) = &ask.time else { return LONGEST };
    let Some(span) = problems.length(Code::Delay, "for", found) else { return LONGEST };
    if span == Span::ZERO || span > LONGEST {
        let what = format!("answers are taken for {span}: expected more than nothing and at most {LONGEST}");
        problems.add(Code::Delay, &found.span, what, "write it such as `for = \"3 days\"`");
    }
    span
}

fn answer(raw: &RawAnswer, problems: &Problems) -> Option<Answer> {
    let mut words = Vec::new();
    for found in &raw.words {
        if plain(&found.value).is_empty() {
            let what = format!("answer {:?} has neither letter nor digit", found.value);
            problems.add(Code::BadValue, &found.span, what, "write a word or a number that people answer with");
        } else if replies::wish(&found.value).is_some() {
            let what = format!("{:?} stops texts or starts them again: it is never an answer", found.value);
            problems.add(Code::Conflict, &found.span, what, "choose another word");
        } else {
            words.push(found.value.clone());
        }
    }
    if raw.words.is_empty() {
        let help = "write what people answer with, such as `words = [\"1\", \"yes\"]`";
        problems.add(Code::MissingKey, &raw.span, "answer has no words", help);
    }
    let is_number = |word: &&String| plain(word).chars().all(|c| c.is_ascii_digit());
    let named = words.iter().find(|word| !is_number(word)).or(words.first());
    let label = raw.label.as_ref().map(|found| &found.value).or(named)?.trim().to_owned();
    let span = raw.label.as_ref().map_or(&raw.span, |found| &found.span);
    if label.is_empty() || label.chars().count() > LONGEST_LABEL || label.chars().any(char::is_control) {
        let what = format!("answer's label is {label:?}: expected 1 to {LONGEST_LABEL} characters on one line");
        problems.add(Code::BadValue, span, what, "write it such as `label = \"yes\"`: it stands on a button");
    }
    if label == OTHER {
        let what = format!("answer's label is {OTHER:?}, under which replies in people's own words are counted");
        problems.add(Code::BadValue, span, what, "write another `label`");
    }
    Some(Answer { label, words, go: raw.go.as_ref().map(jump) })
}

/// No reply may be two answers.
fn told_apart(answers: &[(Answer, &RawAnswer)], problems: &Problems) {
    let twice = |what: String, here: &Range<usize>, there: &Range<usize>| {
        let labels = vec![Label { span: there.clone(), text: "the other one".to_owned() }];
        problems.add_with(Code::Conflict, here, what, "nobody could tell which was meant: keep one", labels);
    };
    for (n, (answer, raw)) in answers.iter().enumerate() {
        for (other, earlier) in answers.iter().take(n) {
            let shared = answer.words.iter().find(|word| other.words.iter().any(|w| plain(w) == plain(word)));
            let kin = || answer.kin().find(|kin| other.kin().any(|theirs| theirs == *kin)).and_then(<[_]>::first);
            if let Some(word) = shared {
                twice(format!("{word:?} is said by two answers"), &raw.span, &earlier.span);
            } else if let Some(word) = kin() {
                twice(format!("two answers mean {word:?}"), &raw.span, &earlier.span);
            } else if answer.label == other.label {
                twice(format!("two answers are called {:?}", answer.label), &raw.span, &earlier.span);
            }
        }
    }
}
