//! Enter, leave, look again, send: decided here and nowhere else.
//!
//! Three questions are asked of it: after an event ([`review`]), at a wake-up ([`wake`]), and at the send gate
//! ([`confirm`]). All three look at what is true now rather than at what just happened, so an event that comes late,
//! out of order or not at all cannot leave a wrong state behind: the next look puts it right.

use std::collections::BTreeMap;

use super::facts::Facts;
use super::points;
use super::questions::{self, Standing};
use super::scene::{self, Props};
use super::triggers::{self, Occasion, in_time, ripe};
use super::{arms, steps, ways_out};
use crate::campaign::model::{Again, Campaign, Campaigns, CouponSpec, Deed, Jump, Kind, Step, TextKey};
use crate::campaign::trigger::About;
use crate::clock::{At, Span};
use crate::money::Money;
use crate::render::values::{self, ShopView};
use crate::schedule::due::{self, Since};
use crate::settings::model::{ConsentRule, Hours};
use crate::state::model::{Asked, Coupon, Drawn, Enrolment, EnrolmentId, EnrolmentState, Message, Reason, Subject};

/// How long the gate leaves a message alone whose coupon or stock is not right.
const LOOK_AGAIN: Span = Span::minutes(15);

/// What the owner and the machine have laid down.
#[derive(Clone, Copy)]
pub struct Mind<'a> {
    pub campaigns: &'a Campaigns,
    pub hours: &'a Hours,
    pub consent: &'a ConsentRule,
    pub shop: &'a ShopView,
}

/// What follows from an event for the ways of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Begin to wait for the trigger's time. Nothing happens when the occasion is known or another way is open.
    Begin {
        campaign: String,
        subject: Subject,
        anchor: At,
        /// From when on exits look.
        since: At,
        wake: At,
        /// It stands for many: the round lets in so many a day.
        late: Option<u32>,
    },
    /// Look at this one earlier than was planned.
    Rewake {
        enrolment: EnrolmentId,
        at: At,
    },
    Leave {
        enrolment: EnrolmentId,
        reason: Reason,
    },
}

/// What one enrolment does at a wake-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// The trigger's time has come, and this person may enter.
    Enter {
        anchor: At,
        /// Without a text, to see what comes of it anyway.
        held_out: bool,
    },
    /// This person gets this arm of the step.
    Draw {
        step: String,
        arm: String,
    },
    /// Plan the step's message.
    Plan {
        step: String,
        due: At,
        expires: At,
    },
    /// The step has no text: what it does is done, and it is behind.
    Do {
        step: String,
    },
    /// The step is behind; who is held out gets nothing of it, and stays as long as the others.
    HoldBack {
        step: String,
        texts_until: Option<At>,
    },
    /// What the step does beside its text.
    Deed {
        step: String,
        deed: Deed,
    },
    /// Words to the shop's staff.
    Tell {
        step: String,
        text: String,
    },
    /// The step is behind, without a message.
    PassOver {
        step: String,
        reason: Reason,
        /// From which a step that waits counts.
        left: At,
    },
    /// A step led to the end.
    LeadOut,
    /// Look again then; `why` when something that the owner may ask about keeps this person waiting.
    Sleep {
        until: At,
        why: Option<Reason>,
    },
    Leave {
        reason: Reason,
    },
}

/// After an event: which open ways end, which are to be looked at earlier, and which begin.
#[must_use]
pub fn review(mind: Mind<'_>, facts: &Facts) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    for enrolment in &facts.enrolments {
        if let Some(reason) = leave_reason(mind, enrolment, facts) {
            changes.push(Change::Leave { enrolment: enrolment.id, reason });
            continue;
        }
        open.push(&enrolment.campaign);
        // A basket that was not for this campaign may be now that the shopper has touched it again.
        if let Some(campaign) = mind.campaigns.get(&enrolment.campaign)
            && enrolment.state == EnrolmentState::Waiting
        {
            let anchor = triggers::anchor(campaign, enrolment, facts);
            let ripe = ripe(campaign, anchor).max(facts.now);
            if anchor > enrolment.anchor && enrolment.wake.is_some_and(|wake| wake > ripe) {
                changes.push(Change::Rewake { enrolment: enrolment.id, at: ripe });
            }
        }
    }
    for campaign in mind.campaigns.enabled() {
        if !open.contains(&campaign.id.as_str())
            && ways_out::may_not_write(campaign.kind, facts, mind.consent).is_none()
        {
            changes.extend(beginnings(mind, campaign, facts));
        }
    }
    changes
}

