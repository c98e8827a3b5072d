//! The second model: a plain and slow list of what the daemon was told, and what the promises make of it.
//!
//! Written from the promises, not from the code. It keeps no state that has to be brought up to date: every question goes
//! through the whole list.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, TimeZone, Timelike};
use chrono_tz::Tz;

use crate::laws::{Laws, MINUTE};

/// Milliseconds since 1970, by the daemon's clock unless said otherwise.
pub type Ms = i64;

/// Who was named in an event.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Who {
    /// E.164.
    pub phone: Option<String>,
    pub user: Option<String>,
}

/// What an event tells, as the shop meant it.
#[derive(Debug, Clone, PartialEq)]
pub enum Tale {
    Basket {
        key: String,
        products: Vec<String>,
        who: Option<Who>,
    },
    Emptied {
        key: String,
    },
    Captured {
        key: Option<String>,
        who: Who,
        yes: Option<bool>,
    },
    Checkout {
        key: String,
        who: Option<Who>,
    },
    Order {
        id: String,
        phone: String,
        status: String,
        key: Option<String>,
        products: Vec<String>,
        total: i64,
        own: Ms,
    },
    Refund {
        order: String,
        id: String,
        amount: i64,
    },
    Review {
        order: String,
    },
    /// No text at all, or only no marketing; perhaps for a time.
    No {
        phone: String,
        all: bool,
        until: Option<Ms>,
    },
    Yes {
        phone: String,
    },
    Product {
        id: String,
        there: bool,
    },
    Coupon {
        code: String,
        dead: bool,
        expires: Option<Ms>,
    },
    Shop {
        zone: Tz,
    },
    Other,
}

/// One event of the daemon's log.
#[derive(Debug, Clone)]
pub struct Known {
    pub id: String,
    /// When it happened, never later than received.
    pub at: Ms,
    pub tale: Tale,
}

/// What became of an SMS that was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The gateway has not decided yet.
    Open,
    Refused,
    /// The request never arrived.
    Lost,
    /// Accepted; the number of its line in the gateway's books.
    Accepted(usize),
}

/// One call of the gateway, as it was made.
#[derive(Debug, Clone)]
pub struct Handed {
    pub ticket: u64,
    pub at: Ms,
    pub phone: String,
    /// By its place in the owner's order.
    pub gateway: usize,
    pub campaign: String,
    pub step: String,
    pub occasion: String,
    pub marketing: bool,
    /// Rial.
    pub price: i64,
    pub fate: Fate,
    /// Not delivered: it counts against no cap.
    pub failed: bool,
    /// The gateway gave the money back.
    pub refunded: bool,
}

impl Handed {
    /// The same text for the same occasion.
    pub fn is_same(&self, other: &Handed) -> bool {
        (&self.campaign, &self.step, &self.occasion) == (&other.campaign, &other.step, &other.occasion)
    }
}

#[derive(Default)]
pub struct Model {
    /// In the order of arrival.
    pub known: Vec<Known>,
    pub handed: Vec<Handed>,
    /// Newest last.
    pub laws: Vec<Laws>,
    pub zones: Vec<Tz>,
    /// The shop's accounts, and the number of each one's owner.
    pub accounts: BTreeSet<(String, String)>,
    /// Who was erased, and how much was known and handed over by then.
    pub erased: BTreeMap<String, (usize, usize)>,
}

fn not_bought(status: &str) -> bool {
    ["pending", "failed", "cancelled", "refunded"].contains(&status)
}

/// An order as the newest telling has it.
#[derive(Debug, Clone)]
pub struct Order<'m> {
    pub id: &'m str,
    pub phone: &'m str,
    pub status: &'m str,
    pub products: &'m [String],
    pub key: Option<&'m str>,
    pub total: i64,
    /// Not later than it can have been bought; `None`: it never was.
    pub bought: Option<Ms>,
}

impl Order<'_> {
    pub fn stands(&self) -> bool {
        !not_bought(self.status)
    }
}

impl Model {
    pub fn law(&self) -> &Laws {
        self.laws.last().expect("laws")
    }

    pub fn zone(&self) -> Tz {
        self.zones.last().copied().unwrap_or(Tz::Asia__Tehran)
    }

    /// By happening, then by arrival.
    fn sorted(&self) -> Vec<&Known> {
        let mut all: Vec<&Known> = self.known.iter().collect();
        all.sort_by_key(|k| k.at);
        all
    }

    // ── people ──────────────────────────────────────────────────────────────────────────────────────────────

    /// The person's last word was a no to texts of this kind, and it is in force.
    pub fn refuses(&self, phone: &str, marketing: bool, now: Ms) -> bool {
        self.sorted().iter().rev().find_map(|k| match &k.tale {
            Tale::No { phone: p, all, until } if p == phone => {
                Some((*all || marketing) && until.is_none_or(|until| now < until))
            }
            Tale::Yes { phone: p } if p == phone => Some(false),
            _ => None,
        }) == Some(true)
    }

