//! What each trigger sees in a person: the occasions that stand now.
//!
//! An occasion is a pure answer to "what is there?", never "what just happened?": it is the same whenever it is asked, so
//! that it is met once however often somebody looks, and news that comes late or twice can do no harm.

use super::engine::Mind;
use super::facts::Facts;
use crate::campaign::model::{Campaign, Trigger};
use crate::campaign::trigger::is_an_end;
use crate::clock::At;
use crate::schedule::due;
use crate::state::model::{Enrolment, Order, Subject};

/// Something that a campaign may begin with, and the moment from which its delays run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occasion {
    pub subject: Subject,
    pub anchor: At,
}

/// The occasions that this campaign's trigger sees in this person and that are not too late, the newest first.
#[must_use]
pub fn occasions(mind: Mind<'_>, campaign: &Campaign, facts: &Facts) -> Vec<Occasion> {
    let all = match &campaign.trigger {
        Trigger::CartAbandoned { .. } => return basket(campaign, facts, false),
        Trigger::CheckoutLeft { .. } => return basket(campaign, facts, true),
        Trigger::OrderStatus { statuses } => order_status(statuses, facts),
        Trigger::PaymentFailed { .. } => unpaid(facts),
        _ => Vec::new(),
    };
    // An order imported years later starts nothing; one that a stopped daemon missed still may.
    all.into_iter().filter(|occasion| in_time(mind, campaign, occasion.anchor, facts.now)).collect()
}

/// When the trigger's time has come: from then on this person may enter.
#[must_use]
pub fn ripe(campaign: &Campaign, anchor: At) -> At {
    anchor.plus(campaign.trigger.idle()).minus(campaign.lead())
}

/// The trigger's moment, from which delays run: for a basket the last act on the one in hand, which may have moved on.
#[must_use]
pub fn anchor(campaign: &Campaign, enrolment: &Enrolment, facts: &Facts) -> At {
    let moved = match (&campaign.trigger, &enrolment.subject) {
        (Trigger::CartAbandoned { .. } | Trigger::CheckoutLeft { .. }, _) => {
            facts.cart_in_hand().map(|cart| cart.last_action.max(enrolment.anchor))
        }
        (Trigger::OrderStatus { statuses }, Subject::Order { id }) => {
            facts.order(id).and_then(|order| first_reached(order, statuses))
        }
        (Trigger::PaymentFailed { .. }, Subject::Order { id }) => facts.order(id).and_then(unpaid_since),
        _ => None,
    };
    moved.unwrap_or(enrolment.anchor)
}

/// Whether any step can still be of use.
#[must_use]
pub fn in_time(mind: Mind<'_>, campaign: &Campaign, anchor: At, now: At) -> bool {
    now <= anchor.plus(campaign.give_up)
        && due::course(campaign, anchor, mind.shop.timezone).any(|(step, due)| {
            // Most are far from being late, and need no calendar.
            now <= due.plus(step.best_before) || now <= due::expires(due, step, mind.hours, mind.shop.timezone)
        })
}

fn basket(campaign: &Campaign, facts: &Facts, at_checkout: bool) -> Vec<Occasion> {
    facts
        .cart_in_hand()
        .filter(|cart| !at_checkout || cart.checkout_started.is_some())
        .filter(|cart| facts.now <= cart.last_action.plus(campaign.give_up))
        .map(|cart| Occasion {
            subject: Subject::Cart { key: cart.key.clone(), episode: cart.episode },
            anchor: cart.last_action,
        })
        .into_iter()
        .collect()
}

fn about(order: &Order, anchor: At) -> Occasion {
    Occasion { subject: Subject::Order { id: order.id.clone() }, anchor }
}

fn order_status(statuses: &[String], facts: &Facts) -> Vec<Occasion> {
    let ends = statuses.iter().any(|status| is_an_end(status));
    let standing = facts.orders.iter().filter(|order| ends || !order.is_taken_back());
    standing.filter_map(|order| Some(about(order, first_reached(order, statuses)?))).collect()
}

fn first_reached(order: &Order, statuses: &[String]) -> Option<At> {
    statuses.iter().filter_map(|status| order.reached.get(status)).min().copied()
}

fn unpaid(facts: &Facts) -> Vec<Occasion> {
    facts.orders.iter().filter_map(|order| Some(about(order, unpaid_since(order)?))).collect()
}

/// When the order's buyer came back from the bank's page without having paid, or went there.
fn unpaid_since(order: &Order) -> Option<At> {
    if !matches!(order.status.as_str(), "pending" | "failed") {
        return None;
    }
    order.reached.get(&order.status).copied()
}
