//! Promise 9: the figures, by hand and by a second way.

use bazgasht::campaign::model::Language;
use bazgasht::clock::{At, Span};
use bazgasht::ids::Chance;
use bazgasht::measure::figures::{ByCampaign, CampaignFigures, Period};
use bazgasht::measure::reports::{self, Say};
use bazgasht::state::model::{ContactId, EnrolmentId, LinkKind, MessageId, MessageState, Reason, Subject};
use bazgasht::state::world::World;
use bazgasht::store::figures;
use chrono_tz::Asia::Tehran;

use super::stage::{START, Sent, Stage, about, cart, phone, rial, toman};
use crate::world::story::at;

/// Four baskets and one order; every figure below is counted by hand from these lines.
fn filled() -> Stage {
    let s = Stage::new();
    let t = at(START);
    let h = |hours: i64| t.plus(Span::hours(hours));

    // 1: first text followed twice by her and once by a machine, ordered by the link; a part was refunded.
    let sara = s.person(1, t);
    let way = s.enter("cart", sara, cart("a"), t);
    let (_, slug) = s.send(way, "first", h(1), &Sent { cost: Some(rial(1_900)), ..Sent::default() });
    s.follow(&slug, h(1), false);
    s.follow(&slug, h(2), true);
    s.follow(&slug, h(3), true);
    s.order("900", sara, h(4), toman(500_000), &["11"], &[]);
    s.refund("900", toman(120_000), h(50));

    // 2: came back from the first text, bought nothing within the day; used the second one's code three days later.
    let reza = s.person(2, t);
    let way = s.enter("cart", reza, cart("b"), t);
    let (_, slug) = s.send(way, "first", h(1), &Sent::default());
    s.follow(&slug, h(5), true);
    s.send(way, "second", h(30), &Sent { coupon: Some("off5"), ..Sent::default() });
    s.order("901", reza, h(100), toman(80_000), &["12"], &["off5"]);

    // 3: not delivered; the second withdrawn since the number is on a black list; opted out.
    let mina = s.person(3, t);
    let way = s.enter("cart", mina, cart("c"), t);
    s.send(
        way,
        "first",
        h(1),
        &Sent { state: MessageState::Failed, reason: Some(Reason::Undelivered), ..Sent::default() },
    );
    let id = s.plan(way, "second", h(24));
    s.becomes(id, MessageState::Cancelled, Some(Reason::OptedOut), None);

    // 4: in doubt; then refused, too late and waiting in other baskets.
    let ali = s.person(4, t);
    let way = s.enter("cart", ali, cart("d"), t);
    s.send(
        way,
        "first",
        h(1),
        &Sent { state: MessageState::Unknown, reason: Some(Reason::NoAnswer), ..Sent::default() },
    );
    s.end(way, h(2));
    for (i, key) in ["e", "f", "g"].iter().enumerate() {
        let way = s.enter("cart", ali, cart(key), h(2));
        let id = s.plan(way, "first", h(3));
        match i {
            0 => s.refused(id, Reason::Refused),
            1 => s.becomes(id, MessageState::Expired, Some(Reason::Expired), None),
            _ => s.becomes(id, MessageState::Scheduled, Some(Reason::CapDay), None),
        }
        s.end(way, h(4));
    }
    // He opts out two days later, because of the text at h(1).
    s.opt_out(4, h(49));

    // 5: delivered, no click, an order the same day; then asked for a review, wrote it, and one of something else.
    let nima = s.person(5, t);
    let way = s.enter("cart", nima, cart("h"), t);
    s.send(way, "first", h(1), &Sent::default());
    s.order("902", nima, h(20), toman(300_000), &["13", "14"], &[]);
    let way = s.enter("review", nima, about("902"), h(40));
    let ask = Sent { link: LinkKind::Review, parts: 1, price: rial(1_000), offer: Some("21"), ..Sent::default() };
    let (_, slug) = s.send(way, "ask", h(200), &ask);
    s.follow(&slug, h(201), true);
    s.review(nima, "14", h(202));
    s.review(nima, "99", h(203));
    // And buys what was offered beside it.
    s.order("903", nima, h(204), toman(90_000), &["21"], &[]);
    s
}

