//! From `bazgasht.toml` as it stands to [`Settings`], or to everything that is wrong with it. Pure: what lies outside the
//! file comes in through [`Outside`].

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveTime;
use chrono_tz::Tz;
use url::Url;

use super::days::{self, Reach};
use super::file::{BUDGET, CAPS, DAY, FILE, HOURS, LINKS, SHOP, without_secrets};
use super::model::{
    Budget, Calendar, Caps, GatewaySettings, Hours, LinkSettings, Pull, ServiceHours, Settings, ShopSettings,
};
use super::shipped;
use crate::campaign::model::Language;
use crate::clock::Span;
use crate::document::{Found, Problems, Table, parse};
use crate::money::{self, Currency, Money};
use crate::problem::{Code, Label, Problem, SourceFile, any_error};
use crate::secret::Secret;

/// Where the daemon listens unless told otherwise: loopback only.
pub const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8733);
const DATABASE: &str = "bazgasht.db";
/// What problems call the special days that come with the program.
const BUILT_IN_DAYS: &str = "(built-in days)";
const START: NaiveTime = time(9, 0);
const END: NaiveTime = time(21, 0);
/// People sleep longer on the day off.
const FRIDAY_START: NaiveTime = time(10, 0);
const FRIDAY: usize = 4;
const STOP_BEFORE: Span = Span::minutes(15);
const CAPS_USUAL: Caps = Caps { gap: Span::hours(20), day: 1, week: 3, month: 6 };
/// More often a silent shop is not asked.
const LEAST_PULL: Span = Span::minutes(1);
const LINK_LIFE: Span = Span::days(30);
const KEEP_TEXTS: Span = Span::days(400);
/// A gateway may have to be asked for a message by its words.
const LEAST_KEPT: Span = Span::days(30);
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Names under which secrets may come from outside the file.
pub const ENV_SECRET: &str = "BAZGASHT_SECRET";
/// The folder that systemd keeps for the service: where the database goes unless the file says otherwise.
pub const ENV_STATE: &str = "STATE_DIRECTORY";
pub const CREDENTIAL_SECRET: &str = "secret";

const fn time(hour: u32, minute: u32) -> NaiveTime {
    match NaiveTime::from_hms_opt(hour, minute, 0) {
        Some(time) => time,
        None => NaiveTime::MIN,
    }
}

/// What the settings may take from outside their file.
pub struct Outside<'a> {
    /// The folder that relative paths start from: the file's own.
    pub folder: &'a Path,
    pub environment: BTreeMap<String, String>,
    /// Files of systemd's credentials directory: name → content.
    pub credentials: BTreeMap<String, String>,
    /// Reads the files that the settings name: `secret_file`, `key_file`, `days`.
    pub read: &'a dyn Fn(&Path) -> io::Result<String>,
}

impl Outside<'_> {
    /// systemd may name several, of which the first is the service's own.
    fn state_folder(&self) -> &Path {
        let systemd = self.environment.get(ENV_STATE).and_then(|folders| folders.split(':').next());
        systemd.filter(|folder| !folder.is_empty()).map_or(self.folder, Path::new)
    }
}

/// The outcome of reading a file of settings.
#[derive(Debug)]
pub struct Checked {
    /// There when no problem is an error.
    pub settings: Option<Settings>,
    /// Errors and warnings in the file's order.
    pub problems: Vec<Problem>,
    /// A secret stands in the file itself.
    pub holds_secret: bool,
    /// Files that were read for the secret in them.
    pub secret_files: Vec<PathBuf>,
    /// How far the mourning days reach, where there are any.
    pub reach: Option<Reach>,
    /// Where the campaigns are, also when the settings cannot be used: so that both files' problems can be said together.
    pub campaigns: Option<PathBuf>,
}

