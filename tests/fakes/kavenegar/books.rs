//! The account: what Kavenegar's documentation says of each call.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::lists::{Refuser, Reply};
use super::{Call, PushStyle, START, Script, Sms, Time};

pub const HOUR: i64 = 3600;
const REFERENCES_LIVE_S: i64 = 12 * HOUR;
const STATUSES_LIVE_S: i64 = 48 * HOUR;
const PRICE_OF_PART: i64 = 1250;

pub type Watcher = Box<dyn Fn(&Sms) + Send>;

pub struct Books {
    pub key: String,
    pub time: Time,
    /// Seconds ahead of the clock.
    pub ahead: i64,
    pub credit: i64,
    pub last_id: u64,
    pub sms: Vec<Sms>,
    /// References that came again and were answered from `sms`.
    pub repeated: Vec<i64>,
    pub calls: Vec<Call>,
    pub sending: VecDeque<Script>,
    pub asking: VecDeque<Script>,
    pub templates: BTreeMap<String, String>,
    pub blocked: BTreeSet<String>,
    pub config: BTreeMap<&'static str, String>,
    pub style: PushStyle,
    pub delivery_url: Option<String>,
    pub inbound_url: Option<String>,
    pub inbox: Vec<Reply>,
    pub refusers: Vec<Refuser>,
    /// The blacklist cannot be asked for from before.
    pub refusers_from: i64,
    /// Arrays of references are not understood.
    pub deaf_to_arrays: bool,
    pub watchers: Vec<Watcher>,
}

/// A refusal by Kavenegar's code.
pub type Coded<T> = Result<T, u16>;

impl Books {
    pub fn new(time: Time, key: &str) -> Self {
        let first_id = match time {
            Time::Fixed => 700_100_200,
            // A process that is started again must not give out an id twice.
            Time::System => clock(time).cast_unsigned() * 1000,
        };
        Self {
            key: key.to_owned(),
            time,
            ahead: 0,
            credit: 1_000_000,
            last_id: first_id - 1,
            sms: Vec::new(),
            repeated: Vec::new(),
            calls: Vec::new(),
            sending: VecDeque::new(),
            asking: VecDeque::new(),
            templates: BTreeMap::new(),
            blocked: BTreeSet::new(),
            config: BTreeMap::from([
                ("apilogs", "justforfault".to_owned()),
                ("dailyreport", "disabled".to_owned()),
                ("debugmode", "disabled".to_owned()),
                ("defaultsender", "2000500".to_owned()),
                ("mincreditalarm", "100000".to_owned()),
                ("resendfailed", "disabled".to_owned()),
            ]),
            style: PushStyle::default(),
            delivery_url: None,
            inbound_url: None,
            inbox: Vec::new(),
            refusers: Vec::new(),
            refusers_from: 0,
            deaf_to_arrays: false,
            watchers: Vec::new(),
        }
    }

    pub fn now(&self) -> i64 {
        clock(self.time) + self.ahead
    }

