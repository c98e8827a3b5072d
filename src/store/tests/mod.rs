//! Tests of the store as a whole.

// Slices of made-up numbers, and answers that must have one type.
#![allow(clippy::string_slice, clippy::unnecessary_wraps)]

mod contract;
mod erasing;
mod migrations;
pub(super) mod plans;
mod play;
mod writing;

use rusqlite::Connection;

use super::db;
use crate::ids::SeededChance;

/// An empty database that lives as long as its connection.
pub(super) fn empty() -> Connection {
    db::open_in_memory(&SeededChance::new(1)).unwrap()
}
