//! Melipayamak, by either of its interfaces: REST with user and password, as documented at <https://www.melipayamak.com/api/>, or
//! the console's with a token. One adapter judges the answers of both.
//!
//! It knows no reference of ours: what stays open is looked for among the messages that were sent.

mod codes;
mod console;
mod rest;
mod tokens;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use url::Url;

use self::console::Console;
use self::rest::Rest;
use super::asking;
use super::batch::{self, Outcome};
use super::callback;
use super::codes::{Row, answer as consequence, explain, in_words, lookup};
use super::loose::{Object, whole_number};
use super::sent::{self, List, Sent};
use super::stray;
use super::tokens::TokenRules;
use super::walk::{Walk, name_of};
use super::wire::{Lost, Patience, SetupProblem, Wire};
use super::{codes as tables, moment};
use crate::money::{Currency, Money};
use crate::phone::Phone;
use crate::secret::Secret;
use crate::send::gateway::{
    Abilities, Answer, Body, Delivery, Gateway, Inbound, Known, Outgoing, Page, Push, Receipt, Refusal, Report, Soon,
    Sought, Trouble,
};

/// Where Melipayamak answers those who have user and password.
pub const REST: &str = "https://rest.payamak-panel.com";
/// Where it answers those who have a token.
pub const CONSOLE: &str = "https://console.melipayamak.com";

/// What its templates take.
pub const TOKENS: TokenRules = tokens::RULES;

const NAME: &str = "melipayamak";

/// What SOAP's manual says of one call; nothing is said of the other interfaces.
const MOST: usize = 100;

/// For how long a message is looked for; later it would be far down the list.
const FINDS: Duration = Duration::from_hours(24);

/// How an account is entered.
#[derive(Debug, Clone)]
pub enum Access {
    /// For accounts that must use an API key, the key stands as `password`.
    Password {
        /// A secret because it often is somebody's number.
        username: Secret,
        password: Secret,
    },
    Token(Secret),
}

/// What a connection to one account needs.
#[derive(Debug, Clone)]
pub struct MelipayamakOptions {
    pub access: Access,
    /// The line to send texts from. Templates go by a line of Melipayamak's own.
    pub sender: String,
    /// `https`, or `http` to this machine only. `None`: [`REST`] or [`CONSOLE`].
    pub base: Option<Url>,
    /// What the credit is counted in: [`Currency::CREDIT`] (messages) or [`Currency::IRR`], by the panel.
    pub credit_in: Currency,
    pub patience: Patience,
}

impl MelipayamakOptions {
    /// The real service, its credit counted in messages.
    #[must_use]
    pub fn new(access: Access, sender: impl Into<String>) -> Self {
        let patience = Patience::default();
        Self { access, sender: sender.into(), base: None, credit_in: Currency::CREDIT, patience }
    }
}

/// One account at Melipayamak.
pub struct Melipayamak {
    door: Door,
    sender: String,
    credit_in: Currency,
}

enum Door {
    Rest(Rest),
    Console(Console),
}

impl fmt::Debug for Melipayamak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let interface = match self.door {
            Door::Rest(_) => "rest",
            Door::Console(_) => "console",
        };
        f.debug_struct("Melipayamak")
            .field("interface", &interface)
            .field("sender", &self.sender)
            .finish_non_exhaustive()
    }
}

/// What came back, in words of both interfaces.
enum Said {
    /// A number, to be read by the question: an id, a code, an amount.
    Value(String),
    /// One each, in the order asked; `None` where nothing is said.
    Values(Vec<Option<String>>),
    Rows(Vec<Object>),
    /// The error itself.
    Code(i64),
    /// Refused, and why stands in words.
    Words(String),
    /// The request misses something, in the interface's own words.
    Complaint,
    /// Its own envelope, with nothing in it.
    Nothing,
    Cut(String),
    /// Not its envelope.
    Stray {
        http: u16,
        why: String,
    },
}

/// How the ids of accepted messages are told from codes.
#[derive(Clone, Copy)]
struct Reading<'a> {
    table: &'static [Row],
    template: Option<&'a str>,
    /// Up to so many digits it is a code.
    code_digits: usize,
    /// From so many digits on it is an id; what is between is neither.
    id_digits: usize,
}

const TEXT: Reading<'_> = Reading { table: codes::TEXTS, template: None, code_digits: 2, id_digits: 3 };

