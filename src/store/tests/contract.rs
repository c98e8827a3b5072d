//! The database and the memory are one world: whatever is done to both, they answer alike.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use rusqlite::Connection;

use super::play::{Act, Deed, act, play, tell};
use crate::store::{MemoryWorld, SqlWorld};

/// As a job of the writer: an act that fails changes nothing.
fn play_in_database(conn: &Connection, act: &Act) -> Option<String> {
    conn.execute_batch("SAVEPOINT act").unwrap();
    let answer = play(&mut SqlWorld::new(conn), act);
    conn.execute_batch(if answer.is_ok() { "RELEASE act" } else { "ROLLBACK TO act; RELEASE act" }).unwrap();
    answer.ok()
}

fn hold_against_each_other(acts: &[Act]) {
    let conn = super::empty();
    let mut memory = MemoryWorld::new();
    for (n, act) in acts.iter().enumerate() {
        let expected = play_in_database(&conn, act);
        assert_eq!(play(&mut memory, act).ok(), expected, "{n}: {act:?}");
        if n % 16 == 15 {
            compare(&conn, &memory);
        }
    }
    compare(&conn, &memory);
}

fn compare(conn: &Connection, memory: &MemoryWorld) {
    let (database, memory) = (tell(&SqlWorld::new(conn)).unwrap(), tell(memory).unwrap());
    for (database, memory) in database.iter().zip(&memory) {
        assert_eq!(database, memory);
    }
    assert_eq!(database.len(), memory.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn worlds_answer_alike(acts in proptest::collection::vec(act(), 1..120)) {
        hold_against_each_other(&acts);
    }
}

#[test]
fn acts_reach_everything() {
    // Guards the test above against acts that all fail.
    let mut conn = super::empty();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut done = std::collections::BTreeMap::<String, usize>::new();
    for n in 0..9_000 {
        if n % 120 == 0 {
            conn = super::empty();
        }
        let act = act().new_tree(&mut runner).unwrap().current();
        if play_in_database(&conn, &act).is_some() {
            *done.entry(format!("{:?}", act.deed)).or_default() += 1;
        }
    }
    assert_eq!(done.len(), Deed::Decide as usize + 1, "{done:?}");
    assert!(done["AddMessage"] > 20 && done["HandOver"] > 10 && done["AddEnrolment"] > 20, "{done:?}");
}
