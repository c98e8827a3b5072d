//! Forgetting a person, and telling a person all that is known of them.
//!
//! Both go through the whole log, in chunks, since an event names people in its body only. Figures stay: orders, money,
//! counts. What is forgotten is who it was, what they were called, and what was written to and by them.

use std::collections::BTreeSet;

use anyhow::{Context, Result, anyhow};
use rusqlite::{Connection, params};
use serde_json::{Map, Value, json};

use super::columns::{all, change};
use super::{Readers, SqlWorld, StoreError, Writer, figures, inbound, log};
use crate::clock::At;
use crate::phone::{self, Phone};
use crate::state::model::{Contact, ContactId, Item, OptOut, Reason};
use crate::state::world::World;

/// Events looked at, or redacted, at a time: between two chunks others get their turn.
const CHUNK: usize = 1_000;
/// For so many looks, so far apart, it is waited for the daemon to apply what it has received.
const LOOKS: u32 = 50;
const BETWEEN: std::time::Duration = std::time::Duration::from_millis(100);
const NOT_HEARD: &str =
    "events wait to be applied, and a choice of this person's may be among them: start the daemon first";

/// What erasing did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Erased {
    /// Whether the number was known at all.
    pub known: bool,
    pub events: usize,
    pub messages: usize,
    pub carts: usize,
    pub orders: usize,
}

/// By what an event can be seen to be about a person.
#[derive(Debug, Clone, Default)]
struct Traces {
    phone: Option<Phone>,
    user_id: Option<String>,
    carts: BTreeSet<String>,
    orders: BTreeSet<String>,
    slugs: BTreeSet<String>,
    shop_country: String,
}

/// Forgets the person behind a number: contact, log, texts, replies, rejected events. Opt-outs stay, as a keyed hash.
/// Safe to do again when it was interrupted.
///
/// `shop_country` is that of [`phone::parse`].
///
/// # Errors
/// [`StoreError`]. The last step, emptying the write-ahead log, can fail while a long read goes on: then do it again.
pub async fn erase(
    writer: &Writer,
    readers: &Readers,
    phone: &Phone,
    shop_country: &str,
    now: At,
) -> Result<Erased, StoreError> {
    let mut erased = Erased::default();
    let traces = {
        let (phone, country) = (phone.clone(), shop_country.to_owned());
        writer.run(move |world| traces_of(world.connection(), &phone, &country)).await?
    };
    wait_until_all_is_heard(writer).await?;
    // The log first: should we be interrupted, the contact still tells what belongs to it.
    let mut seq = 0;
    loop {
        let chunk = readers.with(|conn| log::after(conn, seq, CHUNK)).map_err(StoreError::Job)?;
        let Some(last) = chunk.last() else { break };
        seq = last.seq;
        erased.events += redact(writer, chunk, &traces).await?;
    }
    let state = forget_when_all_is_heard(writer, phone, shop_country, seq, now).await?;
    writer.checkpoint().await?;
    Ok(Erased { events: erased.events + state.events, ..state })
}

/// An opt-out in the log that was not applied yet would lose its person's number, and be forgotten with it.
async fn wait_until_all_is_heard(writer: &Writer) -> Result<(), StoreError> {
    for _ in 0..LOOKS {
        if writer.run(|world| Ok(log::counts(world.connection())?.pending)).await? == 0 {
            return Ok(());
        }
        tokio::time::sleep(BETWEEN).await;
    }
    Err(StoreError::Job(anyhow!(NOT_HEARD)))
}

async fn forget_when_all_is_heard(
    writer: &Writer,
    phone: &Phone,
    shop_country: &str,
    seq: i64,
    now: At,
) -> Result<Erased, StoreError> {
    for _ in 0..LOOKS {
        let (phone, country) = (phone.clone(), shop_country.to_owned());
        let job = move |world: &mut SqlWorld<'_>| {
            let all_is_heard = log::counts(world.connection())?.pending == 0;
            all_is_heard.then(|| forget(world, &phone, &country, seq, now)).transpose()
        };
        if let Some(erased) = writer.run(job).await? {
            return Ok(erased);
        }
        tokio::time::sleep(BETWEEN).await;
    }
    Err(StoreError::Job(anyhow!(NOT_HEARD)))
}

/// Redacts what of a chunk is about the person.
async fn redact(writer: &Writer, chunk: Vec<log::Logged>, traces: &Traces) -> Result<usize, StoreError> {
    let redacted: Vec<(i64, String)> = chunk
        .into_iter()
        .filter(|e| !e.redacted)
        .filter_map(|e| Some((e.seq, traces.redacted(&e.kind, &e.data)?)))
        .collect();
    let n = redacted.len();
    if n > 0 {
        writer.run(move |world| write_redacted(world.connection(), &redacted)).await?;
    }
    Ok(n)
}

fn write_redacted(conn: &Connection, events: &[(i64, String)]) -> Result<()> {
    let sql = "-- redact_event\nUPDATE events SET data = ?2, redacted = 1 WHERE seq = ?1";
    events.iter().try_for_each(|(seq, data)| change(conn, sql, params![seq, data]).map(drop))
}

