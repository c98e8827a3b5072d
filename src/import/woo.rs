//! What WooCommerce's REST API (v3) gives, as events. Pure.
//!
//! <https://woocommerce.github.io/woocommerce-rest-api-docs/>; only the fields named here are asked for and kept.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::{Told, event_id, plain_text};
use crate::clock::At;
use crate::money::{Currency, Money};
use crate::receive::event::MAX_ITEMS;

/// What is read, in this order: accounts before what they did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Kind {
    Customers,
    Products,
    Orders,
    Reviews,
}

impl Kind {
    pub const ALL: [Kind; 4] = [Kind::Customers, Kind::Products, Kind::Orders, Kind::Reviews];

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Customers => "customers",
            Kind::Products => "products",
            Kind::Orders => "orders",
            Kind::Reviews => "reviews",
        }
    }

    /// One of them.
    #[must_use]
    pub const fn thing(self) -> &'static str {
        match self {
            Kind::Customers => "customer",
            Kind::Products => "product",
            Kind::Orders => "order",
            Kind::Reviews => "review",
        }
    }

    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Kind::Customers => "customers",
            Kind::Products => "products",
            Kind::Orders => "orders",
            Kind::Reviews => "products/reviews",
        }
    }

    #[must_use]
    pub const fn fields(self) -> &'static str {
        match self {
            Kind::Customers => "id,role,email,first_name,last_name,billing,shipping,date_created_gmt,date_modified_gmt",
            Kind::Products => {
                "id,name,permalink,status,price,regular_price,stock_status,stock_quantity,manage_stock,categories,cross_sell_ids,images,date_created_gmt,date_modified_gmt"
            }
            Kind::Orders => {
                "id,number,status,currency,total,customer_id,billing,shipping,payment_method,line_items,coupon_lines,refunds,date_created_gmt,date_modified_gmt,date_paid_gmt,date_completed_gmt"
            }
            Kind::Reviews => "id,product_id,rating,reviewer_email,date_created_gmt",
        }
    }

    /// Beside fields, order and page.
    #[must_use]
    pub const fn extra(self) -> Option<(&'static str, &'static str)> {
        match self {
            // Whoever buys may have another role than the shop's own; staff is left out here.
            Kind::Customers => Some(("role", "all")),
            Kind::Products => Some(("status", "any")),
            Kind::Orders | Kind::Reviews => None,
        }
    }
}

/// What an answer is read with.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// The shop's, for prices of products.
    pub currency: Currency,
    /// Nothing of the past is later.
    pub now: At,
    /// Older things are left out, but for products, which old orders speak of.
    pub since: Option<At>,
}

/// What became of one thing.
#[derive(Debug)]
pub enum Meaning {
    Told(Vec<Told>),
    /// A draft, somebody of the staff, or older than wanted.
    LeftOut,
}

/// The accounts of those who run the shop.
const STAFF: [&str; 6] = ["administrator", "editor", "author", "contributor", "shop_manager", "super_admin"];

impl Reader {
    /// What one row of an answer says.
    ///
    /// # Errors
    /// What is wrong with it, without any of its values.
    pub fn read(&self, kind: Kind, row: &Value) -> Result<Meaning, String> {
        match kind {
            Kind::Customers => self.customer(typed(row)?),
            Kind::Products => self.product(typed(row)?),
            Kind::Orders => self.order(typed(row)?),
            Kind::Reviews => self.review(typed(row)?),
        }
    }

    fn is_too_old(&self, created: Option<At>) -> bool {
        matches!((created, self.since), (Some(created), Some(since)) if created < since)
    }

    fn customer(&self, c: Customer) -> Result<Meaning, String> {
        if c.role.as_deref().is_some_and(|role| STAFF.contains(&role)) || self.is_too_old(c.created.0) {
            return Ok(Meaning::LeftOut);
        }
        let at = c.modified.0.or(c.created.0).ok_or("date_created_gmt is missing")?.min(self.now);
        let first = c.billing.first_name.clone().or(c.first_name);
        let last = c.billing.last_name.clone().or(c.last_name);
        let contact = person(&c.billing, &c.shipping, first, last, c.id);
        let data = filled(json!({ "contact": contact, "created_at": c.created.0.map(At::rfc3339) }));
        let id = event_id("customer", &c.id.to_string(), &version(at));
        Ok(Meaning::Told(vec![Told { id, kind: "customer.updated", at, data, mail: c.email.or(c.billing.email) }]))
    }

