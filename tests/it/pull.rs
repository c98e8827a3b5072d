//! The silent shop is asked to deliver.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bazgasht::clock::{Clock, HandClock, Span};
use bazgasht::ids::SeededChance;
use bazgasht::measure::metrics::Metrics;
use bazgasht::receive::pull::{self, Puller};
use bazgasht::receive::signature::{Key, Signed, Verifier};
use bazgasht::rules::Rules;
use bazgasht::store::pulled::{self, Pulled};
use bazgasht::store::{Readers, Writer, db, log};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::served::{Fault, Server};
use crate::world::door::SECRET;
use crate::world::story::{SHIPPED, START, at, rules};

const PRETTY: &str = "/wp-json/bazgasht/v1/deliver";

struct Stage {
    puller: Puller,
    clock: Arc<HandClock>,
    rules: watch::Sender<Arc<Rules>>,
    readers: Readers,
    metrics: Arc<Metrics>,
    _folder: TempDir,
}

fn shop_at(url: &str, pull: &str) -> Arc<Rules> {
    Arc::new(rules(SHIPPED, &format!("[shop]\nurl = \"{url}\"\n{pull}")))
}

impl Stage {
    fn new(rules: Arc<Rules>) -> Stage {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("shop.db");
        let chance = Arc::new(SeededChance::new(1));
        let writer = Writer::start(db::open_writer(&path, chance.as_ref()).expect("a database")).expect("a writer");
        let readers = Readers::open(&path, 1).expect("a reader");
        let clock = Arc::new(HandClock::at(at(START)));
        let metrics = Arc::new(Metrics::default());
        let (rules, heard) = watch::channel(rules);
        let puller = Puller::new(
            writer,
            readers.clone(),
            heard,
            Arc::clone(&clock) as Arc<dyn Clock>,
            chance,
            Key::parse(SECRET).expect("a key"),
            Arc::clone(&metrics),
        );
        Stage { puller: puller.within(Duration::from_millis(300)), clock, rules, readers, metrics, _folder: folder }
    }

    async fn hear(&self, id: &str) {
        let now = self.clock.now();
        let event = log::Incoming { event_id: id.into(), kind: "cart.cleared".into(), time: now, data: "{}".into() };
        let append = move |world: &mut bazgasht::store::SqlWorld<'_>| log::append(world.connection(), &[event], now);
        self.puller.writer.run(append).await.expect("the store");
    }

    async fn turn(&self) -> bool {
        pull::turn(&self.puller).await.expect("the store")
    }

    async fn after(&self, minutes: i64) -> bool {
        self.clock.pass(Span::minutes(minutes));
        self.turn().await
    }

    fn last(&self) -> Option<Pulled> {
        self.readers.with(pulled::last).expect("the store")
    }

    fn trouble(&self) -> String {
        self.last().and_then(|pulled| pulled.trouble).expect("a trouble")
    }
}

