//! Where steps lead: what `then` and `otherwise` say, and whether anybody can get there. Pure.

use super::answers::Ask;
use super::file::{RawCampaign, RawStep};
use super::model::{Campaign, Jump, Step};
use super::questions::TELL;
use crate::document::{Found, Problems, list};
use crate::problem::Code;

/// What the file calls the end; no step may have it as its id.
pub const END: &str = "end";

/// Where these words of the file lead.
pub(super) fn jump(found: &Found<String>) -> Jump {
    match found.value.as_str() {
        END => Jump::End,
        id => Jump::Step(id.to_owned()),
    }
}

/// Where a step leads when it is behind, and when its condition says no; checked by [`check`] once all steps are known.
pub(super) fn jumps(raw: &RawStep, problems: &Problems) -> (Option<Jump>, Option<Jump>) {
    if let (Some(found), None) = (&raw.otherwise, &raw.when) {
        let what = "`otherwise` says where to go when a condition says no, but the step has none";
        problems.add(Code::NeedsWhen, &found.span, what, "add `when = \"…\"`, or write `then` instead");
    }
    let leaves = raw.leave.as_ref().filter(|leave| leave.value);
    if let (Some(_), Some(then)) = (leaves, &raw.then) {
        let what = "step has both `leave` and `then`";
        problems.add(Code::Conflict, &then.span, what, "keep one of them: `leave = true` is `then = \"end\"`");
    }
    let then = raw.then.as_ref().map(jump).or(leaves.map(|_| Jump::End));
    (raw.otherwise.as_ref().map(jump), then)
}

/// Whether every jump leads forward to a step that is there, and every step is led to.
pub(super) fn check(raw: &RawCampaign, campaign: &Campaign, problems: &Problems) {
    let mut all_known = true;
    for (n, raw) in raw.steps.iter().enumerate() {
        let own = [("then", raw.then.as_ref()), ("otherwise", raw.otherwise.as_ref())];
        let answers = raw.ask.iter().flat_map(|ask| &ask.answers).map(|answer| ("go", answer.go.as_ref()));
        let other = raw.ask.iter().map(|ask| ("other", ask.other.as_ref().filter(|other| other.value != TELL)));
        for (key, found) in own.into_iter().chain(answers).chain(other) {
            if let Some(found) = found {
                all_known &= leads_forward(campaign, n, key, found, problems);
            }
        }
    }
    if !all_known {
        return;
    }
    for (raw, step) in raw.steps.iter().zip(&campaign.steps).filter(|(_, step)| !is_reached(campaign, step)) {
        let what = format!("nothing leads to step `{}`: every way jumps over it", step.id);
        let help = "lead to it with `then` or `otherwise`, or take it out";
        problems.add(Code::NeverReached, raw.id.as_ref().map_or(&raw.span, |id| &id.span), what, help);
    }
}

fn leads_forward(campaign: &Campaign, from: usize, key: &str, found: &Found<String>, problems: &Problems) -> bool {
    let target = found.value.as_str();
    if target == END {
        return true;
    }
    let behind = || campaign.steps.iter().skip(from + 1).map(|step| step.id.as_str());
    match campaign.steps.iter().position(|step| step.id == target) {
        Some(place) if place > from => true,
        Some(_) => {
            let what = format!("`{key}` leads back to step {target:?}: nobody gets the same step twice");
            let help = format!("name a step that stands behind this one, or \"{END}\"");
            problems.add(Code::JumpsBack, &found.span, what, help);
            false
        }
        None => {
            let near = campaign.steps.iter().map(|step| step.id.as_str()).chain([END]);
            let near = near.min_by_key(|id| strsim::damerau_levenshtein(id, target));
            let near = near.filter(|id| strsim::damerau_levenshtein(id, target) <= 1.max(target.chars().count() / 3));
            let meant = near.map_or_else(String::new, |id| format!(": did you mean {id:?}?"));
            let what = format!("`{key}` leads to {target:?}, and the campaign has no such step{meant}");
            let help = format!("write one of {}", list(behind().chain([END])));
            problems.add(Code::UnknownStep, &found.span, what, help);
            false
        }
    }
}

/// Whether the step that stands before this one may lead to it by itself.
pub(super) fn falls_through(step: &Step, next: &Step) -> bool {
    step.then.is_none() && !next.aside
}

/// Steps that only an answer leads to stand aside: nobody comes to them from the step before. Their time runs from the answer.
pub(super) fn set_aside(raw: &RawCampaign, campaign: &mut Campaign, problems: &Problems) {
    let led = |jump: &Jump, id: &str| matches!(jump, Jump::Step(to) if to == id);
    let by_answer = |id: &str| {
        let asks = campaign.steps.iter().filter_map(|step| step.ask.as_ref());
        asks.flat_map(Ask::jumps).any(|jump| led(jump, id))
    };
    let otherwise_too =
        |id: &str| campaign.steps.iter().any(|step| step.then.iter().chain(&step.otherwise).any(|jump| led(jump, id)));
    let aside: Vec<bool> = campaign.steps.iter().map(|step| by_answer(&step.id) && !otherwise_too(&step.id)).collect();
    for ((step, aside), raw) in campaign.steps.iter_mut().zip(aside).zip(&raw.steps) {
        step.aside = aside;
        let from_trigger = raw.after.as_ref().map(|found| ("after", found));
        let from_trigger = from_trigger.or(raw.before.as_ref().map(|found| ("before", found)));
        if let Some((key, found)) = from_trigger.filter(|_| aside) {
            let what = format!("an answer leads to step `{}`, and `{key}` counts from the trigger", step.id);
            let help = "write `wait`, which counts from the answer: `wait = \"0s\"` is at once";
            problems.add(Code::Delay, &found.span, what, help);
        }
    }
}

fn is_reached(campaign: &Campaign, wanted: &Step) -> bool {
    let mut reached: Vec<bool> = campaign.steps.iter().enumerate().map(|(n, _)| n == 0).collect();
    // Jumps lead forward only, so one pass sees all.
    for (n, step) in campaign.steps.iter().enumerate() {
        if !reached.get(n).copied().unwrap_or_default() {
            continue;
        }
        let no = step.has_when.then_some(step.otherwise.as_ref()).flatten();
        let answers = step.ask.iter().flat_map(Ask::jumps).map(Some);
        for jump in [Some(step.then.as_ref()), no.map(Some)].into_iter().flatten().chain(answers) {
            let place = match jump {
                None => campaign.steps.iter().skip(n + 1).position(|next| !next.aside).map(|place| n + 1 + place),
                Some(Jump::End) => None,
                Some(Jump::Step(id)) => campaign.steps.iter().position(|step| step.id == *id),
            };
            if let Some(reached) = place.and_then(|place| reached.get_mut(place)) {
                *reached = true;
            }
        }
    }
    let place = campaign.steps.iter().position(|step| step.id == wanted.id);
    place.and_then(|place| reached.get(place)).copied().unwrap_or_default()
}
