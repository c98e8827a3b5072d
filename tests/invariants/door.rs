//! A whole call of `POST /v1/events`, through the real routes: the bytes are its body.

use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::http::Request;
use bazgasht::campaign::model::Language;
use bazgasht::clock::{At, HandClock};
use bazgasht::measure::health::Health;
use bazgasht::measure::metrics::Metrics;
use bazgasht::phone::Phone;
use bazgasht::receive::callbacks::{Callbacks, Tokens};
use bazgasht::receive::desk::{Batch, Desk, Figures, Hit, Question, Taken, Unavailable};
use bazgasht::receive::event::{Fact, Item, MAX_EVENTS, MAX_ID_BYTES};
use bazgasht::receive::http::{Door, router};
use bazgasht::receive::look::{Ask, Looked};
use bazgasht::receive::signature::{Key, Verifier};
use bazgasht::receive::stop_page::{Front, StopPage};
use bazgasht::send::gateway::{Inbound, Registry, Report, Soon};
use bazgasht::state::model::{Hold, Link};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use serde_json::value::RawValue;
use tokio::sync::Notify;

use super::{one_plain_line, without_numbers};

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const NOW: At = At(1_800_000_000_000);

/// Keeps the last batch.
#[derive(Default)]
struct LastBatch(Mutex<Option<Batch>>);

impl Desk for LastBatch {
    fn take(&self, batch: Batch) -> Soon<'_, Result<Taken, Unavailable>> {
        let taken = Taken { accepted: batch.good.len(), duplicate: 0 };
        *self.0.lock().unwrap() = Some(batch);
        Box::pin(async move { Ok(taken) })
    }
    fn link(&self, _: &str) -> anyhow::Result<Option<Link>> {
        Ok(None)
    }
    fn question(&self, _: &Link, _: At) -> anyhow::Result<Option<Question>> {
        Ok(None)
    }
    fn own_coupon(&self, _: &str, _: At) -> anyhow::Result<Option<(Link, Phone)>> {
        Ok(None)
    }
    fn shop_url(&self) -> Option<String> {
        None
    }
    fn set_shop_url(&self) -> Option<String> {
        None
    }
    fn note_another_shop(&self, _: &str, _: At) {}
    fn to_restore(&self, _: &Link) -> anyhow::Result<Vec<Item>> {
        Ok(Vec::new())
    }
    fn count(&self, _: Hit) {}
    fn look(&self, _: &Ask, _: At) -> anyhow::Result<Looked> {
        Ok(Looked::default())
    }
    fn holds(&self) -> anyhow::Result<Vec<Hold>> {
        Ok(Vec::new())
    }
    fn figures(&self, _: At) -> anyhow::Result<Figures> {
        Ok(Figures::default())
    }
    fn writes(&self) -> Soon<'_, Result<(), Unavailable>> {
        Box::pin(async { Ok(()) })
    }
}

struct Deaf;

impl Callbacks for Deaf {
    fn delivered(&self, _: &'static str, _: Vec<Report>) -> Soon<'_, Result<(), Unavailable>> {
        Box::pin(async { Ok(()) })
    }
    fn replied(&self, _: &'static str, _: Vec<Inbound>) -> Soon<'_, Result<(), Unavailable>> {
        Box::pin(async { Ok(()) })
    }
}

struct Opened {
    routes: TowerToHyperService<axum::Router>,
    desk: Arc<LastBatch>,
    key: Key,
    runtime: tokio::runtime::Runtime,
}

thread_local! {
    static DOOR: Opened = open();
}

fn open() -> Opened {
    let key = Key::parse(SECRET).unwrap();
    let desk = Arc::new(LastBatch::default());
    let door = Door {
        verifier: Verifier::new(vec![key.clone()]),
        desk: Arc::clone(&desk) as Arc<dyn Desk>,
        callbacks: Arc::new(Deaf),
        tokens: Tokens::from_key(b"test"),
        gateways: Box::new(Registry::default),
        ways: Box::new(Vec::new),
        coupons: Box::new(Vec::new),
        reports: Box::new(|_, _| Ok(None)),
        health: Arc::new(Health::default()),
        metrics: Arc::new(Metrics::default()),
        stop: StopPage::new(b"key", Box::new(|| Front { name: String::new(), url: None, language: Language::English })),
        clock: Arc::new(HandClock::at(NOW)),
        nudge: Arc::new(Notify::new()),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    Opened { routes: TowerToHyperService::new(router(Arc::new(door))), desk, key, runtime }
}

impl Opened {
    fn post(&self, body: &[u8], signature: &str) -> (u16, String) {
        let request = Request::post("/v1/events")
            .header("webhook-id", "msg_1")
            .header("webhook-timestamp", (NOW.0 / 1_000).to_string())
            .header("webhook-signature", signature)
            .body(Body::from(body.to_vec()))
            .unwrap();
        self.runtime.block_on(async {
            let answer = self.routes.call(request).await.unwrap();
            let status = answer.status().as_u16();
            let said = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
            (status, String::from_utf8(said.to_vec()).unwrap())
        })
    }
}

pub fn hold(body: &[u8]) {
    DOOR.with(|door| {
        let (status, _) = door.post(body, "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        assert_eq!(status, 401, "unsigned");
        assert!(door.desk.0.lock().unwrap().is_none(), "nothing unsigned gets in");

        let signature = door.key.sign("msg_1", NOW.0 / 1_000, body);
        let (status, said) = door.post(body, &signature);
        let batch = door.desk.0.lock().unwrap().take();
        match (status, batch) {
            (200, Some(batch)) => taken(body, &said, &batch),
            (400 | 413, None) => {}
            (status, batch) => panic!("{status}, and a batch came through: {}", batch.is_some()),
        }
    });
}

/// Every event of the call is in the batch once, and is said to be.
fn taken(body: &[u8], said: &str, batch: &Batch) {
    #[derive(serde::Deserialize)]
    struct Envelope<'a> {
        #[serde(borrow)]
        events: Vec<&'a RawValue>,
    }
    let sent = serde_json::from_slice::<Envelope<'_>>(body).unwrap().events.len();
    assert!(sent <= MAX_EVENTS);
    assert_eq!(batch.good.len() + batch.bad.len(), sent);
    let said: serde_json::Value = serde_json::from_str(said).unwrap();
    assert_eq!(said["accepted"], batch.good.len());
    assert_eq!(said["rejected"].as_array().unwrap().len(), batch.bad.len());
    for good in &batch.good {
        assert!((1..=MAX_ID_BYTES).contains(&good.event_id.len()));
        assert!(good.time <= NOW, "nothing happens later than it is heard of");
        assert!(Fact::parse(&good.kind, &good.data).is_ok(), "what is logged must be readable when it is applied");
    }
    for bad in &batch.bad {
        one_plain_line(&bad.error);
        if !bad.error.starts_with("unknown type") {
            without_numbers(&bad.error);
        }
    }
}
