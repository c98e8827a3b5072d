//! The bridge: tells late, out of order and twice, and does not always hear the answer.

use std::collections::BTreeMap;

use bazgasht::clock::At;
use bazgasht::store::log;
use rand::Rng;
use rand::seq::SliceRandom;
use serde_json::{Value, json};

use crate::laws::{DAY, HOUR, MINUTE};
use crate::model::{Known, Ms, Tale};
use crate::promises::{Held, broken};
use crate::run::{Deed, Run};

/// Most events in one call.
const BATCH: usize = 40;

/// One event, as it waits in the outbox and for ever after.
pub struct Told {
    pub id: String,
    pub kind: &'static str,
    /// By the bridge's clock.
    pub time: Ms,
    pub data: String,
    pub tale: Tale,
    /// Its place in the daemon's log.
    pub logged: Option<i64>,
    /// The bridge knows that it arrived, or that it was put aside.
    pub done: bool,
}

#[derive(Default)]
pub struct Bridge {
    pub told: Vec<Told>,
    by_id: BTreeMap<String, usize>,
    /// When what is sent next. True time.
    waiting: Vec<(Ms, usize)>,
    down_until: Ms,
    /// The last line of the daemon's log that was read.
    seq: i64,
    pub rejected: usize,
}

/// When an event gets on its way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Haste {
    /// As it happens: at once, late, or when the bridge is up again.
    Usual,
    /// At once, if the bridge is up.
    Now,
    /// So many milliseconds later.
    After(Ms),
}

impl Run {
    /// The bridge's clock.
    pub fn shop_clock(&self) -> Ms {
        if self.one_clock { self.now + self.skew } else { self.now }
    }

    /// Puts an event into the outbox.
    pub fn tell(&mut self, kind: &'static str, data: Value, tale: Tale, haste: Haste) {
        let index = self.bridge.told.len();
        let id = format!("e{index}");
        let late = match (haste, self.dice.random_range(0..100)) {
            (Haste::After(late), _) => late,
            (Haste::Now, _) | (_, 0..75) => 0,
            (_, 75..88) => self.dice.random_range(0..30) * MINUTE,
            (_, 88..97) => self.dice.random_range(0..12) * HOUR,
            _ => self.dice.random_range(0..4) * DAY,
        };
        let due = (self.now + late).max(self.bridge.down_until);
        let time = self.shop_clock();
        self.note(format!("{kind} {id} {tale:?}{}", if late > 0 { ", late" } else { "" }));
        let data = data.to_string();
        self.bridge.by_id.insert(id.clone(), index);
        self.bridge.told.push(Told { id, kind, time, data, tale, logged: None, done: false });
        self.bridge.waiting.push((due, index));
        self.later(due, Deed::Deliver);
        self.tally.events += 1;
    }

    pub fn cut_bridge(&mut self) {
        let hours = self.dice.random_range(1..60);
        self.note(format!("the bridge is away for {hours} h"));
        self.bridge.down_until = self.now + hours * HOUR;
    }

    /// One call with what is due.
    pub fn deliver(&mut self) -> Held {
        if self.now < self.bridge.down_until {
            let until = self.bridge.down_until;
            self.later(until, Deed::Deliver);
            return Ok(());
        }
        let now = self.now;
        let mut batch: Vec<usize> =
            self.bridge.waiting.iter().filter(|(due, _)| *due <= now).map(|(_, i)| *i).take(BATCH).collect();
        batch.dedup();
        if batch.is_empty() {
            return Ok(());
        }
        if self.chance(15) {
            batch.shuffle(&mut self.dice);
        }
        if self.chance(10) {
            let again = self.dice.random_range(0..self.bridge.told.len());
            if self.bridge.told[again].done {
                batch.push(again);
            }
        }
        let events: Vec<Value> = batch.iter().map(|i| wire(&self.bridge.told[*i])).collect();
        let seconds = self.shop_clock().div_euclid(1_000);
        let body = json!({"events": events}).to_string();
        let (status, answer) = self.life().post(&body, seconds);
        self.hear_log()?;
        let heard = !self.life().disk.is_dead() && !self.chance(4);
        if status == 200 && !self.life().disk.is_dead() {
            self.must_be_stored(&batch, &answer)?;
        }
        if status == 200 && heard {
            for i in &batch {
                self.bridge.told[*i].done = true;
            }
            self.bridge.waiting.retain(|(_, i)| !batch.contains(i));
        } else {
            let wait = if status == 401 { 20 * MINUTE } else { self.dice.random_range(1..15) * MINUTE };
            self.note(format!("answer {status} to {} events{}", batch.len(), if heard { "" } else { ", not heard" }));
            for (due, i) in &mut self.bridge.waiting {
                if batch.contains(i) {
                    *due = now + wait;
                }
            }
            self.later(now + wait, Deed::Deliver);
        }
        if self.bridge.waiting.iter().any(|(due, _)| *due <= now) {
            self.later(now, Deed::Deliver);
        }
        Ok(())
    }

