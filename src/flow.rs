//! The walk of one event, and of one wake-up, as code: apply → gather → decide → carry out.
//!
//! Everything here works on a [`World`]: the daemon's database, or the memory of `simulate`.

mod deeds;
mod friends;
pub mod people;
pub mod replies;
pub mod round;
mod wanted;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use crate::campaign::model::{Campaign, Choose, CouponSpec, Step};
use crate::clock::At;
use crate::decide::engine::{self, Act, Change, Mind};
use crate::decide::facts::Facts;
use crate::decide::triggers;
use crate::measure::{credit, trials};
use crate::phone;
use crate::receive::event::{Erasee, Event, Fact};
use crate::render::values::ShopView;
use crate::rules::Rules;
use crate::state::apply::{self, Touched};
use crate::state::model::{
    ArmCounts, ContactId, Decision, Drawn, Enrolment, EnrolmentId, EnrolmentState, Message, MessageId, MessageState,
    Reason, Subject, Whom,
};
use crate::state::round::Drip;
use crate::state::world::{Row, World};

/// How many of what the shop sells most are looked through for something to offer.
const BEST_SOLD: usize = 60;
/// The same of what is bought with one product.
const SOLD_WITH: usize = 10;

/// How much is gathered about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// For ways in and out.
    People,
    /// Also the products and coupons that conditions and texts may speak of.
    Everything,
}

/// One event of the log, from what it changes to what follows from it. Says whom it touched.
///
/// # Errors
/// The world's.
pub fn absorb<W: World + ?Sized>(world: &mut W, rules: &Rules, event: &Event, now: At) -> Result<Touched> {
    let told = world.shop()?;
    let country = rules.country(told.as_ref());
    if let Fact::EraseRequested(data) = &event.fact {
        return erase(world, &data.contact, &country, now).map(|()| Touched::default());
    }
    let touched = apply::apply(world, event, &country)?;
    if touched.contacts.is_empty() && touched.orders.is_empty() {
        return Ok(touched);
    }
    if let Fact::Answered(told) = &event.fact
        && event.fact.choice_in_reply().is_none()
    {
        for contact in &touched.contacts {
            replies::hear(world, rules, *contact, told, event.at, now)?;
        }
    }
    // The event itself may have been `shop.updated`.
    let shop = rules.shop_view(world.shop()?.as_ref());
    for contact in &touched.contacts {
        look_at(world, rules, &shop, *contact, (event.at, now), None)?;
    }
    for order in &touched.orders {
        credit::look_again(world, order)?;
    }
    Ok(touched)
}

/// An event of the past: what it tells is known from now on, and no way begins by it: half a history is no ground to write to
/// anybody. Ways that are open ask again by themselves before anything goes out.
///
/// # Errors
/// The world's.
pub fn learn<W: World + ?Sized>(world: &mut W, rules: &Rules, event: &Event, now: At) -> Result<Touched> {
    if matches!(event.fact, Fact::OptedOut(_) | Fact::OptedIn(_) | Fact::EraseRequested(_)) {
        return absorb(world, rules, event, now);
    }
    let country = rules.country(world.shop()?.as_ref());
    let touched = apply::apply(world, event, &country)?;
    let shop = rules.shop_view(world.shop()?.as_ref());
    for contact in &touched.contacts {
        if let Some(mut facts) = gather(world, rules, *contact, now, Depth::People)? {
            people::look(world, rules, &shop, &mut facts, event.at)?;
            friends::look(world, rules, &shop, &facts)?;
        }
    }
    for order in &touched.orders {
        credit::look_again(world, order)?;
    }
    Ok(touched)
}

