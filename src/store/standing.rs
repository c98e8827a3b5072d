//! How people stand with the shop: tags, segments, and their place among the buyers.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use rusqlite::{Connection, params};

use super::columns::{Columns, Json, all, change, change_one, limit, one};
use super::{SqlWorld, points};
use crate::clock::At;
use crate::state::model::ContactId;
use crate::state::people::{
    Buying, Definition, Measure, Membership, Move, PointsLine, Ranking, Scores, Standing, Standings, Tagged,
};

impl Standings for SqlWorld<'_> {
    fn put_tag(&mut self, contact: ContactId, tag: &str, at: At) -> Result<()> {
        put_tag(self.connection(), contact, tag, at)
    }
    fn drop_tag(&mut self, contact: ContactId, tag: &str) -> Result<()> {
        drop_tag(self.connection(), contact, tag)
    }
    fn tags_of(&self, contact: ContactId) -> Result<Vec<Tagged>> {
        tags_of(self.connection(), contact)
    }
    fn add_points(&mut self, contact: ContactId, line: &PointsLine) -> Result<bool> {
        points::add(self.connection(), contact, line)
    }
    fn points_of(&self, contact: ContactId) -> Result<Vec<PointsLine>> {
        points::of(self.connection(), contact)
    }
    fn definitions(&self) -> Result<BTreeMap<String, Definition>> {
        definitions(self.connection())
    }
    fn put_definition(&mut self, segment: &str, definition: Option<&Definition>) -> Result<()> {
        put_definition(self.connection(), segment, definition)
    }
    fn looked(&self, contact: ContactId) -> Result<Option<At>> {
        looked(self.connection(), contact)
    }
    fn put_looked(&mut self, contact: ContactId, at: At) -> Result<()> {
        put_looked(self.connection(), contact, at)
    }
    fn memberships_of(&self, contact: ContactId) -> Result<Vec<Membership>> {
        memberships_of(self.connection(), contact)
    }
    fn put_membership(&mut self, contact: ContactId, membership: &Membership) -> Result<()> {
        put_membership(self.connection(), contact, membership)
    }
    fn drop_membership(&mut self, contact: ContactId, segment: &str) -> Result<()> {
        drop_membership(self.connection(), contact, segment)
    }
    fn buying_of(&self, contact: ContactId) -> Result<Option<Buying>> {
        buying_of(self.connection(), contact)
    }
    fn put_buying(&mut self, contact: ContactId, buying: Option<&Buying>) -> Result<()> {
        put_buying(self.connection(), contact, buying)
    }
    fn count_buyers(&self) -> Result<u64> {
        count_buyers(self.connection())
    }
    fn buyers_at(&self, by: Measure, places: &[u64]) -> Result<Vec<i64>> {
        buyers_at(self.connection(), by, places)
    }
    fn buyers_after(&self, after: ContactId, limit: usize) -> Result<Vec<(ContactId, Buying)>> {
        buyers_after(self.connection(), after, limit)
    }
    fn standing_of(&self, contact: ContactId) -> Result<Option<Standing>> {
        standing_of(self.connection(), contact)
    }
    fn put_standing(&mut self, contact: ContactId, standing: &Standing) -> Result<()> {
        put_standing(self.connection(), contact, standing)
    }
    fn add_move(&mut self, moved: &Move) -> Result<()> {
        add_move(self.connection(), moved)
    }
    fn moves_of(&self, contact: ContactId) -> Result<Vec<Move>> {
        moves_of(self.connection(), contact)
    }
    fn ranking(&self) -> Result<Option<Ranking>> {
        ranking(self.connection())
    }
    fn put_ranking(&mut self, ranking: &Ranking) -> Result<()> {
        put_ranking(self.connection(), ranking)
    }
}

// ── tags ────────────────────────────────────────────────────────────────────────────────────────────────────

fn put_tag(conn: &Connection, contact: ContactId, tag: &str, at: At) -> Result<()> {
    let sql =
        "-- put_tag\nINSERT INTO contact_tags (contact_id, tag, at_ms) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    change(conn, sql, params![contact, tag, at]).map(drop)
}

fn drop_tag(conn: &Connection, contact: ContactId, tag: &str) -> Result<()> {
    let sql = "-- drop_tag\nDELETE FROM contact_tags WHERE contact_id = ?1 AND tag = ?2";
    change(conn, sql, params![contact, tag]).map(drop)
}

fn tags_of(conn: &Connection, contact: ContactId) -> Result<Vec<Tagged>> {
    let sql = "-- tags_of\nSELECT tag, at_ms FROM contact_tags WHERE contact_id = ?1 ORDER BY tag";
    all(conn, sql, [contact], |row| Ok(Tagged { tag: row.get(0)?, at: row.get(1)? }))
}

// ── segments ────────────────────────────────────────────────────────────────────────────────────────────────

fn definitions(conn: &Connection) -> Result<BTreeMap<String, Definition>> {
    let sql = "-- definitions\nSELECT segment, who, since_ms FROM definitions";
    let rows = all(conn, sql, [], |row| Ok((row.get(0)?, Definition { who: row.get(1)?, since: row.get(2)? })))?;
    Ok(rows.into_iter().collect())
}

