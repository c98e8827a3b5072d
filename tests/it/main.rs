//! The integration tests.

#[path = "../fakes/kavenegar.rs"]
mod kavenegar_fake;

mod files;
mod gateway_contract;
