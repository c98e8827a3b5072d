//! 10. A bad `campaigns.toml` never stops or changes what runs; errors name file, line, column and what was meant.

use std::sync::{Arc, Mutex};

use bazgasht::campaign::check::{self, CheckContext};
use bazgasht::daemon::start::Load;
use bazgasht::rules::Rules;

use crate::kavenegar_fake::Fake;
use crate::world::house::{Home, PAID};
use crate::world::story::{SARA, SHIPPED, START, rules};

/// A daemon whose campaigns are read from a file that can be changed.
async fn home(file: &Arc<Mutex<String>>) -> Home {
    let file = Arc::clone(file);
    let settings = rules(SHIPPED, PAID).settings;
    let load: Load = Box::new(move |told| {
        let source = file.lock().expect("the file").clone();
        let mut settings = settings.clone();
        settings.listen = ([127, 0, 0, 1], 0).into();
        let checked = check::load("campaigns.toml", &source, &CheckContext { settings: &settings, told });
        checked
            .campaigns
            .map(|campaigns| Rules { campaigns, settings })
            .ok_or_else(|| checked.problems.iter().map(|p| p.render(false)).collect())
    });
    let home =
        Home::in_folder(tempfile::tempdir().expect("a folder"), Fake::start().await, PAID, START, Some(load)).await;
    home.stock().await;
    home
}

async fn reloads(home: &Home, outcome: &str) -> String {
    let line = format!("bazgasht_reloads_total{{outcome=\"{outcome}\"}}");
    let http = reqwest::get(home.house.url("/metrics")).await.expect("an answer").text().await.expect("a text");
    http.lines().find(|l| l.starts_with(&line)).unwrap_or("0").rsplit(' ').next().unwrap_or("0").to_owned()
}

async fn reload(home: &Home, outcome: &str) {
    let before = reloads(home, outcome).await;
    home.house.orders.reload.notify_one();
    while reloads(home, outcome).await == before {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn p10_a_bad_file_keeps_the_old_one_running_and_says_so() {
    let file = Arc::new(Mutex::new(SHIPPED.to_owned()));
    let home = home(&file).await;
    home.abandoned("t_1", SARA).await;
    *file.lock().expect("the file") = SHIPPED.replacen("after = \"1h\"", "afterr = \"1h\"", 1);
    reload(&home, "refused").await;
    let ready = reqwest::get(home.house.url("/readyz")).await.expect("an answer");
    assert_eq!(ready.status(), 200, "what ran runs on");
    let said = ready.text().await.expect("a text");
    assert!(said.contains("campaigns.toml"), "{said}");
    home.pass("61m").await;
    assert_eq!(home.fake.accepted().len(), 1, "by the old file");
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn p10_a_good_file_is_taken_whole() {
    let file = Arc::new(Mutex::new(SHIPPED.to_owned()));
    let home = home(&file).await;
    home.abandoned("t_1", SARA).await;
    *file.lock().expect("the file") = SHIPPED.replacen("after = \"1h\"", "after = \"2h\"", 1);
    reload(&home, "loaded").await;
    home.pass("61m").await;
    assert_eq!(home.fake.accepted().len(), 0);
    home.pass("60m").await;
    assert_eq!(home.fake.accepted().len(), 1);
    home.house.close().await.expect("an orderly end");
}

#[tokio::test]
async fn p10_new_hours_hold_for_what_waits() {
    let rules_of = |hours: &str| rules(SHIPPED, &format!("{PAID}\n[hours]\n{hours}"));
    let (night, all_day) = (rules_of("start = \"20:00\""), rules_of("start = \"06:00\""));
    let opened = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let told = Arc::clone(&opened);
    let load: Load = Box::new(move |_| {
        let now = if told.load(std::sync::atomic::Ordering::Relaxed) { &all_day } else { &night };
        let mut rules = now.clone();
        rules.settings.listen = ([127, 0, 0, 1], 0).into();
        Ok(rules)
    });
    let home =
        Home::in_folder(tempfile::tempdir().expect("a folder"), Fake::start().await, PAID, START, Some(load)).await;
    home.stock().await;
    home.abandoned("t_1", SARA).await;
    home.pass("2h").await;
    assert_eq!(home.fake.accepted().len(), 0, "it waits for the evening");
    opened.store(true, std::sync::atomic::Ordering::Relaxed);
    reload(&home, "loaded").await;
    // What the reload posted to the writer comes before this.
    home.house.parts.writer.run(|_| Ok(())).await.expect("the store");
    home.pass("1m").await;
    assert_eq!(home.fake.accepted().len(), 1);
    home.house.close().await.expect("an orderly end");
}
