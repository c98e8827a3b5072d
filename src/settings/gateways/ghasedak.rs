use super::{IRAN, Kind, Read};
use crate::document::{Key, Shape, Table};
use crate::send::gateways::ghasedak::{BASE, GhasedakOptions};
use crate::send::gateways::wire::Patience;
use crate::settings::check::{Check, SecretPlaces};
use crate::settings::model::Which;

static SHAPE: Shape = Shape {
    name: "[gateway.ghasedak]",
    keys: provider_keys![
        Key("key", &["api_key", "apikey", "token"]),
        Key("key_file", &["api_key_file"]),
        Key("sender", &["line", "from", "number"]),
        Key("base", &["url", "host"]),
    ],
};

const KEY: SecretPlaces =
    SecretPlaces { environment: "BAZGASHT_GHASEDAK_KEY", credential: "ghasedak-key", key: "key", file_key: "key_file" };

pub(super) static KIND: Kind = Kind {
    name: "ghasedak",
    shape: &SHAPE,
    needs: "`key_file`, `sender`, `price_persian` and `price_latin`",
    read,
    secrets: &[KEY],
    line: IRAN,
};

#[allow(clippy::unnecessary_wraps, reason = "the shape of every provider's reader")]
fn read(check: &Check<'_>, table: &Table<'_>, in_use: bool) -> Option<Read> {
    let base = check.web_address(table, "base", BASE);
    let help = "write the line's number, or one of fastest, cheapest, priority: `sender = \"2100000\"`";
    let sender = Check::provider_text(table, "sender", help, in_use).unwrap_or_default();
    let (key, holds_secret) = check.provider_key(table, &KEY, in_use);
    let patience = Patience::default();
    Some(Read { which: Which::Ghasedak(GhasedakOptions { key, base, sender, patience }), holds_secret })
}
