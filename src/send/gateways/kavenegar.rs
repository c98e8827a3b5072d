//! Kavenegar's REST service, as documented at <https://kavenegar.com/rest.html>.
//!
//! Texts go by `sms/send` under our own reference (`localid`), so a second hand-over of the same reference within twelve hours
//! returns the first record and sends nothing; several by `sms/sendarray` in the same way. Templates go by `verify/lookup`,
//! which knows no reference.

mod codes;
mod lists;
mod many;
mod tokens;
mod wire;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use url::Url;

use self::codes::{NOT_KNOWN, TABLE};
use self::wire::{Reply, Stray, Wire};
use super::callback;
use super::codes::{answer as consequence, explain, lookup};
use super::loose::{self, Object, whole_number};
use super::stray;
use super::tokens::TokenRules;
use super::unread::Unread;
use super::wire::{Lost, Patience, SetupProblem, never_arrived};
use crate::money::{Currency, Money};
use crate::phone::Phone;
use crate::secret::Secret;
use crate::send::gateway::{
    Abilities, Answer, Body, Delivery, Gateway, Inbound, Known, Outgoing, Page, Push, Receipt, Refusal, Refuser,
    Report, Soon, Sought, Tally, Trouble,
};

/// Where Kavenegar answers.
pub const BASE: &str = "https://api.kavenegar.com";

/// What `verify/lookup` takes.
pub const TOKENS: TokenRules = tokens::RULES;

const REFERENCES_LIVE: Duration = Duration::from_hours(12);
const MOST_IDS: usize = 500;

/// How often one hand-over is tried when Kavenegar answers 402 ("operation failed") or 409 ("server cannot answer now"), always
/// under the same reference.
const TRIES: usize = 3;

const NO_MESSAGE: &str = "kavenegar says 200 and names no message";

/// What a connection to one account needs.
#[derive(Debug, Clone)]
pub struct KavenegarOptions {
    pub key: Secret,
    /// `https`, or `http` to this machine only. `None`: [`BASE`].
    pub base: Option<Url>,
    /// The line to send from; the account's own default line without it.
    pub sender: Option<String>,
    pub patience: Patience,
}

impl KavenegarOptions {
    /// The real service, from the account's default line.
    #[must_use]
    pub fn new(key: Secret) -> Self {
        Self { key, base: None, sender: None, patience: Patience::default() }
    }
}

/// One account at Kavenegar.
pub struct Kavenegar {
    wire: Wire,
    sender: Option<String>,
    arrays: many::Arrays,
    unread: Unread,
}

impl fmt::Debug for Kavenegar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kavenegar").field("sender", &self.sender).finish_non_exhaustive()
    }
}

/// The outcome of one try.
enum Verdict {
    Settled(Answer),
    /// Code 402 or 409: accepted or not, and another try under the same reference does no harm.
    Doubtful(String),
}

impl Kavenegar {
    /// Makes no call yet.
    ///
    /// # Errors
    /// [`SetupProblem`], without the key in it.
    pub fn new(options: KavenegarOptions) -> Result<Self, SetupProblem> {
        let KavenegarOptions { key, base, sender, patience } = options;
        let base = super::wire::base("kavenegar", base, BASE)?;
        Ok(Self {
            wire: Wire::new(base, key, patience)?,
            sender: sender.filter(|line| !line.trim().is_empty()),
            arrays: many::Arrays::default(),
            unread: Unread::default(),
        })
    }

    async fn send_text(&self, reference: i64, to: &Phone, text: &str) -> Answer {
        if !to.is_iranian() {
            return Answer::Refused(Refusal::Never {
                why: "kavenegar sends texts to Iranian numbers only; others need a template".to_owned(),
            });
        }
        let mut form =
            vec![("receptor", receptor(to)), ("message", text.to_owned()), ("localid", reference.to_string())];
        form.extend(self.sender.iter().map(|line| ("sender", line.clone())));

        let mut doubt = None;
        for _ in 0..TRIES {
            match self.hand_over("sms/send", &form, None).await {
                Verdict::Settled(answer) if doubt.is_none() => return answer,
                Verdict::Settled(accepted @ Answer::Accepted(_)) => return accepted,
                // A refusal now does not undo what an earlier try may have started.
                Verdict::Settled(_) => break,
                Verdict::Doubtful(why) => doubt = Some(why),
            }
        }
        Answer::Open(doubt.unwrap_or_default())
    }

