//! Ghasedak's codes and what each means. The tables are the only place that decides it.

use crate::send::gateway::{Answer, Delivery};
use crate::send::gateways::codes::{self, Action, Row, Scope, lookup, row};

use Action::{Doubt, Mistake, Never, Stop};
use Scope::{Account, Credit, Line, Links, Plan, Template};

/// It was handed over before, under the same reference.
pub(super) const DUPLICATE: i64 = 451;

/// The `statusCode`s of Ghasedak's documentation.
pub(super) const TABLE: &[Row] = &[
    row(400, Mistake, "parameters are wrong, or an advertisement does not end in لغو11; look at opt_out_tail"),
    row(401, Stop(Account), "API key is not valid, or the account is not active; set the key of the panel"),
    row(402, Doubt, "operation failed, at an unknown point"),
    row(406, Stop(Line), "line's owner is not verified; do so in the panel"),
    row(412, Stop(Line), "line is not this account's, not active or public; set a line of this account"),
    row(413, Never, "text is longer than 1000 characters, or there are too many recipients"),
    row(416, Stop(Account), "this server's address is not that of the key; enter it in the panel"),
    row(418, Stop(Credit), "credit does not suffice; charge the account"),
    row(419, Stop(Account), "tariff is not valid; ask Ghasedak's support"),
    row(420, Stop(Links), "links are not allowed for this account; ask Ghasedak's support"),
    row(422, Never, "text holds a character that cannot be sent"),
    row(426, Stop(Plan), "plan does not suffice; upgrade it in the panel"),
    row(428, Stop(Template), "template is not valid; look it up in the panel"),
    row(429, Mistake, "template has no parameter of this name; compare names with the panel's"),
    row(DUPLICATE, Doubt, "it was handed over before"),
    row(500, Doubt, "server has an error"),
];

/// What a code's row says, for the log and the owner.
pub(super) fn explain(code: i64) -> String {
    format!("ghasedak: {}", codes::explain(TABLE, code))
}

/// What a code comes to for one message. `template`: the message's template, if it has one.
pub(super) fn consequence(code: i64, template: Option<&str>) -> Answer {
    codes::answer(lookup(TABLE, code).map_or(Doubt, |row| row.action), explain(code), template)
}

/// Nothing is sent while it is on.
pub(super) const DEBUG_MODE: i64 = 7;

/// A message's status, by the table of the documentation. Its Python client has another one, with codes up to 17; of those
/// only the ones that the documentation's table does not use can be told, and they are read so.
pub(super) fn delivery(status: i64) -> Delivery {
    match status {
        1 | 4 | 6 => Delivery::Failed,
        2 | 12 => Delivery::Blocked,
        3 => Delivery::Sent,
        5 | 14 => Delivery::Delivered,
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