fn leave_reason(mind: Mind<'_>, enrolment: &Enrolment, facts: &Facts) -> Option<Reason> {
    match mind.campaigns.get(&enrolment.campaign).filter(|c| c.enabled) {
        None => Some(Reason::CampaignOff),
        Some(campaign) => ways_out::reason(campaign, enrolment, facts, mind.consent),
    }
}

/// The occasions of this campaign's trigger, the newest first. Who comes back after an opt-out is told of what happens from
/// then on: what happened while they wanted no texts is passed over, whatever its kind.
fn beginnings(mind: Mind<'_>, campaign: &Campaign, facts: &Facts) -> Vec<Change> {
    let begin = |Occasion { subject, anchor, late }| {
        let wake = ripe(campaign, anchor).max(facts.now);
        let since = triggers::exits_look_from(campaign, anchor, facts.now);
        Change::Begin { campaign: campaign.id.clone(), subject, anchor, since, wake, late }
    };
    let since = facts.came_back().unwrap_or(At(i64::MIN));
    let all = triggers::occasions(mind, campaign, facts).into_iter();
    all.filter(|occasion| occasion.anchor >= since).map(begin).collect()
}

/// At a wake-up: what this enrolment does now. The last act is always [`Act::Sleep`] or [`Act::Leave`].
#[must_use]
pub fn wake(mind: Mind<'_>, enrolment: &Enrolment, facts: &Facts) -> Vec<Act> {
    if let Some(reason) = leave_reason(mind, enrolment, facts) {
        return vec![Act::Leave { reason }];
    }
    let Some(campaign) = mind.campaigns.get(&enrolment.campaign) else {
        return vec![Act::Leave { reason: Reason::CampaignOff }];
    };
    let anchor = triggers::anchor(campaign, enrolment, facts);
    let mut acts = Vec::new();
    if enrolment.state == EnrolmentState::Waiting {
        let ripe = ripe(campaign, anchor);
        if ripe > facts.now {
            return vec![Act::Sleep { until: ripe, why: None }];
        }
        if !in_time(mind, campaign, anchor, facts.now) {
            return vec![Act::Leave { reason: Reason::TooLate }];
        }
        if let Some(refused) = may_not_enter(mind, campaign, enrolment, facts) {
            return vec![match (campaign.trigger.about(), refused) {
                (_, (Some(until), reason)) => Act::Sleep { until, why: Some(reason) },
                // The basket may grow into what the campaign is for; the next touch looks again.
                (About::Basket, (None, reason)) => {
                    Act::Sleep { until: At(anchor.plus(campaign.give_up).0 + 1), why: Some(reason) }
                }
                (_, (None, reason)) => Act::Leave { reason },
            }];
        }
        let held_out = arms::is_held_out(mind.campaigns, campaign, facts.contact.id);
        acts.push(Act::Enter { anchor, held_out });
        acts.extend(walk(mind, campaign, Enrolment { held_out, ..enrolment.clone() }, anchor, facts));
        return acts;
    }
    acts.extend(walk(mind, campaign, enrolment.clone(), anchor, facts));
    acts
}

