//! The daemon's own clockwork: catches up with the log, wakes what is due, hands over what the gate lets through, and
//! asks the gateway what became of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::failing::Failing;
use super::gate::{self, Claimed};
use super::gateway::{Answer, Gateway, Known, Outgoing, Refusal, Registry, Report, Sought};
use super::outcome;
use super::patience::keep_writing;
use super::ways::Way;
use crate::clock::{At, Clock, Span};
use crate::flow;
use crate::ids::Chance;
use crate::measure::health::Health;
use crate::measure::metrics::{Metrics, SendOutcome};
use crate::phone::Phone;
use crate::receive::event::{Event, Fact};
use crate::rules::Rules;
use crate::state::apply::Touched;
use crate::state::model::{HoldScope, Message, MessageId, MessageState};
use crate::state::world::{Row, World};
use crate::store::stuck::nameless;
use crate::store::world::SqlWorld;
use crate::store::writer::{StoreError, Writer};
use crate::store::{erase, habits, history, keeping, log};

/// Calls to gateways under way at one time.
const MAX_CALLS: usize = 8;
/// Texts in one call, where a gateway takes several: what one lost answer leaves in doubt.
const MAX_BATCH: usize = 25;
/// Events or wake-ups in one transaction: small enough that a request waits only milliseconds for the writer.
pub(super) const CHUNK: usize = 200;
/// People of the round in one transaction: nobody waits for them.
const FEW: usize = 50;
/// For so long after the hand-over a question that met an error is asked again within minutes.
const ASKED_SOON: Span = Span::hours(1);
/// Messages asked about at one time where the gateway tells of one at a time.
const MAX_SINGLE_QUESTIONS: usize = 20;
/// Nothing is due: looked again after this, in case the clock was set.
const IDLE: Duration = Duration::from_secs(20);
/// After a stop: how long an answer is waited for. What has none by then is found in doubt at the next start.
const LAST_ANSWERS: Duration = Duration::from_secs(25);
/// The whole of one call to the gateway; its own limits are shorter.
const CALL: Duration = Duration::from_mins(1);

/// What the clockwork works with.
#[derive(Clone)]
pub struct Parts {
    pub writer: Writer,
    pub in_force: watch::Receiver<InForce>,
    pub clock: Arc<dyn Clock>,
    pub chance: Arc<dyn Chance>,
    /// Rung when events came in, when the rules changed, and when a test moves the clock.
    pub nudge: Arc<Notify>,
    /// Hand-overs under way.
    pub hands: TaskTracker,
    /// Questions to the gateway under way.
    pub questions: TaskTracker,
    /// Work in the store that nothing waits for.
    pub chores: TaskTracker,
    pub metrics: Arc<Metrics>,
    pub health: Arc<Health>,
}

/// What the owner has laid down, and the gateways that were made from it: a reload changes both at one moment.
#[derive(Debug, Clone)]
pub struct InForce {
    pub rules: Arc<Rules>,
    pub gateways: Registry,
}

impl Parts {
    /// Those in force now.
    #[must_use]
    pub fn rules(&self) -> Arc<Rules> {
        self.in_force.borrow().rules.clone()
    }

    /// Those in force now.
    #[must_use]
    pub fn gateways(&self) -> Registry {
        self.in_force.borrow().gateways.clone()
    }
}

/// Runs until `stop`. Then nothing more is claimed, and what was handed over is given time for its answer.
pub async fn run(parts: Parts, stop: CancellationToken) {
    let mut failing = Failing::default();
    while !stop.is_cancelled() {
        // Asked for before looking, so that a ring during the look is not lost.
        let rung = parts.nudge.notified();
        let turned = turn(&parts, &stop).await;
        failing.note(&parts, turned.as_ref().err()).await;
        let pause = turned.map_or(Duration::from_secs(2), |next| pause(parts.clock.now(), next));
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
        let calls = MAX_CALLS.saturating_sub(parts.hands.len());
        let InForce { rules, gateways } = parts.in_force.borrow().clone();
        let job = Job {
            rules,
            now: parts.clock.now(),
            gateways: gateways.clone(),
            chance: Arc::clone(&parts.chance),
            calls,
            idle: parts.hands.is_empty(),
            asking: !parts.questions.is_empty(),
            at_chores: !parts.chores.is_empty(),
        };
        let taken = job.now;
        let done = parts.writer.run(move |world| job.run(world)).await?;
        let claimed = done.claimed.len();
        for batch in batches(&gateways, done.claimed, calls) {
            let parts = parts.clone();
            parts.hands.clone().spawn(async move { hand_over(&parts, batch).await });
        }
        if done.has_to_erase {
            let writer = parts.writer.clone();
            parts.chores.spawn(async move { erase_on(&writer).await });
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
            // What is due and had no room waits for an answer, which rings.
            let busy = !parts.hands.is_empty();
            return Ok(done.next.filter(|next| calls > 0 && !(busy && *next <= parts.clock.now())));
        }
        if calls == 0 && !done.more {
            // The next answer rings.
            return Ok(None);
        }
    }
}

