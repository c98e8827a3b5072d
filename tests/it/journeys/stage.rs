//! Sara and one journey of the shipped file, alone: how she comes into it, what ends it, and what it is for.

use std::ops::{Deref, DerefMut};
use std::sync::LazyLock;

use bazgasht::campaign::model::{Campaign, Exit, Goal};
use bazgasht::clock::{At, Span};
use bazgasht::phone::Phone;
use bazgasht::rules::Rules;
use bazgasht::simulate::WouldSend;
use bazgasht::state::model::{Enrolment, Reason};
use bazgasht::state::people::Standings;
use bazgasht::state::world::World;
use serde_json::json;

use crate::world::story::{SARA, SHIPPED, Story, rules};

pub const ENGLISH: &str = include_str!("../../../campaigns.en.toml");
pub const SARA_E164: &str = "+989120000001";
/// `[staff]` is needed by those that tell the staff; two texts a day by those that say so.
pub const SETTINGS: &str = "[staff]\nphones = [\"09120000099\"]\n";
pub const TWO_A_DAY: &str = "[staff]\nphones = [\"09120000099\"]\n[caps]\nday = 2\ngap = \"5h\"\nweek = 5\n";
const AGENT: &str =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1";

/// The shipped file as its owner would have it, with points switched on.
pub fn shipped() -> String {
    let points = SHIPPED.replacen("[points]\nenabled = false", "[points]\nenabled = true", 1);
    assert_ne!(points, SHIPPED, "points are off as shipped");
    points
}

static ONE_A_DAY: LazyLock<Rules> = LazyLock::new(|| rules(&shipped(), SETTINGS));
static TWO: LazyLock<Rules> = LazyLock::new(|| rules(&shipped(), TWO_A_DAY));

/// How one journey of the file is walked.
pub struct Walk {
    pub id: &'static str,
    /// Sara comes to the trigger, or shortly before it.
    pub enter: fn(&mut Stage),
    /// The day on which the shop opens, at ten in the morning.
    pub on: &'static str,
    /// The texts that she gets when she does nothing, and when: step, `MM-DD HH:MM`.
    pub sends: &'static [(&'static str, &'static str)],
    /// Other journeys that it needs.
    pub with: &'static [&'static str],
    /// The settings allow two texts a day.
    pub twice: bool,
    /// She is not in the segment any more.
    pub leave: Option<fn(&mut Stage)>,
}

pub const WALK: Walk =
    Walk { id: "", enter: |_| {}, on: "2026-11-24", sends: &[], with: &[], twice: false, leave: None };

#[derive(Clone)]
pub struct Stage {
    story: Story,
    pub campaign: Campaign,
}

impl Deref for Stage {
    type Target = Story;
    fn deref(&self) -> &Story {
        &self.story
    }
}

impl DerefMut for Stage {
    fn deref_mut(&mut self) -> &mut Story {
        &mut self.story
    }
}

impl Stage {
    /// Sara has entered.
    pub fn of(walk: &Walk) -> Stage {
        let mut rules = if walk.twice { TWO.clone() } else { ONE_A_DAY.clone() };
        for campaign in &mut rules.campaigns.list {
            campaign.enabled = campaign.id == walk.id || walk.with.contains(&campaign.id.as_str());
        }
        let campaign = rules.campaigns.get(walk.id).expect("a journey of the file").clone();
        let mut stage = Stage { story: Story::from(rules, &format!("{}T10:00:00+03:30", walk.on)), campaign };
        // What goes with tea, what is better than it, and what others bought.
        stage.event("product.updated", product("11", "180000", 40, &["12", "13"], &["12"]));
        for n in 0..3 {
            let phone = format!("0912000010{n}");
            stage.order(&format!("other{n}"), &phone, "processing", &["11", "13"]);
        }
        (walk.enter)(&mut stage);
        stage
    }

