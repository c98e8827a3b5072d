//! How many events a second `simulate` lives through: `cargo bench --bench simulate`.
//!
//! The events are a made-up shop's (see [`shop`]): two baskets in five stay without a number, one in three becomes an
//! order, the rest are left. Reading and understanding goes on in a thread of its own, as in the command.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::cast_precision_loss,
    clippy::default_trait_access,
    clippy::format_push_string,
    clippy::match_wild_err_arm,
    clippy::needless_pass_by_value,
    clippy::uninlined_format_args,
    clippy::unused_self,
    reason = "a test or bench that meets what it did not expect should stop at once"
)]

use std::fmt::Write as _;
use std::io::Cursor;
use std::sync::mpsc;
use std::time::Instant;

use bazgasht::campaign::check::{self, CheckContext};
use bazgasht::campaign::model::Language;
use bazgasht::campaign::shipped;
use bazgasht::clock::At;
use bazgasht::ids::{Chance, SeededChance};
use bazgasht::replay;
use bazgasht::rules::Rules;
use bazgasht::settings::check as settings;
use bazgasht::simulate::Simulation;
use bazgasht::store::MemoryWorld;

const EVENTS: usize = 400_000;
const ROUNDS: usize = 3;
const BATCH: usize = 2_000;

fn rules() -> Rules {
    let outside = settings::Outside {
        folder: std::path::Path::new(""),
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

/// A year of a shop: `events` lines in the order of time.
fn shop(events: usize) -> String {
    let chance = SeededChance::new(11);
    let pick = |n: u64| chance.next_u64() % n;
    let mut text = String::new();
    let (mut now, mut count, mut orders) = (At(1_767_225_600_000), 0_usize, 0_u32);
    let step = 31_536_000_000 / i64::try_from(events).expect("a count");
    let mut say = |kind: &str, data: String, now: &mut At, count: &mut usize| {
        *count += 1;
        now.0 += step;
        writeln!(
            text,
            "{{\"id\":\"{count:016x}\",\"type\":\"{kind}\",\"time\":\"{}\",\"data\":{data}}}",
            now.rfc3339()
        )
        .expect("text");
    };
    say(
        "shop.updated",
        r#"{"name":"چای‌سرا","url":"https://shop.example","currency":"IRT","timezone":"Asia/Tehran","country":"IR"}"#
            .into(),
        &mut now,
        &mut count,
    );
    for (code, percent) in [("off5", 5), ("off10", 10)] {
        say(
            "coupon.updated",
            format!(r#"{{"code":"{code}","discount_type":"percent","amount":"{percent}"}}"#),
            &mut now,
            &mut count,
        );
    }
    for id in 1..=300 {
        let cross = format!("[{},{}]", id % 300 + 1, (id + 7) % 300 + 1);
        say(
            "product.updated",
            format!(
                r#"{{"product_id":{id},"name":"کالای شماره {id}","url":"https://shop.example/?p={id}","price":"{}000","currency":"IRT","stock_status":"instock","categories":["چای"],"cross_sell_ids":{cross}}}"#,
                id
            ),
            &mut now,
            &mut count,
        );
    }
    let people = u64::try_from(events / 12).expect("a count").max(1);
    while count < events {
        let key = format!("t_{:016x}{:014x}", chance.next_u64(), chance.next_u64() >> 8);
        let mut items: Vec<String> = Vec::new();
        let mut total = 0;
        for _ in 0..=pick(4) {
            let id = pick(300) + 1;
            total += id * 1_000;
            items.push(format!(r#"{{"product_id":{id},"name":"کالای شماره {id}","quantity":1,"unit_price":"{}","url":"https://shop.example/?p={id}"}}"#, id * 1_000));
            say(
                "cart.updated",
                format!(
                    r#"{{"cart_key":"{key}","items":[{}],"total":"{total}","currency":"IRT","coupons":[],"checkout_url":"https://shop.example/checkout/"}}"#,
                    items.join(",")
                ),
                &mut now,
                &mut count,
            );
        }
        let fate = pick(100);
        if fate < 40 {
            continue;
        }
        let person =
            format!(r#"{{"phone":"0912{:07}","first_name":"سارا","last_name":"نمونه","country":"IR"}}"#, pick(people));
        say("contact.captured", format!(r#"{{"cart_key":"{key}","contact":{person}}}"#), &mut now, &mut count);
        if fate < 73 {
            orders += 1;
            for (kind, status) in [("order.created", "processing"), ("order.updated", "completed")] {
                say(
                    kind,
                    format!(
                        r#"{{"order_id":{orders},"number":"{orders}","status":"{status}","total":"{total}","currency":"IRT","items":[{}],"cart_key":"{key}","contact":{person},"coupons":[]}}"#,
                        items.join(",")
                    ),
                    &mut now,
                    &mut count,
                );
            }
        }
    }
    text
}

fn main() {
    let rules = rules();
    let text = shop(EVENTS);
    let mut seconds = Vec::new();
    let mut said = (0, 0);
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let source = text.clone();
        let (sender, receiver) = mpsc::sync_channel(8);
        let reader = std::thread::spawn(move || {
            let mut batch = Vec::with_capacity(BATCH);
            for recorded in replay::lines(Cursor::new(source)) {
                batch.push(recorded.expect("a sound event").event);
                if batch.len() == BATCH {
                    sender.send(std::mem::take(&mut batch)).expect("a listener");
                }
            }
            sender.send(batch).expect("a listener");
        });
        let mut simulation = Simulation::new(MemoryWorld::new(), rules.clone(), 1);
        let (mut events, mut messages) = (0_usize, 0_usize);
        for batch in receiver {
            events += batch.len();
            for event in &batch {
                simulation.hear(event, &mut |_| messages += 1).expect("a world in memory");
            }
        }
        reader.join().expect("the reader");
        seconds.push(begun.elapsed().as_secs_f64());
        said = (events, messages);
    }
    seconds.sort_by(f64::total_cmp);
    let median = seconds[seconds.len() / 2];
    println!("simulate: {} events, {} SMS would have been sent", said.0, said.1);
    println!(
        "simulate: {:.0} events a second (median of {ROUNDS}; {:.2} to {:.2} s)",
        said.0 as f64 / median,
        seconds[0],
        seconds[ROUNDS - 1]
    );
}
