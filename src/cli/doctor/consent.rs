//! Which rule of consent holds, and why.

use anyhow::Result;

use super::Findings;
use crate::rules::Rules;
use crate::settings::model::ConsentRule;
use crate::state::world::World;

const ABOUT: &str = "consent";

pub(super) fn examine<W: World + ?Sized>(world: &W, rules: &Rules, found: &mut Findings) -> Result<()> {
    let told = world.shop()?;
    let shops = told.as_ref().and_then(|shop| shop.needs_yes);
    let why = match (&rules.settings.consent, shops) {
        (Some(_), _) => "by `rule` in [consent]",
        (None, Some(true)) => "by the law that the shop has chosen in its bridge (GDPR)",
        (None, Some(false)) => "by the law that the shop has chosen in its bridge",
        (None, None) => "as long as neither [consent] nor the shop says otherwise",
    };
    let rule = rules.consent(told.as_ref());
    let says = match &rule {
        ConsentRule::YesNeeded(_) => format!("marketing texts go to those alone who said yes, {why}"),
        ConsentRule::RefusalStops => format!("marketing texts go to all who did not say no, {why}"),
    };
    if rule == ConsentRule::RefusalStops && shops == Some(true) {
        found.warn(
            ABOUT,
            format!("{says}; but the shop has chosen the GDPR, under which a yes is needed"),
            "take `rule` out of [consent], and the shop's law holds; or change the law in the bridge's settings",
        );
    } else {
        found.ok(ABOUT, says);
    }
    Ok(())
}
