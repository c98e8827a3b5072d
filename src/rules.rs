//! What the owner and the machine have laid down, as one value that is swapped whole on reload.

use chrono_tz::Tz;

use crate::campaign::model::{Campaigns, Language};
use crate::render::values::ShopView;
use crate::settings::model::{ConsentRule, Counted, Settings};
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
            timezone: own.timezone.or_else(|| told.and_then(|s| zone(s.timezone.as_deref()?))).unwrap_or(
                match language {
                    Language::Persian => Tz::Asia__Tehran,
                    Language::English => Tz::UTC,
                },
            ),
            language,
            country: self.country(told),
            consent: self.consent(told),
        }
    }

    /// Whether marketing texts need a yes: by the owner's file, else by the law that the shop tells, else not.
    #[must_use]
    pub fn consent(&self, told: Option<&Shop>) -> ConsentRule {
        match (&self.settings.consent, told.and_then(|s| s.needs_yes)) {
            (Some(own), _) => own.clone(),
            (None, Some(true)) => ConsentRule::YesNeeded(Counted::default()),
            (None, Some(false) | None) => ConsentRule::RefusalStops,
        }
    }

    /// ISO 3166 alpha-2, for numbers without a country of their own.
    #[must_use]
    pub fn country(&self, told: Option<&Shop>) -> String {
        self.settings.shop.country.clone().or_else(|| told.and_then(|s| s.country.clone())).unwrap_or_else(
            || match self.campaigns.language {
                Language::Persian => "IR".to_owned(),
                Language::English => String::new(),
            },
        )
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

/// A zone by its name, or by its distance from Greenwich, which WordPress tells (`+03:30`) when the owner chose no city.
fn zone(told: &str) -> Option<Tz> {
    if let Ok(named) = told.parse() {
        return Some(named);
    }
    let named = match told {
        "-09:30" => "Pacific/Marquesas",
        "-03:30" => "America/St_Johns",
        "+03:30" => "Asia/Tehran",
        "+04:30" => "Asia/Kabul",
        "+05:30" => "Asia/Kolkata",
        "+05:45" => "Asia/Kathmandu",
        "+06:30" => "Asia/Yangon",
        "+08:45" => "Australia/Eucla",
        "+09:30" => "Australia/Darwin",
        "+10:30" => "Australia/Lord_Howe",
        "+12:45" => "Pacific/Chatham",
        // The zones of this name count the other way: Etc/GMT-2 is two hours ahead.
        whole => return format!("Etc/GMT{:+}", -whole.strip_suffix(":00")?.parse::<i8>().ok()?).parse().ok(),
    };
    named.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::zone;
    use chrono_tz::Tz;

    #[test]
    fn a_shop_without_a_city_still_has_its_hours() {
        assert_eq!(zone("Europe/Berlin"), Some(Tz::Europe__Berlin));
        assert_eq!(zone("+03:30"), Some(Tz::Asia__Tehran));
        assert_eq!(zone("+02:00"), Some(Tz::Etc__GMTMinus2));
        assert_eq!(zone("-11:00"), Some(Tz::Etc__GMTPlus11));
        assert!(zone("+00:00").is_some());
        for rubbish in ["", "+99:00", "+01:07", "Tehran!"] {
            assert_eq!(zone(rubbish), None, "{rubbish}");
        }
    }
}
