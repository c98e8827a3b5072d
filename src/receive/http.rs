//! The door: routes, limits, answers. What stands behind it is asked through [`Desk`] and [`Callbacks`].
//!
//! Nothing here logs a query string, a slug, a token, a header's value or a body.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::Notify;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;
use tracing::{info, warn};

use super::another_shop;
use super::ask_page::{self, slug_before_ask};
use super::callbacks::{self, Callbacks, Tokens};
use super::coupons::Shared;
use super::desk::{Bad, Batch, Desk, Hit, Question};
use super::event::{Event, Item, MAX_EVENTS, Wire};
use super::look;
use super::own_coupons;
use super::signature::{Key, SignatureError, Signed, Verifier, header as signed_header, request_line};
use super::stop_page::{self, StopPage, slug_before_stop};
use crate::clock::{At, Clock};
use crate::links::follow::{Visit, Visitor, follow, shop_target, slug_in};
use crate::measure::health::Health;
use crate::measure::metrics::{Metrics, Visits};
use crate::send::gateway::Registry;
use crate::state::model::LinkKind;
use crate::store::log::Incoming;

/// Largest body of `POST /v1/events`.
pub const MAX_EVENTS_BODY_BYTES: usize = 1 << 20;
/// Largest body of a gateway's callback.
pub const MAX_CALLBACK_BODY_BYTES: usize = 64 << 10;
/// Longest time a request may take, its body included.
pub const MAX_REQUEST: Duration = Duration::from_secs(15);
/// When to come again after 503.
const RETRY_AFTER_S: &str = "5";

/// Figures for the panel: by name and query; `None` for a name that is no report. Runs outside the async threads.
pub type Reports =
    Box<dyn Fn(&str, &BTreeMap<String, String>) -> anyhow::Result<Option<serde_json::Value>> + Send + Sync>;

/// All that the routes need.
pub struct Door {
    pub verifier: Verifier,
    pub desk: Arc<dyn Desk>,
    pub callbacks: Arc<dyn Callbacks>,
    pub tokens: Tokens,
    /// Those in force now.
    pub gateways: Box<dyn Fn() -> Registry + Send + Sync>,
    /// Those by which the shop's own people are written to, in the owner's order.
    pub ways: Box<dyn Fn() -> Vec<&'static str> + Send + Sync>,
    /// The codes of the campaigns that run now; see [`super::coupons::shared`].
    pub coupons: Box<dyn Fn() -> Vec<Shared> + Send + Sync>,
    pub reports: Reports,
    pub health: Arc<Health>,
    pub metrics: Arc<Metrics>,
    pub stop: StopPage,
    pub clock: Arc<dyn Clock>,
    /// Wakes the driver when something was stored.
    pub nudge: Arc<Notify>,
}

/// The routes of one daemon.
pub fn router(door: Arc<Door>) -> Router {
    let metrics = &door.metrics;
    let observed = |path: &'static str, handlers: MethodRouter<Arc<Door>>| {
        (
            path,
            handlers.layer(axum::middleware::from_fn_with_state(metrics.route(path), crate::measure::metrics::observe)),
        )
    };
    let callback = || DefaultBodyLimit::max(MAX_CALLBACK_BODY_BYTES);
    let routes = [
        observed("/v1/events", post(events).layer(DefaultBodyLimit::max(MAX_EVENTS_BODY_BYTES))),
        observed("/v1/links/{slug}", get(link)),
        observed("/v1/contacts/look", post(look::look).layer(DefaultBodyLimit::max(look::MAX_BODY_BYTES))),
        observed("/v1/coupons", get(coupons)),
        observed("/v1/coupons/{code}", get(own_coupons::coupon)),
        observed("/v1/status", get(status)),
        observed("/v1/reports/{name}", get(report)),
        observed("/s/{*slug}", get(visit).post(stop_choice).layer(DefaultBodyLimit::max(stop_page::MAX_BODY_BYTES))),
        observed("/s", get(front)),
        observed("/s/", get(front)),
        observed("/gateway/{name}/delivery/{token}", any(callbacks::delivery).layer(callback())),
        observed("/gateway/{name}/inbound/{token}", any(callbacks::inbound).layer(callback())),
        observed("/healthz", get(|| async { "ok\n" })),
        observed("/readyz", get(ready)),
        observed("/metrics", get(scrape)),
    ];
    routes
        .into_iter()
        .fold(Router::new(), |router, (path, handlers)| router.route(path, handlers))
        .with_state(door)
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, MAX_REQUEST))
        .layer(CatchPanicLayer::new())
}

