//! What starts a journey, as notions; [`file`] reads them and [`check`] makes them. What each one sees in a person is
//! decided in [`crate::decide::triggers`].

pub mod check;
pub mod file;

use chrono::NaiveDateTime;

use super::model::{Exit, Goal, Language, LinkKind};
use crate::clock::Span;

/// What starts a journey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// A basket with something in it, a known number, and no act on it for `idle`. Delays run from the last act.
    CartAbandoned {
        idle: Span,
    },
    /// The same of a basket whose checkout was begun.
    CheckoutLeft {
        idle: Span,
    },
    /// An order that was not paid `idle` after it was made, or after its payment failed.
    PaymentFailed {
        idle: Span,
    },
    /// An order reached one of these statuses for the first time. Delays run from then.
    OrderStatus {
        statuses: Vec<String>,
    },
    /// An order's parcel came into this state, a word of the shop's own.
    OrderShipping {
        state: String,
    },
    /// A product was looked at for `seconds`, `times` times `within` that long; and neither bought nor put into the basket.
    ProductViewed {
        seconds: u32,
        times: u32,
        within: Span,
    },
    /// The page was seen so often within so long.
    PageViewed {
        page: String,
        times: u32,
        within: Span,
    },
    /// An account was opened.
    SignUp,
    /// A review was written.
    ReviewWritten,
    /// A product that the person waited for, or saw while it was out, is in stock.
    BackInStock,
    /// A product got cheaper by at least `percent` than this person saw it.
    PriceDrop {
        percent: u32,
        among: Vec<Interest>,
    },
    /// Of a product there are `at_most` so many left.
    LowStock {
        at_most: u32,
        among: Vec<Interest>,
    },
    /// The person came into the segment of this id.
    SegmentEntered {
        segment: String,
        /// So many people a day may enter whom the ranking of buyers moved.
        a_day: u32,
    },
    SegmentLeft {
        segment: String,
        a_day: u32,
    },
    /// Somebody who bought once has not for so long.
    Quiet {
        length: Span,
        /// So many people a day may enter for whom it was so before the campaign was on.
        a_day: u32,
    },
    /// For so long no link followed and nothing bought, though `texts` texts came.
    NoReaction {
        length: Span,
        texts: u32,
        a_day: u32,
    },
    /// `share` percent of the usual time between two purchases are over.
    Repurchase {
        share: u32,
    },
    Birthday,
    Anniversary {
        of: Since,
    },
    /// A day of the calendar, each year where none is given.
    Date {
        day: Day,
    },
    /// A subscription's end.
    SubscriptionRenewal,
    /// The owner's own moment, for everybody or for a segment.
    Broadcast {
        at: Moment,
        segment: Option<String>,
    },
    /// An event `custom.NAME` of the owner's own.
    Event {
        name: String,
    },
    /// Only another campaign's step leads here.
    EnteredBy,
}

/// What a campaign's texts are about: it decides which values, links, goals and exits they have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    Basket,
    Order,
    Product,
    /// The person alone.
    Person,
}

/// Why a product matters to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    Cart,
    Wanted,
    Viewed,
}

impl Interest {
    pub const ALL: [Interest; 3] = [Interest::Cart, Interest::Wanted, Interest::Viewed];
}

/// From which an anniversary counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    SignUp,
    FirstOrder,
}

/// A day, once or each year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    Named(NamedDay),
    Jalali { year: Option<i32>, month: u8, day: u8 },
    Gregorian { year: Option<i32>, month: u8, day: u8 },
}

