//! The machine's settings, read and found good.

use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::{NaiveDate, NaiveTime, Weekday};
use chrono_tz::Tz;
use url::Url;

use crate::campaign::model::Language;
use crate::clock::Span;
use crate::money::{Currency, Money};
use crate::phone::Phone;
use crate::receive::signature::Key;
use crate::render::parts::PartRules;
use crate::secret::Secret;
use crate::send::gateways::ghasedak::GhasedakOptions;
use crate::send::gateways::http::HttpOptions;
use crate::send::gateways::ippanel::IppanelOptions;
use crate::send::gateways::iranpayamak::IranPayamakOptions;
use crate::send::gateways::kavenegar::KavenegarOptions;
use crate::send::gateways::melipayamak::MelipayamakOptions;
use crate::send::gateways::smsir::SmsirOptions;
use crate::send::gateways::twilio::TwilioOptions;
use crate::state::consent;

#[derive(Debug, Clone)]
pub struct Settings {
    pub listen: SocketAddr,
    pub database: PathBuf,
    /// `None`: the campaigns that are built in.
    pub campaigns: Option<PathBuf>,
    /// `whsec_…`. `None`: made at the first start and kept beside the database.
    pub secret: Option<Secret>,
    /// So long the words of texts and replies are kept.
    pub keep_texts: Span,
    pub shop: ShopSettings,
    pub links: LinkSettings,
    pub hours: Hours,
    pub caps: Caps,
    pub budget: Budget,
    /// What sums of money in both files are in, unless they say otherwise.
    pub budget_currency: Option<Currency>,
    pub gateway: GatewaySettings,
    /// `None`: as the shop says.
    pub consent: Option<ConsentRule>,
    pub owner: Owner,
    pub staff: Staff,
    pub brake: Brake,
}

/// Who is told by SMS when something is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Owner {
    pub phones: Vec<Phone>,
    /// Warned when a gateway's credit is below this, a sum in the gateway's unit as it was written. `None`: what a hundred
    /// parts cost.
    pub warn_credit_below: Option<String>,
}

/// Who hears what steps tell the staff.
#[derive(Debug, Clone, Default)]
pub struct Staff {
    pub phones: Vec<Phone>,
    pub webhook: Option<Webhook>,
}

/// Gets each word as a signed POST. Its secret is its own: who hears of the shop may not speak for it.
#[derive(Debug, Clone)]
pub struct Webhook {
    pub url: Url,
    pub key: Key,
}

impl Staff {
    #[must_use]
    pub const fn is_nobody(&self) -> bool {
        self.phones.is_empty() && self.webhook.is_none()
    }
}

/// Figures at which sending stops until the owner has looked; see [`crate::schedule::brake`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brake {
    /// Of a campaign's texts, those that are followed by an opt-out.
    pub opt_outs: Share,
    /// Of the texts of an hour, those that fail.
    pub failures: Share,
    /// So many times the busiest hour of the last days.
    pub per_hour: u32,
    /// Texts in an hour of campaigns that are new.
    pub most_per_hour: u32,
}

/// A part of a whole, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(pub u32);

impl Share {
    #[must_use]
    pub const fn percent(percent: u32) -> Share {
        Share(percent * 10)
    }

    /// Rounded down, so that a limit is not met by rounding; nothing of nothing is nothing.
    #[must_use]
    pub fn of(count: u64, whole: u64) -> Share {
        let thousandths = count.saturating_mul(1_000).checked_div(whole).unwrap_or(0);
        Share(u32::try_from(thousandths).unwrap_or(u32::MAX))
    }
}

impl fmt::Display for Share {
    /// `4%`, `4.1%`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 10, self.0 % 10) {
            (whole, 0) => write!(f, "{whole}%"),
            (whole, tenth) => write!(f, "{whole}.{tenth}%"),
        }
    }
}

/// What the owner says of the shop; what is absent is taken from the shop's own `shop.updated`.
#[derive(Debug, Clone, Default)]
pub struct ShopSettings {
    pub name: Option<String>,
    pub url: Option<Url>,
    pub timezone: Option<Tz>,
    /// ISO 3166 alpha-2.
    pub country: Option<String>,
    pub currency: Option<Currency>,
    pub pull: Pull,
}

/// After how much silence the shop is asked to deliver what it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pull {
    /// After the usual time, where nobody can read along: by https, or on this machine.
    #[default]
    Usual,
    Every(Span),
    Off,
}

#[derive(Debug, Clone)]
pub struct LinkSettings {
    /// What a slug is put behind, such as `https://shop.example/s`. `None`: the shop's address and `/s`.
    pub base: Option<Url>,
    pub life: Span,
}

/// When texts may go out, in the shop's zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    /// Monday first; `None`: nothing on that day.
    pub days: [Option<(NaiveTime, NaiveTime)>; 7],
    /// Handing over stops this long before each window's end.
    pub stop_before: Span,
    /// Days with less time than their weekday has. Every one that covers a day takes away from it.
    pub special: Vec<SpecialDay>,
    pub service: ServiceHours,
}

/// Whether news of one's own order waits for the hours, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceHours {
    /// It goes at any time.
    Always,
    /// It waits as marketing texts do.
    Same,
}

/// A holiday, a day of mourning, a month of fasting: when it is, and what may go out then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecialDay {
    pub name: String,
    /// `None`: neither, such as Ramadan.
    pub kind: Option<DayKind>,
    pub stretches: Vec<Stretch>,
    pub opening: Opening,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayKind {
    Mourning,
    Holiday,
}

