//! Where this database lives, and who else has called with its shop's secret: so that a copy for trying things sends nothing.

use anyhow::Result;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::columns::{Json, change, one};
use super::people::keyed_hash;
use crate::clock::At;

/// A place that a database may live in. Kept as keyed hashes: the file tells nobody where it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// `None` where machines have no lasting name, such as in containers.
    pub machine: Option<String>,
    pub file: String,
}

impl Place {
    /// # Errors
    /// The database's.
    pub fn of(conn: &Connection, machine: Option<&str>, file: &str) -> Result<Place> {
        let machine = machine.map(|id| hash(conn, "machine", id)).transpose()?;
        Ok(Place { machine, file: hash(conn, "file", file)? })
    }

    /// Whether somebody may have copied the database from `home` to here. A machine that has no name now, or had none then, is
    /// told by the file's path alone.
    #[must_use]
    pub fn is_elsewhere(&self, home: &Place) -> bool {
        let other_machine = matches!((&self.machine, &home.machine), (Some(here), Some(there)) if here != there);
        other_machine || self.file != home.file
    }
}

fn hash(conn: &Connection, what: &str, value: &str) -> Result<String> {
    let bytes = keyed_hash(conn, &format!("{what} {value}"))?;
    Ok(bytes.iter().take(16).fold(String::new(), |text, byte| text + &format!("{byte:02x}")))
}

pub(super) fn read<T: serde::de::DeserializeOwned>(conn: &Connection, key: &str) -> Result<Option<T>> {
    let text: Option<Json<T>> = one(conn, "-- meta\nSELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0))?;
    Ok(text.map(|json| json.0))
}

pub(super) fn write<T: Serialize>(conn: &Connection, key: &str, value: &T) -> Result<()> {
    let sql =
        "-- put_meta\nINSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value";
    change(conn, sql, params![key, Json(value)]).map(drop)
}

const HOME: &str = "home";
const ELSEWHERE: &str = "elsewhere";
const ANOTHER_SHOP: &str = "another_shop";
const BEHIND: &str = "behind";

/// Where the database lives; `None` before its first start.
///
/// # Errors
/// The database's.
pub fn home(conn: &Connection) -> Result<Option<Place>> {
    read(conn, HOME)
}

/// The database lives here from now on; another place that asked to be its home is forgotten.
///
/// # Errors
/// The database's.
pub fn settle(conn: &Connection, place: &Place) -> Result<()> {
    write(conn, HOME, place)?;
    change(conn, "-- forget_elsewhere\nDELETE FROM meta WHERE key = ?1", [ELSEWHERE]).map(drop)
}

/// A daemon was started here, which is not the home; it becomes the home when the owner says so.
///
/// # Errors
/// The database's.
pub fn ask_to_settle(conn: &Connection, place: &Place) -> Result<()> {
    write(conn, ELSEWHERE, place)
}

/// Whether this may be a copy of a shop's database that lives elsewhere: nobody has said yet that it has moved.
///
/// # Errors
/// The database's.
pub fn may_be_a_copy(conn: &Connection) -> Result<bool> {
    Ok(read::<Place>(conn, ELSEWHERE)?.is_some())
}

/// The owner says so. True when a place had asked.
///
/// # Errors
/// The database's.
pub fn let_settle(conn: &Connection) -> Result<bool> {
    let asked: Option<Place> = read(conn, ELSEWHERE)?;
    asked.as_ref().map(|place| settle(conn, place)).transpose().map(|settled| settled.is_some())
}

/// The database does not know what was sent and heard of after this moment: it is a backup, or another such copy, that was put in
/// its place.
///
/// # Errors
/// The database's.
pub fn behind(conn: &Connection) -> Result<Option<At>> {
    read(conn, BEHIND)
}

/// # Errors
/// The database's.
pub fn put_behind(conn: &Connection, last: At) -> Result<()> {
    write(conn, BEHIND, &last)
}

/// What it had still to send was dropped.
///
/// # Errors
/// The database's.
pub fn caught_up(conn: &Connection) -> Result<()> {
    change(conn, "-- caught_up\nDELETE FROM meta WHERE key = ?1", [BEHIND]).map(drop)
}

/// How far the database is. It only grows; one that has grown less than was seen before is an older state of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Which database: a keyed hash.
    pub of: String,
    /// The last event, and the last line of the record: each hand-over is one.
    pub events: i64,
    pub decisions: i64,
}

impl Progress {
    /// # Errors
    /// The database's.
    pub fn read(conn: &Connection) -> Result<Progress> {
        let last = |sql| Ok::<i64, anyhow::Error>(one(conn, sql, [], |row| row.get(0))?.unwrap_or_default());
        Ok(Progress {
            of: hash(conn, "progress", "")?,
            events: last("-- progress: events\nSELECT seq FROM events ORDER BY seq DESC LIMIT 1")?,
            decisions: last("-- progress: decisions\nSELECT id FROM decisions ORDER BY id DESC LIMIT 1")?,
        })
    }

    /// Whether `self` is an older state of what `seen` was.
    #[must_use]
    pub fn is_behind(&self, seen: &Progress) -> bool {
        self.of == seen.of && (self.events < seen.events || self.decisions < seen.decisions)
    }
}

/// A call of another shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnotherShop {
    pub url: String,
    pub at: At,
}

/// # Errors
/// The database's.
pub fn note_another_shop(conn: &Connection, url: &str, at: At) -> Result<()> {
    write(conn, ANOTHER_SHOP, &AnotherShop { url: url.to_owned(), at })
}

/// The last one.
///
/// # Errors
/// The database's.
pub fn another_shop(conn: &Connection) -> Result<Option<AnotherShop>> {
    read(conn, ANOTHER_SHOP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_by_machine_and_path() {
        let place =
            |machine: Option<&str>, file: &str| Place { machine: machine.map(str::to_owned), file: file.to_owned() };
        let home = place(Some("m"), "f");
        assert!(!home.is_elsewhere(&home));
        assert!(place(Some("n"), "f").is_elsewhere(&home));
        assert!(place(Some("m"), "g").is_elsewhere(&home), "a copy beside it");
        assert!(!place(None, "f").is_elsewhere(&home), "a container has no name");
        assert!(!place(Some("m"), "f").is_elsewhere(&place(None, "f")));
        assert!(place(None, "g").is_elsewhere(&place(None, "f")));
    }

    #[test]
    fn the_file_tells_nobody_where_it_was_and_settles_once_it_may() {
        let conn = crate::store::db::open_in_memory(&crate::ids::SeededChance::new(1)).unwrap();
        let here = Place::of(&conn, Some("0123"), "/var/lib/shop.db").unwrap();
        assert!(!here.file.contains("shop") && here.machine.as_deref().is_some_and(|m| !m.contains("0123")));
        assert!(!let_settle(&conn).unwrap(), "nobody asked");
        settle(&conn, &here).unwrap();
        let there = Place::of(&conn, None, "/tmp/copy.db").unwrap();
        ask_to_settle(&conn, &there).unwrap();
        assert_eq!(home(&conn).unwrap(), Some(here));
        assert!(may_be_a_copy(&conn).unwrap());
        assert!(let_settle(&conn).unwrap() && !let_settle(&conn).unwrap());
        assert_eq!(home(&conn).unwrap(), Some(there));
        assert!(!may_be_a_copy(&conn).unwrap());
    }
}
