//! The send gate: the last check, in the transaction that claims a message.
//!
//! A message that passes is written down as handed over (state `sending`, text, price, our reference) in that same
//! transaction. Only after the commit is the gateway called. So a crash at any point leaves either a message that
//! surely did not go, or one that is known to be in doubt.

use std::collections::BTreeMap;

use anyhow::Result;

use super::gateway::{Body, Outgoing};
use super::ways::{self, Choice, Wanted, Way};
use crate::campaign::model::{Campaign, CouponCode, Kind, LinkKind, Step};
use crate::clock::{At, Span};
use crate::decide::engine::{self, Verdict};
use crate::decide::facts::Facts;
use crate::decide::offer;
use crate::decide::rank;
use crate::decide::scene::{self, Props};
use crate::flow::{self, Depth, replies};
use crate::ids::Chance;
use crate::money::Money;
use crate::phone::Phone;
use crate::render::compose;
use crate::render::values::{self, ShopView};
use crate::rules::Rules;
use crate::schedule::{caps, hours};
use crate::state::model::{
    Enrolment, EnrolmentState, HandOver, Hold, HoldScope, Link, Message, MessageId, MessageState, OwnCoupon, Reason,
};
use crate::state::world::{Row, World};

/// How long a message rests when what stops it has no known end.
pub(super) const REST: Span = Span::minutes(5);
/// How long it rests while another message to the same person is between hand-over and answer.
const SHORT_REST: Span = Span::minutes(1);

/// A message that was claimed: already written down as handed over.
#[derive(Debug)]
pub struct Claimed {
    pub message: MessageId,
    pub parts: u32,
    /// The gateway that it is to go to, by name.
    pub gateway: String,
    pub outgoing: Outgoing,
}

/// What the gate said to one message.
enum Passage<'a> {
    Go(&'a Way<'a>, Box<HandOver>, Outgoing),
    Wait { until: At, reason: Reason, moved: Option<(At, At)> },
    End { state: MessageState, reason: Reason, detail: Option<String> },
    LeaveCampaign(Reason),
}

/// What came of taking up one message.
enum Taken {
    Claimed(Claimed),
    Settled,
    /// It may go, but every call is taken.
    NoRoom,
}

/// Looks at the messages that are due, at most `limit`, and claims those that may go.
///
/// The caller has applied every event that was received before this transaction: an order that reached the daemon is
/// seen here.
///
/// # Errors
/// The world's.
pub fn claim<W: World + ?Sized>(
    world: &mut W,
    rules: &Rules,
    ways: &[Way<'_>],
    chance: &dyn Chance,
    now: At,
    limit: usize,
) -> Result<Vec<Claimed>> {
    let due = world.due_messages(now, limit)?;
    let mut claimed: Vec<Claimed> = Vec::new();
    // What is claimed has a call of its own waiting: nothing stands in a queue as if it had been handed over.
    let mut room: BTreeMap<&str, usize> = ways.iter().map(|way| (way.name, way.calls * way.batch)).collect();
    let mut places: i64 = 0;
    if due.is_empty() {
        return Ok(claimed);
    }
    let told = world.shop()?;
    let shop = rules.shop_view(told.as_ref());
    let link_base = rules.link_base(told.as_ref());
    let holds: Vec<Hold> = world.holds()?.into_iter().filter(|hold| hold.is_in_force(now)).collect();
    for id in due {
        let gate = Gate { rules, shop: &shop, link_base: link_base.as_deref(), ways, chance, holds: &holds, now };
        let look = |world: &mut W| gate.take_up(world, id, &mut room, &mut places);
        match world.on_its_own(Row::Message(id), now, look)? {
            Some(Taken::Claimed(one)) => claimed.push(one),
            Some(Taken::Settled) | None => {}
            Some(Taken::NoRoom) => break,
        }
    }
    Ok(claimed)
}

/// The message's step as this person gets it.
fn step_of<'r>(rules: &'r Rules, message: &Message) -> Option<&'r Step> {
    rules.campaigns.get(&message.campaign)?.step(&message.step)?.variant(message.arm.as_deref())
}

/// How far the places lie apart at the slowest gateway.
fn pace(ways: &[Way<'_>]) -> Span {
    let slowest = ways.iter().filter_map(|way| way.per_minute).min().unwrap_or(u32::MAX);
    Span(60_000 / i64::from(slowest.max(1)))
}

struct Gate<'a> {
    rules: &'a Rules,
    shop: &'a ShopView,
    link_base: Option<&'a str>,
    ways: &'a [Way<'a>],
    chance: &'a dyn Chance,
    holds: &'a [Hold],
    now: At,
}

