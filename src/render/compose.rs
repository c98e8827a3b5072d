//! The SMS as it is handed over: its lines, its parts, its price.

use std::collections::BTreeMap;

use minijinja::Value;

use super::objects::Verbatim;
use super::parts::{self, Encoding, Parts};
use super::template::{CLOSE, OPEN, Templates, TextError};
use super::values::STOP_LINK;
use crate::campaign::model::{Campaign, Kind, Step, TextKey};
use crate::digits;
use crate::money::Money;
use crate::settings::model::{Line, Tail};

/// A text ready for the gateway. Whether it has more parts than the step allows is the caller's to judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    pub text: String,
    pub parts: Parts,
    /// Forecast: parts × the line's price for their encoding.
    pub price: Money,
    /// What the approved template is filled with, each on one line, for a step that is sent by one.
    pub tokens: Option<BTreeMap<String, String>>,
}

/// Makes the text of one step for one person.
///
/// - every line is tidied, at most one empty line stays between others;
/// - links and codes stand on lines of their own: beside Persian their signs would change sides, and what is glued to a link
///   becomes part of it;
/// - marketing ends with the line's opt-out words or with the stop link, as the line wants it.
///
/// `template`: the place of the step's template that is to be filled as well.
///
/// # Errors
/// As [`Templates::text`]; also when nothing is left to send.
pub fn compose(
    templates: &Templates,
    campaign: &Campaign,
    step: &Step,
    values: &Value,
    line: &Line,
    template: Option<usize>,
) -> Result<Composed, TextError> {
    let mut lines = Lines::default();
    lines.lay_out(&templates.marked(&TextKey::text(&campaign.id, &step.key), values)?);
    let tail = match line.opt_out_tail.as_ref().filter(|_| step.kind == Kind::Marketing) {
        None => String::new(),
        Some(Tail::Words(words)) => {
            lines.end_with(words);
            digits::tidy(words)
        }
        Some(Tail::StopLink) => {
            let address = stop_link(values)?;
            lines.end_with_link(&address);
            address
        }
    };
    let text = lines.join();
    if text.is_empty() || text == tail {
        return Err(TextError::Failed("says nothing".to_owned()));
    }
    let parts = parts::count(&text, &line.parts);
    let price = price(&parts, line)?;
    let tokens = match template.and_then(|place| Some((place, step.templates.get(place)?))) {
        None => None,
        Some((place, template)) => {
            let token = |name: &String| {
                let text = templates.text(&TextKey::token(&campaign.id, &step.key, place, name), values)?;
                Ok((name.clone(), digits::tidy(&text).replace('\n', " ")))
            };
            Some(template.tokens.keys().map(token).collect::<Result<_, TextError>>()?)
        }
    };
    Ok(Composed { text, parts, price, tokens })
}

fn stop_link(values: &Value) -> Result<String, TextError> {
    let link = values.get_attr(STOP_LINK).ok();
    let link = link.as_ref().and_then(|value| value.downcast_object_ref::<Verbatim>()).map(|link| link.0.to_string());
    link.ok_or_else(|| TextError::Failed("has no stop link to end with".to_owned()))
}

fn price(parts: &Parts, line: &Line) -> Result<Money, TextError> {
    let one = match parts.encoding {
        Encoding::Ucs2 => line.price_ucs2,
        Encoding::Gsm7 => line.price_gsm7,
    };
    let minor = one.minor.checked_mul(i64::from(parts.parts));
    let minor =
        minor.ok_or_else(|| TextError::Failed("has a price that is too large: look at the line's price".to_owned()))?;
    Ok(Money { minor, ..one })
}

#[derive(Default)]
struct Lines {
    lines: Vec<Entry>,
}

struct Entry {
    text: String,
    /// A link or a code: to be left as it is.
    verbatim: bool,
}

impl Lines {
    /// Breaks rendered text into lines, links and codes on their own.
    fn lay_out(&mut self, marked: &str) {
        let mut rest = marked;
        let mut after_verbatim = false;
        while let Some((prose, (verbatim, behind))) =
            rest.split_once(OPEN).and_then(|(p, r)| Some((p, r.split_once(CLOSE)?)))
        {
            let (prose, behind) = unwrap_signs(prose, behind);
            self.prose(prose, after_verbatim, true);
            self.lines.push(Entry { text: verbatim.trim().to_owned(), verbatim: true });
            after_verbatim = true;
            rest = behind;
        }
        self.prose(rest, after_verbatim, false);
    }

