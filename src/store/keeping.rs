//! What is forgotten with time: the words of texts and of what people wrote back.

use anyhow::Result;
use rusqlite::{Connection, params};

use super::columns::{all, change, limit, one};
use super::home::{read, write};
use super::{inbound, messages};
use crate::clock::At;

/// Up to which event the log has been looked through.
const LOOKED: &str = "answers_forgotten";

/// Forgets what is from before `before`, at most `most` of each kind at a time; figures stay.
///
/// # Errors
/// The database's.
pub fn forget_words(conn: &Connection, before: At, most: usize) -> Result<()> {
    messages::scrub_texts(conn, before, most)?;
    inbound::scrub(conn, before, most)?;
    forget_answers(conn, before, most)
}

/// Events are in the order in which they came, so what is young enough to be kept ends the search.
fn forget_answers(conn: &Connection, before: At, most: usize) -> Result<()> {
    let looked: i64 = read(conn, LOOKED)?.unwrap_or_default();
    let next = "-- forget_answers: next\nSELECT received_ms FROM events WHERE seq > ?1 ORDER BY seq LIMIT 1";
    if one(conn, next, [looked], |row| row.get::<_, At>(0))?.is_none_or(|received| received >= before) {
        return Ok(());
    }
    let some = "-- forget_answers: some
        SELECT seq, type = 'contact.answered', received_ms FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2";
    let rows: Vec<(i64, bool, At)> =
        all(conn, some, params![looked, limit(most)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let old: Vec<_> = rows.into_iter().take_while(|(_, _, received)| *received < before).collect();
    for (seq, ..) in old.iter().filter(|(_, answered, _)| *answered) {
        change(conn, "-- forget_answers\nUPDATE events SET data = '{}', redacted = 1 WHERE seq = ?1", [seq])?;
    }
    match old.last() {
        Some((seq, ..)) => write(conn, LOOKED, seq),
        None => Ok(()),
    }
}
