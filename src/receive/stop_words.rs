//! The stop page's words and looks. Pure.

use super::stop_page::Front;
use crate::campaign::model::Language;

/// Names of the form's fields.
pub const CHOICE: &str = "choice";
pub const PROOF: &str = "proof";

/// What a person may press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    All,
    Orders,
    Pause,
    Start,
}

impl Choice {
    const EVERY: [Choice; 4] = [Choice::All, Choice::Orders, Choice::Pause, Choice::Start];

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Choice::All => "all",
            Choice::Orders => "orders",
            Choice::Pause => "pause",
            Choice::Start => "again",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Choice> {
        Choice::EVERY.into_iter().find(|choice| choice.word() == word)
    }

    /// The button and what it means.
    const fn says(self, language: Language) -> (&'static str, &'static str) {
        match (self, language) {
            (Choice::All, Language::English) => ("Stop all texts", "No offers, no reminders, no news of orders."),
            (Choice::All, Language::Persian) => ("هیچ پیامکی نفرستید", "نه پیشنهاد، نه یادآوری، نه خبر سفارش."),
            (Choice::Orders, Language::English) => ("Only news of my orders", "No offers and no reminders."),
            (Choice::Orders, Language::Persian) => ("فقط خبر سفارش‌های خودم", "بدون پیشنهاد و یادآوری."),
            (Choice::Pause, Language::English) => {
                ("Pause for a month", "No offers and no reminders for 30 days, then as before.")
            }
            (Choice::Pause, Language::Persian) => ("یک ماه استراحت", "۳۰ روز بدون پیشنهاد و یادآوری، بعد مثل قبل."),
            (Choice::Start, Language::English) => ("Write to me again", ""),
            (Choice::Start, Language::Persian) => ("دوباره برایم پیامک بفرستید", ""),
        }
    }
}

/// What the page says above the choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Ask,
    Done(Choice),
    /// The form did not come whole, or is not ours.
    Again,
    Busy,
    Broken,
}

impl Answer {
    /// The heading, and what stands under it.
    const fn says(self, language: Language) -> (&'static str, &'static str) {
        match (self, language) {
            (Answer::Ask, Language::English) => {
                ("Which texts may we send you?", "Your choice is for the number that this link was sent to.")
            }
            (Answer::Ask, Language::Persian) => {
                ("چه پیامک‌هایی برایتان بفرستیم؟", "انتخاب شما برای شماره‌ای است که این لینک به آن فرستاده شده.")
            }
            (Answer::Done(Choice::All), Language::English) => {
                ("Done. You will get no more texts from us.", "A text that is already on its way may still reach you.")
            }
            (Answer::Done(Choice::All), Language::Persian) => {
                ("انجام شد. دیگر از ما پیامکی نمی‌گیرید.", "پیامکی که در راه است شاید هنوز برسد.")
            }
            (Answer::Done(Choice::Orders), Language::English) => (
                "Done. From now on we text you only about your own orders.",
                "A text that is already on its way may still reach you.",
            ),
            (Answer::Done(Choice::Orders), Language::Persian) => (
                "انجام شد. از این پس فقط درباره سفارش‌های خودتان پیامک می‌گیرید.",
                "پیامکی که در راه است شاید هنوز برسد.",
            ),
            (Answer::Done(Choice::Pause), Language::English) => (
                "Done. No offers and no reminders for 30 days.",
                "A text that is already on its way may still reach you.",
            ),
            (Answer::Done(Choice::Pause), Language::Persian) => {
                ("انجام شد. تا ۳۰ روز پیشنهاد و یادآوری نمی‌گیرید.", "پیامکی که در راه است شاید هنوز برسد.")
            }
            (Answer::Done(Choice::Start), Language::English) => {
                ("Good to have you back.", "We will write to you again.")
            }
            (Answer::Done(Choice::Start), Language::Persian) => {
                ("خوشحالیم که برگشتید.", "دوباره برایتان پیامک می‌فرستیم.")
            }
            (Answer::Again, Language::English) => ("That did not reach us whole.", "Please choose once more."),
            (Answer::Again, Language::Persian) => ("انتخاب شما کامل به ما نرسید.", "لطفاً یک بار دیگر انتخاب کنید."),
            (Answer::Busy, Language::English) => {
                ("Too much is coming in just now.", "Please choose again in a minute. Nothing has changed yet.")
            }
            (Answer::Busy, Language::Persian) => {
                ("الان درخواست‌ها زیاد است.", "لطفاً یک دقیقه دیگر دوباره انتخاب کنید. هنوز چیزی تغییر نکرده.")
            }
            (Answer::Broken, Language::English) => (
                "We cannot take your choice down just now.",
                "Please choose again in a few minutes. Nothing has changed yet.",
            ),
            (Answer::Broken, Language::Persian) => (
                "الان نمی‌توانیم انتخاب شما را ثبت کنیم.",
                "لطفاً چند دقیقه دیگر دوباره انتخاب کنید. هنوز چیزی تغییر نکرده.",
            ),
        }
    }

    /// After a choice only those that reach further: the page must not promise less than is kept.
    const fn offers(self) -> &'static [Choice] {
        match self {
            Answer::Done(Choice::All) => &[],
            Answer::Done(Choice::Orders) => &[Choice::All],
            Answer::Done(Choice::Pause) => &[Choice::All, Choice::Orders],
            _ => &[Choice::All, Choice::Orders, Choice::Pause],
        }
    }
}

