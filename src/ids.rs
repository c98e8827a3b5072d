//! Randomness as a value: slugs, references and tokens come from a source that is handed in.

use std::sync::Mutex;

use rand::{Rng, SeedableRng, rngs::StdRng};

/// Letters and digits that cannot be mistaken for one another when read aloud or retyped: no 0 O o, 1 l I i.
const SLUG_ALPHABET: &[u8; 54] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxy";
/// 54^7 is about 1.3 × 10^12 slugs.
pub const SLUG_LENGTH: usize = 7;

const CODE_ALPHABET: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";
const CODE_LENGTH: usize = 7;

/// Where randomness comes from; the system's in production, a seed in tests and `simulate`.
pub trait Chance: Send + Sync {
    fn next_u64(&self) -> u64;

    /// A short link's name: unguessable when the source is.
    fn slug(&self) -> String {
        (0..SLUG_LENGTH)
            .map(|_| {
                // The modulo's bias (54 into 2^64) is far below anything a guesser could use.
                let index = usize::try_from(self.next_u64() % SLUG_ALPHABET.len() as u64).unwrap_or_default();
                char::from(SLUG_ALPHABET.get(index).copied().unwrap_or(b'2'))
            })
            .collect()
    }

    /// What tells one person's coupon from another's: seven letters and digits without those that are mistaken for one another;
    /// case does not count in a coupon. 31^7 is about 2.7 × 10^10.
    fn code(&self) -> String {
        (0..CODE_LENGTH)
            .map(|_| {
                let index = usize::try_from(self.next_u64() % CODE_ALPHABET.len() as u64).unwrap_or_default();
                char::from(CODE_ALPHABET.get(index).copied().unwrap_or(b'2'))
            })
            .collect()
    }

    /// Our own id for a hand-over: 62 bits, above zero, so that every gateway's "Long" holds it.
    fn reference(&self) -> i64 {
        i64::try_from(self.next_u64() >> 2).unwrap_or(1).max(1)
    }

    /// Enough for a key.
    fn key(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for eight in bytes.chunks_mut(8) {
            eight.copy_from_slice(&self.next_u64().to_le_bytes());
        }
        bytes
    }

    /// 32 hexadecimal digits, for path tokens and keys.
    fn token(&self) -> String {
        format!("{:016x}{:016x}", self.next_u64(), self.next_u64())
    }
}

/// The operating system's randomness.
#[derive(Debug, Default)]
pub struct SystemChance;

impl Chance for SystemChance {
    fn next_u64(&self) -> u64 {
        #[allow(clippy::disallowed_methods)] // the one place that draws it
        rand::rng().random()
    }
}

/// A repeatable source: the same seed gives the same draws.
#[derive(Debug)]
pub struct SeededChance(Mutex<StdRng>);

impl SeededChance {
    #[must_use]
    pub fn new(seed: u64) -> SeededChance {
        SeededChance(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}

impl Clone for SeededChance {
    fn clone(&self) -> SeededChance {
        let source = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        SeededChance(Mutex::new(source.clone()))
    }
}

impl Chance for SeededChance {
    fn next_u64(&self) -> u64 {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).random()
    }
}

/// Whether all of it are letters and digits that a coupon of one's own may have.
#[must_use]
pub fn is_code(s: &str) -> bool {
    s.bytes().all(|b| CODE_ALPHABET.contains(&b))
}

/// Bytes as hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |text, byte| text + &format!("{byte:02x}"))
}

/// True for what could be one of our slugs; asked before the database is.
#[must_use]
pub fn looks_like_slug(s: &str) -> bool {
    s.len() == SLUG_LENGTH && s.bytes().all(|b| SLUG_ALPHABET.contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_have_no_look_alikes() {
        let chance = SeededChance::new(7);
        for _ in 0..2_000 {
            let slug = chance.slug();
            assert!(looks_like_slug(&slug));
            assert!(!slug.contains(['0', 'O', 'o', '1', 'l', 'I', 'i']));
        }
    }

    #[test]
    fn references_fit_every_gateway() {
        let chance = SeededChance::new(7);
        for _ in 0..2_000 {
            let r = chance.reference();
            assert!(r > 0 && r < 1 << 62);
        }
    }
}
