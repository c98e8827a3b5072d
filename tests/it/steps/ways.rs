//! Two ways out of a condition, and jumps forward.

use bazgasht::state::model::{EnrolmentState, Reason};

use crate::world::story::{REZA, SARA, Story};

const FORK: &str = r#"
[[campaign]]
id = "c"
trigger = { on = "order_status", status = "completed" }
exits = ["order_taken_back"]

[[campaign.step]]
id = "bought-much"
after = "24h"
when = "order.total >= 900000"
otherwise = "little"

[[campaign.step]]
id = "much"
wait = "0s"
text = "سلام {{ link }}"
then = "both"

[[campaign.step]]
id = "little"
wait = "0s"
text = "سلام {{ link }}"
leave = true

[[campaign.step]]
id = "both"
wait = "2 days"
text = "سلام {{ link }}"
"#;

#[test]
fn a_condition_has_two_ways_out() {
    let fork = FORK.replace("otherwise = \"little\"\n", "otherwise = \"little\"\nthen = \"much\"\n");
    let mut s = Story::with(&fork, "");
    let order = |s: &Story, id, phone, total: &str| {
        let mut order = s.order_data(id, phone, "completed", &["11"]);
        order["total"] = total.into();
        order
    };
    let (rich, poor) = (order(&s, "1", SARA, "900000"), order(&s, "2", REZA, "899999"));
    s.event("order.created", rich).event("order.created", poor).pass("9d");
    assert_eq!(s.steps(), ["c/much", "c/little", "c/both"]);
    let over: Vec<_> = s.world().decisions().iter().filter(|d| d.reason == Reason::PassedOver).collect();
    let over: Vec<_> = over.iter().map(|d| (d.contact.0, d.step.as_deref().unwrap())).collect();
    assert_eq!(over, [(1, "little"), (2, "much"), (2, "both")]);
    assert!(s.world().enrolments().all(|e| e.state == EnrolmentState::Ended && e.end_reason == Some(Reason::Finished)));
}

#[test]
fn what_leaves_with_its_text_is_still_withdrawn_by_an_exit() {
    // The text is due at night, and waits for the morning.
    let file = FORK.replace("after = \"24h\"", "after = \"36h\"");
    let mut s = Story::with(&file, "");
    s.order("1", SARA, "completed", &["11"]).pass("37h").status("1", SARA, "refunded", &["11"]).pass("3d");
    assert!(s.steps().is_empty());
    assert!(s.reasons().contains(&Reason::TakenBack));
}

const LINE: &str = r#"
[[campaign]]
id = "c"
trigger = { on = "order_status", status = "completed" }
exits = ["order_taken_back"]
"#;

fn line(steps: &[(&str, &str)]) -> String {
    let step = |(id, rest): &(&str, &str)| {
        format!("[[campaign.step]]\nid = \"{id}\"\n{rest}\ntext = \"سلام {{{{ link }}}}\"\n")
    };
    [LINE.to_owned()].into_iter().chain(steps.iter().map(step)).collect()
}

/// The owner edits the file while people are on their way.
#[test]
fn a_step_that_is_put_before_where_somebody_stands_is_not_for_them() {
    let mut s = Story::with(&line(&[("a", "after = \"1h\""), ("c", "wait = \"9 days\"")]), "");
    s.order("1", SARA, "completed", &["11"]).pass("2h");
    let edited = [
        ("z", "after = \"0s\"\nbest_before = \"30 days\""),
        ("a", "after = \"1h\""),
        ("b", "wait = \"9 days\""),
        ("c", "wait = \"1 day\""),
    ];
    s.reload(&line(&edited)).pass("1d").order("2", REZA, "completed", &["11"]).pass("30d");
    let of = |phone: &str| -> Vec<String> {
        let theirs = s.sent.iter().filter(|sent| sent.to.national() == phone);
        theirs.map(|sent| sent.step.clone()).collect()
    };
    assert_eq!(of(SARA), ["a", "b", "c"], "what comes behind is");
    assert_eq!(of("09120000002")[0], "z");
}

#[test]
fn who_was_led_to_the_end_gets_nothing_that_is_put_behind_it() {
    let leave = ("a", "after = \"13h\"\nleave = true");
    let mut s = Story::with(&line(&[leave]), "");
    // Its text waits for the morning.
    s.order("1", SARA, "completed", &["11"]).pass("14h");
    s.reload(&line(&[leave, ("b", "wait = \"1 day\"")])).pass("20d");
    assert_eq!(s.steps(), ["c/a"]);
}
