//! The integration tests, in one binary.

#[path = "../fakes/kavenegar.rs"]
mod kavenegar_fake;

/// Harness.
mod world;

mod gateway_contract;
mod http;
mod life;
mod promises;
mod shutdown;
mod signature;
mod systemd;
