//! Each trigger in a shop's life: it lets in whom it is about, once for each occasion, and lets go whom it is not about any more.

use bazgasht::flow::round;
use bazgasht::phone::Phone;
use bazgasht::state::model::{Contact, ContactId, Reason};
use bazgasht::state::world::World;
use bazgasht::store::memory::MemoryWorld;
use serde_json::json;

use crate::world::story::{REZA, SARA, START, Story, at, rules};

const STEP: &str = "[[campaign.step]]\nid = \"s\"\nbest_before = \"2 days\"\n";

/// One campaign of one text with a link, so soon after the trigger.
fn story(trigger: &str, rest: &str, after: &str) -> Story {
    saying(trigger, rest, after, "از ما خبر تازه‌ای برای شما هست")
}

fn saying(trigger: &str, rest: &str, after: &str, text: &str) -> Story {
    let campaign = format!(
        "[[campaign]]\nid = \"c\"\ntrigger = {{ {trigger} }}\n{rest}\n{STEP}after = \"{after}\"\ntext = \"\"\"\n{text}\n{{{{ link }}}}\"\"\"\n"
    );
    Story::with(&campaign, "")
}

fn texts(s: &Story) -> usize {
    s.sent.len()
}

fn left(s: &Story, reason: Reason) -> bool {
    s.reasons().contains(&reason)
}

/// She is known, and nothing more.
fn known(s: &mut Story) -> &mut Story {
    s.event("customer.updated", json!({"contact": {"phone": SARA, "first_name": "سارا"}}))
}

#[test]
fn checkout_left() {
    let mut s = story("on = 'checkout_left'", "", "1h");
    s.cart("t_1", &["11"]).number("t_1", SARA).pass("5h");
    assert_eq!(texts(&s), 0, "nobody was at the checkout");
    s.event("checkout.started", json!({"cart_key": "t_1", "contact": {"phone": SARA}})).pass("3h");
    assert_eq!(texts(&s), 1);
    s.pass("20d");
    assert_eq!(texts(&s), 1, "once for one basket");
    s.cart("t_2", &["11"])
        .event("checkout.started", json!({"cart_key": "t_2", "contact": {"phone": REZA}}))
        .order("1", REZA, "processing", &["11"])
        .pass("5h");
    assert_eq!(texts(&s), 1, "who ordered is left in peace");
}

#[test]
fn payment_failed() {
    let mut s = story("on = 'payment_failed', idle = '20m'", "", "30m");
    s.order("1", SARA, "pending", &["11"]).pass("10m").status("1", SARA, "processing", &["11"]).pass("5h");
    assert_eq!(texts(&s), 0, "paid in time");
    assert!(left(&s, Reason::Paid));
    s.order("2", REZA, "pending", &["11"]).pass("5m").status("2", REZA, "failed", &["11"]).pass("29m");
    assert_eq!(texts(&s), 0, "counted from the failure");
    s.pass("10m");
    assert_eq!(texts(&s), 1);
    s.pass("10m").status("2", REZA, "pending", &["11"]).pass("10d");
    assert_eq!(texts(&s), 1, "once for one order");
}

#[test]
fn order_status_of_several() {
    let mut s = story("on = 'order_status', status = ['processing', 'completed']", "goal = 'review'", "1h");
    s.order("1", SARA, "processing", &["11"]).pass("2h").status("1", SARA, "completed", &["11"]).pass("3d");
    assert_eq!(texts(&s), 1, "once for both");
    s.order("2", REZA, "processing", &["11"]).status("2", REZA, "cancelled", &["11"]).pass("3d");
    assert_eq!(texts(&s), 1, "taken back");
}

#[test]
fn a_cancelled_order_may_start_one_too() {
    let mut s = story("on = 'order_status', status = 'cancelled'", "", "1h");
    s.order("1", SARA, "processing", &["11"]).pass("2h").status("1", SARA, "cancelled", &["11"]).pass("3h");
    assert_eq!(texts(&s), 1);
}

#[test]
fn order_shipping() {
    let mut s = story("on = 'order_shipping', state = 'shipped'", "", "1h");
    let parcel = |s: &Story, state: &str| {
        let mut data = s.order_data("1", SARA, "processing", &["11"]);
        data["shipping"] = json!({"state": state, "tracking_code": "24680"});
        data
    };
    let data = parcel(&s, "packed");
    s.event("order.created", data).pass("3h");
    assert_eq!(texts(&s), 0);
    for state in ["shipped", "delivered", "shipped"] {
        let data = parcel(&s, state);
        s.event("order.updated", data).pass("3h");
    }
    s.pass("2d");
    assert_eq!(texts(&s), 1, "the first time only");
}

