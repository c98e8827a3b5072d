//! The interface that takes user and password: forms to `api/SendSMS/{Method}`, both in the body.
//!
//! Answers are `{"Value", "RetStatus", "StrRetStatus"}`; `RetStatus` is 1 when `Value` is to be read, else the error itself.

use super::Said;
use crate::secret::Secret;
use crate::send::gateways::loose::{Object, objects, whole_number};
use crate::send::gateways::wire::{Answered, Lost, Wire};

pub(super) struct Rest {
    pub wire: Wire,
    pub username: Secret,
    pub password: Secret,
}

impl Rest {
    async fn call(&self, method: &str, fields: &[(&str, &str)]) -> Result<Answered, Lost> {
        let mut form = vec![("username", self.username.expose().trim()), ("password", self.password.expose().trim())];
        form.extend(fields);
        self.wire.call(self.wire.post(self.wire.address(["api", "SendSMS", method])).form(&form)).await
    }

    pub async fn text(&self, from: &str, to: &str, text: &str) -> Result<Said, Lost> {
        let fields = [("to", to), ("from", from), ("text", text), ("isFlash", "false")];
        Ok(read(&self.call("SendSMS", &fields).await?))
    }

    pub async fn template(&self, body_id: u64, to: &str, values: &[String]) -> Result<Said, Lost> {
        let (body_id, text) = (body_id.to_string(), values.join(";"));
        let fields = [("to", to), ("bodyId", &body_id), ("text", &text)];
        Ok(read(&self.call("BaseServiceNumber", &fields).await?))
    }

    pub async fn delivery(&self, id: &str) -> Result<Said, Lost> {
        Ok(read(&self.call("GetDeliveries2", &[("recId", id)]).await?))
    }

    pub async fn credit(&self) -> Result<Said, Lost> {
        Ok(read(&self.call("GetCredit", &[]).await?))
    }

    /// `location`: 1 what came in, 2 what went out.
    pub async fn messages(&self, location: &str, from: &str, index: usize, count: usize) -> Result<Said, Lost> {
        let (index, count) = (index.to_string(), count.to_string());
        let fields = [("location", location), ("from", from), ("index", &index), ("count", &count)];
        let answer = self.call("GetMessages", &fields).await?;
        let rows =
            Object::read(&answer.body).and_then(|body| objects(body.raw("data").or_else(|| body.raw("messages"))?));
        Ok(match rows.filter(|_| answer.whole.is_ok()) {
            Some(rows) => Said::Rows(rows),
            None => read(&answer),
        })
    }

    /// The account's lines, as they come: their form is not documented.
    pub async fn lines(&self) -> Result<Answered, Lost> {
        self.call("GetUserNumbers", &[]).await
    }
}

fn read(answer: &Answered) -> Said {
    let Answered { http, body, whole } = answer;
    if let Err(why) = whole {
        return Said::Cut(why.clone());
    }
    // Lists are answered inside another envelope.
    let envelope = Object::read(body).and_then(|body| match body.number("retstatus") {
        Some(status) => Some((status, body.scalar("value"))),
        None => body.object("mybase").and_then(|base| Some((base.number("retstatus")?, base.scalar("value")))),
    });
    match envelope {
        Some((1, Some(value))) if is_decimal(value.trim()) => Said::Value(value.trim().to_owned()),
        Some((1, _)) => Said::Nothing,
        Some((code, value)) => Said::Code(value.filter(|_| code == 0).and_then(|v| negative(&v)).unwrap_or(code)),
        None => {
            Said::Stray { http: *http, why: format!("answer (HTTP {http}, {} bytes) is not melipayamak's", body.len()) }
        }
    }
}

/// Beside a plain "failed", the graver word.
fn negative(value: &str) -> Option<i64> {
    whole_number(value).filter(|code| *code < 0)
}

fn is_decimal(text: &str) -> bool {
    let digits = text.trim_start_matches('-');
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}
