//! `bazgasht import`: the years before, from the shop or from a file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;
use indicatif::ProgressBar;
use url::Url;

use super::files::{self, Files};
use super::terminal;
use super::until::past;
use crate::clock::{At, Clock, SystemClock};
use crate::daemon::lock::Lock;
use crate::ids::{Chance, SystemChance};
use crate::import::csv::{self, COLUMNS, Options};
use crate::import::file::{EVENTS, Keeper, ORDERS};
use crate::import::shop::{Keys, Rest, Shop};
use crate::import::walk::{Progress, Walk};
use crate::import::woo::{Kind, Reader};
use crate::import::{Count, Problem, Tally};
use crate::receive::another_shop;
use crate::rules::Rules;
use crate::secret::Secret;
use crate::send::driver;
use crate::state::world::World;
use crate::store::{Writer, db, history};

/// Where the key is looked for when no file is named.
pub const ENV_KEY: &str = "BAZGASHT_SHOP_KEY";
pub const ENV_SECRET: &str = "BAZGASHT_SHOP_SECRET";

/// Problems that are printed; `--problems` has all.
const SHOWN: usize = 20;
/// How often a line of progress is printed where there is no terminal.
const EVERY: Duration = Duration::from_secs(10);
const LOOK_AGAIN: Duration = Duration::from_millis(500);

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bazgasht import --dry-run --keys woo.txt            how much there is
  bazgasht import --keys woo.txt                      customers, products, orders, reviews; again later: what is new
  bazgasht import --keys woo.txt --only orders --since 2023-01-01
  bazgasht import --file events.jsonl                 events as the shop's plugin sends them, one a line
  bazgasht import --csv orders.csv --map created_at=date,phone=mobile --fill currency=IRT

The key is made in WooCommerce > Settings > Advanced > REST API, with permission to read; the file holds the two words ck_… and
cs_…. Instead of a file: BAZGASHT_SHOP_KEY and BAZGASHT_SHOP_SECRET. It may be stopped at any time: the same command goes on. Nobody
gets a text because of an import.")]
#[allow(clippy::struct_excessive_bools)] // each is a flag of the command line
pub struct ImportArgs {
    #[command(flatten)]
    pub files: Files,
    /// The shop's address [default: as the settings or the shop's plugin say]
    #[arg(long, value_name = "URL")]
    pub shop: Option<Url>,
    /// A file with the REST API's key and secret
    #[arg(long, value_name = "FILE")]
    pub keys: Option<PathBuf>,
    /// Only these
    #[arg(long, value_enum, value_delimiter = ',')]
    pub only: Vec<Kind>,
    /// Only what was made since this day, 2023-01-01 or 1402-01-01; products are read whole
    #[arg(long, value_name = "DAY")]
    pub since: Option<String>,
    /// Read all of it again: what has changed is news, the rest is known
    #[arg(long)]
    pub again: bool,
    /// Say how much there is, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// After each call, rest so many times as long as it took
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    pub rest: f64,
    /// Events from a file, one JSON object a line, instead of the shop
    #[arg(long, value_name = "FILE", conflicts_with_all = ["csv", "keys", "shop", "only", "since"])]
    pub file: Option<PathBuf>,
    /// Orders from a table, instead of the shop; `--columns` lists what it may have
    #[arg(long, value_name = "FILE", conflicts_with_all = ["keys", "shop", "only", "since"])]
    pub csv: Option<PathBuf>,
    /// Which column of the table is which of ours, such as `created_at=date`
    #[arg(long, value_name = "OURS=THEIRS", value_delimiter = ',', requires = "csv")]
    pub map: Vec<String>,
    /// What stands in a column of ours throughout, such as `currency=IRT`
    #[arg(long, value_name = "OURS=VALUE", value_delimiter = ',', requires = "csv")]
    pub fill: Vec<String>,
    /// List the columns that a table of orders may have
    #[arg(long)]
    pub columns: bool,
    /// Write everything that was not taken into this file
    #[arg(long, value_name = "FILE")]
    pub problems: Option<PathBuf>,
}

/// What the command is run with, but for its arguments.
pub struct Surroundings {
    pub clock: Arc<dyn Clock>,
    pub chance: Arc<dyn Chance>,
    pub rest: Rest,
    /// Of the environment.
    pub keys: Option<Keys>,
}

