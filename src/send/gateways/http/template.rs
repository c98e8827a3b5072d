//! Texts with places to fill, such as `{to}`. What is filled in is escaped for where it stands.

use std::fmt;
use std::fmt::Write;

/// What can be filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The recipient, in the form that the settings choose.
    To,
    Text,
    /// Our own id of the message.
    Reference,
    Key,
    Sender,
    /// The provider's id of the message that is asked about.
    Id,
}

const PLACES: &[(&str, Place)] = &[
    ("to", Place::To),
    ("text", Place::Text),
    ("reference", Place::Reference),
    ("key", Place::Key),
    ("sender", Place::Sender),
    ("id", Place::Id),
];

/// The values of one call.
#[derive(Clone, Copy, Default)]
pub struct Values<'a> {
    pub to: &'a str,
    pub text: &'a str,
    pub reference: &'a str,
    pub key: &'a str,
    pub sender: &'a str,
    pub id: &'a str,
}

impl<'a> Values<'a> {
    fn of(&self, place: Place) -> &'a str {
        match place {
            Place::To => self.to,
            Place::Text => self.text,
            Place::Reference => self.reference,
            Place::Key => self.key,
            Place::Sender => self.sender,
            Place::Id => self.id,
        }
    }
}

/// How a value is written so that it stays one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// In a form field: the form does it.
    Nothing,
    /// In an address, anywhere behind the host: RFC 3986, section 2.
    Address,
    /// Between the quotes of a JSON text.
    Json,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateProblem {
    #[error("{{{0}}} is none of {{to}}, {{text}}, {{reference}}, {{key}}, {{sender}}, {{id}}")]
    NoSuchPlace(String),
}

#[derive(Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Place(Place),
}

/// Not shown by `Debug`: an owner may have written a password into it.
#[derive(Clone, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Template(…)")
    }
}

impl Template {
    /// A brace that does not stand around one lower-case word is itself, as in JSON.
    ///
    /// # Errors
    /// [`TemplateProblem::NoSuchPlace`].
    pub fn parse(text: &str) -> Result<Template, TemplateProblem> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            literal.push_str(before);
            let word = after.split_once('}').filter(|(word, _)| is_word(word));
            let Some((word, behind)) = word else {
                literal.push('{');
                rest = after;
                continue;
            };
            let known = PLACES.iter().find(|(name, _)| *name == word);
            let (_, place) = known.ok_or_else(|| TemplateProblem::NoSuchPlace(word.to_owned()))?;
            pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            pieces.push(Piece::Place(*place));
            rest = behind;
        }
        literal.push_str(rest);
        pieces.push(Piece::Literal(literal));
        Ok(Template(pieces))
    }

    #[must_use]
    pub fn has(&self, place: Place) -> bool {
        self.0.contains(&Piece::Place(place))
    }

    #[must_use]
    pub fn fill(&self, values: &Values<'_>, escape: Escape) -> String {
        let mut filled = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Literal(text) => filled.push_str(text),
                Piece::Place(place) => escape.write(values.of(*place), &mut filled),
            }
        }
        filled
    }
}

fn is_word(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

impl Escape {
    fn write(self, value: &str, out: &mut String) {
        match self {
            Escape::Nothing => out.push_str(value),
            Escape::Address => {
                for byte in value.bytes() {
                    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                        out.push(char::from(byte));
                    } else {
                        let _ = write!(out, "%{byte:02X}");
                    }
                }
            }
            Escape::Json => {
                let quoted = serde_json::Value::from(value).to_string();
                out.push_str(quoted.strip_prefix('"').and_then(|q| q.strip_suffix('"')).unwrap_or_default());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Escape, Place, Template, TemplateProblem, Values};

    const VALUES: Values<'static> =
        Values { to: "+98", text: "a \"b\"\\\nس&c", reference: "7", key: "k", sender: "s", id: "i" };

    #[test]
    fn each_place_is_filled_and_escaped_for_where_it_stands() {
        let json = Template::parse(r#"{"to":"{to}","m":{"text":"{text}"},"n":{reference},"e":{}}"#).unwrap();
        let filled = json.fill(&VALUES, Escape::Json);
        let read: serde_json::Value = serde_json::from_str(&filled).unwrap();
        assert_eq!((&read["to"], &read["m"]["text"], &read["n"]), (&"+98".into(), &VALUES.text.into(), &7.into()));
        assert!(json.has(Place::Text) && !json.has(Place::Key));
        let address = Template::parse("https://x.example/{id}?t={text}&n={to}").unwrap();
        assert_eq!(address.fill(&VALUES, Escape::Address), "https://x.example/i?t=a%20%22b%22%5C%0A%D8%B3%26c&n=%2B98");
        assert_eq!(Template::parse("Bearer {key}").unwrap().fill(&VALUES, Escape::Nothing), "Bearer k");
    }

    #[test]
    fn unknown_places_are_refused_and_other_braces_stand() {
        assert_eq!(Template::parse("{mobile}"), Err(TemplateProblem::NoSuchPlace("mobile".to_owned())));
        for text in ["{", "}", "{}", "{To}", "{ to }", "{\"to\": 1}"] {
            assert_eq!(Template::parse(text).unwrap().fill(&VALUES, Escape::Nothing), text);
        }
    }
}
