//! `bazgasht doctor`: what is well, what is not, and the way out.

mod consent;
mod ledger;
mod watch;

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use rusqlite::Connection;
use serde::Serialize;

use super::files::{self, Files, Opened};
use super::terminal::{self, Ink, paint};
use crate::campaign::model::{CouponSpec, Language, Step};
use crate::clock::{At, Clock, Span};
use crate::daemon::{beside, start};
use crate::decide::scene;
use crate::jalali;
use crate::money::{self, Money, Style};
use crate::problem::Severity;
use crate::receive::signature::Key;
use crate::rules::Rules;
use crate::schedule::{hours, special};
use crate::secret::Secret;
use crate::send::balance;
use crate::send::gateway::{Gateway, Push, Registry, StopScope, Trouble};
use crate::send::standing::{self, Standing};
use crate::settings::model::Which;
use crate::state::model::{Hold, HoldScope};
use crate::state::world::World;
use crate::store::{SqlWorld, db, figures, history, home, log, pulled};

/// A shop that says nothing for this long is either very small or not connected.
const SILENCE: Span = Span::hours(24);
/// What is due is looked at within seconds; this late, nobody looks.
const LATE: Span = Span::minutes(5);
/// Free space below which the database may soon not be written.
const LITTLE_SPACE: u64 = 1 << 30;
const NO_SPACE: u64 = 100 << 20;
/// For the daemon on this machine.
const PATIENCE: Duration = Duration::from_secs(1);
/// For the gateway.
const GATEWAY_PATIENCE: Duration = Duration::from_secs(20);
/// Events wait in the shop for its next visitor; longer than this something is wrong.
const STALE: Span = Span::minutes(15);
/// A call of another shop is told of for so long.
const RECENTLY: Span = Span::days(7);
const REJECTED_SHOWN: usize = 10;
const DAYS_SHOWN: usize = 3;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bazgasht doctor              everything, with a question to the gateway (costs nothing, sends nothing)
  bazgasht doctor --offline    without asking the gateway
  bazgasht doctor --json       for a monitor: exit code 1 when something fails

Each line is ok, warn or fail; under those that are not ok stands the way out.")]
pub struct DoctorArgs {
    #[command(flatten)]
    pub files: Files,
    /// Do not ask the gateway
    #[arg(long)]
    pub offline: bool,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Ok,
    Warn,
    Fail,
}

/// One line of the examination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub level: Level,
    pub about: &'static str,
    pub says: String,
    /// What to do, where something is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub way_out: Option<String>,
}

#[derive(Debug, Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn ok(&mut self, about: &'static str, says: impl Into<String>) {
        self.0.push(Finding { level: Level::Ok, about, says: says.into(), way_out: None });
    }

    fn warn(&mut self, about: &'static str, says: impl Into<String>, way_out: impl Into<String>) {
        self.0.push(Finding { level: Level::Warn, about, says: says.into(), way_out: Some(way_out.into()) });
    }

    fn fail(&mut self, about: &'static str, says: impl Into<String>, way_out: impl Into<String>) {
        self.0.push(Finding { level: Level::Fail, about, says: says.into(), way_out: Some(way_out.into()) });
    }
}

/// Makes the gateways that the settings name; not called when they are not to be asked.
pub type MakeGateways<'a> = &'a (dyn Fn(&Rules) -> Result<Registry> + Sync);

/// Examines everything. 1 when something fails.
///
/// # Errors
/// When `out` cannot be written to.
pub async fn run(args: &DoctorArgs, clock: &dyn Clock, gateway: MakeGateways<'_>, out: &mut dyn Write) -> Result<u8> {
    let opened = files::open(&args.files, None);
    let found = match opened {
        Ok(opened) => examine(&opened, clock.now(), (!args.offline).then_some(gateway)).await,
        Err(problem) => {
            vec![Finding {
                level: Level::Fail,
                about: "files",
                says: format!("{problem:#}"),
                way_out: Some(
                    "name the right files with --config and --campaigns, or make some with `bazgasht init`".to_owned(),
                ),
            }]
        }
    };
    print(&found, args.json, terminal::colours(), out)?;
    Ok(u8::from(found.iter().any(|f| f.level == Level::Fail)))
}