impl<'a> Gate<'a> {
    /// Looks at one message, and writes down what came of it.
    fn take_up<W: World + ?Sized>(
        &self,
        world: &mut W,
        id: MessageId,
        room: &mut BTreeMap<&'a str, usize>,
        places: &mut i64,
    ) -> Result<Taken> {
        let now = self.now;
        let Some(message) = world.message(id)?.filter(|m| m.state == MessageState::Scheduled) else {
            return Ok(Taken::Settled);
        };
        let Some(mut enrolment) = world.enrolment(message.enrolment)? else { return Ok(Taken::Settled) };
        match self.look(world, &message, &enrolment)? {
            Passage::Go(way, hand_over, outgoing) => {
                let share = way.share(&outgoing.body);
                let Some(left) = room.get(way.name).and_then(|left| left.checked_sub(share)) else {
                    return Ok(Taken::NoRoom);
                };
                world.hand_over(&hand_over)?;
                let step = step_of(self.rules, &message);
                if let Some(price) = step.and_then(|step| scene::coupon(&self.rules.campaigns, step)?.points) {
                    flow::people::pay(world, message.contact, id, price, self.now)?;
                }
                let ask = step.and_then(|step| step.ask.as_ref());
                if let Some(ask) = ask {
                    replies::ask(&mut enrolment, &message.step, ask, now);
                }
                // A text that offers nothing leaves what was offered before.
                let offered = hand_over.offer.clone().filter(|offer| enrolment.offer.as_ref() != Some(offer));
                if ask.is_some() || offered.is_some() {
                    enrolment.offer = offered.or(enrolment.offer.take());
                    world.put_enrolment(&enrolment)?;
                }
                flow::note(world, &enrolment, Some(id), Some(&message.step), Reason::HandedOver, None, now)?;
                room.insert(way.name, left);
                let HandOver { parts, gateway, .. } = *hand_over;
                return Ok(Taken::Claimed(Claimed { message: id, parts, gateway, outgoing }));
            }
            Passage::Wait { until, reason, moved } => {
                // One behind the other: not all at the same next free place.
                let until = match reason {
                    Reason::RateLimit => {
                        *places += 1;
                        until.plus(Span(pace(self.ways).0.saturating_mul(*places - 1)))
                    }
                    _ => until,
                };
                let mut waiting = message.clone();
                if let Some((due, expires)) = moved {
                    waiting.due = due;
                    // Later than before its gateway would not know the reference any more.
                    waiting.expires = if message.doubted { expires.min(message.expires) } else { expires };
                    enrolment.texts_until = enrolment.texts_until.max(Some(waiting.expires));
                    replies::put_off(&mut enrolment, &message.step, waiting.expires);
                    world.put_enrolment(&enrolment)?;
                }
                // Looked at once more just after its best-before, to be given up.
                waiting.next_try = until.min(At(waiting.expires.0.saturating_add(1))).max(At(now.0 + 1));
                waiting.reason = Some(reason);
                world.put_message(&waiting)?;
                if message.reason != Some(reason) {
                    let detail = Some(format!("until {}", waiting.next_try.rfc3339()));
                    flow::note(world, &enrolment, Some(id), Some(&message.step), reason, detail, now)?;
                }
            }
            Passage::End { state, reason, detail } => {
                world.put_message(&Message {
                    state,
                    reason: Some(reason),
                    next_try: At::NEVER,
                    settled: Some(now),
                    ..message.clone()
                })?;
                if enrolment.state != EnrolmentState::Ended && replies::give_up(&mut enrolment, &message.step, now) {
                    world.put_enrolment(&enrolment)?;
                }
                flow::note(world, &enrolment, Some(id), Some(&message.step), reason, detail, now)?;
            }
            Passage::LeaveCampaign(reason) => {
                flow::leave(world, &enrolment, reason, now)?;
                // Another occasion may have waited for this one to end.
                flow::reconsider(world, self.rules, self.shop, enrolment.contact, now)?;
            }
        }
        Ok(Taken::Settled)
    }

