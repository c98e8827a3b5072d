//! How far what a gateway is asked for piece by piece has been taken.

use anyhow::Result;
use rusqlite::{Connection, params};

use super::columns::{Columns, all, change, one};
use crate::clock::At;

/// Where the next question goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The gateway's own word.
    pub cursor: Option<String>,
    pub asked: At,
    /// Why it could not be asked then.
    pub trouble: Option<String>,
}

/// `None`: it was never asked.
///
/// # Errors
/// The database's.
pub fn of(conn: &Connection, gateway: &str, what: &str) -> Result<Option<Cursor>> {
    let sql = "-- cursor\nSELECT cursor, asked_ms, trouble FROM gateway_cursors WHERE gateway = ?1 AND what = ?2";
    one(conn, sql, params![gateway, what], |row| {
        let mut c = Columns::of(row);
        Ok(Cursor { cursor: c.get()?, asked: c.get()?, trouble: c.get()? })
    })
}

/// # Errors
/// The database's.
pub fn put(conn: &Connection, gateway: &str, what: &str, cursor: &Cursor) -> Result<()> {
    let sql = "-- put_cursor
        INSERT INTO gateway_cursors (gateway, what, cursor, asked_ms, trouble) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT DO UPDATE SET cursor = excluded.cursor, asked_ms = excluded.asked_ms, trouble = excluded.trouble";
    change(conn, sql, params![gateway, what, cursor.cursor, cursor.asked, cursor.trouble]).map(drop)
}

/// Questions that got no answer the last time: gateway, what, why.
///
/// # Errors
/// The database's.
pub fn troubles(conn: &Connection) -> Result<Vec<(String, String, String)>> {
    let sql = "-- cursor_troubles
        SELECT gateway, what, trouble FROM gateway_cursors WHERE trouble IS NOT NULL ORDER BY gateway, what";
    all(conn, sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

/// At the daemon's start this is asked of every gateway again, from where it stood.
///
/// # Errors
/// The database's.
pub fn ask_again(conn: &Connection, what: &str) -> Result<()> {
    change(conn, "-- ask_again\nUPDATE gateway_cursors SET asked_ms = 0 WHERE what = ?1", [what]).map(drop)
}
