//! 3. Who has blocked advertising is not written to by advertising, whatever it is called. News of one's own order may come
//!    by the provider's approved template.

use std::sync::Arc;

use bazgasht::state::model::{MessageState, Reason};

use crate::world::house::Home;
use crate::world::second::Second;
use crate::world::story::SARA;

const CAMPAIGN: &str = r#"
[[campaign]]
id = "after-order"
trigger = { on = "order_status", status = "completed" }
exits = ["order_taken_back"]

[[campaign.step]]
id = "first"
after = "1h"
text = "سلام {{ order.number }} {{ link }}"
@FIRST@

[[campaign.step]]
id = "second"
after = "30h"
text = "سلام {{ order.number }} {{ link }}"
@SECOND@
"#;

const TEMPLATE: &str = r#"template = { name = "news", tokens = { token = "{{ order.number }}" } }"#;

/// The first text is answered by "blocked" from the operator's list; what becomes of the second?
async fn second_after_a_block(second_step: &str) -> (Home, Arc<Second>) {
    let campaign = CAMPAIGN.replace("@FIRST@", "").replace("@SECOND@", second_step);
    let second = Arc::new(Second::new("console"));
    let home = Home::with_second(&campaign, Arc::clone(&second)).await;
    home.fake.template("news", "سفارش %token");
    home.fake.block(SARA);
    let order = serde_json::json!({"order_id": "1", "number": "1", "status": "completed", "total": "1000", "currency": "IRT",
        "items": [{"product_id": "11", "name": "چای", "quantity": 1, "unit_price": "1000"}], "contact": {"phone": SARA}, "coupons": []});
    home.event("order.created", order).await;
    home.pass("2d").await;
    (home, second)
}

#[tokio::test]
async fn p03_a_blocked_number_is_not_paid_for_again() {
    for advertising in [String::new(), TEMPLATE.to_owned()] {
        let (home, second) = second_after_a_block(&advertising).await;
        let messages = home.messages().await;
        let told: Vec<_> = messages.iter().map(|m| (m.state, m.reason)).collect();
        assert_eq!(told[0], (MessageState::Failed, Some(Reason::Blocked)));
        assert_eq!(told[1], (MessageState::Cancelled, Some(Reason::Blocked)), "{advertising:?}");
        assert_eq!(home.fake.accepted().len(), 1);
        assert!(second.accepted().is_empty(), "no other gateway is tried");
        home.house.close().await.expect("an orderly end");
    }
}

#[tokio::test]
async fn p03_a_service_text_reaches_a_blocked_number_by_template_only() {
    let (home, second) = second_after_a_block(&format!("kind = \"service\"\n{TEMPLATE}")).await;
    assert_eq!(home.fake.accepted().len(), 2);
    assert_eq!(home.fake.accepted()[1].template.as_deref(), Some("news"));
    assert!(second.accepted().is_empty());
    home.house.close().await.expect("an orderly end");
    let (home, second) = second_after_a_block("kind = \"service\"").await;
    assert_eq!(home.fake.accepted().len(), 1, "over the advertising line it would not arrive");
    assert!(second.accepted().is_empty());
    home.house.close().await.expect("an orderly end");
}
