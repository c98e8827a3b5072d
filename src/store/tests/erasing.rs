//! Promise 12: after erasure no byte of the files tells the number or the name.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use crate::clock::At;
use crate::ids::SeededChance;
use crate::money::{Currency, Money};
use crate::phone::Phone;
use crate::state::model::{
    Cart, CartState, Contact, ContactId, Enrolment, EnrolmentId, EnrolmentState, HandOver, Item, Link, LinkKind,
    Message, MessageId, MessageState, OptOut, OptOutScope, Order, Reason, StaffWord, Subject,
};
use crate::state::world::World;
use crate::store::log::{self, Incoming};
use crate::store::{Readers, SqlWorld, Writer, db, erase, inbound};

const PEOPLE: i64 = 300;
const HER: i64 = 142;

fn phone(n: i64) -> Phone {
    Phone::from_e164(&format!("+98912000{n:04}")).unwrap()
}

fn name(n: i64) -> String {
    format!("Zarrinkolah{n:04}")
}

fn persian(text: &str) -> String {
    text.chars().map(|c| c.to_digit(10).and_then(|d| char::from_u32(0x06F0 + d)).unwrap_or(c)).collect()
}

fn event(id: String, kind: &str, data: &Value) -> Incoming {
    Incoming { event_id: id, kind: kind.to_owned(), time: At(1_000), data: data.to_string() }
}

/// What a shop tells of one person, the number in the forms that people type.
fn events_of(n: i64) -> Vec<Incoming> {
    let national = phone(n).national();
    let spaced = format!("{} {} {}", &national[..4], &national[4..7], &national[7..]);
    let person = |phone: &str| json!({ "phone": phone, "first_name": name(n), "user_id": n });
    let item = json!({ "product_id": 1, "name": "Socks", "quantity": 1, "unit_price": "5", "attributes": { "engraving": name(n) } });
    let order = json!({
        "order_id": n, "number": n.to_string(), "status": "processing", "total": "5", "currency": "IRT", "items": [item],
        "contact": person(&spaced), "billing_address": { "street": format!("at {}'s", name(n)), "phone": persian(&national) },
    });
    vec![
        event(
            format!("a{n}"),
            "cart.updated",
            &json!({ "cart_key": format!("k{n}"), "items": [item], "total": "5", "currency": "IRT", "note": name(n) }),
        ),
        event(
            format!("b{n}"),
            "contact.captured",
            &json!({ "cart_key": format!("k{n}"), "contact": person(&persian(&national)) }),
        ),
        event(format!("c{n}"), "order.created", &order),
        event(
            format!("d{n}"),
            "customer.updated",
            &json!({ "contact": { "user_id": n.to_string(), "last_name": name(n) } }),
        ),
        event(
            format!("e{n}"),
            "page.viewed",
            &json!({ "page": "/", "session": { "billing_phone": persian(&national) } }),
        ),
        event(format!("f{n}"), "link.followed", &json!({ "slug": format!("slug{n:03}"), "user_agent": name(n) })),
        event(
            format!("g{n}"),
            "review.created",
            &json!({ "product_id": 1, "link": format!("slug{n:03}"), "author": name(n) }),
        ),
    ]
}

