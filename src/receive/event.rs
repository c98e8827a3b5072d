//! An event from the shop: from the wire's JSON to a typed fact, or a reason why not.
//!
//! The shapes are those of `docs/contract.md`. Fields beyond them stay in the log's copy and are ignored here.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::custom::{self, Custom};
use super::tagging::Tagging;
use super::variation::Variation;
pub use super::wire::{Consent, parse_time};
use super::wire::{
    attributes, day_opt, decimal, decimal_opt, id, id_opt, ids, path, quantity, rule_opt, status, text_opt, time_opt,
};
use crate::clock::At;
use crate::money::{Currency, Money, MoneyError};
use crate::send::replies::{self, Wish};
use crate::state::model::OptOutScope;

/// Longest accepted event id, in bytes.
pub const MAX_ID_BYTES: usize = 64;
/// Most events in one call.
pub const MAX_EVENTS: usize = 500;
/// Most lines of one cart or order that are kept.
pub const MAX_ITEMS: usize = 500;

/// One event as it stands in a call, before it is understood.
#[derive(Debug, Deserialize)]
pub struct Wire<'a> {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub time: String,
    #[serde(borrow)]
    pub data: &'a RawValue,
}

/// A fact that was understood.
#[derive(Debug, Clone)]
pub struct Event {
    pub id: String,
    /// When it happened in the shop, never later than when it was received.
    pub at: At,
    pub fact: Fact,
}

/// Why an event was put aside. The text is shown to the owner by `doctor`; it holds no value of the event's data.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EventError {
    #[error("id must have 1 to {MAX_ID_BYTES} characters")]
    Id,
    #[error("time must be RFC 3339 with an offset, such as 2026-11-22T10:15:00+03:30")]
    Time,
    #[error("time lies more than a day in the future: is the shop's clock right?")]
    Future,
    #[error("unknown type {0:?}")]
    UnknownType(String),
    #[error("{kind}: {problem}")]
    Data { kind: &'static str, problem: String },
}

macro_rules! facts {
    ($($variant:ident($payload:ty) = $name:literal),+ $(,)?) => {
        /// What happened. One variant for each type of the contract.
        #[derive(Debug, Clone)]
        pub enum Fact {
            $($variant($payload),)+
            /// One of the owner's own.
            Custom(Custom),
        }

        impl Fact {
            /// The names of all event types, in the contract's order.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// Understands `data` of an event of type `kind`.
            ///
            /// # Errors
            /// [`EventError::UnknownType`], or [`EventError::Data`] with the first thing that is wrong.
            pub fn parse(kind: &str, data: &str) -> Result<Fact, EventError> {
                match kind {
                    $($name => {
                        let payload: $payload = serde_json::from_str(data)
                            .map_err(|e| EventError::Data { kind: $name, problem: describe(&e) })?;
                        payload.sound().map_err(|problem| EventError::Data { kind: $name, problem })?;
                        Ok(Fact::$variant(payload))
                    })+
                    other => match other.strip_prefix(custom::PREFIX) {
                        Some(name) => Custom::parse(name, data).map(Fact::Custom),
                        None => Err(EventError::UnknownType(other.chars().take(40).collect())),
                    },
                }
            }

            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Fact::$variant(_) => $name,)+
                    Fact::Custom(_) => "custom",
                }
            }
        }
    };
}

