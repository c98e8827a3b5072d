//! `bazgasht contact`: one person, by number. What is known of them, why they got what they got, and their rights.

mod show;

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::files::{self, Files};
use super::terminal;
use super::tongue::Tongue;
use super::until::until;
use crate::campaign::model::Language;
use crate::clock::{At, Clock};
use crate::flow;
use crate::ids::Chance;
use crate::measure::reports::Say;
use crate::phone::{self, Phone};
use crate::receive::event::{Event, Fact};
use crate::rules::Rules;
use crate::state::model::{MessageState, OptOut, OptOutScope};
use crate::state::people::Standings as _;
use crate::state::world::World;
use crate::store::log::{self, Appended, Incoming};
use crate::store::{Readers, SqlWorld, Writer, db, erase, figures};

/// What opt-outs by this command are said to come from.
const SOURCE: &str = "cli";
pub const TAGGED: &str = "contact.tagged";
pub const UNTAGGED: &str = "contact.untagged";

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bazgasht contact show 09120000000            why this person got a text, or did not
  bazgasht contact show +98 912 000 0000 --full --json
  bazgasht contact opt-out ۰۹۱۲۰۰۰۰۰۰۰ --reason 'asked by phone'
  bazgasht contact opt-out 09120000000 --scope marketing --until 1405-12-01
  bazgasht contact tag 09120000000 vip wholesale
  bazgasht contact untag 09120000000 vip
  bazgasht contact export 09120000000 > their-data.json
  bazgasht contact erase 09120000000

Numbers may be typed in any form, with Persian digits too. All of it works while the daemon
runs. There is no opt-in: only the person can agree to texts again, in the shop or by the link.")]
pub struct ContactArgs {
    #[command(flatten)]
    pub files: Files,
    #[command(subcommand)]
    pub what: ContactCommand,
}

#[derive(Debug, Subcommand)]
pub enum ContactCommand {
    /// Everything about a person: carts, campaigns, messages, and a line for each decision with its reason
    Show(ShowArgs),
    /// Write to this number no more, known or not; it stays so after erasing
    OptOut(OptOutArgs),
    /// Put words on a person that campaigns can ask for
    Tag(TagArgs),
    /// Take them off again
    Untag(TagArgs),
    /// Remove everything personal; figures stay, and an opt-out stays as a keyed hash
    Erase(EraseArgs),
    /// Everything stored about a person as JSON, to give to them
    Export(ExportArgs),
}

#[derive(Debug, Args)]
pub struct ShowArgs {
    #[arg(required = true, num_args = 1.., value_name = "NUMBER")]
    pub number: Vec<String>,
    /// Show the number in full, not its last two digits
    #[arg(long)]
    pub full: bool,
    /// Most decisions shown, the latest
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub decisions: usize,
    #[arg(long)]
    pub json: bool,
    /// Language of the sentences; without it: that of the campaigns' file
    #[arg(long, value_enum)]
    pub language: Option<Tongue>,
}

#[derive(Debug, Args)]
pub struct OptOutArgs {
    #[arg(required = true, num_args = 1.., value_name = "NUMBER")]
    pub number: Vec<String>,
    /// all: no text at all; marketing: news of their own orders goes on
    #[arg(long, value_enum, default_value_t = Scope::All)]
    pub scope: Scope,
    /// A pause: the day on which it is over, 2026-12-01 or 1405-09-10; without it, for ever
    #[arg(long, value_name = "DAY")]
    pub until: Option<String>,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// How far an opt-out reaches, as the command line takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scope {
    All,
    Marketing,
}

impl From<Scope> for OptOutScope {
    fn from(scope: Scope) -> OptOutScope {
        match scope {
            Scope::All => OptOutScope::Everything,
            Scope::Marketing => OptOutScope::Marketing,
        }
    }
}

#[derive(Debug, Args)]
pub struct TagArgs {
    /// One word here: write a number with spaces in quotes
    #[arg(value_name = "NUMBER")]
    pub number: String,
    #[arg(required = true, num_args = 1.., value_name = "TAG")]
    pub tags: Vec<String>,
}

