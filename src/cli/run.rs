//! `bazgasht run`: the daemon.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Args;

use super::files::{self, Files};
use super::terminal;
use crate::clock::{Clock, SystemClock};
use crate::daemon::machine::Machine;
use crate::daemon::start::{Load, Start, gateways, start};
use crate::daemon::{Orders, Problems};
use crate::ids::SystemChance;
use crate::logging::{self, Form};
use crate::measure::served;
use crate::problem::{any_error, render_all};
use crate::rules::Rules;
use crate::state::model::Shop;

/// Threads that answer requests; the database's writer has its own.
const THREADS: usize = 2;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bazgasht run                                  bazgasht.toml of this folder; without one: built-in campaigns, nothing is sent
  bazgasht run --config /etc/bazgasht/bazgasht.toml

Signals: SIGHUP reads both files anew, SIGTERM or Ctrl-C stops in order, a second one at once.
BAZGASHT_LOG=debug says more.")]
pub struct RunArgs {
    #[command(flatten)]
    pub files: Files,
    /// Listen here, whatever the settings say
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
}

/// Runs until it is told to stop.
///
/// # Errors
/// What kept it from starting or ended it.
pub fn run(args: &RunArgs, out: &mut dyn Write) -> Result<u8> {
    logging::init(Form::of_stderr())?;
    let opened = files::open(&args.files, None)?;
    if !opened.problems.is_empty() {
        writeln!(out, "{}", render_all(&opened.problems, terminal::colours()))?;
    }
    // Wrong use, which starting again does not mend: the service manager leaves it.
    let Some(rules) = opened.rules.filter(|_| !any_error(&opened.problems)) else { return Ok(2) };
    if opened.config.is_none() {
        tracing::warn!(
            database = %std::path::absolute(&rules.settings.database).unwrap_or_default().display(),
            "no bazgasht.toml in this folder and no --config: running without settings, nothing is sent"
        );
    }
    let mut settings = rules.settings;
    if let Some(listen) = args.listen {
        settings.listen = listen;
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let telling = Arc::clone(&clock);
    let beginning = Start {
        gateways: Box::new(|used, callbacks| gateways(used, Some(callbacks))),
        settings,
        load: load(args.files.clone(), args.listen),
        clock,
        chance: Arc::new(SystemChance),
        machine: Machine::this(),
        reports: Box::new(|readers, rules| served::reports(readers, rules, telling)),
        ready: Box::new(|_| {}),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .thread_name("bazgasht")
        .enable_all()
        .build()
        .context("threads cannot be started")?;
    runtime.block_on(async { start(beginning, Orders::from_signals()?).await })?;
    Ok(0)
}

/// Both files from the disk, or what is wrong with them, one problem a line.
fn load(files: Files, listen: Option<SocketAddr>) -> Load {
    Box::new(move |told: Option<&Shop>| -> Result<Rules, Problems> {
        let opened = files::open(&files, told).map_err(|e| vec![format!("{e:#}")])?;
        let errors =
            || -> Problems { opened.problems.iter().filter(|p| p.is_error()).map(ToString::to_string).collect() };
        let mut rules = opened.rules.ok_or_else(errors)?;
        if let Some(listen) = listen {
            rules.settings.listen = listen;
        }
        Ok(rules)
    })
}
