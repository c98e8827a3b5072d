//! What the daemon knows: people, carts, orders, products, coupons, and each person's way through each campaign.
//!
//! Plain values. They are changed only by [`super::apply`] (the shop's events) and `crate::flow` (the engine's decisions).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use super::asked::Asked;
pub use super::coupons::{Coupon, OwnCoupon};
use super::news::Priced;
use crate::clock::{At, Span};
use crate::money::{Currency, Money};
use crate::phone::Phone;
pub use crate::receive::event::{Item, Items, Shipping};
use crate::send::gateway::{Delivery, StopScope};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);
    )+ };
}
ids!(
    /// A person.
    ContactId,
    /// One person's way through one campaign.
    EnrolmentId,
    /// One SMS to one person.
    MessageId
);

/// Implements text forms for a plain enum, so that the database, the reports and the logs say the same word.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }

            #[must_use]
            pub fn from_word(word: &str) -> Option<$name> {
                match word { $($word => Some($name::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

pub(crate) use words;

/// A person, known by mobile number once it is known; until then by the shop's user id.
#[derive(Debug, Clone)]
pub struct Contact {
    pub id: ContactId,
    pub phone: Option<Phone>,
    pub user_id: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub locale: Option<String>,
    /// `YYYY-MM-DD`, Gregorian.
    pub birthday: Option<String>,
    /// When their account in the shop was made.
    pub registered: Option<At>,
    pub country: Option<String>,
    pub consent: Option<super::consent::Consent>,
    pub created: At,
    pub last_seen: At,
}

impl Contact {
    /// Nothing is known but that there is, or was, somebody.
    #[must_use]
    pub fn blank(id: ContactId) -> Contact {
        Contact {
            id,
            phone: None,
            user_id: None,
            first_name: None,
            last_name: None,
            locale: None,
            birthday: None,
            registered: None,
            country: None,
            consent: None,
            created: At(0),
            last_seen: At(0),
        }
    }
}

/// A person who is to be erased, by all that they are known by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Whom {
    pub contact: Option<ContactId>,
    pub phone: Option<Phone>,
    pub user_id: Option<String>,
}

words! {
    CartState {
        /// Something is in it.
        Open = "open",
        /// Emptied by the shopper.
        Emptied = "emptied",
        /// Became an order.
        Bought = "bought",
    }
}

/// What somebody has in the basket under the shop's cart key.
#[derive(Debug, Clone)]
pub struct Cart {
    pub key: String,
    pub contact: Option<ContactId>,
    /// Counts the times this key's basket was filled anew: a logged-in buyer keeps one key for ever.
    pub episode: u32,
    pub state: CartState,
    pub items: Items,
    pub total: Money,
    /// Codes that are on it, in lower case.
    pub coupons: Vec<String>,
    pub checkout_url: Option<String>,
    pub checkout_started: Option<At>,
    /// When this episode began.
    pub began: At,
    /// The shopper's last act on it.
    pub last_action: At,
    /// The moment of which its contents are known: earlier news of them that comes late changes nothing, though the shopper
    /// has since left a number. Zero until anybody has told what is in it.
    pub told: At,
}

impl Cart {
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state == CartState::Open && !self.items.is_empty()
    }
}

/// An order as the shop last told of it.
#[derive(Debug, Clone)]
pub struct Order {
    pub id: String,
    pub number: String,
    pub contact: Option<ContactId>,
    pub status: String,
    pub total: Money,
    /// Sum of its refunds.
    pub refunded: Money,
    pub items: Items,
    /// In lower case.
    pub coupons: Vec<String>,
    pub cart_key: Option<String>,
    pub tracking_url: Option<String>,
    /// When it came into each of its states stands in `reached`, as `shipping:STATE`.
    pub shipping: Option<Shipping>,
    /// The shop's word for it, such as `cod`.
    pub payment_method: Option<String>,
    /// When paying for it last failed.
    pub failed: Option<At>,
    /// Slug of the short link that brought the buyer, whatever number was then typed.
    pub link: Option<String>,
    pub created: At,
    /// When it was first seen in a status that means "bought"; see [`counts_as_placed`].
    pub placed: Option<At>,
    /// When it was first seen in each status, and its parcel in each state.
    pub reached: BTreeMap<String, At>,
    /// The latest event that was applied to it: an older one arriving later changes nothing but `reached`.
    pub updated: At,
}

/// What the ids of refunds begin with that are a sum of all of the order's up to some day, as tables have it: the largest of
/// them stands where the single ones come to less.
pub const REFUNDED_SO_FAR: &str = "sum:";

/// Statuses of an order that is no purchase (yet, or any more). `pending` is a buyer at the bank's page.
const NOT_PLACED: &[&str] =
    &["checkout-draft", "draft", "auto-draft", "pending", "failed", "cancelled", "refunded", "trash"];

/// Whether an order in this status is a purchase; a status of the shop's own (`packing`, `shipped`) is one.
#[must_use]
pub fn counts_as_placed(status: &str) -> bool {
    !NOT_PLACED.contains(&status)
}

impl Order {
    #[must_use]
    pub fn is_placed(&self) -> bool {
        counts_as_placed(&self.status)
    }

    /// Whether its money is the shop's, as far as the shop says: what waits for a transfer is not, and what is paid for at the
    /// door only when it is completed.
    #[must_use]
    pub fn is_paid(&self) -> bool {
        let came_to = |status| self.reached.contains_key(status);
        let at_the_door = self.payment_method.as_deref() == Some("cod");
        self.is_placed()
            && self.status != "on-hold"
            && (came_to("completed") || (came_to("processing") && !at_the_door))
    }

    /// Taken back as a whole or in part.
    #[must_use]
    pub fn is_taken_back(&self) -> bool {
        matches!(self.status.as_str(), "cancelled" | "refunded" | "failed" | "trash") || self.refunded.minor > 0
    }

    /// What stays of its money; never below zero.
    #[must_use]
    pub fn kept(&self) -> Money {
        if matches!(self.status.as_str(), "cancelled" | "refunded" | "failed" | "trash") {
            return Money::zero(self.total.currency);
        }
        Money { minor: self.total.minor.saturating_sub(self.refunded.minor).max(0), ..self.total }
    }
}

words! {
    Stock {
        In = "instock",
        Out = "outofstock",
        Backorder = "onbackorder",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    pub id: String,
    pub name: String,
    pub url: String,
    pub price: Option<Money>,
    pub regular_price: Option<Money>,
    pub stock: Stock,
    pub stock_quantity: Option<i64>,
    pub categories: Vec<String>,
    pub cross_sells: Vec<String>,
    pub upsells: Vec<String>,
    pub image: Option<String>,
    /// Ids of its variations, each of which is a product of its own here.
    pub variations: Vec<String>,
    /// Seen by shoppers: published and not deleted.
    pub published: bool,
    /// Of late, oldest first: the last is the present one.
    pub prices: Vec<Priced>,
    /// When it last became unavailable, and when it last became available again.
    pub out: Option<At>,
    pub back: Option<At>,
    pub updated: At,
}

impl Product {
    /// May be offered: on sale and there.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.published
            && self.stock != Stock::Out
            && self.stock_quantity.is_none_or(|n| n > 0 || self.stock == Stock::Backorder)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    pub product_id: String,
    pub order_id: Option<String>,
    pub at: At,
}

/// What an enrolment is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The person's basket, met first under this key and episode. The basket in hand may since be another of theirs.
    Cart {
        key: String,
        episode: u32,
    },
    Order {
        id: String,
    },
    /// A product, and the moment from which it mattered to this person.
    Product {
        id: String,
        since: At,
    },
    /// A moment in the person's life, or the year's: its name is the same whenever it is looked at, such as `birthday/1405`.
    Moment {
        name: String,
    },
}

impl Subject {
    /// One text for each occasion; with campaign and contact it is unique, so that nothing is entered twice for it.
    #[must_use]
    pub fn occasion(&self) -> String {
        match self {
            Subject::Cart { key, episode } => format!("cart:{key}#{episode}"),
            Subject::Order { id } => format!("order:{id}"),
            Subject::Product { id, since } => format!("product:{id}#{}", since.0),
            Subject::Moment { name } => format!("moment:{name}"),
        }
    }

    #[must_use]
    pub fn from_occasion(text: &str) -> Option<Subject> {
        let (kind, rest) = text.split_once(':')?;
        match kind {
            "cart" => {
                let (key, episode) = rest.rsplit_once('#')?;
                Some(Subject::Cart { key: key.to_owned(), episode: episode.parse().ok()? })
            }
            "order" => Some(Subject::Order { id: rest.to_owned() }),
            "product" => {
                let (id, since) = rest.rsplit_once('#')?;
                Some(Subject::Product { id: id.to_owned(), since: At(since.parse().ok()?) })
            }
            "moment" => Some(Subject::Moment { name: rest.to_owned() }),
            _ => None,
        }
    }

    #[must_use]
    pub fn order_id(&self) -> Option<&str> {
        match self {
            Subject::Order { id } => Some(id),
            _ => None,
        }
    }

    #[must_use]
    pub fn product_id(&self) -> Option<&str> {
        match self {
            Subject::Product { id, .. } => Some(id),
            _ => None,
        }
    }
}

words! {
    EnrolmentState {
        /// The trigger's time has not come (a basket that is not idle long enough).
        Waiting = "waiting",
        /// Entered: steps come.
        Active = "active",
        Ended = "ended",
    }
}

/// One contact's way through one campaign, about one subject.
#[derive(Debug, Clone)]
pub struct Enrolment {
    pub id: EnrolmentId,
    pub campaign: String,
    pub contact: ContactId,
    pub subject: Subject,
    pub state: EnrolmentState,
    /// The trigger's moment from which delays run.
    pub anchor: At,
    /// When this enrolment was begun: exits look at what happened since.
    pub since: At,
    pub entered: Option<At>,
    pub ended: Option<At>,
    pub end_reason: Option<Reason>,
    /// Steps that are behind it, whatever came of them, in the order they were left.
    pub done: Vec<String>,
    /// A step led to the end: what the owner puts behind it later is not for this one.
    pub led_out: bool,
    /// When the last of them was left.
    pub left: Option<At>,
    /// Until when a text of theirs may still wait to go out: so long the way stays open, so that a way out withdraws it.
    pub texts_until: Option<At>,
    /// The product a cross-sell chose for this person; stays the same in later steps.
    pub offer: Option<String>,
    /// By step, the arm that was drawn for it.
    pub arms: BTreeMap<String, Drawn>,
    /// By step, the question that its text put and what was answered.
    pub asked: BTreeMap<String, Asked>,
    /// When the person first wrote back to one of its texts, or answered on the page behind its link.
    pub replied: Option<At>,
    /// Walks without a text, so that it is seen what would have come of it anyway.
    pub held_out: bool,
    /// The one next wake-up.
    pub wake: Option<At>,
}

/// An arm, and since when it counts for this person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    pub arm: String,
    pub at: At,
}

/// Of so many people so many did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tries {
    pub tries: u64,
    pub wins: u64,
}

