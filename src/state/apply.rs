//! An event applied to what the daemon knows. Decides nothing: it says whom it touched, and the engine looks at them.
//!
//! Events may come late, out of order and (by the log's leave) never twice. Each thing remembers when it was last told
//! of, and an older telling changes only what time cannot spoil.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::consent::{Consent, Hand};
use super::habits::{Doing, Happening, Subscription, View, Wanted, day_of};
use super::model::{
    Cart, CartState, Contact, ContactId, Coupon, Items, LinkKind, OptOut, Order, Product, Review, Shop, Stock,
    counts_as_placed,
};
use super::news::noticed;
use super::people::PointsLine;
use super::world::World;
use crate::clock::{At, Span};
use crate::links::agents;
use crate::money::{Currency, Money};
use crate::phone::{self, Phone};
use crate::receive::event::{self, Event, Fact, OrderData, Person};
use crate::receive::variation::whole;

/// A basket left alone this long and then taken up again is a new occasion.
const EPISODE_GAP: Span = Span::days(7);

/// An order first heard of in an update and older than this was there before the shop was connected.
const OLD_ORDER: Span = Span::hours(1);

/// Whom and what an event touched.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Touched {
    pub contacts: BTreeSet<ContactId>,
    /// Orders whose credit is to be looked at again.
    pub orders: BTreeSet<String>,
}

impl Touched {
    fn contact(&mut self, id: Option<ContactId>) {
        self.contacts.extend(id);
    }
}

