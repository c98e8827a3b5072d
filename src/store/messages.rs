//! The outbox: messages, hand-overs, and what they cost.

use anyhow::Result;
use rusqlite::{Connection, Row, params};

use super::columns::{Code, Columns, all, change, change_one, limit, one, split, statement};
use crate::clock::At;
use crate::money::Money;
use crate::state::model::{ContactId, EnrolmentId, HandOver, Message, MessageId, MessageState};

macro_rules! message_columns {
    () => {
        "m.id, m.enrolment_id, m.contact_id, m.campaign, m.step, m.arm, m.state, m.due_ms, m.next_try_ms, m.expires_ms, m.reason, \
         m.reference, m.attempts, m.gateway, m.gateway_id, m.text, m.parts, m.price_minor, m.price_currency, m.cost_minor, \
         m.cost_currency, m.coupon, m.offer, m.templated, m.service, m.doubted, m.handed_ms, m.settled_ms"
    };
}
pub(super) use message_columns;

/// How many columns [`message_columns`] lists: where those of a joined table begin.
pub(super) const MESSAGE_COLUMNS: usize = 28;

pub(super) fn read_message(row: &Row<'_>) -> rusqlite::Result<Message> {
    let mut c = Columns::of(row);
    Ok(Message {
        id: c.get()?,
        enrolment: c.get()?,
        contact: c.get()?,
        campaign: c.get()?,
        step: c.get()?,
        arm: c.get()?,
        state: c.get()?,
        due: c.get()?,
        next_try: c.get()?,
        expires: c.get()?,
        reason: c.get()?,
        reference: c.get()?,
        attempts: c.count()?,
        gateway: c.get()?,
        gateway_id: c.get()?,
        text: c.get()?,
        parts: c.count()?,
        price: c.money_opt()?,
        cost: c.money_opt()?,
        coupon: c.get()?,
        offer: c.get()?,
        templated: c.get()?,
        service: c.get()?,
        doubted: c.get()?,
        handed: c.get()?,
        settled: c.get()?,
    })
}

pub(super) fn message(conn: &Connection, id: MessageId) -> Result<Option<Message>> {
    one(conn, concat!("-- message\nSELECT ", message_columns!(), " FROM messages m WHERE id = ?1"), [id], read_message)
}

pub(super) fn by_reference(conn: &Connection, reference: i64) -> Result<Option<Message>> {
    let sql = concat!("-- message_by_reference\nSELECT ", message_columns!(), " FROM messages m WHERE reference = ?1");
    one(conn, sql, [reference], read_message)
}

/// The newest: gateways have been seen to use an id twice.
pub(super) fn by_gateway_id(conn: &Connection, gateway: &str, gateway_id: &str) -> Result<Option<Message>> {
    let sql = concat!(
        "-- message_by_gateway_id\nSELECT ",
        message_columns!(),
        " FROM messages m WHERE gateway = ?1 AND gateway_id = ?2 ORDER BY id DESC LIMIT 1"
    );
    one(conn, sql, [gateway, gateway_id], read_message)
}

pub(super) fn add(conn: &Connection, m: &Message) -> Result<Option<MessageId>> {
    let sql = "-- add_message
        INSERT INTO messages (enrolment_id, contact_id, campaign, step, state, due_ms, next_try_ms, expires_ms, reason,
            reference, attempts, gateway, gateway_id, text, parts, price_minor, price_currency, cost_minor, cost_currency,
            coupon, offer, templated, service, doubted, handed_ms, settled_ms, arm)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24,
            ?25, ?26, ?27)
        ON CONFLICT (enrolment_id, step) DO NOTHING";
    let (price, price_currency) = split(m.price);
    let (cost, cost_currency) = split(m.cost);
    let values = params![
        m.enrolment,
        m.contact,
        m.campaign,
        m.step,
        m.state,
        m.due,
        m.next_try,
        m.expires,
        m.reason,
        m.reference,
        m.attempts,
        m.gateway,
        m.gateway_id,
        m.text,
        m.parts,
        price,
        price_currency,
        cost,
        cost_currency,
        m.coupon,
        m.offer,
        m.templated,
        m.service,
        m.doubted,
        m.handed,
        m.settled,
        m.arm
    ];
    let added = statement(conn, sql)?.execute(values)? == 1;
    Ok(added.then(|| MessageId(conn.last_insert_rowid())))
}

