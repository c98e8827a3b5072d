//! From `campaigns.toml` as it stands to [`Campaigns`], or to everything that is wrong with it. Pure.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::arms::Around;
use super::file::{RawCampaign, RawFile, RawStep};
use super::model::{
    Again, Campaign, CampaignBudget, Campaigns, Choose, CouponSpec, Exit, Goal, Kind, Language, LinkKind, Offer,
    ProviderTemplate, Segment, Start, Step, TextKey, Timing, Trigger,
};
use super::tokens;
use super::trigger::{self, About};
use super::wording::{self, Wording};
use super::{branches, coupons, deeds, file, people, questions, service, timing, warn};
use crate::clock::Span;
use crate::document::{Found, Problems, list};
use crate::money::{self, Money};
use crate::problem::{Code, Label, Problem, SourceFile};
use crate::settings::model::Settings;
use crate::state::model::Shop;

/// Steps under a day are of use for a shorter time than later ones.
const BEST_BEFORE_SOON: Span = Span::hours(6);
const BEST_BEFORE_LATER: Span = Span::hours(24);
/// Stands for a trigger that could not be read; no problem speaks of it.
const UNREAD: Trigger = Trigger::CartAbandoned { idle: Span::minutes(45) };
const MAX_PARTS: u32 = 3;
const MOST_HELD_OUT: u32 = 50;
const LONGEST_ID: usize = 64;

/// What texts are tried on, and what the machine allows.
#[derive(Debug, Clone, Copy)]
pub struct CheckContext<'a> {
    pub settings: &'a Settings,
    /// What the shop said of itself, once it has.
    pub told: Option<&'a Shop>,
}

/// The outcome of reading a file.
#[derive(Debug)]
pub struct Checked {
    /// There when no problem is an error.
    pub campaigns: Option<Campaigns>,
    /// Errors and warnings in the file's order.
    pub problems: Vec<Problem>,
}

/// Reads and checks a whole campaign file; `name` is what problems call it.
#[must_use]
pub fn load(name: &str, source: &str, context: &CheckContext<'_>) -> Checked {
    let problems = Problems::of(SourceFile::new(name, source));
    let raw = file::read(source, &problems);
    let check = Check { problems: &problems, context };
    let language = check.language(&raw);
    let coupons = coupons::read(&raw, &problems);
    let mut wording = Wording::new(source);
    let mut ids = BTreeMap::new();
    let segments =
        people::segments(&raw, &mut wording, &problems, &mut |id| check.id("segment", 0, Some(id), &mut ids));
    let points = people::points(raw.points.as_ref(), &problems);
    let mut ids = BTreeMap::new();
    let list = raw
        .campaigns
        .iter()
        .enumerate()
        .map(|(n, c)| check.campaign(n, c, (&coupons, &segments), &mut ids, &mut wording))
        .collect();
    let templates = wording.compile(language, &problems);
    let shop_name = raw.shop_name.as_ref().map(|n| n.value.clone());
    let margin = raw.margin.as_ref().and_then(|found| coupons::share("margin", found, &problems));
    let holdout = check.holdout(raw.holdout.as_ref());
    let templates = Arc::new(templates);
    let mut campaigns = Campaigns {
        language,
        shop_name,
        margin,
        coupons,
        holdout,
        cycles: check.cycles(&raw),
        segments,
        points,
        list,
        templates,
        mark: 0,
    };
    campaigns.mark = campaigns.fingerprint();
    wording::check(&campaigns, &raw, &wording, context, &problems);
    deeds::look(&campaigns, &raw, &problems);
    service::look(&campaigns, &raw, &problems);
    warn::look(&campaigns, &raw, context.settings, &problems);
    let good = !problems.any_error();
    Checked { campaigns: good.then_some(campaigns), problems: problems.into_list() }
}

pub(super) struct Check<'p> {
    pub(super) problems: &'p Problems,
    pub(super) context: &'p CheckContext<'p>,
}

