//! Figures for Prometheus, listed in `docs/operating.md` (a test compares).
//!
//! Instance figures are counted in this process since it started. Service figures are read from the database when somebody asks,
//! by bounded queries; they are the same after a restart.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::encoding::{
    EncodeLabelKey, EncodeLabelSet, EncodeLabelValue, LabelSetEncoder, LabelValueEncoder,
};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::receive::desk::Figures;
use crate::send::alarm::Kind;

/// From a link's fraction of a millisecond to a request that was given up.
const SECONDS: [f64; 12] = [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 15.0];

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? })+) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($variant),+ }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
        }

        impl EncodeLabelValue for $name {
            fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
                EncodeLabelValue::encode(&match self { $($name::$variant => $word),+ }, encoder)
            }
        }
    )+ };
}
labels! {
    EventOutcome { Accepted = "accepted", Duplicate = "duplicate", Rejected = "rejected" }
    Visits { Human = "human", Machine = "machine", Dead = "dead", Unknown = "unknown" }
    CallbackOutcome { Taken = "taken", Unreadable = "unreadable", Unavailable = "unavailable" }
    /// What came of asking the silent shop to deliver.
    PullOutcome { Answered = "answered", Refused = "refused", Unreachable = "unreachable" }
    ReloadOutcome { Loaded = "loaded", Refused = "refused" }
    /// What came of handing a message over.
    SendOutcome { Accepted = "accepted", Refused = "refused", Later = "later", Open = "open" }
}

/// The one label of most counters. (The derive does not know generics.)
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct By<T> {
    outcome: T,
}

impl<T: EncodeLabelValue> EncodeLabelSet for By<T> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> Result<(), fmt::Error> {
        let mut label = encoder.encode_label();
        let mut key = label.encode_label_key()?;
        EncodeLabelKey::encode(&"outcome", &mut key)?;
        let mut value = key.encode_label_value()?;
        self.outcome.encode(&mut value)?;
        value.finish()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: &'static str,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OnRoute {
    route: &'static str,
}

/// The instance figures; a plain value, so that two daemons in one test do not share them.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    request_seconds: Family<OnRoute, Histogram, fn() -> Histogram>,
    signatures_refused: Counter,
    another_shop: Counter,
    events: Family<By<EventOutcome>, Counter>,
    visits: Family<By<Visits>, Counter>,
    callbacks: Family<By<CallbackOutcome>, Counter>,
    reloads: Family<By<ReloadOutcome>, Counter>,
    pulls: Family<By<PullOutcome>, Counter>,
    campaigns_file_good: Gauge,
    sends: Family<By<SendOutcome>, Counter>,
    parts: Counter,
    send_seconds: Histogram,
}

/// A counter for each outcome, shown from the start: a figure that appears with its first failure cannot be alerted on.
fn counters<T>(all: &[T]) -> Family<By<T>, Counter>
where
    T: EncodeLabelValue + Copy + Eq + std::hash::Hash,
{
    let family = Family::default();
    for &outcome in all {
        drop(family.get_or_create_owned(&By { outcome }));
    }
    family
}

fn histogram() -> Histogram {
    Histogram::new(SECONDS)
}

impl Default for Metrics {
    fn default() -> Metrics {
        let mut metrics = Metrics {
            registry: Registry::with_prefix("bazgasht"),
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(histogram as fn() -> Histogram),
            signatures_refused: Counter::default(),
            another_shop: Counter::default(),
            events: counters(EventOutcome::ALL),
            visits: counters(Visits::ALL),
            callbacks: counters(CallbackOutcome::ALL),
            reloads: counters(ReloadOutcome::ALL),
            pulls: counters(PullOutcome::ALL),
            campaigns_file_good: Gauge::default(),
            sends: counters(SendOutcome::ALL),
            parts: Counter::default(),
            send_seconds: Histogram::new([0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0]),
        };
        let version: Family<Vec<(&'static str, &'static str)>, Gauge> = Family::default();
        version.get_or_create(&vec![("version", env!("CARGO_PKG_VERSION"))]).set(1);
        let m = &mut metrics;
        let r = &mut m.registry;
        r.register("build_info", "Always 1; the label is the version", version);
        r.register("http_requests", "Requests answered, by route and class of status", m.requests.clone());
        r.register_with_unit(
            "http_request_duration",
            "From the head of a request to its answer",
            Unit::Seconds,
            m.request_seconds.clone(),
        );
        r.register("signatures_refused", "Requests refused for their signature", m.signatures_refused.clone());
        r.register(
            "calls_of_another_shop",
            "Signed calls that were refused because another shop made them",
            m.another_shop.clone(),
        );
        r.register("events", "Events received from the shop", m.events.clone());
        r.register("link_visits", "Visits of short links; only human ones count for a campaign", m.visits.clone());
        r.register("gateway_callbacks", "Delivery reports and replies that the gateway pushed", m.callbacks.clone());
        r.register("pulls", "Times that the silent shop was asked to deliver, by what came of it", m.pulls.clone());
        r.register("reloads", "Readings of the campaigns' file", m.reloads.clone());
        r.register(
            "campaigns_file_good",
            "1 while the campaigns' file is the one that runs",
            m.campaigns_file_good.clone(),
        );
        r.register("messages_handed_over", "Hand-overs to the gateway, by what it answered", m.sends.clone());
        r.register("message_parts_handed_over", "SMS parts of the messages that the gateway accepted", m.parts.clone());
        r.register_with_unit(
            "gateway_send_duration",
            "From handing a message over to the gateway's answer",
            Unit::Seconds,
            m.send_seconds.clone(),
        );
        metrics
    }
}

