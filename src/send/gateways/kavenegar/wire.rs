//! One call to Kavenegar: the request, how it can get lost, and the envelope of the answer.
//!
//! The key is a segment of the path, so no error that knows its URL may leave this file.

use std::time::Duration;

use reqwest::{Client, redirect, retry};
use url::{Host, Url};

use super::SetupProblem;
use crate::secret::Secret;
use crate::send::gateways::loose::Object;

const MOST_BYTES: usize = 256 * 1024;

/// A kept connection that Kavenegar closes just as we write leaves a message open, so they are not kept for long.
const KEEP_CONNECTION: Duration = Duration::from_secs(5);

pub(super) struct Wire {
    client: Client,
    base: Url,
    key: Secret,
}

/// What came back.
pub(super) enum Reply {
    /// Kavenegar's own words. `entries` is JSON, `None` when absent or null.
    Envelope { code: i64, entries: Option<String>, http: u16 },
    /// Something else.
    Stray(Stray),
}

/// An answer that holds no envelope that can be read.
pub(super) struct Stray {
    pub http: u16,
    /// Its text names Kavenegar's envelope, so the HTTP status is Kavenegar's code and not that of something on the way.
    pub from_kavenegar: bool,
    pub why: String,
}

/// Why nothing came back.
pub(super) enum Lost {
    /// Not a byte of the request left: no connection was made.
    NotSent(String),
    /// It left, or may have.
    Sent(String),
}

impl Lost {
    pub fn why(self) -> String {
        match self {
            Self::NotSent(why) | Self::Sent(why) => why,
        }
    }
}

impl Wire {
    pub fn new(base: Url, key: Secret, timeout: Duration, connect_timeout: Duration) -> Result<Self, SetupProblem> {
        if key.expose().trim().is_empty() {
            return Err(SetupProblem::NoKey);
        }
        let loopback = is_loopback(&base);
        if !(base.scheme() == "https" || (base.scheme() == "http" && loopback)) {
            return Err(SetupProblem::Insecure);
        }
        let mut builder = Client::builder()
            .timeout(timeout)
            .connect_timeout(connect_timeout)
            .pool_idle_timeout(KEEP_CONNECTION)
            .redirect(redirect::Policy::none())
            // Whether a message may be sent again is not the HTTP client's to decide.
            .retry(retry::never())
            .referer(false)
            .http1_only();
        if loopback {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| SetupProblem::Client(reason(&error.without_url())))?;
        Ok(Self { client, base, key })
    }

    /// Posts `form` to `method`, such as `sms/send`.
    pub async fn call(&self, method: &str, form: &[(&str, String)]) -> Result<Reply, Lost> {
        let request = self.client.post(self.address(method)).form(form);
        let mut response = request.send().await.map_err(lost)?;
        let http = response.status().as_u16();
        let mut body = Vec::new();
        loop {
            let stray = |why| Reply::Stray(Stray { http, from_kavenegar: false, why });
            match response.chunk().await {
                Ok(Some(bytes)) if body.len() + bytes.len() > MOST_BYTES => {
                    return Ok(stray(format!("answer (HTTP {http}) is longer than {MOST_BYTES} bytes")));
                }
                Ok(Some(bytes)) => body.extend_from_slice(&bytes),
                Ok(None) => return Ok(read(http, &body)),
                Err(error) => {
                    return Ok(stray(format!("answer (HTTP {http}) broke off: {}", reason(&error.without_url()))));
                }
            }
        }
    }

    fn address(&self, method: &str) -> Url {
        let mut address = self.base.clone();
        if let Ok(mut path) = address.path_segments_mut() {
            path.pop_if_empty().extend(["v1", self.key.expose().trim()]).extend(format!("{method}.json").split('/'));
        }
        address
    }
}

fn is_loopback(base: &Url) -> bool {
    match base.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn lost(error: reqwest::Error) -> Lost {
    let error = error.without_url();
    let why = reason(&error);
    if error.is_connect() || error.is_builder() { Lost::NotSent(why) } else { Lost::Sent(why) }
}

/// The kind of an error and its innermost cause. The steps between can repeat the request.
fn reason(error: &reqwest::Error) -> String {
    let kind = match error {
        error if error.is_connect() && error.is_timeout() => {
            return "no connection in time".to_owned();
        }
        error if error.is_timeout() => return "no answer in time".to_owned(),
        error if error.is_connect() => "no connection",
        error if error.is_builder() => "request cannot be built",
        error if error.is_body() || error.is_decode() => "body cannot be read",
        _ => "connection failed",
    };
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    format!("{kind} ({cause})")
}

fn read(http: u16, body: &[u8]) -> Reply {
    let text = String::from_utf8_lossy(body);
    let envelope = Object::read(&text).and_then(|envelope| {
        let code = envelope.object("return")?.number("status")?;
        let entries = envelope.raw("entries").filter(|entries| *entries != "null").map(str::to_owned);
        Some(Reply::Envelope { code, entries, http })
    });
    envelope.unwrap_or_else(|| {
        Reply::Stray(Stray {
            http,
            from_kavenegar: text.contains("\"return\""),
            why: format!("answer (HTTP {http}, {} bytes) is not kavenegar's JSON", body.len()),
        })
    })
}
