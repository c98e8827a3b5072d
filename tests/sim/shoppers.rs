//! Shoppers, and the shop that they are in: carts, orders, returns, replies, several devices, shared phones.

use bazgasht::clock::At;
use chrono_tz::Tz;
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde_json::{Value, json};

use crate::bridge::Haste;
use crate::laws::{DAY, HOUR, MINUTE};
use crate::model::{Ms, Tale, Who};
use crate::promises::{Held, broken};
use crate::run::{Deed, Run};

const PRICE: i64 = 180_000;

pub struct Person {
    /// E.164. Families share one.
    pub phone: String,
    user: Option<String>,
    name: Option<&'static str>,
    /// The cart keys of their devices.
    keys: Vec<String>,
}

struct ShopOrder {
    id: String,
    person: usize,
    key: Option<String>,
    products: Vec<String>,
    coupon: Option<&'static str>,
    status: &'static str,
    refunded: i64,
    /// By the shop's clock.
    created: Ms,
}

pub struct Shop {
    pub people: Vec<Person>,
    products: Vec<(String, bool)>,
    orders: Vec<ShopOrder>,
    baskets: std::collections::BTreeMap<String, Vec<String>>,
    refunds: u32,
    keys: u32,
}

impl Shop {
    pub fn new(dice: &mut StdRng) -> Shop {
        let mut people: Vec<Person> = Vec::new();
        for n in 0..dice.random_range(4..12) {
            let shares = n > 0 && dice.random_bool(0.2);
            let phone = if shares { people[n - 1].phone.clone() } else { format!("+98912000{:04}", 17 + 131 * n) };
            let keys = (0..dice.random_range(1..=3)).map(|d| format!("t_{n}_{d}")).collect();
            let user = dice.random_bool(0.4).then(|| format!("{}", 50 + n));
            let name = [Some("سارا"), Some("رضا"), None].choose(dice).copied().flatten();
            people.push(Person { phone, user, name, keys });
        }
        let products = (11..17).map(|p| (p.to_string(), true)).collect();
        Shop { people, products, orders: Vec::new(), baskets: std::collections::BTreeMap::new(), refunds: 0, keys: 0 }
    }

    pub fn accounts(&self) -> std::collections::BTreeSet<(String, String)> {
        self.people.iter().filter_map(|p| Some((p.user.clone()?, p.phone.clone()))).collect()
    }

    /// As it was typed: with Persian digits, with the country's code, with a nought.
    fn typed(&self, person: usize, dice: &mut StdRng) -> String {
        let phone = &self.people[person].phone;
        let national = format!("0{}", &phone[3..]);
        match dice.random_range(0..4) {
            0 => phone.clone(),
            1 => {
                national.chars().map(|c| char::from_u32('۰' as u32 + c as u32 - '0' as u32).expect("a digit")).collect()
            }
            _ => national,
        }
    }
}

pub fn items(products: &[String]) -> Value {
    let item = |id: &String| json!({"product_id": id, "name": format!("کالای {id}"), "quantity": 1, "unit_price": PRICE.to_string()});
    products.iter().map(item).collect()
}

impl Run {
    /// What the bridge tells when it is connected.
    pub fn open_shop(&mut self) {
        self.tell_zone(Tz::Asia__Tehran);
        for n in 0..self.shop.products.len() {
            self.tell_product(n);
        }
        for (code, percent) in [("off5", "5"), ("off10", "10"), ("Nasty7", "7")] {
            self.tell_coupon(code, percent, None);
        }
    }

    fn tell_zone(&mut self, zone: Tz) {
        let data = json!({"name": "فروشگاه نمونه", "url": "https://shop.example", "currency": "IRT",
                          "timezone": zone.name(), "country": "IR"});
        self.tell("shop.updated", data, Tale::Shop { zone }, Haste::Now);
    }

    fn tell_product(&mut self, n: usize) {
        let (id, there) = self.shop.products[n].clone();
        let crosses: Vec<&str> =
            (1..3).map(|k| self.shop.products[(n + k) % self.shop.products.len()].0.as_str()).collect();
        let data = json!({"product_id": id, "name": format!("کالای {id}"), "url": format!("https://shop.example/?p={id}"),
                          "price": PRICE.to_string(), "currency": "IRT", "stock_status": if there { "instock" } else { "outofstock" },
                          "categories": [], "cross_sell_ids": crosses});
        self.tell("product.updated", data, Tale::Product { id, there }, Haste::Usual);
    }

    fn tell_coupon(&mut self, code: &str, percent: &str, expires: Option<Ms>) {
        let data = json!({"code": code, "discount_type": "percent", "amount": percent, "expires_at": expires.map(|e| At(e).rfc3339())});
        self.tell(
            "coupon.updated",
            data,
            Tale::Coupon { code: code.to_lowercase(), dead: false, expires },
            Haste::Usual,
        );
    }

