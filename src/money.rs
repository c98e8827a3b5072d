//! Money as whole minor units with its currency, and how it is said to people. No floating point anywhere.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::digits;

/// A currency by the code WooCommerce has for it: ISO 4217, and `IRT`, `IRHR`, `IRHT`, which Persian shops add. A code of ours,
/// ISO's with an `M` behind it, is the same money counted finer: `USDM`, for prices of SMS below a cent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency {
    /// Three or four upper-case letters; a shorter code ends in a zero.
    code: [u8; 4],
}

/// An amount in minor units: `1990` of `EUR` is 19.90, `250000` of `IRT` is 250,000 Toman.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

/// The digits, separators and words in which an amount is said.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    Latin,
    Persian,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("currency {0:?} is unknown: expected a code of three or four letters such as IRT or EUR")]
    Currency(String),
    #[error("amount {0:?} is not a number: expected a decimal such as 250000 or 19.90")]
    Malformed(String),
    #[error("amount {0:?} is too large")]
    TooLarge(String),
}

impl Currency {
    /// ISO 4217's "no currency": an amount before the shop has said what it counts in.
    pub const NONE: Currency = Currency { code: *b"XXX\0" };
    pub const IRR: Currency = Currency { code: *b"IRR\0" };
    pub const IRT: Currency = Currency { code: *b"IRT\0" };
    pub const EUR: Currency = Currency { code: *b"EUR\0" };
    pub const USD: Currency = Currency { code: *b"USD\0" };
    /// What a provider counts in that names no money: "credits". Never added to money, and worth nothing in a budget.
    pub const CREDIT: Currency = Currency { code: *b"XCR\0" };

    #[must_use]
    pub fn code(&self) -> &str {
        let end = self.code.iter().position(|&b| b == 0).unwrap_or(self.code.len());
        // Only letters are ever let in.
        self.code.get(..end).and_then(|code| std::str::from_utf8(code).ok()).unwrap_or_default()
    }

    /// How many digits stand after the decimal point. By ISO 4217, but for the Rial, which has had no smaller coin
    /// for decades; the codes for thousands are counted down to a single Rial or Toman.
    #[must_use]
    pub fn exponent(self) -> u32 {
        match self.code() {
            "IRR" | "IRT" | "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
            | "UYI" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
            "IRHR" | "IRHT" | "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
            "CLF" | "UYW" | "XCR" => 4,
            "BTC" => 8,
            _ if self.is_fine() => 5,
            _ => 2,
        }
    }

    /// The same money counted to a hundred-thousandth: `USDM` for `USD`. Codes of four letters stay as they are.
    #[must_use]
    pub const fn fine(self) -> Currency {
        let [a, b, c, d] = self.code;
        Currency { code: [a, b, c, if d == 0 { b'M' } else { d }] }
    }

    fn is_fine(self) -> bool {
        matches!(self.code, [_, _, _, b'M'])
    }

    /// ISO's code, without the `M` of [`Currency::fine`].
    fn plain(self) -> Currency {
        let [a, b, c, _] = self.code;
        if self.is_fine() { Currency { code: [a, b, c, 0] } } else { self }
    }

    /// What one whole unit is worth in Rial, for the currencies of Iran.
    #[must_use]
    pub fn rial_per_unit(self) -> Option<i64> {
        match self.code() {
            "IRR" => Some(1),
            "IRT" => Some(RIAL_PER_TOMAN),
            "IRHR" => Some(1_000),
            "IRHT" => Some(1_000 * RIAL_PER_TOMAN),
            _ => None,
        }
    }
}

