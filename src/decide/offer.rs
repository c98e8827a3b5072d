//! Which product a step offers to this person.

use super::facts::Facts;
use crate::campaign::model::{Campaign, Campaigns, CouponProducts, LinkKind, Offer, Step, TextKey};
use crate::state::model::{Enrolment, Product, Subject};

/// The product, or none when there is nothing to offer. What was offered before is offered again while it can be.
#[must_use]
pub fn choose<'f>(campaign: &Campaign, enrolment: &Enrolment, facts: &'f Facts) -> Option<&'f Product> {
    let offer = campaign.offer?;
    let there = |id: &str| {
        let product = facts.products.get(id).map(AsRef::as_ref);
        product.filter(|p: &&Product| p.is_available() && p.price.is_some())
    };
    // Only what is bought again is offered to whoever has it.
    let fits = |id: &str| there(id).filter(|p| offer == Offer::Replenish || !facts.has_bought(&p.id));
    if let Some(before) = enrolment.offer.as_deref().and_then(fits) {
        return Some(before);
    }
    let about = subjects(enrolment, facts);
    match offer {
        Offer::CrossSell => known(&about, facts).flat_map(|p| &p.cross_sells).find_map(|id| fits(id)),
        Offer::UpSell => known(&about, facts).flat_map(|p| &p.upsells).find_map(|id| fits(id)),
        Offer::Viewed | Offer::Replenish => about.iter().find_map(|id| fits(id)),
        Offer::BestSellers => facts.best_sold.iter().find_map(|id| fits(id)),
        Offer::Similar => {
            let shared = |p: &&Product| {
                !about.iter().any(|id| p.id == *id || p.variations.iter().any(|variation| variation == id))
                    && known(&about, facts).any(|own| own.categories.iter().any(|c| p.categories.contains(c)))
            };
            facts.best_sold.iter().filter_map(|id| fits(id)).find(shared)
        }
        Offer::Bundle => {
            let together = about.iter().filter_map(|id| facts.sold_with.get(*id)).flatten();
            together.filter(|id| !about.contains(&id.as_str())).find_map(|id| fits(id))
        }
    }
}

/// Whether this step needs the campaign's offer: its words, its link or its code speak of it. The others go without one.
#[must_use]
pub fn is_spoken_of(campaigns: &Campaigns, campaign: &Campaign, step: &Step) -> bool {
    if campaign.offer.is_none() {
        return false;
    }
    let coupon = step.coupon.as_ref().and_then(|id| campaigns.coupons.get(id));
    let text = TextKey::text(&campaign.id, &step.key);
    step.link == LinkKind::Product
        || coupon.is_some_and(|spec| spec.products == CouponProducts::Offer)
        || step.token_keys(&campaign.id).chain([text]).any(|key| campaigns.templates.speaks_of(&key, "offer"))
}

/// The products that the way is about.
fn subjects<'f>(enrolment: &'f Enrolment, facts: &'f Facts) -> Vec<&'f str> {
    match &enrolment.subject {
        Subject::Order { id } => {
            facts.order(id).into_iter().flat_map(|order| order.items.iter().map(|i| i.product_id.as_str())).collect()
        }
        Subject::Product { id, .. } => vec![id],
        Subject::Cart { .. } => {
            facts.cart_in_hand().into_iter().flat_map(|cart| cart.items.iter().map(|i| i.product_id.as_str())).collect()
        }
        Subject::Moment { .. } => {
            let last = facts.orders.iter().find(|order| order.is_placed());
            last.into_iter().flat_map(|order| order.items.iter().map(|i| i.product_id.as_str())).collect()
        }
    }
}

fn known<'f>(ids: &[&'f str], facts: &'f Facts) -> impl Iterator<Item = &'f Product> {
    ids.iter().filter_map(|id| facts.products.get(*id)).map(AsRef::as_ref)
}