impl Metrics {
    /// The counters of one route, looked up once and not for every request.
    #[must_use]
    pub fn route(&self, route: &'static str) -> RouteMetrics {
        let counter = |status| self.requests.get_or_create_owned(&Answered { route, status });
        RouteMetrics(Arc::new(RouteCounters {
            by_class: [counter("1xx"), counter("2xx"), counter("3xx"), counter("4xx"), counter("5xx")],
            seconds: self.request_seconds.get_or_create_owned(&OnRoute { route }),
        }))
    }

    pub fn signature_refused(&self) {
        self.signatures_refused.inc();
    }

    pub fn another_shop(&self) {
        self.another_shop.inc();
    }

    pub fn events(&self, accepted: usize, duplicate: usize, rejected: usize) {
        for (outcome, n) in [
            (EventOutcome::Accepted, accepted),
            (EventOutcome::Duplicate, duplicate),
            (EventOutcome::Rejected, rejected),
        ] {
            if n > 0 {
                self.events.get_or_create(&By { outcome }).inc_by(n as u64);
            }
        }
    }

    pub fn visit(&self, outcome: Visits) {
        self.visits.get_or_create(&By { outcome }).inc();
    }

    pub fn callback(&self, outcome: CallbackOutcome) {
        self.callbacks.get_or_create(&By { outcome }).inc();
    }

    pub fn pulled(&self, outcome: PullOutcome) {
        self.pulls.get_or_create(&By { outcome }).inc();
    }

    pub fn reload(&self, outcome: ReloadOutcome) {
        self.reloads.get_or_create(&By { outcome }).inc();
        self.campaigns_file_good.set(i64::from(outcome == ReloadOutcome::Loaded));
    }

    /// One hand-over, the parts it was, and how long the gateway took.
    pub fn sent(&self, outcome: SendOutcome, parts: u32, seconds: f64) {
        self.sends.get_or_create(&By { outcome }).inc();
        self.send_seconds.observe(seconds);
        if outcome == SendOutcome::Accepted {
            self.parts.inc_by(u64::from(parts));
        }
    }

    /// Hand-overs so far, whatever the gateways answered.
    #[must_use]
    pub fn handed_over(&self) -> u64 {
        SendOutcome::ALL.iter().map(|&outcome| self.sends.get_or_create(&By { outcome }).get()).sum()
    }

