//! A world without a database: for `simulate`, `preview` and tests. It answers as [`super::world`] does, only faster; a test
//! holds the one against the other.

mod habits;
mod ledger;
mod occasions;
mod outbox;
mod people;
mod sales;
mod seen;
mod standing;
mod trials;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};

use self::habits::Habits;
use self::occasions::Occasions;
use self::outbox::Outbox;
use self::people::{KnownReview, Person, Way, place};
use self::standing::Known;
use super::people::joined;
use crate::clock::At;
use crate::money::Money;
use crate::phone::Phone;
use crate::state::habits::{DayCount, Doing, Happening, Subscription, View, Wanted};
use crate::state::model::{
    ArmCounts, ArmsAsked, Cart, Contact, ContactId, Coupon, Credit, Decision, Enrolment, EnrolmentId, EnrolmentState,
    HandOver, Hold, HoldScope, Link, Message, MessageId, MessageState, OptOut, Order, Product, REFUNDED_SO_FAR, Review,
    Shop, StaffWord, Subject, Tries, Whom,
};
use crate::state::round::{Gaps, Round};
use crate::state::world::World;

/// Everything that is known, in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryWorld {
    /// By id, from 1; a place is empty after its contact was merged into another.
    people: Vec<Option<Person>>,
    by_phone: HashMap<Phone, ContactId>,
    by_user: HashMap<String, BTreeSet<ContactId>>,
    opt_outs: HashMap<Phone, OptOut>,
    blocked: HashSet<Phone>,
    carts: HashMap<String, Cart>,
    orders: HashMap<String, Order>,
    refunds: HashMap<String, HashMap<String, Money>>,
    products: HashMap<String, Arc<Product>>,
    coupons: HashMap<String, Coupon>,
    reviews: Vec<KnownReview>,
    review_ids: HashMap<String, usize>,
    shop: Option<Shop>,
    /// By id, from 1.
    ways: Vec<Way>,
    wakes: BTreeSet<(At, EnrolmentId)>,
    in_state: [u64; EnrolmentState::ALL.len()],
    outbox: Outbox,
    staff_words: Vec<StaffWord>,
    arm_counts: HashMap<(String, String), ArmCounts>,
    links: HashMap<String, Link>,
    link_of: HashMap<MessageId, String>,
    /// By the visitor's cart: when a person last followed which message's link.
    hits: HashMap<String, BTreeMap<MessageId, At>>,
    credits: HashMap<String, Credit>,
    holds: BTreeMap<String, Hold>,
    decisions: Vec<Decision>,
    habits: Habits,
    occasions: Occasions,
    standings: Known,
    sales: sales::Sales,
}

impl MemoryWorld {
    #[must_use]
    pub fn new() -> MemoryWorld {
        MemoryWorld::default()
    }
}

impl World for MemoryWorld {
    // ── people ──────────────────────────────────────────────────────────────────────────────────────────────
    fn contact(&self, id: ContactId) -> Result<Option<Contact>> {
        Ok(self.person(id).map(|p| p.contact.clone()))
    }

    fn contact_by_phone(&self, phone: &Phone) -> Result<Option<Contact>> {
        self.by_phone.get(phone).map_or(Ok(None), |id| self.contact(*id))
    }

    fn contact_by_user(&self, user_id: &str) -> Result<Option<Contact>> {
        self.by_user.get(user_id).and_then(BTreeSet::last).map_or(Ok(None), |id| self.contact(*id))
    }

    fn add_contact(&mut self, contact: &Contact) -> Result<ContactId> {
        let id = ContactId(i64::try_from(self.people.len())? + 1);
        self.check_phone(id, contact.phone.as_ref())?;
        let contact = Contact { id, ..contact.clone() };
        self.know(&contact);
        self.people.push(Some(Person {
            contact,
            carts: Vec::new(),
            orders: BTreeSet::new(),
            reviews: Vec::new(),
            enrolments: Vec::new(),
            open: Vec::new(),
            handed: BTreeSet::new(),
            sending: BTreeSet::new(),
            waiting: BTreeSet::new(),
            decisions: Vec::new(),
        }));
        Ok(id)
    }

