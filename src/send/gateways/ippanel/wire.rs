//! One call to Edge: the request, and the envelope of the answer, `{"data", "meta"}`.

use reqwest::header::HeaderValue;
use serde_json::{Map, Value};

use crate::secret::Secret;
use crate::send::gateway::Trouble;
use crate::send::gateways::loose::{self, Object};
use crate::send::gateways::wire::{self, Answered, Lost, Patience, SetupProblem};

pub(super) struct Wire {
    wire: wire::Wire,
    key: HeaderValue,
}

/// What came back.
pub(super) enum Reply {
    Done { data: Option<String> },
    Refused(Word),
    Cut(String),
    Stray { http: u16, why: String },
}

/// A refusal in Edge's own words.
pub(super) struct Word {
    pub http: u16,
    /// Such as `400-2`.
    pub code: String,
    pub message: String,
    /// The names of the fields that are complained of, see [`field`].
    pub fields: Vec<String>,
}

impl Wire {
    pub fn new(base: url::Url, key: &Secret, patience: Patience) -> Result<Self, SetupProblem> {
        Ok(Self { wire: wire::Wire::new("ippanel", base, patience)?, key: wire::key_header("ippanel", key)? })
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Reply, Lost> {
        let request = self.wire.post(self.wire.address(["api"].into_iter().chain(path.split('/')))).json(body);
        self.call(request).await
    }

    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Reply, Lost> {
        let request = self.wire.get(self.wire.address(["api"].into_iter().chain(path.split('/')))).query(query);
        self.call(request).await
    }

    async fn call(&self, request: reqwest::RequestBuilder) -> Result<Reply, Lost> {
        // Nothing stands before the key, no "Bearer".
        Ok(read(self.wire.call(request.header(reqwest::header::AUTHORIZATION, self.key.clone())).await?))
    }
}

impl Reply {
    /// The data that a question was answered with.
    pub fn data(self, what: &str) -> Result<Option<String>, Trouble> {
        match self {
            Reply::Done { data } => Ok(data),
            Reply::Refused(word) if word.http == 404 => Ok(None),
            Reply::Refused(word) => Err(Trouble::Refused {
                code: i64::from(word.http),
                why: format!("{what} is refused with HTTP {} and code {}", word.http, plain(&word.code)),
            }),
            Reply::Cut(why) | Reply::Stray { why, .. } => Err(Trouble::Unreadable(why)),
        }
    }
}

/// As much of a code as may be shown.
fn plain(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_digit() || *c == '-').take(8).collect()
}

fn read(answer: Answered) -> Reply {
    let Answered { http, body, whole } = answer;
    if let Err(why) = whole {
        return Reply::Cut(why);
    }
    let envelope = Object::read(&body);
    let Some((data, meta)) = envelope.as_ref().and_then(|e| Some((e.raw("data"), e.object("meta")?))) else {
        return Reply::Stray { http, why: format!("answer (HTTP {http}, {} bytes) is not ippanel's JSON", body.len()) };
    };
    let done = (200..300).contains(&http);
    match meta.scalar("status").as_deref() {
        Some("true" | "1") if done => {
            return Reply::Done { data: data.filter(|data| *data != "null").map(str::to_owned) };
        }
        Some("false" | "0") => {}
        // Neither yes nor no.
        _ if done => return Reply::Stray { http, why: format!("ippanel's answer (HTTP {http}) has no status") },
        _ => {}
    }
    // Complaints about fields stand under `errors` or in the place of the text.
    let fields = ["errors", "message"]
        .iter()
        .filter_map(|name| serde_json::from_str::<Map<String, Value>>(meta.raw(name)?).ok())
        .flat_map(|fields| fields.into_iter().map(|(name, _)| field(&name)))
        .collect();
    Reply::Refused(Word {
        http,
        code: meta.scalar("messagecode").unwrap_or_default(),
        message: meta.scalar("message").unwrap_or_default(),
        fields,
    })
}

/// `params.recipients.0` is about `recipients`. All else under `params` is about a pattern's values, whatever their names.
fn field(name: &str) -> String {
    let name = name.to_lowercase();
    let parts: Vec<&str> = name.split('.').filter(|part| part.parse::<u32>().is_err()).collect();
    match parts.as_slice() {
        ["params", "recipients"] => "recipients".to_owned(),
        ["params", ..] => "params".to_owned(),
        other => other.last().map_or(name.clone(), |last| (*last).to_owned()),
    }
}

/// The rows of a list, however it is wrapped.
pub(super) fn rows(data: Option<String>) -> Vec<Object> {
    let Some(data) = data else { return Vec::new() };
    let inner = Object::read(&data).and_then(|object| {
        let names = ["data", "items", "list", "rows", "messages", "recipients", "numbers", "bulks", "reports", "inbox"];
        names.iter().find_map(|name| object.raw(name).filter(|raw| raw.starts_with('[')).and_then(loose::objects))
    });
    inner.or_else(|| loose::objects(&data)).unwrap_or_default()
}