const EVER: Period = Period::EVER;

fn later() -> At {
    at(START).plus(Span::days(30))
}

#[test]
fn figures_are_those_counted_by_hand() {
    let s = filled();
    let all = figures::figures(&s.conn, EVER, later()).unwrap();
    let cart = &all["cart"];
    assert_eq!(cart.entered, 8);
    let first = &cart.steps["first"];
    assert_eq!(
        (first.planned, first.sent, first.waiting, first.refused, first.expired, first.cancelled),
        (8, 5, 1, 1, 1, 0)
    );
    assert_eq!((first.delivered, first.on_the_way, first.unknown, first.undelivered), (3, 0, 1, 1));
    assert_eq!(first.parts, 10);
    // Five at 2,000, of which one turned out to cost 1,900.
    assert_eq!(first.cost.amounts().collect::<Vec<_>>(), [rial(9_900)]);
    assert_eq!(first.forecast.amounts().collect::<Vec<_>>(), [rial(8_000)]);
    assert_eq!((first.followed, first.visits, first.hits, first.returned, first.abandoned_again), (2, 3, 4, 2, 1));
    assert_eq!(
        (first.by_link.orders, first.by_link.total.of(toman(0).currency), first.by_link.kept.of(toman(0).currency)),
        (1, toman(500_000), toman(380_000))
    );
    assert_eq!(
        (first.by_coupon.orders, first.by_delivery.orders, first.by_delivery.kept.of(toman(0).currency)),
        (0, 1, toman(300_000))
    );
    assert_eq!((first.opt_outs, first.reviews), (1, 0));
    let second = &cart.steps["second"];
    assert_eq!((second.planned, second.sent, second.cancelled), (2, 1, 1));
    assert_eq!((second.by_coupon.orders, second.by_coupon.kept.of(toman(0).currency)), (1, toman(80_000)));
    let ask = &all["review"].steps["ask"];
    assert_eq!((ask.sent, ask.reviews, ask.returned, ask.cross_sales.orders), (1, 1, 0, 1));
    assert_eq!(ask.by_link.kept.of(toman(0).currency), toman(90_000));
}

#[test]
fn neighbouring_periods_add_up() {
    let s = filled();
    let border = at(START).plus(Span::hours(25));
    let whole = figures::figures(&s.conn, EVER, later()).unwrap();
    let before = figures::figures(&s.conn, Period { until: border, ..EVER }, later()).unwrap();
    let after = figures::figures(&s.conn, Period { since: border, ..EVER }, later()).unwrap();
    for (id, campaign) in &whole {
        let mut both = before.get(id).map(CampaignFigures::total).unwrap_or_default();
        both += &after.get(id).map(CampaignFigures::total).unwrap_or_default();
        assert_eq!(both, campaign.total(), "{id}");
    }
}

#[test]
fn a_cart_is_not_left_again_before_the_day_is_over() {
    let s = filled();
    let clicked = at(START).plus(Span::hours(5));
    for (hours, again) in [(23, 0), (24, 1)] {
        let all = figures::figures(&s.conn, EVER, clicked.plus(Span::hours(hours))).unwrap();
        assert_eq!(all["cart"].steps["first"].abandoned_again, again, "{hours} h after the click");
    }
}