    /// Promise 1: what was answered with success is in the log.
    fn must_be_stored(&mut self, batch: &[usize], answer: &Value) -> Held {
        let rejected: Vec<&str> =
            answer["rejected"].as_array().into_iter().flatten().filter_map(|r| r["id"].as_str()).collect();
        for i in batch {
            let told = &self.bridge.told[*i];
            if rejected.contains(&told.id.as_str()) {
                self.bridge.rejected += 1;
            } else if told.logged.is_none() {
                return broken(1, format!("{} was answered with success and is not in the log", told.id));
            }
        }
        let counted = answer["accepted"].as_u64().unwrap_or(0) + answer["duplicate"].as_u64().unwrap_or(0);
        if counted as usize + rejected.len() != batch.len() {
            return broken(1, format!("{} events were told, the answer is {answer}", batch.len()));
        }
        Ok(())
    }

    /// Reads what came into the daemon's log, and holds it against what was told.
    pub fn hear_log(&mut self) -> Held {
        let after = self.bridge.seq;
        let rows = self.life().read(|world| log::after(world.connection(), after, 10_000));
        for row in rows {
            if row.seq <= self.bridge.seq {
                return broken(1, format!("line {} of the log comes after line {}", row.seq, self.bridge.seq));
            }
            self.bridge.seq = row.seq;
            // Words that stop nothing: no journey here asks for any.
            if row.event_id.starts_with("reply-") && row.kind == "contact.answered" {
                continue;
            }
            if row.event_id.starts_with("reply-") {
                let told: Value = serde_json::from_str(&row.data).unwrap_or_default();
                let phone = told["contact"]["phone"].as_str().unwrap_or_default().to_owned();
                if !self.replies.contains(&phone) {
                    return broken(1, format!("{} is a reply that nobody wrote", row.event_id));
                }
                self.model.known.push(Known {
                    id: row.event_id,
                    at: row.at.0,
                    tale: Tale::No { phone, all: true, until: None },
                });
                continue;
            }
            let Some(i) = self.bridge.by_id.get(&row.event_id).copied() else {
                return broken(1, format!("{} is in the log and was never told", row.event_id));
            };
            let told = &mut self.bridge.told[i];
            if let Some(before) = told.logged {
                return broken(1, format!("{} is in the log twice, at {before} and {}", told.id, row.seq));
            }
            let at = told.time.min(row.received.0);
            if row.data != told.data || row.kind != told.kind || row.at.0 != at {
                return broken(1, format!("{} is not in the log as it was told", told.id));
            }
            told.logged = Some(row.seq);
            self.model.known.push(Known { id: told.id.clone(), at, tale: told.tale.clone() });
            if let Tale::Shop { zone } = told.tale {
                self.model.zones.push(zone);
            }
        }
        Ok(())
    }

    /// After a crash: the log is read from its beginning.
    pub fn look_through_log(&mut self) -> Held {
        let rows = self.life().read(|world| log::after(world.connection(), 0, 100_000));
        let shop = rows.iter().filter(|r| !r.event_id.starts_with("reply-"));
        let there: BTreeMap<&str, i64> = shop.map(|r| (r.event_id.as_str(), r.seq)).collect();
        for told in &self.bridge.told {
            if let Some(seq) = told.logged
                && there.get(told.id.as_str()) != Some(&seq)
            {
                return broken(1, format!("{} was in the log and is not any more", told.id));
            }
        }
        Ok(())
    }
}

fn wire(told: &Told) -> Value {
    let data: Value = serde_json::from_str(&told.data).expect("data");
    json!({"id": told.id, "type": told.kind, "time": At(told.time).rfc3339(), "data": data})
}
