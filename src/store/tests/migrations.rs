//! The file's shape, old files, and files of others.

use std::path::Path;

use rusqlite::Connection;

use super::empty;
use crate::clock::At;
use crate::ids::SeededChance;
use crate::state::model::{ContactId, EnrolmentState};
use crate::state::world::World;
use crate::store::{SqlWorld, db, log, migrate};

#[path = "../../../tests/fakes/old_database.rs"]
mod old_database;

#[test]
fn schema_is_written_down() {
    let now = migrate::schema(&empty()).unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/schema.sql");
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&file, &now).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(now == written, "src/store/schema.sql is not what the migrations make: run this test with UPDATE_SCHEMA=1");
}

#[test]
fn every_column_says_what_it_is() {
    let sql = concat!(
        include_str!("../migrations/0001_start.sql"),
        include_str!("../migrations/0002_trust.sql"),
        include_str!("../migrations/0003_waiting.sql"),
        include_str!("../migrations/0004_people.sql"),
        include_str!("../migrations/0005_own_coupons.sql"),
        include_str!("../migrations/0006_steps.sql"),
        include_str!("../migrations/0007_standing.sql"),
        include_str!("../migrations/0008_occasions.sql"),
        include_str!("../migrations/0009_sales.sql"),
        include_str!("../migrations/0010_history.sql"),
        include_str!("../migrations/0011_replies.sql"),
        include_str!("../migrations/0012_small.sql"),
        include_str!("../migrations/0013_words.sql"),
        include_str!("../migrations/0014_terms.sql")
    );
    let mut table = "";
    for line in sql.lines() {
        if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
            table = rest.trim_end_matches(" (");
        }
        let is_column = line.starts_with("    ") && [" INTEGER", " TEXT", " BLOB"].iter().any(|t| line.contains(t));
        if is_column && !table.is_empty() && !line.contains("GENERATED") {
            assert!(line.contains("-- "), "{table}: column without a comment: {line}");
        }
        if line.starts_with(')') {
            table = "";
        }
    }
}

/// A database as version `version` left it, brought to the present.
fn upgraded(version: u32) -> Connection {
    let mut conn = Connection::open_in_memory().unwrap();
    old_database::leave(&conn, version);
    migrate::to_latest(&mut conn).unwrap();
    conn
}

#[test]
fn sample_of_every_version_can_be_read() {
    for version in 1..=migrate::version() {
        let conn = upgraded(version);
        let world = SqlWorld::new(&conn);
        assert!(world.contact(ContactId(1)).unwrap().unwrap().phone.is_some());
        assert_eq!(world.carts_of(ContactId(1)).unwrap().len(), 1);
        assert_eq!(world.orders_of(ContactId(1)).unwrap().len(), 1);
        assert_eq!(world.open_enrolments(ContactId(1)).unwrap().len(), 1);
        assert_eq!(world.count_enrolments(EnrolmentState::Active).unwrap(), 1);
        assert_eq!(world.credit_candidates(ContactId(1), At(0)).unwrap().len(), 1);
        assert_eq!(world.decisions_of(ContactId(1), 9).unwrap().len(), 1);
        assert!(world.shop().unwrap().is_some());
        assert_eq!(log::counts(&conn).unwrap().events, 1);
        if version >= 8 {
            let fall = world.product("12").unwrap().unwrap().fall(1).unwrap();
            assert_eq!(
                (fall.from.minor, fall.at, world.subscription("77").unwrap().unwrap().term),
                (6500, At(900), Some(At(9000)))
            );
        }
    }
}

#[test]
fn newer_database_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shop.db");
    let chance = SeededChance::new(1);
    drop(db::open_writer(&path, &chance).unwrap());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let error = format!("{:#}", db::open_writer(&path, &chance).err().unwrap());
    assert!(error.contains("version 99") && error.contains("newer"), "{error}");
    assert!(db::open_reader(&path).is_err());
}

#[test]
fn database_of_another_program_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("other.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    let error = format!("{:#}", db::open_writer(&path, &SeededChance::new(1)).err().unwrap());
    assert!(error.contains("belongs to another program"), "{error}");
}

#[test]
fn suppression_key_stays_when_reopened() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shop.db");
    let key = |seed| {
        let conn = db::open_writer(&path, &SeededChance::new(seed)).unwrap();
        conn.query_row("SELECT value FROM meta WHERE key = 'suppression_key'", [], |row| row.get::<_, String>(0))
            .unwrap()
    };
    let first = key(1);
    assert_eq!(first.len(), 64);
    assert_eq!(first, key(2));
}
