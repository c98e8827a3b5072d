use proptest::prelude::*;

use super::config;
use crate::invariants::phone;

proptest! {
    #![proptest_config(config(512))]

    #[test]
    fn a_number_stays_itself(
        raw in prop_oneof!["[+]?[0-9]{7,15}", "[+۰-۹0-9 ()./-]{5,30}", "(00|\\+)?[1-9][0-9]{8,12}", any::<String>()],
        country in prop::sample::select(vec![None, Some("IR"), Some("US"), Some("DE"), Some("TR"), Some("AE"), Some("IQ"), Some("AF"), Some("IR:THR"), Some("xx")]),
        shop in prop::sample::select(vec!["IR", "DE", "US", ""]),
    ) {
        phone::read(&raw, country, shop);
    }
}
