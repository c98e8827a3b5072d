//! Asks a shop for its things, page by page, within what it can bear: one call at a time, a rest after each, smaller pages where
//! it grows tired, and longer and longer rests where it says no.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::{Client, Response, StatusCode, header, redirect, retry};
use serde_json::Value;
use url::Url;

use super::oauth;
use super::woo::{Index, Kind, page_query};
use crate::clock::{At, Clock};
use crate::ids::Chance;
use crate::secret::Secret;
use crate::send::gateways::wire::keeps_secrets;

/// A page of orders with all their lines may take a weak server a while.
const CALL: Duration = Duration::from_mins(1);
const CONNECT: Duration = Duration::from_secs(10);
const MOST_BYTES: usize = 64 << 20;
/// WooCommerce gives no more.
const PAGE: u32 = 100;
const LONGEST_REST: Duration = Duration::from_mins(5);
/// Noes in a row until we give up: with the rests between them, some twenty minutes.
const MOST_NOES: u32 = 10;
/// Things in a row that the shop fails to give, until it is the shop that is broken and not the thing.
const MOST_BROKEN: u32 = 3;

/// A read-only key of the shop's REST API.
#[derive(Debug, Clone)]
pub struct Keys {
    pub key: String,
    pub secret: Secret,
}

/// Lets time pass; tests hand in one that only takes note.
pub type Rest = Arc<dyn Fn(Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Why the shop cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error("{0} is neither https nor on this machine: the key would be readable on its way")]
    Insecure(Url),
    #[error("{0} cannot be a shop's address")]
    Address(Url),
    #[error("the shop answers from another address ({0}): write that one")]
    Moved(String),
    #[error(
        "{0} has no WooCommerce REST API: is the address right, WooCommerce active, and are permalinks not \"plain\"?"
    )]
    NoApi(Url),
    #[error(
        "the shop refuses the key (HTTP {0}): is it whole, may it read, and does its user manage the shop? Some servers drop the \
         Authorization header; WooCommerce's documentation says how to mend that"
    )]
    Key(u16),
    #[error("the shop does not answer as it should ({0}); what was read is kept: run the same command again later")]
    GaveUp(String),
}

/// What one call came to.
enum Outcome {
    Good(Value, Option<i64>),
    /// The shop cannot now.
    Later(Option<Duration>, String),
    /// This call was too much, or something in it is broken.
    Heavy(String),
    No(Trouble),
}

/// One piece of the shop's list.
#[derive(Debug)]
pub struct Page {
    pub rows: Vec<Value>,
    /// How many there are of this kind, where the shop says so.
    pub total: Option<i64>,
    /// How many places of the list lie behind with it.
    pub places: i64,
    /// The thing at this one place cannot be had.
    pub broken: Option<String>,
}

/// A shop that is being read.
pub struct Shop {
    client: Client,
    base: Url,
    keys: Keys,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    rest: Rest,
    /// After each call, so many times as long as it took.
    pause: f64,
    size: u32,
    broken: u32,
    /// So far.
    pub calls: u64,
}

impl Shop {
    /// `base` is the shop's address, such as `https://shop.example`.
    ///
    /// # Errors
    /// Where the key would not stay secret.
    pub fn new(
        base: Url,
        keys: Keys,
        pause: f64,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
        rest: Rest,
    ) -> Result<Shop, Trouble> {
        if !keeps_secrets(&base) {
            return Err(Trouble::Insecure(base));
        }
        let mut builder = Client::builder()
            .timeout(CALL)
            .connect_timeout(CONNECT)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .user_agent(concat!("bazgasht/", env!("CARGO_PKG_VERSION")));
        if base.scheme() == "http" {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|e| Trouble::GaveUp(e.to_string()))?;
        Ok(Shop { client, base, keys, clock, chance, rest, pause, size: PAGE, broken: 0, calls: 0 })
    }

