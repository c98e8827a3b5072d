//! A copy of the database that is whole, made while the daemon runs.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rusqlite::backup::Backup;

use super::db;

/// Copied at a time; between two the writer gets its turn.
const PAGES: std::ffi::c_int = 4_096;

/// Copies the database at `from` into the new file `to`.
///
/// # Errors
/// When `to` is there already, or one of the two cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    ensure!(!to.exists(), "backup {} is there already: name another file", to.display());
    let source = db::open_reader(from)?;
    db::private(to).with_context(|| format!("backup {} cannot be made", to.display()))?;
    let mut target =
        rusqlite::Connection::open(to).with_context(|| format!("backup {} cannot be written", to.display()))?;
    Backup::new(&source, &mut target)?
        .run_to_completion(PAGES, Duration::ZERO, None)
        .with_context(|| format!("backup {} is not whole: remove it", to.display()))
}
