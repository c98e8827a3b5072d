//! The HTTP door on a free port of loopback, with a desk in memory behind it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bazgasht::campaign::model::Language;
use bazgasht::clock::{At, Clock, HandClock, Span};
use bazgasht::measure::figures::{ProviderFigures, Purse};
use bazgasht::measure::health::Health;
use bazgasht::measure::metrics::Metrics;
use bazgasht::money::{Currency, Money};
use bazgasht::phone::Phone;
use bazgasht::receive::callbacks::{Callbacks, Tokens};
use bazgasht::receive::coupons::Shared;
use bazgasht::receive::desk::{Batch, Desk, Figures, Hit, Question, Taken, Unavailable};
use bazgasht::receive::event::Item;
use bazgasht::receive::http::{Door, router};
use bazgasht::receive::look::{Ask, Looked};
use bazgasht::receive::serve::serve;
use bazgasht::receive::signature::{Key, Verifier, request_line};
use bazgasht::receive::stop_page::{Front, StopPage};
use bazgasht::send::gateway::{Abilities, Answer, Gateway, Inbound, Outgoing, Push, Registry, Report, Soon, Trouble};
use bazgasht::state::model::{ContactId, Hold, Link, LinkKind, MessageId};
use bazgasht::store::log::Incoming;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::bridge_fake::signed;

pub const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
pub const START: At = At(1_800_000_000_000);
pub const SHOP: &str = "https://shop.example";
pub const PHONE: &str =
    "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Mobile Safari/537.36";

/// Keeps everything in memory, and can be told to fail or to be slow.
#[derive(Default)]
pub struct MemoryDesk {
    pub events: Mutex<Vec<Incoming>>,
    pub rejected: Mutex<Vec<(String, String, String)>>,
    pub links: Mutex<HashMap<String, Link>>,
    /// By code.
    pub own: Mutex<HashMap<String, (Link, Phone)>>,
    pub cart: Mutex<Vec<Item>>,
    pub hits: Mutex<Vec<Hit>>,
    pub holds: Mutex<Vec<Hold>>,
    pub shop: Mutex<Option<String>>,
    /// The settings' word on it.
    pub set_shop: Mutex<Option<String>>,
    pub others: Mutex<Vec<(String, At)>>,
    pub looks: Mutex<Vec<Ask>>,
    pub full: AtomicBool,
    /// Holds every `take` until it is rung.
    pub gate: Mutex<Option<Arc<Notify>>>,
    pub entered: Notify,
}

impl MemoryDesk {
    /// With the code that it gives its owner alone.
    pub fn add_own(&self, link: Link, owner: &str) {
        let code = link.coupon.clone().unwrap();
        self.own.lock().unwrap().insert(code, (link.clone(), Phone::from_e164(owner).unwrap()));
        self.add_link(link);
    }

    pub fn add_link(&self, link: Link) {
        self.links.lock().unwrap().insert(link.slug.clone(), link);
    }
}

