//! No question may grow with the shop: how SQLite goes about each statement is written down and compared. SQLite tells of
//! the look-ups that foreign keys make, too, but not of triggers: these touch rows by their primary keys only.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Write;

use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::play::{act, play, tell};
use crate::clock::At;
use crate::state::model::ContactId;
use crate::store::{SqlWorld, habits, inbound, keeping, log};

thread_local! {
    static SEEN: RefCell<BTreeSet<&'static str>> = const { RefCell::new(BTreeSet::new()) };
}

/// Called for every statement that runs in tests; each test has a thread of its own.
pub fn note(sql: &'static str) {
    SEEN.with_borrow_mut(|seen| seen.insert(sql));
}

/// Statements that read a whole table, and why they may.
const MAY_SCAN: &[&str] = &[
    "holds",                     // a handful of rows
    "counts: rejected",          // at most ten thousand, by `doctor` and once in a while by the metrics
    "counts: events",            // the last row only
    "rejected",                  // LIMIT, by `doctor`
    "definitions",               // as many as the owner's file has segments
    "count_buyers",              // once a night
    "buyers_at: last",           // once a night, along the index
    "buyers_at: orders",         // the same
    "buyers_at: spent",          // the same
    "erase: rejected to change", // at most ten thousand, when a person is erased
    "stirred",                   // the first row only
    "keep_gaps",                 // a row for each product, once a night
];

/// Where the statements stand that run for an event, a wake-up, a message or a link.
const SOURCES: &[&str] = &[
    include_str!("../people.rs"),
    include_str!("../goods.rs"),
    include_str!("../enrolments.rs"),
    include_str!("../habits.rs"),
    include_str!("../occasions.rs"),
    include_str!("../points.rs"),
    include_str!("../standing.rs"),
    include_str!("../messages.rs"),
    include_str!("../links.rs"),
    include_str!("../record.rs"),
    include_str!("../inbound.rs"),
    include_str!("../keeping.rs"),
    include_str!("../log.rs"),
];

fn name(sql: &str) -> &str {
    sql.lines().next().and_then(|l| l.strip_prefix("-- ")).unwrap_or_else(|| panic!("statement without a name: {sql}"))
}

#[test]
fn no_statement_grows_with_the_shop() {
    let conn = super::empty();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..5_000 {
        let act = act().new_tree(&mut runner).unwrap().current();
        let _ = play(&mut SqlWorld::new(&conn), &act);
    }
    tell(&SqlWorld::new(&conn)).unwrap();
    log::append(&conn, &[], At(0)).unwrap();
    log::reject(&conn, "x", "x", "x", "{}", At(0)).unwrap();
    log::rejected(&conn, 1).unwrap();
    log::pending(&conn, 1).unwrap();
    log::set_applied(&conn, 0).unwrap();
    log::walk(&conn, 0, |_| Ok(())).unwrap();
    log::counts(&conn).unwrap();
    for since in [log::Since::Ever, log::Since::Seq(0)] {
        log::mark(&conn, 1, &[ContactId(1)].into(), Some("k")).unwrap();
        log::mentions(&conn, Some(ContactId(1)), &["k".to_owned()].into(), since, 1).unwrap();
    }
    habits::prune(&conn, At(0), 1).unwrap();
    let (event_id, kind) = ("a".to_owned(), "contact.answered".to_owned());
    let answer = log::Incoming { event_id, kind, time: At(0), data: "{}".to_owned() };
    log::append(&conn, &[answer], At(0)).unwrap();
    keeping::forget_words(&conn, At(i64::MAX), 1).unwrap();

    inbound::add(&conn, &inbound::tests::word("لغو")).unwrap();
    inbound::of(&conn, &inbound::tests::phone()).unwrap();
    inbound::forget(&conn, &inbound::tests::phone()).unwrap();

    let seen = SEEN.with_borrow(Clone::clone);
    let mut plans = String::new();
    let mut faults = Vec::new();
    let mut names = BTreeSet::new();
    for sql in &seen {
        let name = name(sql);
        assert!(names.insert(name), "two statements are called {name}");
        writeln!(plans, "{name}").unwrap();
        let mut explain = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps: Vec<String> =
            explain.raw_query().mapped(|row| row.get("detail")).collect::<rusqlite::Result<_>>().unwrap();
        for step in steps {
            writeln!(plans, "    {step}").unwrap();
            let scans = step.starts_with("SCAN") && step != "SCAN CONSTANT ROW";
            let may_scan = MAY_SCAN.contains(&name);
            if (scans && !may_scan) || step.contains("TEMP B-TREE") {
                faults.push(format!("{name}: {step}"));
            }
        }
    }
    for source in SOURCES {
        for (_, rest) in source.match_indices("\"-- ").map(|(at, _)| source.split_at(at + 4)) {
            let name = rest.split(['\n', '\\', '"']).next().unwrap_or_default();
            assert!(names.contains(name), "{name} is run by no test, so its plan is not known");
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    insta::assert_snapshot!(plans);
}
