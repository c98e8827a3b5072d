//! An HTTP service on a loopback port whose answers a fake decides, and whose connections fail as told.

use std::collections::{BTreeMap, VecDeque};
use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

use crate::kavenegar_fake::wire::{HEAD_BYTES, Wire, Wires};

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Call {
    pub method: String,
    pub path: String,
    pub query: BTreeMap<String, String>,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Call {
    pub fn form(&self) -> BTreeMap<String, String> {
        url::form_urlencoded::parse(self.body.as_bytes()).into_owned().collect()
    }
}

/// What happens to one call instead of the usual.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Nothing is done, and this is answered.
    Answer(u16, String),
    /// Nothing is done, and nothing answered.
    Stall,
    /// Done, and nothing answered.
    StallAfter,
    /// Done, and the connection closed without a byte of an answer.
    LoseAnswer,
    /// Done, and the connection closed in the middle of the answer.
    CutHalfway,
    /// Done, and answered with something that is not the provider's.
    Garbage,
}

impl Fault {
    /// The provider does its work in spite of it.
    pub fn does(&self) -> bool {
        !matches!(self, Fault::Answer(..) | Fault::Stall)
    }
}

type Service = dyn Fn(&Call) -> (u16, String) + Send + Sync;

/// A handle to a running service; clones are the same one.
#[derive(Clone)]
pub struct Server(Arc<Inner>);

struct Inner {
    address: SocketAddr,
    service: Box<Service>,
    faults: Mutex<VecDeque<Fault>>,
    calls: Mutex<Vec<Call>>,
}

impl Server {
    pub async fn start(service: impl Fn(&Call) -> (u16, String) + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let server = Server(Arc::new(Inner {
            address: listener.local_addr().unwrap(),
            service: Box::new(service),
            faults: Mutex::default(),
            calls: Mutex::default(),
        }));
        let routes = Router::new().fallback(serve).with_state(server.clone());
        let routes = routes.into_make_service_with_connect_info::<Wire>();
        tokio::spawn(async move { axum::serve(Wires(listener), routes).await });
        server
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.0.address)
    }

    /// For the next call. Faults queue.
    pub fn next(&self, fault: Fault) {
        self.0.faults.lock().unwrap().push_back(fault);
    }

    pub fn calls(&self) -> Vec<Call> {
        self.0.calls.lock().unwrap().clone()
    }
}

async fn serve(
    State(server): State<Server>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let call = Call {
        method: method.to_string(),
        path: uri.path().to_owned(),
        query: url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect(),
        headers: headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
            .collect(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    server.0.calls.lock().unwrap().push(call.clone());
    let fault = server.0.faults.lock().unwrap().pop_front();
    match fault {
        Some(Fault::Answer(http, body)) => return raw(http, body),
        Some(Fault::Stall) => return pending().await,
        _ => {}
    }
    let (http, answer) = (server.0.service)(&call);
    match fault {
        Some(Fault::StallAfter) => pending().await,
        Some(Fault::LoseAnswer) => {
            wire.allow(0);
            raw(http, answer)
        }
        Some(Fault::CutHalfway) => {
            wire.allow(HEAD_BYTES + answer.len() / 2);
            raw(http, answer)
        }
        Some(Fault::Garbage) => raw(200, "<html>somebody's proxy</html>".to_owned()),
        _ => raw(http, answer),
    }
}

fn raw(http: u16, body: String) -> Response {
    let status = StatusCode::from_u16(http).unwrap();
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
}
