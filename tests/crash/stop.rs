//! SIGTERM while messages are between hand-over and answer.

use rustix::process::Signal;

use crate::afterwards::all_agree;
use crate::line::Way;
use crate::program::{Program, until};
use crate::scene::Scene;

/// As many as the program has under way at one time.
const UNDER_WAY: usize = 8;

/// A program with all hands full: the gateway has taken what it was given, and its answers wait on the line.
async fn with_full_hands() -> (Scene, Program) {
    let scene = Scene::new(1).await;
    let program = scene.start().await;
    scene.shop.introduce().await;
    scene.line.set(Way::AnswersWait);
    scene.orders(1..=20).await;
    scene.accepted(UNDER_WAY).await;
    scene.written("more that is due", |books| books.in_state("scheduled") == 12).await;
    (scene, program)
}

/// Waits until the order to stop was heard: the door is shut.
async fn shut(scene: &Scene) {
    let address = scene.shop.address.borrow().expect("a program");
    until("the door shut", async || tokio::net::TcpStream::connect(address).await.is_err().then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_waits_for_answers_and_claims_nothing_more() {
    let (scene, mut program) = with_full_hands().await;
    program.signal(Signal::TERM);
    shut(&scene).await;
    assert!(!program.has_ended(), "answers are still to come");
    scene.line.set(Way::Open { slow_ms: 0 });
    let ended = program.end().await;
    assert!(ended.success(), "{ended}:\n{}", program.log());
    assert_eq!(scene.gateway.accepted().len(), UNDER_WAY, "nothing more was handed over");

    let books = crate::books::Books::read_closed(&scene.database());
    assert_eq!((books.in_state("sent"), books.in_state("sending"), books.in_state("unknown")), (UNDER_WAY, 0, 0));

    let program = scene.start().await;
    scene.accepted(20).await;
    scene.settled().await;
    let books = scene.stop(program).await;
    all_agree(&scene, &books).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_does_not_wait_for_ever() {
    let (scene, program) = with_full_hands().await;
    let log = program.stop().await;
    assert_eq!(scene.gateway.accepted().len(), UNDER_WAY, "{log}");
    let books = crate::books::Books::read_closed(&scene.database());
    assert_eq!((books.in_state("unknown"), books.in_state("sending")), (UNDER_WAY, 0), "doubt is written down");

    scene.line.set(Way::Open { slow_ms: 0 });
    let program = scene.start().await;
    scene.accepted(20).await;
    scene.settled().await;
    let books = scene.stop(program).await;
    all_agree(&scene, &books).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_sigterm_stops_at_once_and_the_next_start_asks() {
    let (scene, mut program) = with_full_hands().await;
    program.signal(Signal::TERM);
    shut(&scene).await;
    program.signal(Signal::TERM);
    assert_eq!(program.end().await.code(), Some(1));

    scene.line.set(Way::Open { slow_ms: 0 });
    let program = scene.start().await;
    scene
        .written("all found at the gateway", |books| books.in_state("unknown") == 0 && books.in_state("sending") == 0)
        .await;
    scene.accepted(20).await;
    scene.settled().await;
    let books = scene.stop(program).await;
    assert_eq!(usize::try_from(books.doubts), Ok(UNDER_WAY));
    all_agree(&scene, &books).await;
}
