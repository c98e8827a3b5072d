//! The borders that no compiler holds: pure rooms stay pure, and no file outgrows its subject.

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms and files that know no clock, randomness, database, network or async runtime.
const PURE: &[&str] = &[
    "campaign",
    "decide",
    "digits.rs",
    "document.rs",
    "flow.rs",
    "import/csv.rs",
    "import/oauth.rs",
    "import/woo.rs",
    "jalali.rs",
    "links",
    "measure/attribution.rs",
    "measure/credit.rs",
    "measure/trials.rs",
    "money.rs",
    "phone.rs",
    "problem.rs",
    "receive/event.rs",
    "receive/signature.rs",
    "receive/wire.rs",
    "render",
    "rules.rs",
    "schedule",
    "send/gate.rs",
    "send/outcome.rs",
    "send/replies.rs",
    "send/alarm.rs",
    "settings",
    "simulate.rs",
    "state",
];

const FOREIGN: &[&str] = &[
    "rusqlite",
    "tokio",
    "reqwest",
    "axum",
    "SystemClock",
    "SystemChance",
    "Utc::now",
    "rand::",
    "std::fs",
    "TcpStream",
    "TcpListener",
    "crate::store",
    "crate::daemon",
];

/// A file that is mostly one table of cases may be longer; everything else is two subjects in one.
const LONGEST: usize = 800;

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn rust_files(at: &Path, into: &mut Vec<PathBuf>) {
    if at.is_file() {
        into.push(at.to_owned());
        return;
    }
    for entry in fs::read_dir(at).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() || path.extension().is_some_and(|e| e == "rs") {
            rust_files(&path, into);
        }
    }
}

/// The file without its tests and comments.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a source file");
    let end = text.find("#[cfg(test)]").unwrap_or(text.len());
    text[..end].lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn pure_rooms_stay_pure() {
    let mut files = Vec::new();
    for room in PURE {
        rust_files(&source().join(room), &mut files);
    }
    let mut wrong = Vec::new();
    for file in &files {
        let code = code(file);
        wrong.extend(
            FOREIGN.iter().filter(|word| code.contains(*word)).map(|word| format!("{}: {word}", file.display())),
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(files.len() > 30);
}

#[test]
fn sql_stands_in_the_store_only() {
    let mut files = Vec::new();
    rust_files(&source(), &mut files);
    let wrong: Vec<_> = files
        .iter()
        .filter(|f| !f.starts_with(source().join("store")))
        .filter(|f| ["SELECT ", "INSERT INTO", "DELETE FROM"].iter().any(|sql| code(f).contains(sql)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_file_has_one_subject() {
    let mut files = Vec::new();
    rust_files(&source(), &mut files);
    let long: Vec<_> = files.iter().filter(|f| code(f).lines().count() > LONGEST).collect();
    assert!(long.is_empty(), "{long:#?}");
}
