//! A provider known by its description only: what the description says is done, and all else is left open.

use std::collections::BTreeMap;
use std::path::Path;

use bazgasht::problem::Code;
use bazgasht::send::gateways::http::{Http, HttpOptions};
use bazgasht::settings::check::{self, Outside};
use bazgasht::settings::model::Which;

use super::*;
use crate::quirky_fake::{Fake, KEY, SETTINGS, id};
use crate::served::Fault;

const WORDS: &str = "سلام \"سارا\"\nسبدت: \\ منتظر است {to} & more";

fn checked(settings: &str) -> check::Checked {
    let outside = Outside {
        folder: Path::new("/"),
        environment: BTreeMap::from([("BAZGASHT_HTTP_KEY".to_owned(), KEY.to_owned())]),
        credentials: BTreeMap::new(),
        read: &|_| Err(std::io::ErrorKind::NotFound.into()),
    };
    check::load("bazgasht.toml", settings, &outside)
}

fn described(settings: &str) -> HttpOptions {
    let checked = checked(settings);
    let problems: Vec<String> = checked.problems.iter().map(|problem| problem.what.clone()).collect();
    let settings = checked.settings.unwrap_or_else(|| panic!("{problems:?}"));
    let Which::Http(options) = settings.gateway.first.which else { panic!("another gateway") };
    HttpOptions { patience: Patience { call: PATIENT, connect: PATIENT }, ..*options }
}

fn options(fake: &Fake) -> HttpOptions {
    described(&SETTINGS.replace("BASE", &fake.server.base()))
}

fn client(fake: &Fake) -> Http {
    Http::new(options(fake)).unwrap()
}

fn hasty(fake: &Fake) -> Http {
    Http::new(HttpOptions { patience: Patience { call: HASTY, connect: PATIENT }, ..options(fake) }).unwrap()
}

fn text(reference: i64) -> Outgoing {
    Outgoing { reference, to: someone(), body: Body::Text(WORDS.to_owned()) }
}

fn push(body: &str) -> Push {
    Push { method: "POST".to_owned(), body: body.as_bytes().to_vec(), ..Push::default() }
}

#[tokio::test]
async fn a_text_is_handed_over_as_described() {
    let fake = Fake::start().await;
    let Answer::Accepted(receipt) = client(&fake).send(&text(REFERENCE)).await else { panic!("not accepted") };
    assert_eq!((receipt.gateway_id, receipt.cost, receipt.state), (id(1), Some(rial(1250)), Delivery::Queued));
    let sms = &fake.messages()[0];
    assert_eq!((&sms["dest"], &sms["body"], &sms["ref"]), (&"00989120000001".into(), &WORDS.into(), &REFERENCE.into()));
    let call = fake.server.calls().remove(0);
    assert_eq!((call.query["line"].as_str(), call.headers["x-client"].as_str()), ("10001000", "bazgasht"));
    assert_eq!(
        (call.headers["x-ref"].clone(), call.headers["content-type"].as_str()),
        (format!("r{REFERENCE}"), "application/json")
    );
}

