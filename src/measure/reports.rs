//! Figures for people and programs: a table, JSON, CSV.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Result;
use chrono_tz::Tz;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::comparisons::{self, Comparison};
use super::figures::{Earned, Figures, Period, ProviderFigures, Purse};
use super::goals::{self, Reached};
use super::sentences;
use super::table::{Align, Table};
use crate::campaign::answers::OTHER;
use crate::campaign::model::{Campaigns, Language};
use crate::clock::{At, Span};
use crate::digits;
use crate::money::{self, Money, Style};
use crate::state::model::{Evidence, MessageState};
use crate::store::{figures, providers};

/// A period's figures in the owner's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub period: Period,
    pub made: At,
    pub campaigns: Vec<CampaignReport>,
    /// Arms and hold-outs.
    pub comparisons: Vec<Comparison>,
    /// By name: what each gateway did with the same messages.
    pub gateways: BTreeMap<String, ProviderFigures>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignReport {
    pub id: String,
    /// Empty for a campaign that is no longer in the file.
    pub name: String,
    pub entered: u64,
    /// What became of those who entered.
    pub reached: Reached,
    /// In the file's order; steps that are no longer in it come last.
    pub steps: Vec<(String, Figures)>,
}

impl CampaignReport {
    #[must_use]
    pub fn total(&self) -> Figures {
        sum(self.steps.iter().map(|(_, figures)| figures))
    }
}

fn sum<'f>(all: impl Iterator<Item = &'f Figures>) -> Figures {
    let mut total = Figures::default();
    all.for_each(|figures| total += figures);
    total
}

/// Counts everything. Campaigns that are switched on stand in it with their zeros; others when they have figures.
///
/// # Errors
/// The database's.
pub fn gather(conn: &Connection, campaigns: &Campaigns, only: Option<&str>, period: Period, now: At) -> Result<Report> {
    let mut counted = figures::figures(conn, period, now)?;
    let mut reached = goals::gather(conn, campaigns, period, now)?;
    let mut list = Vec::new();
    for campaign in &campaigns.list {
        let Some(mut found) = counted.remove(&campaign.id).or_else(|| campaign.enabled.then(Default::default)) else {
            continue;
        };
        let mut steps: Vec<(String, Figures)> =
            campaign.steps.iter().map(|s| (s.id.clone(), found.steps.remove(&s.id).unwrap_or_default())).collect();
        steps.extend(found.steps);
        list.push(CampaignReport {
            id: campaign.id.clone(),
            name: campaign.name.clone(),
            entered: found.entered,
            reached: reached.remove(&campaign.id).unwrap_or_default(),
            steps,
        });
    }
    list.extend(counted.into_iter().map(|(id, found)| CampaignReport {
        id,
        name: String::new(),
        entered: found.entered,
        reached: Reached::default(),
        steps: found.steps.into_iter().collect(),
    }));
    list.retain(|campaign| only.is_none_or(|id| id == campaign.id));
    let gateways = providers::figures(conn, period, only)?;
    let comparisons = comparisons::gather(conn, campaigns, only, period, now)?;
    Ok(Report { period, made: now, campaigns: list, comparisons, gateways })
}

/// What `GET /v1/reports/summary` answers and `bazgasht report --format json` prints; its shape stands in
/// `docs/reports.md`.
///
/// # Errors
/// The database's.
pub fn summary(conn: &Connection, campaigns: &Campaigns, period: Period, now: At) -> Result<Value> {
    Ok(gather(conn, campaigns, None, period, now)?.json())
}

// ── JSON ────────────────────────────────────────────────────────────────────────────────────────────────────

impl Report {
    #[must_use]
    pub fn json(&self) -> Value {
        let campaigns: Vec<Value> = self
            .campaigns
            .iter()
            .map(|c| {
                let steps: Vec<Value> =
                    c.steps.iter().map(|(id, f)| with(json!({"step": id}), figures_json(f))).collect();
                json!({"campaign": c.id, "name": c.name, "entered": c.entered, "goal": c.reached.json(), "steps": steps,
                       "total": figures_json(&c.total())})
            })
            .collect();
        let totals: Vec<Figures> = self.campaigns.iter().map(CampaignReport::total).collect();
        let entered: u64 = self.campaigns.iter().map(|c| c.entered).sum();
        let gateways: Vec<Value> =
            self.gateways.iter().map(|(name, f)| with(json!({"gateway": name}), provider_json(f))).collect();
        json!({
            "since": moment(self.period.since), "until": moment(self.period.until), "made": self.made.rfc3339(),
            "campaigns": campaigns, "total": with(json!({"entered": entered}), figures_json(&sum(totals.iter()))),
            "comparisons": self.comparisons.iter().map(Comparison::json).collect::<Vec<_>>(),
            "gateways": gateways,
        })
    }
}

