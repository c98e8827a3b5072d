//! 7. After a stop of any length no burst of stale texts goes out.

use crate::world::house::Home;
use crate::world::story::{SARA, Story, cart};
use bazgasht::clock::Clock;
use bazgasht::state::model::{Hold, HoldScope, Reason};
use bazgasht::state::world::World;
use serde_json::json;

#[test]
fn p07_what_happened_while_the_daemon_was_away_is_not_texted_late() {
    let mut s = Story::new();
    let began = s.now();
    // The bridge kept the events for ten days.
    s.pass("10d");
    s.event_at(began, "cart.updated", cart("t_1", &["11"]));
    s.event_at(began, "contact.captured", json!({"cart_key": "t_1", "contact": {"phone": SARA}}));
    s.pass("10d");
    assert_eq!(s.steps(), Vec::<String>::new());
}

#[test]
fn p07_a_step_whose_time_has_not_come_still_goes() {
    let mut s = Story::new();
    let began = s.now();
    s.pass("2d 2h");
    s.event_at(began, "cart.updated", cart("t_1", &["11"]));
    s.event_at(began, "contact.captured", json!({"cart_key": "t_1", "contact": {"phone": SARA}}));
    s.pass("10d");
    assert_eq!(s.steps(), ["abandoned-cart/third-day"]);
    assert_eq!(s.times(), ["11-27 10:00"]);
    assert!(s.reasons().contains(&Reason::Expired));
}

#[test]
fn p07_old_orders_touched_now_start_nothing() {
    let mut s = Story::new();
    let mut order = s.order_data("77", SARA, "completed", &["11"]);
    order["created_at"] = json!("2025-01-01T10:00:00+03:30");
    order["completed_at"] = json!("2025-01-03T10:00:00+03:30");
    s.event("order.updated", order).pass("60d");
    assert_eq!(s.steps(), Vec::<String>::new());
}

#[tokio::test]
async fn p07_a_text_whose_moment_has_moved_is_not_too_late() {
    let home = Home::new().await;
    home.abandoned("t_1", SARA).await;
    let since = home.house.clock.now();
    let hold = Hold { scope: HoldScope::All, why: "a test".into(), since, until: None };
    home.house.parts.writer.run(move |world| world.put_hold(&hold)).await.expect("the store");
    home.pass("6h 30m").await;
    // Half an hour before the text would be too late, the shopper goes on with the basket.
    home.event("cart.updated", cart("t_1", &["11", "12"])).await;
    home.pass("40m").await;
    home.house.parts.writer.run(|world| world.lift_hold(&HoldScope::All)).await.expect("the store");
    home.pass("1h").await;
    assert_eq!(home.fake.accepted().len(), 1);
    home.house.close().await.expect("an orderly end");
}
