//! A fake of IPPanel's Edge service on a loopback port.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::served::{Call, Server};

pub const KEY: &str = "edge-made-up-for-tests=";

/// 2026-01-05 10:00:00 UTC.
pub const NOW: i64 = 1_767_607_200;

#[derive(Debug, Clone, PartialEq)]
pub struct Sms {
    pub id: u64,
    pub to: String,
    pub from: String,
    pub text: String,
    pub pattern: Option<(String, Value)>,
    pub state: i64,
    pub status: i64,
    pub refund: i64,
}

#[derive(Default)]
pub struct Books {
    pub sent: Vec<Sms>,
    /// Id, number, text; the newest first.
    pub inbox: Vec<(u64, String, String)>,
    pub blocked: bool,
    pub is_66_char: bool,
}

#[derive(Clone)]
pub struct Fake {
    pub server: Server,
    books: Arc<Mutex<Books>>,
}

impl Fake {
    pub async fn start() -> Fake {
        let books = Arc::new(Mutex::new(Books::default()));
        let kept = Arc::clone(&books);
        Fake { server: Server::start(move |call| answer(&mut kept.lock().unwrap(), call)).await, books }
    }

    pub fn base(&self) -> String {
        format!("{}/v1", self.server.base())
    }

    pub fn books(&self) -> std::sync::MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    pub fn sent(&self) -> Vec<Sms> {
        self.books().sent.clone()
    }

    pub fn calls(&self, path: &str) -> Vec<Call> {
        self.server.calls().into_iter().filter(|call| call.path.ends_with(path)).collect()
    }
}

fn good(data: Value) -> (u16, String) {
    let meta = json!({"status": true, "message": "انجام شد", "message_parameters": [], "message_code": "200-1"});
    (200, json!({"data": data, "meta": meta}).to_string())
}

pub fn refused(http: u16, code: &str, message: &str, fields: &[&str]) -> (u16, String) {
    let errors: serde_json::Map<String, Value> = fields.iter().map(|f| ((*f).to_owned(), json!(["نامعتبر"]))).collect();
    let meta = json!({"status": false, "message": message, "message_code": code, "errors": errors});
    (http, json!({"data": null, "meta": meta}).to_string())
}

fn answer(books: &mut Books, call: &Call) -> (u16, String) {
    if call.headers.get("authorization").map(String::as_str) != Some(KEY) {
        return refused(401, "400-1", "unauthorized", &[]);
    }
    let body: Value = serde_json::from_str(&call.body).unwrap_or_default();
    let query = |name: &str| call.query.get(name).cloned().unwrap_or_default();
    match (call.method.as_str(), call.path.as_str()) {
        ("POST", "/v1/api/send") => send(books, &body),
        ("GET", "/v1/api/report/by_bulk") => {
            match books.sent.iter().find(|sms| sms.id.to_string() == query("messages_outbox_id")) {
                Some(sms) => good(json!({
                    "state": "…", "state_id": sms.state, "cost": 2370, "return": sms.refund, "part": 1, "rcpts_count": 1,
                    "time": NOW.to_string(),
                })),
                None => refused(404, "400-1", "not found", &[]),
            }
        }
        ("GET", "/v1/api/report/recipients") => {
            let of = books.sent.iter().filter(|sms| sms.id.to_string() == query("bulk_id"));
            good(of.map(|sms| json!({
                "recipient": sms.to, "message": sms.text, "msg_parts": "1", "message_status": sms.status.to_string(),
            })).collect())
        }
        ("POST", "/v1/api/report/new_list") => {
            let newest = books.sent.iter().rev();
            good(json!({"list": newest.map(|sms| json!({
                "messages_outbox_id": sms.id, "message": sms.text, "time": NOW.to_string(), "state_id": sms.state,
            })).collect::<Vec<_>>()}))
        }
        ("POST", "/v1/api/report/messages-inbox") => {
            let from = body["filters"]["from_id"].as_u64().unwrap_or(0);
            let size = usize::try_from(body["per_page"].as_u64().unwrap()).unwrap();
            let page = usize::try_from(body["page"].as_u64().unwrap()).unwrap() - 1;
            let rows = books.inbox.iter().filter(|(id, ..)| *id >= from).skip(page * size).take(size);
            good(rows.map(|(id, from, text)| json!({
                "messages_inbox_id": id, "from": from, "number": "+983000505", "message": text, "time": NOW, "seen": false,
            })).collect())
        }
        ("GET", "/v1/api/payment/credit/mine") => good(json!({"credit": 123_456.5, "gift": 0})),
        ("POST", "/v1/api/acl/auth/check_token") => {
            good(json!({"user": {"send_block": books.blocked, "document_block": 0}}))
        }
        ("GET", "/v1/api/number/numbers") => good(
            json!([{"number": "+983000505", "is_66_char": books.is_66_char}, {"number": "+9890001", "is_66_char": false}]),
        ),
        (method, path) => panic!("no {method} {path}"),
    }
}

fn send(books: &mut Books, body: &Value) -> (u16, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (to, pattern) = match body["sending_type"].as_str() {
        Some("webservice") => (&body["params"]["recipients"], None),
        Some("pattern") => (&body["recipients"], Some((text(&body["code"]), body["params"].clone()))),
        _ => return refused(422, "400-2", "invalid", &["sending_type"]),
    };
    let to = text(&to[0]);
    if !to.starts_with("+989") {
        return refused(422, "400-2", "invalid", &["params.recipients.0"]);
    }
    let id = 1_123_000_001 + books.sent.len() as u64;
    let from = text(&body["from_number"]);
    books.sent.push(Sms { id, to, from, text: text(&body["message"]), pattern, state: 6, status: 0, refund: 0 });
    good(json!({"message_outbox_ids": [id]}))
}