/// All findings, in the order in which things depend on one another. `gateway` of `None`: it is not asked.
pub async fn examine(opened: &Opened, now: At, gateway: Option<MakeGateways<'_>>) -> Vec<Finding> {
    let mut found = Findings::default();
    own_files(opened, &mut found);
    let Some(rules) = &opened.rules else { return found.0 };
    special_days(opened, rules, now, &mut found);
    secret(rules, &mut found);
    callbacks(rules, &mut found);
    let answers = daemon(rules.settings.listen, &mut found);
    let space_of = rules.settings.database.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    disk(space_of, &mut found);
    match db::open_reader(&rules.settings.database) {
        Err(_) if !rules.settings.database.exists() => {
            let says = format!("{} is not there yet", rules.settings.database.display());
            found.warn("database", says, "start `bazgasht run` once: it makes the database");
        }
        Err(problem) => found.fail(
            "database",
            format!("{problem:#}"),
            "look at the file's owner and at `database` in bazgasht.toml; restore a backup if it is damaged",
        ),
        Ok(conn) => {
            if let Err(problem) = stored(&conn, rules, now, answers, &mut found) {
                found.fail(
                    "database",
                    format!("cannot be read: {problem:#}"),
                    "restore the latest backup (`bazgasht backup` makes them)",
                );
            }
        }
    }
    match gateway {
        Some(make) => ask(rules, make, now, &mut found).await,
        None => found.ok("gateway", format!("{}, not asked", rules.settings.gateway.names().join(", "))),
    }
    found.0
}

fn own_files(opened: &Opened, found: &mut Findings) {
    let errors = || opened.problems.iter().filter(|p| p.code.severity() == Severity::Error);
    for problem in errors().take(5) {
        found.fail("files", problem.what.clone(), format!("{} (`bazgasht check` shows the place)", problem.help));
    }
    let Some(rules) = &opened.rules else { return };
    let warnings = opened.problems.len() - errors().count();
    let on: Vec<&str> = rules.campaigns.enabled().map(|c| c.id.as_str()).collect();
    let file = opened.campaigns.as_ref().map_or("built-in campaigns".to_owned(), |p| p.display().to_string());
    if on.is_empty() {
        found.warn(
            "campaigns",
            format!("{file}: none is switched on, so nothing is sent"),
            "set `enabled = true` in a campaign",
        );
    } else {
        found.ok("campaigns", format!("{file}: {} on ({})", on.len(), on.join(", ")));
    }
    if warnings > 0 {
        let s = if warnings == 1 { "" } else { "s" };
        found.warn("files", format!("{warnings} warning{s}"), "`bazgasht check` shows them with their places");
    }
}

/// The next special days, and whether those that follow the moon are still known.
fn special_days(opened: &Opened, rules: &Rules, now: At, found: &mut Findings) {
    let shop = rules.shop_view(None);
    let today = now.utc().with_timezone(&shop.timezone).date_naive();
    let say = |day| match shop.language {
        Language::Persian => jalali::say(day, jalali::Form::Weekday),
        Language::English => jalali::say_gregorian(day, jalali::Form::Weekday),
    };
    let coming = special::coming(&rules.settings.hours.special, today);
    let next: Vec<String> = coming
        .iter()
        .take(DAYS_SHOWN)
        .map(|c| {
            let until = if c.last > c.first { format!(" to {}", say(c.last)) } else { String::new() };
            let today = if c.first == today { "today, " } else { "" };
            format!("{today}{}{until}: {} ({})", say(c.first), c.day.name, c.day.opening)
        })
        .collect();
    if let Some(behind) = opened.reach.as_ref().and_then(|reach| reach.behind(today)) {
        found.warn("days", behind.what, behind.help);
    } else if !next.is_empty() {
        found.ok("days", next.join("; "));
    }
}

