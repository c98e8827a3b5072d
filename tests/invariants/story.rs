//! A recording, one event a line, lived through by the shipped campaigns in a world in memory.

use bazgasht::campaign::check::CheckContext;
use bazgasht::campaign::model::Language;
use bazgasht::campaign::{self, shipped};
use bazgasht::clock::Span;
use bazgasht::replay;
use bazgasht::rules::Rules;
use bazgasht::schedule::hours::is_open;
use bazgasht::simulate::Simulation;
use bazgasht::state::world::World;
use bazgasht::store::memory::MemoryWorld;

use super::settings::usual_settings;

/// More would only make the fuzzer slow.
const MOST: usize = 60;

thread_local! {
    static RULES: Rules = {
        let settings = usual_settings();
        let context = CheckContext { settings: &settings, told: None };
        let checked = campaign::check::load("shipped", shipped::campaigns(Language::Persian), &context);
        Rules { campaigns: checked.campaigns.unwrap(), settings }
    };
}

pub fn hold(bytes: &[u8]) {
    of(bytes);
}

/// Gives how many texts went out.
pub fn of(bytes: &[u8]) -> usize {
    let rules = RULES.with(Rules::clone);
    let mut life = Simulation::new(MemoryWorld::new(), rules.clone(), 7);
    let mut sent = Vec::new();
    // The parts of a text's way that only a crash could break are held elsewhere; here nothing may fail at all.
    for recorded in replay::lines(bytes).take(MOST) {
        let Ok(recorded) = recorded else { break };
        life.hear(&recorded.event, &mut |text| sent.push(text)).unwrap();
    }
    let end = life.now().plus(Span::days(60));
    life.live_until(end, &mut |text| sent.push(text)).unwrap();
    let shop = rules.shop_view(life.world.shop().unwrap().as_ref());
    for text in &sent {
        assert!(!text.text.is_empty() && text.parts > 0 && text.price.minor >= 0);
        assert!(!text.text.contains(['{', '}']) || text.text.contains("http"), "a hole in {:?}", text.text);
        assert!(is_open(&rules.settings.hours, shop.timezone, text.at), "sent at {}", text.at.rfc3339());
    }
    for (n, one) in sent.iter().enumerate() {
        let same_day = |other: &&bazgasht::simulate::WouldSend| {
            other.to == one.to && one.at.since(other.at) < rules.settings.caps.gap
        };
        assert!(!sent[..n].iter().any(|other| same_day(&other)), "two texts within the quiet time");
    }
    sent.len()
}
