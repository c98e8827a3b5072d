//! Forgetting a person, and telling a person all that is known of them.
//!
//! Both go through the whole log, in chunks, since an event names people in its body only. Figures stay: orders, money,
//! counts. What is forgotten is who it was, what they were called, and what was written to and by them.

use anyhow::{Context, Result, anyhow};
use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::columns::{Columns, Json, all, change, one};
use super::traces::{Traces, write_redacted};
use super::{
    Readers, SqlWorld, StoreError, Writer, alerts, figures, habits, history, inbound, log, occasions, standing,
};
use crate::clock::At;
use crate::phone::Phone;
use crate::state::model::{Contact, ContactId, Item, OptOut, Reason, Whom};
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
    wait_until_all_is_heard(writer).await?;
    let mut erased = Erased::default();
    let traces = {
        let (phone, country) = (phone.clone(), shop_country.to_owned());
        writer.run(move |world| Ok(Traces::of_phone(world.connection(), &phone, &country)?.0)).await?
    };
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

/// Everything but the log, in one transaction; and what came into the log since `seq`.
fn forget(world: &mut SqlWorld<'_>, phone: &Phone, shop_country: &str, seq: i64, now: At) -> Result<Erased> {
    let conn = world.connection();
    let (traces, contact) = Traces::of_phone(conn, phone, shop_country)?;
    let late: Vec<(i64, String)> = log::after(conn, seq, usize::MAX)?
        .into_iter()
        .filter_map(|e| Some((e.seq, traces.redacted(&e.kind, &e.data)?)))
        .collect();
    write_redacted(conn, &late)?;
    let erased = Erased { events: late.len(), ..Erased::default() };
    forget_rejected(conn, &traces)?;
    history::forget(conn, &traces)?;
    inbound::forget(conn, phone)?;
    let Some(id) = contact else { return Ok(erased) };
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
    Ok(Erased { events: erased.events, ..forget_contact(conn, id, now)? })
}

/// What the shop asked for in its log: all but the log itself at once, the log when [`carry_on`] comes to it. `until` is the
/// event that asks.
pub(super) fn begin(conn: &Connection, whom: &Whom, shop_country: &str, until: i64, at: At) -> Result<()> {
    let traces = Traces::of(conn, whom, shop_country)?;
    forget_rejected(conn, &traces)?;
    history::forget(conn, &traces)?;
    if let Some(phone) = &whom.phone {
        inbound::forget(conn, phone)?;
    }
    if let Some(id) = whom.contact {
        forget_contact(conn, id, at)?;
    }
    // The event that asks names the person in any case, perhaps by what nobody here is known by.
    let done = if traces.are_none() { until - 1 } else { 0 };
    let sql = "-- erase: begin\nINSERT INTO erasures (traces, until_seq, done_seq) VALUES (?1, ?2, ?3)";
    change(conn, sql, params![Json(&traces), until, done]).map(drop)
}

/// Whether [`carry_on`] has something to do.
///
/// # Errors
/// The database's.
pub fn is_begun(conn: &Connection) -> Result<bool> {
    Ok(one(conn, "-- erase: is begun\nSELECT 1 FROM erasures LIMIT 1", [], |_| Ok(()))?.is_some())
}

/// Redacts the log for those whom the shop has asked to erase, up to the event that asked: what came later is news. Goes on
/// where it was interrupted. Returns how many events were redacted.
///
/// # Errors
/// [`StoreError`]; the rest is done when this is called again.
pub async fn carry_on(writer: &Writer) -> Result<usize, StoreError> {
    let mut redacted = 0;
    while let Some(n) = writer.run(|world| next_chunk(world.connection())).await? {
        redacted += n;
    }
    // Only now that nothing of them is left in the write-ahead log either are they done with.
    writer.checkpoint().await?;
    let done = "-- erase: done\nDELETE FROM erasures WHERE done_seq >= until_seq";
    writer.run(move |world| change(world.connection(), done, [])).await?;
    Ok(redacted)
}

/// How many events of the next chunk were redacted; `None`: there is none.
fn next_chunk(conn: &Connection) -> Result<Option<usize>> {
    let next = "-- erase: next
        SELECT id, traces, until_seq, done_seq FROM erasures WHERE done_seq < until_seq ORDER BY id LIMIT 1";
    let row = one(conn, next, [], |row| {
        let mut c = Columns::of(row);
        Ok((c.get::<i64>()?, c.json::<Traces>()?, c.get::<i64>()?, c.get::<i64>()?))
    })?;
    let Some((id, traces, until, done)) = row else { return Ok(None) };
    let chunk: Vec<log::Logged> =
        log::after(conn, done, CHUNK)?.into_iter().take_while(|event| event.seq <= until).collect();
    let done = chunk.last().map_or(until, |event| event.seq);
    let redacted: Vec<(i64, String)> = chunk
        .into_iter()
        .filter(|e| !e.redacted)
        .filter_map(|e| {
            let bare = (e.seq == until).then(|| "{}".to_owned());
            Some((e.seq, bare.or_else(|| traces.redacted(&e.kind, &e.data))?))
        })
        .collect();
    write_redacted(conn, &redacted)?;
    let left = if done < until { traces } else { Traces::default() };
    let write = "-- erase: went on\nUPDATE erasures SET traces = ?2, done_seq = ?3 WHERE id = ?1";
    change(conn, write, params![id, Json(&left), done])?;
    Ok(Some(redacted.len()))
}

