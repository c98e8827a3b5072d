//! IPPanel's Edge.

use bazgasht::send::gateways::ippanel::{Ippanel, IppanelOptions};
use serde_json::json;

use super::shared::*;
use super::*;
use crate::ippanel_fake::{Fake, KEY, NOW, refused};
use crate::served::Fault;

fn by(address: &str, patience: Patience) -> Ippanel {
    let options = IppanelOptions::new(Secret::new(KEY), "3000505");
    Ippanel::new(IppanelOptions { base: base(address), patience, ..options }).unwrap()
}

fn client(fake: &Fake) -> Ippanel {
    by(&fake.base(), PATIENCE)
}

fn pattern() -> Outgoing {
    template("abc123", &[("name", "سارا"), ("%link%", "https://shop.example/s/3JcKdsX")])
}

#[tokio::test]
async fn a_text_and_a_pattern_are_handed_over_with_country_codes() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    let ids = [id(&gateway.send(&text(1)).await), id(&gateway.send(&pattern()).await)];
    let sent = fake.sent();
    assert_eq!(ids, [sent[0].id.to_string(), sent[1].id.to_string()]);
    assert_eq!((sent[0].to.as_str(), sent[0].from.as_str()), ("+989120000001", "+983000505"));
    assert_eq!(sent[0].text, "سلام، سبد خریدت منتظر است");
    let values = json!({"name": "سارا", "link": "https://shop.example/s/3JcKdsX"});
    assert_eq!(sent[1].pattern, Some(("abc123".to_owned(), values)));
    assert_eq!(fake.calls("/api/send")[0].headers["authorization"], KEY);
}

