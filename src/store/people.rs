//! Contacts, opt-outs, blocked numbers.

use anyhow::{Context, Result, ensure};
use hmac::{Hmac, KeyInit, Mac};
use rusqlite::{Connection, Row, params};
use sha2::Sha256;

use super::columns::{Columns, Json, change, change_one, one};
use crate::clock::At;
use crate::phone::Phone;
use crate::state::model::{Contact, ContactId, OptOut};

macro_rules! contact_columns {
    () => {
        "id, phone, user_id, first_name, last_name, locale, birthday, registered_ms, country, consent, created_ms, last_seen_ms"
    };
}

fn read_contact(row: &Row<'_>) -> rusqlite::Result<Contact> {
    let mut c = Columns::of(row);
    Ok(Contact {
        id: c.get()?,
        phone: c.get()?,
        user_id: c.get()?,
        first_name: c.get()?,
        last_name: c.get()?,
        locale: c.get()?,
        birthday: c.get()?,
        registered: c.get()?,
        country: c.get()?,
        consent: c.get::<Option<Json<_>>>()?.map(|j| j.0),
        created: c.get()?,
        last_seen: c.get()?,
    })
}

pub(super) fn contact(conn: &Connection, id: ContactId) -> Result<Option<Contact>> {
    let sql = concat!("-- contact\nSELECT ", contact_columns!(), " FROM contacts WHERE id = ?1");
    one(conn, sql, [id], read_contact)
}

pub(super) fn by_phone(conn: &Connection, phone: &Phone) -> Result<Option<Contact>> {
    let sql = concat!("-- contact_by_phone\nSELECT ", contact_columns!(), " FROM contacts WHERE phone = ?1");
    one(conn, sql, [phone], read_contact)
}

/// The newest contact with this user id: a shop may give one account to a second number.
pub(super) fn by_user(conn: &Connection, user_id: &str) -> Result<Option<Contact>> {
    let sql = concat!(
        "-- contact_by_user\nSELECT ",
        contact_columns!(),
        " FROM contacts WHERE user_id = ?1 ORDER BY id DESC LIMIT 1"
    );
    one(conn, sql, [user_id], read_contact)
}

pub(super) fn add(conn: &Connection, c: &Contact) -> Result<ContactId> {
    let sql = "-- add_contact
        INSERT INTO contacts
            (phone, user_id, first_name, last_name, locale, birthday, registered_ms, country, consent, created_ms, last_seen_ms)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let values = params![
        c.phone,
        c.user_id,
        c.first_name,
        c.last_name,
        c.locale,
        c.birthday,
        c.registered,
        c.country,
        c.consent.as_ref().map(Json),
        c.created,
        c.last_seen
    ];
    change(conn, sql, values)?;
    Ok(ContactId(conn.last_insert_rowid()))
}

pub(super) fn put(conn: &Connection, c: &Contact) -> Result<()> {
    let sql = "-- put_contact
        UPDATE contacts SET phone = ?2, user_id = ?3, first_name = ?4, last_name = ?5, locale = ?6, birthday = ?7,
            registered_ms = ?8, country = ?9, consent = ?10, created_ms = ?11, last_seen_ms = ?12
        WHERE id = ?1";
    let values = params![
        c.id,
        c.phone,
        c.user_id,
        c.first_name,
        c.last_name,
        c.locale,
        c.birthday,
        c.registered,
        c.country,
        c.consent.as_ref().map(Json),
        c.created,
        c.last_seen
    ];
    change_one(conn, sql, values, "contact", c.id.0)
}

pub(super) fn merge(conn: &Connection, from: ContactId, into: ContactId) -> Result<()> {
    let gone = contact(conn, from)?.with_context(|| format!("contact {} is not in the database", from.0))?;
    let kept = contact(conn, into)?.with_context(|| format!("contact {} is not in the database", into.0))?;
    let kept = joined(&gone, kept)?;
    let moves = [
        "-- merge_contacts: carts\nUPDATE carts SET contact_id = ?2 WHERE contact_id = ?1",
        "-- merge_contacts: orders\nUPDATE orders SET contact_id = ?2 WHERE contact_id = ?1",
        "-- merge_contacts: reviews\nUPDATE reviews SET contact_id = ?2 WHERE contact_id = ?1",
        "-- merge_contacts: decisions\nUPDATE decisions SET contact_id = ?2 WHERE contact_id = ?1",
    ];
    for sql in moves {
        change(conn, sql, [from, into])?;
    }
    // An event may have been about both.
    let marks = "-- merge_contacts: marks\nUPDATE OR IGNORE event_contacts SET contact_id = ?2 WHERE contact_id = ?1";
    change(conn, marks, [from, into])?;
    change(conn, "-- merge_contacts: marks of both\nDELETE FROM event_contacts WHERE contact_id = ?1", [from])?;
    super::habits::merge(conn, from, into)?;
    super::occasions::merge(conn, from, into)?;
    super::standing::merge(conn, from, into)?;
    // Enrolments and messages refer to their contact, so that a wrong merge fails here.
    change(conn, "-- merge_contacts: from\nDELETE FROM contacts WHERE id = ?1", [from])?;
    put(conn, &kept)
}

