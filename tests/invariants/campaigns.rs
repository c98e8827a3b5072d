//! `campaigns.toml`, with all that its check does: reading, compiling, trying every text on made-up people.

use bazgasht::campaign::check::{CheckContext, load};
use bazgasht::campaign::model::Campaigns;
use bazgasht::campaign::wording::Trial;
use bazgasht::render::samples::SampleKind;

use super::{files, settings, text};

pub fn hold(bytes: &[u8]) {
    of(&text(bytes));
}

/// A file that is found good works: everybody of whom all is known gets a text, of no more parts than allowed.
pub fn of(source: &str) -> Option<Campaigns> {
    let settings = settings::usual_settings();
    let context = CheckContext { settings: &settings, told: None };
    let checked = load("campaigns.toml", source, &context);
    files::problems(source, &checked.problems, checked.campaigns.is_some());
    let campaigns = checked.campaigns?;
    let trial = Trial::new(&campaigns, &context);
    for campaign in &campaigns.list {
        assert!(!campaign.steps.is_empty());
        for step in &campaign.steps {
            for kind in SampleKind::ALL {
                match trial.text(kind, campaign, step) {
                    Ok(made) => assert!(made.parts.parts <= step.max_parts && !made.text.is_empty()),
                    Err(why) => assert_eq!(kind, SampleKind::Shortest, "{why}"),
                }
            }
        }
    }
    Some(campaigns)
}
