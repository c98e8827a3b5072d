//! The machine: a life of the daemon from start to crash, its disk and its clock.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use bazgasht::campaign::check::{self as campaigns, CheckContext};
use bazgasht::clock::{At, Clock, HandClock};
use bazgasht::daemon;
use bazgasht::daemon::machine::Machine;
use bazgasht::daemon::start::{Start, assemble};
use bazgasht::ids::SeededChance;
use bazgasht::receive::signature::{Key, header};
use bazgasht::rules::Rules;
use bazgasht::secret::Secret;
use bazgasht::send::gateway::{Gateway, Registry};
use bazgasht::send::{balance, brake, driver};
use bazgasht::settings::check as settings;
use bazgasht::store::{Readers, SqlWorld};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::laws::SECRET;

/// The owner's two files as they stand on the disk.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Files {
    pub settings: String,
    pub campaigns: String,
    /// Special days.
    pub days: String,
}

/// What the disk does with the writer's commits.
#[derive(Default)]
pub struct Disk {
    /// Something was written since the last commit.
    touched: AtomicBool,
    /// Commits until the machine stops; below zero: it does not.
    left: AtomicI64,
    /// The last of them is still on the disk.
    keeps_last: AtomicBool,
    /// Nothing is stored any more: the machine has stopped.
    dead: AtomicBool,
    /// Nothing can be stored for now.
    failing: AtomicBool,
}

impl Disk {
    fn new() -> Disk {
        Disk { left: AtomicI64::new(-1), ..Disk::default() }
    }

    /// True: the commit is taken back.
    fn refuses(&self) -> bool {
        let touched = self.touched.swap(false, Ordering::SeqCst);
        if self.dead.load(Ordering::SeqCst) || (touched && self.failing.load(Ordering::SeqCst)) {
            return true;
        }
        if !touched || self.left.load(Ordering::SeqCst) < 0 {
            return false;
        }
        if self.left.fetch_sub(1, Ordering::SeqCst) > 0 {
            return false;
        }
        self.dead.store(true, Ordering::SeqCst);
        !self.keeps_last.load(Ordering::SeqCst)
    }

    pub fn is_dead(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }

    /// The machine stops at the commit after the next `left`, before it or after it.
    pub fn stop_at(&self, left: i64, keeps_last: bool) {
        self.keeps_last.store(keeps_last, Ordering::SeqCst);
        self.left.store(left, Ordering::SeqCst);
    }

    pub fn fail(&self, failing: bool) {
        self.failing.store(failing, Ordering::SeqCst);
    }
}

/// One life of the daemon.
pub struct Life {
    runtime: Option<Runtime>,
    /// Lets go of the task that keeps the runtime's clock from running ahead.
    still: mpsc::Sender<()>,
    process: Option<daemon::Parts>,
    pub parts: driver::Parts,
    pub disk: Arc<Disk>,
    pub readers: Readers,
    folder: PathBuf,
    calls: AtomicI64,
}

const DATABASE: &str = "bazgasht.db";

/// What both lives of a daemon share.
pub struct Beginning {
    pub gateways: Vec<Arc<dyn Gateway>>,
    pub clock: Arc<HandClock>,
    pub files: Arc<Mutex<Files>>,
    pub seed: u64,
}

