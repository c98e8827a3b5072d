//! One person as the owner sees them.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Result;
use serde_json::{Value, json};

use super::{ShowArgs, number};
use crate::campaign::answers::OTHER;
use crate::campaign::model::Language;
use crate::clock::At;
use crate::decide::points;
use crate::measure::reports::{Say, money_json};
use crate::measure::sentences;
use crate::phone::Phone;
use crate::receive::event::parse_time;
use crate::rules::Rules;
use crate::settings::model::ConsentRule;
use crate::state::model::{
    Cart, Contact, ContactId, Decision, Enrolment, EnrolmentState, Message, OptOut, OptOutScope, Order,
};
use crate::state::people::{PointsLine, Standing, Standings, Tagged};
use crate::state::world::World;
use crate::store::{SqlWorld, db, figures};

/// Everything that is shown.
struct Person {
    phone: Phone,
    contact: Contact,
    opted_out: Option<OptOut>,
    refuses_advertising: bool,
    /// By the settings, marketing texts need a recorded yes.
    needs_a_yes: bool,
    tags: Vec<Tagged>,
    ledger: Vec<PointsLine>,
    /// Names of the segments that they are in.
    segments: Vec<String>,
    standing: Option<Standing>,
    carts: Vec<Cart>,
    orders: Vec<Order>,
    enrolments: Vec<Enrolment>,
    messages: Vec<Message>,
    /// Oldest first.
    decisions: Vec<Decision>,
}

/// Prints the person. 1 when the number is not known, 2 when it is none.
///
/// # Errors
/// When the database cannot be read.
pub fn show(args: &ShowArgs, rules: &Rules, now: At, colour: bool, out: &mut dyn Write) -> Result<u8> {
    let mut conn = db::open_reader(&rules.settings.database)?;
    let conn = conn.transaction()?;
    let world = SqlWorld::new(&conn);
    let Some(phone) = number(&args.number, rules, &world, out)? else { return Ok(2) };
    let shop = rules.shop_view(world.shop()?.as_ref());
    let zone = shop.timezone;
    let language = args.language.map_or(rules.campaigns.language, Language::from);
    let say = Say { language, zone, colour };
    let opted_out = world.opt_out(&phone)?;
    let Some(contact) = world.contact_by_phone(&phone)? else {
        return unknown(args, say, &phone, opted_out.as_ref(), now, out);
    };
    let id = contact.id;
    let mut decisions = world.decisions_of(id, args.decisions)?;
    decisions.reverse();
    let person = Person {
        opted_out,
        refuses_advertising: world.is_blocked(&phone)?,
        needs_a_yes: matches!(shop.consent, ConsentRule::YesNeeded(_)),
        tags: world.tags_of(id)?,
        ledger: world.points_of(id)?,
        segments: segments(&world, rules, id)?,
        standing: world.standing_of(id)?,
        carts: world.carts_of(id)?,
        orders: world.orders_of(id)?,
        enrolments: figures::enrolments_of(&conn, id)?,
        messages: figures::messages_of(&conn, id)?,
        decisions,
        phone,
        contact,
    };
    if args.json {
        writeln!(out, "{:#}", person.json(args.full, now))?;
    } else {
        person.print(args.full, say, now, out)?;
    }
    Ok(0)
}

fn segments(world: &SqlWorld<'_>, rules: &Rules, id: ContactId) -> Result<Vec<String>> {
    let stays = world.memberships_of(id)?;
    let open = stays.iter().filter(|stay| stay.until.is_none());
    Ok(open.filter_map(|stay| rules.campaigns.segment(&stay.segment)).map(|segment| segment.name.clone()).collect())
}

fn unknown(
    args: &ShowArgs,
    say: Say,
    phone: &Phone,
    opted_out: Option<&OptOut>,
    now: At,
    out: &mut dyn Write,
) -> Result<u8> {
    if args.json {
        let opted_out = opted_out.map(OptOut::told);
        writeln!(out, "{}", json!({"known": false, "phone": shown(phone, args.full), "opted_out": opted_out}))?;
        return Ok(1);
    }
    let phone = shown(phone, args.full);
    match say.language {
        Language::English => writeln!(out, "{phone} is not known.")?,
        Language::Persian => writeln!(out, "{phone} شناخته‌شده نیست.")?,
    }
    if let Some(opted_out) = opted_out {
        writeln!(out, "{}", opted_out_line(say, opted_out, now))?;
    }
    Ok(1)
}

fn shown(phone: &Phone, full: bool) -> String {
    if full { phone.e164().to_owned() } else { phone.masked() }
}

