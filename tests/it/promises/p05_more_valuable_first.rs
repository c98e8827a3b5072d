//! 5. Of two texts for one person under one cap, the more valuable goes; service texts stand outside the marketing caps.

use bazgasht::state::model::Reason;

use crate::world::story::{SARA, Story};

/// A follow-up of an order at noon of the next day, and a basket text an hour after the basket was left.
const TWO: &str = r#"
[[campaign]]
id = "after-order"
trigger = { on = "order_status", status = "completed" }
exits = ["order_taken_back"]
priority = @ORDER@
[[campaign.step]]
id = "thanks"
after = "26h"
best_before = "30h"
text = "سلام {{ order.number }} {{ link }}"

[[campaign]]
id = "cart"
trigger = { on = "cart_abandoned" }
cool_off = "0s"
priority = @CART@
[[campaign.step]]
id = "hour"
after = "1h"
best_before = "@CART_LIVES@"
text = "سلام {{ link }}"
"#;

fn two(order: u8, cart: u8, cart_lives: &str) -> Story {
    let file = TWO.replace("@ORDER@", &order.to_string()).replace("@CART@", &cart.to_string());
    Story::with(&file.replace("@CART_LIVES@", cart_lives), "")
}

/// Both texts come due at noon.
fn both_due(s: &mut Story) {
    s.order("1", SARA, "completed", &["11"]).pass("25h").cart("t_1", &["11"]).number("t_1", SARA).pass("3d");
}

#[test]
fn p05_of_two_that_are_due_the_more_valuable_goes_and_the_other_waits() {
    let mut s = two(40, 60, "6h");
    both_due(&mut s);
    assert_eq!(s.steps(), ["cart/hour", "after-order/thanks"]);
    assert_eq!(s.times(), ["11-25 12:00", "11-26 09:00"], "twenty hours later is the next morning");
    assert!(s.reasons().contains(&Reason::GivesWay));
    let mut s = two(60, 40, "6h");
    both_due(&mut s);
    assert_eq!(s.steps(), ["after-order/thanks"], "the basket's text is stale by then");
}

#[test]
fn p05_a_text_gives_way_to_one_that_would_be_lost_behind_it() {
    // The basket's text comes two hours after the other, and lives six: behind it, it would be lost.
    let mut s = two(40, 60, "6h");
    s.order("1", SARA, "completed", &["11"]).pass("25h 50m").cart("t_1", &["11"]).number("t_1", SARA).pass("3d");
    assert_eq!(s.steps(), ["cart/hour", "after-order/thanks"]);
    // It lives long enough to go the next day: nobody waits for it.
    let mut s = two(40, 60, "48h");
    s.order("1", SARA, "completed", &["11"]).pass("25h 50m").cart("t_1", &["11"]).number("t_1", SARA).pass("3d");
    assert_eq!(s.steps(), ["after-order/thanks", "cart/hour"]);
}

#[test]
fn p05_nothing_waits_for_a_text_that_is_to_be_passed_over() {
    let file = TWO.replace("after = \"1h\"\n", "after = \"1h\"\nwhen = \"cart.total > 90000000\"\n");
    let file = file.replace("@ORDER@", "40").replace("@CART@", "60").replace("@CART_LIVES@", "6h");
    let mut s = Story::with(&file, "");
    s.order("1", SARA, "completed", &["11"]).pass("25h 50m").cart("t_1", &["11"]).number("t_1", SARA).pass("3d");
    assert_eq!((s.steps(), s.times()), (vec!["after-order/thanks".to_owned()], vec!["11-25 12:00".to_owned()]));
}

#[test]
fn p05_equals_go_in_due_order() {
    let mut s = two(50, 50, "6h");
    s.order("1", SARA, "completed", &["11"]).pass("25h 30m").cart("t_1", &["11"]).number("t_1", SARA).pass("3d");
    assert_eq!(s.steps(), ["after-order/thanks"]);
}

#[test]
fn p05_service_texts_stand_outside_caps_and_marketing_hours() {
    let file = TWO
        .replace("@ORDER@", "40")
        .replace("@CART@", "60")
        .replace("@CART_LIVES@", "6h")
        .replace("id = \"after-order\"", "id = \"after-order\"\nkind = \"service\"")
        .replace("after = \"26h\"", "after = \"36h\"");
    let mut s = Story::with(&file, "");
    s.order("1", SARA, "completed", &["11"]).pass("34h 30m").cart("t_1", &["11"]).number("t_1", SARA).pass("3d");
    assert_eq!(s.times()[0], "11-25 22:00", "{:?}", s.steps());
    assert_eq!(s.steps(), ["after-order/thanks", "cart/hour"]);
    assert_eq!(s.times()[1], "11-26 09:00", "the order's news took nothing of the day's share");
}

#[test]
fn p05_what_would_be_passed_over_is_not_waited_for() {
    let file = TWO.replace("@ORDER@", "40").replace("@CART@", "60").replace("@CART_LIVES@", "6h");
    let steps = |when: &str| {
        let file = file.replace("id = \"hour\"\n", &format!("id = \"hour\"\nwhen = \"{when}\"\n"));
        let mut s = Story::with(&file, "");
        s.order("1", SARA, "completed", &["11"]).pass("25h 30m").cart("t_1", &["11"]).number("t_1", SARA).pass("4h");
        s.steps()
    };
    assert_eq!(steps("cart.total > 100000"), ["cart/hour"]);
    assert_eq!(steps("cart.total > 900000"), ["after-order/thanks"]);
}