// ── the bridge's calls ──────────────────────────────────────────────────────────────────────────────────────────

#[derive(Serialize)]
struct Problem<'a> {
    error: Cow<'a, str>,
}

pub(super) fn refuse(status: StatusCode, error: impl Into<Cow<'static, str>>) -> Response {
    (status, Json(Problem { error: error.into() })).into_response()
}

/// Why a call is not answered.
pub(super) enum Refusal {
    Unsigned(SignatureError),
    /// Signed well, but by a copy of the daemon's own shop.
    AnotherShop {
        own: String,
    },
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Refusal::Unsigned(why) => refuse(StatusCode::UNAUTHORIZED, why.to_string()),
            Refusal::AnotherShop { own } => {
                (StatusCode::CONFLICT, Json(AnotherShop { error: "another_shop", shop: own })).into_response()
            }
        }
    }
}

#[derive(Serialize)]
struct AnotherShop {
    error: &'static str,
    /// The daemon's own.
    shop: String,
}

fn come_again(error: String) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, RETRY_AFTER_S)], Json(Problem { error: error.into() }))
        .into_response()
}

impl Door {
    pub(super) fn now(&self) -> At {
        self.clock.now()
    }

    fn believe(&self, headers: &HeaderMap, payload: &[u8]) -> Result<&Key, SignatureError> {
        let value =
            |name: &'static str| headers.get(name).and_then(|v| v.to_str().ok()).ok_or(SignatureError::Missing(name));
        let check = || {
            let signed = Signed {
                id: value(signed_header::ID)?,
                timestamp: value(signed_header::TIMESTAMP)?,
                signature: value(signed_header::SIGNATURE)?,
            };
            self.verifier.verify(signed, payload, self.now())
        };
        check().inspect_err(|why| {
            self.metrics.signature_refused();
            info!(error = %why, "request refused: signature");
        })
    }

    /// A call that is signed, and not by a copy of the shop.
    pub(super) fn admit(&self, headers: &HeaderMap, payload: &[u8]) -> Result<&Key, Refusal> {
        let key = self.believe(headers, payload).map_err(Refusal::Unsigned)?;
        self.is_own(self.desk.shop_url(), text(headers, another_shop::HEADER))?;
        Ok(key)
    }

    /// As [`Door::admit`], of a call without a body.
    pub(super) fn admit_line(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<&Key, Refusal> {
        let path_and_query = uri.path_and_query().map_or("/", |p| p.as_str());
        self.admit(headers, request_line(method.as_str(), path_and_query).as_bytes())
    }

    /// Whether the shop that calls may be `own`; one that cannot tell may.
    fn is_own(&self, own: Option<String>, named: Option<&str>) -> Result<(), Refusal> {
        let (Some(own), Some(named)) = (own, named) else { return Ok(()) };
        if !another_shop::differs(&own, named) {
            return Ok(());
        }
        self.metrics.another_shop();
        warn!(
            shop = another_shop::printable(named),
            "a call of another shop with this shop's secret: nothing was taken"
        );
        self.desk.note_another_shop(&another_shop::printable(named), self.now());
        Err(Refusal::AnotherShop { own })
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
}

#[derive(Serialize)]
struct EventsAnswer {
    accepted: usize,
    duplicate: usize,
    rejected: Vec<Rejected>,
}

#[derive(Serialize)]
struct Rejected {
    id: String,
    error: String,
}

async fn events(State(door): State<Arc<Door>>, headers: HeaderMap, body: Result<Bytes, BytesRejection>) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(e) if e.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return refuse(e.status(), format!("body is over {MAX_EVENTS_BODY_BYTES} bytes: send half"));
        }
        Err(e) => return refuse(e.status(), e.body_text()),
    };
    if let Err(refusal) = door.admit(&headers, &body) {
        return refusal.into_response();
    }
    let Ok(Envelope { events }) = serde_json::from_slice(&body) else {
        return refuse(StatusCode::BAD_REQUEST, "body is not {\"events\":[…]} in JSON");
    };
    if events.len() > MAX_EVENTS {
        return refuse(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("{} events, at most {MAX_EVENTS}: send half", events.len()),
        );
    }
    let batch = sort(&events, door.now());
    if let Err(refusal) = door.is_own(door.desk.set_shop_url(), another_shop::told_in(&batch.good).as_deref()) {
        return refusal.into_response();
    }
    let rejected: Vec<Rejected> =
        batch.bad.iter().map(|bad| Rejected { id: bad.id.clone(), error: bad.error.clone() }).collect();
    match door.desk.take(batch).await {
        Ok(taken) => {
            door.metrics.events(taken.accepted, taken.duplicate, rejected.len());
            if !rejected.is_empty() {
                warn!(events.rejected = rejected.len(), "events put aside; see `bazgasht doctor`");
            }
            if taken.accepted > 0 {
                door.nudge.notify_one();
            }
            Json(EventsAnswer { accepted: taken.accepted, duplicate: taken.duplicate, rejected }).into_response()
        }
        Err(why) => {
            warn!(error = %why, "events not stored");
            come_again("the daemon cannot store now".to_owned())
        }
    }
}

