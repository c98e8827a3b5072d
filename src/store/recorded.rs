//! The log in the order in which things happened, for living through it again: what was imported stands behind what came live.

use anyhow::Result;
use rusqlite::Connection;

use super::columns::{Columns, all};
use super::log::{self, Logged};
use crate::clock::At;

/// Shows each event of the log to `see` in the order of time; of one moment, in the order in which they were heard. Ends early
/// when `see` fails.
///
/// # Errors
/// The database's, or what `see` says.
pub fn walk(conn: &Connection, mut see: impl FnMut(Logged) -> Result<()>) -> Result<()> {
    // Numbers only: a log may be larger than memory.
    let mut order: Vec<(At, i64)> =
        all(conn, "-- recorded\nSELECT min(time_ms, received_ms), seq FROM events", [], |row| {
            let mut c = Columns::of(row);
            Ok((c.get()?, c.get()?))
        })?;
    order.sort_unstable();
    for (_, seq) in order {
        for row in log::after(conn, seq - 1, 1)?.into_iter().filter(|row| row.seq == seq) {
            see(row)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::log::Incoming;

    #[test]
    fn what_was_imported_is_lived_through_before_what_came_live() {
        let conn = crate::store::tests::empty();
        let event = |id: &str, time: i64| Incoming {
            event_id: id.to_owned(),
            kind: "cart.cleared".to_owned(),
            time: At(time),
            data: r#"{"cart_key":"k1"}"#.to_owned(),
        };
        log::append(&conn, &[event("live", 5_000)], At(5_100)).unwrap();
        log::append(&conn, &[event("old", 1_000), event("older", 500), event("tomorrow", 90_000)], At(6_000)).unwrap();
        let mut seen = Vec::new();
        walk(&conn, |row| {
            seen.push(row.event_id);
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, ["older", "old", "live", "tomorrow"]);
    }
}