#[derive(Debug, Args)]
pub struct EraseArgs {
    #[arg(required = true, num_args = 1.., value_name = "NUMBER")]
    pub number: Vec<String>,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub struct ExportArgs {
    #[arg(required = true, num_args = 1.., value_name = "NUMBER")]
    pub number: Vec<String>,
}

/// Asks a question that is answered with yes or no; `None` when there is nobody to ask.
pub type Ask<'a> = &'a mut dyn FnMut(&str) -> Option<bool>;

/// Reads the files and does what is asked. Exit codes as everywhere.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn run(
    args: &ContactArgs,
    clock: &dyn Clock,
    chance: &dyn Chance,
    ask: Ask<'_>,
    out: &mut dyn Write,
) -> Result<u8> {
    let Some(rules) = files::load_for_people(&args.files, out)? else { return Ok(1) };
    match &args.what {
        ContactCommand::Show(show) => show::show(show, &rules, clock.now(), terminal::colours(), out),
        ContactCommand::OptOut(opt_out) => self::opt_out(opt_out, &rules, clock.now(), chance, out).await,
        ContactCommand::Tag(args) => tag(args, TAGGED, &rules, clock.now(), chance, out).await,
        ContactCommand::Untag(args) => tag(args, UNTAGGED, &rules, clock.now(), chance, out).await,
        ContactCommand::Erase(erase) => self::erase(erase, &rules, clock.now(), chance, ask, out).await,
        ContactCommand::Export(export) => self::export(export, &rules, out),
    }
}

pub use show::show;

/// The number as typed; says on `out` what is wrong with it.
fn number(typed: &[String], rules: &Rules, world: &SqlWorld<'_>, out: &mut dyn Write) -> Result<Option<Phone>> {
    let country = rules.country(world.shop()?.as_ref());
    match phone::parse(&typed.join(" "), None, &country) {
        Ok(phone) => Ok(Some(phone)),
        Err(problem) => {
            writeln!(out, "{problem}")?;
            Ok(None)
        }
    }
}

/// Opening for writing would make a missing file.
pub(super) fn is_there(database: &Path) -> Result<()> {
    ensure!(
        database.is_file(),
        "database {} is not there: has the daemon run yet, and with these settings?",
        database.display()
    );
    Ok(())
}

/// Writes the opt-out into the log and obeys it, in one transaction. The daemon's next look at a message sees it.
///
/// # Errors
/// When the database cannot be written.
pub async fn opt_out(
    args: &OptOutArgs,
    rules: &Rules,
    now: At,
    chance: &dyn Chance,
    out: &mut dyn Write,
) -> Result<u8> {
    is_there(&rules.settings.database)?;
    let conn = db::open_beside(&rules.settings.database, chance)?;
    let Some(phone) = number(&args.number, rules, &SqlWorld::new(&conn), out)? else { return Ok(2) };
    let scope = OptOutScope::from(args.scope);
    let mut data = json!({"contact": {"phone": phone.e164()}, "source": SOURCE, "scope": scope});
    let mut add = |name: &str, value: Option<String>| {
        if let (Some(value), Some(fields)) = (value, data.as_object_mut()) {
            fields.insert(name.to_owned(), json!(value));
        }
    };
    add("reason", args.reason.clone());
    if let Some(typed) = &args.until {
        let zone = rules.shop_view(SqlWorld::new(&conn).shop()?.as_ref()).timezone;
        match until(typed, zone, now) {
            Ok(until) => add("until", Some(until.rfc3339())),
            Err(problem) => {
                writeln!(out, "{problem}")?;
                return Ok(2);
            }
        }
    }
    let incoming = incoming("contact.opted_out", &data, now, chance);
    let zone = rules.shop_view(SqlWorld::new(&conn).shop()?.as_ref()).timezone;
    let writer = Writer::start(conn)?;
    let job = {
        let (phone, rules) = (phone.clone(), rules.clone());
        move |world: &mut SqlWorld<'_>| obey(world, &rules, incoming, &phone, now)
    };
    let done = writer.run(job).await;
    writer.stop();
    let obeyed = done.context("the opt-out is not stored")?;
    obeyed.print(&phone, Say { language: rules.campaigns.language, zone, colour: false }, now, out)?;
    Ok(0)
}

struct Obeyed {
    before: Option<OptOut>,
    stands: OptOut,
    withdrawn: usize,
    under_way: usize,
}

