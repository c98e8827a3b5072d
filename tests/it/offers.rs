//! What a campaign offers beside WooCommerce's own cross-sells.

use serde_json::json;

use crate::world::story::{SARA, Story};

fn offering(offer: &str) -> Story {
    let campaigns = format!(
        r#"
[[campaign]]
id = "more"
trigger = {{ on = "order_status", status = "completed" }}
offer = "{offer}"
[[campaign.step]]
id = "first"
after = "10 days"
text = """
{{{{ offer.name }}}}
{{{{ link }}}}
"""
"#
    );
    let mut s = Story::with(&campaigns, "");
    let told = |id: &str, name: &str, category: &str, upsells: &[&str]| {
        json!({"product_id": id, "name": name, "url": format!("https://shop.example/?p={id}"), "price": "100000",
               "currency": "IRT", "stock_status": "instock", "categories": [category], "cross_sell_ids": [], "upsell_ids": upsells})
    };
    for (id, name, category, upsells) in [
        ("21", "قهوه ساده", "قهوه", vec!["22"]),
        ("22", "قهوه ویژه", "قهوه", vec![]),
        ("23", "فنجان", "ظرف", vec![]),
        ("24", "شکر", "خوراک", vec![]),
    ] {
        s.event("product.updated", told(id, name, category, &upsells));
    }
    // Sugar sells most of all; the cup goes with the plain coffee; the special coffee sells a little.
    for n in 0..4 {
        s.order(&format!("a{n}"), &format!("0912000010{n}"), "completed", &["24"]);
    }
    for n in 0..2 {
        s.order(&format!("b{n}"), &format!("0912000020{n}"), "completed", &["21", "23"]);
    }
    s.order("c0", "09120000300", "completed", &["22"]);
    s.order("mine", SARA, "completed", &["21"]);
    s
}

/// What Sara is offered.
fn offered(offer: &str) -> Vec<String> {
    let mut s = offering(offer);
    s.pass("12 days");
    let to_sara = s.sent.iter().filter(|m| m.to.e164() == "+989120000001");
    to_sara.filter_map(|m| m.text.lines().next().map(str::to_owned)).collect()
}

#[test]
fn the_shops_own_sales_say_what_to_offer() {
    assert_eq!(offered("best_sellers"), ["شکر"]);
    assert_eq!(offered("similar"), ["قهوه ویژه"]);
    assert_eq!(offered("bundle"), ["فنجان"]);
    assert_eq!(offered("upsell"), ["قهوه ویژه"]);
    assert!(offered("cross_sell").is_empty(), "nothing is named, so nothing is sent");
}

#[test]
fn what_is_sold_out_is_passed_over() {
    let mut s = offering("best_sellers");
    s.product("24", "شکر", "100000", "outofstock", &[]).pass("12 days");
    let first = s.sent.iter().find(|m| m.to.e164() == "+989120000001").expect("another is offered");
    assert!(!first.text.contains("شکر"), "{}", first.text);
}

/// What says nothing of the offer does not wait for one, and counts as having offered nothing.
#[test]
fn only_what_speaks_of_the_offer_needs_one() {
    let step = |id: &str, rest: &str| format!("[[campaign.step]]\nid = \"{id}\"\n{rest}\n");
    let shop = "link = \"shop\"\ntext = \"\"\"\nممنون از خریدتان\n{{ link }}\"\"\"";
    let named = "link = \"shop\"\ntext = \"\"\"\n{{ offer.name | default('چیزی') }} هم داریم\n{{ link }}\"\"\"";
    let linked = "text = \"\"\"\nببینید\n{{ link }}\"\"\"";
    let coded = "link = \"shop\"\ncoupon = \"own\"\ntext = \"\"\"\nکد شما:\n{{ coupon.code }}\n{{ link }}\"\"\"";
    let file = [
        "[coupons.own]\nown = \"k\"\npercent = 5\nproducts = \"offer\"\n[[campaign]]\nid = \"more\"\n\
         trigger = { on = \"order_status\", status = \"completed\" }\noffer = \"cross_sell\"\ngoal = \"order\"\n"
            .to_owned(),
        step("thanks", &format!("after = \"1 day\"\n{shop}")),
        step("named", &format!("after = \"3 days\"\n{named}")),
        step("linked", &format!("after = \"5 days\"\n{linked}")),
        step("coded", &format!("after = \"10 days\"\n{coded}")),
    ]
    .concat();
    let mut s = Story::with(&file, "");
    s.order("1", SARA, "completed", &["13"]).pass("20d");
    assert_eq!(s.steps(), ["more/thanks"], "nothing goes with 13");
    let mut s = Story::with(&file, "");
    s.order("1", SARA, "completed", &["11"]).pass("20d");
    assert_eq!(s.steps(), ["more/thanks", "more/named", "more/linked", "more/coded"]);
    let offered: Vec<Option<&str>> = s.world().messages().iter().map(|m| m.offer.as_deref()).collect();
    assert_eq!(offered, [None, Some("12"), Some("12"), Some("12")]);
}