fn view(s: &mut Story, product: &str, seconds: u32) {
    s.event("product.viewed", json!({"product_id": product, "seconds": seconds, "contact": {"phone": SARA}}));
}

#[test]
fn product_viewed() {
    let trigger = "on = 'product_viewed', seconds = 30, times = 2, within = '3 days'";
    let mut s = saying(trigger, "", "2h", "{{ product.name }} را دیدید");
    view(&mut s, "11", 40);
    view(&mut s, "11", 10);
    s.pass("5h");
    assert_eq!(texts(&s), 0, "one look that was long enough");
    view(&mut s, "11", 31);
    s.pass("90m");
    view(&mut s, "11", 31);
    s.pass("90m");
    assert_eq!(texts(&s), 0, "counted from the last look");
    s.pass("1h");
    assert_eq!(texts(&s), 1);
    assert!(s.sent[0].text.contains("چای بهاره"), "{}", s.sent[0].text);
    view(&mut s, "11", 60);
    s.pass("3d");
    assert_eq!(texts(&s), 1, "one time of looking");

    let mut s = story(trigger, "", "2h");
    view(&mut s, "11", 40);
    view(&mut s, "11", 40);
    s.pass("1h").cart("t_1", &["11"]).number("t_1", SARA).pass("1d");
    assert_eq!(texts(&s), 0);
    assert!(left(&s, Reason::InCart));
}

/// A time of looking that goes on for months is one, however much of it is forgotten.
#[test]
fn who_looks_again_and_again_is_met_once() {
    let mut s = story("on = 'product_viewed'", "", "2h");
    for _ in 0..30 {
        view(&mut s, "11", 40);
        s.pass("6d");
    }
    assert_eq!((texts(&s), s.world().enrolments().count()), (1, 1));
    s.pass("20d");
    view(&mut s, "11", 40);
    s.pass("1d");
    assert_eq!(texts(&s), 2, "after a pause it is another time");

    let mut s = story("on = 'low_stock', in = ['viewed']", "", "0s");
    stock(&mut s, "12", "420000", "instock", 2);
    for _ in 0..30 {
        view(&mut s, "12", 40);
        stock(&mut s, "12", "420000", "instock", 1);
        s.pass("6d");
    }
    assert_eq!((texts(&s), s.world().enrolments().count()), (1, 1));
    stock(&mut s, "12", "420000", "outofstock", 0);
    s.pass("3d");
    stock(&mut s, "12", "420000", "instock", 3);
    s.pass("1d");
    assert_eq!(texts(&s), 2, "once for each time it comes into stock");
}

#[test]
fn page_viewed() {
    let mut s = story("on = 'page_viewed', page = '/pricing', times = 3, within = '7 days'", "", "1h");
    let look = |s: &mut Story, page: &str| {
        s.event("page.viewed", json!({"page": page, "contact": {"phone": SARA}}));
        s.pass("1d");
    };
    look(&mut s, "/pricing");
    look(&mut s, "/about");
    look(&mut s, "/pricing");
    assert_eq!(texts(&s), 0);
    look(&mut s, "/pricing");
    assert_eq!(texts(&s), 1);
    look(&mut s, "/pricing");
    assert_eq!(texts(&s), 1, "one stretch of days");
    s.pass("30d");
    for _ in 0..3 {
        look(&mut s, "/pricing");
    }
    assert_eq!(texts(&s), 2, "and another one later");
}

#[test]
fn sign_up() {
    let mut s = story("on = 'sign_up'", "", "1h");
    let account = json!({"contact": {"phone": SARA, "user_id": "7"}, "created_at": "2026-11-24T10:00:00+03:30"});
    s.event("customer.created", account.clone()).pass("2h");
    assert_eq!(texts(&s), 1);
    s.event("customer.updated", account).pass("5d");
    assert_eq!(texts(&s), 1);
    let old = json!({"contact": {"phone": REZA, "user_id": "8"}, "created_at": "2024-11-24T10:00:00+03:30"});
    s.event("customer.updated", old).pass("2d");
    assert_eq!(texts(&s), 1, "an old account is no sign-up");

    let mut s = story("on = 'sign_up'", "", "1h");
    let account = json!({"contact": {"phone": SARA, "user_id": "7"}, "created_at": "2026-11-24T10:00:00+03:30"});
    s.event("customer.created", account).order("1", SARA, "processing", &["11"]).pass("2h");
    assert_eq!(texts(&s), 0);
    assert!(left(&s, Reason::Ordered));
}

#[test]
fn review_written() {
    let mut s = saying("on = 'review_written'", "", "1h", "ممنون از نظر شما دربارهٔ {{ product.name }}");
    s.event("review.created", json!({"review_id": "1", "product_id": "11", "contact": {"phone": SARA}})).pass("2h");
    assert_eq!(texts(&s), 1);
    s.event("review.created", json!({"review_id": "1", "product_id": "11", "contact": {"phone": SARA}})).pass("2d");
    assert_eq!(texts(&s), 1);
}

