//! The page behind a question's link, for whoever cannot answer by SMS and for shops whose links lead straight to the daemon;
//! elsewhere the bridge shows its own.
//!
//! Opening it changes nothing: phones open links that nobody has tapped. What is pressed becomes an event of the log.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;
use sha2::{Digest, Sha256};
use tracing::warn;

use super::ask_words::{self, Says};
use super::desk::{Batch, Question};
use super::http::{Door, to_shop};
use super::stop_page::alone;
use crate::clock::At;
use crate::ids::hex;
use crate::links::follow::slug_in;
use crate::state::model::Link;
use crate::store::log::Incoming;

/// What stands before `/ask` in what stands behind `/s/`; phones take the full stop after an address along.
#[must_use]
pub fn slug_before_ask(path: &str) -> Option<&str> {
    path.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()).strip_suffix("/ask").and_then(slug_in)
}

/// The page as it is opened.
pub(super) fn open(door: &Door, slug: &str) -> Response {
    match asked(door, slug) {
        Ok(Some((link, question))) => {
            let says = if question.is_open && door.now() < link.expires { Says::Ask } else { Says::Over };
            page(door, slug, &question, says)
        }
        Ok(None) => to_shop(door, None),
        Err(_) => to_shop(door, Some(slug)),
    }
}

fn asked(door: &Door, slug: &str) -> anyhow::Result<Option<(Link, Question)>> {
    let found = door.desk.link(slug).and_then(|link| {
        let Some(link) = link else { return Ok(None) };
        Ok(door.desk.question(&link, door.now())?.map(|question| (link, question)))
    });
    found.inspect_err(|e| warn!(error = format!("{e:#}"), "link of a question not read"))
}

/// What was pressed.
pub(super) async fn answer(door: &Door, slug: &str, body: Result<Bytes, BytesRejection>) -> Response {
    let fields: Vec<(String, String)> =
        body.map(|body| url::form_urlencoded::parse(&body).into_owned().collect()).unwrap_or_default();
    let field = |wanted: &str| fields.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let (link, question) = match asked(door, slug) {
        Ok(Some(asked)) => asked,
        Ok(None) => return to_shop(door, None),
        Err(_) => return to_shop(door, Some(slug)),
    };
    let pressed = field(ask_words::ANSWER).filter(|label| question.answers.iter().any(|known| known == label));
    let proven = field(ask_words::PROOF).is_some_and(|proof| door.stop.is_proof(slug, proof));
    let (Some(label), true) = (pressed, proven) else { return page(door, slug, &question, Says::Again) };
    let now = door.now();
    if !question.is_open || now >= link.expires {
        return page(door, slug, &question, Says::Over);
    }
    if !door.stop.has_room_for_answer(now) {
        warn!("an answer on a question's page was put off: too many at once");
        return page(door, slug, &question, Says::Busy);
    }
    let batch = Batch { received: now, good: vec![event(&link.slug, label, now)], bad: Vec::new() };
    match door.desk.take(batch).await {
        Ok(_) => {
            door.nudge.notify_one();
            page(door, slug, &question, Says::Thanks)
        }
        Err(e) => {
            warn!(error = %e, "an answer on a question's page was not stored");
            page(door, slug, &question, Says::Broken)
        }
    }
}

/// The same answer to the same text is one event, however often it is tapped.
fn event(slug: &str, label: &str, now: At) -> Incoming {
    let event_id = format!("ask-{:.40}", hex(&Sha256::digest(format!("{slug}\n{label}"))));
    let data = json!({"link": slug, "answer": label}).to_string();
    Incoming { event_id, kind: "contact.answered".to_owned(), time: now, data }
}

fn page(door: &Door, slug: &str, question: &Question, says: Says) -> Response {
    let status = match says {
        Says::Ask | Says::Thanks | Says::Over => StatusCode::OK,
        Says::Again => StatusCode::FORBIDDEN,
        Says::Busy => StatusCode::TOO_MANY_REQUESTS,
        Says::Broken => StatusCode::SERVICE_UNAVAILABLE,
    };
    alone(status, ask_words::page(&door.stop.front(), question, &door.stop.proof(slug), says))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_tap_is_the_same_event_and_another_answer_is_another() {
        let id = |label, at| event("3JcKdsX", label, At(at)).event_id;
        assert_eq!(id("بله", 1), id("بله", 9_000));
        assert_ne!(id("بله", 1), id("نه", 1));
        assert!(id("بله", 1).len() <= crate::receive::event::MAX_ID_BYTES);
    }

    #[test]
    fn the_slug_is_what_stands_before() {
        for path in ["3JcKdsX/ask", "3JcKdsX/ask/", "3JcKdsX/ask."] {
            assert_eq!(slug_before_ask(path), Some("3JcKdsX"), "{path}");
        }
        for path in ["3JcKdsX", "ask", "3JcKdsXask", "3JcKdsX/asks", "x/ask", "3JcKdsX/stop"] {
            assert_eq!(slug_before_ask(path), None, "{path}");
        }
    }
}
