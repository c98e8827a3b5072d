//! The words and looks of the page behind a question's link. Pure.

use super::desk::Question;
use super::stop_page::Front;
use super::stop_words::{STYLE, escaped};
use crate::campaign::model::Language;

/// Names of the form's fields.
pub const ANSWER: &str = "answer";
pub const PROOF: &str = "proof";

/// What the page says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    Ask,
    Thanks,
    /// Answered before, or its time is over.
    Over,
    /// The form did not come whole, or is not ours.
    Again,
    Busy,
    Broken,
}

impl Says {
    /// The heading, where the owner gave none, and what stands under it.
    const fn words(self, language: Language) -> (&'static str, &'static str) {
        match (self, language) {
            (Says::Ask, Language::English) => ("Your answer?", "One tap is enough."),
            (Says::Ask, Language::Persian) => ("پاسخ شما چیست؟", "یک لمس کافی است."),
            (Says::Thanks, Language::English) => ("Thank you for your answer.", "It has reached us."),
            (Says::Thanks, Language::Persian) => ("از پاسخ شما سپاسگزاریم.", "پاسخ به دست ما رسید."),
            (Says::Over, Language::English) => ("Thank you.", "This question takes no more answers."),
            (Says::Over, Language::Persian) => ("سپاس از شما.", "دیگر به این سؤال پاسخی نمی‌گیریم."),
            (Says::Again, Language::English) => ("That did not reach us whole.", "Please answer once more."),
            (Says::Again, Language::Persian) => ("پاسخ شما کامل به ما نرسید.", "لطفاً یک بار دیگر پاسخ دهید."),
            (Says::Busy, Language::English) => ("Too much is coming in just now.", "Please answer again in a minute."),
            (Says::Busy, Language::Persian) => ("الان درخواست‌ها زیاد است.", "لطفاً یک دقیقه دیگر دوباره پاسخ دهید."),
            (Says::Broken, Language::English) => {
                ("We cannot take your answer down just now.", "Please answer again in a few minutes.")
            }
            (Says::Broken, Language::Persian) => {
                ("الان نمی‌توانیم پاسخ شما را ثبت کنیم.", "لطفاً چند دقیقه دیگر دوباره پاسخ دهید.")
            }
        }
    }

    const fn may_answer(self) -> bool {
        !matches!(self, Says::Thanks | Says::Over)
    }
}

/// The whole page, on its own: no script, nothing from anywhere else, and nothing of the person.
#[must_use]
pub fn page(front: &Front, question: &Question, proof: &str, says: Says) -> String {
    let (lang, dir) = match front.language {
        Language::Persian => ("fa", "rtl"),
        Language::English => ("en", "ltr"),
    };
    let (heading, more) = says.words(front.language);
    let asked = question.text.as_deref().filter(|_| says == Says::Ask).unwrap_or(heading);
    let (heading, shop) = (escaped(asked), escaped(&front.name));
    let to_shop = match (&front.url, front.language) {
        (None, _) => String::new(),
        (Some(url), Language::English) => format!("<p class=\"shop\"><a href=\"{}\">To the shop</a></p>", escaped(url)),
        (Some(url), Language::Persian) => {
            format!("<p class=\"shop\"><a href=\"{}\">رفتن به فروشگاه</a></p>", escaped(url))
        }
    };
    let form = if says.may_answer() { form(question, proof) } else { String::new() };
    format!(
        "<!DOCTYPE html><html lang=\"{lang}\" dir=\"{dir}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex, nofollow\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>{heading}</title><style>{STYLE}</style></head><body><main><p class=\"shop\">{shop}</p>\
         <div role=\"status\"><h1>{heading}</h1><p>{more}</p></div>{form}{to_shop}</main></body></html>"
    )
}

fn form(question: &Question, proof: &str) -> String {
    let buttons: String = question.answers.iter().map(|label| button(label)).collect();
    format!(
        "<form method=\"post\"><input type=\"hidden\" name=\"{PROOF}\" value=\"{}\">{buttons}</form>",
        escaped(proof)
    )
}

fn button(label: &str) -> String {
    let label = escaped(label);
    format!("<button name=\"{ANSWER}\" value=\"{label}\"><b>{label}</b></button>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_is_a_button_until_one_was_pressed() {
        let front = Front { name: "<b>Tea</b>".to_owned(), url: None, language: Language::Persian };
        let answers = vec!["بله".to_owned(), "<no> & \"none\"".to_owned()];
        let question = Question { text: Some("<راضی بودید؟>".to_owned()), answers, is_open: true };
        let buttons = |says| page(&front, &question, "p", says).matches("<button").count();
        assert_eq!(
            (buttons(Says::Ask), buttons(Says::Again), buttons(Says::Thanks), buttons(Says::Over)),
            (2, 2, 0, 0)
        );
        let html = page(&front, &question, "\"><script>", Says::Ask);
        assert!(
            html.contains("<h1>&lt;راضی بودید؟&gt;</h1>")
                && html.contains("value=\"&lt;no&gt; &amp; &quot;none&quot;\"")
        );
        assert!(!html.contains("<script") && !html.contains("<b>Tea"));
    }
}
