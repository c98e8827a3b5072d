//! What it was worth.

pub mod attribution;
pub mod credit;
pub mod figures;
pub mod health;
pub mod metrics;
pub mod reports;
pub mod sentences;
pub mod table;
