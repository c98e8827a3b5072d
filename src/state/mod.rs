pub mod apply;
pub mod model;
pub mod world;