impl Surroundings {
    #[must_use]
    pub fn of_this_process() -> Surroundings {
        let said = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let keys = said(ENV_KEY).zip(said(ENV_SECRET));
        Surroundings {
            clock: Arc::new(SystemClock),
            chance: Arc::new(SystemChance),
            rest: Arc::new(|time| Box::pin(tokio::time::sleep(time))),
            keys: keys.map(|(key, secret)| Keys { key, secret: Secret::new(secret) }),
        }
    }
}

/// Reads the files and does what is asked. Exit codes as everywhere.
///
/// # Errors
/// A file, the shop or the database that cannot be read. What was read of a shop is kept.
pub async fn run(args: &ImportArgs, with: &Surroundings, out: &mut dyn Write) -> Result<u8> {
    if args.columns {
        return columns(out);
    }
    let Some(rules) = files::load(&args.files, out)? else { return Ok(1) };
    let writer = Writer::start(db::open_writer(&rules.settings.database, with.chance.as_ref())?)?;
    let done = tokio::select! {
        done = go(args, with, &rules, &writer, out) => done,
        _ = tokio::signal::ctrl_c() => Ok(130),
    };
    writer.stop();
    if matches!(done, Ok(130)) {
        eprintln!("bazgasht: stopped; what was read of a shop is kept, and the same command goes on");
    }
    done
}

fn columns(out: &mut dyn Write) -> Result<u8> {
    writeln!(out, "One row for each line of an order, the columns in any order:\n")?;
    for (name, what) in COLUMNS {
        writeln!(out, "{}", format!("  {name:<16}{what}").trim_end())?;
    }
    Ok(0)
}

async fn go(args: &ImportArgs, with: &Surroundings, rules: &Rules, writer: &Writer, out: &mut dyn Write) -> Result<u8> {
    let told = writer.run(|world| world.shop()).await?;
    let country = rules.country(told.as_ref());
    let view = rules.shop_view(told.as_ref());
    let now = with.clock.now();
    let mut tally = Tally::default();
    let (run, read) = match (&args.file, &args.csv) {
        (Some(path), _) => {
            let run = file_run(writer, path, args.dry_run).await?;
            let keeper = Keeper { writer, run, country, now };
            let file = File::open(path).with_context(|| format!("{} cannot be opened", path.display()))?;
            let mut lines = Lines::new(EVENTS);
            let source = BufReader::with_capacity(1 << 20, file);
            keeper.events(source, &name_of(path), &mut tally, &mut |seen| lines.say(seen, None)).await?;
            (run, args.dry_run)
        }
        (None, Some(path)) => {
            let options = Options {
                map: pairs("--map", &args.map)?,
                fill: pairs("--fill", &args.fill)?,
                zone: view.timezone,
                currency: view.currency,
                now,
            };
            let file = File::open(path).with_context(|| format!("{} cannot be opened", path.display()))?;
            let mut table = csv::read(BufReader::with_capacity(1 << 20, file), &name_of(path), &options)?;
            for problem in std::mem::take(&mut table.problems) {
                tally.not_taken(ORDERS, problem);
            }
            writeln!(out, "{} rows", table.rows)?;
            let run = file_run(writer, path, args.dry_run).await?;
            let keeper = Keeper { writer, run, country, now };
            let mut lines = Lines::new(ORDERS);
            keeper.orders(table.orders(&options), &mut tally, &mut |seen| lines.say(seen, None)).await?;
            (run, args.dry_run)
        }
        (None, None) => {
            let since = args.since.as_deref().map(|typed| past(typed, view.timezone, now)).transpose()?;
            let base = match args.shop.clone() {
                Some(base) => base,
                None => Url::parse(&view.url).context(
                    "the shop's address is not known: say --shop https://…, or set [shop] url in the settings",
                )?,
            };
            let keys = keys(args, with)?;
            let (clock, chance) = (Arc::clone(&with.clock), Arc::clone(&with.chance));
            let mut shop = Shop::new(base, keys, args.rest.clamp(0.0, 100.0), clock, chance, Arc::clone(&with.rest))?;
            let index = shop.look().await?;
            let own = rules.settings.shop.url.as_ref().map(Url::to_string).or_else(|| told.map(|shop| shop.url));
            if let Some(own) = own.filter(|own| another_shop::differs(own, &index.home)) {
                bail!(
                    "{} is another shop than this daemon's, which is {own}: nothing was read",
                    another_shop::printable(&index.home)
                );
            }
            let kinds: BTreeSet<Kind> =
                if args.only.is_empty() { Kind::ALL.into() } else { args.only.iter().copied().collect() };
            if args.dry_run {
                return count(&mut shop, &kinds, since, out).await;
            }
            // Prices of products are without one.
            let currency = if kinds.contains(&Kind::Products) { shop.currency().await.ok().flatten() } else { None };
            let currency = currency.and_then(|code| code.parse().ok()).unwrap_or(view.currency);
            let source = match since {
                Some(since) => format!("{} since {}", index.home, since.rfc3339()),
                None => index.home.clone(),
            };
            let again = args.again;
            let run = writer
                .run({
                    let source = source.clone();
                    move |world| {
                        if again {
                            history::begin_anew(world.connection(), &source)?;
                        }
                        history::open_run(world.connection(), &source)
                    }
                })
                .await?;
            let reader = Reader { currency, now, since };
            let mut walk = Walk { shop, writer, source, run, kinds, reader, country };
            let mut lines = Lines::new("");
            let walked = walk.go(&mut tally, &mut |p: Progress| lines.at(p)).await;
            if let Err(problem) = walked {
                lines.end();
                report(&tally, None, args, out)?;
                return Err(problem);
            }
            (run, false)
        }
    };
    if read {
        report(&tally, None, args, out)?;
        writeln!(out, "Nothing was changed (--dry-run).")?;
        writer.run(move |world| history::forget_run(world.connection(), run)).await?;
        return Ok(0);
    }
    let unsigned = writer
        .run(move |world| {
            history::complete(world.connection(), run)?;
            history::unsigned_reviews(world.connection(), run)
        })
        .await?;
    take_in(rules, writer, with.clock.as_ref(), out).await?;
    report(&tally, Some(unsigned), args, out)?;
    Ok(u8::from(tally.kinds.values().all(|count| count.new + count.known == 0) && !tally.problems.is_empty()))
}

