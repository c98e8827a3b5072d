//! What the simulator has found, told by hand: each once broke a promise, or kept a text from going that should have gone.

use bazgasht::clock::At;
use bazgasht::state::world::World;
use serde_json::json;

use crate::bridge::Haste::{self, After, Now};
use crate::laws::{DAY, HOUR, Laws, MINUTE};
use crate::model::{Tale, Who};
use crate::run::Run;
use crate::shoppers::items;

const PHONE: &str = "+989120000017";

fn who() -> Who {
    Who { phone: Some(PHONE.to_owned()), user: None }
}

fn basket(run: &mut Run, key: &str) {
    let products = vec!["11".to_owned()];
    let data = json!({"cart_key": key, "items": items(&products), "total": "180000", "currency": "IRT", "contact": {"phone": PHONE}});
    run.tell("cart.updated", data, Tale::Basket { key: key.to_owned(), products, who: Some(who()) }, Now);
}

fn emptied(run: &mut Run, key: &str, haste: Haste) {
    run.tell("cart.cleared", json!({"cart_key": key}), Tale::Emptied { key: key.to_owned() }, haste);
}

fn number(run: &mut Run, key: &str) {
    let data = json!({"cart_key": key, "contact": {"phone": PHONE}});
    run.tell("contact.captured", data, Tale::Captured { key: Some(key.to_owned()), who: who(), yes: None }, Now);
}

fn order(run: &mut Run, id: &str, status: &str, key: Option<&str>, haste: Haste) {
    let (products, own) = (vec!["11".to_owned()], run.shop_clock());
    let mut data = json!({"order_id": id, "number": id, "status": status, "total": "180000", "currency": "IRT",
                          "items": items(&products), "contact": {"phone": PHONE}, "coupons": []});
    if let Some(key) = key {
        data["cart_key"] = json!(key);
    }
    let key = key.map(str::to_owned);
    let tale = Tale::Order {
        id: id.to_owned(),
        phone: PHONE.to_owned(),
        status: status.to_owned(),
        key,
        products,
        total: 180_000,
        own,
    };
    run.tell(if status == "processing" { "order.created" } else { "order.updated" }, data, tale, haste);
}

/// The shop had not emptied the first basket, and the second was in hand: its text went out about the first.
#[test]
fn an_order_speaks_for_every_basket_before_it() {
    let mut run = Run::quiet();
    basket(&mut run, "k1");
    run.pass(5 * MINUTE);
    order(&mut run, "1", "processing", None, Now);
    run.pass(13 * HOUR);
    basket(&mut run, "k2");
    run.pass(20 * MINUTE);
    emptied(&mut run, "k2", Now);
    run.pass(2 * DAY);
    assert_eq!(run.texts(), ["news/thanks for order:1"]);
}

/// The completion of an older order was taken for another purchase, and ended the way of the basket that came after it.
#[test]
fn later_news_of_an_order_buys_no_basket() {
    let mut run = Run::quiet();
    basket(&mut run, "k1");
    run.pass(5 * MINUTE);
    order(&mut run, "1", "processing", Some("k1"), Now);
    run.pass(DAY);
    basket(&mut run, "k2");
    run.pass(5 * MINUTE);
    order(&mut run, "1", "completed", Some("k1"), Now);
    run.pass(20 * MINUTE);
    assert_eq!(run.texts(), ["news/thanks for order:1", "quick/now for cart:k2#1"]);
}

/// A number typed after it made the emptying look older than the basket's contents.
#[test]
fn a_basket_emptied_before_a_number_came_is_empty() {
    let mut run = Run::quiet();
    run.pass(12 * HOUR);
    basket(&mut run, "k1");
    run.pass(20 * MINUTE);
    emptied(&mut run, "k1", After(2 * HOUR));
    run.pass(30 * MINUTE);
    number(&mut run, "k1");
    run.pass(2 * DAY);
    assert_eq!(run.texts(), Vec::<String>::new());
}

/// The review stayed nobody's, and its writer was asked for it.
#[test]
fn a_review_that_comes_before_its_order_is_known() {
    let mut run = Run::quiet();
    order(&mut run, "1", "processing", None, After(2 * HOUR));
    run.pass(HOUR);
    let data = json!({"product_id": "11", "order_id": "1", "rating": 5});
    run.tell("review.created", data, Tale::Review { order: "1".to_owned() }, Now);
    run.pass(2 * HOUR);
    order(&mut run, "1", "completed", None, Now);
    run.pass(30 * DAY);
    let asked: Vec<String> = run.texts().into_iter().filter(|t| t.starts_with("review-request")).collect();
    assert_eq!(asked, Vec::<String>::new());
}

/// The end of a code that was not known yet was forgotten, and late news of its beginning brought it to life.
#[test]
fn a_code_that_was_deleted_before_it_was_heard_of_is_dead() {
    let mut run = Run::quiet();
    let made = json!({"code": "spring", "discount_type": "percent", "amount": "5"});
    run.tell("coupon.updated", made, Tale::Other, After(HOUR));
    run.pass(MINUTE);
    run.tell("coupon.deleted", json!({"code": "Spring"}), Tale::Other, Now);
    run.pass(2 * HOUR);
    let code = run.life().read(|world| world.coupon("spring")).expect("the code");
    assert!(!code.is_alive(run.daemon_now()));
}

/// The gate looks at what has changed since the text was planned, though nothing was told of the person since. Seeds meet
/// this too seldom.
#[test]
fn what_is_switched_off_overnight_stays_at_home() {
    let mut run = Run::quiet();
    run.pass(12 * HOUR);
    basket(&mut run, "k1");
    // Both steps of the way are behind: until the morning nothing but the gate looks at it again.
    run.pass(4 * HOUR);
    run.reload(Laws { quick: None, ..Laws::usual() }).expect("good files");
    run.pass(9 * HOUR);
    assert_eq!(run.texts(), ["abandoned-cart/one-hour for cart:k1#1"]);
}

/// A pause of all texts that was over still hid the lasting no to marketing that came after it.
#[test]
fn a_pause_that_is_over_hides_no_later_no() {
    let mut run = Run::quiet();
    let no = |run: &mut Run, all: bool, until: Option<i64>| {
        let data = json!({"contact": {"phone": PHONE}, "source": "account", "scope": if all { "all" } else { "marketing" },
                          "until": until.map(|u| At(u).rfc3339())});
        run.tell("contact.opted_out", data, Tale::No { phone: PHONE.to_owned(), all, until }, Now);
    };
    let until = run.shop_clock() + 2 * DAY;
    no(&mut run, true, Some(until));
    run.pass(5 * DAY);
    no(&mut run, false, None);
    run.pass(HOUR);
    basket(&mut run, "k1");
    run.pass(4 * DAY);
    assert_eq!(run.texts(), Vec::<String>::new());
}
