//! 12. Numbers and names are personal data: not in what the door answers, not through links.

use bazgasht::clock::At;
use bazgasht::phone::Phone;
use bazgasht::state::model::{Message, MessageId, MessageState, Reason};
use bazgasht::state::world::World;
use bazgasht::store::{SqlWorld, inbound};
use serde_json::json;

use crate::world::house::Home;
use crate::world::story::{REZA, SARA};

#[tokio::test]
async fn p12_nothing_personal_is_read_through_a_link() {
    let home = Home::new().await;
    home.abandoned("t_1", SARA).await;
    home.pass("61m").await;
    let slug = home.link("+989120000001").await;
    let (_, what) = home.house.ask(&format!("/v1/links/{slug}?hit=0")).await.expect("an answer");
    let text = what.to_string();
    assert!(!text.contains("سارا") && !text.contains("912"), "{text}");
    let unsigned = reqwest::get(home.house.url(&format!("/v1/links/{slug}?hit=0"))).await.expect("an answer");
    assert_eq!(unsigned.status(), 401);
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn p12_reasons_metrics_and_masks_hold_no_number() {
    let home = Home::new().await;
    let taken =
        home.event("contact.captured", json!({"contact": {"first_name": "سارا", "phone": ["09120000001"]}})).await;
    assert_eq!(taken.rejected.len(), 1);
    assert!(!taken.rejected[0].error.contains("912"), "{}", taken.rejected[0].error);
    home.abandoned("t_1", SARA).await;
    home.pass("61m").await;
    for page in ["/metrics", "/readyz", "/healthz"] {
        let text = reqwest::get(home.house.url(page)).await.expect("an answer").text().await.expect("a text");
        assert!(!text.contains("912000"), "{page}");
    }
    let debug = format!("{:?}", Phone::from_e164("+989120000001"));
    assert!(!debug.contains("91200"), "{debug}");
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn p12_an_erased_person_leaves_no_trace_in_the_file_and_stays_opted_out() {
    let home = Home::new().await;
    home.abandoned("t_1", SARA).await;
    home.pass("61m").await;
    home.event("contact.opted_out", json!({"contact": {"phone": SARA}, "source": "test"})).await;
    home.house.work().await.expect("the store");
    let opt_outs = |report: serde_json::Value| report["total"]["opt_outs"].clone();
    let before = opt_outs(home.house.ask("/v1/reports/summary?since=all").await.expect("an answer").1);
    assert_eq!(before, 1);
    let phone = Phone::from_e164("+989120000001").expect("a number");
    let path = home.folder.path().join("bazgasht.db");
    let number = phone.clone();
    home.house.close().await.expect("an orderly end");
    let conn = bazgasht::store::db::open_writer(&path, &bazgasht::ids::SeededChance::new(1)).expect("the database");
    let writer = bazgasht::store::Writer::start(conn).expect("a writer");
    let readers = bazgasht::store::Readers::open(&path, 1).expect("a reader");
    let now = crate::world::story::at("2026-11-25T10:00:00+03:30");
    bazgasht::store::erase::erase(&writer, &readers, &number, "IR", now).await.expect("erased");
    let kept = writer.run(move |world| world.opt_out(&phone)).await.expect("the store");
    assert!(kept.is_some());
    // What was counted stays counted, and leads to nobody.
    let whole = bazgasht::measure::figures::Period::EVER;
    let found = readers.with(|conn| bazgasht::store::figures::figures(conn, whole, now)).expect("figures");
    assert_eq!(found["abandoned-cart"].steps["one-hour"].opt_outs, 1);
    writer.stop();
    drop(readers);
    for file in std::fs::read_dir(path.parent().expect("a folder")).expect("a folder") {
        let file = file.expect("a file").path();
        let bytes = std::fs::read(&file).expect("bytes");
        for trace in ["9120000001", "سارا"] {
            let found = bytes.windows(trace.len()).any(|w| w == trace.as_bytes());
            assert!(!found, "{trace} in {}", file.display());
        }
    }
}

#[tokio::test]
async fn p12_the_words_of_texts_and_replies_are_forgotten_with_time_and_figures_stay() {
    let home = Home::new().await;
    home.abandoned("t_1", SARA).await;
    home.abandoned("t_2", REZA).await;
    home.pass("61m").await;
    let texts: Vec<String> = home.messages().await.into_iter().filter_map(|message| message.text).collect();
    assert_eq!(texts.len(), 2);
    // What no gateway took was written all the same.
    let refuse = |world: &mut SqlWorld<'_>| {
        let message = world.message(MessageId(2))?.expect("a message");
        let (state, reason) = (MessageState::Failed, Some(Reason::Refused));
        world.put_message(&Message { state, reason, handed: None, next_try: At::NEVER, ..message })
    };
    home.house.parts.writer.run(refuse).await.expect("the store");
    let secret = home.house.parts.rules().settings.secret.clone().expect("a secret");
    let tokens = bazgasht::daemon::start::tokens(&secret);
    home.fake.push_inbound_to(&home.house.url(&format!("/gateway/kavenegar/inbound/{}", tokens.inbound)));
    assert_eq!(home.fake.say("09120000003", "2000500", "کلاغ‌پر").await, 200);
    // Of somebody known it is an event, too.
    assert_eq!(home.fake.say(SARA, "2000500", "گنجشک‌پر").await, 200);
    home.pass("60d").await;
    let kept = || async {
        home.house.work().await.expect("the store");
        let read = |world: &mut SqlWorld<'_>| {
            let replied = Phone::from_e164("+989120000003").expect("a number");
            Ok(inbound::of(world.connection(), &replied)?.len())
        };
        let replies = home.house.parts.writer.run(read).await.expect("the store");
        (home.messages().await.iter().filter(|message| message.text.is_some()).count(), replies)
    };
    let all = kept().await.0;
    let figures =
        || async { home.house.ask("/v1/reports/summary?since=all").await.expect("an answer").1["total"].clone() };
    let before = figures().await;
    home.pass("339d").await;
    assert_eq!(kept().await, (all, 1));
    home.pass("20d").await;
    assert_eq!(kept().await, (0, 0));
    assert_eq!(figures().await, before);
    let path = home.folder.path().join("bazgasht.db");
    home.house.close().await.expect("an orderly end");
    let bytes = std::fs::read(path).expect("bytes");
    for trace in texts.iter().map(String::as_str).chain(["کلاغ‌پر", "گنجشک‌پر", "989120000003"]) {
        assert!(!bytes.windows(trace.len()).any(|w| w == trace.as_bytes()), "{trace}");
    }
}

#[tokio::test]
async fn p12_a_link_does_not_show_what_another_number_has_in_the_basket_now() {
    let home = Home::new().await;
    home.abandoned("t_1", SARA).await;
    home.pass("61m").await;
    let slug = home.link("+989120000001").await;
    let restored = async || {
        let (status, what) = home.house.ask(&format!("/v1/links/{slug}?hit=0")).await.expect("an answer");
        assert_eq!(status, 200);
        what["restore"]["items"].as_array().expect("items").len()
    };
    assert_eq!(restored().await, 1);
    // The number was a mistake, and is put right in the same basket.
    home.event("contact.captured", json!({"cart_key": "t_1", "contact": {"phone": crate::world::story::REZA}})).await;
    home.house.work().await.expect("the store");
    assert_eq!(restored().await, 0);
    home.house.close().await.expect("an orderly end");
}
