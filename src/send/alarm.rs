//! What the owner is told by SMS: each trouble in one part, without anybody's data. Pure.

use super::gateway::StopScope;
use crate::campaign::model::Language;
use crate::digits;
use crate::money::{self, Money, Style};
use crate::render::parts::{self, PartRules};
use crate::schedule::brake::{Cause, Verdict};
use crate::settings::model::Share;
use crate::state::model::HoldScope;

/// Longer names are cut, so that a text stays one part.
const LONGEST_NAME: usize = 16;

/// Something that the owner has to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alarm {
    LowCredit {
        gateway: String,
        left: Money,
    },
    /// A gateway refuses everything, for minutes.
    Held {
        gateway: String,
        what: StopScope,
        /// Texts go by this one meanwhile; `None`: they wait.
        by: Option<String>,
    },
    Brake(Verdict),
    /// Most of the month's budget is gone; `month` names it.
    Budget {
        month: String,
    },
    /// The clockwork cannot go on.
    Stuck {
        what: String,
    },
}

/// What an alarm is about. Its word is kept in the database, and shown in metrics and by `doctor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    LowCredit,
    Hold,
    Brake,
    Budget,
    Stuck,
}

impl Kind {
    pub const ALL: [Kind; 5] = [Kind::LowCredit, Kind::Hold, Kind::Brake, Kind::Budget, Kind::Stuck];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::LowCredit => "low_credit",
            Kind::Hold => "hold",
            Kind::Brake => "brake",
            Kind::Budget => "budget",
            Kind::Stuck => "stuck",
        }
    }

    /// The kind of this word; none when a newer program has written it.
    #[must_use]
    pub fn of(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Alarm {
    /// Under which it is kept, once for each subject.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Alarm::LowCredit { .. } => Kind::LowCredit,
            Alarm::Held { .. } => Kind::Hold,
            Alarm::Brake(_) => Kind::Brake,
            Alarm::Budget { .. } => Kind::Budget,
            Alarm::Stuck { .. } => Kind::Stuck,
        }
    }

    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Alarm::LowCredit { gateway, .. } => gateway.clone(),
            Alarm::Held { gateway, what, .. } => HoldScope::Gateway(gateway.clone(), what.clone()).to_string(),
            Alarm::Brake(verdict) => verdict.scope.to_string(),
            Alarm::Budget { month } => month.clone(),
            Alarm::Stuck { what } => what.clone(),
        }
    }

    /// Nothing goes out until somebody acts, so it is told at night, too.
    #[must_use]
    pub fn tells_at_night(&self) -> bool {
        match self {
            Alarm::LowCredit { .. } | Alarm::Budget { .. } => false,
            Alarm::Held { what, by, .. } => {
                by.is_none() && matches!(what, StopScope::Account | StopScope::Credit | StopScope::Silence)
            }
            Alarm::Brake(verdict) => verdict.scope == HoldScope::All,
            Alarm::Stuck { .. } => true,
        }
    }

    /// The SMS.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::Persian => one_part(&self.persian(true), || self.persian(false)),
            Language::English => one_part(&self.english(true), || self.english(false)),
        }
    }

    fn persian(&self, figures: bool) -> String {
        let text = match self {
            Alarm::LowCredit { gateway, left } => {
                let left = if figures { format!(" ({})", money::say(*left, Style::Persian)) } else { String::new() };
                format!("اعتبار {} رو به پایان است{left}. شارژ کنید.", short(gateway))
            }
            Alarm::Held { gateway, what, by } => {
                let gateway = short(gateway);
                let outcome = match by {
                    Some(by) if figures => format!("فعلاً با {} می‌رود.", short(by)),
                    Some(_) => "راه دیگر باز است.".to_owned(),
                    None => "پیامک‌ها منتظرند.".to_owned(),
                };
                match what {
                    StopScope::Credit => format!("اعتبار {gateway} تمام شد؛ {outcome}"),
                    StopScope::Line => format!("خط {gateway} بسته است؛ {outcome}"),
                    StopScope::Silence => format!("{gateway} پاسخ نمی‌دهد؛ {outcome}"),
                    _ => format!("{gateway} پیامک نمی‌پذیرد؛ {outcome}"),
                }
            }
            Alarm::Brake(Verdict { scope, cause }) => {
                let what = match scope {
                    HoldScope::Campaign(id) => short(id),
                    _ => "همهٔ پیامک‌ها".to_owned(),
                };
                let why = match cause {
                    Cause::OptOuts { count, texts, .. } => format!("لغو {}٪", whole(*count, *texts)),
                    Cause::Failures { count, texts, .. } => format!("نرسیده {}٪", whole(*count, *texts)),
                    Cause::Rate { texts, .. } => format!("{texts} در ساعت"),
                };
                digits::to_persian(&format!("ترمز: {what} ایستاد ({why}). ادامه با resume"))
            }
            Alarm::Budget { .. } => "۸۰٪ بودجهٔ پیامک این ماه خرج شد.".to_owned(),
            Alarm::Stuck { .. } => "ارسال از کار افتاده است؛ bazgasht doctor را ببینید.".to_owned(),
        };
        format!("بازگشت: {text}")
    }

    fn english(&self, figures: bool) -> String {
        let text = match self {
            Alarm::LowCredit { gateway, left } => {
                let left = if figures { format!(" ({})", money::say(*left, Style::Latin)) } else { String::new() };
                format!("credit at {} is low{left}. Please top up.", short(gateway))
            }
            Alarm::Held { gateway, what, by } => {
                let gateway = short(gateway);
                let outcome = match by {
                    Some(by) => format!("texts go by {}.", short(by)),
                    None => "texts wait.".to_owned(),
                };
                match what {
                    StopScope::Credit => format!("no credit left at {gateway}; {outcome}"),
                    StopScope::Line => format!("the line at {gateway} is closed; {outcome}"),
                    StopScope::Silence => format!("{gateway} gives no answers; {outcome} See bazgasht doctor."),
                    _ => format!("{gateway} refuses everything; {outcome} See bazgasht doctor."),
                }
            }
            Alarm::Brake(Verdict { scope, cause }) => {
                let what = match scope {
                    HoldScope::Campaign(id) => short(id),
                    _ => "all sending".to_owned(),
                };
                let why = match cause {
                    Cause::OptOuts { count, texts, .. } => format!("{}% opt-outs", whole(*count, *texts)),
                    Cause::Failures { count, texts, .. } => format!("{}% failed", whole(*count, *texts)),
                    Cause::Rate { texts, .. } => format!("{texts} texts in an hour"),
                };
                let resume = if figures { format!(", then: bazgasht resume {scope}") } else { ".".to_owned() };
                format!("brake: {what} is stopped ({why}). Look at it{resume}")
            }
            Alarm::Budget { .. } => "80% of this month's SMS budget is spent.".to_owned(),
            Alarm::Stuck { .. } => "sending has come to a halt. See bazgasht doctor.".to_owned(),
        };
        format!("Bazgasht: {text}")
    }
}

