//! The owner's texts and conditions, compiled once.
//!
//! A text is checked as a whole when it is read ([`Templates::build`]): every name, filter and kind of value in it. What can
//! only be known for one person (a first name that is not there) is refused when it is rendered: a text never goes out with a
//! hole in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, UndefinedBehavior, Value};

use super::check::{self, AskedSegment, Checked};
use super::filters;
use super::objects::{self, Said};
use crate::campaign::model::Language;

/// All texts and conditions of one file of campaigns.
pub struct Templates {
    env: Environment<'static>,
    used: BTreeMap<String, BTreeSet<&'static str>>,
    segments: BTreeMap<String, Vec<AskedSegment>>,
}

/// What the owner wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Text(String),
    /// One expression, such as `cart.total >= 200000`.
    Condition(String),
}

/// Something wrong with a text or condition, at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextProblem {
    pub key: String,
    /// In bytes of the source as given.
    pub offset: Option<usize>,
    /// In bytes; 0 when there is no place.
    pub len: usize,
    pub what: String,
    pub help: Option<String>,
    pub kind: ProblemKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    Syntax,
    UnknownName,
    UnknownFilter,
    UnknownTest,
    /// A value where another kind of value is needed.
    Type,
    /// Understood, but not part of what texts may do.
    NotAllowed,
}

/// Why a text could not be made for this person. Names values, never quotes them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("`{name}` is missing: give a default, such as {{{{ {name} | default(\"…\") }}}}")]
    Missing { name: String },
    #[error("`{name}` is empty: give a default, such as {{{{ {name} | default(\"…\") }}}}")]
    Empty { name: String },
    #[error("text {0}")]
    Failed(String),
}

/// Instructions that one text may run: some hundred times what a long one needs.
const FUEL: u64 = 50_000;

/// Before and after a link or code in rendered text, so that it can be put on a line of its own. Unicode keeps these two
/// for use inside a program; no other text that is printed keeps them.
pub(super) const OPEN: char = '\u{FDD0}';
pub(super) const CLOSE: char = '\u{FDD1}';

impl Templates {
    /// Compiles everything.
    ///
    /// # Errors
    /// All problems of all sources, in their order. Of a source that is no template only the first is known.
    pub fn build(sources: &[(String, Source)], language: Language) -> Result<Templates, Vec<TextProblem>> {
        let mut env = environment(language);
        let (mut used, mut segments) = (BTreeMap::new(), BTreeMap::new());
        let mut problems = Vec::new();
        for (key, source) in sources {
            let Checked { compiled, names, segments: asked, problems: found } = match source {
                Source::Text(text) => check::text(key, text),
                Source::Condition(expression) => check::condition(key, expression),
            };
            let sound = found.is_empty();
            problems.extend(found);
            if sound {
                match env.add_template_owned(key.clone(), compiled) {
                    Ok(()) => {
                        used.insert(key.clone(), names);
                        segments.insert(key.clone(), asked);
                    }
                    Err(error) => problems.push(check::syntax(key, &error, None)),
                }
            }
        }
        if problems.is_empty() { Ok(Templates { env, used, segments }) } else { Err(problems) }
    }

    /// The text as written, with its values. Lines are not laid out yet; see [`super::compose`].
    ///
    /// # Errors
    /// When a value that it prints is missing or empty, or it cannot be rendered.
    pub fn text(&self, key: &str, values: &Value) -> Result<String, TextError> {
        let mut text = self.marked(key, values)?;
        text.retain(|c| c != OPEN && c != CLOSE);
        Ok(text)
    }

    /// Answers a condition.
    ///
    /// # Errors
    /// When it puts something that is absent in an order (`contact.last_order_days < 60` of somebody without orders), or
    /// cannot be evaluated.
    pub fn ask(&self, key: &str, values: &Value) -> Result<bool, TextError> {
        Ok(!self.marked(key, values)?.is_empty())
    }

