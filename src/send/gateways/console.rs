//! The free gateway: prints each SMS as the phone would show it, and sends nothing.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};

use crate::money::{Currency, Money};
use crate::send::gateway::{Abilities, Answer, Body, Delivery, Gateway, Outgoing, Receipt, Refusal, Soon, Trouble};

/// Where the console gateway prints to.
pub type Screen = Arc<Mutex<dyn Write + Send>>;

/// Says what a text would cost a real line, such as `2 parts · 93 characters`.
pub type Footer = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// Prints messages as bubbles:
///
/// ```text
///   ┌ Shop → •••67
///   │ سلام سارا، سبد خریدت منتظر است
///   └ 1 part · 30 characters
/// ```
///
/// There is no right border: terminals disagree about the width and direction of Persian lines, and the text must stay as it is.
pub struct Console {
    screen: Screen,
    sender: String,
    currency: Currency,
    footer: Footer,
    colour: bool,
}

impl Console {
    /// Prints without colour to `screen`; costs are zero of `currency`.
    #[must_use]
    pub fn new(screen: Screen, currency: Currency) -> Self {
        Self {
            screen,
            sender: "SMS".to_owned(),
            currency,
            footer: Arc::new(|text| format!("{} characters", text.chars().count())),
            colour: false,
        }
    }

    /// Prints to standard output, in colour where that is a terminal and `NO_COLOR` is not set.
    #[must_use]
    pub fn stdout(currency: Currency) -> Self {
        let colour =
            std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self { colour, ..Self::new(Arc::new(Mutex::new(std::io::stdout())), currency) }
    }

    /// The line or name that the phone shows above the text.
    #[must_use]
    pub fn with_sender(mut self, sender: impl Into<String>) -> Self {
        self.sender = sender.into();
        self
    }

    /// What stands under each text.
    #[must_use]
    pub fn with_footer(mut self, footer: Footer) -> Self {
        self.footer = footer;
        self
    }

    fn bubble(&self, message: &Outgoing) -> String {
        let (bold, dim, plain) = if self.colour { ("\x1b[1m", "\x1b[2m", "\x1b[0m") } else { ("", "", "") };
        let (text, footer) = match &message.body {
            Body::Text(text) => (printable(text), (self.footer)(text)),
            Body::Template { name, tokens } => (
                tokens
                    .iter()
                    .map(|(token, value)| format!("%{token}: {}", printable(value)))
                    .collect::<Vec<_>>()
                    .join("\n"),
                format!("template {}", printable(name)),
            ),
        };
        let mut bubble =
            format!("  {dim}┌{plain} {bold}{}{plain} {dim}→ {}{plain}\n", printable(&self.sender), message.to.masked());
        for line in text.split('\n') {
            let _ = writeln!(bubble, "  {dim}│{plain} {line}");
        }
        let _ = writeln!(bubble, "  {dim}└ {footer}{plain}\n");
        bubble
    }

    fn print(&self, bubble: &str) -> std::io::Result<()> {
        let mut screen = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
        screen.write_all(bubble.as_bytes())?;
        screen.flush()
    }
}

/// Names and products come from outside: an escape sequence in one must not reach the terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

impl Gateway for Console {
    fn name(&self) -> &'static str {
        "console"
    }

    fn abilities(&self) -> Abilities {
        Abilities { templates: true, ..Abilities::SEND_ONLY }
    }

    fn send<'a>(&'a self, message: &'a Outgoing) -> Soon<'a, Answer> {
        Box::pin(async move {
            match self.print(&self.bubble(message)) {
                Ok(()) => Answer::Accepted(Receipt {
                    gateway_id: format!("console-{}", message.reference),
                    cost: Some(Money { minor: 0, currency: self.currency }),
                    state: Delivery::Delivered,
                }),
                Err(error) => Answer::Refused(Refusal::Later {
                    after: None,
                    why: format!("console cannot be written to: {error}"),
                }),
            }
        })
    }

    fn balance(&self) -> Soon<'_, Result<Option<Money>, Trouble>> {
        Box::pin(async { Ok(None) })
    }
}
