//! `doctor`: what it sees, and that each thing seen has a way out.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use bazgasht::cli::doctor::{self, Finding, Level};
use bazgasht::cli::files::Opened;
use bazgasht::clock::{At, Span};
use bazgasht::money::Currency;
use bazgasht::send::gateway::Registry;
use bazgasht::send::gateways::console::Console;
use bazgasht::state::model::{Coupon, Hold, Shop};
use bazgasht::state::world::World;
use bazgasht::store::history;
use bazgasht::store::log;
use bazgasht::store::pulled::{self, Pulled};

use super::stage::{START, Sent, Stage, cart};
use crate::world::story::at;

async fn examine(s: &Stage, now: At) -> Vec<Finding> {
    examine_with(s, now, None).await
}

async fn examine_with(s: &Stage, now: At, gateway: Option<doctor::MakeGateways<'_>>) -> Vec<Finding> {
    let mut rules = s.rules.clone();
    // A port that nobody listens on.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    rules.settings.listen = free;
    let opened = Opened {
        settings: Some(rules.settings.clone()),
        rules: Some(rules),
        problems: Vec::new(),
        config: None,
        campaigns: Some(PathBuf::from("campaigns.toml")),
        reach: None,
    };
    let found = doctor::examine(&opened, now, gateway).await;
    for finding in &found {
        assert_eq!(finding.level == Level::Ok, finding.way_out.is_none(), "{finding:?}");
    }
    found
}

fn of<'f>(found: &'f [Finding], about: &str) -> Vec<(Level, &'f str)> {
    found.iter().filter(|f| f.about == about).map(|f| (f.level, f.says.as_str())).collect()
}

/// A shop that has spoken ten minutes ago and has its codes.
fn healthy() -> Stage {
    let s = Stage::new();
    let t = at(START);
    let world = &mut s.world();
    let shop = Shop {
        name: "Shop".into(),
        url: "https://shop.example".into(),
        currency: "IRT".parse().unwrap(),
        timezone: Some("Asia/Tehran".into()),
        locale: None,
        country: Some("IR".into()),
        needs_yes: None,
    };
    world.put_shop(&shop).unwrap();
    world.put_coupon(&coupon("off5", None)).unwrap();
    let event = log::Incoming { event_id: "e1".into(), kind: "cart.cleared".into(), time: t, data: "{}".into() };
    log::append(&s.conn, &[event], t).unwrap();
    log::set_applied(&s.conn, 1).unwrap();
    s
}

fn coupon(code: &str, expires: Option<At>) -> Coupon {
    Coupon {
        minimum: None,
        code: code.into(),
        kind: "percent".into(),
        amount: "5".into(),
        expires,
        usage_limit: None,
        usage_count: 0,
        deleted: false,
        updated: at(START),
    }
}

fn soon() -> At {
    at(START).plus(Span::minutes(10))
}

#[tokio::test]
async fn a_healthy_shop_has_no_failures() {
    let found = examine(&healthy(), soon()).await;
    assert!(found.iter().all(|f| f.level != Level::Fail), "{found:?}");
    assert_eq!(of(&found, "shop"), [(Level::Ok, "1 events since 2026-11-24; silent for 10 min")]);
    assert_eq!(of(&found, "coupons"), [(Level::Ok, "the shop takes off5")]);
    assert_eq!(of(&found, "links"), [(Level::Ok, "https://shop.example/s/… for the shop at https://shop.example")]);
    assert_eq!(of(&found, "clock"), [(Level::Ok, "2026-11-24 12:10 in Asia/Tehran")]);
    assert_eq!(of(&found, "campaigns"), [(Level::Ok, "campaigns.toml: 2 on (cart, review)")]);
    assert_eq!(of(&found, "daemon")[0].0, Level::Warn);
    assert_eq!(of(&found, "secret")[0], (Level::Warn, "none yet"));
}

#[tokio::test]
async fn which_rule_of_consent_holds_and_why() {
    let law = async |needs_yes: Option<bool>| {
        let s = healthy();
        let shop = s.world().shop().unwrap().unwrap();
        s.world().put_shop(&Shop { needs_yes, ..shop }).unwrap();
        let found = examine(&s, soon()).await;
        of(&found, "consent").first().map(|(level, says)| (*level, (*says).to_owned())).expect("a word on consent")
    };
    let ok = |says: &str| (Level::Ok, says.to_owned());
    assert_eq!(
        law(None).await,
        ok("marketing texts go to all who did not say no, as long as neither [consent] nor the shop says otherwise")
    );
    assert_eq!(
        law(Some(true)).await,
        ok("marketing texts go to those alone who said yes, by the law that the shop has chosen in its bridge (GDPR)")
    );
    assert_eq!(
        law(Some(false)).await,
        ok("marketing texts go to all who did not say no, by the law that the shop has chosen in its bridge")
    );
}

