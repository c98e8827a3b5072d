//! The one writer: a thread that owns the connection, takes jobs from a bounded queue, and commits many of them at once.
//!
//! Every commit waits for the disk. Jobs that come while one is waiting are gathered and share the next, so that the rate
//! of jobs is not bounded by the disk's. A job is answered only after the commit that holds its changes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use anyhow::Context;
use rusqlite::{Connection, ErrorCode};
use tokio::sync::oneshot;

use super::world::SqlWorld;

/// Most jobs in one transaction: bounds how long the first of them waits for its answer.
const BATCH: usize = 512;
/// Most jobs that wait; more are refused.
const QUEUE: usize = 4_096;

/// Why a job's changes are not in the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Too many jobs wait. Try again later.
    #[error("the store is busy: more than {QUEUE} jobs wait")]
    Busy,
    /// The disk is full, the file is locked or damaged: nothing of the job is stored. Try again later.
    #[error("the database cannot store: {0}")]
    CannotStore(String),
    /// The program is stopping.
    #[error("the store has stopped")]
    Stopped,
    /// The job itself said no; its changes were taken back.
    #[error(transparent)]
    Job(anyhow::Error),
}

impl StoreError {
    /// Whether the same job may succeed later without anything else changing.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        !matches!(self, StoreError::Job(_))
    }

    /// What a job's error means: the disk's trouble is not the job's fault.
    fn from_job(error: anyhow::Error) -> StoreError {
        if is_trouble_of_the_disk(&error) {
            StoreError::CannotStore(format!("{error:#}"))
        } else {
            StoreError::Job(error)
        }
    }
}

pub(super) fn is_trouble_of_the_disk(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|e| e.downcast_ref::<rusqlite::Error>()).any(is_disk_trouble)
}

fn is_disk_trouble(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::OutOfMemory
        )
    )
}

/// A job and where its answer goes.
trait Work: Send {
    /// Runs inside the transaction. False: its changes are to be taken back.
    fn perform(&mut self, world: &mut SqlWorld<'_>) -> bool;
    /// Called once, when it is known whether the transaction is on the disk.
    fn answer(self: Box<Self>, committed: Result<(), String>);
}

struct Task<T, J> {
    job: Option<J>,
    outcome: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, J> Work for Task<T, J>
where
    T: Send,
    J: FnOnce(&mut SqlWorld<'_>) -> anyhow::Result<T> + Send,
{
    fn perform(&mut self, world: &mut SqlWorld<'_>) -> bool {
        let Some(job) = self.job.take() else { return false };
        let outcome = catch_unwind(AssertUnwindSafe(|| job(world)))
            .unwrap_or_else(|panic| Err(anyhow::anyhow!("a job of the store panicked: {}", words_of(&*panic))));
        let outcome = outcome.map_err(StoreError::from_job);
        let keep = outcome.is_ok();
        self.outcome = Some(outcome);
        keep
    }

    fn answer(self: Box<Self>, committed: Result<(), String>) {
        let outcome = match (committed, self.outcome) {
            (Ok(()), Some(outcome)) => outcome,
            // The job's own error tells more than the failed commit does.
            (Err(_), Some(Err(error))) => Err(error),
            (Err(why), _) => Err(StoreError::CannotStore(why)),
            (Ok(()), None) => Err(StoreError::Stopped),
        };
        // Nobody waits for the answer of a posted job, nor of a request that was given up.
        if let Err(Err(error)) = self.reply.send(outcome)
            && !matches!(error, StoreError::Stopped)
        {
            tracing::error!(error = %format!("{error:#}"), "a job of the store failed");
        }
    }
}

fn words_of(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no words")
}

enum Order {
    Work(Box<dyn Work>),
    /// Empties the write-ahead log into the file and says whether that went well.
    Checkpoint(oneshot::Sender<Result<(), StoreError>>),
    Stop,
}

/// A handle to the writer's thread; as many as wanted.
#[derive(Clone)]
pub struct Writer {
    orders: SyncSender<Order>,
    stopping: Arc<AtomicBool>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Writer {
    /// Starts the thread that owns `conn`, as made by [`super::db::open_writer`].
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(conn: Connection) -> anyhow::Result<Writer> {
        let (orders, inbox) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || Desk { conn, inbox }.serve())
            .context("the writer's thread could not be started")?;
        Ok(Writer { orders, stopping: Arc::default(), thread: Arc::new(Mutex::new(Some(thread))) })
    }

    /// Runs `job` in a transaction; the answer comes when its changes are on the disk. A job that fails or panics changes
    /// nothing, and does not disturb the others that share its transaction. It is handed in at once, also when nobody waits.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn run<T: Send + 'static, J>(&self, job: J) -> impl Future<Output = Result<T, StoreError>> + Send + use<T, J>
    where
        J: FnOnce(&mut SqlWorld<'_>) -> anyhow::Result<T> + Send + 'static,
    {
        let handed_in = self.hand_in(job);
        async move { handed_in?.await.unwrap_or(Err(StoreError::Stopped)) }
    }

    /// As [`Writer::run`], for code that is not async. Panics when called from async code.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn run_blocking<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut SqlWorld<'_>) -> anyhow::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.hand_in(job)?.blocking_recv().unwrap_or(Err(StoreError::Stopped))
    }

    /// Hands a job in and goes on; its failure is logged.
    ///
    /// # Errors
    /// When it could not even be handed in.
    pub fn post(
        &self,
        job: impl FnOnce(&mut SqlWorld<'_>) -> anyhow::Result<()> + Send + 'static,
    ) -> Result<(), StoreError> {
        self.hand_in(job).map(drop)
    }

    fn hand_in<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut SqlWorld<'_>) -> anyhow::Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T, StoreError>>, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.order(Order::Work(Box::new(Task { job: Some(job), outcome: None, reply })))?;
        Ok(answer)
    }

    fn order(&self, order: Order) -> Result<(), StoreError> {
        if self.stopping.load(Ordering::Acquire) {
            return Err(StoreError::Stopped);
        }
        self.orders.try_send(order).map_err(|e| match e {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => StoreError::Stopped,
        })
    }

    /// Empties the write-ahead log into the file, so that nothing that was overwritten or deleted stays in it.
    ///
    /// # Errors
    /// Also when a reader held on to an old state for too long: try again.
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.order(Order::Checkpoint(reply))?;
        answer.await.unwrap_or(Err(StoreError::Stopped))
    }

    /// Its thread has ended although nobody stopped it.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        thread.as_ref().is_some_and(JoinHandle::is_finished)
    }

