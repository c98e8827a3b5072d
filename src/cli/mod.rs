//! The program's commands, one file each. Exit codes: 0 well, 1 the answer is no, 2 wrong use.

pub mod ask;
pub mod backup;
pub mod campaigns;
pub mod check;
pub mod contact;
pub mod demo;
pub mod doctor;
pub mod files;
pub mod hold;
pub mod import;
pub mod init;
pub mod preview;
pub mod report;
pub mod run;
pub mod send_test;
pub mod simulate;
pub mod terminal;
pub mod tongue;
pub mod until;

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::clock::SystemClock;
use crate::daemon::start;
use crate::ids::SystemChance;
use crate::rules::Rules;
use crate::send::gateway::Registry;

#[derive(Debug, Parser)]
#[command(
    name = "bazgasht",
    version,
    about = "Brings a WooCommerce shop's buyers back by SMS, from the shop's own server",
    after_help = "\
First steps:
  bazgasht demo       a week of a small shop in quickened time: no account, no settings, nothing is sent
  bazgasht init       writes bazgasht.toml, campaigns.toml and days.toml here
  bazgasht check      says what is wrong in them, all at once
  bazgasht run        the daemon

Exit codes: 0 well, 1 the answer is no (a check failed), 2 wrong use."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The daemon: hears the shop, sends what is due
    Run(run::RunArgs),
    /// Check settings and campaigns; all problems at once, each with its place and a way out
    Check(check::CheckArgs),
    /// Show each text as the buyer gets it, with parts and price
    Preview(preview::PreviewArgs),
    /// List the campaigns; switch one on or off
    Campaigns(campaigns::CampaignsArgs),
    /// Time travel: who would have got what, when, for how much
    Simulate(simulate::SimulateArgs),
    /// Play a week of a small shop through the real door in quickened time
    Demo(demo::DemoArgs),
    /// Read the years before: customers, products, orders and reviews, from the shop or from a file
    Import(import::ImportArgs),
    /// Messages, clicks, orders and money, by campaign and step
    Report(report::ReportArgs),
    /// Send one text to one number, to see that the gateway works
    SendTest(send_test::SendTestArgs),
    /// One person, by number: why they got what they got, and their rights
    Contact(contact::ContactArgs),
    /// Stop all texts, or one campaign's, until you let them go
    Hold(hold::HoldArgs),
    /// Let go what is held; alone: says what is held and why
    Resume(hold::ResumeArgs),
    /// What is well, what is not, and the way out
    Doctor(doctor::DoctorArgs),
    /// Copy the database whole, also while the daemon runs
    Backup(backup::BackupArgs),
    /// Write bazgasht.toml, campaigns.toml and days.toml, with a fresh secret
    Init(init::InitArgs),
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = std::io::stdout();
    match run(cli.command, &mut out) {
        Ok(code) => ExitCode::from(code),
        Err(problem) if is_closed_pipe(&problem) => ExitCode::SUCCESS,
        Err(problem) => {
            let _ = out.flush();
            eprintln!("bazgasht: {problem:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command, out: &mut (dyn Write + Send)) -> Result<u8> {
    match command {
        Command::Run(args) => run::run(&args, out),
        Command::Check(args) => check::run(&args, &SystemClock, out),
        Command::Preview(args) => preview::run(&args, out),
        Command::Campaigns(args) => campaigns::run(&args, out),
        Command::Simulate(args) => simulate::run(&args, out),
        Command::Demo(args) => demo::run(&args, out),
        Command::Import(args) => wait_for(import::run(&args, &import::Surroundings::of_this_process(), out)),
        Command::Report(args) => report::run(&args, &SystemClock, out),
        Command::SendTest(args) => {
            wait_for(send_test::run(&args, &SystemChance, &gateways, &mut ask::on_terminal, out))
        }
        Command::Contact(args) => {
            wait_for(contact::run(&args, &SystemClock, &SystemChance, &mut ask::on_terminal, out))
        }
        Command::Hold(args) => wait_for(hold::run_hold(&args, &SystemClock, &SystemChance, out)),
        Command::Resume(args) => wait_for(hold::run_resume(&args, &SystemClock, &SystemChance, out)),
        Command::Doctor(args) => wait_for(doctor::run(&args, &SystemClock, &gateways, out)),
        Command::Backup(args) => backup::run(&args, &SystemClock, out),
        Command::Init(args) => init::run(&args, &SystemChance, out),
    }
}

fn gateways(rules: &Rules) -> Result<Registry> {
    start::gateways(&rules.settings.gateway, None)
}

/// For commands that ask the gateway or the writer once.
fn wait_for(command: impl Future<Output = Result<u8>>) -> Result<u8> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(command)
}

/// `bazgasht report | head` is no failure.
fn is_closed_pipe(problem: &anyhow::Error) -> bool {
    problem
        .chain()
        .any(|cause| cause.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe))
}
