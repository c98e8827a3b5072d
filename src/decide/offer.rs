//! Which product a step offers to this person.

use super::facts::Facts;
use crate::campaign::model::{Campaign, Offer};
use crate::state::model::{Enrolment, Product, Subject};

/// The product, or none when there is nothing to offer. What was offered before is offered again while it can be.
#[must_use]
pub fn choose<'f>(campaign: &Campaign, enrolment: &Enrolment, facts: &'f Facts) -> Option<&'f Product> {
    let offer = campaign.offer?;
    let fits = |id: &str| {
        facts
            .products
            .get(id)
            .map(AsRef::as_ref)
            .filter(|p: &&Product| p.is_available() && p.price.is_some() && !facts.has_bought(&p.id))
    };
    if let Some(before) = enrolment.offer.as_deref().and_then(fits) {
        return Some(before);
    }
    match (offer, &enrolment.subject) {
        (Offer::CrossSell, Subject::Order { id }) => facts
            .order(id)?
            .items
            .iter()
            .filter_map(|item| facts.products.get(&item.product_id))
            .flat_map(|bought| &bought.cross_sells)
            .find_map(|id| fits(id)),
        (Offer::CrossSell, _) => None,
    }
}
