//! What is asked in the same words of every gateway whose fake is a scripted server.

use crate::served::{Fault, Server};

use super::*;

pub const PATIENCE: Patience = Patience { call: PATIENT, connect: PATIENT };
pub const NO_PATIENCE: Patience = Patience { call: HASTY, connect: PATIENT };

pub const STRANGER: &str = "<html>somebody's proxy 404</html>";

pub fn wrong(http: u16, body: &str) -> Fault {
    Fault::Answer(http, body.to_owned())
}

#[allow(clippy::unnecessary_wraps, reason = "what every option takes")]
pub fn base(address: &str) -> Option<url::Url> {
    Some(address.parse().unwrap())
}

pub fn seeking(reference: i64, text: &str, handed_unix: i64) -> Sought {
    Sought { reference, to: someone(), text: text.to_owned(), handed_unix }
}

pub fn said(reference: i64) -> Sought {
    let Body::Text(words) = text(reference).body else { unreachable!() };
    seeking(reference, &words, 1_767_607_200)
}

pub fn push(method: &str, query: &[(&str, &str)], body: &str) -> Push {
    Push {
        method: method.to_owned(),
        query: query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.as_bytes().to_vec(),
        ..Push::default()
    }
}

pub fn id(answer: &Answer) -> String {
    match answer {
        Answer::Accepted(receipt) => receipt.gateway_id.clone(),
        other => panic!("not accepted: {other:?}"),
    }
}

/// An answer that is lost, cut or strange leaves the message open, and it is handed over once.
pub async fn lost_answers_leave_it_open<G: Gateway>(
    server: &Server,
    gateway: impl Fn(Patience) -> G,
    taken: impl Fn() -> usize,
    message: &Outgoing,
) {
    for fault in [
        Fault::LoseAnswer,
        Fault::CutHalfway,
        Fault::Garbage,
        Fault::StallAfter,
        Fault::Stall,
        wrong(200, ""),
        wrong(200, "null"),
        wrong(200, "[]"),
        wrong(200, "{}"),
        wrong(200, "{\"data\":"),
    ] {
        let patience = if matches!(fault, Fault::Stall | Fault::StallAfter) { NO_PATIENCE } else { PATIENCE };
        let (calls, before) = (server.calls().len(), taken());
        server.next(fault.clone());
        let said = gateway(patience).send(message).await;
        assert!(is_open(&said), "{fault:?}: {said:?}");
        // Who lost patience may be done before the provider is.
        let (heard, done) = (calls + 1, before + usize::from(fault.does()));
        let settled = async {
            while server.calls().len() < heard || taken() < done {
                tokio::task::yield_now().await;
            }
        };
        let _ = tokio::time::timeout(PATIENT, settled).await;
        assert_eq!(server.calls().len(), heard, "{fault:?} was tried again");
        assert_eq!(taken(), done, "{fault:?}");
    }
}

/// Something between us and the provider holds the queue or leaves a message open; it never fails one.
pub async fn strangers_never_fail_a_message(server: &Server, gateway: &dyn Gateway, message: &Outgoing) {
    for (http, expected) in [
        (404, Act::Down),
        (400, Act::Down),
        (422, Act::Down),
        (407, Act::Stop(StopScope::Account)),
        (401, Act::Stop(StopScope::Account)),
        (403, Act::Stop(StopScope::Account)),
        (301, Act::Stop(StopScope::Account)),
        (408, Act::Later),
        (429, Act::Later),
        (200, Act::Open),
        (302, Act::Open),
        (500, Act::Open),
        (502, Act::Open),
        (503, Act::Open),
        (504, Act::Open),
    ] {
        server.next(wrong(http, STRANGER));
        let said = gateway.send(message).await;
        assert_eq!(act(&said), Some(expected), "HTTP {http}: {said:?}");
    }
}

/// A question that gets no clear answer is trouble, never an answer.
pub async fn unclear_answers_are_trouble(server: &Server, gateway: &dyn Gateway) {
    let ids = ["5".to_owned()];
    for fault in [Fault::LoseAnswer, Fault::CutHalfway, Fault::Garbage, wrong(500, STRANGER), wrong(200, "{\"a\":")] {
        let mut asked = Vec::new();
        server.next(fault.clone());
        asked.push(gateway.find(&[said(1)]).await.map(drop));
        server.next(fault.clone());
        asked.push(gateway.states(&ids).await.map(drop));
        server.next(fault.clone());
        asked.push(gateway.inbound(None).await.map(drop));
        server.next(fault.clone());
        asked.push(gateway.balance().await.map(drop));
        assert!(
            asked.iter().all(|a| matches!(a, Err(Trouble::Unreachable(_) | Trouble::Unreadable(_)))),
            "{fault:?}: {asked:?}"
        );
    }
}

/// Nowhere stands a secret, a number or a text, whatever the provider answers.
pub async fn nothing_is_shown<G: Gateway + std::fmt::Debug>(
    server: &Server,
    gateway: impl Fn(&str, Patience) -> G,
    template: &Outgoing,
    secrets: &[&str],
    echoes: &[String],
) {
    let log = Written::default();
    let sink = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || sink.clone()).finish();
    let guard = tracing_subscriber::util::SubscriberInitExt::set_default(subscriber);
    tracing::trace!("the log is read");

    let mut shown = String::new();
    let message = text(REFERENCE);
    let mut faults = vec![Fault::LoseAnswer, Fault::CutHalfway, Fault::Garbage, Fault::StallAfter];
    for secret in secrets {
        faults.extend([200, 302, 308, 400, 401, 500].map(|http| wrong(http, secret)));
    }
    for echo in echoes {
        faults.extend([200, 400, 401, 422, 500].map(|http| wrong(http, echo)));
    }
    for fault in faults {
        let patience = if matches!(fault, Fault::StallAfter) { NO_PATIENCE } else { PATIENCE };
        let gateway = gateway(&server.base(), patience);
        for message in [&message, template] {
            server.next(fault.clone());
            shown += &format!("{:?} {gateway:?} {message:?}\n", gateway.send(message).await);
        }
        server.next(fault.clone());
        shown += &format!("{:?}\n", gateway.find(&[said(1)]).await);
        server.next(fault.clone());
        shown += &format!("{:?}\n", gateway.balance().await);
        // Not every gateway asks something here, so no fault waits for it.
        shown += &format!("{:?}\n", gateway.look().await);
    }
    let nobody = gateway(&Fake::nobody().await, PATIENCE);
    let unreachable = nobody.send(&message).await;
    assert!(matches!(&unreachable, Answer::Refused(Refusal::Down { .. })), "{unreachable:?}");
    shown += &format!("{unreachable:?} {:?}\n", nobody.balance().await);
    drop(guard);

    let log = log.text();
    assert!(log.contains("the log is read"));
    for hidden in secrets.iter().copied().chain(["9120000001", "سلام، سبد"]) {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
        assert!(!log.contains(hidden), "{hidden} in {log}");
    }
}