    pub fn answer(&mut self, call: &Call, huge: bool) -> Coded<Value> {
        let field = |name: &str| call.fields.get(name).map(String::as_str);
        let needed = |name: &str| match field(name) {
            None => Err(400u16),
            Some("") => Err(406),
            Some(value) => Ok(value),
        };
        match call.method.as_str() {
            "sms/send" => {
                let receptors: Vec<&str> = needed("receptor")?.split(',').collect();
                let localids: Vec<Option<i64>> = match field("localid") {
                    None => vec![None; receptors.len()],
                    Some(list) => {
                        list.split(',').map(|id| id.parse().map(Some).map_err(|_| 400)).collect::<Coded<_>>()?
                    }
                };
                self.send(&receptors, &localids, needed("message")?, field("sender"), huge)
            }
            "sms/sendarray" => self.send_array(call, huge),
            "sms/receive" => Ok(self.read_unread(needed("linenumber")?, needed("isread")?)),
            "sms/inboxpaged" => {
                self.read_paged(needed("linenumber")?, field("isread"), field("pagenumber").unwrap_or("1"))
            }
            "line/blocked/list" => {
                needed("linenumber")?;
                self.list_refusers(field("startdate"), field("blockreason"), field("pagenumber").unwrap_or("1"))
            }
            "sms/countoutbox" => self.count(needed("startdate")?, field("enddate")),
            "verify/lookup" => {
                let text = self.fill(needed("template")?, call)?;
                let receptor = needed("receptor")?;
                let sms = self.accept(receptor, None, &text, field("sender"), field("template"), huge)?;
                Ok(json!([entry(&sms)]))
            }
            "sms/status" => {
                let ids = ids(needed("messageid")?)?;
                Ok(ids
                    .iter()
                    .map(|id| self.status(id, "messageid", STATUSES_LIVE_S, |sms| Some(sms.messageid.to_string())))
                    .collect())
            }
            "sms/statuslocalmessageid" => {
                let ids = ids(needed("localid")?)?;
                Ok(ids
                    .iter()
                    .map(|id| self.status(id, "localid", REFERENCES_LIVE_S, |sms| sms.localid.map(|id| id.to_string())))
                    .collect())
            }
            "account/info" => {
                Ok(json!({"remaincredit": self.credit, "expiredate": START + 365 * 24 * HOUR, "type": "master"}))
            }
            "account/config" => Ok(json!(self.config)),
            "utils/getdate" => Ok(json!({"unixtime": self.now()})),
            _ => Err(404),
        }
    }

    fn send(
        &mut self,
        receptors: &[&str],
        localids: &[Option<i64>],
        text: &str,
        sender: Option<&str>,
        huge: bool,
    ) -> Coded<Value> {
        if receptors.len() > 200 {
            return Err(414);
        }
        if receptors.len() != localids.len() {
            return Err(419);
        }
        if text.is_empty() || text.chars().count() > 900 {
            return Err(413);
        }
        if sender.is_some_and(|line| line.is_empty() || !line.bytes().all(|b| b.is_ascii_digit() || b == b'+')) {
            return Err(412);
        }
        let mut entries = Vec::new();
        for (receptor, localid) in receptors.iter().zip(localids) {
            let since = self.now() - REFERENCES_LIVE_S;
            let known =
                localid.and_then(|id| self.sms.iter().find(|sms| sms.localid == Some(id) && sms.at >= since)).cloned();
            let sms = match known {
                Some(sms) => {
                    self.repeated.extend(localid);
                    sms
                }
                None => self.accept(receptor, *localid, text, sender, None, huge)?,
            };
            entries.push(entry(&sms));
        }
        Ok(Value::Array(entries))
    }

