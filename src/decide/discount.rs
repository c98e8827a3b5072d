//! How much a coupon of one's own takes off, for this basket and within the owner's margin.

use crate::campaign::model::{CouponCode, CouponProducts, CouponSpec, Off};
use crate::money::{Currency, Money};
use crate::state::model::OwnCoupon;

/// A whole, in hundredths of a percent.
const WHOLE: u64 = 10_000;
/// Less than this is nothing to speak of.
const ONE_PERCENT: u32 = 100;

/// What one person is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discount {
    pub off: Off,
    /// The least basket that it is good for, decimal in the shop's currency.
    pub minimum: Option<String>,
}

/// What to take off a basket of this total; of no basket: what the smallest gets. `margin`: the share of the price that is not
/// the goods' cost, in hundredths of a percent. `None` when the margin leaves nothing to give.
#[must_use]
pub fn discount(spec: &CouponSpec, basket: Option<Money>, margin: Option<u32>) -> Option<Discount> {
    let from =
        |decimal: &str, basket: Money| Money::parse(decimal, basket.currency).is_ok_and(|m| basket.minor >= m.minor);
    let place = basket.and_then(|basket| spec.by_basket.iter().rposition(|tier| from(&tier.from, basket)));
    let (below, tier) = match place.and_then(|place| spec.by_basket.split_at_checked(place)) {
        Some((below, [tier, ..])) => (below, Some(tier)),
        _ => (Default::default(), None),
    };
    let wanted = tier.map_or(&spec.off, |tier| &tier.off);
    let most = margin.zip(spec.floor).map(|(margin, floor)| most(margin, floor));
    let off = match (wanted, most) {
        (Off::Percent(0), _) => Off::Percent(0),
        (_, Some(most)) if most < ONE_PERCENT => return None,
        // Whole percents read well, and are rounded in the shop's favour.
        (Off::Percent(percent), Some(most)) if *percent > most => Off::Percent(most / ONE_PERCENT * ONE_PERCENT),
        (wanted, _) => wanted.clone(),
    };
    let least_of_tier = tier.filter(|tier| below.iter().any(|below| gives_less(&below.off, &tier.off)));
    let leasts = [
        spec.minimum.as_deref().and_then(cents),
        least_of_tier.and_then(|tier| cents(&tier.from)),
        least_for(&off, most),
    ];
    let minimum = leasts.into_iter().flatten().filter(|least| *least > 0).max().map(decimal);
    Some(Discount { off, minimum })
}

/// The least basket for a sum: half of it stays with the shop, and what the floor asks for.
fn least_for(off: &Off, most: Option<u32>) -> Option<i64> {
    let Off::Amount(sum) = off else { return None };
    let sum = cents(sum)?;
    let by_floor = most.map(|most| {
        let least = u64::try_from(sum).unwrap_or_default().saturating_mul(WHOLE).div_ceil(u64::from(most.max(1)));
        three_digits(i64::try_from(least).unwrap_or(i64::MAX))
    });
    Some(sum.saturating_mul(2).max(by_floor.unwrap_or_default()))
}

/// Rounded up to whole units, and to three digits of them: a sum that reads well.
fn three_digits(cents: i64) -> i64 {
    let units = cents.saturating_add(99) / 100;
    let step = 10_i64.pow(units.max(1).ilog10().saturating_sub(2));
    (units.saturating_add(step - 1) / step).saturating_mul(step).saturating_mul(100)
}

/// Whether a basket that has since become smaller would get less.
fn gives_less(below: &Off, here: &Off) -> bool {
    match (below, here) {
        (Off::Percent(below), Off::Percent(here)) => below < here,
        // A sum is more of a smaller basket.
        _ => true,
    }
}

/// Hundredths of any currency's unit, for reckoning with sums of the same.
fn cents(decimal: &str) -> Option<i64> {
    Money::parse(decimal, Currency::EUR).ok().map(|sum| sum.minor)
}

fn decimal(cents: i64) -> String {
    Money { minor: cents, currency: Currency::EUR }.decimal().trim_end_matches(".00").to_owned()
}

/// The largest share that may be taken off so that, of what is then paid, at least `floor` is above the goods' cost.
fn most(margin: u32, floor: u32) -> u32 {
    let (cost, keep) = (WHOLE.saturating_sub(margin.into()), WHOLE.saturating_sub(floor.into()).max(1));
    // cost / (1 − floor) is the least price; rounded up, so that the share is rounded down.
    let least = (cost * WHOLE).div_ceil(keep);
    u32::try_from(WHOLE.saturating_sub(least)).unwrap_or_default()
}