/// Ends the ways of everybody who is named, and forgets them. What is asked twice, or of nobody known, changes nothing.
fn erase<W: World + ?Sized>(world: &mut W, named: &Erasee, country: &str, now: At) -> Result<()> {
    let phone = named.phone.as_deref().and_then(|raw| phone::parse(raw, named.country.as_deref(), country).ok());
    let by_phone = phone.as_ref().map(|phone| world.contact_by_phone(phone)).transpose()?.flatten();
    let by_user = named.user_id.as_ref().map(|user| world.contact_by_user(user)).transpose()?.flatten();
    let first = by_phone.as_ref().map(|c| c.id);
    let user_id = by_phone.and_then(|c| c.user_id).or_else(|| named.user_id.clone());
    let mut all = vec![Whom { contact: first, phone, user_id }];
    // The account may have another number by now.
    all.extend(by_user.filter(|c| Some(c.id) != first).map(|c| Whom {
        contact: Some(c.id),
        phone: c.phone,
        user_id: c.user_id,
    }));
    for whom in all {
        if let Some(id) = whom.contact {
            for enrolment in world.open_enrolments(id)? {
                leave(world, &enrolment, Reason::Erased, now)?;
            }
        }
        world.erase(&whom, country, now)?;
    }
    Ok(())
}

/// Asks the engine about one person, and does what it says.
///
/// # Errors
/// The world's.
pub fn reconsider<W: World + ?Sized>(
    world: &mut W,
    rules: &Rules,
    shop: &ShopView,
    contact: ContactId,
    now: At,
) -> Result<()> {
    look_at(world, rules, shop, contact, (now, now), None).map(drop)
}

/// As [`reconsider`]; `as_of` is when what made us look happened. Whose moment has long passed enters only where `drip` counts
/// how many do so today. Gives what is known of the person, if there is one.
fn look_at<W: World + ?Sized>(
    world: &mut W,
    rules: &Rules,
    shop: &ShopView,
    contact: ContactId,
    (as_of, now): (At, At),
    mut drip: Option<&mut Drip>,
) -> Result<Option<Facts>> {
    let Some(mut facts) = gather(world, rules, contact, now, Depth::People)? else { return Ok(None) };
    people::look(world, rules, shop, &mut facts, as_of)?;
    for friend in friends::look(world, rules, shop, &facts)? {
        reconsider(world, rules, shop, friend, now)?;
    }
    wanted::watch(world, &rules.campaigns.wants(), &facts)?;
    if facts.contact.phone.is_none() {
        return Ok(Some(facts));
    }
    for change in engine::review(mind(rules, shop), &facts) {
        match change {
            Change::Leave { enrolment, reason } => {
                if let Some(enrolment) = facts.enrolments.iter().find(|e| e.id == enrolment) {
                    leave(world, enrolment, reason, now)?;
                }
            }
            Change::Rewake { enrolment, at } => {
                if let Some(enrolment) = facts.enrolments.iter().find(|e| e.id == enrolment) {
                    world.put_enrolment(&Enrolment { wake: Some(at), ..enrolment.clone() })?;
                }
            }
            Change::Begin { campaign, subject, anchor, since, wake, late } => {
                let entered = drip.as_deref().and_then(|drip| drip.entered.get(&campaign).copied());
                let room = late.is_none_or(|most| drip.is_some() && entered.unwrap_or_default() < most);
                if !room || world.knows_occasion(&campaign, contact, &subject.occasion())? {
                    continue;
                }
                let way = way_into(contact, campaign, (subject, anchor, since), wake);
                let Some(drip) = drip.as_deref_mut().filter(|_| late.is_some()) else {
                    world.add_enrolment(&way)?;
                    continue;
                };
                // Whoever would be turned away takes nobody's place, and may fit another night.
                if let Some(at) = world.last_entered(&way.campaign, contact)? {
                    facts.last_entered.insert(way.campaign.clone(), at);
                }
                if engine::may_enter(mind(rules, shop), &way, &facts) && world.add_enrolment(&way)?.is_some() {
                    *drip.entered.entry(way.campaign).or_default() += 1;
                }
            }
        }
    }
    Ok(Some(facts))
}

