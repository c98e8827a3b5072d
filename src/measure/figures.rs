//! What is counted, and what each figure means. The one list of definitions; `store::figures` counts, `reports` shows.
//!
//! Everything belongs to a message, and a message to the moment at which it was handed over (if it was not: at which it
//! was due). So the figures of two neighbouring periods add up to those of both, an order stands in the same row as the
//! SMS that it cost, and what came of the last days' messages may still grow.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use crate::clock::{At, Span};
use crate::money::{Currency, Money};
use crate::state::model::{Evidence, MessageState, Reason};

/// Somebody who followed a cart link has this long to order before the cart counts as abandoned again.
pub const SECOND_CHANCE: Span = Span::hours(24);
/// Who opts out this soon after a message did so because of it.
pub const OPT_OUT_BLAME: Span = Span::days(5);

/// From `since` up to, but not with, `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub since: At,
    pub until: At,
}

impl Period {
    pub const EVER: Period = Period { since: At(i64::MIN), until: At::NEVER };

    #[must_use]
    pub fn holds(self, t: At) -> bool {
        self.since <= t && t < self.until
    }
}

/// Money of several currencies, never added across them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Purse(BTreeMap<Currency, i64>);

impl Purse {
    pub fn put(&mut self, money: Money) {
        let sum = self.0.entry(money.currency).or_default();
        *sum = sum.saturating_add(money.minor);
    }

    /// By currency.
    pub fn amounts(&self) -> impl Iterator<Item = Money> {
        self.0.iter().map(|(currency, minor)| Money { minor: *minor, currency: *currency })
    }

    /// In this currency; zero when there is none of it.
    #[must_use]
    pub fn of(&self, currency: Currency) -> Money {
        Money { minor: self.0.get(&currency).copied().unwrap_or_default(), currency }
    }

    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0.values().all(|minor| *minor == 0)
    }
}

impl AddAssign<&Purse> for Purse {
    fn add_assign(&mut self, other: &Purse) {
        for money in other.amounts() {
            self.put(money);
        }
    }
}

/// Orders and their money.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Earned {
    pub orders: u64,
    /// As the shop last told of them.
    pub total: Purse,
    /// What refunds and cancellations left of it.
    pub kept: Purse,
}

impl AddAssign<&Earned> for Earned {
    fn add_assign(&mut self, other: &Earned) {
        self.orders += other.orders;
        self.total += &other.total;
        self.kept += &other.kept;
    }
}

/// The figures of one step, or the sum of several.
///
/// `planned` = `waiting` + `sent` + `refused` + `expired` + `cancelled`, and
/// `sent` = `delivered` + `on_the_way` + `unknown` + `undelivered`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    pub planned: u64,
    /// Still to go: for its hour, for room under a cap, for credit.
    pub waiting: u64,
    /// Handed over, and not surely refused.
    pub sent: u64,
    pub delivered: u64,
    /// With the gateway, no final word.
    pub on_the_way: u64,
    /// Whether the gateway has it cannot be known.
    pub unknown: u64,
    /// The gateway took it, and it did not arrive.
    pub undelivered: u64,
    /// Never taken by a gateway, and given up: cost nothing.
    pub refused: u64,
    pub expired: u64,
    pub cancelled: u64,
    /// Why messages wait, were not sent, or did not arrive.
    pub reasons: BTreeMap<(MessageState, Reason), u64>,
    /// SMS segments of what was sent.
    pub parts: u64,
    /// Of what was sent, also if it was not delivered: the gateway's figure where it is known, else the forecast.
    pub cost: Purse,
    /// Of `cost`: what is only forecast.
    pub forecast: Purse,
    /// Messages whose link a person followed.
    pub followed: u64,
    /// Visits of links by people.
    pub visits: u64,
    /// Visits of links in all, preview machines too.
    pub hits: u64,
    /// Messages whose cart link a person followed.
    pub returned: u64,
    /// Of `returned`: no order from the message until [`SECOND_CHANCE`] after the first click, and that time is over.
    pub abandoned_again: u64,
    /// An order is credited once, to one message, on the best evidence there is.
    pub by_coupon: Earned,
    pub by_link: Earned,
    pub by_delivery: Earned,
    /// Reviews of something in the order that the last message with a review link before it was about.
    pub reviews: u64,
    /// Of the credited orders: those that hold the product that the message offered.
    pub cross_sales: Earned,
    /// By the answer's label, or `other`: people who answered the question of this message.
    pub answers: BTreeMap<String, u64>,
    /// People who opted out within [`OPT_OUT_BLAME`] after this message, the last one before it.
    pub opt_outs: u64,
}

