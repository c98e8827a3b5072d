//! The values that texts and conditions may use: their one documented set, and how they come from what is known.

use std::sync::Arc;

use chrono::{NaiveDate, Timelike};
use chrono_tz::Tz;
use minijinja::Value;

use super::moments::{self, OccasionView, OwnFields};
use super::names;
use super::objects::{Amount, Day, Group, Verbatim};
use crate::campaign::model::{CouponCode, CouponSpec, Language, Off};
use crate::clock::{At, Span};
use crate::decide::discount::Discount;
use crate::decide::facts::Facts;
use crate::decide::points;
use crate::money::{Currency, Money};
use crate::settings::model::ConsentRule;
use crate::state::habits::Subscription;
use crate::state::model::{Cart, Coupon, Item, Order, Product};

/// What a value is, and so what may be done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Text,
    /// A link or a code: printed untouched, on a line of its own.
    Code,
    Number,
    /// Money; compared in whole units of its currency.
    Amount,
    /// A day; compared as `2026-11-22`.
    Date,
    /// Yes or no; cannot be printed.
    Flag,
    /// To be walked through with `{% for %}`.
    List,
    /// A list of words: asked with `in`.
    Words,
}

/// Which messages have the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Always,
    /// Campaigns about a basket.
    Cart,
    /// Campaigns about an order.
    Order,
    /// Campaigns about a product.
    Product,
    /// Campaigns about a day: `date`, `birthday`, `anniversary`.
    Occasion,
    /// Campaigns that start with `subscription_renewal`.
    Subscription,
    /// Campaigns that start with `event`.
    Event,
    /// Campaigns with an offer.
    Offer,
    /// Steps with a coupon.
    Coupon,
    /// Texts, not conditions: the link is made when the text is.
    Texts,
}

/// One documented value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name {
    /// Dotted; the fields of a list's items stand under the list's name.
    pub name: &'static str,
    pub shape: Shape,
    pub place: Place,
    /// May be absent where its place has it; a text that prints it without a default is not sent then.
    pub optional: bool,
    pub meaning: &'static str,
    /// As a Persian text prints it.
    pub example: &'static str,
}

const fn name(name: &'static str, shape: Shape, place: Place, meaning: &'static str, example: &'static str) -> Name {
    Name { name, shape, place, optional: false, meaning, example }
}

const fn maybe(name: &'static str, shape: Shape, place: Place, meaning: &'static str, example: &'static str) -> Name {
    Name { name, shape, place, optional: true, meaning, example }
}

