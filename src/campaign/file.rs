//! `campaigns.toml` as it stands: keys and their values with places, nothing of what they mean.

use std::ops::Range;

use super::trigger::{self, file::RawTrigger};
use crate::document::{Found, Key, Problems, Shape, Table, parse};

/// Every table of the file with its keys, but for the triggers' ([`trigger::file::SHAPES`](super::trigger::file::SHAPES)); the manual is compared with this by a test.
pub static SHAPES: [&Shape; 13] = [
    &FILE,
    &SHOP,
    &COUPON,
    &TIER,
    &SEGMENT,
    &POINTS,
    &CAMPAIGN,
    &CAMPAIGN_BUDGET,
    &STEP,
    &ASK,
    &ANSWER,
    &ARM,
    &TEMPLATE,
];

pub static FILE: Shape = Shape {
    name: "the file",
    keys: &[
        Key("language", &["lang", "locale"]),
        Key("shop", &["store"]),
        Key("coupons", &["coupon", "codes"]),
        Key("cycles", &["cycle", "lasts"]),
        Key("segments", &["segment", "groups"]),
        Key("points", &["loyalty", "score"]),
        Key("holdout", &["hold_out", "control"]),
        Key("campaign", &["campaigns", "journey"]),
    ],
};

pub static SHOP: Shape =
    Shape { name: "[shop]", keys: &[Key("name", &["title"]), Key("margin", &["gross_margin", "profit"])] };

pub static COUPON: Shape = Shape {
    name: "[coupons.…]",
    keys: &[
        Key("code", &["coupon"]),
        Key("own", &["prefix", "personal"]),
        Key("percent", &["percentage", "discount"]),
        Key("amount", &["value", "sum"]),
        Key("by_basket", &["tiers", "by_total"]),
        Key("free_shipping", &["shipping"]),
        Key("for", &["whom"]),
        Key("lives", &["valid", "expires", "life"]),
        Key("minimum", &["min", "minimum_amount"]),
        Key("products", &["product", "product_ids"]),
        Key("floor", &["margin_floor", "least_margin"]),
        Key("points", &["price", "cost", "costs"]),
    ],
};

pub static TIER: Shape = Shape {
    name: "by_basket",
    keys: &[Key("from", &["above", "minimum"]), Key("percent", &["percentage"]), Key("amount", &["value", "sum"])],
};

pub static SEGMENT: Shape = Shape {
    name: "[segments.…]",
    keys: &[Key("name", &["title"]), Key("who", &["condition", "if", "filter", "when"])],
};

pub static POINTS: Shape = Shape {
    name: "[points]",
    keys: &[
        Key("enabled", &["on", "active"]),
        Key("per", &["each", "for", "rate"]),
        Key("review", &["reviews"]),
        Key("sign_up", &["signup", "registration"]),
        Key("birthday", &["birth_day"]),
        Key("referral", &["friend", "friends", "invite"]),
        Key("expires", &["lives", "valid"]),
        Key("since", &["from", "start"]),
    ],
};

pub static CAMPAIGN: Shape = Shape {
    name: "[[campaign]]",
    keys: &[
        Key("id", &["key"]),
        Key("name", &["title"]),
        Key("enabled", &["active", "enable", "on"]),
        Key("trigger", &["event", "start"]),
        Key("who", &["condition", "if", "filter"]),
        Key("segment", &["group", "segments"]),
        Key("again", &["repeat"]),
        Key("cool_off", &["cooldown", "cool_down"]),
        Key("give_up", &["end", "until", "giveup"]),
        Key("goal", &["target"]),
        Key("exits", &["exit", "stop"]),
        Key("kind", &["type", "class"]),
        Key("priority", &["rank", "weight"]),
        Key("budget", &["spend"]),
        Key("holdout", &["hold_out", "control"]),
        Key("offer", &["product"]),
        Key("step", &["steps", "message"]),
    ],
};

