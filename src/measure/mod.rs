pub mod attribution;
pub mod health;
pub mod metrics;
