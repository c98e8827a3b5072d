//! The writer: many jobs in one transaction, each for itself; durable before the answer.

use std::path::PathBuf;
use std::sync::mpsc;

use anyhow::bail;
use rusqlite::Connection;

use crate::clock::At;
use crate::ids::SeededChance;
use crate::state::model::{Hold, HoldScope};
use crate::state::world::World;
use crate::store::log::{self, Appended, Incoming};
use crate::store::{Readers, StoreError, Writer, db};

fn hold(scope: &str) -> Hold {
    Hold { scope: HoldScope::Campaign(scope.to_owned()), why: "test".to_owned(), since: At(1), until: None }
}

struct Place {
    _dir: tempfile::TempDir,
    path: PathBuf,
}

fn place() -> Place {
    let dir = tempfile::tempdir().unwrap();
    Place { path: dir.path().join("shop.db"), _dir: dir }
}

fn writer(place: &Place) -> Writer {
    Writer::start(db::open_writer(&place.path, &SeededChance::new(1)).unwrap()).unwrap()
}

fn scopes(place: &Place) -> Vec<String> {
    let readers = Readers::open(&place.path, 1).unwrap();
    readers
        .with(|conn| Ok(super::super::SqlWorld::new(conn).holds()?.into_iter().map(|h| h.scope).collect()))
        .map(|scopes: Vec<HoldScope>| scopes.iter().map(|scope| scope.to_string().replace("campaign:", "")).collect())
        .unwrap()
}

fn event(id: &str) -> Incoming {
    Incoming {
        event_id: id.to_owned(),
        kind: "cart.cleared".to_owned(),
        time: At(5),
        data: r#"{"cart_key":"k"}"#.to_owned(),
    }
}

/// Keeps the writer inside a job until the gate is dropped, so that what is handed in meanwhile makes one batch.
fn occupy(writer: &Writer) -> mpsc::Sender<()> {
    let (gate, wait) = mpsc::channel();
    let (begin, begun) = mpsc::channel();
    writer
        .post(move |_| {
            begin.send(())?;
            let _ = wait.recv();
            Ok(())
        })
        .unwrap();
    begun.recv().unwrap();
    gate
}

#[tokio::test]
async fn a_failing_or_panicking_job_does_not_spoil_the_others() {
    let place = place();
    let writer = writer(&place);
    let gate = occupy(&writer);
    let good = writer.run(|w| w.put_hold(&hold("good")));
    let bad = writer.run(|w| -> anyhow::Result<()> {
        w.put_hold(&hold("bad"))?;
        bail!("no")
    });
    let worse = writer.run(|w| -> anyhow::Result<()> {
        w.put_hold(&hold("worse"))?;
        panic!("a mistake")
    });
    let last = writer.run(|w| w.put_hold(&hold("last")));
    let answers = async { tokio::join!(good, bad, worse, last) };
    drop(gate);
    let (good, bad, worse, last) = answers.await;
    assert!(good.is_ok() && last.is_ok());
    assert!(matches!(bad, Err(StoreError::Job(e)) if e.to_string() == "no"));
    assert!(matches!(worse, Err(StoreError::Job(e)) if e.to_string().contains("a mistake")));
    assert_eq!(scopes(&place), ["good", "last"]);
    tokio::task::spawn_blocking(move || writer.stop()).await.unwrap();
}

#[test]
fn jobs_that_wait_share_one_transaction() {
    let place = place();
    let writer = writer(&place);
    let gate = occupy(&writer);
    for n in 0..100 {
        writer.post(move |w| w.put_hold(&hold(&format!("{n:03}")))).unwrap();
    }
    // The first job of the second batch sees no hold on disk; a reader sees all or none.
    let seen = Connection::open(&place.path).unwrap();
    let count = move || seen.query_row("SELECT count(*) FROM holds", [], |row| row.get::<_, i64>(0)).unwrap();
    let before = count();
    let (tell, told) = mpsc::channel();
    writer
        .post(move |_| {
            tell.send(count()).unwrap();
            Ok(())
        })
        .unwrap();
    drop(gate);
    assert_eq!(before, 0);
    assert_eq!(told.recv().unwrap(), 0, "all hundred and this job are in one transaction that is not committed yet");
    writer.stop();
    assert_eq!(scopes(&place).len(), 100);
}

