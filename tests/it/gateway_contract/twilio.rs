//! Twilio: codes, signatures, and a message that can only be looked for.

use bazgasht::send::gateways::twilio::{Sender, Twilio, TwilioOptions};
use serde_json::json;

use super::*;
use crate::served::Fault;
use crate::twilio_fake::{ACCOUNT, Fake, HANDED, TOKEN, callback};

const PUBLIC: &str = "https://shop.example";
const SERVICE: &str = "MG00000000000000000000000000000002";
const WORDS: &str = "Your basket is waiting: https://shop.example/s/3JcKdsX";

fn abroad() -> Phone {
    Phone::from_e164("+12025550100").unwrap()
}

fn options(base: &str) -> TwilioOptions {
    TwilioOptions {
        base: Some(base.parse().unwrap()),
        public_url: Some(PUBLIC.parse().unwrap()),
        patience: Patience { call: PATIENT, connect: PATIENT },
        ..TwilioOptions::new(ACCOUNT, Secret::new(TOKEN), Sender::of("+12025550199"))
    }
}

fn client(fake: &Fake) -> Twilio {
    Twilio::new(options(&fake.server.base())).unwrap()
}

fn hasty(fake: &Fake) -> Twilio {
    let patience = Patience { call: HASTY, connect: PATIENT };
    Twilio::new(TwilioOptions { patience, ..options(&fake.server.base()) }).unwrap()
}

fn offline() -> Twilio {
    Twilio::new(options("http://127.0.0.1:1")).unwrap()
}

fn text(words: &str) -> Outgoing {
    Outgoing { reference: 7, to: abroad(), body: Body::Text(words.to_owned()) }
}

fn sought(reference: i64, words: &str) -> Sought {
    Sought { reference, to: abroad(), text: words.to_owned(), handed_unix: HANDED }
}

fn usd(minor: i64) -> Money {
    Money { minor, currency: Currency::USD.fine() }
}

fn refused(code: i64, http: u16) -> String {
    json!({"code": code, "message": "no +12025550100", "more_info": "…", "status": http}).to_string()
}

