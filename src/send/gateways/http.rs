//! Any other provider, as the owner describes it: what is called, what an answer looks like, and what its codes mean.
//!
//! Nothing is guessed for the owner's good: a message is taken only when the description says so, surely refused only when a
//! code of it is described or the HTTP status alone proves it, and open in every other case.

mod path;
mod template;

use std::fmt;

use reqwest::RequestBuilder;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use url::Url;

pub use self::path::{NotAPath, Path};
pub use self::template::{Escape, Place, Template, TemplateProblem, Values};
use super::asking;
use super::callback::{self, Row};
use super::loose::whole_number;
use super::stray;
use super::tokens::{Names, TokenRules};
use super::wire::{Answered, Patience, SetupProblem, Wire, keeps_secrets};
use crate::money::{Currency, Money};
use crate::phone::Phone;
use crate::secret::Secret;
use crate::send::gateway::{
    Abilities, Answer, Body, Delivery, Gateway, Inbound, Outgoing, Push, Receipt, Refusal, Report, Soon, StopScope,
    Trouble,
};

const NAME: &str = "http";

/// Templates are not sent this way.
pub const TOKENS: TokenRules =
    TokenRules { most: Some(0), longest: None, names: Names::Free, forbidden: &[], links: false };

/// How numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberForm {
    /// `+989120000000`.
    E164,
    /// `09120000000`. Numbers of other countries cannot be told from it, so they are not written to.
    National,
    /// `00989120000000`.
    DoubleZero,
}

impl NumberForm {
    fn write(self, to: &Phone) -> String {
        match self {
            NumberForm::E164 => to.e164().to_owned(),
            NumberForm::National => to.national(),
            NumberForm::DoubleZero => format!("00{}", to.e164().trim_start_matches('+')),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
}

#[derive(Debug, Clone)]
pub enum Payload {
    Nothing,
    Form(Vec<(String, Template)>),
    /// JSON, with places between its quotes or in the place of a number.
    Json(Template),
}

/// `None`: no header is called that.
#[must_use]
pub fn header_name(text: &str) -> Option<HeaderName> {
    HeaderName::from_bytes(text.trim().as_bytes()).ok()
}

/// One request.
#[derive(Debug, Clone)]
pub struct Call {
    pub method: Method,
    pub url: Template,
    pub headers: Vec<(HeaderName, Template)>,
    pub payload: Payload,
}

/// Why a description gives no request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallProblem {
    #[error("url is no web address: {0}")]
    NoAddress(String),
    #[error("url must begin with https:// (http:// only to this machine), since the key travels with it")]
    Insecure,
    #[error("url has a place to fill in its host; only what stands behind the host can vary")]
    HostVaries,
    #[error("json is none once its places are filled: {0}")]
    NoJson(String),
    #[error(
        "form field {0:?} is JSON with a place between its quotes: a form does not escape it, and a text would break it"
    )]
    JsonInForm(String),
}

/// Values that break whatever is not escaped.
const SAMPLES: [Values<'static>; 2] = [
    Values { to: "+989120000000", text: "\"\\\n{س}", reference: "1", key: "k\"@/", sender: "1000", id: "7" },
    Values { to: "09120000001", text: "b", reference: "2", key: "c", sender: "d", id: "e" },
];

impl Call {
    #[must_use]
    pub fn has(&self, place: Place) -> bool {
        let in_payload = match &self.payload {
            Payload::Nothing => false,
            Payload::Form(fields) => fields.iter().any(|(_, value)| value.has(place)),
            Payload::Json(json) => json.has(place),
        };
        in_payload || self.url.has(place) || self.headers.iter().any(|(_, value)| value.has(place))
    }

    /// Fills it with made-up values.
    ///
    /// # Errors
    /// [`CallProblem`].
    pub fn check(&self) -> Result<(), CallProblem> {
        let [one, other] = SAMPLES;
        let address = |values| Url::parse(&self.url.fill(values, Escape::Address));
        let (one_url, other_url) = match (address(&one), address(&other)) {
            (Ok(one), Ok(other)) => (one, other),
            (Err(error), _) | (_, Err(error)) => return Err(CallProblem::NoAddress(error.to_string())),
        };
        if one_url.origin() != other_url.origin() {
            return Err(CallProblem::HostVaries);
        }
        if !keeps_secrets(&one_url) {
            return Err(CallProblem::Insecure);
        }
        if let Payload::Form(fields) = &self.payload {
            let is_json = |value: &Template, sample| {
                let filled = value.fill(sample, Escape::Nothing);
                filled.trim_start().starts_with(['{', '['])
                    && serde_json::from_str::<serde::de::IgnoredAny>(&filled).is_ok()
            };
            if let Some((name, _)) = fields.iter().find(|(_, value)| is_json(value, &other) && !is_json(value, &one)) {
                return Err(CallProblem::JsonInForm(name.clone()));
            }
        }
        if let Payload::Json(json) = &self.payload {
            // A national number's leading zero is no JSON number, so the second sample counts, too.
            for sample in [&one, &other] {
                let filled = json.fill(sample, Escape::Json);
                serde_json::from_str::<serde::de::IgnoredAny>(&filled)
                    .map_err(|error| CallProblem::NoJson(error.to_string()))?;
            }
        }
        Ok(())
    }
}

