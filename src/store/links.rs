//! Short links, who followed them, and the orders they are credited with.

use anyhow::Result;
use rusqlite::{Connection, Row, params};

use super::columns::{Code, Columns, Json, all, change, one};
use super::messages::{MESSAGE_COLUMNS, message_columns, read_message};
use crate::clock::At;
use crate::state::model::{ContactId, Credit, Link, Message, MessageId};

macro_rules! link_columns {
    () => {
        "l.slug, l.message_id, l.contact_id, l.kind, l.cart_key, l.order_id, l.product_id, l.coupon, l.made_ms, l.expires_ms, \
         l.hits, l.human_hits, l.first_human_ms, l.own_coupon"
    };
}

fn read_link(row: &Row<'_>) -> rusqlite::Result<Link> {
    read_link_from(Columns::of(row))
}

fn read_link_from(mut c: Columns<'_, '_>) -> rusqlite::Result<Link> {
    Ok(Link {
        slug: c.get()?,
        message: c.get()?,
        contact: c.get()?,
        kind: c.get()?,
        cart_key: c.get()?,
        order_id: c.get()?,
        product_id: c.get()?,
        coupon: c.get()?,
        made: c.get()?,
        expires: c.get()?,
        hits: c.count()?,
        human_hits: c.count()?,
        first_human: c.get()?,
        own_coupon: c.get::<Option<Json<_>>>()?.map(|own| own.0),
    })
}

/// A message's columns, then those of its link, which may all be NULL.
fn read_message_with_link(row: &Row<'_>) -> rusqlite::Result<(Message, Option<Link>)> {
    let has_link = row.get::<_, Option<String>>(MESSAGE_COLUMNS)?.is_some();
    let link = has_link.then(|| read_link_from(Columns::from(row, MESSAGE_COLUMNS))).transpose()?;
    Ok((read_message(row)?, link))
}

pub(super) fn link(conn: &Connection, slug: &str) -> Result<Option<Link>> {
    one(conn, concat!("-- link\nSELECT ", link_columns!(), " FROM links l WHERE slug = ?1"), [slug], read_link)
}

pub(super) fn of_message(conn: &Connection, message: MessageId) -> Result<Option<Link>> {
    let sql = concat!("-- link_of_message\nSELECT ", link_columns!(), " FROM links l WHERE message_id = ?1");
    one(conn, sql, [message], read_link)
}

/// The link of a message that is handed over again takes the place of the first, which nobody has seen.
pub(super) fn replace(conn: &Connection, l: &Link) -> Result<()> {
    change(conn, "-- hand_over: earlier link\nDELETE FROM links WHERE message_id = ?1", [l.message])?;
    let sql = "-- hand_over: link
        INSERT INTO links (slug, message_id, contact_id, kind, cart_key, order_id, product_id, coupon, made_ms, expires_ms,
            hits, human_hits, first_human_ms, own_coupon)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
    let own = l.own_coupon.as_ref().map(Json);
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let values = params![
        l.slug,
        l.message,
        l.contact,
        l.kind,
        l.cart_key,
        l.order_id,
        l.product_id,
        l.coupon,
        l.made,
        l.expires,
        count(l.hits),
        count(l.human_hits),
        l.first_human,
        own
    ];
    change(conn, sql, values).map(drop)
}

/// The link whose text gave this code as the person's own.
pub(super) fn by_own_coupon(conn: &Connection, code: &str) -> Result<Option<Link>> {
    let sql = concat!(
        "-- link_by_own_coupon\nSELECT ",
        link_columns!(),
        " FROM links l WHERE coupon = ?1 AND own_coupon IS NOT NULL"
    );
    one(conn, sql, [code], read_link)
}

pub(super) fn withdraw(conn: &Connection, slug: &str, at: At) -> Result<()> {
    let sql = "-- withdraw_link\nUPDATE links SET expires_ms = min(expires_ms, ?2) WHERE slug = ?1";
    change(conn, sql, params![slug, at]).map(drop)
}

