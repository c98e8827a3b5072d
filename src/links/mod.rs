//! Short links: who follows one, and what following it does.

pub mod agents;
pub mod follow;