/// How many texts go to this gateway in one call at most.
fn batch_size(gateway: &dyn Gateway) -> usize {
    gateway.abilities().max_batch.clamp(1, MAX_BATCH)
}

/// The messages that go to one gateway in one call.
struct Batch {
    gateway: Arc<dyn Gateway>,
    claims: Vec<Claimed>,
}

/// Puts claimed messages together for their calls: as few to a call as `calls` allow, since one lost answer leaves all of a call
/// in doubt. Templates go one by one.
fn batches(gateways: &Registry, claimed: Vec<Claimed>, calls: usize) -> Vec<Batch> {
    let mut by_gateway: BTreeMap<String, usize> = BTreeMap::new();
    for claim in &claimed {
        *by_gateway.entry(claim.gateway.clone()).or_default() += 1;
    }
    let mut batches: Vec<Batch> = Vec::new();
    for claim in claimed {
        // The gate chose among these very gateways.
        let Some(gateway) = gateways.named(&claim.gateway) else { continue };
        let share = by_gateway.get(&claim.gateway).map_or(1, |n| n.div_ceil(calls.max(1)));
        let most = share.clamp(1, batch_size(gateway.as_ref()));
        let is_text = claim.outgoing.is_text();
        let open = batches.iter_mut().rev().find(|batch| {
            batch.gateway.name() == gateway.name()
                && is_text
                && batch.claims.len() < most
                && batch.claims.iter().all(|other| other.outgoing.is_text())
        });
        match open {
            Some(batch) => batch.claims.push(claim),
            None => batches.push(Batch { gateway: Arc::clone(gateway), claims: vec![claim] }),
        }
    }
    batches
}

/// One transaction's worth of work.
struct Job {
    rules: Arc<Rules>,
    now: At,
    gateways: Registry,
    chance: Arc<dyn Chance>,
    /// Calls to gateways that may be begun.
    calls: usize,
    /// Nobody waits for an answer of a gateway.
    idle: bool,
    /// Gateways are being asked already: what else is to be asked goes together, in the next question.
    asking: bool,
    /// Chores are under way.
    at_chores: bool,
}

