//! What people do without buying: looks, wishes, visits; and what is told of them and of their orders.

use bazgasht::clock::{At, Clock};
use bazgasht::phone::Phone;
use bazgasht::state::habits::{DayCount, Doing, Wanted, day_of};
use bazgasht::state::model::Contact;
use bazgasht::state::world::World;
use bazgasht::store::{SqlWorld, erase, habits};
use serde_json::json;

use crate::world::house::Home;
use crate::world::story::{REZA, SARA, at, cart};

async fn read<T: Send + 'static>(
    home: &Home,
    ask: impl FnOnce(&mut SqlWorld<'_>) -> anyhow::Result<T> + Send + 'static,
) -> T {
    home.house.work().await.expect("the store");
    home.house.parts.writer.run(ask).await.expect("the store")
}

fn sara(world: &SqlWorld<'_>) -> anyhow::Result<Contact> {
    let phone = Phone::from_e164("+989120000001").expect("a number");
    Ok(world.contact_by_phone(&phone)?.expect("she is known"))
}

#[tokio::test]
async fn looks_belong_to_whom_the_session_turns_out_to_be() {
    let home = Home::new().await;
    let look = |product: &str, seconds: f64| json!({"cart_key": "t_1", "product_id": product, "variation_id": 0, "seconds": seconds});
    home.event("product.viewed", look("11", 30.4)).await;
    home.event("product.viewed", json!({"cart_key": "t_2", "product_id": 12, "variation_id": 34, "seconds": 99})).await;
    home.event("product.viewed", json!({"product_id": 12, "seconds": 31})).await;
    home.event("contact.captured", json!({"cart_key": "t_1", "contact": {"phone": SARA}})).await;
    home.event(
        "product.viewed",
        json!({"cart_key": "t_1", "product_id": 12, "variation_id": 34, "seconds": 45, "link": "3JcKdsX"}),
    )
    .await;
    home.event("product.viewed", json!({"product_id": 13, "seconds": 1e12, "contact": {"phone": SARA}})).await;
    let views = read(&home, |world| {
        let id = sara(world)?.id;
        world.views_of(id, At(0))
    })
    .await;
    let told: Vec<_> = views.iter().map(|v| (v.product_id.as_str(), v.variation_id.as_deref(), v.seconds)).collect();
    assert_eq!(told, [("13", None, 86_400), ("12", Some("34"), 45), ("11", None, 30)]);
    assert_eq!(views[1].link.as_deref(), Some("3JcKdsX"));
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn visits_are_counted_by_day_and_pages_by_their_path() {
    let home = Home::new().await;
    let today = day_of(home.house.clock.now());
    home.event("contact.captured", json!({"cart_key": "t_1", "contact": {"phone": SARA, "user_id": 7}})).await;
    for _ in 0..2 {
        home.event("customer.login", json!({"contact": {"user_id": 7}})).await;
    }
    home.event("page.viewed", json!({"cart_key": "t_1", "page": "/wholesale?name=x#y"})).await;
    home.event("page.viewed", json!({"cart_key": "t_nobody", "page": "/wholesale"})).await;
    home.pass("24h").await;
    home.event("page.viewed", json!({"page": "/wholesale", "contact": {"phone": SARA}})).await;
    let days = read(&home, |world| {
        let id = sara(world)?.id;
        world.doings_of(id, At(0))
    })
    .await;
    let page = Doing::Page("/wholesale".to_owned());
    let tomorrow = At(today.0 + 86_400_000);
    assert_eq!(
        days,
        [
            DayCount { doing: Doing::Login, day: today, count: 2 },
            DayCount { doing: page.clone(), day: today, count: 1 },
            DayCount { doing: page, day: tomorrow, count: 1 },
        ]
    );
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn wishes_are_kept_once_with_the_consent_that_came_with_them() {
    let home = Home::new().await;
    let given = "2026-11-24T09:59:00+03:30";
    let consent = json!({"marketing": true, "source": "wanted", "text": "خبرم کن", "at": given});
    let wish = |phone: &str| json!({"product_id": 12, "variation_id": 34, "contact": {"phone": phone}, "consent": consent, "source": "product-page"});
    home.event("product.wanted", wish(SARA)).await;
    home.event("product.wanted", wish(REZA)).await;
    home.event("product.wanted", json!({"product_id": 12, "contact": {"phone": SARA}})).await;
    home.pass("1h").await;
    home.event("product.wanted", wish(SARA)).await;
    let now = home.house.clock.now();
    let (hers, all, consent) = read(&home, |world| {
        let her = sara(world)?;
        Ok((world.wanted_of(her.id)?, world.wanting("12", 9)?, her.consent))
    })
    .await;
    let wanted = |variation: Option<&str>, at: At| Wanted {
        product_id: "12".to_owned(),
        variation_id: variation.map(str::to_owned),
        at,
    };
    assert_eq!(hers, [wanted(None, at("2026-11-24T10:00:00+03:30")), wanted(Some("34"), now)]);
    assert_eq!(all.len(), 3);
    assert_eq!(all[2].1.at, now, "who asked last comes last");
    let consent = consent.expect("a yes");
    assert_eq!((consent.at, consent.text.as_deref()), (at(given), Some("خبرم کن")));
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn what_is_told_of_people_and_orders_is_kept() {
    let home = Home::new().await;
    let born = |birthday: &str| json!({"contact": {"phone": SARA, "user_id": 7, "birthday": birthday}, "created_at": "2024-03-20T10:00:00+03:30"});
    home.event("customer.created", born("1990-03-21")).await;
    home.event("customer.updated", born("۱۳۶۹/۱/۱")).await;
    let order = |shipping: serde_json::Value| {
        json!({"order_id": 55, "number": "55", "status": "completed", "total": "180000", "currency": "IRT", "items": [],
               "contact": {"phone": SARA}, "coupons": [], "payment_method": "cod", "failed_at": "2026-11-24T09:00:00+03:30",
               "shipping": shipping})
    };
    home.event("order.created", order(json!({"state": "packed"}))).await;
    home.pass("1h").await;
    let shipped = home.house.clock.now();
    home.event("order.updated", order(json!({"state": "shipped", "tracking_code": "24680", "carrier": "پست"}))).await;
    home.pass("1h").await;
    home.event("order.updated", order(json!(null))).await;
    let (her, order) = read(&home, |world| Ok((sara(world)?, world.order("55")?.expect("an order")))).await;
    assert_eq!(her.birthday.as_deref(), Some("1990-03-21"), "what is no day changes nothing");
    assert_eq!(her.registered, Some(at("2024-03-20T10:00:00+03:30")));
    let shipping = order.shipping.expect("its parcel");
    assert_eq!((shipping.state.as_deref(), shipping.tracking_code.as_deref()), (Some("shipped"), Some("24680")));
    assert_eq!(order.reached.get("shipping:shipped"), Some(&shipped));
    assert_eq!(order.payment_method.as_deref(), Some("cod"));
    assert_eq!(order.failed, Some(at("2026-11-24T09:00:00+03:30")));
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn all_of_it_is_exported_erased_and_forgotten_with_time() {
    let home = Home::new().await;
    home.event("product.viewed", json!({"cart_key": "t_9", "product_id": 12, "seconds": 31})).await;
    home.event("cart.updated", cart("t_1", &["11"])).await;
    home.event("contact.captured", json!({"cart_key": "t_1", "contact": {"phone": SARA, "user_id": 7}})).await;
    home.event("product.viewed", json!({"cart_key": "t_1", "product_id": 12, "seconds": 31})).await;
    home.event("customer.login", json!({"contact": {"user_id": 7}})).await;
    home.event("product.wanted", json!({"product_id": 12, "contact": {"phone": SARA}})).await;
    home.event("product.viewed", json!({"product_id": 11, "seconds": 31, "contact": {"phone": REZA}})).await;
    let export = |world: &mut SqlWorld<'_>| {
        let phone = Phone::from_e164("+989120000001").expect("a number");
        erase::export(world.connection(), &phone, "IR")
    };
    let told = read(&home, export).await.expect("she is known");
    for list in ["views", "visits", "wanted"] {
        assert_eq!(told[list].as_array().expect(list).len(), 1, "{list}");
    }
    let id = read(&home, |world| Ok(sara(world)?.id)).await;
    home.event("contact.erase_requested", json!({"contact": {"phone": SARA}, "source": "wp-privacy"})).await;
    let left =
        read(&home, move |world| Ok((world.views_of(id, At(0))?, world.doings_of(id, At(0))?, world.wanted_of(id)?)))
            .await;
    assert!(left.0.is_empty() && left.1.is_empty() && left.2.is_empty());
    let reza = read(&home, |world| {
        let phone = Phone::from_e164("+989120000002").expect("a number");
        Ok(world.contact_by_phone(&phone)?.expect("he is known").id)
    })
    .await;
    let his = async || read(&home, move |world| Ok(world.views_of(reza, At(0))?.len())).await;
    assert_eq!(his().await, 1);
    let now = home.house.clock.now();
    read(&home, move |world| habits::prune(world.connection(), now.plus("399d".parse().expect("a span")), 99)).await;
    assert_eq!(his().await, 1);
    read(&home, move |world| habits::prune(world.connection(), now.plus("401d".parse().expect("a span")), 99)).await;
    assert_eq!(his().await, 0);
    // What nobody looked at is gone long before.
    home.event("contact.captured", json!({"cart_key": "t_9", "contact": {"phone": "09120000004"}})).await;
    let other = read(&home, |world| {
        let phone = Phone::from_e164("+989120000004").expect("a number");
        let id = world.contact_by_phone(&phone)?.expect("known").id;
        Ok(world.views_of(id, At(0))?.len())
    });
    assert_eq!(other.await, 0);
    home.house.close().await.expect("an orderly end");
}
