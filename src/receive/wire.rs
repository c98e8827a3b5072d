//! How single values stand in an event: what PHP, WooCommerce and its plugins write, read as what they mean.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate};
use serde::{Deserialize, Deserializer};

use crate::clock::At;

const MAX_PATH_CHARS: usize = 191;

/// An answer about marketing texts.
#[derive(Debug, Clone, Deserialize)]
pub struct Consent {
    pub marketing: bool,
    pub source: String,
    /// The wording that was shown.
    #[serde(default, deserialize_with = "text_opt")]
    pub text: Option<String>,
    /// When it was given, where that was before the event.
    #[serde(default, deserialize_with = "time_opt")]
    pub at: Option<At>,
    /// The order that it was placed with: a form that is only open is anybody's to fill.
    #[serde(default, deserialize_with = "id_opt")]
    pub order_id: Option<String>,
}

/// RFC 3339 with an offset.
#[must_use]
pub fn parse_time(text: &str) -> Option<At> {
    DateTime::parse_from_rfc3339(text).ok().map(|t| At(t.timestamp_millis()))
}

/// A shop's id: a number or a text on the wire, a text here.
pub(super) fn id<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    struct Visitor;
    impl serde::de::Visitor<'_> for Visitor {
        type Value = String;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an id (a number or a text)")
        }
        fn visit_str<E: serde::de::Error>(self, v: &str) -> Result<String, E> {
            Ok(v.to_owned())
        }
        fn visit_string<E: serde::de::Error>(self, v: String) -> Result<String, E> {
            Ok(v)
        }
        fn visit_u64<E: serde::de::Error>(self, v: u64) -> Result<String, E> {
            Ok(v.to_string())
        }
        fn visit_i64<E: serde::de::Error>(self, v: i64) -> Result<String, E> {
            Ok(v.to_string())
        }
    }
    d.deserialize_any(Visitor)
}

/// As [`id`]; absent, null, empty and 0 all mean "none", as WooCommerce writes them.
pub(super) fn id_opt<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    struct Wrap(#[serde(deserialize_with = "id")] String);
    let value: Option<Wrap> = Option::deserialize(d)?;
    Ok(value.map(|w| w.0).filter(|s| !s.is_empty() && s != "0"))
}

pub(super) fn ids<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    struct Wrap(#[serde(deserialize_with = "id")] String);
    Ok(Vec::<Wrap>::deserialize(d)?.into_iter().map(|w| w.0).collect())
}

/// A decimal as a text, or as a JSON number that is then read as it was written.
pub(super) fn decimal<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    struct Visitor;
    impl serde::de::Visitor<'_> for Visitor {
        type Value = String;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an amount as a decimal text, such as \"19.90\"")
        }
        fn visit_str<E: serde::de::Error>(self, v: &str) -> Result<String, E> {
            Ok(v.to_owned())
        }
        fn visit_u64<E: serde::de::Error>(self, v: u64) -> Result<String, E> {
            Ok(v.to_string())
        }
        fn visit_i64<E: serde::de::Error>(self, v: i64) -> Result<String, E> {
            Ok(v.to_string())
        }
        fn visit_f64<E: serde::de::Error>(self, v: f64) -> Result<String, E> {
            // Shortest form that reads back; the contract asks for texts, so this is only a courtesy.
            Ok(v.to_string())
        }
    }
    d.deserialize_any(Visitor)
}

pub(super) fn decimal_opt<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    struct Wrap(#[serde(deserialize_with = "decimal")] String);
    let value: Option<Wrap> = Option::deserialize(d)?;
    Ok(value.map(|w| w.0).filter(|s| !s.is_empty()))
}

pub(super) fn time_opt<'de, D: Deserializer<'de>>(d: D) -> Result<Option<At>, D::Error> {
    let text: Option<String> = Option::deserialize(d)?;
    match text.filter(|t| !t.is_empty()) {
        None => Ok(None),
        Some(t) => {
            parse_time(&t).map(Some).ok_or_else(|| serde::de::Error::custom("~a time is not RFC 3339 with an offset"))
        }
    }
}

/// Some plugins hand WooCommerce's stored form on.
pub(super) fn status<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    let status = String::deserialize(d)?;
    Ok(status.strip_prefix("wc-").map(str::to_owned).unwrap_or(status))
}

/// What a shop's law asks for before marketing texts; words of later years say nothing.
pub(super) fn rule_opt<'de, D: Deserializer<'de>>(d: D) -> Result<Option<bool>, D::Error> {
    Ok(match text_opt(d)?.as_deref() {
        Some("yes_needed") => Some(true),
        Some("refusal_stops") => Some(false),
        _ => None,
    })
}

pub(super) fn text_opt<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    let text: Option<String> = Option::deserialize(d)?;
    Ok(text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()))
}

/// PHP writes a map that is empty, or whose keys are numbers, as a list; without names it says nothing.
pub(super) fn attributes<'de, D: Deserializer<'de>>(d: D) -> Result<BTreeMap<String, String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Map(BTreeMap<String, String>),
        List(#[allow(dead_code)] Vec<serde::de::IgnoredAny>), // known by its shape alone
    }
    Ok(match Option::<Either>::deserialize(d)? {
        Some(Either::Map(map)) => map,
        Some(Either::List(_)) | None => BTreeMap::new(),
    })
}

/// Shops that sell by weight have fractional quantities; a line counts at least once.
pub(super) fn quantity<'de, D: Deserializer<'de>>(d: D) -> Result<u32, D::Error> {
    #[derive(Deserialize)]
    struct Wrap(#[serde(deserialize_with = "decimal")] String);
    let text = Wrap::deserialize(d)?.0;
    let whole = text.split('.').next().unwrap_or_default();
    match whole.parse::<i64>() {
        Ok(n) if n >= 0 => Ok(u32::try_from(n).unwrap_or(u32::MAX).max(1)),
        _ => Err(serde::de::Error::custom("~quantity must be a number that is not negative")),
    }
}

/// A day of the Gregorian calendar as `YYYY-MM-DD`. What is none is left out: a field of a shop's own may hold anything.
pub(super) fn day_opt<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    let day = text_opt(d)?.and_then(|text| NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok());
    Ok(day.map(|day| day.to_string()))
}

/// The path of a page: what stands behind it may name somebody.
pub(super) fn path<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    let text = String::deserialize(d)?;
    Ok(text.split(['?', '#']).next().unwrap_or_default().chars().take(MAX_PATH_CHARS).collect())
}