async fn bridge() -> Server {
    Server::start(|_| (200, r#"{"waiting":3,"oldest":"2026-11-24T09:00:00+03:30","delivered":500}"#.to_owned())).await
}

#[tokio::test]
async fn a_silent_shop_is_asked_signed_and_its_outbox_is_known() {
    let shop = bridge().await;
    let stage = Stage::new(shop_at(&shop.base(), ""));
    stage.hear("e1").await;
    assert!(!stage.turn().await);
    assert!(!stage.after(4).await, "not silent for long enough");
    stage.hear("e2").await;
    assert!(!stage.after(4).await, "it has spoken since");
    assert!(stage.after(1).await);
    let calls = shop.calls();
    let [call] = calls.as_slice() else { panic!("{calls:?}") };
    assert_eq!((call.method.as_str(), call.path.as_str(), call.body.as_str()), ("POST", PRETTY, "{}"));
    let signed = Signed {
        id: &call.headers["webhook-id"],
        timestamp: &call.headers["webhook-timestamp"],
        signature: &call.headers["webhook-signature"],
    };
    let verifier = Verifier::new(vec![Key::parse(SECRET).expect("a key")]);
    verifier.verify(signed, b"{}", stage.clock.now()).expect("a good signature");
    let known =
        Pulled { at: stage.clock.now(), trouble: None, waiting: 3, oldest: Some(at("2026-11-24T09:00:00+03:30")) };
    assert_eq!(stage.last(), Some(known));
    assert!(!stage.after(4).await);
    assert!(stage.after(1).await, "and again, while it stays silent");
    let ids: Vec<_> = shop.calls().iter().map(|call| call.headers["webhook-id"].clone()).collect();
    assert_ne!(ids[0], ids[1], "an id is believed once");
    let scraped = stage.metrics.scrape(None).expect("a text");
    assert!(scraped.contains(r#"bazgasht_pulls_total{outcome="answered"} 2"#), "{scraped}");
}

#[tokio::test]
async fn without_pretty_permalinks_the_other_way_is_found_and_kept() {
    let shop = Server::start(|call| match call.query.get("rest_route").map(String::as_str) {
        Some("/bazgasht/v1/deliver") => (200, r#"{"waiting":0,"oldest":null,"delivered":0}"#.to_owned()),
        _ => (404, "<html>not found</html>".to_owned()),
    })
    .await;
    let stage = Stage::new(shop_at(&format!("{}/fa/", shop.base()), ""));
    assert!(!stage.turn().await, "a shop that never spoke is given its time, too");
    assert!(stage.after(5).await);
    let paths = || shop.calls().iter().map(|call| call.path.clone()).collect::<Vec<_>>();
    assert_eq!(paths(), ["/fa/wp-json/bazgasht/v1/deliver", "/fa/"]);
    assert_eq!(stage.last().map(|pulled| (pulled.waiting, pulled.trouble)), Some((0, None)));
    assert!(stage.after(5).await);
    assert_eq!(paths().len(), 3);
}

#[tokio::test]
async fn a_shop_that_fails_is_asked_less_and_less_often() {
    let shop = bridge().await;
    let stage = Stage::new(shop_at(&shop.base(), ""));
    stage.turn().await;
    for fault in [Fault::Stall, Fault::Answer(500, "broken".to_owned())] {
        shop.next(fault);
    }
    assert!(stage.after(5).await);
    assert_eq!(stage.trouble(), "the shop cannot be reached: no answer in time");
    assert!(!stage.after(9).await);
    assert!(stage.after(1).await);
    assert_eq!(stage.trouble(), "the shop answers with HTTP 500");
    assert!(!stage.after(19).await);
    assert!(stage.after(1).await);
    assert_eq!(stage.last().and_then(|pulled| pulled.trouble), None);
    let answered = Some(stage.clock.now());
    assert_eq!(stage.readers.with(pulled::reached).expect("the store"), answered);
    assert!(stage.after(5).await, "well again, and asked as before");
    for _ in 0..12 {
        shop.next(Fault::Answer(401, "{}".to_owned()));
        stage.clock.pass(Span::hours(1));
        assert!(stage.turn().await, "but never less than every hour");
    }
    assert!(stage.trouble().contains("signature"));
    shop.next(Fault::Answer(409, "{}".to_owned()));
    assert!(stage.after(60).await);
    assert!(stage.trouble().contains("connected"));
    let answered = answered.map(|at| at.plus(Span::minutes(5)));
    assert_eq!(stage.readers.with(pulled::reached).expect("the store"), answered, "what failed since does not count");
    let scraped = stage.metrics.scrape(None).expect("a text");
    assert!(scraped.contains(r#"bazgasht_pulls_total{outcome="refused"} 14"#), "{scraped}");
    assert!(scraped.contains(r#"bazgasht_pulls_total{outcome="unreachable"} 1"#), "{scraped}");
}

#[tokio::test]
async fn nobody_but_the_shop_is_called() {
    let other = bridge().await;
    let base = other.base();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let shop = axum::Router::new().fallback(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        let to = format!("{base}/wp-json/bazgasht/v1/deliver");
        async move { (axum::http::StatusCode::PERMANENT_REDIRECT, [("location", to)]) }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, shop).await });
    let stage = Stage::new(shop_at(&format!("http://{address}"), ""));
    stage.turn().await;
    assert!(stage.after(5).await);
    assert_eq!(count.load(Ordering::Relaxed), 2, "both ways");
    assert!(other.calls().is_empty());
    assert!(stage.trouble().contains("HTTP 308"));
}

#[tokio::test]
async fn the_settings_say_how_often_and_whether_at_all() {
    let shop = bridge().await;
    let stage = Stage::new(shop_at(&shop.base(), "pull = \"off\""));
    stage.turn().await;
    assert!(!stage.after(600).await);
    stage.rules.send_replace(shop_at(&shop.base(), "pull = \"30m\""));
    assert!(stage.turn().await);
    assert!(!stage.after(29).await);
    assert!(stage.after(1).await);
    // Whoever may read along learns nothing but that there is a shop; it is for the owner to say so.
    stage.rules.send_replace(shop_at("http://shop.example", ""));
    assert!(!stage.after(600).await);
    stage.rules.send_replace(Arc::new(rules(SHIPPED, "")));
    assert!(!stage.after(600).await, "a shop whose address nobody told");
    assert_eq!(shop.calls().len(), 2);
}