    /// What the person's last word on marketing was.
    pub fn consent(&self, phone: &str) -> Option<bool> {
        // A choice that is no opting out is forgotten with the person.
        let forgotten = self.erased.get(phone).map_or(0, |(known, _)| *known);
        let mut said: Vec<&Known> = self.known.iter().skip(forgotten).collect();
        said.sort_by_key(|k| k.at);
        said.iter().rev().find_map(|k| match &k.tale {
            Tale::Captured { who, yes: Some(yes), .. } if who.phone.as_deref() == Some(phone) => Some(*yes),
            Tale::Yes { phone: p } if p == phone => Some(true),
            _ => None,
        })
    }

    /// What was handed over to this person since they were last erased.
    pub fn handed_to<'m>(&'m self, phone: &'m str) -> impl Iterator<Item = &'m Handed> {
        let forgotten = self.erased.get(phone).map_or(0, |(_, handed)| *handed);
        self.handed.iter().skip(forgotten).filter(move |h| h.phone == phone)
    }

    // ── baskets ─────────────────────────────────────────────────────────────────────────────────────────────

    /// Keys of baskets that were ever this number's.
    pub fn baskets_of(&self, phone: &str) -> BTreeSet<&str> {
        let account = |user: &str| self.accounts.contains(&(user.to_owned(), phone.to_owned()));
        let theirs = |who: &Who| who.phone.as_deref() == Some(phone) || who.user.as_deref().is_some_and(account);
        let keys = self.known.iter().filter_map(|k| match &k.tale {
            Tale::Basket { key, who: Some(who), .. }
            | Tale::Captured { key: Some(key), who, .. }
            | Tale::Checkout { key, who: Some(who) } => theirs(who).then_some(key.as_str()),
            _ => None,
        });
        keys.collect()
    }

    /// What is in the basket by the last word about its contents.
    pub fn contents(&self, key: &str) -> Vec<String> {
        let last = self.sorted().iter().rev().find_map(|k| match &k.tale {
            Tale::Basket { key: k, products, .. } if k == key => Some(products.clone()),
            Tale::Emptied { key: k } if k == key => Some(Vec::new()),
            _ => None,
        });
        last.unwrap_or_default()
    }

    /// The last act on a basket.
    pub fn last_act(&self, key: &str) -> Option<Ms> {
        let acts = self.known.iter().filter(|k| match &k.tale {
            Tale::Basket { key: k, .. } | Tale::Checkout { key: k, .. } | Tale::Emptied { key: k } => k == key,
            Tale::Captured { key: Some(k), .. } => k == key,
            _ => false,
        });
        acts.map(|k| k.at).max()
    }

    /// A basket of this person that waits to be bought: with something in it, and no order since its last act.
    pub fn waiting_baskets(&self, phone: &str) -> Vec<&str> {
        let orders = self.orders();
        let mut keys = Vec::new();
        for key in self.baskets_of(phone) {
            let Some(last) = self.last_act(key) else { continue };
            let bought = orders
                .values()
                .any(|o| (o.phone == phone || o.key == Some(key)) && o.stands() && o.bought.is_some_and(|b| b >= last));
            if !self.contents(key).is_empty() && !bought {
                keys.push(key);
            }
        }
        keys
    }

    // ── orders ──────────────────────────────────────────────────────────────────────────────────────────────

