//! One file per provider. Each maps its provider's words to those of [`super::gateway`], by tables, and decides nothing else.

pub mod console;
pub mod ghasedak;
pub mod http;
pub mod kavenegar;
pub mod smsir;
pub mod twilio;

/// What they share.
mod batch;
mod callback;
mod loose;
mod stray;
pub mod tokens;
mod unread;
pub mod wire;
mod words;