fn live(world: &mut SqlWorld<'_>, n: i64) -> Result<()> {
    log::append(world.connection(), &events_of(n), At(2_000))?;
    log::reject(
        world.connection(),
        &format!("r{n}"),
        "x",
        "x",
        &format!("{{\"mobile\":\"{}\"", phone(n).national()),
        At(1),
    )?;
    let mut contact = Contact {
        id: ContactId(0),
        phone: None,
        user_id: Some(n.to_string()),
        first_name: Some(name(n)),
        last_name: None,
        locale: None,
        birthday: None,
        registered: None,
        country: None,
        consent: None,
        created: At(1),
        last_seen: At(1),
    };
    contact.id = world.add_contact(&contact)?;
    contact.phone = Some(phone(n));
    contact.last_name = Some(format!("{} and more, so that the row moves", name(n)));
    world.put_contact(&contact)?;
    let items = vec![Item {
        product_id: "1".to_owned(),
        variation_id: None,
        name: "Socks".to_owned(),
        quantity: 1,
        unit_price: Some("5".to_owned()),
        url: None,
        attributes: [("engraving".to_owned(), name(n))].into(),
    }];
    let total = Money { minor: 5, currency: Currency::IRT };
    let mut cart = Cart {
        key: format!("k{n}"),
        contact: Some(contact.id),
        episode: 1,
        state: CartState::Open,
        items: items.clone().into(),
        total,
        coupons: Vec::new(),
        checkout_url: None,
        checkout_started: None,
        began: At(1),
        last_action: At(1),
        told: At(1),
    };
    world.put_cart(&cart)?;
    cart.checkout_url = Some(format!("https://shop.example/checkout?name={}", name(n)));
    world.put_cart(&cart)?;
    world.put_order(&Order {
        id: n.to_string(),
        number: n.to_string(),
        contact: Some(contact.id),
        status: "processing".to_owned(),
        total,
        refunded: Money::zero(Currency::IRT),
        items: items.into(),
        coupons: Vec::new(),
        cart_key: None,
        tracking_url: Some(format!("https://post.example/{}", name(n))),
        shipping: None,
        payment_method: None,
        failed: None,
        link: None,
        created: At(1),
        placed: None,
        reached: std::collections::BTreeMap::new(),
        updated: At(1),
    })?;
    let enrolment = Enrolment {
        id: EnrolmentId(0),
        campaign: "abandoned_cart".to_owned(),
        contact: contact.id,
        subject: Subject::Cart { key: cart.key, episode: 1 },
        state: EnrolmentState::Active,
        anchor: At(1),
        since: At(1),
        entered: Some(At(1)),
        ended: None,
        end_reason: None,
        done: Vec::new(),
        left: None,
        texts_until: None,
        offer: None,
        arms: std::collections::BTreeMap::new(),
        asked: std::collections::BTreeMap::new(),
        replied: None,
        led_out: false,
        held_out: false,
        wake: Some(At(9)),
    };
    let enrolment = world.add_enrolment(&enrolment)?.unwrap();
    let (campaign, step) = ("abandoned_cart".to_owned(), "first".to_owned());
    world.tell_staff(&StaffWord { enrolment, contact: contact.id, campaign, step, text: name(n), at: At(5) })?;
    for step in ["first", "second"] {
        let id = world.add_message(&Message {
            id: MessageId(0),
            enrolment,
            contact: contact.id,
            campaign: "abandoned_cart".to_owned(),
            step: step.to_owned(),
            arm: None,
            state: MessageState::Scheduled,
            due: At(5),
            next_try: At(5),
            expires: At(50),
            reason: None,
            reference: None,
            attempts: 0,
            gateway: None,
            gateway_id: None,
            text: None,
            parts: 0,
            price: None,
            cost: None,
            coupon: None,
            offer: None,
            templated: false,
            service: false,
            doubted: false,
            handed: None,
            settled: None,
        })?;
        if step == "first" {
            let message = id.unwrap();
            world.hand_over(&HandOver {
                message,
                at: At(6),
                reference: n,
                gateway: "console".to_owned(),
                text: format!("{}! Your socks wait.", name(n)),
                parts: 1,
                price: total,
                coupon: None,
                offer: None,
                templated: false,
                service: false,
                link: Some(Link {
                    slug: format!("slug{n:03}"),
                    message,
                    contact: contact.id,
                    kind: LinkKind::Cart,
                    cart_key: None,
                    order_id: None,
                    product_id: None,
                    coupon: None,
                    own_coupon: None,
                    made: At(6),
                    expires: At(99_999),
                    hits: 0,
                    human_hits: 0,
                    first_human: None,
                }),
            })?;
        }
    }
    let reply = inbound::Inbound {
        gateway: "console".to_owned(),
        gateway_id: Some(n.to_string()),
        phone: phone(n),
        text: format!("I am {}", name(n)),
        at: At(7),
    };
    inbound::add(world.connection(), &reply)?;
    Ok(())
}

