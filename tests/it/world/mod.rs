//! What stories are told with: a shop that speaks in events, and the daemon's own walk in virtual time.

pub mod story;
