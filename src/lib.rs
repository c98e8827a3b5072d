pub mod digits;
pub mod jalali;
pub mod money;
pub mod phone;
pub mod render {
    pub mod names;
    pub mod parts;
}
pub mod secret;
pub mod send;
