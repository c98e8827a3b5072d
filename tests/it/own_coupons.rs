//! Codes of one person's own, from the file to the bridge.

use bazgasht::clock::Span;
use bazgasht::decide::points::balance;
use bazgasht::problem::Code;
use bazgasht::state::model::{ContactId, Link, LinkKind, OwnCoupon, Reason};
use bazgasht::state::people::Standings;
use serde_json::json;

use crate::world::door::{Open, PHONE, START, link};
use crate::world::story::{REZA, SARA, Story, at, problems};

const CAMPAIGN: &str = r#"
[shop]
margin = 40
[coupons.basket]
own = "s"
lives = "48h"
products = "cart"
floor = 15
by_basket = [{ from = "0", percent = 15 }, { from = "300000", percent = 5 }]
[coupons.sum]
own = "p"
amount = "100000"

[[campaign]]
id = "cart"
trigger = { on = "cart_abandoned" }
[[campaign.step]]
id = "first"
after = "1h"
coupon = "basket"
text = """
{{ coupon.percent }}٪ تا {{ coupon.lives_hours }} ساعت بعد از باز کردن لینک:
{{ coupon.code }}
{{ link }}
"""
[[campaign.step]]
id = "second"
after = "2 days"
coupon = "sum"
text = """
{{ coupon.amount }} هدیه‌ی ما:
{{ coupon.code }}
{{ link }}
"""
"#;

/// The line of a text that holds nothing but a code.
fn code(text: &str) -> &str {
    let is_code = |line: &&str| line.len() == 8 && line.bytes().all(|b| b.is_ascii_alphanumeric());
    text.lines().find(is_code).unwrap_or_else(|| panic!("no code in {text}"))
}

#[test]
fn each_person_gets_a_code_and_a_share_of_their_own() {
    let mut s = Story::with(CAMPAIGN, "");
    s.cart("t_1", &["11"]).number("t_1", SARA).cart("t_2", &["11", "12"]).number("t_2", REZA).pass("2h");
    assert_eq!(s.sent.len(), 2);
    let (sara, reza) = (&s.sent[0].text, &s.sent[1].text);
    assert!(sara.starts_with("۱۵٪ تا ۴۸ ساعت") && reza.starts_with("۵٪"), "larger baskets get less: {sara} {reza}");
    assert_ne!(code(sara), code(reza));
    assert!(code(sara).starts_with('s'));
}

#[test]
fn a_sum_is_not_given_off_a_basket_below_its_minimum() {
    let mut s = Story::with(&CAMPAIGN.replace("amount = \"100000\"", "amount = \"100000\"\nminimum = \"200000\""), "");
    s.cart("t_1", &["11"]).number("t_1", SARA).pass("3 days");
    assert_eq!(s.steps(), ["cart/first"]);
    assert!(s.reasons().contains(&Reason::BasketTooSmall));
}

#[test]
fn what_the_margin_does_not_leave_is_not_given() {
    let mut s = Story::with(&CAMPAIGN.replace("margin = 40", "margin = 20"), "");
    s.cart("t_1", &["11"]).number("t_1", SARA).pass("2h");
    assert!(s.sent[0].text.starts_with("۵٪"), "5.88 % is left: {}", s.sent[0].text);
    let mut s = Story::with(&CAMPAIGN.replace("margin = 40", "margin = 15"), "");
    s.cart("t_1", &["11"]).number("t_1", SARA).pass("2h");
    assert!(s.sent.is_empty() && s.reasons().contains(&Reason::MarginTooSmall));
}

#[test]
fn a_sum_asks_for_a_basket_that_can_bear_it_and_says_so() {
    let welcome = r#"
[shop]
margin = 20
[coupons.hello]
own = "h"
amount = "100000"
floor = 15
[[campaign]]
id = "hello"
trigger = { on = "order_status", status = "completed" }
[[campaign.step]]
id = "s"
after = "1h"
coupon = "hello"
text = """
{{ coupon.amount }} از خرید {{ coupon.minimum }}
{{ coupon.code }}
{{ link }}
"""
"#;
    let mut s = Story::with(welcome, "");
    s.order("1", SARA, "completed", &["11"]).pass("2h");
    assert!(s.sent[0].text.contains("از خرید ۱٬۷۱۰٬۰۰۰ تومان"), "5.88 % of it: {}", s.sent[0].text);
    let link = s.world().links().next().unwrap();
    assert_eq!(link.own_coupon.as_ref().unwrap().minimum.as_deref(), Some("1710000"), "what the bridge is to make");
    let mut s = Story::with(&welcome.replace("floor = 15\n", ""), "");
    s.order("1", SARA, "completed", &["11"]).pass("2h");
    assert!(s.sent[0].text.contains("از خرید ۲۰۰٬۰۰۰ تومان"), "{}", s.sent[0].text);
    // A basket that cannot bear it gets no such text.
    let basket = welcome.replace("{ on = \"order_status\", status = \"completed\" }", "{ on = \"cart_abandoned\" }");
    let mut s = Story::with(&basket, "");
    s.cart("t_1", &["11", "12", "13"]).number("t_1", SARA).pass("1d");
    assert!(s.sent.is_empty() && s.reasons().contains(&Reason::BasketTooSmall));
}

