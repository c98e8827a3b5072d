//! A table of orders, one row for each line of an order, as events. Pure.

use std::collections::BTreeMap;
use std::io::Read;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::{Problem, Told, event_id, fingerprint};
use crate::clock::{At, Span};
use crate::digits;
use crate::jalali::{self, Jalali};
use crate::money::{Currency, Money};
use crate::receive::event::{MAX_ITEMS, parse_time};
use crate::state::model::REFUNDED_SO_FAR;

/// The columns that are known, and what stands in them.
pub const COLUMNS: &[(&str, &str)] = &[
    ("order_id", "needed; rows of one order need not stand together"),
    ("created_at", "needed; when it was placed"),
    ("product_id", "needed"),
    ("unit_price", "needed; of one, a decimal with a point"),
    ("quantity", "1 without it; below zero is an error"),
    ("product_name", "the product's id without it"),
    ("phone", "the buyer's, as typed"),
    ("user_id", "the buyer's account, or customer number"),
    ("first_name", ""),
    ("last_name", ""),
    ("country", "of the buyer, two letters"),
    ("status", "a word of WooCommerce's; completed without it"),
    ("paid_at", ""),
    ("completed_at", "as created_at without it, when the status is completed"),
    ("total", "of the order; the sum of its lines without it"),
    ("refunded", "of the order, what was given back"),
    ("currency", "the shop's without it"),
    ("number", "the order's number, if it is another than its id"),
    ("coupon", "the code that was used"),
    ("payment_method", ""),
];
const NEEDED: [&str; 4] = ["order_id", "created_at", "product_id", "unit_price"];

/// How a table is to be read.
#[derive(Debug, Clone)]
pub struct Options {
    /// Our column → the table's.
    pub map: BTreeMap<String, String>,
    /// Our column → what stands in it throughout.
    pub fill: BTreeMap<String, String>,
    /// Of times without one.
    pub zone: Tz,
    pub currency: Currency,
    pub now: At,
}

/// What a table held.
#[derive(Debug, Default)]
pub struct Table {
    pub rows: u64,
    /// Rows that belong to no order.
    pub problems: Vec<Problem>,
    name: String,
    drafts: BTreeMap<String, Draft>,
}

impl Table {
    /// Each order with the place of its first row, or why it is not understood.
    pub fn orders(self, options: &Options) -> impl Iterator<Item = (String, Result<Vec<Told>, Problem>)> {
        let Table { name, drafts, .. } = self;
        drafts.into_iter().map(move |(order_id, draft)| {
            let place = format!("{name}:{}", draft.line);
            let told = match draft.wrong.clone() {
                Some((line, why)) => Err(Problem::new(format!("{name}:{line}"), why)),
                None => order(&order_id, &draft, options).map_err(|why| Problem::new(place.clone(), why)),
            };
            (place, told)
        })
    }
}

/// Why the table cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    #[error("{name} cannot be read: {source}")]
    Read { name: String, source: csv::Error },
    #[error(
        "{name} has no column {column:?}, and needs it: name the one that is meant with --map {column}=…; it has {there}"
    )]
    Missing { name: String, column: &'static str, there: String },
    #[error("{name} has no column {theirs:?}, which --map names; it has {there}")]
    Unknown { name: String, theirs: String, there: String },
}

/// Where each of our columns stands.
struct Header {
    places: BTreeMap<&'static str, usize>,
    fill: BTreeMap<String, String>,
}

impl Header {
    fn new(name: &str, record: &csv::StringRecord, options: &Options) -> Result<Header, TableError> {
        let there = || record.iter().map(|column| format!("{column:?}")).collect::<Vec<_>>().join(", ");
        let place = |wanted: &str| {
            record.iter().position(|column| column.trim().trim_start_matches('\u{feff}').eq_ignore_ascii_case(wanted))
        };
        let mut places = BTreeMap::new();
        for (column, _) in COLUMNS {
            let theirs = options.map.get(*column);
            match (place(theirs.map_or(*column, String::as_str)), theirs) {
                (Some(at), _) => {
                    places.insert(*column, at);
                }
                (None, Some(theirs)) => {
                    return Err(TableError::Unknown { name: name.to_owned(), theirs: theirs.clone(), there: there() });
                }
                (None, None) => {}
            }
        }
        let missing = NEEDED.into_iter().find(|c| !places.contains_key(c) && !options.fill.contains_key(*c));
        if let Some(column) = missing {
            return Err(TableError::Missing { name: name.to_owned(), column, there: there() });
        }
        Ok(Header { places, fill: options.fill.clone() })
    }

