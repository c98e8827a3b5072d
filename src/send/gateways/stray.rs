//! Answers that are not in the provider's own words, and so may come from something on the way.

use std::time::Duration;

use super::wire::never_arrived;
use crate::send::gateway::{Answer, Refusal, StopScope};

/// After "too many requests" from nobody knows whom.
const REST: Duration = Duration::from_mins(1);

/// What such an answer says of a message, by its HTTP status. None fails the message: what stands between us and the provider
/// has refusals of its own, and those must hold the queue, not burn it. Only what speaks of the key or of access holds it until
/// somebody acts: anything else can pass by itself, so the gateway rests and is tried again.
pub(super) fn judge(http: u16, why: String) -> Answer {
    if let Some(refusal) = never_arrived(http) {
        return Answer::Refused(refusal);
    }
    match http {
        429 => Answer::Refused(Refusal::Later { after: Some(REST), why }),
        401 | 403 | 407 => {
            let why = format!("{why}; look at the key, and at the addresses that the panel allows");
            Answer::Refused(Refusal::Stop { scope: StopScope::Account, why })
        }
        400..500 => {
            let why = format!("{why}; look at the base address and at what stands between");
            Answer::Refused(Refusal::Down { why })
        }
        _ => Answer::Open(why),
    }
}