/// A way that waits for its trigger's time.
fn way_into(contact: ContactId, campaign: String, (subject, anchor, since): (Subject, At, At), wake: At) -> Enrolment {
    Enrolment {
        id: EnrolmentId(0),
        campaign,
        contact,
        subject,
        state: EnrolmentState::Waiting,
        anchor,
        since,
        entered: None,
        ended: None,
        end_reason: None,
        done: Vec::new(),
        left: None,
        texts_until: None,
        offer: None,
        arms: BTreeMap::new(),
        asked: BTreeMap::new(),
        replied: None,
        led_out: false,
        held_out: false,
        wake: Some(wake),
    }
}

/// Wakes what is due, at most `limit` enrolments. Returns how many there were.
///
/// # Errors
/// The world's.
pub fn tend<W: World + ?Sized>(world: &mut W, rules: &Rules, now: At, limit: usize) -> Result<usize> {
    let due = world.due_enrolments(now, limit)?;
    if due.is_empty() {
        return Ok(0);
    }
    let shop = rules.shop_view(world.shop()?.as_ref());
    for id in &due {
        world.on_its_own(Row::Enrolment(*id), now, |world| wake(world, rules, &shop, *id, now))?;
    }
    Ok(due.len())
}

/// One wake-up of one enrolment.
fn wake<W: World + ?Sized>(world: &mut W, rules: &Rules, shop: &ShopView, id: EnrolmentId, now: At) -> Result<()> {
    let Some(mut enrolment) = world.enrolment(id)?.filter(|e| e.state != EnrolmentState::Ended) else { return Ok(()) };
    recount(world, rules, &enrolment, now)?;
    let Some(facts) = gather(world, rules, enrolment.contact, now, Depth::Everything)? else {
        return leave(world, &enrolment, Reason::Erased, now);
    };
    let acts = engine::wake(mind(rules, shop), &enrolment, &facts);
    if let Some(campaign) = rules.campaigns.get(&enrolment.campaign) {
        enrolment.anchor = triggers::anchor(campaign, &enrolment, &facts);
    }
    for act in acts {
        match act {
            Act::Enter { anchor, held_out } => {
                enrolment.held_out = held_out;
                enrolment.state = EnrolmentState::Active;
                enrolment.entered = Some(now);
                enrolment.anchor = anchor;
                note(world, &enrolment, None, None, Reason::Entered, None, now)?;
            }
            Act::Plan { step, due, expires } => {
                plan(world, &enrolment, &step, due, expires, now)?;
                if rules.campaigns.get(&enrolment.campaign).and_then(|c| c.step(&step)).is_some_and(|s| s.ask.is_some())
                {
                    replies::plan(&mut enrolment, &step, expires);
                }
                enrolment.texts_until = enrolment.texts_until.max(Some(expires));
                enrolment.leave_step(step, now);
            }
            Act::Draw { step, arm } => drop(enrolment.arms.insert(step, Drawn { arm, at: now })),
            Act::Deed { step, deed } => deeds::carry_out(world, rules, &enrolment, &step, &deed, now)?,
            Act::Tell { step, text } => deeds::tell(world, &enrolment, &step, text, now)?,
            Act::HoldBack { step, texts_until } => {
                note(world, &enrolment, None, Some(&step), Reason::HeldOut, None, now)?;
                enrolment.texts_until = enrolment.texts_until.max(texts_until);
                enrolment.leave_step(step, now);
            }
            Act::LeadOut => enrolment.led_out = true,
            Act::Do { step } => {
                note(world, &enrolment, None, Some(&step), Reason::Done, None, now)?;
                enrolment.leave_step(step, now);
            }
            Act::PassOver { step, reason, left } => {
                note(world, &enrolment, None, Some(&step), reason, None, now)?;
                enrolment.leave_step(step, left);
            }
            Act::Sleep { until, why } => {
                if let Some(reason) = why {
                    note(world, &enrolment, None, None, reason, Some(format!("until {}", until.rfc3339())), now)?;
                }
                enrolment.wake = Some(until);
            }
            Act::Leave { reason } => {
                if reason == Reason::Finished {
                    wanted::told(world, rules, &enrolment, &facts)?;
                }
                leave(world, &enrolment, reason, now)?;
                // Another occasion may have waited for this one to end.
                return reconsider(world, rules, shop, enrolment.contact, now);
            }
        }
    }
    world.put_enrolment(&enrolment)
}

