//! Whether the work for one person grows with the shop: `cargo bench --bench scale`.
//!
//! A wake-up (gather, decide, plan) and a message (gate, text, hand-over, answer) in a database of ten thousand and of a
//! million waiting baskets, in one run; and the memory that the process holds with a million contacts. Two cases: the
//! people who are due are the newest, as in a shop's day, or spread evenly over all who ever came, so that no two of them
//! share a page of the file.

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

use std::path::Path;
use std::time::Instant;

use bazgasht::campaign::check::{self, CheckContext};
use bazgasht::campaign::model::Language;
use bazgasht::campaign::shipped;
use bazgasht::clock::{At, Span};
use bazgasht::flow;
use bazgasht::ids::SeededChance;
use bazgasht::money::{Currency, Money};
use bazgasht::phone::Phone;
use bazgasht::receive::event::Item;
use bazgasht::rules::Rules;
use bazgasht::send::gate;
use bazgasht::send::gateway::{Answer, Delivery, Receipt};
use bazgasht::send::outcome;
use bazgasht::send::ways::Way;
use bazgasht::settings::check as settings;
use bazgasht::state::model::{
    Cart, CartState, Contact, ContactId, Enrolment, EnrolmentId, EnrolmentState, Product, Shop, Stock, Subject,
};
use bazgasht::state::world::World;
use bazgasht::store::{SqlWorld, db};

/// Noon in Tehran, so that hours stop nothing.
const NOON: At = At(1_795_508_400_000);
const SMALL: i64 = 10_000;
const LARGE: i64 = 1_000_000;
/// Looked at in each database, in transactions of [`CHUNK`].
const SAMPLE: usize = 6_000;
const CHUNK: usize = 200;

fn rules() -> Rules {
    let outside = settings::Outside {
        folder: Path::new(""),
        environment: Default::default(),
        credentials: Default::default(),
        read: &|_| Err(std::io::ErrorKind::NotFound.into()),
    };
    let settings = settings::without_file(&outside).settings.expect("settings");
    let checked = check::load(
        "shipped",
        shipped::campaigns(Language::Persian),
        &CheckContext { settings: &settings, told: None },
    );
    Rules { campaigns: checked.campaigns.expect("campaigns"), settings }
}

#[derive(Clone, Copy, Debug)]
enum Due {
    Newest,
    Spread,
}