impl Melipayamak {
    /// Makes no call yet.
    ///
    /// # Errors
    /// [`SetupProblem`], without a secret in it.
    pub fn new(options: MelipayamakOptions) -> Result<Self, SetupProblem> {
        let MelipayamakOptions { access, sender, base, credit_in, patience } = options;
        let wire = |usual: &str| {
            let base = super::wire::base(NAME, base, usual)?;
            Wire::new(NAME, base, patience)
        };
        let door = match access {
            Access::Password { username, password } => {
                if username.expose().trim().is_empty() || password.expose().trim().is_empty() {
                    return Err(SetupProblem::Other(format!("{NAME} needs user and password; set those of the panel")));
                }
                Door::Rest(Rest { wire: wire(REST)?, username, password })
            }
            Access::Token(token) if token.expose().trim().is_empty() => return Err(SetupProblem::NoKey(NAME)),
            Access::Token(token) => Door::Console(Console { wire: wire(CONSOLE)?, token }),
        };
        Ok(Self { door, sender: sender.trim().to_owned(), credit_in })
    }

    async fn send_text(&self, to: &Phone, text: &str) -> Answer {
        let to = to.national();
        let said = match &self.door {
            Door::Rest(rest) => rest.text(&self.sender, &to, text).await,
            Door::Console(console) => console.text(&self.sender, &to, text).await,
        };
        said.map_or_else(Lost::answer, |said| judge(said, TEXT))
    }

    async fn send_template(&self, to: &Phone, name: &str, tokens: &BTreeMap<String, String>) -> Answer {
        let fitted = tokens::body_id(name).and_then(|id| Ok((id, tokens::values(tokens)?)));
        let (body_id, values) = match fitted {
            Ok(fitted) => fitted,
            Err(problem) => {
                return Answer::Refused(Refusal::Mistake { why: format!("template {name}: {problem}") });
            }
        };
        let to = to.national();
        // Both numbers are short when they are codes; only REST's manual says how long its ids are.
        let reading = |id_digits| Reading { table: codes::TEMPLATES, template: Some(name), code_digits: 4, id_digits };
        match &self.door {
            Door::Rest(rest) => rest.template(body_id, &to, &values).await.map(|said| judge(said, reading(16))),
            Door::Console(console) => console.template(body_id, &to, &values).await.map(|said| judge(said, reading(5))),
        }
        .unwrap_or_else(Lost::answer)
    }

    async fn send_batch(&self, console: &Console, messages: &[Outgoing]) -> Outcome {
        let texts: Option<Vec<&str>> = messages
            .iter()
            .map(|message| match &message.body {
                Body::Text(text) => Some(text.as_str()),
                Body::Template { .. } => None,
            })
            .collect();
        let Some(texts) = texts.filter(|texts| texts.len() > 1 && messages.iter().all(|m| m.to.is_iranian())) else {
            return Outcome::Each(batch::one_by_one(self, messages).await);
        };
        let to: Vec<String> = messages.iter().map(|message| message.to.national()).collect();
        match console.texts(&self.sender, &to, &texts).await {
            Err(lost) => Outcome::Whole(lost.answer()),
            Ok(Said::Values(values)) if values.len() == messages.len() => Outcome::Each(judge_each(values)),
            Ok(Said::Values(values)) => Outcome::Whole(Answer::Open(format!(
                "melipayamak gives {} ids for {} messages, and nobody knows which",
                values.len(),
                messages.len()
            ))),
            // One id for all tells of none.
            Ok(Said::Value(value)) if value.trim_start_matches('-').len() >= TEXT.id_digits => {
                Outcome::Whole(Answer::Open("melipayamak gives one id for several messages".to_owned()))
            }
            Ok(said) => Outcome::Whole(judge(said, TEXT)),
        }
    }

    /// `location`: what went out, or what came in.
    async fn messages(&self, out: bool, index: usize, count: usize) -> Result<Vec<Object>, Trouble> {
        let said = match &self.door {
            Door::Rest(rest) => rest.messages(if out { "2" } else { "1" }, &self.sender, index, count).await,
            Door::Console(console) => {
                console.messages(if out { "out" } else { "in" }, &self.sender, index, count).await
            }
        };
        match said.map_err(Lost::trouble)? {
            Said::Rows(rows) => Ok(rows),
            other => Err(trouble(other, "list of messages")),
        }
    }

    async fn state(&self, rest: &Rest, id: &str) -> Result<Option<Report>, Trouble> {
        match rest.delivery(id).await.map_err(Lost::trouble)? {
            Said::Value(code) => Ok(whole_number(&code).map(|code| Report::of(id, codes::delivery(code)))),
            Said::Nothing => Ok(None),
            other => Err(trouble(other, "delivery")),
        }
    }
}

