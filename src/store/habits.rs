//! What people look at and ask for, and how often they come.

use anyhow::Result;
use rusqlite::types::FromSqlError;
use rusqlite::{Connection, Row, params};

use super::columns::{Columns, all, change, limit};
use crate::clock::{At, Span};
use crate::state::habits::{DayCount, Doing, LOOKS, View, Wanted};
use crate::state::model::ContactId;

/// Looks and counts are of use for so long.
const KEPT: Span = Span::days(400);
/// A shop's session is over long before; whoever it was will not be known any more.
const KEPT_OF_NOBODY: Span = Span::days(30);

pub(super) fn add_view(conn: &Connection, contact: Option<ContactId>, v: &View) -> Result<()> {
    let sql = "-- add_view
        INSERT INTO views (contact_id, cart_key, product_id, variation_id, seconds, link, at_ms)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    change(conn, sql, params![contact, v.cart_key, v.product_id, v.variation_id, v.seconds, v.link, v.at]).map(drop)
}

pub(super) fn adopt_views(conn: &Connection, cart_key: &str, contact: ContactId) -> Result<()> {
    let sql = "-- adopt_views\nUPDATE views SET contact_id = ?2 WHERE cart_key = ?1 AND contact_id IS NULL";
    change(conn, sql, params![cart_key, contact]).map(drop)
}

pub(super) fn views_of(conn: &Connection, contact: ContactId, since: At) -> Result<Vec<View>> {
    let sql = "-- views_of
        SELECT cart_key, product_id, variation_id, seconds, link, at_ms FROM views
        WHERE contact_id = ?1 AND at_ms >= ?2 ORDER BY at_ms DESC, id DESC LIMIT ?3";
    all(conn, sql, params![contact, since, limit(LOOKS)], |row| {
        let mut c = Columns::of(row);
        Ok(View {
            cart_key: c.get()?,
            product_id: c.get()?,
            variation_id: c.get()?,
            seconds: c.get()?,
            link: c.get()?,
            at: c.get()?,
        })
    })
}

pub(super) fn count_doing(conn: &Connection, contact: ContactId, doing: &Doing, day: At) -> Result<()> {
    let sql = "-- count_doing
        INSERT INTO doings (contact_id, day_ms, what, count) VALUES (?1, ?2, ?3, 1)
        ON CONFLICT DO UPDATE SET count = count + 1";
    change(conn, sql, params![contact, day, doing.to_string()]).map(drop)
}

pub(super) fn doings_of(conn: &Connection, contact: ContactId, since: At) -> Result<Vec<DayCount>> {
    let sql = "-- doings_of
        SELECT what, day_ms, count FROM doings WHERE contact_id = ?1 AND day_ms >= ?2 ORDER BY day_ms, what LIMIT 2000";
    all(conn, sql, params![contact, since], |row| {
        let what: String = row.get(0)?;
        let doing = Doing::from_text(&what)
            .ok_or_else(|| FromSqlError::Other("what somebody did is unknown to this version".into()))?;
        Ok(DayCount { doing, day: row.get(1)?, count: row.get(2)? })
    })
}

pub(super) fn put_wanted(conn: &Connection, contact: ContactId, w: &Wanted) -> Result<()> {
    let sql = "-- put_wanted
        INSERT INTO wanted (contact_id, product_id, variation_id, at_ms) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT DO UPDATE SET at_ms = max(at_ms, excluded.at_ms)";
    let variation = w.variation_id.as_deref().unwrap_or_default();
    change(conn, sql, params![contact, w.product_id, variation, w.at]).map(drop)
}

pub(super) fn drop_wanted(conn: &Connection, contact: ContactId, w: &Wanted) -> Result<()> {
    let sql = "-- drop_wanted\nDELETE FROM wanted WHERE contact_id = ?1 AND product_id = ?2 AND variation_id = ?3";
    let variation = w.variation_id.as_deref().unwrap_or_default();
    change(conn, sql, params![contact, w.product_id, variation]).map(drop)
}