    async fn send_template(&self, to: &Phone, name: &str, tokens: &BTreeMap<String, String>) -> Answer {
        let tokens = match tokens::fields(tokens) {
            Ok(tokens) => tokens,
            Err(problem) => {
                return Answer::Refused(Refusal::Mistake { why: format!("template {name}: {problem}") });
            }
        };
        let mut form = vec![("receptor", receptor(to)), ("template", name.to_owned())];
        form.extend(tokens);
        match self.hand_over("verify/lookup", &form, Some(name)).await {
            Verdict::Settled(answer) => answer,
            Verdict::Doubtful(why) => Answer::Open(why),
        }
    }

    async fn hand_over(&self, method: &str, form: &[(&str, String)], template: Option<&str>) -> Verdict {
        match self.entries(method, form, template).await {
            Ok(entries) => Verdict::Settled(
                loose::objects(&entries)
                    .and_then(|rows| receipt(rows.first()?))
                    .map_or_else(|| Answer::Open(NO_MESSAGE.to_owned()), Answer::Accepted),
            ),
            Err(verdict) => verdict,
        }
    }

    /// What Kavenegar took, or why it took nothing.
    async fn entries(&self, method: &str, form: &[(&str, String)], template: Option<&str>) -> Result<String, Verdict> {
        let settled = |answer| Err(Verdict::Settled(answer));
        match self.wire.call(method, form).await {
            Err(lost) => settled(lost.answer()),
            Ok(Reply::Envelope { code: 200, entries: Some(entries), .. }) => Ok(entries),
            Ok(Reply::Envelope { code: 200, entries: None, .. }) => settled(Answer::Open(NO_MESSAGE.to_owned())),
            Ok(Reply::Envelope { code, http, .. }) => {
                let why = format!("kavenegar: {}", explain(TABLE, code));
                match lookup(TABLE, code).map(|row| consequence(row.action, why.clone(), template)) {
                    Some(Answer::Open(why)) => Err(Verdict::Doubtful(why)),
                    Some(answer) => settled(answer),
                    None => settled(never_arrived(http).map_or(Answer::Open(why), Answer::Refused)),
                }
            }
            Ok(Reply::Cut(why)) => settled(Answer::Open(why)),
            Ok(Reply::Stray(stray)) => Err(judge_stray(stray, template)),
        }
    }

    async fn ask(&self, method: &str, form: &[(&str, String)]) -> Result<String, Trouble> {
        said(method, self.wire.call(method, form).await)
    }

    async fn rows(&self, method: &str, field: &str, ids: &[String]) -> Result<Vec<Object>, Trouble> {
        let entries = self.ask(method, &[(field, ids.join(","))]).await?;
        loose::objects(&entries).ok_or_else(|| Trouble::Unreadable(format!("{method} gives entries that are no list")))
    }

    async fn one(&self, method: &str) -> Result<Object, Trouble> {
        let entries = self.ask(method, &[]).await?;
        let mut rows = loose::objects(&entries).unwrap_or_default();
        rows.pop().ok_or_else(|| Trouble::Unreadable(format!("{method} gives entries that are no object")))
    }
}

/// What a question was answered with.
fn said(method: &str, reply: Result<Reply, Lost>) -> Result<String, Trouble> {
    match reply {
        Err(lost) => Err(lost.trouble()),
        Ok(Reply::Envelope { code: 200, entries: Some(entries), .. }) => Ok(entries),
        Ok(Reply::Envelope { code: 200, entries: None, .. }) => {
            Err(Trouble::Unreadable(format!("{method} says 200 and gives no entries")))
        }
        Ok(Reply::Envelope { code, .. }) => Err(Trouble::Refused { code, why: explain(TABLE, code) }),
        Ok(Reply::Cut(why) | Reply::Stray(Stray { why, .. })) => Err(Trouble::Unreadable(why)),
    }
}

