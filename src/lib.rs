pub mod digits;
pub mod money;
pub mod phone;
