//! Which message an order is credited to, and on what evidence.

use crate::clock::{At, Span};
use crate::state::model::{Credit, Evidence, Link, Message, MessageState, Order};

/// A person who followed a link and orders within this time came by the link.
pub const LINK_LIFE: Span = Span::days(5);
/// An order this soon after a delivered text, without a click, is credited as such, apart.
pub const DELIVERED_LIFE: Span = Span::hours(24);
/// A code from a text that is used this late still speaks for the text.
pub const COUPON_LIFE: Span = Span::days(30);
/// How far back candidates are looked for.
pub const LOOK_BACK: Span = COUPON_LIFE;

/// The best evidence among `candidates` (messages to the order's person, newest first), or none. A coupon speaks louder
/// than a click, a click louder than mere delivery; within one kind the newest message wins.
#[must_use]
pub fn credit(order: &Order, candidates: &[(Message, Option<Link>)]) -> Option<Credit> {
    let placed = order.placed?;
    let (message, evidence) =
        [Evidence::Coupon, Evidence::Link, Evidence::Delivered].into_iter().find_map(|evidence| {
            candidates.iter().find(|(m, l)| speaks(evidence, order, placed, m, l.as_ref())).map(|(m, _)| (m, evidence))
        })?;
    Some(Credit {
        order_id: order.id.clone(),
        message: message.id,
        campaign: message.campaign.clone(),
        step: message.step.clone(),
        evidence,
        at: placed,
        total: order.total,
        kept: order.kept(),
        bought_offer: message.offer.as_ref().is_some_and(|offer| order.items.iter().any(|i| i.product_id == *offer)),
    })
}

fn speaks(evidence: Evidence, order: &Order, placed: At, message: &Message, link: Option<&Link>) -> bool {
    let Some(handed) = message.handed.filter(|h| *h <= placed && message.state.may_have_left()) else { return false };
    match evidence {
        Evidence::Coupon => {
            placed.since(handed) <= COUPON_LIFE
                && message
                    .coupon
                    .as_ref()
                    .is_some_and(|code| order.coupons.iter().any(|used| used.eq_ignore_ascii_case(code)))
        }
        Evidence::Link => link
            .and_then(|l| l.first_human)
            .is_some_and(|followed| followed <= placed && placed.since(followed) <= LINK_LIFE),
        Evidence::Delivered => message.state == MessageState::Delivered && placed.since(handed) <= DELIVERED_LIFE,
    }
}
