//! `bazgasht.toml`: the machine's file. Pure.

pub mod check;
pub mod file;
pub mod gateways;
pub mod model;
pub mod shipped;
