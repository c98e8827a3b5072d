//! Asks the gateways what people wrote back, and whom they will not write to: for those who do not push it, and for pushes that
//! got lost.
//!
//! What a gateway gives is written down together with the place where the next question goes on, so that nothing is skipped by
//! a crash in between; what it gives twice changes nothing.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio_util::sync::CancellationToken;

use super::driver::Parts;
use super::gateway::{Gateway, Inbound, Page, Refuser, Trouble};
use super::heard;
use super::patience::keep_writing;
use crate::clock::{At, Span};
use crate::state::world::World;
use crate::store::SqlWorld;
use crate::store::cursors::{self, Cursor};

/// How often people's replies are asked for.
const REPLIES: Span = Span::minutes(2);
/// How often the line's blacklist is asked for.
const REFUSERS: Span = Span::hours(6);
/// Pages of one question, so that a long list does not meet the provider's limits; the rest is asked for the next time.
const MOST_PAGES: usize = 20;
/// The whole of one call.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Replies,
    Refusers,
}

impl What {
    const fn word(self) -> &'static str {
        match self {
            What::Replies => "inbound",
            What::Refusers => "refusers",
        }
    }

    const fn every(self) -> Span {
        match self {
            What::Replies => REPLIES,
            What::Refusers => REFUSERS,
        }
    }

    fn is_offered(self, gateway: &dyn Gateway) -> bool {
        match self {
            What::Replies => gateway.abilities().polls_inbound,
            What::Refusers => gateway.abilities().polls_refusers,
        }
    }
}

/// A page of one or the other.
struct Given {
    rows: Rows,
    cursor: Option<String>,
    more: bool,
}

enum Rows {
    Replies(Vec<Inbound>),
    Refusers(Vec<Refuser>),
}

/// At a start the blacklists are asked for at once.
///
/// # Errors
/// The store's.
pub async fn begin(parts: &Parts) -> Result<()> {
    Ok(parts.writer.run(|world| cursors::ask_again(world.connection(), What::Refusers.word())).await?)
}

/// Asks every gateway for what is due, until `stop`. A gateway that does not answer is asked again at its next time.
///
/// # Errors
/// The store's.
pub async fn turn(parts: &Parts, stop: &CancellationToken) -> Result<()> {
    for gateway in parts.gateways().iter() {
        for what in [What::Replies, What::Refusers] {
            if what.is_offered(gateway.as_ref()) && !stop.is_cancelled() {
                ask(parts, gateway.as_ref(), what, stop).await?;
            }
        }
    }
    Ok(())
}

async fn ask(parts: &Parts, gateway: &dyn Gateway, what: What, stop: &CancellationToken) -> Result<()> {
    let (name, word) = (gateway.name(), what.word());
    let now = parts.clock.now();
    let known = parts.writer.run(move |world| cursors::of(world.connection(), name, word)).await?;
    // A clock that was set back must not silence it.
    if known.as_ref().is_some_and(|known| known.asked <= now && now.since(known.asked) < what.every()) {
        return Ok(());
    }
    let (mut cursor, mut before) = known.map_or((None, None), |known| (known.cursor, known.trouble));
    for _ in 0..MOST_PAGES {
        let (page, trouble) = match page(gateway, what, cursor.as_deref()).await {
            Ok(page) => (page, None),
            Err(problem) => (
                Given { rows: Rows::Replies(Vec::new()), cursor: cursor.clone(), more: false },
                Some(problem.to_string()),
            ),
        };
        note(name, word, before.as_deref(), trouble.as_deref());
        let more = page.more && page.cursor != cursor;
        cursor = page.cursor;
        before.clone_from(&trouble);
        let next = Cursor { cursor: cursor.clone(), asked: now, trouble };
        write(parts, name, word, page.rows, next, now).await?;
        if !more || stop.is_cancelled() {
            break;
        }
    }
    Ok(())
}

async fn page(gateway: &dyn Gateway, what: What, cursor: Option<&str>) -> Result<Given, Trouble> {
    let asking = async {
        Ok(match what {
            What::Replies => {
                let Page { rows, cursor, more } = gateway.inbound(cursor).await?;
                Given { rows: Rows::Replies(rows), cursor, more }
            }
            What::Refusers => {
                let Page { rows, cursor, more } = gateway.refusers(cursor).await?;
                Given { rows: Rows::Refusers(rows), cursor, more }
            }
        })
    };
    let late = || Err(Trouble::Unreachable(format!("no answer within {} s", PATIENCE.as_secs())));
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| late())
}

/// Rows and cursor in one transaction.
async fn write(
    parts: &Parts,
    gateway: &'static str,
    word: &'static str,
    rows: Rows,
    next: Cursor,
    now: At,
) -> Result<()> {
    let (rows, rules) = (Arc::new(rows), parts.rules());
    let kept = keep_writing(&parts.writer, "what people wrote back", || {
        let (rows, rules, next) = (Arc::clone(&rows), Arc::clone(&rules), next.clone());
        move |world: &mut SqlWorld<'_>| {
            let country = rules.country(world.shop()?.as_ref());
            let kept = match rows.as_ref() {
                Rows::Replies(replies) => each(world, replies, |world, reply| {
                    heard::keep(world, gateway, &named(world, reply)?, &country, now)
                })?,
                Rows::Refusers(refusers) => {
                    each(world, refusers, |world, refuser| heard::keep_refuser(world, gateway, refuser, &country, now))?
                }
            };
            cursors::put(world.connection(), gateway, word, &next)?;
            Ok(kept)
        }
    });
    if kept.await? == 0 {
        return Ok(());
    }
    // Someone may have asked us to stop: the clockwork looks at once.
    parts.nudge.notify_one();
    Ok(())
}

/// One row that cannot be kept must not cost the others. Returns how many there were.
fn each<T>(world: &mut SqlWorld<'_>, rows: &[T], keep: impl Fn(&mut SqlWorld<'_>, &T) -> Result<()>) -> Result<usize> {
    for row in rows {
        if let Err(problem) = world.attempt(|world| keep(world, row))? {
            tracing::error!(error = %format!("{problem:#}"), "a row from the gateway could not be kept");
        }
    }
    Ok(rows.len())
}

/// A reply that is asked for comes again with every question; without an id of the gateway's it gets one of ours.
fn named(world: &SqlWorld<'_>, reply: &Inbound) -> Result<Inbound> {
    let gateway_id = if let Some(id) = &reply.gateway_id {
        id.clone()
    } else {
        let at = reply.at_unix.map_or_else(String::new, |at| at.to_string());
        heard::digest(world, "asked", &format!("{}\n{}\n{at}", reply.from, reply.text))?
    };
    Ok(Inbound {
        gateway_id: Some(gateway_id),
        from: reply.from.clone(),
        to: reply.to.clone(),
        text: reply.text.clone(),
        at_unix: reply.at_unix,
    })
}

/// Says when a gateway begins to leave a question unanswered, and when it answers again; not each time in between.
pub(super) fn note(gateway: &str, what: &str, before: Option<&str>, now: Option<&str>) {
    match (before, now) {
        (None, Some(why)) => tracing::warn!(gateway, what, why, "gateway leaves a question unanswered"),
        (Some(_), None) => tracing::info!(gateway, what, "gateway answers again"),
        _ => {}
    }
}
