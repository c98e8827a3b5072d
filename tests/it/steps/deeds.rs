//! What a step does beside its text.

use bazgasht::state::model::Reason;
use bazgasht::state::people::Standings;

use crate::world::story::{SARA, Story};

const DEEDS: &str = r#"
[[campaign]]
id = "after"
trigger = { on = "order_status", status = "completed" }
exits = ["order_taken_back"]
[[campaign.step]]
id = "handle"
after = "1h"
tell = "{{ contact.first_name }}: {{ order.number }}"
enter = "more"
tag = ["asked", "late"]
points = 30
[[campaign.step]]
id = "never"
wait = "1h"
when = "order.total < 0"
tell = "x"

[[campaign]]
id = "more"
trigger = { on = "entered_by" }
[[campaign.step]]
id = "hello"
after = "0s"
text = """
سلام
{{ link }}"""
"#;

#[test]
fn a_step_tells_the_staff_and_leads_into_another_campaign_once() {
    let mut s = Story::with(DEEDS, "");
    s.order("1", SARA, "completed", &["11"]).pass("2d");
    let words: Vec<&str> = s.world().staff_words().iter().map(|w| w.text.as_str()).collect();
    assert_eq!(words, ["سارا: 1"]);
    assert_eq!(s.steps(), ["more/hello"]);
    let entered: Vec<String> = s.world().enrolments().map(|e| e.subject.occasion()).collect();
    assert_eq!(entered, ["order:1", "moment:entered/after/1"]);
    let done = s.world().decisions().iter().filter(|d| d.reason == Reason::Done).filter_map(|d| d.detail.as_deref());
    assert_eq!(done.collect::<Vec<_>>(), ["tag asked", "tag late", "points 30", "tell", "enter more"]);
    let sara = s.world().enrolments().next().unwrap().contact;
    let tags: Vec<String> = s.world().tags_of(sara).unwrap().into_iter().map(|t| t.tag).collect();
    assert_eq!(tags, ["asked", "late"]);
    assert_eq!(s.world().points_of(sara).unwrap().iter().map(|line| line.change).sum::<i64>(), 30);
}

#[test]
fn who_is_held_out_gets_nothing_of_a_step() {
    let mut s = Story::with(&DEEDS.replace("id = \"after\"", "id = \"after\"\nholdout = 50"), "");
    for n in 0..30 {
        s.order(&n.to_string(), &format!("0912{:07}", 2_000 + n), "completed", &["11"]);
    }
    s.pass("2d");
    let held = s.world().enrolments().filter(|e| e.held_out).count();
    assert!((5..25).contains(&held), "{held}");
    assert_eq!(s.world().staff_words().len(), 30 - held);
    assert_eq!(s.steps().len(), 30 - held);
}

#[test]
fn what_is_switched_off_takes_nobody() {
    let off = DEEDS.replace("id = \"more\"", "id = \"more\"\nenabled = false");
    let mut s = Story::with(&off, "");
    s.order("1", SARA, "completed", &["11"]).pass("2d");
    assert!(s.steps().is_empty());
}

const ONCE: &str = r#"
[[campaign]]
id = "after"
trigger = { on = "order_status", status = "completed" }
exits = ["order_taken_back"]
[[campaign.step]]
id = "thanks"
after = "1h"
@WHEN@
text = """
سلام
{{ link }}"""
"#;

#[test]
fn a_text_goes_though_its_step_changes_what_it_asks_for() {
    for when in [
        "when = \"'thanked' not in contact.tags\"\ntag = \"thanked\"",
        "when = \"contact.points < 50\"\npoints = 50",
        "when = \"'new' in contact.segments\"\ntag = \"thanked\"",
    ] {
        let segment = "[segments.new]\nwho = \"'thanked' not in contact.tags\"\n";
        let mut s = Story::with(&format!("{segment}{}", ONCE.replace("@WHEN@", when)), "");
        s.order("1", SARA, "completed", &["11"]).pass("2d");
        assert_eq!(s.steps(), ["after/thanks"], "{when}");
        s.order("2", SARA, "completed", &["12"]).pass("2d");
        assert_eq!(s.steps(), ["after/thanks"], "once only: {when}");
    }
}

#[test]
fn what_a_quicker_step_behind_it_does_stops_no_text_and_what_others_do_does() {
    let file = ONCE.replace("@WHEN@", "when = \"'thanked' not in contact.tags\"");
    let quick = format!("{file}\n[[campaign.step]]\nid = \"mark\"\nafter = \"2h\"\ntag = \"thanked\"\n");
    let mut s = Story::with(&quick, "");
    s.pass("12h").order("1", SARA, "completed", &["11"]).pass("2d");
    assert_eq!(s.steps(), ["after/thanks"], "planned at night, tagged, and sent in the morning");
    // Another campaign's tag is what the owner asks for.
    let other = file.replace("id = \"after\"", "id = \"other\"").replace("text = \"\"\"\nسلام\n{{ link }}\"\"\"", "");
    let other = other
        .replace("after = \"1h\"", "after = \"2h\"")
        .replace("when = \"'thanked' not in contact.tags\"", "tag = \"thanked\"");
    let mut s = Story::with(&format!("{file}\n{other}"), "");
    s.pass("12h").order("1", SARA, "completed", &["11"]).pass("2d");
    assert_eq!(s.steps(), [""; 0]);
    assert!(s.reasons().contains(&Reason::ConditionNo));
}
