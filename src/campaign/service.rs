//! `kind = "service"` opens hours, caps, hold-outs, and the way past an opt-out of advertising: it is for news of one's own
//! order, and for answers. Pure.

use std::ops::Range;

use super::file::{RawCampaign, RawFile, RawStep};
use super::model::{Campaign, Campaigns, Kind, Step, Trigger};
use crate::decide::offer;
use crate::document::Problems;
use crate::problem::Code;

/// How a trigger goes with news.
enum Suits {
    Well,
    /// It depends on what the text says.
    Perhaps,
    /// Whatever the text says, nobody has asked for it.
    Never,
}

fn suits(trigger: &Trigger) -> Suits {
    match trigger {
        Trigger::OrderStatus { .. } | Trigger::OrderShipping { .. } | Trigger::PaymentFailed { .. } => Suits::Well,
        Trigger::SignUp
        | Trigger::ReviewWritten
        | Trigger::SubscriptionRenewal
        | Trigger::Event { .. }
        | Trigger::EnteredBy => Suits::Perhaps,
        Trigger::CartAbandoned { .. }
        | Trigger::CheckoutLeft { .. }
        | Trigger::ProductViewed { .. }
        | Trigger::PageViewed { .. }
        | Trigger::BackInStock
        | Trigger::PriceDrop { .. }
        | Trigger::LowStock { .. }
        | Trigger::SegmentEntered { .. }
        | Trigger::SegmentLeft { .. }
        | Trigger::Quiet { .. }
        | Trigger::NoReaction { .. }
        | Trigger::Repurchase { .. }
        | Trigger::Birthday
        | Trigger::Anniversary { .. }
        | Trigger::Date { .. }
        | Trigger::Broadcast { .. } => Suits::Never,
    }
}

/// Whether what is called news is some.
pub(super) fn look(campaigns: &Campaigns, raw: &RawFile, problems: &Problems) {
    for (raw, campaign) in raw.campaigns.iter().zip(&campaigns.list) {
        check(campaigns, raw, campaign, problems);
    }
}

fn check(campaigns: &Campaigns, raw: &RawCampaign, campaign: &Campaign, problems: &Problems) {
    let mut said: Vec<Range<usize>> = Vec::new();
    for (raw_step, step) in raw.steps.iter().zip(&campaign.steps) {
        if step.kind != Kind::Service || step.text.is_none() {
            continue;
        }
        let Some((code, what)) = wrong(campaigns, campaign, raw_step, step) else { continue };
        let found = raw_step.kind.as_ref().or(raw.kind.as_ref());
        let span = found.map_or(&raw_step.span, |found| &found.span);
        // What the campaign says of all its steps is wrong once.
        if !said.contains(span) {
            said.push(span.clone());
            problems.add(code, span, what, "take `kind` out: then hours, caps and consent hold for it");
        }
    }
}

fn wrong(campaigns: &Campaigns, campaign: &Campaign, raw: &RawStep, step: &Step) -> Option<(Code, String)> {
    let news = "and `service` is for news of one's own order";
    // An answer to somebody who has just written.
    if step.aside {
        return None;
    }
    if raw.coupon.is_some() || raw.arms.iter().any(|arm| arm.coupon.is_some()) {
        return Some((Code::NotService, format!("step `{}` gives a coupon, {news}", step.id)));
    }
    if offer::is_spoken_of(campaigns, campaign, step) {
        return Some((Code::NotService, format!("step `{}` offers a product, {news}", step.id)));
    }
    let begins = || format!("campaign `{}` begins with `{}`, {news}", campaign.id, campaign.trigger.word());
    match suits(&campaign.trigger) {
        Suits::Well => None,
        Suits::Perhaps => Some((Code::DoubtfulService, begins())),
        Suits::Never => Some((Code::NotService, begins())),
    }
}