impl Check<'_> {
    fn language(&self, raw: &RawFile) -> Language {
        let words = [("fa", Language::Persian), ("en", Language::English)];
        raw.language.as_ref().and_then(|found| self.problems.word("language", found, &words)).unwrap_or_default()
    }

    fn cycles(&self, raw: &RawFile) -> BTreeMap<String, Span> {
        let read = |(name, length): &(Found<String>, Found<String>)| {
            let span = self.problems.length(Code::Delay, &name.value, length)?;
            if span < Span::days(1) {
                let what = format!("cycle of {:?} is {span}: expected a day or more", name.value);
                let help = "write how long it lasts until it is bought again, such as \"30 days\"";
                self.problems.add(Code::Delay, &length.span, what, help);
            }
            Some((name.value.clone(), span))
        };
        raw.cycles.iter().filter_map(read).collect()
    }

    /// An offer that is about a product needs a campaign that is.
    fn offer_suits(&self, raw: &RawCampaign, trigger: Option<&Trigger>, offer: Option<Offer>) {
        let (Some(written), Some(trigger), Some(offer)) = (&raw.offer, trigger, offer) else { return };
        if matches!(offer, Offer::Viewed | Offer::Replenish) && trigger.about() != About::Product {
            let what = format!(
                "offer {:?} is the product that a campaign is about, and this one is about none",
                written.value
            );
            let help = "start with `on = \"product_viewed\"` or `on = \"repurchase\"`, or offer \"best_sellers\"";
            self.problems.add(Code::NotWithTrigger, &written.span, what, help);
        }
    }

    fn campaign(
        &self,
        number: usize,
        raw: &RawCampaign,
        (coupons, segments): (&BTreeMap<String, CouponSpec>, &[Segment]),
        ids: &mut BTreeMap<String, Range<usize>>,
        wording: &mut Wording<'_>,
    ) -> Campaign {
        let id = self.id("campaign", number, raw.id.as_ref(), ids);
        let read = raw.trigger.as_ref().and_then(|t| trigger::check::check(t, self.problems));
        let trigger = read.clone().unwrap_or(UNREAD);
        let offer = raw.offer.as_ref().and_then(|o| self.problems.word("offer", o, &Offer::WORDS));
        self.offer_suits(raw, read.as_ref(), offer);
        let goal = self.goal(raw, read.as_ref());
        let length = |key: &str, found: Option<&Found<String>>, usual: Span| {
            found.and_then(|f| self.problems.length(Code::Delay, key, f)).unwrap_or(usual)
        };
        let give_up = length("give_up", raw.give_up.as_ref(), trigger.usual_give_up());
        if let Some(who) = &raw.who {
            wording.condition(TextKey::who(&id), who);
        }
        let mut campaign = Campaign {
            name: raw.name.as_ref().map_or_else(|| id.clone(), |n| n.value.clone()),
            enabled: raw.enabled.as_ref().is_none_or(|e| e.value),
            has_who: raw.who.is_some(),
            segment: self.segment(raw, segments),
            again: raw.again.as_ref().and_then(|a| self.again(a)).unwrap_or(Again::Always),
            cool_off: length("cool_off", raw.cool_off.as_ref(), trigger.usual_cool_off()),
            give_up,
            exits: self.exits(raw, read.as_ref(), goal),
            kind: self.kind(raw.kind.as_ref(), Kind::Marketing),
            priority: self.priority(raw, &trigger),
            budget: self.budget(raw),
            holdout: self.holdout(raw.holdout.as_ref()),
            offer,
            goal,
            steps: Vec::new(),
            trigger,
            id,
        };
        let trigger = read;
        if let (idle, Some(written)) = (campaign.trigger.idle(), raw.trigger.as_ref().and_then(|t| t.idle.as_ref()))
            && idle > give_up
        {
            let thing = if campaign.trigger.about() == About::Basket {
                "a basket counts as abandoned"
            } else {
                "an order counts as unpaid"
            };
            let what = format!("{thing} after {idle}, but the campaign gives up after {give_up}");
            self.problems.add(Code::Delay, &written.span, what, "shorten `idle`, or write a longer `give_up`");
        }
        self.offer_is_there(raw, trigger.as_ref());
        if trigger.is_none() {
            wording.leave_out(&campaign.id);
        }
        if raw.steps.is_empty() {
            let what = format!("campaign `{}` has no step, so it would never say anything", shown(&campaign.id));
            self.problems.add(Code::NoSteps, &raw.span, what, "add a [[campaign.step]] with `id`, `after` and `text`");
        }
        let mut step_ids = BTreeMap::new();
        campaign.steps = raw
            .steps
            .iter()
            .enumerate()
            .map(|(n, step)| self.step(n, step, (&campaign, trigger.as_ref()), coupons, &mut step_ids, wording))
            .collect();
        branches::set_aside(raw, &mut campaign, self.problems);
        self.delays(raw, &campaign, trigger.as_ref());
        branches::check(raw, &campaign, self.problems);
        if trigger.is_some() {
            coupons::suit(&given(raw, &campaign), &campaign, coupons, self.problems);
        }
        campaign
    }

    /// Of a hundred people.
    fn holdout(&self, found: Option<&Found<u32>>) -> u32 {
        let Some(found) = found else { return 0 };
        if found.value > MOST_HELD_OUT {
            let what = format!("`holdout` is {}: expected 0 to {MOST_HELD_OUT} of a hundred people", found.value);
            self.problems.add(Code::BadValue, &found.span, what, "write it such as `holdout = 10`");
        }
        found.value.min(MOST_HELD_OUT)
    }

    /// The campaign's own; also looks at the trigger's.
    fn segment(&self, raw: &RawCampaign, segments: &[Segment]) -> Option<String> {
        if let Some(found) = raw.trigger.as_ref().and_then(|trigger| trigger.segment.as_ref()) {
            people::is_there(found, segments, self.problems);
        }
        let own = raw.segment.as_ref().filter(|found| people::is_there(found, segments, self.problems));
        own.map(|found| found.value.clone())
    }

    /// The id as written, made unique where it is not, so that checking can go on.
    pub(super) fn id(
        &self,
        what: &str,
        number: usize,
        raw: Option<&Found<String>>,
        seen: &mut BTreeMap<String, Range<usize>>,
    ) -> String {
        let Some(found) = raw else { return format!("#{number}") };
        let id = &found.value;
        let plain = !id.is_empty()
            && id.len() <= LONGEST_ID
            && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'));
        if !plain {
            let message = format!(
                "{what} id {id:?} is not plain: expected 1 to {LONGEST_ID} of the characters a–z, 0–9, - and _"
            );
            self.problems.add(
                Code::BadId,
                &found.span,
                message,
                "write it such as `id = \"first-day\"`; `name` is for people",
            );
        }
        let Some(first) = seen.get(id) else {
            seen.insert(id.clone(), found.span.clone());
            return id.clone();
        };
        let labels = vec![Label { span: first.clone(), text: "first here".to_owned() }];
        let message = format!("{what} id {id:?} is there twice");
        self.problems.add_with(Code::DuplicateId, &found.span, message, "give one of them another id", labels);
        format!("{id}#{number}")
    }

    fn again(&self, found: &Found<String>) -> Option<Again> {
        match found.value.as_str() {
            "always" => Some(Again::Always),
            "never" => Some(Again::Never),
            written if written.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
                self.problems.length(Code::Delay, "again", found).map(Again::After)
            }
            _ => {
                let what = format!("`again` does not know {:?}", found.value);
                self.problems.add(
                    Code::UnknownWord,
                    &found.span,
                    what,
                    "use `always`, `never`, or a length of time such as \"30 days\"",
                );
                None
            }
        }
    }

    fn goal(&self, raw: &RawCampaign, trigger: Option<&Trigger>) -> Goal {
        let usual = trigger.unwrap_or(&UNREAD).usual_goal(raw.offer.is_some());
        let Some(found) = &raw.goal else { return usual };
        let goal = self.problems.word("goal", found, &Goal::WORDS).unwrap_or(usual);
        if let Some(thing) = trigger.and_then(|trigger| lacks(trigger, goal.exit())) {
            let (begins, help) = begins_with(trigger);
            let what = format!("goal `{}` needs {thing}, but this campaign starts with {begins}", found.value);
            self.problems.add(Code::NotWithTrigger, &found.span, what, help);
        }
        if goal == Goal::Offer && raw.offer.is_none() {
            let what = "goal `offer` needs something that is offered";
            self.problems.add(
                Code::NeedsOffer,
                &found.span,
                what,
                "add `offer = \"cross_sell\"` to the campaign, or write `goal = \"order\"`",
            );
        }
        goal
    }

    fn exits(&self, raw: &RawCampaign, trigger: Option<&Trigger>, goal: Goal) -> Vec<Exit> {
        let Some(written) = &raw.exits else { return trigger.unwrap_or(&UNREAD).usual_exits(goal) };
        let mut exits = Vec::new();
        for found in &written.value {
            let Some(exit) = self.problems.word("exits", found, &Exit::WORDS) else { continue };
            if let Some(thing) = trigger.and_then(|trigger| lacks(trigger, exit)) {
                let what = format!("exit `{}` needs {thing}, which this campaign's trigger does not have", found.value);
                self.problems.add(Code::NotWithTrigger, &found.span, what, "take it out of the list");
            }
            if exit == Exit::BoughtOffer && raw.offer.is_none() {
                let what = "exit `bought_offer` needs something that is offered";
                self.problems.add(
                    Code::NeedsOffer,
                    &found.span,
                    what,
                    "add `offer = \"cross_sell\"` to the campaign, or take the exit out",
                );
            }
            if !exits.contains(&exit) {
                exits.push(exit);
            }
        }
        exits
    }

    fn kind(&self, written: Option<&Found<String>>, usual: Kind) -> Kind {
        let words = [("marketing", Kind::Marketing), ("service", Kind::Service)];
        written.and_then(|k| self.problems.word("kind", k, &words)).unwrap_or(usual)
    }

    fn priority(&self, raw: &RawCampaign, trigger: &Trigger) -> u8 {
        let usual = trigger.usual_priority();
        let Some(found) = &raw.priority else { return usual };
        u8::try_from(found.value).ok().filter(|n| *n <= 100).unwrap_or_else(|| {
            let what = format!("`priority` is {}: expected 0 to 100", found.value);
            self.problems.add(Code::BadValue, &found.span, what, format!("take it out (then it is {usual})"));
            usual
        })
    }

    /// In the currency of the budget of all, which is that of the preferred line's prices.
    fn budget(&self, raw: &RawCampaign) -> CampaignBudget {
        let currency = self.context.settings.gateway.currency();
        let said = self.context.settings.budget_currency.unwrap_or(currency);
        let sum = |key: &str, found: Option<&Found<String>>| {
            let found = found?;
            let money = Money::parse(&found.value, said)
                .ok()
                .filter(|m| m.minor >= 0)
                .and_then(|m| money::exactly(m, currency));
            if money.is_none() {
                let what = format!("`{key}` is no sum of money in {said}");
                self.problems.add(
                    Code::BadValue,
                    &found.span,
                    what,
                    format!("write it in plain digits, such as `{key} = \"50000\"`"),
                );
            }
            money
        };
        let Some(budget) = &raw.budget else { return CampaignBudget::default() };
        CampaignBudget { day: sum("day", budget.day.as_ref()), month: sum("month", budget.month.as_ref()) }
    }

    /// A cross-sell stands on what an order held.
    fn offer_is_there(&self, raw: &RawCampaign, trigger: Option<&Trigger>) {
        if let (Some(found), Some(trigger)) = (&raw.offer, trigger)
            && trigger.about() != About::Order
            && found.value == "cross_sell"
        {
            let (begins, _) = begins_with(Some(trigger));
            let what = format!("offer `cross_sell` needs an order to go with, but this campaign starts with {begins}");
            self.problems.add(
                Code::NotWithTrigger,
                &found.span,
                what,
                "take it out, or start with `on = \"order_status\"`",
            );
        }
    }

    fn step(
        &self,
        number: usize,
        raw: &RawStep,
        (campaign, trigger): (&Campaign, Option<&Trigger>),
        coupons: &BTreeMap<String, CouponSpec>,
        ids: &mut BTreeMap<String, Range<usize>>,
        wording: &mut Wording<'_>,
    ) -> Step {
        let id = self.id("step", number, raw.id.as_ref(), ids);
        if id == branches::END {
            let what = format!("step id {:?} means the end of the campaign", branches::END);
            let span = raw.id.as_ref().map_or(&raw.span, |id| &id.span);
            self.problems.add(Code::BadId, span, what, "give the step another id");
        }
        let time = timing::check(raw, trigger, self.problems);
        let (otherwise, then) = branches::jumps(raw, self.problems);
        if let Some(when) = &raw.when {
            wording.condition(TextKey::when(&campaign.id, &id), when);
        }
        if let Some(text) = &raw.text {
            wording.text(TextKey::text(&campaign.id, &id), text);
        }
        let coupon = raw.coupon.as_ref().filter(|found| self.coupon_is_there(found, coupons));
        let mut step = Step {
            key: id.clone(),
            has_when: raw.when.is_some(),
            otherwise,
            then,
            aside: false,
            ask: questions::check(raw, self.problems),
            text: raw.text.as_ref().map(|t| t.value.clone()),
            link: self.link(raw, campaign, trigger),
            coupon: coupon.map(|found| found.value.clone()),
            best_before: self.best_before(raw, &time),
            max_parts: self.max_parts(raw),
            kind: self.kind(raw.kind.as_ref(), campaign.kind),
            templates: self.templates(raw, &campaign.id, &id, wording),
            deeds: self.deeds(raw, campaign, &id, wording),
            choose: Choose::default(),
            arms: Vec::new(),
            time,
            id,
        };
        let mut around = Around { campaign, trigger, coupons, wording };
        (step.arms, step.choose) = self.arms(raw, &step, &mut around);
        step
    }

    pub(super) fn coupon_is_there(&self, found: &Found<String>, coupons: &BTreeMap<String, CouponSpec>) -> bool {
        if coupons.contains_key(&found.value) {
            return true;
        }
        let wanted = found.value.to_lowercase();
        let near = coupons.iter().find(|(id, spec)| {
            let close = |word: &str| strsim::damerau_levenshtein(&wanted, &word.to_lowercase()) <= 1;
            close(id) || spec.shared_code().is_some_and(close)
        });
        let meant = near.map_or_else(String::new, |(id, _)| format!(": did you mean {id:?}?"));
        let help = if coupons.is_empty() {
            format!("add a table: [coupons.{}] with `code` and `percent`", found.value)
        } else {
            format!("add a table [coupons.{}], or use one of {}", found.value, list(coupons.keys()))
        };
        self.problems.add(
            Code::UnknownCoupon,
            &found.span,
            format!("coupon {:?} is not among [coupons]{meant}", found.value),
            help,
        );
        false
    }

    pub(super) fn link(&self, raw: &RawStep, campaign: &Campaign, trigger: Option<&Trigger>) -> LinkKind {
        let trigger = trigger.unwrap_or(&UNREAD);
        let usual = trigger.usual_link(campaign.goal, campaign.offer.is_some());
        let words: Vec<(&'static str, LinkKind)> = LinkKind::ALL.iter().map(|kind| (kind.word(), *kind)).collect();
        let Some((found, link)) = raw.link.as_ref().and_then(|l| Some((l, self.problems.word("link", l, &words)?)))
        else {
            return usual;
        };
        let (begins, _) = begins_with(Some(trigger));
        let pays = matches!(trigger, Trigger::PaymentFailed { .. });
        let wrong = match link {
            LinkKind::Cart if trigger.about() != About::Basket && !pays => {
                Some(format!("to the basket, but this campaign starts with {begins}"))
            }
            LinkKind::Review if trigger.about() != About::Order => Some(format!(
                "to a review form, but this campaign starts with {begins}: there is nothing to review yet"
            )),
            LinkKind::Pay if trigger.about() != About::Order => {
                Some(format!("to an order's pay page, but this campaign starts with {begins}"))
            }
            _ => None,
        };
        if let Some(why) = wrong {
            let what = format!("link leads {why}");
            self.problems.add(
                Code::NotWithTrigger,
                &found.span,
                what,
                format!("take it out (this campaign's own is {:?}), or write \"shop\"", usual.word()),
            );
        }
        if link == LinkKind::Ask && raw.ask.is_none() {
            let what = "link leads to the page of a question, and the step asks none";
            self.problems.add(Code::Conflict, &found.span, what, "add `ask`, or write another link");
        }
        if link == LinkKind::Product && campaign.offer.is_none() && trigger.about() != About::Product {
            let what = "link leads to the offered product, but the campaign offers none";
            self.problems.add(
                Code::NeedsOffer,
                &found.span,
                what,
                "add `offer = \"cross_sell\"` to the campaign, or write another link",
            );
        }
        link
    }

    pub(super) fn best_before(&self, raw: &RawStep, time: &Timing) -> Span {
        let usual = if time.is_soon() { BEST_BEFORE_SOON } else { BEST_BEFORE_LATER };
        let Some(found) = &raw.best_before else { return usual };
        let span = self.problems.length(Code::Delay, "best_before", found);
        if span == Some(Span::ZERO) {
            let what = "`best_before` is zero: the text would be too late as soon as it is due";
            self.problems.add(
                Code::Delay,
                &found.span,
                what,
                format!("take it out (then it is {usual}), or write a longer time"),
            );
        }
        span.unwrap_or(usual)
    }

    fn max_parts(&self, raw: &RawStep) -> u32 {
        let Some(found) = &raw.max_parts else { return MAX_PARTS };
        if !(1..=10).contains(&found.value) {
            let what = format!("`max_parts` is {}: expected 1 to 10", found.value);
            self.problems.add(Code::BadValue, &found.span, what, format!("take it out (then it is {MAX_PARTS})"));
        }
        found.value.clamp(1, 10)
    }

    pub(super) fn templates(
        &self,
        raw: &RawStep,
        campaign: &str,
        step: &str,
        wording: &mut Wording<'_>,
    ) -> Vec<ProviderTemplate> {
        let mut templates: Vec<ProviderTemplate> = Vec::new();
        for raw in &raw.templates {
            let Some(name) = &raw.name else { continue };
            if name.value.trim().is_empty() {
                self.problems.add(
                    Code::BadValue,
                    &name.span,
                    "template name is empty",
                    "write the name under which the provider approved it",
                );
            }
            let gateway = raw.gateway.as_ref().map(|g| g.value.clone());
            if templates.iter().any(|known| known.gateway == gateway) {
                let whose = gateway.as_deref().unwrap_or("every gateway");
                let what = format!("there are two templates for {whose}");
                self.problems.add(
                    Code::Conflict,
                    &raw.span,
                    what,
                    "keep one for each: `gateway = \"…\"` says whose it is",
                );
                continue;
            }
            tokens::check(raw, &self.context.settings.gateway, self.problems);
            let mut tokens = BTreeMap::new();
            for (token, text) in &raw.tokens {
                wording.text(TextKey::token(campaign, step, templates.len(), &token.value), text);
                tokens.insert(token.value.clone(), text.value.clone());
            }
            templates.push(ProviderTemplate { gateway, name: name.value.clone(), tokens });
        }
        templates
    }

    /// Delays against each other and against the campaign's own times. Those that could not be read are left out.
    fn delays(&self, raw: &RawCampaign, campaign: &Campaign, trigger: Option<&Trigger>) {
        let delays = delays(raw, campaign);
        for (found, step, delay) in delays.iter().flatten() {
            self.against_the_campaign(raw, (found, step, *delay), campaign, trigger);
        }
        for pair in delays.windows(2) {
            let [Some((first, earlier, sooner)), Some((second, later, delay))] = pair else { continue };
            if delay < sooner && branches::falls_through(earlier, later) {
                let what = format!(
                    "step `{}` ({delay}) stands behind step `{}` ({sooner}), which goes out later",
                    shown(&later.id),
                    shown(&earlier.id)
                );
                let labels = vec![Label { span: first.span.clone(), text: "later than the step behind it".to_owned() }];
                let help = "put the steps in the order in which they go out";
                self.problems.add_with(Code::StepOrder, &second.span, what, help, labels);
            }
        }
    }

    fn against_the_campaign(
        &self,
        raw: &RawCampaign,
        (found, step, delay): (&Found<String>, &Step, Span),
        campaign: &Campaign,
        trigger: Option<&Trigger>,
    ) {
        let key = if matches!(step.time.start, Start::Wait(_)) { "wait" } else { "after" };
        if delay > campaign.give_up {
            let what = format!(
                "step `{}` comes after {delay}, but the campaign gives up after {}",
                shown(&step.id),
                campaign.give_up
            );
            let labels =
                raw.give_up.iter().map(|g| Label { span: g.span.clone(), text: "gives up here".to_owned() }).collect();
            let help = format!("write `give_up = \"{delay}\"` or more, or a shorter `{key}`");
            self.problems.add_with(Code::Delay, &found.span, what, help, labels);
        }
        let idle = trigger.map_or(Span::ZERO, Trigger::idle);
        if delay < idle {
            let thing = match campaign.trigger.about() {
                About::Basket => "the basket counts as abandoned",
                _ => "the order counts as unpaid",
            };
            let what = format!("step `{}` comes after {delay}, before {thing} ({idle})", shown(&step.id));
            let help = format!("write `{key} = \"{idle}\"` or more, or a shorter `idle`");
            self.problems.add(Code::Delay, &found.span, what, help);
        }
    }
}