    fn product(&self, p: Product) -> Result<Meaning, String> {
        if p.status == "auto-draft" {
            return Ok(Meaning::LeftOut);
        }
        let at = p.modified.0.or(p.created.0).ok_or("date_created_gmt is missing")?.min(self.now);
        let stock = if p.manage_stock.as_bool() == Some(true) { p.stock_quantity } else { None };
        let data = filled(json!({
            "product_id": p.id,
            "name": plain_text(&p.name),
            "url": p.permalink,
            "price": p.price,
            "regular_price": p.regular_price,
            "currency": self.currency.code(),
            "stock_status": p.stock_status,
            "stock_quantity": stock.as_ref().and_then(number_text),
            "categories": p.categories.iter().map(|c| plain_text(&c.name)).collect::<Vec<_>>(),
            "cross_sell_ids": p.cross_sell_ids,
            "image": p.images.into_iter().next().and_then(|image| image.src),
            "published": p.status == "publish",
        }));
        let id = event_id("product", &p.id.to_string(), &version(at));
        Ok(Meaning::Told(vec![Told { id, kind: "product.updated", at, data, mail: None }]))
    }

    fn order(&self, o: Order) -> Result<Meaning, String> {
        if matches!(o.status.as_str(), "checkout-draft" | "auto-draft" | "trash") || self.is_too_old(o.created.0) {
            return Ok(Meaning::LeftOut);
        }
        let created = o.created.0.ok_or("date_created_gmt is missing")?;
        let at = when_told(&o, created).min(self.now);
        let modified = o.modified.0.unwrap_or(at).min(self.now);
        let currency: Currency = o.currency.parse().map_err(|_| "currency is no code of three or four letters")?;
        let mut items = Vec::new();
        for line in o.line_items.iter().take(MAX_ITEMS) {
            items.extend(item(line, currency)?);
        }
        let contact = person(
            &o.billing,
            &o.shipping,
            o.billing.first_name.clone(),
            o.billing.last_name.clone(),
            o.customer_id.unwrap_or_default(),
        );
        let data = filled(json!({
            "order_id": o.id,
            "number": o.number.as_ref().and_then(number_text).unwrap_or_else(|| o.id.to_string()),
            "status": o.status,
            "total": o.total,
            "currency": currency.code(),
            "items": items,
            "contact": contact,
            "coupons": o.coupon_lines.into_iter().map(|c| c.code).collect::<Vec<_>>(),
            "payment_method": o.payment_method,
            "created_at": created.rfc3339(),
            "paid_at": o.paid.0.map(At::rfc3339),
            "completed_at": o.completed.0.map(At::rfc3339),
        }));
        let order_id = o.id;
        let mail = o.billing.email;
        let id = event_id("order", &order_id.to_string(), &version(modified));
        let mut told = vec![Told { id, kind: "order.updated", at, data, mail }];
        for refund in o.refunds {
            told.push(Told {
                id: event_id("refund", &refund.id.to_string(), ""),
                kind: "order.refunded",
                // When it was given is not among what an order tells of it; not later than this.
                at: modified.max(at),
                data: json!({ "order_id": order_id, "refund_id": refund.id,
                    "amount": refund.total.trim_start_matches('-'), "currency": currency.code() }),
                mail: None,
            });
        }
        Ok(Meaning::Told(told))
    }

    fn review(&self, r: Review) -> Result<Meaning, String> {
        let at = r.created.0.ok_or("date_created_gmt is missing")?.min(self.now);
        if self.is_too_old(Some(at)) {
            return Ok(Meaning::LeftOut);
        }
        let rating = r.rating.filter(|rating| *rating > 0);
        let data = filled(json!({ "product_id": r.product_id, "review_id": r.id, "rating": rating }));
        let id = event_id("review", &r.id.to_string(), "");
        Ok(Meaning::Told(vec![Told { id, kind: "review.created", at, data, mail: r.reviewer_email }]))
    }
}

/// When the order came to be what it is, by its own dates where it has one of it.
fn when_told(o: &Order, created: At) -> At {
    let paid = o.paid.0.filter(|paid| o.completed.0.is_none_or(|completed| *paid < completed));
    let own = match o.status.as_str() {
        "completed" => o.completed.0,
        "processing" => Some(paid.unwrap_or(created)),
        "pending" | "on-hold" => Some(created),
        _ => None,
    };
    own.or(o.modified.0).unwrap_or(created).max(created)
}

