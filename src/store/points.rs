//! The ledger of points.

use anyhow::Result;
use rusqlite::{Connection, Row, params};

use super::columns::{Columns, all, change};
use crate::state::model::ContactId;
use crate::state::people::PointsLine;

pub(super) fn read_line(c: &mut Columns<'_, '_>) -> rusqlite::Result<PointsLine> {
    Ok(PointsLine {
        at: c.get()?,
        change: c.get()?,
        about: c.get()?,
        part: c.get()?,
        expires: c.get()?,
        rate: c.get()?,
    })
}

pub(super) fn add(conn: &Connection, contact: ContactId, line: &PointsLine) -> Result<bool> {
    let sql = "-- add_points
        INSERT INTO points (contact_id, about, part, at_ms, change, expires_ms, rate_minor) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT DO NOTHING";
    let values = params![contact, line.about, line.part, line.at, line.change, line.expires, line.rate];
    Ok(change(conn, sql, values)? == 1)
}

pub(super) fn of(conn: &Connection, contact: ContactId) -> Result<Vec<PointsLine>> {
    let sql = "-- points_of
        SELECT at_ms, change, about, part, expires_ms, rate_minor FROM points WHERE contact_id = ?1 ORDER BY about, part";
    all(conn, sql, [contact], |row: &Row<'_>| read_line(&mut Columns::of(row)))
}

/// What both were given for the same, such as signing up, is given once.
pub(super) fn merge(conn: &Connection, from: ContactId, into: ContactId) -> Result<()> {
    let of_both = "-- merge_contacts: points of both
        DELETE FROM points WHERE contact_id = ?1 AND about IN (SELECT about FROM points WHERE contact_id = ?2)";
    change(conn, of_both, [from, into])?;
    let rest = "-- merge_contacts: points\nUPDATE points SET contact_id = ?2 WHERE contact_id = ?1";
    change(conn, rest, [from, into]).map(drop)
}
