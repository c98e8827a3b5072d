//! Ghasedak's web service (the new gateway).
//!
//! Every message goes under our own reference (`clientReferenceId`). By it a lost answer is looked up; that the same reference is
//! not sent twice is promised only where the panel's "no duplicates" is on, so nothing here relies on it.

mod asking;
mod codes;
mod wire;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use self::wire::{NotTaken, Wire};
use super::batch::{Outcome, in_halves, one_by_one};
use super::callback;
use super::loose::{self, Object, whole_number};
use super::tokens::{Names, TokenRules};
use super::unread::Unread;
use super::wire::{Patience, SetupProblem};
use super::words;
use crate::money::{Currency, Money};
use crate::phone::Phone;
use crate::secret::Secret;
use crate::send::gateway::{
    Abilities, Answer, Body, Delivery, Gateway, Inbound, Known, Outgoing, Page, Push, Receipt, Refusal, Report, Soon,
    Sought, Trouble,
};

/// Where Ghasedak answers.
pub const BASE: &str = "https://gateway.ghasedak.me";

/// What `SendOtpSMS` takes.
pub const TOKENS: TokenRules =
    TokenRules { most: None, longest: None, names: Names::Free, forbidden: &[], links: true };

/// Not documented; its older service took a hundred.
const MOST_TEXTS: usize = 100;
/// How long references are remembered is not documented; a day is the least that a report of the day needs.
const REFERENCES_LIVE: Duration = Duration::from_hours(24);

const NO_MESSAGE: &str = "ghasedak says yes and names no message";

/// Words that stand for a line of Ghasedak's choice.
pub const CHOSEN_LINES: [&str; 3] = ["fastest", "cheapest", "priority"];

/// What a connection to one account needs.
#[derive(Debug, Clone)]
pub struct GhasedakOptions {
    pub key: Secret,
    /// `https`, or `http` to this machine only. `None`: [`BASE`].
    pub base: Option<Url>,
    /// The line to send from, or one of [`CHOSEN_LINES`].
    pub sender: String,
    pub patience: Patience,
}

/// One account at Ghasedak.
pub struct Ghasedak {
    wire: Wire,
    line: String,
    unread: Unread,
}

impl fmt::Debug for Ghasedak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ghasedak").field("line", &self.line).finish_non_exhaustive()
    }
}

impl Ghasedak {
    /// Makes no call yet.
    ///
    /// # Errors
    /// [`SetupProblem`], without the key in it.
    pub fn new(options: GhasedakOptions) -> Result<Self, SetupProblem> {
        let GhasedakOptions { key, base, sender, patience } = options;
        let base = super::wire::base("ghasedak", base, BASE)?;
        let line = sender.trim().to_owned();
        if line.is_empty() {
            return Err(SetupProblem::Other("ghasedak has no sender; set the line's number".to_owned()));
        }
        Ok(Self { wire: Wire::new(base, &key, patience)?, line, unread: Unread::default() })
    }

    /// The line's number, unless Ghasedak chooses the line.
    fn number(&self) -> Option<&str> {
        self.line.bytes().all(|b| b.is_ascii_digit()).then_some(self.line.as_str())
    }

    fn item(&self, message: &Outgoing, text: &str) -> Value {
        json!({
            "lineNumber": self.line, "receptor": message.to.national(), "message": text,
            "clientReferenceId": message.reference.to_string(),
        })
    }

    async fn send_text(&self, message: &Outgoing, text: &str) -> Answer {
        match self.wire.hand_over("SendSingleSMS", &self.item(message, text), None).await {
            Ok(data) => accepted(Object::read(&data).and_then(|data| receipt(&data))),
            Err(NotTaken::Answer(answer)) => answer,
            Err(NotTaken::Duplicate) => self.taken_before(message.reference).await,
        }
    }

