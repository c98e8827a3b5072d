//! Tells the owner by SMS, once for each trouble.
//!
//! An alarm is a message like any other: written down before the gateway is called, tried once, counted in the budget. It goes
//! only where it fits the caps of [budget], for these are never passed; one that does not fit waits, and stands in `doctor`.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use chrono::Timelike;
use tokio_util::sync::CancellationToken;

use super::alarm::{self, Alarm, Kind};
use super::driver::Parts;
use super::gateway::{Answer, Body, Gateway, Outgoing, Refusal, Registry, StopScope};
use super::patience;
use super::staff::{self, Word};
use super::standing::{self, LASTS, Standing};
use crate::clock::{At, Span};
use crate::money::Money;
use crate::phone::Phone;
use crate::render::parts;
use crate::rules::Rules;
use crate::schedule::{caps, hours};
use crate::state::model::{Hold, HoldScope};
use crate::state::world::World;
use crate::store::SqlWorld;
use crate::store::alerts::{self, Alert, Attempt, Told};

/// Hours of the day in the shop's zone in which what is not grave is told.
const DAYTIME: std::ops::Range<u32> = 8..22;
/// A trouble that comes and goes by itself is told again only after this.
const TOLD_LATELY: Span = Span::hours(12);
/// A lack of credit that the owner was told of a shorter time ago is no news when texts meet it.
const SAME_NEWS: Span = Span::hours(1);
/// So many words to the staff a day go by SMS: they are paid for from what the customers' texts come from.
const MOST_WORDS: usize = 50;
/// Of those that wait so many are looked at.
const AT_ONCE: usize = 20;
/// What refused an alarm for a passing reason is tried again after this.
const AGAIN: Span = Span::minutes(5);
/// The share of the month's budget that is worth a word, in percent.
const MUCH_SPENT: i64 = 80;
/// The whole of one call to a gateway: shorter than the daemon waits at its end.
const CALL: Duration = Duration::from_secs(20);

/// Notes a trouble, unless it is noted already. Whether it was new.
///
/// # Errors
/// The database's.
pub fn raise(world: &SqlWorld<'_>, rules: &Rules, alarm: &Alarm, now: At) -> Result<bool> {
    let (kind, subject) = (alarm.kind(), alarm.subject());
    let text = alarm.text(rules.campaigns.language);
    let new = alerts::raise(world.connection(), kind, &subject, &text, alarm.tells_at_night(), now)?;
    if new {
        tracing::warn!(alert.kind = %kind, alert.subject = subject, text, "something to look at");
    }
    Ok(new)
}

/// A trouble has ended.
///
/// # Errors
/// The database's.
pub fn over(world: &SqlWorld<'_>, kind: Kind, subject: &str, now: At) -> Result<()> {
    if alerts::over(world.connection(), kind, subject, now)? {
        tracing::info!(alert.kind = %kind, alert.subject = subject, "this is over");
    }
    Ok(())
}

/// Looks at holds and budget, and tells what is to be told until `stop`.
///
/// # Errors
/// The store's.
pub async fn turn(parts: &Parts, stop: &CancellationToken) -> Result<()> {
    let (rules, now) = (parts.rules(), parts.clock.now());
    let (looked, gateways) = (Arc::clone(&rules), parts.gateways());
    parts.writer.run(move |world| look(world, &looked, &gateways, now)).await?;
    // One at a time: what is written down as handed over is being handed over. A sure refusal lets the next gateway try; so this
    // ends when each has.
    while !stop.is_cancelled() {
        let job = Claim { rules: Arc::clone(&rules), parts: parts.clone(), now: parts.clock.now() };
        let Some(claim) = parts.writer.run(move |world| job.run(world)).await? else { break };
        let (reference, told) = match claim {
            Claimed::Text { gateway, outgoing } => {
                (outgoing.reference, send(&*gateway, &outgoing, parts.clock.now()).await)
            }
            Claimed::Word { reference, word } => (reference, staff::post(&rules, &word, parts.clock.now()).await),
        };
        patience::keep_writing(&parts.writer, "what came of an alarm", move || {
            move |world: &mut SqlWorld<'_>| alerts::settle(world.connection(), reference, told)
        })
        .await?;
    }
    Ok(())
}

