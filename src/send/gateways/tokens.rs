//! What a provider lets into the tokens of its templates, for `check`.

/// How a provider names the tokens of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// These and no others, each with the number of spaces that its value may have.
    Fixed(&'static [(&'static str, usize)]),
    /// Whatever the template's author chose.
    Free,
    /// By their place: `0`, `1`, …
    Positional,
}

/// A provider's limits on the tokens of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenRules {
    /// How many tokens a template may have; `None`: no limit is known.
    pub most: Option<usize>,
    /// How long a value may be, in UTF-16 units; `None`: no limit is known.
    pub longest: Option<usize>,
    pub names: Names,
    /// What a code or link in a token must not hold.
    pub forbidden: &'static [char],
    /// A value may be a link.
    pub links: bool,
}

impl TokenRules {
    /// No limit at all.
    pub const ANY: TokenRules =
        TokenRules { most: None, longest: None, names: Names::Free, forbidden: &[], links: true };
}
