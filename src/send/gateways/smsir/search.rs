//! Looks for a message whose hand-over stayed open: SMS.ir knows no reference, so by number, text and time.

use super::{Smsir, codes};
use crate::money::{Currency, Money};
use crate::send::gateway::{Known, Report, Sought, Trouble};
use crate::send::gateways::loose::Object;

const PAGE: usize = 100;
/// A list that is longer is not read to its end.
const MOST_PAGES: u32 = 10;
/// Clocks differ, and a text may stand in the queue for a while.
const BEFORE_S: i64 = 2 * 60;
const AFTER_S: i64 = 15 * 60;

impl Smsir {
    /// Today's messages, then the older ones of those hours. What is not seen proves nothing.
    pub(super) async fn search(&self, sought: &[Sought]) -> Result<Vec<(i64, Known)>, Trouble> {
        let mut known: Vec<(i64, Known)> = sought.iter().map(|m| (m.reference, Known::CannotTell)).collect();
        let earliest = sought.iter().map(|m| m.handed_unix).min().unwrap_or_default() - BEFORE_S;
        let latest = sought.iter().map(|m| m.handed_unix).max().unwrap_or_default() + AFTER_S;
        let archive = [("fromDate", earliest.to_string()), ("toDate", latest.to_string())];
        let mut rows = Vec::new();
        for (method, span) in [("send/live", &[][..]), ("send/archive", &archive)] {
            if known.iter().all(|(_, known)| matches!(known, Known::Found(_))) {
                break;
            }
            for page in 1..=MOST_PAGES {
                let mut query = vec![("pageSize", PAGE.to_string()), ("pageNumber", page.to_string())];
                query.extend_from_slice(span);
                let found = self.rows(method, &query).await?;
                let last = found.len() < PAGE;
                rows.extend(found.into_iter().filter(|row| report(row).is_some()));
                if last {
                    break;
                }
            }
            take(sought, &mut known, &mut rows);
        }
        Ok(known)
    }
}

/// Each row is one message, so it is taken once; the nearest in time first.
fn take(sought: &[Sought], known: &mut [(i64, Known)], rows: &mut Vec<Object>) {
    for (message, (_, known)) in sought.iter().zip(known).filter(|(_, (_, known))| *known == Known::CannotTell) {
        let distance = |row: &Object| row.number("sendDateTime").unwrap_or_default().abs_diff(message.handed_unix);
        let best = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| is_it(message, row))
            .min_by_key(|(_, row)| distance(row))
            .map(|(place, _)| place);
        if let Some(found) = best.and_then(|place| report(&rows.swap_remove(place))) {
            *known = Known::Found(found);
        }
    }
}

fn is_it(message: &Sought, row: &Object) -> bool {
    let same_number = row.scalar("mobile").is_some_and(|mobile| {
        let ours = message.to.national();
        mobile.trim_start_matches('+').ends_with(ours.trim_start_matches('0'))
    });
    // SMS.ir may put the words for opting out under it.
    let same_text = row.scalar("messageText").is_some_and(|text| words(&text).starts_with(&words(&message.text)));
    let in_time = row
        .number("sendDateTime")
        .is_some_and(|at| (message.handed_unix - BEFORE_S..=message.handed_unix + AFTER_S).contains(&at));
    same_number && same_text && in_time && !message.text.is_empty()
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a row says of its message.
pub(super) fn report(row: &Object) -> Option<Report> {
    let id = row.scalar("messageId").filter(|id| !matches!(id.trim(), "" | "0"))?;
    let state = codes::delivery(row.number("deliveryState"));
    Some(Report { cost: cost(row), ..Report::of(id, state) })
}

/// What a message or a call cost.
pub(super) fn cost(row: &Object) -> Option<Money> {
    row.scalar("cost").and_then(|cost| credits(&cost)).filter(|cost| cost.minor >= 0)
}

/// Credits of an unknown worth; digits behind the fourth decimal are rounded, halves up.
pub(super) fn credits(decimal: &str) -> Option<Money> {
    Money::parse(decimal, Currency::CREDIT).ok()
}
