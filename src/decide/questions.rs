//! What a way does about the question that its last text put: it waits, goes where an answer leads, or goes on.

use crate::campaign::answers::{Ask, OTHER, Other};
use crate::campaign::model::{Campaign, Jump, Step};
use crate::clock::{At, Span};
use crate::state::model::{Asked, Enrolment, EnrolmentState};

/// A gateway's clock may be behind ours, and some tell only the minute.
pub const SLACK: Span = Span::minutes(2);

/// How a way stands with its last question.
#[derive(Debug, Clone, Copy)]
pub enum Standing<'c> {
    /// Nothing was asked, or the way has gone on since.
    Free,
    WaitsUntil(At),
    /// Answered, or answered by nobody in time: from this step it goes on as this leads, or with the next. Since when.
    GoesOn(&'c Step, Option<&'c Jump>, At),
}

#[must_use]
pub fn standing<'c>(campaign: &'c Campaign, enrolment: &Enrolment, now: At) -> Standing<'c> {
    let Some((step, ask, asked)) = last(campaign, enrolment) else { return Standing::Free };
    let answered = asked.answered.unwrap_or(now).min(now);
    match led(ask, asked) {
        Led::To(jump) => Standing::GoesOn(step, Some(jump), answered),
        Led::On => Standing::GoesOn(step, step.then.as_ref(), answered),
        Led::Nowhere if now < asked.until => Standing::WaitsUntil(asked.until),
        Led::Nowhere => Standing::GoesOn(step, step.then.as_ref(), asked.until),
    }
}

/// The question that this way has not gone on from.
fn last<'c, 'e>(campaign: &'c Campaign, enrolment: &'e Enrolment) -> Option<(&'c Step, &'c Ask, &'e Asked)> {
    let step = campaign.step(enrolment.done.last()?)?;
    Some((step, step.ask.as_ref()?, enrolment.asked.get(&step.id)?))
}

/// Where an answer leads. The first that decides stands.
#[derive(Clone, Copy)]
enum Led<'c> {
    Nowhere,
    /// As without an answer.
    On,
    To(&'c Jump),
}

fn led<'c>(ask: &'c Ask, asked: &Asked) -> Led<'c> {
    match (asked.answer.as_deref(), &ask.other) {
        (None, _) | (Some(OTHER), Other::Tell) => Led::Nowhere,
        (Some(OTHER), Other::Go(jump)) => Led::To(jump),
        (Some(label), _) => ask.labelled(label).and_then(|answer| answer.go.as_ref()).map_or(Led::On, Led::To),
    }
}

/// Every place that an answer led this way to.
fn all_led<'c>(campaign: &'c Campaign, enrolment: &Enrolment) -> impl Iterator<Item = &'c Jump> {
    campaign.steps.iter().filter_map(|step| match led(step.ask.as_ref()?, enrolment.asked.get(&step.id)?) {
        Led::To(jump) => Some(jump),
        Led::Nowhere | Led::On => None,
    })
}

/// Whether an answer given at `at` counts for this question: it was put, its time is not over, nothing was answered that
/// decides, and the way has not gone on.
#[must_use]
pub fn takes_answer(campaign: &Campaign, enrolment: &Enrolment, step: &str, at: At) -> bool {
    enrolment.state == EnrolmentState::Active
        && last(campaign, enrolment).is_some_and(|(last, ask, asked)| {
            last.id == step
                && matches!(led(ask, asked), Led::Nowhere)
                && asked.asked.is_some_and(|put| put <= at.plus(SLACK))
                && at < asked.until
        })
}

/// Whether an answer leads to this step.
#[must_use]
pub fn is_chosen(campaign: &Campaign, enrolment: &Enrolment, step: &str) -> bool {
    all_led(campaign, enrolment).any(|jump| matches!(jump, Jump::Step(id) if id == step))
}

/// Whether the person wrote back, and nothing more comes of it here: no question is open, and where an answer led has been
/// walked to its end.
#[must_use]
pub fn is_answered(campaign: &Campaign, enrolment: &Enrolment, now: At) -> bool {
    let walked =
        || super::steps::next(campaign, enrolment).is_none() && enrolment.texts_until.is_none_or(|until| until < now);
    enrolment.replied.is_some()
        && !matches!(standing(campaign, enrolment, now), Standing::WaitsUntil(_))
        && (all_led(campaign, enrolment).all(|jump| *jump == Jump::End) || walked())
}