/// Everything a text or condition may name. `docs/texts.md` shows the same table, and a test holds the two together.
pub const NAMES: &[Name] = &{
    use Place::{Always, Cart, Coupon, Event, Occasion, Offer, Order, Product, Subscription, Texts};
    use Shape::{Amount, Code, Date, Flag, List, Number, Text, Words};
    [
        maybe("contact.first_name", Text, Always, "first name, when what was typed is one", "سارا"),
        maybe("contact.last_name", Text, Always, "last name, when what was typed is one", "احمدی"),
        maybe("contact.full_name", Text, Always, "first and last name, or the first alone", "سارا احمدی"),
        name("contact.orders", Number, Always, "orders that stand", "۳"),
        name("contact.spent", Amount, Always, "what was paid for them, less refunds", "۱٬۲۵۰٬۰۰۰ تومان"),
        maybe("contact.last_order_days", Number, Always, "whole days since the last order", "۴۰"),
        name("contact.is_new", Flag, Always, "has no order yet", ""),
        maybe("contact.average_order", Amount, Always, "what one order came to on average", "۴۱۶٬۰۰۰ تومان"),
        maybe("contact.first_order_days", Number, Always, "whole days since the first order", "۲۱۰"),
        name("contact.bought", Words, Always, "ids of the products bought, and names of their categories", ""),
        name(
            "contact.member_days",
            Number,
            Always,
            "whole days since the account was made, or the person became known",
            "۳۶۵",
        ),
        name("contact.logins", Number, Always, "log-ins to the account in the last 400 days", "۱۰"),
        name("contact.views", Number, Always, "looks at products in the last 30 days, at most 200", "۳"),
        name("contact.reviews", Number, Always, "reviews written", "۱"),
        name("contact.points", Number, Always, "points that are left", "۱۲۰"),
        name("contact.tags", Words, Always, "tags that steps or the owner put on the person", ""),
        name("contact.segments", Words, Always, "ids of the segments that the person is in", ""),
        maybe("contact.rfm", Text, Always, "name among the buyers, such as `champions`; changes at night", "champions"),
        name("shop.name", Text, Always, "the shop's name", "فروشگاه نمونه"),
        name("shop.url", Code, Always, "the shop's address", "https://shop.example"),
        name("cart.total", Amount, Cart, "the basket's total", "۲۵۰٬۰۰۰ تومان"),
        name("cart.count", Number, Cart, "pieces in the basket", "۲"),
        name("cart.items", List, Cart, "the basket's lines", ""),
        name("cart.items.name", Text, Cart, "the product's name", "کیف چرم"),
        name("cart.items.quantity", Number, Cart, "pieces of it", "۱"),
        maybe("cart.items.price", Amount, Cart, "price of one piece", "۲۰۰٬۰۰۰ تومان"),
        maybe("cart.first_item", Text, Cart, "name of the first product", "کیف چرم"),
        name("cart.at_checkout", Flag, Cart, "the checkout was begun", ""),
        name("cart.minutes_idle", Number, Cart, "whole minutes since the shopper's last act", "۶۰"),
        name("order.number", Text, Order, "the order's number", "1042"),
        name("order.total", Amount, Order, "the order's total", "۴۸۰٬۰۰۰ تومان"),
        name("order.count", Number, Order, "pieces ordered", "۳"),
        name("order.items", List, Order, "the order's lines", ""),
        name("order.items.name", Text, Order, "the product's name", "کیف چرم"),
        name("order.items.quantity", Number, Order, "pieces of it", "۱"),
        maybe("order.items.price", Amount, Order, "price of one piece", "۲۰۰٬۰۰۰ تومان"),
        maybe("order.first_item", Text, Order, "name of the first product", "کیف چرم"),
        name("order.created", Date, Order, "day of the order", "۱ آذر ۱۴۰۵"),
        maybe("order.days_since_completed", Number, Order, "whole days since the order was completed", "۷"),
        maybe("order.tracking_code", Code, Order, "the parcel's number at its carrier", "24680"),
        maybe("order.tracking_url", Code, Order, "where the parcel can be followed", "https://post.example/24680"),
        name("offer.name", Text, Offer, "the offered product", "بند چرم ساعت"),
        maybe("offer.price", Amount, Offer, "its price now", "۹۰٬۰۰۰ تومان"),
        maybe("offer.regular_price", Amount, Offer, "its price without sale", "۱۲۰٬۰۰۰ تومان"),
        name("offer.url", Code, Offer, "its page", "https://shop.example/?p=12"),
        maybe("offer.stock", Number, Offer, "pieces in stock, when the shop counts them", "۴"),
        name("product.name", Text, Product, "the product", "بند چرم ساعت"),
        maybe("product.price", Amount, Product, "its price now", "۹۰٬۰۰۰ تومان"),
        maybe("product.regular_price", Amount, Product, "its price without sale", "۱۲۰٬۰۰۰ تومان"),
        maybe("product.saving", Amount, Product, "what it costs less than before", "۳۰٬۰۰۰ تومان"),
        name("product.url", Code, Product, "its page", "https://shop.example/?p=12"),
        maybe("product.stock", Number, Product, "pieces in stock, when the shop counts them", "۴"),
        maybe("occasion.name", Text, Occasion, "the day's name, when it has one", "یلدا"),
        name("occasion.date", Date, Occasion, "the day", "۳۰ آذر ۱۴۰۵"),
        name("occasion.days_left", Number, Occasion, "days until then: 0 is today", "۳"),
        maybe("occasion.years", Number, Occasion, "years since it was first: of a birthday the age", "۲"),
        name("subscription.ends", Date, Subscription, "the day on which it ends", "۱۰ آذر ۱۴۰۵"),
        name("subscription.days_left", Number, Subscription, "days until then: 0 is today", "۷"),
        maybe("event.NAME", Text, Event, "a field of your own event, by its name", "دورهٔ باریستا"),
        name("coupon.code", Code, Coupon, "the code", "off5"),
        maybe("coupon.percent", Number, Coupon, "percent off, for codes that take a share", "۵"),
        maybe("coupon.amount", Amount, Coupon, "money off, for codes that take an amount", "۵۰٬۰۰۰ تومان"),
        maybe("coupon.ends", Date, Coupon, "the last day on which it works, when it ends", "۱۰ آذر ۱۴۰۵"),
        maybe("coupon.ends_in_days", Number, Coupon, "days until then: 0 is today", "۲"),
        maybe("coupon.lives_hours", Number, Coupon, "hours that a code of one's own works from the click", "۴۸"),
        maybe("coupon.lives_days", Number, Coupon, "the same in whole days", "۲"),
        name("coupon.free_shipping", Flag, Coupon, "it also makes shipping free", ""),
        maybe("coupon.minimum", Amount, Coupon, "the least basket that it is good for", "۵۰۰٬۰۰۰ تومان"),
        name("link", Code, Texts, "the message's short link", "https://shop.example/s/3JcKdsX"),
        name(
            "stop_link",
            Code,
            Texts,
            "where the person stops the shop's texts",
            "https://shop.example/s/3JcKdsX/stop",
        ),
        name("today", Date, Always, "today in the shop's zone", "۱ آذر ۱۴۰۵"),
        name("now.hour", Number, Always, "the hour in the shop's zone, 0 to 23", "۱۷"),
    ]
};

