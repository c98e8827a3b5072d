//! A fake of IranPayamak's service on a loopback port.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::served::{Call, Server};

pub const KEY: &str = "ip-made-up-for-tests";

/// 2026-01-05 10:00:00 UTC.
pub const NOW: i64 = 1_767_607_200;

#[derive(Debug, Clone, PartialEq)]
pub struct Sms {
    pub id: u64,
    pub to: String,
    pub from: String,
    pub text: String,
    pub pattern: Option<(String, Value)>,
    pub state: String,
    pub item: String,
}

#[derive(Default)]
pub struct Books {
    pub sent: Vec<Sms>,
    /// Id, number, text; in the order in which they are listed.
    pub inbox: Vec<(u64, String, String)>,
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
        self.server.base()
    }

    pub fn books(&self) -> std::sync::MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    pub fn sent(&self) -> Vec<Sms> {
        self.books().sent.clone()
    }
}

fn good(data: Value) -> (u16, String) {
    (200, json!({"status": "success", "data": data, "messages": null}).to_string())
}

pub fn refused(http: u16, messages: Value) -> (u16, String) {
    (http, json!({"status": "error", "data": null, "messages": messages}).to_string())
}

fn answer(books: &mut Books, call: &Call) -> (u16, String) {
    if call.headers.get("api-key").map(String::as_str) != Some(KEY) {
        return refused(401, json!("Unauthorized"));
    }
    let body: Value = serde_json::from_str(&call.body).unwrap_or_default();
    let page = |rows: Vec<Value>| -> Vec<Value> {
        let number = |name: &str| call.query.get(name).and_then(|v| v.parse::<usize>().ok()).unwrap();
        rows.into_iter().skip((number("page") - 1) * number("limit")).take(number("limit")).collect()
    };
    let path = call.path.strip_prefix("/ws/v1/").unwrap_or_default();
    match (call.method.as_str(), path.split('/').collect::<Vec<_>>().as_slice()) {
        ("POST", ["sms", kind]) => send(books, kind, &body),
        ("GET", ["account", "balance"]) => good(json!({"balance_amount": "123456.50", "balance_count": "80"})),
        ("GET", ["lines", "accessible"]) => good(json!([{"id": 1, "number": "3000505"}])),
        ("GET", ["send_request"]) => {
            let rows = books.sent.iter().rev();
            let rows =
                rows.map(|sms| json!({"id": sms.id, "status": sms.state, "created_at": "2026-01-05T10:00:30.000000Z"}));
            good(json!({"sendRequests": {"current_page": 1, "data": page(rows.collect())}}))
        }
        ("GET", ["send_request", id]) => match books.sent.iter().find(|sms| sms.id.to_string() == *id) {
            Some(sms) => good(json!({"sendRequest": {"id": sms.id, "status": sms.state}, "counts": {"total": 1}})),
            None => refused(404, json!("not found")),
        },
        ("GET", ["send_request", id, "items"]) => {
            let of = books.sent.iter().filter(|sms| sms.id.to_string() == *id);
            let rows = of.map(|sms| {
                json!({"destination": sms.to.trim_start_matches('0'), "status": sms.item, "text": sms.text, "error": null})
            });
            good(json!({"data": rows.collect::<Vec<_>>()}))
        }
        ("GET", ["inbox"]) => {
            let rows = books.inbox.iter();
            let rows = rows.map(|(id, from, text)| {
                json!({"id": id, "from": from, "to": "3000505", "text": text, "created_at": "2026-01-05 13:30:00"})
            });
            good(json!({"data": page(rows.collect())}))
        }
        (method, path) => panic!("no {method} {path:?}"),
    }
}

fn send(books: &mut Books, kind: &str, body: &Value) -> (u16, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let has = |name: &str| body.as_object().is_some_and(|body| body.contains_key(name));
    let (to, pattern) = match kind {
        "simple" if !has("schedule") => return refused(422, json!({"schedule": ["must be present"]})),
        "simple" => (text(&body["recipients"][0]), None),
        "pattern" if has("schedule") => return refused(422, json!({"schedule": ["must be absent"]})),
        _ => (text(&body["recipient"]), Some((text(&body["code"]), body["attributes"].clone()))),
    };
    if !to.starts_with("09") || to.len() != 11 {
        return refused(422, json!({"recipient": ["invalid"]}));
    }
    assert_eq!(body["number_format"], "english");
    let id = 8_800_123 + books.sent.len() as u64;
    let (state, item) = ("sent".to_owned(), "sent".to_owned());
    books.sent.push(Sms { id, to, from: text(&body["line_number"]), text: text(&body["text"]), pattern, state, item });
    (201, json!({"status": "success", "data": id, "messages": null}).to_string())
}