    fn put_contact(&mut self, contact: &Contact) -> Result<()> {
        self.check_phone(contact.id, contact.phone.as_ref())?;
        let old = std::mem::replace(&mut self.person_mut(contact.id)?.contact, contact.clone());
        if old.phone != contact.phone || old.user_id != contact.user_id {
            self.forget(&old);
            self.know(contact);
        }
        Ok(())
    }

    fn merge_contacts(&mut self, from: ContactId, into: ContactId) -> Result<()> {
        let kept = self.person(into).with_context(|| format!("contact {} is not there", into.0))?.contact.clone();
        let gone = self.person(from).with_context(|| format!("contact {} is not there", from.0))?;
        let kept = joined(&gone.contact, kept)?;
        ensure!(gone.enrolments.is_empty(), "contact {} has enrolments: it cannot be merged into another", from.0);
        let Some(gone) = self.people.get_mut(place(from.0)).and_then(Option::take) else { return Ok(()) };
        self.forget(&gone.contact);
        for key in &gone.carts {
            if let Some(cart) = self.carts.get_mut(key) {
                cart.contact = Some(into);
            }
        }
        for (_, id) in &gone.orders {
            if let Some(order) = self.orders.get_mut(id) {
                order.contact = Some(into);
            }
        }
        for at in &gone.reviews {
            if let Some(known) = self.reviews.get_mut(*at) {
                known.contact = Some(into);
            }
        }
        for at in &gone.decisions {
            if let Some(decision) = self.decisions.get_mut(*at) {
                decision.contact = into;
            }
        }
        self.habits.merge(from, into);
        self.occasions.merge(from, into);
        self.standings.merge(from, into);
        let person = self.person_mut(into)?;
        person.carts.extend(gone.carts);
        person.orders.extend(gone.orders);
        person.reviews.extend(gone.reviews);
        person.decisions.extend(gone.decisions);
        person.decisions.sort_unstable();
        self.put_contact(&kept)
    }

    fn erase(&mut self, whom: &Whom, _country: &str, at: At) -> Result<()> {
        whom.contact.map_or(Ok(()), |id| self.forget_person(id, at))
    }

    fn opt_out(&self, phone: &Phone) -> Result<Option<OptOut>> {
        Ok(self.opt_outs.get(phone).cloned())
    }

    fn put_opt_out(&mut self, phone: &Phone, opt_out: &OptOut) -> Result<()> {
        self.opt_outs.insert(phone.clone(), opt_out.clone());
        Ok(())
    }

    fn lift_opt_out(&mut self, phone: &Phone) -> Result<()> {
        self.opt_outs.remove(phone);
        Ok(())
    }

    fn is_blocked(&self, phone: &Phone) -> Result<bool> {
        Ok(self.blocked.contains(phone))
    }

    fn put_blocked(&mut self, phone: &Phone, _at: At) -> Result<()> {
        self.blocked.insert(phone.clone());
        Ok(())
    }

    // ── the shop's things ───────────────────────────────────────────────────────────────────────────────────
    fn cart(&self, key: &str) -> Result<Option<Cart>> {
        Ok(self.carts.get(key).cloned())
    }

    fn put_cart(&mut self, cart: &Cart) -> Result<()> {
        let old = self.carts.get(&cart.key).and_then(|c| c.contact);
        if old != cart.contact {
            if let Some(new) = cart.contact {
                self.person_mut(new)?.carts.push(cart.key.clone());
            }
            if let Some(old) = old {
                self.person_mut(old)?.carts.retain(|k| *k != cart.key);
            }
        }
        match self.carts.get_mut(&cart.key) {
            Some(known) => known.clone_from(cart),
            None => drop(self.carts.insert(cart.key.clone(), cart.clone())),
        }
        Ok(())
    }

    fn carts_of(&self, contact: ContactId) -> Result<Vec<Cart>> {
        let keys = self.person(contact).into_iter().flat_map(|p| &p.carts);
        let mut carts: Vec<&Cart> = keys.filter_map(|k| self.carts.get(k)).collect();
        carts.sort_unstable_by(|a, b| (b.last_action, &b.key).cmp(&(a.last_action, &a.key)));
        Ok(carts.into_iter().take(20).cloned().collect())
    }

