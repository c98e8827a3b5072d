//! The providers' tables in the owner's file.

use std::path::Path;

use bazgasht::daemon::start::gateway;
use bazgasht::problem::Code;
use bazgasht::send::gateways::melipayamak::Access;
use bazgasht::settings::check::{Checked, Outside, load};
use bazgasht::settings::model::Which;

use super::*;

fn checked(source: &str, environment: &[(&str, &str)]) -> Checked {
    let outside = Outside {
        folder: Path::new("/etc/shop"),
        environment: environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        credentials: BTreeMap::new(),
        read: &|_| Ok("made-up-key\n".to_owned()),
    };
    load("bazgasht.toml", source, &outside)
}

fn which(source: &str, environment: &[(&str, &str)]) -> Which {
    let checked = checked(source, environment);
    let said: Vec<String> = checked.problems.iter().map(ToString::to_string).collect();
    checked.settings.unwrap_or_else(|| panic!("{said:?}")).gateway.first.which
}

fn codes(source: &str, environment: &[(&str, &str)]) -> Vec<Code> {
    checked(source, environment).problems.iter().map(|problem| problem.code).collect()
}

fn meli(keys: &str) -> String {
    format!(
        "[gateway]\nuse = \"melipayamak\"\n[gateway.melipayamak]\nsender = \"50004000\"\nprice_persian = \"1500\"\nprice_latin = \"3500\"\n{keys}\n[budget]\nmonth = \"100000\"\n"
    )
}

#[test]
fn the_manuals_examples_are_good_and_each_makes_a_gateway() {
    let manual = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/gateways.md")).unwrap();
    let examples: Vec<&str> = manual.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    for name in ["melipayamak", "ippanel", "iranpayamak"] {
        let example = examples.iter().find(|example| example.contains(&format!("use = \"{name}\""))).unwrap();
        let which = which(example, &[]);
        assert_eq!(which.name(), name);
        assert_eq!(gateway(&which, None).unwrap().name(), name);
        assert!(!format!("{which:?}").contains("made-up-key"));
    }
}

#[test]
fn melipayamaks_interface_follows_from_the_secret() {
    let token = meli("token_file = \"t\"");
    assert!(
        matches!(which(&token, &[]), Which::Melipayamak(o) if matches!(o.access, Access::Token(_)) && o.credit_in == Currency::CREDIT)
    );
    let password = meli("username = \"u\"\npassword = \"p@ss word!\"\ncredit = \"rial\"");
    let Which::Melipayamak(options) = which(&password, &[]) else { panic!("another gateway") };
    assert!(matches!(&options.access, Access::Password { password, .. } if password.expose() == "p@ss word!"));
    assert_eq!(options.credit_in, Currency::IRR);
    let environment = [("BAZGASHT_MELIPAYAMAK_PASSWORD", "from outside")];
    assert!(
        matches!(which(&meli("username = \"u\""), &environment), Which::Melipayamak(o) if matches!(o.access, Access::Password { .. }))
    );
    let environment = [("BAZGASHT_MELIPAYAMAK_TOKEN", "t0ken")];
    assert!(matches!(which(&meli(""), &environment), Which::Melipayamak(o) if matches!(o.access, Access::Token(_))));
}

#[test]
fn what_is_missing_or_double_is_said() {
    assert_eq!(codes(&meli("token = \"t\"\nusername = \"u\"\npassword = \"p\""), &[]), [Code::Conflict]);
    assert!(!codes(&meli("password_file = \"p\""), &[]).is_empty(), "a password needs its user");
    assert!(!codes(&meli(""), &[]).is_empty(), "neither");
    assert!(!codes(&meli("token = \"t\"").replace("sender = \"50004000\"\n", ""), &[]).is_empty(), "no line");
    // Only prepared: nothing is needed yet but the prices.
    let prepared = meli("").replace("use = \"melipayamak\"", "use = \"console\"");
    assert!(checked(&prepared, &[]).settings.is_some(), "{:?}", codes(&prepared, &[]));
}

/// Left as `init` or a copied example leaves them.
#[test]
fn a_blank_sender_or_account_is_an_error_and_never_the_console() {
    let blank = |provider: &str, key: &str, others: &str| {
        let file = format!(
            "[gateway]\nuse = \"{provider}\"\n[gateway.{provider}]\nprice_persian = \"1500\"\nprice_latin = \"3500\"\n{key} = \" \"\n{others}\n[budget]\nmonth = \"100000\"\n"
        );
        let checked = checked(&file, &[]);
        assert!(checked.settings.is_none(), "{provider} passes with a blank {key}");
        let said = |p: &bazgasht::problem::Problem| p.code == Code::BadValue && p.what.contains(key);
        assert!(checked.problems.iter().any(said), "{provider}: {:?}", checked.problems);
    };
    for provider in ["ippanel", "iranpayamak", "smsir"] {
        blank(provider, "sender", "key = \"made-up\"");
    }
    blank("melipayamak", "sender", "token = \"made-up\"");
    blank("twilio", "sender", "key = \"made-up\"\naccount = \"AC1\"");
    blank("twilio", "account", "key = \"made-up\"\nsender = \"+12025550100\"");
    let send = "[gateway.http.send]\nurl = \"https://sms.example/?f={sender}&to={to}&m={text}\"\nid_at = \"id\"";
    blank("http", "sender", send);
}

#[test]
fn variables_of_no_length_are_refused() {
    let file = |length: u32| {
        format!(
            "[gateway]\nuse = \"iranpayamak\"\n[gateway.iranpayamak]\nkey = \"k\"\nsender = \"3000505\"\ntoken_length = {length}\nprice_persian = \"1500\"\nprice_latin = \"3500\"\n[budget]\nmonth = \"100000\"\n"
        )
    };
    let refused = codes(&file(0), &[]);
    assert!(refused.contains(&Code::BadValue), "{refused:?}");
    assert!(checked(&file(1), &[]).settings.is_some());
}
