//! A backup is put in the place of a database whose daemon was killed: what was sent after the backup is not sent again.

use std::collections::BTreeSet;
use std::process::Command;

use crate::program::{Program, Shell};
use crate::scene::Scene;

/// A command of the program beside the daemon, which must go well.
fn command(scene: &Scene, words: &[&str]) {
    let done = Command::new(env!("CARGO_BIN_EXE_bazgasht"))
        .args(words)
        .args(["--config", "bazgasht.toml"])
        .current_dir(scene.folder.path())
        .env_remove("BAZGASHT_LOG")
        .output()
        .unwrap();
    assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_put_in_place_after_a_kill_sends_nothing_again() {
    let scene = Scene::new(1).await;
    let program = scene.start().await;
    scene.shop.introduce().await;
    scene.orders(1..=2).await;
    scene.accepted(4).await;
    command(&scene, &["hold", "--why", "a pause"]);
    scene.orders(3..=4).await;
    scene.written("texts that wait", |books| books.in_state("scheduled") >= 2).await;
    command(&scene, &["backup", "copy.db"]);
    command(&scene, &["resume", "all"]);
    scene.orders(5..=6).await;
    scene.accepted(12).await;
    program.kill().await;

    let beside = |ending: &str| scene.folder.path().join(format!("bazgasht.db-{ending}"));
    assert!(beside("wal").metadata().unwrap().len() > 0, "a kill leaves the log behind");
    std::fs::copy(scene.folder.path().join("copy.db"), scene.database()).unwrap();
    let mut program = Program::start(scene.folder.path(), &Shell::None);
    assert_eq!(program.end().await.code(), Some(1));
    assert!(program.log().contains("bazgasht.db-wal"), "{}", program.log());

    std::fs::remove_file(beside("wal")).unwrap();
    std::fs::remove_file(beside("shm")).unwrap();
    let program = scene.start().await;
    let (status, said) = scene.shop.look("/readyz").await;
    assert_eq!(status.as_u16(), 503, "{said}");
    command(&scene, &["resume", "all"]);
    scene.orders(7..=7).await;
    scene.accepted(14).await;
    scene.stop(program).await;
    let texts: Vec<(String, String)> =
        scene.gateway.accepted().into_iter().map(|sms| (sms.receptor, sms.text)).collect();
    let once: BTreeSet<_> = texts.iter().collect();
    assert_eq!((texts.len(), once.len()), (14, 14), "no text twice");
}