    fn look<W: World + ?Sized>(&self, world: &W, message: &Message, enrolment: &Enrolment) -> Result<Passage<'a>> {
        if enrolment.state == EnrolmentState::Ended {
            let reason = enrolment.end_reason.unwrap_or(Reason::Finished);
            return Ok(end(MessageState::Cancelled, reason, None));
        }
        let Some(campaign) = self.rules.campaigns.get(&message.campaign) else {
            return Ok(Passage::LeaveCampaign(Reason::CampaignOff));
        };
        let Some(step) = campaign.step(&message.step).and_then(|step| step.variant(message.arm.as_deref())) else {
            return Ok(end(MessageState::Cancelled, Reason::CampaignChanged, None));
        };
        // The cheap questions first: at an opening thousands wait, and most have to wait on. What is too late has nothing
        // to wait for, unless its moment has moved.
        if self.now <= message.expires
            && let Some(wait) = self.may_be_written_to(world, campaign, step, message)?
        {
            return Ok(wait);
        }
        let Some(facts) = flow::gather(world, self.rules, message.contact, self.now, Depth::Everything)? else {
            return Ok(end(MessageState::Cancelled, Reason::Erased, None));
        };
        match engine::confirm(flow::mind(self.rules, self.shop), enrolment, message, &facts) {
            Verdict::Go => {}
            Verdict::Wait { moved: Some(_), .. } if message.doubted && self.now > message.expires => {
                return Ok(end(MessageState::Expired, Reason::Expired, None));
            }
            Verdict::Wait { until, reason, moved } => return Ok(Passage::Wait { until, reason, moved }),
            Verdict::Drop { reason: Reason::Expired } => {
                // What it waited for to the end is the better answer to "why not".
                let waited = message.reason.map(|r| format!("waited: {r}"));
                return Ok(end(MessageState::Expired, Reason::Expired, waited));
            }
            Verdict::Drop { reason } => return Ok(end(MessageState::Cancelled, reason, None)),
            Verdict::Leave { reason } => return Ok(Passage::LeaveCampaign(reason)),
        }
        let Some(phone) = facts.contact.phone.clone() else {
            return Ok(Passage::LeaveCampaign(Reason::NoNumber));
        };
        if step.kind == Kind::Marketing
            && let Some(until) = self.gives_way(world, campaign, message, &facts)?
        {
            return Ok(wait(until, Reason::GivesWay));
        }
        let way = match self.choose(world, step, message, &phone)? {
            Choice::Way(way) => way,
            Choice::Wait(until, reason) => return Ok(wait(until, reason)),
            Choice::None(reason) => return Ok(end(MessageState::Cancelled, reason, None)),
        };
        self.write(world, campaign, step, message, enrolment, &facts, &phone, way)
    }

    /// Until when a more valuable text for the same person goes before this one.
    fn gives_way<W: World + ?Sized>(
        &self,
        world: &W,
        campaign: &Campaign,
        message: &Message,
        facts: &Facts,
    ) -> Result<Option<At>> {
        let mut waiting = world.waiting_for(message.contact)?;
        waiting.retain(|other| other.id != message.id);
        if waiting.is_empty() && facts.enrolments.len() < 2 {
            return Ok(None);
        }
        let handed = world.handed_since(message.contact, self.now.minus(caps::LOOK_BACK))?;
        let mind = flow::mind(self.rules, self.shop);
        Ok(rank::gives_way(mind, &self.rules.settings.caps, campaign, facts, &waiting, &handed))
    }

    /// The gateway that this message may go by.
    fn choose<W: World + ?Sized>(
        &self,
        world: &W,
        step: &Step,
        message: &Message,
        phone: &Phone,
    ) -> Result<Choice<'a>> {
        let wanted = Wanted {
            step,
            phone,
            blocked: world.is_blocked(phone)?,
            bound_to: message.gateway.as_deref().filter(|_| message.doubted),
        };
        ways::choose(self.ways, &wanted, self.holds, self.now, |gateway, since, most| {
            world.handed_by_gateway_since(gateway, since, most)
        })
    }

    /// Whether the owner, or every gateway, holds this back; until when at least.
    fn held(&self, campaign: &Campaign) -> Option<At> {
        let own = HoldScope::Campaign(campaign.id.clone());
        let holds = |wanted: &dyn Fn(&HoldScope) -> bool| {
            let found = self.holds.iter().filter(|hold| wanted(&hold.scope));
            found.map(|hold| hold.until.unwrap_or(self.now.plus(REST))).max()
        };
        if let Some(until) = holds(&|scope| *scope == HoldScope::All || *scope == own) {
            return Some(until);
        }
        if self.ways.is_empty() {
            return Some(self.now.plus(REST));
        }
        // Of several gateways that rest, the first to wake is waited for.
        let each: Option<Vec<At>> = self.ways.iter().map(|way| holds(&|scope| scope.stops_gateway(way.name))).collect();
        each?.into_iter().min()
    }

    /// Holds, hours, caps, and one message at a time: questions about the moment, not about the text.
    fn may_be_written_to<W: World + ?Sized>(
        &self,
        world: &W,
        campaign: &Campaign,
        step: &Step,
        message: &Message,
    ) -> Result<Option<Passage<'a>>> {
        let now = self.now;
        if let Some(until) = self.held(campaign) {
            return Ok(Some(wait(until, Reason::OnHold)));
        }
        let tz = self.shop.timezone;
        match hours::next_open_for(&self.rules.settings.hours, step.kind, tz, now) {
            Some(open) if open <= now => {}
            Some(open) => return Ok(Some(wait(open, Reason::OutsideHours))),
            None => return Ok(Some(wait(now.plus(Span::days(1)), Reason::OutsideHours))),
        }
        if world.is_sending_to(message.contact)? {
            return Ok(Some(wait(now.plus(SHORT_REST), Reason::AnotherOnItsWay)));
        }
        if step.kind == Kind::Marketing {
            let handed = world.handed_since(message.contact, now.minus(caps::LOOK_BACK))?;
            if let Err((until, which)) = caps::room(&self.rules.settings.caps, tz, &handed, now) {
                return Ok(Some(wait(until, which)));
            }
        }
        Ok(None)
    }

    /// Writes the text, and asks whether there is money for it.
    #[allow(clippy::too_many_arguments)] // each is another thing the text is made of
    fn write<W: World + ?Sized>(
        &self,
        world: &W,
        campaign: &Campaign,
        step: &Step,
        message: &Message,
        enrolment: &Enrolment,
        facts: &Facts,
        phone: &Phone,
        way: &'a Way<'a>,
    ) -> Result<Passage<'a>> {
        let Some(base) = self.link_base.filter(|_| !self.shop.name.is_empty()) else {
            // Until the shop has said who and where it is, no link of ours would work, and no text would name it.
            return Ok(wait(self.now.plus(REST), Reason::OnHold));
        };
        let before = world.link_of_message(message.id)?;
        let coupon = self.coupon(world, campaign, step, enrolment, facts, before.as_ref())?;
        let link = self.new_link(campaign, step, message, enrolment, facts, coupon);
        let link = match before {
            // The slug may be known at the gateway; what it leads to is what the text says now.
            Some(Link { slug, hits, human_hits, first_human, .. }) => {
                Link { slug, hits, human_hits, first_human, ..link }
            }
            None => link,
        };
        let address = format!("{base}/{}", link.slug);
        let props = Props::new(&self.rules.campaigns, campaign, Some(step), facts, link.coupon.as_deref());
        let scene = props.scene(campaign, enrolment, facts, self.shop, Some(&address));
        let values = values::values(facts, &scene);
        // What was once in doubt goes again as it went before: by text, under a reference that the gateway knows.
        let template = way.template(step).filter(|_| !message.doubted);
        let place = template.map(|(place, _)| place);
        let composed = match compose::compose(&self.rules.campaigns.templates, campaign, step, &values, way.line, place)
        {
            Ok(composed) => composed,
            Err(problem) => return Ok(end(MessageState::Failed, Reason::TextFailed, Some(problem.to_string()))),
        };
        if composed.parts.parts > step.max_parts {
            let detail = format!("{} parts, at most {}", composed.parts.parts, step.max_parts);
            return Ok(end(MessageState::Failed, Reason::TooManyParts, Some(detail)));
        }
        if let Some(wait) = self.budget_allows(world, campaign, composed.price)? {
            return Ok(wait);
        }
        let reference = message.reference.unwrap_or_else(|| self.chance.reference());
        let body = match (template, &composed.tokens) {
            (Some((_, template)), Some(tokens)) => {
                Body::Template { name: template.name.clone(), tokens: tokens.clone() }
            }
            _ => Body::Text(composed.text.clone()),
        };
        let hand_over = HandOver {
            message: message.id,
            at: self.now,
            reference,
            gateway: way.name.to_owned(),
            text: composed.text,
            parts: composed.parts.parts,
            price: composed.price,
            coupon: link.coupon.clone(),
            offer: offer::is_spoken_of(&self.rules.campaigns, campaign, step)
                .then(|| offer::choose(campaign, enrolment, facts).map(|p| p.id.clone()))
                .flatten(),
            templated: matches!(body, Body::Template { .. }),
            service: step.kind == Kind::Service,
            link: Some(link),
        };
        let outgoing = Outgoing { reference, to: phone.clone(), body };
        Ok(Passage::Go(way, Box::new(hand_over), outgoing))
    }

    /// The code that the step gives, in lower case, with what it promises where it is the person's own.
    fn coupon<W: World + ?Sized>(
        &self,
        world: &W,
        campaign: &Campaign,
        step: &Step,
        enrolment: &Enrolment,
        facts: &Facts,
        before: Option<&Link>,
    ) -> Result<Option<(String, Option<OwnCoupon>)>> {
        let campaigns = &self.rules.campaigns;
        let Some(spec) = scene::coupon(campaigns, step) else { return Ok(None) };
        let prefix = match &spec.code {
            CouponCode::Shared(code) => return Ok(Some((code.to_lowercase(), None))),
            CouponCode::Own { prefix, .. } => prefix,
        };
        let Ok(own) = scene::own_coupon(campaigns, campaign, spec, enrolment, facts) else { return Ok(None) };
        // The code may be known at the gateway, and to the person.
        let known = before.filter(|link| link.own_coupon.is_some()).and_then(|link| link.coupon.clone());
        let code = match known {
            Some(code) => code,
            None => loop {
                let code = format!("{prefix}{}", self.chance.code());
                if world.link_by_own_coupon(&code)?.is_none() && world.coupon(&code)?.is_none() {
                    break code;
                }
            },
        };
        Ok(Some((code, Some(own))))
    }

    fn new_link(
        &self,
        campaign: &Campaign,
        step: &Step,
        message: &Message,
        enrolment: &Enrolment,
        facts: &Facts,
        coupon: Option<(String, Option<OwnCoupon>)>,
    ) -> Link {
        Link {
            slug: self.chance.slug(),
            message: message.id,
            contact: message.contact,
            kind: step.link,
            cart_key: (step.link == LinkKind::Cart).then(|| facts.cart_in_hand().map(|c| c.key.clone())).flatten(),
            order_id: enrolment.subject.order_id().map(str::to_owned),
            product_id: scene::link_product(step.link, campaign, enrolment, facts),
            coupon: coupon.as_ref().map(|(code, _)| code.clone()),
            own_coupon: coupon.and_then(|(_, own)| own),
            made: self.now,
            expires: self.now.plus(self.rules.settings.links.life),
            hits: 0,
            human_hits: 0,
            first_human: None,
        }
    }

    fn budget_allows<W: World + ?Sized>(
        &self,
        world: &W,
        campaign: &Campaign,
        price: Money,
    ) -> Result<Option<Passage<'a>>> {
        let (all, own) = (&self.rules.settings.budget, &campaign.budget);
        let (tz, now) = (self.shop.timezone, self.now);
        let zero = Money::zero(price.currency);
        let day = (hours::day_start(tz, now), hours::next_day_start(tz, now));
        let month = (hours::month_start(tz, now), hours::next_month_start(tz, now));
        for (cap, (since, next), reason) in [
            (all.day, day, Reason::BudgetDay),
            (all.month, month, Reason::BudgetMonth),
            (own.day, day, Reason::BudgetCampaign),
            (own.month, month, Reason::BudgetCampaign),
        ] {
            let Some(cap) = cap else { continue };
            let spent = match reason {
                Reason::BudgetCampaign => world.spent_by_campaign_since(&campaign.id, since, now, zero)?,
                _ => world.spent_since(since, now, zero)?,
            };
            if !caps::fits(cap, spent, price) {
                return Ok(Some(wait(next, reason)));
            }
        }
        Ok(None)
    }
}

fn wait(until: At, reason: Reason) -> Passage<'static> {
    Passage::Wait { until, reason, moved: None }
}

fn end(state: MessageState, reason: Reason, detail: Option<String>) -> Passage<'static> {
    Passage::End { state, reason, detail }
}
