//! Tables of providers' codes: what each means, and what it comes to for a message.

use std::time::Duration;

use crate::send::gateway::{Answer, Refusal, StopScope};

/// What a code means for the message that it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Surely refused, for a passing reason.
    Later(Option<Duration>),
    /// May have been accepted.
    Doubt,
    Never,
    Blocked,
    Stop(Scope),
    Mistake,
}

/// [`StopScope`], with the template's name still to be filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Account,
    Credit,
    Line,
    Links,
    Template,
    /// Every template.
    Templates,
    /// Every template, or what a text needs of the plan.
    Plan,
}

/// `A`: where a provider's codes mean what no other's do, an enum of its own.
pub(super) struct Row<A = Action> {
    pub code: i64,
    pub meaning: &'static str,
    pub action: A,
}

pub(super) const fn row<A: Copy>(code: i64, action: A, meaning: &'static str) -> Row<A> {
    Row { code, meaning, action }
}

pub(super) fn lookup<A>(table: &'static [Row<A>], code: i64) -> Option<&'static Row<A>> {
    table.iter().find(|row| row.code == code)
}

/// Each code has one row, and rows are in order.
#[cfg(test)]
pub(super) fn are_in_order<A>(table: &[Row<A>]) -> bool {
    table.windows(2).all(|pair| pair[0].code < pair[1].code)
}

/// What a code's row says, for the log and the owner.
pub(super) fn explain<A>(table: &'static [Row<A>], code: i64) -> String {
    match lookup(table, code) {
        Some(row) => format!("{} (code {code})", row.meaning),
        None => format!("code {code}, which its documentation does not list"),
    }
}

/// `template`: the name of the message's template, if it has one.
pub(super) fn answer(action: Action, why: String, template: Option<&str>) -> Answer {
    Answer::Refused(match action {
        Action::Doubt => return Answer::Open(why),
        Action::Later(after) => Refusal::Later { after, why },
        Action::Never => Refusal::Never { why },
        Action::Blocked => Refusal::Blocked { why },
        Action::Mistake => Refusal::Mistake { why },
        Action::Stop(scope) => match (scope, template) {
            // A word about templates in answer to a text is not about the text.
            (Scope::Template, None) => Refusal::Mistake { why },
            (Scope::Template, Some(name)) => Refusal::Stop { scope: StopScope::Template(name.to_owned()), why },
            (Scope::Templates, _) | (Scope::Plan, Some(_)) => Refusal::Stop { scope: StopScope::Templates, why },
            (Scope::Account, _) | (Scope::Plan, None) => Refusal::Stop { scope: StopScope::Account, why },
            (Scope::Credit, _) => Refusal::Stop { scope: StopScope::Credit, why },
            (Scope::Line, _) => Refusal::Stop { scope: StopScope::Line, why },
            (Scope::Links, _) => Refusal::Stop { scope: StopScope::Links, why },
        },
    })
}

/// Refusals that come in words only: what the words tell, the first that is found.
const WORDS: &[(&str, Action, &str)] = &[
    // Validation: its first half is the word for credit.
    ("اعتبارسنجی", Action::Mistake, "request does not pass the provider's validation"),
    ("اعتبار سنجی", Action::Mistake, "request does not pass the provider's validation"),
    ("اعتبار\u{200c}سنجی", Action::Mistake, "request does not pass the provider's validation"),
    ("لیست سیاه", Action::Blocked, "recipient is on a blacklist"),
    ("بلک لیست", Action::Blocked, "recipient is on a blacklist"),
    ("blacklist", Action::Blocked, "recipient is on a blacklist"),
    ("اعتبار", Action::Stop(Scope::Credit), "credit does not suffice; charge the account"),
    ("موجودی", Action::Stop(Scope::Credit), "credit does not suffice; charge the account"),
    ("credit", Action::Stop(Scope::Credit), "credit does not suffice; charge the account"),
    ("balance", Action::Stop(Scope::Credit), "credit does not suffice; charge the account"),
    ("لینک", Action::Stop(Scope::Links), "links are not allowed for this account"),
    ("فیلتر", Action::Never, "text holds a filtered word"),
    ("الگو", Action::Stop(Scope::Template), "template is missing, not approved or not allowed"),
    ("پترن", Action::Stop(Scope::Template), "template is missing, not approved or not allowed"),
    ("pattern", Action::Stop(Scope::Template), "template is missing, not approved or not allowed"),
    ("شماره فرستنده", Action::Stop(Scope::Line), "sender line is not valid; set a line of this account"),
    ("خط ارسال", Action::Stop(Scope::Line), "sender line is not valid; set a line of this account"),
    ("نام کاربری", Action::Stop(Scope::Account), "user, password or key is not valid"),
    ("رمز عبور", Action::Stop(Scope::Account), "user, password or key is not valid"),
    ("توکن", Action::Stop(Scope::Account), "user, password or key is not valid"),
    ("کلید", Action::Stop(Scope::Account), "user, password or key is not valid"),
    ("unauthorized", Action::Stop(Scope::Account), "user, password or key is not valid"),
    ("دسترسی", Action::Stop(Scope::Account), "access is not allowed; look at the panel"),
    ("مدارک", Action::Stop(Scope::Account), "documents of the account are not complete"),
    ("غیرفعال", Action::Stop(Scope::Account), "account or line is not active"),
    ("غیر فعال", Action::Stop(Scope::Account), "account or line is not active"),
    // Last: what a limit is on may be said by a word above.
    ("محدودیت", Action::Later(None), "a limit is reached"),
    ("بروزرسانی", Action::Later(None), "service is being updated"),
    ("به روزرسانی", Action::Later(None), "service is being updated"),
    ("به\u{200c}روزرسانی", Action::Later(None), "service is being updated"),
];

/// What a refusal without a code comes to. The words themselves are not shown: they may repeat a number.
pub(super) fn in_words(provider: &str, words: &str, template: Option<&str>) -> Answer {
    let words = words.to_lowercase().replace('ي', "ی").replace('ك', "ک");
    match WORDS.iter().find(|(word, ..)| words.contains(word)) {
        Some((_, action, meaning)) => {
            answer(*action, format!("{provider}: {meaning} (in words, without a code)"), template)
        }
        // Surely not taken, so it costs nothing to try again, and it may be a passing thing.
        None => answer(
            Action::Later(None),
            format!("{provider}: refused in words that are not known; look at the messages in its panel"),
            template,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Scope, answer, in_words};
    use crate::send::gateway::{Answer, Refusal, StopScope};

    #[test]
    fn words_are_understood_in_both_alphabets_and_never_shown() {
        let said = in_words("p", "اعتبار كافي نيست 09120000001", None);
        assert!(
            matches!(&said, Answer::Refused(Refusal::Stop { scope: StopScope::Credit, why }) if !why.contains("0912"))
        );
        let said = in_words("p", "گیرنده در ليست سياه است", Some("t"));
        assert!(matches!(said, Answer::Refused(Refusal::Blocked { .. })));
    }

    #[test]
    fn validation_is_not_credit_and_what_may_pass_is_tried_again() {
        for words in ["خطای اعتبارسنجی", "خطای اعتبار سنجي", "اعتبار\u{200c}سنجی"]
        {
            assert!(matches!(in_words("p", words, None), Answer::Refused(Refusal::Mistake { .. })), "{words}");
        }
        for words in ["محدودیت ارسال", "سامانه در حال بروزرسانی است", "به\u{200c}روزرسانی", "به روزرساني", "x"]
        {
            assert!(matches!(in_words("p", words, None), Answer::Refused(Refusal::Later { .. })), "{words}");
        }
        let credit = in_words("p", "محدودیت اعتبار", None);
        assert!(matches!(credit, Answer::Refused(Refusal::Stop { scope: StopScope::Credit, .. })));
    }

    #[test]
    fn a_template_is_stopped_only_where_there_is_one() {
        let stop = Action::Stop(Scope::Template);
        assert!(matches!(
            answer(stop, String::new(), Some("t")),
            Answer::Refused(Refusal::Stop { scope: StopScope::Template(_), .. })
        ));
        assert!(matches!(answer(stop, String::new(), None), Answer::Refused(Refusal::Mistake { .. })));
    }
}