/// The documented value of this dotted name.
#[must_use]
pub fn named(dotted: &str) -> Option<&'static Name> {
    NAMES.iter().find(|n| n.name == dotted).or_else(|| name_in("event", dotted.strip_prefix("event.")?))
}

/// As [`named`], with the name in two halves; the first is empty for `link` and `today`.
#[must_use]
pub fn name_in(group: &str, field: &str) -> Option<&'static Name> {
    NAMES.iter().find(|n| match group {
        "" => n.name == field,
        // The owner's own fields have any name.
        "event" => n.name == OWN_FIELD && !field.is_empty() && !field.contains('.'),
        _ => n.name.strip_prefix(group).and_then(|rest| rest.strip_prefix('.')) == Some(field),
    })
}

/// Whether `NAMES` has values under this name, as under `cart` and `cart.items`.
#[must_use]
pub fn is_group(dotted: &str) -> bool {
    NAMES.iter().any(|n| n.name.strip_prefix(dotted).is_some_and(|rest| rest.starts_with('.')))
}

/// Stands for every field of the owner's own events.
const OWN_FIELD: &str = "event.NAME";

/// The value that ends texts of lines that nobody can answer.
pub(super) const STOP_LINK: &str = "stop_link";

/// Where whoever got the text with this link says that they want no more of them.
fn stop_link(link: &str) -> String {
    format!("{link}/stop")
}

/// What a message is about.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    pub shop: &'a ShopView,
    pub cart: Option<&'a Cart>,
    pub order: Option<&'a Order>,
    pub product: Option<&'a Product>,
    pub occasion: Option<OccasionView>,
    pub subscription: Option<&'a Subscription>,
    /// The data of the owner's own event.
    pub event: Option<OwnFields<'a>>,
    pub offer: Option<&'a Product>,
    pub coupon: Option<&'a CouponView>,
    /// The whole address.
    pub link: Option<&'a str>,
}

impl<'a> Scene<'a> {
    /// About nothing in particular.
    #[must_use]
    pub fn of(shop: &'a ShopView) -> Scene<'a> {
        Scene {
            shop,
            cart: None,
            order: None,
            product: None,
            occasion: None,
            subscription: None,
            event: None,
            offer: None,
            coupon: None,
            link: None,
        }
    }
}

/// The shop as texts need it: settings over what the shop says of itself.
#[derive(Debug, Clone)]
pub struct ShopView {
    pub name: String,
    /// Without a slash at its end.
    pub url: String,
    pub currency: Currency,
    pub timezone: Tz,
    pub language: Language,
    /// ISO 3166 alpha-2.
    pub country: String,
    pub consent: ConsentRule,
}

impl ShopView {
    /// Its people's days are those of the Jalali calendar.
    #[must_use]
    pub fn lives_by_jalali(&self) -> bool {
        self.country == "IR"
    }
}

/// The code that a step gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CouponView {
    /// In the owner's letters. `None`: one of the person's own that was not drawn yet.
    pub code: Option<String>,
    pub off: Off,
    pub ends: Option<At>,
    /// How long one of the person's own works once they have come.
    pub lives: Option<Span>,
    pub free_shipping: bool,
    /// The least basket, decimal in the shop's currency.
    pub minimum: Option<String>,
}

