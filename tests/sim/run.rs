//! A seed's run: what happens when, and what becomes of each call of the gateway.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use bazgasht::clock::{At, HandClock};
use bazgasht::send::gateway::{Answer, Delivery, Refusal, StopScope, Trouble};
use bazgasht::state::model::{HoldScope, MessageState};
use bazgasht::state::world::World;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::bridge::Bridge;
use crate::gateway::{self, Desk, Fake, Line, Manners, NAMES, Question, Ticket};
use crate::laws::{DAY, HOUR, Laws, MINUTE};
use crate::machine::{Beginning, Files, Life};
use crate::model::{Fate, Known, Model, Ms, Tale};
use crate::promises::{Broken, Held, broken};
use crate::shoppers::Shop;
use crate::{figures, ink};

/// Tuesday morning in Tehran, as the shop opens.
const START: Ms = 1_795_503_600_000;

/// Something that happens by itself later.
#[derive(Debug, Clone)]
pub enum Deed {
    Deliver,
    /// A delivery report: the line, its state, and how often it is pushed.
    Report(usize, Delivery, u32),
    /// The same again.
    Push(usize),
    /// A stalled call is decided: accepted or not.
    Decide(u64, bool),
    /// An order gets its next status.
    Order(usize, &'static str),
    Reply {
        phone: String,
        text: String,
        id: String,
        at: Ms,
    },
    DiskWell,
    ClockRight,
    Lift(String),
    Erase(String),
    GatewayWell(usize),
    Credit,
    Brake,
}

/// How the gateway is today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Well,
    /// Accepts everything, and says so.
    Perfect,
    /// Loses answers, stalls, refuses.
    Flaky,
    Broke,
    LineBlocked,
    Busy,
    /// Cannot be reached.
    Down,
    /// Takes every call and answers none.
    Silent,
}

#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    pub operations: u64,
    pub events: u64,
    pub handed: u64,
    pub accepted: u64,
    pub crashes: u64,
    /// Looks of the daemon's clockwork.
    pub turns: u64,
    pub days: u64,
}

impl Tally {
    pub fn plus(self, more: Tally) -> Tally {
        Tally {
            operations: self.operations + more.operations,
            events: self.events + more.events,
            handed: self.handed + more.handed,
            accepted: self.accepted + more.accepted,
            crashes: self.crashes + more.crashes,
            turns: self.turns + more.turns,
            days: self.days + more.days,
        }
    }
}

pub struct Run {
    pub dice: StdRng,
    seed: u64,
    /// True time.
    pub now: Ms,
    /// How much the daemon's clock is ahead.
    pub skew: Ms,
    /// Shop and daemon share a machine, and so its clock.
    pub one_clock: bool,
    /// The daemon does not look again sooner than this.
    grain: Ms,
    clock: Arc<HandClock>,
    desk: Arc<Mutex<Desk>>,
    pub gates: Vec<Arc<Fake>>,
    pub mood: [Mood; 2],
    pub files: Arc<Mutex<Files>>,
    folder: tempfile::TempDir,
    lives: u64,
    life: Option<Life>,
    pub model: Model,
    pub bridge: Bridge,
    pub shop: Shop,
    agenda: BTreeMap<(Ms, u64), Deed>,
    deeds: u64,
    /// Calls that the gateway has not decided.
    stalled: BTreeMap<u64, Ticket>,
    /// By gateway: the last call before its answer that stops sending, and why.
    pub stopped: BTreeMap<usize, (u64, StopScope)>,
    /// The owner's.
    pub holds: BTreeSet<String>,
    /// Who wrote back to refuse.
    pub replies: BTreeSet<String>,
    pub disk_bad: bool,
    /// Of the links in the texts that went out.
    pub slugs: Vec<String>,
    pub trace: Vec<String>,
    pub tally: Tally,
}

/// Where databases live: in memory, where there is such a place.
fn shelf() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { memory } else { std::env::temp_dir() }
}