/// Where each coupon is named, and the step, or the arm of one, that gives it.
fn given<'r>(raw: &'r RawCampaign, campaign: &'r Campaign) -> Vec<(&'r Found<String>, &'r Step)> {
    let both = |(raw, step): (&'r RawStep, &'r Step)| {
        let arms = raw.arms.iter().zip(&step.arms).map(|(raw, arm)| (raw.coupon.as_ref(), &arm.step));
        std::iter::once((raw.coupon.as_ref(), step)).chain(arms)
    };
    let all = raw.steps.iter().zip(&campaign.steps).flat_map(both);
    all.filter_map(|(found, step)| Some((found?, step))).collect()
}

/// How long after the trigger each step is due at the earliest, where that can be known: with the place at which it is
/// written. A step that others jump to may be reached in several ways.
fn delays<'r>(raw: &'r RawCampaign, campaign: &'r Campaign) -> Vec<Option<(&'r Found<String>, &'r Step, Span)>> {
    let mut before: Option<Span> = Some(Span::ZERO);
    let mut delays = Vec::new();
    for (n, (raw, step)) in raw.steps.iter().zip(&campaign.steps).enumerate() {
        let read = |found: &'r Option<Found<String>>| found.as_ref().filter(|f| f.value.parse::<Span>().is_ok());
        let known = match step.time.start {
            Start::After(span) => read(&raw.after).map(|found| (found, step, span)),
            Start::Wait(span) => read(&raw.wait).zip(before).map(|(found, before)| (found, step, before.plus(span))),
            Start::Before(_) | Start::Day(_) => None,
        };
        let next = campaign.steps.get(n + 1);
        let leads_on = step.ask.is_none() && next.is_some_and(|next| branches::falls_through(step, next));
        before = known.map(|(.., delay)| delay).filter(|_| leads_on);
        delays.push(known);
    }
    delays
}

