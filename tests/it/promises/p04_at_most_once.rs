//! 4. A message is handed over at most once unless its not having been accepted is certain.

use std::sync::Arc;

use bazgasht::clock::{At, Clock, HandClock, Span};
use bazgasht::send::gateway::{Delivery, Report};
use bazgasht::send::outcome;
use bazgasht::state::model::{Message, MessageId, MessageState, Reason};
use bazgasht::state::world::World;

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
async fn p04_the_attempt_is_written_before_the_gateway_answers() {
    let home = Home::new().await;
    home.abandoned("t_1", SARA).await;
    home.pass("59m").await;
    home.fake.next(Script::AcceptAndStall);
    home.house.clock.pass(bazgasht::clock::Span::minutes(1));
    let never = tokio_util::sync::CancellationToken::new();
    // A message that is not written down as handed over would be claimed again and again.
    let turn = bazgasht::send::driver::turn(&home.house.parts, &never);
    let turned = tokio::time::timeout(std::time::Duration::from_secs(5), turn).await;
    turned.expect("one turn comes to its end").expect("the store");
    // The call is under way, or not even begun.
    let written = home.messages().await;
    assert_eq!(written.iter().map(|m| (m.state, m.attempts)).collect::<Vec<_>>(), [(MessageState::Sending, 1)]);
    assert!(written[0].reference.is_some() && written[0].text.is_some() && written[0].price.is_some());
    home.house.work().await.expect("the store");
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn p04_an_answer_that_was_lost_is_asked_for_not_sent_again() {
    for script in [Script::LoseAnswer, Script::AcceptAndStall, Script::CutHalfway, Script::Garbage] {
        let home = after(script.clone()).await;
        assert_eq!(home.states().await, [MessageState::Unknown], "{script:?}");
        assert_eq!(home.fake.accepted().len(), 1);
        home.pass("20m").await;
        assert_eq!(home.states().await, [MessageState::Sent], "{script:?}: found by our reference");
        let contact = home.messages().await[0].contact;
        let said = home.house.parts.writer.run(move |world| world.decisions_of(contact, 50)).await.expect("the store");
        assert!(
            said.iter().any(|d| d.reason == Reason::Accepted && d.detail.as_deref() == Some("found at kavenegar")),
            "{said:?}"
        );
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

/// As a question to the gateway leaves it that was answered with "not known".
async fn hold_to_be_lost(home: &Home) -> i64 {
    let taken_back = home.house.parts.writer.run(|world| {
        let message = world.message(MessageId(1))?.expect("the message");
        let reference = message.reference.expect("a reference");
        let state = MessageState::Scheduled;
        let next_try = message.handed.expect("a hand-over").plus(Span::minutes(90));
        world.put_message(&Message { state, next_try, handed: None, reason: Some(Reason::NeverArrived), ..message })?;
        Ok(reference)
    });
    taken_back.await.expect("the store")
}

#[tokio::test]
async fn p04_word_of_a_message_that_was_held_lost_keeps_it_from_going_twice() {
    let home = after(Script::AcceptAndStall).await;
    let reference = hold_to_be_lost(&home).await;
    let now = home.house.clock.now();
    let report = Report { reference: Some(reference), ..Report::of("77", Delivery::Delivered) };
    home.house.parts.writer.run(move |world| outcome::news(world, "kavenegar", &report, now)).await.expect("the store");
    home.pass("12h").await;
    assert_eq!(home.states().await, [MessageState::Delivered]);
    assert_eq!(home.fake.accepted().len(), 1);
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn p04_an_answer_that_could_not_be_written_down_does_not_leave_its_message_hanging() {
    let home = after(Script::AcceptAndStall).await;
    let set = home.house.parts.writer.run(|world| {
        let message = world.message(MessageId(1))?.expect("the message");
        world.put_message(&Message { state: MessageState::Sending, ..message })
    });
    set.await.expect("the store");
    home.pass("1m").await;
    assert_eq!(home.states().await, [MessageState::Sent], "found without a restart");
    assert_eq!(home.fake.accepted().len(), 1);
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn p04_an_outage_of_an_hour_burns_nothing() {
    let home = Home::new().await;
    home.abandoned("t_1", SARA).await;
    for _ in 0..6 {
        home.fake.next(Script::Refuse(451));
    }
    home.pass("3h").await;
    assert_eq!(home.fake.accepted().len(), 1);
    home.house.close().await.expect("an orderly end");
}

/// As real clocks do, it goes on between two looks.
struct Ticking(Arc<HandClock>);

impl Clock for Ticking {
    fn now(&self) -> At {
        self.0.pass(Span(1));
        self.0.now()
    }
}

#[tokio::test]
async fn p04_what_nobody_can_be_asked_about_is_looked_at_ever_more_seldom() {
    let mut home = Home::new().await;
    home.abandoned("t_1", SARA).await;
    home.pass("1h").await;
    let set = home.house.parts.writer.run(|world| {
        let message = world.message(MessageId(1))?.expect("the message");
        world.put_message(&Message { gateway: Some("another".into()), ..message })
    });
    set.await.expect("the store");
    home.house.parts.clock = Arc::new(Ticking(home.house.clock.clone()));
    home.pass("1h").await;
    let message = &home.messages().await[0];
    assert_eq!(message.next_try.since(message.handed.expect("a hand-over")), Span::hours(3));
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn p04_a_doubted_message_does_not_outlive_the_gateways_memory() {
    let home = Home::new().await;
    home.abandoned("t_1", SARA).await;
    home.pass("1h").await;
    let (now, soon) = (home.house.clock.now(), home.house.clock.now().plus(Span::minutes(30)));
    let doubted = home.house.parts.writer.run(move |world| {
        let message = world.message(MessageId(1))?.expect("the message");
        let (state, next_try) = (MessageState::Scheduled, now.plus(Span::minutes(1)));
        world.put_message(&Message { state, next_try, doubted: true, handed: None, expires: soon, ..message })
    });
    doubted.await.expect("the store");
    // The basket is worked on, so the reminder's moment moves.
    home.event("cart.updated", crate::world::story::cart("t_1", &["11", "12"])).await;
    home.pass("5h").await;
    let first = &home.messages().await[0];
    assert!(first.expires <= soon, "{first:?}");
    assert_eq!((first.state, home.fake.accepted().len()), (MessageState::Expired, 1), "its reference may be forgotten");
    home.house.close().await.expect("an orderly end");
}
