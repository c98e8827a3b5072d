//! The file's texts and conditions: compiled, and tried on made-up people, whose texts are counted and priced. Pure.

use std::collections::BTreeSet;
use std::ops::Range;

use super::check::CheckContext;
use super::file::{RawFile, RawStep};
use super::model::{Campaign, Campaigns, Kind, Language, Step, TextKey, Trigger};
use super::people;
use super::trigger::About;
use crate::document::{Found, Problems, place_inside};
use crate::problem::Code;
use crate::render::compose::{Composed, compose};
use crate::render::parts::{Encoding, PartRules, Parts};
use crate::render::samples::{self, Sample, SampleKind};
use crate::render::template::{ProblemKind, Source, Templates, TextError};
use crate::render::values::{self, Place, ShopView};
use crate::rules::Rules;

/// More are paid for, but seldom read.
const USUAL_MOST_PARTS: u32 = 2;
/// So few characters in the last part are worth taking out.
const FEW: u32 = 5;
/// Every text and condition of a file, with its place.
pub struct Wording<'s> {
    file: &'s str,
    entries: Vec<Entry>,
    /// Campaigns of which it is not known what starts them, and so what their texts may speak of.
    left_out: BTreeSet<String>,
}

struct Entry {
    key: String,
    source: Source,
    span: Range<usize>,
}

impl Entry {
    fn written(&self) -> &str {
        match &self.source {
            Source::Text(text) | Source::Condition(text) => text,
        }
    }
}

impl<'s> Wording<'s> {
    #[must_use]
    pub const fn new(file: &'s str) -> Wording<'s> {
        Wording { file, entries: Vec::new(), left_out: BTreeSet::new() }
    }

    pub fn text(&mut self, key: String, found: &Found<String>) {
        self.entries.push(Entry { key, source: Source::Text(found.value.clone()), span: found.span.clone() });
    }

    pub fn condition(&mut self, key: String, found: &Found<String>) {
        self.entries.push(Entry { key, source: Source::Condition(found.value.clone()), span: found.span.clone() });
    }

    pub fn leave_out(&mut self, campaign: &str) {
        self.left_out.insert(campaign.to_owned());
    }

    /// Compiles what is sound and reports the rest.
    #[must_use]
    pub fn compile(&self, language: Language, problems: &Problems) -> Templates {
        let mut sources: Vec<(String, Source)> =
            self.entries.iter().map(|e| (e.key.clone(), e.source.clone())).collect();
        loop {
            let found = match Templates::build(&sources, language) {
                Ok(templates) => return templates,
                Err(found) => found,
            };
            for problem in &found {
                let code = match problem.kind {
                    ProblemKind::UnknownName => Code::UnknownPlaceholder,
                    _ => Code::Template,
                };
                let span = self.place(&problem.key, problem.offset.map(|at| at..at + problem.len));
                let help = problem
                    .help
                    .as_deref()
                    .unwrap_or("write a value or filter of docs/texts.md, such as {{ contact.first_name }}");
                problems.add(code, &span, problem.what.as_str(), help);
            }
            let before = sources.len();
            sources.retain(|(key, _)| !found.iter().any(|p| p.key == *key));
            if sources.len() == before {
                // A problem of no source: never seen, but without this it would never end.
                sources.clear();
            }
        }
    }

    fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.key == key)
    }

    fn is_condition(&self, key: &str) -> bool {
        self.entry(key).is_some_and(|e| matches!(e.source, Source::Condition(_)))
    }

    /// Where these bytes of a text stand in the file; the whole text without them.
    fn place(&self, key: &str, bytes: Option<Range<usize>>) -> Range<usize> {
        match (self.entry(key), bytes) {
            (Some(entry), Some(bytes)) => place_inside(self.file, &entry.span, entry.written(), bytes),
            (Some(entry), None) => entry.span.clone(),
            (None, _) => 0..0,
        }
    }

    /// Where a text first says this word.
    fn place_of(&self, key: &str, word: &str) -> Range<usize> {
        let at = self.entry(key).and_then(|e| e.written().find(word));
        self.place(key, at.map(|at| at..at + word.len()))
    }
}

