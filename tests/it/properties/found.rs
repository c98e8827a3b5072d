//! Every file of `tests/data/fuzz` holds, as it is and a little spoilt.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use bazgasht::ids::{Chance, SeededChance};

use crate::invariants::{Hold, SUBJECTS, campaigns, story, text};

/// How many spoilt copies of each file are tried.
const COPIES: u64 = 12;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/fuzz")
}

fn files(subject: &str) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder().join(subject)).unwrap_or_else(|e| panic!("tests/data/fuzz/{subject}: {e}"));
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

/// The inputs for which a subject does not hold, as a reader of the failure wants them.
fn broken(subject: &str, hold: Hold, inputs: impl IntoIterator<Item = (String, Vec<u8>)>) -> Vec<String> {
    let breaks = |(what, bytes): (String, Vec<u8>)| {
        let outcome = catch_unwind(AssertUnwindSafe(|| hold(&bytes)));
        outcome.is_err().then(|| format!("{subject}, {what}:\n{}\n", String::from_utf8_lossy(&bytes)))
    };
    inputs.into_iter().filter_map(breaks).collect()
}

#[test]
fn every_subject_has_its_inputs_and_its_target() {
    let names = |at: PathBuf| -> BTreeSet<String> {
        let paths = fs::read_dir(at).unwrap().map(|entry| entry.unwrap().path());
        paths.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect()
    };
    let subjects: BTreeSet<String> = SUBJECTS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(folder()), subjects);
    assert_eq!(names(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets")), subjects);
}

#[test]
fn what_was_found_once_holds_now() {
    let broken: Vec<String> = SUBJECTS.iter().flat_map(|(name, hold)| broken(name, *hold, files(name))).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn what_was_found_once_holds_when_it_is_spoilt() {
    let mut found = Vec::new();
    for (subject, hold) in SUBJECTS {
        let (files, chance) = (files(subject), SeededChance::new(1));
        let copies = files.iter().flat_map(|(name, bytes)| (0..COPIES).map(move |copy| (copy, name, bytes)));
        let inputs = copies.map(|(copy, name, bytes)| {
            let (_, other) = &files[draw(&chance, files.len())];
            (format!("copy {copy} of {name}"), spoilt(bytes, other, &chance))
        });
        found.extend(broken(subject, *hold, inputs));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Inputs that are all refused at the border would hold whatever lies behind it.
#[test]
fn some_inputs_get_to_the_end() {
    let through = |subject: &str, count: fn(&[u8]) -> usize| -> usize {
        files(subject).iter().map(|(_, bytes)| count(bytes)).sum()
    };
    assert!(through("text", |bytes| text::of(&String::from_utf8_lossy(bytes))) > 3);
    assert!(through("story", story::of) > 1);
    assert!(through("campaigns", |bytes| usize::from(campaigns::of(&String::from_utf8_lossy(bytes)).is_some())) > 1);
}

fn draw(chance: &SeededChance, below: usize) -> usize {
    usize::try_from(chance.next_u64() % below.max(1) as u64).unwrap()
}

/// A stretch taken out, doubled, replaced by one of another file, or a byte changed; up to three times.
fn spoilt(bytes: &[u8], other: &[u8], chance: &SeededChance) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=draw(chance, 3) {
        let from = draw(chance, bytes.len());
        let to = (from + 1 + draw(chance, 16)).min(bytes.len());
        let start = draw(chance, other.len());
        let piece = match draw(chance, 4) {
            0 => Vec::new(),
            1 => [&bytes[from..to], &bytes[from..to]].concat(),
            2 => other[start..(start + 24).min(other.len())].to_vec(),
            _ => vec![chance.next_u64().to_le_bytes()[0]],
        };
        bytes.splice(from..to, piece);
    }
    bytes
}
