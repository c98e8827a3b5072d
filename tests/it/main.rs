//! The integration tests.

#[path = "../fakes/kavenegar.rs"]
mod kavenegar_fake;

mod gateway_contract;
