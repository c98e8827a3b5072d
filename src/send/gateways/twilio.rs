//! Twilio's Programmable Messaging, as documented at <https://www.twilio.com/docs/messaging/api/message-resource>. For numbers
//! outside Iran: it has not delivered there since March 2025.
//!
//! Twilio knows no reference of ours, so a hand-over without an answer is looked for in its list of messages, by number and
//! text; one that is not found proves nothing.

mod codes;
mod signature;

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use chrono::DateTime;
use reqwest::RequestBuilder;
use url::Url;

use super::asking;
use super::callback::{self, Row};
use super::loose::{self, Object, whole_number};
use super::stray;
use super::tokens::{Names, TokenRules};
use super::wire::{Answered, Patience, SetupProblem, Wire};
use crate::money::{Currency, Money};
use crate::phone::Phone;
use crate::secret::Secret;
use crate::send::gateway::{
    Abilities, Answer, Body, Delivery, Gateway, Inbound, Known, Outgoing, Push, PushReply, Receipt, Refusal, Report,
    Soon, Sought, Trouble,
};
use crate::send::replies::{Wish, wish};

/// Where Twilio answers.
pub const BASE: &str = "https://api.twilio.com";
/// A text still waiting at Twilio after this is dropped there: it would arrive at another hour than was chosen.
pub const VALIDITY: Duration = Duration::from_hours(1);

const VERSION: &str = "2010-04-01";
const FINDS: Duration = Duration::from_hours(48);
/// A message that was made this long before or after our call is not ours.
const EARLIER_S: i64 = 60;
const LATER_S: i64 = 600;
/// The newest messages to one number that are looked through.
const LISTED: &str = "100";
const DAY_S: i64 = 86_400;

/// Templates are not sent through Twilio.
pub const TOKENS: TokenRules =
    TokenRules { most: Some(0), longest: None, names: Names::Free, forbidden: &[], links: false };

/// Who a text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    /// A number in E.164, a short code or a name.
    Number(String),
    /// A messaging service by its SID (`MG…`), which chooses the number.
    Service(String),
}

impl Sender {
    /// `MG` and 32 hexadecimal digits is a service; all else stands for itself.
    #[must_use]
    pub fn of(text: &str) -> Sender {
        let text = text.trim();
        let service =
            text.strip_prefix("MG").is_some_and(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()));
        if service { Sender::Service(text.to_owned()) } else { Sender::Number(text.to_owned()) }
    }

    fn field(&self) -> (&'static str, String) {
        match self {
            Sender::Number(number) => ("From", number.clone()),
            Sender::Service(sid) => ("MessagingServiceSid", sid.clone()),
        }
    }
}

/// What a connection to one account needs.
#[derive(Clone)]
pub struct TwilioOptions {
    /// The account's SID, `AC…`.
    pub account: String,
    /// The account's auth token: it opens the API, and signs the callbacks.
    pub key: Secret,
    pub sender: Sender,
    /// `https`, or `http` to this machine only. `None`: [`BASE`].
    pub base: Option<Url>,
    /// What stands before the daemon's own paths when it is called from outside, such as `https://shop.example`. `None`: no
    /// callback can be checked, so none is taken.
    pub public_url: Option<Url>,
    /// Where Twilio is asked to report deliveries, with each message; see [`TwilioOptions::report_to`]. `None`: it is not asked.
    pub status_callback: Option<Url>,
    /// Whole seconds from 1 to 36000.
    pub validity: Duration,
    pub patience: Patience,
}

impl TwilioOptions {
    /// The real service.
    #[must_use]
    pub fn new(account: impl Into<String>, key: Secret, sender: Sender) -> Self {
        Self {
            account: account.into(),
            key,
            sender,
            base: None,
            public_url: None,
            status_callback: None,
            validity: VALIDITY,
            patience: Patience::default(),
        }
    }

    /// With delivery reports to the daemon's own address, which ends in this token. The settings do not know it: whoever has
    /// the daemon's signing secret calls this. Without `public_url` nothing changes.
    #[must_use]
    pub fn report_to(mut self, delivery_token: &str) -> Self {
        self.status_callback = self.public_url.clone().map(|mut address| {
            if let Ok(mut path) = address.path_segments_mut() {
                path.pop_if_empty().extend(["gateway", NAME, "delivery", delivery_token]);
            }
            address
        });
        self
    }
}

