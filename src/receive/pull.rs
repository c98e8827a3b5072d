//! When the shop has been silent for a while it is asked to deliver what it has: its own clockwork runs with its visitors, and a
//! shop without any would keep its news to itself.
//!
//! The call goes to the shop's own address and to no other: no redirect is followed. It is signed as the shop's calls are, holds
//! nothing, and what it may cost is a little time of a task that does nothing else.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::{Client, Response, StatusCode, redirect, retry};
use serde::Deserialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::event::parse_time;
use super::signature::{Key, header};
use crate::clock::{At, Clock, Span};
use crate::ids::Chance;
use crate::measure::metrics::{Metrics, PullOutcome};
use crate::rules::Rules;
use crate::send::gateways::wire::keeps_secrets;
use crate::settings::model::Pull;
use crate::state::world::World;
use crate::store::pulled::{self, Pulled};
use crate::store::{Readers, SqlWorld, Writer, home, log};

/// Asked after so much silence, unless the settings say otherwise.
const USUAL: Span = Span::minutes(5);
/// A shop that does not answer is asked less and less often, down to this.
const SELDOM: Span = Span::hours(1);
/// How often it is seen whether it is time.
const BEAT: Duration = Duration::from_secs(20);
/// The bridge takes 20 s at most.
const CALL: Duration = Duration::from_secs(30);
const CONNECT: Duration = Duration::from_secs(5);
const BODY: &str = "{}";
/// More is no answer of the bridge's.
const MOST_BYTES: usize = 16 << 10;

/// With and without pretty permalinks.
const PATHS: [&str; 2] = ["/wp-json/bazgasht/v1/deliver", "/?rest_route=/bazgasht/v1/deliver"];

/// What asking the shop takes.
#[derive(Clone)]
pub struct Puller {
    pub writer: Writer,
    pub readers: Readers,
    pub rules: watch::Receiver<Arc<Rules>>,
    pub clock: Arc<dyn Clock>,
    pub chance: Arc<dyn Chance>,
    pub key: Key,
    pub metrics: Arc<Metrics>,
    course: Arc<Mutex<Course>>,
    call: Duration,
}

/// How it has gone so far.
#[derive(Debug, Clone, Default)]
struct Course {
    began: Option<At>,
    tried: Option<At>,
    /// In a row.
    failures: u32,
    /// Which of [`PATHS`] answered last.
    path: usize,
    trouble: Option<String>,
}

/// The bridge's answer.
#[derive(Debug, Deserialize)]
struct Outbox {
    waiting: u64,
    #[serde(default)]
    oldest: Option<String>,
}

/// Why nothing was delivered.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("the shop cannot be reached: {0}")]
    Unreachable(String),
    #[error("the shop has no such page (HTTP {0}): is the plugin there, and new enough?")]
    NotThere(u16),
    #[error("the shop does not believe our signature: are secret and clock the same on both sides?")]
    Unsigned,
    #[error("the plugin keeps still: the shop's address is not the one it was connected at")]
    NotAtHome,
    #[error("the shop answers with HTTP {0}")]
    Other(u16),
}

impl Puller {
    #[must_use]
    pub fn new(
        writer: Writer,
        readers: Readers,
        rules: watch::Receiver<Arc<Rules>>,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
        key: Key,
        metrics: Arc<Metrics>,
    ) -> Puller {
        Puller { writer, readers, rules, clock, chance, key, metrics, course: Arc::default(), call: CALL }
    }

    /// With another patience, for tests.
    #[must_use]
    pub fn within(self, call: Duration) -> Puller {
        Puller { call, ..self }
    }

    fn course(&self) -> Course {
        self.course.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, course: Course) {
        *self.course.lock().unwrap_or_else(PoisonError::into_inner) = course;
    }
}