/// An id as the owner wrote it: see [`Check::id`].
pub(super) fn shown(id: &str) -> &str {
    id.split_once('#').map_or(id, |(written, _)| written)
}

/// What a way out, or a goal, stands on and this trigger's campaigns do not have.
fn lacks(trigger: &Trigger, exit: Exit) -> Option<&'static str> {
    let (there, thing) = match exit {
        Exit::Order | Exit::BoughtOffer | Exit::Visited | Exit::Replied | Exit::SignedUp => return None,
        Exit::CartEmptied => (trigger.about() == About::Basket, "a basket"),
        Exit::Review => (trigger.about() != About::Basket, "an order to review"),
        Exit::TakenBack | Exit::Paid => (trigger.about() == About::Order, "an order"),
        Exit::BoughtProduct | Exit::InCart | Exit::StockGone => (trigger.about() == About::Product, "a product"),
        Exit::PriceBack => (matches!(trigger, Trigger::PriceDrop { .. }), "a price that dropped"),
        Exit::Renewed => (matches!(trigger, Trigger::SubscriptionRenewal), "a subscription"),
        Exit::SegmentLeft => (
            matches!(trigger, Trigger::SegmentEntered { .. } | Trigger::Broadcast { segment: Some(_), .. }),
            "a segment",
        ),
    };
    (!there).then_some(thing)
}

/// What a campaign starts with, and how it would start with an order.
fn begins_with(trigger: Option<&Trigger>) -> (&'static str, &'static str) {
    let begins = match trigger.map(Trigger::about) {
        Some(About::Basket) | None => "a basket",
        Some(About::Order) => "an order",
        Some(About::Product) => "a product",
        Some(About::Person) => "the person",
    };
    (begins, "write `goal = \"order\"`, or start with `on = \"order_status\"`")
}
