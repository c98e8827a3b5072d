//! IPPanel's Edge service, as documented at <https://github.com/ippanelcom/Edge-Document>.
//!
//! Each message goes in a call of its own: a call answers with one id per text, and nobody promises their order. What is taken
//! may still be refused later, by a person or for want of credit; [`Gateway::states`] tells.

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
use super::loose::{self, Object};
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

/// Where Edge answers.
pub const BASE: &str = "https://edge.ippanel.com/v1";

/// What its patterns take.
pub const TOKENS: TokenRules = tokens::RULES;

const NAME: &str = "ippanel";
const ROWS: usize = 100;
const FINDS: Duration = Duration::from_hours(24);

/// What a connection to one account needs.
#[derive(Debug, Clone)]
pub struct IppanelOptions {
    pub key: Secret,
    /// The line to send from, texts and patterns.
    pub sender: String,
    /// `https`, or `http` to this machine only; with the version in its path. `None`: [`BASE`].
    pub base: Option<Url>,
    pub patience: Patience,
}

impl IppanelOptions {
    /// The real service.
    #[must_use]
    pub fn new(key: Secret, sender: impl Into<String>) -> Self {
        Self { key, sender: sender.into(), base: None, patience: Patience::default() }
    }
}

/// One account at IPPanel.
pub struct Ippanel {
    wire: Wire,
    /// With `+` and country code.
    sender: String,
}

impl fmt::Debug for Ippanel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ippanel").field("sender", &self.sender).finish_non_exhaustive()
    }
}

impl Ippanel {
    /// Makes no call yet.
    ///
    /// # Errors
    /// [`SetupProblem`], without the key in it.
    pub fn new(options: IppanelOptions) -> Result<Self, SetupProblem> {
        let IppanelOptions { key, sender, base, patience } = options;
        let base = super::wire::base(NAME, base, BASE)?;
        Ok(Self { wire: Wire::new(base, &key, patience)?, sender: international(&sender) })
    }

    async fn send_one(&self, message: &Outgoing) -> Answer {
        let to = message.to.e164();
        let (body, template) = match &message.body {
            Body::Text(text) => (
                json!({
                    "sending_type": "webservice", "from_number": self.sender, "message": text,
                    "params": {"recipients": [to]},
                }),
                None,
            ),
            Body::Template { name, tokens } => match tokens::values(tokens) {
                Ok(values) => (
                    json!({
                        "sending_type": "pattern", "from_number": self.sender, "code": name, "recipients": [to],
                        "params": values,
                    }),
                    Some(name.as_str()),
                ),
                Err(problem) => {
                    return Answer::Refused(Refusal::Mistake { why: format!("template {name}: {problem}") });
                }
            },
        };
        match self.wire.post("send", &body).await {
            Err(lost) => lost.answer(),
            Ok(Reply::Done { data }) => match data.as_deref().and_then(outbox_id) {
                Some(gateway_id) => Answer::Accepted(Receipt { gateway_id, cost: None, state: Delivery::Queued }),
                None => Answer::Open("ippanel says that all is well and names no message".to_owned()),
            },
            Ok(Reply::Refused(word)) => judge(&word, template),
            Ok(Reply::Cut(why)) => Answer::Open(why),
            Ok(Reply::Stray { http, why }) => stray::judge(http, why),
        }
    }

    async fn recipients(&self, id: &str) -> Result<Vec<Object>, Trouble> {
        let query = [("bulk_id", id), ("page", "1"), ("per_page", "10")];
        Ok(rows(ask("report/recipients", self.wire.get("report/recipients", &query).await)?))
    }

    async fn state(&self, id: &str) -> Result<Option<Report>, Trouble> {
        let reply = self.wire.get("report/by_bulk", &[("messages_outbox_id", id)]).await;
        let whole = rows(ask("report/by_bulk", reply)?);
        let Some(whole) = whole.first() else { return Ok(None) };
        let Some(state) = whole.number("stateid").or_else(|| whole.number("state")) else { return Ok(None) };
        let mut report = codes::report(id, state);
        let money = |name: &str| Money::parse(&whole.scalar(name)?, Currency::IRR).ok().filter(|m| m.minor > 0);
        report.cost = money("cost");
        report.refunded = match (money("cost"), money("return")) {
            (Some(cost), Some(back)) => back.minor >= cost.minor,
            (None, back) => back.is_some(),
            (Some(_), None) => false,
        };
        if state == codes::SENT
            && let Some(status) = self.recipients(id).await?.first().and_then(|row| row.number("messagestatus"))
        {
            report.state = codes::delivery(status);
        }
        Ok(Some(report))
    }
}

