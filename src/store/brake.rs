//! What the brake looks at. What was before the owner last lifted it is left out.

use std::collections::BTreeMap;

use anyhow::Result;
use rusqlite::{Connection, params};

use super::columns::{Columns, all, one};
use super::{alerts, figures};
use crate::clock::{At, Span};
use crate::schedule::brake::{Course, LATELY, NEW, OPT_OUT_SPAN, Readings, USUAL};
use crate::send::alarm::Kind;
use crate::state::model::{ContactId, HoldScope};

/// What has to be counted over weeks is counted only when an hour has more texts than this.
const QUIET_HOUR: u64 = 60;

/// What is found out over days and weeks, and hardly changes from one look to the next: asked for anew after [`GOOD_FOR`], since
/// where much goes out there is a look each second, and everything else waits for its answer.
#[derive(Debug, Clone, Default)]
pub struct Remembered {
    asked: Option<At>,
    opt_outs: BTreeMap<String, (u64, u64)>,
    seasoned: BTreeMap<String, bool>,
    busiest: Option<u64>,
}

/// How long what is remembered may be used.
const GOOD_FOR: Span = Span::seconds(30);

impl Remembered {
    fn refresh(&mut self, conn: &Connection, now: At) -> Result<()> {
        if !self.asked.is_some_and(|asked| asked <= now && now.since(asked) < GOOD_FOR) {
            *self = Remembered { asked: Some(now), opt_outs: opt_outs(conn, now)?, ..Remembered::default() };
        }
        Ok(())
    }
}

/// The figures as they are now: bounded by an hour's texts, but for what is to be remembered.
///
/// # Errors
/// The database's.
pub fn readings(conn: &Connection, remembered: &mut Remembered, now: At) -> Result<Readings> {
    remembered.refresh(conn, now)?;
    let hour = now.minus(LATELY).max(lifted(conn, &HoldScope::All)?);
    let mut campaigns: BTreeMap<String, Course> = BTreeMap::new();
    let mut since = Since::default();
    for (campaign, failed, at) in handed(conn, hour)? {
        if at >= since.of(conn, &campaign)? {
            let course = campaigns.entry(campaign).or_default();
            course.lately += 1;
            course.tried += 1;
            course.failed += u64::from(failed);
        }
    }
    for (campaign, at) in refused(conn, hour)? {
        if at >= since.of(conn, &campaign)? {
            let course = campaigns.entry(campaign).or_default();
            course.tried += 1;
            course.failed += 1;
        }
    }
    for (campaign, figures) in &remembered.opt_outs {
        let course = campaigns.entry(campaign.clone()).or_default();
        (course.texts, course.opt_outs) = *figures;
    }
    let much = campaigns.values().map(|course| course.lately).sum::<u64>() > QUIET_HOUR;
    if !much {
        return Ok(Readings { campaigns, busiest: 0 });
    }
    for (campaign, course) in &mut campaigns {
        course.seasoned = match remembered.seasoned.get(campaign) {
            Some(known) => *known,
            None => was_sending(conn, campaign, now)?,
        };
        remembered.seasoned.insert(campaign.clone(), course.seasoned);
    }
    let busiest = match remembered.busiest {
        Some(known) => known,
        None => busiest(conn, now)?,
    };
    remembered.busiest = Some(busiest);
    Ok(Readings { campaigns, busiest })
}

/// Since when each campaign's figures count, asked once.
#[derive(Default)]
struct Since(BTreeMap<String, At>);

impl Since {
    fn of(&mut self, conn: &Connection, campaign: &str) -> Result<At> {
        if let Some(known) = self.0.get(campaign) {
            return Ok(*known);
        }
        let at = lifted(conn, &HoldScope::Campaign(campaign.to_owned()))?;
        self.0.insert(campaign.to_owned(), at);
        Ok(at)
    }
}

/// Since when a scope's figures count.
fn lifted(conn: &Connection, scope: &HoldScope) -> Result<At> {
    Ok(alerts::last_over(conn, Kind::Brake, &scope.to_string())?.unwrap_or(At(i64::MIN)))
}