    /// Those of whom something was told since their person was last erased.
    pub fn orders(&self) -> BTreeMap<&str, Order<'_>> {
        let remembered = |n: usize, phone: &str| self.erased.get(phone).is_none_or(|(known, _)| n >= *known);
        let kept: BTreeSet<&str> = (self.known.iter().enumerate())
            .filter_map(|(n, k)| match &k.tale {
                Tale::Order { id, phone, .. } if remembered(n, phone) => Some(id.as_str()),
                _ => None,
            })
            .collect();
        let mut orders = self.all_orders();
        orders.retain(|id, _| kept.contains(id));
        orders
    }

    pub fn all_orders(&self) -> BTreeMap<&str, Order<'_>> {
        let mut orders: BTreeMap<&str, Order<'_>> = BTreeMap::new();
        for k in self.sorted() {
            let Tale::Order { id, phone, status, key, products, total, own } = &k.tale else { continue };
            let before = orders.get(id.as_str()).and_then(|o| o.bought);
            let now = (!not_bought(status)).then_some(k.at.min(*own));
            let bought = [before, now].into_iter().flatten().min();
            let (status, key, total) = (status.as_str(), key.as_deref(), *total);
            orders.insert(id, Order { id, phone, status, products, key, total, bought });
        }
        orders
    }

    /// When the order may have reached the status, at the latest.
    pub fn reached(&self, order: &str, status: &str) -> Option<Ms> {
        let told = self
            .known
            .iter()
            .filter(|k| matches!(&k.tale, Tale::Order { id, status: s, .. } if id == order && s == status));
        told.map(|k| k.at).max()
    }

    /// Sum of its refunds.
    pub fn refunded(&self, order: &str) -> i64 {
        let mut seen = BTreeSet::new();
        let mut sum = 0;
        for k in &self.known {
            if let Tale::Refund { order: o, id, amount } = &k.tale
                && o == order
                && seen.insert(id)
            {
                sum += amount;
            }
        }
        sum
    }

    /// What the person wrote before they were erased is nobody's.
    pub fn is_reviewed(&self, order: &str, phone: &str) -> bool {
        let forgotten = self.erased.get(phone).map_or(0, |(known, _)| *known);
        let created = |k: &Known| match &k.tale {
            Tale::Order { id, own, .. } if id == order => Some(k.at.min(*own)),
            _ => None,
        };
        let Some(first) = self.known.iter().filter_map(created).min() else { return false };
        // Nor what they wrote since, until the shop told of the order anew.
        let again = |k: &Known| matches!(&k.tale, Tale::Order { id, .. } if id == order);
        let told = self.known.iter().skip(forgotten).position(again).unwrap_or_default();
        let known = self.known.iter().skip(if forgotten > 0 { forgotten + told } else { 0 });
        known.filter(|k| k.at >= first).any(|k| matches!(&k.tale, Tale::Review { order: o } if o == order))
    }

    // ── the shop's things ───────────────────────────────────────────────────────────────────────────────────

    /// On sale and in stock by the last word about it; what was never told of may be.
    pub fn is_there(&self, product: &str) -> bool {
        let last = self.sorted().iter().rev().find_map(|k| match &k.tale {
            Tale::Product { id, there } if id == product => Some(*there),
            _ => None,
        });
        last.unwrap_or(true)
    }

    pub fn is_alive(&self, code: &str, now: Ms) -> bool {
        let last = self.sorted().iter().rev().find_map(|k| match &k.tale {
            Tale::Coupon { code: c, dead, expires } if c == code => Some(!dead && expires.is_none_or(|e| now < e)),
            _ => None,
        });
        last == Some(true)
    }

    // ── time ────────────────────────────────────────────────────────────────────────────────────────────────

    pub fn local(&self, t: Ms) -> DateTime<Tz> {
        local(self.zone(), t)
    }

    /// May marketing texts go now?
    pub fn is_open(&self, t: Ms) -> bool {
        let here = self.local(t);
        let minute = i64::from(here.hour() * 60 + here.minute());
        let law = self.law();
        let hours = hours_of(law, here.date_naive());
        hours.is_some_and(|(start, end)| minute >= start && minute < end - law.stop_before)
    }

    /// The latest moment at which a text may go that was due then, under any laws and zone there were.
    pub fn best_before(&self, due: Ms, span: Ms) -> Ms {
        let each = self.laws.iter().flat_map(|law| self.zones.iter().map(move |zone| opening(law, *zone, due)));
        each.max().unwrap_or(due) + span
    }
}

pub fn local(zone: Tz, t: Ms) -> DateTime<Tz> {
    DateTime::from_timestamp_millis(t).expect("a time").with_timezone(&zone)
}

/// Minutes of the day: what the weekday has, less what special days take away.
fn hours_of(law: &Laws, day: NaiveDate) -> Option<(i64, i64)> {
    let mut left = law.open[day.weekday().num_days_from_monday() as usize];
    for (month, of_month, hours) in &law.special {
        if (day.month(), day.day()) == (*month, *of_month) {
            left = match (left, hours) {
                (Some((start, end)), Some((s, e))) => Some((start.max(*s), end.min(*e))).filter(|(s, e)| s < e),
                _ => None,
            };
        }
    }
    left.filter(|(start, end)| *start < end - law.stop_before)
}

/// The earliest moment from `t` on that is inside the hours.
fn opening(law: &Laws, zone: Tz, t: Ms) -> Ms {
    let today = local(zone, t).date_naive();
    for ahead in 0..60 {
        let day = today + Days::new(ahead);
        let Some((start, end)) = hours_of(law, day) else { continue };
        let (opens, closes) = (instant(zone, day, start), instant(zone, day, end - law.stop_before));
        if t < closes {
            return t.max(opens);
        }
    }
    t
}

fn instant(zone: Tz, day: NaiveDate, minute: i64) -> Ms {
    let naive = day.and_hms_opt(0, 0, 0).expect("midnight") + Duration::minutes(minute);
    let there = zone.from_local_datetime(&naive).earliest();
    there.map_or_else(|| naive.and_utc().timestamp_millis() + 60 * MINUTE, |t| t.timestamp_millis())
}

/// Parts of an SMS by the plain rule: one of 70, or joined ones of 67; 140 and 153 for Latin letters.
pub fn parts(text: &str) -> (i64, bool) {
    let latin = text.is_ascii();
    let (alone, joined) = if latin { (140, 153) } else { (70, 67) };
    let units = text.encode_utf16().count();
    let parts = if units <= alone { 1 } else { units.div_ceil(joined).max(2) };
    (parts as i64, latin)
}
