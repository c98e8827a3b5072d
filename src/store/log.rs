//! The log: every event that was accepted, for ever, in the order of arrival.

use std::collections::BTreeSet;

use anyhow::Result;
use rusqlite::{Connection, Row, params};

use super::columns::{all, change, limit, number, one, statement};
use crate::clock::At;
use crate::state::model::ContactId;

/// One event on its way into the log.
#[derive(Debug, Clone)]
pub struct Incoming {
    pub event_id: String,
    pub kind: String,
    /// When it happened.
    pub time: At,
    /// JSON, as it was sent.
    pub data: String,
}

/// What became of one event that was offered to the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// Its place in the log, from 1.
    New(i64),
    /// An event of this id is there already; nothing changed.
    Duplicate,
}

/// One event of the log.
#[derive(Debug, Clone)]
pub struct Logged {
    pub seq: i64,
    pub event_id: String,
    pub kind: String,
    /// When it happened, as it was sent.
    pub at: At,
    pub received: At,
    /// The person in it was erased: what is left of `data` may not have the contract's shape any more.
    pub redacted: bool,
    pub data: String,
}

/// An event that could not be taken. Its data is not among the fields: it may hold a person's number.
#[derive(Debug, Clone)]
pub struct Rejected {
    pub event_id: String,
    pub kind: String,
    pub error: String,
    pub received: At,
}

/// How many rejected events are kept; the oldest go first.
const REJECTED_KEPT: i64 = 10_000;

/// Adds events in their order. One answer for each.
///
/// # Errors
/// The database's.
pub fn append(conn: &Connection, events: &[Incoming], received: At) -> Result<Vec<Appended>> {
    let mut insert = statement(
        conn,
        "-- append
        INSERT INTO events (event_id, type, time_ms, received_ms, data) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (event_id) DO NOTHING",
    )?;
    let mut answers = Vec::with_capacity(events.len());
    for e in events {
        let added = insert.execute(params![e.event_id, e.kind, e.time, received, e.data])?;
        answers.push(if added == 1 { Appended::New(conn.last_insert_rowid()) } else { Appended::Duplicate });
    }
    Ok(answers)
}

/// Keeps an event aside with the reason why it was not taken, `data` as it was sent. Once for each event id.
///
/// # Errors
/// The database's.
pub fn reject(conn: &Connection, event_id: &str, kind: &str, error: &str, data: &str, received: At) -> Result<()> {
    let insert = "-- reject
        INSERT INTO rejected_events (event_id, type, error, received_ms, data) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT DO NOTHING";
    let trim = "-- reject: keep the newest\nDELETE FROM rejected_events WHERE id <= ?1";
    if change(conn, insert, params![event_id, kind, error, received, data])? == 1 {
        change(conn, trim, [conn.last_insert_rowid() - REJECTED_KEPT])?;
    }
    Ok(())
}

/// The newest rejected events first, for `doctor`.
///
/// # Errors
/// The database's.
pub fn rejected(conn: &Connection, most: usize) -> Result<Vec<Rejected>> {
    let sql = "-- rejected\nSELECT event_id, type, error, received_ms FROM rejected_events ORDER BY id DESC LIMIT ?1";
    all(conn, sql, [limit(most)], |row| {
        Ok(Rejected { event_id: row.get(0)?, kind: row.get(1)?, error: row.get(2)?, received: row.get(3)? })
    })
}

fn read_logged(row: &Row<'_>) -> rusqlite::Result<Logged> {
    Ok(Logged {
        seq: row.get(0)?,
        event_id: row.get(1)?,
        kind: row.get(2)?,
        at: row.get(3)?,
        received: row.get(4)?,
        redacted: row.get(5)?,
        data: row.get(6)?,
    })
}

/// Events after `seq`, in order.
///
/// # Errors
/// The database's.
pub fn after(conn: &Connection, seq: i64, most: usize) -> Result<Vec<Logged>> {
    let sql = "-- after
        SELECT seq, event_id, type, time_ms, received_ms, redacted, data FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2";
    all(conn, sql, params![seq, limit(most)], read_logged)
}

/// Events that are in the log but not in the state yet, in order.
///
/// # Errors
/// The database's.
pub fn pending(conn: &Connection, most: usize) -> Result<Vec<Logged>> {
    after(conn, applied(conn)?, most)
}

/// The last event that was applied to the state; 0 before the first.
///
/// # Errors
/// The database's.
pub fn applied(conn: &Connection) -> Result<i64> {
    let text: Option<String> =
        one(conn, "-- applied\nSELECT value FROM meta WHERE key = 'applied'", [], |row| row.get(0))?;
    Ok(text.as_deref().and_then(number).unwrap_or(0))
}

/// Says in the same transaction as the state's change that everything up to `seq` is applied.
///
/// # Errors
/// The database's.
pub fn set_applied(conn: &Connection, seq: i64) -> Result<()> {
    let sql = "-- set_applied
        INSERT INTO meta (key, value) VALUES ('applied', ?1) ON CONFLICT DO UPDATE SET value = excluded.value";
    change(conn, sql, [seq.to_string()]).map(drop)
}

