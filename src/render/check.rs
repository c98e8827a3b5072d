//! Whether a text or condition can be understood, before anybody gets it: names, filters and kinds of values.
//!
//! Walks minijinja's parsed form. On the way it notes where the compiled source must differ from the owner's: operands of
//! comparisons become plain values, and lines that hold nothing but `{% … %}` leave no empty line behind.

use std::collections::BTreeSet;
use std::ops::Range;

use minijinja::machinery::ast::{BinOpKind, CallArg, CompareOpKind, Expr, GetItem, Slice, Stmt, UnaryOpKind};
use minijinja::machinery::{self, Span};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::ValueKind;

use super::filters::{self, FILTERS, TESTS, Takes};
use super::hints::{fields_of, lists, nearest, suggestion};
use super::template::{ProblemKind, TextProblem, is_mark};
use super::values::{self, NAMES, Shape};
use crate::jalali::Form;

/// A source that was looked at.
pub(super) struct Checked {
    /// What minijinja is to compile; of no use when there are problems.
    pub compiled: String,
    pub names: BTreeSet<&'static str>,
    pub segments: Vec<AskedSegment>,
    pub problems: Vec<TextProblem>,
}

/// `"vip" in contact.segments`: an id of the owner's file, which only the file can tell right from wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedSegment {
    pub id: String,
    /// Of the id with its quotes, in bytes of the source.
    pub place: Range<usize>,
}

pub(super) fn text(key: &str, source: &str) -> Checked {
    let mut walk = Walk::new(key, source);
    if let Some((offset, mark)) = source.char_indices().find(|(_, c)| is_mark(*c)) {
        walk.problem_at(offset, mark.len_utf8(), ProblemKind::Syntax, "a character that no text may hold", None);
    }
    match machinery::parse(source, key, SyntaxConfig::default()) {
        Ok(template) => walk.statement(&template),
        Err(error) => walk.problems.push(syntax(key, &error, Some(source))),
    }
    for newline in newlines_of_tags(source) {
        walk.patches.push(Patch::Drop(newline));
    }
    walk.finish("", "")
}

pub(super) fn condition(key: &str, source: &str) -> Checked {
    let mut walk = Walk::new(key, source);
    match machinery::parse_expr(source) {
        Ok(expression) => drop(walk.expression(&expression)),
        Err(error) => walk.problems.push(syntax(key, &error, Some(source))),
    }
    walk.finish("{% if ", " %}1{% endif %}")
}

/// What minijinja could not read, in its words.
pub(super) fn syntax(key: &str, error: &minijinja::Error, source: Option<&str>) -> TextProblem {
    let range = source.and_then(|source| {
        let range = error.range()?;
        // At the end of a text the place may lie behind it.
        let start = range.start.min(source.len());
        Some((start, range.end.clamp(start, source.len()) - start))
    });
    let what = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    TextProblem {
        key: key.to_owned(),
        offset: range.map(|(start, _)| start),
        len: range.map_or(0, |(_, len)| len),
        what,
        help: None,
        kind: ProblemKind::Syntax,
    }
}