/// Where a paid provider is to send its reports and the replies; each address is a secret of its own.
fn callbacks(rules: &Rules, found: &mut Findings) {
    let beside = beside::name(&rules.settings.database, "secret");
    let kept = || fs::read_to_string(beside).ok().map(|text| Secret::new(text.trim()));
    let Some(secret) = rules.settings.secret.clone().or_else(kept) else { return };
    let tokens = start::tokens(&secret);
    for used in rules.settings.gateway.iter().filter(|used| used.which.costs()) {
        // One that cannot be made is spoken of where it is asked.
        let Ok(gateway) = start::gateway(&used.which, None) else { continue };
        let name = gateway.name();
        let mut addresses = Vec::new();
        if gateway.delivery_push(&Push::default()) != Err(Trouble::NotOffered) {
            addresses.push(format!("/gateway/{name}/delivery/{} for delivery reports", tokens.delivery));
        }
        if !matches!(gateway.inbound_push(&Push::default()), Err(Trouble::NotOffered)) {
            addresses.push(format!("/gateway/{name}/inbound/{} for replies", tokens.inbound));
        }
        if !addresses.is_empty() {
            let addresses = addresses.join(" and ");
            found.ok(
                "callbacks",
                format!(
                    "give the provider your public address of the daemon with {addresses} (docs/operating.md says how to let them in)"
                ),
            );
        }
    }
}

fn secret(rules: &Rules, found: &mut Findings) {
    if let Some(secret) = &rules.settings.secret {
        match Key::parse(secret.expose()) {
            Ok(_) => found.ok("secret", "given by the settings"),
            Err(problem) => {
                found.fail("secret", problem.to_string(), "put the secret that wp-admin shows into the settings");
            }
        }
        return;
    }
    let path = beside::name(&rules.settings.database, "secret");
    match (fs::read_to_string(&path), fs::metadata(&path)) {
        (Ok(text), Ok(about)) => {
            let shown = path.display();
            if let Err(problem) = Key::parse(text.trim()) {
                found.fail(
                    "secret",
                    format!("{shown}: {problem}"),
                    "remove the file: the next start makes a new one for the bridge",
                );
            } else if about.permissions().mode() & 0o077 != 0 {
                found.fail(
                    "secret",
                    format!("{shown} can be read by others on this machine"),
                    format!("chmod 600 {shown}"),
                );
            } else {
                found.ok("secret", format!("{shown}, readable by its owner only"));
            }
        }
        (Err(e), _) if e.kind() == std::io::ErrorKind::NotFound => {
            found.warn(
                "secret",
                "none yet",
                "start `bazgasht run` once: it makes one; put it into the bridge's settings",
            );
        }
        (Err(e), _) | (_, Err(e)) => {
            found.fail(
                "secret",
                format!("{} cannot be read: {e}", path.display()),
                "run this as the user that runs the daemon",
            );
        }
    }
}

/// Whether a daemon answers where this one would listen.
fn daemon(listen: SocketAddr, found: &mut Findings) -> bool {
    let reachable = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    let address = SocketAddr::new(reachable, listen.port());
    match health_of(address) {
        Ok(status) if status == "200" => {
            found.ok("daemon", format!("running at {address}"));
            true
        }
        Ok(status) => {
            let says = format!("something at {address} answers {status} to /healthz");
            found.warn("daemon", says, "if that is another program, give the daemon another `listen` in bazgasht.toml");
            true
        }
        Err(e) => {
            let says = format!("none answers at {address} ({e}): nothing is heard or sent");
            found.warn("daemon", says, "start it: `systemctl start bazgasht`, or `bazgasht run`");
            false
        }
    }
}

fn health_of(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut beginning = [0_u8; 12];
    stream.read_exact(&mut beginning)?;
    // "HTTP/1.1 200"
    let text = String::from_utf8_lossy(&beginning);
    Ok(text.rsplit(' ').next().unwrap_or_default().to_owned())
}

