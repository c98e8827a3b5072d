//! The values of a pattern, by the names that its author gave.
//!
//! A value beyond its declared length is not refused: the message goes to people for approval while the answer says success. So
//! prose is cut at a length that the owner may set.

use std::collections::BTreeMap;

use crate::send::gateways::tokens::{Names, TokenRules};
use crate::send::gateways::words::{self, TooLong};

/// For prose, where the owner has not said how long the patterns' variables are.
pub(super) const USUAL_LENGTH: usize = 25;

pub(super) const RULES: TokenRules =
    TokenRules { most: None, longest: None, names: Names::Free, forbidden: &[], links: true };

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TokenProblem {
    #[error("token {0:?} is empty, and a pattern needs a value for each of its variables")]
    Empty(String),
    #[error("token {0:?} is {1}; raise token_length if its variable is declared longer")]
    TooLong(String, TooLong),
}

/// `longest`: as the owner said. Without it a code or link passes whatever its length: only its author knows what was declared.
pub(super) fn values(
    tokens: &BTreeMap<String, String>,
    longest: Option<usize>,
) -> Result<BTreeMap<String, String>, TokenProblem> {
    let mut values = BTreeMap::new();
    for (name, value) in tokens {
        let whole = value.split_whitespace().count() == 1 || value.contains("://");
        let most = longest.or((!whole).then_some(USUAL_LENGTH));
        let value = words::fit(value, most).map_err(|e| TokenProblem::TooLong(name.clone(), e))?;
        if value.is_empty() {
            return Err(TokenProblem::Empty(name.clone()));
        }
        values.insert(name.trim().trim_matches('%').to_owned(), value);
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::{TokenProblem, values};
    use std::collections::BTreeMap;

    fn of(value: &str, longest: Option<usize>) -> Result<String, TokenProblem> {
        values(&BTreeMap::from([("x".to_owned(), value.to_owned())]), longest).map(|mut v| v.remove("x").unwrap())
    }

    #[test]
    fn prose_is_cut_and_codes_and_links_are_not() {
        assert_eq!(of("مانتو کتان آبی تیره تابستانی", None).unwrap(), "مانتو کتان آبی تیره");
        assert_eq!(of("مانتو کتان آبی", Some(11)).unwrap(), "مانتو کتان");
        let link = "https://shop.example/s/3JcKdsX";
        assert_eq!(of(link, None).unwrap(), link);
        assert!(matches!(of(link, Some(25)), Err(TokenProblem::TooLong(..))));
        assert_eq!(of(" ", None), Err(TokenProblem::Empty("x".to_owned())));
    }
}
