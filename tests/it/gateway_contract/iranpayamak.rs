//! IranPayamak, which FarazSMS's panels use.

use bazgasht::send::gateways::iranpayamak::{IranPayamak, IranPayamakOptions};
use serde_json::json;

use super::shared::*;
use super::*;
use crate::iranpayamak_fake::{Fake, KEY, NOW, refused};
use crate::served::Fault;

fn by(address: &str, patience: Patience) -> IranPayamak {
    let options = IranPayamakOptions::new(Secret::new(KEY), "3000505");
    IranPayamak::new(IranPayamakOptions { base: base(address), patience, ..options }).unwrap()
}

fn client(fake: &Fake) -> IranPayamak {
    by(&fake.base(), PATIENCE)
}

fn pattern() -> Outgoing {
    template("abc123", &[("name", "مانتو کتان آبی تیره تابستانی"), ("link", "https://shop.example/s/3JcKdsX")])
}

#[tokio::test]
async fn a_text_and_a_pattern_are_handed_over() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    let ids = [id(&gateway.send(&text(1)).await), id(&gateway.send(&pattern()).await)];
    let sent = fake.sent();
    assert_eq!(ids, [sent[0].id.to_string(), sent[1].id.to_string()]);
    assert_eq!((sent[0].to.as_str(), sent[0].from.as_str()), ("09120000001", "3000505"));
    assert_eq!(sent[0].text, "سلام، سبد خریدت منتظر است");
    // Longer values would wait for a person while the answer says success.
    let values = json!({"name": "مانتو کتان آبی تیره", "link": "https://shop.example/s/3JcKdsX"});
    assert_eq!(sent[1].pattern, Some(("abc123".to_owned(), values)));
}

#[tokio::test]
async fn what_cannot_go_is_not_tried() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    assert_eq!(act(&gateway.send(&template("abc123", &[("name", " ")])).await), Some(Act::Mistake));
    let short = IranPayamakOptions {
        base: base(&fake.base()),
        token_length: Some(20),
        ..IranPayamakOptions::new(Secret::new(KEY), "3000505")
    };
    assert_eq!(
        act(&IranPayamak::new(short).unwrap().send(&pattern()).await),
        Some(Act::Mistake),
        "a link is never cut"
    );
    let abroad = Outgoing { to: Phone::from_e164("+12025550100").unwrap(), ..text(1) };
    assert_eq!(act(&gateway.send(&abroad).await), Some(Act::Never));
    assert!(!gateway.reaches(&abroad.to, true) && gateway.reaches(&someone(), true));
    assert!(fake.server.calls().is_empty());
}

