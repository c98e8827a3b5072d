//! A campaign file that was read and found good. Nothing in here can be half-right: `check` makes it or says why not.

use std::collections::BTreeMap;
use std::sync::Arc;

pub use super::answers::Ask;
pub use super::timing::{Start, Timing};
pub use super::trigger::Trigger;
use crate::clock::Span;
use crate::money::Money;
use crate::render::template::Templates;
pub use crate::state::model::LinkKind;
use chrono::NaiveDate;

/// The whole file. Swapped as one on reload.
#[derive(Debug, Clone)]
pub struct Campaigns {
    pub language: Language,
    /// Overrides the name that the shop says of itself.
    pub shop_name: Option<String>,
    /// The share of the price that is not the goods' cost, in hundredths of a percent, as the owner reckons it.
    pub margin: Option<u32>,
    /// By the owner's own id, as steps name them.
    pub coupons: BTreeMap<String, CouponSpec>,
    /// How long a product lasts, by its id or its category, in the owner's words.
    pub cycles: BTreeMap<String, Span>,
    /// Of a hundred people so many never get a marketing text of any campaign.
    pub holdout: u32,
    /// In the file's order.
    pub segments: Vec<Segment>,
    /// `None`: nothing that people do earns points.
    pub points: Option<PointsRule>,
    /// In the file's order.
    pub list: Vec<Campaign>,
    /// Every text and condition, compiled; see [`TextKey`] for the names.
    pub templates: Arc<Templates>,
    /// Another where what begins journeys is another; reckoned once, since it is asked for at every turn.
    pub mark: u64,
}

impl Campaigns {
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Campaign> {
        self.list.iter().find(|c| c.id == id)
    }

    #[must_use]
    pub fn segment(&self, id: &str) -> Option<&Segment> {
        self.segments.iter().find(|segment| segment.id == id)
    }

    pub fn enabled(&self) -> impl Iterator<Item = &Campaign> {
        self.list.iter().filter(|c| c.enabled)
    }
}

/// People whom the owner tells apart by a condition on them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Kept in the database.
    pub id: String,
    /// For people.
    pub name: String,
    /// As it is written (compiled under [`TextKey::segment`]): another condition is another segment.
    pub who: String,
}

/// What earns points, each zero for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PointsRule {
    /// What is paid for one point, decimal in the shop's currency.
    pub per: Option<String>,
    /// For the first review of each product that was bought.
    pub review: i64,
    pub sign_up: i64,
    /// Each year.
    pub birthday: i64,
    /// For each person whose first order uses a code that this one got for friends.
    pub referral: i64,
    /// How long points last; `None`: for ever.
    pub expires: Option<Span>,
    /// What was before that day, in the shop's zone, earns nothing.
    pub since: Option<NaiveDate>,
}

/// Which digits, dates and words a text's filters give by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum Language {
    #[default]
    #[serde(rename = "fa")]
    Persian,
    #[serde(rename = "en")]
    English,
}

/// A discount that steps may give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CouponSpec {
    pub code: CouponCode,
    /// What it takes off, from the smallest basket on.
    pub off: Off,
    /// What it takes off larger baskets instead, by the basket they begin at.
    pub by_basket: Vec<Tier>,
    pub free_shipping: bool,
    /// The least basket, decimal in the shop's currency.
    pub minimum: Option<String>,
    pub products: CouponProducts,
    /// The share of the price that must stay with the shop above its costs, in hundredths of a percent.
    pub floor: Option<u32>,
    /// What it costs its owner, taken when the text with it is handed over; `None`: nothing.
    pub points: Option<i64>,
}

