//! The one SQLite file: its one writer, its readers, and the two worlds that answer the deciding code.
//!
//! SQL stands in this folder only. An event is first written to the [`log`], then applied; [`writer`] commits many jobs in
//! one transaction and answers each only when it is on the disk. [`world`] is the database seen as a
//! [`crate::state::world::World`], [`memory`] the same without a database.

mod columns;

/// Opening, and the shape of the file.
pub mod db;
pub mod migrate;

/// Writing and reading.
pub mod alerts;
pub mod cursors;
pub mod inbound;
pub mod keeping;
pub mod log;
pub mod readers;
pub mod writer;

/// The database as a world, by subject.
mod enrolments;
mod goods;
pub mod habits;
mod links;
mod messages;
mod occasions;
mod people;
mod points;
mod record;
pub mod recorded;
mod sales;
mod standing;
pub mod world;

/// A world without a database.
pub mod memory;

/// What reports, `contact`, `doctor` and the brake ask.
pub mod brake;
pub mod census;
pub mod figures;
pub mod goals;
pub mod providers;
pub mod stuck;
pub mod trials;

/// Rare work on the whole file.
pub mod backup;
pub mod erase;
pub mod history;
pub mod home;
pub mod pulled;
pub mod reload;
mod traces;

#[cfg(test)]
mod tests;

pub use memory::MemoryWorld;
pub use people::{hidden, sealed};
pub use readers::Readers;
pub use world::SqlWorld;
pub use writer::{StoreError, Writer};