fn disk(folder: &Path, found: &mut Findings) {
    match rustix::fs::statvfs(folder) {
        Ok(about) => {
            let free = about.f_bavail.saturating_mul(about.f_frsize);
            let says = format!("{} free beside the database", size(free));
            let way_out = "free some space: when the disk is full no event can be stored";
            match free {
                0..NO_SPACE => found.fail("disk", says, way_out),
                NO_SPACE..LITTLE_SPACE => found.warn("disk", says, way_out),
                _ => found.ok("disk", says),
            }
        }
        Err(e) => found.warn("disk", format!("free space is not known: {e}"), format!("look at {}", folder.display())),
    }
}

fn stored(conn: &Connection, rules: &Rules, now: At, daemon: bool, found: &mut Findings) -> Result<()> {
    let state = figures::file_state(conn)?;
    let database = rules.settings.database.display();
    match state.damage {
        None => found.ok("database", format!("{database}, sound, {}", size(state.bytes))),
        Some(damage) => found.fail(
            "database",
            format!("{database} is damaged: {damage}"),
            "stop the daemon, keep a copy of the file, and restore the latest backup",
        ),
    }
    let world = SqlWorld::new(conn);
    the_log(conn, now, daemon, found)?;
    outbox(conn, now, found)?;
    another_shop(conn, now, found)?;
    imports(conn, daemon, found)?;
    the_clock(conn, &world, rules, now, found)?;
    schedule(conn, now, daemon, found)?;
    holds(&world, rules, now, found)?;
    spending(conn, &world, rules, now, found)?;
    campaign_budgets(&world, rules, now, found)?;
    watch::examine(conn, rules, now, found)?;
    addresses(&world, rules, found)?;
    consent::examine(&world, rules, found)?;
    coupons(&world, rules, now, found)
}

fn the_log(conn: &Connection, now: At, daemon: bool, found: &mut Findings) -> Result<()> {
    let counts = log::counts(conn)?;
    let connect = "look at Bazgasht's page in wp-admin: address, secret, and what its connection test says";
    match figures::heard(conn)? {
        None => found.warn("shop", "has not said anything yet", connect),
        Some(heard) => {
            let silent = now.since(heard.received);
            let says = format!("{} events since {}; silent for {}", counts.events, day(heard.first), ago(silent));
            if silent > SILENCE { found.warn("shop", says, connect) } else { found.ok("shop", says) }
        }
    }
    match counts.pending {
        0 => found.ok("log", "every event is applied"),
        n if daemon => found.warn(
            "log",
            format!("{n} events wait to be applied"),
            "look again in a minute; if they stay, read the daemon's log",
        ),
        n => found.warn("log", format!("{n} events wait to be applied"), "start the daemon: it applies them first"),
    }
    if counts.rejected > 0 {
        let reasons = figures::rejected_by_reason(conn, REJECTED_SHOWN)?;
        let reasons: Vec<String> = reasons.into_iter().map(|(why, n)| format!("{n} × {why}")).collect();
        let last = log::rejected(conn, REJECTED_SHOWN)?;
        let last: Vec<String> = last.iter().map(|r| format!("{} {} {}", day(r.received), r.kind, r.event_id)).collect();
        found.warn(
            "log",
            format!(
                "{} events were not understood: {}. The last: {}",
                counts.rejected,
                reasons.join("; "),
                last.join(", ")
            ),
            "bring bridge and daemon to the same version; the events are kept aside",
        );
    }
    Ok(())
}

/// What the shop said when it was last asked for what it has not delivered.
fn outbox(conn: &Connection, now: At, found: &mut Findings) -> Result<()> {
    let Some(pulled) = pulled::last(conn)? else { return Ok(()) };
    let asked = format!("asked to deliver {} ago", ago(now.since(pulled.at)));
    if let Some(why) = pulled.trouble {
        // It may deliver by itself all the same.
        if log::counts(conn)?.last_received.is_none_or(|heard| heard < pulled.at) {
            let way_out =
                "look at the shop and at Bazgasht's page in wp-admin; `pull = \"off\"` in [shop] stops the asking";
            found.warn("outbox", format!("{asked}: {why}"), way_out);
        }
        return Ok(());
    }
    match pulled.oldest.filter(|oldest| pulled.waiting > 0 && pulled.at.since(*oldest) > STALE) {
        Some(oldest) => found.warn(
            "outbox",
            format!("{asked}: {} events wait in the shop, the first for {}", pulled.waiting, ago(now.since(oldest))),
            "look at Bazgasht's page in wp-admin: it says why they are not delivered",
        ),
        None => found.ok("outbox", format!("{asked}: {} events wait in the shop", pulled.waiting)),
    }
    Ok(())
}

