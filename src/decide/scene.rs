//! What a condition or a text of one enrolment is about: the basket, the order, the offer, the coupon.

use super::discount::{self, Discount};
use super::facts::Facts;
use super::{offer, triggers};
use crate::campaign::model::{Campaign, Campaigns, CouponSpec, Step};
use crate::campaign::trigger::About;
use crate::render::moments::{OccasionView, OwnFields};
use crate::render::values::{CouponView, Scene, ShopView};
use crate::state::model::{Cart, Coupon, Enrolment, Items, LinkKind, OwnCoupon, Reason, Subject};

/// A basket as it may be spoken of: without what the shop no longer has.
#[must_use]
pub fn cart_to_show(facts: &Facts) -> Option<Cart> {
    let cart = facts.cart_in_hand()?;
    let items: Items = cart
        .items
        .iter()
        .filter(|i| {
            let thing = facts.thing(&i.product_id, i.variation_id.as_deref());
            facts.products.get(thing).is_none_or(|p| p.is_available())
        })
        .cloned()
        .collect();
    (!items.is_empty()).then(|| Cart { items, ..cart.clone() })
}

/// What has to be made before a scene can point at it.
pub struct Props {
    cart: Option<Cart>,
    coupon: Option<CouponView>,
}

impl Props {
    /// For the whole campaign (`step` is none) or for one step of it; `code` is the person's own, once it was drawn.
    #[must_use]
    pub fn new(
        campaigns: &Campaigns,
        campaign: &Campaign,
        step: Option<&Step>,
        facts: &Facts,
        code: Option<&str>,
    ) -> Props {
        let view = |spec: &CouponSpec| match spec.shared_code() {
            Some(_) => CouponView::new(spec, shop_coupon(spec, facts)),
            None => CouponView::own(spec, code, discount(campaigns, campaign, spec, facts)),
        };
        Props {
            cart: (campaign.trigger.about() == About::Basket).then(|| cart_to_show(facts)).flatten(),
            coupon: step.and_then(|s| coupon(campaigns, s)).map(view),
        }
    }

    #[must_use]
    pub fn scene<'a>(
        &'a self,
        campaign: &Campaign,
        enrolment: &Enrolment,
        facts: &'a Facts,
        shop: &'a ShopView,
        link: Option<&'a str>,
    ) -> Scene<'a> {
        let order = enrolment.subject.order_id().and_then(|id| facts.order(id));
        let product = enrolment.subject.product_id().and_then(|id| facts.products.get(id)).map(AsRef::as_ref);
        Scene {
            shop,
            cart: self.cart.as_ref(),
            order,
            product,
            occasion: OccasionView::of(campaign, enrolment.anchor, facts, shop),
            subscription: triggers::subscription_of(&enrolment.subject, facts),
            event: triggers::happening_of(&enrolment.subject, facts)
                .map(|happening| OwnFields::Told(&happening.fields)),
            offer: offer::choose(campaign, enrolment, facts),
            coupon: self.coupon.as_ref(),
            link,
        }
    }
}

/// The coupon that the step gives, as the owner wrote it.
#[must_use]
pub fn coupon<'a>(campaigns: &'a Campaigns, step: &Step) -> Option<&'a CouponSpec> {
    campaigns.coupons.get(step.coupon.as_ref()?)
}

/// The same coupon as the shop knows it; one of each person's own is not known before its owner arrives.
#[must_use]
pub fn shop_coupon<'f>(spec: &CouponSpec, facts: &'f Facts) -> Option<&'f Coupon> {
    facts.coupons.get(&spec.shared_code()?.to_lowercase())
}

/// What a coupon of this person's own takes off. `None` when the margin leaves nothing to give.
#[must_use]
pub fn discount(campaigns: &Campaigns, campaign: &Campaign, spec: &CouponSpec, facts: &Facts) -> Option<Discount> {
    discount::discount(spec, basket(campaign, facts).map(|cart| cart.total), campaigns.margin)
}

/// The coupon of their own that this person is promised.
///
/// # Errors
/// Why there is nothing to promise.
pub fn own_coupon(
    campaigns: &Campaigns,
    campaign: &Campaign,
    spec: &CouponSpec,
    enrolment: &Enrolment,
    facts: &Facts,
) -> Result<OwnCoupon, Reason> {
    let discount = discount(campaigns, campaign, spec, facts).ok_or(Reason::MarginTooSmall)?;
    let cart = facts.cart_in_hand().map(|cart| cart.items.iter().map(|i| i.product_id.clone()).collect());
    // What the text offers, or is about.
    let offered = offer::choose(campaign, enrolment, facts).map(|p| p.id.as_str());
    let offered = offered.or_else(|| enrolment.subject.product_id()).map(str::to_owned);
    discount::promised(spec, discount, cart.unwrap_or_default(), offered).ok_or(Reason::NothingToOffer)
}

/// The basket that the campaign is about.
#[must_use]
pub fn basket<'f>(campaign: &Campaign, facts: &'f Facts) -> Option<&'f Cart> {
    (campaign.trigger.about() == About::Basket).then(|| facts.cart_in_hand()).flatten()
}

/// Which product a link of this kind opens.
#[must_use]
pub fn link_product(kind: LinkKind, campaign: &Campaign, enrolment: &Enrolment, facts: &Facts) -> Option<String> {
    match (kind, &enrolment.subject) {
        (LinkKind::Review, Subject::Order { id }) => {
            let order = facts.order(id)?;
            // Something that can still be looked at, and best of all what was not reviewed yet.
            let shown = |id: &str| facts.products.get(id).is_none_or(|p| p.published);
            let open = |id: &str| !facts.reviews.iter().any(|r| r.product_id == id);
            let items = || order.items.iter().map(|i| i.product_id.as_str()).filter(|id| shown(id));
            items().find(|id| open(id)).or_else(|| items().next()).map(str::to_owned)
        }
        (LinkKind::Product, Subject::Product { id, .. }) if campaign.offer.is_none() => {
            facts.products.get(id).is_none_or(|product| product.published).then(|| id.clone())
        }
        (LinkKind::Product, _) => offer::choose(campaign, enrolment, facts).map(|p| p.id.clone()),
        _ => None,
    }
}
