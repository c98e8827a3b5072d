//! Of two texts for one person, the more valuable one goes.

use super::engine::{self, Mind};
use super::facts::Facts;
use super::steps;
use super::triggers;
use crate::campaign::model::{Campaign, Kind};
use crate::clock::{At, Span};
use crate::schedule::caps;
use crate::schedule::due::{self, Since};
use crate::settings::model::Caps;
use crate::state::model::{Enrolment, Message, Reason};

/// How soon a text is looked at again that gives way to one that is due as well.
const SOON: Span = Span::minutes(1);

/// A text of a higher priority that this person is to get.
struct Rival {
    due: At,
    expires: At,
}

/// Until when a marketing text that could go now gives way; `None`: it goes.
///
/// It gives way to a more valuable one that is due as well, and to one that comes later and that the caps would then keep
/// from going until it is stale. What can still go in time behind this one is no reason to wait. `waiting`: the person's
/// scheduled messages; `handed`: when texts were handed over to them, oldest first.
#[must_use]
pub fn gives_way(
    mind: Mind<'_>,
    limits: &Caps,
    campaign: &Campaign,
    facts: &Facts,
    waiting: &[Message],
    handed: &[At],
) -> Option<At> {
    let tz = mind.shop.timezone;
    let mut with_this = handed.to_vec();
    with_this.push(facts.now);
    rivals(mind, campaign, facts, waiting)
        .filter_map(|rival| {
            if rival.due <= facts.now {
                return Some(facts.now.plus(SOON));
            }
            // Alone it would find room in time; behind this text it would not.
            let alone = caps::next_room(limits, tz, handed, rival.due);
            let behind = caps::next_room(limits, tz, &with_this, rival.due);
            (alone <= rival.expires && behind > rival.expires).then_some(rival.due)
        })
        .min()
}

fn rivals<'a>(
    mind: Mind<'a>,
    campaign: &'a Campaign,
    facts: &'a Facts,
    waiting: &'a [Message],
) -> impl Iterator<Item = Rival> + 'a {
    let above = move |id: &str| mind.campaigns.get(id).filter(|c| c.enabled && c.priority > campaign.priority);
    let planned = waiting.iter().filter_map(move |message| {
        let step = above(&message.campaign)?.step(&message.step)?.variant(message.arm.as_deref())?;
        let counts = step.kind == Kind::Marketing && may_go_soon(message) && message.expires >= facts.now;
        counts.then_some(Rival { due: message.next_try.max(message.due), expires: message.expires })
    });
    let coming = facts
        .enrolments
        .iter()
        .filter_map(move |enrolment| next_text(mind, above(&enrolment.campaign)?, enrolment, facts));
    planned.chain(coming)
}

/// What waits for its moment or for room, not for something that may never happen.
fn may_go_soon(message: &Message) -> bool {
    matches!(
        message.reason,
        None | Some(
            Reason::NotDueYet
                | Reason::OutsideHours
                | Reason::CapGap
                | Reason::CapDay
                | Reason::CapWeek
                | Reason::CapMonth
                | Reason::RetryLater
                | Reason::RateLimit
                | Reason::AnotherOnItsWay
                | Reason::GivesWay
        )
    )
}

/// The next text of a way that has not been planned yet.
fn next_text(mind: Mind<'_>, campaign: &Campaign, enrolment: &Enrolment, facts: &Facts) -> Option<Rival> {
    let anchor = triggers::anchor(campaign, enrolment, facts);
    if enrolment.held_out {
        return None;
    }
    let step = steps::next(campaign, enrolment).map(|step| steps::variant(step, enrolment));
    let step = step.filter(|step| step.text.is_some() && step.kind == Kind::Marketing)?;
    // One that is to be passed over keeps nothing back.
    if engine::condition(mind, campaign, step, enrolment, facts) != Ok(true) {
        return None;
    }
    let due = due::due(Since { anchor, left: enrolment.left }, step, mind.shop.timezone);
    let expires = due::expires(due, step, mind.hours, mind.shop.timezone);
    // Nothing comes of it before it wakes: it may be kept waiting, or sleep by a delay that has since been shortened.
    Some(Rival { due: due.max(enrolment.wake.unwrap_or(At::NEVER)), expires })
        .filter(|rival| rival.due <= rival.expires && rival.expires >= facts.now)
}
