//! The database as a [`World`]: each question is one function of its subject's file.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use anyhow::Result;
use rusqlite::Connection;

use super::{
    alerts, enrolments, erase, goods, habits, links, log, messages, occasions, people, record, sales, stuck, trials,
    writer,
};
use crate::clock::At;
use crate::money::Money;
use crate::phone::Phone;
use crate::state::habits::{DayCount, Doing, Happening, Subscription, View, Wanted};
use crate::state::model::{
    ArmCounts, ArmsAsked, Cart, Contact, ContactId, Coupon, Credit, Decision, Enrolment, EnrolmentId, EnrolmentState,
    HandOver, Hold, HoldScope, Link, Message, MessageId, MessageState, OptOut, Order, Product, Review, Shop, StaffWord,
    Tries, Whom,
};
use crate::state::round::{Gaps, Round};
use crate::state::world::{Row, World};

/// The database, read through any connection; changed only inside a job of the [`super::Writer`], whose transaction makes
/// all of a job's changes or none.
pub struct SqlWorld<'c>(&'c Connection);

impl<'c> SqlWorld<'c> {
    #[must_use]
    pub fn new(conn: &'c Connection) -> SqlWorld<'c> {
        SqlWorld(conn)
    }

    /// Tries `job`, and takes its changes back when it fails for a reason of its own; the job's own answer is inside.
    ///
    /// # Errors
    /// The disk's: then nothing can be said of the job.
    pub fn attempt<T>(&mut self, job: impl FnOnce(&mut Self) -> Result<T>) -> Result<Result<T>> {
        let run = |sql: &str| self.0.prepare_cached(sql)?.execute([]);
        run("SAVEPOINT attempt")?;
        let outcome = catch_unwind(AssertUnwindSafe(|| job(&mut SqlWorld(self.0))))
            .unwrap_or_else(|_| Err(anyhow::anyhow!("it panicked")));
        if let Err(problem) = &outcome {
            if writer::is_trouble_of_the_disk(problem) {
                return outcome.map(Ok);
            }
            run("ROLLBACK TO attempt")?;
        }
        run("RELEASE attempt")?;
        Ok(outcome)
    }

    /// For the store's own functions that are no part of the world, such as [`super::log::append`].
    #[must_use]
    pub fn connection(&self) -> &'c Connection {
        self.0
    }
}