/// What is known of an expression's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Of(Shape),
    /// Values under this dotted name: `cart`, `cart.items` for one line.
    Group(&'static str),
    /// Lines, each a group of this name.
    List(&'static str),
    /// `loop` inside of `{% for %}`.
    Loop,
    /// `[1, 2]`, for `in`.
    Choice,
    Nothing,
    /// One of several; left to the moment of sending.
    Any,
}

enum Patch {
    /// A filter behind the operand that ends here.
    Filter(usize, &'static str),
    Drop(usize),
}

impl Patch {
    fn offset(&self) -> usize {
        match self {
            Patch::Filter(at, _) | Patch::Drop(at) => *at,
        }
    }
}

struct Walk<'s> {
    key: &'s str,
    source: &'s str,
    problems: Vec<TextProblem>,
    names: BTreeSet<&'static str>,
    segments: Vec<AskedSegment>,
    patches: Vec<Patch>,
    /// Variables of the text's own, innermost last.
    own: Vec<(&'s str, Kind)>,
    /// In an operand of a comparison, where amounts are numbers.
    comparing: bool,
}

const LOOP: &[(&str, Shape)] = &[
    ("index", Shape::Number),
    ("index0", Shape::Number),
    ("revindex", Shape::Number),
    ("revindex0", Shape::Number),
    ("length", Shape::Number),
    ("first", Shape::Flag),
    ("last", Shape::Flag),
];

impl<'s> Walk<'s> {
    fn new(key: &'s str, source: &'s str) -> Walk<'s> {
        Walk {
            key,
            source,
            problems: Vec::new(),
            names: BTreeSet::new(),
            segments: Vec::new(),
            patches: Vec::new(),
            own: Vec::new(),
            comparing: false,
        }
    }

    fn finish(mut self, before: &str, after: &str) -> Checked {
        self.patches.sort_by_key(Patch::offset);
        let mut compiled = String::with_capacity(self.source.len() + 64);
        compiled.push_str(before);
        let mut done = 0;
        for patch in &self.patches {
            compiled.push_str(self.source.get(done..patch.offset()).unwrap_or_default());
            done = patch.offset();
            match patch {
                Patch::Filter(_, filter) => {
                    compiled.push('|');
                    compiled.push_str(filter);
                }
                Patch::Drop(_) => done += 1,
            }
        }
        compiled.push_str(self.source.get(done..).unwrap_or_default());
        compiled.push_str(after);
        Checked { compiled, names: self.names, segments: self.segments, problems: self.problems }
    }

    fn problem_at(
        &mut self,
        offset: usize,
        len: usize,
        kind: ProblemKind,
        what: impl Into<String>,
        help: Option<String>,
    ) {
        self.problems.push(TextProblem {
            key: self.key.to_owned(),
            offset: Some(offset),
            len,
            what: what.into(),
            help,
            kind,
        });
    }

    fn problem(&mut self, span: Span, kind: ProblemKind, what: impl Into<String>, help: impl Into<Option<String>>) {
        let (start, end) = (span.start_offset as usize, span.end_offset as usize);
        self.problem_at(start, end.saturating_sub(start), kind, what, help.into());
    }

    fn not_allowed(&mut self, span: Span, what: &str, help: &str) {
        self.problem(span, ProblemKind::NotAllowed, what, help.to_owned());
    }

    /// The owner's letters at this place.
    fn letters(&self, span: Span) -> &'s str {
        self.source.get(span.start_offset as usize..span.end_offset as usize).unwrap_or_default()
    }

    fn statements(&mut self, statements: &[Stmt<'s>]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Stmt<'s>) {
        match statement {
            Stmt::Template(s) => self.statements(&s.children),
            Stmt::EmitRaw(_) => {}
            Stmt::EmitExpr(s) => {
                let kind = self.expression(&s.expr);
                self.printable(kind, s.expr.span());
            }
            Stmt::IfCond(s) => {
                self.expression(&s.expr);
                self.statements(&s.true_body);
                self.statements(&s.false_body);
            }
            Stmt::ForLoop(s) => {
                let item = match self.expression(&s.iter) {
                    Kind::List(name) => Kind::Group(name),
                    Kind::Of(Shape::Words) => Kind::Of(Shape::Text),
                    Kind::Any => Kind::Any,
                    _ => {
                        let what = format!("`{}` is no list", self.letters(s.iter.span()));
                        self.problem(s.iter.span(), ProblemKind::Type, what, lists());
                        Kind::Any
                    }
                };
                let outside = self.own.len();
                self.own.push(("loop", Kind::Loop));
                self.assign(&s.target, item);
                if let Some(filter) = &s.filter_expr {
                    self.expression(filter);
                }
                self.statements(&s.body);
                self.own.truncate(outside);
                self.statements(&s.else_body);
            }
            Stmt::WithBlock(s) => {
                let outside = self.own.len();
                for (target, value) in &s.assignments {
                    let kind = self.expression(value);
                    self.assign(target, kind);
                }
                self.statements(&s.body);
                self.own.truncate(outside);
            }
            Stmt::Set(s) => {
                let kind = self.expression(&s.expr);
                self.assign(&s.target, kind);
            }
            Stmt::SetBlock(s) => self.not_allowed(
                s.span(),
                "a text kept under a name is not allowed",
                "write it where it is printed, or use {% set name = value %}",
            ),
            Stmt::AutoEscape(s) => self.not_allowed(s.span(), "`autoescape` is not allowed", "an SMS has no markup"),
            Stmt::FilterBlock(s) => {
                self.not_allowed(
                    s.span(),
                    "`filter` around a text is not allowed",
                    "put the filter behind the value: {{ value | short(20) }}",
                );
            }
            Stmt::Do(s) => {
                self.not_allowed(s.span(), "`do` is not allowed", "a text prints values and asks conditions");
            }
        }
    }

    fn assign(&mut self, target: &Expr<'s>, kind: Kind) {
        let Expr::Var(var) = target else {
            self.not_allowed(target.span(), "only one name can be given here", "such as {% for item in cart.items %}");
            return;
        };
        if values::is_group(var.id) || values::named(var.id).is_some() {
            let what = format!("`{}` is the name of a value and cannot be given to another", var.id);
            self.problem(target.span(), ProblemKind::NotAllowed, what, "choose another name".to_owned());
            return;
        }
        self.own.push((var.id, kind));
    }

    fn printable(&mut self, kind: Kind, span: Span) {
        let letters = self.letters(span);
        let (what, help) = match kind {
            Kind::Of(Shape::Flag) => (
                format!("`{letters}` is yes or no and cannot be printed"),
                format!("ask it: {{% if {letters} %}}…{{% endif %}}"),
            ),
            Kind::Group(name) => (format!("`{letters}` has no words of its own"), fields_of(name)),
            Kind::List(_) | Kind::Of(Shape::List) => (
                format!("`{letters}` is a list"),
                "walk through it: {% for item in cart.items %}{{ item.name }}{% endfor %}".to_owned(),
            ),
            Kind::Of(Shape::Words) => (
                format!("`{letters}` is a list of words"),
                format!("ask it: {{% if \"…\" in {letters} %}}…{{% endif %}}"),
            ),
            Kind::Loop | Kind::Choice | Kind::Nothing => {
                (format!("`{letters}` cannot be printed"), "print a value".to_owned())
            }
            Kind::Of(_) | Kind::Any => return,
        };
        self.problem(span, ProblemKind::Type, what, help);
    }

    fn expression(&mut self, expression: &Expr<'s>) -> Kind {
        match expression {
            Expr::Const(c) => match c.value.kind() {
                ValueKind::String => Kind::Of(Shape::Text),
                ValueKind::Number => Kind::Of(Shape::Number),
                ValueKind::Bool => Kind::Of(Shape::Flag),
                _ => Kind::Nothing,
            },
            Expr::Var(var) => self.path(&[var.id], expression.span()),
            Expr::GetAttr(attr) => {
                if let Some(path) = path_of(expression) {
                    return self.path(&path, expression.span());
                }
                let base = self.expression(&attr.expr);
                self.field(base, attr.name, expression.span())
            }
            Expr::GetItem(item) => self.picked(item, expression.span()),
            Expr::Slice(slice) => self.sliced(slice),
            Expr::UnaryOp(unary) => match unary.op {
                UnaryOpKind::Not => {
                    self.expression(&unary.expr);
                    Kind::Of(Shape::Flag)
                }
                UnaryOpKind::Neg => {
                    self.needs_number(&unary.expr);
                    Kind::Of(Shape::Number)
                }
            },
            Expr::BinOp(op) => self.operation(op.op, &op.left, &op.right, expression.span()),
            Expr::Compare(chain) => {
                let ordering = chain.ops.iter().any(|op| is_ordering(op.op));
                let mut left = (&chain.expr, self.operand(&chain.expr, ordering));
                for op in &chain.ops {
                    let right = (&op.expr, self.operand(&op.expr, ordering));
                    self.comparable(left, right, is_ordering(op.op));
                    left = right;
                }
                Kind::Of(Shape::Flag)
            }
            Expr::IfExpr(choice) => {
                self.expression(&choice.test_expr);
                let yes = self.expression(&choice.true_expr);
                let Some(no) = &choice.false_expr else {
                    self.problem(
                        expression.span(),
                        ProblemKind::Type,
                        "what stands here when the answer is no is not said",
                        "write … if … else …, or {% if … %}…{% endif %}".to_owned(),
                    );
                    return yes;
                };
                let no = self.expression(no);
                either(yes, no)
            }
            Expr::Filter(filter) => self.filter(filter.name, filter.expr.as_ref(), &filter.args, expression.span()),
            Expr::Test(test) => {
                self.expression(&test.expr);
                if !TESTS.contains(&test.name) || !test.args.is_empty() {
                    let help = nearest(test.name, TESTS.iter().copied()).map_or_else(
                        || format!("there are: {}", TESTS.join(", ")),
                        |near| format!("did you mean `is {near}`?"),
                    );
                    self.problem(
                        expression.span(),
                        ProblemKind::UnknownTest,
                        format!("unknown test `is {}`", test.name),
                        help,
                    );
                }
                Kind::Of(Shape::Flag)
            }
            Expr::Call(call) => {
                let what = format!("`{}` cannot be called", self.letters(call.expr.span()));
                self.problem(
                    expression.span(),
                    ProblemKind::NotAllowed,
                    what,
                    "texts have values and filters, no functions: {{ value | upper }}".to_owned(),
                );
                Kind::Any
            }
            Expr::List(list) => {
                for item in &list.items {
                    self.expression(item);
                }
                Kind::Choice
            }
            Expr::Tuple(tuple) => {
                for item in &tuple.items {
                    self.expression(item);
                }
                Kind::Choice
            }
            Expr::Map(_) => {
                self.not_allowed(expression.span(), "a map is not allowed", "texts have no use for one");
                Kind::Any
            }
        }
    }

    /// `cart.items[0]`
    fn picked(&mut self, item: &GetItem<'s>, span: Span) -> Kind {
        match (self.expression(&item.expr), self.expression(&item.subscript_expr)) {
            (Kind::List(name), Kind::Of(Shape::Number)) => Kind::Group(name),
            (Kind::Any, _) => Kind::Any,
            _ => {
                let what = format!("`{}` cannot be picked out of", self.letters(item.expr.span()));
                let help = "write cart.total with a point, or cart.items[0] with a number".to_owned();
                self.problem(span, ProblemKind::NotAllowed, what, help);
                Kind::Any
            }
        }
    }

    /// `cart.items[:3]`
    fn sliced(&mut self, slice: &Slice<'s>) -> Kind {
        for bound in [&slice.start, &slice.stop, &slice.step].into_iter().flatten() {
            self.needs_number(bound);
        }
        let kind = self.expression(&slice.expr);
        if matches!(kind, Kind::List(_) | Kind::Any) {
            return kind;
        }
        let what = format!("`{}` is no list", self.letters(slice.expr.span()));
        self.problem(slice.expr.span(), ProblemKind::Type, what, "to cut a text use | short(20)".to_owned());
        Kind::Any
    }

    /// `contact.first_name`, `item.price`.
    fn path(&mut self, path: &[&'s str], span: Span) -> Kind {
        let Some((root, fields)) = path.split_first() else { return Kind::Any };
        let own = self.own.iter().rev().find(|(name, _)| name == root).map(|(_, kind)| *kind);
        let Some(mut kind) = own.or_else(|| self.documented(root)) else {
            let dotted = path.join(".");
            let help = suggestion(&dotted).map(|near| format!("did you mean `{near}`?"));
            self.problem(span, ProblemKind::UnknownName, format!("unknown `{dotted}`"), help);
            return Kind::Any;
        };
        for field in fields {
            kind = self.field(kind, field, span);
        }
        kind
    }

    fn documented(&mut self, dotted: &str) -> Option<Kind> {
        if let Some(name) = values::named(dotted) {
            self.names.insert(name.name);
            return Some(if name.shape == Shape::List { Kind::List(name.name) } else { Kind::Of(name.shape) });
        }
        let group = NAMES
            .iter()
            .find_map(|n| n.name.strip_prefix(dotted)?.starts_with('.').then(|| n.name.get(..dotted.len())).flatten());
        group.map(Kind::Group)
    }

    fn field(&mut self, base: Kind, field: &str, span: Span) -> Kind {
        match base {
            Kind::Group(group) => {
                let dotted = format!("{group}.{field}");
                if let Some(kind) = self.documented(&dotted) {
                    return kind;
                }
                let help =
                    suggestion(&dotted).map_or_else(|| fields_of(group), |near| self.meant(near, group, field, span));
                self.problem(span, ProblemKind::UnknownName, format!("unknown `{}`", self.letters(span)), help);
                Kind::Any
            }
            Kind::Loop => {
                if let Some((_, shape)) = LOOP.iter().find(|(name, _)| *name == field) {
                    return Kind::Of(*shape);
                }
                let near = nearest(field, LOOP.iter().map(|(name, _)| *name));
                let help = near.map(|near| format!("did you mean `loop.{near}`?"));
                self.problem(span, ProblemKind::UnknownName, format!("unknown `loop.{field}`"), help);
                Kind::Any
            }
            Kind::Any => Kind::Any,
            Kind::List(list) => {
                let help = format!("walk through it: {{% for item in {list} %}}{{{{ item.{field} }}}}{{% endfor %}}");
                self.problem(
                    span,
                    ProblemKind::UnknownName,
                    format!("unknown `{}`: `{list}` is a list", self.letters(span)),
                    help,
                );
                Kind::Any
            }
            _ => {
                let what = format!("unknown `{}`: there is nothing inside that value", self.letters(span));
                self.problem(span, ProblemKind::UnknownName, what, None);
                Kind::Any
            }
        }
    }

    /// The documented name in the words of the text, where `item` may stand for `cart.items`.
    fn meant(&self, near: &str, group: &str, field: &str, span: Span) -> String {
        let near_field = near.strip_prefix(group).and_then(|rest| rest.strip_prefix('.'));
        match (self.letters(span).strip_suffix(field), near_field) {
            (Some(base), Some(near_field)) => format!("did you mean `{base}{near_field}`?"),
            _ => format!("did you mean `{near}`?"),
        }
    }

    fn operation(&mut self, op: BinOpKind, left: &Expr<'s>, right: &Expr<'s>, span: Span) -> Kind {
        match op {
            BinOpKind::ScAnd | BinOpKind::ScOr => {
                let (left, right) = (self.expression(left), self.expression(right));
                either(left, right)
            }
            BinOpKind::Eq | BinOpKind::Ne | BinOpKind::Lt | BinOpKind::Lte | BinOpKind::Gt | BinOpKind::Gte => {
                let ordering = !matches!(op, BinOpKind::Eq | BinOpKind::Ne);
                let kinds = (self.operand(left, ordering), self.operand(right, ordering));
                self.comparable((left, kinds.0), (right, kinds.1), ordering);
                Kind::Of(Shape::Flag)
            }
            BinOpKind::In => {
                self.operand(left, false);
                self.note_segment(left, right);
                match self.operand(right, false) {
                    Kind::Choice | Kind::Any | Kind::Of(Shape::Text | Shape::Code | Shape::Words) => {}
                    _ => {
                        let what =
                            format!("`{}` is neither a text, a list of words nor a choice", self.letters(right.span()));
                        let help = "such as order.number in [\"1\", \"2\"], or \"کیف\" in cart.first_item".to_owned();
                        self.problem(right.span(), ProblemKind::Type, what, help);
                    }
                }
                Kind::Of(Shape::Flag)
            }
            BinOpKind::Concat => {
                self.expression(left);
                self.expression(right);
                self.not_allowed(
                    span,
                    "`~` is not allowed",
                    "print one value after the other: {{ contact.first_name }} {{ shop.name }}",
                );
                Kind::Of(Shape::Text)
            }
            BinOpKind::Add
            | BinOpKind::Sub
            | BinOpKind::Mul
            | BinOpKind::Div
            | BinOpKind::FloorDiv
            | BinOpKind::Rem
            | BinOpKind::Pow => {
                self.needs_number(left);
                self.needs_number(right);
                Kind::Of(Shape::Number)
            }
        }
    }

    fn note_segment(&mut self, left: &Expr<'s>, right: &Expr<'s>) {
        let (Expr::Const(word), Some(path)) = (left, path_of(right)) else { return };
        if let (Some(id), ["contact", "segments"]) = (word.value.as_str(), path.as_slice()) {
            let span = left.span();
            let place = span.start_offset as usize..span.end_offset as usize;
            self.segments.push(AskedSegment { id: id.to_owned(), place });
        }
    }

    fn needs_number(&mut self, expression: &Expr<'s>) {
        let known_problems = self.problems.len();
        let kind = self.expression(expression);
        if self.problems.len() > known_problems {
            return;
        }
        let (what, help) = match kind {
            Kind::Of(Shape::Number) => return,
            Kind::Of(Shape::Amount) if self.comparing => return,
            Kind::Of(Shape::Amount) => (
                format!("`{}` is money and cannot be calculated with in a text", self.letters(expression.span())),
                "it can be printed and compared: {% if cart.total >= 200000 %}".to_owned(),
            ),
            _ => (
                format!("`{}` is no number", self.letters(expression.span())),
                "calculate with numbers, such as cart.count - 1".to_owned(),
            ),
        };
        self.problem(expression.span(), ProblemKind::Type, what, help);
    }

    /// One side of a comparison.
    fn operand(&mut self, expression: &Expr<'s>, ordering: bool) -> Kind {
        let outside = std::mem::replace(&mut self.comparing, true);
        let kind = self.expression(expression);
        self.comparing = outside;
        self.make_plain(expression, ordering);
        kind
    }

    /// Puts the filter that makes a value comparable behind every value of an operand. A filter binds closer than any
    /// operator, and each place is the end of the value itself, inside of any brackets around it.
    fn make_plain(&mut self, expression: &Expr<'s>, ordering: bool) {
        match expression {
            Expr::Var(_) | Expr::GetAttr(_) | Expr::GetItem(_) | Expr::Filter(_) => {
                let filter = if ordering { filters::FOR_ORDER } else { filters::FOR_EQUALITY };
                self.patches.push(Patch::Filter(expression.span().end_offset as usize, filter));
            }
            Expr::UnaryOp(unary) if matches!(unary.op, UnaryOpKind::Neg) => self.make_plain(&unary.expr, ordering),
            Expr::BinOp(op) => match op.op {
                // The left side of `or` may be absent: that is what the right side is for.
                BinOpKind::ScAnd | BinOpKind::ScOr => {
                    self.make_plain(&op.left, false);
                    self.make_plain(&op.right, ordering);
                }
                BinOpKind::Add
                | BinOpKind::Sub
                | BinOpKind::Mul
                | BinOpKind::Div
                | BinOpKind::FloorDiv
                | BinOpKind::Rem
                | BinOpKind::Pow => {
                    self.make_plain(&op.left, true);
                    self.make_plain(&op.right, true);
                }
                // Comparisons have seen to their own operands.
                _ => {}
            },
            Expr::IfExpr(choice) => {
                self.make_plain(&choice.true_expr, ordering);
                if let Some(no) = &choice.false_expr {
                    self.make_plain(no, ordering);
                }
            }
            Expr::List(list) => list.items.iter().for_each(|item| self.make_plain(item, ordering)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.make_plain(item, ordering)),
            Expr::Const(_)
            | Expr::Slice(_)
            | Expr::UnaryOp(_)
            | Expr::Compare(_)
            | Expr::Test(_)
            | Expr::Call(_)
            | Expr::Map(_) => {}
        }
    }

    fn comparable(&mut self, left: (&Expr<'s>, Kind), right: (&Expr<'s>, Kind), ordering: bool) {
        for (expression, kind) in [left, right] {
            let help = match kind {
                Kind::Nothing => "ask with `is none` or `is defined`".to_owned(),
                Kind::Group(name) => fields_of(name),
                Kind::List(_) => format!("count it: {} | length", self.letters(expression.span())),
                Kind::Of(Shape::Words) => {
                    let letters = self.letters(expression.span());
                    format!("ask it: \"…\" in {letters}; or count it: {letters} | length")
                }
                _ => continue,
            };
            let what = format!("`{}` cannot be compared", self.letters(expression.span()));
            self.problem(expression.span(), ProblemKind::Type, what, help);
            return;
        }
        let (Some(this), Some(that)) = (class(left.1), class(right.1)) else { return };
        let days_as_texts = (this, that) == ("a day", "a text") || (this, that) == ("a text", "a day");
        if this != that && !days_as_texts {
            let what = format!(
                "`{}` is {this} but `{}` is {that}: they {}",
                self.letters(left.0.span()),
                self.letters(right.0.span()),
                if ordering { "have no order" } else { "are never equal" },
            );
            let help = (this == "a text" || that == "a text")
                .then(|| "write numbers without quotes, such as cart.total >= 200000".to_owned());
            self.problem(right.0.span(), ProblemKind::Type, what, help);
        }
    }

    fn filter(&mut self, name: &str, of: Option<&Expr<'s>>, args: &[CallArg<'s>], span: Span) -> Kind {
        let kind = of.map_or(Kind::Any, |of| self.expression(of));
        let Some(filter) = filters::named(name) else {
            let help = nearest(name, FILTERS.iter().map(|f| f.name)).map(|near| format!("did you mean `{near}`?"));
            let all = || format!("there are: {}", FILTERS.iter().map(|f| f.name).collect::<Vec<_>>().join(", "));
            self.problem(
                span,
                ProblemKind::UnknownFilter,
                format!("unknown filter `{name}`"),
                help.unwrap_or_else(all),
            );
            return Kind::Any;
        };
        let shape = match kind {
            Kind::Of(shape) => Some(shape),
            Kind::List(_) => Some(Shape::List),
            _ => None,
        };
        let fits = filter.on.is_empty() || kind == Kind::Any || shape.is_some_and(|shape| filter.on.contains(&shape));
        if !fits {
            let letters = of.map_or("", |of| self.letters(of.span()));
            let on: Vec<_> = filter.on.iter().map(|shape| word(*shape)).collect();
            let what = format!(
                "filter `{name}` is for {}, but `{letters}` is {}",
                on.join(", "),
                shape.map_or("none of these", word)
            );
            self.problem(span, ProblemKind::Type, what, None);
        }
        let instead = self.arguments(filter, args, span);
        match (filter.gives, instead) {
            (Some(shape), _) => Kind::Of(shape),
            (None, Some(instead)) => either(kind, instead),
            // A code stays a code.
            (None, None) => kind,
        }
    }

    /// Gives the kind of the argument of `default`.
    fn arguments(&mut self, filter: &filters::Filter, args: &[CallArg<'s>], span: Span) -> Option<Kind> {
        let (expected, argument) = (filter.takes, args.first());
        let wrong = |walk: &mut Self, help: String| {
            walk.problem(span, ProblemKind::Type, format!("filter `{}` does not take this", filter.name), help);
        };
        if args.len() > 1 {
            wrong(self, "it takes one value at most".to_owned());
            return None;
        }
        let argument = match argument {
            None => None,
            Some(CallArg::Pos(argument)) => Some(argument),
            Some(_) => {
                wrong(self, "write the value alone, such as | short(20)".to_owned());
                return None;
            }
        };
        match (expected, argument) {
            (Takes::Nothing, Some(_)) => wrong(self, format!("write | {} alone", filter.name)),
            (Takes::Form, Some(Expr::Const(c)))
                if c.value.as_str().is_some_and(|form| form.parse::<Form>().is_ok()) => {}
            (Takes::Form, Some(_)) => {
                wrong(self, format!("write | {}(\"long\") with short, day, weekday, long or full", filter.name));
            }
            (Takes::Length, Some(Expr::Const(c))) if c.value.as_usize().is_some_and(|n| n > 0) => {}
            (Takes::Length, _) => wrong(self, format!("say how many characters: | {}(20)", filter.name)),
            (Takes::Value, None) => wrong(self, format!("say what is printed instead: | {}(\"…\")", filter.name)),
            (Takes::Value, Some(instead)) => return Some(self.expression(instead)),
            (Takes::Nothing | Takes::Form, None) => {}
        }
        None
    }
}

/// The names of a chain that begins with a variable.
fn path_of<'s>(expression: &Expr<'s>) -> Option<Vec<&'s str>> {
    match expression {
        Expr::Var(var) => Some(vec![var.id]),
        Expr::GetAttr(attr) => {
            let mut path = path_of(&attr.expr)?;
            path.push(attr.name);
            Some(path)
        }
        _ => None,
    }
}

