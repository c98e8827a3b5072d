//! One file per provider. Each maps its provider's words to those of [`super::gateway`], by tables, and decides nothing else.

pub mod console;
pub mod http;
pub mod kavenegar;
pub mod twilio;

/// What they share.
mod callback;
mod loose;
mod stray;
pub mod tokens;
pub mod wire;
