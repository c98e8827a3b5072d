//! A database in a temporary folder, and short words to fill it with.

use std::collections::BTreeMap;

use bazgasht::clock::{At, Span};
use bazgasht::ids::{Chance, SeededChance};
use bazgasht::measure::credit;
use bazgasht::money::{Currency, Money};
use bazgasht::phone::Phone;
use bazgasht::rules::Rules;
use bazgasht::state::model::OptOutScope;
use bazgasht::state::model::{
    Contact, ContactId, Enrolment, EnrolmentId, EnrolmentState, HandOver, Item, Link, LinkKind, Message, MessageId,
    MessageState, OptOut, Order, Reason, Review, Subject,
};
use bazgasht::state::world::World;
use bazgasht::store::{SqlWorld, db};
use rusqlite::Connection;

use crate::world::story;

pub const CAMPAIGNS: &str = r#"
language = "en"

[[campaign]]
id = "cart"
name = "Basket left behind"
trigger = { on = "cart_abandoned", idle = "45m" }
goal = "order"
[[campaign.step]]
id = "first"
after = "1h"
text = """
Your cart waits.
{{ link }}
"""
[[campaign.step]]
id = "second"
after = "24h"
coupon = "five"
text = """
Five percent off:
{{ coupon.code }}
{{ link }}
"""

[[campaign]]
id = "review"
name = "=Review, please"
trigger = { on = "order_status", status = "completed" }
goal = "review"
[[campaign.step]]
id = "ask"
after = "7d"
link = "review"
text = """
How do you like it?
{{ link }}
"""

[coupons.five]
code = "off5"
percent = 5
"#;

/// Tuesday noon in Tehran.
pub const START: &str = "2026-11-24T12:00:00+03:30";

pub fn rial(minor: i64) -> Money {
    Money { minor, currency: Currency::IRR }
}

pub fn toman(minor: i64) -> Money {
    Money { minor, currency: Currency::IRT }
}

pub struct Stage {
    pub folder: tempfile::TempDir,
    pub conn: Connection,
    pub rules: Rules,
    pub chance: SeededChance,
}

impl Stage {
    pub fn new() -> Stage {
        let folder = tempfile::tempdir().unwrap();
        let mut rules =
            story::rules(CAMPAIGNS, "[shop]\ntimezone = \"Asia/Tehran\"\ncountry = \"IR\"\ncurrency = \"IRT\"\n");
        rules.settings.database = folder.path().join("shop.db");
        let chance = SeededChance::new(5);
        let conn = db::open_writer(&rules.settings.database, &chance).unwrap();
        // Nothing here is to survive a power cut.
        conn.pragma_update(None, "synchronous", "off").unwrap();
        Stage { folder, conn, rules, chance }
    }

