//! Products that somebody minds: has in the basket, asked for, or looked at.

use std::collections::BTreeMap;

use super::Occasion;
use crate::campaign::trigger::Interest;
use crate::campaign::wants::MINDED;
use crate::clock::{At, Span};
use crate::decide::facts::Facts;
use crate::state::habits::{LOOKS, View, Wanted};
use crate::state::model::Product;

/// From when a product, or one of its variations, was minded, and when it was last seen.
#[derive(Debug, Clone, Copy)]
struct Minded {
    since: At,
    last: At,
}

/// The products that this person minds in one of these ways and has not bought since.
fn minded<'f>(among: &[Interest], facts: &'f Facts) -> BTreeMap<&'f str, Minded> {
    let mut found: BTreeMap<&str, Minded> = BTreeMap::new();
    let mut add = |id: &'f str, since: At, last: At| {
        let known = found.entry(id).or_insert(Minded { since, last });
        *known = Minded { since: known.since.min(since), last: known.last.max(last) };
    };
    if among.contains(&Interest::Cart)
        && let Some(cart) = facts.cart_in_hand()
    {
        let told = cart.told.max(cart.began);
        cart.items.iter().for_each(|item| {
            add(facts.thing(&item.product_id, item.variation_id.as_deref()), cart.began, told);
        });
    }
    if among.contains(&Interest::Wanted) {
        facts.wanted.iter().for_each(|wanted| add(asked_for(wanted, facts), wanted.at, wanted.at));
    }
    if among.contains(&Interest::Viewed) {
        facts.views.iter().for_each(|view| add(looked_at(view, facts), view.at, view.at));
    }
    found.retain(|id, minded| facts.last_bought_of(id).is_none_or(|bought| bought < minded.last));
    found
}

fn asked_for<'f>(wanted: &'f Wanted, facts: &Facts) -> &'f str {
    facts.thing(&wanted.product_id, wanted.variation_id.as_deref())
}

fn looked_at<'f>(view: &'f View, facts: &Facts) -> &'f str {
    facts.thing(&view.product_id, view.variation_id.as_deref())
}

/// Each product minded with what is known of it, where that can be had.
fn to_be_had<'f>(among: &[Interest], facts: &'f Facts) -> impl Iterator<Item = (&'f Product, Minded)> {
    let minded = minded(among, facts);
    minded.into_iter().filter_map(|(id, minded)| {
        let product = facts.products.get(id).map(AsRef::as_ref)?;
        product.is_available().then_some((product, minded))
    })
}

fn newest_first(mut all: Vec<Occasion>) -> Vec<Occasion> {
    all.sort_by_key(|occasion| std::cmp::Reverse(occasion.anchor));
    all
}

/// Asked for, in the basket, or looked at while it was out; and there again.
pub(super) fn back(facts: &Facts) -> Vec<Occasion> {
    let saw_it_out = |product: &Product| {
        facts.views.iter().any(|view| looked_at(view, facts) == product.id && product.was_out(view.at))
    };
    let back = |(product, minded): (&Product, Minded)| {
        let back = product.back?;
        let asked = facts.wanted.iter().any(|wanted| asked_for(wanted, facts) == product.id && wanted.at < back);
        let had = facts.cart_in_hand().is_some_and(|cart| {
            cart.began < back
                && product.out.is_some_and(|out| cart.began <= out)
                && cart
                    .items
                    .iter()
                    .any(|item| facts.thing(&item.product_id, item.variation_id.as_deref()) == product.id)
        });
        (minded.since < back && (asked || had || saw_it_out(product)))
            .then(|| Occasion::product(&product.id, back, back))
    };
    newest_first(to_be_had(&Interest::ALL, facts).filter_map(back).collect())
}

/// Seen at a price from which it has fallen so far.
pub(super) fn cheaper(percent: u32, among: &[Interest], facts: &Facts) -> Vec<Occasion> {
    let cheaper = |(product, minded): (&Product, Minded)| {
        let fall = product.fall(percent)?;
        // Whoever looked since knows it.
        let is_news = minded.last < fall.at && product.is_cheaper_than_at(minded.last, percent);
        is_news.then(|| Occasion::product(&product.id, fall.at, fall.at))
    };
    newest_first(to_be_had(among, facts).filter_map(cheaper).collect())
}

/// Whether the product is cheaper by so much than before it fell at `since`; falling further is no matter, rising is.
pub(super) fn has_fallen(product: &Product, percent: u32, since: At) -> bool {
    product.fall(percent).is_some_and(|fall| fall.at >= since)
}

pub(super) fn low(at_most: u32, among: &[Interest], facts: &Facts) -> Vec<Occasion> {
    let low = |(product, minded): (&Product, Minded)| {
        let few = product.stock_quantity.is_some_and(|left| (1..=i64::from(at_most)).contains(&left));
        // Once for each time it comes into stock: when somebody began to mind it is forgotten with time.
        let stocked = product.back.unwrap_or(At(0));
        few.then(|| Occasion::product(&product.id, stocked, product.updated.max(minded.since)))
    };
    newest_first(to_be_had(among, facts).filter_map(low).collect())
}

/// Looks at one product that lasted long enough, oldest first.
fn looks<'f>(id: &str, seconds: u32, facts: &'f Facts) -> Vec<&'f View> {
    let looks = facts.views.iter().filter(|view| view.product_id == id && view.seconds >= seconds);
    let mut looks: Vec<&View> = looks.collect();
    looks.sort_by_key(|view| view.at);
    looks
}

pub(super) fn last_look(id: &str, seconds: u32, facts: &Facts) -> Option<At> {
    looks(id, seconds, facts).last().map(|view| view.at)
}

/// The product looked at last, so often and so long, and neither in the basket nor bought since.
pub(super) fn viewed(seconds: u32, times: u32, within: Span, facts: &Facts) -> Vec<Occasion> {
    let Some(latest) = facts.views.iter().find(|view| view.seconds >= seconds) else { return Vec::new() };
    let id = latest.product_id.as_str();
    let in_cart = facts.cart_in_hand().is_some_and(|cart| cart.items.iter().any(|item| item.product_id == id));
    if in_cart || facts.last_bought_of(id).is_some_and(|bought| bought >= latest.at) {
        return Vec::new();
    }
    // Looks with no longer a pause between them are one time of looking: it is met once, at the look that made it so many.
    let looks = looks(id, seconds, facts);
    let spells = looks.chunk_by(|a, b| b.at.since(a.at) <= within);
    let Some(spell) = spells.last() else { return Vec::new() };
    let so_many = usize::try_from(times.max(1)).unwrap_or(usize::MAX);
    let met = spell.windows(so_many).find_map(|looks| {
        let (first, last) = (looks.first()?, looks.last()?);
        (last.at.since(first.at) <= within).then_some(last.at)
    });
    // One that goes on since before what is remembered was met when it came to be.
    let full = facts.views.len() >= LOOKS;
    let seen_since = facts.views.last().filter(|_| full).map(|oldest| oldest.at.plus(within));
    let remembered = facts.now.minus(MINDED).max(seen_since.unwrap_or(At(i64::MIN)));
    let met = met.filter(|met| *met > remembered);
    met.map(|since| Occasion::product(id, since, latest.at)).into_iter().collect()
}
