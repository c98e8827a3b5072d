//! `campaigns.toml`: the owner's file. Pure.

mod arms;
pub mod branches;
pub mod check;
mod coupons;
mod deeds;
pub mod file;
pub mod model;
mod people;
pub mod shipped;
pub mod timing;
mod tokens;
pub mod trigger;
pub mod wants;
mod warn;
pub mod wording;
