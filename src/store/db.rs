//! Opening the file: one connection that writes, others that only read.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, OpenFlags};

use super::{backup, migrate};
use crate::ids::Chance;

/// How long to wait for another process (`sqlite3`, a backup) that holds the file.
const BUSY: Duration = Duration::from_secs(5);
/// Page caches, in KiB. Small on purpose: the operating system caches the file too, and the daemon is to stay small.
/// Holds what one transaction of the clockwork touches: spilling in the middle of one costs more than the memory.
const WRITER_CACHE_KIB: i32 = 24 * 1024;
const READER_CACHE_KIB: i32 = 1024;
/// Above the number of statements there are, so that each is prepared once.
const STATEMENTS: usize = 128;
/// The write-ahead log is cut back to this after a checkpoint, in bytes.
const LOG_LIMIT: i64 = 32 * 1024 * 1024;

/// Opens the connection that writes, makes the file when it is missing, and upgrades it.
///
/// # Errors
/// Names the file and what is wrong with it: not ours, too new, not writable.
pub fn open_writer(path: &Path, chance: &dyn Chance) -> Result<Connection> {
    private(path).with_context(|| format!("database {} cannot be made", path.display()))?;
    backup::refuse_foreign_log(path)?;
    let mut conn = Connection::open(path).with_context(|| format!("database {} cannot be opened", path.display()))?;
    prepare_writer(&mut conn, chance).with_context(|| format!("database {}", path.display()))?;
    Ok(conn)
}

/// Opens a second connection that writes, beside a daemon that may be running. It leaves the shape as it is: an older daemon must
/// not find a newer one under its feet.
///
/// # Errors
/// As [`open_reader`], and when the file cannot be written.
pub fn open_beside(path: &Path, chance: &dyn Chance) -> Result<Connection> {
    drop(open_reader(path)?);
    open_writer(path, chance)
}

/// A new database is its owner's alone: it holds people's numbers. SQLite gives the files beside it the same mode.
pub(super) fn private(path: &Path) -> std::io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(e),
        _ => Ok(()),
    }
}

/// A database that lives as long as its connection: for tests and trials.
///
/// # Errors
/// The database's.
pub fn open_in_memory(chance: &dyn Chance) -> Result<Connection> {
    let mut conn = Connection::open_in_memory()?;
    prepare_writer(&mut conn, chance)?;
    Ok(conn)
}

fn prepare_writer(conn: &mut Connection, chance: &dyn Chance) -> Result<()> {
    conn.busy_timeout(BUSY)?;
    // Set before the first page is written: what is erased must not stay in freed space of any age.
    conn.pragma_update(None, "secure_delete", true)?;
    conn.pragma_update(None, "journal_mode", "wal")?;
    // An acknowledged event and a written attempt survive power loss.
    conn.pragma_update(None, "synchronous", "full")?;
    conn.pragma_update(None, "journal_size_limit", LOG_LIMIT)?;
    common(conn, WRITER_CACHE_KIB)?;
    migrate::to_latest(conn)?;
    let key = format!("{}{}", chance.token(), chance.token());
    conn.execute(
        "-- make_suppression_key\nINSERT INTO meta (key, value) VALUES ('suppression_key', ?1) ON CONFLICT DO NOTHING",
        [key],
    )?;
    Ok(())
}

/// Opens a connection that cannot write.
///
/// # Errors
/// When the file is missing, not ours, or of another version than this program's.
pub fn open_reader(path: &Path) -> Result<Connection> {
    ensure!(
        path.exists(),
        "database {} is not there yet: start `bazgasht run` once, it makes the database",
        path.display()
    );
    backup::refuse_foreign_log(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    // Opened for writing, since a reader may have to build the write-ahead log's index; `query_only` forbids the rest.
    let conn = Connection::open_with_flags(path, flags)
        .with_context(|| format!("database {} cannot be opened", path.display()))?;
    conn.busy_timeout(BUSY)?;
    common(&conn, READER_CACHE_KIB)?;
    conn.pragma_update(None, "query_only", true)?;
    let found: u32 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    ensure!(
        found == migrate::version(),
        "database {} has version {found}, this program reads version {}: run the bazgasht that belongs to it",
        path.display(),
        migrate::version()
    );
    Ok(conn)
}

fn common(conn: &Connection, cache_kib: i32) -> Result<()> {
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "cache_size", -cache_kib)?;
    conn.pragma_update(None, "mmap_size", 0)?;
    conn.pragma_update(None, "temp_store", "memory")?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(())
}
