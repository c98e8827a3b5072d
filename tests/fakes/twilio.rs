//! A fake of Twilio's messages, from its documentation: form in, JSON out, one recipient a call, no reference.

use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bazgasht::send::gateway::Push;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;

use crate::served::{Call, Server};

pub const ACCOUNT: &str = "AC00000000000000000000000000000001";
pub const TOKEN: &str = "made-up-auth-token-for-tests";
pub const NOW: &str = "Mon, 05 Jan 2026 10:00:05 +0000";
/// Unix seconds, five before [`NOW`].
pub const HANDED: i64 = 1_767_607_200;

#[derive(Clone)]
pub struct Fake {
    pub server: Server,
    books: Arc<Mutex<Vec<Value>>>,
}

impl Fake {
    pub async fn start() -> Fake {
        let books = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&books);
        let server = Server::start(move |call| answer(&mut kept.lock().unwrap(), call)).await;
        Fake { server, books }
    }

    pub fn messages(&self) -> Vec<Value> {
        self.books.lock().unwrap().clone()
    }

    /// The newest message gets these fields.
    pub fn set(&self, fields: &Value) {
        let mut books = self.books.lock().unwrap();
        let message = books.last_mut().unwrap().as_object_mut().unwrap();
        message.extend(fields.as_object().unwrap().clone());
    }
}

fn answer(books: &mut Vec<Value>, call: &Call) -> (u16, String) {
    let expected = format!("Basic {}", STANDARD.encode(format!("{ACCOUNT}:{TOKEN}")));
    let path = call.path.strip_prefix(&format!("/2010-04-01/Accounts/{ACCOUNT}/")).unwrap_or_default();
    let (http, body) = if call.headers.get("authorization") == Some(&expected) {
        match (call.method.as_str(), path) {
            ("POST", "Messages.json") => send(books, call),
            ("GET", "Messages.json") => (200, list(books, call)),
            ("GET", "Balance.json") => (200, json!({"account_sid": ACCOUNT, "balance": "12.34567", "currency": "USD"})),
            ("GET", file) => {
                let sid = file.trim_start_matches("Messages/").trim_end_matches(".json");
                books.iter().find(|m| m["sid"] == sid).map_or_else(|| refusal(404, 20404), |m| (200, m.clone()))
            }
            _ => refusal(404, 20404),
        }
    } else {
        refusal(401, 20003)
    };
    (http, body.to_string())
}

fn send(books: &mut Vec<Value>, call: &Call) -> (u16, Value) {
    let form = call.form();
    let of = |name: &str| form.get(name).cloned().unwrap_or_default();
    let refused = match (of("To"), of("Body")) {
        (to, _) if to.starts_with("+98") => Some(60605),
        (to, _) if to.is_empty() => Some(21211),
        (_, body) if body.is_empty() => Some(21602),
        (_, body) if body.chars().count() > 1600 => Some(21617),
        _ => None,
    };
    if let Some(code) = refused {
        return refusal(400, code);
    }
    let message = json!({
        "sid": format!("SM{:032x}", books.len() + 1),
        "status": "queued",
        "to": of("To"),
        "from": of("From"),
        "body": of("Body"),
        "direction": "outbound-api",
        "num_segments": "1",
        "price": null,
        "price_unit": "USD",
        "error_code": null,
        "error_message": null,
        "date_created": NOW,
    });
    books.push(message.clone());
    (201, message)
}

fn list(books: &[Value], call: &Call) -> Value {
    let to = &call.query["To"];
    assert_eq!(call.query["DateSent>"], "2026-01-04");
    let messages: Vec<&Value> = books.iter().rev().filter(|m| m["to"] == to.as_str()).collect();
    json!({"messages": messages, "page": 0, "page_size": 100, "next_page_uri": null})
}

fn refusal(http: u16, code: u32) -> (u16, Value) {
    (http, json!({"code": code, "message": "made up", "more_info": "…", "status": http}))
}

/// A callback as Twilio makes it, signed for this address.
pub fn callback(public: &str, target: &str, fields: &[(&str, &str)]) -> Push {
    let mut sorted = fields.to_vec();
    sorted.sort_unstable();
    let signed = sorted.iter().fold(format!("{public}{target}"), |text, (name, value)| text + name + value);
    let mac = Hmac::<Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap().chain_update(signed).finalize();
    Push {
        method: "POST".to_owned(),
        target: target.to_owned(),
        headers: vec![
            ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
            ("x-twilio-signature".to_owned(), STANDARD.encode(mac.into_bytes())),
        ],
        body: url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes(),
        ..Push::default()
    }
}
