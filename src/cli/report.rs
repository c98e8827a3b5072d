//! `bazgasht report`: what was sent, what it cost, and what came back.

use std::io::Write;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use super::files::{self, Files};
use super::terminal;
use super::tongue::Tongue;
use crate::campaign::model::Language;
use crate::clock::{At, Clock};
use crate::measure::reports::{self, Say};
use crate::measure::{people, period};
use crate::rules::Rules;
use crate::state::world::World;
use crate::store::{SqlWorld, db};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Table,
    /// For programs: the same as GET /v1/reports/summary
    Json,
    /// For spreadsheets, a line for each step
    Csv,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Of {
    /// Messages, clicks, orders and money, by campaign and step
    #[default]
    Campaigns,
    /// Segments, buyers by RFM with their moves, points
    People,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bazgasht report                                   the last 30 days
  bazgasht report --since 7d                        the last 7 days
  bazgasht report --since 1405-07-01 --until 1405-07-30
                                                    Mehr 1405, both days included
  bazgasht report --campaign cart --format csv      one campaign, for a spreadsheet
  bazgasht report --since all --format json         everything, for a program
  bazgasht report people                            segments, buyers by RFM, points

Orders stand in three columns that are never added up: a code from the text was used; a link
was followed; the text was only delivered and the same number ordered within a day. Each order
counts once, on its best evidence.")]
pub struct ReportArgs {
    /// What of: the campaigns, or the people (segments, buyers by RFM, points)
    #[arg(value_enum, default_value_t)]
    pub of: Of,
    #[command(flatten)]
    pub files: Files,
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// From when: a length of time (7d, 24h), a day (2026-11-22, 1405-09-01), or 'all'
    #[arg(long, value_name = "WHEN", default_value = "30d")]
    pub since: String,
    /// Up to when, a day included; without it: now
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// This campaign only, by its id
    #[arg(long, value_name = "ID")]
    pub campaign: Option<String>,
    /// With --format csv: the arms and hold-outs instead of the steps
    #[arg(long)]
    pub arms: bool,
    /// Language of the table; without it: that of the campaigns' file
    #[arg(long, value_enum)]
    pub language: Option<Tongue>,
}

/// Reads the files and prints the report. Exit codes as everywhere.
///
/// # Errors
/// When the database cannot be read.
pub fn run(args: &ReportArgs, clock: &dyn Clock, out: &mut dyn Write) -> Result<u8> {
    let Some(rules) = files::load(&args.files, out)? else { return Ok(1) };
    report(args, &rules, clock.now(), terminal::colours(), out)
}

/// Prints the report. 2 when a period or campaign is not one.
///
/// # Errors
/// When the database cannot be read.
pub fn report(args: &ReportArgs, rules: &Rules, now: At, colour: bool, out: &mut dyn Write) -> Result<u8> {
    let mut conn = db::open_reader(&rules.settings.database).context("no figures can be read")?;
    // One moment of the database for all figures.
    let conn = conn.transaction()?;
    let zone = rules.shop_view(SqlWorld::new(&conn).shop()?.as_ref()).timezone;
    let period = match period::read(&args.since, args.until.as_deref(), zone, now) {
        Ok(period) => period,
        Err(problem) => {
            writeln!(out, "{problem:#}")?;
            return Ok(2);
        }
    };
    let language = args.language.map_or(rules.campaigns.language, Language::from);
    if args.of == Of::People {
        let report = people::gather(&conn, &rules.campaigns, period, now)?;
        match args.format {
            Format::Table => write!(out, "{}", report.table(Say { language, zone, colour }))?,
            Format::Json => writeln!(out, "{:#}", report.json())?,
            Format::Csv => write!(out, "{}", report.csv())?,
        }
        return Ok(0);
    }
    let report = reports::gather(&conn, &rules.campaigns, args.campaign.as_deref(), period, now)?;
    if let Some(id) = args.campaign.as_deref().filter(|_| report.campaigns.is_empty())
        && rules.campaigns.get(id).is_none()
    {
        let known: Vec<&str> = rules.campaigns.list.iter().map(|c| c.id.as_str()).collect();
        writeln!(
            out,
            "campaign {id:?} is not in the file and has no figures in this period: expected one of {}",
            known.join(", ")
        )?;
        return Ok(2);
    }
    match args.format {
        Format::Table => {
            write!(out, "{}", report.table(Say { language, zone, colour }))?;
        }
        Format::Json => {
            writeln!(out, "{:#}", report.json())?;
        }
        Format::Csv if args.arms => write!(out, "{}", report.comparisons_csv())?,
        Format::Csv => write!(out, "{}", report.csv())?,
    }
    Ok(0)
}
