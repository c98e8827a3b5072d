use super::{IRAN, Kind, Read};
use crate::document::{Key, Shape, Table};
use crate::send::gateways::ippanel::IppanelOptions;
use crate::settings::check::{Check, SecretPlaces};
use crate::settings::model::Which;

static SHAPE: Shape = Shape {
    name: "[gateway.ippanel]",
    keys: provider_keys![
        Key("key", &["api_key", "apikey", "token"]),
        Key("key_file", &["api_key_file"]),
        Key("sender", &["line", "from", "number"]),
        Key("base", &["url", "host"]),
    ],
};

const KEY: SecretPlaces =
    SecretPlaces { environment: "BAZGASHT_IPPANEL_KEY", credential: "ippanel-key", key: "key", file_key: "key_file" };

pub(super) static KIND: Kind = Kind {
    name: "ippanel",
    shape: &SHAPE,
    needs: "`key_file`, `sender`, `price_persian` and `price_latin`",
    read,
    secrets: &[KEY],
    line: IRAN,
};

fn read(check: &Check<'_>, table: &Table<'_>, in_use: bool) -> Option<Read> {
    let sender =
        Check::provider_text(table, "sender", "write the line that messages go out on: `sender = \"3000…\"`", in_use);
    let base = check.web_address(table, "base", "https://edge.ippanel.com/v1");
    let (key, holds_secret) = check.provider_key(table, &KEY, in_use);
    let sender = if in_use { sender? } else { sender.unwrap_or_default() };
    Some(Read { which: Which::Ippanel(IppanelOptions { base, ..IppanelOptions::new(key, sender) }), holds_secret })
}
