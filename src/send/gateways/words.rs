//! Fits values into the tokens of templates: prose may lose its end, a code or link may not lose a letter.

/// A code or link that is longer than the provider takes.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a code or link of {length} characters; at most {longest} are taken")]
pub(super) struct TooLong {
    pub length: usize,
    pub longest: usize,
}

/// The words of `value` on one line, as many from the beginning as `longest` UTF-16 units hold. A single word may be a code, so
/// it is taken whole or not at all; so is a link anywhere.
pub(super) fn fit(value: &str, longest: Option<usize>) -> Result<String, TooLong> {
    let visible = value.replace(|c: char| c.is_control() && !c.is_whitespace(), "");
    let words: Vec<&str> = visible.split_whitespace().collect();
    let Some(longest) = longest else { return Ok(words.join(" ")) };
    let mut kept = String::new();
    let mut length = 0;
    for (place, word) in words.iter().enumerate() {
        let own = units(word);
        let gap = usize::from(place > 0);
        if length + gap + own > longest {
            return match words.iter().skip(place).find(|word| words.len() == 1 || word.contains("://")) {
                Some(word) => Err(TooLong { length: units(word), longest }),
                None if kept.is_empty() => Ok(beginning(word, longest)),
                None => Ok(kept),
            };
        }
        if gap == 1 {
            kept.push(' ');
        }
        kept.push_str(word);
        length += gap + own;
    }
    Ok(kept)
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
    use super::{TooLong, fit};

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
    }
}
