//! IPPanel's codes. Edge has few of its own and says the rest by the names of fields; those of the older service still come in
//! its texts.

use std::time::Duration;

use crate::send::gateway::{Delivery, Report, StopScope};
use crate::send::gateways::codes::{Action, Row, Scope, row};

use Action::{Doubt, Later, Mistake, Never, Stop};
use Scope::{Account, Credit, Line, Template};

const HOUR: Duration = Duration::from_hours(1);
const SHORT_REST: Duration = Duration::from_mins(1);

/// What an HTTP status means when the envelope comes with it.
pub(super) const STATUSES: &[Row] = &[
    row(401, Stop(Account), "API key is not valid; set the key of the panel"),
    row(402, Stop(Credit), "credit does not suffice; charge the account"),
    row(403, Stop(Account), "access is not allowed; look at the key and the panel"),
    row(404, Stop(Template), "template is not found; look it up in the panel"),
    row(429, Later(Some(SHORT_REST)), "too many calls in a short time"),
];

/// What it means that this field is complained of; by the last part of dotted names.
pub(super) const FIELDS: &[(&str, Action, &str)] = &[
    ("recipients", Never, "recipient is not valid"),
    ("recipient", Never, "recipient is not valid"),
    ("message", Never, "text is empty or not accepted"),
    ("from_number", Stop(Line), "sender line is not valid; set a line of this account"),
    ("code", Stop(Template), "template is missing or not active; look it up in the panel"),
    ("params", Mistake, "values do not fit the template"),
    ("sending_type", Mistake, "kind of sending is not accepted"),
];

/// Codes of the older service.
pub(super) const LEGACY: &[Row] = &[
    row(1, Never, "text is empty"),
    row(2, Stop(Account), "user is limited"),
    row(3, Stop(Line), "line is not this account's"),
    row(4, Mistake, "recipients are missing"),
    row(5, Stop(Credit), "credit does not suffice; charge the account"),
    row(7, Stop(Line), "line is not for sending to many"),
    row(9, Later(Some(HOUR)), "line may not send at this hour"),
    row(98, Mistake, "too many recipients"),
    row(99, Later(None), "operator is not connected"),
    row(404, Stop(Template), "template is missing"),
    row(422, Mistake, "request is not valid"),
    row(962, Stop(Account), "user or password is wrong"),
    row(963, Stop(Account), "access is not allowed"),
    row(970, Mistake, "values do not fit the template"),
    row(971, Stop(Template), "template is not valid"),
    row(972, Never, "recipient is not valid"),
    row(992, Later(Some(HOUR)), "line sends from 8 to 23 only"),
    row(994, Stop(Account), "documents are missing"),
    row(995, Stop(Account), "documents are missing"),
    row(996, Stop(Template), "template is not active"),
    row(997, Stop(Template), "template is not allowed"),
    row(998, Stop(Account), "documents are missing"),
    row(1006, Mistake, "time is past"),
    row(1401, Stop(Account), "key is not valid"),
    row(1402, Stop(Account), "key is not valid"),
    row(1403, Stop(Account), "key is not valid"),
    row(10001, Stop(Credit), "credit does not suffice; charge the account"),
    row(10002, Never, "text is empty"),
    row(10003, Stop(Account), "user is limited"),
    row(10004, Stop(Line), "line is not this account's"),
    row(10005, Mistake, "recipients are missing"),
    row(10006, Stop(Credit), "credit does not suffice; charge the account"),
    row(10007, Stop(Line), "line is not for sending to many"),
    row(10008, Stop(Line), "line is off for now"),
    row(10009, Mistake, "too many recipients"),
    row(10010, Stop(Account), "gateway is off"),
    row(10011, Stop(Account), "price is missing; ask IPPanel's support"),
    row(10014, Stop(Template), "template is missing"),
    row(10015, Mistake, "values do not fit the template"),
    row(10016, Stop(Template), "template is not active"),
    row(10017, Never, "recipient is not valid"),
    row(10019, Later(Some(HOUR)), "line may not send at this hour"),
    row(10021, Stop(Account), "documents are missing"),
    row(10022, Doubt, "internal error, at an unknown point"),
    row(10023, Stop(Line), "line is not found"),
    row(12404, Stop(Line), "line is not found"),
    row(13001, Stop(Account), "documents are missing"),
    row(13002, Stop(Account), "documents are missing"),
    row(13005, Stop(Template), "template is not active"),
    row(13006, Stop(Template), "template is not allowed"),
    row(13007, Stop(Template), "template is missing"),
    row(13008, Never, "recipient is not valid"),
    row(13010, Mistake, "values do not fit the template"),
    row(13011, Mistake, "a value is too long for the template"),
    row(13012, Mistake, "values do not fit the template"),
];

/// `message_status` of one recipient.
pub(super) fn delivery(code: i64) -> Delivery {
    match code {
        0 | 1 => Delivery::Sent,
        2 => Delivery::Delivered,
        3 => Delivery::Failed,
        4 => Delivery::Blocked,
        _ => Delivery::Unknown,
    }
}

/// The state of a message as a whole that its recipients have been handed to the operators.
pub(super) const SENT: i64 = 6;

/// `state_id` of a whole message. A person looks at texts after they were taken, and credit is counted then.
pub(super) fn report(id: &str, state: i64) -> Report {
    let (delivery, stop) = match state {
        0 | 1 | 2 | 5 => (Delivery::Queued, None),
        SENT => (Delivery::Sent, None),
        8 => {
            let why = "ippanel: credit did not suffice for a message that it had taken; charge the account".to_owned();
            (Delivery::Failed, Some((StopScope::Credit, why)))
        }
        3 | 4 | 7 | 9 => (Delivery::Failed, None),
        _ => (Delivery::Unknown, None),
    };
    Report { stop, ..Report::of(id, delivery) }
}

#[cfg(test)]
mod tests {
    use super::{LEGACY, STATUSES};
    use crate::send::gateways::codes::are_in_order;

    #[test]
    fn each_code_has_one_row_and_rows_are_in_order() {
        assert!(are_in_order(STATUSES) && are_in_order(LEGACY));
    }
}
