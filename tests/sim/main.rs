//! The simulator: the real door, store, engine, gate and sender through months of virtual time, with everything going wrong
//! that can. The promises are checked by a second model. See `docs/simulator.md`.

#![allow(
    clippy::cast_possible_truncation,
    clippy::match_same_arms,
    clippy::similar_names,
    clippy::type_complexity,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::format_push_string,
    clippy::match_bool,
    clippy::needless_pass_by_value,
    clippy::unused_self,
    reason = "a test that meets what it did not expect should stop at once"
)]

/// What the owner has laid down, and what the daemon was told.
mod laws;
mod model;

/// Who acts.
mod bridge;
mod gateway;
mod machine;
mod owner;
mod shoppers;

/// What must hold.
mod figures;
mod ink;
mod promises;

/// A run, a round of them, and what once failed.
mod found;
mod round;
mod run;