#[tokio::test]
async fn silence_rejections_and_what_is_left_lying() {
    let s = healthy();
    let way = s.enter("cart", s.person(1, at(START)), cart("a"), at(START));
    s.plan(way, "first", soon());
    log::reject(&s.conn, "e7", "order.created", "total: missing", "{}", soon()).unwrap();
    let event = log::Incoming { event_id: "e2".into(), kind: "cart.cleared".into(), time: soon(), data: "{}".into() };
    log::append(&s.conn, &[event], soon()).unwrap();
    let found = examine(&s, soon().plus(Span::hours(50))).await;
    assert_eq!(of(&found, "shop"), [(Level::Warn, "2 events since 2026-11-24; silent for 2 d 2 h")]);
    assert_eq!(
        of(&found, "log"),
        [
            (Level::Warn, "1 events wait to be applied"),
            (
                Level::Warn,
                "1 events were not understood: 1 × order.created: total: missing. The last: 2026-11-24 order.created e7"
            ),
        ]
    );
    assert_eq!(of(&found, "schedule"), [(Level::Warn, "1 messages and 0 people are due, the first for 2 d 2 h")]);
}

#[tokio::test]
async fn holds_doubts_and_dead_codes() {
    let s = healthy();
    let way = s.enter("cart", s.person(1, at(START)), cart("a"), at(START));
    let sent = Sent { state: bazgasht::state::model::MessageState::Unknown, ..Sent::default() };
    s.send(way, "first", at(START), &sent);
    let hold = Hold {
        scope: "kavenegar/credit".parse().unwrap(),
        why: "no credit left".into(),
        since: at(START),
        until: None,
    };
    s.world().put_hold(&hold).unwrap();
    s.world().put_coupon(&coupon("off5", Some(at(START)))).unwrap();
    let found = examine(&s, soon()).await;
    assert_eq!(of(&found, "holds"), [(Level::Fail, "kavenegar/credit since 2026-11-24 (10 min): no credit left")]);
    assert_eq!(of(&found, "in doubt")[0].0, Level::Warn);
    assert_eq!(of(&found, "coupons"), [(Level::Warn, "off5 is used up, deleted or over: texts with it wait")]);
}

#[tokio::test]
async fn a_clock_that_went_back_is_seen() {
    let found = examine(&healthy(), at(START).minus(Span::hours(1))).await;
    assert_eq!(of(&found, "clock")[0].0, Level::Fail);
}

