//! A fake of SMS.ir's service, version 1: keeps its books as the documentation says, and fails as told.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::scripted::{Books, Call, Service};

pub const KEY: &str = "smsir-made-up-for-tests";
pub const LINE: i64 = 30_007_732;
/// 2026-01-05 10:00 UTC.
pub const NOW: i64 = 1_767_607_200;

pub type Fake = Service<Account>;

#[derive(Debug, Clone)]
pub struct Sms {
    pub id: u64,
    pub pack: Option<String>,
    pub mobile: String,
    pub text: String,
    pub at: i64,
    pub state: Option<i64>,
}

#[derive(Debug, Clone)]
pub struct Reply {
    pub mobile: u64,
    pub text: String,
    pub at: i64,
    /// It has moved from today's list to the archive.
    pub is_old: bool,
}

pub struct Account {
    pub now: i64,
    pub sms: Vec<Sms>,
    pub replies: Vec<Reply>,
    /// Hundredths of a credit.
    pub credit: i64,
    pub blacklist: BTreeSet<String>,
    pub templates: BTreeMap<i64, Vec<&'static str>>,
    last_id: u64,
}

pub async fn start() -> Fake {
    Service::start(Account {
        now: NOW,
        sms: Vec::new(),
        replies: Vec::new(),
        credit: 10_000,
        blacklist: BTreeSet::new(),
        templates: BTreeMap::new(),
        last_id: 90_010_000,
    })
    .await
}

pub fn envelope(code: i64, data: &Value) -> Value {
    json!({"status": code, "message": "پیام", "data": data})
}

impl Books for Account {
    const BASE: &'static str = "/v1/";
    const KEY_HEADER: &'static str = "x-api-key";

    fn answer(&mut self, call: &Call) -> (u16, Value) {
        if call.key != KEY {
            return (401, envelope(10, &Value::Null));
        }
        match self.data(call) {
            Ok(data) => (200, envelope(1, &data)),
            Err(code) => (400, envelope(code, &Value::Null)),
        }
    }
}

impl Account {
    fn data(&mut self, call: &Call) -> Result<Value, i64> {
        let steps: Vec<&str> = call.path.split('/').collect();
        match steps.as_slice() {
            ["send", "bulk"] => {
                let mobiles = texts(&call.body["mobiles"]);
                let text = call.body["messageText"].as_str().unwrap_or_default().to_owned();
                self.send(&call.body, &mobiles, &vec![text; mobiles.len()])
            }
            ["send", "likeToLike"] => {
                self.send(&call.body, &texts(&call.body["mobiles"]), &texts(&call.body["messageTexts"]))
            }
            ["send", "verify"] => self.verify(&call.body),
            ["send", "live"] => Ok(self.page(call, |sms| sms.at >= self.now - self.now % 86_400)),
            ["send", "archive"] => {
                let limit = |name| call.query(name).and_then(|at| at.parse::<i64>().ok()).ok_or(109);
                let (from, to) = (limit("fromDate")?, limit("toDate")?);
                Ok(self.page(call, |sms| (from..=to).contains(&sms.at) && sms.at < self.now - self.now % 86_400))
            }
            ["send", "pack", pack] => {
                Ok(self.sms.iter().filter(|sms| sms.pack.as_deref() == Some(pack)).map(row).collect())
            }
            ["send", id] => self.sms.iter().find(|sms| sms.id.to_string() == *id).map(row).ok_or(111),
            ["receive", "live"] => Ok(self.inbox(call, |reply| !reply.is_old)),
            ["receive", "archive"] => {
                let limit = |name| call.query(name).and_then(|at| at.parse::<i64>().ok()).ok_or(109);
                let (from, to) = (limit("fromDate")?, limit("toDate")?);
                Ok(self.inbox(call, |reply| reply.is_old && (from..=to).contains(&reply.at)))
            }
            ["credit"] => Ok(json!(self.credit as f64 / 100.0)),
            ["line"] => Ok(json!([LINE])),
            _ => Err(0),
        }
    }

    fn send(&mut self, body: &Value, mobiles: &[String], texts: &[String]) -> Result<Value, i64> {
        if body["lineNumber"].as_i64() != Some(LINE) {
            return Err(101);
        }
        if mobiles.len() > 100 {
            return Err(105);
        }
        if mobiles.len() != texts.len() {
            return Err(110);
        }
        if texts.iter().any(String::is_empty) {
            return Err(103);
        }
        let pack = format!("6f1c0000-0000-4000-8000-{:012}", self.last_id);
        let ids: Vec<Value> = mobiles
            .iter()
            .zip(texts)
            .map(|(mobile, text)| {
                if self.blacklist.contains(mobile) {
                    return json!(0);
                }
                if !mobile.starts_with("09") || mobile.len() != 11 {
                    return Value::Null;
                }
                json!(self.accept(Some(pack.clone()), mobile, text))
            })
            .collect();
        Ok(json!({"packId": pack, "messageIds": ids, "cost": 1.5}))
    }

    fn verify(&mut self, body: &Value) -> Result<Value, i64> {
        let names = self.templates.get(&body["templateId"].as_i64().unwrap_or_default()).ok_or(113)?.clone();
        let parameters = body["parameters"].as_array().cloned().unwrap_or_default();
        let mut text = String::new();
        for name in names {
            let value = parameters.iter().find(|p| p["name"] == name).and_then(|p| p["value"].as_str()).ok_or(116)?;
            if value.encode_utf16().count() > 25 {
                return Err(114);
            }
            text += value;
            text.push('|');
        }
        let id = self.accept(None, body["mobile"].as_str().unwrap_or_default(), &text);
        Ok(json!({"messageId": id, "cost": 1.0}))
    }

    fn accept(&mut self, pack: Option<String>, mobile: &str, text: &str) -> u64 {
        self.last_id += 1;
        let (mobile, text) = (mobile.to_owned(), text.to_owned());
        self.sms.push(Sms { id: self.last_id, pack, mobile, text, at: self.now, state: None });
        self.last_id
    }

    fn page(&self, call: &Call, wanted: impl Fn(&Sms) -> bool) -> Value {
        let (skip, size) = paging(call);
        self.sms.iter().rev().filter(|sms| wanted(sms)).skip(skip).take(size).map(row).collect()
    }

    fn inbox(&self, call: &Call, wanted: impl Fn(&Reply) -> bool) -> Value {
        let (skip, size) = paging(call);
        let rows = self.replies.iter().filter(|reply| wanted(reply)).skip(skip).take(size);
        rows.map(|reply| {
            json!({"messageText": reply.text, "number": LINE, "mobile": reply.mobile, "receivedDateTime": reply.at})
        })
        .collect()
    }
}

fn paging(call: &Call) -> (usize, usize) {
    let number = |name| call.query(name).and_then(|n| n.parse::<usize>().ok()).unwrap();
    let size = number("pageSize").min(100);
    ((number("pageNumber") - 1) * size, size)
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
}

fn row(sms: &Sms) -> Value {
    json!({
        "messageId": sms.id, "mobile": sms.mobile.trim_start_matches('0').parse::<u64>().unwrap(),
        "messageText": sms.text, "sendDateTime": sms.at, "lineNumber": LINE, "cost": 1.0,
        "deliveryState": sms.state, "deliveryDateTime": null,
    })
}
