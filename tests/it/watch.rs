//! What keeps an eye on the sending: alarms to the owner, the brake, listening.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bazgasht::clock::{At, Clock, HandClock, Span};
use bazgasht::daemon::house::{House, Plan, always};
use bazgasht::measure::figures::Period;
use bazgasht::money::{Currency, Money};
use bazgasht::phone::Phone;
use bazgasht::send::gateway::{
    Abilities, Answer, Gateway, Inbound, Outgoing, Page, Refuser, Registry, Soon, StopScope, Trouble,
};
use bazgasht::send::{alerts, balance, brake, listen, watch};
use bazgasht::state::model::{Hold, HoldScope};
use bazgasht::state::world::World;
use bazgasht::store;
use bazgasht::store::alerts::Alert;

use crate::kavenegar_fake::{Fake, Script};
use crate::world::house::{Home, PAID, kavenegar};
use crate::world::second::Second;
use crate::world::story::{self, SHIPPED, START, at};

const OWNER: &str = "09120009999";

async fn home(more: &str, now: &str) -> Home {
    let settings = format!("{PAID}\n[owner]\nphone = \"{OWNER}\"\n{more}");
    let home = Home::in_folder(tempfile::tempdir().expect("a folder"), Fake::start().await, &settings, now, None).await;
    home.stock().await;
    home
}

async fn told(home: &Home) -> usize {
    watch::turn(&home.house.parts).await.expect("the store");
    home.fake.accepted().iter().filter(|sms| sms.receptor.ends_with("9120009999")).count()
}

async fn open(home: &Home) -> Vec<Alert> {
    home.house.parts.writer.run(|world| store::alerts::open(world.connection())).await.expect("the store")
}

async fn sql(home: &Home, sql: String) {
    let run = home.house.parts.writer.run(move |world| Ok(world.connection().execute_batch(&sql)?));
    run.await.expect("the statement");
}

/// `n` texts of a campaign, handed over at once, in this state.
fn texts(campaign: &str, first: i64, n: i64, state: &str, handed: At) -> String {
    let (last, at) = (first + n - 1, handed.0);
    let settled = if matches!(state, "delivered" | "failed") { at.to_string() } else { "NULL".to_owned() };
    let reason = if state == "failed" { "'undelivered'" } else { "NULL" };
    let each = format!("WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last})");
    format!(
        "INSERT INTO contacts (id, phone, created_ms, last_seen_ms) {each}
            SELECT i, '+98912000' || printf('%04d', i), {at}, {at} FROM n;
         INSERT INTO enrolments (id, campaign, contact_id, occasion, state, anchor_ms, since_ms, done) {each}
            SELECT i, '{campaign}', i, 'cart:' || i, 'ended', {at}, {at}, '[]' FROM n;
         INSERT INTO messages (id, enrolment_id, contact_id, campaign, step, state, due_ms, next_try_ms, expires_ms, reason,
                reference, attempts, gateway, parts, templated, handed_ms, settled_ms) {each}
            SELECT i, i, i, '{campaign}', 'first', '{state}', {at}, {at}, {at}, {reason}, i, 1, 'kavenegar', 1, 0, {at}, {settled}
            FROM n;"
    )
}