fn ask(what: &str, reply: Result<Reply, Lost>) -> Result<Option<String>, Trouble> {
    reply.map_err(Lost::trouble)?.data(what)
}

/// What a refusal in Edge's words says of the message.
fn judge(word: &Word, template: Option<&str>) -> Answer {
    let http = i64::from(word.http);
    if word.http >= 500 {
        return Answer::Open(format!("{NAME}: fault of the service (HTTP {http})"));
    }
    let complaint = codes::FIELDS.iter().find(|(name, ..)| word.fields.iter().any(|field| field == name));
    if let Some((field, action, meaning)) = complaint {
        return consequence(*action, format!("{NAME}: {meaning} (HTTP {http}, {field})"), template);
    }
    if !word.fields.is_empty() {
        // A value of a pattern is complained of by its own name.
        let why = format!("{NAME}: the request is complained of (HTTP {http}), by a field that is not known");
        return Answer::Refused(Refusal::Mistake { why });
    }
    let legacy = [word.message.as_str(), word.code.as_str()].into_iter().find_map(|text| {
        let code = text.trim().parse().ok()?;
        lookup(codes::LEGACY, code)
    });
    let row = match legacy {
        Some(row) => Some(row),
        None => lookup(codes::STATUSES, http),
    };
    match row {
        Some(row) if row.code == 404 && template.is_none() => {
            let why = format!("{NAME}: something is not found (HTTP {http}); look at base and sender");
            Answer::Refused(Refusal::Stop { scope: StopScope::Account, why })
        }
        Some(row) => consequence(row.action, format!("{NAME}: {} (code {})", row.meaning, row.code), template),
        None => in_words(NAME, &word.message, template),
    }
}

fn outbox_id(data: &str) -> Option<String> {
    let ids = Object::read(data)?;
    let ids = loose::list(ids.raw("messageoutboxids")?)?;
    loose::scalar(ids.first()?.get()).filter(|id| !matches!(id.trim(), "" | "0"))
}

/// Lines are written with `+98` here, though panels show them bare.
fn international(line: &str) -> String {
    let line: String = digits::to_ascii(line).chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    match (line.strip_prefix('+'), line.strip_prefix("00")) {
        (Some(_), _) => line,
        (None, Some(rest)) => format!("+{rest}"),
        // A bare line that begins with 98 has few digits: 98 and a line of its own has more.
        (None, None) if line.starts_with("98") && line.len() > 6 => format!("+{line}"),
        (None, None) => format!("+98{}", line.trim_start_matches('0')),
    }
}

fn field(row: &Object, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| row.scalar(name)).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty())
}

impl List for Ippanel {
    const ROWS: usize = ROWS;

    fn page(&self, page: u32) -> Soon<'_, Result<Vec<Sent>, Trouble>> {
        Box::pin(async move {
            let body = json!({"page": page + 1, "per_page": ROWS});
            let data = ask("report/new_list", self.wire.post("report/new_list", &body).await)?;
            Ok(rows(data).iter().filter_map(sent_row).collect())
        })
    }

    fn detail<'a>(&'a self, id: &'a str) -> Soon<'a, Result<Option<Detail>, Trouble>> {
        Box::pin(async move {
            let first = self.recipients(id).await?.into_iter().next();
            Ok(first.and_then(|row| Some((field(&row, &["recipient", "to"])?, field(&row, &["message"])))))
        })
    }
}

fn sent_row(row: &Object) -> Option<Sent> {
    let id = field(row, &["messagesoutboxid", "messageoutboxid", "bulkid", "id"])?;
    Some(Sent {
        to: field(row, &["recipient", "to"]),
        text: field(row, &["message", "text"]),
        at: field(row, &["time", "createdat", "sendtime"]),
        report: row
            .number("stateid")
            .map_or_else(|| Report::of(&id, Delivery::Queued), |state| codes::report(&id, state)),
        id: Some(id),
    })
}

