//! The daemon's own clockwork: catches up with the log, wakes what is due, hands over what the gate lets through, and
//! asks the gateway what became of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::gate::{self, Claimed, Door};
use super::gateway::{Answer, Gateway, Known, Outgoing, Refusal, Report};
use super::outcome;
use crate::clock::{At, Clock, Span};
use crate::flow;
use crate::ids::Chance;
use crate::measure::metrics::{Metrics, SendOutcome};
use crate::receive::event::{Event, Fact};
use crate::rules::Rules;
use crate::state::model::{Message, MessageId, MessageState};
use crate::state::world::World;
use crate::store::log;
use crate::store::world::SqlWorld;
use crate::store::writer::Writer;

/// Messages between hand-over and answer at one time.
const MAX_IN_FLIGHT: usize = 8;
/// Events or wake-ups in one transaction: small enough that a request waits only milliseconds for the writer.
const CHUNK: usize = 200;
/// Nothing is due: looked again after this, in case the clock was set.
const IDLE: Duration = Duration::from_secs(20);
/// After a stop: how long an answer is waited for. What has none by then is found in doubt at the next start.
const LAST_ANSWERS: Duration = Duration::from_secs(25);
/// The whole of one call to the gateway; its own limits are shorter.
const CALL: Duration = Duration::from_mins(1);
/// How often the credit is asked for while a lack of it holds everything.
const CREDIT: Span = Span::minutes(5);

/// What the clockwork works with.
#[derive(Clone)]
pub struct Parts {
    pub writer: Writer,
    pub gateway: Arc<dyn Gateway>,
    pub rules: watch::Receiver<Arc<Rules>>,
    pub clock: Arc<dyn Clock>,
    pub chance: Arc<dyn Chance>,
    /// Rung when events came in, when the rules changed, and when a test moves the clock.
    pub nudge: Arc<Notify>,
    /// Hand-overs under way.
    pub hands: TaskTracker,
    /// Questions to the gateway under way.
    pub questions: TaskTracker,
    pub metrics: Arc<Metrics>,
}

impl Parts {
    fn rules(&self) -> Arc<Rules> {
        self.rules.borrow().clone()
    }
}