impl CouponView {
    /// `known` is the coupon as the shop told of it; its end is the shop's.
    #[must_use]
    pub fn new(spec: &CouponSpec, known: Option<&Coupon>) -> CouponView {
        CouponView {
            code: spec.shared_code().map(str::to_owned),
            off: spec.off.clone(),
            ends: known.and_then(|c| c.expires),
            lives: None,
            free_shipping: spec.free_shipping,
            minimum: known.map_or_else(|| spec.minimum.clone(), |c| c.minimum.clone()),
        }
    }

    /// One of the person's own, with what it takes off this basket; `None`: there is nothing to give.
    #[must_use]
    pub fn own(spec: &CouponSpec, code: Option<&str>, discount: Option<Discount>) -> CouponView {
        let lives = match &spec.code {
            CouponCode::Own { lives, .. } => *lives,
            CouponCode::Shared(_) => None,
        };
        let Discount { off, minimum } = discount.unwrap_or(Discount { off: Off::Percent(0), minimum: None });
        CouponView { code: code.map(str::to_owned), off, lives, minimum, ..CouponView::new(spec, None) }
    }
}

/// Everything in [`NAMES`] for one person and one message.
#[must_use]
pub fn values(facts: &Facts, scene: &Scene<'_>) -> Value {
    let zone = scene.shop.timezone;
    let local = facts.now.utc().with_timezone(&zone);
    let today = local.date_naive();
    Group::new("")
        .with("contact", contact(facts, scene.shop.currency))
        .with("shop", shop(scene.shop))
        .with("cart", scene.cart.map_or_else(|| Group::absent("cart"), |c| cart(c, facts.now)))
        .with("order", scene.order.map_or_else(|| Group::absent("order"), |o| order(o, facts.now, zone)))
        .with("product", scene.product.map_or_else(|| Group::absent("product"), moments::product))
        .with("occasion", scene.occasion.map_or_else(|| Group::absent("occasion"), |o| moments::occasion(o, today)))
        .with(
            "subscription",
            scene.subscription.map_or_else(|| Group::absent("subscription"), |s| moments::subscription(s, zone, today)),
        )
        .with("event", scene.event.map_or_else(|| Group::absent("event"), moments::event))
        .with("offer", scene.offer.map_or_else(|| Group::absent("offer"), offer))
        .with("coupon", scene.coupon.map_or_else(|| Group::absent("coupon"), |c| coupon(c, scene.shop, today)))
        .with_some("link", scene.link.map(verbatim))
        .with_some(STOP_LINK, scene.link.map(|link| verbatim(&stop_link(link))))
        .with("today", Day(today))
        .with("now", Group::new("now").with("hour", local.hour()))
        .into()
}

fn contact(facts: &Facts, currency: Currency) -> Group {
    let person = &facts.contact;
    // A surname with an address in it would be a stranger's advertisement under the shop's name.
    let first = person.first_name.as_deref().and_then(names::first_name);
    let last = person.last_name.as_deref().and_then(names::first_name);
    let full = match (&first, &last) {
        (Some(first), Some(last)) => Some(format!("{first} {last}")),
        (first, _) => first.clone(),
    };
    let standing = || facts.orders.iter().filter(|o| o.is_placed());
    let spent = standing().map(Order::kept).filter_map(|m| m.checked_add(Money::zero(currency)));
    let spent = spent.fold(Money::zero(currency), |sum, m| sum.checked_add(m).unwrap_or(sum));
    Group::new("contact")
        .with_some("first_name", first)
        .with_some("last_name", last)
        .with_some("full_name", full)
        .with("orders", standing().count())
        .with("spent", Amount(spent))
        .with_some("last_order_days", facts.last_placed().map(|placed| days_between(placed, facts.now)))
        .with("is_new", standing().next().is_none())
        .with_some("average_order", average(spent, standing().count()).map(Amount))
        .with_some("first_order_days", standing().filter_map(|o| o.placed).min().map(|at| days_between(at, facts.now)))
        .with("bought", words(facts.traits.bought.iter()))
        .with("member_days", days_between(person.registered.unwrap_or(person.created), facts.now))
        .with("logins", facts.traits.logins)
        .with("views", facts.traits.views)
        .with("reviews", facts.reviews.len())
        .with("points", points::balance(&facts.traits.ledger, facts.now))
        .with("tags", words(facts.traits.tags.iter().map(|tagged| &tagged.tag)))
        .with("segments", words(facts.traits.segments()))
        .with_some("rfm", facts.traits.standing.as_ref().map(|standing| standing.rfm.word()))
}

