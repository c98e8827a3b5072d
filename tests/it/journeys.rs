//! The journeys of the shipped file, each walked in virtual time from its trigger to its end.

mod stage;
mod table;

use std::collections::BTreeSet;

use bazgasht::campaign::answers::Other;
use bazgasht::campaign::check::{self, CheckContext};
use bazgasht::campaign::model::{Campaign, Campaigns, CouponSpec, Deed, Exit, Jump, Kind, Step, Trigger};
use bazgasht::campaign::wording::Trial;
use bazgasht::clock::Span;
use bazgasht::render::samples::SampleKind;
use bazgasht::state::model::{EnrolmentState, LinkKind, Reason};

use stage::{ENGLISH, SETTINGS, Stage, shipped};
use table::WALKS;

use crate::world::story::{SARA, SHIPPED, rules};

/// More than an owner likes to pay for.
const MOST_PARTS: u32 = 2;
/// The first thing that somebody might buy from a text is bought so soon.
const SOON: Span = Span::minutes(5);

#[test]
fn every_journey_has_a_walk() {
    let file = rules(SHIPPED, SETTINGS).campaigns;
    let ids: Vec<&str> = file.list.iter().map(|c| c.id.as_str()).collect();
    let walked: Vec<&str> = WALKS.iter().map(|walk| walk.id).collect();
    assert_eq!(ids, walked, "each journey of the file, in its order");
    let on: Vec<&str> = file.enabled().map(|c| c.id.as_str()).collect();
    assert_eq!(on, ["abandoned-cart", "review-request", "cross-sell"], "three are on as shipped");
}

#[test]
fn who_does_nothing_gets_every_text_at_its_time() {
    for walk in WALKS {
        let mut s = Stage::of(walk);
        s.live_out();
        let got: Vec<(&str, String)> = s.timeline();
        let wanted: Vec<(&str, String)> = walk.sends.iter().map(|(step, at)| (*step, (*at).to_owned())).collect();
        assert_eq!(got, wanted, "{}", walk.id);
        assert_eq!(s.end(), Some(Reason::Finished), "{}", walk.id);
        for sent in s.got() {
            let step = s.campaign.step(&sent.step).expect("a step of the file");
            let place = format!("{}/{}: {}", walk.id, sent.step, sent.text);
            assert!(sent.parts <= step.max_parts, "{place}");
            assert_eq!(
                sent.text.contains("لغو11"),
                step.kind == Kind::Marketing,
                "the way out of advertising: {place}"
            );
            let has_link = step.text.as_ref().is_some_and(|text| text.contains("{{ link }}"));
            assert!(!has_link || sent.slug.as_ref().is_some_and(|slug| sent.text.contains(slug)), "{place}");
        }
    }
}

/// A person who has said no gets no advertising, whether they say so before the first text or after it.
#[test]
fn who_opts_out_gets_no_more() {
    for walk in WALKS {
        let entered = Stage::of(walk);
        let mut s = entered.clone();
        s.opt_out(SARA);
        s.live_out();
        let advertising = |s: &Stage| s.got().iter().filter(|m| !is_news(&s.campaign, &m.step)).count();
        assert_eq!(advertising(&s), advertising(&entered), "{}: before the first text", walk.id);
        if walk.sends.len() > 1 && entered.campaign.kind == Kind::Marketing {
            let mut s = after_the_first_text(&entered);
            s.opt_out(SARA);
            s.live_out();
            assert_eq!(s.got().len(), 1, "{}: after the first text", walk.id);
            assert_eq!(s.end(), Some(Reason::OptedOut), "{}", walk.id);
        }
    }
}

fn is_news(campaign: &Campaign, step: &str) -> bool {
    campaign.step(step).is_some_and(|step| step.kind == Kind::Service)
}

fn after_the_first_text(entered: &Stage) -> Stage {
    let mut whole = entered.clone();
    whole.live_out();
    let first = whole.got().first().expect("a text").at;
    let mut s = entered.clone();
    s.live_until(first.plus(SOON));
    assert_eq!(s.got().len(), 1, "{}", s.campaign.id);
    s
}

/// Each way out that the file names, and the goal, before the first text and after it.
#[test]
fn every_way_out_leads_out() {
    for walk in WALKS {
        let entered = Stage::of(walk);
        let first = after_the_first_text(&entered);
        for exit in ways_out(&entered.campaign) {
            if exit == Exit::SegmentLeft && walk.leave.is_none() {
                // Two quiet weeks are left by buying, ten log-ins and a month never within so short a time.
                assert!(["engagement", "ten-logins", "one-month"].contains(&walk.id), "{}", walk.id);
                continue;
            }
            // What is bought before a moment of the owner's own is no reason to keep silent at it.
            if !needs_a_text(exit) && !matches!(entered.campaign.trigger, Trigger::Broadcast { .. }) {
                let mut s = entered.clone();
                // What is bought in the very act that was the trigger is what the journey began with.
                if exit == Exit::Order {
                    s.pass("11s");
                }
                leaves(s, exit, walk, "before the first text");
            }
            if walk.sends.len() > 1 || needs_a_text(exit) {
                leaves(first.clone(), exit, walk, "after the first text");
            }
        }
    }
}

