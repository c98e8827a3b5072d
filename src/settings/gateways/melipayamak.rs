use super::{IRAN, Kind, Read};
use crate::document::{Key, Shape, Table};
use crate::money::Currency;
use crate::problem::Code;
use crate::secret::Secret;
use crate::send::gateways::melipayamak::{Access, MelipayamakOptions};
use crate::settings::check::{Check, SecretPlaces};
use crate::settings::model::Which;

static SHAPE: Shape = Shape {
    name: "[gateway.melipayamak]",
    keys: provider_keys![
        Key("username", &["user", "login"]),
        Key("password", &["pass", "key"]),
        Key("password_file", &["key_file"]),
        Key("token", &["console_token", "api_token"]),
        Key("token_file", &[]),
        Key("sender", &["line", "from", "number"]),
        Key("credit", &["balance"]),
        Key("base", &["url", "host"]),
    ],
};

const PASSWORD: SecretPlaces = SecretPlaces {
    environment: "BAZGASHT_MELIPAYAMAK_PASSWORD",
    credential: "melipayamak-password",
    key: "password",
    file_key: "password_file",
};

const TOKEN: SecretPlaces = SecretPlaces {
    environment: "BAZGASHT_MELIPAYAMAK_TOKEN",
    credential: "melipayamak-token",
    key: "token",
    file_key: "token_file",
};

pub(super) static KIND: Kind = Kind {
    name: "melipayamak",
    shape: &SHAPE,
    needs: "`token_file` (or `username` and `password_file`), `sender`, `price_persian` and `price_latin`",
    read,
    secrets: &[TOKEN, PASSWORD],
    line: IRAN,
};

/// People choose them; only what cannot be meant is refused.
fn could_be_a_password(password: &str) -> bool {
    !password.chars().any(char::is_control)
}

/// The interface follows from the secret: a token, or a password with its user.
fn read(check: &Check<'_>, table: &Table<'_>, in_use: bool) -> Option<Read> {
    let sender =
        Check::provider_text(table, "sender", "write the line that texts go out on: `sender = \"50004…\"`", in_use);
    let base = check.web_address(table, "base", "https://console.melipayamak.com");
    let counts = [("messages", Currency::CREDIT), ("rial", Currency::IRR)];
    let credit = table.text("credit").and_then(|found| check.problems.word("credit", &found, &counts));
    let username = table.text("username").map(|u| u.value.trim().to_owned()).filter(|u| !u.is_empty());
    let has = |places: &SecretPlaces| table.has(places.key) || table.has(places.file_key) || check.outside_has(places);
    let by_password = has(&PASSWORD) || (username.is_some() && !has(&TOKEN));
    if by_password && has(&TOKEN) {
        check.problems.add(
            Code::Conflict,
            &table.key_span(if table.has("token_file") { "token_file" } else { "token" }),
            "melipayamak has a token and a password: nobody can tell which interface is meant",
            "keep `token_file`, or `username` and `password_file`, and take the other out",
        );
        return None;
    }
    let (access, holds_secret) = if by_password {
        if username.is_none() && in_use {
            table.missing("username", "write the panel's user beside its password: `username = \"…\"`");
        }
        let (password, holds_secret) = check.provider_secret(table, &PASSWORD, in_use, could_be_a_password);
        let username = Secret::new(if in_use { username? } else { username.unwrap_or_default() });
        (Access::Password { username, password }, holds_secret)
    } else {
        let (token, holds_secret) = check.provider_key(table, &TOKEN, in_use);
        (Access::Token(token), holds_secret)
    };
    let sender = if in_use { sender? } else { sender.unwrap_or_default() };
    let usual = MelipayamakOptions::new(access, sender);
    Some(Read {
        which: Which::Melipayamak(MelipayamakOptions { base, credit_in: credit.unwrap_or(usual.credit_in), ..usual }),
        holds_secret,
    })
}
