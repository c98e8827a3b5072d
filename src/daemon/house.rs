//! A whole daemon in this process whose clock is moved by hand: for `demo`, and for the tests' stories.
//!
//! The door, the database, the gate and the gateway are the real ones; only the clockwork does not run by itself but
//! when [`House::live_until`] says so, so that a week takes a moment and every run is the same.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use reqwest::header::LOCATION;
use serde::Deserialize;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::machine::Machine;
use super::start::{Load, MakeGateways, Start, assemble};
use super::{Orders, run};
use crate::clock::{At, Clock, HandClock, Span};
use crate::ids::{Chance, SeededChance};
use crate::measure::served;
use crate::phone::Phone;
use crate::receive::signature::{self, Key};
use crate::rules::Rules;
use crate::secret::Secret;
use crate::send::driver;
use crate::send::gateway::Registry;
use crate::state::world::World;

/// What a house is made of.
pub struct Plan {
    pub rules: Rules,
    /// Read again when told to reload; `None`: the same rules.
    pub load: Option<Load>,
    /// Called at the start and at each reload; see [`always`].
    pub gateways: MakeGateways,
    pub clock: Arc<HandClock>,
    pub seed: u64,
}

pub struct House {
    pub address: SocketAddr,
    pub parts: driver::Parts,
    pub clock: Arc<HandClock>,
    pub orders: Orders,
    key: Key,
    http: reqwest::Client,
    life: JoinHandle<Result<()>>,
    calls: std::sync::atomic::AtomicU32,
}

/// The answer to a call with events.
#[derive(Debug, Deserialize, PartialEq, Eq)]
pub struct Taken {
    pub accepted: usize,
    pub duplicate: usize,
    pub rejected: Vec<Rejected>,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
pub struct Rejected {
    pub id: String,
    pub error: String,
}

/// These gateways, whatever the settings say.
#[must_use]
pub fn always(gateways: Registry) -> MakeGateways {
    Box::new(move |_, _| Ok(gateways.clone()))
}

impl House {
    /// Opens a daemon with its database in `folder`, on a loopback port of the system's choice.
    ///
    /// # Errors
    /// As [`super::start::start`].
    pub async fn open(folder: &Path, plan: Plan) -> Result<House> {
        let Plan { mut rules, load, gateways, clock, seed } = plan;
        let chance = Arc::new(SeededChance::new(seed));
        rules.settings.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        rules.settings.database = folder.join("bazgasht.db");
        let secret = Secret::new(match &rules.settings.secret {
            Some(secret) => secret.expose().to_owned(),
            None => signature::secret_from(chance.key()),
        });
        rules.settings.secret = Some(secret.clone());
        let settings = rules.settings.clone();
        let load: Load = load.unwrap_or_else(|| Box::new(move |_| Ok(rules.clone())));
        let (told_address, address) = oneshot::channel();
        let told_time = Arc::clone(&clock) as Arc<dyn Clock>;
        let (mut whole, parts) = assemble(Start {
            settings,
            load,
            gateways,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            chance,
            machine: Machine::default(),
            reports: Box::new(|readers, rules| served::reports(readers, rules, told_time)),
            ready: Box::new(move |address| {
                let _ = told_address.send(address);
            }),
        })
        .await?;
        // The clockwork is driven by hand; at the end it gives what was handed over its time, as ever.
        let hands = parts.hands.clone();
        whole.driver = Box::new(move |stop: CancellationToken| {
            Box::pin(async move {
                stop.cancelled().await;
                hands.close();
                hands.wait().await;
            })
        });
        let orders = Orders::default();
        let life = tokio::spawn(run(whole, orders.clone()));
        let Ok(address) = address.await else {
            return Err(life.await?.err().unwrap_or_else(|| anyhow!("the daemon ended before it began")));
        };
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build()?;
        let key = Key::parse(secret.expose())?;
        Ok(House { address, parts, clock, orders, key, http, life, calls: std::sync::atomic::AtomicU32::new(0) })
    }

