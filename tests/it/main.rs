//! The integration tests, in one binary.

#[path = "../fakes/kavenegar.rs"]
mod kavenegar_fake;

/// Harness.
mod world;

mod files;
mod gateway_contract;
mod http;
mod main_job;
mod promises;
mod shutdown;
mod signature;
mod systemd;
