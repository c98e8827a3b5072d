//! What the daemon can ask of any SMS gateway, and what it can hear back.
//!
//! The one question that matters after a call is whether the message may be sent again, so [`Answer`] has exactly three cases:
//! the gateway has it, the gateway surely has it not, or nobody can know yet. Each adapter in `gateways/` maps its provider's
//! codes to these by table; what follows from a case (retry, hold, alert, ask) is decided by the driver, not here.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::gateways::batch;
use crate::money::Money;
use crate::phone::Phone;

/// A future that can be kept in a trait object.
pub type Soon<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One SMS to one person, ready to be handed over.
pub struct Outgoing {
    /// Our own id of the message, above zero; also the idempotency key where the gateway has one.
    pub reference: i64,
    pub to: Phone,
    pub body: Body,
}

impl Outgoing {
    #[must_use]
    pub fn is_text(&self) -> bool {
        matches!(self.body, Body::Text(_))
    }
}

/// What is to be said.
pub enum Body {
    Text(String),
    /// A text that the gateway's staff approved, filled with named tokens by the gateway.
    Template {
        name: String,
        tokens: BTreeMap<String, String>,
    },
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").field("reference", &self.reference).field("body", &self.body).finish_non_exhaustive()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} characters)", text.chars().count()),
            Self::Template { name, tokens } => {
                write!(f, "Template({name}, {} tokens)", tokens.len())
            }
        }
    }
}

/// What is known after handing a message over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The gateway has it: never send it again.
    Accepted(Receipt),
    /// The gateway surely has it not.
    Refused(Refusal),
    /// It cannot be known (timeout after sending, connection cut, 5xx, unreadable answer): ask, never guess.
    /// The text says why, and holds neither key nor number.
    Open(String),
}

/// The gateway's word that it has a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The gateway's id, as text: ids of some gateways exceed 2^53.
    pub gateway_id: String,
    /// What it costs, if the gateway says so at once.
    pub cost: Option<Money>,
    /// Usually [`Delivery::Queued`]. A gateway that returns an existing record for the same reference may say more.
    pub state: Delivery,
}

/// Why a message was surely not accepted, and so what may be done with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A passing reason: the same message may go again, not before `after` if that is given.
    Later { after: Option<Duration>, why: String },
    /// This message to this recipient will never work.
    Never { why: String },
    /// The way is at fault: no connection was made, or something between turned the request away. The gateway rests, and another
    /// may be asked.
    Down { why: String },
    /// The recipient is on a blacklist of advertising: not paid for again, but a service template may reach them.
    Blocked { why: String },
    /// The recipient has told the gateway or this line to stop: an opt-out like any other.
    OptedOut { why: String },
    /// Nothing of this scope will work until somebody acts: hold the messages and tell the owner.
    Stop { scope: StopScope, why: String },
    /// Our own bug, or the configuration of one template: fail this message and alert; do not loop.
    Mistake { why: String },
}

impl Refusal {
    /// The reason, for the log and the owner; holds neither key nor number.
    #[must_use]
    pub fn why(&self) -> &str {
        match self {
            Self::Later { why, .. }
            | Self::Never { why }
            | Self::Down { why }
            | Self::Blocked { why }
            | Self::OptedOut { why }
            | Self::Stop { why, .. }
            | Self::Mistake { why } => why,
        }
    }
}

/// How much a [`Refusal::Stop`] holds at one gateway. Its text form stands in holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StopScope {
    /// The whole account or its way to the gateway (key, address allow-list).
    Account,
    /// It gives no clear answers: what is handed over comes into doubt, so it rests. Others wait for it: on a doubt no other
    /// gateway is asked.
    Silence,
    /// Money.
    Credit,
    /// The sender line.
    Line,
    /// Texts with links.
    Links,
    /// Every template.
    Templates,
    /// One template, by name.
    Template(String),
    /// Numbers of one country, by its calling code: `98`.
    Region(String),
}

impl fmt::Display for StopScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account => f.write_str("account"),
            Self::Silence => f.write_str("silence"),
            Self::Credit => f.write_str("credit"),
            Self::Line => f.write_str("line"),
            Self::Links => f.write_str("links"),
            Self::Templates => f.write_str("templates"),
            Self::Template(name) => write!(f, "template:{name}"),
            Self::Region(code) => write!(f, "region:{code}"),
        }
    }
}

