//! The currency on the first line, the decimal behind it.

use bazgasht::digits;
use bazgasht::money::{Currency, Money, Style, say, say_rial};

use super::first_line;

pub fn hold(bytes: &[u8]) {
    let (code, decimal) = first_line(bytes);
    let Ok(currency) = code.parse::<Currency>() else { return };
    assert_eq!(currency.code().parse(), Ok(currency));
    if let Ok(money) = Money::parse(&decimal, currency) {
        amount(money);
        assert_eq!(money.minor, exactly(decimal.trim(), currency.exponent()), "by hand");
    }
}

/// Printed and read again it is the same; a refund mirrors its charge; the saying holds the digits.
pub fn amount(money: Money) {
    let currency = money.currency;
    assert_eq!(Money::parse(&money.decimal(), currency), Ok(money));
    if let Some(minor) = money.minor.checked_neg() {
        let mirror = Money { minor, currency };
        assert_eq!(mirror.percent(333).minor, money.percent(333).minor.saturating_neg());
        assert_eq!(mirror.decimal().trim_start_matches('-'), money.decimal().trim_start_matches('-'));
    }
    assert_eq!(money.percent(10_000), money, "all of it");
    assert_eq!(money.checked_sub(money), Some(Money::zero(currency)));
    for style in [Style::Latin, Style::Persian] {
        let said = digits::to_ascii(&say(money, style));
        let whole = money.to_toman().map_or_else(|| money.decimal(), Money::decimal);
        let only = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        if money.to_toman().is_some() || currency.rial_per_unit().is_none() {
            assert_eq!(only(&said), only(&whole));
        }
        assert_eq!(say_rial(money, style).is_some(), currency.rial_per_unit().is_some());
    }
}

/// The same by another way: the digits as they stand, cut or filled up, then rounded.
fn exactly(decimal: &str, exponent: u32) -> i64 {
    let unsigned = decimal.trim_start_matches('-');
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let places = exponent as usize;
    let kept: String = fraction.chars().chain(std::iter::repeat('0')).take(places).collect();
    let up = i128::from(fraction.chars().nth(places).is_some_and(|digit| digit >= '5'));
    let size = format!("0{whole}{kept}").parse::<i128>().unwrap() + up;
    i64::try_from(if decimal.starts_with('-') { -size } else { size }).unwrap()
}
