//! What the shop may ask about a person.

use bazgasht::clock::Clock;
use bazgasht::phone::Phone;
use bazgasht::store::{Readers, erase};
use serde_json::{Value, json};

use crate::world::door::{Open, SECRET, SHOP, START, client};
use crate::world::house::Home;
use crate::world::story::{REZA, SARA};

const PATH: &str = "/v1/contacts/look";

async fn look(home: &Home, ask: Value) -> Value {
    home.house.work().await.expect("the store");
    let (status, known) = home.house.tell(PATH, &ask).await.expect("an answer");
    assert_eq!(status, 200, "{known}");
    known
}

fn of<'k>(known: &'k Value, list: &str, field: &str) -> Vec<&'k Value> {
    known[list].as_array().expect("a list").iter().map(|row| &row[field]).collect()
}

#[tokio::test]
async fn everything_of_a_person_is_told_in_its_order() {
    let home = Home::new().await;
    home.event(
        "contact.captured",
        json!({"contact": {"phone": SARA, "user_id": 7, "first_name": "سارا"},
               "consent": {"marketing": true, "source": "checkout-box", "text": "خبرم کن"}}),
    )
    .await;
    home.abandoned("t_1", SARA).await;
    home.pass("61m").await;
    let slug = home.link("+989120000001").await;
    home.house.follow(&slug, crate::world::door::PHONE).await.expect("an answer");

    let known = look(&home, json!({"contact": {"phone": "۰۹۱۲ ۰۰۰ ۰۰۰۱"}})).await;
    assert_eq!((&known["known"], &known["opted_out"]), (&json!(true), &Value::Null));
    assert_eq!(known["consent"]["source"], "checkout-box");
    assert_eq!(known["consent"]["text"], "خبرم کن");
    let [next, sent] = known["messages"].as_array().expect("a list").as_slice() else { panic!("{known}") };
    assert_eq!((&next["planned"], &next["id"], &next["sent_at"]), (&json!(true), &Value::Null, &Value::Null));
    assert_eq!(next["state"], "scheduled");
    assert!(next["due_at"].as_str() > sent["due_at"].as_str(), "the newest due first: {known}");
    assert_eq!((&sent["campaign"], &sent["step"]), (&json!("abandoned-cart"), &json!("one-hour")));
    assert_ne!(sent["campaign_name"], "abandoned-cart");
    assert_eq!((&sent["planned"], &sent["visits"], &sent["gateway"]), (&json!(false), &json!(1), &json!("kavenegar")));
    assert!(sent["text"].as_str().expect("a text").contains("سارا"));
    assert_eq!(sent["cost"]["currency"], "IRR");
    assert!(sent["sent_at"].is_string() && sent["parts"].as_u64() > Some(0));
    assert_eq!(known["enrolments"].as_array().expect("a list").len(), 1);
    let way = &known["enrolments"][0];
    assert_eq!((&way["state"], &way["subject"]), (&json!("active"), &json!({"kind": "cart", "id": "t_1"})));
    assert_eq!(way["next_at"], next["due_at"]);
    assert_eq!(of(&known, "events", "type"), ["contact.captured", "cart.updated", "contact.captured"]);
    assert!(known["seq"].as_i64() >= known["events"][2]["seq"].as_i64());

    for same in [
        json!({"contact": {"user_id": "7"}}),
        json!({"cart_key": "t_1"}),
        json!({"contact": {"phone": "no", "user_id": 7}}),
    ] {
        let again = look(&home, same).await;
        assert_eq!(again["messages"], known["messages"]);
    }
    // A number that was typed decides, whoever's account it is.
    assert_eq!(look(&home, json!({"contact": {"phone": REZA, "user_id": 7}})).await["known"], false);
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn events_are_told_after_one_that_is_known_and_for_baskets_of_nobody() {
    let home = Home::new().await;
    for n in 0..3 {
        home.event("cart.updated", crate::world::story::cart("t_1", if n == 1 { &["11", "12"] } else { &["11"] }))
            .await;
    }
    home.event("cart.updated", crate::world::story::cart("t_2", &["11"])).await;
    let nobody = look(&home, json!({"cart_key": "t_1"})).await;
    assert_eq!(nobody["known"], false);
    assert_eq!(nobody["messages"], json!([]));
    let all = of(&nobody, "events", "seq");
    assert_eq!(all.len(), 3);
    let newest = look(&home, json!({"cart_key": "t_1", "limit": 2})).await;
    assert_eq!(of(&newest, "events", "seq"), all[1..], "the newest, oldest first");
    let next = look(&home, json!({"cart_key": "t_1", "limit": 1, "since": all[0]})).await;
    assert_eq!(of(&next, "events", "seq"), all[1..2], "the first after it");
    assert_eq!(look(&home, json!({"cart_key": "t_1", "since": nobody["seq"]})).await["events"], json!([]));

    // Whoever takes the basket up has done both; what is asked for by both is told once.
    home.event("contact.captured", json!({"cart_key": "t_1", "contact": {"phone": SARA}})).await;
    let hers = look(&home, json!({"cart_key": "t_1", "contact": {"phone": SARA}})).await;
    assert_eq!(of(&hers, "events", "seq").len(), 4);
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn a_no_is_told_also_of_a_number_that_was_erased_and_nothing_else_of_it() {
    let home = Home::new().await;
    home.abandoned("t_1", SARA).await;
    let until = home.house.clock.now().plus("2d".parse().expect("a span"));
    home.event(
        "contact.opted_out",
        json!({"contact": {"phone": SARA}, "source": "wp-admin", "scope": "marketing", "until": until.rfc3339()}),
    )
    .await;
    let known = look(&home, json!({"contact": {"phone": SARA}})).await;
    assert_eq!(known["opted_out"]["scope"], "marketing");
    assert_eq!(known["opted_out"]["until"], until.rfc3339());
    assert_eq!(known["opted_out"]["at"], home.house.clock.now().rfc3339());
    let sara = Phone::from_e164("+989120000001").expect("a number");
    let readers = Readers::open(&home.folder.path().join("bazgasht.db"), 1).expect("a reader");
    let now = home.house.clock.now();
    erase::erase(&home.house.parts.writer, &readers, &sara, "IR", now).await.expect("erased");
    let erased = look(&home, json!({"contact": {"phone": SARA}, "cart_key": "t_1"})).await;
    assert_eq!(erased["known"], false);
    assert_eq!(erased["opted_out"]["source"], "wp-admin");
    assert_eq!((&erased["messages"], &erased["events"]), (&json!([]), &json!([])));
    assert_eq!(look(&home, json!({"cart_key": "t_1"})).await["known"], false, "the basket leads to nobody");
    home.pass("49h").await;
    let later = look(&home, json!({"contact": {"phone": SARA}})).await;
    assert_eq!(later["opted_out"], Value::Null, "the pause is over");
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn who_asks_must_be_the_shop_and_must_name_somebody() {
    let open = Open::door().await;
    let ask = async |body: &str, shop: &str| {
        let request = crate::bridge_fake::signed(open.http.post(open.url(PATH)), SECRET, body.as_bytes(), START);
        let request = request.header("bazgasht-shop", shop).body(body.to_owned());
        request.send().await.expect("an answer").status().as_u16()
    };
    let good = format!(r#"{{"contact":{{"phone":"{SARA}","country":"IR"}},"since":4,"limit":100000,"more":1}}"#);
    assert_eq!(ask(&good, SHOP).await, 200);
    assert_eq!(open.desk.looks.lock().unwrap()[0].since, Some(4));
    assert_eq!(ask(&good, "https://staging.shop.example").await, 409);
    for bad in [
        "",
        "[]",
        "{}",
        r#"{"contact":{}}"#,
        r#"{"cart_key":""}"#,
        r#"{"contact":"09120000001"}"#,
        r#"{"cart_key":"k","limit":-1}"#,
    ] {
        assert_eq!(ask(bad, SHOP).await, 400, "{bad}");
    }
    let long = format!(r#"{{"cart_key":"k","pad":"{}"}}"#, "x".repeat(16 << 10));
    assert_eq!(ask(&long, SHOP).await, 413);
    let unsigned = client().post(open.url(PATH)).body(good).send().await.expect("an answer");
    assert_eq!(unsigned.status(), 401);
    assert_eq!(open.get(PATH).await.status(), 405);
    assert_eq!(open.desk.looks.lock().unwrap().len(), 1);
}