const RIAL_PER_TOMAN: i64 = 10;

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(s: &str) -> Result<Self, MoneyError> {
        let letters = s.trim().as_bytes();
        let well_formed = matches!(letters.len(), 3 | 4) && letters.iter().all(u8::is_ascii_alphabetic);
        if !well_formed {
            return Err(MoneyError::Currency(beginning(s)));
        }
        let mut code = [0; 4];
        for (place, letter) in code.iter_mut().zip(letters) {
            *place = letter.to_ascii_uppercase();
        }
        Ok(Currency { code })
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;

    fn try_from(s: String) -> Result<Self, MoneyError> {
        s.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> String {
        currency.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Money {
    #[must_use]
    pub fn zero(currency: Currency) -> Money {
        Money { minor: 0, currency }
    }

    /// Reads WooCommerce's decimal strings: `250000`, `19.90`, `-3`. Digits beyond the currency's own are rounded,
    /// halves away from zero, so that a refund is the mirror of its charge.
    ///
    /// # Errors
    /// For anything that is not plain digits with at most one point (no exponents, no thousands separators), and
    /// for amounts beyond 64 bits of minor units.
    pub fn parse(decimal: &str, currency: Currency) -> Result<Money, MoneyError> {
        let malformed = || MoneyError::Malformed(beginning(decimal));
        let too_large = || MoneyError::TooLarge(beginning(decimal));
        let text = decimal.trim();
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits_only = whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
        if !digits_only || (whole.is_empty() && fraction.is_empty()) {
            return Err(malformed());
        }
        let mut rest = fraction.bytes();
        let mut minor: i128 = 0;
        let kept = rest.by_ref().chain(std::iter::repeat(b'0')).take(currency.exponent() as usize);
        for digit in whole.bytes().chain(kept) {
            minor =
                minor.checked_mul(10).and_then(|m| m.checked_add(i128::from(digit - b'0'))).ok_or_else(too_large)?;
        }
        if rest.next().is_some_and(|first_dropped| first_dropped >= b'5') {
            minor = minor.checked_add(1).ok_or_else(too_large)?;
        }
        let minor = i64::try_from(if negative { -minor } else { minor }).map_err(|_| too_large())?;
        Ok(Money { minor, currency })
    }

    /// The sum; none when the currencies differ or it is too large.
    #[must_use]
    pub fn checked_add(self, other: Money) -> Option<Money> {
        let minor = self.minor.checked_add(other.minor)?;
        (self.currency == other.currency).then_some(Money { minor, ..self })
    }

    /// The difference; none when the currencies differ or it is too large.
    #[must_use]
    pub fn checked_sub(self, other: Money) -> Option<Money> {
        let minor = self.minor.checked_sub(other.minor)?;
        (self.currency == other.currency).then_some(Money { minor, ..self })
    }

    /// A share of the amount in hundredths of a percent (500 is 5 %), halves away from zero. Stays at the largest
    /// amount there is where it would go beyond.
    #[must_use]
    pub fn percent(self, percent_hundredths: i64) -> Money {
        let share = rounded(i128::from(self.minor) * i128::from(percent_hundredths), 10_000);
        let nearest = if share < 0 { i64::MIN } else { i64::MAX };
        Money { minor: i64::try_from(share).unwrap_or(nearest), ..self }
    }

    /// The amount as WooCommerce writes it, with all its decimals: `19.90`, `250000`, `-3.00`.
    #[must_use]
    pub fn decimal(self) -> String {
        let (whole, fraction) = self.parts();
        let sign = if self.minor < 0 { "-" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{sign}{whole}{point}{fraction}")
    }

    /// The amount in `IRT`, halves away from zero; none for currencies of other countries.
    #[must_use]
    pub fn to_toman(self) -> Option<Money> {
        let minor = i64::try_from(self.tomans()?).ok()?;
        Some(Money { minor, currency: Currency::IRT })
    }

    /// The amount in `IRR`; none for currencies of other countries.
    #[must_use]
    pub fn to_rial(self) -> Option<Money> {
        let minor = i64::try_from(self.rials()?).ok()?;
        Some(Money { minor, currency: Currency::IRR })
    }

    fn rials(self) -> Option<i128> {
        let per_unit = i128::from(self.currency.rial_per_unit()?);
        Some(rounded(i128::from(self.minor) * per_unit, self.minor_per_unit()))
    }

    fn tomans(self) -> Option<i128> {
        Some(rounded(self.rials()?, i128::from(RIAL_PER_TOMAN)))
    }

    fn minor_per_unit(self) -> i128 {
        10_i128.pow(self.currency.exponent())
    }

    /// Digits before and after the decimal point, without sign.
    fn parts(self) -> (String, String) {
        let size = i128::from(self.minor).abs();
        let width = self.currency.exponent() as usize;
        let whole = (size / self.minor_per_unit()).to_string();
        let fraction = match width {
            0 => String::new(),
            _ => format!("{:0width$}", size % self.minor_per_unit()),
        };
        (whole, fraction)
    }
}

/// The amount for people. Everything Iranian is said in Toman without decimals, as prices are in daily talk:
/// `250,000 Toman`, `۲۵۰٬۰۰۰ تومان`. Elsewhere `€19.90`, `$19.90`, `£19.90`, `19.90 SEK`; in Persian `۱۹٫۹۰ یورو`.
#[must_use]
pub fn say(m: Money, style: Style) -> String {
    if let Some(tomans) = m.tomans() {
        return say_whole(tomans, style, "Toman", "تومان");
    }
    let (whole, mut fraction) = m.parts();
    if m.currency.is_fine() {
        let cents = fraction.trim_end_matches('0').len().max(2);
        fraction.truncate(cents);
    }
    let sign = if m.minor < 0 { "-" } else { "" };
    let point = match (fraction.is_empty(), style) {
        (true, _) => "",
        (false, Style::Latin) => ".",
        (false, Style::Persian) => "٫",
    };
    let number = in_style(&format!("{}{point}{fraction}", grouped(&whole, style)), style);
    match (style, m.currency.plain().code()) {
        (Style::Latin, "EUR") => format!("{sign}€{number}"),
        (Style::Latin, "USD") => format!("{sign}${number}"),
        (Style::Latin, "GBP") => format!("{sign}£{number}"),
        (Style::Persian, "EUR") => format!("{sign}{number} یورو"),
        (Style::Persian, "USD") => format!("{sign}{number} دلار"),
        (Style::Persian, "GBP") => format!("{sign}{number} پوند"),
        (Style::Latin, "XCR") => format!("{sign}{number} credits"),
        (Style::Persian, "XCR") => format!("{sign}{number} اعتبار"),
        (_, code) => format!("{sign}{number} {code}"),
    }
}

/// The same money in another currency of Iran, or counted finer or coarser, when nothing is lost by it.
#[must_use]
pub fn exactly(money: Money, into: Currency) -> Option<Money> {
    if money.currency == into {
        return Some(money);
    }
    let one_money = money.currency.plain() == into.plain();
    let unit = |currency: Currency| {
        let worth = if one_money { 1 } else { i128::from(currency.rial_per_unit()?) };
        Some((worth, 10_i128.checked_pow(currency.exponent())?))
    };
    let ((from_rial, from_minor), (into_rial, into_minor)) = (unit(money.currency)?, unit(into)?);
    let numerator = i128::from(money.minor).checked_mul(from_rial)?.checked_mul(into_minor)?;
    let denominator = from_minor.checked_mul(into_rial)?;
    if numerator % denominator != 0 {
        return None;
    }
    Some(Money { minor: i64::try_from(numerator / denominator).ok()?, currency: into })
}

/// The amount in Rial, `2,500,000 Rial` or `۲٬۵۰۰٬۰۰۰ ریال`; none for currencies of other countries.
#[must_use]
pub fn say_rial(m: Money, style: Style) -> Option<String> {
    Some(say_whole(m.rials()?, style, "Rial", "ریال"))
}

fn say_whole(amount: i128, style: Style, latin_unit: &str, persian_unit: &str) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let number = in_style(&grouped(&amount.abs().to_string(), style), style);
    let unit = match style {
        Style::Latin => latin_unit,
        Style::Persian => persian_unit,
    };
    format!("{sign}{number} {unit}")
}

fn in_style(number: &str, style: Style) -> String {
    match style {
        Style::Latin => number.to_owned(),
        Style::Persian => digits::to_persian(number),
    }
}

/// The digits with a separator before every three from the right.
fn grouped(digits: &str, style: Style) -> String {
    let separator = match style {
        Style::Latin => ',',
        Style::Persian => '٬',
    };
    let mut out = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

/// `amount / by` for a positive `by`, halves away from zero.
fn rounded(amount: i128, by: i128) -> i128 {
    let quotient = amount / by;
    if (amount % by).abs() * 2 >= by { quotient + amount.signum() } else { quotient }
}

/// Enough of a wrong value to find it by; it may be as long as an attacker likes.
fn beginning(s: &str) -> String {
    s.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn money(decimal: &str, code: &str) -> Money {
        Money::parse(decimal, code.parse().unwrap()).unwrap()
    }

    #[test]
    fn decimals_of_woocommerce() {
        assert_eq!(money("250000", "IRT").minor, 250_000);
        assert_eq!(money("250000.00", "IRT").minor, 250_000);
        assert_eq!(money("19.90", "EUR").minor, 1_990);
        assert_eq!(money("19.9", "EUR").minor, 1_990);
        assert_eq!(money("-3", "EUR").minor, -300);
        assert_eq!(money(".5", "EUR").minor, 50);
        assert_eq!(money("5.", "EUR").minor, 500);
        assert_eq!(money(" 007 ", "JPY").minor, 7);
        assert_eq!(money("2.5", "IRHT").minor, 2_500);
        assert_eq!(money("0.00000001", "BTC").minor, 1);
    }

    #[test]
    fn surplus_digits_are_rounded() {
        assert_eq!(money("19.904999", "EUR").minor, 1_990);
        assert_eq!(money("19.905", "EUR").minor, 1_991);
        assert_eq!(money("-19.905", "EUR").minor, -1_991);
        assert_eq!(money("99.995", "EUR").minor, 10_000);
        assert_eq!(money("2500.5", "IRR").minor, 2_501);
        assert_eq!(money("0.4", "IRR").minor, 0);
    }

    #[test]
    fn rubbish_is_refused() {
        for wrong in ["", " ", "-", ".", "-.", "1e3", "1,000", "1.2.3", "+1", "--1", "۱۲", "NaN", "inf", "1 000", "0x1"]
        {
            assert!(matches!(Money::parse(wrong, Currency::EUR), Err(MoneyError::Malformed(_))), "{wrong:?}");
        }
    }

    #[test]
    fn the_largest_amounts() {
        assert_eq!(money("9223372036854775807", "IRR").minor, i64::MAX);
        assert_eq!(money("-9223372036854775808", "IRR").minor, i64::MIN);
        assert_eq!(money("-9223372036854775808", "IRR").decimal(), "-9223372036854775808");
        let nines = "9".repeat(10_000);
        for large in ["9223372036854775808", "9223372036854775807.5", nines.as_str()] {
            assert!(matches!(Money::parse(large, Currency::IRR), Err(MoneyError::TooLarge(_))));
        }
        let most = money("9223372036854775807", "IRR");
        assert_eq!(most.checked_add(Money { minor: 1, ..most }), None);
        assert_eq!(most.percent(20_000), most);
        assert_eq!(Money { minor: i64::MIN, ..most }.percent(20_000).minor, i64::MIN);
        assert_eq!(
            say(Money { minor: i64::MIN, currency: Currency::EUR }, Style::Latin),
            "-€92,233,720,368,547,758.08"
        );
        assert_eq!(Money { minor: i64::MAX, currency: Currency::IRT }.to_rial(), None);
    }

    #[test]
    fn currency_codes() {
        for (text, code) in [("IRT", "IRT"), ("irht", "IRHT"), (" EUR ", "EUR")] {
            assert_eq!(text.parse::<Currency>().unwrap().to_string(), code);
        }
        for wrong in ["", "I", "IR", "IRTTT", "I1T", "ریال", "€", "I T"] {
            assert_eq!(wrong.parse::<Currency>(), Err(MoneyError::Currency(wrong.to_owned())));
        }
        let m = money("19.90", "EUR");
        let json = serde_json::to_string(&m).unwrap();
        assert_eq!(json, r#"{"minor":1990,"currency":"EUR"}"#);
        assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), m);
        assert!(serde_json::from_str::<Currency>("\"E\"").is_err());
    }

    #[test]
    fn four_iranian_codes_are_one_amount() {
        for (decimal, code) in [("2500000", "IRR"), ("250000", "IRT"), ("2500", "IRHR"), ("250", "IRHT")] {
            let m = money(decimal, code);
            assert_eq!(m.to_toman(), Some(money("250000", "IRT")), "{code}");
            assert_eq!(m.to_rial(), Some(money("2500000", "IRR")), "{code}");
            assert_eq!(say(m, Style::Latin), "250,000 Toman");
            assert_eq!(say(m, Style::Persian), "۲۵۰٬۰۰۰ تومان");
            assert_eq!(say_rial(m, Style::Latin).unwrap(), "2,500,000 Rial");
            assert_eq!(say_rial(m, Style::Persian).unwrap(), "۲٬۵۰۰٬۰۰۰ ریال");
        }
    }

    #[test]
    fn sayings() {
        for (decimal, code, latin, persian) in [
            ("19.90", "EUR", "€19.90", "۱۹٫۹۰ یورو"),
            ("1234567.8", "USD", "$1,234,567.80", "۱٬۲۳۴٬۵۶۷٫۸۰ دلار"),
            ("19.90", "SEK", "19.90 SEK", "۱۹٫۹۰ SEK"),
            ("1500", "JPY", "1,500 JPY", "۱٬۵۰۰ JPY"),
            ("-0.05", "GBP", "-£0.05", "-۰٫۰۵ پوند"),
            ("-1000", "IRT", "-1,000 Toman", "-۱٬۰۰۰ تومان"),
            ("999", "IRT", "999 Toman", "۹۹۹ تومان"),
            ("0", "IRR", "0 Toman", "۰ تومان"),
            ("-4", "IRR", "0 Toman", "۰ تومان"),
            ("15", "IRR", "2 Toman", "۲ تومان"),
        ] {
            let m = money(decimal, code);
            assert_eq!(say(m, Style::Latin), latin);
            assert_eq!(say(m, Style::Persian), persian);
        }
        assert_eq!(say_rial(money("1", "EUR"), Style::Latin), None);
        assert_eq!(money("1", "EUR").to_toman(), None);
    }

    #[test]
    fn sums_and_shares() {
        let (a, b) = (money("10.00", "EUR"), money("0.01", "EUR"));
        assert_eq!(a.checked_add(b), Some(money("10.01", "EUR")));
        assert_eq!(b.checked_sub(a), Some(money("-9.99", "EUR")));
        assert_eq!(a.checked_add(money("1", "USD")), None);
        assert_eq!(a.checked_sub(money("1", "USD")), None);
        assert_eq!(money("250000", "IRT").percent(500), money("12500", "IRT"));
        assert_eq!(money("0.10", "EUR").percent(500), money("0.01", "EUR"));
        assert_eq!(money("-0.10", "EUR").percent(500), money("-0.01", "EUR"));
        assert_eq!(money("0.09", "EUR").percent(500), Money::zero(Currency::EUR));
    }

    #[test]
    fn prices_below_a_cent_are_kept() {
        let price = money("-0.0079", "USDM");
        assert_eq!((price.minor, price.currency), (-790, Currency::USD.fine()));
        assert_eq!(Currency::USD.fine().fine(), Currency::USD.fine());
        assert_eq!("IRHT".parse::<Currency>().unwrap().fine().code(), "IRHT");
        assert_eq!(say(money("0.0079", "USDM"), Style::Latin), "$0.0079");
        assert_eq!(say(money("12.5", "USDM"), Style::Latin), "$12.50");
        assert_eq!(say(money("0.0079", "EURM"), Style::Persian), "۰٫۰۰۷۹ یورو");
        assert_eq!(exactly(money("50", "USD"), Currency::USD.fine()), Some(money("50", "USDM")));
        assert_eq!(exactly(money("50.25", "USDM"), Currency::USD), Some(money("50.25", "USD")));
        assert_eq!(exactly(money("0.0079", "USDM"), Currency::USD), None);
        assert_eq!(exactly(money("1", "EUR"), Currency::USD.fine()), None);
    }

    fn any_currency() -> impl Strategy<Value = Currency> {
        prop::sample::select(vec!["IRR", "IRT", "IRHR", "IRHT", "EUR", "JPY", "KWD", "CLF", "BTC", "USDM"])
            .prop_map(|code| code.parse().unwrap())
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(minor: i64, currency in any_currency()) {
            let m = Money { minor, currency };
            prop_assert_eq!(Money::parse(&m.decimal(), currency), Ok(m));
        }

        #[test]
        fn adding_and_taking_away_cancel(a in -1_000_000_000_000i64..1_000_000_000_000, b in -1_000_000_000_000i64..1_000_000_000_000, currency in any_currency()) {
            let (a, b) = (Money { minor: a, currency }, Money { minor: b, currency });
            prop_assert_eq!(a.checked_add(b).and_then(|sum| sum.checked_sub(b)), Some(a));
        }

        #[test]
        fn refund_mirrors_charge(minor in -1_000_000_000i64..1_000_000_000, hundredths in 0i64..=10_000, currency in any_currency()) {
            let share = Money { minor, currency }.percent(hundredths);
            prop_assert_eq!(Money { minor: -minor, currency }.percent(hundredths).minor, -share.minor);
            prop_assert!(share.minor.abs() <= minor.abs());
        }

        #[test]
        fn the_saying_holds_the_digits(minor in 0i64.., style in prop::sample::select(vec![Style::Latin, Style::Persian])) {
            let said = digits::to_ascii(&say(Money { minor, currency: Currency::IRT }, style));
            let digits: String = said.chars().filter(char::is_ascii_digit).collect();
            prop_assert_eq!(digits, minor.to_string());
        }

        #[test]
        fn any_text_is_parsed_without_panic(s in any::<String>(), currency in any_currency()) {
            let _ = Money::parse(&s, currency);
            let _ = s.parse::<Currency>();
        }
    }
}
