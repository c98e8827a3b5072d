//! `bazgasht hold` and `bazgasht resume`: the owner's own brake, and the way to let it go.

use std::io::Write;

use anyhow::{Context, Result};
use clap::Args;

use super::contact::is_there;
use super::files::{self, Files};
use crate::clock::{At, Clock};
use crate::ids::Chance;
use crate::rules::Rules;
use crate::send::behind;
use crate::state::model::{Hold, HoldScope};
use crate::state::world::World;
use crate::store::{SqlWorld, Writer, db, home, reload};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bazgasht hold --why 'the shop is closed for stocktaking'
  bazgasht hold campaign:abandoned-cart --why 'wrong price in the text'
  bazgasht resume                        what is held, since when and why
  bazgasht resume all

Works while the daemon runs: it is seen before the next text. Nothing is lost while it lasts; what is too
late afterwards is not sent.")]
pub struct HoldArgs {
    #[command(flatten)]
    pub files: Files,
    /// all, or campaign:ID
    #[arg(default_value = "all")]
    pub scope: String,
    /// For whoever finds it held: `doctor` and wp-admin show it
    #[arg(long, value_name = "TEXT")]
    pub why: String,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bazgasht resume                        what is held, since when and why
  bazgasht resume all
  bazgasht resume campaign:abandoned-cart

After a move to another machine `resume all` also makes this the database's home; after a restored backup it drops what
waited in it, since that may have been sent already.")]
pub struct ResumeArgs {
    #[command(flatten)]
    pub files: Files,
    /// What to let go; without it: lists what is held
    pub scope: Option<String>,
}

/// Reads the files and holds. Exit codes as everywhere.
///
/// # Errors
/// When the database cannot be written.
pub async fn run_hold(args: &HoldArgs, clock: &dyn Clock, chance: &dyn Chance, out: &mut dyn Write) -> Result<u8> {
    let Some(rules) = files::load_for_people(&args.files, out)? else { return Ok(1) };
    hold(args, &rules, clock.now(), chance, out).await
}

/// Reads the files and lets go, or lists. Exit codes as everywhere.
///
/// # Errors
/// When the database cannot be written.
pub async fn run_resume(args: &ResumeArgs, clock: &dyn Clock, chance: &dyn Chance, out: &mut dyn Write) -> Result<u8> {
    let Some(rules) = files::load_for_people(&args.files, out)? else { return Ok(1) };
    resume(args, &rules, clock.now(), chance, out).await
}

/// Stops everything, or one campaign, until somebody lets it go.
///
/// # Errors
/// When the database cannot be written.
pub async fn hold(args: &HoldArgs, rules: &Rules, now: At, chance: &dyn Chance, out: &mut dyn Write) -> Result<u8> {
    let scope = match args.scope.parse::<HoldScope>() {
        Ok(HoldScope::Gateway(..)) | Err(_) => {
            writeln!(out, "{:?} is nothing that you can hold: expected all, or campaign:ID", args.scope)?;
            return Ok(2);
        }
        Ok(HoldScope::Campaign(id)) if rules.campaigns.get(&id).is_none() => {
            let known: Vec<&str> = rules.campaigns.list.iter().map(|c| c.id.as_str()).collect();
            writeln!(out, "no campaign has the id {id:?}: there are {}", known.join(", "))?;
            return Ok(2);
        }
        Ok(scope) => scope,
    };
    let why = args.why.trim();
    if why.is_empty() {
        writeln!(out, "--why is empty: say why, for whoever finds it held")?;
        return Ok(2);
    }
    let hold = Hold { scope: scope.clone(), why: why.to_owned(), since: now, until: None };
    write(rules, chance, move |world| world.put_hold(&hold)).await.context("the hold is not stored")?;
    writeln!(out, "{scope} is held: {}. `bazgasht resume {scope}` lets it go.", stopped(&scope))?;
    Ok(0)
}

fn stopped(scope: &HoldScope) -> &'static str {
    match scope {
        HoldScope::All => "no text goes out, and nothing is lost",
        HoldScope::Campaign(_) | HoldScope::Gateway(..) => "none of its texts goes out, and nothing is lost",
    }
}

/// Lets a hold go, or lists what is held. 1 when there is no such hold.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn resume(args: &ResumeArgs, rules: &Rules, now: At, chance: &dyn Chance, out: &mut dyn Write) -> Result<u8> {
    is_there(&rules.settings.database)?;
    let Some(scope) = &args.scope else { return list(rules, now, out) };
    let scope: HoldScope = match scope.parse() {
        Ok(scope) => scope,
        Err(problem) => {
            writeln!(out, "{problem}")?;
            return Ok(2);
        }
    };
    let (wanted, known) = (scope.clone(), rules.clone());
    let job = move |world: &mut SqlWorld<'_>| {
        let was_held = world.holds()?.iter().any(|hold| hold.scope == wanted);
        let mut dropped = None;
        if wanted == HoldScope::All
            && let Some(last) = home::behind(world.connection())?
        {
            dropped = Some(behind::drop_the_past(world, &known, last, now)?);
            home::caught_up(world.connection())?;
        }
        world.lift_hold(&wanted)?;
        let moved = wanted == HoldScope::All && home::let_settle(world.connection())?;
        // What rested because of it is not to sleep its rest out.
        reload::look_again(world.connection(), now)?;
        Ok((was_held, moved, dropped))
    };
    let (was_held, moved, dropped) = write(rules, chance, job).await.context("the hold is not lifted")?;
    if !was_held {
        writeln!(out, "{scope} was not held")?;
        return Ok(1);
    }
    writeln!(out, "{scope} goes on; a running daemon sees it within half a minute.")?;
    if let Some(dropped) = dropped {
        writeln!(out, "{dropped} texts that had waited in the backup were dropped: they may have been sent already.")?;
    }
    if moved {
        writeln!(out, "This is the database's home now. Let no other daemon run on a copy of it.")?;
    }
    Ok(0)
}

fn list(rules: &Rules, now: At, out: &mut dyn Write) -> Result<u8> {
    let conn = db::open_reader(&rules.settings.database)?;
    let holds: Vec<Hold> = SqlWorld::new(&conn).holds()?.into_iter().filter(|hold| hold.is_in_force(now)).collect();
    let zone = rules.shop_view(SqlWorld::new(&conn).shop()?.as_ref()).timezone;
    let moment = |t: At| t.utc().with_timezone(&zone).format("%Y-%m-%d %H:%M");
    if holds.is_empty() {
        writeln!(out, "nothing is held")?;
    }
    for hold in holds {
        let until = hold.until.map(|t| format!(" until {}", moment(t))).unwrap_or_default();
        writeln!(out, "{}  since {}{until}: {}", hold.scope, moment(hold.since), hold.why)?;
    }
    Ok(0)
}

/// One job in the database, beside a daemon that may be running.
async fn write<T: Send + 'static>(
    rules: &Rules,
    chance: &dyn Chance,
    job: impl FnOnce(&mut SqlWorld<'_>) -> Result<T> + Send + 'static,
) -> Result<T> {
    is_there(&rules.settings.database)?;
    let writer = Writer::start(db::open_beside(&rules.settings.database, chance)?)?;
    let done = writer.run(job).await;
    writer.stop();
    Ok(done?)
}