/// What an error code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Retry,
    Never,
    Stop,
    Credit,
    Blocked,
    Mistake,
    Uncertain,
}

impl Action {
    /// The words of the settings.
    pub const WORDS: &'static [(&'static str, Action)] = &[
        ("retry", Action::Retry),
        ("never", Action::Never),
        ("stop", Action::Stop),
        ("credit", Action::Credit),
        ("blocked", Action::Blocked),
        ("mistake", Action::Mistake),
        ("uncertain", Action::Uncertain),
    ];

    fn answer(self, why: String) -> Answer {
        Answer::Refused(match self {
            Action::Uncertain => return Answer::Open(why),
            Action::Retry => Refusal::Later { after: None, why },
            Action::Never => Refusal::Never { why },
            Action::Stop => Refusal::Stop { scope: StopScope::Account, why },
            Action::Credit => Refusal::Stop { scope: StopScope::Credit, why },
            Action::Blocked => Refusal::Blocked { why },
            Action::Mistake => Refusal::Mistake { why },
        })
    }

    /// Fails the message for good.
    fn burns(self) -> bool {
        matches!(self, Action::Never | Action::Blocked | Action::Mistake)
    }
}

/// What an error is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    Code(String),
    Http(u16),
}

/// How the answer to a hand-over is read.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Statuses of a success; empty: every 2xx.
    pub success_http: Vec<u16>,
    /// What must stand where.
    pub success: Option<(Path, Vec<String>)>,
    pub id: Option<Path>,
    /// In the line's currency.
    pub cost: Option<Path>,
    pub error: Option<Path>,
    pub errors: Vec<(Told, Action)>,
}

/// A question for one message's state.
#[derive(Debug, Clone)]
pub struct StatusQuestion {
    pub call: Call,
    pub at: Path,
    pub states: States,
}

/// The provider's words for states. A word that is not there says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct States(pub Vec<(String, Delivery)>);

impl States {
    fn of(&self, word: &str) -> Delivery {
        let found = self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(word.trim()));
        found.map_or(Delivery::Unknown, |(_, state)| *state)
    }
}

/// Names of the fields of a delivery callback.
#[derive(Debug, Clone)]
pub struct DeliveryFields {
    /// Of the provider's id, and of our reference: at least one.
    pub id: Option<String>,
    pub reference: Option<String>,
    pub state: String,
    pub states: States,
}

/// Names of the fields of a callback for a reply.
#[derive(Debug, Clone)]
pub struct InboundFields {
    pub from: String,
    pub text: String,
    pub to: Option<String>,
    pub id: Option<String>,
}

/// A provider's description.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// Empty where no request has `{key}`.
    pub key: Secret,
    pub sender: String,
    pub number: NumberForm,
    /// Of costs and of the balance.
    pub currency: Currency,
    pub send: Call,
    pub reading: Reading,
    pub balance: Option<(Call, Path)>,
    pub status: Option<StatusQuestion>,
    pub delivery: Option<DeliveryFields>,
    pub inbound: Option<InboundFields>,
    pub patience: Patience,
}

/// A provider that is known by its description only.
pub struct Http {
    options: HttpOptions,
    send: Wire,
    balance: Option<Wire>,
    status: Option<Wire>,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("sender", &self.options.sender).finish_non_exhaustive()
    }
}

impl Http {
    /// Makes no call yet.
    ///
    /// # Errors
    /// [`SetupProblem`], without the key in it.
    pub fn new(options: HttpOptions) -> Result<Self, SetupProblem> {
        let wire = |call: &Call| {
            call.check().map_err(|problem| SetupProblem::Other(format!("gateway http: {problem}")))?;
            let [sample, _] = SAMPLES;
            let address = Url::parse(&call.url.fill(&sample, Escape::Address));
            Wire::new(NAME, address.map_err(|_| SetupProblem::Insecure(NAME))?, options.patience)
        };
        let calls = [
            Some(&options.send),
            options.balance.as_ref().map(|(call, _)| call),
            options.status.as_ref().map(|s| &s.call),
        ];
        if options.key.expose().trim().is_empty() && calls.into_iter().flatten().any(|call| call.has(Place::Key)) {
            return Err(SetupProblem::NoKey(NAME));
        }
        let send = wire(&options.send)?;
        let balance = options.balance.as_ref().map(|(call, _)| wire(call)).transpose()?;
        let status = options.status.as_ref().map(|question| wire(&question.call)).transpose()?;
        Ok(Self { options, send, balance, status })
    }

