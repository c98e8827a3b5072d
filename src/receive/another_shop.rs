//! Whether a call comes from the daemon's own shop, or from a copy of it that has the same secret.
//!
//! The rule is that of `docs/contract.md`: host, port and path count; scheme, capitals and a leading `www.` do not. It guards
//! against accidents, such as a staging site made from the shop's database, and not against somebody who has the secret.

use url::Url;

use super::event::ShopData;
use crate::store::log::Incoming;

/// Says which shop calls.
pub const HEADER: &str = "bazgasht-shop";
pub const SHOP_UPDATED: &str = "shop.updated";

/// Longest address that is kept to be shown.
const SHOWN: usize = 200;

/// The address in the last `shop.updated` of a call.
#[must_use]
pub fn told_in(events: &[Incoming]) -> Option<String> {
    let told = events.iter().rev().find(|e| e.kind == SHOP_UPDATED)?;
    serde_json::from_str::<ShopData>(&told.data).ok().map(|shop| shop.url)
}

/// Whether the two addresses are of different shops. An address that cannot be read is one that cannot tell.
#[must_use]
pub fn differs(own: &str, named: &str) -> bool {
    matches!((address(own), address(named)), (Some(own), Some(named)) if own != named)
}

/// Host, port and path.
fn address(url: &str) -> Option<(String, Option<u16>, String)> {
    let url = Url::parse(&url.trim().to_lowercase()).ok()?;
    let host = url.host_str()?;
    let host = host.strip_prefix("www.").unwrap_or(host);
    Some((host.to_owned(), url.port(), url.path().trim_end_matches('/').to_owned()))
}

/// An address from outside as it may be kept and shown.
#[must_use]
pub fn printable(named: &str) -> String {
    named.chars().filter(char::is_ascii_graphic).take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scheme_capitals_and_www_do_not_make_another_shop() {
        for same in [
            "https://shop.example",
            "http://shop.example/",
            "https://www.shop.example",
            "HTTPS://Shop.Example",
            "https://shop.example:443",
            " https://shop.example ",
        ] {
            assert!(!differs("https://shop.example", same), "{same}");
        }
        assert!(!differs("https://shop.example/Fa/", "http://www.shop.example/fa"));
        assert!(!differs("https://فروشگاه.example", "https://%D9%81%D8%B1%D9%88%D8%B4%DA%AF%D8%A7%D9%87.example"));
    }

    #[test]
    fn host_port_and_path_do() {
        for other in [
            "https://staging.shop.example",
            "https://shop.example:8443",
            "https://shop.example/staging",
            "http://localhost",
            "https://shop.example.test",
        ] {
            assert!(differs("https://shop.example", other), "{other}");
            assert!(differs(other, "https://shop.example"), "{other}");
        }
    }

    #[test]
    fn who_cannot_tell_is_no_other_shop() {
        for unknown in ["", " ", "shop.example", "not an address", "mailto:x@shop.example"] {
            assert!(!differs("https://shop.example", unknown), "{unknown}");
        }
    }
}
