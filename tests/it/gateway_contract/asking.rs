//! Questions after the hand-over.

use super::*;

#[tokio::test]
async fn references_are_known_for_twelve_hours() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    gateway.send(&text(7)).await;
    let window = gateway.abilities().finds.unwrap().as_secs().cast_signed();
    fake.forward(window);
    let known = gateway.find(&sought(&[8, 7])).await.unwrap();
    assert!(
        matches!(
            &known[..],
            [(8, Known::NotFound), (7, Known::Found(Report { reference: Some(7), state: Delivery::Queued, .. }))]
        ),
        "{known:?}"
    );
    fake.forward(1);
    assert!(matches!(gateway.find(&sought(&[7])).await.unwrap()[..], [(7, Known::NotFound)]));
}

#[tokio::test]
async fn answers_finds_are_read_as_recorded() {
    let fake = Fake::start().await;
    fake.next_ask(answer(200, recorded!("by_reference.json")));
    let known = client(&fake).find(&sought(&[450, 451, 452])).await.unwrap();
    let [(450, Known::Found(report)), (451, Known::NotFound), (452, Known::CannotTell)] = &known[..] else {
        panic!("{known:?}")
    };
    assert_eq!((report.gateway_id.as_deref(), report.state), (Some("700100200"), Delivery::Delivered));
}

#[tokio::test]
async fn only_kavenegars_word_that_a_reference_is_unknown_means_that_it_is_not_there() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    for entries in [
        "[]",
        r#"[{"messageid":0,"localid":"2","status":100}]"#,
        r#"[{"messageid":0,"status":100}]"#,
        r#"[{"messageid":0,"localid":"one","status":100}]"#,
        r#"[{"messageid":0,"localid":"1","status":null}]"#,
        r#"[{"messageid":0,"localid":"1","status":"?"}]"#,
    ] {
        fake.next_ask(answer(200, &format!(r#"{{"return":{{"status":200}},"entries":{entries}}}"#)));
        let known = gateway.find(&sought(&[1])).await.unwrap();
        assert!(matches!(known[..], [(1, Known::CannotTell)]), "{entries}: {known:?}");
    }
}

#[tokio::test]
async fn each_status_has_its_word_and_refunds_are_seen() {
    let fake = Fake::start().await;
    fake.next_ask(answer(200, recorded!("status.json")));
    let reports = client(&fake).states(&["1".to_owned()]).await.unwrap();
    let said: Vec<_> =
        reports.iter().map(|report| (report.gateway_id.as_deref().unwrap(), report.state, report.refunded)).collect();
    assert_eq!(
        said,
        [
            ("1", Delivery::Queued, false),
            ("2", Delivery::Queued, false),
            ("4", Delivery::Sent, false),
            ("5", Delivery::Sent, false),
            ("6", Delivery::Failed, false),
            ("10", Delivery::Delivered, false),
            ("11", Delivery::Failed, false),
            ("13", Delivery::Failed, true),
            ("14", Delivery::Blocked, true),
            ("50", Delivery::Unknown, false),
            ("100", Delivery::Unknown, false),
            ("77", Delivery::Unknown, false),
        ]
    );
}

#[tokio::test]
async fn a_blocked_number_is_learnt_from_its_status() {
    let fake = Fake::start().await;
    fake.block("09120000001");
    let gateway = client(&fake);
    let Answer::Accepted(receipt) = gateway.send(&text(1)).await else { panic!("not accepted") };
    let reports = gateway.states(&[receipt.gateway_id]).await.unwrap();
    assert_eq!((reports[0].state, reports[0].refunded), (Delivery::Blocked, true));
    assert_eq!(fake.credit(), 1_000_000);
}

#[tokio::test]
async fn long_lists_are_split() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    let ids: Vec<String> = (1..=1001).map(|id: i64| id.to_string()).collect();
    assert_eq!(gateway.states(&ids).await.unwrap().len(), 1001);
    let references: Vec<i64> = (1..=501).collect();
    assert_eq!(gateway.find(&sought(&references)).await.unwrap().len(), 501);
    assert_eq!((fake.calls("sms/status").len(), fake.calls("sms/statuslocalmessageid").len()), (3, 2));
    assert!(gateway.states(&[]).await.unwrap().is_empty() && gateway.find(&sought(&[])).await.unwrap().is_empty());
    assert_eq!((fake.calls("sms/status").len(), fake.calls("sms/statuslocalmessageid").len()), (3, 2));
}

#[tokio::test]
async fn a_question_without_a_clear_answer_is_never_taken_for_a_no() {
    for script in [
        Script::Refuse(409),
        Script::Garbage,
        Script::LoseAnswer,
        Script::CutHalfway,
        Script::StallBeforeAccepting,
        answer(200, r#"{"return":{"status":200},"entries":null}"#),
        answer(200, r#"{"return":{"status":200},"entries":[7]}"#),
    ] {
        let fake = Fake::start().await;
        let stalls = matches!(script, Script::StallBeforeAccepting);
        let gateway = if stalls { hasty(&fake) } else { client(&fake) };
        fake.next_ask(script.clone());
        let said = gateway.find(&sought(&[1])).await;
        assert!(said.is_err(), "{script:?}: {said:?}");
    }
}

#[tokio::test]
async fn the_account_is_looked_at() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    assert_eq!(gateway.look().await, Ok(Vec::new()));
    assert!(fake.calls("account/config")[0].fields.is_empty(), "a parameter would change the account");
    fake.set_config("debugmode", "enabled");
    assert_eq!(gateway.look().await.unwrap().len(), 1);
    fake.next_ask(answer(200, recorded!("account_config_risky.json")));
    let warnings = gateway.look().await.unwrap();
    assert!(
        warnings.len() == 3
            && warnings[0].contains("debug")
            && warnings[1].contains("again")
            && warnings[2].contains("line"),
        "{warnings:?}"
    );
    fake.next_ask(answer(200, recorded!("account_info.json")));
    assert_eq!(gateway.balance().await, Ok(Some(rial(1_500_000))));
}
