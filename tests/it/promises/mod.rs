//! One file for each of the twelve promises (`ARCHITECTURE.md` lists them), named by its number. Promise 11, that a shop
//! page is never slowed, is the bridge's and tested there.

mod p01_events_survive;
mod p02_orders_stop_messages;
mod p03_blocked_numbers;
mod p03_opting_out;
mod p04_at_most_once;
mod p04_restored_backups;
mod p04_two_gateways;
mod p05_hours_and_caps;
mod p05_more_valuable_first;
mod p06_budget;
mod p06_held_gateways;
mod p07_no_stale_burst;
mod p08_no_broken_text;
mod p09_figures_add_up;
mod p10_bad_files_change_nothing;
mod p12_personal_data;
