//! The shape of the file: numbered steps, forward only, one transaction each.

use anyhow::{Context, Result, bail};
use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

/// "bazg" in ASCII: tells `file` and us that a database is ours.
pub const APPLICATION_ID: i32 = 0x6261_7a67;

/// Step n brings a database of version n−1 to version n. A released step is never changed.
const STEPS: &[&str] = &[
    include_str!("migrations/0001_start.sql"),
    include_str!("migrations/0002_trust.sql"),
    include_str!("migrations/0003_waiting.sql"),
    include_str!("migrations/0004_people.sql"),
    include_str!("migrations/0005_own_coupons.sql"),
    include_str!("migrations/0006_steps.sql"),
    include_str!("migrations/0007_standing.sql"),
    include_str!("migrations/0008_occasions.sql"),
    include_str!("migrations/0009_sales.sql"),
    include_str!("migrations/0010_history.sql"),
    include_str!("migrations/0011_replies.sql"),
    include_str!("migrations/0012_small.sql"),
    include_str!("migrations/0013_words.sql"),
    include_str!("migrations/0014_terms.sql"),
];

/// The version that this program writes.
#[must_use]
pub fn version() -> u32 {
    u32::try_from(STEPS.len()).unwrap_or(u32::MAX)
}

/// Brings the database to [`version`]; makes an empty one ours.
///
/// # Errors
/// When the file is another program's, or of a newer version than this program knows: then it is not touched.
pub fn to_latest(conn: &mut Connection) -> Result<()> {
    let application: i32 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let found: u32 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let tables: i64 = conn.query_row("-- is_empty\nSELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID && (application != 0 || tables > 0) {
        bail!("database belongs to another program (application id {application}): name another file in the settings");
    }
    if found > version() {
        bail!(
            "database has version {found}, this program knows versions up to {}: start the newer bazgasht that wrote it, or \
             restore a backup made before the upgrade",
            version()
        );
    }
    // Before there is a table: killed in between, the next start must know its own.
    if application != APPLICATION_ID {
        conn.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    steps().to_latest(conn).context("database could not be upgraded")
}

fn steps() -> Migrations<'static> {
    Migrations::new(STEPS.iter().map(|sql| M::up(sql)).collect())
}

/// All statements that make the latest shape, in order of name: what `schema.sql` holds.
///
/// # Errors
/// The database's.
pub fn schema(conn: &Connection) -> Result<String> {
    let sql = "-- schema
        SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
        ORDER BY tbl_name, CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 ELSE 2 END, name";
    let mut statement = conn.prepare(sql)?;
    let parts = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(parts.join(";\n\n") + ";\n")
}