/// Writes down whom an applied event was about, and in which basket it happened.
///
/// # Errors
/// The database's.
pub fn mark(conn: &Connection, seq: i64, contacts: &BTreeSet<ContactId>, cart_key: Option<&str>) -> Result<()> {
    let person = "-- mark: contact
        INSERT INTO event_contacts (contact_id, seq) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    let cart = "-- mark: cart
        INSERT INTO event_carts (cart_key, seq) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    for contact in contacts {
        change(conn, person, params![contact, seq])?;
    }
    if let Some(key) = cart_key {
        change(conn, cart, params![key, seq])?;
    }
    Ok(())
}

/// That an event was, and when; its data stays in the log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mention {
    pub seq: i64,
    pub event_id: String,
    pub kind: String,
    pub at: At,
}

/// Which of a person's or a basket's events are wanted; both kinds are given oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// The newest.
    Ever,
    /// The first after this one.
    Seq(i64),
}

/// Applied events of this contact, or that happened in these baskets; redacted ones are left out. At most `most`.
///
/// # Errors
/// The database's.
pub fn mentions(
    conn: &Connection,
    contact: Option<ContactId>,
    cart_keys: &BTreeSet<String>,
    since: Since,
    most: usize,
) -> Result<Vec<Mention>> {
    let first_of_contact = "-- mentions: of a contact
        SELECT e.seq, e.event_id, e.type, e.time_ms FROM event_contacts m CROSS JOIN events e ON e.seq = m.seq
        WHERE m.contact_id = ?1 AND m.seq > ?2 AND e.redacted = 0 ORDER BY m.seq LIMIT ?3";
    let last_of_contact = "-- mentions: last of a contact
        SELECT e.seq, e.event_id, e.type, e.time_ms FROM event_contacts m CROSS JOIN events e ON e.seq = m.seq
        WHERE m.contact_id = ?1 AND m.seq > ?2 AND e.redacted = 0 ORDER BY m.seq DESC LIMIT ?3";
    let first_in_cart = "-- mentions: in a basket
        SELECT e.seq, e.event_id, e.type, e.time_ms FROM event_carts m CROSS JOIN events e ON e.seq = m.seq
        WHERE m.cart_key = ?1 AND m.seq > ?2 AND e.redacted = 0 ORDER BY m.seq LIMIT ?3";
    let last_in_cart = "-- mentions: last in a basket
        SELECT e.seq, e.event_id, e.type, e.time_ms FROM event_carts m CROSS JOIN events e ON e.seq = m.seq
        WHERE m.cart_key = ?1 AND m.seq > ?2 AND e.redacted = 0 ORDER BY m.seq DESC LIMIT ?3";
    let (of_contact, in_cart, after) = match since {
        Since::Ever => (last_of_contact, last_in_cart, 0),
        Since::Seq(seq) => (first_of_contact, first_in_cart, seq),
    };
    let read =
        |row: &Row<'_>| Ok(Mention { seq: row.get(0)?, event_id: row.get(1)?, kind: row.get(2)?, at: row.get(3)? });
    let mut found = BTreeSet::new();
    if let Some(contact) = contact {
        found.extend(all(conn, of_contact, params![contact, after, limit(most)], read)?);
    }
    for key in cart_keys {
        found.extend(all(conn, in_cart, params![key, after, limit(most)], read)?);
    }
    let skip = if since == Since::Ever { found.len().saturating_sub(most) } else { 0 };
    Ok(found.into_iter().skip(skip).take(most).collect())
}

/// Shows each event after `seq` to `see`, in order, without holding them all. Ends early when `see` fails.
///
/// # Errors
/// The database's, or what `see` says.
pub fn walk(conn: &Connection, seq: i64, mut see: impl FnMut(Logged) -> Result<()>) -> Result<()> {
    let sql = "-- walk
        SELECT seq, event_id, type, time_ms, received_ms, redacted, data FROM events WHERE seq > ?1 ORDER BY seq";
    let mut statement = statement(conn, sql)?;
    let mut rows = statement.query([seq])?;
    while let Some(row) = rows.next()? {
        see(read_logged(row)?)?;
    }
    Ok(())
}

/// Sizes for `doctor` and the metrics. None of them is counted row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub events: u64,
    /// Of them, those whose change to the state is still to come.
    pub pending: u64,
    /// Kept aside, at most some ten thousand.
    pub rejected: u64,
    /// Events of people who were erased are counted too.
    pub last_received: Option<At>,
}

/// # Errors
/// The database's.
pub fn counts(conn: &Connection) -> Result<Counts> {
    let last =
        one(conn, "-- counts: events\nSELECT seq, received_ms FROM events ORDER BY seq DESC LIMIT 1", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, At>(1)?))
        })?;
    let rejected =
        one(conn, "-- counts: rejected\nSELECT count(*) FROM rejected_events", [], |row| row.get::<_, i64>(0))?;
    let events = last.map_or(0, |(seq, _)| seq);
    let whole = |n: i64| u64::try_from(n).unwrap_or_default();
    Ok(Counts {
        events: whole(events),
        pending: whole(events.saturating_sub(applied(conn)?)),
        rejected: whole(rejected.unwrap_or_default()),
        last_received: last.map(|(_, at)| at),
    })
}
