//! A shop's years, read over its REST API and from files.

use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use bazgasht::cli::import::{self, ImportArgs, Surroundings};
use bazgasht::clock::{At, Clock, HandClock, Span};
use bazgasht::flow;
use bazgasht::ids::SeededChance;
use bazgasht::import::shop::Keys;
use bazgasht::phone::Phone;
use bazgasht::receive::event::parse_time;
use bazgasht::secret::Secret;
use bazgasht::state::model::{ContactId, EnrolmentState};
use bazgasht::state::people::Standings;
use bazgasht::state::world::World;
use bazgasht::store::{Readers, SqlWorld, Writer, db, erase, history, log};
use clap::Parser;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::world::story::rules;

const NOW: &str = "2026-11-22T12:00:00Z";

/// What happens to one call instead of an answer.
#[derive(Clone, Copy)]
enum Fault {
    Answer(u16),
    /// 429 with so many seconds.
    ComeBack(u64),
    NoJson,
}

#[derive(Default)]
struct Inner {
    things: Mutex<BTreeMap<&'static str, Vec<Value>>>,
    /// By the number of the call of the list that it hits, from 0.
    faults: Mutex<VecDeque<Option<Fault>>>,
    /// The shop's PHP breaks on each page with this order in it.
    poison: Mutex<Option<i64>>,
    calls: Mutex<Vec<BTreeMap<String, String>>>,
    home: Mutex<String>,
}

#[derive(Clone)]
struct FakeShop(Arc<Inner>);

impl FakeShop {
    async fn open() -> FakeShop {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let shop = FakeShop(Arc::default());
        *shop.0.home.lock().unwrap() = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new().fallback(serve).with_state(shop.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        shop
    }

    fn has(&self, kind: &'static str, things: Vec<Value>) {
        self.0.things.lock().unwrap().insert(kind, things);
    }

    fn next(&self, fault: Option<Fault>) {
        self.0.faults.lock().unwrap().push_back(fault);
    }

    fn calls(&self, path: &str) -> Vec<BTreeMap<String, String>> {
        self.0.calls.lock().unwrap().iter().filter(|call| call["path"] == path).cloned().collect()
    }
}

async fn serve(State(shop): State<FakeShop>, uri: Uri, Query(query): Query<BTreeMap<String, String>>) -> Response {
    let path = uri.path().trim_start_matches("/wp-json").trim_start_matches('/').to_owned();
    if path.is_empty() {
        let home = shop.0.home.lock().unwrap().clone();
        return axum::Json(json!({ "home": home, "namespaces": ["wc/v3"] })).into_response();
    }
    let kind = path.trim_start_matches("wc/v3/").to_owned();
    if kind == "data/currencies/current" {
        return axum::Json(json!({ "code": "IRT" })).into_response();
    }
    let mut call = query.clone();
    call.insert("path".to_owned(), kind.clone());
    shop.0.calls.lock().unwrap().push(call);
    assert!(query.contains_key("oauth_signature") && !query.values().any(|v| v.contains("cs_")), "{query:?}");
    if kind == "orders"
        && let Some(Some(fault)) = shop.0.faults.lock().unwrap().pop_front()
    {
        return match fault {
            Fault::Answer(status) => StatusCode::from_u16(status).unwrap().into_response(),
            Fault::ComeBack(s) => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", s.to_string())]).into_response(),
            Fault::NoJson => "Notice: undefined index\n[]".into_response(),
        };
    }
    let things = shop.0.things.lock().unwrap().get(kind.as_str()).cloned().unwrap_or_default();
    let number = |name: &str| query[name].parse::<usize>().unwrap();
    let page: Vec<Value> = things.iter().skip(number("offset")).take(number("per_page")).cloned().collect();
    let poison = *shop.0.poison.lock().unwrap();
    if kind == "orders" && poison.is_some_and(|id| page.iter().any(|row| row["id"] == id)) {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    ([("x-wp-total", things.len().to_string())], axum::Json(page)).into_response()
}

fn order(id: i64, status: &str, day: &str, phone: &str) -> Value {
    json!({
        "id": id, "number": id.to_string(), "status": status, "currency": "IRT", "total": "110000", "customer_id": 0,
        "billing": { "first_name": "سارا", "last_name": "", "phone": phone, "email": "Sara@shop.example", "country": "IR" },
        "shipping": [], "payment_method": "cod",
        "line_items": [{ "name": "Tea &amp; cup", "product_id": 12, "variation_id": 0, "quantity": 2, "subtotal": "100000", "subtotal_tax": "10000" }],
        "coupon_lines": [{ "code": "off5" }], "refunds": [],
        "date_created_gmt": format!("{day}T10:00:00"), "date_modified_gmt": "2026-11-01T00:00:00",
        "date_paid_gmt": null, "date_completed_gmt": if status == "completed" { json!(format!("{day}T18:00:00")) } else { Value::Null },
    })
}

fn orders(n: i64) -> Vec<Value> {
    (1..=n).map(|id| order(id, "completed", "2024-05-01", &format!("0912000{:04}", id % 200))).collect()
}

struct Stage {
    folder: TempDir,
    clock: Arc<HandClock>,
    rests: Arc<Mutex<Vec<Duration>>>,
}

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: ImportArgs,
}

impl Stage {
    fn new() -> Stage {
        let folder = tempfile::tempdir().unwrap();
        let settings = format!("database = \"{}\"\n", folder.path().join("shop.db").display());
        std::fs::write(folder.path().join("bazgasht.toml"), settings).unwrap();
        Stage { folder, clock: Arc::new(HandClock::at(parse_time(NOW).unwrap())), rests: Arc::default() }
    }