macro_rules! named_days {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $fa:literal, $en:literal;)+) => {
        /// A day that has a name, by its own calendar.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum NamedDay { $($(#[$doc])* $name),+ }

        impl NamedDay {
            pub const ALL: &'static [NamedDay] = &[$(NamedDay::$name),+];

            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(NamedDay::$name => $word),+ }
            }

            /// As a text says it.
            #[must_use]
            pub const fn said(self, language: Language) -> &'static str {
                match (self, language) {
                    $((NamedDay::$name, Language::Persian) => $fa, (NamedDay::$name, Language::English) => $en,)+
                }
            }
        }
    };
}
named_days! {
    /// 1 Farvardin.
    Nowruz = "nowruz", "نوروز", "Nowruz";
    /// 13 Farvardin.
    Sizdah = "sizdah-bedar", "سیزده‌به‌در", "Sizdah Bedar";
    /// The Tuesday before the year's last Wednesday.
    Chaharshanbe = "chaharshanbe-suri", "چهارشنبه‌سوری", "Chaharshanbe Suri";
    /// 30 Azar, whose night it is.
    Yalda = "yalda", "یلدا", "Yalda";
    /// 29 Bahman.
    Sepandarmazgan = "sepandarmazgan", "سپندارمذگان", "Sepandarmazgan";
    /// 1 Mehr.
    School = "back-to-school", "بازگشایی مدرسه‌ها", "back to school";
    /// 12 Ordibehesht.
    TeachersDay = "teachers-day", "روز معلم", "Teachers' Day";
    /// 20 Jumada II.
    MothersDay = "mothers-day", "روز مادر", "Mother's Day";
    /// 13 Rajab.
    FathersDay = "fathers-day", "روز پدر", "Father's Day";
    /// 1 Dhu al-Qaʿda.
    GirlsDay = "girls-day", "روز دختر", "Girls' Day";
    /// 1 Ramadan.
    Ramadan = "ramadan", "رمضان", "Ramadan";
    /// 1 Shawwal.
    Fitr = "eid-fitr", "عید فطر", "Eid al-Fitr";
    /// 18 Dhu al-Hijja.
    Ghadir = "ghadir", "عید غدیر", "Eid al-Ghadir";
    /// The day behind the fourth Thursday of November.
    BlackFriday = "black-friday", "بلک فرایدی", "Black Friday";
    /// The Monday behind it.
    CyberMonday = "cyber-monday", "سایبر ماندی", "Cyber Monday";
    /// 14 February.
    Valentine = "valentine", "ولنتاین", "Valentine's Day";
    /// 8 March.
    WomensDay = "womens-day", "روز زن", "Women's Day";
    /// The second Sunday of May.
    MothersDayMay = "mothers-day-may", "روز مادر", "Mother's Day";
    /// The third Sunday of June.
    FathersDayJune = "fathers-day-june", "روز پدر", "Father's Day";
    /// 11 November.
    SinglesDay = "singles-day", "یازده‌یازده", "Singles' Day";
    /// 25 December.
    Christmas = "christmas", "کریسمس", "Christmas";
    /// 1 January.
    NewYear = "new-year", "سال نو میلادی", "New Year";
}

/// When a broadcast begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// When the campaign is switched on.
    Now,
    /// In the shop's zone.
    At(NaiveDateTime),
}

const GIVE_UP_BASKET: Span = Span::days(15);
const GIVE_UP_LATER: Span = Span::days(45);
const COOL_OFF_BASKET: Span = Span::days(5);