    fn value(&self, row: &csv::StringRecord, column: &str) -> Option<String> {
        let written = self.places.get(column).and_then(|at| row.get(*at)).map(str::trim).filter(|v| !v.is_empty());
        written.map(str::to_owned).or_else(|| self.fill.get(column).cloned())
    }
}

/// An order while its rows come together. There may be millions of lines: each is kept as it will be written.
#[derive(Debug, Default)]
struct Draft {
    line: u64,
    /// Of its first row that has something there.
    fields: BTreeMap<&'static str, String>,
    items: Vec<Box<str>>,
    sum: i64,
    /// The first thing that is wrong with it.
    wrong: Option<(u64, String)>,
}

/// Fields of the order rather than of one of its lines.
const OF_ORDER: [&str; 15] = [
    "created_at",
    "phone",
    "user_id",
    "first_name",
    "last_name",
    "country",
    "status",
    "paid_at",
    "completed_at",
    "total",
    "refunded",
    "currency",
    "number",
    "coupon",
    "payment_method",
];

/// Reads a whole table.
///
/// # Errors
/// [`TableError`]; an order that is not understood is among the problems.
pub fn read(source: impl Read, name: &str, options: &Options) -> Result<Table, TableError> {
    let cannot = |source| TableError::Read { name: name.to_owned(), source };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(source);
    let header = Header::new(name, reader.headers().map_err(cannot)?, options)?;
    let mut table = Table { name: name.to_owned(), ..Table::default() };
    for row in reader.records() {
        let row = match row {
            Ok(row) => row,
            Err(e) if e.is_io_error() => return Err(cannot(e)),
            Err(e) => {
                let line = e.position().map_or(0, csv::Position::line);
                table.problems.push(Problem::new(format!("{name}:{line}"), "the row cannot be read: is it UTF-8?"));
                continue;
            }
        };
        table.rows += 1;
        let line = row.position().map_or(0, csv::Position::line);
        let Some(order_id) = header.value(&row, "order_id") else {
            table.problems.push(Problem::new(format!("{name}:{line}"), "order_id is empty"));
            continue;
        };
        let draft = table.drafts.entry(order_id).or_insert_with(|| Draft { line, ..Draft::default() });
        for column in OF_ORDER {
            if !draft.fields.contains_key(column)
                && let Some(value) = header.value(&row, column)
            {
                draft.fields.insert(column, value);
            }
        }
        match item(&header, &row, currency(&draft.fields, options)) {
            Ok((item, price)) => {
                draft.items.push(item.to_string().into());
                draft.sum = draft.sum.saturating_add(price);
            }
            Err(why) => {
                draft.wrong.get_or_insert((line, why));
            }
        }
    }
    Ok(table)
}

fn currency(fields: &BTreeMap<&'static str, String>, options: &Options) -> Currency {
    fields.get("currency").and_then(|code| code.parse().ok()).unwrap_or(options.currency)
}

/// A line of an order, and what it costs in minor units.
fn item(header: &Header, row: &csv::StringRecord, currency: Currency) -> Result<(Value, i64), String> {
    let product = header.value(row, "product_id").ok_or("product_id is empty")?;
    let quantity = digits::to_ascii(&header.value(row, "quantity").unwrap_or_else(|| "1".to_owned()));
    let whole: i64 = quantity.split('.').next().and_then(|q| q.parse().ok()).ok_or("quantity is not a number")?;
    if whole < 0 {
        return Err("quantity is below zero: what was given back stands in the column refunded of its order".to_owned());
    }
    let price = digits::to_ascii(&header.value(row, "unit_price").ok_or("unit_price is empty")?);
    let price = Money::parse(&price, currency)
        .map_err(|_| "unit_price is not a number: expected a decimal such as 250000 or 19.90")?;
    let name = header.value(row, "product_name").unwrap_or_else(|| product.clone());
    let item = json!({ "product_id": product, "name": name, "quantity": quantity, "unit_price": price.decimal() });
    Ok((item, price.minor.saturating_mul(whole.max(1))))
}

