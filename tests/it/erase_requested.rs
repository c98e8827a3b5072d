//! The shop lets a person be erased: `contact.erase_requested`.

use bazgasht::clock::Clock;
use bazgasht::phone::Phone;
use bazgasht::send::driver;
use bazgasht::state::model::Reason;
use bazgasht::state::world::World;
use bazgasht::store::{erase, log};
use serde_json::{Value, json};

use crate::kavenegar_fake::Fake;
use crate::world::house::{Home, PAID};
use crate::world::story::{REZA, SARA, START, Story, cart};

const KIND: &str = "contact.erase_requested";

fn sara() -> Phone {
    Phone::from_e164("+989120000001").expect("a number")
}

async fn logged(home: &Home) -> Vec<log::Logged> {
    home.house.parts.writer.run(|world| log::after(world.connection(), 0, 1_000)).await.expect("the store")
}

/// What the log still says of her, by type of event.
async fn told(home: &Home) -> Vec<String> {
    let hers = |e: &log::Logged| ["912000000", "سارا", "sara@"].iter().any(|trace| e.data.contains(trace));
    logged(home).await.into_iter().filter(hers).map(|e| e.kind).collect()
}

fn order(contact: &Value, status: &str) -> Value {
    json!({"order_id": "55", "number": "55", "status": status, "total": "180000", "currency": "IRT", "contact": contact,
           "items": [{"product_id": "11", "name": "چای", "quantity": 1, "attributes": {"engraving": "سارا"}}], "coupons": [],
           "created_at": START})
}