/// The same figures by going through every row in plain Rust.
fn recomputed(s: &Stage, period: Period, now: At) -> ByCampaign {
    let world = s.world();
    let mut found = ByCampaign::new();
    let messages: Vec<_> = (1..).map_while(|id| world.message(MessageId(id)).unwrap()).collect();
    for enrolment in (1..).map_while(|id| world.enrolment(EnrolmentId(id)).unwrap()) {
        if enrolment.entered.is_some_and(|t| period.holds(t)) {
            found.entry(enrolment.campaign).or_default().entered += 1;
        }
    }
    let people: Vec<_> = (1..).map_while(|id| world.contact(ContactId(id)).unwrap()).collect();
    for m in messages.iter().filter(|m| period.holds(m.handed.unwrap_or(m.due))) {
        let f = found.entry(m.campaign.clone()).or_default().steps.entry(m.step.clone()).or_default();
        f.count(m.state, m.reason, m.handed.is_some(), 1);
        if m.handed.is_some() {
            f.parts += u64::from(m.parts);
            if let Some(money) = m.cost.or(m.price) {
                f.cost.put(money);
            }
            if let (None, Some(price)) = (m.cost, m.price) {
                f.forecast.put(price);
            }
        }
        let orders = world.orders_of(m.contact).unwrap();
        let credits: Vec<_> = people
            .iter()
            .flat_map(|p| world.orders_of(p.id).unwrap())
            .filter_map(|o| world.credit(&o.id).unwrap())
            .filter(|c| c.message == m.id)
            .collect();
        if let (Some(link), Some(handed)) = (world.link_of_message(m.id).unwrap(), m.handed) {
            f.visits += link.human_hits;
            f.hits += link.hits;
            if let Some(clicked) = link.first_human {
                f.followed += 1;
                if link.kind == LinkKind::Cart {
                    f.returned += 1;
                    let day_over = clicked.plus(Span::hours(24));
                    let ordered = orders.iter().any(|o| o.placed.is_some_and(|p| handed <= p && p <= day_over));
                    let credited = credits.iter().any(|c| c.at <= day_over);
                    if day_over <= now && !ordered && !credited {
                        f.abandoned_again += 1;
                    }
                }
            }
        }
        for c in &credits {
            let mut all = vec![f.earned_mut(c.evidence)];
            for earned in &mut all {
                earned.orders += 1;
                earned.total.put(c.total);
                earned.kept.put(c.kept);
            }
            if c.bought_offer {
                f.cross_sales.orders += 1;
                f.cross_sales.total.put(c.total);
                f.cross_sales.kept.put(c.kept);
            }
        }
    }
    for person in &people {
        let mut own: Vec<_> = messages
            .iter()
            .filter(|m| m.contact == person.id && m.handed.is_some() && m.state != MessageState::Failed)
            .collect();
        own.sort_by_key(|m| (m.handed, m.id));
        for review in world.reviews_of(person.id).unwrap() {
            let asked = own.iter().rev().find(|m| {
                let link = world.link_of_message(m.id).unwrap();
                let order =
                    link.filter(|l| l.kind == LinkKind::Review).and_then(|l| world.order(&l.order_id?).unwrap());
                m.handed <= Some(review.at)
                    && order.is_some_and(|o| {
                        review.order_id.as_ref() == Some(&o.id)
                            || o.items.iter().any(|i| i.product_id == review.product_id)
                    })
            });
            if let Some(m) = asked.filter(|m| m.handed.is_some_and(|t| period.holds(t))) {
                found.entry(m.campaign.clone()).or_default().steps.entry(m.step.clone()).or_default().reviews += 1;
            }
        }
        if let Some(out) = person.phone.as_ref().and_then(|p| world.opt_out(p).unwrap()) {
            let before = own.iter().rev().find(|m| m.handed <= Some(out.at));
            let blamed =
                before.filter(|m| m.handed.is_some_and(|t| out.at.since(t) <= Span::days(5) && period.holds(t)));
            if let Some(m) = blamed {
                found.entry(m.campaign.clone()).or_default().steps.entry(m.step.clone()).or_default().opt_outs += 1;
            }
        }
    }
    found
}