/// A word that is no [`StopScope`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("hold {0:?} is none of account, silence, credit, line, links, templates, template:…, region:…")]
pub struct NotAScope(pub String);

impl FromStr for StopScope {
    type Err = NotAScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.split_once(':') {
            Some(("template", name)) => Self::Template(name.to_owned()),
            Some(("region", code)) => Self::Region(code.to_owned()),
            Some(_) => return Err(NotAScope(text.to_owned())),
            None => [Self::Account, Self::Silence, Self::Credit, Self::Line, Self::Links, Self::Templates]
                .into_iter()
                .find(|scope| scope.to_string() == text)
                .ok_or_else(|| NotAScope(text.to_owned()))?,
        })
    }
}

/// Where a message is, in one vocabulary for all gateways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// With the gateway, not yet with the operator.
    Queued,
    /// With the operator, no final word.
    Sent,
    Delivered,
    /// Undelivered, failed or cancelled.
    Failed,
    /// The recipient is on a blacklist of advertising or of this line.
    Blocked,
    Unknown,
}

impl Delivery {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Blocked => "blocked",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no [`Delivery`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("delivery state {0:?} is none of queued, sent, delivered, failed, blocked, unknown")]
pub struct NotADelivery(pub String);

impl FromStr for Delivery {
    type Err = NotADelivery;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Queued, Self::Sent, Self::Delivered, Self::Failed, Self::Blocked, Self::Unknown]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| NotADelivery(text.to_owned()))
    }
}

/// News of one message, asked for or pushed. At least one of the two ids is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub gateway_id: Option<String>,
    pub reference: Option<i64>,
    pub state: Delivery,
    pub cost: Option<Money>,
    /// The gateway gave the money back.
    pub refunded: bool,
    /// The person has told the gateway to stop.
    pub opted_out: bool,
    /// Found out only now, long after the message was taken: nothing of this scope will work until somebody acts.
    pub stop: Option<(StopScope, String)>,
}

impl Report {
    /// The usual report: a state of the message with this id at the gateway, and nothing else.
    #[must_use]
    pub fn of(gateway_id: impl Into<String>, state: Delivery) -> Report {
        Report {
            gateway_id: Some(gateway_id.into()),
            reference: None,
            state,
            cost: None,
            refunded: false,
            opted_out: false,
            stop: None,
        }
    }
}

/// A message whose hand-over stayed open, as far as a gateway may need it to look for it.
#[derive(Clone)]
pub struct Sought {
    pub reference: i64,
    pub to: Phone,
    /// As handed over.
    pub text: String,
    /// Unix seconds.
    pub handed_unix: i64,
}

impl fmt::Debug for Sought {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sought")
            .field("reference", &self.reference)
            .field("handed_unix", &self.handed_unix)
            .finish_non_exhaustive()
    }
}

/// What the gateway knows of a message that is sought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    Found(Report),
    /// Surely not there, *if* the message was handed over within [`Abilities::finds`]; gateways that forget do not tell
    /// "never had it" from "too old", so do not ask about older ones.
    NotFound,
    /// Not seen, which proves nothing: a list that is short, late, or matched by number and text.
    CannotTell,
}

/// One page of something that is asked for piece by piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// Where the next question goes on; kept together with the rows.
    pub cursor: Option<String>,
    /// There is more to be had at once.
    pub more: bool,
}

impl<T> Page<T> {
    /// Everything there is.
    #[must_use]
    pub fn last(rows: Vec<T>) -> Page<T> {
        Page { rows, cursor: None, more: false }
    }
}

/// Somebody on the gateway's list of those who must not be written to.
#[derive(Clone, PartialEq, Eq)]
pub struct Refuser {
    /// The number as the gateway wrote it.
    pub phone: String,
    /// The person asked for it by a reply to the line (`لغو۱۱`, STOP): an opt-out, not only a block of advertising.
    pub by_reply: bool,
    /// Unix seconds.
    pub at_unix: Option<i64>,
}

impl fmt::Debug for Refuser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refuser")
            .field("by_reply", &self.by_reply)
            .field("at_unix", &self.at_unix)
            .finish_non_exhaustive()
    }
}

/// What the gateway itself counts for a span of time, to be compared with our books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    pub messages: u64,
    pub parts: Option<u64>,
    pub cost: Option<Money>,
}

