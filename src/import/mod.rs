//! The years before: what a shop, or the file of another system, knows of its customers and orders, as ordinary events.
//!
//! [`woo`] and [`csv`] are pure and say what something means; [`shop`] asks the shop within what it can bear; [`walk`] and
//! [`file`] gather it all for the log ([`crate::store::history`]). The same thing always gives the same event, so what is read
//! twice is known the second time.

pub mod csv;
pub mod file;
pub mod oauth;
pub mod shop;
pub mod walk;
pub mod woo;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::clock::At;
use crate::phone;
use crate::receive::event::{Fact, MAX_ID_BYTES, Person};
use crate::store::history::{Gathered, Past};
use crate::store::log::Incoming;

/// Something that was not taken, where it stands, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// `order 118`, `orders.csv:12`.
    pub place: String,
    /// Holds no value of the thing's: it may be somebody's number.
    pub what: String,
}

impl Problem {
    pub fn new(place: impl Into<String>, what: impl Into<String>) -> Problem {
        Problem { place: place.into(), what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// What came of one kind of thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    pub read: u64,
    /// Events that were not known before. One order with two refunds is three.
    pub new: u64,
    pub known: u64,
    pub not_taken: u64,
    /// Drafts, staff: nothing that belongs to a history.
    pub left_out: u64,
}

/// What came of an import.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// By kind, in their order.
    pub kinds: BTreeMap<&'static str, Count>,
    pub problems: Vec<Problem>,
    pub oldest: Option<At>,
    pub newest: Option<At>,
    /// Orders and accounts with a number that gets SMS, and those without.
    pub with_number: u64,
    pub without_number: u64,
}

/// Problems beyond these are only counted.
const MOST_PROBLEMS: usize = 10_000;

impl Tally {
    pub fn of(&mut self, kind: &'static str) -> &mut Count {
        self.kinds.entry(kind).or_default()
    }

    pub fn gathered(&mut self, kind: &'static str, gathered: Gathered) {
        let count = self.of(kind);
        count.new += gathered.new;
        count.known += gathered.known;
    }

    pub fn not_taken(&mut self, kind: &'static str, problem: Problem) {
        self.of(kind).not_taken += 1;
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(problem);
        }
    }

    /// Looks at what is taken.
    pub fn take(&mut self, past: &Past, fact: &Fact, country: &str) {
        let at = past.event.time;
        self.oldest = Some(self.oldest.map_or(at, |oldest| oldest.min(at)));
        self.newest = Some(self.newest.map_or(at, |newest| newest.max(at)));
        if let Fact::OrderUpdated(_) | Fact::CustomerUpdated(_) = fact
            && let Some(person) = fact.person()
        {
            if gets_sms(person, country) {
                self.with_number += 1;
            } else {
                self.without_number += 1;
            }
        }
    }

    #[must_use]
    pub fn new_events(&self) -> u64 {
        self.kinds.values().map(|count| count.new).sum()
    }
}

fn gets_sms(person: &Person, country: &str) -> bool {
    person.phone.as_deref().is_some_and(|raw| phone::parse(raw, person.country.as_deref(), country).is_ok())
}

/// What one thing is told as.
#[derive(Debug, Clone)]
pub struct Told {
    pub id: String,
    pub kind: &'static str,
    pub at: At,
    pub data: Value,
    pub mail: Option<String>,
}

impl Told {
    /// Checked by the rules of the door.
    ///
    /// # Errors
    /// What is wrong, without any of its values.
    pub fn check(self) -> Result<(Past, Fact), String> {
        let data = self.data.to_string();
        let fact = Fact::parse(self.kind, &data).map_err(|e| e.to_string())?;
        let event = Incoming { event_id: self.id, kind: self.kind.to_owned(), time: self.at, data };
        Ok((Past { event, mail: self.mail }, fact))
    }
}

/// The id of what is told of a thing in this version of it: the same whenever it is read again.
#[must_use]
pub fn event_id(what: &str, id: &str, version: &str) -> String {
    let full = if version.is_empty() { format!("import-{what}-{id}") } else { format!("import-{what}-{id}-{version}") };
    if full.len() <= MAX_ID_BYTES {
        return full;
    }
    format!("import-{what}-{}", fingerprint(&full, 16))
}

/// So many bytes of a text's hash, in hexadecimal digits.
#[must_use]
pub fn fingerprint(text: &str, bytes: usize) -> String {
    Sha256::digest(text.as_bytes()).iter().take(bytes).fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// Names as text: WooCommerce keeps them as HTML.
#[must_use]
pub fn plain_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        // A lone sign is a sign.
        let end = if from.starts_with('<') { from.find('>') } else { from.find(';').filter(|end| *end < 12) };
        let Some((inside, after)) = end.and_then(|end| Some((from.get(1..end)?, from.get(end + 1..)?))) else {
            let (sign, after) = from.split_at(1);
            text.push_str(sign);
            rest = after;
            continue;
        };
        if from.starts_with('&') {
            match entity(inside) {
                Some(sign) => text.push(sign),
                None => text.push_str(from.get(..=inside.len() + 1).unwrap_or_default()),
            }
        }
        rest = after;
    }
    text.push_str(rest);
    text.trim().to_owned()
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "zwnj" => '\u{200c}',
        "laquo" => '«',
        "raquo" => '»',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_markup_and_nothing_else() {
        for (html, text) in [
            ("Tea &amp; <b>coffee</b>", "Tea & coffee"),
            ("چای&zwnj;ها &#8211; &#x27;x&#x27;", "چای\u{200c}ها – 'x'"),
            ("5 < 6 & 7", "5 < 6 & 7"),
            ("a &unknown; b", "a &unknown; b"),
            ("", ""),
        ] {
            assert_eq!(plain_text(html), text, "{html}");
        }
    }

    #[test]
    fn ids_fit_and_stay_what_they_are() {
        assert_eq!(event_id("order", "118", "1700000000"), "import-order-118-1700000000");
        let long = event_id("order", &"x".repeat(100), "1");
        assert!(long.len() <= MAX_ID_BYTES);
        assert_eq!(long, event_id("order", &"x".repeat(100), "1"));
        assert_ne!(long, event_id("order", &"x".repeat(100), "2"));
    }
}
