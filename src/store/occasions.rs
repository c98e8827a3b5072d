//! What campaigns begin with beside baskets and orders: the owner's own events, subscriptions, news of products, the round.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use rusqlite::{Connection, Row, params};

use super::columns::{Columns, Json, all, change, limit, one};
use crate::clock::{At, Span};
use crate::state::habits::{Happening, Subscription};
use crate::state::model::ContactId;
use crate::state::round::{Gaps, Round};

pub(super) fn add_happening(conn: &Connection, contact: ContactId, h: &Happening) -> Result<()> {
    let sql = "-- add_happening
        INSERT INTO happenings (contact_id, event_id, name, fields, at_ms) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
    change(conn, sql, params![contact, h.id, h.name, Json(&h.fields), h.at]).map(drop)
}

pub(super) fn happenings_of(conn: &Connection, contact: ContactId) -> Result<Vec<Happening>> {
    let sql = "-- happenings_of
        SELECT event_id, name, fields, at_ms FROM happenings WHERE contact_id = ?1
        ORDER BY at_ms DESC, event_id DESC LIMIT 50";
    all(conn, sql, [contact], |row| {
        let mut c = Columns::of(row);
        Ok(Happening { id: c.get()?, name: c.get()?, fields: c.json()?, at: c.get()? })
    })
}

fn read_subscription(row: &Row<'_>) -> rusqlite::Result<Subscription> {
    let mut c = Columns::of(row);
    Ok(Subscription { id: c.get()?, status: c.get()?, ends: c.get()?, term: c.get()?, updated: c.get()? })
}

pub(super) fn subscription(conn: &Connection, id: &str) -> Result<Option<Subscription>> {
    let sql = "-- subscription\nSELECT id, status, ends_ms, term_ms, updated_ms FROM subscriptions WHERE id = ?1";
    one(conn, sql, [id], read_subscription)
}

