//! `campaigns.toml`: the owner's file. Pure.

pub mod answers;
mod arms;
pub mod branches;
pub mod check;
mod coupons;
mod deeds;
pub mod file;
pub mod model;
mod people;
mod questions;
mod service;
pub mod shipped;
pub mod switch;
pub mod timing;
mod tokens;
pub mod trigger;
pub mod wants;
mod warn;
pub mod wording;
