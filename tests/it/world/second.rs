//! A second gateway without a protocol: takes what it is given, answers as told, and remembers.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};

use bazgasht::money::Money;
use bazgasht::phone::Phone;
use bazgasht::send::gateway::{Abilities, Answer, Body, Delivery, Gateway, Outgoing, Receipt, Soon, Trouble};

pub struct Second {
    name: &'static str,
    foreign_only: bool,
    batch: usize,
    books: Mutex<Books>,
}

#[derive(Default)]
struct Books {
    accepted: Vec<(i64, String)>,
    calls: Vec<usize>,
    next: VecDeque<Answer>,
}

impl Second {
    pub fn new(name: &'static str) -> Second {
        Second { name, foreign_only: false, batch: 1, books: Mutex::default() }
    }

    /// Delivers abroad only.
    pub fn abroad(self) -> Second {
        Second { foreign_only: true, ..self }
    }

    /// Takes so many texts in one call.
    pub fn in_batches_of(self, batch: usize) -> Second {
        Second { batch, ..self }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().expect("nobody panicked")
    }

    /// What the next message is answered; without it, it is accepted.
    pub fn next(&self, answer: Answer) {
        self.books().next.push_back(answer);
    }

    /// References and texts (of templates: their names) in the order of acceptance.
    pub fn accepted(&self) -> Vec<(i64, String)> {
        self.books().accepted.clone()
    }

    /// How many messages each call held.
    pub fn calls(&self) -> Vec<usize> {
        self.books().calls.clone()
    }

    fn take(&self, message: &Outgoing) -> Answer {
        let mut books = self.books();
        if let Some(answer) = books.next.pop_front() {
            return answer;
        }
        let said = match &message.body {
            Body::Text(text) => text.clone(),
            Body::Template { name, .. } => format!("template {name}"),
        };
        books.accepted.push((message.reference, said));
        Answer::Accepted(Receipt {
            gateway_id: format!("{}-{}", self.name, message.reference),
            cost: None,
            state: Delivery::Queued,
        })
    }
}

impl Gateway for Second {
    fn name(&self) -> &'static str {
        self.name
    }

    fn abilities(&self) -> Abilities {
        Abilities { templates: true, max_batch: self.batch, ..Abilities::SEND_ONLY }
    }

    fn reaches(&self, to: &Phone, _: bool) -> bool {
        !self.foreign_only || !to.is_iranian()
    }

    fn send<'a>(&'a self, message: &'a Outgoing) -> Soon<'a, Answer> {
        self.books().calls.push(1);
        Box::pin(async move { self.take(message) })
    }

    fn send_many<'a>(&'a self, messages: &'a [Outgoing]) -> Soon<'a, Vec<Answer>> {
        self.books().calls.push(messages.len());
        Box::pin(async move { messages.iter().map(|message| self.take(message)).collect() })
    }

    fn balance(&self) -> Soon<'_, Result<Option<Money>, Trouble>> {
        Box::pin(async { Ok(None) })
    }
}
