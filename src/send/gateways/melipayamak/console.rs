//! The interface that takes a token: JSON to `api/{path}/{token}`.
//!
//! Answers name `recId` or `recIds`; `status` is a text for people, empty or not when all is well, or the number 400 in a
//! complaint about the request.

use serde_json::{Value, json};

use super::Said;
use crate::secret::Secret;
use crate::send::gateways::loose::{self, Object, objects};
use crate::send::gateways::wire::{Answered, Lost, Wire};

pub(super) struct Console {
    pub wire: Wire,
    pub token: Secret,
}

impl Console {
    fn address(&self, path: &str) -> url::Url {
        self.wire.address(["api"].into_iter().chain(path.split('/')).chain([self.token.expose().trim()]))
    }

    async fn post(&self, path: &str, body: Value) -> Result<Answered, Lost> {
        self.wire.call(self.wire.post(self.address(path)).json(&body)).await
    }

    pub async fn text(&self, from: &str, to: &str, text: &str) -> Result<Said, Lost> {
        Ok(read(&self.post("send/simple", json!({"from": from, "to": to, "text": text})).await?, "recId"))
    }

    /// One text each.
    pub async fn texts(&self, from: &str, to: &[String], texts: &[&str]) -> Result<Said, Lost> {
        let headers = vec![""; to.len()];
        let body = json!({"from": from, "to": to, "text": texts, "udh": headers});
        let answer = self.post("send/multiple", body).await?;
        Ok(match list(&answer, "recIds") {
            Some(ids) => Said::Values(ids),
            None => read(&answer, "recId"),
        })
    }

    pub async fn template(&self, body_id: u64, to: &str, values: &[String]) -> Result<Said, Lost> {
        let body = json!({"bodyId": body_id, "to": to, "args": values});
        Ok(read(&self.post("send/shared", body).await?, "recId"))
    }

    pub async fn deliveries(&self, ids: &[String]) -> Result<Said, Lost> {
        // As text: some ids have more digits than a number can hold.
        let answer = self.post("receive/status", json!({"recIds": ids})).await?;
        Ok(match list(&answer, "resultsAsCode") {
            Some(codes) => Said::Values(codes),
            None => read(&answer, "resultsAsCode"),
        })
    }

    pub async fn credit(&self) -> Result<Said, Lost> {
        let answer = self.wire.call(self.wire.get(self.address("receive/credit"))).await?;
        Ok(read(&answer, "amount"))
    }

    /// `kind`: `in` what came in, `out` what went out.
    pub async fn messages(&self, kind: &str, number: &str, index: usize, count: usize) -> Result<Said, Lost> {
        let body = json!({"type": kind, "number": number, "index": index, "count": count});
        let answer = self.post("receive/messages", body).await?;
        let rows =
            Object::read(&answer.body).and_then(|body| objects(body.raw("messages").or_else(|| body.raw("data"))?));
        Ok(match rows.filter(|_| answer.whole.is_ok()) {
            Some(rows) => Said::Rows(rows),
            None => read(&answer, "messages"),
        })
    }
}

/// Null stands for a row about which nothing is said.
fn list(answer: &Answered, name: &str) -> Option<Vec<Option<String>>> {
    answer.whole.as_ref().ok()?;
    let list = loose::list(Object::read(&answer.body)?.raw(name)?)?;
    Some(list.iter().map(|value| loose::scalar(value.get())).collect())
}

fn read(answer: &Answered, name: &str) -> Said {
    let Answered { http, body, whole } = answer;
    if let Err(why) = whole {
        return Said::Cut(why.clone());
    }
    let stray =
        || Said::Stray { http: *http, why: format!("answer (HTTP {http}, {} bytes) is not melipayamak's", body.len()) };
    let Some(object) = Object::read(body) else { return stray() };
    if let Some(value) = object.scalar(name).map(|value| value.trim().to_owned())
        && value.trim_start_matches('-').bytes().next().is_some_and(|b| b.is_ascii_digit())
    {
        // Nothing was taken, and why is said in words.
        let words = object.scalar("status").filter(|words| !words.trim().is_empty());
        return match words {
            Some(words) if name == "recId" && value == "0" => Said::Words(words),
            _ => Said::Value(value),
        };
    }
    if object.object("errors").is_some() && matches!(http, 200 | 400 | 422) {
        return Said::Complaint;
    }
    // Words without an id tell of a refusal as little as of a success.
    if *http == 200 && object.scalar("status").is_some() { Said::Nothing } else { stray() }
}
