//! `[gateway.http]`: any other provider by its description. What could not work is said here, at its place, and not at the first
//! message.

use std::str::FromStr;

use super::{IRAN, Kind, Read};
use crate::document::{Found, Key, Shape, Table};
use crate::money::Currency;
use crate::problem::Code;
use crate::secret::Secret;
use crate::send::gateway::Delivery;
use crate::send::gateways::http::{
    Action, Call, CallProblem, DeliveryFields, HttpOptions, InboundFields, Method, NumberForm, Path, Payload, Place,
    Reading, States, StatusQuestion, Template, Told, header_name,
};
use crate::send::gateways::wire::Patience;
use crate::settings::check::{Check, SecretPlaces};
use crate::settings::model::Which;

static SHAPE: Shape = Shape {
    name: "[gateway.http]",
    keys: provider_keys![
        Key("key", &["api_key", "token", "password"]),
        Key("key_file", &["api_key_file"]),
        Key("sender", &["line", "from"]),
        Key("number", &["number_format", "phone"]),
        Key("send", &["request"]),
        Key("balance", &["credit"]),
        Key("status", &["state"]),
        Key("delivery", &["delivery_callback"]),
        Key("inbound", &["inbound_callback", "replies"]),
    ],
};

/// The keys of every request.
macro_rules! call_keys {
    ($($own:expr),* $(,)?) => {
        &[
            Key("url", &["address"]),
            Key("method", &["verb"]),
            Key("headers", &["header"]),
            Key("form", &["fields"]),
            Key("json", &["body"]),
            $($own,)*
        ]
    };
}

static SEND: Shape = Shape {
    name: "[gateway.http.send]",
    keys: call_keys![
        Key("success_http", &["success_status"]),
        Key("success_at", &["success"]),
        Key("success_is", &["success_value"]),
        Key("id_at", &["id", "id_path"]),
        Key("cost_at", &["cost"]),
        Key("error_at", &["error", "error_path"]),
        Key("errors", &["codes"]),
    ],
};

static BALANCE: Shape = Shape { name: "[gateway.http.balance]", keys: call_keys![Key("at", &["path"])] };

static STATUS: Shape =
    Shape { name: "[gateway.http.status]", keys: call_keys![Key("at", &["path"]), Key("states", &["map"])] };

static DELIVERY: Shape = Shape {
    name: "[gateway.http.delivery]",
    keys: &[Key("id", &[]), Key("reference", &[]), Key("state", &["status"]), Key("states", &["map"])],
};

static INBOUND: Shape = Shape {
    name: "[gateway.http.inbound]",
    keys: &[Key("from", &["sender"]), Key("text", &["message"]), Key("to", &["line"]), Key("id", &[])],
};

/// The tables inside this provider's table.
pub(super) static TABLES: [&Shape; 5] = [&SEND, &BALANCE, &STATUS, &DELIVERY, &INBOUND];

const KEY: SecretPlaces =
    SecretPlaces { environment: "BAZGASHT_HTTP_KEY", credential: "http-key", key: "key", file_key: "key_file" };

pub(super) static KIND: Kind = Kind {
    name: "http",
    shape: &SHAPE,
    needs: "`price_persian`, `price_latin` and a table [gateway.http.send]",
    read,
    secrets: &[KEY],
    line: IRAN,
};

const STATES: [(&str, Delivery); 6] = [
    ("queued", Delivery::Queued),
    ("sent", Delivery::Sent),
    ("delivered", Delivery::Delivered),
    ("failed", Delivery::Failed),
    ("blocked", Delivery::Blocked),
    ("unknown", Delivery::Unknown),
];