/// Applies one event. `country` is the shop's, for numbers without a country of their own.
///
/// # Errors
/// Only the world's own (a full disk): the event itself was understood before it was logged.
pub fn apply<W: World + ?Sized>(world: &mut W, event: &Event, country: &str) -> Result<Touched> {
    if let Some(choice) = event.fact.choice_in_reply() {
        return apply(world, &Event { fact: choice, ..event.clone() }, country);
    }
    let mut touched = Touched::default();
    let at = event.at;
    let who = match event.fact.person() {
        Some(person) => identify(world, person, country, at)?,
        None => None,
    };
    touched.contact(who);
    match &event.fact {
        Fact::CartUpdated(data) => cart_updated(world, data, who, at, &mut touched)?,
        Fact::CartCleared(data) => cart_cleared(world, &data.cart_key, at, &mut touched)?,
        Fact::CheckoutStarted(data) => {
            let mut cart = bind_cart(world, &data.cart_key, who, at, &mut touched)?;
            cart.checkout_started.get_or_insert(at);
            cart.last_action = cart.last_action.max(at);
            world.put_cart(&cart)?;
        }
        Fact::ContactCaptured(data) => {
            if let Some(key) = &data.cart_key {
                let mut cart = bind_cart(world, key, who, at, &mut touched)?;
                if cart.is_open() {
                    cart.last_action = cart.last_action.max(at);
                }
                world.put_cart(&cart)?;
            }
            if let (Some(id), Some(consent)) = (who, &data.consent) {
                note_consent(world, id, consent, data.cart_key.as_deref(), at)?;
            }
        }
        Fact::OrderCreated(data) => order_told(world, data, At::NEVER, who, at, &mut touched)?,
        Fact::OrderUpdated(data) => {
            // An order never heard of may be an old one that was only touched now.
            let before = if world.order(&data.order_id)?.is_none() { at.minus(OLD_ORDER) } else { At::NEVER };
            order_told(world, data, before, who, at, &mut touched)?;
        }
        Fact::OrderRefunded(data) => {
            let refund_id = data.refund_id.clone().unwrap_or_else(|| event.id.clone());
            let amount = data.amount();
            if world.add_refund(&data.order_id, &refund_id, amount, at)?
                && let Some(mut order) = world.order(&data.order_id)?
            {
                order.refunded = world.refunds_of(&order.id, Money::zero(order.total.currency))?;
                touched.contact(order.contact);
                touched.orders.insert(order.id.clone());
                world.put_order(&order)?;
            }
        }
        Fact::ReviewCreated(data) => {
            let by_order = match (&data.order_id, who) {
                (Some(id), None) => world.order(id)?.and_then(|o| o.contact),
                _ => None,
            };
            // A guest may sign with another address than the order's; that our request brought them here says enough.
            let by_link = match &data.link {
                Some(slug) => world.link(slug)?.filter(|link| link.kind == LinkKind::Review).map(|link| link.contact),
                None => None,
            };
            let contact = who.or(by_order).or(by_link);
            let review = Review { product_id: data.product_id.clone(), order_id: data.order_id.clone(), at };
            world.add_review(contact, data.review_id.as_deref(), &review)?;
            touched.contact(contact);
        }
        Fact::ProductUpdated(data) => product_updated(world, data, at)?,
        Fact::ProductDeleted(data) => {
            // Also one that was never heard of: older news of it may come late, and must not bring it back.
            let known = world.product(&data.product_id)?.map(|known| Product::clone(&known));
            let mut product = known.unwrap_or_else(|| no_product(&data.product_id, at));
            let before = product.clone();
            product.published = false;
            product.updated = product.updated.max(at);
            product.variations.iter().try_for_each(|id| hide(world, id, at))?;
            world.put_product(&noticed(Some(&before), product, at).0)?;
        }
        Fact::CouponUpdated(data) => coupon_updated(world, data, at)?,
        Fact::CouponDeleted(data) => {
            let code = data.code.trim().to_lowercase();
            let mut coupon = world.coupon(&code)?.unwrap_or_else(|| no_coupon(code, at));
            coupon.deleted = true;
            coupon.updated = coupon.updated.max(at);
            world.put_coupon(&coupon)?;
        }
        Fact::LinkFollowed(data) => {
            let human = agents::is_person(data.user_agent.as_deref());
            world.count_hit(&data.slug, at, human, data.cart_key.as_deref())?;
        }
        Fact::OptedOut(data) => {
            let who = chooser(world, data, who)?;
            touched.contact(who);
            match number_of(world, data.contact.as_ref(), who, country)? {
                Some(phone) => {
                    let source = data.source.chars().take(60).collect();
                    let no = OptOut { at, source, scope: data.scope, until: data.until, again: at };
                    let stands = no.joined(world.opt_out(&phone)?);
                    world.put_opt_out(&phone, &stands)?;
                }
                None => note_choice(world, who, data, false, at)?,
            }
        }
        Fact::OptedIn(data) => {
            let who = chooser(world, data, who)?;
            touched.contact(who);
            // A yes that is older than the no does not lift it.
            if let Some(phone) = number_of(world, data.contact.as_ref(), who, country)?
                && world.opt_out(&phone)?.is_some_and(|o| o.again <= at)
            {
                world.lift_opt_out(&phone)?;
            }
            // Agreeing again also takes back a box that was left empty earlier.
            note_choice(world, who, data, true, at)?;
        }
        Fact::Answered(data) => {
            if let Some(slug) = &data.link {
                touched.contact(world.link(slug)?.map(|link| link.contact));
            }
        }
        Fact::ShopUpdated(data) => world.put_shop(&Shop {
            name: data.name.clone(),
            url: data.url.clone(),
            currency: data.currency,
            timezone: data.timezone.clone(),
            locale: data.locale.clone(),
            country: data.country.clone(),
            needs_yes: data.needs_yes,
        })?,
        Fact::CustomerCreated(data) | Fact::CustomerUpdated(data) => registered(world, who, data.created_at)?,
        Fact::CustomerLogin(_) => {
            if let Some(id) = who {
                world.count_doing(id, &Doing::Login, day_of(at))?;
            }
        }
        Fact::PageViewed(data) => {
            let who = who.or(somebody_in(world, data.cart_key.as_deref())?);
            touched.contact(who);
            if let Some(id) = who {
                world.count_doing(id, &Doing::Page(data.page.clone()), day_of(at))?;
            }
        }
        Fact::ProductViewed(data) => {
            let who = who.or(somebody_in(world, data.cart_key.as_deref())?);
            touched.contact(who);
            let view = View {
                cart_key: data.cart_key.clone(),
                product_id: data.product_id.clone(),
                variation_id: data.variation_id.clone(),
                seconds: data.seconds(),
                link: data.link.clone(),
                at,
            };
            if who.is_some() || view.cart_key.is_some() {
                world.add_view(who, &view)?;
            }
        }
        Fact::ProductWanted(data) => {
            if let Some(id) = who {
                let (product_id, variation_id) = (data.product_id.clone(), data.variation_id.clone());
                world.put_wanted(id, &Wanted { product_id, variation_id, at })?;
                if let Some(consent) = &data.consent {
                    note_consent(world, id, consent, None, at)?;
                }
            }
        }
        Fact::SubscriptionUpdated(data) => {
            if let Some(id) = who {
                subscription_updated(world, id, data, at)?;
            }
        }
        Fact::Custom(data) => {
            if let Some(id) = who {
                let (name, fields) = (data.name.clone(), data.fields.clone());
                world.add_happening(id, &Happening { id: event.id.clone(), name, fields, at })?;
            }
        }
        Fact::Tagged(data) => {
            let tag = |tag: String| who.map_or(Ok(()), |id| world.put_tag(id, &tag, at));
            data.tags().try_for_each(tag)?;
        }
        Fact::Untagged(data) => {
            let untag = |tag: String| who.map_or(Ok(()), |id| world.drop_tag(id, &tag));
            data.tags().try_for_each(untag)?;
        }
        Fact::PointsChanged(data) => {
            if let (Some(id), Some(change)) = (who, data.points()) {
                let about = format!("event:{}", event.id);
                world.add_points(id, &PointsLine { at, change, about, part: 1, expires: None, rate: None })?;
            }
        }
        // Erasing ends ways, and so is the business of `crate::flow`.
        Fact::EraseRequested(_) => {}
    }
    Ok(touched)
}

