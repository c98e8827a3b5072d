//! A question that a text puts, its answers, and which of them a reply is. Pure.
//!
//! People answer as they speak: `۱`, `1.`, `بلهههه`, `yes please`, a thumb. What means one answer and no other is that answer;
//! everything else is for somebody to read. Words that stop or start texts are never answers.

use super::model::Jump;
use crate::clock::Span;
use crate::digits;
use crate::send::replies;

/// What the count of replies in people's own words is called; no answer may have it as its label.
pub const OTHER: &str = "other";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// How long after its text answers are taken.
    pub time: Span,
    pub answers: Vec<Answer>,
    pub other: Other,
    /// What the page behind the link asks, for whoever cannot answer by SMS.
    pub question: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What it is called in counts and on the page; unique in its question, kept in the database.
    pub label: String,
    pub words: Vec<String>,
    /// Where it leads; none: where the step leads when nobody answers.
    pub go: Option<Jump>,
}

/// What is done with a reply that is none of the answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Other {
    /// The staff read it, and an answer may still come.
    Tell,
    Go(Jump),
}

impl Ask {
    /// The answer that this reply is, if it means one and no other.
    #[must_use]
    pub fn answer(&self, reply: &str) -> Option<&Answer> {
        if replies::wish(reply).is_some() {
            return None;
        }
        let said = words(reply);
        let whole = said.concat();
        if whole.is_empty() {
            return None;
        }
        if let Some(answer) = self.answers.iter().find(|answer| answer.is_said_by(&whole)) {
            return Some(answer);
        }
        // Each word by itself, courtesies left out: "بله ممنون", "1 yes".
        let mut meant = said.iter().filter(|word| !COURTESY.contains(&word.as_str())).map(|word| self.meant_by(word));
        let first = meant.next()??;
        meant.all(|other| other.is_some_and(|other| other.label == first.label)).then_some(first)
    }

    fn meant_by(&self, word: &str) -> Option<&Answer> {
        if let Some(answer) = self.answers.iter().find(|answer| answer.is_said_by(word)) {
            return Some(answer);
        }
        let mut kin = self.answers.iter().filter(|answer| answer.kin().any(|kin| kin.contains(&word)));
        kin.next().filter(|_| kin.next().is_none())
    }

    #[must_use]
    pub fn labelled(&self, label: &str) -> Option<&Answer> {
        self.answers.iter().find(|answer| answer.label == label)
    }

    /// Every place that it may lead to.
    pub fn jumps(&self) -> impl Iterator<Item = &Jump> {
        let other = match &self.other {
            Other::Tell => None,
            Other::Go(jump) => Some(jump),
        };
        self.answers.iter().filter_map(|answer| answer.go.as_ref()).chain(other)
    }
}

impl Answer {
    fn is_said_by(&self, plain: &str) -> bool {
        self.words.iter().any(|word| self::plain(word) == plain)
    }

    /// The lists of words that say the same as one of its own.
    pub(super) fn kin(&self) -> impl Iterator<Item = &'static [&'static str]> {
        let own: Vec<String> = self.words.iter().map(|word| plain(word)).collect();
        KIN.iter().copied().filter(move |kin| own.iter().any(|word| kin.contains(&word.as_str())))
    }
}

/// A word as it is compared: letters and digits only, digits ASCII, letters Persian, lower and never long drawn.
#[must_use]
pub fn plain(word: &str) -> String {
    words(word).concat()
}

fn words(text: &str) -> Vec<String> {
    let text = digits::to_ascii(&digits::tidy(text));
    let mut words = vec![String::new()];
    for c in text.chars() {
        if let Some(sign) = sign(c) {
            words.extend([sign.to_owned(), String::new()]);
        } else if c.is_alphanumeric() {
            words.last_mut().into_iter().for_each(|word| word.extend(folded(c).to_lowercase()));
        } else if !is_inside_a_word(c) {
            words.push(String::new());
        }
    }
    words.retain(|word| !word.is_empty());
    words.iter().map(|word| undrawn(word)).collect()
}

/// A letter drawn out at the end of a word, or thrice inside it, is that letter; digits are never drawn out.
fn undrawn(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let runs: Vec<&[char]> = letters.chunk_by(|a, b| a == b && !a.is_numeric()).collect();
    let last = runs.len().saturating_sub(1);
    let kept = |n: usize, run: &[char]| if n == last || run.len() > 2 { 1 } else { run.len() };
    runs.iter().enumerate().flat_map(|(n, run)| run.iter().take(kept(n, run))).collect()
}

/// Joiners, what makes a digit a keycap or a thumb a brown one, and apostrophes.
fn is_inside_a_word(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe0f}' | '\u{20e3}' | '\u{1f3fb}'..='\u{1f3ff}' | '\'' | '’')
}

const fn sign(c: char) -> Option<&'static str> {
    match c {
        '👍' | '👌' | '✅' | '✔' => Some("yes"),
        '👎' | '❌' => Some("no"),
        _ => None,
    }
}

/// Letters that hasty writers do not tell apart.
const fn folded(c: char) -> char {
    match c {
        'آ' | 'أ' | 'إ' => 'ا',
        'ؤ' => 'و',
        'ئ' => 'ی',
        'ة' | 'ۀ' => 'ه',
        _ => c,
    }
}

