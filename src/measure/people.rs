//! The report on people: how large the segments are, how buyers stand and whence they came, what points come to.

use std::collections::BTreeMap;

use anyhow::Result;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::figures::{Period, Purse};
use super::reports::{Say, moment, money_json, put_line, tame};
use super::sentences;
use super::table::{Align, Table};
use crate::campaign::model::Campaigns;
use crate::clock::At;
use crate::money::Money;
use crate::state::people::Rfm;
use crate::store::census;

/// Of one segment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SegmentFigures {
    /// In it now.
    pub people: u64,
    /// Of them, those who came into it in the period.
    pub came: u64,
    /// Whose last stay ended in the period.
    pub left: u64,
    /// Of the people who are in it now, in the period.
    pub orders: u64,
    pub kept: Purse,
}

/// Of one name among the buyers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RfmFigures {
    pub people: u64,
    pub orders: u64,
    pub kept: Purse,
}

/// Buyers of the period who ever had a point, or those who never had.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BuyerFigures {
    pub people: u64,
    pub orders: u64,
    pub kept: Purse,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveCount {
    pub from: Rfm,
    pub to: Rfm,
    pub people: u64,
}

/// Of all people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PointsFigures {
    /// In the period, as the next three.
    pub given: i64,
    pub used: i64,
    /// For orders that were taken back.
    pub taken_back: i64,
    pub expired: i64,
    /// At the period's end.
    pub left: i64,
    /// Who has some left.
    pub people: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeopleReport {
    pub period: Period,
    pub made: At,
    /// Id, name, figures; in the file's order.
    pub segments: Vec<(String, String, SegmentFigures)>,
    pub rfm: BTreeMap<Rfm, RfmFigures>,
    pub moves: Vec<MoveCount>,
    pub points: PointsFigures,
    pub with_points: BuyerFigures,
    pub without_points: BuyerFigures,
}

/// Counts everything. Segments that the file has no more are left out.
///
/// # Errors
/// The database's.
pub fn gather(conn: &Connection, campaigns: &Campaigns, period: Period, now: At) -> Result<PeopleReport> {
    let mut counted = census::segments(conn, period)?;
    let (with_points, without_points) = census::by_points(conn, period)?;
    let figures = |id: &str, counted: &mut BTreeMap<_, _>| counted.remove(id).unwrap_or_default();
    let segments = campaigns.segments.iter().map(|s| (s.id.clone(), s.name.clone(), figures(&s.id, &mut counted)));
    Ok(PeopleReport {
        period,
        made: now,
        segments: segments.collect(),
        rfm: census::rfm(conn, period)?,
        moves: census::moves(conn, period)?,
        points: census::points(conn, period, now)?,
        with_points,
        without_points,
    })
}

fn purse_json(purse: &Purse) -> Vec<Value> {
    purse.amounts().map(money_json).collect()
}

impl PeopleReport {
    /// What `GET /v1/reports/people` answers; its shape stands in `docs/people.md`.
    #[must_use]
    pub fn json(&self) -> Value {
        let segment = |(id, name, f): &(String, String, SegmentFigures)| {
            json!({"segment": id, "name": name, "people": f.people, "came": f.came, "left": f.left, "orders": f.orders,
                   "kept": purse_json(&f.kept)})
        };
        let of_rfm = |rfm: &Rfm| {
            let f = self.rfm.get(rfm).cloned().unwrap_or_default();
            json!({"rfm": rfm, "people": f.people, "orders": f.orders, "kept": purse_json(&f.kept)})
        };
        let points = &self.points;
        let buyers = |f: &BuyerFigures| json!({"people": f.people, "orders": f.orders, "kept": purse_json(&f.kept)});
        json!({
            "since": moment(self.period.since), "until": moment(self.period.until), "made": self.made.rfc3339(),
            "segments": self.segments.iter().map(segment).collect::<Vec<_>>(),
            "rfm": Rfm::ALL.iter().map(of_rfm).collect::<Vec<_>>(),
            "moves": self.moves.iter().map(|m| json!({"from": m.from, "to": m.to, "people": m.people})).collect::<Vec<_>>(),
            "points": {"given": points.given, "used": points.used, "taken_back": points.taken_back, "expired": points.expired,
                       "left": points.left, "people": points.people},
            "buyers": {"with_points": buyers(&self.with_points), "without_points": buyers(&self.without_points)},
        })
    }