    pub fn world(&self) -> SqlWorld<'_> {
        SqlWorld::new(&self.conn)
    }

    /// `09120000001` for 1.
    pub fn person(&self, n: u32, at: At) -> ContactId {
        let contact = Contact {
            id: ContactId(0),
            phone: Some(phone(n)),
            user_id: None,
            first_name: Some("Sara".into()),
            last_name: Some("Ahmadi".into()),
            locale: None,
            birthday: None,
            registered: None,
            country: None,
            consent: None,
            created: at,
            last_seen: at,
        };
        self.world().add_contact(&contact).unwrap()
    }

    pub fn enter(&self, campaign: &str, contact: ContactId, subject: Subject, at: At) -> EnrolmentId {
        let enrolment = Enrolment {
            id: EnrolmentId(0),
            campaign: campaign.into(),
            contact,
            subject,
            state: EnrolmentState::Active,
            anchor: at,
            since: at,
            entered: Some(at),
            ended: None,
            end_reason: None,
            done: Vec::new(),
            offer: None,
            left: None,
            texts_until: None,
            arms: std::collections::BTreeMap::new(),
            asked: std::collections::BTreeMap::new(),
            replied: None,
            led_out: false,
            held_out: false,
            wake: None,
        };
        self.world().add_enrolment(&enrolment).unwrap().expect("a new occasion")
    }

    /// Ended, so that another of the same campaign can begin.
    pub fn end(&self, id: EnrolmentId, at: At) {
        let world = &mut self.world();
        let enrolment = world.enrolment(id).unwrap().unwrap();
        let ended = Enrolment {
            state: EnrolmentState::Ended,
            ended: Some(at),
            end_reason: Some(Reason::Finished),
            ..enrolment
        };
        world.put_enrolment(&ended).unwrap();
    }

    pub fn plan(&self, enrolment: EnrolmentId, step: &str, due: At) -> MessageId {
        let world = &mut self.world();
        let of = world.enrolment(enrolment).unwrap().unwrap();
        let message = Message {
            id: MessageId(0),
            enrolment,
            contact: of.contact,
            campaign: of.campaign,
            step: step.into(),
            arm: None,
            state: MessageState::Scheduled,
            due,
            next_try: due,
            expires: due.plus(Span::hours(24)),
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
        };
        world.add_message(&message).unwrap().expect("a new step")
    }

    /// Planned and handed over at `at`; returns its link's slug too.
    pub fn send(&self, enrolment: EnrolmentId, step: &str, at: At, what: &Sent) -> (MessageId, String) {
        let id = self.plan(enrolment, step, at);
        let world = &mut self.world();
        let message = world.message(id).unwrap().unwrap();
        let subject = world.enrolment(enrolment).unwrap().unwrap().subject;
        let slug = self.chance.slug();
        let link = Link {
            slug: slug.clone(),
            message: id,
            contact: message.contact,
            kind: what.link,
            cart_key: None,
            order_id: match subject {
                Subject::Order { id } => Some(id),
                _ => None,
            },
            product_id: None,
            coupon: what.coupon.map(str::to_owned),
            own_coupon: None,
            made: at,
            expires: at.plus(Span::days(30)),
            hits: 0,
            human_hits: 0,
            first_human: None,
        };
        world
            .hand_over(&HandOver {
                message: id,
                at,
                reference: self.chance.reference(),
                gateway: "console".into(),
                text: "Your cart waits.".into(),
                parts: what.parts,
                price: what.price,
                coupon: what.coupon.map(str::to_owned),
                offer: what.offer.map(str::to_owned),
                templated: false,
                service: false,
                link: Some(link),
            })
            .unwrap();
        self.becomes(id, what.state, what.reason, what.cost);
        (id, slug)
    }

    pub fn becomes(&self, id: MessageId, state: MessageState, reason: Option<Reason>, cost: Option<Money>) {
        let world = &mut self.world();
        let message = world.message(id).unwrap().unwrap();
        world
            .put_message(&Message { state, reason, cost: cost.or(message.cost), next_try: At::NEVER, ..message })
            .unwrap();
    }

    /// What a refusal leaves: never handed over.
    pub fn refused(&self, id: MessageId, reason: Reason) {
        let world = &mut self.world();
        let message = world.message(id).unwrap().unwrap();
        let refused =
            Message { state: MessageState::Failed, reason: Some(reason), handed: None, next_try: At::NEVER, ..message };
        world.put_message(&refused).unwrap();
    }

    pub fn follow(&self, slug: &str, at: At, human: bool) {
        self.world().count_hit(slug, at, human, None).unwrap();
    }

    pub fn order(&self, id: &str, contact: ContactId, at: At, total: Money, products: &[&str], coupons: &[&str]) {
        let world = &mut self.world();
        let item = |product: &&str| Item {
            product_id: (*product).into(),
            variation_id: None,
            name: "Tea".into(),
            quantity: 1,
            unit_price: None,
            url: None,
            attributes: BTreeMap::new(),
        };
        world
            .put_order(&Order {
                id: id.into(),
                number: id.into(),
                contact: Some(contact),
                status: "processing".into(),
                total,
                refunded: Money::zero(total.currency),
                items: products.iter().map(item).collect(),
                coupons: coupons.iter().map(|c| (*c).to_owned()).collect(),
                cart_key: None,
                tracking_url: None,
                shipping: None,
                payment_method: None,
                failed: None,
                link: None,
                created: at,
                placed: Some(at),
                reached: BTreeMap::from([("processing".to_owned(), at)]),
                updated: at,
            })
            .unwrap();
        credit::look_again(world, id).unwrap();
    }

    pub fn refund(&self, id: &str, amount: Money, at: At) {
        let world = &mut self.world();
        world.add_refund(id, &at.0.to_string(), amount, at).unwrap();
        let order = world.order(id).unwrap().unwrap();
        let refunded = world.refunds_of(id, Money::zero(amount.currency)).unwrap();
        world.put_order(&Order { refunded, ..order }).unwrap();
        credit::look_again(world, id).unwrap();
    }

    pub fn review(&self, contact: ContactId, product: &str, at: At) {
        let review = Review { product_id: product.into(), order_id: None, at };
        self.world().add_review(Some(contact), None, &review).unwrap();
    }

    pub fn opt_out(&self, n: u32, at: At) {
        self.world()
            .put_opt_out(
                &phone(n),
                &OptOut { at, source: "link".into(), scope: OptOutScope::Everything, until: None, again: at },
            )
            .unwrap();
    }
}

pub struct Sent {
    pub state: MessageState,
    pub reason: Option<Reason>,
    pub parts: u32,
    pub price: Money,
    pub cost: Option<Money>,
    pub link: LinkKind,
    pub coupon: Option<&'static str>,
    pub offer: Option<&'static str>,
}

impl Default for Sent {
    fn default() -> Sent {
        Sent {
            state: MessageState::Delivered,
            reason: None,
            parts: 2,
            price: rial(2_000),
            cost: None,
            link: LinkKind::Cart,
            coupon: None,
            offer: None,
        }
    }
}

pub fn phone(n: u32) -> Phone {
    Phone::from_e164(&format!("+98912000{n:04}")).unwrap()
}

pub fn cart(key: &str) -> Subject {
    Subject::Cart { key: key.into(), episode: 1 }
}

pub fn about(order: &str) -> Subject {
    Subject::Order { id: order.into() }
}
