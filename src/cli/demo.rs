//! `bazgasht demo`: a week of a small shop, through the real HTTP door, in quickened time.
//!
//! Nothing of it is pretended but the clock and the phones: a real daemon's door on loopback, signed calls, a database
//! on disk, the shipped campaigns, and the console gateway that prints each SMS as the phone would show it.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chrono_tz::Tz;
use clap::Args;

use super::terminal::{self, Ink, paint};
use super::tongue::Tongue;
use crate::campaign::check::{self, CheckContext};
use crate::campaign::model::Language;
use crate::campaign::shipped;
use crate::clock::{At, Clock, HandClock, Span};
use crate::daemon::house::{House, Plan, always};
use crate::jalali;
use crate::measure::figures::Period;
use crate::measure::reports::{self, Say};
use crate::money::Currency;
use crate::receive::event::{Event, Fact, Item};
use crate::render::parts;
use crate::replay::{self, Recorded};
use crate::rules::Rules;
use crate::send::gateway::Registry;
use crate::send::gateways::console::Console;
use crate::settings::check as settings;
use crate::state::world::World;
use crate::store::db;

/// A week of a made-up shop, recorded from a real WooCommerce with this bridge.
const WEEK: &str = include_str!("../../tests/data/events/week.jsonl");
/// How long a shopper's browser calls itself a phone's.
const BROWSER: &str = "Mozilla/5.0 (Linux; Android 14; SM-A546E) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36";
/// Reading time for each SMS on a terminal.
const PAUSE: Duration = Duration::from_millis(350);

#[derive(Debug, Args)]
#[command(after_help = "\
Nothing is sent and nothing is kept: the database lives in a temporary folder. No account and no settings are needed.")]
pub struct DemoArgs {
    /// Language of the texts
    #[arg(long, value_enum, default_value = "fa")]
    pub language: Tongue,
    /// Do not pause between messages (as when the output is not a terminal)
    #[arg(long)]
    pub fast: bool,
}

/// Plays the week.
///
/// # Errors
/// When the loopback address or the temporary folder cannot be used.
pub fn run(args: &DemoArgs, out: &mut (dyn Write + Send)) -> Result<u8> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(play(args, out))
}

async fn play(args: &DemoArgs, out: &mut (dyn Write + Send)) -> Result<u8> {
    let week = replay::read(Cursor::new(WEEK)).context("the built-in week")?;
    let (Some(first), Some(last)) = (week.first(), week.last()) else { return Ok(0) };
    let language = Language::from(args.language);
    let rules = rules(language)?;
    let zone = rules.shop_view(None).timezone;
    let folder = TempFolder::make()?;
    let phone = Screen::default();
    let line = rules.settings.gateway.line().clone();
    let footer = move |text: &str| {
        let parts = parts::count(text, &line.parts);
        format!("{} part(s), {} units free in the last", parts.parts, parts.left_in_part)
    };
    let console = Console::new(Arc::new(Mutex::new(phone.clone())), Currency::IRT).with_footer(Arc::new(footer));
    let clock = Arc::new(HandClock::at(first.event.at));
    let plan =
        Plan { rules: rules.clone(), load: None, gateways: always(Registry::only(Arc::new(console))), clock, seed: 1 };
    let house = House::open(folder.path(), plan).await?;
    let player =
        Player { house, zone, phone, colours: terminal::colours(), pause: terminal::colours() && !args.fast, language };
    player.say(out, Ink::Bold, "A week of a small shop, in quickened time. Nothing is sent; nothing is kept.")?;
    writeln!(out, "The daemon listens on http://{} and hears signed events, as from a shop.\n", player.house.address)?;
    for recorded in &week {
        player.live_until(recorded.event.at, out).await?;
        player.tell(recorded, out).await?;
    }
    player.live_until(last.event.at.plus(Span::hours(1)), out).await?;
    player.report(&rules, folder.path(), out)?;
    player.say(out, Ink::Bold, "To go live")?;
    writeln!(
        out,
        "  1. bazgasht init --shop-url https://your.shop    writes bazgasht.toml (with a secret) and campaigns.toml"
    )?;
    writeln!(
        out,
        "  2. install wordpress-bridge/ as a plugin, paste the secret under WooCommerce > Bazgasht, test the connection"
    )?;
    writeln!(
        out,
        "  3. put your gateway's key and a monthly budget into bazgasht.toml, then: bazgasht check && bazgasht run"
    )?;
    player.house.close().await?;
    Ok(0)
}

/// The shipped campaigns, and the settings of a daemon that was given none.
fn rules(language: Language) -> Result<Rules> {
    let nothing = settings::Outside {
        folder: Path::new(""),
        environment: BTreeMap::new(),
        credentials: BTreeMap::new(),
        read: &|_| Err(std::io::ErrorKind::NotFound.into()),
    };
    let settings = settings::without_file(&nothing).settings.context("the settings of a daemon without settings")?;
    let checked = check::load(
        "(built-in campaigns)",
        shipped::campaigns(language),
        &CheckContext { settings: &settings, told: None },
    );
    Ok(Rules { campaigns: checked.campaigns.context("the built-in campaigns")?, settings })
}