#[tokio::test]
async fn a_text_is_handed_over_with_validity_and_the_callbacks_address() {
    let fake = Fake::start().await;
    let gateway = Twilio::new(options(&fake.server.base()).report_to("t0ken")).unwrap();
    let Answer::Accepted(receipt) = gateway.send(&text(WORDS)).await else { panic!("not accepted") };
    assert_eq!((receipt.cost, receipt.state), (None, Delivery::Queued));
    assert_eq!(fake.messages()[0]["sid"], receipt.gateway_id.as_str());
    let form = fake.server.calls()[0].form();
    assert_eq!(
        form,
        BTreeMap::from(
            [
                ("To", "+12025550100"),
                ("From", "+12025550199"),
                ("Body", WORDS),
                ("ValidityPeriod", "3600"),
                ("StatusCallback", "https://shop.example/gateway/twilio/delivery/t0ken"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
        )
    );
}

#[tokio::test]
async fn a_messaging_service_stands_for_the_number() {
    let fake = Fake::start().await;
    let sender = Sender::of(SERVICE);
    let options = TwilioOptions { sender, public_url: None, ..options(&fake.server.base()) };
    Twilio::new(options.report_to("t0ken")).unwrap().send(&text(WORDS)).await;
    let form = fake.server.calls()[0].form();
    assert_eq!(form["MessagingServiceSid"], SERVICE);
    assert!(!form.contains_key("From") && !form.contains_key("StatusCallback"), "{form:?}");
    assert_eq!(Sender::of("MGMT"), Sender::Number("MGMT".to_owned()));
}

#[tokio::test]
async fn iran_and_templates_are_not_even_tried() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    assert!(!gateway.reaches(&someone(), false) && !gateway.reaches(&abroad(), true));
    assert!(gateway.reaches(&abroad(), false));
    let iran = gateway.send(&Outgoing { to: someone(), ..text(WORDS) }).await;
    assert_eq!(act(&iran), Some(Act::Never));
    assert_eq!(act(&gateway.send(&template("back", &[])).await), Some(Act::Mistake));
    assert!(fake.server.calls().is_empty());
}

#[tokio::test]
async fn every_code_has_its_consequence() {
    use Act::{Later, Mistake, Never, Open, OptedOut, Stop};
    use StopScope::{Account, Line, Region};
    let region = || Stop(Region("1".to_owned()));
    let fake = Fake::start().await;
    let gateway = client(&fake);
    for (code, http, expected) in [
        (14105, 400, Stop(Account)),
        (20003, 401, Stop(Account)),
        (20404, 404, Stop(Account)),
        (20429, 429, Later),
        (21211, 400, Never),
        (21212, 400, Stop(Line)),
        (21408, 403, region()),
        (21602, 400, Never),
        (21606, 400, Stop(Line)),
        (21608, 400, Stop(Account)),
        (21610, 400, OptedOut),
        (21611, 400, Later),
        (21612, 400, region()),
        (21614, 400, Never),
        (21617, 400, Never),
        (21635, 400, Never),
        (30001, 400, Later),
        (30002, 400, Stop(Account)),
        (30003, 400, Later),
        (30004, 400, Never),
        (30005, 400, Never),
        (30006, 400, Never),
        (30007, 400, Never),
        (30008, 400, Open),
        (30034, 400, Stop(Line)),
        (30649, 400, region()),
        (60605, 400, region()),
        // In no table of ours.
        (21999, 400, Mistake),
        (70001, 401, Stop(Account)),
        (70001, 403, Stop(Account)),
        (70001, 429, Later),
        (20500, 500, Open),
        (21610, 503, Open),
    ] {
        // The status inside counts where something between changes the outer one.
        for outer in [http, 200] {
            fake.server.next(Fault::Answer(outer, refused(code, http)));
            let said = gateway.send(&text(WORDS)).await;
            assert_eq!(act(&said), Some(expected.clone()), "{code} by HTTP {outer}: {said:?}");
        }
    }
    fake.server.next(Fault::Answer(400, r#"{"code":"21610","status":"400"}"#.to_owned()));
    assert_eq!(act(&gateway.send(&text(WORDS)).await), Some(OptedOut), "numbers as text");
    assert!(fake.messages().is_empty());
}

#[tokio::test]
async fn what_is_not_twilios_word_fails_no_message() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    for (http, expected) in [
        (400, Act::Down),
        (403, Act::Stop(StopScope::Account)),
        (404, Act::Down),
        (308, Act::Stop(StopScope::Account)),
        (408, Act::Later),
        (429, Act::Later),
        (302, Act::Open),
        (500, Act::Open),
        (502, Act::Open),
        (504, Act::Open),
        (200, Act::Open),
        (201, Act::Open),
    ] {
        for page in ["<html>somebody's proxy</html>", "{}", "", r#"{"sid":""}"#] {
            fake.server.next(Fault::Answer(http, page.to_owned()));
            let said = gateway.send(&text(WORDS)).await;
            assert_eq!(act(&said), Some(expected.clone()), "HTTP {http} {page:?}: {said:?}");
        }
    }
    let nobody = Twilio::new(options(&crate::kavenegar_fake::Fake::nobody().await)).unwrap();
    assert_eq!(act(&nobody.send(&text(WORDS)).await), Some(Act::Down));
}

#[tokio::test]
async fn a_lost_answer_is_looked_for_and_never_sent_again() {
    for fault in [Fault::Stall, Fault::StallAfter, Fault::LoseAnswer, Fault::CutHalfway, Fault::Garbage] {
        let fake = Fake::start().await;
        let stalls = matches!(fault, Fault::Stall | Fault::StallAfter);
        let gateway = if stalls { hasty(&fake) } else { client(&fake) };
        fake.server.next(fault.clone());
        let said = gateway.send(&text(WORDS)).await;
        assert!(is_open(&said), "{fault:?}: {said:?}");
        assert_eq!((fake.server.calls().len(), fake.messages().len()), (1, usize::from(fault.does())), "{fault:?}");
        let known = client(&fake).find(&[sought(7, WORDS)]).await.unwrap();
        match (fault.does(), known.as_slice()) {
            (true, [(7, Known::Found(report))]) => {
                assert_eq!(fake.messages()[0]["sid"], report.gateway_id.as_deref().unwrap());
                assert_eq!(report.reference, Some(7));
            }
            (false, [(7, Known::CannotTell)]) => {}
            other => panic!("{fault:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn only_the_same_text_at_the_same_time_is_ours() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    gateway.send(&text(WORDS)).await;
    let tell = async |sought: &[Sought]| gateway.find(sought).await.unwrap();
    let unsure = |known: &[(i64, Known)]| matches!(known, [(_, Known::CannotTell)]);
    assert!(unsure(&tell(&[sought(1, "another text")]).await));
    assert!(unsure(&tell(&[Sought { handed_unix: HANDED + 90, ..sought(1, WORDS) }]).await));
    assert!(unsure(&tell(&[Sought { handed_unix: HANDED - 700, ..sought(1, WORDS) }]).await));
    let two = tell(&[sought(1, WORDS), sought(2, WORDS)]).await;
    assert!(matches!(&two[..], [(1, Known::Found(_)), (2, Known::CannotTell)]), "{two:?}");
    fake.set(&json!({"body": format!("Sent from your Twilio trial account - {WORDS}")}));
    assert!(matches!(&tell(&[sought(1, WORDS)]).await[..], [(1, Known::Found(_))]));
    fake.set(&json!({"direction": "inbound"}));
    assert!(unsure(&tell(&[sought(1, WORDS)]).await));
    for fault in [Fault::Answer(500, String::new()), Fault::Garbage, Fault::LoseAnswer, Fault::Answer(200, "{}".into())]
    {
        fake.server.next(fault);
        assert!(gateway.find(&[sought(1, WORDS)]).await.is_err());
    }
}

#[tokio::test]
async fn each_state_has_its_word_and_prices_are_turned_round() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    let Answer::Accepted(receipt) = gateway.send(&text(WORDS)).await else { panic!("not accepted") };
    let ids = [receipt.gateway_id, "SM-nobody-knows".to_owned()];
    for (status, state) in [
        ("accepted", Delivery::Queued),
        ("scheduled", Delivery::Queued),
        ("queued", Delivery::Queued),
        ("sending", Delivery::Queued),
        ("sent", Delivery::Sent),
        ("partially_delivered", Delivery::Sent),
        ("delivered", Delivery::Delivered),
        ("read", Delivery::Delivered),
        ("undelivered", Delivery::Failed),
        ("failed", Delivery::Failed),
        ("canceled", Delivery::Failed),
        ("receiving", Delivery::Unknown),
        ("new word", Delivery::Unknown),
    ] {
        fake.set(&json!({"status": status, "price": "-0.00790", "num_segments": "2"}));
        let reports = gateway.states(&ids).await.unwrap();
        assert_eq!(reports.len(), 1, "the unknown one is left out");
        assert_eq!((reports[0].state, reports[0].cost), (state, Some(usd(790))), "{status}");
    }
    for (code, state, opted_out, stop) in [
        (21610, Delivery::Blocked, true, None),
        (30003, Delivery::Failed, false, None),
        (30034, Delivery::Failed, false, Some(StopScope::Line)),
        (30649, Delivery::Failed, false, Some(StopScope::Region("1".to_owned()))),
    ] {
        fake.set(&json!({"status": "failed", "error_code": code}));
        let report = gateway.states(&ids).await.unwrap().remove(0);
        assert_eq!((report.state, report.opted_out), (state, opted_out), "{code}");
        assert_eq!(report.stop.map(|(scope, _)| scope), stop, "{code}");
    }
    fake.server.next(Fault::Answer(429, refused(20429, 429)));
    assert!(matches!(gateway.states(&ids).await, Err(Trouble::Refused { code: 20429, .. })));
    assert_eq!(gateway.balance().await, Ok(Some(usd(1_234_567))));
}

#[test]
fn delivery_callbacks_are_taken_only_when_signed() {
    let fields = [
        ("MessageSid", "SM1"),
        ("MessageStatus", "undelivered"),
        ("ErrorCode", "21610"),
        ("To", "+12025550100"),
        ("New", ""),
    ];
    let push = callback(PUBLIC, "/gateway/twilio/delivery/t0ken?x=1", &fields);
    let report = offline().delivery_push(&push).unwrap().remove(0);
    assert_eq!((report.gateway_id.as_deref(), report.state, report.opted_out), (Some("SM1"), Delivery::Blocked, true));
    let with_port = callback("https://shop.example:443", "/gateway/twilio/delivery/t0ken", &fields);
    assert!(offline().delivery_push(&with_port).is_ok());

    let elsewhere = callback("https://shop.invalid", "/gateway/twilio/delivery/t0ken", &fields);
    let mut changed = callback(PUBLIC, "/gateway/twilio/delivery/t0ken", &fields);
    changed.body.extend_from_slice(b"&MessageStatus=delivered");
    let bare = Push { headers: Vec::new(), ..callback(PUBLIC, "/x", &fields) };
    for forged in [elsewhere, changed, bare] {
        let said = offline().delivery_push(&forged);
        assert!(matches!(said, Err(Trouble::Forged(_))), "{said:?}");
    }
    let unset = Twilio::new(TwilioOptions { public_url: None, ..options("http://127.0.0.1:1") }).unwrap();
    assert!(matches!(unset.delivery_push(&push), Err(Trouble::Forged(_))));
    let silent = callback(PUBLIC, "/x", &[("MessageSid", "SM1")]);
    assert!(matches!(offline().delivery_push(&silent), Err(Trouble::Unreadable(_))));
}

#[tokio::test]
async fn replies_are_heard_and_answered_with_an_empty_document() {
    let heard = |fields: &[(&str, &str)]| {
        let all = [&[("MessageSid", "SM2"), ("From", "+12025550100"), ("To", "+12025550199")][..], fields].concat();
        offline().inbound_push(&callback(PUBLIC, "/gateway/twilio/inbound/t", &all)).unwrap().remove(0)
    };
    let reply = heard(&[("Body", "Thanks")]);
    assert_eq!(
        (reply.gateway_id.as_deref(), reply.from.as_str(), reply.text.as_str()),
        (Some("SM2"), "+12025550100", "Thanks")
    );
    assert_eq!(heard(&[("Body", "STOP"), ("OptOutType", "STOP")]).text, "STOP");
    assert_eq!(heard(&[("Body", "ARRET"), ("OptOutType", "STOP")]).text, "STOP");
    assert_eq!(heard(&[("Body", "START"), ("OptOutType", "START")]).text, "START");
    assert_eq!(heard(&[("NumMedia", "1")]).text, "");
    let reply = offline().push_reply();
    assert_eq!((reply.content_type, reply.body), ("text/xml; charset=utf-8", "<Response/>"));
    assert!(offline().look().await.unwrap().is_empty());
    let unset = Twilio::new(TwilioOptions { public_url: None, ..options("http://127.0.0.1:1") }).unwrap();
    assert_eq!(unset.look().await.unwrap().len(), 1);
}

#[tokio::test]
async fn neither_token_nor_number_nor_text_is_shown() {
    let log = Written::default();
    let sink = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || sink.clone()).finish();
    let guard = tracing_subscriber::util::SubscriberInitExt::set_default(subscriber);
    tracing::trace!("the log is read");
    let fake = Fake::start().await;
    let mut shown = String::new();
    for fault in [
        Fault::Answer(401, refused(20003, 401)),
        Fault::Answer(400, refused(21999, 400)),
        Fault::Answer(500, format!("{TOKEN} +12025550100")),
        Fault::Answer(200, format!(r#"{{"code":"{TOKEN}"}}"#)),
        Fault::CutHalfway,
        Fault::LoseAnswer,
        Fault::StallAfter,
    ] {
        let gateway = hasty(&fake);
        fake.server.next(fault.clone());
        shown += &format!("{:?} {gateway:?}\n", gateway.send(&text(WORDS)).await);
        fake.server.next(fault);
        shown += &format!("{:?}\n", gateway.find(&[sought(1, WORDS)]).await.err());
    }
    let options = options(&fake.server.base()).report_to("t0ken");
    shown += &format!("{options:?} {:?}\n", text(WORDS));
    shown +=
        &format!("{:?}", offline().delivery_push(&Push { headers: Vec::new(), ..callback(PUBLIC, "/t0ken", &[]) }));
    let insecure = Twilio::new(TwilioOptions { base: Some("http://192.0.2.1".parse().unwrap()), ..options });
    shown += &format!("{insecure:?}");
    assert!(insecure.is_err());
    drop(guard);
    assert!(log.text().contains("the log is read"));
    for hidden in [TOKEN, "2025550100", "basket", "t0ken"] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
        assert!(!log.text().contains(hidden), "{hidden} in the log");
    }
}
