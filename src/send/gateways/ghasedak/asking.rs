//! Questions: where messages are, by Ghasedak's ids or by ours, and what people wrote.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveDateTime};
use sha2::{Digest, Sha256};

use super::{Ghasedak, codes, message_id, rial};
use crate::send::gateway::{Delivery, Inbound, Known, Page, Report, Sought, StopScope, Trouble};
use crate::send::gateways::loose::{self, Object, whole_number};
use crate::send::gateways::unread::Reading;

pub(super) const MOST_IDS: usize = 100;
/// Rows of `GetReceivedSmses`.
const MOST_UNREAD: usize = 100;

const IRAN_S: i32 = 12_600;

/// Whose ids are asked about: `Type` of `CheckSmsStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ids {
    Theirs,
    Ours,
}

impl Ids {
    fn kind(self) -> (&'static str, String) {
        ("Type", if self == Ids::Theirs { "1" } else { "2" }.to_owned())
    }

    fn of(self, row: &Object) -> Option<String> {
        match self {
            Ids::Theirs => message_id(row),
            // The documentation's sample, its schema and the older service each have a name of their own.
            Ids::Ours => ["clientReferenceId", "clientId", "checkid"]
                .iter()
                .filter_map(|name| row.scalar(name))
                .find(|id| !matches!(id.trim(), "" | "0")),
        }
    }
}

impl Ghasedak {
    /// The rows of these ids, by id. The documentation writes several with commas, a client of Ghasedak's repeats the name: what
    /// one way does not bring is asked for in the other.
    async fn rows_of(&self, ids: &[String], kind: Ids) -> Result<BTreeMap<String, Object>, Trouble> {
        let joined = [("Ids", ids.join(",")), kind.kind()];
        let mut found = match self.list("CheckSmsStatus", &joined).await {
            Ok(rows) => by_id(rows.unwrap_or_default(), kind, ids),
            Err(Trouble::Refused { code: 400, .. }) if ids.len() > 1 => BTreeMap::new(),
            Err(trouble) => return Err(trouble),
        };
        let missing: Vec<&String> = ids.iter().filter(|id| !found.contains_key(*id)).collect();
        if ids.len() > 1 && !missing.is_empty() {
            let mut repeated: Vec<_> = missing.iter().map(|id| ("Ids", (*id).clone())).collect();
            repeated.push(kind.kind());
            if let Ok(Some(rows)) = self.list("CheckSmsStatus", &repeated).await {
                found.extend(by_id(rows, kind, ids));
            }
        }
        Ok(found)
    }

    /// What became of one of ours. That it is not there is said by an empty list, and by nothing else.
    pub(super) async fn by_reference(&self, reference: i64) -> Result<Known, Trouble> {
        let id = reference.to_string();
        let Some(rows) = self.list("CheckSmsStatus", &[("Ids", id.clone()), Ids::Ours.kind()]).await? else {
            return Ok(Known::CannotTell);
        };
        if rows.is_empty() {
            return Ok(Known::NotFound);
        }
        let row = by_id(rows, Ids::Ours, std::slice::from_ref(&id)).remove(&id);
        Ok(row.map_or(Known::CannotTell, |row| known(&row, reference)))
    }

    pub(super) async fn search(&self, sought: &[Sought]) -> Result<Vec<(i64, Known)>, Trouble> {
        let mut answers = Vec::with_capacity(sought.len());
        for batch in sought.chunks(MOST_IDS) {
            match self.search_batch(batch).await {
                Ok(more) => answers.extend(more),
                Err(trouble) if answers.is_empty() => return Err(trouble),
                // What was learnt is kept; nothing is known of the others.
                Err(_) => answers.extend(batch.iter().map(|message| (message.reference, Known::CannotTell))),
            }
        }
        Ok(answers)
    }

    async fn search_batch(&self, batch: &[Sought]) -> Result<Vec<(i64, Known)>, Trouble> {
        if let [message] = batch {
            return Ok(vec![(message.reference, self.by_reference(message.reference).await?)]);
        }
        let ids: Vec<String> = batch.iter().map(|message| message.reference.to_string()).collect();
        let found = self.rows_of(&ids, Ids::Ours).await?;
        let mut answers = Vec::with_capacity(batch.len());
        let mut is_reached = true;
        for (message, id) in batch.iter().zip(&ids) {
            let answer = match found.get(id) {
                Some(row) => known(row, message.reference),
                // "Not there" decides over a message, so it is said only to a question that cannot be misread.
                None if is_reached => match self.by_reference(message.reference).await {
                    Ok(known) => known,
                    Err(trouble) if found.is_empty() && answers.is_empty() => return Err(trouble),
                    Err(trouble) => {
                        is_reached = !matches!(trouble, Trouble::Unreachable(_));
                        Known::CannotTell
                    }
                },
                None => Known::CannotTell,
            };
            answers.push((message.reference, answer));
        }
        Ok(answers)
    }

