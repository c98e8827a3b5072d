//! How values stand in columns. The only place that turns one into the other.

use std::str::FromStr;

use anyhow::Result;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, Params, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::At;
use crate::money::{Currency, Money};
use crate::phone::Phone;
use crate::state::model::{
    CartState, ContactId, EnrolmentId, EnrolmentState, Evidence, HoldScope, LinkKind, MessageId, MessageState,
    OptOutScope, Reason, Stock,
};
use crate::state::people::Rfm;

macro_rules! whole_numbers {
    ($($name:ident),+) => { $(
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::from(self.0))
            }
        }
        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                value.as_i64().map($name)
            }
        }
    )+ };
}
whole_numbers!(At, ContactId, EnrolmentId, MessageId);

macro_rules! words {
    ($($name:ident),+) => { $(
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::from(self.word()))
            }
        }
        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                let word = value.as_str()?;
                $name::from_word(word).ok_or_else(|| FromSqlError::other(Unknown(stringify!($name), word.to_owned())))
            }
        }
    )+ };
}
words!(CartState, EnrolmentState, Evidence, LinkKind, MessageState, OptOutScope, Reason, Rfm, Stock);

/// A word in the database that this program does not know: written by a newer one, or damaged.
#[derive(Debug, thiserror::Error)]
#[error("{0} {1:?} in the database is unknown to this version")]
struct Unknown(&'static str, String);

impl ToSql for Phone {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.e164()))
    }
}

impl FromSql for Phone {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        // The text itself stays out of the error: it may be somebody's number.
        Phone::from_e164(value.as_str()?).ok_or_else(|| FromSqlError::other(Unknown("Phone", "…".to_owned())))
    }
}

impl ToSql for HoldScope {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.to_string()))
    }
}

impl FromSql for HoldScope {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map_err(FromSqlError::other)
    }
}

/// A currency by its code.
pub(super) struct Code(pub Currency);

impl ToSql for Code {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.0.code()))
    }
}

impl FromSql for Code {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let code = value.as_str()?;
        code.parse().map(Code).map_err(|_| FromSqlError::other(Unknown("Currency", code.to_owned())))
    }
}

/// A list or map as JSON.
pub(super) struct Json<T>(pub T);

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let text = serde_json::to_string(&self.0).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
        Ok(ToSqlOutput::from(text))
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?).map(Json).map_err(FromSqlError::other)
    }
}

/// Reads a row's columns from left to right, so that each table's list of columns and its reading stand in one order.
pub(super) struct Columns<'r, 's> {
    row: &'r Row<'s>,
    next: usize,
}

impl<'r, 's> Columns<'r, 's> {
    pub(super) fn of(row: &'r Row<'s>) -> Self {
        Columns { row, next: 0 }
    }

    /// Starts at column `from`, for the second half of a join.
    pub(super) fn from(row: &'r Row<'s>, from: usize) -> Self {
        Columns { row, next: from }
    }

    pub(super) fn get<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        let value = self.row.get(self.next);
        self.next += 1;
        value
    }

    pub(super) fn json<T: DeserializeOwned>(&mut self) -> rusqlite::Result<T> {
        self.get::<Json<T>>().map(|j| j.0)
    }

    /// A count that is never below zero.
    pub(super) fn count<T: TryFrom<i64> + Default>(&mut self) -> rusqlite::Result<T> {
        self.get::<i64>().map(|n| T::try_from(n).unwrap_or_default())
    }

    /// Minor units and, in the next column, their currency.
    pub(super) fn money(&mut self) -> rusqlite::Result<Money> {
        let minor = self.get()?;
        let Code(currency) = self.get()?;
        Ok(Money { minor, currency })
    }

    pub(super) fn money_opt(&mut self) -> rusqlite::Result<Option<Money>> {
        let minor: Option<i64> = self.get()?;
        let currency: Option<Code> = self.get()?;
        Ok(minor.zip(currency).map(|(minor, Code(currency))| Money { minor, currency }))
    }
}

/// Both columns of an amount that may be missing.
pub(super) fn split(money: Option<Money>) -> (Option<i64>, Option<Code>) {
    (money.map(|m| m.minor), money.map(|m| Code(m.currency)))
}

/// A statement from the connection's cache.
pub(super) fn statement<'c>(conn: &'c Connection, sql: &'static str) -> rusqlite::Result<CachedStatement<'c>> {
    #[cfg(test)]
    super::tests::plans::note(sql);
    conn.prepare_cached(sql)
}

/// At most one row.
pub(super) fn one<T>(
    conn: &Connection,
    sql: &'static str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>> {
    let mut statement = statement(conn, sql)?;
    let mut rows = statement.query(params)?;
    Ok(rows.next()?.map(read).transpose()?)
}

/// All rows, in order. The statement bounds their number.
pub(super) fn all<T>(
    conn: &Connection,
    sql: &'static str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>> {
    let mut statement = statement(conn, sql)?;
    let rows = statement.query_map(params, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Runs a change; says how many rows it touched.
pub(super) fn change(conn: &Connection, sql: &'static str, params: impl Params) -> Result<usize> {
    Ok(statement(conn, sql)?.execute(params)?)
}

/// A row that must be there.
pub(super) fn change_one(conn: &Connection, sql: &'static str, params: impl Params, what: &str, id: i64) -> Result<()> {
    anyhow::ensure!(change(conn, sql, params)? == 1, "{what} {id} is not in the database");
    Ok(())
}

/// A limit as SQLite takes it.
pub(super) fn limit(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// A whole number kept as text, as in `meta`.
pub(super) fn number<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}