/// `people` waiting baskets. All but [`SAMPLE`] of them wake far in the future.
fn fill(world: &mut SqlWorld<'_>, people: i64, due: Due) {
    let currency = Currency::IRT;
    world
        .put_shop(&Shop {
            name: "چای‌سرا".into(),
            url: "https://shop.example".into(),
            currency,
            timezone: Some("Asia/Tehran".into()),
            locale: None,
            country: Some("IR".into()),
            needs_yes: None,
        })
        .expect("the store");
    world
        .put_product(&Product {
            id: "12".into(),
            name: "چای بهاره".into(),
            url: "https://shop.example/?p=12".into(),
            price: Some(Money { minor: 180_000, currency }),
            regular_price: None,
            stock: Stock::In,
            stock_quantity: None,
            categories: vec![],
            cross_sells: vec![],
            upsells: vec![],
            image: None,
            variations: Vec::new(),
            published: true,
            prices: Vec::new(),
            out: None,
            back: None,
            updated: NOON,
        })
        .expect("the store");
    let items: std::sync::Arc<[Item]> =
        serde_json::from_str(r#"[{"product_id":"12","name":"چای بهاره","quantity":1,"unit_price":"180000"}]"#)
            .expect("an item");
    let left = NOON.minus(Span::minutes(61));
    let sample = i64::try_from(SAMPLE).expect("a count");
    for n in 0..people {
        let contact = Contact {
            id: ContactId(0),
            phone: Phone::from_e164(&format!("+98912{n:07}")),
            user_id: None,
            first_name: Some("سارا".into()),
            last_name: None,
            locale: None,
            birthday: None,
            registered: None,
            country: None,
            consent: None,
            created: left,
            last_seen: left,
        };
        let id = world.add_contact(&contact).expect("the store");
        let key = format!("t_{n:030}");
        world
            .put_cart(&Cart {
                key: key.clone(),
                contact: Some(id),
                episode: 1,
                state: CartState::Open,
                items: items.clone(),
                total: Money { minor: 180_000, currency },
                coupons: vec![],
                checkout_url: None,
                checkout_started: None,
                began: left,
                last_action: left,
                told: left,
            })
            .expect("the store");
        let is_due = match due {
            Due::Newest => n >= people - sample,
            Due::Spread => n % (people / sample) == 0,
        };
        let wake = if is_due { NOON } else { NOON.plus(Span::days(300)) };
        world
            .add_enrolment(&Enrolment {
                id: EnrolmentId(0),
                campaign: "abandoned-cart".into(),
                contact: id,
                subject: Subject::Cart { key, episode: 1 },
                state: EnrolmentState::Waiting,
                anchor: left,
                since: left,
                entered: None,
                ended: None,
                end_reason: None,
                done: vec![],
                offer: None,
                left: None,
                texts_until: None,
                arms: std::collections::BTreeMap::new(),
                asked: std::collections::BTreeMap::new(),
                replied: None,
                led_out: false,
                held_out: false,
                wake: Some(wake),
            })
            .expect("the store");
    }
}

/// Microseconds for one wake-up and for one message, everything of a transaction included.
fn measure(people: i64, due: Due) -> (f64, f64) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("shop.db");
    let chance = SeededChance::new(3);
    let conn = db::open_writer(&path, &chance).expect("a database");
    let mut world = SqlWorld::new(&conn);
    conn.execute_batch("BEGIN").expect("a transaction");
    fill(&mut world, people, due);
    conn.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)").expect("a commit");
    let rules = rules();
    let in_chunks = |world: &mut SqlWorld<'_>, job: &mut dyn FnMut(&mut SqlWorld<'_>) -> usize| {
        let begun = Instant::now();
        let mut done = 0;
        loop {
            conn.execute_batch("BEGIN IMMEDIATE").expect("a transaction");
            let now = job(world);
            conn.execute_batch("COMMIT").expect("a commit");
            if now == 0 {
                break;
            }
            done += now;
        }
        begun.elapsed().as_secs_f64() * 1e6 / done as f64
    };
    let wake = in_chunks(&mut world, &mut |world| flow::tend(world, &rules, NOON, CHUNK).expect("the store"));
    let line = rules.settings.gateway.line().clone();
    let ways = [Way {
        name: "bench",
        line: &line,
        per_minute: None,
        calls: CHUNK,
        batch: 1,
        templates: false,
        reaches: &|_, _| true,
    }];
    let message = in_chunks(&mut world, &mut |world| {
        let claimed = gate::claim(world, &rules, &ways, &chance, NOON, CHUNK).expect("the store");
        for claim in &claimed {
            let receipt =
                Receipt { gateway_id: claim.outgoing.reference.to_string(), cost: None, state: Delivery::Queued };
            outcome::settle(world, claim.message, &Answer::Accepted(receipt), NOON).expect("the store");
        }
        claimed.len()
    });
    (wake, message)
}

fn resident_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status.lines().find_map(|l| l.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or_default() / 1024.0
}

fn main() {
    for due in [Due::Newest, Due::Spread] {
        let before = measure(SMALL, due);
        let large = measure(LARGE, due);
        // The order of the two must not decide: the small one once more, after the large.
        let after = measure(SMALL, due);
        let small = (f64::midpoint(before.0, after.0), f64::midpoint(before.1, after.1));
        for (what, small, large) in [("wake-up", small.0, large.0), ("message", small.1, large.1)] {
            println!(
                "{what}, {due:?}: {small:.0} µs with {SMALL} enrolments, {large:.0} µs with {LARGE}: {:.2} times",
                large / small
            );
        }
    }
    println!("resident after working with {LARGE} contacts: {:.0} MiB", resident_mib());
}
