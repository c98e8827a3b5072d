//! What the owner has laid down, as numbers that the second model knows, and as the two files that the daemon reads.

use std::collections::BTreeMap;

use crate::machine::Files;

/// The shipped campaigns run beside the nasty ones below.
const SHIPPED: &str = include_str!("../../campaigns.toml");

pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// Prices of one part, in rial.
pub const PRICE_PERSIAN: i64 = 1_000;
pub const PRICE_LATIN: i64 = 2_500;

pub const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

#[derive(Debug, Clone, PartialEq)]
pub struct Laws {
    /// Monday first; minutes of the day.
    pub open: [Option<(i64, i64)>; 7],
    /// Minutes.
    pub stop_before: i64,
    pub gap: i64,
    pub day: usize,
    pub week: usize,
    pub month: usize,
    /// Rial.
    pub budget_day: Option<i64>,
    pub budget_month: i64,
    /// Rial a day for the nasty basket campaign alone.
    pub budget_quick: Option<i64>,
    pub yes_needed: bool,
    /// News of orders waits for the hours, too.
    pub service_waits: bool,
    /// Month, day, and what is left of its hours, every year.
    pub special: Vec<(u32, u32, Option<(i64, i64)>)>,
    /// The nasty basket campaign: on or off, and its first delay in minutes.
    pub quick: Option<i64>,
}

impl Laws {
    pub fn usual() -> Laws {
        let mut open = [Some((9 * 60, 21 * 60)); 7];
        open[4] = Some((10 * 60, 21 * 60));
        Laws {
            open,
            stop_before: 15,
            gap: 20 * HOUR,
            day: 1,
            week: 3,
            month: 6,
            budget_day: Some(30_000),
            budget_month: 200_000,
            budget_quick: None,
            yes_needed: false,
            service_waits: false,
            special: vec![(12, 6, None), (1, 1, Some((11 * 60, 15 * 60))), (1, 19, None)],
            quick: Some(10),
        }
    }

    pub fn settings(&self) -> String {
        let names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        let mut days = String::new();
        for (name, open) in names.iter().zip(self.open) {
            days += &match open {
                None => format!("{name} = {{ off = true }}\n"),
                Some((start, end)) => {
                    format!("{name} = {{ start = \"{}\", end = \"{}\" }}\n", clock(start), clock(end))
                }
            };
        }
        let day = self.budget_day.map_or(String::new(), |d| format!("day = \"{d}\"\n"));
        format!(
            r#"
[hours]
stop_before = "{}m"
days = "days.toml"
service = "{}"
{days}
[caps]
gap = "{}m"
day = {}
week = {}
month = {}
[budget]
currency = "IRR"
{day}month = "{}"
[consent]
rule = "{}"
[gateway]
use = ["kavenegar", "console"]
[gateway.kavenegar]
key = "not-a-real-key"
price_persian = "{PRICE_PERSIAN}"
price_latin = "{PRICE_LATIN}"
[gateway.console]
price_persian = "{PRICE_PERSIAN}"
price_latin = "{PRICE_LATIN}"
"#,
            self.stop_before,
            if self.service_waits { "same" } else { "always" },
            self.gap / MINUTE,
            self.day,
            self.week,
            self.month,
            self.budget_month,
            if self.yes_needed { "yes_needed" } else { "refusal_stops" },
        )
    }

    pub fn days(&self) -> String {
        let day = |(month, day, hours): &(u32, u32, Option<(i64, i64)>)| {
            let left = match hours {
                None => "off = true".to_owned(),
                Some((start, end)) => format!("hours = [\"{}-{}\"]", clock(*start), clock(*end)),
            };
            format!("[[day]]\nname = \"d\"\ndate = \"{month:02}-{day:02}\"\n{left}\n")
        };
        let days: String = self.special.iter().map(day).collect();
        format!("calendar = \"gregorian\"\n{days}")
    }

    pub fn files(&self) -> Files {
        Files { settings: self.settings(), campaigns: self.campaigns(), days: self.days() }
    }

