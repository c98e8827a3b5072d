//! A provider that nobody made: it answers HTTP 200 to everything, nests its answers, numbers beyond 64 bits, changes the case of
//! its keys, gives states as a bare number and sums with commas. Described to the daemon by settings alone.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::served::{Call, Server};

pub const KEY: &str = "p@ss \"word\" made up";

/// What the owner writes, the provider's address aside.
pub const SETTINGS: &str = r#"
[gateway]
use = "http"

[gateway.http]
sender = "10001000"
number = "00"
price_persian = "1200"
price_latin = "1500"

[gateway.http.send]
url = "BASE/v7/push?line={sender}"
headers = { X-Client = "bazgasht", X-Ref = "r{reference}" }
json = '{"auth": {"pass": "{key}"}, "sms": [{"dest": "{to}", "body": "{text}", "ref": {reference}}]}'
success_at = "result.code"
success_is = ["0", "ok"]
id_at = "result.rows.0.msg_id"
cost_at = "result.price"
error_at = "result.code"
errors = { 17 = "never", 5 = "credit", 9 = "stop", 3 = "retry", 20 = "blocked", 21 = "mistake", 99 = "uncertain", "http 429" = "retry", "http 422" = "never" }

[gateway.http.balance]
url = "BASE/v7/credit"
form = { pass = "{key}" }
at = "credit"

[gateway.http.status]
url = "BASE/v7/state/{id}?pass={key}"
at = "$"
states = { 0 = "queued", 1 = "sent", 2 = "delivered", 3 = "failed", 4 = "blocked" }

[gateway.http.delivery]
id = "msgid"
reference = "ref"
state = "st"
states = { 2 = "delivered", 4 = "blocked" }

[gateway.http.inbound]
from = "source"
text = "body"
to = "line"
id = "msgid"

[budget]
currency = "IRR"
month = "1000000"
"#;

#[derive(Clone)]
pub struct Fake {
    pub server: Server,
    books: Arc<Mutex<Vec<Value>>>,
}

impl Fake {
    pub async fn start() -> Fake {
        let books = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&books);
        let server = Server::start(move |call| (200, answer(&mut kept.lock().unwrap(), call))).await;
        Fake { server, books }
    }

    /// As they came, in order.
    pub fn messages(&self) -> Vec<Value> {
        self.books.lock().unwrap().clone()
    }
}

pub fn id(place: usize) -> String {
    format!("9876543210987654321{place:04}")
}

fn answer(books: &mut Vec<Value>, call: &Call) -> String {
    let refusal = |code: u32| format!(r#"{{"Result": {{"Code": {code}, "rows": null, "says": "made up"}}}}"#);
    match (call.method.as_str(), call.path.as_str()) {
        ("POST", "/v7/push") => {
            let said: Value = serde_json::from_str(&call.body).unwrap();
            if said["auth"]["pass"] != KEY {
                return refusal(9);
            }
            books.push(said["sms"][0].clone());
            format!(r#"{{"Result": {{"Code": "0", "ROWS": [{{"Msg-Id": {}}}], "Price": "1250.4"}}}}"#, id(books.len()))
        }
        ("POST", "/v7/credit") => {
            let known = call.form().get("pass").is_some_and(|pass| pass == KEY);
            if known { json!({"Credit": "12,345.5"}).to_string() } else { refusal(9) }
        }
        ("GET", path) if call.query.get("pass").is_some_and(|pass| pass == KEY) => {
            let asked = path.trim_start_matches("/v7/state/");
            let known = (1..=books.len()).any(|place| id(place) == asked);
            if known { " 2\r\n".to_owned() } else { "7".to_owned() }
        }
        _ => refusal(21),
    }
}
