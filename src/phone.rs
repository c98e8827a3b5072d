//! Mobile numbers, read from whatever a checkout field holds.
//!
//! Iran is read by our own rule, since its mobile ranges grow faster than any published table: every `9` with nine
//! more digits is a mobile. Other countries are read by the metadata of the `phonenumber` crate.

use std::fmt;

use phonenumber::{Type, country, metadata::DATABASE};
use serde::{Deserialize, Serialize};

use crate::digits;

/// The E.164 form of a number that can receive SMS, such as `+989120000000`.
///
/// Has no `Display`, and its `Debug` shows the last two digits only: numbers are personal data.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(Box<str>);

/// Why a text is not a number that we could write to. From the least said about the text to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum PhoneError {
    #[error("phone number is empty")]
    Empty,
    #[error("phone number is not one that exists: expected a mobile number such as 09120000000 or +989120000000")]
    Invalid,
    #[error("phone number has no country code and its country is not known: expected + and a country code")]
    Foreign,
    #[error("phone number is of a kind that receives no SMS (toll-free, premium, internet): expected a mobile number")]
    NotMobile,
    #[error("phone number is a landline, which receives no SMS: expected a mobile number")]
    Landline,
}

impl Phone {
    /// The number with `+` and country code.
    #[must_use]
    pub fn e164(&self) -> &str {
        &self.0
    }

    /// The number as gateways and people of its country write it: `09…` for Iran, elsewhere the digits without `+`.
    #[must_use]
    pub fn national(&self) -> String {
        match self.0.strip_prefix(IRAN) {
            Some(subscriber) => format!("0{subscriber}"),
            None => self.0.trim_start_matches('+').to_owned(),
        }
    }

    #[must_use]
    pub fn is_iranian(&self) -> bool {
        self.0.starts_with(IRAN)
    }

    /// The country's calling code, without `+`: `98`. Empty when it is none.
    #[must_use]
    pub fn calling_code(&self) -> String {
        if self.is_iranian() {
            return IRAN.trim_start_matches('+').to_owned();
        }
        phonenumber::parse(None, self.e164()).map_or_else(|_| String::new(), |number| number.code().value().to_string())
    }

    /// As much of the number as may be shown or logged: `…45`.
    #[must_use]
    pub fn masked(&self) -> String {
        let mut last: Vec<char> = self.0.chars().rev().take(2).collect();
        last.reverse();
        format!("…{}", last.into_iter().collect::<String>())
    }

    /// A number that [`parse`] once gave, as it stands in our own database. Looks at its shape only.
    #[must_use]
    pub fn from_e164(e164: &str) -> Option<Phone> {
        let well_formed = match e164.strip_prefix(IRAN) {
            Some(subscriber) => is_iranian_mobile(subscriber),
            None => e164.strip_prefix('+').is_some_and(|digits| {
                (7..=15).contains(&digits.len()) && all_digits(digits) && !digits.starts_with('0')
            }),
        };
        well_formed.then(|| Phone(e164.into()))
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}

impl TryFrom<String> for Phone {
    type Error = PhoneError;