facts! {
    CartUpdated(CartUpdated) = "cart.updated",
    CartCleared(CartKey) = "cart.cleared",
    ContactCaptured(ContactCaptured) = "contact.captured",
    CheckoutStarted(CheckoutStarted) = "checkout.started",
    OrderCreated(OrderData) = "order.created",
    OrderUpdated(OrderData) = "order.updated",
    OrderRefunded(OrderRefunded) = "order.refunded",
    ReviewCreated(ReviewCreated) = "review.created",
    CustomerCreated(Customer) = "customer.created",
    CustomerUpdated(Customer) = "customer.updated",
    ProductUpdated(ProductData) = "product.updated",
    ProductDeleted(ProductRef) = "product.deleted",
    CouponUpdated(CouponData) = "coupon.updated",
    CouponDeleted(CouponRef) = "coupon.deleted",
    ProductViewed(ProductViewed) = "product.viewed",
    ProductWanted(ProductWanted) = "product.wanted",
    PageViewed(PageViewed) = "page.viewed",
    CustomerLogin(Customer) = "customer.login",
    LinkFollowed(LinkFollowed) = "link.followed",
    OptedOut(Choice) = "contact.opted_out",
    OptedIn(Choice) = "contact.opted_in",
    Answered(Answered) = "contact.answered",
    EraseRequested(EraseRequested) = "contact.erase_requested",
    Tagged(Tagging) = "contact.tagged",
    Untagged(Tagging) = "contact.untagged",
    PointsChanged(PointsChanged) = "points.changed",
    SubscriptionUpdated(SubscriptionUpdated) = "subscription.updated",
    ShopUpdated(ShopData) = "shop.updated",
}

impl Event {
    /// Understands one event of a call received at `received`.
    ///
    /// # Errors
    /// The first reason why the event cannot be taken.
    pub fn parse(wire: &Wire<'_>, received: At) -> Result<Event, EventError> {
        if wire.id.is_empty() || wire.id.len() > MAX_ID_BYTES {
            return Err(EventError::Id);
        }
        let at = parse_time(&wire.time).ok_or(EventError::Time)?;
        if at.0 > received.0.saturating_add(86_400_000) {
            return Err(EventError::Future);
        }
        let fact = Fact::parse(&wire.kind, wire.data.get())?;
        Ok(Event { id: wire.id.clone(), at: at.min(received), fact })
    }
}

/// serde's words without the part that may quote a value.
fn describe(e: &serde_json::Error) -> String {
    let text = e.to_string();
    if text.starts_with("missing field") || text.starts_with("duplicate field") {
        return text;
    }
    if text.starts_with("invalid type") {
        // The last one is serde's; an earlier one may stand in the value.
        let expected = text.rsplit("expected ").next().unwrap_or("another type");
        return format!("a value has the wrong type: expected {expected}");
    }
    if let Some(own) = text.strip_prefix("~") {
        return own.to_owned();
    }
    format!("does not have the contract's shape at line {} column {}", e.line(), e.column())
}

/// More points than anybody gives or takes at once.
const MOST_POINTS: u64 = 1_000_000_000;

/// What serde cannot say by types alone.
pub(super) trait Sound {
    fn sound(&self) -> Result<(), String> {
        Ok(())
    }
}

pub(super) fn id_sound(name: &str, id: &str) -> Result<(), String> {
    if id.is_empty() || id.len() > 191 { Err(format!("{name} must have 1 to 191 characters")) } else { Ok(()) }
}

fn money(name: &str, amount: &str, currency: Currency) -> Result<Money, String> {
    // The error's own words quote the amount, and anything may have got into that field.
    Money::parse(amount, currency).map_err(|e| match e {
        MoneyError::TooLarge(_) => format!("{name} is too large"),
        MoneyError::Malformed(_) | MoneyError::Currency(_) => {
            format!("{name} is not a number: expected a decimal such as 250000 or 19.90")
        }
    })
}

/// Who it was, as far as the shop knows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Person {
    /// As typed.
    #[serde(default, deserialize_with = "text_opt")]
    pub phone: Option<String>,
    #[serde(default, deserialize_with = "text_opt")]
    pub first_name: Option<String>,
    #[serde(default, deserialize_with = "text_opt")]
    pub last_name: Option<String>,
    #[serde(default, deserialize_with = "id_opt")]
    pub user_id: Option<String>,
    #[serde(default, deserialize_with = "text_opt")]
    pub locale: Option<String>,
    /// `YYYY-MM-DD`, Gregorian.
    #[serde(default, deserialize_with = "day_opt")]
    pub birthday: Option<String>,
    /// ISO 3166 alpha-2, of the billing address.
    #[serde(default, deserialize_with = "text_opt")]
    pub country: Option<String>,
}

