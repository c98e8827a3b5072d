//! When: allowed hours, delays, best-before, caps. Pure.

pub mod brake;
pub mod caps;
pub mod dates;
pub mod due;
pub mod hours;
pub mod special;
