//! `[coupons.…]`: what the owner may give, read and checked. Pure.

use std::collections::BTreeMap;
use std::ops::Range;

use super::file::{RawCoupon, RawFile, RawOff, RawTier};
use super::model::{Campaign, CouponCode, CouponProducts, CouponSpec, Off, Step, Tier};
use super::trigger::About;
use crate::document::{Found, Problems};
use crate::ids;
use crate::money::{Currency, Money};
use crate::problem::{Code, Label};

/// A code of one's own is these letters and seven more: short enough to be typed.
const LONGEST_PREFIX: usize = 5;
/// The bridge makes no larger ones by itself, in hundredths of a percent: a slip of the pen must not give the shop away.
const MOST_OWN: u32 = 5_000;

/// Every coupon of the file by the owner's id for it.
pub(super) fn read(raw: &RawFile, problems: &Problems) -> BTreeMap<String, CouponSpec> {
    let read = Reading { problems, margin: raw.margin.is_some() };
    let mut by_code = BTreeMap::new();
    let mut coupons = BTreeMap::new();
    for coupon in &raw.coupons {
        if let Some(spec) = read.coupon(coupon, &mut by_code) {
            coupons.insert(coupon.id.value.clone(), spec);
        }
    }
    coupons
}

/// A share in percent, above 0 and below 100, in hundredths.
pub(super) fn share(key: &str, found: &Found<String>, problems: &Problems) -> Option<u32> {
    let share = hundredths(&found.value).filter(|p| (1..10_000).contains(p));
    if share.is_none() {
        let what = format!("`{key}` is {}: expected a share above 0 and below 100", found.value);
        problems.add(Code::BadValue, &found.span, what, format!("write it such as `{key} = 30`"));
    }
    share
}

/// Whether the coupons of a step are for something that its campaign has: a code for none of a basket's products, or for no
/// offer, would be one for everything.
pub(super) fn suit(
    given: &[(&Found<String>, &Step)],
    campaign: &Campaign,
    coupons: &BTreeMap<String, CouponSpec>,
    problems: &Problems,
) {
    for (found, step) in given {
        let Some(spec) = step.coupon.as_ref().and_then(|id| coupons.get(id)) else { continue };
        let (code, lacks) = match spec.products {
            CouponProducts::Cart if campaign.trigger.about() != About::Basket => {
                (Code::NotWithTrigger, "the products of a basket, and this campaign is about none")
            }
            CouponProducts::Offer if campaign.offer.is_none() && campaign.trigger.about() != About::Product => {
                (Code::NeedsOffer, "the offered product, and this campaign offers none")
            }
            _ => continue,
        };
        let what = format!("coupon `{}` is for {lacks}", found.value);
        let help = "give another coupon here, or write `products = \"all\"` in this one, or a list of ids";
        problems.add(code, &found.span, what, help);
    }
}

struct Reading<'p> {
    problems: &'p Problems,
    /// The file says what is left above the goods' cost.
    margin: bool,
}

