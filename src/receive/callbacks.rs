//! The gateway's calls: delivery reports and people's replies. They are not signed; a token in the path is the only proof.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use tracing::{info, warn};

use super::desk::Unavailable;
use super::http::Door;
use crate::measure::metrics::CallbackOutcome;
use crate::send::gateway::{Gateway, Inbound, Push, Report, Soon, Trouble};

/// What callbacks lead to.
pub trait Callbacks: Send + Sync {
    /// Messages got further, or did not. Resolves when that is durable.
    fn delivered(&self, gateway: &'static str, reports: Vec<Report>) -> Soon<'_, Result<(), Unavailable>>;

    /// People wrote to one of our lines. Resolves when that is durable.
    fn replied(&self, gateway: &'static str, inbound: Vec<Inbound>) -> Soon<'_, Result<(), Unavailable>>;
}

/// The unguessable last parts of the two callback addresses.
#[derive(Clone, PartialEq, Eq)]
pub struct Tokens {
    pub delivery: String,
    pub inbound: String,
}

impl Tokens {
    /// Drawn from a key that stays with the database, so that the addresses given to the provider stay the same.
    #[must_use]
    pub fn from_key(key: &[u8]) -> Tokens {
        let token = |purpose: &[u8]| {
            let digest = Sha256::new().chain_update(purpose).chain_update(key).finalize();
            digest.iter().take(16).fold(String::with_capacity(32), |token, byte| token + &format!("{byte:02x}"))
        };
        Tokens { delivery: token(b"bazgasht delivery callback"), inbound: token(b"bazgasht inbound callback") }
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(•••)")
    }
}

/// Compares without telling by its time how much of the guess was right.
fn same(token: &str, guess: &str) -> bool {
    !token.is_empty()
        && token.len() == guess.len()
        && token.bytes().zip(guess.bytes()).fold(0_u8, |seen, (a, b)| std::hint::black_box(seen | (a ^ b))) == 0
}

/// A request as it came.
type Came = (Method, Uri, HeaderMap, Result<Bytes, BytesRejection>);

pub(super) async fn delivery(
    door: State<Arc<Door>>,
    path: Path<(String, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    take(door, path, (method, uri, headers, body), Kind::Delivery).await
}

pub(super) async fn inbound(
    door: State<Arc<Door>>,
    path: Path<(String, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    take(door, path, (method, uri, headers, body), Kind::Inbound).await
}

#[derive(Clone, Copy)]
enum Kind {
    Delivery,
    Inbound,
}

fn push((method, uri, headers, body): Came) -> Result<Push, StatusCode> {
    let body = body.map_err(|e| e.status())?;
    Ok(Push {
        method: method.as_str().to_owned(),
        target: uri.path_and_query().map(|target| target.as_str().to_owned()).unwrap_or_default(),
        query: url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect(),
        headers: headers
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect(),
        body: body.to_vec(),
    })
}

async fn take(
    State(door): State<Arc<Door>>,
    Path((name, guess)): Path<(String, String)>,
    came: Came,
    kind: Kind,
) -> Response {
    let token = match kind {
        Kind::Delivery => &door.tokens.delivery,
        Kind::Inbound => &door.tokens.inbound,
    };
    let gateways = (door.gateways)();
    let Some(gateway) = gateways.named(&name).filter(|_| same(token, &guess)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let push = match push(came) {
        Ok(push) => push,
        Err(status) => return status.into_response(),
    };
    let gateway_name = gateway.name();
    let done = match kind {
        Kind::Delivery => match gateway.delivery_push(&push) {
            Ok(reports) => door.callbacks.delivered(gateway_name, reports).await,
            Err(e) => return unreadable(&door, gateway.as_ref(), &e),
        },
        Kind::Inbound => match gateway.inbound_push(&push) {
            Ok(inbound) => door.callbacks.replied(gateway_name, inbound).await,
            Err(e) => return unreadable(&door, gateway.as_ref(), &e),
        },
    };
    match done {
        Ok(()) => {
            door.metrics.callback(CallbackOutcome::Taken);
            info!(gateway.name = gateway_name, "callback taken");
            ok(gateway.as_ref())
        }
        // Providers call again after anything but 200, and a lost reply may be a lost opting-out.
        Err(e) => {
            door.metrics.callback(CallbackOutcome::Unavailable);
            warn!(gateway.name = gateway_name, error = %e, "callback not stored");
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "30")]).into_response()
        }
    }
}

/// Calling again would not make it readable, and some providers switch an address off that does not answer 200.
fn unreadable(door: &Door, gateway: &dyn Gateway, why: &Trouble) -> Response {
    door.metrics.callback(CallbackOutcome::Unreadable);
    warn!(gateway.name = gateway.name(), error = %why, "callback not understood");
    match why {
        Trouble::Forged(_) => StatusCode::FORBIDDEN.into_response(),
        // Nobody listens here: saying OK would hide from the owner that replies are lost.
        Trouble::NotOffered => StatusCode::NOT_FOUND.into_response(),
        _ => ok(gateway),
    }
}

/// In the gateway's own form: some would send any other answer to the person.
fn ok(gateway: &dyn Gateway) -> Response {
    let reply = gateway.push_reply();
    (StatusCode::OK, [(header::CONTENT_TYPE, reply.content_type)], reply.body).into_response()
}

#[cfg(test)]
mod tests {
    use super::{Tokens, same};

    #[test]
    fn a_token_is_all_or_nothing() {
        assert!(same("abc", "abc"));
        for guess in ["", "ab", "abd", "abcd"] {
            assert!(!same("abc", guess), "{guess}");
        }
        assert!(!same("", ""), "no token is no open door");
    }

    #[test]
    fn the_two_tokens_differ_and_stay() {
        let tokens = Tokens::from_key(b"a key");
        assert_eq!(tokens, Tokens::from_key(b"a key"));
        assert_ne!(tokens.delivery, tokens.inbound);
        assert_eq!(tokens.delivery.len(), 32);
        assert_ne!(tokens.delivery, Tokens::from_key(b"another").delivery);
    }
}
