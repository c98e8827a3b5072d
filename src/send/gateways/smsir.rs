//! SMS.ir's REST service, version 1.
//!
//! It knows no reference: a lost answer is looked for among the sent messages by number, text and time, and what is not found
//! there stays open. Templates ("verify") go over its service lines.

mod codes;
mod inbox;
mod search;
mod wire;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use self::search::{cost, credits, report};
use self::wire::{Code, Wire};
use super::batch::{Outcome, in_halves, one_by_one};
use super::loose::{self, Object};
use super::tokens::{Names, TokenRules};
use super::wire::{Patience, SetupProblem};
use super::words;
use crate::money::Money;
use crate::phone::Phone;
use crate::secret::Secret;
use crate::send::gateway::{
    Abilities, Answer, Body, Delivery, Gateway, Inbound, Known, Outgoing, Page, Receipt, Refusal, Report, Soon, Sought,
    Trouble,
};

/// Where SMS.ir answers.
pub const BASE: &str = "https://api.sms.ir";

/// What `send/verify` takes.
pub const TOKENS: TokenRules =
    TokenRules { most: None, longest: Some(LONGEST_VALUE), names: Names::Free, forbidden: &[], links: true };

/// Whether these are UTF-16 units or characters is not documented; counted in units a value fits either way.
const LONGEST_VALUE: usize = 25;
const MOST_TEXTS: usize = 100;
/// Today's and older messages are listed; after this nobody looks any more.
const LISTED: Duration = Duration::from_hours(24);
/// The code of an id that is not known.
const NOT_KNOWN: i64 = 111;

/// What a connection to one account needs.
#[derive(Debug, Clone)]
pub struct SmsirOptions {
    pub key: Secret,
    /// `https`, or `http` to this machine only. `None`: [`BASE`].
    pub base: Option<Url>,
    /// The line to send from: digits.
    pub sender: String,
    pub patience: Patience,
}

/// One account at SMS.ir.
pub struct Smsir {
    wire: Wire,
    line: i64,
}

impl fmt::Debug for Smsir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smsir").field("line", &self.line).finish_non_exhaustive()
    }
}

impl Smsir {
    /// Makes no call yet.
    ///
    /// # Errors
    /// [`SetupProblem`], without the key in it.
    pub fn new(options: SmsirOptions) -> Result<Self, SetupProblem> {
        let SmsirOptions { key, base, sender, patience } = options;
        let base = super::wire::base("smsir", base, BASE)?;
        let line = sender.trim().parse().map_err(|_| {
            SetupProblem::Other("smsir's sender must be the line's number in plain digits, such as 30007732".to_owned())
        })?;
        Ok(Self { wire: Wire::new(base, &key, patience)?, line })
    }

    async fn send_template(&self, to: &Phone, name: &str, tokens: &BTreeMap<String, String>) -> Answer {
        let mistake = |why: String| Answer::Refused(Refusal::Mistake { why: format!("template {name}: {why}") });
        let Ok(id) = name.trim().parse::<i64>() else {
            return mistake("smsir's templates are called by their number; write that of the panel".to_owned());
        };
        let mut parameters = Vec::with_capacity(tokens.len());
        for (token, value) in tokens {
            match words::fit(value, Some(LONGEST_VALUE)) {
                Ok(value) => parameters.push(json!({"name": token.trim_matches('#'), "value": value})),
                Err(problem) => return mistake(format!("{token} is {problem}")),
            }
        }
        let body = json!({"mobile": to.national(), "templateId": id, "parameters": parameters});
        match self.wire.hand_over("send/verify", &body, Some(name)).await {
            Ok(data) => Object::read(&data)
                .and_then(|data| receipt(data.scalar("messageId"), None, cost(&data)))
                .map_or_else(|| Answer::Open("smsir says 1 and names no message".to_owned()), Answer::Accepted),
            Err(Code { answer, .. }) => answer,
        }
    }

    fn texts<'a>(&'a self, batch: &'a [Outgoing]) -> Soon<'a, Outcome> {
        Box::pin(async move {
            let mobiles: Vec<String> = batch.iter().map(|message| message.to.national()).collect();
            let texts: Vec<&str> = batch.iter().map(|message| plain(message).unwrap_or_default()).collect();
            let (method, body) = match texts.as_slice() {
                [text] => ("send/bulk", self.body("messageText", &json!(text), &mobiles)),
                texts => ("send/likeToLike", self.body("messageTexts", &json!(texts), &mobiles)),
            };
            match self.wire.hand_over(method, &body, None).await {
                Ok(data) => each(&data, batch.len()),
                Err(Code { code: Some(code), answer }) if batch.len() > 1 && codes::is_too_many(code) => {
                    let Answer::Refused(refusal) = answer else { return Outcome::Whole(answer) };
                    Outcome::Whole(Answer::Refused(Refusal::Mistake { why: refusal.why().to_owned() }))
                }
                Err(Code { answer, .. }) => Outcome::Whole(answer),
            }
        })
    }

    fn body(&self, field: &str, text: &Value, mobiles: &[String]) -> Value {
        json!({"lineNumber": self.line, field: text, "mobiles": mobiles, "sendDateTime": null})
    }

    /// Reports of a whole batch, or of one message.
    async fn reports(&self, method: &str) -> Result<Vec<Report>, Trouble> {
        match self.rows(method, &[]).await {
            Ok(rows) => Ok(rows.iter().filter_map(report).collect()),
            Err(Trouble::Refused { code: NOT_KNOWN, .. }) => Ok(Vec::new()),
            Err(trouble) => Err(trouble),
        }
    }
}