/// The steps that are due, in the order in which they lead to each other.
fn walk(mind: Mind<'_>, campaign: &Campaign, mut way: Enrolment, anchor: At, facts: &Facts) -> Vec<Act> {
    let tz = mind.shop.timezone;
    let mut acts = Vec::new();
    loop {
        match questions::standing(campaign, &way, facts.now) {
            Standing::Free => {}
            Standing::WaitsUntil(until) => {
                acts.push(Act::Sleep { until, why: None });
                return acts;
            }
            Standing::GoesOn(step, jump, since) => {
                // A step that waits waits from the answer on.
                let left = way.left.map_or(since, |left| left.max(since));
                way.left = Some(left);
                pass_over(campaign, &mut way, step, (jump, left), &mut acts);
            }
        }
        let Some(whole) = steps::next(campaign, &way) else { break };
        // Arms that come at other times divide people before the first of them is due; others, when the text goes.
        if whole.arms_differ_in_time() {
            acts.extend(draw(campaign, whole, &mut way, facts));
        }
        let step = steps::variant(whole, &way);
        let due = due::due(Since { anchor, left: way.left }, step, tz);
        if due > facts.now {
            acts.push(Act::Sleep { until: due, why: None });
            return acts;
        }
        let expires = due::expires(due, step, mind.hours, tz);
        let answer = condition(mind, campaign, step, &way, facts);
        let held_out = way.held_out && step.kind == Kind::Marketing;
        if answer == Ok(true) && !held_out && facts.now <= expires {
            acts.extend(draw(campaign, whole, &mut way, facts));
        }
        let step = steps::variant(whole, &way);
        let over = |reason| Act::PassOver { step: step.id.clone(), reason, left: facts.now };
        let mut left = facts.now;
        acts.push(match answer {
            Err(()) => over(Reason::TextFailed),
            Ok(false) => over(Reason::ConditionNo),
            Ok(true) if held_out => {
                let texts_until = step.text.as_ref().map(|_| expires);
                way.texts_until = way.texts_until.max(texts_until);
                Act::HoldBack { step: step.id.clone(), texts_until }
            }
            Ok(true) if step.text.is_none() => Act::Do { step: step.id.clone() },
            Ok(true) if facts.now > expires => {
                // As if nothing had kept it: else all who were kept would get the next one on the same day.
                left = due.max(way.left.unwrap_or(due));
                Act::PassOver { step: step.id.clone(), reason: Reason::Expired, left }
            }
            Ok(true) => {
                way.texts_until = way.texts_until.max(Some(expires));
                if step.ask.is_some() {
                    way.asked.insert(step.id.clone(), Asked::planned(expires));
                }
                Act::Plan { step: step.id.clone(), due, expires }
            }
        });
        if answer == Ok(true) && !held_out {
            acts.extend(deeds(mind, campaign, step, &way, facts));
        }
        way.done.push(step.id.clone());
        way.left = Some(left);
        // Where a question leads is seen when its time is over.
        if !way.asked.contains_key(&step.id) {
            pass_over(campaign, &mut way, step, (steps::leads_to(step, answer != Ok(true)), left), &mut acts);
        }
    }
    // All steps are behind. The way stays open while its last message may still wait, so that a way out withdraws it.
    acts.push(match way.texts_until {
        Some(until) if until >= facts.now => Act::Sleep { until: At(until.0 + 1), why: None },
        _ => Act::Leave { reason: Reason::Finished },
    });
    acts
}

/// Leaves behind what lies between the step and where it leads.
fn pass_over(
    campaign: &Campaign,
    way: &mut Enrolment,
    from: &Step,
    (jump, left): (Option<&Jump>, At),
    acts: &mut Vec<Act>,
) {
    if jump == Some(&Jump::End) && !way.led_out {
        acts.push(Act::LeadOut);
        way.led_out = true;
    }
    for over in steps::jumped_over(campaign, from, jump) {
        if !way.done.contains(&over.id) && !over.aside {
            acts.push(Act::PassOver { step: over.id.clone(), reason: Reason::PassedOver, left });
            way.done.push(over.id.clone());
        }
    }
}

/// What the step does beside its text; words to the staff that cannot be said are passed over.
fn deeds(mind: Mind<'_>, campaign: &Campaign, step: &Step, way: &Enrolment, facts: &Facts) -> Vec<Act> {
    let say = || {
        let props = Props::new(mind.campaigns, campaign, Some(step), facts, None);
        let scene = props.scene(campaign, way, facts, mind.shop, None);
        mind.campaigns.templates.text(&TextKey::tell(&campaign.id, &step.id), &values::values(facts, &scene))
    };
    let act = |deed: &Deed| match deed {
        Deed::Tell => say().ok().map(|text| Act::Tell { step: step.id.clone(), text }),
        deed => Some(Act::Deed { step: step.id.clone(), deed: deed.clone() }),
    };
    step.deeds.iter().filter_map(act).collect()
}

/// Draws the arm of a step that has several, unless one was drawn that the file still has.
fn draw(campaign: &Campaign, step: &Step, way: &mut Enrolment, facts: &Facts) -> Option<Act> {
    if way.arm(&step.id).is_some_and(|arm| step.variant(Some(arm)).is_some()) {
        return None;
    }
    let none = BTreeMap::new();
    let counts = facts.arms.get(&(campaign.id.clone(), step.id.clone())).unwrap_or(&none);
    let arm = arms::draw(campaign, step, way.contact, counts)?;
    way.arms.insert(step.id.clone(), Drawn { arm: arm.clone(), at: facts.now });
    Some(Act::Draw { step: step.id.clone(), arm })
}

