//! What became of a message, written down.

use anyhow::Result;

use super::gateway::{Answer, Delivery, Known, Refusal, Report, StopScope};
use crate::clock::{At, Span};
use crate::flow::{people, replies};
use crate::measure::credit;
use crate::state::model::{Decision, Hold, HoldScope, Message, MessageId, MessageState, OptOut, OptOutScope, Reason};
use crate::state::world::{Row, World};

/// After a sure refusal for a passing reason: when the same message may be handed over again.
const RETRIES: [Span; 2] = [Span::minutes(1), Span::minutes(5)];
/// And from then on, until its best-before: a line that is down for an hour must not burn what was due in it.
const LAST_RETRIES: Span = Span::minutes(20);
/// How long a gateway rests that cannot be reached: at first, and at most.
const RESTS: (Span, Span) = (Span::minutes(1), Span::minutes(20));
/// After the hand-over: when the gateway is asked what became of the message.
const QUESTIONS: [Span; 5] = [Span::minutes(6), Span::minutes(30), Span::hours(3), Span::hours(12), Span::hours(40)];
/// How long a question waits for its answer before it is asked anew.
const WHILE_ASKING: Span = Span::minutes(2);
/// So long before a gateway forgets our references nothing is handed over again that relies on them.
const DEDUPE_MARGIN: Span = Span::minutes(30);
/// A gateway that cannot tell is not asked any more after this.
const GIVEN_UP_AFTER: Span = Span::hours(12);
/// A gateway that does not know a reference this long after the call never took the message.
const NEVER_ARRIVED_AFTER: Span = Span::minutes(10);

/// When the gateway is next asked about a message handed over at `handed`.
#[must_use]
pub fn next_question(handed: At, now: At) -> At {
    QUESTIONS.iter().map(|age| handed.plus(*age)).find(|t| *t > now).unwrap_or(At::NEVER)
}

/// The gateway's answer to a hand-over.
///
/// # Errors
/// The world's.
pub fn settle<W: World + ?Sized>(world: &mut W, id: MessageId, answer: &Answer, now: At) -> Result<()> {
    // An answer to a message that is no longer waiting for one (a push was quicker) changes nothing.
    let Some(message) = world.message(id)?.filter(|m| m.state == MessageState::Sending) else { return Ok(()) };
    let handed = message.handed.unwrap_or(now);
    match answer {
        Answer::Accepted(receipt) => {
            let accepted = Message {
                state: MessageState::Sent,
                gateway_id: Some(receipt.gateway_id.clone()),
                cost: receipt.cost.or(message.cost),
                next_try: next_question(handed, now),
                reason: None,
                ..message.clone()
            };
            world.put_message(&accepted)?;
            is_up(world, message.gateway.as_deref())?;
            line(world, &message, Reason::Accepted, None, now)?;
            delivered_or_not(world, &accepted, receipt.state, now)
        }
        Answer::Open(why) => {
            world.put_message(&Message {
                state: MessageState::Unknown,
                doubted: true,
                reason: Some(Reason::NoAnswer),
                next_try: next_question(handed, now),
                ..message.clone()
            })?;
            rest(world, &message, StopScope::Silence, why, now)?;
            line(world, &message, Reason::NoAnswer, Some(why.clone()), now)
        }
        Answer::Refused(refusal) => refused(world, &message, refusal, now),
    }
}

fn refused<W: World + ?Sized>(world: &mut W, message: &Message, refusal: &Refusal, now: At) -> Result<()> {
    put_back(world, message, refusal, now)?;
    replies::not_put(world, message.id, now)?;
    people::settle_price(world, message.id, now)
}

