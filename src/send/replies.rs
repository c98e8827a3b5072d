//! What a reply to one of our texts asks for. Pure.

use crate::digits;

/// Whole replies that mean "no more", after digits are ASCII, case is lower and everything but letters and digits is gone.
const STOP: &[&str] =
    &["11", "لغو", "لغو11", "11لغو", "stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"];

/// Whether the reply asks not to be written to any more. Only whole words of refusal count: "don't stop" is a reply to read.
#[must_use]
pub fn asks_to_stop(text: &str) -> bool {
    let plain: String = digits::to_ascii(&digits::tidy(text))
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    STOP.contains(&plain.as_str())
}

#[cfg(test)]
mod tests {
    use super::asks_to_stop;

    #[test]
    fn every_form_of_no_is_a_no() {
        for no in [
            "11",
            "۱۱",
            "١١",
            " 11 ",
            "لغو",
            "لغو11",
            "لغو۱۱",
            "لغو ۱۱",
            "لغو ١١",
            "لغو.",
            "«لغو»",
            "STOP",
            "Stop!",
            "opt out",
            "unsubscribe",
        ] {
            assert!(asks_to_stop(no), "{no}");
        }
    }

    #[test]
    fn other_replies_are_to_be_read() {
        for reply in ["", "1", "111", "12", "سلام لغو چیه؟", "don't stop", "سفارش را لغو کنید لطفا", "yes", "خوب بود"]
        {
            assert!(!asks_to_stop(reply), "{reply}");
        }
    }
}