/// Reads and checks a file of settings; `name` is what problems call it.
#[must_use]
pub fn load(name: &str, source: &str, outside: &Outside<'_>) -> Checked {
    let problems = Problems::of(SourceFile::new(name, without_secrets(source)));
    let root = parse(source, &problems);
    let file = Table::new(root.get_ref(), 0..0, &FILE, &problems);
    let check = Check { problems: &problems, outside, secret_files: RefCell::default() };
    let (settings, holds_secret, days) = check.settings(&file);
    let secret_files = check.secret_files.into_inner();
    let mut problems = problems.into_list();
    problems.extend(days.problems);
    Checked {
        campaigns: settings.campaigns.clone(),
        settings: (!any_error(&problems)).then_some(settings),
        problems,
        holds_secret,
        secret_files,
        reach: days.reach,
    }
}

/// The settings of a daemon that was given none: it listens on loopback, keeps its database in `folder`, prints instead of
/// sending, and costs nothing.
#[must_use]
pub fn without_file(outside: &Outside<'_>) -> Checked {
    load("(no settings)", "", outside)
}

/// Keys are letters and digits in one run; anything else is a file that holds something else.
pub(super) fn could_be_a_key(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "-_=+/.".contains(c))
}

pub(super) struct Check<'p> {
    pub(super) problems: &'p Problems,
    pub(super) outside: &'p Outside<'p>,
    secret_files: RefCell<Vec<PathBuf>>,
}

/// What is said of the special days, beside the days themselves.
struct DaysRead {
    problems: Vec<Problem>,
    reach: Option<Reach>,
}

/// As far as the settings say: its country, or without one its time zone.
fn is_in_iran(shop: &ShopSettings) -> bool {
    match &shop.country {
        Some(country) => country == "IR",
        None => shop.timezone == Some(Tz::Asia__Tehran),
    }
}

/// A secret's three places, the first of which wins: environment, systemd's credentials, the file.
pub(super) struct SecretPlaces {
    pub(super) environment: &'static str,
    pub(super) credential: &'static str,
    pub(super) key: &'static str,
    pub(super) file_key: &'static str,
}

const SIGNING: SecretPlaces =
    SecretPlaces { environment: ENV_SECRET, credential: CREDENTIAL_SECRET, key: "secret", file_key: "secret_file" };
