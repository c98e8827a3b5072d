//! The owner: edits and reloads, holds, raises caps, erases; and what happens on a day.

use std::sync::Arc;

use bazgasht::phone::Phone;
use bazgasht::state::model::{Hold, HoldScope};
use bazgasht::state::world::World;
use rand::Rng;
use rand::seq::IndexedRandom;

use crate::laws::{DAY, HOUR, Laws, MINUTE};
use crate::promises::{Held, broken};
use crate::run::{Deed, Mood, Run};

/// What an owner's slip makes of a good campaign file.
const SLIPS: [(&str, &str); 7] = [
    ("[[campaign.step]]", "[[campaign.step]"),
    ("after = \"1h\"", "after = \"1 fortnight\""),
    ("{{ link }}", "{{ lnik }}"),
    ("best_before", "best_befor"),
    ("on = \"cart_abandoned\"", "on = \"cart_abandonned\""),
    ("coupon = \"off5\"", "coupon = \"off6\""),
    ("{{ contact.first_name | default(\"دوست عزیز\") }}", "{{ contact.first_name | default(\"دوست عزیز\" }}"),
];

impl Run {
    /// One thing happens.
    pub fn act(&mut self) -> Held {
        match self.dice.random_range(0..1_000) {
            0..780 => self.shopper_acts()?,
            780..840 => self.shop_acts(),
            840..855 => self.cut_bridge(),
            855..885 => self.gateway_turns(),
            885..905 => self.reload_better()?,
            905..915 => self.reload_worse()?,
            915..922 => self.hold(),
            922..926 => self.erase_somebody()?,
            926..936 => self.crash()?,
            936..966 => self.crash_soon(),
            966..971 => self.restart()?,
            971..985 => self.spoil_disk(),
            _ => self.move_clock(),
        }
        if self.life().disk.is_dead() { self.crash() } else { Ok(()) }
    }

    // ── files ───────────────────────────────────────────────────────────────────────────────────────────────

    fn reload_better(&mut self) -> Held {
        let mut law = self.model.law().clone();
        let dice = &mut self.dice;
        match dice.random_range(0..8) {
            0 => {
                let (start, end) = (dice.random_range(7..12) * 60, dice.random_range(16..24) * 60);
                law.open = [Some((start, end)); 7];
                law.open[dice.random_range(0..7)] = None;
                law.stop_before = dice.random_range(0..40);
            }
            1 => {
                law.gap = dice.random_range(1..48) * HOUR;
                law.day = dice.random_range(1..4);
                law.week = dice.random_range(1..8);
                law.month = dice.random_range(2..20);
            }
            2 => {
                law.budget_day = dice.random_bool(0.7).then(|| dice.random_range(2..60) * 1_000);
                law.budget_month = dice.random_range(40..400) * 1_000;
                law.budget_quick = dice.random_bool(0.5).then(|| dice.random_range(1..9) * 1_000);
            }
            3 => law.yes_needed = !law.yes_needed && dice.random_bool(0.6),
            4 => law.service_waits = !law.service_waits,
            5 => {
                let day = |dice: &mut rand::rngs::StdRng| {
                    let hours =
                        dice.random_bool(0.5).then(|| (dice.random_range(8..12) * 60, dice.random_range(13..22) * 60));
                    (dice.random_range(1..=12), dice.random_range(1..=28), hours)
                };
                law.special = (0..dice.random_range(0..40)).map(|_| day(dice)).collect();
            }
            6 => law.quick = (law.quick.is_none() || dice.random_bool(0.4)).then(|| dice.random_range(10..=40)),
            _ => law = Laws::usual(),
        }
        self.reload(law)
    }

    pub fn reload_same(&mut self) -> Held {
        let law = self.model.law().clone();
        self.reload(law)
    }

    pub fn reload(&mut self, law: Laws) -> Held {
        self.note(format!("the owner reloads: {law:?}"));
        *self.files.lock().expect("files") = law.files();
        if let Err(problems) = self.life().reload() {
            return broken(10, format!("good files are refused: {}", problems.join("\n")));
        }
        // The daemon lifts the gateway's holds.
        self.stopped.clear();
        self.model.laws.push(law);
        Ok(())
    }

