//! JSON as SMS gateways really write it: the case of keys varies, numbers come as text, and ids pass both 2^53 and 2^64.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// A JSON object whose keys are compared without case, `_` and `-`, and whose numbers keep every digit.
#[derive(Debug, Default)]
pub(super) struct Object(BTreeMap<String, Box<RawValue>>);

impl Object {
    pub fn read(json: &str) -> Option<Self> {
        let fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json).ok()?;
        Some(Self(fields.into_iter().map(|(name, value)| (plain_name(&name), value)).collect()))
    }

    pub fn raw(&self, name: &str) -> Option<&str> {
        self.0.get(&plain_name(name)).map(|value| value.get())
    }

    /// A text, or a number or boolean as it was written; `None` for null, lists and objects.
    pub fn scalar(&self, name: &str) -> Option<String> {
        scalar(self.raw(name)?)
    }

    /// A whole number, written as a number or as text; a fraction is cut off.
    pub fn number(&self, name: &str) -> Option<i64> {
        whole_number(&self.scalar(name)?)
    }

    pub fn object(&self, name: &str) -> Option<Self> {
        Self::read(self.raw(name)?)
    }

    pub fn into_scalars(self) -> impl Iterator<Item = (String, String)> {
        self.0.into_iter().filter_map(|(name, value)| Some((name, scalar(value.get())?)))
    }
}

/// The objects of a list, or the one object that stands where a list was expected.
pub(super) fn objects(json: &str) -> Option<Vec<Object>> {
    if let Some(one) = Object::read(json) {
        return Some(vec![one]);
    }
    list(json)?.iter().map(|one| Object::read(one.get())).collect()
}

/// The values of a list, each as JSON.
pub(super) fn list(json: &str) -> Option<Vec<Box<RawValue>>> {
    serde_json::from_str(json).ok()
}

pub(super) fn plain_name(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect()
}

pub(super) fn whole_number(text: &str) -> Option<i64> {
    let text = text.trim();
    match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|b| b.is_ascii_digit()) => whole.parse().ok(),
        Some(_) => None,
        None => text.parse().ok(),
    }
}

/// As [`Object::scalar`], of a bare value.
pub(super) fn scalar(json: &str) -> Option<String> {
    match json.as_bytes().first()? {
        b'"' => serde_json::from_str(json).ok(),
        b'[' | b'{' | b'n' => None,
        _ => Some(json.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Object, objects, whole_number};

    #[test]
    fn keys_ignore_case_and_numbers_keep_their_digits() {
        let object =
            Object::read(r#"{"MessageId": 98765432109876543210, "message_status":"10", "cost": 12.0, "x": null}"#)
                .unwrap();
        assert_eq!(object.scalar("messageid").as_deref(), Some("98765432109876543210"));
        assert_eq!(object.number("messageStatus"), Some(10));
        assert_eq!(object.number("cost"), Some(12));
        assert_eq!(object.scalar("x"), None);
        assert_eq!(object.number("messageid"), None);
    }

    #[test]
    fn one_object_stands_for_a_list_of_one() {
        assert_eq!(objects(r#"{"a":1}"#).unwrap().len(), 1);
        assert_eq!(objects(r#"[{"a":1},{"a":2}]"#).unwrap().len(), 2);
        assert!(objects("[1]").is_none());
        assert!(objects("null").is_none());
    }

    #[test]
    fn words_are_no_numbers() {
        assert_eq!(whole_number("1e5"), None);
        assert_eq!(whole_number("1.x"), None);
        assert_eq!(whole_number(" 7 "), Some(7));
    }
}
