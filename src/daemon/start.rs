//! The start order: lock, secret, database, files, what an earlier life left open, and then [`run`](super::run).

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use super::lock::Lock;
use super::machine::Machine;
use super::{Driver, Orders, Parts, Problems, beside, mark, run};
use crate::clock::{At, Clock};
use crate::ids::Chance;
use crate::measure::health::Health;
use crate::measure::metrics::{Metrics, ReloadOutcome};
use crate::money::Currency;
use crate::receive::callbacks::Tokens;
use crate::receive::coupons;
use crate::receive::desk::Desk;
use crate::receive::http::{Door, Reports, router};
use crate::receive::pull::{self, Puller};
use crate::receive::signature::{Key, Verifier};
use crate::receive::stop_page::{Front, StopPage};
use crate::receive::store_desk::StoreDesk;
use crate::rules::Rules;
use crate::secret::Secret;
use crate::send::driver::InForce;
use crate::send::gateway::{Gateway, Registry};
use crate::send::gateways::console::Console;
use crate::send::gateways::ghasedak::Ghasedak;
use crate::send::gateways::http::Http;
use crate::send::gateways::ippanel::Ippanel;
use crate::send::gateways::iranpayamak::IranPayamak;
use crate::send::gateways::kavenegar::Kavenegar;
use crate::send::gateways::melipayamak::Melipayamak;
use crate::send::gateways::smsir::Smsir;
use crate::send::gateways::twilio::Twilio;
use crate::send::heard::Heard;
use crate::send::{driver, outcome, standing};
use crate::settings::model::{GatewaySettings, Settings, Which};
use crate::state::model::Shop;
use crate::state::world::World;
use crate::store::{self, Readers, SqlWorld, Writer, db};

/// Readers beside the writer: enough that a link never waits for a report.
const READERS: usize = 4;

/// Reads both files and checks them together with what the shop has said of itself.
pub type Load = Box<dyn Fn(Option<&Shop>) -> Result<Rules, Problems> + Send + Sync>;

/// Makes the gateways that the settings name, at the start and at each reload; told the last parts of the callback addresses.
pub type MakeGateways = Box<dyn Fn(&GatewaySettings, &Tokens) -> Result<Registry> + Send + Sync>;

/// What a start is given.
pub struct Start {
    /// The settings as first read: where the database is, and all else that needs a restart to change.
    pub settings: Settings,
    pub load: Load,
    pub gateways: MakeGateways,
    pub clock: Arc<dyn Clock>,
    pub chance: Arc<dyn Chance>,
    pub machine: Machine,
    pub reports: Box<dyn FnOnce(Readers, watch::Receiver<Arc<Rules>>) -> Reports + Send>,
    pub ready: Box<dyn FnOnce(SocketAddr) + Send>,
}

/// One gateway that the settings name. `callbacks`: for those that are told with each message where to report.
///
/// # Errors
/// When it cannot be reached that way, such as without a key.
pub fn gateway(which: &Which, callbacks: Option<&Tokens>) -> Result<Arc<dyn Gateway>> {
    Ok(match which {
        Which::Console => Arc::new(Console::stdout(Currency::IRR)),
        Which::Kavenegar(options) => Arc::new(Kavenegar::new(options.clone()).context("gateway kavenegar")?),
        Which::Twilio(options) => {
            let options = (**options).clone();
            let options = match callbacks {
                Some(tokens) => options.report_to(&tokens.delivery),
                None => options,
            };
            Arc::new(Twilio::new(options).context("gateway twilio")?)
        }
        Which::Http(options) => Arc::new(Http::new((**options).clone()).context("gateway http")?),
        Which::Smsir(options) => Arc::new(Smsir::new(options.clone()).context("gateway smsir")?),
        Which::Ghasedak(options) => Arc::new(Ghasedak::new(options.clone()).context("gateway ghasedak")?),
        Which::Melipayamak(options) => Arc::new(Melipayamak::new(options.clone()).context("gateway melipayamak")?),
        Which::Ippanel(options) => Arc::new(Ippanel::new(options.clone()).context("gateway ippanel")?),
        Which::IranPayamak(options) => Arc::new(IranPayamak::new(options.clone()).context("gateway iranpayamak")?),
    })
}

/// All gateways that the settings name, in their order.
///
/// # Errors
/// As [`gateway`].
pub fn gateways(settings: &GatewaySettings, callbacks: Option<&Tokens>) -> Result<Registry> {
    let mut gateways = Registry::default();
    for used in settings.iter() {
        gateways.add(gateway(&used.which, callbacks)?)?;
    }
    Ok(gateways)
}

/// Lives one life of the daemon.
///
/// # Errors
/// What kept it from starting: another daemon on the database, a file with errors, an address in use. Nothing was sent.
pub async fn start(start: Start, orders: Orders) -> Result<()> {
    let (parts, _) = assemble(start).await?;
    run(parts, orders).await
}

