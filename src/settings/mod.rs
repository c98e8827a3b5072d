//! `bazgasht.toml`, the machine's file, and the file of special days that it names. Pure.

pub mod check;
pub mod days;
pub mod file;
pub mod gateways;
pub mod model;
pub mod shipped;
mod watch;
