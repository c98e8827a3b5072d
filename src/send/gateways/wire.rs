//! One HTTP call to a gateway: how it is made, how it can get lost, and the bytes that come back.
//!
//! A key may be a segment of the path, so no error that knows its URL may leave this file.

use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{Client, RequestBuilder, redirect, retry};
use url::{Host, Url};

use crate::secret::Secret;
use crate::send::gateway::{Answer, Refusal, StopScope, Trouble};

/// A page of people's replies must fit in: some gateways give it once.
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// A kept connection that the gateway closes just as we write leaves a message open, so they are not kept for long.
const KEEP_CONNECTION: Duration = Duration::from_secs(5);

/// How long a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For a whole call.
    pub call: Duration,
    /// For the connection alone. Keep it shorter: only a failed connection is surely not an SMS.
    pub connect: Duration,
}

impl Default for Patience {
    /// 20 seconds a call, 5 of them for the connection.
    fn default() -> Self {
        Self { call: Duration::from_secs(20), connect: Duration::from_secs(5) }
    }
}

/// Options by which no account can be reached.
#[derive(Debug, thiserror::Error)]
pub enum SetupProblem {
    #[error("{0} has no key; set the API key of the panel")]
    NoKey(&'static str),
    #[error("{0}'s base must be an https address (http only for this machine), since the key travels with it")]
    Insecure(&'static str),
    #[error("HTTP client cannot be made: {0}")]
    Client(String),
    #[error("{0}")]
    Other(String),
}

/// A client for one gateway's address.
pub(super) struct Wire {
    client: Client,
    base: Url,
}

/// An answer as far as it came.
pub(super) struct Answered {
    pub http: u16,
    /// With every byte that is no UTF-8 replaced.
    pub body: String,
    /// The whole of it is there; else why not.
    pub whole: Result<(), String>,
}

/// Why nothing came back.
#[derive(Debug)]
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

    /// What it means for a message that was handed over.
    pub fn answer(self) -> Answer {
        match self {
            Self::NotSent(why) => Answer::Refused(Refusal::Down { why }),
            Self::Sent(why) => Answer::Open(why),
        }
    }

    /// What it means for a question.
    pub fn trouble(self) -> Trouble {
        Trouble::Unreachable(self.why())
    }
}

impl Wire {
    /// `base`: `https`, or `http` to this machine only.
    pub fn new(gateway: &'static str, base: Url, patience: Patience) -> Result<Self, SetupProblem> {
        let loopback = is_loopback(&base);
        if !keeps_secrets(&base) {
            return Err(SetupProblem::Insecure(gateway));
        }
        let mut builder = Client::builder()
            .timeout(patience.call)
            .connect_timeout(patience.connect)
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
        Ok(Self { client, base })
    }

    /// The base with these segments behind its path, each escaped.
    pub fn address<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> Url {
        let mut address = self.base.clone();
        if let Ok(mut path) = address.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        address
    }

    pub fn get(&self, address: Url) -> RequestBuilder {
        self.client.get(address)
    }

    pub fn post(&self, address: Url) -> RequestBuilder {
        self.client.post(address)
    }

    /// Makes the call. An answer that breaks off is an answer: it left, so the message may have arrived.
    pub async fn call(&self, request: RequestBuilder) -> Result<Answered, Lost> {
        let mut response = request.send().await.map_err(lost)?;
        let http = response.status().as_u16();
        let mut body = Vec::new();
        let whole = loop {
            match response.chunk().await {
                Ok(Some(bytes)) if body.len() + bytes.len() > MOST_BYTES => {
                    break Err(format!("answer (HTTP {http}) is longer than {MOST_BYTES} bytes"));
                }
                Ok(Some(bytes)) => body.extend_from_slice(&bytes),
                Ok(None) => break Ok(()),
                Err(error) => break Err(format!("answer (HTTP {http}) broke off: {}", reason(&error.without_url()))),
            }
        };
        Ok(Answered { http, body: String::from_utf8_lossy(&body).into_owned(), whole })
    }
}

/// The provider's address, unless the settings name another.
pub(super) fn base(gateway: &'static str, said: Option<Url>, usual: &str) -> Result<Url, SetupProblem> {
    said.map_or_else(|| Url::parse(usual), Ok).map_err(|_| SetupProblem::Insecure(gateway))
}

/// A key that travels in a header, hidden from every `Debug`.
pub(super) fn key_header(gateway: &'static str, key: &Secret) -> Result<HeaderValue, SetupProblem> {
    let key = key.expose().trim();
    if key.is_empty() {
        return Err(SetupProblem::NoKey(gateway));
    }
    let mut value = HeaderValue::from_str(key)
        .map_err(|_| SetupProblem::Other(format!("{gateway}'s key has characters that no key has")))?;
    value.set_sensitive(true);
    Ok(value)
}

/// HTTP statuses by which the request was surely not worked on, whoever says so: RFC 9110, sections 15.4 and 15.5.
pub(super) fn never_arrived(http: u16) -> Option<Refusal> {
    match http {
        301 | 307 | 308 => Some(Refusal::Stop {
            scope: StopScope::Account,
            why: format!(
                "the address answers with a redirect (HTTP {http}), which is not followed; set base to where the service is"
            ),
        }),
        408 | 421 | 425 => {
            Some(Refusal::Later { after: None, why: format!("the request did not arrive as a whole (HTTP {http})") })
        }
        _ => None,
    }
}

/// `https`, or `http` to this machine only: the key travels with every call.
pub(crate) fn keeps_secrets(base: &Url) -> bool {
    base.scheme() == "https" || (base.scheme() == "http" && is_loopback(base))
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