/// An SMS from a person to one of our lines.
pub struct Inbound {
    pub gateway_id: Option<String>,
    /// The sender's number as the gateway wrote it.
    pub from: String,
    /// Our line, as the gateway wrote it.
    pub to: Option<String>,
    pub text: String,
    /// Unix seconds.
    pub at_unix: Option<i64>,
}

impl fmt::Debug for Inbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbound")
            .field("gateway_id", &self.gateway_id)
            .field("characters", &self.text.chars().count())
            .field("at_unix", &self.at_unix)
            .finish_non_exhaustive()
    }
}

/// What a gateway can do beyond sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a thing that a gateway can or cannot do")]
pub struct Abilities {
    /// For how long after the hand-over [`Gateway::find`] can look for an open message; `None`: not at all.
    pub finds: Option<Duration>,
    /// The same reference within this time is not sent twice, for [`Body::Text`] only; `None`: no such promise.
    pub dedupes: Option<Duration>,
    /// How many texts [`Gateway::send_many`] takes in one call; 1: it takes none together.
    pub max_batch: usize,
    /// How many ids [`Gateway::states`] and [`Gateway::find`] ask about in one request; longer lists are split.
    pub max_status_batch: usize,
    /// Delivery can be asked for.
    pub polls_delivery: bool,
    /// People's replies can be asked for.
    pub polls_inbound: bool,
    /// The line's own blacklist can be asked for.
    pub polls_refusers: bool,
    /// [`Body::Template`] can be sent.
    pub templates: bool,
}

impl Abilities {
    /// Sends texts one by one, and knows nothing afterwards.
    pub const SEND_ONLY: Abilities = Abilities {
        finds: None,
        dedupes: None,
        max_batch: 1,
        max_status_batch: 1,
        polls_delivery: false,
        polls_inbound: false,
        polls_refusers: false,
        templates: false,
    };
}

/// A request that the gateway made to one of our callback addresses. Unsigned at most gateways: its path is the only secret,
/// and what it says is checked by [`Gateway::states`] before money depends on it.
#[derive(Default)]
pub struct Push {
    pub method: String,
    /// Path and query as they came, for gateways that sign their address.
    pub target: String,
    /// The decoded query.
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Push {
    /// The first header of this name, which is in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.header("content-type")
    }
}

/// What a callback is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PushReply {
    pub content_type: &'static str,
    pub body: &'static str,
}

impl fmt::Debug for Push {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Push")
            .field("method", &self.method)
            .field("content_type", &self.content_type())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Why a question got no answer. Asking changes nothing, so it may be asked again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    #[error("gateway cannot be reached: {0}")]
    Unreachable(String),
    #[error("gateway refuses with code {code}: {why}")]
    Refused { code: i64, why: String },
    #[error("gateway's answer cannot be read: {0}")]
    Unreadable(String),
    /// Only of callbacks: the signature that this gateway puts on them is wrong or missing.
    #[error("callback is not signed by the gateway: {0}")]
    Forged(String),
    /// There is no such question at this gateway; see [`Abilities`].
    #[error("gateway cannot be asked that")]
    NotOffered,
}

/// An SMS provider.
pub trait Gateway: Send + Sync {
    /// The name used in settings, in the log and in callback paths.
    fn name(&self) -> &'static str;

    fn abilities(&self) -> Abilities;

    /// Whether it delivers to this number at all, by text or by template. Nothing is asked of anybody.
    fn reaches(&self, to: &Phone, template: bool) -> bool {
        let _ = (to, template);
        true
    }

    /// Hands one message over. The attempt must be stored before this is called.
    fn send<'a>(&'a self, message: &'a Outgoing) -> Soon<'a, Answer>;

    /// Hands several texts over in one call, at most [`Abilities::max_batch`]; one answer each, in the order given.
    fn send_many<'a>(&'a self, messages: &'a [Outgoing]) -> Soon<'a, Vec<Answer>> {
        Box::pin(batch::one_by_one(self, messages))
    }

    /// What became of messages whose hand-over stayed open: one entry each, in the order asked.
    fn find<'a>(&'a self, sought: &'a [Sought]) -> Soon<'a, Result<Vec<(i64, Known)>, Trouble>> {
        let _ = sought;
        Box::pin(async { Err(Trouble::NotOffered) })
    }

