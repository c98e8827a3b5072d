//! The integration tests, in one binary.

mod world;

mod http;
mod shutdown;
mod signature;
mod systemd;