#[tokio::test]
async fn a_secret_that_others_can_read_fails() {
    use std::os::unix::fs::PermissionsExt;
    let s = healthy();
    let path = s.folder.path().join("shop.db.secret");
    std::fs::write(&path, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
    for (mode, level) in [(0o644, Level::Fail), (0o600, Level::Ok)] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(of(&examine(&s, soon()).await, "secret")[0].0, level, "{mode:o}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_fails() {
    let mut s = Stage::new();
    s.rules.settings.database = s.folder.path().join("other.db");
    assert_eq!(of(&examine(&s, soon()).await, "database")[0].0, Level::Warn, "not made yet");
    std::fs::write(&s.rules.settings.database, "no database, but long enough to be taken for something else at first")
        .unwrap();
    assert_eq!(of(&examine(&s, soon()).await, "database")[0].0, Level::Fail);
}

#[tokio::test]
async fn the_gateway_is_asked_unless_told_not_to() {
    let s = healthy();
    assert_eq!(of(&examine(&s, soon()).await, "gateway"), [(Level::Ok, "console, not asked")]);
    let found = examine_with(&s, soon(), Some(&|_| Ok(Registry::only(Arc::new(Console::stdout(Currency::IRR)))))).await;
    assert_eq!(of(&found, "gateway"), [(Level::Warn, "console: texts are printed, and nobody gets them")]);
    let found = examine_with(&s, soon(), Some(&|_| anyhow::bail!("gateway kavenegar needs a key"))).await;
    assert_eq!(of(&found, "gateway"), [(Level::Fail, "gateway kavenegar needs a key")]);
}

#[tokio::test]
async fn the_next_special_days_are_shown() {
    let source = "[shop]\ncountry = \"IR\"\ntimezone = \"Asia/Tehran\"\n";
    let mut s = healthy();
    s.rules.settings.hours = crate::world::story::rules(crate::world::story::SHIPPED, source).settings.hours;
    let found = examine(&s, at("2026-06-23T21:00:00Z")).await;
    assert_eq!(
        of(&found, "days"),
        [(
            Level::Ok,
            "today, Wednesday 24 June: تاسوعا (off); Thursday 25 June: عاشورا (off); Tuesday 4 August: اربعین (off)"
        )]
    );
}

#[tokio::test]
async fn another_shop_that_called_is_named_for_a_week() {
    let s = healthy();
    let t = at(START);
    bazgasht::store::home::note_another_shop(&s.conn, "https://staging.shop.example", t).unwrap();
    let named =
        |found: &[Finding]| of(found, "shop").iter().any(|(l, says)| *l == Level::Warn && says.contains("staging"));
    assert!(named(&examine(&s, t.plus(Span::hours(1))).await));
    assert!(!named(&examine(&s, t.plus(Span::days(8))).await));
}

#[tokio::test]
async fn what_waits_in_the_shop_is_told_until_the_shop_speaks_again() {
    let s = healthy();
    let asked = soon();
    let told = |trouble: Option<&str>, waiting, oldest| Pulled {
        at: asked,
        trouble: trouble.map(str::to_owned),
        waiting,
        oldest,
    };
    assert_eq!(of(&examine(&s, asked).await, "outbox"), [], "it was never asked");
    pulled::note(&s.conn, &told(None, 2, Some(asked.minus(Span::minutes(2))))).unwrap();
    let later = asked.plus(Span::minutes(3));
    assert_eq!(
        of(&examine(&s, later).await, "outbox"),
        [(Level::Ok, "asked to deliver 3 min ago: 2 events wait in the shop")]
    );
    pulled::note(&s.conn, &told(None, 2, Some(asked.minus(Span::hours(2))))).unwrap();
    assert_eq!(
        of(&examine(&s, asked).await, "outbox"),
        [(Level::Warn, "asked to deliver 0 min ago: 2 events wait in the shop, the first for 2 h 0 min")]
    );
    pulled::note(&s.conn, &told(Some("the shop answers with HTTP 500"), 0, None)).unwrap();
    assert_eq!(of(&examine(&s, asked).await, "outbox")[0].0, Level::Warn);
    let event = log::Incoming { event_id: "e9".into(), kind: "cart.cleared".into(), time: later, data: "{}".into() };
    log::append(&s.conn, &[event], later).unwrap();
    assert_eq!(of(&examine(&s, later).await, "outbox"), [], "it has spoken since");
}

#[tokio::test]
async fn an_import_that_was_left_is_named_until_it_is_finished() {
    let s = healthy();
    assert_eq!(of(&examine(&s, soon()).await, "import"), []);
    let run = history::open_run(&s.conn, "https://shop.example").unwrap();
    let event = log::Incoming { event_id: "o1".into(), kind: "cart.cleared".into(), time: soon(), data: "{}".into() };
    history::gather(&s.conn, run, &[history::Past { event, mail: None }]).unwrap();
    let found = examine(&s, soon()).await;
    let [(Level::Warn, says)] = of(&found, "import")[..] else { panic!("{found:?}") };
    assert!(says.starts_with("from https://shop.example was begun") && says.contains("1 events are read"), "{says}");
    history::complete(&s.conn, run).unwrap();
    assert_eq!(of(&examine(&s, soon()).await, "import"), [(Level::Warn, "1 events of the past wait to be taken in")]);
    history::pour(&s.conn, 9, soon()).unwrap();
    assert_eq!(of(&examine(&s, soon()).await, "import"), []);
}

#[tokio::test]
async fn what_follows_from_settings_in_use_is_said_as_it_is() {
    let http = r#"
[budget]
month = "1000"
[gateway]
use = ["http", "console"]
[gateway.http]
price_persian = "400"
price_latin = "400"
tail = "link"
[gateway.http.send]
url = "https://sms.example/send?to={to}&text={text}"
success_at = "code"
success_is = "0"
"#;
    let mut s = healthy();
    let database = s.rules.settings.database.clone();
    s.rules.settings = crate::world::story::rules(crate::world::story::SHIPPED, http).settings;
    s.rules.settings.database = database;
    s.rules.settings.secret = Some(bazgasht::secret::Secret::new(crate::world::door::SECRET));
    let hold = |what: &str, minutes: i64| Hold {
        scope: format!("http/{what}").parse().unwrap(),
        why: "so".into(),
        since: soon().minus(Span::minutes(minutes)),
        until: (what == "silence").then(|| soon().plus(Span::minutes(1))),
    };
    s.world().put_hold(&hold("credit", 20)).unwrap();
    let found = examine(&s, soon()).await;
    assert!(of(&found, "callbacks").is_empty(), "none is described: {found:?}");
    let of_budget = of(&found, "budget");
    assert!(of_budget[0].0 == Level::Ok && of_budget[0].1.contains("the month's cap bounds it"), "{of_budget:?}");
    let [(level, says)] = of(&found, "holds")[..] else { panic!("{found:?}") };
    assert!(level == Level::Warn && says.ends_with("texts go by console meanwhile"), "{says}");
    s.world().lift_hold(&hold("credit", 0).scope).unwrap();
    for (minutes, level) in [(5, Level::Warn), (11, Level::Fail)] {
        s.world().put_hold(&hold("silence", minutes)).unwrap();
        let found = examine(&s, soon()).await;
        let silent = found.iter().find(|f| f.about == "holds").unwrap();
        assert_eq!(silent.level, level);
        assert!(silent.way_out.as_ref().is_some_and(|way| way.contains("take it out of `use`")), "{silent:?}");
    }
}