    fn order(&self, id: &str) -> Result<Option<Order>> {
        Ok(self.orders.get(id).cloned())
    }

    fn put_order(&mut self, order: &Order) -> Result<()> {
        let old = self.orders.get(&order.id).map(|o| (o.contact, o.created));
        if old != Some((order.contact, order.created)) {
            if let Some(new) = order.contact {
                self.person_mut(new)?;
            }
            if let Some((Some(contact), created)) = old {
                self.person_mut(contact)?.orders.remove(&(created, order.id.clone()));
            }
            if let Some(new) = order.contact {
                self.person_mut(new)?.orders.insert((order.created, order.id.clone()));
            }
        }
        self.orders.insert(order.id.clone(), order.clone());
        Ok(())
    }

    fn orders_of(&self, contact: ContactId) -> Result<Vec<Order>> {
        let ids = self.person(contact).into_iter().flat_map(|p| p.orders.iter().rev().take(200));
        Ok(ids.filter_map(|(_, id)| self.orders.get(id)).cloned().collect())
    }

    fn add_refund(&mut self, order_id: &str, refund_id: &str, amount: Money, _at: At) -> Result<bool> {
        let refunds = self.refunds.entry(order_id.to_owned()).or_default();
        if refunds.contains_key(refund_id) {
            return Ok(false);
        }
        refunds.insert(refund_id.to_owned(), amount);
        Ok(true)
    }

    fn refunds_of(&self, order_id: &str, zero: Money) -> Result<Money> {
        let refunds = self.refunds.get(order_id).into_iter().flatten().filter(|(_, m)| m.currency == zero.currency);
        let (so_far, single): (Vec<_>, Vec<_>) = refunds.partition(|(id, _)| id.starts_with(REFUNDED_SO_FAR));
        let single: i64 = single.iter().map(|(_, m)| m.minor).sum();
        Ok(Money { minor: so_far.iter().map(|(_, m)| m.minor).max().unwrap_or_default().max(single), ..zero })
    }

    fn product(&self, id: &str) -> Result<Option<Arc<Product>>> {
        Ok(self.products.get(id).cloned())
    }

    fn put_product(&mut self, product: &Product) -> Result<()> {
        self.products.insert(product.id.clone(), Arc::new(product.clone()));
        Ok(())
    }

    fn coupon(&self, code: &str) -> Result<Option<Coupon>> {
        Ok(self.coupons.get(code).cloned())
    }

    fn put_coupon(&mut self, coupon: &Coupon) -> Result<()> {
        self.coupons.insert(coupon.code.clone(), coupon.clone());
        Ok(())
    }

    fn add_review(&mut self, contact: Option<ContactId>, review_id: Option<&str>, review: &Review) -> Result<()> {
        let told = review_id.and_then(|id| self.review_ids.get(id)).copied();
        let known = told.and_then(|at| self.reviews.get(at));
        let new = contact.filter(|_| known.is_none_or(|k| k.contact.is_none()));
        let at = told.unwrap_or(self.reviews.len());
        if let Some(contact) = new {
            self.person_mut(contact)?.reviews.push(at);
        }
        if let Some(known) = self.reviews.get_mut(at) {
            known.contact = known.contact.or(new);
            if known.review.order_id.is_none() {
                known.review.order_id.clone_from(&review.order_id);
            }
        } else {
            self.reviews.push(KnownReview { contact, review: review.clone() });
            if let Some(id) = review_id {
                self.review_ids.insert(id.to_owned(), at);
            }
        }
        Ok(())
    }

    fn adopt_reviews(&mut self, order_id: &str, contact: ContactId) -> Result<()> {
        let is_nobodys = |k: &KnownReview| k.contact.is_none() && k.review.order_id.as_deref() == Some(order_id);
        let places: Vec<usize> = (0..).zip(&self.reviews).filter(|(_, k)| is_nobodys(k)).map(|(at, _)| at).collect();
        if places.is_empty() {
            return Ok(());
        }
        self.person_mut(contact)?.reviews.extend(&places);
        for at in places {
            if let Some(known) = self.reviews.get_mut(at) {
                known.contact = Some(contact);
            }
        }
        Ok(())
    }

