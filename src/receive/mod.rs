//! What comes in: signed calls of the bridge, visitors of short links, the gateway's callbacks.

pub mod signature;

pub mod event;

/// What the door asks of the rooms behind it.
pub mod desk;
pub mod store_desk;

pub mod callbacks;
pub mod coupons;
pub mod http;

/// Connections: their limits, and how they end.
pub mod serve;