    /// Moves the clock from one due moment to the next up to `end`; the daemon does its work at each.
    ///
    /// # Errors
    /// The store's.
    pub async fn live_until(&self, end: At) -> Result<()> {
        loop {
            self.work().await?;
            let next = self.parts.writer.run(|world| world.next_moment()).await?;
            let Some(next) = next.filter(|t| *t <= end) else { break };
            // What was due already and did not move on must not stop the clock.
            self.clock.set(next.max(self.clock.now().plus(Span(1))));
        }
        if end > self.clock.now() {
            self.clock.set(end);
        }
        Ok(())
    }

    /// Does everything that is due now, the gateway's answers included.
    ///
    /// # Errors
    /// The store's.
    pub async fn work(&self) -> Result<()> {
        let never = CancellationToken::new();
        loop {
            driver::turn(&self.parts, &never).await?;
            let all = [&self.parts.hands, &self.parts.questions, &self.parts.chores];
            let under_way: usize = all.iter().map(|tasks| tasks.len()).sum();
            for tasks in all {
                tasks.close();
                tasks.wait().await;
                tasks.reopen();
            }
            if under_way == 0 {
                return Ok(());
            }
        }
    }

    /// Hands events (each a JSON object) to the door in one signed call.
    ///
    /// # Errors
    /// When the answer is not 200.
    pub async fn post(&self, events: &[&str]) -> Result<Taken> {
        let body = format!("{{\"events\":[{}]}}", events.join(","));
        let answer = self.sign(self.http.post(self.url("/v1/events")), body.as_bytes()).body(body).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        if status != 200 {
            return Err(anyhow!("the door answered {status}: {text}"));
        }
        serde_json::from_str(&text).context("the door's answer")
    }

    /// A signed question. Status and JSON.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn ask(&self, path: &str) -> Result<(u16, serde_json::Value)> {
        let line = signature::request_line("GET", path);
        let answer = self.sign(self.http.get(self.url(path)), line.as_bytes()).send().await?;
        let status = answer.status().as_u16();
        Ok((status, answer.json().await.unwrap_or_default()))
    }

    /// A signed question with a body. Status and JSON.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn tell(&self, path: &str, body: &serde_json::Value) -> Result<(u16, serde_json::Value)> {
        let body = body.to_string();
        let answer = self.sign(self.http.post(self.url(path)), body.as_bytes()).body(body).send().await?;
        let status = answer.status().as_u16();
        Ok((status, answer.json().await.unwrap_or_default()))
    }

    /// Follows a short link as a browser does. Status and where it leads.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn follow(&self, slug: &str, agent: &str) -> Result<(u16, Option<String>)> {
        let answer = self.http.get(self.url(&format!("/s/{slug}"))).header("User-Agent", agent).send().await?;
        let location = answer.headers().get(LOCATION).and_then(|v| v.to_str().ok()).map(str::to_owned);
        // Visits are counted behind the visitor's back; the next look at the database comes after this one.
        self.parts.writer.run(|_| Ok(())).await?;
        Ok((answer.status().as_u16(), location))
    }

    /// The link of the newest message to this number.
    ///
    /// # Errors
    /// The store's.
    pub async fn newest_link(&self, phone: &Phone) -> Result<Option<String>> {
        let phone = phone.clone();
        let found = self.parts.writer.run(move |world| {
            let Some(contact) = world.contact_by_phone(&phone)? else { return Ok(None) };
            let newest = world.credit_candidates(contact.id, At(0))?.into_iter().next();
            Ok(newest.and_then(|(_, link)| link).map(|l| l.slug))
        });
        Ok(found.await?)
    }

    /// Ends it in order, as SIGTERM would.
    ///
    /// # Errors
    /// What its life ended with.
    pub async fn close(self) -> Result<()> {
        self.orders.stop.cancel();
        self.life.await?
    }

    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn sign(&self, request: reqwest::RequestBuilder, payload: &[u8]) -> reqwest::RequestBuilder {
        let id = format!("msg_{}", self.calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        let timestamp = self.clock.now().0.div_euclid(1_000);
        let signature = self.key.sign(&id, timestamp, payload);
        request
            .header(signature::header::ID, id)
            .header(signature::header::TIMESTAMP, timestamp.to_string())
            .header(signature::header::SIGNATURE, signature)
    }
}
