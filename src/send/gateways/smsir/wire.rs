//! One call to SMS.ir: the request, and the envelope of the answer.

use reqwest::RequestBuilder;
use reqwest::header::{ACCEPT, HeaderValue};
use serde_json::Value;
use url::Url;

use super::codes;
use crate::secret::Secret;
use crate::send::gateway::{Answer, Trouble};
use crate::send::gateways::loose::Object;
use crate::send::gateways::stray;
use crate::send::gateways::wire::{self, Answered, Lost, Patience, SetupProblem};

const OK: i64 = 1;

pub(super) struct Wire {
    wire: wire::Wire,
    key: HeaderValue,
}

/// What came back. `data` is JSON, `None` when absent or null.
enum Reply {
    Envelope {
        code: i64,
        data: Option<String>,
        http: u16,
    },
    /// Broke off, so its status is not all that it would have said.
    Cut(String),
    Stray {
        http: u16,
        why: String,
    },
}

impl Wire {
    pub fn new(base: Url, key: &Secret, patience: Patience) -> Result<Self, SetupProblem> {
        Ok(Self { wire: wire::Wire::new("smsir", base, patience)?, key: wire::key_header("smsir", key)? })
    }

    /// Hands something over; its `data`, or what the answer means for the message.
    pub async fn hand_over(&self, method: &str, body: &Value, template: Option<&str>) -> Result<String, Code> {
        let request = self.wire.post(self.address(method)).json(body);
        match self.call(request).await {
            Err(lost) => Err(Code::none(lost.answer())),
            Ok(Reply::Envelope { code: OK, data: Some(data), http: 200..300 }) => Ok(data),
            Ok(Reply::Envelope { code: OK, http, .. }) => {
                Err(Code::none(Answer::Open(format!("smsir says 1 (HTTP {http}) and names no message"))))
            }
            Ok(Reply::Envelope { code, .. }) => {
                Err(Code { code: Some(code), answer: codes::consequence(code, template) })
            }
            Ok(Reply::Cut(why)) => Err(Code::none(Answer::Open(why))),
            Ok(Reply::Stray { http, why }) => Err(Code::none(stray::judge(http, why))),
        }
    }

    /// `None`: it says yes and gives nothing.
    pub async fn ask(&self, method: &str, query: &[(&str, String)]) -> Result<Option<String>, Trouble> {
        match self.call(self.wire.get(self.address(method)).query(query)).await {
            Err(lost) => Err(lost.trouble()),
            Ok(Reply::Envelope { code: OK, data, .. }) => Ok(data),
            Ok(Reply::Envelope { code, .. }) => Err(Trouble::Refused { code, why: codes::explain(code) }),
            Ok(Reply::Stray { http, why }) if codes::concerns_all(i64::from(http)) => {
                Err(Trouble::Refused { code: i64::from(http), why })
            }
            Ok(Reply::Cut(why) | Reply::Stray { why, .. }) => Err(Trouble::Unreadable(why)),
        }
    }

    fn address(&self, method: &str) -> Url {
        self.wire.address(["v1"].into_iter().chain(method.split('/')))
    }

    async fn call(&self, request: RequestBuilder) -> Result<Reply, Lost> {
        let request = request.header("X-API-KEY", self.key.clone()).header(ACCEPT, "application/json");
        Ok(read(self.wire.call(request).await?))
    }
}

/// What a hand-over came to that was not taken, with SMS.ir's code where it gave one.
pub(super) struct Code {
    pub code: Option<i64>,
    pub answer: Answer,
}

impl Code {
    fn none(answer: Answer) -> Code {
        Code { code: None, answer }
    }
}

fn read(answer: Answered) -> Reply {
    let Answered { http, body, whole } = answer;
    if let Err(why) = whole {
        return Reply::Cut(why);
    }
    let envelope = Object::read(&body).and_then(|envelope| {
        let code = envelope.number("status").filter(|_| envelope.raw("message").is_some())?;
        // A problem's JSON from something on the way has a status, too: that of HTTP.
        if http >= 400 && code == i64::from(http) && codes::lookup(code).is_none() {
            return None;
        }
        let data = envelope.raw("data").filter(|data| *data != "null").map(str::to_owned);
        Some(Reply::Envelope { code, data, http })
    });
    envelope.unwrap_or_else(|| Reply::Stray {
        http,
        why: format!("answer (HTTP {http}, {} bytes) is not smsir's JSON", body.len()),
    })
}