    /// The documented names that the source uses, such as `coupon.code`; nothing for an unknown key.
    #[must_use]
    pub fn names_used(&self, key: &str) -> BTreeSet<&'static str> {
        self.used.get(key).cloned().unwrap_or_default()
    }

    /// The segments that the source asks for by their ids.
    pub fn segments_asked(&self, key: &str) -> impl Iterator<Item = &AskedSegment> {
        self.segments.get(key).into_iter().flatten()
    }

    /// Whether any text or condition uses the documented value of this name.
    #[must_use]
    pub fn uses(&self, name: &str) -> bool {
        self.used.values().any(|names| names.contains(name))
    }

    /// Whether the source uses a documented value of this group, such as `offer`.
    #[must_use]
    pub fn speaks_of(&self, key: &str, group: &str) -> bool {
        let of_group = |name: &&str| name.strip_prefix(group).is_some_and(|rest| rest.starts_with('.'));
        self.used.get(key).is_some_and(|names| names.iter().any(of_group))
    }

    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.used.contains_key(key)
    }

    /// As [`Templates::text`], with links and codes between [`OPEN`] and [`CLOSE`].
    pub(super) fn marked(&self, key: &str, values: &Value) -> Result<String, TextError> {
        let template = self.env.get_template(key).map_err(|_| TextError::Failed(format!("{key:?} is not known")))?;
        template.render(values.clone()).map_err(|error| explain(&error, template.source()))
    }
}

impl fmt::Debug for Templates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.used.keys()).finish()
    }
}

fn environment(language: Language) -> Environment<'static> {
    let mut env = Environment::empty();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_fuel(Some(FUEL));
    // Its snapshots of values would carry personal data into errors.
    env.set_debug(false);
    env.set_auto_escape_callback(|_| AutoEscape::None);
    env.set_formatter(move |out, _, value| print(out, value, language));
    filters::add_to(&mut env, language);
    env
}

fn print(out: &mut Output<'_>, value: &Value, language: Language) -> Result<(), Error> {
    let written = match objects::say(value, language) {
        Said::Prose(text) if text.contains(is_mark) => out.write_str(&text.replace(is_mark, "")),
        Said::Prose(text) => out.write_str(&text),
        Said::Verbatim(text) => {
            let text = if text.contains(is_mark) { text.replace(is_mark, "") } else { text.to_string() };
            write!(out, "{OPEN}{text}{CLOSE}")
        }
        Said::Missing(name) => return Err(missing(name)),
        Said::Blank => return Err(carried(TextError::Empty { name: String::new() })),
        Said::Unprintable => return Err(carried(TextError::Failed("prints something that has no words".to_owned()))),
    };
    written.map_err(|_| Error::from(ErrorKind::WriteFailure))
}

pub(super) fn is_mark(c: char) -> bool {
    c == OPEN || c == CLOSE
}

/// minijinja's error for a value that is not there; an empty name is filled in from the source.
pub(super) fn missing(name: &str) -> Error {
    carried(TextError::Missing { name: name.to_owned() })
}

fn carried(error: TextError) -> Error {
    Error::new(ErrorKind::InvalidOperation, "").with_source(error)
}

/// Our own error out of minijinja's. Its details are left behind, as they may quote values.
fn explain(error: &Error, source: &str) -> TextError {
    let place = || {
        let expression = error.range().and_then(|range| around(source, range.start)).unwrap_or("a value");
        expression.replace(&format!("|{}", filters::FOR_ORDER), "").replace(&format!("|{}", filters::FOR_EQUALITY), "")
    };
    let own = std::error::Error::source(error).and_then(|e| e.downcast_ref::<TextError>());
    match own {
        Some(TextError::Missing { name }) if name.is_empty() => TextError::Missing { name: place() },
        Some(TextError::Empty { name }) if name.is_empty() => TextError::Empty { name: place() },
        Some(own) => own.clone(),
        None => match error.kind() {
            ErrorKind::UndefinedError => TextError::Missing { name: place() },
            ErrorKind::OutOfFuel => TextError::Failed("does not come to an end: too many rounds".to_owned()),
            kind => TextError::Failed(format!("cannot work out `{}`: {kind}", place())),
        },
    }
}

