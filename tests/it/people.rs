//! Segments, points, tags and the ranking of buyers, as the walk keeps them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use bazgasht::campaign::check::{self, CheckContext};
use bazgasht::clock::Clock;
use bazgasht::daemon::house::always;
use bazgasht::decide::points;
use bazgasht::problem::Code;
use bazgasht::send::gateway::Registry;
use bazgasht::settings::model::Settings;
use bazgasht::state::model::{ContactId, MessageId, MessageState, Reason};
use bazgasht::state::people::{Membership, Rfm, Standings};
use bazgasht::state::world::World;
use serde_json::json;

use crate::kavenegar_fake::Fake;
use crate::world::house::{Home, PAID, kavenegar};
use crate::world::story::{REZA, SARA, START, Story, at, items, rules};

const VIP: &str = r#"
language = "fa"

[segments.vip]
name = "مشتریان ویژه"
who = "contact.spent >= 900000"

[segments.tea]
who = "'11' in contact.bought or 'چای' in contact.bought"

[points]
per = "10000"
review = 50
expires = "365 days"

[[campaign]]
id = "vip-welcome"
trigger = { on = "segment_entered", segment = "vip" }
[[campaign.step]]
id = "thanks"
after = "1h"
text = """
سپاس از همراهی شما، {{ contact.points }} امتیاز دارید
{{ link }}
"""

[[campaign]]
id = "vip-lost"
trigger = { on = "segment_left", segment = "vip" }
[[campaign.step]]
id = "sorry"
after = "1h"
text = """
جای شما خالی است
{{ link }}
"""
"#;

const FIRST: ContactId = ContactId(1);

fn vip(story: &Story) -> Option<Membership> {
    story.world().memberships_of(FIRST).unwrap().into_iter().find(|stay| stay.segment == "vip")
}

fn balance(story: &Story) -> i64 {
    points::balance(&story.world().points_of(FIRST).unwrap(), story.now())
}

#[test]
fn who_crosses_the_line_enters_and_who_is_refunded_leaves() {
    let mut story = Story::with(VIP, "");
    story.order("1", SARA, "processing", &["11"]);
    assert_eq!((vip(&story), story.steps().len(), balance(&story)), (None, 0, 50));
    assert_eq!(story.world().memberships_of(FIRST).unwrap()[0].segment, "tea", "of what was bought");
    story.pass("1d").order("2", SARA, "processing", &["12"]);
    assert_eq!(vip(&story), Some(Membership { segment: "vip".into(), since: Some(story.now()), until: None }));
    assert_eq!(balance(&story), 100);
    story.pass("2h");
    assert_eq!(story.steps(), ["vip-welcome/thanks"]);
    assert!(story.sent[0].text.contains("۱۰۰ امتیاز"), "{}", story.sent[0].text);
    story
        .pass("3d")
        .event("order.refunded", json!({"order_id": "2", "refund_id": "9", "amount": "500000", "currency": "IRT"}));
    assert_eq!(vip(&story).unwrap().until, Some(story.now()));
    assert_eq!(balance(&story), 50, "the refunded money earned nothing");
    story.pass("2h");
    assert_eq!(story.steps(), ["vip-welcome/thanks", "vip-lost/sorry"]);
    assert!(story.reasons().contains(&Reason::SegmentEntered) && story.reasons().contains(&Reason::SegmentLeft));
    // The same news twice, and late, changes nothing.
    story.status("2", SARA, "processing", &["12"]).round().pass("1d");
    assert_eq!((story.sent.len(), balance(&story)), (2, 50));
}

