//! The round: everybody is looked at once a night, and once more when the campaigns changed; and whoever minds a product is
//! looked at when there is news of it. So begins what no event of the person announces.
//!
//! In small pieces: how far it has come is kept with the rest, so a stop loses nothing of it.

use std::collections::BTreeSet;

use anyhow::Result;
use chrono_tz::Tz;

use super::{look_at, people, reconsider};
use crate::clock::{At, Span};
use crate::decide::facts::Facts;
use crate::render::values::ShopView;
use crate::rules::Rules;
use crate::schedule::hours;
use crate::state::model::ContactId;
use crate::state::people::{Definition, Ranking};
use crate::state::round::{Drip, Round};
use crate::state::world::{Row, World};

/// Orders that say what is bought most.
const OF_LATE: Span = Span::days(180);
/// Products of one order that are taken to go together at most.
const TOGETHER: usize = 10;

/// When there is something to do for it: now or earlier, or the next night. `None`: not until something changes.
///
/// # Errors
/// The world's.
pub fn next<W: World>(world: &W, rules: &Rules, now: At) -> Result<Option<At>> {
    if world.stirred()?.is_some() {
        return Ok(Some(now));
    }
    let Some(round) = world.round()? else { return Ok(Some(now)) };
    if !round.finished || !round.counts(rules.campaigns.mark, now) {
        return Ok(Some(now));
    }
    if !rules.campaigns.wants().nights {
        return Ok(None);
    }
    let shop = rules.shop_view(world.shop()?.as_ref());
    Ok(Some(people::next_night(shop.timezone, round.began)))
}

/// A history has come in: everybody is ranked and looked at anew, and not only in the night, and for the segments as for the
/// first time: who is in one was in it before. How many were let in late today stays counted.
///
/// # Errors
/// The world's.
pub fn again<W: World + ?Sized>(world: &mut W, now: At) -> Result<()> {
    for (segment, known) in world.definitions()? {
        world.put_definition(&segment, Some(&Definition { since: now, ..known }))?;
    }
    if let Some(ranking) = world.ranking()? {
        world.put_ranking(&Ranking { night: At(0), ..ranking })?;
    }
    if let Some(round) = world.round()? {
        // No file's mark.
        world.put_round(&Round { campaigns: !round.campaigns, ..round })?;
    }
    Ok(())
}

/// One piece of it, at most `limit` people. True when there is more to do at once.
///
/// # Errors
/// The world's.
pub fn go_on<W: World>(world: &mut W, rules: &Rules, now: At, limit: usize) -> Result<bool> {
    if next(world, rules, now)?.is_none_or(|next| next > now) {
        return Ok(false);
    }
    let shop = rules.shop_view(world.shop()?.as_ref());
    if let Some((product, cursor)) = world.stirred()? {
        spread(world, rules, &shop, &product, cursor, now, limit)?;
        return Ok(true);
    }
    let mut round = match world.round()? {
        Some(round) if !round.finished && round.counts(rules.campaigns.mark, now) => round,
        before => begin(before, rules, shop.timezone, now),
    };
    let people = world.contacts_after(round.cursor, limit)?;
    // What follows may ask since when a campaign has been on.
    world.put_round(&round)?;
    for id in &people {
        world.on_its_own(Row::Contact(*id), now, |world| {
            let Some(facts) = look_at(world, rules, &shop, *id, (now, now), Some(&mut round.drip))? else {
                return Ok(());
            };
            if rules.campaigns.wants().sales {
                note_sales(world, round.began, &facts)?;
            }
            if rules.campaigns.wants().gaps {
                note_gaps(world, round.began, &facts)?;
            }
            Ok(())
        })?;
    }
    round.cursor = people.last().copied().unwrap_or(round.cursor);
    round.finished = people.len() < limit;
    if round.finished {
        world.keep_gaps(round.began)?;
        world.keep_sales(round.began)?;
    }
    world.put_round(&round)?;
    Ok(!round.finished)
}

fn begin(before: Option<Round>, rules: &Rules, tz: Tz, now: At) -> Round {
    let (known, drip) = before.map(|round| (round.on, round.drip)).unwrap_or_default();
    let since = |id: &String| known.get(id).copied().filter(|on| *on <= now).unwrap_or(now);
    let day = hours::day_start(tz, now);
    Round {
        began: now,
        cursor: ContactId(0),
        finished: false,
        campaigns: rules.campaigns.mark,
        on: rules.campaigns.enabled().map(|c| (c.id.clone(), since(&c.id))).collect(),
        drip: if drip.day == day { drip } else { Drip { day, ..Drip::default() } },
    }
}

/// Looks at the next of those who mind a product.
fn spread<W: World>(
    world: &mut W,
    rules: &Rules,
    shop: &ShopView,
    product: &str,
    cursor: ContactId,
    now: At,
    limit: usize,
) -> Result<()> {
    let watching = world.watching(product, cursor, limit)?;
    for id in &watching {
        world.on_its_own(Row::Contact(*id), now, |world| reconsider(world, rules, shop, *id, now))?;
    }
    let last = watching.last().copied().filter(|_| watching.len() >= limit);
    world.put_stirred(product, last)
}

/// The times between this person's purchases, of each product and of any.
fn note_gaps<W: World + ?Sized>(world: &mut W, round: At, facts: &Facts) -> Result<()> {
    facts.gaps().into_iter().try_for_each(|(product, gaps)| world.add_gaps(round, product, gaps))
}

/// What this person's orders of late held, and what stood beside what.
fn note_sales<W: World + ?Sized>(world: &mut W, round: At, facts: &Facts) -> Result<()> {
    for order in facts.placed_since(round.minus(OF_LATE)) {
        let products: BTreeSet<&str> = order.items.iter().map(|item| item.product_id.as_str()).collect();
        // A wholesaler's long list says nothing of what goes together.
        let together = products.len() <= TOGETHER;
        for product in &products {
            world.add_sale(round, product, None)?;
            for beside in products.iter().filter(|beside| together && *beside != product) {
                world.add_sale(round, product, Some(beside))?;
            }
        }
    }
    Ok(())
}