/// Notes and ends the troubles that can be seen in the database. Those of credit and of the brake come from where these are
/// looked at.
fn look(world: &mut SqlWorld<'_>, rules: &Rules, gateways: &Registry, now: At) -> Result<()> {
    let holds = world.holds()?;
    let country = rules.country(world.shop()?.as_ref());
    let standing = Standing::of(&holds, &standing::ways(rules, gateways, &country), now);
    let month = hours::month_start(zone(world, rules)?, now);
    let much_spent = match rules.settings.budget.month {
        Some(cap) => {
            let spent = world.spent_since(month, now, Money::zero(cap.currency))?;
            spent.minor.saturating_mul(100) >= cap.minor.saturating_mul(MUCH_SPENT) && spent.minor > 0
        }
        None => false,
    };
    staff_unheard(world, rules, now)?;
    for alert in alerts::open(world.connection())? {
        let Some(kind) = Kind::of(&alert.kind) else { continue };
        let goes_on = match kind {
            Kind::Hold => holds.iter().any(|hold| hold.scope.to_string() == alert.subject),
            // A cap that was raised ends it, too.
            Kind::Budget => alert.subject == month.rfc3339() && much_spent,
            Kind::LowCredit => rules.settings.gateway.named(&alert.subject).is_some(),
            Kind::Brake | Kind::Stuck => true,
        };
        if !goes_on {
            over(world, kind, &alert.subject, now)?;
        }
    }
    for hold in &holds {
        if let Some(alarm) = lasting(hold, &standing, now)
            && raise(world, rules, &alarm, now)?
        {
            one_word_for_one_lack(world, hold, now)?;
        }
    }
    if much_spent {
        raise(world, rules, &Alarm::Budget { month: month.rfc3339() }, now)?;
    }
    Ok(())
}

/// Words that could not be told in time would come as a burst of old ones: of a day's the staff hear how many there were.
fn staff_unheard(world: &SqlWorld<'_>, rules: &Rules, now: At) -> Result<()> {
    let (conn, tz) = (world.connection(), zone(world, rules)?);
    alerts::give_words_up(conn, now.minus(staff::GIVE_UP), now)?;
    let today = hours::day_start(tz, now);
    let yesterday = hours::day_start(tz, At(today.0 - 1));
    let lost = alerts::words_given_up(conn, (yesterday, today), staff::GIVE_UP)?;
    if lost > 0 {
        let text = alarm::unheard(lost, rules.campaigns.language);
        alerts::note_word(conn, &format!("0//unheard:{}", yesterday.0), &text, now)?;
    }
    Ok(())
}

fn lasting(hold: &Hold, standing: &Standing, now: At) -> Option<Alarm> {
    let HoldScope::Gateway(gateway, what) = &hold.scope else { return None };
    let lasts = hold.scope.is_grave() && hold.is_in_force(now) && now.since(hold.since) >= LASTS;
    let by = || standing.instead_of(gateway).map(str::to_owned);
    lasts.then(|| Alarm::Held { gateway: gateway.clone(), what: what.clone(), by: by() })
}

/// Credit that runs low and then is gone is one trouble: the word that was said a moment ago is enough, and one that still
/// waits to be said gives way to this.
fn one_word_for_one_lack(world: &SqlWorld<'_>, hold: &Hold, now: At) -> Result<()> {
    let HoldScope::Gateway(gateway, StopScope::Credit) = &hold.scope else { return Ok(()) };
    let open = alerts::open(world.connection())?;
    let find = |kind: Kind, subject: &str| open.iter().find(|a| a.kind == kind.as_str() && a.subject == subject);
    let (Some(low), Some(gone)) = (find(Kind::LowCredit, gateway), find(Kind::Hold, &hold.scope.to_string())) else {
        return Ok(());
    };
    match low.told {
        Some(told) if now.since(told) < SAME_NEWS => alerts::told(world.connection(), gone.id, now),
        Some(_) => Ok(()),
        None => alerts::told(world.connection(), low.id, now),
    }
}

fn zone(world: &SqlWorld<'_>, rules: &Rules) -> Result<chrono_tz::Tz> {
    Ok(rules.shop_view(world.shop()?.as_ref()).timezone)
}

