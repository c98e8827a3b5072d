//! Everything the engine may know about one person at one moment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::clock::At;
use crate::state::model::{Cart, CartState, Contact, Coupon, Enrolment, OptOut, Order, Product, Review};
use crate::state::people::{Membership, PointsLine, Standing, Tagged};

/// Gathered by `flow` from the world; a plain value, so that deciding needs nothing else.
#[derive(Debug, Clone)]
pub struct Facts {
    pub now: At,
    pub contact: Contact,
    pub opted_out: Option<OptOut>,
    /// The latest act first.
    pub carts: Vec<Cart>,
    /// Newest first.
    pub orders: Vec<Order>,
    pub reviews: Vec<Review>,
    /// Those that have not ended.
    pub enrolments: Vec<Enrolment>,
    /// By campaign that this person waits for: when they last entered it.
    pub last_entered: BTreeMap<String, At>,
    /// Products that the subject's order or basket names, and what they cross-sell. Empty when only exits are looked at.
    pub products: BTreeMap<String, Arc<Product>>,
    /// The shop's coupons that the campaigns name, by lower-case code.
    pub coupons: BTreeMap<String, Coupon>,
    pub traits: Traits,
}

/// How a person stands with the shop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traits {
    /// By tag.
    pub tags: Vec<Tagged>,
    /// Every line of their points.
    pub ledger: Vec<PointsLine>,
    /// The latest stay in each of the file's segments, also those that are over.
    pub stays: Vec<Membership>,
    pub standing: Option<Standing>,
    /// Zero, as the next two are empty, where nothing in the owner's file asks for it.
    pub logins: u64,
    /// Looks at products in the last 30 days.
    pub views: u64,
    /// Ids of products and names of categories, of orders that stand.
    pub bought: BTreeSet<String>,
}

impl Traits {
    /// The segments that this person is in now.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.stays.iter().filter(|stay| stay.until.is_none()).map(|stay| stay.segment.as_str())
    }

    #[must_use]
    pub fn is_in(&self, segment: &str) -> bool {
        self.segments().any(|id| id == segment)
    }
}

impl Facts {
    /// The basket in hand: open, with something in it, the latest act first. An order that came after a basket's last
    /// act speaks for the basket, though the shop did not empty it.
    #[must_use]
    pub fn cart_in_hand(&self) -> Option<&Cart> {
        let bought = self.last_bought();
        self.carts
            .iter()
            .filter(|c| c.is_open() && bought.is_none_or(|bought| bought < c.last_action))
            .max_by_key(|c| c.last_action)
    }

    /// When this person, who had stopped texts, asked to be written to again.
    #[must_use]
    pub fn came_back(&self) -> Option<At> {
        let said = self.contact.consent.as_ref()?;
        (said.marketing && matches!(said.source.as_str(), "link" | "reply")).then_some(said.at)
    }

    #[must_use]
    pub fn order(&self, id: &str) -> Option<&Order> {
        self.orders.iter().find(|o| o.id == id)
    }

    /// Whether this person has bought the product in an order that stands.
    #[must_use]
    pub fn has_bought(&self, product_id: &str) -> bool {
        self.orders.iter().any(|o| o.is_placed() && o.items.iter().any(|i| i.product_id == product_id))
    }

    /// Orders that were placed at or after `since` and still stand, newest first.
    pub fn placed_since(&self, since: At) -> impl Iterator<Item = &Order> {
        self.orders.iter().filter(move |o| o.is_placed() && o.placed.is_some_and(|p| p >= since))
    }

    #[must_use]
    pub fn last_placed(&self) -> Option<At> {
        self.orders.iter().filter(|o| o.is_placed()).filter_map(|o| o.placed).max()
    }

    /// When this person last bought: placed an order, or saw a basket of theirs become one, be it under another number.
    #[must_use]
    pub fn last_bought(&self) -> Option<At> {
        let baskets = self.carts.iter().filter(|c| c.state == CartState::Bought).map(|c| c.last_action);
        self.last_placed().into_iter().chain(baskets).max()
    }
}
