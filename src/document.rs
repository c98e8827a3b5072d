//! An owner's TOML file, walked table by table, so that everything wrong in it is said at once.
//!
//! Deserialising would stop at the first misspelt key. Here the parser's own errors, unknown keys, wrong types and missing
//! keys all go into one list of problems, and reading goes on with what is left.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::clock::{Span, SpanError};
use crate::problem::{Code, Label, Problem, SourceFile};

/// A value with its place in the file, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<T> {
    pub value: T,
    pub span: Range<usize>,
}

impl<T> Found<T> {
    #[must_use]
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Found<U> {
        Found { value: f(self.value), span: self.span }
    }
}

/// The keys that a table takes.
#[derive(Debug)]
pub struct Shape {
    /// As the manual heads it.
    pub name: &'static str,
    pub keys: &'static [Key],
}

/// A key, and words that people write when they mean it.
#[derive(Debug)]
pub struct Key(pub &'static str, pub &'static [&'static str]);

impl Shape {
    /// The key that was probably meant.
    #[must_use]
    pub fn nearest(&self, written: &str) -> Option<&'static str> {
        let names =
            self.keys.iter().flat_map(|Key(name, also)| also.iter().chain([name]).map(move |word| (*word, *name)));
        nearest(written, names)
    }
}

/// The meaning whose word is closest to what was written, if one is close at all.
#[must_use]
pub fn nearest<T>(written: &str, words: impl IntoIterator<Item = (&'static str, T)>) -> Option<T> {
    let written = written.to_lowercase();
    words
        .into_iter()
        .map(|(word, meaning)| (strsim::damerau_levenshtein(&written, word), word.chars().count(), meaning))
        .filter(|(distance, length, _)| *distance <= 1.max(length / 3))
        .min_by_key(|(distance, ..)| *distance)
        .map(|(.., meaning)| meaning)
}

/// The problems of one file, collected while it is read.
#[derive(Debug)]
pub struct Problems {
    pub file: Arc<SourceFile>,
    list: RefCell<Vec<Problem>>,
}

impl Problems {
    #[must_use]
    pub fn of(file: Arc<SourceFile>) -> Problems {
        Problems { file, list: RefCell::default() }
    }

    pub fn add(&self, code: Code, span: &Range<usize>, what: impl Into<String>, help: impl Into<String>) {
        self.add_with(code, span, what, help, Vec::new());
    }

    pub fn add_with(
        &self,
        code: Code,
        span: &Range<usize>,
        what: impl Into<String>,
        help: impl Into<String>,
        labels: Vec<Label>,
    ) {
        let problem = Problem {
            code,
            file: Arc::clone(&self.file),
            span: span.clone(),
            what: on_one_line(what.into()),
            help: on_one_line(help.into()),
            labels,
        };
        self.list.borrow_mut().push(problem);
    }

    /// A length of time such as `45m`; `code` is what a wrong one is reported as.
    pub fn length(&self, code: Code, key: &str, written: &Found<String>) -> Option<Span> {
        if written.value.trim_start().starts_with(['-', '−']) {
            let what = format!("`{key}` is {:?}: a length of time cannot be negative", written.value);
            self.add(code, &written.span, what, "write it without the minus, such as \"45m\", \"24h\" or \"7 days\"");
            return None;
        }
        written.value.parse().map_err(|error| self.bad_length(code, key, written, &error)).ok()
    }

    fn bad_length(&self, code: Code, key: &str, written: &Found<String>, error: &SpanError) {
        let what = format!("`{key}` is {:?}: {error}", written.value);
        self.add(code, &written.span, what, "write it such as \"45m\", \"24h\", \"1h 30m\" or \"7 days\"");
    }

    /// One of a few words, with what it means.
    pub fn word<T>(&self, key: &str, written: &Found<String>, words: &[(&'static str, T)]) -> Option<T>
    where
        T: Copy,
    {
        let known = words.iter().find(|(word, _)| *word == written.value).map(|(_, meaning)| *meaning);
        if known.is_none() {
            let meant = nearest(&written.value, words.iter().map(|(word, _)| (*word, *word)));
            let meant = meant.map_or_else(String::new, |m| format!(": did you mean {m:?}?"));
            let what = format!("`{key}` does not know {:?}{meant}", written.value);
            self.add(
                Code::UnknownWord,
                &written.span,
                what,
                format!("use one of {}", list(words.iter().map(|(w, _)| *w))),
            );
        }
        known
    }

    #[must_use]
    pub fn any_error(&self) -> bool {
        self.list.borrow().iter().any(Problem::is_error)
    }

    /// In the file's order. What is not TOML hides what stands behind it, so nothing else is said of such a file: most would be
    /// wrong.
    #[must_use]
    pub fn into_list(self) -> Vec<Problem> {
        let mut list = self.list.into_inner();
        if list.iter().any(|p| p.code == Code::Syntax) {
            list.retain(|p| p.code == Code::Syntax);
        }
        list.sort_by_key(|p| (p.span.start, p.span.end));
        // Two arms may have one text between them.
        list.dedup_by(|b, a| a.span == b.span && a.code == b.code && a.what == b.what);
        list
    }
}

/// Reads a whole file. What the parser cannot read is reported, and left out of the table that is given.
pub fn parse<'s>(source: &'s str, problems: &Problems) -> Spanned<DeTable<'s>> {
    let (root, errors) = DeTable::parse_recoverable(source);
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        // Not out of `source`: a secret without its quotes is a mistake too.
        let (what, help) = syntax(&error, problems.file.excerpt(span.clone()));
        problems.add(Code::Syntax, &span, what, help);
    }
    root
}

fn syntax(error: &toml::de::Error, written: &str) -> (String, String) {
    let message = error.message().replace('\n', ", ");
    let bare_word =
        !written.is_empty() && written.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '*'));
    let help = if message.contains("duplicate") {
        "keep one of them".to_owned()
    } else if message.contains("table") || message.contains("array") {
        "close every bracket on its own line: `[shop]`, `[[campaign]]`, `exits = [\"order\"]`".to_owned()
    } else if bare_word {
        format!("a text stands in quotes: {written:?}; without them only numbers, true and false")
    } else {
        "end a text with the quotes that began it; a text over several lines stands between three of them: \"\"\""
            .to_owned()
    };
    (format!("not TOML: {message}"), help)
}