/// Whose basket or session this is. One whose owner was erased is nobody's.
fn somebody_in<W: World + ?Sized>(world: &W, cart_key: Option<&str>) -> Result<Option<ContactId>> {
    let Some(owner) = cart_key.map(|key| world.cart(key)).transpose()?.flatten().and_then(|cart| cart.contact) else {
        return Ok(None);
    };
    Ok(world.contact(owner)?.filter(|c| c.phone.is_some() || c.user_id.is_some()).map(|c| c.id))
}

/// The earliest that was told: an account is made once.
fn registered<W: World + ?Sized>(world: &mut W, who: Option<ContactId>, at: Option<At>) -> Result<()> {
    let (Some(id), Some(at)) = (who, at) else { return Ok(()) };
    match world.contact(id)?.filter(|contact| contact.registered.is_none_or(|known| at < known)) {
        Some(contact) => world.put_contact(&Contact { registered: Some(at), ..contact }),
        None => Ok(()),
    }
}

/// The contact behind a person's data: by number, else by the shop's user id; made when it is new.
/// A number that cannot receive an SMS identifies nobody and is left in the log as it was typed.
fn identify<W: World + ?Sized>(world: &mut W, person: &Person, country: &str, at: At) -> Result<Option<ContactId>> {
    let number = usable_number(person, country);
    let by_user = match &person.user_id {
        Some(user) => world.contact_by_user(user)?,
        None => None,
    };
    let by_phone = match &number {
        Some(phone) => world.contact_by_phone(phone)?,
        None => None,
    };
    let known = match (by_phone, by_user) {
        (Some(p), Some(u)) if p.id != u.id => {
            if u.phone.is_none() {
                world.merge_contacts(u.id, p.id)?;
                world.contact(p.id)?
            } else {
                // The account has another number now: the account moves, the old number keeps its history.
                world.put_contact(&Contact { user_id: None, ..u })?;
                Some(p)
            }
        }
        (Some(p), _) => Some(p),
        (None, Some(u)) if number.is_some() && u.phone.is_some() => {
            world.put_contact(&Contact { user_id: None, ..u })?;
            None
        }
        (None, Some(u)) => Some(u),
        (None, None) => None,
    };
    match known {
        Some(old) => {
            let id = old.id;
            let new = told_of(&old, person, number, at);
            if differs(&old, &new) {
                world.put_contact(&new)?;
            }
            Ok(Some(id))
        }
        None if number.is_none() && person.user_id.is_none() => Ok(None),
        None => {
            let blank = Contact { created: at, last_seen: at, ..Contact::blank(ContactId(0)) };
            Ok(Some(world.add_contact(&told_of(&blank, person, number, at))?))
        }
    }
}

