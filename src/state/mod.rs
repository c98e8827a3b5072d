pub mod apply;
pub mod habits;
pub mod model;
pub mod people;
pub mod world;
