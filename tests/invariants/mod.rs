//! What must hold whatever comes from outside: plain functions of bytes that panic when it does not.
//!
//! The fuzz targets call them with what a fuzzer makes up, `tests/it/properties` with what was found and with what
//! proptest makes up. `docs/fuzzing.md` says what each holds.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "to panic is how an invariant says that it is broken"
)]

use std::borrow::Cow;

pub mod answers;
pub mod callbacks;
pub mod campaigns;
pub mod digits;
pub mod door;
pub mod event;
pub mod files;
pub mod gateways;
pub mod hours;
pub mod money;
pub mod parts;
pub mod phone;
pub mod reply;
pub mod settings;
pub mod signature;
pub mod story;
pub mod text;

/// Panics when something does not hold for these bytes.
pub type Hold = fn(&[u8]);

/// Every subject by its name, which is that of its fuzz target and of its folder in `tests/data/fuzz`.
pub const SUBJECTS: &[(&str, Hold)] = &[
    ("answers", answers::hold),
    ("callbacks", callbacks::hold),
    ("campaigns", campaigns::hold),
    ("digits", digits::hold),
    ("door", door::hold),
    ("event", event::hold),
    ("hours", hours::hold),
    ("money", money::hold),
    ("parts", parts::hold),
    ("phone", phone::hold),
    ("reply", reply::hold),
    ("settings", settings::hold),
    ("signature", signature::hold),
    ("story", story::hold),
    ("text", text::hold),
];

/// The first line and what follows it, as text. Inputs are written so, that people can read and write them.
fn first_line(bytes: &[u8]) -> (String, String) {
    let text = String::from_utf8_lossy(bytes);
    match text.split_once('\n') {
        Some((first, rest)) => (first.to_owned(), rest.to_owned()),
        None => (text.into_owned(), String::new()),
    }
}

fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// Fit for a log and a terminal: one line, and nothing that moves the cursor.
fn one_plain_line(said: &str) {
    assert!(!said.chars().any(char::is_control), "control characters in {said:?}");
}

/// Seven digits in a row may be somebody's number.
fn without_numbers(said: &str) {
    let longest = said.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or_default();
    assert!(longest < 7, "a number is shown in {said:?}");
}
