//! Credit that is gone, as the gateway tells of it; and what else must not be taken for what it was a moment ago.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bazgasht::clock::{At, Clock, HandClock};
use bazgasht::daemon::house::{House, Plan, always};
use bazgasht::money::{Currency, Money};
use bazgasht::send::alarm::Alarm;
use bazgasht::send::gateway::{
    Abilities, Answer, Delivery, Gateway, Outgoing, Receipt, Registry, Soon, StopScope, Trouble,
};
use bazgasht::send::{alerts, balance};
use bazgasht::state::model::{Hold, HoldScope, MessageState};
use bazgasht::state::world::World;
use bazgasht::store::Writer;
use tokio_util::sync::CancellationToken;

use crate::kavenegar_fake::{Fake, Script};
use crate::world::house::{Home, PAID};
use crate::world::story::{self, REZA, SARA, SHIPPED, START, at};

/// A gateway with a purse, in which something may happen while it is looked into.
#[derive(Default)]
struct Purse {
    left: Mutex<Option<i64>>,
    asked: AtomicUsize,
    sent: AtomicUsize,
    /// Lets everything go while the credit is asked for.
    owner: Mutex<Option<Writer>>,
    /// Stops the daemon while a text is handed over.
    stop: Mutex<CancellationToken>,
}

impl Gateway for Purse {
    fn name(&self) -> &'static str {
        "console"
    }
    fn abilities(&self) -> Abilities {
        Abilities::SEND_ONLY
    }
    fn send<'a>(&'a self, text: &'a Outgoing) -> Soon<'a, Answer> {
        self.sent.fetch_add(1, Ordering::Relaxed);
        self.stop.lock().unwrap().cancel();
        let gateway_id = text.reference.to_string();
        Box::pin(async { Answer::Accepted(Receipt { gateway_id, cost: None, state: Delivery::Queued }) })
    }
    fn balance(&self) -> Soon<'_, Result<Option<Money>, Trouble>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let left = *self.left.lock().unwrap();
        let owner = self.owner.lock().unwrap().clone();
        Box::pin(async move {
            if let Some(writer) = owner {
                writer.run(|world| world.lift_hold(&lack())).await.expect("the store");
            }
            Ok(left.map(|minor| Money { minor, currency: Currency::IRR }))
        })
    }
}

fn lack() -> HoldScope {
    HoldScope::Gateway("console".to_owned(), StopScope::Credit)
}

async fn house(gateway: &Arc<Purse>, folder: &tempfile::TempDir, settings: &str) -> House {
    let gateways = Registry::only(Arc::clone(gateway) as Arc<dyn Gateway>);
    let clock = Arc::new(HandClock::at(at(START)));
    let plan = Plan { rules: story::rules(SHIPPED, settings), load: None, gateways: always(gateways), clock, seed: 7 };
    House::open(folder.path(), plan).await.expect("a house")
}

async fn lacks(house: &House, since: At) {
    let hold = Hold { scope: lack(), why: "none left".to_owned(), since, until: None };
    house.parts.writer.run(move |world| world.put_hold(&hold)).await.expect("the store");
}

async fn holds(house: &House) -> Vec<Hold> {
    house.parts.writer.run(|world| world.holds()).await.expect("the store")
}

#[tokio::test]
async fn what_was_known_of_an_earlier_lack_says_nothing_of_this_one() {
    let (gateway, folder) = (Arc::new(Purse::default()), tempfile::tempdir().expect("a folder"));
    let house = house(&gateway, &folder, "[gateway.console]\nprice_persian = \"1000\"\nprice_latin = \"1000\"").await;
    // Of both it is not clear whether they are enough for a text.
    *gateway.left.lock().unwrap() = Some(3_000);
    lacks(&house, house.clock.now()).await;
    house.clock.pass("5m".parse().unwrap());
    balance::look(&house.parts).await.expect("the store");
    house.parts.writer.run(|world| world.lift_hold(&lack())).await.expect("the store");

    house.clock.pass("2h".parse().unwrap());
    let since = house.clock.now();
    *gateway.left.lock().unwrap() = Some(9_000);
    lacks(&house, since).await;
    let asked = gateway.asked.load(Ordering::Relaxed);
    balance::turn(&house.parts, &CancellationToken::new()).await.expect("the store");
    assert_eq!(
        gateway.asked.load(Ordering::Relaxed),
        asked,
        "this one is new: it is asked for after its own five minutes"
    );
    house.clock.pass("5m".parse().unwrap());
    balance::turn(&house.parts, &CancellationToken::new()).await.expect("the store");
    assert_eq!(gateway.asked.load(Ordering::Relaxed), asked + 1);
    let hold = holds(&house).await.remove(0);
    assert!(hold.is_in_force(house.clock.now()) && hold.since == since, "more than an age ago is not more than before");
    house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn a_lack_that_ended_while_the_gateway_was_asked_is_not_put_back() {
    let (gateway, folder) = (Arc::new(Purse::default()), tempfile::tempdir().expect("a folder"));
    let house = house(&gateway, &folder, "").await;
    lacks(&house, house.clock.now()).await;
    house.clock.pass("5m".parse().unwrap());
    *gateway.owner.lock().unwrap() = Some(house.parts.writer.clone());
    assert!(!balance::look(&house.parts).await.expect("the store"));
    assert_eq!(holds(&house).await, []);
    house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn an_alarm_is_written_down_as_handed_over_only_when_it_is() {
    let (gateway, folder) = (Arc::new(Purse::default()), tempfile::tempdir().expect("a folder"));
    let house = house(&gateway, &folder, "[owner]\nphone = [\"09120009998\", \"09120009999\"]").await;
    let rules = house.parts.rules();
    let now = house.clock.now();
    let stuck = Alarm::Stuck { what: "the clockwork".to_owned() };
    house.parts.writer.run(move |world| alerts::raise(world, &rules, &stuck, now)).await.expect("the store");
    // The daemon stops while the first is told: the second has not been, and is told by the next.
    let stop = gateway.stop.lock().unwrap().clone();
    alerts::turn(&house.parts, &stop).await.expect("the store");
    assert_eq!(gateway.sent.load(Ordering::Relaxed), 1);
    for told in [2, 2] {
        alerts::turn(&house.parts, &CancellationToken::new()).await.expect("the store");
        assert_eq!(gateway.sent.load(Ordering::Relaxed), told);
    }
    house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn a_gateway_that_gives_no_answer_rests_before_it_gets_the_next_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = Home::in_folder(folder, Fake::start().await, PAID, START, None).await;
    home.stock().await;
    home.fake.next(Script::StallBeforeAccepting);
    home.abandoned("t_1", SARA).await;
    home.pass("20s").await;
    home.abandoned("t_2", REZA).await;
    home.pass("60m").await;
    assert_eq!(home.states().await, [MessageState::Unknown, MessageState::Scheduled]);
    let silent: Vec<HoldScope> = home.holds().await.into_iter().map(|hold| hold.scope).collect();
    assert_eq!(silent, [HoldScope::Gateway("kavenegar".to_owned(), StopScope::Silence)]);
    assert_eq!(home.fake.accepted().len(), 0, "a second doubt at once would be one too many");
    home.pass("2m").await;
    assert_eq!(home.fake.accepted().len(), 1);
    home.house.close().await.expect("an orderly end");
}