#[tokio::test]
async fn the_owner_is_told_of_low_credit_once_until_there_was_more() {
    let home = home("", START).await;
    home.fake.set_credit(50_000);
    assert_eq!(told(&home).await, 1);
    let spent = |world: &mut store::SqlWorld<'_>| world.spent_since(At(0), At::NEVER, Money::zero(Currency::IRR));
    assert_eq!(home.house.parts.writer.run(spent).await.expect("the store").minor, 1_000, "counted in the budget");
    home.pass("2h").await;
    assert_eq!(told(&home).await, 1, "the same trouble");
    home.fake.set_credit(500_000);
    home.pass("61m").await;
    told(&home).await;
    assert!(open(&home).await.is_empty());
    home.fake.set_credit(40_000);
    home.pass("61m").await;
    assert_eq!(told(&home).await, 1, "it comes and goes");
    home.pass("21h").await;
    assert_eq!(told(&home).await, 2);
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn what_is_not_grave_waits_for_the_morning_and_for_room_in_the_budget() {
    let night = home("", "2026-11-24T23:00:00+03:30").await;
    night.fake.set_credit(50_000);
    assert_eq!(told(&night).await, 0);
    night.pass("9h 1m").await;
    assert_eq!(told(&night).await, 1);
    night.house.close().await.expect("an orderly end");

    let poor = home("", START).await;
    poor.fake.set_credit(50_000);
    let now = poor.house.clock.now().0;
    sql(&poor, format!("INSERT INTO spend (currency, quarter, minor) VALUES ('IRR', {now} / 900000, 999500)")).await;
    assert_eq!(told(&poor).await, 0, "no cap is ever passed");
    assert!(open(&poor).await.iter().any(|alert| alert.kind == "budget"));
    poor.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn a_lasting_hold_is_told_at_night_and_an_attempt_is_never_repeated() {
    let home = home("", "2026-11-24T23:00:00+03:30").await;
    let since = home.house.clock.now();
    let put = move |world: &mut store::SqlWorld<'_>| {
        let scope = HoldScope::Gateway("melipayamak".to_owned(), StopScope::Credit);
        world.put_hold(&Hold { scope, why: "none left".to_owned(), since, until: None })
    };
    home.house.parts.writer.run(put).await.expect("the store");
    assert_eq!(told(&home).await, 0);
    home.pass("10m").await;
    home.fake.next(Script::Refuse(411));
    assert_eq!(told(&home).await, 0);
    home.pass("1h").await;
    assert_eq!(told(&home).await, 0, "a try that was refused for good or lost is not repeated at the same gateway");
    assert!(open(&home).await.iter().all(|alert| alert.told.is_some()));
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn an_alarm_outlives_a_passing_refusal_and_costs_once() {
    let home = home("", START).await;
    home.fake.set_credit(50_000);
    let refused = |home: &Home| home.fake.calls("sms/send").len();
    for (code, calls, rest) in [(451, 1, "10m"), (418, 2, "5m")] {
        home.fake.next(Script::Refuse(code));
        assert_eq!(told(&home).await, 0);
        assert_eq!(told(&home).await, 0, "not at once");
        assert_eq!(refused(&home), calls);
        assert!(open(&home).await.iter().all(|alert| alert.told.is_none()), "not given up");
        home.pass(rest).await;
    }
    assert_eq!(told(&home).await, 1);
    home.pass("1h").await;
    assert_eq!(told(&home).await, 1);
    let spent = |world: &mut store::SqlWorld<'_>| world.spent_since(At(0), At::NEVER, Money::zero(Currency::IRR));
    assert_eq!(home.house.parts.writer.run(spent).await.expect("the store").minor, 1_000);
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn opt_outs_stop_their_campaign_until_the_owner_lifts_it_and_then_count_anew() {
    let home = home("", START).await;
    let then = At(home.house.clock.now().0 - 3_600_000 * 20);
    sql(&home, texts("cart", 1, 100, "delivered", then)).await;
    let out = |first: i64, last: i64, at: At| {
        format!(
            "INSERT INTO opt_outs (phone_hash, at_ms, source, contact_id) SELECT CAST(id AS BLOB), {}, 'reply', id FROM contacts
             WHERE id BETWEEN {first} AND {last};",
            at.0 + 1_000
        )
    };
    sql(&home, out(1, 4, then)).await;
    brake::turn(&home.house.parts).await.expect("the store");
    assert!(holds(&home).await.is_empty(), "four are too few");
    sql(&home, out(5, 6, then)).await;
    brake::turn(&home.house.parts).await.expect("the store");
    let held = holds(&home).await;
    assert_eq!(held.iter().map(|h| h.scope.to_string()).collect::<Vec<_>>(), ["campaign:cart"]);
    assert!(held[0].why.contains("6 of 100 texts"), "{}", held[0].why);
    assert_eq!(told(&home).await, 1);

    let lift = |world: &mut store::SqlWorld<'_>| world.lift_hold(&HoldScope::Campaign("cart".to_owned()));
    home.house.parts.writer.run(lift).await.expect("the store");
    brake::turn(&home.house.parts).await.expect("the store");
    home.pass("1h").await;
    brake::turn(&home.house.parts).await.expect("the store");
    assert!(holds(&home).await.is_empty(), "old figures do not stop it again");
    let later = home.house.clock.now();
    sql(&home, texts("cart", 201, 60, "delivered", later)).await;
    sql(&home, out(201, 205, later)).await;
    home.pass("1m").await;
    brake::turn(&home.house.parts).await.expect("the store");
    assert_eq!(holds(&home).await.len(), 1, "new ones do");
    assert_eq!(told(&home).await, 2, "and the owner, who has let it go, knows at once");
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn failures_and_a_rush_stop_what_they_concern_and_a_first_day_nothing() {
    let failing = home("", START).await;
    let now = failing.house.clock.now();
    sql(&failing, texts("cart", 1, 12, "failed", now)).await;
    sql(&failing, texts("cart", 101, 12, "delivered", now)).await;
    brake::turn(&failing.house.parts).await.expect("the store");
    let held: Vec<String> = holds(&failing).await.iter().map(|h| h.scope.to_string()).collect();
    assert_eq!(held, ["campaign:cart"]);
    failing.house.close().await.expect("an orderly end");

    let rushing = home("", START).await;
    let now = rushing.house.clock.now();
    sql(&rushing, texts("cart", 1, 300, "sent", now)).await;
    brake::turn(&rushing.house.parts).await.expect("the store");
    assert!(holds(&rushing).await.is_empty(), "nothing to compare with");
    let day = 86_400_000;
    for (n, ago) in [(1_i64, 10), (2, 8), (3, 3)] {
        sql(&rushing, texts("cart", n * 1_000, 20, "delivered", At(now.0 - ago * day))).await;
    }
    brake::turn(&rushing.house.parts).await.expect("the store");
    let held = holds(&rushing).await;
    assert_eq!(held.iter().map(|h| h.scope.to_string()).collect::<Vec<_>>(), ["all"]);
    assert!(held[0].why.contains("300 texts in an hour, more than 100"), "{}", held[0].why);
    rushing.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn phones_that_were_off_fail_together_and_late_and_stop_nothing() {
    let home = home("", START).await;
    let now = home.house.clock.now();
    let then = At(now.0 - 3_600_000 * 12);
    sql(&home, texts("cart", 1, 24, "failed", then)).await;
    sql(&home, texts("cart", 101, 500, "delivered", then)).await;
    sql(&home, format!("UPDATE messages SET settled_ms = {} WHERE state = 'failed'", now.0)).await;
    brake::turn(&home.house.parts).await.expect("the store");
    assert!(holds(&home).await.is_empty(), "24 of 524");

    // Those that a gateway refuses for good have no hand-over; it has just been tried.
    sql(&home, texts("review", 1_001, 24, "failed", now)).await;
    let refuse = |reason: &str| format!("UPDATE messages SET reason = '{reason}', handed_ms = NULL WHERE id > 1000");
    sql(&home, refuse("never_arrived")).await;
    brake::turn(&home.house.parts).await.expect("the store");
    assert!(holds(&home).await.is_empty(), "found out late, too");
    sql(&home, refuse("refused")).await;
    brake::turn(&home.house.parts).await.expect("the store");
    let held: Vec<String> = holds(&home).await.iter().map(|h| h.scope.to_string()).collect();
    assert_eq!(held, ["campaign:review"]);
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn each_provider_has_its_figures() {
    let home = home("", START).await;
    let then = At(home.house.clock.now().0 - 3_600_000);
    sql(&home, texts("cart", 1, 4, "delivered", then)).await;
    sql(&home, texts("cart", 11, 1, "failed", then)).await;
    sql(&home, texts("cart", 21, 2, "sent", then)).await;
    let late = "UPDATE messages SET settled_ms = handed_ms + id * 10000, cost_minor = 900, cost_currency = 'IRR' WHERE id < 20;";
    sql(&home, format!("{late} UPDATE messages SET reason = 'blocked' WHERE id = 11;")).await;
    let period = Period { since: At(0), until: At::NEVER };
    let read = move |world: &mut store::SqlWorld<'_>| store::providers::figures(world.connection(), period, None);
    let of = home.house.parts.writer.run(read).await.expect("the store").remove("kavenegar").expect("its figures");
    assert_eq!((of.handed, of.delivered, of.failed, of.blocked, of.open), (7, 4, 0, 1, 2));
    assert_eq!((of.delivered_share(), of.delay), (Some(800), Some(Span::seconds(20))));
    assert_eq!(of.cost.of(Currency::IRR).minor, 4_500);
    home.house.close().await.expect("an orderly end");
}

async fn holds(home: &Home) -> Vec<Hold> {
    home.house.parts.writer.run(|world| world.holds()).await.expect("the store")
}

/// A gateway that can be asked what people wrote back.
#[derive(Default)]
struct Asked {
    replies: Mutex<VecDeque<Result<Page<Inbound>, Trouble>>>,
    refusers: Mutex<VecDeque<Vec<Refuser>>>,
    cursors: Mutex<Vec<Option<String>>>,
    left: Mutex<Option<i64>>,
}

impl Gateway for Asked {
    fn name(&self) -> &'static str {
        "asked"
    }
    fn abilities(&self) -> Abilities {
        Abilities { polls_inbound: true, polls_refusers: true, ..Abilities::SEND_ONLY }
    }
    fn send<'a>(&'a self, _: &'a Outgoing) -> Soon<'a, Answer> {
        Box::pin(async { Answer::Open("never".to_owned()) })
    }
    fn inbound<'a>(&'a self, cursor: Option<&'a str>) -> Soon<'a, Result<Page<Inbound>, Trouble>> {
        self.cursors.lock().unwrap().push(cursor.map(str::to_owned));
        let next = self.replies.lock().unwrap().pop_front();
        let stay = cursor.map(str::to_owned);
        Box::pin(async move { next.unwrap_or(Ok(Page { rows: Vec::new(), cursor: stay, more: false })) })
    }
    fn refusers<'a>(&'a self, _: Option<&'a str>) -> Soon<'a, Result<Page<Refuser>, Trouble>> {
        let rows = self.refusers.lock().unwrap().pop_front().unwrap_or_default();
        Box::pin(async { Ok(Page::last(rows)) })
    }
    fn balance(&self) -> Soon<'_, Result<Option<Money>, Trouble>> {
        let left = *self.left.lock().unwrap();
        Box::pin(async move { Ok(left.map(|minor| Money { minor, currency: Currency::IRR })) })
    }
}

fn reply(id: Option<&str>, text: &str) -> Inbound {
    let gateway_id = id.map(str::to_owned);
    Inbound {
        gateway_id,
        from: "09120000001".to_owned(),
        to: None,
        text: text.to_owned(),
        at_unix: Some(1_795_000_000),
    }
}

async fn listening(gateway: Arc<Asked>, folder: &tempfile::TempDir) -> House {
    let plan = Plan {
        rules: story::rules(SHIPPED, ""),
        load: None,
        gateways: always(Registry::only(gateway)),
        clock: Arc::new(HandClock::at(at(START))),
        seed: 7,
    };
    House::open(folder.path(), plan).await.expect("a house")
}

#[tokio::test]
async fn replies_are_asked_for_page_by_page_and_kept_with_their_place() {
    let gateway = Arc::new(Asked::default());
    gateway.replies.lock().unwrap().extend([
        Ok(Page { rows: vec![reply(Some("1"), "سلام")], cursor: Some("1".to_owned()), more: true }),
        Ok(Page {
            rows: vec![reply(None, "لغو۱۱"), reply(None, "لغو۱۱")], cursor: Some("2".to_owned()), more: false
        }),
        Err(Trouble::Unreachable("no route".to_owned())),
        Ok(Page { rows: vec![reply(None, "لغو۱۱")], cursor: Some("3".to_owned()), more: false }),
    ]);
    let folder = tempfile::tempdir().expect("a folder");
    let house = listening(Arc::clone(&gateway), &folder).await;
    listen::turn(&house.parts, &tokio_util::sync::CancellationToken::new()).await.expect("the store");
    listen::turn(&house.parts, &tokio_util::sync::CancellationToken::new()).await.expect("the store");
    assert_eq!(gateway.cursors.lock().unwrap().len(), 2, "not before two minutes are over");
    for _ in 0..2 {
        house.clock.pass("2m".parse().unwrap());
        listen::turn(&house.parts, &tokio_util::sync::CancellationToken::new()).await.expect("the store");
    }
    let asked: Vec<Option<String>> = gateway.cursors.lock().unwrap().clone();
    assert_eq!(asked, [None, Some("1".to_owned()), Some("2".to_owned()), Some("2".to_owned())]);
    let (kept, events) = house
        .parts
        .writer
        .run(|world| {
            let phone = Phone::from_e164("+989120000001").unwrap();
            let kept = store::inbound::of(world.connection(), &phone)?.len();
            Ok((kept, store::log::counts(world.connection())?.events))
        })
        .await
        .expect("the store");
    assert_eq!((kept, events), (2, 1), "the same reply again changes nothing");
    house.work().await.expect("the store");
    assert!(is_out(&house, "+989120000001").await);
    house.close().await.expect("an orderly end");
}

async fn is_out(house: &House, phone: &str) -> bool {
    let phone = Phone::from_e164(phone).unwrap();
    house.parts.writer.run(move |world| Ok(world.opt_out(&phone)?.is_some())).await.expect("the store")
}

#[tokio::test]
async fn the_lines_blacklist_opts_out_who_replied_and_blocks_the_others() {
    let list = || {
        let of = |phone: &str, by_reply| Refuser { phone: phone.to_owned(), by_reply, at_unix: Some(1_795_000_000) };
        vec![of("09120000001", true), of("9120000002", false), of("nobody", true)]
    };
    let gateway = Arc::new(Asked::default());
    gateway.refusers.lock().unwrap().extend([list(), list()]);
    let folder = tempfile::tempdir().expect("a folder");
    let house = listening(Arc::clone(&gateway), &folder).await;
    for _ in 0..2 {
        listen::begin(&house.parts).await.expect("the store");
        listen::turn(&house.parts, &tokio_util::sync::CancellationToken::new()).await.expect("the store");
    }
    assert!(gateway.refusers.lock().unwrap().is_empty(), "asked at each start");
    house.work().await.expect("the store");
    assert!(is_out(&house, "+989120000001").await && !is_out(&house, "+989120000002").await);
    let (events, blocked) = house
        .parts
        .writer
        .run(|world| {
            let blocked = world.is_blocked(&Phone::from_e164("+989120000002").unwrap())?;
            Ok((store::log::counts(world.connection())?.events, blocked))
        })
        .await
        .expect("the store");
    assert_eq!((events, blocked), (1, true));
    alerts::turn(&house.parts, &tokio_util::sync::CancellationToken::new()).await.expect("the store");
    house.close().await.expect("an orderly end");
}

/// Lets `gateway` lack credit since `since`, as a refusal does.
async fn lacks(house: &House, gateway: &str, since: At) {
    let scope = HoldScope::Gateway(gateway.to_owned(), StopScope::Credit);
    let hold = Hold { scope, why: "none left".to_owned(), since, until: None };
    house.parts.writer.run(move |world| world.put_hold(&hold)).await.expect("the store");
}

/// Looks for credit: whether sending goes on, since when it was held, and until how many minutes from now.
async fn look(house: &House) -> (bool, At, Option<i64>) {
    let freed = balance::look(&house.parts).await.expect("the store");
    let hold = house.parts.writer.run(|world| world.holds()).await.expect("the store").remove(0);
    (freed, hold.since, hold.until.map(|until| until.since(house.clock.now()).0 / 60_000))
}

#[tokio::test]
async fn a_lack_of_credit_keeps_its_age_and_ends_only_when_there_is_more() {
    let gateway = Arc::new(Asked::default());
    let folder = tempfile::tempdir().expect("a folder");
    let house = listening(Arc::clone(&gateway), &folder).await;
    let since = house.clock.now();
    *gateway.left.lock().unwrap() = Some(3);
    lacks(&house, "asked", since).await;
    house.clock.pass("5m".parse().unwrap());
    assert_eq!(look(&house).await, (false, since, Some(5)), "three credits may be too few; one text finds out");
    *gateway.left.lock().unwrap() = Some(500);
    assert_eq!(look(&house).await, (true, since, Some(0)), "topped up");
    lacks(&house, "asked", since).await;
    house.clock.pass("5m".parse().unwrap());
    assert_eq!(look(&house).await, (false, since, Some(10)), "refused, and no more than before");
    *gateway.left.lock().unwrap() = Some(0);
    lacks(&house, "asked", since).await;
    assert_eq!(look(&house).await, (false, since, None), "no text need find that out");
    house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn where_credit_cannot_be_asked_for_one_text_tries_now_and_then() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = listening(Arc::new(Asked::default()), &folder).await;
    let since = house.clock.now();
    for (pass, pause) in [("2m", 5), ("20m", 22), ("5h", 60)] {
        lacks(&house, "asked", since).await;
        house.clock.pass(pass.parse().unwrap());
        assert_eq!(look(&house).await, (false, since, Some(pause)));
        assert_eq!(look(&house).await, (false, since, Some(pause)), "not put off again and again");
    }
    house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn money_for_a_part_or_two_does_not_end_a_lack_of_it() {
    let home = home("", START).await;
    lacks(&home.house, "kavenegar", home.house.clock.now()).await;
    home.fake.set_credit(5_000);
    assert!(!look(&home.house).await.0, "two parts, and a text may have three");
    home.fake.set_credit(50_000);
    assert!(look(&home.house).await.0);
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn a_copy_asks_no_gateway_and_tells_nobody() {
    let gateway = Arc::new(Asked::default());
    let folder = tempfile::tempdir().expect("a folder");
    let house = listening(Arc::clone(&gateway), &folder).await;
    copied(&house).await;
    watch::turn(&house.parts).await.expect("the store");
    assert!(gateway.cursors.lock().unwrap().is_empty(), "asking marks replies as read");
    settled(&house).await;
    watch::turn(&house.parts).await.expect("the store");
    assert_eq!(gateway.cursors.lock().unwrap().len(), 1);
    house.close().await.expect("an orderly end");

    let home = home("", START).await;
    home.fake.set_credit(50_000);
    lacks(&home.house, "kavenegar", home.house.clock.now().minus(Span::minutes(10))).await;
    let asked = home.fake.calls("account/info").len();
    copied(&home.house).await;
    assert_eq!(told(&home).await, 0);
    assert_eq!(home.fake.calls("account/info").len(), asked);
    settled(&home.house).await;
    assert_eq!(told(&home).await, 1);
    home.house.close().await.expect("an orderly end");
}

async fn copied(house: &House) {
    let ask = |world: &mut store::SqlWorld<'_>| {
        let elsewhere = store::home::Place::of(world.connection(), None, "elsewhere")?;
        store::home::ask_to_settle(world.connection(), &elsewhere)
    };
    house.parts.writer.run(ask).await.expect("the store");
}

async fn settled(house: &House) {
    house.parts.writer.run(|world| store::home::let_settle(world.connection())).await.expect("the store");
}

#[tokio::test]
async fn an_erased_person_stays_erased_when_a_gateway_tells_of_their_replies_again() {
    let page = |cursor: &str| {
        let rows = vec![reply(Some("1"), "سلام"), reply(None, "لغو۱۱")];
        Ok(Page { rows, cursor: Some(cursor.to_owned()), more: false })
    };
    let gateway = Arc::new(Asked::default());
    gateway.replies.lock().unwrap().extend([page("1"), page("2")]);
    let folder = tempfile::tempdir().expect("a folder");
    let house = listening(Arc::clone(&gateway), &folder).await;
    let her = Phone::from_e164("+989120000001").unwrap();
    let kept = || async {
        let her = her.clone();
        let read = move |world: &mut store::SqlWorld<'_>| {
            let events = store::log::after(world.connection(), 0, 99)?;
            Ok((store::inbound::of(world.connection(), &her)?.len(), events.len()))
        };
        house.parts.writer.run(read).await.expect("the store")
    };
    listen::turn(&house.parts, &tokio_util::sync::CancellationToken::new()).await.expect("the store");
    assert_eq!(kept().await, (2, 1));
    let readers = store::Readers::open(&folder.path().join("bazgasht.db"), 1).expect("the file");
    house.work().await.expect("the store");
    store::erase::erase(&house.parts.writer, &readers, &her, "IR", house.clock.now()).await.expect("erased");
    house.clock.pass("2m".parse().unwrap());
    listen::turn(&house.parts, &tokio_util::sync::CancellationToken::new()).await.expect("the store");
    assert!(gateway.replies.lock().unwrap().is_empty(), "told again");
    assert_eq!(kept().await, (0, 1));
    house.close().await.expect("an orderly end");
}

/// Kavenegar first, and a second that takes everything.
async fn two(second: &Arc<Second>) -> Home {
    let settings = PAID.replace(r#"use = "kavenegar""#, r#"use = ["kavenegar", "console"]"#);
    let rules = story::rules(SHIPPED, &format!("{settings}\n[owner]\nphone = \"{OWNER}\"\n"));
    let fake = Fake::start().await;
    let mut gateways = Registry::only(kavenegar(&fake));
    gateways.add(Arc::clone(second) as Arc<dyn Gateway>).expect("a name of its own");
    let folder = tempfile::tempdir().expect("a folder");
    let home = Home::made(folder, fake, rules, START, None, always(gateways)).await;
    home.stock().await;
    home
}

async fn put(home: &Home, what: StopScope, why: &str, until: Option<At>) {
    let (since, why) = (home.house.clock.now(), why.to_owned());
    let scope = HoldScope::Gateway("kavenegar".to_owned(), what);
    let hold = Hold { scope, why, since, until };
    home.house.parts.writer.run(move |world| world.put_hold(&hold)).await.expect("the store");
}

async fn ready(home: &Home) -> (u16, String) {
    let answer = reqwest::get(home.house.url("/readyz")).await.expect("an answer");
    (answer.status().as_u16(), answer.text().await.expect("a text"))
}

#[tokio::test]
async fn a_gateway_without_credit_whose_texts_go_by_another_pauses_nothing() {
    let second = Arc::new(Second::new("console"));
    let home = two(&second).await;
    home.fake.set_credit(0);
    home.fake.next(Script::Refuse(418));
    home.abandoned("t_1", story::SARA).await;
    home.pass("1h").await;
    assert_eq!(second.accepted().len(), 1, "the basket's text");
    home.pass("11m").await;
    told(&home).await;
    let said: Vec<String> = second.accepted().into_iter().map(|(_, text)| text).skip(1).collect();
    assert_eq!(said, ["بازگشت: اعتبار kavenegar تمام شد؛ فعلاً با console می‌رود."]);
    assert!(!open(&home).await[0].grave, "nobody is woken");
    let (status, body) = ready(&home).await;
    assert!(status == 200 && body.contains("texts go by console meanwhile"), "{status} {body}");
    let (_, status) = home.house.ask("/v1/status").await.expect("an answer");
    assert_eq!(status["paused"], serde_json::Value::Null);
    assert!(status["detour"].as_str().is_some_and(|said| said.contains("console")), "{status}");
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn a_silent_gateway_is_told_of_after_ten_minutes_by_the_one_behind_it() {
    let second = Arc::new(Second::new("console"));
    let home = two(&second).await;
    let until = home.house.clock.now().plus(Span::minutes(20));
    put(&home, StopScope::Silence, "no answer within 60 s", Some(until)).await;
    home.pass("9m").await;
    told(&home).await;
    assert!(second.accepted().is_empty() && ready(&home).await.0 == 200, "that may pass");
    home.pass("1m").await;
    told(&home).await;
    let said: Vec<String> = second.accepted().into_iter().map(|(_, text)| text).collect();
    assert_eq!(said, ["بازگشت: kavenegar پاسخ نمی‌دهد؛ پیامک‌ها منتظرند."]);
    let (status, body) = ready(&home).await;
    assert!(status == 503 && body.contains("texts wait for it, and go by no other"), "{status} {body}");
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn credit_that_runs_low_and_then_is_gone_is_one_word() {
    let second = Arc::new(Second::new("console"));
    let home = two(&second).await;
    home.fake.set_credit(50_000);
    assert_eq!(told(&home).await, 1, "it is low");
    put(&home, StopScope::Credit, "no credit", None).await;
    home.pass("11m").await;
    assert_eq!(told(&home).await, 1);
    assert!(second.accepted().is_empty(), "the same news");
    assert!(open(&home).await.iter().all(|alert| alert.told.is_some()));
    home.house.close().await.expect("an orderly end");

    let second = Arc::new(Second::new("console"));
    let home = two(&second).await;
    home.fake.set_credit(0);
    put(&home, StopScope::Credit, "no credit", None).await;
    home.pass("11m").await;
    told(&home).await;
    home.pass("61m").await;
    told(&home).await;
    let kinds: Vec<String> = open(&home).await.into_iter().map(|alert| alert.kind).collect();
    assert_eq!((kinds, second.accepted().len()), (vec!["hold".to_owned()], 1), "and not low besides");
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn a_raised_cap_ends_the_alarm_of_the_budget() {
    let home = home("", START).await;
    let now = home.house.clock.now().0;
    sql(&home, format!("INSERT INTO spend (currency, quarter, minor) VALUES ('IRR', {now} / 900000, 850000)")).await;
    told(&home).await;
    assert_eq!(open(&home).await.len(), 1);
    // Another cap would do the same as less spending.
    sql(&home, "UPDATE spend SET minor = 100000".to_owned()).await;
    told(&home).await;
    assert!(open(&home).await.is_empty());
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn texts_that_wait_for_a_hold_are_due_and_their_wait_is_told() {
    let home = home("", START).await;
    home.abandoned("t_1", story::SARA).await;
    put(&home, StopScope::Credit, "no credit", None).await;
    home.pass("4h").await;
    let text = reqwest::get(home.house.url("/metrics")).await.expect("an answer").text().await.expect("a text");
    let figure = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).expect("the figure");
        line.rsplit(' ').next().expect("a number").parse::<f64>().expect("a number")
    };
    assert!((figure("bazgasht_messages{state=\"due\"}") - 1.0).abs() < 0.1, "{text}");
    assert!(figure("bazgasht_oldest_due_message_age_seconds") > 3_600.0, "{text}");
    home.house.close().await.expect("an orderly end");
}