/// History that is not there yet, or not yet in the log.
fn imports(conn: &Connection, daemon: bool, found: &mut Findings) -> Result<()> {
    for history::Begun { source, gathered } in history::begun(conn)? {
        found.warn(
            "import",
            format!("from {source} was begun and is not finished: {gathered} events are read, and none counts yet"),
            "unless it runs at this moment, give the same `bazgasht import` again: it goes on where it was",
        );
    }
    match history::waiting(conn)? {
        0 => {}
        n if daemon => found.ok("import", format!("{n} events of the past are being taken in")),
        n => found.warn(
            "import",
            format!("{n} events of the past wait to be taken in"),
            "start the daemon: it takes them in",
        ),
    }
    Ok(())
}

/// Who has called lately with this shop's secret, and is another.
fn another_shop(conn: &Connection, now: At, found: &mut Findings) -> Result<()> {
    if let Some(other) = home::another_shop(conn)?.filter(|other| now.since(other.at) < RECENTLY) {
        found.warn(
            "shop",
            format!(
                "{} called with this shop's secret, {} ago at last: nothing was taken from it",
                other.url,
                ago(now.since(other.at))
            ),
            "if it is a copy for trying things, switch the plugin off there or give it a secret of its own; if the shop has moved, \
             write its new address as [shop] url and `systemctl reload bazgasht`",
        );
    }
    Ok(())
}

fn the_clock(conn: &Connection, world: &SqlWorld<'_>, rules: &Rules, now: At, found: &mut Findings) -> Result<()> {
    let zone = rules.shop_view(world.shop()?.as_ref()).timezone;
    let says = format!("{} in {zone}", now.utc().with_timezone(&zone).format("%Y-%m-%d %H:%M"));
    let ahead = figures::heard(conn)?.is_some_and(|h| h.received.since(now) > LATE);
    if ahead {
        found.fail(
            "clock",
            format!("{says}: events were received later than that"),
            "set this machine's clock (timedatectl set-ntp true)",
        );
    } else {
        found.ok("clock", says);
    }
    Ok(())
}

fn schedule(conn: &Connection, now: At, daemon: bool, found: &mut Findings) -> Result<()> {
    let due = figures::due(conn, now)?;
    let waiting = format!("{} messages wait for their moment", due.scheduled);
    match due.since.map(|since| now.since(since)) {
        Some(late) if late > LATE => {
            let says =
                format!("{} messages and {} people are due, the first for {}", due.messages, due.wakes, ago(late));
            let way_out =
                if daemon { "read the daemon's log" } else { "start the daemon; what is too late by then is not sent" };
            found.warn("schedule", says, way_out);
        }
        _ => found.ok("schedule", waiting),
    }
    if due.unknown > 0 {
        found.warn(
            "in doubt",
            format!("{} messages may or may not have been sent: the gateway did not answer", due.unknown),
            "nothing is sent again on a guess; the gateway is asked about them, and its own panel shows their end",
        );
    }
    Ok(())
}