    /// Everything in the OpenMetrics text form; without `figures` the service figures are left out.
    ///
    /// # Errors
    /// Only when the text cannot be written.
    pub fn scrape(&self, figures: Option<&Figures>) -> Result<String, fmt::Error> {
        let mut text = String::with_capacity(16 << 10);
        encode_registry(&mut text, &self.registry)?;
        if let Some(figures) = figures {
            encode_registry(&mut text, &service(figures))?;
        }
        encode_eof(&mut text)?;
        Ok(text)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InState {
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InScope {
    scope: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfKind {
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfGateway {
    gateway: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AtGateway {
    gateway: String,
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InUnit {
    gateway: String,
    currency: String,
}

fn service(figures: &Figures) -> Registry {
    let mut r = Registry::with_prefix("bazgasht");
    let gauge = |n: u64| {
        let gauge: Gauge = Gauge::default();
        gauge.set(i64::try_from(n).unwrap_or(i64::MAX));
        gauge
    };
    let by_state = |states: &[(&'static str, u64)]| {
        let family: Family<InState, Gauge> = Family::default();
        for (state, n) in states {
            family.get_or_create(&InState { state }).set(i64::try_from(*n).unwrap_or(i64::MAX));
        }
        family
    };
    r.register("events_pending", "Events stored and not yet applied", gauge(figures.events_pending));
    r.register(
        "enrolments",
        "People on their way through a campaign",
        by_state(&[("waiting", figures.enrolments_waiting), ("active", figures.enrolments_active)]),
    );
    r.register(
        "messages",
        "Messages that are not settled, counted up to 10000 in each state",
        by_state(&[
            ("due", figures.messages_due),
            ("sending", figures.messages_sending),
            ("unknown", figures.messages_unknown),
        ]),
    );
    let oldest: Gauge<f64, std::sync::atomic::AtomicU64> = Gauge::default();
    #[allow(clippy::cast_precision_loss)] // milliseconds of a wait stay far below 2^52
    oldest.set(figures.oldest_due_ms as f64 / 1_000.0);
    r.register_with_unit(
        "oldest_due_message_age",
        "How long the first message whose time has come has waited",
        Unit::Seconds,
        oldest,
    );
    r.register(
        "shop_outbox_events",
        "Events that waited in the shop when it was last asked",
        gauge(figures.outbox_waiting),
    );
    let outbox: Gauge<f64, std::sync::atomic::AtomicU64> = Gauge::default();
    #[allow(clippy::cast_precision_loss)] // milliseconds of a wait stay far below 2^52
    outbox.set(figures.outbox_oldest_ms as f64 / 1_000.0);
    r.register_with_unit(
        "shop_outbox_age",
        "How long the first of the events that wait in the shop has waited",
        Unit::Seconds,
        outbox,
    );
    let holds: Family<InScope, Gauge> = Family::default();
    for hold in &figures.holds {
        holds.get_or_create(&InScope { scope: hold.scope.to_string() }).set(1);
    }
    r.register("hold", "1 for each scope in which sending is stopped", holds);
    let open: Family<OfKind, Gauge> = Family::default();
    // Shown with their zeros, so that the first one can be alerted on.
    for kind in Kind::ALL.map(Kind::as_str) {
        let n = figures.alerts.iter().find(|(found, _)| found == kind).map_or(0, |(_, n)| *n);
        open.get_or_create(&OfKind { kind }).set(i64::try_from(n).unwrap_or(i64::MAX));
    }
    r.register("alerts_open", "Troubles that the owner is told of and that go on", open);
    gateways(&mut r, figures);
    r.register_with_unit("database_size", "Size of the database file", Unit::Bytes, gauge(figures.database_bytes));
    r
}

/// What each gateway did in the last day.
fn gateways(r: &mut Registry, figures: &Figures) {
    let messages: Family<AtGateway, Gauge> = Family::default();
    let delay: Family<OfGateway, Gauge<f64, std::sync::atomic::AtomicU64>> = Family::default();
    let cost: Family<InUnit, Gauge> = Family::default();
    for (name, of) in &figures.gateways {
        let states = [
            ("handed_over", of.handed),
            ("delivered", of.delivered),
            ("undelivered", of.failed),
            ("blocked", of.blocked),
            ("on_the_way", of.open),
        ];
        for (state, n) in states {
            let place = AtGateway { gateway: name.clone(), state };
            messages.get_or_create(&place).set(i64::try_from(n).unwrap_or(i64::MAX));
        }
        if let Some(span) = of.delay {
            #[allow(clippy::cast_precision_loss)] // milliseconds of a delivery stay far below 2^52
            delay.get_or_create(&OfGateway { gateway: name.clone() }).set(span.0 as f64 / 1_000.0);
        }
        for money in of.cost.amounts() {
            let unit = InUnit { gateway: name.clone(), currency: money.currency.code().to_owned() };
            cost.get_or_create(&unit).set(money.minor);
        }
    }
    r.register("gateway_messages", "Messages handed over in the last day, by gateway and where they are", messages);
    r.register_with_unit(
        "gateway_delivery_delay",
        "From hand-over until a delivery was heard of, the middle one of the last day",
        Unit::Seconds,
        delay,
    );
    r.register("gateway_cost_minor", "Cost of the last day's messages in minor units of the gateway's currency", cost);
}

/// See [`Metrics::route`].
#[derive(Clone, Debug)]
pub struct RouteMetrics(Arc<RouteCounters>);

#[derive(Debug)]
struct RouteCounters {
    by_class: [Counter; 5],
    seconds: Histogram,
}

/// Counts one request and says in the log how it ended, by its route and never by its path.
pub async fn observe(State(metrics): State<RouteMetrics>, request: Request, next: Next) -> Response {
    #[allow(clippy::disallowed_methods)] // measures, decides nothing
    let began = Instant::now();
    let response = next.run(request).await;
    let class = usize::from(response.status().as_u16() / 100).saturating_sub(1);
    if let Some(counter) = metrics.0.by_class.get(class) {
        counter.inc();
    }
    metrics.0.seconds.observe(began.elapsed().as_secs_f64());
    response
}
