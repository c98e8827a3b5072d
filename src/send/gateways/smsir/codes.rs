//! SMS.ir's codes and what each means. The tables are the only place that decides it.

use std::time::Duration;

use crate::send::gateway::{Answer, Delivery};
use crate::send::gateways::codes::{self, Action, Row, Scope, row};

use Action::{Blocked, Doubt, Later, Mistake, Never, Stop};
use Scope::{Account, Credit, Line, Plan, Template};

const RATE_LIMIT_REST: Duration = Duration::from_mins(1);
/// A count that is over its limit may be one of the day.
const COUNT_REST: Duration = Duration::from_hours(6);

/// The status codes of SMS.ir's documentation.
pub(super) const TABLE: &[Row] = &[
    row(0, Doubt, "system has a problem"),
    row(10, Stop(Account), "API key is not valid; set the key of the panel"),
    row(11, Stop(Account), "API key is switched off; switch it on in the panel"),
    row(12, Stop(Account), "API key is for other addresses; enter this server's address in the panel"),
    row(13, Stop(Account), "account is not active; ask SMS.ir's support"),
    row(14, Stop(Account), "account is suspended; ask SMS.ir's support"),
    row(20, Later(Some(RATE_LIMIT_REST)), "too many requests"),
    row(101, Stop(Line), "sender line is not valid; set a line of this account"),
    row(102, Stop(Credit), "credit does not suffice; charge the account"),
    row(103, Never, "text is empty"),
    row(104, Never, "recipient is not valid"),
    row(105, Mistake, "request holds more than 100 recipients"),
    row(106, Mistake, "request holds more than 100 texts"),
    row(107, Mistake, "list of recipients is empty"),
    row(108, Mistake, "list of texts is empty"),
    row(109, Mistake, "time is not valid"),
    row(110, Mistake, "lists differ in length"),
    row(111, Doubt, "id is not known"),
    row(112, Doubt, "there is nothing to delete"),
    row(113, Stop(Template), "template is not known; look up its id in the panel"),
    row(114, Mistake, "value of a template's parameter is longer than 25 characters"),
    row(115, Blocked, "recipient is on the blacklist"),
    row(116, Mistake, "name of a template's parameter is empty"),
    row(117, Stop(Template), "text is not approved; look at it in the panel"),
    row(118, Later(Some(COUNT_REST)), "count is over its limit"),
    row(119, Stop(Plan), "plan does not suffice; upgrade it in the panel"),
    row(123, Stop(Line), "sender line must be activated in the panel"),
];

/// Codes of a whole call that fewer messages may not meet.
pub(super) fn is_too_many(code: i64) -> bool {
    code == 118
}

/// Codes of the key or of the pace, not of what was asked; an HTTP status where SMS.ir said no code.
pub(super) fn concerns_all(code: i64) -> bool {
    matches!(code, 401 | 403 | 407 | 429)
        || lookup(code).is_some_and(|row| matches!(row.action, Stop(Account) | Later(_)))
}

pub(super) fn lookup(code: i64) -> Option<&'static Row> {
    codes::lookup(TABLE, code)
}

/// What a code's row says, for the log and the owner.
pub(super) fn explain(code: i64) -> String {
    format!("smsir: {}", codes::explain(TABLE, code))
}

/// What a code comes to for a message. `template`: the message's template, if it has one.
pub(super) fn consequence(code: i64, template: Option<&str>) -> Answer {
    codes::answer(lookup(code).map_or(Doubt, |row| row.action), explain(code), template)
}

/// A message's `deliveryState`; `None`: there is none yet.
pub(super) fn delivery(state: Option<i64>) -> Delivery {
    match state {
        None => Delivery::Queued,
        Some(1) => Delivery::Delivered,
        Some(2 | 4 | 6) => Delivery::Failed,
        Some(3 | 5) => Delivery::Sent,
        Some(7) => Delivery::Blocked,
        Some(_) => Delivery::Unknown,
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
