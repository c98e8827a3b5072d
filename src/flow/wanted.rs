//! What campaigns look at beside people, baskets and orders, gathered where one of them wants it; and whose news are minded.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::campaign::model::Trigger;
use crate::campaign::wants::Wants;
use crate::clock::Span;
use crate::decide::facts::{Facts, Received};
use crate::rules::Rules;
use crate::state::habits::{Doing, Wanted};
use crate::state::model::{Enrolment, Subject};
use crate::state::round::Gaps;
use crate::state::world::World;

/// A text that is older than this asks for no reaction any more.
const ASKING: Span = Span::days(400);
/// Products of one person that are minded at most.
const MINDED: usize = 60;

pub(super) fn gather<W: World + ?Sized>(world: &W, wants: &Wants, facts: &mut Facts) -> Result<()> {
    let (id, now) = (facts.contact.id, facts.now);
    if wants.views > Span::ZERO {
        facts.views = world.views_of(id, now.minus(wants.views))?;
    }
    if wants.wanted {
        facts.wanted = world.wanted_of(id)?;
    }
    if wants.pages > Span::ZERO {
        let doings = world.doings_of(id, now.minus(wants.pages))?;
        facts.pages = doings.into_iter().filter(|count| matches!(count.doing, Doing::Page(_))).collect();
    }
    if wants.texts {
        let sent = world.credit_candidates(id, now.minus(ASKING))?;
        facts.texts = sent
            .into_iter()
            .filter_map(|(message, link)| {
                Some(Received {
                    message: message.id,
                    enrolment: message.enrolment,
                    handed: message.handed?,
                    followed: link.and_then(|link| link.first_human),
                    service: message.service,
                })
            })
            .collect();
    }
    if wants.happenings {
        facts.happenings = world.happenings_of(id)?;
    }
    if wants.subscriptions {
        facts.subscriptions = world.subscriptions_of(id)?;
    }
    if wants.on {
        facts.on = world.round()?.map(|round| round.on).unwrap_or_default();
    }
    if wants.gaps {
        facts.shop_gaps = world.gaps(None)?;
        for product in bought(facts) {
            let gaps = world.gaps(Some(&product))?;
            if gaps != Gaps::default() {
                facts.product_gaps.insert(product, gaps);
            }
        }
    }
    let mut products: BTreeSet<String> =
        facts.enrolments.iter().filter_map(|e| e.subject.product_id().map(str::to_owned)).collect();
    if wants.products {
        products.extend(minded(wants, facts));
    }
    if wants.gaps {
        products.extend(bought(facts));
    }
    for id in products {
        if let Some(product) = world.product(&id)? {
            facts.products.insert(id, product);
        }
    }
    Ok(())
}

/// Writes down whose products' news this person is to be looked at for.
pub(super) fn watch<W: World + ?Sized>(world: &mut W, wants: &Wants, facts: &Facts) -> Result<()> {
    if !wants.products {
        return Ok(());
    }
    let products = if facts.contact.phone.is_some() { minded(wants, facts) } else { BTreeSet::new() };
    if world.watches_of(facts.contact.id)? != products {
        world.put_watches(facts.contact.id, &products)?;
    }
    Ok(())
}

/// Who asked to be told that a product is back has been told: next time they are to ask again.
pub(super) fn told<W: World + ?Sized>(world: &mut W, rules: &Rules, way: &Enrolment, facts: &Facts) -> Result<()> {
    let is_back = rules.campaigns.get(&way.campaign).is_some_and(|c| c.trigger == Trigger::BackInStock);
    let (true, Subject::Product { id, since }) = (is_back, &way.subject) else { return Ok(()) };
    let thing = |wanted: &Wanted| facts.thing(&wanted.product_id, wanted.variation_id.as_deref()) == id;
    let asked = facts.wanted.iter().filter(|wanted| thing(wanted) && wanted.at < *since);
    asked.into_iter().try_for_each(|wanted| world.drop_wanted(way.contact, wanted))
}

fn minded(wants: &Wants, facts: &Facts) -> BTreeSet<String> {
    if !wants.products {
        return BTreeSet::new();
    }
    let basket = facts.cart_in_hand().into_iter().flat_map(|cart| cart.items.iter());
    let basket = basket.map(|item| (&item.product_id, &item.variation_id));
    let wanted = facts.wanted.iter().map(|wanted| (&wanted.product_id, &wanted.variation_id));
    let viewed = facts.views.iter().map(|view| (&view.product_id, &view.variation_id));
    let mut products = BTreeSet::new();
    for (id, variation) in basket.chain(wanted).chain(viewed) {
        if products.len() >= MINDED {
            break;
        }
        products.insert(id.clone());
        products.extend(variation.clone());
    }
    products
}

fn bought(facts: &Facts) -> BTreeSet<String> {
    let placed = facts.orders.iter().filter(|order| order.is_placed());
    placed.flat_map(|order| order.items.iter().map(|item| item.product_id.clone())).take(MINDED).collect()
}
