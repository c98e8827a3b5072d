//! 3. No campaign message, ever, to a contact who opted out, as soon as that is known.

use bazgasht::clock::{At, Clock, Span};
use bazgasht::phone::Phone;
use bazgasht::state::model::{MessageState, OptOutScope};
use bazgasht::state::world::World;

use crate::world::house::Home;
use crate::world::story::{SARA, SHIPPED, Story};
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

/// Neither news of an order nor an advertisement of what they did while they wanted no texts.
#[test]
fn p03_who_comes_back_is_told_of_what_happens_from_then_on() {
    let mut s = Story::new();
    s.opt_out(SARA).order("900", SARA, "completed", &["11"]).pass("1h").cart("t_1", &["12"]).number("t_1", SARA);
    s.pass("20m").event("contact.opted_in", json!({"contact": {"phone": SARA}, "source": "link"})).pass("30d");
    assert_eq!(s.steps(), Vec::<String>::new());
    s.cart("t_1", &["12"]).pass("2h");
    assert_eq!(s.steps(), ["abandoned-cart/one-hour"], "a basket that is touched again is news");
}

#[test]
fn p03_who_comes_back_hears_of_orders_made_since() {
    let service = SHIPPED.replace("id = \"review-request\"", "id = \"review-request\"\nkind = \"service\"");
    let mut s = Story::with(&service, "");
    s.opt_out(SARA).order("900", SARA, "completed", &["11"]).pass("1h");
    s.event("contact.opted_in", json!({"contact": {"phone": SARA}, "source": "reply"})).pass("1h");
    s.order("901", SARA, "completed", &["12"]).pass("40d");
    let about: Vec<String> = s.sent.iter().map(|sent| sent.text.clone()).collect();
    assert!(!about.is_empty(), "the later order is told of");
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

/// A service campaign beside a marketing one, both about orders.
const BOTH: &str = r#"
[[campaign]]
id = "thanks"
trigger = { on = "order_status", status = "completed" }
goal = "review"
kind = "service"
[[campaign.step]]
id = "news"
after = "1h"
text = "{{ shop.name }}: order {{ order.number }} is on its way {{ link }}"

[[campaign]]
id = "more"
trigger = { on = "order_status", status = "completed" }
goal = "review"
[[campaign.step]]
id = "offer"
after = "2h"
text = "{{ shop.name }}: something new {{ link }}"
"#;

fn ordered() -> Story {
    let mut s = Story::with(BOTH, "[caps]\ngap = \"0h\"\nday = 9");
    s.order("900", SARA, "completed", &["11"]);
    s
}

#[test]
fn p03_news_of_ones_own_orders_goes_on_when_only_marketing_was_stopped() {
    let mut s = ordered();
    s.event("contact.opted_out", json!({"contact": {"phone": SARA}, "source": "link", "scope": "marketing"}));
    s.pass("1d");
    assert_eq!(s.steps(), ["thanks/news"]);
    let mut s = ordered();
    s.opt_out(SARA).pass("1d");
    assert_eq!(s.steps(), Vec::<String>::new(), "everything means everything");
}

#[test]
fn p03_a_pause_ends_by_itself_and_not_a_moment_earlier() {
    let mut s = Story::new();
    let until = s.now().plus(Span::days(30)).rfc3339();
    s.event(
        "contact.opted_out",
        json!({"contact": {"phone": SARA}, "source": "link", "scope": "marketing", "until": until}),
    );
    s.pass("29d").cart("t_1", &["11"]).number("t_1", SARA).pass("2h");
    assert_eq!(s.steps(), Vec::<String>::new());
    s.pass("2d").cart("t_2", &["12"]).number("t_2", SARA).pass("2h");
    assert_eq!(s.steps(), ["abandoned-cart/one-hour"]);
}

#[test]
fn p03_a_later_weaker_word_from_an_old_page_loosens_nothing() {
    let mut s = ordered();
    s.event("contact.opted_out", json!({"contact": {"phone": SARA}, "source": "reply"}));
    let soon = s.now().plus(Span(60_000)).rfc3339();
    for weaker in [json!({"scope": "marketing"}), json!({"scope": "marketing", "until": soon})] {
        let mut data = json!({"contact": {"phone": SARA}, "source": "link"});
        data.as_object_mut().expect("a map").extend(weaker.as_object().expect("a map").clone());
        s.pass("5m").event("contact.opted_out", data);
    }
    s.pass("1d");
    assert_eq!(s.steps(), Vec::<String>::new());
}

#[test]
fn p03_a_recorded_yes_lifts_no_opt_out() {
    let mut s = Story::new();
    s.opt_out(SARA).pass("1h");
    let yes = json!({"marketing": true, "source": "dialog", "text": "…"});
    s.event("contact.captured", json!({"cart_key": "t_1", "contact": {"phone": SARA}, "consent": yes}));
    s.cart("t_1", &["11"]).pass("10d");
    assert_eq!(s.steps(), Vec::<String>::new());
}

#[test]
fn p03_only_the_yes_that_counts_counts() {
    let counts = |words: &str| format!("[consent]\nrule = \"yes_needed\"\ncounts = [{words}]\n");
    let said = |source: &str, words: &str, bought: bool| {
        let mut s = Story::with(crate::world::story::SHIPPED, &counts(words));
        if bought {
            s.order("900", SARA, "processing", &["12"]).pass("10d");
        }
        let consent = json!({"marketing": source != "refusal", "source": source});
        s.event("contact.captured", json!({"contact": {"phone": SARA}, "consent": consent}));
        s.cart("t_1", &["11"]).number("t_1", SARA).pass("2h");
        s.steps().contains(&"abandoned-cart/one-hour".to_owned())
    };
    assert!(said("dialog", "\"dialog\"", false));
    assert!(said("checkout-box", "\"checkout\"", false), "the bridge's box");
    assert!(!said("checkout-box", "\"dialog\"", false));
    assert!(!said("elsewhere", "\"dialog\"", false));
    assert!(!said("elsewhere", "\"purchase\"", false));
    assert!(said("elsewhere", "\"purchase\"", true), "own customers");
    assert!(!said("refusal", "\"purchase\"", true), "who refused");
}

#[test]
fn p03_a_no_is_not_lifted_by_whoever_types_the_number() {
    let no = |source: &str| json!({"marketing": false, "source": source});
    for (by, no) in [("t_1", no("account")), ("t_1", no("checkout-box")), ("t_9", no("dialog"))] {
        let mut s = Story::new();
        s.event("contact.captured", json!({"cart_key": by, "contact": {"phone": SARA}, "consent": no})).pass("1h");
        s.cart("t_2", &["11"]);
        let yes = json!({"marketing": true, "source": "checkout-box"});
        s.event("contact.captured", json!({"cart_key": "t_2", "contact": {"phone": SARA}, "consent": yes})).pass("10d");
        assert_eq!(s.steps(), Vec::<String>::new(), "{no}");
    }
}

#[test]
fn p03_who_said_no_can_say_yes_again() {
    let form = |yes: bool| json!({"marketing": yes, "source": "checkout-box"});
    let said = |key: &str, consent: serde_json::Value| {
        ("contact.captured", json!({"cart_key": key, "contact": {"phone": SARA}, "consent": consent}))
    };
    let ways = [
        said("t_1", form(true)),
        said("t_2", json!({"marketing": true, "source": "checkout-box", "order_id": 901})),
        said("t_2", json!({"marketing": true, "source": "account"})),
        ("contact.opted_in", json!({"contact": {"phone": SARA}, "source": "reply"})),
    ];
    for (kind, yes) in ways {
        let mut s = Story::new();
        let (_, no) = said("t_1", form(false));
        s.event("contact.captured", no).pass("10m").event(kind, yes.clone());
        s.cart("t_3", &["11"]).number("t_3", SARA).pass("2h");
        assert_eq!(s.steps(), ["abandoned-cart/one-hour"], "{yes}");
    }
}

#[test]
fn p03_the_shops_law_holds_until_the_owners_file_says_otherwise() {
    let told = |rule: &str, settings: &str| {
        let mut s = Story::with(SHIPPED, settings);
        let shop = json!({"name": "x", "url": "https://shop.example", "currency": "IRT", "timezone": "Asia/Tehran",
            "country": "IR", "consent_rule": rule});
        s.event("shop.updated", shop).cart("t_1", &["11"]).number("t_1", SARA).pass("2h");
        s.steps().len()
    };
    assert_eq!(told("yes_needed", ""), 0, "nobody has said yes");
    assert_eq!(told("refusal_stops", ""), 1);
    assert_eq!(told("a word of later years", ""), 1);
    assert_eq!(told("yes_needed", "[consent]\nrule = \"refusal_stops\"\n"), 1);
    assert_eq!(told("refusal_stops", "[consent]\nrule = \"yes_needed\"\n"), 0);
}

/// What waits for the second step, after the first has gone out, is withdrawn as soon as the person has said no.
async fn withdrawn_by(say_no: impl AsyncFn(&Home, &str)) -> Home {
    let home = Home::new().await;
    home.abandoned("t_1", SARA).await;
    home.pass("61m").await;
    let slug = home.link("+989120000001").await;
    say_no(&home, &slug).await;
    home.pass("10d").await;
    let sent = home.states().await.iter().filter(|s| s.may_have_left()).count();
    assert_eq!(sent, 1, "{:?}", home.states().await);
    assert!(!home.states().await.contains(&MessageState::Scheduled));
    home
}

async fn reply(home: &Home, text: &str) {
    use bazgasht::receive::callbacks::Callbacks;
    let heard = bazgasht::send::heard::Heard(home.house.parts.clone());
    let at_unix = Some(home.house.clock.now().0 / 1_000);
    let inbound = bazgasht::send::gateway::Inbound {
        gateway_id: None,
        from: SARA.into(),
        to: None,
        text: text.to_owned(),
        at_unix,
    };
    heard.replied("kavenegar", vec![inbound]).await.expect("the store");
    home.house.work().await.expect("the store");
}

async fn scope_of(home: &Home) -> Option<OptOutScope> {
    let phone = Phone::from_e164("+989120000001").expect("a number");
    let found = home.house.parts.writer.run(move |world| world.opt_out(&phone)).await.expect("the store");
    found.map(|no| no.scope)
}

#[tokio::test]
async fn p03_by_reply_and_back_by_reply() {
    let home = withdrawn_by(async |home, _| reply(home, "«لغو ۱۱»").await).await;
    reply(&home, "yes").await;
    assert_eq!(scope_of(&home).await, Some(OptOutScope::Everything), "that answers another question");
    home.pass("1m").await;
    reply(&home, "۱۲").await;
    assert_eq!(scope_of(&home).await, None);
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn p03_by_a_reply_from_somebody_never_heard_of() {
    let home = Home::new().await;
    reply(&home, "STOP").await;
    assert_eq!(scope_of(&home).await, Some(OptOutScope::Everything));
    home.abandoned("t_1", SARA).await;
    home.pass("10d").await;
    assert_eq!(home.states().await, []);
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn p03_by_the_bridges_page() {
    let home = withdrawn_by(async |home, slug| {
        home.event("contact.opted_out", json!({"link": slug, "source": "link", "scope": "marketing"})).await;
        home.house.work().await.expect("the store");
    })
    .await;
    assert_eq!(scope_of(&home).await, Some(OptOutScope::Marketing));
    home.house.close().await.expect("an orderly end");
}

/// Opens the daemon's own page and presses a button on it.
async fn press(home: &Home, slug: &str, choice: &str) -> u16 {
    let url = home.house.url(&format!("/s/{slug}/stop"));
    let http = crate::world::door::client();
    let page = http.get(&url).send().await.expect("a page").text().await.expect("a text");
    let proof = page.split("name=\"proof\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a proof");
    let body = format!("proof={proof}&choice={choice}");
    let pressed = http.post(&url).header("content-type", "application/x-www-form-urlencoded").body(body);
    let status = pressed.send().await.expect("an answer").status().as_u16();
    home.house.work().await.expect("the store");
    status
}

#[tokio::test]
async fn p03_by_the_daemons_own_page_also_after_erasure() {
    let home = withdrawn_by(async |home, slug| {
        crate::world::door::client().get(home.house.url(&format!("/s/{slug}/stop"))).send().await.expect("a page");
        home.house.work().await.expect("the store");
        assert_eq!(scope_of(home).await, None, "opening it changes nothing");
        assert_eq!(press(home, slug, "all").await, 200);
        assert_eq!(press(home, slug, "all").await, 200, "a double tap");
        assert_eq!(press(home, slug, "pause").await, 200);
        assert_eq!(scope_of(home).await, Some(OptOutScope::Everything), "nothing is loosened");
    })
    .await;
    assert_eq!(press(&home, "AAAAAAA", "all").await, 200, "a link that never was");
    let slug = home.link("+989120000001").await;
    assert_eq!(press(&home, &slug, "again").await, 200);
    assert_eq!(scope_of(&home).await, None);
    home.pass("1m").await;
    assert_eq!(press(&home, &slug, "orders").await, 200);
    let phone = Phone::from_e164("+989120000001").expect("a number");
    let readers = bazgasht::store::Readers::open(&home.folder.path().join("bazgasht.db"), 1).expect("a reader");
    let now = home.house.clock.now();
    bazgasht::store::erase::erase(&home.house.parts.writer, &readers, &phone, "IR", now).await.expect("erased");
    assert_eq!(scope_of(&home).await, Some(OptOutScope::Marketing));
    assert_eq!(press(&home, &slug, "again").await, 200, "the link leads to nobody any more");
    assert_eq!(scope_of(&home).await, Some(OptOutScope::Marketing));
    home.house.close().await.expect("an orderly end");
}

#[tokio::test(start_paused = true)]
async fn p03_erasing_waits_until_every_choice_was_heard() {
    use bazgasht::ids::SeededChance;
    use bazgasht::store::{Readers, Writer, db, erase, log};

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bazgasht.db");
    let writer = Writer::start(db::open_writer(&path, &SeededChance::new(1)).expect("a database")).expect("a writer");
    let readers = Readers::open(&path, 1).expect("readers");
    let sara = Phone::from_e164("+989120000001").expect("a number");
    let said = log::Incoming {
        event_id: "e1".to_owned(),
        kind: "contact.opted_out".to_owned(),
        time: At(0),
        data: r#"{"contact": {"phone": "09120000001"}, "source": "page"}"#.to_owned(),
    };
    writer.run(move |world| log::append(world.connection(), &[said], At(0))).await.expect("the store");
    let refused =
        erase::erase(&writer, &readers, &sara, "IR", At(1)).await.expect_err("an opt-out is still to be heard");
    assert!(refused.to_string().contains("start the daemon first"), "{refused}");
    let rules = crate::world::story::rules(crate::world::story::SHIPPED, "");
    let heard = writer.run(move |world| bazgasht::send::driver::catch_up(world, &rules, At(2))).await;
    assert_eq!(heard.expect("the store"), 1);
    erase::erase(&writer, &readers, &sara, "IR", At(3)).await.expect("erased");
    let stays = writer.run(move |world| world.opt_out(&sara)).await.expect("the store");
    assert!(stays.is_some());
    writer.stop();
}
