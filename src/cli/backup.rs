//! `bazgasht backup FILE`: a whole copy of the database, also while the daemon runs.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::files::{self, Files};
use crate::clock::Clock;
use crate::store::backup;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bazgasht backup /var/backups/bazgasht.db

The copy holds people's numbers: keep it as you keep the database.

To restore: stop the daemon, remove the database's -wal and -shm files, put the copy in the database's place, start. The
copy does not know what was sent and heard of after it was made, so it holds everything; `bazgasht resume all` drops what
waited in it and goes on with what comes.")]
pub struct BackupArgs {
    #[command(flatten)]
    pub files: Files,
    /// Where the copy goes; a file that is there already is never overwritten
    pub to: PathBuf,
}

/// Makes the copy.
///
/// # Errors
/// When the copy is there already, or cannot be made.
pub fn run(args: &BackupArgs, clock: &dyn Clock, out: &mut dyn Write) -> Result<u8> {
    let Some(rules) = files::load_for_people(&args.files, out)? else { return Ok(1) };
    backup::copy(&rules.settings.database, &args.to, clock.now())?;
    writeln!(out, "{} is a whole copy of {}", args.to.display(), rules.settings.database.display())?;
    Ok(0)
}
