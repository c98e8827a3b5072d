//! Where something stands in an answer.

use std::fmt;
use std::str::FromStr;

use serde_json::value::RawValue;

use crate::send::gateways::loose::{Object, scalar};

/// A bare answer of more characters is a page, not a code or an id.
const LONGEST_WHOLE: usize = 64;
const LONGEST: usize = 256;

/// Keys and places in lists from the outside in: `result.messages.0.id`. `$` is the whole answer, for providers that answer with
/// a bare word or number. Keys are compared without case, `_` and `-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path(Vec<String>);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected keys with dots between them such as result.id, or $ for the whole answer")]
pub struct NotAPath;

impl FromStr for Path {
    type Err = NotAPath;

    fn from_str(text: &str) -> Result<Self, NotAPath> {
        let text = text.trim();
        if text == "$" {
            return Ok(Path(Vec::new()));
        }
        let steps: Vec<String> = text.strip_prefix("$.").unwrap_or(text).split('.').map(str::to_owned).collect();
        let good = steps.iter().all(|step| !step.is_empty() && !step.contains(['[', ']', ' ', '$']));
        if good { Ok(Path(steps)) } else { Err(NotAPath) }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("$") } else { f.write_str(&self.0.join(".")) }
    }
}

impl Path {
    /// `$`.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.0.is_empty()
    }

    /// What stands there: a text, a number with all its digits, or a boolean. `None`: nothing, null, or something larger.
    #[must_use]
    pub fn find(&self, answer: &str) -> Option<String> {
        let (found, longest) =
            if self.0.is_empty() { (whole(answer), LONGEST_WHOLE) } else { (self.walk(answer), LONGEST) };
        found.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty() && text.chars().count() <= longest)
    }

    fn walk(&self, answer: &str) -> Option<String> {
        let mut here = answer.trim().to_owned();
        for step in &self.0 {
            here = match step.parse::<usize>() {
                Ok(place) if here.starts_with('[') => {
                    let list: Vec<Box<RawValue>> = serde_json::from_str(&here).ok()?;
                    list.get(place)?.get().to_owned()
                }
                _ => Object::read(&here)?.raw(step)?.to_owned(),
            };
        }
        scalar(&here)
    }
}

fn whole(answer: &str) -> Option<String> {
    let answer = answer.trim();
    match answer.as_bytes().first()? {
        b'{' | b'[' => None,
        b'"' => scalar(answer),
        _ => Some(answer.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::Path;

    fn find(path: &str, answer: &str) -> Option<String> {
        path.parse::<Path>().unwrap().find(answer)
    }

    #[test]
    fn keys_and_places_lead_inside() {
        let answer =
            r#"{"Result":{"Messages":[{"message_id":98765432109876543210},{"message_id":"b"}],"ok":true,"no":null}}"#;
        assert_eq!(find("result.messages.0.messageId", answer).as_deref(), Some("98765432109876543210"));
        assert_eq!(find("$.result.messages.1.messageid", answer).as_deref(), Some("b"));
        assert_eq!(find("result.ok", answer).as_deref(), Some("true"));
        for nowhere in ["result.no", "result", "result.messages.2.messageid", "x", "result.ok.x"] {
            assert_eq!(find(nowhere, answer), None, "{nowhere}");
        }
        assert_eq!(find("0.id", r#"[{"id":7}]"#).as_deref(), Some("7"));
        assert_eq!(find("a", "<html>"), None);
    }

    #[test]
    fn a_bare_answer_is_a_code_unless_it_is_a_page() {
        assert_eq!(find("$", " 2003 \r\n").as_deref(), Some("2003"));
        assert_eq!(find("$", r#""OK""#).as_deref(), Some("OK"));
        assert_eq!(find("$", &"<p>".repeat(30)), None);
        assert_eq!(find("$", r#"{"a":1}"#), None);
        assert_eq!(find("$", ""), None);
    }

    #[test]
    fn other_ways_to_write_a_path_are_refused() {
        for wrong in ["", ".", "a..b", "a[0]", "$a", "a b"] {
            assert!(wrong.parse::<Path>().is_err(), "{wrong}");
        }
        assert_eq!("$.a.0".parse::<Path>().unwrap().to_string(), "a.0");
    }
}