    fn reviews_of(&self, contact: ContactId) -> Result<Vec<Review>> {
        let places = self.person(contact).into_iter().flat_map(|p| &p.reviews);
        let mut reviews: Vec<(At, usize)> =
            places.filter_map(|at| Some((self.reviews.get(*at)?.review.at, *at))).collect();
        reviews.sort_unstable_by(|a, b| b.cmp(a));
        let newest = reviews.into_iter().take(200);
        Ok(newest.filter_map(|(_, at)| self.reviews.get(at)).map(|known| known.review.clone()).collect())
    }

    fn add_view(&mut self, contact: Option<ContactId>, view: &View) -> Result<()> {
        if let Some(contact) = contact {
            self.person_mut(contact)?;
        }
        self.habits.add_view(contact, view);
        Ok(())
    }

    fn adopt_views(&mut self, cart_key: &str, contact: ContactId) -> Result<()> {
        if self.habits.has_nobodys(cart_key) {
            self.person_mut(contact)?;
            self.habits.adopt_views(cart_key, contact);
        }
        Ok(())
    }

    fn views_of(&self, contact: ContactId, since: At) -> Result<Vec<View>> {
        Ok(self.habits.views_of(contact, since))
    }

    fn count_doing(&mut self, contact: ContactId, doing: &Doing, day: At) -> Result<()> {
        self.person_mut(contact)?;
        self.habits.count_doing(contact, doing, day);
        Ok(())
    }

    fn doings_of(&self, contact: ContactId, since: At) -> Result<Vec<DayCount>> {
        Ok(self.habits.doings_of(contact, since))
    }

    fn put_wanted(&mut self, contact: ContactId, wanted: &Wanted) -> Result<()> {
        self.person_mut(contact)?;
        self.habits.put_wanted(contact, wanted);
        Ok(())
    }

    fn drop_wanted(&mut self, contact: ContactId, wanted: &Wanted) -> Result<()> {
        self.habits.drop_wanted(contact, wanted);
        Ok(())
    }

    fn wanted_of(&self, contact: ContactId) -> Result<Vec<Wanted>> {
        Ok(self.habits.wanted_of(contact))
    }

    fn wanting(&self, product_id: &str, limit: usize) -> Result<Vec<(ContactId, Wanted)>> {
        Ok(self.habits.wanting(product_id, limit))
    }

    fn add_happening(&mut self, contact: ContactId, happening: &Happening) -> Result<()> {
        self.person_mut(contact)?;
        self.occasions.add_happening(contact, happening);
        Ok(())
    }

    fn happenings_of(&self, contact: ContactId) -> Result<Vec<Happening>> {
        Ok(self.occasions.happenings_of(contact))
    }

    fn subscription(&self, id: &str) -> Result<Option<Subscription>> {
        Ok(self.occasions.subscription(id))
    }

    fn put_subscription(&mut self, contact: ContactId, subscription: &Subscription) -> Result<()> {
        self.person_mut(contact)?;
        self.occasions.put_subscription(contact, subscription);
        Ok(())
    }

    fn subscriptions_of(&self, contact: ContactId) -> Result<Vec<Subscription>> {
        Ok(self.occasions.subscriptions_of(contact))
    }

    fn round(&self) -> Result<Option<Round>> {
        Ok(self.occasions.round.clone())
    }

    fn put_round(&mut self, round: &Round) -> Result<()> {
        self.occasions.round = Some(round.clone());
        Ok(())
    }

    fn contacts_after(&self, after: ContactId, limit: usize) -> Result<Vec<ContactId>> {
        let behind = self.people.iter().skip(usize::try_from(after.0).unwrap_or(0)).flatten();
        let reached = behind.filter(|person| person.contact.phone.is_some()).map(|person| person.contact.id);
        Ok(reached.take(limit).collect())
    }

    fn watches_of(&self, contact: ContactId) -> Result<BTreeSet<String>> {
        Ok(self.occasions.watches_of(contact))
    }

    fn put_watches(&mut self, contact: ContactId, products: &BTreeSet<String>) -> Result<()> {
        if !products.is_empty() {
            self.person_mut(contact)?;
        }
        self.occasions.put_watches(contact, products);
        Ok(())
    }

