//! Whether the daemon can do its work now, and if not, why.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::clock::At;
use crate::receive::desk::Desk;
use crate::send::standing::Standing;

/// How long a commit may take before the database counts as not writable.
const WRITE_PATIENCE: Duration = Duration::from_secs(3);
/// A look at the writer is good for this long: probes come often, and each would be a commit.
const LOOK_LASTS_MS: i64 = 2_000;

/// What stands in the campaigns' file, as far as it matters to whoever asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CampaignFile {
    NotLoaded,
    Good {
        campaigns: usize,
        since: At,
    },
    /// A later file was bad; what ran before runs on.
    OldKept {
        campaigns: usize,
        since: At,
        problems: usize,
        first: String,
    },
}

/// What is remembered between looks.
#[derive(Debug)]
pub struct Health {
    file: Mutex<CampaignFile>,
    database: Mutex<Option<(At, Result<(), String>)>>,
    clockwork: Mutex<Result<(), String>>,
}

impl Default for Health {
    fn default() -> Health {
        Health { file: Mutex::new(CampaignFile::NotLoaded), database: Mutex::new(None), clockwork: Mutex::new(Ok(())) }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One look.
#[derive(Debug, Clone)]
pub struct State {
    pub file: CampaignFile,
    pub database: Result<(), String>,
    /// How the last turn of the sending clockwork ended.
    pub clockwork: Result<(), String>,
    /// Why nothing is sent, if nothing is.
    pub held: Option<String>,
    /// What is wrong with a gateway while texts go by another.
    pub detour: Option<String>,
}

#[derive(Serialize)]
pub struct Answer {
    ready: bool,
    database: String,
    campaigns: String,
    clockwork: String,
    gateway: String,
}

impl State {
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.database.is_ok() && self.clockwork.is_ok() && self.held.is_none() && self.file != CampaignFile::NotLoaded
    }

    #[must_use]
    pub fn answer(&self) -> Answer {
        Answer {
            ready: self.is_ready(),
            database: self.database.as_ref().map_or_else(Clone::clone, |()| "ok".to_owned()),
            campaigns: match &self.file {
                CampaignFile::NotLoaded => "not loaded yet".to_owned(),
                CampaignFile::Good { campaigns, since } => format!("ok: {campaigns} on since {}", since.rfc3339()),
                CampaignFile::OldKept { campaigns, since, problems, first } => format!(
                    "the file has {problems} problems; {campaigns} campaigns run on as loaded at {}; first problem: {first}",
                    since.rfc3339()
                ),
            },
            clockwork: self.clockwork.as_ref().map_or_else(Clone::clone, |()| "ok".to_owned()),
            gateway: match (&self.held, &self.detour) {
                (Some(why), _) => format!("on hold: {why}"),
                (None, Some(detour)) => format!("ok, but {detour}"),
                (None, None) => "ok".to_owned(),
            },
        }
    }
}

impl Health {
    pub fn loaded(&self, campaigns: usize, at: At) {
        *held(&self.file) = CampaignFile::Good { campaigns, since: at };
    }

    /// A bad file: what ran before runs on.
    pub fn not_loaded(&self, problems: usize, first: String) {
        let mut file = held(&self.file);
        if let CampaignFile::Good { campaigns, since } | CampaignFile::OldKept { campaigns, since, .. } = *file {
            *file = CampaignFile::OldKept { campaigns, since, problems, first };
        }
    }

    /// How the last turn of the sending clockwork ended.
    pub fn turned(&self, outcome: Result<(), String>) {
        *held(&self.clockwork) = outcome;
    }

    /// `ways`: the gateways by which the shop's people are written to.
    pub async fn look(&self, desk: &dyn Desk, ways: &[&'static str], now: At) -> State {
        let remembered = held(&self.database).clone().filter(|(at, _)| (0..LOOK_LASTS_MS).contains(&now.since(*at).0));
        let database = match remembered {
            Some((_, database)) => database,
            None => self.try_to_write(desk, now).await,
        };
        let (stopped, detour) = match desk.holds().map(|holds| Standing::of(&holds, ways, now)) {
            Ok(standing) => (standing.stopped(), standing.detour()),
            Err(e) => (Some(format!("holds cannot be read: {e:#}")), None),
        };
        State {
            file: held(&self.file).clone(),
            database,
            clockwork: held(&self.clockwork).clone(),
            held: stopped,
            detour,
        }
    }

    async fn try_to_write(&self, desk: &dyn Desk, now: At) -> Result<(), String> {
        let database = match tokio::time::timeout(WRITE_PATIENCE, desk.writes()).await {
            Ok(written) => written.map_err(|e| e.to_string()),
            Err(_) => Err(format!("database took longer than {} s to commit", WRITE_PATIENCE.as_secs())),
        };
        *held(&self.database) = Some((now, database.clone()));
        database
    }
}
