//! The process: what starts in which order, how it reloads, and how it ends.
//!
//! [`start`] puts the parts together; [`run`] is their life: listen, work, say READY, keep the watchdog quiet, reload on SIGHUP, and
//! on SIGTERM take nothing more, finish what was handed over, and close the database.

pub mod beside;
pub mod house;
pub mod lock;
pub mod machine;
pub mod mark;
pub mod start;

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use axum::Router;
use sd_notify::NotifyState;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::clock::Clock;
use crate::measure::health::Health;
use crate::measure::metrics::{Metrics, ReloadOutcome};
use crate::receive::desk::Desk;
use crate::receive::serve::serve;

/// How long requests may take to finish after the order to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(10);
/// How long the driver may take over the gateway's last answers; a little more than it allows itself.
const LAST_HAND_OVERS: Duration = Duration::from_secs(28);
/// Problems of a file that go into the log; `bazgasht check` shows all.
const PROBLEMS_LOGGED: usize = 5;

/// Why a file was not taken: its problems, each with its place.
pub type Problems = Vec<String>;

/// Reads the owner's files anew. When they are good they run from now on, and the number of campaigns that are on is returned;
/// else nothing has changed.
pub type Reload = Box<dyn Fn() -> Result<usize, Problems> + Send + Sync>;

/// Works until its token is cancelled, then finishes what is under way.
pub type Driver = Box<dyn FnOnce(CancellationToken) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// What one life of the daemon needs.
pub struct Parts {
    pub listen: SocketAddr,
    pub router: Router,
    pub desk: Arc<dyn Desk>,
    pub driver: Driver,
    pub reload: Reload,
    pub health: Arc<Health>,
    pub metrics: Arc<Metrics>,
    pub clock: Arc<dyn Clock>,
    /// Drains the writer and closes the database; called last, once.
    pub close: Box<dyn FnOnce() + Send>,
    /// Told the address that is listened on, once everything runs.
    pub ready: Box<dyn FnOnce(SocketAddr) + Send>,
}

/// What the process is asked from outside.
#[derive(Clone, Debug, Default)]
pub struct Orders {
    pub stop: CancellationToken,
    pub reload: Arc<Notify>,
}

impl Orders {
    /// Orders that come as signals: SIGTERM and SIGINT stop, a second one at once; SIGHUP reloads.
    ///
    /// # Errors
    /// When the system does not let signals be heard.
    pub fn from_signals() -> Result<Orders> {
        use tokio::signal::unix::{SignalKind, signal};
        let orders = Orders::default();
        let hear = |kind| signal(kind).context("signals cannot be heard");
        let (mut term, mut int, mut hup) =
            (hear(SignalKind::terminate())?, hear(SignalKind::interrupt())?, hear(SignalKind::hangup())?);
        let heard = orders.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = term.recv() => {}
                    _ = int.recv() => {}
                    _ = hup.recv() => {
                        heard.reload.notify_one();
                        continue;
                    }
                }
                if heard.stop.is_cancelled() {
                    warn!("stopping at once: messages that were being handed over will be asked for at the next start");
                    std::process::exit(1);
                }
                heard.stop.cancel();
            }
        });
        Ok(orders)
    }
}

