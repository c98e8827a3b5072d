//! `hold` and `resume` beside a daemon, and what a copied database does.

use bazgasht::cli::hold::{self, HoldArgs, ResumeArgs};
use bazgasht::clock::{At, Span};
use bazgasht::daemon::machine::Machine;
use bazgasht::ids::SeededChance;
use bazgasht::rules::Rules;
use bazgasht::state::model::HoldScope;
use bazgasht::state::world::World;
use bazgasht::store::{SqlWorld, db};

use super::stage::{START, Stage, cart};
use crate::world::house::PAID;
use crate::world::story::{self, SHIPPED, at};

fn later() -> At {
    at(START).plus(Span::hours(1))
}

async fn held(s: &Stage, scope: &str, why: &str) -> (u8, String) {
    let args = HoldArgs { files: Default::default(), scope: scope.into(), why: why.into() };
    let mut out = Vec::new();
    let code = hold::hold(&args, &s.rules, later(), &SeededChance::new(9), &mut out).await.unwrap();
    (code, String::from_utf8(out).unwrap())
}

async fn resumed(rules: &Rules, scope: Option<&str>) -> (u8, String) {
    let args = ResumeArgs { files: Default::default(), scope: scope.map(str::to_owned) };
    let mut out = Vec::new();
    let code = hold::resume(&args, rules, later(), &SeededChance::new(9), &mut out).await.unwrap();
    (code, String::from_utf8(out).unwrap())
}

#[tokio::test]
async fn what_is_held_is_listed_and_let_go() {
    let s = Stage::new();
    assert_eq!(resumed(&s.rules, None).await, (0, "nothing is held\n".to_owned()));
    assert_eq!(held(&s, "all", "stocktaking").await.0, 0);
    assert_eq!(held(&s, "campaign:cart", "wrong price").await.0, 0);
    let scopes: Vec<_> = s.world().holds().unwrap().into_iter().map(|h| h.scope).collect();
    assert_eq!(scopes, [HoldScope::All, HoldScope::Campaign("cart".into())]);
    assert_eq!(
        resumed(&s.rules, None).await.1,
        "all  since 2026-11-24 13:00: stocktaking\ncampaign:cart  since 2026-11-24 13:00: wrong price\n"
    );
    assert_eq!(resumed(&s.rules, Some("campaign:cart")).await.0, 0);
    assert_eq!(resumed(&s.rules, Some("campaign:cart")).await, (1, "campaign:cart was not held\n".to_owned()));
    assert_eq!(resumed(&s.rules, Some("all")).await.0, 0);
    assert!(s.world().holds().unwrap().is_empty());
}

#[tokio::test]
async fn what_cannot_be_held_is_said() {
    let s = Stage::new();
    for (scope, why, said) in [
        ("kavenegar/credit", "x", "nothing that you can hold"),
        ("everything", "x", "nothing that you can hold"),
        ("campaign:carts", "x", "no campaign has the id \"carts\": there are cart, review"),
        ("all", " ", "--why is empty"),
    ] {
        let (code, told) = held(&s, scope, why).await;
        assert!(code == 2 && told.contains(said), "{told}");
    }
    assert_eq!(resumed(&s.rules, Some("everything")).await.0, 2);
    assert!(s.world().holds().unwrap().is_empty());
}

#[tokio::test]
async fn what_rested_in_a_hold_is_looked_at_at_once_afterwards() {
    let s = Stage::new();
    let t = at(START);
    let sara = s.person(45, t);
    let way = s.enter("cart", sara, cart("a"), t);
    let id = s.plan(way, "first", t.plus(Span::hours(9)));
    held(&s, "all", "stocktaking").await;
    let mut message = s.world().message(id).unwrap().unwrap();
    message.next_try = t.plus(Span::hours(9));
    s.world().put_message(&message).unwrap();
    resumed(&s.rules, Some("all")).await;
    assert_eq!(s.world().message(id).unwrap().unwrap().next_try, later());
}

fn paid(s: &Stage) -> Rules {
    let mut rules = story::rules(SHIPPED, PAID);
    rules.settings.database.clone_from(&s.rules.settings.database);
    rules
}

/// A start on this machine with the database where these rules say.
fn start(rules: &Rules, machine: Option<&str>) -> bool {
    let conn = db::open_writer(&rules.settings.database, &SeededChance::new(9)).unwrap();
    let machine = Machine { id: machine.map(str::to_owned) };
    machine.settle_in(&mut SqlWorld::new(&conn), &rules.settings, later()).unwrap()
}

fn holds(rules: &Rules) -> usize {
    let conn = db::open_reader(&rules.settings.database).unwrap();
    SqlWorld::new(&conn).holds().unwrap().len()
}

#[tokio::test]
async fn a_copied_database_is_held_until_the_owner_says_that_the_shop_moved() {
    let s = Stage::new();
    let home = paid(&s);
    assert!(!start(&home, Some("m1")), "the first start makes the home");
    assert!(
        !start(&home, Some("m1")) && !start(&home, None),
        "a restart, and one whose machine has no name, are no moves"
    );
    let mut copy = home.clone();
    copy.settings.database = s.folder.path().join("copy.db");
    // As a file: a backup is held wherever it is.
    let original = rusqlite::Connection::open(&home.settings.database).unwrap();
    original.execute("VACUUM INTO ?1", [copy.settings.database.to_str()]).unwrap();

    let mut free = copy.clone();
    free.settings.gateway = s.rules.settings.gateway.clone();
    assert!(!start(&free, Some("m2")), "nothing can be sent by the console");
    assert_eq!(holds(&copy), 0);

    assert!(start(&copy, Some("m2")) && start(&copy, Some("m2")), "again at each start");
    assert_eq!(holds(&copy), 1);
    let listed = resumed(&copy, None).await.1;
    assert!(listed.starts_with("all  since") && listed.contains("made on another machine"), "{listed}");
    assert!(resumed(&copy, Some("all")).await.1.contains("home now"));
    assert!(!start(&copy, Some("m2")) && !start(&copy, None));
    assert_eq!((holds(&copy), holds(&home)), (0, 0), "the original was never touched");

    assert!(start(&home, Some("m2")), "another machine with the same path");
}
