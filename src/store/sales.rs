//! What is bought most, and what together with a product.

use anyhow::Result;
use rusqlite::{Connection, params};

use super::columns::{all, change, one};
use crate::clock::At;

pub(super) fn add(conn: &Connection, round: At, product_id: &str, beside: Option<&str>) -> Result<()> {
    let sql = "-- add_sale
        INSERT INTO sales (product_id, beside, round_ms, orders) VALUES (?1, ?2, ?3, 1)
        ON CONFLICT DO UPDATE SET orders = orders + 1";
    change(conn, sql, params![product_id, beside.unwrap_or_default(), round]).map(drop)
}

pub(super) fn keep(conn: &Connection, round: At) -> Result<()> {
    change(conn, "-- keep_sales\nDELETE FROM sales WHERE round_ms < ?1", [round]).map(drop)
}

pub(super) fn best(conn: &Connection, beside: Option<&str>, limit: usize) -> Result<Vec<String>> {
    let first = "-- best_sold: round\nSELECT min(round_ms) FROM sales";
    let Some(round) = one(conn, first, [], |row| row.get::<_, Option<At>>(0))?.flatten() else { return Ok(Vec::new()) };
    let sql = "-- best_sold
        SELECT product_id FROM sales WHERE round_ms = ?1 AND beside = ?2 ORDER BY orders DESC, product_id LIMIT ?3";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    all(conn, sql, params![round, beside.unwrap_or_default(), limit], |row| row.get(0))
}