fn stock(s: &mut Story, id: &str, price: &str, stock: &str, left: u32) {
    let data = json!({"product_id": id, "name": "قوری گلدار", "url": "https://shop.example/?p=12", "price": price,
        "currency": "IRT", "stock_status": stock, "stock_quantity": left, "categories": [], "cross_sell_ids": []});
    s.event("product.updated", data);
}

#[test]
fn back_in_stock_for_who_asked() {
    let mut s = saying("on = 'back_in_stock'", "", "0s", "{{ product.name }} برگشت");
    stock(&mut s, "12", "420000", "outofstock", 0);
    s.pass("1h").event("product.wanted", json!({"product_id": "12", "contact": {"phone": SARA}})).pass("1d");
    assert_eq!(texts(&s), 0);
    stock(&mut s, "12", "420000", "instock", 3);
    s.pass("1h");
    assert_eq!(texts(&s), 1);
    stock(&mut s, "12", "420000", "instock", 2);
    s.pass("3d");
    assert_eq!(texts(&s), 1, "once for each time it comes back");
    s.pass("50d");
    stock(&mut s, "12", "420000", "outofstock", 0);
    s.pass("3d");
    stock(&mut s, "12", "420000", "instock", 5);
    s.pass("3d");
    assert_eq!(texts(&s), 1, "and once for each time it was asked for");
}

#[test]
fn a_wish_is_kept_for_a_product_that_the_shop_tells_of_only_when_it_is_back() {
    let mut s = saying("on = 'back_in_stock'", "", "0s", "{{ product.name }} برگشت");
    s.event("product.wanted", json!({"product_id": "77", "contact": {"phone": SARA}})).pass("1h");
    stock(&mut s, "77", "420000", "instock", 3);
    s.pass("1h");
    assert_eq!(texts(&s), 1);
    s.event("product.wanted", json!({"product_id": "77", "contact": {"phone": REZA}})).pass("3d");
    assert_eq!(texts(&s), 1, "who asks when it is there is told nothing");
}

#[test]
fn back_in_stock_is_true_when_it_is_said() {
    let mut s = story("on = 'back_in_stock'", "", "0s");
    stock(&mut s, "12", "420000", "outofstock", 0);
    s.pass("1h");
    view(&mut s, "12", 40);
    // Ten in the evening: nobody is written to before the morning.
    s.pass("11h");
    stock(&mut s, "12", "420000", "instock", 1);
    s.pass("2h");
    stock(&mut s, "12", "420000", "outofstock", 0);
    s.pass("3d");
    assert_eq!(texts(&s), 0, "it was gone before anybody could be told");
    stock(&mut s, "12", "420000", "instock", 1);
    s.pass("1d");
    assert_eq!(texts(&s), 1, "who saw it while it was out hears of it");
}

/// A teapot in green and in blue; each is there, or not.
fn colours(s: &mut Story, green: (&str, bool), blue: (&str, bool)) {
    let one = |id: u32, (price, there): (&str, bool)| json!({"variation_id": id, "price": price, "stock_status": if there { "instock" } else { "outofstock" }});
    let data = json!({"product_id": "12", "name": "قوری گلدار", "url": "https://shop.example/?p=12", "price": "300000",
                      "currency": "IRT", "stock_status": if green.1 || blue.1 { "instock" } else { "outofstock" },
                      "categories": [], "cross_sell_ids": [], "variations": [one(121, green), one(122, blue)]});
    s.event("product.updated", data);
}

#[test]
fn a_wish_for_a_variation_waits_for_that_variation() {
    let mut s = saying("on = 'back_in_stock'", "", "0s", "{{ product.name }} برگشت");
    colours(&mut s, ("300000", false), ("300000", true));
    s.pass("1h");
    s.event("product.wanted", json!({"product_id": "12", "variation_id": 121, "contact": {"phone": SARA}})).pass("1d");
    assert_eq!(texts(&s), 0, "the product is there, what she wants is not");
    colours(&mut s, ("300000", false), ("300000", false));
    s.pass("2d");
    colours(&mut s, ("300000", false), ("300000", true));
    s.pass("1d");
    assert_eq!(texts(&s), 0, "the other is back");
    colours(&mut s, ("300000", true), ("300000", true));
    s.pass("1h");
    assert_eq!(texts(&s), 1);
    assert!(s.sent[0].text.contains("قوری گلدار"), "{}", s.sent[0].text);
    s.pass("50d");
    colours(&mut s, ("300000", false), ("300000", true));
    s.pass("2d");
    colours(&mut s, ("300000", true), ("300000", true));
    s.pass("1d");
    assert_eq!(texts(&s), 1, "once for each time it was asked for");
}

