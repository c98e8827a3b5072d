//! Events from a file: one JSON object a line, as on the wire (`docs/contract.md`).
//!
//! A recording cannot know the slugs of links that a later run makes. In a file, `"slug":"@09120000001"` in a
//! `link.followed` event therefore means "the newest link sent to this number"; whoever plays it puts the slug in.

use std::io::BufRead;

use serde_json::value::RawValue;

use crate::clock::At;
use crate::phone::{self, Phone};
use crate::receive::event::{self, Event, EventError, Fact, Wire};

/// One line of a recording.
#[derive(Debug, Clone)]
pub struct Recorded {
    pub line: usize,
    pub event: Event,
    /// The line as it stands in the file.
    pub json: String,
}

#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error("line {line}: cannot be read: {source}")]
    Read { line: usize, source: std::io::Error },
    #[error("line {line}: is not one JSON event with id, type, time and data ({problem})")]
    Shape { line: usize, problem: String },
    #[error("line {line}: {problem}")]
    Event { line: usize, problem: EventError },
}

/// Reads a recording line by line, as it stands.
pub fn lines(source: impl BufRead) -> impl Iterator<Item = Result<Recorded, ReplayError>> {
    source.lines().enumerate().filter_map(|(index, line)| {
        let line_number = index + 1;
        let json = match line {
            Ok(json) if json.trim().is_empty() => return None,
            Ok(json) => json,
            Err(source) => return Some(Err(ReplayError::Read { line: line_number, source })),
        };
        Some(parse(&json, line_number).map(|event| Recorded { line: line_number, event, json }))
    })
}

/// Reads a whole recording, in the order of time (events of the same moment keep the file's order).
///
/// # Errors
/// The first line that is not a sound event.
pub fn read(source: impl BufRead) -> Result<Vec<Recorded>, ReplayError> {
    let mut recorded = lines(source).collect::<Result<Vec<_>, _>>()?;
    recorded.sort_by_key(|r| r.event.at);
    Ok(recorded)
}

fn parse(json: &str, line: usize) -> Result<Event, ReplayError> {
    let wire: Wire<'_> = serde_json::from_str(json)
        .map_err(|e| ReplayError::Shape { line, problem: format!("column {}", e.column()) })?;
    let at = event::parse_time(&wire.time).ok_or(ReplayError::Event { line, problem: EventError::Time })?;
    Event::parse(&wire, at).map_err(|problem| ReplayError::Event { line, problem })
}

impl Recorded {
    /// The number whose newest link this event follows, if it is such an event.
    #[must_use]
    pub fn follows_link_of(&self) -> Option<Phone> {
        match &self.event.fact {
            Fact::LinkFollowed(data) => phone::parse(data.slug.strip_prefix('@')?, None, "IR").ok(),
            _ => None,
        }
    }

    /// The same event with this slug.
    #[must_use]
    pub fn with_slug(&self, slug: &str) -> Recorded {
        let mut new = self.clone();
        if let Fact::LinkFollowed(data) = &mut new.event.fact {
            new.json = new.json.replacen(&data.slug, slug, 1);
            slug.clone_into(&mut data.slug);
        }
        new
    }
}

/// Rebuilds the wire form of a logged event.
#[must_use]
pub fn wire_json(id: &str, kind: &str, at: At, data: &str) -> String {
    #[derive(serde::Serialize)]
    struct Out<'a> {
        id: &'a str,
        #[serde(rename = "type")]
        kind: &'a str,
        time: String,
        data: Box<RawValue>,
    }
    let data = RawValue::from_string(data.to_owned()).unwrap_or_else(|_| RawValue::NULL.to_owned());
    serde_json::to_string(&Out { id, kind, time: at.rfc3339(), data }).unwrap_or_default()
}