    pub fn campaigns(&self) -> String {
        let budget = self.budget_quick.map_or(String::new(), |b| format!("budget = {{ day = \"{b}\" }}\n"));
        let (enabled, first) = (self.quick.is_some(), self.quick.unwrap_or(10));
        let later = first + 110;
        format!(
            r#"{SHIPPED}
[coupons.nasty]
code = "Nasty7"
percent = 7

[[campaign]]
id = "quick"
enabled = {enabled}
trigger = {{ on = "cart_abandoned", idle = "10m" }}
who = "cart.total >= 100000"
cool_off = "0s"
give_up = "3 days"
priority = 80
{budget}
[[campaign.step]]
id = "now"
after = "{first}m"
best_before = "20m"
text = """
{{{{ contact.first_name | default("دوست عزیز") }}}}، {{{{ cart.first_item | short(20) }}}} هنوز در سبد شماست:
{{{{ link }}}}
"""

[[campaign.step]]
id = "more"
after = "{later}m"
when = "cart.count > 1"
coupon = "nasty"
best_before = "2h"
text = """
{{{{ coupon.percent }}}}٪ برای {{{{ cart.count }}}} کالای سبدتان:
{{{{ coupon.code }}}}
{{{{ link }}}}
"""

[[campaign]]
id = "news"
kind = "service"
trigger = {{ on = "order_status", status = "processing" }}

[[campaign.step]]
id = "thanks"
after = "1m"
best_before = "6h"
text = "سفارش {{{{ order.number }}}} ثبت شد. {{{{ link }}}}"

[[campaign]]
id = "soon"
trigger = {{ on = "order_status", status = "completed" }}
offer = "cross_sell"
again = "10 days"

[[campaign.step]]
id = "hour"
after = "1h"
best_before = "3h"
text = """
کنار سفارش {{{{ order.number }}}}: {{{{ offer.name | short(25) }}}}
{{{{ link }}}}
"""

[[campaign.step]]
id = "day"
after = "1 day"
coupon = "off10"
text = """
{{{{ offer.name | short(25) }}}} با {{{{ coupon.percent }}}}٪ تخفیف:
{{{{ coupon.code }}}}
{{{{ link }}}}
"""

[[campaign]]
id = "come-again"
trigger = {{ on = "order_status", status = "completed" }}
goal = "order"
again = "never"

[[campaign.step]]
id = "three-days"
after = "3 days"
text = """
دلمان برای شما تنگ شده، {{{{ contact.first_name | default("دوست عزیز") }}}}.
{{{{ link }}}}
"""
"#
        )
    }
}

fn clock(minute: i64) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    Basket,
    /// An order that reached this status.
    Order(&'static str),
}

/// What the second model knows of a step.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    pub trigger: Trigger,
    pub service: bool,
    /// Milliseconds; of the nasty basket campaign the longest that any laws say.
    pub after: i64,
    pub best_before: i64,
    /// A review of the order ends it.
    pub asks_review: bool,
    /// Another order ends it.
    pub wants_order: bool,
}

/// By campaign and step.
pub fn steps() -> BTreeMap<(&'static str, &'static str), Step> {
    use Trigger::{Basket, Order};
    let basket = |after, best_before| Step {
        trigger: Basket,
        service: false,
        after,
        best_before,
        asks_review: false,
        wants_order: true,
    };
    let order =
        |after, best_before| Step { trigger: Order("completed"), wants_order: false, ..basket(after, best_before) };
    BTreeMap::from([
        (("abandoned-cart", "one-hour"), basket(HOUR, 6 * HOUR)),
        (("abandoned-cart", "first-day"), basket(DAY, DAY)),
        (("abandoned-cart", "third-day"), basket(3 * DAY, DAY)),
        (("quick", "now"), basket(40 * MINUTE, 20 * MINUTE)),
        (("quick", "more"), basket(150 * MINUTE, 2 * HOUR)),
        (("review-request", "first-week"), Step { asks_review: true, ..order(7 * DAY, DAY) }),
        (("review-request", "second-week"), Step { asks_review: true, ..order(14 * DAY, DAY) }),
        (("cross-sell", "two-weeks"), order(14 * DAY, DAY)),
        (("cross-sell", "one-month"), order(30 * DAY, DAY)),
        (("soon", "hour"), order(HOUR, 3 * HOUR)),
        (("soon", "day"), order(DAY, DAY)),
        (("come-again", "three-days"), Step { wants_order: true, ..order(3 * DAY, DAY) }),
        (("news", "thanks"), Step { trigger: Order("processing"), service: true, ..order(MINUTE, 6 * HOUR) }),
    ])
}

/// Codes that texts may give, as WooCommerce compares them.
pub const CODES: [&str; 3] = ["off5", "off10", "nasty7"];