/// What an answer says of the message that was handed over.
fn judge(said: Said, reading: Reading<'_>) -> Answer {
    match said {
        Said::Value(value) => judge_value(&value, reading),
        Said::Code(code) => judge_code(code, reading),
        // What is refused may be handed over again.
        Said::Words(words) if words.contains("موفق") && !words.contains("ناموفق") => {
            Answer::Open("melipayamak says that all is well and names no message".to_owned())
        }
        Said::Words(words) => in_words(NAME, &words, reading.template),
        Said::Complaint => {
            Answer::Refused(Refusal::Mistake { why: format!("{NAME}: the request misses something, by its complaint") })
        }
        Said::Nothing | Said::Values(_) | Said::Rows(_) => {
            Answer::Open("melipayamak answers and names no message".to_owned())
        }
        Said::Cut(why) => Answer::Open(why),
        Said::Stray { http, why } => stray::judge(http, why),
    }
}

fn judge_value(value: &str, reading: Reading<'_>) -> Answer {
    let open = |why: &str| Answer::Open(format!("{NAME}: {why}"));
    let digits = value.trim_start_matches('-');
    let is_whole = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if !is_whole {
        return open("its id is no number");
    }
    match whole_number(value) {
        Some(1) if reading.template.is_none() => open("it says that it took the message, and names no id"),
        Some(code) if code < 0 || digits.len() <= reading.code_digits => judge_code(code, reading),
        _ if value.starts_with('-') || digits.len() < reading.id_digits => open("its number is neither id nor code"),
        _ => Answer::Accepted(Receipt { gateway_id: value.to_owned(), cost: None, state: Delivery::Queued }),
    }
}

fn judge_code(code: i64, reading: Reading<'_>) -> Answer {
    let why = format!("{NAME}: {}", explain(reading.table, code));
    // A short number is an error even when no table has it: surely not taken, and not to be tried in a loop.
    let action = lookup(reading.table, code).map_or(tables::Action::Mistake, |row| row.action);
    consequence(action, why, reading.template)
}

/// Several messages in one call: what is said of the account cannot be meant where another was taken.
fn judge_each(values: Vec<Option<String>>) -> Vec<Answer> {
    let silent = || Answer::Open("melipayamak says nothing of this message".to_owned());
    let mut answers: Vec<Answer> =
        values.into_iter().map(|value| value.map_or_else(silent, |value| judge_value(&value, TEXT))).collect();
    if answers.iter().any(|answer| matches!(answer, Answer::Accepted(_))) {
        for answer in &mut answers {
            if let Answer::Refused(Refusal::Stop { scope: crate::send::gateway::StopScope::Account, why }) = answer {
                let why = format!("{why}; others of the same call were taken");
                *answer = Answer::Refused(Refusal::Never { why });
            }
        }
    }
    answers
}

/// Why a question got no answer.
fn trouble(said: Said, what: &str) -> Trouble {
    match said {
        Said::Code(code) => Trouble::Refused { code, why: explain(codes::TEXTS, code) },
        Said::Cut(why) | Said::Stray { why, .. } => Trouble::Unreadable(why),
        _ => Trouble::Unreadable(format!("melipayamak's {what} cannot be read")),
    }
}

/// A row of a list, in either interface's spelling.
fn field(row: &Object, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| row.scalar(name)).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty())
}

fn message_id(row: &Object) -> Option<String> {
    field(row, &["msgid", "id"]).filter(|id| id != "0")
}

impl List for Melipayamak {
    const ROWS: usize = MOST;

    fn page(&self, page: u32) -> Soon<'_, Result<Vec<Sent>, Trouble>> {
        Box::pin(async move {
            let rows = self.messages(true, page as usize * MOST, MOST).await?;
            Ok(rows.iter().map(sent_row).collect())
        })
    }
}

/// The list's own id is not kept: nobody says that deliveries are asked for by it.
fn sent_row(row: &Object) -> Sent {
    let some = |name: &str| row.number(name).is_some_and(|count| count > 0);
    let state = match (some("recsuccess"), some("recfailed")) {
        (false, true) => Delivery::Failed,
        (true, false) => Delivery::Delivered,
        _ => Delivery::Sent,
    };
    Sent {
        to: field(row, &["receiver", "to"]),
        text: field(row, &["body", "text"]),
        at: field(row, &["senddate", "date"]),
        report: Report { gateway_id: None, ..Report::of("", state) },
        id: None,
    }
}

fn inbound_row(row: &Object) -> Option<Inbound> {
    let from = field(row, &["sender", "from"])?;
    let text = field(row, &["body", "text"]).unwrap_or_default();
    let date = field(row, &["senddate", "date"]);
    let to = field(row, &["receiver", "to"]);
    let name = || name_of(&[&from, to.as_deref().unwrap_or_default(), date.as_deref().unwrap_or_default(), &text]);
    Some(Inbound {
        gateway_id: Some(message_id(row).unwrap_or_else(name)),
        to: to.clone(),
        at_unix: date.as_deref().and_then(moment::read),
        text,
        from,
    })
}