    /// Whether it is a shop, and which one it says it is.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn look(&mut self) -> Result<Index, Trouble> {
        let address = self.address(&[])?;
        let query = BTreeMap::from([("_fields".to_owned(), "home,namespaces".to_owned())]);
        let value = match self.patiently(&address, &query, false).await {
            Err(Trouble::Key(_)) => return Err(Trouble::NoApi(self.base.clone())),
            other => other?.0,
        };
        let index: Index = serde_json::from_value(value).map_err(|_| Trouble::NoApi(self.base.clone()))?;
        if index.namespaces.iter().any(|name| name == "wc/v3") {
            Ok(index)
        } else {
            Err(Trouble::NoApi(self.base.clone()))
        }
    }

    /// The code of the currency that the shop's prices are in.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn currency(&mut self) -> Result<Option<String>, Trouble> {
        let address = self.address(&["wc", "v3", "data", "currencies", "current"])?;
        let (value, _) = self.patiently(&address, &BTreeMap::new(), true).await?;
        Ok(value.get("code").and_then(Value::as_str).map(str::to_owned))
    }

    /// How many things of a kind there are.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn count(&mut self, kind: Kind, since: Option<At>) -> Result<Option<i64>, Trouble> {
        let mut query = page_query(kind, 0, 1, since);
        query.insert("_fields".to_owned(), "id".to_owned());
        let address = self.things(kind)?;
        Ok(self.patiently(&address, &query, true).await?.1)
    }

    /// The things from this place of the list on.
    ///
    /// # Errors
    /// [`Trouble`]; a single thing that the shop fails to give is none.
    pub async fn page(&mut self, kind: Kind, offset: i64, since: Option<At>) -> Result<Page, Trouble> {
        let address = self.things(kind)?;
        let (mut noes, mut heavy) = (0, 0);
        loop {
            let size = self.size;
            let query = page_query(kind, offset, size, since);
            match self.once(&address, &query, true).await {
                Outcome::Good(Value::Array(rows), total) => {
                    self.size = PAGE.min(size.saturating_mul(4));
                    self.broken = 0;
                    return Ok(Page { rows, total, places: size.into(), broken: None });
                }
                Outcome::Good(_, _) => return Err(Trouble::NoApi(self.base.clone())),
                Outcome::No(trouble) => return Err(trouble),
                Outcome::Later(after, why) => self.say_no(&mut noes, after, why).await?,
                Outcome::Heavy(_) if heavy == 0 => {
                    heavy += 1;
                    (self.rest)(backoff(1)).await;
                }
                Outcome::Heavy(_) if size > 1 => {
                    heavy = 0;
                    self.size = (size / 4).max(1);
                }
                Outcome::Heavy(why) => {
                    self.broken += 1;
                    if self.broken >= MOST_BROKEN {
                        return Err(Trouble::GaveUp(why));
                    }
                    return Ok(Page { rows: Vec::new(), total: None, places: 1, broken: Some(why) });
                }
            }
        }
    }

    fn things(&self, kind: Kind) -> Result<Url, Trouble> {
        let path: Vec<&str> = ["wc", "v3"].into_iter().chain(kind.path().split('/')).collect();
        self.address(&path)
    }

    fn address(&self, path: &[&str]) -> Result<Url, Trouble> {
        let mut url = self.base.clone();
        url.set_query(None);
        url.set_fragment(None);
        let mut segments = url.path_segments_mut().map_err(|()| Trouble::Address(self.base.clone()))?;
        segments.pop_if_empty().push("wp-json").extend(path);
        drop(segments);
        Ok(url)
    }

    async fn patiently(
        &mut self,
        address: &Url,
        query: &BTreeMap<String, String>,
        with_key: bool,
    ) -> Result<(Value, Option<i64>), Trouble> {
        let mut noes = 0;
        loop {
            match self.once(address, query, with_key).await {
                Outcome::Good(value, total) => return Ok((value, total)),
                Outcome::No(trouble) => return Err(trouble),
                Outcome::Later(after, why) => self.say_no(&mut noes, after, why).await?,
                Outcome::Heavy(why) => self.say_no(&mut noes, None, why).await?,
            }
        }
    }

    async fn say_no(&self, noes: &mut u32, after: Option<Duration>, why: String) -> Result<(), Trouble> {
        *noes += 1;
        if *noes > MOST_NOES {
            return Err(Trouble::GaveUp(why));
        }
        // What the shop asks for, but never for ever.
        (self.rest)(after.unwrap_or_else(|| backoff(*noes)).min(LONGEST_REST)).await;
        Ok(())
    }

    /// One call, and the rest after it.
    async fn once(&mut self, address: &Url, query: &BTreeMap<String, String>, with_key: bool) -> Outcome {
        self.calls += 1;
        let begun = Instant::now();
        let outcome = self.call(address, query, with_key).await;
        if matches!(outcome, Outcome::Good(..)) && self.pause > 0.0 {
            (self.rest)(begun.elapsed().mul_f64(self.pause).min(LONGEST_REST)).await;
        }
        outcome
    }

    async fn call(&self, address: &Url, query: &BTreeMap<String, String>, with_key: bool) -> Outcome {
        let keys = (self.keys.key.as_str(), self.keys.secret.expose());
        let by_signature = address.scheme() == "http";
        let query = if with_key && by_signature {
            oauth::signed(query.clone(), address.as_str(), keys, &self.chance.token(), self.clock.now())
        } else {
            query.clone()
        };
        // Written as it was signed: a space is never a plus.
        let text: Vec<String> =
            query.iter().map(|(name, value)| format!("{}={}", oauth::encoded(name), oauth::encoded(value))).collect();
        let mut url = address.clone();
        url.set_query(Some(&text.join("&")));
        let mut request = self.client.get(url).header(header::ACCEPT, "application/json");
        if with_key && !by_signature {
            request = request.basic_auth(keys.0, Some(keys.1));
        }
        match request.send().await {
            Ok(response) => self.understand(response).await,
            // Without the address: a signature stands in it.
            Err(e) if e.is_timeout() && !e.is_connect() => {
                Outcome::Heavy(format!("no answer within {} s", CALL.as_secs()))
            }
            Err(e) => Outcome::Later(None, reason(e)),
        }
    }

    async fn understand(&self, response: Response) -> Outcome {
        let status = response.status();
        let text = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        let after = text("retry-after").and_then(|s| s.trim().parse().ok()).map(Duration::from_secs);
        let total = text("x-wp-total").and_then(|s| s.trim().parse().ok());
        let why = format!("HTTP {}", status.as_u16());
        match status {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Outcome::No(Trouble::Key(status.as_u16())),
            StatusCode::NOT_FOUND => return Outcome::No(Trouble::NoApi(self.base.clone())),
            StatusCode::INTERNAL_SERVER_ERROR | StatusCode::GATEWAY_TIMEOUT => return Outcome::Heavy(why),
            // A proxy's own word for a server that took too long.
            _ if status.as_u16() == 524 => return Outcome::Heavy(why),
            _ if status.is_redirection() => {
                let to = text("location").and_then(|to| Url::parse(to).ok());
                let to = to.map(|url| url.origin().ascii_serialization()).unwrap_or_default();
                return Outcome::No(Trouble::Moved(to));
            }
            _ if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => {
                return Outcome::Later(after, why);
            }
            _ => return Outcome::No(Trouble::GaveUp(why)),
        }
        match body(response).await {
            Ok(bytes) => match serde_json::from_slice(&bytes) {
                Ok(value) => Outcome::Good(value, total),
                Err(_) => Outcome::Heavy("the answer is no JSON: does a plugin print something before it?".to_owned()),
            },
            Err(why) => Outcome::Heavy(why),
        }
    }
}

async fn body(mut response: Response) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() <= MOST_BYTES => bytes.extend_from_slice(&chunk),
            Ok(Some(_)) => return Err("the answer is too large".to_owned()),
            Ok(None) => return Ok(bytes),
            Err(e) => return Err(reason(e)),
        }
    }
}

fn backoff(times: u32) -> Duration {
    Duration::from_secs(2_u64.saturating_pow(times)).min(LONGEST_REST)
}

fn reason(e: reqwest::Error) -> String {
    let e = e.without_url();
    let mut text = e.to_string();
    let mut source = std::error::Error::source(&e);
    while let Some(inner) = source {
        text = inner.to_string();
        source = inner.source();
    }
    text
}