impl CouponSpec {
    /// The code that everybody gets. `None`: each person gets one of their own.
    #[must_use]
    pub fn shared_code(&self) -> Option<&str> {
        match &self.code {
            CouponCode::Shared(code) => Some(code),
            CouponCode::Own { .. } => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CouponCode {
    /// As it stands in the text, in the owner's letters; WooCommerce compares without case. The shop must know it (the bridge
    /// makes it when it does not).
    Shared(String),
    /// Drawn for each text, with these letters before it; the bridge makes it when the person arrives.
    Own {
        prefix: String,
        /// From the person's arrival; of one for friends from the text. `None`: as long as the link lives.
        lives: Option<Span>,
        /// To be passed on: good for everybody but the person, once for each.
        friends: bool,
    },
}

/// What a coupon takes off baskets of at least `from`, decimal in the shop's currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    pub from: String,
    pub off: Off,
}

/// Which products a coupon of one's own is good for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum CouponProducts {
    #[default]
    All,
    /// Those of the basket that the text is about.
    Cart,
    /// The one that the text offers or is about.
    Offer,
    Listed(Vec<String>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Off {
    /// In hundredths of a percent: 5 % is 500.
    Percent(u32),
    /// Decimal in the shop's currency.
    Amount(String),
}

/// One journey.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// Kept for ever in the database; renaming it makes a new campaign.
    pub id: String,
    /// For people.
    pub name: String,
    pub enabled: bool,
    pub trigger: Trigger,
    /// A `who` condition stands in the file.
    pub has_who: bool,
    /// Only people of this segment enter.
    pub segment: Option<String>,
    pub again: Again,
    /// Nobody enters (or is written to for a basket) this long after an order of theirs.
    pub cool_off: Span,
    /// The way ends when its trigger lies this long back.
    pub give_up: Span,
    pub goal: Goal,
    pub exits: Vec<Exit>,
    pub kind: Kind,
    /// 0 to 100: of two texts for one person on one day the one of the higher goes, the other waits or is given up.
    pub priority: u8,
    pub budget: CampaignBudget,
    /// Of a hundred people so many walk through it without a text.
    pub holdout: u32,
    /// What the steps offer, when they offer something.
    pub offer: Option<Offer>,
    pub steps: Vec<Step>,
}

impl Campaign {
    #[must_use]
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|s| s.id == id)
    }

    /// Not everybody may enter.
    #[must_use]
    pub const fn is_for_some(&self) -> bool {
        self.has_who || self.segment.is_some()
    }

    /// The segment that the campaign is for: its own, or the trigger's. Whoever leaves it may leave the campaign.
    #[must_use]
    pub fn whose(&self) -> Option<&str> {
        let of_trigger = match &self.trigger {
            Trigger::SegmentEntered { segment, .. } => Some(segment),
            Trigger::Broadcast { segment, .. } => segment.as_ref(),
            _ => None,
        };
        self.segment.as_ref().or(of_trigger).map(String::as_str)
    }

    #[must_use]
    pub fn leaves_on(&self, exit: Exit) -> bool {
        self.exits.contains(&exit)
    }

    /// How long before the trigger's moment the first step may be due.
    #[must_use]
    pub fn lead(&self) -> Span {
        self.steps.iter().map(|step| step.time.lead()).max().unwrap_or_default()
    }
}

/// How often the same person may enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// Once in a lifetime.
    Never,
    /// For each new occasion (another basket, another order), but never twice at the same time.
    Always,
    /// For a new occasion when the last entry lies at least this long back.
    After(Span),
}

/// What the campaign is for; reaching it ends the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Any order of the person.
    Order,
    /// A review of something in the subject's order.
    Review,
    /// An order that holds the offered product.
    Offer,
    /// An order that holds the product that the campaign is about.
    Product,
    /// The subject's order was paid.
    Paid,
    /// A link of one of its texts was followed.
    Visit,
    /// A text was answered.
    Reply,
    /// An account was opened.
    SignUp,
    /// The subscription goes on.
    Renewed,
}

impl Goal {
    /// The words of the file.
    pub const WORDS: [(&'static str, Goal); 9] = [
        ("order", Goal::Order),
        ("review", Goal::Review),
        ("offer", Goal::Offer),
        ("product", Goal::Product),
        ("paid", Goal::Paid),
        ("visit", Goal::Visit),
        ("reply", Goal::Reply),
        ("sign_up", Goal::SignUp),
        ("renewed", Goal::Renewed),
    ];

    /// Reaching it, as a way out.
    #[must_use]
    pub const fn exit(self) -> Exit {
        match self {
            Goal::Order => Exit::Order,
            Goal::Review => Exit::Review,
            Goal::Offer => Exit::BoughtOffer,
            Goal::Product => Exit::BoughtProduct,
            Goal::Paid => Exit::Paid,
            Goal::Visit => Exit::Visited,
            Goal::Reply => Exit::Replied,
            Goal::SignUp => Exit::SignedUp,
            Goal::Renewed => Exit::Renewed,
        }
    }
}

/// What ends the way early, besides the goal. Opting out always does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Order,
    CartEmptied,
    Review,
    BoughtOffer,
    /// The subject's order was refunded (also in part) or cancelled.
    TakenBack,
    BoughtProduct,
    /// The product was put into the basket.
    InCart,
    /// The product is out of stock again.
    StockGone,
    /// The product is not so much cheaper any more.
    PriceBack,
    Paid,
    Visited,
    Replied,
    SignedUp,
    Renewed,
    /// The person is not in the campaign's segment any more.
    SegmentLeft,
}

