//! What people wrote back.

use anyhow::Result;
use rusqlite::{Connection, params};

use super::columns::{all, change, limit};
use super::people::sealed;
use crate::clock::At;
use crate::phone::Phone;

/// An SMS from a person.
#[derive(Clone)]
pub struct Inbound {
    pub gateway: String,
    /// The gateway's id of it, where it has one; sealed when it comes out of the database.
    pub gateway_id: Option<String>,
    pub phone: Phone,
    pub text: String,
    pub at: At,
}

/// Keeps it. False when the gateway has told of it before. Its id is kept sealed, since it outlives an erasure and some are made
/// of number and text.
///
/// # Errors
/// The database's.
pub fn add(conn: &Connection, inbound: &Inbound) -> Result<bool> {
    let sql = "-- add_inbound
        INSERT INTO inbound (gateway, gateway_id, phone, text, at_ms) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
    let i = inbound;
    let gateway_id = i.gateway_id.as_deref().map(|id| sealed(conn, id)).transpose()?;
    Ok(change(conn, sql, params![i.gateway, gateway_id, i.phone, i.text, i.at])? == 1)
}

/// Everything that came from a number, in order.
///
/// # Errors
/// The database's.
pub fn of(conn: &Connection, phone: &Phone) -> Result<Vec<Inbound>> {
    let sql = "-- inbound_of\nSELECT gateway, gateway_id, phone, text, at_ms FROM inbound WHERE phone = ?1 ORDER BY id";
    all(conn, sql, [phone], |row| {
        Ok(Inbound {
            gateway: row.get(0)?,
            gateway_id: row.get(1)?,
            phone: row.get(2)?,
            text: row.get(3)?,
            at: row.get(4)?,
        })
    })
}

/// Forgets who wrote and what. The gateway's id stays where there is one: a gateway tells of the same reply again for days, and
/// what is not known any more would be kept anew.
///
/// # Errors
/// The database's.
pub(super) fn forget(conn: &Connection, phone: &Phone) -> Result<()> {
    change(conn, "-- forget_inbound: unnamed\nDELETE FROM inbound WHERE phone = ?1 AND gateway_id IS NULL", [phone])?;
    change(conn, "-- forget_inbound\nUPDATE inbound SET phone = '', text = '' WHERE phone = ?1", [phone]).map(drop)
}

/// Forgets who wrote and what, of replies from before `before`, at most `most` at a time; their ids stay, as with [`forget`].
pub(super) fn scrub(conn: &Connection, before: At, most: usize) -> Result<usize> {
    let sql = "-- scrub_inbound
        UPDATE inbound SET phone = '', text = '' WHERE id IN
            (SELECT id FROM inbound INDEXED BY inbound_kept WHERE phone <> '' AND at_ms < ?1 ORDER BY at_ms LIMIT ?2)";
    change(conn, sql, params![before, limit(most)])
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn phone() -> Phone {
        Phone::from_e164("+989120000001").unwrap()
    }

    pub fn word(text: &str) -> Inbound {
        Inbound {
            gateway: "g".to_owned(),
            gateway_id: Some("1".to_owned()),
            phone: phone(),
            text: text.to_owned(),
            at: At(1),
        }
    }

    #[test]
    fn what_was_erased_does_not_come_back_when_the_gateway_tells_it_again() {
        let conn = crate::store::db::open_in_memory(&crate::ids::SeededChance::new(1)).unwrap();
        assert!(add(&conn, &word("سلام")).unwrap());
        conn.execute("UPDATE inbound SET phone = '', text = '' WHERE gateway_id IS NOT NULL", []).unwrap();
        assert!(!add(&conn, &word("سلام")).unwrap());
        assert!(of(&conn, &phone()).unwrap().is_empty());
    }

    #[test]
    fn one_answer_is_kept_once() {
        let conn = crate::store::db::open_in_memory(&crate::ids::SeededChance::new(1)).unwrap();
        assert!(add(&conn, &word("لغو")).unwrap());
        assert!(!add(&conn, &word("لغو")).unwrap());
        assert!(add(&conn, &Inbound { gateway_id: None, ..word("سلام") }).unwrap());
        assert_eq!(of(&conn, &phone()).unwrap().len(), 2);
        forget(&conn, &phone()).unwrap();
        assert!(!add(&conn, &word("لغو")).unwrap(), "told again after the erasure");
        assert!(of(&conn, &phone()).unwrap().is_empty());
    }
}
