//! The console gateway.

use bazgasht::send::gateways::console::Console;

use super::*;

#[tokio::test]
async fn the_console_prints_a_bubble_and_costs_nothing() {
    let screen = Written::default();
    let gateway = Console::new(Arc::new(Mutex::new(screen.clone())), Currency::IRR)
        .with_sender("Shop")
        .with_footer(Arc::new(|text| format!("1 part · {} characters", text.chars().count())));
    let message = Outgoing {
        body: Body::Text("سلام\u{200c}ها\nhttps://shop.example/s/3JcKdsX\x1b[31m".to_owned()),
        ..text(7)
    };

    let Answer::Accepted(receipt) = gateway.send(&message).await else { panic!("not accepted") };

    assert_eq!(
        (receipt.gateway_id.as_str(), receipt.cost, receipt.state),
        ("console-7", Some(rial(0)), Delivery::Delivered)
    );
    let printed = screen.text();
    assert!(printed.contains("│ سلام\u{200c}ها\n") && printed.contains("│ https://shop.example/s/3JcKdsX"), "{printed}");
    assert!(printed.contains("Shop") && printed.contains("01\n") && printed.contains("1 part · "), "{printed}");
    assert!(!printed.contains("120000") && !printed.contains('\x1b'), "{printed}");
    assert_eq!((gateway.balance().await, gateway.look().await), (Ok(None), Ok(Vec::new())));
    assert!(gateway.find(&sought(&[7])).await.is_err() && gateway.abilities().finds.is_none());
}

#[tokio::test]
async fn the_console_shows_what_fills_a_template() {
    let screen = Written::default();
    let gateway = Console::new(Arc::new(Mutex::new(screen.clone())), Currency::IRR);
    gateway.send(&template("back", &[("token", "3JcKdsX"), ("token10", "سارا")])).await;
    let printed = screen.text();
    assert!(
        printed.contains("%token: 3JcKdsX") && printed.contains("%token10: سارا") && printed.contains("template back"),
        "{printed}"
    );
}

#[tokio::test]
async fn a_console_that_cannot_print_has_not_sent() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let said = Console::new(Arc::new(Mutex::new(Closed)), Currency::IRR).send(&text(1)).await;
    assert!(matches!(said, Answer::Refused(Refusal::Later { .. })), "{said:?}");
}
