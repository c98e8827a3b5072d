//! Ghasedak.

use bazgasht::send::gateways::ghasedak::{Ghasedak, GhasedakOptions};
use bazgasht::send::gateways::wire::SetupProblem;
use serde_json::Value;

use super::*;
use crate::ghasedak_fake::{Fake, KEY, LINE, Lists, Reply, envelope, start};
use crate::scripted::Script;

fn options(base: &str) -> GhasedakOptions {
    GhasedakOptions {
        key: Secret::new(KEY),
        base: Some(base.parse().unwrap()),
        sender: LINE.to_owned(),
        patience: Patience { call: PATIENT, connect: PATIENT },
    }
}

fn client(fake: &Fake) -> Ghasedak {
    Ghasedak::new(options(&fake.base())).unwrap()
}

fn hasty(fake: &Fake) -> Ghasedak {
    let patience = Patience { call: HASTY, connect: PATIENT };
    Ghasedak::new(GhasedakOptions { patience, ..options(&fake.base()) }).unwrap()
}

fn says(http: u16, code: i64) -> Script {
    Script::Answer { http, body: envelope(code, &Value::Null).to_string(), accepts: false }
}

fn raw(http: u16, body: &str, accepts: bool) -> Script {
    Script::Answer { http, body: body.to_owned(), accepts }
}

fn texts(references: std::ops::RangeInclusive<i64>) -> Vec<Outgoing> {
    references.map(|n| Outgoing { to: Phone::from_e164(&format!("+989120000{n:03}")).unwrap(), ..text(n) }).collect()
}

#[tokio::test]
async fn a_text_is_handed_over_with_line_and_reference() {
    let fake = start().await;
    let Answer::Accepted(receipt) = client(&fake).send(&text(REFERENCE)).await else { panic!("not accepted") };
    let sms = fake.books(|account| account.sms[0].clone());
    assert_eq!((receipt.gateway_id, receipt.cost), (sms.id, Some(rial(940))));
    assert_eq!((sms.reference, sms.receptor.as_str()), (REFERENCE.to_string(), "09120000001"));
}

#[tokio::test]
async fn every_code_has_its_consequence_whatever_the_http_status_says() {
    use Act::{Mistake, Never, Open, Stop};
    use StopScope::{Account, Credit, Line, Links, Template, Templates};
    let codes = [
        (400, Mistake, None),
        (401, Stop(Account), None),
        (402, Open, None),
        (406, Stop(Line), None),
        (412, Stop(Line), None),
        (413, Never, None),
        (416, Stop(Account), None),
        (418, Stop(Credit), None),
        (419, Stop(Account), None),
        (420, Stop(Links), None),
        (422, Never, None),
        (426, Stop(Account), Some(Stop(Templates))),
        (428, Mistake, Some(Stop(Template("back".to_owned())))),
        (429, Mistake, None),
        // A duplicate of what is not there.
        (451, Open, None),
        (500, Open, None),
        // Not in the table, so nobody knows.
        (499, Open, None),
    ];
    let fake = start().await;
    let gateway = client(&fake);
    for (code, for_text, for_template) in codes {
        for http in [200, 400, 500] {
            fake.next(says(http, code));
            let said = gateway.send(&text(1)).await;
            assert_eq!(act(&said).as_ref(), Some(&for_text), "{code} (HTTP {http}) for a text: {said:?}");
            fake.next(says(http, code));
            let said = gateway.send(&template("back", &[("Name", "x")])).await;
            let expected = for_template.as_ref().unwrap_or(&for_text);
            assert_eq!(act(&said).as_ref(), Some(expected), "{code} (HTTP {http}) for a template: {said:?}");
        }
    }
    assert!(fake.books(|account| account.sms.is_empty()));
}

