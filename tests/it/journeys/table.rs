//! The journeys of the file in its order: how Sara enters each, and what she gets when she does nothing.

use serde_json::json;

use super::stage::{Stage, WALK, Walk};
use crate::world::story::SARA;

fn basket(s: &mut Stage) {
    s.basket();
}

fn completed(s: &mut Stage) {
    s.completed();
}

fn signed_up(s: &mut Stage) {
    s.sign_up();
}

fn known(s: &mut Stage) {
    s.known();
}

/// So many orders; then the nights go by until the ranking has her where she belongs.
fn ranked(s: &mut Stage, orders: u32, days: u32) {
    s.known().orders(orders).pass(&format!("{days}d"));
}

pub const WALKS: &[Walk] = &[
    Walk {
        id: "abandoned-cart",
        sends: &[("one-hour", "11-24 11:00"), ("first-day", "11-25 10:00"), ("third-day", "11-27 10:00")],
        enter: basket,
        ..WALK
    },
    Walk {
        id: "review-request",
        sends: &[("first-week", "12-01 10:00"), ("second-week", "12-08 10:00")],
        enter: completed,
        ..WALK
    },
    Walk {
        id: "cross-sell",
        sends: &[("two-weeks", "12-08 10:00"), ("one-month", "12-24 10:00")],
        enter: completed,
        ..WALK
    },
    Walk {
        id: "abandoned-cart-slow",
        sends: &[("first-day", "11-25 10:00"), ("tenth-day", "12-04 10:00")],
        enter: basket,
        ..WALK
    },
    Walk {
        id: "abandoned-cart-three-days",
        sends: &[("first-day", "11-25 10:00"), ("second-day", "11-26 10:00"), ("third-day", "11-27 10:00")],
        enter: basket,
        ..WALK
    },
    Walk {
        id: "abandoned-cart-own",
        sends: &[
            ("one-hour", "11-24 11:00"),
            ("seven-hours", "11-24 17:00"),
            ("next-day", "11-25 10:00"),
            ("third-day", "11-27 10:00"),
        ],
        enter: basket,
        twice: true,
        ..WALK
    },
    Walk { id: "abandoned-cart-test", sends: &[("reminder", "11-24 11:00")], enter: basket, ..WALK },
    Walk { id: "cart-why", sends: &[("question", "11-29 10:00")], enter: basket, ..WALK },
    Walk {
        id: "checkout",
        sends: &[("half-hour", "11-24 10:30"), ("next-day", "11-25 10:00"), ("second-day", "11-26 10:00")],
        enter: |s| {
            s.basket().event("checkout.started", json!({"cart_key": "t_1", "contact": {"phone": SARA}}));
        },
        ..WALK
    },
    Walk {
        id: "payment-failed",
        sends: &[("soon", "11-24 10:15"), ("three-hours", "11-24 13:00")],
        enter: |s| {
            s.order("1", SARA, "pending", &["11"]);
        },
        ..WALK
    },
    Walk {
        id: "welcome",
        sends: &[
            ("hello", "11-24 10:10"),
            ("best-seller", "11-26 10:00"),
            ("how-it-works", "11-29 10:00"),
            ("last-word", "12-01 10:10"),
        ],
        enter: signed_up,
        ..WALK
    },
    Walk {
        id: "welcome-slow",
        sends: &[
            ("hello", "11-24 10:10"),
            ("first-day", "11-25 10:00"),
            ("third-day", "11-27 10:00"),
            ("this-week", "12-01 10:10"),
            ("last-day", "12-08 10:00"),
        ],
        enter: signed_up,
        ..WALK
    },
    Walk {
        id: "first-contact",
        sends: &[("best-seller", "11-26 10:00"), ("code", "11-29 10:00")],
        enter: |s| {
            s.known();
        },
        ..WALK
    },
    Walk {
        id: "engagement",
        sends: &[
            ("first-week", "12-09 11:00"),
            ("second-week", "12-16 11:00"),
            ("third-week", "12-23 11:00"),
            ("fourth-week", "12-30 11:00"),
        ],
        enter: |s| {
            s.known().pass("14d20h");
        },
        ..WALK
    },
    Walk {
        id: "lead",
        sends: &[
            ("day-0", "11-24 10:00"),
            ("day-3", "11-27 10:00"),
            ("day-7", "12-01 10:00"),
            ("day-14", "12-08 10:00"),
            ("day-21", "12-15 10:00"),
            ("day-28", "12-22 10:00"),
        ],
        enter: |s| {
            s.own("lead");
        },
        ..WALK
    },
    Walk {
        id: "browse",
        sends: &[("same-day", "11-24 13:00"), ("next-day", "11-25 10:00"), ("third-day", "11-27 10:00")],
        enter: |s| {
            s.look();
        },
        ..WALK
    },
    Walk {
        id: "order-confirmed",
        sends: &[("thanks", "11-24 10:00")],
        enter: |s| {
            s.order("1", SARA, "processing", &["11"]);
        },
        ..WALK
    },
    Walk {
        id: "order-shipped",
        sends: &[("tracking", "11-24 10:00")],
        enter: |s| {
            s.parcel("shipped");
        },
        ..WALK
    },
    Walk {
        id: "out-for-delivery",
        sends: &[("today", "11-24 10:00")],
        enter: |s| {
            s.parcel("out_for_delivery");
        },
        ..WALK
    },
    Walk {
        id: "satisfaction",
        sends: &[("question", "11-25 11:00"), ("review", "12-01 10:00")],
        enter: completed,
        ..WALK
    },
    Walk {
        id: "after-purchase",
        sends: &[
            ("thanks", "11-27 10:00"),
            ("question", "12-01 11:00"),
            ("related", "12-08 10:00"),
            ("next-order", "12-24 10:00"),
        ],
        enter: completed,
        ..WALK
    },
    Walk { id: "how-to", sends: &[("tips", "12-01 10:00")], enter: completed, ..WALK },
    Walk {
        id: "review-thanks",
        sends: &[("thanks", "11-24 11:00")],
        enter: |s| {
            s.review();
        },
        ..WALK
    },
    Walk { id: "bundle", sends: &[("three-weeks", "12-15 10:00")], enter: completed, ..WALK },
    Walk {
        id: "replenish",
        sends: &[("running-out", "12-22 10:00"), ("with-discount", "12-27 10:00")],
        enter: |s| {
            s.order("8", SARA, "completed", &["11"]).pass("10d").order("9", SARA, "completed", &["11"]).pass("10d");
            s.completed().pass("7d");
        },
        ..WALK
    },
    Walk {
        id: "bought-again",
        sends: &[("thanks", "11-29 10:00")],
        enter: |s| {
            s.order("9", SARA, "completed", &["12"]).pass("4d");
            s.completed();
        },
        ..WALK
    },
    Walk {
        id: "upsell",
        sends: &[("day-30", "12-24 10:00"), ("day-45", "01-08 10:00"), ("day-60", "01-23 10:00")],
        enter: completed,
        ..WALK
    },
    Walk {
        id: "win-back",
        sends: &[
            ("soft", "01-23 11:00"),
            ("offer", "02-02 10:00"),
            ("best-offer", "02-12 10:00"),
            ("why", "02-22 10:00"),
        ],
        enter: |s| {
            s.completed().pass("59d");
        },
        ..WALK
    },
    Walk {
        id: "win-back-slow",
        sends: &[
            ("soft", "02-22 11:00"),
            ("offer", "03-24 10:00"),
            ("best-offer", "04-23 10:00"),
            ("last-word", "05-23 10:00"),
        ],
        enter: |s| {
            s.completed().pass("89d");
        },
        ..WALK
    },
    Walk {
        id: "came-back",
        sends: &[("thanks", "01-25 12:00"), ("new-things", "01-28 10:00")],
        with: &["win-back"],
        enter: |s| {
            s.order("9", SARA, "completed", &["11"]).pass("62d");
            s.order("1", SARA, "processing", &["12"]);
        },
        ..WALK
    },
    Walk {
        id: "no-reaction",
        sends: &[("still-there", "02-22 11:00")],
        with: &["abandoned-cart"],
        enter: |s| {
            s.basket().pass("89d");
        },
        ..WALK
    },
    Walk {
        id: "points-near",
        sends: &[("almost", "11-24 11:00")],
        leave: Some(|s| s.cancel(1)),
        enter: |s| {
            s.known().spend("6000000");
        },
        ..WALK
    },
    Walk {
        id: "points-reward",
        sends: &[("reward", "11-24 10:10")],
        leave: Some(|s| s.cancel(1)),
        enter: |s| {
            s.known().spend("10000000");
        },
        ..WALK
    },
    Walk { id: "bring-a-friend", sends: &[("code", "12-04 10:00")], enter: completed, ..WALK },
    Walk {
        id: "vip",
        sends: &[("welcome", "11-24 12:00"), ("early-access", "12-24 11:00")],
        leave: Some(|s| s.cancel(1)),
        enter: |s| {
            s.known().spend("21000000");
        },
        ..WALK
    },
    Walk {
        id: "birthday",
        sends: &[("gift", "12-09 11:00"), ("day", "12-16 10:00")],
        enter: |s| {
            // In 1405 the 16th of December.
            let contact = json!({"phone": SARA, "first_name": "سارا", "birthday": "1991-12-16"});
            s.event("customer.updated", json!({"contact": contact})).pass("14d20h");
        },
        ..WALK
    },
    Walk {
        id: "anniversary",
        sends: &[("year", "11-24 11:00")],
        enter: |s| {
            s.completed().pass("364d20h");
        },
        ..WALK
    },
    Walk {
        id: "champions",
        sends: &[("early-access", "11-26 11:00")],
        enter: |s| ranked(s, 6, 1),
        leave: Some(|s| s.cancel(6)),
        ..WALK
    },
    Walk {
        id: "loyal",
        sends: &[("thanks", "12-27 11:00")],
        enter: |s| ranked(s, 3, 32),
        leave: Some(|s| s.cancel(3)),
        ..WALK
    },
    Walk {
        id: "potential-loyalists",
        sends: &[("offer", "11-26 11:00")],
        leave: Some(|s| s.cancel(1)),
        enter: |s| ranked(s, 1, 1),
        ..WALK
    },
    Walk {
        id: "at-risk",
        sends: &[("offer", "03-27 11:00"), ("question", "04-03 11:00")],
        leave: Some(|s| s.cancel(2)),
        enter: |s| ranked(s, 2, 122),
        ..WALK
    },
    Walk {
        id: "hibernating",
        sends: &[("last-try", "03-27 11:00")],
        leave: Some(|s| s.cancel(1)),
        enter: |s| ranked(s, 1, 122),
        ..WALK
    },
    Walk {
        id: "page-again",
        sends: &[("help", "11-24 11:00")],
        enter: |s| {
            for _ in 0..3 {
                s.event("page.viewed", json!({"page": "/wholesale", "contact": {"phone": SARA, "first_name": "سارا"}}));
            }
        },
        ..WALK
    },
    Walk {
        id: "ten-logins",
        sends: &[("thanks", "11-24 11:00")],
        enter: |s| {
            for _ in 0..10 {
                s.event("customer.login", json!({"contact": {"phone": SARA, "first_name": "سارا"}}));
            }
        },
        ..WALK
    },
    Walk {
        id: "one-month",
        sends: &[("month", "12-25 11:00")],
        enter: |s| {
            s.known().pass("30d20h");
        },
        ..WALK
    },
    Walk {
        id: "first-review",
        sends: &[("points", "11-24 11:00")],
        enter: |s| {
            s.review();
        },
        ..WALK
    },
    Walk {
        id: "tenth-order",
        sends: &[("gift", "11-26 10:09")],
        enter: |s| {
            s.orders(10);
        },
        ..WALK
    },
    Walk {
        id: "back-in-stock",
        sends: &[("now", "11-26 09:00")],
        enter: |s| {
            s.stock("180000", 0).event("product.wanted", json!({"product_id": "11", "contact": {"phone": SARA}}));
            s.pass("36h");
            s.stock("180000", 7).pass("1m");
        },
        ..WALK
    },
    Walk {
        id: "price-drop",
        sends: &[("now", "11-25 09:00")],
        enter: |s| {
            s.look().pass("12h");
            s.stock("150000", 40).pass("1m");
        },
        ..WALK
    },
    Walk {
        id: "low-stock",
        sends: &[("now", "11-25 09:00")],
        enter: |s| {
            s.basket().pass("12h");
            s.stock("180000", 4).pass("1m");
        },
        ..WALK
    },
    Walk {
        id: "nowruz",
        sends: &[("teaser", "03-14 17:00"), ("three-days", "03-18 11:00"), ("last-day", "03-20 10:00")],
        on: "2027-03-14",
        enter: known,
        ..WALK
    },
    Walk {
        id: "yalda",
        sends: &[("teaser", "12-14 17:00"), ("three-days", "12-18 11:00"), ("morning", "12-21 10:00")],
        on: "2026-12-14",
        enter: known,
        ..WALK
    },
    Walk {
        id: "black-friday",
        sends: &[
            ("teaser", "11-19 17:00"),
            ("three-days", "11-23 11:00"),
            ("morning", "11-26 10:00"),
            ("evening", "11-26 19:00"),
        ],
        on: "2027-11-19",
        enter: known,
        twice: true,
        ..WALK
    },
    Walk {
        id: "mothers-day",
        sends: &[("week-before", "11-12 11:00"), ("two-days", "11-17 11:00")],
        on: "2027-11-12",
        enter: known,
        ..WALK
    },
    Walk {
        id: "launch",
        sends: &[("teaser", "01-28 17:00"), ("everyone", "02-04 17:00"), ("last-day", "02-10 11:00")],
        on: "2027-01-28",
        enter: known,
        ..WALK
    },
    Walk {
        id: "renewal",
        sends: &[("month-before", "12-11 11:00"), ("two-weeks", "12-27 11:00"), ("week-before", "01-03 11:00")],
        enter: |s| {
            s.subscription("2027-01-10T10:00:00+03:30").pass("17d5m");
        },
        ..WALK
    },
    Walk {
        id: "usage-low",
        sends: &[("help", "11-25 11:00")],
        enter: |s| {
            s.own("usage_low");
        },
        ..WALK
    },
    Walk {
        id: "broadcast",
        sends: &[("news", "03-01 11:00")],
        on: "2027-02-27",
        enter: |s| {
            s.known().spend("21000000");
        },
        ..WALK
    },
];
