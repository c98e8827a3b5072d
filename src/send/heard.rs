//! What the gateway tells by itself: delivery reports, and what people wrote back.

use anyhow::Result;
use serde_json::{Value, json};

use super::driver::Parts;
use super::gateway::{Inbound, Refuser, Report, Soon};
use super::outcome;
use super::replies::{self, Wish};
use crate::clock::At;
use crate::phone::{self, Phone};
use crate::receive::callbacks::Callbacks;
use crate::receive::desk::Unavailable;
use crate::state::world::World;
use crate::store::log::{self, Incoming};
use crate::store::{self, SqlWorld, inbound};

const OPTED_OUT: &str = "contact.opted_out";

/// Writes down what was heard, and rings the clockwork.
pub struct Heard(pub Parts);

impl Callbacks for Heard {
    fn delivered(&self, gateway: &'static str, reports: Vec<Report>) -> Soon<'_, Result<(), Unavailable>> {
        Box::pin(async move {
            let now = self.0.clock.now();
            let job = move |world: &mut SqlWorld<'_>| {
                reports.iter().try_for_each(|report| outcome::news(world, gateway, report, now))
            };
            self.0.writer.run(job).await.map_err(|e| Unavailable(e.to_string()))
        })
    }

    fn replied(&self, gateway: &'static str, inbound: Vec<Inbound>) -> Soon<'_, Result<(), Unavailable>> {
        Box::pin(async move {
            let (now, rules) = (self.0.clock.now(), self.0.rules());
            let job = move |world: &mut SqlWorld<'_>| {
                let country = rules.country(world.shop()?.as_ref());
                inbound.iter().try_for_each(|reply| keep(world, gateway, reply, &country, now))
            };
            self.0.writer.run(job).await.map_err(|e| Unavailable(e.to_string()))?;
            self.0.nudge.notify_one();
            Ok(())
        })
    }
}

/// Keeps a reply, and makes it an event of the log: a choice, like one made anywhere else, or an answer.
///
/// # Errors
/// The database's.
pub(super) fn keep(world: &mut SqlWorld<'_>, gateway: &str, reply: &Inbound, country: &str, now: At) -> Result<()> {
    let Ok(from) = phone::parse(&reply.from, None, country) else { return Ok(()) };
    let at = reply.at_unix.map_or(now, |s| At(s.saturating_mul(1_000))).min(now);
    let kept = inbound::Inbound {
        gateway: gateway.to_owned(),
        gateway_id: reply.gateway_id.clone(),
        phone: from.clone(),
        text: reply.text.clone(),
        at,
    };
    if !inbound::add(world.connection(), &kept)? {
        return Ok(());
    }
    // The provider may tell of one reply twice; the same reply makes the same event.
    let seen =
        format!("{gateway}\n{}\n{}\n{}\n{}", reply.gateway_id.as_deref().unwrap_or(""), from.e164(), reply.text, at.0);
    let event_id = digest(world, "reply", &seen)?;
    match replies::wish(&reply.text) {
        Some(Wish::Stop) => log_choice(world, OPTED_OUT, &event_id, &from, "reply", at, now),
        Some(Wish::Start) => log_choice(world, "contact.opted_in", &event_id, &from, "reply", at, now),
        // Who was never heard of was asked nothing.
        None if reply.text.trim().is_empty() || world.contact_by_phone(&from)?.is_none() => Ok(()),
        None => {
            let data = json!({"contact": {"phone": from.e164()}, "text": reply.text});
            log_one(world, "contact.answered", &event_id, &data, at, now)
        }
    }
}

/// Keeps somebody on the gateway's own list: a person who told it to stop has opted out, a number that only refuses
/// advertising is blocked. The same entry twice changes nothing.
///
/// # Errors
/// The database's.
pub(super) fn keep_refuser(
    world: &mut SqlWorld<'_>,
    gateway: &str,
    refuser: &Refuser,
    country: &str,
    now: At,
) -> Result<()> {
    let Ok(phone) = phone::parse(&refuser.phone, None, country) else { return Ok(()) };
    let at = refuser.at_unix.map_or(now, |s| At(s.saturating_mul(1_000))).min(now);
    if !refuser.by_reply {
        return world.put_blocked(&phone, at);
    }
    let seen = format!("{gateway}\n{}\n{}", phone.e164(), refuser.at_unix.unwrap_or_default());
    let event_id = digest(world, "refuser", &seen)?;
    log_choice(world, OPTED_OUT, &event_id, &phone, "provider", at, now)
}

fn log_choice(
    world: &SqlWorld<'_>,
    kind: &str,
    event_id: &str,
    phone: &Phone,
    source: &str,
    at: At,
    now: At,
) -> Result<()> {
    log_one(world, kind, event_id, &json!({"contact": {"phone": phone.e164()}, "source": source}), at, now)
}

fn log_one(world: &SqlWorld<'_>, kind: &str, event_id: &str, data: &Value, at: At, now: At) -> Result<()> {
    let event = Incoming { event_id: event_id.to_owned(), kind: kind.to_owned(), time: at, data: data.to_string() };
    log::append(world.connection(), &[event], now)?;
    Ok(())
}

/// An id made of what it stands for. It outlives the erasure of who wrote, so it must not lead back to the number: there are
/// few enough to try them all.
pub(super) fn digest(world: &SqlWorld<'_>, kind: &str, seen: &str) -> Result<String> {
    let sealed: String = store::sealed(world.connection(), seen)?.chars().take(40).collect();
    Ok(format!("{kind}-{sealed}"))
}
