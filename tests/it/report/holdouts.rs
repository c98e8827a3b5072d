//! What a hold-out tells: of one campaign by its goal, of the whole shop by orders.

use bazgasht::campaign::model::{Goal, Language};
use bazgasht::clock::{At, Span};
use bazgasht::decide::arms;
use bazgasht::measure::figures::Period;
use bazgasht::measure::reports::{self, Report, Say};
use bazgasht::measure::trials::{Verdict, outcome_without_texts};
use bazgasht::state::model::{ContactId, Enrolment, EnrolmentId, Outcome, Subject};
use bazgasht::state::world::World;

use super::stage::{START, Stage, about, cart, toman};
use crate::world::story::at;

/// Somebody's way through a campaign, held out or not.
fn walk(s: &Stage, campaign: &str, who: ContactId, subject: Subject, held_out: bool, when: At) -> EnrolmentId {
    let id = s.enter(campaign, who, subject, when);
    let world = &mut s.world();
    let way = world.enrolment(id).unwrap().unwrap();
    world.put_enrolment(&Enrolment { held_out, ..way }).unwrap();
    id
}

fn report(s: &Stage, since: At, now: At) -> Report {
    let period = Period { since, until: Period::EVER.until };
    reports::gather(&s.conn, &s.rules.campaigns, None, period, now).unwrap()
}

#[test]
fn the_whole_shop_is_compared_by_orders_from_the_first_way_in() {
    let mut s = Stage::new();
    s.rules.campaigns.holdout = 20;
    let t = at(START);
    let day = |n: i64| t.plus(Span::days(n));
    let held = |s: &Stage, who| arms::is_held_out_of_all(&s.rules.campaigns, who);
    // Before anybody was held out: in no figure, whatever they do.
    let old = s.person(9_000, t);
    walk(&s, "cart", old, cart("old"), false, t);
    s.order("old", old, day(2), toman(1), &["11"], &[]);
    let people: Vec<ContactId> = (0..400).map(|n| s.person(n, t)).collect();
    let (without, with): (Vec<_>, Vec<_>) = people.iter().partition(|who| held(&s, **who));
    assert!((40..120).contains(&without.len()), "{}", without.len());
    for (n, who) in people.iter().enumerate() {
        let way = walk(&s, "cart", *who, cart(&format!("k{n}")), held(&s, *who), day(1));
        s.end(way, day(2));
        // Once more, in another campaign: the first way in counts.
        walk(&s, "review", *who, about(&n.to_string()), held(&s, *who), day(20));
    }
    for (n, who) in with.iter().enumerate().filter(|(n, _)| n % 2 == 0) {
        s.order(&format!("a{n}"), *who, day(3), toman(1_000), &["11"], &[]);
        s.order(&format!("b{n}"), *who, day(4), toman(1_000), &["11"], &[]);
        // Too late to be the texts' doing.
        s.order(&format!("c{n}"), *who, day(32), toman(1_000), &["11"], &[]);
    }
    s.order("h", without[0], day(3), toman(7_000), &["11"], &[]);
    let newest = s.person(9_001, t);
    walk(&s, "cart", newest, cart("new"), held(&s, newest), day(30));

    // Whatever the report's period is.
    let told = report(&s, day(25), day(40));
    let [shop] = &told.comparisons.iter().filter(|c| c.campaign.is_none()).collect::<Vec<_>>()[..] else {
        panic!("one comparison of the whole shop");
    };
    let counts = |n: usize| (shop.groups[n].tries.tries, shop.groups[n].tries.wins, shop.groups[n].orders);
    let buyers = with.len().div_ceil(2) as u64;
    assert_eq!(counts(0), (with.len() as u64, buyers, 2 * buyers));
    assert_eq!(counts(1), (without.len() as u64, 1, 1));
    assert_eq!(shop.groups.iter().map(|group| group.early).sum::<u64>(), 1);
    let Verdict::Better { place: 0, least, .. } = shop.verdict() else { panic!("{:?}", shop.verdict()) };
    assert!(least > 0.2, "{least}");

    let json = told.json();
    let told_shop = json["comparisons"].as_array().unwrap().iter().find(|c| c["campaign"].is_null()).unwrap();
    assert_eq!(told_shop["what"], "holdout");
    let each = 2_000 * i64::try_from(buyers).unwrap() / i64::try_from(with.len()).unwrap();
    assert_eq!(told_shop["groups"][0]["kept_each"][0]["minor"], each);
    assert_eq!(told_shop["groups"][0]["orders"], 2 * buyers);
    let table = told.table(Say { language: Language::English, zone: chrono_tz::Asia::Tehran, colour: false });
    assert!(table.contains("the whole shop") && table.contains("The texts work"), "{table}");
    assert!(told.comparisons_csv().lines().any(|line| line.starts_with(",,held_out,")), "{}", told.comparisons_csv());

    s.rules.campaigns.holdout = 0;
    assert!(report(&s, t, day(40)).comparisons.iter().all(|c| c.campaign.is_some()), "nobody is held out");
}

#[test]
fn a_campaign_is_judged_by_its_goal_where_people_without_a_text_can_reach_it() {
    let s = Stage::new();
    let t = at(START);
    for n in 0..10 {
        let who = s.person(n, t);
        walk(&s, "review", who, about(&n.to_string()), n >= 5, t);
        // All order again; of those with a text three write a review, of those without one.
        s.order(&format!("o{n}"), who, t.plus(Span::days(1)), toman(1_000), &["11"], &[]);
        if [0, 1, 2, 5].contains(&n) {
            s.review(who, "11", t.plus(Span::days(2)));
        }
    }
    let told = report(&s, t, t.plus(Span::days(60)));
    let review = told.comparisons.iter().find(|c| c.campaign.as_deref() == Some("review")).expect("a comparison");
    let reached: Vec<_> =
        review.groups.iter().map(|group| (group.tries.tries, group.tries.wins, group.orders)).collect();
    assert_eq!(reached, [(5, 3, 5), (5, 1, 5)]);
    assert_eq!(outcome_without_texts(Goal::Visit), Outcome::Ordered, "they get no link");
    assert_eq!(outcome_without_texts(Goal::Reply), Outcome::Ordered, "nor a question");
    assert!(matches!(outcome_without_texts(Goal::SignUp), Outcome::Ended(_)));
}
