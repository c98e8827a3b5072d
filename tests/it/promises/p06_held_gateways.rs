//! 6. No credit or a bad key holds a gateway, which is tried with one text; a clock that was wrong holds nothing.

use bazgasht::clock::{Clock, Span};
use bazgasht::send::gateway::StopScope;
use bazgasht::send::outcome;
use bazgasht::state::model::{Hold, HoldScope};
use bazgasht::state::world::World;

use crate::kavenegar_fake::Script;
use crate::world::house::Home;
use crate::world::story::SARA;

/// Four baskets are left, and the gateway refuses the account from before they are due.
async fn held_before_four_are_due(what: StopScope) -> Home {
    let home = Home::new().await;
    for n in 1..=4 {
        home.abandoned(&format!("t_{n}"), &format!("0912000000{n}")).await;
    }
    let scope = HoldScope::Gateway("kavenegar".to_owned(), what);
    let hold = Hold { scope, why: "refused".to_owned(), since: home.house.clock.now(), until: None };
    home.house.parts.writer.run(move |world| world.put_hold(&hold)).await.expect("the store");
    home.pass("2h").await;
    assert_eq!(home.fake.calls("sms/send").len() + home.fake.calls("sms/sendarray").len(), 0);
    home
}

#[tokio::test]
async fn p06_after_a_start_one_text_tries_a_gateway_that_was_held() {
    let home = held_before_four_are_due(StopScope::Account).await;
    let since = home.house.parts.writer.run(|world| world.holds()).await.expect("the store")[0].since;
    let now = home.house.clock.now();
    let begin = home.house.parts.writer.run(move |world| {
        outcome::recover(world, now)?;
        bazgasht::store::reload::look_again(world.connection(), now)
    });
    begin.await.expect("the store");
    home.fake.next(Script::Refuse(403));
    home.house.work().await.expect("the store");
    assert_eq!(home.fake.calls("sms/send").len() + home.fake.calls("sms/sendarray").len(), 1, "one, not four");
    let hold = home.house.parts.writer.run(|world| world.holds()).await.expect("the store").remove(0);
    assert_eq!((hold.since, hold.until), (since, None), "the same trouble, as old as it is");
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn p06_a_lack_of_credit_ends_though_the_gateway_will_not_tell() {
    let home = held_before_four_are_due(StopScope::Credit).await;
    home.fake.next_ask(Script::Refuse(400));
    bazgasht::send::watch::turn(&home.house.parts).await.expect("the store");
    let hold = home.house.parts.writer.run(|world| world.holds()).await.expect("the store").remove(0);
    assert!(hold.until.is_some_and(|until| until.since(home.house.clock.now()) <= Span::hours(1)), "one text will try");
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn p06_a_clock_that_ran_ahead_and_was_put_right_stops_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = crate::world::house::PAID
        .replace("month = \"1000000\"", "month = \"10000\"")
        .replace("[gateway.kavenegar]\n", "[gateway.kavenegar]\nper_minute = 1\n");
    let fake = crate::kavenegar_fake::Fake::start().await;
    let home = Home::in_folder(folder, fake, &settings, crate::world::story::START, None).await;
    home.stock().await;
    let right = home.house.clock.now();
    home.abandoned("t_1", SARA).await;
    home.house.clock.set(right.plus(Span::days(20)));
    home.abandoned("t_1", "09120000002").await;
    home.pass("1h").await;
    let ahead = home.fake.accepted().len();
    assert!(ahead > 0, "handed over by a clock that ran ahead");
    home.house.clock.set(right);
    home.abandoned("t_3", "09120000003").await;
    home.pass("2h").await;
    assert_eq!(home.fake.accepted().len(), ahead + 1);
    home.house.close().await.expect("an orderly end");
}
