//! Who came to what a campaign is for, and who was seen again.

use anyhow::Result;
use rusqlite::{Connection, params};

use super::columns::Columns;
use crate::clock::At;
use crate::measure::figures::Period;
use crate::state::model::Reason;

/// Somebody's way through a campaign that was not held out, and what they did from then on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Came {
    pub campaign: String,
    pub entered: At,
    /// When the way ended, and why.
    pub ended: Option<(At, Reason)>,
    /// The first order that stands, of whatever.
    pub ordered: Option<At>,
    /// The first that holds what was offered.
    pub bought_offer: Option<At>,
    pub reviewed: Option<At>,
    /// When anything was last heard of the person.
    pub seen: Option<At>,
}

/// Hands every way that began in the period to `take`.
///
/// # Errors
/// The database's.
pub fn came(conn: &Connection, period: Period, mut take: impl FnMut(Came)) -> Result<()> {
    let sql = "-- report: what came of those who entered
        SELECT e.campaign, e.entered_ms, e.ended_ms, e.end_reason,
            (SELECT min(o.placed_ms) FROM orders o WHERE o.contact_id = e.contact_id AND o.placed_ms > e.entered_ms
                AND o.status NOT IN ('checkout-draft', 'draft', 'auto-draft', 'pending', 'failed', 'cancelled', 'refunded', 'trash')),
            CASE WHEN e.offer IS NOT NULL THEN (
                SELECT min(o.placed_ms) FROM orders o WHERE o.contact_id = e.contact_id AND o.placed_ms > e.entered_ms
                AND o.status NOT IN ('checkout-draft', 'draft', 'auto-draft', 'pending', 'failed', 'cancelled', 'refunded', 'trash')
                AND EXISTS (SELECT 1 FROM json_each(o.items) item WHERE item.value ->> 'product_id' = e.offer)) END,
            (SELECT min(r.at_ms) FROM reviews r WHERE r.contact_id = e.contact_id AND r.at_ms > e.entered_ms),
            c.last_seen_ms
        FROM enrolments e LEFT JOIN contacts c ON c.id = e.contact_id
        WHERE e.entered_ms >= ?1 AND e.entered_ms < ?2 AND e.held_out = 0";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![period.since, period.until])?;
    while let Some(row) = rows.next()? {
        let mut c = Columns::of(row);
        let (campaign, entered) = (c.get()?, c.get()?);
        let (ended, reason): (Option<At>, Option<Reason>) = (c.get()?, c.get()?);
        let ended = ended.zip(reason);
        let (ordered, bought_offer, reviewed, seen) = (c.get()?, c.get()?, c.get()?, c.get()?);
        take(Came { campaign, entered, ended, ordered, bought_offer, reviewed, seen });
    }
    Ok(())
}
