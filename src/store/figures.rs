//! Questions of reports, of `contact show` and of `doctor`. What each figure means stands in [`crate::measure::figures`].

use anyhow::Result;
use rusqlite::{Connection, Row, params};

use super::columns::{Columns, all, change, limit, one};
use super::enrolments::{enrolment_columns, read_enrolment};
use super::messages::{message_columns, read_message};
use crate::clock::At;
use crate::measure::figures::{ByCampaign, Earned, Figures, OPT_OUT_BLAME, Period, SECOND_CHANCE};
use crate::money::Money;
use crate::state::model::{ContactId, Enrolment, Evidence, Message, MessageState};

/// All figures of the messages of a period, as far as they are known at `now`.
///
/// # Errors
/// The database's.
pub fn figures(conn: &Connection, period: Period, now: At) -> Result<ByCampaign> {
    let mut found = ByCampaign::new();
    entered(conn, period, &mut found)?;
    messages(conn, period, &mut found)?;
    costs(conn, period, &mut found)?;
    visits(conn, period, now, &mut found)?;
    orders(conn, period, &mut found)?;
    reviews(conn, period, &mut found)?;
    answers(conn, period, &mut found)?;
    opt_outs(conn, period, &mut found)?;
    Ok(found)
}

fn step(found: &mut ByCampaign, campaign: String, step: String) -> &mut Figures {
    found.entry(campaign).or_default().steps.entry(step).or_default()
}

fn entered(conn: &Connection, period: Period, found: &mut ByCampaign) -> Result<()> {
    let sql = "-- figures: entered
        SELECT campaign, count(*) FROM enrolments WHERE entered_ms >= ?1 AND entered_ms < ?2 GROUP BY campaign";
    let rows = all(conn, sql, params![period.since, period.until], |row| {
        let mut c = Columns::of(row);
        Ok((c.get::<String>()?, c.count::<u64>()?))
    })?;
    for (campaign, n) in rows {
        found.entry(campaign).or_default().entered = n;
    }
    Ok(())
}

fn messages(conn: &Connection, period: Period, found: &mut ByCampaign) -> Result<()> {
    let handed = "-- figures: messages handed over
        SELECT campaign, step, state, reason, count(*), sum(parts) FROM messages
        WHERE handed_ms >= ?1 AND handed_ms < ?2
        GROUP BY campaign, step, state, reason";
    let not_handed = "-- figures: messages not handed over
        SELECT campaign, step, state, reason, count(*), 0 FROM messages
        WHERE handed_ms IS NULL AND due_ms >= ?1 AND due_ms < ?2
        GROUP BY campaign, step, state, reason";
    for (sql, was_handed) in [(handed, true), (not_handed, false)] {
        let rows = all(conn, sql, params![period.since, period.until], |row| {
            let mut c = Columns::of(row);
            let (campaign, step, state, reason) = (c.get()?, c.get()?, c.get::<MessageState>()?, c.get()?);
            Ok((campaign, step, state, reason, c.count::<u64>()?, c.count::<u64>()?))
        })?;
        for (campaign, name, state, reason, n, parts) in rows {
            let figures = step(found, campaign, name);
            figures.count(state, reason, was_handed, n);
            figures.parts += parts;
        }
    }
    Ok(())
}

fn costs(conn: &Connection, period: Period, found: &mut ByCampaign) -> Result<()> {
    let sql = "-- figures: costs
        SELECT campaign, step, cost_minor IS NULL, sum(coalesce(cost_minor, price_minor)), coalesce(cost_currency, price_currency)
        FROM messages
        WHERE handed_ms >= ?1 AND handed_ms < ?2 AND coalesce(cost_minor, price_minor) IS NOT NULL
        GROUP BY campaign, step, 3, 5";
    let rows = all(conn, sql, params![period.since, period.until], |row| {
        let mut c = Columns::of(row);
        Ok((c.get()?, c.get()?, c.get::<bool>()?, c.money()?))
    })?;
    for (campaign, name, forecast, money) in rows {
        let figures = step(found, campaign, name);
        figures.cost.put(money);
        if forecast {
            figures.forecast.put(money);
        }
    }
    Ok(())
}

