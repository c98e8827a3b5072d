//! 2. No message goes to a contact whose order for its subject has reached the daemon before the send gate.

use crate::world::story::{REZA, SARA, Story, at, cart};
use bazgasht::state::model::Reason;
use serde_json::json;

#[test]
fn p02_without_an_order_the_series_goes_out() {
    let mut s = Story::new();
    s.cart("t_1", &["11"]).number("t_1", SARA).pass("10d");
    assert_eq!(s.steps(), ["abandoned-cart/one-hour", "abandoned-cart/first-day", "abandoned-cart/third-day"]);
    assert_eq!(s.times(), ["11-24 11:00", "11-25 10:00", "11-27 10:00"]);
}

#[test]
fn p02_an_order_stops_the_rest() {
    let mut s = Story::new();
    s.cart("t_1", &["11"]).number("t_1", SARA).pass("2h").order("900", SARA, "processing", &["11"]).pass("10d");
    assert_eq!(s.steps(), ["abandoned-cart/one-hour"]);
    assert!(s.reasons().contains(&Reason::Ordered));
}

#[test]
fn p02_the_order_is_matched_by_number_not_by_session() {
    let mut s = Story::new();
    s.cart("t_1", &["11"]).number("t_1", "+98 912 000 0001").pass("30m");
    // Another device, another cart key, the number typed in Persian digits.
    s.order("901", "۰۹۱۲ ۰۰۰ ۰۰۰۱", "on-hold", &["12"]).pass("10d");
    assert_eq!(s.steps(), Vec::<String>::new());
}

#[test]
fn p02_an_order_of_somebody_else_stops_nothing() {
    let mut s = Story::new();
    s.cart("t_1", &["11"]).number("t_1", SARA).order("902", REZA, "processing", &["11"]).pass("2h");
    assert_eq!(s.steps(), ["abandoned-cart/one-hour"]);
}

#[test]
fn p02_an_order_in_the_same_minute_as_the_text_is_seen_at_the_gate() {
    let mut s = Story::new();
    s.cart("t_1", &["11"]).number("t_1", SARA).pass("59m");
    s.order("903", SARA, "processing", &["11"]).pass("1m").pass("1d");
    assert_eq!(s.steps(), Vec::<String>::new());
}

#[test]
fn p02_news_in_the_wrong_order_does_not_text_a_buyer() {
    let mut s = Story::new();
    let began = s.now();
    // The order is heard before the basket that it came from, and the number last of all.
    s.pass("20m");
    let order = s.order_data("904", SARA, "processing", &["11"]);
    s.event_at(at("2026-11-24T10:05:00+03:30"), "order.created", order);
    s.event_at(began, "cart.updated", cart("t_1", &["11"]));
    s.event_at(began, "contact.captured", json!({"cart_key": "t_1", "contact": {"phone": SARA}}));
    s.pass("10d");
    assert_eq!(s.steps(), Vec::<String>::new());
}

#[test]
fn p02_a_late_order_with_an_earlier_time_still_stops() {
    let mut s = Story::new();
    s.cart("t_1", &["11"]).number("t_1", SARA).pass("50m");
    let order = s.order_data("905", SARA, "processing", &["11"]);
    s.event_at(at("2026-11-24T10:10:00+03:30"), "order.created", order);
    s.pass("10d");
    assert_eq!(s.steps(), Vec::<String>::new());
}

#[test]
fn p02_a_buyer_at_the_banks_page_has_not_bought() {
    let mut s = Story::new();
    s.cart("t_1", &["11"]).number("t_1", SARA).order("906", SARA, "pending", &["11"]).pass("2h");
    assert_eq!(s.steps(), ["abandoned-cart/one-hour"]);
    s.status("906", SARA, "processing", &["11"]).pass("10d");
    assert_eq!(s.steps(), ["abandoned-cart/one-hour"]);
}

#[test]
fn p02_an_order_made_from_a_draft_of_hours_ago_still_stops() {
    let mut s = Story::new();
    s.pass("2h").cart("t_1", &["11"]).number("t_1", SARA).pass("5m");
    let mut order = s.order_data("911", SARA, "processing", &["11"]);
    order["created_at"] = json!("2026-11-24T10:00:00+03:30"); // block checkout: the draft's time
    s.event("order.created", order).pass("10d");
    assert_eq!(s.steps(), Vec::<String>::new());
}

#[test]
fn p02_an_emptied_cart_gets_nothing() {
    let mut s = Story::new();
    s.cart("t_1", &["11"])
        .number("t_1", SARA)
        .pass("10m")
        .event("cart.cleared", json!({"cart_key": "t_1"}))
        .pass("10d");
    assert_eq!(s.steps(), Vec::<String>::new());
}

#[test]
fn p02_two_carts_of_one_person_are_one_person() {
    let mut s = Story::new();
    s.cart("t_1", &["11"]).number("t_1", SARA).pass("10m").cart("t_2", &["12"]).number("t_2", SARA).pass("10d");
    assert_eq!(s.steps(), ["abandoned-cart/one-hour", "abandoned-cart/first-day", "abandoned-cart/third-day"]);
    assert_eq!(s.times()[0], "11-24 11:10", "an hour after the last act on either basket");
}

