//! From a trigger as it stands to a [`Trigger`], or to everything that is wrong with it.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::file::{self, RawTrigger};
use super::{Day, Interest, Moment, NamedDay, Since, Trigger};
use crate::clock::Span;
use crate::digits;
use crate::document::{Found, Key, Problems, Shape, list, nearest};
use crate::jalali::{self, Jalali};
use crate::problem::Code;

const IDLE_BASKET: Span = Span::minutes(45);
const IDLE_CHECKOUT: Span = Span::minutes(30);
const IDLE_PAYMENT: Span = Span::minutes(20);
const WITHIN: Span = Span::days(7);
const SECONDS: u32 = 30;
const PERCENT: u32 = 5;
const AT_MOST: u32 = 5;
const TEXTS: u32 = 3;
const SHARE: u32 = 80;
const A_DAY: u32 = 50;
/// Also of `custom.`, which the name stands behind.
const LONGEST_NAME: usize = 48;

/// The trigger; none when it cannot be told which one is meant, or it lacks what it needs.
pub fn check(raw: &RawTrigger, problems: &Problems) -> Option<Trigger> {
    let on = raw.on.as_ref()?;
    let words: Vec<_> = file::words().map(|word| (word, word)).collect();
    let word = problems.word("on", on, &words)?;
    let check = Check { raw, word, problems };
    if let Some(shape) = file::shape(word) {
        check.only_own(shape);
    }
    Some(match word {
        "cart_abandoned" => Trigger::CartAbandoned { idle: check.idle(IDLE_BASKET) },
        "checkout_left" => Trigger::CheckoutLeft { idle: check.idle(IDLE_CHECKOUT) },
        "payment_failed" => Trigger::PaymentFailed { idle: check.idle(IDLE_PAYMENT) },
        "order_status" => Trigger::OrderStatus { statuses: check.statuses()? },
        "order_shipping" => Trigger::OrderShipping {
            state: check.needed("state", raw.state.as_ref(), "write the state, such as `state = \"shipped\"`")?,
        },
        "product_viewed" => Trigger::ProductViewed {
            seconds: raw.seconds.as_ref().map_or(SECONDS, |s| s.value),
            times: check.number("times", raw.times.as_ref(), 1, 20, 1),
            within: check.length("within", raw.within.as_ref(), WITHIN),
        },
        "page_viewed" => Trigger::PageViewed {
            page: check.needed("page", raw.page.as_ref(), "write the page's path, such as `page = \"/pricing\"`")?,
            times: check.number("times", raw.times.as_ref(), 1, 20, 1),
            within: check.length("within", raw.within.as_ref(), WITHIN),
        },
        "sign_up" => Trigger::SignUp,
        "review_written" => Trigger::ReviewWritten,
        "back_in_stock" => Trigger::BackInStock,
        "price_drop" => Trigger::PriceDrop {
            percent: check.number("percent", raw.percent.as_ref(), 1, 99, PERCENT),
            among: check.among(&Interest::ALL),
        },
        "low_stock" => Trigger::LowStock {
            at_most: check.number("at_most", raw.at_most.as_ref(), 1, 50, AT_MOST),
            among: check.among(&[Interest::Cart, Interest::Wanted]),
        },
        "segment_entered" => Trigger::SegmentEntered { segment: check.segment()?, a_day: check.a_day() },
        "segment_left" => Trigger::SegmentLeft { segment: check.segment()?, a_day: check.a_day() },
        "quiet" => {
            Trigger::Quiet { length: check.needed_length("for", raw.length.as_ref(), "60 days")?, a_day: check.a_day() }
        }
        "no_reaction" => Trigger::NoReaction {
            length: check.needed_length("for", raw.length.as_ref(), "90 days")?,
            texts: check.number("texts", raw.texts.as_ref(), 1, 50, TEXTS),
            a_day: check.a_day(),
        },
        "repurchase" => Trigger::Repurchase { share: check.number("share", raw.share.as_ref(), 10, 300, SHARE) },
        "birthday" => Trigger::Birthday,
        "anniversary" => {
            let words = [("sign_up", Since::SignUp), ("first_order", Since::FirstOrder)];
            let written = raw.of.as_ref().map(|of| problems.word("of", of, &words));
            Trigger::Anniversary { of: written.unwrap_or(Some(Since::SignUp))? }
        }
        "date" => Trigger::Date { day: check.day()? },
        "subscription_renewal" => Trigger::SubscriptionRenewal,
        "broadcast" => {
            Trigger::Broadcast { at: check.moment()?, segment: raw.segment.as_ref().map(|s| s.value.clone()) }
        }
        "event" => Trigger::Event { name: check.name()? },
        "entered_by" => Trigger::EnteredBy,
        // `word` is one of the shapes' names, and a test holds that each of them is here.
        _ => return None,
    })
}

