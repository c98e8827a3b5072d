//! What a look at somebody brings up to date besides their ways: points, what they buy, segments; and the nightly ranking of
//! all buyers.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;

use super::look_at;
use crate::campaign::model::{Campaigns, Segment, TextKey};
use crate::clock::{At, Span};
use crate::decide::facts::{Facts, Traits};
use crate::decide::segments::{self, Turn};
use crate::decide::{points, rfm};
use crate::render::values::{self, Scene, ShopView};
use crate::rules::Rules;
use crate::schedule::dates;
use crate::state::habits::{Doing, day_of};
use crate::state::model::{ContactId, Decision, Link, Message, MessageId, Order, Reason};
use crate::state::people::{Cuts, Definition, Measure, Move, Ranking, Standing};
use crate::state::world::World;

/// Looks at products are counted over so long.
const VIEWS: Span = Span::days(30);
/// Visits are remembered so long.
const VISITS: Span = Span::days(400);

/// Between somebody's first order and the night that ranks them.
const FIRST: Span = Span::days(2);

/// When most people sleep.
const NIGHT: NaiveTime = match NaiveTime::from_hms_opt(4, 0, 0) {
    Some(four) => four,
    None => NaiveTime::MIN,
};

/// How this person stands with the shop. What is costly to find is found only where the owner's file asks for it.
pub(super) fn traits<W: World + ?Sized>(
    world: &W,
    rules: &Rules,
    id: ContactId,
    orders: &[Order],
    now: At,
) -> Result<Traits> {
    let asks = |name| rules.campaigns.templates.uses(name);
    let mut traits = Traits {
        tags: world.tags_of(id)?,
        ledger: world.points_of(id)?,
        stays: world.memberships_of(id)?,
        standing: world.standing_of(id)?,
        ..Traits::default()
    };
    // A segment that the file has no more is none.
    traits.stays.retain(|stay| rules.campaigns.segment(&stay.segment).is_some());
    if asks("contact.logins") {
        let days = world.doings_of(id, day_of(now.minus(VISITS)))?;
        traits.logins = days.iter().filter(|day| day.doing == Doing::Login).map(|day| u64::from(day.count)).sum();
    }
    if asks("contact.views") {
        traits.views = world.views_of(id, now.minus(VIEWS))?.len() as u64;
    }
    if asks("contact.bought") {
        let items = orders.iter().filter(|order| order.is_placed()).flat_map(|order| order.items.iter());
        let ids: BTreeSet<&str> = items.map(|item| item.product_id.as_str()).collect();
        for id in ids {
            let product = world.product(id)?;
            traits.bought.extend(product.iter().flat_map(|product| product.categories.iter().cloned()));
            traits.bought.insert(id.to_owned());
        }
    }
    Ok(traits)
}

/// Brings up to date what follows from what is known of a person. `as_of`: when what made us look happened.
pub(super) fn look<W: World + ?Sized>(
    world: &mut W,
    rules: &Rules,
    shop: &ShopView,
    facts: &mut Facts,
    as_of: At,
) -> Result<()> {
    let id = facts.contact.id;
    if facts.contact.phone.is_none() && facts.contact.user_id.is_none() {
        // Of an erased person nothing is to be known again.
        return Ok(());
    }
    if let Some(rule) = &rules.campaigns.points {
        for line in points::owed(rule, shop, facts) {
            if world.add_points(id, &line)? {
                facts.traits.ledger.push(line);
            }
        }
    }
    withdraw_what_is_owed(world, facts)?;
    let buying = rfm::buying(facts, shop.currency);
    if buying != world.buying_of(id)? {
        world.put_buying(id, buying.as_ref())?;
        if buying.is_none() {
            facts.traits.standing = None;
        }
    }
    look_at_segments(world, rules, shop, facts, as_of)
}

