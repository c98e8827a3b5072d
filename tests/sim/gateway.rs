//! Two gateways that keep their books through every crash of the daemon.
//!
//! It answers nothing by itself: each call is a ticket that waits until the run decides what becomes of it. So the run
//! knows of every hand-over before the gateway does, and nothing depends on which task is faster.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bazgasht::clock::Clock;
use bazgasht::money::{Currency, Money};
use bazgasht::send::gateway::{
    Abilities, Answer, Body, Delivery, Gateway, Inbound, Known, Outgoing, Push, Receipt, Report, Soon, Sought, Trouble,
};
use tokio::sync::oneshot;

use crate::laws::HOUR;
use crate::model::Ms;

/// As the settings know them, the preferred one first.
pub const NAMES: [&str; 2] = ["kavenegar", "console"];

/// A message of a call, which waits for its answer.
pub struct Ticket {
    pub number: u64,
    /// By its place in the owner's order.
    pub gateway: usize,
    /// By the daemon's clock.
    pub at: Ms,
    pub reference: i64,
    pub phone: String,
    pub text: String,
    pub answer: oneshot::Sender<Answer>,
}

/// A question that waits for its answer.
pub enum Question {
    States(Vec<String>, oneshot::Sender<Result<Vec<Report>, Trouble>>),
    Find(usize, Vec<i64>, oneshot::Sender<Result<Vec<(i64, Known)>, Trouble>>),
}

/// One SMS that was accepted.
#[derive(Debug, Clone)]
pub struct Line {
    pub gateway: usize,
    pub reference: i64,
    pub ticket: u64,
    /// True time.
    pub accepted: Ms,
    /// It can be found by its reference from then on. True time.
    pub visible: Ms,
    /// Rial.
    pub price: i64,
    pub state: Delivery,
    pub refunded: bool,
}

#[derive(Default)]
pub struct Desk {
    pub tickets: VecDeque<Ticket>,
    pub questions: VecDeque<Question>,
    pub books: Vec<Line>,
    next: u64,
    pub broke: [bool; 2],
    /// True time, set by the run.
    pub now: Ms,
}

/// What a provider promises.
#[derive(Debug, Clone, Copy)]
pub struct Manners {
    /// The same reference is not sent twice within a day.
    pub dedupes: bool,
    /// References can be asked for.
    pub finds: bool,
    /// What it does not find it may have all the same.
    pub vague: bool,
    /// Texts in one call.
    pub batch: usize,
}

pub struct Fake {
    place: usize,
    desk: Arc<Mutex<Desk>>,
    clock: Arc<dyn Clock>,
    pub manners: Manners,
}

