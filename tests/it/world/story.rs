//! A story: shoppers act, time passes, texts go out. On a world in memory, with the shipped campaigns unless others are given.

use bazgasht::campaign::check::{self, CheckContext};
use bazgasht::clock::{At, Span};
use bazgasht::flow::{people::rank, reconsider};
use bazgasht::problem::Code;
use bazgasht::receive::event::{Event, Fact, parse_time};
use bazgasht::rules::Rules;
use bazgasht::settings;
use bazgasht::simulate::{Simulation, WouldSend};
use bazgasht::state::model::{ContactId, Reason};
use bazgasht::state::world::World;
use bazgasht::store::memory::MemoryWorld;
use serde_json::{Value, json};

/// Tuesday morning in Tehran.
pub const START: &str = "2026-11-24T10:00:00+03:30";
pub const SARA: &str = "09120000001";
pub const REZA: &str = "۰۹۱۲۰۰۰۰۰۰۲";

#[derive(Clone)]
pub struct Story {
    sim: Simulation<MemoryWorld>,
    rules: Rules,
    pub sent: Vec<WouldSend>,
    now: At,
    count: u32,
}

pub fn at(text: &str) -> At {
    parse_time(text).expect("a time")
}

/// Rules from these campaigns and these settings (both TOML).
pub fn rules(campaigns: &str, settings: &str) -> Rules {
    let outside = settings::check::Outside {
        folder: std::path::Path::new("."),
        environment: Default::default(),
        credentials: Default::default(),
        read: &|_| Err(std::io::ErrorKind::NotFound.into()),
    };
    let checked = settings::check::load("bazgasht.toml", settings, &outside);
    let settings =
        checked.settings.unwrap_or_else(|| panic!("{}", bazgasht::problem::render_all(&checked.problems, false)));
    let checked = check::load("campaigns.toml", campaigns, &CheckContext { settings: &settings, told: None });
    let campaigns =
        checked.campaigns.unwrap_or_else(|| panic!("{}", bazgasht::problem::render_all(&checked.problems, false)));
    Rules { campaigns, settings }
}

/// What `check` finds in this file.
pub fn problems(campaigns: &str) -> Vec<Code> {
    let settings = rules(SHIPPED, "").settings;
    let checked = check::load("c.toml", campaigns, &CheckContext { settings: &settings, told: None });
    checked.problems.into_iter().map(|p| p.code).collect()
}

pub const SHIPPED: &str = include_str!("../../../campaigns.toml");

impl Story {
    pub fn new() -> Story {
        Story::with(SHIPPED, "")
    }

    pub fn with(campaigns: &str, settings: &str) -> Story {
        Story::by(rules(campaigns, settings))
    }

    pub fn by(rules: Rules) -> Story {
        Story::from(rules, START)
    }

    /// The shop opens at this moment.
    pub fn from(rules: Rules, start: &str) -> Story {
        let mut story = Story {
            sim: Simulation::new(MemoryWorld::new(), rules.clone(), 7),
            rules,
            sent: Vec::new(),
            now: at(start),
            count: 0,
        };
        story.event(
            "shop.updated",
            json!({"name": "فروشگاه نمونه", "url": "https://shop.example", "currency": "IRT", "timezone": "Asia/Tehran", "country": "IR"}),
        );
        for (id, name, price, cross) in [
            ("11", "چای بهاره لاهیجان", "180000", vec!["12", "13"]),
            ("12", "قوری گلدار", "420000", vec![]),
            ("13", "نبات زعفرانی", "95000", vec![]),
        ] {
            story.product(id, name, price, "instock", &cross);
        }
        story.coupon("off5", "5");
        story.coupon("off10", "10");
        story
    }

    pub fn now(&self) -> At {
        self.now
    }

    pub fn pass(&mut self, span: &str) -> &mut Story {
        self.until(self.now.plus(span.parse::<Span>().expect("a span")))
    }

    pub fn until(&mut self, end: At) -> &mut Story {
        self.now = end;
        let sent = &mut self.sent;
        self.sim.live_until(end, &mut |m| sent.push(m)).expect("a world in memory");
        self
    }

    pub fn event(&mut self, kind: &str, data: Value) -> &mut Story {
        self.event_at(self.now, kind, data)
    }

