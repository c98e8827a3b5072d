//! A gateway that keeps its books through every crash of the daemon.
//!
//! It answers nothing by itself: each call is a ticket that waits until the run decides what becomes of it. So the run
//! knows of every hand-over before the gateway does, and nothing depends on which task is faster.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bazgasht::clock::Clock;
use bazgasht::money::{Currency, Money};
use bazgasht::send::gateway::{
    Abilities, Answer, Body, Delivery, Gateway, Inbound, Known, Outgoing, Push, Receipt, Report, Soon, Trouble,
};
use tokio::sync::oneshot;

use crate::laws::HOUR;
use crate::model::Ms;

pub const NAME: &str = "sim";

/// A call that waits for its answer.
pub struct Ticket {
    pub number: u64,
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
    Find(Vec<i64>, oneshot::Sender<Result<Vec<(i64, Known)>, Trouble>>),
}

/// One SMS that was accepted.
#[derive(Debug, Clone)]
pub struct Line {
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
    pub broke: bool,
    /// True time, set by the run.
    pub now: Ms,
}

pub struct Fake {
    desk: Mutex<Desk>,
    clock: Arc<dyn Clock>,
    /// The same reference is not sent twice within a day.
    pub dedupes: bool,
    /// References can be asked for.
    pub finds: bool,
}

impl Fake {
    pub fn new(clock: Arc<dyn Clock>, dedupes: bool, finds: bool) -> Fake {
        Fake { desk: Mutex::default(), clock, dedupes, finds }
    }

    pub fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

pub fn rial(minor: i64) -> Money {
    Money { minor, currency: "IRR".parse::<Currency>().expect("a currency") }
}

impl Desk {
    /// Takes a message, or finds that it has it already. The number of its line.
    pub fn accept(&mut self, reference: i64, ticket: u64, price: i64, dedupes: bool, lag: Ms) -> (usize, bool) {
        let now = self.now;
        let had = self.books.iter().position(|l| l.reference == reference && now - l.accepted < 24 * HOUR);
        if let Some(had) = had.filter(|_| dedupes) {
            return (had, false);
        }
        let (state, refunded) = (Delivery::Queued, false);
        self.books.push(Line { reference, ticket, accepted: now, visible: now + lag, price, state, refunded });
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
        }
    }

    pub fn states(&self, ids: &[String]) -> Vec<Report> {
        ids.iter().filter_map(|id| line_of(id)).filter(|l| *l < self.books.len()).map(|l| self.report(l)).collect()
    }

    pub fn find(&self, references: &[i64]) -> Vec<(i64, Known)> {
        let known = |reference: i64| {
            let line = self.books.iter().position(|l| l.reference == reference && l.visible <= self.now);
            line.map_or(Known::NotFound, |l| Known::Found(self.report(l)))
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
        NAME
    }

    fn abilities(&self) -> Abilities {
        let day = Duration::from_hours(24);
        Abilities {
            by_reference: self.finds.then_some(day),
            dedupes: self.dedupes.then_some(day),
            max_status_batch: 500,
            polls_delivery: true,
            templates: false,
        }
    }

    fn send<'a>(&'a self, message: &'a Outgoing) -> Soon<'a, Answer> {
        Box::pin(async move {
            let (answer, answered) = oneshot::channel();
            {
                let mut desk = self.desk();
                desk.next += 1;
                let text = match &message.body {
                    Body::Text(text) => text.clone(),
                    Body::Template { name, .. } => name.clone(),
                };
                let (number, at) = (desk.next, self.clock.now().0);
                let phone = message.to.e164().to_owned();
                desk.tickets.push_back(Ticket { number, at, reference: message.reference, phone, text, answer });
            }
            heard(answered).await
        })
    }

    fn find<'a>(&'a self, references: &'a [i64]) -> Soon<'a, Result<Vec<(i64, Known)>, Trouble>> {
        Box::pin(async move {
            let (answer, answered) = oneshot::channel();
            self.desk().questions.push_back(Question::Find(references.to_vec(), answer));
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
        let left = if self.desk().broke { 10 } else { 1_000_000 };
        Box::pin(async move { Ok(Some(rial(left))) })
    }

    fn look(&self) -> Soon<'_, Result<Vec<String>, Trouble>> {
        Box::pin(async { Ok(Vec::new()) })
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
