//! What ends a person's way through a campaign before its last step.

use super::facts::{Facts, Received};
use super::questions;
use super::triggers::{anchor, is_cheaper, subscription_of};
use crate::campaign::model::{Campaign, Exit, Kind, Trigger};
use crate::settings::model::ConsentRule;
use crate::state::model::{Cart, CartState, Enrolment, EnrolmentState, Order, Reason, Subject};

/// The reason to leave now, if there is one. Looks at what is true, not at what just happened: so it does not matter in
/// which order the news came, and the send gate asks the very same question.
#[must_use]
pub fn reason(campaign: &Campaign, enrolment: &Enrolment, facts: &Facts, consent: &ConsentRule) -> Option<Reason> {
    if let Some(reason) = may_not_write(campaign.kind, facts, consent) {
        return Some(reason);
    }
    if facts.now > anchor(campaign, enrolment, facts).plus(campaign.give_up) {
        return Some(Reason::GaveUp);
    }
    if let Some(reason) = untrue(campaign, enrolment, facts) {
        return Some(reason);
    }
    reached_goal(campaign, enrolment, facts).or_else(|| {
        campaign.exits.iter().find_map(|exit| match exit {
            Exit::SegmentLeft => left_segment(campaign, facts),
            exit => left_by(*exit, campaign, enrolment, facts),
        })
    })
}

/// Whether this person must not get texts of this kind at all.
#[must_use]
pub fn may_not_write(kind: Kind, facts: &Facts, consent: &ConsentRule) -> Option<Reason> {
    if facts.contact.phone.is_none() {
        return Some(Reason::NoNumber);
    }
    if facts.opted_out.as_ref().is_some_and(|no| no.stops(kind == Kind::Service, facts.now)) {
        return Some(Reason::OptedOut);
    }
    (kind == Kind::Marketing && !agrees(facts, consent)).then_some(Reason::NoConsent)
}

/// Whether what this person last said, or by the settings bought, allows marketing texts.
fn agrees(facts: &Facts, consent: &ConsentRule) -> bool {
    let said = facts.contact.consent.as_ref();
    if said.is_some_and(|said| !said.marketing) {
        return false;
    }
    match consent {
        ConsentRule::RefusalStops => true,
        ConsentRule::YesNeeded(counted) => {
            said.is_some_and(|said| counted.takes(&said.source))
                || (counted.purchase && facts.orders.iter().any(Order::is_placed))
        }
    }
}

/// What the way is about is not so any more, whatever its exits.
fn untrue(campaign: &Campaign, enrolment: &Enrolment, facts: &Facts) -> Option<Reason> {
    if let Trigger::LowStock { at_most, .. } = campaign.trigger
        && let Some(product) = enrolment.subject.product_id().and_then(|id| facts.products.get(id))
        && product.stock_quantity.is_none_or(|left| left > i64::from(at_most))
    {
        return Some(Reason::Restocked);
    }
    let ended = subscription_of(&enrolment.subject, facts).is_some_and(|s| !s.is_active());
    ended.then_some(Reason::SubscriptionEnded)
}

fn reached_goal(campaign: &Campaign, enrolment: &Enrolment, facts: &Facts) -> Option<Reason> {
    left_by(campaign.goal.exit(), campaign, enrolment, facts)
}

fn left_by(exit: Exit, campaign: &Campaign, enrolment: &Enrolment, facts: &Facts) -> Option<Reason> {
    let order = || facts.order(enrolment.subject.order_id()?);
    match exit {
        Exit::Order => ordered(enrolment, facts).then_some(Reason::Ordered),
        Exit::CartEmptied => cart_gone(enrolment, facts),
        Exit::Review => reviewed(enrolment, facts).then_some(Reason::Reviewed),
        Exit::BoughtOffer => bought_offer(enrolment, facts).then_some(Reason::BoughtOffer),
        Exit::TakenBack => order().is_some_and(Order::is_taken_back).then_some(Reason::TakenBack),
        Exit::Paid => order().is_some_and(Order::is_placed).then_some(Reason::Paid),
        Exit::BoughtProduct => bought_product(enrolment, facts).then_some(Reason::BoughtProduct),
        Exit::InCart => in_cart(enrolment, facts).then_some(Reason::InCart),
        Exit::StockGone => stock_gone(enrolment, facts).then_some(Reason::StockGone),
        Exit::PriceBack => (!is_cheaper(campaign, enrolment, facts)).then_some(Reason::PriceBack),
        Exit::Visited => {
            let followed = |text: &Received| text.enrolment == enrolment.id && text.followed.is_some();
            facts.texts.iter().any(followed).then_some(Reason::Visited)
        }
        Exit::SignedUp => facts.contact.registered.is_some_and(|at| at >= enrolment.since).then_some(Reason::SignedUp),
        Exit::Renewed => subscription_of(&enrolment.subject, facts)
            .is_some_and(|subscription| subscription.is_renewed_since(enrolment.anchor))
            .then_some(Reason::Renewed),
        Exit::Replied => questions::is_answered(campaign, enrolment, facts.now).then_some(Reason::Replied),
        Exit::SegmentLeft => None,
    }
}

/// The person is not in the campaign's segment any more; where the file has no such segment, that says nothing.
fn left_segment(campaign: &Campaign, facts: &Facts) -> Option<Reason> {
    campaign.whose().filter(|segment| !facts.traits.is_in(segment)).map(|_| Reason::SegmentLeft)
}

/// An order of this person, from whatever basket, since this way began; or of a basket of theirs, under whatever number.
fn ordered(enrolment: &Enrolment, facts: &Facts) -> bool {
    let mut placed = facts.placed_since(enrolment.since);
    match &enrolment.subject {
        Subject::Order { id } => placed.any(|o| o.id != *id),
        Subject::Cart { .. } | Subject::Product { .. } | Subject::Moment { .. } => {
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
        Subject::Product { id, .. } => facts.reviews.iter().any(|r| r.at > enrolment.since && r.product_id == *id),
        Subject::Cart { .. } | Subject::Moment { .. } => facts.reviews.iter().any(|r| r.at >= enrolment.since),
    }
}

/// The offered product in an order since this way began; before a product was offered, nothing is.
fn bought_offer(enrolment: &Enrolment, facts: &Facts) -> bool {
    let Some(offer) = &enrolment.offer else { return false };
    facts.placed_since(enrolment.since).any(|o| o.items.iter().any(|i| i.product_id == *offer))
}

/// The subject's product in an order since this way began.
fn bought_product(enrolment: &Enrolment, facts: &Facts) -> bool {
    let Some(product) = enrolment.subject.product_id() else { return false };
    facts.placed_since(enrolment.since).any(|o| o.items.iter().any(|i| i.is(product)))
}

fn stock_gone(enrolment: &Enrolment, facts: &Facts) -> bool {
    let product = enrolment.subject.product_id().and_then(|id| facts.products.get(id));
    product.is_some_and(|product| !product.is_available())
}

fn in_cart(enrolment: &Enrolment, facts: &Facts) -> bool {
    let Some(product) = enrolment.subject.product_id() else { return false };
    facts.cart_in_hand().is_some_and(|cart| cart.items.iter().any(|i| i.is(product)))
}

/// Whether the way is still only waiting for its trigger's time.
#[must_use]
pub fn is_waiting(enrolment: &Enrolment) -> bool {
    enrolment.state == EnrolmentState::Waiting
}
