//! One call to IranPayamak: the request, and the envelope of the answer, `{"status", "data", "messages"}`.

use reqwest::header::{HeaderName, HeaderValue};
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

/// A refusal in IranPayamak's own words.
pub(super) struct Word {
    pub http: u16,
    pub message: String,
    /// The names of the fields that are complained of, the first parts of dotted ones.
    pub fields: Vec<String>,
}

impl Wire {
    pub fn new(base: url::Url, key: &Secret, patience: Patience) -> Result<Self, SetupProblem> {
        Ok(Self { wire: wire::Wire::new("iranpayamak", base, patience)?, key: wire::key_header("iranpayamak", key)? })
    }

    fn address(&self, path: &str) -> url::Url {
        self.wire.address(["ws", "v1"].into_iter().chain(path.split('/')))
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Reply, Lost> {
        self.call(self.wire.post(self.address(path)).json(body)).await
    }

    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Reply, Lost> {
        self.call(self.wire.get(self.address(path)).query(query)).await
    }

    async fn call(&self, request: reqwest::RequestBuilder) -> Result<Reply, Lost> {
        let request = request.header(HeaderName::from_static("api-key"), self.key.clone());
        Ok(read(self.wire.call(request.header(reqwest::header::ACCEPT, "application/json")).await?))
    }
}

impl Reply {
    /// The data that a question was answered with; none where what was asked about is not known.
    pub fn data(self, what: &str) -> Result<Option<String>, Trouble> {
        match self {
            Reply::Done { data } => Ok(data),
            Reply::Refused(word) if word.http == 404 => Ok(None),
            Reply::Refused(word) => Err(Trouble::Refused {
                code: i64::from(word.http),
                why: format!("{what} is refused with HTTP {}", word.http),
            }),
            Reply::Cut(why) | Reply::Stray { why, .. } => Err(Trouble::Unreadable(why)),
        }
    }
}

fn read(answer: Answered) -> Reply {
    let Answered { http, body, whole } = answer;
    if let Err(why) = whole {
        return Reply::Cut(why);
    }
    let stray =
        || Reply::Stray { http, why: format!("answer (HTTP {http}, {} bytes) is not iranpayamak's JSON", body.len()) };
    let Some(envelope) = Object::read(&body) else { return stray() };
    let words =
        ["messages", "errors", "message"].iter().find_map(|name| envelope.raw(name).filter(|raw| *raw != "null"));
    match envelope.scalar("status").map(|status| status.to_lowercase()).as_deref() {
        Some("success") if (200..300).contains(&http) => {
            Reply::Done { data: envelope.raw("data").filter(|data| *data != "null").map(str::to_owned) }
        }
        Some("error" | "fail" | "failed") => Reply::Refused(word(http, words)),
        // Its framework's own complaints come without the envelope's status.
        _ if words.is_some() && matches!(http, 401 | 422 | 429) => Reply::Refused(word(http, words)),
        _ => stray(),
    }
}

/// `messages` is a text, a list of texts, or texts by field.
fn word(http: u16, words: Option<&str>) -> Word {
    let value: Value = words.and_then(|words| serde_json::from_str(words).ok()).unwrap_or_default();
    let fields = |map: &Map<String, Value>| map.keys().map(|name| first_part(name)).collect();
    match value {
        Value::Object(map) => Word { http, message: map.values().map(text).collect(), fields: fields(&map) },
        other => Word { http, message: text(&other), fields: Vec::new() },
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text}\n"),
        Value::Array(list) => list.iter().map(text).collect(),
        _ => String::new(),
    }
}

/// `recipients.0` is about `recipients`, `attributes.name` about `attributes`.
fn first_part(name: &str) -> String {
    name.split('.').next().unwrap_or(name).to_lowercase()
}

/// The rows of a list, however it is wrapped.
pub(super) fn rows(data: Option<String>) -> Vec<Object> {
    data.and_then(|data| list(&data, 0)).unwrap_or_default()
}

/// What lists stand under.
const NAMES: [&str; 8] = ["data", "items", "rows", "list", "sendrequests", "inbox", "messages", "lines"];

fn list(json: &str, depth: u8) -> Option<Vec<Object>> {
    if json.trim_start().starts_with('[') {
        return loose::objects(json);
    }
    let object = Object::read(json)?;
    // A page of a list stands inside the list's name, or the other way round.
    NAMES.iter().filter_map(|name| object.raw(name)).find_map(|inner| list(inner, depth + 1).filter(|_| depth < 3))
}
