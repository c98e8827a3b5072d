//! A JSON service on a loopback port that fails as told: what the fakes of several providers share.

use std::collections::VecDeque;
use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::kavenegar_fake::wire::{HEAD_BYTES, Wire, Wires};

/// What happens to one call.
#[derive(Debug, Clone)]
pub enum Script {
    /// Never answers.
    Stall { accepts: bool },
    /// Accepts, and closes the connection without a byte of an answer.
    LoseAnswer,
    /// Accepts, and closes the connection in the middle of the answer.
    CutHalfway,
    /// Accepts, and writes all numbers of the answer as text.
    NumbersAsStrings,
    /// Accepts, and writes keys in another case.
    OtherCase,
    /// This very answer.
    Answer { http: u16, body: String, accepts: bool },
}

/// One request, accepted or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub method: Method,
    /// Behind the service's base.
    pub path: String,
    pub query: Vec<(String, String)>,
    /// Null where there is none.
    pub body: Value,
    pub key: String,
}

impl Call {
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// A provider's account.
pub trait Books: Send + 'static {
    /// What stands before each call's path, and the header that the key comes in.
    const BASE: &'static str;
    const KEY_HEADER: &'static str;

    fn answer(&mut self, call: &Call) -> (u16, Value);
}

struct Inner<B> {
    books: B,
    calls: Vec<Call>,
    handing: VecDeque<Script>,
    asking: VecDeque<Script>,
}

/// A handle to a running fake; clones are the same fake. POST hands over, GET asks.
pub struct Service<B> {
    address: SocketAddr,
    inner: Arc<Mutex<Inner<B>>>,
}

impl<B> Clone for Service<B> {
    fn clone(&self) -> Self {
        Self { address: self.address, inner: Arc::clone(&self.inner) }
    }
}

impl<B: Books> Service<B> {
    pub async fn start(books: B) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let inner = Inner { books, calls: Vec::new(), handing: VecDeque::new(), asking: VecDeque::new() };
        let service = Self { address: listener.local_addr().unwrap(), inner: Arc::new(Mutex::new(inner)) };
        let routes = Router::new().fallback(take::<B>).with_state(service.clone());
        let routes = routes.into_make_service_with_connect_info::<Wire>();
        tokio::spawn(async move { axum::serve(Wires(listener), routes).await });
        service
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// For the next message that is handed over. Scripts queue.
    pub fn next(&self, script: Script) {
        self.lock().handing.push_back(script);
    }

    /// For the next question.
    pub fn next_ask(&self, script: Script) {
        self.lock().asking.push_back(script);
    }

    pub fn calls(&self, path: &str) -> Vec<Call> {
        self.lock().calls.iter().filter(|call| call.path == path).cloned().collect()
    }

    pub fn books<T>(&self, look: impl FnOnce(&mut B) -> T) -> T {
        look(&mut self.lock().books)
    }

    fn lock(&self) -> MutexGuard<'_, Inner<B>> {
        self.inner.lock().unwrap()
    }
}

async fn take<B: Books>(
    State(service): State<Service<B>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let call = Call {
        path: uri.path().strip_prefix(B::BASE).unwrap_or_default().to_owned(),
        query: url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect(),
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        key: headers.get(B::KEY_HEADER).and_then(|key| key.to_str().ok()).unwrap_or_default().to_owned(),
        method,
    };
    let script = {
        let mut inner = service.lock();
        inner.calls.push(call.clone());
        if call.method == Method::POST { inner.handing.pop_front() } else { inner.asking.pop_front() }
    };
    match script {
        Some(Script::Stall { accepts: false }) => return pending().await,
        Some(Script::Answer { http, body, accepts: false }) => return raw(http, body),
        _ => {}
    }
    let (http, answer) = service.books(|books| books.answer(&call));
    match script {
        Some(Script::Stall { .. }) => pending().await,
        Some(Script::LoseAnswer) => {
            wire.allow(0);
            raw(http, answer.to_string())
        }
        Some(Script::CutHalfway) => {
            let body = answer.to_string();
            wire.allow(HEAD_BYTES + body.len() / 2);
            raw(http, body)
        }
        Some(Script::NumbersAsStrings) => raw(http, as_strings(answer).to_string()),
        Some(Script::OtherCase) => raw(http, in_other_case(answer).to_string()),
        Some(Script::Answer { http, body, .. }) => raw(http, body),
        None => raw(http, answer.to_string()),
    }
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

fn in_other_case(value: Value) -> Value {
    match value {
        Value::Array(list) => list.into_iter().map(in_other_case).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name.to_uppercase(), in_other_case(value))).collect()
        }
        other => other,
    }
}
