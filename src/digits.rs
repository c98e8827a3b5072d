//! Digits in three scripts, and text made fit for comparing and sending.

/// The text with Persian `۰–۹` and Arabic-Indic `٠–٩` digits as ASCII, all else kept.
#[must_use]
pub fn to_ascii(s: &str) -> String {
    s.chars().map(ascii_digit).collect()
}

/// The text with ASCII digits as Persian ones, all else kept.
#[must_use]
pub fn to_persian(s: &str) -> String {
    s.chars()
        .map(|c| match c {
            '0'..='9' => moved(c, '0', '۰'),
            _ => c,
        })
        .collect()
}

/// The text as it should be compared, stored and sent.
///
/// - Arabic yeh `ي ى` and keheh `ك` become the Persian letters;
/// - tatweel, harakat, byte order marks, bidi marks and other invisible characters go;
/// - ZWNJ stays only inside a word, once;
/// - every kind of space, and every run of them, becomes one space; none is left at the ends of a line;
/// - newlines are kept, as `\n`, but for those at the ends of the text.
///
/// Digits are not touched. Tidying twice is the same as tidying once.
#[must_use]
pub fn tidy(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    let mut between = Between::Nothing;
    let mut chars = s.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => {
                between = Between::Nothing;
                out.push('\n');
            }
            _ if c.is_whitespace() => between = Between::Space,
            ZWNJ if between == Between::Nothing => between = Between::Joiner,
            _ if is_invisible(c) || is_ornament(c) => {}
            _ => {
                let before = out.chars().next_back();
                match between {
                    Between::Space if before.is_some_and(|b| b != '\n') => out.push(' '),
                    Between::Joiner if before.is_some_and(char::is_alphanumeric) && c.is_alphanumeric() => {
                        out.push(ZWNJ);
                    }
                    _ => {}
                }
                between = Between::Nothing;
                out.push(persian_letter(c));
            }
        }
    }
    out.trim_matches('\n').to_owned()
}

/// The zero-width non-joiner, which Persian writes inside words such as «می‌شود».
pub(crate) const ZWNJ: char = '\u{200C}';

/// Characters that print nothing and mean nothing for reading: marks of direction, joiners, control characters.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206F}' | '\u{FEFF}')
}

/// What has been passed over since the last character that was kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Between {
    Nothing,
    Joiner,
    Space,
}

/// Tatweel and harakat: Persian is read without them, and each costs a unit.
fn is_ornament(c: char) -> bool {
    matches!(c, '\u{0640}' | '\u{064B}'..='\u{0652}')
}

fn persian_letter(c: char) -> char {
    match c {
        'ي' | 'ى' => 'ی',
        'ك' => 'ک',
        _ => c,
    }
}

fn ascii_digit(c: char) -> char {
    match c {
        '۰'..='۹' => moved(c, '۰', '0'),
        '٠'..='٩' => moved(c, '٠', '0'),
        _ => c,
    }
}

/// The character as far from `to` as `c` is from `from`.
fn moved(c: char, from: char, to: char) -> char {
    let distance = u32::from(c).wrapping_sub(u32::from(from));
    char::from_u32(u32::from(to).wrapping_add(distance)).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn digits_of_three_scripts() {
        assert_eq!(to_ascii("۰۱۲۳۴۵۶۷۸۹ ٠١٢٣٤٥٦٧٨٩ 012 الف"), "0123456789 0123456789 012 الف");
        assert_eq!(to_persian("0123456789 ٣ x"), "۰۱۲۳۴۵۶۷۸۹ ٣ x");
    }

    #[test]
    fn arabic_letters_become_persian() {
        assert_eq!(tidy("كيف چرمى"), "کیف چرمی");
    }

    #[test]
    fn ornaments_and_marks_go() {
        assert_eq!(tidy("\u{FEFF}کتـــابِ \u{200F}مُحَمَّد\u{2067}\u{2069}\u{061C}"), "کتاب محمد");
    }

    #[test]
    fn zwnj_stays_inside_words_only() {
        assert_eq!(tidy("می\u{200C}شود"), "می\u{200C}شود");
        assert_eq!(tidy("می\u{200C}\u{200C}\u{200B}شود"), "می\u{200C}شود");
        assert_eq!(tidy("\u{200C}کتاب\u{200C} خانه \u{200C}ها\u{200C}\n\u{200C}نو\u{200C}."), "کتاب خانه ها\nنو.");
        assert_eq!(tidy("۳\u{200C}تایی"), "۳\u{200C}تایی");
        assert_eq!(tidy("خانهٔ\u{200C}ما"), "خانهٔ\u{200C}ما");
    }

    #[test]
    fn spaces_become_one_and_newlines_stay() {
        assert_eq!(tidy("\n a\u{00A0}\u{2003}\t b \r\n\r\n c\u{3000}\rd \n"), "a b\n\nc\nd");
        assert_eq!(tidy(" \u{200C} "), "");
    }

    proptest! {
        #[test]
        fn tidying_twice_is_tidying_once(s in "[a-z۰-۹0-9 \u{200C}\u{200B}\u{0640}\u{064B}\u{0654}\u{00A0}\r\n\tيكمش.❤\u{FE0F}]{0,40}") {
            let once = tidy(&s);
            prop_assert_eq!(tidy(&once), once);
        }

        #[test]
        fn any_text_is_tidied_without_leaving_rubbish(s in any::<String>()) {
            let t = tidy(&s);
            prop_assert_eq!(t.trim(), &t);
            prop_assert!(!t.contains("  "));
            prop_assert!(t.chars().all(|c| c == '\n' || c == ZWNJ || !is_invisible(c)));
            prop_assert_eq!(tidy(&t), t);
        }

        #[test]
        fn digits_come_back(s in "[0-9a-z الف]{0,30}") {
            prop_assert_eq!(to_ascii(&to_persian(&s)), s);
        }
    }
}