#[tokio::test]
async fn each_refusal_has_its_consequence() {
    use Act::{Later, Mistake, Never, Open, Stop};
    use StopScope::{Account, Credit, Line, Template};
    let of_template = || Stop(Template("abc123".to_owned()));
    let fake = Fake::start().await;
    let gateway = client(&fake);
    for ((http, body), for_text, for_template) in [
        (refused(401, json!("x")), Stop(Account), Stop(Account)),
        (refused(403, json!(["x"])), Stop(Account), Stop(Account)),
        (refused(402, json!(null)), Stop(Credit), Stop(Credit)),
        (refused(404, json!("x")), Stop(Account), of_template()),
        (refused(429, json!("x")), Later, Later),
        (refused(422, json!({"recipient": ["x"]})), Never, Never),
        (refused(422, json!({"recipients.0": ["x"]})), Never, Never),
        (refused(422, json!({"text": ["x"]})), Never, Never),
        (refused(422, json!({"line_number": ["x"]})), Stop(Line), Stop(Line)),
        (refused(422, json!({"code": ["x"]})), Mistake, of_template()),
        (refused(422, json!({"attributes.name": ["x"]})), Mistake, Mistake),
        (refused(422, json!({"number_format": ["x"]})), Mistake, Mistake),
        (refused(422, json!({"schedule": ["x"]})), Mistake, Mistake),
        (refused(400, json!("x")), Later, Later),
        (refused(400, json!("موجودی کافی نیست")), Stop(Credit), Stop(Credit)),
        (refused(200, json!(["اعتبار کافی نیست"])), Stop(Credit), Stop(Credit)),
        (refused(200, json!({"recipient": ["x"]})), Never, Never),
        (refused(500, json!("x")), Open, Open),
        ((422, r#"{"message":"x","errors":{"recipient":["x"]}}"#.to_owned()), Never, Never),
        ((400, r#"{"status":"error","message":"پترن یافت نشد"}"#.to_owned()), Mistake, of_template()),
        ((201, r#"{"status":"success","data":null}"#.to_owned()), Open, Open),
        ((201, r#"{"status":"success","data":0}"#.to_owned()), Open, Open),
        ((201, r#"{"status":"success","data":{"x":1}}"#.to_owned()), Open, Open),
    ] {
        for (message, expected) in [(text(1), for_text), (pattern(), for_template)] {
            fake.server.next(wrong(http, &body));
            let said = gateway.send(&message).await;
            assert_eq!(act(&said), Some(expected), "HTTP {http} {body}: {said:?}");
        }
    }
    assert!(fake.sent().is_empty());
    let stranger =
        IranPayamakOptions { base: base(&fake.base()), ..IranPayamakOptions::new(Secret::new("wrong"), "3") };
    assert_eq!(act(&IranPayamak::new(stranger).unwrap().send(&text(1)).await), Some(Stop(Account)));
}

#[tokio::test]
async fn ids_are_kept_as_they_come() {
    let fake = Fake::start().await;
    for (body, expected) in [
        (r#"{"status":"success","data":"8800123"}"#, "8800123"),
        (r#"{"Status":"Success","data":98765432109876543210987}"#, "98765432109876543210987"),
        (r#"{"status":"success","data":{"id":8800123}}"#, "8800123"),
        (r#"{"status":"success","data":{"sendRequest":{"id":"8800123"}}}"#, "8800123"),
    ] {
        fake.server.next(wrong(201, body));
        assert_eq!(id(&client(&fake).send(&text(1)).await), expected);
    }
}

#[tokio::test]
async fn lost_answers_and_strangers() {
    let fake = Fake::start().await;
    let gateway = |patience| by(&fake.base(), patience);
    for message in [text(1), pattern()] {
        lost_answers_leave_it_open(&fake.server, gateway, || fake.sent().len(), &message).await;
        strangers_never_fail_a_message(&fake.server, &gateway(PATIENCE), &message).await;
    }
    unclear_answers_are_trouble(&fake.server, &gateway(PATIENCE)).await;
}

#[tokio::test]
async fn nothing_shows() {
    let fake = Fake::start().await;
    let words = format!("{KEY} 09120000001 سلام، سبد");
    let echoes = [
        refused(200, json!(words)).1,
        refused(200, json!({ words.clone(): [words] })).1,
        json!({"status": "success", "data": words}).to_string(),
    ];
    let gateway = |address: &str, patience| by(address, patience);
    nothing_is_shown(&fake.server, gateway, &pattern(), &[KEY], &echoes).await;
    let options = IranPayamakOptions::new(Secret::new(KEY), "3000505");
    assert!(!format!("{options:?}").contains(KEY));
    assert!(IranPayamak::new(IranPayamakOptions { base: base("http://192.0.2.1"), ..options.clone() }).is_err());
    assert!(IranPayamak::new(IranPayamakOptions { key: Secret::new(" "), ..options }).is_err());
}

#[tokio::test]
async fn each_state_has_its_word() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    let sms = id(&gateway.send(&text(1)).await);
    let ids = [sms.clone(), "404".to_owned()];
    for (state, expected, stops) in [
        ("init", Delivery::Queued, false),
        ("pending-approval", Delivery::Queued, false),
        ("in-queue", Delivery::Queued, false),
        ("insufficient-balance", Delivery::Failed, true),
        ("cancelled", Delivery::Failed, false),
        ("rejected", Delivery::Failed, false),
        ("else", Delivery::Unknown, false),
    ] {
        fake.books().sent[0].state = state.to_owned();
        let reports = gateway.states(&ids).await.unwrap();
        assert_eq!(reports.len(), 1, "an id that is not known is left out");
        assert_eq!((reports[0].state, reports[0].stop.is_some()), (expected, stops), "{state}");
        assert_eq!(reports[0].gateway_id.as_ref(), Some(&sms));
    }
    fake.books().sent[0].state = "sent".to_owned();
    for (status, expected) in [
        ("not-started", Delivery::Queued),
        ("in-queue", Delivery::Queued),
        ("sent", Delivery::Sent),
        ("delivered", Delivery::Delivered),
        ("send-failure", Delivery::Failed),
        ("delivery-failure", Delivery::Failed),
        ("system-error", Delivery::Failed),
        ("delivery-undetermined", Delivery::Unknown),
        ("blacklist", Delivery::Blocked),
        ("SEND_FAILURE", Delivery::Failed),
    ] {
        fake.books().sent[0].item = status.to_owned();
        assert_eq!(gateway.states(&ids).await.unwrap()[0].state, expected, "{status}");
    }
}

#[tokio::test]
async fn an_open_message_is_found_among_the_requests_or_nobody_can_tell() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    gateway.send(&Outgoing { to: Phone::from_e164("+989120000002").unwrap(), ..text(9) }).await;
    fake.server.next(Fault::LoseAnswer);
    assert!(is_open(&gateway.send(&text(1)).await));
    let known = gateway.find(&[said(1), seeking(2, "other", NOW)]).await.unwrap();
    let [(1, Known::Found(report)), (2, Known::CannotTell)] = &known[..] else { panic!("{known:?}") };
    assert_eq!((report.reference, report.gateway_id.clone()), (Some(1), Some(fake.sent()[1].id.to_string())));
    let Sought { text, .. } = said(1);
    assert_eq!(gateway.find(&[seeking(1, &text, NOW + 86_400)]).await.unwrap(), [(1, Known::CannotTell)]);
}

#[tokio::test]
async fn replies_are_read_whichever_end_the_list_begins_at() {
    for newest_first in [true, false] {
        let fake = Fake::start().await;
        let gateway = client(&fake);
        let row = |n: u64| (n, "09120000001".to_owned(), format!("لغو {n}"));
        let list = |count: u64| -> Vec<_> {
            if newest_first { (1..=count).rev().map(row).collect() } else { (1..=count).map(row).collect() }
        };
        let mut cursor: Option<String> = None;
        let mut seen = std::collections::BTreeSet::new();
        for count in [120, 121, 240] {
            fake.books().inbox = list(count);
            loop {
                let page = gateway.inbound(cursor.as_deref()).await.unwrap();
                seen.extend(page.rows.into_iter().map(|row| row.gateway_id.unwrap()));
                cursor = page.cursor;
                if !page.more {
                    break;
                }
            }
            assert_eq!(seen.len() as u64, count, "newest first: {newest_first}");
        }
    }
    let fake = Fake::start().await;
    fake.books().inbox = vec![(1, "09120000001".to_owned(), "لغو۱۱".to_owned())];
    let row = client(&fake).inbound(None).await.unwrap().rows.remove(0);
    assert_eq!((row.from.as_str(), row.to.as_deref(), row.text.as_str()), ("09120000001", Some("3000505"), "لغو۱۱"));
    assert_eq!(row.at_unix, Some(NOW));
}

#[tokio::test]
async fn the_account_is_looked_at() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    assert_eq!(gateway.balance().await, Ok(Some(rial(123_457))));
    fake.server.next(wrong(200, r#"{"status":"success","data":{"balanceAmount":500,"balanceCount":1}}"#));
    assert_eq!(gateway.balance().await, Ok(Some(rial(500))));
    assert_eq!(gateway.look().await, Ok(Vec::new()));
    let other = IranPayamakOptions { base: base(&fake.base()), ..IranPayamakOptions::new(Secret::new(KEY), "999") };
    assert_eq!(IranPayamak::new(other).unwrap().look().await.unwrap().len(), 1);
}

#[test]
fn callbacks_are_read_loosely() {
    let gateway = by("http://127.0.0.1:1", PATIENCE);
    for (status, expected) in
        [("delivered", Delivery::Delivered), ("rejected", Delivery::Failed), ("x", Delivery::Unknown)]
    {
        let delivery = push("GET", &[("send_request_id", "8800123"), ("status", status)], "");
        assert_eq!(gateway.delivery_push(&delivery).unwrap(), [Report::of("8800123", expected)]);
    }
    let reply = push("POST", &[], r#"{"id":7,"from":"09120000001","to":"3000505","text":"x"}"#);
    let inbound = gateway.inbound_push(&reply).unwrap().remove(0);
    assert_eq!((inbound.gateway_id.as_deref(), inbound.text.as_str()), (Some("7"), "x"));
    assert!(gateway.delivery_push(&push("GET", &[], "")).is_err());
}
