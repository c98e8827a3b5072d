//! The built program as a process of its own, under load, and what a machine does to it: it is killed, its disk fills up, the
//! gateway is cut off, it is told to stop, it finds a database of an earlier version. See docs/crashes.md.
//!
//! ```console
//! $ cargo test --test crash                                                          # as CI does
//! $ BAZGASHT_KILLS=100 BAZGASHT_CRASH_SEED=7 cargo test --test crash kills -- --nocapture
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::cast_precision_loss,
    clippy::default_trait_access,
    clippy::format_push_string,
    clippy::match_wild_err_arm,
    clippy::needless_pass_by_value,
    clippy::uninlined_format_args,
    clippy::unused_self,
    reason = "a test or bench that meets what it did not expect should stop at once"
)]

#[path = "../fakes/bridge.rs"]
mod bridge_fake;
#[path = "../fakes/kavenegar.rs"]
mod kavenegar_fake;
#[path = "../fakes/old_database.rs"]
mod old_database;
#[path = "../it/world/story.rs"]
#[allow(dead_code, reason = "its rules and baskets are used here, its stories are not")]
mod story;

// What the stories are told with.
mod afterwards;
mod books;
mod line;
mod program;
mod scene;
mod shop;

mod cut;
mod disk;
mod first;
mod kills;
mod old;
mod restore;
mod stop;
