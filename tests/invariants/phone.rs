//! The order's country on the first line, the shop's on the second, the field as it was filled in behind them.

use bazgasht::digits;
use bazgasht::phone::{Phone, parse};

use super::first_line;

pub fn hold(bytes: &[u8]) {
    let (country, rest) = first_line(bytes);
    let (shop, raw) = first_line(rest.as_bytes());
    read(&raw, Some(country.as_str()).filter(|c| !c.is_empty()), &shop);
}

/// A number that is read stays itself: written down, read again anywhere, typed in another script.
pub fn read(raw: &str, country: Option<&str>, shop: &str) {
    let found = parse(raw, country, shop);
    assert_eq!(parse(&digits::to_persian(raw), country, shop), found, "in Persian digits");
    let Ok(phone) = found else { return };
    let e164 = phone.e164();
    assert!(
        e164.strip_prefix('+').is_some_and(|d| (7..=15).contains(&d.len()) && d.bytes().all(|b| b.is_ascii_digit()))
    );
    assert_eq!(Phone::from_e164(e164).as_ref(), Some(&phone), "as stored");
    for (country, shop) in [(country, shop), (None, "IR"), (None, ""), (Some("US"), "DE")] {
        assert_eq!(parse(e164, country, shop).as_ref(), Ok(&phone), "read again in {country:?} {shop:?}");
    }
    let shown = phone.national();
    let home = if phone.is_iranian() { parse(&shown, None, "IR") } else { parse(&format!("+{shown}"), None, "") };
    assert_eq!(home.as_ref(), Ok(&phone), "as shown");
    assert_eq!(phone.masked().chars().count(), 3);
    assert_eq!(serde_json::from_str::<Phone>(&serde_json::to_string(&phone).unwrap()).unwrap(), phone);
}