fn plan<W: World + ?Sized>(
    world: &mut W,
    enrolment: &Enrolment,
    step: &str,
    due: At,
    expires: At,
    now: At,
) -> Result<()> {
    let message = Message {
        id: MessageId(0),
        enrolment: enrolment.id,
        contact: enrolment.contact,
        campaign: enrolment.campaign.clone(),
        step: step.to_owned(),
        arm: enrolment.arm(step).map(str::to_owned),
        state: MessageState::Scheduled,
        due,
        next_try: now,
        expires,
        reason: None,
        reference: None,
        attempts: 0,
        gateway: None,
        gateway_id: None,
        text: None,
        parts: 0,
        price: None,
        cost: None,
        coupon: None,
        offer: None,
        templated: false,
        service: false,
        doubted: false,
        handed: None,
        settled: None,
    };
    if let Some(id) = world.add_message(&message)? {
        note(world, enrolment, Some(id), Some(step), Reason::Planned, None, now)?;
    }
    Ok(())
}

/// Ends a way and withdraws what still waits to be sent.
///
/// # Errors
/// The world's.
pub fn leave<W: World + ?Sized>(world: &mut W, enrolment: &Enrolment, reason: Reason, now: At) -> Result<()> {
    for message in world.scheduled_of(enrolment.id)? {
        world.put_message(&Message {
            state: MessageState::Cancelled,
            reason: Some(reason),
            next_try: At::NEVER,
            settled: Some(now),
            ..message
        })?;
    }
    world.put_enrolment(&Enrolment {
        state: EnrolmentState::Ended,
        ended: Some(now),
        end_reason: Some(reason),
        wake: None,
        ..enrolment.clone()
    })?;
    note(world, enrolment, None, None, reason, None, now)
}

/// Writes one line into the record.
///
/// # Errors
/// The world's.
pub fn note<W: World + ?Sized>(
    world: &mut W,
    enrolment: &Enrolment,
    message: Option<MessageId>,
    step: Option<&str>,
    reason: Reason,
    detail: Option<String>,
    now: At,
) -> Result<()> {
    world.decide(&Decision {
        at: now,
        contact: enrolment.contact,
        enrolment: Some(enrolment.id),
        message,
        campaign: Some(enrolment.campaign.clone()),
        step: step.map(str::to_owned),
        reason,
        detail,
    })
}

/// The engine's view of rules and shop.
#[must_use]
pub fn mind<'a>(rules: &'a Rules, shop: &'a ShopView) -> Mind<'a> {
    Mind { campaigns: &rules.campaigns, hours: &rules.settings.hours, consent: &shop.consent, shop }
}

/// Everything the engine may know about one person now; `None` when there is no such person.
///
/// # Errors
/// The world's.
pub fn gather<W: World + ?Sized>(
    world: &W,
    rules: &Rules,
    id: ContactId,
    now: At,
    depth: Depth,
) -> Result<Option<Facts>> {
    let Some(contact) = world.contact(id)? else { return Ok(None) };
    let opted_out = match &contact.phone {
        Some(phone) => world.opt_out(phone)?,
        None => None,
    };
    let orders = world.orders_of(id)?;
    let mut facts = Facts {
        opted_out,
        carts: world.carts_of(id)?,
        traits: people::traits(world, rules, id, &orders, now)?,
        orders,
        reviews: world.reviews_of(id)?,
        enrolments: world.open_enrolments(id)?,
        ..Facts::of(contact, now)
    };
    wanted::gather(world, &rules.campaigns.wants(), &mut facts)?;
    if depth == Depth::Everything {
        for enrolment in facts.enrolments.iter().filter(|e| e.state == EnrolmentState::Waiting) {
            if let Some(at) = world.last_entered(&enrolment.campaign, id)? {
                facts.last_entered.insert(enrolment.campaign.clone(), at);
            }
        }
        gather_goods(world, rules, &mut facts)?;
        gather_arms(world, rules, &mut facts)?;
    }
    Ok(Some(facts))
}