impl Reading<'_> {
    fn coupon(&self, raw: &RawCoupon, by_code: &mut BTreeMap<String, Range<usize>>) -> Option<CouponSpec> {
        let code = self.code(raw, by_code);
        let by_basket: Vec<Tier> = raw.by_basket.iter().filter_map(|tier| self.tier(tier)).collect();
        self.ascending(raw, &by_basket);
        let free_shipping = raw.free_shipping.as_ref().is_some_and(|f| f.value);
        let off = match (&raw.off, by_basket.first()) {
            (RawOff { percent: None, amount: None }, Some(first)) => Some(first.off.clone()),
            (RawOff { percent: None, amount: None }, None) if free_shipping => Some(Off::Percent(0)),
            (off, _) => self.off(off, &raw.id.span, &format!("coupon `{}`", raw.id.value)),
        };
        let minimum = raw.minimum.as_ref().and_then(|found| self.sum("minimum", found));
        if let (Some(floor), false) = (&raw.floor, self.margin) {
            let what = format!("`floor` of coupon `{}` says nothing: the file does not know the margin", raw.id.value);
            let help = "write `margin = 40` under [shop]: percent of the price that is not the goods' cost";
            self.problems.add(Code::MissingKey, &floor.span, what, help);
        }
        if raw.own.is_some() {
            self.not_too_much(raw, off.iter().chain(by_basket.iter().map(|tier| &tier.off)), minimum.as_deref());
        }
        Some(CouponSpec {
            code: code?,
            off: off.unwrap_or(Off::Percent(0)),
            by_basket,
            free_shipping,
            minimum,
            products: products(raw),
            floor: raw.floor.as_ref().and_then(|found| share("floor", found, self.problems)),
            points: raw.points.as_ref().map(|found| i64::from(found.value)).filter(|points| *points > 0),
        })
    }

    fn code(&self, raw: &RawCoupon, by_code: &mut BTreeMap<String, Range<usize>>) -> Option<CouponCode> {
        match (&raw.code, &raw.own) {
            (Some(code), Some(own)) => {
                let labels = vec![Label { span: code.span.clone(), text: "and one for everybody here".to_owned() }];
                let what = "coupon has both `code` and `own`";
                let help = "keep `own` for a code of each person's own, `code` for one that all share";
                self.problems.add_with(Code::Conflict, &own.span, what, help, labels);
                None
            }
            (None, None) => {
                let what = format!("coupon `{}` lacks its code", raw.id.value);
                let help = "write the code that the buyer types, such as `code = \"off5\"`, or `own = \"b\"` for one of each person's own";
                self.problems.add(Code::MissingKey, &raw.id.span, what, help);
                None
            }
            (Some(code), None) => {
                self.only_with_own(raw);
                self.shared(code, by_code);
                Some(CouponCode::Shared(code.value.clone()))
            }
            (None, Some(own)) => {
                let prefix = own.value.to_lowercase();
                if prefix.len() > LONGEST_PREFIX || !ids::is_code(&prefix) {
                    let what = format!(
                        "`own` is {:?}: expected at most {LONGEST_PREFIX} letters and digits that are not mistaken for others (no 0, 1, i, l, o)",
                        own.value
                    );
                    let help = "write what such codes begin with, such as `own = \"b\"`";
                    self.problems.add(Code::BadValue, &own.span, what, help);
                }
                let lives = raw.lives.as_ref().and_then(|found| self.problems.length(Code::BadValue, "lives", found));
                let words = [("owner", false), ("friends", true)];
                let friends = raw.whom.as_ref().and_then(|found| self.problems.word("for", found, &words));
                let friends = friends.unwrap_or(false);
                if friends {
                    self.passed_on(raw);
                }
                Some(CouponCode::Own { prefix, lives, friends })
            }
        }
    }

    /// Whoever uses it has another basket than the one that the text is about.
    fn passed_on(&self, raw: &RawCoupon) {
        for found in raw.products.iter().filter(|found| found.value == "cart") {
            let what = "a code for friends cannot be bound to the basket of the person who passes it on";
            self.problems.add(Code::Conflict, &found.span, what, "take `products` out, or name the products");
        }
    }

    fn shared(&self, code: &Found<String>, by_code: &mut BTreeMap<String, Range<usize>>) {
        if code.value.is_empty() || code.value.chars().any(|c| c.is_whitespace() || c.is_control()) {
            let what = format!(
                "coupon code {:?} cannot be typed at the checkout: it is empty or has a space in it",
                code.value
            );
            self.problems.add(Code::BadValue, &code.span, what, "write it in one word, such as `code = \"off5\"`");
        }
        // WooCommerce compares codes without case.
        if let Some(first) = by_code.insert(code.value.to_lowercase(), code.span.clone()) {
            let what = format!("coupon code {:?} is there twice", code.value);
            let labels = vec![Label { span: first, text: "first here".to_owned() }];
            let help = "use the first one in the steps, and take this one out";
            self.problems.add_with(Code::DuplicateCode, &code.span, what, help, labels);
        }
    }

    /// A shared code's rules are the shop's own: only what each person gets can follow the text.
    fn only_with_own(&self, raw: &RawCoupon) {
        let spans = [
            ("by_basket", raw.by_basket.first().map(|tier| &tier.span)),
            ("free_shipping", raw.free_shipping.as_ref().map(|f| &f.span)),
            ("for", raw.whom.as_ref().map(|f| &f.span)),
            ("lives", raw.lives.as_ref().map(|f| &f.span)),
            ("minimum", raw.minimum.as_ref().map(|f| &f.span)),
            ("products", raw.products.first().map(|f| &f.span)),
            ("floor", raw.floor.as_ref().map(|f| &f.span)),
            ("points", raw.points.as_ref().map(|f| &f.span)),
        ];
        for (key, span) in spans {
            let Some(span) = span else { continue };
            let what =
                format!("`{key}` does not go with `code`: a code that all share keeps to the rules it has in the shop");
            let help =
                format!("set it on the coupon in WooCommerce and take `{key}` out, or write `own` instead of `code`");
            self.problems.add(Code::Conflict, span, what, help);
        }
    }

    fn off(&self, raw: &RawOff, span: &Range<usize>, whose: &str) -> Option<Off> {
        match (&raw.percent, &raw.amount) {
            (Some(percent), Some(amount)) => {
                let labels = vec![Label { span: percent.span.clone(), text: "and a percentage here".to_owned() }];
                let what = "coupon has both `percent` and `amount`";
                self.problems.add_with(
                    Code::Conflict,
                    &amount.span,
                    what,
                    "keep the one that the shop's coupon has",
                    labels,
                );
                None
            }
            (None, None) => {
                let what = format!("{whose} lacks what it takes off");
                let help = "write `percent = 5`, or `amount = \"50000\"` in the shop's currency";
                self.problems.add(Code::MissingKey, span, what, help);
                None
            }
            (Some(percent), None) => {
                let hundredths = hundredths(&percent.value).filter(|p| (1..=10_000).contains(p));
                if hundredths.is_none() {
                    let what = format!(
                        "`percent` is {}: expected more than 0 and at most 100, with at most two decimals",
                        percent.value
                    );
                    self.problems.add(Code::BadValue, &percent.span, what, "write it such as `percent = 5`");
                }
                hundredths.map(Off::Percent)
            }
            (None, Some(amount)) => self.sum("amount", amount).map(Off::Amount),
        }
    }

    /// A sum above 0. Any currency will do: only its being a sum is looked at, the shop's own is known later.
    fn sum(&self, key: &str, found: &Found<String>) -> Option<String> {
        let sum = Money::parse(&found.value, Currency::EUR).ok().filter(|m| m.minor > 0);
        if sum.is_none() {
            let what = format!("`{key}` is {:?}: expected a sum above 0 in plain digits", found.value);
            let help = format!("write it such as `{key} = \"50000\"`, without separators");
            self.problems.add(Code::BadValue, &found.span, what, help);
        }
        sum.map(|_| found.value.trim().to_owned())
    }

    fn not_too_much<'o>(&self, raw: &RawCoupon, offs: impl Iterator<Item = &'o Off>, minimum: Option<&str>) {
        for off in offs {
            let (what, help) = match off {
                Off::Percent(percent) if *percent > MOST_OWN => (
                    format!("coupon `{}` takes off more than half", raw.id.value),
                    "the bridge makes no such codes by itself; write 50 percent or less, or a shared `code` made by hand".to_owned(),
                ),
                Off::Amount(sum) if minimum.is_some_and(|least| minor(least) < minor(sum).map(|sum| sum * 2)) => (
                    format!("coupon `{}` takes {sum} off baskets of less than twice that", raw.id.value),
                    "write a larger `minimum`; without one it is twice the amount".to_owned(),
                ),
                _ => continue,
            };
            self.problems.add(Code::BadValue, &raw.id.span, what, help);
        }
    }

    fn tier(&self, raw: &RawTier) -> Option<Tier> {
        let off = self.off(&raw.off, &raw.span, "this line of `by_basket`");
        let Some(from) = &raw.from else {
            let what = "this line of `by_basket` lacks the basket from which it counts";
            let help = "write `from = \"0\"` in the first line, and larger sums in the next";
            self.problems.add(Code::MissingKey, &raw.span, what, help);
            return None;
        };
        if minor(&from.value).is_none() {
            let what = format!("`from` is {:?}: expected a sum in plain digits", from.value);
            self.problems.add(Code::BadValue, &from.span, what, "write it such as `from = \"2000000\"`");
            return None;
        }
        Some(Tier { from: from.value.trim().to_owned(), off: off? })
    }

    fn ascending(&self, raw: &RawCoupon, tiers: &[Tier]) {
        for (pair, raw) in tiers.windows(2).zip(raw.by_basket.iter().skip(1)) {
            let [before, after] = pair else { continue };
            if minor(&after.from) <= minor(&before.from) {
                let what = format!("`by_basket` goes from {} to {}: expected growing baskets", before.from, after.from);
                self.problems.add(Code::BadValue, &raw.span, what, "put the smallest basket first");
            }
        }
        if let (Some(first), Some(raw)) = (tiers.first(), raw.by_basket.first())
            && minor(&first.from) != Some(0)
        {
            let what = format!("`by_basket` says nothing of baskets below {}", first.from);
            self.problems.add(Code::BadValue, &raw.span, what, "begin with `from = \"0\"`");
        }
    }
}

/// A basket that was small when it got a small basket's share must not be filled up with it.
fn products(raw: &RawCoupon) -> CouponProducts {
    match raw.products.as_slice() {
        [] if raw.by_basket.is_empty() => CouponProducts::All,
        [one] if one.value == "all" => CouponProducts::All,
        [] => CouponProducts::Cart,
        [one] if one.value == "cart" => CouponProducts::Cart,
        [one] if one.value == "offer" => CouponProducts::Offer,
        list => CouponProducts::Listed(list.iter().map(|id| id.value.clone()).collect()),
    }
}

/// A decimal in hundredths, for comparing two of the same currency; negative ones are none.
fn minor(decimal: &str) -> Option<i64> {
    Money::parse(decimal, Currency::EUR).ok().map(|m| m.minor).filter(|minor| *minor >= 0)
}

/// `7.5` is 750.
fn hundredths(decimal: &str) -> Option<u32> {
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, "0"));
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 2 {
        return None;
    }
    let cents: u32 = format!("{fraction:0<2}").parse().ok()?;
    whole.parse::<u32>().ok()?.checked_mul(100)?.checked_add(cents)
}