/// What a step tells the shop's staff of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffWord {
    pub enrolment: EnrolmentId,
    pub contact: ContactId,
    pub campaign: String,
    pub step: String,
    pub text: String,
    pub at: At,
}

/// What came of each arm of a step, as it was counted last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArmCounts {
    pub counted: At,
    pub arms: BTreeMap<String, Tries>,
}

/// What people whose arm was drawn did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Placed an order that stands.
    Ordered,
    /// Wrote a review.
    Reviewed,
    /// Their way ended for this reason.
    Ended(Reason),
}

/// A question about the arms of a step: of the people for whom one was drawn from `since` to before `until`, each counted once, and
/// long enough ago for `window` to be over at `now`, how many did it within that time.
#[derive(Debug, Clone)]
pub struct ArmsAsked {
    pub campaign: String,
    pub step: String,
    pub outcome: Outcome,
    pub since: At,
    pub until: At,
    pub now: At,
    pub window: Span,
}

impl Enrolment {
    /// The arm of this step, where one was drawn.
    #[must_use]
    pub fn arm(&self, step: &str) -> Option<&str> {
        self.arms.get(step).map(|drawn| drawn.arm.as_str())
    }

    /// The step is behind, whatever came of it.
    pub fn leave_step(&mut self, step: String, now: At) {
        self.done.push(step);
        self.left = Some(now);
    }
}

