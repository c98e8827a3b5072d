pub mod digits;
pub mod phone;