fn visits(conn: &Connection, period: Period, now: At, found: &mut ByCampaign) -> Result<()> {
    let sql = "-- figures: links
        SELECT m.campaign, m.step, count(l.first_human_ms), sum(l.human_hits), sum(l.hits),
            count(CASE WHEN l.kind = 'cart' THEN l.first_human_ms END),
            count(CASE WHEN l.kind = 'cart' AND l.first_human_ms + ?3 <= ?4
                AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.contact_id = m.contact_id
                    AND o.placed_ms BETWEEN m.handed_ms AND l.first_human_ms + ?3)
                AND NOT EXISTS (SELECT 1 FROM credits c WHERE c.message_id = m.id AND c.at_ms <= l.first_human_ms + ?3)
                THEN 1 END)
        FROM messages m JOIN links l ON l.message_id = m.id
        WHERE m.handed_ms >= ?1 AND m.handed_ms < ?2
        GROUP BY m.campaign, m.step";
    let rows = all(conn, sql, params![period.since, period.until, SECOND_CHANCE.0, now], |row| {
        let mut c = Columns::of(row);
        let (campaign, step): (String, String) = (c.get()?, c.get()?);
        let counts: [u64; 5] = [c.count()?, c.count()?, c.count()?, c.count()?, c.count()?];
        Ok((campaign, step, counts))
    })?;
    for (campaign, name, [followed, visits, hits, returned, again]) in rows {
        let figures = step(found, campaign, name);
        figures.followed += followed;
        figures.visits += visits;
        figures.hits += hits;
        figures.returned += returned;
        figures.abandoned_again += again;
    }
    Ok(())
}

fn orders(conn: &Connection, period: Period, found: &mut ByCampaign) -> Result<()> {
    let sql = "-- figures: orders
        SELECT m.campaign, m.step, c.evidence, c.bought_offer, count(*), sum(c.total_minor), c.currency, sum(c.kept_minor), c.currency
        FROM credits c JOIN messages m ON m.id = c.message_id
        WHERE coalesce(m.handed_ms, m.due_ms) >= ?1 AND coalesce(m.handed_ms, m.due_ms) < ?2
        GROUP BY m.campaign, m.step, c.evidence, c.bought_offer, c.currency";
    let rows = all(conn, sql, params![period.since, period.until], |row| {
        let mut c = Columns::of(row);
        let (campaign, step, evidence, offered) = (c.get()?, c.get()?, c.get::<Evidence>()?, c.get::<bool>()?);
        Ok((campaign, step, evidence, offered, c.count::<u64>()?, c.money()?, c.money()?))
    })?;
    for (campaign, name, evidence, offered, n, total, kept) in rows {
        let figures = step(found, campaign, name);
        let add = |earned: &mut Earned| {
            earned.orders += n;
            earned.total.put(total);
            earned.kept.put(kept);
        };
        add(figures.earned_mut(evidence));
        if offered {
            add(&mut figures.cross_sales);
        }
    }
    Ok(())
}

fn reviews(conn: &Connection, period: Period, found: &mut ByCampaign) -> Result<()> {
    let sql = "-- figures: reviews
        SELECT m.campaign, m.step, count(*)
        FROM reviews r JOIN messages m ON m.id = (
            SELECT a.id FROM messages a JOIN links l ON l.message_id = a.id JOIN orders o ON o.id = l.order_id
            WHERE a.contact_id = r.contact_id AND a.handed_ms <= r.at_ms AND a.state <> 'failed' AND l.kind = 'review'
                AND (r.order_id = o.id OR EXISTS (SELECT 1 FROM json_each(o.items) i WHERE i.value ->> 'product_id' = r.product_id))
            ORDER BY a.handed_ms DESC, a.id DESC LIMIT 1)
        WHERE r.at_ms >= ?1 AND r.contact_id IS NOT NULL AND m.handed_ms >= ?1 AND m.handed_ms < ?2
        GROUP BY m.campaign, m.step";
    let rows = all(conn, sql, params![period.since, period.until], |row| {
        let mut c = Columns::of(row);
        Ok((c.get()?, c.get()?, c.count::<u64>()?))
    })?;
    for (campaign, name, n) in rows {
        step(found, campaign, name).reviews += n;
    }
    Ok(())
}

fn answers(conn: &Connection, period: Period, found: &mut ByCampaign) -> Result<()> {
    let sql = "-- figures: answers
        SELECT e.campaign, q.key, q.value ->> 'answer', count(*)
        FROM enrolments e INDEXED BY enrolments_asked, json_each(e.asked) q
        WHERE e.asked <> '{}' AND q.value ->> 'answer' IS NOT NULL
            AND q.value ->> 'asked' >= ?1 AND q.value ->> 'asked' < ?2
        GROUP BY 1, 2, 3";
    let rows = all(conn, sql, params![period.since, period.until], |row| {
        let mut c = Columns::of(row);
        Ok((c.get()?, c.get()?, c.get::<String>()?, c.count::<u64>()?))
    })?;
    for (campaign, name, answer, n) in rows {
        *step(found, campaign, name).answers.entry(answer).or_default() += n;
    }
    Ok(())
}

