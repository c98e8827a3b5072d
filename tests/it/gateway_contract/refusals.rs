//! Answers by which a message was surely not taken, and those that only look so.

use super::*;

/// Each code of the documentation's table 1: what it comes to for a text, and for a template where that differs.
fn codes() -> Vec<(u16, Act, Option<Act>)> {
    use Act::{Later, Mistake, Never, Open, Stop};
    use StopScope::{Account, Credit, Line, Links, Template, Templates};
    let back = || Some(Stop(Template("back".to_owned())));
    vec![
        (400, Mistake, None),
        (401, Stop(Account), None),
        (402, Open, None),
        (403, Stop(Account), None),
        (404, Mistake, None),
        (405, Mistake, None),
        (406, Mistake, None),
        (407, Stop(Account), None),
        (409, Open, None),
        (411, Never, None),
        (412, Stop(Line), None),
        (413, Never, None),
        (414, Mistake, None),
        (415, Mistake, None),
        (416, Stop(Account), None),
        (417, Mistake, None),
        (418, Stop(Credit), None),
        (419, Mistake, None),
        (420, Stop(Links), None),
        (422, Never, None),
        (424, Mistake, back()),
        (426, Stop(Templates), None),
        (427, Stop(Line), None),
        (428, Mistake, None),
        (429, Stop(Account), None),
        (431, Never, None),
        (432, Mistake, back()),
        (451, Later, None),
        (501, Stop(Account), None),
        (604, Mistake, None),
        (607, Mistake, None),
        // Not in the table, so nobody knows.
        (499, Open, None),
        (599, Open, None),
    ]
}

#[tokio::test]
async fn every_code_has_its_consequence_whatever_the_http_status_says() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    for (code, for_text, for_template) in codes() {
        for script in [Script::Refuse(code), Script::RefuseWith200(code)] {
            // What may have been taken is tried again; the further tries must hear the same.
            (0..if matches!(code, 402 | 409) { 3 } else { 1 }).for_each(|_| fake.next(script.clone()));
            let said = gateway.send(&text(i64::from(code))).await;
            assert_eq!(act(&said).as_ref(), Some(&for_text), "{code} for a text: {said:?}");
            fake.next(script);
            let said = gateway.send(&template("back", &[("token", "x")])).await;
            assert_eq!(
                act(&said).as_ref(),
                Some(for_template.as_ref().unwrap_or(&for_text)),
                "{code} for a template: {said:?}"
            );
        }
    }
    assert!(fake.accepted().is_empty());
}

#[tokio::test]
async fn the_rate_limit_asks_for_a_long_rest() {
    let fake = Fake::start().await;
    fake.next(Script::Refuse(451));
    let Answer::Refused(Refusal::Later { after, .. }) = client(&fake).send(&text(1)).await else { panic!("not later") };
    assert!(after.unwrap() >= Duration::from_mins(5));
}

#[tokio::test]
async fn a_failed_operation_is_tried_again_under_the_same_reference() {
    let fake = Fake::start().await;
    fake.next(Script::Refuse(402));
    assert!(matches!(client(&fake).send(&text(REFERENCE)).await, Answer::Accepted(_)));
    let calls = fake.calls("sms/send");
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0], calls[1]);
}

