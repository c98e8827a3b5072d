//! `bazgasht.toml` as it stands: its tables and keys. Secrets are hidden from excerpts here.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::document::{Key, Shape};

/// Every table of the file with its keys but those of the providers ([`super::gateways::shapes`]); the manual is compared with
/// these by a test.
pub static SHAPES: [&Shape; 13] =
    [&FILE, &SHOP, &LINKS, &HOURS, &DAY, &CAPS, &BUDGET, &CONSENT, &OWNER, &STAFF, &BRAKE, &GATEWAY, &PARTS];

pub static FILE: Shape = Shape {
    name: "the file",
    keys: &[
        Key("listen", &["address", "bind", "port"]),
        Key("database", &["db", "data"]),
        Key("campaigns", &["campaign"]),
        Key("secret", &["password"]),
        Key("secret_file", &[]),
        Key("keep_texts", &["keep", "retention"]),
        Key("shop", &["store"]),
        Key("links", &["link"]),
        Key("hours", &["quiet_hours", "times"]),
        Key("caps", &["limits", "cap"]),
        Key("budget", &["spend", "money"]),
        Key("gateway", &["sms", "provider", "gateways"]),
        Key("consent", &["opt_in"]),
        Key("owner", &["admin", "alerts"]),
        Key("staff", &["team", "support"]),
        Key("brake", &["brakes", "stop"]),
    ],
};

pub static SHOP: Shape = Shape {
    name: "[shop]",
    keys: &[
        Key("name", &["title"]),
        Key("url", &["address", "site"]),
        Key("timezone", &["time_zone", "zone", "tz"]),
        Key("country", &[]),
        Key("currency", &["money"]),
        Key("pull", &["poll", "ask"]),
    ],
};

pub static LINKS: Shape =
    Shape { name: "[links]", keys: &[Key("base", &["url", "domain"]), Key("life", &["expires", "valid"])] };

pub static HOURS: Shape = Shape {
    name: "[hours]",
    keys: &[
        Key("start", &["from", "open"]),
        Key("end", &["to", "until", "close"]),
        Key("stop_before", &["margin"]),
        Key("monday", &["mon"]),
        Key("tuesday", &["tue"]),
        Key("wednesday", &["wed"]),
        Key("thursday", &["thu"]),
        Key("friday", &["fri"]),
        Key("saturday", &["sat"]),
        Key("sunday", &["sun"]),
        Key("days", &["holidays", "calendar", "special"]),
        Key("service", &["transactional"]),
    ],
};

pub static DAY: Shape = Shape {
    name: "a day of [hours]",
    keys: &[Key("start", &["from", "open"]), Key("end", &["to", "until", "close"]), Key("off", &["closed"])],
};

pub static CAPS: Shape = Shape {
    name: "[caps]",
    keys: &[
        Key("gap", &["quiet", "pause"]),
        Key("day", &["daily"]),
        Key("week", &["weekly"]),
        Key("month", &["monthly"]),
    ],
};

pub static BUDGET: Shape = Shape {
    name: "[budget]",
    keys: &[Key("currency", &["money"]), Key("day", &["daily"]), Key("month", &["monthly"])],
};

pub static CONSENT: Shape =
    Shape { name: "[consent]", keys: &[Key("rule", &["mode"]), Key("counts", &["sources", "from"])] };

pub static OWNER: Shape = Shape {
    name: "[owner]",
    keys: &[
        Key("phone", &["phones", "mobile", "number"]),
        Key("warn_credit_below", &["low_credit", "credit", "warn_credit"]),
    ],
};

pub static STAFF: Shape = Shape {
    name: "[staff]",
    keys: &[Key("phones", &["phone", "mobile", "number"]), Key("webhook", &["hook", "url"]), Key("secret", &["key"])],
};

pub static BRAKE: Shape = Shape {
    name: "[brake]",
    keys: &[
        Key("opt_outs", &["opt_out", "unsubscribes"]),
        Key("failures", &["failed", "failure"]),
        Key("per_hour", &["rate", "hourly"]),
        Key("most_per_hour", &["max_per_hour", "limit"]),
    ],
};

