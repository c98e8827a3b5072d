//! What has come about without a day of its own: being quiet, being due to buy again, a subscription's end, an owner's event.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use super::{Occasion, is_fresh};
use crate::campaign::model::Campaign;
use crate::clock::{At, Span};
use crate::decide::engine::Mind;
use crate::decide::facts::Facts;
use crate::schedule::dates;
use crate::state::habits::Doing;
use crate::state::model::{MessageId, Order};

/// Fewer say little: two gaps are three purchases.
const OWN: u32 = 2;
const OF_A_PRODUCT: u32 = 5;
const OF_THE_SHOP: u32 = 10;

/// What stands though its moment has long passed begins now, for so many people a day.
pub(super) fn long_ago(
    found: Option<Occasion>,
    a_day: u32,
    mind: Mind<'_>,
    campaign: &Campaign,
    now: At,
) -> Vec<Occasion> {
    let anew = |occasion: Occasion| {
        if is_fresh(mind, campaign, occasion.anchor, now) {
            occasion
        } else {
            Occasion { anchor: now, late: Some(a_day), ..occasion }
        }
    };
    found.map(anew).into_iter().collect()
}

/// Coming into a segment, or leaving it. The ranking of buyers may move many in one night: then so many a day enter, and whose
/// turn has not come waits for it.
pub(super) fn turned(
    what: &str,
    segment: &str,
    at: At,
    a_day: u32,
    mind: Mind<'_>,
    campaign: &Campaign,
    facts: &Facts,
) -> Occasion {
    let occasion = Occasion::moment(format!("{what}/{segment}/{}", at.0), at);
    if facts.traits.standing.as_ref().is_none_or(|standing| standing.since != at) {
        return occasion;
    }
    // Who was moved before the campaign was on does not wait for anything.
    let waits = facts.on.get(&campaign.id).is_some_and(|on| *on <= at) && facts.now <= at.plus(campaign.give_up);
    let anchor = if waits && !is_fresh(mind, campaign, at, facts.now) { facts.now } else { at };
    Occasion { anchor, late: Some(a_day), ..occasion }
}

pub(super) fn quiet(length: Span, facts: &Facts) -> Option<Occasion> {
    let last = facts.orders.iter().filter(|order| order.is_placed()).max_by_key(|order| order.placed)?;
    Some(Occasion::moment(format!("quiet/{}", last.id), last.placed?.plus(length)))
}

pub(super) fn no_reaction(length: Span, texts: u32, facts: &Facts) -> Option<Occasion> {
    let followed = facts.texts.iter().filter_map(|text| text.followed).max();
    let last = followed.into_iter().chain(facts.last_bought()).max().unwrap_or(facts.contact.created);
    let unanswered = facts.texts.iter().filter(|text| !text.service && text.handed >= last);
    let mut unanswered: Vec<(At, MessageId)> = unanswered.map(|text| (text.handed, text.message)).collect();
    unanswered.sort_unstable();
    // Named by the text that made it so many: since when there was no reaction may be told late.
    let (handed, message) = unanswered.get(usize::try_from(texts.max(1)).ok()?.checked_sub(1)?)?;
    Some(Occasion::moment(format!("no_reaction/{}", message.0), last.plus(length).max(*handed)))
}

/// The first day on which the looks of a stretch of days came to so many.
pub(super) fn page_viewed(page: &str, times: u32, within: Span, facts: &Facts) -> Vec<Occasion> {
    let mut days: Vec<(At, u32)> = facts
        .pages
        .iter()
        .filter(|count| matches!(&count.doing, Doing::Page(path) if path == page))
        .map(|count| (count.day, count.count))
        .collect();
    days.sort_unstable();
    let upto = |end: At| -> u32 {
        days.iter().filter(|(day, _)| *day <= end && end.since(*day) < within.max(Span::days(1))).map(|(_, n)| n).sum()
    };
    // Days on end with so many behind them are one occasion.
    let mut met: Option<At> = None;
    let mut before: Option<At> = None;
    for (day, _) in &days {
        let enough = upto(*day) >= times.max(1);
        let goes_on = before.is_some_and(|before| day.since(before) < within.max(Span::days(1)));
        met = match (enough, met) {
            (true, Some(met)) if goes_on => Some(met),
            (true, _) => Some(*day),
            (false, _) => None,
        };
        before = Some(*day);
    }
    let Some(day) = met else { return Vec::new() };
    let ended = day.plus(Span::days(1));
    vec![Occasion::moment(format!("page/{page}/{}", day.0), ended.min(facts.now))]
}

pub(super) fn renewals(tz: Tz, facts: &Facts) -> Vec<Occasion> {
    let active = facts.subscriptions.iter().filter(|subscription| subscription.is_active());
    let of = |s: &crate::state::habits::Subscription| {
        let ends = s.ends?;
        Some(Occasion::moment(format!("subscription/{}/{}", s.id, dates::day_of(tz, s.term.unwrap_or(ends))), ends))
    };
    active.filter_map(of).collect()
}

pub(super) fn happenings(name: &str, facts: &Facts) -> Vec<Occasion> {
    let own = facts.happenings.iter().filter(|happening| happening.name == name);
    own.map(|happening| Occasion::moment(format!("event/{}", happening.id), happening.at)).collect()
}

/// When each product, or the last order's first, is due to be bought again.
pub(super) fn repurchase(share: u32, cycles: &BTreeMap<String, Span>, facts: &Facts) -> Vec<Occasion> {
    let own = facts.gaps();
    let mean = |product: Option<&str>| own.get(&product).and_then(|gaps| gaps.mean(OWN));
    let mut last: BTreeMap<&str, At> = BTreeMap::new();
    let standing = facts.orders.iter().filter(|order| order.is_placed());
    for (order, placed) in standing.filter_map(|order: &Order| Some((order, order.placed?))) {
        for item in order.items.iter() {
            let known = last.entry(&item.product_id).or_insert(placed);
            *known = placed.max(*known);
        }
    }
    let due = |id: &str, bought: At, cycle: Span| {
        let wait = Span((cycle.0 / 100).saturating_mul(i64::from(share)));
        Occasion::product(id, bought, bought.plus(wait))
    };
    let mut found: Vec<Occasion> = Vec::new();
    for (id, bought) in &last {
        let by_shop = cycles.get(*id).or_else(|| {
            let product = facts.products.get(*id)?;
            product.categories.iter().find_map(|category| cycles.get(category))
        });
        let of_all = || facts.product_gaps.get(*id).and_then(|gaps| gaps.mean(OF_A_PRODUCT));
        let own_or_all = || mean(Some(id)).or_else(|| if mean(None).is_some() { None } else { of_all() });
        found.extend(by_shop.copied().or_else(own_or_all).map(|cycle| due(id, *bought, cycle)));
    }
    // What is only known of the person's, or the shop's, buying at all speaks for one product: of many it would be a guess.
    let general = mean(None).or_else(|| facts.shop_gaps.mean(OF_THE_SHOP));
    let newest = facts.orders.iter().filter(|o| o.is_placed()).max_by_key(|o| o.placed);
    if let (Some(cycle), Some((order, placed))) = (general, newest.and_then(|o| Some((o, o.placed?))))
        && let Some(item) = order.items.first()
        && !found.iter().any(|occasion| occasion.subject.product_id() == Some(&item.product_id))
    {
        found.push(due(&item.product_id, placed, cycle));
    }
    found.sort_by_key(|occasion| std::cmp::Reverse(occasion.anchor));
    found
}
