//! Moments as providers write them.

use chrono::{DateTime, NaiveDateTime, TimeZone};
use chrono_tz::Asia::Tehran;

const LOCAL: [&str; 4] = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M"];

/// Later than this a count of seconds is one of milliseconds: the year 2286.
const SECONDS_END: i64 = 10_000_000_000;

/// Unix seconds of a moment: a count of seconds or milliseconds, or a date with or without zone. Without one, both readings, as
/// Tehran's time and as UTC; the likelier is first. Empty when it cannot be read.
pub(super) fn readings(text: &str) -> Vec<i64> {
    let text = text.trim();
    if let Ok(count) = text.parse::<i64>() {
        return match count {
            1..SECONDS_END => vec![count],
            SECONDS_END.. => vec![count / 1_000],
            _ => Vec::new(),
        };
    }
    if let Ok(zoned) = DateTime::parse_from_rfc3339(text) {
        return vec![zoned.timestamp()];
    }
    let local = LOCAL.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    local.map_or_else(Vec::new, |local| {
        let tehran = Tehran.from_local_datetime(&local).earliest().map(|t| t.timestamp());
        tehran.into_iter().chain([local.and_utc().timestamp()]).collect()
    })
}

/// The likeliest reading; a date without zone is Tehran's.
pub(super) fn read(text: &str) -> Option<i64> {
    readings(text).first().copied()
}

#[cfg(test)]
mod tests {
    use super::{read, readings};

    #[test]
    fn dates_are_read_as_they_come() {
        let ten = 1_767_607_200;
        for text in [
            "1767607200",
            "1767607200123",
            "2026-01-05T10:00:00Z",
            "2026-01-05T13:30:00+03:30",
            "2026-01-05T13:30:00.25",
        ] {
            assert_eq!(read(text), Some(ten), "{text}");
        }
        assert_eq!(readings("2026-01-05 10:00:00"), [ten - 12_600, ten]);
        assert!(readings("yesterday").is_empty() && readings("").is_empty() && readings("0").is_empty());
    }
}
