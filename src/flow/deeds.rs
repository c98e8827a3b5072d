//! What a step does beside its text, in the transaction that leaves the step: so it is done once, whatever happens to the
//! machine.

use anyhow::Result;

use super::{note, way_into};
use crate::campaign::model::Deed;
use crate::clock::At;
use crate::decide::triggers;
use crate::rules::Rules;
use crate::state::model::{Enrolment, Reason, StaffWord, Subject};
use crate::state::people::PointsLine;
use crate::state::world::World;

pub(super) fn carry_out<W: World + ?Sized>(
    world: &mut W,
    rules: &Rules,
    enrolment: &Enrolment,
    step: &str,
    deed: &Deed,
    now: At,
) -> Result<()> {
    match deed {
        Deed::Enter(campaign) => {
            // Switched off, it takes nobody.
            if let Some(entered) = rules.campaigns.get(campaign).filter(|campaign| campaign.enabled) {
                let name = format!("entered/{}/{}", enrolment.campaign, enrolment.id.0);
                let subject = Subject::Moment { name };
                let since = triggers::exits_look_from(entered, now, now);
                world.add_enrolment(&way_into(enrolment.contact, campaign.clone(), (subject, now, since), now))?;
            }
        }
        // The engine has turned it into the words themselves.
        Deed::Tell => {}
        Deed::Tag(tag) => world.put_tag(enrolment.contact, tag, now)?,
        Deed::Untag(tag) => world.drop_tag(enrolment.contact, tag)?,
        Deed::Points(points) => {
            let expires = rules.campaigns.points.as_ref().and_then(|rule| rule.expires);
            let line = PointsLine {
                at: now,
                change: i64::from(*points),
                about: format!("step:{}/{step}", enrolment.id.0),
                part: 1,
                expires: expires.map(|span| now.plus(span)),
                rate: None,
            };
            world.add_points(enrolment.contact, &line)?;
        }
    }
    note(world, enrolment, None, Some(step), Reason::Done, Some(deed.to_string()), now)
}

pub(super) fn tell<W: World + ?Sized>(
    world: &mut W,
    enrolment: &Enrolment,
    step: &str,
    text: String,
    now: At,
) -> Result<()> {
    let told = StaffWord {
        enrolment: enrolment.id,
        contact: enrolment.contact,
        campaign: enrolment.campaign.clone(),
        step: step.to_owned(),
        text,
        at: now,
    };
    if world.tell_staff(&told)? {
        note(world, enrolment, None, Some(step), Reason::Done, Some(Deed::Tell.to_string()), now)?;
    }
    Ok(())
}
