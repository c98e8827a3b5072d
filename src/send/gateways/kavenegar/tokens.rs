//! Brings the values of a template's tokens into the form that Kavenegar takes (else it answers 431).
//!
//! Words can be joined or left out; a code or link cannot be changed without breaking it, so one that does not fit is our mistake.

use std::collections::BTreeMap;

use crate::send::gateways::tokens::{Names, TokenRules};
use crate::send::gateways::words::{self, TooLong};

pub(super) const RULES: TokenRules = TokenRules {
    most: Some(TOKENS.len()),
    longest: Some(MOST_CHARACTERS),
    names: Names::Fixed(TOKENS),
    forbidden: &['_'],
    links: true,
};

/// Counted in UTF-16 units, a value fits however they are counted there.
const MOST_CHARACTERS: usize = 100;

/// A space in a token that may have none becomes this. An underscore is refused there, and whether a ZWNJ passes is not known.
const JOINER: &str = "-";

/// Tokens by name, with the number of spaces that each may have.
const TOKENS: &[(&str, usize)] = &[("token", 0), ("token2", 0), ("token3", 0), ("token10", 5), ("token20", 8)];

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TokenProblem {
    #[error("template has no value for token; kavenegar demands it")]
    Missing,
    #[error("token {0:?} is none of token, token2, token3, token10, token20")]
    NoSuchToken(String),
    #[error("{name} is a code or link of {characters} characters; kavenegar takes {MOST_CHARACTERS}")]
    TooLong { name: &'static str, characters: usize },
    #[error("{name} is a code or link with an underscore, which kavenegar refuses; choose one without, or use token10")]
    Underscore { name: &'static str },
    #[error(
        "{name} has a code or link among other words, which would be cut or changed there; give it a token of its own"
    )]
    AmongWords { name: &'static str },
}

/// The form fields for these tokens. Empty optional tokens are left out.
pub(super) fn fields(tokens: &BTreeMap<String, String>) -> Result<Vec<(&'static str, String)>, TokenProblem> {
    if let Some(name) = tokens.keys().find(|name| !TOKENS.iter().any(|(known, _)| known == name)) {
        return Err(TokenProblem::NoSuchToken(name.clone()));
    }
    let mut fields = Vec::with_capacity(tokens.len());
    for &(name, spaces) in TOKENS {
        let value = tokens.get(name).map_or(Ok(String::new()), |value| fit(name, spaces, value))?;
        if !value.is_empty() {
            fields.push((name, value));
        } else if name == "token" {
            return Err(TokenProblem::Missing);
        }
    }
    Ok(fields)
}

fn fit(name: &'static str, spaces: usize, value: &str) -> Result<String, TokenProblem> {
    let visible = words::visible(value);
    let all: Vec<&str> = visible.split_whitespace().collect();
    let problem = |TooLong { length, .. }| match all.as_slice() {
        [_] => TokenProblem::TooLong { name, characters: length },
        _ => TokenProblem::AmongWords { name },
    };
    if spaces > 0 {
        return words::keep(&all, spaces + 1, MOST_CHARACTERS).map_err(problem);
    }
    match all.as_slice() {
        [one] if one.contains('_') => return Err(TokenProblem::Underscore { name }),
        [_] => {}
        // Joined to others, they would be something else.
        many if many.iter().any(|word| words::is_link(word))
            || many.last().is_some_and(|word| words::is_code(word)) =>
        {
            return Err(TokenProblem::AmongWords { name });
        }
        _ => {}
    }
    let parts: Vec<&str> = all.iter().flat_map(|word| word.split('_')).filter(|part| !part.is_empty()).collect();
    Ok(words::keep(&parts, usize::MAX, MOST_CHARACTERS).map_err(problem)?.replace(' ', JOINER))
}

#[cfg(test)]
mod tests {
    use super::{TokenProblem, fields};
    use std::collections::BTreeMap;

    fn of(tokens: &[(&str, &str)]) -> Result<Vec<(&'static str, String)>, TokenProblem> {
        fields(
            &tokens.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<BTreeMap<_, _>>(),
        )
    }

    fn only(name: &str, value: &str) -> String {
        let tokens = of(&[("token", "x"), (name, value)]).unwrap();
        tokens.into_iter().find(|(found, _)| *found == name).unwrap().1
    }

    #[test]
    fn plain_tokens_lose_spaces_lines_and_underscores() {
        assert_eq!(only("token", "مانتو  کتان\nآبی_تیره"), "مانتو-کتان-آبی-تیره");
        assert_eq!(only("token3", " 3JcKdsX "), "3JcKdsX");
    }

    #[test]
    fn spaced_tokens_keep_as_many_words_as_allowed() {
        assert_eq!(only("token10", "a b c d e f g"), "a b c d e f");
        assert_eq!(only("token20", "1 2 3\n4 5 6 7 8 9 10"), "1 2 3 4 5 6 7 8 9");
    }

    #[test]
    fn long_prose_ends_at_a_word() {
        let value = only("token20", &format!("{} {}", "آ".repeat(60), "ب".repeat(60)));
        assert_eq!(value, "آ".repeat(60));
        assert_eq!(only("token10", &format!("{} b", "a".repeat(200))).chars().count(), 100);
    }

    #[test]
    fn codes_and_links_are_never_changed() {
        assert_eq!(of(&[("token", "off_5")]), Err(TokenProblem::Underscore { name: "token" }));
        assert_eq!(only("token10", "off_5"), "off_5");
        assert_eq!(of(&[("token", &"a".repeat(101))]), Err(TokenProblem::TooLong { name: "token", characters: 101 }));
    }

    #[test]
    fn codes_and_links_among_words_are_whole_or_a_mistake() {
        let link = "https://shop.example/s/x";
        for (name, value) in [
            ("token", format!("سبد {link}")),
            ("token", format!("{link} را ببین")),
            ("token2", "کد OFF_10".to_owned()),
            ("token3", "کد تخفیف OFF10".to_owned()),
            ("token10", format!("a b c d e f {link}")),
            ("token10", format!("{} {link}", "آ".repeat(90))),
            ("token10", format!("{link}{} b", "x".repeat(100))),
            ("token20", format!("کد {}", "7a".repeat(51))),
        ] {
            let said = of(&[("token", "x"), (name, &value)]);
            assert!(matches!(said, Err(TokenProblem::AmongWords { .. })), "{name} {value}: {said:?}");
        }
        assert_eq!(only("token10", &format!("سبد {link}")), format!("سبد {link}"));
        assert_eq!(only("token10", "a b c d e f g OFF_10"), "a b c d e OFF_10");
        assert_eq!(only("token20", &format!("{} OFF10", "آ".repeat(99))), "OFF10");
    }

    #[test]
    fn the_first_token_must_be_there_and_names_must_be_known() {
        assert_eq!(of(&[("token2", "x")]), Err(TokenProblem::Missing));
        assert_eq!(of(&[("token", " \n")]), Err(TokenProblem::Missing));
        assert_eq!(of(&[("token", "x"), ("name", "y")]), Err(TokenProblem::NoSuchToken("name".to_owned())));
        assert_eq!(of(&[("token", "x"), ("token2", "")]).unwrap(), [("token", "x".to_owned())]);
    }
}
