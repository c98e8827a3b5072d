//! What comes in: signed calls of the bridge, visitors of short links, the gateway's callbacks.

pub mod signature;

pub mod custom;
pub mod event;
mod wire;

/// What the door asks of the rooms behind it.
pub mod desk;
pub mod store_desk;

pub mod another_shop;
/// Where people say which texts they want.
pub mod ask_page;
pub mod ask_words;
pub mod bucket;
pub mod callbacks;
pub mod stop_page;
pub mod stop_words;
pub mod tagging;
pub mod variation;

pub mod coupons;
pub mod http;
/// What the shop may ask about a person, and what it is asked for.
pub mod look;
mod own_coupons;
pub mod pull;

/// Connections: their limits, and how they end.
pub mod serve;