fn holds(world: &SqlWorld<'_>, rules: &Rules, now: At, found: &mut Findings) -> Result<()> {
    let (all, told) = (world.holds()?, world.shop()?);
    let ways = match start::gateways(&rules.settings.gateway, None) {
        Ok(gateways) => standing::ways(rules, &gateways, &rules.country(told.as_ref())),
        Err(_) => rules.settings.gateway.names(),
    };
    let (standing, zone) = (Standing::of(&all, &ways, now), rules.shop_view(told.as_ref()).timezone);
    let holds: Vec<&Hold> = all.iter().filter(|hold| hold.is_in_force(now)).collect();
    if holds.is_empty() {
        found.ok("holds", "none: sending is free");
    }
    for hold in holds {
        let way_out = match &hold.scope {
            HoldScope::Gateway(_, StopScope::Silence) => {
                "texts wait for it, for it may have taken what it did not answer; it is tried again by itself. Look at its panel; to \
                 go on without it take it out of `use` in bazgasht.toml, then `systemctl reload bazgasht`"
            }
            HoldScope::Gateway(_, _) if hold.until.is_some() => "it is tried again by itself",
            HoldScope::Gateway(_, StopScope::Credit) => {
                "top up the account: sending goes on by itself within five minutes"
            }
            HoldScope::Gateway(_, StopScope::Account) => {
                "mend the key or the allowed addresses in the gateway's panel, then `systemctl reload bazgasht` (or restart it)"
            }
            HoldScope::Gateway(_, StopScope::Line) => {
                "look at the line in the gateway's panel, then `systemctl reload bazgasht` (or restart it)"
            }
            HoldScope::Gateway(_, StopScope::Links) => {
                "ask the gateway to allow links in your texts, then `systemctl reload bazgasht` (or restart it)"
            }
            HoldScope::Gateway(_, StopScope::Template(_) | StopScope::Templates) => {
                "look at the template in the gateway's panel, then `systemctl reload bazgasht` (or restart it)"
            }
            HoldScope::Gateway(_, StopScope::Region(_)) => {
                "ask the gateway to serve this country, then `systemctl reload bazgasht` (or restart it)"
            }
            HoldScope::Campaign(_) => "look at the campaign's figures, then `bazgasht resume campaign:ID`",
            HoldScope::All => "when all is well: `bazgasht resume all`",
        };
        let since = hold.since.utc().with_timezone(&zone).format("%Y-%m-%d");
        let says = format!("{} since {since} ({}): {}", hold.scope, ago(now.since(hold.since)), hold.why);
        let by = match &hold.scope {
            HoldScope::Gateway(name, _) => standing.instead_of(name),
            HoldScope::All | HoldScope::Campaign(_) => None,
        };
        let is_new = hold.scope.is_silence() && now.since(hold.since) < standing::LASTS;
        if let Some(by) = by {
            found.warn("holds", format!("{says}; texts go by {by} meanwhile"), way_out);
        } else if hold.scope.is_grave() && !is_new {
            found.fail("holds", says, way_out);
        } else {
            found.warn("holds", says, way_out);
        }
    }
    Ok(())
}

/// Campaigns that wait because they have spent what they may.
fn campaign_budgets(world: &SqlWorld<'_>, rules: &Rules, now: At, found: &mut Findings) -> Result<()> {
    let zone = rules.shop_view(world.shop()?.as_ref()).timezone;
    let least = rules.settings.gateway.line().price_ucs2;
    for campaign in rules.campaigns.enabled() {
        for (word, cap, since) in [
            ("today", campaign.budget.day, hours::day_start(zone, now)),
            ("this month", campaign.budget.month, hours::month_start(zone, now)),
        ] {
            let Some(cap) = cap else { continue };
            let spent = world.spent_by_campaign_since(&campaign.id, since, now, Money::zero(cap.currency))?;
            if spent.minor.saturating_add(least.minor) > cap.minor {
                found.warn(
                    "budget",
                    format!("{}, {word}: {} of {} spent: its messages wait", campaign.id, said(spent), said(cap)),
                    "they go on by themselves; raise the campaign's `budget` if they should not wait",
                );
            }
        }
    }
    Ok(())
}