/// Whether the campaign would take this person now.
#[must_use]
pub fn may_enter(mind: Mind<'_>, way: &Enrolment, facts: &Facts) -> bool {
    mind.campaigns.get(&way.campaign).is_some_and(|campaign| may_not_enter(mind, campaign, way, facts).is_none())
}

/// Why this person does not enter now, and from when on they could.
fn may_not_enter(
    mind: Mind<'_>,
    campaign: &Campaign,
    enrolment: &Enrolment,
    facts: &Facts,
) -> Option<(Option<At>, Reason)> {
    if campaign.cool_off > Span::ZERO {
        let own = enrolment.subject.order_id();
        let last =
            facts.orders.iter().filter(|o| o.is_placed() && Some(o.id.as_str()) != own).filter_map(|o| o.placed).max();
        if let Some(until) = last.map(|placed| placed.plus(campaign.cool_off)).filter(|until| *until > facts.now) {
            return Some((Some(until), Reason::CoolOff));
        }
    }
    if let Some(last) = facts.last_entered.get(&campaign.id) {
        match campaign.again {
            Again::Never => return Some((None, Reason::Again)),
            Again::After(span) if facts.now < last.plus(span) => return Some((Some(last.plus(span)), Reason::Again)),
            Again::Always | Again::After(_) => {}
        }
    }
    if campaign.segment.as_deref().is_some_and(|segment| !facts.traits.is_in(segment)) {
        return Some((None, Reason::NotForThem));
    }
    if campaign.has_who {
        let props = Props::new(mind.campaigns, campaign, None, facts, None);
        let scene = props.scene(campaign, enrolment, facts, mind.shop, None);
        match mind.campaigns.templates.ask(&TextKey::who(&campaign.id), &values::values(facts, &scene)) {
            Ok(true) => {}
            Ok(false) => return Some((None, Reason::NotForThem)),
            Err(_) => return Some((None, Reason::TextFailed)),
        }
    }
    None
}

/// The step's `when`; `Err` when it cannot be answered from what is known.
pub(super) fn condition(
    mind: Mind<'_>,
    campaign: &Campaign,
    step: &Step,
    enrolment: &Enrolment,
    facts: &Facts,
) -> Result<bool, ()> {
    if !step.has_when {
        return Ok(true);
    }
    let props = Props::new(mind.campaigns, campaign, Some(step), facts, None);
    let scene = props.scene(campaign, enrolment, facts, mind.shop, None);
    mind.campaigns.templates.ask(&TextKey::when(&campaign.id, &step.id), &values::values(facts, &scene)).map_err(drop)
}

/// Whether the condition asks for something that the step, or one behind it that was quicker than the text, has changed
/// since: a step that puts the tag it asks for would else never say anything. What the condition said when it was due counts.
fn changed_itself(mind: Mind<'_>, campaign: &Campaign, step: &Step, enrolment: &Enrolment) -> bool {
    let asked = mind.campaigns.templates.names_used(&TextKey::when(&campaign.id, &step.id));
    let from_here = campaign.steps.iter().skip_while(|other| other.id != step.id);
    let mut done = from_here.filter(|other| enrolment.done.contains(&other.id)).flat_map(|other| &other.deeds);
    done.any(|deed| match deed {
        Deed::Tag(_) | Deed::Untag(_) => asked.contains("contact.tags") || asked.contains("contact.segments"),
        Deed::Points(_) => asked.contains("contact.points") || asked.contains("contact.segments"),
        Deed::Tell | Deed::Enter(_) => false,
    })
}

/// What the engine says of a planned message when its time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Go,
    /// Not now: look again then. `moved` when the step's own moment has moved.
    Wait {
        until: At,
        reason: Reason,
        moved: Option<(At, At)>,
    },
    /// This message not at all; the way goes on.
    Drop {
        reason: Reason,
    },
    /// The way ends.
    Leave {
        reason: Reason,
    },
}

