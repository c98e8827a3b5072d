//! Who drew which arm, who was held out, and what they did.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use rusqlite::{Connection, Row, params};

use super::columns::{Columns, Json, all, change, one};
use crate::clock::{At, Span};
use crate::money::Money;
use crate::state::model::{ArmCounts, ArmsAsked, ContactId, Outcome, Tries};

pub(super) fn counts(conn: &Connection, campaign: &str, step: &str) -> Result<Option<ArmCounts>> {
    let sql = "-- arm_counts\nSELECT counted_ms, counts FROM arm_counts WHERE campaign = ?1 AND step = ?2";
    one(conn, sql, params![campaign, step], |row| {
        let mut c = Columns::of(row);
        Ok(ArmCounts { counted: c.get()?, arms: c.json()? })
    })
}

pub(super) fn put_counts(conn: &Connection, campaign: &str, step: &str, counts: &ArmCounts) -> Result<()> {
    let sql = "-- put_arm_counts
        INSERT INTO arm_counts (campaign, step, counted_ms, counts) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT DO UPDATE SET counted_ms = excluded.counted_ms, counts = excluded.counts";
    change(conn, sql, params![campaign, step, counts.counted, Json(&counts.arms)]).map(drop)
}

/// Somebody whose arm was drawn.
struct Drew {
    contact: ContactId,
    arm: String,
    at: At,
    did: bool,
}

pub(super) fn count(conn: &Connection, asked: &ArmsAsked) -> Result<BTreeMap<String, Tries>> {
    let of_age = counted(conn, asked)?.into_iter().filter(|(_, counted)| counted.tries.tries > 0);
    Ok(of_age.map(|(arm, counted)| (arm, counted.tries)).collect())
}

/// An arm's people.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counted {
    pub tries: Tries,
    /// Whose time is not over yet.
    pub early: u64,
}

/// By arm.
///
/// # Errors
/// The database's.
pub fn counted(conn: &Connection, asked: &ArmsAsked) -> Result<BTreeMap<String, Counted>> {
    let mut seen = BTreeSet::new();
    let mut counted: BTreeMap<String, Counted> = BTreeMap::new();
    for drew in drew(conn, asked)?.into_iter().filter(|drew| drew.at < asked.until) {
        if !seen.insert(drew.contact) {
            continue;
        }
        let group = counted.entry(drew.arm).or_default();
        if drew.at.plus(asked.window) <= asked.now {
            group.tries.tries += 1;
            group.tries.wins += u64::from(drew.did);
        } else {
            group.early += 1;
        }
    }
    Ok(counted)
}

/// Messages of a step that were handed over in the question's time: by arm, how many, and what they cost by currency.
///
/// # Errors
/// The database's.
pub fn sent_by_arm(conn: &Connection, asked: &ArmsAsked) -> Result<Vec<(String, u64, Option<Money>)>> {
    let sql = "-- report: messages of arms
        SELECT arm, count(*), sum(spent_minor), spent_currency FROM messages
        WHERE campaign = ?1 AND step = ?2 AND arm IS NOT NULL AND handed_ms >= ?3 AND handed_ms < ?4 AND spent_minor IS NOT NULL
        GROUP BY arm, spent_currency";
    all(conn, sql, params![asked.campaign, asked.step, asked.since, asked.until], |row| {
        let mut c = Columns::of(row);
        Ok((c.get()?, c.count()?, c.money_opt()?))
    })
}

