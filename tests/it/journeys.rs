//! The ready-made journeys of `docs/`: sound as they stand, in both languages alike.

use std::path::Path;

use crate::world::story::rules;

/// `[staff]` is needed by those that tell the staff.
const SETTINGS: &str = "[staff]\nphones = [\"09120000099\"]\n";

fn file(language: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/journeys.{language}.toml"));
    std::fs::read_to_string(path).expect("the journeys")
}

#[test]
fn ready_made_journeys_are_sound_and_off() {
    for language in ["fa", "en"] {
        // Reading panics with the problems; each text is tried on the longest and the shortest person.
        let read = rules(&file(language), SETTINGS);
        assert!(read.campaigns.list.len() > 40 && read.campaigns.enabled().next().is_none(), "{language}");
    }
}

#[test]
fn both_languages_have_the_same_journeys() {
    let shape = |language: &str| -> Vec<(String, Vec<String>)> {
        let campaigns = rules(&file(language), SETTINGS).campaigns;
        campaigns.list.iter().map(|c| (c.id.clone(), c.steps.iter().map(|s| s.id.clone()).collect())).collect()
    };
    assert_eq!(shape("fa"), shape("en"));
}
