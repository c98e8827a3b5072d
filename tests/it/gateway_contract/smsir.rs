//! SMS.ir.

use bazgasht::send::gateways::smsir::{Smsir, SmsirOptions};
use bazgasht::send::gateways::wire::SetupProblem;
use serde_json::Value;

use super::*;
use crate::scripted::Script;
use crate::smsir_fake::{Fake, KEY, LINE, NOW, Reply, envelope, start};

const DAY: i64 = 24 * 3600;

fn options(base: &str) -> SmsirOptions {
    SmsirOptions {
        key: Secret::new(KEY),
        base: Some(base.parse().unwrap()),
        sender: LINE.to_string(),
        patience: Patience { call: PATIENT, connect: PATIENT },
    }
}

fn client(fake: &Fake) -> Smsir {
    Smsir::new(options(&fake.base())).unwrap()
}

fn hasty(fake: &Fake) -> Smsir {
    Smsir::new(SmsirOptions { patience: Patience { call: HASTY, connect: PATIENT }, ..options(&fake.base()) }).unwrap()
}

fn says(http: u16, code: i64) -> Script {
    Script::Answer { http, body: envelope(code, &Value::Null).to_string(), accepts: false }
}

fn raw(http: u16, body: &str, accepts: bool) -> Script {
    Script::Answer { http, body: body.to_owned(), accepts }
}

fn texts(references: std::ops::RangeInclusive<i64>) -> Vec<Outgoing> {
    references
        .map(|n| Outgoing {
            reference: n,
            to: Phone::from_e164(&format!("+989120000{n:03}")).unwrap(),
            body: Body::Text(format!("سلام {n}")),
        })
        .collect()
}

fn verify(tokens: &[(&str, &str)]) -> Outgoing {
    template("123456", tokens)
}

fn lost(message: &Outgoing) -> Sought {
    let Body::Text(text) = &message.body else { panic!("a template") };
    Sought { reference: message.reference, to: message.to.clone(), text: text.clone(), handed_unix: NOW }
}

fn credits(minor: i64) -> Money {
    Money { minor, currency: Currency::CREDIT }
}

#[tokio::test]
async fn a_text_is_handed_over_from_the_line_at_once() {
    let fake = start().await;
    let Answer::Accepted(receipt) = client(&fake).send(&text(1)).await else { panic!("not accepted") };
    let sms = fake.books(|account| account.sms[0].clone());
    assert_eq!((receipt.gateway_id, receipt.cost), (sms.id.to_string(), Some(credits(15_000))));
    assert_eq!((receipt.state, sms.mobile.as_str()), (Delivery::Queued, "09120000001"));
    let body = fake.calls("send/bulk")[0].body.clone();
    assert_eq!((&body["lineNumber"], &body["sendDateTime"]), (&Value::from(LINE), &Value::Null));
}

#[tokio::test]
async fn every_code_has_its_consequence_whatever_the_http_status_says() {
    use Act::{Blocked, Later, Mistake, Never, Open, Stop};
    use StopScope::{Account, Credit, Line, Template, Templates};
    let back = || Some(Stop(Template("123456".to_owned())));
    let codes = [
        (0, Open, None),
        (10, Stop(Account), None),
        (11, Stop(Account), None),
        (12, Stop(Account), None),
        (13, Stop(Account), None),
        (14, Stop(Account), None),
        (20, Later, None),
        (101, Stop(Line), None),
        (102, Stop(Credit), None),
        (103, Never, None),
        (104, Never, None),
        (105, Mistake, None),
        (106, Mistake, None),
        (107, Mistake, None),
        (108, Mistake, None),
        (109, Mistake, None),
        (110, Mistake, None),
        (111, Open, None),
        (112, Open, None),
        (113, Mistake, back()),
        (114, Mistake, None),
        (115, Blocked, None),
        (116, Mistake, None),
        (117, Mistake, back()),
        (118, Later, None),
        (119, Stop(Account), Some(Stop(Templates))),
        (123, Stop(Line), None),
        // Not in the table, so nobody knows.
        (999, Open, None),
    ];
    let fake = start().await;
    let gateway = client(&fake);
    for (code, for_text, for_template) in codes {
        for http in [200, 400, 401, 429, 500] {
            fake.next(says(http, code));
            let said = gateway.send(&text(1)).await;
            assert_eq!(act(&said).as_ref(), Some(&for_text), "{code} (HTTP {http}) for a text: {said:?}");
            fake.next(says(http, code));
            let said = gateway.send(&verify(&[("NAME", "x")])).await;
            let expected = for_template.as_ref().unwrap_or(&for_text);
            assert_eq!(act(&said).as_ref(), Some(expected), "{code} (HTTP {http}) for a template: {said:?}");
        }
    }
    assert!(fake.books(|account| account.sms.is_empty()));
}

