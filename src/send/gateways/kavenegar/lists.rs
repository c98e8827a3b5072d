//! What the account knows beside messages: replies, the line's blacklist, its own count.

use super::wire::Reply;
use super::{Kavenegar, rial, said};
use crate::send::gateway::{Inbound, Page, Refuser, Tally, Trouble};
use crate::send::gateways::loose::{self, Object};
use crate::send::gateways::unread::Reading;
use crate::send::gateways::wire::Lost;

/// Rows of `sms/receive`, and of the paged lists.
const MOST_UNREAD: usize = 100;
const MOST_ROWS: usize = 200;

const DAY_S: i64 = 24 * 3600;
/// Counts are kept for three days.
const MOST_COUNTED_S: i64 = 4 * DAY_S;
/// 2010-01-01: before anybody was on a blacklist there.
const BEFORE_ALL: i64 = 1_262_304_000;
/// In place of where a list begins: without a date, which Kavenegar takes for today.
const TODAY: i64 = 0;
/// Iran is this far ahead of UTC.
const IRAN_S: i64 = 12_600;

/// Codes by which a question for so long ago, or without a reason, is refused.
const DATE_REFUSED: i64 = 417;
const FIELD_MISSING: [i64; 2] = [400, 406];
const BEYOND_THE_END: i64 = 415;
/// What was read before cannot be asked for in this way, or not by this account.
const NOT_ASKED_SO: [i64; 6] = [400, 404, 405, 406, 407, 417];

/// Blocked because the person wrote «لغو۱۱» to the line.
const BY_REPLY: i64 = 2;

impl Kavenegar {
    /// The line that these lists are asked for.
    async fn line(&self) -> Result<String, Trouble> {
        if let Some(line) = &self.sender {
            return Ok(line.clone());
        }
        let default = self.one("account/config").await?.scalar("defaultsender");
        default.filter(|line| !line.trim().is_empty()).ok_or_else(|| {
            Trouble::Unreadable("no sender line is set, here or as the account's default; set sender".to_owned())
        })
    }

    pub(super) async fn replies(&self, cursor: Option<&str>) -> Result<Page<Inbound>, Trouble> {
        let line = ("linenumber", self.line().await?);
        let reading = self.unread.next(cursor);
        let (method, form, most) = match reading {
            // Those of the last two days, unless other dates are given.
            Reading::Again { page } => {
                let form = vec![line, ("isread", "1".to_owned()), ("pagenumber", page.to_string())];
                ("sms/inboxpaged", form, MOST_ROWS)
            }
            Reading::Unread => ("sms/receive", vec![line, ("isread", "0".to_owned())], MOST_UNREAD),
        };
        let found = match listed(method, self.wire.call(method, &form).await) {
            // The unread ones must come all the same.
            Err(Trouble::Refused { code, .. }) if reading != Reading::Unread && NOT_ASKED_SO.contains(&code) => {
                tracing::warn!(code, "kavenegar does not show replies that were read before");
                Vec::new()
            }
            other => other?,
        };
        let more = found.len() >= most;
        let rows = found.iter().filter_map(reply).collect();
        let (cursor, more) = self.unread.gave(reading, more);
        Ok(Page { rows, cursor: Some(cursor), more })
    }

    /// The cursor is where the list begins (Unix seconds or [`TODAY`]), the page, and the newest date so far.
    pub(super) async fn blocked(&self, cursor: Option<&str>) -> Result<Page<Refuser>, Trouble> {
        let numbers: Vec<i64> =
            cursor.unwrap_or_default().split(' ').filter_map(|number| number.parse().ok()).collect();
        let (since, page, newest) = match numbers.as_slice() {
            [since, page, newest] => (*since, *page, *newest),
            _ => (BEFORE_ALL, 1, BEFORE_ALL),
        };
        let line = self.line().await?;
        let (since, page, found) = match self.blocked_since(&line, since, page).await {
            Err(Trouble::Refused { code: DATE_REFUSED, .. }) => {
                let (since, found) = self.blocked_later(&line, since, newest).await?;
                (since, 1, found)
            }
            other => (since, page, other?),
        };
        let more = found.len() >= MOST_ROWS;
        let rows: Vec<Refuser> = found.iter().filter_map(refuser).collect();
        let newest = rows.iter().filter_map(|row| row.at_unix).fold(newest, i64::max);
        let cursor = if more {
            format!("{since} {} {newest}", page.saturating_add(1))
        } else {
            // Rows may be written down late: the last day is asked for again.
            format!("{} 1 {newest}", newest.saturating_sub(DAY_S).max(since))
        };
        Ok(Page { rows, cursor: Some(cursor), more })
    }

