use super::{IRAN, Kind, Read};
use crate::document::{Key, Shape, Table};
use crate::problem::Code;
use crate::send::gateways::smsir::{BASE, SmsirOptions};
use crate::send::gateways::wire::Patience;
use crate::settings::check::{Check, SecretPlaces};
use crate::settings::model::Which;

static SHAPE: Shape = Shape {
    name: "[gateway.smsir]",
    keys: provider_keys![
        Key("key", &["api_key", "apikey", "token"]),
        Key("key_file", &["api_key_file"]),
        Key("sender", &["line", "from", "number"]),
        Key("base", &["url", "host"]),
    ],
};

const KEY: SecretPlaces =
    SecretPlaces { environment: "BAZGASHT_SMSIR_KEY", credential: "smsir-key", key: "key", file_key: "key_file" };

pub(super) static KIND: Kind = Kind {
    name: "smsir",
    shape: &SHAPE,
    needs: "`key_file`, `sender`, `price_persian` and `price_latin`",
    read,
    secrets: &[KEY],
    line: IRAN,
};

#[allow(clippy::unnecessary_wraps, reason = "the shape of every provider's reader")]
fn read(check: &Check<'_>, table: &Table<'_>, in_use: bool) -> Option<Read> {
    let base = check.web_address(table, "base", BASE);
    let help = "write the line's number: `sender = \"30007732\"`";
    let sender = Check::provider_text(table, "sender", help, in_use).unwrap_or_default();
    if !sender.is_empty() && sender.parse::<i64>().is_err() {
        let what = format!("`sender` is {sender:?}: expected the line's number in plain digits");
        check.problems.add(Code::BadValue, &table.key_span("sender"), what, "copy the line's number from the panel");
    }
    let (key, holds_secret) = check.provider_key(table, &KEY, in_use);
    let patience = Patience::default();
    Some(Read { which: Which::Smsir(SmsirOptions { key, base, sender, patience }), holds_secret })
}
