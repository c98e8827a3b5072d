//! `campaigns.toml`: the owner's file. Pure.

pub mod branches;
pub mod check;
mod coupons;
pub mod file;
pub mod model;
mod people;
pub mod shipped;
pub mod timing;
mod tokens;
pub mod trigger;
mod warn;
pub mod wording;