impl Run {
    pub fn new(seed: u64) -> Run {
        ink::read();
        let mut dice = StdRng::seed_from_u64(seed);
        let laws = Laws::usual();
        let files = laws.files();
        let clock = Arc::new(HandClock::at(At(START)));
        let desk: Arc<Mutex<Desk>> = Arc::default();
        let two = dice.random_bool(0.6);
        let gates = (0..NAMES.len())
            .map(|place| {
                let finds = dice.random_bool(0.8);
                let vague = finds && dice.random_bool(0.2);
                let dedupes = finds && !vague && dice.random_bool(0.7);
                let batch = if dice.random_bool(0.5) { 1 } else { 20 };
                let manners = Manners { dedupes, finds, vague, batch };
                Arc::new(Fake::new(place, Arc::clone(&desk), Arc::clone(&clock) as _, manners))
            })
            .take(if two { 2 } else { 1 })
            .collect();
        let one_clock = dice.random_bool(0.5);
        let grain = [1, 1_000, 5 * MINUTE][dice.random_range(0..3)];
        let shop = Shop::new(&mut dice);
        let mut run = Run {
            dice,
            seed,
            now: START,
            skew: 0,
            one_clock,
            grain,
            clock,
            desk,
            gates,
            mood: [Mood::Well; 2],
            files: Arc::new(Mutex::new(files)),
            folder: tempfile::Builder::new().prefix("bazgasht-sim-").tempdir_in(shelf()).expect("a folder"),
            lives: 0,
            life: None,
            model: Model { laws: vec![laws], accounts: shop.accounts(), ..Model::default() },
            bridge: Bridge::default(),
            shop,
            agenda: BTreeMap::new(),
            deeds: 0,
            stalled: BTreeMap::new(),
            stopped: BTreeMap::new(),
            holds: BTreeSet::new(),
            replies: BTreeSet::new(),
            disk_bad: false,
            slugs: Vec::new(),
            trace: Vec::new(),
            tally: Tally::default(),
        };
        let folder = run.folder.path().to_owned();
        run.begin(folder);
        run
    }

    fn begin(&mut self, folder: PathBuf) {
        let beginning = Beginning {
            gateways: self.gates.iter().map(|g| Arc::clone(g) as _).collect(),
            clock: Arc::clone(&self.clock),
            files: Arc::clone(&self.files),
            seed: self.seed.wrapping_mul(1_000_003).wrapping_add(self.lives),
        };
        self.life = Some(Life::begin(folder, &beginning));
        self.lives += 1;
        self.stopped.clear();
        self.disk_bad = false;
        // Asked for what a daemon asks for that is no more.
        self.desk().questions.clear();
    }

