//! The files that come with the program: what runs without any file, and what `init` writes.

use super::model::Language;

/// Every journey, in the owner's language; the first block of each is the reference with every key.
const PERSIAN: &str = include_str!("../../campaigns.toml");
const ENGLISH: &str = include_str!("../../campaigns.en.toml");

/// The campaigns in this language, as a file.
#[must_use]
pub const fn campaigns(language: Language) -> &'static str {
    match language {
        Language::Persian => PERSIAN,
        Language::English => ENGLISH,
    }
}