words! {
    MessageState {
        /// Waits for its moment, its window, or room under a cap.
        Scheduled = "scheduled",
        /// Handed over; the answer is not known yet.
        Sending = "sending",
        /// The gateway has it.
        Sent = "sent",
        Delivered = "delivered",
        /// Refused for good, or not delivered.
        Failed = "failed",
        /// Too late to be of use; not sent.
        Expired = "expired",
        /// Withdrawn before it was handed over.
        Cancelled = "cancelled",
        /// Whether the gateway has it cannot be known.
        Unknown = "unknown",
    }
}

impl MessageState {
    /// Counts against caps and budget: it has, or may have, left the house.
    #[must_use]
    pub const fn may_have_left(self) -> bool {
        matches!(self, MessageState::Sending | MessageState::Sent | MessageState::Delivered | MessageState::Unknown)
    }
}

/// One SMS to one contact for one step.
#[derive(Debug, Clone)]
pub struct Message {
    pub id: MessageId,
    pub enrolment: EnrolmentId,
    pub contact: ContactId,
    pub campaign: String,
    pub step: String,
    /// Which of the step's texts; none: it has but one.
    pub arm: Option<String>,
    pub state: MessageState,
    /// When the step's delay ended.
    pub due: At,
    /// When the gate is next to look at it; once it is sent or unknown, when the gateway is next asked about it
    /// ([`At::NEVER`]: not any more).
    pub next_try: At,
    /// After this moment it is not sent any more.
    pub expires: At,
    /// Why it waits, failed, expired or was withdrawn.
    pub reason: Option<Reason>,
    /// Our 62-bit id, given at the first hand-over and kept when the same message is handed over again.
    pub reference: Option<i64>,
    pub attempts: u32,
    pub gateway: Option<String>,
    pub gateway_id: Option<String>,
    /// As handed over, scrubbed later.
    pub text: Option<String>,
    pub parts: u32,
    /// Forecast when handed over; zero before.
    pub price: Option<Money>,
    /// The gateway's own figure.
    pub cost: Option<Money>,
    pub coupon: Option<String>,
    pub offer: Option<String>,
    /// Sent as a provider's template: such sends carry no reference of ours, so they can never be asked about or repeated.
    pub templated: bool,
    /// Sent as news of the person's own order: outside the marketing caps.
    pub service: bool,
    /// Whether its gateway has it could once not be known: it is never given to another.
    pub doubted: bool,
    pub handed: Option<At>,
    /// When delivery, failure or doubt became final.
    pub settled: Option<At>,
}

