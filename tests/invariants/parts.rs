//! The first line chooses the line's rules, the rest is the text.

use bazgasht::render::parts::{Encoding, PartRules, count};

use super::first_line;

pub fn hold(bytes: &[u8]) {
    let (choice, text) = first_line(bytes);
    let rules = match choice.trim() {
        "iran" => PartRules::iran(),
        "66" => PartRules { ucs2_part: 66, ..PartRules::iran() },
        "tiny" => PartRules { gsm_single: 7, gsm_part: 5, ucs2_single: 5, ucs2_part: 3 },
        _ => PartRules::default(),
    };
    of(&text, rules);
}

/// As many parts as cutting the encoded text gives, and never fewer when something is added.
pub fn of(text: &str, rules: PartRules) {
    let counted = count(text, &rules);
    assert_eq!((counted.units, counted.parts), cut(text, &rules));
    assert_eq!(counted.encoding == Encoding::Ucs2, counted.why_ucs2.is_some());

    let filler = if counted.encoding == Encoding::Gsm7 { "a" } else { "ب" };
    let more = |n: u32| count(&format!("{text}{}", filler.repeat(n as usize)), &rules).parts;
    if counted.parts > 0 {
        assert_eq!(more(counted.left_in_part), counted.parts, "what is left fits");
        assert!(more(counted.left_in_part + 1) > counted.parts, "and no more");
    }
    for added in ["a", "€", "ب", "😀", "\n"] {
        for longer in [format!("{text}{added}"), format!("{added}{text}")] {
            let after = count(&longer, &rules);
            // With rules that no line has, a text can take fewer parts for being encoded anew.
            let like_a_line = rules.gsm_part >= 2 * rules.ucs2_part;
            assert!(
                after.parts >= counted.parts || !(like_a_line || after.encoding == counted.encoding),
                "{counted:?} became {after:?}"
            );
        }
    }
}

/// Encodes, then cuts parts off the encoded text; a unit that heads a pair is not the last of its part.
fn cut(text: &str, rules: &PartRules) -> (u32, u32) {
    const EXTENSION: &str = "\u{000C}^{}\\[~]|€";
    const LATIN: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";
    let gsm = |c: char| c == ' ' || (c.is_ascii_graphic() && c != '`') || LATIN.contains(c) || EXTENSION.contains(c);
    let (heads, single, part): (Vec<bool>, u32, u32) = if text.chars().all(gsm) {
        let units = text.chars().flat_map(|c| if EXTENSION.contains(c) { vec![true, false] } else { vec![false] });
        (units.collect(), rules.gsm_single, rules.gsm_part)
    } else {
        let units = text.encode_utf16().map(|unit| (0xD800..0xDC00).contains(&unit));
        (units.collect(), rules.ucs2_single, rules.ucs2_part)
    };
    let length = u32::try_from(heads.len()).unwrap();
    if length <= single {
        return (length, u32::from(length > 0));
    }
    let (mut rest, mut parts) = (heads.as_slice(), 0);
    while !rest.is_empty() {
        let whole = rest.len().min(part as usize);
        let split_pair = whole < rest.len() && rest[whole - 1];
        rest = &rest[whole - usize::from(split_pair)..];
        parts += 1;
    }
    (length, parts.max(2))
}
