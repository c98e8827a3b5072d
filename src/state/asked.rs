//! A question that a text put, as it stands with the way.

use serde::{Deserialize, Serialize};

use crate::clock::At;

/// A question to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// When its text was handed over; none: it still waits to be, or never went.
    pub asked: Option<At>,
    /// Until when the way waits: for the text to go out, then for the answer.
    pub until: At,
    /// The answer's label, or [`OTHER`](crate::campaign::answers::OTHER).
    pub answer: Option<String>,
    pub answered: Option<At>,
}

impl Asked {
    /// The text may go out until `expires`.
    #[must_use]
    pub fn planned(expires: At) -> Asked {
        Asked { asked: None, until: At(expires.0.saturating_add(1)), answer: None, answered: None }
    }
}
