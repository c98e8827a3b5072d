//! IranPayamak's own service, which FarazSMS's panels use too, as documented at <https://docs.iranpayamak.com>.
//!
//! Its answers name a request; what became of it is asked for by that name. What is taken may still wait for a person's approval
//! or fail for want of credit.

mod codes;
mod tokens;
mod wire;

use std::fmt;
use std::time::Duration;

use serde_json::json;
use url::Url;

use self::wire::{Reply, Wire, Word, rows};
use super::callback;
use super::codes::{answer as consequence, in_words, lookup};
use super::loose::Object;
use super::sent::{self, Detail, List, Sent};
use super::stray;
use super::tokens::TokenRules;
use super::walk::{Walk, name_of};
use super::wire::{Lost, Patience, SetupProblem};
use super::{asking, moment};
use crate::digits;
use crate::money::{Currency, Money};
use crate::phone::Phone;
use crate::secret::Secret;
use crate::send::gateway::{
    Abilities, Answer, Body, Delivery, Gateway, Inbound, Known, Outgoing, Page, Push, Receipt, Refusal, Report, Soon,
    Sought, StopScope, Trouble,
};

/// Where IranPayamak answers.
pub const BASE: &str = "https://api.iranpayamak.com";

/// What its patterns take.
pub const TOKENS: TokenRules = tokens::RULES;

const NAME: &str = "iranpayamak";
const ROWS: usize = 50;
const FINDS: Duration = Duration::from_hours(24);

/// Persian digits would change links and codes inside a text.
const DIGITS: &str = "english";

/// What a connection to one account needs.
#[derive(Debug, Clone)]
pub struct IranPayamakOptions {
    pub key: Secret,
    /// The line to send from, texts and patterns.
    pub sender: String,
    /// How long the patterns' variables are declared, the shortest of them. `None`: prose is cut at 25, codes and links pass.
    pub token_length: Option<usize>,
    /// `https`, or `http` to this machine only. `None`: [`BASE`].
    pub base: Option<Url>,
    pub patience: Patience,
}

impl IranPayamakOptions {
    /// The real service.
    #[must_use]
    pub fn new(key: Secret, sender: impl Into<String>) -> Self {
        Self { key, sender: sender.into(), token_length: None, base: None, patience: Patience::default() }
    }
}

/// One account at IranPayamak.
pub struct IranPayamak {
    wire: Wire,
    sender: String,
    token_length: Option<usize>,
}

impl fmt::Debug for IranPayamak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IranPayamak").field("sender", &self.sender).finish_non_exhaustive()
    }
}

impl IranPayamak {
    /// Makes no call yet.
    ///
    /// # Errors
    /// [`SetupProblem`], without the key in it.
    pub fn new(options: IranPayamakOptions) -> Result<Self, SetupProblem> {
        let IranPayamakOptions { key, sender, token_length, base, patience } = options;
        let base = super::wire::base(NAME, base, BASE)?;
        // Digits only, as the panel shows them.
        let sender = digits::to_ascii(&sender).chars().filter(char::is_ascii_digit).collect();
        Ok(Self { wire: Wire::new(base, &key, patience)?, sender, token_length })
    }

