//! The settings and special days that `init` writes.

use crate::campaign::model::Language;

const PERSIAN: &str = include_str!("shipped/fa.toml");
const ENGLISH: &str = include_str!("shipped/en.toml");
const PERSIAN_DAYS: &str = include_str!("shipped/days/fa.toml");
const ENGLISH_DAYS: &str = include_str!("shipped/days/en.toml");

/// The file with its secret, and the shop's address when it is known.
#[must_use]
pub fn settings(language: Language, secret: &str, shop_url: Option<&str>) -> String {
    let file = match language {
        Language::Persian => PERSIAN,
        Language::English => ENGLISH,
    };
    let url = match shop_url {
        Some(url) => format!("url = {url:?}"),
        None => "# url = \"https://shop.example\"".to_owned(),
    };
    file.replace("@SECRET@", secret).replace("@SHOP_URL@", &url)
}

/// The file of special days. The Persian one is also what a shop in Iran goes by that names none.
#[must_use]
pub const fn days(language: Language) -> &'static str {
    match language {
        Language::Persian => PERSIAN_DAYS,
        Language::English => ENGLISH_DAYS,
    }
}