pub(super) fn count_hit(conn: &Connection, slug: &str, at: At, human: bool, cart_key: Option<&str>) -> Result<()> {
    let count = "-- count_hit
        UPDATE links SET hits = hits + 1, human_hits = human_hits + ?2,
            first_human_ms = CASE WHEN ?2 THEN min(coalesce(first_human_ms, ?3), ?3) ELSE first_human_ms END
        WHERE slug = ?1";
    let tie = "-- count_hit: cart
        INSERT INTO link_hits (cart_key, message_id, at_ms) SELECT ?2, message_id, ?3 FROM links WHERE slug = ?1
        ON CONFLICT DO UPDATE SET at_ms = max(at_ms, excluded.at_ms)";
    change(conn, count, params![slug, human, at])?;
    if let Some(key) = cart_key.filter(|_| human) {
        change(conn, tie, params![slug, key, at])?;
    }
    Ok(())
}

pub(super) fn credit_candidates(
    conn: &Connection,
    contact: ContactId,
    since: At,
) -> Result<Vec<(Message, Option<Link>)>> {
    let sql = concat!(
        "-- credit_candidates\nSELECT ",
        message_columns!(),
        ", ",
        link_columns!(),
        " FROM messages m LEFT JOIN links l ON l.message_id = m.id
        WHERE m.contact_id = ?1 AND m.handed_ms >= ?2 AND m.state IN ('sending', 'sent', 'delivered', 'unknown')
        ORDER BY m.handed_ms DESC, m.id DESC"
    );
    all(conn, sql, params![contact, since], read_message_with_link)
}

pub(super) fn followed_in_cart(conn: &Connection, cart_key: &str, since: At) -> Result<Vec<(Message, Option<Link>)>> {
    let sql = concat!(
        "-- followed_in_cart\nSELECT ",
        message_columns!(),
        ", ",
        link_columns!(),
        " FROM link_hits h CROSS JOIN messages m ON m.id = h.message_id LEFT JOIN links l ON l.message_id = m.id
        WHERE h.cart_key = ?1 AND h.at_ms >= ?2
        ORDER BY h.message_id DESC"
    );
    all(conn, sql, params![cart_key, since], read_message_with_link)
}

pub(super) fn credit(conn: &Connection, order_id: &str) -> Result<Option<Credit>> {
    let sql = "-- credit
        SELECT order_id, message_id, campaign, step, evidence, at_ms, total_minor, currency, kept_minor, currency, bought_offer
        FROM credits WHERE order_id = ?1";
    one(conn, sql, [order_id], |row| {
        let mut c = Columns::of(row);
        Ok(Credit {
            order_id: c.get()?,
            message: c.get()?,
            campaign: c.get()?,
            step: c.get()?,
            evidence: c.get()?,
            at: c.get()?,
            total: c.money()?,
            kept: c.money()?,
            bought_offer: c.get()?,
        })
    })
}

pub(super) fn put_credit(conn: &Connection, c: &Credit) -> Result<()> {
    let sql = "-- put_credit
        INSERT INTO credits (order_id, message_id, campaign, step, evidence, at_ms, total_minor, kept_minor, currency,
            bought_offer)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        ON CONFLICT DO UPDATE SET message_id = excluded.message_id, campaign = excluded.campaign, step = excluded.step,
            evidence = excluded.evidence, at_ms = excluded.at_ms, total_minor = excluded.total_minor,
            kept_minor = excluded.kept_minor, currency = excluded.currency, bought_offer = excluded.bought_offer";
    let values = params![
        c.order_id,
        c.message,
        c.campaign,
        c.step,
        c.evidence,
        c.at,
        c.total.minor,
        c.kept.minor,
        Code(c.total.currency),
        c.bought_offer
    ];
    change(conn, sql, values).map(drop)
}
