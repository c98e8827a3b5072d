//! `campaigns.toml`: the owner's file. Pure.

pub mod model;
