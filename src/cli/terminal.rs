//! What a terminal may get and a pipe may not: colours and progress.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Whether standard output takes colours: a terminal, and `NO_COLOR` is not set.
#[must_use]
pub fn colours() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// Progress on standard error, on terminals only. `total` of 0: not known.
#[must_use]
pub fn progress(total: u64, what: &'static str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target((total > 0).then_some(total), ProgressDrawTarget::stderr());
    let style =
        if total > 0 { "{msg} {wide_bar} {pos}/{len} ({per_sec})" } else { "{msg} {spinner} {pos} ({per_sec})" };
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar.with_message(what)
}

#[derive(Debug, Clone, Copy)]
pub enum Ink {
    Bold,
    Dim,
    Green,
    Yellow,
    Red,
}

/// `text` in this ink when `on`, else as it is.
#[must_use]
pub fn paint(on: bool, ink: Ink, text: &str) -> String {
    if !on {
        return text.to_owned();
    }
    let code = match ink {
        Ink::Bold => "1",
        Ink::Dim => "2",
        Ink::Green => "32",
        Ink::Yellow => "33",
        Ink::Red => "31",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}
