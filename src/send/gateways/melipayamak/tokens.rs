//! The values of a template, by place: `0`, `1`, … stand for `{0}`, `{1}`, … of its text.

use std::collections::BTreeMap;

use crate::send::gateways::tokens::{Names, TokenRules};
use crate::send::gateways::words::{self, TooLong};

/// Between values on one of the two interfaces, where it shifts all later ones.
pub(super) const SEPARATOR: char = ';';

pub(super) const RULES: TokenRules =
    TokenRules { most: None, longest: None, names: Names::Positional, forbidden: &[SEPARATOR], links: false };

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TokenProblem {
    #[error("its name must be the number that the panel shows (bodyId)")]
    NotANumber,
    #[error("token {0:?} is no place; melipayamak's are 0, 1, 2, …")]
    NoPlace(String),
    #[error("token {0} is missing")]
    Missing(usize),
    #[error("token {0} is empty, and melipayamak would take the later ones for it")]
    Empty(usize),
    #[error("token {0} holds a link, which melipayamak refuses; put it into the template's own text")]
    Link(usize),
    #[error("token {0} is a code with {SEPARATOR:?}, which melipayamak takes for the end of a value; choose another")]
    Separator(usize),
    #[error("token {0} is {1}")]
    TooLong(usize, TooLong),
}

/// The template's number.
pub(super) fn body_id(name: &str) -> Result<u64, TokenProblem> {
    name.trim().parse().map_err(|_| TokenProblem::NotANumber)
}

/// The values in their order.
pub(super) fn values(tokens: &BTreeMap<String, String>) -> Result<Vec<String>, TokenProblem> {
    let mut by_place = BTreeMap::new();
    for (name, value) in tokens {
        let place: usize = name.trim().parse().map_err(|_| TokenProblem::NoPlace(name.clone()))?;
        by_place.insert(place, value);
    }
    let mut values = Vec::with_capacity(by_place.len());
    for (expected, (place, value)) in by_place.into_iter().enumerate() {
        if place != expected {
            return Err(TokenProblem::Missing(expected));
        }
        values.push(fit(place, value)?);
    }
    Ok(values)
}

fn fit(place: usize, value: &str) -> Result<String, TokenProblem> {
    let is_link = |word: &str| word.contains("://") || word.to_ascii_lowercase().starts_with("www.");
    if value.split_whitespace().any(is_link) {
        return Err(TokenProblem::Link(place));
    }
    if value.contains(SEPARATOR) && value.split_whitespace().count() == 1 {
        return Err(TokenProblem::Separator(place));
    }
    let value =
        words::fit(&value.replace(SEPARATOR, " "), RULES.longest).map_err(|e| TokenProblem::TooLong(place, e))?;
    if value.is_empty() { Err(TokenProblem::Empty(place)) } else { Ok(value) }
}

#[cfg(test)]
mod tests {
    use super::{TokenProblem, body_id, values};
    use std::collections::BTreeMap;

    fn of(tokens: &[(&str, &str)]) -> Result<Vec<String>, TokenProblem> {
        values(
            &tokens.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<BTreeMap<_, _>>(),
        )
    }

    #[test]
    fn values_stand_in_the_order_of_their_places() {
        let tokens: Vec<(String, String)> = (0..12).map(|n| (n.to_string(), format!("v{n}"))).collect();
        let tokens: Vec<(&str, &str)> = tokens.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(of(&tokens).unwrap()[10], "v10");
        assert!(of(&[]).unwrap().is_empty());
    }

    #[test]
    fn prose_loses_separators_and_lines_and_codes_lose_nothing() {
        assert_eq!(of(&[("0", "مانتو; کتان\nآبی")]).unwrap(), ["مانتو کتان آبی"]);
        assert_eq!(of(&[("0", "OFF;10")]), Err(TokenProblem::Separator(0)));
    }

    #[test]
    fn what_melipayamak_would_misread_is_not_sent() {
        assert_eq!(of(&[("0", "x"), ("2", "y")]), Err(TokenProblem::Missing(1)));
        assert_eq!(of(&[("name", "x")]), Err(TokenProblem::NoPlace("name".to_owned())));
        assert_eq!(of(&[("0", " ")]), Err(TokenProblem::Empty(0)));
        assert_eq!(of(&[("0", "x"), ("1", "ببین https://shop.example/s/x")]), Err(TokenProblem::Link(1)));
        assert_eq!(of(&[("0", "WWW.shop.example")]), Err(TokenProblem::Link(0)));
        assert_eq!(body_id("back"), Err(TokenProblem::NotANumber));
        assert_eq!(body_id(" 12345 "), Ok(12345));
    }
}