fn words(words: impl Iterator<Item = impl AsRef<str>>) -> Value {
    Value::from(words.map(|word| Value::from(word.as_ref())).collect::<Vec<_>>())
}

fn average(spent: Money, orders: usize) -> Option<Money> {
    Some(Money { minor: spent.minor / i64::try_from(orders).ok().filter(|n| *n > 0)?, ..spent })
}

fn shop(shop: &ShopView) -> Group {
    Group::new("shop").with("name", shop.name.as_str()).with("url", verbatim(&shop.url))
}

fn cart(cart: &Cart, now: At) -> Group {
    Group::new("cart")
        .with("total", Amount(cart.total))
        .with("count", pieces(&cart.items))
        .with("items", lines("cart.items", &cart.items, cart.total.currency))
        .with_some("first_item", first_item(&cart.items))
        .with("at_checkout", cart.checkout_started.is_some())
        .with("minutes_idle", now.since(cart.last_action).0.max(0) / 60_000)
}

fn order(order: &Order, now: At, zone: Tz) -> Group {
    let completed = order.reached.get("completed");
    Group::new("order")
        .with("number", order.number.as_str())
        .with("total", Amount(order.total))
        .with("count", pieces(&order.items))
        .with("items", lines("order.items", &order.items, order.total.currency))
        .with_some("first_item", first_item(&order.items))
        .with("created", Day(day_of(order.created, zone)))
        .with_some("days_since_completed", completed.map(|at| days_between(*at, now)))
        .with_some("tracking_code", order.shipping.as_ref().and_then(|s| s.tracking_code.as_deref()).map(verbatim))
        .with_some("tracking_url", order.tracking_url.as_deref().map(verbatim))
}

fn offer(product: &Product) -> Group {
    Group::new("offer")
        .with("name", names::shorten(&product.name, usize::MAX))
        .with_some("price", product.price.map(Amount))
        .with_some("regular_price", product.regular_price.map(Amount))
        .with("url", verbatim(&product.url))
        .with_some("stock", product.stock_quantity.filter(|n| *n > 0))
}

fn coupon(coupon: &CouponView, shop: &ShopView, today: NaiveDate) -> Group {
    let (percent, amount) = match &coupon.off {
        // Free shipping alone.
        Off::Percent(0) => (None, None),
        Off::Percent(hundredths) if hundredths % 100 == 0 => (Some(Value::from(hundredths / 100)), None),
        Off::Percent(hundredths) => (Some(Value::from(f64::from(*hundredths) / 100.0)), None),
        Off::Amount(decimal) => (None, Money::parse(decimal, shop.currency).ok()),
    };
    // WooCommerce takes a code until the moment of its expiry, which it sets to the midnight that begins a day.
    let last_day = coupon.ends.map(|ends| day_of(At(ends.0.saturating_sub(1)), shop.timezone));
    Group::new("coupon")
        .with_some("code", coupon.code.as_deref().map(verbatim))
        .with_some("percent", percent)
        .with_some("amount", amount.map(Amount))
        .with_some("ends", last_day.map(Day))
        .with_some("ends_in_days", last_day.map(|day| day.signed_duration_since(today).num_days().max(0)))
        .with_some("lives_hours", coupon.lives.map(|lives| lives.0 / Span::hours(1).0))
        .with_some("lives_days", coupon.lives.map(|lives| lives.0 / Span::days(1).0).filter(|days| *days > 0))
        .with("free_shipping", coupon.free_shipping)
        .with_some("minimum", coupon.minimum.as_deref().and_then(|m| Money::parse(m, shop.currency).ok()).map(Amount))
}

fn lines(prefix: &'static str, items: &[Item], currency: Currency) -> Value {
    let line = |item: &Item| {
        let price = item.unit_price.as_deref().and_then(|p| Money::parse(p, currency).ok());
        Group::new(prefix)
            .with("name", names::shorten(&item.name, usize::MAX))
            .with("quantity", item.quantity)
            .with_some("price", price.map(Amount))
    };
    Value::from(items.iter().map(|item| Value::from(line(item))).collect::<Vec<_>>())
}

