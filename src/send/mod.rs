//! From a planned message to an SMS, and what became of it.
//!
//! `ways` chooses a gateway, `gate` claims and checks, `driver` calls the gateway, `outcome` writes down what the gateway said.

pub mod credit;
pub mod driver;
pub mod gate;
pub mod gateway;
pub mod gateways;
pub mod heard;
pub mod outcome;
pub mod replies;
pub mod ways;
