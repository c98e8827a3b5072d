//! One file per provider. Each maps its provider's words to those of [`super::gateway`], by tables, and decides nothing else.

pub mod console;
pub mod ghasedak;
pub mod http;
pub mod ippanel;
pub mod iranpayamak;
pub mod kavenegar;
pub mod melipayamak;
pub mod smsir;
pub mod twilio;

/// What they share.
mod asking;
pub(super) mod batch;
mod callback;
mod codes;
mod loose;
mod moment;
mod sent;
mod stray;
pub mod tokens;
mod unread;
mod walk;
pub mod wire;
mod words;

/// What the gateway of this name lets into a template's tokens; `None` for a name that is no gateway's.
#[must_use]
pub fn token_rules(name: &str) -> Option<tokens::TokenRules> {
    Some(match name {
        "console" => tokens::TokenRules::ANY,
        "ghasedak" => ghasedak::TOKENS,
        "http" => http::TOKENS,
        "ippanel" => ippanel::TOKENS,
        "iranpayamak" => iranpayamak::TOKENS,
        "kavenegar" => kavenegar::TOKENS,
        "melipayamak" => melipayamak::TOKENS,
        "smsir" => smsir::TOKENS,
        "twilio" => twilio::TOKENS,
        _ => return None,
    })
}