#[derive(Default)]
struct Done {
    /// There is more to do at once.
    more: bool,
    claimed: Vec<Claimed>,
    questions: Vec<Message>,
    has_to_erase: bool,
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
        habits::prune(world.connection(), self.now, CHUNK)?;
        keeping::forget_words(world.connection(), self.now.minus(self.rules.settings.keep_texts), CHUNK)?;
        done.has_to_erase = !self.at_chores && erase::is_begun(world.connection())?;
        // At night buyers are put in order and then everybody is looked at, a few at a time: what is due need not wait for it.
        let ranked = flow::people::nightly(world, &self.rules, self.now, FEW)?;
        done.more = !ranked || flow::round::go_on(world, &self.rules, self.now, FEW)?;
        if self.calls > 0 {
            done.claimed = self.claim(world)?;
        }
        if !self.asking {
            done.questions = outcome::take_questions(world, self.now, CHUNK)?;
        }
        // A question that waits for another's answer, which rings, is no reason to look without a rest.
        let not_before = if self.asking { self.now.plus(Span::seconds(1)) } else { self.now };
        let next = world.next_moment()?.map(|next| next.max(not_before));
        done.next = next.into_iter().chain(flow::round::next(world, &self.rules, self.now)?).min();
        Ok(done)
    }

    /// The gateways that the rules use, in the owner's order, as far as this process has them.
    fn claim(&self, world: &mut SqlWorld<'_>) -> Result<Vec<Claimed>> {
        // One that was down or silent is tried with one message before all that waits for it goes.
        let lapsed: Vec<HoldScope> =
            world.holds()?.into_iter().filter(|hold| !hold.is_in_force(self.now)).map(|hold| hold.scope).collect();
        let on_trial =
            |name: &str| lapsed.iter().any(|scope| matches!(scope, HoldScope::Gateway(held, _) if held == name));
        let used: Vec<_> = self
            .rules
            .settings
            .gateway
            .iter()
            .filter_map(|used| Some((used, self.gateways.named(used.which.name())?)))
            .collect();
        let reaches: Vec<_> =
            used.iter().map(|(_, gateway)| |to: &Phone, template: bool| gateway.reaches(to, template)).collect();
        let ways: Vec<Way<'_>> = used
            .iter()
            .zip(&reaches)
            .map(|((used, gateway), reaches)| Way {
                name: gateway.name(),
                line: &used.line,
                per_minute: used.per_minute,
                calls: if on_trial(gateway.name()) { usize::from(self.idle) } else { self.calls },
                batch: if on_trial(gateway.name()) { 1 } else { batch_size(gateway.as_ref()) },
                templates: gateway.abilities().templates,
                reaches,
            })
            .collect();
        gate::claim(world, &self.rules, &ways, &*self.chance, self.now, CHUNK)
    }
}

/// Applies what the log holds beyond what was applied, then of the history that waits for it; at most [`CHUNK`] events. Returns
/// how many there were.
///
/// # Errors
/// The store's.
pub fn catch_up(world: &mut SqlWorld<'_>, rules: &Rules, now: At) -> Result<usize> {
    let rows = log::pending(world.connection(), CHUNK)?;
    for row in &rows {
        take_in(world, row, now, |world, event| flow::absorb(world, rules, event, now))?;
    }
    let room = CHUNK - rows.len();
    let poured = history::pour(world.connection(), room, now)?;
    for row in &poured.new {
        take_in(world, row, now, |world, event| flow::learn(world, rules, event, now))?;
    }
    if poured.is_last {
        flow::round::again(world, now)?;
    }
    Ok(rows.len() + poured.moved)
}

