//! One file per provider. Each maps its provider's words to those of [`super::gateway`], by tables, and decides nothing else.

pub mod console;
pub mod kavenegar;

/// What they share.
mod callback;
mod loose;
pub mod wire;