impl Desk for MemoryDesk {
    fn take(&self, batch: Batch) -> Soon<'_, Result<Taken, Unavailable>> {
        Box::pin(async move {
            self.entered.notify_one();
            let gate = self.gate.lock().unwrap().clone();
            if let Some(gate) = gate {
                gate.notified().await;
            }
            if self.full.load(Ordering::Relaxed) {
                return Err(Unavailable("disk full".into()));
            }
            let mut events = self.events.lock().unwrap();
            let mut taken = Taken::default();
            for event in batch.good {
                if events.iter().any(|e| e.event_id == event.event_id) {
                    taken.duplicate += 1;
                } else {
                    events.push(event);
                    taken.accepted += 1;
                }
            }
            self.rejected.lock().unwrap().extend(batch.bad.into_iter().map(|b| (b.id, b.kind, b.error)));
            Ok(taken)
        })
    }

    fn link(&self, slug: &str) -> anyhow::Result<Option<Link>> {
        Ok(self.links.lock().unwrap().get(slug).cloned())
    }

    fn question(&self, link: &Link, _: At) -> anyhow::Result<Option<Question>> {
        let answers = vec!["بله".to_owned(), "نه".to_owned()];
        let question = Question { text: Some("راضی بودید؟".to_owned()), answers, is_open: true };
        Ok((link.kind == LinkKind::Ask).then_some(question))
    }

    fn own_coupon(&self, code: &str, _: At) -> anyhow::Result<Option<(Link, Phone)>> {
        Ok(self.own.lock().unwrap().get(code).cloned())
    }
    fn shop_url(&self) -> Option<String> {
        self.shop.lock().unwrap().clone()
    }

    fn set_shop_url(&self) -> Option<String> {
        self.set_shop.lock().unwrap().clone()
    }

    fn note_another_shop(&self, url: &str, at: At) {
        self.others.lock().unwrap().push((url.to_owned(), at));
    }

    fn to_restore(&self, _: &Link) -> anyhow::Result<Vec<Item>> {
        Ok(self.cart.lock().unwrap().clone())
    }

    fn count(&self, hit: Hit) {
        self.hits.lock().unwrap().push(hit);
    }

    fn look(&self, ask: &Ask, _: At) -> anyhow::Result<Looked> {
        self.looks.lock().unwrap().push(ask.clone());
        Ok(Looked::default())
    }

    fn holds(&self) -> anyhow::Result<Vec<Hold>> {
        Ok(self.holds.lock().unwrap().clone())
    }

    fn figures(&self, _: At) -> anyhow::Result<Figures> {
        let of =
            ProviderFigures { handed: 2, delivered: 1, open: 1, delay: Some(Span::seconds(7)), ..Default::default() };
        Ok(Figures {
            holds: self.holds()?,
            messages_due: 3,
            oldest_due_ms: 1_500,
            gateways: vec![("mute".to_owned(), ProviderFigures { cost: paid(), ..of })],
            ..Figures::default()
        })
    }

    fn writes(&self) -> Soon<'_, Result<(), Unavailable>> {
        Box::pin(async {
            if self.full.load(Ordering::Relaxed) { Err(Unavailable("disk full".into())) } else { Ok(()) }
        })
    }
}

/// Remembers what the gateway called about.
#[derive(Default)]
pub struct Heard {
    pub reports: Mutex<Vec<Report>>,
    pub replies: Mutex<usize>,
    pub full: AtomicBool,
}

impl Callbacks for Heard {
    fn delivered(&self, _: &'static str, reports: Vec<Report>) -> Soon<'_, Result<(), Unavailable>> {
        self.reports.lock().unwrap().extend(reports);
        self.answer()
    }

    fn replied(&self, _: &'static str, inbound: Vec<Inbound>) -> Soon<'_, Result<(), Unavailable>> {
        *self.replies.lock().unwrap() += inbound.len();
        self.answer()
    }
}

impl Heard {
    fn answer(&self) -> Soon<'_, Result<(), Unavailable>> {
        let full = self.full.load(Ordering::Relaxed);
        Box::pin(async move { if full { Err(Unavailable("disk full".into())) } else { Ok(()) } })
    }
}

/// A gateway that understands the callback `id=…` and `from=…`, and sends nothing.
struct Mute;

impl Gateway for Mute {
    fn name(&self) -> &'static str {
        "mute"
    }
    fn abilities(&self) -> Abilities {
        Abilities::SEND_ONLY
    }
    fn send<'a>(&'a self, _: &'a Outgoing) -> Soon<'a, Answer> {
        Box::pin(async { Answer::Open("mute".into()) })
    }
    fn balance(&self) -> Soon<'_, Result<Option<bazgasht::money::Money>, Trouble>> {
        Box::pin(async { Ok(None) })
    }
    fn delivery_push(&self, push: &Push) -> Result<Vec<Report>, Trouble> {
        let id = push.query.iter().find(|(k, _)| k == "id").ok_or_else(|| Trouble::Unreadable("no id".into()))?;
        Ok(vec![Report::of(id.1.clone(), bazgasht::send::gateway::Delivery::Delivered)])
    }
    fn inbound_push(&self, push: &Push) -> Result<Vec<Inbound>, Trouble> {
        let text = String::from_utf8_lossy(&push.body).into_owned();
        Ok(vec![Inbound { gateway_id: None, from: "09120000001".into(), to: None, text, at_unix: None }])
    }
}

