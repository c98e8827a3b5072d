//! Melipayamak, by both of its interfaces.

use bazgasht::send::gateways::melipayamak::{Access, Melipayamak, MelipayamakOptions};

use super::shared::*;
use super::*;
use crate::melipayamak_fake::{Fake, NOW, PASSWORD, TOKEN, USER};
use crate::served::Fault;

fn rest() -> Access {
    Access::Password { username: Secret::new(USER), password: Secret::new(PASSWORD) }
}

fn console() -> Access {
    Access::Token(Secret::new(TOKEN))
}

fn by(access: Access, address: &str, patience: Patience) -> Melipayamak {
    Melipayamak::new(MelipayamakOptions {
        base: base(address),
        patience,
        ..MelipayamakOptions::new(access, "50004000")
    })
    .unwrap()
}

fn client(access: Access, fake: &Fake) -> Melipayamak {
    by(access, &fake.base(), PATIENCE)
}

fn both(fake: &Fake) -> [Melipayamak; 2] {
    [client(rest(), fake), client(console(), fake)]
}

fn invitation() -> Outgoing {
    template("12345", &[("0", "سارا"), ("1", "OFF-10")])
}

fn texts(count: i64) -> Vec<Outgoing> {
    (1..=count).map(|n| Outgoing { body: Body::Text(format!("سلام {n}")), ..text(n) }).collect()
}

#[tokio::test]
async fn a_text_and_a_template_are_handed_over() {
    for access in [rest(), console()] {
        let fake = Fake::start().await;
        let gateway = client(access, &fake);
        let first = id(&gateway.send(&text(1)).await);
        let second = id(&gateway.send(&invitation()).await);
        let sent = fake.sent();
        assert_eq!((first.as_str(), second.as_str()), (sent[0].id.as_str(), sent[1].id.as_str()));
        assert!(second.len() > 20, "ids beyond 64 bits are kept as they are");
        assert_eq!((sent[0].to.as_str(), sent[0].from.as_str()), ("09120000001", "50004000"));
        assert_eq!(sent[0].text, "سلام، سبد خریدت منتظر است");
        assert_eq!((sent[1].template.as_deref(), sent[1].text.as_str()), (Some("12345"), "سارا|OFF-10"));
    }
}

#[tokio::test]
async fn a_value_that_cannot_go_is_a_mistake_before_any_call() {
    let fake = Fake::start().await;
    for gateway in both(&fake) {
        for (name, tokens) in [
            ("back", &[("0", "x")][..]),
            ("12345", &[("0", "x"), ("2", "y")]),
            ("12345", &[("name", "x")]),
            ("12345", &[("0", "OFF;10")]),
            ("12345", &[("0", "https://shop.example/s/x")]),
            ("12345", &[("0", " ")]),
        ] {
            let said = gateway.send(&template(name, tokens)).await;
            assert_eq!(act(&said), Some(Act::Mistake), "{tokens:?}: {said:?}");
        }
        let abroad = Outgoing { to: Phone::from_e164("+12025550100").unwrap(), ..text(1) };
        assert_eq!(act(&gateway.send(&abroad).await), Some(Act::Never));
        assert!(!gateway.reaches(&abroad.to, true) && gateway.reaches(&someone(), false));
    }
    assert!(fake.server.calls().is_empty());
}

/// The provider's tables: what each code comes to for a text, and for a template; `None` where a table has it not.
fn codes() -> Vec<(i64, Option<Act>, Option<Act>)> {
    use Act::{Blocked, Later, Mistake, Never, Open, Stop};
    use StopScope::{Account, Credit, Line, Links, Template};
    let same = |act: fn() -> Act| (Some(act()), Some(act()));
    let both = |code: i64, act: fn() -> Act| {
        let (one, other) = same(act);
        (code, one, other)
    };
    let of_template = || Some(Stop(Template("12345".to_owned())));
    vec![
        (-111, None, Some(Stop(Account))),
        both(-110, || Stop(Account)),
        both(-109, || Stop(Account)),
        both(-108, || Stop(Account)),
        (-10, None, Some(Mistake)),
        (-7, None, Some(Stop(Line))),
        (-6, None, Some(Open)),
        (-5, None, of_template()),
        (-4, None, of_template()),
        (-3, None, Some(Stop(Line))),
        (-2, None, Some(Mistake)),
        (-1, None, Some(Stop(Account))),
        both(0, || Stop(Account)),
        both(2, || Stop(Credit)),
        (3, Some(Later), None),
        (4, Some(Later), None),
        (5, Some(Stop(Line)), None),
        both(6, || Later),
        both(7, || Never),
        (8, Some(Mistake), None),
        (9, Some(Stop(Line)), None),
        both(10, || Stop(Account)),
        both(11, || Never),
        both(12, || Stop(Account)),
        (14, Some(Stop(Links)), None),
        (15, Some(Mistake), None),
        both(16, || Never),
        both(17, || Never),
        both(18, || Never),
        (19, None, Some(Later)),
        both(35, || Blocked),
        // In no table: surely not taken, and nobody knows why.
        both(77, || Mistake),
        both(-99, || Mistake),
    ]
}

