//! Made-up people, baskets and orders, for `preview` and `check`: what a text costs at worst, and whether it holds when
//! everything that may be absent is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono_tz::Tz;
use minijinja::Value;

use super::moments::{OccasionView, OwnFields};
use super::values::{self, CouponView, Scene, ShopView};
use crate::campaign::model::{Campaign, CouponCode, CouponSpec, Language, Off, Step, Trigger};
use crate::campaign::trigger::{About, Day};
use crate::clock::{At, Span};
use crate::decide::discount::discount;
use crate::decide::facts::{Facts, Traits};
use crate::decide::points::given;
use crate::money::{Currency, Money};
use crate::phone::Phone;
use crate::schedule::dates;
use crate::settings::model::ConsentRule;
use crate::state::habits::Subscription;
use crate::state::model::{Cart, CartState, Contact, ContactId, Item, Order, Product, Shipping, Stock};
use crate::state::people::{Rfm, Scores, Standing, Tagged};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleKind {
    /// Long names, large amounts, everything there.
    Longest,
    /// Short names, small amounts, whatever may be absent absent.
    Shortest,
    Usual,
}

impl SampleKind {
    pub const ALL: [SampleKind; 3] = [SampleKind::Longest, SampleKind::Shortest, SampleKind::Usual];
}

/// One made-up message's surroundings; what does not fit may be replaced before asking for its values.
#[derive(Debug, Clone)]
pub struct Sample {
    pub facts: Facts,
    pub shop: ShopView,
    pub cart: Option<Cart>,
    pub order: Option<Order>,
    pub product: Option<Product>,
    pub occasion: Option<OccasionView>,
    pub subscription: Option<Subscription>,
    /// What every field of the owner's own event says; none: nothing.
    pub event: Option<Option<&'static str>>,
    pub offer: Option<Product>,
    pub coupon: Option<CouponView>,
    pub link: Option<String>,
}

impl Sample {
    #[must_use]
    pub fn scene(&self) -> Scene<'_> {
        Scene {
            shop: &self.shop,
            cart: self.cart.as_ref(),
            order: self.order.as_ref(),
            product: self.product.as_ref(),
            occasion: self.occasion,
            subscription: self.subscription.as_ref(),
            event: self.event.map(OwnFields::All),
            offer: self.offer.as_ref(),
            coupon: self.coupon.as_ref(),
            link: self.link.as_deref(),
        }
    }

    #[must_use]
    pub fn values(&self) -> Value {
        values::values(&self.facts, &self.scene())
    }

    /// With the offer and the coupon that this step gives, and no others.
    #[must_use]
    pub fn for_step(mut self, campaign: &Campaign, step: &Step, coupons: &BTreeMap<String, CouponSpec>) -> Sample {
        if campaign.offer.is_none() {
            self.offer = None;
        }
        let ends = self.coupon.take().and_then(|c| c.ends);
        let spec = step.coupon.as_ref().and_then(|id| coupons.get(id));
        self.coupon = spec.map(|spec| match &spec.code {
            CouponCode::Shared(_) => CouponView { ends, ..CouponView::new(spec, None) },
            CouponCode::Own { prefix, .. } => {
                CouponView::own(spec, Some(&format!("{prefix}7k2mqx4")), discount(spec, None, None))
            }
        });
        self
    }
}

/// A shop for when the owner's is not known yet.
#[must_use]
pub fn shop(language: Language) -> ShopView {
    let (name, currency, timezone, country) = match language {
        Language::Persian => ("فروشگاه نمونه", Currency::IRT, Tz::Asia__Tehran, "IR"),
        Language::English => ("Sample Shop", Currency::EUR, Tz::Europe__Berlin, "DE"),
    };
    ShopView {
        name: name.to_owned(),
        url: "https://shop.example".to_owned(),
        currency,
        timezone,
        language,
        country: country.to_owned(),
        consent: ConsentRule::RefusalStops,
    }
}

/// 2026-11-22T10:15+03:30, a Sunday.
const NOW: At = At(1_795_329_900_000);

