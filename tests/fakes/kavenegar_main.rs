//! The fake of Kavenegar as a process of its own, for a walk through a real shop on this machine:
//! `cargo run --example kavenegar-fake -- --port 9009 --log sms.jsonl`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::cast_precision_loss,
    clippy::default_trait_access,
    clippy::format_push_string,
    reason = "a test or bench that meets what it did not expect should stop at once"
)]

#[path = "kavenegar.rs"]
mod kavenegar_fake;

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use clap::Parser;
use kavenegar_fake::{Fake, KEY, Script, Time};
use serde::Deserialize;

/// Takes SMS as Kavenegar does, prints them, and sends nothing.
///
/// While it runs: GET /fake/accepted · POST /fake/next (a script, such as "lose_answer" or {"refuse":418})
/// · POST /fake/report {"messageid","status"} · POST /fake/say {"from","to","text"} · POST /fake/clock {"forward_s"}
/// · POST /fake/credit {"rial"} · POST /fake/template {"name","text"}
#[derive(Parser)]
struct Options {
    #[arg(long, default_value_t = 9009)]
    port: u16,
    /// Appends each SMS to this file, one JSON object a line
    #[arg(long)]
    log: Option<PathBuf>,
    /// The API key that it takes
    #[arg(long, default_value = KEY)]
    key: String,
    /// Where delivery reports are pushed to
    #[arg(long)]
    delivery: Option<String>,
    /// Reports every SMS as delivered after so many seconds (needs --delivery)
    #[arg(long, value_name = "SECONDS", requires = "delivery")]
    deliver_after: Option<u64>,
    /// Where replies of people are pushed to
    #[arg(long)]
    inbound: Option<String>,
    /// Rial
    #[arg(long, default_value_t = 1_000_000)]
    credit: i64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let fake = Fake::start_on(options.port, Time::System, &options.key, control).await?;
    fake.set_credit(options.credit);
    if let Some(url) = &options.delivery {
        fake.push_deliveries_to(url);
    }
    if let Some(url) = &options.inbound {
        fake.push_inbound_to(url);
    }
    let log = match &options.log {
        Some(path) => Some(Mutex::new(OpenOptions::new().create(true).append(true).open(path)?)),
        None => None,
    };
    let (taken, mut to_deliver) = tokio::sync::mpsc::unbounded_channel();
    fake.watch(move |sms| {
        println!("{} → {} ({} Rial, id {})\n{}\n", sms.sender, sms.receptor, sms.cost, sms.messageid, sms.text);
        if let (Some(log), Ok(line)) = (&log, serde_json::to_string(sms)) {
            let written = log.lock().map(|mut file| writeln!(file, "{line}"));
            if !matches!(written, Ok(Ok(()))) {
                eprintln!("the log cannot be written");
            }
        }
        let _ = taken.send(sms.messageid);
    });
    println!("Kavenegar's fake listens at {}, with the key {}", fake.base(), options.key);
    loop {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => return Ok(()),
            Some(id) = to_deliver.recv() => {
                if let Some(seconds) = options.deliver_after {
                    let fake = fake.clone();
                    tokio::spawn(async move {
                        tokio::time::sleep(Duration::from_secs(seconds)).await;
                        fake.report(id, 10).await;
                    });
                }
            }
        }
    }
}

fn control(fake: Fake) -> Router {
    #[derive(Deserialize)]
    struct Report {
        messageid: u64,
        status: u16,
    }
    #[derive(Deserialize)]
    struct Say {
        from: String,
        to: String,
        text: String,
    }
    #[derive(Deserialize)]
    struct Clock {
        forward_s: i64,
    }
    #[derive(Deserialize)]
    struct Credit {
        rial: i64,
    }
    #[derive(Deserialize)]
    struct Template {
        name: String,
        text: String,
    }
    const DONE: StatusCode = StatusCode::NO_CONTENT;
    Router::new()
        .route("/fake/accepted", get(|State(fake): State<Fake>| async move { Json(fake.accepted()) }))
        .route(
            "/fake/next",
            post(|State(fake): State<Fake>, Json(script): Json<Script>| async move { (fake.next(script), DONE).1 }),
        )
        .route(
            "/fake/report",
            post(|State(fake): State<Fake>, Json(report): Json<Report>| async move {
                Json(fake.report(report.messageid, report.status).await)
            }),
        )
        .route(
            "/fake/say",
            post(|State(fake): State<Fake>, Json(said): Json<Say>| async move {
                Json(fake.say(&said.from, &said.to, &said.text).await)
            }),
        )
        .route(
            "/fake/clock",
            post(|State(fake): State<Fake>, Json(clock): Json<Clock>| async move {
                (fake.forward(clock.forward_s), DONE).1
            }),
        )
        .route(
            "/fake/credit",
            post(|State(fake): State<Fake>, Json(credit): Json<Credit>| async move {
                (fake.set_credit(credit.rial), DONE).1
            }),
        )
        .route(
            "/fake/template",
            post(|State(fake): State<Fake>, Json(template): Json<Template>| async move {
                (fake.template(&template.name, &template.text), DONE).1
            }),
        )
        .with_state(fake)
}
