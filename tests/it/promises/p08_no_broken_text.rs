//! 8. A text never goes out with an empty placeholder, a dead coupon, a product out of stock, or a link that does not work.

use crate::world::house::Home;
use crate::world::story::{SARA, SHIPPED, Story};
use bazgasht::state::model::Reason;
use bazgasht::state::world::World;
use serde_json::json;

#[test]
fn p08_a_coupon_the_shop_does_not_take_is_not_given() {
    let mut s = Story::new();
    s.event("coupon.deleted", json!({"code": "off5"})).cart("t_1", &["11"]).number("t_1", SARA).pass("10d");
    assert_eq!(s.steps(), ["abandoned-cart/one-hour", "abandoned-cart/third-day"]);
    assert!(s.reasons().contains(&Reason::CouponDead));
}

#[test]
fn p08_a_coupon_that_comes_back_in_time_is_given() {
    let mut s = Story::new();
    s.event("coupon.deleted", json!({"code": "off5"})).cart("t_1", &["11"]).number("t_1", SARA).pass("25h");
    assert_eq!(s.steps(), ["abandoned-cart/one-hour"]);
    s.coupon("off5", "5").pass("1h");
    assert_eq!(s.steps(), ["abandoned-cart/one-hour", "abandoned-cart/first-day"]);
}

#[test]
fn p08_a_coupon_that_dies_today_is_dead() {
    let mut s = Story::new();
    s.event(
        "coupon.updated",
        json!({"code": "off5", "discount_type": "percent", "amount": "5", "expires_at": "2026-11-25T20:30:00Z"}),
    );
    s.cart("t_1", &["11"]).number("t_1", SARA).pass("2d");
    assert_eq!(s.steps(), ["abandoned-cart/one-hour"]);
}

#[test]
fn p08_a_coupon_that_the_basket_is_too_small_for_is_not_given() {
    let mut s = Story::new();
    s.event(
        "coupon.updated",
        json!({"code": "off5", "discount_type": "percent", "amount": "5", "minimum_amount": "200000"}),
    );
    s.cart("t_1", &["11"]).number("t_1", SARA).pass("10d");
    assert_eq!(s.steps(), ["abandoned-cart/one-hour", "abandoned-cart/third-day"]);
    assert!(s.reasons().contains(&Reason::BasketTooSmall));
}

#[test]
fn p08_what_is_sold_out_is_not_offered() {
    let mut s = Story::new();
    s.order("900", SARA, "completed", &["11"])
        .event("review.created", json!({"product_id": "11", "contact": {"phone": SARA}}));
    s.product("12", "قوری گلدار", "420000", "outofstock", &[]).pass("16d");
    assert_eq!(s.steps(), ["cross-sell/two-weeks"]);
    assert!(s.sent[0].text.contains("نبات"), "{}", s.sent[0].text);
}

#[test]
fn p08_nothing_to_offer_is_no_text() {
    let mut s = Story::new();
    s.product("12", "قوری گلدار", "420000", "outofstock", &[]).event("product.deleted", json!({"product_id": "13"}));
    s.order("900", SARA, "completed", &["11"])
        .event("review.created", json!({"product_id": "11", "contact": {"phone": SARA}}))
        .pass("40d");
    assert_eq!(s.steps(), Vec::<String>::new());
    assert!(s.reasons().contains(&Reason::NothingToOffer));
}

#[test]
fn p08_a_basket_of_sold_out_things_is_not_texted() {
    let mut s = Story::new();
    s.cart("t_1", &["12"]).number("t_1", SARA).product("12", "قوری گلدار", "420000", "outofstock", &[]).pass("10d");
    assert_eq!(s.steps(), Vec::<String>::new());
    assert!(s.reasons().contains(&Reason::OutOfStock));
}

#[test]
fn p08_an_empty_placeholder_stops_the_text() {
    let campaigns = SHIPPED.replacen("text = \"\"\"", "text = \"\"\"\n{{ contact.last_name }} ", 1);
    let mut s = Story::with(&campaigns, "");
    s.cart("t_1", &["11"]).number("t_1", SARA).pass("3h");
    assert_eq!(s.steps(), Vec::<String>::new());
    assert!(s.reasons().contains(&Reason::TextFailed));
}

#[test]
fn p08_the_link_in_the_text_is_the_messages_own() {
    let mut s = Story::new();
    s.cart("t_1", &["11"]).number("t_1", SARA).pass("2h");
    let slug = s.sent[0].slug.clone().expect("a link");
    assert!(s.sent[0].text.lines().any(|l| l == format!("https://shop.example/s/{slug}")), "{}", s.sent[0].text);
    let link = s.world().link(&slug).expect("a world in memory").expect("the link");
    assert_eq!(link.cart_key.as_deref(), Some("t_1"));
}

#[tokio::test]
async fn p08_a_link_that_goes_out_again_leads_to_what_the_text_offers_now() {
    let home = Home::new().await;
    let product = async |id: &str, stock: &str, cross: &[&str]| {
        let data = json!({"product_id": id, "name": format!("کالای {id}"), "url": format!("https://shop.example/?p={id}"), "price": "180000",
                          "currency": "IRT", "stock_status": stock, "categories": [], "cross_sell_ids": cross});
        home.event("product.updated", data).await;
    };
    product("11", "instock", &["12", "13"]).await;
    product("13", "instock", &[]).await;
    let order = json!({"order_id": "900", "number": "900", "status": "completed", "total": "180000", "currency": "IRT",
                       "items": crate::world::story::items(&["11"]), "contact": {"phone": crate::world::story::SARA}, "coupons": []});
    home.event("order.created", order).await;
    home.event(
        "review.created",
        json!({"product_id": "11", "order_id": "900", "contact": {"phone": crate::world::story::SARA}}),
    )
    .await;
    home.pass("13d").await;
    for _ in 0..2 {
        home.fake.next(crate::kavenegar_fake::Script::Refuse(451));
    }
    home.pass("24h").await;
    product("12", "outofstock", &[]).await;
    home.pass("2h").await;
    assert_eq!(home.fake.accepted().len(), 1, "{:?}", home.messages().await);
    let slug = home.link("+989120000001").await;
    let (_, what) = home.house.ask(&format!("/v1/links/{slug}?hit=0")).await.expect("an answer");
    assert_eq!(what["product_id"], "13");
    home.house.close().await.expect("an orderly end");
}