pub static STEP: Shape = Shape {
    name: "[[campaign.step]]",
    keys: &[
        Key("id", &["key", "name"]),
        Key("after", &["delay", "time"]),
        Key("before", &["lead"]),
        Key("wait", &["pause"]),
        Key("at", &["hour", "clock"]),
        Key("on", &["weekday", "weekdays", "days"]),
        Key("date", &["day"]),
        Key("when", &["condition", "if"]),
        Key("otherwise", &["else", "no"]),
        Key("then", &["next", "goto", "yes"]),
        Key("text", &["message", "body", "sms"]),
        Key("link", &["url", "target"]),
        Key("coupon", &["code", "discount"]),
        Key("best_before", &["expires", "valid"]),
        Key("max_parts", &["parts", "max_pages"]),
        Key("template", &["pattern", "lookup"]),
        Key("kind", &["type", "class"]),
        Key("leave", &["exit", "stop"]),
        Key("ask", &["question", "reply"]),
        Key("tag", &["tags", "add_tag"]),
        Key("untag", &["remove_tag"]),
        Key("points", &["give_points"]),
        Key("tell", &["notify", "staff"]),
        Key("enter", &["campaign", "start"]),
        Key("choose", &["split", "test"]),
        Key("arm", &["arms", "variant", "variants"]),
    ],
};

pub static ARM: Shape = Shape {
    name: "[[campaign.step.arm]]",
    keys: &[
        Key("id", &["key", "name"]),
        Key("weight", &["share", "percent"]),
        Key("text", &["message", "body", "sms"]),
        Key("coupon", &["code", "discount"]),
        Key("after", &["delay", "time"]),
        Key("wait", &["pause"]),
        Key("at", &["hour", "clock"]),
        Key("link", &["url", "target"]),
        Key("template", &["pattern", "lookup"]),
    ],
};

pub static ASK: Shape = Shape {
    name: "ask",
    keys: &[
        Key("for", &["time", "within", "wait"]),
        Key("answers", &["answer", "choices", "options"]),
        Key("other", &["else", "otherwise"]),
        Key("question", &["title", "heading"]),
    ],
};

pub static ANSWER: Shape = Shape {
    name: "answers",
    keys: &[Key("words", &["word", "text"]), Key("go", &["then", "goto", "step"]), Key("label", &["name", "title"])],
};

pub static CAMPAIGN_BUDGET: Shape =
    Shape { name: "budget", keys: &[Key("day", &["daily"]), Key("month", &["monthly"])] };

pub static TEMPLATE: Shape = Shape {
    name: "template",
    keys: &[Key("name", &["id"]), Key("tokens", &["token", "values"]), Key("gateway", &["provider"])],
};

/// Everything of the file that can be read.
#[derive(Debug, Default)]
pub struct RawFile {
    pub language: Option<Found<String>>,
    pub shop_name: Option<Found<String>>,
    pub margin: Option<Found<String>>,
    pub coupons: Vec<RawCoupon>,
    /// Product or category → how long it lasts.
    pub cycles: Vec<(Found<String>, Found<String>)>,
    pub holdout: Option<Found<u32>>,
    /// In the file's order.
    pub segments: Vec<RawSegment>,
    pub points: Option<RawPoints>,
    /// In the file's order.
    pub campaigns: Vec<RawCampaign>,
}

#[derive(Debug)]
pub struct RawCoupon {
    pub id: Found<String>,
    pub code: Option<Found<String>>,
    pub own: Option<Found<String>>,
    pub off: RawOff,
    pub by_basket: Vec<RawTier>,
    pub free_shipping: Option<Found<bool>>,
    pub whom: Option<Found<String>>,
    pub lives: Option<Found<String>>,
    pub minimum: Option<Found<String>>,
    pub products: Vec<Found<String>>,
    pub floor: Option<Found<String>>,
    pub points: Option<Found<u32>>,
}

/// What is taken off.
#[derive(Debug)]
pub struct RawOff {
    pub percent: Option<Found<String>>,
    pub amount: Option<Found<String>>,
}