fn read(check: &Check<'_>, table: &Table<'_>, in_use: bool) -> Option<Read> {
    let forms = [("e164", NumberForm::E164), ("national", NumberForm::National), ("00", NumberForm::DoubleZero)];
    let number = table.text("number").and_then(|found| check.problems.word("number", &found, &forms));
    let send =
        table.needed_table("send", &SEND, "add a table [gateway.http.send] with `url`, and what an answer means");
    let send = send.and_then(|send| Some((check.sending(&send)?, check.reading(&send))));
    let status = table.table("status", &STATUS).and_then(|status| {
        let call = check.call(&status, &[Place::Id, Place::Key, Place::Sender], &[Place::Id]);
        let at = check.needed_path_at(&status, "at", "write where the state stands: `at = \"result.state\"`");
        let states = check.states(&status);
        Some(StatusQuestion { call: call?, at: at?, states })
    });
    let balance = table.table("balance", &BALANCE).and_then(|balance| {
        let call = check.call(&balance, &[Place::Key, Place::Sender], &[]);
        let at = check.needed_path_at(&balance, "at", "write where the sum stands: `at = \"result.credit\"`");
        Some((call?, at?))
    });
    if let (Some(_), Some((_, Reading { id: None, .. }))) = (&status, &send) {
        let help = "write in [gateway.http.send] where the id stands: `id_at = \"result.id\"`";
        check.problems.add(
            Code::Conflict,
            &table.key_span("status"),
            "a state is asked for by the provider's id, but none is read",
            help,
        );
    }
    let words = table.text("opt_out_tail").map(|tail| tail.value);
    let offers_a_reply = table.text("tail").is_none_or(|tail| tail.value == "append")
        && words.is_none_or(|words| !words.trim().is_empty());
    if in_use && offers_a_reply && !table.has("inbound") {
        check.problems.add(
            Code::DeafLine,
            &table.key_span("opt_out_tail"),
            "texts say how to opt out by a reply, but replies to this line are not heard",
            "describe the provider's call in [gateway.http.inbound], or write `tail = \"link\"`: then the stop link ends the texts",
        );
    }
    let delivery = table.table("delivery", &DELIVERY).and_then(|fields| check.delivery_fields(&fields));
    if let (Some(fields), Some((call, reading))) = (&delivery, &send) {
        let conflict = |what: &str, help: &str| {
            check.problems.add(Code::Conflict, &table.key_span("delivery"), what, help);
        };
        if fields.id.is_some() && reading.id.is_none() {
            let help = "write in [gateway.http.send] where the id stands (`id_at`), or name the field with ours in `reference`";
            conflict("deliveries are told by the provider's id, but none is read", help);
        }
        if fields.reference.is_some() && !call.has(Place::Reference) {
            let help = "put {reference} into the request of [gateway.http.send], or take `reference` out";
            conflict("deliveries are told by our reference, but the request has none", help);
        }
    }
    let inbound = table.table("inbound", &INBOUND).and_then(|fields| inbound_fields(&fields));

    let calls =
        [send.as_ref().map(|(call, _)| call), balance.as_ref().map(|(call, _)| call), status.as_ref().map(|s| &s.call)];
    let wants = |place| calls.iter().flatten().any(|call| call.has(place));
    let (key, holds_secret) = check.any_key(table, in_use && wants(Place::Key));
    let help = "a request has {sender}: write the line's number, `sender = \"1000\"`";
    let sender = Check::provider_text(table, "sender", help, in_use && wants(Place::Sender));
    let currency = table.text("currency").and_then(|found| Currency::from_str(&found.value).ok());
    let (send, reading) = send?;
    let options = HttpOptions {
        key,
        sender: sender.unwrap_or_default(),
        number: number.unwrap_or(NumberForm::E164),
        currency: currency.unwrap_or(KIND.line.currency),
        send,
        reading,
        balance,
        status,
        delivery,
        inbound,
        patience: Patience::default(),
    };
    Some(Read { which: Which::Http(Box::new(options)), holds_secret })
}

