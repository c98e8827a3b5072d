//! What each provider did. What the figures mean stands in [`crate::measure::figures`].

use std::collections::BTreeMap;

use anyhow::Result;
use rusqlite::{Connection, params};

use super::columns::{Columns, all, one};
use crate::clock::Span;
use crate::measure::figures::{Period, ProviderFigures, Purse};
use crate::state::model::{MessageState, Reason};

/// The messages of a period by the gateway that got them; of one campaign, or of all.
///
/// # Errors
/// The database's.
pub fn figures(conn: &Connection, period: Period, only: Option<&str>) -> Result<BTreeMap<String, ProviderFigures>> {
    let mut found: BTreeMap<String, ProviderFigures> = BTreeMap::new();
    let sql = "-- providers: messages
        SELECT gateway, state, reason, count(*), sum(parts) FROM messages
        WHERE handed_ms >= ?1 AND handed_ms < ?2 AND gateway IS NOT NULL AND (?3 IS NULL OR campaign = ?3)
        GROUP BY gateway, state, reason";
    let rows = all(conn, sql, params![period.since, period.until, only], |row| {
        let mut c = Columns::of(row);
        let (gateway, state, reason) = (c.get::<String>()?, c.get::<MessageState>()?, c.get::<Option<Reason>>()?);
        Ok((gateway, state, reason, c.count::<u64>()?, c.count::<u64>()?))
    })?;
    for (gateway, state, reason, n, parts) in rows {
        let figures = found.entry(gateway).or_default();
        figures.handed += n;
        figures.parts += parts;
        match (state, reason) {
            (MessageState::Delivered, _) => figures.delivered += n,
            (MessageState::Failed, Some(Reason::Blocked)) => figures.blocked += n,
            (MessageState::Failed, _) => figures.failed += n,
            _ => figures.open += n,
        }
    }
    let costs = "-- providers: costs
        SELECT gateway, sum(coalesce(cost_minor, price_minor)), coalesce(cost_currency, price_currency) FROM messages
        WHERE handed_ms >= ?1 AND handed_ms < ?2 AND gateway IS NOT NULL AND (?3 IS NULL OR campaign = ?3)
            AND coalesce(cost_minor, price_minor) IS NOT NULL
        GROUP BY 1, 3";
    let rows = all(conn, costs, params![period.since, period.until, only], |row| {
        let mut c = Columns::of(row);
        Ok((c.get::<String>()?, c.money()?))
    })?;
    for (gateway, money) in rows {
        found.entry(gateway).or_default().cost.put(money);
    }
    for (gateway, figures) in &mut found {
        figures.delay = middle_delay(conn, period, only, gateway)?;
    }
    Ok(found)
}

/// The middle one of the delays, of an even number the smaller.
fn middle_delay(conn: &Connection, period: Period, only: Option<&str>, gateway: &str) -> Result<Option<Span>> {
    let sql = "-- providers: delay
        WITH delays AS (
            SELECT settled_ms - handed_ms AS delay FROM messages
            WHERE gateway = ?4 AND handed_ms >= ?1 AND handed_ms < ?2 AND state = 'delivered' AND settled_ms IS NOT NULL
                AND (?3 IS NULL OR campaign = ?3))
        SELECT delay FROM delays ORDER BY delay LIMIT 1 OFFSET (SELECT max(count(*) - 1, 0) / 2 FROM delays)";
    one(conn, sql, params![period.since, period.until, only, gateway], |row| row.get(0).map(Span))
}

/// What the books say of a gateway in a period: messages, parts, and what they cost; what the owner was told is counted.
///
/// # Errors
/// The database's.
pub fn books(conn: &Connection, period: Period, gateway: &str) -> Result<(u64, u64, Purse)> {
    let mut purse = Purse::default();
    let (mut messages, mut parts) = (0, 0);
    let sql = "-- providers: books
        SELECT count(*), sum(parts), sum(minor), currency FROM (
            SELECT parts, coalesce(cost_minor, price_minor, 0) AS minor,
                CASE WHEN cost_minor IS NOT NULL THEN cost_currency ELSE coalesce(price_currency, 'XXX') END AS currency
            FROM messages WHERE gateway = ?3 AND handed_ms >= ?1 AND handed_ms < ?2
            UNION ALL
            SELECT parts, price_minor, price_currency FROM alert_texts
            WHERE gateway = ?3 AND handed_ms >= ?1 AND handed_ms < ?2 AND state <> 'refused')
        GROUP BY currency";
    let rows = all(conn, sql, params![period.since, period.until, gateway], |row| {
        let mut c = Columns::of(row);
        Ok((c.count::<u64>()?, c.count::<u64>()?, c.money()?))
    })?;
    for (n, of_parts, money) in rows {
        messages += n;
        parts += of_parts;
        purse.put(money);
    }
    Ok((messages, parts, purse))
}
