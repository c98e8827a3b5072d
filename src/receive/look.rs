//! `POST /v1/contacts/look`: what the shop may ask about a person, for its order and account screens and its connection test.
//!
//! Asked with a body, so that no number stands in an address. What is asked and answered is logged nowhere.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Result;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::event::Person;
use super::http::{Door, broken, refuse};
use crate::clock::At;
use crate::decide::steps;
use crate::money::{Currency, Money};
use crate::phone::{self, Phone};
use crate::rules::Rules;
use crate::schedule::due;
use crate::state::consent::Consent;
use crate::state::model::{
    Contact, Enrolment, EnrolmentState, Message, MessageState, OptOut, OptOutScope, Reason, Subject,
};
use crate::state::world::World;
use crate::store::log::{self, Mention, Since};
use crate::store::{SqlWorld, figures};

/// Largest body.
pub const MAX_BODY_BYTES: usize = 16 << 10;
/// Most rows of each list, and how many unless it is said.
const MOST: usize = 200;
const USUAL: usize = 50;

/// Who is meant, and how much of them. A number that can be read decides alone; without one the account does, and without
/// that the basket.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Ask {
    #[serde(default)]
    pub contact: Person,
    #[serde(default)]
    pub cart_key: Option<String>,
    /// Events after this one, the first of them; without it the newest.
    #[serde(default)]
    pub since: Option<i64>,
    #[serde(default)]
    pub limit: Option<u32>,
}

impl Ask {
    fn names_somebody(&self) -> bool {
        self.contact.phone.is_some()
            || self.contact.user_id.is_some()
            || self.cart_key.as_ref().is_some_and(|key| !key.is_empty())
    }

    fn most(&self) -> usize {
        self.limit.map_or(USUAL, |n| usize::try_from(n).unwrap_or(MOST)).clamp(1, MOST)
    }
}

/// The answer. Lists are empty and the rest null where nothing is known.
#[derive(Debug, Default, Serialize)]
pub struct Looked {
    known: bool,
    /// Also of a number that is not known any more.
    opted_out: Option<ToldOptOut>,
    consent: Option<ToldConsent>,
    /// The newest due first.
    messages: Vec<ToldMessage>,
    /// The newest first.
    enrolments: Vec<ToldEnrolment>,
    /// The oldest first.
    events: Vec<ToldEvent>,
    /// Of the last event that was applied.
    seq: i64,
}

#[derive(Debug, Serialize)]
struct ToldOptOut {
    scope: OptOutScope,
    source: String,
    at: String,
    until: Option<String>,
}

#[derive(Debug, Serialize)]
struct ToldConsent {
    marketing: bool,
    source: String,
    at: String,
    text: Option<String>,
}

#[derive(Debug, Serialize)]
struct ToldMessage {
    /// None of a step that has not come yet.
    id: Option<i64>,
    campaign: String,
    campaign_name: String,
    step: String,
    state: MessageState,
    due_at: String,
    sent_at: Option<String>,
    /// Gone some weeks after it was sent.
    text: Option<String>,
    parts: Option<u32>,
    /// The gateway's figure where it told one, else the forecast.
    cost: Option<Cost>,
    reason: Option<Reason>,
    gateway: Option<String>,
    /// By people.
    visits: u64,
    /// Still to come, if nothing comes between.
    planned: bool,
}

#[derive(Debug, Serialize)]
struct Cost {
    amount: String,
    currency: Currency,
}

impl From<Money> for Cost {
    fn from(money: Money) -> Cost {
        Cost { amount: money.decimal(), currency: money.currency }
    }
}

#[derive(Debug, Serialize)]
struct ToldEnrolment {
    campaign: String,
    campaign_name: String,
    subject: About,
    state: EnrolmentState,
    reason: Option<Reason>,
    next_at: Option<String>,
    since: String,
}

#[derive(Debug, Serialize)]
struct About {
    kind: &'static str,
    id: String,
}

#[derive(Debug, Serialize)]
struct ToldEvent {
    seq: i64,
    id: String,
    #[serde(rename = "type")]
    kind: String,
    time: String,
}

pub(super) async fn look(
    State(door): State<Arc<Door>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(e) if e.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return refuse(e.status(), format!("body is over {MAX_BODY_BYTES} bytes"));
        }
        Err(e) => return refuse(e.status(), e.body_text()),
    };
    if let Err(refusal) = door.admit(&headers, &body) {
        return refusal.into_response();
    }
    // serde's words may quote what was sent.
    let Ok(ask) = serde_json::from_slice::<Ask>(&body) else {
        return refuse(
            StatusCode::BAD_REQUEST,
            "body is not {\"contact\":{…},\"cart_key\",\"since\",\"limit\"} in JSON",
        );
    };
    if !ask.names_somebody() {
        return refuse(
            StatusCode::BAD_REQUEST,
            "body names nobody: expected contact.phone, contact.user_id or cart_key",
        );
    }
    let now = door.now();
    match tokio::task::spawn_blocking(move || door.desk.look(&ask, now)).await {
        Ok(Ok(known)) => ([(header::CACHE_CONTROL, "no-store")], Json(known)).into_response(),
        Ok(Err(e)) => broken("a person not read", &e),
        Err(e) => broken("a person not read", &e.into()),
    }
}

