//! A question in a text: what is an answer, where it leads, and that nobody is led twice.

use std::sync::Arc;

use bazgasht::clock::Clock;
use bazgasht::receive::callbacks::Callbacks;
use bazgasht::send::gateway::{Answer, Delivery, Inbound, Receipt, Refusal};
use bazgasht::state::model::{Enrolment, EnrolmentId, EnrolmentState, Reason};
use bazgasht::state::world::World;
use proptest::prelude::*;
use serde_json::json;

use crate::kavenegar_fake::Fake;
use crate::world::house::Home;
use crate::world::second::Second;
use crate::world::story::{REZA, SARA, Story};

const SARA_E164: &str = "+989120000001";

const HAPPY: &str = r#"
[[campaign]]
id = "happy"
trigger = { on = "order_status", status = "completed" }
goal = "reply"
exits = ["order_taken_back"]

[[campaign.step]]
id = "how"
after = "24h"
text = "از خریدتان راضی بودید؟ ۱ بله، ۲ نه"
kind = "service"
ask = { for = "3 days", answers = [
  { words = ["1", "بله"], go = "thanks" },
  { words = ["2", "نه"], go = "sorry" },
  { words = ["3", "هنوز نرسیده"], go = "end" },
] }

[[campaign.step]]
id = "again"
wait = "2h"
text = "نظرتان برای ما مهم است"
kind = "service"

[[campaign.step]]
id = "thanks"
wait = "0s"
text = "سپاس {{ link }}"
kind = "service"
then = "end"

[[campaign.step]]
id = "sorry"
wait = "0s"
text = "پیگیری می‌کنیم"
kind = "service"
then = "end"

[[campaign.step]]
id = "bye"
wait = "1 day"
text = "خدانگهدار"
kind = "service"
"#;

/// The question is with Sara.
fn asked(file: &str) -> Story {
    let mut s = Story::with(file, "");
    s.order("1", SARA, "completed", &["11"]).pass("25h");
    assert_eq!(s.steps(), ["happy/how"]);
    s
}

fn reply(s: &mut Story, text: &str) {
    s.event("contact.answered", json!({"contact": {"phone": SARA}, "text": text}));
}

fn way(s: &Story) -> Enrolment {
    s.world().enrolments().next().expect("a way").clone()
}

fn answer(s: &Story) -> Option<String> {
    way(s).asked.get("how").and_then(|asked| asked.answer.clone())
}

#[test]
fn an_answer_leads_on_at_once() {
    for (text, step) in
        [("۱", "happy/thanks"), ("بله ممنون", "happy/thanks"), ("خير", "happy/sorry"), ("2.", "happy/sorry")]
    {
        let mut s = asked(HAPPY);
        reply(&mut s, text);
        s.pass("5m");
        assert_eq!(s.steps(), ["happy/how", step], "{text}");
        s.pass("9d");
        assert_eq!(s.steps(), ["happy/how", step], "{text}: nothing else comes");
        assert_eq!(way(&s).end_reason, Some(Reason::Replied), "the goal, once the thanks are said");
    }
}

#[test]
fn an_answer_may_end_the_way() {
    let mut s = asked(HAPPY);
    reply(&mut s, "هنوز نرسيده!");
    assert_eq!(answer(&s).as_deref(), Some("هنوز نرسیده"));
    s.pass("9d");
    assert_eq!(s.steps(), ["happy/how"]);
    assert_eq!(way(&s).end_reason, Some(Reason::Replied));
}

#[test]
fn without_an_answer_the_way_goes_on_when_its_time_is_over() {
    let mut s = asked(HAPPY);
    s.pass("2d");
    assert_eq!(s.steps(), ["happy/how"]);
    s.pass("9d");
    assert_eq!(s.steps(), ["happy/how", "happy/again", "happy/bye"]);
    assert_eq!(s.times(), ["11-25 10:00", "11-28 12:00", "11-29 12:00"]);
    assert_eq!(way(&s).end_reason, Some(Reason::Finished));
}

#[test]
fn a_reply_after_the_time_branches_nothing() {
    let mut s = asked(&HAPPY.replace("goal = \"reply\"", "goal = \"order\""));
    s.pass("3d");
    reply(&mut s, "1");
    s.pass("9d");
    assert_eq!(s.steps(), ["happy/how", "happy/again", "happy/bye"]);
    assert_eq!(answer(&s), None);
}

