//! Kavenegar's codes and what each means for a message or for a question. The tables are the only place that decides it.

use std::time::Duration;

use crate::send::gateway::Delivery;
use crate::send::gateways::codes::{Action, Row, Scope, row};

use Action::{Doubt, Later, Mistake, Never, Stop};
use Scope::{Account, Credit, Line, Links, Template, Templates};

const RATE_LIMIT_REST: Duration = Duration::from_mins(10);

/// Table 1 of Kavenegar's REST documentation.
pub(super) const TABLE: &[Row] = &[
    row(400, Mistake, "parameters are missing"),
    row(401, Stop(Account), "account is disabled; ask Kavenegar's support"),
    row(402, Doubt, "operation failed, at an unknown point"),
    row(403, Stop(Account), "API key is not valid; set the key of the panel"),
    row(404, Mistake, "method is unknown"),
    row(405, Mistake, "method was called by the wrong verb"),
    row(406, Mistake, "a required parameter is empty"),
    row(407, Stop(Account), "access is not allowed; enter this server's address in the panel"),
    row(409, Doubt, "server cannot answer now"),
    row(411, Never, "recipient is not valid"),
    row(412, Stop(Line), "sender line is not valid; set a line of this account"),
    row(413, Never, "text is empty or longer than 900 characters"),
    row(414, Mistake, "request holds too many records"),
    row(415, Mistake, "start index is beyond the count"),
    row(416, Stop(Account), "this server's address is not among those set in the panel; enter it there"),
    row(417, Mistake, "date is wrong or past"),
    row(418, Stop(Credit), "credit does not suffice; charge the account"),
    row(419, Mistake, "lists differ in length"),
    row(420, Stop(Links), "links are not allowed for this account; ask Kavenegar's support"),
    row(422, Never, "text holds a character that cannot be sent"),
    row(424, Stop(Template), "template is missing or not approved; look it up in the panel"),
    row(426, Stop(Templates), "templates need Kavenegar's advanced service; buy it or use texts"),
    row(427, Stop(Line), "sender line needs a higher access level; ask Kavenegar's support"),
    row(428, Mistake, "voice call is not possible"),
    row(429, Stop(Account), "this server's address is restricted; enter it in the panel"),
    row(431, Never, "structure of a token is not accepted"),
    row(432, Stop(Template), "template does not use %token; change it in the panel"),
    row(451, Later(Some(RATE_LIMIT_REST)), "too many calls in a short time"),
    row(501, Stop(Account), "account may write to its owner only; complete its registration"),
    row(604, Mistake, "request holds too many numbers"),
    row(607, Mistake, "tag is not valid"),
];

/// A message's state and whether its money came back: table 2 of the documentation.
pub(super) fn delivery(status: i64) -> (Delivery, bool) {
    match status {
        1 | 2 => (Delivery::Queued, false),
        4 | 5 => (Delivery::Sent, false),
        6 | 11 => (Delivery::Failed, false),
        10 => (Delivery::Delivered, false),
        13 => (Delivery::Failed, true),
        14 => (Delivery::Blocked, true),
        _ => (Delivery::Unknown, false),
    }
}

/// The status of an id that Kavenegar does not know, that is not ours, or that is older than it remembers.
pub(super) const NOT_KNOWN: i64 = 100;

#[cfg(test)]
mod tests {
    use super::TABLE;
    use crate::send::gateways::codes::are_in_order;

    #[test]
    fn each_code_has_one_row_and_rows_are_in_order() {
        assert!(are_in_order(TABLE));
    }
}
