use super::{IRAN, Kind, Read};
use crate::document::{Key, Shape, Table};
use crate::send::gateways::kavenegar::KavenegarOptions;
use crate::settings::check::{Check, SecretPlaces};
use crate::settings::model::Which;

static SHAPE: Shape = Shape {
    name: "[gateway.kavenegar]",
    keys: provider_keys![
        Key("key", &["api_key", "apikey", "token"]),
        Key("key_file", &["api_key_file"]),
        Key("sender", &["line", "from", "number"]),
        Key("base", &["url", "host"]),
    ],
};

const KEY: SecretPlaces = SecretPlaces {
    environment: "BAZGASHT_KAVENEGAR_KEY",
    credential: "kavenegar-key",
    key: "key",
    file_key: "key_file",
};

pub(super) static KIND: Kind = Kind {
    name: "kavenegar",
    shape: &SHAPE,
    needs: "`key_file`, `sender`, `price_persian` and `price_latin`",
    read,
    secrets: &[KEY],
    line: IRAN,
};

#[allow(clippy::unnecessary_wraps, reason = "the shape of every provider's reader")]
fn read(check: &Check<'_>, table: &Table<'_>, in_use: bool) -> Option<Read> {
    let sender = table.text("sender").map(|s| s.value);
    let base = check.web_address(table, "base", "https://api.kavenegar.com");
    let (key, holds_secret) = check.provider_key(table, &KEY, in_use);
    Some(Read {
        which: Which::Kavenegar(KavenegarOptions { base, sender, ..KavenegarOptions::new(key) }),
        holds_secret,
    })
}
