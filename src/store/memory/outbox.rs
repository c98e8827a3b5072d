//! Messages with the orders in which they are asked for.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Context, Result, ensure};

use super::ledger::Ledger;
use crate::clock::At;
use crate::money::{Currency, Money};
use crate::state::model::{HandOver, Message, MessageId, MessageState};

#[derive(Debug, Clone, Default)]
pub(super) struct Outbox {
    /// By id, from 1.
    messages: Vec<Message>,
    by_reference: HashMap<i64, MessageId>,
    by_gateway_id: HashMap<(String, String), BTreeSet<MessageId>>,
    scheduled: BTreeSet<(At, At, MessageId)>,
    to_ask: BTreeSet<(At, MessageId)>,
    by_state: [BTreeSet<(Option<At>, MessageId)>; MessageState::ALL.len()],
    handed: BTreeSet<(At, MessageId)>,
    ledger: Ledger,
    by_campaign: HashMap<String, Ledger>,
}

/// What a message counts for in the budget; none when it has certainly not left the house. One that failed after it was
/// taken is paid for.
fn spent(m: &Message) -> Option<(At, Money)> {
    // A provider may count in units of its own.
    let told = m.cost.filter(|cost| m.price.is_none_or(|price| price.currency == cost.currency));
    m.handed.zip(told.or(m.price)).filter(|_| m.state.may_have_left() || m.state == MessageState::Failed)
}

impl Outbox {
    pub(super) fn all(&self) -> &[Message] {
        &self.messages
    }

    pub(super) fn get(&self, id: MessageId) -> Option<&Message> {
        self.messages.get(super::place(id.0))
    }

    pub(super) fn by_reference(&self, reference: i64) -> Option<&Message> {
        self.get(*self.by_reference.get(&reference)?)
    }

    pub(super) fn by_gateway_id(&self, gateway: &str, gateway_id: &str) -> Option<&Message> {
        let ids = self.by_gateway_id.get(&(gateway.to_owned(), gateway_id.to_owned()))?;
        self.get(*ids.last()?)
    }

    pub(super) fn add(&mut self, message: &Message) -> Result<MessageId> {
        let id = MessageId(i64::try_from(self.messages.len())? + 1);
        self.check_reference(id, message.reference)?;
        let message = Message { id, ..message.clone() };
        self.index(&message);
        self.messages.push(message);
        Ok(id)
    }

    /// Changes a message and all that is known by it. Returns it as it was.
    pub(super) fn change(&mut self, id: MessageId, change: impl FnOnce(&mut Message)) -> Result<Message> {
        let old = self.get(id).cloned().with_context(|| format!("message {} is not there", id.0))?;
        let mut new = old.clone();
        change(&mut new);
        self.check_reference(id, new.reference)?;
        self.unindex(&old);
        self.index(&new);
        if let Some(place) = self.messages.get_mut(super::place(id.0)) {
            *place = new;
        }
        Ok(old)
    }

    fn check_reference(&self, id: MessageId, reference: Option<i64>) -> Result<()> {
        let other = reference.and_then(|r| self.by_reference.get(&r)).filter(|other| **other != id);
        ensure!(other.is_none(), "reference of message {} is another's", id.0);
        Ok(())
    }

    fn index(&mut self, m: &Message) {
        if let Some(reference) = m.reference {
            self.by_reference.insert(reference, m.id);
        }
        if let (Some(gateway), Some(id)) = (&m.gateway, &m.gateway_id) {
            self.by_gateway_id.entry((gateway.clone(), id.clone())).or_default().insert(m.id);
        }
        match m.state {
            MessageState::Scheduled => drop(self.scheduled.insert((m.next_try, m.due, m.id))),
            MessageState::Sent | MessageState::Unknown => drop(self.to_ask.insert((m.next_try, m.id))),
            _ => {}
        }
        if let Some(state) = self.by_state.get_mut(m.state as usize) {
            state.insert((m.handed, m.id));
        }
        if let Some(at) = m.handed {
            self.handed.insert((at, m.id));
        }
        if let Some((at, money)) = spent(m) {
            self.count(m, at, money.currency, money.minor);
        }
    }