/// The steps of this way that are still to be drawn for by what came of their arms.
fn learning<'r>(rules: &'r Rules, enrolment: &Enrolment) -> impl Iterator<Item = (&'r Campaign, &'r Step)> {
    let campaign = rules.campaigns.get(&enrolment.campaign);
    let steps = campaign.into_iter().flat_map(|campaign| campaign.steps.iter().map(move |step| (campaign, step)));
    steps
        .filter(|(_, step)| step.choose == Choose::Learn && !step.arms.is_empty() && !enrolment.done.contains(&step.id))
}

/// Counts anew what came of the arms of this way's steps, once a day.
fn recount<W: World + ?Sized>(world: &mut W, rules: &Rules, enrolment: &Enrolment, now: At) -> Result<()> {
    for (campaign, step) in learning(rules, enrolment) {
        let known = world.arm_counts(&campaign.id, &step.id)?;
        // A clock that ran ahead counts for nothing.
        if known.is_some_and(|known| known.counted <= now && now < known.counted.plus(trials::COUNTED_AGAIN)) {
            continue;
        }
        let asked = trials::asked(campaign, step, now.minus(trials::LOOK_BACK), now);
        let arms = world.count_arms(&asked)?;
        world.put_arm_counts(&campaign.id, &step.id, &ArmCounts { counted: now, arms })?;
    }
    Ok(())
}

fn gather_arms<W: World + ?Sized>(world: &W, rules: &Rules, facts: &mut Facts) -> Result<()> {
    for enrolment in &facts.enrolments {
        for (campaign, step) in learning(rules, enrolment) {
            if let Some(known) = world.arm_counts(&campaign.id, &step.id)? {
                facts.arms.insert((campaign.id.clone(), step.id.clone()), known.arms);
            }
        }
    }
    Ok(())
}

/// The products that this person's basket and the subjects' orders name, and what those cross-sell; the campaigns' coupons.
fn gather_goods<W: World + ?Sized>(world: &W, rules: &Rules, facts: &mut Facts) -> Result<()> {
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    if let Some(cart) = facts.cart_in_hand() {
        wanted.extend(cart.items.iter().map(|i| i.product_id.clone()));
        wanted.extend(cart.items.iter().filter_map(|i| i.variation_id.clone()));
    }
    for enrolment in &facts.enrolments {
        wanted.extend(enrolment.offer.clone());
        wanted.extend(enrolment.subject.product_id().map(str::to_owned));
        if let Subject::Order { id } = &enrolment.subject
            && let Some(order) = facts.order(id)
        {
            wanted.extend(order.items.iter().map(|i| i.product_id.clone()));
        }
    }
    let mut cross: BTreeSet<String> = BTreeSet::new();
    if rules.campaigns.wants().sales {
        if let Some(last) = facts.orders.iter().find(|order| order.is_placed()) {
            wanted.extend(last.items.iter().map(|i| i.product_id.clone()));
        }
        facts.best_sold = world.best_sold(None, BEST_SOLD)?;
        for id in &wanted {
            facts.sold_with.insert(id.clone(), world.best_sold(Some(id), SOLD_WITH)?);
        }
        cross.extend(facts.best_sold.iter().chain(facts.sold_with.values().flatten()).cloned());
    }
    for id in wanted {
        if let Some(product) = world.product(&id)? {
            cross.extend(product.cross_sells.iter().chain(&product.upsells).cloned());
            facts.products.insert(id, product);
        }
    }
    for id in cross {
        if !facts.products.contains_key(&id)
            && let Some(product) = world.product(&id)?
        {
            facts.products.insert(id, product);
        }
    }
    for code in rules.campaigns.coupons.values().filter_map(CouponSpec::shared_code) {
        let code = code.to_lowercase();
        if let Some(coupon) = world.coupon(&code)? {
            facts.coupons.insert(code, coupon);
        }
    }
    Ok(())
}
