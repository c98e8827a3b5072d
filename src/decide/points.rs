//! Points: what a person is owed by the owner's rule, and what is left of what they were given.
//!
//! What is owed follows from what is true now, not from what just happened: each thing that earns points has its lines in the
//! ledger, and a look adds the line that brings their sum to what it should be. So news that comes late, twice or not at all
//! gives nobody too much, and a refund takes back what it must.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::facts::Facts;
use crate::campaign::model::PointsRule;
use crate::clock::{At, Span};
use crate::money::Money;
use crate::render::values::ShopView;
use crate::schedule::dates;
use crate::state::model::{MessageId, Order};
use crate::state::people::PointsLine;

/// A birthday earns points on its day, or as soon after it as somebody looks; told of later it does not.
const BIRTHDAY: Span = Span::days(7);
/// So many orders are gathered: of somebody with more, what is not among them may be there all the same.
const MOST_ORDERS: usize = 200;

/// The lines that the ledger lacks.
#[must_use]
pub fn owed(rule: &PointsRule, shop: &ShopView, facts: &Facts) -> Vec<PointsLine> {
    let book = Book { rule, shop, ledger: &facts.traits.ledger, now: facts.now };
    let owing = Owing { book, facts };
    let mut lines: Vec<PointsLine> = facts.orders.iter().filter_map(|order| owing.order(order)).collect();
    lines.extend(owing.orders_gone());
    lines.extend(owing.reviews());
    lines.extend(owing.sign_up());
    lines.extend(owing.birthday());
    lines
}

/// A line that a step, a reply or the owner gives; what is left of it ends as the rule says.
#[must_use]
pub fn given(rule: Option<&PointsRule>, about: String, change: i64, at: At) -> PointsLine {
    let expires = rule.and_then(|rule| rule.expires).filter(|_| change > 0).map(|span| at.plus(span));
    PointsLine { at, change, about, part: 1, expires, rate: None }
}

/// The line that makes what this message's coupon has cost so far into `price`; zero gives all of it back.
#[must_use]
pub fn paid(ledger: &[PointsLine], message: MessageId, price: i64, now: At) -> Option<PointsLine> {
    let about = about_coupon(message);
    let lines = || ledger.iter().filter(|line| line.about == about);
    let change = -price - lines().map(|line| line.change).sum::<i64>();
    let part = lines().map(|line| line.part).max().unwrap_or_default() + 1;
    (change != 0).then_some(PointsLine { at: now, change, about, part, expires: None, rate: None })
}

/// What the message's coupon cost when it was last taken.
#[must_use]
pub fn price(ledger: &[PointsLine], message: MessageId) -> i64 {
    let about = about_coupon(message);
    let taken = ledger.iter().filter(|line| line.about == about && line.change < 0);
    taken.max_by_key(|line| line.part).map_or(0, |line| -line.change)
}

/// The messages whose coupons were paid for with points, the newest first.
#[must_use]
pub fn paid_for(ledger: &[PointsLine]) -> Vec<MessageId> {
    let mut sums: BTreeMap<MessageId, i64> = BTreeMap::new();
    for line in ledger {
        if let Some(id) = line.about.strip_prefix(COUPON).and_then(|id| id.parse().ok()) {
            *sums.entry(MessageId(id)).or_default() += line.change;
        }
    }
    sums.into_iter().rev().filter(|(_, sum)| *sum < 0).map(|(id, _)| id).collect()
}

const COUPON: &str = "coupon:";

fn about_coupon(message: MessageId) -> String {
    format!("{COUPON}{}", message.0)
}

const REVIEW: &str = "review:";

/// The line that the ledger of whoever brought a friend lacks. `order`: one of the friend's with the code; `brings`: it is the
/// friend's first, and stands.
#[must_use]
pub fn brought(
    rule: &PointsRule,
    shop: &ShopView,
    ledger: &[PointsLine],
    order: &Order,
    brings: bool,
    now: At,
) -> Option<PointsLine> {
    let book = Book { rule, shop, ledger, now };
    let about = format!("referral:{}", order.id);
    if let Some(first) = book.of(&about).next() {
        return book.correction(&about, if brings { first.change } else { 0 });
    }
    book.first(about, rule.referral, order.placed.filter(|_| brings)?, None)
}

