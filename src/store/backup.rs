//! A copy of the database that is whole, made while the daemon runs, and that knows that it is one.
//!
//! What is sent after the copy was made is not in it: put in the database's place, it would send all that again. So a copy bears
//! the moment it was made, and holds everything until the owner lets it go; then what waited in it is dropped.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rusqlite::backup::Backup;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{SqlWorld, db, home};
use crate::clock::At;
use crate::state::model::{Hold, HoldScope};
use crate::state::world::World;

/// Copied at a time; between two the writer gets its turn.
const PAGES: std::ffi::c_int = 4_096;
/// Where SQLite's header says whether the file has ever had a write-ahead log: then 2, else 1.
const READ_VERSION: usize = 19;
const ROLLBACK: u8 = 1;

/// Copies the database at `from` into the new file `to`.
///
/// # Errors
/// When `to` is there already, or one of the two cannot be read or written.
pub fn copy(from: &Path, to: &Path, now: At) -> Result<()> {
    ensure!(!to.exists(), "backup {} is there already: name another file", to.display());
    let mut source = db::open_reader(from)?;
    let state = one_state(&mut source)?;
    db::private(to).with_context(|| format!("backup {} cannot be made", to.display()))?;
    let mut target = Connection::open(to).with_context(|| format!("backup {} cannot be written", to.display()))?;
    fill(&state, &mut target, now).with_context(|| format!("backup {} is not whole: remove it", to.display()))
}

/// What is copied is this, however long it takes: else each commit of the daemon's would make it begin anew.
fn one_state(source: &mut Connection) -> Result<Transaction<'_>> {
    let state = source.transaction_with_behavior(TransactionBehavior::Deferred)?;
    state.query_row("-- begin_backup\nSELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(state)
}

fn fill(source: &Connection, target: &mut Connection, now: At) -> Result<()> {
    Backup::new(source, target)?.run_to_completion(PAGES, Duration::ZERO, None)?;
    // All of it in one file.
    target.pragma_update_and_check(None, "journal_mode", "delete", |_| Ok(()))?;
    stamp(target, now)
}

fn stamp(copy: &mut Connection, now: At) -> Result<()> {
    let stamped = copy.transaction()?;
    home::put_behind(&stamped, now)?;
    hold_what_is_behind(&mut SqlWorld::new(&stamped), now, now)?;
    Ok(stamped.commit()?)
}

/// Holds everything in a database that does not know what was sent after `last`.
///
/// # Errors
/// The database's.
pub fn hold_what_is_behind(world: &mut SqlWorld<'_>, last: At, now: At) -> Result<()> {
    if world.holds()?.iter().any(|hold| hold.scope == HoldScope::All && hold.until.is_none()) {
        return Ok(());
    }
    let why = format!(
        "a backup of {}: what was sent and heard of since is not known here. `bazgasht resume all` drops what waited in it and \
         goes on with what comes",
        last.rfc3339()
    );
    world.put_hold(&Hold { scope: HoldScope::All, why, since: now, until: None })
}

/// A backup was put in the place of a database whose write-ahead log is still there: SQLite would roll it forward with what is
/// another file's.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} is a backup, and {} is what the database before it had still to write: remove it, and the file whose name ends in -shm, \
     and start again",
    .database.display(),
    .log.display()
)]
pub struct ForeignLog {
    database: PathBuf,
    log: PathBuf,
}

/// To be asked before SQLite opens the file.
///
/// # Errors
/// [`ForeignLog`], or when the file cannot be read.
pub(super) fn refuse_foreign_log(database: &Path) -> Result<()> {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    let log = PathBuf::from(name);
    let has_log = std::fs::metadata(&log).is_ok_and(|log| log.len() > 0);
    // Of our own databases only a copy that was never opened has had no log.
    if has_log && header(database)?.get(READ_VERSION) == Some(&ROLLBACK) {
        return Err(ForeignLog { database: database.to_owned(), log }.into());
    }
    Ok(())
}

fn header(database: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match File::open(database) {
        Ok(file) => file.take(READ_VERSION as u64 + 1).read_to_end(&mut bytes).map(|_| bytes).map_err(Into::into),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(bytes),
        Err(e) => Err(e).with_context(|| format!("database {} cannot be read", database.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SeededChance;
    use crate::store::log::{self, Incoming};

    #[test]
    fn what_is_committed_while_a_copy_is_made_does_not_disturb_it() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("shop.db"), folder.path().join("copy.db"));
        let writer = db::open_writer(&from, &SeededChance::new(1)).unwrap();
        let commit = |id: &str| {
            let (event_id, kind) = (id.to_owned(), "cart.cleared".to_owned());
            log::append(&writer, &[Incoming { event_id, kind, time: At(1), data: "{}".to_owned() }], At(1)).unwrap();
        };
        commit("before");
        let mut source = db::open_reader(&from).unwrap();
        let state = one_state(&mut source).unwrap();
        commit("meanwhile");
        let mut target = Connection::open(&to).unwrap();
        fill(&state, &mut target, At(2)).unwrap();
        assert_eq!(log::after(&target, 0, 9).unwrap().len(), 1);
        assert_eq!(log::after(&writer, 0, 9).unwrap().len(), 2);
    }
}
