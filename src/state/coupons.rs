//! Codes: as the shop takes them, and as they are promised to one person.

use serde::{Deserialize, Serialize};

use crate::clock::{At, Span};
use crate::money::Money;

/// A code as the shop takes it.
#[derive(Debug, Clone)]
pub struct Coupon {
    /// In lower case, as WooCommerce compares it.
    pub code: String,
    /// `percent`, `fixed_cart`, …
    pub kind: String,
    /// Decimal, as the shop wrote it.
    pub amount: String,
    pub expires: Option<At>,
    pub usage_limit: Option<i64>,
    pub usage_count: i64,
    /// The least basket that it is good for, decimal in the shop's currency.
    pub minimum: Option<String>,
    pub deleted: bool,
    pub updated: At,
}

impl Coupon {
    /// Whether the shop takes it on a basket of this total; a minimum that cannot be read is none.
    #[must_use]
    pub fn is_good_for(&self, basket: Money) -> bool {
        reaches(basket, self.minimum.as_deref())
    }

    /// Whether the shop takes it at `t`.
    #[must_use]
    pub fn is_alive(&self, t: At) -> bool {
        !self.deleted
            && self.expires.is_none_or(|e| t < e)
            && self.usage_limit.is_none_or(|l| l <= 0 || self.usage_count < l)
    }
}

/// A coupon of one person's own, as it was promised in the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnCoupon {
    /// WooCommerce's word: `percent` or `fixed_cart`.
    pub discount_type: String,
    /// Decimal: percents, or money in the shop's currency.
    pub amount: String,
    pub free_shipping: bool,
    /// From the person's arrival. `None`: as long as the link.
    pub lives: Option<Span>,
    /// The least basket, decimal in the shop's currency.
    pub minimum: Option<String>,
    /// Ids of the products it is good for; empty: all.
    pub products: Vec<String>,
    /// For everybody but the person who got it, to be passed on.
    #[serde(default)]
    pub friends: bool,
}

impl OwnCoupon {
    /// Whether it works on a basket of this total.
    #[must_use]
    pub fn is_good_for(&self, basket: Money) -> bool {
        reaches(basket, self.minimum.as_deref())
    }
}

/// Whether a basket's total is at least this sum in its currency; one that cannot be read is none.
fn reaches(total: Money, minimum: Option<&str>) -> bool {
    let least = minimum.and_then(|m| Money::parse(m, total.currency).ok());
    least.is_none_or(|least| total.minor >= least.minor)
}
