//! What each trigger sees in a person: the occasions that stand now.
//!
//! An occasion is a pure answer to "what is there?", never "what just happened?": it is the same whenever it is asked, so
//! that it is met once however often somebody looks, and news that comes late or twice can do no harm.

mod days;
mod minded;
mod standing;

use super::engine::Mind;
use super::facts::Facts;
use crate::campaign::model::{Campaign, Step, Trigger};
use crate::campaign::trigger::{Moment, is_an_end};
use crate::clock::{At, Span};
use crate::schedule::{dates, due};
use crate::state::model::{Enrolment, Order, Review, Subject};
use crate::state::people::Membership;

/// How long before a moment that is known in advance its way may begin: the nightly round comes by more than once till then.
const FORESEEN: Span = Span::days(2);
/// What a shop tells of one act of a shopper's comes within so long.
const ONE_ACT: Span = Span::seconds(10);

/// Something that a campaign may begin with, and the moment from which its delays run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occasion {
    pub subject: Subject,
    pub anchor: At,
    /// It stands for many at one time, such as what is long past: the round lets in so many a day.
    pub late: Option<u32>,
}

impl Occasion {
    fn of(subject: Subject, anchor: At) -> Occasion {
        Occasion { subject, anchor, late: None }
    }

    fn moment(name: String, anchor: At) -> Occasion {
        Occasion::of(Subject::Moment { name }, anchor)
    }

    fn product(id: &str, since: At, anchor: At) -> Occasion {
        Occasion::of(Subject::Product { id: id.to_owned(), since }, anchor)
    }

    fn order(order: &Order, anchor: At) -> Occasion {
        Occasion::of(Subject::Order { id: order.id.clone() }, anchor)
    }
}

/// The occasions that this campaign's trigger sees in this person and that are not too late, the newest first.
#[must_use]
pub fn occasions(mind: Mind<'_>, campaign: &Campaign, facts: &Facts) -> Vec<Occasion> {
    let (tz, now) = (mind.shop.timezone, facts.now);
    let all = match &campaign.trigger {
        Trigger::CartAbandoned { .. } => return basket(campaign, facts, false),
        Trigger::CheckoutLeft { .. } => return basket(campaign, facts, true),
        Trigger::OrderStatus { statuses } => order_status(statuses, facts),
        Trigger::OrderShipping { state } => order_status(&[shipping(state)], facts),
        Trigger::PaymentFailed { .. } => unpaid(facts),
        Trigger::ReviewWritten => facts.reviews.iter().map(review).collect(),
        Trigger::ProductViewed { seconds, times, within } => minded::viewed(*seconds, *times, *within, facts),
        Trigger::BackInStock => minded::back(facts),
        Trigger::PriceDrop { percent, among } => minded::cheaper(*percent, among, facts),
        Trigger::LowStock { at_most, among } => minded::low(*at_most, among, facts),
        Trigger::Repurchase { share } => standing::repurchase(*share, &mind.campaigns.cycles, facts),
        Trigger::PageViewed { page, times, within } => standing::page_viewed(page, *times, *within, facts),
        Trigger::SignUp => {
            facts.contact.registered.map(|at| Occasion::moment("sign_up".to_owned(), at)).into_iter().collect()
        }
        Trigger::Quiet { length, a_day } => {
            standing::long_ago(standing::quiet(*length, facts), *a_day, mind, campaign, now)
        }
        Trigger::NoReaction { length, texts, a_day } => {
            standing::long_ago(standing::no_reaction(*length, *texts, facts), *a_day, mind, campaign, now)
        }
        Trigger::Birthday => days::birthday(mind.shop, facts),
        Trigger::Anniversary { of } => days::anniversary(*of, mind.shop, facts),
        Trigger::Date { day } => days::date(*day, tz, now),
        Trigger::SubscriptionRenewal => standing::renewals(tz, facts),
        Trigger::Broadcast { at, segment } => {
            if segment.as_ref().is_some_and(|segment| !facts.traits.is_in(segment)) {
                return Vec::new();
            }
            match at {
                Moment::At(at) => {
                    let name = format!("broadcast/{}", at.format("%Y-%m-%dT%H:%M"));
                    vec![Occasion::moment(name, dates::moment(tz, *at))]
                }
                // Once for each campaign, however often it is switched on.
                Moment::Now => {
                    let on = facts.on.get(&campaign.id);
                    on.map(|at| Occasion::moment("broadcast".to_owned(), *at)).into_iter().collect()
                }
            }
        }
        Trigger::Event { name } => standing::happenings(name, facts),
        Trigger::SegmentEntered { segment, a_day } => {
            let came = stays(segment, facts).filter(|stay| stay.until.is_none()).filter_map(|stay| stay.since);
            came.map(|at| standing::turned("segment", segment, at, *a_day, mind, campaign, facts)).collect()
        }
        Trigger::SegmentLeft { segment, a_day } => {
            let left = stays(segment, facts).filter_map(|stay| stay.until);
            left.map(|at| standing::turned("segment-left", segment, at, *a_day, mind, campaign, facts)).collect()
        }
        // Only a step leads here.
        Trigger::EnteredBy => Vec::new(),
    };
    let soon = now.plus(FORESEEN);
    // An order imported years later starts nothing; one that a stopped daemon missed still may.
    let stands = |o: &Occasion| ripe(campaign, o.anchor) <= soon && in_time(mind, campaign, o.anchor, now);
    all.into_iter().filter(stands).collect()
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
        (Trigger::ProductViewed { seconds, .. }, Subject::Product { id, .. }) => {
            minded::last_look(id, *seconds, facts).map(|look| look.max(enrolment.anchor))
        }
        _ => None,
    };
    moved.unwrap_or(enrolment.anchor)
}

