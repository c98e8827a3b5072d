//! From a planned message to an SMS, and what became of it.
//!
//! `ways` chooses a gateway, `gate` claims and checks, `driver` calls the gateway, `outcome` writes down what the gateway said.
//! Beside them `watch` keeps an eye on it all: `listen` asks what people wrote back, `credit` for the money, `brake` stops what
//! is far from usual, and `alerts` tells the owner.

pub mod alerts;
pub mod brake;
pub mod credit;
pub mod driver;
pub mod gate;
pub mod gateway;
pub mod gateways;
pub mod heard;
pub mod listen;
pub mod outcome;
pub mod replies;
pub mod standing;
pub mod trouble;
pub mod watch;
pub mod ways;
