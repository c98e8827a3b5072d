//! How far the database was, written beside it: so that an older copy of its file, put in its place, is known for what it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::beside;
use crate::clock::{At, Clock};
use crate::store::home::{self, Progress};
use crate::store::{SqlWorld, Writer, backup};

/// What a kill may leave unwritten: a copy is older than that.
const EVERY: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    at: At,
    progress: Progress,
}

fn path(database: &Path) -> PathBuf {
    beside::name(database, "mark")
}

/// The last one; none when it is missing or damaged, since it guards and must not hinder.
#[must_use]
pub fn last(database: &Path) -> Option<Mark> {
    serde_json::from_str(&fs::read_to_string(path(database)).ok()?).ok()
}

/// Holds everything when the database is behind its mark. True when it is.
///
/// # Errors
/// The database's.
pub fn look(world: &mut SqlWorld<'_>, last: Option<&Mark>, now: At) -> Result<bool> {
    let Some(last) = last else { return Ok(false) };
    if home::behind(world.connection())?.is_some() || !Progress::read(world.connection())?.is_behind(&last.progress) {
        return Ok(false);
    }
    home::put_behind(world.connection(), last.at)?;
    backup::hold_what_is_behind(world, last.at, now)?;
    warn!(known_until = last.at.rfc3339(), "the database is older than the one that ran here: everything is held");
    Ok(true)
}

/// Writes it now and then until `stop`.
pub async fn keep(writer: Writer, database: PathBuf, clock: std::sync::Arc<dyn Clock>, stop: CancellationToken) {
    let mut written = None;
    while !stop.is_cancelled() {
        if let Ok(progress) = writer.run(|world| Progress::read(world.connection())).await
            && written.as_ref() != Some(&progress)
        {
            write(&database, clock.now(), &progress);
            written = Some(progress);
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Writes it once more, at the end. Blocks.
pub fn close(writer: &Writer, database: &Path, now: At) {
    if let Ok(progress) = writer.run_blocking(|world| Progress::read(world.connection())) {
        write(database, now, &progress);
    }
}

fn write(database: &Path, at: At, progress: &Progress) {
    let mark = Mark { at, progress: progress.clone() };
    let written = serde_json::to_string(&mark)
        .map_err(std::io::Error::from)
        .and_then(|text| beside::write_private(&path(database), &text));
    if let Err(e) = written {
        warn!(error = %e, "how far the database is was not written beside it");
    }
}
