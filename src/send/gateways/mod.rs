//! One file per provider. Each maps its provider's words to those of [`super::gateway`], by tables, and decides nothing else.

pub mod console;
pub mod ippanel;
pub mod iranpayamak;
pub mod kavenegar;
pub mod melipayamak;

/// What they share.
mod asking;
mod batch;
mod callback;
mod codes;
mod loose;
mod moment;
mod sent;
mod stray;
pub mod tokens;
mod walk;
pub mod wire;
mod words;
