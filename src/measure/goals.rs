//! What became of the people who entered: how many came to what the campaign is for, how soon, and who is still about.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Result;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::figures::{Earned, Figures, Period, Purse};
use super::reports::Say;
use crate::campaign::model::{Campaign, Campaigns, Goal, Language};
use crate::clock::{At, Span};
use crate::money::{self, Money};
use crate::state::model::{Evidence, Reason};
use crate::store::goals::{Came, came};

const WEEK: Span = Span::days(7);
const MONTH: Span = Span::days(30);

/// Of the ways through one campaign that began in the period and were not held out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reached {
    pub ways: u64,
    /// Those that came to the goal before the campaign would have given up, whatever text that is owed to.
    pub reached: u64,
    /// From entering until then, the middle one.
    pub middle: Option<Span>,
    pub after_a_week: Stayed,
    pub after_a_month: Stayed,
}

/// Who was seen so long after they entered, or later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stayed {
    /// For whom so much time is over.
    pub of: u64,
    pub seen: u64,
}

/// By campaign, as far as the file has it.
///
/// # Errors
/// The database's.
pub fn gather(conn: &Connection, campaigns: &Campaigns, period: Period, now: At) -> Result<BTreeMap<String, Reached>> {
    let mut found: BTreeMap<String, (Reached, Vec<Span>)> = BTreeMap::new();
    came(conn, period, |way| {
        let Some(campaign) = campaigns.get(&way.campaign) else { return };
        let (reached, times) = found.entry(way.campaign.clone()).or_default();
        reached.ways += 1;
        if let Some(at) = goal_of(campaign, &way) {
            reached.reached += 1;
            times.push(at.since(way.entered));
        }
        for (stayed, time) in [(&mut reached.after_a_week, WEEK), (&mut reached.after_a_month, MONTH)] {
            let then = way.entered.plus(time);
            stayed.of += u64::from(then <= now);
            stayed.seen += u64::from(then <= now && way.seen.is_some_and(|seen| seen >= then));
        }
    })?;
    let middle = |mut times: Vec<Span>| {
        times.sort_unstable();
        times.get(times.len() / 2).copied()
    };
    Ok(found.into_iter().map(|(id, (reached, times))| (id, Reached { middle: middle(times), ..reached })).collect())
}

/// When this person came to the goal.
fn goal_of(campaign: &Campaign, way: &Came) -> Option<At> {
    let left_by = |reason| way.ended.filter(|(_, why)| *why == reason).map(|(at, _)| at);
    let at = match campaign.goal {
        Goal::Order => way.ordered,
        Goal::Offer => way.bought_offer,
        Goal::Review => way.reviewed,
        Goal::Product => left_by(Reason::BoughtProduct),
        Goal::Paid => left_by(Reason::Paid),
        Goal::Visit => left_by(Reason::Visited),
        Goal::Reply => left_by(Reason::Replied),
        Goal::SignUp => left_by(Reason::SignedUp),
        Goal::Renewed => left_by(Reason::Renewed),
    };
    // Before the moment that is foreseen there was time, too.
    at.filter(|at| *at <= way.entered.plus(campaign.give_up).plus(campaign.lead()))
}

impl Reached {
    #[must_use]
    pub fn json(&self) -> Value {
        let stayed = |stayed: Stayed| json!({"of": stayed.of, "seen": stayed.seen});
        json!({"ways": self.ways, "reached": self.reached, "middle_seconds": self.middle.map(|m| m.0.div_euclid(1_000)),
               "after_7_days": stayed(self.after_a_week), "after_30_days": stayed(self.after_a_month)})
    }

    /// One line for people.
    #[must_use]
    pub fn line(&self, say: Say) -> String {
        let (ways, reached) = (say.number(self.ways), say.number(self.reached));
        let share = self.reached.saturating_mul(100).checked_div(self.ways).unwrap_or_default();
        let mut line = format!(
            "{}: {reached} {} {ways} ({}{})",
            say.pick("came to the goal", "به هدف رسیدند"),
            say.pick("of", "از"),
            say.number(share),
            say.pick("%", "٪")
        );
        if let Some(middle) = self.middle {
            line.push_str(say.pick(", in ", "، در "));
            line.push_str(&say.delay(middle));
        }
        let days = [(self.after_a_week, "7"), (self.after_a_month, "30")];
        for (stayed, days) in days.into_iter().filter(|(stayed, _)| stayed.of > 0) {
            let days = say.digits(days);
            let (seen, of) = (say.number(stayed.seen), say.number(stayed.of));
            let _ = match say.language {
                Language::English => write!(line, " · seen {days} days later: {seen} of {of}"),
                Language::Persian => write!(line, " · {days} روز بعد هنوز بودند: {seen} از {of}"),
            };
        }
        line
    }
}

/// What one order, one text and one unit of cost came to, for each evidence by itself; none without orders.
#[must_use]
pub fn worth(total: &Figures, say: Say) -> Vec<String> {
    let words = [
        (Evidence::Coupon, say.pick("by coupon", "با کد")),
        (Evidence::Link, say.pick("by link", "با پیوند")),
        (Evidence::Delivered, say.pick("delivered only", "فقط با رسیدن")),
    ];
    let line = |(evidence, name): (Evidence, &str)| {
        let earned: &Earned = total.earned(evidence);
        let kept = only(&earned.kept).filter(|kept| earned.orders > 0 && kept.minor > 0)?;
        let mut said = vec![
            format!("{} {}", say.pick("an order", "هر سفارش"), say.money(each(kept, earned.orders)?)),
            format!("{} {}", say.pick("a text", "هر پیامک"), say.money(each(kept, total.sent)?)),
        ];
        if let Some(cost) = only(&total.cost).filter(|cost| cost.minor > 0) {
            said.push(format!(
                "{} {}",
                say.pick("an order cost", "خرج هر سفارش"),
                say.money(each(cost, earned.orders)?)
            ));
            if let Some(kept) = money::exactly(kept, cost.currency) {
                let times = say.number(u64::try_from(kept.minor.checked_div(cost.minor)?).ok()?);
                said.push(format!("{} {times}", say.pick("for each unit spent", "در برابر هر یک واحد خرج")));
            }
        }
        Some(format!("{name}: {}", said.join(" · ")))
    };
    words.into_iter().filter_map(line).collect()
}

/// The money, when it is of one currency.
fn only(purse: &Purse) -> Option<Money> {
    let mut amounts = purse.amounts().filter(|money| money.minor != 0);
    amounts.next().filter(|_| amounts.next().is_none())
}

fn each(sum: Money, many: u64) -> Option<Money> {
    let minor = sum.minor.checked_div(i64::try_from(many).ok()?)?;
    Some(Money { minor, ..sum })
}