#[test]
fn a_wish_ends_with_the_variation_bought_and_with_the_product_gone() {
    for gone in [true, false] {
        let exits = "goal = 'visit'\nexits = ['bought_product', 'in_stock_gone']";
        let mut s = story("on = 'back_in_stock'", exits, "2h");
        colours(&mut s, ("300000", false), ("300000", true));
        s.pass("1h");
        s.event("product.wanted", json!({"product_id": "12", "variation_id": 121, "contact": {"phone": SARA}}));
        s.pass("1d");
        colours(&mut s, ("300000", true), ("300000", true));
        s.pass("1h");
        if gone {
            s.event("product.deleted", json!({"product_id": "12"}));
        } else {
            let mut order = s.order_data("1", SARA, "processing", &["12"]);
            order["items"][0]["variation_id"] = json!(121);
            s.event("order.created", order);
        }
        s.pass("3d");
        assert_eq!(texts(&s), 0);
        assert!(left(&s, if gone { Reason::StockGone } else { Reason::BoughtProduct }), "{:?}", s.reasons());
    }
}

#[test]
fn a_variation_in_the_basket_is_what_gets_cheaper() {
    let mut s = story("on = 'price_drop', percent = 10, in = ['cart']", "", "0s");
    colours(&mut s, ("400000", true), ("300000", true));
    let mut basket = crate::world::story::cart("t_1", &["12"]);
    basket["items"][0]["variation_id"] = json!("121");
    s.event("cart.updated", basket).number("t_1", SARA).pass("1h");
    colours(&mut s, ("400000", true), ("200000", true));
    s.pass("1d");
    assert_eq!(texts(&s), 0, "the other colour");
    colours(&mut s, ("300000", true), ("200000", true));
    s.pass("1d");
    assert_eq!(texts(&s), 1);
}

#[test]
fn price_drop() {
    let trigger = "on = 'price_drop', percent = 10, in = ['viewed', 'cart']";
    let mut s = saying(trigger, "", "0s", "{{ product.name }}: {{ product.saving }} کمتر");
    stock(&mut s, "12", "400000", "instock", 9);
    view(&mut s, "12", 40);
    s.pass("1h");
    stock(&mut s, "12", "380000", "instock", 9);
    s.pass("1d");
    assert_eq!(texts(&s), 0, "five percent");
    stock(&mut s, "12", "300000", "instock", 9);
    s.pass("1h");
    assert_eq!(texts(&s), 1);
    assert!(s.sent[0].text.contains("۱۰۰٬۰۰۰"), "as she saw it: {}", s.sent[0].text);
    stock(&mut s, "12", "300000", "instock", 8);
    s.pass("3d");
    assert_eq!(texts(&s), 1, "once for one fall");

    // Dearer for an hour, and as she saw it again.
    let mut s = story(trigger, "", "0s");
    stock(&mut s, "12", "400000", "instock", 9);
    view(&mut s, "12", 40);
    s.pass("1h");
    stock(&mut s, "12", "800000", "instock", 9);
    s.pass("1h");
    stock(&mut s, "12", "400000", "instock", 9);
    s.pass("3d");
    assert_eq!(texts(&s), 0);
    // In small steps, and on: one fall.
    for price in ["380000", "359000", "340000", "300000"] {
        stock(&mut s, "12", price, "instock", 9);
        s.pass("2d");
    }
    assert_eq!(s.times(), ["11-29 12:00"], "when it had come to a tenth");

    // It falls at night, and rises before the morning.
    let mut s = story(trigger, "", "0s");
    stock(&mut s, "12", "400000", "instock", 9);
    s.cart("t_1", &["12"]).number("t_1", SARA).pass("12h");
    stock(&mut s, "12", "200000", "instock", 9);
    s.pass("2h");
    stock(&mut s, "12", "390000", "instock", 9);
    s.pass("3d");
    assert_eq!(texts(&s), 0);
    assert!(left(&s, Reason::PriceBack));
}

#[test]
fn low_stock() {
    let mut s = saying("on = 'low_stock', at_most = 3", "", "0s", "از {{ product.name }} {{ product.stock }} تا مانده");
    stock(&mut s, "12", "420000", "instock", 9);
    s.cart("t_1", &["12"]).number("t_1", SARA).pass("1h");
    stock(&mut s, "12", "420000", "instock", 4);
    s.pass("1h");
    assert_eq!(texts(&s), 0);
    stock(&mut s, "12", "420000", "instock", 2);
    s.pass("1h");
    assert_eq!(texts(&s), 1);
    assert!(s.sent[0].text.contains('۲'), "{}", s.sent[0].text);
    stock(&mut s, "12", "420000", "instock", 1);
    s.pass("3d");
    assert_eq!(texts(&s), 1);

    // Low at night, and more of it before the morning.
    let mut s = story("on = 'low_stock', at_most = 3", "", "0s");
    stock(&mut s, "12", "420000", "instock", 9);
    s.cart("t_1", &["12"]).number("t_1", SARA).pass("12h");
    stock(&mut s, "12", "420000", "instock", 2);
    s.pass("2h");
    stock(&mut s, "12", "420000", "instock", 40);
    s.pass("3d");
    assert_eq!(texts(&s), 0);
    assert!(left(&s, Reason::Restocked));
}

