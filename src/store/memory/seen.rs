//! What `simulate` and tests look at when all is done.

use super::MemoryWorld;
use crate::state::model::{Credit, Decision, Enrolment, Link, Message, StaffWord};

impl MemoryWorld {
    /// All messages, by id.
    #[must_use]
    pub fn messages(&self) -> &[Message] {
        self.outbox.all()
    }

    /// All enrolments, by id.
    pub fn enrolments(&self) -> impl Iterator<Item = &Enrolment> {
        self.ways.iter().map(|w| &w.enrolment)
    }

    /// The whole record, in order of deciding.
    #[must_use]
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// All credits, in no order.
    pub fn credits(&self) -> impl Iterator<Item = &Credit> {
        self.credits.values()
    }

    /// Everything that the staff was told, in order.
    #[must_use]
    pub fn staff_words(&self) -> &[StaffWord] {
        &self.staff_words
    }

    /// All links, in no order.
    pub fn links(&self) -> impl Iterator<Item = &Link> {
        self.links.values()
    }
}