pub static GATEWAY: Shape = Shape {
    name: "[gateway]",
    keys: &[
        Key("use", &["name", "which", "provider"]),
        Key("console", &[]),
        Key("kavenegar", &["kavehnegar"]),
        Key("twilio", &[]),
        Key("http", &["https", "other", "custom"]),
        Key("smsir", &["sms_ir"]),
        Key("ghasedak", &["ghasedaksms"]),
        Key("melipayamak", &["payamak-panel", "farapayamak"]),
        Key("ippanel", &["edge"]),
        Key("iranpayamak", &["farazsms"]),
    ],
};

pub static PARTS: Shape = Shape {
    name: "parts",
    keys: &[Key("latin_single", &[]), Key("latin_part", &[]), Key("persian_single", &[]), Key("persian_part", &[])],
};

const SECRETS: [&str; 4] = ["secret", "key", "password", "token"];

/// The file with every secret's letters replaced by asterisks, byte for byte, so that places stay right. Works on files that
/// are no TOML, too: what stands behind a key that sounds like a secret is hidden to the end of its line.
#[must_use]
pub fn without_secrets(source: &str) -> String {
    let mut shown: String = source.split_inclusive('\n').map(hide_line).collect();
    let mut spans = Vec::new();
    secret_texts(DeTable::parse_recoverable(source).0.get_ref(), &mut spans);
    for span in spans {
        if let Some(text) = shown.get(span.clone()) {
            shown.replace_range(span, &text.chars().map(hidden).collect::<String>());
        }
    }
    shown
}

/// Texts over several lines, too.
fn secret_texts(table: &DeTable<'_>, spans: &mut Vec<Range<usize>>) {
    for (key, value) in table {
        match value.get_ref() {
            DeValue::String(_) if sounds_secret(key.get_ref()) => spans.push(value.span()),
            DeValue::Table(inner) => secret_texts(inner, spans),
            _ => {}
        }
    }
}

/// As many bytes; signs that show where a text ends are left.
fn hidden(c: char) -> String {
    if matches!(c, '=' | ' ' | '"' | '\'' | '\n' | '\r' | '}') { c.to_string() } else { "*".repeat(c.len_utf8()) }
}

fn hide_line(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut hiding = false;
    let mut word = String::new();
    for c in line.chars() {
        match c {
            '=' if !hiding => {
                hiding = sounds_secret(&word);
                word.clear();
            }
            c if c.is_alphanumeric() || matches!(c, '_' | '-') => word.push(c),
            ' ' | '\t' => {}
            _ => word.clear(),
        }
        if hiding {
            out.push_str(&hidden(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// Also when it is misspelt, by a letter or two swapped; paths to secrets are none.
fn sounds_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    if key.ends_with("_file") {
        return false;
    }
    let last = key.rsplit(['_', '-', '.']).next().unwrap_or_default();
    SECRETS.iter().any(|s| key.contains(s) || strsim::damerau_levenshtein(last, s) <= 1.max(s.len() / 3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_byte_for_byte() {
        for (written, shown) in [
            ("key = \"4F2a\"\n", "key = \"****\"\n"),
            ("secret=\"whsec_x\" # mine\r\n", "secret=\"*******\" * ****\r\n"),
            ("kye = 'abc'\n", "kye = '***'\n"),
            ("secrte = \"abc\"", "secrte = \"***\""),
            ("api_key = \"abc", "api_key = \"***"),
            ("kavenegar = { key = \"abc\", sender = \"1\" }", "kavenegar = { key = \"***\"* ****** = \"*\" }"),
            ("key_file = \"/a/b\"", "key_file = \"/a/b\""),
            ("listen = \"127.0.0.1:1\"", "listen = \"127.0.0.1:1\""),
            ("key = \"سلام\"", "key = \"********\""),
            ("key = \"\"\"\nabc\n\"\"\"\nlisten = \"x\"", "key = \"\"\"\n***\n\"\"\"\nlisten = \"x\""),
        ] {
            let hidden = without_secrets(written);
            assert_eq!(hidden, shown);
            assert_eq!(hidden.len(), written.len());
        }
    }
}
