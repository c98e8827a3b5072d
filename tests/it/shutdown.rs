//! A life of the daemon: ready, reload, stop.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bazgasht::daemon::{Orders, Parts, run};
use bazgasht::receive::desk::Desk;
use bazgasht::receive::http::{Door, router};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use crate::world::door::{Heard, MemoryDesk, START, batch, client, door, event, signed_post};

struct Life {
    orders: Orders,
    door: Arc<Door>,
    desk: Arc<MemoryDesk>,
    address: SocketAddr,
    closed: Arc<AtomicBool>,
    done: JoinHandle<anyhow::Result<()>>,
}

type Reading = Result<usize, Vec<String>>;

async fn life(driver: bazgasht::daemon::Driver, reading: impl Fn() -> Reading + Send + Sync + 'static) -> Life {
    let desk = Arc::new(MemoryDesk::default());
    let (door, clock) = door(Arc::clone(&desk) as Arc<dyn Desk>, Arc::new(Heard::default()));
    let closed = Arc::new(AtomicBool::new(false));
    let (tell, told) = oneshot::channel();
    let orders = Orders::default();
    let parts = Parts {
        listen: "127.0.0.1:0".parse().unwrap(),
        router: router(Arc::clone(&door)),
        desk: Arc::clone(&desk) as Arc<dyn Desk>,
        driver,
        reload: Box::new(reading),
        health: Arc::clone(&door.health),
        metrics: Arc::clone(&door.metrics),
        clock,
        close: Box::new({
            let closed = Arc::clone(&closed);
            move || closed.store(true, Ordering::SeqCst)
        }),
        ready: Box::new(move |address| tell.send(address).unwrap()),
    };
    let done = tokio::spawn(run(parts, orders.clone()));
    Life { orders, door, desk, address: told.await.unwrap(), closed, done }
}

fn idle_driver() -> bazgasht::daemon::Driver {
    Box::new(|stop| Box::pin(async move { stop.cancelled().await }))
}

#[tokio::test]
async fn a_request_that_is_being_stored_is_answered_before_the_database_closes() {
    let life = life(idle_driver(), || Ok(1)).await;
    let gate = Arc::new(Notify::new());
    *life.desk.gate.lock().unwrap() = Some(Arc::clone(&gate));
    let address = life.address;
    let asking =
        tokio::spawn(async move { signed_post(&client(), address, batch(&[event("e1")]), START).await.status() });
    life.desk.entered.notified().await;
    life.orders.stop.cancel();
    tokio::task::yield_now().await;
    assert!(!life.closed.load(Ordering::SeqCst), "not while a request runs");
    gate.notify_one();
    assert_eq!(asking.await.unwrap(), 200);
    life.done.await.unwrap().unwrap();
    assert!(life.closed.load(Ordering::SeqCst));
    assert!(client().get(format!("http://{address}/healthz")).send().await.is_err(), "nobody listens");
}

#[tokio::test]
async fn what_was_handed_over_is_finished_and_nothing_more_is_claimed() {
    let steps = Arc::new(Mutex::new(Vec::new()));
    let answer = Arc::new(Notify::new());
    let driver: bazgasht::daemon::Driver = Box::new({
        let (steps, answer) = (Arc::clone(&steps), Arc::clone(&answer));
        move |stop| {
            Box::pin(async move {
                stop.cancelled().await;
                steps.lock().unwrap().push("claims no more");
                answer.notified().await;
                steps.lock().unwrap().push("answer written down");
            })
        }
    });
    let life = life(driver, || Ok(1)).await;
    life.orders.stop.cancel();
    answer.notify_one();
    life.done.await.unwrap().unwrap();
    assert_eq!(*steps.lock().unwrap(), ["claims no more", "answer written down"]);
    assert!(life.closed.load(Ordering::SeqCst));
}

#[tokio::test]
async fn an_answer_that_never_comes_does_not_hold_the_stop_up_for_ever() {
    let life = life(Box::new(|_| Box::pin(std::future::pending())), || Ok(1)).await;
    tokio::time::pause();
    life.orders.stop.cancel();
    life.done.await.unwrap().unwrap();
    assert!(life.closed.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_part_that_ends_by_itself_ends_the_process_with_an_error() {
    let life = life(Box::new(|_| Box::pin(async {})), || Ok(1)).await;
    let said = life.done.await.unwrap().unwrap_err().to_string();
    assert!(said.contains("sending clockwork"), "{said}");
    assert!(life.closed.load(Ordering::SeqCst), "and still closes the database");
}

/// Promise 10: a bad file never changes what runs.
#[tokio::test]
async fn a_bad_file_is_said_and_a_good_one_taken() {
    let readings = Arc::new(AtomicUsize::new(0));
    let read = Arc::new(Notify::new());
    let life = life(idle_driver(), {
        let (readings, read) = (Arc::clone(&readings), Arc::clone(&read));
        move || {
            let n = readings.fetch_add(1, Ordering::SeqCst);
            read.notify_one();
            if n == 0 { Err(vec!["campaigns.toml:3:1: unknown key `delya`".into()]) } else { Ok(2) }
        }
    })
    .await;
    life.orders.reload.notify_one();
    read.notified().await;
    let said = until(&life, "unknown key").await;
    assert!(said.contains("3 campaigns run on"), "{said}");
    assert!(life.door.metrics.scrape(None).unwrap().contains(r#"bazgasht_reloads_total{outcome="refused"} 1"#));
    life.orders.reload.notify_one();
    read.notified().await;
    let said = until(&life, "ok: 2").await;
    assert!(!said.contains("problems"), "{said}");
    assert!(life.door.metrics.scrape(None).unwrap().contains("bazgasht_campaigns_file_good 1"));
    life.orders.stop.cancel();
    life.done.await.unwrap().unwrap();
}

/// What readiness says, once it says `words`.
async fn until(life: &Life, words: &str) -> String {
    let look = async {
        loop {
            let state = life.door.health.look(life.desk.as_ref(), &[], START).await;
            let said = serde_json::to_string(&state.answer()).unwrap();
            if said.contains(words) {
                return said;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), look).await.expect(words)
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let desk = Arc::new(MemoryDesk::default());
    let (door, clock) = door(Arc::clone(&desk) as Arc<dyn Desk>, Arc::new(Heard::default()));
    let parts = Parts {
        listen: address,
        router: router(Arc::clone(&door)),
        desk,
        driver: idle_driver(),
        reload: Box::new(|| Ok(1)),
        health: Arc::clone(&door.health),
        metrics: Arc::clone(&door.metrics),
        clock,
        close: Box::new(|| {}),
        ready: Box::new(|_| {}),
    };
    let said = run(parts, Orders::default()).await.unwrap_err().to_string();
    assert!(said.contains(&address.to_string()) && said.contains("listen"), "{said}");
}