    /// What Sara got from this journey.
    pub fn got(&self) -> Vec<&WouldSend> {
        self.sent.iter().filter(|m| m.to.e164() == SARA_E164 && m.campaign == self.campaign.id).collect()
    }

    /// Step and moment of each of them, in Tehran.
    pub fn timeline(&self) -> Vec<(&str, String)> {
        let local =
            |m: &WouldSend| m.at.utc().with_timezone(&chrono_tz::Asia::Tehran).format("%m-%d %H:%M").to_string();
        self.got().into_iter().map(|m| (m.step.as_str(), local(m))).collect()
    }

    pub fn tags(&self) -> Vec<String> {
        let Some(way) = self.way() else { return Vec::new() };
        let tagged = self.world().tags_of(way.contact).expect("a world in memory");
        tagged.into_iter().map(|tagged| tagged.tag).collect()
    }

    /// Sara's way through this journey, the last one that began.
    pub fn way(&self) -> Option<&Enrolment> {
        let phone = Phone::from_e164(SARA_E164)?;
        let sara = self.world().contact_by_phone(&phone).expect("a world in memory")?.id;
        let own = self.world().enrolments().filter(|e| e.campaign == self.campaign.id && e.contact == sara);
        own.max_by_key(|e| e.id)
    }

    pub fn end(&self) -> Option<Reason> {
        self.way()?.end_reason
    }

    /// Until long after the journey would have given up.
    pub fn live_out(&mut self) -> &mut Stage {
        let end = self.now().plus(self.campaign.lead()).plus(self.campaign.give_up).plus(Span::days(3));
        self.story.until(end);
        self
    }

    pub fn live_until(&mut self, moment: At) -> &mut Stage {
        self.story.until(moment.max(self.story.now()));
        self
    }

    pub fn follow(&mut self) {
        let slug = self.got().iter().rev().find_map(|m| m.slug.clone()).expect("a text with a link");
        self.event("link.followed", json!({"slug": slug, "user_agent": AGENT}));
    }

    pub fn reply(&mut self, text: &str) {
        self.event("contact.answered", json!({"contact": {"phone": SARA}, "text": text}));
    }

    /// What the exit is about happens. True: the way ends for this reason.
    pub fn meet(&mut self, exit: Exit, walk: &Walk) -> Reason {
        match exit {
            Exit::Order => {
                self.order("won", SARA, "processing", &["13"]);
                Reason::Ordered
            }
            Exit::CartEmptied => {
                self.event("cart.cleared", json!({"cart_key": "t_1"}));
                Reason::CartEmptied
            }
            Exit::Review => {
                self.event(
                    "review.created",
                    json!({"review_id": "r9", "product_id": "11", "contact": {"phone": SARA}}),
                );
                Reason::Reviewed
            }
            Exit::TakenBack => {
                let order = self.way().and_then(|way| way.subject.order_id()).expect("an order").to_owned();
                self.status(&order, SARA, "cancelled", &["11"]);
                Reason::TakenBack
            }
            Exit::Paid => {
                self.status("1", SARA, "processing", &["11"]);
                Reason::Paid
            }
            Exit::BoughtOffer => {
                let offer = self.way().and_then(|way| way.offer.clone()).expect("something was offered");
                self.order("won", SARA, "processing", &[&offer]);
                Reason::BoughtOffer
            }
            Exit::BoughtProduct => {
                // The goal is looked at first; what is to be bought again is the offer, once it was made.
                let offered = self.way().is_some_and(|way| way.offer.is_some());
                self.order("won", SARA, "processing", &["11"]);
                match self.campaign.goal {
                    Goal::Order => Reason::Ordered,
                    Goal::Offer if offered => Reason::BoughtOffer,
                    _ => Reason::BoughtProduct,
                }
            }
            Exit::InCart => {
                self.cart("t_1", &["11"]).number("t_1", SARA);
                Reason::InCart
            }
            Exit::StockGone => {
                self.stock("180000", 0);
                Reason::StockGone
            }
            Exit::PriceBack => {
                self.stock("180000", 40);
                Reason::PriceBack
            }
            Exit::Visited => {
                self.follow();
                Reason::Visited
            }
            Exit::Replied => {
                self.reply("1");
                Reason::Replied
            }
            Exit::Renewed => {
                self.subscription("2028-01-01T10:00:00+03:30");
                Reason::Renewed
            }
            Exit::SegmentLeft => {
                walk.leave.expect("a way out of the segment")(self);
                Reason::SegmentLeft
            }
            Exit::SignedUp => {
                self.sign_up();
                Reason::SignedUp
            }
        }
    }
}

