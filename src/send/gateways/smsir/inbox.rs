//! Replies. `receive/latest` gives each row once; today's (`live`) and older ones (`archive`) can be read again and again, so a
//! crash loses nothing. Rows have no id there: their content is one.

use sha2::{Digest, Sha256};

use super::Smsir;
use crate::send::gateway::{Inbound, Page, Trouble};
use crate::send::gateways::loose::{self, Object};

const PAGE: usize = 100;
const BAD_TIME: i64 = 109;
const DAY_S: i64 = 24 * 3600;

/// What is read next.
///
/// At midnight rows move from `live` to `archive`, perhaps not at once. So what came in the day before the newest row that we
/// have is read again each time; the store knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cursor {
    from: Source,
    page: u32,
    /// When the newest row came that was seen before this round, and in all; Unix seconds, 0 for none.
    before: i64,
    newest: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Archive,
    Live,
}

impl Cursor {
    const START: Cursor = Cursor { from: Source::Live, page: 1, before: 0, newest: 0 };

    fn read(text: &str) -> Option<Cursor> {
        let mut words = text.split(' ');
        let from = match words.next()? {
            "archive" => Source::Archive,
            "live" => Source::Live,
            _ => return None,
        };
        let (page, before, newest) =
            (words.next()?.parse().ok()?, words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        Some(Cursor { from, page, before, newest })
    }

    fn text(self) -> String {
        let from = match self.from {
            Source::Archive => "archive",
            Source::Live => "live",
        };
        format!("{from} {} {} {}", self.page, self.before, self.newest)
    }

    /// Where to go on, and whether at once.
    fn after(self, newest: i64, full: bool) -> (Cursor, bool) {
        let cursor = Cursor { newest: self.newest.max(newest), ..self };
        match self.from {
            _ if full => (Cursor { page: self.page.saturating_add(1), ..cursor }, true),
            Source::Archive => (Cursor { from: Source::Live, page: 1, ..cursor }, true),
            Source::Live => {
                let from = if cursor.newest > 0 { Source::Archive } else { Source::Live };
                (Cursor { from, page: 1, before: cursor.newest, newest: cursor.newest }, false)
            }
        }
    }
}

impl Smsir {
    pub(super) async fn replies(&self, cursor: Option<&str>) -> Result<Page<Inbound>, Trouble> {
        let cursor = cursor.and_then(Cursor::read).unwrap_or(Cursor::START);
        let mut query = vec![("pageSize", PAGE.to_string()), ("pageNumber", cursor.page.to_string())];
        let method = match cursor.from {
            Source::Live => {
                query.push(("sortByNewest", "false".to_owned()));
                "receive/live"
            }
            Source::Archive => {
                query.push(("fromDate", (cursor.before - DAY_S).to_string()));
                // Later than now, whenever now is: only a row could tell us.
                query.push(("toDate", (cursor.before + 366 * DAY_S).to_string()));
                "receive/archive"
            }
        };
        let found = match self.rows(method, &query).await {
            // Today's must come all the same.
            Err(Trouble::Refused { code: BAD_TIME, .. }) if cursor.from == Source::Archive => {
                tracing::warn!(
                    "smsir's archive cannot be asked for these days: replies around midnight may be missing"
                );
                Vec::new()
            }
            other => other?,
        };
        let rows: Vec<Inbound> = found.iter().filter_map(reply).collect();
        let newest = rows.iter().filter_map(|row| row.at_unix).max().unwrap_or(0);
        let (cursor, more) = cursor.after(newest, found.len() >= PAGE);
        Ok(Page { rows, cursor: Some(cursor.text()), more })
    }

    pub(super) async fn rows(&self, method: &str, query: &[(&str, String)]) -> Result<Vec<Object>, Trouble> {
        let Some(data) = self.wire.ask(method, query).await? else { return Ok(Vec::new()) };
        loose::objects(&data).ok_or_else(|| Trouble::Unreadable(format!("{method} gives data that is no list")))
    }
}

fn reply(row: &Object) -> Option<Inbound> {
    let from = row.scalar("mobile")?;
    let text = row.scalar("messageText").unwrap_or_default();
    let at_unix = row.number("receivedDateTime");
    let seen = format!("{from}\n{}\n{text}", at_unix.unwrap_or_default());
    let id = Sha256::digest(seen).iter().take(16).fold(String::new(), |id, byte| id + &format!("{byte:02x}"));
    Some(Inbound { gateway_id: Some(id), from: with_zero(from), to: row.scalar("number"), text, at_unix })
}

/// Numbers come as numbers, so without the zero that an Iranian one begins with.
fn with_zero(mobile: String) -> String {
    if mobile.len() == 10 && mobile.starts_with('9') { format!("0{mobile}") } else { mobile }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, Source};

    #[test]
    fn cursors_are_read_as_they_were_written() {
        for cursor in [Cursor::START, Cursor { from: Source::Archive, page: 3, before: 5, newest: 9 }] {
            assert_eq!(Cursor::read(&cursor.text()), Some(cursor));
        }
        for odd in ["", "live", "live x 1 1", "1 2 3 4"] {
            assert_eq!(Cursor::read(odd), None);
        }
    }
}