/// One table, read key by key.
pub struct Table<'d> {
    fields: &'d DeTable<'d>,
    shape: &'static Shape,
    /// Where to point when something is missing.
    pub span: Range<usize>,
    pub problems: &'d Problems,
    /// Keys that are there, misspelt: that was said, and they are not missing besides.
    meant_keys: Vec<&'static str>,
}

impl fmt::Debug for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({})", self.shape.name)
    }
}

impl<'d> Table<'d> {
    /// Reports keys that the shape does not have.
    #[must_use]
    pub fn new(
        fields: &'d DeTable<'d>,
        span: Range<usize>,
        shape: &'static Shape,
        problems: &'d Problems,
    ) -> Table<'d> {
        let mut meant_keys = Vec::new();
        for key in fields.keys() {
            let written = key.get_ref();
            if shape.keys.iter().any(|Key(name, _)| name == written) {
                continue;
            }
            let (meant, help) = match shape.nearest(written) {
                Some(meant) => {
                    meant_keys.push(meant);
                    (format!(": did you mean `{meant}`?"), format!("write `{meant}`, or take the key out"))
                }
                None => (String::new(), format!("known here: {}", list(shape.keys.iter().map(|Key(name, _)| *name)))),
            };
            problems.add(Code::UnknownKey, &key.span(), format!("unknown key `{written}`{meant}"), help);
        }
        Table { fields, shape, span, problems, meant_keys }
    }

    fn get(&self, key: &str) -> Option<&'d Spanned<DeValue<'d>>> {
        debug_assert!(
            self.shape.keys.iter().any(|Key(name, _)| *name == key),
            "`{key}` is missing from the shape of {}",
            self.shape.name
        );
        self.fields.iter().find(|(k, _)| k.get_ref() == key).map(|(_, value)| value)
    }

    fn wrong_type(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str, help: impl Into<String>) {
        let what = format!("`{key}` should be {wanted}, but is {}", kind(value.get_ref()));
        self.problems.add(Code::WrongType, &value.span(), what, help);
    }

    /// The key is there, whatever its value.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Where the key itself stands, or the table when it does not.
    #[must_use]
    pub fn key_span(&self, key: &str) -> Range<usize> {
        self.fields.keys().find(|k| k.get_ref() == key).map_or_else(|| self.span.clone(), Spanned::span)
    }

    /// Where the key's value stands, when it is there.
    #[must_use]
    pub fn value_span(&self, key: &str) -> Option<Range<usize>> {
        self.get(key).map(Spanned::span)
    }

    pub fn missing(&self, key: &str, help: &str) {
        if self.meant_keys.contains(&key) {
            return;
        }
        self.problems.add(Code::MissingKey, &self.span, format!("{} lacks `{key}`", self.shape.name), help);
    }

    pub fn text(&self, key: &str) -> Option<Found<String>> {
        let value = self.get(key)?;
        let found = value.get_ref().as_str().map(|text| Found { value: text.to_owned(), span: value.span() });
        if found.is_none() {
            let help = match value.get_ref() {
                DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
                    format!("put it in quotes: `{key} = \"…\"`")
                }
                _ => format!("write `{key} = \"…\"`"),
            };
            self.wrong_type(key, value, "a text in quotes", help);
        }
        found
    }

    pub fn needed_text(&self, key: &str, help: &str) -> Option<Found<String>> {
        if self.get(key).is_none() {
            self.missing(key, help);
        }
        self.text(key)
    }

    pub fn boolean(&self, key: &str) -> Option<Found<bool>> {
        let value = self.get(key)?;
        let found = value.get_ref().as_bool().map(|b| Found { value: b, span: value.span() });
        if found.is_none() {
            self.wrong_type(
                key,
                value,
                "true or false",
                format!("write `{key} = true` or `{key} = false`, without quotes"),
            );
        }
        found
    }

    /// A whole number from 0.
    pub fn count(&self, key: &str) -> Option<Found<u32>> {
        let value = self.get(key)?;
        let number = value.get_ref().as_integer().and_then(|i| u32::from_str_radix(i.as_str(), i.radix()).ok());
        let found = number.map(|n| Found { value: n, span: value.span() });
        if found.is_none() {
            self.wrong_type(key, value, "a whole number from 0 up", format!("write `{key} = 3`, without quotes"));
        }
        found
    }

    /// A decimal number, in quotes or without, as it was written: never through a float.
    pub fn decimal(&self, key: &str) -> Option<Found<String>> {
        let value = self.get(key)?;
        let written = match value.get_ref() {
            DeValue::String(s) => Some(s.to_string()),
            DeValue::Integer(i) if i.radix() == 10 => Some(i.as_str().to_owned()),
            DeValue::Float(f) => Some(f.as_str().to_owned()),
            _ => None,
        };
        if written.is_none() {
            self.wrong_type(key, value, "a number", format!("write `{key} = \"50000\"`"));
        }
        written.map(|w| Found { value: w, span: value.span() })
    }

    pub fn texts(&self, key: &str) -> Option<Found<Vec<Found<String>>>> {
        let value = self.get(key)?;
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(key, value, "a list of texts", format!("write `{key} = [\"…\", \"…\"]`"));
            return None;
        };
        let texts = array.iter().filter_map(|item| {
            let text = item.get_ref().as_str().map(|t| Found { value: t.to_owned(), span: item.span() });
            if text.is_none() {
                self.wrong_type(key, item, "a list of texts", "put each in quotes");
            }
            text
        });
        Some(Found { value: texts.collect(), span: value.span() })
    }

    /// One text, or a list of them.
    pub fn text_or_texts(&self, key: &str) -> Vec<Found<String>> {
        let is_list = self.get(key).is_some_and(|value| value.get_ref().as_array().is_some());
        if is_list {
            self.texts(key).map(|list| list.value).unwrap_or_default()
        } else {
            self.text(key).into_iter().collect()
        }
    }

    pub fn table(&self, key: &str, shape: &'static Shape) -> Option<Table<'d>> {
        let value = self.get(key)?;
        let Some(fields) = value.get_ref().as_table() else {
            self.wrong_type(key, value, "a table", format!("write `{key} = {{ … }}` or `[{key}]`"));
            return None;
        };
        Some(Table::new(fields, value.span(), shape, self.problems))
    }

    pub fn needed_table(&self, key: &str, shape: &'static Shape, help: &str) -> Option<Table<'d>> {
        if self.get(key).is_none() {
            self.missing(key, help);
        }
        self.table(key, shape)
    }

    /// One table, or a list of them.
    pub fn table_or_tables(&self, key: &str, shape: &'static Shape) -> Vec<Table<'d>> {
        let is_list = self.get(key).is_some_and(|value| value.get_ref().as_array().is_some());
        if is_list { self.tables(key, shape) } else { self.table(key, shape).into_iter().collect() }
    }

    /// A list of tables: `[[key]]`.
    pub fn tables(&self, key: &str, shape: &'static Shape) -> Vec<Table<'d>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(
                key,
                value,
                "a list of tables",
                format!("write `[[{key}]]` with two brackets for each one"),
            );
            return Vec::new();
        };
        let tables = array.iter().filter_map(|item| {
            let Some(fields) = item.get_ref().as_table() else {
                self.wrong_type(
                    key,
                    item,
                    "a list of tables",
                    format!("write `[[{key}]]` with two brackets for each one"),
                );
                return None;
            };
            Some(Table::new(fields, item.span(), shape, self.problems))
        });
        tables.collect()
    }

    /// Tables under names of the owner's own: `[key.NAME]`.
    pub fn named_tables(&self, key: &str, shape: &'static Shape) -> Vec<(Found<String>, Table<'d>)> {
        let Some(fields) = self.fields_of(key) else { return Vec::new() };
        let named = fields.iter().filter_map(|(name, value)| {
            let Some(fields) = value.get_ref().as_table() else {
                self.wrong_type(name.get_ref(), value, "a table", format!("write `[{key}.{}]`", name.get_ref()));
                return None;
            };
            let name = Found { value: name.get_ref().to_string(), span: name.span() };
            let span = name.span.clone();
            Some((name, Table::new(fields, span, shape, self.problems)))
        });
        named.collect()
    }

    /// Texts under names of the owner's own: `key = { NAME = "…" }`.
    pub fn named_texts(&self, key: &str) -> Option<Vec<(Found<String>, Found<String>)>> {
        let named = self.fields_of(key)?.iter().filter_map(|(name, value)| {
            let Some(text) = value.get_ref().as_str() else {
                self.wrong_type(
                    name.get_ref(),
                    value,
                    "a text in quotes",
                    format!("write `{} = \"…\"`", name.get_ref()),
                );
                return None;
            };
            let name = Found { value: name.get_ref().to_string(), span: name.span() };
            Some((name, Found { value: text.to_owned(), span: value.span() }))
        });
        Some(named.collect())
    }

    fn fields_of(&self, key: &str) -> Option<&'d DeTable<'d>> {
        let value = self.get(key)?;
        let fields = value.get_ref().as_table();
        if fields.is_none() {
            self.wrong_type(key, value, "a table", format!("write `[{key}.NAME]` or `{key} = {{ NAME = … }}`"));
        }
        fields
    }
}

/// What an owner wrote goes into messages, and those to terminals and logs: TOML's escapes stay escapes.
fn on_one_line(text: String) -> String {
    if !text.contains(char::is_control) {
        return text;
    }
    text.chars().map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() }).collect()
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// `a`, `b` and `c`, for messages.
#[must_use]
pub fn list<S: AsRef<str>>(words: impl IntoIterator<Item = S>) -> String {
    let words: Vec<String> = words.into_iter().map(|w| format!("`{}`", w.as_ref())).collect();
    match words.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// Finds the place in the file of a part of a text: the text as it reads, without quotes and escapes, is not what stands there.
///
/// `span` is the whole string with its quotes, `bytes` a range of the decoded text. The whole string when the two cannot be
/// brought together.
#[must_use]
pub fn place_inside(source: &str, span: &Range<usize>, decoded: &str, bytes: Range<usize>) -> Range<usize> {
    let Some(raw) = source.get(span.clone()) else { return span.clone() };
    let Some(starts) = decode(raw, decoded) else { return span.clone() };
    let at = |byte: usize| starts.get(byte.min(decoded.len())).map(|offset| span.start + offset);
    match (at(bytes.start), at(bytes.end.max(bytes.start))) {
        (Some(start), Some(end)) => start..end.max(start),
        _ => span.clone(),
    }
}

/// For every byte of the decoded text, and for its end, the byte of the raw string it came from; none when the two differ.
fn decode(raw: &str, decoded: &str) -> Option<Vec<usize>> {
    let (quotes, escapes) = [("\"\"\"", true), ("'''", false), ("\"", true), ("'", false)]
        .into_iter()
        .find(|(q, _)| raw.starts_with(q) && raw.ends_with(q) && raw.len() >= 2 * q.len())?;
    let mut body = raw.get(quotes.len()..raw.len() - quotes.len())?;
    let mut at = quotes.len();
    if quotes.len() == 3 {
        // A line break right behind the opening quotes does not count.
        let skipped = if body.starts_with("\r\n") { 2 } else { usize::from(body.starts_with('\n')) };
        body = body.get(skipped..)?;
        at += skipped;
    }
    let mut starts = Vec::with_capacity(decoded.len() + 1);
    let mut wanted = decoded.chars();
    while let Some(first) = body.chars().next() {
        let (consumed, character) =
            if escapes && first == '\\' { escape(body)? } else { line_break(body, first, wanted.as_str()) };
        if let Some(character) = character {
            if wanted.next() != Some(character) {
                return None;
            }
            starts.extend(std::iter::repeat_n(at, character.len_utf8()));
        }
        at += consumed;
        body = body.get(consumed..)?;
    }
    starts.push(at);
    wanted.next().is_none().then_some(starts)
}

/// A Windows line break may have been read as a plain one.
fn line_break(body: &str, first: char, wanted: &str) -> (usize, Option<char>) {
    if body.starts_with("\r\n") && wanted.starts_with('\n') { (2, Some('\n')) } else { (first.len_utf8(), Some(first)) }
}

/// The length of an escape, and its character; none for a backslash that joins lines.
fn escape(body: &str) -> Option<(usize, Option<char>)> {
    let rest = body.get(1..)?;
    let letter = rest.chars().next()?;
    let plain = |c: char| Some((2, Some(c)));
    let digits = |n: usize| {
        let code = u32::from_str_radix(rest.get(1..=n)?, 16).ok()?;
        Some((2 + n, Some(char::from_u32(code)?)))
    };
    match letter {
        'b' => plain('\u{8}'),
        't' => plain('\t'),
        'n' => plain('\n'),
        'f' => plain('\u{c}'),
        'r' => plain('\r'),
        'e' => plain('\u{1b}'),
        '"' | '\\' => plain(letter),
        'x' => digits(2),
        'u' => digits(4),
        'U' => digits(8),
        c if c.is_ascii_whitespace() => {
            let after = rest.trim_start_matches([' ', '\t', '\r', '\n']);
            Some((body.len() - after.len(), None))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where `part` of the decoded text stands in the file, as text.
    fn found(value: &str, part: &str) -> String {
        let source = format!("# before\nkey = {value}\nother = 1\n");
        let table = DeTable::parse(&source).unwrap();
        let (_, spanned) = table.get_ref().iter().find(|(k, _)| k.get_ref() == "key").unwrap();
        let decoded = spanned.get_ref().as_str().unwrap();
        let start = decoded.find(part).unwrap_or_else(|| panic!("{part:?} not in {decoded:?}"));
        let place = place_inside(&source, &spanned.span(), decoded, start..start + part.len());
        source[place].to_owned()
    }

    #[test]
    fn places_inside_every_kind_of_string() {
        assert_eq!(found(r#""Hi {{ nam }}""#, "nam"), "nam");
        assert_eq!(found(r"'Hi {{ nam }}'", "nam"), "nam");
        assert_eq!(found("\"\"\"\nسلام\n{{ nam }}\n\"\"\"", "nam"), "nam");
        assert_eq!(found("\"\"\"سلام {{ nam }}\"\"\"", "nam"), "nam");
        assert_eq!(found("'''\nسلام\n{{ nam }}'''", "nam"), "nam");
        assert_eq!(found("\"\"\"\r\nA\r\nB {{ nam }}\r\n\"\"\"", "nam"), "nam");
        assert_eq!(found(r#""a\tb\n\"q\" \u0633 \U0001F600 \\ {{ nam }}""#, "nam"), "nam");
        assert_eq!(found(r#""tail \u0633""#, "س"), r"\u0633");
        assert_eq!(found("\"\"\"one \\\n     two {{ nam }}\"\"\"", "nam"), "nam");
        assert_eq!(found(r#""\x41\e{{ nam }}""#, "nam"), "nam");
    }

    #[test]
    fn a_text_that_is_not_the_string_gets_the_whole_place() {
        assert_eq!(place_inside("k = \"abc\"", &(4..9), "other", 0..2), 4..9);
        assert_eq!(place_inside("k = \"abc\"", &(4..99), "abc", 0..2), 4..99);
        assert_eq!(place_inside("k = \"abc\"", &(4..9), "abc", 7..12), 8..8);
    }

    #[test]
    fn a_message_moves_no_cursor() {
        let problems = Problems::of(SourceFile::new("f", ""));
        problems.add(Code::UnknownKey, &(0..0), "unknown key `\u{1b}[2J\nسلام`", "one\ntwo");
        let list = problems.into_list();
        assert_eq!((list[0].what.as_str(), list[0].help.as_str()), (r"unknown key `\u{1b}[2J\nسلام`", r"one\ntwo"));
    }

    #[test]
    fn the_nearest_word_is_near() {
        static SHAPE: Shape =
            Shape { name: "step", keys: &[Key("after", &["delay"]), Key("text", &[]), Key("best_before", &[])] };
        assert_eq!(SHAPE.nearest("delai"), Some("after"));
        assert_eq!(SHAPE.nearest("txt"), Some("text"));
        assert_eq!(SHAPE.nearest("Best-Before"), Some("best_before"));
        assert_eq!(SHAPE.nearest("zzz"), None);
    }
}
