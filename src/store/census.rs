//! How many people stand where, for the report on people. Streams over the tables; only sums are kept.

use std::collections::BTreeMap;

use anyhow::Result;
use rusqlite::{Connection, params};

use super::columns::{Columns, all};
use super::points::read_line;
use crate::clock::At;
use crate::decide::points::reckon;
use crate::measure::figures::Period;
use crate::measure::people::{BuyerFigures, MoveCount, PointsFigures, RfmFigures, SegmentFigures};
use crate::state::model::ContactId;
use crate::state::people::{PointsLine, Rfm};

/// An order that is a purchase; see [`crate::state::model::counts_as_placed`].
macro_rules! standing {
    () => {
        "o.status NOT IN ('checkout-draft', 'draft', 'auto-draft', 'pending', 'failed', 'cancelled', 'refunded', 'trash')"
    };
}

macro_rules! kept {
    () => {
        "sum(CASE WHEN o.refunded_minor < o.total_minor THEN o.total_minor - o.refunded_minor ELSE 0 END)"
    };
}

/// By the segment's id, also of segments that the owner's file has no more.
///
/// # Errors
/// The database's.
pub fn segments(conn: &Connection, period: Period) -> Result<BTreeMap<String, SegmentFigures>> {
    let mut found: BTreeMap<String, SegmentFigures> = BTreeMap::new();
    let sizes = "-- census: segments
        SELECT segment, count(*) FILTER (WHERE until_ms IS NULL),
            -- Since when is not known of who was in it from the first look on.
            count(*) FILTER (WHERE until_ms IS NULL AND since_ms >= ?1 AND since_ms < ?2),
            count(*) FILTER (WHERE until_ms >= ?1 AND until_ms < ?2)
        FROM memberships GROUP BY segment";
    let rows = all(conn, sizes, params![period.since, period.until], |row| {
        let mut c = Columns::of(row);
        Ok((c.get::<String>()?, c.count()?, c.count()?, c.count()?))
    })?;
    for (segment, people, came, left) in rows {
        found.insert(segment, SegmentFigures { people, came, left, ..SegmentFigures::default() });
    }
    let money = concat!(
        "-- census: money of segments
        SELECT m.segment, count(*), ",
        kept!(),
        ", o.currency
        FROM orders o JOIN memberships m ON m.contact_id = o.contact_id AND m.until_ms IS NULL
        WHERE o.placed_ms >= ?1 AND o.placed_ms < ?2 AND ",
        standing!(),
        " GROUP BY m.segment, o.currency"
    );
    let rows = all(conn, money, params![period.since, period.until], |row| {
        let mut c = Columns::of(row);
        Ok((c.get::<String>()?, c.count::<u64>()?, c.money()?))
    })?;
    for (segment, orders, kept) in rows {
        let figures = found.entry(segment).or_default();
        figures.orders += orders;
        figures.kept.put(kept);
    }
    Ok(found)
}

/// Of buyers, by name.
///
/// # Errors
/// The database's.
pub fn rfm(conn: &Connection, period: Period) -> Result<BTreeMap<Rfm, RfmFigures>> {
    let mut found: BTreeMap<Rfm, RfmFigures> = BTreeMap::new();
    let sql = "-- census: rfm\nSELECT rfm, count(*) FROM standings WHERE rfm IS NOT NULL GROUP BY rfm";
    for (name, people) in all(conn, sql, [], |row| Ok((row.get::<_, Rfm>(0)?, row.get::<_, i64>(1)?)))? {
        found.entry(name).or_default().people = u64::try_from(people).unwrap_or_default();
    }
    let money = concat!(
        "-- census: money of buyers
        SELECT s.rfm, count(*), ",
        kept!(),
        ", o.currency
        FROM orders o JOIN standings s ON s.contact_id = o.contact_id
        WHERE o.placed_ms >= ?1 AND o.placed_ms < ?2 AND s.rfm IS NOT NULL AND ",
        standing!(),
        " GROUP BY s.rfm, o.currency"
    );
    let rows = all(conn, money, params![period.since, period.until], |row| {
        let mut c = Columns::of(row);
        Ok((c.get::<Rfm>()?, c.count::<u64>()?, c.money()?))
    })?;
    for (name, orders, kept) in rows {
        let figures = found.entry(name).or_default();
        figures.orders += orders;
        figures.kept.put(kept);
    }
    Ok(found)
}

