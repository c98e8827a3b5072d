//! Time travel: given events and campaigns, who would have got what, when, and for how much.
//!
//! The same `flow`, engine and gate as the daemon's, on a world in memory, with time moved from one due moment to the
//! next. Nothing is sent. The same events, campaigns and seed give the same result.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::clock::{At, Span};
use crate::flow::{self, round};
use crate::ids::SeededChance;
use crate::money::Money;
use crate::phone::Phone;
use crate::receive::event::Event;
use crate::rules::Rules;
use crate::send::gate;
use crate::send::gateway::{Answer, Body, Delivery, Receipt};
use crate::send::outcome;
use crate::send::ways::Way;
use crate::state::model::{MessageId, Reason};
use crate::state::world::World;

/// Wake-ups and messages in one look.
const CHUNK: usize = 1_000;

/// One SMS that would have gone out.
#[derive(Debug, Clone)]
pub struct WouldSend {
    pub at: At,
    pub message: MessageId,
    pub to: Phone,
    pub campaign: String,
    pub step: String,
    pub text: String,
    pub parts: u32,
    pub price: Money,
    pub slug: Option<String>,
}

/// A world that lives through events in virtual time.
#[derive(Clone)]
pub struct Simulation<W> {
    pub world: W,
    rules: Rules,
    chance: SeededChance,
    now: At,
    templates: bool,
    /// When buyers are next ranked; `None`: nobody asks how they stand, or nothing was heard yet.
    night: Option<At>,
}

impl<W: World> Simulation<W> {
    #[must_use]
    pub fn new(world: W, rules: Rules, seed: u64) -> Simulation<W> {
        let templates = rules.settings.gateway.first.which.costs();
        Simulation { world, rules, chance: SeededChance::new(seed), now: At(i64::MIN), templates, night: None }
    }

    #[must_use]
    pub fn now(&self) -> At {
        self.now
    }

    /// What goes on is by these rules.
    pub fn reload(&mut self, rules: Rules) {
        self.rules = rules;
    }

    /// Lives on until the event's moment, then hears it. An event older than the present is heard late, as it would be.
    ///
    /// # Errors
    /// The world's.
    pub fn hear(&mut self, event: &Event, sent: &mut impl FnMut(WouldSend)) -> Result<()> {
        if event.at > self.now {
            self.live_until(event.at, sent)?;
        }
        flow::absorb(&mut self.world, &self.rules, event, self.now)?;
        if self.night.is_none() && self.rules.campaigns.templates.uses("contact.rfm") {
            self.night = Some(self.next_night()?);
        }
        Ok(())
    }

    /// Lets time pass up to and including `end`.
    ///
    /// # Errors
    /// The world's.
    pub fn live_until(&mut self, end: At, sent: &mut impl FnMut(WouldSend)) -> Result<()> {
        if self.now == At(i64::MIN) {
            self.now = end;
        }
        loop {
            let round = round::next(&self.world, &self.rules, self.now)?;
            let next = self.world.next_moment()?.into_iter().chain(round).min();
            if let Some(night) = self.night.filter(|night| *night <= end.min(next.unwrap_or(At::NEVER))) {
                self.now = self.now.max(night);
                while !flow::people::rank(&mut self.world, &self.rules, night, self.now, CHUNK)? {}
                self.night = Some(self.next_night()?);
                continue;
            }
            let Some(next) = next.filter(|t| *t <= end) else { break };
            self.now = self.now.max(next);
            while round::go_on(&mut self.world, &self.rules, self.now, CHUNK)? {}
            if flow::tend(&mut self.world, &self.rules, self.now, CHUNK)? < CHUNK {
                self.hand_over(sent)?;
            }
        }
        self.now = self.now.max(end);
        Ok(())
    }

    fn next_night(&self) -> Result<At> {
        let zone = self.rules.shop_view(self.world.shop()?.as_ref()).timezone;
        Ok(flow::people::next_night(zone, self.now))
    }

    fn hand_over(&mut self, sent: &mut impl FnMut(WouldSend)) -> Result<()> {
        let used = &self.rules.settings.gateway.first;
        let ways = [Way {
            name: used.which.name(),
            line: &used.line,
            per_minute: used.per_minute,
            calls: CHUNK,
            batch: 1,
            templates: self.templates,
            reaches: &|_, _| true,
        }];
        for claimed in gate::claim(&mut self.world, &self.rules, &ways, &self.chance, self.now, CHUNK)? {
            let id = claimed.message;
            let receipt =
                Receipt { gateway_id: claimed.outgoing.reference.to_string(), cost: None, state: Delivery::Delivered };
            outcome::settle(&mut self.world, id, &Answer::Accepted(receipt), self.now)?;
            let Some(message) = self.world.message(id)? else { continue };
            let text = match claimed.outgoing.body {
                Body::Text(text) => text,
                Body::Template { .. } => message.text.clone().unwrap_or_default(),
            };
            sent(WouldSend {
                at: self.now,
                message: id,
                to: claimed.outgoing.to,
                campaign: message.campaign,
                step: message.step,
                text,
                parts: message.parts,
                price: message.price.unwrap_or(Money::zero(crate::money::Currency::NONE)),
                slug: self.world.link_of_message(id)?.map(|l| l.slug),
            });
        }
        Ok(())
    }
}

/// Totals of a run, by campaign and step.
#[derive(Debug, Clone, Default)]
pub struct Totals {
    pub events: u64,
    pub by_step: BTreeMap<(String, String), StepTotals>,
    pub people: std::collections::BTreeSet<Phone>,
    pub busiest: Option<(At, u64)>,
}

#[derive(Debug, Clone)]
pub struct StepTotals {
    pub messages: u64,
    pub parts: u64,
    pub price: Money,
}

impl Totals {
    pub fn count(&mut self, sent: &WouldSend) {
        let entry = self.by_step.entry((sent.campaign.clone(), sent.step.clone())).or_insert_with(|| StepTotals {
            messages: 0,
            parts: 0,
            price: Money::zero(sent.price.currency),
        });
        entry.messages += 1;
        entry.parts += u64::from(sent.parts);
        entry.price = entry.price.checked_add(sent.price).unwrap_or(entry.price);
        self.people.insert(sent.to.clone());
    }

    #[must_use]
    pub fn messages(&self) -> u64 {
        self.by_step.values().map(|s| s.messages).sum()
    }

    #[must_use]
    pub fn parts(&self) -> u64 {
        self.by_step.values().map(|s| s.parts).sum()
    }
}

/// Why planned texts did not go, counted from the record of a world that keeps one in memory.
#[must_use]
pub fn count_reasons<'a>(reasons: impl Iterator<Item = (&'a str, Reason)>) -> BTreeMap<(String, Reason), u64> {
    let mut counts = BTreeMap::new();
    for (campaign, reason) in reasons {
        *counts.entry((campaign.to_owned(), reason)).or_default() += 1;
    }
    counts
}

/// How long after the last event a run goes on by default: the shop's future is not known, so not at all.
pub const RUN_ON: Span = Span::ZERO;
