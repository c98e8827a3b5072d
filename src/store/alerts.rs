//! What the owner is told, and the attempts to tell it.

use anyhow::Result;
use rusqlite::{Connection, params};

use super::columns::{Code, Columns, all, change, one};
use crate::clock::{At, Span};
use crate::money::Money;
use crate::send::alarm::Kind;
use crate::state::model::{ContactId, StaffWord};

/// A trouble that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    pub id: i64,
    /// A [`Kind`]'s word, or one that a newer program has written.
    pub kind: String,
    /// The gateway, the hold or the month it is about.
    pub subject: String,
    /// The SMS about it.
    pub text: String,
    /// Told at night, too.
    pub grave: bool,
    pub raised: At,
    /// When it was told, or given up.
    pub told: Option<At>,
}

/// An attempt to tell it to one number, before the gateway is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub alert: i64,
    /// The number's place among the owner's.
    pub recipient: usize,
    pub reference: i64,
    pub gateway: String,
    pub at: At,
    pub parts: u32,
    pub price: Money,
}

/// What is known of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// With the gateway, or in doubt: never tried again.
    Handed,
    Taken,
    /// Surely not: another gateway may be tried, and this one again from then on, if it was for a passing reason.
    Refused {
        again: Option<At>,
    },
}

impl Told {
    const fn word(self) -> &'static str {
        match self {
            Told::Handed => "handed",
            Told::Taken => "taken",
            Told::Refused { .. } => "refused",
        }
    }
}

/// Notes a trouble. False when it is open already.
///
/// # Errors
/// The database's.
pub fn raise(conn: &Connection, kind: Kind, subject: &str, text: &str, grave: bool, now: At) -> Result<bool> {
    let sql = "-- raise_alert
        INSERT INTO alerts (kind, subject, text, grave, raised_ms) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
    Ok(change(conn, sql, params![kind.as_str(), subject, text, grave, now])? == 1)
}

/// The kind of words to the staff: told as troubles are, to others, and over once they are told.
pub const STAFF: &str = "staff";

/// Notes words to the staff, once for each enrolment and step.
pub(super) fn tell_staff(conn: &Connection, word: &StaffWord) -> Result<bool> {
    let subject = format!("{}/{}/{}", word.enrolment.0, word.campaign, word.step);
    note_word(conn, &subject, &word.text, word.at)
}

/// Notes words to the staff, once for each subject.
///
/// # Errors
/// The database's.
pub fn note_word(conn: &Connection, subject: &str, text: &str, now: At) -> Result<bool> {
    let sql = "-- tell_staff
        INSERT INTO alerts (kind, subject, text, grave, raised_ms) SELECT 'staff', ?1, ?2, 0, ?3
        WHERE NOT EXISTS (SELECT 1 FROM alerts INDEXED BY alerts_past WHERE kind = 'staff' AND subject = ?1)";
    Ok(change(conn, sql, params![subject, text, now])? == 1)
}

/// The oldest words that are still to be told, at most `limit`.
///
/// # Errors
/// The database's.
pub fn words(conn: &Connection, limit: usize) -> Result<Vec<Alert>> {
    let sql = "-- staff_words
        SELECT id, kind, subject, text, grave, raised_ms, told_ms FROM alerts INDEXED BY alerts_words
        WHERE kind = 'staff' AND over_ms IS NULL ORDER BY id LIMIT ?1";
    all(conn, sql, [i64::try_from(limit)?], read_alert)
}

/// How many words were told since.
///
/// # Errors
/// The database's.
pub fn words_told(conn: &Connection, since: At) -> Result<usize> {
    let sql = "-- staff_words_told
        SELECT count(*) FROM alerts INDEXED BY alerts_words WHERE kind = 'staff' AND over_ms >= ?1 AND told_ms IS NOT NULL";
    Ok(usize::try_from(one(conn, sql, [since], |row| row.get::<_, i64>(0))?.unwrap_or_default())?)
}

/// Gives up what was to be told before `before`; nobody is told of it any more.
///
/// # Errors
/// The database's.
pub fn give_words_up(conn: &Connection, before: At, now: At) -> Result<()> {
    let sql = "-- staff_words_given_up
        UPDATE alerts INDEXED BY alerts_words SET over_ms = ?2, text = ''
        WHERE kind = 'staff' AND over_ms IS NULL AND raised_ms < ?1";
    change(conn, sql, params![before, now]).map(drop)
}

/// How many words were given up since one moment and before another, each `age` after it was raised at least.
///
/// # Errors
/// The database's.
pub fn words_given_up(conn: &Connection, (since, until): (At, At), age: Span) -> Result<u64> {
    let sql = "-- staff_words_lost
        SELECT count(*) FROM alerts INDEXED BY alerts_words
        WHERE kind = 'staff' AND over_ms >= ?1 AND over_ms < ?2 AND told_ms IS NULL AND over_ms - raised_ms >= ?3";
    let count = one(conn, sql, params![since, until, age.0], |row| row.get::<_, i64>(0))?.unwrap_or_default();
    Ok(u64::try_from(count)?)
}

/// Nothing that names this person is told any more, or kept.
pub(super) fn forget_words(conn: &Connection, contact: ContactId, now: At) -> Result<()> {
    let sql = "-- erase: words to the staff
        UPDATE alerts SET text = '', over_ms = coalesce(over_ms, ?2)
        WHERE kind = 'staff' AND CAST(substr(subject, 1, instr(subject, '/') - 1) AS INTEGER) IN
            (SELECT id FROM enrolments WHERE contact_id = ?1)";
    change(conn, sql, params![contact, now]).map(drop)
}

