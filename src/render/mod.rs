//! From the owner's text and what is known of a person to the SMS that is sent, its parts and its price.

mod check;
pub mod compose;
pub mod filters;
mod hints;
pub mod moments;
pub mod names;
pub mod objects;
pub mod parts;
pub mod samples;
pub mod template;
pub mod values;