/// Whether the product is still so much cheaper as it was when this way began.
#[must_use]
pub fn is_cheaper(campaign: &Campaign, enrolment: &Enrolment, facts: &Facts) -> bool {
    let (Trigger::PriceDrop { percent, .. }, Subject::Product { id, since }) = (&campaign.trigger, &enrolment.subject)
    else {
        return true;
    };
    // Nothing is known of it now, which is no news.
    facts.products.get(id).is_none_or(|product| minded::has_fallen(product, *percent, *since))
}

/// The subscription that a way is about.
#[must_use]
pub fn subscription_of<'f>(subject: &Subject, facts: &'f Facts) -> Option<&'f crate::state::habits::Subscription> {
    let Subject::Moment { name } = subject else { return None };
    let (id, _) = name.strip_prefix("subscription/")?.rsplit_once('/')?;
    facts.subscription(id)
}

/// The event of the owner's own that a way is about.
#[must_use]
pub fn happening_of<'f>(subject: &Subject, facts: &'f Facts) -> Option<&'f crate::state::habits::Happening> {
    let Subject::Moment { name } = subject else { return None };
    let id = name.strip_prefix("event/")?;
    facts.happenings.iter().find(|h| h.id == id)
}

/// From when on exits look at a way that begins at this occasion: from its moment, not from now, as the order may have come
/// before the news of the basket. What is foreseen is waited for from now on, but a day that comes anyway is no reason to mind
/// what is bought before it; nor is the purchase that led here.
#[must_use]
pub fn exits_look_from(campaign: &Campaign, anchor: At, now: At) -> At {
    if campaign.trigger.may_come_of_buying() {
        return anchor.min(now).plus(ONE_ACT);
    }
    anchor.min(if campaign.trigger.comes_anyway() { ripe(campaign, anchor).max(now) } else { now })
}

/// Whether any step can still be of use.
#[must_use]
pub fn in_time(mind: Mind<'_>, campaign: &Campaign, anchor: At, now: At) -> bool {
    now <= anchor.plus(campaign.give_up)
        && due::course(campaign, anchor, mind.shop.timezone).any(|(step, due)| is_good(mind, step, due, now))
}

/// Whether the first text can still go out in time: the later ones may count from when that was given up.
fn is_fresh(mind: Mind<'_>, campaign: &Campaign, anchor: At, now: At) -> bool {
    let first = due::course(campaign, anchor, mind.shop.timezone).find(|(step, _)| step.text.is_some());
    first.is_none_or(|(step, due)| is_good(mind, step, due, now)) && in_time(mind, campaign, anchor, now)
}

fn is_good(mind: Mind<'_>, step: &Step, due: At, now: At) -> bool {
    // Most are far from being late, and need no calendar.
    now <= due.plus(step.best_before) || now <= due::expires(due, step, mind.hours, mind.shop.timezone)
}

fn basket(campaign: &Campaign, facts: &Facts, at_checkout: bool) -> Vec<Occasion> {
    facts
        .cart_in_hand()
        .filter(|cart| !at_checkout || cart.checkout_started.is_some())
        .filter(|cart| facts.now <= cart.last_action.plus(campaign.give_up))
        .map(|cart| Occasion::of(Subject::Cart { key: cart.key.clone(), episode: cart.episode }, cart.last_action))
        .into_iter()
        .collect()
}

fn order_status(statuses: &[String], facts: &Facts) -> Vec<Occasion> {
    let ends = statuses.iter().any(|status| is_an_end(status));
    let standing = facts.orders.iter().filter(|order| ends || !order.is_taken_back());
    standing.filter_map(|order| Some(Occasion::order(order, first_reached(order, statuses)?))).collect()
}

/// Under which a parcel's coming into a state is kept among an order's.
fn shipping(state: &str) -> String {
    format!("shipping:{state}")
}

fn first_reached(order: &Order, statuses: &[String]) -> Option<At> {
    statuses.iter().filter_map(|status| order.reached.get(status)).min().copied()
}

fn unpaid(facts: &Facts) -> Vec<Occasion> {
    facts.orders.iter().filter_map(|order| Some(Occasion::order(order, unpaid_since(order)?))).collect()
}

/// When the order's buyer came back from the bank's page without having paid, or went there.
fn unpaid_since(order: &Order) -> Option<At> {
    if !matches!(order.status.as_str(), "pending" | "failed") {
        return None;
    }
    let failed = order.failed.filter(|_| order.status == "failed");
    failed.or_else(|| order.reached.get(&order.status).copied())
}

/// The latest stay of this person in the segment; what began before anybody looked has no beginning.
fn stays<'f>(segment: &'f str, facts: &'f Facts) -> impl Iterator<Item = &'f Membership> {
    facts.traits.stays.iter().filter(move |stay| stay.segment == segment)
}

fn review(review: &Review) -> Occasion {
    Occasion::product(&review.product_id, review.at, review.at)
}
