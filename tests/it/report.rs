//! Reports, `contact`, `doctor` and `send-test` on a database that was filled by hand.

mod figures;
mod stage;