/// What is personal of a contact, but for the log.
fn forget_contact(conn: &Connection, id: ContactId, at: At) -> Result<Erased> {
    let messages = change(conn, "-- erase: texts\nUPDATE messages SET text = NULL WHERE contact_id = ?1", [id])?;
    change(
        conn,
        "-- erase: links
        UPDATE links SET expires_ms = min(expires_ms, ?2) WHERE message_id IN (SELECT id FROM messages WHERE contact_id = ?1)",
        params![id, at],
    )?;
    figures::count_namelessly(conn, id)?;
    alerts::forget_words(conn, id, at)?;
    let in_carts = "-- erase: marks of carts
        DELETE FROM event_carts WHERE cart_key IN (SELECT key FROM carts WHERE contact_id = ?1)";
    change(conn, in_carts, [id])?;
    change(conn, "-- erase: marks\nDELETE FROM event_contacts WHERE contact_id = ?1", [id])?;
    habits::forget(conn, id)?;
    occasions::forget(conn, id)?;
    standing::forget(conn, id)?;
    let carts = forget_carts(conn, id)?;
    let orders = forget_orders(conn, id)?;
    change(
        conn,
        "-- erase: contact
        UPDATE contacts SET phone = NULL, user_id = NULL, first_name = NULL, last_name = NULL, locale = NULL, birthday = NULL, registered_ms = NULL,
            country = NULL, consent = NULL, erased_ms = ?2
        WHERE id = ?1",
        params![id, at],
    )?;
    Ok(Erased { known: true, events: 0, messages, carts, orders })
}

/// A line without what a shopper may have written into it, such as an engraving.
pub(super) fn plain(items: &[Item]) -> Vec<Item> {
    items
        .iter()
        .cloned()
        .map(|item| Item { url: None, attributes: std::collections::BTreeMap::new(), ..item })
        .collect()
}

fn forget_carts(conn: &Connection, id: ContactId) -> Result<usize> {
    let read = "-- erase: carts to change\nSELECT key, items FROM carts WHERE contact_id = ?1";
    let write = "-- erase: carts\nUPDATE carts SET items = ?2, checkout_url = NULL WHERE key = ?1";
    forget_items(conn, id, read, write)
}

fn forget_orders(conn: &Connection, id: ContactId) -> Result<usize> {
    let read = "-- erase: orders to change\nSELECT id, items FROM orders WHERE contact_id = ?1";
    let write = "-- erase: orders\nUPDATE orders SET items = ?2, tracking_url = NULL, shipping = NULL WHERE id = ?1";
    forget_items(conn, id, read, write)
}

fn forget_items(conn: &Connection, id: ContactId, read: &'static str, write: &'static str) -> Result<usize> {
    let rows: Vec<(String, String)> = all(conn, read, [id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (key, items) in &rows {
        let items = serde_json::to_string(&plain(&serde_json::from_str::<Vec<Item>>(items)?))?;
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
    let (traces, _) = Traces::of_phone(conn, phone, shop_country)?;
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
        "views": rows_of(conn, contact.id, "-- export: views
            SELECT json_object('product_id', product_id, 'variation_id', variation_id, 'seconds', seconds, 'at_ms', at_ms)
            FROM views WHERE contact_id = ?1 ORDER BY at_ms, id")?,
        "visits": rows_of(conn, contact.id, "-- export: visits
            SELECT json_object('what', what, 'day_ms', day_ms, 'count', count) FROM doings WHERE contact_id = ?1")?,
        "wanted": rows_of(conn, contact.id, "-- export: wanted
            SELECT json_object('product_id', product_id, 'variation_id', nullif(variation_id, ''), 'at_ms', at_ms)
            FROM wanted WHERE contact_id = ?1")?,
        "own_events": rows_of(conn, contact.id, "-- export: own events
            SELECT json_object('name', name, 'data', json(fields), 'at_ms', at_ms) FROM happenings WHERE contact_id = ?1")?,
        "subscriptions": rows_of(conn, contact.id, "-- export: subscriptions
            SELECT json_object('id', id, 'status', status, 'ends_ms', ends_ms) FROM subscriptions WHERE contact_id = ?1")?,
        "watches": rows_of(conn, contact.id, "-- export: watches
            SELECT json_object('product_id', product_id) FROM watches WHERE contact_id = ?1")?,
        "tags": rows_of(conn, contact.id, "-- export: tags
            SELECT json_object('tag', tag, 'at_ms', at_ms) FROM contact_tags WHERE contact_id = ?1")?,
        "points": rows_of(conn, contact.id, "-- export: points
            SELECT json_object('about', about, 'change', change, 'at_ms', at_ms, 'expires_ms', expires_ms)
            FROM points WHERE contact_id = ?1 ORDER BY at_ms, about, part")?,
        "segments": rows_of(conn, contact.id, "-- export: segments
            SELECT json_object('segment', segment, 'since_ms', since_ms, 'until_ms', until_ms)
            FROM memberships WHERE contact_id = ?1")?,
        "standing": rows_of(conn, contact.id, "-- export: standing
            SELECT json_object('rfm', rfm, 'recency', recency, 'frequency', frequency, 'monetary', monetary,
                'since_ms', rfm_since_ms)
            FROM standings WHERE contact_id = ?1 AND rfm IS NOT NULL")?,
        "moves": rows_of(conn, contact.id, "-- export: moves
            SELECT json_object('from', was, 'to', became, 'at_ms', at_ms) FROM moves WHERE contact_id = ?1")?,
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
        "registered": c.registered.map(At::rfc3339),
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
                "created": o.created.rfc3339(), "tracking_url": o.tracking_url, "shipping": o.shipping,
                "payment_method": o.payment_method, "failed": o.failed.map(At::rfc3339),
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
