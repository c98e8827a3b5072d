//! A database of every earlier version, found by the program of today. The versions are the files of `src/store/migrations`;
//! each has its sample in `tests/data/migrations`.

use std::path::Path;

use bazgasht::store::migrate;
use rusqlite::Connection;

use crate::afterwards::all_agree;
use crate::books::Books;
use crate::scene::Scene;

/// The file of this folder that begins with this number.
fn sql(folder: &str, version: u32) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let of_version = |name: &str| name.starts_with(&format!("{version:04}"));
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let found: Vec<_> = files.filter(|path| of_version(&path.file_name().unwrap().to_string_lossy())).collect();
    assert_eq!(found.len(), 1, "{} needs one file {version:04}….sql", folder.display());
    std::fs::read_to_string(&found[0]).unwrap()
}

/// As the program of that time left it.
fn leave_database(at: &Path, version: u32) {
    let conn = Connection::open(at).unwrap();
    conn.execute_batch("PRAGMA journal_mode = wal; PRAGMA foreign_keys = on").unwrap();
    for step in 1..=version {
        conn.execute_batch(&sql("src/store/migrations", step)).unwrap();
    }
    conn.pragma_update(None, "user_version", version).unwrap();
    conn.pragma_update(None, "application_id", migrate::APPLICATION_ID).unwrap();
    conn.execute_batch(&sql("tests/data/migrations", version)).unwrap();
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
        assert_eq!(scene.shop.look("/readyz").await.0, 200, "version {version}");
        scene.shop.introduce().await;
        scene.orders(8..=9).await;
        scene.accepted(4).await;
        scene.settled().await;
        let after = scene.stop(program).await;

        let found: u32 = Connection::open(scene.database())
            .unwrap()
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .unwrap();
        assert_eq!(found, migrate::version());
        assert!(before.event_ids.iter().all(|id| after.event_ids.contains(id)), "version {version}: events are gone");
        let kept =
            |old: &crate::books::Message| after.messages.iter().any(|new| new.id == old.id && new.state == old.state);
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
    let mut program = crate::program::Program::start(scene.folder.path(), &crate::program::Shell::None);
    assert_eq!(program.end().await.code(), Some(1));
    assert!(program.log().is_empty() || !program.log().contains("ready"), "{}", program.log());
}