/// An opt-out counts for the last message before it; of erased people only how many there were is known.
fn opt_outs(conn: &Connection, period: Period, found: &mut ByCampaign) -> Result<()> {
    let sql = "-- figures: opt-outs
        SELECT contact_id, at_ms FROM opt_outs WHERE contact_id IS NOT NULL AND at_ms >= ?1 AND at_ms <= ?2";
    let blame_ends = period.until.plus(OPT_OUT_BLAME);
    let list = all(conn, sql, params![period.since, blame_ends], |row| {
        Ok((row.get::<_, ContactId>(0)?, row.get::<_, At>(1)?))
    })?;
    for (contact, at) in list {
        if let Some((campaign, name, handed)) = before_opt_out(conn, contact, at)?
            && period.holds(handed)
        {
            step(found, campaign, name).opt_outs += 1;
        }
    }
    let nameless = "-- figures: opt-outs of erased people
        SELECT campaign, step, sum(count) FROM nameless_opt_outs WHERE day_ms >= ?1 AND day_ms < ?2 GROUP BY campaign, step";
    let rows = all(conn, nameless, params![period.since, period.until], |row| {
        let mut c = Columns::of(row);
        Ok((c.get::<String>()?, c.get::<String>()?, c.count::<u64>()?))
    })?;
    for (campaign, name, n) in rows {
        step(found, campaign, name).opt_outs += n;
    }
    Ok(())
}

/// The message that an opt-out counts for: campaign, step, hand-over.
pub(super) fn before_opt_out(conn: &Connection, contact: ContactId, at: At) -> Result<Option<(String, String, At)>> {
    let sql = "-- figures: the message before an opt-out
        SELECT campaign, step, handed_ms FROM messages
        WHERE contact_id = ?1 AND handed_ms >= ?2 AND handed_ms <= ?3 AND state <> 'failed'
        ORDER BY handed_ms DESC, id DESC LIMIT 1";
    one(conn, sql, params![contact, at.minus(OPT_OUT_BLAME), at], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

/// Before a person is erased: their opt-out goes on counting in figures, and no longer leads to them.
///
/// # Errors
/// The database's.
pub(super) fn count_namelessly(conn: &Connection, contact: ContactId) -> Result<()> {
    let read = "-- erase: opt-out\nSELECT at_ms FROM opt_outs WHERE contact_id = ?1";
    let count = "-- erase: count an opt-out
        INSERT INTO nameless_opt_outs (campaign, step, day_ms, count) VALUES (?1, ?2, ?3 - ?3 % 86400000, 1)
        ON CONFLICT DO UPDATE SET count = count + 1";
    for at in all(conn, read, [contact], |row| row.get::<_, At>(0))? {
        if let Some((campaign, step, handed)) = before_opt_out(conn, contact, at)? {
            change(conn, count, params![campaign, step, handed])?;
        }
    }
    change(conn, "-- erase: whose opt-out\nUPDATE opt_outs SET contact_id = NULL WHERE contact_id = ?1", [contact])?;
    Ok(())
}

/// Everybody's messages of one contact, oldest first.
///
/// # Errors
/// The database's.
pub fn messages_of(conn: &Connection, contact: ContactId) -> Result<Vec<Message>> {
    let sql = concat!(
        "-- messages_of\nSELECT ",
        message_columns!(),
        " FROM messages m WHERE contact_id = ?1 ORDER BY coalesce(handed_ms, due_ms), id"
    );
    all(conn, sql, [contact], read_message)
}

/// Every way of one contact through a campaign, oldest first.
///
/// # Errors
/// The database's.
pub fn enrolments_of(conn: &Connection, contact: ContactId) -> Result<Vec<Enrolment>> {
    let sql = concat!(
        "-- enrolments_of\nSELECT ",
        enrolment_columns!(),
        " FROM enrolments WHERE contact_id = ?1 ORDER BY since_ms, id"
    );
    all(conn, sql, [contact], read_enrolment)
}

/// What the file is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileState {
    /// SQLite's first complaint; `None`: sound.
    pub damage: Option<String>,
    pub bytes: u64,
}

/// Reads the whole file: seconds for each gigabyte.
///
/// # Errors
/// The database's.
pub fn file_state(conn: &Connection) -> Result<FileState> {
    let said: String = one(conn, "-- doctor: check\nPRAGMA quick_check(1)", [], |row| row.get(0))?
        .unwrap_or_else(|| "no answer".to_owned());
    let pages: i64 = conn.pragma_query_value(None, "page_count", |row| row.get(0))?;
    let size: i64 = conn.pragma_query_value(None, "page_size", |row| row.get(0))?;
    Ok(FileState {
        damage: (said != "ok").then_some(said),
        bytes: u64::try_from(pages.saturating_mul(size)).unwrap_or_default(),
    })
}

/// When the first and the last event of the log happened, and when the last was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard {
    pub first: At,
    pub last: At,
    pub received: At,
}

