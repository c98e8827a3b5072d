//! What the deciding code may ask and change. Two worlds exist: the database (`crate::store`) and one in memory for
//! `simulate` and for tests, which hold the one against the other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Result;

use super::habits::{DayCount, Doing, Happening, Subscription, View, Wanted};
use super::model::{
    ArmCounts, ArmsAsked, Cart, Contact, ContactId, Coupon, Credit, Decision, Enrolment, EnrolmentId, EnrolmentState,
    HandOver, Hold, HoldScope, Link, Message, MessageId, MessageState, OptOut, Order, Product, Review, Shop, StaffWord,
    Tries, Whom,
};
use super::people::Standings;
use super::round::{Gaps, Round};
use crate::clock::At;
use crate::money::Money;
use crate::phone::Phone;

/// What the clockwork takes up one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    Enrolment(EnrolmentId),
    Message(MessageId),
    /// At night, or for news of a product; looked at again the next time.
    Contact(ContactId),
}

/// A draft of a contact, cart, … has no id yet; the world gives it.
pub trait World: Standings {
    /// Does `job`, which is about this row, so that its failing is the row's own matter: its changes are taken back, the row rests
    /// for an hour and is shown to the owner, and the answer is `None`. A world without an owner lets the failure through.
    ///
    /// # Errors
    /// The world's own trouble, of which no row is the cause.
    fn on_its_own<T>(&mut self, row: Row, now: At, job: impl FnOnce(&mut Self) -> Result<T>) -> Result<Option<T>> {
        let _ = (row, now);
        job(self).map(Some)
    }

    // ── people ──────────────────────────────────────────────────────────────────────────────────────────────
    fn contact(&self, id: ContactId) -> Result<Option<Contact>>;
    fn contact_by_phone(&self, phone: &Phone) -> Result<Option<Contact>>;
    fn contact_by_user(&self, user_id: &str) -> Result<Option<Contact>>;
    /// Stores a new contact; its `id` is ignored and the given one returned.
    fn add_contact(&mut self, contact: &Contact) -> Result<ContactId>;
    fn put_contact(&mut self, contact: &Contact) -> Result<()>;
    /// Everything of `from` becomes `into`'s, also what only `from` knew of the person, and `from` is gone. An error when
    /// `from` has a number, enrolments or messages.
    fn merge_contacts(&mut self, from: ContactId, into: ContactId) -> Result<()>;

    /// Forgets what is personal of somebody: names, number and account, texts, what was written into lines of baskets and
    /// orders. Figures and opt-outs stay, and who the contact was is not known any more. Open ways have been ended before.
    /// In the database the log is redacted later, up to the event that is being applied (`store::erase::carry_on`).
    fn erase(&mut self, whom: &Whom, country: &str, at: At) -> Result<()>;

    /// Kept under a keyed hash of the number, so that it outlives the contact.
    fn opt_out(&self, phone: &Phone) -> Result<Option<OptOut>>;
    fn put_opt_out(&mut self, phone: &Phone, opt_out: &OptOut) -> Result<()>;
    fn lift_opt_out(&mut self, phone: &Phone) -> Result<()>;
    /// The number refuses the gateway's advertising line (the operator's or the gateway's black list).
    fn is_blocked(&self, phone: &Phone) -> Result<bool>;
    fn put_blocked(&mut self, phone: &Phone, at: At) -> Result<()>;

