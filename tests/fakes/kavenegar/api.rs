//! One HTTP call, and what the script does to it.

use std::collections::BTreeMap;
use std::future::pending;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, RawQuery, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde_json::{Value, json};

use super::wire::{HEAD_BYTES, Wire};
use super::{Call, Fake, Script};

pub fn routes() -> Router<Fake> {
    let api = any(api);
    Router::new()
        .route("/v1/{key}/{scope}/{method}", api.clone())
        .route("/v1/{key}/{scope}/{part}/{method}", api)
        .fallback(|| async { refusal(404, 404) })
}

async fn api(
    State(fake): State<Fake>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    Path(steps): Path<Vec<String>>,
    verb: Method,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let mut fields: BTreeMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
    fields.extend(url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned());
    let (key, method) = steps.split_first().unwrap();
    let call = Call { method: method.join("/").trim_end_matches(".json").to_owned(), fields };
    let sends = matches!(call.method.as_str(), "sms/send" | "sms/sendarray" | "verify/lookup");
    let (script, right_key) = {
        let mut books = fake.books();
        books.calls.push(call.clone());
        (if sends { books.sending.pop_front() } else { books.asking.pop_front() }, books.key == *key)
    };
    if !matches!(verb, Method::GET | Method::POST) {
        return refusal(405, 405);
    }
    match script {
        Some(Script::Refuse(code)) => return refusal(code, code),
        Some(Script::RefuseWith200(code)) => return refusal(200, code),
        Some(Script::RefuseBroken(code)) => {
            return raw(code, format!(r#"{{"return":{{"status":{code},"message":"…"}},"entries":{{ null }}}}"#));
        }
        Some(Script::StallBeforeAccepting) => return pending().await,
        Some(Script::Answer { http, body, accepts: false }) => return raw(http, body),
        _ => {}
    }
    let huge = matches!(script, Some(Script::HugeIds));
    let result = if right_key { fake.books().answer(&call, huge) } else { Err(403) };
    let (http, answer) = match result {
        Ok(entries) => (200, json!({"return": {"status": 200, "message": "تایید شد"}, "entries": entries})),
        Err(code) => (code, refused(code)),
    };
    match script {
        Some(Script::AcceptAndStall) => pending().await,
        Some(Script::LoseAnswer) => {
            wire.allow(0);
            raw(http, answer.to_string())
        }
        Some(Script::CutHalfway) => {
            let body = answer.to_string();
            wire.allow(HEAD_BYTES + body.len() / 2);
            raw(http, body)
        }
        Some(Script::Garbage) => raw(200, "<html>504 at somebody's proxy</html>".to_owned()),
        Some(Script::NumbersAsStrings) => raw(http, as_strings(answer).to_string()),
        Some(Script::Answer { http, body, .. }) => raw(http, body),
        _ => raw(http, answer.to_string()),
    }
}

fn refused(code: u16) -> Value {
    json!({"return": {"status": code, "message": "پیام خطا"}, "entries": null})
}

fn refusal(http: u16, code: u16) -> Response {
    raw(http, refused(code).to_string())
}

fn raw(http: u16, body: String) -> Response {
    let status = StatusCode::from_u16(http).unwrap();
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
}

fn as_strings(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        Value::Array(list) => list.into_iter().map(as_strings).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, as_strings(value))).collect(),
        other => other,
    }
}