impl Exit {
    /// The words of the file.
    pub const WORDS: [(&'static str, Exit); 15] = [
        ("order", Exit::Order),
        ("cart_emptied", Exit::CartEmptied),
        ("review", Exit::Review),
        ("bought_offer", Exit::BoughtOffer),
        ("order_taken_back", Exit::TakenBack),
        ("bought_product", Exit::BoughtProduct),
        ("in_cart", Exit::InCart),
        ("in_stock_gone", Exit::StockGone),
        ("price_back", Exit::PriceBack),
        ("paid", Exit::Paid),
        ("visited", Exit::Visited),
        ("replied", Exit::Replied),
        ("signed_up", Exit::SignedUp),
        ("renewed", Exit::Renewed),
        ("segment_left", Exit::SegmentLeft),
    ];
}

/// Whose rules a text follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Hours, caps, consent and the opt-out tail apply.
    Marketing,
    /// News of one's own order: outside the marketing caps and the tail; opting out of everything still stops it.
    Service,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// A WooCommerce cross-sell of what the way is about. This, as all others but [`Offer::Replenish`], is in stock and not yet
    /// bought by this person.
    CrossSell,
    /// A WooCommerce upsell of it.
    UpSell,
    /// The product itself, that was looked at.
    Viewed,
    /// The product itself, to be bought again.
    Replenish,
    /// What the shop's orders held most of late.
    BestSellers,
    /// The same, of a category of what the way is about.
    Similar,
    /// What was most often ordered together with it.
    Bundle,
}

impl Offer {
    pub const WORDS: [(&'static str, Offer); 7] = [
        ("cross_sell", Offer::CrossSell),
        ("upsell", Offer::UpSell),
        ("viewed", Offer::Viewed),
        ("replenish", Offer::Replenish),
        ("best_sellers", Offer::BestSellers),
        ("similar", Offer::Similar),
        ("bundle", Offer::Bundle),
    ];

    /// It has to be known what the shop sells most.
    #[must_use]
    pub const fn wants_sales(self) -> bool {
        matches!(self, Offer::BestSellers | Offer::Similar | Offer::Bundle)
    }
}

/// Where a step leads; always forward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Jump {
    /// To the step of this id, over those between.
    Step(String),
    /// Past all of them.
    End,
}

#[derive(Debug, Clone)]
pub struct Step {
    /// Unique in its campaign; kept in the database.
    pub id: String,
    /// Under which its texts are compiled: the id, for an arm `ID@ARM`.
    pub key: String,
    pub time: Timing,
    /// A `when` condition stands in the file; when it says no the step is passed over.
    pub has_when: bool,
    /// Where it goes on when the condition says no; none: where `then` says.
    pub otherwise: Option<Jump>,
    /// Where it goes on when the step is behind; none: with the next.
    pub then: Option<Jump>,
    /// Only an answer leads here: the step before does not.
    pub aside: bool,
    /// The text is a question: the way waits for its answer.
    pub ask: Option<Ask>,
    /// The text as the owner wrote it (compiled under [`TextKey::text`]); none for a step that only acts.
    pub text: Option<String>,
    pub link: LinkKind,
    /// Key of [`Campaigns::coupons`].
    pub coupon: Option<String>,
    /// How late it may go out, waiting for allowed hours not counted.
    pub best_before: Span,
    pub max_parts: u32,
    /// The campaign's unless the step says otherwise.
    pub kind: Kind,
    /// The providers' approved templates, for lines that need one.
    pub templates: Vec<ProviderTemplate>,
    /// What it does beside its text, when it is left at its moment; whatever becomes of the text.
    pub deeds: Vec<Deed>,
    pub choose: Choose,
    /// What else it may be; none: it is the same for all.
    pub arms: Vec<Arm>,
}

/// What a step does beside its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    Tag(String),
    Untag(String),
    /// Gives so many.
    Points(u32),
    /// Tells the shop's staff (the words are compiled under [`TextKey::tell`]).
    Tell,
    /// Lets the person into this campaign.
    Enter(String),
}

/// As it stands in the record.
impl std::fmt::Display for Deed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Deed::Tag(tag) => write!(f, "tag {tag}"),
            Deed::Untag(tag) => write!(f, "untag {tag}"),
            Deed::Points(points) => write!(f, "points {points}"),
            Deed::Tell => f.write_str("tell"),
            Deed::Enter(campaign) => write!(f, "enter {campaign}"),
        }
    }
}

/// How people are divided between a step's arms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Choose {
    /// By weights that stay.
    #[default]
    Split,
    /// More and more to the one that brings people to the goal.
    Learn,
}

/// The step with another text, gift or time.
#[derive(Debug, Clone)]
pub struct Arm {
    /// Kept in the database.
    pub id: String,
    /// Of a hundred people; the step itself has the rest.
    pub weight: u32,
    pub step: Step,
}

impl Step {
    /// The step as it stands.
    pub const FIRST_ARM: &'static str = "a";