/// The order that leads somewhere is not the order that the way there is for; the next one is.
#[test]
fn a_purchase_that_begins_a_way_does_not_end_it() {
    let campaign = |id: &str, trigger: &str, rest: &str| {
        format!(
            "[[campaign]]\nid = \"{id}\"\ntrigger = {{ {trigger} }}\n[[campaign.step]]\nid = \"s\"\nafter = \"1h\"\ntext = \"سلام\\n{{{{ link }}}}\"\n{rest}"
        )
    };
    let file = [
        "[segments.new]\nwho = \"contact.orders < 2\"\n".to_owned(),
        campaign("out", "on = 'segment_left', segment = 'new'", ""),
        campaign("own", "on = 'event', name = 'gift'", ""),
        campaign("begun", "on = 'order_status', status = 'processing'", "enter = \"led\"\nleave = true\n")
            .replace("after = \"1h\"\ntext = \"سلام\\n{{ link }}\"", "after = \"0s\""),
        campaign("led", "on = 'entered_by'", ""),
    ]
    .concat();
    let mut story = Story::with(&file, "[caps]\ngap = \"0s\"\nday = 9\nweek = 30\nmonth = 90\n");
    story.order("1", SARA, "processing", &["11"]).pass("10d");
    assert_eq!(story.steps(), ["led/s"]);
    story.event("custom.gift", json!({"contact": {"phone": SARA}}));
    story.order("2", SARA, "processing", &["11"]).pass("3h");
    let mut steps = story.steps();
    steps.sort_unstable();
    assert_eq!(steps, ["led/s", "led/s", "out/s", "own/s"]);
    story.pass("5d").event("custom.gift", json!({"contact": {"phone": SARA}}));
    story.pass("30m").order("3", SARA, "processing", &["11"]).pass("3h");
    assert_eq!(story.steps().iter().filter(|step| *step == "own/s").count(), 1, "bought since");
}

#[test]
fn who_was_in_a_segment_before_it_was_there_gets_no_text_for_it() {
    let before = VIP.replace("900000", "9000000");
    let mut story = Story::with(&before, "");
    story.order("1", SARA, "processing", &["11"]).order("2", SARA, "processing", &["12"]);
    story.order("3", REZA, "processing", &["11"]).pass("1d");
    assert_eq!(vip(&story), None);
    // The owner lowers the line: Sara is far above it, and has been.
    story.reload(VIP).round().pass("1d");
    assert_eq!(vip(&story), Some(Membership { segment: "vip".into(), since: None, until: None }));
    assert_eq!(story.steps().len(), 0);
    // Reza crosses it now.
    story.order("4", REZA, "processing", &["12"]).pass("1d");
    assert_eq!(story.steps(), ["vip-welcome/thanks"]);
    // And an order of years ago, told of now, begins nothing, though it takes somebody over the line.
    let (old, other) = (at("2024-01-01T10:00:00+03:30"), "09120000003");
    for id in ["5", "6"] {
        let mut data = story.order_data(id, other, "completed", &["11"]);
        data["created_at"] = json!("2024-01-01T10:00:00+03:30");
        story.event_at(old, "order.created", data);
    }
    story.pass("1d").round().pass("1d");
    let theirs = story.world().memberships_of(ContactId(3)).unwrap();
    assert!(theirs.iter().any(|stay| stay.segment == "vip" && stay.since.is_none()), "{theirs:?}");
    assert_eq!(story.steps().len(), 1);
}

#[test]
fn points_told_of_by_the_shop_count_once() {
    let mut story = Story::with(VIP, "");
    story.order("1", SARA, "processing", &["11"]);
    let contact = json!({"phone": SARA});
    story.event("points.changed", json!({"contact": contact, "change": "-20"}));
    story.event("points.changed", json!({"contact": contact, "change": 5}));
    assert_eq!(balance(&story), 35);
    story.event("review.created", json!({"product_id": "11", "review_id": "1", "rating": 5, "contact": contact}));
    assert_eq!(balance(&story), 85);
    story.event("review.created", json!({"product_id": "11", "review_id": "2", "rating": 5, "contact": contact}));
    assert_eq!(balance(&story), 85, "one review of each product");
    story.pass("366d");
    assert_eq!(balance(&story), 5, "what the shop itself gave does not end");
}