pub fn open(desk: &Arc<Mutex<Desk>>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Fake {
    pub fn new(place: usize, desk: Arc<Mutex<Desk>>, clock: Arc<dyn Clock>, manners: Manners) -> Fake {
        Fake { place, desk, clock, manners }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        open(&self.desk)
    }

    fn ticket(&self, message: &Outgoing) -> oneshot::Receiver<Answer> {
        let (answer, answered) = oneshot::channel();
        let mut desk = self.desk();
        desk.next += 1;
        let text = match &message.body {
            Body::Text(text) => text.clone(),
            Body::Template { name, .. } => name.clone(),
        };
        let (number, at, gateway, reference) = (desk.next, self.clock.now().0, self.place, message.reference);
        let phone = message.to.e164().to_owned();
        desk.tickets.push_back(Ticket { number, gateway, at, reference, phone, text, answer });
        answered
    }
}

pub fn rial(minor: i64) -> Money {
    Money { minor, currency: "IRR".parse::<Currency>().expect("a currency") }
}

impl Desk {
    /// Takes a message, or finds that it has it already. The number of its line.
    pub fn accept(&mut self, new: Line, dedupes: bool) -> (usize, bool) {
        let same = |l: &Line| {
            l.gateway == new.gateway && l.reference == new.reference && new.accepted - l.accepted < 24 * HOUR
        };
        if let Some(had) = self.books.iter().position(same).filter(|_| dedupes) {
            return (had, false);
        }
        self.books.push(new);
        (self.books.len() - 1, true)
    }

    pub fn receipt(&self, line: usize) -> Receipt {
        let l = &self.books[line];
        Receipt { gateway_id: gateway_id(line), cost: Some(rial(l.price)), state: l.state }
    }

    pub fn report(&self, line: usize) -> Report {
        let l = &self.books[line];
        Report {
            gateway_id: Some(gateway_id(line)),
            reference: Some(l.reference),
            state: l.state,
            cost: Some(rial(l.price)),
            refunded: l.refunded,
            opted_out: false,
            stop: None,
        }
    }

    pub fn states(&self, ids: &[String]) -> Vec<Report> {
        ids.iter().filter_map(|id| line_of(id)).filter(|l| *l < self.books.len()).map(|l| self.report(l)).collect()
    }

    pub fn find(&self, gateway: usize, references: &[i64], vague: bool) -> Vec<(i64, Known)> {
        let known = |reference: i64| {
            let seen = |l: &Line| l.gateway == gateway && l.reference == reference && l.visible <= self.now;
            match self.books.iter().position(seen) {
                Some(line) => Known::Found(self.report(line)),
                None if vague => Known::CannotTell,
                None => Known::NotFound,
            }
        };
        references.iter().map(|r| (*r, known(*r))).collect()
    }
}

pub fn gateway_id(line: usize) -> String {
    format!("g{line}")
}

fn line_of(id: &str) -> Option<usize> {
    id.strip_prefix('g')?.parse().ok()
}

/// Waits for the run's answer; a crash leaves it waiting for ever.
async fn heard<T>(answer: oneshot::Receiver<T>) -> T {
    match answer.await {
        Ok(answer) => answer,
        Err(_) => std::future::pending().await,
    }
}

impl Gateway for Fake {
    fn name(&self) -> &'static str {
        NAMES[self.place]
    }

    fn abilities(&self) -> Abilities {
        let day = Duration::from_hours(24);
        Abilities {
            finds: self.manners.finds.then_some(day),
            dedupes: self.manners.dedupes.then_some(day),
            max_batch: self.manners.batch,
            max_status_batch: 500,
            polls_delivery: true,
            ..Abilities::SEND_ONLY
        }
    }

    fn send<'a>(&'a self, message: &'a Outgoing) -> Soon<'a, Answer> {
        Box::pin(async move {
            let answered = self.ticket(message);
            heard(answered).await
        })
    }

    fn send_many<'a>(&'a self, messages: &'a [Outgoing]) -> Soon<'a, Vec<Answer>> {
        Box::pin(async move {
            let waiting: Vec<_> = messages.iter().map(|message| self.ticket(message)).collect();
            let mut answers = Vec::new();
            for answered in waiting {
                answers.push(heard(answered).await);
            }
            answers
        })
    }

    fn find<'a>(&'a self, sought: &'a [Sought]) -> Soon<'a, Result<Vec<(i64, Known)>, Trouble>> {
        Box::pin(async move {
            let (answer, answered) = oneshot::channel();
            let references = sought.iter().map(|s| s.reference).collect();
            self.desk().questions.push_back(Question::Find(self.place, references, answer));
            heard(answered).await
        })
    }

    fn states<'a>(&'a self, gateway_ids: &'a [String]) -> Soon<'a, Result<Vec<Report>, Trouble>> {
        Box::pin(async move {
            let (answer, answered) = oneshot::channel();
            self.desk().questions.push_back(Question::States(gateway_ids.to_vec(), answer));
            heard(answered).await
        })
    }

    fn balance(&self) -> Soon<'_, Result<Option<Money>, Trouble>> {
        let left = if self.desk().broke[self.place] { 10 } else { 1_000_000 };
        Box::pin(async move { Ok(Some(rial(left))) })
    }

    /// `line=…`: the state of that line as the books have it now.
    fn delivery_push(&self, push: &Push) -> Result<Vec<Report>, Trouble> {
        let line = value(push, "line").and_then(|l| l.parse::<usize>().ok());
        line.map(|l| vec![self.desk().report(l)]).ok_or_else(|| Trouble::Unreadable("no line".into()))
    }

    fn inbound_push(&self, push: &Push) -> Result<Vec<Inbound>, Trouble> {
        let from = value(push, "from").ok_or_else(|| Trouble::Unreadable("no sender".into()))?;
        let at_unix = value(push, "at").and_then(|a| a.parse().ok());
        let text = value(push, "text").unwrap_or_default();
        Ok(vec![Inbound { gateway_id: value(push, "id"), from, to: None, text, at_unix }])
    }
}

fn value(push: &Push, name: &str) -> Option<String> {
    push.query.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone())
}
