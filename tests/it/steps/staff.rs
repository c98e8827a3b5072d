//! Words to the staff, by SMS and by webhook.

use bazgasht::daemon::house::always;
use bazgasht::receive::signature::Key;
use bazgasht::send::gateway::Registry;
use bazgasht::send::watch;
use bazgasht::store::alerts;
use serde_json::{Value, json};

use crate::kavenegar_fake::Fake;
use crate::served::{Fault, Server};
use crate::world::house::{Home, PAID, kavenegar};
use crate::world::story::{self, SARA, START};

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const CAMPAIGN: &str = r#"
[[campaign]]
id = "after"
trigger = { on = "order_status", status = "completed" }
[[campaign.step]]
id = "call"
after = "1m"
tell = "{{ contact.first_name }}: {{ order.number }}"
"#;

#[tokio::test]
async fn the_staff_is_told_once_by_sms_and_by_a_signed_webhook_that_is_tried_again() {
    let (fake, hook) = (Fake::start().await, Server::start(|_| (200, String::new())).await);
    hook.next(Fault::Answer(503, String::new()));
    let staff = format!("[staff]\nphones = \"09120008888\"\nwebhook = \"{}/told\"\nsecret = \"{SECRET}\"", hook.base());
    let rules = story::rules(CAMPAIGN, &format!("{PAID}\n{staff}"));
    let gateways = always(Registry::only(kavenegar(&fake)));
    let folder = tempfile::tempdir().expect("a folder");
    let home = Home::made(folder, fake, rules, START, None, gateways).await;
    home.stock().await;
    let order = json!({"order_id": "7", "number": "7", "status": "completed", "total": "500000", "currency": "IRT",
        "items": story::items(&["11"]), "contact": {"phone": SARA, "first_name": "سارا"}, "coupons": []});
    home.event("order.created", order).await;
    home.pass("5m").await;
    for _ in 0..3 {
        watch::turn(&home.house.parts).await.expect("the store");
        home.pass("6m").await;
    }
    let told: Vec<_> = home.fake.accepted().into_iter().filter(|sms| sms.receptor.ends_with("9120008888")).collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].text.contains("سارا: 7"), "{}", told[0].text);

    let calls = hook.calls();
    assert_eq!(calls.len(), 2, "again after the refusal, and not after the success");
    assert_eq!(calls[0].headers["webhook-id"], calls[1].headers["webhook-id"]);
    let key = Key::parse(SECRET).expect("a secret");
    for call in &calls {
        let time = call.headers["webhook-timestamp"].parse().expect("seconds");
        let signature = key.sign(&call.headers["webhook-id"], time, call.body.as_bytes());
        assert_eq!(call.headers["webhook-signature"], signature);
        let said: Value = serde_json::from_str(&call.body).expect("JSON");
        assert_eq!(said["data"], json!({"campaign": "after", "step": "call", "text": "سارا: 7"}));
    }
    watch::turn(&home.house.parts).await.expect("the store");
    let open = home.house.parts.writer.run(|world| alerts::words(world.connection(), 9)).await.expect("the store");
    assert!(open.is_empty(), "told, and the name in it not kept: {open:?}");
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn the_staff_is_told_so_much_a_day_and_nothing_that_is_old() {
    let fake = Fake::start().await;
    let staff = "[staff]\nphones = \"09120008888\"";
    let rules = story::rules(CAMPAIGN, &format!("{PAID}\n{staff}"));
    let gateways = always(Registry::only(kavenegar(&fake)));
    let folder = tempfile::tempdir().expect("a folder");
    let home = Home::made(folder, fake, rules, START, None, gateways).await;
    home.stock().await;
    for n in 0..160 {
        let order = json!({"order_id": n.to_string(), "number": n.to_string(), "status": "completed", "total": "500000",
            "currency": "IRT", "items": story::items(&["11"]), "contact": {"phone": format!("0912000{n:04}"), "first_name": "سارا"},
            "coupons": []});
        home.event("order.created", order).await;
    }
    let told =
        || home.fake.accepted().into_iter().filter(|sms| sms.receptor.ends_with("9120008888")).map(|sms| sms.text);
    home.pass("5m").await;
    watch::turn(&home.house.parts).await.expect("the store");
    assert_eq!(told().count(), 50);
    home.pass("23h").await;
    watch::turn(&home.house.parts).await.expect("the store");
    assert_eq!(told().count(), 100, "the next day's");
    home.pass("2h").await;
    watch::turn(&home.house.parts).await.expect("the store");
    assert_eq!(told().count(), 100, "the rest is old");
    home.pass("22h").await;
    watch::turn(&home.house.parts).await.expect("the store");
    watch::turn(&home.house.parts).await.expect("the store");
    let last: Vec<String> = told().skip(100).collect();
    assert_eq!(last.len(), 1, "{last:?}");
    assert!(last[0].contains("۶۰ پیام دیگر"), "{last:?}");
    home.house.close().await.expect("an orderly end");
}
