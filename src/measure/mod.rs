//! What came back: which message an order is credited to, and the figures of the reports.

pub mod attribution;
pub mod credit;
pub mod figures;
pub mod reports;
pub mod sentences;
pub mod table;
