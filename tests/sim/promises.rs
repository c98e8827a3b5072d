//! What must hold, looked at when a text is handed over and when the gateway takes it.

use bazgasht::phone::Phone;
use bazgasht::state::model::{Link, Message, MessageState};
use bazgasht::state::world::World;
use chrono::Datelike;

use crate::gateway::Ticket;
use crate::laws::{self, CODES, DAY, PRICE_LATIN, PRICE_PERSIAN, Step, Trigger};
use crate::model::{self, Fate, Handed, Model, Ms};
use crate::run::Run;

/// A promise that was not kept.
#[derive(Debug, Clone)]
pub struct Broken {
    pub promise: u8,
    pub what: String,
}

pub type Held = Result<(), Broken>;

pub fn broken(promise: u8, what: impl Into<String>) -> Held {
    Err(Broken { promise, what: what.into() })
}

/// What the daemon's database says that a hand-over is about. Only labels are taken from there.
struct Label {
    message: Message,
    occasion: String,
    phone: Option<Phone>,
    offer: Option<String>,
    link: Option<Link>,
}

impl Run {
    /// The gateway is called: may this text go out to this person now?
    pub fn at_hand_over(&mut self, ticket: &Ticket) -> Held {
        let Some(label) = self.label(ticket.reference) else {
            return broken(4, format!("the gateway was called with {}, which is not written down", ticket.reference));
        };
        let (campaign, step) = (label.message.campaign.clone(), label.message.step.clone());
        let Some(law) = laws::steps().get(&(campaign.as_str(), step.as_str())).copied() else {
            return broken(10, format!("{campaign}/{step} is in no file"));
        };
        let (parts, latin) = model::parts(&ticket.text);
        let handed = Handed {
            ticket: ticket.number,
            at: ticket.at,
            phone: ticket.phone.clone(),
            gateway: ticket.gateway,
            campaign,
            step,
            occasion: label.occasion.clone(),
            marketing: !law.service,
            price: parts * if latin { PRICE_LATIN } else { PRICE_PERSIAN },
            fate: Fate::Open,
            failed: false,
            refunded: false,
        };
        self.note(format!(
            "  hands over {}/{} for {} to {}",
            handed.campaign, handed.step, handed.occasion, handed.phone
        ));
        self.tally.handed += 1;
        let held = is_written_down(&label, ticket)
            .and_then(|()| self.is_no_guess(&handed))
            .and_then(|()| self.is_not_stopped(&handed))
            .and_then(|()| by_the_rules_in_force(&self.model, &handed))
            .and_then(|()| nobody_who_ordered(&self.model, &handed, &law))
            .and_then(|()| nobody_who_refused(&self.model, &handed))
            .and_then(|()| in_time(&self.model, &handed, &law))
            .and_then(|()| within_hours_and_caps(&self.model, &handed))
            .and_then(|()| within_budget(&self.model, &handed))
            .and_then(|()| a_sound_text(&self.model, ticket, &label));

        self.model.handed.push(handed);
        self.slugs.extend(label.link.map(|l| l.slug));
        held
    }

    fn label(&mut self, reference: i64) -> Option<Label> {
        self.life().read(|world| {
            let Some(message) = world.message_by_reference(reference)? else { return Ok(None) };
            let Some(enrolment) = world.enrolment(message.enrolment)? else { return Ok(None) };
            Ok(Some(Label {
                occasion: enrolment.subject.occasion(),
                phone: world.contact(message.contact)?.and_then(|c| c.phone),
                offer: message.offer.clone(),
                link: world.link_of_message(message.id)?,
                message,
            }))
        })
    }

    /// Promise 4: what was in doubt goes again only where the same reference is refused twice.
    fn is_no_guess(&self, handed: &Handed) -> Held {
        let mut before = self.model.handed_to(&handed.phone).filter(|h| h.is_same(handed) && h.fate != Fate::Refused);
        let sure = self.gates[handed.gateway].manners.dedupes;
        match before.find(|h| h.gateway != handed.gateway || !sure) {
            None => Ok(()),
            Some(old) => broken(4, format!("{} at {} was {:?}, and goes again", handed.step, old.at, old.fate)),
        }
    }

