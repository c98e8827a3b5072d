//! What ends a person's way through a campaign before its last step.

use super::facts::Facts;
use crate::campaign::model::Kind;
use crate::campaign::model::{Campaign, Exit, Goal, Trigger};
use crate::clock::At;
use crate::settings::model::ConsentRule;
use crate::state::model::{Cart, CartState, Enrolment, EnrolmentState, Reason, Subject};

/// The reason to leave now, if there is one. Looks at what is true, not at what just happened: so it does not matter in
/// which order the news came, and the send gate asks the very same question.
#[must_use]
pub fn reason(campaign: &Campaign, enrolment: &Enrolment, facts: &Facts, consent: ConsentRule) -> Option<Reason> {
    if let Some(reason) = may_not_write(campaign.kind, facts, consent) {
        return Some(reason);
    }
    if facts.now > anchor(campaign, enrolment, facts).plus(campaign.give_up) {
        return Some(Reason::GaveUp);
    }
    reached_goal(campaign, enrolment, facts)
        .or_else(|| campaign.exits.iter().find_map(|exit| left_by(*exit, enrolment, facts)))
}

/// Whether this person must not get texts of this kind at all.
#[must_use]
pub fn may_not_write(kind: Kind, facts: &Facts, consent: ConsentRule) -> Option<Reason> {
    if facts.contact.phone.is_none() {
        return Some(Reason::NoNumber);
    }
    if facts.opted_out.as_ref().is_some_and(|no| no.stops(kind == Kind::Service, facts.now)) {
        return Some(Reason::OptedOut);
    }
    if kind == Kind::Marketing {
        let said = facts.contact.consent.as_ref().map(|c| c.marketing);
        let allowed = match consent {
            ConsentRule::RefusalStops => said != Some(false),
            ConsentRule::YesNeeded => said == Some(true),
        };
        if !allowed {
            return Some(Reason::NoConsent);
        }
    }
    None
}

/// The trigger's moment, from which delays run: for a basket the last act on the one in hand, which may have moved on.
#[must_use]
pub fn anchor(campaign: &Campaign, enrolment: &Enrolment, facts: &Facts) -> At {
    match (&campaign.trigger, &enrolment.subject) {
        (Trigger::CartAbandoned { .. }, _) => {
            facts.cart_in_hand().map_or(enrolment.anchor, |c| c.last_action.max(enrolment.anchor))
        }
        (Trigger::OrderStatus { status }, Subject::Order { id }) => {
            facts.order(id).and_then(|o| o.reached.get(status)).copied().unwrap_or(enrolment.anchor)
        }
        (Trigger::OrderStatus { .. }, Subject::Cart { .. }) => enrolment.anchor,
    }
}

fn reached_goal(campaign: &Campaign, enrolment: &Enrolment, facts: &Facts) -> Option<Reason> {
    let exit = match campaign.goal {
        Goal::Order => Exit::Order,
        Goal::Review => Exit::Review,
        Goal::Offer => Exit::BoughtOffer,
    };
    left_by(exit, enrolment, facts)
}

fn left_by(exit: Exit, enrolment: &Enrolment, facts: &Facts) -> Option<Reason> {
    match exit {
        Exit::Order => ordered(enrolment, facts).then_some(Reason::Ordered),
        Exit::CartEmptied => cart_gone(enrolment, facts),
        Exit::Review => reviewed(enrolment, facts).then_some(Reason::Reviewed),
        Exit::BoughtOffer => bought_offer(enrolment, facts).then_some(Reason::BoughtOffer),
        Exit::TakenBack => match &enrolment.subject {
            Subject::Order { id } => {
                facts.order(id).is_some_and(crate::state::model::Order::is_taken_back).then_some(Reason::TakenBack)
            }
            Subject::Cart { .. } => None,
        },
    }
}

/// An order of this person, from whatever basket, since this way began; or of a basket of theirs, under whatever number.
fn ordered(enrolment: &Enrolment, facts: &Facts) -> bool {
    let mut placed = facts.placed_since(enrolment.since);
    match &enrolment.subject {
        Subject::Order { id } => placed.any(|o| o.id != *id),
        Subject::Cart { .. } => {
            let bought = |c: &Cart| c.state == CartState::Bought && c.last_action >= enrolment.since;
            placed.next().is_some() || facts.carts.iter().any(bought)
        }
    }
}

fn cart_gone(enrolment: &Enrolment, facts: &Facts) -> Option<Reason> {
    let Subject::Cart { key, .. } = &enrolment.subject else { return None };
    if facts.cart_in_hand().is_some() {
        return None;
    }
    // The basket is not among this person's any more: another number was typed into it.
    Some(if facts.carts.iter().any(|c| c.key == *key) { Reason::CartEmptied } else { Reason::NumberChanged })
}

/// A review of something in the subject's order, since the order; for other subjects, any review since this way began.
fn reviewed(enrolment: &Enrolment, facts: &Facts) -> bool {
    match &enrolment.subject {
        Subject::Order { id } => facts.order(id).is_some_and(|order| {
            facts.reviews.iter().any(|r| {
                r.at >= order.created
                    && (r.order_id.as_deref() == Some(id.as_str())
                        || order.items.iter().any(|i| i.product_id == r.product_id))
            })
        }),
        Subject::Cart { .. } => facts.reviews.iter().any(|r| r.at >= enrolment.since),
    }
}

/// The offered product in an order since this way began; before a product was offered, nothing is.
fn bought_offer(enrolment: &Enrolment, facts: &Facts) -> bool {
    let Some(offer) = &enrolment.offer else { return false };
    facts.placed_since(enrolment.since).any(|o| o.items.iter().any(|i| i.product_id == *offer))
}

/// Whether the way is still only waiting for its trigger's time.
#[must_use]
pub fn is_waiting(enrolment: &Enrolment) -> bool {
    enrolment.state == EnrolmentState::Waiting
}