#[tokio::test]
async fn strangers_on_the_way_never_fail_a_message() {
    let account = || Act::Stop(StopScope::Account);
    let fake = start().await;
    let gateway = client(&fake);
    for (http, expected) in [
        (308, account()),
        (400, Act::Down),
        (401, account()),
        (404, Act::Down),
        (408, Act::Later),
        (413, Act::Down),
        (429, Act::Later),
        (500, Act::Open),
        (504, Act::Open),
        (200, Act::Open),
    ] {
        for body in ["<html>somebody's proxy</html>", "", r#"{"statusCode":400}"#] {
            fake.next(raw(http, body, false));
            let said = gateway.send(&text(1)).await;
            assert_eq!(act(&said).as_ref(), Some(&expected), "HTTP {http} {body}: {said:?}");
        }
    }
    for body in [
        r#"{"isSuccess":true,"statusCode":418,"data":{"messageId":"7"}}"#,
        r#"{"isSuccess":false,"statusCode":200,"data":{"messageId":"7"}}"#,
        r#"{"isSuccess":true,"statusCode":200,"data":null}"#,
        r#"{"isSuccess":true,"statusCode":200,"data":{"messageId":"0"}}"#,
    ] {
        for http in [200, 400] {
            fake.next(raw(http, body, false));
            assert!(is_open(&gateway.send(&text(1)).await), "HTTP {http} {body}");
        }
    }
}

#[tokio::test]
async fn a_refusal_that_breaks_off_is_none() {
    let fake = start().await;
    fake.books(|account| account.credit = 0);
    fake.next(Script::CutHalfway);
    let said = client(&fake).send(&text(1)).await;
    assert!(matches!(&said, Answer::Open(why) if why.contains("HTTP 400") && why.contains("broke off")), "{said:?}");
}

#[tokio::test]
async fn every_fault_after_sending_is_open_and_looked_up_by_reference() {
    for (script, accepts) in [
        (Script::LoseAnswer, true),
        (Script::CutHalfway, true),
        (Script::Stall { accepts: true }, true),
        (Script::Stall { accepts: false }, false),
        (raw(200, "<html>", true), true),
        (says(200, 402), false),
        (raw(503, "", false), false),
    ] {
        let fake = start().await;
        let gateway = if matches!(script, Script::Stall { .. }) { hasty(&fake) } else { client(&fake) };
        fake.next(script.clone());
        let said = gateway.send(&text(REFERENCE)).await;
        assert!(is_open(&said), "{script:?}: {said:?}");
        assert_eq!(fake.calls("SendSingleSMS").len(), 1, "{script:?} was tried again");
        let known = client(&fake).find(&sought(&[REFERENCE])).await.unwrap();
        match (accepts, &known[..]) {
            (true, [(REFERENCE, Known::Found(report))]) => assert_eq!(report.reference, Some(REFERENCE)),
            (false, [(REFERENCE, Known::NotFound)]) => {}
            other => panic!("{script:?}: {other:?}"),
        }
    }
    let nobody = Ghasedak::new(options(&crate::kavenegar_fake::Fake::nobody().await)).unwrap();
    assert_eq!(act(&nobody.send(&text(1)).await), Some(Act::Down));
}

#[tokio::test]
async fn a_duplicate_is_the_message_that_is_there() {
    let fake = start().await;
    fake.books(|account| account.dedupes = true);
    let gateway = client(&fake);
    let Answer::Accepted(first) = gateway.send(&text(7)).await else { panic!("not accepted") };
    fake.books(|account| account.sms[0].status = 5);
    let Answer::Accepted(again) = gateway.send(&text(7)).await else { panic!("not accepted") };
    assert_eq!((again.gateway_id, again.state), (first.gateway_id.clone(), Delivery::Delivered));
    let answers = gateway.send_many(&texts(6..=9)).await;
    assert!(answers.iter().all(|answer| matches!(answer, Answer::Accepted(_))), "{answers:?}");
    assert!(matches!(&answers[1], Answer::Accepted(receipt) if receipt.gateway_id == first.gateway_id));
    assert_eq!(fake.books(|account| account.sms.len()), 4);
}

#[tokio::test]
async fn numbers_as_text_other_keys_and_huge_ids_are_read() {
    let fake = start().await;
    let gateway = client(&fake);
    for script in [Script::NumbersAsStrings, Script::OtherCase] {
        fake.next(script);
        assert!(matches!(gateway.send(&text(1)).await, Answer::Accepted(_)));
    }
    let huge = r#"{"IsSuccess":"true","StatusCode":"200","Data":{"MessageId":98765432109876543210987,"Cost":"940.0"}}"#;
    fake.next(raw(200, huge, false));
    let Answer::Accepted(receipt) = gateway.send(&text(1)).await else { panic!("not accepted") };
    assert_eq!((receipt.gateway_id.as_str(), receipt.cost), ("98765432109876543210987", Some(rial(940))));
}