/// The number in a person's data, if an SMS can reach it.
fn usable_number(person: &Person, country: &str) -> Option<Phone> {
    let raw = person.phone.as_deref()?;
    phone::parse(raw, person.country.as_deref(), country).ok()
}

/// Who chose: the person named, or whoever got the text whose link led to the choice.
fn chooser<W: World + ?Sized>(world: &W, choice: &event::Choice, who: Option<ContactId>) -> Result<Option<ContactId>> {
    match (who, &choice.link) {
        (None, Some(slug)) => Ok(world.link(slug)?.map(|link| link.contact)),
        (who, _) => Ok(who),
    }
}

fn number_of<W: World + ?Sized>(
    world: &W,
    person: Option<&Person>,
    who: Option<ContactId>,
    country: &str,
) -> Result<Option<Phone>> {
    if let Some(phone) = person.and_then(|person| usable_number(person, country)) {
        return Ok(Some(phone));
    }
    match who {
        Some(id) => Ok(world.contact(id)?.and_then(|c| c.phone)),
        None => Ok(None),
    }
}

fn told_of(old: &Contact, person: &Person, number: Option<Phone>, at: At) -> Contact {
    let newer = at >= old.last_seen;
    let pick = |new: &Option<String>, old: &Option<String>| match new {
        Some(_) if newer || old.is_none() => new.clone(),
        _ => old.clone(),
    };
    Contact {
        id: old.id,
        phone: old.phone.clone().or(number),
        user_id: pick(&person.user_id, &old.user_id),
        first_name: pick(&person.first_name, &old.first_name),
        last_name: pick(&person.last_name, &old.last_name),
        locale: pick(&person.locale, &old.locale),
        birthday: pick(&person.birthday, &old.birthday),
        registered: old.registered,
        country: pick(&person.country, &old.country),
        consent: old.consent.clone(),
        created: old.created.min(at),
        last_seen: old.last_seen.max(at),
    }
}

/// Whether storing is worth a write: `last_seen` alone is, once an hour has passed.
fn differs(old: &Contact, new: &Contact) -> bool {
    new.last_seen.since(old.last_seen) > Span::hours(1)
        || new.created != old.created
        || new.phone != old.phone
        || new.user_id != old.user_id
        || new.first_name != old.first_name
        || new.last_name != old.last_name
        || new.locale != old.locale
        || new.birthday != old.birthday
        || new.country != old.country
}

/// A choice kept with the person, as what was agreed to or refused last. An opt-out is kept under a number, so the no of
/// somebody whose number is not known yet waits here for it.
fn note_choice<W: World + ?Sized>(
    world: &mut W,
    who: Option<ContactId>,
    choice: &event::Choice,
    yes: bool,
    at: At,
) -> Result<()> {
    let Some(id) = who else { return Ok(()) };
    heard_of(world, id, Consent { marketing: yes, source: choice.source.clone(), text: None, at, hand: Hand::Own })
}

fn note_consent<W: World + ?Sized>(
    world: &mut W,
    id: ContactId,
    consent: &event::Consent,
    session: Option<&str>,
    at: At,
) -> Result<()> {
    let said = Consent {
        marketing: consent.marketing,
        source: consent.source.clone(),
        text: consent.text.clone(),
        at: consent.at.map_or(at, |given| given.min(at)),
        hand: Hand::of(&consent.source, session, consent.order_id.is_some()),
    };
    heard_of(world, id, said)
}

fn heard_of<W: World + ?Sized>(world: &mut W, id: ContactId, said: Consent) -> Result<()> {
    let Some(contact) = world.contact(id)? else { return Ok(()) };
    let stands = said.after(contact.consent.clone());
    if contact.consent.as_ref() == Some(&stands) {
        return Ok(());
    }
    world.put_contact(&Contact { consent: Some(stands), ..contact })
}

