//! `bazgasht check`: the owner's files, and everything that is wrong with them.

use std::io::Write;

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::files::{self, Files, Opened};
use super::terminal::{self, Ink, paint};
use crate::clock::Clock;
use crate::problem::render_all;
use crate::settings::model::ConsentRule;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bazgasht check                                  the files that `run` would use
  bazgasht check --campaigns next.toml            other campaigns with the same settings
  bazgasht check --json                           for editors and scripts

Everything wrong is shown at once, each with its place and a way out. Exit code 1 when there is an error; warnings alone are 0.")]
pub struct CheckArgs {
    #[command(flatten)]
    pub files: Files,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Runs it. Exit codes as everywhere.
///
/// # Errors
/// A file that cannot be read.
pub fn run(args: &CheckArgs, clock: &dyn Clock, out: &mut dyn Write) -> Result<u8> {
    let mut opened = files::open(&args.files, None)?;
    let today = clock.now().utc().date_naive();
    opened.problems.extend(opened.reach.as_ref().and_then(|reach| reach.behind(today)));
    if args.json {
        as_json(&opened, out)?;
    } else {
        for_people(&opened, out)?;
    }
    Ok(u8::from(opened.rules.is_none()))
}

fn as_json(opened: &Opened, out: &mut dyn Write) -> Result<()> {
    let (campaigns, steps) = counts(opened);
    let answer = json!({ "ok": opened.rules.is_some(), "campaigns": campaigns, "steps": steps, "problems": opened.problems,
            "consent": opened.rules.as_ref().map(|rules| named(rules.settings.consent.as_ref())) });
    writeln!(out, "{}", serde_json::to_string_pretty(&answer)?)?;
    Ok(())
}

fn for_people(opened: &Opened, out: &mut dyn Write) -> Result<()> {
    let colours = terminal::colours();
    if !opened.problems.is_empty() {
        writeln!(out, "{}\n", render_all(&opened.problems, colours))?;
    }
    let errors = opened.problems.iter().filter(|p| p.is_error()).count();
    let warnings = opened.problems.len() - errors;
    let warned = if warnings > 0 { format!(", {}", several(warnings, "warning")) } else { String::new() };
    if let Some(rules) = &opened.rules {
        let (campaigns, steps) = counts(opened);
        let enabled = rules.campaigns.enabled().count();
        let gateway = rules.settings.gateway.names().join(", then ");
        let line = format!(
            "OK: {} ({enabled} enabled), {}, gateway {gateway}{warned}",
            several(campaigns, "campaign"),
            several(steps, "step"),
        );
        writeln!(out, "{}", paint(colours, Ink::Green, &line))?;
        writeln!(out, "Consent: {}", consent(rules.settings.consent.as_ref()))?;
    } else {
        writeln!(out, "{}", paint(colours, Ink::Red, &format!("Not good: {}{warned}", several(errors, "error"))))?;
    }
    Ok(())
}

/// The rule in the file, or that there is none.
fn named(rule: Option<&ConsentRule>) -> &'static str {
    match rule {
        Some(ConsentRule::YesNeeded(_)) => "yes_needed",
        Some(ConsentRule::RefusalStops) => "refusal_stops",
        None => "as the shop says",
    }
}

/// Which rule holds for marketing texts. What the shop says is in the database, which is not looked into here.
fn consent(rule: Option<&ConsentRule>) -> &'static str {
    match rule {
        Some(ConsentRule::YesNeeded(_)) => "marketing texts go to those alone who said yes (`rule` in [consent])",
        Some(ConsentRule::RefusalStops) => "marketing texts go to all who did not say no (`rule` in [consent])",
        None => {
            "no `rule` in [consent], so the law that the shop has chosen in its bridge holds; `bazgasht doctor` says which"
        }
    }
}

fn counts(opened: &Opened) -> (usize, usize) {
    let list = opened.rules.as_ref().map(|r| r.campaigns.list.as_slice()).unwrap_or_default();
    (list.len(), list.iter().map(|c| c.steps.len()).sum())
}

fn several(n: usize, thing: &str) -> String {
    format!("{n} {thing}{}", if n == 1 { "" } else { "s" })
}
