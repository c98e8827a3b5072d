//! History on its way into the log.
//!
//! Half a history is worse than none: whoever bought last week looks long gone until that order has been read, too. So what an
//! import reads is gathered here, and begins to go into the log only when all of it is there; the oldest first.

use anyhow::Result;
use rusqlite::{Connection, params};

use super::columns::{Columns, all, change, limit, one, statement};
use super::log::{self, Appended, Incoming, Logged};
use super::people::keyed_hash;
use super::traces::Traces;
use crate::clock::At;

/// An event of the past.
#[derive(Debug, Clone)]
pub struct Past {
    pub event: Incoming,
    /// Of whoever it names: by it the writer of a review is found. Kept as a keyed hash, until it is in the log.
    pub mail: Option<String>,
}

/// How far a kind of thing has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    /// The shop's id of the last thing; 0 before the first.
    pub last_id: i64,
    /// How many of the shop's list lie behind.
    pub seen: i64,
}

/// What was offered, told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gathered {
    pub new: u64,
    /// In the log already, or gathered before.
    pub known: u64,
}

/// Goes on with the run of this source that is not complete, or begins one.
///
/// # Errors
/// The database's.
pub fn open_run(conn: &Connection, source: &str) -> Result<i64> {
    let find = "-- history: open run\nSELECT run FROM import_runs WHERE source = ?1 AND complete = 0";
    if let Some(run) = one(conn, find, [source], |row| row.get(0))? {
        return Ok(run);
    }
    change(conn, "-- history: begin\nINSERT INTO import_runs (source, complete) VALUES (?1, 0)", [source])?;
    Ok(conn.last_insert_rowid())
}

/// Forgets how far this source has been read, and what of it is not complete.
///
/// # Errors
/// The database's.
pub fn begin_anew(conn: &Connection, source: &str) -> Result<()> {
    let rows = "-- history: forget rows
        DELETE FROM history WHERE run IN (SELECT run FROM import_runs WHERE source = ?1 AND complete = 0)";
    for sql in [
        rows,
        "-- history: forget runs\nDELETE FROM import_runs WHERE source = ?1 AND complete = 0",
        "-- history: forget cursors\nDELETE FROM import_cursors WHERE source = ?1",
    ] {
        change(conn, sql, [source])?;
    }
    Ok(())
}

/// What was gathered for the run is not wanted after all.
///
/// # Errors
/// The database's.
pub fn forget_run(conn: &Connection, run: i64) -> Result<()> {
    change(conn, "-- history: forget its rows\nDELETE FROM history WHERE run = ?1", [run])?;
    change(conn, "-- history: forget it\nDELETE FROM import_runs WHERE run = ?1", [run]).map(drop)
}

/// # Errors
/// The database's.
pub fn cursor(conn: &Connection, source: &str, kind: &str) -> Result<Cursor> {
    let sql = "-- history: cursor\nSELECT last_id, seen FROM import_cursors WHERE source = ?1 AND kind = ?2";
    let found = one(conn, sql, params![source, kind], |row| Ok(Cursor { last_id: row.get(0)?, seen: row.get(1)? }))?;
    Ok(found.unwrap_or_default())
}

/// # Errors
/// The database's.
pub fn put_cursor(conn: &Connection, source: &str, kind: &str, cursor: Cursor) -> Result<()> {
    let sql = "-- history: put cursor
        INSERT INTO import_cursors (source, kind, last_id, seen) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT DO UPDATE SET last_id = excluded.last_id, seen = excluded.seen";
    change(conn, sql, params![source, kind, cursor.last_id, cursor.seen]).map(drop)
}

/// Keeps these events for the run.
///
/// # Errors
/// The database's.
pub fn gather(conn: &Connection, run: i64, events: &[Past]) -> Result<Gathered> {
    let mut insert = statement(
        conn,
        "-- history: gather
        INSERT INTO history (run, event_id, type, time_ms, data, mail)
        SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (SELECT 1 FROM events WHERE event_id = ?2)
        ON CONFLICT DO NOTHING",
    )?;
    let mut gathered = Gathered::default();
    for Past { event, mail } in events {
        let mail = mail.as_deref().map(|mail| keyed_hash(conn, &mail.trim().to_lowercase())).transpose()?;
        let added = insert.execute(params![run, event.event_id, event.kind, event.time, event.data, mail])?;
        gathered.new += added as u64;
        gathered.known += 1 - added.min(1) as u64;
    }
    Ok(gathered)
}

