//! What people do in the shop without buying: what they look at, ask for, and how often they come.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::{At, Span};

/// So many looks of one person are seen at most, the latest.
pub const LOOKS: usize = 200;

/// One look at a product's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The basket or session that it happened in: who that is may be known later.
    pub cart_key: Option<String>,
    pub product_id: String,
    pub variation_id: Option<String>,
    /// How long the page was in view.
    pub seconds: u32,
    /// Slug of the short link that brought the visitor.
    pub link: Option<String>,
    pub at: At,
}

/// A product of which somebody asked to be told when it is there again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    pub product_id: String,
    /// None: any, or a product without variations.
    pub variation_id: Option<String>,
    /// When they last asked.
    pub at: At,
}

/// What is only counted, by day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Doing {
    #[serde(rename = "login")]
    Login,
    /// A page that the shop chose to tell of, by its path.
    #[serde(rename = "page")]
    Page(String),
}

impl std::fmt::Display for Doing {
    /// `login`, `page:/about`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Doing::Login => f.write_str("login"),
            Doing::Page(path) => write!(f, "page:{path}"),
        }
    }
}

impl Doing {
    /// Reads what [`Display`](std::fmt::Display) writes.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Doing> {
        if text == "login" {
            return Some(Doing::Login);
        }
        text.strip_prefix("page:").map(|path| Doing::Page(path.to_owned()))
    }
}

/// How often somebody did something on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayCount {
    pub doing: Doing,
    /// The day's beginning, in UTC.
    pub day: At,
    pub count: u32,
}

/// The beginning of the UTC day in which `t` lies.
#[must_use]
pub fn day_of(t: At) -> At {
    At(t.0 - t.0.rem_euclid(86_400_000))
}

/// An event of the owner's own about somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// The event's.
    pub id: String,
    /// What stands behind `custom.` in its type.
    pub name: String,
    /// Its data, as far as a text can say it.
    pub fields: BTreeMap<String, String>,
    pub at: At,
}

/// Something that somebody pays for again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    pub id: String,
    /// The shop's word; `active` is one that goes on.
    pub status: String,
    /// When the next payment is due, or it ends.
    pub ends: Option<At>,
    /// The same as it was first told of the present term.
    pub term: Option<At>,
    pub updated: At,
}

/// Payments are moved by hours, or tried again a day later; a renewal moves the next one by more.
const MOVED: Span = Span::days(1);

impl Subscription {
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == "active"
    }

    /// The term that goes on when it is told to end then; none: that is another one.
    #[must_use]
    pub fn term_until(&self, ends: Option<At>) -> Option<At> {
        self.ends.zip(ends).filter(|(known, told)| told.since(*known).max(known.since(*told)) <= MOVED).and(self.term)
    }

    /// Whether it was renewed since its end was this.
    #[must_use]
    pub fn is_renewed_since(&self, end: At) -> bool {
        self.is_active() && self.term.is_some_and(|term| term > end.plus(MOVED))
    }
}
