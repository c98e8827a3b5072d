//! SMS.ir's codes and what each means. The tables are the only place that decides it.

use std::time::Duration;

use crate::send::gateway::{Answer, Delivery, Refusal, StopScope};

/// What a code means for the message that it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Later(Duration),
    /// May have been accepted: there is no reference by which a second try would be safe.
    Doubt,
    Never,
    Blocked,
    Mistake,
    Account,
    Credit,
    Line,
    /// The template, or a text that was refused as a whole.
    Template,
    /// Every template; a plan without them.
    Templates,
}

pub(super) struct Row {
    pub code: i64,
    pub action: Action,
    pub meaning: &'static str,
}

const fn row(code: i64, action: Action, meaning: &'static str) -> Row {
    Row { code, action, meaning }
}

use Action::{Account, Blocked, Credit, Doubt, Later, Line, Mistake, Never, Template, Templates};

const RATE_LIMIT_REST: Duration = Duration::from_mins(1);
/// A count that is over its limit may be one of the day.
const COUNT_REST: Duration = Duration::from_hours(6);

/// The status codes of SMS.ir's documentation.
pub(super) const TABLE: &[Row] = &[
    row(0, Doubt, "system has a problem"),
    row(10, Account, "API key is not valid; set the key of the panel"),
    row(11, Account, "API key is switched off; switch it on in the panel"),
    row(12, Account, "API key is for other addresses; enter this server's address in the panel"),
    row(13, Account, "account is not active; ask SMS.ir's support"),
    row(14, Account, "account is suspended; ask SMS.ir's support"),
    row(20, Later(RATE_LIMIT_REST), "too many requests"),
    row(101, Line, "sender line is not valid; set a line of this account"),
    row(102, Credit, "credit does not suffice; charge the account"),
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
    row(113, Template, "template is not known; look up its id in the panel"),
    row(114, Mistake, "value of a template's parameter is longer than 25 characters"),
    row(115, Blocked, "recipient is on the blacklist"),
    row(116, Mistake, "name of a template's parameter is empty"),
    row(117, Template, "text is not approved; look at it in the panel"),
    row(118, Later(COUNT_REST), "count is over its limit"),
    row(119, Templates, "plan does not suffice; upgrade it in the panel"),
    row(123, Line, "sender line must be activated in the panel"),
];

/// Codes of a whole call that fewer messages may not meet.
pub(super) fn is_too_many(code: i64) -> bool {
    code == 118
}

/// Codes of the key or of the pace, not of what was asked; an HTTP status where SMS.ir said no code.
pub(super) fn concerns_all(code: i64) -> bool {
    matches!(code, 401 | 403 | 407 | 429) || lookup(code).is_some_and(|row| matches!(row.action, Account | Later(_)))
}

pub(super) fn lookup(code: i64) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.code == code)
}

/// What a code's row says, for the log and the owner.
pub(super) fn explain(code: i64) -> String {
    match lookup(code) {
        Some(row) => format!("smsir: {} (code {code})", row.meaning),
        None => format!("smsir: code {code}, which its documentation does not list"),
    }
}

/// What a code comes to for a message. `template`: the message's template, if it has one.
pub(super) fn consequence(code: i64, template: Option<&str>) -> Answer {
    let why = explain(code);
    let stop = |scope, why| Refusal::Stop { scope, why };
    let Some(row) = lookup(code) else { return Answer::Open(why) };
    Answer::Refused(match (row.action, template) {
        (Doubt, _) => return Answer::Open(why),
        (Later(rest), _) => Refusal::Later { after: Some(rest), why },
        (Never, _) => Refusal::Never { why },
        (Blocked, _) => Refusal::Blocked { why },
        (Mistake, _) | (Template, None) => Refusal::Mistake { why },
        (Account, _) | (Templates, None) => stop(StopScope::Account, why),
        (Credit, _) => stop(StopScope::Credit, why),
        (Line, _) => stop(StopScope::Line, why),
        (Template, Some(name)) => stop(StopScope::Template(name.to_owned()), why),
        (Templates, Some(_)) => stop(StopScope::Templates, why),
    })
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

    #[test]
    fn each_code_has_one_row_and_rows_are_in_order() {
        assert!(TABLE.windows(2).all(|pair| pair[0].code < pair[1].code));
    }
}
