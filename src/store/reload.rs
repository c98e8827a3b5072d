//! Rare work on messages: after the rules have changed.

use anyhow::Result;
use rusqlite::Connection;

use super::columns::change;
use crate::clock::At;

/// Everything that waits is looked at again, in due order. Returns how many messages that is.
///
/// # Errors
/// The database's.
pub fn look_again(conn: &Connection, now: At) -> Result<usize> {
    let sql = "-- look_again
        UPDATE messages SET next_try_ms = ?1 WHERE state = 'scheduled' AND next_try_ms > ?1";
    change(conn, sql, [now])
}
