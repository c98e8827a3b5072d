//! `bazgasht campaigns`: which campaigns there are, and switching one on or off.

use std::io::Write;

use anyhow::{Context, Result};
use clap::Args;

use super::files::{self, Files};
use super::terminal::{self, Ink, paint};
use crate::campaign::check::CheckContext;
use crate::campaign::model::{Campaign, Start, Step};
use crate::campaign::switch::{SwitchError, switch};
use crate::clock::Span;
use crate::problem::render_all;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bazgasht campaigns                              all of them: on or off, and when their texts go
  bazgasht campaigns --on welcome                 switches one on in the campaign file
  bazgasht campaigns --on abandoned-cart-slow     the same: it takes the place of the abandoned cart that is on
  bazgasht campaigns --off welcome

Only the word `enabled` is written. A running daemon follows at the next reload (systemctl reload bazgasht).")]
pub struct CampaignsArgs {
    /// Switch this campaign on, and those off that do the same
    #[arg(long, value_name = "CAMPAIGN", conflicts_with = "off")]
    pub on: Option<String>,
    /// Switch this campaign off
    #[arg(long, value_name = "CAMPAIGN")]
    pub off: Option<String>,
    #[command(flatten)]
    pub files: Files,
}

/// Runs it. Exit code 1 when nothing could be switched.
///
/// # Errors
/// A file that cannot be read or written.
pub fn run(args: &CampaignsArgs, out: &mut dyn Write) -> Result<u8> {
    match (&args.on, &args.off) {
        (Some(id), _) => turn(args, id, true, out),
        (None, Some(id)) => turn(args, id, false, out),
        (None, None) => show(args, out),
    }
}

fn show(args: &CampaignsArgs, out: &mut dyn Write) -> Result<u8> {
    let Some(rules) = files::load(&args.files, out)? else { return Ok(1) };
    let colours = terminal::colours();
    let longest = rules.campaigns.list.iter().map(|campaign| campaign.id.len()).max().unwrap_or_default();
    for campaign in &rules.campaigns.list {
        let (mark, ink) = if campaign.enabled { ("on ", Ink::Bold) } else { ("off", Ink::Dim) };
        let line = format!("{mark}  {:longest$}  {}", campaign.id, times(campaign));
        writeln!(out, "{}  {}", paint(colours, ink, &line), campaign.name)?;
    }
    Ok(0)
}

/// When its texts go, in short.
fn times(campaign: &Campaign) -> String {
    let texts = campaign.steps.iter().filter(|step| step.text.is_some());
    texts.map(short).collect::<Vec<_>>().join(", ")
}

fn short(step: &Step) -> String {
    let hour = step.time.at.map(|at| at.format("%H:%M").to_string());
    let start = match step.time.start {
        Start::After(Span::ZERO) if hour.is_some() => String::new(),
        Start::After(Span::ZERO) => "at once".to_owned(),
        Start::After(span) => span.to_string(),
        Start::Before(span) => format!("-{span}"),
        Start::Wait(Span::ZERO) => "then".to_owned(),
        Start::Wait(span) => format!("then {span}"),
        Start::Day(day) => day.to_string(),
    };
    [start, hour.unwrap_or_default()].join(" ").trim().to_owned()
}

fn turn(args: &CampaignsArgs, id: &str, on: bool, out: &mut dyn Write) -> Result<u8> {
    let opened = files::open(&args.files, None)?;
    let (Some(path), Some(settings)) = (&opened.campaigns, &opened.settings) else {
        writeln!(out, "there is no campaign file of your own to write to: bazgasht init makes one")?;
        return Ok(1);
    };
    let name = path.display().to_string();
    let source = std::fs::read_to_string(path).with_context(|| format!("campaigns {name} cannot be read"))?;
    let switched = match switch(&name, &source, id, on, &CheckContext { settings, told: None }) {
        Ok(switched) => switched,
        Err(SwitchError::Unknown { id }) => {
            writeln!(out, "campaign {id:?} is not in {name}: bazgasht campaigns lists those that are")?;
            return Ok(1);
        }
        Err(SwitchError::Wrong(problems)) => {
            writeln!(out, "{}\nnothing was written: mend the file first", render_all(&problems, terminal::colours()))?;
            return Ok(1);
        }
    };
    if switched.changed.is_empty() {
        writeln!(out, "{id} is {} already", if on { "on" } else { "off" })?;
        return Ok(0);
    }
    std::fs::write(path, &switched.source).with_context(|| format!("campaigns {name} cannot be written"))?;
    for (changed, on) in &switched.changed {
        let why = if changed == id { "" } else { ", as it does the same" };
        writeln!(out, "{changed} is {} now{why}", if *on { "on" } else { "off" })?;
    }
    writeln!(
        out,
        "\nread its texts:                   bazgasht preview {id}\n\
         what it would have sent so far:   bazgasht simulate\n\
         a running daemon follows with:    systemctl reload bazgasht"
    )?;
    Ok(0)
}