/// The cart under this key, now of contact `who` when one is named; made empty when it was not known. Not stored yet.
fn bind_cart<W: World + ?Sized>(
    world: &mut W,
    key: &str,
    who: Option<ContactId>,
    at: At,
    touched: &mut Touched,
) -> Result<Cart> {
    let mut cart = match world.cart(key)? {
        Some(cart) => cart,
        None => Cart {
            key: key.to_owned(),
            contact: None,
            episode: 0,
            state: CartState::Emptied,
            items: Items::default(),
            total: Money::zero(shop_currency(world)?),
            coupons: Vec::new(),
            checkout_url: None,
            checkout_started: None,
            began: at,
            last_action: at,
            told: At(0),
        },
    };
    touched.contact(cart.contact);
    if let Some(owner) = who.filter(|_| at >= cart.began) {
        cart.contact = who;
        // Looked at before anybody knew who it was.
        world.adopt_views(key, owner)?;
    }
    touched.contact(cart.contact);
    Ok(cart)
}

fn shop_currency<W: World + ?Sized>(world: &W) -> Result<Currency> {
    Ok(world.shop()?.map_or(Currency::NONE, |s| s.currency))
}

fn cart_updated<W: World + ?Sized>(
    world: &mut W,
    data: &event::CartUpdated,
    who: Option<ContactId>,
    at: At,
    touched: &mut Touched,
) -> Result<()> {
    if data.items.is_empty() {
        return cart_cleared(world, &data.cart_key, at, touched);
    }
    let mut cart = bind_cart(world, &data.cart_key, who, at, touched)?;
    if at < cart.told {
        // Late: the basket has moved on since; only the person in it may be news.
        return world.put_cart(&cart);
    }
    if !cart.is_open() || at.since(cart.last_action) > EPISODE_GAP {
        cart.episode = cart.episode.saturating_add(1);
        cart.began = at;
        cart.checkout_started = None;
    }
    cart.state = CartState::Open;
    cart.items = Items::clone(&data.items);
    cart.total = data.total();
    cart.coupons = data.coupons.iter().map(|c| c.to_lowercase()).collect();
    if data.checkout_url.is_some() {
        cart.checkout_url.clone_from(&data.checkout_url);
    }
    cart.last_action = cart.last_action.max(at);
    cart.told = at;
    world.put_cart(&cart)
}

fn cart_cleared<W: World + ?Sized>(world: &mut W, key: &str, at: At, touched: &mut Touched) -> Result<()> {
    // Also one that was never heard of: its filling may come late, and must not fill it again.
    let mut cart = bind_cart(world, key, None, at, touched)?;
    if at < cart.told {
        return Ok(());
    }
    if cart.state == CartState::Open {
        cart.state = CartState::Emptied;
    }
    cart.episode = cart.episode.max(1);
    cart.items = Items::default();
    cart.total = Money::zero(cart.total.currency);
    cart.last_action = cart.last_action.max(at);
    cart.told = at;
    world.put_cart(&cart)
}

