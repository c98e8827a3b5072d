use bazgasht::money::Money;
use proptest::prelude::*;

use super::config;
use crate::invariants::money;

const CODES: [&str; 10] = ["IRR", "IRT", "IRHR", "IRHT", "EUR", "JPY", "KWD", "CLF", "BTC", "XXX"];

proptest! {
    #![proptest_config(config(512))]

    #[test]
    fn amounts_are_printed_and_read_back(minor: i64, code in prop::sample::select(&CODES[..])) {
        money::amount(Money { minor, currency: code.parse().unwrap() });
    }

    #[test]
    fn decimals_are_read_exactly(code in prop::sample::select(&CODES[..]), decimal in "-?[0-9]{0,20}(\\.[0-9]{0,12})?") {
        money::hold(format!("{code}\n{decimal}").as_bytes());
    }
}
