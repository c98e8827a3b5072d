//! The days after: the database that the killed program left, lived on in this process by a clock that is moved by hand. Some
//! things take their time by design (a message that the gateway does not know is handed over again after ten minutes), and
//! must come to their end all the same.

use std::sync::Arc;
use std::time::Duration;

use bazgasht::clock::{At, Clock, HandClock, Span, SystemClock};
use bazgasht::daemon::house::{House, Plan, always};
use bazgasht::secret::Secret;
use bazgasht::send::gateway::Registry;
use bazgasht::send::gateways::kavenegar::{Kavenegar, KavenegarOptions};
use bazgasht::send::gateways::wire::Patience;

use crate::books::Books;
use crate::kavenegar_fake;
use crate::scene::{CAMPAIGNS, Scene, settings};
use crate::story;

/// Two days in small steps; the gateway's clock goes along. Returns what is written then, and when that is.
pub async fn two_days_later(scene: &Scene) -> (Books, At) {
    let options = KavenegarOptions {
        base: Some(scene.gateway.base().parse().unwrap()),
        patience: Patience { call: Duration::from_millis(500), connect: Duration::from_millis(500) },
        ..KavenegarOptions::new(Secret::new(kavenegar_fake::KEY))
    };
    let clock = Arc::new(HandClock::at(SystemClock.now()));
    let plan = Plan {
        rules: story::rules(CAMPAIGNS, &settings(&scene.gateway.base(), "bazgasht.db")),
        load: None,
        gateways: always(Registry::only(Arc::new(Kavenegar::new(options).unwrap()))),
        clock: Arc::clone(&clock),
        seed: 1,
    };
    let house = House::open(scene.folder.path(), plan).await.unwrap();
    for step in std::iter::repeat_n(Span::minutes(5), 24).chain(std::iter::repeat_n(Span::hours(2), 24)) {
        scene.gateway.forward(step.0 / 1_000);
        house.live_until(clock.now().plus(step)).await.unwrap();
    }
    house.close().await.unwrap();
    (Books::read_closed(&scene.folder.path().join("bazgasht.db")), clock.now())
}

/// Everything that must hold after the program's last stop: at once, and when there has been time for everything.
pub async fn all_agree(scene: &Scene, books: &Books) -> Books {
    let told = scene.shop.told();
    books.agree(&told, &scene.gateway, SystemClock.now());
    let (after, now) = two_days_later(scene).await;
    after.agree(&told, &scene.gateway, now);
    after.complete(&told, &scene.gateway);
    after
}