/// Somebody's ledger, and the rule by which lines come into it.
#[derive(Clone, Copy)]
struct Book<'a> {
    rule: &'a PointsRule,
    shop: &'a ShopView,
    ledger: &'a [PointsLine],
    now: At,
}

impl<'a> Book<'a> {
    fn of(self, about: &str) -> impl Iterator<Item = &'a PointsLine> {
        self.ledger.iter().filter(move |line| line.about == about)
    }

    /// A first line, unless there is one or it would be worth nothing any more.
    fn first(self, about: String, change: i64, at: At, rate: Option<i64>) -> Option<PointsLine> {
        let expires = self.rule.expires.map(|span| at.plus(span));
        let counts = self.rule.since.is_none_or(|since| dates::day_of(self.shop.timezone, at) >= since);
        let lasts = expires.is_none_or(|expires| expires > self.now);
        let new = change > 0 && at <= self.now && counts && lasts && self.of(&about).next().is_none();
        new.then_some(PointsLine { at, change, about, part: 1, expires, rate })
    }

    /// What brings the lines about this to `wanted`.
    fn correction(self, about: &str, wanted: i64) -> Option<PointsLine> {
        let first = self.of(about).next()?;
        let (sum, parts) = self.of(about).fold((0, 0), |(sum, parts), line| (sum + line.change, line.part.max(parts)));
        (sum != wanted).then(|| PointsLine {
            at: self.now,
            change: wanted - sum,
            about: about.to_owned(),
            part: parts + 1,
            expires: first.expires,
            rate: None,
        })
    }
}

struct Owing<'a> {
    book: Book<'a>,
    facts: &'a Facts,
}

impl Owing<'_> {
    fn order(&self, order: &Order) -> Option<PointsLine> {
        let about = format!("order:{}", order.id);
        let earned = |rate: i64| if order.is_paid() { order.kept().minor / rate.max(1) } else { 0 };
        if let Some(first) = self.book.of(&about).next() {
            return self.book.correction(&about, earned(first.rate?));
        }
        let per = self.book.rule.per.as_deref().filter(|_| order.total.currency == self.book.shop.currency)?;
        let rate = Money::parse(per, order.total.currency).ok()?.minor.max(1);
        self.book.first(about, earned(rate), order.placed?, Some(rate))
    }

    /// Orders that became somebody else's.
    fn orders_gone(&self) -> Vec<PointsLine> {
        if !self.knows_all_orders() {
            return Vec::new();
        }
        let known: BTreeSet<String> = self.facts.orders.iter().map(|order| format!("order:{}", order.id)).collect();
        let about = self.facts.traits.ledger.iter().map(|line| line.about.as_str());
        let gone: BTreeSet<&str> =
            about.filter(|about| about.starts_with("order:") && !known.contains(*about)).collect();
        gone.into_iter().filter_map(|about| self.book.correction(about, 0)).collect()
    }

    fn knows_all_orders(&self) -> bool {
        self.facts.orders.len() < MOST_ORDERS
    }

    /// One for each product that was bought, however many reviews are written of it; as long as it is.
    fn reviews(&self) -> Vec<PointsLine> {
        let paid = self.facts.orders.iter().filter(|order| order.is_paid());
        let bought: BTreeSet<&str> = paid.flat_map(|o| o.items.iter().map(|item| item.product_id.as_str())).collect();
        let mut first: BTreeMap<&str, At> = BTreeMap::new();
        for review in self.facts.reviews.iter().filter(|review| bought.contains(review.product_id.as_str())) {
            let at = first.entry(&review.product_id).or_insert(review.at);
            *at = (*at).min(review.at);
        }
        let line =
            |(product, at): (&str, At)| self.book.first(format!("{REVIEW}{product}"), self.book.rule.review, at, None);
        let given = self.facts.traits.ledger.iter().filter(|line| line.part == 1);
        let given = given.filter_map(|line| Some((line, line.about.strip_prefix(REVIEW)?)));
        let right = |(given, product): (&PointsLine, &str)| match bought.contains(product) {
            true => self.book.correction(&given.about, given.change),
            false if self.knows_all_orders() => self.book.correction(&given.about, 0),
            false => None,
        };
        first.into_iter().filter_map(line).chain(given.filter_map(right)).collect()
    }

    fn sign_up(&self) -> Option<PointsLine> {
        self.book.first("sign_up".to_owned(), self.book.rule.sign_up, self.facts.contact.registered?, None)
    }

    fn birthday(&self) -> Option<PointsLine> {
        let born: NaiveDate = self.facts.contact.birthday.as_deref()?.parse().ok()?;
        let (tz, now) = (self.book.shop.timezone, self.facts.now);
        let day = dates::each_year(born, self.book.shop.country == "IR");
        let comings = dates::comings(day, dates::day_of(tz, now));
        let coming = comings.into_iter().rev().find(|coming| dates::midnight(tz, coming.on) <= now)?;
        let at = dates::midnight(tz, coming.on);
        let fresh = now < at.plus(BIRTHDAY) && at >= self.facts.contact.created;
        self.book.first(format!("birthday:{}", coming.year?), self.book.rule.birthday, at, None).filter(|_| fresh)
    }
}