    /// `None`: a value cannot stand where it should.
    fn request(&self, wire: &Wire, call: &Call, values: &Values<'_>) -> Option<RequestBuilder> {
        let values = &Values { key: self.options.key.expose().trim(), sender: &self.options.sender, ..*values };
        let address = Url::parse(&call.url.fill(values, Escape::Address)).ok()?;
        let mut request = match call.method {
            Method::Get => wire.get(address),
            Method::Post => wire.post(address),
        };
        request = match &call.payload {
            Payload::Nothing => request,
            Payload::Form(fields) => {
                let filled = fields.iter().map(|(name, value)| (name, value.fill(values, Escape::Nothing)));
                request.form(&filled.collect::<Vec<_>>())
            }
            Payload::Json(json) => {
                request.header(CONTENT_TYPE, "application/json").body(json.fill(values, Escape::Json))
            }
        };
        for (name, value) in &call.headers {
            let mut value = HeaderValue::from_str(&value.fill(values, Escape::Nothing)).ok()?;
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        Some(request)
    }

    async fn send_text(&self, reference: i64, to: &Phone, text: &str) -> Answer {
        if !self.reaches(to, false) {
            let why = "numbers are written as in Iran, so others are not written to; see `number`".to_owned();
            return Answer::Refused(Refusal::Never { why });
        }
        let (to, written) = (self.options.number.write(to), reference.to_string());
        let values = Values { to: &to, text, reference: &written, ..Values::default() };
        let Some(request) = self.request(&self.send, &self.options.send, &values) else {
            let why = "request cannot be built: a header holds what no header can".to_owned();
            return Answer::Refused(Refusal::Mistake { why });
        };
        match self.send.call(request).await {
            Err(lost) => lost.answer(),
            Ok(answered) => self.options.reading.judge(answered, reference, self.options.currency),
        }
    }

    async fn ask(&self, wire: &Wire, call: &Call, id: &str, at: &Path) -> Result<String, Trouble> {
        let request = self.request(wire, call, &Values { id, ..Values::default() });
        let request = request.ok_or_else(|| Trouble::Unreadable("request cannot be built".to_owned()))?;
        let Answered { http, body, whole } = wire.call(request).await.map_err(super::wire::Lost::trouble)?;
        whole.map_err(Trouble::Unreadable)?;
        if !(200..300).contains(&http) {
            return Err(Trouble::Refused { code: i64::from(http), why: format!("HTTP {http}") });
        }
        at.find(&body).ok_or_else(|| Trouble::Unreadable(format!("answer (HTTP {http}) has nothing at {at}")))
    }
}

impl Reading {
    /// What an answer says of the message that was handed over.
    fn judge(&self, answered: Answered, reference: i64, currency: Currency) -> Answer {
        let Answered { http, body, whole } = answered;
        if let Err(why) = whole {
            return Answer::Open(why);
        }
        let code = self.error.as_ref().and_then(|path| path.find(&body));
        let by_code = code.as_ref().and_then(|code| self.means(&Told::Code(code.clone())));
        let good_http =
            if self.success_http.is_empty() { (200..300).contains(&http) } else { self.success_http.contains(&http) };
        let good = good_http
            && match &self.success {
                Some((path, wanted)) => path.find(&body).is_some_and(|found| wanted.contains(&found)),
                // Where nothing else tells a success, a described error inside is none.
                None => by_code.is_none(),
            };
        if good && let Some(gateway_id) = self.message_id(&body, reference) {
            let cost = self.cost.as_ref().and_then(|path| path.find(&body));
            let cost = cost.and_then(|cost| Money::parse(&cost, currency).ok()).filter(|cost| cost.minor >= 0);
            return Answer::Accepted(Receipt { gateway_id, cost, state: Delivery::Queued });
        }
        if let (Some(action), Some(code)) = (by_code, &code) {
            return action.answer(format!("provider answers with code {code}"));
        }
        let why =
            format!("answer (HTTP {http}, {} bytes) is neither a success nor an error that is described", body.len());
        if !good_http && let Some(action) = self.means(&Told::Http(http)) {
            // A page of something on the way has a status, too.
            if action.burns() && self.speaks_json() && !body.trim_start().starts_with(['{', '[']) {
                return stray::judge(http, why);
            }
            return action.answer(format!("provider answers with HTTP {http}"));
        }
        if code.is_some() || good_http { Answer::Open(why) } else { stray::judge(http, why) }
    }

    fn means(&self, told: &Told) -> Option<Action> {
        self.errors.iter().find(|(known, _)| known == told).map(|(_, action)| *action)
    }

