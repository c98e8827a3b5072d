//! A database of every earlier version, found by the program of today.

use std::path::Path;

use bazgasht::store::migrate;
use rusqlite::Connection;

use crate::afterwards::all_agree;
use crate::books::{Books, Message};
use crate::old_database;
use crate::program::{Program, Shell};
use crate::scene::Scene;

/// As the program of that time left it.
fn leave_database(at: &Path, version: u32) {
    let conn = Connection::open(at).unwrap();
    conn.execute_batch("PRAGMA journal_mode = wal").unwrap();
    old_database::leave(&conn, version);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_every_version_is_taken_over_and_served() {
    for version in 1..=migrate::version() {
        let scene = Scene::new(1).await;
        leave_database(&scene.database(), version);
        let before = Books::read(&scene.database());
        assert!(
            !before.event_ids.is_empty() && !before.messages.is_empty(),
            "the sample of version {version} is empty"
        );

        let program = scene.start().await;
        let ready = scene.shop.look("/readyz").await;
        assert!(ready.1.contains("\"database\":\"ok\""), "version {version}: {}", ready.1);
        scene.shop.introduce().await;
        scene.orders(8..=9).await;
        scene.accepted(4).await;
        scene.settled().await;
        // What the gateway had refused before is over with the first text that it takes.
        let ready = scene.shop.look("/readyz").await;
        assert_eq!(ready.0, 200, "version {version}: {}", ready.1);
        let after = scene.stop(program).await;

        let found: u32 = Connection::open(scene.database())
            .unwrap()
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .unwrap();
        assert_eq!(found, migrate::version());
        assert!(before.event_ids.iter().all(|id| after.event_ids.contains(id)), "version {version}: events are gone");
        let kept = |old: &Message| after.messages.iter().any(|new| new.id == old.id && new.state == old.state);
        assert!(before.messages.iter().all(kept), "version {version}: messages changed");
        all_agree(&scene, &after).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_later_version_is_left_alone() {
    let scene = Scene::new(1).await;
    leave_database(&scene.database(), migrate::version());
    let later = migrate::version() + 1;
    Connection::open(scene.database()).unwrap().pragma_update(None, "user_version", later).unwrap();
    let mut program = Program::start(scene.folder.path(), &Shell::None);
    assert_eq!(program.end().await.code(), Some(1));
}