pub(super) fn moment(t: At) -> Option<String> {
    (t != Period::EVER.since && t != Period::EVER.until).then(|| t.rfc3339())
}

fn with(mut first: Value, second: Value) -> Value {
    if let (Value::Object(into), Value::Object(from)) = (&mut first, second) {
        into.extend(from);
    }
    first
}

fn figures_json(f: &Figures) -> Value {
    let mut reasons: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for ((state, reason), n) in &f.reasons {
        reasons.entry(state.word()).or_default().insert(reason.word(), *n);
    }
    let cost: Vec<Value> = f
        .cost
        .amounts()
        .map(|m| with(money_json(m), json!({"forecast_minor": f.forecast.of(m.currency).minor})))
        .collect();
    json!({
        "planned": f.planned, "waiting": f.waiting, "sent": f.sent, "delivered": f.delivered, "on_the_way": f.on_the_way,
        "unknown": f.unknown, "undelivered": f.undelivered, "refused": f.refused, "expired": f.expired,
        "cancelled": f.cancelled, "reasons": reasons, "parts": f.parts, "cost": cost,
        "links": {"followed": f.followed, "visits": f.visits, "hits": f.hits},
        "returned_to_cart": f.returned, "abandoned_again": f.abandoned_again,
        "orders": {"coupon": earned_json(&f.by_coupon), "link": earned_json(&f.by_link), "delivered": earned_json(&f.by_delivery)},
        "reviews": f.reviews, "cross_sales": earned_json(&f.cross_sales), "opt_outs": f.opt_outs, "answers": f.answers,
    })
}

fn provider_json(f: &ProviderFigures) -> Value {
    json!({
        "handed_over": f.handed, "delivered": f.delivered, "undelivered": f.failed, "blocked": f.blocked,
        "on_the_way": f.open, "parts": f.parts, "delivered_per_thousand": f.delivered_share(),
        "delay_seconds": f.delay.map(|delay| delay.0.div_euclid(1_000)),
        "cost": f.cost.amounts().map(money_json).collect::<Vec<_>>(),
    })
}

fn earned_json(earned: &Earned) -> Value {
    let list = |purse: &Purse| purse.amounts().map(money_json).collect::<Vec<_>>();
    json!({"orders": earned.orders, "total": list(&earned.total), "kept": list(&earned.kept)})
}

/// `minor` is whole, `decimal` is exact; neither is ever a float.
#[must_use]
pub fn money_json(m: Money) -> Value {
    json!({"currency": m.currency, "minor": m.minor, "decimal": m.decimal()})
}

// ── CSV ─────────────────────────────────────────────────────────────────────────────────────────────────────

type Count = fn(&Figures) -> u64;
type Amount = fn(&Figures) -> &Purse;

/// Figures of a step that are counts: CSV's columns after campaign and step.
const COUNTS: &[(&str, Count)] = &[
    ("planned", |f| f.planned),
    ("waiting", |f| f.waiting),
    ("sent", |f| f.sent),
    ("delivered", |f| f.delivered),
    ("on_the_way", |f| f.on_the_way),
    ("unknown", |f| f.unknown),
    ("undelivered", |f| f.undelivered),
    ("refused", |f| f.refused),
    ("expired", |f| f.expired),
    ("cancelled", |f| f.cancelled),
    ("parts", |f| f.parts),
    ("followed", |f| f.followed),
    ("visits", |f| f.visits),
    ("hits", |f| f.hits),
    ("returned_to_cart", |f| f.returned),
    ("abandoned_again", |f| f.abandoned_again),
    ("orders_by_coupon", |f| f.by_coupon.orders),
    ("orders_by_link", |f| f.by_link.orders),
    ("orders_by_delivery", |f| f.by_delivery.orders),
    ("reviews", |f| f.reviews),
    ("cross_sales", |f| f.cross_sales.orders),
    ("opt_outs", |f| f.opt_outs),
    ("answers", |f| f.answers.values().sum()),
];