#[derive(Debug)]
pub struct RawSegment {
    pub id: Found<String>,
    pub name: Option<Found<String>>,
    pub who: Option<Found<String>>,
}

#[derive(Debug)]
pub struct RawPoints {
    pub enabled: Option<Found<bool>>,
    pub per: Option<Found<String>>,
    pub review: Option<Found<u32>>,
    pub sign_up: Option<Found<u32>>,
    pub birthday: Option<Found<u32>>,
    pub referral: Option<Found<u32>>,
    pub expires: Option<Found<String>>,
    pub since: Option<Found<String>>,
}

#[derive(Debug)]
pub struct RawTier {
    pub span: Range<usize>,
    pub from: Option<Found<String>>,
    pub off: RawOff,
}

#[derive(Debug)]
pub struct RawCampaign {
    /// The header.
    pub span: Range<usize>,
    pub id: Option<Found<String>>,
    pub name: Option<Found<String>>,
    pub enabled: Option<Found<bool>>,
    pub trigger: Option<RawTrigger>,
    pub who: Option<Found<String>>,
    pub segment: Option<Found<String>>,
    pub again: Option<Found<String>>,
    pub cool_off: Option<Found<String>>,
    pub give_up: Option<Found<String>>,
    pub goal: Option<Found<String>>,
    pub exits: Option<Found<Vec<Found<String>>>>,
    pub kind: Option<Found<String>>,
    pub priority: Option<Found<u32>>,
    pub budget: Option<RawBudget>,
    pub holdout: Option<Found<u32>>,
    pub offer: Option<Found<String>>,
    pub steps: Vec<RawStep>,
}

#[derive(Debug)]
pub struct RawBudget {
    pub day: Option<Found<String>>,
    pub month: Option<Found<String>>,
}

#[derive(Debug, Clone)]
pub struct RawStep {
    /// The header.
    pub span: Range<usize>,
    pub id: Option<Found<String>>,
    pub after: Option<Found<String>>,
    pub before: Option<Found<String>>,
    pub wait: Option<Found<String>>,
    pub at: Option<Found<String>>,
    pub on: Vec<Found<String>>,
    pub date: Option<Found<String>>,
    pub when: Option<Found<String>>,
    pub otherwise: Option<Found<String>>,
    pub then: Option<Found<String>>,
    pub leave: Option<Found<bool>>,
    pub tag: Vec<Found<String>>,
    pub untag: Vec<Found<String>>,
    pub points: Option<Found<u32>>,
    pub tell: Option<Found<String>>,
    pub enter: Option<Found<String>>,
    pub text: Option<Found<String>>,
    pub link: Option<Found<String>>,
    pub coupon: Option<Found<String>>,
    pub best_before: Option<Found<String>>,
    pub max_parts: Option<Found<u32>>,
    pub kind: Option<Found<String>>,
    pub ask: Option<RawAsk>,
    pub templates: Vec<RawTemplate>,
    pub choose: Option<Found<String>>,
    pub arms: Vec<RawArm>,
}

#[derive(Debug, Clone)]
pub struct RawAsk {
    pub span: Range<usize>,
    pub time: Option<Found<String>>,
    pub answers: Vec<RawAnswer>,
    pub other: Option<Found<String>>,
    pub question: Option<Found<String>>,
}

#[derive(Debug, Clone)]
pub struct RawAnswer {
    pub span: Range<usize>,
    pub words: Vec<Found<String>>,
    pub go: Option<Found<String>>,
    pub label: Option<Found<String>>,
}

#[derive(Debug, Clone)]
pub struct RawArm {
    /// The header.
    pub span: Range<usize>,
    pub id: Option<Found<String>>,
    pub weight: Option<Found<u32>>,
    pub text: Option<Found<String>>,
    pub coupon: Option<Found<String>>,
    pub after: Option<Found<String>>,
    pub wait: Option<Found<String>>,
    pub at: Option<Found<String>>,
    pub link: Option<Found<String>>,
    pub templates: Vec<RawTemplate>,
}

