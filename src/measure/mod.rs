//! What it was worth.

pub mod attribution;
pub mod credit;