/// A message of a campaign with this trigger, with offer, coupon and link.
#[must_use]
pub fn sample(kind: SampleKind, trigger: &Trigger, shop: ShopView) -> Sample {
    let words = Words::of(kind, shop.language);
    let contact = Contact {
        id: ContactId(1),
        phone: Phone::from_e164("+989120000001"),
        user_id: None,
        first_name: words.first_name.map(str::to_owned),
        last_name: words.last_name.map(str::to_owned),
        locale: None,
        birthday: None,
        registered: None,
        country: Some(shop.country.clone()),
        consent: None,
        created: NOW.minus(Span::days(400)),
        last_seen: NOW.minus(Span::hours(1)),
    };
    let items = words.items(&shop);
    let (mut cart, mut order, mut orders) = (None, None, Vec::new());
    match trigger.about() {
        About::Basket => {
            cart = Some(cart_of(items, &shop, NOW.minus(trigger.idle().max(Span::minutes(1)))));
            if kind != SampleKind::Shortest {
                orders.push(order_of(
                    words.order_number,
                    "completed",
                    words.items(&shop),
                    &shop,
                    NOW.minus(Span::days(40)),
                ));
            }
        }
        About::Order => {
            let status = match trigger {
                Trigger::OrderStatus { statuses } => statuses.first().map_or("completed", String::as_str),
                Trigger::PaymentFailed { .. } => "failed",
                _ => "processing",
            };
            let about = order_of(words.order_number, status, items, &shop, NOW.minus(Span::days(10)));
            orders.push(about.clone());
            order = Some(Order { tracking_url: words.tracking_url(), shipping: words.shipping(), ..about });
        }
        About::Product | About::Person => {
            if kind != SampleKind::Shortest {
                let bought = NOW.minus(Span::days(40));
                orders.push(order_of(words.order_number, "completed", words.items(&shop), &shop, bought));
            }
        }
    }
    let mut offer = product_of(kind, words.product, &shop);
    if let Trigger::LowStock { at_most, .. } = trigger {
        // Of what runs low it is known how many there are.
        offer.stock_quantity = Some(i64::from(*at_most));
    }
    Sample {
        facts: Facts {
            carts: cart.iter().cloned().collect(),
            orders,
            products: BTreeMap::from([(offer.id.clone(), Arc::new(offer.clone()))]),
            traits: traits(kind),
            ..Facts::of(contact, NOW)
        },
        cart,
        order,
        product: (trigger.about() == About::Product).then(|| offer.clone()),
        occasion: occasion_of(kind, trigger, shop.language),
        subscription: matches!(trigger, Trigger::SubscriptionRenewal).then(|| Subscription {
            id: "1".to_owned(),
            status: "active".to_owned(),
            ends: Some(NOW.plus(Span::days(7))),
            term: None,
            updated: NOW,
        }),
        event: matches!(trigger, Trigger::Event { .. }).then_some(words.field),
        offer: Some(offer),
        coupon: Some(CouponView {
            code: Some(if kind == SampleKind::Longest { "comeback10" } else { "off5" }.to_owned()),
            off: Off::Percent(500),
            ends: (kind != SampleKind::Shortest).then_some(NOW.plus(Span::days(2))),
            lives: (kind != SampleKind::Shortest).then_some(Span::hours(48)),
            free_shipping: false,
            minimum: (kind != SampleKind::Shortest).then(|| "500000".to_owned()),
        }),
        link: Some(format!("{}/s/3JcKdsX", shop.url.trim_end_matches('/'))),
        shop,
    }
}

fn occasion_of(kind: SampleKind, trigger: &Trigger, language: Language) -> Option<OccasionView> {
    let own = |fa, en| if language == Language::Persian { fa } else { en };
    let name = match trigger {
        Trigger::Birthday => Some(own("تولد", "birthday")),
        Trigger::Anniversary { .. } => Some(own("سالگرد", "anniversary")),
        Trigger::Date { day: Day::Named(named) } => Some(named.said(language)),
        Trigger::Date { .. } => None,
        _ => return None,
    };
    let years = if !matches!(trigger, Trigger::Date { .. }) && kind != SampleKind::Shortest { Some(2) } else { None };
    Some(OccasionView { name, on: dates::day_of(Tz::Asia__Tehran, NOW.plus(Span::days(3))), years })
}

/// As many points, tags and segments as there may be; or none.
fn traits(kind: SampleKind) -> Traits {
    let all_there = kind != SampleKind::Shortest;
    let at = NOW.minus(Span::days(40));
    let points = if kind == SampleKind::Longest { 123_456 } else { 120 };
    let line = given(None, "sample".to_owned(), points, at);
    let scores = Scores { recency: 5, frequency: 5, monetary: 5 };
    let name = if kind == SampleKind::Longest { Rfm::PotentialLoyalists } else { Rfm::Champions };
    Traits {
        tags: all_there.then(|| Tagged { tag: "vip".to_owned(), at }).into_iter().collect(),
        ledger: all_there.then_some(line).into_iter().collect(),
        stays: Vec::new(),
        standing: all_there.then_some(Standing { rfm: name, scores, since: at }),
        logins: if all_there { 10 } else { 0 },
        views: if all_there { 3 } else { 0 },
        bought: BTreeSet::new(),
    }
}

struct Words {
    kind: SampleKind,
    first_name: Option<&'static str>,
    last_name: Option<&'static str>,
    order_number: &'static str,
    product: &'static str,
    /// Of an event of the owner's own.
    field: Option<&'static str>,
}