/// A line of an order; none where nothing is left of it.
fn item(line: &Line, currency: Currency) -> Result<Option<Value>, String> {
    let amount = |name: &str, text: Option<&str>| {
        let text = text.filter(|text| !text.is_empty()).unwrap_or("0");
        Money::parse(text, currency).map_err(|_| format!("{name} of a line is not a number"))
    };
    let quantity = number_text(&line.quantity).ok_or("quantity of a line is not a number")?;
    let whole: i64 = quantity.split('.').next().and_then(|q| q.parse().ok()).ok_or("quantity is not a number")?;
    if whole < 0 || quantity == "0" {
        return Ok(None);
    }
    let subtotal = amount("subtotal", line.subtotal.as_deref())?;
    let tax = amount("subtotal_tax", line.subtotal_tax.as_deref())?;
    let gross = subtotal.checked_add(tax).ok_or("subtotal of a line is too large")?;
    let unit = Money { minor: gross.minor / whole.max(1), ..gross };
    Ok(Some(filled(json!({
        "product_id": line.product_id,
        "variation_id": if line.variation_id == 0 { None } else { Some(line.variation_id) },
        "name": plain_text(&line.name),
        "quantity": quantity,
        "unit_price": unit.decimal(),
    }))))
}

fn person(billing: &Address, shipping: &Address, first: Option<String>, last: Option<String>, user_id: u64) -> Value {
    filled(json!({
        "phone": billing.phone.as_ref().or(shipping.phone.as_ref()),
        "first_name": first.map(|name| plain_text(&name)),
        "last_name": last.map(|name| plain_text(&name)),
        "user_id": if user_id == 0 { None } else { Some(user_id) },
        "country": billing.country,
    }))
}

/// Without the fields that have nothing in them; lists stay even when empty.
fn filled(fields: Value) -> Value {
    let Value::Object(fields) = fields else { return fields };
    let has = |value: &Value| !value.is_null() && value.as_str() != Some("");
    Value::Object(fields.into_iter().filter(|(_, value)| has(value)).collect())
}

/// Changes when the thing does.
fn version(modified: At) -> String {
    modified.0.div_euclid(1_000).to_string()
}