impl Obeyed {
    fn print(&self, phone: &Phone, say: Say, now: At, out: &mut dyn Write) -> Result<()> {
        let (known, stands) = (phone.masked(), &self.stands);
        let until = stands.until.map(|until| say.moment(until));
        let rest = match (say.language, stands.scope) {
            (Language::English, scope) => {
                let what = match scope {
                    OptOutScope::Everything => "no campaign text is sent to it",
                    OptOutScope::Marketing => "only news of its own orders is sent to it",
                };
                format!("{what}{}", until.map_or_else(|| " any more".to_owned(), |until| format!(" until {until}")))
            }
            (Language::Persian, scope) => {
                let what = match scope {
                    OptOutScope::Everything => "هیچ پیامک کمپینی به آن فرستاده نمی‌شود",
                    OptOutScope::Marketing => "فقط خبر سفارش‌های خودش به آن فرستاده می‌شود",
                };
                format!("{}{what}", until.map_or_else(String::new, |until| format!("تا {until} ")))
            }
        };
        let same =
            |earlier: &&OptOut| !earlier.is_over(now) && (earlier.scope, earlier.until) == (stands.scope, stands.until);
        let earlier = self.before.as_ref().filter(same).map(|earlier| (say.moment(earlier.at), &earlier.source));
        match (say.language, earlier) {
            (Language::English, Some((at, by))) => {
                writeln!(out, "{known} had opted out before ({at}, by {by}): {rest}.")?;
            }
            (Language::English, None) => writeln!(out, "{known} is opted out: {rest}.")?,
            (Language::Persian, Some((at, by))) => writeln!(out, "{known} پیش‌تر لغو شده بود ({at}، {by}): {rest}.")?,
            (Language::Persian, None) => writeln!(out, "{known} لغو شد: {rest}.")?,
        }
        if self.withdrawn > 0 {
            match say.language {
                Language::English => writeln!(out, "{} planned messages were withdrawn.", self.withdrawn)?,
                Language::Persian => {
                    writeln!(out, "{} پیامک برنامه‌ریزی‌شده پس گرفته شد.", say.number(self.withdrawn as u64))?;
                }
            }
        }
        if self.under_way > 0 {
            let said = say.pick(
                "messages had been handed over a moment ago and cannot be stopped.",
                "پیامک همین حالا به درگاه داده شده بود و دیگر نمی‌شود جلویش را گرفت.",
            );
            writeln!(out, "{} {said}", say.number(self.under_way as u64))?;
        }
        Ok(())
    }
}

/// An event that this command tells.
fn incoming(kind: &str, data: &Value, now: At, chance: &dyn Chance) -> Incoming {
    let event_id = format!("{SOURCE}-{}", chance.token());
    Incoming { event_id, kind: kind.to_owned(), time: now, data: data.to_string() }
}

fn obey(world: &mut SqlWorld<'_>, rules: &Rules, incoming: Incoming, phone: &Phone, now: At) -> Result<Obeyed> {
    let before = world.opt_out(phone)?;
    let waiting = in_state(world, phone, MessageState::Scheduled)?;
    take_at_once(world, rules, incoming, now)?;
    let stands = world.opt_out(phone)?.context("an opt-out that was obeyed is not there")?;
    Ok(Obeyed {
        before,
        stands,
        withdrawn: waiting.saturating_sub(in_state(world, phone, MessageState::Scheduled)?),
        under_way: in_state(world, phone, MessageState::Sending)?,
    })
}

/// Not after the events before it that still wait to be applied: a no does not stand in a queue. Whoever comes to it there finds
/// it obeyed, and doing it again changes nothing.
fn take_at_once(world: &mut SqlWorld<'_>, rules: &Rules, incoming: Incoming, now: At) -> Result<()> {
    let fact = Fact::parse(&incoming.kind, &incoming.data)?;
    let event = Event { id: incoming.event_id.clone(), at: now, fact };
    let appended = log::append(world.connection(), &[incoming], now)?;
    let touched = flow::absorb(world, rules, &event, now)?;
    if let [Appended::New(seq)] = appended.as_slice()
        && log::applied(world.connection())? == seq - 1
    {
        log::mark(world.connection(), *seq, &touched.contacts, None)?;
        log::set_applied(world.connection(), *seq)?;
    }
    Ok(())
}

