//! 4. A message is handed over at most once unless its not having been accepted is certain.

use bazgasht::send::outcome;
use bazgasht::state::model::{MessageState, Reason};

use crate::kavenegar_fake::Script;
use crate::world::house::Home;
use crate::world::story::SARA;

/// A basket is left, and this happens at the hand-over.
async fn after(script: Script) -> Home {
    let home = Home::new().await;
    home.abandoned("t_1", SARA).await;
    home.fake.next(script);
    home.pass("1h").await;
    home
}

#[tokio::test]
async fn p04_an_answer_that_was_lost_is_asked_for_not_sent_again() {
    for script in [Script::LoseAnswer, Script::AcceptAndStall, Script::CutHalfway, Script::Garbage] {
        let home = after(script.clone()).await;
        assert_eq!(home.states().await, [MessageState::Unknown], "{script:?}");
        assert_eq!(home.fake.accepted().len(), 1);
        home.pass("20m").await;
        assert_eq!(home.states().await, [MessageState::Sent], "{script:?}: found by our reference");
        assert_eq!(home.fake.accepted().len(), 1, "{script:?}");
        assert!(home.fake.accepted_count_by_localid().values().all(|n| *n == 1));
        home.house.close().await.expect("an orderly end");
    }
}

#[tokio::test]
async fn p04_what_the_gateway_never_had_goes_once_more_under_the_same_reference() {
    let home = after(Script::StallBeforeAccepting).await;
    assert_eq!(home.states().await, [MessageState::Unknown]);
    let reference = home.messages().await[0].reference;
    home.pass("11m").await;
    assert_eq!(home.fake.accepted().len(), 1);
    assert_eq!(home.fake.accepted()[0].localid, reference);
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn p04_a_sure_refusal_for_a_passing_reason_is_tried_again_and_costs_nothing() {
    let home = after(Script::Refuse(451)).await;
    assert_eq!(home.states().await, [MessageState::Scheduled]);
    assert_eq!(home.messages().await[0].handed, None);
    home.pass("30m").await;
    assert_eq!(home.fake.accepted().len(), 1);
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn p04_a_refusal_for_good_is_final() {
    let home = after(Script::RefuseWith200(411)).await;
    assert_eq!(home.states().await, [MessageState::Failed]);
    assert_eq!(home.messages().await[0].reason, Some(Reason::Refused));
    home.pass("12h").await;
    assert_eq!(home.fake.accepted().len(), 0);
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn p04_a_daemon_that_died_between_hand_over_and_answer_is_in_doubt_and_asks() {
    let home = after(Script::AcceptAndStall).await;
    // As a crash leaves it: the attempt is written, the answer is not.
    let set = home.house.parts.writer.run(|world| {
        use bazgasht::state::world::World;
        let message = world.message(bazgasht::state::model::MessageId(1))?.expect("the message");
        world.put_message(&bazgasht::state::model::Message { state: MessageState::Sending, ..message })
    });
    set.await.expect("the store");
    let now = bazgasht::clock::Clock::now(&*home.house.clock);
    let doubtful = home.house.parts.writer.run(move |world| outcome::recover(world, now)).await.expect("the store");
    assert_eq!(doubtful, 1);
    home.pass("1m").await;
    assert_eq!(home.states().await, [MessageState::Sent]);
    assert_eq!(home.fake.accepted().len(), 1);
    home.house.close().await.expect("an orderly end");
}