pub(super) fn put_subscription(conn: &Connection, contact: ContactId, s: &Subscription) -> Result<()> {
    let sql = "-- put_subscription
        INSERT INTO subscriptions (id, contact_id, status, ends_ms, term_ms, updated_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT DO UPDATE SET contact_id = excluded.contact_id, status = excluded.status, ends_ms = excluded.ends_ms,
            term_ms = excluded.term_ms, updated_ms = excluded.updated_ms";
    change(conn, sql, params![s.id, contact, s.status, s.ends, s.term, s.updated]).map(drop)
}

pub(super) fn subscriptions_of(conn: &Connection, contact: ContactId) -> Result<Vec<Subscription>> {
    let sql = "-- subscriptions_of
        SELECT id, status, ends_ms, term_ms, updated_ms FROM subscriptions WHERE contact_id = ?1 ORDER BY id LIMIT 50";
    all(conn, sql, [contact], read_subscription)
}

pub(super) fn round(conn: &Connection) -> Result<Option<Round>> {
    let text: Option<String> = one(conn, "-- round\nSELECT value FROM meta WHERE key = 'round'", [], |row| row.get(0))?;
    text.map(|t| serde_json::from_str(&t).context("how far the nightly round has come cannot be read")).transpose()
}

pub(super) fn put_round(conn: &Connection, round: &Round) -> Result<()> {
    let sql = "-- put_round
        INSERT INTO meta (key, value) VALUES ('round', ?1) ON CONFLICT DO UPDATE SET value = excluded.value";
    change(conn, sql, [Json(round)]).map(drop)
}

pub(super) fn contacts_after(conn: &Connection, after: ContactId, most: usize) -> Result<Vec<ContactId>> {
    let sql = "-- contacts_after
        SELECT id FROM contacts WHERE id > ?1 AND phone IS NOT NULL ORDER BY id LIMIT ?2";
    all(conn, sql, params![after, limit(most)], |row| row.get(0))
}

pub(super) fn watches_of(conn: &Connection, contact: ContactId) -> Result<BTreeSet<String>> {
    let sql = "-- watches_of\nSELECT product_id FROM watches WHERE contact_id = ?1";
    Ok(all(conn, sql, [contact], |row| row.get(0))?.into_iter().collect())
}

pub(super) fn put_watches(conn: &Connection, contact: ContactId, products: &BTreeSet<String>) -> Result<()> {
    let known = watches_of(conn, contact)?;
    let drop_one = "-- put_watches: no more\nDELETE FROM watches WHERE product_id = ?1 AND contact_id = ?2";
    let add_one = "-- put_watches\nINSERT INTO watches (product_id, contact_id) VALUES (?1, ?2)";
    for product in known.difference(products) {
        change(conn, drop_one, params![product, contact])?;
    }
    for product in products.difference(&known) {
        change(conn, add_one, params![product, contact])?;
    }
    Ok(())
}

pub(super) fn watching(conn: &Connection, product_id: &str, after: ContactId, most: usize) -> Result<Vec<ContactId>> {
    let sql = "-- watching
        SELECT contact_id FROM watches WHERE product_id = ?1 AND contact_id > ?2 ORDER BY contact_id LIMIT ?3";
    all(conn, sql, params![product_id, after, limit(most)], |row| row.get(0))
}

pub(super) fn stirred(conn: &Connection) -> Result<Option<(String, ContactId)>> {
    let sql = "-- stirred\nSELECT product_id, cursor FROM stirred ORDER BY product_id LIMIT 1";
    one(conn, sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
}

pub(super) fn put_stirred(conn: &Connection, product_id: &str, cursor: Option<ContactId>) -> Result<()> {
    let Some(cursor) = cursor else {
        return change(conn, "-- put_stirred: all\nDELETE FROM stirred WHERE product_id = ?1", [product_id]).map(drop);
    };
    let sql = "-- put_stirred
        INSERT INTO stirred (product_id, cursor) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET cursor = excluded.cursor";
    change(conn, sql, params![product_id, cursor]).map(drop)
}

pub(super) fn add_gaps(conn: &Connection, round: At, product_id: Option<&str>, g: Gaps) -> Result<()> {
    let sql = "-- add_gaps
        INSERT INTO gaps (product_id, round_ms, sum_ms, times) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT DO UPDATE SET sum_ms = sum_ms + excluded.sum_ms, times = times + excluded.times";
    change(conn, sql, params![product_id.unwrap_or_default(), round, g.sum.0, g.times]).map(drop)
}

pub(super) fn keep_gaps(conn: &Connection, round: At) -> Result<()> {
    change(conn, "-- keep_gaps\nDELETE FROM gaps WHERE round_ms != ?1", [round]).map(drop)
}

pub(super) fn gaps(conn: &Connection, product_id: Option<&str>) -> Result<Gaps> {
    let sql = "-- gaps\nSELECT sum_ms, times FROM gaps WHERE product_id = ?1 ORDER BY round_ms LIMIT 1";
    let found = one(conn, sql, [product_id.unwrap_or_default()], |row| {
        Ok(Gaps { sum: Span(row.get(0)?), times: row.get(1)? })
    })?;
    Ok(found.unwrap_or_default())
}

pub(super) fn merge(conn: &Connection, from: ContactId, into: ContactId) -> Result<()> {
    let moves = [
        "-- merge_contacts: happenings\nUPDATE OR IGNORE happenings SET contact_id = ?2 WHERE contact_id = ?1",
        "-- merge_contacts: subscriptions\nUPDATE subscriptions SET contact_id = ?2 WHERE contact_id = ?1",
        "-- merge_contacts: watches\nUPDATE OR IGNORE watches SET contact_id = ?2 WHERE contact_id = ?1",
    ];
    for sql in moves {
        change(conn, sql, [from, into])?;
    }
    change(conn, "-- merge_contacts: happenings of both\nDELETE FROM happenings WHERE contact_id = ?1", [from])?;
    change(conn, "-- merge_contacts: watches of both\nDELETE FROM watches WHERE contact_id = ?1", [from]).map(drop)
}

/// Of an erased person.
pub(super) fn forget(conn: &Connection, contact: ContactId) -> Result<()> {
    for sql in [
        "-- erase: happenings\nDELETE FROM happenings WHERE contact_id = ?1",
        "-- erase: subscriptions\nDELETE FROM subscriptions WHERE contact_id = ?1",
        "-- erase: watches\nDELETE FROM watches WHERE contact_id = ?1",
    ] {
        change(conn, sql, [contact])?;
    }
    Ok(())
}