impl Gateway for Melipayamak {
    fn name(&self) -> &'static str {
        NAME
    }

    fn abilities(&self) -> Abilities {
        let together = match self.door {
            // Its lists of recipients share one text.
            Door::Rest(_) => 1,
            Door::Console(_) => MOST,
        };
        Abilities {
            finds: Some(FINDS),
            max_batch: together,
            max_status_batch: together,
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
            match &message.body {
                Body::Text(text) => self.send_text(&message.to, text).await,
                Body::Template { name, tokens } => self.send_template(&message.to, name, tokens).await,
            }
        })
    }

    fn send_many<'a>(&'a self, messages: &'a [Outgoing]) -> Soon<'a, Vec<Answer>> {
        Box::pin(async move {
            match &self.door {
                Door::Rest(_) => batch::one_by_one(self, messages).await,
                Door::Console(console) => {
                    let mut answers = Vec::with_capacity(messages.len());
                    for some in messages.chunks(MOST) {
                        answers.extend(batch::in_halves(some, |batch| Box::pin(self.send_batch(console, batch))).await);
                    }
                    answers
                }
            }
        })
    }

    fn find<'a>(&'a self, sought: &'a [Sought]) -> Soon<'a, Result<Vec<(i64, Known)>, Trouble>> {
        Box::pin(sent::find(self, sought))
    }

    fn states<'a>(&'a self, gateway_ids: &'a [String]) -> Soon<'a, Result<Vec<Report>, Trouble>> {
        Box::pin(async move {
            let mut reports = Vec::with_capacity(gateway_ids.len());
            match &self.door {
                Door::Rest(rest) => {
                    reports = asking::each(gateway_ids, |id| Box::pin(self.state(rest, id))).await?;
                }
                Door::Console(console) => {
                    for batch in gateway_ids.chunks(MOST) {
                        let codes = match console.deliveries(batch).await.map_err(Lost::trouble)? {
                            Said::Values(codes) if codes.len() == batch.len() => codes,
                            Said::Values(_) => {
                                return Err(Trouble::Unreadable(
                                    "receive/status answers another number of ids".to_owned(),
                                ));
                            }
                            other => return Err(trouble(other, "delivery")),
                        };
                        let said = batch.iter().zip(codes);
                        reports.extend(said.filter_map(|(id, code)| {
                            Some(Report::of(id.as_str(), codes::delivery(whole_number(&code?)?)))
                        }));
                    }
                }
            }
            Ok(reports)
        })
    }

    fn inbound<'a>(&'a self, cursor: Option<&'a str>) -> Soon<'a, Result<Page<Inbound>, Trouble>> {
        Box::pin(async move {
            let walk = Walk::from(cursor);
            let rows = self.messages(false, walk.page as usize * MOST, MOST).await?;
            let ids: Vec<String> = rows.iter().filter_map(message_id).collect();
            let (cursor, more) = walk.after(ids.iter().map(String::as_str), rows.len() >= MOST);
            Ok(Page { rows: rows.iter().filter_map(inbound_row).collect(), cursor: Some(cursor), more })
        })
    }

    fn balance(&self) -> Soon<'_, Result<Option<Money>, Trouble>> {
        Box::pin(async move {
            let said = match &self.door {
                Door::Rest(rest) => rest.credit().await,
                Door::Console(console) => console.credit().await,
            };
            match said.map_err(Lost::trouble)? {
                Said::Value(amount) => Money::parse(&amount, self.credit_in)
                    .map(Some)
                    .map_err(|_| Trouble::Unreadable("melipayamak's credit is no amount".to_owned())),
                other => Err(trouble(other, "credit")),
            }
        })
    }

    fn look(&self) -> Soon<'_, Result<Vec<String>, Trouble>> {
        Box::pin(async move {
            let Door::Rest(rest) = &self.door else { return Ok(Vec::new()) };
            let lines = rest.lines().await.map_err(Lost::trouble)?;
            let bare = self.sender.trim_start_matches('+');
            let bare = bare.strip_prefix("98").unwrap_or(bare);
            // Only a list that names numbers can miss one.
            let is_list = lines.http == 200 && lines.whole.is_ok() && lines.body.contains("umber");
            if is_list && !bare.is_empty() && !lines.body.contains(bare) {
                return Ok(vec![format!(
                    "line {} is not among the account's lines at melipayamak: texts may be refused; look at sender",
                    self.sender
                )]);
            }
            Ok(Vec::new())
        })
    }

    fn delivery_push(&self, push: &Push) -> Result<Vec<Report>, Trouble> {
        let ids = ["recid", "msgid", "messageid", "id"];
        callback::read(push, |row| callback::report(row, &ids, codes::delivery))
    }

    fn inbound_push(&self, push: &Push) -> Result<Vec<Inbound>, Trouble> {
        callback::read(push, callback::inbound)
    }
}