impl Check<'_> {
    /// Any text is a key here: some providers want passwords.
    fn any_key(&self, table: &Table<'_>, needed: bool) -> (Secret, bool) {
        let (found, holds_secret) = self.secret(table, &KEY);
        let key = found.map(|(key, _)| key).filter(|key| !key.is_empty());
        if key.is_none() && needed && !table.has(KEY.file_key) {
            let help = "a request has {key}: write `key_file = \"…\"`, or give it in $BAZGASHT_HTTP_KEY or as the credential http-key";
            table.missing(KEY.key, help);
        }
        (key.unwrap_or_else(|| Secret::new("")), holds_secret)
    }

    fn sending(&self, table: &Table<'_>) -> Option<Call> {
        let all = [Place::To, Place::Text, Place::Reference, Place::Key, Place::Sender];
        self.call(table, &all, &[Place::To, Place::Text])
    }

    /// A request, in which only these places may stand, and some must.
    fn call(&self, table: &Table<'_>, allowed: &[Place], needed: &[Place]) -> Option<Call> {
        let fill = |found: &Found<String>, key: &str| self.template(found, key, allowed);
        let url = table.needed_text("url", "write the address to call: `url = \"https://sms.example/send\"`");
        let (form, json) = (table.named_texts("form"), table.text("json"));
        if let (Some(_), Some(json)) = (&form, &json) {
            let help = "keep the one that the provider takes";
            self.problems.add(Code::Conflict, &json.span, "both `form` and `json` are there", help);
        }
        let has_payload = form.is_some() || json.is_some();
        let said = table.text("method").and_then(|found| {
            let words = [("GET", Method::Get), ("POST", Method::Post)];
            let method = self.problems.word("method", &found, &words);
            if method == Some(Method::Get) && has_payload {
                let help = "write `method = \"POST\"`, or put the fields behind the address: `?to={to}&text={text}`";
                self.problems.add(Code::Conflict, &found.span, "a GET has no form or JSON", help);
            }
            method
        });
        let payload = match (form, &json) {
            (_, Some(json)) => fill(json, "json").map(Payload::Json),
            (Some(form), None) => {
                let fields = form.iter().map(|(name, value)| Some((name.value.clone(), fill(value, &name.value)?)));
                fields.collect::<Vec<_>>().into_iter().collect::<Option<Vec<_>>>().map(Payload::Form)
            }
            (None, None) => Some(Payload::Nothing),
        };
        let headers = table.named_texts("headers").unwrap_or_default().into_iter().map(|(name, value)| {
            let filled = fill(&value, &name.value);
            let Some(known) = header_name(&name.value) else {
                let what = format!("header {:?} has characters that no header's name has", name.value);
                self.problems.add(
                    Code::BadValue,
                    &name.span,
                    what,
                    "write its name alone, such as `X-Api-Key = \"{key}\"`",
                );
                return None;
            };
            Some((known, filled?))
        });
        let headers: Option<Vec<_>> = headers.collect::<Vec<_>>().into_iter().collect();
        let url = url?;
        let call = Call {
            method: said.unwrap_or(if has_payload { Method::Post } else { Method::Get }),
            url: fill(&url, "url")?,
            headers: headers?,
            payload: payload?,
        };
        if let Err(problem) = call.check() {
            let place = match (&problem, &json) {
                (CallProblem::NoJson(_), Some(json)) => json.span.clone(),
                (CallProblem::JsonInForm(_), _) => table.key_span("form"),
                _ => url.span.clone(),
            };
            let help = match problem {
                CallProblem::JsonInForm(_) => "send the request as `json`, or ask the provider for plain fields",
                CallProblem::NoJson(_) => "put quotes around places: {\"to\": \"{to}\"}",
                _ => "write it such as `url = \"https://sms.example/send\"`",
            };
            self.problems.add(Code::BadValue, &place, problem.to_string(), help);
            return None;
        }
        for (place, word) in [(Place::To, "{to}"), (Place::Text, "{text}"), (Place::Id, "{id}")] {
            if needed.contains(&place) && !call.has(place) {
                let help = format!("put {word} where the provider wants it, in the address, the form or the JSON");
                self.problems.add(Code::MissingKey, &url.span, format!("the request says {word} nowhere"), help);
            }
        }
        Some(call)
    }

    fn template(&self, found: &Found<String>, key: &str, allowed: &[Place]) -> Option<Template> {
        let bad = |what: String| {
            self.problems.add(Code::UnknownPlaceholder, &found.span, what, "see the list in docs/settings.md");
            None
        };
        let template = match Template::parse(&found.value) {
            Ok(template) => template,
            Err(problem) => return bad(format!("`{key}`: {problem}")),
        };
        let all = [Place::To, Place::Text, Place::Reference, Place::Key, Place::Sender, Place::Id];
        match all.into_iter().find(|place| template.has(*place) && !allowed.contains(place)) {
            Some(place) => {
                bad(format!("`{key}` has a place that this request does not know: {place:?}").to_lowercase())
            }
            None => Some(template),
        }
    }

    fn reading(&self, table: &Table<'_>) -> Reading {
        let success_http = table.text_or_texts("success_http").into_iter().filter_map(|found| {
            let status = http_status(&found.value);
            if status.is_none() {
                let what = format!("`success_http` has {:?}, which is no HTTP status", found.value);
                self.problems.add(
                    Code::BadValue,
                    &found.span,
                    what,
                    "write it such as `success_http = [\"200\", \"201\"]`",
                );
            }
            status
        });
        let success_http = success_http.collect();
        let success_at = self.path_at(table, "success_at");
        let wanted: Vec<String> =
            table.text_or_texts("success_is").into_iter().map(|found| found.value.trim().to_owned()).collect();
        match (table.has("success_at"), table.has("success_is")) {
            (true, false) => {
                table.missing("success_is", "write what stands there after a success: `success_is = [\"0\"]`");
            }
            (false, true) => table.missing("success_at", "write where it stands: `success_at = \"result.code\"`"),
            _ => {}
        }
        let id = self.path_at(table, "id_at");
        if !table.has("success_at") && !table.has("id_at") && !table.has("success_http") {
            let help = "write `success_at` and `success_is`, or `id_at`, or at least `success_http`";
            table.missing("success_at", help);
        }
        let (error, errors) = (self.path_at(table, "error_at"), self.errors(table));
        if id.is_some() && id == error && success_at.is_none() {
            let what = "`id_at` and `error_at` are one place: an error that is not described would pass for an id";
            let help = "write `success_at` and `success_is`, or take `error_at` out: then no code is looked for";
            self.problems.add(Code::Conflict, &table.key_span("error_at"), what, help);
        }
        // A code whose word is not known is described all the same; that was said.
        let written = table.named_texts("errors").unwrap_or_default();
        let by_code = written.iter().any(|(name, _)| !name.value.trim().starts_with("http "));
        match (table.has("error_at"), by_code) {
            (false, true) => table.missing("error_at", "write where the code stands: `error_at = \"result.code\"`"),
            (true, false) => {
                let help = "say what each code means: `errors = { 17 = \"never\", 5 = \"credit\" }`";
                self.problems.add(
                    Code::MissingKey,
                    &table.key_span("error_at"),
                    "no code is described, so all of them leave messages open",
                    help,
                );
            }
            _ => {}
        }
        Reading {
            success_http,
            success: success_at.map(|at| (at, wanted)),
            id,
            cost: self.path_at(table, "cost_at"),
            error,
            errors,
        }
    }

    /// `17 = "never"`, `"http 429" = "retry"`.
    fn errors(&self, table: &Table<'_>) -> Vec<(Told, Action)> {
        let written = table.named_texts("errors").unwrap_or_default().into_iter();
        let errors = written.filter_map(|(name, word)| {
            let action = self.problems.word(&name.value, &word, Action::WORDS);
            let told = match name.value.trim().strip_prefix("http ") {
                None => Told::Code(name.value.trim().to_owned()),
                Some(status) => {
                    let known = http_status(status).filter(|status| !(200..300).contains(status));
                    let Some(known) = known else {
                        let what = format!("{:?} is no HTTP status of an error", name.value);
                        self.problems.add(
                            Code::BadValue,
                            &name.span,
                            what,
                            "write it such as `\"http 429\" = \"retry\"`",
                        );
                        return None;
                    };
                    if known >= 500 && action.is_some_and(|action| action != Action::Uncertain) {
                        self.problems.add(
                            Code::BadValue,
                            &word.span,
                            format!("{:?} is {:?}: after a 5xx the text may have been taken", name.value, word.value),
                            "write \"uncertain\", or take it out: anything else could send the text twice",
                        );
                    }
                    Told::Http(known)
                }
            };
            Some((told, action?))
        });
        errors.collect()
    }

    fn path_at(&self, table: &Table<'_>, key: &str) -> Option<Path> {
        self.read(table, key, "a place in an answer", "result.id", Path::from_str)
    }

    fn needed_path_at(&self, table: &Table<'_>, key: &str, help: &str) -> Option<Path> {
        if !table.has(key) {
            table.missing(key, help);
        }
        self.path_at(table, key)
    }

    fn states(&self, table: &Table<'_>) -> States {
        if !table.has("states") {
            table.missing(
                "states",
                "say what the provider's words mean: `states = { 2 = \"delivered\", 3 = \"failed\" }`",
            );
        }
        let written = table.named_texts("states").unwrap_or_default().into_iter();
        let states = written.filter_map(|(name, word)| {
            let state = self.problems.word(&name.value, &word, &STATES)?;
            Some((name.value.trim().to_owned(), state))
        });
        States(states.collect())
    }

    fn delivery_fields(&self, table: &Table<'_>) -> Option<DeliveryFields> {
        let text = |key: &str| table.text(key).map(|found| found.value);
        let (id, reference, states) = (text("id"), text("reference"), self.states(table));
        if id.is_none() && reference.is_none() {
            table.missing("id", "write the field with the provider's id, or in `reference` the one with ours");
        }
        let state = table.needed_text("state", "write the field with the state: `state = \"status\"`")?.value;
        Some(DeliveryFields { id, reference, state, states })
    }
}

fn inbound_fields(table: &Table<'_>) -> Option<InboundFields> {
    let text = |key: &str| table.text(key).map(|found| found.value);
    let from = table.needed_text("from", "write the field with the person's number: `from = \"sender\"`");
    let said = table.needed_text("text", "write the field with the text: `text = \"message\"`");
    Some(InboundFields { from: from?.value, text: said?.value, to: text("to"), id: text("id") })
}

fn http_status(text: &str) -> Option<u16> {
    text.trim().parse().ok().filter(|status| (100..600).contains(status))
}