fn opted_out_line(say: Say, opted_out: &OptOut, now: At) -> String {
    let (at, source) = (say.moment(opted_out.at), printable(&opted_out.source));
    let until = opted_out.until.map(|t| say.moment(t));
    if let Some(until) = until.as_ref().filter(|_| opted_out.is_over(now)) {
        return match say.language {
            Language::English => format!("paused texts {at} ({source}); the pause was over {until}"),
            Language::Persian => format!("توقف موقت در {at} ({source})؛ در {until} پایان یافت"),
        };
    }
    let until = match (until, say.language) {
        (None, _) => String::new(),
        (Some(until), Language::English) => format!(" until {until}"),
        (Some(until), Language::Persian) => format!("تا {until} "),
    };
    match (say.language, opted_out.scope) {
        (Language::English, OptOutScope::Everything) => {
            format!("opted out {at} ({source}): no campaign text is sent{until}")
        }
        (Language::English, OptOutScope::Marketing) => {
            format!("opted out {at} ({source}): only news of their own orders is sent{until}")
        }
        (Language::Persian, OptOutScope::Everything) => {
            format!("لغو در {at} ({source}): {until}هیچ پیامک کمپینی فرستاده نمی‌شود")
        }
        (Language::Persian, OptOutScope::Marketing) => {
            format!("لغو در {at} ({source}): {until}فقط خبر سفارش‌های خودش فرستاده می‌شود")
        }
    }
}

/// Names and texts come from outside: neither an escape sequence nor a reversal of the line may reach the terminal.
fn printable(text: &str) -> String {
    let turns = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if c.is_control() || turns(c) { '\u{fffd}' } else { c }).collect()
}

impl Person {
    fn print(&self, full: bool, say: Say, now: At, out: &mut dyn Write) -> Result<()> {
        let name = [&self.contact.first_name, &self.contact.last_name].into_iter().flatten().map(|n| printable(n));
        let name = name.collect::<Vec<_>>().join(" ");
        writeln!(out, "{}  {name}", say.bold(&shown(&self.phone, full)))?;
        self.print_standing(say, now, out)?;
        self.print_place(say, now, out)?;
        self.print_carts(say, out)?;
        self.print_campaigns(say, now, out)?;
        self.print_messages(say, out)?;
        heading(say, out, "what was decided, and why", "چه تصمیمی گرفته شد و چرا", self.decisions.is_empty())?;
        for decision in &self.decisions {
            writeln!(out, "  {}", decision_line(decision, say))?;
        }
        Ok(())
    }

    fn print_standing(&self, say: Say, now: At, out: &mut dyn Write) -> Result<()> {
        let (since, seen) = (say.moment(self.contact.created), say.moment(self.contact.last_seen));
        match say.language {
            Language::English => writeln!(out, "  known since {since}, last seen {seen}")?,
            Language::Persian => writeln!(out, "  آشنا از {since}، آخرین دیدار {seen}")?,
        }
        if let Some(opted_out) = &self.opted_out {
            writeln!(out, "  {}", say.bold(&opted_out_line(say, opted_out, now)))?;
        }
        match (&self.opted_out, &self.contact.consent) {
            (_, Some(consent)) => {
                let (at, source) = (say.moment(consent.at), printable(&consent.source));
                let word = match (consent.marketing, say.language) {
                    (true, Language::English) => "agreed to marketing texts",
                    (false, Language::English) => "refused marketing texts",
                    (true, Language::Persian) => "با پیامک تبلیغاتی موافقت کرد",
                    (false, Language::Persian) => "پیامک تبلیغاتی را نپذیرفت",
                };
                let wording = consent.text.as_ref().map(|text| format!(": «{}»", printable(text))).unwrap_or_default();
                writeln!(out, "  {word} ({source}, {at}){wording}")?;
            }
            (Some(_), None) => {}
            (None, None) if self.needs_a_yes => writeln!(
                out,
                "  {}",
                say.pick(
                    "has said neither yes nor no: by the settings no marketing text goes out without a yes",
                    "نه موافقت کرده و نه مخالفت: بنا بر تنظیمات، بی موافقت پیامک تبلیغاتی نمی‌رود"
                )
            )?,
            (None, None) => writeln!(out, "  {}", say.pick("has not opted out", "لغو نکرده است"))?,
        }
        if self.refuses_advertising {
            writeln!(
                out,
                "  {}",
                say.pick("the number refuses advertising lines", "این شماره خطوط تبلیغاتی را مسدود کرده است")
            )?;
        }
        let standing: Vec<&Order> = self.orders.iter().filter(|o| o.is_placed()).collect();
        let mut kept = crate::measure::figures::Purse::default();
        for order in &standing {
            kept.put(order.kept());
        }
        let (count, money) = (say.number(standing.len() as u64), say.purse(&kept));
        match say.language {
            Language::English => writeln!(out, "  orders that stand: {count}, {money}")?,
            Language::Persian => writeln!(out, "  سفارش‌های برقرار: {count}، {money}")?,
        }
        Ok(())
    }