/// What became of somebody's points up to now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reckoning {
    /// Below zero when more was taken back than is left.
    pub left: i64,
    /// When points went unused, and how many.
    pub expired: Vec<(At, i64)>,
}

/// Takes and expiries in the order of time: what ends first is used first.
#[must_use]
pub fn reckon(ledger: &[PointsLine], now: At) -> Reckoning {
    // The lines about one thing are one gift, or one thing paid for.
    let mut sums: BTreeMap<&str, (At, i64, At)> = BTreeMap::new();
    for line in ledger.iter().filter(|line| line.at <= now) {
        let expires = line.expires.unwrap_or(At::NEVER);
        let sum = sums.entry(&line.about).or_insert((line.at, 0, expires));
        sum.0 = sum.0.min(line.at);
        sum.1 += line.change;
    }
    let mut in_time: Vec<(At, i64, At)> = sums.into_values().filter(|(_, sum, _)| *sum != 0).collect();
    // Of one moment, what is given first.
    in_time.sort_by_key(|(at, sum, _)| (*at, *sum < 0));
    let mut purse = Purse::default();
    for (at, sum, expires) in in_time {
        purse.expire(at);
        if sum > 0 { purse.give(sum, expires) } else { purse.take(-sum) }
    }
    purse.expire(now);
    Reckoning { left: purse.lots.values().sum::<i64>() - purse.debt, expired: purse.expired }
}

/// What is left now; never below zero.
#[must_use]
pub fn balance(ledger: &[PointsLine], now: At) -> i64 {
    reckon(ledger, now).left.max(0)
}

#[derive(Default)]
struct Purse {
    /// By their end.
    lots: BTreeMap<At, i64>,
    /// Taken though nothing was left: the next points pay for it.
    debt: i64,
    expired: Vec<(At, i64)>,
}

impl Purse {
    fn expire(&mut self, now: At) {
        while let Some(lot) = self.lots.first_entry().filter(|lot| *lot.key() <= now) {
            self.expired.push(lot.remove_entry());
        }
    }

    fn give(&mut self, mut points: i64, expires: At) {
        let paid = points.min(self.debt);
        self.debt -= paid;
        points -= paid;
        if points > 0 {
            *self.lots.entry(expires).or_default() += points;
        }
    }