#[tokio::test]
async fn what_cannot_go_is_not_tried() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    assert_eq!(act(&gateway.send(&template("abc123", &[("name", " ")])).await), Some(Act::Mistake));
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
        (refused(401, "400-1", "x", &[]), Stop(Account), Stop(Account)),
        (refused(403, "400-1", "x", &[]), Stop(Account), Stop(Account)),
        (refused(402, "400-1", "x", &[]), Stop(Credit), Stop(Credit)),
        (refused(404, "400-1", "x", &[]), Stop(Account), of_template()),
        (refused(429, "429-1", "x", &[]), Later, Later),
        (refused(422, "400-2", "x", &["params.recipients"]), Never, Never),
        (refused(422, "400-2", "x", &["params.recipients.0"]), Never, Never),
        (refused(422, "400-2", "x", &["recipients"]), Never, Never),
        (refused(422, "400-2", "x", &["message"]), Never, Never),
        (refused(422, "400-2", "x", &["from_number"]), Stop(Line), Stop(Line)),
        (refused(422, "400-2", "x", &["code"]), Mistake, of_template()),
        (refused(422, "400-2", "x", &["params"]), Mistake, Mistake),
        (refused(422, "400-2", "x", &["params.name"]), Mistake, Mistake),
        // Values of a pattern that are called like fields.
        (refused(422, "400-2", "x", &["params.code"]), Mistake, Mistake),
        (refused(422, "400-2", "x", &["params.message"]), Mistake, Mistake),
        (refused(422, "400-2", "x", &["params.from_number.0"]), Mistake, Mistake),
        (refused(422, "400-2", "x", &["sending_type"]), Mistake, Mistake),
        (refused(400, "400-31", "x", &[]), Later, Later),
        (refused(200, "400-2", "اعتبار کافی نیست", &[]), Stop(Credit), Stop(Credit)),
        (refused(200, "400-2", "x", &["recipients"]), Never, Never),
        (refused(500, "500-1", "x", &[]), Open, Open),
        // The map of fields in the place of the text.
        (
            (
                422,
                r#"{"data":null,"meta":{"status":false,"message":{"params.recipients":["x"]},"message_code":"400-2"}}"#
                    .to_owned(),
            ),
            Never,
            Never,
        ),
        ((200, r#"{"data":{"message_outbox_ids":[]},"meta":{"status":true}}"#.to_owned()), Open, Open),
        ((200, r#"{"data":{"message_outbox_ids":[0]},"meta":{"status":true}}"#.to_owned()), Open, Open),
        ((200, r#"{"data":{"message_outbox_ids":[7]},"meta":{}}"#.to_owned()), Open, Open),
    ] {
        for (message, expected) in [(text(1), for_text), (pattern(), for_template)] {
            fake.server.next(wrong(http, &body));
            let said = gateway.send(&message).await;
            assert_eq!(act(&said), Some(expected), "HTTP {http} {body}: {said:?}");
        }
    }
    assert!(fake.sent().is_empty());
    let stranger = IppanelOptions { base: base(&fake.base()), ..IppanelOptions::new(Secret::new("wrong"), "3000505") };
    assert_eq!(act(&Ippanel::new(stranger).unwrap().send(&text(1)).await), Some(Stop(Account)));
}

#[tokio::test]
async fn codes_of_the_older_service_are_understood() {
    use Act::{Later, Mistake, Never, Open, Stop};
    use StopScope::{Account, Credit, Line, Template};
    let fake = Fake::start().await;
    let gateway = client(&fake);
    let of_template = || Stop(Template("abc123".to_owned()));
    let table: Vec<(&[i64], Act)> = vec![
        (&[1, 10002], Never),
        (&[2, 10003, 10010], Stop(Account)),
        (&[3, 10004, 12404, 10023], Stop(Line)),
        (&[4, 10005], Mistake),
        (&[5, 10001, 10006], Stop(Credit)),
        (&[7, 10007, 10008], Stop(Line)),
        (&[9, 992, 10019], Later),
        (&[98, 10009], Mistake),
        (&[99], Later),
        (&[10011], Stop(Account)),
        (&[404, 971, 10014, 13007, 996, 10016, 13005, 997, 13006], of_template()),
        (&[970, 10015, 13010, 13012, 13011], Mistake),
        (&[972, 10017, 13008], Never),
        (&[994, 995, 998, 10021, 13001, 13002], Stop(Account)),
        (&[962, 963, 1401, 1402, 1403], Stop(Account)),
        (&[1006], Mistake),
        (&[10022], Open),
        (&[422], Mistake),
    ];
    for (codes, expected) in table {
        for code in codes {
            let (http, body) = refused(422, "400-2", &code.to_string(), &[]);
            fake.server.next(wrong(http, &body));
            let said = gateway.send(&pattern()).await;
            assert_eq!(act(&said).as_ref(), Some(&expected), "{code}: {said:?}");
        }
    }
}

#[tokio::test]
async fn ids_are_kept_as_they_come() {
    let fake = Fake::start().await;
    for (body, expected) in [
        (r#"{"data":{"message_outbox_ids":["1123000001"]},"meta":{"status":"true"}}"#, "1123000001"),
        (
            r#"{"Data":{"messageOutboxIds":[98765432109876543210987]},"Meta":{"Status":true}}"#,
            "98765432109876543210987",
        ),
    ] {
        fake.server.next(wrong(200, body));
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
        refused(200, &words, &words, &[&words]).1,
        refused(200, &words, &words, &[]).1,
        json!({"data": words, "meta": {"status": true}}).to_string(),
    ];
    let gateway = |address: &str, patience| by(address, patience);
    nothing_is_shown(&fake.server, gateway, &pattern(), &[KEY], &echoes).await;
    let options = IppanelOptions::new(Secret::new(KEY), "3000505");
    assert!(!format!("{options:?}").contains(KEY));
    assert!(Ippanel::new(IppanelOptions { base: base("http://192.0.2.1"), ..options.clone() }).is_err());
    assert!(Ippanel::new(IppanelOptions { key: Secret::new(" "), ..options }).is_err());
}

#[tokio::test]
async fn several_go_one_by_one_and_stop_where_the_account_is_refused() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    assert_eq!(gateway.abilities().max_batch, 1);
    assert_eq!(gateway.send_many(&[text(1), text(2), text(3)]).await.iter().map(id).count(), 3);
    let (http, body) = refused(401, "400-1", "x", &[]);
    fake.server.next(wrong(http, &body));
    let answers = gateway.send_many(&[text(4), text(5)]).await;
    assert!(answers.iter().all(|a| act(a) == Some(Act::Stop(StopScope::Account))));
    assert_eq!(fake.calls("/api/send").len(), 4);
}

#[tokio::test]
async fn each_state_has_its_word() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    let sms = id(&gateway.send(&text(1)).await);
    let ids = [sms.clone(), "404".to_owned()];
    for (state, expected, stops) in [
        (0, Delivery::Queued, false),
        (1, Delivery::Queued, false),
        (2, Delivery::Queued, false),
        (3, Delivery::Failed, false),
        (4, Delivery::Failed, false),
        (5, Delivery::Queued, false),
        (7, Delivery::Failed, false),
        (8, Delivery::Failed, true),
        (9, Delivery::Failed, false),
        (77, Delivery::Unknown, false),
    ] {
        fake.books().sent[0].state = state;
        let reports = gateway.states(&ids).await.unwrap();
        assert_eq!(reports.len(), 1, "an id that is not known is left out");
        assert_eq!((reports[0].state, reports[0].stop.is_some()), (expected, stops), "{state}");
        assert_eq!((reports[0].gateway_id.as_ref(), reports[0].cost), (Some(&sms), Some(rial(2370))));
    }
    fake.books().sent[0].state = 6;
    for (status, expected) in [
        (0, Delivery::Sent),
        (1, Delivery::Sent),
        (2, Delivery::Delivered),
        (3, Delivery::Failed),
        (4, Delivery::Blocked),
        (77, Delivery::Unknown),
    ] {
        fake.books().sent[0].status = status;
        let reports = gateway.states(&ids).await.unwrap();
        assert_eq!((reports[0].state, reports[0].refunded), (expected, false), "{status}");
    }
    fake.books().sent[0].refund = 2370;
    assert!(gateway.states(&ids).await.unwrap()[0].refunded);
}

#[tokio::test]
async fn an_open_message_is_found_among_the_sent_or_nobody_can_tell() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    gateway.send(&Outgoing { to: Phone::from_e164("+989120000002").unwrap(), ..text(9) }).await;
    fake.server.next(Fault::LoseAnswer);
    assert!(is_open(&gateway.send(&text(1)).await));
    gateway.send(&Outgoing { to: Phone::from_e164("+989120000003").unwrap(), ..text(10) }).await;
    let known = gateway.find(&[said(1), seeking(2, "other", NOW)]).await.unwrap();
    let [(1, Known::Found(report)), (2, Known::CannotTell)] = &known[..] else { panic!("{known:?}") };
    assert_eq!((report.reference, report.gateway_id.clone()), (Some(1), Some(fake.sent()[1].id.to_string())));
    let Sought { text, .. } = said(1);
    assert_eq!(gateway.find(&[seeking(1, &text, NOW + 86_400)]).await.unwrap(), [(1, Known::CannotTell)]);
}

#[tokio::test]
async fn replies_are_read_from_the_last_known_on() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    let row = |n: u64| (n, "+989120000001".to_owned(), format!("لغو {n}"));
    fake.books().inbox = (1..=250).rev().map(row).collect();
    let mut cursor: Option<String> = None;
    let mut ids = Vec::new();
    loop {
        let again = gateway.inbound(cursor.as_deref()).await.unwrap();
        let page = gateway.inbound(cursor.as_deref()).await.unwrap();
        assert_eq!(again.rows.len(), page.rows.len());
        ids.extend(page.rows.into_iter().map(|row| row.gateway_id.unwrap()));
        cursor = page.cursor;
        if !page.more {
            break;
        }
    }
    assert_eq!(ids.len(), 250);
    fake.books().inbox.insert(0, row(251));
    let page = gateway.inbound(cursor.as_deref()).await.unwrap();
    assert_eq!((page.rows.len(), page.more), (2, false), "the last known one and the new one");
    let newest = &page.rows[0];
    assert_eq!(
        (newest.gateway_id.as_deref(), newest.text.as_str(), newest.at_unix),
        (Some("251"), "لغو 251", Some(NOW))
    );
    assert_eq!((newest.from.as_str(), newest.to.as_deref()), ("+989120000001", Some("+983000505")));
}

#[tokio::test]
async fn the_account_is_looked_at() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    // Rial have no coins: halves are rounded up.
    assert_eq!(gateway.balance().await, Ok(Some(rial(123_457))));
    assert_eq!(gateway.look().await, Ok(Vec::new()));
    (fake.books().blocked, fake.books().is_66_char) = (true, true);
    let warnings = gateway.look().await.unwrap();
    assert!(warnings.len() == 2 && warnings[1].contains("66"), "{warnings:?}");
    let other = IppanelOptions { base: base(&fake.base()), ..IppanelOptions::new(Secret::new(KEY), "+98999") };
    assert!(Ippanel::new(other).unwrap().look().await.unwrap()[1].contains("not among"));
    let (http, body) = refused(401, "400-1", "x", &[]);
    fake.server.next(wrong(http, &body));
    assert!(matches!(gateway.balance().await, Err(Trouble::Refused { code: 401, .. })));
}