    /// Takes no more jobs, finishes those that were handed in, closes the file. Blocks until that is done.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A thread that has ended already takes no order, and needs none.
            let _ = self.orders.send(Order::Stop);
            if thread.join().is_err() {
                tracing::error!("the writer's thread panicked");
            }
        }
    }
}

/// The thread's side.
struct Desk {
    conn: Connection,
    inbox: Receiver<Order>,
}

impl Desk {
    fn serve(mut self) {
        let mut stop = false;
        while !stop {
            let Ok(first) = self.inbox.recv() else { break };
            let mut batch = Vec::new();
            let mut checkpoints = Vec::new();
            let mut next = Some(first);
            while let Some(order) = next {
                match order {
                    Order::Work(work) => batch.push(work),
                    Order::Checkpoint(reply) => checkpoints.push(reply),
                    Order::Stop => stop = true,
                }
                next = if batch.len() < BATCH { self.inbox.try_recv().ok() } else { None };
            }
            self.commit(batch);
            for reply in checkpoints {
                // The asker may have gone; the log is emptied all the same.
                let _ = reply.send(self.checkpoint());
            }
        }
        // What was handed in between the order to stop and now.
        loop {
            match self.inbox.try_recv() {
                Ok(Order::Work(work)) => self.commit(vec![work]),
                Ok(_) => {}
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        if let Err(error) = self.checkpoint() {
            tracing::warn!(%error, "the write-ahead log was not emptied at the end; the next start does it");
        }
    }

    fn commit(&mut self, mut batch: Vec<Box<dyn Work>>) {
        if batch.is_empty() {
            return;
        }
        let committed = perform_all(&self.conn, &mut batch).map_err(|e| {
            tracing::error!(error = %e, jobs = batch.len(), "a transaction of the store failed");
            if !self.conn.is_autocommit()
                && let Err(e) = self.conn.execute_batch("ROLLBACK")
            {
                tracing::error!(error = %e, "the failed transaction could not be rolled back");
            }
            e.to_string()
        });
        for work in batch {
            work.answer(committed.clone());
        }
    }

    fn checkpoint(&self) -> Result<(), StoreError> {
        let busy: i64 = self
            .conn
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            .map_err(|e| StoreError::CannotStore(e.to_string()))?;
        if busy == 0 { Ok(()) } else { Err(StoreError::Busy) }
    }
}

/// All jobs in one transaction, each in a savepoint of its own. An error means that nothing of any of them is stored.
fn perform_all(conn: &Connection, batch: &mut [Box<dyn Work>]) -> rusqlite::Result<()> {
    let run = |sql| conn.prepare_cached(sql)?.execute([]);
    run("BEGIN IMMEDIATE")?;
    for work in batch {
        run("SAVEPOINT job")?;
        let keep = work.perform(&mut SqlWorld::new(conn));
        // After a full disk or an I/O error SQLite may have rolled everything back: the next statement then fails, and so
        // does the whole batch, rather than committing the rest as if nothing had happened.
        if !keep {
            run("ROLLBACK TO job")?;
        }
        run("RELEASE job")?;
    }
    run("COMMIT").map(drop)
}