    async fn send_template(&self, message: &Outgoing, name: &str, tokens: &BTreeMap<String, String>) -> Answer {
        let inputs: Vec<Value> = tokens
            .iter()
            .map(|(token, value)| {
                // Without a longest value nothing is too long.
                json!({"param": token.trim_matches('%'), "value": words::fit(value, None).unwrap_or_default()})
            })
            .collect();
        let receptors = [json!({"mobile": message.to.national(), "clientReferenceId": message.reference.to_string()})];
        let body = json!({"receptors": receptors, "templateName": name, "inputs": inputs});
        match self.wire.hand_over("SendOtpSMS", &body, Some(name)).await {
            Ok(data) => accepted(items(&data).and_then(|items| receipt(items.first()?))),
            Err(NotTaken::Answer(answer)) => answer,
            Err(NotTaken::Duplicate) => self.taken_before(message.reference).await,
        }
    }

    fn texts<'a>(&'a self, batch: &'a [Outgoing]) -> Soon<'a, Outcome> {
        Box::pin(async move {
            // Alone it goes by the call for one, which may take what the other does not.
            if let [message] = batch {
                return Outcome::Whole(self.send(message).await);
            }
            let items: Vec<Value> = batch.iter().map(|message| self.item(message, plain(message))).collect();
            match self.wire.hand_over("SendPairToPairSMS", &json!({"items": items}), None).await {
                Ok(data) => each(&data, batch),
                Err(NotTaken::Answer(answer)) => Outcome::Whole(answer),
                // One of them at least; in halves it is found, and what was taken is not taken again.
                Err(NotTaken::Duplicate) => Outcome::Whole(Answer::Refused(Refusal::Mistake {
                    why: "ghasedak: one of the messages was handed over before".to_owned(),
                })),
            }
        })
    }

    /// The message that is there already under this reference.
    async fn taken_before(&self, reference: i64) -> Answer {
        match self.by_reference(reference).await {
            Ok(Known::Found(Report { gateway_id: Some(gateway_id), cost, state, .. })) => {
                Answer::Accepted(Receipt { gateway_id, cost, state })
            }
            _ => Answer::Open("ghasedak says that it was handed over before, and does not show it".to_owned()),
        }
    }
}

fn plain(message: &Outgoing) -> &str {
    match &message.body {
        Body::Text(text) => text,
        Body::Template { .. } => "",
    }
}

fn accepted(receipt: Option<Receipt>) -> Answer {
    receipt.map_or_else(|| Answer::Open(NO_MESSAGE.to_owned()), Answer::Accepted)
}

fn items(data: &str) -> Option<Vec<Object>> {
    loose::objects(Object::read(data)?.raw("items")?)
}

/// Items stand in the order of the texts; one with another reference or number says nothing, and its message is asked about.
fn each(data: &str, batch: &[Outgoing]) -> Outcome {
    let open = |why: &str| Answer::Open(why.to_owned());
    let Some(items) = items(data).filter(|items| items.len() == batch.len()) else {
        return Outcome::Whole(open("ghasedak's answer has not one item for each text"));
    };
    let answer = |(item, message): (&Object, &Outgoing)| {
        let is_it = match item.scalar("clientReferenceId").filter(|id| !id.is_empty()) {
            Some(reference) => reference == message.reference.to_string(),
            None => item
                .scalar("receptor")
                .is_none_or(|number| number.ends_with(message.to.national().trim_start_matches('0'))),
        };
        if is_it { accepted(receipt(item)) } else { open("ghasedak's items are in another order than the texts") }
    };
    Outcome::Each(items.iter().zip(batch).map(answer).collect())
}

fn receipt(item: &Object) -> Option<Receipt> {
    let cost = item.number("cost").filter(|cost| *cost >= 0).map(rial);
    Some(Receipt { gateway_id: message_id(item)?, cost, state: Delivery::Queued })
}

fn message_id(row: &Object) -> Option<String> {
    row.scalar("messageId").filter(|id| !matches!(id.trim(), "" | "0"))
}

fn rial(amount: i64) -> Money {
    Money { minor: amount, currency: Currency::IRR }
}

