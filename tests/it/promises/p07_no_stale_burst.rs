//! 7. After a stop of any length no burst of stale texts goes out.

use crate::world::story::{SARA, Story, cart};
use bazgasht::state::model::Reason;
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