/// The trouble has ended. False when there was none.
///
/// # Errors
/// The database's.
pub fn over(conn: &Connection, kind: Kind, subject: &str, now: At) -> Result<bool> {
    let sql = "-- end_alert
        UPDATE alerts SET over_ms = ?3 WHERE kind = ?1 AND subject = ?2 AND over_ms IS NULL";
    Ok(change(conn, sql, params![kind.as_str(), subject, now])? == 1)
}

/// Every trouble that goes on; words to the staff are none.
///
/// # Errors
/// The database's.
pub fn open(conn: &Connection) -> Result<Vec<Alert>> {
    let sql = "-- open_alerts
        SELECT id, kind, subject, text, grave, raised_ms, told_ms FROM alerts INDEXED BY alerts_once
        WHERE over_ms IS NULL AND kind <> 'staff' ORDER BY kind, subject";
    all(conn, sql, [], read_alert)
}

fn read_alert(row: &rusqlite::Row<'_>) -> rusqlite::Result<Alert> {
    let mut c = Columns::of(row);
    Ok(Alert {
        id: c.get()?,
        kind: c.get()?,
        subject: c.get()?,
        text: c.get()?,
        grave: c.get()?,
        raised: c.get()?,
        told: c.get()?,
    })
}

/// How many troubles of each kind go on.
///
/// # Errors
/// The database's.
pub fn count_open(conn: &Connection) -> Result<Vec<(String, u64)>> {
    let sql = "-- count_open_alerts
        SELECT kind, count(*) FROM alerts INDEXED BY alerts_once WHERE over_ms IS NULL AND kind <> 'staff' GROUP BY kind ORDER BY kind";
    all(conn, sql, [], |row| {
        let mut c = Columns::of(row);
        Ok((c.get()?, c.count()?))
    })
}

/// When the last trouble of this kind and subject ended.
///
/// # Errors
/// The database's.
pub fn last_over(conn: &Connection, kind: Kind, subject: &str) -> Result<Option<At>> {
    let sql = "-- last_over
        SELECT max(over_ms) FROM alerts INDEXED BY alerts_past WHERE kind = ?1 AND subject = ?2 AND over_ms IS NOT NULL";
    Ok(one(conn, sql, params![kind.as_str(), subject], |row| row.get(0))?.flatten())
}

/// Whether the owner was told of such a trouble, an earlier one, within `lately`.
///
/// # Errors
/// The database's.
pub fn was_told(conn: &Connection, alert: &Alert, now: At, lately: Span) -> Result<bool> {
    let sql = "-- was_told
        SELECT 1 FROM alerts INDEXED BY alerts_past
        WHERE kind = ?1 AND subject = ?2 AND over_ms > ?3 AND told_ms > ?3 AND id <> ?4 LIMIT 1";
    let since = now.minus(lately);
    Ok(one(conn, sql, params![alert.kind, alert.subject, since, alert.id], |_| Ok(()))?.is_some())
}

/// Nothing more is tried for it. Words to the staff are over with it, and need not be kept: they name somebody.
///
/// # Errors
/// The database's.
pub fn told(conn: &Connection, id: i64, now: At) -> Result<()> {
    let word = "-- alert_told: word
        UPDATE alerts SET over_ms = ?2, text = '' WHERE id = ?1 AND kind = 'staff'";
    change(conn, "-- alert_told\nUPDATE alerts SET told_ms = ?2 WHERE id = ?1", params![id, now])?;
    change(conn, word, params![id, now]).map(drop)
}

/// Writes an attempt down, in the place of one that was refused for a passing reason; its price counts as spent from now on.
/// False when this number has had its attempt.
///
/// # Errors
/// The database's.
pub fn attempt(conn: &Connection, a: &Attempt) -> Result<bool> {
    let passed = "-- alert_attempt: passed
        DELETE FROM alert_texts
        WHERE alert_id = ?1 AND recipient = ?2 AND gateway = ?3 AND state = 'refused' AND again_ms <= ?4";
    let sql = "-- alert_attempt
        INSERT INTO alert_texts (reference, alert_id, recipient, gateway, handed_ms, state, parts, price_minor, price_currency)
        VALUES (?1, ?2, ?3, ?4, ?5, 'handed', ?6, ?7, ?8) ON CONFLICT DO NOTHING";
    let recipient = i64::try_from(a.recipient)?;
    change(conn, passed, params![a.alert, recipient, a.gateway, a.at])?;
    let values =
        params![a.reference, a.alert, recipient, a.gateway, a.at, a.parts, a.price.minor, Code(a.price.currency)];
    Ok(change(conn, sql, values)? == 1)
}

/// What came of an attempt. A refused one costs nothing.
///
/// # Errors
/// The database's.
pub fn settle(conn: &Connection, reference: i64, told: Told) -> Result<()> {
    let sql = "-- alert_settled\nUPDATE alert_texts SET state = ?2, again_ms = ?3 WHERE reference = ?1";
    let again = if let Told::Refused { again } = told { again } else { None };
    change(conn, sql, params![reference, told.word(), again]).map(drop)
}

/// The attempts for one number: gateway and what came of it.
///
/// # Errors
/// The database's.
pub fn attempts(conn: &Connection, alert: i64, recipient: usize) -> Result<Vec<(String, Told)>> {
    let sql = "-- alert_attempts
        SELECT gateway, state, again_ms FROM alert_texts WHERE alert_id = ?1 AND recipient = ?2 ORDER BY gateway";
    all(conn, sql, params![alert, i64::try_from(recipient)?], |row| {
        let mut c = Columns::of(row);
        let gateway = c.get()?;
        let told = match c.get::<String>()?.as_str() {
            "refused" => Told::Refused { again: c.get()? },
            "taken" => Told::Taken,
            _ => Told::Handed,
        };
        Ok((gateway, told))
    })
}
