//! What came back: which message an order is credited to, the figures of the reports, and the daemon's own health.

pub mod attribution;
pub mod credit;
pub mod figures;
pub mod health;
pub mod metrics;
pub mod reports;
pub mod sentences;
pub mod table;
