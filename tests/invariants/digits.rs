//! Any text.

use bazgasht::digits::{tidy, to_ascii, to_persian};

use super::text;

pub fn hold(bytes: &[u8]) {
    of(&text(bytes));
}

/// Tidying twice is tidying once, leaves no rubbish and no digit behind, and digits come back.
pub fn of(text: &str) {
    let tidied = tidy(text);
    assert_eq!(tidy(&tidied), tidied);
    assert_eq!(tidied.trim(), tidied);
    assert!(!tidied.contains("  ") && !tidied.contains(" \n") && !tidied.contains("\n "));
    assert!(!tidied.chars().any(|c| c.is_control() && c != '\n'));
    let digits = |text: &str| to_ascii(text).chars().filter(char::is_ascii_digit).collect::<String>();
    assert_eq!(digits(&tidied), digits(text));
    assert_eq!(to_ascii(&to_persian(text)), to_ascii(text));
    assert_eq!(tidy(&to_ascii(text)), to_ascii(&tidied), "in either order");
    assert!(tidied.chars().count() <= text.chars().count());
}