fn plain(message: &Outgoing) -> Option<&str> {
    match &message.body {
        Body::Text(text) => Some(text),
        Body::Template { .. } => None,
    }
}

/// The ids stand in the order of the numbers: 0 for one on the blacklist, null for a number or text that cannot be.
fn each(data: &str, count: usize) -> Outcome {
    let open = |why: &str| Outcome::Whole(Answer::Open(why.to_owned()));
    let Some(data) = Object::read(data) else { return open("smsir's data is no object") };
    let Some(ids) = data.raw("messageIds").and_then(loose::list).filter(|ids| ids.len() == count) else {
        return open("smsir's answer has not one id for each text");
    };
    let pack = data.scalar("packId").filter(|_| count > 1);
    // The cost of several is said as one sum, which cannot be told apart.
    let cost = cost(&data).filter(|_| count == 1);
    let answer = |id: &str| match loose::scalar(id) {
        Some(id) if id.trim() == "0" => {
            Answer::Refused(Refusal::Blocked { why: "smsir: recipient is on the blacklist (id 0)".to_owned() })
        }
        None if id.trim() == "null" => {
            Answer::Refused(Refusal::Never { why: "smsir: number or text is not valid (no id)".to_owned() })
        }
        id => receipt(id, pack.as_deref(), cost)
            .map_or_else(|| Answer::Open("smsir says 1 and names no message".to_owned()), Answer::Accepted),
    };
    Outcome::Each(ids.iter().map(|id| answer(id.get())).collect())
}

/// What is asked for by its batch has the batch's name in its id, `id@pack`: one question for all of it.
fn receipt(id: Option<String>, pack: Option<&str>, cost: Option<Money>) -> Option<Receipt> {
    let id = id.filter(|id| !matches!(id.trim(), "" | "0"))?;
    let gateway_id = match pack {
        Some(pack) => format!("{id}@{pack}"),
        None => id,
    };
    Some(Receipt { gateway_id, cost, state: Delivery::Queued })
}

impl Gateway for Smsir {
    fn name(&self) -> &'static str {
        "smsir"
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            finds: Some(LISTED),
            max_batch: MOST_TEXTS,
            polls_delivery: true,
            polls_inbound: true,
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
                return Answer::Refused(Refusal::Never { why: "smsir sends to Iranian numbers only".to_owned() });
            }
            match &message.body {
                Body::Template { name, tokens } => self.send_template(&message.to, name, tokens).await,
                Body::Text(_) => in_halves(std::slice::from_ref(message), |one| self.texts(one))
                    .await
                    .pop()
                    .unwrap_or_else(|| Answer::Open("nothing was handed over".to_owned())),
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
        Box::pin(async move {
            let mut packs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            let mut questions = Vec::new();
            for whole in gateway_ids {
                match whole.split_once('@') {
                    Some((_, pack)) => packs.entry(pack).or_default().push(whole),
                    None => questions.push((format!("send/{whole}"), vec![whole.as_str()])),
                }
            }
            questions.extend(packs.into_iter().map(|(pack, ids)| (format!("send/pack/{pack}"), ids)));
            let mut reports = Vec::with_capacity(gateway_ids.len());
            let mut problem = None;
            for (method, ids) in questions {
                match self.reports(&method).await {
                    Ok(found) => reports.extend(ids.into_iter().map(|whole| among(&found, whole))),
                    // Left out, these are asked about at their next age; the others need not wait for that.
                    Err(trouble) => {
                        let is_of_all = concerns_all(&trouble);
                        problem = problem.or(Some(trouble));
                        if is_of_all {
                            break;
                        }
                    }
                }
            }
            // What was learnt is kept.
            problem.filter(|_| reports.is_empty()).map_or(Ok(reports), Err)
        })
    }

    fn inbound<'a>(&'a self, cursor: Option<&'a str>) -> Soon<'a, Result<Page<Inbound>, Trouble>> {
        Box::pin(self.replies(cursor))
    }

    fn balance(&self) -> Soon<'_, Result<Option<Money>, Trouble>> {
        Box::pin(async move {
            let credit = self.wire.ask("credit", &[]).await?.and_then(|data| loose::scalar(&data));
            let credit = credit.and_then(|credit| credits(&credit));
            credit.map(Some).ok_or_else(|| Trouble::Unreadable("credit is no number".to_owned()))
        })
    }

    fn look(&self) -> Soon<'_, Result<Vec<String>, Trouble>> {
        Box::pin(async move {
            let lines = self.wire.ask("line", &[]).await?.and_then(|data| loose::list(&data)).unwrap_or_default();
            let mut lines = lines.iter().filter_map(|line| loose::scalar(line.get()));
            let ours = self.line.to_string();
            Ok(if lines.any(|line| line.trim() == ours) {
                Vec::new()
            } else {
                vec![format!("line {ours} is not among the account's lines: texts will be refused; set sender")]
            })
        })
    }
}

/// The next question would get the same.
fn concerns_all(trouble: &Trouble) -> bool {
    match trouble {
        Trouble::Unreachable(_) => true,
        Trouble::Refused { code, .. } => codes::concerns_all(*code),
        _ => false,
    }
}

/// What the answer says of one of ours, whose id may name its batch.
fn among(found: &[Report], whole: &str) -> Report {
    let id = whole.split_once('@').map_or(whole, |(id, _)| id);
    match found.iter().find(|report| report.gateway_id.as_deref() == Some(id)) {
        Some(report) => Report { gateway_id: Some(whole.to_owned()), ..report.clone() },
        None => Report::of(whole, Delivery::Unknown),
    }
}