    /// An event that is heard now but happened at `at`.
    pub fn event_at(&mut self, at: At, kind: &str, data: Value) -> &mut Story {
        self.count += 1;
        let fact = Fact::parse(kind, &data.to_string()).expect("a sound event");
        let event = Event { id: format!("e{}", self.count), at, fact };
        let sent = &mut self.sent;
        self.sim.hear(&event, &mut |m| sent.push(m)).expect("a world in memory");
        self
    }

    pub fn product(&mut self, id: &str, name: &str, price: &str, stock: &str, cross: &[&str]) -> &mut Story {
        self.event(
            "product.updated",
            json!({"product_id": id, "name": name, "url": format!("https://shop.example/?p={id}"), "price": price, "currency": "IRT",
                   "stock_status": stock, "categories": [], "cross_sell_ids": cross}),
        )
    }

    pub fn coupon(&mut self, code: &str, percent: &str) -> &mut Story {
        self.event("coupon.updated", json!({"code": code, "discount_type": "percent", "amount": percent}))
    }

    pub fn cart(&mut self, key: &str, products: &[&str]) -> &mut Story {
        self.event("cart.updated", cart(key, products))
    }

    pub fn number(&mut self, key: &str, phone: &str) -> &mut Story {
        self.event("contact.captured", json!({"cart_key": key, "contact": {"phone": phone, "first_name": "سارا"}}))
    }

    pub fn order(&mut self, id: &str, phone: &str, status: &str, products: &[&str]) -> &mut Story {
        let data = self.order_data(id, phone, status, products);
        self.event("order.created", data)
    }

    pub fn status(&mut self, id: &str, phone: &str, status: &str, products: &[&str]) -> &mut Story {
        let data = self.order_data(id, phone, status, products);
        self.event("order.updated", data)
    }

    pub fn order_data(&self, id: &str, phone: &str, status: &str, products: &[&str]) -> Value {
        json!({"order_id": id, "number": id, "status": status, "total": "500000", "currency": "IRT", "items": items(products),
               "contact": {"phone": phone, "first_name": "سارا"}, "coupons": []})
    }

    pub fn opt_out(&mut self, phone: &str) -> &mut Story {
        self.event("contact.opted_out", json!({"contact": {"phone": phone}, "source": "test"}))
    }

    /// Ranks all buyers, as at night, a few at a time.
    pub fn rank(&mut self) -> &mut Story {
        while !rank(&mut self.sim.world, &self.rules, self.now, self.now, 7).expect("a world in memory") {}
        self
    }

    /// Looks at everybody again, as at night.
    pub fn round(&mut self) -> &mut Story {
        let shop = self.rules.shop_view(self.sim.world.shop().expect("a world in memory").as_ref());
        for id in (1..100).map(ContactId) {
            reconsider(&mut self.sim.world, &self.rules, &shop, id, self.now).expect("a world in memory");
        }
        self
    }

    /// What goes on is by these campaigns.
    pub fn reload(&mut self, campaigns: &str) -> &mut Story {
        self.rules = rules(campaigns, "");
        self.sim.reload(self.rules.clone());
        self
    }

    /// What went out: campaign/step.
    pub fn steps(&self) -> Vec<String> {
        self.sent.iter().map(|m| format!("{}/{}", m.campaign, m.step)).collect()
    }

    /// When each went out, in Tehran.
    pub fn times(&self) -> Vec<String> {
        let local =
            |m: &WouldSend| m.at.utc().with_timezone(&chrono_tz::Asia::Tehran).format("%m-%d %H:%M").to_string();
        self.sent.iter().map(local).collect()
    }

    /// Every reason that was recorded, in order.
    pub fn reasons(&self) -> Vec<Reason> {
        self.sim.world.decisions().iter().map(|d| d.reason).collect()
    }

    pub fn world(&self) -> &MemoryWorld {
        &self.sim.world
    }

    pub fn credit(&self, order: &str) -> Option<bazgasht::state::model::Credit> {
        self.sim.world.credit(order).expect("a world in memory")
    }
}

pub fn items(products: &[&str]) -> Value {
    products
        .iter()
        .map(|id| json!({"product_id": id, "name": format!("کالای {id}"), "quantity": 1, "unit_price": "180000"}))
        .collect()
}

pub fn cart(key: &str, products: &[&str]) -> Value {
    json!({"cart_key": key, "items": items(products), "total": format!("{}", 180_000 * products.len()), "currency": "IRT"})
}