/// Those that are money: the last columns, in the currency of the line.
const AMOUNTS: &[(&str, Amount)] = &[
    ("cost", |f| &f.cost),
    ("cost_forecast", |f| &f.forecast),
    ("total_by_coupon", |f| &f.by_coupon.total),
    ("kept_by_coupon", |f| &f.by_coupon.kept),
    ("total_by_link", |f| &f.by_link.total),
    ("kept_by_link", |f| &f.by_link.kept),
    ("total_by_delivery", |f| &f.by_delivery.total),
    ("kept_by_delivery", |f| &f.by_delivery.kept),
    ("total_cross_sales", |f| &f.cross_sales.total),
    ("kept_cross_sales", |f| &f.cross_sales.kept),
];

impl Report {
    /// One line for each step and currency. Counts stand in a step's first line only, so a column's sum is right.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut text = String::new();
        let names = ["campaign", "name", "step"].into_iter().chain(COUNTS.iter().map(|c| c.0)).chain(["currency"]);
        put_line(&mut text, names.chain(AMOUNTS.iter().map(|a| a.0)).map(str::to_owned));
        for campaign in &self.campaigns {
            for (step, figures) in &campaign.steps {
                let mut currencies: Vec<_> =
                    AMOUNTS.iter().flat_map(|(_, of)| of(figures).amounts()).map(|m| m.currency).collect();
                currencies.sort_unstable();
                currencies.dedup();
                let lines = currencies.len().max(1);
                for i in 0..lines {
                    let currency = currencies.get(i).copied();
                    let counts =
                        COUNTS.iter().map(|(_, of)| if i == 0 { of(figures).to_string() } else { String::new() });
                    let amounts = AMOUNTS
                        .iter()
                        .map(|(_, of)| currency.map_or_else(String::new, |c| of(figures).of(c).decimal()));
                    let head = [&campaign.id, &campaign.name, step].map(|text| tame(text));
                    let code = currency.map_or_else(String::new, |c| c.code().to_owned());
                    put_line(&mut text, head.into_iter().chain(counts).chain([code]).chain(amounts));
                }
            }
        }
        text
    }
}

impl Report {
    /// Arms and hold-outs: one line for each group and currency. Counts stand in a group's first line only.
    #[must_use]
    pub fn comparisons_csv(&self) -> String {
        let mut text = String::new();
        put_line(&mut text, comparisons::COLUMNS.into_iter().map(str::to_owned));
        for cells in self.comparisons.iter().flat_map(Comparison::cells) {
            put_line(&mut text, cells.iter().map(|cell| tame(cell)));
        }
        text
    }
}

