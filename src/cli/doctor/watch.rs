//! What the daemon has noticed while it was sending: open alerts, gateways that do not answer, deliveries and opt-outs that are
//! worse than usual.

use anyhow::Result;
use rusqlite::Connection;

use super::{Findings, ago};
use crate::clock::{At, Span};
use crate::measure::figures::Period;
use crate::rules::Rules;
use crate::schedule::brake::{self, Course};
use crate::send::alarm::Kind;
use crate::store::{alerts, brake as readings, cursors, providers, stuck};

/// Of a hundred texts whose end is known, so many should be delivered; in thousandths.
const GOOD_DELIVERY: u64 = 850;
/// Shares of fewer texts say nothing.
const LEAST: u64 = 50;
const LATELY: Span = Span::days(7);

pub(super) fn examine(conn: &Connection, rules: &Rules, now: At, found: &mut Findings) -> Result<()> {
    open_alerts(conn, rules, now, found)?;
    for stuck in stuck::lately(conn, now)? {
        found.warn(
            "stuck",
            format!("{} could not be worked on {} ago: {}", stuck.row, ago(now.since(stuck.at)), stuck.why),
            "it is tried again each hour, and everything else goes on; report it with the daemon's log",
        );
    }
    for (gateway, what, why) in cursors::troubles(conn)? {
        found.warn("listening", format!("{gateway} leaves {what} unanswered: {why}"), "it is asked again by itself");
    }
    let week = Period { since: now.minus(LATELY), until: At::NEVER };
    for (gateway, figures) in providers::figures(conn, week, None)? {
        let ended = figures.delivered + figures.failed + figures.blocked;
        let Some(share) = figures.delivered_share().filter(|share| ended >= LEAST && *share < GOOD_DELIVERY) else {
            continue;
        };
        found.warn(
            "delivery",
            format!("{gateway} delivered {} of 100 texts in 7 days ({} of {ended})", share / 10, figures.delivered),
            "look at the reasons in `bazgasht report`; a service line reaches numbers that block advertising",
        );
    }
    for (campaign, (texts, opt_outs)) in readings::opt_outs(conn, now)? {
        let course = Course { texts, opt_outs, ..Course::default() };
        if let Some(share) = brake::warns(course, &rules.settings.brake) {
            found.warn(
                "opt-outs",
                format!("{campaign}: {opt_outs} of {texts} texts in 7 days were followed by an opt-out ({share})"),
                format!("look at its texts and hours; at {} it is stopped", rules.settings.brake.opt_outs),
            );
        }
    }
    Ok(())
}

fn open_alerts(conn: &Connection, rules: &Rules, now: At, found: &mut Findings) -> Result<()> {
    let open = alerts::open(conn)?;
    let nobody = rules.settings.owner.phones.is_empty();
    for alert in &open {
        let told = match alert.told {
            Some(_) => "the owner was told",
            None if nobody => "nobody was told",
            None => "it waits to be told",
        };
        // Of a month only its beginning in UTC is kept.
        let kind = Kind::of(&alert.kind);
        let subject = if kind == Some(Kind::Budget) { "this month" } else { &alert.subject };
        let says = format!("{} {subject} for {}: {told}", alert.kind, ago(now.since(alert.raised)));
        let way_out = match kind {
            Some(Kind::LowCredit) => "top up the account",
            Some(Kind::Budget) => "raise [budget] if texts should not wait for the next month",
            Some(Kind::Brake) => "look at the campaign's figures, then `bazgasht resume`",
            Some(Kind::Stuck) => "look at the daemon's log",
            Some(Kind::Hold) | None => "see holds above",
        };
        found.warn("alerts", says, way_out);
    }
    if nobody && rules.settings.gateway.iter().any(|used| used.which.costs()) {
        found.warn(
            "alerts",
            "nobody is told when credit runs out or the brake stops something",
            "set `phone` in [owner] of bazgasht.toml",
        );
    } else if open.is_empty() {
        found.ok("alerts", "nothing to be told");
    }
    Ok(())
}
