//! `contact`: why a person got what they got, and their rights.

use bazgasht::campaign::model::Language;
use bazgasht::cli::contact::{self, EraseArgs, ExportArgs, OptOutArgs, Scope, ShowArgs, TAGGED, TagArgs, UNTAGGED};
use bazgasht::cli::tongue::Tongue;
use bazgasht::clock::{At, Span};
use bazgasht::ids::SeededChance;
use bazgasht::state::consent::{Consent, Hand};
use bazgasht::state::model::{Decision, MessageState, OptOut, OptOutScope, Reason};
use bazgasht::state::people::Standings;
use bazgasht::state::world::World;
use bazgasht::store::log;

use super::stage::{START, Sent, Stage, cart, phone, rial, toman};
use crate::world::story::at;

fn filled() -> Stage {
    let s = Stage::new();
    let t = at(START);
    let sara = s.person(45, t);
    let way = s.enter("cart", sara, cart("a"), t);
    let (first, _) = s.send(way, "first", t.plus(Span::hours(1)), &Sent { cost: Some(rial(1_900)), ..Sent::default() });
    let second = s.plan(way, "second", t.plus(Span::hours(24)));
    for (hours, message, step, reason, detail) in [
        (0, None, None, Reason::Entered, None),
        (1, Some(first), Some("first"), Reason::HandedOver, None),
        (1, Some(first), Some("first"), Reason::Delivered, None),
        (24, Some(second), Some("second"), Reason::OutsideHours, Some("until 2026-11-26T05:30:00Z")),
        (25, Some(second), Some("second"), Reason::RetryLater, Some("busy \u{1b}[31m")),
    ] {
        let decision = Decision {
            at: t.plus(Span::hours(hours)),
            contact: sara,
            enrolment: Some(way),
            message,
            campaign: Some("cart".into()),
            step: step.map(str::to_owned),
            reason,
            detail: detail.map(str::to_owned),
        };
        s.world().decide(&decision).unwrap();
    }
    s.order("900", sara, t.plus(Span::hours(30)), toman(500_000), &["11"], &[]);
    s
}

fn later() -> At {
    at(START).plus(Span::hours(26))
}

fn show(s: &Stage, typed: &str, full: bool, json: bool, language: Tongue) -> (u8, String) {
    let args = ShowArgs { number: vec![typed.into()], full, decisions: 100, json, language: Some(language) };
    let mut out = Vec::new();
    let code = contact::show(&args, &s.rules, later(), false, &mut out).unwrap();
    (code, String::from_utf8(out).unwrap())
}

