//! Reads the callbacks of gateways that do not say how they call: GET or POST, query, form or JSON, one message or several.

use super::loose::{self, Object, plain_name};
use crate::send::gateway::{Push, Trouble};

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
pub(super) fn rows(push: &Push) -> Result<Vec<Row>, Trouble> {
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
