//! Who drew which arm, and what they did; as [`crate::store::trials`] has it.

use std::collections::{BTreeMap, BTreeSet};

use super::MemoryWorld;
use crate::clock::At;
use crate::state::model::{ArmsAsked, ContactId, Enrolment, Outcome, Tries};

pub(super) fn count(world: &MemoryWorld, asked: &ArmsAsked) -> BTreeMap<String, Tries> {
    let entered = world.enrolments().filter(|e| e.campaign == asked.campaign && e.entered >= Some(asked.since));
    let mut drew: Vec<_> = entered.filter_map(|e| Some((e, e.arms.get(&asked.step)?))).collect();
    drew.sort_by_key(|(e, _)| (e.entered, e.id));
    let mut seen = BTreeSet::new();
    let mut counted: BTreeMap<String, Tries> = BTreeMap::new();
    for (enrolment, drawn) in drew {
        let over = drawn.at.plus(asked.window);
        if drawn.at < asked.until && seen.insert(enrolment.contact) && over <= asked.now {
            let tries = counted.entry(drawn.arm.clone()).or_default();
            tries.tries += 1;
            tries.wins += u64::from(did(world, enrolment, asked.outcome, (drawn.at, over)));
        }
    }
    counted
}

fn did(world: &MemoryWorld, enrolment: &Enrolment, outcome: Outcome, (from, over): (At, At)) -> bool {
    let within = |t: At| from <= t && t < over;
    match outcome {
        Outcome::Ordered => ordered(world, enrolment.contact, within),
        Outcome::Reviewed => {
            let places = world.person(enrolment.contact).into_iter().flat_map(|p| &p.reviews);
            places.filter_map(|at| world.reviews.get(*at)).any(|known| within(known.review.at))
        }
        Outcome::Ended(reason) => {
            enrolment.end_reason == Some(reason) && enrolment.ended.is_some_and(|ended| ended < over)
        }
    }
}

fn ordered(world: &MemoryWorld, contact: ContactId, within: impl Fn(At) -> bool) -> bool {
    let ids = world.person(contact).into_iter().flat_map(|p| &p.orders);
    ids.filter_map(|(_, id)| world.orders.get(id)).any(|o| o.is_placed() && o.placed.is_some_and(&within))
}
