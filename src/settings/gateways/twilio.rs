use std::time::Duration;

use super::{Kind, LineDefaults, Read};
use crate::campaign::model::Language;
use crate::clock::Span;
use crate::document::{Key, Shape, Table};
use crate::money::Currency;
use crate::problem::Code;
use crate::render::parts::PartRules;
use crate::send::gateways::twilio::{Sender, TwilioOptions, VALIDITY};
use crate::settings::check::{Check, SecretPlaces};
use crate::settings::model::Which;

static SHAPE: Shape = Shape {
    name: "[gateway.twilio]",
    keys: provider_keys![
        Key("account", &["account_sid", "sid", "user"]),
        Key("key", &["auth_token", "token", "api_key"]),
        Key("key_file", &["auth_token_file"]),
        Key("sender", &["from", "line", "number", "messaging_service"]),
        Key("public_url", &["public", "webhook", "callback"]),
        Key("validity", &["validity_period", "valid"]),
        Key("base", &["url", "host"]),
    ],
};

const KEY: SecretPlaces =
    SecretPlaces { environment: "BAZGASHT_TWILIO_KEY", credential: "twilio-key", key: "key", file_key: "key_file" };

pub(super) static KIND: Kind = Kind {
    name: "twilio",
    shape: &SHAPE,
    needs: "`account`, `key_file`, `sender`, `price_persian` and `price_latin`",
    read,
    secrets: &[KEY],
    line: LineDefaults {
        free: false,
        currency: Currency::USD.fine(),
        parts: <PartRules as Default>::default,
        tail: None,
        language: Language::English,
    },
};

fn read(check: &Check<'_>, table: &Table<'_>, in_use: bool) -> Option<Read> {
    let account = Check::provider_text(table, "account", "write the account's SID: `account = \"AC…\"`", in_use);
    let sender = Check::provider_text(
        table,
        "sender",
        "write the number that texts come from, such as `sender = \"+12025550100\"`, or a messaging service's SID",
        in_use,
    );
    let public_url = check.web_address(table, "public_url", "https://shop.example");
    let base = check.web_address(table, "base", "https://api.twilio.com");
    let validity = validity(check, table);
    let (key, holds_secret) = check.provider_key(table, &KEY, in_use);
    let (account, sender) = match (account, sender) {
        (Some(account), Some(sender)) => (account, sender),
        _ if in_use => return None,
        (account, sender) => (account.unwrap_or_default(), sender.unwrap_or_default()),
    };
    let options = TwilioOptions::new(account, key, Sender::of(&sender));
    Some(Read { which: Which::Twilio(Box::new(TwilioOptions { base, public_url, validity, ..options })), holds_secret })
}

fn validity(check: &Check<'_>, table: &Table<'_>) -> Duration {
    let span = table.text("validity").and_then(|found| {
        let span = check.problems.length(Code::BadValue, "validity", &found)?;
        if (Span::seconds(1)..=Span::hours(10)).contains(&span) {
            return Some(span);
        }
        let what = format!("`validity` is {span}: twilio takes one second to ten hours");
        check.problems.add(Code::BadValue, &found.span, what, "write it such as `validity = \"1h\"`");
        None
    });
    span.map_or(VALIDITY, |span| Duration::from_millis(span.0.unsigned_abs()))
}