/// `old` is the moment before which the order's own dates are believed rather than the event's.
fn order_told<W: World + ?Sized>(
    world: &mut W,
    data: &OrderData,
    old: At,
    who: Option<ContactId>,
    at: At,
    touched: &mut Touched,
) -> Result<()> {
    let known = world.order(&data.order_id)?;
    // The buyer may be known by the basket alone (a landline at checkout, a mobile in the dialog).
    let by_cart = match (&data.cart_key, who) {
        (Some(key), None) => world.cart(key)?.and_then(|c| c.contact),
        _ => None,
    };
    let who = who.or(by_cart);
    let reached = when_reached(data, old, at);
    let mut order = match known {
        Some(mut order) => {
            if at >= order.updated {
                order.number.clone_from(&data.number);
                order.status.clone_from(&data.status);
                order.total = data.total();
                order.items = Items::clone(&data.items);
                order.coupons = data.coupons.iter().map(|c| c.to_lowercase()).collect();
                order.updated = at;
                // Whose it was does not have it any more.
                touched.contact(order.contact);
                order.contact = who.or(order.contact);
                order.tracking_url = data.tracking_url.clone().or(order.tracking_url);
                order.shipping = data.shipping.clone().or(order.shipping);
                order.payment_method = data.payment_method.clone().or(order.payment_method);
                order.failed = data.failed_at.or(order.failed);
                order.link = data.link.clone().or(order.link);
            }
            order
        }
        None => Order {
            id: data.order_id.clone(),
            number: data.number.clone(),
            contact: who,
            status: data.status.clone(),
            total: data.total(),
            refunded: Money::zero(data.currency),
            items: Items::clone(&data.items),
            coupons: data.coupons.iter().map(|c| c.to_lowercase()).collect(),
            cart_key: data.cart_key.clone(),
            tracking_url: data.tracking_url.clone(),
            shipping: data.shipping.clone(),
            payment_method: data.payment_method.clone(),
            failed: data.failed_at,
            link: data.link.clone(),
            created: data.created_at.unwrap_or(at).min(at),
            placed: None,
            reached: BTreeMap::new(),
            updated: at,
        },
    };
    order.cart_key = order.cart_key.or_else(|| data.cart_key.clone());
    order.refunded = world.refunds_of(&order.id, Money::zero(order.total.currency))?;
    let first = order.reached.entry(data.status.clone()).or_insert(reached);
    *first = (*first).min(reached);
    if let Some(state) = data.shipping.as_ref().and_then(|shipping| shipping.state.as_deref()) {
        // Of when a parcel went on its way nothing is told but that it has.
        let first = order.reached.entry(format!("shipping:{state}")).or_insert(at);
        *first = (*first).min(at);
    }
    if counts_as_placed(&data.status) {
        let placed = when_placed(data, old).unwrap_or(reached);
        order.placed = Some(order.placed.map_or(placed, |p| p.min(placed)));
    }
    touched.contact(order.contact);
    touched.orders.insert(order.id.clone());
    world.put_order(&order)?;
    if let Some(contact) = order.contact {
        world.adopt_reviews(&order.id, contact)?;
        if let Some(key) = &order.cart_key {
            world.adopt_views(key, contact)?;
        }
    }
    if let (Some(placed), Some(key)) = (order.placed.filter(|_| order.is_placed()), &order.cart_key)
        && let Some(mut cart) = world.cart(key)?
        // It is bought once: later news of the order is no act of the buyer's.
        && cart.state != CartState::Bought
        // A basket filled again after this order is another one.
        && cart.began <= placed
        && cart.told <= at
    {
        touched.contact(cart.contact);
        cart.state = CartState::Bought;
        cart.episode = cart.episode.max(1);
        cart.items = Items::default();
        cart.last_action = cart.last_action.max(at);
        cart.told = at;
        world.put_cart(&cart)?;
    }
    Ok(())
}

/// When the order came into the status that it is told to have: the event's time, which is exact, unless the order is an
/// old one and its own dates say so.
fn when_reached(data: &OrderData, old: At, at: At) -> At {
    let own = match data.status.as_str() {
        "completed" => data.completed_at.or(data.created_at),
        "failed" => data.failed_at.or(data.created_at),
        _ => data.paid_at.or(data.created_at),
    };
    own.filter(|own| old != At::NEVER && *own < old).unwrap_or(at)
}

/// When an old order was bought, by its own dates. One that is paid for at the door is "paid" when it is completed.
fn when_placed(data: &OrderData, old: At) -> Option<At> {
    let paid = data.paid_at.filter(|paid| data.completed_at.is_none_or(|completed| *paid < completed));
    paid.or(data.created_at).filter(|own| old != At::NEVER && *own < old)
}

