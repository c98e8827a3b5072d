//! Several messages, when one of them or the way is at fault.

use std::time::Duration;

use tokio::time::Instant;

use crate::send::gateway::{Answer, Gateway, Outgoing, Refusal, Soon};

/// After this no further call is begun: together with the last one it stays within what the driver waits for, and what
/// was answered is not lost with what was not.
const LONGEST: Duration = Duration::from_secs(35);

/// What one call with several messages came to.
pub(super) enum Outcome {
    /// One answer each, in the order given.
    Each(Vec<Answer>),
    /// One word for the whole call.
    Whole(Answer),
}

/// Hands messages over by `call`, and in halves again and again where the whole call was refused for what can be the fault of
/// one of them. One answer each, in the order given.
pub(super) async fn in_halves<'a>(
    messages: &'a [Outgoing],
    call: impl Fn(&'a [Outgoing]) -> Soon<'a, Outcome> + Send + Sync,
) -> Vec<Answer> {
    let mut answers = Vec::with_capacity(messages.len());
    let mut waiting = vec![messages];
    let begun = Instant::now();
    while let Some(batch) = waiting.pop().filter(|batch| !batch.is_empty()) {
        if begun.elapsed() > LONGEST {
            answers.resize(messages.len(), no_time_left());
            break;
        }
        match call(batch).await {
            Outcome::Each(mut each) => {
                each.resize_with(batch.len(), || Answer::Open("the answer says nothing of it".to_owned()));
                answers.append(&mut each);
            }
            Outcome::Whole(Answer::Refused(refusal)) if batch.len() > 1 && is_of_one(&refusal) => {
                let (first, second) = batch.split_at(batch.len() / 2);
                waiting.extend([second, first]);
            }
            Outcome::Whole(answer) => {
                let rest = for_the_rest(&answer);
                answers.extend(std::iter::repeat_n(answer, batch.len()));
                if let Some(rest) = rest {
                    answers.resize(messages.len(), rest);
                    break;
                }
            }
        }
    }
    answers
}

/// Hands messages over in a call each.
pub(in crate::send) async fn one_by_one<G: Gateway + ?Sized>(gateway: &G, messages: &[Outgoing]) -> Vec<Answer> {
    let mut answers = Vec::with_capacity(messages.len());
    let begun = Instant::now();
    for message in messages {
        if begun.elapsed() > LONGEST {
            answers.resize(messages.len(), no_time_left());
            break;
        }
        let answer = gateway.send(message).await;
        let rest = for_the_rest(&answer);
        answers.push(answer);
        if let Some(rest) = rest {
            answers.resize(messages.len(), rest);
            break;
        }
    }
    answers
}

fn no_time_left() -> Answer {
    Answer::Refused(Refusal::Later {
        after: None,
        why: "not handed over: the calls before it took too long".to_owned(),
    })
}

/// What the messages behind this answer get without being handed over, when the way itself is at fault.
pub(super) fn for_the_rest(answer: &Answer) -> Option<Answer> {
    match answer {
        Answer::Refused(refusal) if !is_of_one(refusal) => Some(answer.clone()),
        // Nobody answers: those that were not handed over should not come into doubt as well.
        Answer::Open(_) => Some(Answer::Refused(Refusal::Later {
            after: None,
            why: "not handed over: the call before it got no clear answer".to_owned(),
        })),
        Answer::Refused(_) | Answer::Accepted(_) => None,
    }
}

/// A reason that lies in a message, not in the account or the way to it.
fn is_of_one(refusal: &Refusal) -> bool {
    match refusal {
        Refusal::Never { .. } | Refusal::Blocked { .. } | Refusal::OptedOut { .. } | Refusal::Mistake { .. } => true,
        Refusal::Later { .. } | Refusal::Down { .. } | Refusal::Stop { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::{Outcome, in_halves};
    use crate::phone::Phone;
    use crate::send::gateway::{Answer, Body, Delivery, Outgoing, Receipt, Refusal, StopScope};

    fn texts(count: i64) -> Vec<Outgoing> {
        let to = Phone::from_e164("+989120000001").unwrap();
        (1..=count).map(|reference| Outgoing { reference, to: to.clone(), body: Body::Text("x".to_owned()) }).collect()
    }

    fn accepted(message: &Outgoing) -> Answer {
        let gateway_id = message.reference.to_string();
        Answer::Accepted(Receipt { gateway_id, cost: None, state: Delivery::Queued })
    }

    fn never() -> Answer {
        Answer::Refused(Refusal::Never { why: "bad".to_owned() })
    }

    #[tokio::test]
    async fn the_one_at_fault_is_found_and_the_order_stays() {
        let messages = texts(7);
        let calls = Mutex::new(Vec::new());
        let answers = in_halves(&messages, |batch| {
            calls.lock().unwrap().push(batch.len());
            let bad = batch.iter().any(|message| message.reference == 5);
            let outcome =
                if bad { Outcome::Whole(never()) } else { Outcome::Each(batch.iter().map(accepted).collect()) };
            Box::pin(async { outcome })
        })
        .await;
        let expected: Vec<Answer> =
            messages.iter().map(|m| if m.reference == 5 { never() } else { accepted(m) }).collect();
        assert_eq!(answers, expected);
        assert_eq!(*calls.lock().unwrap(), [7, 3, 4, 2, 1, 1, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_answered_in_time_is_not_lost_with_the_rest() {
        let messages = texts(4);
        let answers = in_halves(&messages, |batch| {
            let outcome =
                if batch.len() > 1 { Outcome::Whole(never()) } else { Outcome::Each(vec![accepted(&batch[0])]) };
            Box::pin(async {
                tokio::time::sleep(std::time::Duration::from_secs(15)).await;
                outcome
            })
        })
        .await;
        assert_eq!(answers[0], accepted(&messages[0]));
        assert!(answers[1..].iter().all(|a| matches!(a, Answer::Refused(Refusal::Later { .. }))), "{answers:?}");
    }

    #[tokio::test]
    async fn nothing_is_no_call() {
        let answers = in_halves(&[], |_| panic!("called")).await;
        assert!(answers.is_empty());
    }

    #[tokio::test]
    async fn a_way_at_fault_is_asked_once() {
        let messages = texts(4);
        let stop = Answer::Refused(Refusal::Stop { scope: StopScope::Credit, why: "no credit".to_owned() });
        let answers = in_halves(&messages, |_| {
            let stop = stop.clone();
            Box::pin(async { Outcome::Whole(stop) })
        })
        .await;
        assert_eq!(answers, vec![stop.clone(); 4]);
    }

    #[tokio::test]
    async fn behind_a_lost_answer_nothing_more_comes_into_doubt() {
        let messages = texts(2);
        let answers = in_halves(&messages, |batch| {
            let outcome = if batch.len() > 1 { never() } else { Answer::Open("lost".to_owned()) };
            Box::pin(async { Outcome::Whole(outcome) })
        })
        .await;
        assert!(matches!(&answers[..], [Answer::Open(_), Answer::Refused(Refusal::Later { .. })]), "{answers:?}");
    }
}