/// Gone when the demo is over, however it ends.
struct TempFolder(std::path::PathBuf);

impl TempFolder {
    fn make() -> Result<TempFolder> {
        let path = std::env::temp_dir().join(format!("bazgasht-demo-{}", std::process::id()));
        std::fs::create_dir_all(&path).with_context(|| format!("{} cannot be made", path.display()))?;
        Ok(TempFolder(path))
    }

    fn path(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Where the console gateway prints: read and shown between the shop's events, so that neither cuts into the other.
#[derive(Debug, Clone, Default)]
struct Screen(Arc<Mutex<Vec<u8>>>);

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Screen {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Player {
    house: House,
    zone: Tz,
    phone: Screen,
    colours: bool,
    pause: bool,
    language: Language,
}

impl Player {
    /// Lets time pass, and shows each SMS at its moment.
    async fn live_until(&self, end: At, out: &mut (dyn Write + Send)) -> Result<()> {
        loop {
            self.house.work().await?;
            self.show(out).await?;
            let next = self.house.parts.writer.run(|world| world.next_moment()).await?;
            let Some(next) = next.filter(|t| *t < end) else { break };
            self.house.live_until(next.max(self.house.clock.now())).await?;
            self.show(out).await?;
        }
        self.house.live_until(end).await?;
        self.show(out).await
    }

    async fn show(&self, out: &mut (dyn Write + Send)) -> Result<()> {
        let printed = self.phone.take();
        if printed.is_empty() {
            return Ok(());
        }
        writeln!(out, "{}  an SMS goes out", self.moment(self.house.clock.now()))?;
        out.write_all(&printed)?;
        out.flush()?;
        if self.pause {
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// One thing happens in the shop: told to the person watching, and to the daemon.
    async fn tell(&self, recorded: &Recorded, out: &mut (dyn Write + Send)) -> Result<()> {
        if let Some(phone) = recorded.follows_link_of() {
            if let Some(slug) = self.house.newest_link(&phone).await? {
                self.narrate(&recorded.event, out)?;
                let (status, to) = self.house.follow(&slug, BROWSER).await?;
                ensure!(status == 302, "the link answered {status}");
                writeln!(out, "{:16}  302 to {}", "", to.unwrap_or_default())?;
            }
            return Ok(());
        }
        self.narrate(&recorded.event, out)?;
        let taken = self.house.post(&[&recorded.json]).await?;
        ensure!(taken.rejected.is_empty(), "line {} of the recording was refused", recorded.line);
        Ok(())
    }

    fn narrate(&self, event: &Event, out: &mut (dyn Write + Send)) -> Result<()> {
        if let Some(what) = what_happened(&event.fact) {
            writeln!(out, "{}  {what}", self.moment(event.at))?;
        }
        Ok(())
    }

    fn moment(&self, at: At) -> String {
        let local = at.utc().with_timezone(&self.zone);
        let day = match self.language {
            Language::Persian => jalali::say(local.date_naive(), jalali::Form::Short),
            Language::English => jalali::say_gregorian(local.date_naive(), jalali::Form::Short),
        };
        paint(self.colours, Ink::Dim, &format!("{day} {}", local.format("%H:%M")))
    }

    fn report(&self, rules: &Rules, folder: &Path, out: &mut (dyn Write + Send)) -> Result<()> {
        writeln!(out)?;
        self.say(out, Ink::Bold, "What it brought")?;
        let conn = db::open_reader(&folder.join("bazgasht.db"))?;
        let report = reports::gather(&conn, &rules.campaigns, None, Period::EVER, self.house.clock.now())?;
        writeln!(out, "{}", report.table(Say { language: self.language, zone: self.zone, colour: self.colours }))?;
        Ok(())
    }

    fn say(&self, out: &mut (dyn Write + Send), ink: Ink, text: &str) -> Result<()> {
        writeln!(out, "{}", paint(self.colours, ink, text))?;
        Ok(())
    }
}

/// What a person would see of it; nothing for the shop's bookkeeping.
fn what_happened(fact: &Fact) -> Option<String> {
    let names = |items: &[Item]| items.iter().map(|i| i.name.as_str()).collect::<Vec<_>>().join("، ");
    Some(match fact {
        Fact::CartUpdated(d) if d.items.is_empty() => "a basket is emptied".into(),
        Fact::CartUpdated(d) => format!("in a basket: {}", names(&d.items)),
        Fact::CartCleared(_) => "a basket is emptied".into(),
        Fact::ContactCaptured(d) => format!("{} types a number", d.contact.first_name.as_deref().unwrap_or("somebody")),
        Fact::OrderCreated(d) => format!("order {} ({})", d.number, d.status),
        Fact::OrderUpdated(d) => format!("order {} is now {}", d.number, d.status),
        Fact::OrderRefunded(d) => format!("order {} is refunded", d.order_id),
        Fact::ReviewCreated(_) => "a review is written".into(),
        Fact::LinkFollowed(_) => "the link in the SMS is followed".into(),
        Fact::OptedOut(_) => "somebody asks not to be written to any more".into(),
        _ => return None,
    })
}
