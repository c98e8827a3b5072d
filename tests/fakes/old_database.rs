//! A database as the program of an earlier version left it: the steps of `src/store/migrations` up to that version, and the
//! sample of that version in `tests/data/migrations`. A new version needs its two files, and nothing here.

use std::path::Path;

use rusqlite::Connection;

/// The file of this folder whose name begins with this number.
fn sql(folder: &str, version: u32) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let begins = format!("{version:04}");
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let found: Vec<_> = files.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with(&begins)).collect();
    assert_eq!(found.len(), 1, "{} needs one file {begins}….sql", folder.display());
    std::fs::read_to_string(&found[0]).unwrap()
}

/// Makes it in `conn`, which is empty.
pub fn leave(conn: &Connection, version: u32) {
    conn.execute_batch("PRAGMA foreign_keys = on").unwrap();
    for step in 1..=version {
        conn.execute_batch(&sql("src/store/migrations", step)).unwrap();
    }
    conn.pragma_update(None, "user_version", version).unwrap();
    conn.pragma_update(None, "application_id", 0x6261_7a67).unwrap();
    conn.execute_batch(&sql("tests/data/migrations", version)).unwrap();
}