    async fn run(&self, args: &[&str]) -> (anyhow::Result<u8>, String) {
        let config = self.folder.path().join("bazgasht.toml").display().to_string();
        let line = ["import", "--config", &config].into_iter().chain(args.iter().copied());
        let args = Line::try_parse_from(line).unwrap().args;
        let rests = Arc::clone(&self.rests);
        let with = Surroundings {
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            chance: Arc::new(SeededChance::new(1)),
            rest: Arc::new(move |time| {
                rests.lock().unwrap().push(time);
                Box::pin(std::future::ready(()))
            }),
            keys: Some(Keys { key: "ck_1".into(), secret: Secret::new("cs_1") }),
        };
        let mut out = Vec::new();
        let done = import::run(&args, &with, &mut out).await;
        (done, String::from_utf8(out).unwrap())
    }

    async fn read(&self, shop: &FakeShop, more: &[&str]) -> (anyhow::Result<u8>, String) {
        let home = shop.0.home.lock().unwrap().clone();
        self.run(&[&["--shop", &home], more].concat()).await
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("shop.db")
    }

    fn see<T>(&self, ask: impl FnOnce(&SqlWorld<'_>) -> T) -> T {
        ask(&SqlWorld::new(&db::open_reader(&self.path()).unwrap()))
    }

    fn events(&self) -> u64 {
        self.see(|world| log::counts(world.connection()).unwrap().events)
    }
}

fn at(text: &str) -> At {
    parse_time(text).unwrap()
}

#[tokio::test]
async fn a_whole_shop_is_read_once_and_nobody_is_written_to() {
    let (shop, stage) = (FakeShop::open().await, Stage::new());
    let mut all = orders(250);
    // An hour ago: the review request would come for it, were it not history.
    all.push(order(251, "completed", "2026-11-22", "09120000001"));
    all[250]["date_completed_gmt"] = json!("2026-11-22T11:00:00");
    all.push(order(252, "checkout-draft", "2026-11-22", "09120000001"));
    all[0]["refunds"] = json!([{ "id": 900, "reason": "", "total": "-10000" }]);
    shop.has("orders", all);
    let customer = |id: i64, role: &str| {
        json!({ "id": id, "role": role, "email": "sara@shop.example", "first_name": "Sara", "billing": { "phone": "09120000001" },
            "date_created_gmt": "2023-01-01T00:00:00", "date_modified_gmt": null })
    };
    shop.has("customers", vec![customer(1, "administrator"), customer(7, "customer")]);
    shop.has(
        "products",
        vec![json!({ "id": 12, "name": "Tea", "permalink": "https://shop.example/p/12", "status": "publish", "price": "55000",
            "regular_price": "", "stock_status": "instock", "stock_quantity": null, "manage_stock": false,
            "categories": [{ "id": 1, "name": "Drinks" }], "cross_sell_ids": [], "images": [],
            "date_created_gmt": "2022-01-01T00:00:00", "date_modified_gmt": "2022-01-02T00:00:00" })],
    );
    let review = |id: i64, mail: &str| json!({ "id": id, "product_id": 12, "rating": 5, "reviewer_email": mail, "date_created_gmt": "2024-06-01T00:00:00" });
    shop.has("products/reviews", vec![review(1, "SARA@shop.example"), review(2, "nobody@shop.example")]);

    let (done, said) = stage.read(&shop, &["--dry-run"]).await;
    assert_eq!(done.unwrap(), 0);
    assert!(said.contains("252") && said.contains("Nothing was changed"), "{said}");

    let (done, said) = stage.read(&shop, &[]).await;
    assert_eq!(done.unwrap(), 0, "{said}");
    assert!(said.contains("orders           252 read, 252 new events, 1 left out"), "{said}");
    assert!(said.contains("1 reviews are by nobody who is known"), "{said}");
    // 251 orders, a refund, an account, a product, two reviews.
    assert_eq!(stage.events(), 256);
    let sara = Phone::from_e164("+989120000001").unwrap();
    stage.see(|world| {
        let contact = world.contact_by_phone(&sara).unwrap().unwrap();
        assert_eq!(contact.user_id.as_deref(), Some("7"));
        assert_eq!(contact.registered, Some(at("2023-01-01T00:00:00Z")));
        assert!(contact.consent.is_none(), "nobody has agreed to anything by being in a shop's books");
        assert_eq!(world.reviews_of(contact.id).unwrap().len(), 1);
        let order = world.order("1").unwrap().unwrap();
        assert_eq!(order.placed, Some(at("2024-05-01T10:00:00Z")), "not when it was touched last");
        assert_eq!(order.reached["completed"], at("2024-05-01T18:00:00Z"));
        assert_eq!((order.total.minor, order.refunded.minor), (110_000, 10_000));
        assert_eq!((order.items[0].name.as_str(), order.items[0].unit_price.as_deref()), ("Tea & cup", Some("55000")));
        assert!(world.order("252").unwrap().is_none());
        assert_eq!(world.count_enrolments(EnrolmentState::Waiting).unwrap(), 0);
        // What happened first stands first.
        let log = log::after(world.connection(), 0, 1_000).unwrap();
        assert!(log.is_sorted_by_key(|event| event.at));
        assert_eq!(history::waiting(world.connection()).unwrap(), 0);
    });
    let pages = shop.calls("orders");
    assert_eq!(pages.iter().map(|call| call["offset"].as_str()).collect::<Vec<_>>(), ["0", "0", "99", "198"]);
    assert!(pages.iter().all(|call| call["orderby"] == "id" && call["_fields"].contains("id")));

    let (done, said) = stage.read(&shop, &[]).await;
    assert_eq!(done.unwrap(), 0);
    assert!(said.contains("0 new events"), "{said}");
    let (done, said) = stage.read(&shop, &["--again"]).await;
    assert_eq!(done.unwrap(), 0);
    assert!(said.contains("252 known already"), "{said}");
    assert_eq!(stage.events(), 256);
}

#[tokio::test]
async fn what_is_cut_off_goes_on_and_loses_nothing_though_orders_were_deleted_meanwhile() {
    let (shop, stage) = (FakeShop::open().await, Stage::new());
    shop.has("orders", orders(350));
    for fault in [None, None, Some(Fault::Answer(401))] {
        shop.next(fault);
    }
    let (done, _) = stage.read(&shop, &["--only", "orders"]).await;
    assert!(format!("{:#}", done.unwrap_err()).contains("refuses the key"));
    assert_eq!(stage.events(), 0, "half a history is not taken in");
    shop.has("orders", orders(350).split_off(120));
    let before = shop.calls("orders").len();
    let (done, said) = stage.read(&shop, &["--only", "orders"]).await;
    assert_eq!(done.unwrap(), 0, "{said}");
    assert_eq!(stage.events(), 350);
    assert!(shop.calls("orders").len() - before < 6, "it did not begin anew");
    // One more, later.
    shop.has("orders", orders(351).split_off(120));
    let (done, said) = stage.read(&shop, &["--only", "orders"]).await;
    assert_eq!(done.unwrap(), 0);
    assert!(said.contains("orders             1 read, 1 new events"), "{said}");
}

#[tokio::test]
async fn a_shop_that_is_tired_is_given_rest_and_smaller_pages() {
    let (shop, stage) = (FakeShop::open().await, Stage::new());
    shop.has("orders", orders(250));
    for fault in [Fault::ComeBack(7), Fault::Answer(503), Fault::NoJson, Fault::NoJson] {
        shop.next(Some(fault));
    }
    let (done, said) = stage.read(&shop, &["--only", "orders", "--rest", "0"]).await;
    assert_eq!(done.unwrap(), 0, "{said}");
    assert_eq!(stage.events(), 250);
    let rests: Vec<u64> = stage.rests.lock().unwrap().iter().map(Duration::as_secs).collect();
    assert_eq!(rests, [7, 4, 2]);
    let sizes: Vec<String> = shop.calls("orders").iter().map(|call| call["per_page"].clone()).collect();
    assert_eq!(sizes, ["100", "100", "100", "100", "25", "100", "100", "100"]);

    for _ in 0..11 {
        shop.next(Some(Fault::ComeBack(1_000_000)));
    }
    let (done, _) = stage.read(&shop, &["--only", "orders", "--again"]).await;
    assert!(format!("{:#}", done.unwrap_err()).contains("run the same command again later"));
    assert!(stage.rests.lock().unwrap().iter().all(|rest| *rest <= Duration::from_mins(5)));
}

#[tokio::test]
async fn one_order_that_the_shop_cannot_give_does_not_stop_the_rest() {
    let (shop, stage) = (FakeShop::open().await, Stage::new());
    shop.has("orders", orders(250));
    *shop.0.poison.lock().unwrap() = Some(130);
    let (done, said) = stage.read(&shop, &["--only", "orders"]).await;
    assert_eq!(done.unwrap(), 0, "{said}");
    assert_eq!(stage.events(), 249);
    assert!(said.contains("order at place 130 of the shop's list: the shop fails to give it (HTTP 500)"), "{said}");
}

#[tokio::test]
async fn damaged_rows_are_named_and_the_others_taken() {
    let (shop, stage) = (FakeShop::open().await, Stage::new());
    let mut all = orders(5);
    all[1]["total"] = Value::Null;
    all[2]["total"] = json!("09120000001x");
    all[3].as_object_mut().unwrap().remove("line_items");
    shop.has("orders", all);
    let problems = stage.folder.path().join("problems.txt");
    let (done, said) = stage.read(&shop, &["--only", "orders", "--problems", &problems.display().to_string()]).await;
    assert_eq!(done.unwrap(), 0);
    assert_eq!(stage.events(), 2);
    for order in ["order 2:", "order 3: order.updated: total is not a number", "order 4: missing field `line_items`"] {
        assert!(said.contains(order), "{order} in {said}");
    }
    assert!(!said.contains("09120000001"), "{said}");
    assert_eq!(std::fs::read_to_string(problems).unwrap().lines().count(), 3);
}

#[tokio::test]
async fn another_shop_and_an_open_road_are_refused() {
    let (shop, stage) = (FakeShop::open().await, Stage::new());
    let (done, _) = stage.run(&["--shop", "http://shop.example"]).await;
    assert!(format!("{:#}", done.unwrap_err()).contains("neither https nor on this machine"));
    let settings = std::fs::read_to_string(stage.folder.path().join("bazgasht.toml")).unwrap();
    let settings = format!("{settings}\n[shop]\nurl = \"https://shop.example\"\n");
    std::fs::write(stage.folder.path().join("bazgasht.toml"), settings).unwrap();
    let (done, _) = stage.read(&shop, &[]).await;
    assert!(format!("{:#}", done.unwrap_err()).contains("another shop"));
}

/// A round that is over by the file it ran with is not over any more once a history has come in; and those who have been gone
/// for years are written to a few a day.
#[tokio::test]
async fn win_back_after_an_import_is_a_drip() {
    const WIN_BACK: &str = r#"
[[campaign]]
id = "come-back"
trigger = { on = "quiet", for = "90 days", a_day = 4 }
[[campaign.step]]
id = "hello"
after = "0s"
text = "Hello again {{ link }}"
"#;
    let (shop, stage) = (FakeShop::open().await, Stage::new());
    let rules = rules(WIN_BACK, "");
    let conn = db::open_writer(&stage.path(), &SeededChance::new(2)).unwrap();
    let round = |now: At| {
        let mut world = SqlWorld::new(&conn);
        while flow::round::go_on(&mut world, &rules, now, 50).unwrap() {}
        world.count_enrolments(EnrolmentState::Waiting).unwrap()
    };
    let now = stage.clock.now();
    assert_eq!(round(now), 0);
    shop.has("orders", orders(30));
    let (done, said) = stage.read(&shop, &["--only", "orders"]).await;
    assert_eq!(done.unwrap(), 0, "{said}");
    assert_eq!(stage.see(|world| world.count_enrolments(EnrolmentState::Waiting).unwrap()), 0);
    assert_eq!(round(now.plus(Span::minutes(1))), 4, "at once, and four");
    assert_eq!(round(now.plus(Span::minutes(2))), 4);
    assert_eq!(round(now.plus(Span::days(1))), 8, "the next four");
}

/// Who is in a segment by what a history tells was in it before; the ranking gives all of them their first names at once.
#[tokio::test]
async fn a_history_takes_nobody_into_a_segment_today() {
    const SEGMENTS: &str = r#"
[segments.buyers]
who = "contact.rfm in ['lost', 'hibernating', 'about_to_sleep', 'potential_loyalists', 'at_risk', 'new_customers']"
[segments.tea]
who = "'Drinks' in contact.bought"
[segments.many]
who = "contact.orders >= 1"
[[campaign]]
id = "buyers"
trigger = { on = "segment_entered", segment = "buyers" }
[[campaign.step]]
id = "s"
after = "20 days"
text = "Hello {{ link }}"
[[campaign]]
id = "tea"
trigger = { on = "segment_entered", segment = "tea" }
[[campaign.step]]
id = "s"
after = "20 days"
text = "Hello {{ link }}"
"#;
    let (shop, stage) = (FakeShop::open().await, Stage::new());
    let file = stage.folder.path().join("campaigns.toml");
    std::fs::write(&file, SEGMENTS).unwrap();
    let rules = rules(SEGMENTS, "");
    let conn = db::open_writer(&stage.path(), &SeededChance::new(2)).unwrap();
    let night = |now: At| {
        let mut world = SqlWorld::new(&conn);
        while !flow::people::nightly(&mut world, &rules, now, 7).unwrap() {}
        while flow::round::go_on(&mut world, &rules, now, 50).unwrap() {}
        world.count_enrolments(EnrolmentState::Waiting).unwrap()
    };
    let now = stage.clock.now();
    assert_eq!(night(now), 0);
    shop.has("orders", orders(30));
    // What was bought is told of after whoever bought it.
    shop.has(
        "products",
        vec![json!({ "id": 12, "name": "Tea", "permalink": "https://shop.example/p/12", "status": "publish", "price": "55000",
            "stock_status": "instock", "categories": [{ "id": 1, "name": "Drinks" }], "cross_sell_ids": [], "images": [],
            "date_created_gmt": "2025-01-01T00:00:00", "date_modified_gmt": "2025-01-02T00:00:00" })],
    );
    let (done, said) = stage.read(&shop, &["--only", "orders,products", "--campaigns", file.to_str().unwrap()]).await;
    assert_eq!(done.unwrap(), 0, "{said}");
    assert_eq!((night(now.plus(Span::minutes(1))), night(now.plus(Span::days(1)))), (0, 0));
    let stays = stage.see(|world| world.memberships_of(ContactId(1)).unwrap());
    let segments: Vec<&str> = stays.iter().filter(|stay| stay.until.is_none()).map(|stay| &*stay.segment).collect();
    assert_eq!(segments, ["buyers", "many", "tea"]);
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[tokio::test]
async fn events_of_a_file_are_history_too() {
    let stage = Stage::new();
    let data = json!({ "order_id": 9, "number": "9", "status": "completed", "total": "5000", "currency": "IRT", "items": [],
        "contact": { "phone": "09120000009" }, "created_at": "2026-11-20T10:00:00Z" });
    let line =
        |id: &str, time: &str| json!({ "id": id, "type": "order.updated", "time": time, "data": data }).to_string();
    let text = [
        line("a", "2026-11-20T10:00:00Z"),
        "{".to_owned(),
        line("b", "yesterday"),
        line("a", "2026-11-20T10:00:00Z"),
        line("c", "2030-01-01T00:00:00Z"),
    ]
    .join("\n");
    let file = write(stage.folder.path(), "events.jsonl", &text);
    let (done, said) = stage.run(&["--file", &file, "--dry-run"]).await;
    assert_eq!((done.unwrap(), stage.events()), (0, 0), "{said}");
    let (done, said) = stage.run(&["--file", &file]).await;
    assert_eq!(done.unwrap(), 0, "{said}");
    for told in
        ["5 read, 1 new events, 1 known already, 3 not taken", "events.jsonl:2:", "events.jsonl:3:", "events.jsonl:5:"]
    {
        assert!(said.contains(told), "{told} in {said}");
    }
    assert_eq!(stage.events(), 1);
    stage.see(|world| assert_eq!(world.count_enrolments(EnrolmentState::Waiting).unwrap(), 0));
}

#[tokio::test]
async fn a_table_of_orders_is_taken_once() {
    let stage = Stage::new();
    let text = "id,date,sku,qty,price,mobile\n1,1403-02-01 10:00,12,2,5000,09120000001\n1,1403-02-01 10:00,13,1,2000,\n2,1403-02-02,12,x,5000,\n";
    let file = write(stage.folder.path(), "orders.csv", text);
    let args = [
        "--csv",
        &file,
        "--map",
        "order_id=id,created_at=date,product_id=sku,quantity=qty,unit_price=price,phone=mobile",
        "--fill",
        "currency=IRT",
    ];
    let (done, said) = stage.run(&args).await;
    assert_eq!(done.unwrap(), 0, "{said}");
    assert!(said.contains("orders.csv:4: quantity is not a number"), "{said}");
    assert_eq!(stage.events(), 1);
    stage.see(|world| assert_eq!(world.order("1").unwrap().unwrap().total.minor, 12_000));
    let (_, said) = stage.run(&args).await;
    assert!(said.contains("0 new events, 1 known already"), "{said}");
}

/// Somebody who is erased while the history is still being gathered does not come back with it.
#[tokio::test]
async fn erasing_reaches_what_is_still_being_gathered() {
    let (shop, stage) = (FakeShop::open().await, Stage::new());
    shop.has("orders", orders(150));
    shop.next(None);
    shop.next(Some(Fault::Answer(403)));
    assert!(stage.read(&shop, &["--only", "orders"]).await.0.is_err());
    let sara = Phone::from_e164("+989120000001").unwrap();
    let writer = Writer::start(db::open_writer(&stage.path(), &SeededChance::new(2)).unwrap()).unwrap();
    let readers = Readers::open(&stage.path(), 1).unwrap();
    erase::erase(&writer, &readers, &sara, "IR", stage.clock.now()).await.unwrap();
    writer.stop();
    drop(readers);
    stage.clock.pass(Span::hours(1));
    let (done, said) = stage.read(&shop, &["--only", "orders"]).await;
    assert_eq!(done.unwrap(), 0, "{said}");
    stage.see(|world| {
        assert!(world.contact_by_phone(&sara).unwrap().is_none());
        assert!(world.order("1").unwrap().unwrap().contact.is_none(), "the order itself stays");
    });
}