/// What was handed over, and whether it failed. By the hand-over, not by the end: phones that are off fail together, many
/// hours later, when those that got theirs are long forgotten.
///
/// A number that refuses advertising, or a person who told the provider to stop, is no failure of ours.
fn handed(conn: &Connection, since: At) -> Result<Vec<(String, bool, At)>> {
    let sql = "-- brake: handed over
        SELECT campaign, state = 'failed' AND coalesce(reason, '') NOT IN ('blocked', 'opted_out'), handed_ms
        FROM messages INDEXED BY messages_handed WHERE handed_ms IS NOT NULL AND handed_ms >= ?1";
    all(conn, sql, [since], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

/// What was refused for good at its hand-over, which then is none. What never arrived, as is found out hours later, too, when
/// a gateway comes back, says nothing of the texts.
fn refused(conn: &Connection, since: At) -> Result<Vec<(String, At)>> {
    let sql = "-- brake: refused
        SELECT campaign, settled_ms FROM messages INDEXED BY messages_ended
        WHERE state = 'failed' AND settled_ms >= ?1 AND handed_ms IS NULL
            AND coalesce(reason, '') NOT IN ('blocked', 'opted_out', 'never_arrived')";
    all(conn, sql, [since], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Texts and opt-outs of campaigns that people opted out of, within [`OPT_OUT_SPAN`].
///
/// # Errors
/// The database's.
pub fn opt_outs(conn: &Connection, now: At) -> Result<BTreeMap<String, (u64, u64)>> {
    let since = now.minus(OPT_OUT_SPAN);
    let sql = "-- brake: opt-outs
        SELECT contact_id, at_ms FROM opt_outs INDEXED BY opt_outs_at
        WHERE at_ms >= ?1 AND contact_id IS NOT NULL AND until_ms IS NULL";
    let list = all(conn, sql, [since], |row| Ok((row.get::<_, ContactId>(0)?, row.get::<_, At>(1)?)))?;
    let mut found: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let mut counts_since = Since::default();
    for (contact, at) in list {
        if let Some((campaign, _, handed)) = figures::before_opt_out(conn, contact, at)?
            && handed >= since.max(counts_since.of(conn, &campaign)?)
        {
            found.entry(campaign).or_default().1 += 1;
        }
    }
    if found.is_empty() {
        return Ok(found);
    }
    let sql = "-- brake: texts of campaigns
        SELECT campaign, count(*) FROM messages INDEXED BY messages_handed
        WHERE handed_ms IS NOT NULL AND handed_ms >= ?1 AND state <> 'failed' GROUP BY campaign";
    let texts: BTreeMap<String, u64> = all(conn, sql, [since], |row| {
        let mut c = Columns::of(row);
        Ok((c.get()?, c.count()?))
    })?
    .into_iter()
    .collect();
    for (campaign, found) in &mut found {
        let lifted = counts_since.of(conn, campaign)?;
        // Only what the owner has lately let go counts from a moment of its own.
        found.0 = if lifted > since {
            texts_since(conn, campaign, lifted)?
        } else {
            texts.get(campaign).copied().unwrap_or_default()
        };
    }
    Ok(found)
}

fn texts_since(conn: &Connection, campaign: &str, since: At) -> Result<u64> {
    let sql = "-- brake: texts of a campaign
        SELECT count(*) FROM messages INDEXED BY messages_handed
        WHERE handed_ms IS NOT NULL AND handed_ms >= ?2 AND campaign = ?1 AND state <> 'failed'";
    Ok(one(conn, sql, params![campaign, since], |row| Columns::of(row).count())?.unwrap_or_default())
}

fn was_sending(conn: &Connection, campaign: &str, now: At) -> Result<bool> {
    let sql = "-- brake: was sending
        SELECT 1 FROM messages INDEXED BY messages_handed
        WHERE handed_ms IS NOT NULL AND handed_ms >= ?2 AND handed_ms < ?3 AND campaign = ?1 LIMIT 1";
    Ok(one(conn, sql, params![campaign, now.minus(USUAL), now.minus(NEW)], |_| Ok(()))?.is_some())
}

fn busiest(conn: &Connection, now: At) -> Result<u64> {
    let sql = "-- brake: busiest hour
        SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM messages INDEXED BY messages_handed
            WHERE handed_ms IS NOT NULL AND handed_ms >= ?1 AND handed_ms < ?2 GROUP BY handed_ms / 3600000)";
    let before = now.minus(LATELY);
    Ok(one(conn, sql, params![before.minus(USUAL), before], |row| Columns::of(row).count())?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_days_is_asked_for_twice_a_minute_at_most() {
        let conn = crate::store::db::open_in_memory(&crate::ids::SeededChance::new(1)).unwrap();
        let mut remembered = Remembered::default();
        let mut look = |seconds| {
            readings(&conn, &mut remembered, At(0).plus(Span::seconds(seconds))).unwrap();
            remembered.asked.unwrap().0 / 1_000
        };
        let asked: Vec<i64> = [0, 1, 29, 30, 59, 61, 5].into_iter().map(&mut look).collect();
        assert_eq!(asked, [0, 0, 0, 30, 30, 61, 5], "a clock that was set back is no reason to wait for it");
    }
}