fn order(order_id: &str, draft: &Draft, options: &Options) -> Result<Vec<Told>, String> {
    let field = |name: &str| draft.fields.get(name).map(String::as_str);
    let moment = |name: &str| {
        field(name)
            .map(|text| {
                time(text, options.zone)
                    .ok_or(format!("{name} is no moment: expected 2026-11-22 10:15, 1405-09-01 10:15 or RFC 3339"))
            })
            .transpose()
    };
    let code = match field("currency") {
        Some(code) => code.parse().map_err(|_| "currency is no code of three or four letters")?,
        None => options.currency,
    };
    let created = moment("created_at")?.ok_or("created_at is empty")?;
    if created > options.now.plus(Span::days(1)) {
        return Err("created_at lies more than a day in the future".to_owned());
    }
    let (paid, completed) = (moment("paid_at")?, moment("completed_at")?);
    let status = field("status").unwrap_or("completed");
    let at = match status {
        "completed" => completed.unwrap_or(created),
        _ => paid.unwrap_or(created),
    };
    let at = at.max(created).min(options.now);
    let money = |name: &str| {
        field(name)
            .map(|text| Money::parse(&digits::to_ascii(text), code).map_err(|_| format!("{name} is not a number")))
            .transpose()
    };
    let total = money("total")?.unwrap_or(Money { minor: draft.sum, currency: code });
    let said = |name: &str| field(name).map(|text| Value::String(text.to_owned()));
    let person: serde_json::Map<String, Value> = ["phone", "user_id", "first_name", "last_name", "country"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), said(name)?)))
        .collect();
    let items: Vec<Value> =
        draft.items.iter().take(MAX_ITEMS).filter_map(|item| serde_json::from_str(item).ok()).collect();
    let mut data = json!({
        "order_id": order_id,
        "number": field("number").unwrap_or(order_id),
        "status": status,
        "total": total.decimal(),
        "currency": code.code(),
        "items": items,
        "contact": person,
        "coupons": field("coupon").into_iter().collect::<Vec<_>>(),
        "created_at": created.rfc3339(),
    });
    if let Value::Object(fields) = &mut data {
        let dates = [("paid_at", paid), ("completed_at", completed)];
        fields.extend(dates.into_iter().filter_map(|(name, at)| Some((name.to_owned(), Value::String(at?.rfc3339())))));
        fields.extend(said("payment_method").map(|method| ("payment_method".to_owned(), method)));
    }
    let id = event_id("order", order_id, &fingerprint(&data.to_string(), 6));
    let mut told = vec![Told { id, kind: "order.updated", at, data, mail: None }];
    if let Some(refunded) = money("refunded")?.filter(|money| money.minor != 0) {
        let refunded = Money { minor: refunded.minor.saturating_abs(), ..refunded };
        let refund = format!("{REFUNDED_SO_FAR}{}", refunded.minor);
        let data =
            json!({ "order_id": order_id, "refund_id": refund, "amount": refunded.decimal(), "currency": code.code() });
        told.push(Told {
            id: event_id("refund", &format!("{order_id}-{}", refunded.minor), ""),
            kind: "order.refunded",
            at,
            data,
            mail: None,
        });
    }
    Ok(told)
}

/// Years below this are the Jalali calendar's.
const FIRST_GREGORIAN: i32 = 1700;