impl RawArm {
    #[must_use]
    pub fn changes_time(&self) -> bool {
        self.after.is_some() || self.wait.is_some() || self.at.is_some()
    }

    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        let texts = [&self.text, &self.coupon, &self.link];
        !self.changes_time() && texts.iter().all(|found| found.is_none()) && self.templates.is_empty()
    }
}

impl RawStep {
    /// The step as it is in this arm.
    #[must_use]
    pub fn with(&self, arm: &RawArm) -> RawStep {
        let or = |other: &Option<Found<String>>, own: &Option<Found<String>>| other.clone().or_else(|| own.clone());
        let mut step = self.clone();
        if arm.after.is_some() || arm.wait.is_some() {
            step.after.clone_from(&arm.after);
            step.wait.clone_from(&arm.wait);
            (step.before, step.date) = (None, None);
        }
        step.at = or(&arm.at, &self.at);
        step.text = or(&arm.text, &self.text);
        step.coupon = or(&arm.coupon, &self.coupon);
        step.link = or(&arm.link, &self.link);
        if !arm.templates.is_empty() {
            step.templates.clone_from(&arm.templates);
        }
        step
    }
}

#[derive(Debug, Clone)]
pub struct RawTemplate {
    pub span: Range<usize>,
    pub gateway: Option<Found<String>>,
    pub name: Option<Found<String>>,
    /// Name → text, each with its place.
    pub tokens: Vec<(Found<String>, Found<String>)>,
}

/// Reads what can be read; the rest is in `problems`.
#[must_use]
pub fn read(source: &str, problems: &Problems) -> RawFile {
    let root = parse(source, problems);
    let file = Table::new(root.get_ref(), 0..0, &FILE, problems);
    let mut segments: Vec<_> = file.named_tables("segments", &SEGMENT).into_iter().map(segment).collect();
    segments.sort_by_key(|segment| segment.id.span.start);
    let shop = file.table("shop", &SHOP);
    RawFile {
        language: file.text("language"),
        shop_name: shop.as_ref().and_then(|shop| shop.text("name")),
        margin: shop.as_ref().and_then(|shop| shop.decimal("margin")),
        coupons: file.named_tables("coupons", &COUPON).into_iter().map(coupon).collect(),
        cycles: file.named_texts("cycles").unwrap_or_default(),
        holdout: file.count("holdout"),
        segments,
        points: file.table("points", &POINTS).as_ref().map(points),
        campaigns: file.tables("campaign", &CAMPAIGN).iter().map(campaign).collect(),
    }
}