/// At the send gate: may this message still go, as far as its campaign is concerned? Hours, caps, budget and holds are
/// the gate's own questions.
#[must_use]
pub fn confirm(mind: Mind<'_>, enrolment: &Enrolment, message: &Message, facts: &Facts) -> Verdict {
    if let Some(reason) = leave_reason(mind, enrolment, facts) {
        return Verdict::Leave { reason };
    }
    let Some(campaign) = mind.campaigns.get(&enrolment.campaign) else {
        return Verdict::Leave { reason: Reason::CampaignOff };
    };
    let Some(step) = campaign.step(&message.step).and_then(|step| step.variant(message.arm.as_deref())) else {
        return Verdict::Drop { reason: Reason::CampaignChanged };
    };
    // A step may be of another kind than its campaign.
    if let Some(reason) = ways_out::may_not_write(step.kind, facts, mind.consent) {
        return Verdict::Drop { reason };
    }
    let anchor = triggers::anchor(campaign, enrolment, facts);
    if let Some(due) = due::due_again(anchor, step, mind.shop.timezone).filter(|due| *due > facts.now) {
        let expires = due::expires(due, step, mind.hours, mind.shop.timezone);
        return Verdict::Wait { until: due, reason: Reason::NotDueYet, moved: Some((due, expires)) };
    }
    if facts.now > message.expires {
        return Verdict::Drop { reason: Reason::Expired };
    }
    match condition(mind, campaign, step, enrolment, facts) {
        Ok(true) => {}
        Ok(false) if changed_itself(mind, campaign, step, enrolment) => {}
        Ok(false) => return Verdict::Drop { reason: Reason::ConditionNo },
        Err(()) => return Verdict::Drop { reason: Reason::TextFailed },
    }
    let wait = |reason| Verdict::Wait { until: facts.now.plus(LOOK_AGAIN), reason, moved: None };
    if super::offer::is_spoken_of(mind.campaigns, campaign, step)
        && super::offer::choose(campaign, enrolment, facts).is_none()
    {
        return Verdict::Drop { reason: Reason::NothingToOffer };
    }
    if campaign.trigger.about() == About::Basket && scene::cart_to_show(facts).is_none() {
        return wait(Reason::OutOfStock);
    }
    if campaign.trigger.offers_product()
        && let Some(id) = enrolment.subject.product_id()
        && !facts.products.get(id).is_some_and(|product| product.is_available())
    {
        return wait(Reason::OutOfStock);
    }
    if let Some(spec) = scene::coupon(mind.campaigns, step) {
        match not_to_be_given(mind, campaign, spec, enrolment, facts) {
            None => {}
            Some(reason @ (Reason::CouponUnknown | Reason::CouponDead)) => return wait(reason),
            Some(reason) => return Verdict::Drop { reason },
        }
    }
    Verdict::Go
}

/// Why this coupon is not to be promised to this person now.
fn not_to_be_given(
    mind: Mind<'_>,
    campaign: &Campaign,
    spec: &CouponSpec,
    enrolment: &Enrolment,
    facts: &Facts,
) -> Option<Reason> {
    if spec.points.is_some_and(|price| points::balance(&facts.traits.ledger, facts.now) < price) {
        return Some(Reason::NotEnoughPoints);
    }
    // With codes on it, a basket's total is no longer what the shop holds a minimum against.
    let basket = scene::basket(campaign, facts).filter(|cart| cart.coupons.is_empty());
    let too_small = |good: &dyn Fn(Money) -> bool| basket.is_some_and(|cart| !good(cart.total));
    if spec.shared_code().is_none() {
        return match scene::own_coupon(mind.campaigns, campaign, spec, enrolment, facts) {
            Ok(own) => too_small(&|total| own.is_good_for(total)).then_some(Reason::BasketTooSmall),
            Err(reason) => Some(reason),
        };
    }
    let Some(coupon) = scene::shop_coupon(spec, facts) else { return Some(Reason::CouponUnknown) };
    if !worth_giving(coupon, facts.now) {
        return Some(Reason::CouponDead);
    }
    too_small(&|total| coupon.is_good_for(total)).then_some(Reason::BasketTooSmall)
}

/// A code that dies within the day of the text is a dead code to whoever reads it tomorrow.
fn worth_giving(coupon: &Coupon, now: At) -> bool {
    coupon.is_alive(now) && coupon.is_alive(now.plus(Span::hours(24)))
}
