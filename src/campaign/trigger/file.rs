//! A trigger as it stands in the file: its keys depend on its `on`.

use std::ops::Range;

use crate::document::{Found, Key, Shape, Table};

const ON: Key = Key("on", &["event"]);
const IDLE: Key = Key("idle", &["after", "delay"]);
const STATUS: Key = Key("status", &["statuses"]);
const STATE: Key = Key("state", &["shipping"]);
const SECONDS: Key = Key("seconds", &["duration"]);
const TIMES: Key = Key("times", &["count", "often"]);
const WITHIN: Key = Key("within", &["during"]);
const PAGE: Key = Key("page", &["path", "url"]);
const PERCENT: Key = Key("percent", &["least"]);
const AMONG: Key = Key("in", &["among", "where"]);
const AT_MOST: Key = Key("at_most", &["quantity", "left"]);
const SEGMENT: Key = Key("segment", &["group"]);
const FOR: Key = Key("for", &["length", "since"]);
const TEXTS: Key = Key("texts", &["messages"]);
const SHARE: Key = Key("share", &["window"]);
const OF: Key = Key("of", &["from"]);
const DAY: Key = Key("day", &["date"]);
const CALENDAR: Key = Key("calendar", &["cal"]);
const AT: Key = Key("at", &["time", "when"]);
const A_DAY: Key = Key("a_day", &["per_day", "daily"]);
const NAME: Key = Key("name", &["type", "id"]);

macro_rules! shapes {
    ($($word:literal { $($key:expr),* }),+ $(,)?) => {
        /// Every trigger with its keys.
        pub static SHAPES: [&Shape; 0 $(+ { let _ = $word; 1 })+] =
            [$(&Shape { name: concat!("trigger ", $word), keys: &[ON $(, $key)*] }),+];
    };
}
shapes! {
    "cart_abandoned" { IDLE },
    "checkout_left" { IDLE },
    "payment_failed" { IDLE },
    "order_status" { STATUS },
    "order_shipping" { STATE },
    "product_viewed" { SECONDS, TIMES, WITHIN },
    "page_viewed" { PAGE, TIMES, WITHIN },
    "sign_up" {},
    "review_written" {},
    "back_in_stock" {},
    "price_drop" { PERCENT, AMONG },
    "low_stock" { AT_MOST, AMONG },
    "segment_entered" { SEGMENT, A_DAY },
    "segment_left" { SEGMENT, A_DAY },
    "quiet" { FOR, A_DAY },
    "no_reaction" { FOR, TEXTS, A_DAY },
    "repurchase" { SHARE },
    "birthday" {},
    "anniversary" { OF },
    "date" { DAY, CALENDAR },
    "subscription_renewal" {},
    "broadcast" { AT, SEGMENT },
    "event" { NAME },
    "entered_by" {},
}

/// All of their keys: whoever writes one of another trigger is told which it belongs to.
static ANY: Shape = Shape {
    name: "trigger",
    keys: &[
        ON, IDLE, STATUS, STATE, SECONDS, TIMES, WITHIN, PAGE, PERCENT, AMONG, AT_MOST, SEGMENT, FOR, TEXTS, SHARE, OF,
        DAY, CALENDAR, AT, NAME, A_DAY,
    ],
};

/// The shape of the trigger that this `on` names.
#[must_use]
pub fn shape(on: &str) -> Option<&'static Shape> {
    SHAPES.into_iter().find(|shape| shape.name.strip_prefix("trigger ") == Some(on))
}

/// The words that `on` takes.
pub fn words() -> impl Iterator<Item = &'static str> {
    SHAPES.into_iter().filter_map(|shape| shape.name.strip_prefix("trigger "))
}

#[derive(Debug)]
pub struct RawTrigger {
    pub span: Range<usize>,
    pub on: Option<Found<String>>,
    /// The keys that are there, with the places of their values.
    pub written: Vec<(&'static str, Range<usize>)>,
    pub idle: Option<Found<String>>,
    pub status: Vec<Found<String>>,
    pub state: Option<Found<String>>,
    pub seconds: Option<Found<u32>>,
    pub times: Option<Found<u32>>,
    pub within: Option<Found<String>>,
    pub page: Option<Found<String>>,
    pub percent: Option<Found<u32>>,
    pub among: Vec<Found<String>>,
    pub at_most: Option<Found<u32>>,
    pub segment: Option<Found<String>>,
    pub length: Option<Found<String>>,
    pub texts: Option<Found<u32>>,
    pub share: Option<Found<u32>>,
    pub of: Option<Found<String>>,
    pub day: Option<Found<String>>,
    pub calendar: Option<Found<String>>,
    pub at: Option<Found<String>>,
    pub name: Option<Found<String>>,
    pub a_day: Option<Found<u32>>,
}

/// The campaign's trigger, which it has to have.
pub fn read(campaign: &Table<'_>) -> Option<RawTrigger> {
    let table = campaign.needed_table(
        "trigger",
        &ANY,
        "write `trigger = { on = \"cart_abandoned\" }` or `trigger = { on = \"order_status\", status = \"completed\" }`",
    )?;
    let written = ANY.keys.iter().filter_map(|Key(name, _)| table.value_span(name).map(|span| (*name, span))).collect();
    Some(RawTrigger {
        on: table.needed_text("on", "write `on = \"cart_abandoned\"` or `on = \"order_status\"`"),
        written,
        idle: table.text("idle"),
        status: table.text_or_texts("status"),
        state: table.text("state"),
        seconds: table.count("seconds"),
        times: table.count("times"),
        within: table.text("within"),
        page: table.text("page"),
        percent: table.count("percent"),
        among: table.text_or_texts("in"),
        at_most: table.count("at_most"),
        segment: table.text("segment"),
        length: table.text("for"),
        texts: table.count("texts"),
        share: table.count("share"),
        of: table.text("of"),
        day: table.text("day"),
        calendar: table.text("calendar"),
        at: table.text("at"),
        name: table.text("name"),
        a_day: table.count("a_day"),
        span: table.span,
    })
}