/// A file is read whole each time: what an interrupted run left of it is of no use.
async fn file_run(writer: &Writer, path: &Path, dry: bool) -> Result<i64> {
    let name = path.canonicalize().unwrap_or_else(|_| path.to_owned()).display().to_string();
    let source = if dry { format!("dry {name}") } else { name };
    Ok(writer
        .run(move |world| {
            history::begin_anew(world.connection(), &source)?;
            history::open_run(world.connection(), &source)
        })
        .await?)
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn pairs(flag: &str, written: &[String]) -> Result<BTreeMap<String, String>> {
    let known = |name: &str| COLUMNS.iter().any(|(column, _)| *column == name);
    written
        .iter()
        .map(|pair| match pair.split_once('=') {
            Some((ours, theirs)) if known(ours.trim()) => Ok((ours.trim().to_owned(), theirs.trim().to_owned())),
            Some((ours, _)) => bail!("{flag} {ours}=…: there is no such column; --columns lists them"),
            None => bail!("{flag} {pair}: expected OURS=THEIRS, such as created_at=date"),
        })
        .collect()
}

fn keys(args: &ImportArgs, with: &Surroundings) -> Result<Keys> {
    let Some(path) = &args.keys else {
        return with.keys.clone().with_context(|| {
            format!("no key: say --keys FILE, or set {ENV_KEY} and {ENV_SECRET} (WooCommerce > Settings > Advanced > REST API)")
        });
    };
    let text = std::fs::read_to_string(path).with_context(|| format!("keys {} cannot be read", path.display()))?;
    let word = |prefix: &str| {
        let apart = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
        text.split(apart).find(|word| word.starts_with(prefix)).map(str::to_owned)
    };
    match (word("ck_"), word("cs_")) {
        (Some(key), Some(secret)) => Ok(Keys { key, secret: Secret::new(secret) }),
        _ => bail!("{} holds no ck_… and cs_…, the two words that WooCommerce showed", path.display()),
    }
}

async fn count(shop: &mut Shop, kinds: &BTreeSet<Kind>, since: Option<At>, out: &mut dyn Write) -> Result<u8> {
    let mut calls = 0;
    for kind in kinds {
        match shop.count(*kind, since).await? {
            Some(n) => {
                calls += n / 99 + 1;
                writeln!(out, "{:<10} {n:>9}", kind.word())?;
            }
            None => writeln!(out, "{:<10} {:>9}", kind.word(), "?")?,
        }
    }
    writeln!(out, "about {calls} calls. Nothing was changed (--dry-run).")?;
    Ok(0)
}

/// Waits until all of it is in the log and in the state: by the daemon where it runs, else here.
async fn take_in(rules: &Rules, writer: &Writer, clock: &dyn Clock, out: &mut dyn Write) -> Result<()> {
    let mut left = writer.run(|world| history::waiting(world.connection())).await?;
    if left == 0 {
        return Ok(());
    }
    let bar = terminal::progress(u64::try_from(left).unwrap_or(0), "taking in");
    let own = Lock::take(&rules.settings.database);
    if own.is_err() {
        writeln!(out, "the daemon takes {left} events in; texts wait until it is through")?;
    }
    let all = left;
    while left > 0 {
        if own.is_ok() {
            let (rules, now) = (rules.clone(), clock.now());
            while writer
                .run({
                    let rules = rules.clone();
                    move |world| driver::catch_up(world, &rules, now)
                })
                .await?
                > 0
            {
                bar.inc(200);
            }
        } else {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        left = writer.run(|world| history::waiting(world.connection())).await?;
        bar.set_position(u64::try_from(all - left).unwrap_or(0));
    }
    bar.finish_and_clear();
    Ok(())
}

fn report(tally: &Tally, unsigned: Option<i64>, args: &ImportArgs, out: &mut dyn Write) -> Result<()> {
    for (kind, Count { read, new, known, not_taken, left_out }) in &tally.kinds {
        write!(out, "{kind:<10} {read:>9} read, {new} new events")?;
        for (n, what) in
            [(known, "known already"), (left_out, "left out (drafts, staff, too old)"), (not_taken, "not taken")]
        {
            if *n > 0 {
                write!(out, ", {n} {what}")?;
            }
        }
        writeln!(out)?;
    }
    if let (Some(oldest), Some(newest)) = (tally.oldest, tally.newest) {
        let day = |at: At| at.utc().format("%Y-%m-%d").to_string();
        writeln!(out, "from {} to {}", day(oldest), day(newest))?;
    }
    if tally.with_number + tally.without_number > 0 {
        writeln!(
            out,
            "{} orders and accounts have a number that gets SMS, {} have none: they count, and nobody is written to",
            tally.with_number, tally.without_number
        )?;
    }
    if let Some(unsigned) = unsigned.filter(|n| *n > 0) {
        writeln!(out, "{unsigned} reviews are by nobody who is known")?;
    }
    problems(&tally.problems, tally.kinds.values().map(|count| count.not_taken).sum(), args, out)
}

fn problems(problems: &[Problem], all: u64, args: &ImportArgs, out: &mut dyn Write) -> Result<()> {
    if all == 0 {
        return Ok(());
    }
    writeln!(out, "\nnot taken:")?;
    for problem in problems.iter().take(SHOWN) {
        writeln!(out, "  {problem}")?;
    }
    if let Some(more) = all.checked_sub(SHOWN as u64).filter(|more| *more > 0) {
        writeln!(out, "  and {more} more{}", if args.problems.is_none() { "; --problems FILE has them" } else { "" })?;
    }
    if let Some(path) = &args.problems {
        let lines = problems.iter().fold(String::new(), |all, problem| all + &problem.to_string() + "\n");
        std::fs::write(path, lines).with_context(|| format!("{} cannot be written", path.display()))?;
        writeln!(out, "  all of them are in {}", path.display())?;
    }
    Ok(())
}

/// Progress on a terminal, and now and then a line elsewhere.
struct Lines {
    bar: ProgressBar,
    kind: &'static str,
    said: Instant,
}

impl Lines {
    fn new(kind: &'static str) -> Lines {
        Lines { bar: terminal::progress(0, kind), kind, said: Instant::now() }
    }

    fn at(&mut self, Progress { kind, seen, total }: Progress) {
        if self.kind != kind.word() {
            self.end();
            self.kind = kind.word();
            self.bar = terminal::progress(total.and_then(|n| u64::try_from(n).ok()).unwrap_or(0), kind.word());
            self.said = Instant::now();
        }
        self.say(u64::try_from(seen).unwrap_or(0), total);
    }

    fn say(&mut self, seen: u64, total: Option<i64>) {
        self.bar.set_position(seen);
        if !std::io::stderr().is_terminal() && self.said.elapsed() >= EVERY {
            self.said = Instant::now();
            let of = total.map(|n| format!(" of {n}")).unwrap_or_default();
            eprintln!("{}: {seen}{of}", self.kind);
        }
    }

    fn end(&self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.end();
    }
}