#[test]
fn figures_can_be_recomputed_from_the_messages() {
    let s = filled();
    assert_eq!(figures::figures(&s.conn, EVER, later()).unwrap(), recomputed(&s, EVER, later()));
}

/// Shops that nobody would think up: forty people, everything drawn by lot, looked at over many periods.
#[test]
fn figures_can_be_recomputed_whatever_happened() {
    for seed in 0..4 {
        let s = lottery(seed);
        let draw = bazgasht::ids::SeededChance::new(seed + 100);
        for _ in 0..12 {
            let a = at(START).plus(Span::hours(pick(&draw, 600)));
            let period = Period { since: a, until: a.plus(Span::hours(1 + pick(&draw, 400))) };
            let now = a.plus(Span::hours(pick(&draw, 500)));
            assert_eq!(
                figures::figures(&s.conn, period, now).unwrap(),
                recomputed(&s, period, now),
                "seed {seed}, {period:?}"
            );
        }
        let all = figures::figures(&s.conn, EVER, later()).unwrap();
        assert_eq!(all, recomputed(&s, EVER, later()), "seed {seed}");
        for campaign in all.values() {
            let f = campaign.total();
            assert_eq!(f.planned, f.waiting + f.sent + f.refused + f.expired + f.cancelled);
            assert_eq!(f.sent, f.delivered + f.on_the_way + f.unknown + f.undelivered);
        }
    }
}

fn pick(chance: &dyn Chance, n: i64) -> i64 {
    i64::try_from(chance.next_u64() % u64::try_from(n).unwrap()).unwrap()
}

fn lottery(seed: u64) -> Stage {
    let s = Stage::new();
    let draw = bazgasht::ids::SeededChance::new(seed);
    let t = at(START);
    let h = |hours: i64| t.plus(Span::hours(hours));
    for n in 1..40_u32 {
        let person = s.person(n, t);
        for k in 0..pick(&draw, 4) {
            let begun = pick(&draw, 400);
            let order = format!("{n}-{k}");
            let (campaign, subject, link, step): (_, Subject, _, _) = if pick(&draw, 2) == 0 {
                ("cart", cart(&order), LinkKind::Cart, ["first", "second"])
            } else {
                s.order(&order, person, h(begun), toman(10_000 * (1 + pick(&draw, 9))), &["11", "12"], &[]);
                ("review", about(&order), LinkKind::Review, ["ask", "again"])
            };
            let way = s.enter(campaign, person, subject, h(begun));
            for step in step {
                let sent = h(begun + pick(&draw, 200));
                let (state, reason) = match pick(&draw, 8) {
                    0 => (MessageState::Sent, None),
                    1 => (MessageState::Unknown, Some(Reason::NoAnswer)),
                    2 => (MessageState::Failed, Some(Reason::Undelivered)),
                    _ => (MessageState::Delivered, None),
                };
                let coupon = (pick(&draw, 3) == 0).then_some("off5");
                let cost = (pick(&draw, 2) == 0).then(|| rial(500 + pick(&draw, 500)));
                let offer = (pick(&draw, 3) == 0).then_some("21");
                let what = Sent { state, reason, cost, link, coupon, offer, ..Sent::default() };
                let (id, slug) = s.send(way, step, sent, &what);
                if pick(&draw, 6) == 0 {
                    s.refused(id, Reason::Refused);
                    continue;
                }
                for _ in 0..pick(&draw, 3) {
                    s.follow(&slug, sent.plus(Span::hours(pick(&draw, 40))), pick(&draw, 2) == 0);
                }
                if pick(&draw, 3) == 0 {
                    let used: &[&str] = if pick(&draw, 2) == 0 { &["off5"] } else { &[] };
                    let placed = sent.plus(Span::hours(pick(&draw, 150)));
                    let id = format!("{order}-{step}");
                    s.order(&id, person, placed, toman(1_000 * (1 + pick(&draw, 90))), &["12", "21"], used);
                    if pick(&draw, 3) == 0 {
                        s.refund(&id, toman(700), placed.plus(Span::hours(1)));
                    }
                }
                if pick(&draw, 3) == 0 {
                    s.review(
                        person,
                        ["11", "12", "99"][usize::try_from(pick(&draw, 3)).unwrap()],
                        sent.plus(Span::hours(pick(&draw, 90))),
                    );
                }
            }
            s.end(way, h(begun + 300));
        }
        if pick(&draw, 3) == 0 {
            s.opt_out(n, h(pick(&draw, 700)));
        }
    }
    s
}

