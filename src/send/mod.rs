//! From a planned message to an SMS, and what became of it.
//!
//! `ways` chooses a gateway, `gate` claims and checks, `driver` calls the gateway, `outcome` writes down what the gateway said.
//! Beside them `watch` keeps an eye on it all: `listen` asks what people wrote back, `credit` for the money, `brake` stops what
//! is far from usual, and `alerts` tells the owner.

pub mod alarm;
pub mod alerts;
pub mod balance;
pub mod behind;
pub mod brake;
pub mod driver;
pub mod failing;
pub mod gate;
pub mod gateway;
pub mod gateways;
pub mod heard;
pub mod listen;
pub mod outcome;
pub mod patience;
pub mod replies;
pub mod staff;
pub mod standing;
pub mod watch;
pub mod ways;