#[test]
fn buyers_are_ranked_at_night_and_their_moves_kept() {
    let mut story = Story::with(
        "[segments.best]\nwho = \"contact.rfm == 'champions'\"\n[[campaign]]\nid = \"c\"\ntrigger = { on = \"segment_entered\", segment = \"best\" }\n\
         [[campaign.step]]\nid = \"s\"\nafter = \"0s\"\ntext = \"\"\"\nسلام\n{{ link }}\n\"\"\"",
        "",
    );
    let number = |n: usize| format!("0912000{n:04}");
    // Thirty buyers; the later, the more.
    for n in 1..=30_usize {
        for k in 0..n.div_ceil(6) {
            story.order(&format!("{n}-{k}"), &number(n), "processing", &["11"]);
        }
        story.pass("6h");
    }
    // At its end the shop has been ranked each night.
    story.until(at(START).plus("30d".parse().unwrap()));
    let rfm = |story: &Story, n: i64| story.world().standing_of(ContactId(n)).unwrap().unwrap().rfm;
    assert_eq!((rfm(&story, 1), rfm(&story, 30)), (Rfm::Lost, Rfm::Champions));
    // The first one comes back with a vengeance.
    for k in 0..9 {
        story.order(&format!("again-{k}"), &number(1), "processing", &["11"]);
    }
    story.pass("1d");
    assert_eq!(rfm(&story, 1), Rfm::Champions);
    let last = story.world().moves_of(ContactId(1)).unwrap().pop().unwrap();
    assert_eq!((last.from, last.to), (Rfm::Lost, Rfm::Champions));
    assert_eq!(last.at, at("2026-12-25T04:00:00+03:30"), "in the night");
    let best = story.world().memberships_of(ContactId(1)).unwrap();
    assert_eq!(best[0].since, Some(last.at), "looked at at once");
    assert_eq!(story.sent.last().map(|sent| sent.to.national()), Some(number(1)));
    // Nothing changes twice.
    let moves_before = story.world().moves_of(ContactId(30)).unwrap();
    story.rank();
    assert_eq!(story.world().moves_of(ContactId(30)).unwrap(), moves_before);
}

const SLEEPERS: &str = r#"
[segments.sleepers]
who = "contact.rfm in ['about_to_sleep', 'hibernating', 'lost']"
[[campaign]]
id = "c"
trigger = { on = "segment_entered", segment = "sleepers", a_day = 2 }
[[campaign.step]]
id = "s"
after = "1h"
text = "سلام {{ link }}"
"#;

#[test]
fn a_first_place_among_the_buyers_is_news_of_new_orders_only() {
    let mut story = Story::with(&SLEEPERS.replace("'lost'", "'lost', 'potential_loyalists'"), "");
    for n in 1..=3 {
        let mut data = story.order_data(&n.to_string(), &format!("0912000000{n}"), "completed", &["11"]);
        data["created_at"] = json!("2025-11-10T10:00:00+03:30");
        data["completed_at"] = json!("2025-11-12T10:00:00+03:30");
        story.event_at(at("2025-11-12T10:00:00+03:30"), "order.updated", data);
    }
    story.order("9", "09120000009", "processing", &["11"]).pass("3d");
    let to: Vec<String> = story.sent.iter().map(|sent| sent.to.national()).collect();
    assert_eq!(to, ["09120000009"], "the others have been there for a year");
}

#[test]
fn a_night_that_moves_many_lets_in_a_few_a_day() {
    let mut story = Story::with(SLEEPERS, "");
    // Below 25 buyers fixed lines count, by which all of them are fresh; with the last, fifths do.
    for n in 1..=24_usize {
        story.order(&n.to_string(), &format!("0912000{n:04}"), "processing", &["11"]).pass("10m");
    }
    story.pass("1d");
    assert_eq!(story.sent.len(), 0);
    story.order("25", "09120000025", "processing", &["11"]);
    let mut each_day = Vec::new();
    for _ in 0..8 {
        let before = story.sent.len();
        story.pass("1d");
        each_day.push(story.sent.len() - before);
    }
    let moved = story.reasons().iter().filter(|reason| **reason == Reason::SegmentEntered).count();
    assert!(moved > 6 && each_day.iter().all(|n| *n <= 2), "{moved}: {each_day:?}");
    assert_eq!(each_day.iter().sum::<usize>(), moved.min(16), "whose turn has not come waits: {each_day:?}");
}

#[test]
fn few_buyers_are_ranked_by_fixed_lines() {
    let mut story = Story::with(VIP, "");
    story.order("1", SARA, "processing", &["11"]).order("2", REZA, "processing", &["12"]).pass("1d").rank();
    assert_eq!(story.world().standing_of(FIRST).unwrap().unwrap().rfm, Rfm::PotentialLoyalists);
    story.pass("300d").rank();
    assert_eq!(story.world().standing_of(FIRST).unwrap().unwrap().rfm, Rfm::Lost);
    // An order taken back takes its buyer out of the ranking.
    story.event(
        "order.updated",
        json!({"order_id": "1", "number": "1", "status": "cancelled", "total": "500000", "currency": "IRT",
        "items": items(&["11"]), "contact": {"phone": SARA}, "coupons": []}),
    );
    assert_eq!((story.world().standing_of(FIRST).unwrap(), story.world().buying_of(FIRST).unwrap()), (None, None));
}

