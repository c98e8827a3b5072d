//! `campaigns.toml`: the owner's file. Pure.

pub mod check;
pub mod file;
pub mod model;
mod warn;
pub mod wording;
