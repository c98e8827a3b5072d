//! Keeps each order's credit right as news of it comes in.

use anyhow::Result;

use super::attribution;
use crate::clock::{At, Span};
use crate::state::model::{Credit, Message};
use crate::state::world::World;

/// Credits the order if it can be and is not yet, or brings the money of its credit up to date. An order is credited
/// once, to one message; refunds and cancellation take the money back, not the fact.
///
/// # Errors
/// The world's.
pub fn look_again<W: World + ?Sized>(world: &mut W, order_id: &str) -> Result<()> {
    let Some(order) = world.order(order_id)? else { return Ok(()) };
    if let Some(old) = world.credit(order_id)? {
        let new = Credit { total: order.total, kept: order.kept(), ..old.clone() };
        if new != old {
            world.put_credit(&new)?;
        }
        return Ok(());
    }
    let (Some(placed), true) = (order.placed, order.is_placed()) else { return Ok(()) };
    let since = placed.minus(attribution::LOOK_BACK);
    let mut candidates = match order.contact {
        Some(contact) => world.credit_candidates(contact, since)?,
        None => Vec::new(),
    };
    // Who came by the link and then typed another number still came by the link.
    if let Some(key) = &order.cart_key {
        let known: Vec<_> = candidates.iter().map(|(m, _)| m.id).collect();
        candidates.extend(world.followed_in_cart(key, since)?.into_iter().filter(|(m, _)| !known.contains(&m.id)));
    }
    if let Some(slug) = &order.link
        && let Some(link) = world.link(slug)?
        && !candidates.iter().any(|(m, _)| m.id == link.message)
        && let Some(message) = world.message(link.message)?
    {
        candidates.push((message, Some(link)));
    }
    if let Some(credit) = attribution::credit(&order, &candidates) {
        world.put_credit(&credit)?;
    }
    Ok(())
}

/// A delivery report that came after the order: the order may be credited to the message now.
///
/// # Errors
/// The world's.
pub fn after_delivery<W: World + ?Sized>(world: &mut W, message: &Message, now: At) -> Result<()> {
    let since = message.handed.unwrap_or(now);
    let late: Vec<String> = world
        .orders_of(message.contact)?
        .into_iter()
        .filter(|o| o.placed.is_some_and(|p| p >= since && p.since(since) <= Span::hours(24)))
        .map(|o| o.id)
        .collect();
    for order in late {
        look_again(world, &order)?;
    }
    Ok(())
}
