//! The daemon as it runs: real database, real door, console gateway, one process's whole life several times over.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use bazgasht::campaign::check::{self as campaigns, CheckContext};
use bazgasht::clock::{Clock, HandClock};
use bazgasht::daemon::Orders;
use bazgasht::daemon::machine::Machine;
use bazgasht::daemon::start::{Start, start};
use bazgasht::ids::SeededChance;
use bazgasht::rules::Rules;
use bazgasht::secret::Secret;
use bazgasht::send::gateway::Registry;
use bazgasht::send::gateways::console::Console;
use bazgasht::settings::check as settings;
use bazgasht::settings::model::Settings;
use bazgasht::store::{Readers, log};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::world::door::{SECRET, START, batch, client, event, signed_post};

struct Life {
    address: SocketAddr,
    orders: Orders,
    done: JoinHandle<anyhow::Result<()>>,
}

impl Life {
    async fn post(&self, body: String) -> serde_json::Value {
        signed_post(&client(), self.address, body, START).await.json().await.unwrap()
    }

    async fn end(self) {
        self.orders.stop.cancel();
        self.done.await.unwrap().unwrap();
    }
}

fn settings_in(folder: &Path) -> Settings {
    let outside = settings::Outside {
        folder,
        environment: [(settings::ENV_SECRET.to_owned(), SECRET.to_owned())].into(),
        credentials: [].into(),
        read: &|path| std::fs::read_to_string(path),
    };
    let checked = settings::load("bazgasht.toml", "listen = \"127.0.0.1:0\"\n", &outside);
    checked.settings.unwrap_or_else(|| panic!("{:?}", checked.problems))
}

/// A campaign file of nothing: these stories are about events and the process.
fn rules(settings: &Settings) -> Rules {
    let context = CheckContext { settings, told: None };
    let checked = campaigns::load("campaigns.toml", "", &context);
    let campaigns = checked.campaigns.unwrap_or_else(|| panic!("{:?}", checked.problems));
    Rules { campaigns, settings: settings.clone() }
}

fn born(folder: &Path, tell: oneshot::Sender<SocketAddr>) -> Start {
    let settings = settings_in(folder);
    assert_eq!(settings.secret, Some(Secret::new(SECRET)));
    let first = settings.clone();
    let currency = settings.gateway.line().price_ucs2.currency;
    Start {
        settings,
        load: Box::new(move |_| Ok(rules(&first))),
        gateways: Box::new(move |_, _| {
            Ok(Registry::only(Arc::new(Console::new(Arc::new(Mutex::new(Vec::new())), currency))))
        }),
        clock: Arc::new(HandClock::at(START)) as Arc<dyn Clock>,
        chance: Arc::new(SeededChance::new(1)),
        machine: Machine::default(),
        reports: Box::new(|_, _| Box::new(|_, _| Ok(None))),
        ready: Box::new(move |address| tell.send(address).unwrap()),
    }
}

async fn life(folder: &Path) -> Life {
    let (tell, told) = oneshot::channel();
    let orders = Orders::default();
    let done = tokio::spawn(start(born(folder, tell), orders.clone()));
    match told.await {
        Ok(address) => Life { address, orders, done },
        Err(_) => panic!("{:?}", done.await.unwrap()),
    }
}

/// Promise 1: what was answered with success is there in the next life, and nothing is there twice.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_is_there_in_the_next_life() {
    let folder = tempfile::tempdir().unwrap();
    let first = life(folder.path()).await;
    let bad = r#"{"id":"e3","type":"cart.exploded","time":"2027-01-15T08:00:00+00:00","data":{}}"#.to_owned();
    let answer = first.post(batch(&[event("e1"), event("e2"), bad])).await;
    assert_eq!((&answer["accepted"], answer["rejected"].as_array().unwrap().len()), (&2.into(), 1));
    first.end().await;

    let second = life(folder.path()).await;
    let answer = second.post(batch(&[event("e1"), event("e2"), event("e4")])).await;
    assert_eq!((&answer["accepted"], &answer["duplicate"]), (&1.into(), &2.into()));
    second.end().await;

    let readers = Readers::open(&folder.path().join("bazgasht.db"), 1).unwrap();
    let (ids, rejected) = readers
        .with(|conn| {
            let ids: Vec<String> = log::after(conn, 0, 10)?.into_iter().map(|e| e.event_id).collect();
            Ok((ids, log::rejected(conn, 10)?.len()))
        })
        .unwrap();
    assert_eq!((ids, rejected), (vec!["e1".to_owned(), "e2".to_owned(), "e4".to_owned()], 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_daemon_on_the_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let first = life(folder.path()).await;
    let (tell, _told) = oneshot::channel();
    let said = start(born(folder.path(), tell), Orders::default()).await.unwrap_err().to_string();
    assert!(said.contains("in use") && said.contains(&std::process::id().to_string()), "{said}");
    first.end().await;
    life(folder.path()).await.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_lead_to_where_the_shop_says_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let first = life(folder.path()).await;
    let front =
        |address: SocketAddr| async move { client().get(format!("http://{address}/s/3JcKdsX")).send().await.unwrap() };
    assert_eq!(front(first.address).await.status(), 404);
    let shop = r#"{"id":"s1","type":"shop.updated","time":"2027-01-15T08:00:00+00:00","data":{"name":"Tea","url":"https://shop.example","currency":"IRT"}}"#;
    first.post(batch(&[shop.to_owned()])).await;
    assert_eq!(front(first.address).await.headers()["location"], "https://shop.example");
    first.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_errors_keeps_the_daemon_from_starting_and_is_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let (tell, _told) = oneshot::channel();
    let mut born = born(folder.path(), tell);
    born.load = Box::new(|_| Err(vec!["campaigns.toml:3:1: error[unknown-key]: unknown key `delya`".into()]));
    let said = start(born, Orders::default()).await.unwrap_err().to_string();
    assert!(said.contains("campaigns.toml:3:1"), "{said}");
}
