//! One daemon for one database: two would both send.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::beside;

/// Held as long as the process lives; the system lets go of it however the process ends.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "held for its lock")] File);

#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("database {} is in use by the bazgasht with process id {pid}: stop that one, or give this one another `database`", .database.display())]
    InUse { database: PathBuf, pid: String },
    #[error("lock file {} cannot be used: {error}", .path.display())]
    File { path: PathBuf, error: std::io::Error },
}

impl Lock {
    /// Takes the lock of `database`, a file beside it whose name ends in `.lock`. It stays there: removing it would let a
    /// third process lock another file of the same name.
    ///
    /// # Errors
    /// [`LockError`].
    pub fn take(database: &Path) -> Result<Lock, LockError> {
        let path = beside::name(&real(database), "lock");
        let trouble = |error| LockError::File { path: path.clone(), error };
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(trouble)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                // Only for the message; the other may not have written it yet.
                let _ = file.read_to_string(&mut pid);
                let pid = if pid.trim().is_empty() { "unknown".to_owned() } else { pid.trim().to_owned() };
                return Err(LockError::InUse { database: database.to_owned(), pid });
            }
            Err(TryLockError::Error(error)) => return Err(trouble(error)),
        }
        let mut write = || {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            writeln!(file, "{}", std::process::id())
        };
        write().map_err(trouble)?;
        Ok(Lock(file))
    }
}

/// By whichever way it is named, a database has one lock. One that is not there yet has a real folder.
fn real(database: &Path) -> PathBuf {
    let in_folder = || {
        let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(folder.canonicalize().ok()?.join(database.file_name()?))
    };
    database.canonicalize().ok().or_else(in_folder).unwrap_or_else(|| database.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_the_first_is() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("shop.db");
        let first = Lock::take(&database).unwrap();
        let said = Lock::take(&database).unwrap_err().to_string();
        assert!(said.contains("shop.db") && said.contains(&std::process::id().to_string()), "{said}");
        drop(first);
        Lock::take(&database).unwrap();
    }

    #[test]
    fn a_database_has_one_lock_by_whichever_way_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let (real, other) = (folder.path().join("real"), folder.path().join("other"));
        std::fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink(&real, &other).unwrap();
        let first = Lock::take(&real.join("shop.db")).unwrap();
        Lock::take(&other.join("shop.db")).unwrap_err();
        drop(first);
        std::fs::write(real.join("shop.db"), "").unwrap();
        let link = folder.path().join("link.db");
        std::os::unix::fs::symlink(real.join("shop.db"), &link).unwrap();
        let _first = Lock::take(&link).unwrap();
        Lock::take(&real.join("shop.db")).unwrap_err();
    }
}
