//! Inboxes that give each row once, since reading marks it as read.
//!
//! A page whose answer was lost on the way, or that was not kept here, is missing among the unread ones. So after every start,
//! and whenever the cursor that comes back is not the one that was given last, the read ones are read once more. The store
//! knows rows by their ids.

use std::sync::{Mutex, PoisonError};

/// What is to be read now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// What was read before; pages count from 1.
    Again { page: u32 },
    /// What nobody has read.
    Unread,
}

#[derive(Default)]
pub(super) struct Unread(Mutex<State>);

#[derive(Default)]
struct State {
    /// `None` while nothing is sure to have been kept.
    given: Option<(String, Reading)>,
    serial: u64,
}

impl Unread {
    /// Until [`Unread::gave`] is called, the answer counts as lost.
    pub fn next(&self, cursor: Option<&str>) -> Reading {
        let given = self.0.lock().unwrap_or_else(PoisonError::into_inner).given.take();
        match (given, cursor) {
            (Some((given, next)), Some(cursor)) if given == cursor => next,
            _ => Reading::Again { page: 1 },
        }
    }

    /// A page came; the cursor that says that it was kept, and whether more is to be had at once.
    pub fn gave(&self, reading: Reading, more: bool) -> (String, bool) {
        let next = match reading {
            Reading::Again { page } if more => Reading::Again { page: page.saturating_add(1) },
            Reading::Again { .. } | Reading::Unread => Reading::Unread,
        };
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.serial += 1;
        let cursor = state.serial.to_string();
        state.given = Some((cursor.clone(), next));
        (cursor, more || reading != Reading::Unread)
    }
}

#[cfg(test)]
mod tests {
    use super::{Reading, Unread};

    #[test]
    fn what_was_read_before_is_read_again_first() {
        let inbox = Unread::default();
        assert_eq!(inbox.next(Some("7")), Reading::Again { page: 1 });
        let (cursor, more) = inbox.gave(Reading::Again { page: 1 }, true);
        assert!(more);
        assert_eq!(inbox.next(Some(&cursor)), Reading::Again { page: 2 });
        let (cursor, more) = inbox.gave(Reading::Again { page: 2 }, false);
        assert!(more, "the unread ones come at once");
        assert_eq!(inbox.next(Some(&cursor)), Reading::Unread);
        let (kept, more) = inbox.gave(Reading::Unread, false);
        assert!(!more);
        assert_eq!(inbox.next(Some(&kept)), Reading::Unread);
    }

    #[test]
    fn a_page_that_was_lost_or_not_kept_is_read_again() {
        let inbox = Unread::default();
        inbox.next(None);
        let (first, _) = inbox.gave(Reading::Unread, false);
        inbox.next(Some(&first));
        assert_eq!(inbox.next(Some(&first)), Reading::Again { page: 1 }, "no answer came");
        let (second, _) = inbox.gave(Reading::Unread, false);
        assert_ne!(first, second);
        assert_eq!(inbox.next(Some(&first)), Reading::Again { page: 1 }, "the rows were not kept");
    }
}