    fn watching(&self, product_id: &str, after: ContactId, limit: usize) -> Result<Vec<ContactId>> {
        Ok(self.occasions.watching(product_id, after, limit))
    }

    fn stir(&mut self, product_id: &str) -> Result<()> {
        self.occasions.put_stirred(product_id, Some(ContactId(0)));
        Ok(())
    }

    fn stirred(&self) -> Result<Option<(String, ContactId)>> {
        Ok(self.occasions.stirred())
    }

    fn put_stirred(&mut self, product_id: &str, cursor: Option<ContactId>) -> Result<()> {
        self.occasions.put_stirred(product_id, cursor);
        Ok(())
    }

    fn add_gaps(&mut self, round: At, product_id: Option<&str>, gaps: Gaps) -> Result<()> {
        self.occasions.add_gaps(round, product_id, gaps);
        Ok(())
    }

    fn keep_gaps(&mut self, round: At) -> Result<()> {
        self.occasions.keep_gaps(round);
        Ok(())
    }

    fn gaps(&self, product_id: Option<&str>) -> Result<Gaps> {
        Ok(self.occasions.gaps(product_id))
    }

    fn add_sale(&mut self, round: At, product_id: &str, beside: Option<&str>) -> Result<()> {
        self.sales.add(round, product_id, beside);
        Ok(())
    }

    fn keep_sales(&mut self, round: At) -> Result<()> {
        self.sales.keep(round);
        Ok(())
    }

    fn best_sold(&self, beside: Option<&str>, limit: usize) -> Result<Vec<String>> {
        Ok(self.sales.best(beside, limit))
    }

    fn shop(&self) -> Result<Option<Shop>> {
        Ok(self.shop.clone())
    }

    fn put_shop(&mut self, shop: &Shop) -> Result<()> {
        self.shop = Some(shop.clone());
        Ok(())
    }

    // ── enrolments ──────────────────────────────────────────────────────────────────────────────────────────
    fn enrolment(&self, id: EnrolmentId) -> Result<Option<Enrolment>> {
        Ok(self.way(id).map(|w| w.enrolment.clone()))
    }

    fn add_enrolment(&mut self, enrolment: &Enrolment) -> Result<Option<EnrolmentId>> {
        let person =
            self.person(enrolment.contact).with_context(|| format!("contact {} is not there", enrolment.contact.0))?;
        let taken = person.enrolments.iter().filter_map(|id| self.way(*id)).any(|w| {
            let known = &w.enrolment;
            known.campaign == enrolment.campaign
                && (known.state != EnrolmentState::Ended || known.subject == enrolment.subject)
        });
        if taken {
            return Ok(None);
        }
        let id = EnrolmentId(i64::try_from(self.ways.len())? + 1);
        let enrolment = Enrolment { id, ..enrolment.clone() };
        let open = enrolment.state != EnrolmentState::Ended;
        let person = self.person_mut(enrolment.contact)?;
        person.enrolments.push(id);
        if open {
            person.open.push(id);
        }
        if let Some(at) = enrolment.wake {
            self.wakes.insert((at, id));
        }
        if let Some(n) = self.in_state.get_mut(enrolment.state as usize) {
            *n += 1;
        }
        self.ways.push(Way { enrolment, messages: Vec::new() });
        Ok(Some(id))
    }

    fn put_enrolment(&mut self, enrolment: &Enrolment) -> Result<()> {
        let id = enrolment.id;
        let way = self.way(id).with_context(|| format!("enrolment {} is not there", id.0))?;
        let (contact, was, was_wake) = (way.enrolment.contact, way.enrolment.state, way.enrolment.wake);
        let is_open = enrolment.state != EnrolmentState::Ended;
        if is_open != (was != EnrolmentState::Ended) {
            let campaign = way.enrolment.campaign.clone();
            let taken = is_open && self.open_enrolments(contact)?.iter().any(|e| e.campaign == campaign);
            ensure!(!taken, "enrolment {} cannot be opened: another of the campaign is open", id.0);
            let open = &mut self.person_mut(contact)?.open;
            if is_open {
                open.push(id);
            } else {
                open.retain(|e| *e != id);
            }
        }
        if was != enrolment.state {
            for (state, one_more) in [(was, false), (enrolment.state, true)] {
                if let Some(n) = self.in_state.get_mut(state as usize) {
                    *n = if one_more { *n + 1 } else { n.saturating_sub(1) };
                }
            }
        }
        if was_wake != enrolment.wake {
            was_wake.map(|at| self.wakes.remove(&(at, id)));
            enrolment.wake.map(|at| self.wakes.insert((at, id)));
        }
        let known = &mut self.way_mut(id)?.enrolment;
        // Campaign, contact and subject stay as they were added.
        let new = enrolment.clone();
        *known =
            Enrolment { campaign: std::mem::take(&mut known.campaign), contact, subject: known.subject.clone(), ..new };
        Ok(())
    }

