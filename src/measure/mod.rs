//! What it was worth: credit, figures, and the daemon's own health.

pub mod attribution;
pub mod credit;

pub mod comparisons;
pub mod figures;
pub mod goals;
pub mod people;
pub mod period;
pub mod reports;
pub mod sentences;
pub mod served;
pub mod table;
pub mod trials;

pub mod health;
pub mod metrics;
