//! The gateways under test, one line each.

use std::sync::Arc;

use bazgasht::secret::Secret;
use bazgasht::send::gateway::Gateway;
use bazgasht::send::gateways::ghasedak::{Ghasedak, GhasedakOptions};
use bazgasht::send::gateways::ippanel::{Ippanel, IppanelOptions};
use bazgasht::send::gateways::iranpayamak::{IranPayamak, IranPayamakOptions};
use bazgasht::send::gateways::kavenegar::{Kavenegar, KavenegarOptions};
use bazgasht::send::gateways::melipayamak::{Access, Melipayamak, MelipayamakOptions};
use bazgasht::send::gateways::smsir::{Smsir, SmsirOptions};
use bazgasht::send::gateways::twilio::{Sender, Twilio, TwilioOptions};
use bazgasht::send::gateways::wire::Patience;
use url::Url;

/// The key and number that no gateway may ever say.
pub const KEY: &str = "4F2A9C7Bsecret";
pub const NUMBER: &str = "9120000001";

/// Makes the gateway whose service is at `base`.
type Make = fn(base: Url) -> Arc<dyn Gateway>;

const ALL: &[Make] = &[
    |base| Arc::new(Kavenegar::new(KavenegarOptions { base: Some(base), ..KavenegarOptions::new(key()) }).unwrap()),
    |base| {
        let options =
            SmsirOptions { key: key(), base: Some(base), sender: LINE.to_owned(), patience: Patience::default() };
        Arc::new(Smsir::new(options).unwrap())
    },
    |base| {
        let options =
            GhasedakOptions { key: key(), base: Some(base), sender: LINE.to_owned(), patience: Patience::default() };
        Arc::new(Ghasedak::new(options).unwrap())
    },
    |base| {
        let options = MelipayamakOptions::new(Access::Token(key()), LINE);
        Arc::new(Melipayamak::new(MelipayamakOptions { base: Some(base), ..options }).unwrap())
    },
    |base| Arc::new(Ippanel::new(IppanelOptions { base: Some(base), ..IppanelOptions::new(key(), LINE) }).unwrap()),
    |base| {
        let options = IranPayamakOptions { base: Some(base), ..IranPayamakOptions::new(key(), LINE) };
        Arc::new(IranPayamak::new(options).unwrap())
    },
    |base| {
        let sender = Sender::Number("+12025550100".to_owned());
        let options = TwilioOptions::new("AC00000000000000000000000000000001", key(), sender);
        Arc::new(Twilio::new(TwilioOptions { base: Some(base), ..options }).unwrap())
    },
];

const LINE: &str = "30001000";

fn key() -> Secret {
    Secret::new(KEY)
}

pub fn all(base: &str) -> Vec<Arc<dyn Gateway>> {
    ALL.iter().map(|make| make(base.parse().unwrap())).collect()
}

/// The one of this name; for any other word one of them all the same, so that no input is lost.
pub fn named<'a>(gateways: &'a [Arc<dyn Gateway>], name: &str) -> &'a dyn Gateway {
    gateways.iter().find(|g| g.name() == name).unwrap_or(&gateways[name.len() % gateways.len()]).as_ref()
}

/// What a gateway says for the log and the owner: short, plain, and nobody's business in it.
pub fn fit_for_a_log(said: &str) {
    super::one_plain_line(said);
    assert!(said.chars().count() <= 600, "{} characters", said.chars().count());
    assert!(!said.contains(KEY) && !said.contains(NUMBER), "{said:?}");
}
