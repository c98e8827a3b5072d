//! The built program as a child process.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

/// Long enough for two busy cores, short enough to notice what hangs.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// A life of `bazgasht run`. Dropped, it is killed.
pub struct Program {
    child: Child,
    address: watch::Receiver<Option<SocketAddr>>,
    log: Arc<Mutex<Vec<String>>>,
}

/// What stands between the test and the program.
pub enum Shell<'a> {
    None,
    /// No file may grow beyond this, in the words of `ulimit -f`. Writing beyond is an error, as a full disk's is, and not a
    /// signal. See [`Program::limit_files`].
    FilesUpTo(&'a str),
    /// This folder is a disk of its own, of so many KiB, that only the program's process sees.
    SmallDisk(&'a Path, u32),
}

impl Program {
    /// Does not wait for anything.
    pub fn start(folder: &Path, shell: &Shell<'_>) -> Program {
        let program = env!("CARGO_BIN_EXE_bazgasht");
        let mut command = match shell {
            Shell::None => Command::new(program),
            Shell::FilesUpTo(most) => {
                let mut command = Command::new("bash");
                let limit = r#"trap "" XFSZ; ulimit -S -f "$1" && shift && exec "$0" "$@""#;
                command.args(["-c", limit, program, most]);
                command
            }
            Shell::SmallDisk(at, kib) => {
                let mut command = Command::new("unshare");
                let mount = format!(r#"mount -t tmpfs -o size={kib}k bazgasht "$1" && shift && exec "$0" "$@""#);
                command.args(["-Urm", "bash", "-c", &mount, program]).arg(at);
                command
            }
        };
        let mut child = command
            .args(["run", "--config", "bazgasht.toml"])
            .current_dir(folder)
            .env_remove("BAZGASHT_LOG")
            .env_remove("BAZGASHT_SECRET")
            .env_remove("BAZGASHT_KAVENEGAR_KEY")
            .env_remove("JOURNAL_STREAM")
            .env_remove("NOTIFY_SOCKET")
            .env_remove("STATE_DIRECTORY")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (tell, address) = watch::channel(None);
        let log = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&log);
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(said) = line.split("http.address=").nth(1) {
                    tell.send_replace(said.split_whitespace().next().and_then(|word| word.parse().ok()));
                }
                kept.lock().unwrap().push(line);
            }
        });
        Program { child, address, log }
    }

    /// Where it listens, as soon as it does.
    pub async fn ready(&mut self) -> SocketAddr {
        let told = tokio::time::timeout(PATIENCE, self.address.wait_for(Option::is_some)).await;
        let told = told.ok().and_then(Result::ok).and_then(|address| *address);
        told.unwrap_or_else(|| panic!("the program did not become ready:\n{}", self.log()))
    }

    pub fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id().expect("it runs")).unwrap()).unwrap()
    }

    /// SIGKILL: nothing of it runs any more when this returns.
    pub async fn kill(mut self) -> String {
        self.child.kill().await.unwrap();
        self.never_named_anybody();
        self.log()
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// No file may grow beyond this many bytes; `None`: any may.
    pub fn limit_files(&self, bytes: Option<u64>) {
        prlimit(Some(self.pid()), Resource::Fsize, Rlimit { current: bytes, maximum: None }).unwrap();
    }

    /// Waits for its end.
    pub async fn end(&mut self) -> ExitStatus {
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        let ended = ended.unwrap_or_else(|_| panic!("the program did not end:\n{}", self.log())).unwrap();
        self.never_named_anybody();
        ended
    }

    /// SIGTERM, and its orderly end.
    pub async fn stop(mut self) -> String {
        self.signal(Signal::TERM);
        let ended = self.end().await;
        assert!(ended.success(), "{ended} after SIGTERM:\n{}", self.log());
        self.log()
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    pub fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    /// Promise 12, seen from outside: the shop's people have numbers that begin so.
    fn never_named_anybody(&self) {
        let named = |line: &&String| line.contains("0912000") || line.contains("98912000");
        assert_eq!(self.log.lock().unwrap().iter().find(named), None, "a number in the log");
    }
}

/// Looks until `look` has something, which must be soon.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    until_well(what, async || look().await.ok_or_else(String::new)).await
}

/// As [`until`]; `look` says what it saw instead.
pub async fn until_well<T>(what: &str, mut look: impl AsyncFnMut() -> Result<T, String>) -> T {
    let mut seen = String::new();
    let looking = async {
        loop {
            match look().await {
                Ok(found) => return found,
                Err(instead) => seen = instead,
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, looking).await;
    found.unwrap_or_else(|_| panic!("waited in vain for: {what}; {seen}"))
}