#[test]
fn the_file_says_what_is_wrong_with_segments_and_points() {
    let file = r#"
[segments.vip]
who = "contact.spent >= 100 and cart.total > 5"

[segments."big one"]
who = "'vip' in contact.segments"

[segments.empty]
name = "x"

[points]
per = "-5"
since = "soon"
expires = "0s"

[[campaign]]
id = "a"
segment = "vipp"
trigger = { on = "segment_left", segment = "best" }
[[campaign.step]]
id = "s"
after = "1h"
text = """
Hi {{ contact.tags }} {{ contact.rfm }}
{{ link }}
"""
"#;
    let settings: Settings = rules("", "").settings;
    let checked = check::load("c.toml", file, &CheckContext { settings: &settings, told: None });
    let codes: Vec<Code> = checked.problems.iter().map(|p| p.code).collect();
    let expected = [
        Code::NotInSegment,
        Code::BadId,
        Code::NotInSegment,
        Code::MissingKey,
        Code::BadValue,
        Code::BadValue,
        Code::BadValue,
        Code::UnknownSegment,
        Code::UnknownSegment,
        Code::Template,
    ];
    for code in expected {
        assert!(codes.contains(&code), "{code}: {}", bazgasht::problem::render_all(&checked.problems, false));
    }
    assert!(checked.problems.iter().any(|p| p.what.contains("did you mean \"vip\"?")));
}

#[test]
fn a_coupon_is_paid_for_with_points_and_not_given_to_who_has_too_few() {
    let campaigns = r#"
[coupons.ten]
own = "t"
percent = 10
points = 60
[[campaign]]
id = "cart"
trigger = { on = "cart_abandoned" }
[[campaign.step]]
id = "first"
after = "1h"
coupon = "ten"
text = """
با {{ contact.points }} امتیاز، کد شما:
{{ coupon.code }}
{{ link }}
"""
[[campaign.step]]
id = "second"
after = "2 days"
coupon = "ten"
text = """
کد دوم شما:
{{ coupon.code }}
{{ link }}
"""
"#;
    let mut story = Story::with(campaigns, "");
    story.event("points.changed", json!({"contact": {"phone": SARA}, "change": "100"}));
    story.cart("t_1", &["11"]).number("t_1", SARA).cart("t_2", &["11"]).number("t_2", REZA).pass("5d");
    assert_eq!(story.steps(), ["cart/first"], "Reza has none, and Sara's are gone with the first");
    assert_eq!(story.sent[0].to.national(), SARA);
    assert!(story.sent[0].text.contains("۱۰۰ امتیاز"), "{}", story.sent[0].text);
    assert_eq!(balance(&story), 40);
    assert_eq!(story.reasons().iter().filter(|reason| **reason == Reason::NotEnoughPoints).count(), 3);
}