struct Check<'c> {
    raw: &'c RawTrigger,
    word: &'static str,
    problems: &'c Problems,
}

impl Check<'_> {
    fn only_own(&self, shape: &Shape) {
        for (key, span) in &self.raw.written {
            if shape.keys.iter().any(|Key(own, _)| own == key) {
                continue;
            }
            let what = format!("`{key}` means nothing for the {}", shape.name);
            self.problems.add(Code::NotWithTrigger, span, what, "take it out, or write the other `on`");
        }
    }

    fn needed(&self, key: &str, found: Option<&Found<String>>, help: &str) -> Option<String> {
        let Some(found) = found else {
            let what = format!("trigger {} lacks `{key}`", self.word);
            self.problems.add(Code::MissingKey, &self.raw.span, what, help);
            return None;
        };
        if found.value.trim().is_empty() {
            self.problems.add(Code::BadValue, &found.span, format!("`{key}` is empty"), help);
            return None;
        }
        Some(found.value.trim().to_owned())
    }

    fn idle(&self, usual: Span) -> Span {
        let Some(found) = &self.raw.idle else { return usual };
        let span = self.problems.length(Code::Delay, "idle", found);
        if span == Some(Span::ZERO) {
            let (what, help) = match self.word {
                "payment_failed" => (
                    "`idle` is zero: every order is unpaid while its buyer is at the bank's page",
                    "write `idle = \"20m\"` or more".to_owned(),
                ),
                _ => (
                    "`idle` is zero: every basket would count as abandoned while it is being filled",
                    format!("write `idle = \"{usual}\"`, or anything from 20 minutes to 2 hours"),
                ),
            };
            self.problems.add(Code::Delay, &found.span, what, help);
        }
        span.unwrap_or(usual)
    }

    fn length(&self, key: &str, found: Option<&Found<String>>, usual: Span) -> Span {
        let Some(found) = found else { return usual };
        let span = self.problems.length(Code::Delay, key, found);
        if span == Some(Span::ZERO) {
            self.problems.add(
                Code::Delay,
                &found.span,
                format!("`{key}` is zero: nothing happens in no time"),
                format!("take it out (then it is {usual}), or write a longer time"),
            );
        }
        span.unwrap_or(usual)
    }

    fn needed_length(&self, key: &str, found: Option<&Found<String>>, such_as: &str) -> Option<Span> {
        self.needed(key, found, &format!("write how long, such as `{key} = \"{such_as}\"`"))?;
        found.map(|found| self.length(key, Some(found), Span::days(1)))
    }

    fn number(&self, key: &str, found: Option<&Found<u32>>, least: u32, most: u32, usual: u32) -> u32 {
        let Some(found) = found else { return usual };
        if !(least..=most).contains(&found.value) {
            let what = format!("`{key}` is {}: expected {least} to {most}", found.value);
            self.problems.add(Code::BadValue, &found.span, what, format!("take it out (then it is {usual})"));
        }
        found.value.clamp(least, most)
    }

    fn a_day(&self) -> u32 {
        self.number("a_day", self.raw.a_day.as_ref(), 0, 100_000, A_DAY)
    }

    fn segment(&self) -> Option<String> {
        let help = "write which, such as `segment = \"vip\"` for [segments.vip]";
        self.needed("segment", self.raw.segment.as_ref(), help)
    }

    fn among(&self, usual: &[Interest]) -> Vec<Interest> {
        let words = [("cart", Interest::Cart), ("wanted", Interest::Wanted), ("viewed", Interest::Viewed)];
        if self.raw.among.is_empty() {
            return usual.to_vec();
        }
        let mut among = Vec::new();
        for found in &self.raw.among {
            let interest = self.problems.word("in", found, &words);
            among.extend(interest.filter(|i| !among.contains(i)));
        }
        among
    }

    fn statuses(&self) -> Option<Vec<String>> {
        if self.raw.status.is_empty() {
            let help = "write the status that starts the campaign, such as `status = \"completed\"`";
            self.needed("status", None, help)?;
        }
        for found in &self.raw.status {
            self.status(found);
        }
        Some(self.raw.status.iter().map(|found| found.value.clone()).collect())
    }

    fn status(&self, found: &Found<String>) {
        const KNOWN: [&str; 7] = ["pending", "on-hold", "processing", "completed", "cancelled", "refunded", "failed"];
        let status = found.value.as_str();
        if status.is_empty()
            || status.starts_with("wc-")
            || status.chars().any(|c| c.is_whitespace() || c.is_uppercase())
        {
            let bare = status.trim_start_matches("wc-").trim().to_lowercase().replace(' ', "-");
            let what = format!(
                "order status {status:?} is never sent: expected the shop's own word in small letters, without `wc-`"
            );
            self.problems.add(Code::BadValue, &found.span, what, format!("write `status = {bare:?}`"));
        } else if !KNOWN.contains(&status)
            && let Some(meant) = nearest(status, KNOWN.map(|k| (k, k)))
        {
            let what = format!("order status {status:?} is none of WooCommerce's own: did you mean {meant:?}?");
            self.problems.add(Code::OddStatus, &found.span, what, "leave it if a plugin of the shop adds this status");
        }
    }

    fn name(&self) -> Option<String> {
        let help = "write what stands behind `custom.` in the event's type, such as `name = \"demo-asked\"`";
        let name = self.needed("name", self.raw.name.as_ref(), help)?;
        let found = self.raw.name.as_ref()?;
        let bare = name.strip_prefix("custom.").unwrap_or(&name);
        let plain = !bare.is_empty()
            && bare.len() <= LONGEST_NAME
            && bare.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.'));
        if !plain {
            let what = format!(
                "event name {name:?} is not plain: expected 1 to {LONGEST_NAME} of the characters a–z, 0–9, -, _ and ."
            );
            self.problems.add(Code::BadId, &found.span, what, help);
        }
        Some(bare.to_owned())
    }

    fn day(&self) -> Option<Day> {
        let help =
            "write `day = \"yalda\"`, `day = \"09-30\"` (month and day of each Jalali year) or `day = \"1405-09-30\"`";
        let written = self.needed("day", self.raw.day.as_ref(), help)?;
        let found = self.raw.day.as_ref()?;
        let words = [("jalali", false), ("gregorian", true)];
        let calendar = match &self.raw.calendar {
            Some(calendar) => Some(self.problems.word("calendar", calendar, &words)?),
            None => None,
        };
        if let Some(named) = NamedDay::ALL.iter().find(|named| named.word() == written) {
            if let Some(calendar) = &self.raw.calendar {
                let what = format!("`calendar` means nothing for {written}, which has its own");
                self.problems.add(Code::NotWithTrigger, &calendar.span, what, "take it out");
            }
            return Some(Day::Named(*named));
        }
        match read_day(&written, calendar) {
            Ok(day) => Some(day),
            Err(why) => {
                let named = NamedDay::ALL.iter().map(|n| n.word());
                let meant = nearest(&written, named.clone().map(|word| (word, word)));
                let meant = meant.map_or(why, |m| format!(": did you mean {m:?}?"));
                let what = format!("`day` is {written:?}{meant}");
                self.problems.add(Code::BadValue, &found.span, what, format!("{help}; named days: {}", list(named)));
                None
            }
        }
    }

    fn moment(&self) -> Option<Moment> {
        let help = "write `at = \"1405-09-15 18:00\"` (or 2026-12-06 18:00), or `at = \"now\"`: when it is switched on";
        let written = self.needed("at", self.raw.at.as_ref(), help)?;
        if written == "now" {
            return Some(Moment::Now);
        }
        let read = read_moment(&written);
        if read.is_none() {
            let what = format!("`at` is {written:?}: expected a day and an hour");
            self.problems.add(Code::BadValue, &self.raw.at.as_ref()?.span, what, help);
        }
        read.map(Moment::At)
    }
}