fn put_back<W: World + ?Sized>(world: &mut W, message: &Message, refusal: &Refusal, now: At) -> Result<()> {
    // Not accepted for sure: it costs nothing and counts against no cap.
    // Free to go by another gateway, unless this one was once in doubt about it.
    let gateway = message.gateway.clone().filter(|_| message.doubted);
    let back = Message { handed: None, gateway, gateway_id: None, ..message.clone() };
    match refusal {
        Refusal::Later { after, why } => {
            let attempt = usize::try_from(message.attempts.saturating_sub(1)).unwrap_or(usize::MAX);
            let pause = RETRIES.get(attempt).copied().unwrap_or(LAST_RETRIES);
            let asked = after.map_or(Span::ZERO, |d| Span(i64::try_from(d.as_millis()).unwrap_or(i64::MAX)));
            world.put_message(&Message {
                state: MessageState::Scheduled,
                next_try: now.plus(pause.max(asked)).min(At(message.expires.0.saturating_add(1))).max(At(now.0 + 1)),
                reason: Some(Reason::RetryLater),
                ..back
            })?;
            line(world, message, Reason::RetryLater, Some(why.clone()), now)
        }
        Refusal::Never { why } => fail(world, &back, Reason::Refused, Some(why.clone()), now),
        Refusal::Blocked { why } => {
            block(world, message, now)?;
            fail(world, &back, Reason::Blocked, Some(why.clone()), now)
        }
        Refusal::Mistake { why } => fail(world, &back, Reason::GatewayMistake, Some(why.clone()), now),
        Refusal::OptedOut { why } => {
            opted_out(world, message, now)?;
            fail(world, &back, Reason::OptedOut, Some(why.clone()), now)
        }
        Refusal::Down { why } => {
            let hold = rest(world, message, StopScope::Account, why, now)?;
            hold_back(world, message, &back, &hold, why, now)
        }
        Refusal::Stop { scope, why } => {
            // A line that refuses a template has none for it: texts may still go.
            let scope = if message.templated && *scope == StopScope::Line { &StopScope::Templates } else { scope };
            let hold = stop(world, message, scope.clone(), why, now)?;
            hold_back(world, message, &back, &hold, why, now)
        }
    }
}

/// The message waits for its gateway, or goes by another: the gate's next look finds out.
fn hold_back<W: World + ?Sized>(
    world: &mut W,
    message: &Message,
    back: &Message,
    hold: &Hold,
    why: &str,
    now: At,
) -> Result<()> {
    // One that went although the hold was there is not stopped by it, and must not run in a circle.
    let was_held = message.handed.is_some_and(|handed| hold.since < handed);
    world.put_message(&Message {
        state: MessageState::Scheduled,
        next_try: if was_held { now.plus(RESTS.0) } else { now },
        reason: Some(Reason::OnHold),
        // A refusal that concerns us, not the message, uses up none of its tries.
        attempts: back.attempts.saturating_sub(1),
        ..back.clone()
    })?;
    line(world, back, Reason::OnHold, Some(format!("{}: {why}", hold.scope)), now)
}

/// Nothing of this scope goes by this gateway until it is lifted.
fn stop<W: World + ?Sized>(world: &mut W, message: &Message, scope: StopScope, why: &str, now: At) -> Result<Hold> {
    let gateway = message.gateway.clone().unwrap_or_default();
    let scope = HoldScope::Gateway(gateway, scope);
    // What was let go for a try is the same trouble when the try meets it again: its age is what the owner is told by. It ends
    // with a text that is accepted.
    let since = world.holds()?.into_iter().find(|hold| hold.scope == scope).map_or(now, |hold| hold.since.min(now));
    let hold = Hold { scope, why: why.to_owned(), since, until: None };
    world.put_hold(&hold)?;
    Ok(hold)
}

/// The gateway could not be reached, or says nothing clear: it rests, the longer the longer this goes on.
fn rest<W: World + ?Sized>(world: &mut W, message: &Message, what: StopScope, why: &str, now: At) -> Result<Hold> {
    let gateway = message.gateway.clone().unwrap_or_default();
    let scope = HoldScope::Gateway(gateway, what);
    let known = world.holds()?.into_iter().find(|hold| hold.scope == scope);
    // A refusal of the account itself is graver than a line that is down.
    if let Some(graver) = known.as_ref().filter(|hold| hold.until.is_none()) {
        return Ok(graver.clone());
    }
    // An outage of long ago says nothing of this one.
    let goes_on = |hold: &Hold| hold.until.is_some_and(|until| now.since(until) <= RESTS.1 && hold.since <= now);
    let since = known.filter(goes_on).map_or(now, |hold| hold.since);
    let pause = now.since(since).max(RESTS.0).min(RESTS.1);
    let hold = Hold { scope, why: why.to_owned(), since, until: Some(now.plus(pause)) };
    world.put_hold(&hold)?;
    Ok(hold)
}

