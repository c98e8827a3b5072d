pub mod apply;
mod asked;
pub mod consent;
pub mod habits;
pub mod model;
pub mod news;
pub mod people;
pub mod round;
pub mod world;