/// The coupon as it is promised to one person; `cart` and `offer` are the products that the text is about. `None`: it is for
/// products of which there are none now, and a code for none would be one for all.
#[must_use]
pub fn promised(spec: &CouponSpec, discount: Discount, cart: Vec<String>, offer: Option<String>) -> Option<OwnCoupon> {
    let (discount_type, amount) = match discount.off {
        Off::Percent(hundredths) => ("percent", percent(hundredths)),
        Off::Amount(amount) => ("fixed_cart", amount),
    };
    let some = |ids: Vec<String>| Some(ids).filter(|ids| !ids.is_empty());
    let products = match &spec.products {
        CouponProducts::All => Vec::new(),
        CouponProducts::Cart => some(cart)?,
        CouponProducts::Offer => vec![offer?],
        CouponProducts::Listed(ids) => some(ids.clone())?,
    };
    let (lives, friends) = match spec.code {
        CouponCode::Own { lives, friends, .. } => (lives, friends),
        CouponCode::Shared(_) => (None, false),
    };
    Some(OwnCoupon {
        discount_type: discount_type.to_owned(),
        amount,
        free_shipping: spec.free_shipping,
        lives,
        minimum: discount.minimum,
        products,
        friends,
    })
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
            let given = discount(&spec(), basket, None).unwrap();
            assert_eq!((given.off, given.minimum), (Off::Percent(percent), None), "{basket:?}");
        }
    }

    #[test]
    fn the_margin_is_never_given_away() {
        let floor = CouponSpec { floor: Some(1500), ..spec() };
        let off = |margin| discount(&floor, None, Some(margin)).map(|given| given.off);
        // Goods for 60 of 100: 15 % of the price stay at 70.59, so 29.41 may go.
        assert_eq!(most(4000, 1500), 2941);
        assert_eq!(off(4000), Some(Off::Percent(1500)));
        assert_eq!(off(2000), Some(Off::Percent(500)), "5.88 % is left, 5 are given");
        assert_eq!(off(1550), None);
        assert_eq!(off(1000), None, "there is less than the floor already");
    }

    #[test]
    fn a_sum_says_the_basket_that_can_bear_it() {
        let sum =
            |sum: &str, floor| CouponSpec { off: Off::Amount(sum.to_owned()), by_basket: Vec::new(), floor, ..spec() };
        let least = |spec: &CouponSpec, margin| discount(spec, None, Some(margin)).and_then(|given| given.minimum);
        assert_eq!(least(&sum("100000", None), 4000).as_deref(), Some("200000"), "half of it stays");
        // 100,000 of 340,020.4 are 29.41 %; of 1,700,680.3 they are 5.88 %.
        assert_eq!(least(&sum("100000", Some(1500)), 4000).as_deref(), Some("341000"));
        assert_eq!(least(&sum("100000", Some(1500)), 2000).as_deref(), Some("1710000"));
        assert_eq!(least(&sum("10.50", Some(1500)), 4000).as_deref(), Some("36"));
        assert_eq!(discount(&sum("100000", Some(1500)), None, Some(1550)), None, "less than one percent is left");
        let own = CouponSpec { minimum: Some("900000".to_owned()), ..sum("100000", Some(1500)) };
        assert_eq!(least(&own, 4000).as_deref(), Some("900000"));
    }

    #[test]
    fn what_a_larger_basket_gets_is_not_good_for_a_smaller_one() {
        let tier = |from: &str, off| Tier { from: from.to_owned(), off };
        let sums = |sum: &str| Off::Amount(sum.to_owned());
        for (off, least) in [
            (sums("500000"), Some("2000000")),
            (sums("1200000"), Some("2400000")),
            (Off::Percent(2_000), Some("2000000")),
            (Off::Percent(1_000), None),
        ] {
            let spec =
                CouponSpec { by_basket: vec![tier("0", Off::Percent(1_500)), tier("2000000", off.clone())], ..spec() };
            let given = discount(&spec, Some(toman(3_000_000)), None).unwrap();
            assert_eq!((given.off, given.minimum.as_deref()), (off, least));
        }
    }

    #[test]
    fn a_code_for_no_product_is_none() {
        let of = |products| CouponSpec { products, ..spec() };
        let promised = |products, cart: &[&str], offer: Option<&str>| {
            let given = Discount { off: Off::Percent(500), minimum: None };
            let cart = cart.iter().map(ToString::to_string).collect();
            super::promised(&of(products), given, cart, offer.map(str::to_owned)).map(|own| own.products)
        };
        assert_eq!(promised(CouponProducts::All, &[], None), Some(vec![]));
        assert_eq!(promised(CouponProducts::Cart, &[], Some("3")), None);
        assert_eq!(promised(CouponProducts::Offer, &["3"], None), None);
        assert_eq!(promised(CouponProducts::Offer, &[], Some("3")), Some(vec!["3".to_owned()]));
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
