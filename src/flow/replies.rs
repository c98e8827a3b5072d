//! What follows when somebody answers a text: by SMS, or on the page behind its link.
//!
//! A reply by SMS is to the newest question this person was put, one that still takes answers; else to the newest text. What is
//! tapped on the page is to the text whose link led there.

use anyhow::Result;

use super::note;
use crate::campaign::answers::{Ask, OTHER, Other};
use crate::clock::{At, Span};
use crate::decide::questions::{self, SLACK};
use crate::phone::Phone;
use crate::receive::event::Answered;
use crate::render::names;
use crate::rules::Rules;
use crate::state::model::{
    Asked, ContactId, Enrolment, EnrolmentState, Message, MessageId, MessageState, Reason, StaffWord,
};
use crate::state::world::World;

/// No question takes answers longer than this.
const LONGEST_ASK: Span = Span::days(30);
/// Of a long reply the staff get the beginning, in characters: two parts or three. All of it stands in `contact export`.
const MOST_TOLD: usize = 140;
/// So many replies to one question are told: somebody may pay for each.
const TOLD: u8 = 3;
/// A text that is older than this is not what somebody writes back to.
const LONGEST_REPLY: Span = Span::days(7);

/// Hears one person's answer.
///
/// # Errors
/// The world's.
pub fn hear<W: World + ?Sized>(
    world: &mut W,
    rules: &Rules,
    contact: ContactId,
    told: &Answered,
    at: At,
    now: At,
) -> Result<()> {
    let heard = match (&told.link, &told.answer, &told.text) {
        (Some(slug), Some(label), _) => tapped(world, rules, contact, slug, label, at)?,
        (_, _, Some(text)) => written(world, rules, contact, text, at)?,
        _ => None,
    };
    let Some(Heard { message, enrolment, answer, is_for_staff }) = heard else { return Ok(()) };
    if is_for_staff {
        tell_staff(world, &message, told.text.as_deref().unwrap_or_default(), now)?;
    }
    let Some(mut enrolment) = enrolment else { return Ok(()) };
    enrolment.replied.get_or_insert(at);
    let reason = match answer {
        Some(Said { label, decides }) => {
            if let Some(asked) = enrolment.asked.get_mut(&message.step) {
                asked.answer = Some(label.clone());
                asked.answered = Some(at);
            }
            if decides {
                enrolment.wake = Some(now);
            }
            if label == OTHER { (Reason::WroteBack, None) } else { (Reason::Answered, Some(label)) }
        }
        None => (Reason::WroteBack, None),
    };
    world.put_enrolment(&enrolment)?;
    note(world, &enrolment, Some(message.id), Some(&message.step), reason.0, reason.1, now)
}

/// Tells a reply, with what the staff need to write back. Who writes on and on is read in the record.
fn tell_staff<W: World + ?Sized>(world: &mut W, message: &Message, reply: &str, now: At) -> Result<()> {
    let Some(contact) = world.contact(message.contact)? else { return Ok(()) };
    let reply = names::shorten(reply, MOST_TOLD);
    let number = contact.phone.as_ref().map(Phone::national);
    // A name is what its bearer says it is.
    let name = contact.first_name.as_deref().and_then(names::first_name);
    let text = format!("{}: {reply}", [name, number].into_iter().flatten().collect::<Vec<_>>().join(" "));
    for n in 1..=TOLD {
        let told = StaffWord {
            enrolment: message.enrolment,
            contact: message.contact,
            campaign: message.campaign.clone(),
            step: format!("{}:{n}", message.step),
            text: text.clone(),
            at: now,
        };
        if world.tell_staff(&told)? {
            break;
        }
    }
    Ok(())
}

/// To which text of which way somebody answered.
struct Heard {
    message: Message,
    /// None: it has ended.
    enrolment: Option<Enrolment>,
    /// None: nothing was asked, or nothing is taken any more.
    answer: Option<Said>,
    /// Somebody is to read it.
    is_for_staff: bool,
}

struct Said {
    label: String,
    /// The way goes on by it.
    decides: bool,
}

fn tapped<W: World + ?Sized>(
    world: &W,
    rules: &Rules,
    contact: ContactId,
    slug: &str,
    label: &str,
    at: At,
) -> Result<Option<Heard>> {
    let Some(link) = world.link(slug)?.filter(|link| link.contact == contact) else { return Ok(None) };
    let Some(message) = world.message(link.message)? else { return Ok(None) };
    let Some(enrolment) = open_way(world, &message)? else { return Ok(None) };
    let said = open_question(rules, &message, &enrolment, at).and_then(|ask| ask.labelled(label));
    let answer = said.map(|answer| Said { label: answer.label.clone(), decides: true });
    // What is tapped when it is not asked any more is nobody's answer.
    Ok(answer.map(|answer| Heard { message, enrolment: Some(enrolment), answer: Some(answer), is_for_staff: false }))
}

