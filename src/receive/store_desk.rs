//! The desk that stands on the database.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use anyhow::Context;
use tokio::sync::watch;
use tracing::warn;

use super::another_shop;
use super::desk::{Batch, Desk, Figures, Hit, Question, Taken, Unavailable};
use super::event::Item;
use super::look::{self, Ask, Looked};
use crate::clock::{At, Span};
use crate::decide::questions;
use crate::measure::figures::Period;
use crate::phone::Phone;
use crate::rules::Rules;
use crate::send::gateway::Soon;
use crate::state::model::{Cart, EnrolmentState, Hold, Link, LinkKind, MessageState};
use crate::state::world::World;
use crate::store::log::{self, Appended};
use crate::store::{Readers, SqlWorld, StoreError, Writer, alerts, figures, home, providers, pulled};

const NOTE_EVERY: Span = Span::minutes(1);

/// More visits than this between two commits are no shoppers.
const MOST_HITS_WAITING: usize = 10_000;

/// Visits that the writer has still to count.
#[derive(Default)]
struct Waiting {
    hits: Vec<Hit>,
    /// A job that will take them is on its way.
    is_ordered: bool,
}

/// That they are counted, until they are taken for it or the writer has dropped it.
struct Order(Arc<Mutex<Waiting>>);

impl Order {
    fn take(self) -> Vec<Hit> {
        std::mem::take(&mut held(&self.0).hits)
    }
}

