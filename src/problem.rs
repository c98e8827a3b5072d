//! One thing wrong in a file of the owner's: what, where, and the way out. The same value is shown on a terminal, given
//! as JSON and written to the log.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

/// A file as it was read, shared by its problems.
pub struct SourceFile {
    /// As the owner gave it, for messages.
    pub name: String,
    text: String,
}

impl SourceFile {
    /// `text` is shown in excerpts: whoever makes it hides secrets first, keeping every byte's place.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<SourceFile> {
        // Terminals obey these, too, and the renderer shows only the older control characters harmlessly. As many bytes.
        let text = text.into().replace(|c| ('\u{80}'..='\u{9f}').contains(&c), "·");
        Arc::new(SourceFile { name: name.into(), text })
    }

    /// Line and column of a byte, both from 1; columns count characters.
    #[must_use]
    pub fn place(&self, byte: usize) -> (usize, usize) {
        let before = self.text.get(..self.clamp(byte)).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.matches('\n').count() + 1;
        (line, before.get(line_start..).unwrap_or_default().chars().count() + 1)
    }

    /// What stands there, as far as it may be shown.
    #[must_use]
    pub fn excerpt(&self, span: Range<usize>) -> &str {
        self.text.get(span).unwrap_or_default()
    }

    /// The nearest character border at or before `byte`.
    fn clamp(&self, byte: usize) -> usize {
        (0..=byte.min(self.text.len())).rev().find(|&at| self.text.is_char_boundary(at)).unwrap_or(0)
    }
}

impl fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SourceFile({})", self.name)
    }
}

/// Whether the file may be used with the problem in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $word:literal $severity:ident),+ $(,)?) => {
        /// What kind of problem it is: a stable word to search for or to filter by.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $variant),+ }

        impl Code {
            pub const ALL: &'static [Code] = &[$(Code::$variant),+];

            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Code::$variant => $word),+ }
            }

            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity),+ }
            }
        }
    };
}

codes! {
    // shape
    /// Not TOML.
    Syntax = "syntax" Error,
    UnknownKey = "unknown-key" Error,
    WrongType = "wrong-type" Error,
    MissingKey = "missing-key" Error,
    /// Two keys of which only one may stand.
    Conflict = "conflict" Error,
    /// A word that is none of those that the key takes.
    UnknownWord = "unknown-word" Error,
    /// A value that does not read as what the key holds.
    BadValue = "bad-value" Error,
    // campaigns
    BadId = "bad-id" Error,
    DuplicateId = "duplicate-id" Error,
    DuplicateCode = "duplicate-code" Error,
    NoSteps = "no-steps" Error,
    UnknownCoupon = "unknown-coupon" Error,
    UnknownSegment = "unknown-segment" Error,
    /// A value in a segment's condition that is not of the person alone.
    NotInSegment = "not-in-segment" Error,
    /// A delay that cannot be.
    Delay = "delay" Error,
    StepOrder = "step-order" Error,
    /// A way into a campaign that is not there.
    UnknownCampaign = "unknown-campaign" Error,
    /// A jump to a step that is not there.
    UnknownStep = "unknown-step" Error,
    JumpsBack = "jumps-back" Error,
    /// A way out of a condition where there is none.
    NeedsWhen = "needs-when" Error,
    /// A way to choose where there is nothing to choose from.
    NeedsArms = "needs-arms" Error,
    /// A goal, exit, link or value that the trigger does not have.
    NotWithTrigger = "not-with-trigger" Error,
    NeedsOffer = "needs-offer" Error,
    /// Advertising that calls itself news.
    NotService = "not-service" Error,
    NeedsCoupon = "needs-coupon" Error,
    NotInCondition = "not-in-condition" Error,
    /// A text or condition that cannot be compiled.
    Template = "template" Error,
    /// A name in a text or condition that means nothing.
    UnknownPlaceholder = "unknown-placeholder" Error,
    /// A text or token that fails for a made-up person.
    TextFails = "text-fails" Error,
    TooManyParts = "too-many-parts" Error,
    Token = "token" Error,
    /// A template of a gateway that is not in use.
    UnusedTemplate = "unused-template" Warning,
    NothingToDo = "nothing-to-do" Warning,
    /// Texts offer a reply that nobody hears.
    DeafLine = "deaf-line" Warning,
    /// Some people would not get the step.
    NotForAll = "not-for-all" Warning,
    LongText = "long-text" Warning,
    CostlyCharacter = "costly-character" Warning,
    FewOver = "few-characters-over" Warning,
    DiscountShrinks = "discount-shrinks" Warning,
    CouponNotShown = "coupon-not-shown" Warning,
    NoLink = "no-link" Warning,
    LinkNotAlone = "link-not-alone" Warning,
    SameTrigger = "same-trigger" Warning,
    StepsTooClose = "steps-too-close" Warning,
    LatinStart = "latin-start" Warning,
    OverlapsNext = "overlaps-next-step" Warning,
    /// Words to the staff, and no staff.
    NobodyToTell = "nobody-to-tell" Warning,
    /// News of something else than an order.
    DoubtfulService = "doubtful-service" Warning,
    /// A step or campaign that nobody can come to.
    NeverReached = "never-reached" Warning,
    /// A text at an hour at which none may go out.
    ClosedHour = "closed-hour" Warning,
    OddStatus = "odd-status" Warning,
    // settings
    BadSecret = "bad-secret" Error,
    Unreadable = "unreadable" Error,
    NoBudget = "no-budget" Error,
    CurrencyMismatch = "currency-mismatch" Error,
    ReadableByAll = "readable-by-all" Warning,
    OutsideWeek = "outside-week" Warning,
    /// The file of days knows no mourning days of the time to come.
    DaysEnd = "days-end" Warning,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Another place that has to do with the problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Bytes of the file.
    pub span: Range<usize>,
    pub text: String,
}