/// An id that is asked for by name is looked up, wherever it is asked.
#[test]
fn a_segment_that_is_not_in_the_file_is_named_with_the_nearest() {
    let settings = rules("", "").settings;
    let found = |condition: &str, text: &str| {
        let source = format!(
            "[segments.vip]\nwho = \"contact.spent > 5\"\n[[campaign]]\nid = \"c\"\ntrigger = {{ on = 'cart_abandoned' }}\n\
             who = \"{condition}\"\n[[campaign.step]]\nid = \"s\"\nafter = \"1h\"\ntext = \"\"\"\n{text}\n{{{{ link }}}}\"\"\"\n"
        );
        let checked = check::load("c", &source, &CheckContext { settings: &settings, told: None });
        let unknown = checked.problems.into_iter().filter(|p| p.code == Code::UnknownSegment);
        unknown.map(|p| (p.what.clone(), source[p.span].to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(found("'vip' in contact.segments", "سلام"), []);
    let said = "no segment has the id \"vipp\": did you mean \"vip\"?".to_owned();
    assert_eq!(found("'vipp' in contact.segments", "سلام"), [(said.clone(), "'vipp'".to_owned())]);
    assert_eq!(found("not 'vipp' in contact.segments", "سلام").len(), 1);
    let text = "{% if 'vipp' in contact.segments %}ویژه{% endif %} سلام";
    assert_eq!(found("cart.count > 0", text), [(said, "'vipp'".to_owned())]);
}

#[test]
fn each_arm_has_its_own_price_in_points() {
    let file = |step: &str, arm: &str| {
        format!(
            r#"
[coupons.free]
own = "f"
percent = 5
[coupons.dear]
own = "d"
percent = 20
points = 60
[[campaign]]
id = "after"
trigger = {{ on = "order_status", status = "completed" }}
[[campaign.step]]
id = "s"
after = "1h"
coupon = "{step}"
text = """
{{{{ coupon.code }}}}
{{{{ link }}}}
"""
[[campaign.step.arm]]
id = "b"
weight = 99
coupon = "{arm}"
"#
        )
    };
    for (step, arm, left) in [("free", "dear", 40), ("dear", "free", 100)] {
        let mut story = Story::with(&file(step, arm), "");
        story.event("points.changed", json!({"contact": {"phone": SARA}, "change": "100"}));
        story.order("1", SARA, "completed", &["11"]).pass("2d");
        assert_eq!(story.steps(), ["after/s"]);
        assert_eq!(story.world().messages()[0].arm.as_deref(), Some("b"));
        assert_eq!(balance(&story), left, "{step}, arm {arm}");
    }
}

const REWARD: &str = r#"
[points]
per = "10000"
[coupons.ten]
own = "t"
percent = 10
points = 40
[[campaign]]
id = "cart"
trigger = { on = "cart_abandoned" }
[[campaign.step]]
id = "first"
after = "1h"
coupon = "ten"
text = """
{{ coupon.code }}
{{ link }}
"""
"#;

#[test]
fn a_coupon_for_points_that_were_not_there_is_withdrawn_until_somebody_comes_for_it() {
    for comes in [false, true] {
        let mut story = Story::with(
            &REWARD.replace("{ on = \"cart_abandoned\" }", "{ on = \"cart_abandoned\" }\ncool_off = \"0s\""),
            "",
        );
        story.order("1", SARA, "processing", &["11"]).pass("1m").cart("t_1", &["12"]).number("t_1", SARA).pass("2h");
        assert_eq!((story.steps(), balance(&story)), (vec!["cart/first".to_owned()], 10));
        let link = story.world().links().next().unwrap().clone();
        if comes {
            story.event(
                "link.followed",
                json!({"slug": link.slug, "user_agent": "Mozilla/5.0 (Linux; Android 14) Chrome/120"}),
            );
        }
        story.status("1", SARA, "cancelled", &["11"]);
        let ledger = story.world().points_of(FIRST).unwrap();
        let expires = story.world().links().next().unwrap().expires;
        let expected = if comes { (-40, link.expires) } else { (0, story.now()) };
        assert_eq!((points::reckon(&ledger, story.now()).left, expires), expected, "comes: {comes}");
    }
}

#[tokio::test]
async fn points_come_back_for_a_text_that_did_not_arrive() {
    let fake = Fake::start().await;
    let gateways = always(Registry::only(kavenegar(&fake)));
    let folder = tempfile::tempdir().unwrap();
    let home = Home::made(folder, fake, rules(REWARD, PAID), START, None, gateways).await;
    home.stock().await;
    home.fake.block(SARA);
    home.event("points.changed", json!({"contact": {"phone": SARA}, "change": "100"})).await;
    home.abandoned("t_1", SARA).await;
    home.pass("61m").await;
    home.pass("2h").await;
    assert_eq!(home.states().await, [MessageState::Failed]);
    let now = home.house.clock.now();
    let (left, link) = home
        .house
        .parts
        .writer
        .run(move |world| Ok((points::balance(&world.points_of(FIRST)?, now), world.link_of_message(MessageId(1))?)))
        .await
        .unwrap();
    assert_eq!(left, 100);
    assert!(link.unwrap().expires <= now, "nobody uses what nobody has seen");
    home.house.close().await.unwrap();
}

#[test]
fn a_tables_sum_of_refunds_is_not_added_to_those_told_one_by_one() {
    let mut story = Story::with(VIP, "");
    story.order("1", SARA, "processing", &["11"]);
    for (refund, amount, refunded) in [
        ("9", "50000", 50_000),
        ("sum:50000", "50000", 50_000),
        ("sum:80000", "80000", 80_000),
        ("10", "60000", 110_000),
    ] {
        let data = json!({"order_id": "1", "refund_id": refund, "amount": amount, "currency": "IRT"});
        story.event("order.refunded", data);
        assert_eq!(story.world().order("1").unwrap().unwrap().refunded.minor, refunded, "{refund}");
    }
}
