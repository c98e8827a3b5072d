//! The page behind `{link}/stop`, for shops whose links lead straight to the daemon; elsewhere the bridge shows its own.
//!
//! Opening it changes nothing: phones open links that nobody has tapped. What is pressed becomes an event of the log, like a
//! choice made anywhere else. Every slug gets the same page, so that the page tells nothing of who was written to.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::{Digest, Sha256};
use tracing::warn;

use super::bucket::Bucket;
use super::desk::Batch;
use super::http::Door;
use super::stop_words::{self, Answer, Choice};
use crate::campaign::model::Language;
use crate::clock::{At, Span};
use crate::ids::hex;
use crate::links::follow::slug_in;
use crate::store::log::Incoming;

/// Largest body of a choice: two short fields.
pub const MAX_BODY_BYTES: usize = 1 << 10;
/// Choices that are taken at once, and then one each half second.
const AT_ONCE: u32 = 60;
const EVERY_MS: u32 = 500;
const PAUSE: Span = Span::days(30);
/// Taps this close together are one tap. Nobody stops, agrees and stops again within it.
const ONE_TAP_MS: i64 = 2_000;
const SOURCE: &str = "link";

/// What the page says of the shop.
#[derive(Debug, Clone)]
pub struct Front {
    /// May be empty: the page then names no shop.
    pub name: String,
    pub url: Option<String>,
    pub language: Language,
}

pub struct StopPage {
    key: [u8; 32],
    bucket: Bucket,
    /// A room of their own: a campaign's many answers must not stand in the way of who wants no more texts.
    answers: Bucket,
    front: Box<dyn Fn() -> Front + Send + Sync>,
}

impl StopPage {
    /// `key`: the daemon's secret, from which the proofs of its forms are drawn.
    #[must_use]
    pub fn new(key: &[u8], front: Box<dyn Fn() -> Front + Send + Sync>) -> StopPage {
        let key = Sha256::new().chain_update(b"bazgasht stop page").chain_update(key).finalize().into();
        let room = || Bucket::new(AT_ONCE, EVERY_MS);
        StopPage { key, bucket: room(), answers: room(), front }
    }

    pub(super) fn front(&self) -> Front {
        (self.front)()
    }

    /// Takes one of the answers that are taken at once; false: too many came.
    pub(super) fn has_room_for_answer(&self, now: At) -> bool {
        self.answers.take(now)
    }

    fn mac(&self, slug: &str) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        mac.update(slug.as_bytes());
        Some(mac)
    }

    /// What a form of this page carries, so that a foreign page cannot press its buttons blindly.
    pub(super) fn proof(&self, slug: &str) -> String {
        self.mac(slug).map(|mac| format!("{:.32}", hex(&mac.finalize().into_bytes()))).unwrap_or_default()
    }

    pub(super) fn is_proof(&self, slug: &str, proof: &str) -> bool {
        let bytes: Option<Vec<u8>> =
            proof.as_bytes().chunks(2).map(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok()).collect();
        let (Some(mac), Some(bytes)) = (self.mac(slug), bytes) else { return false };
        bytes.len() == 16 && mac.verify_truncated_left(&bytes).is_ok()
    }
}

/// What stands before `/stop` in what stands behind `/s/`; phones take the full stop after an address along.
#[must_use]
pub fn slug_before_stop(path: &str) -> Option<&str> {
    path.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()).strip_suffix("/stop")
}

/// The page as it is opened.
pub(super) fn open(door: &Door, slug: &str) -> Response {
    page(door, slug, Answer::Ask)
}

/// What was pressed.
pub(super) async fn choose(door: &Door, slug: &str, body: Result<Bytes, BytesRejection>) -> Response {
    let fields: Vec<(String, String)> =
        body.map(|body| url::form_urlencoded::parse(&body).into_owned().collect()).unwrap_or_default();
    let field = |wanted: &str| fields.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let choice = field(stop_words::CHOICE).and_then(Choice::from_word);
    let (Some(choice), true) = (choice, field(stop_words::PROOF).is_some_and(|p| door.stop.is_proof(slug, p))) else {
        return page(door, slug, Answer::Again);
    };
    let now = door.clock.now();
    if !door.stop.bucket.take(now) {
        warn!("a choice on the stop page was put off: too many at once");
        return page(door, slug, Answer::Busy);
    }
    let known = match slug_in(slug).map(|slug| door.desk.link(slug)).transpose() {
        Ok(found) => found.flatten(),
        Err(e) => {
            warn!(error = format!("{e:#}"), "link of a stop page not read");
            return page(door, slug, Answer::Broken);
        }
    };
    // Nobody was ever written to with another slug: there is nothing to remember, and the same is said.
    let Some(link) = known else { return page(door, slug, Answer::Done(choice)) };
    let batch = Batch { received: now, good: vec![event(&link.slug, choice, now)], bad: Vec::new() };
    match door.desk.take(batch).await {
        Ok(_) => {
            door.nudge.notify_one();
            page(door, slug, Answer::Done(choice))
        }
        Err(e) => {
            warn!(error = %e, "a choice on the stop page was not stored");
            page(door, slug, Answer::Broken)
        }
    }
}

