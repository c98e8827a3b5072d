//! Values of what is neither basket nor order: a product, a day, a subscription, an event of the owner's own.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::names;
use super::objects::{Amount, Day, Group, Verbatim};
use crate::campaign::model::{Campaign, Language, Trigger};
use crate::campaign::trigger;
use crate::clock::At;
use crate::decide::facts::Facts;
use crate::money::Money;
use crate::render::values::ShopView;
use crate::schedule::dates;
use crate::state::habits::Subscription;
use crate::state::model::Product;

/// A day that a campaign is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OccasionView {
    pub name: Option<&'static str>,
    pub on: NaiveDate,
    /// How many years it is since it was first.
    pub years: Option<i32>,
}

/// The data of an event of the owner's own.
#[derive(Debug, Clone, Copy)]
pub enum OwnFields<'a> {
    Told(&'a BTreeMap<String, String>),
    /// Of a made-up one every field says this.
    All(Option<&'static str>),
}

impl OccasionView {
    /// None for a campaign that is about no day. `at`: the trigger's moment.
    #[must_use]
    pub fn of(campaign: &Campaign, at: At, facts: &Facts, shop: &ShopView) -> Option<OccasionView> {
        let on = dates::day_of(shop.timezone, at);
        let name = |fa: &'static str, en: &'static str| match shop.language {
            Language::Persian => fa,
            Language::English => en,
        };
        // A leap day is kept a day earlier: of a year and some days it is the whole years that count.
        let since = |first: NaiveDate| {
            let days = on.signed_duration_since(first).num_days().max(0) + 3;
            i32::try_from(days * 10_000 / 3_652_425).ok().filter(|years| *years > 0)
        };
        let of_moment = |first: Option<At>| first.and_then(|first| since(dates::day_of(shop.timezone, first)));
        let (name, years) = match &campaign.trigger {
            Trigger::Birthday => {
                let born = facts.contact.birthday.as_deref().and_then(|day| day.parse().ok());
                (Some(name("تولد", "birthday")), born.and_then(since))
            }
            Trigger::Anniversary { of } => {
                let first = match of {
                    trigger::Since::SignUp => facts.contact.registered,
                    trigger::Since::FirstOrder => facts.first_placed(),
                };
                (Some(name("سالگرد", "anniversary")), of_moment(first))
            }
            Trigger::Date { day: trigger::Day::Named(named) } => (Some(named.said(shop.language)), None),
            Trigger::Date { .. } => (None, None),
            _ => return None,
        };
        Some(OccasionView { name, on, years })
    }
}

pub(super) fn product(product: &Product) -> Group {
    let before = product.fall(1).map(|fall| fall.from).or(product.regular_price);
    let saving = before.zip(product.price).and_then(|(before, now)| {
        let minor = before.minor.checked_sub(now.minor).filter(|minor| *minor > 0)?;
        (before.currency == now.currency).then_some(Money { minor, ..now })
    });
    Group::new("product")
        .with("name", names::shorten(&product.name, usize::MAX))
        .with_some("price", product.price.map(Amount))
        .with_some("regular_price", product.regular_price.map(Amount))
        .with_some("saving", saving.map(Amount))
        .with("url", Verbatim(Arc::from(product.url.as_str())))
        .with_some("stock", product.stock_quantity.filter(|n| *n > 0))
}

pub(super) fn occasion(occasion: OccasionView, today: NaiveDate) -> Group {
    Group::new("occasion")
        .with_some("name", occasion.name)
        .with("date", Day(occasion.on))
        .with("days_left", days_left(occasion.on, today))
        .with_some("years", occasion.years)
}

pub(super) fn subscription(subscription: &Subscription, tz: Tz, today: NaiveDate) -> Group {
    let ends = subscription.ends.map(|ends| dates::day_of(tz, ends));
    Group::new("subscription")
        .with_some("ends", ends.map(Day))
        .with_some("days_left", ends.map(|ends| days_left(ends, today)))
}

pub(super) fn event(fields: OwnFields<'_>) -> Group {
    let group = Group::new("event");
    match fields {
        OwnFields::Told(fields) => {
            fields.iter().fold(group, |group, (name, said)| group.with_own(name, names::shorten(said, usize::MAX)))
        }
        OwnFields::All(said) => group.with_all(said),
    }
}

fn days_left(day: NaiveDate, today: NaiveDate) -> i64 {
    day.signed_duration_since(today).num_days().max(0)
}