#[test]
fn a_small_baskets_share_is_for_what_lay_in_it() {
    let of = |written: &str| {
        let mut s = Story::with(&CAMPAIGN.replace("products = \"cart\"\n", written), "");
        s.cart("t_1", &["11"]).number("t_1", SARA).pass("2h");
        let link = s.world().links().next().unwrap();
        link.own_coupon.as_ref().unwrap().products.clone()
    };
    assert_eq!(of(""), ["11"]);
    assert!(of("products = \"all\"\n").is_empty());
}

#[test]
fn a_coupon_for_what_the_campaign_does_not_have_is_an_error() {
    let file = |coupon: &str, more: &str| {
        format!(
            "[coupons.c]\nown = \"c\"\n{coupon}\n[[campaign]]\nid = \"w\"\ntrigger = {{ on = \"sign_up\" }}\n{more}\n\
             [[campaign.step]]\nid = \"s\"\nafter = \"1h\"\ntext = \"\"\"\nسلام\n{{{{ link }}}}\n\"\"\"\n\
             [[campaign.step.arm]]\nid = \"b\"\ncoupon = \"c\"\ntext = \"\"\"\nسلام\n{{{{ coupon.code }}}}\n{{{{ link }}}}\n\"\"\""
        )
    };
    for (coupon, more, expected) in [
        ("percent = 5\nproducts = \"cart\"", "", Some(Code::NotWithTrigger)),
        ("by_basket = [{ from = \"0\", percent = 5 }]", "", Some(Code::NotWithTrigger)),
        ("by_basket = [{ from = \"0\", percent = 5 }]\nproducts = \"all\"", "", None),
        ("percent = 5\nproducts = \"offer\"", "", Some(Code::NeedsOffer)),
        ("percent = 5\nproducts = \"offer\"", "offer = \"best_sellers\"", None),
        ("percent = 5\nfloor = 5", "", Some(Code::MissingKey)),
    ] {
        let found = problems(&file(coupon, more));
        assert_eq!(found, Vec::from_iter(expected), "{coupon} {more}");
    }
}

fn own_link() -> Link {
    Link {
        coupon: Some("s7k2mqx4".to_owned()),
        own_coupon: Some(OwnCoupon {
            discount_type: "percent".to_owned(),
            amount: "15".to_owned(),
            free_shipping: true,
            lives: Some(Span::hours(48)),
            minimum: None,
            products: vec!["11".to_owned()],
            friends: false,
        }),
        ..link("3JcKdsX", LinkKind::Cart)
    }
}

#[tokio::test]
async fn the_bridge_is_told_what_to_make_and_for_whom() {
    let open = Open::door().await;
    let visitor = [("bazgasht-visitor-agent", PHONE)];
    open.desk.add_own(own_link(), "+989120000001");
    let (_, answer) = open.ask("/v1/links/3JcKdsX?hit=1", &visitor).await;
    let offer = json!({
        "code": "s7k2mqx4", "discount_type": "percent", "amount": "15", "free_shipping": true,
        "expires_at": START.plus(Span::hours(48)).rfc3339(), "minimum_amount": null, "product_ids": ["11"],
        "individual_use": true, "usage_limit": null, "for_friends": false,
        // python3 -c "import hmac,hashlib; print(hmac.new(bytes(range(32)), b'coupon-owner:+989120000001', hashlib.sha256).hexdigest())"
        "owner": "69db39c5530f6a16152ed1bf5ac3d50526517dd5e22db045502a25bf5f07ce1d",
    });
    assert_eq!((&answer["coupon"], &answer["coupon_offer"]), (&json!("s7k2mqx4"), &offer));
    // Typed by hand, in whatever letters.
    let (status, typed) = open.ask("/v1/coupons/S7K2MQX4", &[]).await;
    assert_eq!((status, typed), (200, offer));
    assert_eq!(open.ask("/v1/coupons/s7k2mqx5", &[]).await.0, 404);

    // Its time runs from the first visit, whichever visit asks.
    open.desk.add_own(Link { first_human: Some(START.minus(Span::hours(47))), ..own_link() }, "+989120000001");
    let (_, later) = open.ask("/v1/links/3JcKdsX?hit=1", &visitor).await;
    assert_eq!(later["coupon_offer"]["expires_at"], START.plus(Span::hours(1)).rfc3339());
    open.desk.add_own(Link { first_human: Some(START.minus(Span::hours(49))), ..own_link() }, "+989120000001");
    assert_eq!(open.ask("/v1/coupons/s7k2mqx4", &[]).await.0, 404, "over");
}

