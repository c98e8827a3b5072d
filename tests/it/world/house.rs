//! A story with the real door, the real database and Kavenegar's protocol: a [`House`] whose gateway is the fake.

use std::sync::Arc;
use std::time::Duration;

use bazgasht::clock::{Clock, HandClock, Span};
use bazgasht::daemon::house::{House, Plan, Taken, always};
use bazgasht::daemon::start::{Load, MakeGateways};
use bazgasht::phone::Phone;
use bazgasht::rules::Rules;
use bazgasht::secret::Secret;
use bazgasht::send::gateway::{Gateway, Registry};
use bazgasht::send::gateways::kavenegar::{Kavenegar, KavenegarOptions};
use bazgasht::send::gateways::wire::Patience;
use bazgasht::state::model::{Hold, Message, MessageId, MessageState};
use bazgasht::state::world::World;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::second::Second;
use super::story::{self, SHIPPED, START, at};
use crate::kavenegar_fake::{self, Fake};

pub const PAID: &str = r#"
[budget]
currency = "IRR"
month = "1000000"
[gateway]
use = "kavenegar"
[gateway.kavenegar]
key = "not-a-real-key"
price_persian = "1000"
price_latin = "2500"
"#;

pub struct Home {
    pub house: House,
    pub fake: Fake,
    pub folder: TempDir,
    count: std::cell::Cell<u32>,
}

/// The gateway that this fake answers.
pub fn kavenegar(fake: &Fake) -> Arc<dyn Gateway> {
    let options = KavenegarOptions {
        base: Some(fake.base().parse().expect("an address")),
        patience: Patience { call: Duration::from_millis(150), connect: Duration::from_millis(50) },
        ..KavenegarOptions::new(Secret::new(kavenegar_fake::KEY))
    };
    Arc::new(Kavenegar::new(options).expect("a gateway"))
}

impl Home {
    pub async fn new() -> Home {
        let home =
            Home::in_folder(tempfile::tempdir().expect("a folder"), Fake::start().await, PAID, START, None).await;
        home.stock().await;
        home
    }

    pub async fn in_folder(folder: TempDir, fake: Fake, settings: &str, now: &str, load: Option<Load>) -> Home {
        let gateways = Registry::only(kavenegar(&fake));
        Home::around(folder, fake, story::rules(SHIPPED, settings), now, load, gateways).await
    }

    async fn around(
        folder: TempDir,
        fake: Fake,
        rules: Rules,
        now: &str,
        load: Option<Load>,
        gateways: Registry,
    ) -> Home {
        Home::made(folder, fake, rules, now, load, always(gateways)).await
    }

    /// With gateways that are made at the start and at each reload.
    pub async fn made(
        folder: TempDir,
        fake: Fake,
        rules: Rules,
        now: &str,
        load: Option<Load>,
        gateways: MakeGateways,
    ) -> Home {
        // A later life draws other references than the one before it.
        let seed = 7 + at(now).since(at(START)).0.unsigned_abs();
        let plan = Plan { rules, load, gateways, clock: Arc::new(HandClock::at(at(now))), seed };
        let house = House::open(folder.path(), plan).await.expect("a house");
        Home { house, fake, folder, count: 0.into() }
    }

    /// With Kavenegar first and `second` behind it, which the settings know as `console`.
    pub async fn with_second(campaigns: &str, second: Arc<Second>) -> Home {
        let fake = Fake::start().await;
        let first = kavenegar(&fake);
        Home::with_gateways(campaigns, fake, [first, second]).await
    }

    /// With these two, which the settings know as `kavenegar` and `console`.
    pub async fn with_gateways(campaigns: &str, fake: Fake, two: [Arc<dyn Gateway>; 2]) -> Home {
        let mut gateways = Registry::default();
        for gateway in two {
            gateways.add(gateway).expect("a name of its own");
        }
        let settings = PAID.replace(r#"use = "kavenegar""#, r#"use = ["kavenegar", "console"]"#);
        let folder = tempfile::tempdir().expect("a folder");
        let home = Home::around(folder, fake, story::rules(campaigns, &settings), START, None, gateways).await;
        home.stock().await;
        home
    }

    /// What the bridge tells when it is connected.
    pub async fn stock(&self) {
        self.event(
            "shop.updated",
            json!({"name": "فروشگاه نمونه", "url": "https://shop.example", "currency": "IRT", "timezone": "Asia/Tehran", "country": "IR"}),
        )
        .await;
        for (id, name) in [("11", "چای بهاره"), ("12", "قوری گلدار")] {
            let data = json!({"product_id": id, "name": name, "url": format!("https://shop.example/?p={id}"), "price": "180000",
                              "currency": "IRT", "stock_status": "instock", "categories": [], "cross_sell_ids": []});
            self.event("product.updated", data).await;
        }
        for (code, percent) in [("off5", "5"), ("off10", "10")] {
            self.event("coupon.updated", json!({"code": code, "discount_type": "percent", "amount": percent})).await;
        }
    }

    pub async fn event(&self, kind: &str, data: Value) -> Taken {
        self.count.set(self.count.get() + 1);
        let time = self.house.clock.now().rfc3339();
        let event =
            json!({"id": format!("e{}", self.count.get()), "type": kind, "time": time, "data": data}).to_string();
        self.house.post(&[&event]).await.expect("the door's answer")
    }

    pub async fn abandoned(&self, key: &str, phone: &str) {
        self.event("cart.updated", story::cart(key, &["11"])).await;
        self.event("contact.captured", json!({"cart_key": key, "contact": {"phone": phone, "first_name": "سارا"}}))
            .await;
    }

    pub async fn pass(&self, span: &str) {
        let span: Span = span.parse().expect("a span");
        self.fake.forward(span.0 / 1_000);
        self.house.live_until(self.house.clock.now().plus(span)).await.expect("the store");
    }

    /// Lets the daemon read its files anew, and waits until it has.
    pub async fn reload(&self) {
        let read = || async {
            let text = reqwest::get(self.house.url("/metrics")).await.expect("an answer").text().await.expect("a text");
            text.lines().filter(|line| line.starts_with("bazgasht_reloads_total")).collect::<String>()
        };
        let before = read().await;
        self.house.orders.reload.notify_one();
        while read().await == before {
            tokio::task::yield_now().await;
        }
        // What it posted to the writer comes before this.
        self.house.parts.writer.run(|_| Ok(())).await.expect("the store");
    }

    pub async fn holds(&self) -> Vec<Hold> {
        self.house.parts.writer.run(|world| world.holds()).await.expect("the store")
    }

    pub async fn messages(&self) -> Vec<Message> {
        let read = self.house.parts.writer.run(|world| {
            let mut all = Vec::new();
            let mut id = 1;
            while let Some(message) = world.message(MessageId(id))? {
                all.push(message);
                id += 1;
            }
            Ok(all)
        });
        read.await.expect("the store")
    }

    pub async fn states(&self) -> Vec<MessageState> {
        self.messages().await.iter().map(|m| m.state).collect()
    }

    pub async fn link(&self, phone: &str) -> String {
        let phone = Phone::from_e164(phone).expect("a number");
        self.house.newest_link(&phone).await.expect("the store").expect("a link")
    }
}