    // ── the shop's things ───────────────────────────────────────────────────────────────────────────────────
    fn cart(&self, key: &str) -> Result<Option<Cart>>;
    fn put_cart(&mut self, cart: &Cart) -> Result<()>;
    /// The contact's carts, the latest act first; at most 20.
    fn carts_of(&self, contact: ContactId) -> Result<Vec<Cart>>;
    fn order(&self, id: &str) -> Result<Option<Order>>;
    fn put_order(&mut self, order: &Order) -> Result<()>;
    /// The contact's orders, newest first; at most 200.
    fn orders_of(&self, contact: ContactId) -> Result<Vec<Order>>;
    /// Adds a refund to the order's sum ([`World::refunds_of`]) unless a refund of this id was added before. True when it was
    /// new. `Order::refunded` stays what `put_order` made it.
    fn add_refund(&mut self, order_id: &str, refund_id: &str, amount: Money, at: At) -> Result<bool>;
    /// Sum of the refunds known for an order, also of one whose `order.created` has not come yet.
    fn refunds_of(&self, order_id: &str, zero: Money) -> Result<Money>;
    /// Shared: a person's facts name many, and they change seldom.
    fn product(&self, id: &str) -> Result<Option<Arc<Product>>>;
    fn put_product(&mut self, product: &Product) -> Result<()>;
    fn coupon(&self, code: &str) -> Result<Option<Coupon>>;
    fn put_coupon(&mut self, coupon: &Coupon) -> Result<()>;
    fn add_review(&mut self, contact: Option<ContactId>, review_id: Option<&str>, review: &Review) -> Result<()>;
    /// Reviews of this order that are nobody's become the contact's: the review may be told of before its order.
    fn adopt_reviews(&mut self, order_id: &str, contact: ContactId) -> Result<()>;
    /// The contact's reviews, newest first; at most 200.
    fn reviews_of(&self, contact: ContactId) -> Result<Vec<Review>>;
    /// A look of nobody's is kept for its basket, if it names one.
    fn add_view(&mut self, contact: Option<ContactId>, view: &View) -> Result<()>;
    /// Looks of nobody's in this basket become the contact's.
    fn adopt_views(&mut self, cart_key: &str, contact: ContactId) -> Result<()>;
    /// The contact's looks since then, newest first; at most 200.
    fn views_of(&self, contact: ContactId, since: At) -> Result<Vec<View>>;
    /// `day` is [`day_of`](super::habits::day_of) some moment.
    fn count_doing(&mut self, contact: ContactId, doing: &Doing, day: At) -> Result<()>;
    /// By day and what was done; at most 2000.
    fn doings_of(&self, contact: ContactId, since: At) -> Result<Vec<DayCount>>;
    /// One for each contact, product and variation; asking again is remembered as the last time.
    fn put_wanted(&mut self, contact: ContactId, wanted: &Wanted) -> Result<()>;
    /// Not wanted any more, whenever it was asked for.
    fn drop_wanted(&mut self, contact: ContactId, wanted: &Wanted) -> Result<()>;
    /// By product and variation; at most 200.
    fn wanted_of(&self, contact: ContactId) -> Result<Vec<Wanted>>;
    /// Who wants the product, in any of its variations; who asked first comes first.
    fn wanting(&self, product_id: &str, limit: usize) -> Result<Vec<(ContactId, Wanted)>>;
    /// One that is known by its id stays as it was.
    fn add_happening(&mut self, contact: ContactId, happening: &Happening) -> Result<()>;
    /// The contact's, newest first; at most 50.
    fn happenings_of(&self, contact: ContactId) -> Result<Vec<Happening>>;
    fn subscription(&self, id: &str) -> Result<Option<Subscription>>;
    fn put_subscription(&mut self, contact: ContactId, subscription: &Subscription) -> Result<()>;
    /// The contact's, by id; at most 50.
    fn subscriptions_of(&self, contact: ContactId) -> Result<Vec<Subscription>>;
    fn shop(&self) -> Result<Option<Shop>>;
    fn put_shop(&mut self, shop: &Shop) -> Result<()>;