/// One event of the log into the state.
fn take_in(
    world: &mut SqlWorld<'_>,
    row: &log::Logged,
    now: At,
    hear: impl Fn(&mut SqlWorld<'_>, &Event) -> Result<Touched>,
) -> Result<()> {
    match Fact::parse(&row.kind, &row.data) {
        Ok(fact) => {
            let event = Event { id: row.event_id.clone(), at: row.at.min(row.received), fact };
            // One event that cannot be applied must not stand before all that come after it.
            let absorb = |world: &mut SqlWorld<'_>| {
                let touched = hear(world, &event)?;
                log::mark(world.connection(), row.seq, &touched.contacts, event.fact.cart_key())
            };
            if let Err(problem) = world.attempt(absorb)? {
                tracing::error!(
                    event.seq = row.seq,
                    error = nameless(&format!("{problem:#}")),
                    "an event could not be applied and is kept aside"
                );
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
    log::set_applied(world.connection(), row.seq)
}

/// The log of those whom the shop asked to erase. What fails is tried again at the next look, and at the next start.
async fn erase_on(writer: &Writer) {
    match erase::carry_on(writer).await {
        Ok(events) => tracing::info!(events.redacted = events, "people were erased at the shop's word"),
        Err(StoreError::Stopped) => {}
        Err(problem) => tracing::warn!(error = %problem, "people are not erased from the log yet"),
    }
}

async fn hand_over(parts: &Parts, batch: Batch) {
    let begun = Instant::now();
    let Batch { gateway, claims } = batch;
    let (claims, outgoing): (Vec<_>, Vec<_>) = claims.into_iter().map(|c| ((c.message, c.parts), c.outgoing)).unzip();
    let (called, count) = (Arc::clone(&gateway), outgoing.len());
    let calling = tokio::spawn(async move { call(&*called, &outgoing).await });
    // A call that panics has left its messages in doubt, and says so at once.
    let mut answers = calling.await.unwrap_or_else(|_| vec![Answer::Open("its call panicked".to_owned()); count]);
    if !parts.gateways().has(&gateway) {
        answers.iter_mut().for_each(of_before);
    }
    let seconds = begun.elapsed().as_secs_f64();
    let mut settled: Vec<(MessageId, Answer)> = Vec::with_capacity(claims.len());
    for ((message, sms_parts), answer) in claims.into_iter().zip(answers) {
        parts.metrics.sent(outcome_of(&answer), sms_parts, seconds);
        say(message, gateway.name(), &answer);
        settled.push((message, answer));
    }
    let settled = Arc::new(settled);
    let written = keep_writing(&parts.writer, "the gateway's answer", || {
        let (now, answers) = (parts.clock.now(), Arc::clone(&settled));
        move |world: &mut SqlWorld<'_>| {
            // One that cannot be settled leaves no other in doubt.
            for (id, answer) in answers.iter() {
                world.on_its_own(Row::Message(*id), now, |world| outcome::settle(world, *id, answer, now))?;
            }
            Ok(())
        }
    });
    if written.await.is_err() {
        // They stay `sending`, and are in doubt as soon as nothing else is under way: better than a guess.
        tracing::error!(messages = settled.len(), "the gateway's answer was not written down");
    }
    parts.nudge.notify_one();
}

/// A gateway that a reload has replaced says nothing of the new one: its key may have been mended since.
fn of_before(answer: &mut Answer) {
    if let Answer::Refused(Refusal::Stop { why, .. } | Refusal::Down { why }) = answer {
        *answer = Answer::Refused(Refusal::Later { after: None, why: format!("before the reload: {why}") });
    }
}

fn say(message: MessageId, gateway: &str, answer: &Answer) {
    match answer {
        Answer::Accepted(_) => tracing::info!(message.id = message.0, gateway, "accepted"),
        Answer::Refused(refusal) => tracing::warn!(message.id = message.0, gateway, why = refusal.why(), "refused"),
        Answer::Open(why) => {
            tracing::warn!(message.id = message.0, gateway, why, "no answer: it will be asked for");
        }
    }
}

fn outcome_of(answer: &Answer) -> SendOutcome {
    match answer {
        Answer::Accepted(_) => SendOutcome::Accepted,
        Answer::Refused(Refusal::Later { .. }) => SendOutcome::Later,
        Answer::Refused(_) => SendOutcome::Refused,
        Answer::Open(_) => SendOutcome::Open,
    }
}

/// One answer for each message, whatever the gateway does.
async fn call(gateway: &dyn Gateway, outgoing: &[Outgoing]) -> Vec<Answer> {
    let calling = async {
        match outgoing {
            [one] => vec![gateway.send(one).await],
            many => gateway.send_many(many).await,
        }
    };
    let mut answers = match tokio::time::timeout(CALL, calling).await {
        Ok(answers) => answers,
        Err(_) => vec![Answer::Open(format!("no answer within {} s", CALL.as_secs())); outgoing.len()],
    };
    answers.resize_with(outgoing.len(), || Answer::Open("the gateway's answer says nothing of it".to_owned()));
    answers
}

/// Asks the gateways about messages whose end is not known, which were `taken` then. What cannot be asked is asked again soon.
async fn ask(parts: &Parts, questions: &[Message], taken: At) -> Result<()> {
    let mut by_gateway: BTreeMap<&str, Vec<&Message>> = BTreeMap::new();
    for message in questions {
        by_gateway.entry(message.gateway.as_deref().unwrap_or_default()).or_default().push(message);
    }
    for (name, messages) in by_gateway {
        match parts.gateways().named(name) {
            Some(gateway) => ask_one(parts, gateway, &messages, taken).await?,
            // Nobody can be asked about those of a gateway that is not there any more.
            None => put_back(parts, messages.iter().map(|m| m.id).collect(), taken).await?,
        }
    }
    Ok(())
}

async fn put_back(parts: &Parts, asked: Vec<MessageId>, taken: At) -> Result<()> {
    let now = parts.clock.now();
    let put_back = move |world: &mut SqlWorld<'_>| {
        asked.into_iter().try_for_each(|id| {
            world.on_its_own(Row::Message(id), now, |world| outcome::asked(world, id, taken, now)).map(drop)
        })
    };
    Ok(parts.writer.run(put_back).await?)
}

async fn ask_one(parts: &Parts, gateway: &Arc<dyn Gateway>, messages: &[&Message], taken: At) -> Result<()> {
    let abilities = gateway.abilities();
    let by_reference = |m: &Message| m.state == MessageState::Unknown && m.gateway_id.is_none();
    let can_be_found =
        |m: &Message| !m.templated && abilities.finds.is_some_and(|d| taken.since(m.handed.unwrap_or(taken)) < span(d));
    // One question for each message: few at a time, the rest at the next round.
    let few = if abilities.max_status_batch > 1 { messages.len() } else { MAX_SINGLE_QUESTIONS };
    let messages = messages.get(..few).unwrap_or(messages);
    let ids: Vec<String> =
        messages.iter().filter(|_| abilities.polls_delivery).filter_map(|m| m.gateway_id.clone()).collect();
    let lost: Vec<Message> =
        messages.iter().filter(|m| by_reference(m) && can_be_found(m)).map(|m| (*m).clone()).collect();
    let sought = sought(parts, lost).await?;
    let reports = if ids.is_empty() { Ok(Vec::new()) } else { gateway.states(&ids).await };
    let known = if sought.is_empty() { Ok(Vec::new()) } else { gateway.find(&sought).await };
    let mut asked: Vec<MessageId> = Vec::new();
    for (answer, about) in [(reports.as_ref().err(), false), (known.as_ref().err(), true)] {
        match answer {
            None => asked.extend(messages.iter().filter(|m| by_reference(m) == about).map(|m| m.id)),
            Some(problem) => {
                tracing::warn!(gateway = gateway.name(), error = %problem, "cannot ask what became of messages");
                // Asked again soon at first; what is older is asked at its ages only, answer or no answer.
                let old = |m: &&&Message| taken.since(m.handed.unwrap_or(taken)) > ASKED_SOON;
                asked.extend(messages.iter().filter(|m| by_reference(m) == about).filter(old).map(|m| m.id));
            }
        }
    }
    let (reports, known): (Vec<Report>, Vec<(i64, Known)>) = (reports.unwrap_or_default(), known.unwrap_or_default());
    let (name, dedupes, now) = (gateway.name(), abilities.dedupes.map(span), parts.clock.now());
    parts
        .writer
        .run(move |world| {
            for report in &reports {
                alone(world, |world| outcome::news(world, name, report, now))?;
            }
            for (reference, known) in &known {
                // How old the message was when it was not known there, not when we heard so.
                alone(world, |world| outcome::answered(world, name, *reference, known, dedupes, taken))?;
            }
            for id in asked {
                world.on_its_own(Row::Message(id), now, |world| outcome::asked(world, id, taken, now))?;
            }
            Ok(())
        })
        .await?;
    Ok(())
}

/// One row that cannot be written down leaves the others' answers alone; its question is asked again.
fn alone(world: &mut SqlWorld<'_>, job: impl FnOnce(&mut SqlWorld<'_>) -> Result<()>) -> Result<()> {
    if let Err(problem) = world.attempt(job)? {
        tracing::error!(
            error = nameless(&format!("{problem:#}")),
            "an answer of the gateway could not be written down"
        );
    }
    Ok(())
}

/// What a gateway needs to look for these.
async fn sought(parts: &Parts, lost: Vec<Message>) -> Result<Vec<Sought>> {
    if lost.is_empty() {
        return Ok(Vec::new());
    }
    let find = move |world: &mut SqlWorld<'_>| {
        let mut sought = Vec::with_capacity(lost.len());
        for message in lost {
            let phone = world.contact(message.contact)?.and_then(|c| c.phone);
            if let (Some(reference), Some(to), Some(handed)) = (message.reference, phone, message.handed) {
                let text = message.text.unwrap_or_default();
                sought.push(Sought { reference, to, text, handed_unix: handed.0.div_euclid(1_000) });
            }
        }
        Ok(sought)
    };
    Ok(parts.writer.run(find).await?)
}

fn span(d: Duration) -> Span {
    Span(i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}
