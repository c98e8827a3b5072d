//! SIGKILL at random moments of a busy day.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bazgasht::ids::{Chance, SeededChance};
use tokio::sync::watch;

use crate::afterwards::all_agree;
use crate::kavenegar_fake::{Fake, Script, Sms};
use crate::line::Way;
use crate::program::{PATIENCE, Program, Shell, until};
use crate::scene::Scene;
use crate::shop::{Shop, Visit};

/// Kills in CI: about a minute on two busy cores.
const KILLS: u64 = 40;
const BUYERS: usize = 4;

fn wish(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{variable} is {text:?}")))
}

/// Drawn anew for each life of the program.
struct Fate {
    /// Killed so soon after its start, ready or not.
    before_ready: Option<Duration>,
    /// Killed after so many calls of the shop were answered with success, and this much later.
    calls: usize,
    then: Duration,
    way: Way,
    scripts: Vec<Script>,
    asking: Option<Script>,
}

impl Fate {
    fn draw(chance: &SeededChance) -> Fate {
        let below = |n: u64| chance.next_u64() % n;
        let script = || match below(6) {
            0 => Script::LoseAnswer,
            1 => Script::CutHalfway,
            2 => Script::AcceptAndStall,
            3 => Script::StallBeforeAccepting,
            4 => Script::Garbage,
            _ => Script::Refuse(451),
        };
        Fate {
            before_ready: (below(6) == 0).then(|| Duration::from_millis(below(150))),
            calls: usize::try_from(1 + below(25)).unwrap(),
            then: Duration::from_micros(below(60_000)),
            way: Way::Open { slow_ms: [0, 3, 15, 60][usize::try_from(below(4)).unwrap()] },
            scripts: (0..below(4)).map(|_| script()).collect(),
            asking: (below(4) == 0).then_some(Script::LoseAnswer),
        }
    }

    fn befalls(&self, gateway: &Fake) {
        self.scripts.iter().for_each(|script| gateway.next(script.clone()));
        self.asking.iter().for_each(|script| gateway.next_ask(script.clone()));
    }
}

async fn buy(shop: Arc<Shop>, next: Arc<AtomicU64>, closing: watch::Receiver<bool>) {
    while !*closing.borrow() {
        shop.insist(Visit::new(next.fetch_add(1, Ordering::Relaxed)), closing.clone()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_lose_no_event_double_no_message_and_leave_none_stuck() {
    let (seed, kills) = (wish("BAZGASHT_CRASH_SEED", 1), wish("BAZGASHT_KILLS", KILLS));
    eprintln!("kills: BAZGASHT_CRASH_SEED={seed} BAZGASHT_KILLS={kills} cargo test --test crash kills -- --nocapture");
    let begun = Instant::now();
    let chance = SeededChance::new(seed);
    let scene = Scene::new(seed).await;
    let shop = &scene.shop;

    let first = scene.start().await;
    shop.introduce().await;
    first.kill().await;
    shop.address.send_replace(None);

    let (next, (close, closing)) = (Arc::new(AtomicU64::new(1)), watch::channel(false));
    let buyers: Vec<_> =
        (0..BUYERS).map(|_| tokio::spawn(buy(Arc::clone(shop), Arc::clone(&next), closing.clone()))).collect();
    let mut unready = 0;
    for _ in 0..kills {
        let fate = Fate::draw(&chance);
        fate.befalls(&scene.gateway);
        scene.line.set(fate.way);
        let mut program = Program::start(scene.folder.path(), &Shell::None);
        if let Some(soon) = fate.before_ready {
            tokio::time::sleep(soon).await;
            unready += 1;
        } else {
            let enough = *shop.taken.borrow() + fate.calls;
            shop.address.send_replace(Some(program.ready().await));
            let mut taken = shop.taken.subscribe();
            tokio::time::timeout(PATIENCE, taken.wait_for(|taken| *taken >= enough))
                .await
                .unwrap_or_else(|_| panic!("the shop's calls are not taken:\n{}", program.log()))
                .unwrap();
            tokio::time::sleep(fate.then).await;
        }
        program.kill().await;
        shop.address.send_replace(None);
    }

    scene.gateway.no_more_scripts();
    scene.line.set(Way::Open { slow_ms: 0 });
    let program = scene.start().await;
    close.send_replace(true);
    for buyer in buyers {
        buyer.await.unwrap();
    }
    scene.settled().await;
    let books = scene.stop(program).await;
    let told = shop.told();
    let accepted = scene.gateway.accepted().len();
    let after = all_agree(&scene, &books).await;
    eprintln!(
        "kills: {kills}, {unready} of them at the start\n\
         shop: {} calls taken, {} repeated, {} given up; {} events in the log, {} found there by a repeated call\n\
         program: {} messages {:?}, {} times in doubt after a kill, of these {} never arrived\n\
         gateway: {accepted} SMS accepted by the last stop, {} two days later, {} questions by reference, {} answered from its records\n\
         took {:?}",
        told.taken.len(),
        told.repeated,
        told.given_up.len(),
        books.event_ids.len(),
        told.were_there,
        books.messages.len(),
        books.states(),
        books.doubts,
        after.never_arrived,
        scene.gateway.accepted().len(),
        scene.gateway.calls("sms/statuslocalmessageid").len(),
        scene.gateway.repeated().len(),
        begun.elapsed(),
    );
}

/// The gateway does not know them yet when it is asked: believed too early, they would go twice.
#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_after_the_next_lifes_question_goes_once() {
    let scene = Scene::new(1).await;
    let program = scene.start().await;
    scene.shop.introduce().await;
    scene.orders_into_the_void(11..=14).await;
    program.kill().await;

    scene.line.set(Way::OldWaits);
    let program = scene.start().await;
    until("asked about", async || (!scene.gateway.calls("sms/statuslocalmessageid").is_empty()).then_some(())).await;
    scene.orders(21..=22).await;
    scene.accepted(2).await;
    let before = scene.gateway.accepted();
    assert!(before.iter().all(|sms| sms.text.contains("order 2") || sms.text.contains("packed")), "{before:?}");
    scene.line.set(Way::Open { slow_ms: 0 });
    let arrived = |sms: &Sms| (11..=14).any(|n| sms.text.starts_with(&format!("order {n} taken")));
    until("the old ones arrive", async || {
        (scene.gateway.accepted().iter().filter(|sms| arrived(sms)).count() == 4).then_some(())
    })
    .await;
    scene.settled().await;
    let books = scene.stop(program).await;
    all_agree(&scene, &books).await;
}
