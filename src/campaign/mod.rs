//! `campaigns.toml`: the owner's file. Pure.

pub mod check;
pub mod file;
pub mod model;
pub mod shipped;
mod tokens;
pub mod trigger;
pub mod wants;
mod warn;
pub mod wording;
