//! How much a coupon of one's own takes off, for this basket and within the owner's margin.

use crate::campaign::model::{CouponCode, CouponProducts, CouponSpec, Off};
use crate::money::{Currency, Money};
use crate::state::model::OwnCoupon;

/// A whole, in hundredths of a percent.
const WHOLE: u64 = 10_000;

/// What to take off a basket of this total; of no basket: what the smallest gets. `margin`: the share of the price that is not
/// the goods' cost, in hundredths of a percent. `None` when the margin leaves nothing to give.
#[must_use]
pub fn off(spec: &CouponSpec, basket: Option<Money>, margin: Option<u32>) -> Option<Off> {
    let from =
        |decimal: &str, basket: Money| Money::parse(decimal, basket.currency).is_ok_and(|m| basket.minor >= m.minor);
    let tier = basket.and_then(|basket| spec.by_basket.iter().rev().find(|tier| from(&tier.from, basket)));
    let wanted = tier.map_or(&spec.off, |tier| &tier.off);
    let (Some(margin), Some(floor)) = (margin, spec.floor) else { return Some(wanted.clone()) };
    let most = most(margin, floor);
    match wanted {
        // Whole percents read well, and are rounded in the shop's favour.
        Off::Percent(percent) if *percent > most => Some(Off::Percent(most / 100 * 100)).filter(|_| most >= 100),
        Off::Percent(_) => Some(wanted.clone()),
        Off::Amount(decimal) => {
            let Some(basket) = basket else { return Some(wanted.clone()) };
            let sum = Money::parse(decimal, basket.currency).ok()?;
            let room = i128::from(basket.minor) * i128::from(most) / i128::from(WHOLE);
            (i128::from(sum.minor) <= room).then(|| wanted.clone())
        }
    }
}

/// The largest share that may be taken off so that, of what is then paid, at least `floor` is above the goods' cost.
fn most(margin: u32, floor: u32) -> u32 {
    let (cost, keep) = (WHOLE.saturating_sub(margin.into()), WHOLE.saturating_sub(floor.into()).max(1));
    // cost / (1 − floor) is the least price; rounded up, so that the share is rounded down.
    let least = (cost * WHOLE).div_ceil(keep);
    u32::try_from(WHOLE.saturating_sub(least)).unwrap_or_default()
}

/// The coupon as it is promised to one person; `cart` and `offer` are the products that the text is about.
#[must_use]
pub fn promised(spec: &CouponSpec, off: &Off, cart: Vec<String>, offer: Option<String>) -> OwnCoupon {
    let (discount_type, amount) = match off {
        Off::Percent(hundredths) => ("percent", percent(*hundredths)),
        Off::Amount(amount) => ("fixed_cart", amount.clone()),
    };
    let products = match &spec.products {
        CouponProducts::All => Vec::new(),
        CouponProducts::Cart => cart,
        CouponProducts::Offer => offer.into_iter().collect(),
        CouponProducts::Listed(ids) => ids.clone(),
    };
    let (lives, friends) = match spec.code {
        CouponCode::Own { lives, friends, .. } => (lives, friends),
        CouponCode::Shared(_) => (None, false),
    };
    OwnCoupon {
        discount_type: discount_type.to_owned(),
        amount,
        free_shipping: spec.free_shipping,
        lives,
        minimum: spec.minimum.clone().or_else(|| twice(off)),
        products,
        friends,
    }
}

/// The least basket for a sum where the owner names none: half of it stays with the shop at least.
fn twice(off: &Off) -> Option<String> {
    let Off::Amount(sum) = off else { return None };
    let doubled = Money::parse(sum, Currency::EUR).ok()?.minor.checked_mul(2)?;
    Some(Money { minor: doubled, currency: Currency::EUR }.decimal().trim_end_matches(".00").to_owned())
}

/// Hundredths of a percent as WooCommerce writes them: 500 is `5`, 750 is `7.5`.
#[must_use]
pub fn percent(hundredths: u32) -> String {
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:02}").trim_end_matches('0').to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::model::Tier;
    use crate::clock::Span;

    fn spec() -> CouponSpec {
        let tier = |from: &str, percent| Tier { from: from.to_owned(), off: Off::Percent(percent) };
        CouponSpec {
            code: CouponCode::Own { prefix: "b".to_owned(), lives: Some(Span::hours(48)), friends: false },
            off: Off::Percent(1500),
            by_basket: vec![tier("0", 1500), tier("2000000", 1000), tier("5000000", 500)],
            free_shipping: false,
            minimum: None,
            products: CouponProducts::All,
            floor: None,
            points: None,
        }
    }

    fn toman(minor: i64) -> Money {
        Money { minor, currency: Currency::IRT }
    }

    #[test]
    fn larger_baskets_get_smaller_shares() {
        for (basket, percent) in [
            (None, 1500),
            (Some(toman(0)), 1500),
            (Some(toman(1_999_999)), 1500),
            (Some(toman(2_000_000)), 1000),
            (Some(toman(5_000_000)), 500),
            (Some(toman(90_000_000)), 500),
        ] {
            assert_eq!(off(&spec(), basket, None), Some(Off::Percent(percent)), "{basket:?}");
        }
    }

    #[test]
    fn the_margin_is_never_given_away() {
        let floor = CouponSpec { floor: Some(1500), ..spec() };
        // Goods for 60 of 100: 15 % of the price stay at 70.59, so 29.41 may go.
        assert_eq!(most(4000, 1500), 2941);
        assert_eq!(off(&floor, None, Some(4000)), Some(Off::Percent(1500)));
        assert_eq!(off(&floor, None, Some(2000)), Some(Off::Percent(500)), "5.88 % is left, 5 are given");
        assert_eq!(off(&floor, None, Some(1550)), None);
        assert_eq!(off(&floor, None, Some(1000)), None, "there is less than the floor already");
        let sum = CouponSpec { off: Off::Amount("100000".to_owned()), by_basket: Vec::new(), ..floor };
        assert_eq!(off(&sum, Some(toman(1_000_000)), Some(4000)), Some(Off::Amount("100000".to_owned())));
        assert_eq!(off(&sum, Some(toman(300_000)), Some(4000)), None);
    }

    #[test]
    fn percents_are_written_as_the_shop_writes_them() {
        for (hundredths, text) in
            [(500, "5"), (1_000, "10"), (750, "7.5"), (1_225, "12.25"), (5, "0.05"), (10_000, "100")]
        {
            assert_eq!(percent(hundredths), text);
        }
    }
}
