//! `[gateway]`: which providers send, in which order, and what each needs to know. One file per provider says how its own
//! table is read.

/// The keys of a provider's table: its own, and those that every provider's table has.
macro_rules! provider_keys {
    ($($own:expr),* $(,)?) => {
        &[
            $($own,)*
            crate::document::Key("price_persian", &["price_ucs2", "price"]),
            crate::document::Key("price_latin", &["price_gsm7"]),
            crate::document::Key("currency", &["money"]),
            crate::document::Key("opt_out_tail", &["suffix"]),
            crate::document::Key("tail", &[]),
            crate::document::Key("parts", &["pages"]),
            crate::document::Key("per_minute", &["rate", "throughput"]),
        ]
    };
}

mod console;
mod ghasedak;
mod http;
mod ippanel;
mod iranpayamak;
mod kavenegar;
mod melipayamak;
mod smsir;
mod twilio;

use std::ops::Range;

use super::check::{Check, SecretPlaces, could_be_a_key};
use super::file::{GATEWAY, PARTS};
use super::model::{GatewaySettings, GatewayUse, Line, Tail, Which};
use crate::campaign::model::Language;
use crate::document::{Found, Problems, Shape, Table};
use crate::money::{Currency, Money};
use crate::problem::Code;
use crate::render::parts::PartRules;
use crate::secret::Secret;

const TAIL: &str = "لغو11";

/// How a provider's table is read.
struct Kind {
    name: &'static str,
    shape: &'static Shape,
    /// What it needs, in one sentence: for a table that is missing.
    needs: &'static str,
    /// `None`: something is missing or wrong, and has been said. `in_use`: a table that is only prepared may lack its key.
    read: fn(&Check<'_>, &Table<'_>, bool) -> Option<Read>,
    /// Its secrets, which may come from outside the file.
    secrets: &'static [SecretPlaces],
    line: LineDefaults,
}

/// What a provider's own keys say.
struct Read {
    which: Which,
    /// A secret stands in the file itself.
    holds_secret: bool,
}

/// What is taken for a line that the owner says nothing of.
struct LineDefaults {
    /// Without a price, sending is free.
    free: bool,
    currency: Currency,
    parts: fn() -> PartRules,
    tail: Option<&'static str>,
    language: Language,
}

const IRAN: LineDefaults = LineDefaults {
    free: false,
    currency: Currency::IRR,
    parts: PartRules::iran,
    tail: Some(TAIL),
    language: Language::Persian,
};

static KINDS: [&Kind; 9] = [
    &console::KIND,
    &kavenegar::KIND,
    &smsir::KIND,
    &melipayamak::KIND,
    &ippanel::KIND,
    &iranpayamak::KIND,
    &ghasedak::KIND,
    &twilio::KIND,
    &http::KIND,
];

/// The tables of all providers; the manual is compared with these by a test.
#[must_use]
pub fn shapes() -> Vec<&'static Shape> {
    KINDS.iter().map(|kind| kind.shape).chain(http::TABLES).collect()
}

/// Names under which providers' secrets may come from outside the file: variables of the environment, and systemd's credentials.
pub fn secret_names() -> impl Iterator<Item = (&'static str, &'static str)> {
    KINDS.iter().flat_map(|kind| kind.secrets).map(|places| (places.environment, places.credential))
}

