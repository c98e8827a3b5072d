//! What may call itself news.

use bazgasht::problem::Code;

use crate::world::story::problems;

fn file(trigger: &str, more: &str, step: &str) -> String {
    format!(
        r#"
[coupons.c]
own = "c"
percent = 5
[segments.vip]
who = "contact.orders > 3"
[[campaign]]
id = "c"
trigger = {{ {trigger} }}
{more}
[[campaign.step]]
id = "s"
after = "2h"
text = """
سلام
{{{{ link }}}}"""
{step}
"#
    )
}

#[test]
fn news_are_about_an_order_or_an_answer() {
    let service = "kind = \"service\"";
    let paid = "on = \"order_status\", status = \"processing\"";
    for trigger in [paid, "on = \"order_shipping\", state = \"shipped\"", "on = \"payment_failed\""] {
        assert_eq!(problems(&file(trigger, service, "")), [], "{trigger}");
    }
    for trigger in ["on = \"sign_up\"", "on = \"event\", name = \"lead\"", "on = \"review_written\""] {
        assert_eq!(problems(&file(trigger, service, "")), [Code::DoubtfulService], "{trigger}");
        assert_eq!(problems(&file(trigger, "", "")), [], "{trigger}");
    }
    for trigger in [
        "on = \"broadcast\", at = \"now\"",
        "on = \"cart_abandoned\"",
        "on = \"birthday\"",
        "on = \"segment_entered\", segment = \"vip\"",
        "on = \"price_drop\"",
    ] {
        assert_eq!(problems(&file(trigger, "", service)), [Code::NotService], "{trigger}");
    }
    let code = "text = \"\"\"\nسلام\n{{ coupon.code }}\n{{ link }}\"\"\"\ncoupon = \"c\"";
    let arm = format!("{service}\n[[campaign.step.arm]]\nid = \"b\"\n{code}");
    assert!(problems(&file(paid, "", &arm)).contains(&Code::NotService), "a gift");
    let offer = format!("{service}\noffer = \"best_sellers\"");
    let spoken = "text = \"\"\"\n{{ offer.name }}\n{{ link }}\"\"\"";
    assert!(
        problems(&file(paid, &offer, "link = \"shop\"")).iter().all(|code| *code != Code::NotService),
        "another step speaks of it"
    );
    assert!(
        problems(&file(paid, &offer, "").replace("text = \"\"\"\nسلام\n{{ link }}\"\"\"", spoken))
            .contains(&Code::NotService)
    );
    // The last step is behind an answer; of the whole campaign it is said once.
    let asks = "ask = { for = \"1 day\", answers = [{ words = [\"1\"], go = \"t\" }] }\n[[campaign.step]]\nid = \"end-of-it\"\nwait = \"2 days\"\n\
                text = \"خبری نشد {{ link }}\"\n[[campaign.step]]\nid = \"t\"\nwait = \"0s\"\ntext = \"سپاس {{ link }}\"\nkind = \"service\"\n";
    let found = problems(&file("on = \"birthday\"", "", asks));
    assert!(!found.contains(&Code::NotService), "{found:?}");
    let found = problems(&file("on = \"birthday\"", service, asks));
    assert_eq!(found.iter().filter(|code| **code == Code::NotService).count(), 1, "{found:?}");
}