    /// One act of one shopper.
    pub fn shopper_acts(&mut self) -> Held {
        let person = self.dice.random_range(0..self.shop.people.len());
        match self.dice.random_range(0..100) {
            0..30 => self.fill_basket(person),
            30..44 => self.leave_number(person),
            44..48 => self.start_checkout(person),
            48..53 => self.empty_basket(person),
            53..70 => self.buy(person),
            70..74 => self.take_back(),
            74..79 => self.review(),
            79..81 => self.refuse_in_shop(person),
            81..83 => self.come_back(person),
            83..86 => return self.write_back(person),
            86..88 => self.consent(person),
            88..95 => return self.follow_link(),
            95..97 => self.change_key(person),
            _ => self.borrow_basket(person),
        }
        Ok(())
    }

    fn contact(&mut self, person: usize, with_phone: bool) -> (Value, Who) {
        let typed = self.shop.typed(person, &mut self.dice);
        let p = &self.shop.people[person];
        let phone = with_phone.then(|| p.phone.clone());
        let data = json!({"phone": with_phone.then_some(typed), "first_name": p.name, "user_id": p.user});
        (data, Who { phone, user: p.user.clone() })
    }

    fn key(&mut self, person: usize) -> String {
        self.shop.people[person].keys.choose(&mut self.dice).cloned().expect("a device")
    }

    fn fill_basket(&mut self, person: usize) {
        let key = self.key(person);
        let most = self.shop.products.len();
        let n = self.dice.random_range(1..4);
        let products: Vec<String> =
            (0..n).map(|_| self.shop.products[self.dice.random_range(0..most)].0.clone()).collect();
        self.shop.baskets.insert(key.clone(), products.clone());
        let signed_in = self.shop.people[person].user.is_some() && self.chance(60);
        let mut data =
            json!({"cart_key": key, "items": items(&products), "total": (PRICE * n).to_string(), "currency": "IRT"});
        let mut who = None;
        if signed_in || self.chance(40) {
            let with_phone = !signed_in || self.chance(70);
            let (contact, told) = self.contact(person, with_phone);
            data["contact"] = contact;
            who = Some(told);
        }
        self.tell("cart.updated", data, Tale::Basket { key, products, who }, Haste::Usual);
    }

    fn leave_number(&mut self, person: usize) {
        let key = self.key(person);
        let (contact, who) = self.contact(person, true);
        let data = json!({"cart_key": key, "contact": contact});
        self.tell("contact.captured", data, Tale::Captured { key: Some(key), who, yes: None }, Haste::Usual);
    }

    fn start_checkout(&mut self, person: usize) {
        let key = self.key(person);
        let (contact, who) = self.contact(person, true);
        let data = json!({"cart_key": key, "contact": contact});
        self.tell("checkout.started", data, Tale::Checkout { key, who: Some(who) }, Haste::Usual);
    }

    fn empty_basket(&mut self, person: usize) {
        let key = self.key(person);
        self.shop.baskets.remove(&key);
        let (data, tale) = (json!({"cart_key": key}), Tale::Emptied { key: key.clone() });
        if self.chance(70) {
            self.tell("cart.cleared", data, tale, Haste::Usual);
        } else {
            let data = json!({"cart_key": key, "items": [], "total": "0", "currency": "IRT"});
            self.tell("cart.updated", data, tale, Haste::Usual);
        }
    }

    fn buy(&mut self, person: usize) {
        let key = self.key(person);
        let basket = self.shop.baskets.remove(&key);
        let products = basket.unwrap_or_else(|| vec![self.shop.products[0].0.clone()]);
        let id = format!("{}", 900 + self.shop.orders.len());
        let coupon = [None, None, Some("off5"), Some("OFF10")].choose(&mut self.dice).copied().flatten();
        let told_key = self.chance(70).then(|| key.clone());
        let created = self.shop_clock();
        let status = if self.chance(40) { "pending" } else { "processing" };
        let n = self.shop.orders.len();
        self.shop.orders.push(ShopOrder { id, person, key: told_key, products, coupon, status, refunded: 0, created });
        self.tell_order(n, "order.created");
        if self.chance(50) {
            self.tell("cart.cleared", json!({"cart_key": key}), Tale::Emptied { key }, Haste::Usual);
        }
        let paid = self.now + self.dice.random_range(1..20) * MINUTE;
        if status == "pending" {
            let next = if self.chance(80) { "processing" } else { "failed" };
            self.later(paid, Deed::Order(n, next));
        }
        if self.chance(85) {
            let done = paid + self.dice.random_range(1..100) * HOUR;
            self.later(done, Deed::Order(n, "completed"));
        }
    }

