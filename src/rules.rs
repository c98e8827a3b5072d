//! What the owner and the machine have laid down, as one value that is swapped whole on reload.

use chrono_tz::Tz;

use crate::campaign::model::{Campaigns, Language};
use crate::render::values::ShopView;
use crate::settings::model::Settings;
use crate::state::model::Shop;

#[derive(Debug, Clone)]
pub struct Rules {
    pub campaigns: Campaigns,
    pub settings: Settings,
}

impl Rules {
    /// The shop as texts and hours see it: the owner's settings first, then what the shop says of itself.
    #[must_use]
    pub fn shop_view(&self, told: Option<&Shop>) -> ShopView {
        let own = &self.settings.shop;
        let language = self.campaigns.language;
        ShopView {
            name: self
                .campaigns
                .shop_name
                .clone()
                .or_else(|| own.name.clone())
                .or_else(|| told.map(|s| s.name.clone()))
                .unwrap_or_default(),
            url: own
                .url
                .as_ref()
                .map(url::Url::as_str)
                .or_else(|| told.map(|s| s.url.as_str()))
                .unwrap_or_default()
                .trim_end_matches('/')
                .to_owned(),
            currency: own.currency.or_else(|| told.map(|s| s.currency)).unwrap_or(crate::money::Currency::NONE),
            timezone: own
                .timezone
                .or_else(|| told.and_then(|s| s.timezone.as_deref()?.parse().ok()))
                .unwrap_or(match language {
                    Language::Persian => Tz::Asia__Tehran,
                    Language::English => Tz::UTC,
                }),
            language,
            country: self.country(told),
        }
    }

    /// ISO 3166 alpha-2, for numbers without a country of their own.
    #[must_use]
    pub fn country(&self, told: Option<&Shop>) -> String {
        self.settings
            .shop
            .country
            .clone()
            .or_else(|| told.and_then(|s| s.country.clone()))
            .unwrap_or_else(|| match self.campaigns.language {
                Language::Persian => "IR".to_owned(),
                Language::English => String::new(),
            })
    }

    /// What slugs are put behind, without a slash at its end; `None` while the shop's address is not known.
    #[must_use]
    pub fn link_base(&self, told: Option<&Shop>) -> Option<String> {
        if let Some(base) = &self.settings.links.base {
            return Some(base.as_str().trim_end_matches('/').to_owned());
        }
        let url = self.shop_view(told).url;
        (!url.is_empty()).then(|| format!("{url}/s"))
    }
}
