//! Each person's way through each campaign.

use anyhow::Result;
use rusqlite::types::FromSqlError;
use rusqlite::{Connection, Row, params};

use super::columns::{Columns, Json, all, change_one, limit, one, statement};
use crate::clock::At;
use crate::state::model::{ContactId, Enrolment, EnrolmentId, EnrolmentState, Subject};

macro_rules! enrolment_columns {
    () => {
        "id, campaign, contact_id, occasion, state, anchor_ms, since_ms, entered_ms, ended_ms, end_reason, done, left_ms, \
         texts_until_ms, offer, arms, asked, replied_ms, held_out, wake_ms, led_out"
    };
}
pub(super) use enrolment_columns;

pub(super) fn read_enrolment(row: &Row<'_>) -> rusqlite::Result<Enrolment> {
    let mut c = Columns::of(row);
    let (id, campaign, contact) = (c.get()?, c.get()?, c.get()?);
    let occasion: String = c.get()?;
    let subject = Subject::from_occasion(&occasion).ok_or_else(|| {
        FromSqlError::Other("an enrolment's occasion in the database is unknown to this version".into())
    })?;
    Ok(Enrolment {
        id,
        campaign,
        contact,
        subject,
        state: c.get()?,
        anchor: c.get()?,
        since: c.get()?,
        entered: c.get()?,
        ended: c.get()?,
        end_reason: c.get()?,
        done: c.json()?,
        left: c.get()?,
        texts_until: c.get()?,
        offer: c.get()?,
        arms: c.json()?,
        asked: c.json()?,
        replied: c.get()?,
        held_out: c.get()?,
        wake: c.get()?,
        led_out: c.get()?,
    })
}

pub(super) fn enrolment(conn: &Connection, id: EnrolmentId) -> Result<Option<Enrolment>> {
    let sql = concat!("-- enrolment\nSELECT ", enrolment_columns!(), " FROM enrolments WHERE id = ?1");
    one(conn, sql, [id], read_enrolment)
}

pub(super) fn add(conn: &Connection, e: &Enrolment) -> Result<Option<EnrolmentId>> {
    let sql = "-- add_enrolment
        INSERT INTO enrolments (campaign, contact_id, occasion, state, anchor_ms, since_ms, entered_ms, ended_ms, end_reason,
            done, left_ms, texts_until_ms, offer, arms, held_out, wake_ms, asked, replied_ms, led_out)
        SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19
        WHERE NOT EXISTS (SELECT 1 FROM enrolments WHERE contact_id = ?2 AND campaign = ?1 AND state <> 'ended')
        ON CONFLICT DO NOTHING";
    let values = params![
        e.campaign,
        e.contact,
        e.subject.occasion(),
        e.state,
        e.anchor,
        e.since,
        e.entered,
        e.ended,
        e.end_reason,
        Json(&e.done),
        e.left,
        e.texts_until,
        e.offer,
        Json(&e.arms),
        e.held_out,
        e.wake,
        Json(&e.asked),
        e.replied,
        e.led_out
    ];
    let added = statement(conn, sql)?.execute(values)? == 1;
    Ok(added.then(|| EnrolmentId(conn.last_insert_rowid())))
}

/// Campaign, contact and subject stay as they were added.
pub(super) fn put(conn: &Connection, e: &Enrolment) -> Result<()> {
    let sql = "-- put_enrolment
        UPDATE enrolments SET state = ?2, anchor_ms = ?3, since_ms = ?4, entered_ms = ?5, ended_ms = ?6, end_reason = ?7,
            done = ?8, left_ms = ?9, texts_until_ms = ?10, offer = ?11, arms = ?12, held_out = ?13, wake_ms = ?14,
            asked = ?15, replied_ms = ?16, led_out = ?17
        WHERE id = ?1";
    let values = params![
        e.id,
        e.state,
        e.anchor,
        e.since,
        e.entered,
        e.ended,
        e.end_reason,
        Json(&e.done),
        e.left,
        e.texts_until,
        e.offer,
        Json(&e.arms),
        e.held_out,
        e.wake,
        Json(&e.asked),
        e.replied,
        e.led_out
    ];
    change_one(conn, sql, values, "enrolment", e.id.0)
}

pub(super) fn open_of(conn: &Connection, contact: ContactId) -> Result<Vec<Enrolment>> {
    let sql = concat!(
        "-- open_enrolments\nSELECT ",
        enrolment_columns!(),
        " FROM enrolments WHERE contact_id = ?1 AND state <> 'ended' ORDER BY campaign"
    );
    all(conn, sql, [contact], read_enrolment)
}

pub(super) fn knows_occasion(conn: &Connection, campaign: &str, contact: ContactId, occasion: &str) -> Result<bool> {
    let sql = "-- knows_occasion
        SELECT 1 FROM enrolments WHERE contact_id = ?1 AND campaign = ?2 AND occasion = ?3";
    Ok(one(conn, sql, params![contact, campaign, occasion], |_| Ok(()))?.is_some())
}

pub(super) fn last_entered(conn: &Connection, campaign: &str, contact: ContactId) -> Result<Option<At>> {
    let sql = "-- last_entered\nSELECT max(entered_ms) FROM enrolments WHERE contact_id = ?1 AND campaign = ?2";
    Ok(one(conn, sql, params![contact, campaign], |row| row.get::<_, Option<At>>(0))?.flatten())
}

pub(super) fn due(conn: &Connection, now: At, most: usize) -> Result<Vec<EnrolmentId>> {
    let sql = "-- due_enrolments
        SELECT id FROM enrolments WHERE wake_ms <= ?1 ORDER BY wake_ms, id LIMIT ?2";
    all(conn, sql, params![now, limit(most)], |row| row.get(0))
}

pub(super) fn count(conn: &Connection, state: EnrolmentState) -> Result<u64> {
    super::record::tally(conn, "enrolments", state.word())
}