/// What an answer without a readable envelope says of the message. Its HTTP status repeats Kavenegar's code if it is Kavenegar's;
/// what stands between has 404s and 411s of its own.
fn judge_stray(stray: Stray, template: Option<&str>) -> Verdict {
    let Stray { http, from_kavenegar, why } = stray;
    let code = i64::from(http);
    let row = lookup(TABLE, code).filter(|_| (400..500).contains(&http));
    match row.map(|row| consequence(row.action, format!("kavenegar: {}", explain(TABLE, code)), template)) {
        // May have been taken, should the words have been Kavenegar's after all.
        Some(Answer::Open(_)) => Verdict::Doubtful(why),
        Some(answer) if from_kavenegar => Verdict::Settled(answer),
        _ => Verdict::Settled(stray::judge(http, why)),
    }
}

fn receipt(entry: &Object) -> Option<Receipt> {
    Some(Receipt {
        gateway_id: message_id(entry)?,
        cost: entry.number("cost").filter(|cost| *cost >= 0).map(rial),
        state: entry.number("status").map_or(Delivery::Queued, |status| codes::delivery(status).0),
    })
}

fn message_id(entry: &Object) -> Option<String> {
    entry.scalar("messageid").filter(|id| !matches!(id.trim(), "" | "0"))
}

fn report(gateway_id: Option<String>, reference: Option<i64>, status: i64) -> Report {
    let (state, refunded) = codes::delivery(status);
    Report { gateway_id, reference, state, cost: None, refunded, opted_out: false, stop: None }
}

fn rial(amount: i64) -> Money {
    Money { minor: amount, currency: Currency::IRR }
}

fn receptor(phone: &Phone) -> String {
    if phone.is_iranian() {
        return phone.national();
    }
    format!("00{}", phone.e164().trim_start_matches('+'))
}

fn warnings(config: &Object, has_sender: bool) -> Vec<String> {
    let on = |name| {
        config.scalar(name).is_some_and(|value| matches!(value.to_ascii_lowercase().as_str(), "enabled" | "true" | "1"))
    };
    let mut warnings = Vec::new();
    if on("debugmode") {
        warnings.push(
            "kavenegar's debug mode is on: messages are taken and cancelled, none is sent; turn it off in the panel"
                .to_owned(),
        );
    }
    if on("resendfailed") {
        warnings.push("kavenegar itself sends undelivered messages again: people may get a text twice or after its hour; turn it off in the panel".to_owned());
    }
    if !has_sender && config.scalar("defaultsender").is_none_or(|line| line.trim().is_empty()) {
        warnings.push(
            "no sender line is set, here or as the account's default: texts will be refused; set sender".to_owned(),
        );
    }
    warnings
}

