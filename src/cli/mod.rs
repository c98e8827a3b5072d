//! The program's commands, one file each. Exit codes: 0 well, 1 the answer is no, 2 wrong use.

pub mod check;
pub mod demo;
pub mod files;
pub mod init;
pub mod preview;
pub mod report;
pub mod run;
pub mod simulate;
pub mod terminal;

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::clock::SystemClock;
use crate::ids::SystemChance;

#[derive(Debug, Parser)]
#[command(
    name = "bazgasht",
    version,
    about = "Brings a WooCommerce shop's buyers back by SMS, from the shop's own server",
    after_help = "\
First steps:
  bazgasht demo       a week of a small shop in quickened time: no account, no settings, nothing is sent
  bazgasht init       writes bazgasht.toml and campaigns.toml here
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
    /// Time travel: who would have got what, when, for how much
    Simulate(simulate::SimulateArgs),
    /// Play a week of a small shop through the real door in quickened time
    Demo(demo::DemoArgs),
    /// Messages, clicks, orders and money, by campaign and step
    Report(report::ReportArgs),
    /// Write bazgasht.toml and campaigns.toml, with a fresh secret
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
        Command::Check(args) => check::run(&args, out),
        Command::Preview(args) => preview::run(&args, out),
        Command::Simulate(args) => simulate::run(&args, out),
        Command::Demo(args) => demo::run(&args, out),
        Command::Report(args) => report::run(&args, &SystemClock, out),
        Command::Init(args) => init::run(&args, &SystemChance, out),
    }
}

/// `bazgasht report | head` is no failure.
fn is_closed_pipe(problem: &anyhow::Error) -> bool {
    problem.chain().any(|cause| cause.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe))
}
