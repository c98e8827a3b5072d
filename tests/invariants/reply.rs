//! What somebody wrote back.

use bazgasht::digits;
use bazgasht::send::replies::asks_to_stop;

use super::text;

pub fn hold(bytes: &[u8]) {
    of(&text(bytes));
}

/// A no is a no in every script, case and dress.
pub fn of(reply: &str) {
    let no = asks_to_stop(reply);
    let arabic: String =
        reply.chars().map(|c| c.to_digit(10).and_then(|d| char::from_u32(u32::from('٠') + d)).unwrap_or(c)).collect();
    for (how, same) in [
        ("tidied", digits::tidy(reply)),
        ("in ASCII digits", digits::to_ascii(reply)),
        ("in Persian digits", digits::to_persian(reply)),
        ("in Arabic digits", arabic),
        ("shouted", reply.to_ascii_uppercase()),
        ("whispered", reply.to_ascii_lowercase()),
        ("quoted", format!("«{reply}»")),
        ("with marks around", format!("\u{200F} {reply}.\n\u{202C}")),
    ] {
        assert_eq!(asks_to_stop(&same), no, "{how}: {same:?}");
    }
}
