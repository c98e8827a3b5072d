//! Fits values into the tokens of templates: prose may lose its end, a code or link may not lose a letter.

/// A code or link that is longer than the provider takes.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a code or link of {length} characters; at most {longest} are taken")]
pub(super) struct TooLong {
    pub length: usize,
    pub longest: usize,
}

/// The words of `value`, without what nobody sees.
pub(super) fn visible(value: &str) -> String {
    value.replace(|c: char| c.is_control() && !c.is_whitespace(), "")
}

pub(super) fn is_link(word: &str) -> bool {
    word.contains("://")
}

/// Latin letters and digits together, as in a coupon.
pub(super) fn is_code(word: &str) -> bool {
    let is_latin = word.chars().all(|c| c.is_ascii() || !c.is_alphanumeric());
    let has = |wanted: fn(&char) -> bool| word.chars().any(|c| wanted(&c));
    is_latin && has(char::is_ascii_alphabetic) && has(char::is_ascii_digit) && !is_link(word)
}

/// The words of `value` on one line, as [`keep`] keeps them.
pub(super) fn fit(value: &str, longest: Option<usize>) -> Result<String, TooLong> {
    let visible = visible(value);
    let words: Vec<&str> = visible.split_whitespace().collect();
    keep(&words, usize::MAX, longest.unwrap_or(usize::MAX))
}

/// As many words from the beginning as `most` words and `longest` UTF-16 units hold, and a code that stands last with them. A
/// single word may be a code, so it is taken whole or not at all; so is a link anywhere.
pub(super) fn keep(words: &[&str], most: usize, longest: usize) -> Result<String, TooLong> {
    let too_long = |word: &str| TooLong { length: units(word), longest };
    let (prose, code) = match words.split_last() {
        Some((last, prose)) if is_code(last) => (prose, Some(last)),
        _ => (words, None),
    };
    let (mut room, mut count) = (longest, most);
    let mut take = |word: &str, is_first: bool| {
        let left = room.checked_sub(units(word) + usize::from(!is_first)).zip(count.checked_sub(1));
        left.inspect(|left| (room, count) = *left).is_some()
    };
    if let Some(code) = code.filter(|code| !take(code, true)) {
        return Err(too_long(code));
    }
    let mut kept: Vec<&str> = prose
        .iter()
        .enumerate()
        .map_while(|(place, word)| take(word, place == 0 && code.is_none()).then_some(*word))
        .collect();
    let mut cut = prose.iter().skip(kept.len());
    if let Some(link) = cut.clone().find(|word| is_link(word)) {
        return Err(too_long(link));
    }
    kept.extend(code);
    match cut.next() {
        Some(first) if kept.is_empty() && (words.len() == 1 || is_code(first)) => Err(too_long(first)),
        Some(first) if kept.is_empty() => Ok(beginning(first, longest)),
        _ => Ok(kept.join(" ")),
    }
}

fn units(word: &str) -> usize {
    word.encode_utf16().count()
}

/// Of a long first word of prose, what fits.
fn beginning(word: &str, longest: usize) -> String {
    let mut left = longest;
    word.chars()
        .take_while(|c| match left.checked_sub(c.len_utf16()) {
            Some(rest) => {
                left = rest;
                true
            }
            None => false,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{TooLong, fit, keep};

    #[test]
    fn prose_ends_at_a_word_and_stands_on_one_line() {
        assert_eq!(fit("مانتو\nکتان  آبی تیره تابستانی", Some(25)).unwrap(), "مانتو کتان آبی تیره");
        assert_eq!(fit("a b", Some(3)).unwrap(), "a b");
        assert_eq!(fit("a\u{7} b\r\nc", None).unwrap(), "a b c");
        assert_eq!(fit(&format!("{} b", "a".repeat(30)), Some(25)).unwrap(), "a".repeat(25));
        assert_eq!(fit(&format!("{} b", "😀".repeat(30)), Some(25)).unwrap(), "😀".repeat(12));
        assert_eq!(fit(" \n", Some(25)).unwrap(), "");
    }

    #[test]
    fn codes_and_links_are_whole_or_a_mistake() {
        assert_eq!(fit("OFF-10", Some(25)).unwrap(), "OFF-10");
        assert_eq!(fit(&"a".repeat(26), Some(25)), Err(TooLong { length: 26, longest: 25 }));
        assert_eq!(fit("سبد شما https://shop.example/s/x", Some(25)), Err(TooLong { length: 24, longest: 25 }));
        assert_eq!(fit("https://shop.example/s/x", Some(25)).unwrap(), "https://shop.example/s/x");
        let link = format!("https://shop.example/{}", "x".repeat(10));
        assert_eq!(fit(&format!("{link} را ببین"), Some(25)), Err(TooLong { length: 31, longest: 25 }));
    }

    #[test]
    fn a_code_at_the_end_of_prose_outlives_it() {
        assert_eq!(fit("کد تخفیف تابستانی شما OFF-2026", Some(25)).unwrap(), "کد تخفیف OFF-2026");
        assert_eq!(fit(&format!("{} OFF10", "آ".repeat(30)), Some(25)).unwrap(), "OFF10");
        let code = "7a".repeat(13);
        assert_eq!(fit(&format!("کد {code}"), Some(25)), Err(TooLong { length: 26, longest: 25 }));
        assert_eq!(fit(&format!("{code} کد"), Some(25)), Err(TooLong { length: 26, longest: 25 }));
        assert_eq!(keep(&["a", "b", "c", "7x"], 3, 100).unwrap(), "a b 7x");
        assert_eq!(keep(&["a", "b", "c", "d"], 3, 100).unwrap(), "a b c");
        assert!(!super::is_code("کد۱۰") && !super::is_code("2026") && !super::is_code("summer"));
    }
}