/// All of the run is there: it goes into the log from now on.
///
/// # Errors
/// The database's.
pub fn complete(conn: &Connection, run: i64) -> Result<()> {
    // An account says who somebody is better than an order does, and the newest knows the number of today.
    let sign = "-- history: sign reviews
        UPDATE history SET data = json_set(data, '$.contact', json((
            SELECT h.data -> '$.contact' FROM history h
            WHERE h.run = ?1 AND h.mail = history.mail AND h.type IN ('customer.updated', 'order.updated')
            ORDER BY h.type = 'customer.updated' DESC, h.time_ms DESC LIMIT 1)))
        WHERE run = ?1 AND type = 'review.created' AND mail IS NOT NULL AND EXISTS (
            SELECT 1 FROM history h
            WHERE h.run = ?1 AND h.mail = history.mail AND h.type IN ('customer.updated', 'order.updated'))";
    change(conn, sign, [run])?;
    change(conn, "-- history: complete\nUPDATE import_runs SET complete = 1 WHERE run = ?1", [run]).map(drop)
}

/// How many reviews of the run nobody known has written, before it is taken in.
///
/// # Errors
/// The database's.
pub fn unsigned_reviews(conn: &Connection, run: i64) -> Result<i64> {
    let sql = "-- history: unsigned
        SELECT count(*) FROM history WHERE run = ?1 AND type = 'review.created' AND data -> '$.contact' IS NULL";
    Ok(one(conn, sql, [run], |row| row.get(0))?.unwrap_or(0))
}

/// A run that was begun, and that nobody has brought to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The shop's address, or the file's.
    pub source: String,
    pub gathered: u64,
}

/// Runs of which not everything is there.
///
/// # Errors
/// The database's.
pub fn begun(conn: &Connection) -> Result<Vec<Begun>> {
    let sql = "-- history: begun
        SELECT r.source, (SELECT count(*) FROM history h WHERE h.run = r.run)
        FROM import_runs r WHERE r.complete = 0 ORDER BY r.run";
    all(conn, sql, [], |row| {
        let mut c = Columns::of(row);
        Ok(Begun { source: c.get()?, gathered: c.count()? })
    })
}

/// How many events of complete runs still wait.
///
/// # Errors
/// The database's.
pub fn waiting(conn: &Connection) -> Result<i64> {
    let sql = "-- history: waiting
        SELECT count(*) FROM import_runs r JOIN history h ON h.run = r.run WHERE r.complete = 1";
    Ok(one(conn, sql, [], |row| row.get(0))?.unwrap_or(0))
}

/// What went from here into the log.
#[derive(Debug, Default)]
pub struct Poured {
    pub moved: usize,
    /// Those that the log had not had; the last of them is the log's last.
    pub new: Vec<Logged>,
    /// Nothing of a complete run waits any more.
    pub is_last: bool,
}

/// Moves at most `most` events of complete runs into the log.
///
/// # Errors
/// The database's.
pub fn pour(conn: &Connection, most: usize, now: At) -> Result<Poured> {
    let next_run = "-- history: next run\nSELECT run FROM import_runs WHERE complete = 1 ORDER BY run LIMIT 1";
    let oldest = "-- history: oldest
        SELECT id, event_id, type, time_ms, data FROM history WHERE run = ?1 ORDER BY time_ms, id LIMIT ?2";
    let mut poured = Poured::default();
    while poured.moved < most
        && let Some(run) = one(conn, next_run, [], |row| row.get::<_, i64>(0))?
    {
        let room = most - poured.moved;
        let rows: Vec<(i64, Incoming)> = all(conn, oldest, params![run, limit(room)], |row| {
            let (event_id, kind, time, data) = (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
            Ok((row.get(0)?, Incoming { event_id, kind, time, data }))
        })?;
        let (ids, events): (Vec<i64>, Vec<Incoming>) = rows.into_iter().unzip();
        for id in &ids {
            change(conn, "-- history: moved\nDELETE FROM history WHERE id = ?1", [id])?;
        }
        if ids.len() < room {
            change(conn, "-- history: end\nDELETE FROM import_runs WHERE run = ?1", [run])?;
            poured.is_last = true;
        }
        poured.moved += ids.len();
        let appended = log::append(conn, &events, now)?;
        poured.new.extend(events.into_iter().zip(appended).filter_map(|(event, appended)| match appended {
            Appended::New(seq) => Some(Logged {
                seq,
                event_id: event.event_id,
                kind: event.kind,
                at: event.time,
                received: now,
                redacted: false,
                data: event.data,
            }),
            Appended::Duplicate => None,
        }));
    }
    Ok(poured)
}

/// What waits here of somebody who is erased goes on without them.
pub(super) fn forget(conn: &Connection, traces: &Traces) -> Result<()> {
    let read = "-- history: to forget\nSELECT id, type, data FROM history WHERE id > ?1 ORDER BY id LIMIT 1000";
    let write = "-- history: forget\nUPDATE history SET data = ?2, mail = NULL WHERE id = ?1";
    let mut last = 0;
    loop {
        let rows: Vec<(i64, String, String)> =
            all(conn, read, [last], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let Some((id, _, _)) = rows.last() else { return Ok(()) };
        last = *id;
        for (id, kind, data) in &rows {
            if let Some(redacted) = traces.redacted(kind, data) {
                change(conn, write, params![id, redacted])?;
            }
        }
    }
}
