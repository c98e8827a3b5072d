//! Several texts in one call: `sms/sendarray`.
//!
//! The documentation leaves open how the references are written there ("array" in one place, "comma separated" in another). If
//! ours were not understood, a lost answer would leave messages that look as if they had never arrived. So the first text
//! goes in an array of its own, and arrays are used only after Kavenegar knew that text by its reference. Until then, that it
//! does not know a reference which went in an array proves nothing.

use std::collections::BTreeSet;
use std::slice;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::json;

use super::{Kavenegar, NO_MESSAGE, Verdict, receipt, receptor};
use crate::send::gateway::{Answer, Body, Gateway, Known, Outgoing, Soon, Sought};
use crate::send::gateways::batch::{Outcome, for_the_rest, in_halves, one_by_one};
use crate::send::gateways::loose;

const MOST_TEXTS: usize = 200;

/// Whether references are kept when they come in arrays.
#[derive(Default)]
pub(super) struct Arrays {
    verdict: AtomicU8,
    /// References of texts that went in an array before that was known, and got no clear answer.
    doubted: Mutex<BTreeSet<i64>>,
}

const NOT_TRIED: u8 = 0;
const KEEP: u8 = 1;
const LOSE: u8 = 2;

impl Arrays {
    fn verdict(&self) -> u8 {
        self.verdict.load(Ordering::Relaxed)
    }

    fn doubted(&self) -> MutexGuard<'_, BTreeSet<i64>> {
        self.doubted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether "not there" can be believed of this reference.
    pub(super) fn can_miss(&self, reference: i64) -> bool {
        self.verdict() == KEEP || !self.doubted().contains(&reference)
    }
}

impl Kavenegar {
    /// Arrays need a line for each text, so they need one that we know.
    pub(super) fn most_texts(&self) -> usize {
        if self.sender.is_some() && self.arrays.verdict() != LOSE { MOST_TEXTS } else { 1 }
    }

    pub(super) async fn send_texts(&self, messages: &[Outgoing]) -> Vec<Answer> {
        let fit = messages.iter().all(|message| message.is_text() && message.to.is_iranian());
        let Some(line) = self.sender.as_deref().filter(|_| fit) else { return one_by_one(self, messages).await };
        match self.arrays.verdict() {
            KEEP => in_halves(messages, |batch| self.array(line, batch)).await,
            LOSE => one_by_one(self, messages).await,
            _ => self.try_arrays(line, messages).await,
        }
    }

    async fn try_arrays(&self, line: &str, messages: &[Outgoing]) -> Vec<Answer> {
        let Some((first, rest)) = messages.split_first() else { return Vec::new() };
        // Noted before the call, which may never come back.
        self.arrays.doubted().insert(first.reference);
        let mut answers = in_halves(slice::from_ref(first), |batch| self.array(line, batch)).await;
        if matches!(&answers[..], [Answer::Accepted(_) | Answer::Refused(_)]) {
            self.arrays.doubted().remove(&first.reference);
        }
        match answers.first() {
            Some(Answer::Accepted(_)) => self.learn(first).await,
            Some(answer) => {
                if let Some(same) = for_the_rest(answer) {
                    answers.resize(messages.len(), same);
                    return answers;
                }
            }
            None => {}
        }
        answers.extend(match self.arrays.verdict() {
            KEEP => in_halves(rest, |batch| self.array(line, batch)).await,
            _ => one_by_one(self, rest).await,
        });
        answers
    }

    /// Asks for a message that was just accepted out of an array.
    async fn learn(&self, message: &Outgoing) {
        let text = String::new();
        let sought = Sought { reference: message.reference, to: message.to.clone(), text, handed_unix: 0 };
        let verdict = match self.find(&[sought]).await.as_deref() {
            Ok([(_, Known::Found(_))]) => KEEP,
            Ok([(_, Known::NotFound)]) => {
                tracing::warn!("kavenegar does not keep references of sms/sendarray: texts go one by one");
                LOSE
            }
            Ok(_) | Err(_) => NOT_TRIED,
        };
        self.arrays.verdict.store(verdict, Ordering::Relaxed);
    }

    fn array<'a>(&'a self, line: &'a str, batch: &'a [Outgoing]) -> Soon<'a, Outcome> {
        Box::pin(async move {
            let numbers: Vec<String> = batch.iter().map(|message| receptor(&message.to)).collect();
            let texts: Vec<&str> = batch
                .iter()
                .map(|message| match &message.body {
                    Body::Text(text) => text.as_str(),
                    Body::Template { .. } => "",
                })
                .collect();
            let references: Vec<i64> = batch.iter().map(|message| message.reference).collect();
            let form = [
                ("receptor", json!(numbers).to_string()),
                ("sender", json!(vec![line; batch.len()]).to_string()),
                ("message", json!(texts).to_string()),
                ("localmessageids", json!(references).to_string()),
            ];
            match self.entries("sms/sendarray", &form, None).await {
                Ok(entries) => each(&entries, &numbers),
                Err(Verdict::Settled(answer)) => Outcome::Whole(answer),
                Err(Verdict::Doubtful(why)) => Outcome::Whole(Answer::Open(why)),
            }
        })
    }
}

/// Entries stand in the order of the arrays. One that names another number, or of which there are too few or too many, says
/// nothing: its message is asked about by reference.
fn each(entries: &str, numbers: &[String]) -> Outcome {
    let open = |why: &str| Answer::Open(why.to_owned());
    let Some(rows) = loose::objects(entries).filter(|rows| rows.len() == numbers.len()) else {
        return Outcome::Whole(open("kavenegar's answer has not one entry for each text"));
    };
    Outcome::Each(
        rows.iter()
            .zip(numbers)
            .map(|(row, number)| {
                let same = row.scalar("receptor").is_none_or(|said| last_digits(&said) == last_digits(number));
                match receipt(row) {
                    Some(receipt) if same => Answer::Accepted(receipt),
                    Some(_) => open("kavenegar's entries are in another order than the texts"),
                    None => open(NO_MESSAGE),
                }
            })
            .collect(),
    )
}

/// Enough to tell numbers of one country apart, however they are written.
fn last_digits(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    digits.iter().rev().take(10).collect()
}