#[test]
fn p02_touching_the_basket_again_moves_what_is_to_come() {
    let mut s = Story::new();
    s.cart("t_1", &["11"]).number("t_1", SARA).pass("55m").cart("t_1", &["11", "12"]).pass("10d");
    assert_eq!(s.times(), ["11-24 11:55", "11-25 10:55", "11-27 10:55"]);
}

#[test]
fn p02_a_number_typed_anew_leaves_the_old_number_alone() {
    let mut s = Story::new();
    s.cart("t_1", &["11"]).number("t_1", "09120000003").pass("5m").number("t_1", SARA).pass("2h");
    assert_eq!(s.sent.iter().map(|m| m.to.masked()).collect::<Vec<_>>(), ["…01"]);
}

#[test]
fn p02_a_written_review_stops_the_request() {
    let mut s = Story::new();
    s.order("907", SARA, "processing", &["11"]).pass("1d").status("907", SARA, "completed", &["11"]).pass("8d");
    assert_eq!(s.steps(), ["review-request/first-week"]);
    s.event("review.created", json!({"product_id": "11", "rating": 5, "contact": {"phone": SARA}})).pass("4d");
    assert_eq!(s.steps(), ["review-request/first-week"]);
}

#[test]
fn p02_a_review_signed_with_another_address_stops_the_request_whose_link_led_to_it() {
    for (is_ours, steps) in [
        (true, vec!["review-request/first-week"]),
        (false, vec!["review-request/first-week", "review-request/second-week"]),
    ] {
        let mut s = Story::new();
        s.order("907", SARA, "completed", &["11"]).pass("8d");
        let slug =
            s.sent[0].text.split("/s/").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap().to_owned();
        let link = if is_ours { slug } else { "unknown".to_owned() };
        s.event("review.created", json!({"product_id": "11", "rating": 5, "link": link})).pass("9d");
        let requests: Vec<String> = s.steps().into_iter().filter(|step| step.starts_with("review")).collect();
        assert_eq!(requests, steps);
    }
}

#[test]
fn p02_a_refund_stops_review_and_offer() {
    let mut s = Story::new();
    s.order("908", SARA, "completed", &["11"]).pass("2d");
    s.event("order.refunded", json!({"order_id": "908", "refund_id": "1", "amount": "500000", "currency": "IRT"}))
        .pass("40d");
    assert_eq!(s.steps(), Vec::<String>::new());
}

#[test]
fn p02_who_bought_the_offer_is_not_offered_it() {
    let mut s = Story::new();
    s.order("909", SARA, "completed", &["11"])
        .event("review.created", json!({"product_id": "11", "contact": {"phone": SARA}}));
    s.pass("15d");
    assert_eq!(s.steps(), ["cross-sell/two-weeks"]);
    assert!(s.sent[0].text.contains("قوری"), "{}", s.sent[0].text);
    s.order("910", SARA, "processing", &["12"]).pass("30d");
    assert_eq!(s.steps(), ["cross-sell/two-weeks"]);
}

#[test]
fn p02_a_basket_bought_under_another_number_stops_its_texts_and_begins_none_for_an_older_basket() {
    let mut s = Story::new();
    s.cart("t_0", &["12"]).number("t_0", SARA).pass("5m");
    s.cart("t_1", &["11"]).number("t_1", SARA).pass("5m");
    let mut order = s.order_data("912", REZA, "processing", &["11"]);
    order["cart_key"] = json!("t_1");
    s.event("order.created", order).pass("10d");
    assert_eq!(s.steps(), Vec::<String>::new(), "what was left is older than what was bought");
}

#[test]
fn p02_a_basket_whose_number_was_heard_of_first_is_not_lost() {
    let mut s = Story::new();
    let began = s.now();
    s.pass("5m").number("t_1", SARA);
    s.event_at(began, "cart.updated", cart("t_1", &["11"])).pass("2h");
    assert_eq!(s.steps(), ["abandoned-cart/one-hour"]);
}

#[test]
fn p02_a_basket_whose_emptying_was_heard_of_first_is_not_texted_about() {
    let mut s = Story::new();
    let began = s.now();
    s.pass("5m").event("cart.cleared", json!({"cart_key": "t_1"}));
    s.event_at(began, "cart.updated", cart("t_1", &["11"])).number("t_1", SARA).pass("10d");
    assert_eq!(s.steps(), Vec::<String>::new());
}

#[test]
fn p02_an_order_that_names_nobody_still_ends_its_basket() {
    for nobody in [json!([]), json!({})] {
        let mut s = Story::new();
        s.cart("t_1", &["11"]).number("t_1", SARA).pass("5m");
        let mut order = s.order_data("913", SARA, "processing", &["11"]);
        order["contact"] = nobody; // PHP writes an empty map as a list
        order["cart_key"] = json!("t_1");
        s.event("order.created", order).pass("10d");
        assert_eq!(s.steps(), Vec::<String>::new());
    }
}
