//! Who is told when something is wrong, and what stops by itself.

use super::check::Check;
use url::Url;

use super::file::{BRAKE, OWNER, STAFF};
use super::model::{Brake, Owner, Share, Staff, Webhook};
use crate::document::Table;
use crate::phone::{self, Phone};
use crate::problem::Code;
use crate::receive::signature::Key;

const USUAL: Brake =
    Brake { opt_outs: Share::percent(4), failures: Share::percent(50), per_hour: 5, most_per_hour: 500 };

impl Check<'_> {
    /// `country` is whose numbers are typed without a country code.
    pub(super) fn owner(&self, file: &Table<'_>, country: Option<&str>) -> Owner {
        let Some(table) = file.table("owner", &OWNER) else { return Owner::default() };
        let phones = self.phones(&table, "phone", country);
        let below = table.decimal("warn_credit_below").filter(|found| {
            let good = found.value.parse::<f64>().is_ok_and(|sum| sum.is_finite() && sum >= 0.0);
            if !good {
                let what = format!("`warn_credit_below` is {:?}, which is no sum", found.value);
                let help = "write it in plain digits in the gateway's unit, such as `warn_credit_below = \"50000\"`";
                self.problems.add(Code::BadValue, &found.span, what, help);
            }
            good
        });
        Owner { phones, warn_credit_below: below.map(|found| found.value) }
    }

    /// Who hears what steps tell.
    pub(super) fn staff(&self, file: &Table<'_>, country: Option<&str>) -> Staff {
        let Some(table) = file.table("staff", &STAFF) else { return Staff::default() };
        let webhook = table.text("webhook").and_then(|found| {
            let local = |url: &Url| url.scheme() == "http" && matches!(url.host_str(), Some("127.0.0.1" | "localhost"));
            let url = found.value.parse().ok().filter(|url: &Url| url.scheme() == "https" || local(url));
            if url.is_none() {
                let what =
                    format!("`webhook` is {:?}: expected an https address (http only for this machine)", found.value);
                let help = "write it such as `webhook = \"https://shop.example/hook\"`";
                self.problems.add(Code::BadValue, &found.span, what, help);
            }
            url
        });
        let key = table.text("secret").and_then(|found| {
            let key = Key::parse(&found.value);
            if let Err(error) = &key {
                let help = "make one with `openssl rand -base64 32`, and write it behind `whsec_`";
                self.problems.add(Code::BadSecret, &found.span, error.to_string(), help);
            }
            key.ok()
        });
        if table.has("webhook") && !table.has("secret") {
            table.missing("secret", "write `secret = \"whsec_…\"`, by which the webhook knows that it is us");
        }
        let webhook = webhook.zip(key).map(|(url, key)| Webhook { url, key });
        Staff { phones: self.phones(&table, "phones", country), webhook }
    }

    fn phones(&self, table: &Table<'_>, key: &str, country: Option<&str>) -> Vec<Phone> {
        let mut phones = Vec::new();
        for written in table.text_or_texts(key) {
            match phone::parse(&written.value, None, country.unwrap_or("IR")) {
                Ok(phone) if !phones.contains(&phone) => phones.push(phone),
                Ok(_) => {}
                Err(error) => {
                    let what = format!("`{key}` is no mobile number: {error}");
                    let help = format!("write it such as `{key} = \"+98912…\"`");
                    self.problems.add(Code::BadValue, &written.span, what, help);
                }
            }
        }
        phones
    }

    pub(super) fn brake(&self, file: &Table<'_>) -> Brake {
        let Some(table) = file.table("brake", &BRAKE) else { return USUAL };
        let share = |key: &str, usual| self.read(&table, key, "a share of all texts", "4%", share).unwrap_or(usual);
        let count = |key: &str, usual: u32| {
            let Some(found) = table.count(key) else { return usual };
            if found.value == 0 {
                let what = format!("`{key}` is 0: the brake would stop at the first text");
                self.problems.add(Code::BadValue, &found.span, what, "write 1 or more, or take the key out");
            }
            found.value
        };
        Brake {
            opt_outs: share("opt_outs", USUAL.opt_outs),
            failures: share("failures", USUAL.failures),
            per_hour: count("per_hour", USUAL.per_hour),
            most_per_hour: count("most_per_hour", USUAL.most_per_hour),
        }
    }
}

/// `4%`, `2.5 %`.
fn share(text: &str) -> Result<Share, &'static str> {
    let wrong = "expected a percentage from 0.1% to 100%, with one decimal at most";
    let number = text.strip_suffix(['%', '٪']).ok_or(wrong)?.trim();
    let (whole, tenths) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
    let (whole, tenths) = digits(whole).zip(digits(tenths).filter(|_| tenths.len() == 1)).ok_or(wrong)?;
    let share = Share(whole.checked_mul(10).and_then(|tens| tens.checked_add(tenths)).ok_or(wrong)?);
    if (1..=1_000).contains(&share.0) { Ok(share) } else { Err(wrong) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_percentages() {
        for (text, thousandths) in [("4%", 40), ("2.5 %", 25), ("100%", 1_000), ("0.1%", 1), ("4٪", 40)] {
            assert_eq!(share(text), Ok(Share(thousandths)), "{text}");
        }
        for wrong in ["4", "0%", "101%", "-4%", "+4%", "4.25%", "%", "four%", "99999999999%"] {
            assert!(share(wrong).is_err(), "{wrong}");
        }
    }
}
