//! What texts may do with a value before it is printed.
//!
//! Every filter hands on what is absent, so that the default behind it (or the refusal to print) still sees it, and leaves
//! links and codes as they are.

use minijinja::{Environment, Error, ErrorKind, Value};

use super::names;
use super::objects::{self, Absent, Amount, Day, Said, Verbatim};
use super::values::Shape;
use crate::campaign::model::Language;
use crate::digits;
use crate::jalali::{self, Form};
use crate::money;

/// What a filter takes besides its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    Nothing,
    /// `short`, `day`, `weekday`, `long` or `full`; `long` when left out.
    Form,
    /// How many characters.
    Length,
    /// Any value.
    Value,
}

/// One documented filter.
#[derive(Debug, Clone, Copy)]
pub struct Filter {
    pub name: &'static str,
    /// Empty: every shape.
    pub on: &'static [Shape],
    pub takes: Takes,
    /// None: as the value was.
    pub gives: Option<Shape>,
    pub meaning: &'static str,
}

/// Every filter there is; `docs/texts.md` shows the same table.
pub const FILTERS: &[Filter] = &{
    use Shape::{Amount, Code, Date, List, Number, Text, Words};
    const fn filter(
        name: &'static str,
        on: &'static [Shape],
        takes: Takes,
        gives: Option<Shape>,
        meaning: &'static str,
    ) -> Filter {
        Filter { name, on, takes, gives, meaning }
    }
    const WORDS: &[Shape] = &[Text, Code];
    const FIGURES: &[Shape] = &[Text, Code, Number, Amount, Date];
    [
        filter("default", &[], Takes::Value, None, "says what is printed when the value is absent"),
        filter("d", &[], Takes::Value, None, "the same as `default`"),
        filter("money", &[Amount], Takes::Nothing, Some(Text), "the amount for people; Iranian money in Toman"),
        filter("toman", &[Amount], Takes::Nothing, Some(Text), "the amount in Toman; for Iranian money only"),
        filter("rial", &[Amount], Takes::Nothing, Some(Text), "the amount in Rial; for Iranian money only"),
        filter("date", &[Date], Takes::Form, Some(Text), "the day in the calendar of the language"),
        filter("jalali", &[Date], Takes::Form, Some(Text), "the day in the Jalali calendar, in Persian"),
        filter("gregorian", &[Date], Takes::Form, Some(Text), "the day in the Gregorian calendar, in English"),
        filter("persian", FIGURES, Takes::Nothing, Some(Text), "with Persian digits"),
        filter("latin", FIGURES, Takes::Nothing, Some(Text), "with the digits 0 to 9"),
        filter("short", WORDS, Takes::Length, None, "at most this many characters, cut at a word's end"),
        filter("first_name", WORDS, Takes::Nothing, None, "the text if it reads as a first name, else absent"),
        filter("upper", WORDS, Takes::Nothing, None, "in capital letters"),
        filter("lower", WORDS, Takes::Nothing, None, "in small letters"),
        filter(
            "length",
            &[List, Words, Text],
            Takes::Nothing,
            Some(Number),
            "how many lines, words of a list, or characters",
        ),
        filter("count", &[List, Words, Text], Takes::Nothing, Some(Number), "the same as `length`"),
    ]
};

/// The tests of `is`: `{% if contact.first_name is defined %}`.
pub const TESTS: &[&str] = &["defined", "undefined", "none"];

/// Put behind the operands of `==`, `!=` and `in` when a text is compiled: what is absent is equal to nothing.
pub(super) const FOR_EQUALITY: &str = "_plain";
/// Put behind the operands of `<` and its like: there is no right answer for what is absent, so it is an error.
pub(super) const FOR_ORDER: &str = "_there";

#[must_use]
pub fn named(name: &str) -> Option<&'static Filter> {
    FILTERS.iter().find(|f| f.name == name)
}

/// Adds all filters and tests to an empty environment.
pub(super) fn add_to(env: &mut Environment<'_>, language: Language) {
    for name in ["default", "d"] {
        env.add_filter(name, move |value: &Value, instead: Value| or_default(value, instead, language));
    }
    env.add_filter("money", move |value: &Value| {
        on_amount(value, "money", |m| Some(money::say(m, objects::style(language))))
    });
    env.add_filter("toman", move |value: &Value| {
        on_amount(value, "toman", |m| Some(money::say(m.to_toman()?, objects::style(language))))
    });
    env.add_filter("rial", move |value: &Value| {
        on_amount(value, "rial", |m| money::say_rial(m, objects::style(language)))
    });
    env.add_filter("date", move |value: &Value, form: Option<&str>| {
        on_day(value, "date", form, |day, form| objects::say_day(day, form, language))
    });
    env.add_filter("jalali", |value: &Value, form: Option<&str>| on_day(value, "jalali", form, jalali::say));
    env.add_filter("gregorian", |value: &Value, form: Option<&str>| {
        on_day(value, "gregorian", form, jalali::say_gregorian)
    });
    env.add_filter("persian", move |value: &Value| {
        on_said(value, "persian", language, |text| Some(digits::to_persian(text)))
    });
    env.add_filter("latin", move |value: &Value| on_said(value, "latin", language, |text| Some(latin(text))));
    env.add_filter("short", move |value: &Value, most: usize| {
        on_said(value, "short", language, |text| Some(names::shorten(text, most)))
    });
    env.add_filter("first_name", move |value: &Value| on_said(value, "first_name", language, names::first_name));
    env.add_filter("upper", move |value: &Value| on_said(value, "upper", language, |text| Some(text.to_uppercase())));
    env.add_filter("lower", move |value: &Value| on_said(value, "lower", language, |text| Some(text.to_lowercase())));
    for name in ["length", "count"] {
        env.add_filter(name, move |value: &Value| length(value, name));
    }
    env.add_filter(FOR_EQUALITY, objects::plain);
    env.add_filter(FOR_ORDER, |value: &Value| match objects::absent(value) {
        Some(name) => Err(super::template::missing(name)),
        None => Ok(objects::plain(value)),
    });
    env.add_test("defined", |value: &Value| objects::absent(value).is_none());
    env.add_test("undefined", |value: &Value| objects::absent(value).is_some());
    env.add_test("none", |value: &Value| objects::absent(value).is_some());
}

