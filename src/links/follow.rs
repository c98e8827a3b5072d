//! What following a short link does, decided from the link and the request alone.

use super::agents;
use crate::clock::At;
use crate::ids::looks_like_slug;
use crate::state::model::Link;

/// What a visitor's request tells of the visitor.
#[derive(Debug, Clone, Copy, Default)]
pub struct Visitor<'a> {
    /// The request was HEAD.
    pub head: bool,
    pub agent: Option<&'a str>,
    /// `Sec-Purpose`, `Purpose` or `X-Moz`.
    pub purpose: Option<&'a str>,
}

impl Visitor<'_> {
    /// A person's own doing, as far as a request can show it.
    #[must_use]
    pub fn is_human(&self) -> bool {
        !self.head && !self.purpose.is_some_and(runs_ahead) && agents::is_person(self.agent)
    }
}

/// Browsers load pages that nobody has opened yet, and say so.
fn runs_ahead(purpose: &str) -> bool {
    let purpose = purpose.to_ascii_lowercase();
    ["prefetch", "prerender", "preview"].iter().any(|word| purpose.contains(word))
}

/// Where a visit ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// The link does what it was made for; the visit is counted, as a person's or not.
    Live {
        human: bool,
    },
    /// Known, and past its time.
    Dead,
    Unknown,
}

#[must_use]
pub fn follow(link: Option<&Link>, visitor: &Visitor<'_>, now: At) -> Visit {
    match link {
        None => Visit::Unknown,
        Some(link) if now >= link.expires => Visit::Dead,
        Some(_) => Visit::Live { human: visitor.is_human() },
    }
}

/// The slug in what stands behind `/s/`: phones take the full stop, the bracket or the Persian comma after an address along.
#[must_use]
pub fn slug_in(path: &str) -> Option<&str> {
    Some(path.trim_end_matches(|c: char| !c.is_ascii_alphanumeric())).filter(|slug| looks_like_slug(slug))
}

/// Where the shop's bridge takes over. The visit is counted by then, which `hit=0` says.
#[must_use]
pub fn shop_target(shop_url: &str, slug: &str) -> String {
    let shop_url = shop_url.trim_end_matches('/');
    format!("{shop_url}/?bazgasht={slug}&hit=0")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::model::{ContactId, LinkKind, MessageId};

    const PHONE: &str = "Mozilla/5.0 (Linux; Android 13; SM-A536B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Mobile Safari/537.36";

    fn link(expires: At) -> Link {
        Link {
            slug: "3JcKdsX".into(),
            message: MessageId(1),
            contact: ContactId(1),
            kind: LinkKind::Cart,
            cart_key: None,
            order_id: None,
            product_id: None,
            coupon: None,
            own_coupon: None,
            made: At(0),
            expires,
            hits: 0,
            human_hits: 0,
            first_human: None,
        }
    }

    #[test]
    fn only_a_browser_that_opens_the_page_itself_is_a_person() {
        let person = Visitor { agent: Some(PHONE), ..Visitor::default() };
        assert!(person.is_human());
        assert!(!Visitor { head: true, ..person }.is_human());
        assert!(!Visitor { purpose: Some("prefetch;prerender"), ..person }.is_human());
        assert!(!Visitor { purpose: Some("Preview"), ..person }.is_human());
        assert!(!Visitor { agent: None, ..person }.is_human());
    }

    #[test]
    fn a_link_lives_until_its_last_moment() {
        let visitor = Visitor { agent: Some(PHONE), ..Visitor::default() };
        assert_eq!(follow(Some(&link(At(100))), &visitor, At(99)), Visit::Live { human: true });
        assert_eq!(follow(Some(&link(At(100))), &visitor, At(100)), Visit::Dead);
        assert_eq!(follow(None, &visitor, At(0)), Visit::Unknown);
    }

    #[test]
    fn what_phones_add_to_an_address_is_dropped() {
        for path in ["3JcKdsX", "3JcKdsX.", "3JcKdsX)", "3JcKdsX،", "3JcKdsX/", "3JcKdsX\u{200f}."] {
            assert_eq!(slug_in(path), Some("3JcKdsX"), "{path}");
        }
        for path in ["", "3JcKds", "3JcKdsX3", "3JcKds0", "../../x", "3JcK/sX"] {
            assert_eq!(slug_in(path), None, "{path}");
        }
    }

    #[test]
    fn the_shop_may_live_in_a_folder() {
        assert_eq!(shop_target("https://shop.example/", "3JcKdsX"), "https://shop.example/?bazgasht=3JcKdsX&hit=0");
        assert_eq!(
            shop_target("https://shop.example/fa", "3JcKdsX"),
            "https://shop.example/fa/?bazgasht=3JcKdsX&hit=0"
        );
    }
}
