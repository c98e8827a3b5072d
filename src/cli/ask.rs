//! Questions to whoever sits at the terminal.

use std::io::{BufRead, IsTerminal, Write};

/// Asks on the terminal and waits for `y`, `yes` or `بله`; anything else is a no. `None` when there is no terminal.
pub fn on_terminal(question: &str) -> Option<bool> {
    let input = std::io::stdin();
    if !input.is_terminal() || !std::io::stderr().is_terminal() {
        return None;
    }
    let mut screen = std::io::stderr();
    write!(screen, "{question} [y/N] ").and_then(|()| screen.flush()).ok()?;
    let mut answer = String::new();
    input.lock().read_line(&mut answer).ok()?;
    Some(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "بله" | "ب"))
}
