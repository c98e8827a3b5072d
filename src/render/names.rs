//! Names of people and products, cut and chosen so that they read well in a text that is paid for by the letter.

use crate::digits::{self, ZWNJ};

/// The name on one line, tidied, of at most `max_chars` characters.
///
/// Cut at a word's end, without ellipsis (its character would make a Latin text cost double) and without the dash,
/// comma or opening bracket that would be left hanging. A first word that is too long by itself is cut between plain
/// letters, never inside what is seen as one character, nor after a ZWNJ; where it has no such place, nothing is left.
#[must_use]
pub fn shorten(s: &str, max_chars: usize) -> String {
    let name = digits::tidy(&digits::tidy(s).replace('\n', " "));
    if name.chars().count() <= max_chars {
        return name;
    }
    let words = whole_words(&name, max_chars);
    let kept = if words.is_empty() { cut_word(&name, max_chars) } else { words };
    kept.to_owned()
}

/// The first name to greet a person by, tidied; none where the field holds something else: nothing, a single letter,
/// digits, an address, signs, or more than 20 characters.
#[must_use]
pub fn first_name(s: &str) -> Option<String> {
    let name = digits::tidy(s);
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let fits = letters >= 2 && name.chars().count() <= LONGEST_FIRST_NAME;
    let reads_as_name =
        name.chars().all(|c| c.is_alphabetic() || is_mark(c) || matches!(c, ' ' | ZWNJ | '-' | '\'' | '’' | '.'));
    // «M. Reza» is a name; a point with a letter behind it would become a link on the phone.
    let links = name.split(' ').any(|word| word.trim_end_matches('.').contains('.'));
    (fits && reads_as_name && !links).then_some(name)
}

const LONGEST_FIRST_NAME: usize = 20;

/// As many whole words as fit, less what hangs at the end of them.
fn whole_words(name: &str, max_chars: usize) -> &str {
    let fitting = name
        .char_indices()
        .enumerate()
        .take_while(|&(before, _)| before <= max_chars)
        .filter(|&(_, (_, c))| c == ' ')
        .last()
        .and_then(|(_, (at, _))| name.get(..at))
        .unwrap_or_default();
    let mut kept = fitting.trim_end_matches(hangs);
    // «کفش و» and "shoes and" promise a second thing.
    while let Some((before, _)) = kept.rsplit_once(' ').filter(|(_, last)| JOINING.contains(last)) {
        kept = before.trim_end_matches(hangs);
    }
    kept
}

/// Words that join what follows.
const JOINING: &[&str] = &["و", "با", "از", "and", "with", "or", "of", "for"];

/// Signs that promise more to come.
fn hangs(c: char) -> bool {
    c == ' ' || c == ZWNJ || "-–—_|/\\,،;؛:([{«<+&*•·".contains(c)
}

/// The beginning of a word that does not fit, up to a place where it may be cut.
fn cut_word(name: &str, max_chars: usize) -> &str {
    name.char_indices()
        .enumerate()
        .take_while(|&(before, _)| before <= max_chars)
        .filter(|&(_, (_, c))| stands_alone(c))
        .last()
        .and_then(|(_, (at, _))| name.get(..at))
        .unwrap_or_default()
        .trim_end_matches(hangs)
}

/// Letters and signs that begin a character of their own whatever stands before them (after tidying, which removes
/// the joiner). The scripts our shops write in; of others we do not know.
fn stands_alone(c: char) -> bool {
    let arabic_script = matches!(c, '\u{0620}'..='\u{064A}' | '\u{0660}'..='\u{066F}' | '\u{0671}'..='\u{06D3}' | '\u{06EE}'..='\u{06FF}');
    let european = matches!(c, '\u{00C0}'..='\u{024F}' | '\u{0370}'..='\u{0482}' | '\u{048A}'..='\u{052F}');
    c.is_ascii_graphic() || arabic_script || european
}

