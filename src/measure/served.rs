//! The figures as the door serves them to the panel in wp-admin.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

use super::{people, period, reports};
use crate::clock::Clock;
use crate::receive::http::Reports;
use crate::rules::Rules;
use crate::state::world::World;
use crate::store::{Readers, SqlWorld};

/// Answers `GET /v1/reports/summary?since=…&until=…` and `/v1/reports/people`, with periods as `bazgasht report` takes them.
#[must_use]
pub fn reports(readers: Readers, rules: watch::Receiver<Arc<Rules>>, clock: Arc<dyn Clock>) -> Reports {
    Box::new(move |name: &str, query: &BTreeMap<String, String>| {
        if !["summary", "people"].contains(&name) {
            return Ok(None);
        }
        let rules = rules.borrow().clone();
        let now = clock.now();
        let since = query.get("since").map_or("30d", String::as_str);
        readers.with(|conn| {
            let zone = rules.shop_view(SqlWorld::new(conn).shop()?.as_ref()).timezone;
            let period = period::read(since, query.get("until").map(String::as_str), zone, now)?;
            let made = match name {
                "people" => people::gather(conn, &rules.campaigns, period, now)?.json(),
                _ => reports::summary(conn, &rules.campaigns, period, now)?,
            };
            Ok(Some(made))
        })
    })
}