impl World for SqlWorld<'_> {
    fn on_its_own<T>(&mut self, row: Row, now: At, job: impl FnOnce(&mut Self) -> Result<T>) -> Result<Option<T>> {
        match self.attempt(job)? {
            Ok(done) => Ok(Some(done)),
            Err(problem) => stuck::set_aside(self.0, row, &format!("{problem:#}"), now).map(|()| None),
        }
    }
    // ── people ──────────────────────────────────────────────────────────────────────────────────────────────
    fn contact(&self, id: ContactId) -> Result<Option<Contact>> {
        people::contact(self.0, id)
    }
    fn contact_by_phone(&self, phone: &Phone) -> Result<Option<Contact>> {
        people::by_phone(self.0, phone)
    }
    fn contact_by_user(&self, user_id: &str) -> Result<Option<Contact>> {
        people::by_user(self.0, user_id)
    }
    fn add_contact(&mut self, contact: &Contact) -> Result<ContactId> {
        people::add(self.0, contact)
    }
    fn put_contact(&mut self, contact: &Contact) -> Result<()> {
        people::put(self.0, contact)
    }
    fn merge_contacts(&mut self, from: ContactId, into: ContactId) -> Result<()> {
        people::merge(self.0, from, into)
    }
    fn erase(&mut self, whom: &Whom, country: &str, at: At) -> Result<()> {
        // Events are applied one by one in their order: the one that asks is the next.
        erase::begin(self.0, whom, country, log::applied(self.0)? + 1, at)
    }
    fn opt_out(&self, phone: &Phone) -> Result<Option<OptOut>> {
        people::opt_out(self.0, phone)
    }
    fn put_opt_out(&mut self, phone: &Phone, opt_out: &OptOut) -> Result<()> {
        people::put_opt_out(self.0, phone, opt_out)
    }
    fn lift_opt_out(&mut self, phone: &Phone) -> Result<()> {
        people::lift_opt_out(self.0, phone)
    }
    fn is_blocked(&self, phone: &Phone) -> Result<bool> {
        people::is_blocked(self.0, phone)
    }
    fn put_blocked(&mut self, phone: &Phone, at: At) -> Result<()> {
        people::put_blocked(self.0, phone, at)
    }
    // ── the shop's things ───────────────────────────────────────────────────────────────────────────────────
    fn cart(&self, key: &str) -> Result<Option<Cart>> {
        goods::cart(self.0, key)
    }
    fn put_cart(&mut self, cart: &Cart) -> Result<()> {
        goods::put_cart(self.0, cart)
    }
    fn carts_of(&self, contact: ContactId) -> Result<Vec<Cart>> {
        goods::carts_of(self.0, contact)
    }
    fn order(&self, id: &str) -> Result<Option<Order>> {
        goods::order(self.0, id)
    }
    fn put_order(&mut self, order: &Order) -> Result<()> {
        goods::put_order(self.0, order)
    }
    fn orders_of(&self, contact: ContactId) -> Result<Vec<Order>> {
        goods::orders_of(self.0, contact)
    }
    fn add_refund(&mut self, order_id: &str, refund_id: &str, amount: Money, at: At) -> Result<bool> {
        goods::add_refund(self.0, order_id, refund_id, amount, at)
    }
    fn refunds_of(&self, order_id: &str, zero: Money) -> Result<Money> {
        goods::refunds_of(self.0, order_id, zero)
    }
    fn product(&self, id: &str) -> Result<Option<Arc<Product>>> {
        Ok(goods::product(self.0, id)?.map(Arc::new))
    }
    fn put_product(&mut self, product: &Product) -> Result<()> {
        goods::put_product(self.0, product)
    }
    fn coupon(&self, code: &str) -> Result<Option<Coupon>> {
        goods::coupon(self.0, code)
    }
    fn put_coupon(&mut self, coupon: &Coupon) -> Result<()> {
        goods::put_coupon(self.0, coupon)
    }
    fn add_review(&mut self, contact: Option<ContactId>, review_id: Option<&str>, review: &Review) -> Result<()> {
        goods::add_review(self.0, contact, review_id, review)
    }
    fn adopt_reviews(&mut self, order_id: &str, contact: ContactId) -> Result<()> {
        goods::adopt_reviews(self.0, order_id, contact)
    }
    fn reviews_of(&self, contact: ContactId) -> Result<Vec<Review>> {
        goods::reviews_of(self.0, contact)
    }
    fn add_view(&mut self, contact: Option<ContactId>, view: &View) -> Result<()> {
        habits::add_view(self.0, contact, view)
    }
    fn adopt_views(&mut self, cart_key: &str, contact: ContactId) -> Result<()> {
        habits::adopt_views(self.0, cart_key, contact)
    }
    fn views_of(&self, contact: ContactId, since: At) -> Result<Vec<View>> {
        habits::views_of(self.0, contact, since)
    }
    fn count_doing(&mut self, contact: ContactId, doing: &Doing, day: At) -> Result<()> {
        habits::count_doing(self.0, contact, doing, day)
    }
    fn doings_of(&self, contact: ContactId, since: At) -> Result<Vec<DayCount>> {
        habits::doings_of(self.0, contact, since)
    }
    fn put_wanted(&mut self, contact: ContactId, wanted: &Wanted) -> Result<()> {
        habits::put_wanted(self.0, contact, wanted)
    }
    fn drop_wanted(&mut self, contact: ContactId, wanted: &Wanted) -> Result<()> {
        habits::drop_wanted(self.0, contact, wanted)
    }
    fn wanted_of(&self, contact: ContactId) -> Result<Vec<Wanted>> {
        habits::wanted_of(self.0, contact)
    }
    fn wanting(&self, product_id: &str, limit: usize) -> Result<Vec<(ContactId, Wanted)>> {
        habits::wanting(self.0, product_id, limit)
    }
    fn add_happening(&mut self, contact: ContactId, happening: &Happening) -> Result<()> {
        occasions::add_happening(self.0, contact, happening)
    }
    fn happenings_of(&self, contact: ContactId) -> Result<Vec<Happening>> {
        occasions::happenings_of(self.0, contact)
    }
    fn subscription(&self, id: &str) -> Result<Option<Subscription>> {
        occasions::subscription(self.0, id)
    }
    fn put_subscription(&mut self, contact: ContactId, subscription: &Subscription) -> Result<()> {
        occasions::put_subscription(self.0, contact, subscription)
    }
    fn subscriptions_of(&self, contact: ContactId) -> Result<Vec<Subscription>> {
        occasions::subscriptions_of(self.0, contact)
    }
    fn round(&self) -> Result<Option<Round>> {
        occasions::round(self.0)
    }
    fn put_round(&mut self, round: &Round) -> Result<()> {
        occasions::put_round(self.0, round)
    }
    fn contacts_after(&self, after: ContactId, limit: usize) -> Result<Vec<ContactId>> {
        occasions::contacts_after(self.0, after, limit)
    }
    fn watches_of(&self, contact: ContactId) -> Result<BTreeSet<String>> {
        occasions::watches_of(self.0, contact)
    }
    fn put_watches(&mut self, contact: ContactId, products: &BTreeSet<String>) -> Result<()> {
        occasions::put_watches(self.0, contact, products)
    }
    fn watching(&self, product_id: &str, after: ContactId, limit: usize) -> Result<Vec<ContactId>> {
        occasions::watching(self.0, product_id, after, limit)
    }
    fn stir(&mut self, product_id: &str) -> Result<()> {
        occasions::put_stirred(self.0, product_id, Some(ContactId(0)))
    }
    fn stirred(&self) -> Result<Option<(String, ContactId)>> {
        occasions::stirred(self.0)
    }
    fn put_stirred(&mut self, product_id: &str, cursor: Option<ContactId>) -> Result<()> {
        occasions::put_stirred(self.0, product_id, cursor)
    }
    fn add_gaps(&mut self, round: At, product_id: Option<&str>, gaps: Gaps) -> Result<()> {
        occasions::add_gaps(self.0, round, product_id, gaps)
    }
    fn keep_gaps(&mut self, round: At) -> Result<()> {
        occasions::keep_gaps(self.0, round)
    }
    fn gaps(&self, product_id: Option<&str>) -> Result<Gaps> {
        occasions::gaps(self.0, product_id)
    }
    fn add_sale(&mut self, round: At, product_id: &str, beside: Option<&str>) -> Result<()> {
        sales::add(self.0, round, product_id, beside)
    }
    fn keep_sales(&mut self, round: At) -> Result<()> {
        sales::keep(self.0, round)
    }
    fn best_sold(&self, beside: Option<&str>, limit: usize) -> Result<Vec<String>> {
        sales::best(self.0, beside, limit)
    }
    fn shop(&self) -> Result<Option<Shop>> {
        goods::shop(self.0)
    }
    fn put_shop(&mut self, shop: &Shop) -> Result<()> {
        goods::put_shop(self.0, shop)
    }
    // ── enrolments ──────────────────────────────────────────────────────────────────────────────────────────
    fn enrolment(&self, id: EnrolmentId) -> Result<Option<Enrolment>> {
        enrolments::enrolment(self.0, id)
    }
    fn add_enrolment(&mut self, enrolment: &Enrolment) -> Result<Option<EnrolmentId>> {
        enrolments::add(self.0, enrolment)
    }
    fn put_enrolment(&mut self, enrolment: &Enrolment) -> Result<()> {
        enrolments::put(self.0, enrolment)
    }
    fn open_enrolments(&self, contact: ContactId) -> Result<Vec<Enrolment>> {
        enrolments::open_of(self.0, contact)
    }
    fn knows_occasion(&self, campaign: &str, contact: ContactId, occasion: &str) -> Result<bool> {
        enrolments::knows_occasion(self.0, campaign, contact, occasion)
    }
    fn last_entered(&self, campaign: &str, contact: ContactId) -> Result<Option<At>> {
        enrolments::last_entered(self.0, campaign, contact)
    }
    fn next_moment(&self) -> Result<Option<At>> {
        messages::next_moment(self.0)
    }
    fn due_enrolments(&self, now: At, limit: usize) -> Result<Vec<EnrolmentId>> {
        enrolments::due(self.0, now, limit)
    }
    fn count_enrolments(&self, state: EnrolmentState) -> Result<u64> {
        enrolments::count(self.0, state)
    }
    fn tell_staff(&mut self, word: &StaffWord) -> Result<bool> {
        alerts::tell_staff(self.0, word)
    }
    fn arm_counts(&self, campaign: &str, step: &str) -> Result<Option<ArmCounts>> {
        trials::counts(self.0, campaign, step)
    }
    fn put_arm_counts(&mut self, campaign: &str, step: &str, counts: &ArmCounts) -> Result<()> {
        trials::put_counts(self.0, campaign, step, counts)
    }
    fn count_arms(&self, asked: &ArmsAsked) -> Result<BTreeMap<String, Tries>> {
        trials::count(self.0, asked)
    }
    // ── messages ────────────────────────────────────────────────────────────────────────────────────────────
    fn message(&self, id: MessageId) -> Result<Option<Message>> {
        messages::message(self.0, id)
    }
    fn message_by_reference(&self, reference: i64) -> Result<Option<Message>> {
        messages::by_reference(self.0, reference)
    }
    fn message_by_gateway_id(&self, gateway: &str, gateway_id: &str) -> Result<Option<Message>> {
        messages::by_gateway_id(self.0, gateway, gateway_id)
    }
    fn add_message(&mut self, message: &Message) -> Result<Option<MessageId>> {
        messages::add(self.0, message)
    }
    fn put_message(&mut self, message: &Message) -> Result<()> {
        messages::put(self.0, message)
    }
    fn scheduled_of(&self, enrolment: EnrolmentId) -> Result<Vec<Message>> {
        messages::scheduled_of(self.0, enrolment)
    }
    fn due_messages(&self, now: At, limit: usize) -> Result<Vec<MessageId>> {
        messages::due(self.0, now, limit)
    }
    fn messages_to_ask(&self, now: At, limit: usize) -> Result<Vec<MessageId>> {
        messages::to_ask(self.0, now, limit)
    }
    fn messages_in(&self, state: MessageState, limit: usize) -> Result<Vec<MessageId>> {
        messages::within(self.0, state, limit)
    }
    fn handed_since(&self, contact: ContactId, since: At) -> Result<Vec<At>> {
        messages::handed_since(self.0, contact, since)
    }
    fn is_sending_to(&self, contact: ContactId) -> Result<bool> {
        messages::is_sending_to(self.0, contact)
    }
    fn hand_over(&mut self, hand_over: &HandOver) -> Result<()> {
        messages::hand_over(self.0, hand_over)
    }
    fn spent_since(&self, since: At, now: At, zero: Money) -> Result<Money> {
        messages::spent_since(self.0, since, now, zero)
    }
    fn spent_by_campaign_since(&self, campaign: &str, since: At, now: At, zero: Money) -> Result<Money> {
        messages::spent_by_campaign_since(self.0, campaign, since, now, zero)
    }
    fn handed_by_gateway_since(&self, gateway: &str, since: At, limit: usize) -> Result<Vec<At>> {
        messages::handed_by_gateway_since(self.0, gateway, since, limit)
    }
    fn waiting_for(&self, contact: ContactId) -> Result<Vec<Message>> {
        messages::waiting_for(self.0, contact)
    }
    // ── links and credit ────────────────────────────────────────────────────────────────────────────────────
    fn link(&self, slug: &str) -> Result<Option<Link>> {
        links::link(self.0, slug)
    }
    fn link_of_message(&self, message: MessageId) -> Result<Option<Link>> {
        links::of_message(self.0, message)
    }
    fn link_by_own_coupon(&self, code: &str) -> Result<Option<Link>> {
        links::by_own_coupon(self.0, code)
    }
    fn withdraw_link(&mut self, slug: &str, at: At) -> Result<()> {
        links::withdraw(self.0, slug, at)
    }
    fn count_hit(&mut self, slug: &str, at: At, human: bool, cart_key: Option<&str>) -> Result<()> {
        links::count_hit(self.0, slug, at, human, cart_key)
    }
    fn credit_candidates(&self, contact: ContactId, since: At) -> Result<Vec<(Message, Option<Link>)>> {
        links::credit_candidates(self.0, contact, since)
    }
    fn followed_in_cart(&self, cart_key: &str, since: At) -> Result<Vec<(Message, Option<Link>)>> {
        links::followed_in_cart(self.0, cart_key, since)
    }
    fn credit(&self, order_id: &str) -> Result<Option<Credit>> {
        links::credit(self.0, order_id)
    }
    fn put_credit(&mut self, credit: &Credit) -> Result<()> {
        links::put_credit(self.0, credit)
    }
    // ── holds and the record ────────────────────────────────────────────────────────────────────────────────
    fn holds(&self) -> Result<Vec<Hold>> {
        record::holds(self.0)
    }
    fn put_hold(&mut self, hold: &Hold) -> Result<()> {
        record::put_hold(self.0, hold)
    }
    fn lift_hold(&mut self, scope: &HoldScope) -> Result<()> {
        record::lift_hold(self.0, scope)
    }
    fn decide(&mut self, decision: &Decision) -> Result<()> {
        record::decide(self.0, decision)
    }
    fn decisions_of(&self, contact: ContactId, limit: usize) -> Result<Vec<Decision>> {
        record::decisions_of(self.0, contact, limit)
    }
}