/// `None`: the log is empty.
///
/// # Errors
/// The database's.
pub fn heard(conn: &Connection) -> Result<Option<Heard>> {
    let first = "-- doctor: first event\nSELECT time_ms FROM events ORDER BY seq LIMIT 1";
    let last = "-- doctor: last event\nSELECT time_ms, received_ms FROM events ORDER BY seq DESC LIMIT 1";
    let Some(first) = one(conn, first, [], |row| row.get(0))? else { return Ok(None) };
    one(conn, last, [], |row| Ok(Heard { first, last: row.get(0)?, received: row.get(1)? }))
}

/// Rejected events by reason, the most frequent first.
///
/// # Errors
/// The database's.
pub fn rejected_by_reason(conn: &Connection, most: usize) -> Result<Vec<(String, u64)>> {
    let sql = "-- doctor: rejected
        SELECT type || ': ' || error, count(*) FROM rejected_events GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?1";
    all(conn, sql, [limit(most)], read_count)
}

fn read_count(row: &Row<'_>) -> rusqlite::Result<(String, u64)> {
    let mut c = Columns::of(row);
    Ok((c.get()?, c.count()?))
}

/// How many messages' moment has come and that have not gone, whatever they wait for, and the first such moment.
///
/// # Errors
/// The database's.
pub fn waiting(conn: &Connection, now: At, most: usize) -> Result<(u64, Option<At>)> {
    let sql = "-- waiting_messages
        SELECT count(*), min(due_ms) FROM (
            SELECT due_ms FROM messages INDEXED BY messages_due
            WHERE state = 'scheduled' AND due_ms <= ?1 ORDER BY due_ms LIMIT ?2)";
    let found = one(conn, sql, params![now, limit(most)], |row| {
        let mut c = Columns::of(row);
        Ok((c.count()?, c.get()?))
    })?;
    Ok(found.unwrap_or_default())
}

/// What is due now and was not looked at yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Due {
    pub wakes: u64,
    pub messages: u64,
    /// The oldest moment among them.
    pub since: Option<At>,
    /// Messages with no known end.
    pub unknown: u64,
    pub scheduled: u64,
}

/// # Errors
/// The database's.
pub fn due(conn: &Connection, now: At) -> Result<Due> {
    let count = |sql: &'static str| -> Result<(u64, Option<At>)> {
        let found = one(conn, sql, [now], |row| {
            let mut c = Columns::of(row);
            Ok((c.count()?, c.get::<Option<At>>()?))
        })?;
        Ok(found.unwrap_or_default())
    };
    let (wakes, first_wake) =
        count("-- doctor: wakes\nSELECT count(*), min(wake_ms) FROM enrolments WHERE wake_ms <= ?1")?;
    let (messages, first_message) = count(
        "-- doctor: messages due
        SELECT count(*), min(next_try_ms) FROM messages WHERE state = 'scheduled' AND next_try_ms <= ?1",
    )?;
    Ok(Due {
        wakes,
        messages,
        since: first_wake.into_iter().chain(first_message).min(),
        unknown: super::record::tally(conn, "messages", "unknown")?,
        scheduled: super::record::tally(conn, "messages", "scheduled")?,
    })
}

/// What was spent by messages that may have left since `since`, those to the owner included, by currency.
///
/// # Errors
/// The database's.
pub fn spent(conn: &Connection, since: At) -> Result<Vec<Money>> {
    let sql = "-- doctor: spent
        SELECT sum(minor), currency FROM (
            SELECT spent_minor AS minor, spent_currency AS currency FROM messages
            WHERE handed_ms >= ?1 AND spent_minor IS NOT NULL
            UNION ALL
            SELECT price_minor, price_currency FROM alert_texts WHERE handed_ms >= ?1 AND state <> 'refused')
        GROUP BY currency";
    all(conn, sql, [since], |row| Columns::of(row).money())
}