#[tokio::test]
async fn a_negative_cost_is_none() {
    let fake = Fake::start().await;
    for (price, expected) in [("-1250", None), ("0", Some(rial(0))), ("7", Some(rial(7)))] {
        let body = format!(r#"{{"result":{{"code":0,"price":{price},"rows":[{{"msg_id":5}}]}}}}"#);
        fake.server.next(Fault::Answer(200, body));
        let said = client(&fake).send(&text(1)).await;
        assert!(matches!(&said, Answer::Accepted(receipt) if receipt.cost == expected), "{price}: {said:?}");
    }
}

#[tokio::test]
async fn every_described_error_has_its_consequence() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    for (code, expected) in [
        ("17", Some(Act::Never)),
        ("5", Some(Act::Stop(StopScope::Credit))),
        ("9", Some(Act::Stop(StopScope::Account))),
        ("3", Some(Act::Later)),
        ("20", Some(Act::Blocked)),
        ("21", Some(Act::Mistake)),
        ("99", Some(Act::Open)),
        ("1234", Some(Act::Open)),
    ] {
        for written in [code.to_owned(), format!("\"{code}\"")] {
            for http in [200, 400, 500] {
                fake.server.next(Fault::Answer(http, format!(r#"{{"result": {{"code": {written}}}}}"#)));
                let said = gateway.send(&text(1)).await;
                assert_eq!(act(&said), expected, "{written} by HTTP {http}: {said:?}");
            }
        }
    }
    fake.server.next(Fault::Answer(200, r#"{"result":{"code":20}}"#.to_owned()));
    assert!(matches!(gateway.send(&text(1)).await, Answer::Refused(Refusal::Blocked { .. })));
    let wrong = Http::new(HttpOptions { key: Secret::new("wrong"), ..options(&fake) }).unwrap();
    assert_eq!(act(&wrong.send(&text(1)).await), Some(Act::Stop(StopScope::Account)));
    assert!(fake.messages().is_empty());
}

#[tokio::test]
async fn what_is_not_described_is_open_unless_it_surely_was_not_taken() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    let page = "<html>somebody's proxy</html>";
    let stop = || Act::Stop(StopScope::Account);
    for (http, body, expected) in [
        (200, page, Act::Open),
        (200, "{}", Act::Open),
        (200, "", Act::Open),
        // A success without a message.
        (200, r#"{"result":{"code":0}}"#, Act::Open),
        (200, r#"{"result":{"code":0,"rows":[{"msg_id":0}]}}"#, Act::Open),
        // An id is no success.
        (200, r#"{"result":{"rows":[{"msg_id":5}]}}"#, Act::Open),
        // Success words with an error's status.
        (500, r#"{"result":{"code":0,"rows":[{"msg_id":5}]}}"#, Act::Open),
        (302, page, Act::Open),
        (500, page, Act::Open),
        (502, page, Act::Open),
        (404, page, Act::Down),
        (401, page, stop()),
        (308, page, stop()),
        (408, page, Act::Later),
        (429, page, Act::Later),
        // "never" by its status, on the word of the provider only.
        (422, r#"{"errors":["to"]}"#, Act::Never),
        (422, page, Act::Down),
    ] {
        fake.server.next(Fault::Answer(http, body.to_owned()));
        let said = gateway.send(&text(1)).await;
        assert_eq!(act(&said), Some(expected), "HTTP {http} {body}: {said:?}");
    }
    let nobody = SETTINGS.replace("BASE", &crate::kavenegar_fake::Fake::nobody().await);
    let nobody = Http::new(described(&nobody)).unwrap();
    assert_eq!(act(&nobody.send(&text(1)).await), Some(Act::Down));
    assert_eq!(act(&gateway.send(&template("back", &[])).await), Some(Act::Mistake));
}

#[tokio::test]
async fn a_lost_answer_stays_open() {
    for fault in [Fault::Stall, Fault::StallAfter, Fault::LoseAnswer, Fault::CutHalfway, Fault::Garbage] {
        let fake = Fake::start().await;
        let stalls = matches!(fault, Fault::Stall | Fault::StallAfter);
        let gateway = if stalls { hasty(&fake) } else { client(&fake) };
        fake.server.next(fault.clone());
        let said = gateway.send(&text(1)).await;
        assert!(is_open(&said), "{fault:?}: {said:?}");
        assert_eq!((fake.server.calls().len(), fake.messages().len()), (1, usize::from(fault.does())), "{fault:?}");
    }
}

#[tokio::test]
async fn state_and_balance_are_asked_as_described() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    let Answer::Accepted(receipt) = gateway.send(&text(1)).await else { panic!("not accepted") };
    let ids = [receipt.gateway_id.clone(), "a/b".to_owned()];
    let reports = gateway.states(&ids).await.unwrap();
    assert_eq!(reports, [Report::of(&ids[0], Delivery::Delivered), Report::of("a/b", Delivery::Unknown)]);
    assert_eq!(fake.server.calls().last().unwrap().path, "/v7/state/a%2Fb");
    for (word, state) in [
        ("0", Delivery::Queued),
        ("1", Delivery::Sent),
        ("2", Delivery::Delivered),
        ("3", Delivery::Failed),
        ("\"4\"", Delivery::Blocked),
        ("7", Delivery::Unknown),
    ] {
        fake.server.next(Fault::Answer(200, word.to_owned()));
        assert_eq!(gateway.states(&ids[..1]).await.unwrap()[0].state, state, "{word}");
    }
    for fault in [Fault::Answer(500, "2".to_owned()), Fault::Answer(200, "{}".to_owned()), Fault::LoseAnswer] {
        fake.server.next(fault.clone());
        assert!(gateway.states(&ids[..1]).await.is_err(), "{fault:?}");
    }
    assert_eq!(gateway.balance().await, Ok(Some(rial(12_346))));
    fake.server.next(Fault::Answer(200, r#"{"credit":"much"}"#.to_owned()));
    assert!(gateway.balance().await.is_err());
}

#[tokio::test]
async fn callbacks_are_read_by_the_described_names() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    let report = gateway.delivery_push(&push(r#"{"MsgId": 98765432109876543210, "ST": "2"}"#)).unwrap().remove(0);
    assert_eq!(report, Report::of("98765432109876543210", Delivery::Delivered));
    let report = gateway.delivery_push(&push("ref=12&st=4")).unwrap().remove(0);
    assert_eq!((report.gateway_id, report.reference, report.state), (None, Some(12), Delivery::Blocked));
    assert_eq!(gateway.delivery_push(&push("msgid=1&st=77")).unwrap()[0].state, Delivery::Unknown);
    for silent in ["", "msgid=1", "st=2", "msgid=0&st=2"] {
        assert!(matches!(gateway.delivery_push(&push(silent)), Err(Trouble::Unreadable(_))), "{silent}");
    }
    let reply = gateway.inbound_push(&push("source=09120000001&body=11&line=1000&msgid=5")).unwrap().remove(0);
    assert_eq!((reply.from.as_str(), reply.text.as_str()), ("09120000001", "11"));
    assert_eq!((reply.to.as_deref(), reply.gateway_id.as_deref()), (Some("1000"), Some("5")));
    assert!(matches!(gateway.inbound_push(&push("source=09120000001")), Err(Trouble::Unreadable(_))));
    let some = push(r#"[{"msgid":1},{"msgid":2,"st":2,"source":"09120000001","body":"11"}]"#);
    assert_eq!(gateway.delivery_push(&some).unwrap(), [Report::of("2", Delivery::Delivered)]);
    assert_eq!(gateway.inbound_push(&some).unwrap().len(), 1);
    let deaf = Http::new(HttpOptions { delivery: None, inbound: None, status: None, balance: None, ..options(&fake) })
        .unwrap();
    assert_eq!(deaf.delivery_push(&push("msgid=1&st=2")), Err(Trouble::NotOffered));
    assert!(matches!(deaf.inbound_push(&push("source=1&body=2")), Err(Trouble::NotOffered)));
    assert_eq!(deaf.states(&["1".to_owned()]).await, Err(Trouble::NotOffered));
    assert_eq!((deaf.balance().await, deaf.abilities().polls_delivery), (Ok(None), false));
}

/// The smallest description: everything in the address, a bare word as the answer.
#[tokio::test]
async fn a_bare_answer_and_a_get_are_enough() {
    let fake = Fake::start().await;
    let small = format!(
        r#"
[gateway]
use = "http"
[gateway.http]
number = "national"
price_persian = "1200"
price_latin = "1500"
[gateway.http.send]
url = "{}/send?u={{key}}&to={{to}}&m={{text}}"
id_at = "$"
errors = {{ "http 429" = "retry" }}
[budget]
month = "5000"
"#,
        fake.server.base()
    );
    let gateway = Http::new(described(&small)).unwrap();
    for (http, body, expected) in [
        (200, "123456789012345678901", None),
        (200, "550e8400-e29b-41d4-a716-446655440000", None),
        // Nobody knows which of these are errors.
        (200, "-1", Some(Act::Open)),
        (200, "ERROR", Some(Act::Open)),
        (200, "\"خطا\"", Some(Act::Open)),
        (200, "Error 12", Some(Act::Open)),
        (200, "0", Some(Act::Open)),
        (429, "", Some(Act::Later)),
        (503, "", Some(Act::Open)),
    ] {
        fake.server.next(Fault::Answer(http, body.to_owned()));
        assert_eq!(act(&gateway.send(&text(1)).await), expected, "{body}");
    }
    let call = fake.server.calls().remove(0);
    assert_eq!(
        (call.method.as_str(), call.query["to"].as_str(), call.query["m"].as_str()),
        ("GET", "09120000001", WORDS)
    );
    assert_eq!(call.query["u"], KEY);
    let abroad = Phone::from_e164("+12025550100").unwrap();
    assert!(!gateway.reaches(&abroad, false));
    assert_eq!(act(&gateway.send(&Outgoing { to: abroad, ..text(1) }).await), Some(Act::Never));
    assert_eq!(fake.server.calls().len(), 9);
}

/// The examples of the manual, as an owner would copy them.
#[test]
fn the_manuals_examples_pass_check() {
    let manual = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/gateways.md"));
    for provider in ["twilio", "http"] {
        let heading = format!("[gateway.{provider}]");
        let blocks = manual.split("```toml").skip(1).filter_map(|block| block.split("```").next());
        let examples: Vec<&str> = blocks.filter(|block| block.contains(&heading)).collect();
        assert!(!examples.is_empty(), "no example for {provider}");
        for example in examples {
            let outside = Outside {
                folder: Path::new("/"),
                environment: BTreeMap::new(),
                credentials: BTreeMap::new(),
                read: &|_| Ok("made-up".to_owned()),
            };
            let checked = check::load("bazgasht.toml", example, &outside);
            let problems: Vec<&str> = checked.problems.iter().map(|problem| problem.what.as_str()).collect();
            assert!(problems.is_empty(), "{problems:?} in {example}");
            assert_eq!(checked.settings.unwrap().gateway.names(), [provider]);
        }
    }
}

/// What [`SETTINGS`] send.
const JSON: &str =
    r#"json = '{"auth": {"pass": "{key}"}, "sms": [{"dest": "{to}", "body": "{text}", "ref": {reference}}]}'"#;

#[test]
fn a_wrong_description_is_said_at_its_place() {
    let good = SETTINGS.replace("BASE", "https://sms.example");
    assert!(checked(&good).settings.is_some());
    for (old, new, code, place) in [
        ("{text}", "{message}", Code::UnknownPlaceholder, "'{\"auth\""),
        ("\"{text}\"", "{text}", Code::BadValue, "'{\"auth\""),
        ("\"{text}\"", "\"\"", Code::MissingKey, "\"https://sms.example/v7/push"),
        ("https://sms.example/v7/push", "http://sms.example/v7/push", Code::BadValue, "\"http://sms.example/v7/push"),
        ("https://sms.example/v7/push", "https://{sender}.example/v7/push", Code::BadValue, "\"https://{sender}"),
        ("https://sms.example/v7/push", "sms.example", Code::BadValue, "\"sms.example"),
        ("X-Client", "\"X Client\"", Code::BadValue, "\"X Client\""),
        ("17 = \"never\"", "17 = \"nevr\"", Code::UnknownWord, "\"nevr\""),
        ("http 429", "http 42", Code::BadValue, "\"http 42\""),
        ("\"http 429\" = \"retry\"", "\"http 503\" = \"retry\"", Code::BadValue, "\"retry\", \"http 422"),
        ("\"http 429\" = \"retry\"", "\"http 500\" = \"credit\"", Code::BadValue, "\"credit\", \"http 422"),
        ("\"result.rows.0.msg_id\"", "\"result..id\"", Code::BadValue, "\"result..id\""),
        ("success_is = [\"0\", \"ok\"]\n", "", Code::MissingKey, "[gateway.http.send]"),
        ("error_at = \"result.code\"\n", "", Code::MissingKey, "[gateway.http.send]"),
        ("id_at = \"result.rows.0.msg_id\"\n", "", Code::Conflict, "status"),
        ("number = \"00\"", "number = \"09\"", Code::UnknownWord, "\"09\""),
        ("sender = \"10001000\"\n", "", Code::MissingKey, "[gateway.http]"),
        ("{id}?pass", "x?pass", Code::MissingKey, "\"https://sms.example/v7/state"),
        ("at = \"$\"\n", "", Code::MissingKey, "[gateway.http.status]"),
        ("2 = \"delivered\", 3", "2 = \"deliverd\", 3", Code::UnknownWord, "\"deliverd\""),
        ("from = \"source\"\n", "", Code::MissingKey, "[gateway.http.inbound]"),
        ("json = ", "method = \"GET\"\njson = ", Code::Conflict, "\"GET\""),
        ("id_at = \"result.rows.0.msg_id\"\n", "", Code::Conflict, "delivery"),
        (
            "r{reference}\" }\njson = '{\"auth\": {\"pass\": \"{key}\"}, \"sms\": [{\"dest\": \"{to}\", \"body\": \"{text}\", \"ref\": {reference}}]}'",
            "r\" }\njson = '{\"auth\": \"{key}\", \"dest\": \"{to}\", \"body\": \"{text}\"}'",
            Code::Conflict,
            "delivery",
        ),
        (JSON, "form = { to = '{to}', sms = '{\"body\": \"{text}\"}' }", Code::BadValue, "form = {"),
        (JSON, "form = { to = '[\"{to}\"]', all = '[\"{text}\"]' }", Code::BadValue, "form = {"),
        ("json = ", "form = { a = \"{to}\" }\njson = ", Code::Conflict, "'{\"auth\""),
        ("success_at", "sucess_at", Code::UnknownKey, "sucess_at"),
    ] {
        assert!(good.contains(old), "{old}");
        let wrong = good.replacen(old, new, 1);
        let checked = checked(&wrong);
        assert!(checked.settings.is_none(), "{new}");
        let said = |p: &bazgasht::problem::Problem| (p.code, wrong[p.span.start..].starts_with(place), p.what.clone());
        let problems: Vec<_> = checked.problems.iter().map(said).collect();
        assert!(problems.iter().any(|(found, there, _)| *found == code && *there), "{new}: {problems:?}");
    }
    assert!(checked(&good.replace("\"http 429\" = \"retry\"", "\"http 503\" = \"uncertain\"")).settings.is_some());
    let list = good.replace(JSON, "form = { to = '[\"{to}\"]', text = '{text}', ref = '{reference}' }");
    assert!(checked(&list).settings.is_some(), "a number breaks no JSON");
    let one_place = good.replace("success_at = \"result.code\"\nsuccess_is = [\"0\", \"ok\"]\n", "");
    assert!(checked(&one_place).settings.is_some());
    let one_place = one_place.replace("result.rows.0.msg_id", "result.code");
    assert!(checked(&one_place).problems.iter().any(|p| p.code == Code::Conflict && p.what.contains("one place")));
    let unkeyed = check::load(
        "x",
        &good,
        &Outside {
            folder: Path::new("/"),
            environment: BTreeMap::new(),
            credentials: BTreeMap::new(),
            read: &|_| Err(std::io::ErrorKind::NotFound.into()),
        },
    );
    assert!(unkeyed.problems.iter().any(|p| p.code == Code::MissingKey && p.what.contains("`key`")));
}

#[tokio::test]
async fn neither_key_nor_number_nor_text_is_shown() {
    let log = Written::default();
    let sink = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || sink.clone()).finish();
    let guard = tracing_subscriber::util::SubscriberInitExt::set_default(subscriber);
    tracing::trace!("the log is read");
    let fake = Fake::start().await;
    let mut shown = String::new();
    for fault in [
        Fault::Answer(500, format!("{KEY} 09120000001")),
        Fault::Answer(200, r#"{"result":{"code":"09120000001"}}"#.to_owned()),
        Fault::Answer(302, String::new()),
        Fault::CutHalfway,
        Fault::LoseAnswer,
        Fault::StallAfter,
    ] {
        let gateway = hasty(&fake);
        fake.server.next(fault.clone());
        shown += &format!("{:?} {gateway:?}\n", gateway.send(&text(1)).await);
        fake.server.next(fault);
        shown += &format!("{:?}\n", gateway.states(&["5".to_owned()]).await.err());
    }
    shown += &format!("{:?}", options(&fake));
    let keyless = Http::new(HttpOptions { key: Secret::new(" "), ..options(&fake) });
    assert!(keyless.is_err());
    shown += &format!("{keyless:?}");
    drop(guard);
    assert!(log.text().contains("the log is read"));
    for hidden in ["p@ss", "p%40ss", "9120000001", "سبدت"] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
        assert!(!log.text().contains(hidden), "{hidden} in the log");
    }
}