/// Days in a row; both ends count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stretch {
    Once {
        first: NaiveDate,
        last: NaiveDate,
    },
    /// Month and day, from 1. A `last` before `first` lies in the year after.
    Yearly {
        calendar: Calendar,
        first: (u8, u8),
        last: (u8, u8),
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calendar {
    Jalali,
    Gregorian,
}

/// What is left of a special day's usual hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    Off,
    /// What that weekday has, too.
    AsOn(Weekday),
    /// What lies in one of these, in their order; an end of 00:00 is the day's end.
    Windows(Vec<(NaiveTime, NaiveTime)>),
}

impl fmt::Display for Opening {
    /// `off`, `as on Friday`, `11:00-17:00, 19:30-21:00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Opening::Off => f.write_str("off"),
            Opening::AsOn(Weekday::Fri) => f.write_str("as on Friday"),
            Opening::AsOn(Weekday::Sun) => f.write_str("as on Sunday"),
            Opening::AsOn(weekday) => write!(f, "as on {weekday}"),
            Opening::Windows(windows) => {
                let said =
                    windows.iter().map(|(start, end)| format!("{}-{}", start.format("%H:%M"), end.format("%H:%M")));
                f.write_str(&said.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// How often one person may be written to, over all campaigns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// Quiet time between two messages.
    pub gap: Span,
    /// In a calendar day of the shop's zone.
    pub day: u32,
    /// In 7 times 24 hours.
    pub week: u32,
    /// In 30 times 24 hours.
    pub month: u32,
}

/// What may be spent, by calendar day and month of the shop's zone, in the gateway's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Budget {
    pub day: Option<Money>,
    pub month: Option<Money>,
}

/// Whether marketing texts need a recorded yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsentRule {
    /// A recorded refusal stops; silence does not.
    RefusalStops,
    /// Only people who said yes, in a way that counts.
    YesNeeded(Counted),
}

/// Which yes counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counted {
    /// What it must have come from; `None`: from anywhere.
    pub sources: Option<BTreeSet<&'static str>>,
    /// Having bought is a yes, unless the person refused: own customers, told of what they may like, too.
    pub purchase: bool,
}

impl Counted {
    #[must_use]
    pub fn takes(&self, source: &str) -> bool {
        self.sources.as_ref().is_none_or(|sources| sources.contains(consent::counts_as(source)))
    }
}

/// The providers in the owner's order of preference.
#[derive(Debug, Clone)]
pub struct GatewaySettings {
    pub first: GatewayUse,
    /// Asked when those before them surely refuse for a reason of their own.
    pub others: Vec<GatewayUse>,
}

impl GatewaySettings {
    /// One provider and no other.
    #[must_use]
    pub fn only(first: GatewayUse) -> GatewaySettings {
        GatewaySettings { first, others: Vec::new() }
    }

    pub fn iter(&self) -> impl Iterator<Item = &GatewayUse> {
        std::iter::once(&self.first).chain(&self.others)
    }

    #[must_use]
    pub fn named(&self, name: &str) -> Option<&GatewayUse> {
        self.iter().find(|used| used.which.name() == name)
    }

    /// The preferred provider's line: what previews and forecasts speak of.
    #[must_use]
    pub fn line(&self) -> &Line {
        &self.first.line
    }

    /// What the budget counts in: the currency of the prices of those that cost money.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.iter().find(|used| used.which.costs()).unwrap_or(&self.first).line.price_ucs2.currency
    }

    /// Their names, the preferred one first.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.iter().map(|used| used.which.name()).collect()
    }
}

/// One provider as it is to be used.
#[derive(Debug, Clone)]
pub struct GatewayUse {
    pub which: Which,
    pub line: Line,
    /// At most so many messages are handed over in 60 seconds; `None`: as fast as it answers.
    pub per_minute: Option<u32>,
}

impl GatewayUse {
    /// The console on this line.
    #[must_use]
    pub fn free(line: Line) -> GatewayUse {
        GatewayUse { which: Which::Console, line, per_minute: None }
    }
}

/// What the daemon must know of the line it sends on.
#[derive(Debug, Clone)]
pub struct Line {
    pub parts: PartRules,
    /// For one part in Persian (UCS-2) and in Latin (GSM-7) letters.
    pub price_ucs2: Money,
    pub price_gsm7: Money,
    /// The last line of marketing texts. `None`: the line needs none, or its provider adds it.
    pub opt_out_tail: Option<Tail>,
    pub language: Language,
}

/// How a marketing text ends, so that whoever gets it can have no more of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tail {
    /// Words to answer with, such as `لغو11`.
    Words(String),
    /// The address of the text's own stop page, for lines that nobody can answer.
    StopLink,
}

/// A provider with what reaching it takes.
#[derive(Debug, Clone)]
pub enum Which {
    Console,
    Kavenegar(KavenegarOptions),
    Twilio(Box<TwilioOptions>),
    Http(Box<HttpOptions>),
    Smsir(SmsirOptions),
    Ghasedak(GhasedakOptions),
    Melipayamak(MelipayamakOptions),
    Ippanel(IppanelOptions),
    IranPayamak(IranPayamakOptions),
}

impl Which {
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Which::Console => "console",
            Which::Kavenegar(_) => "kavenegar",
            Which::Twilio(_) => "twilio",
            Which::Http(_) => "http",
            Which::Smsir(_) => "smsir",
            Which::Ghasedak(_) => "ghasedak",
            Which::Melipayamak(_) => "melipayamak",
            Which::Ippanel(_) => "ippanel",
            Which::IranPayamak(_) => "iranpayamak",
        }
    }

    /// Sending through it is paid for.
    #[must_use]
    pub const fn costs(&self) -> bool {
        !matches!(self, Which::Console)
    }
}
