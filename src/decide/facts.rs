//! Everything the engine may know about one person at one moment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::clock::At;
use crate::state::habits::{DayCount, Happening, Subscription, View, Wanted};
use crate::state::model::{
    Cart, CartState, Contact, Coupon, Enrolment, EnrolmentId, MessageId, OptOut, Order, Product, Review, Tries,
};
use crate::state::people::{Membership, PointsLine, Standing, Tagged};
use crate::state::round::Gaps;

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
    /// Products that the subject's order or basket names, and what they cross-sell; when only ways in and out are looked at,
    /// those that a way is about or that somebody minds.
    pub products: BTreeMap<String, Arc<Product>>,
    /// Looks at products, newest first; as the fields behind it, gathered where a campaign wants them.
    pub views: Vec<View>,
    pub wanted: Vec<Wanted>,
    /// How often pages were seen, by day.
    pub pages: Vec<DayCount>,
    /// Campaigns' texts that may have reached this person, newest first.
    pub texts: Vec<Received>,
    /// Newest first.
    pub happenings: Vec<Happening>,
    pub subscriptions: Vec<Subscription>,
    /// Times between two purchases, of the shop and of products.
    pub shop_gaps: Gaps,
    pub product_gaps: BTreeMap<String, Gaps>,
    /// What the shop's orders held most of late; and, by product, what most often stood beside it. The most first.
    pub best_sold: Vec<String>,
    pub sold_with: BTreeMap<String, Vec<String>>,
    /// Since when campaigns have been on.
    pub on: BTreeMap<String, At>,
    /// By campaign and step, where arms are chosen by what came of them: that.
    pub arms: BTreeMap<(String, String), BTreeMap<String, Tries>>,
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

/// A text as its person met it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    pub message: MessageId,
    pub enrolment: EnrolmentId,
    pub handed: At,
    /// When a person first followed its link.
    pub followed: Option<At>,
    pub service: bool,
}

impl Facts {
    /// Nothing but a person.
    #[must_use]
    pub fn of(contact: Contact, now: At) -> Facts {
        Facts {
            now,
            contact,
            opted_out: None,
            carts: Vec::new(),
            orders: Vec::new(),
            reviews: Vec::new(),
            enrolments: Vec::new(),
            last_entered: BTreeMap::new(),
            products: BTreeMap::new(),
            views: Vec::new(),
            wanted: Vec::new(),
            pages: Vec::new(),
            texts: Vec::new(),
            happenings: Vec::new(),
            subscriptions: Vec::new(),
            shop_gaps: Gaps::default(),
            product_gaps: BTreeMap::new(),
            best_sold: Vec::new(),
            sold_with: BTreeMap::new(),
            arms: BTreeMap::new(),
            on: BTreeMap::new(),
            coupons: BTreeMap::new(),
            traits: Traits::default(),
        }
    }

    #[must_use]
    pub fn subscription(&self, id: &str) -> Option<&Subscription> {
        self.subscriptions.iter().find(|s| s.id == id)
    }

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

    /// When this person, who had stopped texts, asked to be written to again, or their pause was over.
    #[must_use]
    pub fn came_back(&self) -> Option<At> {
        let asked = self.contact.consent.as_ref().filter(|said| said.marketing);
        let asked = asked.filter(|said| matches!(said.source.as_str(), "link" | "reply")).map(|said| said.at);
        let over = self.opted_out.as_ref().and_then(|no| no.until).filter(|until| *until <= self.now);
        asked.max(over)
    }

    #[must_use]
    pub fn order(&self, id: &str) -> Option<&Order> {
        self.orders.iter().find(|o| o.id == id)
    }

    /// Whether this person has bought the product in an order that stands.
    #[must_use]
    pub fn has_bought(&self, product_id: &str) -> bool {
        self.orders.iter().any(|o| o.is_placed() && o.items.iter().any(|i| i.is(product_id)))
    }

    /// Orders that were placed at or after `since` and still stand, newest first.
    pub fn placed_since(&self, since: At) -> impl Iterator<Item = &Order> {
        self.orders.iter().filter(move |o| o.is_placed() && o.placed.is_some_and(|p| p >= since))
    }

    #[must_use]
    pub fn first_placed(&self) -> Option<At> {
        self.orders.iter().filter(|o| o.is_placed()).filter_map(|o| o.placed).min()
    }

    /// When this person last bought the product in an order that stands.
    #[must_use]
    pub fn last_bought_of(&self, product_id: &str) -> Option<At> {
        let held = self.orders.iter().filter(|o| o.is_placed() && o.items.iter().any(|i| i.is(product_id)));
        held.filter_map(|o| o.placed).max()
    }

    /// What somebody minds: the variation, where the shop tells of it, and else its product.
    #[must_use]
    pub fn thing<'a>(&self, product_id: &'a str, variation_id: Option<&'a str>) -> &'a str {
        variation_id.filter(|id| self.products.contains_key(*id)).unwrap_or(product_id)
    }

    /// The times between this person's purchases, by product, and under `None` of all of them.
    #[must_use]
    pub fn gaps(&self) -> BTreeMap<Option<&str>, Gaps> {
        let mut last: BTreeMap<Option<&str>, At> = BTreeMap::new();
        let mut found: BTreeMap<Option<&str>, Gaps> = BTreeMap::new();
        let standing = self.orders.iter().filter(|o| o.is_placed());
        let mut orders: Vec<_> = standing.filter_map(|o| Some((o.placed?, &o.items))).collect();
        orders.sort_unstable_by_key(|(placed, _)| *placed);
        for (placed, items) in orders {
            let mut things: BTreeSet<Option<&str>> = items.iter().map(|item| Some(item.product_id.as_str())).collect();
            things.insert(None);
            for thing in things {
                if let Some(before) = last.insert(thing, placed) {
                    found.entry(thing).or_default().add(placed.since(before));
                }
            }
        }
        found
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
