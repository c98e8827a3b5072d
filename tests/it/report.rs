//! Reports, `contact`, `doctor` and `send-test` on a database that was filled by hand.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod census;
mod doctor;
mod figures;
mod holdouts;
mod holds;
mod people;
mod send_test;
mod stage;
