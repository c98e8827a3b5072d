//! `bazgasht simulate`: virtual time over recorded events, or over the shop's own log.

mod compare;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::sync::mpsc;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;

use super::files::{self, Files};
use super::terminal;
use crate::clock::{At, Span};
use crate::money;
use crate::receive::event::{Event, Fact};
use crate::replay;
use crate::rules::Rules;
use crate::simulate::{Simulation, Totals, WouldSend, count_reasons};
use crate::state::model::Reason;
use crate::state::world::World;
use crate::store::memory::MemoryWorld;
use crate::store::{db, recorded};

/// Events handed from the reading thread to the deciding one at a time.
const BATCH: usize = 2_000;

#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)] // each is a flag of the command line
#[command(after_help = "\
Examples:
  bazgasht simulate                                   this shop's own log with this shop's campaigns
  bazgasht simulate --campaigns next.toml             the same log, other campaigns
  bazgasht simulate --against next.toml               both side by side: texts, cost, whom only one writes to
  bazgasht simulate --events week.jsonl --messages    a recording; one line for each SMS
  bazgasht simulate --events week.jsonl --run-on 30d --json

Nothing is sent, and no database is changed. The same events, campaigns and seed give the same result.")]
pub struct SimulateArgs {
    #[command(flatten)]
    pub files: Files,
    /// A file of events, one JSON object a line ('-': standard input); may be given several times. Without it: the
    /// database's own log.
    #[arg(long, value_name = "FILE")]
    pub events: Vec<PathBuf>,
    /// Read the whole file first and put it into the order of time
    #[arg(long)]
    pub sort: bool,
    /// Let this much time pass after the last event, such as 14d; what shoppers do then is not known
    #[arg(long, value_name = "TIME", default_value = "0s")]
    pub run_on: Span,
    /// A second file of campaigns: it lives through the same events, and both are shown side by side
    #[arg(long, value_name = "FILE", conflicts_with_all = ["messages", "texts"])]
    pub against: Option<PathBuf>,
    /// Seed of the links' names
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Print a line for each SMS
    #[arg(long)]
    pub messages: bool,
    /// Print each SMS with its text
    #[arg(long)]
    pub texts: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Runs it. Exit codes as everywhere.
///
/// # Errors
/// Files that cannot be read, and events that cannot be understood, with their line.
pub fn run(args: &SimulateArgs, out: &mut dyn Write) -> Result<u8> {
    let Some(rules) = files::load(&args.files, out)? else { return Ok(1) };
    let mut sides = vec![Run::new(files::campaigns_name(&args.files), &rules, args)];
    if let Some(path) = &args.against {
        let other = Files { campaigns: Some(path.clone()), ..args.files.clone() };
        let Some(other) = files::load(&other, out)? else { return Ok(1) };
        sides.push(Run::new(path.display().to_string(), &other, args));
    }
    let (sender, receiver) = mpsc::sync_channel::<Result<Vec<Event>>>(8);
    let reader = reader(args, &rules, sender)?;
    let (mut late, mut first, mut last) = (0_u64, None, At(i64::MIN));
    let bar = terminal::progress(0, "simulating");
    for batch in receiver {
        let batch = batch?;
        bar.inc(batch.len() as u64);
        for event in batch {
            first.get_or_insert(event.at);
            late += u64::from(event.at < last);
            last = last.max(event.at);
            for side in &mut sides {
                side.hear(event.clone())?;
            }
        }
    }
    if reader.join().is_err() {
        bail!("reading the events failed");
    }
    for side in &mut sides {
        side.end(last.plus(args.run_on))?;
    }
    bar.finish_and_clear();
    let reasons: Vec<Reasons> = sides.iter().map(Run::reasons).collect();
    match (&sides[..], &reasons[..]) {
        ([one], [reasons]) if args.json => print_json(out, &one.totals, &one.sent, reasons, late)?,
        ([one], [reasons]) => {
            let zone = rules.shop_view(one.simulation.world.shop()?.as_ref()).timezone;
            print_people(out, args, &one.totals, &one.sent, reasons, late, first, last, zone)?;
        }
        ([a, b], [of_a, of_b]) => {
            let a = compare::Side { name: &a.name, totals: &a.totals, reasons: of_a };
            let b = compare::Side { name: &b.name, totals: &b.totals, reasons: of_b };
            if args.json {
                serde_json::to_writer_pretty(&mut *out, &compare::json(&a, &b))?;
                writeln!(out)?;
            } else {
                compare::print(out, &a, &b)?;
            }
        }
        _ => {}
    }
    Ok(0)
}

/// One file of campaigns, living through the events.
struct Run {
    name: String,
    simulation: Simulation<MemoryWorld>,
    totals: Totals,
    sent: Vec<WouldSend>,
    newest_link: BTreeMap<String, String>,
    keep: bool,
}

impl Run {
    fn new(name: String, rules: &Rules, args: &SimulateArgs) -> Run {
        Run {
            name,
            simulation: Simulation::new(MemoryWorld::new(), rules.clone(), args.seed),
            totals: Totals::default(),
            sent: Vec::new(),
            newest_link: BTreeMap::new(),
            keep: args.messages || args.texts || (args.json && args.against.is_none()),
        }
    }

