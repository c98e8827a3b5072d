//! The text of one step, as the owner writes it.

use bazgasht::campaign::check::{CheckContext, load};
use bazgasht::campaign::wording::Trial;
use bazgasht::digits;
use bazgasht::render::parts::count;
use bazgasht::render::samples::SampleKind;

use super::{files, settings, text};

const FILE: &str = "
[coupons.off5]
code = \"off5\"
percent = 5

[[campaign]]
id = \"basket\"
trigger = { on = \"cart_abandoned\" }
[[campaign.step]]
id = \"first\"
after = \"1h\"
coupon = \"off5\"
max_parts = 10
text = ";

pub fn hold(bytes: &[u8]) {
    of(&text(bytes));
}

/// Gives how many people get it.
///
/// A text goes out tidied, with links alone on their lines and the words for leaving last and once, counted and priced.
pub fn of(written: &str) -> usize {
    let source = format!("{FILE}{}\n", toml::Value::String(written.to_owned()));
    let settings = settings::usual_settings();
    let context = CheckContext { settings: &settings, told: None };
    let checked = load("campaigns.toml", &source, &context);
    files::problems(&source, &checked.problems, checked.campaigns.is_some());
    let Some(campaigns) = checked.campaigns else { return 0 };
    let mut people = 0;
    let (trial, line) = (Trial::new(&campaigns, &context), settings.gateway.line());
    let (campaign, tail) = (&campaigns.list[0], line.opt_out_tail.as_deref().unwrap());
    for kind in SampleKind::ALL {
        let Ok(made) = trial.text(kind, campaign, &campaign.steps[0]) else { continue };
        people += 1;
        let lines: Vec<&str> = made.text.split('\n').collect();
        assert_eq!(lines.last(), Some(&tail));
        assert!(lines.len() > 1, "the words for leaving, and nothing else");
        let leaves = lines.iter().filter(|line| bare(line) == bare(tail)).count();
        assert_eq!(leaves, 1, "the words for leaving stand once in {:?}", made.text);
        assert!(lines.iter().all(|line| line.trim() == *line));
        assert!(!made.text.contains("\n\n\n") && !made.text.chars().any(|c| c.is_control() && c != '\n'));
        assert!(!made.text.contains(['\u{FDD0}', '\u{FDD1}']), "marks of our own");
        let address = trial.person(kind, campaign, &campaign.steps[0]).link.unwrap();
        if written.contains("{{ link }}") && !["http", "{%", "{#"].iter().any(|other| written.contains(other)) {
            assert!(lines.contains(&address.as_str()), "no line with the link alone in {:?}", made.text);
        }
        assert_eq!(made.parts, count(&made.text, &line.parts));
        let one = if made.parts.why_ucs2.is_some() { line.price_ucs2 } else { line.price_gsm7 };
        assert_eq!(made.price.minor, one.minor * i64::from(made.parts.parts));
    }
    people
}

fn bare(text: &str) -> String {
    digits::to_ascii(&digits::tidy(text)).chars().filter(|c| c.is_alphanumeric()).collect()
}