/// Everything written at the moment a message is handed over, in one transaction and before the call.
#[derive(Debug, Clone)]
pub struct HandOver {
    pub message: MessageId,
    pub at: At,
    pub reference: i64,
    pub gateway: String,
    pub text: String,
    pub parts: u32,
    pub price: Money,
    pub coupon: Option<String>,
    pub offer: Option<String>,
    pub templated: bool,
    pub service: bool,
    pub link: Option<Link>,
}

impl Link {
    /// When a coupon of its own ends: runs from the person's first visit, which may be this one; of a code for friends from the
    /// text, whose words the person passes on.
    #[must_use]
    pub fn coupon_ends(&self, now: At) -> At {
        let Some((own, lives)) = self.own_coupon.as_ref().and_then(|own| Some((own, own.lives?))) else {
            return self.expires;
        };
        if own.friends { self.made.plus(lives) } else { self.first_human.unwrap_or(now).plus(lives) }
    }
}

words! {
    LinkKind {
        Cart = "cart",
        Review = "review",
        Product = "product",
        Shop = "shop",
        /// The pay page of the way's order.
        Pay = "pay",
        /// The page on which a question is answered.
        Ask = "ask",
    }
}

/// A short link of one message, with what following it does.
#[derive(Debug, Clone)]
pub struct Link {
    pub slug: String,
    pub message: MessageId,
    pub contact: ContactId,
    pub kind: LinkKind,
    pub cart_key: Option<String>,
    pub order_id: Option<String>,
    pub product_id: Option<String>,
    /// Its code, in lower case.
    pub coupon: Option<String>,
    /// What that code gives, where it is this person's own.
    pub own_coupon: Option<OwnCoupon>,
    pub made: At,
    pub expires: At,
    pub hits: u64,
    pub human_hits: u64,
    pub first_human: Option<At>,
}