#[tokio::test]
async fn several_go_in_one_call_and_in_halves_where_one_is_at_fault() {
    let fake = start().await;
    let gateway = client(&fake);
    let answers = gateway.send_many(&texts(1..=3)).await;
    assert!(answers.iter().all(|answer| matches!(answer, Answer::Accepted(_))), "{answers:?}");
    assert_eq!(fake.calls("SendPairToPairSMS").len(), 1);
    let mut messages = texts(4..=8);
    messages[1].body = Body::Text("x".repeat(1001));
    let answers = gateway.send_many(&messages).await;
    assert_eq!(answers.iter().position(|answer| act(answer) == Some(Act::Never)), Some(1), "{answers:?}");
    assert_eq!(fake.books(|account| account.sms.len()), 7);
    fake.next(says(400, 418));
    let answers = gateway.send_many(&texts(20..=23)).await;
    assert!(answers.iter().all(|answer| act(answer) == Some(Act::Stop(StopScope::Credit))), "{answers:?}");
    for body in [
        r#"{"isSuccess":true,"statusCode":200,"data":{"items":[{"messageId":"1"}]}}"#,
        r#"{"isSuccess":true,"statusCode":200,"data":{"items":[{"messageId":"1","receptor":"09120000031"},{"messageId":"2","receptor":"09120000030"}]}}"#,
        r#"{"isSuccess":true,"statusCode":200,"data":{"items":[{"messageId":"1","clientReferenceId":"31"},{"messageId":"2","clientReferenceId":"30"}]}}"#,
    ] {
        fake.next(raw(200, body, false));
        let answers = gateway.send_many(&texts(30..=31)).await;
        assert!(answers.iter().all(is_open), "{body}: {answers:?}");
    }
}

#[tokio::test]
async fn a_template_carries_the_reference_too() {
    let fake = start().await;
    fake.books(|account| account.templates.insert("back", vec!["Name", "Code"]));
    let gateway = client(&fake);
    let message = template("back", &[("Name", "سارا\n احمدی"), ("%Code%", "OFF_10")]);
    let Answer::Accepted(_) = gateway.send(&message).await else { panic!("not accepted") };
    let sms = fake.books(|account| account.sms[0].clone());
    assert!(sms.text.contains("سارا احمدی") && sms.text.contains("OFF_10"), "{}", sms.text);
    assert_eq!(sms.reference, REFERENCE.to_string());
    assert_eq!(act(&gateway.send(&template("back", &[("Other", "x")])).await), Some(Act::Mistake));
    let gone = act(&gateway.send(&template("gone", &[("Name", "x")])).await);
    assert_eq!(gone, Some(Act::Stop(StopScope::Template("gone".to_owned()))));
}

#[tokio::test]
async fn ids_are_listed_the_way_that_is_understood() {
    use Delivery::{Blocked, Delivered, Failed, Sent, Unknown};
    for lists in [Lists::Commas, Lists::Repeated] {
        let fake = start().await;
        fake.books(|account| account.lists = lists);
        let gateway = client(&fake);
        let answers = gateway.send_many(&texts(1..=9)).await;
        let ids: Vec<String> = answers
            .iter()
            .map(|answer| match answer {
                Answer::Accepted(receipt) => receipt.gateway_id.clone(),
                other => panic!("{other:?}"),
            })
            .collect();
        fake.books(|account| account.sms.iter_mut().zip(0..).for_each(|(sms, status)| sms.status = status));
        let mut reports = gateway.states(&ids).await.unwrap();
        reports.sort_by(|a, b| a.gateway_id.cmp(&b.gateway_id));
        let said: Vec<_> = reports.iter().map(|report| report.state).collect();
        assert_eq!(said, [Unknown, Failed, Blocked, Sent, Failed, Delivered, Failed, Unknown, Unknown], "{lists:?}");
        let stops: Vec<_> = reports.iter().map(|report| report.stop.is_some()).collect();
        assert_eq!(stops.iter().position(|stop| *stop), Some(7), "debug mode is told");
        let known = gateway.find(&sought(&[1, 44, 9])).await.unwrap();
        assert!(matches!(known[..], [(1, Known::Found(_)), (44, Known::NotFound), (9, Known::Found(_))]), "{known:?}");
    }
}

