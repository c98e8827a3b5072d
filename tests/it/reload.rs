//! A reload takes the gateways anew with all that is said of them, and at one moment with the rules.

use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use bazgasht::campaign::check::{self as campaigns, CheckContext};
use bazgasht::clock::Clock;
use bazgasht::daemon::start::{self, Load, MakeGateways};
use bazgasht::money::Money;
use bazgasht::rules::Rules;
use bazgasht::send::driver;
use bazgasht::send::gateway::{
    Abilities, Answer, Delivery, Gateway, Outgoing, Receipt, Refusal, Registry, Soon, StopScope, Trouble,
};
use bazgasht::settings::check as settings;
use bazgasht::state::model::{HoldScope, MessageState};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::kavenegar_fake::{Fake, KEY};
use crate::world::house::{Home, PAID};
use crate::world::story::{SARA, SHIPPED, START, rules};

/// Reads `settings`, and the key from the file that they name, at each reload.
fn reading(settings: &Arc<Mutex<String>>) -> Load {
    let text = Arc::clone(settings);
    Box::new(move |told| {
        let outside = settings::Outside {
            folder: std::path::Path::new("."),
            environment: [].into(),
            credentials: [].into(),
            read: &|path| fs::read_to_string(path),
        };
        let said = |problems: Vec<bazgasht::problem::Problem>| problems.iter().map(ToString::to_string).collect();
        let read = settings::load("bazgasht.toml", &text.lock().expect("the file"), &outside);
        let settings = read.settings.ok_or_else(|| -> Vec<String> { said(read.problems) })?;
        let read = campaigns::load("campaigns.toml", SHIPPED, &CheckContext { settings: &settings, told });
        let campaigns = read.campaigns.ok_or_else(|| -> Vec<String> { said(read.problems) })?;
        Ok(Rules { campaigns, settings })
    })
}

fn as_settings_say() -> MakeGateways {
    Box::new(|used, callbacks| start::gateways(used, Some(callbacks)))
}

fn kavenegar(fake: &Fake, key_file: &std::path::Path, sender: &str, tail: &str) -> String {
    format!(
        "[budget]\nmonth = \"1000000\"\n[gateway]\nuse = \"kavenegar\"\n[gateway.kavenegar]\nkey_file = \"{}\"\n\
         base = \"{}\"\nsender = \"{sender}\"\nopt_out_tail = \"{tail}\"\nprice_persian = \"1000\"\nprice_latin = \"2500\"\n",
        key_file.display(),
        fake.base()
    )
}