#[tokio::test]
async fn every_code_has_its_consequence_in_every_place_where_it_can_stand() {
    let fake = Fake::start().await;
    let [rest, console] = both(&fake);
    for (code, for_text, for_template) in codes() {
        let bodies = [
            (&rest, format!(r#"{{"Value":"{code}","RetStatus":1,"StrRetStatus":"Ok"}}"#)),
            (&rest, format!(r#"{{"value":{code},"retStatus":"1"}}"#)),
            (&rest, format!(r#"{{"Value":"","RetStatus":{code},"StrRetStatus":"InvalidData"}}"#)),
            (&console, format!(r#"{{"recId":{code},"status":""}}"#)),
            (&console, format!(r#"{{"recId":"{code}"}}"#)),
        ];
        for (gateway, body) in bodies {
            fake.server.next(wrong(200, &body));
            let said = gateway.send(&text(1)).await;
            assert_eq!(act(&said), Some(for_text.clone().unwrap_or(Act::Mistake)), "{body} for a text: {said:?}");
            fake.server.next(wrong(200, &body));
            let said = gateway.send(&invitation()).await;
            assert_eq!(
                act(&said),
                Some(for_template.clone().unwrap_or(Act::Mistake)),
                "{body} for a template: {said:?}"
            );
        }
    }
    assert!(fake.sent().is_empty());
}

#[tokio::test]
async fn what_is_neither_id_nor_code_leaves_it_open() {
    let fake = Fake::start().await;
    let [rest, console] = both(&fake);
    for (gateway, message, body) in [
        (&rest, text(1), r#"{"Value":"1","RetStatus":1}"#),
        (&rest, text(1), r#"{"Value":"sent","RetStatus":1}"#),
        (&rest, text(1), r#"{"Value":null,"RetStatus":1}"#),
        (&rest, text(1), r#"{"Value":"12.5","RetStatus":1}"#),
        (&rest, invitation(), r#"{"Value":"3741000111","RetStatus":1}"#),
        (&console, text(1), r#"{"status":"عملیات موفق"}"#),
        (&console, text(1), r#"{"status":""}"#),
        (&console, text(1), r#"{"recId":1}"#),
    ] {
        fake.server.next(wrong(200, body));
        let said = gateway.send(&message).await;
        assert!(is_open(&said), "{body}: {said:?}");
    }
}

#[tokio::test]
async fn refusals_in_words_are_understood_and_others_are_tried_again() {
    let fake = Fake::start().await;
    let gateway = client(console(), &fake);
    for (http, body, expected) in [
        (200, r#"{"recId":0,"status":"اعتبار کافی نیست"}"#, Act::Stop(StopScope::Credit)),
        (200, r#"{"recId":0,"status":"شماره در لیست سیاه است"}"#, Act::Blocked),
        (200, r#"{"recId":0,"status":"ارسال لینک مجاز نیست"}"#, Act::Stop(StopScope::Links)),
        (200, r#"{"recId":0,"status":"ارسال موفق"}"#, Act::Open),
        // Without an id nothing is sure, whatever the words.
        (200, r#"{"status":"اعتبار کافی نیست"}"#, Act::Open),
        (200, r#"{"status":"شماره در لیست سیاه است"}"#, Act::Open),
        (200, r#"{"recId":null,"status":"ارسال لینک مجاز نیست"}"#, Act::Open),
        (200, r#"{"recId":0,"status":"متن خطا"}"#, Act::Later),
        (400, r#"{"type":"x","title":"y","status":400,"errors":{"To":["z"]}}"#, Act::Mistake),
        (401, r#"{"message":"Unauthorized"}"#, Act::Stop(StopScope::Account)),
    ] {
        fake.server.next(wrong(http, body));
        let said = gateway.send(&text(1)).await;
        assert_eq!(act(&said), Some(expected), "{body}: {said:?}");
    }
    let stranger = by(Access::Token(Secret::new("wrong")), &fake.base(), PATIENCE);
    assert_eq!(act(&stranger.send(&text(1)).await), Some(Act::Stop(StopScope::Account)));
    let stranger =
        by(Access::Password { username: Secret::new(USER), password: Secret::new("wrong") }, &fake.base(), PATIENCE);
    assert_eq!(act(&stranger.send(&text(1)).await), Some(Act::Stop(StopScope::Account)));
}

#[tokio::test]
async fn lost_answers_and_strangers() {
    let fake = Fake::start().await;
    for access in [rest(), console()] {
        let gateway = |patience| by(access.clone(), &fake.base(), patience);
        for message in [text(1), invitation()] {
            lost_answers_leave_it_open(&fake.server, gateway, || fake.sent().len(), &message).await;
            strangers_never_fail_a_message(&fake.server, &gateway(PATIENCE), &message).await;
        }
        unclear_answers_are_trouble(&fake.server, &gateway(PATIENCE)).await;
    }
}

#[tokio::test]
async fn nothing_shows() {
    let fake = Fake::start().await;
    let echoes = [
        format!(r#"{{"Value":"{PASSWORD} 09120000001 سلام، سبد","RetStatus":7,"StrRetStatus":"{PASSWORD}"}}"#),
        format!(r#"{{"recId":0,"status":"{TOKEN} 09120000001 سلام، سبد"}}"#),
    ];
    for access in [rest(), console()] {
        let gateway = |address: &str, patience| by(access.clone(), address, patience);
        nothing_is_shown(&fake.server, gateway, &invitation(), &[PASSWORD, TOKEN, USER], &echoes).await;
        let options = MelipayamakOptions::new(access.clone(), "50004000");
        let shown = format!(
            "{options:?} {:?}",
            Melipayamak::new(MelipayamakOptions { base: base("http://192.0.2.1"), ..options.clone() })
        );
        assert!(!shown.contains(PASSWORD) && !shown.contains(TOKEN) && !shown.contains(USER), "{shown}");
    }
    for keyless in
        [Access::Token(Secret::new(" ")), Access::Password { username: Secret::new("u"), password: Secret::new("") }]
    {
        assert!(Melipayamak::new(MelipayamakOptions::new(keyless, "5")).is_err());
    }
}

#[tokio::test]
async fn several_go_together_by_the_console_and_keep_their_order() {
    let fake = Fake::start().await;
    let [rest, console] = both(&fake);
    assert_eq!((rest.abilities().max_batch, console.abilities().max_batch), (1, 100));
    let messages = texts(150);
    let answers = console.send_many(&messages).await;
    let ids: Vec<String> = answers.iter().map(id).collect();
    let sent = fake.sent();
    assert_eq!(ids, sent.iter().map(|sms| sms.id.clone()).collect::<Vec<_>>());
    assert_eq!(sent[149].text, "سلام 150");
    assert_eq!(fake.calls("send/multiple").len(), 2);
    assert_eq!(rest.send_many(&texts(3)).await.len(), 3);
    assert_eq!(fake.calls("SendSMS/SendSMS").len(), 3);
}

#[tokio::test]
async fn a_batch_with_mixed_outcomes() {
    let fake = Fake::start().await;
    let gateway = client(console(), &fake);
    fake.server.next(wrong(200, r#"{"recIds":[3741000111,"35",0,null,"98765432109876543210987"],"status":"x"}"#));
    let answers = gateway.send_many(&texts(5)).await;
    let acts: Vec<_> = answers.iter().map(act).collect();
    assert_eq!(acts, [None, Some(Act::Blocked), Some(Act::Never), Some(Act::Open), None]);
    assert_eq!((id(&answers[0]), id(&answers[4])), ("3741000111".to_owned(), "98765432109876543210987".to_owned()));

    // Nobody knows whose these are.
    for body in [r#"{"recIds":[3741000111],"status":""}"#, r#"{"recId":3741000111}"#] {
        fake.server.next(wrong(200, body));
        assert!(gateway.send_many(&texts(2)).await.iter().all(is_open), "{body}");
    }
    fake.server.next(Fault::LoseAnswer);
    assert!(gateway.send_many(&texts(2)).await.iter().all(is_open));
    assert_eq!(fake.calls("send/multiple").len(), 4);
}

#[tokio::test]
async fn a_batch_that_is_refused_whole_is_halved_until_the_one_at_fault_is_alone() {
    let fake = Fake::start().await;
    let gateway = client(console(), &fake);
    let complaint = r#"{"title":"x","status":400,"errors":{"text[2]":["y"]}}"#;
    // All four, the second half, and its first.
    fake.server.next(wrong(400, complaint));
    fake.server.next(wrong(200, r#"{"recIds":[3741000111,3741000112],"status":""}"#));
    fake.server.next(wrong(400, complaint));
    fake.server.next(wrong(400, complaint));
    fake.server.next(wrong(200, r#"{"recId":3741000114,"status":""}"#));
    let answers = gateway.send_many(&texts(4)).await;
    let acts: Vec<_> = answers.iter().map(act).collect();
    assert_eq!(acts, [None, None, Some(Act::Mistake), None]);

    // What concerns the account is not asked again.
    fake.server.next(wrong(200, r#"{"recId":2,"status":""}"#));
    let calls = fake.server.calls().len();
    let answers = gateway.send_many(&texts(4)).await;
    assert!(answers.iter().all(|a| act(a) == Some(Act::Stop(StopScope::Credit))), "{answers:?}");
    assert_eq!(fake.server.calls().len(), calls + 1);
}

#[tokio::test]
async fn each_state_has_its_word() {
    let states = [
        (0, Delivery::Sent),
        (1, Delivery::Delivered),
        (2, Delivery::Failed),
        (3, Delivery::Failed),
        (5, Delivery::Unknown),
        (8, Delivery::Sent),
        (16, Delivery::Failed),
        (35, Delivery::Blocked),
        (100, Delivery::Unknown),
        (200, Delivery::Sent),
        (300, Delivery::Failed),
        (400, Delivery::Queued),
        (500, Delivery::Failed),
        (-1, Delivery::Unknown),
        (77, Delivery::Unknown),
    ];
    let fake = Fake::start().await;
    let ids: Vec<String> = states.iter().map(|(code, _)| format!("98765432109876543210{}", code + 500)).collect();
    fake.books().deliveries = ids.iter().cloned().zip(states.iter().map(|(code, _)| *code)).collect();
    for gateway in both(&fake) {
        let reports = gateway.states(&ids).await.unwrap();
        let expected: Vec<Report> = ids.iter().zip(states).map(|(id, (_, state))| Report::of(id, state)).collect();
        assert_eq!(reports, expected);
    }
    let [rest, console] = both(&fake);
    fake.server.next(wrong(200, r#"{"Value":"x","RetStatus":10}"#));
    assert!(matches!(rest.states(&ids).await, Err(Trouble::Refused { code: 10, .. })));
    fake.server.next(wrong(200, r#"{"resultsAsCode":[1],"status":""}"#));
    assert!(matches!(console.states(&ids).await, Err(Trouble::Unreadable(_))));
    fake.server.next(wrong(200, r#"{"resultsAsCode":["1",null],"status":""}"#));
    assert_eq!(console.states(&ids[..2]).await.unwrap(), [Report::of(&ids[0], Delivery::Delivered)]);
}

#[tokio::test]
async fn an_open_message_is_found_among_the_sent_or_nobody_can_tell() {
    let fake = Fake::start().await;
    for gateway in both(&fake) {
        fake.server.next(Fault::LoseAnswer);
        assert!(is_open(&gateway.send(&text(1)).await));
        let known = gateway.find(&[said(1), seeking(2, "other", NOW), seeking(3, "سلام", NOW)]).await.unwrap();
        let [(1, Known::Found(report)), (2, Known::CannotTell), (3, Known::CannotTell)] = &known[..] else {
            panic!("{known:?}")
        };
        assert_eq!((report.reference, report.gateway_id.as_deref(), report.state), (Some(1), None, Delivery::Sent));
        // The same words on another day are another message.
        let Sought { text, .. } = said(1);
        let known = gateway.find(&[seeking(1, &text, NOW + 86_400)]).await.unwrap();
        assert_eq!(known, [(1, Known::CannotTell)]);
    }
}

#[tokio::test]
async fn replies_are_read_in_pages_and_nothing_is_lost_between() {
    let fake = Fake::start().await;
    for gateway in both(&fake) {
        let row = |n: u64| (n, "09120000001".to_owned(), format!("لغو {n}"));
        fake.books().inbox = (1..=250).rev().map(row).collect();
        let mut cursor: Option<String> = None;
        let mut ids = Vec::new();
        loop {
            // Asked twice, as after a crash: the same rows come again.
            let again = gateway.inbound(cursor.as_deref()).await.unwrap();
            let page = gateway.inbound(cursor.as_deref()).await.unwrap();
            assert_eq!(again.rows.len(), page.rows.len());
            ids.extend(page.rows.iter().map(|row| row.gateway_id.clone().unwrap()));
            cursor = page.cursor;
            if !page.more {
                break;
            }
        }
        assert_eq!(ids.len(), 250);
        fake.books().inbox.insert(0, row(251));
        let page = gateway.inbound(cursor.as_deref()).await.unwrap();
        assert!(!page.more);
        let newest = &page.rows[0];
        assert_eq!((newest.gateway_id.as_deref(), newest.text.as_str()), (Some("251"), "لغو 251"));
        assert_eq!(
            (newest.from.as_str(), newest.to.as_deref(), newest.at_unix),
            ("09120000001", Some("50004000"), Some(NOW))
        );
        assert!(!format!("{newest:?}").contains("0912"));
    }
}

#[tokio::test]
async fn a_row_without_an_id_keeps_one_name() {
    let fake = Fake::start().await;
    let gateway = client(console(), &fake);
    let rows = r#"{"messages":[{"body":"x","sender":"9120000001","sendDate":"2026-01-05T13:30:00"}],"status":""}"#;
    let mut names = Vec::new();
    for _ in 0..2 {
        fake.server.next(wrong(200, rows));
        names.push(gateway.inbound(None).await.unwrap().rows.remove(0).gateway_id.unwrap());
    }
    assert_eq!(names[0], names[1]);
}

#[tokio::test]
async fn the_account_is_looked_at() {
    let fake = Fake::start().await;
    let credit = Money::parse("12345.6", Currency::CREDIT).unwrap();
    for gateway in both(&fake) {
        assert_eq!(gateway.balance().await, Ok(Some(credit)));
        assert_eq!(gateway.look().await, Ok(Vec::new()));
    }
    let options = MelipayamakOptions { base: base(&fake.base()), ..MelipayamakOptions::new(rest(), "50009999") };
    assert_eq!(Melipayamak::new(options.clone()).unwrap().look().await.unwrap().len(), 1);
    // Rial have no coins: halves are rounded up.
    let in_rial = Melipayamak::new(MelipayamakOptions { credit_in: Currency::IRR, ..options }).unwrap();
    assert_eq!(in_rial.balance().await, Ok(Some(rial(12346))));
}

#[test]
fn callbacks_are_read_however_the_owner_named_their_fields() {
    let gateway = by(console(), "http://127.0.0.1:1", PATIENCE);
    let query = [("to", "50004000"), ("body", "لغو11"), ("from", "9120000001")];
    let inbound = gateway.inbound_push(&push("GET", &query, "")).unwrap().remove(0);
    assert_eq!(
        (inbound.from.as_str(), inbound.to.as_deref(), inbound.text.as_str()),
        ("9120000001", Some("50004000"), "لغو11")
    );
    for push in
        [push("GET", &[("recId", "77"), ("status", "35")], ""), push("POST", &[], r#"{"recId":"77","delivery":35}"#)]
    {
        assert_eq!(gateway.delivery_push(&push).unwrap(), [Report::of("77", Delivery::Blocked)]);
    }
    assert!(gateway.delivery_push(&push("GET", &[("status", "1")], "")).is_err());
    assert!(gateway.inbound_push(&push("GET", &[("from", "x")], "")).is_err());
}
