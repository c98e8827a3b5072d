//! A message that the gateway takes.

use super::*;

#[tokio::test]
async fn a_text_is_handed_over_once_with_line_and_reference() {
    let fake = Fake::start().await;
    let gateway =
        Kavenegar::new(KavenegarOptions { sender: Some("3000900".to_owned()), ..options(&fake.base()) }).unwrap();

    let Answer::Accepted(receipt) = gateway.send(&text(REFERENCE)).await else { panic!("not accepted") };

    let sms = fake.accepted().remove(0);
    assert_eq!(receipt.gateway_id, sms.messageid.to_string());
    assert_eq!((receipt.cost, receipt.state), (Some(rial(sms.cost)), Delivery::Queued));
    assert_eq!((sms.localid, sms.receptor.as_str(), sms.sender.as_str()), (Some(REFERENCE), "09120000001", "3000900"));
    assert_eq!(sms.text, "سلام، سبد خریدت منتظر است");
    assert_eq!(fake.accepted_count_by_localid(), BTreeMap::from([(REFERENCE, 1)]));
}

#[tokio::test]
async fn the_accounts_own_line_is_used_without_a_sender() {
    let fake = Fake::start().await;
    client(&fake).send(&text(1)).await;
    assert!(!fake.calls("sms/send")[0].fields.contains_key("sender"));
}

#[tokio::test]
async fn the_same_reference_again_gets_the_first_record() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    let first = gateway.send(&text(REFERENCE)).await;
    fake.forward(11 * 3600);
    assert_eq!(gateway.send(&text(REFERENCE)).await, first);
    assert_eq!(fake.accepted().len(), 1);
}

#[tokio::test]
async fn an_existing_record_says_how_far_it_is() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    gateway.send(&text(REFERENCE)).await;
    fake.set_status(fake.accepted()[0].messageid, 10);
    let Answer::Accepted(receipt) = gateway.send(&text(REFERENCE)).await else { panic!("not accepted") };
    assert_eq!(receipt.state, Delivery::Delivered);
}

#[tokio::test]
async fn numbers_as_text_and_ids_beyond_64_bits_are_read() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    for (script, id, cost, state) in [
        (answer(200, recorded!("send_ok.json")), "700100200", 1250, Delivery::Queued),
        (answer(200, recorded!("send_ok_strings.json")), "700100200", 1250, Delivery::Queued),
        (answer(200, recorded!("send_huge_id.json")), "98765432109876543210987", 2500, Delivery::Sent),
    ] {
        fake.next(script);
        let Answer::Accepted(receipt) = gateway.send(&text(REFERENCE)).await else { panic!("{id} not accepted") };
        assert_eq!((receipt.gateway_id.as_str(), receipt.cost, receipt.state), (id, Some(rial(cost)), state));
    }
    for script in [Script::NumbersAsStrings, Script::HugeIds] {
        fake.next(script);
        let reference = i64::try_from(fake.accepted().len()).unwrap() + 1;
        let Answer::Accepted(receipt) = gateway.send(&text(reference)).await else { panic!("not accepted") };
        assert_eq!(receipt.gateway_id, fake.accepted().last().unwrap().messageid.to_string());
    }
}

#[tokio::test]
async fn a_template_is_filled_with_tokens_that_fit() {
    let fake = Fake::start().await;
    fake.template("back", "%token10 عزیز، %token20 منتظر است: %token");
    let message = template("back", &[("token", "3JcKdsX"), ("token10", "سارا"), ("token20", "مانتو\nکتان آبی")]);
    let Answer::Accepted(_) = client(&fake).send(&message).await else { panic!("not accepted") };
    let sms = fake.accepted().remove(0);
    assert_eq!(sms.text, "سارا عزیز، مانتو کتان آبی منتظر است: 3JcKdsX");
    assert_eq!((sms.template.as_deref(), sms.localid), (Some("back"), None));
}

#[tokio::test]
async fn a_template_without_its_first_token_is_not_even_tried() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    for tokens in [&[("token2", "x")][..], &[("token", " ")], &[("token", "x"), ("name", "y")], &[("token", "off_5")]] {
        let answer = gateway.send(&template("back", tokens)).await;
        assert!(matches!(&answer, Answer::Refused(Refusal::Mistake { .. })), "{answer:?}");
    }
    assert!(fake.calls("verify/lookup").is_empty());
}

#[tokio::test]
async fn abroad_only_templates_go() {
    let fake = Fake::start().await;
    fake.template("back", "%token");
    let gateway = client(&fake);
    let abroad = Phone::from_e164("+12025550100").unwrap();
    let refused = gateway.send(&Outgoing { to: abroad.clone(), ..text(1) }).await;
    assert!(matches!(refused, Answer::Refused(Refusal::Never { .. })));
    gateway.send(&Outgoing { to: abroad, ..template("back", &[("token", "x")]) }).await;
    assert_eq!(fake.calls("verify/lookup")[0].fields["receptor"], "0012025550100");
    assert!(fake.calls("sms/send").is_empty());
}

#[tokio::test]
async fn a_cost_below_zero_is_none() {
    let fake = Fake::start().await;
    let body = r#"{"return":{"status":200,"message":""},"entries":[{"messageid":8792343,"cost":-5,"status":1}]}"#;
    fake.next(answer(200, body));
    let Answer::Accepted(receipt) = client(&fake).send(&text(1)).await else { panic!("not accepted") };
    assert_eq!(receipt.cost, None, "a text that earns money would widen the budget");
}
