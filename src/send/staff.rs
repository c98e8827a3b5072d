//! Words to the shop's staff by webhook: the signed POST of one word.

use std::time::Duration;

use reqwest::{Client, redirect};
use serde_json::json;

use crate::clock::{At, Span};
use crate::receive::signature::header;
use crate::rules::Rules;
use crate::store::alerts::Told;

/// What the attempts call the webhook: neither a number's place nor a gateway's name.
pub const RECIPIENT: usize = 1_000_000;
pub const NAME: &str = "webhook";
/// So long a word is of use.
pub const GIVE_UP: Span = Span::days(1);
/// How soon it is tried again.
const AGAIN: Span = Span::minutes(5);
const CALL: Duration = Duration::from_secs(15);

/// A word as it is told.
#[derive(Debug, Clone)]
pub struct Word {
    /// Ours; the address sees each id once, or the same word again.
    pub id: i64,
    /// Enrolment, campaign and step, with slashes between.
    pub subject: String,
    pub text: String,
    pub at: At,
}

/// Posts it. Whatever is no success is tried again: the id says that it is the same word.
pub async fn post(rules: &Rules, word: &Word, now: At) -> Told {
    match send(rules, word, now).await {
        Ok(()) => Told::Taken,
        Err(why) => {
            tracing::warn!(why, "the staff's webhook did not take a word");
            Told::Refused { again: Some(now.plus(AGAIN)) }
        }
    }
}

async fn send(rules: &Rules, word: &Word, now: At) -> Result<(), String> {
    let webhook = rules.settings.staff.webhook.as_ref().ok_or("it was taken out of the settings")?;
    // The address may hold a token of the owner's: an error does not show it.
    let hide = |error: reqwest::Error| error.without_url().to_string();
    let client = Client::builder().timeout(CALL).redirect(redirect::Policy::none()).build().map_err(hide)?;
    let id = format!("staff_{}", word.id);
    let seconds = now.0.div_euclid(1_000);
    let body = body(word);
    let signature = webhook.key.sign(&id, seconds, body.as_bytes());
    let request = client
        .post(webhook.url.clone())
        .header("content-type", "application/json")
        .header(header::ID, id)
        .header(header::TIMESTAMP, seconds.to_string())
        .header(header::SIGNATURE, signature)
        .body(body);
    let status = request.send().await.map_err(hide)?.status();
    if status.is_success() { Ok(()) } else { Err(format!("it answered {}", status.as_u16())) }
}

fn body(word: &Word) -> String {
    let mut parts = word.subject.splitn(3, '/').skip(1);
    let (campaign, step) = (parts.next().filter(|campaign| !campaign.is_empty()), parts.next());
    json!({"type": "staff.told", "timestamp": word.at.rfc3339(),
           "data": {"campaign": campaign, "step": step, "text": word.text}})
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_says_where_it_comes_from() {
        let word = Word { id: 7, subject: "12/after-order/unhappy".to_owned(), text: "سلام".to_owned(), at: At(0) };
        let said: serde_json::Value = serde_json::from_str(&body(&word)).unwrap();
        assert_eq!(said["data"]["campaign"], "after-order");
        assert_eq!(said["data"]["step"], "unhappy");
        assert_eq!(said["timestamp"], "1970-01-01T00:00:00Z");
    }
}
