//! What a gateway answers. The first line says which gateway, what it was asked and the HTTP status, such as
//! `kavenegar send 200`; the rest is the body, served from loopback, so that every gateway is tried through its one trait.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use bazgasht::phone::Phone;
use bazgasht::send::gateway::{Answer, Body, Gateway, Known, Outgoing, Report, Sought, Trouble};

use super::first_line;
use super::gateways::{all, fit_for_a_log, named};

const REFERENCES: [i64; 2] = [4_611_686_018_427_387_907, 7];

pub fn hold(bytes: &[u8]) {
    let (asked, body) = first_line(bytes);
    let mut words = asked.split_whitespace();
    let mut word = || words.next().unwrap_or_default();
    let (name, question) = (word(), word());
    // Those that may have no body would leave the connection in disorder, which is the client's matter and not ours.
    let http =
        word().parse::<u16>().ok().filter(|s| (200..600).contains(s) && !matches!(s, 204 | 205 | 304)).unwrap_or(200);
    AWAY.with(|away| {
        *away.answer.lock().unwrap() = (http, body.as_bytes().to_vec());
        away.runtime.block_on(ask(named(&away.gateways, name), question, http, &body));
    });
}

fn sought() -> Vec<Sought> {
    let to = bazgasht::phone::Phone::from_e164("+989120000001").unwrap();
    let about =
        |reference: &i64| Sought { reference: *reference, to: to.clone(), text: "سلام".to_owned(), handed_unix: 0 };
    REFERENCES.iter().map(about).collect()
}

async fn ask(gateway: &dyn Gateway, question: &str, http: u16, body: &str) {
    match question {
        "find" => match gateway.find(&sought()).await {
            Ok(known) => {
                assert_eq!(known.iter().map(|(asked, _)| *asked).collect::<Vec<_>>(), REFERENCES, "each, in order");
                for (asked, known) in known {
                    if let Known::Found(found) = known {
                        report(&found);
                        assert!(found.reference.is_none_or(|said| said == asked));
                    }
                }
            }
            Err(why) => trouble(&why),
        },
        "states" => match gateway.states(&["700100200".to_owned(), "98765432109876543210".to_owned()]).await {
            Ok(reports) => reports.iter().for_each(report),
            Err(why) => trouble(&why),
        },
        "balance" => drop(gateway.balance().await.map_err(|why| trouble(&why))),
        "look" => match gateway.look().await {
            Ok(warnings) => warnings.iter().for_each(|warning| fit_for_a_log(warning)),
            Err(why) => trouble(&why),
        },
        "template" if gateway.abilities().templates => {
            let tokens = [("token".to_owned(), "x".to_owned())].into_iter().collect();
            answer(
                &gateway.send(&to_someone(gateway, Body::Template { name: "back".to_owned(), tokens })).await,
                http,
                body,
            );
        }
        _ => answer(&gateway.send(&to_someone(gateway, Body::Text("سلام".to_owned()))).await, http, body),
    }
}

/// To somebody whom the gateway delivers to: one whom it does not is refused without a call.
fn to_someone(gateway: &dyn Gateway, body: Body) -> Outgoing {
    let numbers = ["+989120000001", "+12025550123"].map(|number| Phone::from_e164(number).unwrap());
    let to = numbers.into_iter().find(|to| gateway.reaches(to, false)).unwrap();
    Outgoing { reference: REFERENCES[0], to, body }
}

/// Accepted only with an id to ask by; refused only on a word that was understood.
fn answer(answer: &Answer, http: u16, body: &str) {
    match answer {
        Answer::Accepted(receipt) => {
            assert!(!receipt.gateway_id.trim().is_empty());
            assert!(receipt.cost.is_none_or(|cost| cost.minor >= 0), "no text earns money");
        }
        Answer::Refused(refusal) => {
            fit_for_a_log(refusal.why());
            let understood = serde_json::from_str::<serde::de::IgnoredAny>(body).is_ok();
            assert!(understood || http >= 300, "an unreadable success may be one, and is no refusal");
        }
        Answer::Open(why) => {
            assert!(!why.is_empty());
            fit_for_a_log(why);
        }
    }
}

pub fn report(report: &Report) {
    assert!(report.gateway_id.as_ref().is_none_or(|id| !id.trim().is_empty()));
    assert!(report.gateway_id.is_some() || report.reference.is_some(), "news of nothing");
    assert!(report.cost.is_none_or(|cost| cost.minor >= 0));
}

pub fn trouble(why: &Trouble) {
    fit_for_a_log(&why.to_string());
}

/// The services of all gateways: one loopback server with one answer for everything.
struct Away {
    answer: Arc<Mutex<(u16, Vec<u8>)>>,
    gateways: Vec<Arc<dyn Gateway>>,
    runtime: tokio::runtime::Runtime,
}

thread_local! {
    static AWAY: Away = away();
}

fn away() -> Away {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let answer = Arc::new(Mutex::new((200, Vec::new())));
    let said = Arc::clone(&answer);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let said = Arc::clone(&said);
            std::thread::spawn(move || drop(serve(&stream, &said)));
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    Away { answer, gateways: all(&base), runtime }
}

/// Requests one after another, each read whole and given the answer of the moment.
fn serve(stream: &TcpStream, said: &Mutex<(u16, Vec<u8>)>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut reader, mut writer) = (BufReader::new(stream), stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
            if line == "\r\n" {
                break;
            }
        }
        std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink())?;
        let (http, body) = said.lock().unwrap().clone();
        let head =
            format!("HTTP/1.1 {http} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        writer.write_all(&[head.as_bytes(), &body].concat())?;
    }
}