/// Up to this year a number is a Jalali one.
const LAST_JALALI: i32 = 1700;

/// A day with its year, of either calendar.
pub(in crate::campaign) fn read_date(written: &str) -> Option<NaiveDate> {
    match read_day(written.trim(), None).ok()? {
        Day::Jalali { year: Some(year), month, day } => jalali::to_date(Jalali { year, month, day }),
        Day::Gregorian { year: Some(year), month, day } => NaiveDate::from_ymd_opt(year, month.into(), day.into()),
        _ => None,
    }
}

/// `09-30`, `1405-09-30` or `2026-12-21`, in any digits; the year says which calendar it is, and without one it is Jalali.
pub(in crate::campaign) fn read_day(written: &str, gregorian: Option<bool>) -> Result<Day, String> {
    let ascii = digits::to_ascii(written);
    let numbers: Vec<i32> = ascii.split(['-', '/']).map_while(|n| n.trim().parse().ok()).collect();
    let (year, month, day) = match (numbers.as_slice(), ascii.split(['-', '/']).count()) {
        (&[month, day], 2) => (None, month, day),
        (&[year, month, day], 3) => (Some(year), month, day),
        _ => return Err(": expected the name of a day, or a date".to_owned()),
    };
    let is_gregorian = gregorian.unwrap_or(year.is_some_and(|year| year > LAST_JALALI));
    let none =
        || format!(": there is no such day in the {} calendar", if is_gregorian { "Gregorian" } else { "Jalali" });
    let (month, day) = (u8::try_from(month).map_err(|_| none())?, u8::try_from(day).map_err(|_| none())?);
    // Without a year, one that has the leap day.
    let there = if is_gregorian {
        NaiveDate::from_ymd_opt(year.unwrap_or(2024), month.into(), day.into())
    } else {
        jalali::to_date(Jalali { year: year.unwrap_or(1403), month, day })
    };
    there.ok_or_else(none)?;
    Ok(if is_gregorian { Day::Gregorian { year, month, day } } else { Day::Jalali { year, month, day } })
}

