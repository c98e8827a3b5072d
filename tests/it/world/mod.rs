//! What stories are told with: a shop that speaks in events, the daemon's own walk in virtual time, and its HTTP door with a
//! desk in memory behind it.

pub mod door;
pub mod house;
pub mod second;
pub mod story;
