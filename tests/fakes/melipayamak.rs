//! A fake of Melipayamak's two interfaces on one loopback port, with books that both keep.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::served::{Call, Server};

pub const USER: &str = "09120009999";
pub const PASSWORD: &str = "p@ss word-made-up";
pub const TOKEN: &str = "70ke2-made-up-for-tests";

/// 2026-01-05 10:00:00 UTC, which Tehran writes so.
pub const NOW: i64 = 1_767_607_200;
pub const NOW_THERE: &str = "2026-01-05T13:30:00";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sms {
    pub id: String,
    pub to: String,
    pub from: String,
    /// Values of templates stand between bars.
    pub text: String,
    pub template: Option<String>,
}

#[derive(Default)]
pub struct Books {
    pub sent: Vec<Sms>,
    /// Id, number, text; the newest first.
    pub inbox: Vec<(u64, String, String)>,
    /// Codes of deliveries by id; 1 without one.
    pub deliveries: BTreeMap<String, i64>,
    pub credit: String,
    last: u64,
}

#[derive(Clone)]
pub struct Fake {
    pub server: Server,
    books: Arc<Mutex<Books>>,
}

impl Fake {
    pub async fn start() -> Fake {
        let books =
            Arc::new(Mutex::new(Books { credit: "12345.6".to_owned(), last: 3_741_000_110, ..Books::default() }));
        let kept = Arc::clone(&books);
        let server = Server::start(move |call| answer(&mut kept.lock().unwrap(), call)).await;
        Fake { server, books }
    }

    pub fn base(&self) -> String {
        self.server.base()
    }

    pub fn books(&self) -> std::sync::MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    /// What was taken, in order.
    pub fn sent(&self) -> Vec<Sms> {
        self.books().sent.clone()
    }

    /// Calls whose path holds this.
    pub fn calls(&self, path: &str) -> Vec<Call> {
        self.server.calls().into_iter().filter(|call| call.path.contains(path)).collect()
    }
}

fn answer(books: &mut Books, call: &Call) -> (u16, String) {
    match call.path.strip_prefix("/api/SendSMS/") {
        Some(method) => (200, rest(books, method, &call.form()).to_string()),
        None => match call.path.strip_prefix("/api/").and_then(|path| path.strip_suffix(&format!("/{TOKEN}"))) {
            Some(path) => console(books, path, &serde_json::from_str(&call.body).unwrap_or_default()),
            None => (401, r#"{"message":"Unauthorized"}"#.to_owned()),
        },
    }
}

impl Books {
    fn take(&mut self, from: &str, to: &str, text: &str, template: Option<String>) -> String {
        self.last += 1;
        // Templates' ids are long.
        let id = if template.is_some() { format!("50123456789{:011}", self.last) } else { self.last.to_string() };
        self.sent.push(Sms {
            id: id.clone(),
            to: to.to_owned(),
            from: from.to_owned(),
            text: text.to_owned(),
            template,
        });
        id
    }

    fn rows(&self, out: bool, index: usize, count: usize, capitals: bool) -> Vec<Value> {
        let row = |id: Value, from: &str, to: &str, text: &str| {
            if capitals {
                json!({"MsgID": id, "Body": text, "SendDate": NOW_THERE, "Sender": from, "Receiver": to})
            } else {
                json!({"msgID": id, "body": text, "sendDate": NOW_THERE, "sender": from, "receiver": to, "isRead": false})
            }
        };
        let rows: Vec<Value> = if out {
            let bare = |to: &str| to.trim_start_matches('0').to_owned();
            self.sent.iter().rev().map(|sms| row(json!(7), &sms.from, &bare(&sms.to), &sms.text)).collect()
        } else {
            self.inbox.iter().map(|(id, from, text)| row(json!(id), from, "50004000", text)).collect()
        };
        rows.into_iter().skip(index).take(count).collect()
    }
}

fn rest(books: &mut Books, method: &str, form: &BTreeMap<String, String>) -> Value {
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    let number = |name: &str| field(name).parse().unwrap_or(0);
    let value = |value: String| json!({"Value": value, "RetStatus": 1, "StrRetStatus": "Ok"});
    if field("username") != USER || field("password") != PASSWORD {
        return json!({"Value": "0", "RetStatus": 0, "StrRetStatus": "InvalidUser"});
    }
    match method {
        "SendSMS" => value(books.take(field("from"), field("to"), field("text"), None)),
        "BaseServiceNumber" => {
            let text = field("text").replace(';', "|");
            value(books.take("", field("to"), &text, Some(field("bodyId").to_owned())))
        }
        "GetDeliveries2" => value(books.deliveries.get(field("recId")).unwrap_or(&1).to_string()),
        "GetCredit" => value(books.credit.clone()),
        "GetUserNumbers" => json!({"Data": [{"Number": "50004000"}], "MyBase": {"RetStatus": 1}}),
        "GetMessages" => {
            let rows = books.rows(field("location") == "2", number("index"), number("count"), true);
            json!({"Data": rows, "MyBase": {"Value": "", "RetStatus": 1, "StrRetStatus": "Ok"}})
        }
        other => panic!("no method {other}"),
    }
}

fn console(books: &mut Books, path: &str, body: &Value) -> (u16, String) {
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let list = |name: &str| -> Vec<String> {
        body[name].as_array().into_iter().flatten().map(|v| v.as_str().unwrap_or_default().to_owned()).collect()
    };
    let number = |id: &str| serde_json::from_str::<Value>(id).unwrap();
    let complaint =
        || json!({"type": "about:blank", "title": "invalid", "status": 400, "errors": {"To": ["required"]}});
    let answer = match path {
        "send/simple" if body["to"].is_null() => return (400, complaint().to_string()),
        "send/simple" => {
            json!({"recId": number(&books.take(&text("from"), &text("to"), &text("text"), None)), "status": ""})
        }
        "send/multiple" => {
            let both: Vec<(String, String)> = list("to").into_iter().zip(list("text")).collect();
            assert_eq!(list("udh").len(), both.len());
            let ids: Vec<Value> =
                both.iter().map(|(to, of)| number(&books.take(&text("from"), to, of, None))).collect();
            json!({"recIds": ids, "status": "عملیات موفق"})
        }
        "send/shared" => {
            // Written by hand: the id is longer than a JSON number of most libraries.
            let id = books.take("", &text("to"), &list("args").join("|"), Some(body["bodyId"].to_string()));
            return (200, format!(r#"{{"recId":{id},"status":""}}"#));
        }
        "receive/status" => {
            let codes: Vec<i64> = list("recIds").iter().map(|id| *books.deliveries.get(id).unwrap_or(&1)).collect();
            json!({"results": [], "resultsAsCode": codes, "status": ""})
        }
        "receive/messages" => {
            let size = |name: &str| usize::try_from(body[name].as_u64().unwrap_or(0)).unwrap();
            json!({"messages": books.rows(text("type") == "out", size("index"), size("count"), false), "status": ""})
        }
        "receive/credit" => return (200, format!(r#"{{"amount":{},"status":""}}"#, books.credit)),
        other => panic!("no path {other}"),
    };
    (200, answer.to_string())
}
