//! From a planned message to an SMS, and what became of it.
//!
//! `gate` claims and checks, `driver` calls the gateway, `outcome` writes down what the gateway said.

pub mod driver;
pub mod gate;
pub mod gateway;
pub mod gateways;
pub mod heard;
pub mod outcome;
pub mod replies;