#[tokio::test]
async fn a_code_whose_owner_was_erased_is_nobodys() {
    let open = Open::door().await;
    open.desk.add_link(own_link());
    let (_, answer) = open.ask("/v1/links/3JcKdsX?hit=1", &[]).await;
    assert_eq!((&answer["coupon"], &answer["coupon_offer"]), (&json!(null), &json!(null)));
}

const INVITE: &str = r#"
[coupons.friend]
own = "f"
percent = 10
for = "friends"
lives = "10 days"
[points]
referral = 100
expires = "365 days"

[[campaign]]
id = "invite"
trigger = { on = "order_status", status = "completed" }
again = "never"
[[campaign.step]]
id = "first"
after = "1h"
coupon = "friend"
link = "shop"
text = """
این کد را به دوستانتان بدهید:
{{ coupon.code }}
{{ link }}
"""
"#;

/// An order with a code on it.
fn with_code(s: &mut Story, id: &str, phone: &str, code: &str) {
    let mut order = s.order_data(id, phone, "processing", &["11"]);
    order["coupons"] = json!([code.to_uppercase()]);
    s.event("order.created", order);
}

#[test]
fn a_friends_first_order_earns_points_for_whoever_passed_the_code_on() {
    let mut s = Story::with(INVITE, "");
    let balance = |s: &Story, n: i64| balance(&s.world().points_of(ContactId(n)).unwrap(), s.now());
    s.order("1", SARA, "completed", &["11"]).pass("2h");
    let code = code(&s.sent[0].text).to_owned();
    // A stranger who had bought before brings nothing, and nobody brings oneself.
    let old = "09120000003";
    s.order("2", old, "processing", &["12"]).pass("1h");
    with_code(&mut s, "3", old, &code);
    with_code(&mut s, "4", SARA, &code);
    assert_eq!(balance(&s, 1), 0);

    with_code(&mut s, "5", REZA, &code);
    assert_eq!(balance(&s, 1), 100);
    s.pass("1h");
    with_code(&mut s, "6", REZA, &code);
    assert_eq!(balance(&s, 1), 100, "once for each friend");
    let total = s.order_data("5", REZA, "processing", &["11"])["total"].clone();
    s.event("order.refunded", json!({"order_id": "5", "refund_id": "r1", "amount": "1", "currency": "IRT"}));
    assert_eq!(balance(&s, 1), 100, "some of it stands");
    s.event("order.refunded", json!({"order_id": "5", "refund_id": "r2", "amount": total, "currency": "IRT"}));
    assert_eq!(balance(&s, 1), 0, "given back whole");
    let ledger = s.world().points_of(ContactId(1)).unwrap();
    assert_eq!(
        ledger.iter().map(|line| (line.about.as_str(), line.change)).collect::<Vec<_>>(),
        [("referral:5", 100), ("referral:5", -100)]
    );
}

#[test]
fn a_friend_who_had_ordered_before_all_along_was_no_new_one() {
    let mut s = Story::with(INVITE, "");
    let balance = |s: &Story| balance(&s.world().points_of(ContactId(1)).unwrap(), s.now());
    s.order("1", SARA, "completed", &["11"]).pass("2h");
    let code = code(&s.sent[0].text).to_owned();
    with_code(&mut s, "5", REZA, &code);
    assert_eq!(balance(&s), 100);
    // An order of years ago is told of only now.
    let mut old = s.order_data("9", REZA, "completed", &["12"]);
    old["created_at"] = json!("2024-01-01T10:00:00+03:30");
    s.event_at(at("2024-01-01T10:00:00+03:30"), "order.created", old);
    assert_eq!(balance(&s), 0);
}

#[tokio::test]
async fn a_code_for_friends_is_typed_and_never_put_on_by_the_link_of_whoever_got_it() {
    let open = Open::door().await;
    let own = own_link().own_coupon.map(|own| OwnCoupon { friends: true, ..own });
    open.desk.add_own(Link { own_coupon: own, first_human: Some(START), ..own_link() }, "+989120000001");
    let (_, answer) = open.ask("/v1/links/3JcKdsX?hit=1", &[]).await;
    assert_eq!((&answer["coupon"], &answer["coupon_offer"]), (&json!(null), &json!(null)));
    let (status, typed) = open.ask("/v1/coupons/s7k2mqx4", &[]).await;
    assert_eq!(status, 200);
    assert_eq!((&typed["for_friends"], &typed["usage_limit"]), (&json!(true), &json!(20)));
    let made = own_link().made;
    assert_eq!(typed["expires_at"], made.plus(Span::hours(48)).rfc3339(), "from the text, whose words were passed on");
}