#[tokio::test]
async fn a_question_without_a_clear_answer_is_never_taken_for_a_no() {
    for script in
        [says(200, 500), Script::LoseAnswer, Script::CutHalfway, raw(200, "<html>", false), raw(502, "", false)]
    {
        let fake = start().await;
        fake.next_ask(script.clone());
        assert!(client(&fake).find(&sought(&[1])).await.is_err(), "{script:?}");
    }
    let fake = start().await;
    let says = |data: &str| raw(200, &format!(r#"{{"isSuccess":true,"statusCode":200,"data":{data}}}"#), false);
    for data in [
        r#"[{"clientReferenceId":"1","messageId":null,"status":0}]"#,
        "null",
        "{}",
        r#"[{"messageId":"700","status":5}]"#,
        r#"[{"messageId":"700","clientReferenceId":"2","status":5}]"#,
    ] {
        fake.next_ask(says(data));
        let known = client(&fake).find(&sought(&[1])).await.unwrap();
        assert!(matches!(known[..], [(1, Known::CannotTell)]), "{data}: {known:?}");
    }
    for name in ["clientReferenceId", "clientId", "checkid"] {
        fake.next_ask(says(&format!(r#"[{{"messageId":"700","{name}":1,"status":5}}]"#)));
        let known = client(&fake).find(&sought(&[1])).await.unwrap();
        assert!(matches!(known[..], [(1, Known::Found(_))]), "{name}: {known:?}");
    }
    fake.next_ask(says("[]"));
    assert!(matches!(client(&fake).find(&sought(&[1])).await.unwrap()[..], [(1, Known::NotFound)]));
}

#[tokio::test]
async fn what_was_learnt_before_trouble_is_kept() {
    let fake = start().await;
    let gateway = client(&fake);
    gateway.send(&text(1)).await;
    let found =
        r#"{"isSuccess":true,"statusCode":200,"data":[{"messageId":"700","clientReferenceId":"1","status":5}]}"#;
    // Both ways of a list, then each alone.
    fake.next_ask(raw(200, found, false));
    fake.next_ask(raw(200, found, false));
    fake.next_ask(Script::LoseAnswer);
    let known = gateway.find(&sought(&[1, 2, 3])).await.unwrap();
    assert!(matches!(known[..], [(1, Known::Found(_)), (2, Known::CannotTell), (3, Known::CannotTell)]), "{known:?}");
}

#[tokio::test]
async fn replies_come_once_and_again_after_a_start() {
    let fake = start().await;
    let write = |id: u64| {
        let reply = Reply { id, sender: "09120000001".to_owned(), text: "لغو11".to_owned(), is_read: false };
        fake.books(|account| account.replies.push(reply));
    };
    write(1);
    let gateway = client(&fake);
    let first = gateway.inbound(None).await.unwrap();
    assert!(first.rows.is_empty() && first.more);
    let page = gateway.inbound(first.cursor.as_deref()).await.unwrap();
    let reply = &page.rows[0];
    assert_eq!((reply.gateway_id.as_deref(), reply.to.as_deref()), (Some("1"), Some(LINE)));
    assert_eq!(reply.at_unix, Some(1_767_607_200));
    write(2);
    fake.next_ask(Script::LoseAnswer);
    assert!(gateway.inbound(page.cursor.as_deref()).await.is_err());
    assert_eq!(gateway.inbound(page.cursor.as_deref()).await.unwrap().rows.len(), 2, "read there, lost on the way");
    assert_eq!(client(&fake).inbound(page.cursor.as_deref()).await.unwrap().rows.len(), 2);
    let chosen = Ghasedak::new(GhasedakOptions { sender: "cheapest".to_owned(), ..options(&fake.base()) }).unwrap();
    assert!(!chosen.abilities().polls_inbound);
    assert_eq!(chosen.inbound(None).await.unwrap_err(), Trouble::NotOffered);
}

#[test]
fn callbacks_are_read_by_the_usual_names() {
    let gateway = Ghasedak::new(options("http://127.0.0.1:1")).unwrap();
    let push = |query: &[(&str, &str)], body: &str| Push {
        method: "POST".to_owned(),
        query: query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.as_bytes().to_vec(),
        ..Push::default()
    };
    for push in [
        push(&[("id", "700"), ("status", "5")], ""),
        push(&[], "MessageId=700&Status=5"),
        push(&[], r#"{"messageId":"700","status":5}"#),
    ] {
        let reports = gateway.delivery_push(&push).unwrap();
        assert_eq!((reports[0].gateway_id.as_deref(), reports[0].state), (Some("700"), Delivery::Delivered));
    }
    let ours = gateway.delivery_push(&push(&[], r#"{"clientReferenceId":"9","status":2}"#)).unwrap();
    assert_eq!((ours[0].gateway_id.clone(), ours[0].reference, ours[0].state), (None, Some(9), Delivery::Blocked));
    assert!(gateway.delivery_push(&push(&[], "status=5")).is_err());
    assert!(gateway.delivery_push(&push(&[("id", "700")], "")).is_err());
    let said = push(
        &[],
        r#"{"Sender":"09120000001","Message":"لغو","LineNumber":"2100000","ReceiveDate":"2026-01-05T13:30:00"}"#,
    );
    let inbound = gateway.inbound_push(&said).unwrap();
    assert_eq!((inbound[0].from.as_str(), inbound[0].at_unix), ("09120000001", Some(1_767_607_200)));
    assert!(gateway.inbound_push(&push(&[], "message=x")).is_err());
    // A bad row does not lose the others.
    let some = r#"[{"id":1},{"id":2,"status":5,"sender":"09120000001","message":"لغو"},{"status":4}]"#;
    assert_eq!(gateway.delivery_push(&push(&[], some)).unwrap().len(), 1);
    assert_eq!(gateway.inbound_push(&push(&[], some)).unwrap().len(), 1);
}

#[tokio::test]
async fn promise_12_neither_key_nor_number_nor_text_is_shown_anywhere() {
    let log = Written::default();
    let sink = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || sink.clone()).finish();
    let guard = tracing_subscriber::util::SubscriberInitExt::set_default(subscriber);
    tracing::trace!("the log is read");
    let fake = start().await;
    let mut shown = String::new();
    for script in [
        says(401, 401),
        says(200, 999),
        Script::LoseAnswer,
        Script::CutHalfway,
        Script::Stall { accepts: true },
        raw(302, KEY, false),
        raw(500, KEY, false),
        raw(200, &format!(r#"{{"isSuccess":true,"statusCode":200,"data":"{KEY} 09120000001"}}"#), false),
    ] {
        fake.next(script.clone());
        fake.next_ask(script);
        let gateway = hasty(&fake);
        shown += &format!("{:?} {gateway:?}\n", gateway.send(&text(1)).await);
        shown += &format!("{:?} {:?}\n", gateway.find(&sought(&[1])).await.err(), gateway.balance().await);
    }
    shown += &format!("{:?}\n", options(&fake.base()));
    drop(guard);
    let log = log.text();
    assert!(log.contains("the log is read"));
    for hidden in [KEY, "9120000001", "سلام، سبد"] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
        assert!(!log.contains(hidden), "{hidden} in {log}");
    }
    assert_eq!(client(&fake).balance().await, Ok(Some(rial(fake.books(|account| account.credit)))));
}

#[test]
fn options_by_which_nothing_works_are_said_at_once() {
    let base = "https://gateway.ghasedak.me";
    assert!(matches!(Ghasedak::new(options("http://192.0.2.1")), Err(SetupProblem::Insecure("ghasedak"))));
    let keyless = GhasedakOptions { key: Secret::new(" "), ..options(base) };
    assert!(matches!(Ghasedak::new(keyless), Err(SetupProblem::NoKey("ghasedak"))));
    let lineless = GhasedakOptions { sender: " ".to_owned(), ..options(base) };
    assert!(matches!(Ghasedak::new(lineless), Err(SetupProblem::Other(_))));
}
