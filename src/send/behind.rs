//! What a restored backup has still to send may have been sent: it is dropped before anything goes again.

use anyhow::Result;

use super::driver::{CHUNK, catch_up};
use crate::clock::At;
use crate::flow;
use crate::rules::Rules;
use crate::state::model::{Enrolment, Message, MessageState, Reason, Subject};
use crate::state::world::World;
use crate::store::{SqlWorld, reload};

/// In a database that knows nothing after `last`: ends what is about baskets of before, for they may have been ordered, and
/// drops what of before was due by `now`. Returns how many messages that is.
///
/// # Errors
/// The database's.
pub fn drop_the_past(world: &mut SqlWorld<'_>, rules: &Rules, last: At, now: At) -> Result<usize> {
    // What is due must be planned to be dropped: else it would be planned, and sent, afterwards.
    while catch_up(world, rules, now)? == CHUNK || flow::tend(world, rules, now, CHUNK)? == CHUNK {}
    let mut dropped = 0;
    for id in reload::open_enrolments(world.connection())? {
        let Some(enrolment) = world.enrolment(id)?.filter(|e| e.since <= last) else { continue };
        let waiting = world.scheduled_of(id)?;
        if matches!(enrolment.subject, Subject::Cart { .. }) {
            dropped += waiting.len();
            flow::leave(world, &enrolment, Reason::Behind, now)?;
            continue;
        }
        for message in waiting.into_iter().filter(|message| message.due <= now) {
            dropped += 1;
            cancel(world, &enrolment, message, now)?;
        }
    }
    Ok(dropped)
}

fn cancel(world: &mut SqlWorld<'_>, enrolment: &Enrolment, message: Message, now: At) -> Result<()> {
    let (id, step) = (message.id, message.step.clone());
    world.put_message(&Message {
        state: MessageState::Cancelled,
        reason: Some(Reason::Behind),
        next_try: At::NEVER,
        settled: Some(now),
        ..message
    })?;
    flow::note(world, enrolment, Some(id), Some(&step), Reason::Behind, None, now)
}
