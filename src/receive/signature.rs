//! Signatures of requests between bridge and daemon, by the Standard Webhooks rules (<https://www.standardwebhooks.com>).
//!
//! What is signed is `{id}.{timestamp}.{payload}`; the payload is the raw body, or for a request without one its request line
//! (see [`request_line`]), because a signed GET could otherwise be replayed against another path.

use std::fmt;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::clock::At;
use crate::ids::hex;

/// How far a request's clock may be from ours, either way.
pub const TOLERANCE_S: u64 = 300;
/// A sender that changes its secret signs with both; more than this many is no honest header.
const MAX_SIGNATURES: usize = 8;
const PREFIX: &str = "whsec_";
/// Padding is written, and may be missing when read.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Names of the three headers.
pub mod header {
    pub const ID: &str = "webhook-id";
    pub const TIMESTAMP: &str = "webhook-timestamp";
    pub const SIGNATURE: &str = "webhook-signature";
}

/// Why a text is no signing secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("secret must start with {PREFIX}")]
    Prefix,
    #[error("secret's part after {PREFIX} is not base64")]
    Base64,
    #[error("secret holds {0} bytes, expected 24 to 64")]
    Length(usize),
}

/// One shared secret, ready to sign with: the key schedule is done once, not for every request.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(•••)")
    }
}

impl Key {
    /// Reads `whsec_` and base64 of 24 to 64 bytes.
    ///
    /// # Errors
    /// [`KeyError`], which quotes nothing of the secret.
    pub fn parse(secret: &str) -> Result<Key, KeyError> {
        let encoded = secret.trim().strip_prefix(PREFIX).ok_or(KeyError::Prefix)?;
        let bytes = BASE64.decode(encoded).map_err(|_| KeyError::Base64)?;
        if !(24..=64).contains(&bytes.len()) {
            return Err(KeyError::Length(bytes.len()));
        }
        Hmac::new_from_slice(&bytes).map(Key).map_err(|_| KeyError::Length(bytes.len()))
    }

    /// `v1,…` over one request; `timestamp` in Unix seconds.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp: i64, payload: &[u8]) -> String {
        let tag = self.mac(id, &timestamp.to_string(), payload).finalize().into_bytes();
        format!("v1,{}", BASE64.encode(tag))
    }

    /// Names a text to whoever has the secret, and to nobody else: HMAC-SHA256 in hexadecimal digits.
    #[must_use]
    pub fn fingerprint(&self, text: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(text.as_bytes());
        hex(&mac.finalize().into_bytes())
    }

    fn mac(&self, id: &str, timestamp: &str, payload: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", payload] {
            mac.update(part);
        }
        mac
    }
}

/// `whsec_…` of 32 bytes drawn by the caller.
#[must_use]
pub fn secret_from(bytes: [u8; 32]) -> String {
    format!("{PREFIX}{}", BASE64.encode(bytes))
}

/// What a request without a body signs: `GET /v1/links/3JcKdsX?hit=1`.
#[must_use]
pub fn request_line(method: &str, path_and_query: &str) -> String {
    format!("{method} {path_and_query}")
}

/// The three headers as they came.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    pub id: &'a str,
    pub timestamp: &'a str,
    pub signature: &'a str,
}

/// Why a request is not believed. Shown to the sender, who has to mend it; helps no forger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("header {0} is missing or not plain text")]
    Missing(&'static str),
    #[error("header webhook-id must not have a full stop in it")]
    Id,
    #[error("header webhook-timestamp must be Unix seconds")]
    Timestamp,
    #[error(
        "webhook-timestamp is {0} s away from the daemon's clock, at most {TOLERANCE_S} s are allowed: set both clocks"
    )]
    Stale(u64),
    #[error("header webhook-signature holds no v1 signature")]
    NoSignature,
    #[error("signature does not match: is the secret the same on both sides?")]
    Mismatch,
}

/// The secrets that are believed; more than one while a secret is being changed.
#[derive(Debug, Clone)]
pub struct Verifier(Vec<Key>);

impl Verifier {
    #[must_use]
    pub fn new(keys: Vec<Key>) -> Verifier {
        Verifier(keys)
    }

    /// Believes the request when any of its signatures was made with any of our secrets, and says with which. Compares in
    /// constant time.
    ///
    /// # Errors
    /// [`SignatureError`]: the first rule that is broken.
    pub fn verify(&self, signed: Signed<'_>, payload: &[u8], now: At) -> Result<&Key, SignatureError> {
        // Full stops part what is signed: with one in the id, the same bytes could be read as another id, time and payload.
        if signed.id.contains('.') {
            return Err(SignatureError::Id);
        }
        let seconds: i64 = signed.timestamp.parse().map_err(|_| SignatureError::Timestamp)?;
        let away = seconds.abs_diff(now.0.div_euclid(1_000));
        if away > TOLERANCE_S {
            return Err(SignatureError::Stale(away));
        }
        let mut any = false;
        for encoded in
            signed.signature.split_ascii_whitespace().filter_map(|s| s.strip_prefix("v1,")).take(MAX_SIGNATURES)
        {
            any = true;
            let Ok(tag) = BASE64.decode(encoded) else { continue };
            for key in &self.0 {
                if key.mac(signed.id, signed.timestamp, payload).verify_slice(&tag).is_ok() {
                    return Ok(key);
                }
            }
        }
        Err(if any { SignatureError::Mismatch } else { SignatureError::NoSignature })
    }
}