#[test]
fn quiet() {
    let mut s = story("on = 'quiet', for = '60 days'", "", "0s");
    s.order("1", SARA, "completed", &["11"]).pass("59d");
    assert_eq!(texts(&s), 0);
    s.pass("2d");
    assert_eq!(texts(&s), 1);
    s.pass("60d");
    assert_eq!(texts(&s), 1, "once for one silence");
    s.order("2", SARA, "completed", &["11"]).pass("58d12h").order("3", SARA, "completed", &["11"]).pass("10d");
    assert_eq!(texts(&s), 1, "not quiet for long enough");
    s.pass("60d");
    assert_eq!(texts(&s), 2, "and quiet again");
}

#[test]
fn who_has_long_been_quiet_comes_in_drips() {
    let mut s = story("on = 'quiet', for = '60 days', a_day = 2", "", "0s");
    for n in 1..=5 {
        let phone = format!("0912000{n:04}");
        let mut data = s.order_data(&n.to_string(), &phone, "completed", &["11"]);
        data["created_at"] = json!("2026-01-10T10:00:00+03:30");
        data["completed_at"] = json!("2026-01-12T10:00:00+03:30");
        s.event("order.updated", data);
    }
    s.pass("12h");
    assert_eq!(texts(&s), 0, "not before the night");
    let mut each_day = Vec::new();
    for _ in 0..4 {
        let before = texts(&s);
        s.pass("1d");
        each_day.push(texts(&s) - before);
    }
    assert_eq!(each_day, [2, 2, 1, 0]);
}

/// A step that waits counts from when the one before it was given up: from today.
#[test]
fn a_series_for_who_has_long_been_quiet_comes_in_drips_as_a_whole() {
    let mut s = story(
        "on = 'quiet', for = '60 days', a_day = 2",
        "",
        "0s\"\ntext = \"سلام {{ link }}\"\n[[campaign.step]]\nid = \"t\"\nwait = \"20 days",
    );
    for n in 1..=6 {
        let at = s.now().minus(bazgasht::clock::Span::days(61 + 3 * n));
        let data = s.order_data(&n.to_string(), &format!("0912000000{n}"), "completed", &["11"]);
        s.event_at(at, "order.updated", data);
    }
    s.pass("40d");
    let days = |step: &str| -> Vec<String> {
        let of_step = s.steps().into_iter().zip(s.times()).filter(|(what, _)| *what == format!("c/{step}"));
        of_step.map(|(_, time)| time.split(' ').next().unwrap().to_owned()).collect()
    };
    assert_eq!(days("s"), ["11-25", "11-25", "11-26", "11-26", "11-27", "11-27"]);
    assert_eq!(days("t"), ["12-15", "12-15", "12-16", "12-16", "12-17", "12-17"]);
}

#[test]
fn who_would_be_turned_away_takes_nobodys_turn() {
    let mut s = story("on = 'quiet', for = '60 days', a_day = 2", "who = \"contact.orders >= 2\"", "0s");
    let bought = |s: &mut Story, order: u32, n: u32| {
        let mut data = s.order_data(&order.to_string(), &format!("0912000000{n}"), "completed", &["11"]);
        data["created_at"] = json!("2026-01-10T10:00:00+03:30");
        s.event_at(at("2026-01-12T10:00:00+03:30"), "order.updated", data);
    };
    for n in 1..=6 {
        bought(&mut s, n, n);
    }
    bought(&mut s, 15, 5);
    bought(&mut s, 16, 6);
    s.pass("1d");
    assert_eq!((texts(&s), left(&s, Reason::NotForThem)), (2, false));
    // What did not fit then is not known for ever.
    bought(&mut s, 11, 1);
    s.pass("1d");
    assert_eq!(texts(&s), 3);
}