words! {
    /// Why something was decided, the same word in `contact show`, `simulate`, logs and reports.
    Reason {
        // ways out of a campaign
        Ordered = "ordered",
        CartEmptied = "cart_emptied",
        NumberChanged = "number_changed",
        Reviewed = "reviewed",
        BoughtOffer = "bought_offer",
        TakenBack = "order_taken_back",
        BoughtProduct = "bought_product",
        InCart = "in_cart",
        StockGone = "in_stock_gone",
        Restocked = "restocked",
        PriceBack = "price_back",
        Paid = "paid",
        Visited = "visited",
        Replied = "replied",
        SignedUp = "signed_up",
        Renewed = "renewed",
        SegmentLeft = "segment_left",
        SubscriptionEnded = "subscription_ended",
        OptedOut = "opted_out",
        NoConsent = "no_consent",
        Finished = "finished",
        GaveUp = "gave_up",
        CampaignOff = "campaign_off",
        CampaignChanged = "campaign_changed",
        NotForThem = "who_says_no",
        CoolOff = "cool_off",
        Again = "entered_too_recently",
        TooLate = "too_late",
        Erased = "erased",
        Merged = "merged",
        // a step that is passed over
        ConditionNo = "condition_says_no",
        NothingToOffer = "nothing_to_offer",
        // a message that waits
        NotDueYet = "not_due_yet",
        OutsideHours = "outside_hours",
        CapGap = "cap_gap",
        CapDay = "cap_day",
        CapWeek = "cap_week",
        CapMonth = "cap_month",
        BudgetDay = "budget_day",
        BudgetMonth = "budget_month",
        OnHold = "on_hold",
        RateLimit = "rate_limit",
        GivesWay = "gives_way",
        BudgetCampaign = "budget_campaign",
        CouponUnknown = "coupon_unknown",
        CouponDead = "coupon_dead",
        BasketTooSmall = "basket_too_small",
        MarginTooSmall = "margin_too_small",
        OutOfStock = "out_of_stock",
        NotEnoughPoints = "not_enough_points",
        RetryLater = "gateway_busy",
        AnotherOnItsWay = "another_on_its_way",
        // a message that ends
        Expired = "expired",
        NoNumber = "no_number",
        TextFailed = "text_failed",
        TooManyParts = "too_many_parts",
        Refused = "refused",
        Blocked = "blocked",
        OutOfReach = "out_of_reach",
        Undelivered = "undelivered",
        GatewayMistake = "gateway_mistake",
        NoAnswer = "no_answer",
        NeverArrived = "never_arrived",
        HandedOver = "handed_over",
        Entered = "entered",
        Planned = "planned",
        Accepted = "accepted",
        Delivered = "delivered",
        OptedIn = "opted_in",
        SegmentEntered = "segment_entered",
        PassedOver = "passed_over",
        Behind = "backup_restored",
        Done = "done",
        HeldOut = "held_out",
        Answered = "answered",
        WroteBack = "wrote_back",
    }
}

/// One line of the record: what was decided about whom, and why.
#[derive(Debug, Clone)]
pub struct Decision {
    pub at: At,
    pub contact: ContactId,
    pub enrolment: Option<EnrolmentId>,
    pub message: Option<MessageId>,
    pub campaign: Option<String>,
    pub step: Option<String>,
    pub reason: Reason,
    /// A detail without numbers or names: a time, a code, a gateway's answer.
    pub detail: Option<String>,
}

words! {
    /// How an order is tied to a message. Kept apart, never added up into one figure.
    Evidence {
        Coupon = "coupon",
        Link = "link",
        Delivered = "delivered",
    }
}

/// An order credited to a message; an order is credited once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    pub order_id: String,
    pub message: MessageId,
    pub campaign: String,
    pub step: String,
    pub evidence: Evidence,
    pub at: At,
    /// What the order brought when credited, and what is left of it after refunds.
    pub total: Money,
    pub kept: Money,
    /// The order holds the product that the message offered.
    pub bought_offer: bool,
}