    /// One line for each figure of money's currency: segments, names of buyers, moves, buyers with points and without, points.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut text = String::new();
        let heads = ["what", "id", "name", "people", "came", "left", "orders", "currency", "kept"];
        put_line(&mut text, heads.into_iter().map(str::to_owned));
        let mut put = |what: &str, id: &str, name: &str, counts: [Option<u64>; 4], kept: Option<&Purse>| {
            let amounts: Vec<_> = kept.into_iter().flat_map(Purse::amounts).collect();
            for i in 0..amounts.len().max(1) {
                let count = |n: &Option<u64>| n.filter(|_| i == 0).map_or_else(String::new, |n| n.to_string());
                let money = amounts.get(i);
                let tail = [
                    money.map_or_else(String::new, |m| m.currency.code().to_owned()),
                    money.map_or_else(String::new, |m| m.decimal()),
                ];
                let head = [what.to_owned(), tame(id), tame(name)];
                put_line(&mut text, head.into_iter().chain(counts.iter().map(count)).chain(tail));
            }
        };
        for (id, name, f) in &self.segments {
            put("segment", id, name, [Some(f.people), Some(f.came), Some(f.left), Some(f.orders)], Some(&f.kept));
        }
        for (rfm, f) in &self.rfm {
            put("rfm", rfm.word(), "", [Some(f.people), None, None, Some(f.orders)], Some(&f.kept));
        }
        for m in &self.moves {
            put("move", m.from.word(), m.to.word(), [Some(m.people), None, None, None], None);
        }
        for (id, f) in [("with_points", &self.with_points), ("without_points", &self.without_points)] {
            put("buyers", id, "", [Some(f.people), None, None, Some(f.orders)], Some(&f.kept));
        }
        let p = &self.points;
        for (id, n) in [
            ("given", p.given),
            ("used", p.used),
            ("taken_back", p.taken_back),
            ("expired", p.expired),
            ("left", p.left),
        ] {
            put_line(&mut text, ["points", id, "", &n.to_string(), "", "", "", "", ""].into_iter().map(str::to_owned));
        }
        text
    }

    /// For people: four tables, each under its heading.
    #[must_use]
    pub fn table(&self, say: Say) -> String {
        let mut blocks = vec![say.bold(say.pick("People", "مشتریان"))];
        blocks.push(self.segments_block(say));
        blocks.push(self.rfm_block(say));
        blocks.extend(self.moves_block(say));
        blocks.extend(self.points_block(say));
        blocks.extend(self.members_block(say));
        blocks.join("\n\n") + "\n"
    }

    fn segments_block(&self, say: Say) -> String {
        if self.segments.is_empty() {
            return say
                .pick(
                    "The file has no segments: see docs/people.md.",
                    "در فایل هیچ بخشی (segment) نیست: docs/people.md را ببینید.",
                )
                .to_owned();
        }
        let mut table = table(
            say,
            [
                ("segment", "بخش"),
                ("people", "نفر"),
                ("came", "آمدند"),
                ("left", "رفتند"),
                ("orders", "سفارش"),
                ("money", "پول"),
                ("each", "هر نفر"),
            ],
        );
        for (_, name, f) in &self.segments {
            let counts = [f.people, f.came, f.left, f.orders].map(|n| say.number(n));
            let money = [say.purse(&f.kept), each(say, &f.kept, f.people)];
            table.line([name.clone()].into_iter().chain(counts).chain(money));
        }
        block(say, ("segments", "بخش‌ها"), &table)
    }

    fn rfm_block(&self, say: Say) -> String {
        if self.rfm.is_empty() {
            return say
                .pick(
                    "Buyers have not been ranked yet: it is done at night.",
                    "خریداران هنوز رتبه‌بندی نشده‌اند: شب‌ها انجام می‌شود.",
                )
                .to_owned();
        }
        let mut table = table(
            say,
            [("buyers", "خریداران"), ("people", "نفر"), ("orders", "سفارش"), ("money", "پول"), ("each", "هر نفر")],
        );
        for (rfm, f) in &self.rfm {
            let name = sentences::rfm(*rfm, say.language).to_owned();
            let counts = [name, say.number(f.people), say.number(f.orders)];
            table.line(counts.into_iter().chain([say.purse(&f.kept), each(say, &f.kept, f.people)]));
        }
        block(
            say,
            ("by how lately, how often and for how much they buy (RFM)", "بر پایهٔ تازگی، دفعات و مبلغ خرید (RFM)"),
            &table,
        )
    }

    fn moves_block(&self, say: Say) -> Option<String> {
        let mut table = table(say, [("from", "از"), ("to", "به"), ("people", "نفر")]);
        for m in &self.moves {
            let [from, to] = [m.from, m.to].map(|rfm| sentences::rfm(rfm, say.language).to_owned());
            table.line([from, to, say.number(m.people)]);
        }
        (!self.moves.is_empty()).then(|| block(say, ("who moved", "جابه‌جایی‌ها"), &table))
    }

    fn points_block(&self, say: Say) -> Option<String> {
        let p = &self.points;
        if *p == PointsFigures::default() {
            return None;
        }
        let mut table = table(
            say,
            [
                ("given", "داده"),
                ("used", "خرج‌شده"),
                ("taken back", "پس‌گرفته"),
                ("expired", "سوخته"),
                ("left", "مانده"),
                ("people", "نفر"),
            ],
        );
        let figures = [p.given, p.used, p.taken_back, p.expired, p.left].map(|n| say.digits(&n.to_string()));
        table.line(figures.into_iter().chain([say.number(p.people)]));
        Some(block(say, ("points", "امتیازها"), &table))
    }
}

