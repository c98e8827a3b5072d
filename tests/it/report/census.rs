//! The report on people.

use bazgasht::campaign::model::Language;
use bazgasht::decide::points;
use bazgasht::flow;
use bazgasht::measure::figures::Period;
use bazgasht::measure::people;
use bazgasht::measure::reports::Say;
use bazgasht::money::Currency;
use bazgasht::send::gateway::{Answer, Refusal};
use bazgasht::send::outcome;
use bazgasht::state::model::MessageState;
use bazgasht::state::people::{Buying, Membership, Move, PointsLine, Rfm, Scores, Standing, Standings};
use bazgasht::store::{SqlWorld, erase};

use super::stage::{START, Sent, Stage, cart, phone, toman};
use crate::world::story::{self, at};

const SEGMENTS: &str = "language = \"en\"\n[segments.vip]\nname = \"=VIP\"\nwho = \"contact.spent > 5\"\n[segments.nobody]\nwho = \"contact.spent < 0\"\n";

fn days(n: i64) -> bazgasht::clock::Span {
    bazgasht::clock::Span::days(n)
}

/// Three people: two in the segment, one of them since lately, and one who has left it.
fn filled() -> Stage {
    let mut stage = Stage::new();
    stage.rules.campaigns = story::rules(SEGMENTS, "").campaigns;
    let now = at(START);
    let mut world = stage.world();
    for n in 1..=3_u32 {
        let id = stage.person(n, now.minus(days(90)));
        let (since, until) = match n {
            1 => (None, None),
            2 => (Some(now.minus(days(2))), None),
            _ => (Some(now.minus(days(50))), Some(now.minus(days(3)))),
        };
        world.put_membership(id, &Membership { segment: "vip".to_owned(), since, until }).unwrap();
        world.put_buying(id, Some(&Buying { last: now, orders: 1, spent: 1_000 })).unwrap();
        let rfm = if n == 1 { Rfm::Champions } else { Rfm::Loyal };
        let scores = Scores { recency: 5, frequency: 4, monetary: 4 };
        world.put_standing(id, &Standing { rfm, scores, since: now }).unwrap();
        let old = now.minus(days(if n == 3 { 60 } else { 1 }));
        world.add_move(&Move { contact: id, from: Rfm::Promising, to: rfm, at: old }).unwrap();
        stage.order(&n.to_string(), id, now.minus(days(1)), toman(i64::from(n) * 100_000), &["11"], &[]);
        let line = |about: &str, ago: i64, change: i64| PointsLine {
            at: now.minus(days(ago)),
            change,
            about: about.to_owned(),
            part: 1,
            expires: Some(now.minus(days(ago)).plus(days(40))),
            rate: None,
        };
        world.add_points(id, &line("order:1", 60, 30)).unwrap();
        world.add_points(id, &line("review:1", 10, 50)).unwrap();
        world.add_points(id, &PointsLine { expires: None, ..line("coupon:1", 5, -20) }).unwrap();
        world.put_tag(id, "big", now).unwrap();
    }
    stage
}

#[test]
fn people_are_counted_where_they_are() {
    let stage = filled();
    let now = at(START);
    let period = Period { since: now.minus(days(30)), until: now };
    let report = people::gather(&stage.conn, &stage.rules.campaigns, period, now).unwrap();
    let (_, _, vip) = &report.segments[0];
    assert_eq!((vip.people, vip.came, vip.left, vip.orders), (2, 1, 1, 2));
    assert_eq!(vip.kept.of(Currency::IRT).minor, 300_000);
    assert_eq!(report.segments[1].2, people::SegmentFigures::default());
    let count = |rfm| report.rfm.get(&rfm).map(|f| (f.people, f.kept.of(Currency::IRT).minor));
    assert_eq!(
        (count(Rfm::Champions), count(Rfm::Loyal), count(Rfm::Lost)),
        (Some((1, 100_000)), Some((2, 500_000)), None)
    );
    let moves: Vec<_> = report.moves.iter().map(|m| (m.from, m.to, m.people)).collect();
    assert_eq!(moves, [(Rfm::Promising, Rfm::Champions, 1), (Rfm::Promising, Rfm::Loyal, 1)]);
    let points = &report.points;
    assert_eq!((points.given, points.used, points.taken_back, points.expired), (150, 60, 0, 90));
    assert_eq!((points.left, points.people), (90, 3));

    let json = report.json();
    assert_eq!((&json["segments"][0]["people"], &json["rfm"][0]["rfm"]), (&2.into(), &"champions".into()));
    assert!(report.csv().contains("segment,vip,'=VIP,2,1,1,2,IRT,300000"), "{}", report.csv());
    assert!(report.csv().contains("move,promising,champions,1,"));
    for (language, expected) in [(Language::English, "champions"), (Language::Persian, "قهرمان‌ها")] {
        let zone = chrono_tz::Asia::Tehran;
        let table = report.table(Say { language, zone, colour: false });
        assert!(table.contains(expected) && table.contains("=VIP"), "{table}");
    }
}

#[test]
fn p12_what_a_person_stands_for_is_given_to_them_and_forgotten_with_them() {
    let stage = filled();
    let export = erase::export(&stage.conn, &phone(1), "IR").unwrap().unwrap();
    for (part, expected) in [
        ("tags", "big"),
        ("points", "review:1"),
        ("segments", "vip"),
        ("standing", "champions"),
        ("moves", "promising"),
    ] {
        assert!(export[part].to_string().contains(expected), "{part}: {}", export[part]);
    }
}

#[test]
fn what_a_coupon_cost_comes_back_when_no_gateway_has_the_text() {
    let (stage, now) = (Stage::new(), at(START));
    let id = stage.person(1, now);
    let enrolment = stage.enter("cart", id, cart("k1"), now);
    let sent = Sent { state: MessageState::Sending, coupon: Some("t7k2mqx4"), ..Sent::default() };
    let (message, _) = stage.send(enrolment, "second", now, &sent);
    let mut world = stage.world();
    let left = |world: &SqlWorld<'_>| points::reckon(&world.points_of(id).unwrap(), now).left;
    flow::people::pay(&mut world, id, message, 500, now).unwrap();
    flow::people::pay(&mut world, id, message, 500, now).unwrap();
    assert_eq!(left(&world), -500, "once");
    let never = Answer::Refused(Refusal::Never { why: "no such number".to_owned() });
    outcome::settle(&mut world, message, &never, now).unwrap();
    assert_eq!(left(&world), 0);
}
