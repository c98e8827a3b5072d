//! What the door costs, as ratios within one run: `cargo bench --bench http`.
//!
//! Server and clients share this process and loopback, each with threads of their own. Clients are as thin as can be (requests
//! are made and signed beforehand), but they take their part of the cores, from both sides of a ratio alike. The figures are
//! for `docs/`; nothing fails here, since time on a shared machine proves nothing.
//!
//! `BENCH_CONNECTIONS=64` asks with fewer at a time, `BENCH_FOLDER=/dev/shm` takes the disk out, `BENCH_ONLY=link` runs one part.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::cast_precision_loss,
    clippy::default_trait_access,
    clippy::format_push_string,
    reason = "a test or bench that meets what it did not expect should stop at once"
)]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use bazgasht::campaign::check::{self as campaigns, CheckContext};
use bazgasht::campaign::model::Language;
use bazgasht::clock::{At, Clock, HandClock, Span};
use bazgasht::ids::{Chance, SeededChance};
use bazgasht::measure::health::Health;
use bazgasht::measure::metrics::Metrics;
use bazgasht::money::Money;
use bazgasht::phone::Phone;
use bazgasht::receive::callbacks::{Callbacks, Tokens};
use bazgasht::receive::desk::{Batch, Desk, Figures, Hit, Question, Taken, Unavailable};
use bazgasht::receive::event::Item;
use bazgasht::receive::http::{Door, router};
use bazgasht::receive::look::{Ask, Looked};
use bazgasht::receive::serve::serve;
use bazgasht::receive::signature::{Key, Verifier};
use bazgasht::receive::stop_page::{Front, StopPage};
use bazgasht::receive::store_desk::StoreDesk;
use bazgasht::rules::Rules;
use bazgasht::send::gateway::{Inbound, Registry, Report, Soon};
use bazgasht::settings::check as settings;
use bazgasht::state::model::{Hold, Link, LinkKind};
use bazgasht::store::log::{self, Incoming};
use bazgasht::store::{Readers, Writer, db};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const NOW: At = At(1_800_000_000_000);
/// A busy shop's PHP workers.
fn connections() -> usize {
    std::env::var("BENCH_CONNECTIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(256)
}
/// Each side of a ratio is run this often, turn and turn about; the median counts.
const ROUNDS: usize = 5;
const SINGLES: usize = 20_000;
const CALLS: usize = 400;
const CALL: usize = 100;
const VISITS: usize = 60_000;
const LINKS: usize = 1_000;

/// Verifies and stores nothing.
struct NullDesk;

impl Desk for NullDesk {
    fn take(&self, batch: Batch) -> Soon<'_, Result<Taken, Unavailable>> {
        Box::pin(async move { Ok(Taken { accepted: batch.good.len(), duplicate: 0 }) })
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

fn door(desk: Arc<dyn Desk>) -> Router {
    router(Arc::new(Door {
        verifier: Verifier::new(vec![Key::parse(SECRET).unwrap()]),
        desk,
        callbacks: Arc::new(Deaf),
        tokens: Tokens::from_key(b"bench"),
        gateways: Box::new(Registry::default),
        ways: Box::new(Vec::new),
        coupons: Box::new(Vec::new),
        reports: Box::new(|_, _| Ok(None)),
        health: Arc::new(Health::default()),
        metrics: Arc::new(Metrics::default()),
        stop: StopPage::new(b"key", Box::new(|| Front { name: String::new(), url: None, language: Language::English })),
        clock: Arc::new(HandClock::at(NOW)) as Arc<dyn Clock>,
        nudge: Arc::new(Notify::new()),
    }))
}

fn rules(folder: &Path) -> Rules {
    let outside = settings::Outside {
        folder,
        environment: [].into(),
        credentials: [].into(),
        read: &|path| std::fs::read_to_string(path),
    };
    let source = "[shop]\nurl = \"https://shop.example\"\n";
    let settings = settings::load("bazgasht.toml", source, &outside).settings.unwrap();
    let campaigns =
        campaigns::load("campaigns.toml", "", &CheckContext { settings: &settings, told: None }).campaigns.unwrap();
    Rules { campaigns, settings }
}

/// A database in a folder of its own, and a door on it.
struct House {
    writer: Writer,
    desk: Arc<dyn Desk>,
    folder: tempfile::TempDir,
}

impl House {
    fn new() -> House {
        let folder = tempfile::tempdir_in(std::env::var("BENCH_FOLDER").unwrap_or_else(|_| ".".into())).unwrap();
        let database = folder.path().join("bench.db");
        let writer = Writer::start(db::open_writer(&database, &SeededChance::new(1)).unwrap()).unwrap();
        let readers = Readers::open(&database, 4).unwrap();
        let (_, rules) = watch::channel(Arc::new(rules(folder.path())));
        let desk = StoreDesk::new(writer.clone(), readers, database, rules).unwrap();
        House { writer, desk: Arc::new(desk), folder }
    }
}

/// Serves until dropped, on two threads of its own.
struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    _runtime: tokio::runtime::Runtime,
}

impl Server {
    fn of(router: Router) -> Server {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let stop = CancellationToken::new();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(serve(listener, router, stop.clone(), Duration::from_secs(1)));
        Server { address, stop, _runtime: runtime }
    }

    /// Requests a second over keep-alive connections, all of them answered as `expected`.
    fn rate(&self, requests: &[Vec<u8>], expected: &'static str) -> f64 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let address = self.address;
        let local = tokio::task::LocalSet::new();
        let began = Instant::now();
        local.block_on(&runtime, async {
            let shares = requests.chunks(requests.len().div_ceil(connections()));
            let mut clients = Vec::new();
            for share in shares {
                let share = share.to_vec();
                clients.push(tokio::task::spawn_local(async move { client(address, &share, expected).await }));
            }
            for client in clients {
                client.await.unwrap();
            }
        });
        requests.len() as f64 / began.elapsed().as_secs_f64()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn client(address: SocketAddr, requests: &[Vec<u8>], expected: &str) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut buffer = Vec::with_capacity(4_096);
    for request in requests {
        stream.write_all(request).await.unwrap();
        buffer.clear();
        while !whole(&buffer) {
            assert!(stream.read_buf(&mut buffer).await.unwrap() > 0, "connection cut");
        }
        assert!(buffer.starts_with(expected.as_bytes()), "{}", String::from_utf8_lossy(&buffer));
    }
}

/// Whether head and body are there.
fn whole(answer: &[u8]) -> bool {
    let Some(head) = answer.windows(4).position(|w| w == b"\r\n\r\n") else { return false };
    let text = String::from_utf8_lossy(&answer[..head]).to_ascii_lowercase();
    let length =
        text.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.trim().parse().ok()).unwrap_or(0);
    answer.len() >= head + 4 + length
}

fn cart(id: &str) -> (String, String) {
    let data = format!(
        r#"{{"cart_key":"t_{id}","items":[{{"product_id":12,"variation_id":0,"name":"Tea from Lahijan","quantity":2,"unit_price":"250000","url":"https://shop.example/tea"}},{{"product_id":15,"name":"Glass","quantity":6,"unit_price":"90000"}}],"total":"1040000","currency":"IRT","coupons":[]}}"#
    );
    (format!(r#"{{"id":"{id}","type":"cart.updated","time":"2027-01-15T08:00:00+00:00","data":{data}}}"#), data)
}

fn call(events: &[String]) -> Vec<u8> {
    let body = format!(r#"{{"events":[{}]}}"#, events.join(","));
    let seconds = NOW.0 / 1_000;
    let signature = Key::parse(SECRET).unwrap().sign("msg_1", seconds, body.as_bytes());
    format!(
        "POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nwebhook-id: msg_1\r\nwebhook-timestamp: {seconds}\r\nwebhook-signature: {signature}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// What bounds a server with few requests at a time: 4 KiB appended and synchronised, the median of 50.
fn durable_write_ms(folder: &Path) -> f64 {
    use std::io::Write;
    let mut file = std::fs::File::create(folder.join("sync")).unwrap();
    let one = |_| {
        let began = Instant::now();
        file.write_all(&[0; 4_096]).unwrap();
        file.sync_data().unwrap();
        began.elapsed().as_secs_f64() * 1_000.0
    };
    median((0..50).map(one).collect())
}

/// Runs both sides turn and turn about, and prints their ratio.
fn compare(
    only: &str,
    what: &str,
    asked: f64,
    unit: &str,
    mut ours: impl FnMut(usize) -> f64,
    mut other: impl FnMut(usize) -> f64,
) {
    if !what.contains(only) {
        return;
    }
    let mut rates = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        rates.1.push(other(round));
        rates.0.push(ours(round));
    }
    let (ours, other) = (median(rates.0), median(rates.1));
    println!("{what:<58} {ours:>9.0} of {other:>9.0} {unit}/s  = {:.2} (asked {asked})", ours / other);
}

fn singles(round: usize, side: &str) -> Vec<Vec<u8>> {
    (0..SINGLES).map(|n| call(&[cart(&format!("{side}{round}-{n}")).0])).collect()
}

fn thousand_links(house: &House) -> Vec<String> {
    let chance = SeededChance::new(9);
    let slugs: Vec<String> = (0..LINKS).map(|_| chance.slug()).collect();
    let made = slugs.clone();
    let stored = house.writer.run_blocking(move |world| {
        for (n, slug) in made.iter().enumerate() {
            bench_link(world, n, slug)?;
        }
        Ok(())
    });
    stored.unwrap();
    slugs
}

/// One person with one message that was handed over, and its link.
fn bench_link(world: &mut bazgasht::store::SqlWorld<'_>, n: usize, slug: &str) -> anyhow::Result<()> {
    use bazgasht::state::model::{
        Contact, ContactId, Enrolment, EnrolmentId, EnrolmentState, HandOver, Message, MessageId, MessageState, Subject,
    };
    use bazgasht::state::world::World;
    let phone: Phone = bazgasht::phone::parse(&format!("0912000{n:04}"), None, "IR")?;
    let contact = world.add_contact(&Contact {
        id: ContactId(0),
        phone: Some(phone),
        user_id: None,
        first_name: None,
        last_name: None,
        locale: None,
        birthday: None,
        registered: None,
        country: None,
        consent: None,
        created: NOW,
        last_seen: NOW,
    })?;
    let enrolment = world
        .add_enrolment(&Enrolment {
            id: EnrolmentId(0),
            campaign: "c".into(),
            contact,
            subject: Subject::Cart { key: format!("t_{n}"), episode: 1 },
            state: EnrolmentState::Active,
            anchor: NOW,
            since: NOW,
            entered: Some(NOW),
            ended: None,
            end_reason: None,
            done: Vec::new(),
            offer: None,
            left: None,
            texts_until: None,
            arms: std::collections::BTreeMap::new(),
            asked: std::collections::BTreeMap::new(),
            replied: None,
            led_out: false,
            held_out: false,
            wake: None,
        })?
        .expect("new");
    let message = world
        .add_message(&Message {
            id: MessageId(0),
            enrolment,
            contact,
            campaign: "c".into(),
            arm: None,
            step: "s".into(),
            state: MessageState::Scheduled,
            due: NOW,
            next_try: NOW,
            expires: NOW.plus(Span::days(1)),
            reason: None,
            reference: None,
            attempts: 0,
            gateway: None,
            gateway_id: None,
            templated: false,
            service: false,
            doubted: false,
            text: None,
            parts: 0,
            price: None,
            cost: None,
            coupon: None,
            offer: None,
            handed: None,
            settled: None,
        })?
        .expect("new");
    world.hand_over(&HandOver {
        message,
        at: NOW,
        reference: i64::try_from(n)? + 1,
        gateway: "console".into(),
        templated: false,
        service: false,
        text: "x".into(),
        parts: 1,
        price: Money::zero(bazgasht::money::Currency::NONE),
        coupon: None,
        offer: None,
        link: Some(Link {
            slug: slug.to_owned(),
            message,
            contact,
            kind: LinkKind::Cart,
            cart_key: Some(format!("t_{n}")),
            order_id: None,
            product_id: None,
            coupon: None,
            own_coupon: None,
            made: NOW,
            expires: NOW.plus(Span::days(30)),
            hits: 0,
            human_hits: 0,
            first_human: None,
        }),
    })
}

fn main() {
    // `cargo test --benches` asks for a dry run, and so does whoever lists the tests.
    if !std::env::args().any(|a| a == "--bench") {
        println!("run with: cargo bench --bench http");
        return;
    }
    println!(
        "{} keep-alive connections, loopback, server and clients in one process; medians of {ROUNDS} rounds",
        connections()
    );

    let only = std::env::var("BENCH_ONLY").unwrap_or_default();
    let house = House::new();
    println!("a write to this disk takes {:.1} ms to be durable", durable_write_ms(house.folder.path()));
    let store = Server::of(door(Arc::clone(&house.desk)));
    let nothing = Server::of(door(Arc::new(NullDesk)));
    compare(
        &only,
        "single signed events: stored / verified only",
        0.5,
        "events",
        |round| store.rate(&singles(round, "a"), "HTTP/1.1 200"),
        |round| nothing.rate(&singles(round, "b"), "HTTP/1.1 200"),
    );

    let raw = Mutex::new(db::open_writer(&house.folder.path().join("raw.db"), &SeededChance::new(1)).unwrap());
    let per_call = CALL as f64;
    let calls = |round: usize| -> Vec<Vec<u8>> {
        (0..CALLS).map(|c| call(&(0..CALL).map(|n| cart(&format!("h{round}-{c}-{n}")).0).collect::<Vec<_>>())).collect()
    };
    let raw_inserts = |round: usize, rows_a_commit: usize, side: &str| {
        let rows: Vec<Incoming> = (0..CALLS * CALL)
            .map(|n| {
                let id = format!("{side}{round}-{}-{}", n / CALL, n % CALL);
                Incoming { data: cart(&id).1, event_id: id, kind: "cart.updated".into(), time: NOW }
            })
            .collect();
        let mut conn = raw.lock().unwrap();
        let began = Instant::now();
        for rows in rows.chunks(rows_a_commit) {
            let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
            log::append(&tx, rows, NOW).unwrap();
            tx.commit().unwrap();
        }
        rows.len() as f64 / began.elapsed().as_secs_f64()
    };
    compare(
        &only,
        "calls of 100 events / raw inserts, 100 a commit",
        0.5,
        "events",
        |round| store.rate(&calls(round), "HTTP/1.1 200") * per_call,
        |round| raw_inserts(round, CALL, "r"),
    );
    compare(
        &only,
        "calls of 100 events / raw inserts, all in one commit",
        0.5,
        "events",
        |round| store.rate(&calls(round + ROUNDS), "HTTP/1.1 200") * per_call,
        |round| raw_inserts(round, usize::MAX, "s"),
    );

    let slugs = thousand_links(&house);
    let visits: Vec<Vec<u8>> = (0..VISITS)
        .map(|n| {
            let slug = &slugs[n % slugs.len()];
            format!("GET /s/{slug} HTTP/1.1\r\nhost: x\r\nuser-agent: Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Mobile Safari/537.36\r\n\r\n").into_bytes()
        })
        .collect();
    let empty = Server::of(Router::new().route("/s/{slug}", get(|| async { StatusCode::FOUND })));
    compare(
        &only,
        "following a link / an empty handler",
        0.7,
        "visits",
        |_| store.rate(&visits, "HTTP/1.1 302"),
        |_| empty.rate(&visits, "HTTP/1.1 302"),
    );
}