impl PeopleReport {
    /// Whether those who gather points are worth more. Nothing where nobody has one.
    fn members_block(&self, say: Say) -> Option<String> {
        if self.with_points.people == 0 {
            return None;
        }
        let columns =
            [("buyers", "خریداران"), ("people", "نفر"), ("orders", "سفارش"), ("money", "پول"), ("each", "هر نفر")];
        let mut table = table(say, columns);
        let lines =
            [(("with points", "با امتیاز"), &self.with_points), (("without", "بی امتیاز"), &self.without_points)];
        for ((english, persian), f) in lines {
            let counts = [say.pick(english, persian).to_owned(), say.number(f.people), say.number(f.orders)];
            table.line(counts.into_iter().chain([say.purse(&f.kept), each(say, &f.kept, f.people)]));
        }
        Some(block(say, ("with points and without", "با امتیاز و بی امتیاز"), &table))
    }
}

/// The money a head, each currency for itself.
fn each(say: Say, sum: &Purse, people: u64) -> String {
    let mut a_head = Purse::default();
    for money in sum.amounts() {
        let minor = i64::try_from(people).ok().and_then(|people| money.minor.checked_div(people));
        a_head.put(Money { minor: minor.unwrap_or_default(), ..money });
    }
    say.purse(&a_head)
}

fn table<const N: usize>(say: Say, columns: [(&str, &str); N]) -> Table {
    let align = |i: usize| if i == 0 { Align::Start } else { Align::End };
    Table::new(columns.into_iter().enumerate().map(|(i, (en, fa))| (say.pick(en, fa).to_owned(), align(i))))
}

fn block(say: Say, heading: (&str, &str), table: &Table) -> String {
    let lines: Vec<String> = table.lines().into_iter().map(|line| format!("  {line}")).collect();
    format!("{}\n{}", say.bold(say.pick(heading.0, heading.1)), lines.join("\n"))
}
