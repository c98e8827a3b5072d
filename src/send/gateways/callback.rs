//! Reads the callbacks of gateways that do not say how they call: GET or POST, query, form or JSON, one message or several.

use super::loose::{self, Object, plain_name};
use super::moment;
use crate::send::gateway::{Delivery, Inbound, Push, Report, Trouble};

/// A provider that pushes more at once than this is not one that we know.
const MOST_ROWS: usize = 1000;
/// Every row has the query's fields: as many as an address holds, times as many rows as a body holds, would fill the memory.
const MOST_FIELDS: usize = 100;

/// What a callback says of one message. Names are compared without case, `_` and `-`.
pub(super) struct Row(Vec<(String, String)>);

impl Row {
    /// The first of these names that is there.
    pub fn get(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|wanted| {
            let wanted = plain_name(wanted);
            self.0.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.as_str())
        })
    }
}

/// The rows of a callback. Fields of the query belong to every row; the body's own come first.
fn rows(push: &Push) -> Result<Vec<Row>, Trouble> {
    if push.query.len() > MOST_FIELDS {
        return Err(Trouble::Unreadable(format!(
            "callback's query has {} fields, expected at most {MOST_FIELDS}",
            push.query.len()
        )));
    }
    let query: Vec<_> = push.query.iter().map(|(name, value)| (plain_name(name), value.clone())).collect();
    let bodies = if is_json(push) { json_rows(&push.body)? } else { vec![form_row(&push.body)] };
    Ok(bodies
        .into_iter()
        .map(|mut fields| {
            fields.extend(query.iter().cloned());
            Row(fields)
        })
        .collect())
}

/// What could be read of a callback's rows. A row that could not does not lose the others.
///
/// # Errors
/// When no row could be read.
pub(super) fn read<T>(push: &Push, row: impl Fn(&Row) -> Result<T, Trouble>) -> Result<Vec<T>, Trouble> {
    let (mut kept, mut first) = (Vec::new(), None);
    for found in rows(push)? {
        match row(&found) {
            Ok(value) => kept.push(value),
            Err(trouble) => {
                first.get_or_insert(trouble);
            }
        }
    }
    match first {
        Some(trouble) if kept.is_empty() => Err(trouble),
        _ => Ok(kept),
    }
}

fn is_json(push: &Push) -> bool {
    let said = push.content_type().is_some_and(|kind| kind.to_ascii_lowercase().contains("json"));
    let starts = push.body.iter().find(|byte| !byte.is_ascii_whitespace());
    (said && starts.is_some()) || matches!(starts, Some(b'{' | b'['))
}

fn form_row(body: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(body).map(|(name, value)| (plain_name(&name), value.into_owned())).collect()
}

fn json_rows(body: &[u8]) -> Result<Vec<Vec<(String, String)>>, Trouble> {
    let unreadable = || Trouble::Unreadable("callback says JSON and holds no object or list of objects".to_owned());
    let text = std::str::from_utf8(body).map_err(|_| unreadable())?;
    let nested = Object::read(text).and_then(|outer| loose::objects(outer.raw("entries")?));
    let objects = nested.or_else(|| loose::objects(text)).ok_or_else(unreadable)?;
    if objects.len() > MOST_ROWS {
        return Err(Trouble::Unreadable(format!(
            "callback holds {} messages, expected at most {MOST_ROWS}",
            objects.len()
        )));
    }
    Ok(objects.into_iter().map(|object| object.into_scalars().collect()).collect())
}

/// A delivery, where the provider says nothing of its callbacks: under one of `ids`, with its state as a number of its own table.
pub(super) fn report(row: &Row, ids: &[&str], delivery: impl Fn(i64) -> Delivery) -> Result<Report, Trouble> {
    let missing = |what: &str| Trouble::Unreadable(format!("delivery callback names no {what}"));
    let id = ids.iter().find_map(|name| row.get(&[name]).map(str::trim).filter(|id| !matches!(*id, "" | "0")));
    let id = id.ok_or_else(|| missing("message"))?;
    let status = row.get(&["status", "delivery", "deliverystatus", "messagestatus", "state"]);
    let status = status.ok_or_else(|| missing("status"))?;
    Ok(Report::of(id, loose::whole_number(status).map_or(Delivery::Unknown, delivery)))
}

/// A person's SMS, where the provider lets the owner name the fields or says nothing of them.
pub(super) fn inbound(row: &Row) -> Result<Inbound, Trouble> {
    let missing = |what: &str| Trouble::Unreadable(format!("inbound callback names no {what}"));
    let filled = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| row.get(&[name]).map(str::trim).filter(|value| !value.is_empty()))
            .map(str::to_owned)
    };
    let text = row.get(&["message", "text", "body", "content", "sms"]).ok_or_else(|| missing("message"))?;
    Ok(Inbound {
        gateway_id: filled(&["messageid", "msgid", "messagesinboxid", "id"]),
        from: filled(&["from", "sender", "mobile", "source"]).ok_or_else(|| missing("sender"))?,
        to: filled(&["to", "receptor", "receiver", "number", "line", "linenumber", "destination"]),
        text: text.to_owned(),
        at_unix: filled(&["date", "time", "senddate", "createdat"]).as_deref().and_then(moment::read),
    })
}
