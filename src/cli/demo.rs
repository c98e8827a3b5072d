//! `bazgasht demo`: a week of a small shop, through the real HTTP door, in quickened time.
//!
//! Nothing of it is pretended but the clock and the phones: a real daemon's door on loopback, signed calls, a database
//! on disk, the shipped campaigns, and the console gateway that prints each SMS as the phone would show it.

use std::io::{Cursor, Write};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::terminal::{self, Ink, paint};
use crate::campaign::model::Language;
use crate::campaign::shipped;
use crate::clock::{At, Clock, HandClock, Span};
use crate::daemon::demo_house::House;
use crate::jalali;
use crate::measure::reports;
use crate::receive::event::{Event, Fact};
use crate::replay::{self, Recorded};
use crate::send::driver;
use crate::state::world::World;

/// A week of a made-up shop, recorded from a real WooCommerce with this bridge.
const WEEK: &str = include_str!("../../tests/data/events/week.jsonl");
/// How long a shopper's browser calls itself a phone's.
const BROWSER: &str = "Mozilla/5.0 (Linux; Android 14; SM-A546E) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36";
/// Reading time for each SMS on a terminal.
const PAUSE: Duration = Duration::from_millis(350);

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DemoLanguage {
    Fa,
    En,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Nothing is sent and nothing is kept: the database lives in a temporary folder. No account and no settings are needed.")]
pub struct DemoArgs {
    /// Language of the texts
    #[arg(long, value_enum, default_value = "fa")]
    pub language: DemoLanguage,
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
    let language = match args.language {
        DemoLanguage::Fa => Language::Persian,
        DemoLanguage::En => Language::English,
    };
    let folder = tempfolder()?;
    let clock = Arc::new(HandClock::at(first.event.at));
    let house = House::open(folder.path(), shipped::campaigns(language), Arc::clone(&clock) as Arc<dyn Clock>).await?;
    let player = Player { house, clock, colours: terminal::colours(), pause: terminal::colours() && !args.fast, language };
    writeln!(out, "{}", paint(player.colours, Ink::Bold, "A week of a small shop, in quickened time. Nothing is sent; nothing is kept."))?;
    writeln!(out, "The daemon listens on http://{} and hears signed events, as a shop would send them.\n", player.house.address)?;
    for recorded in &week {
        player.live_until(recorded.event.at, out).await?;
        player.tell(recorded, out).await?;
    }
    player.live_until(last.event.at.plus(Span::hours(1)), out).await?;
    player.report(out)?;
    player.house.close().await;
    writeln!(out, "\n{}", paint(player.colours, Ink::Bold, "To go live"))?;
    writeln!(out, "  1. bazgasht init --dir . --shop-url https://your.shop   writes bazgasht.toml and campaigns.toml, with a secret")?;
    writeln!(out, "  2. install wordpress-bridge/ as a plugin, paste the secret under WooCommerce › Bazgasht, and press “test the connection”")?;
    writeln!(out, "  3. put your gateway's key and a monthly budget into bazgasht.toml, then: bazgasht check && bazgasht run")?;
    Ok(0)
}

fn tempfolder() -> Result<TempFolder> {
    let path = std::env::temp_dir().join(format!("bazgasht-demo-{}", std::process::id()));
    std::fs::create_dir_all(&path).with_context(|| format!("{} cannot be made", path.display()))?;
    Ok(TempFolder(path))
}

/// Gone when the demo is over, however it ends.
struct TempFolder(std::path::PathBuf);

impl TempFolder {
    fn path(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Player {
    house: House,
    clock: Arc<HandClock>,
    colours: bool,
    pause: bool,
    language: Language,
}

impl Player {
    /// Moves the clock from one due moment to the next, and lets the daemon do its work at each.
    async fn live_until(&self, end: At, out: &mut (dyn Write + Send)) -> Result<()> {
        loop {
            self.work(out).await?;
            let next = self.house.parts.writer.run(|world| world.next_moment()).await?;
            match next.filter(|t| *t <= end) {
                // What is due now and did not move on would be due for ever.
                Some(t) if t > self.clock.now() => self.clock.set(t),
                Some(_) => self.clock.pass(Span(1)),
                None => break,
            }
        }
        if end > self.clock.now() {
            self.clock.set(end);
        }
        Ok(())
    }

    /// Everything that is due now, and the gateway's answers to it.
    async fn work(&self, out: &mut (dyn Write + Send)) -> Result<()> {
        let never = CancellationToken::new();
        loop {
            driver::turn(&self.house.parts, &never).await?;
            let hands: &TaskTracker = &self.house.parts.hands;
            let under_way = hands.len();
            hands.close();
            hands.wait().await;
            hands.reopen();
            let printed = self.house.printed();
            if !printed.is_empty() {
                write!(out, "{printed}")?;
                out.flush()?;
                if self.pause {
                    tokio::time::sleep(PAUSE).await;
                }
            }
            if under_way == 0 {
                return Ok(());
            }
        }
    }

    /// One thing happens in the shop: told to the person watching, and to the daemon.
    async fn tell(&self, recorded: &Recorded, out: &mut (dyn Write + Send)) -> Result<()> {
        if let Some(phone) = recorded.follows_link_of() {
            let slug = self.house.newest_link(&phone).await?;
            if let Some(slug) = slug {
                self.narrate(&recorded.event, out)?;
                let status = self.house.follow(&slug, BROWSER).await?;
                ensure!(status == 302, "the link answered {status}");
            }
            return Ok(());
        }
        self.narrate(&recorded.event, out)?;
        let answer = self.house.post(&recorded.json).await?;
        ensure!(answer.rejected == 0, "line {} of the recording was refused", recorded.line);
        Ok(())
    }

    fn narrate(&self, event: &Event, out: &mut (dyn Write + Send)) -> Result<()> {
        let Some(what) = what_happened(&event.fact) else { return Ok(()) };
        let local = event.at.utc().with_timezone(&self.house.timezone);
        let day = match self.language {
            Language::Persian => jalali::say(local.date_naive(), jalali::Form::Short),
            Language::English => jalali::say_gregorian(local.date_naive(), jalali::Form::Short),
        };
        let when = format!("{day} {}", local.format("%H:%M"));
        writeln!(out, "{}  {what}", paint(self.colours, Ink::Dim, &when))?;
        Ok(())
    }

    fn report(&self, out: &mut (dyn Write + Send)) -> Result<()> {
        writeln!(out, "\n{}\n", paint(self.colours, Ink::Bold, "What it brought"))?;
        let table = self.house.report(self.language, self.colours)?;
        write!(out, "{table}")?;
        let _ = reports::SUMMARY;
        Ok(())
    }
}

/// What a person would see of it; nothing for the shop's bookkeeping.
fn what_happened(fact: &Fact) -> Option<String> {
    let names = |items: &[crate::receive::event::Item]| items.iter().map(|i| i.name.as_str()).collect::<Vec<_>>().join("، ");
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