fn inbound_row(row: &Object) -> Option<Inbound> {
    let from = field(row, &["from", "sender"])?;
    let text = field(row, &["message", "text"]).unwrap_or_default();
    let time = field(row, &["time", "createdat"]);
    let name = || name_of(&[&from, time.as_deref().unwrap_or_default(), &text]);
    Some(Inbound {
        gateway_id: Some(inbox_id(row).unwrap_or_else(name)),
        to: field(row, &["number", "to"]),
        at_unix: time.as_deref().and_then(moment::read),
        text,
        from,
    })
}

fn inbox_id(row: &Object) -> Option<String> {
    field(row, &["messagesinboxid", "messageinboxid", "id"])
}

impl Gateway for Ippanel {
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
            let mut body = json!({"page": walk.page + 1, "per_page": ROWS});
            if let (Some(floor), Some(body)) = (walk.floor, body.as_object_mut()) {
                // Whether the id itself is among the rows is not said; the store knows it.
                body.insert("filters".to_owned(), json!({"from_id": u64::try_from(floor).unwrap_or_default()}));
            }
            let reply = self.wire.post("report/messages-inbox", &body).await;
            let rows = rows(ask("report/messages-inbox", reply)?);
            let ids: Vec<String> = rows.iter().filter_map(inbox_id).collect();
            let (cursor, more) = walk.after(ids.iter().map(String::as_str), rows.len() >= ROWS);
            Ok(Page { rows: rows.iter().filter_map(inbound_row).collect(), cursor: Some(cursor), more })
        })
    }

    fn balance(&self) -> Soon<'_, Result<Option<Money>, Trouble>> {
        Box::pin(async move {
            let data = ask("credit", self.wire.get("payment/credit/mine", &[]).await)?;
            let credit = data.and_then(|data| Object::read(&data)?.scalar("credit"));
            // Its unit is said nowhere; its prices are Rial's.
            credit
                .and_then(|credit| Money::parse(&credit, Currency::IRR).ok())
                .map(Some)
                .ok_or_else(|| Trouble::Unreadable("payment/credit/mine names no credit".to_owned()))
        })
    }

    fn look(&self) -> Soon<'_, Result<Vec<String>, Trouble>> {
        Box::pin(async move {
            let token = ask("check_token", self.wire.post("acl/auth/check_token", &json!({})).await)?;
            let lines = ask("number/numbers", self.wire.get("number/numbers", &[]).await)?;
            Ok(warnings(token.as_deref(), lines, &self.sender))
        })
    }

    fn delivery_push(&self, push: &Push) -> Result<Vec<Report>, Trouble> {
        let ids = ["messagesoutboxid", "messageoutboxid", "bulkid", "messageid", "id"];
        callback::read(push, |row| callback::report(row, &ids, codes::delivery))
    }

    fn inbound_push(&self, push: &Push) -> Result<Vec<Inbound>, Trouble> {
        callback::read(push, callback::inbound)
    }
}

fn warnings(token: Option<&str>, lines: Option<String>, sender: &str) -> Vec<String> {
    let on = |row: &Object, name: &str| row.scalar(name).is_some_and(|value| matches!(value.as_str(), "true" | "1"));
    let mut warnings = Vec::new();
    if let Some(profile) = token.and_then(Object::read) {
        // Where the profile stands inside the answer is not the same everywhere.
        let inner = ["user", "profile", "data"].iter().find_map(|name| profile.object(name)).unwrap_or_default();
        for (flag, warning) in [
            ("sendblock", "ippanel has blocked sending for this account; ask its support"),
            ("documentblock", "ippanel waits for documents of this account; send them in the panel"),
        ] {
            if on(&profile, flag) || on(&inner, flag) {
                warnings.push(warning.to_owned());
            }
        }
    }
    let rows = rows(lines);
    let line = rows.iter().find(|row| {
        field(row, &["number", "line", "linenumber", "fromnumber"]).is_some_and(|line| international(&line) == sender)
    });
    match line {
        Some(line) if on(line, "is66char") => warnings.push(format!(
            "line {sender} counts parts of 66 characters; set persian_part = 66 under parts, or costs are said too low"
        )),
        None if !rows.is_empty() => {
            warnings.push(format!("line {sender} is not among the account's lines at ippanel; look at sender"));
        }
        _ => {}
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::international;

    #[test]
    fn lines_are_written_with_country_code() {
        for written in ["+983000505", "983000505", "00983000505", "3000505", "03000505", "۳۰۰۰۵۰۵"] {
            assert_eq!(international(written), "+983000505", "{written}");
        }
        assert_eq!(international("9890"), "+989890");
    }
}
