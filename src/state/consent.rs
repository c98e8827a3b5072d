//! What somebody agreed to or refused: where it came from, and which answer stands against which.

use serde::{Deserialize, Serialize};

use crate::clock::At;

/// A word for where an answer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// As it is told.
    pub word: &'static str,
    /// As `counts` names it.
    pub counts: &'static str,
    /// Not a form that anybody can fill with anybody's number.
    pub own_hand: bool,
}

const fn form(word: &'static str, counts: &'static str) -> Source {
    Source { word, counts, own_hand: false }
}

const fn own(word: &'static str) -> Source {
    Source { word, counts: word, own_hand: true }
}

/// All that are known; `tests/data/consent/sources.json` is the same list, which the bridge's tests hold it to as well.
/// `checkout-box` and `dialog` are the bridge's forms, `link` and `reply` a person's own taking back of an opt-out; the
/// others are for shops that ask elsewhere.
pub const SOURCES: [Source; 10] = [
    form("checkout-box", "checkout"),
    form("checkout", "checkout"),
    form("checkbox", "checkout"),
    form("dialog", "dialog"),
    form("wanted", "wanted"),
    form("form", "form"),
    own("account"),
    own("import"),
    own("link"),
    own("reply"),
];

/// What `counts` names an answer's source; unknown words are their own.
#[must_use]
pub fn counts_as(source: &str) -> &str {
    SOURCES.iter().find(|known| known.word == source).map_or(source, |known| known.counts)
}

/// Whose hand gave an answer, as far as that can be known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hand {
    /// The person's own: an account, a link or reply to a text of theirs, an order that was placed.
    Own,
    /// Whoever had this session of the shop, and typed the number there.
    Session(String),
    /// Nobody can say.
    #[default]
    Anybody,
}

impl Hand {
    /// Of an answer from `source`, given in a session, with an order or without.
    #[must_use]
    pub fn of(source: &str, session: Option<&str>, with_order: bool) -> Hand {
        if with_order || SOURCES.iter().any(|known| known.word == source && known.own_hand) {
            return Hand::Own;
        }
        session.map_or(Hand::Anybody, |key| Hand::Session(key.to_owned()))
    }
}

/// What somebody agreed to or refused, with its wording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    pub marketing: bool,
    pub source: String,
    pub text: Option<String>,
    pub at: At,
    #[serde(default)]
    pub hand: Hand,
}

impl Consent {
    /// The answer that stands once this one is heard of, after `before`. The later word counts; of two at one moment, the
    /// no. A no is lifted by the person's own hand, or by the session that said it, and not by whoever types the number.
    #[must_use]
    pub fn after(self, before: Option<Consent>) -> Consent {
        let Some(before) = before else { return self };
        let (first, last) =
            if (before.at, !before.marketing) > (self.at, !self.marketing) { (self, before) } else { (before, self) };
        let may_change = first.marketing
            || last.hand == Hand::Own
            || (matches!(last.hand, Hand::Session(_)) && first.hand == last.hand);
        if may_change { last } else { first }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_the_one_that_the_bridge_is_held_to() {
        #[derive(Deserialize)]
        struct Line {
            source: String,
            counts: String,
            own_hand: bool,
        }
        let lines: Vec<Line> = serde_json::from_str(include_str!("../../tests/data/consent/sources.json")).unwrap();
        assert_eq!(lines.len(), SOURCES.len());
        for (line, known) in lines.iter().zip(SOURCES) {
            let read = (line.source.as_str(), line.counts.as_str(), line.own_hand);
            assert_eq!(read, (known.word, known.counts, known.own_hand));
            assert_eq!(counts_as(&line.source), line.counts);
        }
        assert_eq!(counts_as("elsewhere"), "elsewhere");
    }

    fn said(at: i64, marketing: bool, hand: &Hand) -> Consent {
        Consent { marketing, source: "x".into(), text: None, at: At(at), hand: hand.clone() }
    }

    #[test]
    fn a_no_is_lifted_by_the_hand_that_gave_it() {
        let (own, hers, his) = (Hand::Own, Hand::Session("t_1".into()), Hand::Session("t_2".into()));
        let lifts = |no: &Hand, yes: &Hand| said(2, true, yes).after(Some(said(1, false, no))).marketing;
        for no in [&own, &hers, &Hand::Anybody] {
            assert!(lifts(no, &own), "{no:?}");
            assert!(!lifts(no, &his) && !lifts(no, &Hand::Anybody), "{no:?}");
        }
        assert!(lifts(&hers, &hers) && !lifts(&own, &hers));
        for yes in [&own, &hers, &Hand::Anybody] {
            for no in [&own, &his, &Hand::Anybody] {
                assert!(!said(2, false, no).after(Some(said(1, true, yes))).marketing, "a no is heard at once");
            }
        }
    }

    #[test]
    fn a_no_that_anybody_could_have_given_makes_no_other_one_weaker() {
        let his = Hand::Session("t_2".into());
        let noes = said(2, false, &his).after(Some(said(1, false, &Hand::Own)));
        assert!(!said(3, true, &his).after(Some(noes)).marketing);
    }

    #[test]
    fn the_later_word_counts_in_whatever_order_they_come() {
        for (first, last) in [(true, false), (false, true)] {
            let (a, b) = (said(1, first, &Hand::Own), said(2, last, &Hand::Own));
            assert_eq!(a.clone().after(Some(b.clone())), b.clone().after(Some(a)));
            assert!(!said(2, !last, &Hand::Own).after(Some(b)).marketing, "of two at one moment, the no");
        }
    }
}
