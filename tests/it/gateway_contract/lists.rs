//! What Kavenegar knows beside messages: replies, the line's blacklist, its count.

use bazgasht::send::gateway::Tally;

use super::*;

const LINE: &str = "2000500";

#[tokio::test]
async fn replies_come_once_and_what_was_read_before_comes_again_after_a_start() {
    let fake = Fake::start().await;
    fake.write_in("09120000001", LINE, "سلام");
    let gateway = client(&fake);

    let before = gateway.inbound(None).await.unwrap();
    assert!(before.rows.is_empty() && before.more, "nobody has read anything");
    let page = gateway.inbound(before.cursor.as_deref()).await.unwrap();
    let reply = &page.rows[0];
    assert_eq!((reply.from.as_str(), reply.to.as_deref(), reply.text.as_str()), ("09120000001", Some(LINE), "سلام"));
    assert!(reply.gateway_id.is_some() && reply.at_unix == Some(fake.now()) && !page.more);
    assert!(gateway.inbound(page.cursor.as_deref()).await.unwrap().rows.is_empty());

    // The daemon starts again, and may not have kept it.
    let again = client(&fake).inbound(page.cursor.as_deref()).await.unwrap();
    assert_eq!(again.rows[0].gateway_id, reply.gateway_id);
}

#[tokio::test]
async fn a_page_that_got_lost_is_read_again() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    let first = gateway.inbound(None).await.unwrap();
    let second = gateway.inbound(first.cursor.as_deref()).await.unwrap();
    fake.write_in("09120000001", LINE, "لغو۱۱");
    // The line is asked for before: the second question is the one that gets lost.
    let with_line =
        Kavenegar::new(KavenegarOptions { sender: Some(LINE.to_owned()), ..options(&fake.base()) }).unwrap();
    let start = with_line.inbound(None).await.unwrap();
    fake.next_ask(Script::LoseAnswer);
    assert!(with_line.inbound(start.cursor.as_deref()).await.is_err());
    let page = with_line.inbound(start.cursor.as_deref()).await.unwrap();
    assert_eq!(page.rows.len(), 1, "read there, and lost on the way");
    // The rows were given and not kept: the same cursor comes back.
    let page = gateway.inbound(first.cursor.as_deref()).await.unwrap();
    assert_eq!(page.rows.len(), 1);
    assert_ne!(first.cursor, second.cursor);
}

#[tokio::test]
async fn unread_replies_come_even_where_read_ones_do_not() {
    let fake = Fake::start().await;
    fake.write_in("09120000001", LINE, "سلام");
    let gateway = Kavenegar::new(KavenegarOptions { sender: Some(LINE.to_owned()), ..options(&fake.base()) }).unwrap();
    fake.next_ask(Script::Refuse(407));
    let page = gateway.inbound(None).await.unwrap();
    assert_eq!(gateway.inbound(page.cursor.as_deref()).await.unwrap().rows.len(), 1);
}

#[tokio::test]
async fn more_than_a_page_of_replies_comes_whole() {
    let fake = Fake::start().await;
    (0..250).for_each(|n| fake.write_in("09120000001", LINE, &n.to_string()));
    let gateway = client(&fake);
    let (mut cursor, mut seen) = (None, std::collections::BTreeSet::new());
    loop {
        let page = gateway.inbound(cursor.as_deref()).await.unwrap();
        seen.extend(page.rows.iter().map(|row| row.gateway_id.clone().unwrap()));
        cursor = page.cursor;
        if !page.more {
            break;
        }
    }
    assert_eq!(seen.len(), 250);
    let (mut cursor, mut again) = (cursor, std::collections::BTreeSet::new());
    let restarted = client(&fake);
    loop {
        let page = restarted.inbound(cursor.as_deref()).await.unwrap();
        again.extend(page.rows.iter().map(|row| row.gateway_id.clone().unwrap()));
        cursor = page.cursor;
        if !page.more {
            break;
        }
    }
    assert_eq!(again, seen);
}