/// One thing wrong, and the way out.
#[derive(Debug, Clone)]
pub struct Problem {
    pub code: Code,
    pub file: Arc<SourceFile>,
    /// Bytes of the file.
    pub span: Range<usize>,
    /// Which thing, what was expected, what was found.
    pub what: String,
    /// What to do.
    pub help: String,
    pub labels: Vec<Label>,
}

impl Problem {
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.code.severity()
    }

    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity() == Severity::Error
    }

    /// Line and column where it begins, from 1.
    #[must_use]
    pub fn place(&self) -> (usize, usize) {
        self.file.place(self.span.start)
    }

    /// For people: title, place, excerpt and help over several lines.
    #[must_use]
    pub fn render(&self, colours: bool) -> String {
        let range = |span: &Range<usize>| self.file.clamp(span.start)..self.file.clamp(span.end.max(span.start));
        let level = match self.severity() {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let snippet = Snippet::source(self.file.text.as_str())
            .path(self.file.name.as_str())
            .annotation(AnnotationKind::Primary.span(range(&self.span)))
            .annotations(
                self.labels.iter().map(|l| AnnotationKind::Context.span(range(&l.span)).label(l.text.as_str())),
            );
        let group = level
            .primary_title(self.what.as_str())
            .id(self.code.word())
            .element(snippet)
            .element(Level::HELP.message(self.help.as_str()));
        let renderer = if colours { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }
}

impl fmt::Display for Problem {
    /// On one line, for logs: `campaigns.toml:12:5: error[unknown-key]: … (help: …)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.place();
        let severity = if self.is_error() { "error" } else { "warning" };
        write!(f, "{}:{line}:{column}: {severity}[{}]: {} (help: {})", self.file.name, self.code, self.what, self.help)
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Related<'a> {
            line: usize,
            column: usize,
            text: &'a str,
        }
        let (line, column) = self.place();
        let (end_line, end_column) = self.file.place(self.span.end);
        let related: Vec<Related<'_>> = self
            .labels
            .iter()
            .map(|label| {
                let (line, column) = self.file.place(label.span.start);
                Related { line, column, text: &label.text }
            })
            .collect();
        let mut out = serializer.serialize_struct("Problem", 10)?;
        out.serialize_field("code", self.code.word())?;
        out.serialize_field("severity", &self.severity())?;
        out.serialize_field("file", &self.file.name)?;
        out.serialize_field("line", &line)?;
        out.serialize_field("column", &column)?;
        out.serialize_field("end_line", &end_line)?;
        out.serialize_field("end_column", &end_column)?;
        out.serialize_field("what", &self.what)?;
        out.serialize_field("help", &self.help)?;
        out.serialize_field("related", &related)?;
        out.end()
    }
}

/// Every problem for people, a blank line between two.
#[must_use]
pub fn render_all(problems: &[Problem], colours: bool) -> String {
    problems.iter().map(|p| p.render(colours)).collect::<Vec<_>>().join("\n\n")
}

/// True when the file cannot be used.
#[must_use]
pub fn any_error(problems: &[Problem]) -> bool {
    problems.iter().any(Problem::is_error)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_kebab_case() {
        let words: BTreeSet<&str> = Code::ALL.iter().map(|c| c.word()).collect();
        assert_eq!(words.len(), Code::ALL.len());
        assert!(words.iter().all(|w| w.chars().all(|c| c.is_ascii_lowercase() || c == '-')), "{words:?}");
    }

    #[test]
    fn an_excerpt_moves_no_cursor() {
        let problem = Problem {
            code: Code::Syntax,
            file: SourceFile::new("f", "a\u{9b}2J\u{1b}[2J\u{7f} = 1"),
            span: 0..3,
            what: "not TOML".to_owned(),
            help: "write it plainly".to_owned(),
            labels: Vec::new(),
        };
        let shown = problem.render(false);
        assert!(shown.contains("a·2J") && !shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
    }

    #[test]
    fn places_count_characters_not_bytes() {
        let file = SourceFile::new("f", "سلام\nدوست x");
        assert_eq!(file.place(0), (1, 1));
        assert_eq!(file.place("سلام\nدوست ".len()), (2, 6));
        // inside a character, and beyond the end
        assert_eq!(file.place(1), (1, 1));
        assert_eq!(file.place(999), (2, 7));
    }
}