/// `into` with what only `from` knew.
pub(super) fn joined(from: &Contact, mut into: Contact) -> Result<Contact> {
    ensure!(from.id != into.id, "contact {} cannot be merged into itself", from.id.0);
    ensure!(from.phone.is_none(), "contact {} has a number: only one without can be merged into another", from.id.0);
    let fill = |into: &mut Option<String>, from: &Option<String>| {
        if into.is_none() {
            into.clone_from(from);
        }
    };
    fill(&mut into.user_id, &from.user_id);
    fill(&mut into.first_name, &from.first_name);
    fill(&mut into.last_name, &from.last_name);
    fill(&mut into.locale, &from.locale);
    fill(&mut into.birthday, &from.birthday);
    fill(&mut into.country, &from.country);
    into.registered = into.registered.into_iter().chain(from.registered).min();
    into.consent = match (into.consent, from.consent.clone()) {
        (known, Some(joins)) => Some(joins.after(known)),
        (known, None) => known,
    };
    into.created = into.created.min(from.created);
    into.last_seen = into.last_seen.max(from.last_seen);
    Ok(into)
}

/// Under what a number's opt-out is kept: whoever has the file but not the number learns nothing from it.
pub(super) fn phone_hash(conn: &Connection, phone: &Phone) -> Result<[u8; 32]> {
    keyed_hash(conn, phone.e164())
}

/// With the key that was drawn when the database was made.
pub(super) fn keyed_hash(conn: &Connection, text: &str) -> Result<[u8; 32]> {
    let sql = "-- suppression_key\nSELECT value FROM meta WHERE key = 'suppression_key'";
    let key: String =
        one(conn, sql, [], |row| row.get(0))?.context("the database has no suppression key: restore a backup")?;
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes())?;
    mac.update(text.as_bytes());
    Ok(mac.finalize().into_bytes().into())
}

pub(super) fn opt_out(conn: &Connection, phone: &Phone) -> Result<Option<OptOut>> {
    let sql = "-- opt_out\nSELECT at_ms, source, scope, until_ms, coalesce(again_ms, at_ms) FROM opt_outs WHERE phone_hash = ?1";
    one(conn, sql, [phone_hash(conn, phone)?], |row| {
        let mut c = Columns::of(row);
        Ok(OptOut { at: c.get()?, source: c.get()?, scope: c.get()?, until: c.get()?, again: c.get()? })
    })
}

pub(super) fn put_opt_out(conn: &Connection, phone: &Phone, o: &OptOut) -> Result<()> {
    let sql = "-- put_opt_out
        INSERT INTO opt_outs (phone_hash, at_ms, source, contact_id, scope, until_ms, again_ms)
        VALUES (?1, ?2, ?3, (SELECT id FROM contacts WHERE phone = ?4), ?5, ?6, ?7)
        ON CONFLICT DO UPDATE SET at_ms = excluded.at_ms, source = excluded.source, scope = excluded.scope,
            until_ms = excluded.until_ms, again_ms = excluded.again_ms, contact_id = coalesce(excluded.contact_id, contact_id)";
    change(conn, sql, params![phone_hash(conn, phone)?, o.at, o.source, phone, o.scope, o.until, o.again]).map(drop)
}

/// A number as a text that stands for it in this database, and leads nobody to it who has not its key.
///
/// # Errors
/// The database's.
pub fn hidden(conn: &Connection, phone: &Phone) -> Result<String> {
    sealed(conn, phone.e164())
}

/// As [`hidden`], of any text that a person could be known by.
///
/// # Errors
/// The database's.
pub fn sealed(conn: &Connection, text: &str) -> Result<String> {
    Ok(keyed_hash(conn, text)?.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")))
}

pub(super) fn lift_opt_out(conn: &Connection, phone: &Phone) -> Result<()> {
    change(conn, "-- lift_opt_out\nDELETE FROM opt_outs WHERE phone_hash = ?1", [phone_hash(conn, phone)?]).map(drop)
}

pub(super) fn is_blocked(conn: &Connection, phone: &Phone) -> Result<bool> {
    let sql = "-- is_blocked\nSELECT 1 FROM blocked WHERE phone_hash = ?1";
    Ok(one(conn, sql, [phone_hash(conn, phone)?], |_| Ok(()))?.is_some())
}

pub(super) fn put_blocked(conn: &Connection, phone: &Phone, at: At) -> Result<()> {
    let sql = "-- put_blocked\nINSERT INTO blocked (phone_hash, at_ms) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    change(conn, sql, params![phone_hash(conn, phone)?, at]).map(drop)
}