/// Buyers of the period who ever had a point, and those who never had.
///
/// # Errors
/// The database's.
pub fn by_points(conn: &Connection, period: Period) -> Result<(BuyerFigures, BuyerFigures)> {
    let (mut with, mut without) = (BuyerFigures::default(), BuyerFigures::default());
    let people = concat!(
        "-- census: buyers with points
        SELECT points, count(*) FROM (
            SELECT DISTINCT o.contact_id, EXISTS (SELECT 1 FROM points p WHERE p.contact_id = o.contact_id) AS points
            FROM orders o WHERE o.contact_id IS NOT NULL AND o.placed_ms >= ?1 AND o.placed_ms < ?2 AND ",
        standing!(),
        ") GROUP BY points"
    );
    for (points, n) in all(conn, people, params![period.since, period.until], |row| {
        let mut c = Columns::of(row);
        Ok((c.get::<bool>()?, c.count::<u64>()?))
    })? {
        if points { with.people = n } else { without.people = n }
    }
    let money = concat!(
        "-- census: money of buyers with points
        SELECT EXISTS (SELECT 1 FROM points p WHERE p.contact_id = o.contact_id), count(*), ",
        kept!(),
        ", o.currency
        FROM orders o WHERE o.contact_id IS NOT NULL AND o.placed_ms >= ?1 AND o.placed_ms < ?2 AND ",
        standing!(),
        " GROUP BY 1, o.currency"
    );
    for (points, orders, kept) in all(conn, money, params![period.since, period.until], |row| {
        let mut c = Columns::of(row);
        Ok((c.get::<bool>()?, c.count::<u64>()?, c.money()?))
    })? {
        let figures = if points { &mut with } else { &mut without };
        figures.orders += orders;
        figures.kept.put(kept);
    }
    Ok((with, without))
}

/// Who went from where to where in the period.
///
/// # Errors
/// The database's.
pub fn moves(conn: &Connection, period: Period) -> Result<Vec<MoveCount>> {
    let sql = "-- census: moves
        SELECT was, became, count(*) FROM moves WHERE at_ms >= ?1 AND at_ms < ?2 GROUP BY was, became ORDER BY 3 DESC, was, became";
    all(conn, sql, params![period.since, period.until], |row| {
        let mut c = Columns::of(row);
        Ok(MoveCount { from: c.get()?, to: c.get()?, people: c.count()? })
    })
}

/// What was given and used in the period, and what is left at its end.
///
/// # Errors
/// The database's.
pub fn points(conn: &Connection, period: Period, now: At) -> Result<PointsFigures> {
    let sql = "-- census: points
        SELECT contact_id, at_ms, change, about, part, expires_ms, rate_minor FROM points ORDER BY contact_id, about, part";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut figures = PointsFigures::default();
    let (mut whose, mut ledger): (Option<ContactId>, Vec<PointsLine>) = (None, Vec::new());
    while let Some(row) = rows.next()? {
        let contact: ContactId = row.get(0)?;
        if whose.is_some_and(|known| known != contact) {
            count(&mut figures, &ledger, period, now);
            ledger.clear();
        }
        whose = Some(contact);
        ledger.push(read_line(&mut Columns::from(row, 1))?);
    }
    count(&mut figures, &ledger, period, now);
    Ok(figures)
}

/// One person's.
fn count(figures: &mut PointsFigures, ledger: &[PointsLine], period: Period, now: At) {
    for line in ledger.iter().filter(|line| period.since <= line.at && line.at < period.until) {
        let paid = line.about.starts_with("coupon:");
        match line.change {
            // Given back for a text that was never sent.
            change if paid => figures.used -= change,
            change if change < 0 && line.about.starts_with("event:") => figures.used -= change,
            change if change < 0 => figures.taken_back -= change,
            change => figures.given += change,
        }
    }
    let reckoning = reckon(ledger, period.until.min(now));
    let expired = reckoning.expired.iter().filter(|(at, _)| period.since <= *at && *at < period.until);
    figures.expired += expired.map(|(_, points)| points).sum::<i64>();
    let left = reckoning.left.max(0);
    figures.left += left;
    figures.people += u64::from(left > 0);
}

#[cfg(test)]
mod tests {
    use crate::state::model::counts_as_placed;

    #[test]
    fn an_order_stands_here_as_it_does_elsewhere() {
        let words: Vec<&str> = standing!().split('\'').skip(1).step_by(2).collect();
        assert_eq!(words.len(), 8);
        assert!(words.iter().all(|word| !counts_as_placed(word)), "{words:?}");
    }
}
