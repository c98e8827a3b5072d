//! How people stand with the shop: their tags, points, segments, and how they buy.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::model::{ContactId, words};
use crate::clock::At;

const LONGEST_TAG: usize = 64;

/// The tag in what was written; the error says what was expected.
///
/// # Errors
/// Without a letter, too long, or with control characters.
pub fn read_tag(written: &str) -> std::result::Result<String, String> {
    let tag = written.trim();
    let good = !tag.is_empty() && tag.chars().count() <= LONGEST_TAG && !tag.chars().any(char::is_control);
    if good { Ok(tag.to_owned()) } else { Err(format!("expected 1 to {LONGEST_TAG} letters")) }
}

/// A word that the owner, or a step, put on somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged {
    pub tag: String,
    pub at: At,
}

/// One line of the ledger of points. Lines are only ever added: what changes is put right by a further line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PointsLine {
    pub at: At,
    /// Given, or below zero taken.
    pub change: i64,
    /// What it is for, such as `order:55`, `review:12`, `sign_up`, `birthday:1405`, `referral:56` (a friend's order), `event:ID`, `step:ID/STEP`, `coupon:MESSAGE`.
    pub about: String,
    /// From 1: the first line about this, then what puts it right. With `about` it is there once for each contact.
    pub part: u32,
    /// What is left of a gift is gone then; `None`: never.
    pub expires: Option<At>,
    /// Minor units paid for one point, of orders: later changes of the order are reckoned by the same.
    pub rate: Option<i64>,
}

/// A stay in a segment, the latest of this person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Id of the owner's.
    pub segment: String,
    /// `None`: whoever looked for the first time found the person in it, and nothing begins with that.
    pub since: Option<At>,
    /// When it ended; `None`: it goes on.
    pub until: Option<At>,
}

/// What a segment is by the owner's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The condition as it is written.
    pub who: String,
    /// When it was first read: who is found in it by their first look since was there before.
    pub since: At,
}

/// What somebody bought, in orders that stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buying {
    pub last: At,
    pub orders: u32,
    /// Kept money, in minor units of the shop's currency.
    pub spent: i64,
}

/// By what buyers are put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    Last,
    Orders,
    Spent,
}

impl Measure {
    #[must_use]
    pub fn of(self, buying: &Buying) -> i64 {
        match self {
            Measure::Last => buying.last.0,
            Measure::Orders => i64::from(buying.orders),
            Measure::Spent => buying.spent,
        }
    }
}

words! {
    /// The usual names of buyers by how lately, how often and for how much they buy.
    Rfm {
        Champions = "champions",
        Loyal = "loyal",
        PotentialLoyalists = "potential_loyalists",
        NewCustomers = "new_customers",
        Promising = "promising",
        NeedAttention = "need_attention",
        AboutToSleep = "about_to_sleep",
        AtRisk = "at_risk",
        CannotLose = "cannot_lose",
        Hibernating = "hibernating",
        Lost = "lost",
    }
}

/// 1 to 5 each, 5 the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scores {
    pub recency: u8,
    pub frequency: u8,
    pub monetary: u8,
}

/// Where a buyer stands among all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub rfm: Rfm,
    pub scores: Scores,
    /// Since when under this name.
    pub since: At,
}

/// Somebody went from one name to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    pub contact: ContactId,
    pub from: Rfm,
    pub to: Rfm,
    pub at: At,
}

/// Between which values the buyers of a night are divided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cuts {
    /// The largest value of each fifth but the last.
    Fifths { last: Vec<i64>, orders: Vec<i64>, spent: Vec<i64> },
    /// There are too few buyers to divide: fixed ones, and what they spent on average.
    Fixed { mean: i64 },
}

/// How far a night's ranking of all buyers has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranking {
    /// The beginning of the round that it belongs to.
    pub night: At,
    pub cuts: Cuts,
    /// The last buyer that was put in place.
    pub after: ContactId,
    pub finished: bool,
}

/// What may be asked and changed of all this: a part of the [`World`](super::world::World).
pub trait Standings {
    /// A tag that is there stays as it was.
    fn put_tag(&mut self, contact: ContactId, tag: &str, at: At) -> Result<()>;
    fn drop_tag(&mut self, contact: ContactId, tag: &str) -> Result<()>;
    /// The contact's, by tag.
    fn tags_of(&self, contact: ContactId) -> Result<Vec<Tagged>>;
    /// Adds a line to the ledger; true when none of its name and part was there before, else nothing changes.
    fn add_points(&mut self, contact: ContactId, line: &PointsLine) -> Result<bool>;
    /// The contact's ledger, by name and part.
    fn points_of(&self, contact: ContactId) -> Result<Vec<PointsLine>>;
    /// By the segment's id.
    fn definitions(&self) -> Result<BTreeMap<String, Definition>>;
    /// `None` when the owner's file has the segment no more.
    fn put_definition(&mut self, segment: &str, definition: Option<&Definition>) -> Result<()>;
    /// When it was last kept that the contact's segments were looked at; kept when their definitions are newer only.
    fn looked(&self, contact: ContactId) -> Result<Option<At>>;
    fn put_looked(&mut self, contact: ContactId, at: At) -> Result<()>;
    /// The contact's latest stay in each segment, also those that are over, by segment.
    fn memberships_of(&self, contact: ContactId) -> Result<Vec<Membership>>;
    fn put_membership(&mut self, contact: ContactId, membership: &Membership) -> Result<()>;
    fn drop_membership(&mut self, contact: ContactId, segment: &str) -> Result<()>;
    fn buying_of(&self, contact: ContactId) -> Result<Option<Buying>>;
    /// Who buys nothing (any more) has no standing either.
    fn put_buying(&mut self, contact: ContactId, buying: Option<&Buying>) -> Result<()>;
    fn count_buyers(&self) -> Result<u64>;
    /// The values at these places, from 0, when all buyers are put in order by this; those beyond the end are left out.
    fn buyers_at(&self, by: Measure, places: &[u64]) -> Result<Vec<i64>>;
    /// Buyers behind this contact, by id.
    fn buyers_after(&self, after: ContactId, limit: usize) -> Result<Vec<(ContactId, Buying)>>;
    fn standing_of(&self, contact: ContactId) -> Result<Option<Standing>>;
    /// An error for whoever is no buyer.
    fn put_standing(&mut self, contact: ContactId, standing: &Standing) -> Result<()>;
    /// One for each contact and moment.
    fn add_move(&mut self, moved: &Move) -> Result<()>;
    /// The contact's, oldest first; at most 200.
    fn moves_of(&self, contact: ContactId) -> Result<Vec<Move>>;
    fn ranking(&self) -> Result<Option<Ranking>>;
    fn put_ranking(&mut self, ranking: &Ranking) -> Result<()>;
}