    fn tell_order(&mut self, n: usize, kind: &'static str) {
        let person = self.shop.orders[n].person;
        let (contact, _) = self.contact(person, true);
        let phone = self.shop.people[person].phone.clone();
        let o = &self.shop.orders[n];
        let total = PRICE * o.products.len() as i64;
        let mut data = json!({"order_id": o.id, "number": o.id, "status": o.status, "total": total.to_string(), "currency": "IRT",
                              "items": items(&o.products), "contact": contact, "coupons": [], "created_at": At(o.created).rfc3339()});
        if let Some(key) = &o.key {
            data["cart_key"] = json!(key);
        }
        if let Some(code) = o.coupon {
            data["coupons"] = json!([code]);
        }
        let (id, status, key, products, own) =
            (o.id.clone(), o.status.to_owned(), o.key.clone(), o.products.clone(), o.created);
        self.tell(kind, data, Tale::Order { id, phone, status, key, products, total, own }, Haste::Usual);
    }

    pub fn order_moves(&mut self, n: usize, status: &'static str) {
        let order = &mut self.shop.orders[n];
        let over = ["cancelled", "refunded", "failed"].contains(&order.status);
        if !over && order.status != status {
            order.status = status;
            self.tell_order(n, "order.updated");
        }
    }

    /// Some order is cancelled, or all or some of its money goes back.
    fn take_back(&mut self) {
        let Some(n) = self.some_order() else { return };
        if self.chance(30) {
            return self.order_moves(n, "cancelled");
        }
        self.shop.refunds += 1;
        let refund = format!("r{}", self.shop.refunds);
        let order = &mut self.shop.orders[n];
        let left = PRICE * order.products.len() as i64 - order.refunded;
        if left <= 0 {
            return;
        }
        let amount = if self.dice.random_bool(0.5) { left } else { left / 2 };
        order.refunded += amount;
        let id = order.id.clone();
        let data = json!({"order_id": id, "refund_id": refund, "amount": amount.to_string(), "currency": "IRT"});
        self.tell("order.refunded", data, Tale::Refund { order: id, id: refund, amount }, Haste::Usual);
        if amount == left {
            self.order_moves(n, "refunded");
        }
    }

    fn some_order(&mut self) -> Option<usize> {
        let most = self.shop.orders.len();
        (most > 0).then(|| self.dice.random_range(most.saturating_sub(12)..most))
    }

    fn review(&mut self) {
        let Some(n) = self.some_order() else { return };
        let order = &self.shop.orders[n];
        let (id, product, person) = (order.id.clone(), order.products[0].clone(), order.person);
        let mut data = json!({"product_id": product, "order_id": id, "rating": 5});
        if self.chance(50) {
            data["contact"] = self.contact(person, true).0;
        }
        self.tell("review.created", data, Tale::Review { order: id }, Haste::Usual);
    }

    fn refuse_in_shop(&mut self, person: usize) {
        let (contact, _) = self.contact(person, true);
        let phone = self.shop.people[person].phone.clone();
        let all = self.chance(60);
        let until = self.chance(30).then(|| self.shop_clock() + self.dice.random_range(1..40) * DAY);
        let source = if self.chance(70) { "link" } else { "account" };
        let data = json!({"contact": contact, "source": source, "scope": if all { "all" } else { "marketing" },
                          "until": until.map(|u| At(u).rfc3339())});
        self.tell("contact.opted_out", data, Tale::No { phone, all, until }, Haste::Usual);
    }

    fn come_back(&mut self, person: usize) {
        let (contact, _) = self.contact(person, true);
        let phone = self.shop.people[person].phone.clone();
        self.tell(
            "contact.opted_in",
            json!({"contact": contact, "source": "account"}),
            Tale::Yes { phone },
            Haste::Usual,
        );
    }

    fn consent(&mut self, person: usize) {
        let (contact, who) = self.contact(person, true);
        let yes = self.chance(60);
        let data = json!({"contact": contact, "consent": {"marketing": yes, "source": "checkout"}});
        self.tell("contact.captured", data, Tale::Captured { key: None, who, yes: Some(yes) }, Haste::Usual);
    }

    /// A reply to one of our texts.
    fn write_back(&mut self, person: usize) -> Held {
        let phone = self.shop.people[person].phone.clone();
        let text = ["11", "۱۱", "لغو", "لغو۱۱", "Stop", "سلام", "ممنون"].choose(&mut self.dice).expect("words");
        let id = format!("in{}", self.tally.operations);
        let at = self.shop_clock();
        self.reply(phone, (*text).to_owned(), id, at)
    }