impl Trigger {
    /// The word of the file.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Trigger::CartAbandoned { .. } => "cart_abandoned",
            Trigger::CheckoutLeft { .. } => "checkout_left",
            Trigger::PaymentFailed { .. } => "payment_failed",
            Trigger::OrderStatus { .. } => "order_status",
            Trigger::OrderShipping { .. } => "order_shipping",
            Trigger::ProductViewed { .. } => "product_viewed",
            Trigger::PageViewed { .. } => "page_viewed",
            Trigger::SignUp => "sign_up",
            Trigger::ReviewWritten => "review_written",
            Trigger::BackInStock => "back_in_stock",
            Trigger::PriceDrop { .. } => "price_drop",
            Trigger::LowStock { .. } => "low_stock",
            Trigger::SegmentEntered { .. } => "segment_entered",
            Trigger::SegmentLeft { .. } => "segment_left",
            Trigger::Quiet { .. } => "quiet",
            Trigger::NoReaction { .. } => "no_reaction",
            Trigger::Repurchase { .. } => "repurchase",
            Trigger::Birthday => "birthday",
            Trigger::Anniversary { .. } => "anniversary",
            Trigger::Date { .. } => "date",
            Trigger::SubscriptionRenewal => "subscription_renewal",
            Trigger::Broadcast { .. } => "broadcast",
            Trigger::Event { .. } => "event",
            Trigger::EnteredBy => "entered_by",
        }
    }

    #[must_use]
    pub const fn about(&self) -> About {
        match self {
            Trigger::CartAbandoned { .. } | Trigger::CheckoutLeft { .. } => About::Basket,
            Trigger::PaymentFailed { .. } | Trigger::OrderStatus { .. } | Trigger::OrderShipping { .. } => About::Order,
            Trigger::ProductViewed { .. }
            | Trigger::ReviewWritten
            | Trigger::BackInStock
            | Trigger::PriceDrop { .. }
            | Trigger::LowStock { .. }
            | Trigger::Repurchase { .. } => About::Product,
            Trigger::PageViewed { .. }
            | Trigger::SignUp
            | Trigger::SegmentEntered { .. }
            | Trigger::SegmentLeft { .. }
            | Trigger::Quiet { .. }
            | Trigger::NoReaction { .. }
            | Trigger::Birthday
            | Trigger::Anniversary { .. }
            | Trigger::Date { .. }
            | Trigger::SubscriptionRenewal
            | Trigger::Broadcast { .. }
            | Trigger::Event { .. }
            | Trigger::EnteredBy => About::Person,
        }
    }

    /// It is known days before it comes, so a step may go out before it.
    #[must_use]
    pub const fn is_foreseen(&self) -> bool {
        matches!(
            self,
            Trigger::Birthday | Trigger::Anniversary { .. } | Trigger::Date { .. } | Trigger::SubscriptionRenewal
        )
    }

    /// It is about a day of the calendar or of somebody's life.
    #[must_use]
    pub const fn is_a_day(&self) -> bool {
        matches!(self, Trigger::Birthday | Trigger::Anniversary { .. } | Trigger::Date { .. })
    }

    /// Its moment comes whatever the person does.
    #[must_use]
    pub const fn comes_anyway(&self) -> bool {
        self.is_a_day() || matches!(self, Trigger::Broadcast { .. })
    }

    /// Its moment may be that of a purchase, which then led here and is no reason to leave.
    #[must_use]
    pub const fn may_come_of_buying(&self) -> bool {
        matches!(
            self,
            Trigger::SegmentEntered { .. } | Trigger::SegmentLeft { .. } | Trigger::Event { .. } | Trigger::EnteredBy
        )
    }

    /// Its texts offer the product itself, which has to be there when they go out.
    #[must_use]
    pub const fn offers_product(&self) -> bool {
        matches!(self.about(), About::Product) && !matches!(self, Trigger::ReviewWritten)
    }

    /// How long without an act, or a payment, the trigger waits.
    #[must_use]
    pub const fn idle(&self) -> Span {
        match self {
            Trigger::CartAbandoned { idle } | Trigger::CheckoutLeft { idle } | Trigger::PaymentFailed { idle } => *idle,
            _ => Span::ZERO,
        }
    }

    #[must_use]
    pub const fn usual_give_up(&self) -> Span {
        match self.about() {
            About::Basket => GIVE_UP_BASKET,
            _ => GIVE_UP_LATER,
        }
    }

    #[must_use]
    pub const fn usual_cool_off(&self) -> Span {
        match self {
            Trigger::CartAbandoned { .. } | Trigger::CheckoutLeft { .. } | Trigger::ProductViewed { .. } => {
                COOL_OFF_BASKET
            }
            _ => Span::ZERO,
        }
    }

    /// The nearer to buying, the more valuable.
    #[must_use]
    pub const fn usual_priority(&self) -> u8 {
        match self {
            Trigger::PaymentFailed { .. } => 65,
            Trigger::CartAbandoned { .. } | Trigger::CheckoutLeft { .. } => 60,
            Trigger::BackInStock | Trigger::PriceDrop { .. } | Trigger::LowStock { .. } => 55,
            Trigger::ProductViewed { .. } | Trigger::Repurchase { .. } => 50,
            Trigger::OrderStatus { .. } | Trigger::OrderShipping { .. } => 40,
            _ => 30,
        }
    }

    #[must_use]
    pub const fn usual_goal(&self, has_offer: bool) -> Goal {
        match self {
            Trigger::PaymentFailed { .. } => Goal::Paid,
            Trigger::OrderStatus { .. } | Trigger::OrderShipping { .. } if has_offer => Goal::Offer,
            Trigger::SubscriptionRenewal => Goal::Renewed,
            _ => Goal::Order,
        }
    }

    /// Where a link leads when the step does not say.
    #[must_use]
    pub const fn usual_link(&self, goal: Goal, has_offer: bool) -> LinkKind {
        match (self.about(), goal) {
            (About::Order, Goal::Review) => LinkKind::Review,
            _ if has_offer => LinkKind::Product,
            (About::Basket, _) => LinkKind::Cart,
            (About::Product, _) if self.offers_product() => LinkKind::Product,
            _ if matches!(self, Trigger::PaymentFailed { .. }) => LinkKind::Pay,
            _ => LinkKind::Shop,
        }
    }

    #[must_use]
    pub fn usual_exits(&self, goal: Goal) -> Vec<Exit> {
        let goal = goal.exit();
        match self {
            Trigger::CartAbandoned { .. } | Trigger::CheckoutLeft { .. } => vec![Exit::Order, Exit::CartEmptied],
            Trigger::PaymentFailed { .. } => vec![Exit::Paid, Exit::Order],
            Trigger::OrderStatus { statuses } if statuses.iter().any(|s| is_an_end(s)) => vec![goal],
            Trigger::OrderStatus { .. } | Trigger::OrderShipping { .. } => vec![goal, Exit::TakenBack],
            Trigger::ProductViewed { .. } => vec![goal, Exit::BoughtProduct, Exit::InCart],
            Trigger::BackInStock | Trigger::LowStock { .. } => vec![goal, Exit::BoughtProduct, Exit::StockGone],
            Trigger::PriceDrop { .. } => vec![goal, Exit::BoughtProduct, Exit::StockGone, Exit::PriceBack],
            Trigger::Repurchase { .. } => vec![goal, Exit::BoughtProduct],
            Trigger::SegmentEntered { .. } => vec![goal, Exit::SegmentLeft],
            _ => vec![goal],
        }
    }
}

/// An order in this status is no purchase any more.
#[must_use]
pub fn is_an_end(status: &str) -> bool {
    matches!(status, "cancelled" | "refunded" | "failed" | "trash")
}