/// Opens the database and puts all parts together; nothing listens or sends yet. The clockwork's parts are given apart for
/// who drives it by hand.
///
/// # Errors
/// As [`start`].
pub async fn assemble(start: Start) -> Result<(Parts, driver::Parts)> {
    let Start { settings, load, gateways: make, clock, chance, machine, reports, ready } = start;
    let database = settings.database.clone();
    let lock = Lock::take(&database)?;
    let secret = match &settings.secret {
        Some(secret) => secret.clone(),
        None => beside::secret(&database, chance.as_ref())?,
    };
    let key = Key::parse(secret.expose())?;
    let callback_tokens = tokens(&secret);
    let gateways = make(&settings.gateway, &callback_tokens)?;

    let writer = Writer::start(db::open_writer(&database, chance.as_ref())?)?;
    let readers = Readers::open(&database, READERS)?;
    let told = readers.with(|conn| SqlWorld::new(conn).shop())?;
    let rules = load(told.as_ref()).map_err(|problems| refused(&problems))?;
    let doubtful = {
        let now = clock.now();
        writer.run(move |world| outcome::recover(world, now)).await.context("what an earlier life left open")?
    };
    if doubtful > 0 {
        warn!(
            messages.doubtful = doubtful,
            "messages were handed over without an answer: the gateway is asked about them"
        );
    }

    {
        let (settings, machine, now, last) = (settings.clone(), machine.clone(), clock.now(), mark::last(&database));
        let settle = move |world: &mut SqlWorld<'_>| {
            mark::look(world, last.as_ref(), now)?;
            outcome::lift_holds_of_others(world, &settings.gateway.names())?;
            machine.settle_in(world, &settings, now)
        };
        writer.run(settle).await.context("where the database lives")?;
    }

    let metrics = Arc::new(Metrics::default());
    let health = Arc::new(Health::default());
    let enabled = rules.campaigns.enabled().count();
    health.loaded(enabled, clock.now());
    metrics.reload(ReloadOutcome::Loaded);
    let rules = Arc::new(rules);
    let (put_in_force, in_force) = watch::channel(InForce { rules: Arc::clone(&rules), gateways });
    let (tell_rules, rules) = watch::channel(rules);
    let nudge = Arc::new(Notify::new());
    let hands = driver::Parts {
        writer: writer.clone(),
        in_force: in_force.clone(),
        clock: Arc::clone(&clock),
        chance,
        nudge: Arc::clone(&nudge),
        hands: TaskTracker::new(),
        questions: TaskTracker::new(),
        chores: TaskTracker::new(),
        metrics: Arc::clone(&metrics),
        health: Arc::clone(&health),
    };
    let puller = Puller::new(
        writer.clone(),
        readers.clone(),
        rules.clone(),
        Arc::clone(&clock),
        Arc::clone(&hands.chance),
        key.clone(),
        Arc::clone(&metrics),
    );
    let desk: Arc<dyn Desk> =
        Arc::new(StoreDesk::new(writer.clone(), readers.clone(), database.clone(), rules.clone())?);
    let names = settings.gateway.names().join(", ");
    let door = Door {
        verifier: Verifier::new(vec![key]),
        desk: Arc::clone(&desk),
        callbacks: Arc::new(Heard(hands.clone())),
        tokens: callback_tokens.clone(),
        gateways: Box::new({
            let in_force = in_force.clone();
            move || in_force.borrow().gateways.clone()
        }),
        ways: Box::new({
            let readers = readers.clone();
            move || {
                let told = readers.with(|conn| SqlWorld::new(conn).shop()).unwrap_or_default();
                let InForce { rules, gateways } = in_force.borrow().clone();
                standing::ways(&rules, &gateways, &rules.country(told.as_ref()))
            }
        }),
        coupons: Box::new({
            let rules = rules.clone();
            move || coupons::shared(&rules.borrow().campaigns)
        }),
        stop: StopPage::new(secret.expose().as_bytes(), front(readers.clone(), rules.clone())),
        reports: reports(readers.clone(), rules),
        health: Arc::clone(&health),
        metrics: Arc::clone(&metrics),
        clock: Arc::clone(&clock),
        nudge: Arc::clone(&nudge),
    };
    info!(campaigns.enabled = enabled, gateways = names, "files loaded");
    let parts = Parts {
        listen: settings.listen,
        router: router(Arc::new(door)),
        desk,
        driver: clockwork(hands.clone(), puller, database.clone()),
        reload: Box::new({
            let (writer, telling) = (writer.clone(), Arc::clone(&clock));
            let with =
                Reloading { load, make, callback_tokens, machine, first: settings, readers, put_in_force, tell_rules };
            move || reload(&with, &writer, telling.now(), &nudge)
        }),
        health,
        metrics,
        clock: Arc::clone(&clock),
        close: Box::new(move || {
            mark::close(&writer, &database, clock.now());
            writer.stop();
            drop(lock);
        }),
        ready,
    };
    Ok((parts, hands))
}