    // ── the round, and who waits for news of which product ──────────────────────────────────────────────────
    fn round(&self) -> Result<Option<Round>>;
    fn put_round(&mut self, round: &Round) -> Result<()>;
    /// Contacts behind this one that have a number, by id.
    fn contacts_after(&self, after: ContactId, limit: usize) -> Result<Vec<ContactId>>;
    /// Products whose news this contact's campaigns look at.
    fn watches_of(&self, contact: ContactId) -> Result<BTreeSet<String>>;
    fn put_watches(&mut self, contact: ContactId, products: &BTreeSet<String>) -> Result<()>;
    /// Contacts behind this one that watch the product, by id.
    fn watching(&self, product_id: &str, after: ContactId, limit: usize) -> Result<Vec<ContactId>>;
    /// There is news of the product: all who watch it are to be looked at, from the first one on.
    fn stir(&mut self, product_id: &str) -> Result<()>;
    /// A product with news, the first by id, and the last of its watchers that was looked at.
    fn stirred(&self) -> Result<Option<(String, ContactId)>>;
    /// How far its watchers were looked at; `None`: all of them were.
    fn put_stirred(&mut self, product_id: &str, cursor: Option<ContactId>) -> Result<()>;
    /// Adds to the times between purchases that this round found, of a product or (`None`) of the shop.
    fn add_gaps(&mut self, round: At, product_id: Option<&str>, gaps: Gaps) -> Result<()>;
    /// Forgets what other rounds found.
    fn keep_gaps(&mut self, round: At) -> Result<()>;
    /// What the earliest round that is still remembered found: the last one that came to its end.
    fn gaps(&self, product_id: Option<&str>) -> Result<Gaps>;
    /// Counts an order that held this product, `beside` another or whatever it held besides.
    fn add_sale(&mut self, round: At, product_id: &str, beside: Option<&str>) -> Result<()>;
    /// Forgets what earlier rounds found.
    fn keep_sales(&mut self, round: At) -> Result<()>;
    /// Products by how many orders held them (beside the other one), by the earliest round that is remembered; the most first.
    fn best_sold(&self, beside: Option<&str>, limit: usize) -> Result<Vec<String>>;

    // ── enrolments ──────────────────────────────────────────────────────────────────────────────────────────
    fn enrolment(&self, id: EnrolmentId) -> Result<Option<Enrolment>>;
    /// `id` is ignored. `None` when this campaign, contact and occasion was there before, or another of the campaign and
    /// contact has not ended: then nothing changes.
    fn add_enrolment(&mut self, enrolment: &Enrolment) -> Result<Option<EnrolmentId>>;
    fn put_enrolment(&mut self, enrolment: &Enrolment) -> Result<()>;
    /// Those that have not ended.
    fn open_enrolments(&self, contact: ContactId) -> Result<Vec<Enrolment>>;
    /// Whether this occasion was met before, ended or not.
    fn knows_occasion(&self, campaign: &str, contact: ContactId, occasion: &str) -> Result<bool>;
    /// When the contact last entered the campaign (not merely waited for it).
    fn last_entered(&self, campaign: &str, contact: ContactId) -> Result<Option<At>>;
    /// The earliest moment at which an enrolment, a scheduled message or a question to the gateway is due.
    fn next_moment(&self) -> Result<Option<At>>;
    /// Ids of those whose wake-up is at or before `now`, earliest first.
    fn due_enrolments(&self, now: At, limit: usize) -> Result<Vec<EnrolmentId>>;
    fn count_enrolments(&self, state: EnrolmentState) -> Result<u64>;

    /// Lets the staff be told, once for each enrolment and step; false when they were before.
    fn tell_staff(&mut self, word: &StaffWord) -> Result<bool>;
    /// What came of a step's arms, as it was counted last.
    fn arm_counts(&self, campaign: &str, step: &str) -> Result<Option<ArmCounts>>;
    fn put_arm_counts(&mut self, campaign: &str, step: &str, counts: &ArmCounts) -> Result<()>;
    /// By arm. Reads what was drawn since then: for a moment now and then, not for each person.
    fn count_arms(&self, asked: &ArmsAsked) -> Result<BTreeMap<String, Tries>>;

