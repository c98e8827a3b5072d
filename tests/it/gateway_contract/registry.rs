//! The registry, and the words that all gateways share.

use bazgasht::send::gateway::Registry;
use bazgasht::send::gateways::console::Console;

use super::*;

#[test]
fn a_gateway_is_there_once_and_the_first_sends() {
    let mut gateways = Registry::default();
    gateways.add(Arc::new(offline())).unwrap();
    gateways.add(Arc::new(Console::stdout(Currency::IRR))).unwrap();
    assert!(gateways.add(Arc::new(offline())).is_err());
    assert_eq!(gateways.first().unwrap().name(), "kavenegar");
    assert_eq!(gateways.named("console").unwrap().name(), "console");
    assert!(gateways.named("other").is_none());
    assert_eq!(format!("{gateways:?}"), r#"["kavenegar", "console"]"#);
}

#[test]
fn a_gateway_that_is_not_used_any_more_still_answers_for_what_it_was_given() {
    let former: Arc<dyn Gateway> = Arc::new(offline());
    let console: Arc<dyn Gateway> = Arc::new(Console::stdout(Currency::IRR));
    let mut before = Registry::only(Arc::clone(&former));
    before.add(Arc::clone(&console)).unwrap();
    let made_anew: Arc<dyn Gateway> = Arc::new(Console::stdout(Currency::IRR));
    let now = Registry::only(Arc::clone(&made_anew)).after(&before);
    assert_eq!(format!("{now:?}"), r#"["console", "kavenegar"]"#);
    assert!(now.has(&made_anew) && now.has(&former) && !now.has(&console));
}

#[test]
fn delivery_words_are_the_same_everywhere() {
    for state in
        [Delivery::Queued, Delivery::Sent, Delivery::Delivered, Delivery::Failed, Delivery::Blocked, Delivery::Unknown]
    {
        assert_eq!(state.as_str().parse(), Ok(state));
        assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{state}\""));
    }
    assert!("lost".parse::<Delivery>().is_err());
}