enum Claimed {
    Text {
        gateway: Arc<dyn Gateway>,
        outgoing: Outgoing,
    },
    /// Words to the staff, for their webhook.
    Word {
        reference: i64,
        word: Word,
    },
}

/// Hands one text over, and says what came of it.
async fn send(gateway: &dyn Gateway, outgoing: &Outgoing, now: At) -> Told {
    let answer = tokio::time::timeout(CALL, gateway.send(outgoing)).await;
    match answer.unwrap_or_else(|_| Answer::Open(format!("no answer within {} s", CALL.as_secs()))) {
        Answer::Accepted(_) => Told::Taken,
        Answer::Refused(refusal) => {
            tracing::warn!(gateway = gateway.name(), why = refusal.why(), "the owner could not be told");
            Told::Refused { again: passes(&refusal).map(|rest| now.plus(rest)) }
        }
        Answer::Open(why) => {
            tracing::warn!(gateway = gateway.name(), why, "whether the owner was told is not known");
            Told::Handed
        }
    }
}

/// What can be told now, written down as handed over.
struct Claim {
    rules: Arc<Rules>,
    parts: Parts,
    now: At,
}

impl Claim {
    fn run(&self, world: &mut SqlWorld<'_>) -> Result<Option<Claimed>> {
        let tz = zone(world, &self.rules)?;
        let settings = &self.rules.settings;
        let daytime = DAYTIME.contains(&self.now.utc().with_timezone(&tz).hour());
        for alert in alerts::open(world.connection())? {
            if alert.told.is_some()
                || !(alert.grave || daytime)
                || settings.owner.phones.is_empty()
                // A brake was let go by somebody: pulled again, it is news.
                || (alert.kind != Kind::Brake.as_str()
                    && alerts::was_told(world.connection(), &alert, self.now, TOLD_LATELY)?)
            {
                continue;
            }
            if let Some(one) = self.tell(world, &alert, &settings.owner.phones, false)? {
                return Ok(Some(one));
            }
        }
        if !daytime {
            return Ok(None);
        }
        let told = alerts::words_told(world.connection(), hours::day_start(tz, self.now))?;
        let (all, webhook) = (settings.staff.phones.as_slice(), settings.staff.webhook.is_some());
        // Of those before it the answers have just come.
        for (told, word) in (told..).zip(alerts::words(world.connection(), AT_ONCE)?) {
            let phones = if told < MOST_WORDS { all } else { &[] };
            if phones.is_empty() && !webhook && !all.is_empty() {
                return Ok(None);
            }
            if let Some(one) = self.tell(world, &word, phones, webhook)? {
                return Ok(Some(one));
            }
        }
        Ok(None)
    }

    /// The next attempt; none: nothing can be tried now, or everybody was told.
    fn tell(
        &self,
        world: &mut SqlWorld<'_>,
        alert: &Alert,
        phones: &[Phone],
        webhook: bool,
    ) -> Result<Option<Claimed>> {
        let mut waits = false;
        if webhook {
            match self.try_webhook(world, alert)? {
                Try::Go(one) => return Ok(Some(one)),
                Try::Wait => waits = true,
                Try::Done => {}
            }
        }
        for (place, phone) in phones.iter().enumerate() {
            match self.try_one(world, alert, place, phone)? {
                Try::Go(one) => return Ok(Some(one)),
                Try::Wait => waits = true,
                Try::Done => {}
            }
        }
        if !waits {
            alerts::told(world.connection(), alert.id, self.now)?;
        }
        Ok(None)
    }

    /// The address knows a word by its id, so one of which it is not known whether it came is told again.
    fn try_webhook(&self, world: &mut SqlWorld<'_>, alert: &Alert) -> Result<Try> {
        let tried = alerts::attempts(world.connection(), alert.id, staff::RECIPIENT)?;
        match tried.first() {
            Some((_, Told::Refused { again: Some(again) })) if self.now < *again => return Ok(Try::Wait),
            None | Some((_, Told::Refused { again: Some(_) })) => {}
            Some(_) => return Ok(Try::Done),
        }
        let attempt = Attempt {
            alert: alert.id,
            recipient: staff::RECIPIENT,
            reference: self.parts.chance.reference(),
            gateway: staff::NAME.to_owned(),
            at: self.now,
            parts: 0,
            price: Money::zero(self.rules.settings.gateway.currency()),
        };
        if !alerts::attempt(world.connection(), &attempt)? {
            return Ok(Try::Done);
        }
        let told = Word { id: alert.id, subject: alert.subject.clone(), text: alert.text.clone(), at: alert.raised };
        Ok(Try::Go(Claimed::Word { reference: attempt.reference, word: told }))
    }

