//! The integration tests, in one binary.

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
#[path = "../fakes/ghasedak.rs"]
mod ghasedak_fake;
#[path = "../fakes/ippanel.rs"]
mod ippanel_fake;
#[path = "../fakes/iranpayamak.rs"]
mod iranpayamak_fake;
#[path = "../fakes/kavenegar.rs"]
mod kavenegar_fake;
#[path = "../fakes/melipayamak.rs"]
mod melipayamak_fake;
#[path = "../fakes/quirky.rs"]
mod quirky_fake;
#[path = "../fakes/scripted.rs"]
mod scripted;
#[path = "../fakes/served.rs"]
mod served;
#[path = "../fakes/smsir.rs"]
mod smsir_fake;
#[path = "../fakes/twilio.rs"]
mod twilio_fake;

#[path = "../invariants/mod.rs"]
mod invariants;

/// Harness.
mod world;

mod all_on;
mod commands;
mod copies;
mod credit;
mod erase_requested;
mod files;
mod gateway_contract;
mod habits;
mod http;
mod import;
mod journeys;
mod life;
mod look;
mod main_job;
mod offers;
mod own_coupons;
mod people;
mod promises;
mod properties;
mod pull;
mod reload;
mod report;
mod shutdown;
mod signature;
mod steps;
mod systemd;
mod tidy;
mod triggers;
mod watch;