fn product_updated<W: World + ?Sized>(world: &mut W, data: &event::ProductData, at: At) -> Result<()> {
    let before = world.product(&data.product_id)?;
    if before.as_ref().is_some_and(|p| p.updated > at) {
        return Ok(());
    }
    let told = Product {
        id: data.product_id.clone(),
        name: data.name.clone(),
        url: data.url.clone(),
        price: data.price(),
        regular_price: data.regular_price(),
        // A word that is not known is a product that is not offered.
        stock: Stock::from_word(&data.stock_status).unwrap_or(Stock::Out),
        stock_quantity: whole(data.stock_quantity.as_deref()),
        categories: data.categories.clone(),
        cross_sells: data.cross_sell_ids.clone(),
        upsells: data.upsell_ids.clone(),
        image: data.image.clone(),
        variations: match (&data.variations, &before) {
            (Some(told), _) => told.iter().map(|variation| variation.variation_id.clone()).collect(),
            (None, Some(before)) => before.variations.clone(),
            (None, None) => Vec::new(),
        },
        published: data.published,
        prices: Vec::new(),
        out: None,
        back: None,
        updated: at,
    };
    for variation in data.variations.iter().flatten() {
        notice(world, variation.of(&told, data.currency), at)?;
    }
    let gone = before.iter().flat_map(|before| &before.variations).filter(|id| !told.variations.contains(id));
    let hidden = told.variations.iter().filter(|_| !told.published);
    gone.chain(hidden).try_for_each(|id| hide(world, id, at))?;
    let (product, news) = noticed(before.as_deref(), told, at);
    world.put_product(&product)?;
    if news { world.stir(&product.id) } else { Ok(()) }
}

/// Writes down what is told of a variation, where it differs from what is known.
fn notice<W: World + ?Sized>(world: &mut W, told: Product, at: At) -> Result<()> {
    let before = world.product(&told.id)?;
    let (product, news) = noticed(before.as_deref(), told, at);
    if before.as_ref().is_some_and(|before| Product { updated: at, ..Product::clone(before) } == product) {
        return Ok(());
    }
    world.put_product(&product)?;
    if news { world.stir(&product.id) } else { Ok(()) }
}

/// Shoppers see it no more.
fn hide<W: World + ?Sized>(world: &mut W, id: &str, at: At) -> Result<()> {
    match world.product(id)?.filter(|known| known.published) {
        Some(known) => notice(world, Product { published: false, updated: at, ..Product::clone(&known) }, at),
        None => Ok(()),
    }
}

fn subscription_updated<W: World + ?Sized>(
    world: &mut W,
    who: ContactId,
    data: &event::SubscriptionUpdated,
    at: At,
) -> Result<()> {
    let known = world.subscription(&data.subscription_id)?;
    if known.as_ref().is_some_and(|known| known.updated > at) {
        return Ok(());
    }
    let (id, status, ends) = (data.subscription_id.clone(), data.status.clone(), data.next_payment_at);
    let term = known.as_ref().and_then(|known| known.term_until(ends)).or(ends);
    world.put_subscription(who, &Subscription { id, status, ends, term, updated: at })
}

/// A product of which only its end is known.
fn no_product(id: &str, at: At) -> Product {
    Product {
        id: id.to_owned(),
        name: String::new(),
        url: String::new(),
        price: None,
        regular_price: None,
        stock: Stock::Out,
        stock_quantity: None,
        categories: Vec::new(),
        cross_sells: Vec::new(),
        upsells: Vec::new(),
        image: None,
        variations: Vec::new(),
        published: false,
        prices: Vec::new(),
        out: None,
        back: None,
        updated: at,
    }
}

/// A code of which only its end is known.
fn no_coupon(code: String, at: At) -> Coupon {
    Coupon {
        code,
        kind: String::new(),
        amount: "0".to_owned(),
        expires: None,
        usage_limit: None,
        usage_count: 0,
        minimum: None,
        deleted: true,
        updated: at,
    }
}

fn coupon_updated<W: World + ?Sized>(world: &mut W, data: &event::CouponData, at: At) -> Result<()> {
    let code = data.code.trim().to_lowercase();
    if world.coupon(&code)?.is_some_and(|c| c.updated > at) {
        return Ok(());
    }
    world.put_coupon(&Coupon {
        code,
        kind: data.discount_type.clone(),
        amount: data.amount.clone(),
        expires: data.expires_at,
        usage_limit: data.usage_limit,
        usage_count: data.usage_count.unwrap_or(0),
        minimum: data.minimum_amount.clone(),
        deleted: false,
        updated: at,
    })
}