#[test]
fn no_reaction() {
    let two = format!(
        "[[campaign]]\nid = \"news\"\ntrigger = {{ on = 'event', name = 'news' }}\n{STEP}after = \"0s\"\ntext = \"خبر\\n{{{{ link }}}}\"\n
         [[campaign]]\nid = \"c\"\ntrigger = {{ on = 'no_reaction', for = '30 days', texts = 2 }}\n{STEP}after = \"0s\"\ntext = \"هستید؟\\n{{{{ link }}}}\"\n"
    );
    let lived = |follows: bool| {
        let mut s = Story::with(&two, "");
        known(&mut s);
        for _ in 0..2 {
            s.event("custom.news", json!({"contact": {"phone": SARA}})).pass("5d");
        }
        assert_eq!(s.steps(), ["news/s", "news/s"]);
        if follows {
            let slug = s.sent[1].slug.clone().unwrap();
            let agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1";
            s.event("link.followed", json!({"slug": slug, "user_agent": agent}));
        }
        s.pass("60d");
        s.steps().iter().filter(|step| *step == "c/s").count()
    };
    assert_eq!((lived(false), lived(true)), (1, 0));
}

#[test]
fn no_reaction_is_met_once_though_older_things_are_told_late() {
    let file = format!(
        "[[campaign]]\nid = \"news\"\ntrigger = {{ on = 'event', name = 'news' }}\n{STEP}after = \"0s\"\ntext = \"خبر\\n{{{{ link }}}}\"\n
         [[campaign]]\nid = \"c\"\ntrigger = {{ on = 'no_reaction', for = '30 days', texts = 1 }}\n{STEP}after = \"0s\"\ntext = \"هستید؟\\n{{{{ link }}}}\"\n"
    );
    let mut s = Story::with(&file, "");
    known(&mut s).event("custom.news", json!({"contact": {"phone": SARA}})).pass("40d");
    assert_eq!(s.steps(), ["news/s", "c/s"]);
    let before = at(START).minus(bazgasht::clock::Span::days(90));
    s.event_at(before, "customer.updated", json!({"contact": {"phone": SARA}})).pass("30d");
    assert_eq!(s.steps(), ["news/s", "c/s"]);
}

#[test]
fn repurchase_by_ones_own_pace() {
    let mut s = saying("on = 'repurchase'", "", "10h", "وقت {{ product.name }} است");
    for n in ["1", "2", "3"] {
        s.order(n, SARA, "completed", &["11"]).pass("10d");
    }
    assert_eq!(texts(&s), 1, "8 days after the third, at 80 percent of 10");
    assert!(s.sent[0].text.contains("چای"), "{}", s.sent[0].text);
    s.pass("30d");
    assert_eq!(texts(&s), 1);
    s.order("4", SARA, "completed", &["11"]).pass("2d").order("5", SARA, "completed", &["11"]).pass("3d");
    assert_eq!(texts(&s), 1, "bought before it was time");
}

#[test]
fn repurchase_by_the_products_own_cycle() {
    let campaign = format!(
        "[cycles]\n\"11\" = \"20 days\"\n[[campaign]]\nid = \"c\"\ntrigger = {{ on = 'repurchase', share = 100 }}\n{STEP}after = \"0s\"\ntext = \"چای؟\\n{{{{ link }}}}\"\n"
    );
    let mut s = Story::with(&campaign, "");
    s.order("1", SARA, "completed", &["11", "13"]).pass("19d");
    assert_eq!(texts(&s), 0);
    s.pass("2d");
    assert_eq!(texts(&s), 1);
}

#[test]
fn birthday_each_year() {
    let mut s = saying("on = 'birthday'", "", "10h", "{{ occasion.years }} سالگی مبارک");
    // 5 Azar 1370; in 1405 it is the 26th of November.
    s.event("customer.updated", json!({"contact": {"phone": SARA, "birthday": "1991-11-26"}})).pass("40h");
    assert_eq!(texts(&s), 0);
    s.pass("1d");
    assert_eq!(s.times(), ["11-26 10:00"]);
    assert!(s.sent[0].text.contains("۳۵"), "{}", s.sent[0].text);
    s.pass("300d");
    assert_eq!(texts(&s), 1);
    s.pass("80d");
    assert_eq!(texts(&s), 2);
}

#[test]
fn anniversary_of_the_first_order() {
    let mut s = saying("on = 'anniversary', of = 'first_order'", "", "10h", "{{ occasion.years }} سال");
    s.order("1", SARA, "completed", &["11"]).pass("20d").order("2", SARA, "completed", &["11"]).pass("340d");
    assert_eq!(texts(&s), 0);
    s.pass("10d");
    assert_eq!(texts(&s), 1);
    s.pass("366d");
    assert_eq!(texts(&s), 2);
    assert!(s.sent[1].text.contains('۲'), "{}", s.sent[1].text);
}