fn either(this: Kind, that: Kind) -> Kind {
    if this == that { this } else { Kind::Any }
}

fn is_ordering(op: CompareOpKind) -> bool {
    matches!(op, CompareOpKind::Lt | CompareOpKind::Lte | CompareOpKind::Gt | CompareOpKind::Gte)
}

/// Kinds of one class can be compared.
fn class(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Of(Shape::Text | Shape::Code) => Some("a text"),
        Kind::Of(Shape::Number | Shape::Amount) => Some("a number"),
        Kind::Of(Shape::Date) => Some("a day"),
        Kind::Of(Shape::Flag) => Some("yes or no"),
        _ => None,
    }
}

fn word(shape: Shape) -> &'static str {
    match shape {
        Shape::Text => "a text",
        Shape::Code => "a link or code",
        Shape::Number => "a number",
        Shape::Amount => "money",
        Shape::Date => "a day",
        Shape::Flag => "yes or no",
        Shape::List => "a list",
        Shape::Words => "a list of words",
    }
}

/// Newlines behind lines that hold nothing but `{% … %}`.
fn newlines_of_tags(source: &str) -> Vec<usize> {
    let mut newlines = Vec::new();
    let mut start = 0;
    for line in source.split_inclusive('\n') {
        let end = start + line.len();
        if line.ends_with('\n') && only_tags(line.trim()) {
            newlines.push(end - 1);
        }
        start = end;
    }
    newlines
}

fn only_tags(mut line: &str) -> bool {
    if line.is_empty() {
        return false;
    }
    while let Some((_, rest)) = line.strip_prefix("{%").and_then(|tag| tag.split_once("%}")) {
        line = rest.trim_start();
    }
    line.is_empty()
}
