//! The other texts, times and gifts of a step. Each arm is the step with what it says otherwise. Pure.

use std::collections::BTreeMap;
use std::ops::Range;

use super::check::{Check, shown};
use super::file::{RawArm, RawStep};
use super::model::{Arm, Campaign, Choose, CouponSpec, Step, TextKey};
use super::timing;
use super::trigger::Trigger;
use super::wording::Wording;
use crate::document::Problems;
use crate::problem::Code;

/// With more, none would be tried often enough to learn anything.
const MOST: usize = 9;

/// Where an arm's text and gifts are looked up.
pub(super) struct Around<'a, 's> {
    pub campaign: &'a Campaign,
    pub trigger: Option<&'a Trigger>,
    pub coupons: &'a BTreeMap<String, CouponSpec>,
    pub wording: &'a mut Wording<'s>,
}

impl Check<'_> {
    /// The step's arms, and how they are chosen.
    pub(super) fn arms(&self, raw: &RawStep, step: &Step, around: &mut Around<'_, '_>) -> (Vec<Arm>, Choose) {
        let words = [("split", Choose::Split), ("learn", Choose::Learn)];
        let choose =
            raw.choose.as_ref().and_then(|found| self.problems.word("choose", found, &words)).unwrap_or_default();
        if let (Some(found), true) = (&raw.choose, raw.arms.is_empty()) {
            let what = "`choose` says how arms are drawn, but the step has none";
            self.problems.add(Code::NeedsArms, &found.span, what, "add a [[campaign.step.arm]], or take it out");
        }
        if let Some(arm) = raw.arms.get(MOST) {
            let what = format!("step has {} arms beside its own text: expected at most {MOST}", raw.arms.len());
            self.problems.add(Code::BadValue, &arm.span, what, "try fewer at a time: each needs hundreds of people");
        }
        let mut ids = BTreeMap::from([(Step::FIRST_ARM.to_owned(), raw.span.clone())]);
        let weights = weights(raw, choose, self.problems);
        let arms = raw.arms.iter().zip(weights).enumerate();
        (arms.map(|(n, (arm, weight))| self.arm(n, (raw, arm), weight, step, &mut ids, around)).collect(), choose)
    }

    fn arm(
        &self,
        number: usize,
        (whole, raw): (&RawStep, &RawArm),
        weight: u32,
        step: &Step,
        ids: &mut BTreeMap<String, Range<usize>>,
        around: &mut Around<'_, '_>,
    ) -> Arm {
        let id = self.id("arm", number, raw.id.as_ref(), ids);
        if raw.changes_nothing() {
            let what = format!("arm {:?} is the same as its step", shown(&id));
            let help = "write what is other in it: `text`, `coupon`, `after`, `wait`, `at`, `link` or `template`";
            self.problems.add(Code::MissingKey, &raw.span, what, help);
        }
        let mut arm = Step { key: format!("{}@{id}", step.id), ..step.clone() };
        let whole = whole.with(raw);
        if let Some(text) = &whole.text {
            around.wording.text(TextKey::text(&around.campaign.id, &arm.key), text);
            arm.text = Some(text.value.clone());
        }
        if raw.coupon.is_some() {
            let coupon = raw.coupon.as_ref().filter(|found| self.coupon_is_there(found, around.coupons));
            arm.coupon = coupon.map(|found| found.value.clone());
        }
        if raw.changes_time() {
            arm.time = timing::check(&whole, around.trigger, self.problems);
            arm.best_before = self.best_before(&whole, &arm.time);
        }
        if raw.link.is_some() {
            arm.link = self.link(&whole, around.campaign, around.trigger);
        }
        arm.templates = self.templates(&whole, &around.campaign.id, &arm.key, around.wording);
        Arm { id, weight, step: arm }
    }
}

/// Of a hundred people; the step's own text has the rest.
fn weights(raw: &RawStep, choose: Choose, problems: &Problems) -> Vec<u32> {
    let all = u32::try_from(raw.arms.len()).unwrap_or(u32::MAX).saturating_add(1);
    let usual = 100_u32.checked_div(all).unwrap_or_default();
    let mut sum = 0_u32;
    let weights = raw.arms.iter().map(|arm| {
        let Some(found) = &arm.weight else {
            sum = sum.saturating_add(usual);
            return usual;
        };
        if choose == Choose::Learn {
            let what = "`weight` means nothing where the arms are chosen by learning";
            problems.add(Code::Conflict, &found.span, what, "take it out, or write `choose = \"split\"`");
        }
        sum = sum.saturating_add(found.value);
        if !(1..=99).contains(&found.value) || sum > 99 {
            let what = format!("`weight` is {}: the arms beside the step's own text get {sum} of 100", found.value);
            let help = "write 1 to 99, and leave the step's own text at least 1 of 100";
            problems.add(Code::BadValue, &found.span, what, help);
        }
        found.value.min(99)
    });
    weights.collect()
}
