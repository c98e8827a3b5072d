//! Which gateway a message goes by: the first of the owner's order that reaches the number, is not held, and has room.
//!
//! A gateway that refuses for a reason of its own is held, by scope; so the next look here takes the one behind it. One that
//! refuses the message or the person is not asked around: nobody else would be right to take it.

use anyhow::Result;

use super::gate::REST;
use super::gateway::{Body, StopScope};
use crate::campaign::model::{Kind, ProviderTemplate, Step};
use crate::clock::{At, Span};
use crate::phone::Phone;
use crate::settings::model::Line;
use crate::state::model::{Hold, HoldScope, Reason};

/// The span in which a gateway's `per_minute` is counted.
const MINUTE: Span = Span::minutes(1);

/// One gateway as far as the gate must know it.
#[derive(Clone, Copy)]
pub struct Way<'a> {
    pub name: &'a str,
    pub line: &'a Line,
    pub per_minute: Option<u32>,
    /// Calls that may be under way at one time, and how many texts fit into one. Templates go one by one.
    pub calls: usize,
    pub batch: usize,
    /// It can send a provider's approved template.
    pub templates: bool,
    /// Whether it delivers to a number, by text or (`true`) by template.
    pub reaches: &'a (dyn Fn(&Phone, bool) -> bool + 'a),
}

impl Way<'_> {
    /// The step's template that goes out by this gateway, with its place among the step's.
    #[must_use]
    pub fn template<'s>(&self, step: &'s Step) -> Option<(usize, &'s ProviderTemplate)> {
        step.template_for(self.name).filter(|_| self.templates)
    }

    /// How much of a call this body takes, in parts of a full one.
    pub(super) fn share(&self, body: &Body) -> usize {
        match body {
            Body::Text(_) => 1,
            Body::Template { .. } => self.batch,
        }
    }

    fn is_held(&self, template: Option<&ProviderTemplate>, phone: &Phone, scope: &HoldScope) -> bool {
        let HoldScope::Gateway(name, what) = scope else { return false };
        *name == self.name
            && match (what, template) {
                (StopScope::Account | StopScope::Credit, _)
                | (StopScope::Line | StopScope::Links, None)
                | (StopScope::Templates, Some(_)) => true,
                (StopScope::Template(held), Some(template)) => *held == template.name,
                (StopScope::Region(code), _) => phone.e164().trim_start_matches('+').starts_with(code.as_str()),
                _ => false,
            }
    }
}

/// What is to be sent, as far as it matters which way.
pub(super) struct Wanted<'a> {
    pub step: &'a Step,
    pub phone: &'a Phone,
    /// The number is known to refuse advertising.
    pub blocked: bool,
    /// Whether this gateway has it was once in doubt: only there, where our reference is known, it cannot arrive twice.
    pub bound_to: Option<&'a str>,
}

pub(super) enum Choice<'a> {
    Way(&'a Way<'a>),
    /// Held, or too fast: when to look again.
    Wait(At, Reason),
    /// Never.
    None(Reason),
}

/// Chooses; `handed(gateway, since, limit)` says when messages were handed to a gateway after `since`.
pub(super) fn choose<'a>(
    ways: &'a [Way<'a>],
    wanted: &Wanted<'_>,
    holds: &[Hold],
    now: At,
    handed: impl Fn(&str, At, usize) -> Result<Vec<At>>,
) -> Result<Choice<'a>> {
    let mut none = Reason::OutOfReach;
    let mut wait: Option<(At, Reason)> = None;
    for way in ways.iter().filter(|way| wanted.bound_to.is_none_or(|name| name == way.name)) {
        let template = way.template(wanted.step).map(|(_, template)| template).filter(|_| wanted.bound_to.is_none());
        if !(way.reaches)(wanted.phone, template.is_some()) {
            continue;
        }
        // An advertisement is not sent round a block by calling it a template.
        if wanted.blocked && !(wanted.step.kind == Kind::Service && template.is_some()) {
            none = Reason::Blocked;
            continue;
        }
        // A doubt is no refusal: the preferred gateway is waited for.
        let silent = |hold: &&Hold| hold.scope == HoldScope::Gateway(way.name.to_owned(), StopScope::Silence);
        if let Some(until) = holds.iter().find(silent).and_then(|hold| hold.until) {
            return Ok(Choice::Wait(until, Reason::OnHold));
        }
        let held = holds.iter().filter(|hold| way.is_held(template, wanted.phone, &hold.scope));
        let free = match held.map(|hold| hold.until.unwrap_or(now.plus(REST))).max() {
            Some(until) => Err((until, Reason::OnHold)),
            None => room(way, now, &handed)?,
        };
        match free {
            Ok(()) => return Ok(Choice::Way(way)),
            // Too fast is no refusal: the preferred gateway is waited for.
            Err((until, Reason::RateLimit)) => return Ok(Choice::Wait(until, Reason::RateLimit)),
            Err(until) => wait = Some(wait.map_or(until, |known| known.min(until))),
        }
    }
    Ok(wait.map_or(Choice::None(none), |(until, reason)| Choice::Wait(until, reason)))
}