fn put_definition(conn: &Connection, segment: &str, definition: Option<&Definition>) -> Result<()> {
    let Some(definition) = definition else {
        return change(conn, "-- drop_definition\nDELETE FROM definitions WHERE segment = ?1", [segment]).map(drop);
    };
    let sql = "-- put_definition
        INSERT INTO definitions (segment, who, since_ms) VALUES (?1, ?2, ?3)
        ON CONFLICT DO UPDATE SET who = excluded.who, since_ms = excluded.since_ms";
    change(conn, sql, params![segment, definition.who, definition.since]).map(drop)
}

fn looked(conn: &Connection, contact: ContactId) -> Result<Option<At>> {
    let sql = "-- looked\nSELECT looked_ms FROM standings WHERE contact_id = ?1";
    Ok(one(conn, sql, [contact], |row| row.get::<_, Option<At>>(0))?.flatten())
}

fn put_looked(conn: &Connection, contact: ContactId, at: At) -> Result<()> {
    let sql = "-- put_looked
        INSERT INTO standings (contact_id, looked_ms) VALUES (?1, ?2)
        ON CONFLICT DO UPDATE SET looked_ms = excluded.looked_ms";
    change(conn, sql, params![contact, at]).map(drop)
}

fn memberships_of(conn: &Connection, contact: ContactId) -> Result<Vec<Membership>> {
    let sql = "-- memberships_of
        SELECT segment, since_ms, until_ms FROM memberships WHERE contact_id = ?1 ORDER BY segment";
    all(conn, sql, [contact], |row| Ok(Membership { segment: row.get(0)?, since: row.get(1)?, until: row.get(2)? }))
}

fn put_membership(conn: &Connection, contact: ContactId, m: &Membership) -> Result<()> {
    let sql = "-- put_membership
        INSERT INTO memberships (contact_id, segment, since_ms, until_ms) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT DO UPDATE SET since_ms = excluded.since_ms, until_ms = excluded.until_ms";
    change(conn, sql, params![contact, m.segment, m.since, m.until]).map(drop)
}

fn drop_membership(conn: &Connection, contact: ContactId, segment: &str) -> Result<()> {
    let sql = "-- drop_membership\nDELETE FROM memberships WHERE contact_id = ?1 AND segment = ?2";
    change(conn, sql, params![contact, segment]).map(drop)
}

// ── buyers ──────────────────────────────────────────────────────────────────────────────────────────────────

fn read_buying(c: &mut Columns<'_, '_>) -> rusqlite::Result<Buying> {
    Ok(Buying { last: c.get()?, orders: c.get()?, spent: c.get()? })
}

fn buying_of(conn: &Connection, contact: ContactId) -> Result<Option<Buying>> {
    let sql = "-- buying_of
        SELECT last_ms, orders, spent_minor FROM standings WHERE contact_id = ?1 AND orders IS NOT NULL";
    one(conn, sql, [contact], |row| read_buying(&mut Columns::of(row)))
}

fn put_buying(conn: &Connection, contact: ContactId, buying: Option<&Buying>) -> Result<()> {
    let Some(buying) = buying else {
        let sql = "-- drop_buying
            UPDATE standings SET last_ms = NULL, orders = NULL, spent_minor = NULL, rfm = NULL, recency = NULL,
                frequency = NULL, monetary = NULL, rfm_since_ms = NULL
            WHERE contact_id = ?1";
        return change(conn, sql, [contact]).map(drop);
    };
    let sql = "-- put_buying
        INSERT INTO standings (contact_id, last_ms, orders, spent_minor) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT DO UPDATE SET last_ms = excluded.last_ms, orders = excluded.orders, spent_minor = excluded.spent_minor";
    change(conn, sql, params![contact, buying.last, buying.orders, buying.spent]).map(drop)
}

fn count_buyers(conn: &Connection) -> Result<u64> {
    let sql = "-- count_buyers\nSELECT count(*) FROM standings WHERE orders IS NOT NULL";
    Ok(one(conn, sql, [], |row| Columns::of(row).count())?.unwrap_or_default())
}

fn buyers_at(conn: &Connection, by: Measure, places: &[u64]) -> Result<Vec<i64>> {
    let sql = match by {
        Measure::Last => {
            "-- buyers_at: last
            SELECT last_ms FROM standings WHERE orders IS NOT NULL ORDER BY last_ms LIMIT 1 OFFSET ?1"
        }
        Measure::Orders => {
            "-- buyers_at: orders
            SELECT orders FROM standings WHERE orders IS NOT NULL ORDER BY orders LIMIT 1 OFFSET ?1"
        }
        Measure::Spent => {
            "-- buyers_at: spent
            SELECT spent_minor FROM standings WHERE orders IS NOT NULL ORDER BY spent_minor LIMIT 1 OFFSET ?1"
        }
    };
    let value = |place: &u64| one(conn, sql, [i64::try_from(*place).unwrap_or(i64::MAX)], |row| row.get(0)).transpose();
    places.iter().filter_map(value).collect()
}