/// The callback's token is in its address, so that is not shown either.
impl fmt::Debug for TwilioOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioOptions")
            .field("account", &self.account)
            .field("sender", &self.sender)
            .field("public_url", &self.public_url.as_ref().map(Url::as_str))
            .field("validity", &self.validity)
            .finish_non_exhaustive()
    }
}

const NAME: &str = "twilio";

/// One account at Twilio.
pub struct Twilio {
    wire: Wire,
    options: TwilioOptions,
}

impl fmt::Debug for Twilio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Twilio").field(&self.options).finish()
    }
}

impl Twilio {
    /// Makes no call yet.
    ///
    /// # Errors
    /// [`SetupProblem`], without the key in it.
    pub fn new(options: TwilioOptions) -> Result<Self, SetupProblem> {
        if options.key.expose().trim().is_empty() {
            return Err(SetupProblem::NoKey(NAME));
        }
        if options.account.trim().is_empty() {
            return Err(SetupProblem::Other("twilio has no account; set the account's SID".to_owned()));
        }
        let base = super::wire::base(NAME, options.base.clone(), BASE)?;
        Ok(Self { wire: Wire::new(NAME, base, options.patience)?, options })
    }

    fn address<'a>(&'a self, file: &'a [&'a str]) -> Url {
        self.wire.address([VERSION, "Accounts", self.options.account.trim()].into_iter().chain(file.iter().copied()))
    }

    fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        request.basic_auth(self.options.account.trim(), Some(self.options.key.expose().trim()))
    }

    async fn send_text(&self, to: &Phone, text: &str) -> Answer {
        if to.is_iranian() {
            let why = "twilio does not deliver to Iran".to_owned();
            return Answer::Refused(Refusal::Never { why });
        }
        let mut form = vec![
            ("To", to.e164().to_owned()),
            self.options.sender.field(),
            ("Body", text.to_owned()),
            ("ValidityPeriod", self.options.validity.as_secs().clamp(1, 36_000).to_string()),
        ];
        form.extend(self.options.status_callback.iter().map(|address| ("StatusCallback", address.to_string())));
        let request = self.wire.post(self.address(&["Messages.json"])).form(&form);
        match self.wire.call(self.signed(request)).await {
            Err(lost) => lost.answer(),
            Ok(answered) => judge(answered, to),
        }
    }

    /// `None`: there is no such thing (HTTP 404).
    async fn ask(&self, address: Url) -> Result<Option<Object>, Trouble> {
        let answered = self.wire.call(self.signed(self.wire.get(address))).await.map_err(super::wire::Lost::trouble)?;
        let Answered { http, body, whole } = answered;
        whole.map_err(Trouble::Unreadable)?;
        let said = Object::read(&body);
        let code = said.as_ref().and_then(|said| said.number("code"));
        match (http, said) {
            (200..300, Some(said)) => Ok(Some(said)),
            (404, Some(_)) if code == Some(20404) => Ok(None),
            (200..300, None) => Err(Trouble::Unreadable(format!("answer (HTTP {http}) is no JSON"))),
            _ => {
                let code = code.unwrap_or(i64::from(http));
                let why = if code < 1000 { format!("HTTP {http}") } else { codes::explain(code) };
                Err(Trouble::Refused { code, why })
            }
        }
    }

    async fn state(&self, id: &str) -> Result<Option<Report>, Trouble> {
        let message = self.ask(self.address(&["Messages", &format!("{id}.json")])).await?;
        Ok(message.as_ref().and_then(report_of))
    }

    async fn listed(&self, sought: &Sought) -> Result<Vec<Object>, Trouble> {
        // The filter knows whole days by GMT.
        let since = DateTime::from_timestamp(sought.handed_unix.saturating_sub(DAY_S), 0).unwrap_or_default();
        let mut address = self.address(&["Messages.json"]);
        address
            .query_pairs_mut()
            .append_pair("To", sought.to.e164())
            .append_pair("DateSent>", &since.format("%Y-%m-%d").to_string())
            .append_pair("PageSize", LISTED);
        let list = self.ask(address).await?;
        let rows = list.as_ref().and_then(|list| loose::objects(list.raw("messages")?));
        rows.ok_or_else(|| Trouble::Unreadable("list of messages holds no messages".to_owned()))
    }
}

