//! A shop that was copied to try things, with its database or with its secret, writes to nobody.

use bazgasht::receive::signature::{Key, request_line};
use bazgasht::state::model::{HoldScope, MessageState};
use bazgasht::state::world::World;
use bazgasht::store::{backup, home};

use crate::kavenegar_fake::Fake;
use crate::world::door::{SECRET, client};
use crate::world::house::{Home, PAID};
use crate::world::story::{SARA, START};

#[tokio::test]
async fn a_daemon_on_a_copy_of_the_database_holds_everything() {
    let home = Home::new().await;
    home.abandoned("t_1", SARA).await;
    let elsewhere = tempfile::tempdir().expect("a folder");
    backup::copy(
        &home.folder.path().join("bazgasht.db"),
        &elsewhere.path().join("bazgasht.db"),
        home.house.parts.clock.now(),
    )
    .expect("a copy");
    let copy = Home::in_folder(elsewhere, Fake::start().await, PAID, START, None).await;
    copy.pass("61m").await;
    assert_eq!(copy.states().await, [MessageState::Scheduled]);
    let scopes = copy.house.parts.writer.run(|world| world.holds()).await.expect("the store");
    assert_eq!(scopes.into_iter().map(|h| h.scope).collect::<Vec<_>>(), [HoldScope::All]);
    // Asked for by the copy, the shop's replies would count as read, and the shop itself would never hear of them.
    bazgasht::send::watch::turn(&copy.house.parts).await.expect("the store");
    for method in ["sms/receive", "sms/inboxpaged", "line/blocked/list", "account/info"] {
        assert!(copy.fake.calls(method).is_empty(), "{method}");
    }
    copy.house.close().await.expect("an orderly end");
    home.pass("61m").await;
    assert_eq!(home.states().await.len(), 1);
    assert!(home.states().await[0].may_have_left(), "the shop itself goes on");
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn a_call_of_a_copied_shop_is_refused_and_remembered() {
    let settings = format!("secret = \"{SECRET}\"\n{PAID}");
    let folder = tempfile::tempdir().expect("a folder");
    let home = Home::in_folder(folder, Fake::start().await, &settings, START, None).await;
    home.stock().await;
    let ask = async |shop: &str| {
        let seconds = home.house.parts.clock.now().0 / 1_000;
        let path = "/v1/status";
        let signature = Key::parse(SECRET).expect("a key").sign("msg", seconds, request_line("GET", path).as_bytes());
        let request = client().get(home.house.url(path)).header("webhook-id", "msg").header("bazgasht-shop", shop);
        let request = request.header("webhook-timestamp", seconds.to_string()).header("webhook-signature", signature);
        request.send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(ask("https://www.shop.example").await, 200);
    assert_eq!(ask("https://staging.shop.example").await, 409);
    let noted = home.house.parts.writer.run(|world| home::another_shop(world.connection())).await.expect("the store");
    assert_eq!(noted.map(|other| other.url).as_deref(), Some("https://staging.shop.example"));
    home.house.close().await.expect("an orderly end");
}