#[test]
fn a_day_of_the_year() {
    let mut s = saying("on = 'date', day = 'yalda'", "", "17h", "شب {{ occasion.name }} مبارک");
    known(&mut s).pass("26d");
    assert_eq!(texts(&s), 0);
    s.pass("2d");
    assert_eq!(s.times(), ["12-21 17:00"]);
    assert!(s.sent[0].text.contains("یلدا"), "{}", s.sent[0].text);
    s.pass("363d").order("1", SARA, "completed", &["11"]).pass("3d");
    assert_eq!(texts(&s), 2, "every year, whatever was bought the day before");

    let mut s = story("on = 'date', day = '1405-09-10'", "", "10h");
    known(&mut s).pass("3d").order("1", SARA, "completed", &["11"]).pass("800d");
    assert_eq!(
        s.times(),
        ["12-01 10:00"],
        "an order before it is prepared for is no reason to keep silent; and never again"
    );
}

#[test]
fn subscription_renewal() {
    let told = |s: &mut Story, ends: &str, status: &str| {
        let data =
            json!({"contact": {"phone": SARA}, "subscription_id": "5", "status": status, "next_payment_at": ends});
        s.event("subscription.updated", data);
    };
    let mut s = story("on = 'subscription_renewal'", "", "1h");
    told(&mut s, "2026-12-04T10:00:00+03:30", "active");
    s.pass("9d12h");
    assert_eq!(texts(&s), 0);
    s.pass("1d");
    assert_eq!(texts(&s), 1);
    s.pass("5d");
    assert_eq!(texts(&s), 1);

    let mut s = story("on = 'subscription_renewal'", "", "1h");
    told(&mut s, "2026-12-04T10:00:00+03:30", "active");
    s.pass("9d12h");
    told(&mut s, "2027-01-04T10:00:00+03:30", "active");
    s.pass("3d");
    assert_eq!(texts(&s), 0);
    assert!(left(&s, Reason::Renewed));

    let mut s = story("on = 'subscription_renewal'", "", "1h");
    told(&mut s, "2026-12-04T10:00:00+03:30", "active");
    s.pass("9d12h");
    told(&mut s, "2026-12-04T10:00:00+03:30", "cancelled");
    s.pass("3d");
    assert_eq!(texts(&s), 0);
    assert!(left(&s, Reason::SubscriptionEnded));
}

/// A payment that fails is tried again the next day: the same term. And the next month is another one.
#[test]
fn a_renewal_that_is_moved_is_told_of_once() {
    let mut s = story("on = 'subscription_renewal'", "", "1h");
    let told = |s: &mut Story, ends: &str| {
        let data =
            json!({"contact": {"phone": SARA}, "subscription_id": "5", "status": "active", "next_payment_at": ends});
        s.event("subscription.updated", data);
    };
    told(&mut s, "2026-12-04T10:00:00+03:30");
    s.pass("10d12h");
    assert_eq!(texts(&s), 1);
    for day in ["05", "06", "07"] {
        told(&mut s, &format!("2026-12-{day}T09:00:00+03:30"));
        s.pass("1d");
    }
    s.pass("5d");
    assert_eq!(texts(&s), 1);
    told(&mut s, "2027-01-04T10:00:00+03:30");
    s.pass("40d");
    assert_eq!(texts(&s), 2);
}

#[test]
fn broadcast_at_its_moment() {
    let mut s = story("on = 'broadcast', at = '1405-09-15 18:00'", "", "0s");
    known(&mut s).pass("12d");
    assert_eq!(texts(&s), 0);
    s.pass("1d");
    assert_eq!(s.times(), ["12-06 18:00"]);
    s.event("customer.updated", json!({"contact": {"phone": REZA}})).pass("10d");
    assert_eq!(texts(&s), 2, "who comes while it is fresh hears of it too");
    s.event("customer.updated", json!({"contact": {"phone": "09120000003"}})).pass("10d");
    assert_eq!(texts(&s), 2, "later nobody does");
}

#[test]
fn broadcast_now() {
    let mut s = story("on = 'broadcast', at = 'now'", "", "0s");
    known(&mut s).pass("1d");
    assert_eq!(s.times(), ["11-24 10:00"]);
    s.pass("10d");
    assert_eq!(texts(&s), 1);
}

#[test]
fn an_event_of_ones_own() {
    let text = "{{ event.course }} در راه است";
    let mut s = saying("on = 'event', name = 'demo'", "again = 'always'", "1h", text);
    s.event("custom.other", json!({"contact": {"phone": SARA}})).pass("3h");
    assert_eq!(texts(&s), 0);
    s.event("custom.demo", json!({"contact": {"phone": SARA}, "course": "دورهٔ باریستا"})).pass("3h");
    assert_eq!(texts(&s), 1);
    assert!(s.sent[0].text.starts_with("دورهٔ باریستا در راه است"), "{}", s.sent[0].text);
    s.event("custom.demo", json!({"contact": {"phone": REZA}})).pass("3h");
    assert_eq!(texts(&s), 1, "a text with a hole is no text");
    assert!(left(&s, Reason::TextFailed));
    s.pass("5d").event("custom.demo", json!({"contact": {"phone": SARA}, "course": "لاته‌آرت"})).pass("3h");
    assert_eq!(texts(&s), 2, "another event is another occasion");
}

