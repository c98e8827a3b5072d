//! By what a person is known: number and account.

use anyhow::{Result, ensure};

use super::MemoryWorld;
use crate::phone::Phone;
use crate::state::model::{Contact, ContactId};

impl MemoryWorld {
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
}
