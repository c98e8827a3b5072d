//! The codes that campaigns give, as the bridge is told of them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::campaign::model::{Campaigns, Off, Step};

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
        for spec in campaign.steps.iter().flat_map(Step::variants).filter_map(|(_, step)| campaigns.coupons.get(step.coupon.as_ref()?)) {
            let (discount_type, amount) = match &spec.off {
                Off::Percent(hundredths) => ("percent", percent(*hundredths)),
                Off::Amount(amount) => ("fixed_cart", amount.clone()),
            };
            // WooCommerce compares codes without case.
            by_code.entry(spec.code.to_lowercase()).or_insert_with(|| Shared {
                code: spec.code.clone(),
                discount_type,
                amount,
                expires_at: None,
                description: format!("Bazgasht: {}", campaign.name),
            });
        }
    }
    by_code.into_values().collect()
}

/// Hundredths of a percent as WooCommerce writes them: 500 is `5`, 750 is `7.5`.
fn percent(hundredths: u32) -> String {
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:02}").trim_end_matches('0').to_owned() }
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn percents_are_written_as_the_shop_writes_them() {
        for (hundredths, text) in
            [(500, "5"), (1_000, "10"), (750, "7.5"), (1_225, "12.25"), (5, "0.05"), (10_000, "100")]
        {
            assert_eq!(percent(hundredths), text);
        }
    }
}