#[tokio::test]
async fn who_refuses_is_read_from_the_beginning_and_then_of_the_last_day() {
    let fake = Fake::start().await;
    (0..201).for_each(|_| fake.refuse("09120000009", 1));
    fake.refuse("09120000001", 2);
    fake.forward(3 * 24 * 3600);
    let gateway = client(&fake);
    let first = gateway.refusers(None).await.unwrap();
    assert!((first.rows.len(), first.more) == (200, true) && !first.rows[0].by_reply);
    let second = gateway.refusers(first.cursor.as_deref()).await.unwrap();
    let last = second.rows.last().unwrap();
    assert_eq!((last.phone.as_str(), last.by_reply, second.more), ("09120000001", true, false));
    fake.refuse("09120000002", 2);
    // The last day of those known before comes again.
    let third = gateway.refusers(second.cursor.as_deref()).await.unwrap();
    let fourth = gateway.refusers(third.cursor.as_deref()).await.unwrap();
    assert_eq!(fourth.rows.last().unwrap().phone, "09120000002");
    let fifth = gateway.refusers(fourth.cursor.as_deref()).await.unwrap();
    assert_eq!((fifth.rows.len(), fifth.more), (1, false));
}

#[tokio::test]
async fn a_blacklist_that_wants_a_reason_or_no_date_is_asked_so() {
    let fake = Fake::start().await;
    fake.refuse("09120000001", 2);
    let gateway = Kavenegar::new(KavenegarOptions { sender: Some(LINE.to_owned()), ..options(&fake.base()) }).unwrap();
    for code in [400, 406, 417] {
        fake.next_ask(Script::Refuse(code));
        assert_eq!(gateway.refusers(None).await.unwrap().rows.len(), 1, "{code}");
    }
    fake.next_ask(answer(200, r#"{"return":{"status":200},"entries":null}"#));
    assert!(gateway.refusers(None).await.unwrap().rows.is_empty());
    fake.next_ask(Script::Refuse(415));
    assert!(gateway.refusers(None).await.unwrap().rows.is_empty());
    fake.next_ask(Script::Refuse(403));
    assert!(matches!(gateway.refusers(None).await, Err(Trouble::Refused { code: 403, .. })));
}

#[tokio::test]
async fn where_a_blacklist_goes_back_some_days_only_those_before_midnight_are_read_too() {
    const HOUR: i64 = 3600;
    let fake = Fake::start().await;
    let gateway = Kavenegar::new(KavenegarOptions { sender: Some(LINE.to_owned()), ..options(&fake.base()) }).unwrap();
    // 22:00 in Iran, and then the next morning.
    fake.forward(8 * HOUR + HOUR / 2);
    (0..201).for_each(|_| fake.refuse("09120000001", 2));
    let evening = fake.now();
    fake.forward(10 * HOUR);
    fake.keep_refusers_from(evening - 22 * HOUR);
    let first = gateway.refusers(None).await.unwrap();
    let second = gateway.refusers(first.cursor.as_deref()).await.unwrap();
    assert_eq!((first.rows.len(), first.more, second.rows.len(), second.more), (200, true, 1, false));
    // The last day of those that are known is asked for before yesterday is.
    fake.forward(40 * HOUR);
    fake.refuse("09120000002", 2);
    fake.forward(48 * HOUR);
    fake.keep_refusers_from(evening);
    let from_the_newest = format!("{} 1 {}", evening - 48 * HOUR, evening + 24 * HOUR);
    let first = gateway.refusers(Some(&from_the_newest)).await.unwrap();
    let second = gateway.refusers(first.cursor.as_deref()).await.unwrap();
    assert_eq!((first.rows.len(), second.rows.len()), (200, 2));
    // Where no date is taken, those of today come, page by page.
    fake.keep_refusers_from(i64::MAX);
    (0..201).for_each(|_| fake.refuse("09120000003", 2));
    let first = gateway.refusers(None).await.unwrap();
    let second = gateway.refusers(first.cursor.as_deref()).await.unwrap();
    assert_eq!((first.rows.len(), first.more, second.rows.len(), second.more), (200, true, 1, false));
}

#[tokio::test]
async fn its_count_is_read_day_by_day_for_as_long_as_it_keeps_one() {
    let fake = Fake::start().await;
    let gateway = client(&fake);
    let start = fake.now();
    gateway.send(&text(1)).await;
    fake.forward(36 * 3600);
    gateway.send(&text(2)).await;
    let now = fake.now();
    let whole = Tally { messages: 2, parts: Some(2), cost: Some(rial(2500)) };
    assert_eq!(gateway.tally(start, now + 1).await, Ok(Some(whole)));
    assert_eq!(gateway.tally(start, now).await.unwrap().unwrap().messages, 1, "the end is not in it");
    assert_eq!(fake.calls("sms/countoutbox").len(), 4);
    assert_eq!(gateway.tally(start - 5 * 24 * 3600, now).await, Ok(None));
    fake.forward(3 * 24 * 3600);
    assert_eq!(gateway.tally(start, start + 100).await, Ok(None));
}
