//! What of a product is news to those who wait for it.

use serde::{Deserialize, Serialize};

use super::model::Product;
use crate::clock::{At, Span};
use crate::money::Money;

/// What a product cost from a moment on, until the next such.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Priced {
    pub since: At,
    /// In the currency of the product's price.
    pub minor: i64,
}

/// A price that was lowered by so much, in one step or several, and not raised since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fall {
    pub from: Money,
    /// When it had come to be so much.
    pub at: At,
}

/// Prices are remembered so long, and so many.
const REMEMBERED: Span = Span::days(60);
const MOST: usize = 60;
/// A lowered price is measured by the lowest of so long before, so that one which is raised for a day and lowered again has not
/// fallen (as in article 6a of the European directive 98/6/EC).
const OF_LATE: Span = Span::days(30);

/// In stock for less than so long is hardly in stock.
const SHORT: Span = Span::days(1);

/// So few left are worth telling of at all.
pub const FEW: i64 = 50;

/// The product as told at `at`, with what changed since it was told of `before`; and whether that is news to anybody.
#[must_use]
pub fn noticed(before: Option<&Product>, told: Product, at: At) -> (Product, bool) {
    let Some(before) = before else {
        let is = told.is_available();
        let (out, back) = if is { (None, Some(at)) } else { (Some(at), None) };
        // Whoever asked for it before it was told of asked because it was out: the shop takes no other wishes.
        return (Product { out, back, prices: remembered(None, &told, at), ..told }, is);
    };
    let (was, is) = (before.is_available(), told.is_available());
    let cheaper =
        before.price.zip(told.price).is_some_and(|(from, now)| from.currency == now.currency && now.minor < from.minor);
    let prices = remembered(Some(before), &told, at);
    let few = told.stock_quantity.filter(|n| *n <= FEW);
    let fewer = few.is_some_and(|n| before.stock_quantity.is_none_or(|before| n < before));
    let news = is && (!was || cheaper || fewer);
    // Who saw it out has not had it back by a return of hours.
    let still = before.out.filter(|_| before.back.is_some_and(|back| at.since(back) < SHORT));
    let out = if was && !is { still.or(Some(at)) } else { before.out };
    let back = if is && !was { Some(at) } else { before.back };
    (Product { prices, out, back, ..told }, news)
}

/// The prices of late, the present one last.
fn remembered(before: Option<&Product>, told: &Product, at: At) -> Vec<Priced> {
    let Some(now) = told.price else { return Vec::new() };
    let before = before.filter(|before| before.price.is_some_and(|price| price.currency == now.currency));
    let mut prices = before.map(|before| before.prices.clone()).unwrap_or_default();
    if let (true, Some((before, price))) = (prices.is_empty(), before.and_then(|before| Some((before, before.price?))))
    {
        prices.push(Priced { since: before.updated, minor: price.minor });
    }
    // Of what is told of one moment the last counts.
    while prices.last().is_some_and(|last| last.since == at) {
        prices.pop();
    }
    if prices.last().is_none_or(|last| last.minor != now.minor) {
        prices.push(Priced { since: at, minor: now.minor });
    }
    let of_late = prices.iter().skip(1).filter(|next| next.since > at.minus(REMEMBERED)).count();
    let kept = prices.len().min(of_late.saturating_add(1)).min(MOST);
    prices.split_off(prices.len().saturating_sub(kept))
}

impl Product {
    /// How far the price has fallen without a rise between, if by so many percent.
    #[must_use]
    pub fn fall(&self, percent: u32) -> Option<Fall> {
        let price = self.price?;
        let falls = self.prices.windows(2).rev().take_while(|pair| matches!(pair, [a, b] if b.minor < a.minor)).count();
        let (before, falling) = self.prices.split_at_checked(self.prices.len().checked_sub(falls)?)?;
        let began = falling.first()?.since;
        let until = before.iter().skip(1).chain(falling).map(|next| next.since);
        let of_late = before.iter().zip(until).filter(|(_, until)| *until > began.minus(OF_LATE));
        let from = of_late.map(|(before, _)| before.minor).min()?;
        let reached = falling.iter().find(|priced| is_less(percent, from, priced.minor))?;
        Some(Fall { from: Money { minor: from, ..price }, at: reached.since })
    }

    /// Whether it costs less by so many percent than at `t`, as far as is remembered.
    #[must_use]
    pub fn is_cheaper_than_at(&self, t: At, percent: u32) -> bool {
        let then = self.prices.iter().rev().find(|priced| priced.since <= t).or(self.prices.first());
        then.zip(self.price).is_some_and(|(then, now)| is_less(percent, then.minor, now.minor))
    }

    /// Whether it was out of stock at `t`, as far as is remembered.
    #[must_use]
    pub fn was_out(&self, t: At) -> bool {
        self.out.is_some_and(|out| out <= t) && self.back.is_none_or(|back| back < self.out.unwrap_or(back) || t < back)
    }
}

fn is_less(percent: u32, from: i64, now: i64) -> bool {
    from.saturating_sub(now).saturating_mul(100) >= i64::from(percent).saturating_mul(from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use crate::state::model::Stock;

    fn told(minor: i64, updated: At) -> Product {
        Product {
            id: "12".to_owned(),
            name: "Socks".to_owned(),
            url: String::new(),
            price: Some(Money { minor, currency: Currency::NONE }),
            regular_price: None,
            stock: Stock::In,
            stock_quantity: None,
            categories: Vec::new(),
            cross_sells: Vec::new(),
            upsells: Vec::new(),
            image: None,
            variations: Vec::new(),
            published: true,
            prices: Vec::new(),
            out: None,
            back: None,
            updated,
        }
    }

    /// Told of one price a day, from the first on.
    fn priced(minors: &[i64]) -> Product {
        let mut known: Option<Product> = None;
        for (day, minor) in (1..).zip(minors) {
            let at = At(0).plus(Span::days(day));
            known = Some(noticed(known.as_ref(), told(*minor, at), at).0);
        }
        known.unwrap()
    }

    fn fall(minors: &[i64], percent: u32) -> Option<(i64, i64)> {
        priced(minors).fall(percent).map(|fall| (fall.from.minor, fall.at.0 / Span::days(1).0))
    }

    #[test]
    fn a_price_that_was_raised_for_a_day_has_not_fallen() {
        assert_eq!(fall(&[100, 200, 100], 5), None);
        assert_eq!(fall(&[100, 200, 90], 5), Some((100, 3)));
        let mut long = vec![100];
        long.extend([200; 40]);
        long.push(100);
        assert_eq!(fall(&long, 5), Some((200, 42)), "dear for a month is what it costs");
    }

    #[test]
    fn steps_downward_are_one_fall() {
        assert_eq!(fall(&[100, 97, 94], 5), Some((100, 3)));
        assert_eq!(fall(&[100, 97, 94, 94, 80], 5), Some((100, 3)), "and stay the same one");
        assert_eq!(fall(&[100, 97, 94, 95], 5), None);
        assert_eq!(fall(&[100, 97], 5), None);
        assert_eq!(fall(&[100], 1), None);
    }

    #[test]
    fn prices_are_remembered_for_a_time() {
        let known = priced(&(0..200).collect::<Vec<i64>>());
        assert_eq!((known.prices.len(), known.prices.last().unwrap().minor), (60, 199));
        let at = |day: i64| At(0).plus(Span::days(day));
        let known = priced(&[100, 97, 94]);
        assert!(known.is_cheaper_than_at(at(1), 5) && !known.is_cheaper_than_at(at(2), 5));
        assert!(known.is_cheaper_than_at(At(0), 5), "before that nothing is remembered");
    }
}