fn read_wanted(row: &Row<'_>) -> rusqlite::Result<Wanted> {
    let variation: String = row.get(1)?;
    Ok(Wanted { product_id: row.get(0)?, variation_id: Some(variation).filter(|v| !v.is_empty()), at: row.get(2)? })
}

pub(super) fn wanted_of(conn: &Connection, contact: ContactId) -> Result<Vec<Wanted>> {
    let sql = "-- wanted_of
        SELECT product_id, variation_id, at_ms FROM wanted WHERE contact_id = ?1
        ORDER BY product_id, variation_id LIMIT 200";
    all(conn, sql, [contact], read_wanted)
}

pub(super) fn wanting(conn: &Connection, product_id: &str, most: usize) -> Result<Vec<(ContactId, Wanted)>> {
    let sql = "-- wanting
        SELECT product_id, variation_id, at_ms, contact_id FROM wanted WHERE product_id = ?1
        ORDER BY at_ms, contact_id, variation_id LIMIT ?2";
    all(conn, sql, params![product_id, limit(most)], |row| Ok((row.get(3)?, read_wanted(row)?)))
}

pub(super) fn merge(conn: &Connection, from: ContactId, into: ContactId) -> Result<()> {
    let moves = [
        "-- merge_contacts: views\nUPDATE views SET contact_id = ?2 WHERE contact_id = ?1",
        "-- merge_contacts: doings
        INSERT INTO doings (contact_id, day_ms, what, count)
        SELECT ?2, day_ms, what, count FROM doings WHERE contact_id = ?1
        ON CONFLICT DO UPDATE SET count = count + excluded.count",
        "-- merge_contacts: wanted
        INSERT INTO wanted (contact_id, product_id, variation_id, at_ms)
        SELECT ?2, product_id, variation_id, at_ms FROM wanted WHERE contact_id = ?1
        ON CONFLICT DO UPDATE SET at_ms = max(at_ms, excluded.at_ms)",
    ];
    for sql in moves {
        change(conn, sql, [from, into])?;
    }
    change(conn, "-- merge_contacts: their doings\nDELETE FROM doings WHERE contact_id = ?1", [from])?;
    change(conn, "-- merge_contacts: their wishes\nDELETE FROM wanted WHERE contact_id = ?1", [from]).map(drop)
}

/// Of an erased person; before their baskets are anybody else's.
pub(super) fn forget(conn: &Connection, contact: ContactId) -> Result<()> {
    for sql in [
        "-- erase: views\nDELETE FROM views WHERE contact_id = ?1",
        "-- erase: views of nobody
        DELETE FROM views WHERE contact_id IS NULL AND cart_key IN (SELECT key FROM carts WHERE contact_id = ?1)",
        "-- erase: doings\nDELETE FROM doings WHERE contact_id = ?1",
        "-- erase: wanted\nDELETE FROM wanted WHERE contact_id = ?1",
    ] {
        change(conn, sql, [contact])?;
    }
    Ok(())
}

/// Forgets looks and counts that are too old to be of use, at most `most` looks at a time.
///
/// # Errors
/// The database's.
pub fn prune(conn: &Connection, now: At, most: usize) -> Result<()> {
    let views = "-- prune: views
        DELETE FROM views WHERE id IN (SELECT id FROM views WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2)";
    let nobodys = "-- prune: views of nobody
        DELETE FROM views WHERE id IN
            (SELECT id FROM views WHERE contact_id IS NULL AND at_ms < ?1 ORDER BY at_ms LIMIT ?2)";
    change(conn, views, params![now.minus(KEPT), limit(most)])?;
    change(conn, nobodys, params![now.minus(KEPT_OF_NOBODY), limit(most)])?;
    change(conn, "-- prune: doings\nDELETE FROM doings WHERE day_ms < ?1", [now.minus(KEPT)]).map(drop)
}