impl Check<'_> {
    fn settings(&self, file: &Table<'_>) -> (Settings, bool, DaysRead) {
        let listen = self
            .read(file, "listen", "an address and a port", "127.0.0.1:8733", SocketAddr::from_str)
            .unwrap_or(LISTEN);
        let (secret, from_file) = self.secret(file, &SIGNING);
        if let Some((secret, span)) = &secret {
            self.signing_secret(secret, span);
        }
        let shop = file.table("shop", &SHOP).map(|t| self.shop(&t)).unwrap_or_default();
        let (gateway, key_from_file) = self.gateways(file);
        let (budget, budget_currency) = self.budget_of(file, &gateway);
        let (hours, days) = self.hours(file, is_in_iran(&shop));
        let country = shop.country.clone();
        let settings = Settings {
            listen,
            database: self.database(file),
            campaigns: self.path(file, "campaigns"),
            secret: secret.map(|(secret, _)| secret),
            keep_texts: self.keep_texts(file),
            shop,
            links: self.links(file),
            hours,
            caps: self.caps(file),
            budget,
            budget_currency,
            gateway,
            consent: self.consent(file),
            owner: self.owner(file, country.as_deref()),
            staff: self.staff(file, country.as_deref()),
            brake: self.brake(file),
        };
        (settings, from_file || key_from_file, days)
    }

    /// A text that reads as something; `such` is an example of it.
    pub(super) fn read<T, E: std::fmt::Display>(
        &self,
        table: &Table<'_>,
        key: &str,
        wanted: &str,
        such: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let found = table.text(key)?;
        match parse(found.value.trim()) {
            Ok(value) => Some(value),
            Err(error) => {
                let what = format!("`{key}` is {:?}, which is not {wanted}: {error}", found.value);
                self.problems.add(Code::BadValue, &found.span, what, format!("write it such as `{key} = {such:?}`"));
                None
            }
        }
    }

    fn path(&self, table: &Table<'_>, key: &str) -> Option<PathBuf> {
        self.path_in(table, key, self.outside.folder)
    }

    fn path_in(&self, table: &Table<'_>, key: &str, folder: &Path) -> Option<PathBuf> {
        let found = table.text(key)?;
        if found.value.trim().is_empty() {
            self.problems.add(
                Code::BadValue,
                &found.span,
                format!("`{key}` is empty: expected a path"),
                "write a path, or take the key out",
            );
            return None;
        }
        Some(folder.join(&found.value))
    }

    /// The service manager's folder is where a service may write; without one the settings' own folder counts.
    fn database(&self, file: &Table<'_>) -> PathBuf {
        let named = self.path_in(file, "database", self.outside.state_folder());
        named.unwrap_or_else(|| self.outside.state_folder().join(DATABASE))
    }

    /// The secret and where to point when it is wrong, and whether it stands in the file itself.
    pub(super) fn secret(
        &self,
        table: &Table<'_>,
        places: &SecretPlaces,
    ) -> (Option<(Secret, std::ops::Range<usize>)>, bool) {
        let (inline, path) = (table.text(places.key), table.text(places.file_key));
        if let (Some(inline), Some(path)) = (&inline, &path) {
            let labels = vec![Label { span: inline.span.clone(), text: "and the secret itself here".to_owned() }];
            let what = format!("both `{}` and `{}` are there", places.key, places.file_key);
            self.problems.add_with(
                Code::Conflict,
                &path.span,
                what,
                format!("keep `{}`, and take the secret out of this file", places.file_key),
                labels,
            );
        }
        let in_file = inline.is_some();
        let outside =
            [self.outside.environment.get(places.environment), self.outside.credentials.get(places.credential)];
        let outside = outside.into_iter().flatten().map(|s| s.trim()).find(|s| !s.is_empty());
        if let Some(secret) = outside {
            return (Some((Secret::new(secret), table.key_span(places.key))), in_file);
        }
        if let Some(path) = path {
            let full = self.outside.folder.join(&path.value);
            let read = (self.outside.read)(&full);
            self.secret_files.borrow_mut().push(full);
            let secret = match read {
                Ok(content) => Some((Secret::new(content.trim()), path.span)),
                Err(error) => {
                    let what = format!("`{}` {:?} cannot be read: {error}", places.file_key, path.value);
                    self.problems.add(
                        Code::Unreadable,
                        &path.span,
                        what,
                        "make the file, readable by the daemon's user only, with the secret alone in it",
                    );
                    None
                }
            };
            return (secret, in_file);
        }
        (inline.map(|found| (Secret::new(found.value.trim()), found.span)), in_file)
    }

    /// Whether a secret comes from outside the file.
    pub(super) fn outside_has(&self, places: &SecretPlaces) -> bool {
        let outside =
            [self.outside.environment.get(places.environment), self.outside.credentials.get(places.credential)];
        outside.into_iter().flatten().any(|secret| !secret.trim().is_empty())
    }

    fn signing_secret(&self, secret: &Secret, span: &std::ops::Range<usize>) {
        let bytes = secret.expose().strip_prefix("whsec_").and_then(|encoded| STANDARD.decode(encoded).ok());
        let what = match bytes.map(|b| b.len()) {
            Some(24..=64) => return,
            Some(n) => format!("secret is {n} bytes long: expected 24 to 64"),
            None => "secret is not of the form whsec_ and base64".to_owned(),
        };
        self.problems.add(
            Code::BadSecret,
            span,
            what,
            "make one with `bazgasht init`, and put the same into the plugin's settings",
        );
    }

    fn shop(&self, table: &Table<'_>) -> ShopSettings {
        ShopSettings {
            name: table.text("name").map(|n| n.value),
            url: self.web_address(table, "url", "https://shop.example"),
            timezone: self.timezone(table),
            country: self.read(table, "country", "a country's code of two letters", "IR", country),
            currency: self.currency(table, "IRT"),
            pull: self.pull(table),
        }
    }

    fn pull(&self, table: &Table<'_>) -> Pull {
        let Some(found) = table.text("pull") else { return Pull::Usual };
        if found.value.trim() == "off" {
            return Pull::Off;
        }
        let Some(span) = self.problems.length(Code::BadValue, "pull", &found) else { return Pull::Usual };
        if span < LEAST_PULL {
            self.problems.add(
                Code::BadValue,
                &found.span,
                format!("`pull` is {:?}: expected a minute or more, or \"off\"", found.value),
                "write it such as `pull = \"5m\"`",
            );
        }
        Pull::Every(span)
    }

    pub(super) fn web_address(&self, table: &Table<'_>, key: &str, such: &str) -> Option<Url> {
        self.read(table, key, "a web address", such, |text| {
            let url = Url::parse(text).map_err(|e| e.to_string())?;
            let good = matches!(url.scheme(), "http" | "https") && url.has_host();
            if good { Ok(url) } else { Err("expected https:// and a host".to_owned()) }
        })
    }

    fn timezone(&self, table: &Table<'_>) -> Option<Tz> {
        let found = table.text("timezone")?;
        let zone = found.value.trim().parse::<Tz>().ok();
        if zone.is_none() {
            let names = chrono_tz::TZ_VARIANTS.iter().map(|tz| (tz.name(), tz.name()));
            let meant = crate::document::nearest(&found.value, names.clone()).or_else(|| {
                names
                    .map(|(name, _)| name)
                    .find(|name| name.to_lowercase().ends_with(&format!("/{}", found.value.to_lowercase())))
            });
            let meant = meant.map_or_else(String::new, |m| format!(": did you mean {m:?}?"));
            let what = format!("time zone {:?} is unknown{meant}", found.value);
            self.problems.add(
                Code::BadValue,
                &found.span,
                what,
                "write its name as continent and city, such as `timezone = \"Asia/Tehran\"`",
            );
        }
        zone
    }

    pub(super) fn currency(&self, table: &Table<'_>, such: &str) -> Option<Currency> {
        self.read(table, "currency", "a currency's code", such, Currency::from_str)
    }

    fn keep_texts(&self, file: &Table<'_>) -> Span {
        let found = file.text("keep_texts");
        let kept = found.as_ref().and_then(|found| self.problems.length(Code::BadValue, "keep_texts", found));
        if let (Some(found), Some(kept)) = (&found, kept)
            && kept < LEAST_KEPT
        {
            let what = format!("`keep_texts` is {:?}: expected 30 days or more", found.value);
            let help = "outcomes of texts, replies and stops are worked out from them for some weeks";
            self.problems.add(Code::BadValue, &found.span, what, help);
        }
        kept.unwrap_or(KEEP_TEXTS)
    }

    fn links(&self, file: &Table<'_>) -> LinkSettings {
        let Some(table) = file.table("links", &LINKS) else { return LinkSettings { base: None, life: LINK_LIFE } };
        LinkSettings {
            base: self.web_address(&table, "base", "https://shop.example/s"),
            life: self.above_zero(&table, "life").unwrap_or(LINK_LIFE),
        }
    }

    fn above_zero(&self, table: &Table<'_>, key: &str) -> Option<Span> {
        let found = table.text(key)?;
        let span = self.problems.length(Code::BadValue, key, &found)?;
        if span == Span::ZERO {
            self.problems.add(
                Code::BadValue,
                &found.span,
                format!("`{key}` is zero"),
                "write a longer time, or take the key out for the usual one",
            );
        }
        Some(span)
    }

    fn hours(&self, file: &Table<'_>, iran: bool) -> (Hours, DaysRead) {
        let table = file.table("hours", &HOURS);
        let of = |key: &str| table.as_ref().and_then(|t| self.clock_time(t, key));
        let (start, end) = (of("start"), of("end"));
        let stop_before =
            table.as_ref().and_then(|t| self.problems.length(Code::BadValue, "stop_before", &t.text("stop_before")?));
        let stop_before = stop_before.unwrap_or(STOP_BEFORE);
        let usual = (start.unwrap_or(START), end.unwrap_or(END));
        if let Some(table) = &table {
            self.window("any day", usual, stop_before, &table.span);
        }
        let days = std::array::from_fn(|n| {
            let name = DAYS.get(n).copied().unwrap_or("monday");
            let usual = if n == FRIDAY { (usual.0.max(FRIDAY_START), usual.1) } else { usual };
            let Some(day) = table.as_ref().and_then(|t| t.table(name, &DAY)) else { return Some(usual) };
            self.day(name, &day, usual, stop_before)
        });
        let words = [("always", ServiceHours::Always), ("same", ServiceHours::Same)];
        let service = table.as_ref().and_then(|t| self.problems.word("service", &t.text("service")?, &words));
        let service = service.unwrap_or(ServiceHours::Always);
        let mut hours = Hours { days, stop_before, special: Vec::new(), service };
        let read = self.days(table.as_ref().and_then(|t| t.text("days")), &hours, iran);
        hours.special = read.days;
        (hours, DaysRead { problems: read.problems, reach: read.reach })
    }

    /// The special days of the file that the settings name; without one a shop in Iran has those that are built in.
    fn days(&self, named: Option<Found<String>>, hours: &Hours, iran: bool) -> days::Checked {
        let calendar = if iran { Calendar::Jalali } else { Calendar::Gregorian };
        let shop = days::Shop { calendar, hours };
        let nothing = days::Checked { days: Vec::new(), reach: None, problems: Vec::new() };
        let Some(found) = named else {
            if !iran {
                return nothing;
            }
            // What its windows lose by the shop's own hours is no mistake of the owner's.
            let built_in = days::load(BUILT_IN_DAYS, shipped::days(Language::Persian), &shop);
            return days::Checked { problems: Vec::new(), ..built_in };
        };
        let path = self.outside.folder.join(&found.value);
        match (self.outside.read)(&path) {
            Ok(source) => days::load(&path.display().to_string(), &source, &shop),
            Err(error) => {
                let what = format!("`days` {:?} cannot be read: {error}", found.value);
                let help = "`bazgasht init --dir FOLDER` writes such a file into another folder, to be copied; or take the key out for the built-in days of Iran, or for none elsewhere";
                self.problems.add(Code::Unreadable, &found.span, what, help);
                nothing
            }
        }
    }

    fn clock_time(&self, table: &Table<'_>, key: &str) -> Option<NaiveTime> {
        self.read(table, key, "a time of day", "09:00", |text| {
            NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| "expected hours and minutes from 00:00 to 23:59")
        })
    }

    fn day(
        &self,
        name: &str,
        day: &Table<'_>,
        usual: (NaiveTime, NaiveTime),
        stop_before: Span,
    ) -> Option<(NaiveTime, NaiveTime)> {
        let (start, end) = (self.clock_time(day, "start"), self.clock_time(day, "end"));
        if day.boolean("off").is_some_and(|off| off.value) {
            if start.is_some() || end.is_some() {
                let what = format!("{name} is off, but has hours");
                self.problems.add(Code::Conflict, &day.span, what, "keep `off = true` alone, or the hours");
            }
            return None;
        }
        let window = (start.unwrap_or(usual.0), end.unwrap_or(usual.1));
        self.window(name, window, stop_before, &day.span);
        Some(window)
    }

    fn window(
        &self,
        name: &str,
        (start, end): (NaiveTime, NaiveTime),
        stop_before: Span,
        span: &std::ops::Range<usize>,
    ) {
        if end.signed_duration_since(start).num_milliseconds() > stop_before.0 {
            return;
        }
        let what = format!(
            "nothing could go out on {name}: from {} to {}, less the {stop_before} of `stop_before`, there is no time",
            start.format("%H:%M"),
            end.format("%H:%M"),
        );
        self.problems.add(
            Code::BadValue,
            span,
            what,
            "write an earlier `start` or a later `end`; for a day without texts write `off = true`",
        );
    }

    fn caps(&self, file: &Table<'_>) -> Caps {
        let Some(table) = file.table("caps", &CAPS) else { return CAPS_USUAL };
        let count = |key: &str, usual: u32| {
            let Some(found) = table.count(key) else { return usual };
            if found.value == 0 {
                let what = format!("`{key}` is 0: nobody would ever get a text");
                self.problems.add(
                    Code::BadValue,
                    &found.span,
                    what,
                    "write 1 or more; to stop a campaign write `enabled = false` in it",
                );
            }
            found.value
        };
        let gap = table.text("gap").and_then(|g| self.problems.length(Code::BadValue, "gap", &g));
        Caps {
            gap: gap.unwrap_or(CAPS_USUAL.gap),
            day: count("day", CAPS_USUAL.day),
            week: count("week", CAPS_USUAL.week),
            month: count("month", CAPS_USUAL.month),
        }
    }

    /// What may be spent, in the currency of the first line's prices; whoever can spend must have said how much.
    fn budget_of(&self, file: &Table<'_>, gateway: &GatewaySettings) -> (Budget, Option<Currency>) {
        let budget = file.table("budget", &BUDGET);
        let paid = gateway.iter().find(|used| used.which.costs());
        if let Some(paid) = paid
            && !budget.as_ref().is_some_and(|b| b.has("month"))
        {
            let what = format!("gateway {} costs money, but nothing says how much may be spent", paid.which.name());
            let help = "add the most that may be spent in a month: [budget] with `currency = \"IRT\"` and `month = \"500000\"`";
            let span = file.key_span(if budget.is_some() { "budget" } else { "gateway" });
            self.problems.add(Code::NoBudget, &span, what, help);
        }
        budget.map(|t| self.budget(&t, gateway.currency())).unwrap_or_default()
    }

    fn budget(&self, table: &Table<'_>, price: Currency) -> (Budget, Option<Currency>) {
        let currency = self.currency(table, "IRT");
        let sum = |key: &str| {
            let found = table.decimal(key)?;
            let said = currency.unwrap_or(price);
            let money = self.sum(&found, key, said)?;
            let converted = money::exactly(money, price);
            if converted.is_none() {
                let what = format!("`{key}` is in {said}, but the gateway's prices are in {price}");
                let help = format!("write the budget in {price}: `currency = \"{price}\"`");
                // What is to be mended is the currency, where one is written.
                let place = if currency.is_some() { table.key_span("currency") } else { found.span };
                self.problems.add(Code::CurrencyMismatch, &place, what, help);
            }
            converted
        };
        (Budget { day: sum("day"), month: sum("month") }, currency)
    }

    pub(super) fn sum(&self, found: &Found<String>, key: &str, currency: Currency) -> Option<Money> {
        match Money::parse(&found.value, currency) {
            Ok(money) if money.minor >= 0 => Some(money),
            other => {
                let why = other.err().map_or_else(|| "below zero".to_owned(), |e| e.to_string());
                let what = format!("`{key}` is no sum of money: {why}");
                self.problems.add(
                    Code::BadValue,
                    &found.span,
                    what,
                    format!("write it in plain digits, such as `{key} = \"5000\"`"),
                );
                None
            }
        }
    }
}

fn country(text: &str) -> Result<String, &'static str> {
    let two = text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic());
    if two { Ok(text.to_ascii_uppercase()) } else { Err("expected ISO 3166's two letters") }
}