/// Tries every text that compiled.
pub fn check(
    campaigns: &Campaigns,
    raw: &RawFile,
    wording: &Wording<'_>,
    context: &CheckContext<'_>,
    problems: &Problems,
) {
    let trial = Trial::new(campaigns, context);
    let check = Check { campaigns, wording, trial: &trial, rules: &context.settings.gateway.line().parts, problems };
    people::only_of_the_person(&raw.segments, &campaigns.templates, problems, &|key, name| wording.place_of(key, name));
    for entry in &wording.entries {
        for asked in campaigns.templates.segments_asked(&entry.key) {
            let span = wording.place(&entry.key, Some(asked.place.clone()));
            people::is_there(&Found { value: asked.id.clone(), span }, &campaigns.segments, problems);
        }
    }
    for (raw, campaign) in raw.campaigns.iter().zip(&campaigns.list) {
        if wording.left_out.contains(&campaign.id) {
            continue;
        }
        let who = TextKey::who(&campaign.id);
        if check.names(&who, campaign, None) {
            check.condition(&who, campaign, campaign.steps.first());
        }
        for (raw, step) in raw.steps.iter().zip(&campaign.steps) {
            // A coupon that is not there was reported, and would be again by every name of it.
            let sound = |raw: Option<&Found<String>>, step: &Step| raw.is_none() || step.coupon.is_some();
            if sound(raw.coupon.as_ref(), step) {
                check.step(raw, campaign, step);
            }
            for (raw_arm, arm) in raw.arms.iter().zip(&step.arms) {
                if sound(raw_arm.coupon.as_ref().or(raw.coupon.as_ref()), &arm.step) {
                    check.text(raw, campaign, &arm.step);
                }
            }
        }
    }
}

/// Texts on made-up people.
#[derive(Debug)]
pub struct Trial<'a> {
    campaigns: &'a Campaigns,
    context: &'a CheckContext<'a>,
    shop: ShopView,
    link_base: Option<String>,
}

impl<'a> Trial<'a> {
    /// The shop is the owner's as far as it is known, and a made-up one where it is not.
    #[must_use]
    pub fn new(campaigns: &'a Campaigns, context: &'a CheckContext<'a>) -> Trial<'a> {
        let rules = Rules { campaigns: campaigns.clone(), settings: context.settings.clone() };
        let (known, made_up) = (rules.shop_view(context.told), samples::shop(campaigns.language));
        let or = |known: String, made_up: String| if known.is_empty() { made_up } else { known };
        let currency_known = context.told.is_some() || context.settings.shop.currency.is_some();
        let shop = ShopView {
            name: or(known.name, made_up.name),
            url: or(known.url, made_up.url).trim_end_matches('/').to_owned(),
            currency: if currency_known { known.currency } else { made_up.currency },
            country: or(known.country, made_up.country),
            timezone: known.timezone,
            language: known.language,
            consent: known.consent,
        };
        Trial { campaigns, context, shop, link_base: rules.link_base(context.told) }
    }

    /// A made-up person in this step.
    #[must_use]
    pub fn person(&self, kind: SampleKind, campaign: &Campaign, step: &Step) -> Sample {
        let mut sample = samples::sample(kind, &campaign.trigger, self.shop.clone()).for_step(
            campaign,
            step,
            &self.campaigns.coupons,
        );
        if let (Some(base), Some(link)) = (&self.link_base, &sample.link) {
            let slug = link.rsplit('/').next().unwrap_or_default();
            sample.link = Some(format!("{base}/{slug}"));
        }
        sample
    }

    /// The SMS that this person would get.
    ///
    /// # Errors
    /// As [`compose`].
    pub fn text(&self, kind: SampleKind, campaign: &Campaign, step: &Step) -> Result<Composed, TextError> {
        let values = self.person(kind, campaign, step).values();
        let used = &self.context.settings.gateway.first;
        let place = step.template_for(used.which.name()).map(|(place, _)| place);
        compose(&self.campaigns.templates, campaign, step, &values, &used.line, place)
    }
}

struct Check<'a> {
    campaigns: &'a Campaigns,
    wording: &'a Wording<'a>,
    trial: &'a Trial<'a>,
    rules: &'a PartRules,
    problems: &'a Problems,
}

