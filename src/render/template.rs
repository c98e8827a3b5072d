//! The owner's texts and conditions, compiled once.
//!
//! A text is checked as a whole when it is read ([`Templates::build`]): every name, filter and kind of value in it. What can
//! only be known for one person (a first name that is not there) is refused when it is rendered: a text never goes out with a
//! hole in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value};

use super::check::{self, Checked};
use super::filters;
use super::objects::{self, Said};
use crate::campaign::model::Language;

/// All texts and conditions of one file of campaigns.
pub struct Templates {
    env: Environment<'static>,
    used: BTreeMap<String, BTreeSet<&'static str>>,
}

/// What the owner wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Text(String),
    /// One expression, such as `cart.total >= 200000`.
    Condition(String),
}

/// Something wrong with a text or condition, at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextProblem {
    pub key: String,
    /// In bytes of the source as given.
    pub offset: Option<usize>,
    /// In bytes; 0 when there is no place.
    pub len: usize,
    pub what: String,
    pub help: Option<String>,
    pub kind: ProblemKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    Syntax,
    UnknownName,
    UnknownFilter,
    UnknownTest,
    /// A value where another kind of value is needed.
    Type,
    /// Understood, but not part of what texts may do.
    NotAllowed,
}

/// Why a text could not be made for this person. Names values, never quotes them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("`{name}` is missing: give a default, such as {{{{ {name} | default(\"…\") }}}}")]
    Missing { name: String },
    #[error("`{name}` is empty: give a default, such as {{{{ {name} | default(\"…\") }}}}")]
    Empty { name: String },
    #[error("text {0}")]
    Failed(String),
}

/// Instructions that one text may run: some hundred times what a long one needs.
const FUEL: u64 = 50_000;

/// Before and after a link or code in rendered text, so that it can be put on a line of its own. Unicode keeps these two
/// for use inside a program; no other text that is printed keeps them.
pub(super) const OPEN: char = '\u{FDD0}';
pub(super) const CLOSE: char = '\u{FDD1}';

impl Templates {
    /// Compiles everything.
    ///
    /// # Errors
    /// All problems of all sources, in their order. Of a source that is no template only the first is known.
    pub fn build(sources: &[(String, Source)], language: Language) -> Result<Templates, Vec<TextProblem>> {
        let mut env = environment(language);
        let mut used = BTreeMap::new();
        let mut problems = Vec::new();
        for (key, source) in sources {
            let Checked { compiled, names, problems: found } = match source {
                Source::Text(text) => check::text(key, text),
                Source::Condition(expression) => check::condition(key, expression),
            };
            let sound = found.is_empty();
            problems.extend(found);
            if sound {
                match env.add_template_owned(key.clone(), compiled) {
                    Ok(()) => drop(used.insert(key.clone(), names)),
                    Err(error) => problems.push(check::syntax(key, &error, None)),
                }
            }
        }
        if problems.is_empty() { Ok(Templates { env, used }) } else { Err(problems) }
    }

    /// The text as written, with its values. Lines are not laid out yet; see [`super::compose`].
    ///
    /// # Errors
    /// When a value that it prints is missing or empty, or it cannot be rendered.
    pub fn text(&self, key: &str, values: &Value) -> Result<String, TextError> {
        let mut text = self.marked(key, values)?;
        text.retain(|c| c != OPEN && c != CLOSE);
        Ok(text)
    }

    /// Answers a condition.
    ///
    /// # Errors
    /// When it puts something that is absent in an order (`contact.last_order_days < 60` of somebody without orders), or
    /// cannot be evaluated.
    pub fn ask(&self, key: &str, values: &Value) -> Result<bool, TextError> {
        Ok(!self.marked(key, values)?.is_empty())
    }

    /// The documented names that the source uses, such as `coupon.code`; nothing for an unknown key.
    #[must_use]
    pub fn names_used(&self, key: &str) -> BTreeSet<&'static str> {
        self.used.get(key).cloned().unwrap_or_default()
    }

    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.used.contains_key(key)
    }

    /// As [`Templates::text`], with links and codes between [`OPEN`] and [`CLOSE`].
    pub(super) fn marked(&self, key: &str, values: &Value) -> Result<String, TextError> {
        let template = self.env.get_template(key).map_err(|_| TextError::Failed(format!("{key:?} is not known")))?;
        template.render(values.clone()).map_err(|error| explain(&error, template.source()))
    }
}

impl fmt::Debug for Templates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.used.keys()).finish()
    }
}

fn environment(language: Language) -> Environment<'static> {
    let mut env = Environment::empty();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_fuel(Some(FUEL));
    // Its snapshots of values would carry personal data into errors.
    env.set_debug(false);
    env.set_auto_escape_callback(|_| AutoEscape::None);
    env.set_formatter(move |out, _state, value| print(out, _state, value, language));
    filters::add_to(&mut env, language);
    env
}

fn print(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value, language: Language) -> Result<(), Error> {
    let written = match objects::say(value, language) {
        Said::Prose(text) if text.contains(is_mark) => out.write_str(&text.replace(is_mark, "")),
        Said::Prose(text) => out.write_str(&text),
        Said::Verbatim(text) => {
            let text = if text.contains(is_mark) { text.replace(is_mark, "") } else { text.to_string() };
            write!(out, "{OPEN}{text}{CLOSE}")
        }
        Said::Missing(name) => return Err(missing(name)),
        Said::Blank => return Err(carried(TextError::Empty { name: String::new() })),
        Said::Unprintable => return Err(carried(TextError::Failed("prints something that has no words".to_owned()))),
    };
    written.map_err(|_| Error::from(ErrorKind::WriteFailure))
}

pub(super) fn is_mark(c: char) -> bool {
    c == OPEN || c == CLOSE
}

/// minijinja's error for a value that is not there; an empty name is filled in from the source.
pub(super) fn missing(name: &str) -> Error {
    carried(TextError::Missing { name: name.to_owned() })
}

fn carried(error: TextError) -> Error {
    Error::new(ErrorKind::InvalidOperation, "").with_source(error)
}

/// Our own error out of minijinja's. Its details are left behind, as they may quote values.
fn explain(error: &Error, source: &str) -> TextError {
    let place = || {
        let expression = error.range().and_then(|range| source.get(range)).unwrap_or("a value");
        expression.replace(&format!("|{}", filters::FOR_ORDER), "").replace(&format!("|{}", filters::FOR_EQUALITY), "")
    };
    let own = std::error::Error::source(error).and_then(|e| e.downcast_ref::<TextError>());
    match own {
        Some(TextError::Missing { name }) if name.is_empty() => TextError::Missing { name: place() },
        Some(TextError::Empty { name }) if name.is_empty() => TextError::Empty { name: place() },
        Some(own) => own.clone(),
        None => match error.kind() {
            ErrorKind::UndefinedError => TextError::Missing { name: place() },
            ErrorKind::OutOfFuel => TextError::Failed("does not come to an end: too many rounds".to_owned()),
            kind => TextError::Failed(format!("cannot work out `{}`: {kind}", place())),
        },
    }
}
