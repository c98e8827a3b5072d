//! Arms and hold-outs of a report: the groups that chance made, what they did, and what that tells. What is counted stands
//! in [`super::trials`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::Result;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::figures::{Period, Purse};
use super::reports::{Say, money_json};
use super::table::{Align, Table};
use super::trials::{self, Verdict};
use crate::campaign::model::{Campaign, Campaigns, Choose, Language, Step};
use crate::clock::{At, Span};
use crate::decide::arms;
use crate::money::Money;
use crate::state::model::{ArmsAsked, Outcome, Tries};
use crate::store::trials::{self as store, Walked};

/// Groups that differ by chance, and by what they got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// `None`: the whole shop.
    pub campaign: Option<String>,
    pub kind: Kind,
    pub groups: Vec<Group>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// The arms of this step.
    Arms { step: String, learns: bool },
    /// Those who walked with texts, and those who walked without.
    Holdout { outcome: Outcome },
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Group {
    /// The arm's id; of a hold-out `texts` and `held_out`.
    pub name: String,
    /// Of those whose time is over.
    pub tries: Tries,
    /// Whose time is not over yet.
    pub early: u64,
    /// Orders of those whose time is over.
    pub orders: u64,
    /// What the orders of those whose time is over left the shop.
    pub kept: Purse,
    /// Messages handed over to this arm.
    pub sent: u64,
    /// What they cost.
    pub cost: Purse,
    /// An arm that the file does not have any more.
    pub gone: bool,
}

impl Group {
    /// What one of its people left the shop, on average; rounded down.
    fn kept_each(&self) -> Purse {
        let people = i64::try_from(self.tries.tries).unwrap_or(i64::MAX).max(1);
        let mut each = Purse::default();
        self.kept.amounts().for_each(|sum| each.put(Money { minor: sum.minor / people, ..sum }));
        each
    }
}

impl Comparison {
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        // What is gone is beaten or not: nobody gets it again. It stands behind the others, so that places stay.
        trials::verdict(&self.groups.iter().filter(|group| !group.gone).map(|group| group.tries).collect::<Vec<_>>())
    }
}

/// Every comparison of the campaigns in the file that has anybody in it.
///
/// # Errors
/// The database's.
pub fn gather(
    conn: &Connection,
    campaigns: &Campaigns,
    only: Option<&str>,
    period: Period,
    now: At,
) -> Result<Vec<Comparison>> {
    let held_out = store::with_held_out(conn, period.since, period.until)?;
    let mut found = Vec::new();
    for campaign in campaigns.list.iter().filter(|campaign| only.is_none_or(|id| id == campaign.id)) {
        for step in campaign.steps.iter().filter(|step| !step.arms.is_empty()) {
            found.push(of_arms(conn, campaign, step, period, now)?);
        }
        if held_out.contains(&campaign.id) {
            found.push(holdout(conn, campaign, period, now)?);
        }
    }
    if only.is_none() && campaigns.holdout > 0 {
        found.push(whole_shop(conn, campaigns, period.until, now)?);
    }
    found.retain(|comparison| comparison.groups.iter().any(|group| group.tries.tries + group.early > 0));
    Ok(found)
}

fn of_arms(conn: &Connection, campaign: &Campaign, step: &Step, period: Period, now: At) -> Result<Comparison> {
    let asked = ArmsAsked { until: period.until, ..trials::asked(campaign, step, period.since, now) };
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for (arm, counted) in store::counted(conn, &asked)? {
        let group = groups.entry(arm).or_default();
        (group.tries, group.early) = (counted.tries, counted.early);
    }
    for (arm, money) in store::kept_by_arm(conn, &asked)? {
        let group = groups.entry(arm).or_default();
        group.orders += 1;
        group.kept.put(money);
    }
    for (arm, sent, cost) in store::sent_by_arm(conn, &asked)? {
        let group = groups.entry(arm).or_default();
        group.sent += sent;
        if let Some(cost) = cost {
            group.cost.put(cost);
        }
    }
    // In the file's order; arms that are no longer in it come last.
    let mut listed: Vec<Group> = Vec::new();
    for (arm, _) in step.variants() {
        listed.push(Group { name: arm.to_owned(), ..groups.remove(arm).unwrap_or_default() });
    }
    listed.extend(groups.into_iter().map(|(name, group)| Group { name, gone: true, ..group }));
    let kind = Kind::Arms { step: step.id.clone(), learns: step.choose == Choose::Learn };
    Ok(Comparison { campaign: Some(campaign.id.clone()), kind, groups: listed })
}

