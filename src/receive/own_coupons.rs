//! Codes of one person's own, as the bridge is told of them: when their owner arrives, or types one by hand.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::http::{Door, broken, refuse};
use super::signature::Key;
use crate::clock::At;
use crate::phone::Phone;
use crate::state::model::Link;

/// More than any code of ours.
const LONGEST_CODE: usize = 40;
/// So many friends one code is good for: one that is put up for everybody does not give the shop away.
const MOST_FRIENDS: u32 = 20;

/// One code that the shop should make now, with what it is to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Offer {
    code: String,
    discount_type: String,
    amount: String,
    free_shipping: bool,
    expires_at: String,
    minimum_amount: Option<String>,
    product_ids: Vec<String>,
    individual_use: bool,
    /// How many people it is good for; null: the owner, once.
    usage_limit: Option<u32>,
    /// Which number it is bound to, so that nobody else can use it: a fingerprint under the secret of both sides.
    owner: String,
    /// The other way round: for everybody else, once each.
    for_friends: bool,
}

impl Offer {
    /// `None` for a link without a code of its own, or whose owner's number is not known any more.
    #[must_use]
    pub fn of(link: &Link, owner: Option<&Phone>, key: &Key, now: At) -> Option<Offer> {
        let (code, own, owner) = (link.coupon.clone()?, link.own_coupon.clone()?, owner?);
        Some(Offer {
            code,
            discount_type: own.discount_type,
            amount: own.amount,
            free_shipping: own.free_shipping,
            expires_at: link.coupon_ends(now).rfc3339(),
            minimum_amount: own.minimum,
            product_ids: own.products,
            individual_use: true,
            usage_limit: own.friends.then_some(MOST_FRIENDS),
            for_friends: own.friends,
            owner: key.fingerprint(&format!("coupon-owner:{}", owner.e164())),
        })
    }
}

/// `GET /v1/coupons/{code}`: somebody typed a code that the shop does not have.
pub(super) async fn coupon(
    State(door): State<Arc<Door>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    path: Result<Path<String>, PathRejection>,
) -> Response {
    let key = match door.admit_line(&method, &uri, &headers) {
        Ok(key) => key,
        Err(refusal) => return refusal.into_response(),
    };
    let unknown = || refuse(StatusCode::NOT_FOUND, "coupon is nobody's own, or over");
    let Some(code) = path.ok().map(|Path(code)| code.trim().to_lowercase()).filter(|c| c.len() <= LONGEST_CODE) else {
        return unknown();
    };
    let now = door.now();
    match door.desk.own_coupon(&code, now) {
        Ok(Some((link, owner))) if now < link.expires && now < link.coupon_ends(now) => {
            Offer::of(&link, Some(&owner), key, now).map_or_else(unknown, |offer| Json(offer).into_response())
        }
        Ok(_) => unknown(),
        Err(e) => broken("coupon not read", &e),
    }
}
