//! A fake of Kavenegar's REST service on a loopback port: keeps its books as the documentation says, and fails as told.
//!
//! ```ignore
//! let fake = Fake::start().await;
//! fake.next(Script::LoseAnswer);          // the next SMS is accepted, its answer lost
//! assert_eq!(fake.accepted().len(), 1);
//! ```

#![allow(dead_code, reason = "each test binary uses its part of the fake")]

#[path = "kavenegar/api.rs"]
mod api;
#[path = "kavenegar/books.rs"]
mod books;
#[path = "kavenegar/lists.rs"]
mod lists;
#[path = "kavenegar/wire.rs"]
pub mod wire;

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use self::books::Books;
use self::wire::{Wire, Wires};

pub const KEY: &str = "4B6579-made-up-for-tests";

/// The fixed clock begins here: 2026-01-05 10:00 UTC.
pub const START: i64 = 1_767_607_200;

/// What happens to one call.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Script {
    /// Refused with this code, as body and as HTTP status. Nothing is accepted.
    Refuse(u16),
    /// Refused with this code in the body of an HTTP 200.
    RefuseWith200(u16),
    /// Refused by this HTTP status, with the broken JSON of the documentation's sample.
    RefuseBroken(u16),
    /// Never answers, accepts nothing.
    StallBeforeAccepting,
    /// Accepts, never answers.
    AcceptAndStall,
    /// Accepts, and closes the connection without a byte of an answer.
    LoseAnswer,
    /// Accepts, and closes the connection in the middle of the answer.
    CutHalfway,
    /// Accepts, and answers 200 with something that is not JSON.
    Garbage,
    /// Accepts, and writes all numbers of the answer as text.
    NumbersAsStrings,
    /// Accepts under an id beyond 2^63, and answers.
    HugeIds,
    /// This very answer.
    Answer { http: u16, body: String, accepts: bool },
}

/// An SMS that the fake took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sms {
    pub messageid: u64,
    pub localid: Option<i64>,
    pub receptor: String,
    pub sender: String,
    /// The text as the phone shows it; templates are filled in.
    pub text: String,
    pub template: Option<String>,
    /// Unix seconds.
    pub at: i64,
    /// Rial.
    pub cost: i64,
    /// Code of Kavenegar's status table.
    pub status: u16,
}

/// One request, accepted or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Such as `sms/send`.
    pub method: String,
    pub fields: BTreeMap<String, String>,
}

/// How a callback is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PushStyle {
    Get,
    #[default]
    Form,
    Json,
}

/// Where the fake's time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    Fixed,
    System,
}

/// A handle to a running fake; clones are the same fake.
#[derive(Clone)]
pub struct Fake {
    address: SocketAddr,
    books: Arc<Mutex<Books>>,
}

impl Fake {
    /// On a free port, with a fixed clock.
    pub async fn start() -> Self {
        Self::start_on(0, Time::Fixed, KEY, |_| Router::new()).await.unwrap()
    }

