//! Whether texts go out, as far as the holds say: by which gateway, and if by none, why. Pure.

use super::gateway::Registry;
use crate::clock::{At, Span};
use crate::phone::Phone;
use crate::rules::Rules;
use crate::state::model::{Hold, HoldScope};

/// A gateway that is silent or refuses for a shorter time is nobody's trouble.
pub const LASTS: Span = Span::minutes(10);
/// When a hold's time is over, one message tries the gateway; until its answer the hold is taken to go on.
const TRIAL: Span = Span::minutes(2);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    Free,
    /// These gateways take nothing, and texts go by another.
    Detour {
        shut: Vec<Hold>,
        by: &'static str,
    },
    /// Nothing goes out.
    Stopped(Vec<Hold>),
}

/// The gateways by which the shop's own people are written to, in the owner's order. `country` is the shop's.
#[must_use]
pub fn ways(rules: &Rules, gateways: &Registry, country: &str) -> Vec<&'static str> {
    // Any number of the country does: what a gateway reaches is told by its code.
    let own = Phone::from_e164(if country == "IR" { "+989120000000" } else { "+12025550100" });
    let reaches = |name: &&'static str| {
        gateways.named(name).is_some_and(|gateway| own.as_ref().is_none_or(|own| gateway.reaches(own, false)))
    };
    rules.settings.gateway.iter().map(|used| used.which.name()).filter(reaches).collect()
}

impl Standing {
    /// `ways` are in the owner's order, as of [`ways`].
    #[must_use]
    pub fn of(holds: &[Hold], ways: &[&'static str], now: At) -> Standing {
        if let Some(all) = holds.iter().find(|hold| hold.scope == HoldScope::All && hold.is_in_force(now)) {
            return Standing::Stopped(vec![all.clone()]);
        }
        let (mut shut, mut by) = (Vec::new(), None);
        for name in ways {
            let Some(hold) = holds.iter().find(|hold| shuts(hold, name, now)) else {
                by = by.or(Some(*name));
                continue;
            };
            shut.push(hold.clone());
            if by.is_none() && hold.scope.is_silence() {
                // On a doubt nobody behind it is asked.
                return Standing::Stopped(shut);
            }
        }
        match by {
            _ if shut.is_empty() => Standing::Free,
            Some(by) => Standing::Detour { shut, by },
            None => Standing::Stopped(shut),
        }
    }

    /// By which gateway the texts go that this one would have taken; `None` when they wait for it.
    #[must_use]
    pub fn instead_of(&self, gateway: &str) -> Option<&'static str> {
        match self {
            Standing::Detour { shut, by } if shut.iter().any(|hold| is_at(hold, gateway)) => Some(by),
            _ => None,
        }
    }

    /// Why nothing goes out, if nothing does.
    #[must_use]
    pub fn stopped(&self) -> Option<String> {
        let Standing::Stopped(shut) = self else { return None };
        let each = shut.iter().map(|hold| {
            let waits = if hold.scope.is_silence() { ": texts wait for it, and go by no other" } else { "" };
            format!("{}{waits} ({})", hold.why, hold.scope)
        });
        Some(each.collect::<Vec<_>>().join("; "))
    }

    /// What is wrong though texts go out.
    #[must_use]
    pub fn detour(&self) -> Option<String> {
        let Standing::Detour { shut, by } = self else { return None };
        let each: Vec<String> = shut.iter().map(|hold| format!("{} ({})", hold.why, hold.scope)).collect();
        Some(format!("{}; texts go by {by} meanwhile", each.join("; ")))
    }
}

fn is_at(hold: &Hold, gateway: &str) -> bool {
    matches!(&hold.scope, HoldScope::Gateway(name, _) if name == gateway)
}

fn shuts(hold: &Hold, gateway: &str, now: At) -> bool {
    let goes_on = hold.until.is_none_or(|until| hold.since <= now && now < until.plus(TRIAL));
    is_at(hold, gateway)
        && hold.scope.is_grave()
        && goes_on
        && (!hold.scope.is_silence() || now.since(hold.since) >= LASTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(scope: &str, since: i64, until: Option<i64>) -> Hold {
        let minutes = |n| At(n * 60_000);
        Hold { scope: scope.parse().unwrap(), why: "so".to_owned(), since: minutes(since), until: until.map(minutes) }
    }

    #[test]
    fn a_gateway_that_is_shut_stops_nothing_while_another_is_open() {
        let now = At(60 * 60_000);
        let of = |holds: &[Hold]| Standing::of(holds, &["first", "second"], now);
        let credit = |name: &str| hold(&format!("{name}/credit"), 0, None);
        assert_eq!(of(&[]), Standing::Free);
        let detour = of(&[credit("first")]);
        assert_eq!((detour.stopped(), detour.instead_of("first")), (None, Some("second")));
        assert_eq!(detour.detour().as_deref(), Some("so (first/credit); texts go by second meanwhile"));
        assert_eq!(of(&[credit("second")]).instead_of("second"), Some("first"));
        let stopped = of(&[credit("first"), credit("second")]).stopped();
        assert_eq!(stopped.as_deref(), Some("so (first/credit); so (second/credit)"));
        assert!(of(&[hold("all", 0, None)]).stopped().is_some());
        assert_eq!(of(&[hold("first/template:x", 0, None), hold("campaign:x", 0, None)]), Standing::Free);
        assert_eq!(of(&[credit("gone")]), Standing::Free, "one that is not in use stops nothing");
    }

    #[test]
    fn silence_stops_after_ten_minutes_and_those_behind_it_too() {
        let silent = [hold("first/silence", 0, Some(60))];
        let at = |minute: i64| Standing::of(&silent, &["first", "second"], At(minute * 60_000));
        assert_eq!(at(9), Standing::Free);
        assert!(at(10).stopped().is_some_and(|why| why.contains("texts wait for it, and go by no other")));
        assert!(at(61).stopped().is_some(), "one message tries it");
        assert_eq!(at(63), Standing::Free, "nothing waits for it");
        let behind = [hold("second/silence", 0, Some(60))];
        assert!(Standing::of(&behind, &["first", "second"], At(30 * 60_000)).stopped().is_none());
    }
}
