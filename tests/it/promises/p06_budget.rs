//! 6. Spending never passes the daily and monthly caps, counted in parts × price when handed over.

use crate::world::story::{SHIPPED, Story};
use bazgasht::state::model::Reason;

const PAID: &str = r#"
[budget]
currency = "IRR"
day = "7000"
month = "16000"
[gateway]
use = "kavenegar"
[gateway.kavenegar]
key = "not-a-real-key"
price_persian = "1000"
price_latin = "2500"
"#;

#[test]
fn p06_neither_the_days_nor_the_months_cap_is_passed() {
    let mut s = Story::with(SHIPPED, PAID);
    for n in 10..40 {
        s.cart(&format!("t_{n}"), &["11"]).number(&format!("t_{n}"), &format!("091200003{n}")).pass("3h");
    }
    s.pass("3d");
    let spent: i64 = s.sent.iter().map(|m| m.price.minor).sum();
    assert!(spent > 0 && spent <= 16_000, "{spent}");
    for day in ["11-24", "11-25", "11-26", "11-27", "11-28"] {
        let of_day: i64 =
            s.sent.iter().zip(s.times()).filter(|(_, t)| t.starts_with(day)).map(|(m, _)| m.price.minor).sum();
        assert!(of_day <= 7_000, "{day}: {of_day}");
    }
    assert!(s.reasons().contains(&Reason::BudgetDay));
}

#[test]
fn p06_a_campaign_keeps_to_its_own_budget_and_leaves_the_others_theirs() {
    let own = SHIPPED.replacen(
        "kind = \"marketing\"\n",
        "kind = \"marketing\"\nbudget = { day = \"3000\", month = 8000 }\n",
        1,
    );
    let paid = PAID.replace("day = \"7000\"", "day = \"50000\"").replace("16000", "500000");
    let mut s = Story::with(&own, &paid);
    for n in 10..40 {
        s.cart(&format!("t_{n}"), &["11"]).number(&format!("t_{n}"), &format!("091200003{n}")).pass("2h");
        s.order(&format!("o{n}"), &format!("091200004{n}"), "completed", &["11"]);
    }
    s.pass("10d");
    let of = |campaign: &'static str| s.sent.iter().filter(move |m| m.campaign == campaign);
    let carts: i64 = of("abandoned-cart").map(|m| m.price.minor).sum();
    assert!(carts > 0 && carts <= 8_000, "{carts}");
    for day in 24..30 {
        let times = s.times();
        let of_day: i64 = s
            .sent
            .iter()
            .zip(&times)
            .filter(|(m, t)| m.campaign == "abandoned-cart" && t.starts_with(&format!("11-{day}")))
            .map(|(m, _)| m.price.minor)
            .sum();
        assert!(of_day <= 3_000, "{day}: {of_day}");
    }
    assert!(of("review-request").count() > 20, "others are not held by it");
    assert!(s.reasons().contains(&Reason::BudgetCampaign));
}

mod at_the_gateway {
    use bazgasht::clock::{At, Clock};
    use bazgasht::money::{Currency, Money};
    use bazgasht::send::gateway::{Delivery, Report};
    use bazgasht::send::outcome;
    use bazgasht::state::model::{MessageId, MessageState, Reason};
    use bazgasht::state::world::World;

    use crate::kavenegar_fake::Script;
    use crate::world::house::Home;
    use crate::world::story::SARA;

    #[tokio::test]
    async fn p06_no_credit_stops_everything_loses_nothing_and_goes_on_when_there_is_some() {
        let home = Home::new().await;
        home.fake.set_credit(0);
        home.abandoned("t_1", SARA).await;
        home.abandoned("t_2", "09120000002").await;
        home.pass("65m").await;
        assert_eq!(home.states().await, [MessageState::Scheduled, MessageState::Scheduled]);
        assert!(home.messages().await.iter().all(|m| m.reason == Some(Reason::OnHold) && m.handed.is_none()));
        assert!(
            home.fake.calls("sms/send").len() <= 2,
            "held after the first refusal: {}",
            home.fake.calls("sms/send").len()
        );
        home.fake.set_credit(50_000);
        assert!(bazgasht::send::balance::look(&home.house.parts).await.expect("the store"));
        home.pass("10m").await;
        assert_eq!(home.fake.accepted().len(), 2);
        home.house.close().await.expect("an orderly end");
    }

    #[tokio::test]
    async fn p06_a_lack_of_credit_keeps_its_age_when_a_try_meets_it_again() {
        let home = Home::new().await;
        home.fake.set_credit(0);
        home.abandoned("t_1", SARA).await;
        home.pass("1h").await;
        let since = async || home.house.parts.writer.run(|world| world.holds()).await.expect("the store")[0].since;
        let begun = since().await;
        home.fake.set_credit(500_000);
        home.pass("30m").await;
        assert!(bazgasht::send::balance::look(&home.house.parts).await.expect("the store"));
        // What the balance promised the next text does not find.
        home.fake.next(Script::Refuse(418));
        home.pass("1m").await;
        assert_eq!(home.states().await, [MessageState::Scheduled]);
        assert_eq!(since().await, begun, "else the owner, who is told after ten minutes, is never told");
        home.house.close().await.expect("an orderly end");
    }

    #[tokio::test]
    async fn p06_a_bad_key_holds_the_gateway_until_somebody_acts() {
        let home = Home::new().await;
        home.fake.next(Script::Refuse(403));
        home.abandoned("t_1", SARA).await;
        home.pass("3h").await;
        assert_eq!(home.states().await, [MessageState::Scheduled]);
        assert_eq!(home.fake.calls("sms/send").len(), 1, "one refusal is enough");
        home.house.orders.reload.notify_one();
        // The reload ends the hold behind our back; the next look comes after it.
        let now = home.house.clock.now();
        let is_held = async || {
            let holds = home.house.parts.writer.run(|world| world.holds()).await.expect("the store");
            holds.iter().any(|hold| hold.is_in_force(now))
        };
        while is_held().await {
            tokio::task::yield_now().await;
        }
        home.pass("10m").await;
        assert_eq!(home.fake.accepted().len(), 1);
        home.house.close().await.expect("an orderly end");
    }

    #[tokio::test]
    async fn p06_a_text_that_was_taken_and_not_delivered_is_paid_for() {
        for (refunded, paid) in [(false, true), (true, false)] {
            let home = Home::new().await;
            home.abandoned("t_1", SARA).await;
            home.pass("1h").await;
            let now = home.house.clock.now();
            let left = home.house.parts.writer.run(move |world| {
                let message = world.message(MessageId(1))?.expect("the message");
                let state = Delivery::Failed;
                let id = message.gateway_id.expect("it was taken");
                let report = Report { reference: message.reference, refunded, ..Report::of(id, state) };
                outcome::news(world, "kavenegar", &report, now)?;
                world.spent_since(At(0), At::NEVER, Money::zero(Currency::IRR))
            });
            assert_eq!(left.await.expect("the store").minor > 0, paid, "given back: {refunded}");
            assert_eq!(home.states().await, [MessageState::Failed]);
            home.house.close().await.expect("an orderly end");
        }
    }
}
