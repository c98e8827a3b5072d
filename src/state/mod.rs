pub mod apply;
pub mod habits;
pub mod model;
pub mod world;
