//! Where steps lead: what `then` and `otherwise` say, and whether anybody can get there. Pure.

use super::file::{RawCampaign, RawStep};
use super::model::{Campaign, Jump, Step};
use crate::document::{Found, Problems, list};
use crate::problem::Code;

/// What the file calls the end; no step may have it as its id.
pub const END: &str = "end";

/// Where a step leads when it is behind, and when its condition says no; checked by [`check`] once all steps are known.
pub(super) fn jumps(raw: &RawStep, problems: &Problems) -> (Option<Jump>, Option<Jump>) {
    let jump = |found: &Found<String>| match found.value.as_str() {
        END => Jump::End,
        id => Jump::Step(id.to_owned()),
    };
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
        for (key, found) in [("then", &raw.then), ("otherwise", &raw.otherwise)] {
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
pub(super) fn falls_through(step: &Step) -> bool {
    step.then.is_none()
}

fn is_reached(campaign: &Campaign, wanted: &Step) -> bool {
    let mut reached: Vec<bool> = campaign.steps.iter().enumerate().map(|(n, _)| n == 0).collect();
    // Jumps lead forward only, so one pass sees all.
    for (n, step) in campaign.steps.iter().enumerate() {
        if !reached.get(n).copied().unwrap_or_default() {
            continue;
        }
        let no = step.has_when.then_some(step.otherwise.as_ref()).flatten();
        for jump in [Some(step.then.as_ref()), no.map(Some)].into_iter().flatten() {
            let place = match jump {
                None => Some(n + 1),
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