    fn open_enrolments(&self, contact: ContactId) -> Result<Vec<Enrolment>> {
        let ids = self.person(contact).into_iter().flat_map(|p| &p.open);
        let mut open: Vec<Enrolment> = ids.filter_map(|id| self.way(*id)).map(|w| w.enrolment.clone()).collect();
        open.sort_unstable_by(|a, b| a.campaign.cmp(&b.campaign));
        Ok(open)
    }

    fn knows_occasion(&self, campaign: &str, contact: ContactId, occasion: &str) -> Result<bool> {
        let Some(subject) = Subject::from_occasion(occasion) else { return Ok(false) };
        let ids = self.person(contact).into_iter().flat_map(|p| &p.enrolments);
        let mut known = ids.filter_map(|id| self.way(*id)).map(|w| &w.enrolment);
        Ok(known.any(|e| e.campaign == campaign && e.subject == subject))
    }

    fn last_entered(&self, campaign: &str, contact: ContactId) -> Result<Option<At>> {
        let ids = self.person(contact).into_iter().flat_map(|p| &p.enrolments);
        let of_campaign = ids.filter_map(|id| self.way(*id)).map(|w| &w.enrolment).filter(|e| e.campaign == campaign);
        Ok(of_campaign.filter_map(|e| e.entered).max())
    }

    fn next_moment(&self) -> Result<Option<At>> {
        let wake = self.wakes.first().map_or(At::NEVER, |(at, _)| *at);
        Ok(Some(wake.min(self.outbox.next_moment())).filter(|t| *t != At::NEVER))
    }

    fn due_enrolments(&self, now: At, limit: usize) -> Result<Vec<EnrolmentId>> {
        Ok(self.wakes.iter().take_while(|(at, _)| *at <= now).take(limit).map(|(_, id)| *id).collect())
    }

    fn count_enrolments(&self, state: EnrolmentState) -> Result<u64> {
        Ok(self.in_state.get(state as usize).copied().unwrap_or_default())
    }

    fn tell_staff(&mut self, word: &StaffWord) -> Result<bool> {
        self.person_mut(word.contact)?;
        let new = !self.staff_words.iter().any(|w| w.enrolment == word.enrolment && w.step == word.step);
        if new {
            self.staff_words.push(word.clone());
        }
        Ok(new)
    }

    fn arm_counts(&self, campaign: &str, step: &str) -> Result<Option<ArmCounts>> {
        Ok(self.arm_counts.get(&(campaign.to_owned(), step.to_owned())).cloned())
    }

    fn put_arm_counts(&mut self, campaign: &str, step: &str, counts: &ArmCounts) -> Result<()> {
        self.arm_counts.insert((campaign.to_owned(), step.to_owned()), counts.clone());
        Ok(())
    }

    fn count_arms(&self, asked: &ArmsAsked) -> Result<BTreeMap<String, Tries>> {
        Ok(trials::count(self, asked))
    }

    // ── messages ────────────────────────────────────────────────────────────────────────────────────────────
    fn message(&self, id: MessageId) -> Result<Option<Message>> {
        Ok(self.outbox.get(id).cloned())
    }

    fn message_by_reference(&self, reference: i64) -> Result<Option<Message>> {
        Ok(self.outbox.by_reference(reference).cloned())
    }

