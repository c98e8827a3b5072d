//! Rare work on everything that waits: after the rules have changed, or the past was lost.

use anyhow::Result;
use rusqlite::Connection;

use super::columns::{all, change};
use crate::clock::At;
use crate::state::model::EnrolmentId;

/// Everything that waits is looked at again, in due order. Returns how many messages that is.
///
/// # Errors
/// The database's.
pub fn look_again(conn: &Connection, now: At) -> Result<usize> {
    let sql = "-- look_again
        UPDATE messages SET next_try_ms = ?1 WHERE state = 'scheduled' AND next_try_ms > ?1";
    change(conn, sql, [now])
}

/// Every way that has not ended.
///
/// # Errors
/// The database's.
pub fn open_enrolments(conn: &Connection) -> Result<Vec<EnrolmentId>> {
    all(conn, "-- all_open_enrolments\nSELECT id FROM enrolments WHERE state <> 'ended' ORDER BY id", [], |row| {
        row.get(0)
    })
}