fn traces_of(conn: &Connection, phone: &Phone, shop_country: &str) -> Result<Traces> {
    let mut traces = Traces { phone: Some(phone.clone()), shop_country: shop_country.to_owned(), ..Traces::default() };
    let Some(contact) = SqlWorld::new(conn).contact_by_phone(phone)? else { return Ok(traces) };
    let texts = |sql| all(conn, sql, [contact.id], |row| row.get::<_, String>(0));
    traces.carts.extend(texts("-- traces: carts\nSELECT key FROM carts WHERE contact_id = ?1")?);
    traces.orders.extend(texts("-- traces: orders\nSELECT id FROM orders WHERE contact_id = ?1")?);
    traces.slugs.extend(texts(
        "-- traces: links
        SELECT l.slug FROM messages m JOIN links l ON l.message_id = m.id WHERE m.contact_id = ?1",
    )?);
    traces.user_id = contact.user_id;
    Ok(traces)
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
    "refund_id",
    "amount",
    "product_id",
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
    /// The event without the person, when it is about this one.
    fn redacted(&self, kind: &str, data: &str) -> Option<String> {
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

    fn is_about(&self, kind: &str, body: &Value) -> bool {
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
                || matches!(kind, "review.created" | "contact.opted_out" | "contact.opted_in")
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

/// Everything but the log, in one transaction; and what came into the log since `seq`.
fn forget(world: &mut SqlWorld<'_>, phone: &Phone, shop_country: &str, seq: i64, now: At) -> Result<Erased> {
    let conn = world.connection();
    let mut erased = Erased::default();
    let traces = traces_of(conn, phone, shop_country)?;
    let late: Vec<(i64, String)> = log::after(conn, seq, usize::MAX)?
        .into_iter()
        .filter_map(|e| Some((e.seq, traces.redacted(&e.kind, &e.data)?)))
        .collect();
    write_redacted(conn, &late)?;
    erased.events = late.len();
    forget_rejected(conn, &traces)?;
    inbound::forget(conn, phone)?;
    let Some(contact) = world.contact_by_phone(phone)? else { return Ok(erased) };
    erased.known = true;
    let id = contact.id;

    for mut enrolment in world.open_enrolments(id)? {
        enrolment.state = crate::state::model::EnrolmentState::Ended;
        enrolment.ended = Some(now);
        enrolment.end_reason = Some(Reason::Erased);
        enrolment.wake = None;
        world.put_enrolment(&enrolment)?;
    }
    change(
        conn,
        "-- erase: scheduled
        UPDATE messages SET state = 'cancelled', reason = ?2, settled_ms = ?3 WHERE contact_id = ?1 AND state = 'scheduled'",
        params![id, Reason::Erased, now],
    )?;
    erased.messages = change(conn, "-- erase: texts\nUPDATE messages SET text = NULL WHERE contact_id = ?1", [id])?;
    change(
        conn,
        "-- erase: links
        UPDATE links SET expires_ms = min(expires_ms, ?2) WHERE message_id IN (SELECT id FROM messages WHERE contact_id = ?1)",
        params![id, now],
    )?;
    figures::count_namelessly(conn, id)?;
    erased.carts = forget_carts(conn, id)?;
    erased.orders = forget_orders(conn, id)?;
    change(
        conn,
        "-- erase: contact
        UPDATE contacts SET phone = NULL, user_id = NULL, first_name = NULL, last_name = NULL, locale = NULL, birthday = NULL,
            country = NULL, consent = NULL, erased_ms = ?2
        WHERE id = ?1",
        params![id, now],
    )?;
    Ok(erased)
}

/// A line without what a shopper may have written into it, such as an engraving.
fn plain(items: Vec<Item>) -> Vec<Item> {
    items.into_iter().map(|item| Item { url: None, attributes: std::collections::BTreeMap::new(), ..item }).collect()
}

fn forget_carts(conn: &Connection, id: ContactId) -> Result<usize> {
    let read = "-- erase: carts to change\nSELECT key, items FROM carts WHERE contact_id = ?1";
    let write = "-- erase: carts\nUPDATE carts SET items = ?2, checkout_url = NULL WHERE key = ?1";
    forget_items(conn, id, read, write)
}

fn forget_orders(conn: &Connection, id: ContactId) -> Result<usize> {
    let read = "-- erase: orders to change\nSELECT id, items FROM orders WHERE contact_id = ?1";
    let write = "-- erase: orders\nUPDATE orders SET items = ?2, tracking_url = NULL WHERE id = ?1";
    forget_items(conn, id, read, write)
}

fn forget_items(conn: &Connection, id: ContactId, read: &'static str, write: &'static str) -> Result<usize> {
    let rows: Vec<(String, String)> = all(conn, read, [id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (key, items) in &rows {
        let items = serde_json::to_string(&plain(serde_json::from_str(items)?))?;
        change(conn, write, params![key, items])?;
    }
    Ok(rows.len())
}

fn forget_rejected(conn: &Connection, traces: &Traces) -> Result<()> {
    let read = "-- erase: rejected to change\nSELECT id, type, data FROM rejected_events";
    let write = "-- erase: rejected\nUPDATE rejected_events SET data = '{}' WHERE id = ?1";
    let rows: Vec<(i64, String, String)> = all(conn, read, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for (id, kind, data) in rows {
        if traces.redacted(&kind, &data).is_some() {
            change(conn, write, [id])?;
        }
    }
    Ok(())
}

/// Everything that is known of a person, for the person. `None` when the number is not known.
///
/// # Errors
/// The database's.
pub fn export(conn: &Connection, phone: &Phone, shop_country: &str) -> Result<Option<Value>> {
    let world = SqlWorld::new(conn);
    let traces = traces_of(conn, phone, shop_country)?;
    let mut events = Vec::new();
    log::walk(conn, 0, |e| {
        if let Some(body) = serde_json::from_str::<Value>(&e.data).ok().filter(|body| traces.is_about(&e.kind, body)) {
            events.push(json!({ "id": e.event_id, "type": e.kind, "time": e.at.rfc3339(), "data": body }));
        }
        Ok(())
    })?;
    let replies: Vec<Value> = inbound::of(conn, phone)?
        .into_iter()
        .map(|i| json!({ "time": i.at.rfc3339(), "text": i.text, "gateway": i.gateway }))
        .collect();
    let opted_out = world.opt_out(phone)?.as_ref().map(OptOut::told);
    let Some(contact) = world.contact_by_phone(phone)? else {
        let nothing = events.is_empty() && replies.is_empty() && opted_out.is_none();
        return Ok((!nothing).then(|| json!({ "opted_out": opted_out, "replies": replies, "events": events })));
    };
    Ok(Some(json!({
        "contact": told_contact(&contact),
        "opted_out": opted_out,
        "refuses_advertising": world.is_blocked(phone)?,
        "carts": told_carts(&world, contact.id)?,
        "orders": told_orders(&world, contact.id)?,
        "reviews": told_reviews(&world, contact.id)?,
        "campaigns": rows_of(conn, contact.id, "-- export: campaigns
            SELECT json_object('campaign', campaign, 'about', occasion, 'state', state, 'since_ms', since_ms,
                'entered_ms', entered_ms, 'ended_ms', ended_ms, 'reason', end_reason)
            FROM enrolments WHERE contact_id = ?1")?,
        "messages": rows_of(conn, contact.id, "-- export: messages
            SELECT json_object('campaign', m.campaign, 'step', m.step, 'state', m.state, 'text', m.text,
                'handed_ms', m.handed_ms, 'reason', m.reason, 'link', l.slug, 'visits', l.human_hits)
            FROM messages m LEFT JOIN links l ON l.message_id = m.id WHERE m.contact_id = ?1")?,
        "decisions": rows_of(conn, contact.id, "-- export: decisions
            SELECT json_object('at_ms', at_ms, 'campaign', campaign, 'step', step, 'reason', reason, 'detail', detail)
            FROM decisions WHERE contact_id = ?1")?,
        "replies": replies,
        "events": events,
    })))
}

fn rows_of(conn: &Connection, id: ContactId, sql: &'static str) -> Result<Vec<Value>> {
    let rows: Vec<String> = all(conn, sql, [id], |row| row.get(0))?;
    rows.iter().map(|text| serde_json::from_str(text).context("a row cannot be told")).collect()
}

fn told_contact(c: &Contact) -> Value {
    json!({
        "phone": c.phone.as_ref().map(Phone::e164),
        "user_id": c.user_id,
        "first_name": c.first_name,
        "last_name": c.last_name,
        "locale": c.locale,
        "birthday": c.birthday,
        "country": c.country,
        "consent": c.consent,
        "created": c.created.rfc3339(),
        "last_seen": c.last_seen.rfc3339(),
    })
}

fn told_carts(world: &SqlWorld<'_>, id: ContactId) -> Result<Vec<Value>> {
    let carts = world.carts_of(id)?;
    Ok(carts
        .into_iter()
        .map(|c| {
            json!({
                "cart_key": c.key, "state": c.state, "items": c.items, "total_minor": c.total.minor,
                "currency": c.total.currency, "coupons": c.coupons, "last_action": c.last_action.rfc3339(),
            })
        })
        .collect())
}

fn told_orders(world: &SqlWorld<'_>, id: ContactId) -> Result<Vec<Value>> {
    let orders = world.orders_of(id)?;
    Ok(orders
        .into_iter()
        .map(|o| {
            json!({
                "order_id": o.id, "number": o.number, "status": o.status, "items": o.items, "total_minor": o.total.minor,
                "refunded_minor": o.refunded.minor, "currency": o.total.currency, "coupons": o.coupons,
                "created": o.created.rfc3339(),
            })
        })
        .collect())
}

fn told_reviews(world: &SqlWorld<'_>, id: ContactId) -> Result<Vec<Value>> {
    let reviews = world.reviews_of(id)?;
    Ok(reviews
        .into_iter()
        .map(|r| json!({ "product_id": r.product_id, "order_id": r.order_id, "time": r.at.rfc3339() }))
        .collect())
}
