//! The engine: the only place that decides who enters a campaign, who leaves, when to look again, and what to send.
//!
//! Pure. It is given [`facts::Facts`] about one person and answers with [`engine::Act`]s; it has no clock, no
//! randomness and no database, so the same log and the same campaigns give the same messages.

pub mod arms;
pub mod discount;
pub mod engine;
pub mod facts;
pub mod offer;
pub mod points;
pub mod questions;
pub mod rank;
pub mod rfm;
pub mod scene;
pub mod segments;
pub mod steps;
pub mod triggers;
pub mod ways_out;
