//! Calls that get lost on the way.

use super::*;

#[tokio::test]
async fn no_connection_is_surely_no_sms() {
    let gateway = Kavenegar::new(options(&Fake::nobody().await)).unwrap();
    for message in [text(1), template("back", &[("token", "x")])] {
        let said = gateway.send(&message).await;
        assert_eq!(act(&said), Some(Act::Down), "{said:?}");
    }
    assert!(matches!(gateway.balance().await, Err(Trouble::Unreachable(_))));
}

#[tokio::test]
async fn every_fault_after_sending_is_open_and_can_be_asked_about() {
    for (script, accepts) in [
        (Script::LoseAnswer, true),
        (Script::CutHalfway, true),
        (Script::Garbage, true),
        (Script::AcceptAndStall, true),
        (Script::StallBeforeAccepting, false),
        (Script::Answer { http: 500, body: String::new(), accepts: true }, true),
        (answer(500, ""), false),
    ] {
        let fake = Fake::start().await;
        let stalls = matches!(script, Script::AcceptAndStall | Script::StallBeforeAccepting);
        let gateway = if stalls { hasty(&fake) } else { client(&fake) };
        fake.next(script.clone());

        let said = gateway.send(&text(REFERENCE)).await;

        assert!(is_open(&said), "{script:?}: {said:?}");
        assert_eq!(fake.calls("sms/send").len(), 1, "{script:?} was tried again");
        assert_eq!(fake.accepted().len(), usize::from(accepts), "{script:?}");
        let known = client(&fake).find(&sought(&[REFERENCE])).await.unwrap();
        match (accepts, known.as_slice()) {
            (true, [(REFERENCE, Known::Found(report))]) => {
                assert_eq!(report.gateway_id.as_deref(), Some(fake.accepted()[0].messageid.to_string().as_str()));
            }
            (false, [(REFERENCE, Known::NotFound)]) => {}
            other => panic!("{script:?}: {other:?}"),
        }

        let again = client(&fake).send(&text(REFERENCE)).await;
        assert!(matches!(again, Answer::Accepted(_)), "{script:?}: {again:?}");
        assert_eq!(fake.accepted_count_by_localid(), BTreeMap::from([(REFERENCE, 1)]), "{script:?}");
    }
}

#[tokio::test]
async fn a_kept_connection_that_breaks_is_no_reason_to_try_again() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    gateway.send(&text(1)).await;
    fake.next(Script::LoseAnswer);
    let said = gateway.send(&text(2)).await;
    assert!(is_open(&said), "{said:?}");
    assert_eq!(fake.calls("sms/send").len(), 2);
}

#[tokio::test]
async fn an_answer_cut_halfway_is_told_from_one_that_never_came() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    fake.next(Script::CutHalfway);
    let said = gateway.send(&text(1)).await;
    assert!(matches!(&said, Answer::Open(why) if why.contains("HTTP 200") && why.contains("broke off")), "{said:?}");
}

#[tokio::test]
async fn a_refusal_that_breaks_off_is_none() {
    let fake = Fake::start().await;
    fake.set_credit(0);
    fake.next(Script::CutHalfway);
    let said = client(&fake).send(&text(1)).await;
    assert!(matches!(&said, Answer::Open(why) if why.contains("HTTP 418") && why.contains("broke off")), "{said:?}");
}

#[tokio::test]
async fn a_lost_template_stays_open_and_is_sent_once() {
    let fake = Fake::start().await;
    fake.template("back", "%token");
    fake.next(Script::LoseAnswer);
    assert!(is_open(&client(&fake).send(&template("back", &[("token", "x")])).await));
    assert_eq!(fake.accepted().len(), 1);
    assert_eq!(fake.calls("verify/lookup").len(), 1);
}