/// Enrolment, contact, campaign, step and arm stay as they were added.
pub(super) fn put(conn: &Connection, m: &Message) -> Result<()> {
    let sql = "-- put_message
        UPDATE messages SET state = ?2, due_ms = ?3, next_try_ms = ?4, expires_ms = ?5, reason = ?6, reference = ?7,
            attempts = ?8, gateway = ?9, gateway_id = ?10, text = ?11, parts = ?12, price_minor = ?13, price_currency = ?14,
            cost_minor = ?15, cost_currency = ?16, coupon = ?17, offer = ?18, templated = ?19, service = ?20, doubted = ?21,
            handed_ms = ?22, settled_ms = ?23
        WHERE id = ?1";
    let (price, price_currency) = split(m.price);
    let (cost, cost_currency) = split(m.cost);
    let values = params![
        m.id,
        m.state,
        m.due,
        m.next_try,
        m.expires,
        m.reason,
        m.reference,
        m.attempts,
        m.gateway,
        m.gateway_id,
        m.text,
        m.parts,
        price,
        price_currency,
        cost,
        cost_currency,
        m.coupon,
        m.offer,
        m.templated,
        m.service,
        m.doubted,
        m.handed,
        m.settled
    ];
    change_one(conn, sql, values, "message", m.id.0)
}

/// By step: the number of an enrolment's messages is that of its campaign's steps.
pub(super) fn scheduled_of(conn: &Connection, enrolment: EnrolmentId) -> Result<Vec<Message>> {
    let sql = concat!(
        "-- scheduled_of\nSELECT ",
        message_columns!(),
        " FROM messages m INDEXED BY messages_step WHERE enrolment_id = ?1 AND state = 'scheduled' ORDER BY step"
    );
    all(conn, sql, [enrolment], read_message)
}

pub(super) fn due(conn: &Connection, now: At, most: usize) -> Result<Vec<MessageId>> {
    let sql = "-- due_messages
        SELECT id FROM messages INDEXED BY messages_scheduled
        WHERE state = 'scheduled' AND next_try_ms <= ?1
        ORDER BY next_try_ms, due_ms, id LIMIT ?2";
    all(conn, sql, params![now, limit(most)], |row| row.get(0))
}

pub(super) fn to_ask(conn: &Connection, now: At, most: usize) -> Result<Vec<MessageId>> {
    let sql = "-- messages_to_ask
        SELECT id FROM messages INDEXED BY messages_to_ask
        WHERE state IN ('sent', 'unknown') AND next_try_ms <= ?1
        ORDER BY next_try_ms, id LIMIT ?2";
    all(conn, sql, params![now, limit(most)], |row| row.get(0))
}

/// The earliest of enrolments' wake-ups, scheduled messages and questions to the gateway.
pub(super) fn next_moment(conn: &Connection) -> Result<Option<At>> {
    let each = [
        "-- next_moment: enrolments\nSELECT min(wake_ms) FROM enrolments WHERE wake_ms IS NOT NULL",
        "-- next_moment: messages\nSELECT min(next_try_ms) FROM messages INDEXED BY messages_scheduled WHERE state = 'scheduled'",
        "-- next_moment: questions\nSELECT min(next_try_ms) FROM messages INDEXED BY messages_to_ask WHERE state IN ('sent', 'unknown')",
    ];
    let mut earliest = At::NEVER;
    for sql in each {
        let moment = one(conn, sql, [], |row| row.get::<_, Option<At>>(0))?.flatten();
        earliest = earliest.min(moment.unwrap_or(At::NEVER));
    }
    Ok(Some(earliest).filter(|t| *t != At::NEVER))
}

pub(super) fn within(conn: &Connection, state: MessageState, most: usize) -> Result<Vec<MessageId>> {
    let sql = "-- messages_in\nSELECT id FROM messages WHERE state = ?1 ORDER BY handed_ms, id LIMIT ?2";
    all(conn, sql, params![state, limit(most)], |row| row.get(0))
}

pub(super) fn handed_since(conn: &Connection, contact: ContactId, since: At) -> Result<Vec<At>> {
    let sql = "-- handed_since
        SELECT handed_ms FROM messages
        WHERE contact_id = ?1 AND handed_ms >= ?2 AND state IN ('sending', 'sent', 'delivered', 'unknown') AND service = 0
        ORDER BY handed_ms";
    all(conn, sql, params![contact, since], |row| row.get(0))
}

pub(super) fn is_sending_to(conn: &Connection, contact: ContactId) -> Result<bool> {
    let sql = "-- is_sending_to\nSELECT 1 FROM messages WHERE contact_id = ?1 AND state = 'sending' LIMIT 1";
    Ok(one(conn, sql, [contact], |_| Ok(()))?.is_some())
}