/// It has answered, so it is not down.
fn is_up<W: World + ?Sized>(world: &mut W, gateway: Option<&str>) -> Result<()> {
    let Some(gateway) = gateway else { return Ok(()) };
    for hold in world.holds()? {
        if hold.until.is_some() && matches!(&hold.scope, HoldScope::Gateway(name, _) if name == gateway) {
            tracing::info!(hold.scope = %hold.scope, "the gateway works again: this hold is over");
            world.lift_hold(&hold.scope)?;
        }
    }
    Ok(())
}

/// A delivery report, asked for or pushed. Later words never undo a final one.
///
/// # Errors
/// The world's.
pub fn news<W: World + ?Sized>(world: &mut W, gateway: &str, report: &Report, now: At) -> Result<()> {
    let by_id = match &report.gateway_id {
        Some(id) => world.message_by_gateway_id(gateway, id)?,
        None => None,
    };
    let found = match (by_id, report.reference) {
        (None, Some(reference)) => world.message_by_reference(reference)?,
        (found, _) => found,
    };
    // Another gateway may have refused it under the same reference before.
    let Some(message) = found.filter(|m| m.gateway.as_deref() == Some(gateway)) else { return Ok(()) };
    // Held never to have arrived, and here is word of it: it did, and must not go again.
    let taken_back = message.doubted && message.handed.is_none() && report.state != Delivery::Unknown;
    if !taken_back && !matches!(message.state, MessageState::Sending | MessageState::Sent | MessageState::Unknown) {
        return Ok(());
    }
    if let (Delivery::Failed, Some((StopScope::Credit, why))) = (report.state, &report.stop) {
        // Taken, and then not sent for want of money: as good as refused, and it costs nothing.
        return refused(world, &message, &Refusal::Stop { scope: StopScope::Credit, why: why.clone() }, now);
    }
    let handed = message.handed.unwrap_or(now);
    let mut told = Message {
        gateway_id: message.gateway_id.clone().or_else(|| report.gateway_id.clone()),
        cost: report.cost.or(message.cost),
        handed: Some(handed),
        settled: None,
        ..message.clone()
    };
    if report.refunded {
        // In the forecast's currency: that is what the budget counts.
        told.cost = told.price.or(told.cost).map(|c| crate::money::Money { minor: 0, ..c });
    }
    // Any word about it means that the gateway has it.
    if matches!(report.state, Delivery::Queued | Delivery::Sent)
        || (message.state != MessageState::Sent && report.state != Delivery::Unknown)
    {
        told.state = MessageState::Sent;
        told.reason = None;
    }
    told.next_try = next_question(handed, now);
    world.put_message(&told)?;
    people::settle_price(world, told.id, now)?;
    if told.state == MessageState::Sent && message.state != MessageState::Sent {
        tracing::info!(message.id = message.id.0, gateway, "found: the gateway has it");
        line(world, &told, Reason::Accepted, Some(format!("found at {gateway}")), now)?;
    }
    if let Some((scope, why)) = &report.stop {
        stop(world, &told, scope.clone(), why, now)?;
    }
    if report.opted_out {
        opted_out(world, &told, now)?;
    }
    delivered_or_not(world, &told, report.state, now)
}

fn delivered_or_not<W: World + ?Sized>(world: &mut W, message: &Message, state: Delivery, now: At) -> Result<()> {
    match state {
        Delivery::Queued | Delivery::Sent | Delivery::Unknown => Ok(()),
        Delivery::Delivered => {
            let delivered =
                Message { state: MessageState::Delivered, settled: Some(now), next_try: At::NEVER, ..message.clone() };
            world.put_message(&delivered)?;
            line(world, message, Reason::Delivered, None, now)?;
            credit::after_delivery(world, &delivered, now)
        }
        Delivery::Failed => {
            fail(world, message, Reason::Undelivered, None, now)?;
            people::never_arrived(world, message, now)
        }
        Delivery::Blocked => {
            block(world, message, now)?;
            fail(world, message, Reason::Blocked, None, now)?;
            people::never_arrived(world, message, now)
        }
    }
}

