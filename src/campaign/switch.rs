//! Switching a campaign on or off in the owner's file, with all the rest of it left as it is written. Pure.

use std::ops::Range;

use super::check::{self, CheckContext};
use super::file::{self, RawCampaign, RawFile};
use super::warn::stands_in_for;
use crate::document::Problems;
use crate::problem::{Problem, SourceFile};

/// The file as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switched {
    pub source: String,
    /// What became otherwise: the campaign itself first; whether it is on now.
    pub changed: Vec<(String, bool)>,
}

#[derive(Debug, thiserror::Error)]
pub enum SwitchError {
    #[error("campaign {id:?} is not in the file")]
    Unknown { id: String },
    #[error("the file has mistakes")]
    Wrong(Vec<Problem>),
}

/// Switches the campaign. One that is switched on takes the place of those that do the same: they are switched off.
///
/// # Errors
/// A campaign that is not there, and a file that is not good, before or after.
pub fn switch(
    name: &str,
    source: &str,
    id: &str,
    on: bool,
    context: &CheckContext<'_>,
) -> Result<Switched, SwitchError> {
    let raw = read(name, source);
    let wanted = place(&raw, id).ok_or_else(|| SwitchError::Unknown { id: id.to_owned() })?;
    let checked = check::load(name, source, context);
    let Some(campaigns) = checked.campaigns else { return Err(SwitchError::Wrong(checked.problems)) };
    let mut turns: Vec<(usize, bool)> = vec![(wanted, on)];
    if on && let (Some(own), Some(own_raw)) = (campaigns.list.get(wanted), raw.campaigns.get(wanted)) {
        let others = campaigns.list.iter().zip(&raw.campaigns).enumerate();
        let alike = others.filter(|(at, (other, other_raw))| {
            *at != wanted && other.enabled && stands_in_for((own_raw, own), (other_raw, other))
        });
        turns.extend(alike.map(|(at, _)| (at, false)));
    }
    let is_on = |at: usize| campaigns.list.get(at).is_some_and(|campaign| campaign.enabled);
    turns.retain(|(at, on)| is_on(*at) != *on);
    let switched = write(source, &raw, &turns);
    let after = check::load(name, &switched.source, context);
    if after.campaigns.is_none() { Err(SwitchError::Wrong(after.problems)) } else { Ok(switched) }
}

fn read(name: &str, source: &str) -> RawFile {
    file::read(source, &Problems::of(SourceFile::new(name, source)))
}

fn place(raw: &RawFile, id: &str) -> Option<usize> {
    raw.campaigns.iter().position(|campaign| campaign.id.as_ref().is_some_and(|found| found.value == id))
}

fn write(source: &str, raw: &RawFile, turns: &[(usize, bool)]) -> Switched {
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut changed = Vec::new();
    for (campaign, on) in turns.iter().filter_map(|(at, on)| Some((raw.campaigns.get(*at)?, *on))) {
        let Some(id) = &campaign.id else { continue };
        edits.push(edit(campaign, id.span.end, on));
        changed.push((id.value.clone(), on));
    }
    edits.sort_by_key(|(place, _)| place.start);
    let (mut text, mut done) = (String::with_capacity(source.len() + 64), 0);
    for (place, words) in &edits {
        text.push_str(source.get(done..place.start).unwrap_or_default());
        text.push_str(words);
        done = place.end;
    }
    text.push_str(source.get(done..).unwrap_or_default());
    Switched { source: text, changed }
}

/// The word where it stands; a line of its own below the id where it does not.
fn edit(campaign: &RawCampaign, behind_id: usize, on: bool) -> (Range<usize>, String) {
    match &campaign.enabled {
        Some(found) => (found.span.clone(), on.to_string()),
        None => (behind_id..behind_id, format!("\nenabled = {on}")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::campaign::model::Language;
    use crate::campaign::shipped;
    use crate::settings::model::Settings;

    fn settings() -> Settings {
        let outside = crate::settings::check::Outside {
            folder: std::path::Path::new("."),
            environment: BTreeMap::default(),
            credentials: BTreeMap::default(),
            read: &|_| Err(std::io::ErrorKind::NotFound.into()),
        };
        crate::settings::check::load("bazgasht.toml", "", &outside).settings.unwrap()
    }

    fn turned(source: &str, id: &str, on: bool) -> Switched {
        let settings = settings();
        switch("campaigns.toml", source, id, on, &CheckContext { settings: &settings, told: None }).unwrap()
    }

    fn shown(changed: &[(String, bool)]) -> Vec<(&str, bool)> {
        changed.iter().map(|(id, on)| (id.as_str(), *on)).collect()
    }

    #[test]
    fn a_preset_takes_the_place_of_what_does_the_same() {
        for language in [Language::Persian, Language::English] {
            let source = shipped::campaigns(language);
            for (preset, instead) in [
                ("abandoned-cart-slow", "abandoned-cart"),
                ("abandoned-cart-three-days", "abandoned-cart"),
                ("abandoned-cart-own", "abandoned-cart"),
                ("abandoned-cart-test", "abandoned-cart"),
                ("satisfaction", "review-request"),
            ] {
                assert_eq!(shown(&turned(source, preset, true).changed), [(preset, true), (instead, false)]);
            }
            for (first, second) in [("welcome", "welcome-slow"), ("win-back", "win-back-slow")] {
                let source = turned(source, first, true).source;
                assert_eq!(shown(&turned(&source, second, true).changed), [(second, true), (first, false)]);
            }
            for beside in ["checkout", "cart-why", "bundle", "upsell", "how-to", "payment-failed", "came-back"] {
                assert_eq!(shown(&turned(source, beside, true).changed), [(beside, true)], "{beside} goes beside them");
            }
        }
    }

    #[test]
    fn only_the_word_changes_and_back_again() {
        let source = shipped::campaigns(Language::Persian);
        let on = turned(source, "welcome", true);
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let (before, after) = (lines(source), lines(&on.source));
        let changed: Vec<_> = before.iter().zip(&after).filter(|(a, b)| a != b).collect();
        assert_eq!((before.len(), changed.len()), (after.len(), 1));
        assert_eq!(turned(&on.source, "welcome", false).source, source);
        assert!(turned(source, "welcome", false).changed.is_empty(), "it was off");
        // Nothing is written where the default stood.
        let off = turned(source, "review-request", false);
        assert!(off.source.contains("id = \"review-request\"\nenabled = false\n"));
    }

    #[test]
    fn a_campaign_that_is_not_there_and_a_file_with_mistakes_are_refused() {
        let settings = settings();
        let context = CheckContext { settings: &settings, told: None };
        let error = |source: &str| switch("c", source, "welcom", true, &context).unwrap_err();
        assert!(matches!(error(shipped::campaigns(Language::Persian)), SwitchError::Unknown { .. }));
        assert!(matches!(error("[[campaign]]\nid = \"welcom\"\n"), SwitchError::Wrong(_)));
    }
}