impl Life {
    pub fn begin(folder: PathBuf, beginning: &Beginning) -> Life {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
        let (still, wait) = mpsc::channel();
        // While a blocking task is under way the paused clock does not run ahead by itself.
        runtime.spawn_blocking(move || wait.recv());
        let files = Arc::clone(&beginning.files);
        let first = rules(&files.lock().expect("files")).expect("files without an error").settings;
        let database = folder.join(DATABASE);
        let mut gateways = Registry::default();
        for gateway in &beginning.gateways {
            gateways.add(Arc::clone(gateway)).expect("a name of its own");
        }
        let start = Start {
            settings: bazgasht::settings::model::Settings { database: database.clone(), ..first },
            load: Box::new(move |_| rules(&files.lock().expect("files"))),
            gateways: Box::new(move |_, _| Ok(gateways.clone())),
            clock: Arc::clone(&beginning.clock) as Arc<dyn Clock>,
            chance: Arc::new(SeededChance::new(beginning.seed)),
            machine: Machine::default(),
            reports: Box::new(|_, _| Box::new(|_, _| Ok(None))),
            ready: Box::new(|_| ()),
        };
        let (process, parts) = runtime.block_on(assemble(start)).expect("a daemon");
        let disk = Arc::new(Disk::new());
        let (seen, asked) = (Arc::clone(&disk), Arc::clone(&disk));
        let hooked = runtime.block_on(parts.writer.run(move |world| {
            let conn = world.connection();
            conn.update_hook(Some(move |_, _: &str, _: &str, _| seen.touched.store(true, Ordering::SeqCst)))?;
            conn.commit_hook(Some(move || asked.refuses()))?;
            Ok(())
        }));
        hooked.expect("hooks");
        let readers = Readers::open(&database, 1).expect("a reader");
        Life {
            runtime: Some(runtime),
            still,
            process: Some(process),
            parts,
            disk,
            readers,
            folder,
            calls: AtomicI64::new(0),
        }
    }

    fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.as_ref().expect("alive").block_on(work)
    }

    /// Runs a job of the writer as the daemon's own commands do.
    pub fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut SqlWorld<'_>) -> anyhow::Result<T> + Send + 'static,
    ) -> Option<T> {
        self.block_on(self.parts.writer.run(job)).ok()
    }

    pub fn read<T>(&self, look: impl FnOnce(&SqlWorld<'_>) -> anyhow::Result<T>) -> T {
        self.readers.with(|conn| look(&SqlWorld::new(conn))).expect("the database")
    }

    /// Does everything that can be done without the gateway's next answer. When something is due next.
    pub fn turn(&self) -> Option<At> {
        let turned = self.block_on(driver::turn(&self.parts, &CancellationToken::new()));
        self.calm();
        turned.ok().flatten()
    }

    /// Lets every task come to where it waits for the gateway or for time.
    pub fn calm(&self) {
        if !self.parts.hands.is_empty() || !self.parts.questions.is_empty() {
            self.wait_for_writer();
        }
    }

    fn wait_for_writer(&self) {
        self.block_on(async {
            for _ in 0..2 {
                for _ in 0..4 {
                    tokio::task::yield_now().await;
                }
                // The writer takes its jobs in their order: when this one is answered, so are all before it.
                let _ = self.parts.writer.run(|_| Ok(())).await;
            }
            for _ in 0..4 {
                tokio::task::yield_now().await;
            }
        });
    }

    pub fn pass(&self, span: i64) {
        if self.parts.hands.is_empty() && self.parts.questions.is_empty() {
            // Nobody waits for time.
            return;
        }
        let span = Duration::from_millis(u64::try_from(span).unwrap_or(0));
        self.block_on(tokio::time::advance(span));
        self.calm();
    }

    pub fn look_for_credit(&self) -> bool {
        self.block_on(balance::look(&self.parts)).unwrap_or(false)
    }

    /// Looks whether something is out of hand.
    pub fn look_at_brake(&self) {
        let _ = self.block_on(brake::turn(&self.parts));
    }

    pub fn erase(&self, phone: &bazgasht::phone::Phone, now: At) -> bool {
        let erasing = bazgasht::store::erase::erase(&self.parts.writer, &self.readers, phone, "IR", now);
        self.block_on(erasing).is_ok()
    }

    pub fn reload(&self) -> Result<usize, daemon::Problems> {
        let done = (self.process.as_ref().expect("alive").reload)();
        self.wait_for_writer();
        done
    }

    /// From now on the database cannot grow, or can again.
    pub fn fill(&self, full: bool) {
        let most = if full { 1 } else { 1 << 30 };
        self.write(move |world| {
            world.connection().query_row(&format!("PRAGMA max_page_count = {most}"), [], |_| Ok(()))?;
            Ok(())
        });
    }

    // ── the door ────────────────────────────────────────────────────────────────────────────────────────────

    /// A call of the bridge, signed at `seconds` by its own clock. Status and body.
    pub fn post(&self, body: &str, seconds: i64) -> (u16, serde_json::Value) {
        let id = format!("msg_{}", self.calls.fetch_add(1, Ordering::Relaxed));
        let signature = Key::parse(SECRET).expect("a key").sign(&id, seconds, body.as_bytes());
        let request = Request::post("/v1/events")
            .header(header::ID, id)
            .header(header::TIMESTAMP, seconds.to_string())
            .header(header::SIGNATURE, signature)
            .body(Body::from(body.to_owned()));
        self.call(request.expect("a request"))
    }

    /// A call of the gateway, or of a shopper who follows a link.
    pub fn get(&self, path: &str) -> u16 {
        let agent = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/119.0.0.0 Mobile Safari/537.36";
        let request = Request::get(path).header("user-agent", agent).body(Body::empty());
        let status = self.call(request.expect("a request")).0;
        // Visits are counted behind the visitor's back.
        self.wait_for_writer();
        status
    }

    fn call(&self, request: Request<Body>) -> (u16, serde_json::Value) {
        let router = self.process.as_ref().expect("alive").router.clone();
        let answer = self.block_on(async move {
            let answer = router.oneshot(request).await.expect("an answer");
            let status = answer.status().as_u16();
            let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
            (status, serde_json::from_slice(&body).unwrap_or_default())
        });
        self.calm();
        answer
    }

    // ── the end ─────────────────────────────────────────────────────────────────────────────────────────────

    /// Stops as a power cut does: what is in the files now is all that is left, whatever the process still does.
    pub fn crash(self) -> PathBuf {
        let names = [DATABASE.to_owned(), format!("{DATABASE}-wal")];
        let left: Vec<_> = names.iter().map(|name| std::fs::read(self.folder.join(name)).ok()).collect();
        let folder = self.stop();
        for (name, bytes) in names.iter().zip(left) {
            let path = folder.join(name);
            match bytes {
                Some(bytes) => std::fs::write(path, bytes).expect("a file"),
                None => drop(std::fs::remove_file(path)),
            }
        }
        let _ = std::fs::remove_file(folder.join(format!("{DATABASE}-shm")));
        folder
    }

    /// Stops as SIGTERM does when the gateway does not answer in time.
    pub fn stop(mut self) -> PathBuf {
        let process = self.process.take().expect("alive");
        let folder = self.folder.clone();
        drop(self);
        (process.close)();
        folder
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        let _ = self.still.send(());
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Reads the files as the daemon does. They are read often and seldom differ.
pub fn rules(files: &Files) -> Result<Rules, Vec<String>> {
    type Read = std::collections::BTreeMap<Files, Result<Rules, Vec<String>>>;
    static READ: Mutex<Read> = Mutex::new(Read::new());
    let mut read = READ.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    read.entry(files.clone()).or_insert_with(|| parse(files)).clone()
}

fn parse(files: &Files) -> Result<Rules, Vec<String>> {
    let said = |problems: &[bazgasht::problem::Problem]| vec![bazgasht::problem::render_all(problems, false)];
    let outside = settings::Outside {
        folder: Path::new("."),
        environment: [(settings::ENV_SECRET.to_owned(), SECRET.to_owned())].into(),
        credentials: [].into(),
        read: &|path| match path.ends_with("days.toml") {
            true => Ok(files.days.clone()),
            false => Err(std::io::ErrorKind::NotFound.into()),
        },
    };
    let checked = settings::load("bazgasht.toml", &files.settings, &outside);
    let Some(mut settings) = checked.settings else { return Err(said(&checked.problems)) };
    let checked =
        campaigns::load("campaigns.toml", &files.campaigns, &CheckContext { settings: &settings, told: None });
    let Some(campaigns) = checked.campaigns else { return Err(said(&checked.problems)) };
    settings.secret = Some(Secret::new(SECRET));
    Ok(Rules { campaigns, settings })
}
