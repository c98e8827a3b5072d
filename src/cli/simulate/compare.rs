//! Two campaign files on the same events: what the second would do otherwise.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Result;
use serde_json::{Value, json};

use super::{Reasons, say};
use crate::money::Money;
use crate::simulate::Totals;
use crate::state::model::Reason;

/// One file's run.
pub(super) struct Side<'a> {
    pub name: &'a str,
    pub totals: &'a Totals,
    pub reasons: &'a Reasons,
}

/// What keeps a text back though its campaign wants it to go.
const COLLISIONS: &[(Reason, &str)] = &[
    (Reason::OutsideHours, "outside hours or on a special day"),
    (Reason::CapGap, "too soon after another"),
    (Reason::CapDay, "the day's cap"),
    (Reason::CapWeek, "the week's cap"),
    (Reason::CapMonth, "the month's cap"),
    (Reason::GivesWay, "gave way to a more valuable text"),
    (Reason::BudgetDay, "the day's budget"),
    (Reason::BudgetMonth, "the month's budget"),
    (Reason::BudgetCampaign, "the campaign's budget"),
    (Reason::Expired, "given up as too late"),
];

/// Whom only one of them writes to.
fn only(of: &Totals, other: &Totals) -> usize {
    of.people.difference(&other.people).count()
}

fn price(totals: &Totals) -> Option<Money> {
    let mut prices = totals.by_step.values().map(|step| step.price);
    let first = prices.next()?;
    prices.try_fold(first, Money::checked_add)
}

fn collisions(side: &Side<'_>, wanted: Reason) -> u64 {
    side.reasons.iter().filter(|((_, reason), _)| *reason == wanted).map(|(_, count)| count).sum()
}

/// The campaigns' messages on each side, by campaign.
fn by_campaign(first: &Totals, second: &Totals) -> BTreeMap<String, (u64, u64)> {
    let mut both: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for ((campaign, _), step) in &first.by_step {
        both.entry(campaign.clone()).or_default().0 += step.messages;
    }
    for ((campaign, _), step) in &second.by_step {
        both.entry(campaign.clone()).or_default().1 += step.messages;
    }
    both
}

/// For people.
///
/// # Errors
/// The output's.
pub(super) fn print(out: &mut dyn Write, first: &Side<'_>, second: &Side<'_>) -> Result<()> {
    let sides = [first, second];
    let cost = |side: &Side<'_>| price(side.totals).map_or_else(|| "free".to_owned(), say);
    let campaigns = by_campaign(first.totals, second.totals);
    let named = campaigns.keys().map(|id| id.chars().count()).chain(COLLISIONS.iter().map(|(_, name)| name.len()));
    let width = named.max().unwrap_or(0).max(20);
    let mut row = |name: &str, cells: [String; 2]| -> Result<()> {
        let [a, b] = cells;
        Ok(writeln!(out, "  {name:<width$}  {a:>18}  {b:>18}")?)
    };
    row("", sides.map(|side| side.name.chars().take(18).collect()))?;
    row("SMS", sides.map(|side| side.totals.messages().to_string()))?;
    row("parts", sides.map(|side| side.totals.parts().to_string()))?;
    row("cost", sides.map(cost))?;
    row("people", sides.map(|side| side.totals.people.len().to_string()))?;
    row(
        "people only here",
        [only(first.totals, second.totals), only(second.totals, first.totals)].map(|n| n.to_string()),
    )?;
    for (campaign, (a, b)) in &campaigns {
        row(campaign, [a.to_string(), b.to_string()])?;
    }
    for (reason, name) in COLLISIONS {
        let counts = sides.map(|side| collisions(side, *reason));
        if counts != [0, 0] {
            row(name, counts.map(|n| n.to_string()))?;
        }
    }
    Ok(())
}

/// The same as JSON.
pub(super) fn json(first: &Side<'_>, second: &Side<'_>) -> Value {
    let side = |side: &Side<'_>, other: &Side<'_>| {
        let campaigns: BTreeMap<&str, u64> =
            side.totals.by_step.iter().fold(BTreeMap::new(), |mut sums, ((id, _), step)| {
                *sums.entry(id.as_str()).or_default() += step.messages;
                sums
            });
        let kept_back: BTreeMap<&str, u64> = COLLISIONS
            .iter()
            .map(|(reason, _)| (reason.word(), collisions(side, *reason)))
            .filter(|(_, n)| *n > 0)
            .collect();
        let cost = price(side.totals);
        json!({"campaigns_file": side.name, "messages": side.totals.messages(), "parts": side.totals.parts(),
               "price": cost.map(Money::decimal), "currency": cost.map(|m| m.currency), "people": side.totals.people.len(),
               "people_only_here": only(side.totals, other.totals), "by_campaign": campaigns, "kept_back": kept_back})
    };
    json!({"events": first.totals.events, "first": side(first, second), "second": side(second, first)})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::At;
    use crate::money::Currency;
    use crate::phone::Phone;
    use crate::simulate::WouldSend;
    use crate::state::model::MessageId;

    fn totals(sent: &[(&str, &str)]) -> Totals {
        let mut totals = Totals::default();
        for (to, campaign) in sent {
            totals.count(&WouldSend {
                at: At(0),
                message: MessageId(1),
                to: Phone::from_e164(to).expect("a number"),
                campaign: (*campaign).to_owned(),
                step: "first".to_owned(),
                text: String::new(),
                parts: 2,
                price: Money { minor: 300, currency: Currency::IRT },
                slug: None,
            });
        }
        totals
    }

    #[test]
    fn the_two_stand_side_by_side() {
        let first = totals(&[("+989120000001", "cart"), ("+989120000002", "cart")]);
        let second = totals(&[("+989120000002", "cart"), ("+989120000003", "hello"), ("+989120000003", "cart")]);
        let (none, caps) = (Reasons::new(), Reasons::from([(("cart".to_owned(), Reason::CapDay), 4)]));
        let sides = (
            Side { name: "a.toml", totals: &first, reasons: &none },
            Side { name: "b.toml", totals: &second, reasons: &caps },
        );
        let both = json(&sides.0, &sides.1);
        assert_eq!(both["first"]["people_only_here"], 1);
        assert_eq!((&both["second"]["messages"], &both["second"]["price"]), (&json!(3), &json!("900")));
        assert_eq!(both["second"]["kept_back"], json!({"cap_day": 4}));
        let mut out = Vec::new();
        print(&mut out, &sides.0, &sides.1).expect("written");
        let text = String::from_utf8(out).expect("UTF-8");
        let has = |words: &[&str]| text.lines().any(|line| line.split_whitespace().collect::<Vec<_>>() == words);
        assert!(
            has(&["SMS", "2", "3"]) && has(&["hello", "0", "1"]) && has(&["the", "day's", "cap", "0", "4"]),
            "{text}"
        );
    }
}
