//! Where somebody stands among a campaign's steps, and where they go on. Jumps lead forward only, so nobody gets a step
//! twice, and everybody comes to an end.

use super::questions::is_chosen;
use crate::campaign::model::{Campaign, Jump, Step};
use crate::state::model::Enrolment;

/// The first step behind the last that was left, those aside left out unless an answer led there; none: all are behind. What the
/// owner puts in front of where somebody stands is not for them.
#[must_use]
pub fn next<'c>(campaign: &'c Campaign, enrolment: &Enrolment) -> Option<&'c Step> {
    if enrolment.led_out {
        return None;
    }
    let behind = campaign.steps.iter().rposition(|step| enrolment.done.contains(&step.id)).map_or(0, |last| last + 1);
    campaign.steps.iter().skip(behind).find(|step| !step.aside || is_chosen(campaign, enrolment, &step.id))
}

/// The step as this person gets it, as far as that is drawn.
#[must_use]
pub fn variant<'c>(step: &'c Step, enrolment: &Enrolment) -> &'c Step {
    step.variant(enrolment.arm(&step.id)).unwrap_or(step)
}

/// Where a step leads once it is behind; none: to the next.
#[must_use]
pub fn leads_to(step: &Step, condition_says_no: bool) -> Option<&Jump> {
    step.otherwise.as_ref().filter(|_| condition_says_no).or(step.then.as_ref())
}

/// The steps between this one and where it leads. A step that is not in the file any more is not waited for: then the next
/// one comes.
#[must_use]
pub fn jumped_over<'c>(campaign: &'c Campaign, step: &Step, jump: Option<&Jump>) -> &'c [Step] {
    let here = campaign.steps.iter().position(|s| s.id == step.id).map_or(campaign.steps.len(), |place| place + 1);
    let there = match jump {
        None => here,
        Some(Jump::End) => campaign.steps.len(),
        Some(Jump::Step(id)) => campaign.steps.iter().position(|s| s.id == *id).unwrap_or(here),
    };
    campaign.steps.get(here..there).unwrap_or_default()
}