/// In the order in which they entered.
fn drew(conn: &Connection, asked: &ArmsAsked) -> Result<Vec<Drew>> {
    let ordered = "-- arms: who ordered
        SELECT e.contact_id, e.arms ->> ?2 ->> 'arm', e.arms ->> ?2 ->> 'at', EXISTS (
            SELECT 1 FROM orders o WHERE o.contact_id = e.contact_id
                AND o.placed_ms >= (e.arms ->> ?2 ->> 'at') AND o.placed_ms < (e.arms ->> ?2 ->> 'at') + ?4
                AND o.status NOT IN ('checkout-draft', 'draft', 'auto-draft', 'pending', 'failed', 'cancelled', 'refunded', 'trash'))
        FROM enrolments e INDEXED BY enrolments_drawn
        WHERE e.campaign = ?1 AND e.arms <> '{}' AND e.entered_ms >= ?3 AND e.arms ->> ?2 IS NOT NULL
        ORDER BY e.entered_ms, e.id";
    let reviewed = "-- arms: who reviewed
        SELECT e.contact_id, e.arms ->> ?2 ->> 'arm', e.arms ->> ?2 ->> 'at', EXISTS (
            SELECT 1 FROM reviews r WHERE r.contact_id = e.contact_id
                AND r.at_ms >= (e.arms ->> ?2 ->> 'at') AND r.at_ms < (e.arms ->> ?2 ->> 'at') + ?4)
        FROM enrolments e INDEXED BY enrolments_drawn
        WHERE e.campaign = ?1 AND e.arms <> '{}' AND e.entered_ms >= ?3 AND e.arms ->> ?2 IS NOT NULL
        ORDER BY e.entered_ms, e.id";
    let ended = "-- arms: who left by the goal
        SELECT e.contact_id, e.arms ->> ?2 ->> 'arm', e.arms ->> ?2 ->> 'at',
            coalesce(e.end_reason = ?5 AND e.ended_ms < (e.arms ->> ?2 ->> 'at') + ?4, 0)
        FROM enrolments e INDEXED BY enrolments_drawn
        WHERE e.campaign = ?1 AND e.arms <> '{}' AND e.entered_ms >= ?3 AND e.arms ->> ?2 IS NOT NULL
        ORDER BY e.entered_ms, e.id";
    let read = |row: &Row<'_>| {
        let mut c = Columns::of(row);
        Ok(Drew { contact: c.get()?, arm: c.get()?, at: c.get()?, did: c.get()? })
    };
    let (campaign, since, window) = (&asked.campaign, asked.since, asked.window.0);
    // Ids hold no quote.
    let step = format!("$.\"{}\"", asked.step);
    match asked.outcome {
        Outcome::Ordered => all(conn, ordered, params![campaign, step, since, window], read),
        Outcome::Reviewed => all(conn, reviewed, params![campaign, step, since, window], read),
        Outcome::Ended(reason) => all(conn, ended, params![campaign, step, since, window, reason], read),
    }
}

/// What orders that stand left the shop, of the people whose arm was drawn in the question's time: by arm.
///
/// # Errors
/// The database's.
pub fn kept_by_arm(conn: &Connection, asked: &ArmsAsked) -> Result<Vec<(String, Money)>> {
    let sql = "-- report: money of arms
        SELECT e.contact_id, e.arms ->> ?2 ->> 'arm', e.arms ->> ?2 ->> 'at', o.id,
            max(o.total_minor - o.refunded_minor, 0), o.currency
        FROM enrolments e INDEXED BY enrolments_drawn JOIN orders o ON o.contact_id = e.contact_id
        WHERE e.campaign = ?1 AND e.arms <> '{}' AND e.entered_ms >= ?3 AND e.arms ->> ?2 IS NOT NULL
            AND o.placed_ms >= (e.arms ->> ?2 ->> 'at') AND o.placed_ms < (e.arms ->> ?2 ->> 'at') + ?4
            AND o.status NOT IN ('checkout-draft', 'draft', 'auto-draft', 'pending', 'failed', 'cancelled', 'refunded', 'trash')
        ORDER BY e.entered_ms, e.id";
    let step = format!("$.\"{}\"", asked.step);
    let rows = all(conn, sql, params![asked.campaign, step, asked.since, asked.window.0], |row| {
        let mut c = Columns::of(row);
        let (contact, arm, at): (ContactId, String, At) = (c.get()?, c.get()?, c.get()?);
        Ok((contact, arm, at, c.get::<String>()?, c.money()?))
    })?;
    // Of somebody who entered twice, the first time counts, as for the arms' shares: also when nothing was ordered then.
    let mut first: BTreeMap<ContactId, At> = BTreeMap::new();
    for drew in drew(conn, asked)? {
        first.entry(drew.contact).or_insert(drew.at);
    }
    let counts = |contact: &ContactId, at: At| {
        first.get(contact) == Some(&at) && at < asked.until && at.plus(asked.window) <= asked.now
    };
    Ok(rows.into_iter().filter(|(c, _, at, ..)| counts(c, *at)).map(|(_, arm, _, _, money)| (arm, money)).collect())
}