    pub fn desk(&self) -> MutexGuard<'_, Desk> {
        gateway::open(&self.desk)
    }

    pub fn life(&self) -> &Life {
        self.life.as_ref().expect("alive")
    }

    pub fn chance(&mut self, percent: u32) -> bool {
        self.dice.random_range(0..100) < percent
    }

    pub fn note(&mut self, line: String) {
        let when = At(self.now).rfc3339();
        self.trace.push(if self.skew == 0 {
            format!("{when} {line}")
        } else {
            format!("{when} ({}s) {line}", self.skew / 1_000)
        });
    }

    pub fn later(&mut self, at: Ms, deed: Deed) {
        self.deeds += 1;
        self.agenda.insert((at, self.deeds), deed);
    }

    /// By the daemon's clock.
    pub fn daemon_now(&self) -> At {
        At(self.now + self.skew)
    }

    fn set_clock(&self) {
        self.clock.set(self.daemon_now());
        self.desk().now = self.now;
    }

    // ── the days ────────────────────────────────────────────────────────────────────────────────────────────

    /// A shop of which everything is known, and a gateway without a whim: for what is told by hand.
    pub fn quiet() -> Run {
        let mut run = Run::new(1);
        run.mood = [Mood::Perfect; 2];
        run.set_clock();
        run.open_shop();
        run.pass(MINUTE);
        run
    }

    /// So much later, with every promise kept meanwhile.
    pub fn pass(&mut self, span: Ms) {
        if let Err(broken) = self.live_until(self.now + span) {
            panic!("promise {}: {}\n{}", broken.promise, broken.what, self.trace.join("\n"));
        }
    }

    /// What was handed over: campaign/step for occasion.
    pub fn texts(&self) -> Vec<String> {
        self.model.handed.iter().map(|h| format!("{}/{} for {}", h.campaign, h.step, h.occasion)).collect()
    }

    /// Lives through `operations` random acts, and through the quiet time after them.
    pub fn live(&mut self, operations: u64) -> Held {
        self.set_clock();
        self.open_shop();
        self.later(self.now + HOUR, Deed::Brake);
        self.live_until(self.now + MINUTE)?;
        for n in 0..operations {
            self.tally.operations += 1;
            self.act()?;
            let span = match self.dice.random_range(0..100) {
                0..50 => self.dice.random_range(0..40) * MINUTE,
                50..85 => self.dice.random_range(1..16) * HOUR,
                _ => self.dice.random_range(0..60) * HOUR,
            };
            self.live_until(self.now + span)?;
            if n % 25 == 24 {
                figures::add_up(self)?;
            }
        }
        self.calm_down()?;
        figures::add_up(self)?;
        self.look_through_log()?;
        figures::nothing_is_stuck(self)?;
        self.tally.days = u64::try_from((self.now - START) / DAY).unwrap_or(0);
        Ok(())
    }

    /// Everything is mended, and what waits comes to its end.
    fn calm_down(&mut self) -> Held {
        self.note("everything is mended".into());
        for gateway in 0..self.gates.len() {
            self.make_gateway_well(gateway)?;
        }
        self.right_clock();
        self.mend_disk();
        for scope in self.holds.clone() {
            self.lift(&scope);
        }
        self.live_until(self.now + 20 * DAY)?;
        Ok(())
    }

    /// Moves from one due moment to the next.
    pub fn live_until(&mut self, end: Ms) -> Held {
        loop {
            let next = self.work()?;
            if let Some(blot) = ink::blot() {
                return broken(12, format!("a number stands in the log: {blot}"));
            }
            let due = next.map(|t| (t.0.saturating_sub(self.skew)).max(self.now + self.grain));
            let deed = self.agenda.first_key_value().map(|((at, _), _)| (*at).max(self.now));
            let Some(stop) = [due, deed].into_iter().flatten().min().filter(|t| *t <= end) else { break };
            self.move_to(stop);
            while let Some(entry) = self.agenda.first_entry().filter(|e| e.key().0 <= stop) {
                let deed = entry.remove();
                self.happen(deed)?;
                self.survive()?;
            }
        }
        self.move_to(end);
        Ok(())
    }

    fn move_to(&mut self, t: Ms) {
        let span = t - self.now;
        self.now = t;
        self.set_clock();
        if span > 0 {
            self.life().pass(span);
        }
    }

    fn happen(&mut self, deed: Deed) -> Held {
        match deed {
            Deed::Deliver => return self.deliver(),
            Deed::Report(line, state, pushes) => self.report(line, state, pushes),
            Deed::Push(line) => self.push(line),
            Deed::Decide(ticket, accepted) => return self.decide_stalled(ticket, accepted),
            Deed::Order(order, status) => self.order_moves(order, status),
            Deed::Reply { phone, text, id, at } => return self.reply(phone, text, id, at),
            Deed::DiskWell => self.mend_disk(),
            Deed::ClockRight => self.right_clock(),
            Deed::Lift(scope) => self.lift(&scope),
            Deed::Erase(phone) => return self.erase(phone),
            Deed::GatewayWell(gateway) => return self.make_gateway_well(gateway),
            Deed::Credit => return self.credit(),
            Deed::Brake => self.brake(),
        }
        Ok(())
    }

    /// Everything that is due now. When something is due next.
    fn work(&mut self) -> Result<Option<At>, Broken> {
        for _ in 0..2_000 {
            self.tally.turns += 1;
            let next = self.life().turn();
            let answered = self.serve()?;
            let died = self.survive()?;
            if !answered && !died {
                return Ok(next);
            }
        }
        broken(7, "the clockwork turns without end").map(|()| None)
    }

    // ── the gateway's side ──────────────────────────────────────────────────────────────────────────────────

    /// Takes the calls that wait. True when there were any.
    fn serve(&mut self) -> Result<bool, Broken> {
        let mut any = false;
        loop {
            let (ticket, question) = {
                let mut desk = self.desk();
                match desk.tickets.pop_front() {
                    Some(ticket) => (Some(ticket), None),
                    None => (None, desk.questions.pop_front()),
                }
            };
            match (ticket, question) {
                (Some(ticket), _) => {
                    self.at_hand_over(&ticket)?;
                    self.decide(ticket)?;
                }
                (None, Some(question)) => self.answer_question(question),
                (None, None) => return Ok(any),
            }
            any = true;
            self.life().calm();
        }
    }

    fn decide(&mut self, ticket: Ticket) -> Held {
        if self.life().disk.is_dead() {
            // The process stopped before the call left it.
            self.settle(ticket.number, Fate::Lost);
            return Ok(());
        }
        let later = || Answer::Refused(Refusal::Later { after: None, why: "busy".into() });
        let stop = |scope| Answer::Refused(Refusal::Stop { scope, why: "stop".into() });
        let dice = self.dice.random_range(0..100);
        match (self.mood[ticket.gateway], dice) {
            (Mood::Perfect, _) => {}
            (Mood::Broke, _) => return self.refuse(ticket, stop(StopScope::Credit)),
            (Mood::LineBlocked, _) => return self.refuse(ticket, stop(StopScope::Line)),
            (Mood::Down, _) => {
                return self.refuse(ticket, Answer::Refused(Refusal::Down { why: "no route".into() }));
            }
            (Mood::Busy, 0..90) | (Mood::Flaky, 0..15) => return self.refuse(ticket, later()),
            (Mood::Well, 0..2) | (Mood::Flaky, 15..20) => {
                return self.refuse(ticket, Answer::Refused(Refusal::Never { why: "no such number".into() }));
            }
            (Mood::Well, 2..4) => {
                return self.refuse(ticket, Answer::Refused(Refusal::Blocked { why: "black list".into() }));
            }
            (Mood::Well, 4..5) => {
                return self.refuse(ticket, Answer::Refused(Refusal::Mistake { why: "bad request".into() }));
            }
            (Mood::Well, 5..6) => {
                return self.refuse(ticket, Answer::Refused(Refusal::OptedOut { why: "stopped".into() }));
            }
            (Mood::Flaky, 20..35) | (Mood::Silent, 0..40) => {
                self.note("  the request is lost".into());
                self.settle(ticket.number, Fate::Lost);
                let _ = ticket.answer.send(Answer::Open("connection cut".into()));
                return Ok(());
            }
            (Mood::Flaky, 35..55) | (Mood::Silent, 40..60) => {
                self.accept(&ticket)?;
                self.note("  accepted, and the answer is lost".into());
                let _ = ticket.answer.send(Answer::Open("connection cut".into()));
                return Ok(());
            }
            (Mood::Flaky, 55..75) | (Mood::Silent, _) => {
                let seconds = self.dice.random_range(1..480);
                self.note(format!("  stalls for {seconds} s"));
                let accepted = self.chance(60);
                self.later(self.now + seconds * 1_000, Deed::Decide(ticket.number, accepted));
                self.stalled.insert(ticket.number, ticket);
                return Ok(());
            }
            _ => {}
        }
        let line = self.accept(&ticket)?;
        let receipt = self.desk().receipt(line);
        let _ = ticket.answer.send(Answer::Accepted(receipt));
        Ok(())
    }

    fn refuse(&mut self, ticket: Ticket, answer: Answer) -> Held {
        self.note(format!("  refused: {answer:?}"));
        self.settle(ticket.number, Fate::Refused);
        let said = answer.clone();
        let _ = ticket.answer.send(answer);
        self.life().calm();
        if self.life().disk.is_dead() {
            return Ok(());
        }
        // The daemon has heard it once the message is not on its way any more.
        let reference = ticket.reference;
        let state = self.life().read(|world| Ok(world.message_by_reference(reference)?.map(|m| m.state)));
        match (said, state) {
            (_, Some(MessageState::Sending)) => {}
            (Answer::Refused(Refusal::Stop { scope, .. }), Some(MessageState::Scheduled)) => {
                let last = ticket.number.max(self.last_ticket());
                self.stopped.insert(ticket.gateway, (last, scope));
            }
            (Answer::Refused(Refusal::Down { .. }), Some(MessageState::Scheduled)) => {}
            (Answer::Refused(Refusal::Stop { .. } | Refusal::Down { .. }), found) => {
                return broken(6, format!("a text that the gateway stopped is {found:?}, and should wait"));
            }
            (Answer::Refused(Refusal::OptedOut { .. }), _) => {
                let (at, phone) = (self.daemon_now().0, ticket.phone);
                let tale = Tale::No { phone, all: true, until: None };
                self.model.known.push(Known { id: "provider".into(), at, tale });
            }
            _ => {}
        }
        Ok(())
    }

    /// The newest call that was made.
    fn last_ticket(&self) -> u64 {
        let waiting = self.desk().tickets.iter().map(|t| t.number).max();
        waiting.unwrap_or(0).max(self.model.handed.last().map_or(0, |h| h.ticket))
    }

    fn accept(&mut self, taken: &Ticket) -> Result<usize, Broken> {
        let (ticket, gateway) = (taken.number, taken.gateway);
        let lag = if self.mood[gateway] == Mood::Well { 0 } else { self.dice.random_range(0..60) * 1_000 };
        let price = self.model.handed.iter().find(|h| h.ticket == ticket).map_or(0, |h| h.price);
        let line = Line {
            gateway,
            reference: taken.reference,
            ticket,
            accepted: self.now,
            visible: self.now + lag,
            price,
            state: Delivery::Queued,
            refunded: false,
        };
        let dedupes = self.gates[gateway].manners.dedupes;
        let (line, new) = self.desk().accept(line, dedupes);
        if !new {
            self.note("  known already by its reference".into());
            self.settle(ticket, Fate::Lost);
            return Ok(line);
        }
        self.at_acceptance(ticket)?;
        self.tally.accepted += 1;
        self.settle(ticket, Fate::Accepted(line));
        let pushes = match self.dice.random_range(0..100) {
            0..65 => 1,
            65..80 => 2,
            _ => 0,
        };
        let after = match self.dice.random_range(0..100) {
            0..80 => self.dice.random_range(2..600) * 1_000,
            80..95 => self.dice.random_range(10..300) * MINUTE,
            _ => self.dice.random_range(5..70) * HOUR,
        };
        let state = match self.dice.random_range(0..100) {
            0..78 => Delivery::Delivered,
            78..87 => Delivery::Failed,
            87..90 => Delivery::Blocked,
            _ => return Ok(line),
        };
        self.later(self.now + after, Deed::Report(line, state, pushes));
        Ok(line)
    }

    fn settle(&mut self, ticket: u64, fate: Fate) {
        if let Some(handed) = self.model.handed.iter_mut().find(|h| h.ticket == ticket) {
            handed.fate = fate;
        }
    }

    fn decide_stalled(&mut self, number: u64, accepted: bool) -> Held {
        let Some(ticket) = self.stalled.remove(&number) else { return Ok(()) };
        // It left the daemon long ago: whether that one still lives does not matter to the gateway.
        let answer = if accepted {
            let line = self.accept(&ticket)?;
            self.note("a stalled call was accepted".into());
            Answer::Accepted(self.desk().receipt(line))
        } else {
            self.note("a stalled call came to nothing".into());
            self.settle(number, Fate::Lost);
            Answer::Open("reset".into())
        };
        let _ = ticket.answer.send(answer);
        self.life().calm();
        Ok(())
    }

    fn answer_question(&mut self, question: Question) {
        let silent = self.mood.iter().any(|mood| matches!(mood, Mood::Silent | Mood::Down));
        let trouble = silent || self.chance(10);
        let no = || Trouble::Unreachable("no route".into());
        let desk = self.desk();
        match question {
            Question::States(ids, answer) => {
                let _ = answer.send(if trouble { Err(no()) } else { Ok(desk.states(&ids)) });
            }
            Question::Find(gateway, references, answer) => {
                let vague = self.gates[gateway].manners.vague;
                let _ = answer.send(if trouble { Err(no()) } else { Ok(desk.find(gateway, &references, vague)) });
            }
        }
    }

    fn report(&mut self, line: usize, state: Delivery, pushes: u32) {
        let refunded = state != Delivery::Delivered && self.chance(50);
        let ticket = {
            let mut desk = self.desk();
            let l = &mut desk.books[line];
            l.state = state;
            l.refunded = refunded;
            l.ticket
        };
        if let Some(handed) = self.model.handed.iter_mut().find(|h| h.ticket == ticket) {
            handed.failed = state != Delivery::Delivered;
            handed.refunded = refunded;
        }
        self.note(format!("line {line} is {state}, told {pushes} times"));
        for n in 0..pushes {
            let after = if n == 0 { 0 } else { self.dice.random_range(0..DAY) };
            self.later(self.now + after, Deed::Push(line));
        }
    }

    fn push(&mut self, line: usize) {
        let token = self.tokens().delivery;
        let name = NAMES[self.desk().books[line].gateway];
        let status = self.life().get(&format!("/gateway/{name}/delivery/{token}?line={line}"));
        if status != 200 || self.life().disk.is_dead() {
            let again = self.now + self.dice.random_range(1..30) * MINUTE;
            self.later(again, Deed::Push(line));
        }
    }

    pub fn tokens(&self) -> bazgasht::receive::callbacks::Tokens {
        bazgasht::daemon::start::tokens(&bazgasht::secret::Secret::new(crate::laws::SECRET))
    }

    pub fn make_gateway_well(&mut self, gateway: usize) -> Held {
        self.note(format!("gateway {gateway} is well"));
        self.mood[gateway] = Mood::Well;
        self.desk().broke[gateway] = false;
        // A blocked line is noticed by nobody but the owner, who reloads.
        self.reload_same()?;
        self.credit()
    }

    /// The daemon looks for credit, as it does every few minutes while it lacks some.
    pub fn credit(&mut self) -> Held {
        let lifted = self.life().look_for_credit();
        let holds = self.life().read(|world| world.holds());
        let broke = self.desk().broke;
        for (gateway, (_, scope)) in self.stopped.clone() {
            let own = HoldScope::Gateway(NAMES[gateway].to_owned(), scope.clone());
            if scope == StopScope::Credit && !holds.iter().any(|h| h.scope == own) {
                if broke[gateway] || !lifted {
                    return broken(6, "a hold for credit was lifted without credit");
                }
                self.stopped.remove(&gateway);
            }
        }
        Ok(())
    }

    /// The daemon looks at its brake, as it does every few minutes; the owner lets it go after some hours.
    fn brake(&mut self) {
        self.later(self.now + 6 * HOUR, Deed::Brake);
        self.life().look_at_brake();
        let holds = self.life().read(|world| world.holds());
        for hold in holds.iter().filter(|hold| !hold.scope.is_gateways()) {
            let scope = hold.scope.to_string();
            if self.holds.insert(scope.clone()) {
                self.note(format!("the brake holds {scope}: {}", hold.why));
                let until = self.now + self.dice.random_range(1..12) * HOUR;
                self.later(until, Deed::Lift(scope));
            }
        }
    }

    // ── the machine's side ──────────────────────────────────────────────────────────────────────────────────

    /// Begins a new life where the last one ended at a commit. True when it did.
    fn survive(&mut self) -> Result<bool, Broken> {
        if !self.life().disk.is_dead() {
            return Ok(false);
        }
        self.crash()?;
        Ok(true)
    }

    pub fn crash(&mut self) -> Held {
        self.tally.crashes += 1;
        self.note("the machine stops and starts again".into());
        let tickets: Vec<Ticket> = self.desk().tickets.drain(..).collect();
        for ticket in tickets {
            self.at_hand_over(&ticket)?;
            self.settle(ticket.number, Fate::Lost);
        }
        let folder = self.life.take().expect("alive").crash();
        self.begin(folder);
        self.hear_log()?;
        self.look_through_log()
    }

    pub fn restart(&mut self) -> Held {
        self.note("the daemon is restarted".into());
        let folder = self.life.take().expect("alive").stop();
        self.begin(folder);
        self.look_through_log()
    }

    pub fn mend_disk(&mut self) {
        if self.disk_bad {
            self.note("the disk is well".into());
            self.life().fill(false);
            self.life().disk.fail(false);
            self.disk_bad = false;
        }
    }

    pub fn right_clock(&mut self) {
        if self.skew != 0 {
            self.note("the clock is right".into());
            self.skew = 0;
            self.set_clock();
        }
    }

    pub fn skew_clock(&mut self, skew: Ms) {
        self.note(format!("the clock is {} min off", skew / MINUTE));
        self.skew = skew;
        self.set_clock();
    }
}
