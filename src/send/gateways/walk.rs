//! Reads a provider's inbox page by page, whichever end it begins at, without marking anything.
//!
//! Rows carry ids that grow. A page is given whole, known rows and all: the store knows rows by their ids. The ids only say when
//! to stop.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// How far back the first reading goes, in pages.
const FIRST_PAGES: u32 = 10;

/// Where reading goes on: a cursor's meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Walk {
    /// Counted from 0.
    pub page: u32,
    /// All up to this id has been read.
    pub floor: Option<u128>,
    /// The greatest id of this round.
    top: Option<u128>,
    /// The newest come last.
    grows: bool,
}

impl Walk {
    /// A cursor that is none of ours begins anew.
    pub fn from(cursor: Option<&str>) -> Walk {
        let read = |cursor: &str| {
            let mut parts = cursor.split('/');
            let page = parts.next()?.parse().ok()?;
            let (floor, top) = (parts.next()?.parse().ok(), parts.next()?.parse().ok());
            Some(Walk { page, floor, top, grows: parts.next() == Some("up") })
        };
        cursor.and_then(read).unwrap_or_default()
    }

    /// After a page with these ids, in its order; `full`: there can be another. The cursor, and whether to go on at once.
    pub fn after<'a>(self, ids: impl Iterator<Item = &'a str>, full: bool) -> (String, bool) {
        let ids: Vec<u128> = ids.filter_map(|id| id.parse().ok()).collect();
        let grows = match (ids.first(), ids.last()) {
            (Some(first), Some(last)) if first != last => first < last,
            _ => self.grows,
        };
        let top = ids.iter().copied().chain(self.top).max();
        let reached = match self.floor {
            Some(floor) => ids.iter().any(|id| *id <= floor),
            None => self.page + 1 >= FIRST_PAGES,
        };
        let on = full && (grows || !reached);
        let next = if on {
            Walk { page: self.page + 1, top, grows, ..self }
        } else if grows {
            // Newer ones will come on this page, which is not full yet.
            Walk { top, grows, ..self }
        } else {
            Walk { page: 0, floor: top.max(self.floor), ..Walk::default() }
        };
        (next.cursor(), on)
    }

    fn cursor(self) -> String {
        let id = |id: Option<u128>| id.map_or_else(|| "-".to_owned(), |id| id.to_string());
        let direction = if self.grows { "up" } else { "down" };
        format!("{}/{}/{}/{direction}", self.page, id(self.floor), id(self.top))
    }
}

/// A name for a row that has none: the same words make the same name.
pub(super) fn name_of(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(16).fold("row-".to_owned(), |mut name, byte| {
        let _ = write!(name, "{byte:02x}");
        name
    })
}

#[cfg(test)]
mod tests {
    use super::{Walk, name_of};

    /// Reads to the end, a page being of two rows; gives the pages read.
    fn read(inbox: &[&str], cursor: &mut Option<String>) -> Vec<u32> {
        let mut pages = Vec::new();
        loop {
            let walk = Walk::from(cursor.as_deref());
            pages.push(walk.page);
            let rows: Vec<&str> = inbox.iter().skip(walk.page as usize * 2).take(2).copied().collect();
            let (next, more) = walk.after(rows.iter().copied(), rows.len() == 2);
            *cursor = Some(next);
            if !more {
                return pages;
            }
        }
    }

    #[test]
    fn newest_first_stops_at_what_is_known() {
        let mut cursor = None;
        assert_eq!(read(&["5", "4", "3", "2", "1"], &mut cursor), [0, 1, 2]);
        assert_eq!(read(&["5", "4", "3", "2", "1"], &mut cursor), [0]);
        assert_eq!(read(&["9", "8", "7", "6", "5", "4"], &mut cursor), [0, 1, 2]);
        assert_eq!(cursor.as_deref(), Some("0/9/-/down"));
        assert_eq!(read(&[], &mut cursor), [0]);
        assert_eq!(cursor.as_deref(), Some("0/9/-/down"));
    }

    #[test]
    fn oldest_first_goes_on_at_the_end() {
        let mut cursor = None;
        assert_eq!(read(&["1", "2", "3"], &mut cursor), [0, 1]);
        assert_eq!(read(&["1", "2", "3", "4", "5", "6"], &mut cursor), [1, 2, 3]);
        assert_eq!(read(&["1", "2", "3", "4", "5", "6", "7", "8"], &mut cursor), [3, 4]);
    }

    #[test]
    fn the_first_reading_ends_and_strange_cursors_begin_anew() {
        let ids: Vec<String> = (0..100).map(|n| (1000 - n).to_string()).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        assert_eq!(read(&ids, &mut None).len(), 10);
        assert_eq!(read(&ids, &mut Some("rubbish".to_owned())).len(), 10);
    }

    #[test]
    fn names_of_rows_are_stable_and_apart() {
        assert_eq!(name_of(&["a", "b"]), name_of(&["a", "b"]));
        assert_ne!(name_of(&["a", "b"]), name_of(&["ab", ""]));
    }
}