    /// Where messages are, by the gateway's ids. Ids that the gateway left out are left out.
    fn states<'a>(&'a self, gateway_ids: &'a [String]) -> Soon<'a, Result<Vec<Report>, Trouble>> {
        let _ = gateway_ids;
        Box::pin(async { Err(Trouble::NotOffered) })
    }

    /// What people wrote to our line since `cursor`. Some gateways give each row only once: store what comes before all else.
    fn inbound<'a>(&'a self, cursor: Option<&'a str>) -> Soon<'a, Result<Page<Inbound>, Trouble>> {
        let _ = cursor;
        Box::pin(async { Err(Trouble::NotOffered) })
    }

    /// Who was put on the line's blacklist since `cursor`. The same may come again.
    fn refusers<'a>(&'a self, cursor: Option<&'a str>) -> Soon<'a, Result<Page<Refuser>, Trouble>> {
        let _ = cursor;
        Box::pin(async { Err(Trouble::NotOffered) })
    }

    /// What the gateway has counted from one moment to another (Unix seconds, the end not included); `None` when it keeps no
    /// such count or not for that long.
    fn tally(&self, from_unix: i64, to_unix: i64) -> Soon<'_, Result<Option<Tally>, Trouble>> {
        let _ = (from_unix, to_unix);
        Box::pin(async { Ok(None) })
    }

    /// The credit left, in the gateway's own unit; `None` where there is no such thing.
    fn balance(&self) -> Soon<'_, Result<Option<Money>, Trouble>>;

    /// A look at the account when the daemon starts: warnings for the owner, each a sentence.
    fn look(&self) -> Soon<'_, Result<Vec<String>, Trouble>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Reads a delivery callback.
    ///
    /// # Errors
    /// [`Trouble::Unreadable`] when it names no message or no state, [`Trouble::Forged`] when its signature is wrong,
    /// [`Trouble::NotOffered`] where there is no such thing.
    fn delivery_push(&self, push: &Push) -> Result<Vec<Report>, Trouble> {
        let _ = push;
        Err(Trouble::NotOffered)
    }

    /// Reads a callback for an SMS that a person sent to us.
    ///
    /// # Errors
    /// As [`Gateway::delivery_push`].
    fn inbound_push(&self, push: &Push) -> Result<Vec<Inbound>, Trouble> {
        let _ = push;
        Err(Trouble::NotOffered)
    }

    /// What a callback that was taken is answered with.
    fn push_reply(&self) -> PushReply {
        PushReply { content_type: "text/plain; charset=utf-8", body: "OK" }
    }
}

/// The gateways of one daemon, in the owner's order of preference. Those that do not send any more still answer for what was
/// handed to them earlier.
#[derive(Clone, Default)]
pub struct Registry {
    gateways: Vec<Arc<dyn Gateway>>,
}

/// Two gateways of one name: a callback or an old message could not tell them apart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("gateway {0:?} is there already; give each gateway once")]
pub struct NameTaken(pub &'static str);

impl Registry {
    /// One gateway and no other.
    #[must_use]
    pub fn only(gateway: Arc<dyn Gateway>) -> Registry {
        Registry { gateways: vec![gateway] }
    }

    /// Adds a gateway behind those that are there.
    ///
    /// # Errors
    /// [`NameTaken`].
    pub fn add(&mut self, gateway: Arc<dyn Gateway>) -> Result<(), NameTaken> {
        if self.named(gateway.name()).is_some() {
            return Err(NameTaken(gateway.name()));
        }
        self.gateways.push(gateway);
        Ok(())
    }

    /// The one that the owner prefers.
    #[must_use]
    pub fn first(&self) -> Option<&Arc<dyn Gateway>> {
        self.gateways.first()
    }

    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Arc<dyn Gateway>> {
        self.gateways.iter().find(|gateway| gateway.name() == name)
    }

    /// Whether this very one is among them, and not another of its name.
    #[must_use]
    pub fn has(&self, one: &Arc<dyn Gateway>) -> bool {
        self.gateways.iter().any(|gateway| Arc::ptr_eq(gateway, one))
    }

    /// These, and behind them those of `before` whose names are gone: they still tell what became of what they were given.
    #[must_use]
    pub fn after(mut self, before: &Registry) -> Registry {
        let gone: Vec<_> = before.iter().filter(|former| self.named(former.name()).is_none()).cloned().collect();
        self.gateways.extend(gone);
        self
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Gateway>> {
        self.gateways.iter()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|gateway| gateway.name())).finish()
    }
}
