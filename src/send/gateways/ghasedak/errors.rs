//! Ghasedak's codes and what each means. The tables are the only place that decides it.

use crate::send::gateway::{Delivery, Refusal, StopScope};

/// What a code means for the message that it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// May have been accepted; the reference tells.
    Doubt,
    /// It was handed over before, under the same reference.
    Duplicate,
    Never,
    Mistake,
    Account,
    Credit,
    Line,
    Links,
    Template,
    /// Every template, or what a text needs of the plan.
    Plan,
}

pub(super) struct Row {
    pub code: i64,
    pub action: Action,
    pub meaning: &'static str,
}

const fn row(code: i64, action: Action, meaning: &'static str) -> Row {
    Row { code, action, meaning }
}

use Action::{Account, Credit, Doubt, Duplicate, Line, Links, Mistake, Never, Plan, Template};

/// The `statusCode`s of Ghasedak's documentation.
pub(super) const TABLE: &[Row] = &[
    row(400, Mistake, "parameters are wrong, or an advertisement does not end in لغو11; look at opt_out_tail"),
    row(401, Account, "API key is not valid, or the account is not active; set the key of the panel"),
    row(402, Doubt, "operation failed, at an unknown point"),
    row(406, Line, "line's owner is not verified; do so in the panel"),
    row(412, Line, "line is not this account's, not active or public; set a line of this account"),
    row(413, Never, "text is longer than 1000 characters, or there are too many recipients"),
    row(416, Account, "this server's address is not that of the key; enter it in the panel"),
    row(418, Credit, "credit does not suffice; charge the account"),
    row(419, Account, "tariff is not valid; ask Ghasedak's support"),
    row(420, Links, "links are not allowed for this account; ask Ghasedak's support"),
    row(422, Never, "text holds a character that cannot be sent"),
    row(426, Plan, "plan does not suffice; upgrade it in the panel"),
    row(428, Template, "template is not valid; look it up in the panel"),
    row(429, Mistake, "template has no parameter of this name; compare names with the panel's"),
    row(451, Duplicate, "it was handed over before"),
    row(500, Doubt, "server has an error"),
];

pub(super) fn lookup(code: i64) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.code == code)
}

/// What a code's row says, for the log and the owner.
pub(super) fn explain(code: i64) -> String {
    match lookup(code) {
        Some(row) => format!("ghasedak: {} (code {code})", row.meaning),
        None => format!("ghasedak: code {code}, which its documentation does not list"),
    }
}

/// What a code comes to for one message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Consequence {
    Refused(Refusal),
    Duplicate,
    Doubt(String),
}

/// `template`: the message's template, if it has one.
pub(super) fn consequence(code: i64, template: Option<&str>) -> Consequence {
    let why = explain(code);
    let stop = |scope, why| Refusal::Stop { scope, why };
    let Some(row) = lookup(code) else { return Consequence::Doubt(why) };
    Consequence::Refused(match (row.action, template) {
        (Doubt, _) => return Consequence::Doubt(why),
        (Duplicate, _) => return Consequence::Duplicate,
        (Never, _) => Refusal::Never { why },
        (Mistake, _) | (Template, None) => Refusal::Mistake { why },
        (Account, _) | (Plan, None) => stop(StopScope::Account, why),
        (Credit, _) => stop(StopScope::Credit, why),
        (Line, _) => stop(StopScope::Line, why),
        (Links, _) => stop(StopScope::Links, why),
        (Template, Some(name)) => stop(StopScope::Template(name.to_owned()), why),
        (Plan, Some(_)) => stop(StopScope::Templates, why),
    })
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

    #[test]
    fn each_code_has_one_row_and_rows_are_in_order() {
        assert!(TABLE.windows(2).all(|pair| pair[0].code < pair[1].code));
    }
}
