//! Every shipped journey switched on at once, for a whole shop and for months: what the promises say of hours, caps, noes, baskets and
//! orders is reckoned a second time, from the bare events.
//!
//! `BAZGASHT_EVENTS=FILE` plays a recording of one's own instead (in the form of `simulate --events`; best with `--release`).

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufReader;

use bazgasht::campaign::model::Trigger;
use bazgasht::clock::{At, Span};
use bazgasht::receive::event::{Event, Fact};
use bazgasht::replay;
use bazgasht::rules::Rules;
use bazgasht::simulate::{Simulation, WouldSend};
use bazgasht::state::model::Subject;
use bazgasht::state::world::World;
use bazgasht::store::memory::MemoryWorld;
use chrono::{Datelike, NaiveDate};
use chrono_tz::Asia::Tehran;
use serde_json::{Value, json};

use crate::world::story::{START, at, rules};

const SETTINGS: &str = "[staff]\nphones = [\"09120000099\"]\n";

fn all_on() -> Rules {
    let mut rules = rules(crate::world::story::SHIPPED, SETTINGS);
    rules.campaigns.list.iter_mut().for_each(|campaign| campaign.enabled = true);
    rules
}

/// Numbers that look drawn, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn minutes(&mut self, n: u64) -> i64 {
        i64::try_from(self.below(n)).unwrap_or_default()
    }

    fn of_hundred(&mut self, share: u64) -> bool {
        self.below(100) < share
    }
}