/// Everybody counts once, from when they first entered; what they do counts until the campaign would give up.
fn holdout(conn: &Connection, campaign: &Campaign, period: Period, now: At) -> Result<Comparison> {
    let outcome = trials::outcome_without_texts(campaign.goal);
    let walked = store::walked(conn, &campaign.id, (period.since, period.until), campaign.give_up, outcome)?;
    let groups = with_and_without(&walked, campaign.give_up, now, |walked| walked.held_out);
    Ok(Comparison { campaign: Some(campaign.id.clone()), kind: Kind::Holdout { outcome }, groups })
}

/// Everybody counts once, from the first way into any campaign. Not since some day: whom earlier texts have made a buyer or not
/// is not divided by chance any more. And by the lot, not by what became of it: then the groups stay those that chance made,
/// also when the owner's number was another for a while.
fn whole_shop(conn: &Connection, campaigns: &Campaigns, until: At, now: At) -> Result<Comparison> {
    let ids: Vec<&str> = campaigns.list.iter().filter(|c| arms::holds_back(c)).map(|c| c.id.as_str()).collect();
    let mut walked = store::walked_any(conn, &ids, until, trials::SHOP_WINDOW)?;
    let is_held_out = |walked: &Walked| arms::is_held_out_of_all(campaigns, walked.contact);
    let begin = walked.iter().find(|walked| walked.held_out && is_held_out(walked)).map(|walked| walked.entered);
    walked.retain(|walked| begin.is_some_and(|begin| walked.entered >= begin));
    let groups = with_and_without(&walked, trials::SHOP_WINDOW, now, is_held_out);
    Ok(Comparison { campaign: None, kind: Kind::Holdout { outcome: Outcome::Ordered }, groups })
}

fn with_and_without(walked: &[Walked], window: Span, now: At, is_held_out: impl Fn(&Walked) -> bool) -> Vec<Group> {
    let mut with = Group { name: "texts".to_owned(), ..Group::default() };
    let mut without = Group { name: "held_out".to_owned(), ..Group::default() };
    let mut first: BTreeMap<_, At> = BTreeMap::new();
    let mut reached = BTreeSet::new();
    for walked in walked {
        let new = !first.contains_key(&walked.contact);
        // Of somebody who entered again, the first time counts; of several orders of one time, each is a line.
        if *first.entry(walked.contact).or_insert(walked.entered) != walked.entered {
            continue;
        }
        let group = if is_held_out(walked) { &mut without } else { &mut with };
        if walked.entered.plus(window) > now {
            group.early += u64::from(new);
            continue;
        }
        group.tries.tries += u64::from(new);
        group.tries.wins += u64::from(walked.did && reached.insert(walked.contact));
        if let Some(kept) = walked.kept {
            group.orders += 1;
            group.kept.put(kept);
        }
    }
    vec![with, without]
}

// ── for programs ────────────────────────────────────────────────────────────────────────────────────────────

