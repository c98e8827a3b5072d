//! 9. Figures add up: an order is credited once, on one evidence, and refunds take its money back.

use crate::world::house::Home;
use crate::world::story::{SARA, Story};
use bazgasht::clock::Clock;
use bazgasht::ids::SeededChance;
use bazgasht::receive::desk::{Desk, Hit};
use bazgasht::receive::store_desk::StoreDesk;
use bazgasht::state::model::Evidence;
use bazgasht::state::world::World;
use bazgasht::store::{Readers, Writer, db};
use serde_json::{Value, json};

const BROWSER: &str = "Mozilla/5.0 (Linux; Android 14; SM-A546E) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36";

fn texted() -> Story {
    let mut s = Story::new();
    s.cart("t_1", &["11"]).number("t_1", SARA).pass("2h");
    assert_eq!(s.sent.len(), 1);
    s
}

fn follow(s: &mut Story, agent: &str) {
    let slug = s.sent[0].slug.clone().expect("a link");
    s.event("link.followed", json!({"slug": slug, "user_agent": agent, "cart_key": "t_other"}));
}

#[test]
fn p09_a_followed_link_is_link_evidence() {
    let mut s = texted();
    follow(&mut s, BROWSER);
    s.pass("1h").order("900", SARA, "processing", &["11"]);
    let credit = s.credit("900").expect("credited");
    assert_eq!((credit.evidence, credit.step.as_str(), credit.kept.minor), (Evidence::Link, "one-hour", 500_000));
}

#[test]
fn p09_a_preview_is_no_person() {
    let mut s = texted();
    follow(&mut s, "WhatsApp/2.23.20.0 A");
    s.pass("1h").order("900", SARA, "processing", &["11"]);
    assert_eq!(s.credit("900").expect("credited").evidence, Evidence::Delivered);
}

#[test]
fn p09_a_coupon_speaks_louder_than_a_click() {
    let mut s = Story::new();
    s.cart("t_1", &["11"]).number("t_1", SARA).pass("25h");
    assert_eq!(s.sent.len(), 2);
    follow(&mut s, BROWSER);
    let mut order = s.order_data("900", SARA, "processing", &["11"]);
    order["coupons"] = json!(["OFF5"]);
    s.event("order.created", order);
    let credit = s.credit("900").expect("credited");
    assert_eq!((credit.evidence, credit.step.as_str()), (Evidence::Coupon, "first-day"));
}

#[test]
fn p09_mere_delivery_counts_for_a_day_and_a_click_for_five() {
    let mut s = texted();
    s.opt_out(SARA).pass("25h").order("900", SARA, "processing", &["11"]);
    assert_eq!(s.credit("900"), None);
    let mut s = texted();
    follow(&mut s, BROWSER);
    s.opt_out(SARA).pass("6d").order("900", SARA, "processing", &["11"]);
    assert_eq!(s.credit("900"), None);
}

#[test]
fn p09_an_order_is_credited_once_and_refunds_take_it_back() {
    let mut s = texted();
    follow(&mut s, BROWSER);
    s.order("900", SARA, "processing", &["11"]).status("900", SARA, "completed", &["11"]);
    let refund: Value = json!({"order_id": "900", "refund_id": "5", "amount": "200000", "currency": "IRT"});
    s.event("order.refunded", refund.clone()).event("order.refunded", refund);
    assert_eq!(s.credit("900").map(|c| (c.total.minor, c.kept.minor)), Some((500_000, 300_000)));
    s.status("900", SARA, "refunded", &["11"]);
    assert_eq!(s.credit("900").map(|c| (c.total.minor, c.kept.minor)), Some((500_000, 0)));
}

#[test]
fn p09_who_came_by_the_link_and_typed_another_number_still_came_by_it() {
    let mut s = texted();
    follow(&mut s, BROWSER);
    let mut order = s.order_data("900", "09120000009", "processing", &["11"]);
    order["cart_key"] = json!("t_other");
    s.event("order.created", order);
    assert_eq!(s.credit("900").map(|c| c.evidence), Some(Evidence::Link));
    // The same by the slug alone, as the bridge remembers it with the basket.
    let mut order = s.order_data("901", "09120000008", "processing", &["11"]);
    order["link"] = json!(s.sent[0].slug);
    s.event("order.created", order);
    assert_eq!(s.credit("901").map(|c| c.evidence), Some(Evidence::Link));
}

/// A desk beside a house's own, whose writer does not wait when another has the file.
fn impatient_desk(home: &Home) -> (StoreDesk, Writer) {
    let path = home.folder.path().join("bazgasht.db");
    let conn = db::open_writer(&path, &SeededChance::new(2)).expect("the database");
    conn.busy_timeout(std::time::Duration::ZERO).expect("no patience");
    let writer = Writer::start(conn).expect("a writer");
    let readers = Readers::open(&path, 1).expect("readers");
    (
        StoreDesk::new(writer.clone(), readers, path, tokio::sync::watch::channel(home.house.parts.rules()).1)
            .expect("a desk"),
        writer,
    )
}

#[tokio::test]
async fn p09_visits_that_could_not_be_counted_are_counted_with_the_next() {
    let home = Home::new().await;
    home.abandoned("t_1", SARA).await;
    home.pass("1h").await;
    let slug = home.link("+989120000001").await;
    let visits = async || {
        let slug = slug.clone();
        let link = home.house.parts.writer.run(move |world| world.link(&slug)).await.expect("the store");
        link.expect("the link").hits
    };
    let (desk, writer) = impatient_desk(&home);
    let hit = || Hit { slug: slug.clone(), at: home.house.clock.now(), human: true };
    let other = rusqlite::Connection::open(home.folder.path().join("bazgasht.db")).expect("the database");
    other.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    desk.count(hit());
    writer.run(|_| Ok(())).await.expect_err("nothing can be written");
    other.execute_batch("ROLLBACK").expect("let go");
    desk.count(hit());
    writer.run(|_| Ok(())).await.expect("written");
    assert_eq!(visits().await, 2);
    writer.stop();
    home.house.close().await.expect("an orderly end");
}