/// Marks above and below Latin and Persian letters.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{0653}'..='\u{0655}' | '\u{0670}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn short_names_are_only_tidied() {
        assert_eq!(shorten(" كيف  چرمي\nقهوه\u{200C}ای ", 30), "کیف چرمی قهوه\u{200C}ای");
        assert_eq!(shorten("abcdef", 6), "abcdef");
        assert_eq!(shorten("", 5), "");
    }

    #[test]
    fn no_joining_word_is_left_hanging() {
        assert_eq!(shorten("کفش پیاده\u{200C}روی و کوهنوردی مردانه", 17), "کفش پیاده\u{200C}روی");
        assert_eq!(shorten("Salt and Pepper Mill", 10), "Salt");
    }

    #[test]
    fn names_end_with_a_word() {
        let name = "گوشی موبایل سامسونگ مدل Galaxy A55 (دو سیم\u{200C}کارت) - ظرفیت ۲۵۶";
        for (max, expected) in [
            (4, "گوشی"),
            (11, "گوشی موبایل"),
            (12, "گوشی موبایل"),
            (18, "گوشی موبایل"),
            (19, "گوشی موبایل سامسونگ"),
            (30, "گوشی موبایل سامسونگ مدل Galaxy"),
        ] {
            assert_eq!(shorten(name, max), expected, "{max}");
        }
        assert_eq!(shorten("کیف - چرم اصل", 6), "کیف");
        assert_eq!(shorten("کیف ( چرم", 6), "کیف");
        assert_eq!(shorten("Nike Air, black edition", 9), "Nike Air");
    }

    #[test]
    fn long_first_words_are_cut_between_letters() {
        assert_eq!(shorten("Donaudampfschiff", 5), "Donau");
        assert_eq!(shorten("می\u{200C}خواهمش", 3), "می", "no ZWNJ at the end");
        assert_eq!(shorten("می\u{200C}خواهمش", 4), "می\u{200C}خ");
        assert_eq!(shorten("Cafe\u{301}teria", 4), "Caf", "é is one character of two");
        assert_eq!(shorten("👍🏽👍🏽👍🏽", 3), "");
        assert_eq!(shorten("🇮🇷🇮🇷", 3), "");
        assert_eq!(shorten("word", 0), "");
    }

    #[test]
    fn first_names() {
        for (field, name) in [
            ("علي", "علی"),
            (" Sara ", "Sara"),
            ("علی\u{200C}رضا", "علی\u{200C}رضا"),
            ("Jean-Luc", "Jean-Luc"),
            ("O'Neil", "O'Neil"),
            ("M. Reza", "M. Reza"),
            ("José", "José"),
            ("Jose\u{301}", "Jose\u{301}"),
            ("مریم السادات", "مریم السادات"),
            ("李明", "李明"),
            ("abcdefghijklmnopqrst", "abcdefghijklmnopqrst"),
        ] {
            assert_eq!(first_name(field).as_deref(), Some(name), "{field}");
        }
        for field in [
            "",
            " ",
            "ع",
            "A.",
            "-",
            "...",
            "۰۹۱۲۰۰۰۰۰۰۱",
            "Ali2",
            "علی۱",
            "a@b.ir",
            "ali.ir",
            "http://x",
            "{{x}}",
            "Sara ❤",
            "a_b",
            "#سارا",
            "abcdefghijklmnopqrstu",
            "Ali\nReza",
            "\u{200C}",
        ] {
            assert_eq!(first_name(field), None, "{field}");
        }
    }

    proptest! {
        #[test]
        fn never_longer_and_always_a_beginning(s in prop_oneof!["[a-zآ-ی\u{200C} \n(),-]{0,60}", any::<String>()], max in 0usize..40) {
            let short = shorten(&s, max);
            let whole = shorten(&s, usize::MAX);
            prop_assert!(short.chars().count() <= max);
            prop_assert!(whole.starts_with(&short));
            prop_assert!(!short.ends_with(ZWNJ) && !short.ends_with(' '));
            let next = whole[short.len()..].chars().next();
            let inside_first_word = !short.trim_start_matches(hangs).contains(' ');
            prop_assert!(short.is_empty() || inside_first_word || next.is_none_or(|c| c == ' ' || hangs(c)), "{} | {}", short, whole);
        }

        #[test]
        fn first_names_are_safe_to_print(s in any::<String>()) {
            if let Some(name) = first_name(&s) {
                let unsafe_signs = ['@', '/', '{', '\n', '<'];
                prop_assert!(!name.contains(unsafe_signs));
                prop_assert_eq!(first_name(&name), Some(name));
            }
        }
    }
}