/// What stands between the braces around this place.
fn around(source: &str, at: usize) -> Option<&str> {
    let opened = source.get(..at)?.rfind('{').map(|brace| brace + 1)?;
    let inside = source.get(opened..)?;
    let closed = ["%}", "}}"].into_iter().filter_map(|end| inside.find(end)).min()?;
    let inside = inside.get(..closed)?.trim_matches(['{', '%', '-', ' ', '\n'].as_slice());
    Some(inside.strip_prefix("if ").unwrap_or(inside))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::model::Trigger;
    use crate::clock::Span;
    use crate::money::{Currency, Money};
    use crate::render::samples::{self, Sample, SampleKind};

    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_brings_the_daemon_down(words in proptest::collection::vec(proptest::sample::select(WORDS), 0..14)) {
            let expression = words.join(" ");
            for source in [
                Source::Condition(expression.clone()),
                Source::Text(format!("{{{{ {expression} }}}}")),
                Source::Text(format!("{{% for i in cart.items %}}{{% if {expression} %}}{{{{ i.name }}}}{{% endif %}}{{% endfor %}}")),
            ] {
                if let Ok(templates) = Templates::build(&[("t".to_owned(), source)], Language::Persian) {
                    for kind in [SampleKind::Usual, SampleKind::Shortest] {
                        if let Ok(text) = templates.text("t", &cart(kind, Language::Persian).values()) {
                            prop_assert!(!text.contains(is_mark) && !text.contains("none") && !text.contains("True"), "{}: {}", expression, text);
                        }
                    }
                }
            }
        }
    }

    const WORDS: &[&str] = &[
        "cart.total",
        "cart.count",
        "cart.items",
        "cart",
        "contact.first_name",
        "contact.last_order_days",
        "link",
        "today",
        "coupon.ends",
        "contact.is_new",
        "order.number",
        "1",
        "5",
        "\"x\"",
        "none",
        "true",
        "(",
        ")",
        "[",
        "]",
        "-",
        "+",
        "*",
        "/",
        "%",
        "<",
        ">=",
        "==",
        "in",
        "not",
        "and",
        "or",
        "if",
        "else",
        "is defined",
        "is none",
        "| default(3)",
        "| length",
        "| upper",
        "| money",
        "| date",
        "[0]",
        "[:1]",
        ".name",
        ",",
    ];

    fn cart(kind: SampleKind, language: Language) -> Sample {
        samples::sample(kind, &Trigger::CartAbandoned { idle: Span::hours(1) }, samples::shop(language))
    }

    fn order(kind: SampleKind, language: Language) -> Sample {
        samples::sample(kind, &Trigger::OrderStatus { statuses: vec!["completed".to_owned()] }, samples::shop(language))
    }

    fn text_for(sample: &Sample, source: &str) -> Result<String, TextError> {
        let sources = [("t".to_owned(), Source::Text(source.to_owned()))];
        Templates::build(&sources, sample.shop.language)
            .map_err(|p| format!("{p:#?}"))
            .unwrap()
            .text("t", &sample.values())
    }

    fn fa(source: &str) -> Result<String, TextError> {
        text_for(&cart(SampleKind::Usual, Language::Persian), source)
    }

    fn en(source: &str) -> Result<String, TextError> {
        text_for(&cart(SampleKind::Usual, Language::English), source)
    }

    fn ask_for(sample: &Sample, condition: &str) -> Result<bool, TextError> {
        let sources = [("c".to_owned(), Source::Condition(condition.to_owned()))];
        Templates::build(&sources, sample.shop.language)
            .map_err(|p| format!("{p:#?}"))
            .unwrap()
            .ask("c", &sample.values())
    }

    fn problems(source: &str) -> Vec<TextProblem> {
        Templates::build(&[("t".to_owned(), Source::Text(source.to_owned()))], Language::Persian)
            .err()
            .unwrap_or_default()
    }

    /// The one problem: its kind, the letters it points at, its help.
    fn problem(source: &str) -> (ProblemKind, &str, String) {
        let found = problems(source);
        assert_eq!(found.len(), 1, "{source}: {found:#?}");
        let p = &found[0];
        let at = p.offset.unwrap();
        (p.kind, &source[at..at + p.len], p.help.clone().unwrap_or_default())
    }

    fn missing(name: &str) -> Result<String, TextError> {
        Err(TextError::Missing { name: name.to_owned() })
    }

    #[test]
    fn values_are_said_in_the_language_of_the_campaigns() {
        assert_eq!(
            fa("{{ contact.first_name }}، {{ cart.count }} کالا، {{ cart.total }}").unwrap(),
            "سارا، ۲ کالا، ۹۶۰٬۰۰۰ تومان"
        );
        assert_eq!(
            en("{{ contact.first_name }}: {{ cart.count }} for {{ cart.total }}").unwrap(),
            "Anna: 2 for €50.00"
        );
        assert_eq!(fa("{{ today }}").unwrap(), "۱ آذر ۱۴۰۵");
        assert_eq!(en("{{ today }}").unwrap(), "22 November 2026");
        assert_eq!(fa("{{ cart.count / 4 }}").unwrap(), "۰٫۵");
        assert_eq!(en("{{ cart.count / 4 }}, {{ cart.count - 1 }}").unwrap(), "0.5, 1");
    }

    #[test]
    fn letters_of_the_owner_and_names_keep_their_digits() {
        assert_eq!(fa("در 24 ساعت").unwrap(), "در 24 ساعت");
        let mut sample = cart(SampleKind::Usual, Language::Persian);
        sample.offer.as_mut().unwrap().name = "Galaxy A55".to_owned();
        assert_eq!(text_for(&sample, "{{ offer.name }}").unwrap(), "Galaxy A55");
    }

    #[test]
    fn what_is_absent_is_never_printed() {
        let nobody = cart(SampleKind::Shortest, Language::Persian);
        assert_eq!(text_for(&nobody, "سلام {{ contact.first_name }}"), missing("contact.first_name"));
        assert_eq!(text_for(&nobody, "سلام {{ contact.first_name | short(5) | upper }}"), missing("contact.first_name"));
        assert_eq!(text_for(&nobody, "{% set n = contact.first_name %}{{ n }}"), missing("contact.first_name"));
        assert_eq!(
            text_for(&nobody, "{{ contact.first_name if cart.count > 0 else 1 }}"),
            missing("contact.first_name")
        );
        assert_eq!(text_for(&nobody, "{{ order.number }}"), missing("order.number"));
        assert_eq!(text_for(&nobody, "{{ order.total | money }}"), missing("order.total"));
        assert_eq!(text_for(&nobody, "{{ coupon.ends | date }}"), missing("coupon.ends"));
        assert_eq!(text_for(&nobody, "{{ contact.last_order_days }}"), missing("contact.last_order_days"));
        let mut unlinked = nobody.clone();
        unlinked.link = None;
        assert_eq!(text_for(&unlinked, "{{ link }}"), missing("link"));
    }

    #[test]
    fn a_default_stands_in_for_what_is_absent() {
        let nobody = cart(SampleKind::Shortest, Language::Persian);
        for source in [
            "{{ contact.first_name or \"دوست عزیز\" }}",
            "{{ contact.first_name | default(\"دوست عزیز\") }}",
            "{{ contact.first_name | short(9) | d(\"دوست عزیز\") }}",
            "{{ order.number or \"دوست عزیز\" }}",
            "{{ contact.first_name if contact.first_name else \"دوست عزیز\" }}",
            "{{ contact.first_name if contact.first_name is defined else \"دوست عزیز\" }}",
            "{% if contact.first_name is none %}دوست عزیز{% endif %}",
            "{% if order %}{{ order.number }}{% else %}دوست عزیز{% endif %}",
        ] {
            assert_eq!(text_for(&nobody, source).as_deref(), Ok("دوست عزیز"), "{source}");
        }
        assert_eq!(fa("{{ contact.first_name | default(\"دوست عزیز\") }}").unwrap(), "سارا");
    }

    #[test]
    fn what_is_empty_is_never_printed() {
        for source in ["{{ \"\" }}", "{{ \" \u{200C}\u{200B} \" }}"] {
            assert!(matches!(fa(source), Err(TextError::Empty { .. })), "{source}");
        }
        let mut sample = cart(SampleKind::Usual, Language::Persian);
        sample.shop.name = " ".to_owned();
        let empty = TextError::Empty { name: "shop.name".to_owned() };
        assert_eq!(text_for(&sample, "{% if cart %}از {{ shop.name }}{% endif %}"), Err(empty.clone()));
        assert_eq!(
            text_for(&sample, "از {{ shop.name | upper }}"),
            Err(TextError::Empty { name: "shop.name | upper".to_owned() })
        );
        assert_eq!(empty.to_string(), "`shop.name` is empty: give a default, such as {{ shop.name | default(\"…\") }}");
        assert_eq!(text_for(&sample, "از {{ shop.name | default(\"ما\") }}").unwrap(), "از ما");
    }

    #[test]
    fn errors_quote_no_values() {
        let sample = cart(SampleKind::Usual, Language::Persian);
        let error = text_for(&sample, "{{ (contact.first_name or 1) | money }}").unwrap_err().to_string();
        assert!(!error.contains("سارا"), "{error}");
        assert_eq!(error, "text cannot work out `(contact.first_name or 1) | money`: invalid operation");
        let error = ask_for(&sample, "cart.count % (cart.count - 2) > 1").unwrap_err().to_string();
        assert_eq!(error, "text cannot work out `cart.count % (cart.count - 2) > 1`: invalid operation");
        assert!(!format!("{:?}", sample.values()).contains("سارا"));
    }

    #[test]
    fn links_and_codes_are_left_alone() {
        let mut sample = cart(SampleKind::Usual, Language::Persian);
        sample.coupon.as_mut().unwrap().code = Some("Off5".to_owned());
        let text = text_for(
            &sample,
            "{{ link }} {{ link | persian }} {{ coupon.code | upper | persian }} {{ coupon.code | short(1) }}",
        )
        .unwrap();
        assert_eq!(text, "https://shop.example/s/3JcKdsX https://shop.example/s/3JcKdsX Off5 Off5");
    }

    #[test]
    fn the_nearest_name_is_suggested() {
        for (source, letters, help) in [
            ("سلام {{ contact.firstname }}", "contact.firstname", "did you mean `contact.first_name`?"),
            ("{{ person.first_name }}", "person.first_name", "did you mean `contact.first_name`?"),
            ("{{ first_name }}", "first_name", "did you mean `contact.first_name`?"),
            ("{{ Link }}", "Link", "did you mean `link`?"),
            ("{{ contact.total }}", "contact.total", "did you mean `cart.total`?"),
            ("{% if cart.totel > 5 %}x{% endif %}", "cart.totel", "did you mean `cart.total`?"),
            ("{% for item in cart.items %}{{ item.nmae }}{% endfor %}", "item.nmae", "did you mean `item.name`?"),
            ("{% for item in cart.items %}{{ loop.indx }}{% endfor %}", "loop.indx", "did you mean `loop.index`?"),
            ("{% set x = cart %}{{ x.totl }}", "x.totl", "did you mean `x.total`?"),
        ] {
            assert_eq!(problem(source), (ProblemKind::UnknownName, letters, help.to_owned()), "{source}");
        }
        let (kind, letters, help) = problem("{{ now.minute }}");
        assert_eq!((kind, letters), (ProblemKind::UnknownName, "now.minute"));
        assert_eq!(help, "there are: now.hour");
        assert_eq!(problem("{% for i in cart.items %}x{% endfor %}{{ i.name }}").0, ProblemKind::UnknownName);
        assert_eq!(
            problem("{{ cart.items.name }}").2,
            "walk through it: {% for item in cart.items %}{{ item.name }}{% endfor %}"
        );
        assert_eq!(problem("{{ shop.name.first }}").0, ProblemKind::UnknownName);
    }

    #[test]
    fn unknown_filters_and_tests_are_found() {
        assert_eq!(
            problem("{{ cart.total | mony }}"),
            (ProblemKind::UnknownFilter, "mony", "did you mean `money`?".to_owned())
        );
        assert_eq!(problem("{{ cart.total | tojson }}").0, ProblemKind::UnknownFilter);
        assert_eq!(problem("{{ cart.total | _there }}").0, ProblemKind::UnknownFilter);
        assert_eq!(problem("{% if link is define %}x{% endif %}").2, "did you mean `is defined`?");
    }

    #[test]
    fn kinds_are_checked() {
        for source in [
            "{{ contact.is_new }}",
            "{{ cart }}",
            "{{ cart.items }}",
            "{{ cart.count > 1 }}",
            "{{ none }}",
            "{{ cart.total - 5 }}",
            "{{ shop.name * 3 }}",
            "{{ (contact.first_name or 3) * 3 }}",
            "{{ cart.count | money }}",
            "{{ today | money }}",
            "{{ cart.total | date }}",
            "{{ today | date(\"iso\") }}",
            "{{ today | date(5) }}",
            "{{ shop.name | short }}",
            "{{ shop.name | short(0) }}",
            "{{ shop.name | short(1, 2) }}",
            "{{ shop.name | upper(1) }}",
            "{{ shop.name | default }}",
            "{{ shop.name | default(value=1) }}",
            "{{ shop.name if cart }}",
            "{% for i in cart.total %}x{% endfor %}",
            "{% if cart.total >= \"200000\" %}x{% endif %}",
            "{% if contact.first_name == none %}x{% endif %}",
            "{% if cart.items > 2 %}x{% endif %}",
            "{% if 5 in cart.count %}x{% endif %}",
        ] {
            assert_eq!(problem(source).0, ProblemKind::Type, "{source}");
        }
        assert_eq!(problem("سلام {{ contact.is_new }}").1, "contact.is_new");
    }

    #[test]
    fn nothing_but_printing_and_asking_is_allowed() {
        for source in [
            "{{ shop.name ~ 1 }}",
            "{{ shop.name.upper() }}",
            "{{ range(5) }}",
            "{{ cart[\"total\"] }}",
            "{% set x %}a{% endset %}",
            "{% set cart = 5 %}",
            "{% for link in cart.items %}x{% endfor %}",
            "{% filter upper %}a{% endfilter %}",
            "{% autoescape true %}a{% endautoescape %}",
            "{{ {} }}",
        ] {
            assert!(
                problems(source)
                    .iter()
                    .any(|p| p.kind == ProblemKind::NotAllowed || p.kind == ProblemKind::UnknownName),
                "{source}: {:?}",
                problems(source)
            );
        }
        for source in [
            "{% include \"x\" %}",
            "{% macro m() %}{% endmacro %}",
            "{{ cart.total",
            "{% if %}",
            "{% endif %}",
            "{{ 'a }}",
            "a\u{FDD0}",
        ] {
            assert_eq!(problems(source)[0].kind, ProblemKind::Syntax, "{source}");
        }
    }

    #[test]
    fn syntax_errors_have_a_place() {
        let source = "سلام {{ contact.first_name | }}";
        let p = &problems(source)[0];
        assert!(p.offset.is_some_and(|at| source.is_char_boundary(at) && at > "سلام".len()), "{p:?}");
    }

    #[test]
    fn all_problems_of_all_sources_are_told() {
        let sources = [
            ("a".to_owned(), Source::Text("{{ contact.nam }} {{ shop.nam | mony }}".to_owned())),
            ("b".to_owned(), Source::Condition("cart.totl > 5 and".to_owned())),
            ("c".to_owned(), Source::Condition("cart.totl > 5 and contact.ordrs".to_owned())),
            ("d".to_owned(), Source::Condition("contact.orders > 1".to_owned())),
        ];
        let found = Templates::build(&sources, Language::Persian).unwrap_err();
        let keys: Vec<_> = found.iter().map(|p| p.key.as_str()).collect();
        assert_eq!(keys, ["a", "a", "a", "b", "c", "c"]);
        let Source::Condition(condition) = &sources[2].1 else { unreachable!() };
        let place = |p: &TextProblem| condition[p.offset.unwrap()..p.offset.unwrap() + p.len].to_owned();
        assert_eq!([place(&found[4]), place(&found[5])], ["cart.totl", "contact.ordrs"]);
    }

    #[test]
    fn conditions_compare_in_whole_units() {
        let sample = cart(SampleKind::Usual, Language::Persian);
        for (condition, answer) in [
            ("cart.total >= 200000", true),
            ("cart.total > 960000", false),
            ("cart.total == 960000", true),
            ("(cart.total) < (960001)", true),
            ("500000 < cart.total < 960001", true),
            ("cart.total / cart.count < 400000", false),
            ("cart.total > cart.items[0].price", true),
            ("cart.total != contact.spent", false),
            ("cart.total in [1, 960000]", true),
            ("not cart.count in (1, 3)", true),
            ("cart.items | length == 2", true),
            ("-cart.count < 0", true),
            ("today > \"2026-11-21\" and today <= \"2026-11-22\"", true),
            ("coupon.ends > today", true),
            ("coupon.code == \"off5\"", true),
            ("\"چرم\" in cart.first_item", true),
            ("contact.first_name == \"سارا\"", true),
            ("contact.first_name == \"رضا\" or contact.orders == 1", true),
            ("contact.is_new", false),
            ("contact.last_order_days < 60", true),
            ("contact.last_order_days | default(9999) < 60", true),
            ("(contact.last_order_days or 9999) < 30", false),
            ("(5 if contact.is_new else cart.count) == 2", true),
            ("order", false),
            ("order.number", false),
            ("order.number == \"7\"", false),
            ("now.hour == 10", true),
        ] {
            assert_eq!(ask_for(&sample, condition), Ok(answer), "{condition}");
        }
        let euros = cart(SampleKind::Usual, Language::English);
        assert_eq!(ask_for(&euros, "cart.total == 50 and cart.total < 50.01 and cart.total > 49.99"), Ok(true));
        assert_eq!(text_for(&sample, "{% if cart.total >= 200000 %}بله{% endif %}").unwrap(), "بله");
    }

    #[test]
    fn what_is_absent_has_no_order() {
        let nobody = cart(SampleKind::Shortest, Language::Persian);
        let none = TextError::Missing { name: "contact.last_order_days".to_owned() };
        assert_eq!(ask_for(&nobody, "contact.last_order_days < 60"), Err(none.clone()));
        assert_eq!(ask_for(&nobody, "contact.last_order_days > 60"), Err(none));
        assert_eq!(ask_for(&nobody, "contact.last_order_days | default(9999) < 60"), Ok(false));
        assert_eq!(ask_for(&nobody, "(contact.last_order_days or 9999) < 60"), Ok(false));
        assert_eq!(ask_for(&nobody, "contact.last_order_days is defined and contact.last_order_days < 60"), Ok(false));
        assert_eq!(ask_for(&nobody, "contact.first_name == \"سارا\""), Ok(false));
        assert_eq!(ask_for(&nobody, "contact.first_name in [\"سارا\"]"), Ok(false));
    }

    #[test]
    fn used_names_are_known() {
        let sources = [(
            "t".to_owned(),
            Source::Text(
                "{% for i in cart.items %}{{ i.name }}{% endfor %}{{ coupon.code }}{{ link | default(shop.url) }}"
                    .to_owned(),
            ),
        )];
        let templates = Templates::build(&sources, Language::Persian).unwrap();
        assert_eq!(
            templates.names_used("t").into_iter().collect::<Vec<_>>(),
            ["cart.items", "cart.items.name", "coupon.code", "link", "shop.url"]
        );
        assert!(templates.names_used("other").is_empty());
        assert!(templates.has("t") && !templates.has("other"));
        assert_eq!(
            templates.text("other", &Value::from(())),
            Err(TextError::Failed("\"other\" is not known".to_owned()))
        );
        assert_eq!(format!("{templates:?}"), r#"{"t"}"#);
    }

    #[test]
    fn lines_of_tags_leave_no_empty_line() {
        let source = "سلام\n{% if cart.count > 1 %}\nچند کالا\n{% else %}\nیک کالا\n{% endif %}\nپایان {% if contact.is_new %}نو{% endif %}\nبعد";
        assert_eq!(fa(source).unwrap(), "سلام\nچند کالا\nپایان \nبعد");
        let items = "{% for item in cart.items %}\n{{ item.name }}{% if not loop.last %}، {% endif %}{% endfor %}";
        assert_eq!(fa(items).unwrap(), "کیف چرم دست‌دوز، کیف چرم دست‌دوز");
        assert_eq!(
            fa("{% for i in cart.items[:1] %}{{ i.quantity }}×{{ i.price }}{% endfor %}").unwrap(),
            "۱×۴۸۰٬۰۰۰ تومان"
        );
    }

    #[test]
    fn the_examples_of_the_guide_hold() {
        let guide = include_str!("../../docs/texts.md");
        let blocks: Vec<_> = guide.split("```jinja\n").skip(1).filter_map(|b| b.split("```").next()).collect();
        assert!(blocks.len() >= 7);
        for block in blocks {
            let english = block.is_ascii();
            let language = if english { Language::English } else { Language::Persian };
            for kind in [SampleKind::Usual, SampleKind::Shortest] {
                let sample = if block.contains("order.") { order(kind, language) } else { cart(kind, language) };
                if block.contains('{') {
                    text_for(&sample, block).unwrap();
                } else {
                    for condition in block.lines() {
                        ask_for(&sample, condition).unwrap();
                    }
                }
            }
        }
    }

    #[test]
    fn a_text_comes_to_an_end() {
        let nested = "{% for a in cart.items %}".repeat(7) + "x" + &"{% endfor %}".repeat(7);
        let sample = cart(SampleKind::Longest, Language::Persian);
        assert!(matches!(text_for(&sample, &nested), Err(TextError::Failed(why)) if why.contains("end")));
    }

    #[test]
    fn amounts_in_thousands_are_said_in_toman() {
        let mut sample = order(SampleKind::Usual, Language::Persian);
        let thousands: Currency = "IRHT".parse().unwrap();
        sample.order.as_mut().unwrap().total = Money::parse("250", thousands).unwrap();
        assert_eq!(
            text_for(&sample, "{{ order.total }}، {{ order.total | rial }}").unwrap(),
            "۲۵۰٬۰۰۰ تومان، ۲٬۵۰۰٬۰۰۰ ریال"
        );
        assert_eq!(ask_for(&sample, "order.total >= 250 and order.total < 250.5"), Ok(true));
    }
}