impl Gateway for Kavenegar {
    fn name(&self) -> &'static str {
        "kavenegar"
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            finds: Some(REFERENCES_LIVE),
            dedupes: Some(REFERENCES_LIVE),
            max_batch: self.most_texts(),
            max_status_batch: MOST_IDS,
            polls_delivery: true,
            polls_inbound: true,
            polls_refusers: true,
            templates: true,
        }
    }

    fn send<'a>(&'a self, message: &'a Outgoing) -> Soon<'a, Answer> {
        Box::pin(async move {
            match &message.body {
                Body::Text(text) => self.send_text(message.reference, &message.to, text).await,
                Body::Template { name, tokens } => self.send_template(&message.to, name, tokens).await,
            }
        })
    }

    fn send_many<'a>(&'a self, messages: &'a [Outgoing]) -> Soon<'a, Vec<Answer>> {
        Box::pin(self.send_texts(messages))
    }

    fn reaches(&self, to: &Phone, template: bool) -> bool {
        to.is_iranian() || template
    }

    fn find<'a>(&'a self, sought: &'a [Sought]) -> Soon<'a, Result<Vec<(i64, Known)>, Trouble>> {
        Box::pin(async move {
            let mut known = Vec::with_capacity(sought.len());
            for batch in sought.chunks(MOST_IDS) {
                let ids: Vec<String> = batch.iter().map(|message| message.reference.to_string()).collect();
                // Not there is what Kavenegar says not to be there; of what it says nothing about, nothing is known.
                let mut told = BTreeMap::new();
                for row in self.rows("sms/statuslocalmessageid", "localid", &ids).await? {
                    match (row.number("localid"), row.number("status")) {
                        (Some(reference), Some(NOT_KNOWN)) if self.arrays.can_miss(reference) => {
                            told.entry(reference).or_insert(Known::NotFound);
                        }
                        (_, Some(NOT_KNOWN)) => {}
                        (Some(reference), Some(status)) => {
                            let report = report(message_id(&row), Some(reference), status);
                            told.insert(reference, Known::Found(report));
                        }
                        _ => {}
                    }
                }
                known.extend(
                    batch.iter().map(|m| (m.reference, told.remove(&m.reference).unwrap_or(Known::CannotTell))),
                );
            }
            Ok(known)
        })
    }

    fn states<'a>(&'a self, gateway_ids: &'a [String]) -> Soon<'a, Result<Vec<Report>, Trouble>> {
        Box::pin(async move {
            let mut reports = Vec::with_capacity(gateway_ids.len());
            for batch in gateway_ids.chunks(MOST_IDS) {
                for row in self.rows("sms/status", "messageid", batch).await? {
                    if let (Some(id), Some(status)) = (message_id(&row), row.number("status")) {
                        reports.push(report(Some(id), None, status));
                    }
                }
            }
            Ok(reports)
        })
    }

    fn inbound<'a>(&'a self, cursor: Option<&'a str>) -> Soon<'a, Result<Page<Inbound>, Trouble>> {
        Box::pin(self.replies(cursor))
    }

    fn refusers<'a>(&'a self, cursor: Option<&'a str>) -> Soon<'a, Result<Page<Refuser>, Trouble>> {
        Box::pin(self.blocked(cursor))
    }

    fn tally(&self, from_unix: i64, to_unix: i64) -> Soon<'_, Result<Option<Tally>, Trouble>> {
        Box::pin(self.counted(from_unix, to_unix))
    }

    fn balance(&self) -> Soon<'_, Result<Option<Money>, Trouble>> {
        Box::pin(async move {
            let credit = self.one("account/info").await?.number("remaincredit");
            credit
                .map(|credit| Some(rial(credit)))
                .ok_or_else(|| Trouble::Unreadable("account/info names no remaincredit".to_owned()))
        })
    }

    fn look(&self) -> Soon<'_, Result<Vec<String>, Trouble>> {
        // Without parameters this call reads; with any it would write.
        Box::pin(async move { Ok(warnings(&self.one("account/config").await?, self.sender.is_some())) })
    }

    fn delivery_push(&self, push: &Push) -> Result<Vec<Report>, Trouble> {
        let missing = |what: &str| Trouble::Unreadable(format!("delivery callback names no {what}"));
        let report_of = |row: &callback::Row| {
            let id = row.get(&["messageid"]).map(str::trim).filter(|id| !matches!(*id, "" | "0")).map(str::to_owned);
            let reference = row.get(&["localid"]).and_then(whole_number).filter(|reference| *reference > 0);
            if id.is_none() && reference.is_none() {
                return Err(missing("messageid"));
            }
            let status = row.get(&["status"]).ok_or_else(|| missing("status"))?;
            Ok(report(id, reference, whole_number(status).unwrap_or(NOT_KNOWN)))
        };
        callback::read(push, report_of)
    }

    fn inbound_push(&self, push: &Push) -> Result<Vec<Inbound>, Trouble> {
        let missing = |what: &str| Trouble::Unreadable(format!("inbound callback names no {what}"));
        let inbound_of = |row: &callback::Row| {
            let filled =
                |names: &[&str]| row.get(names).map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned);
            Ok(Inbound {
                gateway_id: filled(&["messageid"]),
                from: filled(&["from", "sender"]).ok_or_else(|| missing("sender"))?,
                to: filled(&["to", "receptor"]),
                text: row.get(&["message"]).ok_or_else(|| missing("message"))?.to_owned(),
                at_unix: row.get(&["date"]).and_then(whole_number),
            })
        };
        callback::read(push, inbound_of)
    }
}
