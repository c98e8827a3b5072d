//! What came of asking the shop for what it has not delivered.

use anyhow::Result;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::home::{read, write};
use crate::clock::At;

/// The last time that it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pulled {
    /// When it had answered, or was given up.
    pub at: At,
    /// Why nothing is known of its outbox.
    pub trouble: Option<String>,
    /// Events that still wait there.
    pub waiting: u64,
    /// When the first of them happened.
    pub oldest: Option<At>,
}

const KEY: &str = "pulled";
const REACHED: &str = "reached";

/// `None`: it was never asked.
///
/// # Errors
/// The database's.
pub fn last(conn: &Connection) -> Result<Option<Pulled>> {
    read(conn, KEY)
}

/// # Errors
/// The database's.
pub fn note(conn: &Connection, pulled: &Pulled) -> Result<()> {
    if pulled.trouble.is_none() {
        write(conn, REACHED, &pulled.at)?;
    }
    write(conn, KEY, pulled)
}

/// When the shop last answered.
///
/// # Errors
/// The database's.
pub fn reached(conn: &Connection) -> Result<Option<At>> {
    read(conn, REACHED)
}
