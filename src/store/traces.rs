//! By what an event is seen to be about a person, and what is left of it once the person is erased.

use std::collections::BTreeSet;

use anyhow::Result;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::SqlWorld;
use super::columns::{all, change};
use crate::phone::{self, Phone};
use crate::state::model::{ContactId, Whom};
use crate::state::world::World;

/// By what an event can be seen to be about a person.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Traces {
    phone: Option<Phone>,
    user_id: Option<String>,
    pub carts: BTreeSet<String>,
    orders: BTreeSet<String>,
    slugs: BTreeSet<String>,
    shop_country: String,
}

pub(super) fn write_redacted(conn: &Connection, events: &[(i64, String)]) -> Result<()> {
    let sql = "-- redact_event\nUPDATE events SET data = ?2, redacted = 1 WHERE seq = ?1";
    events.iter().try_for_each(|(seq, data)| change(conn, sql, params![seq, data]).map(drop))
}

/// The fields that stay in a redacted event: what figures are made of. Everything else goes, also what we do not know.
const KEPT: &[&str] = &[
    "cart_key",
    "items",
    "total",
    "currency",
    "coupons",
    "order_id",
    "number",
    "status",
    "created_at",
    "paid_at",
    "completed_at",
    "failed_at",
    "refund_id",
    "amount",
    "product_id",
    "variation_id",
    "review_id",
    "rating",
    "seconds",
    "slug",
];
const KEPT_OF_ITEM: &[&str] = &["product_id", "variation_id", "name", "quantity", "unit_price"];

fn keep(from: &Value, fields: &[&str]) -> Map<String, Value> {
    let object = from.as_object().into_iter().flatten();
    object
        .filter(|(name, _)| fields.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

impl Traces {
    /// What is known of this person now.
    pub fn of(conn: &Connection, whom: &Whom, shop_country: &str) -> Result<Traces> {
        let mut traces = Traces {
            phone: whom.phone.clone(),
            user_id: whom.user_id.clone(),
            shop_country: shop_country.to_owned(),
            ..Traces::default()
        };
        let Some(id) = whom.contact else { return Ok(traces) };
        let texts = |sql| all(conn, sql, [id], |row| row.get::<_, String>(0));
        traces.carts.extend(texts("-- traces: carts\nSELECT key FROM carts WHERE contact_id = ?1")?);
        traces.orders.extend(texts("-- traces: orders\nSELECT id FROM orders WHERE contact_id = ?1")?);
        traces.slugs.extend(texts(
            "-- traces: links
            SELECT l.slug FROM messages m JOIN links l ON l.message_id = m.id WHERE m.contact_id = ?1",
        )?);
        Ok(traces)
    }

    /// As [`Traces::of`], of the person behind a number.
    pub fn of_phone(conn: &Connection, phone: &Phone, shop_country: &str) -> Result<(Traces, Option<ContactId>)> {
        let known = SqlWorld::new(conn).contact_by_phone(phone)?;
        let contact = known.as_ref().map(|c| c.id);
        let whom = Whom { contact, phone: Some(phone.clone()), user_id: known.and_then(|c| c.user_id) };
        Ok((Traces::of(conn, &whom, shop_country)?, contact))
    }

    /// Nothing in the log can be told by these.
    pub fn are_none(&self) -> bool {
        self.phone.is_none() && self.user_id.is_none() && self.carts.is_empty() && self.orders.is_empty()
    }

    /// The event without the person, when it is about this one.
    pub fn redacted(&self, kind: &str, data: &str) -> Option<String> {
        let Ok(body) = serde_json::from_str::<Value>(data) else {
            return self.is_in_text(data).then(|| "{}".to_owned());
        };
        // Written anew, since the sender may have escaped Persian digits.
        if !self.is_about(kind, &body) && !self.is_in_text(&body.to_string()) {
            return None;
        }
        let mut kept = keep(&body, KEPT);
        if let Some(Value::Array(items)) = kept.get_mut("items") {
            for item in items {
                *item = Value::Object(keep(item, KEPT_OF_ITEM));
            }
        }
        Some(Value::Object(kept).to_string())
    }

    pub fn is_about(&self, kind: &str, body: &Value) -> bool {
        let text = |value: &Value| match value {
            Value::String(s) => Some(s.clone()),
            Value::Number(n) => Some(n.to_string()),
            _ => None,
        };
        let field = |name: &str| body.get(name).and_then(text);
        let person = body.get("contact");
        let of_person = |name: &str| person.and_then(|p| p.get(name)).and_then(text);
        let typed = of_person("phone")
            .and_then(|raw| phone::parse(&raw, of_person("country").as_deref(), &self.shop_country).ok());
        if typed.is_some() {
            // A shared account, cart or computer: the number that was typed decides who it was.
            return typed == self.phone;
        }
        let is_product = kind.starts_with("product.") && person.is_none();
        !is_product
            && (self.user_id.is_some() && of_person("user_id") == self.user_id
                || field("cart_key").is_some_and(|key| self.carts.contains(&key))
                || field("order_id").is_some_and(|id| self.orders.contains(&id))
                || field("slug").is_some_and(|slug| self.slugs.contains(&slug))
                // A guest's review is known by the link that asked for it, a choice by the link that led to it.
                || matches!(kind, "review.created" | "contact.opted_out" | "contact.opted_in" | "contact.answered")
                    && field("link").is_some_and(|slug| self.slugs.contains(&slug)))
    }

    /// The number in one of the forms that machines write, wherever it stands.
    fn is_in_text(&self, data: &str) -> bool {
        let Some(phone) = &self.phone else { return false };
        let digits = phone.e164().trim_start_matches('+');
        let national = phone.national();
        // Iran's national form without its zero is part of every form of the number.
        let core = if phone.is_iranian() { national.trim_start_matches('0') } else { digits };
        crate::digits::to_ascii(data).contains(core)
    }
}