/// Runs until `stop`. Then nothing more is claimed, and what was handed over is given time for its answer.
pub async fn run(parts: Parts, stop: CancellationToken) {
    while !stop.is_cancelled() {
        // Asked for before looking, so that a ring during the look is not lost.
        let rung = parts.nudge.notified();
        let pause = match turn(&parts, &stop).await {
            Ok(next) => pause(parts.clock.now(), next),
            Err(problem) => {
                tracing::error!(error = %format!("{problem:#}"), "the clockwork cannot go on for now");
                Duration::from_secs(2)
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = rung => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    parts.hands.close();
    if tokio::time::timeout(LAST_ANSWERS, parts.hands.wait()).await.is_err() {
        tracing::warn!(open = parts.hands.len(), "stopping without the gateway's last answers: they will be asked for");
    }
}

fn pause(now: At, next: Option<At>) -> Duration {
    let until = next.map_or(Span(i64::MAX), |t| t.since(now));
    IDLE.min(Duration::from_millis(u64::try_from(until.0).unwrap_or(0)).max(Duration::from_millis(5)))
}

/// Does everything that is due now. Returns when something is due next.
///
/// # Errors
/// The store's: nothing was claimed that is not being sent.
pub async fn turn(parts: &Parts, stop: &CancellationToken) -> Result<Option<At>> {
    loop {
        if stop.is_cancelled() {
            return Ok(None);
        }
        let room = MAX_IN_FLIGHT.saturating_sub(parts.hands.len());
        let job = Job {
            rules: parts.rules(),
            now: parts.clock.now(),
            gateway: parts.gateway.name(),
            templates: parts.gateway.abilities().templates,
            chance: Arc::clone(&parts.chance),
            room,
            idle: parts.hands.is_empty(),
            asking: !parts.questions.is_empty(),
        };
        let taken = job.now;
        let done = parts.writer.run(move |world| job.run(world)).await?;
        let claimed = done.claimed.len();
        for claim in done.claimed {
            let parts = parts.clone();
            parts.hands.clone().spawn(async move { hand_over(&parts, claim).await });
        }
        if !done.questions.is_empty() {
            let (parts, questions) = (parts.clone(), done.questions);
            parts.questions.clone().spawn(async move {
                if let Err(problem) = ask(&parts, &questions, taken).await {
                    tracing::error!(error = %format!("{problem:#}"), "the gateway's answers cannot be written down");
                }
                parts.nudge.notify_one();
            });
        }
        if !done.more && claimed == 0 {
            return Ok(done.next.filter(|_| room > 0));
        }
        if room == 0 && !done.more {
            // The next answer rings.
            return Ok(None);
        }
    }
}

/// One transaction's worth of work.
struct Job {
    rules: Arc<Rules>,
    now: At,
    gateway: &'static str,
    templates: bool,
    chance: Arc<dyn Chance>,
    room: usize,
    /// Nobody waits for an answer of the gateway.
    idle: bool,
    /// The gateway is being asked already: what else is to be asked goes together, in the next question.
    asking: bool,
}

#[derive(Default)]
struct Done {
    /// There is more to do at once.
    more: bool,
    claimed: Vec<Claimed>,
    questions: Vec<Message>,
    next: Option<At>,
}

impl Job {
    fn run(&self, world: &mut SqlWorld<'_>) -> Result<Done> {
        let mut done = Done::default();
        if self.idle {
            // The disk was full when the answer came, or its task ended badly. Left alone, it would keep its person waiting.
            let doubtful = outcome::doubt(world, "the answer was not written down", self.now)?;
            if doubtful > 0 {
                tracing::warn!(messages.doubtful = doubtful, "answers were not written down: the gateway is asked");
            }
        }
        if catch_up(world, &self.rules, self.now)? == CHUNK || flow::tend(world, &self.rules, self.now, CHUNK)? == CHUNK
        {
            // The gate opens only when every event that was received has been heard.
            return Ok(Done { more: true, ..done });
        }
        if self.room > 0 {
            let door = Door { gateway: self.gateway, templates: self.templates };
            done.claimed = gate::claim(world, &self.rules, door, &*self.chance, self.now, self.room)?;
        }
        if !self.asking {
            done.questions = outcome::take_questions(world, self.now, CHUNK)?;
        }
        // A question that waits for another's answer, which rings, is no reason to look without a rest.
        let not_before = if self.asking { self.now.plus(Span::seconds(1)) } else { self.now };
        done.next = world.next_moment()?.map(|next| next.max(not_before));
        Ok(done)
    }
}

/// Applies what the log holds beyond what was applied, at most [`CHUNK`] events. Returns how many there were.
///
/// # Errors
/// The store's.
pub fn catch_up(world: &mut SqlWorld<'_>, rules: &Rules, now: At) -> Result<usize> {
    let rows = log::pending(world.connection(), CHUNK)?;
    for row in &rows {
        match Fact::parse(&row.kind, &row.data) {
            Ok(fact) => {
                let event = Event { id: row.event_id.clone(), at: row.at.min(row.received), fact };
                // One event that cannot be applied must not stand before all that come after it.
                if let Err(problem) = world.attempt(|world| flow::absorb(world, rules, &event, now))? {
                    tracing::error!(event.seq = row.seq, error = %format!("{problem:#}"), "an event could not be applied and is kept aside");
                    let why = "understood, but could not be applied: see the daemon's log";
                    log::reject(world.connection(), &row.event_id, &row.kind, why, &row.data, now)?;
                }
            }
            // Of an erased person there may be too little left.
            Err(_) if row.redacted => {}
            // It was understood when it was received; only a newer program's log can hold such a row.
            Err(problem) => {
                tracing::warn!(event.seq = row.seq, error = %problem, "an event in the log is not understood");
            }
        }
        log::set_applied(world.connection(), row.seq)?;
    }
    Ok(rows.len())
}

async fn hand_over(parts: &Parts, claim: Claimed) {
    let begun = Instant::now();
    let answer = call(&*parts.gateway, &claim.outgoing).await;
    parts.metrics.sent(outcome_of(&answer), claim.parts, begun.elapsed().as_secs_f64());
    match &answer {
        Answer::Accepted(_) => tracing::info!(message.id = claim.message.0, gateway = parts.gateway.name(), "accepted"),
        Answer::Refused(refusal) => {
            tracing::warn!(
                message.id = claim.message.0,
                gateway = parts.gateway.name(),
                why = refusal.why(),
                "refused"
            );
        }
        Answer::Open(why) => {
            tracing::warn!(
                message.id = claim.message.0,
                gateway = parts.gateway.name(),
                why,
                "no answer: it will be asked for"
            );
        }
    }
    let mut pause = Duration::from_millis(50);
    loop {
        let (id, now, answer) = (claim.message, parts.clock.now(), answer.clone());
        match parts.writer.run(move |world| outcome::settle(world, id, &answer, now)).await {
            Ok(()) => break,
            Err(problem) if pause < Duration::from_secs(10) => {
                tracing::error!(message.id = id.0, error = %problem, "the gateway's answer cannot be written down yet");
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            Err(_) => {
                // It stays `sending`, and is in doubt as soon as nothing else is under way: better than a guess.
                tracing::error!(message.id = id.0, "the gateway's answer was not written down");
                break;
            }
        }
    }
    parts.nudge.notify_one();
}

fn outcome_of(answer: &Answer) -> SendOutcome {
    match answer {
        Answer::Accepted(_) => SendOutcome::Accepted,
        Answer::Refused(Refusal::Later { .. }) => SendOutcome::Later,
        Answer::Refused(_) => SendOutcome::Refused,
        Answer::Open(_) => SendOutcome::Open,
    }
}

async fn call(gateway: &dyn Gateway, outgoing: &Outgoing) -> Answer {
    match tokio::time::timeout(CALL, gateway.send(outgoing)).await {
        Ok(answer) => answer,
        Err(_) => Answer::Open(format!("no answer within {} s", CALL.as_secs())),
    }
}

/// Asks the gateway about messages whose end is not known, which were `taken` then. What cannot be asked is asked again soon.
async fn ask(parts: &Parts, questions: &[Message], taken: At) -> Result<()> {
    let (gateway, abilities) = (&parts.gateway, parts.gateway.abilities());
    let (ours, strangers): (Vec<&Message>, Vec<&Message>) =
        questions.iter().partition(|m| m.gateway.as_deref() == Some(gateway.name()));
    let by_reference = |m: &Message| m.state == MessageState::Unknown && m.gateway_id.is_none();
    let can_be_found = |m: &Message| {
        !m.templated && abilities.by_reference.is_some_and(|d| taken.since(m.handed.unwrap_or(taken)) < span(d))
    };
    let ids: Vec<String> =
        ours.iter().filter(|_| abilities.polls_delivery).filter_map(|m| m.gateway_id.clone()).collect();
    let references: Vec<i64> =
        ours.iter().filter(|m| by_reference(m) && can_be_found(m)).filter_map(|m| m.reference).collect();
    let reports = if ids.is_empty() { Ok(Vec::new()) } else { gateway.states(&ids).await };
    let known = if references.is_empty() { Ok(Vec::new()) } else { gateway.find(&references).await };
    // Nobody can be asked about those of a gateway that is not used any more, or that carry no reference.
    let mut asked: Vec<MessageId> = strangers.iter().map(|m| m.id).collect();
    for (answer, about) in [(reports.as_ref().err(), false), (known.as_ref().err(), true)] {
        match answer {
            None => asked.extend(ours.iter().filter(|m| by_reference(m) == about).map(|m| m.id)),
            Some(problem) => {
                tracing::warn!(gateway = gateway.name(), error = %problem, "cannot ask what became of messages");
            }
        }
    }
    let (reports, known): (Vec<Report>, Vec<(i64, Known)>) = (reports.unwrap_or_default(), known.unwrap_or_default());
    let (name, dedupes, now) = (gateway.name(), abilities.dedupes.map(span), parts.clock.now());
    parts
        .writer
        .run(move |world| {
            for report in &reports {
                outcome::news(world, name, report, now)?;
            }
            for (reference, known) in &known {
                // How old the message was when it was not known there, not when we heard so.
                outcome::answered(world, name, *reference, known, dedupes, taken)?;
            }
            outcome::asked(world, &asked, taken, now)
        })
        .await?;
    Ok(())
}

fn span(d: Duration) -> Span {
    Span(i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}

/// While a lack of credit holds everything: asks for the credit now and then, and lifts the hold when there is some.
pub async fn watch_credit(parts: Parts, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_millis(u64::try_from(CREDIT.0).unwrap_or(300_000))) => {}
        }
        if let Err(problem) = look_for_credit(&parts).await {
            tracing::warn!(error = %format!("{problem:#}"), "cannot ask for the gateway's credit");
        }
    }
}

/// One look; true when a hold was lifted.
///
/// # Errors
/// The store's or the gateway's.
pub async fn look_for_credit(parts: &Parts) -> Result<bool> {
    let held = parts.writer.run(|world| Ok(world.holds()?.iter().any(|h| h.scope == "credit"))).await?;
    if !held {
        return Ok(false);
    }
    let line = parts.rules().settings.gateway.line.clone();
    let enough = parts
        .gateway
        .balance()
        .await?
        .is_some_and(|money| money.minor > line.price_ucs2.minor.max(line.price_gsm7.minor));
    if enough {
        parts.writer.run(|world| world.lift_hold("credit")).await?;
        tracing::info!(gateway = parts.gateway.name(), "there is credit again: sending goes on");
        parts.nudge.notify_one();
    }
    Ok(enough)
}