    async fn send_one(&self, message: &Outgoing) -> Answer {
        let to = message.to.national();
        let (reply, template) = match &message.body {
            Body::Text(text) => {
                // `schedule` must be there, even empty.
                let body = json!({
                    "text": text, "recipients": [to], "line_number": self.sender, "number_format": DIGITS, "schedule": null,
                });
                (self.wire.post("sms/simple", &body).await, None)
            }
            Body::Template { name, tokens } => {
                let values = match tokens::values(tokens, self.token_length) {
                    Ok(values) => values,
                    Err(problem) => {
                        return Answer::Refused(Refusal::Mistake { why: format!("template {name}: {problem}") });
                    }
                };
                let body = json!({
                    "code": name, "recipient": to, "attributes": values, "line_number": self.sender, "number_format": DIGITS,
                });
                (self.wire.post("sms/pattern", &body).await, Some(name.as_str()))
            }
        };
        match reply {
            Err(lost) => lost.answer(),
            Ok(Reply::Done { data }) => match data.as_deref().and_then(request_id) {
                Some(gateway_id) => Answer::Accepted(Receipt { gateway_id, cost: None, state: Delivery::Queued }),
                None => Answer::Open("iranpayamak says that all is well and names no request".to_owned()),
            },
            Ok(Reply::Refused(word)) => judge(&word, template),
            Ok(Reply::Cut(why)) => Answer::Open(why),
            Ok(Reply::Stray { http, why }) => stray::judge(http, why),
        }
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Option<String>, Trouble> {
        self.wire.get(path, query).await.map_err(Lost::trouble)?.data(path)
    }

    async fn page_of(&self, path: &str, page: u32, limit: usize) -> Result<Vec<Object>, Trouble> {
        let (page, limit) = ((page + 1).to_string(), limit.to_string());
        Ok(rows(self.get(path, &[("page", &page), ("limit", &limit)]).await?))
    }

    async fn items(&self, id: &str) -> Result<Vec<Object>, Trouble> {
        self.page_of(&format!("send_request/{id}/items"), 0, 10).await
    }

    async fn state(&self, id: &str) -> Result<Option<Report>, Trouble> {
        let Some(data) = self.get(&format!("send_request/{id}"), &[]).await? else { return Ok(None) };
        let Some(request) = Object::read(&data) else { return Ok(None) };
        let Some(state) = request.object("sendrequest").unwrap_or(request).scalar("status") else { return Ok(None) };
        let mut report = codes::report(id, &state);
        if state.eq_ignore_ascii_case(codes::SENT)
            && let Some(status) = self.items(id).await?.first().and_then(|item| item.scalar("status"))
        {
            report.state = codes::delivery(&status);
        }
        Ok(Some(report))
    }
}

/// What a refusal in IranPayamak's words says of the message.
fn judge(word: &Word, template: Option<&str>) -> Answer {
    let http = word.http;
    if http >= 500 {
        return Answer::Open(format!("{NAME}: fault of the service (HTTP {http})"));
    }
    let complaint = codes::FIELDS.iter().find(|(name, ..)| word.fields.iter().any(|field| field == name));
    if let Some((field, action, meaning)) = complaint {
        return consequence(*action, format!("{NAME}: {meaning} (HTTP {http}, {field})"), template);
    }
    match lookup(codes::STATUSES, i64::from(http)) {
        Some(row) if row.code == 404 && template.is_none() => {
            let why = format!("{NAME}: something is not found (HTTP {http}); look at base and sender");
            Answer::Refused(Refusal::Stop { scope: StopScope::Account, why })
        }
        Some(row) => consequence(row.action, format!("{NAME}: {} (HTTP {http})", row.meaning), template),
        None => in_words(NAME, &word.message, template),
    }
}

/// `data` is the request's id, or an object that has it.
fn request_id(data: &str) -> Option<String> {
    let id = match Object::read(data) {
        Some(object) => {
            let inner = object.object("sendrequest");
            field(inner.as_ref().unwrap_or(&object), &["id", "sendrequestid", "requestid"])
        }
        None => super::loose::scalar(data).map(|id| id.trim().to_owned()),
    };
    id.filter(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') && id != "0")
}

fn field(row: &Object, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| row.scalar(name)).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty())
}

const TEXT: [&str; 4] = ["text", "message", "body", "content"];
const TIME: [&str; 5] = ["createdat", "sentat", "receivedat", "date", "time"];

impl List for IranPayamak {
    const ROWS: usize = ROWS;

    fn page(&self, page: u32) -> Soon<'_, Result<Vec<Sent>, Trouble>> {
        Box::pin(
            async move { Ok(self.page_of("send_request", page, ROWS).await?.iter().filter_map(sent_row).collect()) },
        )
    }

    fn detail<'a>(&'a self, id: &'a str) -> Soon<'a, Result<Option<Detail>, Trouble>> {
        Box::pin(async move {
            let first = self.items(id).await?.into_iter().next();
            Ok(first.and_then(|row| Some((field(&row, &["destination", "recipient", "to"])?, field(&row, &TEXT)))))
        })
    }
}

fn sent_row(row: &Object) -> Option<Sent> {
    let id = field(row, &["id", "sendrequestid"])?;
    let state = field(row, &["status", "state"]);
    Some(Sent {
        to: field(row, &["recipient", "destination", "to"]),
        text: field(row, &TEXT),
        at: field(row, &TIME),
        report: codes::report(&id, &state.unwrap_or_else(|| "init".to_owned())),
        id: Some(id),
    })
}

