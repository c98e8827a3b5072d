//! Figures (promise 9), and that nothing is left lying.

use std::collections::BTreeSet;

use bazgasht::measure::figures::{Figures, Period};
use bazgasht::money::{Currency, Money};
use bazgasht::state::model::{Message, MessageId, MessageState};
use bazgasht::state::world::World;
use bazgasht::store::{figures, log};

use crate::model::Fate;
use crate::promises::{Held, broken};
use crate::run::Run;

fn messages(run: &Run) -> Vec<Message> {
    run.life().read(|world| {
        let mut all = Vec::new();
        let mut id = 1;
        while let Some(message) = world.message(MessageId(id))? {
            all.push(message);
            id += 1;
        }
        Ok(all)
    })
}

/// The report, the messages, the gateway's books and the model say the same.
pub fn add_up(run: &mut Run) -> Held {
    let now = run.daemon_now();
    let report = run.life().read(|world| figures::figures(world.connection(), Period::EVER, now));
    let mut total = Figures::default();
    for campaign in report.values() {
        total += &campaign.total();
    }
    let messages = messages(run);
    let count = |f: &dyn Fn(&Message) -> bool| messages.iter().filter(|m| f(m)).count() as u64;
    let ways = total.waiting + total.sent + total.refused + total.expired + total.cancelled;
    let outcomes = total.delivered + total.on_the_way + total.unknown + total.undelivered;
    for (what, reported, counted) in [
        ("planned", total.planned, messages.len() as u64),
        ("planned, by its parts", total.planned, ways),
        ("sent", total.sent, count(&|m| m.handed.is_some())),
        ("sent, by its parts", total.sent, outcomes),
        ("delivered", total.delivered, count(&|m| m.state == MessageState::Delivered)),
        ("unknown", total.unknown, count(&|m| m.state == MessageState::Unknown)),
        ("expired", total.expired, count(&|m| m.state == MessageState::Expired)),
    ] {
        if reported != counted {
            return broken(9, format!("{what}: the report says {reported}, counted {counted}"));
        }
    }
    let rial: Currency = "IRR".parse().expect("a currency");
    let cost = |m: &Message| m.handed.and(m.cost.or(m.price)).map_or(0, |c| c.minor);
    let costs: i64 = messages.iter().map(cost).sum();
    if total.cost.of(rial).minor != costs {
        return broken(9, format!("cost: the report says {}, counted {costs}", total.cost.of(rial).minor));
    }
    let spent = run
        .life()
        .read(|world| world.spent_since(bazgasht::clock::At(0), bazgasht::clock::At::NEVER, Money::zero(rial)))
        .minor;
    if spent != costs {
        return broken(9, format!("spending: the gate counts {spent}, the report {costs}"));
    }
    against_the_books(run, &messages)?;
    orders(run, &total)
}

/// Every text in the gateway's books is one of ours, and none that the gateway never had counts as sent.
fn against_the_books(run: &Run, messages: &[Message]) -> Held {
    let desk = run.desk();
    for line in &desk.books {
        let Some(message) = messages.iter().find(|m| m.reference == Some(line.reference)) else {
            return broken(9, format!("the gateway took {}, which no message has", line.reference));
        };
        let forgotten =
            matches!(message.state, MessageState::Scheduled | MessageState::Cancelled | MessageState::Expired);
        if forgotten {
            let (id, state) = (message.id.0, message.state);
            return broken(4, format!("message {id} was accepted by the gateway and is {state}"));
        }
    }
    let taken: BTreeSet<i64> = desk.books.iter().map(|l| l.reference).collect();
    for message in messages {
        let sure = matches!(message.state, MessageState::Sent | MessageState::Delivered);
        if sure && message.reference.is_none_or(|r| !taken.contains(&r)) {
            return broken(9, format!("message {} is {} and not in the gateway's books", message.id.0, message.state));
        }
    }
    Ok(())
}

/// An order is credited at most once, with the money that it brought and what is left of it.
fn orders(run: &Run, total: &Figures) -> Held {
    let applied = run.life().read(|world| Ok(log::counts(world.connection())?.pending == 0));
    if !applied {
        return Ok(());
    }
    let (mut brought, mut kept, mut n) = (0, 0, 0);
    for order in run.model.all_orders().values() {
        let credit = run.life().read(|world| world.credit(order.id));
        if credit.is_some() {
            n += 1;
            brought += order.total;
            let back = ["cancelled", "refunded", "failed"].contains(&order.status);
            kept += if back { 0 } else { (order.total - run.model.refunded(order.id)).max(0) };
        }
    }
    let toman: Currency = "IRT".parse().expect("a currency");
    let each = [&total.by_coupon, &total.by_link, &total.by_delivery];
    let said = (
        each.iter().map(|e| e.orders).sum::<u64>(),
        each.iter().map(|e| e.total.of(toman).minor).sum::<i64>(),
        each.iter().map(|e| e.kept.of(toman).minor).sum::<i64>(),
    );
    if said != (n, brought, kept) {
        return broken(
            9,
            format!("orders, money, money kept: the report says {said:?}, counted {:?}", (n, brought, kept)),
        );
    }
    Ok(())
}

/// After a long quiet time nothing waits any more, and every event was applied.
pub fn nothing_is_stuck(run: &mut Run) -> Held {
    let pending = run.life().read(|world| Ok(log::counts(world.connection())?.pending));
    if pending > 0 {
        return broken(1, format!("{pending} events were never applied"));
    }
    let told = run.bridge.told.iter().find(|t| !t.done);
    if let Some(told) = told {
        return broken(1, format!("{} never reached the daemon", told.id));
    }
    let now = run.daemon_now();
    for message in messages(run) {
        let waits = message.state == MessageState::Scheduled && message.expires < now;
        if waits || message.state == MessageState::Sending {
            return broken(7, format!("message {} is {} for ever: {:?}", message.id.0, message.state, message.reason));
        }
    }
    if let Some(open) = run.model.handed.iter().find(|h| h.fate == Fate::Open) {
        return broken(4, format!("call {} was never decided", open.ticket));
    }
    Ok(())
}