    fn message_by_gateway_id(&self, gateway: &str, gateway_id: &str) -> Result<Option<Message>> {
        Ok(self.outbox.by_gateway_id(gateway, gateway_id).cloned())
    }

    fn add_message(&mut self, message: &Message) -> Result<Option<MessageId>> {
        self.person_mut(message.contact)?;
        let way =
            self.way(message.enrolment).with_context(|| format!("enrolment {} is not there", message.enrolment.0))?;
        if way.messages.iter().filter_map(|id| self.outbox.get(*id)).any(|m| m.step == message.step) {
            return Ok(None);
        }
        let id = self.outbox.add(message)?;
        self.way_mut(message.enrolment)?.messages.push(id);
        let person = self.person_mut(message.contact)?;
        message.handed.map(|at| person.handed.insert((at, id)));
        match message.state {
            MessageState::Sending => drop(person.sending.insert(id)),
            MessageState::Scheduled => drop(person.waiting.insert(id)),
            _ => {}
        }
        Ok(Some(id))
    }

    fn put_message(&mut self, message: &Message) -> Result<()> {
        self.change_message(message.id, |known| {
            // Enrolment, contact, campaign, step and arm stay as they were added.
            let new = message.clone();
            *known = Message {
                enrolment: known.enrolment,
                contact: known.contact,
                campaign: std::mem::take(&mut known.campaign),
                step: std::mem::take(&mut known.step),
                arm: known.arm.take(),
                ..new
            };
        })
    }

    fn scheduled_of(&self, enrolment: EnrolmentId) -> Result<Vec<Message>> {
        let ids = self.way(enrolment).into_iter().flat_map(|w| &w.messages);
        let mut scheduled: Vec<Message> =
            ids.filter_map(|id| self.outbox.get(*id)).filter(|m| m.state == MessageState::Scheduled).cloned().collect();
        scheduled.sort_unstable_by(|a, b| a.step.cmp(&b.step));
        Ok(scheduled)
    }

    fn due_messages(&self, now: At, limit: usize) -> Result<Vec<MessageId>> {
        Ok(self.outbox.due(now, limit))
    }

    fn messages_to_ask(&self, now: At, limit: usize) -> Result<Vec<MessageId>> {
        Ok(self.outbox.to_ask(now, limit))
    }

    fn messages_in(&self, state: MessageState, limit: usize) -> Result<Vec<MessageId>> {
        Ok(self.outbox.within(state, limit))
    }

    fn handed_since(&self, contact: ContactId, since: At) -> Result<Vec<At>> {
        let handed = self.person(contact).into_iter().flat_map(|p| p.handed.range((since, MessageId(i64::MIN))..));
        let left = handed.filter(|(_, id)| self.outbox.get(*id).is_some_and(|m| m.state.may_have_left() && !m.service));
        Ok(left.map(|(at, _)| *at).collect())
    }

    fn is_sending_to(&self, contact: ContactId) -> Result<bool> {
        Ok(self.person(contact).is_some_and(|p| !p.sending.is_empty()))
    }

    fn hand_over(&mut self, hand_over: &HandOver) -> Result<()> {
        if let Some(link) = &hand_over.link {
            let other = self.links.get(&link.slug).is_some_and(|l| l.message != link.message);
            ensure!(!other, "slug of message {} is another's", link.message.0);
            ensure!(self.outbox.get(link.message).is_some(), "message {} is not there", link.message.0);
        }
        self.change_message(hand_over.message, |message| outbox::handed_over(message, hand_over))?;
        if let Some(link) = &hand_over.link {
            if let Some(earlier) = self.link_of.insert(link.message, link.slug.clone()) {
                self.links.remove(&earlier);
            }
            self.links.insert(link.slug.clone(), link.clone());
        }
        Ok(())
    }

    fn spent_since(&self, since: At, now: At, zero: Money) -> Result<Money> {
        Ok(self.outbox.spent_since(since, now, zero))
    }

    fn spent_by_campaign_since(&self, campaign: &str, since: At, now: At, zero: Money) -> Result<Money> {
        Ok(self.outbox.spent_by_campaign_since(campaign, since, now, zero))
    }

    fn handed_by_gateway_since(&self, gateway: &str, since: At, limit: usize) -> Result<Vec<At>> {
        Ok(self.outbox.handed_by_gateway_since(gateway, since, limit))
    }

