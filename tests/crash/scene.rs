//! A shop, a program with its folder, a gateway, and the line between them.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;

use bazgasht::clock::{Clock, SystemClock};
use chrono::Timelike;
use reqwest::StatusCode;
use tempfile::TempDir;

use crate::books::Books;
use crate::kavenegar_fake::{self, Fake, Time};
use crate::line::{Line, Way};
use crate::program::{Program, Shell, until, until_well};
use crate::shop::{SECRET, Shop, Visit};

/// Short journeys; each text is one person's alone, so that a second one of it is seen whatever reference it bears.
pub const CAMPAIGNS: &str = r#"
language = "en"

[[campaign]]
id = "order-news"
kind = "service"
trigger = { on = "order_status", status = "processing" }
exits = []
[[campaign.step]]
id = "taken"
after = "0s"
best_before = "24h"
text = "order {{ order.number }} taken"
[[campaign.step]]
id = "packed"
after = "1s"
best_before = "24h"
text = "order {{ order.number }} packed"

[[campaign]]
id = "basket"
trigger = { on = "cart_abandoned", idle = "1s" }
[[campaign.step]]
id = "waits"
after = "1s"
best_before = "24h"
text = "{{ cart.first_item }} waits"
[[campaign.step]]
id = "still-waits"
after = "2s"
best_before = "24h"
text = "{{ cart.first_item }} still waits"
"#;

/// Nothing but the gateway decides whether a text goes: hours, caps and budget are wide, and in the shop it is about noon.
pub fn settings(base: &str, database: &str) -> String {
    format!(
        r#"
listen = "127.0.0.1:0"
database = "{database}"
campaigns = "campaigns.toml"
secret = "{SECRET}"
[shop]
timezone = "{zone}"
[hours]
start = "00:00"
end = "23:59"
stop_before = "0s"
friday = {{ start = "00:00" }}
[caps]
gap = "0s"
day = 1000
week = 1000
month = 1000
[budget]
month = "1000000000000"
[gateway]
use = "kavenegar"
[gateway.kavenegar]
key = "{key}"
base = "{base}"
price_persian = "1000"
price_latin = "2500"
"#,
        zone = zone_where_it_is_noon(),
        key = kavenegar_fake::KEY,
    )
}

fn zone_where_it_is_noon() -> String {
    let hour = SystemClock.now().utc().hour();
    // POSIX counts westward.
    if hour <= 12 { format!("Etc/GMT-{}", 12 - hour) } else { format!("Etc/GMT+{}", hour - 12) }
}

pub struct Scene {
    pub folder: TempDir,
    pub shop: Arc<Shop>,
    pub gateway: Fake,
    pub line: Line,
    database: &'static str,
}

impl Scene {
    pub async fn new(seed: u64) -> Scene {
        Scene::with_database(seed, "bazgasht.db").await
    }

    /// The database's path is counted from the folder.
    pub async fn with_database(seed: u64, database: &'static str) -> Scene {
        let gateway = Fake::start_on(0, Time::System, kavenegar_fake::KEY, |_| axum::Router::new()).await.unwrap();
        gateway.set_credit(i64::MAX / 2);
        let address: SocketAddr = gateway.base().trim_start_matches("http://").parse().unwrap();
        let line = Line::to(address, seed).await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("bazgasht.toml"), settings(&line.base(), database)).unwrap();
        std::fs::write(folder.path().join("campaigns.toml"), CAMPAIGNS).unwrap();
        Scene { folder, shop: Arc::new(Shop::new()), gateway, line, database }
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join(self.database)
    }

    /// Starts the program, waits until it is ready, and tells the shop where it is.
    pub async fn start(&self) -> Program {
        self.start_in(&Shell::None).await
    }

    pub async fn start_in(&self, shell: &Shell<'_>) -> Program {
        let mut program = Program::start(self.folder.path(), shell);
        self.shop.address.send_replace(Some(program.ready().await));
        program
    }

    /// Stops it in order, and reads what it leaves behind.
    pub async fn stop(&self, program: Program) -> Books {
        self.shop.address.send_replace(None);
        program.stop().await;
        Books::read_closed(&self.database())
    }

    /// Orders of the shop, by their numbers; each call must be taken.
    pub async fn orders(&self, numbers: RangeInclusive<u64>) {
        for number in numbers {
            let said = self.shop.tell(Visit::order(number)).await;
            assert_eq!(said.map(|(status, _)| status), Some(StatusCode::OK), "order {number}");
        }
    }

    /// Orders that are handed over on a line that lets nothing through.
    pub async fn orders_into_the_void(&self, numbers: RangeInclusive<u64>) {
        self.line.set(Way::Deaf);
        let asked = self.line.asked() + numbers.clone().count();
        self.orders(numbers).await;
        until("said on the line", async || (self.line.asked() >= asked).then_some(())).await;
    }

    /// Waits until the gateway has taken so many SMS in all.
    pub async fn accepted(&self, count: usize) {
        until(&format!("{count} SMS accepted"), async || (self.gateway.accepted().len() >= count).then_some(())).await;
    }

    /// Waits until the books of the program, which runs, are so.
    pub async fn written(&self, what: &str, so: impl Fn(&Books) -> bool) {
        until_well(what, async || {
            let books = Books::read(&self.database());
            if so(&books) { Ok(()) } else { Err(format!("{:?}", books.messages)) }
        })
        .await;
    }

    /// Waits until the program, which runs, has nothing left to do now.
    pub async fn settled(&self) -> Books {
        until_well("nothing left to do", async || {
            let books = Books::read(&self.database());
            let stuck = books.stuck(SystemClock.now());
            if stuck.is_empty() { Ok(books) } else { Err(stuck.join("\n")) }
        })
        .await
    }
}
