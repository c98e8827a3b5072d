//! Tags that somebody puts on a person by hand, or takes off.

use serde::Deserialize;

use super::event::{Person, Sound};
use crate::state::people::read_tag;

const MOST: usize = 20;

#[derive(Debug, Clone, Deserialize)]
pub struct Tagging {
    pub contact: Person,
    tags: Vec<String>,
}

impl Tagging {
    pub fn tags(&self) -> impl Iterator<Item = String> {
        self.tags.iter().filter_map(|tag| read_tag(tag).ok())
    }
}

impl Sound for Tagging {
    fn sound(&self) -> Result<(), String> {
        if self.contact.phone.is_none() && self.contact.user_id.is_none() {
            return Err("contact needs a phone or a user_id".into());
        }
        if !(1..=MOST).contains(&self.tags.len()) {
            return Err(format!("tags has {} tags: expected 1 to {MOST}", self.tags.len()));
        }
        self.tags.iter().try_for_each(|tag| read_tag(tag).map(drop).map_err(|why| format!("a tag: {why}")))
    }
}
