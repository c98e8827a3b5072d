//! The kinds of value that texts meet, as minijinja objects.
//!
//! None of them turns into text by itself: printing goes through [`say`], which knows the language and refuses what is absent.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;
use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr, ValueKind};

use super::values;
use crate::campaign::model::Language;
use crate::digits;
use crate::jalali::{self, Form};
use crate::money::{self, Money, Style};

/// A documented value that this person, basket or order does not have. Filters hand it on; printing it is an error.
pub struct Absent(pub &'static str);

/// An amount of money.
pub struct Amount(pub Money);

/// A day in the shop's zone.
pub struct Day(pub NaiveDate);

/// A link or a code: printed letter by letter as it is, on a line of its own, whatever the language and the filters.
pub struct Verbatim(pub Arc<str>);

/// Values under one name, such as `cart`. False in conditions when the message is about no such thing.
pub struct Group {
    prefix: &'static str,
    present: bool,
    fields: Vec<(&'static str, Value)>,
    /// Of names that no manual lists.
    own: BTreeMap<String, Value>,
    /// What every other name says.
    all: Option<Value>,
}

impl Group {
    #[must_use]
    pub fn new(prefix: &'static str) -> Group {
        Group { prefix, present: true, fields: Vec::with_capacity(8), own: BTreeMap::new(), all: None }
    }

    /// All its values are absent.
    #[must_use]
    pub fn absent(prefix: &'static str) -> Group {
        Group { prefix, present: false, fields: Vec::new(), own: BTreeMap::new(), all: None }
    }

    #[must_use]
    pub fn with(mut self, field: &'static str, value: impl Into<Value>) -> Group {
        self.fields.push((field, value.into()));
        self
    }

    #[must_use]
    pub fn with_own(mut self, field: &str, value: impl Into<Value>) -> Group {
        self.own.insert(field.to_owned(), value.into());
        self
    }

    /// None leaves all fields absent.
    #[must_use]
    pub fn with_all(mut self, value: Option<impl Into<Value>>) -> Group {
        self.all = value.map(Into::into);
        self
    }

    /// None leaves the field absent.
    #[must_use]
    pub fn with_some(self, field: &'static str, value: Option<impl Into<Value>>) -> Group {
        match value {
            Some(value) => self.with(field, value),
            None => self,
        }
    }
}

impl From<Money> for Amount {
    fn from(money: Money) -> Amount {
        Amount(money)
    }
}

macro_rules! into_value {
    ($($kind:ty),+) => { $(
        impl From<$kind> for Value {
            fn from(object: $kind) -> Value {
                Value::from_object(object)
            }
        }
    )+ };
}
into_value!(Absent, Amount, Day, Verbatim, Group);

/// Personal data stays out of logs: the kind is shown, never the value.
macro_rules! closed_debug {
    ($($kind:ident),+) => { $(
        impl fmt::Debug for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($kind))
            }
        }
    )+ };
}
closed_debug!(Absent, Amount, Day, Verbatim, Group);

impl Object for Absent {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        false
    }
}

impl Object for Amount {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.0.minor != 0
    }
}

impl Object for Day {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }
}

impl Object for Verbatim {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }
}

impl Object for Group {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match self.fields.iter().find(|(field, _)| *field == key) {
            Some((_, value)) => Some(value.clone()),
            None if self.own.contains_key(key) => self.own.get(key).cloned(),
            None if self.all.is_some() => self.all.clone(),
            None => values::name_in(self.prefix, key).map(|name| Absent(name.name).into()),
        }
    }

    /// As if it held nothing: minijinja's `Debug` would show what it finds.
    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Empty
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.present
    }
}

/// What printing a value comes to.
#[derive(PartialEq, Eq)]
pub enum Said {
    Prose(String),
    Verbatim(Arc<str>),
    /// Nothing is there; the name of what is missing where it is known, else empty.
    Missing(&'static str),
    /// A text, but only of spaces or invisible characters.
    Blank,
    /// Has no text: a yes or no, a group, a list.
    Unprintable,
}

/// A value as people read it in this language.
#[must_use]
pub fn say(value: &Value, language: Language) -> Said {
    if let Some(object) = value.as_object() {
        if let Some(Verbatim(text)) = object.downcast_ref::<Verbatim>() {
            return if text.trim().is_empty() { Said::Blank } else { Said::Verbatim(Arc::clone(text)) };
        }
        if let Some(Absent(name)) = object.downcast_ref::<Absent>() {
            return Said::Missing(name);
        }
        if let Some(Amount(money)) = object.downcast_ref::<Amount>() {
            return Said::Prose(money::say(*money, style(language)));
        }
        if let Some(Day(date)) = object.downcast_ref::<Day>() {
            return Said::Prose(say_day(*date, Form::default(), language));
        }
        return Said::Unprintable;
    }
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => Said::Missing(""),
        ValueKind::Number => Said::Prose(say_number(value, language)),
        ValueKind::String => match value.as_str() {
            Some(text) if !digits::tidy(text).trim().is_empty() => Said::Prose(text.to_owned()),
            _ => Said::Blank,
        },
        _ => Said::Unprintable,
    }
}

#[must_use]
pub fn say_day(date: NaiveDate, form: Form, language: Language) -> String {
    match language {
        Language::Persian => jalali::say(date, form),
        Language::English => jalali::say_gregorian(date, form),
    }
}

#[must_use]
pub const fn style(language: Language) -> Style {
    match language {
        Language::Persian => Style::Persian,
        Language::English => Style::Latin,
    }
}

/// Whole numbers without a point, others with at most two decimals.
fn say_number(value: &Value, language: Language) -> String {
    let plain = match (value.as_i64(), f64::try_from(value.clone())) {
        (Some(whole), _) => whole.to_string(),
        (None, Ok(number)) => {
            let text = format!("{number:.2}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        (None, Err(_)) => value.to_string(),
    };
    match language {
        Language::Persian => digits::to_persian(&plain.replace('.', "٫")),
        Language::English => plain,
    }
}

/// The value as conditions compare it: amounts in whole units of their currency, days as `2026-11-22`, codes as texts.
#[must_use]
pub fn plain(value: &Value) -> Value {
    let Some(object) = value.as_object() else { return value.clone() };
    if let Some(Amount(money)) = object.downcast_ref::<Amount>() {
        return number_of(*money);
    }
    if let Some(Day(date)) = object.downcast_ref::<Day>() {
        return Value::from(date.format("%Y-%m-%d").to_string());
    }
    if let Some(Verbatim(text)) = object.downcast_ref::<Verbatim>() {
        return Value::from(Arc::clone(text));
    }
    if object.downcast_ref::<Absent>().is_some() {
        return Value::from(());
    }
    value.clone()
}

/// Only ever compared with what an owner typed: the precision of a double is enough for that.
fn number_of(money: Money) -> Value {
    match money.currency.exponent() {
        0 => Value::from(money.minor),
        _ => money.decimal().parse::<f64>().map_or_else(|_| Value::from(money.minor), Value::from),
    }
}

/// The name of what is absent, when the value is.
#[must_use]
pub fn absent(value: &Value) -> Option<&'static str> {
    if value.is_undefined() || value.is_none() {
        return Some("");
    }
    value.as_object()?.downcast_ref::<Absent>().map(|a| a.0)
}
