//! Other texts, times and gifts for a share of the people; and people without any.

use std::collections::BTreeMap;

use bazgasht::state::model::{EnrolmentState, Reason};

use crate::world::story::Story;

const ARMS: &str = r#"
holdout = 0
[[campaign]]
id = "c"
holdout = @HOLD@
trigger = { on = "order_status", status = "completed" }
exits = ["order", "order_taken_back"]
again = "never"
[[campaign.step]]
id = "s"
after = "24h"
choose = "@CHOOSE@"
text = """
سلام
{{ link }}"""
[[campaign.step.arm]]
id = "b"
@B@
[[campaign.step]]
id = "t"
wait = "2 days"
text = """
سلام
{{ link }}"""
"#;

fn file(hold: u32, choose: &str, arm: &str) -> String {
    ARMS.replace("@HOLD@", &hold.to_string()).replace("@CHOOSE@", choose).replace("@B@", arm)
}

const TEXT_B: &str = "text = \"\"\"\nسلام دوباره\n{{ link }}\"\"\"";

fn phone(n: u32) -> String {
    format!("0912{:07}", 1_000 + n)
}

/// So many people whose orders are completed now.
fn people(s: &mut Story, from: u32, n: u32) {
    for i in from..from + n {
        let id = i.to_string();
        s.order(&id, &phone(i), "completed", &["11"]);
    }
}

fn arms(s: &Story) -> BTreeMap<String, usize> {
    let mut arms = BTreeMap::new();
    for message in s.world().messages().iter().filter(|m| m.step == "s") {
        *arms.entry(message.arm.clone().expect("an arm")).or_default() += 1;
    }
    arms
}

#[test]
fn each_arm_has_its_share_and_its_text() {
    let mut s = Story::with(&file(0, "split", &format!("weight = 25\n{TEXT_B}")), "");
    people(&mut s, 0, 200);
    s.pass("5d");
    let arms = arms(&s);
    assert_eq!(arms["a"] + arms["b"], 200);
    assert!((30..70).contains(&arms["b"]), "{arms:?}");
    for message in s.world().messages().iter().filter(|m| m.step == "s") {
        let other = message.text.as_deref().is_some_and(|text| text.contains("دوباره"));
        assert_eq!(message.arm.as_deref() == Some("b"), other);
    }
    assert!(s.world().messages().iter().filter(|m| m.step == "t").all(|m| m.arm.is_none()));
}

#[test]
fn an_arm_may_come_at_another_time() {
    let mut s = Story::with(&file(0, "split", "after = \"48h\""), "");
    people(&mut s, 0, 20);
    s.pass("9d");
    let due = |arm: &str| {
        let of_arm = s.world().messages().iter().filter(|m| m.arm.as_deref() == Some(arm));
        of_arm.map(|m| m.handed.expect("handed over").rfc3339()).collect::<std::collections::BTreeSet<_>>()
    };
    assert!(due("a").iter().all(|t| t.starts_with("2026-11-25")), "{:?}", due("a"));
    assert!(!due("b").is_empty() && due("b").iter().all(|t| t.starts_with("2026-11-26")), "{:?}", due("b"));
}

#[test]
fn who_is_held_out_walks_as_the_others_do_without_a_text() {
    let mut s = Story::with(&file(50, "split", TEXT_B), "");
    people(&mut s, 0, 40);
    s.pass("2d");
    let held: Vec<_> = s.world().enrolments().filter(|e| e.held_out).map(|e| e.contact).collect();
    assert!((8..32).contains(&held.len()), "{}", held.len());
    assert!(s.world().messages().iter().all(|m| !held.contains(&m.contact)));
    // One who is held out orders again, and leaves as anybody.
    let one = u32::try_from(held[0].0).unwrap() - 1;
    s.order("900", &phone(one), "processing", &["11"]).pass("9d");
    let ended = s.world().enrolments().find(|e| e.contact == held[0]).unwrap();
    assert_eq!(ended.end_reason, Some(Reason::Ordered));
    assert!(s.world().enrolments().all(|e| e.state == EnrolmentState::Ended));
    assert_eq!(s.reasons().iter().filter(|r| **r == Reason::HeldOut).count(), 2 * held.len() - 1);
    assert_eq!(s.steps().len(), 2 * (40 - held.len()));
}

#[test]
fn a_step_that_learns_goes_over_to_the_arm_that_brings_orders() {
    let mut s = Story::with(&file(0, "learn", TEXT_B), "");
    let mut next = 0;
    let mut late = BTreeMap::new();
    for day in 0..40 {
        people(&mut s, next, 10);
        next += 10;
        s.pass("24h");
        // Of those with the text b one in two orders; of the others nobody.
        let today: Vec<_> = s.world().messages().iter().filter(|m| m.step == "s").rev().take(10).cloned().collect();
        for message in &today {
            let person = u32::try_from(message.contact.0).unwrap() - 1;
            if message.arm.as_deref() == Some("b") && person.is_multiple_of(2) {
                s.order(&format!("1{person}"), &phone(person), "processing", &["11"]);
            }
            if day > 25 {
                *late.entry(message.arm.clone().unwrap()).or_insert(0) += 1;
            }
        }
    }
    assert!(late["b"] > 8 * late.get("a").copied().unwrap_or(1), "{late:?}");
}