fn number_text(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

/// serde's words quote values; only the field's path would be of use, and that it does not give.
fn typed<T: DeserializeOwned>(row: &Value) -> Result<T, String> {
    T::deserialize(row).map_err(|e| {
        let text = e.to_string();
        if text.starts_with("missing field") {
            text
        } else {
            "a field has another type than WooCommerce gives it".to_owned()
        }
    })
}

#[derive(Deserialize)]
struct Customer {
    id: u64,
    #[serde(default)]
    role: Option<String>,
    #[serde(default, deserialize_with = "said")]
    email: Option<String>,
    #[serde(default, deserialize_with = "said")]
    first_name: Option<String>,
    #[serde(default, deserialize_with = "said")]
    last_name: Option<String>,
    #[serde(default, deserialize_with = "or_nothing")]
    billing: Address,
    #[serde(default, deserialize_with = "or_nothing")]
    shipping: Address,
    #[serde(default, rename = "date_created_gmt")]
    created: Gmt,
    #[serde(default, rename = "date_modified_gmt")]
    modified: Gmt,
}

#[derive(Default, Deserialize)]
struct Address {
    #[serde(default, deserialize_with = "said")]
    phone: Option<String>,
    #[serde(default, deserialize_with = "said")]
    email: Option<String>,
    #[serde(default, deserialize_with = "said")]
    first_name: Option<String>,
    #[serde(default, deserialize_with = "said")]
    last_name: Option<String>,
    #[serde(default, deserialize_with = "said")]
    country: Option<String>,
}

#[derive(Deserialize)]
struct Product {
    id: u64,
    name: String,
    permalink: String,
    status: String,
    #[serde(default)]
    price: Option<String>,
    #[serde(default)]
    regular_price: Option<String>,
    stock_status: String,
    #[serde(default)]
    stock_quantity: Option<Value>,
    /// `"parent"` for variations.
    #[serde(default)]
    manage_stock: Value,
    #[serde(default)]
    categories: Vec<Category>,
    #[serde(default)]
    cross_sell_ids: Vec<u64>,
    #[serde(default)]
    images: Vec<Image>,
    #[serde(default, rename = "date_created_gmt")]
    created: Gmt,
    #[serde(default, rename = "date_modified_gmt")]
    modified: Gmt,
}

#[derive(Deserialize)]
struct Category {
    name: String,
}

#[derive(Deserialize)]
struct Image {
    #[serde(default)]
    src: Option<String>,
}

#[derive(Deserialize)]
struct Order {
    id: u64,
    #[serde(default)]
    number: Option<Value>,
    status: String,
    currency: String,
    total: String,
    #[serde(default)]
    customer_id: Option<u64>,
    #[serde(default, deserialize_with = "or_nothing")]
    billing: Address,
    #[serde(default, deserialize_with = "or_nothing")]
    shipping: Address,
    #[serde(default, deserialize_with = "said")]
    payment_method: Option<String>,
    line_items: Vec<Line>,
    #[serde(default)]
    coupon_lines: Vec<CouponLine>,
    #[serde(default)]
    refunds: Vec<Refund>,
    #[serde(default, rename = "date_created_gmt")]
    created: Gmt,
    #[serde(default, rename = "date_modified_gmt")]
    modified: Gmt,
    #[serde(default, rename = "date_paid_gmt")]
    paid: Gmt,
    #[serde(default, rename = "date_completed_gmt")]
    completed: Gmt,
}

#[derive(Deserialize)]
struct Line {
    name: String,
    #[serde(default)]
    product_id: u64,
    #[serde(default)]
    variation_id: u64,
    quantity: Value,
    #[serde(default)]
    subtotal: Option<String>,
    #[serde(default)]
    subtotal_tax: Option<String>,
}

#[derive(Deserialize)]
struct CouponLine {
    code: String,
}

#[derive(Deserialize)]
struct Refund {
    id: u64,
    total: String,
}

#[derive(Deserialize)]
struct Review {
    id: u64,
    product_id: u64,
    #[serde(default)]
    rating: Option<u32>,
    #[serde(default, deserialize_with = "said")]
    reviewer_email: Option<String>,
    #[serde(default, rename = "date_created_gmt")]
    created: Gmt,
}

/// `2026-01-05T10:20:30`, in UTC; `null` for none.
#[derive(Debug, Clone, Copy, Default)]
struct Gmt(Option<At>);

impl<'de> Deserialize<'de> for Gmt {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Gmt, D::Error> {
        let text: Option<String> = Option::deserialize(d)?;
        Ok(Gmt(text.and_then(|text| {
            let plain = text.trim_end_matches('Z');
            let time = NaiveDateTime::parse_from_str(plain, "%Y-%m-%dT%H:%M:%S").ok()?.and_utc();
            // Year 0 or 1970 stand for "none" in old shops.
            Some(At(time.timestamp_millis())).filter(|at| at.0 > 0)
        })))
    }
}

/// A text with something in it.
fn said<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    let text: Option<String> = Option::deserialize(d)?;
    Ok(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
}

/// PHP writes an empty map as a list.
fn or_nothing<'de, D: Deserializer<'de>, T: Default + DeserializeOwned>(d: D) -> Result<T, D::Error> {
    let value = Value::deserialize(d)?;
    match value {
        Value::Object(_) => T::deserialize(value).map_err(serde::de::Error::custom),
        _ => Ok(T::default()),
    }
}

/// What stands in an index of the shop's API.
#[derive(Debug, Clone, Deserialize)]
pub struct Index {
    pub home: String,
    #[serde(default)]
    pub namespaces: Vec<String>,
}

/// What a row is called when it cannot be read.
#[must_use]
pub fn id_of(row: &Value) -> Option<i64> {
    row.get("id")?.as_i64()
}

/// The query of a page.
#[must_use]
pub fn page_query(kind: Kind, offset: i64, per_page: u32, since: Option<At>) -> BTreeMap<String, String> {
    let mut query = BTreeMap::new();
    let mut put = |name: &str, value: String| query.insert(name.to_owned(), value);
    put("_fields", kind.fields().to_owned());
    put("orderby", "id".to_owned());
    put("order", "asc".to_owned());
    put("per_page", per_page.to_string());
    put("offset", offset.to_string());
    if let Some((name, value)) = kind.extra() {
        put(name, value.to_owned());
    }
    if let (Kind::Orders, Some(since)) = (kind, since) {
        put("after", At(since.0 - 1_000).utc().format("%Y-%m-%dT%H:%M:%S").to_string());
        put("dates_are_gmt", "true".to_owned());
    }
    query
}