/// A spreadsheet runs a cell that begins like a formula: an apostrophe makes it text.
pub(super) fn tame(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

/// A line as RFC 4180 has it.
pub(super) fn put_line(text: &mut String, cells: impl Iterator<Item = String>) {
    for (i, cell) in cells.enumerate() {
        if i > 0 {
            text.push(',');
        }
        if cell.contains([',', '"', '\r', '\n']) {
            let _ = write!(text, "\"{}\"", cell.replace('"', "\"\""));
        } else {
            text.push_str(&cell);
        }
    }
    text.push_str("\r\n");
}

// ── people ──────────────────────────────────────────────────────────────────────────────────────────────────

/// How a report is said.
#[derive(Debug, Clone, Copy)]
pub struct Say {
    pub language: Language,
    pub zone: Tz,
    pub colour: bool,
}

impl Say {
    /// English or Persian, whichever is asked for.
    #[must_use]
    pub fn pick<'t>(self, english: &'t str, persian: &'t str) -> &'t str {
        match self.language {
            Language::English => english,
            Language::Persian => persian,
        }
    }

    const fn style(self) -> Style {
        match self.language {
            Language::English => Style::Latin,
            Language::Persian => Style::Persian,
        }
    }

    #[must_use]
    pub fn number(self, n: u64) -> String {
        self.digits(&n.to_string())
    }

    /// Digits as the language writes them.
    #[must_use]
    pub fn digits(self, text: &str) -> String {
        match self.language {
            Language::English => text.to_owned(),
            Language::Persian => digits::to_persian(text),
        }
    }

    /// Each currency for itself; a dash for nothing.
    #[must_use]
    pub fn purse(self, purse: &Purse) -> String {
        let amounts: Vec<String> = purse.amounts().filter(|m| m.minor != 0).map(|m| self.money(m)).collect();
        if amounts.is_empty() { "–".to_owned() } else { amounts.join(" + ") }
    }

    #[must_use]
    pub fn money(self, m: Money) -> String {
        money::say(m, self.style())
    }

    /// Day and minute in the shop's zone.
    #[must_use]
    pub fn moment(self, t: At) -> String {
        let local = t.utc().with_timezone(&self.zone);
        match self.language {
            Language::English => local.format("%Y-%m-%d %H:%M").to_string(),
            Language::Persian => {
                let day = crate::jalali::say(local.date_naive(), crate::jalali::Form::Short);
                digits::to_persian(&format!("{day} {}", local.format("%H:%M")))
            }
        }
    }

    /// Seconds below two minutes, minutes below two hours, hours below two days, then days.
    pub(super) fn delay(self, delay: Span) -> String {
        let seconds = delay.0.max(0) / 1_000;
        let (n, english, persian) = match seconds {
            0..120 => (seconds, "s", "ثانیه"),
            120..7_200 => (seconds / 60, "min", "دقیقه"),
            7_200..172_800 => (seconds / 3_600, "h", "ساعت"),
            _ => (seconds / 86_400, "days", "روز"),
        };
        self.digits(&format!("{n} {}", self.pick(english, persian)))
    }

    fn earned(self, earned: &Earned) -> String {
        match earned.orders {
            0 => "–".to_owned(),
            n => format!("{} · {}", self.number(n), self.purse(&earned.kept)),
        }
    }

    fn ink(self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.ink("1", text)
    }

    #[must_use]
    pub fn dim(self, text: &str) -> String {
        self.ink("2", text)
    }
}

impl Report {
    /// A table for each campaign, with a total line and what the words mean.
    #[must_use]
    pub fn table(&self, say: Say) -> String {
        let mut text = String::new();
        let _ = writeln!(text, "{}\n", say.bold(&self.heading(say)));
        if self.campaigns.is_empty() {
            let _ =
                writeln!(text, "{}", say.pick("No campaign has figures in this period.", "در این بازه آماری نیست."));
            return text;
        }
        for campaign in &self.campaigns {
            campaign.put(&mut text, say);
            for comparison in self.comparisons.iter().filter(|c| c.campaign.as_ref() == Some(&campaign.id)) {
                comparison.put(&mut text, say);
            }
        }
        for comparison in self.comparisons.iter().filter(|comparison| comparison.campaign.is_none()) {
            let _ = writeln!(text, "{}", say.bold(say.pick("the whole shop", "همهٔ فروشگاه")));
            comparison.put(&mut text, say);
        }
        self.put_gateways(&mut text, say);
        put_legend(&mut text, say);
        text
    }

    fn heading(&self, say: Say) -> String {
        let last = At(self.period.until.0.min(self.made.0));
        let begin = if self.period.since == Period::EVER.since {
            say.pick("the beginning", "آغاز").to_owned()
        } else {
            say.moment(self.period.since)
        };
        match say.language {
            Language::English => format!("Messages from {begin} to {} ({})", say.moment(last), say.zone),
            Language::Persian => format!("پیامک‌ها از {begin} تا {}", say.moment(last)),
        }
    }
}

impl Report {
    fn put_gateways(&self, text: &mut String, say: Say) {
        if self.gateways.is_empty() {
            return;
        }
        let _ = writeln!(text, "{}", say.bold(say.pick("gateways", "درگاه‌ها")));
        let name = (say.pick("name", "نام").to_owned(), Align::Start);
        let columns = [
            ("handed over", "ارسال"),
            ("delivered", "رسیده"),
            ("of 100", "از ۱۰۰"),
            ("delay", "تأخیر"),
            ("undelivered", "نرسیده"),
            ("blocked", "مسدود"),
            ("on the way", "در راه"),
            ("cost", "هزینه"),
        ];
        let headings = columns.map(|(english, persian)| (say.pick(english, persian).to_owned(), Align::End));
        let mut table = Table::new(std::iter::once(name).chain(headings));
        for (gateway, f) in &self.gateways {
            let share = f.delivered_share().map_or_else(|| "–".to_owned(), |share| say.number(share / 10));
            let delay = f.delay.map_or_else(|| "–".to_owned(), |delay| say.delay(delay));
            let counts = [f.failed, f.blocked, f.open].map(|n| say.number(n));
            let cells = [gateway.clone(), say.number(f.handed), say.number(f.delivered), share, delay];
            table.line(cells.into_iter().chain(counts).chain([say.purse(&f.cost)]));
        }
        for (i, line) in table.lines().iter().enumerate() {
            let _ = writeln!(text, "  {}", if i == 0 { say.dim(line) } else { line.clone() });
        }
        text.push('\n');
    }
}

impl CampaignReport {
    fn put(&self, text: &mut String, say: Say) {
        let total = self.total();
        let name =
            if self.name.is_empty() || self.name == self.id { String::new() } else { format!("  {}", self.name) };
        let entered = match say.language {
            Language::English => format!("{} entered", self.entered),
            Language::Persian => format!("{} ورود", say.number(self.entered)),
        };
        let _ = writeln!(text, "{}{name}  {}", say.bold(&self.id), say.dim(&format!("({entered})")));
        if self.reached.ways > 0 {
            let _ = writeln!(text, "  {}", self.reached.line(say));
        }
        for columns in [&sending_columns(&total), &result_columns(&total)] {
            let heading = |c: &Column| (say.pick(c.english, c.persian).to_owned(), Align::End);
            let step = (say.pick("step", "گام").to_owned(), Align::Start);
            let mut table = Table::new(std::iter::once(step).chain(columns.iter().map(heading)));
            let total_name = say.pick("total", "جمع").to_owned();
            let lines = self.steps.iter().map(|(id, f)| (id.clone(), f)).chain([(total_name, &total)]);
            for (name, figures) in lines {
                table.line(std::iter::once(name).chain(columns.iter().map(|c| (c.cell)(say, figures))));
            }
            let lines = table.lines();
            for (i, line) in lines.iter().enumerate() {
                let line = match i {
                    0 => say.dim(line),
                    n if n + 1 == lines.len() => say.bold(line),
                    _ => line.clone(),
                };
                let _ = writeln!(text, "  {line}");
            }
            text.push('\n');
        }
        let worth = goals::worth(&total, say);
        for line in &worth {
            let _ = writeln!(text, "  {}", say.dim(line));
        }
        if !worth.is_empty() {
            text.push('\n');
        }
        self.put_answers(text, say);
        put_reasons(text, say, &total);
    }

    /// What was answered to each question.
    fn put_answers(&self, text: &mut String, say: Say) {
        let asked: Vec<_> = self.steps.iter().filter(|(_, figures)| !figures.answers.is_empty()).collect();
        for (id, figures) in &asked {
            let said = figures.answers.iter().map(|(label, n)| {
                let label =
                    if label == OTHER { say.pick("in their own words", "به زبان خودشان") } else { label };
                format!("{label} {}", say.number(*n))
            });
            let said: Vec<String> = said.collect();
            let _ = writeln!(
                text,
                "  {}",
                say.dim(&format!("{} {id}: {}", say.pick("answers", "پاسخ‌ها"), said.join(" · ")))
            );
        }
        if !asked.is_empty() {
            text.push('\n');
        }
    }
}

struct Column {
    english: &'static str,
    persian: &'static str,
    cell: fn(Say, &Figures) -> String,
}

const fn column(english: &'static str, persian: &'static str, cell: fn(Say, &Figures) -> String) -> Column {
    Column { english, persian, cell }
}

/// What was sent and what it cost.
fn sending_columns(total: &Figures) -> Vec<Column> {
    let mut columns = vec![
        column("planned", "برنامه", |s, f| s.number(f.planned)),
        column("waiting", "منتظر", |s, f| s.number(f.waiting)),
        column("sent", "ارسال", |s, f| s.number(f.sent)),
        column("delivered", "رسیده", |s, f| s.number(f.delivered)),
        column("failed", "نرسیده", |s, f| s.number(f.undelivered + f.refused)),
        column("too late", "دیرشده", |s, f| s.number(f.expired)),
        column("withdrawn", "پس‌گرفته", |s, f| s.number(f.cancelled)),
    ];
    if total.unknown > 0 {
        columns.push(column("in doubt", "نامعلوم", |s, f| s.number(f.unknown)));
    }
    columns.push(column("parts", "بخش", |s, f| s.number(f.parts)));
    columns.push(column("cost", "هزینه", |s, f| s.purse(&f.cost)));
    if !total.forecast.is_zero() {
        columns.push(column("of it forecast", "از آن برآورد", |s, f| s.purse(&f.forecast)));
    }
    columns
}

/// What came of it. Columns that have nothing to tell about this campaign are left out.
fn result_columns(total: &Figures) -> Vec<Column> {
    let mut columns = vec![
        column("followed", "بازکرده", |s, f| s.number(f.followed)),
        column("hits", "بازدید", |s, f| s.number(f.hits)),
    ];
    if total.returned > 0 {
        columns.push(column("back in cart", "بازگشت", |s, f| s.number(f.returned)));
        columns.push(column("left again", "رهاشدهٔ دوباره", |s, f| s.number(f.abandoned_again)));
    }
    columns.extend([
        column("by coupon", "با کد", |s, f| s.earned(&f.by_coupon)),
        column("by link", "با پیوند", |s, f| s.earned(&f.by_link)),
        column("delivered only", "فقط با رسیدن", |s, f| s.earned(&f.by_delivery)),
    ]);
    if total.reviews > 0 {
        columns.push(column("reviews", "نظر", |s, f| s.number(f.reviews)));
    }
    if total.cross_sales.orders > 0 {
        columns.push(column("cross-sales", "فروش پیشنهادی", |s, f| s.earned(&f.cross_sales)));
    }
    columns.push(column("opt-outs", "لغو", |s, f| s.number(f.opt_outs)));
    columns
}

/// Why messages did not arrive, were not sent, or wait. What is too late has said so in its column.
fn put_reasons(text: &mut String, say: Say, total: &Figures) {
    let mut any = false;
    for state in [MessageState::Failed, MessageState::Unknown, MessageState::Cancelled, MessageState::Scheduled] {
        let of_state = total.reasons.iter().filter(|((s, _), _)| *s == state);
        let mut why: Vec<(u64, &str)> =
            of_state.map(|((_, why), n)| (*n, sentences::reason(*why, say.language))).collect();
        why.sort_unstable_by_key(|(n, words)| (std::cmp::Reverse(*n), *words));
        for (n, words) in why {
            let line = format!("{} {}: {words}", say.number(n), sentences::message(state, say.language));
            let _ = writeln!(text, "  {}", say.dim(&line));
            any = true;
        }
    }
    if any {
        text.push('\n');
    }
}

fn put_legend(text: &mut String, say: Say) {
    let evidence = |e| sentences::evidence(e, say.language);
    let lines = [
        (say.pick("by coupon", "با کد"), evidence(Evidence::Coupon)),
        (say.pick("by link", "با پیوند"), evidence(Evidence::Link)),
        (say.pick("delivered only", "فقط با رسیدن"), evidence(Evidence::Delivered)),
        (
            say.pick("orders · money", "سفارش · پول"),
            say.pick(
                "each order counts once, on its best evidence; the money is what refunds left of it",
                "هر سفارش یک بار و با بهترین نشانه شمرده می‌شود؛ پول، پس از کسر برگشتی‌هاست",
            ),
        ),
        (
            say.pick("followed, hits", "بازکرده، بازدید"),
            say.pick(
                "messages whose link a person followed; visits in all, machines too",
                "پیامک‌هایی که کسی پیوندشان را باز کرد؛ همهٔ بازدیدها، حتی ماشینی",
            ),
        ),
        (
            say.pick("left again", "رهاشدهٔ دوباره"),
            say.pick(
                "came back to the cart and ordered nothing within 24 hours",
                "به سبد برگشت و تا ۲۴ ساعت سفارشی نداد",
            ),
        ),
        (
            say.pick("of 100, delay", "از ۱۰۰، تأخیر"),
            say.pick(
                "delivered, of those whose end is known; from hand-over until we heard of it, the middle one",
                "رسیده‌ها، از آن‌ها که سرنوشتشان معلوم است؛ از ارسال تا خبرِ رسیدن، میانه",
            ),
        ),
        (
            say.pick("opt-outs", "لغو"),
            say.pick(
                "within 5 days after the message, the last one before it",
                "تا ۵ روز پس از پیامک؛ به پای آخرین پیامک پیش از آن",
            ),
        ),
    ];
    for (word, meaning) in lines {
        let _ = writeln!(text, "{}", say.dim(&format!("{word}: {meaning}")));
    }
    let note = say.pick(
        "Everything counts for the day its message was sent, so the last days' figures still grow.",
        "همه‌چیز به روز ارسالِ پیامکش شمرده می‌شود؛ پس آمار روزهای آخر هنوز بیشتر می‌شود.",
    );
    let _ = writeln!(text, "{}", say.dim(note));
}
