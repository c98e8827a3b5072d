//! 1. An event answered with success survives `kill -9`; the same event id twice changes nothing.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bazgasht::clock::Clock;
use bazgasht::receive::signature::Key;
use bazgasht::state::world::World;
use bazgasht::store::{db, log, stuck};
use serde_json::{Value, json};

const SECRET: &str = "whsec_bWFkZS11cC1mb3ItdGVzdHMtMzItYnl0ZXMtbG9uZyE=";

/// The built program, in a process of its own.
struct Program {
    child: Child,
    address: String,
}

impl Program {
    fn start(folder: &Path) -> Program {
        let mut child = Command::new(env!("CARGO_BIN_EXE_bazgasht"))
            .args(["run", "--listen", "127.0.0.1:0"])
            .current_dir(folder)
            .env("BAZGASHT_LOG", "info")
            .env_remove("NOTIFY_SOCKET")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        let stderr = child.stderr.take().expect("a pipe");
        let mut lines = BufReader::new(stderr).lines();
        // It says where it listens once everything runs.
        let address = loop {
            let line = lines.next().expect("the program said that it is ready").expect("a line");
            if let Some(at) = line.find("127.0.0.1:") {
                let rest: String =
                    line[at..].chars().take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ':')).collect();
                if !rest.ends_with(":0") {
                    break rest;
                }
            }
        };
        std::thread::spawn(move || lines.for_each(drop));
        Program { child, address }
    }

    fn post(&self, events: &[Value]) -> Value {
        let body = json!({"events": events}).to_string();
        #[allow(clippy::disallowed_methods)] // the program has its own clock
        let now = chrono::Utc::now().timestamp();
        let signature = Key::parse(SECRET).expect("a key").sign("msg", now, body.as_bytes());
        let request = format!(
            "POST /v1/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nwebhook-id: msg\r\nwebhook-timestamp: {now}\r\n\
             webhook-signature: {signature}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit");
        stream.write_all(request.as_bytes()).expect("sent");
        let answer = std::io::read_to_string(stream).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        serde_json::from_str(answer.split("\r\n\r\n").nth(1).expect("a body")).expect("JSON")
    }

    /// Not a word of warning.
    fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }
}

fn event(n: usize) -> Value {
    json!({"id": format!("e{n}"), "type": "customer.created", "time": "2026-11-20T10:00:00+03:30",
           "data": {"contact": {"phone": format!("0912000{n:04}")}}})
}

#[test]
fn p01_what_was_answered_is_there_after_kill_9_and_twice_is_once() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("bazgasht.toml"), format!("secret = \"{SECRET}\"\n")).expect("settings");
    for round in 0..5 {
        let program = Program::start(folder.path());
        let events: Vec<Value> = (0..40).map(|n| event(round * 20 + n)).collect();
        let said = program.post(&events);
        program.kill();
        let expected = if round == 0 { (40, 0) } else { (20, 20) };
        assert_eq!(
            (said["accepted"].as_u64(), said["duplicate"].as_u64()),
            (Some(expected.0), Some(expected.1)),
            "round {round}"
        );
    }
    let conn = db::open_reader(&folder.path().join("bazgasht.db")).expect("the database");
    assert_eq!(log::counts(&conn).expect("counts").events, 120);
}

#[tokio::test]
async fn p01_an_event_that_cannot_be_applied_is_kept_aside_and_stops_no_other() {
    let home = crate::world::house::Home::new().await;
    for n in 0..2 {
        // Each is a sound amount; no integer holds their sum.
        let data =
            json!({"order_id": "900", "refund_id": n.to_string(), "amount": "9000000000000000000", "currency": "IRT"});
        home.event("order.refunded", data).await;
    }
    let order = json!({"order_id": "900", "number": "900", "status": "processing", "total": "1", "currency": "IRT", "items": [],
                       "contact": {"phone": "09120000002"}, "coupons": []});
    home.event("order.created", order).await;
    home.abandoned("t_1", crate::world::story::SARA).await;
    home.pass("1h").await;
    assert_eq!(home.fake.accepted().len(), 1, "other people's events go on");
    let aside = home.house.parts.writer.run(|world| log::rejected(world.connection(), 10)).await.expect("the store");
    assert_eq!(aside.iter().map(|r| r.kind.as_str()).collect::<Vec<_>>(), ["order.created"]);
    home.house.close().await.expect("an orderly end");
}

