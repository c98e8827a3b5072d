//! Twilio's codes and what each means: for a message that is handed over, and for one that failed later. The table is the only
//! place that decides it. Source: <https://www.twilio.com/docs/api/errors>.

use std::time::Duration;

use crate::phone::Phone;
use crate::send::gateway::{Answer, Delivery, Refusal, StopScope};
use crate::send::gateways::codes::{self, Row, row};

/// What a code means for the message that it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Later(Option<Duration>),
    /// May have been accepted.
    Doubt,
    Never,
    OptedOut,
    Stop(Scope),
}

/// [`StopScope`], with the country still to be filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Account,
    Line,
    Region,
}

use Action::{Doubt, Later, Never, OptedOut, Stop};
use Scope::{Account, Line, Region};

const QUEUE_REST: Duration = Duration::from_mins(10);
const NEXT_DAY: Duration = Duration::from_hours(24);

pub(super) const TABLE: &[Row<Action>] = &[
    row(14105, Stop(Account), "address for delivery reports is not accepted; look at public_url"),
    row(20003, Stop(Account), "account or auth token is not accepted; set those of the console"),
    row(20404, Stop(Account), "there is no such account; set the account's SID"),
    row(20429, Later(None), "too many requests"),
    row(21211, Never, "recipient is not valid"),
    row(21212, Stop(Line), "sender is not valid; set a number or messaging service of this account"),
    row(21408, Stop(Region), "this country is not switched on in the geo permissions"),
    row(21602, Never, "text is empty"),
    row(21606, Stop(Line), "sender cannot be used for SMS, or not to this recipient"),
    row(21608, Stop(Account), "trial account writes to verified numbers only; upgrade it"),
    row(21610, OptedOut, "recipient has replied STOP"),
    row(21611, Later(Some(QUEUE_REST)), "sender's queue is full"),
    row(21612, Stop(Region), "this sender does not reach this country"),
    row(21614, Never, "recipient is no mobile number"),
    row(21617, Never, "text is longer than 1600 characters"),
    row(21635, Never, "recipient is a landline"),
    row(30001, Later(Some(QUEUE_REST)), "queue is full"),
    row(30002, Stop(Account), "account is suspended"),
    row(30003, Later(Some(NEXT_DAY)), "handset cannot be reached"),
    row(30004, Never, "blocked by the carrier or by the recipient"),
    row(30005, Never, "number is not known"),
    row(30006, Never, "landline, or a carrier that cannot be reached"),
    row(30007, Never, "filtered by the carrier; look at the text and at the sender's registration"),
    row(30008, Doubt, "failed for a reason that is not known"),
    row(30034, Stop(Line), "sender is not registered for A2P 10DLC; register it"),
    row(30649, Stop(Region), "this country is not served"),
    row(60605, Stop(Region), "this country is not served"),
];

pub(super) fn lookup(code: i64) -> Option<&'static Row<Action>> {
    codes::lookup(TABLE, code)
}

/// What a code's row says, for the log and the owner.
pub(super) fn explain(code: i64) -> String {
    match lookup(code) {
        Some(row) => format!("twilio: {} (code {code})", row.meaning),
        None => format!("twilio: code {code}; its meaning stands at https://www.twilio.com/docs/api/errors/{code}"),
    }
}

fn scope(scope: Scope, to: Option<&Phone>) -> StopScope {
    match scope {
        Account => StopScope::Account,
        Line => StopScope::Line,
        // Without a country the number's line is all that can be held.
        Region => to.map_or(StopScope::Line, |to| StopScope::Region(to.calling_code())),
    }
}

/// What a code that answers a hand-over comes to.
pub(super) fn answer(row: &Row<Action>, to: &Phone) -> Answer {
    let why = explain(row.code);
    Answer::Refused(match row.action {
        Doubt => return Answer::Open(why),
        Later(after) => Refusal::Later { after, why },
        Never => Refusal::Never { why },
        OptedOut => Refusal::OptedOut { why },
        Stop(what) => Refusal::Stop { scope: scope(what, Some(to)), why },
    })
}

/// What a code that a failed message carries comes to for the messages after it.
pub(super) fn stop(code: i64, to: Option<&Phone>) -> Option<(StopScope, String)> {
    match lookup(code)?.action {
        Stop(what) => Some((scope(what, to), explain(code))),
        _ => None,
    }
}

/// The person told the sender to stop.
pub(super) fn opted_out(code: i64) -> bool {
    lookup(code).is_some_and(|row| row.action == OptedOut)
}

pub(super) fn delivery(status: &str) -> Delivery {
    match status.to_ascii_lowercase().as_str() {
        "accepted" | "scheduled" | "queued" | "sending" => Delivery::Queued,
        "sent" | "partially_delivered" => Delivery::Sent,
        "delivered" | "read" => Delivery::Delivered,
        "undelivered" | "failed" | "canceled" => Delivery::Failed,
        _ => Delivery::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::TABLE;
    use crate::send::gateways::codes::are_in_order;

    #[test]
    fn each_code_has_one_row_and_rows_are_in_order() {
        assert!(are_in_order(TABLE));
    }
}