/// What a question about our own reference brought.
///
/// # Errors
/// The world's.
pub fn answered<W: World + ?Sized>(
    world: &mut W,
    gateway: &str,
    reference: i64,
    known: &Known,
    dedupes: Option<Span>,
    now: At,
) -> Result<()> {
    let Some(message) = world.message_by_reference(reference)?.filter(|m| m.state == MessageState::Unknown) else {
        return Ok(());
    };
    let handed = message.handed.unwrap_or(now);
    match known {
        Known::Found(report) => news(world, gateway, &Report { reference: Some(reference), ..report.clone() }, now),
        Known::CannotTell if now.since(handed) < GIVEN_UP_AFTER => {
            let next = next_question(handed, now);
            put_off(world, message, next, now)
        }
        Known::CannotTell => put_off(world, message, At::NEVER, now),
        Known::NotFound if message.templated => put_off(world, message, At::NEVER, now),
        Known::NotFound if now.since(handed) < NEVER_ARRIVED_AFTER => {
            put_off(world, message, handed.plus(NEVER_ARRIVED_AFTER), now)
        }
        // Surely not accepted. Where the gateway itself would refuse the same reference twice, it may go once more.
        Known::NotFound
            if dedupes.is_some_and(|d| now.since(handed) < d) && now <= message.expires && message.attempts < 3 =>
        {
            world.put_message(&Message {
                state: MessageState::Scheduled,
                // Later than that the gateway would not know the reference any more.
                expires: dedupes.map_or(message.expires, |d| message.expires.min(handed.plus(d).minus(DEDUPE_MARGIN))),
                handed: None,
                next_try: now,
                reason: Some(Reason::NeverArrived),
                ..message.clone()
            })?;
            replies::not_put(world, message.id, now)?;
            people::settle_price(world, message.id, now)?;
            line(world, &message, Reason::NeverArrived, Some("handed over again under the same reference".into()), now)
        }
        Known::NotFound => {
            let back = Message { handed: None, ..message };
            fail(world, &back, Reason::NeverArrived, None, now)?;
            people::settle_price(world, back.id, now)
        }
    }
}

fn put_off<W: World + ?Sized>(world: &mut W, message: Message, until: At, now: At) -> Result<()> {
    let settled = (until == At::NEVER).then_some(now);
    world.put_message(&Message { next_try: until, settled, ..message })
}

/// Takes the messages whose end is to be asked for now, at most `limit`. Until the answers are written down they are put off,
/// so that nobody asks twice and a gateway that hangs holds up nothing else.
///
/// # Errors
/// The world's.
pub fn take_questions<W: World + ?Sized>(world: &mut W, now: At, limit: usize) -> Result<Vec<Message>> {
    let mut questions = Vec::new();
    for id in world.messages_to_ask(now, limit)? {
        let taken = world.on_its_own(Row::Message(id), now, |world| {
            let message = world.message(id)?;
            if let Some(message) = &message {
                world.put_message(&Message { next_try: now.plus(WHILE_ASKING), ..message.clone() })?;
            }
            Ok(message)
        })?;
        questions.extend(taken.flatten());
    }
    Ok(questions)
}

/// The gateway has answered a question that was taken at `taken`. If it said nothing new, it is asked again at the next age.
///
/// # Errors
/// The world's.
pub fn asked<W: World + ?Sized>(world: &mut W, id: MessageId, taken: At, now: At) -> Result<()> {
    let untouched = |m: &Message| m.next_try == taken.plus(WHILE_ASKING);
    let Some(message) = world.message(id)?.filter(untouched) else { return Ok(()) };
    let next = next_question(message.handed.unwrap_or(taken), taken);
    put_off(world, message, next, now)
}