#[tokio::test]
async fn strangers_on_the_way_never_fail_a_message() {
    use Act::{Down, Later, Open, Stop};
    let account = || Stop(StopScope::Account);
    let fake = start().await;
    let gateway = client(&fake);
    for (http, expected) in [
        (301, account()),
        (308, account()),
        (302, Open),
        (400, Down),
        (401, account()),
        (403, account()),
        (404, Down),
        (408, Later),
        (413, Down),
        (429, Later),
        (500, Open),
        (502, Open),
        (200, Open),
    ] {
        for body in ["<html>somebody's proxy</html>", "", r#"{"title":"x","status":400}"#, "[]"] {
            fake.next(raw(http, body, false));
            let said = gateway.send(&text(1)).await;
            assert_eq!(act(&said).as_ref(), Some(&expected), "HTTP {http} {body}: {said:?}");
        }
        if http >= 400 {
            fake.next(raw(http, &format!(r#"{{"status":{http},"message":"said on the way"}}"#), false));
            let said = gateway.send(&text(1)).await;
            assert_eq!(act(&said).as_ref(), Some(&expected), "HTTP {http} in JSON: {said:?}");
        }
    }
}

#[tokio::test]
async fn a_refusal_that_breaks_off_is_none() {
    let fake = start().await;
    fake.next(Script::CutHalfway);
    let gateway = Smsir::new(SmsirOptions { sender: "3000".to_owned(), ..options(&fake.base()) }).unwrap();
    let said = gateway.send(&text(1)).await;
    assert!(matches!(&said, Answer::Open(why) if why.contains("HTTP 400") && why.contains("broke off")), "{said:?}");
}

#[tokio::test]
async fn faults_after_sending_are_open_and_found_by_number_text_and_time() {
    for (script, accepts) in [
        (Script::LoseAnswer, true),
        (Script::CutHalfway, true),
        (Script::Stall { accepts: true }, true),
        (Script::Stall { accepts: false }, false),
        (raw(200, "<html>", true), true),
        (raw(200, r#"{"status":1,"message":"x","data":null}"#, true), true),
        (raw(200, r#"{"status":1,"message":"x","data":{"messageIds":[]}}"#, true), true),
        (raw(500, r#"{"status":1,"message":"x","data":{"messageIds":[5]}}"#, true), true),
        (raw(503, "", false), false),
    ] {
        let fake = start().await;
        let gateway = if matches!(script, Script::Stall { .. }) { hasty(&fake) } else { client(&fake) };
        fake.next(script.clone());
        let message = text(REFERENCE);
        let said = gateway.send(&message).await;
        assert!(is_open(&said), "{script:?}: {said:?}");
        assert_eq!(fake.calls("send/bulk").len(), 1, "{script:?} was tried again");
        let known = client(&fake).find(&[lost(&message)]).await.unwrap();
        match (accepts, &known[..]) {
            (true, [(REFERENCE, Known::Found(report))]) => assert_eq!(report.state, Delivery::Queued),
            (false, [(REFERENCE, Known::CannotTell)]) => {}
            other => panic!("{script:?}: {other:?}"),
        }
    }
    let nobody = Smsir::new(options(&crate::kavenegar_fake::Fake::nobody().await)).unwrap();
    assert_eq!(act(&nobody.send(&text(1)).await), Some(Act::Down));
}

#[tokio::test]
async fn numbers_as_text_other_keys_and_huge_ids_are_read() {
    let fake = start().await;
    let gateway = client(&fake);
    for script in [Script::NumbersAsStrings, Script::OtherCase] {
        fake.next(script);
        assert!(matches!(gateway.send(&text(1)).await, Answer::Accepted(_)));
    }
    let huge =
        r#"{"Status":"1","Message":"x","Data":{"PackId":"p","MessageIds":[98765432109876543210987],"Cost":"2.00005"}}"#;
    fake.next(raw(200, huge, false));
    let Answer::Accepted(receipt) = gateway.send(&text(1)).await else { panic!("not accepted") };
    assert_eq!((receipt.gateway_id.as_str(), receipt.cost), ("98765432109876543210987", Some(credits(20_001))));
}

#[tokio::test]
async fn a_batch_has_one_answer_for_each() {
    let fake = start().await;
    fake.books(|account| account.blacklist.insert("09120000002".to_owned()));
    let gateway = client(&fake);
    let answers = gateway.send_many(&texts(1..=3)).await;
    assert!(
        matches!(&answers[..], [Answer::Accepted(_), Answer::Refused(Refusal::Blocked { .. }), Answer::Accepted(_)]),
        "{answers:?}"
    );
    fake.next(raw(
        200,
        r#"{"status":1,"message":"x","data":{"packId":"p","messageIds":[null,0,"7"],"cost":1}}"#,
        false,
    ));
    let answers = gateway.send_many(&texts(1..=3)).await;
    assert_eq!(answers[..2].iter().map(act).collect::<Vec<_>>(), [Some(Act::Never), Some(Act::Blocked)]);
    assert!(matches!(&answers[2], Answer::Accepted(receipt) if receipt.gateway_id == "7@p" && receipt.cost.is_none()));
    fake.next(raw(200, r#"{"status":1,"message":"x","data":{"packId":"p","messageIds":[7],"cost":1}}"#, false));
    assert!(gateway.send_many(&texts(1..=3)).await.iter().all(is_open));
}

#[tokio::test]
async fn a_call_refused_whole_is_halved_when_one_may_be_at_fault() {
    for code in [104, 105, 106, 115, 118] {
        let fake = start().await;
        fake.next(says(400, code));
        let answers = client(&fake).send_many(&texts(1..=4)).await;
        assert!(answers.iter().all(|answer| matches!(answer, Answer::Accepted(_))), "{code}: {answers:?}");
        assert_eq!(fake.calls("send/likeToLike").len(), 3, "{code}");
    }
    for (code, expected) in [(102, Act::Stop(StopScope::Credit)), (20, Act::Later)] {
        let fake = start().await;
        fake.next(says(400, code));
        let answers = client(&fake).send_many(&texts(1..=4)).await;
        assert!(answers.iter().all(|answer| act(answer).as_ref() == Some(&expected)), "{code}: {answers:?}");
        assert_eq!(fake.calls("send/likeToLike").len(), 1, "{code}");
    }
    let fake = start().await;
    let mut messages = texts(1..=5);
    messages[2].body = Body::Text(String::new());
    let answers = client(&fake).send_many(&messages).await;
    assert_eq!(answers.iter().position(|answer| act(answer) == Some(Act::Never)), Some(2));
    assert_eq!(fake.books(|account| account.sms.len()), 4);
}

#[tokio::test]
async fn templates_are_cut_at_words_and_codes_are_not() {
    let fake = start().await;
    fake.books(|account| account.templates.insert(123_456, vec!["PRODUCT", "CODE"]));
    let gateway = client(&fake);
    let good = verify(&[("#PRODUCT#", "مانتو\nکتان آبی تیره تابستانی"), ("CODE", "3JcKdsX")]);
    let Answer::Accepted(receipt) = gateway.send(&good).await else { panic!("not accepted") };
    let sms = fake.books(|account| account.sms[0].clone());
    assert_eq!((receipt.gateway_id, sms.text.as_str()), (sms.id.to_string(), "مانتو کتان آبی تیره|3JcKdsX|"));
    for bad in [
        verify(&[("CODE", &"a".repeat(26))]),
        verify(&[("CODE", "سبد https://shop.example/s/3JcKdsX")]),
        verify(&[("CODE", "https://shop.example/s/3JcKdsX را ببین")]),
        verify(&[("CODE", &format!("کد {}", "7a".repeat(13)))]),
        template("back", &[("CODE", "x")]),
    ] {
        assert_eq!(act(&gateway.send(&bad).await), Some(Act::Mistake));
    }
    assert_eq!(fake.calls("send/verify").len(), 1);
    let ends_in_a_code = verify(&[("PRODUCT", "x"), ("CODE", "کد تخفیف تابستانی شما OFF-2026")]);
    assert!(matches!(gateway.send(&ends_in_a_code).await, Answer::Accepted(_)));
    assert_eq!(fake.books(|account| account.sms[1].text.clone()), "x|کد تخفیف OFF-2026|");
}

#[tokio::test]
async fn what_is_not_surely_ours_is_not_found() {
    let fake = start().await;
    let gateway = client(&fake);
    let message = text(7);
    gateway.send(&message).await;
    let ours = lost(&message);
    for other in [
        Sought { text: "سلام، سبد دیگر".to_owned(), ..ours.clone() },
        Sought { to: Phone::from_e164("+989120000002").unwrap(), ..ours.clone() },
        Sought { handed_unix: NOW - 3600, ..ours.clone() },
        Sought { handed_unix: NOW + 3600, ..ours.clone() },
        Sought { text: String::new(), ..ours.clone() },
    ] {
        assert!(matches!(gateway.find(&[other]).await.unwrap()[..], [(7, Known::CannotTell)]));
    }
    // One row is one message.
    let twin = Sought { reference: 8, ..ours.clone() };
    let known = gateway.find(&[ours.clone(), twin]).await.unwrap();
    assert!(matches!(known[..], [(7, Known::Found(_)), (8, Known::CannotTell)]), "{known:?}");
    // The next day it stands in the archive, with the words for opting out under it.
    fake.books(|account| {
        account.now += DAY;
        account.sms[0].text += "\nلغو11";
    });
    assert!(matches!(gateway.find(std::slice::from_ref(&ours)).await.unwrap()[..], [(7, Known::Found(_))]));
    fake.next_ask(says(500, 0));
    assert!(gateway.find(&[ours]).await.is_err());
}

#[tokio::test]
async fn each_state_has_its_word_and_a_batch_is_one_question() {
    use Delivery::{Blocked, Delivered, Failed, Queued, Sent, Unknown};
    let fake = start().await;
    let gateway = client(&fake);
    let answers = gateway.send_many(&texts(1..=9)).await;
    let ids: Vec<String> = answers
        .iter()
        .map(|answer| match answer {
            Answer::Accepted(receipt) => receipt.gateway_id.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    let states = [None, Some(1), Some(2), Some(3), Some(4), Some(5), Some(6), Some(7), Some(8)];
    fake.books(|account| account.sms.iter_mut().zip(states).for_each(|(sms, state)| sms.state = state));
    let reports = gateway.states(&ids).await.unwrap();
    let said: Vec<_> = reports.iter().map(|report| report.state).collect();
    assert_eq!(said, [Queued, Delivered, Failed, Sent, Failed, Sent, Failed, Blocked, Unknown]);
    assert!(reports.iter().map(|report| report.gateway_id.clone().unwrap()).eq(ids.iter().cloned()));
    let (pack, alone) = (ids[0].split_once('@').unwrap().1, "1234");
    assert_eq!(fake.calls(&format!("send/pack/{pack}")).len(), 1);
    let unknown = gateway.states(&[alone.to_owned()]).await.unwrap();
    assert_eq!((unknown[0].gateway_id.as_deref(), unknown[0].state), (Some(alone), Unknown));
    fake.next_ask(says(429, 20));
    assert!(gateway.states(&[alone.to_owned()]).await.is_err());
}

#[tokio::test]
async fn one_that_errs_does_not_keep_the_others_from_being_asked_about() {
    let fake = start().await;
    let gateway = client(&fake);
    let id = |answer| match answer {
        Answer::Accepted(receipt) => receipt.gateway_id,
        other => panic!("{other:?}"),
    };
    let ids = [id(gateway.send(&text(1)).await), id(gateway.send(&text(2)).await)];
    for bad in [says(400, 104), says(500, 0), raw(200, "<html>", false), raw(404, "", false), Script::CutHalfway] {
        fake.next_ask(bad.clone());
        let reports = gateway.states(&ids).await.unwrap();
        assert!(reports.iter().map(|report| report.gateway_id.as_ref()).eq([Some(&ids[1])]), "{bad:?}: {reports:?}");
    }
    for bad in [says(401, 10), says(429, 20), raw(401, "", false), raw(429, "", false), Script::LoseAnswer] {
        let asked = || fake.calls(&format!("send/{}", ids[1])).len();
        let before = asked();
        fake.next_ask(bad.clone());
        assert!(gateway.states(&ids).await.is_err() && asked() == before, "{bad:?}");
    }
}

#[tokio::test]
async fn replies_are_read_from_both_lists_and_nothing_is_lost_or_new_twice() {
    let fake = start().await;
    let write = |text: &str, at: i64| {
        let reply = Reply { mobile: 9_120_000_001, text: text.to_owned(), at, is_old: false };
        fake.books(|account| account.replies.push(reply));
    };
    (0..150).for_each(|n| write(&n.to_string(), NOW + n));
    let gateway = client(&fake);
    let mut cursor = None;
    let mut seen = Vec::new();
    let mut round = async |gateway: &Smsir| {
        loop {
            let page = gateway.inbound(cursor.as_deref()).await.unwrap();
            seen.extend(page.rows.iter().map(|row| (row.gateway_id.clone().unwrap(), row.from.clone())));
            cursor = page.cursor;
            if !page.more {
                return seen.iter().map(|(id, _)| id).collect::<std::collections::BTreeSet<_>>().len();
            }
        }
    };
    assert_eq!(round(&gateway).await, 150);
    // Midnight, and one that nobody had seen goes straight into the archive.
    write("late", NOW + 200);
    fake.books(|account| account.replies.iter_mut().for_each(|reply| reply.is_old = true));
    write("new", NOW + DAY);
    assert_eq!(round(&client(&fake)).await, 152);
    write("لغو۱۱", NOW + DAY + 1);
    // The archive may not be asked for days to come.
    fake.next_ask(says(400, 109));
    assert_eq!(round(&gateway).await, 153);
    assert!(seen.iter().all(|(_, from)| from == "09120000001"));
    assert!(fake.calls("receive/latest").is_empty());
}

#[tokio::test]
async fn the_account_is_looked_at() {
    let fake = start().await;
    let gateway = client(&fake);
    assert_eq!(gateway.look().await, Ok(Vec::new()));
    assert_eq!(gateway.balance().await, Ok(Some(credits(1_000_000))));
    fake.next_ask(raw(200, r#"{"status":1,"message":"x","data":"12.5"}"#, false));
    assert_eq!(gateway.balance().await, Ok(Some(credits(125_000))));
    let other = Smsir::new(SmsirOptions { sender: "3000".to_owned(), ..options(&fake.base()) }).unwrap();
    assert_eq!(other.look().await.unwrap().len(), 1);
    assert!(!gateway.reaches(&Phone::from_e164("+12025550100").unwrap(), true));
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
        says(401, 10),
        says(200, 999),
        Script::LoseAnswer,
        Script::CutHalfway,
        Script::Stall { accepts: true },
        raw(302, KEY, false),
        raw(500, KEY, false),
        raw(200, &format!(r#"{{"status":1,"message":"x","data":"{KEY} 09120000001"}}"#), false),
    ] {
        fake.next(script.clone());
        fake.next_ask(script);
        let gateway = hasty(&fake);
        shown += &format!("{:?} {gateway:?}\n", gateway.send(&text(1)).await);
        shown += &format!("{:?}\n", gateway.find(&[lost(&text(1))]).await);
    }
    shown += &format!("{:?}\n", options(&fake.base()));
    let wrong = Smsir::new(SmsirOptions { key: Secret::new(format!("{KEY}\u{7}")), ..options(&fake.base()) });
    assert!(wrong.is_err());
    shown += &format!("{wrong:?}");
    drop(guard);
    let log = log.text();
    assert!(log.contains("the log is read"));
    for hidden in [KEY, "9120000001", "سلام، سبد"] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
        assert!(!log.contains(hidden), "{hidden} in {log}");
    }
}

#[test]
fn options_by_which_nothing_works_are_said_at_once() {
    let base = "https://api.sms.ir";
    assert!(matches!(Smsir::new(options("http://192.0.2.1")), Err(SetupProblem::Insecure("smsir"))));
    let keyless = SmsirOptions { key: Secret::new(" "), ..options(base) };
    assert!(matches!(Smsir::new(keyless), Err(SetupProblem::NoKey("smsir"))));
    let lineless = SmsirOptions { sender: "fastest".to_owned(), ..options(base) };
    assert!(matches!(Smsir::new(lineless), Err(SetupProblem::Other(_))));
}