/// Campaigns that held somebody out who entered at or after `since`.
///
/// # Errors
/// The database's.
pub fn with_held_out(conn: &Connection, since: At, until: At) -> Result<Vec<String>> {
    let sql = "-- report: campaigns with people held out
        SELECT DISTINCT campaign FROM enrolments INDEXED BY enrolments_held_out
        WHERE held_out = 1 AND entered_ms >= ?1 AND entered_ms < ?2 ORDER BY campaign";
    all(conn, sql, params![since, until], |row| row.get(0))
}

/// Somebody who entered a campaign, and one of the orders of the time after.
#[derive(Debug, Clone)]
pub struct Walked {
    pub contact: ContactId,
    pub held_out: bool,
    pub entered: At,
    /// What was asked for has come about.
    pub did: bool,
    /// Of the order, if there is any.
    pub kept: Option<Money>,
}

fn read_walked(row: &Row<'_>) -> rusqlite::Result<Walked> {
    let mut c = Columns::of(row);
    Ok(Walked { contact: c.get()?, held_out: c.get()?, entered: c.get()?, did: c.get()?, kept: c.money_opt()? })
}

/// Everybody who entered a campaign in that time, once for each order that they placed within `window` and that stands, or
/// once without; in the order in which they entered.
///
/// # Errors
/// The database's.
pub fn walked(
    conn: &Connection,
    campaign: &str,
    (since, until): (At, At),
    window: Span,
    outcome: Outcome,
) -> Result<Vec<Walked>> {
    let sql = "-- report: orders of those who entered
        SELECT e.contact_id, e.held_out, e.entered_ms,
            CASE ?5
                WHEN 'ordered' THEN o.id IS NOT NULL
                WHEN 'reviewed' THEN EXISTS (SELECT 1 FROM reviews r WHERE r.contact_id = e.contact_id
                    AND r.at_ms >= e.entered_ms AND r.at_ms < e.entered_ms + ?4)
                ELSE coalesce(e.end_reason = ?5 AND e.ended_ms < e.entered_ms + ?4, 0)
            END, max(o.total_minor - o.refunded_minor, 0), o.currency
        FROM enrolments e LEFT JOIN orders o ON o.contact_id = e.contact_id
            AND o.placed_ms >= e.entered_ms AND o.placed_ms < e.entered_ms + ?4
            AND o.status NOT IN ('checkout-draft', 'draft', 'auto-draft', 'pending', 'failed', 'cancelled', 'refunded', 'trash')
        WHERE e.campaign = ?1 AND e.entered_ms >= ?2 AND e.entered_ms < ?3
        ORDER BY e.entered_ms, e.id";
    let asked = match outcome {
        Outcome::Ordered => "ordered",
        Outcome::Reviewed => "reviewed",
        Outcome::Ended(reason) => reason.word(),
    };
    all(conn, sql, params![campaign, since, until, window.0, asked], read_walked)
}

/// Everybody with the first of these campaigns that they ever entered, before `until`, once for each order as in [`walked`].
///
/// # Errors
/// The database's.
pub fn walked_any(conn: &Connection, campaigns: &[&str], until: At, window: Span) -> Result<Vec<Walked>> {
    // Beside min() SQLite gives the other columns of that very row.
    let sql = "-- report: orders since the first way in
        SELECT e.contact_id, e.held_out, e.entered_ms, o.id IS NOT NULL, max(o.total_minor - o.refunded_minor, 0), o.currency
        FROM (SELECT contact_id, held_out, min(entered_ms) AS entered_ms FROM enrolments
                WHERE campaign IN (SELECT value FROM json_each(?1)) AND entered_ms IS NOT NULL GROUP BY contact_id) e
            LEFT JOIN orders o ON o.contact_id = e.contact_id
            AND o.placed_ms >= e.entered_ms AND o.placed_ms < e.entered_ms + ?3
            AND o.status NOT IN ('checkout-draft', 'draft', 'auto-draft', 'pending', 'failed', 'cancelled', 'refunded', 'trash')
        WHERE e.entered_ms < ?2
        ORDER BY e.entered_ms, e.contact_id";
    all(conn, sql, params![Json(&campaigns), until, window.0], read_walked)
}
