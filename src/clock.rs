//! Time as a value. Only [`SystemClock`] reads the machine's clock; everything else is handed a moment.

use std::{fmt, str::FromStr, sync::Mutex};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct At(pub i64);

impl At {
    /// Later than every moment that can occur; for "no moment yet" in comparisons.
    pub const NEVER: At = At(i64::MAX);

    #[must_use]
    pub fn plus(self, span: Span) -> At {
        At(self.0.saturating_add(span.0))
    }

    #[must_use]
    pub fn minus(self, span: Span) -> At {
        At(self.0.saturating_sub(span.0))
    }

    /// How long after `earlier` this is; negative when it is before.
    #[must_use]
    pub fn since(self, earlier: At) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// Moments outside chrono's range (some 260,000 years away) come out as 1970.
    #[must_use]
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }

    #[must_use]
    pub fn rfc3339(self) -> String {
        self.utc().to_rfc3339_opts(SecondsFormat::AutoSi, true)
    }
}

impl From<DateTime<Utc>> for At {
    fn from(t: DateTime<Utc>) -> At {
        At(t.timestamp_millis())
    }
}

/// A length of time in milliseconds, written `45m`, `24 h`, `7 days` in the owner's files.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(pub i64);

impl Span {
    pub const ZERO: Span = Span(0);

    #[must_use]
    pub const fn seconds(n: i64) -> Span {
        Span(n * 1_000)
    }

    #[must_use]
    pub const fn minutes(n: i64) -> Span {
        Span(n * 60_000)
    }

    #[must_use]
    pub const fn hours(n: i64) -> Span {
        Span(n * 3_600_000)
    }

    #[must_use]
    pub const fn days(n: i64) -> Span {
        Span(n * 86_400_000)
    }

    #[must_use]
    pub const fn plus(self, more: Span) -> Span {
        Span(self.0.saturating_add(more.0))
    }

    /// How much longer this is than `less`; negative when it is shorter.
    #[must_use]
    pub const fn minus(self, less: Span) -> Span {
        Span(self.0.saturating_sub(less.0))
    }
}

/// Why a text is not a length of time.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SpanError {
    #[error("a length of time starts with a number, such as 45m, 24h or 7 days")]
    NoNumber,
    #[error("unknown unit {0:?}: use s, m, h, d or w (seconds, minutes, hours, days, weeks)")]
    Unit(String),
    #[error("too long: at most 10 years")]
    TooLong,
}

impl FromStr for Span {
    type Err = SpanError;

    /// `45m`, `1h 30m`, `24 hours`, `7 days`; units s, m, h, d, w and their English names.
    fn from_str(s: &str) -> Result<Span, SpanError> {
        let mut rest = s.trim();
        if rest.is_empty() {
            return Err(SpanError::NoNumber);
        }
        let mut total: i64 = 0;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (number, tail) = rest.split_at(digits);
            if number.is_empty() {
                return Err(SpanError::NoNumber);
            }
            let tail = tail.trim_start();
            let letters = tail.find(|c: char| !c.is_alphabetic()).unwrap_or(tail.len());
            let (unit, after) = tail.split_at(letters);
            let unit_ms = match unit {
                "s" | "sec" | "second" | "seconds" => 1_000,
                "m" | "min" | "minute" | "minutes" => 60_000,
                "h" | "hour" | "hours" => 3_600_000,
                "d" | "day" | "days" => 86_400_000,
                "w" | "week" | "weeks" => 604_800_000,
                other => return Err(SpanError::Unit(other.to_owned())),
            };
            total = number
                .parse::<i64>()
                .ok()
                .and_then(|n| n.checked_mul(unit_ms))
                .and_then(|ms| total.checked_add(ms))
                .filter(|ms| *ms <= Span::days(3_653).0)
                .ok_or(SpanError::TooLong)?;
            rest = after.trim_start();
        }
        Ok(Span(total))
    }
}

impl fmt::Display for Span {
    /// The shortest exact form: `1h 30m`, `7d`, `0s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = self.0 / 1_000;
        if left == 0 {
            return f.write_str("0s");
        }
        let mut first = true;
        for (unit, seconds) in [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)] {
            let n = left / seconds;
            left %= seconds;
            if n != 0 {
                if !first {
                    f.write_str(" ")?;
                }
                write!(f, "{n}{unit}")?;
                first = false;
            }
        }
        Ok(())
    }
}

/// Where "now" comes from. Handed in from `main`, never read elsewhere.
pub trait Clock: Send + Sync {
    fn now(&self) -> At;
}

/// The machine's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> At {
        #[allow(clippy::disallowed_methods)] // the one place that reads it
        At(Utc::now().timestamp_millis())
    }
}

/// A clock that stands still until it is moved: for tests, `demo` and `simulate`.
#[derive(Debug)]
pub struct HandClock(Mutex<At>);

impl HandClock {
    #[must_use]
    pub fn at(now: At) -> HandClock {
        HandClock(Mutex::new(now))
    }

    pub fn set(&self, now: At) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = now;
    }

    pub fn pass(&self, span: Span) {
        let now = self.now();
        self.set(now.plus(span));
    }
}

impl Clock for HandClock {
    fn now(&self) -> At {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_as_owners_write_them() {
        for (text, ms) in
            [("45m", 2_700_000), ("1h 30m", 5_400_000), ("24 hours", 86_400_000), ("7 days", 604_800_000), ("0s", 0)]
        {
            assert_eq!(text.parse::<Span>(), Ok(Span(ms)), "{text}");
        }
        assert_eq!("7".parse::<Span>(), Err(SpanError::Unit(String::new())));
        assert_eq!("7 fortnights".parse::<Span>(), Err(SpanError::Unit("fortnights".into())));
        assert_eq!("soon".parse::<Span>(), Err(SpanError::NoNumber));
        assert_eq!("99999999999999999999d".parse::<Span>(), Err(SpanError::TooLong));
    }

    #[test]
    fn spans_print_and_read_back() {
        for ms in [0, 1_000, 2_700_000, 5_400_000, 86_400_000 * 30 + 61_000] {
            assert_eq!(Span(ms).to_string().parse::<Span>(), Ok(Span(ms)));
        }
    }
}
