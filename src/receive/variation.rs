//! One of a product's variations, as the shop tells of it with its product.

use serde::Deserialize;

use super::event::Sound;
use super::wire::{decimal_opt, id};
use crate::money::{Currency, Money};
use crate::state::model::{Product, Stock};

#[derive(Debug, Clone, Deserialize)]
pub struct Variation {
    #[serde(deserialize_with = "id")]
    pub variation_id: String,
    /// Without one it costs what the product does.
    #[serde(default, deserialize_with = "decimal_opt")]
    price: Option<String>,
    #[serde(default)]
    stock_status: Option<String>,
    /// Without one the product's pieces are all there is.
    #[serde(default, deserialize_with = "decimal_opt")]
    stock_quantity: Option<String>,
}

impl Variation {
    /// The variation as a product of its own, under its own id: what is not said of it is as the product has it.
    #[must_use]
    pub fn of(&self, product: &Product, currency: Currency) -> Product {
        let price = self.price.as_deref().and_then(|price| Money::parse(price, currency).ok());
        let stock = self.stock_status.as_deref().map(|word| Stock::from_word(word).unwrap_or(Stock::Out));
        Product {
            id: self.variation_id.clone(),
            price: price.or(product.price),
            regular_price: product.regular_price.filter(|_| price.is_none()),
            stock: stock.unwrap_or(product.stock),
            stock_quantity: whole(self.stock_quantity.as_deref()).or(product.stock_quantity),
            variations: Vec::new(),
            ..product.clone()
        }
    }
}

impl Sound for Variation {
    fn sound(&self) -> Result<(), String> {
        super::event::id_sound("variation_id", &self.variation_id)
    }
}

/// Whole pieces.
#[must_use]
pub fn whole(quantity: Option<&str>) -> Option<i64> {
    quantity?.split('.').next()?.parse().ok()
}
