//! What a step does beside its text: tags, points, a word to the staff, another campaign. Pure.

use std::collections::BTreeSet;

use super::check::Check;
use super::file::{RawFile, RawStep};
use super::model::{Campaign, Campaigns, Deed, TextKey, Trigger};
use super::wording::Wording;
use crate::document::{Found, Problems, list};
use crate::problem::Code;
use crate::state::people::read_tag;

impl Check<'_> {
    /// The step's deeds in the order in which they are done; [`look`] sees whether they lead anywhere.
    pub(super) fn deeds(&self, raw: &RawStep, campaign: &Campaign, step: &str, wording: &mut Wording<'_>) -> Vec<Deed> {
        let mut deeds = Vec::new();
        deeds.extend(raw.tag.iter().filter_map(|found| self.tag("tag", found)).map(Deed::Tag));
        deeds.extend(raw.untag.iter().filter_map(|found| self.tag("untag", found)).map(Deed::Untag));
        deeds.extend(raw.points.as_ref().filter(|found| found.value > 0).map(|found| Deed::Points(found.value)));
        if let Some(words) = &raw.tell {
            wording.text(TextKey::tell(&campaign.id, step), words);
            deeds.push(Deed::Tell);
            if campaign.enabled && self.context.settings.staff.is_nobody() {
                let what = "there is nobody to tell: bazgasht.toml names no staff";
                let help = "write `[staff]` with `phones = [\"…\"]` or `webhook = \"https://…\"` there";
                self.problems.add(Code::NobodyToTell, &words.span, what, help);
            }
        }
        deeds.extend(raw.enter.as_ref().map(|found| Deed::Enter(found.value.clone())));
        deeds
    }

    fn tag(&self, key: &str, found: &Found<String>) -> Option<String> {
        let wrong = |why| {
            let what = format!("`{key}` is {:?}: {why}", found.value);
            self.problems.add(Code::BadValue, &found.span, what, format!("write it such as `{key} = \"vip\"`"));
        };
        read_tag(&found.value).map_err(wrong).ok()
    }
}

/// Whether what steps enter is there, waits for it, and does not lead back; and whether somebody enters what waits for it.
pub(super) fn look(campaigns: &Campaigns, raw: &RawFile, problems: &Problems) {
    let mut entered = BTreeSet::new();
    for (raw, campaign) in raw.campaigns.iter().zip(&campaigns.list) {
        for found in raw.steps.iter().filter_map(|step| step.enter.as_ref()) {
            entered.insert(found.value.as_str());
            enters(campaigns, &campaign.id, found, problems);
        }
    }
    for (raw, campaign) in raw.campaigns.iter().zip(&campaigns.list) {
        if raw.trigger.is_some()
            && campaign.enabled
            && campaign.trigger == Trigger::EnteredBy
            && !entered.contains(campaign.id.as_str())
        {
            let what = format!("nothing leads into campaign `{}`: no step enters it", campaign.id);
            let help =
                format!("write `enter = {:?}` in a step of another campaign, or give it another trigger", campaign.id);
            problems.add(Code::NeverReached, &raw.span, what, help);
        }
    }
}

fn enters(campaigns: &Campaigns, from: &str, found: &Found<String>, problems: &Problems) {
    let wanted = found.value.as_str();
    let Some(target) = campaigns.get(wanted) else {
        let ids = campaigns.list.iter().map(|campaign| campaign.id.as_str());
        let near = ids.clone().min_by_key(|id| strsim::damerau_levenshtein(id, wanted));
        let near = near.filter(|id| strsim::damerau_levenshtein(id, wanted) <= 1.max(wanted.chars().count() / 3));
        let meant = near.map_or_else(String::new, |id| format!(": did you mean {id:?}?"));
        let what = format!("`enter` leads to campaign {wanted:?}, which is not in the file{meant}");
        problems.add(Code::UnknownCampaign, &found.span, what, format!("write one of {}", list(ids)));
        return;
    };
    if target.trigger != Trigger::EnteredBy {
        let what =
            format!("`enter` leads to campaign {wanted:?}, which starts by itself with {}", target.trigger.word());
        let help = "a campaign that others lead into has `trigger = { on = \"entered_by\" }`";
        problems.add(Code::NotWithTrigger, &found.span, what, help);
    } else if leads_to(campaigns, wanted, from, &mut BTreeSet::new()) {
        let what =
            format!("`enter` leads to campaign {wanted:?}, which leads back to {from:?}: nobody would ever leave");
        problems.add(Code::JumpsBack, &found.span, what, "lead on to another campaign, or end there");
    }
}

fn leads_to<'c>(campaigns: &'c Campaigns, from: &'c str, wanted: &str, seen: &mut BTreeSet<&'c str>) -> bool {
    if from == wanted {
        return true;
    }
    if !seen.insert(from) {
        return false;
    }
    let steps = campaigns.get(from).into_iter().flat_map(|campaign| &campaign.steps);
    let mut targets = steps.flat_map(|step| &step.deeds).filter_map(|deed| match deed {
        Deed::Enter(target) => Some(target.as_str()),
        _ => None,
    });
    targets.any(|target| leads_to(campaigns, target, wanted, seen))
}