    fn take(&mut self, mut points: i64) {
        while points > 0 {
            let Some(mut lot) = self.lots.first_entry() else { break };
            let used = points.min(*lot.get());
            points -= used;
            *lot.get_mut() -= used;
            if *lot.get() == 0 {
                lot.remove();
            }
        }
        self.debt += points;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::model::{Language, Trigger};
    use crate::money::Currency;
    use crate::render::samples::{self, SampleKind};
    use crate::state::model::Review;

    const DAY: i64 = 86_400_000;

    fn line(day: i64, change: i64, about: &str, part: u32, expires: Option<i64>) -> PointsLine {
        let expires = expires.map(|day| At(day * DAY));
        PointsLine { at: At(day * DAY), change, about: about.to_owned(), part, expires, rate: None }
    }

    #[test]
    fn what_ends_first_is_used_first() {
        let ledger = [
            line(1, 100, "order:1", 1, Some(30)),
            line(2, 50, "review:1", 1, Some(10)),
            line(3, -70, "coupon:1", 1, None),
        ];
        let at = |day| reckon(&ledger, At(day * DAY));
        assert_eq!(at(2).left, 150);
        assert_eq!(at(3), Reckoning { left: 80, expired: vec![] });
        assert_eq!(at(11).left, 80, "the fifty were used");
        assert_eq!(at(30), Reckoning { left: 0, expired: vec![(At(30 * DAY), 80)] });
    }

    #[test]
    fn what_is_taken_back_was_never_given_and_debts_are_paid() {
        let mut ledger = vec![
            line(1, 100, "order:1", 1, None),
            line(2, -80, "coupon:1", 1, None),
            line(5, -100, "order:1", 2, None),
        ];
        assert_eq!((reckon(&ledger, At(5 * DAY)).left, balance(&ledger, At(5 * DAY))), (-80, 0));
        ledger.push(line(6, 100, "order:2", 1, None));
        assert_eq!(balance(&ledger, At(6 * DAY)), 20);
        ledger.push(line(7, 80, "coupon:1", 2, None));
        assert_eq!(balance(&ledger, At(7 * DAY)), 100, "the text was never sent");
    }

    #[test]
    fn a_coupon_is_paid_once_and_given_back_whole() {
        let (id, now) = (MessageId(7), At(9));
        let mut ledger = Vec::new();
        let mut pay = |price| paid(&ledger.clone(), id, price, now).map(|line| ledger.push(line)).is_some();
        assert!(!pay(0), "nothing was taken");
        assert!(pay(500) && !pay(500));
        assert!(pay(0) && !pay(0));
        assert!(pay(500), "it goes again");
        let sum: Vec<(u32, i64)> = ledger.iter().map(|line| (line.part, line.change)).collect();
        assert_eq!(sum, [(1, -500), (2, 500), (3, -500)]);
        assert_eq!((price(&ledger, id), price(&ledger, MessageId(8))), (500, 0));
        // The owner has raised it since, and between two hand-overs.
        ledger.extend(paid(&ledger, id, 0, now));
        assert_eq!(paid_for(&ledger), []);
        ledger.extend(paid(&ledger, id, 800, now));
        assert_eq!((price(&ledger, id), paid_for(&ledger)), (800, vec![id]));
    }

    fn rule() -> PointsRule {
        PointsRule {
            per: Some("10000".to_owned()),
            review: 50,
            sign_up: 20,
            referral: 0,
            birthday: 100,
            expires: Some(Span::days(365)),
            since: None,
        }
    }

    fn person() -> (Facts, ShopView) {
        let trigger = Trigger::OrderStatus { statuses: vec!["completed".to_owned()] };
        let mut sample = samples::sample(SampleKind::Usual, &trigger, samples::shop(Language::Persian));
        sample.facts.traits.ledger.clear();
        let order = &mut sample.facts.orders[0];
        order.total = Money { minor: 125_000, currency: Currency::IRT };
        (sample.facts, sample.shop)
    }

    /// As a look does it.
    fn settle(facts: &mut Facts, rule: &PointsRule, shop: &ShopView) -> Vec<(String, u32, i64)> {
        let lines = owed(rule, shop, facts);
        facts.traits.ledger.extend(lines.clone());
        lines.into_iter().map(|line| (line.about, line.part, line.change)).collect()
    }

    #[test]
    fn an_order_earns_once_and_loses_what_is_refunded() {
        let (mut facts, shop) = person();
        let about = format!("order:{}", facts.orders[0].id);
        assert_eq!(settle(&mut facts, &rule(), &shop), [(about.clone(), 1, 12)]);
        assert_eq!(settle(&mut facts, &rule(), &shop), []);
        facts.orders[0].refunded.minor = 50_000;
        // The owner has since become less generous: what was earned stays by what was said then.
        let dearer = PointsRule { per: Some("50000".to_owned()), ..rule() };
        assert_eq!(settle(&mut facts, &dearer, &shop), [(about.clone(), 2, -5)]);
        facts.orders[0].status = "cancelled".to_owned();
        assert_eq!(settle(&mut facts, &rule(), &shop), [(about.clone(), 3, -7)]);
        facts.orders[0].status = "completed".to_owned();
        assert_eq!(settle(&mut facts, &rule(), &shop), [(about.clone(), 4, 7)], "it stands again");
        facts.orders.clear();
        assert_eq!(settle(&mut facts, &rule(), &shop), [(about, 5, -7)], "it is somebody else's");
    }

    #[test]
    fn an_order_earns_when_its_money_is_there() {
        let (mut facts, shop) = person();
        let first = |facts: &mut Facts| settle(facts, &rule(), &shop).first().map(|(.., points)| *points);
        let reached = |status: &str| BTreeMap::from([(status.to_owned(), At(1))]);
        facts.orders[0].status = "on-hold".to_owned();
        facts.orders[0].reached = reached("on-hold");
        assert_eq!(first(&mut facts), None, "a transfer is awaited");
        facts.orders[0].status = "processing".to_owned();
        facts.orders[0].reached = reached("processing");
        facts.orders[0].payment_method = Some("cod".to_owned());
        assert_eq!(first(&mut facts), None, "it is paid for at the door");
        facts.orders[0].status = "packing".to_owned();
        facts.orders[0].payment_method = None;
        assert_eq!(first(&mut facts), Some(12), "a status of the shop's own, after it was paid");
    }

    #[test]
    fn a_review_of_what_was_not_bought_after_all_earns_nothing() {
        let (mut facts, shop) = person();
        settle(&mut facts, &rule(), &shop);
        let product = facts.orders[0].items[0].product_id.clone();
        facts.reviews = vec![Review { product_id: product.clone(), order_id: None, at: facts.now }];
        let about = format!("review:{product}");
        assert_eq!(settle(&mut facts, &rule(), &shop), [(about.clone(), 1, 50)]);
        facts.orders[0].status = "cancelled".to_owned();
        assert!(settle(&mut facts, &rule(), &shop).contains(&(about.clone(), 2, -50)));
        facts.orders[0].status = "completed".to_owned();
        assert!(settle(&mut facts, &rule(), &shop).contains(&(about, 3, 50)), "bought again");
        assert_eq!(settle(&mut facts, &rule(), &shop), []);
    }

    #[test]
    fn reviews_accounts_and_birthdays_earn_once_each() {
        let (mut facts, shop) = person();
        settle(&mut facts, &rule(), &shop);
        let product = facts.orders[0].items[0].product_id.clone();
        let review = |product_id: &str| Review { product_id: product_id.to_owned(), order_id: None, at: facts.now };
        let reviews = vec![review(&product), review(&product), review("never-bought")];
        facts.reviews = reviews;
        facts.contact.registered = Some(facts.now.minus(Span::days(3)));
        let today = dates::day_of(shop.timezone, facts.now);
        facts.contact.birthday = Some(today.format("1990-%m-%d").to_string());
        let year = dates::comings(dates::each_year("1990-11-22".parse().unwrap(), true), today)[1].year.unwrap();
        let expected =
            [(format!("review:{product}"), 1, 50), ("sign_up".to_owned(), 1, 20), (format!("birthday:{year}"), 1, 100)];
        let earned = settle(&mut facts, &rule(), &shop);
        assert!(expected[..2].iter().all(|line| earned.contains(line)), "{earned:?}");
        assert!(
            earned.len() == 3 || earned.len() == 2,
            "a birthday by the Jalali calendar may lie a day beside: {earned:?}"
        );
        assert_eq!(settle(&mut facts, &rule(), &shop), []);
    }

    #[test]
    fn what_would_be_gone_or_was_before_the_beginning_earns_nothing() {
        let (mut facts, shop) = person();
        facts.orders[0].placed = Some(facts.now.minus(Span::days(400)));
        assert_eq!(settle(&mut facts, &rule(), &shop), []);
        facts.orders[0].placed = Some(facts.now.minus(Span::days(10)));
        let since = dates::day_of(shop.timezone, facts.now.minus(Span::days(9)));
        assert_eq!(settle(&mut facts, &PointsRule { since: Some(since), ..rule() }, &shop), []);
        assert_eq!(settle(&mut facts, &rule(), &shop).len(), 1);
    }
}