    /// Every arm with its name, the step itself first.
    pub fn variants(&self) -> impl Iterator<Item = (&str, &Step)> {
        std::iter::once((Step::FIRST_ARM, self)).chain(self.arms.iter().map(|arm| (arm.id.as_str(), &arm.step)))
    }

    /// The step as it is in this arm; none when the file does not have the arm any more.
    #[must_use]
    pub fn variant(&self, arm: Option<&str>) -> Option<&Step> {
        let wanted = arm.unwrap_or(Step::FIRST_ARM);
        self.variants().find(|(arm, _)| *arm == wanted).map(|(_, step)| step)
    }

    /// Whether it depends on the arm when the step is due.
    #[must_use]
    pub fn arms_differ_in_time(&self) -> bool {
        self.arms.iter().any(|arm| arm.step.time != self.time)
    }

    /// The names of all its templates' texts; see [`TextKey::token`].
    pub fn token_keys<'a>(&'a self, campaign: &'a str) -> impl Iterator<Item = String> + 'a {
        let keys = move |(place, template): (usize, &'a ProviderTemplate)| {
            template.tokens.keys().map(move |token| TextKey::token(campaign, &self.key, place, token))
        };
        self.templates.iter().enumerate().flat_map(keys)
    }

    /// The template to be sent through this gateway, with its place among the step's: the gateway's own, or else one for any.
    #[must_use]
    pub fn template_for(&self, gateway: &str) -> Option<(usize, &ProviderTemplate)> {
        let place = |wanted: Option<&str>| self.templates.iter().position(|t| t.gateway.as_deref() == wanted);
        let place = place(Some(gateway)).or_else(|| place(None))?;
        Some((place, self.templates.get(place)?))
    }
}

/// What one campaign may spend, by calendar day and month of the shop's zone, in the currency of the budget of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CampaignBudget {
    pub day: Option<Money>,
    pub month: Option<Money>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderTemplate {
    /// The gateway that knows it by this name; `None`: any.
    pub gateway: Option<String>,
    pub name: String,
    /// Token name → text source (compiled under [`TextKey::token`]).
    pub tokens: BTreeMap<String, String>,
}

/// Names under which texts and conditions are compiled.
pub struct TextKey;

impl TextKey {
    #[must_use]
    pub fn who(campaign: &str) -> String {
        format!("{campaign}/who")
    }

    /// No campaign has such an id.
    #[must_use]
    pub fn segment(segment: &str) -> String {
        format!("[segments]/{segment}")
    }

    #[must_use]
    pub fn when(campaign: &str, step: &str) -> String {
        format!("{campaign}/{step}/when")
    }

    #[must_use]
    pub fn text(campaign: &str, step: &str) -> String {
        format!("{campaign}/{step}/text")
    }

    #[must_use]
    pub fn tell(campaign: &str, step: &str) -> String {
        format!("{campaign}/{step}/tell")
    }

    #[must_use]
    pub fn token(campaign: &str, step: &str, template: usize, token: &str) -> String {
        format!("{campaign}/{step}/template/{template}/{token}")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A step with a text, due at once.
    pub(crate) fn step(id: &str) -> Step {
        Step {
            id: id.to_owned(),
            key: id.to_owned(),
            time: Timing::after(Span::ZERO),
            has_when: false,
            otherwise: None,
            then: None,
            aside: false,
            ask: None,
            text: Some(String::new()),
            link: LinkKind::Shop,
            coupon: None,
            best_before: Span::hours(6),
            max_parts: 3,
            kind: Kind::Marketing,
            templates: Vec::new(),
            deeds: Vec::new(),
            choose: Choose::Split,
            arms: Vec::new(),
        }
    }

    /// An abandoned-basket campaign of one step.
    pub(crate) fn campaign(id: &str) -> Campaign {
        Campaign {
            id: id.to_owned(),
            name: id.to_owned(),
            enabled: true,
            trigger: Trigger::CartAbandoned { idle: Span::hours(1) },
            has_who: false,
            segment: None,
            again: Again::Always,
            cool_off: Span::ZERO,
            give_up: Span::days(3),
            goal: Goal::Order,
            exits: Vec::new(),
            kind: Kind::Marketing,
            priority: 50,
            budget: CampaignBudget::default(),
            holdout: 0,
            offer: None,
            steps: vec![step("s")],
        }
    }

    /// A file without any.
    pub(crate) fn campaigns() -> Campaigns {
        Campaigns {
            language: Language::Persian,
            shop_name: None,
            margin: None,
            coupons: BTreeMap::new(),
            cycles: BTreeMap::new(),
            segments: Vec::new(),
            points: None,
            holdout: 0,
            list: Vec::new(),
            templates: Arc::new(Templates::build(&[], Language::Persian).unwrap()),
            mark: 0,
        }
    }
}