impl Gateway for Ghasedak {
    fn name(&self) -> &'static str {
        "ghasedak"
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            finds: Some(REFERENCES_LIVE),
            max_batch: MOST_TEXTS,
            max_status_batch: asking::MOST_IDS,
            polls_delivery: true,
            polls_inbound: self.number().is_some(),
            templates: true,
            ..Abilities::SEND_ONLY
        }
    }

    /// Whether it delivers abroad is not documented.
    fn reaches(&self, to: &Phone, _template: bool) -> bool {
        to.is_iranian()
    }

    fn send<'a>(&'a self, message: &'a Outgoing) -> Soon<'a, Answer> {
        Box::pin(async move {
            if !self.reaches(&message.to, false) {
                return Answer::Refused(Refusal::Never { why: "ghasedak sends to Iranian numbers only".to_owned() });
            }
            match &message.body {
                Body::Text(text) => self.send_text(message, text).await,
                Body::Template { name, tokens } => self.send_template(message, name, tokens).await,
            }
        })
    }

    fn send_many<'a>(&'a self, messages: &'a [Outgoing]) -> Soon<'a, Vec<Answer>> {
        Box::pin(async move {
            if messages.iter().all(|message| message.is_text() && message.to.is_iranian()) {
                return in_halves(messages, |batch| self.texts(batch)).await;
            }
            one_by_one(self, messages).await
        })
    }

    fn find<'a>(&'a self, sought: &'a [Sought]) -> Soon<'a, Result<Vec<(i64, Known)>, Trouble>> {
        Box::pin(self.search(sought))
    }

    fn states<'a>(&'a self, gateway_ids: &'a [String]) -> Soon<'a, Result<Vec<Report>, Trouble>> {
        Box::pin(self.reports(gateway_ids))
    }

    fn inbound<'a>(&'a self, cursor: Option<&'a str>) -> Soon<'a, Result<Page<Inbound>, Trouble>> {
        Box::pin(self.replies(cursor))
    }

    fn balance(&self) -> Soon<'_, Result<Option<Money>, Trouble>> {
        Box::pin(async move {
            let data = self.wire.ask("GetAccountInformation", &[]).await?;
            let account = data.and_then(|data| loose::objects(&data)).and_then(|mut rows| rows.pop());
            let credit = account.and_then(|account| account.number("credit"));
            let nothing = || Trouble::Unreadable("GetAccountInformation names no credit".to_owned());
            credit.map(|credit| Some(rial(credit))).ok_or_else(nothing)
        })
    }

    fn delivery_push(&self, push: &Push) -> Result<Vec<Report>, Trouble> {
        let missing = |what: &str| Trouble::Unreadable(format!("delivery callback names no {what}"));
        let report_of = |row: &callback::Row| {
            let id = row.get(&["messageid", "id"]).map(str::trim).filter(|id| !matches!(*id, "" | "0"));
            let reference = row.get(&["clientReferenceId", "clientId", "checkid"]).and_then(whole_number);
            let reference = reference.filter(|reference| *reference > 0);
            if id.is_none() && reference.is_none() {
                return Err(missing("messageid"));
            }
            let status = row.get(&["status", "messageStatus"]).ok_or_else(|| missing("status"))?;
            let status = whole_number(status);
            Ok(Report {
                gateway_id: id.map(str::to_owned),
                reference,
                stop: status.and_then(asking::stop),
                ..Report::of("", status.map_or(Delivery::Unknown, codes::delivery))
            })
        };
        callback::read(push, report_of)
    }

    fn inbound_push(&self, push: &Push) -> Result<Vec<Inbound>, Trouble> {
        let missing = |what: &str| Trouble::Unreadable(format!("inbound callback names no {what}"));
        let inbound_of = |row: &callback::Row| {
            let filled =
                |names: &[&str]| row.get(names).map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned);
            Ok(Inbound {
                gateway_id: filled(&["id", "messageid"]),
                from: filled(&["sender", "from", "mobile"]).ok_or_else(|| missing("sender"))?,
                to: filled(&["lineNumber", "to", "receptor", "receiver"]),
                text: row.get(&["message", "text", "body"]).ok_or_else(|| missing("message"))?.to_owned(),
                at_unix: row.get(&["receiveDate", "date"]).and_then(asking::unix),
            })
        };
        callback::read(push, inbound_of)
    }
}