/// Words that say the same, each as [`plain`] leaves it. Who gives one of them as an answer takes all.
const KIN: &[&[&str]] = &[
    &[
        "yes",
        "y",
        "ye",
        "yeah",
        "yep",
        "yup",
        "ok",
        "okay",
        "sure",
        "بله",
        "بلی",
        "اره",
        "اری",
        "باشه",
        "حتما",
        "اوکی",
        "اوکیه",
        "موافقم",
        "bale",
        "areh",
    ],
    &["no", "n", "nope", "nah", "نه", "خیر", "نخیر", "نچ", "نوچ", "na", "kheyr", "kheir"],
    &["1", "یک", "one"],
    &["2", "دو", "two"],
    &["3", "سه", "thre"],
    &["4", "چهار", "four"],
    &["5", "پنج", "five"],
];

/// Words around an answer that say nothing of their own, as [`plain`] leaves them.
const COURTESY: &[&str] = &[
    "ممنون",
    "ممنونم",
    "مرسی",
    "متشکرم",
    "سپاس",
    "سپاسگزارم",
    "تشکر",
    "لطفا",
    "سلام",
    "درود",
    "گزینه",
    "شماره",
    "عد",
    "thanks",
    "thank",
    "you",
    "please",
    "pls",
    "hi",
    "hello",
    "option",
    "number",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answer(label: &str, words: &[&str]) -> Answer {
        Answer { label: label.to_owned(), words: words.iter().map(|w| (*w).to_owned()).collect(), go: None }
    }

    fn ask() -> Ask {
        let answers = vec![
            answer("بله", &["1", "بله"]),
            answer("no", &["2", "no"]),
            answer("دیر رسید", &["3", "دیر رسید"]),
            answer("گران", &["گران"]),
        ];
        Ask { time: Span::days(3), answers, other: Other::Tell, question: None }
    }

    fn said(reply: &str) -> Option<String> {
        ask().answer(reply).map(|answer| answer.label.clone())
    }

    #[test]
    fn an_answer_is_known_however_it_is_written() {
        for yes in [
            "1",
            "۱",
            "١",
            " ۱ ",
            "1.",
            "(1)",
            "1\u{fe0f}\u{20e3}",
            "گزینه ۱",
            "شماره ۱ لطفا",
            "یک",
            "بله",
            "بلهههه",
            "بله!",
            "«بله»",
            "بله ممنون",
            "سلام بله",
            "بله بله",
            "1 بله",
            "آره",
            "اره",
            "بلي",
            "اوكي",
            "Yes",
            "yesss",
            "YES please",
            "ok",
            "👍",
            "👍🏽",
            "\u{200f}بله\u{200e}",
        ] {
            assert_eq!(said(yes).as_deref(), Some("بله"), "{yes}");
        }
        for no in ["2", "۲", "نه", "نه ممنون", "خیر", "خير", "No.", "no, thank you", "Nope", "دو", "👎"]
        {
            assert_eq!(said(no).as_deref(), Some("no"), "{no}");
        }
        for late in ["دیر رسید", "دير رسيد", "دیررسید", "دیر‌رسید.", "سه"] {
            assert_eq!(said(late).as_deref(), Some("دیر رسید"), "{late}");
        }
    }

    #[test]
    fn what_means_two_things_or_none_is_for_somebody_to_read() {
        for other in [
            "",
            " ",
            "؟",
            "10",
            "21",
            "1 2",
            "1 یا 2",
            "بله نه",
            "بله اما دیر",
            "4",
            "چرا؟",
            "سلام",
            "ممنون",
            "دیر",
            "not sure",
        ] {
            assert_eq!(said(other), None, "{other}");
        }
    }

    #[test]
    fn the_owners_own_words_go_before_their_kin() {
        let answers = vec![answer("خوب", &["خوب", "ok"]), answer("بله", &["بله"])];
        let ask = Ask { answers, ..ask() };
        assert_eq!(ask.answer("ok").map(|a| a.label.as_str()), Some("خوب"));
        assert_eq!(ask.answer("بله").map(|a| a.label.as_str()), Some("بله"));
        assert_eq!(ask.answer("آره"), None, "it may be either");
    }

    #[test]
    fn the_lists_hold_words_as_they_are_compared() {
        for word in KIN.iter().copied().flatten().chain(COURTESY) {
            assert_eq!(plain(word), *word);
        }
    }

    proptest! {
        #[test]
        fn opt_out_words_are_never_answers(
            before in "[ .!«»\u{200c}\u{200f}]{0,3}",
            word in prop::sample::select(&["11", "۱۱", "لغو", "لغو۱۱", "STOP", "stop all", "end", "Cancel", "12", "start"][..]),
            after in "[ .!«»\u{200c}\u{200f}]{0,3}",
        ) {
            let reply = format!("{before}{word}{after}");
            // Also where the question would take the very word.
            let greedy = Ask { answers: vec![answer("x", &[word, "1", "yes"])], ..ask() };
            prop_assert!(crate::send::replies::wish(&reply).is_none() || greedy.answer(&reply).is_none());
            prop_assert!(ask().answer(&reply).is_none());
        }

        #[test]
        fn any_text_is_one_answer_or_none(reply in "\\PC{0,40}") {
            if let Some(found) = ask().answer(&reply) {
                prop_assert!(ask().labelled(&found.label).is_some());
            }
        }
    }
}