/// Reads it all at one moment of the database.
///
/// # Errors
/// The database's.
pub fn gather(world: &SqlWorld<'_>, rules: &Rules, ask: &Ask, now: At) -> Result<Looked> {
    let conn = world.connection();
    let country = rules.country(world.shop()?.as_ref());
    let typed = ask.contact.phone.as_deref();
    let phone = typed.and_then(|raw| phone::parse(raw, ask.contact.country.as_deref(), &country).ok());
    let contact = whom(world, ask, phone.as_ref())?;
    let phone = phone.as_ref().or(contact.as_ref().and_then(|c| c.phone.as_ref()));
    let opted_out = phone.map(|phone| world.opt_out(phone)).transpose()?.flatten().filter(|o| !o.is_over(now));
    let since = ask.since.map_or(Since::Ever, Since::Seq);
    let id = contact.as_ref().map(|c| c.id);
    let mut baskets: BTreeSet<String> = ask.cart_key.iter().cloned().collect();
    if let Some(id) = id {
        // What was put in before anybody knew whose basket it was.
        baskets.extend(world.carts_of(id)?.into_iter().map(|cart| cart.key));
    }
    let mut known = Looked {
        known: contact.is_some(),
        opted_out: opted_out.map(told_opt_out),
        events: log::mentions(conn, id, &baskets, since, ask.most())?.into_iter().map(told).collect(),
        seq: log::applied(conn)?,
        ..Looked::default()
    };
    let Some(contact) = contact else { return Ok(known) };
    let enrolments = figures::enrolments_of(conn, contact.id)?;
    let mut messages = Vec::new();
    for message in figures::messages_of(conn, contact.id)? {
        let visits = world.link_of_message(message.id)?.map_or(0, |link| link.human_hits);
        messages.push((message.due, told_message(rules, message, visits)));
    }
    let zone = rules.shop_view(world.shop()?.as_ref()).timezone;
    messages.extend(enrolments.iter().filter_map(|e| to_come(rules, e, zone)));
    messages.sort_by_key(|(due, _)| std::cmp::Reverse(*due));
    known.messages = messages.into_iter().map(|(_, told)| told).take(ask.most()).collect();
    known.enrolments = enrolments.into_iter().rev().take(ask.most()).map(|e| told_enrolment(rules, e)).collect();
    known.consent = contact.consent.map(told_consent);
    Ok(known)
}

fn whom(world: &SqlWorld<'_>, ask: &Ask, phone: Option<&Phone>) -> Result<Option<Contact>> {
    if let Some(phone) = phone {
        return world.contact_by_phone(phone);
    }
    if let Some(user) = &ask.contact.user_id {
        return world.contact_by_user(user);
    }
    let in_basket = ask.cart_key.as_deref().map(|key| world.cart(key)).transpose()?.flatten().and_then(|c| c.contact);
    // Who was erased is nobody, though the basket was theirs.
    let found = in_basket.map(|id| world.contact(id)).transpose()?.flatten();
    Ok(found.filter(|c| c.phone.is_some() || c.user_id.is_some()))
}

fn name_of(rules: &Rules, campaign: &str) -> String {
    rules.campaigns.get(campaign).map_or_else(|| campaign.to_owned(), |c| c.name.clone())
}

fn told_opt_out(no: OptOut) -> ToldOptOut {
    ToldOptOut { scope: no.scope, source: no.source, at: no.at.rfc3339(), until: no.until.map(At::rfc3339) }
}

fn told_consent(consent: Consent) -> ToldConsent {
    let Consent { marketing, source, text, at, hand: _ } = consent;
    ToldConsent { marketing, source, at: at.rfc3339(), text }
}

fn told(event: Mention) -> ToldEvent {
    ToldEvent { seq: event.seq, id: event.event_id, kind: event.kind, time: event.at.rfc3339() }
}

fn told_message(rules: &Rules, m: Message, visits: u64) -> ToldMessage {
    let is_handed = m.handed.is_some();
    ToldMessage {
        id: Some(m.id.0),
        campaign_name: name_of(rules, &m.campaign),
        campaign: m.campaign,
        step: m.step,
        state: m.state,
        due_at: m.due.rfc3339(),
        sent_at: m.handed.map(At::rfc3339),
        text: m.text,
        parts: is_handed.then_some(m.parts),
        cost: m.cost.or(m.price).filter(|_| is_handed).map(Cost::from),
        reason: m.reason,
        gateway: m.gateway,
        visits,
        planned: m.state == MessageState::Scheduled,
    }
}

/// The step that comes next on this way: no message yet, and none if its condition or a way out says so then.
fn to_come(rules: &Rules, e: &Enrolment, zone: Tz) -> Option<(At, ToldMessage)> {
    if e.state != EnrolmentState::Active {
        return None;
    }
    let campaign = rules.campaigns.get(&e.campaign).filter(|c| c.enabled)?;
    let step = steps::next(campaign, e).filter(|_| !e.held_out)?;
    let step = Some(steps::variant(step, e)).filter(|step| step.text.is_some())?;
    let at = due::due(due::Since { anchor: e.anchor, left: e.left }, step, zone);
    let planned = ToldMessage {
        id: None,
        campaign: campaign.id.clone(),
        campaign_name: campaign.name.clone(),
        step: step.id.clone(),
        state: MessageState::Scheduled,
        due_at: at.rfc3339(),
        sent_at: None,
        text: None,
        parts: None,
        cost: None,
        reason: None,
        gateway: None,
        visits: 0,
        planned: true,
    };
    Some((at, planned))
}

fn told_enrolment(rules: &Rules, e: Enrolment) -> ToldEnrolment {
    let subject = match e.subject {
        Subject::Cart { key, .. } => About { kind: "cart", id: key },
        Subject::Order { id } => About { kind: "order", id },
        Subject::Product { id, .. } => About { kind: "product", id },
        Subject::Moment { name } => About { kind: "none", id: name },
    };
    ToldEnrolment {
        campaign_name: name_of(rules, &e.campaign),
        campaign: e.campaign,
        subject,
        state: e.state,
        reason: e.end_reason,
        next_at: e.wake.map(At::rfc3339),
        since: e.since.rfc3339(),
    }
}