    /// Promise 6, and the owner's holds: what stops sending, stops it.
    fn is_not_stopped(&self, handed: &Handed) -> Held {
        if let Some((last, why)) = self.stopped.get(&handed.gateway)
            && handed.ticket > *last
        {
            return broken(6, format!("a text goes though its gateway said stop: {why}"));
        }
        let own = format!("campaign:{}", handed.campaign);
        if self.holds.iter().any(|h| h == "all" || *h == own) {
            return broken(6, format!("a text goes though {:?} are held", self.holds));
        }
        Ok(())
    }

    /// Promise 4: the gateway takes a message for this person, step and occasion once.
    pub fn at_acceptance(&mut self, ticket: u64) -> Held {
        let Some(new) = self.model.handed.iter().find(|h| h.ticket == ticket) else { return Ok(()) };
        let same = |h: &&Handed| matches!(h.fate, Fate::Accepted(_)) && h.is_same(new);
        match self.model.handed_to(&new.phone).find(same) {
            None => Ok(()),
            Some(old) => broken(4, format!("{}/{} for {} was accepted twice", old.campaign, old.step, old.occasion)),
        }
    }
}

/// Promise 4: the attempt is on the disk before the gateway hears of it.
fn is_written_down(label: &Label, ticket: &Ticket) -> Held {
    let m = &label.message;
    if m.state != MessageState::Sending || m.handed.map(|h| h.0) != Some(ticket.at) || m.attempts == 0 {
        let found = (m.state, m.handed, m.attempts);
        return broken(4, format!("the gateway is called at {}, the database says {found:?}", ticket.at));
    }
    if m.text.as_deref() != Some(&ticket.text) {
        return broken(9, "another text is handed over than is written down");
    }
    if label.phone.as_ref().map(Phone::e164) != Some(&ticket.phone) {
        return broken(2, format!("a text goes to {}, who is another person", ticket.phone));
    }
    Ok(())
}

/// What the owner has switched off is off for what was planned, too.
fn by_the_rules_in_force(model: &Model, handed: &Handed) -> Held {
    if handed.campaign == "quick" && model.law().quick.is_none() {
        return broken(10, "a text goes of a campaign that is off");
    }
    Ok(())
}

/// Promise 2.
fn nobody_who_ordered(model: &Model, handed: &Handed, law: &Step) -> Held {
    let phone = &handed.phone;
    let Some(id) = handed.occasion.strip_prefix("order:") else {
        if law.trigger == Trigger::Basket && model.waiting_baskets(phone).is_empty() {
            return broken(2, format!("{phone} has no basket that waits to be bought"));
        }
        return Ok(());
    };
    let orders = model.orders();
    let Some(order) = orders.get(id) else { return broken(2, format!("order {id} was never told of")) };
    if ["cancelled", "refunded", "failed"].contains(&order.status) || model.refunded(id) > 0 {
        return broken(2, format!("order {id} was taken back"));
    }
    if law.asks_review && model.is_reviewed(id, phone) {
        return broken(2, format!("order {id} was reviewed"));
    }
    if law.wants_order
        && let Trigger::Order(status) = law.trigger
        && let Some(reached) = model.reached(id, status)
    {
        let later = |o: &&model::Order<'_>| {
            o.id != id && o.phone == *phone && o.stands() && o.bought.is_some_and(|b| b > reached)
        };
        if let Some(other) = orders.values().find(later) {
            return broken(2, format!("{phone} ordered {} since", other.id));
        }
    }
    Ok(())
}

/// Promise 3, and what was said about marketing.
fn nobody_who_refused(model: &Model, handed: &Handed) -> Held {
    let phone = &handed.phone;
    if model.refuses(phone, handed.marketing, handed.at) {
        return broken(3, format!("{phone} has opted out"));
    }
    let said = model.consent(phone);
    if handed.marketing && (said == Some(false) || (model.law().yes_needed && said != Some(true))) {
        return broken(3, format!("{phone} said {said:?} to marketing"));
    }
    Ok(())
}

/// Promise 7.
fn in_time(model: &Model, handed: &Handed, law: &Step) -> Held {
    let anchor = match (law.trigger, handed.occasion.strip_prefix("order:")) {
        (Trigger::Order(status), Some(id)) => model.reached(id, status),
        _ => model.baskets_of(&handed.phone).iter().filter_map(|key| model.last_act(key)).max(),
    };
    let Some(anchor) = anchor else { return broken(7, "nothing has happened that this text is about") };
    let bound = model.best_before(anchor + law.after, law.best_before);
    if handed.at > bound {
        return broken(7, format!("it is {} min too late", (handed.at - bound) / laws::MINUTE));
    }
    Ok(())
}