impl Check<'_> {
    fn step(&self, raw: &RawStep, campaign: &Campaign, step: &Step) {
        let when = TextKey::when(&campaign.id, &step.id);
        if self.names(&when, campaign, Some(step)) {
            self.condition(&when, campaign, Some(step));
        }
        self.tell(campaign, step);
        self.text(raw, campaign, step);
    }

    /// The words to the staff.
    fn tell(&self, campaign: &Campaign, step: &Step) {
        let key = TextKey::tell(&campaign.id, &step.id);
        if !self.campaigns.templates.has(&key) || !self.names(&key, campaign, Some(step)) {
            return;
        }
        let say = |kind| self.campaigns.templates.text(&key, &self.trial.person(kind, campaign, step).values()).err();
        self.failing(&key, say(SampleKind::Usual).or_else(|| say(SampleKind::Longest)), say(SampleKind::Shortest));
    }

    /// The text of a step, or of one of its arms.
    fn text(&self, raw: &RawStep, campaign: &Campaign, step: &Step) {
        if step.text.is_none() {
            return;
        }
        let key = TextKey::text(&campaign.id, &step.key);
        let keys: Vec<String> = step.token_keys(&campaign.id).chain([key.clone()]).collect();
        let compiled = keys.iter().all(|key| self.campaigns.templates.has(key));
        // Every key is looked at, also behind one that is wrong.
        let fitting = keys.iter().filter(|key| !self.names(key, campaign, Some(step))).count() == 0;
        if !compiled || !fitting {
            return;
        }
        self.gifts(campaign, step, &key);
        self.alone(step, &key);
        if let Some(usual) = self.people(campaign, step, &key) {
            self.length(raw, campaign, step, &key, &usual);
            self.first_letter(&usual.text, &key);
        }
    }

    /// Whether the text uses only what its campaign and step have; reports what they have not.
    fn names(&self, key: &str, campaign: &Campaign, step: Option<&Step>) -> bool {
        let mut fitting = true;
        let about = campaign.trigger.about();
        let instead = match about {
            About::Basket => "this campaign starts with a basket: use `cart.…`",
            About::Order => "this campaign starts with an order: use `order.…`",
            About::Product => "this campaign starts with a product: use `product.…`",
            About::Person => "this campaign is about the person alone: use `contact.…`",
        };
        for name in self.campaigns.templates.names_used(key) {
            let lacks = match values::named(name).map(|n| n.place) {
                Some(Place::Cart) if about != About::Basket => Some((Code::NotWithTrigger, "a basket", instead)),
                Some(Place::Order) if about != About::Order => Some((Code::NotWithTrigger, "an order", instead)),
                Some(Place::Product) if about != About::Product => Some((Code::NotWithTrigger, "a product", instead)),
                Some(Place::Occasion) if !campaign.trigger.is_a_day() => Some((
                    Code::NotWithTrigger,
                    "a day",
                    "start with `on = \"date\"`, `\"birthday\"` or `\"anniversary\"`, or take the value out",
                )),
                Some(Place::Subscription) if campaign.trigger != Trigger::SubscriptionRenewal => Some((
                    Code::NotWithTrigger,
                    "a subscription",
                    "start with `on = \"subscription_renewal\"`, or take the value out",
                )),
                Some(Place::Event) if !matches!(campaign.trigger, Trigger::Event { .. }) => Some((
                    Code::NotWithTrigger,
                    "an event of your own",
                    "start with `on = \"event\"`, or take the value out",
                )),
                Some(Place::Offer) if campaign.offer.is_none() => Some((
                    Code::NeedsOffer,
                    "an offer",
                    "add `offer = \"cross_sell\"` to the campaign, or take the value out",
                )),
                Some(Place::Texts) if self.wording.is_condition(key) || key.ends_with("/tell") => Some((
                    Code::NotInCondition,
                    "a text",
                    "the link is made when the text is: take it out of the condition",
                )),
                Some(Place::Coupon) if step.is_none_or(|s| s.coupon.is_none()) => {
                    Some((Code::NeedsCoupon, "a coupon", "add `coupon = \"…\"` to the step, or take the value out"))
                }
                _ => None,
            };
            if let Some((code, thing, help)) = lacks {
                self.problems.add(
                    code,
                    &self.wording.place_of(key, name),
                    format!("`{name}` needs {thing}, and there is none here"),
                    help,
                );
                fitting = false;
            }
        }
        fitting
    }

    fn condition(&self, key: &str, campaign: &Campaign, step: Option<&Step>) {
        let (Some(step), true) = (step, self.campaigns.templates.has(key)) else { return };
        let ask = |kind| self.campaigns.templates.ask(key, &self.trial.person(kind, campaign, step).values()).err();
        self.failing(key, ask(SampleKind::Usual).or_else(|| ask(SampleKind::Longest)), ask(SampleKind::Shortest));
    }

    /// Reports what fails for people of whom all is known, or only for those of whom little is; false for the former.
    fn failing(&self, key: &str, always: Option<TextError>, seldom: Option<TextError>) -> bool {
        let (code, whom, error) = match (always, seldom) {
            (None, None) => return true,
            (Some(error), _) => (Code::TextFails, "nobody has here", error),
            (None, Some(error)) => (Code::NotForAll, "not everybody has: those people do not get this step", error),
        };
        let condition = self.wording.is_condition(key);
        let (span, what, help) = match &error {
            TextError::Missing { name } | TextError::Empty { name } => {
                let help = if condition {
                    format!("to count them in or out write `{name} | default(0)` instead")
                } else {
                    format!("to reach them too write {{{{ {name} | default(\"…\") }}}}")
                };
                (self.wording.place_of(key, name), format!("`{name}` is something that {whom}"), help)
            }
            TextError::Failed(_) => (self.wording.place(key, None), error.to_string(), "make it simpler".to_owned()),
        };
        self.problems.add(code, &span, what, help);
        code != Code::TextFails
    }

    /// The usual person's text, when it works; too many parts for anybody is an error.
    fn people(&self, campaign: &Campaign, step: &Step, key: &str) -> Option<Composed> {
        let [longest, shortest, usual] = SampleKind::ALL.map(|kind| self.trial.text(kind, campaign, step));
        let broken = [&usual, &longest].into_iter().find_map(|r| r.as_ref().err().cloned());
        if !self.failing(key, broken, shortest.as_ref().err().cloned()) {
            return None;
        }
        let worst = [&usual, &longest, &shortest].into_iter().flatten().max_by_key(|c| c.parts.parts)?;
        if worst.parts.parts > step.max_parts {
            self.too_many(campaign, step, key, worst, usual.as_ref().is_ok_and(|u| u.parts.parts > step.max_parts));
            return None;
        }
        usual.ok()
    }

    fn too_many(&self, campaign: &Campaign, step: &Step, key: &str, worst: &Composed, for_all: bool) {
        let parts = &worst.parts;
        let whom = if for_all { "" } else { " for somebody with long names" };
        let what = format!(
            "text of {}/{} comes to {} parts{whom} ({} characters with link and tail): at most {} are allowed",
            campaign.id, step.id, parts.parts, parts.units, step.max_parts
        );
        let over = over(parts, self.rules, step.max_parts);
        let shorter = if for_all { String::new() } else { "shorten names with `| short(20)`, ".to_owned() };
        let help = format!(
            "take out {over} characters, {shorter}or write `max_parts = {}`: each part is paid for",
            parts.parts
        );
        self.problems.add(Code::TooManyParts, &self.wording.place(key, None), what, help);
    }

    fn length(&self, raw: &RawStep, campaign: &Campaign, step: &Step, key: &str, usual: &Composed) {
        let parts = &usual.parts;
        let fewer = parts.parts.saturating_sub(1);
        let over = over(parts, self.rules, fewer);
        let name = format!("{}/{}", campaign.id, step.id);
        // Whoever wrote `max_parts` knows.
        if parts.parts > USUAL_MOST_PARTS && raw.max_parts.is_none() {
            let what =
                format!("text of {name} comes to {} parts: {} characters with link and tail", parts.parts, parts.units);
            let help = format!("with {over} characters less it is {fewer}; or write `max_parts = {}`", parts.parts);
            self.problems.add(Code::LongText, &self.wording.place(key, None), what, help);
        } else if fewer > 0 && over <= FEW {
            let what = format!("text of {name} costs {} parts for its last {over} characters", parts.parts);
            self.problems.add(
                Code::FewOver,
                &self.wording.place(key, None),
                what,
                format!("with {over} characters less it is {fewer}"),
            );
        }
        // One in a name or in the line's tail is not the text's doing.
        let why = parts.why_ucs2.filter(|c| step.text.as_ref().is_some_and(|text| text.contains(*c)));
        if let (Language::English, Encoding::Ucs2, Some(c)) = (self.campaigns.language, parts.encoding, why) {
            let what = format!("text of {name} costs about double, as {c:?} is not in the SMS alphabet");
            self.problems.add(
                Code::CostlyCharacter,
                &self.wording.place_of(key, &c.to_string()),
                what,
                "replace it by a plain letter or sign",
            );
        }
    }

    /// The code and the link that the step has should be in its text.
    fn gifts(&self, campaign: &Campaign, step: &Step, key: &str) {
        let mut used = self.campaigns.templates.names_used(key);
        for key in step.token_keys(&campaign.id) {
            used.extend(self.campaigns.templates.names_used(&key));
        }
        if let (Some(coupon), false) = (&step.coupon, used.contains("coupon.code")) {
            let what = format!("text does not show the code of coupon `{coupon}`");
            let help = "put {{ coupon.code }} on a line of its own; the link brings the code too, but a code that is seen is remembered";
            self.problems.add(Code::CouponNotShown, &self.wording.place(key, None), what, help);
        }
        if step.kind == Kind::Marketing && !used.contains("link") {
            let what = "text has no link: it cannot bring anybody back, and what it brings cannot be counted";
            self.problems.add(
                Code::NoLink,
                &self.wording.place(key, None),
                what,
                "put {{ link }} on a line of its own",
            );
        }
    }

    fn alone(&self, step: &Step, key: &str) {
        let mut start = 0;
        for line in step.text.as_deref().unwrap_or_default().split_inclusive('\n') {
            for (name, place) in codes(line) {
                if line.trim() != line.get(place.clone()).unwrap_or_default() {
                    let what = format!(
                        "{{{{ {name} }}}} stands in a line with other words: it is put on a line of its own when sent"
                    );
                    let help =
                        "put it on a line of its own here too, and write the words around it so that they read well";
                    let span = self.wording.place(key, Some(start + place.start..start + place.end));
                    self.problems.add(Code::LinkNotAlone, &span, what, help);
                }
            }
            start += line.len();
        }
    }

    /// The first letter decides on which side a phone begins the text.
    fn first_letter(&self, text: &str, key: &str) {
        let latin = text.chars().find(|c| c.is_alphabetic()).is_some_and(|c| c.is_ascii());
        let written_in_persian = text.chars().any(|c| ('\u{600}'..='\u{6FF}').contains(&c));
        if self.campaigns.language == Language::Persian && latin && written_in_persian {
            let what = "text begins with a Latin word: many phones then show all of it from left to right";
            let start = self.wording.entry(key).map_or(0, |e| e.written().len() - e.written().trim_start().len());
            self.problems.add(
                Code::LatinStart,
                &self.wording.place(key, Some(start..start)),
                what,
                "begin with a Persian word",
            );
        }
    }
}