fn room(
    way: &Way<'_>,
    now: At,
    handed: &impl Fn(&str, At, usize) -> Result<Vec<At>>,
) -> Result<std::result::Result<(), (At, Reason)>> {
    let Some(most) = way.per_minute.and_then(|n| usize::try_from(n).ok()) else { return Ok(Ok(())) };
    let mut lately = handed(way.name, now.minus(MINUTE), usize::MAX)?;
    // Later than that a clock has written that ran ahead and was put right.
    lately.retain(|at| *at <= now.plus(MINUTE));
    // When the one that fills the last place leaves the span, there is room for one more.
    Ok(match lately.len().checked_sub(most).and_then(|place| lately.get(place)) {
        Some(oldest) => Err((oldest.plus(MINUTE), Reason::RateLimit)),
        None => Ok(()),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;
    use crate::campaign::check::{CheckContext, load};
    use crate::campaign::model::Language;
    use crate::campaign::shipped;
    use crate::settings::check::{Outside, without_file};

    fn outside() -> Outside<'static> {
        Outside {
            folder: Path::new("."),
            environment: BTreeMap::new(),
            credentials: BTreeMap::new(),
            read: &|_| Err(std::io::ErrorKind::NotFound.into()),
        }
    }

    fn way<'a>(
        name: &'a str,
        per_minute: Option<u32>,
        line: &'a Line,
        all: &'a dyn Fn(&Phone, bool) -> bool,
    ) -> Way<'a> {
        Way { name, line, per_minute, calls: 1, batch: 1, templates: false, reaches: all }
    }

    /// The name of the gateway chosen, or what is waited for, when the first one sent one text ten seconds ago.
    fn chosen(first_per_minute: Option<u32>, holds: &[Hold]) -> Result<String, (At, Reason)> {
        let settings = without_file(&outside()).settings.expect("the settings without a file");
        let source = shipped::campaigns(Language::Persian);
        let campaigns =
            load("c", source, &CheckContext { settings: &settings, told: None }).campaigns.expect("shipped");
        let step = &campaigns.list[0].steps[0];
        let reaches = |_: &Phone, _| true;
        let line = settings.gateway.line();
        let ways = [way("first", first_per_minute, line, &reaches), way("second", None, line, &reaches)];
        let phone = Phone::from_e164("+989120000001").expect("a number");
        let wanted = Wanted { step, phone: &phone, blocked: false, bound_to: None };
        let now = At(1_000_000);
        match choose(&ways, &wanted, holds, now, |_, _, _| Ok(vec![now.minus(Span::seconds(10))])).expect("chosen") {
            Choice::Way(way) => Ok(way.name.to_owned()),
            Choice::Wait(until, reason) => Err((until, reason)),
            Choice::None(reason) => Err((At::NEVER, reason)),
        }
    }

    #[test]
    fn a_gateway_that_is_only_too_fast_is_waited_for_and_no_other_takes_its_texts() {
        assert_eq!(chosen(Some(2), &[]).as_deref(), Ok("first"));
        assert_eq!(chosen(Some(1), &[]), Err((At(1_000_000).plus(Span::seconds(50)), Reason::RateLimit)));
    }

    #[test]
    fn one_that_refused_is_passed_over_and_one_that_is_silent_is_not() {
        let hold = |what| Hold {
            scope: HoldScope::Gateway("first".into(), what),
            why: String::new(),
            since: At(0),
            until: Some(At(2_000_000)),
        };
        assert_eq!(chosen(None, &[hold(StopScope::Credit)]).as_deref(), Ok("second"));
        assert_eq!(chosen(None, &[hold(StopScope::Silence)]), Err((At(2_000_000), Reason::OnHold)));
    }
}