    /// Segments, standing among the buyers, tags, points: a line each for what there is.
    fn print_place(&self, say: Say, now: At, out: &mut dyn Write) -> Result<()> {
        let comma = say.pick(", ", "، ");
        if !self.segments.is_empty() {
            writeln!(out, "  {}: {}", say.pick("segments", "بخش‌ها"), printable(&self.segments.join(comma)))?;
        }
        if let Some(Standing { rfm, scores, since }) = &self.standing {
            let name = sentences::rfm(*rfm, say.language);
            let scores = say.digits(&format!("{}-{}-{}", scores.recency, scores.frequency, scores.monetary));
            let since = say.moment(*since);
            match say.language {
                Language::English => writeln!(out, "  among the buyers: {name} ({scores}) since {since}")?,
                Language::Persian => writeln!(out, "  میان خریداران: {name} ({scores}) از {since}")?,
            }
        }
        if !self.tags.is_empty() {
            let tags: Vec<String> = self.tags.iter().map(|tagged| printable(&tagged.tag)).collect();
            writeln!(out, "  {}: {}", say.pick("tags", "برچسب‌ها"), tags.join(comma))?;
        }
        if !self.ledger.is_empty() {
            let left = say.digits(&points::balance(&self.ledger, now).to_string());
            writeln!(out, "  {}: {left}", say.pick("points", "امتیاز"))?;
        }
        Ok(())
    }

    fn print_carts(&self, say: Say, out: &mut dyn Write) -> Result<()> {
        heading(say, out, "carts", "سبدها", self.carts.is_empty())?;
        for cart in &self.carts {
            let pieces: u64 = cart.items.iter().map(|i| u64::from(i.quantity)).sum();
            let (state, last) = (sentences::cart(cart.state, say.language), say.moment(cart.last_action));
            let (pieces, total) = (say.number(pieces), say.money(cart.total));
            match say.language {
                Language::English => writeln!(out, "  {last}  {state}, {pieces} pieces, {total}")?,
                Language::Persian => writeln!(out, "  {last}  {state}، {pieces} عدد، {total}")?,
            }
        }
        Ok(())
    }

    fn print_campaigns(&self, say: Say, now: At, out: &mut dyn Write) -> Result<()> {
        heading(say, out, "campaigns", "کمپین‌ها", self.enrolments.is_empty())?;
        for e in &self.enrolments {
            let state = sentences::enrolment(e.state, say.language);
            let more = match (e.state, e.end_reason, e.wake) {
                (EnrolmentState::Ended, Some(reason), _) => {
                    format!(
                        ": {} ({})",
                        sentences::reason(reason, say.language),
                        e.ended.map(|t| say.moment(t)).unwrap_or_default()
                    )
                }
                (_, _, Some(wake)) if wake <= now => {
                    say.pick("; is looked at any moment", "؛ هر لحظه بررسی می‌شود").to_owned()
                }
                (_, _, Some(wake)) => format!("{}{}", say.pick("; next look ", "؛ بررسی بعدی "), say.moment(wake)),
                _ => String::new(),
            };
            writeln!(out, "  {}  {}  {state}{more}", say.moment(e.since), e.campaign)?;
            for (step, asked) in &e.asked {
                let (Some(answer), Some(at)) = (&asked.answer, asked.answered) else { continue };
                let answer =
                    if answer == OTHER { say.pick("in their own words", "به زبان خود") } else { answer };
                let heading = say.pick("answered", "پاسخ");
                writeln!(out, "      {step}  {heading}: {}  {}", printable(answer), say.dim(&say.moment(at)))?;
            }
        }
        Ok(())
    }