/// A line of a cart or an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    #[serde(deserialize_with = "id")]
    pub product_id: String,
    #[serde(default, deserialize_with = "id_opt", skip_serializing_if = "Option::is_none")]
    pub variation_id: Option<String>,
    pub name: String,
    #[serde(deserialize_with = "quantity")]
    pub quantity: u32,
    /// Decimal in the cart's or order's currency.
    #[serde(default, deserialize_with = "decimal_opt", skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<String>,
    #[serde(default, deserialize_with = "text_opt", skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(default, deserialize_with = "attributes", skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
}

impl Item {
    /// Whether it is this product, or this variation.
    #[must_use]
    pub fn is(&self, id: &str) -> bool {
        self.product_id == id || self.variation_id.as_deref() == Some(id)
    }
}

/// The lines of a basket or an order: read often, changed never, so they are shared rather than copied.
pub type Items = Arc<[Item]>;

#[derive(Debug, Clone, Deserialize)]
pub struct CartUpdated {
    pub cart_key: String,
    pub items: Items,
    #[serde(deserialize_with = "decimal")]
    total: String,
    pub currency: Currency,
    #[serde(default)]
    pub coupons: Vec<String>,
    #[serde(default)]
    pub contact: Option<Person>,
    #[serde(default, deserialize_with = "text_opt")]
    pub checkout_url: Option<String>,
}

impl CartUpdated {
    #[must_use]
    pub fn total(&self) -> Money {
        money("total", &self.total, self.currency).unwrap_or_else(|_| Money::zero(self.currency))
    }
}

impl Sound for CartUpdated {
    fn sound(&self) -> Result<(), String> {
        id_sound("cart_key", &self.cart_key)?;
        items_sound(&self.items, self.currency)?;
        money("total", &self.total, self.currency).map(drop)
    }
}

fn items_sound(items: &[Item], currency: Currency) -> Result<(), String> {
    if items.len() > MAX_ITEMS {
        return Err(format!("items: at most {MAX_ITEMS}"));
    }
    for item in items {
        id_sound("product_id", &item.product_id)?;
        if let Some(price) = &item.unit_price {
            money("unit_price", price, currency)?;
        }
    }
    Ok(())
}

#[derive(Debug, Clone, Deserialize)]
pub struct CartKey {
    pub cart_key: String,
}