    fn try_from(e164: String) -> Result<Self, PhoneError> {
        Phone::from_e164(&e164).ok_or(PhoneError::Invalid)
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> String {
        phone.0.into()
    }
}

/// The first mobile number in a field as a person filled it in.
///
/// `country` is that of the order or billing address, `shop_country` stands in where it is missing; both are
/// ISO 3166 alpha-2 codes, and WooCommerce's `country:state` is taken too. Digits may be Persian or Arabic, marks and
/// punctuation may stand anywhere, the country code may be `+98`, `0098`, `98` or missing, and there may be words or a
/// second number beside it.
///
/// In an Iranian shop a whole `09…` or `98…` number is Iranian unless it is a mobile of the order's own country:
/// many shops leave the checkout's country at a wrong default.
///
/// # Errors
/// Says of the most telling number in the field why it cannot be written to.
pub fn parse(raw: &str, country: Option<&str>, shop_country: &str) -> Result<Phone, PhoneError> {
    let text = plain(raw);
    if text.trim().is_empty() {
        return Err(PhoneError::Empty);
    }
    if text.len() > LONGEST_FIELD {
        return Err(PhoneError::Invalid);
    }
    let home = Home::of(country, shop_country);
    let mut why = PhoneError::Invalid;
    for candidate in text.split(char::is_alphabetic) {
        match read_candidate(candidate, &home) {
            Ok(phone) => return Ok(phone),
            Err(error) => why = why.max(error),
        }
    }
    Err(why)
}

const IRAN: &str = "+98";

/// In bytes. Fields with a number in them are shorter; the work on one grows with the square of its length.
const LONGEST_FIELD: usize = 200;

/// Where a number without country code belongs.
struct Home {
    region: Region,
    shop_is_iranian: bool,
}

enum Region {
    Iran,
    Other(country::Id),
    Unknown,
}

impl Home {
    fn of(country: Option<&str>, shop_country: &str) -> Home {
        let shop = country_code(shop_country);
        let order = country.map(country_code).filter(|code| !code.is_empty());
        let code = order.as_ref().unwrap_or(&shop);
        Home {
            region: match code.as_str() {
                "IR" => Region::Iran,
                code => code.parse().map_or(Region::Unknown, Region::Other),
            },
            shop_is_iranian: shop == "IR",
        }
    }
}

/// The country of `IR`, `ir` or WooCommerce's `IR:THR`.
fn country_code(s: &str) -> String {
    let country = s.split_once(':').map_or(s, |(country, _state)| country);
    country.trim().to_ascii_uppercase()
}

/// The field with ASCII digits and plus signs and without what cannot be seen.
fn plain(raw: &str) -> String {
    digits::to_ascii(raw)
        .chars()
        .filter(|&c| !digits::is_invisible(c) || c == '\n')
        .map(|c| match c {
            '\u{FF10}'..='\u{FF19}' => char::from_digit(u32::from(c) - 0xFF10, 10).unwrap_or(c),
            '\u{FF0B}' => '+',
            // Drawn out on a Persian keyboard where a dash was meant; it counts as a letter elsewhere.
            '\u{0640}' => '-',
            _ => c,
        })
        .collect()
}

/// A stretch of the field without letters: mostly one number, maybe with punctuation in it, sometimes several.
///
/// It is read as one number first; failing that, the longest run of its groups that is a mobile is looked for, from
/// every place where a number can begin.
fn read_candidate(candidate: &str, home: &Home) -> Result<Phone, PhoneError> {
    let groups = groups_of(candidate);
    let Some(first) = groups.first() else {
        return Err(PhoneError::Invalid);
    };
    let led_by_foreign_code = has_international_prefix(first) && {
        let start: String = groups.concat().chars().take(8).collect();
        !start.trim_start_matches(['+', '0']).starts_with("98")
    };
    let mut why = PhoneError::Invalid;
    for (at, group) in groups.iter().enumerate() {
        if at > 0 && !begins_number(group, led_by_foreign_code) {
            continue;
        }
        let rest = groups.get(at..).unwrap_or_default();
        for length in (1..=rest.len()).rev() {
            let number = rest.get(..length).unwrap_or_default().concat();
            match read(&number, home) {
                Ok(phone) => return Ok(phone),
                Err(error) => why = why.max(error),
            }
            let was_whole = at == 0 && length == groups.len();
            if was_whole && why > PhoneError::Foreign {
                return Err(why);
            }
        }
    }
    Err(why)
}

/// The runs of digits in a candidate; a `+` begins a new one.
fn groups_of(candidate: &str) -> Vec<String> {
    let mut groups: Vec<String> = Vec::new();
    let mut inside = false;
    for c in candidate.chars() {
        match (c, groups.last_mut()) {
            ('+', Some(last)) if last == "+" => {}
            ('+', _) => {
                groups.push("+".to_owned());
                inside = true;
            }
            ('0'..='9', Some(last)) if inside => last.push(c),
            ('0'..='9', _) => {
                groups.push(c.to_string());
                inside = true;
            }
            // A space after the plus does not part it from its number.
            _ => inside = groups.last().is_some_and(|last| last == "+"),
        }
    }
    // Right-to-left fields show the plus at the wrong end, and people type it there.
    groups.retain(|group| group != "+");
    groups
}

fn has_international_prefix(number: &str) -> bool {
    number.starts_with('+') || number.starts_with("00")
}

/// Whether a number can begin at this group, other than the first of its candidate. After a foreign country code
/// only what is a number beyond doubt counts, so that the tail of a foreign number is not taken for an Iranian one.
fn begins_number(group: &str, after_foreign_code: bool) -> bool {
    let whole = group.strip_prefix('0').is_some_and(is_iranian_mobile);
    if after_foreign_code {
        return has_international_prefix(group) || whole;
    }
    let without_zero = is_iranian_mobile(group.strip_prefix("98").unwrap_or(group));
    has_international_prefix(group) || group.starts_with('0') || without_zero
}

/// Reads digits that may have a `+` before them as exactly one number.
fn read(number: &str, home: &Home) -> Result<Phone, PhoneError> {
    let unsigned = number.strip_prefix('+').unwrap_or(number);
    let digits = unsigned.strip_prefix("00").unwrap_or(unsigned);
    if !all_digits(digits) {
        return Err(PhoneError::Invalid);
    }
    // No country code begins with 0: `+0912…` is a national number with a plus too many.
    let international = digits.len() < number.len() && !digits.starts_with('0');
    if international {
        return match digits.strip_prefix("98") {
            Some(rest) => read_iranian(rest.strip_prefix('0').unwrap_or(rest)),
            None => read_abroad(&format!("+{digits}"), None),
        };
    }
    match home.region {
        Region::Iran => read_iranian(iranian_subscriber(digits)),
        Region::Other(id) => read_abroad(digits, Some(id))
            .or_else(|error| if home.shop_is_iranian { unmistakably_iranian(digits).ok_or(error) } else { Err(error) }),
        Region::Unknown if home.shop_is_iranian => unmistakably_iranian(digits).ok_or(PhoneError::Foreign),
        Region::Unknown => Err(PhoneError::Foreign),
    }
}

/// The digits after the national `0` or a country code without plus; the length tells the two from a number that
/// happens to begin with 98.
fn iranian_subscriber(digits: &str) -> &str {
    let rest = match digits.len() {
        12 | 13 => digits.strip_prefix("98").unwrap_or(digits),
        _ => digits,
    };
    rest.strip_prefix('0').unwrap_or(rest)
}

fn read_iranian(subscriber: &str) -> Result<Phone, PhoneError> {
    if is_iranian_mobile(subscriber) {
        return Ok(Phone(format!("{IRAN}{subscriber}").into()));
    }
    // Ten digits with the area code, eight as dialled within a town.
    let landline = match subscriber.len() {
        10 => subscriber.starts_with(|c| ('1'..='8').contains(&c)),
        8 => subscriber.starts_with(|c| ('2'..='9').contains(&c)),
        _ => false,
    };
    Err(if landline { PhoneError::Landline } else { PhoneError::Invalid })
}

/// A number that says itself that it is Iranian. A bare `9…` does not: it may be of any country.
fn unmistakably_iranian(digits: &str) -> Option<Phone> {
    let subscriber = iranian_subscriber(digits);
    if subscriber.len() == digits.len() {
        return None;
    }
    read_iranian(subscriber).ok()
}

fn is_iranian_mobile(subscriber: &str) -> bool {
    subscriber.len() == 10 && subscriber.starts_with('9') && all_digits(subscriber)
}

fn all_digits(s: &str) -> bool {
    !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit())
}

fn read_abroad(number: &str, region: Option<country::Id>) -> Result<Phone, PhoneError> {
    let valid =
        |number: &str, region| phonenumber::parse(region, number).ok().filter(phonenumber::PhoneNumber::is_valid);
    // Digits with the region's own country code but without plus.
    let with_plus =
        || region.and_then(|id| valid(&format!("+{number}"), None).filter(|found| found.country().id() == Some(id)));
    let found = valid(number, region).or_else(with_plus).ok_or(PhoneError::Invalid)?;
    let e164 = found.format().mode(phonenumber::Mode::E164).to_string();
    if let Some(subscriber) = e164.strip_prefix(IRAN) {
        return read_iranian(subscriber);
    }
    match found.number_type(&DATABASE) {
        Type::Mobile | Type::FixedLineOrMobile => Phone::from_e164(&e164).ok_or(PhoneError::Invalid),
        Type::FixedLine => Err(PhoneError::Landline),
        _ => Err(PhoneError::NotMobile),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Vector {
        raw: String,
        country: Option<String>,
        shop: String,
        e164: Option<String>,
        error: Option<String>,
    }

    #[test]
    fn shared_vectors() {
        let vectors: Vec<Vector> = serde_json::from_str(include_str!("../tests/data/phones.json")).unwrap();
        assert!(vectors.len() > 60);
        for v in vectors {
            let got = parse(&v.raw, v.country.as_deref(), &v.shop);
            match (&v.e164, &v.error) {
                (Some(e164), None) => {
                    assert_eq!(got.as_ref().map(Phone::e164), Ok(e164.as_str()), "{:?} {:?}", v.raw, v.country);
                }
                (None, Some(error)) => {
                    let got = got.map(|p| p.e164().to_owned()).map_err(|e| format!("{e:?}").to_lowercase());
                    assert_eq!(got, Err(error.clone()), "{:?} {:?}", v.raw, v.country);
                }
                _ => panic!("vector {:?} needs one of e164 and error", v.raw),
            }
        }
    }

    #[test]
    fn number_is_hidden() {
        let phone = parse("09120001245", None, "IR").unwrap();
        assert_eq!(format!("{phone:?}"), "Phone(…45)");
        assert_eq!(phone.masked(), "…45");
        assert_eq!(phone.national(), "09120001245");
        assert!(phone.is_iranian());
    }

    #[test]
    fn foreign_number_keeps_its_country_code() {
        let phone = parse("07400 123456", Some("GB"), "IR").unwrap();
        assert_eq!(phone.national(), "447400123456");
        assert!(!phone.is_iranian());
    }

    #[test]
    fn only_what_can_be_written_to_is_deserialized() {
        let read = |s: &str| serde_json::from_str::<Phone>(s).is_ok();
        assert!(read("\"+989120000001\""));
        assert!(read("\"+447400123456\""));
        for wrong in [
            "\"\"",
            "\"09120000001\"",
            "\"+982120001234\"",
            "\"+98912000000\"",
            "\"+0447400123456\"",
            "\"+44 7400\"",
            "\"+4474001234564567\"",
            "5",
        ] {
            assert!(!read(wrong), "{wrong}");
        }
        let phone = Phone::from_e164("+989120000001").unwrap();
        assert_eq!(serde_json::to_string(&phone).unwrap(), "\"+989120000001\"");
    }

    const SEPARATORS: [&str; 12] =
        ["", " ", "-", ".", "(", ")", "/", "\u{200C}", "\u{200F}", "\u{202A}", "\u{00A0}", " - "];

    fn in_script(digits: &str, script: u8) -> String {
        match script {
            0 => digits.to_owned(),
            1 => digits::to_persian(digits),
            _ => digits
                .chars()
                .map(|c| match c {
                    '0'..='9' => char::from_u32(u32::from('٠') + u32::from(c) - u32::from('0')).unwrap(),
                    _ => c,
                })
                .collect(),
        }
    }

    proptest! {
        #[test]
        fn every_decoration_gives_the_same_number(
            tail in "[0-9]{9}",
            prefix in prop::sample::select(vec!["", "0", "98", "980", "+98", "+980", "0098", "00980", "+0098", "+0"]),
            separators in prop::collection::vec(0..SEPARATORS.len(), 20),
            script in 0u8..3,
            words in prop::sample::select(vec![("", ""), ("تلفن: ", ""), ("", " (علی)"), (" \u{200E}", "\u{200F}\n"), ("mobile ", ", home 02120001234")]),
        ) {
            let number = in_script(&format!("{prefix}9{tail}"), script);
            let decorated: String = number.chars().zip(separators.iter().cycle())
                .map(|(c, s)| format!("{c}{}", SEPARATORS[*s])).collect();
            let field = format!("{}{decorated}{}", words.0, words.1);
            let expected = format!("+989{tail}");
            let got = parse(&field, None, "IR");
            prop_assert_eq!(got.as_ref().map(Phone::e164), Ok(expected.as_str()), "{}", field);
        }

        #[test]
        fn reading_again_changes_nothing(
            raw in "[+]?[0-9]{7,15}",
            country in prop::sample::select(vec![None, Some("IR"), Some("US"), Some("DE"), Some("GB"), Some("TR"), Some("IT"), Some("AR"), Some("MX"), Some("BR"), Some("PH")]),
            shop in prop::sample::select(vec!["IR", "DE", "US", ""]),
        ) {
            if let Ok(phone) = parse(&raw, country, shop) {
                for (country, shop) in [(country, shop), (None, "IR"), (None, ""), (Some("US"), "DE")] {
                    let again = parse(phone.e164(), country, shop);
                    prop_assert_eq!(again.as_ref(), Ok(&phone), "{} as {}", raw, phone.e164());
                }
                let stored = Phone::from_e164(phone.e164());
                prop_assert_eq!(stored, Some(phone));
            }
        }

        #[test]
        fn a_number_that_begins_like_the_country_code_is_itself(tail in "[0-9]{8}") {
            let expected = format!("+9898{tail}");
            for raw in [format!("98{tail}"), format!("098{tail}"), format!("9898{tail}")] {
                let got = parse(&raw, None, "IR");
                prop_assert_eq!(got.as_ref().map(Phone::e164), Ok(expected.as_str()));
            }
        }

        #[test]
        fn any_text_is_read_without_panic(raw in any::<String>(), country in any::<Option<String>>(), shop in any::<String>()) {
            let _ = parse(&raw, country.as_deref(), &shop);
        }

        #[test]
        fn two_numbers_give_the_first(a in "[0-9]{9}", b in "[0-9]{9}", between in prop::sample::select(vec![" ", "/", "-", "،", ", ", "\n", " و ", " یا "])) {
            let first = format!("+989{a}");
            let field = format!("09{a}{between}09{b}");
            let got = parse(&field, Some("IR"), "IR");
            prop_assert_eq!(got.as_ref().map(Phone::e164), Ok(first.as_str()));
        }
    }
}
