//! The values of a pattern, by the names that its author gave. Its variables have a declared length, which is not told here.

use std::collections::BTreeMap;

use crate::send::gateways::tokens::{Names, TokenRules};
use crate::send::gateways::words;

pub(super) const RULES: TokenRules =
    TokenRules { most: None, longest: None, names: Names::Free, forbidden: &[], links: true };

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("token {0:?} is empty, and a pattern needs a value for each of its variables")]
pub(super) struct Empty(String);

/// Each value on one line. Names may be written as in the pattern's text, `%name%`.
pub(super) fn values(tokens: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Empty> {
    tokens
        .iter()
        .map(|(name, value)| {
            let value = words::fit(value, RULES.longest).unwrap_or_default();
            if value.is_empty() {
                return Err(Empty(name.clone()));
            }
            Ok((name.trim().trim_matches('%').to_owned(), value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Empty, values};
    use std::collections::BTreeMap;

    fn of(name: &str, value: &str) -> Result<BTreeMap<String, String>, Empty> {
        values(&BTreeMap::from([(name.to_owned(), value.to_owned())]))
    }

    #[test]
    fn values_stand_on_one_line_and_are_not_changed_otherwise() {
        assert_eq!(of("%name%", "مانتو\nآبی").unwrap()["name"], "مانتو آبی");
        assert_eq!(of("link", "https://shop.example/s/3JcKdsX").unwrap()["link"], "https://shop.example/s/3JcKdsX");
        assert_eq!(of("name", " "), Err(Empty("name".to_owned())));
    }
}