impl Comparison {
    #[must_use]
    pub fn json(&self) -> Value {
        let (what, step) = match &self.kind {
            Kind::Arms { step, .. } => ("arms", Some(step)),
            Kind::Holdout { .. } => ("holdout", None),
        };
        let money = |purse: &Purse| purse.amounts().map(money_json).collect::<Vec<_>>();
        let groups: Vec<Value> = self
            .groups
            .iter()
            .map(|g| {
                json!({"group": g.name, "people": g.tries.tries, "reached": g.tries.wins, "too_early": g.early,
                       "orders": g.orders, "kept": money(&g.kept), "kept_each": money(&g.kept_each()),
                       "sent": g.sent, "cost": money(&g.cost)})
            })
            .collect();
        let verdict = match self.verdict() {
            Verdict::Open => Value::Null,
            Verdict::Better { place, least, most } => {
                let name = self.groups.get(place).map(|group| group.name.clone());
                json!({"better": name, "by_per_thousand": [thousandths(least), thousandths(most)]})
            }
        };
        json!({"campaign": self.campaign, "what": what, "step": step, "groups": groups, "verdict": verdict})
    }

    /// Cells of one line for each group and currency; counts stand in the first only.
    pub(super) fn cells(&self) -> Vec<Vec<String>> {
        let step = match &self.kind {
            Kind::Arms { step, .. } => step.as_str(),
            Kind::Holdout { .. } => "",
        };
        let mut lines = Vec::new();
        for group in &self.groups {
            let mut currencies: Vec<_> = group.kept.amounts().chain(group.cost.amounts()).map(|m| m.currency).collect();
            currencies.sort_unstable();
            currencies.dedup();
            for place in 0..currencies.len().max(1) {
                let counts = [group.tries.tries, group.tries.wins, group.early, group.orders, group.sent];
                let counts = counts.map(|n| if place == 0 { n.to_string() } else { String::new() });
                let currency = currencies.get(place).copied();
                let sum = |purse: &Purse| currency.map_or_else(String::new, |c| purse.of(c).decimal());
                let head = [self.campaign.as_deref().unwrap_or_default(), step, group.name.as_str()].map(str::to_owned);
                let code = currency.map_or_else(String::new, |c| c.code().to_owned());
                lines.push(head.into_iter().chain(counts).chain([code, sum(&group.kept), sum(&group.cost)]).collect());
            }
        }
        lines
    }
}

/// Of the columns of [`Comparison::cells`].
pub(super) const COLUMNS: [&str; 11] =
    ["campaign", "step", "group", "people", "reached", "too_early", "orders", "sent", "currency", "kept", "cost"];

#[allow(clippy::cast_possible_truncation)] // a difference of shares lies between −1 and 1
fn thousandths(share: f64) -> i64 {
    (share * 1_000.0).round() as i64
}

// ── for people ──────────────────────────────────────────────────────────────────────────────────────────────

impl Comparison {
    pub(super) fn put(&self, text: &mut String, say: Say) {
        let heading = match (&self.kind, say.language) {
            (Kind::Arms { step, .. }, Language::English) => format!("{step}: which text?"),
            (Kind::Arms { step, .. }, Language::Persian) => format!("{step}: کدام متن؟"),
            (Kind::Holdout { .. }, _) => say.pick("with texts and without", "با پیامک و بی پیامک").to_owned(),
        };
        let _ = writeln!(text, "  {}", say.bold(&heading));
        let columns = [
            ("people", "نفر"),
            ("reached the goal", "رسیده به هدف"),
            ("of 100", "از ۱۰۰"),
            ("orders", "خرید"),
            ("money", "پول"),
            ("each", "هر نفر"),
            ("too early", "هنوز زود"),
            ("sent", "ارسال"),
            ("cost", "هزینه"),
        ];
        let columns = columns.map(|(english, persian)| (say.pick(english, persian).to_owned(), Align::End));
        let name = (say.pick("group", "گروه").to_owned(), Align::Start);
        let mut table = Table::new(std::iter::once(name).chain(columns));
        for group in &self.groups {
            let share =
                if group.tries.tries == 0 { "–".to_owned() } else { of_hundred(say, trials::share(group.tries)) };
            table.line([
                self.name(group, say),
                say.number(group.tries.tries),
                say.number(group.tries.wins),
                share,
                say.number(group.orders),
                say.purse(&group.kept),
                say.purse(&group.kept_each()),
                say.number(group.early),
                say.number(group.sent),
                say.purse(&group.cost),
            ]);
        }
        for (i, line) in table.lines().iter().enumerate() {
            let _ = writeln!(text, "    {}", if i == 0 { say.dim(line) } else { line.clone() });
        }
        let _ = writeln!(text, "    {}\n", self.sentence(say));
    }