/// The last parts of the callback addresses. They change with the secret, and with nothing else.
#[must_use]
pub fn tokens(secret: &Secret) -> Tokens {
    Tokens::from_key(secret.expose().as_bytes())
}

/// How the stop page names the shop: a page without a name is better than none.
fn front(readers: Readers, rules: watch::Receiver<Arc<Rules>>) -> Box<dyn Fn() -> Front + Send + Sync> {
    Box::new(move || {
        let told = readers.with(|conn| SqlWorld::new(conn).shop()).unwrap_or_default();
        let shop = rules.borrow().shop_view(told.as_ref());
        Front { name: shop.name, url: Some(shop.url).filter(|url| !url.is_empty()), language: shop.language }
    })
}

fn refused(problems: &Problems) -> anyhow::Error {
    let count = problems.len();
    anyhow!("{}\n{count} problems in the files; `bazgasht check` shows them in place", problems.join("\n"))
}

fn clockwork(parts: driver::Parts, puller: Puller, database: PathBuf) -> Driver {
    Box::new(move |stop: CancellationToken| {
        Box::pin(async move {
            let look = tokio::spawn(look_at_gateways(parts.gateways()));
            tokio::join!(
                driver::run(parts.clone(), stop.clone()),
                mark::keep(parts.writer.clone(), database, Arc::clone(&parts.clock), stop.clone()),
                pull::run(puller, stop.clone()),
                crate::send::watch::run(parts, stop)
            );
            look.abort();
        })
    })
}

/// Tells the owner at the start what is wrong with the accounts; a daemon receives events whatever a gateway says.
async fn look_at_gateways(gateways: Registry) {
    for gateway in gateways.iter() {
        match gateway.look().await {
            Ok(warnings) => {
                for warning in warnings {
                    warn!(gateway.name = gateway.name(), warning = warning.as_str(), "gateway's account");
                }
            }
            Err(e) => warn!(gateway.name = gateway.name(), error = %e, "gateway cannot be asked about its account"),
        }
    }
}

/// What a reload works with.
struct Reloading {
    load: Load,
    make: MakeGateways,
    callback_tokens: Tokens,
    machine: Machine,
    /// The settings of the start.
    first: Settings,
    readers: Readers,
    put_in_force: watch::Sender<InForce>,
    /// The same rules, for those who need no gateway.
    tell_rules: watch::Sender<Arc<Rules>>,
}

/// Swaps rules and gateways whole, or not at all. What a running process cannot change stays as it was at the start.
fn reload(with: &Reloading, writer: &Writer, now: At, nudge: &Notify) -> Result<usize, Problems> {
    let said = |e: anyhow::Error| vec![format!("{e:#}")];
    let told = with.readers.with(|conn| SqlWorld::new(conn).shop()).map_err(said)?;
    let mut new = (with.load)(told.as_ref())?;
    let first = &with.first;
    let fixed = [
        ("listen", new.settings.listen != first.listen),
        ("database", new.settings.database != first.database),
        ("secret", new.settings.secret != first.secret),
    ];
    for (key, _) in fixed.iter().filter(|(_, differs)| *differs) {
        warn!(settings.key = key, "setting takes effect after a restart");
    }
    new.settings.listen = first.listen;
    new.settings.database.clone_from(&first.database);
    new.settings.secret.clone_from(&first.secret);
    let gateways = (with.make)(&new.settings.gateway, &with.callback_tokens).map_err(said)?;
    let enabled = new.campaigns.enabled().count();
    let rules = Arc::new(new);
    // Before the new gateway is used: a copy that had none that costs money may have one now.
    let (machine, settings) = (with.machine.clone(), rules.settings.clone());
    let at_home = writer.post(move |world| machine.settle_in(world, &settings, now).map(drop));
    with.put_in_force.send_modify(|now| {
        *now = InForce { rules: Arc::clone(&rules), gateways: gateways.after(&now.gateways) };
    });
    with.tell_rules.send_replace(rules);
    // The owner may just have mended what the gateway refused; if not, one message meets the same refusal.
    let used = with.put_in_force.borrow().rules.settings.gateway.names();
    let lifted = writer.post(move |world| {
        outcome::lift_holds_of_others(world, &used)?;
        outcome::try_held_gateways(world, now)?;
        // New hours, caps or budget hold for what waits, too.
        store::reload::look_again(world.connection(), now).map(drop)
    });
    if let Err(e) = at_home.and(lifted) {
        warn!(error = %e, "holds not lifted");
    }
    nudge.notify_one();
    Ok(enabled)
}
