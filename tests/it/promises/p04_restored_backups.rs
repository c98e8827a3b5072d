//! 4. What was sent after a backup was made is not sent again when the backup is put in the database's place.

use std::path::{Path, PathBuf};

use bazgasht::clock::Clock;
use bazgasht::ids::SeededChance;
use bazgasht::state::model::{HoldScope, MessageState, Reason};
use bazgasht::state::world::World;
use bazgasht::store::{backup, db};

use crate::world::house::{Home, PAID};
use crate::world::story::{REZA, SARA, SHIPPED, rules};

const NEXT_MORNING: &str = "2026-11-25T10:00:00+03:30";

/// The shop's file; its daemon does not run.
fn database(home: &Home) -> PathBuf {
    home.folder.path().join("bazgasht.db")
}

/// Ends this life, lets `put` work on the database, and begins the next at `now`.
async fn after(home: Home, now: &str, put: impl FnOnce(&Path)) -> Home {
    let file = database(&home);
    let Home { house, fake, folder, .. } = home;
    house.close().await.expect("an orderly end");
    put(&file);
    Home::in_folder(folder, fake, PAID, now, None).await
}

fn put_in_place(copy: &Path, database: &Path) {
    std::fs::copy(copy, database).expect("put in place");
}

async fn is_held(home: &Home) -> bool {
    let holds = home.house.parts.writer.run(|world| world.holds()).await.expect("the store");
    holds.iter().any(|hold| hold.scope == HoldScope::All)
}

async fn resume(home: &Home) -> String {
    let mut rules = rules(SHIPPED, PAID);
    rules.settings.database = database(home);
    let args = bazgasht::cli::hold::ResumeArgs {
        files: bazgasht::cli::files::Files { config: None, campaigns: None },
        scope: Some("all".to_owned()),
    };
    let mut said = Vec::new();
    let now = home.house.clock.now();
    let code = bazgasht::cli::hold::resume(&args, &rules, now, &SeededChance::new(3), &mut said).await;
    assert_eq!(code.expect("the database"), 0);
    String::from_utf8(said).expect("a text")
}

/// A basket is left, the database is saved, and the reminder goes out.
async fn sent_after_it_was_saved(save: impl FnOnce(&Home)) -> Home {
    let home = Home::new().await;
    home.abandoned("t_1", SARA).await;
    home.pass("10m").await;
    save(&home);
    home.pass("2h").await;
    assert_eq!(home.fake.accepted().len(), 1);
    home
}

/// Nothing of the past goes again, and what comes is served.
async fn goes_on_without_the_past(home: Home) {
    assert!(is_held(&home).await);
    home.pass("1h").await;
    assert_eq!(home.fake.accepted().len(), 1, "held");
    let said = resume(&home).await;
    assert!(said.contains("dropped"), "{said}");
    assert!(!is_held(&home).await);
    // The bridge gives no event id twice; this one counts from the first again.
    home.stock().await;
    home.stock().await;
    home.abandoned("t_2", REZA).await;
    home.pass("2h").await;
    assert_eq!(home.fake.accepted().len(), 2, "the new basket's");
    home.pass("3d").await;
    let first = home.messages().await.into_iter().find(|m| m.id.0 == 1).expect("the message that was sent");
    assert_eq!((first.state, first.reason), (MessageState::Cancelled, Some(Reason::Behind)));
    let sara: Vec<_> = home.fake.accepted().into_iter().filter(|m| m.receptor.ends_with("9120000001")).collect();
    assert_eq!(sara.len(), 1, "she may have ordered: nothing more about that basket");
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn p04_a_restored_backup_sends_nothing_again() {
    let saved = tempfile::tempdir().expect("a folder");
    let copy = saved.path().join("copy.db");
    let home = sent_after_it_was_saved(|home| {
        backup::copy(&database(home), &copy, home.house.clock.now()).expect("a backup");
    })
    .await;
    let home = after(home, NEXT_MORNING, |file| put_in_place(&copy, file)).await;
    goes_on_without_the_past(home).await;
}

#[tokio::test]
async fn p04_an_older_copy_of_the_file_is_known_by_its_mark() {
    let saved = tempfile::tempdir().expect("a folder");
    let copy = saved.path().join("copy.db");
    let home = sent_after_it_was_saved(|home| {
        // What a snapshot of the disk would hold, without the stamp.
        let from = rusqlite::Connection::open(database(home)).expect("the database");
        from.execute("VACUUM INTO ?1", [copy.to_str()]).expect("a copy");
    })
    .await;
    let home = after(home, NEXT_MORNING, |file| put_in_place(&copy, file)).await;
    goes_on_without_the_past(home).await;
}

#[tokio::test]
async fn p04_a_database_that_was_only_stopped_is_not_held() {
    let home = sent_after_it_was_saved(|_| {}).await;
    let home = after(home, NEXT_MORNING, |_| {}).await;
    assert!(!is_held(&home).await);
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn p04_a_backup_beside_another_files_log_is_refused() {
    let home = Home::new().await;
    let saved = tempfile::tempdir().expect("a folder");
    let copy = saved.path().join("copy.db");
    backup::copy(&database(&home), &copy, home.house.clock.now()).expect("a backup");
    // As a kill leaves it: not everything that was written stands in the file itself.
    std::fs::write(saved.path().join("copy.db-wal"), "what another database had still to write").expect("a log");
    for opened in [db::open_reader(&copy).map(drop), db::open_writer(&copy, &SeededChance::new(1)).map(drop)] {
        let said = format!("{:#}", opened.expect_err("refused"));
        assert!(said.contains("copy.db-wal") && said.contains("remove it"), "{said}");
    }
    std::fs::remove_file(saved.path().join("copy.db-wal")).expect("removed");
    drop(db::open_writer(&copy, &SeededChance::new(1)).expect("a whole database"));
    home.house.close().await.expect("an orderly end");
}
