//! A limit on how often something may be done, for all callers together.
//!
//! The daemon stands on loopback behind the shop's web server: the address it sees is the web server's, and what that says of
//! the visitor's cannot be believed without knowing it. So there is one bucket for the world. It is wide enough for all the
//! people of a large campaign; who empties it can at worst make others press once more.

use std::sync::{Mutex, PoisonError};

use crate::clock::At;

/// Holds up to `most` tokens, and wins one back every `every_ms`.
#[derive(Debug)]
pub struct Bucket {
    most: i64,
    every_ms: i64,
    /// Tokens, and the moment up to which the winning back is counted.
    state: Mutex<Option<(i64, At)>>,
}

impl Bucket {
    #[must_use]
    pub const fn new(most: u32, every_ms: u32) -> Bucket {
        Bucket { most: most as i64, every_ms: every_ms as i64, state: Mutex::new(None) }
    }

    /// Takes a token; false when there is none.
    pub fn take(&self, now: At) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (tokens, counted) = state.unwrap_or((self.most, now));
        // A clock that was set back wins nothing, and loses nothing.
        let counted = counted.min(now);
        let won = now.since(counted).0 / self.every_ms.max(1);
        let tokens = tokens.saturating_add(won).min(self.most);
        let counted = At(counted.0.saturating_add(won.saturating_mul(self.every_ms)));
        *state = Some((tokens - i64::from(tokens > 0), counted));
        tokens > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_empties_and_fills_by_the_clock() {
        let bucket = Bucket::new(3, 500);
        let takes = |at, n| (0..n).filter(|_| bucket.take(At(at))).count();
        assert_eq!(takes(1_000, 5), 3);
        assert_eq!(takes(1_499, 1), 0);
        assert_eq!(takes(1_500, 2), 1);
        assert_eq!(takes(2_750, 5), 2, "the half of a token is not lost");
        assert_eq!(takes(3_000, 1), 1);
        assert_eq!(takes(900_000, 9), 3, "never more than it holds");
        assert_eq!(takes(10, 1), 0, "the clock was set back");
        assert_eq!(takes(510, 1), 1);
    }
}