/// What Sara does.
impl Stage {
    pub fn known(&mut self) -> &mut Stage {
        self.event("customer.updated", json!({"contact": {"phone": SARA, "first_name": "سارا"}}));
        self
    }

    pub fn sign_up(&mut self) -> &mut Stage {
        let now = self.now().rfc3339();
        let contact = json!({"phone": SARA, "first_name": "سارا", "user_id": "7"});
        self.event("customer.created", json!({"contact": contact, "created_at": now}));
        self
    }

    pub fn basket(&mut self) -> &mut Stage {
        self.cart("t_1", &["11", "12"]).number("t_1", SARA);
        self
    }

    pub fn look(&mut self) -> &mut Stage {
        self.event(
            "product.viewed",
            json!({"product_id": "11", "seconds": 45, "contact": {"phone": SARA, "first_name": "سارا"}}),
        );
        self
    }

    pub fn stock(&mut self, price: &str, left: i64) -> &mut Stage {
        let data = product("11", price, left, &["12", "13"], &["12"]);
        self.event("product.updated", data);
        self
    }

    pub fn subscription(&mut self, ends: &str) -> &mut Stage {
        let contact = json!({"phone": SARA, "first_name": "سارا"});
        let data = json!({"contact": contact, "subscription_id": "5", "status": "active", "next_payment_at": ends});
        self.event("subscription.updated", data);
        self
    }

    pub fn completed(&mut self) -> &mut Stage {
        self.order("1", SARA, "completed", &["11"]);
        self
    }

    /// So many orders at once, numbered from 1.
    pub fn orders(&mut self, many: u32) -> &mut Stage {
        for n in 1..=many {
            self.order(&n.to_string(), SARA, "completed", &["11"]).pass("1m");
        }
        self
    }

    pub fn cancel(&mut self, many: u32) {
        for n in 1..=many {
            self.status(&n.to_string(), SARA, "cancelled", &["11"]);
        }
    }

    /// One order of so much.
    pub fn spend(&mut self, total: &str) -> &mut Stage {
        let mut data = self.order_data("1", SARA, "completed", &["11"]);
        data["total"] = json!(total);
        self.event("order.created", data);
        self
    }

    pub fn parcel(&mut self, state: &str) -> &mut Stage {
        let mut data = self.order_data("1", SARA, "processing", &["11"]);
        data["shipping"] = json!({"state": state, "tracking_code": "24680"});
        self.event("order.updated", data);
        self
    }

    pub fn own(&mut self, name: &str) -> &mut Stage {
        self.event(&format!("custom.{name}"), json!({"contact": {"phone": SARA, "first_name": "سارا"}}));
        self
    }

    pub fn review(&mut self) -> &mut Stage {
        let contact = json!({"phone": SARA, "first_name": "سارا"});
        self.event("review.created", json!({"review_id": "r1", "product_id": "12", "contact": contact}));
        self
    }
}

fn product(id: &str, price: &str, left: i64, cross: &[&str], up: &[&str]) -> serde_json::Value {
    let stock = if left > 0 { "instock" } else { "outofstock" };
    json!({"product_id": id, "name": "چای بهاره لاهیجان", "url": format!("https://shop.example/?p={id}"), "price": price,
           "currency": "IRT", "stock_status": stock, "stock_quantity": left, "categories": [], "cross_sell_ids": cross,
           "upsell_ids": up})
}
