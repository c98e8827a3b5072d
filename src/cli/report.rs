//! `bazgasht report`: what was sent, what it cost, and what came back.

use std::io::Write;

use anyhow::{Context, Result, bail};
use chrono::NaiveDate;
use chrono_tz::Tz;
use clap::{Args, ValueEnum};

use super::files::{self, Files};
use super::terminal;
use crate::campaign::model::Language;
use crate::clock::{At, Clock, Span};
use crate::digits;
use crate::jalali::{self, Jalali};
use crate::measure::figures::Period;
use crate::measure::reports::{self, Say};
use crate::rules::Rules;
use crate::schedule::hours;
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Tongue {
    Fa,
    En,
}

impl From<Tongue> for Language {
    fn from(tongue: Tongue) -> Language {
        match tongue {
            Tongue::Fa => Language::Persian,
            Tongue::En => Language::English,
        }
    }
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

Orders stand in three columns that are never added up: a code from the text was used; a link
was followed; the text was only delivered and the same number ordered within a day. Each order
counts once, on its best evidence.")]
pub struct ReportArgs {
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
    let period = match period(&args.since, args.until.as_deref(), zone, now) {
        Ok(period) => period,
        Err(problem) => {
            writeln!(out, "{problem:#}")?;
            return Ok(2);
        }
    };
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
            let language = args.language.map_or(rules.campaigns.language, Language::from);
            write!(out, "{}", report.table(Say { language, zone, colour }))?;
        }
        Format::Json => {
            writeln!(out, "{:#}", report.json())?;
        }
        Format::Csv => write!(out, "{}", report.csv())?,
    }
    Ok(0)
}

/// Reads `--since` and `--until`. Days are the shop's, Gregorian or Jalali; the day of `until` is part of the period.
///
/// # Errors
/// Which of the two is not understood, and what may stand there.
pub fn period(since: &str, until: Option<&str>, zone: Tz, now: At) -> Result<Period> {
    let since = match moment(since, zone, now).context("--since")? {
        Moment::Always => Period::EVER.since,
        Moment::At(t) => t,
        Moment::Day(day) => hours::day_start(zone, noon(zone, day)),
    };
    let until = match until {
        None => Period::EVER.until,
        Some(text) => match moment(text, zone, now).context("--until")? {
            Moment::Always => Period::EVER.until,
            Moment::At(t) => t,
            Moment::Day(day) => hours::next_day_start(zone, noon(zone, day)),
        },
    };
    if until <= since {
        bail!("--until lies before --since: the period is empty");
    }
    Ok(Period { since, until })
}

enum Moment {
    Always,
    At(At),
    Day(NaiveDate),
}

fn moment(text: &str, zone: Tz, now: At) -> Result<Moment> {
    let text = digits::to_ascii(text.trim()).replace('/', "-");
    if text == "all" {
        return Ok(Moment::Always);
    }
    if text == "today" {
        return Ok(Moment::Day(now.utc().with_timezone(&zone).date_naive()));
    }
    if text.matches('-').count() == 2 {
        return day(&text)
            .map(Moment::Day)
            .with_context(|| format!("{text:?} is no day: expected one such as 2026-11-22 or 1405-09-01"));
    }
    match text.parse::<Span>() {
        Ok(span) => Ok(Moment::At(now.minus(span))),
        Err(problem) => bail!(
            "{text:?} is neither a day such as 2026-11-22 or 1405-09-01 nor a length of time such as 7d: {problem}"
        ),
    }
}

fn day(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split('-');
    let (year, month, day) =
        (parts.next()?.parse::<i32>().ok()?, parts.next()?.parse::<u8>().ok()?, parts.next()?.parse::<u8>().ok()?);
    // Nobody asks a shop for the figures of the year 1405 after Christ.
    if (1300..1600).contains(&year) {
        return jalali::to_date(Jalali { year, month, day });
    }
    NaiveDate::from_ymd_opt(year, u32::from(month), u32::from(day))
}

/// A moment that surely lies within the day, whatever its clocks do at night.
fn noon(zone: Tz, day: NaiveDate) -> At {
    use chrono::TimeZone;
    let naive = day.and_hms_opt(12, 0, 0).unwrap_or_default();
    At(zone
        .from_local_datetime(&naive)
        .earliest()
        .map_or_else(|| naive.and_utc().timestamp_millis(), |t| t.timestamp_millis()))
}

#[cfg(test)]
mod tests {
    use chrono_tz::Asia::Tehran;

    use super::*;

    // 2026-11-22 10:00 in Tehran.
    const NOW: At = At(1_795_329_000_000);

    fn said(since: &str, until: Option<&str>) -> String {
        match period(since, until, Tehran, NOW) {
            Ok(p) => format!("{} … {}", p.since.rfc3339(), p.until.rfc3339()),
            Err(e) => format!("{e:#}"),
        }
    }

    #[test]
    fn periods_read_as_owners_write_them() {
        assert_eq!(said("2026-11-20", Some("2026-11-21")), "2026-11-19T20:30:00Z … 2026-11-21T20:30:00Z");
        assert_eq!(said("1405-08-29", Some("۱۴۰۵/۰۸/۳۰")), "2026-11-19T20:30:00Z … 2026-11-21T20:30:00Z");
        assert_eq!(said("7d", Some("1d")), "2026-11-15T06:30:00Z … 2026-11-21T06:30:00Z");
        assert_eq!(said("1d", Some("7d")), "--until lies before --since: the period is empty");
        assert_eq!(
            said("2026-13-01", None),
            "--since: \"2026-13-01\" is no day: expected one such as 2026-11-22 or 1405-09-01"
        );
        assert_eq!(
            said("soon", None),
            "--since: \"soon\" is neither a day such as 2026-11-22 or 1405-09-01 nor a length of time such as 7d: a length of time \
             starts with a number, such as 45m, 24h or 7 days"
        );
        assert_eq!(period("all", None, Tehran, NOW).unwrap(), Period::EVER);
    }
}
