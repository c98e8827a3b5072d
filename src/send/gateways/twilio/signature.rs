//! The signature on Twilio's callbacks: <https://www.twilio.com/docs/usage/webhooks/webhooks-security>.
//!
//! Signed is the address as Twilio called it and the fields of the form, so the daemon must know the public address that
//! stands before its own paths.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use url::Url;

use crate::secret::Secret;
use crate::send::gateway::{Push, Trouble};

const HEADER: &str = "x-twilio-signature";

/// # Errors
/// [`Trouble::Forged`].
pub(super) fn check(token: &Secret, public_url: Option<&Url>, push: &Push) -> Result<(), Trouble> {
    let forged = |why: &str| Err(Trouble::Forged(why.to_owned()));
    let Some(public_url) = public_url else {
        return forged("public_url is not set, so the signature cannot be checked; set it");
    };
    let Some(signature) = push.header(HEADER) else { return forged("X-Twilio-Signature is missing") };
    let Ok(signature) = STANDARD.decode(signature.trim()) else { return forged("X-Twilio-Signature is no base64") };
    let Some(fields) = signed_fields(push) else { return forged("the body is not the one that was signed") };
    let signs = |address: String| {
        let mac = Hmac::<Sha1>::new_from_slice(token.expose().as_bytes());
        mac.is_ok_and(|mac| mac.chain_update(address).chain_update(&fields).verify_slice(&signature).is_ok())
    };
    if addresses(public_url, &push.target).into_iter().any(signs) {
        return Ok(());
    }
    forged("X-Twilio-Signature fits neither the auth token nor public_url; compare both with the console")
}

/// The address with and without its port: Twilio signs now one and now the other.
fn addresses(public_url: &Url, target: &str) -> [String; 2] {
    let host = public_url.host_str().unwrap_or_default();
    let before = public_url.path().trim_end_matches('/');
    let port = public_url.port_or_known_default().map_or_else(String::new, |port| format!(":{port}"));
    [String::new(), port].map(|port| format!("{}://{host}{port}{before}{target}", public_url.scheme()))
}

/// What of the body is signed: of a form each name with its values, in order and once; of JSON nothing, but its digest stands in
/// the address. `None`: the digest is another one.
fn signed_fields(push: &Push) -> Option<String> {
    if let Some((_, said)) = push.query.iter().find(|(name, _)| name == "bodySHA256") {
        let digest = Sha256::digest(&push.body).iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        return said.eq_ignore_ascii_case(&digest).then(String::new);
    }
    let mut fields: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(&push.body).into_owned() {
        fields.entry(name).or_default().insert(value);
    }
    Some(
        fields
            .into_iter()
            .flat_map(|(name, values)| values.into_iter().map(move |value| name.clone() + &value))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::{addresses, check};
    use crate::secret::Secret;
    use crate::send::gateway::Push;

    /// The example of Twilio's documentation.
    fn example() -> Push {
        Push {
            method: "POST".to_owned(),
            target: "/myapp.php?foo=1&bar=2".to_owned(),
            headers: vec![("x-twilio-signature".to_owned(), "GvWf1cFY/Q7PnoempGyD5oXAezc=".to_owned())],
            body: b"Digits=1234&To=%2B18005551212&From=%2B14158675310&Caller=%2B14158675310&CallSid=CA1234567890ABCDE"
                .to_vec(),
            ..Push::default()
        }
    }

    #[test]
    fn the_documentations_example_is_signed() {
        let (token, url) = (Secret::new("12345"), "https://mycompany.com".parse().unwrap());
        assert_eq!(check(&token, Some(&url), &example()), Ok(()));
        assert!(check(&Secret::new("12346"), Some(&url), &example()).is_err());
        assert!(check(&token, None, &example()).is_err());
        assert!(check(&token, Some(&"https://mycompany.org".parse().unwrap()), &example()).is_err());
        let more = Push { body: [&example().body[..], b"&a=b"].concat(), ..example() };
        assert!(check(&token, Some(&url), &more).is_err());
        assert!(check(&token, Some(&url), &Push { headers: Vec::new(), ..example() }).is_err());
    }

    #[test]
    fn the_address_is_tried_with_and_without_its_port() {
        let of = |url: &str| addresses(&url.parse().unwrap(), "/gateway/x");
        assert_eq!(
            of("https://shop.example/"),
            ["https://shop.example/gateway/x", "https://shop.example:443/gateway/x"]
        );
        assert_eq!(
            of("https://shop.example:8443/sms/"),
            ["https://shop.example/sms/gateway/x", "https://shop.example:8443/sms/gateway/x"]
        );
    }
}
