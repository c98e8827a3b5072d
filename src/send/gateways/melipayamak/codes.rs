//! Melipayamak's codes. Texts and templates are answered from different tables, and deliveries from a third one.

use std::time::Duration;

use crate::send::gateway::Delivery;
use crate::send::gateways::codes::{Action, Row, Scope, row};

use Action::{Blocked, Doubt, Later, Mistake, Never, Stop};
use Scope::{Account, Credit, Line, Links, Template};

const SHORT_REST: Duration = Duration::from_mins(10);
const HOUR: Duration = Duration::from_hours(1);
/// Until a daily limit may be over: several looks a day, whenever its day ends.
const PART_OF_A_DAY: Duration = Duration::from_hours(6);

/// Answers to texts.
pub(super) const TEXTS: &[Row] = &[
    row(-110, Stop(Account), "the API key must stand where the password stands; copy it from the panel"),
    row(-109, Stop(Account), "addresses that may use the service must be set in the panel"),
    row(-108, Stop(Account), "this server's address is blocked after failed logins; free it in the panel"),
    row(0, Stop(Account), "user or password is wrong"),
    row(2, Stop(Credit), "credit does not suffice; charge the account"),
    row(3, Later(Some(PART_OF_A_DAY)), "daily limit is reached"),
    row(4, Later(Some(HOUR)), "volume limit is reached"),
    row(5, Stop(Line), "sender line is not valid; set a line of this account"),
    row(6, Later(Some(SHORT_REST)), "service is being updated"),
    row(7, Never, "text holds a filtered word"),
    row(8, Mistake, "fewer messages than the account's least number"),
    row(9, Stop(Line), "public lines cannot be used by the web service; set a line of this account"),
    row(10, Stop(Account), "user is not active"),
    row(11, Never, "not sent"),
    row(12, Stop(Account), "documents of the user are not complete"),
    row(14, Stop(Links), "links are not allowed for this account; ask Melipayamak's support"),
    row(15, Mistake, "texts to more than one need لغو11 at their end"),
    row(16, Never, "recipient is missing"),
    row(17, Never, "text is empty"),
    row(18, Never, "recipient is not valid"),
    row(35, Blocked, "recipient is on the operator's blacklist"),
];

/// Answers to templates.
pub(super) const TEMPLATES: &[Row] = &[
    row(-111, Stop(Account), "this server's address is not allowed; enter it in the panel"),
    row(-110, Stop(Account), "the API key must stand where the password stands; copy it from the panel"),
    row(-109, Stop(Account), "addresses that may use the service must be set in the panel"),
    row(-108, Stop(Account), "this server's address is blocked after failed logins; free it in the panel"),
    row(-10, Mistake, "a value holds a link; put the link into the template's own text"),
    row(-7, Stop(Line), "sender line is at fault; ask Melipayamak's support"),
    row(-6, Doubt, "internal error, at an unknown point"),
    row(-5, Stop(Template), "values do not fit the template; compare them in the panel"),
    row(-4, Stop(Template), "template is missing or not approved; look it up in the panel"),
    row(-3, Stop(Line), "line is not defined; ask Melipayamak's support"),
    row(-2, Mistake, "templates go to one number at a time"),
    row(-1, Stop(Account), "web service is off for this account; ask Melipayamak's support"),
    row(0, Stop(Account), "user or password is wrong"),
    row(2, Stop(Credit), "credit does not suffice; charge the account"),
    row(6, Later(Some(SHORT_REST)), "service is being updated"),
    row(7, Never, "text holds a filtered word"),
    row(10, Stop(Account), "user is not active"),
    row(11, Never, "not sent"),
    row(12, Stop(Account), "documents of the user are not complete"),
    row(16, Never, "recipient is missing"),
    row(17, Never, "text is empty"),
    row(18, Never, "recipient is not valid"),
    row(19, Later(Some(HOUR)), "hourly limit is reached"),
    row(35, Blocked, "recipient is on the operator's blacklist"),
];

/// Answers to questions about deliveries.
pub(super) fn delivery(code: i64) -> Delivery {
    match code {
        400 => Delivery::Queued,
        0 | 8 | 200 => Delivery::Sent,
        1 => Delivery::Delivered,
        2 | 3 | 16 | 300 | 500 => Delivery::Failed,
        35 => Delivery::Blocked,
        _ => Delivery::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::{TEMPLATES, TEXTS};
    use crate::send::gateways::codes::are_in_order;

    #[test]
    fn each_code_has_one_row_and_rows_are_in_order() {
        assert!(are_in_order(TEXTS) && are_in_order(TEMPLATES));
    }
}