#[test]
fn callbacks_are_read_loosely() {
    let gateway = by("http://127.0.0.1:1", PATIENCE);
    let delivery = push("POST", &[], r#"{"message_outbox_id":1123000001,"message_status":"4"}"#);
    assert_eq!(gateway.delivery_push(&delivery).unwrap(), [Report::of("1123000001", Delivery::Blocked)]);
    let reply = push("POST", &[], "from=%2B989120000001&number=%2B983000505&message=x&messages_inbox_id=7");
    let inbound = gateway.inbound_push(&reply).unwrap().remove(0);
    assert_eq!(
        (inbound.gateway_id.as_deref(), inbound.to.as_deref(), inbound.text.as_str()),
        (Some("7"), Some("+983000505"), "x")
    );
    assert!(gateway.delivery_push(&push("GET", &[], "")).is_err());
}

#[test]
fn a_bad_row_of_a_callback_does_not_lose_the_others() {
    let gateway = by("http://127.0.0.1:1", PATIENCE);
    let some = r#"[{"id":1},{"id":2,"status":4,"from":"09120000001","message":"x"},{"status":4}]"#;
    assert_eq!(gateway.delivery_push(&push("POST", &[], some)).unwrap(), [Report::of("2", Delivery::Blocked)]);
    assert_eq!(gateway.inbound_push(&push("POST", &[], some)).unwrap().len(), 1);
    let none = push("POST", &[], r#"[{"id":1},{"id":2}]"#);
    assert!(gateway.delivery_push(&none).is_err() && gateway.inbound_push(&none).is_err());
}
