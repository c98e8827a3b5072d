//! A fake of Ghasedak's new gateway: keeps its books as the documentation says, and fails as told.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::scripted::{Books, Call, Service};

pub const KEY: &str = "ghasedak-made-up-for-tests";
pub const LINE: &str = "2100000";

pub type Fake = Service<Account>;

#[derive(Debug, Clone)]
pub struct Sms {
    pub id: String,
    pub reference: String,
    pub receptor: String,
    pub text: String,
    pub status: i64,
}

#[derive(Debug, Clone)]
pub struct Reply {
    pub id: u64,
    pub sender: String,
    pub text: String,
    pub is_read: bool,
}

/// How several ids are written in one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lists {
    Commas,
    Repeated,
}

pub struct Account {
    pub sms: Vec<Sms>,
    pub replies: Vec<Reply>,
    pub credit: i64,
    /// "No duplicate sends" is on.
    pub dedupes: bool,
    pub lists: Lists,
    /// By name, with their parameters.
    pub templates: BTreeMap<&'static str, Vec<&'static str>>,
    last_id: u64,
}

pub async fn start() -> Fake {
    Service::start(Account {
        sms: Vec::new(),
        replies: Vec::new(),
        credit: 1_000_000,
        dedupes: false,
        lists: Lists::Commas,
        templates: BTreeMap::new(),
        last_id: 2_387_000,
    })
    .await
}

pub fn envelope(code: i64, data: &Value) -> Value {
    json!({"isSuccess": code == 200, "statusCode": code, "message": "پیام", "data": data})
}

impl Books for Account {
    const BASE: &'static str = "/rest/api/v1/WebService/";
    const KEY_HEADER: &'static str = "apikey";

    fn answer(&mut self, call: &Call) -> (u16, Value) {
        if call.key != KEY {
            return (400, envelope(401, &Value::Null));
        }
        match self.data(call) {
            Ok(data) => (200, envelope(200, &data)),
            Err(code) => (400, envelope(code, &Value::Null)),
        }
    }
}

impl Account {
    fn data(&mut self, call: &Call) -> Result<Value, i64> {
        match call.path.as_str() {
            "SendSingleSMS" => self.take(&call.body).map(|(sms, cost)| entry(&sms, cost)),
            "SendPairToPairSMS" => {
                let items = call.body["items"].as_array().ok_or(400)?;
                if items.len() > 100 {
                    return Err(413);
                }
                items.iter().try_for_each(|item| self.check(item))?;
                let taken: Result<Vec<_>, i64> = items.iter().map(|item| self.take(item)).collect();
                Ok(json!({"items": taken?.iter().map(|(sms, cost)| entry(sms, *cost)).collect::<Vec<_>>()}))
            }
            "SendOtpSMS" => self.template(&call.body),
            "CheckSmsStatus" => self.states(call),
            "GetReceivedSmses" => {
                let is_read = call.query("isRead") == Some("true");
                let rows = self.replies.iter_mut().filter(|reply| reply.is_read == is_read).take(100);
                Ok(rows
                    .map(|reply| {
                        reply.is_read = true;
                        json!({
                            "id": reply.id, "message": reply.text, "sender": reply.sender, "lineNumber": LINE,
                            "receiveDate": "2026-01-05T13:30:00",
                        })
                    })
                    .collect())
            }
            "GetAccountInformation" => Ok(json!({"credit": self.credit, "expireDate": "2027-01-05T10:00:00+03:30"})),
            _ => Err(500),
        }
    }

    fn check(&self, item: &Value) -> Result<(), i64> {
        let field = |name: &str| item[name].as_str().unwrap_or_default();
        if field("lineNumber") != LINE {
            return Err(412);
        }
        if !field("receptor").starts_with("09") || field("message").is_empty() {
            return Err(400);
        }
        if field("message").chars().count() > 1000 {
            return Err(413);
        }
        if self.dedupes && self.sms.iter().any(|sms| sms.reference == field("clientReferenceId")) {
            return Err(451);
        }
        Ok(())
    }

    fn take(&mut self, item: &Value) -> Result<(Sms, i64), i64> {
        self.check(item)?;
        let field = |name: &str| item[name].as_str().unwrap_or_default();
        self.accept(field("receptor"), field("message"), field("clientReferenceId"))
    }

    fn template(&mut self, body: &Value) -> Result<Value, i64> {
        let names = self.templates.get(body["templateName"].as_str().unwrap_or_default()).ok_or(428)?.clone();
        let inputs = body["inputs"].as_array().cloned().unwrap_or_default();
        if inputs.iter().any(|input| !names.iter().any(|name| input["param"] == *name)) {
            return Err(429);
        }
        let text: Vec<_> = inputs.iter().filter_map(|input| input["value"].as_str()).collect();
        let receptor = &body["receptors"][0];
        let reference = receptor["clientReferenceId"].as_str().unwrap_or_default();
        let (sms, cost) = self.accept(receptor["mobile"].as_str().ok_or(400)?, &text.join("|"), reference)?;
        Ok(json!({"items": [entry(&sms, cost)], "totalCost": cost}))
    }

    fn accept(&mut self, receptor: &str, text: &str, reference: &str) -> Result<(Sms, i64), i64> {
        let cost = 940;
        if self.credit < cost {
            return Err(418);
        }
        self.credit -= cost;
        self.last_id += 1;
        let sms = Sms {
            id: self.last_id.to_string(),
            reference: reference.to_owned(),
            receptor: receptor.to_owned(),
            text: text.to_owned(),
            status: 0,
        };
        self.sms.push(sms.clone());
        Ok((sms, cost))
    }

    fn states(&self, call: &Call) -> Result<Value, i64> {
        let given: Vec<&str> =
            call.query.iter().filter(|(name, _)| name == "Ids").map(|(_, value)| value.as_str()).collect();
        let ids: Vec<&str> = match self.lists {
            Lists::Commas => given.first().ok_or(400)?.split(',').collect(),
            Lists::Repeated => given,
        };
        let by_reference = call.query("Type") == Some("2");
        Ok(self
            .sms
            .iter()
            .filter(|sms| ids.contains(&if by_reference { sms.reference.as_str() } else { sms.id.as_str() }))
            .map(|sms| {
                json!({
                    "messageId": sms.id, "clientReferenceId": sms.reference, "message": sms.text,
                    "receptor": sms.receptor, "status": sms.status, "price": 940,
                })
            })
            .collect())
    }
}

fn entry(sms: &Sms, cost: i64) -> Value {
    json!({
        "lineNumber": LINE, "receptor": sms.receptor, "messageId": sms.id, "cost": cost, "message": sms.text,
        "sendDate": "2026-01-05T10:00:00",
    })
}
