//! Bazgasht brings a WooCommerce shop's buyers back by SMS.
//!
//! The modules stand in the order in which an event meets them; `flow` is the same walk as code.

#![cfg_attr(
    test,
    allow(
        clippy::string_slice,
        clippy::format_collect,
        clippy::similar_names,
        reason = "a test that meets what it did not expect should stop at once"
    )
)]

/// Time, randomness and small values that are used everywhere.
pub mod clock;
pub mod digits;
pub mod ids;
pub mod jalali;
pub mod money;
pub mod phone;
pub mod secret;

/// 1 receive: HTTP, signatures, the wire's events.
pub mod receive;

/// 2 state: what the daemon knows, and how an event changes it.
pub mod state;

/// 3 store: the one SQLite file, its one writer, and a world in memory.
pub mod store;

/// The owner's file of campaigns, and the machine's file of settings.
pub mod campaign;
pub mod document;
pub mod problem;
pub mod rules;
pub mod settings;

/// The years before: a shop's history as events.
pub mod import;

/// 4 decide: the pure engine.
pub mod decide;

/// 5 schedule: delays, hours, caps.
pub mod schedule;

/// 6 render: text, values, parts, price.
pub mod render;

/// 7 send: the gate, the driver, the gateways.
pub mod send;

/// 8 links: what following one does.
pub mod links;

/// 9 measure: credit and figures.
pub mod measure;

/// The walk itself; the process around it; and the same walk in virtual time.
pub mod daemon;
pub mod flow;
pub mod logging;
pub mod replay;
pub mod simulate;

pub mod cli;