    /// With more routes beside the API, made for this fake.
    pub async fn start_on(port: u16, time: Time, key: &str, more: impl FnOnce(Self) -> Router) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let fake = Self { address: listener.local_addr()?, books: Arc::new(Mutex::new(Books::new(time, key))) };
        let routes = api::routes().with_state(fake.clone()).merge(more(fake.clone()));
        let service = routes.into_make_service_with_connect_info::<Wire>();
        tokio::spawn(async move { axum::serve(Wires(listener), service).await });
        Ok(fake)
    }

    /// An address where nobody listens.
    pub async fn nobody() -> String {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    }

    /// What the client takes as its base.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// For the next SMS that is handed over. Scripts queue.
    pub fn next(&self, script: Script) {
        self.books().sending.push_back(script);
    }

    /// For the next call that is not an SMS.
    pub fn next_ask(&self, script: Script) {
        self.books().asking.push_back(script);
    }

    /// From now on every call goes well.
    pub fn no_more_scripts(&self) {
        let mut books = self.books();
        books.sending.clear();
        books.asking.clear();
    }

    /// All SMS taken, in order.
    pub fn accepted(&self) -> Vec<Sms> {
        self.books().sms.clone()
    }

    /// How many SMS were taken under each reference: more than one is a doubled message.
    pub fn accepted_count_by_localid(&self) -> BTreeMap<i64, usize> {
        let mut counts = BTreeMap::new();
        for localid in self.books().sms.iter().filter_map(|sms| sms.localid) {
            *counts.entry(localid).or_default() += 1;
        }
        counts
    }

    /// References that were handed over again although their SMS had been taken. Only the service's own memory of them kept
    /// the person from getting a text twice.
    pub fn repeated(&self) -> Vec<i64> {
        self.books().repeated.clone()
    }

    /// All calls of a method, such as `sms/send`.
    pub fn calls(&self, method: &str) -> Vec<Call> {
        self.books().calls.iter().filter(|call| call.method == method).cloned().collect()
    }

    pub fn now(&self) -> i64 {
        self.books().now()
    }

    pub fn forward(&self, seconds: i64) {
        self.books().ahead += seconds;
    }

    pub fn credit(&self) -> i64 {
        self.books().credit
    }

    /// Rial.
    pub fn set_credit(&self, credit: i64) {
        self.books().credit = credit;
    }

    /// Such as `("debugmode", "enabled")`.
    pub fn set_config(&self, name: &'static str, value: &str) {
        self.books().config.insert(name, value.to_owned());
    }

    /// An approved template, such as `("back", "%token10, your basket waits: %token")`.
    pub fn template(&self, name: &str, text: &str) {
        self.books().templates.insert(name.to_owned(), text.to_owned());
    }

    /// This number (`0912…`) refuses advertising: texts to it end as 14, with the money back.
    pub fn block(&self, receptor: &str) {
        self.books().blocked.insert(receptor.to_owned());
    }

    pub fn set_status(&self, messageid: u64, status: u16) {
        let mut books = self.books();
        let refund = books.sms.iter_mut().find(|sms| sms.messageid == messageid).map_or(0, |sms| {
            sms.status = status;
            if matches!(status, 13 | 14) { sms.cost } else { 0 }
        });
        books.credit += refund;
    }

    /// Called with every SMS that is taken, for a process that prints them.
    pub fn watch(&self, watcher: impl Fn(&Sms) + Send + 'static) {
        self.books().watchers.push(Box::new(watcher));
    }

    pub fn push_style(&self, style: PushStyle) {
        self.books().style = style;
    }

    pub fn push_deliveries_to(&self, url: &str) {
        self.books().delivery_url = Some(url.to_owned());
    }

    pub fn push_inbound_to(&self, url: &str) {
        self.books().inbound_url = Some(url.to_owned());
    }

    /// The message reaches this status, and the callback is told. Returns the callback's HTTP status, 0 without a callback.
    pub async fn report(&self, messageid: u64, status: u16) -> u16 {
        self.set_status(messageid, status);
        self.push_report(messageid, status).await
    }

    /// Tells the callback of a status without the message reaching it: a push that comes twice, late or out of order.
    pub async fn push_report(&self, messageid: u64, status: u16) -> u16 {
        let (url, style) = {
            let books = self.books();
            (books.delivery_url.clone(), books.style)
        };
        let Some(url) = url else { return 0 };
        push(&url, style, &[("messageid", messageid.to_string()), ("status", status.to_string())]).await
    }

    /// A person writes to one of our lines. Returns the callback's HTTP status, 0 without a callback.
    pub async fn say(&self, from: &str, to: &str, text: &str) -> u16 {
        let (url, style, id) = {
            let mut books = self.books();
            books.last_id += 1;
            (books.inbound_url.clone(), books.style, books.last_id)
        };
        let Some(url) = url else {
            // Nobody is told; it waits to be asked for.
            self.write_in(from, to, text);
            return 0;
        };
        let fields = [
            ("from", from.to_owned()),
            ("to", to.to_owned()),
            ("message", text.to_owned()),
            ("messageid", id.to_string()),
        ];
        push(&url, style, &fields).await
    }

    /// A person writes to one of our lines, and the reply waits there to be asked for.
    pub fn write_in(&self, from: &str, to: &str, text: &str) {
        let mut books = self.books();
        books.last_id += 1;
        let (messageid, at) = (books.last_id, books.now());
        books.inbox.push(lists::Reply {
            messageid,
            sender: from.to_owned(),
            receptor: to.to_owned(),
            text: text.to_owned(),
            at,
            is_read: false,
        });
    }

    /// This number stands on the line's blacklist, for this reason (2: it wrote «لغو۱۱»).
    pub fn refuse(&self, number: &str, reason: i64) {
        let mut books = self.books();
        let at = books.now();
        books.refusers.push(lists::Refuser { number: number.to_owned(), reason, at });
    }

    /// The blacklist cannot be asked for from before this moment (Unix seconds).
    pub fn keep_refusers_from(&self, moment: i64) {
        self.books().refusers_from = moment;
    }

    /// `localmessageids` are not understood from now on.
    pub fn lose_references_of_arrays(&self) {
        self.books().deaf_to_arrays = true;
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }
}

async fn push(url: &str, style: PushStyle, fields: &[(&str, String)]) -> u16 {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = match style {
        PushStyle::Get => client.get(url).query(fields),
        PushStyle::Form => client.post(url).form(fields),
        PushStyle::Json => client.post(url).json(&fields.iter().cloned().collect::<BTreeMap<_, _>>()),
    };
    request.send().await.map_or(0, |response| response.status().as_u16())
}
