//! One-legged OAuth 1.0a, by which WooCommerce knows a key over plain HTTP: the secret itself is not sent. RFC 5849, 3.4.

use std::collections::BTreeMap;
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::clock::At;

/// `query` with what signs it. `address` is that of the call, without a query.
#[must_use]
pub fn signed(
    mut query: BTreeMap<String, String>,
    address: &str,
    (key, secret): (&str, &str),
    nonce: &str,
    now: At,
) -> BTreeMap<String, String> {
    for (name, value) in [
        ("oauth_consumer_key", key.to_owned()),
        ("oauth_nonce", nonce.to_owned()),
        ("oauth_signature_method", "HMAC-SHA256".to_owned()),
        ("oauth_timestamp", now.0.div_euclid(1_000).to_string()),
    ] {
        query.insert(name.to_owned(), value);
    }
    let mut pairs: Vec<String> =
        query.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    pairs.sort_unstable();
    let base = format!("GET&{}&{}", encoded(address), encoded(&pairs.join("&")));
    // A key of any length is taken.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(format!("{secret}&").as_bytes()) {
        mac.update(base.as_bytes());
        query.insert("oauth_signature".to_owned(), BASE64.encode(mac.finalize().into_bytes()));
    }
    query
}

/// All but letters, digits and `-._~` as percent signs.
#[must_use]
pub fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_does_not_depend_on_the_order_and_hides_the_secret() {
        let query = |pairs: &[(&str, &str)]| pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let sign = |secret, query| signed(query, "http://127.0.0.1/wp-json/wc/v3/orders", ("ck_1", secret), "n", At(0));
        let one = sign("cs_1", query(&[("offset", "0"), ("_fields", "id,total")]));
        assert_eq!(one, sign("cs_1", query(&[("_fields", "id,total"), ("offset", "0")])));
        assert_ne!(
            one["oauth_signature"],
            sign("cs_2", query(&[("offset", "0"), ("_fields", "id,total")]))["oauth_signature"]
        );
        assert!(one.values().all(|value| !value.contains("cs_1")));
        assert_eq!(encoded("a b,ب~"), "a%20b%2C%D8%A8~");
    }
}