    /// The break that a link or code makes on either side stands for the one that was written there.
    fn prose(&mut self, prose: &str, after_verbatim: bool, before_verbatim: bool) {
        let start = self.lines.len();
        for line in prose.split('\n') {
            let tidied = digits::tidy(line);
            // Other signs for a new line than \n have become one.
            self.lines.extend(tidied.split('\n').map(|text| Entry { text: text.to_owned(), verbatim: false }));
        }
        if before_verbatim && self.lines.len() > start && self.lines.last().is_some_and(Entry::is_blank) {
            self.lines.pop();
        }
        if after_verbatim && self.lines.get(start).is_some_and(Entry::is_blank) {
            self.lines.remove(start);
        }
    }

    /// Puts the opt-out words last, once, however the owner may have written them.
    fn end_with(&mut self, tail: &str) {
        let bare_tail = bare(tail);
        if bare_tail.is_empty() {
            return;
        }
        loop {
            self.lines.retain(|line| line.verbatim || bare(&line.text) != bare_tail);
            while self.lines.last().is_some_and(Entry::is_blank) {
                self.lines.pop();
            }
            if !self.lines.last_mut().is_some_and(|last| last.cut_tail(&bare_tail)) {
                break;
            }
        }
        self.lines.push(Entry { text: digits::tidy(tail), verbatim: true });
    }

    /// Puts the stop link last, once, wherever the owner may have written it.
    fn end_with_link(&mut self, link: &str) {
        self.lines.retain(|line| !(line.verbatim && line.text == link));
        while self.lines.last().is_some_and(Entry::is_blank) {
            self.lines.pop();
        }
        self.lines.push(Entry { text: link.to_owned(), verbatim: true });
    }

    fn join(&self) -> String {
        let mut text = String::with_capacity(self.lines.iter().map(|line| line.text.len() + 1).sum());
        let mut blank = false;
        for line in &self.lines {
            if line.is_blank() {
                blank = true;
                continue;
            }
            if !text.is_empty() {
                text.push_str(if blank { "\n\n" } else { "\n" });
            }
            blank = false;
            text.push_str(&line.text);
        }
        text
    }
}

impl Entry {
    fn is_blank(&self) -> bool {
        self.text.is_empty()
    }

    /// Takes the words off the end of a line, when they stand there as words; says whether they did.
    fn cut_tail(&mut self, bare_tail: &str) -> bool {
        if self.verbatim || !bare(&self.text).ends_with(bare_tail) {
            return false;
        }
        let starts = self.text.char_indices().rev().map(|(at, _)| at);
        let cut = starts.take(bare_tail.len().saturating_mul(2)).find(|at| {
            let (before, end) = self.text.split_at(*at);
            bare(end) == bare_tail && before.chars().next_back().is_none_or(char::is_whitespace)
        });
        let Some(at) = cut else { return false };
        self.text.truncate(at);
        self.text.truncate(self.text.trim_end().len());
        true
    }
}