#[test]
fn a_reply_that_is_heard_of_when_the_way_has_gone_on_branches_nothing() {
    let mut s = asked(HAPPY);
    let in_time = s.now();
    s.pass("75h");
    assert_eq!(s.steps(), ["happy/how", "happy/again"]);
    s.event_at(in_time, "contact.answered", json!({"contact": {"phone": SARA}, "text": "1"})).pass("9d");
    assert_eq!(s.steps(), ["happy/how", "happy/again"], "the goal is reached, late as it is heard of");
}

#[test]
fn a_second_answer_changes_nothing() {
    let mut s = asked(HAPPY);
    reply(&mut s, "1");
    reply(&mut s, "2");
    s.pass("1h");
    reply(&mut s, "نه");
    s.pass("9d");
    assert_eq!(s.steps(), ["happy/how", "happy/thanks"]);
    assert_eq!(answer(&s).as_deref(), Some("بله"));
}

#[test]
fn words_of_their_own_are_read_by_somebody_and_an_answer_may_still_come() {
    let mut s = asked(HAPPY);
    reply(&mut s, "جعبه باز شده بود، چه کنم؟");
    s.pass("1h");
    assert_eq!((answer(&s).as_deref(), s.steps().len()), (Some("other"), 1));
    assert!(s.reasons().contains(&Reason::WroteBack));
    let told: Vec<&str> = s.world().staff_words().iter().map(|word| word.text.as_str()).collect();
    assert_eq!(told, ["سارا 09120000001: جعبه باز شده بود، چه کنم؟"]);
    reply(&mut s, "نه");
    s.pass("1h");
    assert_eq!(s.steps(), ["happy/how", "happy/sorry"]);
    assert_eq!(answer(&s).as_deref(), Some("نه"));
    assert_eq!(s.world().staff_words().len(), 1, "an answer is nothing to read");
}

#[test]
fn who_writes_on_and_on_is_told_of_three_times_tidied() {
    let mut s = Story::with(HAPPY, "");
    let contact = json!({"phone": SARA, "first_name": "win.example/x"});
    s.order("1", SARA, "completed", &["11"]).event("customer.updated", json!({"contact": contact})).pass("25h");
    for n in 0..5 {
        reply(&mut s, &format!("بسته\u{202e}\u{0}\nپاره بود {n}"));
        s.pass("1h");
    }
    let told: Vec<&str> = s.world().staff_words().iter().map(|word| word.text.as_str()).collect();
    let of = |n: u8| format!("09120000001: بسته پاره بود {n}");
    assert_eq!(told, [of(0), of(1), of(2)]);
}

#[test]
fn who_writes_too_late_is_heard_all_the_same() {
    let mut s = asked(&HAPPY.replace("id = \"again\"\nwait = \"2h\"", "id = \"again\"\nwait = \"20 days\""));
    s.pass("3d").pass("1h");
    reply(&mut s, "2");
    reply(&mut s, "نرسید");
    s.pass("1h");
    assert_eq!(s.steps(), ["happy/how"], "an answer leads nowhere any more");
    let told: Vec<&str> = s.world().staff_words().iter().map(|word| word.text.as_str()).collect();
    assert_eq!(told, ["سارا 09120000001: نرسید"]);
}

#[test]
fn words_of_their_own_may_lead_somewhere() {
    let file = HAPPY.replace("go = \"end\" },\n]", "go = \"end\" },\n], other = \"sorry\"");
    let mut s = asked(&file);
    reply(&mut s, "جعبه باز شده بود");
    s.pass("9d");
    assert_eq!(s.steps(), ["happy/how", "happy/sorry"]);
}

#[test]
fn stop_is_a_stop_whoever_passes_it_on() {
    let file = HAPPY.replace("\"2\"", "\"2\", \"پایان\"");
    for no in ["11", "۱۱", "لغو", "لغو۱۱", "STOP"] {
        let mut s = asked(&file);
        reply(&mut s, no);
        s.pass("9d");
        assert_eq!(s.steps(), ["happy/how"], "{no}");
        assert_eq!(way(&s).end_reason, Some(Reason::OptedOut));
        assert_eq!(answer(&s), None);
    }
}

#[test]
fn a_question_that_never_went_keeps_nobody_waiting() {
    let file = HAPPY
        .replace("{{ link }}", "")
        .replace("۱ بله، ۲ نه", "{{ order.number }}")
        .replace("id = \"how\"\nafter = \"24h\"", "id = \"how\"\nafter = \"24h\"\nwhen = \"order.total > 900000\"");
    let mut s = Story::with(&file, "");
    s.order("1", SARA, "completed", &["11"]).pass("27h");
    assert_eq!(s.steps(), ["happy/again"]);
}

