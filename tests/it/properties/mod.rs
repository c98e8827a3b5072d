//! The invariants of `tests/invariants`, on inputs that a fuzzer found and on made-up ones that are the same in every run.

mod found;
mod hours;
mod money;
mod parts;
mod phone;

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

/// The same cases in every run: what is new is for the fuzzer to find.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() }
}
