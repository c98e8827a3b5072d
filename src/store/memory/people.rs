//! People and their ways, and what they are found by.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};

use super::super::erase::plain;
use super::MemoryWorld;
use crate::clock::At;
use crate::phone::Phone;
use crate::state::model::{Contact, ContactId, Enrolment, EnrolmentId, Link, Message, MessageId, MessageState, Review};
use crate::state::world::World;

/// A contact, and what is theirs.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub contact: Contact,
    pub carts: Vec<String>,
    pub orders: BTreeSet<(At, String)>,
    pub reviews: Vec<usize>,
    pub enrolments: Vec<EnrolmentId>,
    /// Of them, those that have not ended: a few.
    pub open: Vec<EnrolmentId>,
    pub handed: BTreeSet<(At, MessageId)>,
    pub sending: BTreeSet<MessageId>,
    /// Scheduled.
    pub waiting: BTreeSet<MessageId>,
    pub decisions: Vec<usize>,
}

#[derive(Debug, Clone)]
pub(super) struct KnownReview {
    pub contact: Option<ContactId>,
    pub review: Review,
}

/// An enrolment and its messages.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub enrolment: Enrolment,
    pub messages: Vec<MessageId>,
}

/// Where the thing with this id, counted from 1, stands in its list.
pub(super) fn place(id: i64) -> usize {
    usize::try_from(id.saturating_sub(1)).unwrap_or(usize::MAX)
}

impl MemoryWorld {
    pub(super) fn person(&self, id: ContactId) -> Option<&Person> {
        self.people.get(place(id.0))?.as_ref()
    }

    pub(super) fn person_mut(&mut self, id: ContactId) -> Result<&mut Person> {
        self.people
            .get_mut(place(id.0))
            .and_then(Option::as_mut)
            .with_context(|| format!("contact {} is not there", id.0))
    }

    pub(super) fn way(&self, id: EnrolmentId) -> Option<&Way> {
        self.ways.get(place(id.0))
    }

    pub(super) fn way_mut(&mut self, id: EnrolmentId) -> Result<&mut Way> {
        self.ways.get_mut(place(id.0)).with_context(|| format!("enrolment {} is not there", id.0))
    }

    pub(super) fn check_phone(&self, id: ContactId, phone: Option<&Phone>) -> Result<()> {
        let other = phone.and_then(|p| self.by_phone.get(p)).filter(|other| **other != id);
        ensure!(other.is_none(), "the number of contact {} is another's", id.0);
        Ok(())
    }

    pub(super) fn know(&mut self, contact: &Contact) {
        if let Some(phone) = &contact.phone {
            self.by_phone.insert(phone.clone(), contact.id);
        }
        if let Some(user) = &contact.user_id {
            self.by_user.entry(user.clone()).or_default().insert(contact.id);
        }
    }

    pub(super) fn forget(&mut self, contact: &Contact) {
        if let Some(phone) = &contact.phone {
            self.by_phone.remove(phone);
        }
        if let Some(ids) = contact.user_id.as_ref().and_then(|u| self.by_user.get_mut(u)) {
            ids.remove(&contact.id);
        }
    }

    pub(super) fn with_link(&self, message: &Message) -> (Message, Option<Link>) {
        let link = self.link_of.get(&message.id).and_then(|slug| self.links.get(slug));
        (message.clone(), link.cloned())
    }

    /// Changes a message, and what its contact is asked by.
    pub(super) fn change_message(&mut self, id: MessageId, change: impl FnOnce(&mut Message)) -> Result<()> {
        let old = self.outbox.change(id, change)?;
        let Some(new) = self.outbox.get(id) else { bail!("message {} is not there", id.0) };
        let (handed, sending, contact) = (new.handed, new.state == MessageState::Sending, new.contact);
        let waiting = new.state == MessageState::Scheduled;
        let person = self.person_mut(contact)?;
        if old.handed != handed {
            old.handed.map(|at| person.handed.remove(&(at, id)));
            handed.map(|at| person.handed.insert((at, id)));
        }
        if sending {
            person.sending.insert(id)
        } else {
            person.sending.remove(&id)
        };
        if waiting {
            person.waiting.insert(id)
        } else {
            person.waiting.remove(&id)
        };
        Ok(())
    }

    /// Leaves of a person what counts, and nothing that names them.
    pub(super) fn forget_person(&mut self, id: ContactId, at: At) -> Result<()> {
        let person = self.person_mut(id)?;
        let blank =
            Contact { created: person.contact.created, last_seen: person.contact.last_seen, ..Contact::blank(id) };
        let (carts, orders, ways) = (person.carts.clone(), person.orders.clone(), person.enrolments.clone());
        self.put_contact(&blank)?;
        let messages: Vec<MessageId> =
            ways.iter().filter_map(|way| self.way(*way)).flat_map(|w| w.messages.clone()).collect();
        for message in messages {
            self.change_message(message, |message| message.text = None)?;
            if let Some(link) = self.link_of.get(&message).and_then(|slug| self.links.get_mut(slug)) {
                link.expires = link.expires.min(at);
            }
        }
        for cart in carts.iter().map(String::as_str) {
            if let Some(cart) = self.carts.get_mut(cart) {
                cart.items = plain(&cart.items).into();
                cart.checkout_url = None;
            }
        }
        for (_, order) in &orders {
            if let Some(order) = self.orders.get_mut(order) {
                order.items = plain(&order.items).into();
                order.tracking_url = None;
                order.shipping = None;
            }
        }
        self.habits.forget(id, &carts);
        self.occasions.forget(id);
        self.standings.forget(id);
        Ok(())
    }
}