fn pieces(items: &[Item]) -> u64 {
    items.iter().map(|item| u64::from(item.quantity)).sum()
}

fn first_item(items: &[Item]) -> Option<String> {
    items.first().map(|item| names::shorten(&item.name, usize::MAX))
}

fn verbatim(text: &str) -> Verbatim {
    Verbatim(Arc::from(text))
}

fn day_of(at: At, zone: Tz) -> NaiveDate {
    at.utc().with_timezone(&zone).date_naive()
}

/// Whole times 24 hours; never below zero, whatever the clocks of shop and daemon.
fn days_between(earlier: At, later: At) -> i64 {
    later.since(earlier).0.max(0) / 86_400_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::model::{CouponProducts, Trigger};
    use crate::render::filters::{FILTERS, Takes};
    use crate::render::objects::{self, Said};
    use crate::render::samples::{self, Sample, SampleKind};

    fn sample(place: Place) -> Sample {
        sample_of(SampleKind::Usual, place)
    }

    fn sample_of(kind: SampleKind, place: Place) -> Sample {
        let trigger = match place {
            Place::Order => Trigger::OrderStatus { statuses: vec!["completed".to_owned()] },
            Place::Product => Trigger::BackInStock,
            Place::Occasion => Trigger::Birthday,
            Place::Subscription => Trigger::SubscriptionRenewal,
            Place::Event => Trigger::Event { name: "demo".to_owned() },
            _ => Trigger::CartAbandoned { idle: Span::hours(1) },
        };
        samples::sample(kind, &trigger, samples::shop(Language::Persian))
    }

    fn get(values: &Value, dotted: &str) -> Value {
        let mut value = values.clone();
        for part in dotted.split('.') {
            value = value.get_attr(part).unwrap();
            if value.kind() == minijinja::value::ValueKind::Seq && !dotted.ends_with(part) {
                value = value.get_item_by_index(0).unwrap();
            }
        }
        value
    }

    #[test]
    fn every_documented_value_is_there_in_its_shape() {
        for name in NAMES {
            let mut sample = sample(name.place);
            if name.name == "coupon.amount" {
                sample.coupon.as_mut().unwrap().off = Off::Amount("50000".to_owned());
            }
            let value = get(&sample.values(), name.name);
            let fits = match name.shape {
                Shape::Text => value.as_str().is_some(),
                Shape::Code => value.downcast_object_ref::<Verbatim>().is_some(),
                Shape::Number => value.is_number(),
                Shape::Amount => value.downcast_object_ref::<Amount>().is_some(),
                Shape::Date => value.downcast_object_ref::<Day>().is_some(),
                Shape::Flag => value.kind() == minijinja::value::ValueKind::Bool,
                Shape::List | Shape::Words => value.len().is_some(),
            };
            assert!(fits, "{}: {value:?}", name.name);
            let prints = !matches!(objects::say(&value, Language::Persian), Said::Unprintable);
            assert_eq!(prints, !matches!(name.shape, Shape::Flag | Shape::List | Shape::Words), "{}", name.name);
        }
    }

    #[test]
    fn only_optional_values_are_absent_where_little_is_known() {
        let own = [Place::Cart, Place::Order, Place::Product, Place::Occasion, Place::Subscription, Place::Event];
        for place in own {
            let values = sample_of(SampleKind::Shortest, place).values();
            for name in NAMES.iter().filter(|n| !own.contains(&n.place) || n.place == place) {
                let absent = objects::absent(&get(&values, name.name)).is_some();
                assert!(name.optional || !absent, "{} is absent but not said to be optional", name.name);
            }
            assert!(objects::absent(&get(&values, "contact.first_name")).is_some());
        }
    }

    #[test]
    fn names_that_are_none_are_not_used() {
        let mut sample = sample(Place::Cart);
        sample.facts.contact.first_name = Some("09120000001".to_owned());
        sample.facts.contact.last_name = Some("win at x.example".to_owned());
        let values = sample.values();
        for name in ["contact.first_name", "contact.last_name", "contact.full_name"] {
            assert!(objects::absent(&get(&values, name)).is_some(), "{name}");
        }
        sample.facts.contact.first_name = Some(" علي ".to_owned());
        assert_eq!(get(&sample.values(), "contact.full_name").as_str(), Some("علی"));
    }

    #[test]
    fn orders_count_while_they_stand() {
        let mut sample = sample(Place::Order);
        let one = sample.order.clone().unwrap();
        let cancelled = Order { id: "8".to_owned(), status: "cancelled".to_owned(), ..one.clone() };
        let refund = Money { minor: 60_000, ..one.total };
        let part = Order { id: "9".to_owned(), refunded: refund, ..one.clone() };
        sample.facts.orders = vec![one.clone(), cancelled, part];
        let values = sample.values();
        assert_eq!(get(&values, "contact.orders").as_i64(), Some(2));
        let spent = get(&values, "contact.spent");
        assert_eq!(spent.downcast_object_ref::<Amount>().unwrap().0.minor, one.total.minor * 2 - 60_000);
        assert_eq!(get(&values, "contact.last_order_days").as_i64(), Some(10));
        assert_eq!(get(&values, "order.days_since_completed").as_i64(), Some(7));
    }

    #[test]
    fn a_coupon_ends_on_the_last_day_it_works() {
        let mut sample = sample(Place::Cart);
        // Midnight in Tehran that begins 3 Azar 1405: the last day is the second.
        sample.coupon.as_mut().unwrap().ends = Some(At(1_795_465_800_000));
        let values = sample.values();
        assert_eq!(objects::say(&get(&values, "coupon.ends"), Language::Persian), said("۲ آذر ۱۴۰۵"));
        assert_eq!(get(&values, "coupon.ends_in_days").as_i64(), Some(1));
        let spec = CouponSpec {
            code: CouponCode::Shared("Off5".to_owned()),
            off: Off::Percent(750),
            by_basket: Vec::new(),
            free_shipping: false,
            minimum: None,
            products: CouponProducts::All,
            floor: None,
            points: None,
        };
        sample.coupon = Some(CouponView::new(&spec, None));
        let values = sample.values();
        assert_eq!(objects::say(&get(&values, "coupon.percent"), Language::Persian), said("۷٫۵"));
        assert!(objects::absent(&get(&values, "coupon.ends")).is_some());
    }

    fn said(text: &str) -> Said {
        Said::Prose(text.to_owned())
    }

    impl std::fmt::Debug for Said {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            match self {
                Said::Prose(text) => write!(f, "Prose({text})"),
                Said::Verbatim(text) => write!(f, "Verbatim({text})"),
                Said::Missing(name) => write!(f, "Missing({name})"),
                Said::Blank => f.write_str("Blank"),
                Said::Unprintable => f.write_str("Unprintable"),
            }
        }
    }

    #[test]
    fn the_guide_shows_exactly_these_values_and_filters() {
        let guide = include_str!("../../docs/texts.md");
        let rows = |heading: &str| -> Vec<&str> {
            let part = guide.split(heading).nth(1).unwrap().split("\n## ").next().unwrap();
            part.lines().filter(|line| line.starts_with("| `")).collect()
        };
        let optional = |n: &Name| if n.optional { "may be absent" } else { "" };
        let expected: Vec<_> = NAMES
            .iter()
            .map(|n| {
                let kind = match n.shape {
                    Shape::Text => "text",
                    Shape::Code => "link or code",
                    Shape::Number => "number",
                    Shape::Amount => "money",
                    Shape::Date => "day",
                    Shape::Flag => "yes or no",
                    Shape::List => "list",
                    Shape::Words => "list of words",
                };
                let place = match n.place {
                    Place::Always => "always",
                    Place::Cart => "cart",
                    Place::Order => "order",
                    Place::Product => "product",
                    Place::Occasion => "occasion",
                    Place::Subscription => "subscription",
                    Place::Event => "event",
                    Place::Offer => "offer",
                    Place::Coupon => "coupon",
                    Place::Texts => "texts",
                };
                format!("| `{}` | {kind} | {place} | {} | {} | {} |", n.name, optional(n), n.meaning, n.example)
                    .replace("|  |", "| |")
                    .replace("|  |", "| |")
            })
            .collect();
        assert_eq!(rows("\n## Values"), expected);
        let expected: Vec<_> = FILTERS
            .iter()
            .map(|f| {
                let taken = match f.takes {
                    Takes::Nothing => "",
                    Takes::Form => "(\"day\")",
                    Takes::Length => "(20)",
                    Takes::Value => "(\"…\")",
                };
                format!("| `{}{taken}` | {} |", f.name, f.meaning)
            })
            .collect();
        assert_eq!(rows("\n## Filters"), expected);
    }
}
