//! Killed in its very first start, and held up by another process that has the database.

use std::time::Duration;

use reqwest::StatusCode;
use rusqlite::Connection;

use crate::afterwards::all_agree;
use crate::program::{Program, Shell, until};
use crate::scene::Scene;
use crate::shop::Visit;

const LIVES: u64 = 12;

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_its_first_start_the_next_one_takes_over() {
    for life in 0..LIVES {
        let scene = Scene::new(life).await;
        let program = Program::start(scene.folder.path(), &Shell::None);
        until("the database's file", async || scene.database().exists().then_some(())).await;
        // The moments after: the file's kind, its log, each step of its shape.
        tokio::time::sleep(Duration::from_micros(life * 1_500)).await;
        program.kill().await;
        let program = scene.start().await;
        assert_eq!(scene.shop.look("/readyz").await.0, 200, "life {life}");
        program.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_another_process_has_the_database_calls_are_refused_and_nothing_is_lost() {
    let scene = Scene::new(1).await;
    let program = scene.start().await;
    scene.shop.introduce().await;
    scene.orders(1..=2).await;
    scene.accepted(4).await;
    let other = Connection::open(scene.database()).unwrap();
    other.busy_timeout(Duration::from_secs(5)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (status, _) = scene.shop.tell(Visit::order(3)).await.expect("an answer, even now");
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    other.execute_batch("ROLLBACK").unwrap();
    until("taken again", async || {
        let (status, _) = scene.shop.tell(Visit::order(3)).await?;
        (status == StatusCode::OK).then_some(())
    })
    .await;
    until("ready again", async || (scene.shop.look("/readyz").await.0 == 200).then_some(())).await;
    scene.accepted(6).await;
    scene.settled().await;
    let books = scene.stop(program).await;
    all_agree(&scene, &books).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standard_error_that_cannot_be_written_stops_nothing() {
    let scene = Scene::new(1).await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = scene.folder.path().join("bazgasht.toml");
    let text = std::fs::read_to_string(&settings).unwrap().replace("127.0.0.1:0", &free.to_string());
    std::fs::write(&settings, text).unwrap();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut program = tokio::process::Command::new(env!("CARGO_BIN_EXE_bazgasht"))
        .args(["run", "--config", "bazgasht.toml"])
        .current_dir(scene.folder.path())
        .env_remove("BAZGASHT_LOG")
        .stdout(std::process::Stdio::null())
        .stderr(full)
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    scene.shop.address.send_replace(Some(free));
    until("an answer", async || tokio::net::TcpStream::connect(free).await.ok()).await;
    scene.shop.introduce().await;
    scene.orders(1..=2).await;
    scene.accepted(4).await;
    let pid = rustix::process::Pid::from_raw(i32::try_from(program.id().unwrap()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let ended = tokio::time::timeout(crate::program::PATIENCE, program.wait()).await.unwrap().unwrap();
    assert!(ended.success(), "{ended}");
}
