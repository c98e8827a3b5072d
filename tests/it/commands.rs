//! The built program, as an owner calls it.

use std::path::Path;
use std::process::{Command, Output};

use bazgasht::state::world::World;

fn bazgasht(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bazgasht"))
        .args(args)
        .current_dir(folder)
        .env_remove("BAZGASHT_LOG")
        .output()
        .expect("the program")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn week() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/events/week.jsonl").display().to_string()
}

#[test]
fn simulate_lives_through_the_recorded_week_the_same_every_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let args = ["simulate", "--events", &week(), "--messages"];
    let (once, again) = (bazgasht(folder.path(), &args), bazgasht(folder.path(), &args));
    assert!(once.status.success());
    assert_eq!(text(&once), text(&again));
    insta::assert_snapshot!(text(&once));
}

#[test]
fn simulate_names_the_line_that_is_no_event() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(
        folder.path().join("bad.jsonl"),
        "\n{\"id\":\"1\",\"type\":\"cart.cleared\",\"time\":\"yesterday\",\"data\":{}}\n",
    )
    .expect("a file");
    let output = bazgasht(folder.path(), &["simulate", "--events", "bad.jsonl"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("bad.jsonl") && said.contains("line 2") && said.contains("RFC 3339"), "{said}");
}

#[test]
fn demo_plays_the_week_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_bazgasht"))
        .args(["demo", "--fast"])
        .current_dir(folder.path())
        .env("TMPDIR", folder.path())
        .output()
        .expect("the program");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = text(&output);
    assert_eq!(said.matches("an SMS goes out").count(), 9, "{said}");
    assert!(said.contains("302 to https://chaysara.example/?bazgasht="));
    assert!(said.contains("To go live"));
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
fn init_then_check_then_preview() {
    let folder = tempfile::tempdir().expect("a folder");
    for language in ["fa", "en"] {
        let dir = folder.path().join(language);
        std::fs::create_dir(&dir).expect("a folder");
        let init = bazgasht(&dir, &["init", "--language", language, "--shop-url", "https://shop.example"]);
        assert!(init.status.success(), "{}", String::from_utf8_lossy(&init.stderr));
        let check = bazgasht(&dir, &["check"]);
        assert_eq!(check.status.code(), Some(0), "{}", text(&check));
        assert!(text(&bazgasht(&dir, &["preview", "abandoned-cart"])).contains("https://shop.example/s/"));
    }
}

#[test]
fn one_word_switches_a_campaign() {
    let folder = tempfile::tempdir().expect("a folder");
    let refused = bazgasht(folder.path(), &["campaigns", "--on", "welcome"]);
    assert_eq!(refused.status.code(), Some(1), "there is no file of one's own yet");
    assert_eq!(bazgasht(folder.path(), &["init"]).status.code(), Some(0));
    let listed = text(&bazgasht(folder.path(), &["campaigns"]));
    assert_eq!(listed.lines().filter(|line| line.starts_with("on ")).count(), 3, "{listed}");
    assert!(listed.contains("off  welcome "), "{listed}");
    let said = text(&bazgasht(folder.path(), &["campaigns", "--on", "abandoned-cart-slow"]));
    assert!(
        said.starts_with("abandoned-cart-slow is on now\nabandoned-cart is off now, as it does the same\n"),
        "{said}"
    );
    let check = text(&bazgasht(folder.path(), &["check"]));
    assert!(check.starts_with("OK: 58 campaigns (3 enabled)"), "{check}");
    assert!(text(&bazgasht(folder.path(), &["campaigns", "--on", "abandoned-cart-slow"])).contains("already"));
    let unknown = bazgasht(folder.path(), &["campaigns", "--off", "welcom"]);
    assert_eq!(unknown.status.code(), Some(1));
}

#[test]
fn backup_makes_a_private_whole_copy_and_overwrites_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let chance = bazgasht::ids::SeededChance::new(1);
    drop(bazgasht::store::db::open_writer(&folder.path().join("bazgasht.db"), &chance).expect("a database"));
    assert_eq!(bazgasht(folder.path(), &["backup", "copy.db"]).status.code(), Some(0));
    let copy = folder.path().join("copy.db");
    assert_eq!(copy.metadata().expect("the copy").permissions().mode() & 0o777, 0o600);
    bazgasht::store::db::open_reader(&copy).expect("a whole database");
    assert_eq!(bazgasht(folder.path(), &["backup", "copy.db"]).status.code(), Some(1));
}

#[test]
fn a_mistake_in_a_text_keeps_nobody_from_opting_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let chance = bazgasht::ids::SeededChance::new(1);
    drop(bazgasht::store::db::open_writer(&folder.path().join("bazgasht.db"), &chance).expect("a database"));
    std::fs::write(folder.path().join("bazgasht.toml"), "campaigns = \"campaigns.toml\"\n").expect("settings");
    std::fs::write(folder.path().join("campaigns.toml"), "[[campain]]\n").expect("campaigns");
    let said = bazgasht(folder.path(), &["contact", "opt-out", "09120000001"]);
    assert_eq!(said.status.code(), Some(0), "{}", text(&said));
    let conn = bazgasht::store::db::open_reader(&folder.path().join("bazgasht.db")).expect("the database");
    let phone = bazgasht::phone::Phone::from_e164("+989120000001").expect("a number");
    assert!(World::opt_out(&bazgasht::store::SqlWorld::new(&conn), &phone).expect("the store").is_some());
}

#[test]
fn wrong_use_is_2_and_help_helps() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(bazgasht(folder.path(), &["simulat"]).status.code(), Some(2));
    for command in [
        "run",
        "check",
        "preview",
        "campaigns",
        "simulate",
        "import",
        "demo",
        "report",
        "contact",
        "send-test",
        "doctor",
        "backup",
        "init",
    ] {
        let help = bazgasht(folder.path(), &[command, "--help"]);
        assert!(help.status.success() && text(&help).contains("Usage:"), "{command}");
    }
}