impl Sound for CartKey {
    fn sound(&self) -> Result<(), String> {
        id_sound("cart_key", &self.cart_key)
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct ContactCaptured {
    #[serde(default, deserialize_with = "text_opt")]
    pub cart_key: Option<String>,
    pub contact: Person,
    #[serde(default)]
    pub consent: Option<Consent>,
}

impl Sound for ContactCaptured {
    fn sound(&self) -> Result<(), String> {
        if self.contact.phone.is_none() { Err("contact.phone is missing".into()) } else { Ok(()) }
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct CheckoutStarted {
    pub cart_key: String,
    #[serde(default)]
    pub contact: Option<Person>,
}

impl Sound for CheckoutStarted {
    fn sound(&self) -> Result<(), String> {
        id_sound("cart_key", &self.cart_key)
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct OrderData {
    #[serde(deserialize_with = "id")]
    pub order_id: String,
    #[serde(deserialize_with = "id")]
    pub number: String,
    /// Without the `wc-` that WooCommerce stores.
    #[serde(deserialize_with = "status")]
    pub status: String,
    #[serde(deserialize_with = "decimal")]
    total: String,
    pub currency: Currency,
    pub items: Items,
    #[serde(default, deserialize_with = "text_opt")]
    pub cart_key: Option<String>,
    #[serde(default)]
    pub contact: Person,
    #[serde(default)]
    pub coupons: Vec<String>,
    #[serde(default, deserialize_with = "time_opt")]
    pub created_at: Option<At>,
    #[serde(default, deserialize_with = "time_opt")]
    pub paid_at: Option<At>,
    #[serde(default, deserialize_with = "time_opt")]
    pub completed_at: Option<At>,
    #[serde(default, deserialize_with = "time_opt")]
    pub failed_at: Option<At>,
    #[serde(default, deserialize_with = "text_opt")]
    pub payment_method: Option<String>,
    #[serde(default, deserialize_with = "text_opt")]
    pub tracking_url: Option<String>,
    #[serde(default)]
    pub shipping: Option<Shipping>,
    /// Slug of the short link that brought the buyer, as the bridge remembers it.
    #[serde(default, deserialize_with = "text_opt")]
    pub link: Option<String>,
}

/// Where a parcel is, by the shop's own words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipping {
    /// `packed`, `shipped`, `out_for_delivery`, `delivered`, `returned`, or a word of the shop's own.
    #[serde(default, deserialize_with = "text_opt")]
    pub state: Option<String>,
    #[serde(default, deserialize_with = "text_opt")]
    pub tracking_code: Option<String>,
    #[serde(default, deserialize_with = "text_opt")]
    pub carrier: Option<String>,
}

impl OrderData {
    #[must_use]
    pub fn total(&self) -> Money {
        money("total", &self.total, self.currency).unwrap_or_else(|_| Money::zero(self.currency))
    }
}

impl Sound for OrderData {
    fn sound(&self) -> Result<(), String> {
        id_sound("order_id", &self.order_id)?;
        if self.status.is_empty() {
            return Err("status is empty".into());
        }
        items_sound(&self.items, self.currency)?;
        money("total", &self.total, self.currency).map(drop)
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct OrderRefunded {
    #[serde(deserialize_with = "id")]
    pub order_id: String,
    #[serde(default, deserialize_with = "id_opt")]
    pub refund_id: Option<String>,
    #[serde(deserialize_with = "decimal")]
    amount: String,
    pub currency: Currency,
}

impl OrderRefunded {
    /// Of this refund, above zero; WooCommerce's own minus sign is dropped.
    #[must_use]
    pub fn amount(&self) -> Money {
        let m = money("amount", &self.amount, self.currency).unwrap_or_else(|_| Money::zero(self.currency));
        Money { minor: m.minor.saturating_abs(), ..m }
    }
}

impl Sound for OrderRefunded {
    fn sound(&self) -> Result<(), String> {
        id_sound("order_id", &self.order_id)?;
        money("amount", &self.amount, self.currency).map(drop)
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct ReviewCreated {
    #[serde(deserialize_with = "id")]
    pub product_id: String,
    #[serde(default, deserialize_with = "id_opt")]
    pub review_id: Option<String>,
    #[serde(default, deserialize_with = "id_opt")]
    pub order_id: Option<String>,
    #[serde(default, deserialize_with = "decimal_opt")]
    pub rating: Option<String>,
    #[serde(default)]
    pub contact: Option<Person>,
    /// Slug of the short link that brought the writer, as the bridge remembers it.
    #[serde(default, deserialize_with = "text_opt")]
    pub link: Option<String>,
}

impl Sound for ReviewCreated {
    fn sound(&self) -> Result<(), String> {
        id_sound("product_id", &self.product_id)
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct Customer {
    pub contact: Person,
    /// When the account was made.
    #[serde(default, deserialize_with = "time_opt")]
    pub created_at: Option<At>,
}

impl Sound for Customer {}

#[derive(Debug, Clone, Deserialize)]
pub struct ProductData {
    #[serde(deserialize_with = "id")]
    pub product_id: String,
    pub name: String,
    pub url: String,
    /// Empty while the shop has set none.
    #[serde(default, deserialize_with = "decimal_opt")]
    price: Option<String>,
    #[serde(default, deserialize_with = "decimal_opt")]
    regular_price: Option<String>,
    pub currency: Currency,
    pub stock_status: String,
    #[serde(default, deserialize_with = "decimal_opt")]
    pub stock_quantity: Option<String>,
    #[serde(default)]
    pub categories: Vec<String>,
    #[serde(default, deserialize_with = "ids")]
    pub cross_sell_ids: Vec<String>,
    #[serde(default, deserialize_with = "ids")]
    pub upsell_ids: Vec<String>,
    #[serde(default, deserialize_with = "text_opt")]
    pub image: Option<String>,
    #[serde(default = "yes")]
    pub published: bool,
    /// `None`: nothing is said of them.
    #[serde(default)]
    pub variations: Option<Vec<Variation>>,
}

fn yes() -> bool {
    true
}

impl ProductData {
    #[must_use]
    pub fn price(&self) -> Option<Money> {
        self.price.as_deref().and_then(|p| Money::parse(p, self.currency).ok())
    }

    #[must_use]
    pub fn regular_price(&self) -> Option<Money> {
        self.regular_price.as_deref().and_then(|p| Money::parse(p, self.currency).ok())
    }
}

impl Sound for ProductData {
    fn sound(&self) -> Result<(), String> {
        id_sound("product_id", &self.product_id)?;
        if url::Url::parse(&self.url).is_err() {
            return Err("url is not an address".into());
        }
        for (name, price) in [("price", &self.price), ("regular_price", &self.regular_price)] {
            if let Some(p) = price {
                money(name, p, self.currency)?;
            }
        }
        self.variations.iter().flatten().try_for_each(Sound::sound)
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct ProductRef {
    #[serde(deserialize_with = "id")]
    pub product_id: String,
}

impl Sound for ProductRef {}

#[derive(Debug, Clone, Deserialize)]
pub struct CouponData {
    pub code: String,
    /// WooCommerce's word: `percent`, `fixed_cart`, `fixed_product`, or another plugin's.
    pub discount_type: String,
    #[serde(deserialize_with = "decimal")]
    pub amount: String,
    #[serde(default, deserialize_with = "time_opt")]
    pub expires_at: Option<At>,
    #[serde(default)]
    pub usage_limit: Option<i64>,
    #[serde(default)]
    pub usage_count: Option<i64>,
    /// The least basket, decimal in the shop's currency.
    #[serde(default, deserialize_with = "decimal_opt")]
    pub minimum_amount: Option<String>,
}

impl Sound for CouponData {
    fn sound(&self) -> Result<(), String> {
        id_sound("code", self.code.trim())
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct CouponRef {
    pub code: String,
}

impl Sound for CouponRef {}

#[derive(Debug, Clone, Deserialize)]
pub struct ProductViewed {
    #[serde(default, deserialize_with = "text_opt")]
    pub cart_key: Option<String>,
    #[serde(deserialize_with = "id")]
    pub product_id: String,
    #[serde(default, deserialize_with = "id_opt")]
    pub variation_id: Option<String>,
    pub seconds: f64,
    #[serde(default)]
    pub contact: Option<Person>,
    /// Slug of the short link that brought the visitor.
    #[serde(default, deserialize_with = "text_opt")]
    pub link: Option<String>,
}

impl ProductViewed {
    /// Whole, at most a day.
    #[must_use]
    pub fn seconds(&self) -> u32 {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // in these bounds nothing is lost
        let seconds = self.seconds.clamp(0.0, 86_400.0).round() as u32;
        seconds
    }
}

impl Sound for ProductViewed {
    fn sound(&self) -> Result<(), String> {
        id_sound("product_id", &self.product_id)
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct ProductWanted {
    #[serde(deserialize_with = "id")]
    pub product_id: String,
    #[serde(default, deserialize_with = "id_opt")]
    pub variation_id: Option<String>,
    pub contact: Person,
    #[serde(default)]
    pub consent: Option<Consent>,
}

impl Sound for ProductWanted {
    fn sound(&self) -> Result<(), String> {
        id_sound("product_id", &self.product_id)
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct PageViewed {
    #[serde(default, deserialize_with = "text_opt")]
    pub cart_key: Option<String>,
    #[serde(deserialize_with = "path")]
    pub page: String,
    #[serde(default)]
    pub contact: Option<Person>,
}

impl Sound for PageViewed {}

#[derive(Debug, Clone, Deserialize)]
pub struct LinkFollowed {
    pub slug: String,
    #[serde(default, deserialize_with = "text_opt")]
    pub cart_key: Option<String>,
    #[serde(default, deserialize_with = "text_opt")]
    pub user_agent: Option<String>,
}

impl Sound for LinkFollowed {}

/// Somebody's no or yes to texts. Known by themselves, or by the link of a text that they followed.
#[derive(Debug, Clone, Deserialize)]
pub struct Choice {
    #[serde(default)]
    pub contact: Option<Person>,
    /// The slug of the link that led to the page where this was chosen.
    #[serde(default, deserialize_with = "text_opt")]
    pub link: Option<String>,
    pub source: String,
    /// How far a no reaches.
    #[serde(default = "Choice::everything")]
    pub scope: OptOutScope,
    /// When a pause ends.
    #[serde(default, deserialize_with = "time_opt")]
    pub until: Option<At>,
}

impl Choice {
    const fn everything() -> OptOutScope {
        OptOutScope::Everything
    }
}

impl Sound for Choice {
    fn sound(&self) -> Result<(), String> {
        let known = self.contact.as_ref().is_some_and(|c| c.phone.is_some() || c.user_id.is_some());
        if known || self.link.as_deref().is_some_and(|slug| !slug.is_empty()) {
            return Ok(());
        }
        Err("contact needs a phone or a user_id, or link the slug of a text".into())
    }
}

/// Longest reply that is kept, in characters: ten parts of Persian.
const MAX_REPLY: usize = 700;

/// What somebody wrote back, or the choice that was tapped on the page behind a text's link.
#[derive(Debug, Clone, Deserialize)]
pub struct Answered {
    #[serde(default)]
    pub contact: Option<Person>,
    #[serde(default, deserialize_with = "reply_opt")]
    pub text: Option<String>,
    /// The slug of the link that led to the page.
    #[serde(default, deserialize_with = "text_opt")]
    pub link: Option<String>,
    /// The answer's label.
    #[serde(default, deserialize_with = "text_opt")]
    pub answer: Option<String>,
}

fn reply_opt<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    Ok(text_opt(d)?.map(|text| text.chars().take(MAX_REPLY).collect()))
}

impl Sound for Answered {
    fn sound(&self) -> Result<(), String> {
        let written = self.contact.as_ref().is_some_and(|c| c.phone.is_some()) && self.text.is_some();
        let tapped = self.link.is_some() && self.answer.is_some();
        if written || tapped { Ok(()) } else { Err("needs contact.phone and text, or link and answer".into()) }
    }
}

/// A manager let the shop erase somebody.
#[derive(Debug, Clone, Deserialize)]
pub struct EraseRequested {
    pub contact: Erasee,
}

/// By what they are named; everybody whom one of these names is meant.
#[derive(Debug, Clone, Deserialize)]
pub struct Erasee {
    #[serde(default, deserialize_with = "text_opt")]
    pub phone: Option<String>,
    #[serde(default, deserialize_with = "text_opt")]
    pub country: Option<String>,
    #[serde(default, deserialize_with = "id_opt")]
    pub user_id: Option<String>,
    /// Nobody is known by it here.
    #[serde(default, deserialize_with = "text_opt")]
    email: Option<String>,
}

impl Sound for EraseRequested {
    fn sound(&self) -> Result<(), String> {
        let Erasee { phone, user_id, email, .. } = &self.contact;
        if phone.is_none() && user_id.is_none() && email.is_none() {
            return Err("contact needs a phone, a user_id or an email".into());
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct PointsChanged {
    pub contact: Person,
    #[serde(deserialize_with = "decimal")]
    pub change: String,
}

impl PointsChanged {
    /// Whole points, given or (below zero) taken; `None` for a change of nothing.
    #[must_use]
    pub fn points(&self) -> Option<i64> {
        let whole = self.change.trim().split('.').next()?.parse().ok()?;
        (whole != 0).then_some(whole)
    }
}

impl Sound for PointsChanged {
    fn sound(&self) -> Result<(), String> {
        let (whole, fraction) = self.change.trim().split_once('.').unwrap_or((self.change.trim(), "0"));
        let plain = whole.parse::<i64>().is_ok_and(|n| n.unsigned_abs() < MOST_POINTS)
            && !fraction.is_empty()
            && fraction.bytes().all(|b| b.is_ascii_digit());
        if plain { Ok(()) } else { Err("change must be a number of points, such as \"-500\"".to_owned()) }
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct SubscriptionUpdated {
    pub contact: Person,
    #[serde(deserialize_with = "id")]
    pub subscription_id: String,
    pub status: String,
    #[serde(default, deserialize_with = "time_opt")]
    pub next_payment_at: Option<At>,
}

impl Sound for SubscriptionUpdated {}

/// What the shop says of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ShopData {
    pub name: String,
    pub url: String,
    pub currency: Currency,
    #[serde(default, deserialize_with = "text_opt")]
    pub timezone: Option<String>,
    #[serde(default, deserialize_with = "text_opt")]
    pub locale: Option<String>,
    #[serde(default, deserialize_with = "text_opt")]
    pub country: Option<String>,
    /// Whether marketing texts need a yes there, if the shop says so.
    #[serde(default, rename = "consent_rule", deserialize_with = "rule_opt")]
    pub needs_yes: Option<bool>,
}

impl Sound for ShopData {
    fn sound(&self) -> Result<(), String> {
        if url::Url::parse(&self.url).is_err() {
            return Err("url is not an address".into());
        }
        Ok(())
    }
}

impl Fact {
    /// A reply that stops or starts texts is that choice and no answer, whoever passes it on.
    #[must_use]
    pub fn choice_in_reply(&self) -> Option<Fact> {
        let Fact::Answered(told) = self else { return None };
        let wish = replies::wish(told.text.as_deref()?)?;
        let (contact, source) = (told.contact.clone(), "reply".to_owned());
        let choice = Choice { contact, link: None, source, scope: OptOutScope::Everything, until: None };
        Some(match wish {
            Wish::Stop => Fact::OptedOut(choice),
            Wish::Start => Fact::OptedIn(choice),
        })
    }

    /// The person named in it, if any.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        match self {
            Fact::CartUpdated(d) => d.contact.as_ref(),
            Fact::ContactCaptured(d) => Some(&d.contact),
            Fact::CheckoutStarted(d) => d.contact.as_ref(),
            Fact::OrderCreated(d) | Fact::OrderUpdated(d) => Some(&d.contact),
            Fact::ReviewCreated(d) => d.contact.as_ref(),
            Fact::CustomerCreated(d) | Fact::CustomerUpdated(d) | Fact::CustomerLogin(d) => Some(&d.contact),
            Fact::ProductViewed(d) => d.contact.as_ref(),
            Fact::ProductWanted(d) => Some(&d.contact),
            Fact::PageViewed(d) => d.contact.as_ref(),
            Fact::OptedOut(d) | Fact::OptedIn(d) => d.contact.as_ref(),
            Fact::Answered(d) => d.contact.as_ref(),
            Fact::Tagged(d) | Fact::Untagged(d) => Some(&d.contact),
            Fact::PointsChanged(d) => Some(&d.contact),
            Fact::SubscriptionUpdated(d) => Some(&d.contact),
            Fact::Custom(d) => Some(&d.contact),
            // Somebody who is to be forgotten is not to be made known first.
            Fact::EraseRequested(_)
            | Fact::CartCleared(_)
            | Fact::OrderRefunded(_)
            | Fact::ProductUpdated(_)
            | Fact::ProductDeleted(_)
            | Fact::CouponUpdated(_)
            | Fact::CouponDeleted(_)
            | Fact::LinkFollowed(_)
            | Fact::ShopUpdated(_) => None,
        }
    }
}

impl Fact {
    /// The basket or session that it happened in, if it says so.
    #[must_use]
    pub fn cart_key(&self) -> Option<&str> {
        match self {
            Fact::CartUpdated(d) => Some(&d.cart_key),
            Fact::CartCleared(d) => Some(&d.cart_key),
            Fact::CheckoutStarted(d) => Some(&d.cart_key),
            Fact::ContactCaptured(d) => d.cart_key.as_deref(),
            Fact::OrderCreated(d) | Fact::OrderUpdated(d) => d.cart_key.as_deref(),
            Fact::ProductViewed(d) => d.cart_key.as_deref(),
            Fact::PageViewed(d) => d.cart_key.as_deref(),
            Fact::LinkFollowed(d) => d.cart_key.as_deref(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(kind: &str, data: &str) -> Result<Fact, EventError> {
        Fact::parse(kind, data)
    }

    #[test]
    fn ids_may_be_numbers_or_texts_and_php_maps_may_be_lists() {
        let fact = parse(
            "cart.updated",
            r#"{"cart_key":"t_1","items":[{"product_id":12,"variation_id":0,"name":"x","quantity":2,"unit_price":"5000","attributes":[]}],"total":10000,"currency":"IRT","more":1}"#,
        );
        let Ok(Fact::CartUpdated(cart)) = fact else { panic!("{fact:?}") };
        assert_eq!(cart.items[0].product_id, "12");
        assert_eq!(cart.items[0].variation_id, None);
        assert_eq!(cart.total().minor, 10_000);
        let fact = parse(
            "cart.updated",
            r#"{"cart_key":"t_1","items":[{"product_id":12,"name":"x","quantity":2,"attributes":["blue",{}]}],"total":10000,"currency":"IRT"}"#,
        );
        let Ok(Fact::CartUpdated(cart)) = fact else { panic!("{fact:?}") };
        assert!(cart.items[0].attributes.is_empty());
    }

    #[test]
    fn a_reason_names_the_field_but_never_quotes_a_value() {
        let e = parse("contact.captured", r#"{"contact":{"first_name":"x"}}"#).unwrap_err().to_string();
        assert_eq!(e, "contact.captured: contact.phone is missing");
        for value in ["09120000001", "expected 09120000001"] {
            let e = parse("contact.captured", &format!(r#"{{"contact":"{value}"}}"#)).unwrap_err().to_string();
            assert!(!e.contains("0912"), "{e}");
        }
        let e = parse("cart.updated", r#"{"cart_key":"k","items":[],"total":"1,5","currency":"IRT"}"#)
            .unwrap_err()
            .to_string();
        assert_eq!(
            e, "cart.updated: total is not a number: expected a decimal such as 250000 or 19.90",
            "and not the amount, in whose place a number may stand"
        );
    }

    #[test]
    fn unknown_types_and_times_without_offset_are_refused() {
        assert!(matches!(parse("cart.exploded", "{}"), Err(EventError::UnknownType(_))));
        assert_eq!(parse_time("2026-11-22T10:15:00"), None);
        assert!(parse_time("2026-11-22T10:15:00+03:30").is_some());
    }
}
