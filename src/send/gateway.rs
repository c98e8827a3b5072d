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

use crate::money::Money;
use crate::phone::Phone;
pub use crate::secret::Secret;

/// A future that can be kept in a trait object.
pub type Soon<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One SMS to one person, ready to be handed over.
pub struct Outgoing {
    /// Our own id of the message, above zero; also the idempotency key where the gateway has one.
    pub reference: i64,
    pub to: Phone,
    pub body: Body,
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
    /// The recipient refuses messages from this line.
    Blocked { why: String },
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
            | Self::Blocked { why }
            | Self::Stop { why, .. }
            | Self::Mistake { why } => why,
        }
    }
}

/// How much a [`Refusal::Stop`] holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopScope {
    /// The whole account or its way to the gateway (key, address allow-list).
    Gateway,
    /// The sender line.
    Line,
    /// One template, by name.
    Template(String),
    /// Texts with links.
    Links,
    /// Every template.
    Lookup,
    /// Money.
    Credit,
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
}

/// What the gateway knows of one of our references.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    Found(Report),
    /// Not there, *if* the message was handed over within [`Abilities::by_reference`]; gateways that forget do not tell
    /// "never had it" from "too old", so do not ask about older ones.
    NotFound,
    TooOld,
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
pub struct Abilities {
    /// For how long after the hand-over our references can be asked for; `None`: not at all.
    pub by_reference: Option<Duration>,
    /// The same reference within this time is not sent twice, for [`Body::Text`] only; `None`: no such promise.
    pub dedupes: Option<Duration>,
    /// How many ids [`Gateway::states`] and [`Gateway::find`] ask about in one request; longer lists are split.
    pub max_status_batch: usize,
    /// Delivery can be asked for.
    pub polls_delivery: bool,
    /// [`Body::Template`] can be sent.
    pub templates: bool,
}

/// A request that the gateway made to one of our callback addresses. Unsigned everywhere we know: its path is the only secret,
/// and what it says is checked by [`Gateway::states`] before money depends on it.
pub struct Push {
    pub method: String,
    /// The decoded query.
    pub query: Vec<(String, String)>,
    pub content_type: Option<String>,
    pub body: Vec<u8>,
}

impl fmt::Debug for Push {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Push")
            .field("method", &self.method)
            .field("content_type", &self.content_type)
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
}

/// An SMS provider.
pub trait Gateway: Send + Sync {
    /// The name used in settings, in the log and in callback paths.
    fn name(&self) -> &'static str;

    fn abilities(&self) -> Abilities;

    /// Hands one message over. The attempt must be stored before this is called.
    fn send<'a>(&'a self, message: &'a Outgoing) -> Soon<'a, Answer>;

    /// What became of our references, one entry each, in the order asked.
    fn find<'a>(&'a self, references: &'a [i64]) -> Soon<'a, Result<Vec<(i64, Known)>, Trouble>>;

    /// Where messages are, by the gateway's ids. Ids that the gateway left out are left out.
    fn states<'a>(&'a self, gateway_ids: &'a [String]) -> Soon<'a, Result<Vec<Report>, Trouble>>;

    /// The credit left; `None` where there is no such thing.
    fn balance(&self) -> Soon<'_, Result<Option<Money>, Trouble>>;

    /// A look at the account when the daemon starts: warnings for the owner, each a sentence.
    fn look(&self) -> Soon<'_, Result<Vec<String>, Trouble>>;

    /// Reads a delivery callback.
    ///
    /// # Errors
    /// [`Trouble::Unreadable`] when it names no message or no state.
    fn delivery_push(&self, push: &Push) -> Result<Vec<Report>, Trouble>;

    /// Reads a callback for an SMS that a person sent to us.
    ///
    /// # Errors
    /// [`Trouble::Unreadable`] when it names no sender or no text.
    fn inbound_push(&self, push: &Push) -> Result<Vec<Inbound>, Trouble>;
}

/// The gateways of one daemon. The first sends; the others still answer for what was handed to them earlier.
#[derive(Clone, Default)]
pub struct Registry {
    gateways: Vec<Arc<dyn Gateway>>,
}

/// Two gateways of one name: a callback or an old message could not tell them apart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("gateway {0:?} is there already; give each gateway once")]
pub struct NameTaken(pub &'static str);

impl Registry {
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

    /// The gateway that new messages go to.
    #[must_use]
    pub fn first(&self) -> Option<&Arc<dyn Gateway>> {
        self.gateways.first()
    }

    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Arc<dyn Gateway>> {
        self.gateways.iter().find(|gateway| gateway.name() == name)
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