#[test]
fn the_round_goes_on_where_it_stopped_and_begins_anew_when_campaigns_change() {
    let date = |day: &str| {
        let campaign = format!(
            "[[campaign]]\nid = \"c\"\ntrigger = {{ on = 'date', day = '{day}' }}\n{STEP}after = \"0s\"\ntext = \"سلام\\n{{{{ link }}}}\"\n"
        );
        rules(&campaign, "")
    };
    let mut world = MemoryWorld::new();
    for n in 1..=5 {
        let phone = Phone::from_e164(&format!("+98912000000{n}"));
        world.add_contact(&Contact { phone: phone.filter(|_| n != 2), ..Contact::blank(ContactId(0)) }).unwrap();
    }
    let now = at(START);
    let cursor = |world: &MemoryWorld| world.round().unwrap().map(|round| (round.cursor.0, round.finished));
    // Before there was one it is due at once; without a number nobody can be written to.
    assert_eq!(round::next(&world, &date("nowruz"), now).unwrap(), Some(now));
    assert!(round::go_on(&mut world, &date("nowruz"), now, 2).unwrap());
    assert_eq!(cursor(&world), Some((3, false)));
    assert!(round::go_on(&mut world, &date("nowruz"), now, 2).unwrap());
    assert!(!round::go_on(&mut world, &date("nowruz"), now, 2).unwrap());
    assert_eq!(cursor(&world), Some((5, true)));
    let night = at("2026-11-25T04:00:00+03:30");
    assert_eq!(round::next(&world, &date("nowruz"), now).unwrap(), Some(night));
    assert_eq!(world.enrolments().count(), 0);

    // Other campaigns: everybody is looked at again, at once.
    let yalda = date("1405-09-04");
    assert_eq!(round::next(&world, &yalda, now).unwrap(), Some(now));
    assert!(!round::go_on(&mut world, &yalda, now, 50).unwrap());
    assert_eq!(world.enrolments().count(), 4);
    while round::go_on(&mut world, &yalda, night, 50).unwrap() {}
    assert_eq!(world.enrolments().count(), 4, "an occasion is met once");
}

#[test]
fn a_clock_that_ran_ahead_does_not_end_the_nights() {
    let campaign = format!(
        "[[campaign]]\nid = \"c\"\ntrigger = {{ on = 'broadcast', at = 'now' }}\n{STEP}after = \"0s\"\ntext = \"سلام\\n{{{{ link }}}}\"\n"
    );
    let (rules, mut world, now) = (rules(&campaign, ""), MemoryWorld::new(), at(START));
    let ahead = now.plus(bazgasht::clock::Span::days(400));
    for (n, is_over) in [(1, true), (2, false)] {
        let phone = Phone::from_e164(&format!("+98912000000{n}"));
        world.add_contact(&Contact { phone, ..Contact::blank(ContactId(0)) }).unwrap();
        while round::go_on(&mut world, &rules, ahead, 50).unwrap() {}
        let wrong = world.round().unwrap().unwrap();
        world.put_round(&bazgasht::state::round::Round { finished: is_over, ..wrong }).unwrap();
        assert_eq!(round::next(&world, &rules, now).unwrap(), Some(now));
        while round::go_on(&mut world, &rules, now, 50).unwrap() {}
        let round = world.round().unwrap().unwrap();
        assert_eq!((round.began, round.finished, round.on["c"]), (now, true, now));
        assert_eq!(round::next(&world, &rules, now).unwrap(), Some(at("2026-11-25T04:00:00+03:30")));
    }
}

#[test]
fn no_opted_out_person_and_no_night_for_any_of_them() {
    for trigger in
        ["on = 'date', day = '1405-09-10'", "on = 'broadcast', at = '1405-09-10 03:00'", "on = 'event', name = 'x'"]
    {
        let mut s = story(trigger, "", "0s");
        known(&mut s).event("custom.x", json!({"contact": {"phone": SARA}}));
        s.opt_out(SARA).pass("10d");
        assert_eq!(texts(&s), 0, "{trigger}");
        let mut s = story(trigger, "", "0s");
        known(&mut s).pass("13h").event("custom.x", json!({"contact": {"phone": SARA}})).pass("10d");
        let hour = s.times()[0].split(' ').nth(1).unwrap().to_owned();
        assert!(hour.as_str() >= "09:00" && hour.as_str() < "22:00", "{trigger}: {hour}");
    }
}