/// A daemon's door, open until it is dropped.
pub struct Open {
    pub address: SocketAddr,
    pub desk: Arc<MemoryDesk>,
    pub heard: Arc<Heard>,
    pub health: Arc<Health>,
    pub clock: Arc<HandClock>,
    pub nudge: Arc<Notify>,
    pub tokens: Tokens,
    pub http: reqwest::Client,
    stop: CancellationToken,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A door and what stands behind it; for tests that serve it themselves.
pub fn door(desk: Arc<dyn Desk>, heard: Arc<Heard>) -> (Arc<Door>, Arc<HandClock>) {
    let clock = Arc::new(HandClock::at(START));
    let mut gateways = Registry::default();
    gateways.add(Arc::new(Mute)).unwrap();
    let health = Arc::new(Health::default());
    health.loaded(3, START);
    let door = Door {
        verifier: Verifier::new(vec![Key::parse(SECRET).unwrap()]),
        desk,
        callbacks: heard,
        tokens: Tokens::from_key(b"test"),
        gateways: Box::new(move || gateways.clone()),
        ways: Box::new(|| vec!["mute", "deaf"]),
        coupons: Box::new(|| {
            vec![Shared {
                code: "off5".into(),
                discount_type: "percent",
                amount: "5".into(),
                expires_at: None,
                description: "Bazgasht: baskets".into(),
            }]
        }),
        reports: Box::new(|name, query| {
            Ok((name == "summary").then(|| serde_json::json!({ "since": query.get("since") })))
        }),
        health,
        metrics: Arc::new(Metrics::default()),
        stop: StopPage::new(
            b"test",
            Box::new(|| Front { name: "چای <نو>".into(), url: Some(SHOP.into()), language: Language::Persian }),
        ),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        nudge: Arc::new(Notify::new()),
    };
    (Arc::new(door), clock)
}

impl Open {
    pub async fn door() -> Open {
        let desk = Arc::new(MemoryDesk::default());
        *desk.shop.lock().unwrap() = Some(SHOP.to_owned());
        let heard = Arc::new(Heard::default());
        let (door, clock) = door(Arc::clone(&desk) as Arc<dyn Desk>, Arc::clone(&heard));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(serve(listener, router(Arc::clone(&door)), stop.clone(), Duration::from_secs(1)));
        Open {
            address,
            desk,
            heard,
            health: Arc::clone(&door.health),
            clock,
            nudge: Arc::clone(&door.nudge),
            tokens: door.tokens.clone(),
            http: client(),
            stop,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A signed batch of raw JSON.
    pub async fn post(&self, body: &str) -> (u16, serde_json::Value) {
        let answer = signed_post(&self.http, self.address, body.to_owned(), self.clock.now()).await;
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.http.get(self.url(path)).header("user-agent", PHONE).send().await.unwrap()
    }

    /// A signed GET.
    pub async fn ask(&self, path: &str, headers: &[(&str, &str)]) -> (u16, serde_json::Value) {
        let line = request_line("GET", path);
        let mut request = signed(self.http.get(self.url(path)), SECRET, line.as_bytes(), self.clock.now());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }
}

pub fn client() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap()
}

pub async fn signed_post(http: &reqwest::Client, address: SocketAddr, body: String, now: At) -> reqwest::Response {
    let request = http.post(format!("http://{address}/v1/events"));
    signed(request, SECRET, body.as_bytes(), now).body(body).send().await.unwrap()
}

/// One well-formed event.
pub fn event(id: &str) -> String {
    format!(r#"{{"id":"{id}","type":"page.viewed","time":"2027-01-15T08:00:00+00:00","data":{{"page":"/x"}}}}"#)
}

pub fn batch(events: &[String]) -> String {
    format!(r#"{{"events":[{}]}}"#, events.join(","))
}

pub fn link(slug: &str, kind: LinkKind) -> Link {
    Link {
        slug: slug.into(),
        message: MessageId(1),
        contact: ContactId(1),
        kind,
        cart_key: Some("t_1".into()),
        order_id: None,
        product_id: None,
        coupon: Some("off5".into()),
        own_coupon: None,
        made: START,
        expires: START.plus(Span::days(14)),
        hits: 0,
        human_hits: 0,
        first_human: None,
    }
}

fn paid() -> Purse {
    let mut purse = Purse::default();
    purse.put(Money { minor: 1_200, currency: Currency::IRR });
    purse
}
