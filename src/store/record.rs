//! Holds, decisions, and the tallies that triggers keep.

use anyhow::Result;
use rusqlite::{Connection, params};

use super::columns::{Columns, all, change, limit, one};
use crate::state::model::{ContactId, Decision, Hold, HoldScope};

pub(super) fn holds(conn: &Connection) -> Result<Vec<Hold>> {
    let sql = "-- holds\nSELECT scope, why, since_ms, until_ms FROM holds ORDER BY scope";
    all(conn, sql, [], |row| {
        let mut c = Columns::of(row);
        Ok(Hold { scope: c.get()?, why: c.get()?, since: c.get()?, until: c.get()? })
    })
}

pub(super) fn put_hold(conn: &Connection, hold: &Hold) -> Result<()> {
    let sql = "-- put_hold
        INSERT INTO holds (scope, why, since_ms, until_ms) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT DO UPDATE SET why = excluded.why, since_ms = excluded.since_ms, until_ms = excluded.until_ms";
    change(conn, sql, params![hold.scope, hold.why, hold.since, hold.until]).map(drop)
}

pub(super) fn lift_hold(conn: &Connection, scope: &HoldScope) -> Result<()> {
    change(conn, "-- lift_hold\nDELETE FROM holds WHERE scope = ?1", [scope]).map(drop)
}

pub(super) fn decide(conn: &Connection, d: &Decision) -> Result<()> {
    let sql = "-- decide
        INSERT INTO decisions (at_ms, contact_id, enrolment_id, message_id, campaign, step, reason, detail)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let values = params![d.at, d.contact, d.enrolment, d.message, d.campaign, d.step, d.reason, d.detail];
    change(conn, sql, values).map(drop)
}

pub(super) fn decisions_of(conn: &Connection, contact: ContactId, most: usize) -> Result<Vec<Decision>> {
    let sql = "-- decisions_of
        SELECT at_ms, contact_id, enrolment_id, message_id, campaign, step, reason, detail
        FROM decisions WHERE contact_id = ?1 ORDER BY id DESC LIMIT ?2";
    all(conn, sql, params![contact, limit(most)], |row| {
        let mut c = Columns::of(row);
        Ok(Decision {
            at: c.get()?,
            contact: c.get()?,
            enrolment: c.get()?,
            message: c.get()?,
            campaign: c.get()?,
            step: c.get()?,
            reason: c.get()?,
            detail: c.get()?,
        })
    })
}

/// How many rows of `kind` (enrolments, messages) are in the state `word`.
pub(super) fn tally(conn: &Connection, kind: &str, word: &str) -> Result<u64> {
    let sql = "-- tally\nSELECT n FROM tallies WHERE kind = ?1 AND word = ?2";
    Ok(one(conn, sql, [kind, word], |row| Columns::of(row).count())?.unwrap_or_default())
}