fn whole(count: u64, texts: u64) -> u32 {
    Share::of(count, texts).0 / 10
}

fn short(name: &str) -> String {
    name.chars().take(LONGEST_NAME).collect()
}

/// The text, or what it is without its figures when it would cost two parts.
fn one_part(full: &str, without: impl FnOnce() -> String) -> String {
    if parts::count(full, &PartRules::iran()).parts <= 1 { full.to_owned() } else { without() }
}

/// To the staff: so many words of a day were not told.
#[must_use]
pub fn unheard(words: u64, language: Language) -> String {
    match language {
        Language::Persian => digits::to_persian(&format!("و {words} پیام دیگر از دیروز که گفته نشد.")),
        Language::English => format!("and {words} more of yesterday that were not told."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    fn all() -> Vec<Alarm> {
        let (name, id) =
            ("melipayamak_console".to_owned(), "a-campaign-with-a-name-that-is-long-beyond-reason".to_owned());
        let share = Share::percent(4);
        let mut all = vec![
            Alarm::LowCredit { gateway: name.clone(), left: Money { minor: 1_234_567_890, currency: Currency::IRR } },
            Alarm::LowCredit { gateway: "kavenegar".to_owned(), left: Money { minor: 90, currency: Currency::IRR } },
            Alarm::Budget { month: "2026-11-22".to_owned() },
            Alarm::Stuck { what: "sending".to_owned() },
        ];
        for what in [StopScope::Account, StopScope::Credit, StopScope::Line, StopScope::Silence] {
            for by in [None, Some("melipayamak_rest".to_owned())] {
                all.push(Alarm::Held { gateway: name.clone(), what: what.clone(), by });
            }
        }
        for scope in [HoldScope::All, HoldScope::Campaign(id)] {
            for cause in [
                Cause::OptOuts { count: 60, texts: 1_000, most: share },
                Cause::Failures { count: 1_000, texts: 1_000, most: share },
                Cause::Rate { texts: 12_345, most: 500 },
            ] {
                all.push(Alarm::Brake(Verdict { scope: scope.clone(), cause }));
            }
        }
        all
    }

    #[test]
    fn every_text_is_one_part_in_both_languages() {
        for alarm in all() {
            for language in [Language::Persian, Language::English] {
                let text = alarm.text(language);
                let counted = parts::count(&text, &PartRules::iran());
                assert_eq!(counted.parts, 1, "{} units: {text}", counted.units);
            }
        }
    }

    #[test]
    fn what_stops_everything_is_told_at_night() {
        let night: Vec<String> = all().iter().filter(|t| t.tells_at_night()).map(Alarm::subject).collect();
        assert_eq!(
            night,
            [
                "sending",
                "melipayamak_console/account",
                "melipayamak_console/credit",
                "melipayamak_console/silence",
                "all",
                "all",
                "all"
            ],
            "and nothing that goes round it by another gateway"
        );
    }
}