/// After a start: what an earlier process had handed over without writing down the answer is in doubt.
/// What holds a gateway is tried with one message, since the owner may have mended its cause.
///
/// # Errors
/// The world's.
pub fn recover<W: World + ?Sized>(world: &mut W, now: At) -> Result<usize> {
    let doubtful = doubt(world, "the daemon stopped before the answer", now)?;
    try_held_gateways(world, now)?;
    Ok(doubtful)
}

/// What was handed over and has nobody left who waits for its answer is in doubt, and asked about. Returns how many there were.
///
/// # Errors
/// The world's.
pub fn doubt<W: World + ?Sized>(world: &mut W, why: &str, now: At) -> Result<usize> {
    let mut doubtful = 0;
    loop {
        let open = world.messages_in(MessageState::Sending, 500)?;
        if open.is_empty() {
            break;
        }
        for id in open {
            doubtful += 1;
            world.on_its_own(Row::Message(id), now, |world| doubt_one(world, id, why, now))?;
        }
    }
    Ok(doubtful)
}

fn doubt_one<W: World + ?Sized>(world: &mut W, id: MessageId, why: &str, now: At) -> Result<()> {
    let Some(message) = world.message(id)? else { return Ok(()) };
    world.put_message(&Message {
        state: MessageState::Unknown,
        doubted: true,
        reason: Some(Reason::NoAnswer),
        // Asked about at once: the answer may have been written just before the stop.
        next_try: now,
        ..message.clone()
    })?;
    line(world, &message, Reason::NoAnswer, Some(why.to_owned()), now)
}

/// Every hold that a gateway's answer has set ends now. It stays known until a text is accepted: so one message tries, and not all
/// that waits; and what is no better is as old as it is.
///
/// # Errors
/// The world's.
pub fn try_held_gateways<W: World + ?Sized>(world: &mut W, now: At) -> Result<()> {
    for hold in world.holds()? {
        if hold.scope.is_gateways() && hold.is_in_force(now) {
            tracing::info!(hold.scope = %hold.scope, "this hold ends: a message will try");
            world.put_hold(&Hold { until: Some(now), ..hold })?;
        }
    }
    Ok(())
}

/// A gateway that the owner has taken out of the settings holds nothing up.
///
/// # Errors
/// The world's.
pub fn lift_holds_of_others<W: World + ?Sized>(world: &mut W, used: &[&str]) -> Result<()> {
    for hold in world.holds()? {
        if matches!(&hold.scope, HoldScope::Gateway(name, _) if !used.contains(&name.as_str())) {
            world.lift_hold(&hold.scope)?;
        }
    }
    Ok(())
}

/// The person told the provider to stop; that is as good as telling us.
fn opted_out<W: World + ?Sized>(world: &mut W, message: &Message, now: At) -> Result<()> {
    let Some(phone) = world.contact(message.contact)?.and_then(|c| c.phone) else { return Ok(()) };
    let no = OptOut { at: now, source: "provider".to_owned(), scope: OptOutScope::Everything, until: None, again: now };
    let stands = no.joined(world.opt_out(&phone)?);
    world.put_opt_out(&phone, &stands)
}

fn block<W: World + ?Sized>(world: &mut W, message: &Message, now: At) -> Result<()> {
    if let Some(phone) = world.contact(message.contact)?.and_then(|c| c.phone) {
        world.put_blocked(&phone, now)?;
    }
    Ok(())
}

fn fail<W: World + ?Sized>(
    world: &mut W,
    message: &Message,
    reason: Reason,
    why: Option<String>,
    now: At,
) -> Result<()> {
    world.put_message(&Message {
        state: MessageState::Failed,
        reason: Some(reason),
        next_try: At::NEVER,
        settled: Some(now),
        ..message.clone()
    })?;
    replies::not_put(world, message.id, now)?;
    line(world, message, reason, why, now)
}

fn line<W: World + ?Sized>(
    world: &mut W,
    message: &Message,
    reason: Reason,
    detail: Option<String>,
    now: At,
) -> Result<()> {
    world.decide(&Decision {
        at: now,
        contact: message.contact,
        enrolment: Some(message.enrolment),
        message: Some(message.id),
        campaign: Some(message.campaign.clone()),
        step: Some(message.step.clone()),
        reason,
        detail,
    })
}