/// Changes the database behind the daemon's back.
fn damage(home: &crate::world::house::Home, sql: &str) {
    let conn = rusqlite::Connection::open(home.folder.path().join("bazgasht.db")).expect("the database");
    conn.busy_timeout(Duration::from_secs(5)).expect("patience");
    assert_eq!(conn.execute(sql, []).expect("changed"), 1, "{sql}");
}

#[tokio::test]
async fn p01_a_row_that_cannot_be_worked_on_rests_and_stops_no_other() {
    // An enrolment, and messages that are due, in doubt and being handed over.
    for (sql, row) in [
        ("UPDATE enrolments SET done = 'nothing known' WHERE id = 1", "enrolment 1"),
        ("UPDATE messages SET reason = 'nothing known' WHERE id = 1", "message 1"),
        ("UPDATE messages SET reason = 'nothing known', state = 'unknown', next_try_ms = 0 WHERE id = 1", "message 1"),
        ("UPDATE messages SET reason = 'nothing known', state = 'sending' WHERE id = 1", "message 1"),
    ] {
        let home = crate::world::house::Home::new().await;
        home.abandoned("t_1", crate::world::story::SARA).await;
        if row.starts_with("message") {
            let all = bazgasht::state::model::HoldScope::All;
            let hold = bazgasht::state::model::Hold {
                scope: all.clone(),
                why: "a pause".into(),
                since: bazgasht::clock::At(0),
                until: None,
            };
            home.house.parts.writer.run(move |world| world.put_hold(&hold)).await.expect("the store");
            home.pass("65m").await;
            home.house.parts.writer.run(move |world| world.lift_hold(&all)).await.expect("the store");
        }
        home.house.work().await.expect("the store");
        damage(&home, sql);
        home.abandoned("t_2", crate::world::story::REZA).await;
        home.pass("3h").await;
        let people: Vec<String> = home.fake.accepted().into_iter().map(|sms| sms.receptor).collect();
        assert!(people.iter().any(|to| to.ends_with("9120000002")), "{sql}: {people:?}");
        let now = home.house.clock.now();
        let stuck = home.house.parts.writer.run(move |world| stuck::lately(world.connection(), now));
        let stuck: Vec<String> = stuck.await.expect("the store").into_iter().map(|stuck| stuck.row).collect();
        assert_eq!(stuck, [row], "{sql}");
        home.house.close().await.expect("an orderly end");
    }
}

#[tokio::test]
async fn p01_a_clockwork_that_stands_still_is_seen_and_told_of() {
    let home = crate::world::house::Home::new().await;
    let ready = async || home.house.ask("/readyz").await.expect("an answer").0;
    let mut failing = bazgasht::send::failing::Failing::default();
    let told = async || {
        let open = home.house.parts.writer.run(|world| bazgasht::store::alerts::open(world.connection()));
        open.await.expect("the store").into_iter().map(|alert| alert.kind).collect::<Vec<_>>()
    };
    let problem = anyhow::anyhow!("nothing goes");
    failing.note(&home.house.parts, Some(&problem)).await;
    assert_eq!((ready().await, told().await.len()), (503, 0));
    home.house.clock.pass(bazgasht::clock::Span::minutes(5));
    failing.note(&home.house.parts, Some(&problem)).await;
    assert_eq!(told().await, ["stuck"]);
    failing.note(&home.house.parts, None).await;
    assert_eq!((ready().await, told().await.len()), (200, 0));
    home.house.close().await.expect("an orderly end");
}