    /// Where a list may not begin so early: the earliest of the later days that is taken, and its first page.
    async fn blocked_later(&self, line: &str, refused: i64, newest: i64) -> Result<(i64, Vec<Object>), Trouble> {
        for since in [newest.saturating_sub(DAY_S), self.yesterday().await.unwrap_or(refused)] {
            if since <= refused {
                continue;
            }
            match self.blocked_since(line, since, 1).await {
                Err(Trouble::Refused { code: DATE_REFUSED, .. }) => {}
                other => return Ok((since, other?)),
            }
        }
        Ok((TODAY, self.blocked_since(line, TODAY, 1).await?))
    }

    /// When yesterday began in Iran, by Kavenegar's clock.
    async fn yesterday(&self) -> Option<i64> {
        let there = self.one("utils/getdate").await.ok()?.number("unixtime")?.checked_add(IRAN_S)?;
        Some(there - there.rem_euclid(DAY_S) - DAY_S - IRAN_S)
    }

    async fn blocked_since(&self, line: &str, since: i64, page: i64) -> Result<Vec<Object>, Trouble> {
        let method = "line/blocked/list";
        let mut query = vec![("linenumber", line.to_owned()), ("pagenumber", page.to_string())];
        if since != TODAY {
            query.push(("startdate", since.to_string()));
        }
        match listed(method, self.wire.get(method, &query).await) {
            // Whether it can be asked for all reasons at once is not documented; this is the one that counts.
            Err(Trouble::Refused { code, .. }) if FIELD_MISSING.contains(&code) => {
                query.push(("blockreason", BY_REPLY.to_string()));
                listed(method, self.wire.get(method, &query).await)
            }
            other => other,
        }
    }

    /// Every message of the account is counted, whoever sent it. A day at most can be asked for at once.
    pub(super) async fn counted(&self, from_unix: i64, to_unix: i64) -> Result<Option<Tally>, Trouble> {
        let unreadable = |what: &str| Trouble::Unreadable(format!("sms/countoutbox names no {what}"));
        if to_unix.saturating_sub(from_unix) > MOST_COUNTED_S {
            return Ok(None);
        }
        let (mut messages, mut parts, mut cost) = (0_u64, Some(0_u64), Some(0_i64));
        let mut from = from_unix;
        while from < to_unix {
            let until = from.saturating_add(DAY_S).min(to_unix);
            let form = [("startdate", from.to_string()), ("enddate", (until - 1).to_string())];
            let row = match self.ask("sms/countoutbox", &form).await {
                Err(Trouble::Refused { code: DATE_REFUSED, .. }) => return Ok(None),
                other => loose::objects(&other?).and_then(|rows| rows.into_iter().next()),
            };
            let row = row.ok_or_else(|| unreadable("figures"))?;
            let number = |name| row.number(name).and_then(|n| u64::try_from(n).ok());
            messages += number("sumcount").ok_or_else(|| unreadable("sumcount"))?;
            parts = parts.zip(number("sumpart")).map(|(sum, more)| sum + more);
            cost = cost.zip(row.number("cost")).map(|(sum, more)| sum + more);
            from = until;
        }
        Ok(Some(Tally { messages, parts, cost: cost.map(rial) }))
    }
}

/// A list that may be empty, and then may be missing, or be said to have no such beginning.
fn listed(method: &str, reply: Result<Reply, Lost>) -> Result<Vec<Object>, Trouble> {
    if let Ok(Reply::Envelope { code: BEYOND_THE_END, .. } | Reply::Envelope { code: 200, entries: None, .. }) = reply {
        return Ok(Vec::new());
    }
    loose::objects(&said(method, reply)?)
        .ok_or_else(|| Trouble::Unreadable(format!("{method} gives entries that are no list")))
}

fn reply(row: &Object) -> Option<Inbound> {
    Some(Inbound {
        gateway_id: row.scalar("messageid"),
        from: row.scalar("sender")?,
        to: row.scalar("receptor"),
        text: row.scalar("message").unwrap_or_default(),
        at_unix: row.number("date"),
    })
}

fn refuser(row: &Object) -> Option<Refuser> {
    Some(Refuser {
        phone: row.scalar("number")?,
        by_reply: row.number("blockreason") == Some(BY_REPLY),
        at_unix: row.number("date"),
    })
}
