//! IranPayamak's words: it has no numbers for refusals, but HTTP statuses and the names of fields, and words for states.

use std::time::Duration;

use crate::send::gateway::{Delivery, Report, StopScope};
use crate::send::gateways::codes::{Action, Row, Scope, row};

use Action::{Later, Mistake, Never, Stop};
use Scope::{Account, Credit, Line, Template};

const SHORT_REST: Duration = Duration::from_mins(1);

/// What an HTTP status means when the envelope comes with it.
pub(super) const STATUSES: &[Row] = &[
    row(401, Stop(Account), "API key is not valid; set the key of the panel"),
    row(402, Stop(Credit), "credit does not suffice; charge the account"),
    row(403, Stop(Account), "access is not allowed; look at the key and the panel"),
    row(404, Stop(Template), "template is not found; look it up in the panel"),
    row(429, Later(Some(SHORT_REST)), "too many calls in a short time"),
];

/// What it means that this field is complained of; by the first part of dotted names.
pub(super) const FIELDS: &[(&str, Action, &str)] = &[
    ("recipient", Never, "recipient is not valid"),
    ("recipients", Never, "recipient is not valid"),
    ("text", Never, "text is empty or not accepted"),
    ("line_number", Stop(Line), "sender line is not valid; set a line of this account"),
    ("code", Stop(Template), "template is missing or not approved; look it up in the panel"),
    ("attributes", Mistake, "values do not fit the template"),
    ("number_format", Mistake, "form of digits is not accepted"),
    ("schedule", Mistake, "time is not accepted"),
];

/// The state of a whole request that has been handed to the operators.
pub(super) const SENT: &str = "sent";

/// A request's state. A person may look at texts after they were taken, and credit is counted then.
pub(super) fn report(id: &str, state: &str) -> Report {
    let (delivery, stop) = match plain(state).as_str() {
        "init" | "pendingapproval" | "inqueue" => (Delivery::Queued, None),
        SENT => (Delivery::Sent, None),
        "insufficientbalance" => {
            let why =
                "iranpayamak: credit did not suffice for a message that it had taken; charge the account".to_owned();
            (Delivery::Failed, Some((StopScope::Credit, why)))
        }
        "cancelled" | "canceled" | "rejected" => (Delivery::Failed, None),
        _ => (Delivery::Unknown, None),
    };
    Report { stop, ..Report::of(id, delivery) }
}

/// The state of one recipient.
pub(super) fn delivery(state: &str) -> Delivery {
    match plain(state).as_str() {
        "notstarted" | "inqueue" => Delivery::Queued,
        "sent" => Delivery::Sent,
        "delivered" => Delivery::Delivered,
        "sendfailure" | "deliveryfailure" | "systemerror" => Delivery::Failed,
        "blacklist" => Delivery::Blocked,
        _ => Delivery::Unknown,
    }
}

/// Written with `-`, `_` or in one word.
fn plain(state: &str) -> String {
    state.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect()
}