#[test]
fn the_newest_question_is_the_one_that_is_answered() {
    let second = HAPPY.replace("id = \"happy\"", "id = \"later\"").replace("after = \"24h\"", "after = \"48h\"");
    let mut s = Story::with(&format!("{HAPPY}{second}"), "");
    s.order("1", SARA, "completed", &["11"]).order("2", REZA, "completed", &["11"]).pass("49h");
    reply(&mut s, "1");
    s.pass("1h");
    let of_sara: Vec<_> =
        s.sent.iter().filter(|m| m.to.e164() == SARA_E164).map(|m| format!("{}/{}", m.campaign, m.step)).collect();
    assert_eq!(of_sara, ["happy/how", "later/how", "later/thanks"]);
    reply(&mut s, "2");
    s.pass("1h");
    assert_eq!(
        s.sent.iter().filter(|m| m.to.e164() == SARA_E164).count(),
        3,
        "the newest is answered, and an older one is closed"
    );
}

#[test]
fn a_reply_to_a_text_without_a_question_is_a_reply() {
    let file = r#"
[[campaign]]
id = "c"
trigger = { on = "order_status", status = "completed" }
goal = "reply"
[[campaign.step]]
id = "one"
after = "24h"
text = "چطور بود؟"
kind = "service"
[[campaign.step]]
id = "two"
after = "72h"
text = "خبری نشد"
kind = "service"
"#;
    let mut s = Story::with(file, "");
    s.order("1", SARA, "completed", &["11"]).pass("25h");
    reply(&mut s, "خوب بود");
    assert_eq!(way(&s).end_reason, Some(Reason::Replied));
    s.pass("9d");
    assert_eq!(s.steps(), ["c/one"]);
}

#[test]
fn what_is_tapped_on_the_page_leads_on_like_a_reply() {
    let file = HAPPY.replace("۱ بله، ۲ نه\"", "{{ link }}\"\nlink = \"ask\"");
    let mut s = asked(&file);
    let slug = s.sent[0].slug.clone().expect("a link");
    let tap = |s: &mut Story, slug: &str, answer: &str| {
        s.event("contact.answered", json!({"link": slug, "answer": answer}));
    };
    tap(&mut s, "AAAAAAA", "نه");
    tap(&mut s, &slug, "چیز دیگر");
    assert_eq!(answer(&s), None);
    tap(&mut s, &slug, "نه");
    tap(&mut s, &slug, "بله");
    s.pass("9d");
    assert_eq!(s.steps(), ["happy/how", "happy/sorry"]);
    assert_eq!(answer(&s).as_deref(), Some("نه"));
}

async fn write_back(home: &Home, text: &str) {
    let heard = bazgasht::send::heard::Heard(home.house.parts.clone());
    let at_unix = Some(home.house.clock.now().0 / 1_000);
    let inbound = || Inbound { gateway_id: None, from: SARA.into(), to: None, text: text.to_owned(), at_unix };
    // The provider may tell of it twice.
    for _ in 0..2 {
        heard.replied("kavenegar", vec![inbound()]).await.expect("the store");
    }
    home.house.work().await.expect("the store");
}

#[tokio::test]
async fn a_reply_by_sms_is_heard_kept_and_counted() {
    let home = Home::with_second(HAPPY, Arc::new(Second::new("console"))).await;
    let order = json!({"order_id": "1", "number": "1", "status": "completed", "total": "1000", "currency": "IRT",
        "items": [{"product_id": "11", "name": "چای", "quantity": 1, "unit_price": "1000"}], "contact": {"phone": SARA}, "coupons": []});
    home.event("order.created", order).await;
    home.pass("25h").await;
    write_back(&home, "چرا می‌پرسید؟").await;
    let answers = async || {
        let (_, report) = home.house.ask("/v1/reports/summary?since=all").await.expect("an answer");
        report["campaigns"][0]["steps"][0]["answers"].clone()
    };
    assert_eq!(answers().await, json!({"other": 1}));
    write_back(&home, "۲").await;
    home.pass("1h").await;
    assert_eq!(answers().await, json!({"نه": 1}));
    let sent: Vec<String> = home.messages().await.into_iter().map(|m| m.step).collect();
    assert_eq!(sent, ["how", "sorry"]);
    let way =
        home.house.parts.writer.run(|world| world.enrolment(EnrolmentId(1))).await.expect("the store").expect("a way");
    assert_eq!(way.asked["how"].answer.as_deref(), Some("نه"));
}

