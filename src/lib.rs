pub mod digits;
pub mod jalali;
pub mod money;
pub mod phone;
