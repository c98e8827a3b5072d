//! What each trigger sees in a person: the occasions that stand now.
//!
//! An occasion is a pure answer to "what is there?", never "what just happened?": it is the same whenever it is asked, so
//! that it is met once however often somebody looks, and news that comes late or twice can do no harm.

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::engine::Mind;
use super::facts::Facts;
use crate::campaign::model::{Campaign, Trigger};
use crate::campaign::trigger::{Day, Moment, Since, is_an_end};
use crate::clock::{At, Span};
use crate::schedule::{dates, due};
use crate::state::model::{Enrolment, Order, Review, Subject};
use crate::state::people::Membership;

/// How long before a moment that is known in advance its way may begin: the nightly round comes by more than once till then.
const FORESEEN: Span = Span::days(2);

/// Something that a campaign may begin with, and the moment from which its delays run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occasion {
    pub subject: Subject,
    pub anchor: At,
}

/// The occasions that this campaign's trigger sees in this person and that are not too late, the newest first.
#[must_use]
pub fn occasions(mind: Mind<'_>, campaign: &Campaign, facts: &Facts) -> Vec<Occasion> {
    let tz = mind.shop.timezone;
    let by_jalali = mind.shop.country == "IR";
    let all = match &campaign.trigger {
        Trigger::CartAbandoned { .. } => return basket(campaign, facts, false),
        Trigger::CheckoutLeft { .. } => return basket(campaign, facts, true),
        Trigger::OrderStatus { statuses } => order_status(statuses, facts),
        Trigger::PaymentFailed { .. } => unpaid(facts),
        Trigger::ReviewWritten => reviews(facts),
        Trigger::Quiet { length } => quiet(*length, facts),
        Trigger::Birthday => birthday(tz, by_jalali, facts),
        Trigger::Anniversary { of } => anniversary(*of, tz, by_jalali, facts),
        Trigger::Date { day } => date(*day, tz, facts),
        Trigger::Broadcast { at: Moment::At(at), .. } => {
            vec![moment(format!("broadcast/{}", at.format("%Y-%m-%dT%H:%M")), dates::moment(tz, *at))]
        }
        Trigger::SegmentEntered { segment } => stays(segment, facts)
            .filter_map(|stay| Some(moment(format!("segment/{segment}/{}", stay.since?.0), stay.since?)))
            .filter(|_| facts.traits.is_in(segment))
            .collect(),
        Trigger::SegmentLeft { segment } => stays(segment, facts)
            .filter_map(|stay| Some(moment(format!("segment-left/{segment}/{}", stay.until?.0), stay.until?)))
            .collect(),
        _ => Vec::new(),
    };
    let soon = facts.now.plus(FORESEEN);
    // An order imported years later starts nothing; one that a stopped daemon missed still may.
    let standing = |o: &Occasion| ripe(campaign, o.anchor) <= soon && in_time(mind, campaign, o.anchor, facts.now);
    all.into_iter().filter(standing).collect()
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

fn moment(name: String, anchor: At) -> Occasion {
    Occasion { subject: Subject::Moment { name }, anchor }
}

fn reviews(facts: &Facts) -> Vec<Occasion> {
    let of = |review: &Review| Occasion {
        subject: Subject::Product { id: review.product_id.clone(), since: review.at },
        anchor: review.at,
    };
    facts.reviews.iter().map(of).collect()
}

fn quiet(length: Span, facts: &Facts) -> Vec<Occasion> {
    let last = facts.orders.iter().filter(|o| o.is_placed()).max_by_key(|o| o.placed);
    let of = |order: &Order| Some(moment(format!("quiet/{}", order.id), order.placed?.plus(length)));
    last.and_then(of).into_iter().collect()
}

/// The latest stay of this person in the segment; what began before anybody looked has no beginning.
fn stays<'f>(segment: &'f str, facts: &'f Facts) -> impl Iterator<Item = &'f Membership> {
    facts.traits.stays.iter().filter(move |stay| stay.segment == segment)
}

fn birthday(tz: Tz, by_jalali: bool, facts: &Facts) -> Vec<Occasion> {
    let born = facts.contact.birthday.as_deref().and_then(|day| day.parse::<NaiveDate>().ok());
    born.map(|born| each_year("birthday", born, tz, by_jalali, facts.now)).unwrap_or_default()
}

fn anniversary(of: Since, tz: Tz, by_jalali: bool, facts: &Facts) -> Vec<Occasion> {
    let (name, first) = match of {
        Since::SignUp => ("anniversary/sign_up", facts.contact.registered),
        Since::FirstOrder => ("anniversary/first_order", facts.orders.iter().filter_map(|o| o.placed).min()),
    };
    first.map(|first| each_year(name, dates::day_of(tz, first), tz, by_jalali, facts.now)).unwrap_or_default()
}

/// The returns of a day of somebody's life; the first one is not among them.
fn each_year(name: &str, first: NaiveDate, tz: Tz, by_jalali: bool, now: At) -> Vec<Occasion> {
    let comings = dates::comings(dates::each_year(first, by_jalali), dates::day_of(tz, now));
    let later = comings.into_iter().filter(|coming| coming.on.signed_duration_since(first).num_days() > 300);
    later.map(|coming| moment(named(name, coming.year), dates::midnight(tz, coming.on))).collect()
}

fn date(day: Day, tz: Tz, facts: &Facts) -> Vec<Occasion> {
    let name = match day {
        Day::Named(named) => format!("date/{}", named.word()),
        Day::Jalali { year, month, day } => format!("date/jalali/{}{month:02}-{day:02}", within(year)),
        Day::Gregorian { year, month, day } => format!("date/gregorian/{}{month:02}-{day:02}", within(year)),
    };
    let comings = dates::comings(day, dates::day_of(tz, facts.now));
    comings.iter().map(|coming| moment(named(&name, coming.year), dates::midnight(tz, coming.on))).collect()
}

fn within(year: Option<i32>) -> String {
    year.map(|year| format!("{year}-")).unwrap_or_default()
}

fn named(name: &str, year: Option<i32>) -> String {
    year.map_or_else(|| name.to_owned(), |year| format!("{name}/{year}"))
}