/// The way that Sara is on ends for this, and nothing more comes of it.
fn leaves(mut s: Stage, exit: Exit, walk: &stage::Walk, when: &str) {
    let place = format!("{}: {exit:?}, {when}", walk.id);
    let way = s.way().unwrap_or_else(|| panic!("{place}: nobody has entered")).id;
    let handed = |s: &Stage| s.world().messages().iter().filter(|m| m.enrolment == way && m.handed.is_some()).count();
    let before = handed(&s);
    let reason = s.meet(exit, walk);
    s.live_out();
    // Another way may begin later, such as after being quiet again.
    let end = s.world().enrolments().find(|e| e.id == way).and_then(|way| way.end_reason);
    assert_eq!(end, Some(reason), "{place}");
    // An answer is answered.
    assert!(handed(&s) == before || exit == Exit::Replied, "{place}");
}

fn ways_out(campaign: &Campaign) -> Vec<Exit> {
    let mut exits = campaign.exits.clone();
    if !exits.contains(&campaign.goal.exit()) {
        exits.push(campaign.goal.exit());
    }
    exits
}

/// Nothing to follow, to answer, or to buy before it was sent.
const fn needs_a_text(exit: Exit) -> bool {
    matches!(exit, Exit::Visited | Exit::Replied | Exit::BoughtOffer)
}

/// Whoever follows the first text's link and orders is the journey's; the figures of reports stand on it.
#[test]
fn what_a_text_brings_is_credited_to_its_journey() {
    for walk in WALKS {
        let mut s = after_the_first_text(&Stage::of(walk));
        if s.got()[0].slug.is_some() {
            s.follow();
        }
        s.pass("1h");
        s.order("credited", SARA, "processing", &["11", "12", "13"]).pass("5m");
        // News of an order ask for nothing, and are credited with nothing.
        let credit = s.credit("credited");
        let by = credit.as_ref().map(|credit| credit.campaign.as_str());
        assert_eq!(by, Some(walk.id), "{}", walk.id);
    }
}

/// Every answer of every question leads where the file says, and what is none of them reaches the staff.
#[test]
fn every_answer_leads_on() {
    let mut asked = 0;
    for walk in WALKS {
        let entered = Stage::of(walk);
        let campaign = entered.campaign.clone();
        for step in &campaign.steps {
            let Some(ask) = &step.ask else { continue };
            let with_it = with_the_question(&entered, &step.id);
            assert_eq!(step.link, LinkKind::Ask, "{}/{}: a line may not receive", walk.id, step.id);
            asked += 1;
            for answer in &ask.answers {
                let word = answer.words.first().expect("a word");
                for said in [word, &answer.label] {
                    let mut s = with_it.clone();
                    s.reply(said);
                    s.pass("5m");
                    let way = s.way().expect("a way").clone();
                    let place = format!("{}/{} answered {said}", walk.id, step.id);
                    assert_eq!(way.asked.get(&step.id).and_then(|a| a.answer.as_ref()), Some(&answer.label), "{place}");
                    match &answer.go {
                        Some(Jump::Step(go)) => went(&s, &campaign, go, &place),
                        Some(Jump::End) => assert_eq!(way.state, EnrolmentState::Ended, "{place}"),
                        None => assert_ne!(way.state, EnrolmentState::Ended, "{place}"),
                    }
                }
            }
            assert_eq!(ask.other, Other::Tell, "{}", walk.id);
            let mut s = with_it.clone();
            let told = s.world().staff_words().len();
            s.reply("راستش جعبه‌اش کمی له شده بود");
            assert_eq!(s.world().staff_words().len(), told + 1, "{}", walk.id);
        }
    }
    assert_eq!(asked, 5, "carts, satisfaction, after the purchase, win-back, at risk");
}

/// At the moment at which this question has just been put.
fn with_the_question(entered: &Stage, step: &str) -> Stage {
    let mut whole = entered.clone();
    whole.live_out();
    let put = whole.got().iter().find(|m| m.step == step).expect("the question").at;
    let mut s = entered.clone();
    s.live_until(put.plus(SOON));
    s
}