impl Words {
    fn of(kind: SampleKind, language: Language) -> Words {
        let (first_name, last_name, order_number, product) = match (kind, language) {
            (SampleKind::Longest, Language::Persian) => (
                Some("سیدمحمدامین‌الدین"),
                Some("حسینی‌نژاد اصفهانی"),
                "1000245678",
                "کفش پیاده‌روی و طبیعت‌گردی زنانه مدل آسمان با زیره ضدلغزش",
            ),
            (SampleKind::Longest, Language::English) => (
                Some("Maximilian-Alexander"),
                Some("Wolfeschlegelstein"),
                "1000245678",
                "Women's lightweight walking and trail running shoes, model Horizon",
            ),
            (SampleKind::Shortest, Language::Persian) => (None, None, "7", "کیف"),
            (SampleKind::Shortest, Language::English) => (None, None, "7", "Mug"),
            (SampleKind::Usual, Language::Persian) => (Some("سارا"), Some("احمدی"), "1042", "کیف چرم دست‌دوز"),
            (SampleKind::Usual, Language::English) => (Some("Anna"), Some("Berg"), "1042", "Leather bag"),
        };
        let field = match (kind, language) {
            (SampleKind::Shortest, _) => None,
            (SampleKind::Longest, Language::Persian) => Some("دورهٔ پیشرفتهٔ آشنایی با قهوه"),
            (SampleKind::Longest, Language::English) => Some("advanced course for coffee makers"),
            (SampleKind::Usual, Language::Persian) => Some("دورهٔ باریستا"),
            (SampleKind::Usual, Language::English) => Some("barista course"),
        };
        Words { kind, first_name, last_name, order_number, product, field }
    }

    /// How many lines, and pieces of each.
    fn size(&self) -> (u32, u32) {
        match self.kind {
            SampleKind::Longest => (6, 12),
            SampleKind::Shortest => (1, 1),
            SampleKind::Usual => (2, 1),
        }
    }

    fn items(&self, shop: &ShopView) -> Vec<Item> {
        let (lines, quantity) = self.size();
        let item = |n: u32| Item {
            product_id: n.to_string(),
            variation_id: None,
            name: self.product.to_owned(),
            quantity,
            unit_price: Some(price(self.kind, shop).decimal()),
            url: None,
            attributes: BTreeMap::new(),
        };
        (1..=lines).map(item).collect()
    }

    fn shipping(&self) -> Option<Shipping> {
        (self.kind != SampleKind::Shortest).then(|| Shipping {
            state: Some("shipped".to_owned()),
            tracking_code: Some("240860010000000011235789".to_owned()),
            carrier: None,
        })
    }

    fn tracking_url(&self) -> Option<String> {
        (self.kind != SampleKind::Shortest)
            .then(|| "https://tracking.post.example/search.aspx?id=123456789012345678901234".to_owned())
    }
}

/// Of one piece: what is little and what is much differs from currency to currency.
fn price(kind: SampleKind, shop: &ShopView) -> Money {
    // In Toman or in euros and the like.
    let (toman, other) = match kind {
        SampleKind::Longest => (98_765_000_i64, 1_234),
        SampleKind::Shortest => (9_000, 1),
        SampleKind::Usual => (480_000, 25),
    };
    let unit = 10_i64.pow(shop.currency.exponent());
    let minor = match shop.currency.rial_per_unit() {
        Some(rial) => (toman * 10).saturating_mul(unit) / rial.max(1),
        None => other * unit,
    };
    Money { minor, currency: shop.currency }
}

fn total(items: &[Item], shop: &ShopView) -> Money {
    let line = |item: &Item| {
        let price = item.unit_price.as_deref().and_then(|p| Money::parse(p, shop.currency).ok());
        price.map_or(0, |p| p.minor.saturating_mul(i64::from(item.quantity)))
    };
    Money { minor: items.iter().map(line).sum(), currency: shop.currency }
}

fn cart_of(items: Vec<Item>, shop: &ShopView, last_action: At) -> Cart {
    Cart {
        key: "sample".to_owned(),
        contact: Some(ContactId(1)),
        episode: 1,
        state: CartState::Open,
        total: total(&items, shop),
        items: items.into(),
        coupons: Vec::new(),
        checkout_url: None,
        checkout_started: None,
        began: last_action.minus(Span::minutes(20)),
        last_action,
        told: last_action,
    }
}

fn order_of(number: &str, status: &str, items: Vec<Item>, shop: &ShopView, created: At) -> Order {
    Order {
        id: number.to_owned(),
        number: number.to_owned(),
        contact: Some(ContactId(1)),
        status: status.to_owned(),
        total: total(&items, shop),
        refunded: Money::zero(shop.currency),
        items: items.into(),
        coupons: Vec::new(),
        cart_key: None,
        tracking_url: None,
        shipping: None,
        payment_method: None,
        failed: None,
        link: None,
        created,
        placed: Some(created),
        reached: BTreeMap::from([(status.to_owned(), created.plus(Span::days(3)))]),
        updated: created.plus(Span::days(3)),
    }
}

fn product_of(kind: SampleKind, name: &str, shop: &ShopView) -> Product {
    let price = price(kind, shop);
    let all_there = kind != SampleKind::Shortest;
    Product {
        id: "90001".to_owned(),
        name: name.to_owned(),
        url: format!("{}/?p=90001", shop.url.trim_end_matches('/')),
        price: Some(price),
        regular_price: all_there.then(|| price.percent(12_000)),
        stock: Stock::In,
        stock_quantity: all_there.then_some(14),
        categories: Vec::new(),
        cross_sells: Vec::new(),
        upsells: Vec::new(),
        image: None,
        variations: Vec::new(),
        published: true,
        prices: Vec::new(),
        out: None,
        back: None,
        updated: NOW.minus(Span::days(1)),
    }
}