/// Tells the events of a call apart.
fn sort(events: &[&RawValue], received: At) -> Batch {
    let mut batch = Batch { received, good: Vec::with_capacity(events.len()), bad: Vec::new() };
    for raw in events {
        match understand(raw, received) {
            Ok(incoming) => batch.good.push(incoming),
            Err(bad) => batch.bad.push(bad),
        }
    }
    batch
}

fn understand(raw: &RawValue, received: At) -> Result<Incoming, Bad> {
    let bad = |id: String, kind: String, error: String| Bad { id, kind, raw: raw.get().to_owned(), error };
    let wire: Wire<'_> = serde_json::from_str(raw.get()).map_err(|_| {
        let names: Names = serde_json::from_str(raw.get()).unwrap_or_default();
        bad(
            names.id,
            names.kind,
            "an event is {\"id\",\"type\",\"time\",\"data\"}, the first three of them texts".to_owned(),
        )
    })?;
    match Event::parse(&wire, received) {
        Ok(event) => {
            Ok(Incoming { event_id: event.id, kind: wire.kind, time: event.at, data: wire.data.get().to_owned() })
        }
        Err(e) => Err(bad(wire.id, wire.kind, e.to_string())),
    }
}

/// What can be told of something that is no event, so that the sender can strike it off all the same.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Names {
    id: String,
    #[serde(rename = "type")]
    kind: String,
}

// ── links ───────────────────────────────────────────────────────────────────────────────────────────────────────

#[derive(Deserialize)]
struct LinkQuery {
    #[serde(default)]
    hit: u8,
}

#[derive(Serialize)]
struct LinkAnswer {
    slug: String,
    /// A person opens it, as far as can be seen; for a machine nothing is restored.
    human: bool,
    kind: LinkKind,
    restore: Option<Restore>,
    product_id: Option<String>,
    order_id: Option<String>,
    url: Option<String>,
    coupon: Option<String>,
    /// What to make when the code is the person's own.
    coupon_offer: Option<own_coupons::Offer>,
    /// What the page behind it asks, as long as an answer is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    ask: Option<AskAnswer>,
    expires_at: String,
}

#[derive(Serialize)]
struct AskAnswer {
    question: Option<String>,
    answers: Vec<AnswerChoice>,
}

#[derive(Serialize)]
struct AnswerChoice {
    key: String,
    label: String,
}

impl From<Question> for AskAnswer {
    fn from(question: Question) -> AskAnswer {
        let choice = |label: String| AnswerChoice { key: label.clone(), label };
        AskAnswer { question: question.text, answers: question.answers.into_iter().map(choice).collect() }
    }
}

#[derive(Serialize)]
struct Restore {
    items: Vec<RestoredItem>,
}

/// A line to put back, with the price that the buyer saw, so that the shop can say what has changed.
#[derive(Serialize)]
struct RestoredItem {
    product_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit_price: Option<String>,
    variation_id: String,
    quantity: u32,
    name: String,
    attributes: BTreeMap<String, String>,
}

