//! Random acts on a world, over few people and things so that they meet often.

use std::collections::BTreeMap;
use std::fmt::Debug;

use anyhow::{Context, Result};
use proptest::prelude::*;

use crate::clock::{At, Span};
use crate::money::{Currency, Money};
use crate::phone::Phone;
use crate::send::gateway::StopScope;
use crate::state::consent::{Consent, Hand};
use crate::state::habits::{Doing, Happening, Subscription, View, Wanted, day_of};
use crate::state::model::{
    ArmCounts, ArmsAsked, Asked, Cart, CartState, Contact, ContactId, Coupon, Credit, Decision, Drawn, Enrolment,
    EnrolmentId, EnrolmentState, Evidence, HandOver, Hold, HoldScope, Item, Link, LinkKind, Message, MessageId,
    MessageState, OptOut, OptOutScope, Order, Outcome, OwnCoupon, Product, REFUNDED_SO_FAR, Reason, Review, Shipping,
    Shop, StaffWord, Stock, Subject, Tries, Whom,
};
use crate::state::news::Priced;
use crate::state::people::{
    Buying, Cuts, Definition, Measure, Membership, Move, PointsLine, Ranking, Rfm, Scores, Standing,
};
use crate::state::round::{Drip, Gaps, Round};
use crate::state::world::World;

/// One act. `who`, `what`, … pick from a few; [`play`] says what they mean for each act.
#[derive(Debug, Clone)]
pub struct Act {
    pub deed: Deed,
    pub who: i64,
    pub what: i64,
    pub other: Option<i64>,
    pub state: usize,
    pub at: i64,
    pub later: Option<i64>,
    pub amount: Option<i64>,
}

#[derive(Debug, Clone, Copy)]
pub enum Deed {
    AddContact,
    PutContact,
    Merge,
    Erase,
    OptOut,
    LiftOptOut,
    Block,
    PutCart,
    PutOrder,
    Refund,
    PutProduct,
    PutCoupon,
    AddReview,
    AddView,
    CountDoing,
    Want,
    Happen,
    Subscribe,
    Watch,
    Stir,
    Gaps,
    Round,
    Tag,
    Points,
    Define,
    Belong,
    Buy,
    Stand,
    Rank,
    PutShop,
    AddEnrolment,
    PutEnrolment,
    PutArmCounts,
    TellStaff,
    AddMessage,
    PutMessage,
    HandOver,
    Hit,
    WithdrawLink,
    PutCredit,
    PutHold,
    LiftHold,
    Decide,
}

pub fn act() -> impl Strategy<Value = Act> {
    use Deed::*;
    let deed = prop_oneof![
        8 => Just(AddContact), 2 => Just(PutContact), 5 => Just(Merge), 3 => Just(Erase), 3 => Just(OptOut), 1 => Just(LiftOptOut),
        1 => Just(Block), 3 => Just(PutCart), 3 => Just(PutOrder), 2 => Just(Refund), 1 => Just(PutProduct),
        1 => Just(PutCoupon), 2 => Just(AddReview), 3 => Just(AddView), 2 => Just(CountDoing), 2 => Just(Want), 2 => Just(Tag), 2 => Just(Points), 1 => Just(Define),
        2 => Just(Belong), 3 => Just(Buy), 3 => Just(Stand), 1 => Just(Rank), 2 => Just(Happen), 2 => Just(Subscribe), 3 => Just(Watch), 2 => Just(Stir), 2 => Just(Gaps), 1 => Just(Round), 1 => Just(PutShop), 14 => Just(AddEnrolment), 3 => Just(PutEnrolment), 1 => Just(PutArmCounts), 1 => Just(TellStaff),
        20 => Just(AddMessage), 8 => Just(PutMessage), 20 => Just(HandOver), 5 => Just(Hit), 1 => Just(WithdrawLink), 4 => Just(PutCredit),
        1 => Just(PutHold), 1 => Just(LiftHold), 2 => Just(Decide),
    ];
    let some = |range: std::ops::Range<i64>| proptest::option::weighted(0.7, range);
    (deed, 1..5i64, 1..7i64, some(1..5), 0..8usize, 0..400i64, some(0..400), some(-50..1_000)).prop_map(
        |(deed, who, what, other, state, at, later, amount)| Act { deed, who, what, other, state, at, later, amount },
    )
}