fn written<W: World + ?Sized>(
    world: &W,
    rules: &Rules,
    contact: ContactId,
    text: &str,
    at: At,
) -> Result<Option<Heard>> {
    let handed = world.credit_candidates(contact, at.minus(LONGEST_ASK))?.into_iter().map(|(message, _)| message);
    let mut handed: Vec<Message> = handed.filter(|m| m.handed.is_some_and(|handed| handed <= at.plus(SLACK))).collect();
    let question = handed.iter().position(|message| ask_of(rules, message).is_some());
    if let Some(place) = question {
        let message = handed.swap_remove(place);
        if let Some(enrolment) = open_way(world, &message)?
            && let Some(ask) = open_question(rules, &message, &enrolment, at)
        {
            let answer = Some(match ask.answer(text) {
                Some(answer) => Said { label: answer.label.clone(), decides: true },
                None => Said { label: OTHER.to_owned(), decides: ask.other != Other::Tell },
            });
            let is_for_staff = answer.as_ref().is_some_and(|said| !said.decides);
            return Ok(Some(Heard { message, enrolment: Some(enrolment), answer, is_for_staff }));
        }
        handed.push(message);
    }
    let newest = handed.into_iter().max_by_key(|message| (message.handed, message.id));
    let lately = |m: &Message| m.handed.is_some_and(|handed| at.since(handed) <= LONGEST_REPLY);
    let Some(message) = newest.filter(lately) else { return Ok(None) };
    // Too late to lead anywhere; but who was asked and writes is not left unheard.
    let is_for_staff =
        ask_of(rules, &message).is_some_and(|ask| ask.other == Other::Tell && ask.answer(text).is_none());
    let enrolment = open_way(world, &message)?;
    Ok(Some(Heard { message, enrolment, answer: None, is_for_staff }))
}

fn ask_of<'r>(rules: &'r Rules, message: &Message) -> Option<&'r Ask> {
    rules.campaigns.get(&message.campaign)?.step(&message.step)?.ask.as_ref()
}

/// The message's question, if it still takes an answer.
fn open_question<'r>(rules: &'r Rules, message: &Message, enrolment: &Enrolment, at: At) -> Option<&'r Ask> {
    let campaign = rules.campaigns.get(&message.campaign)?;
    ask_of(rules, message).filter(|_| questions::takes_answer(campaign, enrolment, &message.step, at))
}

fn open_way<W: World + ?Sized>(world: &W, message: &Message) -> Result<Option<Enrolment>> {
    Ok(world.enrolment(message.enrolment)?.filter(|enrolment| enrolment.state != EnrolmentState::Ended))
}

/// The question's text is planned: the way waits for it to go out.
pub(super) fn plan(enrolment: &mut Enrolment, step: &str, expires: At) {
    enrolment.asked.insert(step.to_owned(), Asked::planned(expires));
}

/// The question's text was handed over: answers are taken from now on.
pub fn ask(enrolment: &mut Enrolment, step: &str, ask: &Ask, now: At) {
    let until = now.plus(ask.time);
    enrolment.asked.insert(step.to_owned(), Asked { asked: Some(now), until, answer: None, answered: None });
    enrolment.wake = Some(until);
}

/// The text waits longer for its hour: so does the way.
pub fn put_off(enrolment: &mut Enrolment, step: &str, expires: At) {
    if let Some(asked) = enrolment.asked.get_mut(step).filter(|asked| asked.asked.is_none()) {
        asked.until = asked.until.max(At(expires.0.saturating_add(1)));
    }
}

/// The message did not reach anybody, as it turned out: its question was not put.
///
/// # Errors
/// The world's.
pub fn not_put<W: World + ?Sized>(world: &mut W, id: MessageId, now: At) -> Result<()> {
    let Some(message) = world.message(id)? else { return Ok(()) };
    let Some(mut enrolment) = open_way(world, &message)? else { return Ok(()) };
    let changed = match message.state {
        MessageState::Failed => give_up(&mut enrolment, &message.step, now),
        MessageState::Scheduled => wait_again(&mut enrolment, &message.step, message.expires),
        _ => false,
    };
    if changed { world.put_enrolment(&enrolment) } else { Ok(()) }
}

/// The text waits to go out, as it did before it was handed over in vain.
fn wait_again(enrolment: &mut Enrolment, step: &str, expires: At) -> bool {
    let Some(asked) = enrolment.asked.get_mut(step).filter(|asked| asked.answer.is_none()) else { return false };
    *asked = Asked::planned(expires);
    enrolment.wake = Some(asked.until);
    true
}

/// The text will not go out: the way goes on at once.
pub fn give_up(enrolment: &mut Enrolment, step: &str, now: At) -> bool {
    let Some(asked) = enrolment.asked.get_mut(step).filter(|asked| asked.answer.is_none()) else { return false };
    asked.until = now;
    enrolment.wake = enrolment.wake.map(|wake| wake.min(now));
    true
}
