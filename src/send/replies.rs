//! What a reply to one of our texts asks for. Pure.

use crate::digits;

/// What somebody who wrote back wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// No text of any campaign.
    Stop,
    /// To be written to again.
    Start,
}

/// Whole replies that mean "no more", after digits are ASCII, case is lower and everything but letters and digits is gone.
const STOP: &[&str] = &[
    "11",
    "لغو",
    "لغو11",
    "11لغو",
    "stop",
    "stop11",
    "stopall",
    "unsubscribe",
    "cancel",
    "end",
    "quit",
    "revoke",
    "optout",
];

/// As [`STOP`], of "write to me again". YES is none: it answers questions, too.
const START: &[&str] = &["12", "start", "unstop"];

/// What the reply asks for, if it is one of those words and nothing else: "don't stop" is a reply to read.
#[must_use]
pub fn wish(text: &str) -> Option<Wish> {
    let plain: String = digits::to_ascii(&digits::tidy(text))
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    let is_one_of = |words: &[&str]| words.contains(&plain.as_str());
    match () {
        () if is_one_of(STOP) => Some(Wish::Stop),
        () if is_one_of(START) => Some(Wish::Start),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Wish, wish};

    #[test]
    fn every_form_of_no_is_a_no() {
        for no in [
            "11",
            "۱۱",
            "١١",
            "۱1",
            " 11 ",
            "11.",
            "لغو",
            "لغو11",
            "لغو۱۱",
            "لغو ۱۱",
            "لغو ١١",
            "لغو\u{200c}۱۱",
            "\u{200f}لغو ۱۱\u{200e}",
            "لغو-۱۱",
            "لغو\n11",
            "لـغـو",
            "لغو.",
            "«لغو»",
            "«لغو۱۱»",
            "STOP",
            "Stop!",
            "stop 11",
            "\"STOP\"",
            "(stop)",
            "STOPALL",
            "stop all",
            "opt out",
            "OPT-OUT",
            "OPTOUT",
            "unsubscribe",
            "Cancel",
            "END",
            "quit",
            "REVOKE",
        ] {
            assert_eq!(wish(no), Some(Wish::Stop), "{no}");
        }
    }

    #[test]
    fn who_wants_texts_again_says_so_in_a_word_of_its_own() {
        for yes in ["12", "۱۲", "١٢", " 12. ", "START", "start!", "UNSTOP"] {
            assert_eq!(wish(yes), Some(Wish::Start), "{yes}");
        }
    }

    #[test]
    fn other_replies_are_to_be_read() {
        for reply in [
            "",
            "1",
            "111",
            "112",
            "13",
            "سلام لغو چیه؟",
            "don't stop",
            "سفارش را لغو کنید لطفا",
            "yes",
            "YES",
            "بله",
            "خوب بود",
        ] {
            assert_eq!(wish(reply), None, "{reply}");
        }
    }
}