/// Moments over two days, every second of which begins a quarter of an hour.
fn moment(n: i64) -> At {
    At(n * 450_000)
}

fn phone(n: i64) -> Phone {
    Phone::from_e164(&format!("+98912000000{n}")).unwrap()
}

fn currency(n: i64) -> Currency {
    if n % 4 == 0 { Currency::EUR } else { Currency::IRT }
}

fn pick<T: Copy>(all: &[T], n: usize) -> T {
    all[n % all.len()]
}

fn items(a: &Act) -> Vec<Item> {
    (0..a.what % 3)
        .map(|n| Item {
            product_id: n.to_string(),
            variation_id: a.other.map(|v| v.to_string()),
            name: "جوراب".to_owned(),
            quantity: 1,
            unit_price: None,
            url: None,
            attributes: BTreeMap::from([("attribute_colour".to_owned(), "Green".to_owned())]),
        })
        .collect()
}

fn contact(a: &Act) -> Contact {
    Contact {
        id: ContactId(a.who),
        phone: a.other.map(phone),
        user_id: a.later.map(|u| format!("u{}", u % 3)),
        first_name: a.amount.map(|n| format!("n{n}")),
        last_name: None,
        locale: a.other.map(|_| "fa_IR".to_owned()),
        birthday: None,
        registered: a.later.map(moment),
        country: None,
        consent: a.amount.map(|_| Consent {
            marketing: true,
            source: "checkout".to_owned(),
            text: None,
            at: moment(a.at),
            hand: if a.later.is_some() { Hand::Own } else { Hand::Session("t_1".to_owned()) },
        }),
        created: moment(a.at),
        last_seen: moment(a.at),
    }
}

fn subject(n: i64) -> Subject {
    if n % 2 == 0 {
        Subject::Order { id: (n % 3).to_string() }
    } else {
        Subject::Cart { key: format!("k#{}", n % 3), episode: 1 }
    }
}

fn enrolment(a: &Act) -> Enrolment {
    let at = moment(a.at);
    Enrolment {
        id: EnrolmentId(a.what),
        campaign: format!("campaign{}", a.state % 2),
        contact: ContactId(a.who),
        subject: subject(a.what),
        state: pick(EnrolmentState::ALL, a.state),
        anchor: moment(a.at),
        since: moment(a.at),
        entered: a.later.map(moment),
        ended: None,
        end_reason: a.other.map(|_| Reason::Ordered),
        done: a.other.iter().map(|n| format!("step{n}")).collect(),
        left: a.later.map(moment),
        texts_until: a.other.map(moment),
        arms: a.amount.iter().map(|n| (format!("step{}", n % 3), Drawn { arm: format!("arm{}", n % 2), at })).collect(),
        asked: a.later.iter().map(|n| (format!("step{}", n % 3), asked(a))).collect(),
        replied: a.amount.map(moment),
        held_out: a.who % 2 == 0,
        led_out: a.what % 2 == 0,
        offer: None,
        wake: a.later.map(moment),
    }
}

fn asked(a: &Act) -> Asked {
    Asked {
        asked: a.other.map(moment),
        until: moment(a.at),
        answer: a.amount.map(|n| format!("answer{}", n % 3)),
        answered: a.amount.map(moment),
    }
}

fn message(a: &Act, contact: ContactId) -> Message {
    Message {
        id: MessageId(a.who),
        enrolment: EnrolmentId(a.what),
        contact,
        campaign: "campaign0".to_owned(),
        step: format!("step{}", a.other.unwrap_or_default()),
        arm: a.amount.map(|n| format!("arm{}", n % 3)),
        state: pick(MessageState::ALL, a.state),
        due: moment(a.at),
        next_try: if a.at % 7 == 0 { At::NEVER } else { moment(a.at) },
        expires: moment(a.at + 9),
        reason: a.later.map(|_| Reason::CapDay),
        reference: a.later.map(|n| n % 5),
        attempts: 1,
        gateway: Some("console".to_owned()),
        gateway_id: a.other.map(|n| n.to_string()),
        text: Some("سلام".to_owned()),
        parts: 2,
        price: a.amount.map(|minor| Money { minor, currency: currency(a.what) }),
        cost: a.other.map(|minor| Money { minor, currency: currency(a.at) }),
        coupon: None,
        offer: None,
        templated: a.who % 2 == 0,
        service: a.what % 3 == 0,
        doubted: a.who % 3 == 0,
        handed: a.later.map(moment),
        settled: None,
    }
}

