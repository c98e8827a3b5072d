//! The disk fills up while the shop is busy and messages are under way, and has room again.

use std::io::Write;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::Command;

use reqwest::StatusCode;

use crate::afterwards::all_agree;
use crate::books::Books;
use crate::line::Way;
use crate::program::{Program, Shell, until};
use crate::scene::Scene;
use crate::shop::Visit;

const OPEN: Way = Way::Open { slow_ms: 0 };

/// Tells orders until one is refused, then one more. Returns the next free number.
async fn tell_until_full(scene: &Scene, first: u64) -> u64 {
    let mut number = first;
    until("a refusal", async || {
        number += 1;
        let (status, _) = scene.shop.tell(Visit::order(number)).await.expect("an answer, even now");
        (status == StatusCode::SERVICE_UNAVAILABLE).then_some(())
    })
    .await;
    number
}

/// The program is alive and says what is wrong. Returns its words.
async fn says_why(scene: &Scene) -> String {
    assert_eq!(scene.shop.look("/healthz").await.0, 200);
    let said = until("unready", async || {
        let (status, said) = scene.shop.look("/readyz").await;
        (status == StatusCode::SERVICE_UNAVAILABLE).then_some(said)
    })
    .await;
    assert!(said.contains("database cannot store"), "{said}");
    said
}

/// There is room again: what was refused is taken when it comes again.
async fn goes_on(scene: &Scene, refused: u64) {
    until("taken again", async || {
        let (status, _) = scene.shop.tell(Visit::order(refused)).await?;
        (status == StatusCode::OK).then_some(())
    })
    .await;
    until("ready again", async || (scene.shop.look("/readyz").await.0 == 200).then_some(())).await;
}

/// Before: eight messages between hand-over and answer, more waiting.
async fn busy(scene: &Scene) {
    scene.shop.introduce().await;
    scene.orders(1..=2).await;
    scene.accepted(4).await;
    scene.line.set(Way::AnswersWait);
    scene.orders(11..=25).await;
    scene.accepted(12).await;
}

/// The answers come while nothing can be written down, and the program tries again.
const TRIED: &str = "the gateway's answer cannot be written down yet";
/// It has tried long enough.
const GIVEN_UP: &str = "the gateway's answer was not written down";

async fn answers_come(scene: &Scene, program: &Program, until_it_says: &str) {
    scene.line.set(OPEN);
    until(until_it_says, async || program.log().contains(until_it_says).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn full_disk_refuses_events_and_doubles_nothing() {
    let scene = Scene::new(1).await;
    let program = scene.start_in(&Shell::FilesUpTo("unlimited")).await;
    busy(&scene).await;
    // In the middle of what is written next; and nothing at all.
    let log = std::fs::metadata(scene.folder.path().join("bazgasht.db-wal")).unwrap().len();
    let mut number = 100;
    for (limit, lasts) in [(log + 1_234, TRIED), (0, GIVEN_UP)] {
        program.limit_files(Some(limit));
        number = tell_until_full(&scene, number).await;
        let accepted = scene.gateway.accepted().len();
        answers_come(&scene, &program, lasts).await;
        says_why(&scene).await;
        assert_eq!(scene.gateway.accepted().len(), accepted, "nothing is handed over that cannot be written down");
        program.limit_files(None);
        goes_on(&scene, number).await;
        scene.settled().await;
        scene.line.set(Way::AnswersWait);
        let before = scene.gateway.accepted().len();
        scene.orders(number + 1..=number + 9).await;
        number += 9;
        scene.accepted(before + 8).await;
    }
    scene.line.set(OPEN);
    scene.settled().await;
    let books = scene.stop(program).await;
    all_agree(&scene, &books).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_on_a_full_disk_it_sends_nothing_twice() {
    let scene = Scene::new(1).await;
    let program = scene.start_in(&Shell::FilesUpTo("unlimited")).await;
    busy(&scene).await;
    program.limit_files(Some(0));
    let number = tell_until_full(&scene, 100).await;
    answers_come(&scene, &program, TRIED).await;
    program.kill().await;

    let mut program = Program::start(scene.folder.path(), &Shell::FilesUpTo("0"));
    assert_eq!(program.end().await.code(), Some(1), "it does not start before there is room:\n{}", program.log());

    let program = scene.start().await;
    goes_on(&scene, number).await;
    scene.settled().await;
    let books = scene.stop(program).await;
    assert_eq!(books.doubts, 8);
    all_agree(&scene, &books).await;
}

/// The program's folder as it sees it, which is another one from outside.
fn inside(program: &Program, folder: &Path) -> PathBuf {
    let root = PathBuf::from(format!("/proc/{}/root", program.pid().as_raw_nonzero()));
    root.join(folder.strip_prefix("/").unwrap())
}

fn can_mount() -> bool {
    Command::new("unshare")
        .args(["-Urm", "mount", "-t", "tmpfs", "bazgasht", "/tmp"])
        .output()
        .is_ok_and(|done| done.status.success())
}

/// As above, on a file system that is really full.
#[tokio::test(flavor = "multi_thread")]
async fn no_space_left_refuses_events_and_doubles_nothing() {
    if !can_mount() {
        eprintln!("SKIPPED: no disk of its own can be mounted here (unshare -Urm); a really full one was not tried");
        return;
    }
    let scene = Scene::with_database(1, "disk/bazgasht.db").await;
    let disk = scene.folder.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let program = scene.start_in(&Shell::SmallDisk(&disk, 6_000)).await;
    let disk = inside(&program, &disk);
    busy(&scene).await;

    let filler = disk.join("filler");
    let mut file = std::fs::File::create(&filler).unwrap();
    while file.write_all(&[0; 512]).is_ok() {}
    drop(file);
    let number = tell_until_full(&scene, 100).await;
    answers_come(&scene, &program, TRIED).await;
    assert!(says_why(&scene).await.contains("disk is full"));
    std::fs::remove_file(&filler).unwrap();
    goes_on(&scene, number).await;
    scene.accepted(scene.shop.told().due().len()).await;

    // The disk ends with the last who has it open.
    let held = std::fs::File::open(&disk).unwrap();
    program.stop().await;
    let left = format!("/proc/self/fd/{}/bazgasht.db", held.as_raw_fd());
    let saved = scene.folder.path().join("bazgasht.db");
    std::fs::copy(left, &saved).unwrap();
    all_agree(&scene, &Books::read_closed(&saved)).await;
}