/// How many units too many there are for so many parts.
fn over(parts: &Parts, rules: &PartRules, wanted: u32) -> u32 {
    let (single, part) = match parts.encoding {
        Encoding::Gsm7 => (rules.gsm_single, rules.gsm_part),
        Encoding::Ucs2 => (rules.ucs2_single, rules.ucs2_part),
    };
    let room = if wanted <= 1 { single } else { part.saturating_mul(wanted) };
    parts.units.saturating_sub(room)
}

/// The links and codes that a line prints, with the place of their braces.
pub(super) fn codes(line: &str) -> Vec<(&'static str, Range<usize>)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some((start, end)) = line.get(from..).and_then(|rest| {
        let start = from + rest.find("{{")?;
        Some((start, start + line.get(start..)?.find("}}")? + 2))
    }) {
        let inner = line.get(start + 2..end - 2).unwrap_or_default();
        let name =
            inner.trim_matches(|c: char| c == '-' || c.is_whitespace()).split(['|', ' ']).next().unwrap_or_default();
        if let Some(name) = ["link", "coupon.code"].into_iter().find(|n| *n == name) {
            found.push((name, start..end));
        }
        from = end;
    }
    found
}

/// What stands outside of {{ … }} and {% … %}.
pub(super) fn fixed_parts(text: &str) -> String {
    let mut fixed = String::new();
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('{') {
        fixed.push_str(before);
        rest = tag.split_once("}}").or_else(|| tag.split_once("%}")).map_or("", |(_, behind)| behind);
    }
    fixed.push_str(rest);
    fixed
}
