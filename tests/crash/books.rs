//! The plain model: the three books (shop's, program's, gateway's) must agree. Works on rows, and on none of the program's code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bazgasht::clock::At;
use rusqlite::{Connection, OpenFlags, Row};

use crate::kavenegar_fake::{Fake, Sms};
use crate::shop::Told;

/// How late the clockwork may be before it counts as stuck, in ms.
const LATE: i64 = 1_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: i64,
    pub state: String,
    pub next_try: i64,
    pub reason: Option<String>,
    pub reference: Option<i64>,
}

/// What the database holds, as far as it matters here.
#[derive(Debug)]
pub struct Books {
    pub event_ids: Vec<String>,
    pub last_event: i64,
    pub applied: i64,
    pub messages: Vec<Message>,
    /// Wake-ups, in ms.
    pub wakes: Vec<i64>,
    /// How often a message was found without an answer after a start.
    pub doubts: i64,
    /// How often the gateway said that it never had a message.
    pub never_arrived: i64,
    /// What the budget counts, less what the messages cost.
    pub miscounted: i64,
}

fn rows<T>(conn: &Connection, sql: &str, read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
    conn.prepare(sql).unwrap().query_map([], read).unwrap().map(Result::unwrap).collect()
}

fn number(conn: &Connection, sql: &str) -> i64 {
    rows(conn, sql, |row| row.get::<_, Option<i64>>(0)).into_iter().flatten().next().unwrap_or(0)
}