    /// Promise 10: a file with an error changes nothing.
    fn reload_worse(&mut self) -> Held {
        let good = self.files.lock().expect("files").clone();
        let (right, wrong) = SLIPS.choose(&mut self.dice).copied().expect("slips");
        self.note(format!("the owner writes {wrong:?} and reloads"));
        let before = self.life().parts.rules();
        // The last place: the first may stand in a comment.
        let (before_it, behind) = good.campaigns.rsplit_once(right).expect("a place for the slip");
        self.files.lock().expect("files").campaigns = format!("{before_it}{wrong}{behind}");
        let said = self.life().reload();
        *self.files.lock().expect("files") = good;
        let after = self.life().parts.rules();
        if said.is_ok() || !Arc::ptr_eq(&before, &after) {
            return broken(10, format!("{wrong:?} was taken"));
        }
        Ok(())
    }

    // ── holds and erasure ───────────────────────────────────────────────────────────────────────────────────

    fn hold(&mut self) {
        let scope = ["all", "campaign:quick", "campaign:abandoned-cart", "campaign:news"]
            .choose(&mut self.dice)
            .copied()
            .expect("scopes");
        let since = self.daemon_now();
        let hold = Hold { scope: scope.parse().expect("a scope"), why: "the owner".into(), since, until: None };
        self.note(format!("the owner holds {scope}"));
        if self.life().write(move |world| world.put_hold(&hold)).is_some() {
            self.holds.insert(scope.to_owned());
            let until = self.now + self.dice.random_range(1..9) * HOUR;
            self.later(until, Deed::Lift(scope.to_owned()));
        }
    }

    pub fn lift(&mut self, scope: &str) {
        if !self.holds.contains(scope) {
            return;
        }
        self.note(format!("the owner lifts {scope}"));
        let lifted: HoldScope = scope.parse().expect("a scope");
        if self.life().write(move |world| world.lift_hold(&lifted)).is_some() {
            self.holds.remove(scope);
        } else {
            self.later(self.now + HOUR, Deed::Lift(scope.to_owned()));
        }
    }

    fn erase_somebody(&mut self) -> Held {
        let n = self.dice.random_range(0..self.shop.people.len());
        let phone = self.shop.people[n].phone.clone();
        self.erase(phone)
    }

    pub fn erase(&mut self, phone: String) -> Held {
        let number = Phone::from_e164(&phone).expect("a number");
        let mut erased = self.life().erase(&number, self.daemon_now());
        if self.life().disk.is_dead() {
            // Half an erasure is done again, first of all.
            self.crash()?;
            erased = self.life().erase(&number, self.daemon_now());
        }
        if erased {
            self.note(format!("{phone} is erased"));
            self.model.erased.insert(phone, (self.model.known.len(), self.model.handed.len()));
        } else {
            self.later(self.now + HOUR, Deed::Erase(phone));
        }
        Ok(())
    }

    // ── trouble ─────────────────────────────────────────────────────────────────────────────────────────────

    fn gateway_turns(&mut self) {
        let moods = [Mood::Flaky, Mood::Flaky, Mood::Broke, Mood::LineBlocked, Mood::Busy, Mood::Silent, Mood::Down];
        let mood = moods.choose(&mut self.dice).copied().expect("moods");
        let gateway = self.dice.random_range(0..self.gates.len());
        self.mood[gateway] = mood;
        self.desk().broke[gateway] = mood == Mood::Broke;
        self.note(format!("gateway {gateway} is {mood:?}"));
        let span = self.dice.random_range(10..40 * 60) * MINUTE;
        self.later(self.now + span / 2, Deed::Credit);
        self.later(self.now + span, Deed::GatewayWell(gateway));
    }

    fn crash_soon(&mut self) {
        let (left, keeps) = (self.dice.random_range(0..12), self.chance(60));
        self.note(format!(
            "the machine will stop at commit {left} from now, {}",
            if keeps { "after it" } else { "before it" }
        ));
        self.life().disk.stop_at(left, keeps);
    }

    fn spoil_disk(&mut self) {
        self.disk_bad = true;
        if self.chance(60) {
            self.note("the disk is full".into());
            self.life().fill(true);
        } else {
            self.note("the disk takes nothing".into());
            self.life().disk.fail(true);
        }
        let well = self.now + self.dice.random_range(5..300) * MINUTE;
        self.later(well, Deed::DiskWell);
    }

    fn move_clock(&mut self) {
        let minutes = match self.dice.random_range(0..4) {
            0 => self.dice.random_range(-4..5),
            1 => self.dice.random_range(-180..180),
            2 => self.dice.random_range(-20 * 60..20 * 60),
            _ => self.dice.random_range(0..3 * 24 * 60),
        };
        self.skew_clock(minutes * MINUTE);
        let right = self.now + self.dice.random_range(1..30) * HOUR;
        self.later(right.min(self.now + DAY), Deed::ClockRight);
    }
}
