//! What the door asks of the rooms behind it. [`StoreDesk`](crate::receive::store_desk::StoreDesk) stands on the database; tests
//! and benches bring their own.

use std::fmt;

use super::event::Item;
use super::look::{Ask, Looked};
use crate::clock::At;
use crate::measure::figures::ProviderFigures;
use crate::phone::Phone;
use crate::send::gateway::Soon;
use crate::state::model::{Hold, Link};
use crate::store::log::Incoming;

/// One call's events, told apart and ready to be stored in one transaction.
#[derive(Debug)]
pub struct Batch {
    pub received: At,
    /// Those that were understood, in the order of happening.
    pub good: Vec<Incoming>,
    pub bad: Vec<Bad>,
}

/// An event that was not understood.
#[derive(Debug, Clone)]
pub struct Bad {
    /// Empty when it has none, as is `kind`.
    pub id: String,
    pub kind: String,
    /// All of it, as it was sent.
    pub raw: String,
    /// For the owner; holds no value of the event's data.
    pub error: String,
}

/// What became of the good events of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    pub accepted: usize,
    pub duplicate: usize,
}

/// The database cannot be written to now. The reason is for the log.
#[derive(Debug)]
pub struct Unavailable(pub String);

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "database cannot be written: {}", self.0)
    }
}

impl std::error::Error for Unavailable {}

/// One visit of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub slug: String,
    pub at: At,
    pub human: bool,
}

/// What is counted by asking the database, each by an index and up to [`Figures::COUNTED_TO`] rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Logged and not yet applied.
    pub events_pending: u64,
    pub enrolments_waiting: u64,
    pub enrolments_active: u64,
    /// Messages whose time has come and that wait for hours, caps, credit or the driver.
    pub messages_due: u64,
    /// How long the first of them has waited, in milliseconds.
    pub oldest_due_ms: i64,
    pub messages_sending: u64,
    pub messages_unknown: u64,
    /// Events that the shop had not delivered when it was last asked, and how long the first has waited, in milliseconds;
    /// zero once it has spoken since.
    pub outbox_waiting: u64,
    pub outbox_oldest_ms: i64,
    pub holds: Vec<Hold>,
    /// Troubles of the owner's that go on, by kind.
    pub alerts: Vec<(String, u64)>,
    /// By name: what each gateway did in the last day.
    pub gateways: Vec<(String, ProviderFigures)>,
    pub database_bytes: u64,
}

impl Figures {
    /// Larger counts are shown as this: a look must not grow with the shop.
    pub const COUNTED_TO: usize = 10_000;
}

/// The question of a text, as the page behind its link puts it. Nothing of it is the person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The owner's; none: the page has words of its own.
    pub text: Option<String>,
    /// The answers' labels, in the file's order.
    pub answers: Vec<String>,
    /// An answer is still taken.
    pub is_open: bool,
}

pub trait Desk: Send + Sync {
    /// Stores a call's events; resolves when they are durable.
    fn take(&self, batch: Batch) -> Soon<'_, Result<Taken, Unavailable>>;

    /// A point look-up; answers without waiting for the writer.
    fn link(&self, slug: &str) -> anyhow::Result<Option<Link>>;

    /// The link that gave this code, in lower case, as one of a person's own, with that person's number. `None` also when the
    /// shop has told that the code was used or deleted.
    fn own_coupon(&self, code: &str, now: At) -> anyhow::Result<Option<(Link, Phone)>>;

    /// Where the shop is, by the settings or else by the shop's own word. `None`: nobody has said yet.
    fn shop_url(&self) -> Option<String>;

    /// Where the shop is by the settings alone.
    fn set_shop_url(&self) -> Option<String>;

    /// When the shop last answered to being asked for what it has not delivered.
    fn reached_shop(&self) -> anyhow::Result<Option<At>> {
        Ok(None)
    }

    /// Keeps in mind, for `doctor`, that another shop called with this one's secret.
    fn note_another_shop(&self, url: &str, at: At);

    /// The items that a cart link puts back.
    fn to_restore(&self, link: &Link) -> anyhow::Result<Vec<Item>>;

    /// What the text of this link asks; `None` where the link leads elsewhere, or the question is not in the file any more.
    fn question(&self, link: &Link, now: At) -> anyhow::Result<Option<Question>>;

    /// Counts a visit some time soon; the visitor does not wait for it.
    fn count(&self, hit: Hit);

    /// What is known of somebody; many look-ups, so not for async code.
    fn look(&self, ask: &Ask, now: At) -> anyhow::Result<Looked>;

    fn holds(&self) -> anyhow::Result<Vec<Hold>>;

    fn figures(&self, now: At) -> anyhow::Result<Figures>;

    /// Nothing will be written any more by this process, whatever it is asked.
    fn is_dead(&self) -> bool {
        false
    }

    /// Resolves when the writer has committed something.
    fn writes(&self) -> Soon<'_, Result<(), Unavailable>>;
}