#[tokio::test]
async fn what_came_before_is_forgotten_and_what_comes_later_is_news() {
    let home = Home::new().await;
    home.abandoned("t_1", SARA).await;
    home.pass("61m").await;
    home.event("order.created", order(&json!({"phone": SARA, "first_name": "سارا", "user_id": 7}), "pending")).await;
    home.event("contact.opted_out", json!({"contact": {"phone": SARA}, "source": "link"})).await;
    home.house.work().await.expect("the store");
    assert!(told(&home).await.len() >= 3);
    // Asked and told of again in one go: the place in the log decides.
    let t = home.house.clock.now().rfc3339();
    let event =
        |id: &str, kind: &str, data: Value| json!({"id": id, "type": kind, "time": t, "data": data}).to_string();
    let ask =
        event("x1", KIND, json!({"contact": {"phone": SARA, "country": "IR", "user_id": 7}, "source": "wp-privacy"}));
    let news =
        event("x2", "contact.captured", json!({"cart_key": "t_9", "contact": {"phone": SARA, "first_name": "سارا"}}));
    home.house.post(&[&ask, &news]).await.expect("taken");
    home.house.work().await.expect("the store");

    assert_eq!(told(&home).await, ["contact.captured"]);
    let asked = logged(&home).await.into_iter().find(|e| e.kind == KIND).expect("it stays in the log");
    assert_eq!((asked.data.as_str(), asked.redacted), ("{}", true));
    let phone = sara();
    let (new, order, opted_out, begun) = home
        .house
        .parts
        .writer
        .run(move |world| {
            let begun = erase::is_begun(world.connection())?;
            Ok((world.contact_by_phone(&phone)?, world.order("55")?, world.opt_out(&phone)?, begun))
        })
        .await
        .expect("the store");
    let (new, order) = (new.expect("she came again"), order.expect("figures stay"));
    assert_eq!(new.user_id, None);
    assert_ne!(order.contact, Some(new.id), "but as somebody new");
    assert!(order.items[0].attributes.is_empty());
    assert!(opted_out.is_some(), "her no stays");
    assert!(!begun);
    assert!(home.messages().await.iter().all(|m| m.text.is_none()));
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn waiting_texts_are_withdrawn_and_no_trace_stays_in_the_file() {
    let home = Home::new().await;
    home.abandoned("t_1", SARA).await;
    home.pass("61m").await;
    home.abandoned("t_2", REZA).await;
    home.house.work().await.expect("the store");
    home.event(KIND, json!({"contact": {"phone": SARA}, "source": "wp-privacy"})).await;
    home.pass("3d").await;
    let messages = home.messages().await;
    let hers: Vec<_> = messages.iter().filter(|m| m.contact == messages[0].contact).map(|m| m.state).collect();
    assert_eq!(hers.len(), 1, "no step after the first: {hers:?}");
    assert!(messages.len() > 1, "others are written to");
    let way = messages[0].enrolment;
    let way =
        home.house.parts.writer.run(move |world| world.enrolment(way)).await.expect("the store").expect("it stays");
    assert_eq!(way.end_reason, Some(Reason::Erased));
    home.house.close().await.expect("an orderly end");
    for file in std::fs::read_dir(home.folder.path()).expect("a folder") {
        let path = file.expect("a file").path();
        let bytes = std::fs::read(&path).expect("bytes");
        let holds = |trace: &str| bytes.windows(trace.len()).any(|w| w == trace.as_bytes());
        assert!(!holds("9120000001"), "{}", path.display());
    }
}

#[tokio::test]
async fn who_is_unknown_or_erased_already_changes_nothing() {
    let home = Home::new().await;
    home.abandoned("t_2", REZA).await;
    home.house.work().await.expect("the store");
    for contact in [
        json!({"phone": SARA}),
        json!({"phone": SARA}),
        json!({"phone": "not a number"}),
        json!({"user_id": 99}),
        json!({"email": "sara@shop.example"}),
    ] {
        let taken = home.event(KIND, json!({"contact": contact, "source": "wp-privacy"})).await;
        assert_eq!((taken.accepted, taken.rejected.len()), (1, 0), "{contact}");
    }
    let nobody = home.event(KIND, json!({"contact": {}, "source": "wp-privacy"})).await;
    assert_eq!(nobody.rejected.len(), 1);
    home.house.work().await.expect("the store");
    assert!(logged(&home).await.iter().filter(|e| e.kind == KIND).all(|e| e.redacted && e.data == "{}"));
    assert!(logged(&home).await.iter().filter(|e| e.kind != KIND).all(|e| !e.redacted));
    home.pass("61m").await;
    assert_eq!(home.messages().await.len(), 1, "the others' ways go on");
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn an_account_is_enough_to_be_known_by_and_takes_its_number_with_it() {
    let home = Home::new().await;
    home.event("customer.created", json!({"contact": {"user_id": 7, "phone": SARA, "first_name": "سارا"}})).await;
    home.event("customer.created", json!({"contact": {"user_id": 8, "first_name": "رضا"}})).await;
    // A number of hers that is known by no account.
    home.event("contact.captured", json!({"contact": {"phone": "09120000003"}})).await;
    home.house.work().await.expect("the store");
    home.event(KIND, json!({"contact": {"phone": "09120000003", "user_id": "7"}, "source": "wp-privacy"})).await;
    home.house.work().await.expect("the store");
    assert_eq!(told(&home).await, [""; 0]);
    let left = home.house.parts.writer.run(|world| {
        let other = Phone::from_e164("+989120000003").expect("a number");
        Ok((world.contact_by_phone(&sara())?, world.contact_by_phone(&other)?, world.contact_by_user("8")?))
    });
    let (first, second, other) = left.await.expect("the store");
    assert!(first.is_none() && second.is_none() && other.is_some());
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn the_orders_of_an_erased_person_go_on_and_bring_nobody_back() {
    let home = Home::new().await;
    home.event("order.created", order(&json!({"phone": SARA, "first_name": "سارا"}), "processing")).await;
    home.house.work().await.expect("the store");
    home.event(KIND, json!({"contact": {"phone": SARA}, "source": "wp-privacy"})).await;
    home.event("order.updated", order(&json!({"locale": "fa_IR"}), "completed")).await;
    home.event("order.refunded", json!({"order_id": "55", "amount": "1000", "currency": "IRT"})).await;
    home.pass("30d").await;
    let order = home.house.parts.writer.run(|world| world.order("55")).await.expect("the store").expect("it is there");
    assert_eq!((order.status.as_str(), order.refunded.minor), ("completed", 1_000));
    let contact = order.contact.expect("figures know that there was somebody");
    let contact =
        home.house.parts.writer.run(move |world| world.contact(contact)).await.expect("the store").expect("a row");
    assert!(contact.phone.is_none() && contact.locale.is_none() && contact.first_name.is_none());
    assert!(home.messages().await.is_empty(), "nobody is asked for a review");
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn a_stop_between_applying_and_erasing_is_made_good_at_the_next_start() {
    let home = Home::new().await;
    home.abandoned("t_1", SARA).await;
    home.house.work().await.expect("the store");
    home.event(KIND, json!({"contact": {"phone": SARA}, "source": "wp-privacy"})).await;
    // Applied, and then the power goes: the log is as it was.
    let (rules, now) = (home.house.parts.rules(), home.house.clock.now());
    home.house.parts.writer.run(move |world| driver::catch_up(world, &rules, now)).await.expect("the store");
    assert_eq!(told(&home).await.len(), 2);
    let Home { house, folder, .. } = home;
    house.close().await.expect("an end");
    let home = Home::in_folder(folder, Fake::start().await, PAID, START, None).await;
    assert_eq!(told(&home).await.len(), 2);
    home.house.work().await.expect("the store");
    assert_eq!(told(&home).await, [""; 0]);
    let again = erase::carry_on(&home.house.parts.writer).await.expect("nothing to do");
    assert_eq!(again, 0);
    home.house.close().await.expect("an orderly end");
}

#[test]
fn a_replay_without_a_database_does_the_same() {
    let mut story = Story::new();
    for (key, phone) in [("t_1", SARA), ("t_2", REZA)] {
        story.event("cart.updated", cart(key, &["11"]));
        story.event("contact.captured", json!({"cart_key": key, "contact": {"phone": phone}}));
    }
    story.pass("61m");
    assert_eq!(story.sent.len(), 2);
    story.event(KIND, json!({"contact": {"phone": SARA}, "source": "wp-privacy"}));
    story.pass("3d");
    assert!(story.sent.len() > 2);
    assert_eq!(story.sent.iter().filter(|m| m.to == sara()).count(), 1);
}
