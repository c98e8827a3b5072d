//! When a step is due: after the trigger, after the step before, at an hour, on a day.

use crate::world::story::{SARA, Story};

fn told(steps: &str) -> Story {
    let file = format!(
        "[[campaign]]\nid = \"c\"\ntrigger = {{ on = \"order_status\", status = \"completed\" }}\nexits = [\"order_taken_back\"]\n{steps}"
    );
    let mut s = Story::with(&file, "");
    // A Tuesday, at ten.
    s.order("1", SARA, "completed", &["11"]);
    s
}

#[test]
fn a_step_waits_for_the_one_before_it() {
    let steps = r#"
[[campaign.step]]
id = "a"
after = "24h"
text = "سلام {{ link }}"
[[campaign.step]]
id = "b"
wait = "3 days"
at = "18:00"
text = "سلام {{ link }}"
[[campaign.step]]
id = "c"
wait = "1h"
on = ["thursday", "monday"]
text = "سلام {{ link }}"
"#;
    let mut s = told(steps);
    s.pass("20d");
    assert_eq!(s.steps(), ["c/a", "c/b", "c/c"]);
    assert_eq!(s.times(), ["11-25 10:00", "11-28 18:00", "11-30 09:00"], "Monday, when the hours begin");
}

#[test]
fn a_step_has_a_day_of_its_own_and_is_passed_over_when_that_is_past() {
    let steps = |day: &str| {
        format!("[[campaign.step]]\nid = \"a\"\ndate = \"{day}\"\nat = \"11:00\"\ntext = \"سلام {{{{ link }}}}\"\n")
    };
    let mut s = told(&steps("1405-09-15"));
    s.pass("20d");
    assert_eq!(s.times(), ["12-06 11:00"]);
    let mut s = told(&steps("2026-11-20"));
    s.pass("20d");
    assert!(s.steps().is_empty());
}

/// Else all whom a stop, or late news, kept from a step would get the next one on the same day.
#[test]
fn who_waits_for_a_step_that_was_too_late_waits_from_its_time() {
    let steps = r#"
[[campaign.step]]
id = "a"
after = "24h"
text = "سلام {{ link }}"
[[campaign.step]]
id = "b"
wait = "20 days"
text = "سلام {{ link }}"
"#;
    let file = format!(
        "[[campaign]]\nid = \"c\"\ntrigger = {{ on = \"order_status\", status = \"completed\" }}\nexits = [\"order_taken_back\"]\n{steps}"
    );
    let mut s = Story::with(&file, "");
    let order = s.order_data("1", SARA, "completed", &["11"]);
    let then = s.now().minus(bazgasht::clock::Span::days(10));
    s.event_at(then, "order.created", order).pass("30d");
    assert_eq!((s.steps(), s.times()), (vec!["c/b".to_owned()], vec!["12-05 10:00".to_owned()]));
}

#[test]
fn an_old_occasion_starts_nothing_though_its_last_step_only_waits() {
    let steps = r#"
[[campaign.step]]
id = "a"
after = "24h"
text = "سلام {{ link }}"
[[campaign.step]]
id = "b"
wait = "3 days"
text = "سلام {{ link }}"
"#;
    let file = format!(
        "[[campaign]]\nid = \"c\"\ntrigger = {{ on = \"order_status\", status = \"completed\" }}\nexits = [\"order_taken_back\"]\n{steps}"
    );
    let mut s = Story::with(&file, "");
    let order = s.order_data("1", SARA, "completed", &["11"]);
    let then = s.now().minus(bazgasht::clock::Span::days(30));
    s.event_at(then, "order.created", order).pass("9d");
    assert!(s.steps().is_empty() && s.world().enrolments().count() == 0);
}