/// The whole page, on its own: no script, nothing from anywhere else.
#[must_use]
pub fn page(front: &Front, proof: &str, answer: Answer) -> String {
    let language = front.language;
    let (lang, dir) = match language {
        Language::Persian => ("fa", "rtl"),
        Language::English => ("en", "ltr"),
    };
    let (heading, more) = answer.says(language);
    let shop = escaped(&front.name);
    let to_shop = match (&front.url, language) {
        (None, _) => String::new(),
        (Some(url), Language::English) => format!("<p class=\"shop\"><a href=\"{}\">To the shop</a></p>", escaped(url)),
        (Some(url), Language::Persian) => {
            format!("<p class=\"shop\"><a href=\"{}\">رفتن به فروشگاه</a></p>", escaped(url))
        }
    };
    let form = form(language, proof, answer);
    format!(
        "<!DOCTYPE html><html lang=\"{lang}\" dir=\"{dir}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex, nofollow\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>{heading}</title><style>{STYLE}</style></head><body><main><p class=\"shop\">{shop}</p>\
         <div role=\"status\"><h1>{heading}</h1><p>{more}</p></div>{form}{to_shop}</main></body></html>"
    )
}

fn form(language: Language, proof: &str, answer: Answer) -> String {
    let buttons: String = answer.offers().iter().map(|choice| button(*choice, language)).collect();
    let again = button(Choice::Start, language);
    let back = match (answer, language) {
        (Answer::Done(Choice::Start), _) => String::new(),
        // Away from where the choice was made: a second tap at the same place must not undo it.
        (Answer::Done(_), _) => format!("<div class=\"back\">{again}</div>"),
        // Folded away: few come for it, and nobody should press it by mistake.
        (_, Language::English) => {
            format!("<details><summary>Stopped before, and changed your mind?</summary>{again}</details>")
        }
        (_, Language::Persian) => {
            format!("<details><summary>قبلاً لغو کرده‌اید و نظرتان عوض شده؟</summary>{again}</details>")
        }
    };
    format!(
        "<form method=\"post\"><input type=\"hidden\" name=\"{PROOF}\" value=\"{}\">{buttons}{back}</form>",
        escaped(proof)
    )
}

fn button(choice: Choice, language: Language) -> String {
    let (label, hint) = choice.says(language);
    let hint = if hint.is_empty() { String::new() } else { format!("<span>{hint}</span>") };
    format!("<button name=\"{CHOICE}\" value=\"{}\"><b>{label}</b>{hint}</button>", choice.word())
}

pub(super) fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
        out
    })
}

/// For both directions of writing, light and dark. The page's policy allows this style by its hash alone.
pub const STYLE: &str = "\
:root{--ink:#1d2126;--soft:#59616a;--back:#f5f6f7;--card:#fff;--edge:#d2d7dc;--mark:#0a6a52}\
@media(prefers-color-scheme:dark){:root{--ink:#eceff1;--soft:#a6adb4;--back:#131517;--card:#1e2124;--edge:#3b4147;--mark:#5cc8a6}}\
*{box-sizing:border-box}\
body{margin:0;background:var(--back);color:var(--ink);font:1.0625rem/1.7 Vazirmatn,IRANSans,system-ui,\"Segoe UI\",Roboto,Tahoma,sans-serif}\
main{max-width:27rem;margin:0 auto;padding:2rem 1.25rem 3rem}\
h1{font-size:1.375rem;line-height:1.5;margin:0 0 .5rem}\
p,summary,span{color:var(--soft)}.shop{font-size:.9375rem}a{color:inherit}form{margin:1.5rem 0 2rem}\
button{display:block;width:100%;margin:0 0 .75rem;padding:.875rem 1.125rem;border:1px solid var(--edge);border-radius:.75rem;\
background:var(--card);color:inherit;font:inherit;text-align:start;cursor:pointer}\
button b,button span{display:block}button:focus-visible,summary:focus-visible,a:focus-visible{outline:3px solid var(--mark);outline-offset:2px}\
.back{padding-top:4rem}details{margin-top:1.5rem}summary{cursor:pointer;padding:.5rem 0}";

#[cfg(test)]
mod tests {
    use super::*;

    fn front(language: Language) -> Front {
        Front { name: "<b>\"Tea\" & 'co'".to_owned(), url: Some("https://shop.example/?a=1&b=\"".to_owned()), language }
    }

    #[test]
    fn what_comes_from_outside_is_escaped() {
        let html = page(&front(Language::English), "\"><script>", Answer::Ask);
        assert!(html.contains("&lt;b&gt;&quot;Tea&quot; &amp; &#39;co&#39;") && html.contains("?a=1&amp;b=&quot;"));
        assert!(!html.contains("<script"));
    }

    #[test]
    fn each_language_has_its_direction_and_only_stricter_choices_follow_a_choice() {
        let offered = |language, answer| {
            let html = page(&front(language), "p", answer);
            let direction = if language == Language::Persian { "dir=\"rtl\"" } else { "dir=\"ltr\"" };
            assert!(html.contains(direction));
            Choice::EVERY.into_iter().filter(|c| html.contains(&format!("value=\"{}\"", c.word()))).collect::<Vec<_>>()
        };
        for language in [Language::Persian, Language::English] {
            assert_eq!(offered(language, Answer::Ask), Choice::EVERY);
            assert_eq!(offered(language, Answer::Done(Choice::All)), [Choice::Start]);
            assert_eq!(offered(language, Answer::Done(Choice::Orders)), [Choice::All, Choice::Start]);
            assert_eq!(offered(language, Answer::Done(Choice::Pause)), [Choice::All, Choice::Orders, Choice::Start]);
            let back = offered(language, Answer::Done(Choice::Start));
            assert_eq!(back, [Choice::All, Choice::Orders, Choice::Pause]);
        }
    }
}
