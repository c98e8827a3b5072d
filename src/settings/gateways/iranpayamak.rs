use super::{IRAN, Kind, Read};
use crate::document::{Key, Shape, Table};
use crate::problem::Code;
use crate::send::gateways::iranpayamak::IranPayamakOptions;
use crate::settings::check::{Check, SecretPlaces};
use crate::settings::model::Which;

static SHAPE: Shape = Shape {
    name: "[gateway.iranpayamak]",
    keys: provider_keys![
        Key("key", &["api_key", "apikey", "token"]),
        Key("key_file", &["api_key_file"]),
        Key("sender", &["line", "from", "number"]),
        Key("token_length", &["variable_length"]),
        Key("base", &["url", "host"]),
    ],
};

const KEY: SecretPlaces = SecretPlaces {
    environment: "BAZGASHT_IRANPAYAMAK_KEY",
    credential: "iranpayamak-key",
    key: "key",
    file_key: "key_file",
};

pub(super) static KIND: Kind = Kind {
    name: "iranpayamak",
    shape: &SHAPE,
    needs: "`key_file`, `sender`, `price_persian` and `price_latin`",
    read,
    secrets: &[KEY],
    line: IRAN,
};

fn read(check: &Check<'_>, table: &Table<'_>, in_use: bool) -> Option<Read> {
    let sender =
        Check::provider_text(table, "sender", "write the line that messages go out on: `sender = \"3000…\"`", in_use);
    let base = check.web_address(table, "base", "https://api.iranpayamak.com");
    let token_length = table.count("token_length").map(|found| {
        if found.value == 0 {
            let what = "`token_length` is 0: no value would ever fit";
            check.problems.add(
                Code::BadValue,
                &found.span,
                what,
                "write the length of the panel's variables, or take it out",
            );
        }
        found.value as usize
    });
    let (key, holds_secret) = check.provider_key(table, &KEY, in_use);
    let sender = if in_use { sender? } else { sender.unwrap_or_default() };
    Some(Read {
        which: Which::IranPayamak(IranPayamakOptions { token_length, base, ..IranPayamakOptions::new(key, sender) }),
        holds_secret,
    })
}
