//! The SMS as it is handed over: its lines, its parts, its price.

use std::collections::BTreeMap;

use minijinja::Value;

use super::parts::{self, Encoding, Parts};
use super::template::{CLOSE, OPEN, Templates, TextError};
use crate::campaign::model::{Campaign, Kind, Step, TextKey};
use crate::digits;
use crate::money::Money;
use crate::settings::model::Line;

/// A text ready for the gateway. Whether it has more parts than the step allows is the caller's to judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    pub text: String,
    pub parts: Parts,
    /// Forecast: parts × the line's price for their encoding.
    pub price: Money,
    /// For lines that fill an approved template; each on one line.
    pub tokens: Option<BTreeMap<String, String>>,
}

/// Makes the text of one step for one person.
///
/// - every line is tidied, at most one empty line stays between others;
/// - links and codes stand on lines of their own: beside Persian their signs would change sides, and what is glued to a link
///   becomes part of it;
/// - marketing ends with the line's opt-out words, where the line has some.
///
/// # Errors
/// As [`Templates::text`]; also when nothing is left to send.
pub fn compose(
    templates: &Templates,
    campaign: &Campaign,
    step: &Step,
    values: &Value,
    line: &Line,
) -> Result<Composed, TextError> {
    let mut lines = Lines::default();
    lines.lay_out(&templates.marked(&TextKey::text(&campaign.id, &step.id), values)?);
    if let (Kind::Marketing, Some(tail)) = (campaign.kind, &line.opt_out_tail) {
        lines.end_with(tail);
    }
    let text = lines.join();
    if text.is_empty() {
        return Err(TextError::Failed("says nothing".to_owned()));
    }
    let parts = parts::count(&text, &line.parts);
    let price = price(&parts, line)?;
    let tokens = match &step.template {
        None => None,
        Some(template) => {
            let token = |name: &String| {
                let text = templates.text(&TextKey::token(&campaign.id, &step.id, name), values)?;
                Ok((name.clone(), digits::tidy(&text).replace('\n', " ")))
            };
            Some(template.tokens.keys().map(token).collect::<Result<_, TextError>>()?)
        }
    };
    Ok(Composed { text, parts, price, tokens })
}

fn price(parts: &Parts, line: &Line) -> Result<Money, TextError> {
    let one = match parts.encoding {
        Encoding::Ucs2 => line.price_ucs2,
        Encoding::Gsm7 => line.price_gsm7,
    };
    let minor = one.minor.checked_mul(i64::from(parts.parts));
    let minor = minor.ok_or_else(|| TextError::Failed("has a price that is too large: look at the line's price".to_owned()))?;
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
        while let Some((prose, (verbatim, behind))) = rest.split_once(OPEN).and_then(|(p, r)| Some((p, r.split_once(CLOSE)?))) {
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
        self.lines.retain(|line| line.verbatim || bare(&line.text) != bare_tail);
        while self.lines.last().is_some_and(Entry::is_blank) {
            self.lines.pop();
        }
        if let Some(last) = self.lines.last_mut().filter(|last| !last.verbatim) {
            last.cut_tail(&bare_tail);
        }
        self.lines.push(Entry { text: digits::tidy(tail), verbatim: true });
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

    /// Takes the words off the end of a line, when they stand there as words.
    fn cut_tail(&mut self, bare_tail: &str) {
        if !bare(&self.text).ends_with(bare_tail) {
            return;
        }
        let starts = self.text.char_indices().rev().map(|(at, _)| at);
        let cut = starts.take(bare_tail.len().saturating_mul(2)).find(|at| {
            let (before, end) = self.text.split_at(*at);
            bare(end) == bare_tail && before.chars().next_back().is_none_or(char::is_whitespace)
        });
        if let Some(at) = cut {
            self.text.truncate(at);
            let kept = self.text.trim_end().len();
            self.text.truncate(kept);
        }
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
