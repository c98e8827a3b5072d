//! Several texts in one call to Kavenegar.

use super::*;

fn with_line(fake: &Fake) -> Kavenegar {
    Kavenegar::new(KavenegarOptions { sender: Some("2000500".to_owned()), ..options(&fake.base()) }).unwrap()
}

fn texts(references: std::ops::RangeInclusive<i64>) -> Vec<Outgoing> {
    references.map(|n| Outgoing { to: Phone::from_e164(&format!("+9891200000{n:02}")).unwrap(), ..text(n) }).collect()
}

fn ids(answers: &[Answer]) -> Vec<String> {
    let id = |answer: &Answer| match answer {
        Answer::Accepted(receipt) => receipt.gateway_id.clone(),
        other => panic!("{other:?}"),
    };
    answers.iter().map(id).collect()
}

#[tokio::test]
async fn one_goes_first_and_the_others_together_once_references_are_known_to_be_kept() {
    let fake = Fake::start().await;
    let gateway = with_line(&fake);
    assert_eq!(gateway.abilities().max_batch, 200);

    let answers = gateway.send_many(&texts(1..=9)).await;

    let taken = fake.accepted();
    assert_eq!(ids(&answers), taken.iter().map(|sms| sms.messageid.to_string()).collect::<Vec<_>>());
    assert_eq!(taken.iter().map(|sms| sms.localid).collect::<Vec<_>>(), (1..=9).map(Some).collect::<Vec<_>>());
    assert_eq!((fake.calls("sms/sendarray").len(), fake.calls("sms/send").len()), (2, 0));
    gateway.send_many(&texts(10..=12)).await;
    assert_eq!(fake.calls("sms/sendarray").len(), 3);
    let again = gateway.send_many(&texts(1..=9)).await;
    assert_eq!(again, answers, "the same references get the first records");
    assert_eq!(fake.accepted().len(), 12);
}

#[tokio::test]
async fn where_arrays_lose_references_texts_go_one_by_one() {
    let fake = Fake::start().await;
    fake.lose_references_of_arrays();
    let gateway = with_line(&fake);
    ids(&gateway.send_many(&texts(1..=3)).await);
    assert_eq!((fake.calls("sms/sendarray").len(), fake.calls("sms/send").len()), (1, 2));
    assert_eq!(gateway.abilities().max_batch, 1);
    ids(&gateway.send_many(&texts(4..=5)).await);
    assert_eq!((fake.calls("sms/sendarray").len(), fake.calls("sms/send").len()), (1, 4));
}

#[tokio::test]
async fn without_a_line_there_are_no_arrays() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    assert_eq!(gateway.abilities().max_batch, 1);
    ids(&gateway.send_many(&texts(1..=2)).await);
    assert_eq!(fake.calls("sms/send").len(), 2);
}

#[tokio::test]
async fn one_bad_text_is_found_and_the_others_go() {
    let fake = Fake::start().await;
    let gateway = with_line(&fake);
    gateway.send_many(&texts(90..=90)).await;
    let mut messages = texts(1..=6);
    messages[3].body = Body::Text("x".repeat(901));
    let answers = gateway.send_many(&messages).await;
    assert_eq!(act(&answers[3]), Some(Act::Never), "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| matches!(answer, Answer::Accepted(_))).count(), 5);
    // What went before the bad one was met is not taken twice.
    assert!(fake.accepted_count_by_localid().values().all(|count| *count == 1));
}

#[tokio::test]
async fn too_many_are_split_and_spent_credit_stops_all() {
    let fake = Fake::start().await;
    let gateway = with_line(&fake);
    gateway.send_many(&texts(90..=90)).await;
    fake.next(Script::Refuse(414));
    ids(&gateway.send_many(&texts(1..=4)).await);
    assert_eq!(fake.calls("sms/sendarray").len(), 4);
    fake.next(Script::Refuse(418));
    let answers = gateway.send_many(&texts(5..=8)).await;
    assert!(answers.iter().all(|answer| act(answer) == Some(Act::Stop(StopScope::Credit))), "{answers:?}");
    assert_eq!(fake.calls("sms/sendarray").len(), 5);
}

#[tokio::test]
async fn a_lost_answer_leaves_its_texts_open_to_be_found() {
    for script in [Script::LoseAnswer, Script::CutHalfway, Script::Garbage, Script::Refuse(402)] {
        let fake = Fake::start().await;
        let gateway = with_line(&fake);
        gateway.send_many(&texts(90..=90)).await;
        fake.next(script.clone());
        let answers = gateway.send_many(&texts(1..=3)).await;
        assert!(answers.iter().all(is_open), "{script:?}: {answers:?}");
        let accepted = !matches!(script, Script::Refuse(_));
        for (_, known) in gateway.find(&sought(&[1, 2, 3])).await.unwrap() {
            assert_eq!(matches!(known, Known::Found(_)), accepted, "{script:?}: {known:?}");
        }
    }
}

#[tokio::test]
async fn a_lost_first_text_leaves_the_others_at_home() {
    let fake = Fake::start().await;
    fake.next(Script::LoseAnswer);
    let answers = with_line(&fake).send_many(&texts(1..=3)).await;
    assert!(is_open(&answers[0]), "{answers:?}");
    assert!(answers[1..].iter().all(|answer| act(answer) == Some(Act::Later)), "{answers:?}");
    assert_eq!(fake.accepted().len(), 1);
}

#[tokio::test]
async fn a_first_text_that_was_lost_in_an_array_is_not_believed_to_be_nowhere_until_arrays_are_known_to_keep_references()
 {
    for (keeps, expected) in [(false, Known::CannotTell), (true, Known::NotFound)] {
        let fake = Fake::start().await;
        let gateway = with_line(&fake);
        if keeps {
            fake.next(answer(500, ""));
        } else {
            fake.lose_references_of_arrays();
            fake.next(Script::LoseAnswer);
        }
        assert!(is_open(&gateway.send_many(&texts(1..=2)).await[0]));
        let known = gateway.find(&sought(&[1])).await.unwrap();
        assert_eq!(known, [(1, Known::CannotTell)], "taken, for all we know");
        gateway.send_many(&texts(3..=3)).await;
        assert_eq!(gateway.find(&sought(&[1])).await.unwrap(), [(1, expected)]);
        assert_eq!(gateway.find(&sought(&[9])).await.unwrap(), [(9, Known::NotFound)]);
    }
}

#[tokio::test]
async fn entries_of_others_are_never_taken_for_ours() {
    let fake = Fake::start().await;
    let gateway = with_line(&fake);
    gateway.send_many(&texts(90..=90)).await;
    let entry = |id: u32, number: &str| format!(r#"{{"messageid":{id},"receptor":"{number}","status":1}}"#);
    let envelope = |entries: &str| answer(200, &format!(r#"{{"return":{{"status":200}},"entries":[{entries}]}}"#));
    fake.next(envelope(&[entry(1, "989120000002"), entry(2, "989120000001")].join(",")));
    assert!(gateway.send_many(&texts(1..=2)).await.iter().all(is_open));
    fake.next(envelope(&entry(1, "09120000001")));
    assert!(gateway.send_many(&texts(1..=2)).await.iter().all(is_open));
    fake.next(envelope(&[entry(1, "09120000001"), entry(0, "09120000002")].join(",")));
    let answers = gateway.send_many(&texts(1..=2)).await;
    assert!(matches!(&answers[..], [Answer::Accepted(_), Answer::Open(_)]), "{answers:?}");
}