/// A moment as tables have it: RFC 3339, or a day with or without a time, of either calendar, in the shop's zone.
fn time(text: &str, zone: Tz) -> Option<At> {
    let plain = digits::to_ascii(text.trim());
    if let Some(at) = parse_time(&plain) {
        return Some(at);
    }
    let (day, hour) = plain.split_once([' ', 'T']).unwrap_or((&plain, "00:00"));
    let mut numbers = day.split(['-', '/']);
    let (year, month, day): (i32, u8, u8) =
        (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    if numbers.next().is_some() {
        return None;
    }
    let date = if year < FIRST_GREGORIAN {
        jalali::to_date(Jalali { year, month, day })?
    } else {
        NaiveDate::from_ymd_opt(year, month.into(), day.into())?
    };
    let hour = hour.trim();
    let time = ["%H:%M:%S%.f", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(hour, form).ok())?;
    let local = NaiveDateTime::new(date, time);
    // Where clocks are moved forward there is no such moment; the next hour has it.
    let later = || zone.from_local_datetime(&(local + chrono::TimeDelta::hours(1))).earliest();
    Some(At(zone.from_local_datetime(&local).earliest().or_else(later)?.timestamp_millis()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Options {
        Options {
            map: BTreeMap::new(),
            fill: BTreeMap::new(),
            zone: Tz::Asia__Tehran,
            currency: Currency::IRT,
            now: At(1_800_000_000_000),
        }
    }

    const HEADER: &str = "order_id,created_at,product_id,quantity,unit_price,phone,refunded\n";

    #[test]
    fn rows_of_an_order_come_together_and_the_sum_is_its_total() {
        let text = format!(
            "{HEADER}7,2025-01-05 10:00,12,2,5000,09120000001,\n8,1403-10-16 10:00,13,۱,۷۰۰۰,,\n7,2025-01-05 10:00,14,1,1000,,500\n"
        );
        let table = read(text.as_bytes(), "o.csv", &options()).unwrap();
        assert_eq!((table.rows, table.problems.len()), (3, 0));
        let orders: Vec<_> = table.orders(&options()).map(|(place, told)| (place, told.unwrap())).collect();
        let (place, told) = &orders[0];
        assert_eq!(place, "o.csv:2");
        assert_eq!(told[0].data["total"], "11000");
        assert_eq!(told[0].data["items"].as_array().unwrap().len(), 2);
        assert_eq!(told[0].at.rfc3339(), "2025-01-05T06:30:00Z");
        assert_eq!((told[1].kind, &told[1].data["amount"]), ("order.refunded", &json!("500")));
        assert_eq!(orders[1].1[0].at, told[0].at, "the same day of the other calendar");
        for (_, told) in orders {
            for told in told {
                told.check().unwrap();
            }
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_without_its_value() {
        let text = format!(
            "{HEADER}1,yesterday,12,1,5000,,\n2,2025-01-05,12,-1,5000,,\n3,2025-01-05,12,1,09120000001x,,\n,2025-01-05,12,1,5,,\n4,2025-01-05,12,1,5,,\n"
        );
        let table = read(text.as_bytes(), "o.csv", &options()).unwrap();
        let mut said: Vec<String> = table.problems.iter().map(ToString::to_string).collect();
        let options = options();
        let wrong = table.orders(&options).filter_map(|(_, told)| told.err());
        said.extend(wrong.map(|problem| problem.to_string()));
        assert_eq!(said.len(), 4);
        let all = said.join("\n");
        for needle in
            ["o.csv:2: created_at", "o.csv:3: quantity is below zero", "o.csv:4: unit_price", "o.csv:5: order_id"]
        {
            assert!(all.contains(needle), "{needle} in\n{all}");
        }
        assert!(!all.contains("0912"), "{all}");
    }

    #[test]
    fn columns_of_others_are_mapped_and_filled_and_a_missing_one_is_named() {
        let text = "invoice,when,sku,qty,price,customer\nA1,2010-12-01 08:26,85123A,6,2.55,17850\n";
        let missing = read(text.as_bytes(), "o.csv", &options()).unwrap_err().to_string();
        assert!(missing.contains("\"order_id\"") && missing.contains("\"invoice\""), "{missing}");
        let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let options = Options {
            map: pairs(&[
                ("order_id", "invoice"),
                ("created_at", "when"),
                ("product_id", "sku"),
                ("quantity", "qty"),
                ("unit_price", "price"),
                ("user_id", "customer"),
            ]),
            fill: pairs(&[("currency", "GBP")]),
            zone: Tz::Europe__London,
            ..options()
        };
        let table = read(text.as_bytes(), "o.csv", &options).unwrap();
        let first = |table: Table| table.orders(&options).next().unwrap().1.unwrap().remove(0);
        let told = first(table);
        assert_eq!((&told.data["total"], &told.data["contact"]["user_id"]), (&json!("15.30"), &json!("17850")));
        let again = read(text.as_bytes(), "o.csv", &options).unwrap();
        assert_eq!(told.id, first(again).id);
    }
}
