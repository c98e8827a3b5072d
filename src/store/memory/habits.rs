//! What people look at and ask for, and how often they come.

use std::collections::{BTreeMap, HashMap};

use crate::clock::At;
use crate::state::habits::{DayCount, Doing, LOOKS, View, Wanted};
use crate::state::model::ContactId;

type Views = BTreeMap<(At, u64), View>;

#[derive(Debug, Clone, Default)]
pub(super) struct Habits {
    /// Looks so far: tells apart those of one moment.
    looks: u64,
    views: HashMap<ContactId, Views>,
    /// By the basket in which they happened.
    nobodys: HashMap<String, Views>,
    doings: HashMap<ContactId, BTreeMap<(At, String), DayCount>>,
    wanted: HashMap<ContactId, BTreeMap<(String, String), Wanted>>,
}

fn place(w: &Wanted) -> (String, String) {
    (w.product_id.clone(), w.variation_id.clone().unwrap_or_default())
}

impl Habits {
    pub fn add_view(&mut self, contact: Option<ContactId>, view: &View) {
        self.looks += 1;
        let views = match (contact, &view.cart_key) {
            (Some(contact), _) => self.views.entry(contact).or_default(),
            (None, Some(key)) => self.nobodys.entry(key.clone()).or_default(),
            // Nobody's, and nobody's for ever.
            (None, None) => return,
        };
        views.insert((view.at, self.looks), view.clone());
    }

    pub fn has_nobodys(&self, cart_key: &str) -> bool {
        self.nobodys.contains_key(cart_key)
    }

    pub fn adopt_views(&mut self, cart_key: &str, contact: ContactId) {
        if let Some(views) = self.nobodys.remove(cart_key) {
            self.views.entry(contact).or_default().extend(views);
        }
    }

    pub fn views_of(&self, contact: ContactId, since: At) -> Vec<View> {
        let views = self.views.get(&contact).into_iter().flat_map(|views| views.range((since, 0)..).rev());
        views.take(LOOKS).map(|(_, view)| view.clone()).collect()
    }

    pub fn count_doing(&mut self, contact: ContactId, doing: &Doing, day: At) {
        let days = self.doings.entry(contact).or_default();
        let of_day =
            days.entry((day, doing.to_string())).or_insert_with(|| DayCount { doing: doing.clone(), day, count: 0 });
        of_day.count += 1;
    }

    pub fn doings_of(&self, contact: ContactId, since: At) -> Vec<DayCount> {
        let days = self.doings.get(&contact).into_iter().flat_map(|days| days.range((since, String::new())..));
        days.take(2_000).map(|(_, of_day)| of_day.clone()).collect()
    }

    pub fn put_wanted(&mut self, contact: ContactId, wanted: &Wanted) {
        let of_contact = self.wanted.entry(contact).or_default();
        let known = of_contact.entry(place(wanted)).or_insert_with(|| wanted.clone());
        known.at = known.at.max(wanted.at);
    }

    pub fn drop_wanted(&mut self, contact: ContactId, wanted: &Wanted) {
        if let Some(of_contact) = self.wanted.get_mut(&contact) {
            of_contact.remove(&place(wanted));
        }
    }

    pub fn wanted_of(&self, contact: ContactId) -> Vec<Wanted> {
        self.wanted.get(&contact).into_iter().flat_map(|w| w.values()).take(200).cloned().collect()
    }

    pub fn wanting(&self, product_id: &str, most: usize) -> Vec<(ContactId, Wanted)> {
        let mut all: Vec<(ContactId, Wanted)> = self
            .wanted
            .iter()
            .flat_map(|(contact, wanted)| wanted.values().map(|w| (*contact, w.clone())))
            .filter(|(_, w)| w.product_id == product_id)
            .collect();
        all.sort_by_key(|(contact, w)| (w.at, *contact, w.variation_id.clone()));
        all.truncate(most);
        all
    }

    pub fn merge(&mut self, from: ContactId, into: ContactId) {
        if let Some(views) = self.views.remove(&from) {
            self.views.entry(into).or_default().extend(views);
        }
        for (at, of_day) in self.doings.remove(&from).into_iter().flatten() {
            let days = self.doings.entry(into).or_default();
            days.entry(at).and_modify(|known| known.count += of_day.count).or_insert(of_day);
        }
        for wanted in self.wanted.remove(&from).into_iter().flat_map(BTreeMap::into_values) {
            self.put_wanted(into, &wanted);
        }
    }

    pub fn forget(&mut self, contact: ContactId, cart_keys: &[String]) {
        self.views.remove(&contact);
        self.doings.remove(&contact);
        self.wanted.remove(&contact);
        for key in cart_keys {
            self.nobodys.remove(key);
        }
    }
}