impl From<Item> for RestoredItem {
    fn from(item: Item) -> RestoredItem {
        RestoredItem {
            product_id: item.product_id,
            unit_price: item.unit_price,
            variation_id: item.variation_id.unwrap_or_else(|| "0".to_owned()),
            quantity: item.quantity,
            name: item.name,
            attributes: item.attributes,
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|v| v.to_str().ok())
}

async fn link(
    State(door): State<Arc<Door>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    path: Result<Path<String>, PathRejection>,
    query: Query<LinkQuery>,
) -> Response {
    let key = match door.admit_line(&method, &uri, &headers) {
        Ok(key) => key,
        Err(refusal) => return refusal.into_response(),
    };
    let gone = |status: StatusCode| refuse(status, "link is not known or not alive: go to the shop's front page");
    let Some(slug) = path.as_ref().ok().and_then(|p| slug_in(p)) else {
        return gone(StatusCode::NOT_FOUND);
    };
    let now = door.now();
    let found = match door.desk.link(slug) {
        Ok(found) => found,
        Err(e) => return broken("link not read", &e),
    };
    let visitor = Visitor {
        head: text(&headers, "bazgasht-visitor-method").is_some_and(|m| m.eq_ignore_ascii_case("HEAD")),
        agent: text(&headers, "bazgasht-visitor-agent"),
        purpose: text(&headers, "bazgasht-visitor-purpose"),
    };
    let visit = follow(found.as_ref(), &visitor, now);
    if query.hit == 1 {
        note(&door, visit, slug, now);
    }
    let (Visit::Live { human }, Some(link)) = (visit, found) else {
        return gone(if visit == Visit::Dead { StatusCode::GONE } else { StatusCode::NOT_FOUND });
    };
    let restore = match link.kind {
        LinkKind::Cart => match door.desk.to_restore(&link) {
            Ok(items) => Some(Restore { items: items.into_iter().map(RestoredItem::from).collect() }),
            Err(e) => return broken("cart of a link not read", &e),
        },
        _ => None,
    };
    let ask = match door.desk.question(&link, now) {
        Ok(question) => question.filter(|question| question.is_open).map(AskAnswer::from),
        Err(e) => return broken("question of a link not read", &e),
    };
    // A code for friends is not put on the basket of whoever got it: friends type it.
    let own = link.own_coupon.as_ref().filter(|own| !own.friends);
    let owner = match link.coupon.as_deref().filter(|_| own.is_some()) {
        Some(code) => match door.desk.own_coupon(code, now) {
            Ok(found) => found.map(|(_, phone)| phone),
            Err(e) => return broken("owner of a coupon not read", &e),
        },
        None => None,
    };
    let coupon_offer = own_coupons::Offer::of(&link, owner.as_ref(), key, now);
    // Of one's own, and nobody's any more: the person was erased.
    let coupon = link.coupon.clone().filter(|_| link.own_coupon.is_none() || coupon_offer.is_some());
    Json(LinkAnswer {
        human,
        kind: link.kind,
        restore,
        product_id: link.product_id,
        order_id: link.order_id,
        url: None,
        coupon,
        coupon_offer,
        ask,
        expires_at: link.expires.rfc3339(),
        slug: link.slug,
    })
    .into_response()
}

pub(super) fn broken(what: &'static str, why: &anyhow::Error) -> Response {
    warn!(error = format!("{why:#}"), "{what}");
    come_again("the daemon cannot read its database now".to_owned())
}

/// Counts a visit, and hands it to the writer when it counts for a message.
fn note(door: &Door, visit: Visit, slug: &str, at: At) {
    door.metrics.visit(match visit {
        Visit::Live { human: true } => Visits::Human,
        Visit::Live { human: false } => Visits::Machine,
        Visit::Dead => Visits::Dead,
        Visit::Unknown => Visits::Unknown,
    });
    if let Visit::Live { human } = visit {
        door.desk.count(Hit { slug: slug.to_owned(), at, human });
    }
}

/// `GET /s/{slug}`: counts, and sends the visitor on to the shop, whatever the slug.
async fn visit(
    State(door): State<Arc<Door>>,
    method: Method,
    headers: HeaderMap,
    path: Result<Path<String>, PathRejection>,
) -> Response {
    if let Some(slug) = path.as_ref().ok().and_then(|p| slug_before_stop(p)) {
        return stop_page::open(&door, slug);
    }
    if let Some(slug) = path.as_ref().ok().and_then(|p| slug_before_ask(p)) {
        return ask_page::open(&door, slug);
    }
    let Some(slug) = path.as_ref().ok().and_then(|p| slug_in(p)) else {
        door.metrics.visit(Visits::Unknown);
        return to_shop(&door, None);
    };
    let visitor = Visitor {
        head: method == Method::HEAD,
        agent: text(&headers, "user-agent"),
        purpose: ["sec-purpose", "purpose", "x-moz"].iter().find_map(|name| text(&headers, name)),
    };
    let now = door.now();
    match door.desk.link(slug) {
        Ok(found) => {
            let visit = follow(found.as_ref(), &visitor, now);
            note(&door, visit, slug, now);
            let live = matches!(visit, Visit::Live { .. });
            match found.filter(|link| live && link.kind == LinkKind::Ask) {
                Some(link) => away(HeaderValue::try_from(format!("/s/{}/ask", link.slug)).ok()),
                None => to_shop(&door, live.then_some(slug)),
            }
        }
        Err(e) => {
            // The shop can ask again; the visitor must not see our trouble.
            warn!(error = format!("{e:#}"), "link not read");
            to_shop(&door, Some(slug))
        }
    }
}

/// `POST /s/{slug}/stop` and `/s/{slug}/ask`.
async fn stop_choice(
    State(door): State<Arc<Door>>,
    path: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    if let Some(slug) = path.as_ref().ok().and_then(|p| slug_before_ask(p)) {
        return ask_page::answer(&door, slug, body).await;
    }
    match path.as_ref().ok().and_then(|p| slug_before_stop(p)) {
        Some(slug) => stop_page::choose(&door, slug, body).await,
        None => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

async fn front(State(door): State<Arc<Door>>) -> Response {
    to_shop(&door, None)
}

const AWAY: [(header::HeaderName, HeaderValue); 3] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
];

pub(super) fn to_shop(door: &Door, slug: Option<&str>) -> Response {
    let target = door.desk.shop_url().and_then(|shop| match slug {
        Some(slug) => HeaderValue::try_from(shop_target(&shop, slug)).ok(),
        None => HeaderValue::try_from(shop).ok(),
    });
    away(target)
}

fn away(target: Option<HeaderValue>) -> Response {
    match target {
        Some(target) => (StatusCode::FOUND, AWAY, [(header::LOCATION, target)]).into_response(),
        None => (StatusCode::NOT_FOUND, AWAY, "This shop has not been connected yet.\n").into_response(),
    }
}

// ── what the bridge and wp-admin read ───────────────────────────────────────────────────────────────────────────

#[derive(Serialize)]
struct CouponsAnswer {
    coupons: Vec<Shared>,
}

async fn coupons(State(door): State<Arc<Door>>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if let Err(refusal) = door.admit_line(&method, &uri, &headers) {
        return refusal.into_response();
    }
    Json(CouponsAnswer { coupons: (door.coupons)() }).into_response()
}

#[derive(Serialize)]
struct StatusAnswer {
    version: &'static str,
    ready: bool,
    shop_url: Option<String>,
    gateway: Option<&'static str>,
    /// Why nothing is sent, if nothing is.
    paused: Option<String>,
    /// What is wrong with a gateway while texts go by another.
    detour: Option<String>,
    /// When the shop last answered to being asked for its outbox, RFC 3339.
    reached_shop_at: Option<String>,
}

async fn status(State(door): State<Arc<Door>>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if let Err(refusal) = door.admit_line(&method, &uri, &headers) {
        return refusal.into_response();
    }
    let state = door.health.look(door.desk.as_ref(), &(door.ways)(), door.now()).await;
    let reached = match door.desk.reached_shop() {
        Ok(reached) => reached,
        Err(e) => return broken("status not read", &e),
    };
    Json(StatusAnswer {
        version: env!("CARGO_PKG_VERSION"),
        ready: state.is_ready(),
        shop_url: door.desk.shop_url(),
        gateway: (door.gateways)().first().map(|g| g.name()),
        paused: state.held,
        detour: state.detour,
        reached_shop_at: reached.map(At::rfc3339),
    })
    .into_response()
}

async fn report(
    State(door): State<Arc<Door>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    Path(name): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    if let Err(refusal) = door.admit_line(&method, &uri, &headers) {
        return refusal.into_response();
    }
    let made = tokio::task::spawn_blocking(move || (door.reports)(&name, &query)).await;
    match made {
        Ok(Ok(Some(figures))) => Json(figures).into_response(),
        Ok(Ok(None)) => refuse(StatusCode::NOT_FOUND, "no report of this name"),
        Ok(Err(e)) => broken("report not made", &e),
        Err(e) => broken("report not made", &e.into()),
    }
}

// ── the operator's ──────────────────────────────────────────────────────────────────────────────────────────────

async fn ready(State(door): State<Arc<Door>>) -> Response {
    let state = door.health.look(door.desk.as_ref(), &(door.ways)(), door.now()).await;
    let status = if state.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(state.answer())).into_response()
}

async fn scrape(State(door): State<Arc<Door>>) -> Response {
    let now = door.now();
    let scraped = tokio::task::spawn_blocking(move || {
        let figures = door.desk.figures(now).inspect_err(|e| warn!(error = format!("{e:#}"), "figures not read")).ok();
        door.metrics.scrape(figures.as_ref())
    });
    match scraped.await {
        Ok(Ok(text)) => ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text)
            .into_response(),
        Ok(Err(e)) => broken("metrics not written", &e.into()),
        Err(e) => broken("metrics not written", &e.into()),
    }
}