words! {
    /// How far somebody's no reaches.
    OptOutScope {
        /// No text of any campaign.
        Everything = "all",
        /// Only news of their own orders.
        Marketing = "marketing",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptOut {
    /// When and where it was said.
    pub at: At,
    pub source: String,
    pub scope: OptOutScope,
    /// A pause ends then; `None`: until the person says otherwise.
    pub until: Option<At>,
    /// When a no was said last, by whomever: a yes of before lifts nothing.
    pub again: At,
}

impl OptOut {
    /// What stands once this no is heard while `known` is kept: the wider of the two, in whichever order they came.
    ///
    /// No never loosens another no. The link in an old text still offers a pause to somebody who has since stopped
    /// everything, and who taps it does not ask to be written to again; only a yes does that
    /// ([`lift_opt_out`](super::world::World::lift_opt_out)). A pause that was over when the later word was said is past.
    ///
    /// The word that stands is the widest, and of several such the first: who repeats it for the person, or says less, is not
    /// put in the person's place.
    #[must_use]
    pub fn joined(self, known: Option<OptOut>) -> OptOut {
        let Some(known) = known.filter(|known| !known.is_over(self.at)) else { return self };
        if self.is_over(known.at) {
            return known;
        }
        let (first, later) = if known.at <= self.at { (&known, &self) } else { (&self, &known) };
        let said = if later.covers(first) && !first.covers(later) { later } else { first };
        OptOut {
            at: said.at,
            source: said.source.clone(),
            scope: if known.scope == OptOutScope::Everything { known.scope } else { self.scope },
            until: self.until.zip(known.until).map(|(a, b)| a.max(b)),
            // A yes from between the two, heard late, is older than the last no and lifts nothing.
            again: self.again.max(known.again),
        }
    }

    /// Reaches at least as far, and lasts at least as long.
    #[must_use]
    pub fn covers(&self, other: &OptOut) -> bool {
        let end = |no: &OptOut| no.until.unwrap_or(At::NEVER);
        (self.scope == OptOutScope::Everything || self.scope == other.scope) && end(self) >= end(other)
    }

    /// For the person, and for machines that show it.
    #[must_use]
    pub fn told(&self) -> serde_json::Value {
        serde_json::json!({
            "time": self.at.rfc3339(), "source": self.source, "scope": self.scope, "until": self.until.map(At::rfc3339),
        })
    }

    /// A pause that had ended by `t`.
    #[must_use]
    pub fn is_over(&self, t: At) -> bool {
        self.until.is_some_and(|until| until <= t)
    }

    /// Whether it stops texts of this kind at `t`.
    #[must_use]
    pub fn stops(&self, service: bool, t: At) -> bool {
        !self.is_over(t) && (self.scope == OptOutScope::Everything || !service)
    }
}

/// What stops sending until somebody, or the gateway's recovery, lifts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    pub scope: HoldScope,
    pub why: String,
    pub since: At,
    /// It ends by itself then; what is found to be no better is held anew, and longer.
    pub until: Option<At>,
}

impl Hold {
    #[must_use]
    pub fn is_in_force(&self, t: At) -> bool {
        // One that ends by itself is not believed when the clock has been set back behind its beginning.
        self.until.is_none_or(|until| self.since <= t && t < until)
    }
}

/// What a hold stops. Its text form is kept in the database and shown: `all`, `campaign:ID`, `NAME/account`, `NAME/credit`, …
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HoldScope {
    /// Every text; lifted by the owner only.
    All,
    /// One campaign; lifted by the owner only.
    Campaign(String),
    /// What a gateway refuses, by the gateway's name; lifted when it works again, at a start, and at a reload.
    Gateway(String, StopScope),
}

impl HoldScope {
    /// Set because of what a gateway said.
    #[must_use]
    pub const fn is_gateways(&self) -> bool {
        matches!(self, HoldScope::Gateway(..))
    }

    /// The gateway gives no clear answers.
    #[must_use]
    pub const fn is_silence(&self) -> bool {
        matches!(self, HoldScope::Gateway(_, StopScope::Silence))
    }

    /// Whether this gateway sends nothing at all while it is in force.
    #[must_use]
    pub fn stops_gateway(&self, gateway: &str) -> bool {
        matches!(self, HoldScope::Gateway(name, StopScope::Account | StopScope::Credit) if name == gateway)
    }

    /// Nothing, or nothing by some gateway's line, goes out while it is in force.
    #[must_use]
    pub const fn is_grave(&self) -> bool {
        use StopScope::{Account, Credit, Line, Silence};
        matches!(self, HoldScope::All | HoldScope::Gateway(_, Account | Credit | Line | Silence))
    }
}

impl std::fmt::Display for HoldScope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            HoldScope::All => f.write_str("all"),
            HoldScope::Campaign(id) => write!(f, "campaign:{id}"),
            HoldScope::Gateway(name, what) => write!(f, "{name}/{what}"),
        }
    }
}

