//! A shop's whole history, kind by kind, from where the last walk stopped.
//!
//! A page's events and the place behind it are kept in one transaction: what is cut off at any moment goes on there.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde_json::Value;

use super::shop::{Page, Shop};
use super::woo::{self, Kind, Meaning, Reader};
use super::{Problem, Tally};
use crate::store::Writer;
use crate::store::history::{self, Cursor, Past};

/// How far a kind has been read.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    pub kind: Kind,
    pub seen: i64,
    pub total: Option<i64>,
}

/// What a walk is given.
pub struct Walk<'a> {
    pub shop: Shop,
    pub writer: &'a Writer,
    /// Under which name its cursors are kept.
    pub source: String,
    pub run: i64,
    pub kinds: BTreeSet<Kind>,
    pub reader: Reader,
    /// The shop's, for numbers without a country of their own.
    pub country: String,
}

impl Walk<'_> {
    /// Reads all that the last walk has not; the run is not complete with it.
    ///
    /// # Errors
    /// [`super::shop::Trouble`], or the store's. What was read is kept.
    pub async fn go(&mut self, tally: &mut Tally, see: &mut dyn FnMut(Progress)) -> Result<()> {
        for kind in self.kinds.clone() {
            self.read(kind, tally, see).await.with_context(|| format!("{} of the shop", kind.word()))?;
        }
        Ok(())
    }

    async fn read(&mut self, kind: Kind, tally: &mut Tally, see: &mut dyn FnMut(Progress)) -> Result<()> {
        let source = self.source.clone();
        let mut cursor =
            self.writer.run(move |world| history::cursor(world.connection(), &source, kind.word())).await?;
        tally.of(kind.word());
        // The last thing is asked for again: where it is not the first of the answer, things before it were deleted, and
        // all that follows has moved forward.
        let mut offset = (cursor.seen - 1).max(0);
        let mut sure = cursor.seen == 0;
        loop {
            let page = self.shop.page(kind, offset, self.reader.since).await?;
            let first = page.rows.first().and_then(woo::id_of);
            if !sure && offset > 0 && first.is_none_or(|first| first > cursor.last_id) {
                offset = (offset - page.places.max(1)).max(0);
                continue;
            }
            let behind = offset + page.places;
            let is_end = match page.total {
                Some(total) => behind >= total,
                None => page.rows.is_empty() && page.broken.is_none(),
            };
            let last = page.rows.iter().filter_map(woo::id_of).max().unwrap_or(0).max(cursor.last_id);
            // At the end the list may be shorter than the page.
            let given = offset + i64::try_from(page.rows.len()).unwrap_or(0);
            let seen = if is_end { page.total.unwrap_or(given) } else { behind };
            let next = Cursor { last_id: last, seen };
            let (is_broken, total) = (page.broken.is_some(), page.total);
            let moved = self.take(kind, page, offset, cursor, next, tally).await?;
            see(Progress { kind, seen, total });
            if is_end {
                return Ok(());
            }
            cursor = next;
            sure = !moved || is_broken;
            offset = if sure { behind } else { behind - 1 };
        }
    }

    /// True when something of the page was new to this walk.
    async fn take(
        &mut self,
        kind: Kind,
        page: Page,
        offset: i64,
        cursor: Cursor,
        next: Cursor,
        tally: &mut Tally,
    ) -> Result<bool> {
        if let Some(why) = page.broken {
            let place = format!("{} at place {} of the shop's list", kind.thing(), offset + 1);
            tally.not_taken(kind.word(), Problem::new(place, format!("the shop fails to give it ({why})")));
        }
        let mut pasts: Vec<Past> = Vec::new();
        let mut any = false;
        for row in &page.rows {
            let id = woo::id_of(row);
            if id.is_some_and(|id| id <= cursor.last_id) {
                continue;
            }
            any = true;
            tally.of(kind.word()).read += 1;
            let place =
                || id.map_or_else(|| format!("{} without an id", kind.thing()), |id| format!("{} {id}", kind.thing()));
            match self.understand(kind, row, tally) {
                Ok(Some(told)) => pasts.extend(told),
                Ok(None) => tally.of(kind.word()).left_out += 1,
                Err(why) => tally.not_taken(kind.word(), Problem::new(place(), why)),
            }
        }
        let (run, source) = (self.run, self.source.clone());
        let gathered = self
            .writer
            .run(move |world| {
                let conn = world.connection();
                history::put_cursor(conn, &source, kind.word(), next)?;
                history::gather(conn, run, &pasts)
            })
            .await?;
        tally.gathered(kind.word(), gathered);
        Ok(any)
    }

    fn understand(&self, kind: Kind, row: &Value, tally: &mut Tally) -> Result<Option<Vec<Past>>, String> {
        let Meaning::Told(told) = self.reader.read(kind, row)? else { return Ok(None) };
        // All of a thing or nothing of it.
        let checked = told.into_iter().map(super::Told::check).collect::<Result<Vec<_>, _>>()?;
        for (past, fact) in &checked {
            tally.take(past, fact, &self.country);
        }
        Ok(Some(checked.into_iter().map(|(past, _)| past).collect()))
    }
}