    pub fn reply(&mut self, phone: String, text: String, id: String, at: Ms) -> Held {
        self.note(format!("{phone} writes back {text:?}"));
        let means_no = !["سلام", "ممنون"].contains(&text.as_str());
        if means_no {
            self.replies.insert(phone.clone());
        }
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("from", &format!("0{}", &phone[3..]))
            .append_pair("text", &text)
            .append_pair("id", &id)
            .append_pair("at", &(at / 1_000).to_string())
            .finish();
        let token = self.tokens().inbound;
        let status = self.life().get(&format!("/gateway/{}/inbound/{token}?{query}", crate::gateway::NAMES[0]));
        self.hear_log()?;
        let taken = status == 200 && !self.life().disk.is_dead();
        if taken && means_no {
            let known = self
                .model
                .known
                .iter()
                .any(|k| k.id.starts_with("reply-") && matches!(&k.tale, Tale::No { phone: p, .. } if *p == phone));
            if !known {
                return broken(3, format!("{phone} wrote back {text:?}, which was taken and is in no log"));
            }
        }
        if !taken || self.chance(10) {
            let again = self.now + self.dice.random_range(1..20) * MINUTE;
            self.later(again, Deed::Reply { phone, text, id, at });
        }
        Ok(())
    }

    /// Somebody opens the link of some text.
    fn follow_link(&mut self) -> Held {
        let Some(slug) = self.some_slug() else { return Ok(()) };
        if self.chance(50) {
            let key = {
                let p = self.dice.random_range(0..self.shop.people.len());
                self.key(p)
            };
            let agent = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/119.0.0.0 Mobile Safari/537.36";
            let data = json!({"slug": slug, "cart_key": key, "user_agent": agent});
            self.tell("link.followed", data, Tale::Other, Haste::Usual);
            return Ok(());
        }
        let status = self.life().get(&format!("/s/{slug}"));
        if status == 302 { Ok(()) } else { broken(8, format!("link {slug} is answered with {status}")) }
    }

    fn some_slug(&mut self) -> Option<String> {
        let most = self.slugs.len();
        (most > 0).then(|| self.slugs[self.dice.random_range(most.saturating_sub(20)..most)].clone())
    }

    /// The shop gives one of their devices another key, as signing in does.
    fn change_key(&mut self, person: usize) {
        self.shop.keys += 1;
        let new = format!("t_{person}_n{}", self.shop.keys);
        let device = self.dice.random_range(0..self.shop.people[person].keys.len());
        let old = std::mem::replace(&mut self.shop.people[person].keys[device], new.clone());
        if let Some(products) = self.shop.baskets.remove(&old) {
            self.tell("cart.cleared", json!({"cart_key": old}), Tale::Emptied { key: old }, Haste::Usual);
            let total = (PRICE * products.len() as i64).to_string();
            let (contact, who) = self.contact(person, true);
            let data = json!({"cart_key": new, "items": items(&products), "total": total, "currency": "IRT", "contact": contact});
            self.shop.baskets.insert(new.clone(), products.clone());
            self.tell("cart.updated", data, Tale::Basket { key: new, products, who: Some(who) }, Haste::Usual);
        }
    }

    /// Somebody types their number into another one's basket.
    fn borrow_basket(&mut self, person: usize) {
        let other = self.dice.random_range(0..self.shop.people.len());
        let key = self.key(other);
        let (contact, who) = self.contact(person, true);
        let data = json!({"cart_key": key, "contact": contact});
        self.tell("contact.captured", data, Tale::Captured { key: Some(key), who, yes: None }, Haste::Usual);
    }

    /// One act of the shop's keeper.
    pub fn shop_acts(&mut self) {
        match self.dice.random_range(0..10) {
            0..5 => {
                let n = self.dice.random_range(0..self.shop.products.len());
                self.shop.products[n].1 = !self.shop.products[n].1;
                self.tell_product(n);
            }
            5..7 => {
                let (code, percent) =
                    [("off5", "5"), ("off10", "10"), ("Nasty7", "7")].choose(&mut self.dice).copied().expect("codes");
                if self.chance(40) {
                    self.tell(
                        "coupon.deleted",
                        json!({"code": code}),
                        Tale::Coupon { code: code.to_lowercase(), dead: true, expires: None },
                        Haste::Usual,
                    );
                } else {
                    let expires = self.chance(50).then(|| self.now + self.dice.random_range(1..20) * DAY);
                    self.tell_coupon(code, percent, expires);
                }
            }
            7 => {
                let zone = [Tz::Asia__Tehran, Tz::Europe__Berlin, Tz::America__New_York]
                    .choose(&mut self.dice)
                    .copied()
                    .expect("zones");
                self.tell_zone(zone);
            }
            _ => {
                for n in 0..self.shop.products.len() {
                    self.shop.products[n].1 = true;
                    self.tell_product(n);
                }
            }
        }
    }
}