    fn hear(&mut self, mut event: Event) -> Result<()> {
        put_slug_in(&mut event, &self.newest_link);
        self.totals.events += 1;
        let Run { simulation, totals, sent, newest_link, keep, .. } = self;
        simulation.hear(&event, &mut |message| note(message, totals, sent, newest_link, *keep))
    }

    fn end(&mut self, end: At) -> Result<()> {
        if self.totals.events == 0 {
            return Ok(());
        }
        let Run { simulation, totals, sent, newest_link, keep, .. } = self;
        simulation.live_until(end, &mut |message| note(message, totals, sent, newest_link, *keep))
    }

    fn reasons(&self) -> Reasons {
        let decided = self.simulation.world.decisions().iter();
        count_reasons(decided.filter_map(|d| Some((d.campaign.as_deref()?, d.reason))))
    }
}

fn note(
    message: WouldSend,
    totals: &mut Totals,
    sent: &mut Vec<WouldSend>,
    newest_link: &mut BTreeMap<String, String>,
    keep: bool,
) {
    totals.count(&message);
    if let Some(slug) = &message.slug {
        newest_link.insert(message.to.e164().to_owned(), slug.clone());
    }
    if keep {
        sent.push(message);
    }
}

/// A recording says "the newest link of this number" where the slug was.
fn put_slug_in(event: &mut Event, newest_link: &BTreeMap<String, String>) {
    if let Fact::LinkFollowed(data) = &mut event.fact
        && let Some(number) = data.slug.strip_prefix('@')
        && let Ok(phone) = crate::phone::parse(number, None, "IR")
        && let Some(slug) = newest_link.get(phone.e164())
    {
        slug.clone_into(&mut data.slug);
    }
}

type Sender = mpsc::SyncSender<Result<Vec<Event>>>;

/// Reading and understanding goes on in a thread of its own, so that deciding has a core to itself.
fn reader(args: &SimulateArgs, rules: &Rules, sender: Sender) -> Result<std::thread::JoinHandle<()>> {
    if args.events.is_empty() {
        let conn = db::open_reader(&rules.settings.database).with_context(|| {
            format!("no --events given, and the log of {} cannot be opened", rules.settings.database.display())
        })?;
        return Ok(std::thread::spawn(move || {
            let mut batch = Vec::with_capacity(BATCH);
            let walked = recorded::walk(&conn, |row| {
                if let Ok(fact) = Fact::parse(&row.kind, &row.data) {
                    batch.push(Event { id: row.event_id, at: row.at.min(row.received), fact });
                }
                if batch.len() == BATCH {
                    // The other end is gone only when it has failed and said so.
                    let _ = sender.send(Ok(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))));
                }
                Ok(())
            });
            let _ = sender.send(walked.map(|()| batch));
        }));
    }
    let sources = args.events.iter().map(open).collect::<Result<Vec<_>>>()?;
    let sort = args.sort;
    Ok(std::thread::spawn(move || {
        for (name, source) in sources {
            let sent = if sort {
                replay::read(source)
                    .map(|all| all.into_iter().map(|r| r.event).collect::<Vec<_>>())
                    .map_err(|e| anyhow::Error::new(e).context(name.clone()))
                    .and_then(|all| sender.send(Ok(all)).map_err(|_| anyhow::anyhow!("stopped")))
            } else {
                stream(source, &name, &sender)
            };
            if let Err(problem) = sent {
                let _ = sender.send(Err(problem));
                return;
            }
        }
    }))
}