/// Promise 5.
fn within_hours_and_caps(model: &Model, handed: &Handed) -> Held {
    let now = handed.at;
    if (handed.marketing || model.law().service_waits) && !model.is_open(now) {
        return broken(5, format!("it is {}", model.local(now)));
    }
    if !handed.marketing {
        return Ok(());
    }
    let counts = |h: &&Handed| h.marketing && !h.failed && matches!(h.fate, Fate::Open | Fate::Accepted(_));
    let before: Vec<Ms> = model.handed_to(&handed.phone).filter(counts).map(|h| h.at).collect();
    let law = model.law();
    let within = |span: Ms| before.iter().filter(|t| now - **t < span).count();
    let today = before.iter().filter(|t| model.local(**t).date_naive() == model.local(now).date_naive()).count();
    let closest = before.iter().map(|t| (now - t).abs()).min();
    if closest.is_some_and(|c| c < law.gap) {
        return broken(5, format!("the last text was {} min ago", closest.unwrap_or(0) / laws::MINUTE));
    }
    for (what, had, most) in
        [("day", today, law.day), ("week", within(7 * DAY), law.week), ("month", within(30 * DAY), law.month)]
    {
        if had >= most {
            return broken(5, format!("{had} texts in this {what} already, at most {most}"));
        }
    }
    Ok(())
}

/// Promise 6.
fn within_budget(model: &Model, handed: &Handed) -> Held {
    let counts = |h: &&Handed| !h.refunded && matches!(h.fate, Fate::Open | Fate::Accepted(_));
    let here = model.local(handed.at);
    let (mut day, mut month, mut own) = (handed.price, handed.price, handed.price);
    for h in model.handed.iter().filter(counts) {
        let there = model.local(h.at);
        if there.date_naive() == here.date_naive() {
            day += h.price;
            own += if h.campaign == handed.campaign { h.price } else { 0 };
        }
        if (there.year(), there.month()) == (here.year(), here.month()) {
            month += h.price;
        }
    }
    let law = model.law();
    if law.budget_day.is_some_and(|cap| day > cap) {
        return broken(6, format!("{day} rial today, at most {:?}", law.budget_day));
    }
    if handed.campaign == "quick" && law.budget_quick.is_some_and(|cap| own > cap) {
        return broken(6, format!("{own} rial for this campaign today, at most {:?}", law.budget_quick));
    }
    if month > law.budget_month {
        return broken(6, format!("{month} rial this month, at most {}", law.budget_month));
    }
    Ok(())
}

/// Promise 8.
fn a_sound_text(model: &Model, ticket: &Ticket, label: &Label) -> Held {
    let text = &ticket.text;
    let holes = ["{{", "}}", "{%", "undefined", "None", "none", "null", "«»", "  ", "سفارش  "];
    if text.trim().is_empty() || holes.iter().any(|hole| text.contains(hole)) {
        return broken(8, format!("a text with a hole: {text:?}"));
    }
    let lower = text.to_lowercase();
    // "off10" does not hold "off5", nor the other way round.
    for code in CODES.iter().filter(|code| lower.lines().any(|l| l.trim() == **code)) {
        if !model.is_alive(code, ticket.at) {
            return broken(8, format!("the code {code} is dead"));
        }
    }
    let Some(link) = &label.link else { return broken(8, "no link belongs to the text") };
    if !text.contains(&format!("https://shop.example/s/{}", link.slug)) {
        return broken(8, "the text does not hold its link");
    }
    if link.expires.0 <= ticket.at {
        return broken(8, format!("the link {} is dead", link.slug));
    }
    if let Some(offer) = &label.offer {
        if !model.is_there(offer) {
            return broken(8, format!("the offered product {offer} is not there"));
        }
        let bought = |o: &&model::Order<'_>| o.phone == ticket.phone && o.stands() && o.products.contains(offer);
        if model.orders().values().any(|o| bought(&o)) {
            return broken(8, format!("the offered product {offer} was bought"));
        }
    }
    let waiting = model.waiting_baskets(&ticket.phone);
    let shows = waiting.iter().any(|key| model.contents(key).iter().any(|p| model.is_there(p)));
    if label.occasion.starts_with("cart:") && !shows {
        return broken(8, "nothing in the basket is in stock");
    }
    Ok(())
}