#[tokio::test]
async fn a_server_that_cannot_answer_may_have_taken_it() {
    let fake = Fake::start().await;
    let taken = Script::Answer { http: 409, body: r#"{"return":{"status":409}}"#.to_owned(), accepts: true };
    (0..3).for_each(|_| fake.next(taken.clone()));
    let gateway = client(&fake);
    let said = gateway.send(&text(REFERENCE)).await;
    assert!(is_open(&said), "{said:?}");
    assert_eq!(fake.accepted_count_by_localid(), BTreeMap::from([(REFERENCE, 1)]));
    let known = gateway.find(&sought(&[REFERENCE])).await.unwrap();
    assert!(matches!(known[..], [(REFERENCE, Known::Found(_))]), "{known:?}");
}

#[tokio::test]
async fn a_refusal_after_a_failed_operation_leaves_it_open() {
    let fake = Fake::start().await;
    fake.next(Script::Answer { http: 402, body: r#"{"return":{"status":402}}"#.to_owned(), accepts: true });
    fake.next(Script::Refuse(418));
    let said = client(&fake).send(&text(REFERENCE)).await;
    assert!(is_open(&said), "{said:?}");
    assert_eq!(fake.accepted().len(), 1);
}

#[tokio::test]
async fn a_failed_template_is_never_tried_again() {
    let fake = Fake::start().await;
    fake.next(Script::Refuse(402));
    assert!(is_open(&client(&fake).send(&template("back", &[("token", "x")])).await));
    assert_eq!(fake.calls("verify/lookup").len(), 1);
}

#[tokio::test]
async fn spent_credit_stops_and_says_so() {
    let fake = Fake::start().await;
    fake.set_credit(2000);
    let gateway = client(&fake);
    assert!(matches!(gateway.send(&text(1)).await, Answer::Accepted(_)));
    let said = gateway.send(&text(2)).await;
    assert_eq!(act(&said), Some(Act::Stop(StopScope::Credit)), "{said:?}");
    assert_eq!(gateway.balance().await, Ok(Some(rial(750))));
}

#[tokio::test]
async fn a_wrong_key_stops_the_gateway() {
    let fake = Fake::start().await;
    let gateway = Kavenegar::new(KavenegarOptions { key: Secret::new("wrong"), ..options(&fake.base()) }).unwrap();
    assert_eq!(act(&gateway.send(&text(1)).await), Some(Act::Stop(StopScope::Account)));
    assert!(matches!(gateway.balance().await, Err(Trouble::Refused { code: 403, .. })));
}

#[tokio::test]
async fn broken_json_falls_back_to_the_http_status() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    let broken = recorded!("refused_418_broken.json");
    for (script, expected) in [
        (answer(418, recorded!("refused_418.json")), Act::Stop(StopScope::Credit)),
        (answer(418, broken), Act::Stop(StopScope::Credit)),
        (Script::RefuseBroken(411), Act::Never),
        (Script::RefuseBroken(400), Act::Mistake),
        (Script::RefuseBroken(451), Act::Later),
        // The status of a success says nothing of the broken words.
        (answer(200, broken), Act::Open),
    ] {
        fake.next(script.clone());
        let said = gateway.send(&text(1)).await;
        assert_eq!(act(&said), Some(expected), "{script:?}: {said:?}");
    }
}

#[tokio::test]
async fn a_stranger_on_the_way_never_fails_a_message() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    let page = "<html>somebody's proxy</html>";
    for (http, expected) in [
        (404, Act::Down),
        (411, Act::Down),
        (413, Act::Down),
        (412, Act::Down),
        (416, Act::Down),
        (418, Act::Down),
        (429, Act::Later),
        (401, Act::Stop(StopScope::Account)),
        (403, Act::Stop(StopScope::Account)),
        (407, Act::Stop(StopScope::Account)),
        (408, Act::Later),
        (301, Act::Stop(StopScope::Account)),
        (308, Act::Stop(StopScope::Account)),
        (302, Act::Open),
        (500, Act::Open),
        (501, Act::Open),
        (502, Act::Open),
        (503, Act::Open),
        (504, Act::Open),
        (410, Act::Down),
        (200, Act::Open),
    ] {
        fake.next(answer(http, page));
        let said = gateway.send(&text(1)).await;
        assert_eq!(act(&said), Some(expected), "HTTP {http}: {said:?}");
    }
}

#[tokio::test]
async fn success_without_a_message_is_open() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    for body in [
        recorded!("send_empty.json"),
        recorded!("send_no_id.json"),
        r#"{"return":{"status":200},"entries":null}"#,
        "",
        "null",
        "[]",
    ] {
        fake.next(answer(200, body));
        let said = gateway.send(&text(1)).await;
        assert!(is_open(&said), "{body}: {said:?}");
    }
}

#[tokio::test]
async fn a_flood_instead_of_an_answer_is_not_read() {
    let fake = Fake::start().await;
    fake.next(answer(200, &" ".repeat(2100 * 1024)));
    let said = client(&fake).send(&text(1)).await;
    assert!(matches!(&said, Answer::Open(why) if why.contains("longer than")), "{said:?}");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let fake = Fake::start().await;
    let elsewhere = Fake::start().await;
    let to = format!("{}/v1/{KEY}/sms/send.json", elsewhere.base());
    let app = Router::new().fallback(move || async move { axum::response::Redirect::permanent(&to) });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });

    let said = Kavenegar::new(options(&base)).unwrap().send(&text(1)).await;

    assert_eq!(act(&said), Some(Act::Stop(StopScope::Account)), "{said:?}");
    assert!(fake.accepted().is_empty() && elsewhere.calls("sms/send").is_empty());
}