impl Books {
    pub fn read(database: &Path) -> Books {
        let conn = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        conn.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
        conn.execute_batch("BEGIN").unwrap();
        let message = |row: &Row<'_>| {
            let (id, state, next_try) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(Message { id, state, next_try, reason: row.get(3)?, reference: row.get(4)? })
        };
        Books {
            event_ids: rows(&conn, "SELECT event_id FROM events", |row| row.get(0)),
            last_event: number(&conn, "SELECT max(seq) FROM events"),
            applied: number(&conn, "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'applied'"),
            messages: rows(&conn, "SELECT id, state, next_try_ms, reason, reference FROM messages", message),
            wakes: rows(&conn, "SELECT wake_ms FROM enrolments WHERE wake_ms IS NOT NULL", |row| row.get(0)),
            doubts: number(
                &conn,
                "SELECT count(*) FROM decisions WHERE detail = 'the daemon stopped before the answer'",
            ),
            never_arrived: number(&conn, "SELECT count(*) FROM decisions WHERE reason = 'never_arrived'"),
            miscounted: number(
                &conn,
                "SELECT (SELECT coalesce(sum(minor), 0) FROM spend)
                    - (SELECT coalesce(sum(spent_minor), 0) FROM messages WHERE handed_ms IS NOT NULL)",
            ),
        }
    }

    /// As [`Books::read`], of a database that nobody has open, which must be whole.
    pub fn read_closed(database: &Path) -> Books {
        let conn = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        assert_eq!(rows(&conn, "PRAGMA integrity_check", |row| row.get::<_, String>(0)), ["ok"]);
        assert_eq!(rows(&conn, "PRAGMA foreign_key_check", |row| row.get::<_, String>(0)), Vec::<String>::new());
        Books::read(database)
    }

    pub fn in_state(&self, state: &str) -> usize {
        self.messages.iter().filter(|m| m.state == state).count()
    }

    pub fn states(&self) -> BTreeMap<&str, usize> {
        let mut states = BTreeMap::new();
        for message in &self.messages {
            *states.entry(message.state.as_str()).or_default() += 1;
        }
        states
    }

    /// What should have been done before `now` and was not.
    pub fn stuck(&self, now: At) -> Vec<String> {
        let late = now.0 - LATE;
        let mut stuck = Vec::new();
        if self.applied != self.last_event {
            stuck.push(format!("events {} to {} are not applied", self.applied + 1, self.last_event));
        }
        stuck.extend(self.wakes.iter().filter(|wake| **wake <= late).map(|wake| format!("nobody woke at {wake}")));
        stuck.extend(
            self.messages
                .iter()
                .filter(|m| m.state == "sending" || (m.is_open() && m.next_try <= late))
                .map(|m| format!("{m:?} is forgotten")),
        );
        stuck
    }

    /// What must hold at any moment at which the program has settled.
    pub fn agree(&self, told: &Told, gateway: &Fake, now: At) {
        assert_eq!(self.stuck(now), Vec::<String>::new());
        assert_eq!(self.miscounted, 0, "the budget's count");
        self.no_event_is_lost(told);
        self.nothing_went_twice(gateway);
        self.every_sms_is_known(&gateway.accepted());
        nobody_got_what_he_should_not(told, &gateway.accepted());
    }

    fn no_event_is_lost(&self, told: &Told) {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for id in &self.event_ids {
            *counts.entry(id).or_default() += 1;
        }
        let taken: Vec<String> = told.taken.iter().flat_map(|visit| visit.event_ids()).collect();
        for id in &taken {
            assert_eq!(counts.get(id.as_str()), Some(&1), "event {id} was answered with success");
        }
        // A call whose answer never came may have been stored, whole or not at all.
        for visit in &told.given_up {
            let there: BTreeSet<bool> = visit.event_ids().iter().map(|id| counts.contains_key(id.as_str())).collect();
            assert_eq!(there.len(), 1, "{visit:?} is stored in part");
        }
    }

    fn nothing_went_twice(&self, gateway: &Fake) {
        assert_eq!(gateway.repeated(), Vec::<i64>::new(), "handed over again although they had been accepted");
        let by_reference = gateway.accepted_count_by_localid();
        assert_eq!(by_reference.iter().find(|(_, count)| **count > 1), None, "one reference, two SMS");
        let mut seen = BTreeSet::new();
        for sms in gateway.accepted() {
            assert!(seen.insert((sms.receptor.clone(), sms.text.clone())), "{} got twice: {}", sms.receptor, sms.text);
        }
    }

    /// What the gateway took is written down as taken, or at least as possibly taken.
    fn every_sms_is_known(&self, accepted: &[Sms]) {
        let by_reference: BTreeMap<i64, &Message> =
            self.messages.iter().filter_map(|m| Some((m.reference?, m))).collect();
        for sms in accepted {
            let state = by_reference.get(&sms.localid.expect("a reference")).map(|m| m.state.as_str());
            assert!(matches!(state, Some("sent" | "delivered" | "unknown")), "{state:?}, but accepted: {}", sms.text);
        }
    }

    /// When there has been time for everything: each text is with its person, and nothing is open.
    pub fn complete(&self, told: &Told, gateway: &Fake) {
        let open: Vec<&Message> = self.messages.iter().filter(|m| m.is_open()).collect();
        assert_eq!(open, Vec::<&Message>::new(), "messages whose end is not known");
        let got: BTreeSet<(String, String)> =
            gateway.accepted().into_iter().map(|sms| (sms.receptor, first_line(&sms.text))).collect();
        let missing: Vec<_> = told.due().into_iter().filter(|(text, _)| !got.contains(text)).collect();
        assert_eq!(missing, [], "texts that never went");
    }
}

impl Message {
    fn is_open(&self) -> bool {
        matches!(self.state.as_str(), "scheduled" | "sending" | "unknown")
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// Somebody ordered in the call in which the basket was told: the basket's texts are nobody's.
fn nobody_got_what_he_should_not(told: &Told, accepted: &[Sms]) {
    let visits = || told.taken.iter().chain(&told.given_up);
    let due: BTreeSet<(String, String)> =
        visits().flat_map(|visit| visit.texts().into_iter().map(|text| (visit.phone(), text))).collect();
    for sms in accepted {
        assert!(due.contains(&(sms.receptor.clone(), first_line(&sms.text))), "{} got: {}", sms.receptor, sms.text);
    }
}