#[tokio::test]
async fn a_question_that_did_not_arrive_keeps_nobody_waiting_and_takes_no_answer() {
    let delivery = |state| Answer::Accepted(Receipt { gateway_id: "7".into(), cost: None, state });
    for answer in [Answer::Refused(Refusal::Never { why: "no".into() }), delivery(Delivery::Failed)] {
        let (first, second) = (Arc::new(Second::new("kavenegar")), Arc::new(Second::new("console")));
        let home = Home::with_gateways(HAPPY, Fake::start().await, [first.clone(), second]).await;
        first.next(answer);
        let order = json!({"order_id": "1", "number": "1", "status": "completed", "total": "1000", "currency": "IRT",
            "items": [{"product_id": "11", "name": "چای", "quantity": 1, "unit_price": "1000"}], "contact": {"phone": SARA}, "coupons": []});
        home.event("order.created", order).await;
        home.pass("25h").await;
        write_back(&home, "بله").await;
        home.pass("3h").await;
        let sent: Vec<String> = home.messages().await.into_iter().map(|m| m.step).collect();
        assert_eq!(sent, ["how", "again"], "on without an answer, and without the three days");
    }
}

#[tokio::test]
async fn the_page_behind_the_link_asks_while_answers_are_taken() {
    let file = HAPPY.replace("۱ بله، ۲ نه\"", "{{ link }}\"\nlink = \"ask\"");
    let file = file.replace("ask = { for", "ask = { question = \"راضی بودید؟\", for");
    let home = Home::with_second(&file, Arc::new(Second::new("console"))).await;
    let order = json!({"order_id": "1", "number": "1", "status": "completed", "total": "1000", "currency": "IRT",
        "items": [{"product_id": "11", "name": "چای", "quantity": 1, "unit_price": "1000"}], "contact": {"phone": SARA}, "coupons": []});
    home.event("order.created", order).await;
    home.pass("25h").await;
    let slug = home.link("+989120000001").await;
    let ask = async || home.house.ask(&format!("/v1/links/{slug}?hit=0")).await.expect("an answer").1;
    let choice = |label: &str| json!({"key": label, "label": label});
    let answers = json!([choice("بله"), choice("نه"), choice("هنوز نرسیده")]);
    assert_eq!(ask().await["ask"], json!({"question": "راضی بودید؟", "answers": answers}));
    let page =
        reqwest::get(home.house.url(&format!("/s/{slug}/ask"))).await.expect("a page").text().await.expect("a text");
    assert!(page.contains("راضی بودید؟") && page.contains("value=\"هنوز نرسیده\"") && !page.contains("سارا"));
    home.event("contact.answered", json!({"link": slug, "answer": "بله"})).await;
    home.pass("1h").await;
    assert!(ask().await["ask"].is_null(), "answered");
    let sent: Vec<String> = home.messages().await.into_iter().map(|m| m.step).collect();
    assert_eq!(sent, ["how", "thanks"]);
    let page =
        reqwest::get(home.house.url(&format!("/s/{slug}/ask"))).await.expect("a page").text().await.expect("a text");
    assert!(!page.contains("<button"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever is written back, and whenever: at most one of the answers' ways is walked, none after a stop or in vain.
    #[test]
    fn nobody_is_led_two_ways(replies in prop::collection::vec(
        (0u32..100, prop::sample::select(&["1", "2", "3", "بله", "نه", "لغو۱۱", "11", "12", "سلام", "چرا؟", "👍", "1 2"][..])), 0..6)
    ) {
        let mut s = asked(HAPPY);
        let mut stopped = false;
        for (hours, text) in &replies {
            s.pass(&format!("{hours}h"));
            let before = s.sent.len();
            reply(&mut s, text);
            stopped |= matches!(*text, "لغو۱۱" | "11");
            if stopped && *text != "12" {
                prop_assert_eq!(s.sent.len(), before);
            }
        }
        s.pass("20d");
        let steps = s.steps();
        let led = steps.iter().filter(|s| matches!(s.as_str(), "happy/thanks" | "happy/sorry")).count();
        prop_assert!(led <= 1, "{:?}", steps);
        prop_assert!(led == 0 || !steps.contains(&"happy/bye".to_owned()), "{:?}", steps);
        prop_assert!(led == 0 || !steps.contains(&"happy/again".to_owned()), "{:?}", steps);
        prop_assert_eq!(way(&s).state, EnrolmentState::Ended);
    }
}