fn event(slug: &str, choice: Choice, now: At) -> Incoming {
    let (kind, data) = match choice {
        Choice::All => ("contact.opted_out", json!({"link": slug, "source": SOURCE, "scope": "all"})),
        Choice::Orders => ("contact.opted_out", json!({"link": slug, "source": SOURCE, "scope": "marketing"})),
        Choice::Pause => {
            let until = now.plus(PAUSE).rfc3339();
            ("contact.opted_out", json!({"link": slug, "source": SOURCE, "scope": "marketing", "until": until}))
        }
        Choice::Start => ("contact.opted_in", json!({"link": slug, "source": SOURCE})),
    };
    let tap = format!("{slug}\n{}\n{}", choice.word(), now.0.div_euclid(ONE_TAP_MS));
    let event_id = format!("stop-{:.40}", hex(&Sha256::digest(tap)));
    Incoming { event_id, kind: kind.to_owned(), time: now, data: data.to_string() }
}

fn page(door: &Door, slug: &str, answer: Answer) -> Response {
    let html = stop_words::page(&door.stop.front(), &door.stop.proof(slug), answer);
    let status = match answer {
        Answer::Ask | Answer::Done(_) => StatusCode::OK,
        Answer::Again => StatusCode::FORBIDDEN,
        Answer::Busy => StatusCode::TOO_MANY_REQUESTS,
        Answer::Broken => StatusCode::SERVICE_UNAVAILABLE,
    };
    alone(status, html)
}

/// A page that needs nothing and tells nobody where it was opened.
pub(super) fn alone(status: StatusCode, html: String) -> Response {
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::try_from(policy()) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("30"));
    }
    response
}

/// Nothing from anywhere, no script, this one style, and forms that go back here.
fn policy() -> String {
    let style = STANDARD.encode(Sha256::digest(stop_words::STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> StopPage {
        let front = Front { name: String::new(), url: None, language: Language::English };
        StopPage::new(b"a secret", Box::new(move || front.clone()))
    }

    #[test]
    fn a_proof_is_for_one_slug_and_one_secret() {
        let own = page();
        let proof = own.proof("3JcKdsX");
        assert!(own.is_proof("3JcKdsX", &proof));
        assert!(!own.is_proof("3JcKdsY", &proof));
        for wrong in ["", "00", "zz", "é", &proof[..30], &format!("{proof}00"), &proof.replace(|_| true, "0")] {
            assert!(!own.is_proof("3JcKdsX", wrong), "{wrong}");
        }
        let other = StopPage { key: [7; 32], ..page() };
        assert!(!other.is_proof("3JcKdsX", &proof));
    }

    #[test]
    fn a_double_tap_is_one_event_and_a_change_of_mind_is_another() {
        let id = |choice, at| event("3JcKdsX", choice, At(at)).event_id;
        assert_eq!(id(Choice::All, 10_000), id(Choice::All, 11_500));
        assert_ne!(id(Choice::All, 10_000), id(Choice::Start, 10_500));
        assert_ne!(id(Choice::All, 10_000), id(Choice::All, 14_000), "stopped, agreed, and stopped again");
        assert!(id(Choice::All, 0).len() <= crate::receive::event::MAX_ID_BYTES);
    }

    #[test]
    fn the_slug_is_what_stands_before() {
        for path in ["3JcKdsX/stop", "3JcKdsX/stop/", "3JcKdsX/stop.", "3JcKdsX/stop»"] {
            assert_eq!(slug_before_stop(path), Some("3JcKdsX"), "{path}");
        }
        for path in ["3JcKdsX", "stop", "3JcKdsXstop", "3JcKdsX/stops", "3JcKdsX/stop/x"] {
            assert_eq!(slug_before_stop(path), None, "{path}");
        }
    }
}
