//! The integration tests, in one binary.

#[path = "../fakes/kavenegar.rs"]
mod kavenegar_fake;

/// Harness.
mod world;

mod commands;
mod files;
mod gateway_contract;
mod http;
mod life;
mod main_job;
mod promises;
mod report;
mod shutdown;
mod signature;
mod systemd;
mod tidy;