fn spending(conn: &Connection, world: &SqlWorld<'_>, rules: &Rules, now: At, found: &mut Findings) -> Result<()> {
    let zone = rules.shop_view(world.shop()?.as_ref()).timezone;
    let (budget, line) = (&rules.settings.budget, rules.settings.gateway.line());
    let free = !rules.settings.gateway.iter().any(|used| used.which.costs());
    for (word, cap, since) in [
        ("today", budget.day, hours::day_start(zone, now)),
        ("this month", budget.month, hours::month_start(zone, now)),
    ] {
        let spent = figures::spent(conn, since)?;
        let said: Vec<String> = spent.iter().map(|m| said(*m)).collect();
        let said = if said.is_empty() { "nothing".to_owned() } else { said.join(" + ") };
        let Some(cap) = cap else {
            if free {
                found.ok("budget", format!("{word}: {said} spent; no cap is needed, the gateway costs nothing"));
            } else if budget.month.is_some() {
                found.ok("budget", format!("{word}: {said} spent; the month's cap bounds it"));
            } else {
                found.warn(
                    "budget",
                    format!("{word}: {said} spent, and no cap is set"),
                    "set [budget] in bazgasht.toml",
                );
            }
            continue;
        };
        let says = format!("{word}: {said} of {} spent", self::said(cap));
        let own = spent.iter().find(|m| m.currency == cap.currency).map_or(0, |m| m.minor);
        if cap.currency != line.price_ucs2.currency {
            let way_out = format!("write the cap in {}, the currency of the line's price", line.price_ucs2.currency);
            found.fail("budget", format!("{says}, in another currency than the price: nothing is sent"), way_out);
        } else if own.saturating_add(line.price_ucs2.minor) > cap.minor {
            found.warn(
                "budget",
                format!("{says}: messages wait"),
                "they go on by themselves; raise [budget] if they should not wait",
            );
        } else {
            found.ok("budget", says);
        }
    }
    Ok(())
}

fn addresses(world: &SqlWorld<'_>, rules: &Rules, found: &mut Findings) -> Result<()> {
    let told = world.shop()?;
    let url = rules.shop_view(told.as_ref()).url;
    if url.is_empty() {
        let way_out = "connect the bridge (it tells the address), or set [shop] url in bazgasht.toml";
        found.fail("links", "the shop's address is not known: no text can be sent", way_out);
    } else if let Some(base) = rules.link_base(told.as_ref()) {
        if base.starts_with("https://") {
            found.ok("links", format!("{base}/… for the shop at {url}"));
        } else {
            let way_out = "give the shop a certificate, and write https:// in its address: phones warn of other links";
            found.warn("links", format!("{base}/… has no HTTPS"), way_out);
        }
    }
    Ok(())
}

/// The codes that campaigns give, as far as the shop does not take them.
fn coupons(world: &SqlWorld<'_>, rules: &Rules, now: At, found: &mut Findings) -> Result<()> {
    let steps = rules.campaigns.enabled().flat_map(|c| &c.steps).flat_map(Step::variants);
    let specs = steps.filter_map(|(_, step)| scene::coupon(&rules.campaigns, step));
    let codes: BTreeSet<&str> = specs.filter_map(CouponSpec::shared_code).collect();
    let mut good = Vec::new();
    for code in codes {
        match world.coupon(&code.to_lowercase())? {
            None => found.warn(
                "coupons",
                format!("the shop does not know {code}: texts with it wait, and are given up when they are late"),
                "let the bridge make it (its settings), or make it in WooCommerce",
            ),
            Some(known) if !known.is_alive(now) => {
                let says = format!("{code} is used up, deleted or over: texts with it wait");
                found.warn("coupons", says, "renew it in WooCommerce, or take it out of the campaigns");
            }
            Some(_) => good.push(code),
        }
    }
    if !good.is_empty() {
        found.ok("coupons", format!("the shop takes {}", good.join(", ")));
    }
    Ok(())
}

async fn ask(rules: &Rules, make: MakeGateways<'_>, now: At, found: &mut Findings) {
    match make(rules) {
        Ok(gateways) => {
            for gateway in gateways.iter() {
                ask_one(rules, gateway.as_ref(), found).await;
                ledger::compare(rules, gateway.as_ref(), now, found).await;
            }
        }
        Err(problem) => found.fail("gateway", format!("{problem:#}"), "look at [gateway] in bazgasht.toml"),
    }
}

