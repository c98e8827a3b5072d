pub mod gateway;
pub mod gateways;