fn look_at_segments<W: World + ?Sized>(
    world: &mut W,
    rules: &Rules,
    shop: &ShopView,
    facts: &mut Facts,
    as_of: At,
) -> Result<()> {
    let (campaigns, id, now) = (&rules.campaigns, facts.contact.id, facts.now);
    let defined = define(world, &campaigns.segments, now)?;
    let Some(newest) = defined.values().max() else { return Ok(()) };
    let looked = world.looked(id)?.filter(|looked| *looked <= now);
    let values = values::values(facts, &Scene::of(shop));
    for segment in &campaigns.segments {
        let is_in = is_in(campaigns, segment, &values);
        let since = defined.get(segment.id.as_str()).copied().unwrap_or(now);
        let watched = facts.contact.created >= since || looked.is_some_and(|looked| looked >= since);
        let seen = Some(as_of.min(now)).filter(|at| watched && *at >= since);
        let known = facts.traits.stays.iter().find(|stay| stay.segment == segment.id);
        let Some(turn) = segments::turn(&segment.id, known, is_in, seen) else { continue };
        facts.traits.stays.retain(|stay| stay.segment != segment.id);
        match turn {
            Turn::Came(stay) => {
                world.put_membership(id, &stay)?;
                if stay.since.is_some() {
                    record(world, id, &segment.id, Reason::SegmentEntered, now)?;
                }
                facts.traits.stays.push(stay);
            }
            Turn::Left(stay) => {
                world.put_membership(id, &stay)?;
                record(world, id, &segment.id, Reason::SegmentLeft, now)?;
                facts.traits.stays.push(stay);
            }
            Turn::Forgotten => world.drop_membership(id, &segment.id)?,
        }
    }
    if looked.is_none_or(|looked| looked < *newest) {
        world.put_looked(id, now)?;
    }
    Ok(())
}

/// Who lacks what the condition asks for is not in the segment.
fn is_in(campaigns: &Campaigns, segment: &Segment, values: &minijinja::Value) -> bool {
    campaigns.templates.ask(&TextKey::segment(&segment.id), values).unwrap_or(false)
}

fn record<W: World + ?Sized>(world: &mut W, contact: ContactId, segment: &str, reason: Reason, at: At) -> Result<()> {
    let (enrolment, message, campaign, step) = (None, None, None, None);
    let detail = Some(segment.to_owned());
    world.decide(&Decision { at, contact, enrolment, message, campaign, step, reason, detail })
}

/// Since when each segment is what it is now.
fn define<'s, W: World + ?Sized>(world: &mut W, segments: &'s [Segment], now: At) -> Result<BTreeMap<&'s str, At>> {
    let known = world.definitions()?;
    for gone in known.keys().filter(|id| !segments.iter().any(|segment| segment.id == **id)) {
        world.put_definition(gone, None)?;
    }
    let mut defined = BTreeMap::new();
    for segment in segments {
        // By a clock that ran ahead it would begin nothing until then.
        let known = known.get(&segment.id).filter(|known| known.who == segment.who && known.since <= now);
        let since = known.map_or(now, |known| known.since);
        if known.is_none() {
            world.put_definition(&segment.id, Some(&Definition { who: segment.who.clone(), since }))?;
        }
        defined.insert(segment.id.as_str(), since);
    }
    Ok(defined)
}

/// Takes what the coupon of a message costs that is being handed over.
///
/// # Errors
/// The world's.
pub fn pay<W: World + ?Sized>(world: &mut W, to: ContactId, id: MessageId, price: i64, now: At) -> Result<()> {
    match points::paid(&world.points_of(to)?, id, price, now) {
        Some(line) => world.add_points(to, &line).map(drop),
        None => Ok(()),
    }
}

/// Gives back what a message's coupon cost once it is sure that no gateway has it, and takes it again when one has after all.
///
/// # Errors
/// The world's.
pub fn settle_price<W: World + ?Sized>(world: &mut W, id: MessageId, now: At) -> Result<()> {
    let Some(message) = world.message(id)?.filter(|message| message.coupon.is_some()) else { return Ok(()) };
    let price = points::price(&world.points_of(message.contact)?, id);
    let owed = if message.handed.is_some() { price } else { 0 };
    pay(world, message.contact, id, owed, now)
}

/// The text did not arrive, so its coupon was never seen: it is withdrawn, and what it cost is given back. Whoever followed its
/// link has it all the same.
///
/// # Errors
/// The world's.
pub fn never_arrived<W: World + ?Sized>(world: &mut W, message: &Message, now: At) -> Result<()> {
    let unseen = world.link_of_message(message.id)?.filter(|link| link.own_coupon.is_some() && link.human_hits == 0);
    if let Some(link) = unseen
        && let Some(line) = points::paid(&world.points_of(message.contact)?, message.id, 0, now)
    {
        world.withdraw_link(&link.slug, now)?;
        world.add_points(message.contact, &line)?;
    }
    Ok(())
}