    fn send_array(&mut self, call: &Call, huge: bool) -> Coded<Value> {
        let list = |name: &str| -> Coded<Vec<String>> {
            let json = call.fields.get(name).ok_or(400u16)?;
            let list: Vec<Value> = serde_json::from_str(json).map_err(|_| 400u16)?;
            Ok(list.iter().map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned)).collect())
        };
        let (receptors, senders, texts) = (list("receptor")?, list("sender")?, list("message")?);
        let mut localids: Vec<Option<i64>> = match call.fields.get("localmessageids") {
            Some(_) => list("localmessageids")?.iter().map(|id| id.parse().ok()).collect(),
            None => vec![None; receptors.len()],
        };
        if self.deaf_to_arrays {
            localids.fill(None);
        }
        if receptors.len() > 200 {
            return Err(414);
        }
        if [senders.len(), texts.len(), localids.len()].iter().any(|length| *length != receptors.len()) {
            return Err(419);
        }
        if receptors.iter().any(|receptor| iranian_mobile(receptor).is_none()) {
            return Err(411);
        }
        let mut entries = Vec::new();
        for (((receptor, sender), text), localid) in receptors.iter().zip(&senders).zip(&texts).zip(&localids) {
            let one = self.send(&[receptor], &[*localid], text, Some(sender), huge)?;
            entries.extend(one.as_array().cloned().unwrap_or_default());
        }
        Ok(Value::Array(entries))
    }

    fn fill(&self, template: &str, call: &Call) -> Coded<String> {
        let mut text = self.templates.get(template).ok_or(424u16)?.clone();
        if !text
            .replace("%token10", "")
            .replace("%token20", "")
            .replace("%token2", "")
            .replace("%token3", "")
            .contains("%token")
        {
            return Err(432);
        }
        for (name, spaces) in [("token20", 8), ("token10", 5), ("token3", 0), ("token2", 0), ("token", 0)] {
            let value = call.fields.get(name).map_or("", String::as_str);
            let plain_break = spaces == 0 && value.contains(['_', '\n']);
            if value.matches(' ').count() > spaces || plain_break || value.chars().count() > 100 {
                return Err(431);
            }
            if name == "token" && value.is_empty() {
                return Err(400);
            }
            text = text.replace(&format!("%{name}"), value);
        }
        Ok(text)
    }

    fn accept(
        &mut self,
        receptor: &str,
        localid: Option<i64>,
        text: &str,
        sender: Option<&str>,
        template: Option<&str>,
        huge: bool,
    ) -> Coded<Sms> {
        let receptor = iranian_mobile(receptor)
            .or_else(|| template.and(receptor.strip_prefix("00")).map(str::to_owned))
            .ok_or(411u16)?;
        let cost = parts(text) * PRICE_OF_PART;
        if cost > self.credit {
            return Err(418);
        }
        self.credit -= cost;
        self.last_id += 1;
        let mut sms = Sms {
            messageid: if huge { self.last_id + 10_000_000_000_000_000_000 } else { self.last_id },
            localid,
            receptor,
            sender: sender.unwrap_or("2000500").to_owned(),
            text: text.to_owned(),
            template: template.map(str::to_owned),
            at: self.now(),
            cost,
            status: 1,
        };
        for watcher in &self.watchers {
            watcher(&sms);
        }
        self.sms.push(sms.clone());
        if template.is_none() && self.blocked.contains(&sms.receptor) {
            // The answer still says "queued"; the operator's refusal is learnt later.
            self.credit += cost;
            if let Some(kept) = self.sms.last_mut() {
                kept.status = 14;
            }
            sms.status = 1;
        }
        Ok(sms)
    }

    fn status(&self, id: &str, field: &str, live_s: i64, of: impl Fn(&Sms) -> Option<String>) -> Value {
        let since = self.now() - live_s;
        let found = self.sms.iter().find(|sms| sms.at >= since && of(sms).as_deref() == Some(id));
        let status = found.map_or(100, |sms| sms.status);
        let messageid = found.map_or(json!(0), |sms| json!(sms.messageid));
        let mut row = json!({"messageid": messageid, "status": status, "statustext": "…"});
        if field == "localid" {
            row["localid"] = json!(id);
        } else if found.is_none() {
            row["messageid"] = id.parse::<u64>().map_or(json!(id), |id| json!(id));
        }
        row
    }
}

fn ids(list: &str) -> Coded<Vec<&str>> {
    let ids: Vec<&str> = list.split(',').collect();
    if ids.len() > 500 { Err(414) } else { Ok(ids) }
}

fn entry(sms: &Sms) -> Value {
    json!({
        "messageid": sms.messageid, "message": sms.text, "status": sms.status, "statustext": "در صف ارسال",
        "sender": sms.sender, "receptor": sms.receptor, "date": sms.at, "cost": sms.cost,
    })
}

/// `09…` for any form that Kavenegar takes.
fn iranian_mobile(receptor: &str) -> Option<String> {
    let bare = ["+98", "0098", "0"].iter().find_map(|prefix| receptor.strip_prefix(prefix)).unwrap_or(receptor);
    let mobile = bare.len() == 10 && bare.starts_with('9') && bare.bytes().all(|b| b.is_ascii_digit());
    mobile.then(|| format!("0{bare}"))
}

pub fn parts(text: &str) -> i64 {
    let (length, single, joined) =
        if text.is_ascii() { (text.len(), 160, 153) } else { (text.encode_utf16().count(), 70, 67) };
    if length <= single { 1 } else { i64::try_from(length.div_ceil(joined)).unwrap() }
}

fn clock(time: Time) -> i64 {
    match time {
        Time::Fixed => START,
        Time::System => {
            #[allow(clippy::disallowed_methods)] // a process of its own has the machine's clock
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(START, |since| since.as_secs().cast_signed())
        }
    }
}
