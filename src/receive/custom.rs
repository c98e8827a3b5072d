//! An event of the owner's own: `custom.NAME`, with a contact and whatever else a text may want to say.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::event::{EventError, Person};

pub const PREFIX: &str = "custom.";

/// More is left in the log.
const MAX_FIELDS: usize = 30;
const MAX_CHARS: usize = 200;
const MAX_NAME: usize = 48;

#[derive(Debug, Clone)]
pub struct Custom {
    /// What stands behind `custom.`
    pub name: String,
    pub contact: Person,
    /// Texts, numbers, and yes or no, as a text says them.
    pub fields: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Wire {
    contact: Person,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

impl Custom {
    /// # Errors
    /// [`EventError::UnknownType`] for a name that no campaign can name, [`EventError::Data`] without a contact.
    pub fn parse(name: &str, data: &str) -> Result<Custom, EventError> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.len() > MAX_NAME || !name.chars().all(plain) {
            let shown: String = format!("{PREFIX}{name}").chars().take(40).collect();
            return Err(EventError::UnknownType(shown));
        }
        let wrong = |problem: &str| EventError::Data { kind: "custom", problem: problem.to_owned() };
        // The parser's words may quote a value.
        let wire: Wire = serde_json::from_str(data).map_err(|_| wrong("contact is missing or has another shape"))?;
        if wire.contact.phone.is_none() && wire.contact.user_id.is_none() {
            return Err(wrong("contact needs a phone or a user_id"));
        }
        let fields = wire.rest.into_iter().filter_map(|(name, value)| Some((name, said(&value)?))).take(MAX_FIELDS);
        Ok(Custom { name: name.to_owned(), contact: wire.contact, fields: fields.collect() })
    }
}

fn said(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(yes) => yes.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then(|| text.chars().take(MAX_CHARS).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receive::event::Fact;

    #[test]
    fn fields_are_what_a_text_can_say() {
        let data = r#"{"contact":{"phone":"09120000001"},"plan":" gold ","score":7.5,"member":true,"list":[1],"gone":null,"blank":""}"#;
        let Ok(Fact::Custom(custom)) = Fact::parse("custom.demo-asked", data) else { panic!() };
        assert_eq!(custom.name, "demo-asked");
        let fields: Vec<_> = custom.fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(fields, [("member", "true"), ("plan", "gold"), ("score", "7.5")]);
    }

    #[test]
    fn what_nobody_can_name_or_write_to_is_refused() {
        for kind in ["custom.", "custom.Demo", "custom.a b"] {
            assert!(matches!(Fact::parse(kind, "{}"), Err(EventError::UnknownType(_))), "{kind}");
        }
        for data in ["{}", "[]", r#"{"contact":{}}"#, r#"{"contact":{"first_name":"x"}}"#] {
            assert!(matches!(Fact::parse("custom.x", data), Err(EventError::Data { .. })), "{data}");
        }
    }
}
