//! The main job, end to end: a basket is left, the text comes at its time, the link brings the shopper back with the
//! code on, the order stops the rest, and the report shows the money under "link followed".

use bazgasht::clock::Clock;
use bazgasht::state::model::MessageState;
use serde_json::json;

use crate::world::house::Home;
use crate::world::story::{SARA, START, at, items};

const BROWSER: &str = "Mozilla/5.0 (Linux; Android 14; SM-A546E) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36";

#[tokio::test]
async fn an_abandoned_cart_becomes_an_sms_that_brings_the_shopper_back_and_its_money_is_counted() {
    let home = Home::new().await;
    home.abandoned("t_1", SARA).await;
    home.pass("59m").await;
    assert_eq!(home.fake.accepted().len(), 0, "not before the hour");
    home.pass("1m").await;
    let sms = home.fake.accepted();
    assert_eq!(sms.len(), 1);
    let slug = home.link("+989120000001").await;
    assert!(sms[0].text.contains(&format!("\nhttps://shop.example/s/{slug}\n")), "{}", sms[0].text);
    assert!(sms[0].localid.is_some());
    home.pass("24h").await;
    assert_eq!(home.fake.accepted().len(), 2, "the second text, with the code");
    assert!(home.fake.accepted()[1].text.contains("\noff5\n"));
    assert_eq!(home.states().await, [MessageState::Sent, MessageState::Sent]);

    // The gateway says that both arrived; it is asked at the next age.
    for sms in home.fake.accepted() {
        home.fake.set_status(sms.messageid, 10);
    }
    home.pass("17h").await;
    assert_eq!(home.states().await, [MessageState::Delivered, MessageState::Delivered]);

    // Another browser: the daemon's own link, then the bridge asks what to restore.
    let slug = home.link("+989120000001").await;
    let (status, location) = home.house.follow(&slug, BROWSER).await.expect("an answer");
    assert_eq!(
        (status, location.as_deref()),
        (302, Some(format!("https://shop.example/?bazgasht={slug}&hit=0").as_str()))
    );
    let (status, what) = home.house.ask(&format!("/v1/links/{slug}?hit=0")).await.expect("an answer");
    assert_eq!(status, 200);
    assert_eq!((what["kind"].as_str(), what["coupon"].as_str()), (Some("cart"), Some("off5")));
    assert_eq!(what["restore"]["items"][0]["product_id"], "11");

    // More than a day after the last text, but within five of the click: the order is the link's.
    home.pass("8h").await;
    let order = json!({"order_id": 900, "number": "900", "status": "processing", "total": "500000", "currency": "IRT",
                       "items": items(&["11"]), "contact": {"phone": "00989120000001"}, "coupons": []});
    home.event("order.created", order).await;
    home.pass("10d").await;
    assert_eq!(home.fake.accepted().len(), 2, "the order stopped the third text");

    let (status, report) = home.house.ask("/v1/reports/summary?since=30d").await.expect("an answer");
    assert_eq!(status, 200);
    let text = report.to_string();
    let campaign = report["campaigns"]
        .as_array()
        .expect("campaigns")
        .iter()
        .find(|c| c["campaign"] == "abandoned-cart")
        .expect(&text);
    let total = &campaign["total"];
    assert_eq!(total["sent"], 2, "{text}");
    assert_eq!(total["orders"]["link"]["orders"], 1, "{text}");
    assert_eq!(total["orders"]["link"]["kept"][0]["minor"], 500_000, "{text}");
    assert_eq!(total["orders"]["coupon"]["orders"], 0, "{text}");
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn the_same_with_the_daemon_away_during_the_shopping() {
    let home = Home::new().await;
    let began = at(START);
    home.pass("30m").await;
    // The bridge kept these while nobody listened.
    let events = [
        json!({"id": "k1", "type": "cart.updated", "time": began.rfc3339(), "data": crate::world::story::cart("t_1", &["11"])}).to_string(),
        json!({"id": "k2", "type": "contact.captured", "time": began.rfc3339(), "data": {"cart_key": "t_1", "contact": {"phone": SARA}}}).to_string(),
    ];
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    assert_eq!(home.house.post(&events).await.expect("taken").accepted, 2);
    assert_eq!(home.house.post(&events).await.expect("taken").duplicate, 2);
    home.pass("31m").await;
    assert_eq!(home.fake.accepted().len(), 1);
    assert!(home.house.clock.now() > began);
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn a_delivery_report_that_is_pushed_counts_and_a_reply_of_no_is_heard() {
    let home = Home::new().await;
    let secret = home.house.parts.rules().settings.secret.clone().expect("a secret");
    let tokens = bazgasht::daemon::start::tokens(&secret);
    home.fake.push_deliveries_to(&home.house.url(&format!("/gateway/kavenegar/delivery/{}", tokens.delivery)));
    home.fake.push_inbound_to(&home.house.url(&format!("/gateway/kavenegar/inbound/{}", tokens.inbound)));
    home.abandoned("t_1", SARA).await;
    home.pass("61m").await;
    let sms = home.fake.accepted();
    assert_eq!(home.fake.report(sms[0].messageid, 10).await, 200);
    assert_eq!(home.fake.report(sms[0].messageid, 5).await, 200, "a late word undoes nothing");
    assert_eq!(home.states().await, [MessageState::Delivered]);
    assert_eq!(home.fake.say("09120000001", "2000500", "لغو ۱۱").await, 200);
    home.pass("10d").await;
    assert_eq!(home.fake.accepted().len(), 1, "who said no gets no more");
    home.house.close().await.expect("an orderly end");
}