/// Runs until `stop`.
pub async fn run(puller: Puller, stop: CancellationToken) {
    let work = async {
        loop {
            if let Err(problem) = turn(&puller).await {
                tracing::warn!(error = %format!("{problem:#}"), "the shop cannot be asked to deliver");
            }
            tokio::time::sleep(BEAT).await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = work => {}
    }
}

/// Asks the shop if it is time. True when it was asked.
///
/// # Errors
/// The store's.
pub async fn turn(puller: &Puller) -> Result<bool> {
    let now = puller.clock.now();
    let mut course = puller.course();
    let began = *course.began.get_or_insert(now);
    puller.remember(course.clone());
    let rules = Arc::clone(&puller.rules.borrow());
    let (told, heard, is_copy) = puller
        .readers
        .with(|conn| Ok((SqlWorld::new(conn).shop()?, log::counts(conn)?.last_received, home::may_be_a_copy(conn)?)))?;
    let Ok(shop) = Url::parse(&rules.shop_view(told.as_ref()).url) else { return Ok(false) };
    let Some(every) = every(rules.settings.shop.pull, &shop) else { return Ok(false) };
    // A copy of the database has no business with the shop.
    if is_copy || !is_time(every, &course, heard.unwrap_or(began), now) {
        return Ok(false);
    }
    let outcome = ask(puller, &shop, &mut course.path).await;
    let at = puller.clock.now();
    puller.metrics.pulled(match &outcome {
        Ok(_) => PullOutcome::Answered,
        Err(Refused::Unreachable(_)) => PullOutcome::Unreachable,
        Err(_) => PullOutcome::Refused,
    });
    let news = match &outcome {
        Ok(outbox) => {
            Pulled { at, trouble: None, waiting: outbox.waiting, oldest: outbox.oldest.as_deref().and_then(parse_time) }
        }
        Err(refused) => Pulled { at, trouble: Some(refused.to_string()), waiting: 0, oldest: None },
    };
    match (&course.trouble, &news.trouble) {
        (before, Some(why)) if before.as_ref() != Some(why) => {
            tracing::warn!(why, "the silent shop was asked to deliver, in vain");
        }
        (Some(_), None) => tracing::info!("the shop answers again when it is asked to deliver"),
        _ => {}
    }
    course.tried = Some(at);
    course.failures = if outcome.is_ok() { 0 } else { course.failures.saturating_add(1) };
    course.trouble.clone_from(&news.trouble);
    puller.remember(course);
    puller.writer.run(move |world| pulled::note(world.connection(), &news)).await?;
    Ok(true)
}

/// After how much silence; `None`: never.
fn every(pull: Pull, shop: &Url) -> Option<Span> {
    match pull {
        Pull::Off => None,
        Pull::Every(span) => Some(span),
        Pull::Usual => keeps_secrets(shop).then_some(USUAL),
    }
}

fn is_time(every: Span, course: &Course, heard: At, now: At) -> bool {
    // A moment in the future is a clock that was set back: it must not silence us.
    let over = |since: At, span: Span| since > now || now.since(since) >= span;
    let patience = Span(every.0.saturating_mul(1 << course.failures.min(10)).min(SELDOM.0.max(every.0)));
    over(heard, every) && course.tried.is_none_or(|tried| over(tried, patience))
}

/// By the path that answered last, and by the other where that is none of the bridge's any more.
async fn ask(puller: &Puller, shop: &Url, path: &mut usize) -> Result<Outbox, Refused> {
    let client = client(puller.call).map_err(|e| Refused::Unreachable(format!("{e:#}")))?;
    let mut missing = Refused::NotThere(404);
    for place in [*path, 1 - (*path).min(1)] {
        let Some(end) = PATHS.get(place) else { continue };
        match call(puller, &client, shop, end).await {
            Ok(outbox) => {
                *path = place;
                return Ok(outbox);
            }
            Err(refused @ Refused::NotThere(_)) => missing = refused,
            Err(refused) => return Err(refused),
        }
    }
    Err(missing)
}

fn client(patience: Duration) -> Result<Client> {
    Client::builder()
        .timeout(patience)
        .connect_timeout(CONNECT.min(patience))
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy()
        .build()
        .context("HTTP client")
}

async fn call(puller: &Puller, client: &Client, shop: &Url, end: &str) -> Result<Outbox, Refused> {
    let unreachable = |e: reqwest::Error| Refused::Unreachable(reason(e));
    let id = format!("pull_{}", puller.chance.token());
    let seconds = puller.clock.now().0.div_euclid(1_000);
    let answer = client
        .post(format!("{}{end}", shop.as_str().trim_end_matches('/')))
        .header(header::SIGNATURE, puller.key.sign(&id, seconds, BODY.as_bytes()))
        .header(header::ID, id)
        .header(header::TIMESTAMP, seconds.to_string())
        .header(reqwest::header::CONTENT_TYPE, "application/json")
        .body(BODY)
        .send()
        .await
        .map_err(unreachable)?;
    let http = answer.status();
    match http {
        StatusCode::OK => {
            let body = body(answer).await.map_err(unreachable)?;
            // A page of somebody else's where the bridge's would be.
            serde_json::from_slice(&body).map_err(|_| Refused::NotThere(http.as_u16()))
        }
        StatusCode::UNAUTHORIZED => Err(Refused::Unsigned),
        StatusCode::CONFLICT => Err(Refused::NotAtHome),
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Err(Refused::NotThere(http.as_u16())),
        http if http.is_redirection() => Err(Refused::NotThere(http.as_u16())),
        http => Err(Refused::Other(http.as_u16())),
    }
}

/// No more than an answer of the bridge's can be.
async fn body(mut answer: Response) -> reqwest::Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > MOST_BYTES {
            break;
        }
    }
    Ok(body)
}

/// The innermost cause, which says what happened; the address stays out.
fn reason(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