fn or_default(value: &Value, instead: Value, language: Language) -> Value {
    match objects::say(value, language) {
        Said::Missing(_) | Said::Blank => instead,
        Said::Prose(_) | Said::Verbatim(_) | Said::Unprintable => value.clone(),
    }
}

fn on_amount(
    value: &Value,
    filter: &'static str,
    say: impl Fn(money::Money) -> Option<String>,
) -> Result<Value, Error> {
    if objects::absent(value).is_some() {
        return Ok(value.clone());
    }
    let amount = value.downcast_object_ref::<Amount>().ok_or_else(|| wrong_kind(filter, "an amount of money"))?;
    say(amount.0).map(Value::from).ok_or_else(|| wrong_kind(filter, "an amount in a currency of Iran"))
}

fn on_day(
    value: &Value,
    filter: &'static str,
    form: Option<&str>,
    say: impl Fn(chrono::NaiveDate, Form) -> String,
) -> Result<Value, Error> {
    if objects::absent(value).is_some() {
        return Ok(value.clone());
    }
    let form = match form {
        None => Form::default(),
        Some(name) => name.parse().map_err(|_| wrong_kind(filter, "short, day, weekday, long or full"))?,
    };
    let day = value.downcast_object_ref::<Day>().ok_or_else(|| wrong_kind(filter, "a day"))?;
    Ok(Value::from(say(day.0, form)))
}

/// Changes what would be printed; None makes it absent.
fn on_said(
    value: &Value,
    filter: &'static str,
    language: Language,
    change: impl Fn(&str) -> Option<String>,
) -> Result<Value, Error> {
    match objects::say(value, language) {
        Said::Prose(text) => Ok(change(&text).map_or_else(|| Absent("").into(), Value::from)),
        Said::Verbatim(_) | Said::Missing(_) | Said::Blank => Ok(value.clone()),
        Said::Unprintable => Err(wrong_kind(filter, "something that can be printed")),
    }
}

fn length(value: &Value, filter: &'static str) -> Result<Value, Error> {
    if objects::absent(value).is_some() || value.downcast_object_ref::<Verbatim>().is_some() {
        return Ok(Value::from(0));
    }
    value.len().map(Value::from).ok_or_else(|| wrong_kind(filter, "a list or a text"))
}

/// Persian signs for thousands and decimals belong to Persian digits.
fn latin(text: &str) -> String {
    digits::to_ascii(text).replace('٬', ",").replace('٫', ".")
}

/// Says what was expected, never the value: it may be personal.
fn wrong_kind(filter: &'static str, expected: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("`{filter}` expects {expected}"))
}

#[cfg(test)]
mod tests {
    use crate::campaign::model::{Language, Trigger};
    use crate::clock::Span;
    use crate::render::samples::{self, SampleKind};
    use crate::render::template::{Source, Templates, TextError};

    fn said(language: Language, source: &str) -> Result<String, TextError> {
        let trigger = Trigger::CartAbandoned { idle: Span::hours(1) };
        let sample = samples::sample(SampleKind::Usual, &trigger, samples::shop(language));
        let sources = [("t".to_owned(), Source::Text(format!("{{{{ {source} }}}}")))];
        Templates::build(&sources, language).unwrap().text("t", &sample.values())
    }

    #[test]
    fn each_filter() {
        for (source, persian, english) in [
            ("cart.total | money", "۹۶۰٬۰۰۰ تومان", "€50.00"),
            ("cart.total | latin", "960,000 تومان", "€50.00"),
            ("cart.total | persian", "۹۶۰٬۰۰۰ تومان", "€۵۰.۰۰"),
            ("today | date", "۱ آذر ۱۴۰۵", "22 November 2026"),
            ("today | date(\"day\")", "۱ آذر", "22 November"),
            ("today | jalali(\"short\")", "1405/09/01", "1405/09/01"),
            ("today | jalali(\"short\") | persian", "۱۴۰۵/۰۹/۰۱", "۱۴۰۵/۰۹/۰۱"),
            ("today | gregorian(\"weekday\")", "Sunday 22 November", "Sunday 22 November"),
            ("cart.count | latin", "2", "2"),
            ("cart.items | length", "۲", "2"),
            ("\"Leather bag\" | short(8)", "Leather", "Leather"),
            ("\"Leather bag\" | upper | lower", "leather bag", "leather bag"),
            ("\"Ali2\" | first_name | default(\"x\")", "x", "x"),
            ("\" Ali \" | first_name", "Ali", "Ali"),
        ] {
            assert_eq!(said(Language::Persian, source).as_deref(), Ok(persian), "{source}");
            assert_eq!(said(Language::English, source).as_deref(), Ok(english), "{source}");
        }
        assert_eq!(said(Language::Persian, "cart.total | rial").as_deref(), Ok("۹٬۶۰۰٬۰۰۰ ریال"));
        assert_eq!(said(Language::Persian, "cart.total | toman").as_deref(), Ok("۹۶۰٬۰۰۰ تومان"));
        assert!(
            matches!(said(Language::English, "cart.total | toman"), Err(TextError::Failed(_))),
            "euros are no Toman"
        );
    }
}