impl Figures {
    #[must_use]
    pub fn earned(&self, evidence: Evidence) -> &Earned {
        match evidence {
            Evidence::Coupon => &self.by_coupon,
            Evidence::Link => &self.by_link,
            Evidence::Delivered => &self.by_delivery,
        }
    }

    pub fn earned_mut(&mut self, evidence: Evidence) -> &mut Earned {
        match evidence {
            Evidence::Coupon => &mut self.by_coupon,
            Evidence::Link => &mut self.by_link,
            Evidence::Delivered => &mut self.by_delivery,
        }
    }

    /// Counts `n` messages in this state.
    pub fn count(&mut self, state: MessageState, reason: Option<Reason>, handed: bool, n: u64) {
        self.planned += n;
        if handed {
            self.sent += n;
        }
        *match (state, handed) {
            (MessageState::Scheduled, _) => &mut self.waiting,
            (MessageState::Sending | MessageState::Sent, _) => &mut self.on_the_way,
            (MessageState::Delivered, _) => &mut self.delivered,
            (MessageState::Unknown, _) => &mut self.unknown,
            (MessageState::Failed, true) => &mut self.undelivered,
            (MessageState::Failed, false) => &mut self.refused,
            (MessageState::Expired, _) => &mut self.expired,
            (MessageState::Cancelled, _) => &mut self.cancelled,
        } += n;
        if let Some(reason) = reason {
            *self.reasons.entry((state, reason)).or_default() += n;
        }
    }

    #[must_use]
    pub fn not_sent(&self) -> u64 {
        self.refused + self.expired + self.cancelled
    }
}

impl AddAssign<&Figures> for Figures {
    fn add_assign(&mut self, other: &Figures) {
        self.planned += other.planned;
        self.waiting += other.waiting;
        self.sent += other.sent;
        self.delivered += other.delivered;
        self.on_the_way += other.on_the_way;
        self.unknown += other.unknown;
        self.undelivered += other.undelivered;
        self.refused += other.refused;
        self.expired += other.expired;
        self.cancelled += other.cancelled;
        for (why, n) in &other.reasons {
            *self.reasons.entry(*why).or_default() += n;
        }
        self.parts += other.parts;
        self.cost += &other.cost;
        self.forecast += &other.forecast;
        self.followed += other.followed;
        self.visits += other.visits;
        self.hits += other.hits;
        self.returned += other.returned;
        self.abandoned_again += other.abandoned_again;
        self.by_coupon += &other.by_coupon;
        self.by_link += &other.by_link;
        self.by_delivery += &other.by_delivery;
        self.reviews += other.reviews;
        self.cross_sales += &other.cross_sales;
        for (answer, n) in &other.answers {
            *self.answers.entry(answer.clone()).or_default() += n;
        }
        self.opt_outs += other.opt_outs;
    }
}

/// One campaign's figures.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CampaignFigures {
    /// Ways through the campaign that began their steps.
    pub entered: u64,
    pub steps: BTreeMap<String, Figures>,
}

impl CampaignFigures {
    #[must_use]
    pub fn total(&self) -> Figures {
        let mut sum = Figures::default();
        for figures in self.steps.values() {
            sum += figures;
        }
        sum
    }
}

/// What one provider did with the messages that were handed to it: `handed` = `delivered` + `failed` + `blocked` + `open`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProviderFigures {
    /// Handed over, and not surely refused.
    pub handed: u64,
    pub delivered: u64,
    /// Taken, and not delivered.
    pub failed: u64,
    /// Not delivered because the number refuses advertising.
    pub blocked: u64,
    /// No final word yet, or none at all.
    pub open: u64,
    pub parts: u64,
    /// From the hand-over until we heard that it was delivered: the middle one.
    pub delay: Option<Span>,
    /// In the provider's unit: its figure where it gave one, else the forecast.
    pub cost: Purse,
}

impl ProviderFigures {
    /// Of those that have an end, how many in a thousand were delivered.
    #[must_use]
    pub fn delivered_share(&self) -> Option<u64> {
        let ended = self.delivered + self.failed + self.blocked;
        self.delivered.saturating_mul(1_000).checked_div(ended)
    }
}

/// By campaign; those that have anything to tell.
pub type ByCampaign = BTreeMap<String, CampaignFigures>;