    /// Where the description names no place for it, our own reference stands in.
    fn message_id(&self, body: &str, reference: i64) -> Option<String> {
        match &self.id {
            None => Some(reference.to_string()),
            Some(path) => path.find(body).filter(|id| id != "0" && (!path.is_whole() || could_be_an_id(id))),
        }
    }

    fn speaks_json(&self) -> bool {
        let paths = [self.success.as_ref().map(|(path, _)| path), self.id.as_ref(), self.error.as_ref()];
        paths.into_iter().flatten().any(|path| !path.is_whole())
    }
}

/// Of a whole answer, which can be an error's code or words as well.
fn could_be_an_id(answer: &str) -> bool {
    let is_word = answer.chars().all(char::is_alphabetic);
    !is_word && !answer.starts_with('-') && !answer.contains(char::is_whitespace)
}

impl Gateway for Http {
    fn name(&self) -> &'static str {
        NAME
    }

    fn abilities(&self) -> Abilities {
        Abilities { polls_delivery: self.status.is_some(), ..Abilities::SEND_ONLY }
    }

    fn reaches(&self, to: &Phone, template: bool) -> bool {
        !template && (to.is_iranian() || self.options.number != NumberForm::National)
    }

    fn send<'a>(&'a self, message: &'a Outgoing) -> Soon<'a, Answer> {
        Box::pin(async move {
            match &message.body {
                Body::Text(text) => self.send_text(message.reference, &message.to, text).await,
                Body::Template { name, .. } => {
                    let why = format!("template {name}: gateway http is given texts only; write the step's text");
                    Answer::Refused(Refusal::Mistake { why })
                }
            }
        })
    }

    fn states<'a>(&'a self, gateway_ids: &'a [String]) -> Soon<'a, Result<Vec<Report>, Trouble>> {
        Box::pin(async move {
            let (Some(wire), Some(question)) = (&self.status, &self.options.status) else {
                return Err(Trouble::NotOffered);
            };
            asking::each(gateway_ids, |id| {
                Box::pin(async move {
                    let word = self.ask(wire, &question.call, id, &question.at).await?;
                    Ok(Some(Report::of(id, question.states.of(&word))))
                })
            })
            .await
        })
    }

    fn balance(&self) -> Soon<'_, Result<Option<Money>, Trouble>> {
        Box::pin(async move {
            let (Some(wire), Some((call, at))) = (&self.balance, &self.options.balance) else { return Ok(None) };
            let said = self.ask(wire, call, "", at).await?;
            let plain = said.replace([',', ' '], "");
            let balance = Money::parse(&plain, self.options.currency);
            balance.map(Some).map_err(|_| Trouble::Unreadable(format!("what stands at {at} is no sum")))
        })
    }

    fn delivery_push(&self, push: &Push) -> Result<Vec<Report>, Trouble> {
        let fields = self.options.delivery.as_ref().ok_or(Trouble::NotOffered)?;
        let report_of = |row: &Row| {
            let of = |name: &Option<String>| {
                let value = name.as_ref().and_then(|name| row.get(&[name]));
                value.map(str::trim).filter(|value| !matches!(*value, "" | "0")).map(str::to_owned)
            };
            let missing = |what: &str| Trouble::Unreadable(format!("delivery callback has no field {what}"));
            let reference = of(&fields.reference).as_deref().and_then(whole_number).filter(|reference| *reference > 0);
            // Without a place for the provider's id, our reference is what it goes by.
            let gateway_id = of(&fields.id).or_else(|| {
                reference.filter(|_| self.options.reading.id.is_none()).map(|reference| reference.to_string())
            });
            if gateway_id.is_none() && reference.is_none() {
                return Err(missing(fields.id.as_ref().or(fields.reference.as_ref()).map_or("id", String::as_str)));
            }
            let state = row.get(&[&fields.state]).ok_or_else(|| missing(&fields.state))?;
            Ok(Report { gateway_id, reference, ..Report::of("", fields.states.of(state)) })
        };
        callback::read(push, report_of)
    }

    fn inbound_push(&self, push: &Push) -> Result<Vec<Inbound>, Trouble> {
        let fields = self.options.inbound.as_ref().ok_or(Trouble::NotOffered)?;
        let inbound_of = |row: &Row| {
            let filled = |name: &str| row.get(&[name]).map(str::trim).filter(|v| !v.is_empty()).map(str::to_owned);
            let missing = |what: &str| Trouble::Unreadable(format!("inbound callback has no field {what}"));
            Ok(Inbound {
                gateway_id: fields.id.as_deref().and_then(filled),
                from: filled(&fields.from).ok_or_else(|| missing(&fields.from))?,
                to: fields.to.as_deref().and_then(filled),
                text: row.get(&[&fields.text]).ok_or_else(|| missing(&fields.text))?.to_owned(),
                at_unix: None,
            })
        };
        callback::read(push, inbound_of)
    }
}
