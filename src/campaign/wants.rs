//! What campaigns want to know about people: the rest is not gathered.

use super::model::{Campaigns, Exit, Goal, Offer, Trigger};
use super::trigger::{Interest, Moment};
use crate::clock::Span;

/// What the campaigns that are on look at, beside people, baskets and orders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // each stands for one look-up that is left out
pub struct Wants {
    /// Looks at products, so far back.
    pub views: Span,
    pub wanted: bool,
    /// News of products that somebody minds.
    pub products: bool,
    /// Looks at pages, so far back.
    pub pages: Span,
    /// Own texts and the links in them.
    pub texts: bool,
    pub happenings: bool,
    pub subscriptions: bool,
    /// The time between purchases.
    pub gaps: bool,
    /// What is bought most, and what with it.
    pub sales: bool,
    /// When a campaign was switched on.
    pub on: bool,
    /// Begins with what no event announces.
    pub nights: bool,
}

/// What somebody looked at longer ago is not minded any more.
pub const MINDED: Span = Span::days(60);

impl Campaigns {
    #[must_use]
    pub fn wants(&self) -> Wants {
        // Days that pass take people into segments and out of them, and points with them.
        let nights = !self.segments.is_empty() || self.points.is_some();
        let mut wants = Wants { nights, ..Wants::default() };
        for campaign in self.enabled() {
            let minds = |among: &[Interest], interest| among.contains(&interest);
            match &campaign.trigger {
                // A time of looking that began within what is minded is seen whole.
                Trigger::ProductViewed { within, .. } => wants.views = wants.views.max(MINDED.plus(*within)),
                Trigger::BackInStock => {
                    (wants.products, wants.wanted, wants.views) = (true, true, wants.views.max(MINDED));
                }
                Trigger::PriceDrop { among, .. } | Trigger::LowStock { among, .. } => {
                    wants.products = true;
                    wants.wanted |= minds(among, Interest::Wanted);
                    if minds(among, Interest::Viewed) {
                        wants.views = wants.views.max(MINDED);
                    }
                }
                Trigger::PageViewed { within, .. } => wants.pages = wants.pages.max(MINDED.max(*within)),
                Trigger::Event { .. } => wants.happenings = true,
                Trigger::SubscriptionRenewal => (wants.subscriptions, wants.nights) = (true, true),
                Trigger::Repurchase { .. } => (wants.gaps, wants.nights) = (true, true),
                Trigger::NoReaction { .. } => (wants.texts, wants.nights) = (true, true),
                Trigger::Broadcast { at, .. } => {
                    wants.on |= *at == Moment::Now;
                    wants.nights = true;
                }
                Trigger::Quiet { .. } | Trigger::Birthday | Trigger::Anniversary { .. } | Trigger::Date { .. } => {
                    wants.nights = true;
                }
                Trigger::SegmentEntered { .. } | Trigger::SegmentLeft { .. } => {
                    (wants.on, wants.nights) = (true, true);
                }
                _ => {}
            }
            if campaign.offer.is_some_and(Offer::wants_sales) {
                (wants.sales, wants.nights) = (true, true);
            }
            wants.texts |= campaign.goal == Goal::Visit || campaign.leaves_on(Exit::Visited);
        }
        wants
    }

    /// The same for the same campaigns, segments and points, so that others are noticed.
    #[must_use]
    pub(super) fn fingerprint(&self) -> u64 {
        let told = format!("{:?}", (&self.enabled().collect::<Vec<_>>(), &self.segments, &self.points));
        // FNV-1a: the same in every build, which the standard library's does not promise.
        told.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}
