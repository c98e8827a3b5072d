//! 3. No campaign message, ever, to a contact who opted out, as soon as that is known.

use crate::world::story::{SARA, Story};
use bazgasht::state::model::Reason;
use serde_json::json;

#[test]
fn p03_opting_out_stops_what_was_to_come() {
    let mut s = Story::new();
    s.cart("t_1", &["11"]).number("t_1", SARA).pass("2h").opt_out("0098 912 000 0001").pass("10d");
    assert_eq!(s.steps(), ["abandoned-cart/one-hour"]);
    assert!(s.reasons().contains(&Reason::OptedOut));
}

#[test]
fn p03_it_holds_for_texts_that_wait_for_the_morning() {
    let mut s = Story::new();
    s.pass("11h").cart("t_1", &["11"]).number("t_1", SARA).pass("3h");
    assert_eq!(s.steps(), Vec::<String>::new(), "it is night");
    s.opt_out(SARA).pass("10d");
    assert_eq!(s.steps(), Vec::<String>::new());
}

#[test]
fn p03_it_holds_for_numbers_never_seen_before_and_for_every_campaign() {
    let mut s = Story::new();
    s.opt_out(SARA).cart("t_1", &["11"]).number("t_1", SARA).order("900", SARA, "completed", &["11"]).pass("60d");
    assert_eq!(s.steps(), Vec::<String>::new());
}

#[test]
fn p03_only_a_later_yes_lifts_it() {
    let mut s = Story::new();
    let before = s.now();
    s.pass("1h").opt_out(SARA);
    s.event_at(before, "contact.opted_in", json!({"contact": {"phone": SARA}, "source": "test"}));
    s.cart("t_1", &["11"]).number("t_1", SARA).pass("2h");
    assert_eq!(s.steps(), Vec::<String>::new(), "a yes from before the no");
    s.event("contact.opted_in", json!({"contact": {"phone": SARA}, "source": "test"})).cart("t_1", &["12"]).pass("2h");
    assert_eq!(s.steps(), ["abandoned-cart/one-hour"]);
}

#[test]
fn p03_a_refused_consent_is_respected_at_once() {
    let mut s = Story::new();
    s.cart("t_1", &["11"]);
    s.event(
        "contact.captured",
        json!({"cart_key": "t_1", "contact": {"phone": SARA}, "consent": {"marketing": false, "source": "dialog", "text": "…"}}),
    );
    s.pass("10d");
    assert_eq!(s.steps(), Vec::<String>::new());
}

#[test]
fn p03_where_a_yes_is_needed_silence_is_no() {
    let yes_needed = "[consent]\nrule = \"yes_needed\"\n";
    let mut s = Story::with(crate::world::story::SHIPPED, yes_needed);
    s.cart("t_1", &["11"]).number("t_1", SARA).pass("10d");
    assert_eq!(s.steps(), Vec::<String>::new());
}

#[test]
fn p03_an_earlier_no_that_comes_late_does_not_make_room_for_an_old_yes() {
    let mut s = Story::new();
    let first_no = s.now();
    s.pass("1h");
    let yes = s.now();
    s.pass("1h").opt_out(SARA);
    s.event_at(first_no, "contact.opted_out", json!({"contact": {"phone": SARA}, "source": "test"}));
    s.event_at(yes, "contact.opted_in", json!({"contact": {"phone": SARA}, "source": "test"}));
    s.cart("t_1", &["11"]).number("t_1", SARA).pass("10d");
    assert_eq!(s.steps(), Vec::<String>::new(), "the last word was no");
}

#[test]
fn p03_a_no_from_somebody_without_a_number_waits_for_the_number() {
    let mut s = Story::new();
    s.event("contact.opted_out", json!({"contact": {"user_id": "5"}, "source": "account"})).cart("t_1", &["11"]);
    s.event("contact.captured", json!({"cart_key": "t_1", "contact": {"phone": SARA, "user_id": "5"}})).pass("10d");
    assert_eq!(s.steps(), Vec::<String>::new());
}

#[test]
fn p03_a_refusal_survives_the_joining_of_account_and_number() {
    let mut s = Story::new();
    let consent = |yes: bool| json!({"marketing": yes, "source": "checkout"});
    s.event("contact.captured", json!({"contact": {"phone": SARA}, "consent": consent(true)})).pass("1h");
    // A landline: the account has no number yet.
    s.event(
        "contact.captured",
        json!({"contact": {"phone": "02188880000", "user_id": "5"}, "consent": consent(false)}),
    );
    s.cart("t_1", &["11"]);
    s.event("contact.captured", json!({"cart_key": "t_1", "contact": {"phone": SARA, "user_id": "5"}})).pass("10d");
    assert_eq!(s.steps(), Vec::<String>::new());
}
