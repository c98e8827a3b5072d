//! The gateway cut off, in each of the ways in which lines fail.

use rustix::process::Signal;

use crate::afterwards::all_agree;
use crate::line::Way;
use crate::program::Program;
use crate::scene::Scene;

const OPEN: Way = Way::Open { slow_ms: 0 };

async fn connected() -> (Scene, Program) {
    let scene = Scene::new(1).await;
    let program = scene.start().await;
    scene.shop.introduce().await;
    scene.orders(1..=2).await;
    scene.accepted(4).await;
    (scene, program)
}

/// The line works again: new texts go, the shop was heard all the while, and everything comes to its end.
async fn back_again(scene: Scene, program: Program, unknown: usize) {
    scene.line.set(OPEN);
    // The owner need not wait until the gateway has rested.
    program.signal(Signal::HUP);
    let before = scene.gateway.accepted().len();
    scene.orders(101..=102).await;
    scene.accepted(before + 4).await;
    let books = scene.settled().await;
    assert_eq!(books.in_state("unknown"), unknown, "{:?}", books.states());
    let books = scene.stop(program).await;
    all_agree(&scene, &books).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_nobody_reaches_burns_nothing() {
    let (scene, program) = connected().await;
    scene.line.set(Way::Cut);
    scene.orders(11..=30).await;
    scene
        .written("all held back", |books| {
            books.messages.iter().filter(|m| m.reason.as_deref() == Some("on_hold")).count() == 40
        })
        .await;
    assert_eq!(scene.gateway.accepted().len(), 4);
    scene.line.set(OPEN);
    // The owner need not wait for the next try.
    program.signal(Signal::HUP);
    scene.accepted(44).await;
    back_again(scene, program, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_cut_off_are_asked_for() {
    let (scene, program) = connected().await;
    scene.line.set(Way::AnswersWait);
    scene.orders(11..=14).await;
    scene.accepted(8).await;
    scene.line.set(Way::Cut);
    scene.written("in doubt", |books| books.in_state("unknown") >= 4).await;
    back_again(scene, program, 4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_line_swallowed_goes_once_when_that_is_certain() {
    let (scene, program) = connected().await;
    scene.orders_into_the_void(11..=14).await;
    scene.line.set(Way::Cut);
    scene.written("in doubt", |books| books.in_state("unknown") == 4).await;
    assert_eq!(scene.gateway.accepted().len(), 4);
    back_again(scene, program, 4).await;
}

/// Nothing is said on the line at all: the program's own limit ends the calls.
#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_hangs_stops_nothing_else() {
    let (scene, program) = connected().await;
    scene.orders_into_the_void(11..=14).await;
    assert_eq!(scene.shop.look("/readyz").await.0, 200);
    scene.written("given up", |books| books.in_state("unknown") == 4).await;
    back_again(scene, program, 4).await;
}