/// A text that is no [`HoldScope`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is nothing that can be held: expected all, campaign:ID, or a gateway's name with what of it, such as kavenegar/credit"
)]
pub struct NotAHold(pub String);

impl std::str::FromStr for HoldScope {
    type Err = NotAHold;

    fn from_str(text: &str) -> Result<Self, NotAHold> {
        let wrong = || NotAHold(text.to_owned());
        if text == "all" {
            return Ok(HoldScope::All);
        }
        if let Some(id) = text.strip_prefix("campaign:") {
            return Ok(HoldScope::Campaign(id.to_owned()));
        }
        let (name, what) = text.split_once('/').ok_or_else(wrong)?;
        Ok(HoldScope::Gateway(name.to_owned(), what.parse().map_err(|_| wrong())?))
    }
}

/// What the shop says of itself.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct Shop {
    pub name: String,
    pub url: String,
    pub currency: Currency,
    pub timezone: Option<String>,
    pub locale: Option<String>,
    pub country: Option<String>,
    /// Whether marketing texts need a yes there, by the law that its owner has chosen in the bridge.
    #[serde(default)]
    pub needs_yes: Option<bool>,
}

/// A delivery state that a gateway reported, on its way to a message.
#[derive(Debug, Clone)]
pub struct DeliveryNews {
    pub at: At,
    pub state: Delivery,
    pub cost: Option<Money>,
    pub refunded: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no(at: i64, source: &str, scope: OptOutScope, until: Option<i64>) -> OptOut {
        OptOut { at: At(at), source: source.to_owned(), scope, until: until.map(At), again: At(at) }
    }

    const ALL: OptOutScope = OptOutScope::Everything;
    const MARKETING: OptOutScope = OptOutScope::Marketing;

    #[test]
    fn no_word_but_a_yes_loosens_a_no() {
        let all = no(10, "reply", ALL, None);
        for weaker in
            [no(20, "link", MARKETING, None), no(20, "link", MARKETING, Some(99)), no(20, "link", ALL, Some(99))]
        {
            let stands = weaker.clone().joined(Some(all.clone()));
            assert_eq!(stands, OptOut { again: At(20), ..all.clone() }, "{weaker:?}");
            let late = all.clone().joined(Some(weaker));
            assert_eq!(late, OptOut { again: At(20), ..all.clone() }, "whichever came first");
        }
    }

    #[test]
    fn a_stricter_word_counts_from_whomever() {
        let pause = no(10, "link", MARKETING, Some(99));
        for stricter in
            [no(20, "link", MARKETING, None), no(20, "wp-admin", ALL, None), no(20, "cli", MARKETING, Some(200))]
        {
            assert_eq!(stricter.clone().joined(Some(pause.clone())), stricter);
        }
        // Each reaches further than the other somewhere: neither loses what it said.
        let orders_only = no(10, "link", MARKETING, None);
        let all_for_now = no(20, "cli", ALL, Some(99));
        let both = OptOut { again: At(20), ..no(10, "link", ALL, None) };
        assert_eq!(all_for_now.joined(Some(orders_only)), both);
    }

    #[test]
    fn a_pause_that_is_over_is_past() {
        let pause = no(10, "link", ALL, Some(50));
        let later = no(60, "link", MARKETING, Some(90));
        assert_eq!(later.clone().joined(Some(pause.clone())), later);
        assert_eq!(pause.joined(Some(later.clone())), later, "heard late");
        assert!(!later.stops(false, At(90)) && later.stops(false, At(89)) && !later.stops(true, At(70)));
    }
}
