//! A shop that speaks to the program as the bridge does: signed calls, repeated under the same ids until they are answered.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use bazgasht::clock::{Clock, SystemClock};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::bridge_fake::signed;
use crate::story;

pub const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// As many made-up numbers as there are. Later people have the numbers of the first.
const PEOPLE: u64 = 10_000;

/// What somebody does in the shop, told in one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doing {
    /// Orders, and is to get both texts about it.
    Orders,
    /// Leaves a basket, and is to get both texts about it.
    LeavesBasket,
    /// Leaves a basket and orders at once: no text about the basket may come.
    LeavesAndOrders,
}

/// One call: who, and what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Visit {
    pub number: u64,
    pub doing: Doing,
}

impl Visit {
    /// Which follows from its number, and changes from one to the next.
    pub fn new(number: u64) -> Visit {
        let doing = match number % 4 {
            0 | 1 => Doing::Orders,
            2 => Doing::LeavesBasket,
            _ => Doing::LeavesAndOrders,
        };
        Visit { number, doing }
    }

    pub fn order(number: u64) -> Visit {
        Visit { number, doing: Doing::Orders }
    }

    /// As the gateway writes it.
    pub fn phone(self) -> String {
        format!("0912000{:04}", self.number % PEOPLE)
    }

    pub fn event_ids(self) -> Vec<String> {
        self.events().iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
    }

    /// The texts that are due to this person, by the beginning of their first line.
    pub fn texts(self) -> Vec<String> {
        let n = self.number;
        let order = || vec![format!("order {n} taken"), format!("order {n} packed")];
        match self.doing {
            Doing::Orders | Doing::LeavesAndOrders => order(),
            Doing::LeavesBasket => vec![format!("tea {n} waits"), format!("tea {n} still waits")],
        }
    }

    fn events(self) -> Vec<Value> {
        let n = self.number;
        let cart_key = format!("t_{n}");
        let event = |part: &str, kind: &str, data: Value| json!({"id": format!("e{n}-{part}"), "type": kind, "time": SystemClock.now().rfc3339(), "data": data});
        let mut basket = story::cart(&cart_key, &["11"]);
        basket["items"][0]["name"] = json!(format!("tea {n}"));
        let order = json!({"order_id": n.to_string(), "number": n.to_string(), "status": "processing", "total": "500000",
                           "currency": "IRT", "items": story::items(&["11"]), "contact": {"phone": self.phone()},
                           "coupons": []});
        let leaves = [
            event("cart", "cart.updated", basket),
            event("number", "contact.captured", json!({"cart_key": cart_key, "contact": {"phone": self.phone()}})),
        ];
        let orders = event("order", "order.created", order);
        match self.doing {
            Doing::Orders => vec![orders],
            Doing::LeavesBasket => leaves.into(),
            Doing::LeavesAndOrders => leaves.into_iter().chain([orders]).collect(),
        }
    }
}

/// What the shop has told, and what it was answered.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// Calls that were answered with 200.
    pub taken: Vec<Visit>,
    /// Calls that no 200 came for, for ever.
    pub given_up: Vec<Visit>,
    /// Calls that were made again, since no answer had come.
    pub repeated: usize,
    /// Events that such a call found in the log already: taken, but the answer was lost.
    pub were_there: usize,
    /// Calls that were answered with 503.
    pub refused: usize,
}

pub struct Shop {
    pub told: Mutex<Told>,
    http: reqwest::Client,
    /// Where the program listens; `None` while it does not run.
    pub address: watch::Sender<Option<SocketAddr>>,
    /// How many calls were taken.
    pub taken: watch::Sender<usize>,
}

impl Shop {
    pub fn new() -> Shop {
        Shop {
            told: Mutex::default(),
            http: reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap(),
            address: watch::Sender::new(None),
            taken: watch::Sender::new(0),
        }
    }

    /// What the bridge tells when it is connected.
    pub async fn introduce(&self) {
        let time = SystemClock.now().rfc3339();
        let shop = json!({"name": "shop", "url": "https://shop.example", "currency": "IRT", "country": "IR"});
        let product = json!({"product_id": "11", "name": "tea", "url": "https://shop.example/?p=11", "price": "180000",
                             "currency": "IRT", "stock_status": "instock", "categories": [], "cross_sell_ids": []});
        let events = [
            json!({"id": "shop", "type": "shop.updated", "time": time, "data": shop}),
            json!({"id": "tea", "type": "product.updated", "time": time, "data": product}),
        ];
        let address = self.address.borrow().expect("a program");
        let (status, said) = self.post(address, &events).await.expect("an answer");
        assert_eq!((status, &said["accepted"]), (StatusCode::OK, &json!(2)), "{said}");
    }

    /// One call, made once. Status and answer; `None` when none came.
    pub async fn tell(&self, visit: Visit) -> Option<(StatusCode, Value)> {
        let address = (*self.address.borrow())?;
        let (status, said) = self.post(address, &visit.events()).await?;
        let mut told = self.told.lock().unwrap();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            told.refused += 1;
        } else {
            assert_eq!((status, &said["rejected"]), (StatusCode::OK, &json!([])), "{visit:?}: {said}");
            told.taken.push(visit);
            self.taken.send_modify(|n| *n += 1);
        }
        Some((status, said))
    }

    /// Calls until it is taken, or until `closing`.
    pub async fn insist(&self, visit: Visit, mut closing: watch::Receiver<bool>) {
        let mut address = self.address.subscribe();
        loop {
            if let Some((StatusCode::OK, said)) = self.tell(visit).await {
                let were_there = usize::try_from(said["duplicate"].as_u64().unwrap()).unwrap();
                self.told.lock().unwrap().were_there += were_there;
                return;
            }
            // Whoever comes for the answer of a program that is gone finds another at another address.
            tokio::select! {
                _ = address.changed() => {}
                () = tokio::time::sleep(Duration::from_millis(20)) => {}
                _ = closing.wait_for(|closing| *closing) => {
                    self.told.lock().unwrap().given_up.push(visit);
                    return;
                }
            }
            self.told.lock().unwrap().repeated += 1;
        }
    }

    /// GET, unsigned. Status and body.
    pub async fn look(&self, path: &str) -> (StatusCode, String) {
        let address = self.address.borrow().expect("a program");
        let answer = self.http.get(format!("http://{address}{path}")).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    async fn post(&self, address: SocketAddr, events: &[Value]) -> Option<(StatusCode, Value)> {
        let body = json!({ "events": events }).to_string();
        let request = self.http.post(format!("http://{address}/v1/events"));
        let answer = signed(request, SECRET, body.as_bytes(), SystemClock.now()).body(body).send().await.ok()?;
        let status = answer.status();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            assert!(answer.headers().contains_key("retry-after"), "503 says when to come again");
        }
        // A 200 whose body was cut off is no answer: the bridge cannot know what was taken.
        Some((status, answer.json().await.ok()?))
    }

    pub fn told(&self) -> Told {
        self.told.lock().unwrap().clone()
    }
}

impl Told {
    /// The texts that people are to get, each once.
    pub fn due(&self) -> BTreeMap<(String, String), Visit> {
        let texts = |visit: Visit| visit.texts().into_iter().map(move |text| ((visit.phone(), text), visit));
        self.taken.iter().copied().flat_map(texts).collect()
    }
}