fn link(a: &Act, message: MessageId, contact: ContactId) -> Link {
    Link {
        slug: format!("slug{}", a.what),
        message,
        contact,
        kind: pick(LinkKind::ALL, a.state),
        cart_key: Some("k".to_owned()),
        order_id: None,
        product_id: None,
        // Of one's own by the message: two links never give the same.
        coupon: Some(if a.what % 2 == 0 { format!("own{}", message.0) } else { "off5".to_owned() }),
        own_coupon: (a.what % 2 == 0).then(|| OwnCoupon {
            discount_type: "percent".to_owned(),
            amount: "10".to_owned(),
            free_shipping: a.who % 2 == 0,
            lives: a.later.map(Span),
            minimum: None,
            products: vec!["12".to_owned()],
            friends: a.who % 3 == 0,
        }),
        made: moment(a.at),
        expires: moment(a.at + 100),
        hits: 0,
        human_hits: 0,
        first_human: None,
    }
}

fn said(answer: impl Debug) -> Result<String> {
    Ok(format!("{answer:?}"))
}

/// Does one act; the text is what the world answered.
pub fn play<W: World>(world: &mut W, a: &Act) -> Result<String> {
    let at = moment(a.at);
    let money = Money { minor: a.amount.unwrap_or(7), currency: currency(a.what) };
    match a.deed {
        Deed::AddContact => said(world.add_contact(&contact(a))?),
        Deed::PutContact => said(world.put_contact(&contact(a))?),
        Deed::Merge => said(world.merge_contacts(ContactId(a.who), ContactId(a.what))?),
        Deed::Erase => {
            let known = world.contact(ContactId(a.who))?.context("no such contact")?;
            let whom = Whom { contact: Some(known.id), phone: known.phone, user_id: known.user_id };
            said(world.erase(&whom, "IR", at)?)
        }
        Deed::OptOut => said(world.put_opt_out(
            &phone(a.who),
            &OptOut {
                at,
                source: format!("s{}", a.what),
                scope: pick(OptOutScope::ALL, a.state),
                until: a.other.map(moment),
                again: at,
            },
        )?),
        Deed::LiftOptOut => said(world.lift_opt_out(&phone(a.who))?),
        Deed::Block => said(world.put_blocked(&phone(a.who), at)?),
        Deed::PutCart => said(world.put_cart(&Cart {
            key: format!("k{}", a.what),
            contact: a.other.map(ContactId),
            episode: 1,
            state: pick(CartState::ALL, a.state),
            items: items(a).into(),
            total: money,
            coupons: vec!["off5".to_owned()],
            checkout_url: None,
            checkout_started: a.later.map(moment),
            began: at,
            last_action: at,
            told: at,
        })?),
        Deed::PutOrder => said(world.put_order(&Order {
            id: a.what.to_string(),
            number: format!("#{}", a.what),
            contact: a.other.map(ContactId),
            status: "processing".to_owned(),
            total: money,
            refunded: Money::zero(money.currency),
            items: items(a).into(),
            coupons: Vec::new(),
            cart_key: Some(format!("k{}", a.who)),
            tracking_url: None,
            shipping: a.amount.map(|n| Shipping {
                state: Some("shipped".to_owned()),
                tracking_code: Some(n.to_string()),
                carrier: None,
            }),
            payment_method: a.later.map(|_| "cod".to_owned()),
            failed: a.later.map(moment),
            link: None,
            created: at,
            placed: a.later.map(moment),
            reached: BTreeMap::from([("processing".to_owned(), at)]),
            updated: at,
        })?),
        Deed::Refund => said(world.add_refund(
            &a.what.to_string(),
            &if a.state < 4 { a.who.to_string() } else { format!("{REFUNDED_SO_FAR}{}", a.who) },
            money,
            at,
        )?),
        Deed::PutProduct => said(world.put_product(&Product {
            id: a.what.to_string(),
            name: "جوراب".to_owned(),
            url: "https://shop.example/p".to_owned(),
            price: a.amount.map(|minor| Money { minor, ..money }),
            regular_price: a.later.map(|minor| Money { minor, ..money }),
            stock: pick(Stock::ALL, a.state),
            stock_quantity: a.other,
            categories: vec!["socks".to_owned()],
            cross_sells: vec![a.who.to_string()],
            upsells: vec![a.what.to_string()],
            image: None,
            variations: a.later.map(|n| n.to_string()).into_iter().collect(),
            published: a.who % 2 == 0,
            prices: a.amount.iter().map(|minor| Priced { since: at, minor: *minor }).collect(),
            out: a.later.map(moment),
            back: a.other.map(moment),
            updated: at,
        })?),
        Deed::PutCoupon => said(world.put_coupon(&Coupon {
            minimum: None,
            code: format!("off{}", a.what),
            kind: "percent".to_owned(),
            amount: "5".to_owned(),
            expires: a.later.map(moment),
            usage_limit: a.other,
            usage_count: a.who,
            deleted: a.who == 1,
            updated: at,
        })?),
        Deed::AddReview => {
            let review = Review { product_id: a.what.to_string(), order_id: a.later.map(|n| n.to_string()), at };
            let id = a.amount.map(|n| (n % 3).to_string());
            world.add_review(a.other.map(ContactId), id.as_deref(), &review)?;
            said(world.adopt_reviews(&a.what.to_string(), ContactId(a.who))?)
        }
        Deed::AddView => {
            let view = View {
                cart_key: a.later.map(|n| format!("k{}", n % 7)),
                product_id: a.what.to_string(),
                variation_id: a.amount.map(|n| (n % 3).to_string()),
                seconds: 30,
                link: None,
                at,
            };
            if a.state == 0 {
                return said(world.adopt_views(&format!("k{}", a.what), ContactId(a.who))?);
            }
            said(world.add_view(a.other.map(ContactId), &view)?)
        }
        Deed::CountDoing => {
            let doing = if a.what % 2 == 0 { Doing::Login } else { Doing::Page(format!("/{}", a.state)) };
            said(world.count_doing(ContactId(a.who), &doing, day_of(at))?)
        }
        Deed::Want => {
            let variation_id = a.other.map(|n| (n % 3).to_string()).filter(|v| v != "0");
            let wanted = Wanted { product_id: a.what.to_string(), variation_id, at };
            if a.state == 0 {
                return said(world.drop_wanted(ContactId(a.who), &wanted)?);
            }
            said(world.put_wanted(ContactId(a.who), &wanted)?)
        }
        Deed::Happen => {
            let fields = BTreeMap::from([("plan".to_owned(), a.state.to_string())]);
            let happening = Happening { id: format!("e{}", a.what), name: "demo".to_owned(), fields, at };
            said(world.add_happening(ContactId(a.who), &happening)?)
        }
        Deed::Subscribe => {
            let subscription = Subscription {
                id: a.what.to_string(),
                status: if a.state.is_multiple_of(2) { "active" } else { "cancelled" }.to_owned(),
                ends: a.later.map(moment),
                term: a.other.map(moment),
                updated: at,
            };
            said(world.put_subscription(ContactId(a.who), &subscription)?)
        }
        Deed::Watch => {
            let products = (0..a.what % 4).map(|n| ((n + a.at) % 6).to_string()).collect();
            said(world.put_watches(ContactId(a.who), &products)?)
        }
        Deed::Stir => {
            let product = a.what.to_string();
            match a.state % 4 {
                0 => said(world.put_stirred(&product, None)?),
                1 => said(world.put_stirred(&product, a.other.map(ContactId))?),
                _ => said(world.stir(&product)?),
            }
        }
        Deed::Gaps => {
            let (round, product) = (moment(a.at % 3), a.other.map(|n| n.to_string()));
            if a.state == 0 {
                world.keep_sales(round)?;
                return said(world.keep_gaps(round)?);
            }
            world.add_sale(round, &a.what.to_string(), product.as_deref())?;
            said(world.add_gaps(round, product.as_deref(), Gaps { sum: Span(a.at), times: 1 })?)
        }
        Deed::Round => said(world.put_round(&Round {
            began: at,
            cursor: ContactId(a.who),
            finished: a.what % 2 == 0,
            campaigns: u64::MAX - 1,
            on: BTreeMap::from([("campaign0".to_owned(), at)]),
            drip: Drip { day: at, entered: BTreeMap::from([("campaign0".to_owned(), 3)]) },
        })?),
        Deed::Tag if a.state == 0 => said(world.drop_tag(ContactId(a.who), &format!("t{}", a.what % 3))?),
        Deed::Tag => said(world.put_tag(ContactId(a.who), &format!("t{}", a.what % 3), at)?),
        Deed::Points => said(world.add_points(
            ContactId(a.who),
            &PointsLine {
                at,
                change: money.minor,
                about: format!("order:{}", a.what),
                part: u32::try_from(a.state % 3).unwrap(),
                expires: a.later.map(moment),
                rate: a.other,
            },
        )?),
        Deed::Define => {
            let definition = Definition { who: format!("contact.orders > {}", a.what), since: at };
            said(world.put_definition(&format!("s{}", a.who), a.other.map(|_| &definition))?)
        }
        Deed::Belong if a.state == 0 => said(world.drop_membership(ContactId(a.who), &format!("s{}", a.what % 3))?),
        Deed::Belong => {
            world.put_looked(ContactId(a.who), at)?;
            let segment = format!("s{}", a.what % 3);
            let membership = Membership { segment, since: a.later.map(moment), until: a.other.map(moment) };
            said(world.put_membership(ContactId(a.who), &membership)?)
        }
        Deed::Buy => {
            let buying = Buying { last: at, orders: u32::try_from(a.what).unwrap(), spent: money.minor };
            said(world.put_buying(ContactId(a.who), a.other.map(|_| &buying))?)
        }
        Deed::Stand => {
            let (contact, rfm) = (ContactId(a.who), pick(Rfm::ALL, a.state));
            let scores = Scores { recency: 5, frequency: u8::try_from(a.what).unwrap(), monetary: 1 };
            world.put_standing(contact, &Standing { rfm, scores, since: at })?;
            said(world.add_move(&Move { contact, from: Rfm::Lost, to: rfm, at })?)
        }
        Deed::Rank => {
            let cuts = match a.other {
                Some(mean) => Cuts::Fixed { mean },
                None => Cuts::Fifths { last: vec![a.at], orders: vec![1, 2], spent: vec![a.what] },
            };
            let after = ContactId(a.who);
            said(world.put_ranking(&Ranking { night: at, cuts, after, finished: a.state == 0 })?)
        }
        Deed::PutShop => said(world.put_shop(&Shop {
            name: format!("shop {}", a.what),
            url: "https://shop.example".to_owned(),
            currency: money.currency,
            timezone: None,
            locale: None,
            country: None,
            needs_yes: a.amount.map(|n| n % 2 == 0),
        })?),
        Deed::AddEnrolment => said(world.add_enrolment(&enrolment(a))?),
        Deed::PutEnrolment => said(world.put_enrolment(&enrolment(a))?),
        Deed::TellStaff => {
            let enrolment = world.enrolment(EnrolmentId(a.what))?.context("no such enrolment")?;
            said(world.tell_staff(&StaffWord {
                enrolment: enrolment.id,
                contact: enrolment.contact,
                campaign: enrolment.campaign,
                step: format!("step{}", a.who % 2),
                text: "سلام".to_owned(),
                at,
            })?)
        }
        Deed::PutArmCounts => {
            let arms = BTreeMap::from([("a".to_owned(), Tries { tries: 9, wins: u64::from(a.what % 2 == 0) })]);
            said(world.put_arm_counts("campaign0", &format!("step{}", a.who % 3), &ArmCounts { counted: at, arms })?)
        }
        Deed::AddMessage => {
            let enrolment = world.enrolment(EnrolmentId(a.what))?.context("no such enrolment")?;
            said(world.add_message(&message(a, enrolment.contact))?)
        }
        Deed::PutMessage => said(world.put_message(&message(a, ContactId(a.who)))?),
        Deed::HandOver => {
            let message = world.message(MessageId(a.who))?.context("no such message")?;
            said(world.hand_over(&HandOver {
                message: message.id,
                at,
                reference: message.reference.unwrap_or(100 + a.at),
                gateway: "console".to_owned(),
                text: "سلام".to_owned(),
                parts: 1,
                price: money,
                coupon: None,
                offer: None,
                templated: a.what % 2 == 0,
                service: a.who % 3 == 0,
                link: a.other.map(|_| link(a, message.id, message.contact)),
            })?)
        }
        Deed::Hit => {
            let cart = a.other.map(|n| format!("k{n}"));
            said(world.count_hit(&format!("slug{}", a.what), at, a.who % 2 == 0, cart.as_deref())?)
        }
        Deed::WithdrawLink => said(world.withdraw_link(&format!("slug{}", a.what), at)?),
        Deed::PutCredit => said(world.put_credit(&Credit {
            order_id: a.what.to_string(),
            message: MessageId(a.who),
            campaign: "campaign0".to_owned(),
            step: "step1".to_owned(),
            evidence: pick(Evidence::ALL, a.state),
            at,
            total: money,
            kept: money,
            bought_offer: a.what == 2,
        })?),
        Deed::PutHold => said(world.put_hold(&Hold {
            scope: held(a.what),
            why: "credit".to_owned(),
            since: at,
            until: a.other.map(moment),
        })?),
        Deed::LiftHold => said(world.lift_hold(&held(a.what))?),
        Deed::Decide => said(world.decide(&Decision {
            at,
            contact: ContactId(a.who),
            enrolment: a.other.map(EnrolmentId),
            message: None,
            campaign: Some("campaign0".to_owned()),
            step: None,
            reason: pick(Reason::ALL, a.state),
            detail: None,
        })?),
    }
}