/// A small shop's months, in order.
#[derive(Default)]
struct Recording(Vec<(At, &'static str, Value)>);

impl Recording {
    fn tell(&mut self, at: At, kind: &'static str, data: Value) {
        self.0.push((at, kind, data));
    }

    fn events(mut self) -> Vec<Event> {
        self.0.sort_by_key(|(at, ..)| *at);
        let sound = |(n, (at, kind, data)): (usize, (At, &str, Value))| {
            let fact = Fact::parse(kind, &data.to_string()).expect("a sound event");
            Event { id: format!("e{n}"), at, fact }
        };
        self.0.into_iter().enumerate().map(sound).collect()
    }
}

const PRODUCTS: u64 = 12;

fn product(n: u64, price: u64, stock: &str) -> Value {
    json!({"product_id": n, "name": format!("کالای {n}"), "url": format!("https://shop.example/?p={n}"),
        "price": price.to_string(), "currency": "IRT", "stock_status": stock,
        "categories": [if n.is_multiple_of(2) { "چای" } else { "ظرف" }], "cross_sell_ids": [n % PRODUCTS + 1]})
}

fn items(dice: &mut Dice) -> Value {
    let first = dice.below(PRODUCTS);
    (0..=dice.below(3))
        .map(|n| {
            let id = (first + n) % PRODUCTS + 1;
            json!({"product_id": id, "name": format!("کالای {id}"), "quantity": 1,
                "unit_price": (id * 90_000).to_string(), "url": format!("https://shop.example/?p={id}")})
        })
        .collect()
}

fn total(items: &Value) -> String {
    let of = |item: &Value| item["unit_price"].as_str().and_then(|price| price.parse::<u64>().ok()).unwrap_or(0);
    items.as_array().map_or(0, |all| all.iter().map(of).sum::<u64>()).to_string()
}

/// So many people shop for so many days: baskets that are bought, paid for late, or left; looks, wishes, reviews, noes.
fn recording(people: u64, days: i64) -> Vec<Event> {
    let (mut dice, mut told, start) = (Dice(1), Recording::default(), at(START));
    told.tell(
        start,
        "shop.updated",
        json!({"name": "فروشگاه نمونه", "url": "https://shop.example", "currency": "IRT", "timezone": "Asia/Tehran", "country": "IR"}),
    );
    for n in 1..=PRODUCTS {
        told.tell(start, "product.updated", product(n, n * 90_000, "instock"));
    }
    for n in 0..people {
        let who = json!({"phone": format!("0912000{n:04}"), "user_id": n.to_string(), "first_name": "سارا",
            "birthday": format!("1980-{:02}-{:02}", 1 + n % 12, 1 + n % 28)});
        let mut now = start.plus(Span::minutes(dice.minutes(20 * 24 * 60)));
        told.tell(now, "customer.created", json!({"contact": who}));
        let mut orders = 0;
        while now.since(start) < Span::days(days) {
            let (key, items) = (format!("t_{n}_{orders}_{}", now.0), items(&mut dice));
            let cart = |items: &Value| {
                json!({"cart_key": key, "items": items, "total": total(items), "currency": "IRT",
                    "coupons": [], "checkout_url": "https://shop.example/checkout/"})
            };
            let id = items[0]["product_id"].clone();
            told.tell(now, "product.viewed", json!({"cart_key": key, "product_id": id, "seconds": 40}));
            now = now.plus(Span::minutes(3));
            told.tell(now, "cart.updated", cart(&items));
            let consent = json!({"marketing": true, "source": "checkout", "text": "بله"});
            told.tell(
                now.plus(Span::minutes(1)),
                "contact.captured",
                json!({"cart_key": key, "contact": who, "consent": consent}),
            );
            now = now.plus(Span::minutes(9));
            if dice.of_hundred(45) {
                orders += 1;
                let id = format!("{n}-{orders}");
                let order = |status: &str, more: Value| {
                    let mut order = json!({"order_id": id, "number": id, "status": status, "total": total(&items), "currency": "IRT",
                        "items": items, "cart_key": key, "contact": who, "coupons": []});
                    if let (Some(order), Some(more)) = (order.as_object_mut(), more.as_object()) {
                        order.extend(more.clone());
                    }
                    order
                };
                let late = dice.of_hundred(20);
                told.tell(now, "order.created", order(if late { "pending" } else { "processing" }, json!({})));
                told.tell(now, "cart.updated", cart(&json!([])));
                if late {
                    now = now.plus(Span::hours(30));
                    told.tell(now, "order.updated", order("processing", json!({})));
                }
                if dice.of_hundred(10) {
                    told.tell(now.plus(Span::hours(3)), "order.updated", order("cancelled", json!({})));
                } else {
                    now = now.plus(Span::hours(30));
                    told.tell(
                        now,
                        "order.updated",
                        order("processing", json!({"shipping": {"state": "shipped", "tracking_code": "TR1"}})),
                    );
                    now = now.plus(Span::hours(40));
                    told.tell(now, "order.updated", order("completed", json!({"shipping": {"state": "delivered"}})));
                }
            } else if dice.of_hundred(20) {
                told.tell(now.plus(Span::hours(2)), "cart.updated", cart(&json!([])));
            }
            if dice.of_hundred(15) {
                let wish = 1 + dice.below(PRODUCTS);
                told.tell(now, "product.updated", product(wish, wish * 90_000, "outofstock"));
                told.tell(now, "product.wanted", json!({"product_id": wish, "contact": who, "source": "product-page"}));
                let price = wish * if dice.of_hundred(50) { 70_000 } else { 90_000 };
                told.tell(now.plus(Span::hours(50)), "product.updated", product(wish, price, "instock"));
            }
            if dice.of_hundred(3) {
                told.tell(now, "contact.opted_out", json!({"contact": who, "source": "link", "scope": "all"}));
            }
            now = now.plus(Span::minutes(600 + dice.minutes(20 * 24 * 60)));
        }
    }
    told.events()
}

/// What the bare events say of one number, each with its moment.
#[derive(Default)]
struct Told {
    carts: BTreeSet<String>,
    noes: Vec<(At, bool)>,
    placed: Vec<At>,
}

#[derive(Default)]
struct Ledger {
    people: BTreeMap<String, Told>,
    /// Of each basket, when it was told and whether something was in it.
    carts: BTreeMap<String, Vec<(At, bool)>>,
    /// Of each order, what became of it when.
    orders: BTreeMap<String, Vec<(At, String)>>,
}

fn key(raw: Option<&str>) -> Option<String> {
    let digits: String = bazgasht::digits::to_ascii(raw?).chars().filter(char::is_ascii_digit).collect();
    Some(digits.chars().rev().take(10).collect::<Vec<_>>().into_iter().rev().collect())
}

impl Ledger {
    fn note(&mut self, event: &Event) {
        let phone = |fact: &Fact| key(fact.person().and_then(|person| person.phone.as_deref()));
        let Some(who) = phone(&event.fact).or(Some(String::new())) else { return };
        let told = self.people.entry(who).or_default();
        match &event.fact {
            Fact::CartUpdated(cart) => {
                self.carts.entry(cart.cart_key.clone()).or_default().push((event.at, !cart.items.is_empty()));
            }
            Fact::ContactCaptured(captured) => told.carts.extend(captured.cart_key.clone()),
            Fact::OrderCreated(order) | Fact::OrderUpdated(order) => {
                let states = self.orders.entry(order.order_id.clone()).or_default();
                let was = states.last().is_some_and(|(_, status)| !matches!(status.as_str(), "pending" | "failed"));
                if !was && !matches!(order.status.as_str(), "pending" | "failed" | "cancelled") {
                    told.placed.push(event.at);
                }
                states.push((event.at, order.status.clone()));
            }
            Fact::OrderRefunded(refund) => {
                self.orders.entry(refund.order_id.clone()).or_default().push((event.at, "refunded".to_owned()));
            }
            Fact::OptedOut(_) => told.noes.push((event.at, true)),
            Fact::OptedIn(_) => told.noes.push((event.at, false)),
            _ => {}
        }
    }
}

/// One text, as far as the second reckoning needs it.
struct Text {
    sent: WouldSend,
    service: bool,
    subject: Subject,
}

fn day(at: At) -> NaiveDate {
    at.utc().with_timezone(&Tehran).date_naive()
}

fn broken(rules: &Rules, ledger: &Ledger, texts: &[Text]) -> Vec<String> {
    let (hours, caps) = (&rules.settings.hours, rules.settings.caps);
    let mut found = Vec::new();
    let mut before: BTreeMap<String, Vec<At>> = BTreeMap::new();
    let mut said: BTreeSet<(String, String, NaiveDate)> = BTreeSet::new();
    for Text { sent, service, subject } in texts {
        let now = sent.at;
        let mut complain =
            |what: &str| found.push(format!("{} {}/{}: {what}", now.rfc3339(), sent.campaign, sent.step));
        let who = key(Some(sent.to.e164())).unwrap_or_default();
        let none = Told::default();
        let told = ledger.people.get(&who).unwrap_or(&none);
        if told.noes.iter().rev().find(|(at, _)| *at <= now).is_some_and(|(_, no)| *no) {
            complain("after a no");
        }
        if !service {
            let local = now.utc().with_timezone(&Tehran);
            let window = hours.days[local.weekday().num_days_from_monday() as usize];
            if window.is_none_or(|(from, to)| local.time() < from || local.time() >= to) {
                complain("outside the hours");
            }
            let mine = before.entry(who.clone()).or_default();
            let within = |span: Span| mine.iter().filter(|at| now.since(**at) < span).count();
            if within(caps.gap) > 0
                || mine.iter().filter(|at| day(**at) == day(now)).count() >= caps.day as usize
                || within(Span::days(7)) >= caps.week as usize
                || within(Span::days(30)) >= caps.month as usize
            {
                complain("over the caps");
            }
            mine.push(now);
        }
        let campaign = rules.campaigns.get(&sent.campaign).expect("a campaign of the file");
        if matches!(campaign.trigger, Trigger::CartAbandoned { .. }) {
            let full = |key: &String| {
                let told = ledger.carts.get(key)?.iter().rev().find(|(at, _)| *at <= now)?;
                told.1.then_some(told.0)
            };
            let last = told.carts.iter().filter_map(full).max();
            let bought = told.placed.iter().filter(|at| **at <= now).max();
            if last.is_none() {
                complain("no basket waits");
            } else if bought >= last.as_ref() {
                complain("the basket was bought");
            }
        }
        if let Subject::Order { id } = subject {
            let unpaid = matches!(campaign.trigger, Trigger::PaymentFailed { .. });
            let all = ledger.orders.get(id).map_or(&[][..], Vec::as_slice);
            // What is told in the same instant as the text goes may be heard before it or after it.
            let stands = |told: &dyn Fn(At) -> bool| {
                let status = all.iter().rev().find(|(at, _)| told(*at)).map_or("unheard of", |(_, status)| status);
                matches!(status, "pending" | "failed") == unpaid
                    && !matches!(status, "cancelled" | "refunded" | "unheard of")
            };
            if !stands(&|at| at <= now) && !stands(&|at| at < now) {
                complain("its order does not stand");
            }
        }
        if sent.text.contains("{{")
            || sent.text.lines().any(|line| line.trim() == "none")
            || sent.text.trim().is_empty()
        {
            complain("a hole in the text");
        }
        if !service && !said.insert((who, sent.text.clone(), day(now))) {
            complain("the same words twice a day");
        }
    }
    found
}

#[test]
fn with_every_journey_on_months_keep_the_promises() {
    let rules = all_on();
    let events: Box<dyn Iterator<Item = Event>> = match std::env::var_os("BAZGASHT_EVENTS") {
        Some(file) => {
            let file = BufReader::new(std::fs::File::open(file).expect("the recording"));
            Box::new(replay::lines(file).map(|line| line.expect("a line").event))
        }
        None => Box::new(recording(30, 60).into_iter()),
    };
    let (mut ledger, mut texts, mut heard) = (Ledger::default(), Vec::new(), 0);
    let mut shop = Simulation::new(MemoryWorld::new(), rules.clone(), 1);
    for event in events {
        let mut sent = Vec::new();
        ledger.note(&event);
        shop.hear(&event, &mut |text| sent.push(text)).expect("a world in memory");
        heard += 1;
        for sent in sent {
            let message = shop.world.message(sent.message).expect("a world").expect("the message");
            let way = shop.world.enrolment(message.enrolment).expect("a world").expect("the way");
            texts.push(Text { service: message.service, subject: way.subject, sent });
        }
    }
    let broken = broken(&rules, &ledger, &texts);
    let campaigns: BTreeSet<&str> = texts.iter().map(|text| text.sent.campaign.as_str()).collect();
    println!("{heard} events, {} texts of {} journeys", texts.len(), campaigns.len());
    assert!(
        broken.is_empty(),
        "{} broken, such as\n{}",
        broken.len(),
        broken.iter().take(20).cloned().collect::<Vec<_>>().join("\n")
    );
    assert!(texts.len() > 300 && campaigns.len() > 15, "{} texts of {campaigns:?}", texts.len());
}
