//! History from files: events as on the wire, or a table of orders.

use std::io::BufRead;

use anyhow::{Context, Result};

use super::{Problem, Tally, Told};
use crate::clock::{At, Span};
use crate::receive::event::Wire;
use crate::replay;
use crate::store::Writer;
use crate::store::history::{self, Past};
use crate::store::log::Incoming;

/// Events in one transaction.
const CHUNK: usize = 1_000;
/// As at the door: clocks differ.
const AHEAD: Span = Span::days(1);

/// What is read from, in reports.
pub const EVENTS: &str = "events";
pub const ORDERS: &str = "orders";

/// Where it goes.
pub struct Keeper<'a> {
    pub writer: &'a Writer,
    pub run: i64,
    pub country: String,
    pub now: At,
}

impl Keeper<'_> {
    /// Events as on the wire, one JSON object a line. A line that is none is told and left out.
    ///
    /// # Errors
    /// A file that cannot be read, or the store's.
    pub async fn events(
        &self,
        source: impl BufRead,
        name: &str,
        tally: &mut Tally,
        see: &mut dyn FnMut(u64),
    ) -> Result<()> {
        let mut pasts = Vec::with_capacity(CHUNK);
        for recorded in replay::lines(source) {
            tally.of(EVENTS).read += 1;
            let recorded = match recorded {
                Ok(recorded) => recorded,
                Err(replay::ReplayError::Read { line, source }) => {
                    return Err(source).with_context(|| format!("{name}:{line} cannot be read"));
                }
                Err(replay::ReplayError::Shape { line, problem }) => {
                    let what = format!("is not one JSON event with id, type, time and data ({problem})");
                    tally.not_taken(EVENTS, Problem::new(format!("{name}:{line}"), what));
                    continue;
                }
                Err(replay::ReplayError::Event { line, problem }) => {
                    tally.not_taken(EVENTS, Problem::new(format!("{name}:{line}"), problem.to_string()));
                    continue;
                }
            };
            if recorded.event.at > self.now.plus(AHEAD) {
                let what = "time lies more than a day in the future";
                tally.not_taken(EVENTS, Problem::new(format!("{name}:{}", recorded.line), what));
                continue;
            }
            let wire: Wire<'_> = serde_json::from_str(&recorded.json).context("an event that was understood")?;
            let event = Incoming {
                event_id: wire.id,
                kind: wire.kind,
                time: recorded.event.at.min(self.now),
                data: wire.data.get().to_owned(),
            };
            let past = Past { event, mail: None };
            tally.take(&past, &recorded.event.fact, &self.country);
            pasts.push(past);
            if pasts.len() == CHUNK {
                self.keep(EVENTS, std::mem::take(&mut pasts), tally).await?;
                see(tally.of(EVENTS).read);
            }
        }
        self.keep(EVENTS, pasts, tally).await
    }

    /// What a table of orders told.
    ///
    /// # Errors
    /// The store's.
    pub async fn orders(
        &self,
        orders: impl Iterator<Item = (String, Result<Vec<Told>, Problem>)>,
        tally: &mut Tally,
        see: &mut dyn FnMut(u64),
    ) -> Result<()> {
        let mut pasts = Vec::with_capacity(CHUNK);
        for (place, told) in orders {
            tally.of(ORDERS).read += 1;
            let told = match told {
                Ok(told) => told,
                Err(problem) => {
                    tally.not_taken(ORDERS, problem);
                    continue;
                }
            };
            match told.into_iter().map(Told::check).collect::<Result<Vec<_>, _>>() {
                Ok(checked) => {
                    for (past, fact) in checked {
                        tally.take(&past, &fact, &self.country);
                        pasts.push(past);
                    }
                }
                Err(why) => tally.not_taken(ORDERS, Problem::new(place, why)),
            }
            if pasts.len() >= CHUNK {
                self.keep(ORDERS, std::mem::take(&mut pasts), tally).await?;
                see(tally.of(ORDERS).read);
            }
        }
        self.keep(ORDERS, pasts, tally).await
    }

    async fn keep(&self, kind: &'static str, pasts: Vec<Past>, tally: &mut Tally) -> Result<()> {
        let run = self.run;
        let gathered = self.writer.run(move |world| history::gather(world.connection(), run, &pasts)).await?;
        tally.gathered(kind, gathered);
        Ok(())
    }
}