fn open(path: &PathBuf) -> Result<(String, Box<dyn BufRead + Send>)> {
    let name = path.display().to_string();
    if name == "-" {
        return Ok(("standard input".into(), Box::new(BufReader::new(std::io::stdin()))));
    }
    let file = File::open(path).with_context(|| format!("{name} cannot be opened"))?;
    Ok((name, Box::new(BufReader::with_capacity(1 << 20, file))))
}

fn stream(source: impl BufRead, name: &str, sender: &Sender) -> Result<()> {
    let mut batch = Vec::with_capacity(BATCH);
    for recorded in replay::lines(source) {
        batch.push(recorded.with_context(|| name.to_owned())?.event);
        if batch.len() == BATCH {
            sender.send(Ok(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))))?;
        }
    }
    sender.send(Ok(batch))?;
    Ok(())
}

type Reasons = BTreeMap<(String, Reason), u64>;

fn print_json(out: &mut dyn Write, totals: &Totals, sent: &[WouldSend], reasons: &Reasons, late: u64) -> Result<()> {
    let steps: Vec<_> = totals
        .by_step
        .iter()
        .map(|((campaign, step), t)| {
            json!({"campaign": campaign, "step": step, "messages": t.messages, "parts": t.parts,
                   "price": t.price.decimal(), "currency": t.price.currency})
        })
        .collect();
    let messages: Vec<_> = sent
        .iter()
        .map(|m| {
            json!({"at": m.at.rfc3339(), "to": m.to.masked(), "campaign": m.campaign, "step": m.step, "parts": m.parts,
                   "price": m.price.decimal(), "currency": m.price.currency, "text": m.text})
        })
        .collect();
    let reasons: Vec<_> = reasons
        .iter()
        .map(|((campaign, reason), n)| json!({"campaign": campaign, "reason": reason.word(), "count": n}))
        .collect();
    let all = json!({"events": totals.events, "heard_late": late, "people": totals.people.len(), "messages": totals.messages(),
                     "parts": totals.parts(), "steps": steps, "decisions": reasons, "list": messages});
    serde_json::to_writer_pretty(&mut *out, &all)?;
    writeln!(out)?;
    Ok(())
}

#[allow(clippy::too_many_arguments)] // all of it is printed
fn print_people(
    out: &mut dyn Write,
    args: &SimulateArgs,
    totals: &Totals,
    sent: &[WouldSend],
    reasons: &Reasons,
    late: u64,
    first: Option<At>,
    last: At,
    zone: chrono_tz::Tz,
) -> Result<()> {
    let local = |t: At| t.utc().with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string();
    let Some(first) = first else {
        writeln!(out, "no events: nothing would have been sent")?;
        return Ok(());
    };
    for m in sent {
        writeln!(
            out,
            "{}  {}  {}/{}  {} part(s)  {}",
            local(m.at),
            m.to.masked(),
            m.campaign,
            m.step,
            m.parts,
            say(m.price)
        )?;
        if args.texts {
            for line in m.text.lines() {
                writeln!(out, "    {line}")?;
            }
        }
    }
    if !sent.is_empty() {
        writeln!(out)?;
    }
    writeln!(out, "{} events, {} to {} ({zone})", totals.events, local(first), local(last))?;
    if late > 0 {
        writeln!(
            out,
            "{late} of them were older than one before them and were heard late; --sort puts a file in order first"
        )?;
    }
    writeln!(
        out,
        "{} SMS in {} parts to {} people would have been sent\n",
        totals.messages(),
        totals.parts(),
        totals.people.len()
    )?;
    let width =
        totals.by_step.keys().map(|(c, s)| c.chars().count() + s.chars().count() + 1).max().unwrap_or(0).max(16);
    for ((campaign, step), t) in &totals.by_step {
        let name = format!("{campaign}/{step}");
        writeln!(out, "  {name:<width$}  {:>7} SMS  {:>7} parts  {:>16}", t.messages, t.parts, say(t.price))?;
    }
    let mut shown = false;
    for ((campaign, reason), count) in reasons {
        if matches!(reason, Reason::Planned | Reason::HandedOver | Reason::Accepted | Reason::Delivered) {
            continue;
        }
        if !shown {
            writeln!(out, "\nwhat else was decided")?;
            shown = true;
        }
        writeln!(out, "  {campaign:<width$}  {count:>7}  {reason}")?;
    }
    Ok(())
}

fn say(price: money::Money) -> String {
    if price.minor == 0 { "free".into() } else { money::say(price, money::Style::Latin) }
}