/// Writes into the log that a person has these tags, or ([`UNTAGGED`]) has them no more. 1 when the number is not known.
///
/// # Errors
/// When the database cannot be written.
pub async fn tag(
    args: &TagArgs,
    kind: &str,
    rules: &Rules,
    now: At,
    chance: &dyn Chance,
    out: &mut dyn Write,
) -> Result<u8> {
    is_there(&rules.settings.database)?;
    let conn = db::open_beside(&rules.settings.database, chance)?;
    let world = SqlWorld::new(&conn);
    let Some(phone) = number(std::slice::from_ref(&args.number), rules, &world, out)? else { return Ok(2) };
    if world.contact_by_phone(&phone)?.is_none() {
        writeln!(out, "{} is not known", phone.masked())?;
        return Ok(1);
    }
    let data = json!({"contact": {"phone": phone.e164()}, "tags": args.tags, "source": SOURCE});
    if let Err(problem) = Fact::parse(kind, &data.to_string()) {
        writeln!(out, "{problem}")?;
        return Ok(2);
    }
    let incoming = incoming(kind, &data, now, chance);
    let writer = Writer::start(conn)?;
    let job = {
        let (phone, rules) = (phone.clone(), rules.clone());
        move |world: &mut SqlWorld<'_>| {
            take_at_once(world, &rules, incoming, now)?;
            let contact = world.contact_by_phone(&phone)?.context("a person who was known is not there")?;
            world.tags_of(contact.id)
        }
    };
    let tags = writer.run(job).await;
    writer.stop();
    let tags: Vec<String> = tags.context("the tags are not stored")?.into_iter().map(|tagged| tagged.tag).collect();
    let said = if tags.is_empty() { "no tags".to_owned() } else { tags.join(", ") };
    writeln!(out, "{} has {said}", phone.masked())?;
    Ok(0)
}

fn in_state(world: &SqlWorld<'_>, phone: &Phone, state: MessageState) -> Result<usize> {
    let Some(contact) = world.contact_by_phone(phone)? else { return Ok(0) };
    Ok(figures::messages_of(world.connection(), contact.id)?.iter().filter(|m| m.state == state).count())
}

/// Removes the person after asking. 1 when nobody said yes, or nobody of this number is known.
///
/// # Errors
/// When the database cannot be written.
pub async fn erase(
    args: &EraseArgs,
    rules: &Rules,
    now: At,
    chance: &dyn Chance,
    ask: Ask<'_>,
    out: &mut dyn Write,
) -> Result<u8> {
    let database = &rules.settings.database;
    is_there(database)?;
    let conn = db::open_beside(database, chance)?;
    let Some(phone) = number(&args.number, rules, &SqlWorld::new(&conn), out)? else { return Ok(2) };
    let country = rules.country(SqlWorld::new(&conn).shop()?.as_ref());
    if !args.yes {
        let question = format!("Erase everything personal of {} for good?", phone.masked());
        match ask(&question) {
            Some(true) => {}
            Some(false) => {
                writeln!(out, "nothing was erased")?;
                return Ok(1);
            }
            None => {
                writeln!(out, "erasing asks first, and there is no terminal to ask on: say --yes")?;
                return Ok(2);
            }
        }
    }
    let readers = Readers::open(database, 1)?;
    let writer = Writer::start(conn)?;
    let done = erase::erase(&writer, &readers, &phone, &country, now).await;
    let outed = writer.run({
        let phone = phone.clone();
        move |world| world.opt_out(&phone)
    });
    let outed = outed.await;
    writer.stop();
    let erased = done.context("erasing was interrupted: do it again")?;
    if !erased.known && erased.events == 0 {
        writeln!(out, "{} is not known: there was nothing to erase", phone.masked())?;
        return Ok(1);
    }
    writeln!(
        out,
        "{} is erased: {} events redacted, the texts of {} messages, {} carts and {} orders without their names. Figures stay.",
        phone.masked(),
        erased.events,
        erased.messages,
        erased.carts,
        erased.orders
    )?;
    if outed?.is_some() {
        writeln!(out, "The opt-out stays, as a keyed hash of the number.")?;
    }
    writeln!(out, "Backups made before still hold the person, and so does the shop.")?;
    Ok(0)
}

/// Everything stored about the person, with the number in full: it is for them. 1 when nothing is.
///
/// # Errors
/// When the database cannot be read.
pub fn export(args: &ExportArgs, rules: &Rules, out: &mut dyn Write) -> Result<u8> {
    let mut conn = db::open_reader(&rules.settings.database)?;
    let conn = conn.transaction()?;
    let world = SqlWorld::new(&conn);
    let Some(phone) = number(&args.number, rules, &world, out)? else { return Ok(2) };
    let country = rules.country(world.shop()?.as_ref());
    let Some(all) = erase::export(&conn, &phone, &country)? else {
        writeln!(out, "nothing is stored about {}", phone.masked())?;
        return Ok(1);
    };
    writeln!(out, "{all:#}")?;
    Ok(0)
}
