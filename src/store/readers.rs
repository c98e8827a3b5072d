//! Connections that only read. With the write-ahead log they neither wait for the writer nor make it wait.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use anyhow::{Context, Result};
use rusqlite::Connection;

use super::db;

/// A few read-only connections, handed out one at a time.
#[derive(Clone)]
pub struct Readers(Arc<Pool>);

struct Pool {
    free: Mutex<Vec<Connection>>,
    came_back: Condvar,
}

/// Gives the connection back, also when its user panicked.
struct Lent<'p> {
    pool: &'p Pool,
    conn: Option<Connection>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut free = self.pool.free.lock().unwrap_or_else(PoisonError::into_inner);
        free.extend(self.conn.take());
        self.pool.came_back.notify_one();
    }
}

impl Readers {
    /// Opens `n` connections, at least one.
    ///
    /// # Errors
    /// As [`db::open_reader`].
    pub fn open(path: &Path, n: usize) -> Result<Readers> {
        let free = (0..n.max(1)).map(|_| db::open_reader(path)).collect::<Result<Vec<_>>>()?;
        Ok(Readers(Arc::new(Pool { free: Mutex::new(free), came_back: Condvar::new() })))
    }

    /// Reads with one of the connections. All of `read` sees the same moment of the database. Blocks while all are lent,
    /// so `read` must be short; from async code it belongs into `spawn_blocking` unless it is a few look-ups.
    ///
    /// # Errors
    /// The database's, or what `read` says.
    pub fn with<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let mut lent = self.lend();
        let conn = lent.conn.as_mut().context("the reader is lent")?;
        // Dropped and so rolled back at the end: a reader has nothing to commit.
        let snapshot = conn.transaction()?;
        read(&snapshot)
    }

    /// As [`Readers::with`] for a single statement, which sees one moment by itself: nothing is spent on a transaction.
    ///
    /// # Errors
    /// As [`Readers::with`].
    pub fn look_up<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let lent = self.lend();
        read(lent.conn.as_ref().context("the reader is lent")?)
    }

    fn lend(&self) -> Lent<'_> {
        let pool: &Pool = &self.0;
        let mut free = pool.free.lock().unwrap_or_else(PoisonError::into_inner);
        let conn = loop {
            if let Some(conn) = free.pop() {
                break conn;
            }
            free = pool.came_back.wait(free).unwrap_or_else(PoisonError::into_inner);
        };
        drop(free);
        Lent { pool, conn: Some(conn) }
    }
}