fn read_moment(written: &str) -> Option<NaiveDateTime> {
    let ascii = digits::to_ascii(written);
    let (day, time) = ascii.trim().split_once([' ', 'T'])?;
    let time = NaiveTime::parse_from_str(time.trim(), "%H:%M").ok()?;
    Some(read_date(day)?.and_time(time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::SourceFile;

    static SHAPE: Shape = Shape { name: "t", keys: &[Key("trigger", &[])] };

    fn read(keys: &str) -> (Option<Trigger>, Vec<Code>) {
        let source = format!("trigger = {{ {keys} }}");
        let problems = Problems::of(SourceFile::new("t.toml", &source));
        let root = crate::document::parse(&source, &problems);

        let table = crate::document::Table::new(root.get_ref(), 0..0, &SHAPE, &problems);
        let trigger = file::read(&table).and_then(|raw| check(&raw, &problems));
        (trigger, problems.into_list().iter().map(|p| p.code).collect())
    }

    fn good(keys: &str) -> Trigger {
        let (trigger, problems) = read(keys);
        assert_eq!(problems, [], "{keys}");
        trigger.unwrap_or_else(|| panic!("{keys}"))
    }

    #[test]
    fn each_word_is_a_trigger() {
        let needs = |word: &str| match word {
            "order_status" => ", status = 'completed'",
            "order_shipping" => ", state = 'shipped'",
            "page_viewed" => ", page = '/'",
            "segment_entered" | "segment_left" => ", segment = 'vip'",
            "quiet" | "no_reaction" => ", for = '60 days'",
            "date" => ", day = 'yalda'",
            "broadcast" => ", at = 'now'",
            "event" => ", name = 'demo'",
            _ => "",
        };
        for word in file::words() {
            assert_eq!(good(&format!("on = '{word}'{}", needs(word))).word(), word);
            if !needs(word).is_empty() {
                let (trigger, problems) = read(&format!("on = '{word}'"));
                assert_eq!((trigger, problems), (None, vec![Code::MissingKey]), "{word}");
            }
            let strange = if word == "repurchase" { "texts = 3" } else { "share = 3" };
            let (_, problems) = read(&format!("on = '{word}', {strange}{}", needs(word)));
            assert_eq!(problems, [Code::NotWithTrigger], "{word}");
        }
    }

    #[test]
    fn days_are_read_as_owners_write_them() {
        let day = |written: &str| match good(&format!("on = 'date', {written}")) {
            Trigger::Date { day } => day,
            other => panic!("{other:?}"),
        };
        for named in NamedDay::ALL {
            assert_eq!(day(&format!("day = '{}'", named.word())), Day::Named(*named));
        }
        assert_eq!(day("day = '09-30'"), Day::Jalali { year: None, month: 9, day: 30 });
        assert_eq!(day("day = '۱۴۰۵/۰۹/۳۰'"), Day::Jalali { year: Some(1405), month: 9, day: 30 });
        assert_eq!(day("day = '2026-11-27'"), Day::Gregorian { year: Some(2026), month: 11, day: 27 });
        assert_eq!(day("day = '11-27', calendar = 'gregorian'"), Day::Gregorian { year: None, month: 11, day: 27 });
        for wrong in ["day = '1404-12-30'", "day = '13-01'", "day = 'yald'", "day = '1-2-3-4'"] {
            assert_eq!(read(&format!("on = 'date', {wrong}")), (None, vec![Code::BadValue]), "{wrong}");
        }
    }

    #[test]
    fn a_broadcast_has_its_moment() {
        let at = |written: &str| match good(&format!("on = 'broadcast', at = '{written}'")) {
            Trigger::Broadcast { at, .. } => at,
            other => panic!("{other:?}"),
        };
        assert_eq!(at("now"), Moment::Now);
        let moment = Moment::At("2026-12-06T18:00:00".parse().unwrap());
        assert_eq!((at("1405-09-15 18:00"), at("۲۰۲۶-۱۲-۰۶ ۱۸:۰۰")), (moment, moment));
        assert_eq!(read("on = 'broadcast', at = '18:00'"), (None, vec![Code::BadValue]));
    }
}
