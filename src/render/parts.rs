//! The parts of an SMS: what a text costs.
//!
//! A part carries 140 octets: 160 septets of the GSM 7-bit alphabet (3GPP TS 23.038) or 70 UTF-16 units. Parts of a
//! longer text also carry a header that joins them. One character outside the alphabet makes the whole text UCS-2.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// Units are septets.
    Gsm7,
    /// Units are UTF-16 code units.
    Ucs2,
}

/// How many units a line takes in one part: alone, and when joined to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PartRules {
    pub gsm_single: u32,
    pub gsm_part: u32,
    pub ucs2_single: u32,
    pub ucs2_part: u32,
}

impl Default for PartRules {
    fn default() -> Self {
        PartRules { gsm_single: 160, gsm_part: 153, ucs2_single: 70, ucs2_part: 67 }
    }
}

impl PartRules {
    /// Iranian lines: several panels count a single Latin text to 140 only.
    #[must_use]
    pub fn iran() -> Self {
        PartRules { gsm_single: 140, ..PartRules::default() }
    }

    fn of(&self, encoding: Encoding) -> Limits {
        let (single, part) = match encoding {
            Encoding::Gsm7 => (self.gsm_single, self.gsm_part),
            Encoding::Ucs2 => (self.ucs2_single, self.ucs2_part),
        };
        // The largest character takes two units: a smaller part could not hold it.
        Limits { single, part: part.max(2) }
    }
}

struct Limits {
    single: u32,
    part: u32,
}

/// The length of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Parts {
    pub encoding: Encoding,
    pub units: u32,
    /// What is paid for; 0 for an empty text.
    pub parts: u32,
    /// How many units of the same encoding still fit before the text costs another part.
    pub left_in_part: u32,
    /// The first character that GSM-7 does not have: the one to replace if the text should cost less.
    pub why_ucs2: Option<char>,
}

/// Counts a text as the least favourable gateway does: a character of two units is never split over two parts, and a
/// text longer than a single part is at least two.
#[must_use]
pub fn count(text: &str, rules: &PartRules) -> Parts {
    let why_ucs2 = text.chars().find(|&c| septets(c).is_none());
    let encoding = if why_ucs2.is_some() { Encoding::Ucs2 } else { Encoding::Gsm7 };
    let limits = rules.of(encoding);
    let width = |c: char| match encoding {
        Encoding::Gsm7 => septets(c).unwrap_or(1),
        Encoding::Ucs2 => {
            if u32::from(c) > 0xFFFF {
                2
            } else {
                1
            }
        }
    };
    let units = text.chars().map(width).fold(0, u32::saturating_add);
    let (parts, left_in_part) = if units <= limits.single {
        (u32::from(units > 0), limits.single - units)
    } else {
        joined(text.chars().map(width), limits.part)
    };
    Parts { encoding, units, parts, left_in_part, why_ucs2 }
}

/// How many joined parts characters of these widths take, and how much room is left in them.
fn joined(widths: impl Iterator<Item = u32>, part: u32) -> (u32, u32) {
    let (mut parts, mut used) = (1_u32, 0);
    for width in widths {
        if used + width > part {
            parts = parts.saturating_add(1);
            used = 0;
        }
        used += width;
    }
    let left = part - used;
    // A line may allow less alone than it does in a joined part.
    if parts == 1 { (2, left.saturating_add(part)) } else { (parts, left) }
}