fn coupon((id, table): (Found<String>, Table<'_>)) -> RawCoupon {
    RawCoupon {
        code: table.text("code"),
        own: table.text("own"),
        off: off(&table),
        by_basket: table.tables("by_basket", &TIER).iter().map(tier).collect(),
        free_shipping: table.boolean("free_shipping"),
        whom: table.text("for"),
        lives: table.text("lives"),
        minimum: table.decimal("minimum"),
        products: table.text_or_texts("products"),
        floor: table.decimal("floor"),
        points: table.count("points"),
        id,
    }
}

fn segment((id, table): (Found<String>, Table<'_>)) -> RawSegment {
    RawSegment { name: table.text("name"), who: table.text("who"), id }
}

fn points(table: &Table<'_>) -> RawPoints {
    RawPoints {
        enabled: table.boolean("enabled"),
        per: table.decimal("per"),
        review: table.count("review"),
        sign_up: table.count("sign_up"),
        birthday: table.count("birthday"),
        referral: table.count("referral"),
        expires: table.text("expires"),
        since: table.text("since"),
    }
}

fn off(table: &Table<'_>) -> RawOff {
    RawOff { percent: table.decimal("percent"), amount: table.decimal("amount") }
}

fn tier(table: &Table<'_>) -> RawTier {
    RawTier { span: table.span.clone(), from: table.decimal("from"), off: off(table) }
}

fn campaign(table: &Table<'_>) -> RawCampaign {
    RawCampaign {
        span: table.span.clone(),
        id: table.needed_text("id", "write a short name that never changes, such as `id = \"abandoned-cart\"`"),
        name: table.text("name"),
        enabled: table.boolean("enabled"),
        trigger: trigger::file::read(table),
        who: table.text("who"),
        segment: table.text("segment"),
        again: table.text("again"),
        cool_off: table.text("cool_off"),
        give_up: table.text("give_up"),
        goal: table.text("goal"),
        exits: table.texts("exits"),
        kind: table.text("kind"),
        priority: table.count("priority"),
        budget: table
            .table("budget", &CAMPAIGN_BUDGET)
            .map(|t| RawBudget { day: t.decimal("day"), month: t.decimal("month") }),
        holdout: table.count("holdout"),
        offer: table.text("offer"),
        steps: table.tables("step", &STEP).iter().map(step).collect(),
    }
}

/// With one of these a step says when it is due.
const TIMES: [&str; 4] = ["after", "before", "wait", "date"];
/// What a step without a text may be there for.
const DEEDS: [&str; 8] = ["leave", "then", "otherwise", "tag", "untag", "points", "tell", "enter"];

fn step(table: &Table<'_>) -> RawStep {
    if !TIMES.iter().any(|key| table.has(key)) {
        table.missing("after", "write how long after the trigger it goes out, such as `after = \"24h\"`");
    }
    if !table.has("text") && !DEEDS.iter().any(|key| table.has(key)) {
        table.missing("text", "write the SMS between three quotes: text = \"\"\"…\"\"\"");
    }
    RawStep {
        span: table.span.clone(),
        id: table.needed_text("id", "write a short name that never changes, such as `id = \"first-day\"`"),
        after: table.text("after"),
        before: table.text("before"),
        wait: table.text("wait"),
        at: table.text("at"),
        on: table.text_or_texts("on"),
        date: table.text("date"),
        when: table.text("when"),
        otherwise: table.text("otherwise"),
        then: table.text("then"),
        leave: table.boolean("leave"),
        tag: table.text_or_texts("tag"),
        untag: table.text_or_texts("untag"),
        points: table.count("points"),
        tell: table.text("tell"),
        enter: table.text("enter"),
        text: table.text("text"),
        link: table.text("link"),
        coupon: table.text("coupon"),
        best_before: table.text("best_before"),
        max_parts: table.count("max_parts"),
        kind: table.text("kind"),
        ask: table.table("ask", &ASK).as_ref().map(ask),
        templates: templates(table),
        choose: table.text("choose"),
        arms: table.tables("arm", &ARM).iter().map(arm).collect(),
    }
}

fn arm(table: &Table<'_>) -> RawArm {
    RawArm {
        span: table.span.clone(),
        id: table.needed_text("id", "write a short name that never changes, such as `id = \"b\"`"),
        weight: table.count("weight"),
        text: table.text("text"),
        coupon: table.text("coupon"),
        after: table.text("after"),
        wait: table.text("wait"),
        at: table.text("at"),
        link: table.text("link"),
        templates: templates(table),
    }
}

fn templates(table: &Table<'_>) -> Vec<RawTemplate> {
    let each = table.table_or_tables("template", &TEMPLATE).into_iter().map(|t| RawTemplate {
        gateway: t.text("gateway"),
        name: t.needed_text("name", "write the name under which the provider approved it"),
        tokens: t.named_texts("tokens").unwrap_or_default(),
        span: t.span,
    });
    each.collect()
}

fn ask(table: &Table<'_>) -> RawAsk {
    let answer = |table: &Table<'_>| RawAnswer {
        span: table.span.clone(),
        words: table.text_or_texts("words"),
        go: table.text("go"),
        label: table.text("label"),
    };
    RawAsk {
        span: table.span.clone(),
        time: table.needed_text("for", "write how long answers are taken, such as `for = \"3 days\"`"),
        answers: table.tables("answers", &ANSWER).iter().map(answer).collect(),
        other: table.text("other"),
        question: table.text("question"),
    }
}