    // ── messages ────────────────────────────────────────────────────────────────────────────────────────────
    fn message(&self, id: MessageId) -> Result<Option<Message>>;
    fn message_by_reference(&self, reference: i64) -> Result<Option<Message>>;
    fn message_by_gateway_id(&self, gateway: &str, gateway_id: &str) -> Result<Option<Message>>;
    /// `id` is ignored. `None` when this enrolment and step has a message already.
    fn add_message(&mut self, message: &Message) -> Result<Option<MessageId>>;
    fn put_message(&mut self, message: &Message) -> Result<()>;
    /// Scheduled messages of one enrolment.
    fn scheduled_of(&self, enrolment: EnrolmentId) -> Result<Vec<Message>>;
    /// Scheduled messages whose `next_try` is at or before `now`, by (`next_try`, `due`, id).
    fn due_messages(&self, now: At, limit: usize) -> Result<Vec<MessageId>>;
    /// Messages that are sent or unknown and whose `next_try` (then: when the gateway is next asked) is at or before
    /// `now`, earliest first.
    fn messages_to_ask(&self, now: At, limit: usize) -> Result<Vec<MessageId>>;
    /// Messages in `state`, oldest hand-over first.
    fn messages_in(&self, state: MessageState, limit: usize) -> Result<Vec<MessageId>>;
    /// When marketing messages that may have left were handed over to this contact since `since`, oldest first.
    fn handed_since(&self, contact: ContactId, since: At) -> Result<Vec<At>>;
    /// Whether a message to this contact is between hand-over and answer.
    fn is_sending_to(&self, contact: ContactId) -> Result<bool>;
    /// The attempt, written before the gateway is called: state `sending`, text, price, link, one more attempt.
    fn hand_over(&mut self, hand_over: &HandOver) -> Result<()>;
    /// What messages that may have left since `since` cost (the gateway's figure where known, else the forecast), up to the end
    /// of the quarter of an hour of `now`: what a clock wrote down that ran ahead is not counted. Nor are amounts in another
    /// currency than `zero`'s.
    fn spent_since(&self, since: At, now: At, zero: Money) -> Result<Money>;

    /// As [`World::spent_since`], of one campaign. `since` is at a whole quarter of an hour, as every zone's midnight is.
    fn spent_by_campaign_since(&self, campaign: &str, since: At, now: At, zero: Money) -> Result<Money>;
    /// When messages were handed to this gateway after `since`, whatever came of them; the earliest first, at most `limit`.
    fn handed_by_gateway_since(&self, gateway: &str, since: At, limit: usize) -> Result<Vec<At>>;
    /// Scheduled messages to this contact, of any campaign, by id; at most 20.
    fn waiting_for(&self, contact: ContactId) -> Result<Vec<Message>>;

    // ── links and credit ────────────────────────────────────────────────────────────────────────────────────
    fn link(&self, slug: &str) -> Result<Option<Link>>;
    fn link_of_message(&self, message: MessageId) -> Result<Option<Link>>;
    /// The link whose text gave this code, in lower case, as one of the person's own.
    fn link_by_own_coupon(&self, code: &str) -> Result<Option<Link>>;
    /// It, and the code that its text gave, work no longer than until then.
    fn withdraw_link(&mut self, slug: &str, at: At) -> Result<()>;
    /// Counts a visit; `human` also counts as a person's, the first of which is kept. `cart_key` is the visitor's own cart.
    fn count_hit(&mut self, slug: &str, at: At, human: bool, cart_key: Option<&str>) -> Result<()>;
    /// Messages that may have left to the contact since `since`, newest first, each with its link; what an order may be
    /// credited to.
    fn credit_candidates(&self, contact: ContactId, since: At) -> Result<Vec<(Message, Option<Link>)>>;
    /// Messages whose link was followed by a person in this cart since `since`, newest message first.
    fn followed_in_cart(&self, cart_key: &str, since: At) -> Result<Vec<(Message, Option<Link>)>>;
    fn credit(&self, order_id: &str) -> Result<Option<Credit>>;
    fn put_credit(&mut self, credit: &Credit) -> Result<()>;

    // ── holds and the record ────────────────────────────────────────────────────────────────────────────────
    fn holds(&self) -> Result<Vec<Hold>>;
    fn put_hold(&mut self, hold: &Hold) -> Result<()>;
    fn lift_hold(&mut self, scope: &HoldScope) -> Result<()>;
    fn decide(&mut self, decision: &Decision) -> Result<()>;
    /// The record about a contact, the latest line first; at most `limit` lines.
    fn decisions_of(&self, contact: ContactId, limit: usize) -> Result<Vec<Decision>>;
}
