//! `[consent]`: whether marketing texts need a recorded yes, and which yes counts.

use std::collections::BTreeSet;

use super::check::Check;
use super::file::CONSENT;
use super::model::{ConsentRule, Counted};
use crate::document::Table;
use crate::problem::Code;

/// Where a recorded yes may come from: `dialog` and `checkout` are told by the bridge, `link` and `reply` are a person's own
/// taking back of an opt-out; the others are for shops that ask elsewhere.
const SOURCES: [&str; 8] = ["checkbox", "dialog", "checkout", "account", "form", "import", "link", "reply"];
/// No recorded word, but an order.
const PURCHASE: &str = "purchase";

impl Check<'_> {
    pub(super) fn consent(&self, file: &Table<'_>) -> ConsentRule {
        let Some(table) = file.table("consent", &CONSENT) else { return ConsentRule::RefusalStops };
        let rules = [("refusal_stops", false), ("yes_needed", true)];
        let rule = table.text("rule");
        let needs_yes = rule.as_ref().map_or(Some(false), |found| self.problems.word("rule", found, &rules));
        let counted = self.counted(&table);
        match needs_yes {
            Some(true) => ConsentRule::YesNeeded(counted),
            Some(false) if table.has("counts") => {
                self.problems.add(
                    Code::Conflict,
                    &table.key_span("counts"),
                    "`counts` says which yes counts, but by `rule` no yes is needed",
                    "write `rule = \"yes_needed\"`, or take `counts` out",
                );
                ConsentRule::RefusalStops
            }
            // A rule that is not known has been said.
            Some(false) | None => ConsentRule::RefusalStops,
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
        let mut words: Vec<(&'static str, &'static str)> = SOURCES.iter().map(|source| (*source, *source)).collect();
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

    fn read(text: &str) -> Result<ConsentRule, Vec<String>> {
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
        assert_eq!(read(""), Ok(ConsentRule::RefusalStops));
        assert_eq!(read("[consent]\nrule = \"yes_needed\""), Ok(ConsentRule::YesNeeded(Counted::default())));
        let named = read("[consent]\nrule = \"yes_needed\"\ncounts = [\"dialog\", \"purchase\"]");
        let Ok(ConsentRule::YesNeeded(counted)) = named else { panic!("{named:?}") };
        assert!(counted.takes("dialog") && !counted.takes("checkout") && counted.purchase);
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        for (text, said) in [
            ("counts = [\"dialog\"]", "no yes is needed"),
            ("rule = \"yes_needed\"\ncounts = []", "no yes would count"),
            ("rule = \"yes_needed\"\ncounts = [\"dialogue\"]", "did you mean \"dialog\""),
            ("rule = \"yes\"", "`rule` does not know"),
        ] {
            let problems = read(&format!("[consent]\n{text}")).unwrap_err();
            assert!(problems.iter().any(|p| p.contains(said)), "{text}: {problems:?}");
        }
    }
}