/// The step that an answer leads to has been done: its text is out, its tag is on, the staff is told.
fn went(s: &Stage, campaign: &Campaign, go: &str, place: &str) {
    let step = campaign.step(go).expect("a step of the file");
    let way = s.way().expect("a way");
    assert!(way.done.iter().any(|done| done == go), "{place}: {:?}", way.done);
    if step.text.is_some() && step.kind == Kind::Service {
        assert_eq!(s.got().last().map(|m| m.step.as_str()), Some(go), "{place}");
    }
    for deed in &step.deeds {
        match deed {
            Deed::Tag(tag) => assert!(s.tags().contains(tag), "{place}: {tag}"),
            Deed::Tell => assert!(s.world().staff_words().iter().any(|told| told.step == go), "{place}"),
            _ => {}
        }
    }
}

#[test]
fn no_text_is_longer_than_its_owner_likes_to_pay_for() {
    let mut long = Vec::new();
    for source in [SHIPPED, ENGLISH] {
        let rules = rules(source, SETTINGS);
        let context = CheckContext { settings: &rules.settings, told: None };
        let trial = Trial::new(&rules.campaigns, &context);
        for campaign in &rules.campaigns.list {
            for step in campaign.steps.iter().flat_map(Step::variants).map(|(_, step)| step) {
                if step.text.is_none() {
                    continue;
                }
                for kind in SampleKind::ALL {
                    let place = format!("{}/{}, {kind:?}", campaign.id, step.key);
                    let sms = trial.text(kind, campaign, step).unwrap_or_else(|error| panic!("{place}: {error}"));
                    let parts = sms.parts.parts;
                    if parts > step.max_parts.min(MOST_PARTS) {
                        long.push(format!("{place}: {parts} parts, {} characters: {}", sms.parts.units, sms.text));
                    }
                }
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n\n"));
}

/// No error and no warning, with everything switched off as it is shipped, and without settings.
#[test]
fn the_files_are_sound_as_they_stand() {
    let settings = rules("", "").settings;
    for source in [SHIPPED, ENGLISH, &shipped()] {
        let checked = check::load("campaigns.toml", source, &CheckContext { settings: &settings, told: None });
        let said = bazgasht::problem::render_all(&checked.problems, false);
        assert!(checked.problems.is_empty(), "{said}");
    }
}

/// An owner finds each journey at the top of the file, and above it two lines on when to use it.
#[test]
fn each_journey_is_listed_and_explained() {
    for source in [SHIPPED, ENGLISH] {
        let contents: Vec<(&str, &str)> = source
            .lines()
            .take_while(|line| line.starts_with('#'))
            .filter_map(|line| line.strip_prefix("#     ")?.split_once(' '))
            .map(|(id, name)| (id, name.trim()))
            .collect();
        let file = rules(source, SETTINGS).campaigns;
        let there: Vec<(&str, &str)> = file.list.iter().map(|c| (c.id.as_str(), c.name.as_str())).collect();
        assert_eq!(contents, there);
        let blocks: Vec<&str> = source.split("\n[[campaign]]\n").collect();
        for (before, campaign) in blocks.iter().zip(&file.list) {
            let comment = before.lines().rev().take_while(|line| line.starts_with("# ")).count();
            assert_eq!(comment, 2, "{}", campaign.id);
        }
    }
}

#[test]
fn both_languages_have_the_same_journeys() {
    let (fa, en) = (rules(SHIPPED, SETTINGS).campaigns, rules(ENGLISH, SETTINGS).campaigns);
    assert_eq!(fa.list.len(), en.list.len());
    for (fa, en) in fa.list.iter().zip(&en.list) {
        assert_eq!(shape(fa), shape(en), "{}", fa.id);
    }
    let ids = |file: &Campaigns| -> BTreeSet<String> { file.segments.iter().map(|s| s.id.clone()).collect() };
    assert_eq!(ids(&fa), ids(&en));
    assert_eq!(fa.coupons.keys().collect::<Vec<_>>(), en.coupons.keys().collect::<Vec<_>>());
    let kind = |spec: &CouponSpec| (spec.code.clone(), spec.free_shipping, spec.products.clone(), spec.points);
    assert!(fa.coupons.values().map(kind).eq(en.coupons.values().map(kind)));
}

/// All of a journey but its words.
fn shape(campaign: &Campaign) -> String {
    let mut campaign = Campaign { name: String::new(), ..campaign.clone() };
    for step in &mut campaign.steps {
        step.text = step.text.as_ref().map(|_| String::new());
        for arm in &mut step.arms {
            arm.step.text = arm.step.text.as_ref().map(|_| String::new());
        }
        for answer in step.ask.iter_mut().flat_map(|ask| &mut ask.answers) {
            (answer.label, answer.words) = (String::new(), Vec::new());
        }
        if let Some(ask) = &mut step.ask {
            ask.question = None;
        }
    }
    format!("{campaign:#?}")
}
