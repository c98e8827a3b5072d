//! Who is in which segment, and since when.

use crate::clock::At;
use crate::state::people::Membership;

/// What becomes of a stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    Came(Membership),
    Left(Membership),
    /// It was never a stay by what the segment is now.
    Forgotten,
}

/// What follows from finding somebody in the segment, or not, where `known` is their latest stay in it. `seen`: when what
/// changed did so; `None` when nobody looked before at the segment as it is now, so that it may have been so for years.
#[must_use]
pub fn turn(segment: &str, known: Option<&Membership>, is_in: bool, seen: Option<At>) -> Option<Turn> {
    let open = known.filter(|stay| stay.until.is_none());
    match (open, is_in) {
        (Some(_), true) | (None, false) => None,
        (None, true) => {
            // A second stay is another one, though news of it came late.
            let since = seen.map(|at| known.and_then(|stay| stay.until).map_or(at, |ended| at.max(At(ended.0 + 1))));
            Some(Turn::Came(Membership { segment: segment.to_owned(), since, until: None }))
        }
        (Some(stay), false) => Some(match seen {
            Some(at) => Turn::Left(Membership { until: Some(at.max(stay.since.unwrap_or(at))), ..stay.clone() }),
            None => Turn::Forgotten,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stay(since: Option<i64>, until: Option<i64>) -> Membership {
        Membership { segment: "vip".to_owned(), since: since.map(At), until: until.map(At) }
    }

    #[test]
    fn one_comes_and_goes() {
        let at = Some(At(5));
        assert_eq!(turn("vip", None, true, at), Some(Turn::Came(stay(Some(5), None))));
        assert_eq!(turn("vip", None, false, at), None);
        assert_eq!(turn("vip", Some(&stay(Some(1), None)), true, at), None);
        assert_eq!(turn("vip", Some(&stay(Some(1), None)), false, at), Some(Turn::Left(stay(Some(1), Some(5)))));
        assert_eq!(turn("vip", Some(&stay(Some(1), Some(2))), false, at), None);
        assert_eq!(turn("vip", Some(&stay(Some(1), Some(7))), true, at), Some(Turn::Came(stay(Some(8), None))));
    }

    #[test]
    fn the_first_look_begins_nothing() {
        assert_eq!(turn("vip", None, true, None), Some(Turn::Came(stay(None, None))));
        assert_eq!(turn("vip", Some(&stay(Some(1), None)), false, None), Some(Turn::Forgotten));
        assert_eq!(turn("vip", Some(&stay(None, None)), false, Some(At(9))), Some(Turn::Left(stay(None, Some(9)))));
    }
}
