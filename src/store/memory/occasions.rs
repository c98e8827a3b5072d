//! What campaigns begin with beside baskets and orders.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::clock::At;
use crate::state::habits::{Happening, Subscription};
use crate::state::model::ContactId;
use crate::state::round::{Gaps, Round};

#[derive(Debug, Clone, Default)]
pub(super) struct Occasions {
    happenings: HashMap<ContactId, BTreeMap<(At, String), Happening>>,
    subscriptions: BTreeMap<String, (ContactId, Subscription)>,
    subscribed: HashMap<ContactId, BTreeSet<String>>,
    pub round: Option<Round>,
    watches: HashMap<ContactId, BTreeSet<String>>,
    watching: HashMap<String, BTreeSet<ContactId>>,
    stirred: BTreeMap<String, ContactId>,
    gaps: BTreeMap<(String, At), Gaps>,
}

impl Occasions {
    pub fn add_happening(&mut self, contact: ContactId, happening: &Happening) {
        let known = self.happenings.entry(contact).or_default();
        known.entry((happening.at, happening.id.clone())).or_insert_with(|| happening.clone());
    }

    pub fn happenings_of(&self, contact: ContactId) -> Vec<Happening> {
        self.happenings.get(&contact).into_iter().flat_map(|h| h.values().rev()).take(50).cloned().collect()
    }

    pub fn subscription(&self, id: &str) -> Option<Subscription> {
        self.subscriptions.get(id).map(|(_, s)| s.clone())
    }

    pub fn put_subscription(&mut self, contact: ContactId, subscription: &Subscription) {
        let id = subscription.id.clone();
        if let Some((before, _)) = self.subscriptions.insert(id.clone(), (contact, subscription.clone()))
            && let Some(theirs) = self.subscribed.get_mut(&before)
        {
            theirs.remove(&id);
        }
        self.subscribed.entry(contact).or_default().insert(id);
    }

    pub fn subscriptions_of(&self, contact: ContactId) -> Vec<Subscription> {
        let ids = self.subscribed.get(&contact).into_iter().flatten();
        ids.filter_map(|id| self.subscription(id)).take(50).collect()
    }

    pub fn watches_of(&self, contact: ContactId) -> BTreeSet<String> {
        self.watches.get(&contact).cloned().unwrap_or_default()
    }

    pub fn put_watches(&mut self, contact: ContactId, products: &BTreeSet<String>) {
        let known = self.watches.insert(contact, products.clone()).unwrap_or_default();
        for product in known.difference(products) {
            if let Some(watching) = self.watching.get_mut(product) {
                watching.remove(&contact);
            }
        }
        for product in products.difference(&known) {
            self.watching.entry(product.clone()).or_default().insert(contact);
        }
    }

    pub fn watching(&self, product_id: &str, after: ContactId, most: usize) -> Vec<ContactId> {
        let behind = |id: &&ContactId| **id > after;
        self.watching.get(product_id).into_iter().flatten().filter(behind).take(most).copied().collect()
    }

    pub fn stirred(&self) -> Option<(String, ContactId)> {
        self.stirred.first_key_value().map(|(product, cursor)| (product.clone(), *cursor))
    }

    pub fn put_stirred(&mut self, product_id: &str, cursor: Option<ContactId>) {
        match cursor {
            Some(cursor) => drop(self.stirred.insert(product_id.to_owned(), cursor)),
            None => drop(self.stirred.remove(product_id)),
        }
    }

    pub fn add_gaps(&mut self, round: At, product_id: Option<&str>, gaps: Gaps) {
        let known = self.gaps.entry((product_id.unwrap_or_default().to_owned(), round)).or_default();
        *known = known.and(gaps);
    }

    pub fn keep_gaps(&mut self, round: At) {
        self.gaps.retain(|(_, of), _| *of == round);
    }

    pub fn gaps(&self, product_id: Option<&str>) -> Gaps {
        let product = product_id.unwrap_or_default();
        let mut found = self.gaps.range((product.to_owned(), At(i64::MIN))..);
        found.next().filter(|((of, _), _)| of == product).map(|(_, gaps)| *gaps).unwrap_or_default()
    }

    pub fn merge(&mut self, from: ContactId, into: ContactId) {
        for (place, happening) in self.happenings.remove(&from).into_iter().flatten() {
            self.happenings.entry(into).or_default().entry(place).or_insert(happening);
        }
        for id in self.subscribed.remove(&from).into_iter().flatten() {
            if let Some((contact, _)) = self.subscriptions.get_mut(&id) {
                *contact = into;
            }
            self.subscribed.entry(into).or_default().insert(id);
        }
        let mut both = self.watches_of(into);
        both.extend(self.watches_of(from));
        self.put_watches(from, &BTreeSet::new());
        self.put_watches(into, &both);
    }

    pub fn forget(&mut self, contact: ContactId) {
        self.happenings.remove(&contact);
        for id in self.subscribed.remove(&contact).into_iter().flatten() {
            self.subscriptions.remove(&id);
        }
        self.put_watches(contact, &BTreeSet::new());
    }
}