/// What was paid for with points that have since been taken back is withdrawn, the newest first, as long as nobody has come for
/// it: a code that the shop has made is out of reach, and what it cost stays owed.
fn withdraw_what_is_owed<W: World + ?Sized>(world: &mut W, facts: &mut Facts) -> Result<()> {
    let (id, now) = (facts.contact.id, facts.now);
    if points::reckon(&facts.traits.ledger, now).left >= 0 {
        return Ok(());
    }
    for message in points::paid_for(&facts.traits.ledger) {
        let link = world.link_of_message(message)?.filter(|link| link.human_hits == 0 && now < link.expires);
        let Some(Link { slug, coupon: Some(code), own_coupon: Some(own), .. }) = link else { continue };
        // Who uses one that was passed on is not seen here.
        if own.friends {
            continue;
        }
        // Typed by hand.
        if facts.orders.iter().any(|order| order.is_placed() && order.coupons.contains(&code)) {
            continue;
        }
        let Some(back) = points::paid(&facts.traits.ledger, message, 0, now) else { continue };
        world.withdraw_link(&slug, now)?;
        if world.add_points(id, &back)? {
            facts.traits.ledger.push(back);
        }
        if let Some(message) = world.message(message)? {
            world.decide(&Decision {
                at: now,
                contact: id,
                enrolment: Some(message.enrolment),
                message: Some(message.id),
                campaign: Some(message.campaign),
                step: Some(message.step),
                reason: Reason::NotEnoughPoints,
                detail: Some("its coupon was withdrawn".to_owned()),
            })?;
        }
        if points::reckon(&facts.traits.ledger, now).left >= 0 {
            break;
        }
    }
    Ok(())
}

/// The last night's ranking, as far as at most `limit` buyers take it; true when it is over.
///
/// # Errors
/// The world's.
pub fn nightly<W: World + ?Sized>(world: &mut W, rules: &Rules, now: At, limit: usize) -> Result<bool> {
    let zone = rules.shop_view(world.shop()?.as_ref()).timezone;
    rank(world, rules, last_night(zone, now), now, limit)
}

/// The last beginning of the night's work.
fn last_night(zone: Tz, now: At) -> At {
    let today = dates::day_of(zone, now);
    let at = |day: NaiveDate| dates::moment(zone, day.and_time(NIGHT));
    if at(today) <= now { at(today) } else { at(today.pred_opt().unwrap_or(today)) }
}

/// The first night's work after this moment.
#[must_use]
pub fn next_night(zone: Tz, now: At) -> At {
    last_night(zone, now.plus(Span::days(1)))
}

/// Puts the next buyers in place among all, at most `limit`; true when all of them are. `night` is the beginning of the round
/// that this belongs to: another one begins another ranking.
///
/// # Errors
/// The world's.
pub fn rank<W: World + ?Sized>(world: &mut W, rules: &Rules, night: At, now: At, limit: usize) -> Result<bool> {
    let mut ranking = match world.ranking()?.filter(|ranking| ranking.night == night) {
        Some(ranking) if ranking.finished => return Ok(true),
        Some(ranking) => ranking,
        None => Ranking { night, cuts: cuts(world)?, after: ContactId(0), finished: false },
    };
    let shop = rules.shop_view(world.shop()?.as_ref());
    let buyers = world.buyers_after(ranking.after, limit.max(1))?;
    ranking.finished = buyers.len() < limit.max(1);
    for (id, buying) in buyers {
        ranking.after = id;
        let scores = rfm::scores(&ranking.cuts, &buying, night);
        let name = rfm::name(scores);
        let known = world.standing_of(id)?;
        let was = known.as_ref().map(|known| known.rfm);
        if known.as_ref().is_some_and(|known| known.scores == scores && known.rfm == name) {
            continue;
        }
        let since = known.filter(|known| known.rfm == name).map_or(now, |known| known.since);
        world.put_standing(id, &Standing { rfm: name, scores, since })?;
        if was == Some(name) {
            continue;
        }
        if let Some(from) = was {
            world.add_move(&Move { contact: id, from, to: name, at: now })?;
        }
        // A first name is no news of today where what was bought is not.
        let as_of = if was.is_some() || buying.last >= now.minus(FIRST) { now } else { buying.last };
        look_at(world, rules, &shop, id, (as_of, now), None)?;
    }
    world.put_ranking(&ranking)?;
    Ok(ranking.finished)
}

fn cuts<W: World + ?Sized>(world: &W) -> Result<Cuts> {
    let buyers = world.count_buyers()?;
    if buyers < rfm::FEW {
        let all = world.buyers_after(ContactId(0), usize::try_from(rfm::FEW)?)?;
        let spent: i64 = all.iter().map(|(_, buying)| buying.spent).fold(0, i64::saturating_add);
        return Ok(Cuts::Fixed { mean: spent / i64::try_from(all.len().max(1))? });
    }
    let places = rfm::places(buyers);
    let at = |by| world.buyers_at(by, &places);
    Ok(Cuts::Fifths { last: at(Measure::Last)?, orders: at(Measure::Orders)?, spent: at(Measure::Spent)? })
}