fn inbound_row(row: &Object) -> Option<Inbound> {
    let from = field(row, &["from", "sender", "source", "originator", "mobile"])?;
    let text = field(row, &TEXT).unwrap_or_default();
    let time = field(row, &TIME);
    let name = || name_of(&[&from, time.as_deref().unwrap_or_default(), &text]);
    Some(Inbound {
        gateway_id: Some(field(row, &["id"]).unwrap_or_else(name)),
        to: field(row, &["to", "line", "linenumber", "destination", "receptor"]),
        at_unix: time.as_deref().and_then(moment::read),
        text,
        from,
    })
}

impl Gateway for IranPayamak {
    fn name(&self) -> &'static str {
        NAME
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            finds: Some(FINDS),
            polls_delivery: true,
            polls_inbound: true,
            templates: true,
            ..Abilities::SEND_ONLY
        }
    }

    fn reaches(&self, to: &Phone, _: bool) -> bool {
        to.is_iranian()
    }

    fn send<'a>(&'a self, message: &'a Outgoing) -> Soon<'a, Answer> {
        Box::pin(async move {
            if !message.to.is_iranian() {
                return Answer::Refused(Refusal::Never { why: format!("{NAME} sends to Iranian numbers only") });
            }
            self.send_one(message).await
        })
    }

    fn find<'a>(&'a self, sought: &'a [Sought]) -> Soon<'a, Result<Vec<(i64, Known)>, Trouble>> {
        Box::pin(sent::find(self, sought))
    }

    fn states<'a>(&'a self, gateway_ids: &'a [String]) -> Soon<'a, Result<Vec<Report>, Trouble>> {
        Box::pin(asking::each(gateway_ids, |id| Box::pin(self.state(id))))
    }

    fn inbound<'a>(&'a self, cursor: Option<&'a str>) -> Soon<'a, Result<Page<Inbound>, Trouble>> {
        Box::pin(async move {
            let walk = Walk::from(cursor);
            let rows = self.page_of("inbox", walk.page, ROWS).await?;
            let ids: Vec<String> = rows.iter().filter_map(|row| field(row, &["id"])).collect();
            let (cursor, more) = walk.after(ids.iter().map(String::as_str), rows.len() >= ROWS);
            Ok(Page { rows: rows.iter().filter_map(inbound_row).collect(), cursor: Some(cursor), more })
        })
    }

    fn balance(&self) -> Soon<'_, Result<Option<Money>, Trouble>> {
        Box::pin(async move {
            let data = self.get("account/balance", &[]).await?;
            let amount = data.and_then(|data| Object::read(&data)?.scalar("balanceamount"));
            // Its unit is said nowhere; taken for Rial.
            amount
                .and_then(|amount| Money::parse(&amount, Currency::IRR).ok())
                .map(Some)
                .ok_or_else(|| Trouble::Unreadable("account/balance names no balance_amount".to_owned()))
        })
    }

    fn look(&self) -> Soon<'_, Result<Vec<String>, Trouble>> {
        Box::pin(async move {
            let lines = self.get("lines/accessible", &[]).await?.unwrap_or_default();
            // The rows' form is not documented; only a list that holds numbers can miss one.
            let bare = self.sender.strip_prefix("98").unwrap_or(&self.sender);
            if lines.bytes().any(|b| b.is_ascii_digit()) && !bare.is_empty() && !lines.contains(bare) {
                return Ok(vec![format!(
                    "line {} is not among the account's lines at iranpayamak: messages may be refused; look at sender",
                    self.sender
                )]);
            }
            Ok(Vec::new())
        })
    }

    fn delivery_push(&self, push: &Push) -> Result<Vec<Report>, Trouble> {
        let missing = |what: &str| Trouble::Unreadable(format!("delivery callback names no {what}"));
        let report_of = |row: &callback::Row| {
            let id = row.get(&["sendrequestid", "requestid", "messageid", "id"]).map(str::trim);
            let id = id.filter(|id| !id.is_empty()).ok_or_else(|| missing("request"))?;
            let status = row.get(&["status", "state"]).ok_or_else(|| missing("status"))?;
            // Of the words for whole requests, one is no word for a recipient.
            let state = codes::delivery(status);
            Ok(if state == Delivery::Unknown { codes::report(id, status) } else { Report::of(id, state) })
        };
        callback::read(push, report_of)
    }

    fn inbound_push(&self, push: &Push) -> Result<Vec<Inbound>, Trouble> {
        callback::read(push, callback::inbound)
    }
}