/// What a character costs in GSM-7: one septet, two from the extension table, or nothing as it is not there.
fn septets(c: char) -> Option<u32> {
    match c {
        'A'..='Z'
        | 'a'..='z'
        | '0'..='9'
        | ' '
        | '\n'
        | '\r'
        | '@'
        | '£'
        | '$'
        | '¥'
        | 'è'
        | 'é'
        | 'ù'
        | 'ì'
        | 'ò'
        | 'Ç'
        | 'Ø'
        | 'ø'
        | 'Å'
        | 'å'
        | 'Δ'
        | '_'
        | 'Φ'
        | 'Γ'
        | 'Λ'
        | 'Ω'
        | 'Π'
        | 'Ψ'
        | 'Σ'
        | 'Θ'
        | 'Ξ'
        | 'Æ'
        | 'æ'
        | 'ß'
        | 'É'
        | '!'
        | '"'
        | '#'
        | '¤'
        | '%'
        | '&'
        | '\''
        | '('
        | ')'
        | '*'
        | '+'
        | ','
        | '-'
        | '.'
        | '/'
        | ':'
        | ';'
        | '<'
        | '='
        | '>'
        | '?'
        | '¡'
        | 'Ä'
        | 'Ö'
        | 'Ñ'
        | 'Ü'
        | '§'
        | '¿'
        | 'ä'
        | 'ö'
        | 'ñ'
        | 'ü'
        | 'à' => Some(1),
        '\u{000C}' | '^' | '{' | '}' | '\\' | '[' | '~' | ']' | '|' | '€' => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(text: &str) -> (Encoding, u32, u32, u32) {
        let p = count(text, &PartRules::default());
        (p.encoding, p.units, p.parts, p.left_in_part)
    }

    #[test]
    fn latin_borders() {
        assert_eq!(parts(""), (Encoding::Gsm7, 0, 0, 160));
        for (length, expected, left) in
            [(1, 1, 159), (160, 1, 0), (161, 2, 145), (306, 2, 0), (307, 3, 152), (459, 3, 0), (460, 4, 152)]
        {
            assert_eq!(parts(&"a".repeat(length)), (Encoding::Gsm7, u32::try_from(length).unwrap(), expected, left));
        }
    }

    #[test]
    fn persian_borders() {
        for (length, expected, left) in [
            (1, 1, 69),
            (70, 1, 0),
            (71, 2, 63),
            (134, 2, 0),
            (135, 3, 66),
            (201, 3, 0),
            (202, 4, 66),
            (268, 4, 0),
            (269, 5, 66),
        ] {
            assert_eq!(parts(&"ب".repeat(length)), (Encoding::Ucs2, u32::try_from(length).unwrap(), expected, left));
        }
    }

    #[test]
    fn whole_alphabet() {
        let basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
        assert_eq!(basic.chars().count(), 127, "128 places, one of them the escape");
        assert_eq!(parts(basic).1, 127);
        assert_eq!(parts("\u{000C}^{}\\[~]|€"), (Encoding::Gsm7, 20, 1, 140));
        for outside in "ç`\t\u{00A0}…–—“”‘’•،؛؟٪﷼\u{200C}۱١یáê😀".chars() {
            let p = count(&format!("abc{outside}{outside}"), &PartRules::default());
            assert_eq!((p.encoding, p.why_ucs2), (Encoding::Ucs2, Some(outside)), "{outside:?}");
        }
        assert_eq!(count("abc", &PartRules::default()).why_ucs2, None);
    }

    #[test]
    fn characters_of_two_units_are_not_split() {
        // 66 units are used when the emoji comes: the part ends one unit early.
        assert_eq!(parts(&format!("{}😀{}", "ب".repeat(66), "ب".repeat(65))), (Encoding::Ucs2, 133, 2, 0));
        assert_eq!(parts(&format!("{}😀{}", "ب".repeat(66), "ب".repeat(66))), (Encoding::Ucs2, 134, 3, 66));
        assert_eq!(parts(&"😀".repeat(35)), (Encoding::Ucs2, 70, 1, 0));
        assert_eq!(parts(&"😀".repeat(66)), (Encoding::Ucs2, 132, 2, 1));
        assert_eq!(parts(&"😀".repeat(67)), (Encoding::Ucs2, 134, 3, 65));
        assert_eq!(parts(&format!("{}€{}", "a".repeat(152), "a".repeat(152))), (Encoding::Gsm7, 306, 3, 152));
    }

    #[test]
    fn iranian_lines() {
        let latin = |length: usize| count(&"a".repeat(length), &PartRules::iran());
        assert_eq!((latin(140).parts, latin(140).left_in_part), (1, 0));
        assert_eq!((latin(141).parts, latin(141).left_in_part), (2, 165));
        assert_eq!((latin(306).parts, latin(307).parts), (2, 3));
        let short = PartRules { ucs2_part: 66, ..PartRules::iran() };
        assert_eq!(count(&"ب".repeat(132), &short).parts, 2);
        assert_eq!(count(&"ب".repeat(133), &short).parts, 3);
    }

    #[test]
    fn opt_out_tail_costs_six_units() {
        assert_eq!(parts("سلام\nلغو11").1 - parts("سلام").1, 6);
    }

    #[test]
    fn rules_of_zero_do_not_hang() {
        let zero = PartRules { gsm_single: 0, gsm_part: 0, ucs2_single: 0, ucs2_part: 0 };
        assert_eq!(count("😀😀", &zero).parts, 2);
    }

    #[test]
    fn rules_are_read_with_defaults() {
        let rules: PartRules = serde_json::from_str(r#"{"ucs2_part":66}"#).unwrap();
        assert_eq!(rules, PartRules { ucs2_part: 66, ..PartRules::default() });
        assert!(serde_json::from_str::<PartRules>(r#"{"ucs2":66}"#).is_err());
    }

    /// The same by another way: encode, then cut parts off the encoded text.
    fn slow_count(text: &str, rules: &PartRules) -> (u32, u32) {
        type Heads = fn(u16) -> bool;
        let extension = "\u{000C}^{}\\[~]|€";
        let latin = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";
        let gsm = text
            .chars()
            .all(|c| (c.is_ascii_graphic() && c != '`') || c == ' ' || latin.contains(c) || extension.contains(c));
        let (units, heads, single, part): (Vec<u16>, Heads, u32, u32) = if gsm {
            let septets = text.chars().flat_map(|c| if extension.contains(c) { vec![27, 0] } else { vec![1] });
            (septets.collect(), |unit| unit == 27, rules.gsm_single, rules.gsm_part)
        } else {
            (text.encode_utf16().collect(), |unit| (0xD800..0xDC00).contains(&unit), rules.ucs2_single, rules.ucs2_part)
        };
        let length = u32::try_from(units.len()).unwrap();
        if length <= single {
            return (length, u32::from(length > 0));
        }
        let (mut rest, mut parts) = (units.as_slice(), 0);
        while !rest.is_empty() {
            let mut cut = rest.len().min(part as usize);
            if cut < rest.len() && heads(rest[cut - 1]) {
                cut -= 1;
            }
            rest = &rest[cut..];
            parts += 1;
        }
        (length, parts.max(2))
    }

    fn any_rules() -> impl Strategy<Value = PartRules> {
        prop::sample::select(vec![
            PartRules::default(),
            PartRules::iran(),
            PartRules { ucs2_part: 66, ..PartRules::iran() },
            PartRules { gsm_single: 7, gsm_part: 5, ucs2_single: 5, ucs2_part: 3 },
        ])
    }

    proptest! {
        #[test]
        fn both_ways_agree(text in prop_oneof!["[a-zA-Z€{}ß\n ]{0,500}", "[a-zآ-ی😀🎁\u{200C}€ ]{0,300}", any::<String>()], rules in any_rules()) {
            let p = count(&text, &rules);
            prop_assert_eq!((p.units, p.parts), slow_count(&text, &rules));
        }

        #[test]
        fn never_fewer_than_the_units_need(text in prop_oneof!["[a-z€|]{0,700}", "[ب😀]{0,400}"], rules in any_rules()) {
            let p = count(&text, &rules);
            let (single, part) = match p.encoding {
                Encoding::Gsm7 => (rules.gsm_single, rules.gsm_part),
                Encoding::Ucs2 => (rules.ucs2_single, rules.ucs2_part),
            };
            let least = if p.units <= single { u32::from(p.units > 0) } else { p.units.div_ceil(part) };
            prop_assert!(p.parts >= least);
        }

        #[test]
        fn what_is_left_fits_and_no_more(text in prop_oneof!["[a-z€|]{1,700}", "[ب😀]{1,400}"], rules in any_rules()) {
            let p = count(&text, &rules);
            let filler = if p.encoding == Encoding::Gsm7 { "a" } else { "ب" };
            let with = |more: u32| count(&format!("{text}{}", filler.repeat(more as usize)), &rules).parts;
            // A single text that outgrows its part is counted anew with shorter parts; one joined fills up in place.
            prop_assert_eq!(with(p.left_in_part), p.parts);
            prop_assert!(with(p.left_in_part + 1) > p.parts);
        }
    }
}
