//! Kavenegar's codes and what each means for a message or for a question. The tables are the only place that decides it.

use std::time::Duration;

use crate::send::gateway::{Delivery, Refusal, StopScope};

/// What an error code means for the message that it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Surely refused, for a passing reason.
    Later(Option<Duration>),
    /// May have been accepted: only the same reference makes a second try safe.
    Doubt,
    Never,
    Stop(Scope),
    Mistake,
}

/// [`StopScope`], with the template's name still to be filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Account,
    Line,
    Template,
    Links,
    Lookup,
    Credit,
}

pub(super) struct Row {
    pub code: i64,
    pub meaning: &'static str,
    pub action: Action,
}

const fn row(code: i64, action: Action, meaning: &'static str) -> Row {
    Row { code, meaning, action }
}

use Action::{Doubt, Later, Mistake, Never, Stop};
use Scope::{Account, Credit, Line, Links, Lookup, Template};

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
    row(426, Stop(Lookup), "templates need Kavenegar's advanced service; buy it or use texts"),
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

pub(super) fn lookup(code: i64) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.code == code)
}

/// What a code's row says, for the log and the owner.
pub(super) fn explain(code: i64) -> String {
    match lookup(code) {
        Some(row) => format!("{} (code {code})", row.meaning),
        None => format!("code {code}, which its documentation does not list"),
    }
}

/// What a code's action comes to for one message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Consequence {
    Refused(Refusal),
    Doubt,
}

/// `template`: the name of the message's template, if it has one.
pub(super) fn consequence(row: &Row, template: Option<&str>) -> Consequence {
    let why = format!("kavenegar: {} (code {})", row.meaning, row.code);
    Consequence::Refused(match row.action {
        Doubt => return Consequence::Doubt,
        Later(after) => Refusal::Later { after, why },
        Never => Refusal::Never { why },
        Mistake => Refusal::Mistake { why },
        Stop(scope) => match (scope, template) {
            (Template, None) => Refusal::Mistake { why },
            (Template, Some(name)) => Refusal::Stop { scope: StopScope::Template(name.to_owned()), why },
            (Account, _) => Refusal::Stop { scope: StopScope::Account, why },
            (Line, _) => Refusal::Stop { scope: StopScope::Line, why },
            (Links, _) => Refusal::Stop { scope: StopScope::Links, why },
            (Lookup, _) => Refusal::Stop { scope: StopScope::Templates, why },
            (Credit, _) => Refusal::Stop { scope: StopScope::Credit, why },
        },
    })
}

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

    #[test]
    fn each_code_has_one_row_and_rows_are_in_order() {
        assert!(TABLE.windows(2).all(|pair| pair[0].code < pair[1].code));
    }
}
