//! What may be done but is seldom meant: warnings about a campaign's times and gifts. Pure.

use chrono::Weekday;

use super::branches::falls_through;
use super::file::{RawCampaign, RawFile, RawStep};
use super::model::{Campaign, Campaigns, Kind, Off, Start, Step, Trigger};
use super::timing::WEEK;
use crate::clock::Span;
use crate::document::Problems;
use crate::problem::{Code, Label};
use crate::settings::model::{Hours, ServiceHours, Settings};

pub fn look(campaigns: &Campaigns, raw: &RawFile, settings: &Settings, problems: &Problems) {
    let look = Look { campaigns, gap: settings.caps.gap, hours: &settings.hours, problems };
    if campaigns.enabled().next().is_none() && !problems.any_error() {
        let what = "no campaign is enabled: nobody gets a text";
        problems.add(Code::NothingToDo, &(0..0), what, "add a [[campaign]], or write `enabled = true` in one");
    }
    let pairs: Vec<_> = raw.campaigns.iter().zip(&campaigns.list).collect();
    for (n, (raw, campaign)) in pairs.iter().enumerate() {
        if campaign.enabled {
            look.steps(raw, campaign);
        }
        let twin = pairs.iter().take(n).find(|(earlier, other)| {
            earlier.trigger.is_some() && raw.trigger.is_some() && competes((earlier, other), (raw, campaign))
        });
        if let Some((earlier, other)) = twin {
            look.same_trigger(earlier, other, raw, campaign);
        }
    }
}

/// Both run, start with the same thing and want the same: one person would get both.
fn competes(a: (&RawCampaign, &Campaign), b: (&RawCampaign, &Campaign)) -> bool {
    let left_at_checkout = match (&a.1.trigger, &b.1.trigger) {
        // A basket that is left at the checkout is left; a condition of either may divide them.
        (Trigger::CartAbandoned { .. }, Trigger::CheckoutLeft { .. })
        | (Trigger::CheckoutLeft { .. }, Trigger::CartAbandoned { .. }) => !(a.1.is_for_some() || b.1.is_for_some()),
        _ => false,
    };
    a.1.enabled && b.1.enabled && (stands_in_for(a, b) || left_at_checkout && a.1.goal == b.1.goal)
}

/// Whether the one does what the other does, at other times or in other words.
pub(super) fn stands_in_for((raw_a, a): (&RawCampaign, &Campaign), (raw_b, b): (&RawCampaign, &Campaign)) -> bool {
    let same_start = match (&a.trigger, &b.trigger) {
        // How long a basket or an order is left alone does not divide people; nor how long somebody was quiet.
        (a, b) if a.idle() > Span::ZERO => a.word() == b.word(),
        (Trigger::Quiet { .. }, Trigger::Quiet { .. }) => true,
        (Trigger::OrderStatus { statuses: a }, Trigger::OrderStatus { statuses: b }) => {
            a.iter().any(|status| b.contains(status))
        }
        // Only a step leads there.
        (Trigger::EnteredBy, _) => false,
        (a, b) => a == b,
    };
    let who = |raw: &RawCampaign| raw.who.as_ref().map(|found| found.value.clone());
    // Two conditions may well divide the people between the campaigns, one and the same does not.
    let divided = a.is_for_some() && b.is_for_some() && (who(raw_a), &a.segment) != (who(raw_b), &b.segment);
    same_start && a.goal == b.goal && a.offer == b.offer && !divided
}

/// How long after the first step the second is due, where that can be known: both have a text, and the one leads to the other.
fn apart(first: &Step, second: &Step) -> Option<Span> {
    if first.text.is_none() || second.text.is_none() || !falls_through(first, second) || !second.time.is_plain() {
        return None;
    }
    match (first.time.start, second.time.start) {
        (_, Start::Wait(span)) => Some(first.ask.as_ref().map_or(span, |ask| ask.time.plus(span))),
        (Start::After(sooner), Start::After(later)) if first.time.is_plain() && later >= sooner => {
            Some(later.minus(sooner))
        }
        _ => None,
    }
}

struct Look<'a> {
    campaigns: &'a Campaigns,
    gap: Span,
    hours: &'a Hours,
    problems: &'a Problems,
}

