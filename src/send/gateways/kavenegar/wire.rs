//! One call to Kavenegar: the request, and the envelope of the answer.

use url::Url;

use crate::secret::Secret;
use crate::send::gateways::loose::Object;
use crate::send::gateways::wire::{self, Answered, Lost, Patience, SetupProblem};

pub(super) struct Wire {
    wire: wire::Wire,
    key: Secret,
}

/// What came back.
pub(super) enum Reply {
    /// Kavenegar's own words. `entries` is JSON, `None` when absent or null.
    Envelope { code: i64, entries: Option<String>, http: u16 },
    /// The answer broke off, so its status is not all that it would have said.
    Cut(String),
    /// Something else.
    Stray(Stray),
}

/// An answer that holds no envelope that can be read.
pub(super) struct Stray {
    pub http: u16,
    /// Its text names Kavenegar's envelope, so the HTTP status is Kavenegar's code and not that of something on the way.
    pub from_kavenegar: bool,
    pub why: String,
}

impl Wire {
    pub fn new(base: Url, key: Secret, patience: Patience) -> Result<Self, SetupProblem> {
        if key.expose().trim().is_empty() {
            return Err(SetupProblem::NoKey("kavenegar"));
        }
        Ok(Self { wire: wire::Wire::new("kavenegar", base, patience)?, key })
    }

    /// Posts `form` to `method`, such as `sms/send`.
    pub async fn call(&self, method: &str, form: &[(&str, String)]) -> Result<Reply, Lost> {
        Ok(read(self.wire.call(self.wire.post(self.address(method)).form(form)).await?))
    }

    /// For the few methods that take no POST.
    pub async fn get(&self, method: &str, query: &[(&str, String)]) -> Result<Reply, Lost> {
        Ok(read(self.wire.call(self.wire.get(self.address(method)).query(query)).await?))
    }

    /// The key is a segment of the path.
    fn address(&self, method: &str) -> Url {
        let file = format!("{method}.json");
        self.wire.address(["v1", self.key.expose().trim()].into_iter().chain(file.split('/')))
    }
}

fn read(answer: Answered) -> Reply {
    let Answered { http, body, whole } = answer;
    if let Err(why) = whole {
        return Reply::Cut(why);
    }
    let envelope = Object::read(&body).and_then(|envelope| {
        let code = envelope.object("return")?.number("status")?;
        let entries = envelope.raw("entries").filter(|entries| *entries != "null").map(str::to_owned);
        Some(Reply::Envelope { code, entries, http })
    });
    envelope.unwrap_or_else(|| {
        Reply::Stray(Stray {
            http,
            from_kavenegar: body.contains("\"return\""),
            why: format!("answer (HTTP {http}, {} bytes) is not kavenegar's JSON", body.len()),
        })
    })
}
