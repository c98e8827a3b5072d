//! 5. Nobody is written to outside the allowed hours, nor more often than the caps.

use crate::world::story::{SARA, Story};
use bazgasht::clock::Span;
use bazgasht::schedule::hours;
use bazgasht::state::model::Reason;
use chrono_tz::Asia::Tehran;

#[test]
fn p05_a_night_text_goes_in_the_morning_in_due_order() {
    let mut s = Story::new();
    s.pass("12h");
    for n in 1..=9 {
        s.pass("1m").cart(&format!("t_{n}"), &["11"]).number(&format!("t_{n}"), &format!("0912000010{n}"));
    }
    s.pass("12h");
    let to: Vec<String> = s.sent.iter().map(|m| m.to.masked()).collect();
    assert_eq!(to, ["…01", "…02", "…03", "…04", "…05", "…06", "…07", "…08", "…09"]);
    assert!(s.times().iter().all(|t| t == "11-25 09:00"), "{:?}", s.times());
    assert!(s.reasons().contains(&Reason::OutsideHours));
}

#[test]
fn p05_friday_begins_later() {
    let mut s = Story::new();
    s.pass("2d 12h").cart("t_1", &["11"]).number("t_1", SARA).pass("13h");
    assert_eq!(s.times(), ["11-27 10:00"]);
}

/// Many people, all campaigns, two months: every text inside the hours, and no person over a cap.
#[test]
fn p05_two_months_of_a_busy_shop_keep_hours_and_caps() {
    let mut s = Story::new();
    for round in 0..60_u32 {
        for person in 0..12_u32 {
            let phone = format!("091200002{person:02}");
            let key = format!("t_{person}");
            match (round * 7 + person * 5) % 11 {
                0..=4 => {
                    s.cart(&key, &["11"]).number(&key, &phone);
                }
                5 => {
                    s.order(&format!("{round}-{person}"), &phone, "completed", &["11"]);
                }
                6 => {
                    s.event("cart.cleared", serde_json::json!({"cart_key": key}));
                }
                _ => {}
            }
            s.pass("37m");
        }
        s.pass("16h 36m");
    }
    s.pass("40d");
    assert!(s.sent.len() > 60, "{}", s.sent.len());
    let rules = crate::world::story::rules(crate::world::story::SHIPPED, "");
    for m in &s.sent {
        assert!(hours::is_open(&rules.settings.hours, Tehran, m.at), "{}", m.at.rfc3339());
    }
    for person in 0..12 {
        let phone = format!("+9891200002{person:02}");
        let mine: Vec<_> = s.sent.iter().filter(|m| m.to.e164() == phone).map(|m| m.at).collect();
        for (i, t) in mine.iter().enumerate() {
            if let Some(next) = mine.get(i + 1) {
                assert!(next.since(*t) >= Span::hours(20));
            }
            assert!(mine.iter().filter(|u| **u >= *t && u.since(*t) < Span::days(7)).count() <= 3);
            assert!(mine.iter().filter(|u| **u >= *t && u.since(*t) < Span::days(30)).count() <= 6);
        }
    }
}
