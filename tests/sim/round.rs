//! A round: many seeds, or one of them told in full.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::promises::Broken;
use crate::run::{Run, Tally};

/// Random acts in one run: some seven weeks.
const OPERATIONS: u64 = 120;
/// Seeds of a round unless told otherwise.
const SEEDS: u64 = 200;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// One run from its seed. On failure: what was broken, and the trace up to there.
fn play(seed: u64) -> (Result<Tally, Broken>, Vec<String>) {
    let mut run = Run::new(seed);
    let lived = catch_unwind(AssertUnwindSafe(|| run.live(OPERATIONS)));
    let lived = lived.unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        let what = words.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap_or_default();
        Err(Broken { promise: 0, what: format!("panicked: {what}") })
    });
    (lived.map(|()| run.tally), std::mem::take(&mut run.trace))
}

fn said(seed: u64, broken: &Broken, trace: &[String]) -> String {
    let last = trace.len().saturating_sub(12);
    format!(
        "seed {seed} broke promise {}: {}\n  {}\nreplay: BAZGASHT_SIM_SEED={seed} cargo test --test sim seeds -- --nocapture",
        broken.promise,
        broken.what,
        trace[last..].join("\n  ")
    )
}

#[test]
fn seeds() {
    if let Some(seed) = number("BAZGASHT_SIM_SEED") {
        let (lived, trace) = play(seed);
        println!("{}", trace.join("\n"));
        match lived {
            Ok(tally) => println!("seed {seed} held: {tally:?}"),
            Err(broken) => panic!("seed {seed} broke promise {}: {}", broken.promise, broken.what),
        }
        return;
    }
    let begun = Instant::now();
    let end = number("BAZGASHT_SIM_MINUTES").map(|m| begun + Duration::from_secs(60 * m));
    let first = number("BAZGASHT_SIM_FROM").unwrap_or(1);
    let most = number("BAZGASHT_SIM_SEEDS").unwrap_or(if end.is_some() { u64::MAX } else { SEEDS });
    let keep_going = std::env::var_os("BAZGASHT_SIM_ALL").is_some();
    let next = AtomicU64::new(0);
    let stop = AtomicBool::new(false);
    let failures = Mutex::new(Vec::new());
    let sum = Mutex::new((0_u64, Tally::default()));
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= most || stop.load(Ordering::Relaxed) || end.is_some_and(|e| Instant::now() > e) {
                        break;
                    }
                    let seed = first + n;
                    let (lived, trace) = play(seed);
                    match lived {
                        Ok(tally) => {
                            let mut sum = sum.lock().unwrap();
                            sum.0 += 1;
                            sum.1 = sum.1.plus(tally);
                        }
                        Err(broken) => {
                            eprintln!("{}", said(seed, &broken, &trace));
                            failures
                                .lock()
                                .unwrap()
                                .push(format!("{seed}: promise {}: {}", broken.promise, broken.what));
                            stop.store(!keep_going, Ordering::Relaxed);
                        }
                    }
                }
            });
        }
    });
    let (held, tally) = *sum.lock().unwrap();
    println!("{held} seeds from {first} held in {:.1} s: {tally:?}", begun.elapsed().as_secs_f64());
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} seeds failed:\n{}", failures.len(), failures.join("\n"));
    assert!(held == 0 || tally.accepted > held, "hardly a text went out: {tally:?}");
}

/// A seed that cannot be replayed proves nothing.
#[test]
fn the_same_seed_is_the_same_run() {
    for seed in [3, 4] {
        let (first, second) = (play(seed).1, play(seed).1);
        let differs = first.iter().zip(&second).find(|(a, b)| a != b);
        assert_eq!(differs, None, "seed {seed}");
        assert_eq!(first.len(), second.len(), "seed {seed}");
    }
}