/// All bytes of all files.
fn bytes(dir: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(dir).unwrap().map(|f| f.unwrap().path());
    files.flat_map(|path| std::fs::read(path).unwrap()).collect()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|w| w == text.as_bytes())
}

#[tokio::test]
async fn promise_12_no_trace_of_number_or_name_stays_in_the_files() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shop.db");
    let writer = Writer::start(db::open_writer(&path, &SeededChance::new(1)).unwrap()).unwrap();
    let readers = Readers::open(&path, 2).unwrap();
    for n in 0..PEOPLE {
        // In an order that makes pages split in their middle.
        writer.run(move |world| live(world, (n * 7) % PEOPLE)).await.unwrap();
    }
    let gone =
        OptOut { at: At(8), source: "reply".to_owned(), scope: OptOutScope::Everything, until: None, again: At(8) };
    writer.run(move |world| world.put_opt_out(&phone(HER), &gone)).await.unwrap();

    let told = readers.with(|conn| erase::export(conn, &phone(HER), "IR")).unwrap().unwrap();
    assert_eq!(told["contact"]["first_name"], name(HER));
    assert_eq!(told["events"].as_array().unwrap().len(), 6);
    assert_eq!(told["messages"].as_array().unwrap().len(), 2);
    assert_eq!(told["replies"].as_array().unwrap().len(), 1);

    writer.run(|world| log::set_applied(world.connection(), PEOPLE * 7)).await.unwrap();
    let erased = erase::erase(&writer, &readers, &phone(HER), "IR", At(100)).await.unwrap();
    assert_eq!(erased, erase::Erased { known: true, events: 7, messages: 2, carts: 1, orders: 1 });

    let files = bytes(dir.path());
    let national = phone(HER).national();
    assert!(
        holds(&files, &phone(HER + 1).national()[1..]),
        "the others are still there, so the search finds what is there"
    );
    for trace in [
        name(HER),
        national[1..].to_owned(),
        persian(&national[1..]),
        format!("{} {}", &national[4..7], &national[7..]),
    ] {
        assert!(!holds(&files, &trace), "{trace} is still in the files");
    }

    readers
        .with(|conn| {
            let world = SqlWorld::new(conn);
            assert!(world.contact_by_phone(&phone(HER))?.is_none());
            assert!(world.contact_by_user(&HER.to_string())?.is_none());
            // Figures stay, and so does her wish.
            assert_eq!(world.order(&HER.to_string())?.unwrap().total.minor, 5);
            assert!(world.opt_out(&phone(HER))?.is_some());
            assert_eq!(world.spent_since(At(0), At::NEVER, Money::zero(Currency::IRT))?.minor, 5 * PEOPLE);
            let sent = world.message_by_reference(HER)?.unwrap();
            assert_eq!((sent.state, sent.text), (MessageState::Sending, None));
            let enrolment = world.enrolment(sent.enrolment)?.unwrap();
            assert_eq!((enrolment.state, enrolment.end_reason), (EnrolmentState::Ended, Some(Reason::Erased)));
            assert!(world.scheduled_of(sent.enrolment)?.is_empty());
            assert_eq!(world.link(&format!("slug{HER:03}"))?.unwrap().expires, At(100));
            assert_eq!(log::counts(conn)?.events, u64::try_from(PEOPLE * 7)?);
            // The others are untouched.
            let other = world.contact_by_phone(&phone(HER + 1))?.unwrap();
            assert_eq!(other.first_name, Some(name(HER + 1)));
            assert_eq!(world.open_enrolments(other.id)?.len(), 1);
            let mut redacted = 0;
            log::walk(conn, 0, |e| {
                redacted += usize::from(e.redacted);
                Ok(())
            })?;
            assert_eq!(redacted, 7);
            Ok(())
        })
        .unwrap();

    // Again, as after an interruption.
    let again = erase::erase(&writer, &readers, &phone(HER), "IR", At(101)).await.unwrap();
    assert_eq!(again, erase::Erased::default());
    tokio::task::spawn_blocking(move || writer.stop()).await.unwrap();
}