    fn print_messages(&self, say: Say, out: &mut dyn Write) -> Result<()> {
        heading(say, out, "messages", "پیامک‌ها", self.messages.is_empty())?;
        for m in &self.messages {
            let mut words = vec![sentences::message(m.state, say.language).to_owned()];
            words.extend(m.reason.map(|reason| sentences::reason(reason, say.language).to_owned()));
            if m.parts > 0 {
                let parts = say.number(u64::from(m.parts));
                let word = if m.parts == 1 { say.pick("part", "بخش") } else { say.pick("parts", "بخش") };
                words.push(format!("{parts} {word}"));
            }
            words.extend(match (m.cost, m.price) {
                (Some(cost), _) => Some(say.money(cost)),
                (None, Some(price)) => Some(format!("{} {}", say.money(price), say.pick("(forecast)", "(برآورد)"))),
                _ => None,
            });
            words.extend(m.gateway.as_ref().filter(|_| m.handed.is_some()).map(|gateway| match say.language {
                Language::English => format!("by {gateway}"),
                Language::Persian => format!("با {gateway}"),
            }));
            let comma = say.pick(", ", "، ");
            writeln!(
                out,
                "  {}  {}/{}  {}",
                say.moment(m.handed.unwrap_or(m.due)),
                m.campaign,
                m.step,
                words.join(comma)
            )?;
            match &m.text {
                Some(text) => {
                    for line in text.lines() {
                        writeln!(out, "      {}", say.dim(&format!("│ {}", printable(line))))?;
                    }
                }
                None if m.handed.is_some() => {
                    writeln!(out, "      {}", say.dim(say.pick("│ (the text was removed)", "│ (متن پاک شده است)")))?;
                }
                None => {}
            }
        }
        Ok(())
    }

    fn json(&self, full: bool, now: At) -> Value {
        let moment = |t: Option<At>| t.map(At::rfc3339);
        let c = &self.contact;
        json!({
            "known": true,
            "phone": shown(&self.phone, full),
            "first_name": c.first_name, "last_name": c.last_name,
            "created": c.created.rfc3339(), "last_seen": c.last_seen.rfc3339(),
            "consent": c.consent.as_ref().map(|c| json!({"marketing": c.marketing, "source": c.source, "time": c.at.rfc3339()})),
            "opted_out": self.opted_out.as_ref().map(OptOut::told),
            "refuses_advertising": self.refuses_advertising,
            "orders": self.orders.iter().filter(|o| o.is_placed()).count(),
            "segments": self.segments,
            "rfm": self.standing.as_ref().map(|s| json!({"name": s.rfm, "recency": s.scores.recency,
                "frequency": s.scores.frequency, "monetary": s.scores.monetary, "since": s.since.rfc3339()})),
            "tags": self.tags.iter().map(|t| &t.tag).collect::<Vec<_>>(),
            "points": points::balance(&self.ledger, now),
            "carts": self.carts.iter().map(|c| json!({
                "state": c.state, "lines": c.items.len(), "total": money_json(c.total), "last_action": c.last_action.rfc3339(),
            })).collect::<Vec<_>>(),
            "campaigns": self.enrolments.iter().map(|e| json!({
                "campaign": e.campaign, "about": e.subject.occasion(), "state": e.state, "since": e.since.rfc3339(),
                "entered": moment(e.entered), "ended": moment(e.ended), "reason": e.end_reason, "next_look": moment(e.wake),
                "answers": e.asked.iter().filter_map(|(step, asked)| Some((step.clone(), asked.answer.clone()?))).collect::<BTreeMap<_, _>>(),
            })).collect::<Vec<_>>(),
            "messages": self.messages.iter().map(|m| json!({
                "campaign": m.campaign, "step": m.step, "state": m.state, "reason": m.reason, "due": m.due.rfc3339(),
                "handed": moment(m.handed), "gateway": m.gateway, "parts": m.parts, "price": m.price.map(money_json), "cost": m.cost.map(money_json),
                "text": m.text,
            })).collect::<Vec<_>>(),
            "decisions": self.decisions.iter().map(|d| json!({
                "time": d.at.rfc3339(), "campaign": d.campaign, "step": d.step, "reason": d.reason,
                "says": sentences::reason(d.reason, Language::English), "detail": d.detail,
            })).collect::<Vec<_>>(),
        })
    }
}

fn heading(say: Say, out: &mut dyn Write, english: &str, persian: &str, empty: bool) -> Result<()> {
    let nothing = if empty { say.pick(": none", ": هیچ") } else { "" };
    writeln!(out, "\n{}{nothing}", say.bold(say.pick(english, persian)))?;
    Ok(())
}

fn decision_line(d: &Decision, say: Say) -> String {
    let place = match (&d.campaign, &d.step) {
        (Some(campaign), Some(step)) => format!("{campaign}/{step}  "),
        (Some(campaign), None) => format!("{campaign}  "),
        _ => String::new(),
    };
    let detail = d.detail.as_deref().map(|detail| format!(" ({})", said(detail, say))).unwrap_or_default();
    format!("{}  {place}{}{detail}", say.moment(d.at), sentences::reason(d.reason, say.language))
}

/// Moments in details are kept in UTC; people think in the shop's zone.
fn said(detail: &str, say: Say) -> String {
    match detail.strip_prefix("until ").and_then(parse_time) {
        Some(t) => format!("{} {}", say.pick("until", "تا"), say.moment(t)),
        None => printable(detail),
    }
}
