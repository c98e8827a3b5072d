//! `send-test`: one text, once, to a number that has not opted out.

use std::sync::{Arc, Mutex};

use bazgasht::cli::files::Files;
use bazgasht::cli::send_test::{self, SendTestArgs};
use bazgasht::clock::Span;
use bazgasht::ids::SeededChance;
use bazgasht::money::Currency;
use bazgasht::send::gateways::console::Console;
use bazgasht::state::world::World;

use super::stage::{START, Stage};
use crate::world::story::at;

async fn send(s: &Stage, change: impl FnOnce(&mut SendTestArgs), answer: Option<bool>) -> (u8, String, String) {
    let mut args = SendTestArgs {
        gateway: None,
        files: Files::default(),
        number: vec!["0912 000 0045".into()],
        campaign: None,
        step: None,
        text: None,
        yes: false,
    };
    change(&mut args);
    let screen = Arc::new(Mutex::new(Vec::<u8>::new()));
    let gateway = Console::new(screen.clone(), Currency::IRR);
    let mut out = Vec::new();
    let code = send_test::send_test(&args, &s.rules, &SeededChance::new(3), &gateway, &mut |_| answer, &mut out)
        .await
        .unwrap();
    let sent = String::from_utf8(screen.lock().unwrap().clone()).unwrap();
    (code, String::from_utf8(out).unwrap(), sent)
}

#[tokio::test]
async fn it_shows_asks_and_sends_once() {
    let s = Stage::new();
    let (code, said, sent) = send(&s, |a| a.campaign = Some("cart".into()), Some(true)).await;
    assert_eq!(code, 0);
    insta::assert_snapshot!(said, @r#"
      │ Your cart waits.
      │ https://shop.example/s/3JcKdsX
      │ لغو11
      └ to …45 by console: 1 part, 0 Toman (forecast)
    console accepted it as console-439074917534742139 (delivered, cost 0 Toman)
    "#);
    assert_eq!(sent.matches("Your cart waits.").count(), 1);
    assert!(s.world().contact_by_phone(&super::stage::phone(45)).unwrap().is_none(), "nothing is stored");
}

#[tokio::test]
async fn no_yes_no_text() {
    let s = Stage::new();
    for (answer, code) in [(Some(false), 1), (None, 2)] {
        let (got, _, sent) = send(&s, |_| {}, answer).await;
        assert_eq!((got, sent.as_str()), (code, ""));
    }
}

#[tokio::test]
async fn p03_a_number_that_opted_out_gets_no_test_either() {
    let s = Stage::new();
    s.opt_out(45, at(START).plus(Span::hours(1)));
    let (code, said, sent) = send(&s, |a| a.yes = true, None).await;
    assert_eq!((code, said.as_str(), sent.as_str()), (1, "…45 has opted out: it gets nothing, not even a test\n", ""));
}

#[tokio::test]
async fn own_words_and_wrong_names() {
    let s = Stage::new();
    let (code, said, sent) = send(&s, |a| (a.text, a.yes) = (Some("سلام".into()), true), None).await;
    assert_eq!(code, 0, "{said}");
    assert!(sent.contains("سلام") && said.contains("1 part,"));
    let (code, said, _) = send(&s, |a| a.campaign = Some("carts".into()), None).await;
    assert_eq!((code, said.as_str()), (2, "campaign \"carts\" is not in the file: expected one of cart, review\n"));
    let (code, said, _) = send(&s, |a| (a.campaign, a.step) = (Some("cart".into()), Some("third".into())), None).await;
    assert_eq!((code, said.as_str()), (2, "campaign cart has no step \"third\": expected one of first, second\n"));
    assert_eq!(send(&s, |a| a.number = vec!["12".into()], None).await.0, 2);
}