/// What an answer says of the message that was handed over.
fn judge(answered: Answered, to: &Phone) -> Answer {
    let Answered { http, body, whole } = answered;
    if let Err(why) = whole {
        return Answer::Open(why);
    }
    let said = Object::read(&body).unwrap_or_default();
    if (200..300).contains(&http)
        && let Some(receipt) = receipt(&said)
    {
        return Answer::Accepted(receipt);
    }
    let Some(code) = said.number("code") else {
        return stray::judge(http, format!("answer (HTTP {http}, {} bytes) is not twilio's", body.len()));
    };
    // Twilio repeats the status inside.
    let status = said.number("status").and_then(|status| u16::try_from(status).ok()).unwrap_or(http);
    match (codes::lookup(code), status) {
        (_, 500..) => Answer::Open(codes::explain(code)),
        (Some(row), _) => codes::answer(row, to),
        (None, 401 | 403 | 404 | 429) => stray::judge(status, codes::explain(code)),
        // Its own word that nothing was made of the request, for a reason that is in no table.
        (None, 400..500) => Answer::Refused(Refusal::Mistake { why: codes::explain(code) }),
        (None, _) => Answer::Open(codes::explain(code)),
    }
}

fn receipt(message: &Object) -> Option<Receipt> {
    Some(Receipt {
        gateway_id: sid(message)?,
        cost: cost(message),
        state: message.scalar("status").map_or(Delivery::Queued, |status| codes::delivery(&status)),
    })
}

fn sid(message: &Object) -> Option<String> {
    message.scalar("sid").filter(|sid| !sid.trim().is_empty())
}

/// Prices are negative decimals, finer than a cent, and come only after the message went out.
fn cost(message: &Object) -> Option<Money> {
    let unit: Currency = message.scalar("price_unit")?.parse().ok()?;
    let price = Money::parse(&message.scalar("price")?, unit.fine()).ok()?;
    Some(Money { minor: price.minor.checked_abs()?, ..price })
}

fn report(sid: String, status: &str, error: Option<i64>, to: Option<&str>) -> Report {
    let mut report = Report::of(sid, codes::delivery(status));
    if let (Delivery::Failed, Some(code)) = (report.state, error) {
        report.stop = codes::stop(code, to.and_then(Phone::from_e164).as_ref());
        report.opted_out = codes::opted_out(code);
        if report.opted_out {
            report.state = Delivery::Blocked;
        }
    }
    report
}

fn report_of(message: &Object) -> Option<Report> {
    let status = message.scalar("status")?;
    let to = message.scalar("to");
    let report = report(sid(message)?, &status, message.number("error_code"), to.as_deref());
    Some(Report { cost: cost(message), ..report })
}

/// How far in time a listed message is from the sought one; `None`: it is another one.
fn distance(message: &Object, sought: &Sought) -> Option<i64> {
    // A trial account's texts have words of Twilio's before them.
    let same = message.scalar("body")?.trim().ends_with(sought.text.trim());
    let made = DateTime::parse_from_rfc2822(&message.scalar("date_created")?).ok()?.timestamp();
    let later = made.checked_sub(sought.handed_unix)?;
    let inbound = message.scalar("direction").is_some_and(|direction| direction == "inbound");
    (same && !inbound && (-EARLIER_S..=LATER_S).contains(&later)).then_some(later.abs())
}

