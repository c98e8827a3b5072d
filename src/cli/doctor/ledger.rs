//! The books of yesterday against what the provider itself counted.

use anyhow::Result;

use super::{Findings, GATEWAY_PATIENCE, said};
use crate::clock::At;
use crate::measure::figures::{Period, Purse};
use crate::rules::Rules;
use crate::schedule::hours;
use crate::send::gateway::{Gateway, Tally};
use crate::settings::model::Share;
use crate::state::world::World;
use crate::store::{SqlWorld, db, providers};

/// A larger difference is no matter of rounding, or of a message at midnight.
const MOST: Share = Share::percent(2);

/// Yesterday, in the shop's zone, of one gateway; nothing is said of one that keeps no count.
pub(super) async fn compare(rules: &Rules, gateway: &dyn Gateway, now: At, found: &mut Findings) {
    // A database that cannot be read has been spoken of.
    let Ok((day, books)) = of_yesterday(rules, gateway.name(), now) else { return };
    let (from, to) = (day.since.0.div_euclid(1_000), day.until.0.div_euclid(1_000));
    let name = gateway.name();
    match tokio::time::timeout(GATEWAY_PATIENCE, gateway.tally(from, to)).await {
        Ok(Ok(Some(tally))) => say(name, &books, tally, found),
        Ok(Ok(None)) => {}
        Ok(Err(problem)) => {
            found.warn("ledger", format!("{name} does not tell its count: {problem}"), "look again later");
        }
        Err(_) => found.warn("ledger", format!("{name} does not tell its count in time"), "look again later"),
    }
}

/// Messages, parts, and what they cost.
type Books = (u64, u64, Purse);

fn of_yesterday(rules: &Rules, gateway: &str, now: At) -> Result<(Period, Books)> {
    let conn = db::open_reader(&rules.settings.database)?;
    let zone = rules.shop_view(SqlWorld::new(&conn).shop()?.as_ref()).timezone;
    let until = hours::day_start(zone, now);
    let day = Period { since: hours::day_start(zone, At(until.0.saturating_sub(1))), until };
    Ok((day, providers::books(&conn, day, gateway)?))
}

fn say(name: &str, (messages, parts, cost): &Books, tally: Tally, found: &mut Findings) {
    let mut pairs = vec![("messages", *messages, tally.messages)];
    pairs.extend(tally.parts.map(|theirs| ("parts", *parts, theirs)));
    let mut says: Vec<String> =
        pairs.iter().map(|(what, ours, theirs)| format!("{ours} {what} in our books, {theirs} there")).collect();
    let mut apart = pairs.iter().any(|(_, ours, theirs)| is_apart(*ours, *theirs));
    if let Some(theirs) = tally.cost {
        let ours = cost.of(theirs.currency);
        says.push(format!("{} and {}", self::said(ours), self::said(theirs)));
        apart |= is_apart(ours.minor.unsigned_abs(), theirs.minor.unsigned_abs());
    }
    let says = format!("{name} yesterday: {}", says.join("; "));
    if apart {
        let theirs_more = tally.messages > *messages;
        let way_out = if theirs_more {
            "more there: something else sends from this account, `send-test` was used, or a text went twice; compare with the \
             provider's list"
        } else if tally.messages < *messages {
            "fewer there: texts in doubt never arrived, or the provider counts a day in another time zone"
        } else {
            "the same messages, counted otherwise: compare prices and `parts` in bazgasht.toml with the provider's"
        };
        found.warn("ledger", says, way_out);
    } else {
        found.ok("ledger", says);
    }
}

fn is_apart(ours: u64, theirs: u64) -> bool {
    Share::of(ours.abs_diff(theirs), ours.max(theirs)) > MOST
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::Level;
    use crate::money::{Currency, Money};

    fn books(messages: u64, parts: u64, minor: i64) -> Books {
        let mut purse = Purse::default();
        purse.put(Money { minor, currency: Currency::IRR });
        (messages, parts, purse)
    }

    fn compared(ours: &Books, tally: Tally) -> (Level, String) {
        let mut found = Findings::default();
        say("kavenegar", ours, tally, &mut found);
        found.0.pop().map(|f| (f.level, f.says + " | " + &f.way_out.unwrap_or_default())).unwrap()
    }

    #[test]
    fn small_differences_are_fine_and_larger_ones_are_explained() {
        let tally = |messages, parts, minor| Tally {
            messages,
            parts: Some(parts),
            cost: Some(Money { minor, currency: Currency::IRR }),
        };
        let ours = books(100, 200, 200_000);
        assert_eq!(compared(&ours, tally(102, 202, 202_000)).0, Level::Ok);
        let (level, says) = compared(&ours, tally(110, 220, 220_000));
        assert_eq!(level, Level::Warn);
        assert!(says.contains("100 messages in our books, 110 there") && says.contains("more there"), "{says}");
        assert!(compared(&ours, tally(90, 180, 180_000)).1.contains("fewer there"));
        assert!(compared(&ours, tally(100, 300, 200_000)).1.contains("counted otherwise"));
        assert_eq!(compared(&books(0, 0, 0), tally(0, 0, 0)).0, Level::Ok);
        assert_eq!(compared(&ours, Tally { messages: 100, parts: None, cost: None }).0, Level::Ok);
    }
}
