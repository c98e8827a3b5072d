//! What of a product is news to those who wait for it.

use super::model::Product;
use crate::clock::{At, Span};
use crate::money::Money;

/// A price that was lowered, and not raised since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fall {
    pub from: Money,
    pub at: At,
}

/// In stock for less than so long is hardly in stock.
const SHORT: Span = Span::days(1);

/// So few left are worth telling of at all.
pub const FEW: i64 = 50;

/// The product as told at `at`, with what changed since it was told of `before`; and whether that is news to anybody.
#[must_use]
pub fn noticed(before: Option<&Product>, told: Product, at: At) -> (Product, bool) {
    let Some(before) = before else {
        let out = (!told.is_available()).then_some(at);
        return (Product { out, ..told }, false);
    };
    let (was, is) = (before.is_available(), told.is_available());
    let fall = match (before.price, told.price) {
        (Some(from), Some(now)) if from.currency == now.currency && now.minor < from.minor => Some(Fall { from, at }),
        (Some(from), Some(now)) if from == now => before.fall,
        _ => None,
    };
    let few = told.stock_quantity.filter(|n| *n <= FEW);
    let fewer = few.is_some_and(|n| before.stock_quantity.is_none_or(|before| n < before));
    let news = is && (!was || fall != before.fall && fall.is_some() || fewer);
    // Who saw it out has not had it back by a return of hours.
    let still = before.out.filter(|_| before.back.is_some_and(|back| at.since(back) < SHORT));
    let out = if was && !is { still.or(Some(at)) } else { before.out };
    let back = if is && !was { Some(at) } else { before.back };
    (Product { fall, out, back, ..told }, news)
}

impl Product {
    /// Whether it was out of stock at `t`, as far as is remembered.
    #[must_use]
    pub fn was_out(&self, t: At) -> bool {
        self.out.is_some_and(|out| out <= t) && self.back.is_none_or(|back| back < self.out.unwrap_or(back) || t < back)
    }
}