impl Check<'_> {
    /// The providers in their order, and whether a secret of theirs stands in the file.
    pub(super) fn gateways(&self, file: &Table<'_>) -> (GatewaySettings, bool) {
        let table = file.table("gateway", &GATEWAY);
        let wanted = table.as_ref().map(|t| self.order(t)).unwrap_or_default();
        let mut holds_secret = false;
        let mut spans = Vec::new();
        let mut used: Vec<Option<GatewayUse>> = wanted.iter().map(|_| None).collect();
        for kind in KINDS {
            let place = wanted.iter().position(|name| *name == kind.name);
            let own = table.as_ref().and_then(|t| t.table(kind.name, kind.shape));
            let Some(own) = own else {
                if let (Some(place), Some(gateway)) = (place, &table) {
                    if kind.line.free {
                        put(&mut used, place, GatewayUse::free(kind.line.line()));
                    } else if !gateway.has(kind.name) {
                        gateway.missing(kind.name, &format!("add a table [gateway.{}] with {}", kind.name, kind.needs));
                    }
                }
                continue;
            };
            // A gateway that is set up but not in use is read all the same: its mistakes should not wait for the day it is needed.
            let line = self.line(&own, &kind.line);
            spans.push((kind.name, own.span.clone()));
            let per_minute = self.per_minute(&own);
            let read = (kind.read)(self, &own, place.is_some());
            holds_secret |= read.as_ref().is_some_and(|r| r.holds_secret);
            if let (Some(place), Some(read)) = (place, read) {
                put(&mut used, place, GatewayUse { which: read.which, line, per_minute });
            }
        }
        if let Some(table) = &table {
            none_is_lost(self.problems, &table.key_span("use"), &wanted, &used);
        }
        self.one_currency(&used, &spans);
        let mut used = used.into_iter().flatten();
        let first = used.next().unwrap_or_else(|| GatewayUse::free(console::KIND.line.line()));
        (GatewaySettings { first, others: used.collect() }, holds_secret)
    }

    /// `use = "kavenegar"` or `use = ["kavenegar", "smsir"]`: known names, each once. Empty: the console.
    fn order(&self, table: &Table<'_>) -> Vec<&'static str> {
        let words: Vec<(&str, &'static str)> = KINDS.iter().map(|kind| (kind.name, kind.name)).collect();
        let mut order: Vec<&'static str> = Vec::new();
        for found in table.text_or_texts("use") {
            let Some(name) = self.problems.word("use", &found, &words) else { continue };
            if order.contains(&name) {
                let what = format!("gateway {name} stands twice in `use`");
                self.problems.add(Code::Conflict, &found.span, what, "name each gateway once, the preferred one first");
            } else {
                order.push(name);
            }
        }
        if order.is_empty() { vec![console::KIND.name] } else { order }
    }

    /// The budget counts in one currency, so prices of gateways that cost money must be in one: the owner's forecast, whatever
    /// the provider itself counts in.
    fn one_currency(&self, used: &[Option<GatewayUse>], spans: &[(&str, Range<usize>)]) {
        let mut paid = used.iter().flatten().filter(|used| used.which.costs());
        let Some(first) = paid.next() else { return };
        let currency = first.line.price_ucs2.currency;
        for other in paid.filter(|other| other.line.price_ucs2.currency != currency) {
            let (name, its) = (other.which.name(), other.line.price_ucs2.currency);
            let Some((_, span)) = spans.iter().find(|(known, _)| *known == name) else { continue };
            let what = format!("prices of {name} are in {its}, those of {} in {currency}", first.which.name());
            let help = format!(
                "write what a part costs you in {currency}, with `currency = \"{currency}\"`: one budget counts them all"
            );
            self.problems.add(Code::CurrencyMismatch, span, what, help);
        }
    }

    fn per_minute(&self, table: &Table<'_>) -> Option<u32> {
        let found = table.count("per_minute")?;
        if found.value == 0 {
            let what = "`per_minute` is 0: nothing would ever be sent";
            self.problems.add(Code::BadValue, &found.span, what, "write 1 or more, or take the key out for no limit");
        }
        Some(found.value)
    }

    /// A provider's key from its places. Needed only when the provider is in use; what is wrong with it has been said, and
    /// the rest of its table is read all the same.
    fn provider_key(&self, table: &Table<'_>, places: &SecretPlaces, in_use: bool) -> (Secret, bool) {
        self.provider_secret(table, places, in_use, could_be_a_key)
    }

    /// As [`Check::provider_key`], for secrets of other signs, such as passwords.
    fn provider_secret(
        &self,
        table: &Table<'_>,
        places: &SecretPlaces,
        in_use: bool,
        could_be: fn(&str) -> bool,
    ) -> (Secret, bool) {
        let (found, holds_secret) = self.secret(table, places);
        let key = found.map(|(key, _)| key).filter(|key| !key.is_empty());
        match key {
            Some(key) if in_use && !could_be(key.expose()) => {
                let place = if table.has(places.file_key) { places.file_key } else { places.key };
                self.problems.add(
                    Code::BadSecret,
                    &table.key_span(place),
                    "the gateway's key is empty, or has characters that no key has",
                    "copy the API key of the panel, alone and on one line",
                );
                (Secret::new(""), holds_secret)
            }
            Some(key) => (key, holds_secret),
            None if in_use && !table.has(places.file_key) => {
                let help = format!(
                    "write `{} = \"…\"`, or give it in ${} or as the credential {}",
                    places.file_key, places.environment, places.credential
                );
                table.missing(places.key, &help);
                (Secret::new(""), holds_secret)
            }
            None => (Secret::new(""), holds_secret),
        }
    }

    /// A needed text of a provider in use, such as the line's number. `None`: missing or blank, which has been said if in use.
    fn provider_text(table: &Table<'_>, key: &str, help: &str, in_use: bool) -> Option<String> {
        if in_use && !table.has(key) {
            table.missing(key, help);
        }
        let Found { value, span } = table.text(key)?;
        if in_use && value.trim().is_empty() {
            table.problems.add(Code::BadValue, &span, format!("`{key}` is empty"), help);
        }
        Some(value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// What a table says of its line. Where sending is not free both prices must be there.
    fn line(&self, table: &Table<'_>, usual: &LineDefaults) -> Line {
        let currency = self.currency(table, usual.currency.code()).unwrap_or(usual.currency);
        let price = |key: &str| {
            let found = table.decimal(key);
            if found.is_none() && !table.has(key) && !usual.free {
                table.missing(
                    key,
                    &format!(
                        "write what one part costs, from the provider's price list: `{key} = \"1500\"` (in {currency})"
                    ),
                );
            }
            found.and_then(|f| self.sum(&f, key, currency)).unwrap_or(Money::zero(currency))
        };
        Line {
            parts: self.parts(table, (usual.parts)()),
            price_ucs2: price("price_persian"),
            price_gsm7: price("price_latin"),
            opt_out_tail: self.tail(table, usual),
            language: usual.language,
        }
    }

    /// How marketing texts of this line end.
    fn tail(&self, table: &Table<'_>, usual: &LineDefaults) -> Option<Tail> {
        let words = table.text("opt_out_tail").map(|t| t.value.trim().to_owned());
        let wanted = [("append", Wanted::Words), ("link", Wanted::Link), ("provider", Wanted::Nothing)];
        let wanted = table.text("tail").and_then(|found| self.problems.word("tail", &found, &wanted));
        if wanted == Some(Wanted::Link) && words.is_some() {
            self.problems.add(
                Code::Conflict,
                &table.key_span("opt_out_tail"),
                "`opt_out_tail` has words for the end of marketing texts, but by `tail` the stop link ends them",
                "keep one of the two",
            );
        }
        match wanted.unwrap_or(Wanted::Words) {
            Wanted::Link => Some(Tail::StopLink),
            Wanted::Nothing => None,
            Wanted::Words => {
                let words = words.or_else(|| usual.tail.map(str::to_owned)).unwrap_or_default();
                (!words.is_empty()).then_some(Tail::Words(words))
            }
        }
    }

    fn parts(&self, table: &Table<'_>, usual: PartRules) -> PartRules {
        let Some(table) = table.table("parts", &PARTS) else { return usual };
        let units = |key: &str, usual: u32, most: u32| {
            let Some(found) = table.count(key) else { return usual };
            if !(10..=most).contains(&found.value) {
                let what = format!("`{key}` is {}: expected 10 to {most}", found.value);
                self.problems.add(
                    Code::BadValue,
                    &found.span,
                    what,
                    format!("take it out (then it is {usual}), or ask the provider"),
                );
            }
            found.value
        };
        PartRules {
            gsm_single: units("latin_single", usual.gsm_single, 160),
            gsm_part: units("latin_part", usual.gsm_part, 160),
            ucs2_single: units("persian_single", usual.ucs2_single, 70),
            ucs2_part: units("persian_part", usual.ucs2_part, 70),
        }
    }
}

/// What the key `tail` may say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Words,
    Link,
    /// The provider adds its own.
    Nothing,
}

fn put(used: &mut [Option<GatewayUse>], place: usize, entry: GatewayUse) {
    if let Some(free) = used.get_mut(place) {
        *free = Some(entry);
    }
}

/// The console stands where nothing is wanted, never for a gateway that is: what could not be read must stop the settings.
fn none_is_lost(problems: &Problems, at: &Range<usize>, wanted: &[&str], used: &[Option<GatewayUse>]) {
    let lost = wanted.iter().zip(used).find(|(_, gateway)| gateway.is_none());
    if let Some((name, _)) = lost
        && !problems.any_error()
    {
        let what = format!("gateway {name} is in use, but its table makes no gateway");
        problems.add(Code::BadValue, at, what, format!("look at every key of [gateway.{name}]"));
    }
}

impl LineDefaults {
    fn line(&self) -> Line {
        let free = Money::zero(self.currency);
        Line {
            parts: (self.parts)(),
            price_ucs2: free,
            price_gsm7: free,
            opt_out_tail: self.tail.map(|words| Tail::Words(words.to_owned())),
            language: self.language,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{GatewayUse, console, none_is_lost};
    use crate::document::Problems;
    use crate::problem::SourceFile;

    #[test]
    fn a_gateway_that_was_not_read_is_an_error_even_when_nothing_was_said() {
        let console = || Some(GatewayUse::free(console::KIND.line.line()));
        for (used, is_error) in [(vec![console(), None], true), (vec![console(), console()], false)] {
            let problems = Problems::of(SourceFile::new("bazgasht.toml", ""));
            none_is_lost(&problems, &(0..0), &["console", "ippanel"], &used);
            assert_eq!(problems.any_error(), is_error);
        }
    }
}