#[tokio::test]
async fn a_mended_key_and_all_else_that_is_said_of_a_gateway_are_used_after_a_reload() {
    let (old, new) = (Fake::start().await, Fake::start().await);
    let folder = tempfile::tempdir().expect("a folder");
    let key_file = folder.path().join("kavenegar.key");
    fs::write(&key_file, "a-key-that-is-wrong").expect("a file");
    let file = Arc::new(Mutex::new(kavenegar(&old, &key_file, "2000500", "لغو11")));
    let first = reading(&file)(None).expect("good files");
    let home = Home::made(folder, old, first, START, Some(reading(&file)), as_settings_say()).await;
    home.stock().await;
    home.abandoned("t_1", SARA).await;
    home.pass("61m").await;
    let held = HoldScope::Gateway("kavenegar".to_owned(), StopScope::Account);
    assert_eq!(home.holds().await.into_iter().map(|h| h.scope).collect::<Vec<_>>(), [held]);
    fs::write(&key_file, KEY).expect("a file");
    *file.lock().expect("the file") = kavenegar(&new, &key_file, "2000600", "لغو12");
    home.reload().await;
    home.pass("10m").await;
    assert!(home.fake.accepted().is_empty(), "the address is new, too");
    let [sms] = &new.accepted()[..] else { panic!("{:?}", new.accepted()) };
    assert_eq!(sms.sender, "2000600");
    assert!(sms.text.ends_with("لغو12"), "{}", sms.text);
    assert!(home.holds().await.is_empty());
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn a_gateway_that_cannot_be_made_changes_nothing() {
    let fake = Fake::start().await;
    let tries = AtomicU32::new(0);
    let make: MakeGateways = Box::new(move |_, _| match tries.fetch_add(1, Ordering::SeqCst) {
        0 => Ok(Registry::only(Arc::new(Slow::default()))),
        _ => anyhow::bail!("no such line"),
    });
    let text = Arc::new(Mutex::new(PAID.to_owned()));
    let folder = tempfile::tempdir().expect("a folder");
    let home = Home::made(folder, fake, rules(SHIPPED, PAID), START, Some(reading(&text)), make).await;
    *text.lock().expect("the file") = PAID.replace("1000000", "2000000");
    home.reload().await;
    let ready = reqwest::get(home.house.url("/readyz")).await.expect("an answer").text().await.expect("a text");
    assert!(ready.contains("no such line"), "{ready}");
    let month = home.house.parts.rules().settings.budget.month.expect("a cap");
    assert_eq!((month.minor, home.house.parts.gateways().iter().count()), (1_000_000, 1));
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn what_a_replaced_gateway_still_answers_holds_nothing() {
    let (first, second) = (Arc::new(Slow::default()), Arc::new(Slow::default()));
    let left = Mutex::new(vec![Arc::clone(&second), Arc::clone(&first)]);
    let make: MakeGateways = Box::new(move |_, _| {
        let next = left.lock().expect("gateways").pop().expect("one more");
        Ok(Registry::only(next))
    });
    let folder = tempfile::tempdir().expect("a folder");
    let home = Home::made(folder, Fake::start().await, rules(SHIPPED, PAID), START, None, make).await;
    home.stock().await;
    home.abandoned("t_1", SARA).await;
    let (parts, never) = (&home.house.parts, CancellationToken::new());
    while parts.hands.is_empty() {
        home.house.clock.pass("1m".parse().expect("a span"));
        driver::turn(parts, &never).await.expect("the store");
    }
    home.reload().await;
    first.answer.notify_one();
    parts.hands.close();
    parts.hands.wait().await;
    parts.hands.reopen();
    let now = home.house.clock.now();
    assert!(!home.holds().await.iter().any(|hold| hold.is_in_force(now)), "the key may have been mended");
    assert_eq!(home.states().await, [MessageState::Scheduled]);
    *second.takes.lock().expect("the answer") = true;
    second.answer.notify_one();
    home.pass("10m").await;
    assert!(home.states().await[0].may_have_left(), "it went by the new one");
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn a_copy_that_is_given_a_gateway_by_a_reload_is_held() {
    let home = Home::new().await;
    let elsewhere = tempfile::tempdir().expect("a folder");
    // As a file: a backup is held from the start.
    let original = rusqlite::Connection::open(home.folder.path().join("bazgasht.db")).expect("the database");
    original.execute("VACUUM INTO ?1", [elsewhere.path().join("bazgasht.db").to_str()]).expect("a copy");
    let text = Arc::new(Mutex::new(PAID.to_owned()));
    let load = Some(reading(&text));
    let copy = Home::in_folder(elsewhere, Fake::start().await, "", START, load).await;
    assert!(copy.holds().await.iter().all(|hold| hold.scope != HoldScope::All), "the console reaches nobody");
    copy.reload().await;
    assert!(copy.holds().await.iter().any(|hold| hold.scope == HoldScope::All));
    copy.house.close().await.expect("an orderly end");
    home.house.close().await.expect("an orderly end");
}

/// Answers when it is told to.
#[derive(Default)]
struct Slow {
    answer: Notify,
    takes: Mutex<bool>,
}

impl Gateway for Slow {
    fn name(&self) -> &'static str {
        "kavenegar"
    }

    fn abilities(&self) -> Abilities {
        Abilities::SEND_ONLY
    }

    fn send<'a>(&'a self, message: &'a Outgoing) -> Soon<'a, Answer> {
        Box::pin(async move {
            self.answer.notified().await;
            let gateway_id = message.reference.to_string();
            if *self.takes.lock().expect("the answer") {
                Answer::Accepted(Receipt { gateway_id, cost: None, state: Delivery::Queued })
            } else {
                Answer::Refused(Refusal::Stop { scope: StopScope::Account, why: "the key is wrong".to_owned() })
            }
        })
    }

    fn balance(&self) -> Soon<'_, Result<Option<Money>, Trouble>> {
        Box::pin(async { Ok(None) })
    }
}
