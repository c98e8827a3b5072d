//! One call to Ghasedak: the request, and the envelope of the answer.

use reqwest::RequestBuilder;
use reqwest::header::HeaderValue;
use serde_json::Value;
use url::Url;

use super::codes;
use crate::secret::Secret;
use crate::send::gateway::{Answer, Trouble};
use crate::send::gateways::loose::Object;
use crate::send::gateways::stray;
use crate::send::gateways::wire::{self, Answered, Lost, Patience, SetupProblem};

const OK: i64 = 200;

pub(super) struct Wire {
    wire: wire::Wire,
    key: HeaderValue,
}

/// What came back. `data` is JSON, `None` when absent or null.
enum Reply {
    Good {
        data: Option<String>,
    },
    Bad {
        code: i64,
    },
    /// Neither a yes nor a no: it broke off, or contradicts itself.
    Unclear(String),
    Stray {
        http: u16,
        why: String,
    },
}

/// What a hand-over came to that was not plainly taken.
pub(super) enum NotTaken {
    Answer(Answer),
    /// It was taken earlier, under the same reference.
    Duplicate,
}

impl Wire {
    pub fn new(base: Url, key: &Secret, patience: Patience) -> Result<Self, SetupProblem> {
        Ok(Self { wire: wire::Wire::new("ghasedak", base, patience)?, key: wire::key_header("ghasedak", key)? })
    }

    /// Hands something over; its `data`, or what the answer means for the message.
    pub async fn hand_over(&self, method: &str, body: &Value, template: Option<&str>) -> Result<String, NotTaken> {
        let not = |answer| Err(NotTaken::Answer(answer));
        match self.call(self.wire.post(self.address(method)).json(body)).await {
            Err(lost) => not(lost.answer()),
            Ok(Reply::Good { data: Some(data) }) => Ok(data),
            Ok(Reply::Good { data: None }) => not(Answer::Open(super::NO_MESSAGE.to_owned())),
            Ok(Reply::Bad { code: codes::DUPLICATE }) => Err(NotTaken::Duplicate),
            Ok(Reply::Bad { code }) => not(codes::consequence(code, template)),
            Ok(Reply::Unclear(why)) => not(Answer::Open(why)),
            Ok(Reply::Stray { http, why }) => not(stray::judge(http, why)),
        }
    }

    /// `None`: it says yes and gives nothing.
    pub async fn ask(&self, method: &str, query: &[(&str, String)]) -> Result<Option<String>, Trouble> {
        match self.call(self.wire.get(self.address(method)).query(query)).await {
            Err(lost) => Err(lost.trouble()),
            Ok(Reply::Good { data }) => Ok(data),
            Ok(Reply::Bad { code }) => Err(Trouble::Refused { code, why: codes::explain(code) }),
            Ok(Reply::Unclear(why) | Reply::Stray { why, .. }) => Err(Trouble::Unreadable(why)),
        }
    }

    fn address(&self, method: &str) -> Url {
        self.wire.address(["rest", "api", "v1", "WebService", method])
    }

    async fn call(&self, request: RequestBuilder) -> Result<Reply, Lost> {
        Ok(read(self.wire.call(request.header("ApiKey", self.key.clone())).await?))
    }
}

fn read(answer: Answered) -> Reply {
    let Answered { http, body, whole } = answer;
    if let Err(why) = whole {
        return Reply::Unclear(why);
    }
    let envelope = Object::read(&body).and_then(|envelope| {
        let good = envelope.scalar("isSuccess")?.eq_ignore_ascii_case("true");
        let data = envelope.raw("data").filter(|data| *data != "null").map(str::to_owned);
        Some(match (good, envelope.number("statusCode")) {
            (true, Some(OK)) => Reply::Good { data },
            // "Not a success" with the code of one, or the other way round: nobody can say which is true.
            (true, _) | (false, Some(OK)) => {
                Reply::Unclear(format!("ghasedak's answer (HTTP {http}) says both yes and no"))
            }
            (false, Some(code)) => Reply::Bad { code },
            (false, None) => Reply::Bad { code: i64::from(http) },
        })
    });
    envelope.unwrap_or_else(|| Reply::Stray {
        http,
        why: format!("answer (HTTP {http}, {} bytes) is not ghasedak's JSON", body.len()),
    })
}