#[test]
fn one_line_for_each_decision() {
    let (code, said) = show(&filled(), "۰۹۱۲ ۰۰۰ ۰۰۴۵", false, false, Tongue::En);
    assert_eq!(code, 0);
    insta::assert_snapshot!(said, @r#"
    …45  Sara Ahmadi
      known since 2026-11-24 12:00, last seen 2026-11-24 12:00
      has not opted out
      orders that stand: 1, 500,000 Toman

    carts: none

    campaigns
      2026-11-24 12:00  cart  under way

    messages
      2026-11-24 13:00  cart/first  delivered, 2 parts, 190 Toman, by console
          │ Your cart waits.
      2026-11-25 12:00  cart/second  waiting

    what was decided, and why
      2026-11-24 12:00  cart  entered the campaign
      2026-11-24 13:00  cart/first  handed over to the gateway
      2026-11-24 13:00  cart/first  delivered
      2026-11-25 12:00  cart/second  waits for the allowed hours (until 2026-11-26 09:00)
      2026-11-25 13:00  cart/second  the gateway was busy: tried again later (busy �[31m)
    "#);
}

#[test]
fn one_line_for_each_decision_in_persian() {
    insta::assert_snapshot!(show(&filled(), "+989120000045", false, false, Tongue::Fa).1, @r#"
    …45  Sara Ahmadi
      آشنا از ۱۴۰۵/۰۹/۰۳ ۱۲:۰۰، آخرین دیدار ۱۴۰۵/۰۹/۰۳ ۱۲:۰۰
      لغو نکرده است
      سفارش‌های برقرار: ۱، ۵۰۰٬۰۰۰ تومان

    سبدها: هیچ

    کمپین‌ها
      ۱۴۰۵/۰۹/۰۳ ۱۲:۰۰  cart  در جریان

    پیامک‌ها
      ۱۴۰۵/۰۹/۰۳ ۱۳:۰۰  cart/first  رسیده، ۲ بخش، ۱۹۰ تومان، با console
          │ Your cart waits.
      ۱۴۰۵/۰۹/۰۴ ۱۲:۰۰  cart/second  در انتظار

    چه تصمیمی گرفته شد و چرا
      ۱۴۰۵/۰۹/۰۳ ۱۲:۰۰  cart  وارد کمپین شد
      ۱۴۰۵/۰۹/۰۳ ۱۳:۰۰  cart/first  به درگاه داده شد
      ۱۴۰۵/۰۹/۰۳ ۱۳:۰۰  cart/first  به دستش رسید
      ۱۴۰۵/۰۹/۰۴ ۱۲:۰۰  cart/second  منتظر ساعت مجاز ارسال است (تا ۱۴۰۵/۰۹/۰۵ ۰۹:۰۰)
      ۱۴۰۵/۰۹/۰۴ ۱۳:۰۰  cart/second  درگاه شلوغ بود و بعداً دوباره فرستاده می‌شود (busy �[31m)
    "#);
}

#[test]
fn the_number_is_shown_in_full_only_when_asked() {
    let s = filled();
    for json in [false, true] {
        assert!(!show(&s, "09120000045", false, json, Tongue::En).1.contains("9120000045"));
        assert!(show(&s, "09120000045", true, json, Tongue::En).1.contains("+989120000045"));
    }
}

#[test]
fn numbers_that_are_none_and_nobodys_numbers() {
    let s = filled();
    assert_eq!(show(&s, "02188776655", false, false, Tongue::En).0, 2);
    let (code, said) = show(&s, "09120000046", false, false, Tongue::En);
    assert_eq!((code, said.as_str()), (1, "…46 is not known.\n"));
}

async fn opt_out(s: &Stage, typed: &str) -> (u8, String) {
    opt_out_of(s, typed, Scope::All, None).await
}

async fn opt_out_of(s: &Stage, typed: &str, scope: Scope, until: Option<&str>) -> (u8, String) {
    let args = OptOutArgs {
        number: vec![typed.into()],
        scope,
        until: until.map(str::to_owned),
        reason: Some("asked by phone".into()),
    };
    let mut out = Vec::new();
    let code = contact::opt_out(&args, &s.rules, later(), &SeededChance::new(9), &mut out).await.unwrap();
    (code, String::from_utf8(out).unwrap())
}

/// The daemon's connection stays open all the while.
#[tokio::test]
async fn p03_opting_out_is_obeyed_at_once_and_logged() {
    let s = filled();
    let (code, said) = opt_out(&s, "09120000045").await;
    assert_eq!(
        (code, said.as_str()),
        (0, "…45 is opted out: no campaign text is sent to it any more.\n1 planned messages were withdrawn.\n")
    );
    let world = s.world();
    assert!(world.opt_out(&phone(45)).unwrap().is_some_and(|o| o.source == "cli"));
    let sara = world.contact_by_phone(&phone(45)).unwrap().unwrap().id;
    let messages = bazgasht::store::figures::messages_of(&s.conn, sara).unwrap();
    let states: Vec<_> = messages.iter().map(|m| (m.state, m.reason)).collect();
    assert_eq!(states, [(MessageState::Delivered, None), (MessageState::Cancelled, Some(Reason::OptedOut))]);
    let counts = log::counts(&s.conn).unwrap();
    assert_eq!((counts.events, counts.pending), (1, 0));
    let event = log::after(&s.conn, 0, 1).unwrap().remove(0);
    assert_eq!(event.kind, "contact.opted_out");
    // Again: said so, and nothing else.
    assert!(opt_out(&s, "09120000045").await.1.starts_with("…45 had opted out before (2026-11-25 14:00, by cli)"));
    let mut s = s;
    s.rules.campaigns.language = Language::Persian;
    let said = opt_out_of(&s, "09120000045", Scope::Marketing, Some("2027-01-05")).await.1;
    assert!(said.contains("۱۴۰۵/۰۹/۰۴ ۱۴:۰۰"), "{said}");
}

async fn tag(s: &Stage, kind: &str, typed: &str, tags: &[&str]) -> (u8, String) {
    let args = TagArgs { number: typed.into(), tags: tags.iter().map(|tag| (*tag).to_owned()).collect() };
    let mut out = Vec::new();
    let code =
        contact::tag(&args, kind, &s.rules, later(), &SeededChance::new(kind.len() as u64), &mut out).await.unwrap();
    (code, String::from_utf8(out).unwrap())
}

#[tokio::test]
async fn tags_are_put_on_and_taken_off_by_hand_through_the_log() {
    let s = filled();
    assert_eq!(tag(&s, TAGGED, "0912 000 0045", &["vip", " عمده "]).await, (0, "…45 has vip, عمده\n".to_owned()));
    assert_eq!(tag(&s, UNTAGGED, "09120000045", &["vip", "never"]).await, (0, "…45 has عمده\n".to_owned()));
    assert_eq!(tag(&s, TAGGED, "09120000046", &["vip"]).await.0, 1, "nobody of this number");
    assert_eq!(tag(&s, TAGGED, "09120000045", &[" "]).await.0, 2);
    // Another life with this log comes to the same.
    let mut memory = bazgasht::store::MemoryWorld::default();
    let events = log::after(&s.conn, 0, 9).unwrap();
    assert_eq!(events.iter().map(|e| e.kind.as_str()).collect::<Vec<_>>(), [TAGGED, UNTAGGED]);
    for told in events {
        let fact = bazgasht::receive::event::Fact::parse(&told.kind, &told.data).unwrap();
        let event = bazgasht::receive::event::Event { id: told.event_id, at: told.at, fact };
        bazgasht::state::apply::apply(&mut memory, &event, "IR").unwrap();
    }
    let sara = memory.contact_by_phone(&phone(45)).unwrap().unwrap().id;
    let tags: Vec<_> = memory.tags_of(sara).unwrap().into_iter().map(|tagged| tagged.tag).collect();
    assert_eq!(tags, ["عمده"]);
}

/// Who repeats a no for the person is not put in their place.
#[tokio::test]
async fn p03_the_persons_own_no_stays_theirs() {
    let s = filled();
    let own =
        OptOut { at: at(START), source: "reply".into(), scope: OptOutScope::Everything, until: None, again: at(START) };
    s.world().put_opt_out(&phone(45), &own).unwrap();
    for scope in [Scope::All, Scope::Marketing] {
        let (code, said) = opt_out_of(&s, "09120000045", scope, None).await;
        assert!(code == 0 && said.starts_with("…45 had opted out before") && said.contains("by reply"), "{said}");
    }
    let stands = s.world().opt_out(&phone(45)).unwrap().unwrap();
    assert_eq!(stands, OptOut { again: later(), ..own }, "and a yes of before the last no lifts nothing");
}

#[tokio::test]
async fn p03_a_number_never_seen_can_be_opted_out() {
    let s = filled();
    assert_eq!(opt_out(&s, "0912 000 0099").await.0, 0);
    assert!(s.world().opt_out(&phone(99)).unwrap().is_some());
    assert_eq!(opt_out(&s, "nobody").await.0, 2);
}

/// A no does not wait behind events that are not applied yet, and does not skip them either.
#[tokio::test]
async fn p03_a_no_overtakes_the_log() {
    let s = filled();
    let waiting = log::Incoming {
        event_id: "e1".into(),
        kind: "cart.cleared".into(),
        time: later(),
        data: r#"{"cart_key":"a"}"#.into(),
    };
    log::append(&s.conn, &[waiting], later()).unwrap();
    assert_eq!(opt_out(&s, "09120000045").await.0, 0);
    assert!(s.world().opt_out(&phone(45)).unwrap().is_some());
    assert_eq!(log::counts(&s.conn).unwrap().pending, 2);
}

#[tokio::test]
async fn p12_erasing_asks_and_leaves_nothing_personal() {
    let s = filled();
    opt_out(&s, "09120000045").await;
    let mut args = EraseArgs { number: vec!["09120000045".into()], yes: false };
    for (answer, code) in [(None, 2), (Some(false), 1)] {
        let got =
            contact::erase(&args, &s.rules, later(), &SeededChance::new(9), &mut |_| answer, &mut Vec::new()).await;
        assert_eq!(got.unwrap(), code);
        assert!(s.world().contact_by_phone(&phone(45)).unwrap().is_some());
    }
    args.yes = true;
    let mut out = Vec::new();
    let code = contact::erase(&args, &s.rules, later(), &SeededChance::new(9), &mut |_| None, &mut out).await.unwrap();
    assert_eq!(code, 0);
    insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r#"
    …45 is erased: 1 events redacted, the texts of 2 messages, 0 carts and 1 orders without their names. Figures stay.
    The opt-out stays, as a keyed hash of the number.
    Backups made before still hold the person, and so does the shop.
    "#);
    assert!(s.world().contact_by_phone(&phone(45)).unwrap().is_none());
    assert!(s.world().opt_out(&phone(45)).unwrap().is_some(), "the opt-out outlives the person");
    let mut out = Vec::new();
    let code = contact::erase(&args, &s.rules, later(), &SeededChance::new(9), &mut |_| None, &mut out).await.unwrap();
    assert_eq!(code, 1);
}

#[tokio::test]
async fn p12_a_person_can_have_all_that_is_stored() {
    let s = filled();
    opt_out(&s, "09120000045").await;
    let export = |typed: &str| {
        let mut out = Vec::new();
        let code = contact::export(&ExportArgs { number: vec![typed.into()] }, &s.rules, &mut out).unwrap();
        (code, String::from_utf8(out).unwrap())
    };
    let (code, said) = export("09120000045");
    assert_eq!(code, 0);
    let all: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(all["contact"]["phone"], "+989120000045");
    assert_eq!(all["messages"].as_array().map(Vec::len), Some(2));
    assert_eq!(all["events"][0]["type"], "contact.opted_out");
    assert_eq!(export("09120000077").0, 1);
}

#[tokio::test]
async fn p03_how_far_and_how_long_a_no_reaches_is_shown_in_both_languages() {
    let s = filled();
    let line = |tongue| show(&s, "09120000045", false, false, tongue).1.lines().nth(2).unwrap().trim().to_owned();
    let (code, said) = opt_out_of(&s, "09120000045", Scope::Marketing, Some("1405-10-01")).await;
    assert_eq!(code, 0);
    assert!(
        said.starts_with("…45 is opted out: only news of its own orders is sent to it until 2026-12-22 00:00."),
        "{said}"
    );
    assert_eq!(
        line(Tongue::En),
        "opted out 2026-11-25 14:00 (cli): only news of their own orders is sent until 2026-12-22 00:00"
    );
    assert_eq!(
        line(Tongue::Fa),
        "لغو در ۱۴۰۵/۰۹/۰۴ ۱۴:۰۰ (cli): تا ۱۴۰۵/۱۰/۰۱ ۰۰:۰۰ فقط خبر سفارش‌های خودش فرستاده می‌شود"
    );
    let told: serde_json::Value = serde_json::from_str(&show(&s, "09120000045", false, true, Tongue::En).1).unwrap();
    assert_eq!(
        (&told["opted_out"]["scope"], &told["opted_out"]["until"]),
        (&"marketing".into(), &"2026-12-21T20:30:00Z".into())
    );
    opt_out(&s, "09120000045").await;
    let (_, weaker) = opt_out_of(&s, "09120000045", Scope::Marketing, None).await;
    assert!(weaker.starts_with("…45 had opted out before") && weaker.contains("no campaign text"), "{weaker}");
    assert_eq!(line(Tongue::En), "opted out 2026-11-25 14:00 (cli): no campaign text is sent");
    for (until, said) in [("soon", "is no day"), ("2026-11-01", "over already")] {
        let (code, why) = opt_out_of(&s, "09120000045", Scope::All, Some(until)).await;
        assert!(code == 2 && why.contains(said), "{why}");
    }
}

#[test]
fn consent_is_shown_with_its_wording() {
    let s = filled();
    let world = &mut s.world();
    let mut sara = world.contact_by_phone(&phone(45)).unwrap().unwrap();
    let consent = Consent {
        marketing: true,
        source: "dialog".into(),
        text: Some("Tell me of offers".into()),
        at: at(START),
        hand: Hand::Anybody,
    };
    sara.consent = Some(consent);
    world.put_contact(&sara).unwrap();
    let said = show(&s, "09120000045", false, false, Tongue::En).1;
    assert!(said.contains("agreed to marketing texts (dialog, 2026-11-24 12:00): «Tell me of offers»"), "{said}");
    let mut out = Vec::new();
    contact::export(&ExportArgs { number: vec!["09120000045".into()] }, &s.rules, &mut out).unwrap();
    assert!(String::from_utf8(out).unwrap().contains("Tell me of offers"));
}