fn held(n: i64) -> HoldScope {
    match n % 3 {
        0 => HoldScope::All,
        1 => HoldScope::Campaign(format!("c{n}")),
        _ => HoldScope::Gateway(format!("g{n}"), StopScope::Credit),
    }
}

/// Everything that can be asked, answered: two worlds that say the same here cannot be told apart.
pub fn tell<W: World>(world: &W) -> Result<Vec<String>> {
    let mut told = Vec::new();
    let mut tell = |question: &str, answer: &dyn Debug| told.push(format!("{question}: {answer:?}"));
    for n in 0..9 {
        let (contact, text) = (ContactId(n), n.to_string());
        let since = moment(n * 44 + n % 2);
        let until = moment(n * 90);
        let enrolment = world.enrolment(EnrolmentId(n))?;
        tell("contact", &world.contact(contact)?);
        tell("phone", &world.contact_by_phone(&phone(n))?);
        tell("user", &world.contact_by_user(&format!("u{n}"))?);
        tell("opt_out", &world.opt_out(&phone(n))?);
        tell("blocked", &world.is_blocked(&phone(n))?);
        tell("cart", &world.cart(&format!("k{n}"))?);
        tell("carts", &world.carts_of(contact)?);
        tell("order", &world.order(&text)?);
        tell("orders", &world.orders_of(contact)?);
        tell("happenings", &world.happenings_of(contact)?);
        tell("subscription", &world.subscription(&text)?);
        tell("subscriptions", &world.subscriptions_of(contact)?);
        tell("contacts_after", &world.contacts_after(contact, 2)?);
        tell("watches", &world.watches_of(contact)?);
        tell("watching", &world.watching(&text, ContactId(n % 3), 2)?);
        tell("gaps", &world.gaps((n > 0).then_some(text.as_str()))?);
        tell("sales", &world.best_sold((n > 0).then_some(text.as_str()), 3)?);
        tell("stirred", &(world.stirred()?, world.round()?));
        tell("refunds", &world.refunds_of(&text, Money::zero(currency(n)))?);
        tell("product", &world.product(&text)?);
        tell("coupon", &world.coupon(&format!("off{n}"))?);
        tell("reviews", &world.reviews_of(contact)?);
        tell("views", &world.views_of(contact, since)?);
        tell("doings", &world.doings_of(contact, At(since.0 / 2))?);
        tell("wanted", &world.wanted_of(contact)?);
        tell("wanting", &world.wanting(&text, 3)?);
        tell("tags", &world.tags_of(contact)?);
        tell("points", &world.points_of(contact)?);
        tell("looked", &world.looked(contact)?);
        tell("memberships", &world.memberships_of(contact)?);
        tell("buying", &world.buying_of(contact)?);
        tell("buyers after", &world.buyers_after(contact, 2)?);
        tell("standing", &world.standing_of(contact)?);
        tell("moves", &world.moves_of(contact)?);
        tell("enrolment", &enrolment);
        tell("open", &world.open_enrolments(contact)?);
        for campaign in ["campaign0", "campaign1"] {
            tell("occasion", &world.knows_occasion(campaign, contact, &subject(n).occasion())?);
            tell("entered", &world.last_entered(campaign, contact)?);
        }
        let step = format!("step{}", n % 3);
        tell("arm counts", &world.arm_counts("campaign0", &step)?);
        for outcome in [Outcome::Ordered, Outcome::Reviewed, Outcome::Ended(Reason::Ordered)] {
            let (campaign, step) = ("campaign0".to_owned(), step.clone());
            let (until, now, window) = (moment(200 + n), moment(300 + n), Span(20 * 450_000));
            tell("arms", &world.count_arms(&ArmsAsked { campaign, step, outcome, since, until, now, window })?);
        }
        tell("due enrolments", &world.due_enrolments(since, 3)?);
        tell("message", &world.message(MessageId(n))?);
        tell("reference", &world.message_by_reference(n)?);
        tell("gateway id", &world.message_by_gateway_id("console", &text)?);
        tell("scheduled", &world.scheduled_of(EnrolmentId(n))?);
        tell("due messages", &world.due_messages(since, 3)?);
        tell("to ask", &world.messages_to_ask(since, 3)?);
        tell("handed", &world.handed_since(contact, since)?);
        tell("sending", &world.is_sending_to(contact)?);
        tell("waiting", &world.waiting_for(contact)?);
        tell("by gateway", &world.handed_by_gateway_since("console", since, 3)?);
        tell(
            "spent by campaign",
            &world.spent_by_campaign_since(
                "campaign0",
                At(since.0 - since.0 % 900_000),
                until,
                Money::zero(currency(n)),
            )?,
        );
        tell("spent", &world.spent_since(since, until, Money::zero(currency(n)))?);
        tell("spent, uneven", &world.spent_since(At(since.0 + 1_234), until, Money::zero(Currency::IRT))?);
        tell("link", &world.link(&format!("slug{n}"))?);
        tell("link of", &world.link_of_message(MessageId(n))?);
        tell("link by code", &world.link_by_own_coupon(&format!("own{n}"))?);
        tell("candidates", &world.credit_candidates(contact, since)?);
        tell("followed", &world.followed_in_cart(&format!("k{n}"), since)?);
        tell("credit", &world.credit(&text)?);
        tell("decisions", &world.decisions_of(contact, 3)?);
    }
    tell("definitions", &world.definitions()?);
    tell("buyers", &world.count_buyers()?);
    for by in [Measure::Last, Measure::Orders, Measure::Spent] {
        tell("buyers at", &world.buyers_at(by, &[0, 1, 9])?);
    }
    tell("ranking", &world.ranking()?);
    tell("shop", &world.shop()?);
    tell("next", &world.next_moment()?);
    tell("holds", &world.holds()?);
    for state in EnrolmentState::ALL {
        tell("count", &world.count_enrolments(*state)?);
    }
    for state in MessageState::ALL {
        tell("in state", &world.messages_in(*state, 4)?);
    }
    Ok(told)
}