fn buyers_after(conn: &Connection, after: ContactId, most: usize) -> Result<Vec<(ContactId, Buying)>> {
    let sql = "-- buyers_after
        SELECT contact_id, last_ms, orders, spent_minor FROM standings
        WHERE contact_id > ?1 AND orders IS NOT NULL ORDER BY contact_id LIMIT ?2";
    all(conn, sql, params![after, limit(most)], |row| {
        let mut c = Columns::of(row);
        Ok((c.get()?, read_buying(&mut c)?))
    })
}

fn standing_of(conn: &Connection, contact: ContactId) -> Result<Option<Standing>> {
    let sql = "-- standing_of
        SELECT rfm, recency, frequency, monetary, rfm_since_ms FROM standings WHERE contact_id = ?1 AND rfm IS NOT NULL";
    one(conn, sql, [contact], |row| {
        let mut c = Columns::of(row);
        let rfm = c.get()?;
        let scores = Scores { recency: c.get()?, frequency: c.get()?, monetary: c.get()? };
        Ok(Standing { rfm, scores, since: c.get()? })
    })
}

fn put_standing(conn: &Connection, contact: ContactId, s: &Standing) -> Result<()> {
    let sql = "-- put_standing
        UPDATE standings SET rfm = ?2, recency = ?3, frequency = ?4, monetary = ?5, rfm_since_ms = ?6
        WHERE contact_id = ?1 AND orders IS NOT NULL";
    let Scores { recency, frequency, monetary } = s.scores;
    change_one(conn, sql, params![contact, s.rfm, recency, frequency, monetary, s.since], "buyer", contact.0)
}

fn add_move(conn: &Connection, moved: &Move) -> Result<()> {
    let sql = "-- add_move
        INSERT INTO moves (contact_id, at_ms, was, became) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    change(conn, sql, params![moved.contact, moved.at, moved.from, moved.to]).map(drop)
}

fn moves_of(conn: &Connection, contact: ContactId) -> Result<Vec<Move>> {
    let sql = "-- moves_of
        SELECT contact_id, at_ms, was, became FROM moves WHERE contact_id = ?1 ORDER BY at_ms LIMIT 200";
    all(conn, sql, [contact], |row| {
        let mut c = Columns::of(row);
        Ok(Move { contact: c.get()?, at: c.get()?, from: c.get()?, to: c.get()? })
    })
}

fn ranking(conn: &Connection) -> Result<Option<Ranking>> {
    let sql = "-- ranking\nSELECT value FROM meta WHERE key = 'ranking'";
    let text: Option<String> = one(conn, sql, [], |row| row.get(0))?;
    text.map(|t| serde_json::from_str(&t).context("how far the ranking of buyers has come cannot be read")).transpose()
}

fn put_ranking(conn: &Connection, ranking: &Ranking) -> Result<()> {
    let sql = "-- put_ranking
        INSERT INTO meta (key, value) VALUES ('ranking', ?1) ON CONFLICT DO UPDATE SET value = excluded.value";
    change(conn, sql, [Json(ranking)]).map(drop)
}

// ── both of one, and nobody any more ────────────────────────────────────────────────────────────────────────

pub(super) fn merge(conn: &Connection, from: ContactId, into: ContactId) -> Result<()> {
    points::merge(conn, from, into)?;
    let tags = "-- merge_contacts: tags
        INSERT INTO contact_tags (contact_id, tag, at_ms) SELECT ?2, tag, at_ms FROM contact_tags WHERE contact_id = ?1
        ON CONFLICT DO UPDATE SET at_ms = min(at_ms, excluded.at_ms)";
    change(conn, tags, [from, into])?;
    let moves = "-- merge_contacts: moves\nUPDATE OR IGNORE moves SET contact_id = ?2 WHERE contact_id = ?1";
    change(conn, moves, [from, into])?;
    // Segments and buying are of one's own, and found anew.
    for sql in [
        "-- merge_contacts: their tags\nDELETE FROM contact_tags WHERE contact_id = ?1",
        "-- merge_contacts: their moves\nDELETE FROM moves WHERE contact_id = ?1",
        "-- merge_contacts: their segments\nDELETE FROM memberships WHERE contact_id = ?1",
        "-- merge_contacts: their standing\nDELETE FROM standings WHERE contact_id = ?1",
    ] {
        change(conn, sql, [from])?;
    }
    Ok(())
}

/// Of an erased person. The ledger and the moves are figures, of nobody now.
pub(super) fn forget(conn: &Connection, contact: ContactId) -> Result<()> {
    for sql in [
        "-- erase: tags\nDELETE FROM contact_tags WHERE contact_id = ?1",
        "-- erase: segments\nDELETE FROM memberships WHERE contact_id = ?1",
        "-- erase: standing\nDELETE FROM standings WHERE contact_id = ?1",
    ] {
        change(conn, sql, [contact])?;
    }
    Ok(())
}