impl Look<'_> {
    fn same_trigger(&self, earlier: &RawCampaign, other: &Campaign, raw: &RawCampaign, campaign: &Campaign) {
        let what = format!(
            "campaigns `{}` and `{}` start with the same thing and have the same goal: people would get both",
            other.id, campaign.id
        );
        let help = "write `enabled = false` in one of them, or divide the people by `who` in both";
        let labels = vec![Label { span: earlier.span.clone(), text: "the other one".to_owned() }];
        self.problems.add_with(Code::SameTrigger, &raw.span, what, help, labels);
    }

    fn steps(&self, raw: &RawCampaign, campaign: &Campaign) {
        let steps: Vec<(&RawStep, &Step)> = raw.steps.iter().zip(&campaign.steps).collect();
        for (raw, step) in &steps {
            self.closed_hour(raw, step);
        }
        for pair in steps.windows(2) {
            let [(first_raw, first), (second_raw, second)] = pair else { continue };
            self.shrinks(first, first_raw, second, second_raw);
            if let Some(apart) = apart(first, second) {
                self.too_close(campaign, first, second, second_raw, apart);
                self.overlaps(first, first_raw, second, apart);
            }
        }
    }

    /// A text at an hour at which none may go out waits for the next one.
    fn closed_hour(&self, raw: &RawStep, step: &Step) {
        let (Some(at), Some(found), Some(_)) = (step.time.at, &raw.at, &step.text) else { return };
        if step.kind == Kind::Service && self.hours.service == ServiceHours::Always {
            return;
        }
        let days = WEEK.iter().filter(|(_, day)| step.time.on.is_empty() || step.time.on.contains(day));
        let open = |day: Weekday| {
            let window = usize::try_from(day.num_days_from_monday()).ok().and_then(|day| self.hours.days.get(day));
            window.copied().flatten().is_some_and(|(opens, closes)| opens <= at && (at < closes || closes <= opens))
        };
        if !days.clone().any(|(_, day)| open(*day)) {
            let what = format!(
                "no text may go out at {}: step `{}` would wait for the allowed hours",
                at.format("%H:%M"),
                step.id
            );
            let help = "write an hour within [hours] of bazgasht.toml";
            self.problems.add(Code::ClosedHour, &found.span, what, help);
        }
    }

    fn too_close(&self, campaign: &Campaign, first: &Step, second: &Step, raw: &RawStep, apart: Span) {
        if campaign.kind != Kind::Marketing || apart >= self.gap {
            return;
        }
        let wait = self.gap.minus(apart);
        let outcome = if wait > second.best_before {
            format!("its time is over ({}) before it may go out", second.best_before)
        } else {
            format!("it would wait {wait} more")
        };
        let what = format!(
            "step `{}` comes {apart} after `{}`, but one person gets no two texts within {}: {outcome}",
            second.id, first.id, self.gap
        );
        let (key, least) = match first.time.start {
            Start::After(after) if raw.after.is_some() => ("after", after.plus(self.gap)),
            _ => ("wait", self.gap),
        };
        let help = format!("write `{key} = \"{least}\"` or more (or a smaller `gap` under [caps] in bazgasht.toml)");
        let span = raw.after.as_ref().or(raw.wait.as_ref()).map_or(&raw.span, |found| &found.span);
        self.problems.add(Code::StepsTooClose, span, what, help);
    }

    fn overlaps(&self, first: &Step, raw: &RawStep, second: &Step, apart: Span) {
        // Steps too close for the usual length are reported as such.
        let Some(written) = &raw.best_before else { return };
        if first.best_before <= apart {
            return;
        }
        let what = format!(
            "step `{}` may still go out {} late, when `{}` ({apart} behind it) is due",
            first.id, first.best_before, second.id
        );
        self.problems.add(
            Code::OverlapsNext,
            &written.span,
            what,
            format!("write `best_before = \"{apart}\"` or less"),
        );
    }

    fn shrinks(&self, first: &Step, first_raw: &RawStep, second: &Step, second_raw: &RawStep) {
        let off = |step: &Step| Some(&self.campaigns.coupons.get(step.coupon.as_ref()?)?.off);
        let (Some(before), Some(after), Some(found)) = (off(first), off(second), &second_raw.coupon) else { return };
        if !less(after, before) {
            return;
        }
        let what = format!("step `{}` takes off less than step `{}` before it", second.id, first.id);
        let labels =
            first_raw.coupon.iter().map(|c| Label { span: c.span.clone(), text: "more here".to_owned() }).collect();
        let help = "give the larger discount last: who did not come for more does not come for less";
        self.problems.add_with(Code::DiscountShrinks, &found.span, what, help, labels);
    }
}

/// Whether `a` takes off less than `b`; a share and a sum cannot be compared.
fn less(a: &Off, b: &Off) -> bool {
    let sum = |decimal: &str| crate::money::Money::parse(decimal, crate::money::Currency::EUR).ok().map(|m| m.minor);
    match (a, b) {
        (Off::Percent(a), Off::Percent(b)) => a < b,
        (Off::Amount(a), Off::Amount(b)) => sum(a).zip(sum(b)).is_some_and(|(a, b)| a < b),
        _ => false,
    }
}