    pub(super) async fn reports(&self, gateway_ids: &[String]) -> Result<Vec<Report>, Trouble> {
        let mut reports = Vec::with_capacity(gateway_ids.len());
        for batch in gateway_ids.chunks(MOST_IDS) {
            match self.rows_of(batch, Ids::Theirs).await {
                Ok(found) => reports.extend(found.values().filter_map(report)),
                Err(trouble) if reports.is_empty() => return Err(trouble),
                Err(_) => break,
            }
        }
        Ok(reports)
    }

    pub(super) async fn replies(&self, cursor: Option<&str>) -> Result<Page<Inbound>, Trouble> {
        let Some(line) = self.number() else { return Err(Trouble::NotOffered) };
        let reading = self.unread.next(cursor);
        // Of those that were read, the last hundred come at once.
        let is_read = reading != Reading::Unread;
        let query = [("lineNumber", line.to_owned()), ("isRead", is_read.to_string())];
        let found = match self.list("GetReceivedSmses", &query).await {
            // The unread ones must come all the same.
            Err(Trouble::Refused { code, .. }) if is_read => {
                tracing::warn!(code, "ghasedak does not show replies that were read before");
                Vec::new()
            }
            other => other?.unwrap_or_default(),
        };
        let more = !is_read && found.len() >= MOST_UNREAD;
        let (cursor, more) = self.unread.gave(reading, more);
        Ok(Page { rows: found.iter().filter_map(reply).collect(), cursor: Some(cursor), more })
    }

    /// The rows of a list, or of the `items` of an object; `None`: it says yes and gives neither.
    async fn list(&self, method: &str, query: &[(&str, String)]) -> Result<Option<Vec<Object>>, Trouble> {
        let Some(data) = self.wire.ask(method, query).await? else { return Ok(None) };
        let items = Object::read(&data).and_then(|data| data.raw("items").map(str::to_owned)).unwrap_or(data);
        let rows = loose::objects(&items);
        rows.map(Some).ok_or_else(|| Trouble::Unreadable(format!("{method} gives data that is no list")))
    }
}

fn by_id(rows: Vec<Object>, kind: Ids, asked: &[String]) -> BTreeMap<String, Object> {
    let of = |row: Object| Some((kind.of(&row)?, row));
    rows.into_iter().filter_map(of).filter(|(id, _)| asked.contains(id)).collect()
}

fn known(row: &Object, reference: i64) -> Known {
    match report(row) {
        Some(report) => Known::Found(Report { reference: Some(reference), ..report }),
        // A row without a message is neither a yes nor a no.
        None => Known::CannotTell,
    }
}

fn report(row: &Object) -> Option<Report> {
    let status = row.number("status");
    Some(Report {
        cost: row.number("price").or_else(|| row.number("cost")).filter(|cost| *cost >= 0).map(rial),
        stop: status.and_then(stop),
        ..Report::of(message_id(row)?, status.map_or(Delivery::Unknown, codes::delivery))
    })
}

/// The account is set to send nothing: learnt only from what became of a message.
pub(super) fn stop(status: i64) -> Option<(StopScope, String)> {
    (status == codes::DEBUG_MODE).then(|| {
        let why = "ghasedak's debug mode is on: messages are taken and none is sent; turn it off in the panel";
        (StopScope::Account, why.to_owned())
    })
}

fn reply(row: &Object) -> Option<Inbound> {
    let from = row.scalar("sender").or_else(|| row.scalar("mobile"))?;
    let text = row.scalar("message").unwrap_or_default();
    let date = row.scalar("receiveDate");
    let id = row.scalar("id").or_else(|| row.scalar("messageId")).filter(|id| !matches!(id.trim(), "" | "0"));
    let id = id.unwrap_or_else(|| {
        let seen = format!("{from}\n{}\n{text}", date.as_deref().unwrap_or_default());
        Sha256::digest(seen).iter().take(16).fold(String::new(), |id, byte| id + &format!("{byte:02x}"))
    });
    let at_unix = date.as_deref().and_then(unix);
    Some(Inbound { gateway_id: Some(id), from, to: row.scalar("lineNumber"), text, at_unix })
}

/// ISO 8601; without an offset it is Iran's time. Unix seconds are taken, too.
pub(super) fn unix(date: &str) -> Option<i64> {
    let date = date.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(date) {
        return Some(at.timestamp());
    }
    let local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(date, format).ok());
    match local {
        Some(local) => Some(local.and_local_timezone(FixedOffset::east_opt(IRAN_S)?).single()?.timestamp()),
        None => whole_number(date),
    }
}

#[cfg(test)]
mod tests {
    use super::unix;

    #[test]
    fn dates_are_irans_unless_they_say_otherwise() {
        for date in ["2026-01-05T13:30:00", "2026-01-05T13:30:00.123", "2026-01-05T13:30:00+03:30", "1767607200"] {
            assert_eq!(unix(date), Some(1_767_607_200), "{date}");
        }
        assert_eq!(unix("2026-01-05T10:00:00Z"), Some(1_767_607_200));
        assert_eq!(unix("yesterday"), None);
    }
}
