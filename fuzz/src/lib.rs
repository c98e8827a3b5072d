//! The invariants that `tests/it/properties` holds too.

#[path = "../../tests/invariants/mod.rs"]
pub mod invariants;