    fn unindex(&mut self, m: &Message) {
        if let Some(reference) = m.reference {
            self.by_reference.remove(&reference);
        }
        if let (Some(gateway), Some(id)) = (&m.gateway, &m.gateway_id)
            && let Some(ids) = self.by_gateway_id.get_mut(&(gateway.clone(), id.clone()))
        {
            ids.remove(&m.id);
        }
        match m.state {
            MessageState::Scheduled => drop(self.scheduled.remove(&(m.next_try, m.due, m.id))),
            MessageState::Sent | MessageState::Unknown => drop(self.to_ask.remove(&(m.next_try, m.id))),
            _ => {}
        }
        if let Some(state) = self.by_state.get_mut(m.state as usize) {
            state.remove(&(m.handed, m.id));
        }
        if let Some(at) = m.handed {
            self.handed.remove(&(at, m.id));
        }
        if let Some((at, money)) = spent(m) {
            self.count(m, at, money.currency, -money.minor);
        }
    }

    fn count(&mut self, m: &Message, at: At, currency: Currency, minor: i64) {
        self.ledger.add(at, currency, minor);
        self.by_campaign.entry(m.campaign.clone()).or_default().add(at, currency, minor);
    }

    pub(super) fn due(&self, now: At, limit: usize) -> Vec<MessageId> {
        self.scheduled.iter().take_while(|(at, ..)| *at <= now).take(limit).map(|(_, _, id)| *id).collect()
    }

    pub(super) fn to_ask(&self, now: At, limit: usize) -> Vec<MessageId> {
        self.to_ask.iter().take_while(|(at, _)| *at <= now).take(limit).map(|(_, id)| *id).collect()
    }

    pub(super) fn next_moment(&self) -> At {
        let scheduled = self.scheduled.first().map_or(At::NEVER, |(at, ..)| *at);
        let question = self.to_ask.first().map_or(At::NEVER, |(at, _)| *at);
        scheduled.min(question)
    }

    pub(super) fn within(&self, state: MessageState, limit: usize) -> Vec<MessageId> {
        self.by_state.get(state as usize).into_iter().flatten().take(limit).map(|(_, id)| *id).collect()
    }

    pub(super) fn spent_by_campaign_since(&self, campaign: &str, since: At, now: At, zero: Money) -> Money {
        self.by_campaign.get(campaign).map_or(zero, |ledger| ledger.between(since, now, zero.currency))
    }

    pub(super) fn handed_by_gateway_since(&self, gateway: &str, since: At, limit: usize) -> Vec<At> {
        let after = self.handed.range((At(since.0.saturating_add(1)), MessageId(i64::MIN))..);
        let of = after.filter(|(_, id)| self.get(*id).is_some_and(|m| m.gateway.as_deref() == Some(gateway)));
        of.take(limit).map(|(at, _)| *at).collect()
    }

    pub(super) fn spent_since(&self, since: At, now: At, zero: Money) -> Money {
        let whole = Ledger::first_whole(since);
        let sum = self.ledger.between(whole, now, zero.currency);
        let rest = self.handed.range((since, MessageId(i64::MIN))..(whole, MessageId(i64::MIN)));
        let rest =
            rest.filter_map(|(_, id)| spent(self.get(*id)?)).filter(|(_, money)| money.currency == zero.currency);
        Money { minor: sum.minor + rest.map(|(_, money)| money.minor).sum::<i64>(), ..zero }
    }
}

/// The message once its attempt is written down.
pub(super) fn handed_over(m: &mut Message, h: &HandOver) {
    m.state = MessageState::Sending;
    m.reason = None;
    m.reference = Some(h.reference);
    m.attempts = m.attempts.saturating_add(1);
    m.gateway = Some(h.gateway.clone());
    m.gateway_id = None;
    m.text = Some(h.text.clone());
    m.parts = h.parts;
    m.price = Some(h.price);
    m.cost = None;
    m.coupon.clone_from(&h.coupon);
    m.offer.clone_from(&h.offer);
    m.templated = h.templated;
    m.service = h.service;
    m.handed = Some(h.at);
    m.settled = None;
}