pub(super) fn hand_over(conn: &Connection, h: &HandOver) -> Result<()> {
    let sql = "-- hand_over
        UPDATE messages SET state = 'sending', reason = NULL, reference = ?2, attempts = attempts + 1, gateway = ?3,
            gateway_id = NULL, text = ?4, parts = ?5, price_minor = ?6, price_currency = ?7, cost_minor = NULL,
            cost_currency = NULL, coupon = ?8, offer = ?9, templated = ?10, handed_ms = ?11, service = ?12,
            settled_ms = NULL
        WHERE id = ?1";
    let values = params![
        h.message,
        h.reference,
        h.gateway,
        h.text,
        h.parts,
        h.price.minor,
        Code(h.price.currency),
        h.coupon,
        h.offer,
        h.templated,
        h.at,
        h.service
    ];
    change_one(conn, sql, values, "message", h.message.0)?;
    if let Some(link) = &h.link {
        super::links::replace(conn, link)?;
    }
    Ok(())
}

/// Length of the steps in which spending is summed up; the table's triggers know it too.
pub(super) const QUARTER_MS: i64 = 900_000;

pub(super) fn spent_since(conn: &Connection, since: At, now: At, zero: Money) -> Result<Money> {
    let whole = "-- spent_since: whole quarters
        SELECT coalesce(sum(minor), 0) FROM spend WHERE currency = ?1 AND quarter BETWEEN ?2 AND ?3";
    let rest = "-- spent_since: the rest of the first
        SELECT coalesce(sum(spent_minor), 0) FROM messages
        WHERE handed_ms >= ?2 AND handed_ms < ?3 AND spent_currency = ?1";
    let currency = Code(zero.currency);
    let first = since.0.div_euclid(QUARTER_MS) + i64::from(since.0.rem_euclid(QUARTER_MS) != 0);
    let mut minor: i64 =
        one(conn, whole, params![currency, first, now.0.div_euclid(QUARTER_MS)], |row| row.get(0))?.unwrap_or_default();
    let begins = first.saturating_mul(QUARTER_MS);
    if begins > since.0 {
        minor += one(conn, rest, params![currency, since, begins], |row| row.get::<_, i64>(0))?.unwrap_or_default();
    }
    Ok(Money { minor, ..zero })
}

pub(super) fn spent_by_campaign_since(
    conn: &Connection,
    campaign: &str,
    since: At,
    now: At,
    zero: Money,
) -> Result<Money> {
    let sql = "-- spent_by_campaign_since
        SELECT coalesce(sum(minor), 0) FROM campaign_spend WHERE campaign = ?1 AND currency = ?2 AND quarter BETWEEN ?3 AND ?4";
    let (first, last) = (since.0.div_euclid(QUARTER_MS), now.0.div_euclid(QUARTER_MS));
    let values = params![campaign, Code(zero.currency), first, last];
    let minor = one(conn, sql, values, |row| row.get(0))?.unwrap_or_default();
    Ok(Money { minor, ..zero })
}

pub(super) fn handed_by_gateway_since(conn: &Connection, gateway: &str, since: At, most: usize) -> Result<Vec<At>> {
    let sql = "-- handed_by_gateway_since
        SELECT handed_ms FROM messages INDEXED BY messages_by_gateway
        WHERE gateway = ?1 AND handed_ms > ?2 ORDER BY handed_ms LIMIT ?3";
    all(conn, sql, params![gateway, since, limit(most)], |row| row.get(0))
}

pub(super) fn waiting_for(conn: &Connection, contact: ContactId) -> Result<Vec<Message>> {
    let sql = concat!(
        "-- waiting_for\nSELECT ",
        message_columns!(),
        " FROM messages m INDEXED BY messages_waiting WHERE contact_id = ?1 AND state = 'scheduled' ORDER BY id LIMIT 20"
    );
    all(conn, sql, [contact], read_message)
}

/// Removes the texts of messages that were due before `before`, whatever became of them; their figures stay. At most `most` at a
/// time.
pub(super) fn scrub_texts(conn: &Connection, before: At, most: usize) -> Result<usize> {
    let sql = "-- scrub_texts
        UPDATE messages SET text = NULL WHERE id IN (
            SELECT id FROM messages INDEXED BY messages_texts WHERE text IS NOT NULL AND due_ms < ?1 ORDER BY due_ms LIMIT ?2)";
    change(conn, sql, params![before, limit(most)])
}
