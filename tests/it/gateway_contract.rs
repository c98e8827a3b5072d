//! What every gateway owes the driver, played against the fake of its protocol: each answer becomes the right one of
//! accepted, surely refused, open; and the key shows nowhere.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use bazgasht::money::{Currency, Money};
use bazgasht::phone::Phone;
use bazgasht::secret::Secret;
use bazgasht::send::gateway::{
    Answer, Body, Delivery, Gateway, Known, Outgoing, Push, Refusal, Report, Sought, StopScope, Trouble,
};
use bazgasht::send::gateways::kavenegar::{Kavenegar, KavenegarOptions};
use bazgasht::send::gateways::wire::Patience;

use crate::kavenegar_fake::{Fake, KEY, Script};

macro_rules! recorded {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/gateways/kavenegar/", $name))
    };
}

mod accepting;
mod asking;
mod callbacks;
mod console;
mod faults;
mod ghasedak;
mod http;
mod ippanel;
mod iranpayamak;
mod lists;
mod many;
mod melipayamak;
mod refusals;
mod registry;
mod secrets;
mod settings;
mod shared;
mod smsir;
mod twilio;

const REFERENCE: i64 = 4_611_686_018_427_387_907;
const PATIENT: Duration = Duration::from_secs(10);
const HASTY: Duration = Duration::from_millis(100);

fn options(base: &str) -> KavenegarOptions {
    KavenegarOptions {
        base: Some(base.parse().unwrap()),
        patience: Patience { call: PATIENT, connect: PATIENT },
        ..KavenegarOptions::new(Secret::new(KEY))
    }
}

fn client(fake: &Fake) -> Kavenegar {
    Kavenegar::new(options(&fake.base())).unwrap()
}

fn hasty(fake: &Fake) -> Kavenegar {
    Kavenegar::new(KavenegarOptions { patience: Patience { call: HASTY, connect: PATIENT }, ..options(&fake.base()) })
        .unwrap()
}

fn someone() -> Phone {
    Phone::from_e164("+989120000001").unwrap()
}

fn text(reference: i64) -> Outgoing {
    Outgoing { reference, to: someone(), body: Body::Text("سلام، سبد خریدت منتظر است".to_owned()) }
}

fn sought(references: &[i64]) -> Vec<Sought> {
    let about =
        |reference: &i64| Sought { reference: *reference, to: someone(), text: "سلام".to_owned(), handed_unix: 0 };
    references.iter().map(about).collect()
}

fn template(name: &str, tokens: &[(&str, &str)]) -> Outgoing {
    let tokens = tokens.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Outgoing { reference: REFERENCE, to: someone(), body: Body::Template { name: name.to_owned(), tokens } }
}

fn rial(minor: i64) -> Money {
    Money { minor, currency: Currency::IRR }
}

fn answer(http: u16, body: &str) -> Script {
    Script::Answer { http, body: body.to_owned(), accepts: false }
}

fn is_open(answer: &Answer) -> bool {
    matches!(answer, Answer::Open(why) if !why.is_empty())
}

#[derive(Debug, Clone, PartialEq)]
enum Act {
    Later,
    Never,
    Stop(StopScope),
    Mistake,
    Open,
    Down,
    OptedOut,
    Blocked,
}

fn act(answer: &Answer) -> Option<Act> {
    Some(match answer {
        Answer::Refused(Refusal::Later { .. }) => Act::Later,
        Answer::Refused(Refusal::Never { .. }) => Act::Never,
        Answer::Refused(Refusal::Stop { scope, .. }) => Act::Stop(scope.clone()),
        Answer::Refused(Refusal::Mistake { .. }) => Act::Mistake,
        Answer::Refused(Refusal::Down { .. }) => Act::Down,
        Answer::Refused(Refusal::OptedOut { .. }) => Act::OptedOut,
        Answer::Open(_) => Act::Open,
        Answer::Refused(Refusal::Blocked { .. }) => Act::Blocked,
        Answer::Accepted(_) => return None,
    })
}

fn offline() -> Kavenegar {
    Kavenegar::new(options("http://127.0.0.1:1")).unwrap()
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
