pub mod attribution;
pub mod credit;
pub mod health;
pub mod metrics;