async fn ask_one(rules: &Rules, gateway: &dyn Gateway, found: &mut Findings) {
    let name = gateway.name();
    let asked = tokio::time::timeout(GATEWAY_PATIENCE, async { (gateway.balance().await, gateway.look().await) }).await;
    let unreachable =
        "look at the key, at the addresses that the gateway's panel allows, and at this machine's network";
    let Ok((balance, look)) = asked else {
        found.fail("gateway", format!("{name} does not answer within {} s", GATEWAY_PATIENCE.as_secs()), unreachable);
        return;
    };
    let answered = balance.is_ok();
    match balance {
        Ok(None) if name == Which::Console.name() => {
            found.warn(
                "gateway",
                "console: texts are printed, and nobody gets them",
                "choose a gateway in bazgasht.toml when you are ready",
            );
        }
        Ok(None) => found.ok("gateway", format!("{name} tells nothing of its credit, so it was not asked")),
        Ok(Some(credit)) => {
            let says = format!("{name} answers; credit {}", said(credit));
            if balance::is_little(rules, name, credit) {
                found.warn("gateway", format!("{says}: little is left"), "top up the account");
            } else {
                found.ok("gateway", says);
            }
        }
        Err(problem) => found.fail("gateway", format!("{name}: {problem}"), unreachable),
    }
    match look {
        Ok(warnings) => {
            for warning in warnings {
                found.warn("gateway", warning, "change it in the gateway's panel");
            }
        }
        Err(problem) if answered => {
            found.warn("gateway", format!("{name} does not tell of the account: {problem}"), unreachable);
        }
        // It has been said.
        Err(_) => {}
    }
}

fn print(found: &[Finding], as_json: bool, colour: bool, out: &mut dyn Write) -> Result<()> {
    if as_json {
        let worst = found.iter().map(|f| f.level).max().unwrap_or(Level::Ok);
        writeln!(out, "{:#}", serde_json::json!({"level": worst, "findings": found}))?;
        return Ok(());
    }
    for finding in found {
        let (word, ink) = match finding.level {
            Level::Ok => ("ok  ", Ink::Green),
            Level::Warn => ("warn", Ink::Yellow),
            Level::Fail => ("FAIL", Ink::Red),
        };
        writeln!(out, "{}  {:<9}  {}", paint(colour, ink, word), finding.about, finding.says)?;
        if let Some(way_out) = &finding.way_out {
            writeln!(out, "                 → {way_out}")?;
        }
    }
    let count = |level| found.iter().filter(|f| f.level == level).count();
    let (warn, fail) = (count(Level::Warn), count(Level::Fail));
    let words = match (fail, warn) {
        (0, 0) => "all is well".to_owned(),
        (0, n) => format!("works, with {n} to look at"),
        (n, m) => format!("{n} must be mended, {m} to look at"),
    };
    writeln!(out, "\n{}", paint(colour, Ink::Bold, &words))?;
    Ok(())
}

fn said(m: Money) -> String {
    money::say(m, Style::Latin)
}

fn day(t: At) -> String {
    t.utc().format("%Y-%m-%d").to_string()
}

/// The two largest units of a length of time, without the rest.
fn ago(span: Span) -> String {
    let minutes = (span.0 / 60_000).max(0);
    let (days, hours, minutes) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes} min"),
        (0, _) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

fn size(bytes: u64) -> String {
    let units = [(1_u64 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let fitting = units.into_iter().find(|(unit, _)| bytes >= *unit);
    fitting.map_or_else(
        || format!("{bytes} B"),
        |(unit, word)| format!("{}.{} {word}", bytes / unit, bytes % unit * 10 / unit),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_short() {
        assert_eq!([size(0), size(1_536), size(5 << 30)], ["0 B", "1.5 KiB", "5.0 GiB"]);
        assert_eq!(
            [ago(Span::minutes(3)), ago(Span::minutes(185)), ago(Span::hours(50))],
            ["3 min", "3 h 5 min", "2 d 2 h"]
        );
    }
}
