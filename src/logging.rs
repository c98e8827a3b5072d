//! The log: for people on a terminal, as JSON lines under a service manager. `BAZGASHT_LOG` chooses how much.
//!
//! A message says what happened, its fields say of what, with dotted names (`message.id`, `gateway.name`). Never logged: numbers,
//! names, texts, bodies, secrets, tokens, query strings, slugs.

use std::io::IsTerminal;

use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;

/// What the filter is read from, such as `debug` or `bazgasht::send=debug,info`.
pub const VARIABLE: &str = "BAZGASHT_LOG";
/// The migrations' crate tells of each step with the path of its own source.
const USUAL: &str = "info,rusqlite_migration=warn";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Times, levels and colours.
    Terminal,
    /// No times and colours: whoever reads the pipe adds its own.
    Plain,
    /// One object a line; the journal keeps the time.
    Json,
}

impl Form {
    /// The form for standard error as it is now. systemd sets `JOURNAL_STREAM` for what it reads itself.
    #[must_use]
    pub fn of_stderr() -> Form {
        if std::env::var_os("JOURNAL_STREAM").is_some() {
            Form::Json
        } else if std::io::stderr().is_terminal() {
            Form::Terminal
        } else {
            Form::Plain
        }
    }
}

/// Starts logging to standard error; once in a process.
///
/// # Errors
/// When `BAZGASHT_LOG` is no filter.
pub fn init(form: Form) -> Result<()> {
    let filter = match std::env::var(VARIABLE) {
        Ok(text) if !text.is_empty() => EnvFilter::try_new(&text).with_context(|| {
            format!("{VARIABLE} is {text:?}, expected a filter such as debug or bazgasht::send=debug,info")
        })?,
        _ => EnvFilter::new(USUAL),
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // A standard error that cannot be written must not be told of there: that would be a panic.
        .log_internal_errors(false);
    let started = match form {
        Form::Terminal => log.with_target(false).try_init(),
        Form::Plain => log.with_target(false).with_ansi(false).try_init(),
        Form::Json => log.json().flatten_event(true).without_time().try_init(),
    };
    started.map_err(|e| anyhow::anyhow!("logging cannot be started: {e}"))
}