/// Says something to the service manager, if there is one.
fn tell(state: &[NotifyState<'_>]) {
    if let Err(e) = sd_notify::notify(state) {
        warn!(error = %e, "service manager not told");
    }
}

/// One life, from listening to the closed database.
///
/// # Errors
/// When the address cannot be listened on, or a part ended that should not have.
pub async fn run(parts: Parts, orders: Orders) -> Result<()> {
    let Parts { listen, router, desk, driver, reload, health, metrics, clock, close, ready } = parts;
    let outcome = match TcpListener::bind(listen).await {
        Err(e) => Err(anyhow!(e).context(format!(
            "address {listen} cannot be listened on: is another daemon running? set `listen` in bazgasht.toml"
        ))),
        Ok(listener) => {
            let address = listener.local_addr().unwrap_or(listen);
            let stop = orders.stop.clone();
            let server = tokio::spawn(serve(listener, router, stop.clone(), LAST_REQUESTS));
            let driver = tokio::spawn(driver(stop.clone()));
            let pulse = tokio::spawn(keep_watchdog_quiet(Arc::clone(&desk), stop.clone()));
            ready(address);
            info!(http.address = %address, version = env!("CARGO_PKG_VERSION"), "ready");
            tell(&[NotifyState::Ready, NotifyState::Status("Running")]);
            let outcome = live(&orders, &reload, &health, &metrics, clock.as_ref(), server, driver).await;
            pulse.abort();
            outcome
        }
    };
    if tokio::task::spawn_blocking(close).await.is_err() {
        error!("the database was not closed in order; the next start repairs it");
    }
    info!("stopped");
    outcome
}

/// Obeys orders until the end, then waits for the last requests and hand-overs.
async fn live(
    orders: &Orders,
    reload: &Reload,
    health: &Health,
    metrics: &Metrics,
    clock: &dyn Clock,
    mut server: JoinHandle<bool>,
    mut driver: JoinHandle<()>,
) -> Result<()> {
    let ended_early = loop {
        tokio::select! {
            // First, since the parts end in answer to it.
            biased;
            () = orders.stop.cancelled() => break None,
            () = orders.reload.notified() => reload_files(reload, health, metrics, clock),
            _ = &mut server => break Some("the HTTP server"),
            _ = &mut driver => break Some("the sending clockwork"),
        }
    };
    info!("stopping: taking no more requests, finishing what was handed over");
    tell(&[NotifyState::Stopping, NotifyState::Status("Finishing what was handed over")]);
    orders.stop.cancel();
    let last_requests = async {
        if !server.is_finished() && !matches!(server.await, Ok(true)) {
            warn!("some requests were cut off");
        }
    };
    let last_hand_overs = async {
        if !driver.is_finished() && tokio::time::timeout(LAST_HAND_OVERS, driver).await.is_err() {
            warn!("the gateway's last answers were not waited for: they will be asked for at the next start");
        }
    };
    tokio::join!(last_requests, last_hand_overs);
    match ended_early {
        None => Ok(()),
        Some(part) => Err(anyhow!("{part} ended by itself; the log says why")),
    }
}

/// A bad file changes nothing and is said loudly.
fn reload_files(reload: &Reload, health: &Health, metrics: &Metrics, clock: &dyn Clock) {
    let reloading = NotifyState::monotonic_usec_now().map(|now| vec![NotifyState::Reloading, now]);
    tell(&reloading.unwrap_or_else(|_| vec![NotifyState::Reloading]));
    match reload() {
        Ok(campaigns) => {
            health.loaded(campaigns, clock.now());
            metrics.reload(ReloadOutcome::Loaded);
            info!(campaigns.enabled = campaigns, "files reloaded");
            tell(&[NotifyState::Ready, NotifyState::Status("Running")]);
        }
        Err(problems) => {
            for problem in problems.iter().take(PROBLEMS_LOGGED) {
                error!(problem = problem.as_str(), "file not reloaded");
            }
            error!(problems = problems.len(), "the files have problems: what ran before runs on; see `bazgasht check`");
            health.not_loaded(problems.len(), problems.into_iter().next().unwrap_or_default());
            metrics.reload(ReloadOutcome::Refused);
            tell(&[
                NotifyState::Ready,
                NotifyState::Status("Running on the files as they were: the new ones have problems"),
            ]);
        }
    }
}

/// Pings the watchdog as long as the writer answers, be it with an error: a full disk is not mended by a restart, a stuck or dead
/// writer may be.
async fn keep_watchdog_quiet(desk: Arc<dyn Desk>, stop: CancellationToken) {
    let Some(limit) = sd_notify::watchdog_enabled() else { return };
    let every = limit / 3;
    while !stop.is_cancelled() {
        match tokio::time::timeout(every, desk.writes()).await {
            Ok(_) if desk.is_dead() => error!("the writer has died: nothing can be stored before a restart"),
            Ok(_) => tell(&[NotifyState::Watchdog]),
            Err(_) => {
                warn!(waited_ms = u64::try_from(every.as_millis()).unwrap_or(u64::MAX), "the writer does not answer");
            }
        }
        tokio::time::sleep(every).await;
    }
}
