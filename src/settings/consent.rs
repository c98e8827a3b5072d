//! `[consent]`: whether marketing texts need a recorded yes, and which yes counts.

use std::collections::BTreeSet;

use super::check::Check;
use super::file::CONSENT;
use super::model::{ConsentRule, Counted};
use crate::document::Table;
use crate::problem::Code;
use crate::state::consent::SOURCES;

/// No recorded word, but an order.
const PURCHASE: &str = "purchase";

impl Check<'_> {
    pub(super) fn consent(&self, file: &Table<'_>) -> Option<ConsentRule> {
        let table = file.table("consent", &CONSENT)?;
        let rules = [("refusal_stops", false), ("yes_needed", true)];
        let rule = table.text("rule");
        let needs_yes = rule.as_ref().and_then(|found| self.problems.word("rule", found, &rules));
        let counted = self.counted(&table);
        match needs_yes {
            Some(true) => Some(ConsentRule::YesNeeded(counted)),
            _ if table.has("counts") && (rule.is_none() || needs_yes.is_some()) => {
                self.problems.add(
                    Code::Conflict,
                    &table.key_span("counts"),
                    "`counts` says which yes counts, but no `rule` here needs a yes",
                    "write `rule = \"yes_needed\"`, or take `counts` out",
                );
                None
            }
            Some(false) => Some(ConsentRule::RefusalStops),
            // None is named, or one that is not known, which has been said.
            None => None,
        }
    }

    fn counted(&self, table: &Table<'_>) -> Counted {
        let Some(list) = table.texts("counts") else { return Counted::default() };
        if list.value.is_empty() {
            let what = "`counts` is empty: no yes would count, and nobody would ever get a marketing text";
            let help =
                "name what counts, such as `counts = [\"dialog\", \"purchase\"]`; take the key out, and any yes counts";
            self.problems.add(Code::BadValue, &list.span, what, help);
        }
        let mut words: Vec<(&'static str, &'static str)> = SOURCES.iter().map(|s| (s.word, s.counts)).collect();
        words.push((PURCHASE, PURCHASE));
        let mut named: BTreeSet<&'static str> =
            list.value.iter().filter_map(|found| self.problems.word("counts", found, &words)).collect();
        let purchase = named.remove(PURCHASE);
        Counted { sources: Some(named), purchase }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::settings::check::{Outside, load};
    use crate::settings::model::{ConsentRule, Counted};

    fn read(text: &str) -> Result<Option<ConsentRule>, Vec<String>> {
        let outside = Outside {
            folder: std::path::Path::new("."),
            environment: BTreeMap::new(),
            credentials: BTreeMap::new(),
            read: &|_| Err(std::io::ErrorKind::NotFound.into()),
        };
        let checked = load("bazgasht.toml", text, &outside);
        checked.settings.map(|s| s.consent).ok_or(checked.problems.into_iter().map(|p| p.what).collect())
    }

    #[test]
    fn any_yes_counts_unless_some_are_named() {
        assert_eq!(read(""), Ok(None));
        assert_eq!(read("[consent]\nrule = \"refusal_stops\""), Ok(Some(ConsentRule::RefusalStops)));
        assert_eq!(read("[consent]\nrule = \"yes_needed\""), Ok(Some(ConsentRule::YesNeeded(Counted::default()))));
        let named = read("[consent]\nrule = \"yes_needed\"\ncounts = [\"dialog\", \"purchase\"]");
        let Ok(Some(ConsentRule::YesNeeded(counted))) = named else { panic!("{named:?}") };
        assert!(counted.takes("dialog") && !counted.takes("checkout") && counted.purchase);
        for word in ["checkout", "checkout-box", "checkbox"] {
            let named = read(&format!("[consent]\nrule = \"yes_needed\"\ncounts = [\"{word}\"]"));
            let Ok(Some(ConsentRule::YesNeeded(counted))) = named else { panic!("{named:?}") };
            assert!(counted.takes("checkout-box") && counted.takes("checkout") && !counted.takes("dialog"), "{word}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        for (text, said) in [
            ("counts = [\"dialog\"]", "needs a yes"),
            ("rule = \"refusal_stops\"\ncounts = [\"dialog\"]", "needs a yes"),
            ("rule = \"yes_needed\"\ncounts = []", "no yes would count"),
            ("rule = \"yes_needed\"\ncounts = [\"dialogue\"]", "did you mean \"dialog\""),
            ("rule = \"yes\"", "`rule` does not know"),
        ] {
            let problems = read(&format!("[consent]\n{text}")).unwrap_err();
            assert!(problems.iter().any(|p| p.contains(said)), "{text}: {problems:?}");
        }
    }
}
