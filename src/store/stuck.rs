//! Rows that could not be worked on. They rest, so that everything else goes on, and are shown by `doctor`.

use anyhow::Result;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::columns::change;
use super::home;
use crate::clock::{At, Span};
use crate::state::world::Row;

/// How long a row rests.
const REST: Span = Span::hours(1);
/// What was not tried again for so long has been mended.
const LATELY: Span = Span::hours(3);
const KEPT: usize = 20;
/// A run of so many digits may be somebody's number.
const NUMBER: usize = 6;
const STUCK: &str = "stuck";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stuck {
    /// Such as `message 12`.
    pub row: String,
    /// Without what was in the row: it may name people.
    pub why: String,
    /// The last time.
    pub at: At,
}

/// The row is looked at again in an hour. A message that was just being handed over is in doubt.
pub(super) fn set_aside(conn: &Connection, row: Row, problem: &str, now: At) -> Result<()> {
    let until = now.plus(REST);
    let name = match row {
        Row::Enrolment(id) => {
            let sql = "-- set_aside: enrolment\nUPDATE enrolments SET wake_ms = ?2 WHERE id = ?1";
            change(conn, sql, params![id, until])?;
            format!("enrolment {}", id.0)
        }
        Row::Message(id) => {
            let sql = "-- set_aside: message
                UPDATE messages SET next_try_ms = ?2, doubted = doubted OR state = 'sending',
                    state = CASE state WHEN 'sending' THEN 'unknown' ELSE state END
                WHERE id = ?1";
            change(conn, sql, params![id, until])?;
            format!("message {}", id.0)
        }
        Row::Contact(id) => format!("contact {}", id.0),
    };
    let why = nameless(problem);
    tracing::error!(row = name, why, "this cannot be worked on, and rests for an hour; everything else goes on");
    let mut all = all(conn)?;
    all.retain(|known| known.row != name && now.since(known.at) < LATELY);
    all.truncate(KEPT - 1);
    all.insert(0, Stuck { row: name, why, at: now });
    home::write(conn, STUCK, &all)
}

/// What is stuck, the latest first.
///
/// # Errors
/// The database's.
pub fn lately(conn: &Connection, now: At) -> Result<Vec<Stuck>> {
    Ok(all(conn)?.into_iter().filter(|stuck| now.since(stuck.at) < LATELY).collect())
}

fn all(conn: &Connection) -> Result<Vec<Stuck>> {
    Ok(home::read(conn, STUCK)?.unwrap_or_default())
}

/// A problem in words, without the values that it quotes.
#[must_use]
pub fn nameless(problem: &str) -> String {
    let mut said = String::new();
    for (place, part) in problem.split(['"', '`']).enumerate() {
        // Every other part stands between two quotes.
        said.push_str(if place % 2 == 0 { part } else { "…" });
    }
    let mut digits = 0;
    let mut kept = String::new();
    for c in said.chars() {
        digits = if c.is_numeric() { digits + 1 } else { 0 };
        if digits < NUMBER {
            kept.push(c);
        } else if digits == NUMBER {
            kept.push('…');
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_problem_quotes_is_not_said() {
        assert_eq!(
            nameless(r#"invalid type: string "سارا", expected a map at 3"#),
            "invalid type: string …, expected a map at 3"
        );
        assert_eq!(nameless("number 09120000001 in column 4"), "number 09120… in column 4");
    }
}