    fn try_one(&self, world: &mut SqlWorld<'_>, alert: &Alert, recipient: usize, phone: &Phone) -> Result<Try> {
        let tried = alerts::attempts(world.connection(), alert.id, recipient)?;
        if tried.iter().any(|(_, told)| !matches!(told, Told::Refused { .. })) {
            return Ok(Try::Done);
        }
        let (holds, gateways) = (world.holds()?, self.parts.gateways());
        let mut outcome = Try::Done;
        for used in self.rules.settings.gateway.iter() {
            let Some(gateway) = gateways.named(used.which.name()) else { continue };
            let name = gateway.name();
            let before = tried.iter().find_map(|(before, told)| match told {
                Told::Refused { again } if before == name => Some(*again),
                _ => None,
            });
            if before == Some(None) || !gateway.reaches(phone, false) {
                continue;
            }
            outcome = Try::Wait;
            if before.flatten().is_some_and(|again| self.now < again) {
                continue;
            }
            let count = parts::count(&alert.text, &used.line.parts);
            let each = match count.encoding {
                parts::Encoding::Ucs2 => used.line.price_ucs2,
                parts::Encoding::Gsm7 => used.line.price_gsm7,
            };
            let price = Money { minor: each.minor.saturating_mul(i64::from(count.parts)), ..each };
            if holds.iter().any(|hold| holds_up(hold, name, self.now)) || !self.fits(world, price)? {
                continue;
            }
            let attempt = Attempt {
                alert: alert.id,
                recipient,
                reference: self.parts.chance.reference(),
                gateway: name.to_owned(),
                at: self.now,
                parts: count.parts,
                price,
            };
            if alerts::attempt(world.connection(), &attempt)? {
                let body = Body::Text(alert.text.clone());
                let outgoing = Outgoing { reference: attempt.reference, to: phone.clone(), body };
                return Ok(Try::Go(Claimed::Text { gateway: Arc::clone(gateway), outgoing }));
            }
        }
        Ok(outcome)
    }

    /// Whether it fits both caps, as the gate has it for every other text.
    fn fits(&self, world: &SqlWorld<'_>, price: Money) -> Result<bool> {
        let (budget, tz, zero) = (&self.rules.settings.budget, zone(world, &self.rules)?, Money::zero(price.currency));
        for (cap, since) in
            [(budget.day, hours::day_start(tz, self.now)), (budget.month, hours::month_start(tz, self.now))]
        {
            let Some(cap) = cap else { continue };
            if !caps::fits(cap, world.spent_since(since, self.now, zero)?, price) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

enum Try {
    Go(Claimed),
    /// Every gateway that is left is held, or refused it a moment ago, or the budget is used up.
    Wait,
    /// It was told, or every gateway has refused it.
    Done,
}

/// After how long the same alarm may be taken.
fn passes(refusal: &Refusal) -> Option<Span> {
    match refusal {
        Refusal::Later { after: Some(after), .. } => {
            Some(Span(i64::try_from(after.as_millis()).unwrap_or(i64::MAX)).max(AGAIN))
        }
        Refusal::Later { after: None, .. } | Refusal::Down { .. } | Refusal::Stop { .. } => Some(AGAIN),
        Refusal::Never { .. } | Refusal::Blocked { .. } | Refusal::OptedOut { .. } | Refusal::Mistake { .. } => None,
    }
}

fn holds_up(hold: &Hold, gateway: &str, now: At) -> bool {
    let its_own = matches!(&hold.scope, HoldScope::Gateway(name, _) if name == gateway);
    its_own && hold.scope.is_grave() && hold.is_in_force(now)
}
