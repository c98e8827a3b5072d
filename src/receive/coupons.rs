//! The codes that campaigns give, as the bridge is told of them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::campaign::model::{Campaigns, Off, Step};
use crate::decide::discount::percent;

/// One code that the shop should know; the bridge makes it when it does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shared {
    pub code: String,
    /// WooCommerce's word.
    pub discount_type: &'static str,
    /// Decimal: percents, or money in the shop's currency.
    pub amount: String,
    /// RFC 3339; none while shared codes have no end.
    pub expires_at: Option<String>,
    /// For the shop's list of coupons.
    pub description: String,
}

/// The codes that steps of enabled campaigns give, each once, by code.
#[must_use]
pub fn shared(campaigns: &Campaigns) -> Vec<Shared> {
    let mut by_code: BTreeMap<String, Shared> = BTreeMap::new();
    for campaign in campaigns.enabled() {
        let steps = campaign.steps.iter().flat_map(Step::variants);
        for spec in steps.filter_map(|(_, step)| campaigns.coupons.get(step.coupon.as_ref()?)) {
            // A code of one's own is made when its owner arrives.
            let Some(code) = spec.shared_code() else { continue };
            let (discount_type, amount) = match &spec.off {
                Off::Percent(hundredths) => ("percent", percent(*hundredths)),
                Off::Amount(amount) => ("fixed_cart", amount.clone()),
            };
            // WooCommerce compares codes without case.
            by_code.entry(code.to_lowercase()).or_insert_with(|| Shared {
                code: code.to_owned(),
                discount_type,
                amount,
                expires_at: None,
                description: format!("Bazgasht: {}", campaign.name),
            });
        }
    }
    by_code.into_values().collect()
}