#[test]
fn what_was_answered_survives_a_copy_of_the_files_as_they_are() {
    let place = place();
    let writer = writer(&place);
    let answers =
        writer.run_blocking(|w| log::append(w.connection(), &[event("a"), event("b"), event("a")], At(9))).unwrap();
    assert_eq!(answers, [Appended::New(1), Appended::New(2), Appended::Duplicate]);

    // As after a power cut: nothing was closed, the files are all there is.
    let other = tempfile::tempdir().unwrap();
    for suffix in ["", "-wal"] {
        let from = format!("{}{suffix}", place.path.display());
        std::fs::copy(from, other.path().join(format!("shop.db{suffix}"))).unwrap();
    }
    let conn = db::open_writer(&other.path().join("shop.db"), &SeededChance::new(2)).unwrap();
    assert_eq!(log::append(&conn, &[event("b"), event("c")], At(9)).unwrap(), [Appended::Duplicate, Appended::New(3)]);
    assert_eq!(log::pending(&conn, 10).unwrap().len(), 3);
    log::set_applied(&conn, 2).unwrap();
    assert_eq!(log::pending(&conn, 10).unwrap()[0].event_id, "c");
    assert_eq!(log::counts(&conn).unwrap().pending, 1);
    writer.stop();
}

#[test]
fn stopping_finishes_what_was_handed_in_and_takes_no_more() {
    let place = place();
    let writer = writer(&place);
    let gate = occupy(&writer);
    for n in 0..700 {
        writer.post(move |w| w.put_hold(&hold(&n.to_string()))).unwrap();
    }
    drop(gate);
    writer.stop();
    assert_eq!(scopes(&place).len(), 700);
    assert!(matches!(writer.run_blocking(|_| Ok(())), Err(StoreError::Stopped)));
    let log = std::fs::metadata(format!("{}-wal", place.path.display())).map_or(0, |m| m.len());
    assert_eq!(log, 0, "the write-ahead log is emptied at the end");
}

#[test]
fn a_full_queue_says_busy() {
    let place = place();
    let writer = writer(&place);
    let gate = occupy(&writer);
    let refused = (0..10_000).find_map(|_| writer.post(|_| Ok(())).err());
    assert!(matches!(refused, Some(StoreError::Busy)));
    drop(gate);
    writer.stop();
}

#[test]
fn a_full_disk_fails_every_job_of_the_batch_and_keeps_none() {
    let place = place();
    let conn = db::open_writer(&place.path, &SeededChance::new(1)).unwrap();
    let pages: i64 = conn.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    conn.pragma_update(None, "max_page_count", pages + 2).unwrap();
    let writer = Writer::start(conn).unwrap();
    let gate = occupy(&writer);
    let small = std::thread::spawn({
        let writer = writer.clone();
        move || writer.run_blocking(|w| w.put_hold(&hold("small")))
    });
    let large = std::thread::spawn({
        let writer = writer.clone();
        move || writer.run_blocking(|w| w.put_hold(&Hold { why: "x".repeat(100_000), ..hold("large") }))
    });
    drop(gate);
    let large = large.join().unwrap();
    assert!(matches!(large, Err(StoreError::CannotStore(_))), "{large:?}");
    // Whether the small one shared the large one's fate depends on whether they met in a batch; its answer is true either way.
    let small = small.join().unwrap();
    writer.stop();
    assert_eq!(scopes(&place), if small.is_ok() { vec!["small"] } else { vec![] });
}

#[test]
fn rejected_events_are_kept_once_each() {
    let conn = super::empty();
    for n in 0..3 {
        log::reject(&conn, "same", "cart.updated", "cart.updated: total is missing", "{}", At(n)).unwrap();
    }
    log::reject(&conn, "", "", "id must have 1 to 64 characters", "{}", At(4)).unwrap();
    let rejected = log::rejected(&conn, 10).unwrap();
    assert_eq!(rejected.len(), 2);
    assert_eq!(rejected[1].received, At(0));
    assert_eq!(log::counts(&conn).unwrap().rejected, 2);
}

#[test]
fn readers_cannot_write_and_see_one_moment() {
    let place = place();
    let writer = writer(&place);
    let readers = Readers::open(&place.path, 2).unwrap();
    let refused = readers.with(|conn| Ok(conn.execute("DELETE FROM holds", []).is_err())).unwrap();
    assert!(refused);
    readers
        .with(|conn| {
            let world = super::super::SqlWorld::new(conn);
            assert!(world.holds()?.is_empty());
            writer.run_blocking(|w| w.put_hold(&hold("meanwhile"))).unwrap();
            assert!(world.holds()?.is_empty());
            Ok(())
        })
        .unwrap();
    assert_eq!(scopes(&place), ["meanwhile"]);
    writer.stop();
}
