//! What is bought most, and what together with a product, in memory.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::clock::At;

/// By round, the product beside (empty: alone), and product: how many orders.
#[derive(Debug, Clone, Default)]
pub(super) struct Sales(BTreeMap<At, BTreeMap<String, BTreeMap<String, u64>>>);

impl Sales {
    pub fn add(&mut self, round: At, product_id: &str, beside: Option<&str>) {
        let of_round = self.0.entry(round).or_default();
        let beside = of_round.entry(beside.unwrap_or_default().to_owned()).or_default();
        *beside.entry(product_id.to_owned()).or_default() += 1;
    }

    pub fn keep(&mut self, round: At) {
        self.0.retain(|of, _| *of >= round);
    }

    pub fn best(&self, beside: Option<&str>, limit: usize) -> Vec<String> {
        let of_round = self.0.values().next();
        let Some(sold) = of_round.and_then(|all| all.get(beside.unwrap_or_default())) else { return Vec::new() };
        let mut sold: Vec<_> = sold.iter().map(|(product, orders)| (Reverse(*orders), product)).collect();
        // Of thousands of products only the first few are asked for.
        if limit < sold.len() {
            sold.select_nth_unstable(limit);
            sold.truncate(limit);
        }
        sold.sort_unstable();
        sold.into_iter().map(|(_, product)| product.clone()).collect()
    }
}
