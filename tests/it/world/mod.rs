//! What the tests set up around the daemon.

pub mod door;
