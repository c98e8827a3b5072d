//! What must show nowhere, and where the key may go.

use bazgasht::send::gateways::kavenegar::BASE;
use bazgasht::send::gateways::wire::SetupProblem;

use super::*;

#[tokio::test]
async fn promise_12_neither_key_nor_number_nor_text_is_shown_anywhere() {
    let log = Written::default();
    let sink = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || sink.clone()).finish();
    let guard = tracing_subscriber::util::SubscriberInitExt::set_default(subscriber);
    tracing::trace!("the log is read");

    let fake = Fake::start().await;
    let mut shown = String::new();
    for script in [
        Script::Refuse(403),
        Script::RefuseWith200(499),
        Script::RefuseBroken(411),
        Script::LoseAnswer,
        Script::CutHalfway,
        Script::Garbage,
        Script::AcceptAndStall,
        answer(302, KEY),
        answer(308, KEY),
        answer(500, KEY),
        answer(200, &format!(r#"{{"return":{{"status":200}},"entries":"{KEY} 09120000001"}}"#)),
    ] {
        fake.next(script.clone());
        fake.next_ask(script);
        let gateway = hasty(&fake);
        let message = text(REFERENCE);
        shown += &format!("{:?} {gateway:?} {message:?}\n", gateway.send(&message).await);
        for trouble in [gateway.find(&sought(&[1])).await.err(), gateway.balance().await.err()].into_iter().flatten() {
            shown += &format!("{trouble:?} {trouble}\n");
        }
    }
    let unreachable = Kavenegar::new(options(&Fake::nobody().await)).unwrap();
    shown += &format!("{:?} {:?}\n", unreachable.send(&text(1)).await, unreachable.balance().await);
    shown += &format!("{:?} {:?}\n", options(&fake.base()), template("back", &[("token", "سلام، سبد")]));
    let insecure = Kavenegar::new(options("http://192.0.2.1"));
    shown += &format!("{:?} {insecure:?}\n", insecure.as_ref().map_err(ToString::to_string));
    drop(guard);

    let log = log.text();
    assert!(log.contains("the log is read"));
    for hidden in [KEY, "9120000001", "سلام، سبد"] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
        assert!(!log.contains(hidden), "{hidden} in {log}");
    }
}

#[test]
fn the_key_goes_over_https_only() {
    for base in ["http://api.kavenegar.com", "http://192.0.2.1:8080", "ftp://127.0.0.1", "data:text/plain,x"] {
        assert!(matches!(Kavenegar::new(options(base)), Err(SetupProblem::Insecure(_))), "{base}");
    }
    for base in [BASE, "https://192.0.2.1/kavenegar/", "http://127.0.0.1:9009", "http://[::1]:9009", "http://localhost"]
    {
        assert!(Kavenegar::new(options(base)).is_ok(), "{base}");
    }
    let keyless = Kavenegar::new(KavenegarOptions { key: Secret::new(" "), ..options(BASE) });
    assert!(matches!(keyless, Err(SetupProblem::NoKey(_))));
    assert!(Kavenegar::new(KavenegarOptions::new(Secret::new(KEY))).is_ok());
}

#[tokio::test]
async fn a_base_with_a_path_and_a_key_with_signs_make_one_address() {
    let (seen, mut paths) = tokio::sync::mpsc::unbounded_channel();
    let app = Router::new().fallback(move |uri: axum::http::Uri| {
        let seen = seen.clone();
        async move { seen.send(uri.path().to_owned()).unwrap() }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/through/here/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let gateway = Kavenegar::new(KavenegarOptions { key: Secret::new("a/b?c\n"), ..options(&base) }).unwrap();
    gateway.send(&text(1)).await;
    assert_eq!(paths.recv().await.unwrap(), "/through/here/v1/a%2Fb%3Fc/sms/send.json");
}