    fn waiting_for(&self, contact: ContactId) -> Result<Vec<Message>> {
        let ids: BTreeSet<MessageId> = self.person(contact).map(|p| p.waiting.clone()).unwrap_or_default();
        Ok(ids.iter().filter_map(|id| self.outbox.get(*id)).take(20).cloned().collect())
    }

    // ── links and credit ────────────────────────────────────────────────────────────────────────────────────
    fn link(&self, slug: &str) -> Result<Option<Link>> {
        Ok(self.links.get(slug).cloned())
    }

    fn link_of_message(&self, message: MessageId) -> Result<Option<Link>> {
        Ok(self.link_of.get(&message).and_then(|slug| self.links.get(slug)).cloned())
    }

    fn link_by_own_coupon(&self, code: &str) -> Result<Option<Link>> {
        let gives = |link: &&Link| link.own_coupon.is_some() && link.coupon.as_deref() == Some(code);
        Ok(self.links.values().find(gives).cloned())
    }

    fn withdraw_link(&mut self, slug: &str, at: At) -> Result<()> {
        self.links.entry(slug.to_owned()).and_modify(|link| link.expires = link.expires.min(at));
        Ok(())
    }

    fn count_hit(&mut self, slug: &str, at: At, human: bool, cart_key: Option<&str>) -> Result<()> {
        let Some(link) = self.links.get_mut(slug) else { return Ok(()) };
        link.hits += 1;
        if human {
            link.human_hits += 1;
            link.first_human = Some(link.first_human.map_or(at, |first| first.min(at)));
            if let Some(key) = cart_key {
                let last = self.hits.entry(key.to_owned()).or_default().entry(link.message).or_insert(at);
                *last = (*last).max(at);
            }
        }
        Ok(())
    }

    fn credit_candidates(&self, contact: ContactId, since: At) -> Result<Vec<(Message, Option<Link>)>> {
        let handed =
            self.person(contact).into_iter().flat_map(|p| p.handed.range((since, MessageId(i64::MIN))..).rev());
        let left = handed.filter_map(|(_, id)| self.outbox.get(*id)).filter(|m| m.state.may_have_left());
        Ok(left.map(|m| self.with_link(m)).collect())
    }

    fn followed_in_cart(&self, cart_key: &str, since: At) -> Result<Vec<(Message, Option<Link>)>> {
        let hits = self.hits.get(cart_key).into_iter().flat_map(|h| h.iter().rev()).filter(|(_, at)| **at >= since);
        Ok(hits.filter_map(|(id, _)| self.outbox.get(*id)).map(|m| self.with_link(m)).collect())
    }

    fn credit(&self, order_id: &str) -> Result<Option<Credit>> {
        Ok(self.credits.get(order_id).cloned())
    }

    fn put_credit(&mut self, credit: &Credit) -> Result<()> {
        ensure!(self.outbox.get(credit.message).is_some(), "message {} is not there", credit.message.0);
        self.credits.insert(credit.order_id.clone(), credit.clone());
        Ok(())
    }

    // ── holds and the record ────────────────────────────────────────────────────────────────────────────────
    fn holds(&self) -> Result<Vec<Hold>> {
        Ok(self.holds.values().cloned().collect())
    }

    fn put_hold(&mut self, hold: &Hold) -> Result<()> {
        self.holds.insert(hold.scope.to_string(), hold.clone());
        Ok(())
    }

    fn lift_hold(&mut self, scope: &HoldScope) -> Result<()> {
        self.holds.remove(&scope.to_string());
        Ok(())
    }

    fn decide(&mut self, decision: &Decision) -> Result<()> {
        let at = self.decisions.len();
        self.person_mut(decision.contact)?.decisions.push(at);
        self.decisions.push(decision.clone());
        Ok(())
    }

    fn decisions_of(&self, contact: ContactId, limit: usize) -> Result<Vec<Decision>> {
        let places = self.person(contact).into_iter().flat_map(|p| p.decisions.iter().rev()).take(limit);
        Ok(places.filter_map(|at| self.decisions.get(*at)).cloned().collect())
    }
}