/// Without signs and spaces, digits in one script: `لغو ۱۱` and `لغو11` are the same words.
fn bare(text: &str) -> String {
    digits::to_ascii(&digits::tidy(text)).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Takes away the signs that are glued to a link or code, and the bracket or quotation mark that they close.
fn unwrap_signs<'a>(mut before: &'a str, mut behind: &'a str) -> (&'a str, &'a str) {
    while let Some(sign) = behind.chars().next().filter(|c| ".,،;؛:!؟?»)]}\"'’”".contains(*c)) {
        behind = behind.strip_prefix(sign).unwrap_or_default();
        let opening = match sign {
            '»' => '«',
            ')' => '(',
            ']' => '[',
            '}' => '{',
            '’' => '‘',
            '”' => '“',
            same => same,
        };
        if "«([{\"'‘“".contains(opening) {
            before = before.strip_suffix(opening).unwrap_or(before);
        }
    }
    (before, behind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::model::tests::step;
    use crate::campaign::model::{Language, LinkKind, ProviderTemplate, Trigger};
    use crate::clock::Span;
    use crate::money::Currency;
    use crate::render::parts::PartRules;
    use crate::render::samples::{self, Sample, SampleKind};
    use crate::render::template::Source;
    use proptest::prelude::*;

    const TAIL: &str = "لغو11";
    const LINK: &str = "https://shop.example/s/3JcKdsX";

    fn campaign(kind: Kind, text: &str, tokens: &[(&str, &str)]) -> Campaign {
        let tokens: BTreeMap<_, _> = tokens.iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned())).collect();
        let step = Step {
            text: Some(text.to_owned()),
            link: LinkKind::Cart,
            kind,
            templates: (!tokens.is_empty())
                .then(|| ProviderTemplate { gateway: None, name: "t".to_owned(), tokens })
                .into_iter()
                .collect(),
            ..step("first")
        };
        Campaign { kind, steps: vec![step], ..crate::campaign::model::tests::campaign("cart") }
    }

    fn line() -> Line {
        let toman = |minor| Money { minor, currency: Currency::IRT };
        Line {
            parts: PartRules::iran(),
            price_ucs2: toman(200),
            price_gsm7: toman(500),
            opt_out_tail: Some(Tail::Words(TAIL.to_owned())),
            language: Language::Persian,
        }
    }

    fn sample() -> Sample {
        samples::sample(
            SampleKind::Usual,
            &Trigger::CartAbandoned { idle: Span::hours(1) },
            samples::shop(Language::Persian),
        )
    }

    fn composed(campaign: &Campaign, line: &Line, sample: &Sample) -> Result<Composed, TextError> {
        let step = &campaign.steps[0];
        let mut sources = vec![(TextKey::text("cart", "first"), Source::Text(step.text.clone().unwrap_or_default()))];
        for (name, token) in step.templates.iter().flat_map(|t| &t.tokens) {
            sources.push((TextKey::token("cart", "first", 0, name), Source::Text(token.clone())));
        }
        let templates = Templates::build(&sources, Language::Persian).map_err(|p| format!("{p:#?}")).unwrap();
        compose(&templates, campaign, step, &sample.values(), line, Some(0))
    }

    fn marketing(text: &str) -> String {
        composed(&campaign(Kind::Marketing, text, &[]), &line(), &sample()).unwrap().text
    }

    fn service(text: &str) -> String {
        composed(&campaign(Kind::Service, text, &[]), &line(), &sample()).unwrap().text
    }

    #[test]
    fn lines_are_tidied() {
        assert_eq!(service("\n\n سلام  كيف \u{200F}\n\n\n\nادامه  \r\nپایان\t\n \n"), "سلام کیف\n\nادامه\nپایان");
    }

    #[test]
    fn links_and_codes_stand_alone() {
        assert_eq!(service("سبد شما: {{ link }} منتظر است"), format!("سبد شما:\n{LINK}\nمنتظر است"));
        assert_eq!(service("سبد شما:\n{{ link }}\nمنتظر است"), format!("سبد شما:\n{LINK}\nمنتظر است"));
        assert_eq!(service("سبد شما:\n\n{{ link }}\n\nمنتظر است"), format!("سبد شما:\n\n{LINK}\n\nمنتظر است"));
        assert_eq!(service("{{ link }}{{ coupon.code }}"), format!("{LINK}\noff5"));
        assert_eq!(
            service("با کد «{{ coupon.code }}»، تا {{ coupon.ends | date(\"day\") }}."),
            "با کد\noff5\nتا ۳ آذر."
        );
        assert_eq!(service("ببینید ({{ link }})."), format!("ببینید\n{LINK}"));
        assert_eq!(service("{{ link }}؟!.\nپایان"), format!("{LINK}\nپایان"));
    }

    #[test]
    fn a_code_is_not_tidied() {
        let mut odd = sample();
        odd.coupon.as_mut().unwrap().code = Some("كد_5".to_owned());
        let text = composed(&campaign(Kind::Service, "كد: {{ coupon.code }}", &[]), &line(), &odd).unwrap().text;
        assert_eq!(text, "کد:\nكد_5");
    }

    #[test]
    fn marketing_ends_with_the_opt_out_words_once() {
        let expected = format!("سلام\n{TAIL}");
        for text in [
            "سلام",
            "سلام\n\n",
            "سلام\nلغو11",
            "سلام\nلغو ۱۱\n",
            "سلام لغو۱۱",
            "سلام. لغو 11",
            "لغو11\nسلام",
            "سلام لغو11\nلغو ۱۱ لغو۱۱",
        ] {
            let text = marketing(text).replace("سلام.", "سلام");
            assert_eq!(text, expected);
        }
        assert_eq!(marketing("سلام\n{{ link }}"), format!("سلام\n{LINK}\n{TAIL}"));
        assert_eq!(service("سلام"), "سلام");
        let own = Line { opt_out_tail: None, ..line() };
        let text = composed(&campaign(Kind::Marketing, "سلام\nلغو۱۱", &[]), &own, &sample()).unwrap().text;
        assert_eq!(text, "سلام\nلغو۱۱");
    }

    #[test]
    fn where_nobody_can_answer_marketing_ends_with_the_stop_link_once() {
        let stop = format!("{LINK}/stop");
        let line = Line { opt_out_tail: Some(Tail::StopLink), ..line() };
        let of = |kind, text: &str| composed(&campaign(kind, text, &[]), &line, &sample()).unwrap();
        for text in ["سلام\n{{ link }}", "سلام\n{{ link }}\n{{ stop_link }}", "سلام\n{{ stop_link }}\n{{ link }}\n\n"]
        {
            assert_eq!(of(Kind::Marketing, text).text, format!("سلام\n{LINK}\n{stop}"), "{text}");
        }
        assert_eq!(of(Kind::Service, "سلام").text, "سلام");
        assert_eq!(of(Kind::Service, "سلام، لغو: {{ stop_link }}.").text, format!("سلام، لغو:\n{stop}"));
        // The address is paid for like any other letters.
        let long = "ب".repeat(70 - 1 - stop.len());
        assert_eq!(of(Kind::Marketing, &long).parts.parts, 1);
        assert_eq!(of(Kind::Marketing, &format!("{long}ب")).parts.parts, 2);
        assert!(
            composed(&campaign(Kind::Marketing, "{{ stop_link }}", &[]), &line, &sample()).is_err(),
            "says nothing"
        );
    }

    #[test]
    fn parts_have_their_price() {
        let priced = |text: &str| {
            composed(&campaign(Kind::Service, text, &[]), &line(), &sample()).map(|c| (c.parts.parts, c.price.minor))
        };
        assert_eq!(priced(&"ب".repeat(70)), Ok((1, 200)));
        assert_eq!(priced(&"ب".repeat(71)), Ok((2, 400)));
        assert_eq!(priced("Hello"), Ok((1, 500)));
        let dear = Line { price_ucs2: Money { minor: i64::MAX, currency: Currency::IRT }, ..line() };
        let error = composed(&campaign(Kind::Service, &"ب".repeat(71), &[]), &dear, &sample());
        assert!(matches!(error, Err(TextError::Failed(_))));
    }

    #[test]
    fn nothing_is_no_text() {
        for text in ["", " \n ", "{% if contact.is_new %}تازه{% endif %}"] {
            assert!(composed(&campaign(Kind::Service, text, &[]), &line(), &sample()).is_err(), "{text:?}");
        }
        for text in
            ["", "{% if contact.is_new %}تازه{% endif %}", "لغو ۱۱", "\n{% if contact.is_new %}{{ link }}{% endif %}"]
        {
            let made = composed(&campaign(Kind::Marketing, text, &[]), &line(), &sample());
            assert!(made.is_err(), "nobody is sent the words for leaving alone: {text:?}");
        }
    }

    #[test]
    fn tokens_are_single_lines() {
        let tokens = [("token", "{{ contact.first_name | default(\"دوست\") }}"), ("token10", " یک\n {{ link }} ")];
        let tokens = composed(&campaign(Kind::Service, "سلام", &tokens), &line(), &sample()).unwrap().tokens.unwrap();
        assert_eq!(tokens["token"], "سارا");
        assert_eq!(tokens["token10"], format!("یک {LINK}"));
        assert_eq!(composed(&campaign(Kind::Service, "سلام", &[]), &line(), &sample()).unwrap().tokens, None);
    }

    #[test]
    fn longest_and_shortest_buyers() {
        let text = "{{ contact.first_name | default(\"دوست عزیز\") }}، {{ cart.first_item | short(25) }} در سبد شماست.\nجمع: {{ cart.total }}\n{{ link }}";
        let campaign = campaign(Kind::Marketing, text, &[]);
        let of = |kind| {
            composed(&campaign, &line(), &samples::sample(kind, &campaign.trigger, samples::shop(Language::Persian)))
                .unwrap()
        };
        let (longest, shortest) = (of(SampleKind::Longest), of(SampleKind::Shortest));
        assert!(shortest.parts.units < of(SampleKind::Usual).parts.units);
        assert!(longest.parts.units > of(SampleKind::Usual).parts.units);
        assert!(longest.parts.parts >= shortest.parts.parts);
        assert!(shortest.text.starts_with("دوست عزیز، کیف در سبد شماست.\nجمع: ۹٬۰۰۰ تومان\n"), "{}", shortest.text);
    }

    fn any_text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[آ-ی\u{200C} .،»)]{0,12}",
            "[a-z0-9۰-۹ .(«]{0,12}",
            Just("\n".to_owned()),
            Just("{{ link }}".to_owned()),
            Just("{{ coupon.code | persian }}".to_owned()),
            Just("{{ cart.total }}".to_owned()),
            Just("لغو ۱۱".to_owned()),
            Just(TAIL.to_owned()),
        ];
        proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn whatever_the_owner_writes(text in any_text()) {
            let text = format!("سلام {text}");
            let made = marketing(&text);
            let lines: Vec<_> = made.split('\n').collect();
            prop_assert_eq!(lines.last(), Some(&TAIL));
            prop_assert_eq!(lines.iter().filter(|l| bare(l) == bare(TAIL)).count(), 1);
            let written = |name: &str| text.matches(name).count();
            prop_assert_eq!(lines.iter().filter(|l| **l == LINK).count(), written("{{ link }}"));
            prop_assert_eq!(made.matches("http").count(), written("{{ link }}"));
            prop_assert!(lines.iter().filter(|l| **l == "off5").count() >= written("coupon.code"));
            prop_assert!(!made.contains("\n\n\n") && made.trim() == made);
            prop_assert!(!made.contains([OPEN, CLOSE]));
            prop_assert!(lines.iter().all(|l| l.trim() == *l));
        }
    }
}
