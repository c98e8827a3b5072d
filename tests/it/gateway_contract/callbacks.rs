//! What the gateway tells by itself.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method};
use axum::routing::any;

use crate::kavenegar_fake::PushStyle;

use super::*;

fn push(method: &str, query: &[(&str, &str)], content_type: Option<&str>, body: &str) -> Push {
    Push {
        method: method.to_owned(),
        query: query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        headers: content_type.map(|kind| ("content-type".to_owned(), kind.to_owned())).into_iter().collect(),
        body: body.as_bytes().to_vec(),
        ..Push::default()
    }
}

#[test]
fn a_bad_row_of_a_callback_does_not_lose_the_others() {
    let some = r#"[{"messageid":1},{"messageid":2,"status":14,"from":"09120000001","message":"لغو"},{"status":4}]"#;
    let push = push("POST", &[], None, some);
    let told = offline().delivery_push(&push).unwrap();
    assert_eq!(told.iter().map(|report| report.gateway_id.as_deref()).collect::<Vec<_>>(), [Some("2")]);
    assert_eq!(offline().inbound_push(&push).unwrap().len(), 1);
}

#[test]
fn delivery_callbacks_are_read_however_they_come() {
    let form = Some("application/x-www-form-urlencoded");
    let json = Some("application/json; charset=utf-8");
    for push in [
        push("GET", &[("messageid", "700100200"), ("status", "10")], None, ""),
        push("POST", &[], form, "messageId=700100200&Status=10"),
        push("POST", &[], None, "message_id=700100200&status=10"),
        push("POST", &[("messageid", "700100200")], form, "status=10"),
        push("POST", &[], json, recorded!("delivery_push.json")),
        push("POST", &[], form, recorded!("delivery_push.json")),
    ] {
        let reports = offline().delivery_push(&push).unwrap();
        let expected = Report::of("700100200".to_owned(), Delivery::Delivered);
        assert_eq!(reports, [expected], "{push:?}");
    }
    let several = offline().delivery_push(&push("POST", &[], json, recorded!("delivery_pushes.json"))).unwrap();
    assert_eq!(several.iter().map(|report| report.state).collect::<Vec<_>>(), [Delivery::Delivered, Delivery::Blocked]);
    let by_reference =
        offline().delivery_push(&push("GET", &[("localid", "450"), ("status", "14")], None, "")).unwrap();
    assert_eq!((by_reference[0].reference, by_reference[0].refunded), (Some(450), true));
}

#[test]
fn callbacks_that_say_nothing_are_refused_without_showing_them() {
    let json = Some("application/json");
    for push in [
        push("GET", &[], None, ""),
        push("GET", &[("messageid", "09120000001")], None, ""),
        push("GET", &[("status", "10")], None, ""),
        push("GET", &[("messageid", "0"), ("status", "10")], None, ""),
        push("POST", &[], json, "[1,2]"),
        push("POST", &[], json, "{09120000001"),
    ] {
        let said = offline().delivery_push(&push);
        assert!(matches!(said, Err(Trouble::Unreadable(_))), "{push:?}: {said:?}");
        assert!(!format!("{said:?} {push:?}").contains("0912"));
        assert!(offline().inbound_push(&push).is_err(), "{push:?}");
    }
}

#[test]
fn many_fields_for_many_messages_do_not_fill_the_memory() {
    let query = vec![("a", ""); 20_000];
    let body = format!("[{}]", vec![r#"{"messageid":1,"status":10}"#; 1_000].join(","));
    let said = offline().delivery_push(&push("POST", &query, Some("application/json"), &body));
    assert!(matches!(said, Err(Trouble::Unreadable(_))));
    assert_eq!(offline().delivery_push(&push("POST", &query[..100], None, &body)).unwrap().len(), 1_000);
}

#[test]
fn replies_are_read_under_both_spellings() {
    let json = Some("application/json");
    for (push, id, at) in [
        (
            push(
                "GET",
                &[("from", "09120000001"), ("to", "2000500"), ("message", "لغو۱۱"), ("messageid", "77")],
                None,
                "",
            ),
            Some("77"),
            None,
        ),
        (
            push("POST", &[], None, "sender=09120000001&receptor=2000500&message=%D9%84%D8%BA%D9%88%DB%B1%DB%B1"),
            None,
            None,
        ),
        (push("POST", &[], json, recorded!("inbound_push.json")), Some("98765432109876543210987"), Some(1_767_000_000)),
    ] {
        let inbound = offline().inbound_push(&push).unwrap().remove(0);
        assert_eq!(
            (inbound.from.as_str(), inbound.to.as_deref(), inbound.text.as_str()),
            ("09120000001", Some("2000500"), "لغو۱۱")
        );
        assert_eq!((inbound.gateway_id.as_deref(), inbound.at_unix), (id, at));
        assert!(!format!("{inbound:?}").contains("0912") && !format!("{inbound:?}").contains("لغو"));
    }
}

#[tokio::test]
async fn what_the_fake_pushes_is_read() {
    type Pushes = Arc<Mutex<Vec<Push>>>;
    async fn keep(
        State(pushes): State<Pushes>,
        method: Method,
        RawQuery(query): RawQuery,
        headers: HeaderMap,
        body: axum::body::Bytes,
    ) {
        let query = query.unwrap_or_default();
        pushes.lock().unwrap().push(Push {
            method: method.to_string(),
            query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            headers: headers
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                .collect(),
            body: body.to_vec(),
            ..Push::default()
        });
    }
    let pushes = Pushes::default();
    let app = Router::new().fallback_service(any(keep).with_state(pushes.clone()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/gateway/kavenegar/delivery", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });

    let fake = Fake::start().await;
    fake.push_deliveries_to(&url);
    fake.push_inbound_to(&url);
    let gateway = client(&fake);
    gateway.send(&text(1)).await;
    let id = fake.accepted()[0].messageid;
    for style in [PushStyle::Get, PushStyle::Form, PushStyle::Json] {
        fake.push_style(style);
        // In the wrong order, and one twice.
        for status in [10, 5, 10] {
            assert_eq!(fake.push_report(id, status).await, 200);
        }
        let kept: Vec<Push> = pushes.lock().unwrap().drain(..).collect();
        let states: Vec<_> = kept.iter().map(|push| gateway.delivery_push(push).unwrap().remove(0).state).collect();
        assert_eq!(states, [Delivery::Delivered, Delivery::Sent, Delivery::Delivered], "{style:?}");

        assert_eq!(fake.say("09120000001", "2000500", "لغو ۱۱").await, 200);
        let said = pushes.lock().unwrap().remove(0);
        assert_eq!(gateway.inbound_push(&said).unwrap()[0].text, "لغو ۱۱", "{style:?}");
    }
    assert_eq!(fake.accepted()[0].status, 1);
    fake.report(id, 10).await;
    assert_eq!(fake.accepted()[0].status, 10);
}
