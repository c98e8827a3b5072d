//! `bazgasht.toml`.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use bazgasht::settings::check::{Outside, load, without_file};
use bazgasht::settings::model::Settings;

use super::{files, text};

/// Shorter ones could stand in any sentence by chance.
const SHORTEST_SECRET: usize = 8;

pub fn nothing_outside() -> Outside<'static> {
    Outside {
        folder: Path::new("/etc/shop"),
        environment: BTreeMap::new(),
        credentials: BTreeMap::new(),
        read: &|_| Err(io::Error::new(io::ErrorKind::NotFound, "no such file")),
    }
}

pub fn usual_settings() -> Settings {
    without_file(&nothing_outside()).settings.unwrap()
}

pub fn hold(bytes: &[u8]) {
    let source = text(bytes);
    let checked = load("bazgasht.toml", &source, &nothing_outside());
    let mut said = files::problems(&source, &checked.problems, checked.settings.is_some());
    if let Some(settings) = &checked.settings {
        said.push_str(&format!("{settings:?}"));
        sound(settings);
    }
    for secret in secrets(&source) {
        assert!(!said.contains(&secret), "the secret {secret:?} is shown");
    }
}

/// What no setting can break.
fn sound(settings: &Settings) {
    let line = settings.gateway.line();
    assert!(line.price_ucs2.minor >= 0 && line.price_gsm7.minor >= 0);
    assert!(
        !settings.gateway.iter().any(|used| used.which.costs()) || settings.budget.month.is_some(),
        "spending without an end"
    );
    assert!(
        [settings.budget.day, settings.budget.month].iter().flatten().all(|m| m.currency == line.price_ucs2.currency)
    );
    assert!(settings.caps.day > 0 && settings.caps.week > 0 && settings.caps.month > 0);
    assert!(settings.caps.gap.0 >= 0 && settings.hours.stop_before.0 >= 0 && settings.links.life.0 > 0);
}

/// The values that stand in the file once, under keys that hold secrets. In a file that is no TOML: what stands behind such
/// a key on its line.
fn secrets(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    match source.parse::<toml::Table>() {
        Ok(file) => {
            found.extend(file.get("secret").and_then(toml::Value::as_str).map(str::to_owned));
            let gateways = file.get("gateway").and_then(toml::Value::as_table);
            for gateway in gateways.into_iter().flat_map(toml::Table::values).filter_map(toml::Value::as_table) {
                found.extend(gateway.get("key").and_then(toml::Value::as_str).map(str::to_owned));
            }
        }
        Err(_) => found.extend(source.lines().filter_map(|line| {
            let (key, value) = line.split_once('=')?;
            let value = value.trim().trim_matches(['"', '\'']);
            let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+/=-".contains(&b));
            (matches!(key.trim(), "secret" | "key") && plain).then(|| value.to_owned())
        })),
    }
    found.retain(|secret| secret.len() >= SHORTEST_SECRET && source.matches(secret.as_str()).count() == 1);
    found
}