impl Drop for Order {
    fn drop(&mut self) {
        held(&self.0).is_ordered = false;
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub struct StoreDesk {
    writer: Writer,
    readers: Readers,
    /// For its size only.
    database: PathBuf,
    /// The owner's word on where the shop is comes before the shop's own.
    rules: watch::Receiver<Arc<Rules>>,
    told_url: RwLock<Option<String>>,
    hits: Arc<Mutex<Waiting>>,
    /// Why the last call's events could not be stored. An empty commit succeeds on a full disk too.
    trouble: Mutex<Option<String>>,
    /// When another shop's call was last written down.
    noted: Mutex<Option<At>>,
}

impl StoreDesk {
    /// # Errors
    /// The database's.
    pub fn new(
        writer: Writer,
        readers: Readers,
        database: PathBuf,
        rules: watch::Receiver<Arc<Rules>>,
    ) -> anyhow::Result<StoreDesk> {
        let told = readers.with(|conn| SqlWorld::new(conn).shop()).context("the shop's address")?;
        let told_url = RwLock::new(told.map(|shop| shop.url));
        Ok(StoreDesk {
            writer,
            readers,
            database,
            rules,
            told_url,
            hits: Arc::default(),
            trouble: Mutex::new(None),
            noted: Mutex::new(None),
        })
    }

    fn note_trouble(&self, why: Option<String>) {
        *held(&self.trouble) = why;
    }

    fn hear_of_shop(&self, told: Option<String>) {
        if let Some(url) = told {
            *self.told_url.write().unwrap_or_else(PoisonError::into_inner) = Some(url);
        }
    }
}

impl Desk for StoreDesk {
    fn take(&self, batch: Batch) -> Soon<'_, Result<Taken, Unavailable>> {
        Box::pin(async move {
            let told = another_shop::told_in(&batch.good);
            let stored = self
                .writer
                .run(move |world| {
                    let conn = world.connection();
                    let answers = log::append(conn, &batch.good, batch.received)?;
                    for bad in &batch.bad {
                        log::reject(conn, &bad.id, &bad.kind, &bad.error, &bad.raw, batch.received)?;
                    }
                    let accepted = answers.iter().filter(|a| matches!(a, Appended::New(_))).count();
                    Ok(Taken { accepted, duplicate: answers.len() - accepted })
                })
                .await;
            match stored {
                Ok(taken) => {
                    self.note_trouble(None);
                    self.hear_of_shop(told);
                    Ok(taken)
                }
                Err(e) => {
                    let busy = matches!(e, StoreError::Busy);
                    let why = e.to_string();
                    if !busy {
                        self.note_trouble(Some(why.clone()));
                    }
                    Err(Unavailable(why))
                }
            }
        })
    }

    fn link(&self, slug: &str) -> anyhow::Result<Option<Link>> {
        self.readers.look_up(|conn| SqlWorld::new(conn).link(slug))
    }

    fn own_coupon(&self, code: &str, now: At) -> anyhow::Result<Option<(Link, Phone)>> {
        self.readers.with(|conn| {
            let world = SqlWorld::new(conn);
            if world.coupon(code)?.is_some_and(|told| !told.is_alive(now)) {
                return Ok(None);
            }
            let Some(link) = world.link_by_own_coupon(code)? else { return Ok(None) };
            let phone = world.contact(link.contact)?.and_then(|contact| contact.phone);
            Ok(phone.map(|phone| (link, phone)))
        })
    }

    fn shop_url(&self) -> Option<String> {
        self.set_shop_url().or_else(|| self.told_url.read().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn set_shop_url(&self) -> Option<String> {
        self.rules.borrow().settings.shop.url.as_ref().map(|url| url.as_str().to_owned())
    }

    fn reached_shop(&self) -> anyhow::Result<Option<At>> {
        self.readers.look_up(pulled::reached)
    }

    /// A copy of the shop calls every minute: what it is called is written down seldom.
    fn note_another_shop(&self, url: &str, at: At) {
        {
            let mut noted = held(&self.noted);
            if noted.is_some_and(|last| at.since(last) < NOTE_EVERY && last <= at) {
                return;
            }
            *noted = Some(at);
        }
        let url = url.to_owned();
        if let Err(e) = self.writer.post(move |world| home::note_another_shop(world.connection(), &url, at)) {
            warn!(error = %e, "another shop's call not noted");
        }
    }

    fn to_restore(&self, link: &Link) -> anyhow::Result<Vec<Item>> {
        self.readers.with(|conn| {
            let world = SqlWorld::new(conn);
            let own = link.cart_key.as_deref().map(|key| world.cart(key)).transpose()?.flatten();
            // Another number may have been typed into it since: then it is no business of this one's any more.
            let own = own.filter(|cart| cart.is_open() && cart.contact == Some(link.contact));
            // The basket may have moved to another key since, by logging in or on another device.
            let cart = match own {
                Some(cart) => Some(cart),
                None => world.carts_of(link.contact)?.into_iter().find(Cart::is_open),
            };
            Ok(cart.map(|c| c.items.to_vec()).unwrap_or_default())
        })
    }

    fn question(&self, link: &Link, now: At) -> anyhow::Result<Option<Question>> {
        if link.kind != LinkKind::Ask {
            return Ok(None);
        }
        let rules = Arc::clone(&self.rules.borrow());
        self.readers.with(|conn| {
            let world = SqlWorld::new(conn);
            let Some(message) = world.message(link.message)? else { return Ok(None) };
            let Some(campaign) = rules.campaigns.get(&message.campaign) else { return Ok(None) };
            let Some(ask) = campaign.step(&message.step).and_then(|step| step.ask.as_ref()) else { return Ok(None) };
            let way = world.enrolment(message.enrolment)?;
            Ok(Some(Question {
                text: ask.question.clone(),
                answers: ask.answers.iter().map(|answer| answer.label.clone()).collect(),
                is_open: way.is_some_and(|way| questions::takes_answer(campaign, &way, &message.step, now)),
            }))
        })
    }

    /// One job of the writer's counts all visits that came while it was busy, so that a link that spreads costs one commit
    /// at a time and not one for each visitor.
    fn count(&self, hit: Hit) {
        let mut waiting = held(&self.hits);
        if waiting.hits.len() >= MOST_HITS_WAITING {
            return;
        }
        waiting.hits.push(hit);
        if waiting.is_ordered {
            return;
        }
        waiting.is_ordered = true;
        drop(waiting);
        let order = Order(Arc::clone(&self.hits));
        let taken: Arc<Mutex<Vec<Hit>>> = Arc::default();
        let being_counted = Arc::clone(&taken);
        let counted = self.writer.run(move |world| {
            let mut taken = held(&being_counted);
            *taken = order.take();
            taken.iter().try_for_each(|hit| world.count_hit(&hit.slug, hit.at, hit.human, None))
        });
        let hits = Arc::clone(&self.hits);
        tokio::spawn(async move {
            if let Err(e) = counted.await {
                // They stay, and the next visit orders their counting again.
                warn!(error = %e, "visits of links not counted yet");
                held(&hits).hits.append(&mut held(&taken));
            }
        });
    }

    fn look(&self, ask: &Ask, now: At) -> anyhow::Result<Looked> {
        let rules = Arc::clone(&self.rules.borrow());
        self.readers.with(|conn| look::gather(&SqlWorld::new(conn), &rules, ask, now))
    }

    fn holds(&self) -> anyhow::Result<Vec<Hold>> {
        self.readers.with(|conn| SqlWorld::new(conn).holds())
    }

    fn figures(&self, now: At) -> anyhow::Result<Figures> {
        let most = Figures::COUNTED_TO;
        let database_bytes = std::fs::metadata(&self.database).map_or(0, |m| m.len());
        self.readers.with(|conn| {
            let world = SqlWorld::new(conn);
            let last_day = Period { since: now.minus(Span::days(1)), until: At::NEVER };
            let (due, oldest_due) = figures::waiting(conn, now, most)?;
            let counts = log::counts(conn)?;
            let silent_since = counts.last_received.unwrap_or(At(0));
            let outbox = pulled::last(conn)?.filter(|pulled| pulled.at >= silent_since && pulled.waiting > 0);
            Ok(Figures {
                outbox_waiting: outbox.as_ref().map_or(0, |pulled| pulled.waiting),
                outbox_oldest_ms: outbox
                    .and_then(|pulled| pulled.oldest)
                    .map_or(0, |oldest| now.since(oldest).0.max(0)),
                events_pending: counts.pending,
                enrolments_waiting: world.count_enrolments(EnrolmentState::Waiting)?,
                enrolments_active: world.count_enrolments(EnrolmentState::Active)?,
                messages_due: due,
                oldest_due_ms: oldest_due.map_or(0, |due| now.since(due).0.max(0)),
                messages_sending: world.messages_in(MessageState::Sending, most)?.len() as u64,
                messages_unknown: world.messages_in(MessageState::Unknown, most)?.len() as u64,
                holds: world.holds()?,
                alerts: alerts::count_open(conn)?,
                gateways: providers::figures(conn, last_day, None)?.into_iter().collect(),
                database_bytes,
            })
        })
    }

    fn is_dead(&self) -> bool {
        self.writer.is_dead()
    }

    fn writes(&self) -> Soon<'_, Result<(), Unavailable>> {
        Box::pin(async move {
            self.writer.run(|_| Ok(())).await.map_err(|e| Unavailable(e.to_string()))?;
            match held(&self.trouble).clone() {
                Some(why) => Err(Unavailable(why)),
                None => Ok(()),
            }
        })
    }
}
