//! Who brought whom: an order with a code that somebody else got for friends.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::decide::facts::Facts;
use crate::decide::points;
use crate::render::values::ShopView;
use crate::rules::Rules;
use crate::state::model::{ContactId, Order};
use crate::state::world::World;

/// Of somebody with more orders not all are gathered, and which was the first is not known.
const MOST_ORDERS: usize = 200;

/// Gives points to those who brought this person, or takes them back: for the first order that the person ever placed, as long
/// as it stands. Says who has other points now.
pub(super) fn look<W: World + ?Sized>(
    world: &mut W,
    rules: &Rules,
    shop: &ShopView,
    facts: &Facts,
) -> Result<BTreeSet<ContactId>> {
    let mut changed = BTreeSet::new();
    let Some(rule) = rules.campaigns.points.as_ref().filter(|rule| rule.referral > 0) else { return Ok(changed) };
    if facts.orders.len() >= MOST_ORDERS {
        return Ok(changed);
    }
    let first = facts.orders.iter().filter(|order| order.placed.is_some()).min_by_key(|order| order.placed);
    for order in &facts.orders {
        for owner in owners(world, order)? {
            let is_first = first.is_some_and(|first| first.id == order.id);
            let brings = is_first && owner != facts.contact.id && order.is_paid() && order.kept().minor > 0;
            let ledger = world.points_of(owner)?;
            if let Some(line) = points::brought(rule, shop, &ledger, order, brings, facts.now)
                && world.add_points(owner, &line)?
            {
                changed.insert(owner);
            }
        }
    }
    changed.remove(&facts.contact.id);
    Ok(changed)
}

/// Who got the codes on this order for their friends.
fn owners<W: World + ?Sized>(world: &W, order: &Order) -> Result<BTreeSet<ContactId>> {
    let mut owners = BTreeSet::new();
    for code in &order.coupons {
        let link = world.link_by_own_coupon(&code.trim().to_lowercase())?;
        owners.extend(link.filter(|l| l.own_coupon.as_ref().is_some_and(|own| own.friends)).map(|l| l.contact));
    }
    Ok(owners)
}
