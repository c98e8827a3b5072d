use proptest::prelude::*;

use super::config;
use crate::invariants::{digits, parts, reply, text};

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zA-Z€{}ß\n ]{0,500}", "[a-zآ-ی😀🎁\u{200C}€ ]{0,300}", "[ب😀]{60,140}", any::<String>()]
}

proptest! {
    #![proptest_config(config(192))]

    #[test]
    fn parts_are_those_of_the_encoded_text(rules in prop::sample::select(vec!["", "iran", "66", "tiny"]), text in any_text()) {
        parts::hold(format!("{rules}\n{text}").as_bytes());
    }

    #[test]
    fn tidying_and_digits_are_stable(text in any_text()) {
        digits::of(&text);
    }

    #[test]
    fn a_no_is_a_no_in_every_dress(reply in prop_oneof!["[لغو۱١1 stopSTOP.]{0,8}", Just("لغو۱۱".to_owned()), any::<String>()]) {
        reply::of(&reply);
    }
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn an_owners_text_is_laid_out(words in prop::collection::vec(prop::sample::select(vec![
        "سلام", " ", "\n", "{{ link }}", "{{ coupon.code }}", "«", "»", ".", "لغو ۱۱", "لغو11", "{{ cart.total }}", "{% if cart.count > 1 %}", "{% endif %}", "\u{200C}",
    ]), 0..12)) {
        text::of(&words.concat());
    }
}
