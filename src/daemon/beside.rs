//! Small private files that live beside the database and share its name.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tracing::{info, warn};

use crate::ids::Chance;
use crate::receive::signature::{Key, secret_from};
use crate::secret::Secret;

/// `shop.db` and `lock` give `shop.db.lock`.
#[must_use]
pub fn name(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// The signing secret of a daemon that was given none: made at the first start, readable by its owner only.
///
/// # Errors
/// When the file can be neither read nor written, or holds something else.
pub fn secret(database: &Path, chance: &dyn Chance) -> Result<Secret> {
    let path = name(database, "secret");
    match fs::read_to_string(&path) {
        Ok(text) => {
            let text = text.trim();
            Key::parse(text).with_context(|| format!("secret file {}", path.display()))?;
            warn_when_open(&path);
            Ok(Secret::new(text))
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            let text = secret_from(chance.key());
            write_private(&path, &text).with_context(|| format!("secret file {} cannot be written", path.display()))?;
            info!(file = %path.display(), "made a secret: put it into the bridge's settings");
            Ok(Secret::new(text))
        }
        Err(e) => Err(e).with_context(|| format!("secret file {} cannot be read", path.display())),
    }
}

/// Written whole and under another name first: a secret that is cut short by a crash would lock the bridge out.
pub(super) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let unfinished = name(path, "new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn warn_when_open(path: &Path) {
    let open = fs::metadata(path).is_ok_and(|m| m.permissions().mode() & 0o077 != 0);
    if open {
        warn!(file = %path.display(), "secret file can be read by others: chmod 600 it");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SeededChance;

    #[test]
    fn a_secret_is_made_once_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("shop.db");
        let chance = SeededChance::new(1);
        let first = secret(&database, &chance).unwrap();
        let again = secret(&database, &chance).unwrap();
        assert_eq!(first, again);
        let path = folder.path().join("shop.db.secret");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing unfinished is left");
    }

    #[test]
    fn a_damaged_secret_is_named_and_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("shop.db");
        fs::write(folder.path().join("shop.db.secret"), "whsec_c2hvcnQ=").unwrap();
        let said = format!("{:#}", secret(&database, &SeededChance::new(1)).unwrap_err());
        assert!(said.contains("shop.db.secret") && said.contains("24 to 64"), "{said}");
    }
}