fn say(language: Language) -> Say {
    Say { language, zone: Tehran, colour: false }
}

fn report(s: &Stage) -> reports::Report {
    reports::gather(&s.conn, &s.rules.campaigns, None, Period { since: at(START), until: Period::EVER.until }, later())
        .unwrap()
}

#[test]
fn the_table_in_english() {
    insta::assert_snapshot!(report(&filled()).table(say(Language::English)), @r#"
    Messages from 2026-11-24 12:00 to 2026-12-24 12:00 (Asia/Tehran)

    cart  Basket left behind  (8 entered)
      came to the goal: 3 of 8 (37%), in 20 h · seen 7 days later: 0 of 8 · seen 30 days later: 0 of 5
      step    planned  waiting  sent  delivered  failed  too late  withdrawn  in doubt  parts         cost  of it forecast
      first         8        1     5          3       2         1          0         1     10    990 Toman       800 Toman
      second        2        0     1          1       0         0          1         0      2    200 Toman       200 Toman
      total        10        1     6          4       2         1          1         1     12  1,190 Toman     1,000 Toman

      step    followed  hits  back in cart  left again         by coupon            by link     delivered only  opt-outs
      first          2     4             2           1                 –  1 · 380,000 Toman  1 · 300,000 Toman         1
      second         0     0             0           0  1 · 80,000 Toman                  –                  –         0
      total          2     4             2           1  1 · 80,000 Toman  1 · 380,000 Toman  1 · 300,000 Toman         1

      by coupon: an order 80,000 Toman · a text 13,333 Toman · an order cost 1,190 Toman · for each unit spent 67
      by link: an order 380,000 Toman · a text 63,333 Toman · an order cost 1,190 Toman · for each unit spent 319
      delivered only: an order 300,000 Toman · a text 50,000 Toman · an order cost 1,190 Toman · for each unit spent 252

      1 failed: the gateway refused it
      1 failed: the operator could not deliver it
      1 in doubt: no answer from the gateway: in doubt, and not sent again on a guess
      1 withdrawn: has opted out: no campaign text is sent
      1 waiting: enough texts for one day

    review  =Review, please  (1 entered)
      came to the goal: 1 of 1 (100%), in 6 days · seen 7 days later: 0 of 1
      step   planned  waiting  sent  delivered  failed  too late  withdrawn  parts       cost  of it forecast
      ask          1        0     1          1       0         0          0      1  100 Toman       100 Toman
      total        1        0     1          1       0         0          0      1  100 Toman       100 Toman

      step   followed  hits  by coupon           by link  delivered only  reviews       cross-sales  opt-outs
      ask           1     1          –  1 · 90,000 Toman               –        1  1 · 90,000 Toman         0
      total         1     1          –  1 · 90,000 Toman               –        1  1 · 90,000 Toman         0

      by link: an order 90,000 Toman · a text 90,000 Toman · an order cost 100 Toman · for each unit spent 900

    gateways
      name     handed over  delivered  of 100  delay  undelivered  blocked  on the way         cost
      console            7          5      83      –            1        0           1  1,290 Toman

    by coupon: the order used the code that the text gave (within 30 days): the surest
    by link: a person followed the text's link and ordered within 5 days
    delivered only: no click; the text was delivered and the same number ordered within 24 hours, perhaps anyway
    orders · money: each order counts once, on its best evidence; the money is what refunds left of it
    followed, hits: messages whose link a person followed; visits in all, machines too
    left again: came back to the cart and ordered nothing within 24 hours
    of 100, delay: delivered, of those whose end is known; from hand-over until we heard of it, the middle one
    opt-outs: within 5 days after the message, the last one before it
    Everything counts for the day its message was sent, so the last days' figures still grow.
    "#);
}

#[test]
fn the_table_in_persian() {
    // Without the marks that keep the columns in place on terminals that reorder.
    insta::assert_snapshot!(report(&filled()).table(say(Language::Persian)).replace('\u{200e}', ""), @r#"
    پیامک‌ها از ۱۴۰۵/۰۹/۰۳ ۱۲:۰۰ تا ۱۴۰۵/۱۰/۰۳ ۱۲:۰۰

    cart  Basket left behind  (۸ ورود)
      به هدف رسیدند: ۳ از ۸ (۳۷٪)، در ۲۰ ساعت · ۷ روز بعد هنوز بودند: ۰ از ۸ · ۳۰ روز بعد هنوز بودند: ۰ از ۵
      گام     برنامه  منتظر  ارسال  رسیده  نرسیده  دیرشده  پس‌گرفته  نامعلوم  بخش        هزینه  از آن برآورد
      first        ۸      ۱      ۵      ۳       ۲       ۱        ۰        ۱   ۱۰    ۹۹۰ تومان     ۸۰۰ تومان
      second       ۲      ۰      ۱      ۱       ۰       ۰        ۱        ۰    ۲    ۲۰۰ تومان     ۲۰۰ تومان
      جمع         ۱۰      ۱      ۶      ۴       ۲       ۱        ۱        ۱   ۱۲  ۱٬۱۹۰ تومان   ۱٬۰۰۰ تومان

      گام     بازکرده  بازدید  بازگشت  رهاشدهٔ دوباره             با کد           با پیوند       فقط با رسیدن  لغو
      first         ۲       ۴       ۲              ۱                 –  ۱ · ۳۸۰٬۰۰۰ تومان  ۱ · ۳۰۰٬۰۰۰ تومان    ۱
      second        ۰       ۰       ۰              ۰  ۱ · ۸۰٬۰۰۰ تومان                  –                  –    ۰
      جمع           ۲       ۴       ۲              ۱  ۱ · ۸۰٬۰۰۰ تومان  ۱ · ۳۸۰٬۰۰۰ تومان  ۱ · ۳۰۰٬۰۰۰ تومان    ۱

      با کد: هر سفارش ۸۰٬۰۰۰ تومان · هر پیامک ۱۳٬۳۳۳ تومان · خرج هر سفارش ۱٬۱۹۰ تومان · در برابر هر یک واحد خرج ۶۷
      با پیوند: هر سفارش ۳۸۰٬۰۰۰ تومان · هر پیامک ۶۳٬۳۳۳ تومان · خرج هر سفارش ۱٬۱۹۰ تومان · در برابر هر یک واحد خرج ۳۱۹
      فقط با رسیدن: هر سفارش ۳۰۰٬۰۰۰ تومان · هر پیامک ۵۰٬۰۰۰ تومان · خرج هر سفارش ۱٬۱۹۰ تومان · در برابر هر یک واحد خرج ۲۵۲

      ۱ ناموفق: اپراتور نتوانست آن را برساند
      ۱ ناموفق: درگاه آن را نپذیرفت
      ۱ نامعلوم: درگاه پاسخ نداد: نامعلوم است و با حدس دوباره فرستاده نمی‌شود
      ۱ پس‌گرفته‌شده: لغو کرده است: هیچ پیامک کمپینی فرستاده نمی‌شود
      ۱ در انتظار: سهم امروزش پر شده

    review  =Review, please  (۱ ورود)
      به هدف رسیدند: ۱ از ۱ (۱۰۰٪)، در ۶ روز · ۷ روز بعد هنوز بودند: ۰ از ۱
      گام  برنامه  منتظر  ارسال  رسیده  نرسیده  دیرشده  پس‌گرفته  بخش      هزینه  از آن برآورد
      ask       ۱      ۰      ۱      ۱       ۰       ۰        ۰    ۱  ۱۰۰ تومان     ۱۰۰ تومان
      جمع       ۱      ۰      ۱      ۱       ۰       ۰        ۰    ۱  ۱۰۰ تومان     ۱۰۰ تومان

      گام  بازکرده  بازدید  با کد          با پیوند  فقط با رسیدن  نظر     فروش پیشنهادی  لغو
      ask        ۱       ۱      –  ۱ · ۹۰٬۰۰۰ تومان             –    ۱  ۱ · ۹۰٬۰۰۰ تومان    ۰
      جمع        ۱       ۱      –  ۱ · ۹۰٬۰۰۰ تومان             –    ۱  ۱ · ۹۰٬۰۰۰ تومان    ۰

      با پیوند: هر سفارش ۹۰٬۰۰۰ تومان · هر پیامک ۹۰٬۰۰۰ تومان · خرج هر سفارش ۱۰۰ تومان · در برابر هر یک واحد خرج ۹۰۰

    درگاه‌ها
      نام      ارسال  رسیده  از ۱۰۰  تأخیر  نرسیده  مسدود  در راه        هزینه
      console      ۷      ۵      ۸۳      –       ۱      ۰       ۱  ۱٬۲۹۰ تومان

    با کد: در سفارش از همان کد تخفیف پیامک استفاده شد (تا ۳۰ روز): مطمئن‌ترین نشانه
    با پیوند: خریدار پیوند پیامک را باز کرد و تا ۵ روز بعد سفارش داد
    فقط با رسیدن: بدون بازکردن پیوند؛ پیامک رسید و همان شماره تا ۲۴ ساعت بعد سفارش داد، شاید بدون پیامک هم می‌داد
    سفارش · پول: هر سفارش یک بار و با بهترین نشانه شمرده می‌شود؛ پول، پس از کسر برگشتی‌هاست
    بازکرده، بازدید: پیامک‌هایی که کسی پیوندشان را باز کرد؛ همهٔ بازدیدها، حتی ماشینی
    رهاشدهٔ دوباره: به سبد برگشت و تا ۲۴ ساعت سفارشی نداد
    از ۱۰۰، تأخیر: رسیده‌ها، از آن‌ها که سرنوشتشان معلوم است؛ از ارسال تا خبرِ رسیدن، میانه
    لغو: تا ۵ روز پس از پیامک؛ به پای آخرین پیامک پیش از آن
    همه‌چیز به روز ارسالِ پیامکش شمرده می‌شود؛ پس آمار روزهای آخر هنوز بیشتر می‌شود.
    "#);
}

#[test]
fn the_csv_is_safe_to_open() {
    let csv = report(&filled()).csv();
    insta::assert_snapshot!(csv.replace("\r\n", "\n"), @r#"
    campaign,name,step,planned,waiting,sent,delivered,on_the_way,unknown,undelivered,refused,expired,cancelled,parts,followed,visits,hits,returned_to_cart,abandoned_again,orders_by_coupon,orders_by_link,orders_by_delivery,reviews,cross_sales,opt_outs,answers,currency,cost,cost_forecast,total_by_coupon,kept_by_coupon,total_by_link,kept_by_link,total_by_delivery,kept_by_delivery,total_cross_sales,kept_cross_sales
    cart,Basket left behind,first,8,1,5,3,0,1,1,1,1,0,10,2,3,4,2,1,0,1,1,0,0,1,0,IRR,9900,8000,0,0,0,0,0,0,0,0
    cart,Basket left behind,first,,,,,,,,,,,,,,,,,,,,,,,,IRT,0,0,0,0,500000,380000,300000,300000,0,0
    cart,Basket left behind,second,2,0,1,1,0,0,0,0,0,1,2,0,0,0,0,0,1,0,0,0,0,0,0,IRR,2000,2000,0,0,0,0,0,0,0,0
    cart,Basket left behind,second,,,,,,,,,,,,,,,,,,,,,,,,IRT,0,0,80000,80000,0,0,0,0,0,0
    review,"'=Review, please",ask,1,0,1,1,0,0,0,0,0,0,1,1,1,1,0,0,0,1,0,1,1,0,0,IRR,1000,1000,0,0,0,0,0,0,0,0
    review,"'=Review, please",ask,,,,,,,,,,,,,,,,,,,,,,,,IRT,0,0,0,0,90000,90000,0,0,90000,90000
    "#);
    let rows: Vec<&str> = csv.trim_end().split("\r\n").collect();
    assert_eq!(rows.len(), 7);
    assert!(rows[5].starts_with("review,\"'=Review, please\",ask,"), "a name that is a formula is made text");
}

fn holds_no_float(value: &serde_json::Value) {
    match value {
        serde_json::Value::Number(n) => assert!(!n.is_f64(), "{n}"),
        serde_json::Value::Array(list) => list.iter().for_each(holds_no_float),
        serde_json::Value::Object(map) => map.values().for_each(holds_no_float),
        _ => {}
    }
}

#[test]
fn the_json_holds_no_float() {
    let json = reports::summary(&filled().conn, &filled().rules.campaigns, EVER, later()).unwrap();
    holds_no_float(&json);
    insta::assert_json_snapshot!(json["campaigns"][0]["steps"][0], @r#"
    {
      "abandoned_again": 1,
      "answers": {},
      "cancelled": 0,
      "cost": [
        {
          "currency": "IRR",
          "decimal": "9900",
          "forecast_minor": 8000,
          "minor": 9900
        }
      ],
      "cross_sales": {
        "kept": [],
        "orders": 0,
        "total": []
      },
      "delivered": 3,
      "expired": 1,
      "links": {
        "followed": 2,
        "hits": 4,
        "visits": 3
      },
      "on_the_way": 0,
      "opt_outs": 1,
      "orders": {
        "coupon": {
          "kept": [],
          "orders": 0,
          "total": []
        },
        "delivered": {
          "kept": [
            {
              "currency": "IRT",
              "decimal": "300000",
              "minor": 300000
            }
          ],
          "orders": 1,
          "total": [
            {
              "currency": "IRT",
              "decimal": "300000",
              "minor": 300000
            }
          ]
        },
        "link": {
          "kept": [
            {
              "currency": "IRT",
              "decimal": "380000",
              "minor": 380000
            }
          ],
          "orders": 1,
          "total": [
            {
              "currency": "IRT",
              "decimal": "500000",
              "minor": 500000
            }
          ]
        }
      },
      "parts": 10,
      "planned": 8,
      "reasons": {
        "expired": {
          "expired": 1
        },
        "failed": {
          "refused": 1,
          "undelivered": 1
        },
        "scheduled": {
          "cap_day": 1
        },
        "unknown": {
          "no_answer": 1
        }
      },
      "refused": 1,
      "returned_to_cart": 2,
      "reviews": 0,
      "sent": 5,
      "step": "first",
      "undelivered": 1,
      "unknown": 1,
      "waiting": 1
    }
    "#);
    assert_eq!(json["total"]["sent"], 7);
    assert!(json["since"].is_null());
}

#[test]
fn nobody_is_named() {
    let json = reports::summary(&filled().conn, &filled().rules.campaigns, EVER, later()).unwrap().to_string();
    for n in 1..6 {
        assert!(!json.contains(phone(n).e164().trim_start_matches('+')), "a number is in the report");
    }
}
