//! `bazgasht preview`: each text as the buyer gets it, with what it costs.

use std::io::Write;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use super::files::{self, Files};
use super::terminal::{self, Ink, paint};
use crate::campaign::check::CheckContext;
use crate::campaign::model::{Campaign, Campaigns, Step, Trigger};
use crate::campaign::wording::Trial;
use crate::document::list;
use crate::money::{Style, say, say_rial};
use crate::render::compose::Composed;
use crate::render::parts::Encoding;
use crate::render::samples::SampleKind;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bazgasht preview                                the campaigns that are on, for a usual buyer
  bazgasht preview --all                          those that are off, too
  bazgasht preview abandoned-cart --who all       one campaign, for a usual, a long and a short name
  bazgasht preview --campaigns next.toml          campaigns that do not run yet")]
pub struct PreviewArgs {
    /// Only this campaign, by its id
    pub campaign: Option<String>,
    /// Also the campaigns that are off
    #[arg(long, conflicts_with = "campaign")]
    pub all: bool,
    /// For which made-up buyer: one with long names and large sums, one of whom little is known, or a usual one
    #[arg(long, value_enum, default_value_t = Who::Usual)]
    pub who: Who,
    #[command(flatten)]
    pub files: Files,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Who {
    Usual,
    Longest,
    Shortest,
    All,
}

impl Who {
    const fn kinds(self) -> &'static [SampleKind] {
        match self {
            Who::Usual => &[SampleKind::Usual],
            Who::Longest => &[SampleKind::Longest],
            Who::Shortest => &[SampleKind::Shortest],
            Who::All => &[SampleKind::Usual, SampleKind::Longest, SampleKind::Shortest],
        }
    }
}

/// Runs it. Exit codes as everywhere.
///
/// # Errors
/// Files that cannot be read, and a campaign that is not there.
pub fn run(args: &PreviewArgs, out: &mut dyn Write) -> Result<u8> {
    let Some(rules) = files::load(&args.files, out)? else { return Ok(1) };
    let chosen = chosen(&rules.campaigns, args)?;
    let shown = chosen.len();
    let context = CheckContext { settings: &rules.settings, told: None };
    let trial = Trial::new(&rules.campaigns, &context);
    let colours = terminal::colours();
    for campaign in chosen {
        let off = if campaign.enabled { "" } else { " (not enabled)" };
        writeln!(out, "{}{off}", paint(colours, Ink::Bold, &format!("{}: {}", campaign.id, campaign.name)))?;
        let texts = campaign.steps.iter().flat_map(Step::variants).filter(|(_, step)| step.text.is_some());
        for (_, step) in texts {
            for kind in args.who.kinds() {
                writeln!(out, "\n  {}", paint(colours, Ink::Dim, &heading(campaign, step, *kind)))?;
                match trial.text(*kind, campaign, step) {
                    Ok(composed) => bubble(&composed, colours, out)?,
                    Err(error) => writeln!(
                        out,
                        "  {}",
                        paint(colours, Ink::Yellow, &format!("not sent to this person: {error}"))
                    )?,
                }
            }
        }
        writeln!(out)?;
    }
    if let (None, off @ 1..) = (&args.campaign, rules.campaigns.list.len() - shown) {
        writeln!(
            out,
            "{off} more campaigns are off: bazgasht preview --all shows them, bazgasht campaigns lists them"
        )?;
    }
    Ok(0)
}

fn chosen<'c>(campaigns: &'c Campaigns, args: &PreviewArgs) -> Result<Vec<&'c Campaign>> {
    let Some(id) = args.campaign.as_deref() else {
        // Where none is on, somebody is still writing.
        let all = args.all || campaigns.enabled().next().is_none();
        return Ok(campaigns.list.iter().filter(|campaign| all || campaign.enabled).collect());
    };
    match campaigns.get(id) {
        Some(campaign) => Ok(vec![campaign]),
        None => bail!(
            "campaign {id:?} is not in the file: there are {}",
            list(campaigns.list.iter().map(|c| c.id.as_str()))
        ),
    }
}

fn heading(campaign: &Campaign, step: &Step, kind: SampleKind) -> String {
    let since = since(&campaign.trigger);
    let whom = match kind {
        SampleKind::Usual => "",
        SampleKind::Longest => ", for long names and large sums",
        SampleKind::Shortest => ", for somebody of whom little is known",
    };
    format!("{}, {} {since}{whom}", step.key, step.time)
}

/// From when its delays run.
fn since(trigger: &Trigger) -> String {
    match trigger {
        Trigger::CartAbandoned { .. } | Trigger::CheckoutLeft { .. } => "the last act on the basket".to_owned(),
        Trigger::PaymentFailed { .. } => "the payment failed".to_owned(),
        Trigger::OrderStatus { statuses } => format!("the order is {}", statuses.join(" or ")),
        Trigger::OrderShipping { state } => format!("the parcel is {state}"),
        Trigger::ProductViewed { .. } => "the last look at the product".to_owned(),
        Trigger::PageViewed { page, .. } => format!("the last look at {page}"),
        Trigger::SignUp => "the sign-up".to_owned(),
        Trigger::ReviewWritten => "the review".to_owned(),
        Trigger::BackInStock => "the product is back".to_owned(),
        Trigger::PriceDrop { .. } => "the price dropped".to_owned(),
        Trigger::LowStock { .. } => "the product ran low".to_owned(),
        Trigger::SegmentEntered { segment, .. } => format!("coming into {segment}"),
        Trigger::SegmentLeft { segment, .. } => format!("leaving {segment}"),
        Trigger::Quiet { length, .. } => format!("{length} without a purchase"),
        Trigger::NoReaction { length, .. } => format!("{length} without a reaction"),
        Trigger::Repurchase { .. } => "it is time to buy again".to_owned(),
        Trigger::Birthday => "the birthday".to_owned(),
        Trigger::Anniversary { .. } => "the anniversary".to_owned(),
        Trigger::Date { .. } => "the day".to_owned(),
        Trigger::SubscriptionRenewal => "the subscription's end".to_owned(),
        Trigger::Broadcast { .. } => "the broadcast's moment".to_owned(),
        Trigger::Event { name } => format!("the event {name}"),
        Trigger::EnteredBy => "another campaign led here".to_owned(),
    }
}

/// No right border: terminals disagree about the width and direction of Persian lines.
fn bubble(composed: &Composed, colours: bool, out: &mut dyn Write) -> Result<()> {
    let border = |sign: &str| paint(colours, Ink::Dim, sign);
    writeln!(out, "  {}", border("┌"))?;
    for line in composed.text.lines() {
        writeln!(out, "  {} {line}", border("│"))?;
    }
    for (token, value) in composed.tokens.iter().flatten() {
        writeln!(out, "  {} %{token}: {value}", border("├"))?;
    }
    writeln!(out, "  {}", border(&format!("└ {}", cost(composed))))?;
    Ok(())
}

fn cost(composed: &Composed) -> String {
    let parts = &composed.parts;
    let encoding = match parts.encoding {
        Encoding::Gsm7 => "GSM-7",
        Encoding::Ucs2 => "UCS-2",
    };
    let plural = if parts.parts == 1 { "" } else { "s" };
    let price = match composed.price.minor {
        0 => "free".to_owned(),
        _ => say_rial(composed.price, Style::Latin).unwrap_or_else(|| say(composed.price, Style::Latin)),
    };
    format!(
        "{} part{plural} ({encoding}) · {} characters, {} left · {price}",
        parts.parts, parts.units, parts.left_in_part
    )
}