impl Gateway for Twilio {
    fn name(&self) -> &'static str {
        NAME
    }

    fn abilities(&self) -> Abilities {
        Abilities { finds: Some(FINDS), polls_delivery: true, ..Abilities::SEND_ONLY }
    }

    fn reaches(&self, to: &Phone, template: bool) -> bool {
        !to.is_iranian() && !template
    }

    fn send<'a>(&'a self, message: &'a Outgoing) -> Soon<'a, Answer> {
        Box::pin(async move {
            match &message.body {
                Body::Text(text) => self.send_text(&message.to, text).await,
                Body::Template { name, .. } => {
                    let why = format!("template {name}: twilio is given texts only; write the step's text");
                    Answer::Refused(Refusal::Mistake { why })
                }
            }
        })
    }

    fn find<'a>(&'a self, sought: &'a [Sought]) -> Soon<'a, Result<Vec<(i64, Known)>, Trouble>> {
        Box::pin(async move {
            let mut known = Vec::with_capacity(sought.len());
            let mut taken = BTreeSet::new();
            for message in sought {
                let rows = self.listed(message).await?;
                let nearest = rows
                    .iter()
                    .filter_map(|row| Some((distance(row, message)?, report_of(row)?)))
                    .filter(|(_, report)| report.gateway_id.as_ref().is_some_and(|id| !taken.contains(id)))
                    .min_by_key(|(distance, _)| *distance);
                known.push((
                    message.reference,
                    match nearest {
                        Some((_, report)) => {
                            taken.extend(report.gateway_id.clone());
                            Known::Found(Report { reference: Some(message.reference), ..report })
                        }
                        None => Known::CannotTell,
                    },
                ));
            }
            Ok(known)
        })
    }

    fn states<'a>(&'a self, gateway_ids: &'a [String]) -> Soon<'a, Result<Vec<Report>, Trouble>> {
        Box::pin(asking::each(gateway_ids, |id| Box::pin(self.state(id))))
    }

    fn balance(&self) -> Soon<'_, Result<Option<Money>, Trouble>> {
        Box::pin(async move {
            let said = self.ask(self.address(&["Balance.json"])).await?;
            let balance = said.as_ref().and_then(|said| {
                let unit: Currency = said.scalar("currency")?.parse().ok()?;
                Money::parse(&said.scalar("balance")?, unit.fine()).ok()
            });
            balance.map(Some).ok_or_else(|| Trouble::Unreadable("balance names no sum or no currency".to_owned()))
        })
    }

    fn look(&self) -> Soon<'_, Result<Vec<String>, Trouble>> {
        let warning =
            "twilio's public_url is not set: neither delivery reports nor replies, STOP among them, can be taken";
        let warnings = if self.options.public_url.is_none() { vec![warning.to_owned()] } else { Vec::new() };
        Box::pin(async { Ok(warnings) })
    }

    fn delivery_push(&self, push: &Push) -> Result<Vec<Report>, Trouble> {
        signature::check(&self.options.key, self.options.public_url.as_ref(), push)?;
        let report_of = |row: &Row| {
            let missing = |what: &str| Trouble::Unreadable(format!("delivery callback names no {what}"));
            let sid = row.get(&["MessageSid", "SmsSid"]).filter(|sid| !sid.is_empty());
            let sid = sid.ok_or_else(|| missing("MessageSid"))?;
            let status = row.get(&["MessageStatus", "SmsStatus"]).ok_or_else(|| missing("MessageStatus"))?;
            let error = row.get(&["ErrorCode"]).and_then(whole_number);
            Ok(report(sid.to_owned(), status, error, row.get(&["To"])))
        };
        callback::read(push, report_of)
    }

    fn inbound_push(&self, push: &Push) -> Result<Vec<Inbound>, Trouble> {
        signature::check(&self.options.key, self.options.public_url.as_ref(), push)?;
        let inbound_of = |row: &Row| {
            let filled =
                |names: &[&str]| row.get(names).map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned);
            let text = row.get(&["Body"]).unwrap_or_default().to_owned();
            // Twilio's lists of words are the owner's to change, and it has stopped already.
            let stopped = row.get(&["OptOutType"]).is_some_and(|kind| kind.eq_ignore_ascii_case("STOP"));
            let text = if stopped && wish(&text) != Some(Wish::Stop) { "STOP".to_owned() } else { text };
            let from = filled(&["From"]);
            Ok(Inbound {
                gateway_id: filled(&["MessageSid", "SmsSid"]),
                from: from.ok_or_else(|| Trouble::Unreadable("inbound callback names no From".to_owned()))?,
                to: filled(&["To"]),
                text,
                at_unix: None,
            })
        };
        callback::read(push, inbound_of)
    }

    /// An empty document: anything else would be sent to the person as a reply.
    fn push_reply(&self) -> PushReply {
        PushReply { content_type: "text/xml; charset=utf-8", body: "<Response/>" }
    }
}