    fn name(&self, group: &Group, say: Say) -> String {
        match (&self.kind, group.name.as_str()) {
            (Kind::Holdout { .. }, "texts") => say.pick("with texts", "با پیامک").to_owned(),
            (Kind::Holdout { .. }, _) => say.pick("without", "بی پیامک").to_owned(),
            (Kind::Arms { .. }, name) => name.to_owned(),
        }
    }

    /// What an owner may take from it. It stays right however often it is looked at.
    #[must_use]
    pub fn sentence(&self, say: Say) -> String {
        let english = say.language == Language::English;
        let Verdict::Better { place, least, most } = self.verdict() else {
            return match self.kind {
                Kind::Arms { .. } => say.pick("Not known yet which is better.", "هنوز معلوم نیست کدام بهتر است."),
                Kind::Holdout { .. } => {
                    say.pick("Not known yet whether the texts work.", "هنوز معلوم نیست که پیامک‌ها اثر دارند یا نه.")
                }
            }
            .to_owned();
        };
        let (least, most) = (of_hundred(say, least), of_hundred(say, most));
        let name = self.groups.get(place).map(|group| group.name.as_str()).unwrap_or_default();
        let Kind::Holdout { outcome } = self.kind else {
            return if english {
                format!(
                    "{name} is better: of 100 people {least} to {most} more reach the goal than with the next best."
                )
            } else {
                format!("{name} بهتر است: از هر ۱۰۰ نفر، {least} تا {most} نفر بیشتر از بعدی به هدف می‌رسند.")
            };
        };
        let did = match outcome {
            Outcome::Ordered => say.pick("order", "خرید می‌کنند"),
            Outcome::Reviewed => say.pick("write a review", "نظر می‌نویسند"),
            Outcome::Ended(_) => say.pick("reach the goal", "به هدف می‌رسند"),
        };
        match (place, english) {
            (0, true) => format!("The texts work: of 100 people {least} to {most} more {did}."),
            (0, false) => format!("پیامک‌ها اثر دارند: از هر ۱۰۰ نفر، {least} تا {most} نفر بیشتر {did}."),
            (_, true) => format!("The texts do harm: of 100 people {least} to {most} more {did} without."),
            (_, false) => format!("پیامک‌ها زیان دارند: از هر ۱۰۰ نفر، {least} تا {most} نفر بی پیامک بیشتر {did}."),
        }
    }
}

/// With one decimal.
fn of_hundred(say: Say, share: f64) -> String {
    let said = format!("{:.1}", share * 100.0);
    match say.language {
        Language::English => said,
        Language::Persian => say.digits(&said.replace('.', "٫")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arm_that_is_gone_keeps_nobody_from_being_sure() {
        let group = |name: &str, wins, gone| Group {
            name: name.to_owned(),
            tries: Tries { tries: 2_000, wins },
            gone,
            ..Group::default()
        };
        let few = Group { name: "old".to_owned(), tries: Tries { tries: 10, wins: 1 }, gone: true, ..Group::default() };
        let kind = Kind::Arms { step: "s".to_owned(), learns: false };
        let mut both =
            Comparison { campaign: None, kind, groups: vec![group("a", 100, false), group("b", 300, false), few] };
        assert!(matches!(both.verdict(), Verdict::Better { place: 1, .. }));
        both.groups[2].gone = false;
        assert_eq!(both.verdict(), Verdict::Open);
    }
}
